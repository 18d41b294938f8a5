r"""Definitions that divide: a (1 - a) dC/da = a - y, as theorems do not divide by what may be 0.

The equation, multiplied out, is solved for its term of the highest degree, a^2 dC/da = a dC/da - a + y, and
that term is replaced wherever it is a factor of another.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sympy import Add, Expr, Integer, Mul, Pow

from symderive.calculus.atoms import tensor
from symderive.calculus.ranges import Context
from symderive.calculus.terms import Entry
from symderive.proof import kernel
from symderive.proof.kernel import Path, Theorem
from symderive.proof.language import positive
from symderive.proof.sides import MULTIPLE, Side
from symderive.proof.tactics import holding_at, instances, match, places, variables

REST = tensor("any_d", latex=r"\zeta")
"""An arbitrary real: what else is a factor beside the term that is replaced."""


def denominators(*terms: Expr) -> Expr:
    """The product of what the summands of some terms divide by, and what may be 0.

    >>> x, y = tensor("x")[()], tensor("y")[()]
    >>> denominators(1 / x + y / x**2, 1 / (1 - y))
    (1 - y[])*x[]**2
    """
    powers: dict[Expr, int] = {}
    for f in (f for e in terms for t in _summands(e) for f in Mul.make_args(t)):
        if isinstance(f, Pow) and f.exp.is_Integer and f.exp < 0 and not positive(f.base):
            powers[f.base] = max(powers.get(f.base, 0), -int(f.exp))
    return Mul(*(Pow(base, p) for base, p in powers.items()))


def multiplied(e: Expr, by: Expr) -> Expr:
    """A term times its denominators, which cancel.

    >>> x, y = tensor("x")[()], tensor("y")[()]
    >>> multiplied(y / x - 2, x)
    -2*x[] + y[]
    """
    return Add(*(by * t for t in _summands(e)))


def _summands(e: Expr) -> list[Expr]:
    """The summands, sums multiplied out, denominators as they are."""
    if e.is_Add:
        return [t for a in e.args for t in _summands(a)]
    inner = next((f for f in e.args if f.is_Add), None) if e.is_Mul else None
    if inner is None:
        return [e]
    rest = Mul(*(f for f in e.args if f is not inner))
    return [t for a in inner.args for t in _summands(a * rest)]


class Divided(NamedTuple):
    """What a definition says, multiplied out: entry times denominators = right side."""

    entry: Entry
    theorem: Theorem


def replaced(side: Side, law: Divided, computed: Sequence[Theorem]) -> bool:
    """Use a multiplied definition on a side; whether that changed anything.

    `computed` are definitions of what the law multiplies by: a_j = sigma(z_j) makes it a law of sigma(z_j).
    """
    found: list[tuple[Path, Theorem]] = []
    for path, sub, inner in places(side.now, side.context):
        if any(path[: len(p)] == p for p, _ in found):
            continue
        here = next((f for f in Mul.make_args(sub) if _is_of(f, law.entry)), None)
        values = None if here is None else match(law.entry, here, variables(law.theorem), {})
        there = None if values is None else holding_at(law.theorem, values, inner)
        t = None if there is None else _for_term(sub, there, computed, inner)
        if t is not None:
            found.append((path, t))
    if found:
        side.put(found, "a definition, multiplied out")
    return bool(found)


def _is_of(e: Expr, entry: Entry) -> bool:
    return isinstance(e, Entry) and e.symbol == entry.symbol


def _for_term(term: Expr, law: Theorem, computed: Sequence[Theorem], ctx: Context) -> Theorem | None:
    """term = .., if the law's term of the highest degree divides it."""
    left = Side(law.lhs, ctx)
    for n in range(2):
        if n:
            _compute(left, computed)
        lead = max(Add.make_args(left.now), key=lambda m: (_degree(m), str(m)))
        c = lead.as_coeff_Mul()[0]
        rest = term / (lead / c)
        if all(x.is_Integer and x > 0 for f, x in rest.as_powers_dict().items() if not f.is_Rational):
            return _solved(left, law, lead, c, rest, ctx)
    return None


def _compute(side: Side, computed: Sequence[Theorem]) -> None:
    for t in computed:
        found = instances(side.now, t, side.context)
        if found:
            side.put(found, "what it multiplies by")


def _degree(m: Expr) -> int:
    return sum(int(x) for f, x in m.as_powers_dict().items() if not f.is_Rational and x.is_Integer)


def _solved(left: Side, law: Theorem, lead: Expr, c: Expr, rest: Expr, ctx: Context) -> Theorem:
    """(lead / c) rest = (right side - the other terms) rest / c"""
    form = kernel.transitivity(kernel.symmetry(left.theorem), law)
    d, whole = REST[()], left.now
    if whole.is_Add:
        others = Add(*(-t * d / c for t in whole.args if t != lead))
        start = Mul(1 / c, d, whole) + others
    else:  # in a product of its own the left side would be no part that can be replaced
        start = Mul(1 / c, d, MULTIPLE[()] + whole) - d * MULTIPLE[()] / c
    (at,) = [path for path, sub, _ in places(start, ctx) if sub == whole][:1]
    ring = kernel.ring(lead / c * d, start, ctx)
    t = kernel.transitivity(ring, kernel.congruence(start, [(at, form)], ctx))
    return kernel.specialise(kernel.specialise(t, MULTIPLE, Integer(0)), REST, rest)


__all__ = ["Divided", "denominators", "multiplied", "replaced"]
