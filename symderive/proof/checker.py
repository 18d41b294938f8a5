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

from sympy import Add, Expr, Integer, Mul, Pow, Rational, Symbol, exp, log
from sympy.core.basic import Basic

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


def need(holds: object, condition: str) -> None:
    """Refuse unless it holds."""
    if not holds:
        refuse(condition)


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
        need(not used & {k for k, _, _ in self.indices}, f"capture of an own index of hypothesis {self.name}")
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


class Monomial(NamedTuple):
    """c sum_{bound} product of factor^exponent; bound letters have names that nothing else has."""

    coefficient: Fraction
    bound: Context
    factors: dict[Expr, Fraction]


class Ring:
    """Whether two terms are equal: both are multiplied out, and monomials matched up to names of indices."""

    def __init__(self) -> None:
        self.names = 0
        self.attempts = 0

    def equal(self, a: Expr, b: Expr) -> bool:
        """Whether every monomial of a - b cancels."""
        if a == b:
            return True
        left: dict[Any, list[tuple[Monomial, Fraction]]] = {}
        for sign, e in ((1, a), (-1, b)):
            for m in self.expanded(e):
                found = left.setdefault(_look(m), [])
                for n, (other, c) in enumerate(found):
                    if self.match(m, other):
                        found[n] = (other, c + sign * m.coefficient)
                        break
                else:
                    found.append((m, sign * m.coefficient))
        return all(c == 0 for found in left.values() for _, c in found)

    def letter(self) -> Symbol:
        """A name that no file can contain."""
        self.names += 1
        return Symbol(f" {self.names}", integer=True)

    def expanded(self, e: Expr) -> list[Monomial]:
        """The term as a sum of monomials."""
        found = self._expanded(e)
        need(len(found) <= MONOMIALS, f"expected at most {MONOMIALS} monomials, found more")
        return [m for m in map(self._without_idle, found) if m.coefficient]

    def _expanded(self, e: Expr) -> list[Monomial]:
        if isinstance(e, Rational):
            return [Monomial(Fraction(int(e.p), int(e.q)), (), {})]
        if isinstance(e, Add):
            return [m for a in e.args for m in self.expanded(a)]
        if isinstance(e, Mul):
            return self._product([self.expanded(a) for a in e.args])
        if isinstance(e, IndexSum):
            k = self.letter()
            own = (k, e.lo, e.hi)
            return [m._replace(bound=(own, *m.bound)) for m in self.expanded(e.open(k))]
        if isinstance(e, Pow) and isinstance(e.exp, Integer) and e.exp > 0 and _opens(e.base):
            need(e.exp <= POWER, f"expected an exponent of at most {POWER}, found {e.exp}")
            return self._product([self.expanded(e.base) for _ in range(int(e.exp))])
        if isinstance(e, Pow) and isinstance(e.exp, Rational):
            return [Monomial(Fraction(1), (), {e.base: Fraction(int(e.exp.p), int(e.exp.q))})]
        if isinstance(e, exp):  # e^{a + c b} = e^a (e^b)^c
            factors: dict[Expr, Fraction] = {}
            for a in Add.make_args(e.args[0]):
                c, rest = a.as_coeff_Mul()
                base, power = (exp(rest), c) if rest != 1 else (exp(Integer(1)), c)
                factors[base] = factors.get(base, Fraction(0)) + Fraction(int(power.p), int(power.q))
            return [Monomial(Fraction(1), (), factors)]
        return [Monomial(Fraction(1), (), {e: Fraction(1)})]

    def _product(self, parts: Sequence[list[Monomial]]) -> list[Monomial]:
        total = [Monomial(Fraction(1), (), {})]
        for part in parts:
            need(len(total) * len(part) <= MONOMIALS, f"expected at most {MONOMIALS} monomials, found more")
            total = [self._times(m, n) for m in total for n in part]
        return total

    def _times(self, m: Monomial, n: Monomial) -> Monomial:
        factors = dict(m.factors)
        for f, x in n.factors.items():
            factors[f] = Fraction(1) if isinstance(f, Bracket) else factors.get(f, Fraction(0)) + x
        kept = {f: x for f, x in factors.items() if x}
        return Monomial(m.coefficient * n.coefficient, m.bound + n.bound, kept)

    def _without_idle(self, m: Monomial) -> Monomial:
        """A sum whose index nothing uses is its length times the rest, where the length is not negative."""
        used = {s for f in m.factors for s in f.free_symbols}
        used |= {s for _, lo, hi in m.bound for s in (*lo.free_symbols, *hi.free_symbols)}
        kept, extra = [], dict(m.factors)
        coefficient = m.coefficient
        for k, lo, hi in m.bound:
            length = polynomial(hi - lo + 1)
            single = next(iter(length.items()), ((), Fraction(0))) if len(length) < 2 else None
            if k in used or single is None or not nonnegative(hi - lo + 1, ()):
                kept.append((k, lo, hi))
                continue
            coefficient *= single[1]
            for a in single[0]:
                extra[a] = extra.get(a, Fraction(0)) + 1
        return Monomial(coefficient, tuple(kept), {f: x for f, x in extra.items() if x})

    # ---------------------------------------------------------------------------------------- matching

    def match(self, m: Monomial, n: Monomial) -> bool:
        """Whether m is n but for the names of bound indices."""
        mine, other = {k for k, _, _ in m.bound}, {k for k, _, _ in n.bound}
        if len(mine) != len(other) or len(m.factors) != len(n.factors):
            return False
        # first what says most about the names: entries before functions of sums
        left = sorted(m.factors.items(), key=lambda f: (not isinstance(f[0], Entry), len(str(f[0]))))
        return any(self._names(m, n, rule) for rule in self._pair(left, list(n.factors.items()), mine, other, {}))

    def _names(self, m: Monomial, n: Monomial, rule: dict[Symbol, Symbol]) -> bool:
        """Whether the ranges agree too; indices that no factor names are tried in turn."""
        ranges = {k: (lo, hi) for k, lo, hi in n.bound}
        for k, lo, hi in m.bound:
            choices = [rule[k]] if k in rule else [j for j in ranges if j not in rule.values()]
            for j in choices:
                whole = {**rule, k: j}
                if all(zero(a.xreplace(whole) - b) for a, b in zip((lo, hi), ranges[j], strict=True)):
                    rule = whole
                    break
            else:
                return False
        return True

    def _pair(
        self, left: Sequence[tuple[Expr, Fraction]], right: list[tuple[Expr, Fraction]],
        mine: set[Symbol], other: set[Symbol], rule: dict[Symbol, Symbol],
    ) -> Iterator[dict[Symbol, Symbol]]:  # fmt: skip
        """All ways to name the bound indices so that the factors are the same."""
        self.attempts += 1
        need(self.attempts <= ATTEMPTS, f"expected sums that match in {ATTEMPTS} attempts")
        if not left:
            yield rule
            return
        (f, x), rest = left[0], left[1:]
        for n, (g, y) in enumerate(right):
            if x == y and type(f) is type(g):
                for new in self._same(f, g, mine, other, rule):
                    yield from self._pair(rest, right[:n] + right[n + 1 :], mine, other, new)

    def _same(
        self, f: Expr, g: Expr, mine: set[Symbol], other: set[Symbol], rule: dict[Symbol, Symbol]
    ) -> Iterator[dict[Symbol, Symbol]]:
        """All ways to name further bound indices so that two factors are the same."""
        open_ = [k for k in sorted(f.free_symbols & mine, key=str) if k not in rule]
        if not open_:
            if self._alike(f.xreplace(rule), g):
                yield rule
            return
        # a plain index of an entry shows its name
        guess: list[Symbol] | None = None
        if isinstance(f, Entry) and isinstance(g, Entry) and f.symbol == g.symbol:
            k = open_[0]
            at = [j for i, j in zip(f.index, g.index, strict=True) if i == k]
            guess = [j for j in at[:1] if isinstance(j, Symbol)] if at else None
        free = [j for j in sorted(g.free_symbols & other, key=str) if j not in rule.values()]
        for j in free if guess is None else [j for j in free if j in guess]:
            self.attempts += 1
            need(self.attempts <= ATTEMPTS, f"expected sums that match in {ATTEMPTS} attempts")
            yield from self._same(f, g, mine, other, {**rule, open_[0]: j})

    def _alike(self, f: Expr, g: Expr) -> bool:
        """Whether two factors without open names are equal: their parts are, by the same laws."""
        if f == g:
            return True
        if type(f) is not type(g):
            return False
        if isinstance(f, Entry):
            return f.symbol == g.symbol and all(zero(a - b) for a, b in zip(f.index, g.index, strict=True))
        if isinstance(f, Applied):
            return (
                (f.function, f.order) == (g.function, g.order)
                and all(zero(a - b) for a, b in zip(f.sup, g.sup, strict=True))
                and self.equal(f.argument, g.argument)
            )
        if isinstance(f, Bracket):
            d, c = f.b - f.a, g.b - g.a
            return f.relation == g.relation and (
                self.equal(d, c) or (f.relation == "=" and self.equal(d, -c))
            )
        if isinstance(f, FunctionalValue):
            return (
                f.functional == g.functional
                and len(f.partials) == len(g.partials)
                and all(
                    len(p) == len(q) and all(zero(a - b) for a, b in zip(p, q, strict=True))
                    for p, q in zip(f.partials, g.partials, strict=True)
                )
                and all(self._alike_family(a, b) for a, b in zip(f.families, g.families, strict=True))
            )
        if isinstance(f, Add | Mul | IndexSum):
            return self.equal(f, g)
        # atoms are equal only if they are the same
        return bool(f.args) and len(f.args) == len(g.args) and all(map(self.equal, f.args, g.args))

    def _alike_family(self, f: Expr, g: Expr) -> bool:
        if not (isinstance(f, Family) and isinstance(g, Family)):
            return not isinstance(f, Family) and not isinstance(g, Family) and self.equal(f, g)
        k = self.letter()
        ends = zero(f.lo - g.lo) and zero(f.hi - g.hi)
        return ends and self._alike_family(f.open(k), g.open(k))


