"""One side of an equation, rewritten by rules of the kernel, and kept in normal form."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import permutations
from math import prod
from typing import NamedTuple

from sympy import Add, Dummy, Expr, Mul, Pow, Symbol, exp, expand, factor
from sympy.core.basic import Basic

from symderive.calculus.atoms import tensor
from symderive.calculus.normal_form import normal_form
from symderive.calculus.ranges import Context
from symderive.calculus.terms import Bracket, IndexSum
from symderive.proof import kernel
from symderive.proof.kernel import KernelError, Limits, Path, Theorem
from symderive.proof.tactics import Chain, match, places, variables

ROUNDS = 8
SUMMANDS, POWER = 400, 8
"""What a side may have at most: the checker refuses terms of so many summands, and time has to end."""
MULTIPLE, FACTOR = tensor("any_c", latex=r"\varkappa"), tensor("any_v", latex=r"\eta")
"""Arbitrary real numbers of the laws that bring fractions to one denominator; no system has these names."""


class Side(Chain):
    """start = .. = now, where `now` is in normal form after every change.

    >>> from symderive.calculus import indices, size
    >>> from symderive.calculus.ranges import Context
    >>> j, k = indices("j k"); n = size("n"); x = tensor("x", (k, 1, n))
    >>> side = Side(IndexSum(Bracket.equal(j, k) * x[k], (k, 1, n)), Context.of((j, 1, n)))
    >>> side.now
    x[j]
    """

    def __init__(self, start: Expr, ctx: Context) -> None:
        super().__init__(start, ctx)
        self.settle()

    def settle(self) -> Side:
        """Multiplied out, collected, deltas contracted, brackets that the ranges decide put in."""
        for _ in range(ROUNDS):
            _bounded(self.now)
            self._plain_fractions()
            self._plain_sums()
            before = self.now
            form = normal_form(before)
            if form != before:
                self.ring(form)
            if any(_of_integers(b) for b in self.now.atoms(Bracket)):
                self.contract()
            if self.now in (before, form):
                return self
        return self

    def _plain_fractions(self) -> None:
        """1/(2x + 2y) = (1/2)/(x + y) as a step of its own: the checker's rule for rings has no such law."""
        for _ in range(ROUNDS):
            found: list[tuple[Path, Theorem]] = []
            for path, sub, inner in places(self.now, self.context) if self.now.has(Pow) else ():
                if not _is_fraction(sub) or any(path[: len(p)] == p for p, _ in found):
                    continue
                base, plain = normal_form(sub.base), normal_form(sub)
                if base != sub.base:
                    found.append(((*path, 0), kernel.ring(sub.base, base, inner)))
                elif plain != sub and base.is_Add:
                    found.append((path, _without_content(base, -int(sub.exp), inner)))
            if not found:
                return
            self.then(kernel.congruence(self.now, found, self.context), "a fraction reduced")

    def _plain_sums(self) -> None:
        """sum_k f_k / S = (sum_k f_k) / S, so that S / S is 1 before the rule for rings."""
        if not any(f.exp.is_negative and f.base.has(IndexSum) for f in self.now.atoms(Pow)):
            return
        for _ in range(4 * ROUNDS):
            found: list[tuple[Path, Theorem]] = []
            for path, sub, inner in places(self.now, self.context):
                if isinstance(sub, IndexSum) and not any(path[: len(p)] == p for p, _ in found):
                    t = _taken_out(sub, inner)
                    if t is not None:
                        found.append((path, t))
            if not found:
                return
            self.then(kernel.congruence(self.now, found, self.context), "taken out of a sum")

    def put(self, found: Sequence[tuple[Path, Theorem]], reason: str) -> Side:
        """Replace these subterms, and settle."""
        self.then(kernel.congruence(self.now, found, self.context), reason)
        return self.settle()

    def bring_out(self, t: Theorem) -> None:
        """Give the left side of t a place of its own: sum_s sum_i f_s y_{si} = sum_s f_s sum_i y_{si}."""
        found: list[tuple[Path, Theorem]] = []
        for path, sub, inner in places(self.now, self.context):
            if isinstance(sub, IndexSum) and not any(path[: len(p)] == p for p, _ in found):
                new = _brought_out(sub, t, inner)
                if new is not None:
                    found.append((path, kernel.ring(sub, new, inner)))
        if found:
            self.then(kernel.congruence(self.now, found, self.context), "sums rearranged")

    def copy(self) -> Side:
        """The same, to be rewritten on its own."""
        new = object.__new__(Side)
        new.theorem, new.context, new.lines = self.theorem, self.context, list(self.lines)
        return new


@lru_cache(maxsize=10_000)
def _spread(e: Basic) -> tuple[int, int]:
    """How many summands a term has when it is multiplied out, and the most that an argument in it has."""
    parts = [_spread(a) for a in e.args]
    worst = max((w for _, w in parts), default=0)
    if isinstance(e, Add):
        count = sum(n for n, _ in parts)
    elif isinstance(e, Mul):
        count = prod(n for n, _ in parts)
    elif isinstance(e, IndexSum):
        count = parts[0][0]
    elif isinstance(e, Pow) and e.exp.is_Integer and e.exp > 0:
        count = parts[0][0] ** int(min(e.exp, 100))
    else:
        return 1, max((worst, *(n for n, _ in parts)))
    return count, max(worst, count)


