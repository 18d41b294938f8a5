"""The value of a term as an exact fraction, by looping over every index: sum_{k=1}^{3} f(k) = f(1)+f(2)+f(3).

An oracle for the calculus: it knows what the terms mean and nothing of how they are transformed. No term is
rewritten or opened here; a bound index is looked up among the values that the sums around it run through.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from hashlib import blake2b
from typing import Any

from sympy import Abs, Add, Expr, Max, Min, Mul, Pow, Rational, Symbol, nan, sign, zoo
from sympy.core.basic import Basic

from symderive.calculus.atoms import BoundIndex, Functional, Slot, TensorSymbol
from symderive.calculus.terms import (
    Applied,
    Bracket,
    Entry,
    Family,
    FunctionalValue,
    IndexSum,
    PartialDerivative,
)
from symderive.errors import SymderiveError

Number = int | Fraction
Values = Callable[..., Number | None] | Mapping[tuple[Any, ...], Number]
Entries = Mapping[tuple[int, tuple[int, ...]], Number]

EXPONENT_LIMIT = 64
BIT_LIMIT = 100_000
DEGREE = 3


class ExactError(SymderiveError):
    """A term without a value in exact arithmetic: the message says which part, and why."""


class ZeroDenominator(ExactError):
    """A division by zero: the term has no value at this assignment, which is a fault of neither."""


class Budget(ExactError):
    """The term takes more operations than allowed."""


def draw(low: int, high: int, *key: Any) -> int:
    """An integer in low..high that depends on the key alone: the same on every machine and in every run.

    >>> draw(1, 6, "w", 1, 2) == draw(1, 6, "w", 1, 2)
    True
    """
    digest = blake2b(repr(key).encode(), digest_size=8).digest()
    return low + int.from_bytes(digest, "big") % (high - low + 1)


@dataclass(frozen=True)
class Assignment:
    """What every name stands for. What is not given is drawn from the seed, so that nothing is missing.

    - `symbols`: the free indices and sizes by symbol or name, integers; other symbols may be fractions.
    - `entries`: (name, *indices) -> number, or a callable f(name, *indices) -> number or None. The rest is
      drawn: an entry is a total function of its indices, outside its declared ranges too. A permutation is a
      bijection of the range of its last index, for each value of the others in their ranges.
    - `widths`: drawn entries of kind "dimension" lie between these.

    - `functions`: name -> the coefficients c_0, c_1, .. of the polynomial that a scalar function is.
    - `functionals`: name -> f(entries) -> number, a polynomial of degree at most 2 in each entry, where an
      entry goes by its family's number and its indices in it: (0, (j,)) is a_j in C(a; y).

    Other scalar functions are drawn cubic polynomials; functionals, cubic polynomials of their entries.

    >>> x = TensorSymbol("x", ((1, 3),))
    >>> a = Assignment(entries={("x", 1): 5}, seed=7)
    >>> a.entry(x, (1,)), a.entry(x, (99,)) == a.entry(x, (99,))
    (5, True)
    """

    symbols: Mapping[Any, Number] = field(default_factory=dict)
    seed: int = 0
    entries: Values | None = None
    widths: tuple[int, int] = (1, 3)
    functions: Mapping[str, Sequence[Number]] = field(default_factory=dict)
    functionals: Mapping[str, Callable[[Entries], Number]] = field(default_factory=dict)

    def symbol(self, s: Symbol) -> Number:
        """The value of a free symbol, given under the symbol or its name."""
        value = self.symbols.get(s, self.symbols.get(s.name))
        if value is None:
            raise ExactError(f"expected a value for every free symbol, found none for {s}")
        if s.is_integer and Fraction(value).denominator != 1:
            raise ExactError(f"expected an integer for the index {s}, found {value}")
        if s.is_positive and value <= 0:
            raise ExactError(f"expected a positive value for {s}, found {value}")
        return value

    def entry(self, t: TensorSymbol, index: tuple[int, ...], limits: tuple[int, int] | None = None) -> Number:
        """T[index]; `limits`, for a permutation: the range of the last index, if the others lie in theirs."""
        given = self._given(t, index)
        if given is not None:
            return given
        if t.kind == "dimension":
            return draw(*self.widths, self.seed, t.name, index)
        if t.kind == "integer":
            return draw(-3, 3, self.seed, t.name, index)
        if t.kind == "permutation":
            return self._permutation(t, index, limits)
        top = draw(-9, 9, self.seed, t.name, index)
        bottom = draw(1, 3, self.seed, t.name, index, "denominator")
        return Fraction(top, 2) if bottom == 3 and top % 2 else top

    def _given(self, t: TensorSymbol, index: tuple[int, ...]) -> Number | None:
        if self.entries is None:
            return None
        key = (t.name, *index)
        value = self.entries.get(key) if isinstance(self.entries, Mapping) else self.entries(*key)
        if value is None:
            return None
        whole = Fraction(value).denominator == 1
        if (t.kind != "real" and not whole) or (t.kind == "dimension" and value < 1):
            raise ExactError(f"expected a {t.kind} for {t.name}{list(index)}, found {value}")
        return value

    def _permutation(self, t: TensorSymbol, index: tuple[int, ...], limits: tuple[int, int] | None) -> int:
        *before, last = index
        low, high = limits or (last, last - 1)
        if not low <= last <= high:
            return draw(-3, 9, self.seed, t.name, index)
        rank = sorted(range(low, high + 1), key=lambda v: (draw(0, 2**60, self.seed, t.name, before, v), v))
        return rank[last - low]

    def coefficients(self, *key: Any) -> list[int]:
        """c_0, ..., c_3 of a drawn polynomial; the last is not zero."""
        low = [draw(-3, 3, self.seed, key, n) for n in range(DEGREE)]
        return [*low, draw(1, 3, self.seed, key, DEGREE)]

    def form(self, which: int, name: str, m: int, index: tuple[int, ...]) -> int:
        """The coefficient of entry `index` of family m in the linear form number `which` of a functional."""
        return draw(-3, 3, self.seed, "form", which, name, m, index)


def polynomial(coefficients: Sequence[Number], order: int, z: Number) -> Number:
    """p^{(order)}(z) for p(z) = sum_n c_n z^n.

    >>> polynomial([1, 1, 5], 1, 2)  # 1 + 2*5*2
    21
    """
    for _ in range(order):
        coefficients = [n * c for n, c in enumerate(coefficients)][1:]
    total: Number = 0
    for c in reversed(coefficients):
        total = total * z + c
    return total


def _bits(x: Number) -> int:
    return max(x.numerator.bit_length(), x.denominator.bit_length())


def partial_derivative(
    f: Callable[[Entries], Number], entries: Entries, by: Sequence[tuple[int, tuple[int, ...]]]
) -> Number:
    """The partial derivative of a polynomial of degree at most 2 in each entry: (f(x+1) - f(x-1)) / 2.

    >>> partial_derivative(lambda a: a[0, (1,)] ** 2, {(0, (1,)): 3}, [(0, (1,))])
    Fraction(6, 1)
    """
    if not by:
        return f(entries)
    first, *rest = by
    if first not in entries:
        raise ExactError(f"expected a partial derivative by an entry of the functional, found {first}")
    up, down = ({**entries, first: entries[first] + d} for d in (1, -1))
    return Fraction(partial_derivative(f, up, rest) - partial_derivative(f, down, rest)) / 2


def functional(
    a: Assignment, name: str, families: Entries, partials: Sequence[tuple[int, tuple[int, ...]]] = ()
) -> Number:
    """C = f_0 + f_1 f_2 + f_3 f_4 f_5, or a partial derivative; each f is linear in all families' entries.

    A partial by an entry that the families do not have is an arbitrary number, as an entry outside its range.

    >>> functional(Assignment(), "C", {}) == functional(Assignment(), "C", {}, [(0, (1,))])
    False
    """
    totals = [Fraction(draw(-3, 3, a.seed, "form", f, name)) for f in range(6)]
    for (m, index), value in families.items():
        for f in range(6):
            totals[f] += a.form(f, name, m, index) * value

    def derivative(forms: tuple[int, ...], left: Sequence[tuple[int, tuple[int, ...]]]) -> Fraction:
        """Of the product of these forms by the entries that are left: the product rule."""
        if not left:
            product = Fraction(1)
            for f in forms:
                product *= totals[f]
            return product
        (m, index), *rest = left
        return sum(
            (
                a.form(f, name, m, index) * derivative(forms[:n] + forms[n + 1 :], rest)
                for n, f in enumerate(forms)
            ),
            Fraction(0),
        )

    return derivative((0,), partials) + derivative((1, 2), partials) + derivative((3, 4, 5), partials)


def evaluate_exact(
    expr: Expr | int, assignment: Assignment | Mapping[Any, Number] | None = None, *, budget: int = 1_000_000
) -> Fraction:
    """The value of a term, a fraction.

    Errors: ZeroDenominator; Budget, beyond `budget` operations; ExactError, for a part with no exact value
    (sqrt, exp), an index that is no integer, a free symbol without a value, a bound index outside its sum.

    >>> from symderive.calculus import indices, tensor, IndexSum
    >>> j, k, n = indices("j k n")
    >>> x = tensor("x", (k, 1, 3))
    >>> square = Assignment({n: 3}, entries=lambda name, k: k * k)
    >>> evaluate_exact(IndexSum(x[k] / 2, (k, 1, n)), square)
    Fraction(7, 1)
    """
    if not isinstance(assignment, Assignment):
        assignment = Assignment(assignment or {})
    term = Rational(expr) if isinstance(expr, int) else expr
    try:
        return Fraction(_Exact(assignment, budget).value(term, ()))
    except RecursionError:
        raise ExactError("expected a term of moderate depth, found one that is nested too deeply") from None


class _Exact:
    """One evaluation; `around` holds the values of the bound indices, outermost first."""

    def __init__(self, assignment: Assignment, budget: int) -> None:
        self.given = assignment
        self.budget = budget
        self.left = budget
        self.entries: dict[Any, Number] = {}
        self.slots: tuple[int, ...] = ()

    def value(self, e: Basic, around: tuple[int, ...]) -> Number:
        self.left -= 1
        if self.left < 0:
            raise Budget(f"expected at most {self.budget} operations, found more")
        rule = RULES.get(type(e)) or next((r for kind, r in RULES.items() if isinstance(e, kind)), None)
        if rule is None:
            if e in (zoo, nan):
                raise ZeroDenominator(f"expected a number, found {e}, which a division by zero left behind")
            found = f"{type(e).__name__}: {e}"
            raise ExactError(f"expected sums, products, powers and index terms, found {found}")
        return rule(self, e, around)

    def index(self, e: Basic, around: tuple[int, ...]) -> int:
        value = self.value(e, around)
        if isinstance(value, Fraction):
            if value.denominator != 1:
                raise ExactError(f"expected an integer index, found {e} = {value}")
            return value.numerator
        return value

    def run(self, e: Any, around: tuple[int, ...]) -> range:
        return range(self.index(e.lo, around), self.index(e.hi, around) + 1)

    def number(self, e: Any, around: tuple[int, ...]) -> Number:
        return int(e.p) if e.q == 1 else Fraction(int(e.p), int(e.q))

    def symbol(self, e: Any, around: tuple[int, ...]) -> Number:
        return self.given.symbol(e)

    def bound(self, e: Any, around: tuple[int, ...]) -> Number:
        if e.level >= len(around):
            raise ExactError(f"expected a closed term, found the bound index {e} outside its sum")
        level: int = e.level
        return around[-1 - level]

    def slot(self, e: Any, around: tuple[int, ...]) -> Number:
        if e.position >= len(self.slots):
            raise ExactError(f"expected a range that uses earlier indices, found {e}")
        position: int = e.position
        return self.slots[position]

    def add(self, e: Any, around: tuple[int, ...]) -> Number:
        total: Number = 0
        for a in e.args:
            total += self.value(a, around)
        return total

    def mul(self, e: Any, around: tuple[int, ...]) -> Number:
        product: Number = 1
        for a in e.args:
            product *= self.value(a, around)
        return product

    def pow(self, e: Any, around: tuple[int, ...]) -> Number:
        base: Any = self.value(e.args[0], around)
        exponent: Any = self.value(e.args[1], around)
        if exponent != int(exponent) or abs(exponent) > EXPONENT_LIMIT:
            raise ExactError(
                f"expected an integer exponent of size at most {EXPONENT_LIMIT}, found {exponent} in {e}"
            )
        if abs(exponent) * _bits(base) > BIT_LIMIT:
            raise Budget(f"expected numbers of {BIT_LIMIT} bits, found {e.args[0]} to the power {exponent}")
        if base == 0 and exponent < 0:
            raise ZeroDenominator(f"expected a nonzero denominator, found {e.args[0]} = 0")
        power: Number = base ** int(exponent) if exponent >= 0 else 1 / Fraction(base) ** int(-exponent)
        return power

    def sum(self, e: Any, around: tuple[int, ...]) -> Number:
        body = e.args[0]
        total: Number = 0
        for v in self.run(e, around):
            total += self.value(body, (*around, v))
        return total

    def bracket(self, e: Any, around: tuple[int, ...]) -> Number:
        a, b = self.value(e.args[1], around), self.value(e.args[2], around)
        holds: bool = {"=": a == b, "<=": a <= b, "<": a < b}[e.relation]
        return int(holds)

    def entry(self, e: Any, around: tuple[int, ...]) -> Number:
        t: TensorSymbol = e.args[0]
        index = tuple([self.index(i, around) for i in e.args[1:]])
        key = (t, index)
        if key not in self.entries:
            self.entries[key] = self.given.entry(t, index, self.limits(t, index))
        return self.entries[key]

    def limits(self, t: TensorSymbol, index: tuple[int, ...]) -> tuple[int, int] | None:
        """The declared range of the last index, where the others lie in theirs."""
        if t.kind != "permutation":
            return None
        before, self.slots = self.slots, index
        try:
            *others, last = ((self.index(lo, ()), self.index(hi, ())) for lo, hi in t.axes)
        finally:
            self.slots = before
        inside = all(lo <= i <= hi for i, (lo, hi) in zip(index, others, strict=False))
        return last if inside else None

    def applied(self, e: Any, around: tuple[int, ...]) -> Number:
        sup = tuple([self.index(i, around) for i in e.sup])
        z = self.value(e.argument, around)
        own = self.given.functions.get(e.function.name)
        drawn = self.given.coefficients("function", e.function.name, *sup) if own is None else own
        return polynomial(drawn, e.order, z)

    def functional(self, e: Any, around: tuple[int, ...]) -> Number:
        name: Functional = e.functional
        entries: dict[tuple[int, tuple[int, ...]], Number] = {}
        for m, f in enumerate(e.families):
            self.members(f, around, m, (), entries)
        partials = [(int(p[0]), tuple(self.index(i, around) for i in p[1:])) for p in e.partials]
        own = self.given.functionals.get(name.name)
        if own is not None:
            return partial_derivative(own, entries, partials)
        return functional(self.given, name.name, entries, partials)

    def members(
        self, f: Any, around: tuple[int, ...], m: int, index: tuple[int, ...], found: dict[Any, Number]
    ) -> None:
        """The entries of family m, by their indices from outside in."""
        if not isinstance(f, Family):
            found[m, index] = self.value(f, around)
            return
        for v in self.run(f, around):
            self.members(f.body, (*around, v), m, (*index, v), found)

    def place_holder(self, e: Any, around: tuple[int, ...]) -> Number:
        """d u/d v stands for a number that depends on both entries: any will do, if it stays the same."""
        key = [(u.symbol.name, [self.index(i, around) for i in u.index]) for u in e.args]
        return draw(-9, 9, self.given.seed, "partial", key)

    def plain(self, e: Any, around: tuple[int, ...]) -> Number:
        values: list[Any] = [self.value(a, around) for a in e.args]
        found: Number = max(values) if isinstance(e, Max) else min(values)
        if isinstance(e, Abs):
            found = abs(values[0])
        if isinstance(e, sign):
            found = int(values[0] > 0) - int(values[0] < 0)
        return found

    def family(self, e: Any, around: tuple[int, ...]) -> Number:
        raise ExactError(f"expected a scalar, found the family {e}")


RULES: dict[type, Callable[[_Exact, Any, tuple[int, ...]], Number]] = {
    Add: _Exact.add,
    Mul: _Exact.mul,
    Pow: _Exact.pow,
    Rational: _Exact.number,
    Symbol: _Exact.symbol,
    BoundIndex: _Exact.bound,
    Slot: _Exact.slot,
    Entry: _Exact.entry,
    IndexSum: _Exact.sum,
    Bracket: _Exact.bracket,
    Applied: _Exact.applied,
    FunctionalValue: _Exact.functional,
    PartialDerivative: _Exact.place_holder,
    Family: _Exact.family,
    **dict.fromkeys((Abs, sign, Max, Min), _Exact.plain),
}