def _opens(e: Expr) -> bool:
    """Whether a power of the term is multiplied out."""
    return isinstance(e, Add | Mul | IndexSum | Pow)


def _look(m: Monomial) -> Any:
    """What does not depend on names: monomials that look different are different."""
    shown = sorted((_head(f), x) for f, x in m.factors.items())
    return (len(m.bound), tuple(shown))


def _head(f: Expr) -> str:
    if isinstance(f, Entry):
        return f"entry {f.symbol.name} {f.symbol.style}"
    if isinstance(f, Applied):
        return f"applied {f.function.name} {f.order}"
    if isinstance(f, FunctionalValue):
        return f"value {f.functional.name} {len(f.partials)}"
    return type(f).__name__


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

    thing: Basic
    sort: str  # "scalar", "family" or "name"
    whole: bool
    depth: int
    lacks: int
    slots: int


def table(rows: Any) -> list[Row]:
    """The names and terms of a certificate, each admitted as what is a number whatever its names stand for."""
    need(isinstance(rows, list) and len(rows) <= ROWS, f"expected a list of at most {ROWS} rows as table")
    found: list[Row] = []
    for n, row in enumerate(rows):
        try:
            need(isinstance(row, list) and row and isinstance(row[0], str), "expected a list with a head")
            need(row[0] in READERS, f"expected a head of {', '.join(READERS)}, found {row[0][:40]!r}")
            found.append(READERS[row[0]](found, *row[1:]))
        except (CheckerError, CalculusError, TypeError, ValueError, IndexError) as error:
            refuse(f"row {n} of the table: {str(error)[:300]}")
    return found