def _bounded(e: Expr) -> None:
    """KernelError where the normal form would take long."""
    if _spread(e)[1] > SUMMANDS:
        raise KernelError(f"normal form: expected at most {SUMMANDS} summands, found {_spread(e)[1]}")


def _of_integers(b: Bracket) -> bool:
    return bool(b.a.is_integer and b.b.is_integer)


def without_common_factors(e: Expr) -> Expr:
    """x y + x z = x (y + z) is 0 where y + z is: factors of all terms say nothing about that.

    >>> x, y = tensor("x")[()], tensor("y")[()]
    >>> without_common_factors(x**2 * y - 2 * x)
    x[]*y[] - 2
    """
    terms = [m.as_powers_dict() for m in Add.make_args(e)]
    common = {
        f: min(t[f] for t in terms)
        for f in terms[0]
        if not f.is_Rational and all(f in t and t[f].is_Integer and t[f] > 0 for t in terms)
    }
    divisor = Mul(*(f**x for f, x in common.items()))
    return e if divisor == 1 else Add(*(m / divisor for m in Add.make_args(e)))


# ------------------------------------------------------------------------------------------------ fractions


class Base(NamedTuple):
    """The sum under a fraction, with the letters of the sums around it and their ranges."""

    term: Expr
    letters: tuple[Limits, ...]


def same_fractions(a: Side, b: Side) -> bool:
    """Bring all fractions of both sides to common denominators; whether the sides are the same then.

    >>> from symderive.calculus.ranges import EMPTY
    >>> x = tensor("x")[()]
    >>> e = exp(-x); s = 1 / (1 + e)
    >>> a, b = Side(s * (1 - s), EMPTY), Side(e / (1 + e) ** 2, EMPTY)
    >>> a.now == b.now, same_fractions(a, b)
    (False, True)
    """
    for side in (a, b):
        _without_negative_exponents(side)
    wanted: dict[Base, int] = {}
    for side in (a, b):
        for base, power in _bases(side):
            wanted[base] = max(wanted.get(base, 0), power)
    for base, power in wanted.items():
        for side in (a, b):
            _raise(side, base, power)
    return bool(a.now == b.now)


def _taken_out(e: IndexSum, ctx: Context) -> Theorem | None:
    """A sum by its summands, or with the factors in front that do not depend on its index."""
    k, body = e.unbind(ctx.taken)
    limit = (k, e.lo, e.hi)
    body = expand(body) if body.is_Mul and any(f.is_Add for f in body.args) else body
    if body.is_Add:
        return kernel.ring(e, Add(*(IndexSum(t, limit) for t in body.args)), ctx)
    outside = [f for f in Mul.make_args(body) if k not in f.free_symbols]
    if not outside or body in outside:
        return None
    rest = Mul(*(f for f in Mul.make_args(body) if f not in outside))
    v = FACTOR[()]
    law = kernel.ring(IndexSum(v * rest, limit), v * IndexSum(rest, limit), ctx)
    return kernel.specialise(law, FACTOR, Mul(*outside))


def _brought_out(e: IndexSum, t: Theorem, ctx: Context) -> Expr | None:
    """The nested sum with the sum of t innermost, alone with its factors; None where it is not in there."""
    bound: list[Limits] = []
    body: Expr = e
    while isinstance(body, IndexSum):
        k, inner = body.unbind(ctx.taken.union(*({k, *hi.free_symbols} for k, _, hi in bound)))
        bound.append((k, body.lo, body.hi))
        body = inner
    factors = Mul.make_args(body)
    for limit in bound if len(bound) > 1 else ():
        k = limit[0]
        own = [f for f in factors if k in f.free_symbols]
        sum_of_own = IndexSum(Mul(*own), limit)
        used = any(k in end.free_symbols for _, *ends in bound for end in ends)
        if not used and match(t.lhs, sum_of_own, variables(t), {}) is not None:
            new = Mul(sum_of_own, *(f for f in factors if f not in own))
            for other in reversed([x for x in bound if x != limit]):
                new = IndexSum(new, other)
            return new
    return None


def _without_content(base: Expr, m: int, ctx: Context) -> Theorem:
    """base^{-m} = c^{-m} (base / c)^{-m}, for the number c that normal forms take out of a sum."""
    c = Mul(*(f for f in Mul.make_args(normal_form(1 / base)) if f.is_Rational)) ** -1
    rest = Add(*(t / c for t in base.args))
    v = FACTOR[()]
    law = kernel.ring(v * base**m, v * c**m * rest**m, ctx)
    return kernel.symmetry(kernel.specialise(law, FACTOR, c**-m * base**-m * rest**-m))


