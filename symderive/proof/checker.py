r"""The checker: it replays a certificate by rules of its own, and trusts the term types alone.

A step is a sequent  i in lo..hi, ..; H_1, .., H_m |- lhs = rhs.  It says: for all integers i, .. in their ranges
and all real numbers that the names may stand for, if the hypotheses hold, each for all its own indices and real
numbers, then the equation does. Sizes are positive integers; tensors are arbitrary families over all integers,
differentiable along one nameless variable, with dT as derivative; integers do not move; a permutation permutes
the range of its last index where its other indices lie in their ranges; x/x is 1.

Nothing of the file is believed: every conclusion is made again from the premises, and compared.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from itertools import count
from typing import Any, NamedTuple, NoReturn

from sympy import Add, Expr, Integer, Mul, Pow, Rational, Symbol, Tuple, exp, log, preorder_traversal
from sympy.core.basic import Basic
from sympy.core.symbol import Str

from symderive.calculus.atoms import (
    BoundIndex,
    Functional,
    ScalarFunction,
    Slot,
    TensorSymbol,
)
from symderive.calculus.terms import (
    Applied,
    Binder,
    Bracket,
    Entry,
    Family,
    FunctionalValue,
    IndexSum,
    PartialDerivative,
)
from symderive.errors import SymderiveError

FORMAT, VERSION = "symderive-certificate", 1
# Bounds: bytes of a file, rows and steps, nesting of terms, digits of a number, exponents, letters of a name;
# monomials of one term, attempts to match two sums, seconds in all.
BYTES, ROWS, STEPS, DEPTH, SIZE, DIGITS, POWER, LETTERS = (
    60_000_000,
    400_000,
    200_000,
    100,
    20_000,
    60,
    16,
    200,
)
MONOMIALS, ATTEMPTS, SECONDS = 20_000, 50_000, 300.0
KINDS = ("definition", "assumption", "citation", "induction")

LETTER = Symbol(" k", integer=True)  # no name in a file begins with a space

Limits = tuple[Symbol, Expr, Expr]
Context = tuple[Limits, ...]


class CheckerError(SymderiveError):
    """A certificate that proves nothing: the step, its rule, and the condition that failed."""


def refuse(condition: str) -> NoReturn:
    """CheckerError, with what was expected and found."""
    raise CheckerError(condition)


def need(holds: object, condition: str, *found: object) -> None:
    """Refuse unless it holds; what was found is only printed then."""
    if not holds:
        refuse(condition.format(*found))


class Hypothesis(NamedTuple):
    """For all own indices in their ranges and all own real numbers: lhs = rhs."""

    name: str
    kind: str
    lhs: Expr
    rhs: Expr
    indices: Context
    reals: tuple[TensorSymbol, ...]

    def terms(self) -> tuple[Expr, ...]:
        """All terms of it."""
        return (self.lhs, self.rhs, *(e for _, lo, hi in self.indices for e in (lo, hi)))

    def shared(self) -> set[Symbol]:
        """The indices that it shares with the theorem."""
        return {s for e in self.terms() for s in letters(e)} - {k for k, _, _ in self.indices}

    def moved(self, rule: Mapping[Basic, Basic]) -> Hypothesis:
        """The hypothesis at other values of shared indices, which must not meet its own."""
        used = {s for v in rule.values() for s in letters(v)} | set(rule)
        need(
            not used & {k for k, _, _ in self.indices}, "capture of an own index of hypothesis {}", self.name
        )
        limits = tuple((k, lo.xreplace(rule), hi.xreplace(rule)) for k, lo, hi in self.indices)
        return self._replace(lhs=self.lhs.xreplace(rule), rhs=self.rhs.xreplace(rule), indices=limits)

    def says(self, u: TensorSymbol) -> bool:
        """Whether u, du, .. stands in it, and is not its own."""
        return u not in self.reals and any(descends(s, u) for e in self.terms() for s in e.free_symbols)


class Sequent(NamedTuple):
    """What a step concludes."""

    context: Context
    hypotheses: frozenset[Hypothesis]
    lhs: Expr
    rhs: Expr


@dataclass(frozen=True)
class Replayed:
    """What a certificate proves: theorems by name, the number of steps, and how often each rule was used."""

    theorems: Mapping[str, Sequent]
    steps: int
    rules: Mapping[str, int]


def letters(e: Basic) -> set[Symbol]:
    """The free indices of a term: integer symbols that are no sizes."""
    return {s for s in e.free_symbols if isinstance(s, Symbol) and not s.is_positive}


def known(ctx: Context) -> set[Symbol]:
    """The indices of a context."""
    return {k for k, _, _ in ctx}


def plain(k: Basic) -> bool:
    """Whether k is an index of which nothing else is assumed."""
    return isinstance(k, Symbol) and k == Symbol(k.name, integer=True)


def is_real(u: Any) -> bool:
    """Whether u is a real tensor without an index."""
    return isinstance(u, TensorSymbol) and (u.kind, u.rank, u.style) == ("real", 0, "plain")


def tangents(*terms: Expr) -> set[Basic]:
    """The differentials in the terms."""
    return {t for e in terms for t in e.free_symbols if isinstance(t, TensorSymbol) and "tangent" in t.style}


def integral(e: Basic) -> bool:
    """Whether a term is an integer that does not move, whatever its names stand for."""
    if isinstance(e, Entry):
        return e.symbol.kind != "real" and all(map(integral, e.index))
    if isinstance(e, Add | Mul | Bracket):
        return all(integral(a) for a in e.args if not isinstance(a, Str))
    if isinstance(e, Pow):
        return integral(e.base) and isinstance(e.exp, Integer) and bool(e.exp > 0)
    return isinstance(e, Integer | Symbol)


def descends(t: Basic, u: TensorSymbol) -> bool:
    """Whether t is u, du, ddu, .."""
    while isinstance(t, TensorSymbol) and t != u and u.style.count("tangent") < t.style.count("tangent"):
        u = u.tangent()
    return t == u


# ------------------------------------------------------------------------------- polynomials and ranges

Atoms = tuple[Any, ...]
Polynomial = dict[Atoms, Fraction]


def polynomial(e: Expr) -> Polynomial:
    """An integer term as a polynomial: products of letters, sizes and integer entries, with coefficients."""
    if isinstance(e, Rational):
        return {(): Fraction(int(e.p), int(e.q))} if e != 0 else {}
    if isinstance(e, Add):
        total: Polynomial = {}
        for a in e.args:
            for m, c in polynomial(a).items():
                total[m] = total.get(m, Fraction(0)) + c
        return {m: c for m, c in total.items() if c}
    if isinstance(e, Mul) or (isinstance(e, Pow) and isinstance(e.exp, Integer) and 0 < e.exp <= POWER):
        product: Polynomial = {(): Fraction(1)}
        for a in e.args if isinstance(e, Mul) else [e.base] * int(e.exp):
            found: Polynomial = {}
            for m, c in product.items():
                for n, d in polynomial(a).items():
                    key = tuple(sorted((*m, *n), key=str))
                    found[key] = found.get(key, Fraction(0)) + c * d
            need(len(found) <= MONOMIALS, "an index with too many terms")
            product = {m: c for m, c in found.items() if c}
        return product
    return {(e,): Fraction(1)}


def zero(e: Expr) -> bool:
    """Whether an integer term is 0 whatever its names stand for."""
    return not polynomial(e)


def nonnegative(e: Expr, ctx: Context) -> bool:
    """Whether e >= 0 follows: each letter is replaced by the end of its range that makes e smaller."""
    p = polynomial(e)
    for atom in sorted({a for m in p for a in m if _permutes(a)}, key=str):
        *outer, ends = atom.ranges()
        if all(within(i, *range_, ctx) for i, range_ in zip(atom.index, outer, strict=False)) and within(
            atom.index[-1], *ends, ctx
        ):
            p = _at_end(p, atom, *ends)
    for k, lo, hi in reversed(ctx):
        p = _at_end(p, k, lo, hi)
    total = Fraction(0)
    for m, c in p.items():
        if not m or (c > 0 and all(_at_least_one(a) for a in m)):
            total += c
        elif not (c > 0 and all(_at_least_one(a) or isinstance(a, Bracket) for a in m)):
            return False
    return total >= 0


def _permutes(a: Any) -> bool:
    return isinstance(a, Entry) and a.symbol.kind == "permutation"


def _at_least_one(a: Any) -> bool:
    return (isinstance(a, Symbol) and bool(a.is_positive)) or (
        isinstance(a, Entry) and a.symbol.kind == "dimension"
    )


def _at_end(p: Polynomial, atom: Expr, lo: Expr, hi: Expr) -> Polynomial:
    c = p.get((atom,))
    if c is None:
        return p
    rest = {m: d for m, d in p.items() if m != (atom,)}
    for m, d in polynomial(lo if c > 0 else hi).items():
        rest[m] = rest.get(m, Fraction(0)) + c * d
    return {m: d for m, d in rest.items() if d}


def within(e: Expr, lo: Expr, hi: Expr, ctx: Context) -> bool:
    """Whether lo <= e <= hi follows."""
    return nonnegative(e - lo, ctx) and nonnegative(hi - e, ctx)


def truth(b: Bracket, ctx: Context) -> Expr | None:
    """1 or 0 where the ranges decide an integer bracket."""
    d = b.b - b.a - (1 if b.relation == "<" else 0)
    if b.relation == "=":
        if nonnegative(d - 1, ctx) or nonnegative(-d - 1, ctx):
            return Integer(0)
        return Integer(1) if nonnegative(d, ctx) and nonnegative(-d, ctx) else None
    if nonnegative(d, ctx):
        return Integer(1)
    return Integer(0) if nonnegative(-d - 1, ctx) else None


# ------------------------------------------------------- equality by the laws of a ring and of finite sums

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
            return [m for a in e.args for m in self.expanded(a)]
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
    """An outermost sum whose index nothing uses is its length times the rest, where that is c a_1 .. a_n >= 0."""
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


# ---------------------------------------------------------------------------------------- differentials


_FRESH = count(1)


def moved(e: Expr, d: Callable[[Entry], Expr]) -> Expr:
    """How a term moves where each real entry moves by d."""
    if isinstance(e, Entry):
        return d(e) if e.symbol.kind == "real" else Integer(0)
    if isinstance(e, Rational | Symbol | BoundIndex):
        return Integer(0)
    if isinstance(e, Bracket):
        real = any(isinstance(s, TensorSymbol) and s.kind == "real" for s in e.free_symbols)
        return refuse(f"{e} has no differential everywhere") if real else Integer(0)
    if isinstance(e, IndexSum):
        return IndexSum(moved(e.body, d), e.lo, e.hi)
    if isinstance(e, Applied):
        return e.func(e.function, e.order + 1, *e.sup, e.argument) * moved(e.argument, d)
    if isinstance(e, FunctionalValue):
        return Add(*(_through(e, m, f, (), d) for m, f in enumerate(e.families)))
    if isinstance(e, Add):
        return Add(*(moved(a, d) for a in e.args))
    if isinstance(e, Mul):
        one = range(len(e.args))
        return Add(*(Mul(*(moved(a, d) if n == m else a for m, a in enumerate(e.args))) for n in one))
    if isinstance(e, Pow):
        return e.exp * Pow(e.base, e.exp - 1) * moved(e.base, d)
    if isinstance(e, exp):
        return e * moved(e.args[0], d)
    if isinstance(e, log):
        return moved(e.args[0], d) / e.args[0]
    return refuse(f"{type(e).__name__} has no differential")


def _through(
    e: FunctionalValue, m: int, f: Expr, index: tuple[Symbol, ...], d: Callable[[Entry], Expr]
) -> Expr:
    """The chain rule over the entries of family m."""
    if isinstance(f, Family):
        k = Symbol(f" d{next(_FRESH)}", integer=True)
        return IndexSum(_through(e, m, f.open(k), (*index, k), d), (k, f.lo, f.hi))
    return FunctionalValue(e.functional, (*e.partials, (m, *index)), *e.families) * moved(f, d)


def differential(e: Expr) -> Expr:
    """de: each real tensor T moves by dT."""
    return moved(e, lambda x: x.symbol.tangent()[x.index])


# ------------------------------------------------------------------------------- the table, and its language


class Row(NamedTuple):
    """A name or term: what it is, how deep it is nested, how many binders it lacks, which slots it has."""

    thing: Any
    sort: str  # "scalar", "family" or "name"
    whole: bool = False
    depth: int = 0
    size: int = 1
    lacks: int = 0
    slots: int = 0


def table(rows: Any) -> list[Row]:
    """The names and terms of a certificate, each admitted as what is a number whatever its names stand for."""
    need(isinstance(rows, list) and len(rows) <= ROWS, "expected a list of at most {} rows as table", ROWS)
    found: list[Row] = []
    for n, row in enumerate(rows):
        with within_one_line(f"row {n} of the table"):
            head, *parts = row
            need(head in LEAVES or head in TERMS, "expected a head of {}", ", ".join((*LEAVES, *TERMS)))
            found.append(LEAVES[head](found, *parts) if head in LEAVES else _term(found, head, parts))
    return found


def _at(found: Sequence[Row], n: Any, what: str = "") -> Row:
    need(type(n) is int and 0 <= n < len(found), "expected an earlier row, found {!r:.40}", n)
    row = found[n]
    fits = {"scalar": row.sort == "scalar", "whole": row.whole, "term": row.sort != "name"}.get(what, True)
    need(fits, "expected a {}, found {}", what, row.thing)
    return row


def _number(n: Any, lowest: int = 0) -> int:
    need(type(n) is int and lowest <= n < 10**DIGITS, "expected a whole number of at most {} digits", DIGITS)
    return int(n)


def _word(s: Any, least: int = 1) -> str:
    good = isinstance(s, str) and least <= len(s) <= LETTERS and s == s.strip() and s.isprintable()
    need(good, "expected a short printable name")
    return str(s)


# What follows the head of a term: earlier rows by what they must be, * for any number of them.
TERMS: dict[str, tuple[type, str]] = {
    "add": (Add, "scalar*"), "mul": (Mul, "scalar*"), "pow": (Pow, "scalar scalar"), "exp": (exp, "scalar"),
    "log": (log, "scalar"), "entry": (Entry, "name whole*"), "sum": (IndexSum, "scalar whole whole"),
    "family": (Family, "term whole whole"), "bracket": (Bracket, "word scalar scalar"),
    "applied": (Applied, "name number whole* scalar"), "value": (FunctionalValue, "name partials term*"),
    "partial": (PartialDerivative, "scalar scalar"),
}  # fmt: skip


def _term(found: Sequence[Row], head: str, given: Sequence[Any]) -> Row:
    """A term of earlier rows, if its constructor leaves it as it is written."""
    made, kinds = TERMS[head][0], TERMS[head][1].split()
    many = len(given) - len(kinds) + 1
    kinds = [k for kind in kinds for k in ([kind[:-1]] * many if kind[-1] == "*" else [kind])]
    need(len(kinds) == len(given), "expected {} parts of {}, found {}", len(kinds), head, len(given))
    parts: list[Row] = []
    values: list[Any] = []
    for kind, x in zip(kinds, given, strict=True):
        if kind == "partials":
            own = [[_number(p[0]), *(_at(found, i, "whole") for i in p[1:])] for p in x]
            parts += [i for p in own for i in p[1:]]
            values.append([(p[0], *(i.thing for i in p[1:])) for p in own])
        elif kind in ("word", "number"):
            values.append(_word(x) if kind == "word" else _number(x))
        else:
            parts.append(_at(found, x, kind))
            values.append(parts[-1].thing)
    thing = made(*values)
    order = str if made in (Add, Mul) else (lambda a: 0)
    plain = made in (Bracket, FunctionalValue) or sorted(thing.args, key=order) == sorted(values, key=order)
    need(type(thing) is made and plain, "expected a term as its constructor makes it, found {}", thing)
    if made is Pow:
        b, x = thing.args
        need(isinstance(x, Rational) and abs(x) <= POWER, "expected a small rational exponent, found {}", x)
        known = (x.is_Integer and x > 0) or _positive(b) or (x > 0 and _not_negative(b))
        need(known, "expected a base known to be positive for the exponent {}, found {}", x, b)
    if made is log:
        need(
            _positive(thing.args[0]),
            "expected the logarithm of what is known to be positive, found {}",
            thing,
        )
    whole = (
        (made in (Add, Mul, Bracket) and all(p.whole for p in parts))
        or (made is Entry and thing.symbol.kind != "real")
        or (made is Pow and parts[0].whole and thing.exp.is_Integer and thing.exp > 0)
    )
    binds = made in (IndexSum, Family)
    depth = 1 + max((p.depth for p in parts), default=0)
    size = 1 + sum(p.size for p in parts)
    need(depth <= DEPTH and size <= SIZE, "expected terms at most {} deep, of at most {} parts", DEPTH, SIZE)
    lacks = max((p.lacks - (binds and n == 0) for n, p in enumerate(parts)), default=0)
    slots = max((p.slots for p in parts), default=0)
    return Row(thing, "family" if made is Family else "scalar", bool(whole), depth, size, lacks, slots)


def _tensor(
    found: Sequence[Row], name: Any, axes: Any, sup: Any, look: Any, kind: Any, own: Any, *marks: Any
) -> Row:
    ranges = [[_at(found, n, "whole") for n in axis] for axis in axes]
    for p, end in ((p, end) for p, axis in enumerate(ranges) for end in axis):
        closed = not letters(end.thing) and not end.lacks and not end.thing.has(Bracket)
        need(closed and end.slots <= p, "expected a range of sizes and earlier indices, found {}", end.thing)
    need(kind != "permutation" or ranges, "expected a permutation with an index")
    style, mark = marks
    shown = (_word(look), _word(kind), [*map(_word, own)], _word(style), _word(mark, 0))
    t = TensorSymbol(_word(name), [(a.thing, b.thing) for a, b in ranges], _number(sup), *shown)
    return Row(t, "name")


def _fraction(p: Any, q: Any) -> Row:
    thing = Rational(_number(p, -(10**DIGITS)), _number(q, 2))
    need((thing.p, thing.q) == (p, q), "expected a fraction in lowest terms")
    return Row(thing, "scalar")


LEAVES: dict[str, Callable[..., Row]] = {
    "integer": lambda found, n: Row(Integer(_number(n, -(10**DIGITS))), "scalar", True),
    "rational": lambda found, p, q: _fraction(p, q),
    "index": lambda found, s: Row(Symbol(_word(s), integer=True), "scalar", True),
    "size": lambda found, s: Row(Symbol(_word(s), integer=True, positive=True), "scalar", True),
    "bound": lambda found, n: Row(BoundIndex(_number(n)), "scalar", True, lacks=n + 1),
    "slot": lambda found, n: Row(Slot(_number(n)), "scalar", True, slots=n + 1),
    "function": lambda found, a, b, n: Row(ScalarFunction(_word(a), _word(b), _number(n)), "name"),
    "functional": lambda found, a, b, n: Row(Functional(_word(a), _word(b), _number(n)), "name"),
    "tensor": _tensor,
}


def _positive(e: Basic) -> bool:
    """Whether e > 0 is seen from its form."""
    if isinstance(e, Add):
        return all(map(_not_negative, e.args)) and any(map(_positive, e.args))
    if isinstance(e, Mul):
        return all(map(_positive, e.args))
    if isinstance(e, IndexSum):
        return _positive(e.body) and nonnegative(e.hi - e.lo, ())
    return (
        _positive(e.base)
        if isinstance(e, Pow)
        else isinstance(e, exp) or bool(e.is_Rational and e > 0) or _at_least_one(e)
    )


def _not_negative(e: Basic) -> bool:
    """Whether e >= 0 is seen from its form."""
    if isinstance(e, Add | Mul):
        return all(map(_not_negative, e.args))
    if isinstance(e, Pow):
        return _not_negative(e.base) or bool(e.exp.is_Integer and e.exp % 2 == 0)
    return (
        _not_negative(e.body) if isinstance(e, IndexSum) else isinstance(e, Bracket) or e == 0 or _positive(e)
    )


# ------------------------------------------------------------------------------------------------- rules

Conclusion = tuple[Context, frozenset[Hypothesis]]
NONE: frozenset[Hypothesis] = frozenset()


class Step:
    """One step as the file has it. Each rule makes the conclusion again, and compares its equation with `same`."""

    def __init__(self, file: _File, row: dict[str, Any], number: int) -> None:
        self.file, self.row = file, row
        numbers = self.get("premises", list)
        need(all(type(p) is int and 0 <= p < number for p in numbers), "expected earlier steps as premises")
        self.premises = [file.sequents[p] for p in numbers]
        self.context = file.context(self.get("context", int))
        self.lhs, self.rhs = (file.closed(self.get(side, int), self.context) for side in ("lhs", "rhs"))

    def get(self, name: str, kind: type) -> Any:
        """An argument of this type."""
        need(type(self.row.get(name)) is kind, "expected {} as {}", name, kind.__name__)
        return self.row[name]

    def whole(self, n: Any) -> Expr:
        """A row that is an integer in the context."""
        return self.file.closed(n, self.context, "whole")

    def given(self, count: int) -> list[Sequent]:
        """The premises, if there are so many."""
        need(len(self.premises) == count, "expected {} premises, found {}", count, len(self.premises))
        return self.premises

    def sum(self) -> IndexSum:
        """The left side, a sum that no premise speaks of."""
        self.given(0)
        need(isinstance(self.lhs, IndexSum), "expected a sum, found {}", self.lhs)
        return self.lhs  # type: ignore[no-any-return]

    def same(self, lhs: Expr, rhs: Expr) -> None:
        """The step must conclude this equation."""
        found = (lhs, rhs, self.lhs, self.rhs)
        need(found[:2] == found[2:], "the conclusion is {} = {}, found {} = {}", *found)

    def reflexivity(self) -> Conclusion:
        """e = e"""
        self.given(0)
        self.same(self.lhs, self.lhs)
        return self.context, NONE

    def symmetry(self) -> Conclusion:
        """a = b gives b = a."""
        (t,) = self.given(1)
        self.same(t.rhs, t.lhs)
        return t.context, t.hypotheses

    def transitivity(self) -> Conclusion:
        """a = b and b = c give a = c, in one context."""
        a, b = self.given(2)
        need(a.context == b.context, "expected one context for both premises")
        need(a.rhs == b.lhs, "middle terms differ: {} and {}", a.rhs, b.lhs)
        self.same(a.lhs, b.rhs)
        return a.context, a.hypotheses | b.hypotheses

    def assume(self) -> Conclusion:
        """A hypothesis, for all its own indices, in a context that has those that it shares."""
        self.given(0)
        h = self.file.hypothesis(self.get("hypothesis", int))
        self.same(h.lhs, h.rhs)
        return (*self.file.context(self.get("outer", int)), *h.indices), frozenset({h})

    def instantiate(self) -> Conclusion:
        """Values for indices, each in its range; what a hypothesis shares keeps its name."""
        (t,) = self.given(1)
        rule: dict[Basic, Basic] = {k: k for k, _, _ in t.context}
        for k, value in self.get("values", list):
            need(self.file.thing(k) in rule, "{} is no index of the premise", self.file.thing(k))
            rule[self.file.thing(k)] = self.whole(value)
        fixed = {k for h in t.hypotheses for k in h.shared()}
        for k, lo, hi in t.context:
            value, low, high = rule[k], lo.xreplace(rule), hi.xreplace(rule)
            need(letters(value) <= known(self.context), "no range of {} in the context", value)
            need(
                k not in fixed or value == k, "{} is shared with a hypothesis: it may not become {}", k, value
            )
            fits = within(value, low, high, self.context)
            need(fits, "range of {}: {} is not known to lie in {}..{}", k, value, low, high)
        self.same(t.lhs.xreplace(rule), t.rhs.xreplace(rule))
        return self.context, t.hypotheses

    def congruence(self) -> Conclusion:
        """Subterms of the left side are replaced by what the premises say that they equal."""
        paths = self.get("paths", list)
        for h in (h for p in paths for h in p):
            plain = type(h) is int or (type(h) is list and len(h) == 1)
            need(plain, "expected positions and letters in a path, found {!r:.40}", h)
        named = [[h if type(h) is int else self.file.thing(h[0]) for h in p] for p in paths]
        work = list(zip(named, self.given(len(paths)), strict=True))
        self.same(self.lhs, replaced(self.lhs, work, self.context, frozenset()))
        return self.context, frozenset(h for t in self.premises for h in t.hypotheses)

    def ring(self) -> Conclusion:
        """Both sides are equal by the laws of a commutative ring and of finite sums."""
        self.given(0)
        need(
            Ring().equal(self.lhs, self.rhs), "{} and {} do not multiply out to the same", self.lhs, self.rhs
        )
        return self.context, NONE

    def reindex(self) -> Conclusion:
        """sum_k f(k) = sum_k f(pi(k)), for a permutation of the range of the sum."""
        e, pi = self.sum(), self.file.thing(self.get("permutation", int))
        need(
            isinstance(pi, TensorSymbol) and pi.kind == "permutation", "expected a permutation, found {}", pi
        )
        image = pi[(*map(self.whole, self.get("parameters", list)), LETTER)]
        *outer, (lo, hi) = image.ranges()
        for v, (low, high) in zip(image.index, outer, strict=False):
            fits = within(v, low, high, self.context)
            need(fits, "{} is not known to lie in {}..{}, a range of {}", v, low, high, pi)
        need(zero(lo - e.lo) and zero(hi - e.hi), "{} permutes {}..{}, not {}..{}", pi, lo, hi, e.lo, e.hi)
        self.same(e, IndexSum(e.open(LETTER).xreplace({LETTER: image}), (LETTER, e.lo, e.hi)))
        return self.context, NONE

    def contraction(self) -> Conclusion:
        """sum_k [k = v] f(k) = [lo <= v][v <= hi] f(v), for an integer v."""
        e = self.sum()
        factors = Mul.make_args(e.open(LETTER))
        for f in (f for f in factors if isinstance(f, Bracket) and f.relation == "="):
            d = polynomial(f.a - f.b)
            c = d.pop((LETTER,), Fraction(0))
            if abs(c) == 1:
                v = Add(*(Rational(-x / c) * Mul(*m) for m, x in d.items()))
                rest = Mul(*(g for g in factors if g is not f)).xreplace({LETTER: v})
                new = Bracket.at_most(e.lo, v) * Bracket.at_most(v, e.hi) * rest
                if self.rhs == new and LETTER not in v.free_symbols and integral(v):
                    return self.context, NONE
        return refuse(f"no delta of {e} gives {self.rhs}")

    def decide(self) -> Conclusion:
        """A bracket of integers is 1 or 0, where the ranges decide it."""
        self.given(0)
        b = self.lhs
        need(isinstance(b, Bracket) and integral(b), "expected a bracket of integers, found {}", b)
        need(truth(b, self.context) == self.rhs, "the ranges do not say that {} is {}", b, self.rhs)
        return self.context, NONE

    def split(self) -> Conclusion:
        """sum_lo^hi = sum_lo^m + sum_{m+1}^hi, where lo - 1 <= m <= hi."""
        e, m = self.sum(), self.whole(self.get("at", int))
        need(within(m, e.lo - 1, e.hi, self.context), "{} is not known to lie in {}..{}", m, e.lo - 1, e.hi)
        self.same(e, IndexSum(e.body, e.lo, m) + IndexSum(e.body, m + 1, e.hi))
        return self.context, NONE

    def single(self) -> Conclusion:
        """sum_{k=m}^m f(k) = f(m)"""
        e = self.sum()
        need(zero(e.hi - e.lo), "expected a sum over one value, found {}", e)
        self.same(e, e.open(e.lo))
        return self.context, NONE

    def differentiation(self) -> Conclusion:
        """a = b gives da = db."""
        (t,) = self.given(1)
        self.same(differential(t.lhs), differential(t.rhs))
        return t.context, t.hypotheses

    def _arbitrary(self) -> tuple[Sequent, TensorSymbol]:
        """The premise, and a real number of which none of its hypotheses speaks."""
        (t,), u = self.given(1), self.file.thing(self.get("real", int))
        need(is_real(u), "expected a real tensor without index, found {}", u)
        for h in t.hypotheses:
            need(not h.says(u), "{} is free in hypothesis {}", u, h.name)
        return t, u

    def specialise(self) -> Conclusion:
        """A real number u of which nothing is assumed may be any term, and du its differential."""
        t, u = self._arbitrary()
        value = self.file.closed(self.get("value", int), t.context)
        need(
            not (t.lhs.has(PartialDerivative) or t.rhs.has(PartialDerivative)),
            "expected no partial derivative",
        )
        jets = {x for x in t.lhs.free_symbols | t.rhs.free_symbols if descends(x, u)}
        need(jets <= {u, u.tangent()}, "expected no second differential of {}", u)
        rule = {u[()]: value}
        if u.tangent() in jets:
            rule[u.tangent()[()]] = differential(value)
        self.same(t.lhs.xreplace(rule), t.rhs.xreplace(rule))
        return t.context, t.hypotheses

    def derivative(self) -> Conclusion:
        """a = b for all real u gives the derivatives of both by u."""
        t, u = self._arbitrary()
        need(not tangents(t.lhs, t.rhs), "expected no differentials")
        self.same(*(moved(e, lambda x: Integer(x.symbol == u)) for e in (t.lhs, t.rhs)))
        return t.context, t.hypotheses

    def induction(self, down: bool = False) -> Conclusion:
        """P(lo) and P(l) => P(l+1), or P(hi) and P(l+1) => P(l), give P(l) for l in lo..hi, all goals at once."""
        goals = [self.file.hypothesis(n) for n in self.get("goals", list)]
        which, outer = self.get("which", int), self.file.context(self.get("outer", int))
        need(0 <= which < len(goals), "expected one of {} goals, found {}", len(goals), which)
        ((l, lo, hi),) = self.file.limits([self.get("limits", list)])
        self.file.admit((*outer, (l, lo, hi)))
        premises = self.given(2 * len(goals))
        assumed = {g.moved({l: l + 1 if down else l}) for g in goals}
        steps = (*outer, (l, lo, hi - 1))
        left: set[Hypothesis] = set()
        for n, g in enumerate(goals):
            base, step = premises[n], premises[len(goals) + n]
            for t, at, ctx in ((base, hi if down else lo, outer), (step, l if down else l + 1, steps)):
                want = g.moved({l: at})
                found = (t.lhs, t.rhs, want.lhs, want.rhs)
                need(found[:2] == found[2:], "found {} = {} at base or step, not {} = {}", *found)
                need(
                    t.context == (*ctx, *want.indices), "base or step of {} holds in another context", g.name
                )
            left |= base.hypotheses | (step.hypotheses - assumed)
        for h in left:
            need(h.shared() <= known(outer), "an index is free in hypothesis {}", h.name)
            reals = [u for g in goals for u in g.reals if h.says(u)]
            need(not reals, "{} is free in hypothesis {}", reals, h.name)
        self.same(goals[which].lhs, goals[which].rhs)
        return (*outer, (l, lo, hi), *goals[which].indices), frozenset(left)

    def induction_downwards(self) -> Conclusion:
        """The same from hi down."""
        return self.induction(down=True)


RULES = (
    "reflexivity", "symmetry", "transitivity", "assume", "instantiate", "congruence", "ring", "reindex",
    "contraction", "decide", "split", "single", "differentiation", "specialise", "derivative", "induction",
    "induction downwards",
)  # fmt: skip
Work = Sequence[tuple[list[Any], Sequent]]


def replaced(e: Basic, work: Work, ctx: Context, opened: frozenset[Basic]) -> Any:
    """The term with the left sides of some sequents, at their paths, replaced by the right sides."""
    if not work:
        return e
    if any(not path for path, _ in work):
        need(len(work) == 1, "two replacements overlap at {}", e)
        t = work[0][1]
        need(t.lhs == e, "{} is not the left side {}", e, t.lhs)
        for k, lo, hi in t.context:
            fits = (k, lo, hi) in ctx or (k in known(ctx) and within(k, lo, hi, ctx))
            need(fits, "range of {}: the premise needs {}..{}", k, lo, hi)
        for h in t.hypotheses:
            need(not h.shared() & opened, "a bound index is shared with hypothesis {}", h.name)
        return t.rhs
    need(not isinstance(e, PartialDerivative), "{} is no function of the values of its parts", e)
    args = list(e.args)
    heads: dict[Any, list[tuple[list[Any], Sequent]]] = {}
    for path, t in work:
        heads.setdefault(path[0], []).append((path[1:], t))
    names = [h for h in heads if type(h) is not int]
    for n in (h for h in heads if type(h) is int):
        need(isinstance(e, Binder) <= n < len(args), "no argument {} in {}", n, e)
        args[n] = replaced(args[n], heads[n], ctx, opened)
    if not names:
        return e.func(*args)
    need(len(names) == 1 and isinstance(e, Binder), "expected one letter for the index of a sum in {}", e)
    k, taken = names[0], {i for limit in ctx for end in limit for i in letters(end)} | letters(e)
    need(plain(k) and k not in taken, "capture: {} may not name the index of {}", k, e)
    body = replaced(e.open(k), heads[k], (*ctx, (k, e.lo, e.hi)), opened | {k})  # type: ignore[attr-defined]
    return e.func(body, (k, args[1], args[2]))


# -------------------------------------------------------------------------------------------------- files


class _File:
    """A certificate: its terms, hypotheses and contexts, each admitted once; then its steps, in order."""

    def __init__(self, data: Any) -> None:
        parts = ["contexts", "format", "hypotheses", "steps", "table", "theorems", "version"]
        need(isinstance(data, dict) and sorted(data) == parts, "expected an object of {}", ", ".join(parts))
        good = (data["format"], data["version"]) == (FORMAT, VERSION) and type(data["version"]) is int
        need(good, "expected {}, version {}", FORMAT, VERSION)
        for name in ("contexts", "hypotheses", "steps"):
            short = isinstance(data[name], list) and len(data[name]) <= STEPS
            need(short, "expected a list of at most {} {}", STEPS, name)
        self.data, self.start = data, time.monotonic()
        self.rows = table(data["table"])
        self.sequents: list[Sequent] = []
        with within_one_line("contexts"):
            self.contexts = [self.admit(self.limits(c)) for c in data["contexts"]]
        with within_one_line("hypotheses"):
            self.hypotheses = [self._hypothesis(*h) for h in data["hypotheses"]]

    def thing(self, n: Any) -> Any:
        """The name or term of a row."""
        return _at(self.rows, n).thing

    def closed(self, n: Any, ctx: Context | None, what: str = "scalar") -> Expr:
        """A number without a loose index, whose letters the context has."""
        row = _at(self.rows, n, what)
        need(not row.lacks and not row.slots, "{} has a bound index outside its sum", row.thing)
        need(ctx is None or letters(row.thing) <= known(ctx), "a letter of {} has no range", row.thing)
        return row.thing  # type: ignore[no-any-return]

    def limits(self, rows: Any) -> Context:
        """Indices with integers as ends of their ranges."""
        return tuple(
            (self.thing(k), self.closed(lo, None, "whole"), self.closed(hi, None, "whole"))
            for k, lo, hi in rows
        )

    def admit(self, ctx: Context) -> Context:
        """A context: each index plain and new, its range in terms of those before it."""
        for n, (k, lo, hi) in enumerate(ctx):
            before = known(ctx[:n])
            need(plain(k) and k not in before, "expected a new index, found {}", k)
            need(letters(lo) | letters(hi) <= before, "expected a range of {} in terms of those before it", k)
        return ctx

    def context(self, n: Any) -> Context:
        """A context by its number."""
        need(type(n) is int and 0 <= n < len(self.contexts), "expected a context, found {!r:.40}", n)
        return self.contexts[n]

    def hypothesis(self, n: Any) -> Hypothesis:
        """A hypothesis by its number."""
        need(type(n) is int and 0 <= n < len(self.hypotheses), "expected a hypothesis, found {!r:.40}", n)
        return self.hypotheses[n]

    def _hypothesis(self, name: Any, kind: Any, lhs: Any, rhs: Any, limits: Any, reals: Any) -> Hypothesis:
        need(isinstance(name, str) and name and name.isprintable(), "expected a name, found {!r:.40}", name)
        need(kind in KINDS, "expected a kind of {}", ", ".join(KINDS))
        own, sides = tuple(map(self.thing, reals)), [self.closed(e, None) for e in (lhs, rhs)]
        need(all(map(is_real, own)), "expected reals without index")
        need(not (own and tangents(*sides)), "expected no differentials in a law for all real numbers")
        return Hypothesis(name, kind, sides[0], sides[1], self.limits(limits), own)

    def replay(self) -> Replayed:
        """Every step, and then what the theorems say."""
        counts = dict.fromkeys(RULES, 0)
        for n, row in enumerate(self.data["steps"]):
            rule = row.get("rule") if isinstance(row, dict) else None
            with within_one_line(f"step {n}, {str(rule)[:40]}"):
                need(time.monotonic() - self.start < SECONDS, "expected at most {} s", SECONDS)
                need(rule in RULES, "expected a rule of {}", ", ".join(RULES))
                step = Step(self, row, n)
                ctx, hypotheses = getattr(step, rule.replace(" ", "_"))()
                need(self.admit(ctx) == step.context, "the conclusion holds in another context")
                shown = [self.hypothesis(h) for h in step.get("hypotheses", list)]
                need(frozenset(shown) == hypotheses, "the conclusion has other hypotheses")
                need(len({h.name for h in hypotheses}) == len(shown), "two hypotheses have one name")
                for h in hypotheses:
                    need(h.shared() <= known(ctx), "an index of hypothesis {} has no range", h.name)
                self.sequents.append(Sequent(ctx, hypotheses, step.lhs, step.rhs))
                counts[rule] += 1
        named, found = self.data["theorems"], {}
        need(isinstance(named, dict) and named, "expected theorems by name")
        for name, n in named.items():
            need(type(n) is int and 0 <= n < len(self.sequents), "theorem {}: expected a step", name[:40])
            found[name] = readable(self.sequents[n])
        return Replayed(found, len(self.sequents), counts)


@contextmanager
def within_one_line(where: str) -> Iterator[None]:
    """Whatever a hostile file provokes becomes one line that says where."""
    try:
        yield
    except Exception as error:
        text = " ".join(f"{where}: {error or type(error).__name__}".split())
        raise CheckerError(text[:500]) from None


def readable(t: Sequent) -> Sequent:
    """The sequent, if no two of its names look the same to a reader."""
    seen: dict[Any, Basic] = {}
    waiting = [t.lhs, t.rhs, *(e for limit in t.context for e in limit)]
    waiting += [e for h in t.hypotheses for e in h.terms()]
    for e in {x for w in waiting for x in preorder_traversal(w)}:
        looks: list[Any] = [("symbol", e.name)] if isinstance(e, Symbol) else []
        if isinstance(e, TensorSymbol):
            looks = [("tensor", e.name), ("tensor", e.latex_name, e.style, e.mark)]
            inside = [s for axis in e.axes for end in axis for s in preorder_traversal(end)]
            need(
                all(
                    seen.setdefault(("tensor", s.name), s) == s for s in inside if isinstance(s, TensorSymbol)
                ),
                "two sizes look alike",
            )
        elif isinstance(e, ScalarFunction | Functional):
            looks = [("function", e.name), ("function", "printed", e.latex_name)]
        for look in looks:
            need(seen.setdefault(look, e) == e, "two different things are both shown as {}", e)
    return t


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    need(len(dict(pairs)) == len(pairs), "expected each key once")
    return dict(pairs)


def _integer(text: str) -> int:
    need(len(text) <= DIGITS, "expected integers of at most {} digits", DIGITS)
    return int(text)


def replay(text: str) -> Replayed:
    """What a certificate proves; CheckerError, in one line, for anything else.

    >>> replay("[]")
    Traceback (most recent call last):
    symderive.proof.checker.CheckerError: expected an object of contexts, format, hypotheses, steps, table, ...
    """
    need(isinstance(text, str) and len(text) <= BYTES, "expected a text of at most {} bytes", BYTES)
    with within_one_line("JSON"):
        hooks = {"parse_int": _integer, "parse_float": refuse, "parse_constant": refuse}
        data = json.loads(text, object_pairs_hook=_object, **hooks)
    return _File(data).replay()


__all__ = ["CheckerError", "Hypothesis", "Replayed", "Sequent", "replay"]