def _at(found: list[Row], n: Any, what: str = "") -> Row:
    need(type(n) is int and 0 <= n < len(found), f"expected an earlier row, found {n!r:.40}")
    need(what != "scalar" or found[n].sort == "scalar", f"expected a number, found {found[n].thing}")
    need(what != "whole" or found[n].whole, f"expected an integer, found {found[n].thing}")
    return found[n]


def _number(n: Any) -> int:
    need(type(n) is int and abs(n) < 10**DIGITS, f"expected an integer of at most {DIGITS} digits")
    return int(n)


def _natural(n: Any) -> int:
    need(_number(n) >= 0, f"expected a natural number, found {n}")
    return int(n)


def _word(s: Any) -> str:
    need(isinstance(s, str) and len(s) <= LETTERS and s == s.strip() and s.isprintable(), "expected a short name")
    return str(s)


def _made(thing: Basic, head: type, parts: Sequence[Row], whole: bool = False, binds: bool = False) -> Row:
    """A term of these parts, if its constructor left it as it was written."""
    need(type(thing) is head, f"expected a {head.__name__} as its constructor makes it, found {thing}")
    depth = 1 + max((p.depth for p in parts), default=0)
    need(depth <= DEPTH, f"expected terms nested at most {DEPTH} deep")
    lacks = max((p.lacks - (binds and n == 0) for n, p in enumerate(parts)), default=0)
    return Row(thing, "family" if head is Family else "scalar", whole, depth, lacks, max((p.slots for p in parts), default=0))


