"""Cases of ranges: delta[l, j] with [l = L] and [l <= L-1] becomes delta[L, j], and delta[l, j] for l < L."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sympy import Expr

from symderive.calculus.binding import loose
from symderive.calculus.contraction import decide
from symderive.calculus.ranges import Context
from symderive.calculus.terms import Bracket, Entry
from symderive.derivation.adjoint import Adjoint
from symderive.derivation.steps import Step, followed
from symderive.systems.definition import Definition, Limits

# a range is split at its ends alone, at most so often
DEEPEST = 4


def split(adjoint: Adjoint) -> Iterator[tuple[Definition, Sequence[Step]]]:
    """The definitions that are left when the brackets on the indices are decided case by case.

    Where the ranges do not say that an edge case exists (the last layer but one of L >= 1 layers), the
    brackets stay, so that each definition is right for all sizes.
    """
    d = adjoint.definition
    for lhs, rhs, limits in _cases(d.lhs, d.rhs, d.indices, 0):
        steps = adjoint.steps
        if (lhs, rhs) != (d.lhs, d.rhs):
            steps = followed(steps, [Step("case", lhs, rhs, Context.of(*limits))])
        yield Definition(lhs, rhs, limits), steps


def _cases(
    lhs: Entry, rhs: Expr, limits: tuple[Limits, ...], depth: int
) -> Iterator[tuple[Entry, Expr, tuple[Limits, ...]]]:
    ctx = Context.of(*limits)
    left = _undecided(rhs, ctx)
    for k, lo, hi in limits if left and depth < DEEPEST else ():
        if not any(k in b.free_symbols for b in left) or not ctx.nonnegative(hi - lo):
            continue
        for edge, rest in ((hi, (k, lo, hi - 1)), (lo, (k, lo + 1, hi))):
            rule = {k: edge}
            outer = tuple((i, a.xreplace(rule), b.xreplace(rule)) for i, a, b in limits if i != k)
            inner = tuple(rest if i == k else (i, a, b) for i, a, b in limits)
            first = decide(rhs.xreplace(rule), Context.of(*outer))
            second = decide(rhs, Context.of(*inner))
            still = _undecided(first, Context.of(*outer)) | _undecided(second, Context.of(*inner))
            if len(still) < len(left):
                yield from _cases(lhs.xreplace(rule), first, outer, depth + 1)
                if not ctx.nonnegative(lo - hi):  # a range of one index is its edge alone
                    yield from _cases(lhs, second, inner, depth + 1)
                return
    yield lhs, rhs, limits


def _undecided(e: Expr, ctx: Context) -> set[Expr]:
    """Brackets on the free indices that the ranges leave open."""
    return {b for b in e.atoms(Bracket) if b.free_symbols & ctx.symbols and not loose(b)}
