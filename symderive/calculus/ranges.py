"""Contexts of index ranges, and what they decide: l in 1..L-1 gives [l + 1 <= L] = 1.

Only affine facts are used: an index lies between its limits, a size is at least 1, a permutation maps its
range into itself. What these do not decide stays undecided.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from sympy import Add, Expr, Integer, Mul, Pow, Rational, Symbol, expand
from sympy.core.basic import Basic
from sympy.core.numbers import Half, NegativeOne, One, Zero
from sympy.core.symbol import Str

from symderive.calculus.atoms import BoundIndex, CalculusError, Slot, TensorSymbol
from symderive.calculus.terms import Bracket, Entry

Limits = tuple[Symbol, Expr, Expr]


@dataclass(frozen=True)
class Context:
    """Free indices with their ranges, in order: a range may use the indices before it.

    >>> from symderive.calculus.atoms import indices, size
    >>> l, j = indices("l j"); L = size("L")
    >>> hidden = Context().bind(l, 1, L - 1)
    >>> hidden.nonnegative(L - l - 1), hidden.nonnegative(l - 2)
    (True, False)
    """

    limits: tuple[Limits, ...] = ()

    @classmethod
    def of(cls, *limits: tuple[Symbol, Expr | int, Expr | int]) -> Context:
        """The context of these indices, in this order."""
        ctx = cls()
        for k, lo, hi in limits:
            ctx = ctx.bind(k, lo, hi)
        return ctx

    def bind(self, index: Symbol, lo: Expr | int, hi: Expr | int) -> Context:
        """The context with one more index, inside the others."""
        if not isinstance(index, Symbol) or index.is_integer is not True:
            raise CalculusError(f"context: expected an integer symbol, found {index!r}")
        if index in self:
            raise CalculusError(f"context: index {index} is bound twice")
        a, b = (Integer(x) if isinstance(x, int) else x for x in (lo, hi))
        if index in a.free_symbols | b.free_symbols:
            raise CalculusError(f"context: the range {a}..{b} of {index} contains {index}")
        if any(index in x.free_symbols for _, *r in self.limits for x in r):
            raise CalculusError(f"context: {index} occurs in a range before it is bound")
        return Context((*self.limits, (index, a, b)))

    def __contains__(self, index: object) -> bool:
        return any(k == index for k, _, _ in self.limits)

    def __getitem__(self, index: Symbol) -> tuple[Expr, Expr]:
        for k, lo, hi in self.limits:
            if k == index:
                return lo, hi
        raise CalculusError(f"context: no index {index}")

    def __iter__(self) -> Iterator[Limits]:
        return iter(self.limits)

    @property
    def symbols(self) -> set[Symbol]:
        """The indices."""
        return {k for k, _, _ in self.limits}

    @property
    def taken(self) -> set[Basic]:
        """The indices, and whatever their ranges mention: letters that a new index may not have."""
        return {s for k, lo, hi in self.limits for s in (k, *lo.free_symbols, *hi.free_symbols)}

    def narrow(self, index: Symbol, lo: Expr, hi: Expr) -> Context:
        """The context with another range for one index; the caller knows that the index lies in it."""
        return Context(tuple((k, lo, hi) if k == index else (k, a, b) for k, a, b in self.limits))

    def fix(self, index: Symbol, value: Expr) -> Context:
        """The context where one index has this value, which uses the indices before it alone."""
        rule = {index: value}
        return Context(
            tuple(
                (k, value, value) if k == index else (k, a.xreplace(rule), b.xreplace(rule))
                for k, a, b in self.limits
            )
        )

    def nonnegative(self, value: Expr) -> bool:
        """Whether value >= 0 follows for all indices in their ranges."""
        if not (_plain(value) and _plain_context(self)):
            return _nonnegative.__wrapped__(self, value)
        return _nonnegative(self, value)

    def _permuted(self, entry: Entry) -> tuple[Expr, Expr] | None:
        if entry.symbol.kind != "permutation":
            return None
        ranges = entry.ranges()
        inside = all(self.within(i, lo, hi) for i, (lo, hi) in zip(entry.index, ranges, strict=True))
        return ranges[-1] if inside else None

    def within(self, value: Expr, lo: Expr, hi: Expr) -> bool:
        """Whether lo <= value <= hi follows."""
        return self.nonnegative(value - lo) and self.nonnegative(hi - value)

    def decide(self, bracket: Expr) -> Expr:
        """1 or 0 where the ranges decide the bracket, else the bracket itself."""
        if not isinstance(bracket, Bracket) or not (bracket.a.is_integer and bracket.b.is_integer):
            return bracket
        d = bracket.b - bracket.a
        if bracket.relation == "<":
            d -= 1
        if bracket.relation == "=":
            if self.nonnegative(d - 1) or self.nonnegative(-d - 1):
                return Integer(0)
            return Integer(1) if self.nonnegative(d) and self.nonnegative(-d) else bracket
        if self.nonnegative(d):
            return Integer(1)
        return Integer(0) if self.nonnegative(-d - 1) else bracket

    def missing(self, term: Basic) -> set[Symbol]:
        """Free index symbols of the term that the context does not bind; sizes are known without."""
        return {
            s
            for s in term.free_symbols
            if isinstance(s, Symbol) and s.is_integer and not s.is_positive and s not in self
        }


# Facts are remembered of these types alone: a subclass could be equal to what it is not.
_TYPES = frozenset(
    {Symbol, Add, Mul, Pow, Integer, Rational, Zero, One, NegativeOne, Half, Entry, Bracket, BoundIndex}
    | {Slot, TensorSymbol, Str}
)
_PLAIN: dict[int, Context] = {}


def _plain(e: Basic) -> bool:
    return type(e) in _TYPES and all(map(_plain, e.args))


def _plain_context(ctx: Context) -> bool:
    if _PLAIN.get(id(ctx)) is not ctx:
        limits = ctx.limits
        tuples = type(limits) is tuple and all(type(limit) is tuple for limit in limits)
        if type(ctx) is not Context or not tuples or not all(_plain(e) for limit in limits for e in limit):
            return False
        if len(_PLAIN) > 20_000:
            _PLAIN.clear()
        _PLAIN[id(ctx)] = ctx
    return True


@lru_cache(maxsize=100_000)
def _nonnegative(ctx: Context, value: Expr) -> bool:
    d = expand(value)
    for entry in sorted(d.atoms(Entry), key=str):
        bounds = ctx._permuted(entry)
        if bounds is not None:
            d = _eliminate(d, entry, *bounds)
    for k, lo, hi in reversed(ctx.limits):
        d = _eliminate(d, k, lo, hi)
    return _floor(d)


def _eliminate(d: Expr, atom: Expr, lo: Expr, hi: Expr) -> Expr:
    """A lower bound of d without the linear term of the atom, which lies in lo..hi."""
    c = Add(*(m.as_coeff_Mul()[0] for m in Add.make_args(d) if m.as_coeff_Mul()[1] == atom))
    if c == 0:
        return d
    return expand(d - c * atom + c * (lo if c > 0 else hi))


def _floor(d: Expr) -> bool:
    """Whether d >= 0 follows from sizes being at least 1."""
    total = Integer(0)
    for m in Add.make_args(d):
        c, rest = m.as_coeff_Mul()
        if rest == 1 or (c > 0 and all(f.is_integer and f.is_positive for f in Mul.make_args(rest))):
            total += c
        elif not (c > 0 and rest.is_integer and rest.is_nonnegative):
            return False
    return bool(total >= 0)


EMPTY = Context()