def _arithmetic(head: type) -> Callable[..., Row]:
    def read(found: list[Row], *numbers: Any) -> Row:
        parts = [_at(found, n, "scalar") for n in numbers]
        thing = head(*(p.thing for p in parts))
        need(sorted(map(str, thing.args)) == sorted(str(p.thing) for p in parts), f"{thing} is written otherwise")
        whole = head in (Add, Mul) and all(p.whole for p in parts)
        if head is log:
            need(_positive(parts[0].thing), f"expected the logarithm of what is positive, found {thing}")
        return _made(thing, head, parts, whole)

    return read


def _power(found: list[Row], b: Any, x: Any) -> Row:
    base, power = _at(found, b, "scalar"), _at(found, x, "scalar")
    p = power.thing
    need(isinstance(p, Rational) and abs(p) <= 64, f"expected a small rational exponent, found {p}")
    natural = isinstance(p, Integer) and p > 0
    need(natural or _positive(base.thing) or (p > 0 and _not_negative(base.thing)), f"{base.thing} may not be positive")
    thing = Pow(base.thing, p)
    need(thing.args == (base.thing, p), f"{thing} is written otherwise")
    return _made(thing, Pow, [base, power], base.whole and natural)


def _positive(e: Basic) -> bool:
    if isinstance(e, Rational):
        return bool(e > 0)
    if isinstance(e, Add):
        return all(map(_not_negative, e.args)) and any(map(_positive, e.args))
    if isinstance(e, Mul):
        return all(map(_positive, e.args))
    if isinstance(e, Pow):
        return _positive(e.base)
    if isinstance(e, IndexSum):
        return _positive(e.body) and nonnegative(e.hi - e.lo, ())
    return isinstance(e, exp) or _at_least_one(e)


def _not_negative(e: Basic) -> bool:
    if isinstance(e, Add | Mul):
        return all(map(_not_negative, e.args))
    if isinstance(e, Pow):
        return _not_negative(e.base) or bool(isinstance(e.exp, Integer) and e.exp % 2 == 0)
    if isinstance(e, IndexSum):
        return _not_negative(e.body)
    return isinstance(e, Bracket) or e == 0 or _positive(e)


def _symbol(positive: bool) -> Callable[..., Row]:
    def read(found: list[Row], name: Any) -> Row:
        s = Symbol(_word(name), integer=True, **({"positive": True} if positive else {}))
        return Row(s, "scalar", True, 0, 0, 0)

    return read


def _tensor(found: list[Row], name: Any, axes: Any, sup: Any, look: Any, kind: Any, own: Any, style: Any, mark: Any) -> Row:
    ranges = []
    for p, (a, b) in enumerate(axes):
        ends = [_at(found, n, "whole") for n in (a, b)]
        for end in ends:
            closed = not letters(end.thing) and not end.lacks and not end.thing.has(Bracket)
            need(closed and end.slots <= p, f"expected a range of sizes and earlier indices, found {end.thing}")
        ranges.append((ends[0].thing, ends[1].thing))
    need(kind != "permutation" or ranges, "expected a permutation with an index")
    t = TensorSymbol(
        _word(name), ranges, _number(sup), _word(look), _word(kind), [_word(s) for s in own], _word(style), _word(mark)
    )
    return Row(t, "name", False, 0, 0, 0)


def _entry(found: list[Row], t: Any, *index: Any) -> Row:
    symbol, parts = _at(found, t).thing, [_at(found, n, "whole") for n in index]
    need(isinstance(symbol, TensorSymbol), f"expected a tensor, found {symbol}")
    return _made(Entry(symbol, *(p.thing for p in parts)), Entry, parts, symbol.kind != "real")


