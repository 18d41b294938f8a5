"""Equality by the laws of a commutative ring and of finite sums: multiply out, then pair the monomials."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from sympy import Add, Expr, Integer, Mul, Pow, Rational, Symbol, Tuple, exp
from sympy.core.basic import Basic
from sympy.core.symbol import Str

from symderive.calculus.atoms import TensorSymbol
from symderive.calculus.terms import Bracket, Entry, Family, IndexSum
from symderive.proof.checker.ranges import POWER, nonnegative, polynomial
from symderive.proof.checker.sequent import Context, need

MONOMIALS, ATTEMPTS = 20_000, 50_000

Names = dict[Basic, Basic]


class Monomial(NamedTuple):
    """c sum_{bound} product of factor^exponent; bound letters have names that nothing else has."""

    coefficient: Fraction
    bound: Context
    factors: Mapping[Expr, Fraction]

    def items(self) -> list[Tuple]:
        """What another monomial must have too, but for the names of bound letters."""
        ranges = [Tuple(Str("range"), *limit) for limit in self.bound]
        return [*(Tuple(f, Rational(x)) for f, x in self.factors.items()), *ranges]


class Ring:
    """Whether two terms are equal: both are multiplied out, and monomials paired up to names of indices."""

    def __init__(self) -> None:
        self.names = self.attempts = 0

    def equal(self, a: Expr, b: Expr) -> bool:
        """Whether every monomial of a - b cancels."""
        left: dict[Any, list[list[Any]]] = {}
        for sign, e in ((1, a), (-1, b)):
            for m in self.expanded(e):
                alike = left.setdefault(tuple(sorted(map(_look, m.items()))), [])
                found = next((pair for pair in alike if self.match(m, pair[0])), None)
                if found is None:
                    alike.append(found := [m, Fraction(0)])
                found[1] += sign * m.coefficient
        return all(c == 0 for alike in left.values() for _, c in alike)

    def letter(self) -> Symbol:
        """A name that no file can contain."""
        self.names += 1
        return Symbol(f" {self.names}", integer=True)

    def expanded(self, e: Expr) -> list[Monomial]:
        """The term as a sum of monomials."""
        if isinstance(e, Rational):
            return [Monomial(Fraction(e), (), {})] if e != 0 else []
        if isinstance(e, Add):
            found = [m for a in e.args for m in self.expanded(a)]
            need(len(found) <= MONOMIALS, "expected at most {} monomials, found more", MONOMIALS)
            return found
        if isinstance(e, Mul):
            return self._product([self.expanded(a) for a in e.args])
        if isinstance(e, IndexSum):
            k = self.letter()
            limit = (k, e.lo, e.hi)
            return [_shorter(m._replace(bound=(limit, *m.bound))) for m in self.expanded(e.open(k))]
        if isinstance(e, Pow) and isinstance(e.exp, Integer) and e.exp > 0 and e.base.args:
            need(e.exp <= POWER, "expected an exponent of at most {}, found {}", POWER, e.exp)
            return self._product([self.expanded(e.base) for _ in range(int(e.exp))])
        if isinstance(e, Pow):
            return [Monomial(Fraction(1), (), {self._inside(e.base): Fraction(e.exp)})]
        if isinstance(e, exp):  # e^{a + c b} = e^a (e^b)^c
            parts = [a.as_coeff_Mul() for a in Add.make_args(self._inside(e.args[0]))]
            return [Monomial(Fraction(1), (), {exp(rest): Fraction(c) for c, rest in parts})]
        return [Monomial(Fraction(1), (), {self._inside(e): Fraction(1)})]

    def _product(self, parts: Sequence[list[Monomial]]) -> list[Monomial]:
        total = [Monomial(Fraction(1), (), {})]
        for part in parts:
            need(len(total) * len(part) <= MONOMIALS, "expected at most {} monomials, found more", MONOMIALS)
            total = [_times(m, n) for m in total for n in part]
        return total

    def _inside(self, e: Expr) -> Expr:
        """A factor with its arguments multiplied out."""
        if isinstance(e, Add | Mul | IndexSum):
            return Add(*map(_written, self.expanded(e)))
        if isinstance(e, Family):
            return Family(self._inside(e.body), e.lo, e.hi)
        if isinstance(e, Bracket):  # [a = b] as [0 = b - a], or as [0 = a - b], whichever looks first
            d = self._inside(e.b - e.a)
            d = min(d, self._inside(-d), key=str) if e.relation == "=" else d
            return Bracket(e.relation, Integer(0), d)
        return e.func(*(self._inside(a) if isinstance(a, Expr) else a for a in e.args)) if e.args else e

    def match(self, m: Monomial, n: Monomial) -> bool:
        """Whether m is n but for the names of bound letters."""
        mine = {k for k, _, _ in m.bound}
        items = sorted(m.items(), key=lambda t: (not isinstance(t.args[0], Entry), len(str(t))))
        return next(self._pair(items, n.items(), mine, {}), None) is not None

    def _pair(
        self, left: Sequence[Basic], right: Sequence[Basic], mine: set[Symbol], names: Names
    ) -> Iterator[Names]:
        """All names for bound letters at which the two lists are the same, in some order."""
        if not left and not right:
            yield names
        for n, g in enumerate(right if left else ()):
            for new in self._unified(left[0], g, mine, names):
                yield from self._pair(left[1:], [*right[:n], *right[n + 1 :]], mine, new)

    def _unified(self, f: Basic, g: Basic, mine: set[Symbol], names: Names) -> Iterator[Names]:
        """All names for bound letters at which f is g."""
        self.attempts += 1
        need(self.attempts <= ATTEMPTS, "expected sums that match in {} attempts", ATTEMPTS)
        if f in mine:
            if f in names:
                yield from [names] if names[f] == g else []
            elif isinstance(g, Symbol) and g.name[0] == " " and g not in names.values():
                yield {**names, f: g}
        elif not f.free_symbols & mine:
            yield from [names] if f == g else []
        elif type(f) is type(g) and len(f.args) == len(g.args):
            if isinstance(f, Add | Mul):
                yield from self._pair(f.args, g.args, mine, names)
            else:
                yield from self._each(f.args, g.args, mine, names)

    def _each(
        self, left: Sequence[Basic], right: Sequence[Basic], mine: set[Symbol], names: Names
    ) -> Iterator[Names]:
        if not left:
            yield names
            return
        for new in self._unified(left[0], right[0], mine, names):
            yield from self._each(left[1:], right[1:], mine, new)


def _times(m: Monomial, n: Monomial) -> Monomial:
    factors = dict(m.factors)
    for f, x in n.factors.items():
        factors[f] = Fraction(1) if isinstance(f, Bracket) else factors.get(f, Fraction(0)) + x
    return Monomial(m.coefficient * n.coefficient, m.bound + n.bound, {f: x for f, x in factors.items() if x})


def _shorter(m: Monomial) -> Monomial:
    """Without an outermost sum whose index nothing uses: its length, c a_1 .. a_n >= 0, times the rest."""
    (k, lo, hi), *rest = m.bound
    length = polynomial(hi - lo + 1)
    used = any(k in e.free_symbols for e in (*m.factors, *(e for _, *ends in rest for e in ends)))
    if used or len(length) > 1 or not nonnegative(hi - lo + 1, ()):
        return m
    ((atoms, c),) = length.items() or (((), Fraction(0)),)
    number = Monomial(c, (), {})
    for a in atoms:
        number = _times(number, Monomial(Fraction(1), (), {a: Fraction(1)}))
    return _times(number, m._replace(bound=tuple(rest)))


def _written(m: Monomial) -> Expr:
    """The monomial as a term."""
    body = Mul(Rational(m.coefficient), *(Pow(f, Rational(x)) for f, x in m.factors.items()))
    for limit in reversed(m.bound):
        body = IndexSum(body, limit)
    return body


def _look(item: Tuple) -> str:
    """What does not depend on names: items that look different are different."""
    f = item.args[0]
    names = sorted(str(s) for s in f.free_symbols if isinstance(s, TensorSymbol))
    return f"{type(f).__name__} {names} {item.args[1] if len(item.args) == 2 else ''}"
