"""Exact testing: both sides of an equation at random points modulo the prime 2^61 - 1.

A false identity of polynomials of degree d passes at a random point with probability at most d / p
(Schwartz and Zippel); the degree is carried along with the value. Entries that some law defines are computed
from it, all others are drawn; scalar functions are random cubic polynomials, functionals random cubic forms
of their entries.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b
from typing import Any

from sympy import Expr, Pow
from sympy.core.basic import Basic
from sympy.core.function import Function

from symderive.calculus.atoms import TensorSymbol
from symderive.calculus.binding import loose
from symderive.calculus.differential import differential
from symderive.calculus.ranges import Context
from symderive.calculus.terms import (
    Applied,
    Bracket,
    Entry,
    Family,
    FunctionalValue,
    IndexSum,
    PartialDerivative,
)
from symderive.evaluation.constraints import LinearLaws, bounds, odd_functions, values_of_functions
from symderive.evaluation.law import Law, apart, shared
from symderive.evaluation.matching import Matched, Matcher, Whole, compiled
from symderive.evaluation.no_value import ModularError, NotExact, TooLarge
from symderive.evaluation.points import points, told
from symderive.evaluation.tested import Tested
from symderive.evaluation.value import Key, Number
from symderive.evaluation.value import Value as Value

PRIME = 2**61 - 1
DEGREE = 3
BUDGET = 250_000
"""Operations for one equation: about two seconds."""


MOST_COMPILED = 50_000
"""Indices and sizes that a model keeps compiled."""


def _hashed(*key: Any) -> int:
    return int.from_bytes(blake2b(repr(key).encode(), digest_size=16).digest(), "big") % PRIME


class Model:
    """What every name stands for, from a seed: sizes given, laws obeyed, the rest drawn.

    >>> from symderive.systems import mlp
    >>> from sympy import Symbol
    >>> net = mlp(widths=[2, 3, 1]); j = Symbol("j", integer=True)
    >>> z, a, w, b = (net.tensor(name) for name in "zawb")
    >>> model = Model(net.definitions, {}, seed=1)
    >>> model.test(z[1, 2], w[1, 2, 1] * a[0, 1] + w[1, 2, 2] * a[0, 2] + b[1, 2], {}).holds
    True
    """

    def __init__(self, laws: Sequence[Law], sizes: Mapping[Basic, int], seed: int) -> None:
        self.seed = self.places = seed
        self.sizes = dict(sizes)
        self.widths = {
            (e.symbol.name, tuple(map(int, e.index))): int(n)
            for e, n in sizes.items()
            if isinstance(e, Entry)
        }
        self.memo: dict[Key, Value] = {}
        self.wholes: dict[int, tuple[Whole, Expr]] = {}
        self.matchers: dict[tuple[int, int], tuple[Matcher, Law, Expr]] = {}
        self.forms: dict[Any, list[Value]] = {}
        self.moved: dict[int, Expr] = {}
        self.laws: dict[str, list[Law]] = {}
        self.given = tuple(laws)  # kept alive: their identities are keys
        self.free = sorted({s for law in laws for s in shared(law)}, key=str)
        for law in laws:
            if isinstance(law.lhs, Entry):
                self.laws.setdefault(law.lhs.symbol.name, []).append(apart(law, self.free))
        self.bounds = bounds(laws)
        self.fixed = values_of_functions(laws)
        self.odd = odd_functions(laws)
        self.suspects: list[Law] = []
        self.found_unmet: dict[tuple[tuple[Basic, int], ...], Law | None] = {}
        self.linear = LinearLaws(self, laws)
        self.left = BUDGET
        self.active: set[Key] = set()

    # ------------------------------------------------------------------ what is drawn

    def draw(self, *key: Any) -> int:
        """A number modulo the prime that depends on the seed and the key alone."""
        return _hashed(self.seed, *key)

    def place(self, *key: Any) -> int:
        """A number for choosing values of indices, from the seed `places`."""
        return _hashed(self.places, *key)

    def drawn_number(self, *key: Any) -> Number:
        """As a value."""
        return self.draw(*key)

    # ------------------------------------------------------------------ arithmetic

    def reduced(self, n: Number) -> Number:
        """A whole number, a sum or a product as a value."""
        return n % PRIME

    def reciprocal(self, n: Number) -> Number:
        """1 / n"""
        if n == 0:
            raise ModularError("division by zero at a random point")
        return pow(n, -1, PRIME)

    def size(self, n: Number) -> Number:
        """How well a number divides: any but 0 does."""
        return int(n != 0)

    def negligible(self, n: Number) -> bool:
        """Whether a number is 0."""
        return bool(n == 0)

    def function(self, e: Basic, arguments: Sequence[Number]) -> Number:
        """A function with a value of its own, such as exp."""
        raise NotExact(f"expected sums, products and powers, found {type(e).__name__} {e}")

    def _sum(self, values: Sequence[Value]) -> Value:
        bottom = sum(v.bottom for v in values)
        top = max((v.top + bottom - v.bottom for v in values), default=0)
        return Value(self.reduced(sum(v.number for v in values)), top, bottom)

    def _times(self, a: Value, b: Value) -> Value:
        return Value(self.reduced(a.number * b.number), a.top + b.top, a.bottom + b.bottom)

    def _inverse(self, a: Value) -> Value:
        return Value(self.reciprocal(a.number), a.bottom, a.top)

    def applied(
        self, name: str, sup: tuple[int, ...], order: int, z: Value, values: Mapping[Basic, int]
    ) -> Value:
        """A drawn function, made odd, or shifted to one of its values, where a law says so."""
        found = self.scalar_function(name, sup, order, z)
        for law in self.odd.get(name, ()):
            assert isinstance(law.lhs, Applied)
            if self._solved(law, law.lhs, sup, values) is not None:
                turned = self.scalar_function(name, sup, order, self._times(Value(self.reduced(-1)), z))
                sign = Value(self.reduced(1 if order % 2 else -1))
                return self._sum([found, self._times(sign, turned)])
        for law in self.fixed.get(name, ()) if order == 0 else ():
            assert isinstance(law.lhs, Applied)
            own = self._solved(law, law.lhs, sup, values)
            if own is not None:
                at = self.scalar_function(name, sup, 0, self.value(law.lhs.argument, own, ()))
                shift = self._times(Value(self.reduced(-1)), at)
                return self._sum([found, self.value(law.rhs, own, ()), shift])
        return found

    def scalar_function(self, name: str, sup: tuple[int, ...], order: int, z: Value) -> Value:
        """The derivative of this order of a drawn cubic polynomial."""
        coefficients = [self.drawn_number("function", name, sup, n) for n in range(DEGREE + 1)]
        for _ in range(order):
            coefficients = [self.reduced(n * c) for n, c in enumerate(coefficients)][1:]
        total = Value(0)
        for c in reversed(coefficients):
            total = self._sum([self._times(total, z), Value(c, 1)])
        return total

    # ------------------------------------------------------------------ values of entries

    def entry(self, t: TensorSymbol, index: tuple[int, ...], shared: Mapping[Basic, int]) -> Value:
        """The entry, by a law that defines it or drawn."""
        # where a law speaks of free indices, an entry depends on their values too
        key = (t.name, index, self.free_values(shared))
        if key not in self.memo:
            if key in self.active:  # x_p = x_q at p = q says nothing
                return self._drawn(t, index)
            self.active.add(key)
            try:
                found = self.by_law(t, index, shared)
            finally:
                self.active.discard(key)
            self.memo[key] = found if found is not None else self._drawn(t, index)
        return self.memo[key]

    def free_values(self, values: Mapping[Basic, int]) -> tuple[int | None, ...]:
        """The values of the free indices that the laws share."""
        if not self.free:
            return ()
        return values.free if type(values) is Matched else tuple([values.get(s) for s in self.free])

    def _drawn(self, t: TensorSymbol, index: tuple[int, ...]) -> Value:
        if t.kind == "permutation":
            return Value(self._permuted(t, index))
        if t.kind == "integer":
            lo, hi = self._ends(t, index)
            number = self._permuted(t, index) if t.rank and lo <= hi else self.draw(t.name, index)
            return Value(lo + (number - lo) % (hi - lo + 1 if lo <= hi else 7))
        solved = self.linear.value(t.name, index)
        return Value(self.drawn_number(t.name, index) if solved is None else solved, 1)

    def _permuted(self, t: TensorSymbol, index: tuple[int, ...]) -> int:
        """The value of a drawn permutation of the last index's range; itself outside of that."""
        lo, hi = (self.integer(e, {}) for e in t.ranges(*index)[-1])
        if not lo <= index[-1] <= hi:
            return index[-1]
        ranked = sorted(range(lo, hi + 1), key=lambda v: self.draw(t.name, index[:-1], v))
        return ranked[index[-1] - lo]

    def _ends(self, t: TensorSymbol, index: tuple[int, ...]) -> tuple[int, int]:
        """The bounds of an integer by the laws; 0 and -1 where they give none."""
        lows: list[int] = []
        highs: list[int] = []
        for law, entry, end, low in self.bounds.get(t.name, ()):
            own = self._solved(law, entry, index, {})
            if own is not None:
                (lows if low else highs).append(self.integer(end, own))
        return (max(lows), min(highs)) if lows and highs else (0, -1)

    def by_law(self, t: TensorSymbol, index: tuple[int, ...], shared: Mapping[Basic, int]) -> Value | None:
        """The entry, where a law defines it."""
        name, tangent = (t.name[1:], True) if t.style.endswith("tangent") else (t.name, False)
        direct = [(law, False) for law in self.laws.get(t.name, ())]
        for law, moved in direct + ([(law, True) for law in self.laws.get(name, ())] if tangent else []):
            values = self._matched(law, index, shared)
            if values is not None:
                return self.value(self._differential(law) if moved else law.rhs, values, ())
        return None

    def _differential(self, law: Law) -> Expr:
        if id(law) not in self.moved:
            self.moved[id(law)] = differential(law.rhs)
        return self.moved[id(law)]

    def _matched(
        self, law: Law, index: tuple[int, ...], shared: Mapping[Basic, int]
    ) -> dict[Basic, int] | None:
        """The indices of a law at which its left side is this entry."""
        return self._solved(law, law.lhs, index, shared)

    def _solved(
        self, law: Law, term: Entry | Applied, index: tuple[int, ...], shared: Mapping[Basic, int]
    ) -> dict[Basic, int] | None:
        """The own indices of a law at which a term of its is at these; None outside of its ranges."""
        key = (id(law), id(term))
        known = self.matchers.get(key)
        if known is None:
            patterns = term.sup if isinstance(term, Applied) else term.index
            # the law and the term are kept alive: their identities are the key
            known = self.matchers[key] = (Matcher(self, law, patterns), law, term)
        return known[0](index, shared)

    # ------------------------------------------------------------------ values of terms

    def integer(self, e: Expr, values: Mapping[Basic, int], around: tuple[int, ...] = ()) -> int:
        """An index or a size: a plain integer, not reduced."""
        known = self.wholes.get(id(e))
        if known is None:
            if len(self.wholes) > MOST_COMPILED:
                self.wholes.clear()
            # the term is kept alive: its identity is the key
            known = self.wholes[id(e)] = (compiled(self, e), e)
        return known[0](values, around)

    def value(self, e: Basic, values: Mapping[Basic, int], around: tuple[int, ...]) -> Value:
        """The value of a term; `values` gives the free indices, `around` the bound ones, outermost first."""
        self.left -= 1
        if self.left < 0:
            raise TooLarge(f"expected a test of at most {BUDGET} operations, found more")
        if isinstance(e, Entry) and e.symbol.kind != "dimension":  # the most frequent stand first
            index = tuple([self.integer(i, values, around) for i in e.index])
            return self.entry(e.symbol, index, values)
        if e.is_Mul:
            total = Value(1)
            for bracket in [a for a in e.args if isinstance(a, Bracket)]:
                if self.value(bracket, values, around).number == 0:
                    return Value(0)  # a bracket that is 0 settles the product
            for a in e.args:
                if not isinstance(a, Bracket):
                    total = self._times(total, self.value(a, values, around))
            return total
        if e.is_Add:
            return self._sum([self.value(a, values, around) for a in e.args])
        if e.is_Rational:
            if e.is_Integer:
                return Value(self.reduced(int(e.p)))
            return Value(self.reduced(self.reduced(int(e.p)) * self.reciprocal(int(e.q))))
        if e.is_Pow and e.exp.is_Integer and abs(int(e.exp)) <= 64:
            base = self.value(e.base, values, around)
            total = Value(1)
            for _ in range(abs(int(e.exp))):
                total = self._times(total, base)
            return total if e.exp > 0 else self._inverse(total)
        if isinstance(e, IndexSum):
            return self._sum([self.value(e.body, values, (*around, v)) for v in self._run(e, values, around)])
        if isinstance(e, Bracket):
            a, b = self.integer(e.a, values, around), self.integer(e.b, values, around)
            return Value(int({"=": a == b, "<=": a <= b, "<": a < b}[e.relation]))
        if isinstance(e, Applied):
            sup = tuple(self.integer(i, values, around) for i in e.sup)
            argument = self.value(e.argument, values, around)
            return self.applied(e.function.name, sup, e.order, argument, values)
        if isinstance(e, FunctionalValue):
            found = self._functional(e, values, around)
            if e.functional.name not in self.odd:
                return found
            if e.partials:
                raise NotExact(f"expected an odd function without partial derivatives, found {e}")
            turned = FunctionalValue(e.functional, (), -e.families[0], *e.families[1:])
            return self._sum(
                [found, self._times(Value(self.reduced(-1)), self._functional(turned, values, around))]
            )
        if isinstance(e, PartialDerivative):
            return self._partial(e, values, around)
        if isinstance(e, Function | Pow) or e.is_NumberSymbol:
            arguments = [self.value(a, values, around).number for a in e.args]
            return Value(self.function(e, arguments))
        return Value(self.reduced(self.integer(e, values, around)))

    def _run(self, e: Any, values: Mapping[Basic, int], around: tuple[int, ...]) -> range:
        return range(self.integer(e.lo, values, around), self.integer(e.hi, values, around) + 1)

    def _members(
        self, f: Expr, values: Mapping[Basic, int], around: tuple[int, ...], index: tuple[int, ...]
    ) -> Iterator[tuple[tuple[int, ...], Value]]:
        if isinstance(f, Family):
            for v in self._run(f, values, around):
                yield from self._members(f.body, values, (*around, v), (*index, v))
        else:
            yield index, self.value(f, values, around)

    def _functional(self, e: FunctionalValue, values: Mapping[Basic, int], around: tuple[int, ...]) -> Value:
        """A random linear form of all entries plus a product of three; or a partial derivative of that."""
        name = e.functional.name

        def coefficient(form: int, m: int, i: tuple[int, ...]) -> Value:
            return Value(self.drawn_number("form", name, form, m, i), 1)

        forms = self._forms(e, values, around, coefficient)
        wanted = [(int(p[0]), tuple(self.integer(i, values, around) for i in p[1:])) for p in e.partials]

        def derivative(factors: tuple[int, ...], left: Sequence[tuple[int, tuple[int, ...]]]) -> Value:
            if not left:
                total = Value(1)
                for f in factors:
                    total = self._times(total, forms[f])
                return total
            (m, i), *rest = left
            return self._sum(
                [
                    self._times(coefficient(f, m, i), derivative(factors[:n] + factors[n + 1 :], rest))
                    for n, f in enumerate(factors)
                ]
            )

        return self._sum([derivative((0,), wanted), derivative((1, 2, 3), wanted)])

    def _forms(
        self,
        e: FunctionalValue,
        values: Mapping[Basic, int],
        around: tuple[int, ...],
        coefficient: Callable[[int, int, tuple[int, ...]], Value],
    ) -> list[Value]:
        """The four linear forms at the families of e; families without indices of their own are done once."""
        alone = not any(loose(f) or any(s in values for s in f.free_symbols) for f in e.families)
        key = (e.functional, e.families, self.free_values(values))
        if alone and key in self.forms:
            return self.forms[key]
        members = [
            (m, i, v) for m, f in enumerate(e.families) for i, v in self._members(f, values, around, ())
        ]
        found = [self._sum([self._times(coefficient(f, m, i), v) for m, i, v in members]) for f in range(4)]
        if alone:
            self.forms[key] = found
        return found

    def _partial(self, e: PartialDerivative, values: Mapping[Basic, int], around: tuple[int, ...]) -> Value:
        """d u / d v: the law that defines u, differentiated by v."""
        u, v = e.args
        left = tuple(self.integer(i, values, around) for i in u.index)
        right = v.symbol[tuple(self.integer(i, values, around) for i in v.index)]
        for law in self.laws.get(u.symbol.name, ()):
            own = self._matched(law, left, values)
            if own is not None:
                return self.value(law.rhs.diff(right), own, ())
        raise ModularError(f"expected a definition of {u.symbol[left]}, found none")

    # ------------------------------------------------------------------ testing

    def test(self, lhs: Expr, rhs: Expr, values: Mapping[Basic, int]) -> Tested:
        """Whether both sides agree at these values of the free indices."""
        self.left = BUDGET
        return self._test(lhs, rhs, values)

    def _test(self, lhs: Expr, rhs: Expr, values: Mapping[Basic, int]) -> Tested:
        a, b = self.value(lhs, values, ()), self.value(rhs, values, ())
        agree, error = self.compared(a, b)
        if agree:
            return Tested(True, 1, error, self.seed)
        shown = ", ".join(f"{k}={v}" for k, v in sorted(values.items(), key=str))
        at = f"at {shown or 'the only point'}: {self.shown(a)} and {self.shown(b)}"
        return Tested(False, 1, error, self.seed, at)

    def compared(self, a: Value, b: Value) -> tuple[bool, float]:
        """Whether two values agree, and the probability that they do by chance."""
        return a.number == b.number, max(a.top + b.bottom, b.top + a.bottom) / PRIME

    def shown(self, v: Value) -> str:
        """A value for a reader."""
        return f"{v.number} mod 2^61-1"

    def unmet(self, values: Mapping[Basic, int], most: int = 200) -> Law | None:
        """A law that does not hold at these values of the free indices, as two laws may define one entry.

        None where no test finds one; NotExact where that is not known, as a law has no exact values.
        """
        fixed = {k: v for k, v in values.items() if k in self.free}
        key = tuple(fixed.items())
        if key not in self.found_unmet:
            self.found_unmet[key] = self._unmet(fixed, most // 20) or self._unmet(fixed, most)
        return self.found_unmet[key]

    def _unmet(self, fixed: Mapping[Basic, int], most: int) -> Law | None:
        unclear: NotExact | None = None
        # the law that was disobeyed elsewhere is asked first: it is often the one
        for law in (*self.suspects, *(x for x in self.given if x not in self.suspects)):
            one = apart(law, self.free)
            if not shared(one) <= set(fixed):
                continue
            try:
                for values in points(self, Context(tuple(one.indices)), most, fixed):
                    if not self.test(one.lhs, one.rhs, values).holds:
                        self.suspects = [law]
                        return law
            except NotExact as error:
                unclear = error
            except ModularError:
                continue  # a law without a value here says nothing
        if unclear is not None:  # the equation may fail because of a law with e^z, which floats can judge
            raise unclear
        return None

    def _apart(self, values: Mapping[Basic, int]) -> bool:
        """Whether the indices that the laws share have different values."""
        fixed = [v for k, v in values.items() if k in self.free]
        return len(set(fixed)) == len(fixed)

    def test_everywhere(self, lhs: Expr, rhs: Expr, ctx: Context, most: int = 12) -> Tested:
        """The equation at up to `most` values of its indices; one failure refutes it.

        Where it fails because the drawn numbers disobey a law there, that point tests nothing. Then the
        points that are left count only where the indices that the laws share differ: at p = q it may be
        0 = 0; and not at all where two indices of one range meet in each of them. Fewer points where the
        budget ends before; TooLarge where it ends at the first.
        """
        self.left = BUDGET
        passed: list[tuple[float, dict[Basic, int]]] = []
        disobeyed = ""
        for values in points(self, ctx, most):
            try:
                one = self._test(lhs, rhs, values)
            except TooLarge:
                if not passed:
                    raise
                break
            if not one.holds:
                left = self.left
                law = self.unmet(values)
                self.left = left
                if law is None:
                    return replace(one, points=len(passed) + 1)
                disobeyed = getattr(law, "name", "") or str(law.lhs)
                continue
            passed.append((one.error, values))
        places = told(passed, ctx, self._apart if disobeyed else None)
        worst = max(places.values(), default=0.0)
        return Tested(
            True, len(places), worst, self.seed, places=places, disobeyed="" if places else disobeyed
        )