def _binder(head: type) -> Callable[..., Row]:
    def read(found: list[Row], body: Any, lo: Any, hi: Any) -> Row:
        inside = _at(found, body, "" if head is Family else "scalar")
        need(inside.sort != "name", f"expected a term, found {inside.thing}")
        parts = [inside, _at(found, lo, "whole"), _at(found, hi, "whole")]
        thing = head(*(p.thing for p in parts))
        need(thing.args == tuple(p.thing for p in parts), f"{thing} is written otherwise")
        return _made(thing, head, parts, binds=True)

    return read


def _bracket(found: list[Row], relation: Any, a: Any, b: Any) -> Row:
    parts = [_at(found, n, "scalar") for n in (a, b)]
    thing = Bracket(_word(relation), *(p.thing for p in parts))
    need(thing.args[1:] == tuple(p.thing for p in parts), f"{thing} is written otherwise")
    return _made(thing, Bracket, parts, all(p.whole for p in parts))


def _applied(found: list[Row], f: Any, order: Any, *numbers: Any) -> Row:
    parts = [*(_at(found, n, "whole") for n in numbers[:-1]), _at(found, numbers[-1], "scalar")]
    return _made(Applied(_at(found, f).thing, _number(order), *(p.thing for p in parts)), Applied, parts)


def _value(found: list[Row], f: Any, partials: Any, *families: Any) -> Row:
    parts = [_at(found, n) for n in families]
    need(all(p.sort != "name" for p in parts), "expected families of numbers")
    indices = [[_at(found, i, "whole") for i in p[1:]] for p in partials]
    where = [(_number(p[0]), *(i.thing for i in own)) for p, own in zip(partials, indices, strict=True)]
    thing = FunctionalValue(_at(found, f).thing, where, *(p.thing for p in parts))
    return _made(thing, FunctionalValue, [*parts, *(i for own in indices for i in own)])


def _partial(found: list[Row], u: Any, v: Any) -> Row:
    parts = [_at(found, n, "scalar") for n in (u, v)]
    return _made(PartialDerivative(*(p.thing for p in parts)), PartialDerivative, parts)


def _rational(found: list[Row], p: Any, q: Any) -> Row:
    thing = Rational(_number(p), _number(q))
    need(not isinstance(thing, Integer) and (thing.p, thing.q) == (p, q), "expected a fraction in lowest terms")
    return Row(thing, "scalar", False, 0, 0, 0)


READERS: dict[str, Callable[..., Row]] = {
    "integer": lambda found, n: Row(Integer(_number(n)), "scalar", True, 0, 0, 0),
    "rational": _rational,
    "index": _symbol(False),
    "size": _symbol(True),
    "bound": lambda found, n: Row(BoundIndex(_natural(n)), "scalar", True, 0, n + 1, 0),
    "slot": lambda found, n: Row(Slot(_natural(n)), "scalar", True, 0, 0, n + 1),
    "tensor": _tensor,
    "function": lambda found, a, b, n: Row(ScalarFunction(_word(a), _word(b), _number(n)), "name", False, 0, 0, 0),
    "functional": lambda found, a, b, n: Row(Functional(_word(a), _word(b), _number(n)), "name", False, 0, 0, 0),
    "add": _arithmetic(Add), "mul": _arithmetic(Mul), "exp": _arithmetic(exp), "log": _arithmetic(log),
    "pow": _power, "entry": _entry, "sum": _binder(IndexSum), "family": _binder(Family), "bracket": _bracket,
    "applied": _applied, "value": _value, "partial": _partial,
}  # fmt: skip


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
        need(type(self.row.get(name)) is kind, f"expected {name} as {kind.__name__}")
        return self.row[name]

    def one(self) -> Sequent:
        """The only premise."""
        need(len(self.premises) == 1, f"expected one premise, found {len(self.premises)}")
        return self.premises[0]

    def sum(self) -> IndexSum:
        """The left side, a sum; and no premise."""
        need(not self.premises, f"expected no premise, found {len(self.premises)}")
        need(isinstance(self.lhs, IndexSum), f"expected a sum, found {self.lhs}")
        return self.lhs  # type: ignore[no-any-return]

    def integer(self, name: str) -> Expr:
        """An argument that is an integer in the context."""
        return self.file.closed(self.get(name, int), self.context, "whole")

    def real(self) -> TensorSymbol:
        """A real number of which no hypothesis speaks."""
        u = self.file.thing(self.get("real", int))
        need(_is_real(u), f"expected a real tensor without index, found {u}")
        for h in self.one().hypotheses:
            need(not h.says(u), f"{u} is free in hypothesis {h.name}")
        return u  # type: ignore[no-any-return]

    def same(self, lhs: Expr, rhs: Expr, what: str = "the conclusion") -> None:
        """The conclusion must be this equation."""
        need((self.lhs, self.rhs) == (lhs, rhs), f"{what} is {lhs} = {rhs}, found {self.lhs} = {self.rhs}")


