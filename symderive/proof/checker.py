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
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple, NoReturn

from sympy import Add, Expr, Integer, Mul, Pow, Rational, Symbol, Tuple, exp, log
from sympy.core.basic import Basic
from sympy.core.symbol import Str

from symderive.calculus.atoms import (
    BoundIndex,
    CalculusError,
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
BYTES, ROWS, STEPS, DEPTH, DIGITS, POWER, LETTERS = 60_000_000, 400_000, 200_000, 100, 60, 16, 200
MONOMIALS, ATTEMPTS, SECONDS = 20_000, 50_000, 300.0
KINDS = ("definition", "assumption", "citation", "induction")

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
        need(not used & {k for k, _, _ in self.indices}, "capture of an own index of hypothesis {}", self.name)
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

    def _pair(self, left: Sequence[Basic], right: Sequence[Basic], mine: set[Symbol], names: Names) -> Iterator[Names]:
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

    def _each(self, left: Sequence[Basic], right: Sequence[Basic], mine: set[Symbol], names: Names) -> Iterator[Names]:
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


def _through(e: FunctionalValue, m: int, f: Expr, index: tuple[Symbol, ...], d: Callable[[Entry], Expr]) -> Expr:
    """The chain rule over the entries of family m."""
    if isinstance(f, Family):
        k = Symbol(f" {len(index)}", integer=True)
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
    lacks: int = 0
    slots: int = 0


def table(rows: Any) -> list[Row]:
    """The names and terms of a certificate, each admitted as what is a number whatever its names stand for."""
    need(isinstance(rows, list) and len(rows) <= ROWS, "expected a list of at most {} rows as table", ROWS)
    found: list[Row] = []
    for n, row in enumerate(rows):
        try:
            need(isinstance(row, list) and row and isinstance(row[0], str), "expected a list with a head")
            head = row[0]
            need(head in LEAVES or head in TERMS, "expected a head of {}", ', '.join((*LEAVES, *TERMS)))
            found.append(LEAVES[head](found, *row[1:]) if head in LEAVES else _term(found, head, row[1:]))
        except (CheckerError, CalculusError, TypeError, ValueError, IndexError) as error:
            refuse(f"row {n} of the table: {str(error)[:300]}")
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


def _word(s: Any) -> str:
    good = isinstance(s, str) and len(s) <= LETTERS and s == s.strip() and s.isprintable()
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
        need(_positive(thing.args[0]), "expected the logarithm of what is known to be positive, found {}", thing)
    whole = (
        (made in (Add, Mul, Bracket) and all(p.whole for p in parts))
        or (made is Entry and thing.symbol.kind != "real")
        or (made is Pow and parts[0].whole and thing.exp.is_Integer and thing.exp > 0)
    )
    binds = made in (IndexSum, Family)
    depth = 1 + max((p.depth for p in parts), default=0)
    need(depth <= DEPTH, "expected terms nested at most {} deep", DEPTH)
    lacks = max((p.lacks - (binds and n == 0) for n, p in enumerate(parts)), default=0)
    slots = max((p.slots for p in parts), default=0)
    return Row(thing, "family" if made is Family else "scalar", bool(whole), depth, lacks, slots)


def _tensor(found: Sequence[Row], name: Any, axes: Any, sup: Any, look: Any, kind: Any, own: Any, *marks: Any) -> Row:
    ranges = [[_at(found, n, "whole") for n in axis] for axis in axes]
    for p, end in ((p, end) for p, axis in enumerate(ranges) for end in axis):
        closed = not letters(end.thing) and not end.lacks and not end.thing.has(Bracket)
        need(closed and end.slots <= p, "expected a range of sizes and earlier indices, found {}", end.thing)
    need(kind != "permutation" or ranges, "expected a permutation with an index")
    need(len(marks) == 2, "expected a style and a mark")
    shown = (_word(look), _word(kind), [*map(_word, own)], *map(_word, marks))
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
    return _positive(e.base) if isinstance(e, Pow) else isinstance(e, exp) or bool(e.is_Rational and e > 0) or _at_least_one(e)


def _not_negative(e: Basic) -> bool:
    """Whether e >= 0 is seen from its form."""
    if isinstance(e, Add | Mul):
        return all(map(_not_negative, e.args))
    if isinstance(e, Pow):
        return _not_negative(e.base) or bool(e.exp.is_Integer and e.exp % 2 == 0)
    return _not_negative(e.body) if isinstance(e, IndexSum) else isinstance(e, Bracket) or e == 0 or _positive(e)


# ------------------------------------------------------------------------------------------------- rules


class Step:
    """One step as the file has it: its arguments, the sequents of its premises, and the claimed conclusion."""

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

    def one(self) -> Sequent:
        """The only premise."""
        need(len(self.premises) == 1, "expected one premise, found {}", len(self.premises))
        return self.premises[0]

    def sum(self) -> IndexSum:
        """The left side, a sum; and no premise."""
        need(not self.premises, "expected no premise, found {}", len(self.premises))
        need(isinstance(self.lhs, IndexSum), "expected a sum, found {}", self.lhs)
        return self.lhs  # type: ignore[no-any-return]

    def integer(self, name: str) -> Expr:
        """An argument that is an integer in the context."""
        return self.file.closed(self.get(name, int), self.context, "whole")

    def real(self) -> TensorSymbol:
        """A real number of which no hypothesis speaks."""
        u = self.file.thing(self.get("real", int))
        need(_is_real(u), "expected a real tensor without index, found {}", u)
        for h in self.one().hypotheses:
            need(not h.says(u), "{} is free in hypothesis {}", u, h.name)
        return u  # type: ignore[no-any-return]

    def same(self, lhs: Expr, rhs: Expr, what: str = "the conclusion") -> None:
        """The conclusion must be this equation."""
        need((self.lhs, self.rhs) == (lhs, rhs), "{} is {} = {}, found {} = {}", what, lhs, rhs, self.lhs, self.rhs)


def _is_real(u: Any) -> bool:
    return isinstance(u, TensorSymbol) and (u.kind, u.rank, u.style) == ("real", 0, "plain")


def _no_tangents(*terms: Expr) -> None:
    for s in {s for e in terms for s in e.free_symbols}:
        need(not (isinstance(s, TensorSymbol) and "tangent" in s.style), "expected no differentials, found {}", s)


Conclusion = tuple[Context, frozenset[Hypothesis]]
NONE: frozenset[Hypothesis] = frozenset()


def reflexivity(s: Step) -> Conclusion:
    """e = e"""
    need(not s.premises, "expected no premise")
    s.same(s.lhs, s.lhs)
    return s.context, NONE


def symmetry(s: Step) -> Conclusion:
    """a = b gives b = a."""
    t = s.one()
    s.same(t.rhs, t.lhs)
    return t.context, t.hypotheses


def transitivity(s: Step) -> Conclusion:
    """a = b and b = c give a = c, in one context."""
    need(len(s.premises) == 2, "expected two premises, found {}", len(s.premises))
    a, b = s.premises
    need(a.context == b.context, "expected one context for both premises")
    need(a.rhs == b.lhs, "middle terms differ: {} and {}", a.rhs, b.lhs)
    s.same(a.lhs, b.rhs)
    return a.context, a.hypotheses | b.hypotheses


def assume(s: Step) -> Conclusion:
    """A hypothesis, for all its own indices, in a context that has those that it shares."""
    need(not s.premises, "expected no premise")
    h = s.file.hypothesis(s.get("hypothesis", int))
    s.same(h.lhs, h.rhs)
    return (*s.file.context(s.get("outer", int)), *h.indices), frozenset({h})


def instantiate(s: Step) -> Conclusion:
    """Values for indices, each in its range; what a hypothesis shares keeps its name."""
    t = s.one()
    own = [k for k, _, _ in t.context]
    rule: dict[Basic, Basic] = {k: k for k in own}
    for pair in s.get("values", list):
        need(isinstance(pair, list) and len(pair) == 2, "expected pairs of an index and a value")
        k = s.file.thing(pair[0])
        need(k in own, "{} is no index of the premise", k)
        rule[k] = s.file.closed(pair[1], s.context, "whole")
    fixed = {k for h in t.hypotheses for k in h.shared()}
    known = {k for k, _, _ in s.context}
    for k, lo, hi in t.context:
        value = rule[k]
        need(letters(value) <= known, "expected a value of {} in the context, found {}", k, value)
        need(k not in fixed or value == k, "{} is shared with a hypothesis, and may not become {}", k, value)
        low, high = lo.xreplace(rule), hi.xreplace(rule)
        need(within(value, low, high, s.context), "{} is not known to lie in {}..{}, the range of {}", value, low, high, k)
    s.same(t.lhs.xreplace(rule), t.rhs.xreplace(rule))
    return s.context, t.hypotheses


def congruence(s: Step) -> Conclusion:
    """Subterms of the left side are replaced by what the premises say that they equal."""
    paths = s.get("paths", list)
    need(len(paths) == len(s.premises), "expected a path for each premise")
    work = []
    for p, t in zip(paths, s.premises, strict=True):
        need(isinstance(p, list), "expected a path of positions and letters")
        work.append(([s.file.thing(h[0]) if isinstance(h, list) and len(h) == 1 else h for h in p], t))
    s.same(s.lhs, _replaced(s.lhs, work, s.context, frozenset()))
    return s.context, frozenset(h for t in s.premises for h in t.hypotheses)


def _replaced(e: Basic, work: list[tuple[list[Any], Sequent]], ctx: Context, opened: frozenset[Basic]) -> Any:
    if not work:
        return e
    if any(not path for path, _ in work):
        need(len(work) == 1, "two replacements overlap at {}", e)
        t = work[0][1]
        need(t.lhs == e, "{} is not the left side {}", e, t.lhs)
        ranges = {k: (lo, hi) for k, lo, hi in ctx}
        for k, lo, hi in t.context:
            fits = k in ranges and (ranges[k] == (lo, hi) or within(k, lo, hi, ctx))
            need(fits, "the premise needs {} in {}..{}", k, lo, hi)
        for h in t.hypotheses:
            need(not h.shared() & opened, "a bound index is shared with hypothesis {}", h.name)
        return t.rhs
    need(not isinstance(e, PartialDerivative), "{} is no function of the values of its parts", e)
    args = list(e.args)
    inner = [(path[1:], t) for path, t in work if isinstance(path[0], Symbol)]
    names = {path[0] for path, _ in work if isinstance(path[0], Symbol)}
    for n in sorted({path[0] for path, _ in work if not isinstance(path[0], Symbol)}, key=repr):
        need(type(n) is int and isinstance(e, Binder) <= n < len(args), "no argument {!r} in {}", n, e)
        args[n] = _replaced(args[n], [(p[1:], t) for p, t in work if p[0] is n or p[0] == n], ctx, opened)
    if not names:
        return e.func(*args)
    need(len(names) == 1 and isinstance(e, Binder), "expected one letter for the index of a sum in {}", e)
    (k,) = names
    taken = {i for limit in ctx for end in limit for i in letters(end)}
    need(_plain(k) and k not in taken and k not in letters(e), "capture: {} may not name the index of {}", k, e)
    body = _replaced(e.open(k), inner, (*ctx, (k, e.lo, e.hi)), opened | {k})  # type: ignore[attr-defined]
    return e.func(body, (k, args[1], args[2]))


def _plain(k: Basic) -> bool:
    return isinstance(k, Symbol) and k == Symbol(k.name, integer=True)


def ring(s: Step) -> Conclusion:
    """Both sides are equal by the laws of a commutative ring and of finite sums."""
    need(not s.premises, "expected no premise")
    need(Ring().equal(s.lhs, s.rhs), "{} and {} are not multiplied out to the same", s.lhs, s.rhs)
    return s.context, NONE


def reindex(s: Step) -> Conclusion:
    """sum_k f(k) = sum_k f(pi(k)), for a permutation of the range of the sum."""
    e, pi = s.sum(), s.file.thing(s.get("permutation", int))
    need(isinstance(pi, TensorSymbol) and pi.kind == "permutation", "expected a permutation, found {}", pi)
    values = [s.file.closed(n, s.context, "whole") for n in s.get("parameters", list)]
    need(len(values) == pi.rank - 1, "expected {} parameters of {}, found {}", pi.rank - 1, pi, len(values))
    k = Symbol(" k", integer=True)
    image = pi[(*values, k)]
    *outer, (lo, hi) = image.ranges()
    for v, (low, high) in zip(values, outer, strict=True):
        need(within(v, low, high, s.context), "{} is not known to lie in {}..{}, a range of {}", v, low, high, pi)
    need(zero(lo - e.lo) and zero(hi - e.hi), "{} permutes {}..{}, the sum runs over {}..{}", pi, lo, hi, e.lo, e.hi)
    s.same(e, IndexSum(e.open(k).xreplace({k: image}), (k, e.lo, e.hi)))
    return s.context, NONE


def contraction(s: Step) -> Conclusion:
    """sum_k [k = v] f(k) = [lo <= v][v <= hi] f(v)"""
    e = s.sum()
    k = Symbol(" k", integer=True)
    factors = Mul.make_args(e.open(k))
    for f in factors:
        if isinstance(f, Bracket) and f.relation == "=":
            d = polynomial(f.a - f.b)
            c = d.pop((k,), Fraction(0))
            if abs(c) == 1 and not any(k in a.free_symbols for m in d for a in m) and all(x.denominator == 1 for x in d.values()):
                v = Add(*(Integer(int(-x / c)) * Mul(*m) for m, x in d.items()))
                rest = Mul(*(g for g in factors if g is not f)).xreplace({k: v})
                if s.rhs == Bracket.at_most(e.lo, v) * Bracket.at_most(v, e.hi) * rest:
                    return s.context, NONE
    return refuse(f"no delta of {e} gives {s.rhs}")


def decide(s: Step) -> Conclusion:
    """A bracket of integers is 1 or 0, where the ranges decide it."""
    need(not s.premises and isinstance(s.lhs, Bracket), "expected a bracket, found {}", s.lhs)
    whole = all(s.file.is_whole(e) for e in (s.lhs.a, s.lhs.b))
    need(whole and truth(s.lhs, s.context) == s.rhs, "the ranges do not say that {} is {}", s.lhs, s.rhs)
    return s.context, NONE


def split(s: Step) -> Conclusion:
    """sum_lo^hi = sum_lo^m + sum_{m+1}^hi"""
    e, m = s.sum(), s.integer("at")
    need(within(m, e.lo - 1, e.hi, s.context), "{} is not known to lie in {}..{}", m, e.lo - 1, e.hi)
    s.same(e, IndexSum(e.body, e.lo, m) + IndexSum(e.body, m + 1, e.hi))
    return s.context, NONE


def single(s: Step) -> Conclusion:
    """sum_{k=m}^m f(k) = f(m)"""
    e = s.sum()
    need(zero(e.hi - e.lo), "expected a sum over one value, found {}", e)
    s.same(e, e.open(e.lo))
    return s.context, NONE


def differentiation(s: Step) -> Conclusion:
    """a = b gives da = db."""
    t = s.one()
    s.same(differential(t.lhs), differential(t.rhs))
    return t.context, t.hypotheses


def specialise(s: Step) -> Conclusion:
    """A real number u of which nothing is assumed may be any term, and du its differential."""
    t, u = s.one(), s.real()
    value = s.file.closed(s.get("value", int), s.context)
    need(letters(value) <= {k for k, _, _ in t.context}, "expected a value in the context, found {}", value)
    need(not (t.lhs.has(PartialDerivative) or t.rhs.has(PartialDerivative)), "expected no partial derivative")
    jets = {x for e in (t.lhs, t.rhs) for x in e.free_symbols if descends(x, u)}
    need(jets <= {u, u.tangent()}, "expected no second differential of {}", u)
    rule = {u[()]: value}
    if u.tangent() in jets:
        rule[u.tangent()[()]] = differential(value)
    s.same(t.lhs.xreplace(rule), t.rhs.xreplace(rule))
    return t.context, t.hypotheses


def derivative(s: Step) -> Conclusion:
    """a = b for all real u gives the derivatives of both by u."""
    t, u = s.one(), s.real()
    _no_tangents(t.lhs, t.rhs)
    s.same(*(moved(e, lambda x: Integer(x.symbol == u)) for e in (t.lhs, t.rhs)))
    return t.context, t.hypotheses


def _induction(down: bool) -> Callable[[Step], Conclusion]:
    def rule(s: Step) -> Conclusion:
        goals = [s.file.hypothesis(n) for n in s.get("goals", list)]
        which, outer = s.get("which", int), s.file.context(s.get("outer", int))
        limits = s.get("limits", list)
        need(len(limits) == 3 and 0 <= which < len(goals), "expected an index with its range, and a goal")
        l, lo, hi = (s.file.thing(n) for n in limits)
        s.file.admit((*outer, (l, lo, hi)))
        need(len(s.premises) == 2 * len(goals), "expected two premises for each of {} goals", len(goals))
        known = {k for k, _, _ in outer}
        given = {g.moved({l: l + 1} if down else {l: l}) for g in goals}
        left: set[Hypothesis] = set()
        for n, g in enumerate(goals):
            base, step = s.premises[n], s.premises[len(goals) + n]
            for name, t, at, ctx in (
                ("base", base, {l: hi if down else lo}, outer),
                ("step", step, {l: l if down else l + 1}, (*outer, (l, lo, hi - 1))),
            ):
                want = g.moved(at)
                need((t.lhs, t.rhs) == (want.lhs, want.rhs), "the {} is {} = {}, not {} = {}", name, t.lhs, t.rhs, want.lhs, want.rhs)
                need(t.context == (*ctx, *want.indices), "the {} holds in another context", name)
            left |= base.hypotheses | (step.hypotheses - given)
        for h in left:
            need(h.shared() <= known, "an index is free in hypothesis {}", h.name)
            need(not any(h.says(u) for g in goals for u in g.reals), "a real of a goal is free in hypothesis {}", h.name)
        s.same(goals[which].lhs, goals[which].rhs)
        return (*outer, (l, lo, hi), *goals[which].indices), frozenset(left)

    return rule


RULES: dict[str, Callable[[Step], Conclusion]] = {
    f.__name__: f
    for f in (
        reflexivity, symmetry, transitivity, assume, instantiate, congruence, ring, reindex, contraction, decide,
        split, single, differentiation, specialise, derivative,
    )
} | {"induction": _induction(False), "induction downwards": _induction(True)}  # fmt: skip


# -------------------------------------------------------------------------------------------------- files


class _File:
    """A certificate: its terms, hypotheses and contexts, each admitted once."""

    def __init__(self, data: Any) -> None:
        need(isinstance(data, dict), "expected an object")
        parts = {"format", "version", "table", "hypotheses", "contexts", "steps", "theorems"}
        need(set(data) == parts, "expected the parts {}", ', '.join(sorted(parts)))
        need((data["format"], data["version"]) == (FORMAT, VERSION), "expected {} version {}", FORMAT, VERSION)
        self.data, self.start = data, time.monotonic()
        self.rows = table(data["table"])
        self.whole = {r.thing for r in self.rows if r.whole}
        self.contexts = [self._context(c) for c in self._list("contexts")]
        self.hypotheses = [self._hypothesis(n, h) for n, h in enumerate(self._list("hypotheses"))]
        self.sequents: list[Sequent] = []

    def _list(self, name: str) -> list[Any]:
        found = self.data[name]
        need(isinstance(found, list) and len(found) <= STEPS, "expected a list of at most {} {}", STEPS, name)
        return found  # type: ignore[no-any-return]

    def thing(self, n: Any) -> Any:
        """The name or term of a row."""
        return _at(self.rows, n).thing

    def is_whole(self, e: Basic) -> bool:
        """Whether a term of the table is an integer."""
        return e in self.whole

    def closed(self, n: Any, ctx: Context | None, what: str = "scalar") -> Expr:
        """A number whose indices the context has."""
        row = _at(self.rows, n, what)
        need(not row.lacks and not row.slots, "{} has a bound index outside its sum", row.thing)
        missing = letters(row.thing) - {k for k, _, _ in ctx} if ctx is not None else ()
        need(not missing, "no range of {} in the context of {}", min(map(str, missing), default=''), row.thing)
        return row.thing

    def admit(self, ctx: Context) -> Context:
        """A context: each index plain and new, its range in terms of those before it."""
        known: set[Symbol] = set()
        for k, lo, hi in ctx:
            need(_plain(k) and k not in known, "expected a new plain index, found {}", k)
            need(letters(lo) | letters(hi) <= known, "expected the range of {} in terms of indices before it", k)
            known.add(k)
        return ctx

    def _limits(self, rows: Any) -> Context:
        need(isinstance(rows, list), "expected a list of ranges")
        for r in rows:
            need(isinstance(r, list) and len(r) == 3, "expected an index with two ends")
        return tuple((self.thing(k), self.closed(a, None, "whole"), self.closed(b, None, "whole")) for k, a, b in rows)

    def _context(self, rows: Any) -> Context:
        return self.admit(self._limits(rows))

    def context(self, n: int) -> Context:
        """A context by its number."""
        need(0 <= n < len(self.contexts), "expected a context, found {}", n)
        return self.contexts[n]

    def hypothesis(self, n: Any) -> Hypothesis:
        """A hypothesis by its number."""
        need(type(n) is int and 0 <= n < len(self.hypotheses), "expected a hypothesis, found {!r:.40}", n)
        return self.hypotheses[n]

    def _hypothesis(self, n: int, row: Any) -> Hypothesis:
        need(isinstance(row, list) and len(row) == 6, "hypothesis {}: expected six parts", n)
        name, kind, lhs, rhs, limits, reals = row
        need(isinstance(name, str) and name.isprintable() and kind in KINDS, "hypothesis {}: expected a name and a kind", n)
        own = tuple(self.thing(u) for u in reals)
        sides = [self.closed(e, None) for e in (lhs, rhs)]
        if own:
            need(all(map(_is_real, own)), "hypothesis {}: expected real tensors without index", n)
            _no_tangents(*sides)
        return Hypothesis(name, kind, sides[0], sides[1], self._limits(limits), own)

    def replay(self) -> Replayed:
        """Every step, in order."""
        counts: dict[str, int] = {}
        for n, row in enumerate(self._list("steps")):
            need(time.monotonic() - self.start < SECONDS, "expected at most {} s, reached step {}", SECONDS, n)
            name = row.get("rule") if isinstance(row, dict) else None
            try:
                need(isinstance(name, str) and name in RULES, "expected a known rule, found {!r}", str(name)[:40])
                step = Step(self, row, n)
                ctx, hypotheses = RULES[str(name)](step)
                self.admit(ctx)
                need(ctx == step.context, "the conclusion holds in another context")
                shown = {self.hypothesis(h) for h in step.get("hypotheses", list)}
                need(shown == hypotheses, "the conclusion has other hypotheses")
                names = [h.name for h in hypotheses]
                need(len(set(names)) == len(names), "two different hypotheses have one name")
                for h in hypotheses:
                    need(h.shared() <= {k for k, _, _ in ctx}, "an index of hypothesis {} has no range", h.name)
            except (CheckerError, CalculusError, TypeError, ValueError, KeyError, RecursionError) as error:
                refuse(f"step {n}, {str(name)[:40]}: {str(error)[:500]}")
            self.sequents.append(Sequent(ctx, hypotheses, step.lhs, step.rhs))
            counts[str(name)] = counts.get(str(name), 0) + 1
        named = self.data["theorems"]
        need(isinstance(named, dict) and named, "expected theorems by name")
        found = {}
        for name, n in named.items():
            need(type(n) is int and 0 <= n < len(self.sequents), "theorem {}: expected a step", name[:40])
            found[name] = self.sequents[n]
            readable(found[name])
        return Replayed(found, len(self.sequents), dict(sorted(counts.items())))


def readable(t: Sequent) -> None:
    """No two names of a theorem look the same to a reader."""
    terms = [t.lhs, t.rhs, *(e for limit in t.context for e in limit), *(e for h in t.hypotheses for e in h.terms())]
    seen: dict[Any, Basic] = {}
    waiting: list[Basic] = list(terms)
    done: set[Basic] = set()
    while waiting:
        e = waiting.pop()
        if e in done:
            continue
        done.add(e)
        waiting += e.args
        looks: list[Any] = [("symbol", e.name)] if isinstance(e, Symbol) else []
        if isinstance(e, TensorSymbol):
            waiting += [end for axis in e.axes for end in axis]
            looks = [("tensor", e.name), ("tensor", e.latex_name, e.style, e.mark)]
        elif isinstance(e, ScalarFunction | Functional):
            looks = [("function", e.name), ("function", "printed", e.latex_name)]
        for look in looks:
            need(seen.setdefault(look, e) == e, "two different things are both shown as {}", e)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    need(len({k for k, _ in pairs}) == len(pairs), "expected each key once")
    return dict(pairs)


def _integer(text: str) -> int:
    need(len(text) <= DIGITS, "expected integers of at most {} digits", DIGITS)
    return int(text)


def replay(text: str) -> Replayed:
    """What a certificate proves; CheckerError, in one line, for anything else.

    >>> replay("{}")
    Traceback (most recent call last):
    symderive.proof.checker.CheckerError: expected the parts contexts, format, hypotheses, steps, table, ...
    """
    need(isinstance(text, str) and len(text) <= BYTES, "expected a text of at most {} bytes", BYTES)
    try:
        data = json.loads(text, object_pairs_hook=_object, parse_int=_integer, parse_float=refuse, parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        refuse(f"expected JSON: {str(error)[:200]}")
    return _File(data).replay()


__all__ = ["CheckerError", "Hypothesis", "Replayed", "Sequent", "replay"]