def _without_negative_exponents(side: Side) -> None:
    """1 / (1 + e^{-x}) = e^x / (e^x + 1)"""
    for _ in range(ROUNDS):
        found: list[tuple[Path, Theorem]] = []
        for path, sub, inner in places(side.now, side.context):
            if not _is_fraction(sub) or any(path[: len(p)] == p for p, _ in found):
                continue
            product = _factored(sub.base)
            if product != sub.base:
                found.append(((*path, 0), kernel.ring(sub.base, product, inner)))
                continue
            negative = [x for x in sub.base.atoms(exp) if x.args[0].could_extract_minus_sign()]
            if negative:
                out = min(negative, key=lambda x: x.sort_key())
                rest = Add(*(expand(t / out) for t in Add.make_args(sub.base)))
                found.append(((*path, 0), kernel.ring(sub.base, out * rest, inner)))
        if not found:
            return
        side.put(found, "a fraction expanded")


def _factored(e: Expr) -> Expr:
    """1 + 2 e^x + e^{2x} = (1 + e^x)^2, for sums of powers of one exponential."""
    powers = [x.args[0].as_coeff_Mul() for x in e.atoms(exp)]
    rests = {rest for _, rest in powers}
    if len(rests) != 1 or not all(c.is_Integer and c > 0 for c, _ in powers):
        return e
    (rest,) = rests
    x = Dummy("x", positive=True)
    polynomial = e.xreplace({exp(c * rest): x**c for c, _ in powers})
    if polynomial.free_symbols != {x} or not polynomial.is_polynomial(x):
        return e
    return factor(polynomial).xreplace({x: exp(rest)})


def _is_fraction(e: Basic) -> bool:
    return bool(isinstance(e, Pow) and e.base.is_Add and e.exp.is_Integer and e.exp < 0)


def _bases(side: Side) -> list[tuple[Base, int]]:
    """The denominators of a side; letters of sums are named by their place."""
    found = []
    for _, sub, inner in places(side.now, side.context):
        if _is_fraction(sub):
            own = [
                limit for limit in inner.limits[len(side.context.limits) :] if limit[0] in sub.free_symbols
            ]
            rule: dict[Basic, Basic] = {k: Symbol(f"_{n}", integer=True) for n, (k, _, _) in enumerate(own)}
            letters = tuple((rule[k], lo.xreplace(rule), hi.xreplace(rule)) for k, lo, hi in own)
            found.append((Base(sub.base.xreplace(rule), letters), -int(sub.exp)))
    return found


def _raise(side: Side, base: Base, power: int) -> None:
    """Give every term in the reach of the denominator that power of it."""
    found: list[tuple[Path, Theorem]] = []
    _visit(side.now, (), side.context, (), base, power, found)
    if found:
        side.put(found, "one denominator")


def _visit(
    e: Expr, path: Path, ctx: Context, bound: tuple[Limits, ...], base: Base, power: int,
    found: list[tuple[Path, Theorem]],
) -> None:  # fmt: skip
    """The terms that stand at the level of the base's innermost letter."""
    for n, m in enumerate(e.args) if e.is_Add else [(-1, e)]:
        here = path if n < 0 else (*path, n)
        if not base.letters and not bound:
            _times(m, here, ctx, base.term, power, found)
            continue
        if len(base.letters) == len(bound) and bound:
            for term in _instances(base, bound):
                _times(m, here, ctx, term, power, found)
                break
            continue
        for p, f in enumerate(m.args) if m.is_Mul else [(-1, m)]:
            if isinstance(f, IndexSum):
                k, body = f.unbind(ctx.taken)
                inside = here if p < 0 else (*here, p)
                limit = (k, f.lo, f.hi)
                _visit(body, (*inside, k), ctx.bind(*limit), (*bound, limit), base, power, found)


def _instances(base: Base, bound: tuple[Limits, ...]) -> list[Expr]:
    found = []
    for order in permutations(bound):
        rule: dict[Basic, Basic] = {
            mine[0]: theirs[0] for mine, theirs in zip(base.letters, order, strict=True)
        }
        same = all(
            mine[1].xreplace(rule) == theirs[1] and mine[2].xreplace(rule) == theirs[2]
            for mine, theirs in zip(base.letters, order, strict=True)
        )
        if same:
            found.append(base.term.xreplace(rule))
    return found


def _times(
    m: Expr, path: Path, ctx: Context, base: Expr, power: int, found: list[tuple[Path, Theorem]]
) -> None:
    """m = m base^p / base^p, multiplied out above."""
    have = next((-int(f.exp) for f in Mul.make_args(m) if _is_fraction(f) and f.base == base), 0)
    p = power - have
    if p > POWER:
        raise KernelError(f"fractions: expected powers up to {POWER} of a denominator, found {p}")
    if p > 0:
        found.append((path, kernel.specialise(_over(base, p, ctx), MULTIPLE, m)))


def _over(base: Expr, p: int, ctx: Context) -> Theorem:
    """c = sum_i c t_i base^{-p} for all real c, where base^p = sum_i t_i."""
    c, v = MULTIPLE[()], FACTOR[()]
    terms = Add.make_args(expand(base**p))
    law = kernel.ring(c * v * base**p, Add(*(c * v * t for t in terms)), ctx)
    return kernel.specialise(law, FACTOR, Pow(base, -p))


__all__ = ["Side", "same_fractions"]