def _is_real(u: Any) -> bool:
    return isinstance(u, TensorSymbol) and (u.kind, u.rank, u.style) == ("real", 0, "plain")


def _no_tangents(*terms: Expr) -> None:
    for s in {s for e in terms for s in e.free_symbols}:
        need(not (isinstance(s, TensorSymbol) and "tangent" in s.style), f"expected no differentials, found {s}")


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
    need(len(s.premises) == 2, f"expected two premises, found {len(s.premises)}")
    a, b = s.premises
    need(a.context == b.context, "expected one context for both premises")
    need(a.rhs == b.lhs, f"middle terms differ: {a.rhs} and {b.lhs}")
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
        need(k in own, f"{k} is no index of the premise")
        rule[k] = s.file.closed(pair[1], s.context, "whole")
    fixed = {k for h in t.hypotheses for k in h.shared()}
    known = {k for k, _, _ in s.context}
    for k, lo, hi in t.context:
        value = rule[k]
        need(letters(value) <= known, f"expected a value of {k} in the context, found {value}")
        need(k not in fixed or value == k, f"{k} is shared with a hypothesis, and may not become {value}")
        low, high = lo.xreplace(rule), hi.xreplace(rule)
        need(within(value, low, high, s.context), f"{value} is not known to lie in {low}..{high}, the range of {k}")
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
        need(len(work) == 1, f"two replacements overlap at {e}")
        t = work[0][1]
        need(t.lhs == e, f"{e} is not the left side {t.lhs}")
        ranges = {k: (lo, hi) for k, lo, hi in ctx}
        for k, lo, hi in t.context:
            fits = k in ranges and (ranges[k] == (lo, hi) or within(k, lo, hi, ctx))
            need(fits, f"the premise needs {k} in {lo}..{hi}")
        for h in t.hypotheses:
            need(not h.shared() & opened, f"a bound index is shared with hypothesis {h.name}")
        return t.rhs
    need(not isinstance(e, PartialDerivative), f"{e} is no function of the values of its parts")
    args = list(e.args)
    inner = [(path[1:], t) for path, t in work if isinstance(path[0], Symbol)]
    names = {path[0] for path, _ in work if isinstance(path[0], Symbol)}
    for n in sorted({path[0] for path, _ in work if not isinstance(path[0], Symbol)}, key=repr):
        need(type(n) is int and isinstance(e, Binder) <= n < len(args), f"no argument {n!r} in {e}")
        args[n] = _replaced(args[n], [(p[1:], t) for p, t in work if p[0] is n or p[0] == n], ctx, opened)
    if not names:
        return e.func(*args)
    need(len(names) == 1 and isinstance(e, Binder), f"expected one letter for the index of a sum in {e}")
    (k,) = names
    taken = {i for limit in ctx for end in limit for i in letters(end)}
    need(_plain(k) and k not in taken and k not in letters(e), f"capture: {k} may not name the index of {e}")
    body = _replaced(e.open(k), inner, (*ctx, (k, e.lo, e.hi)), opened | {k})  # type: ignore[attr-defined]
    return e.func(body, (k, args[1], args[2]))


def _plain(k: Basic) -> bool:
    return isinstance(k, Symbol) and k == Symbol(k.name, integer=True)


def ring(s: Step) -> Conclusion:
    """Both sides are equal by the laws of a commutative ring and of finite sums."""
    need(not s.premises, "expected no premise")
    need(Ring().equal(s.lhs, s.rhs), f"{s.lhs} and {s.rhs} are not multiplied out to the same")
    return s.context, NONE


def reindex(s: Step) -> Conclusion:
    """sum_k f(k) = sum_k f(pi(k)), for a permutation of the range of the sum."""
    e, pi = s.sum(), s.file.thing(s.get("permutation", int))
    need(isinstance(pi, TensorSymbol) and pi.kind == "permutation", f"expected a permutation, found {pi}")
    values = [s.file.closed(n, s.context, "whole") for n in s.get("parameters", list)]
    need(len(values) == pi.rank - 1, f"expected {pi.rank - 1} parameters of {pi}, found {len(values)}")
    k = Symbol(" k", integer=True)
    image = pi[(*values, k)]
    *outer, (lo, hi) = image.ranges()
    for v, (low, high) in zip(values, outer, strict=True):
        need(within(v, low, high, s.context), f"{v} is not known to lie in {low}..{high}, a range of {pi}")
    need(zero(lo - e.lo) and zero(hi - e.hi), f"{pi} permutes {lo}..{hi}, the sum runs over {e.lo}..{e.hi}")
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
    need(not s.premises and isinstance(s.lhs, Bracket), f"expected a bracket, found {s.lhs}")
    whole = all(s.file.is_whole(e) for e in (s.lhs.a, s.lhs.b))
    need(whole and truth(s.lhs, s.context) == s.rhs, f"the ranges do not say that {s.lhs} is {s.rhs}")
    return s.context, NONE


def split(s: Step) -> Conclusion:
    """sum_lo^hi = sum_lo^m + sum_{m+1}^hi"""
    e, m = s.sum(), s.integer("at")
    need(within(m, e.lo - 1, e.hi, s.context), f"{m} is not known to lie in {e.lo - 1}..{e.hi}")
    s.same(e, IndexSum(e.body, e.lo, m) + IndexSum(e.body, m + 1, e.hi))
    return s.context, NONE


def single(s: Step) -> Conclusion:
    """sum_{k=m}^m f(k) = f(m)"""
    e = s.sum()
    need(zero(e.hi - e.lo), f"expected a sum over one value, found {e}")
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
    need(letters(value) <= {k for k, _, _ in t.context}, f"expected a value in the context, found {value}")
    need(not (t.lhs.has(PartialDerivative) or t.rhs.has(PartialDerivative)), "expected no partial derivative")
    jets = {x for e in (t.lhs, t.rhs) for x in e.free_symbols if descends(x, u)}
    need(jets <= {u, u.tangent()}, f"expected no second differential of {u}")
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
        need(len(s.premises) == 2 * len(goals), f"expected two premises for each of {len(goals)} goals")
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
                need((t.lhs, t.rhs) == (want.lhs, want.rhs), f"the {name} is {t.lhs} = {t.rhs}, not {want.lhs} = {want.rhs}")
                need(t.context == (*ctx, *want.indices), f"the {name} holds in another context")
            left |= base.hypotheses | (step.hypotheses - given)
        for h in left:
            need(h.shared() <= known, f"an index is free in hypothesis {h.name}")
            need(not any(h.says(u) for g in goals for u in g.reals), f"a real of a goal is free in hypothesis {h.name}")
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
        need(set(data) == parts, f"expected the parts {', '.join(sorted(parts))}")
        need((data["format"], data["version"]) == (FORMAT, VERSION), f"expected {FORMAT} version {VERSION}")
        self.data, self.start = data, time.monotonic()
        self.rows = table(data["table"])
        self.whole = {r.thing for r in self.rows if r.whole}
        self.contexts = [self._context(c) for c in self._list("contexts")]
        self.hypotheses = [self._hypothesis(n, h) for n, h in enumerate(self._list("hypotheses"))]
        self.sequents: list[Sequent] = []

    def _list(self, name: str) -> list[Any]:
        found = self.data[name]
        need(isinstance(found, list) and len(found) <= STEPS, f"expected a list of at most {STEPS} {name}")
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
        need(not row.lacks and not row.slots, f"{row.thing} has a bound index outside its sum")
        missing = letters(row.thing) - {k for k, _, _ in ctx} if ctx is not None else ()
        need(not missing, f"no range of {min(map(str, missing), default='')} in the context of {row.thing}")
        return row.thing

    def admit(self, ctx: Context) -> Context:
        """A context: each index plain and new, its range in terms of those before it."""
        known: set[Symbol] = set()
        for k, lo, hi in ctx:
            need(_plain(k) and k not in known, f"expected a new plain index, found {k}")
            need(letters(lo) | letters(hi) <= known, f"expected the range of {k} in terms of indices before it")
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
        need(0 <= n < len(self.contexts), f"expected a context, found {n}")
        return self.contexts[n]

    def hypothesis(self, n: Any) -> Hypothesis:
        """A hypothesis by its number."""
        need(type(n) is int and 0 <= n < len(self.hypotheses), f"expected a hypothesis, found {n!r:.40}")
        return self.hypotheses[n]

    def _hypothesis(self, n: int, row: Any) -> Hypothesis:
        need(isinstance(row, list) and len(row) == 6, f"hypothesis {n}: expected six parts")
        name, kind, lhs, rhs, limits, reals = row
        need(isinstance(name, str) and name.isprintable() and kind in KINDS, f"hypothesis {n}: expected a name and a kind")
        own = tuple(self.thing(u) for u in reals)
        sides = [self.closed(e, None) for e in (lhs, rhs)]
        if own:
            need(all(map(_is_real, own)), f"hypothesis {n}: expected real tensors without index")
            _no_tangents(*sides)
        return Hypothesis(name, kind, sides[0], sides[1], self._limits(limits), own)

    def replay(self) -> Replayed:
        """Every step, in order."""
        counts: dict[str, int] = {}
        for n, row in enumerate(self._list("steps")):
            need(time.monotonic() - self.start < SECONDS, f"expected at most {SECONDS} s, reached step {n}")
            name = row.get("rule") if isinstance(row, dict) else None
            try:
                need(isinstance(name, str) and name in RULES, f"expected a known rule, found {str(name)[:40]!r}")
                step = Step(self, row, n)
                ctx, hypotheses = RULES[str(name)](step)
                self.admit(ctx)
                need(ctx == step.context, "the conclusion holds in another context")
                shown = {self.hypothesis(h) for h in step.get("hypotheses", list)}
                need(shown == hypotheses, "the conclusion has other hypotheses")
                names = [h.name for h in hypotheses]
                need(len(set(names)) == len(names), "two different hypotheses have one name")
                for h in hypotheses:
                    need(h.shared() <= {k for k, _, _ in ctx}, f"an index of hypothesis {h.name} has no range")
            except (CheckerError, CalculusError, TypeError, ValueError, KeyError, RecursionError) as error:
                refuse(f"step {n}, {str(name)[:40]}: {str(error)[:500]}")
            self.sequents.append(Sequent(ctx, hypotheses, step.lhs, step.rhs))
            counts[str(name)] = counts.get(str(name), 0) + 1
        named = self.data["theorems"]
        need(isinstance(named, dict) and named, "expected theorems by name")
        found = {}
        for name, n in named.items():
            need(type(n) is int and 0 <= n < len(self.sequents), f"theorem {name[:40]}: expected a step")
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
            need(seen.setdefault(look, e) == e, f"two different things are both shown as {e}")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    need(len({k for k, _ in pairs}) == len(pairs), "expected each key once")
    return dict(pairs)


def _integer(text: str) -> int:
    need(len(text) <= DIGITS, f"expected integers of at most {DIGITS} digits")
    return int(text)


def replay(text: str) -> Replayed:
    """What a certificate proves; CheckerError, in one line, for anything else.

    >>> replay("{}")
    Traceback (most recent call last):
    symderive.proof.checker.CheckerError: expected the parts contexts, format, hypotheses, steps, table, ...
    """
    need(isinstance(text, str) and len(text) <= BYTES, f"expected a text of at most {BYTES} bytes")
    try:
        data = json.loads(text, object_pairs_hook=_object, parse_int=_integer, parse_float=refuse, parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        refuse(f"expected JSON: {str(error)[:200]}")
    return _File(data).replay()


__all__ = ["CheckerError", "Hypothesis", "Replayed", "Sequent", "replay"]
