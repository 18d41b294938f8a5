"""False statements near true ones: a claim of the library with one thing changed, and false at exact numbers.

A claim is what a theorem says, without its proof: a context, hypotheses, two sides. `near` changes one place
in one side, or one hypothesis: indices swapped or exchanged, a layer or step off by one, another tensor, a
prime more or less, a permutation dropped or applied twice, a bound of a sum, a sum reduced to one term, a
sign, a factor 2, a summand or factor dropped, a range one wider, a hypothesis dropped. `Numbers` says which
of them are false: numbers are computed that satisfy all hypotheses, and both sides are evaluated there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import islice
from typing import Any

from sympy import Expr, Symbol
from worlds import World

from symderive.calculus import CalculusError, Entry, IndexSum, TensorSymbol
from symderive.calculus.ranges import Context
from symderive.calculus.terms import Applied, Binder, FunctionalValue
from symderive.evaluation.exact import ExactError, evaluate_exact
from symderive.proof.kernel import Hypothesis, Theorem
from symderive.proof.language import require_term

Change = tuple[str, Expr]
DROPPED = "hypothesis dropped"


@dataclass(frozen=True)
class Claim:
    """What somebody says, without a proof; `change` says how it differs from what is true."""

    name: str
    context: Context
    hypotheses: frozenset[Hypothesis]
    lhs: Expr
    rhs: Expr
    change: str = ""

    @classmethod
    def of(cls, name: str, t: Theorem) -> Claim:
        """What a theorem says."""
        return cls(name, t.context, t.hypotheses, t.lhs, t.rhs)

    def __str__(self) -> str:
        return f"{self.name}, {self.change}: {self.lhs} = {self.rhs}"


# --------------------------------------------------------------------------------- one place changed


def changes(e: Expr, letters: Sequence[Symbol], tensors: Sequence[TensorSymbol]) -> Iterator[Change]:
    """The term with one place changed, in every way; `letters` are the indices that may stand there."""
    for what, new in _here(e, letters, tensors):
        if new != e:
            yield what, new
    if isinstance(e, Binder):
        k, body = e.unbind(set(letters))
        for what, new in changes(body, (*letters, k), tensors):
            yield what, e.func(new, (k, e.lo, e.hi))
        return
    for n, a in enumerate(e.args):
        if isinstance(a, Expr) and not (
            isinstance(e, Entry | Applied) and n < len(e.args) - 1 and not a.args
        ):
            for what, new in changes(a, letters, tensors):
                yield what, e.func(*e.args[:n], new, *e.args[n + 1 :])


def _here(e: Expr, letters: Sequence[Symbol], tensors: Sequence[TensorSymbol]) -> Iterator[Change]:
    if isinstance(e, Entry):
        yield from _entry(e, letters, tensors)
    if isinstance(e, Applied):
        yield "prime added", e.func(e.function, e.order + 1, *e.args[2:])
        if e.order:
            yield "prime dropped", e.func(e.function, e.order - 1, *e.args[2:])
        for n, i in enumerate(e.sup):
            yield "layer off by one", e.func(*e.args[: n + 2], i + 1, *e.args[n + 3 :])
        yield "function dropped", e.argument
    if isinstance(e, IndexSum):
        k, body = e.unbind(set(letters))
        for what, lo, hi in (("first term left out", e.lo + 1, e.hi), ("last term left out", e.lo, e.hi - 1),
                             ("one term more", e.lo, e.hi + 1)):  # fmt: skip
            yield what, IndexSum(body, (k, lo, hi))
        yield "sum reduced to its last term", body.xreplace({k: e.hi})
        for i in letters:
            yield "sum reduced to one term", body.xreplace({k: i})
    if isinstance(e, FunctionalValue) and e.partials:
        yield "derivative of the cost left out", e.func(e.functional, (), *e.families)
        first, *rest = e.partials
        for i in letters:
            yield "derivative by another output", e.func(e.functional, ((first[0], i), *rest), *e.families)
    if e.is_Add or e.is_Mul:
        word = "summand" if e.is_Add else "factor"
        for n, a in enumerate(e.args):
            yield f"{word} dropped", e.func(*e.args[:n], *e.args[n + 1 :])
            if e.is_Add:
                yield "sign of a summand", e.func(*e.args[:n], -a, *e.args[n + 1 :])
    if getattr(e, "is_scalar", False) and not e.is_integer:
        yield "sign", -e
        yield "factor 2", 2 * e
    if e == 0:
        yield "one for zero", e + 1


def _entry(e: Entry, letters: Sequence[Symbol], tensors: Sequence[TensorSymbol]) -> Iterator[Change]:
    t, index = e.symbol, e.index
    if t.kind == "permutation":
        yield "permutation dropped", index[-1]
        yield "permutation applied twice", t[(*index[:-1], e)]
    for n in range(len(index) - 1):
        yield "indices swapped", t[(*index[:n], index[n + 1], index[n], *index[n + 2 :])]
    for n, i in enumerate(index):
        if n < t.sup or t.kind == "permutation":
            for d in (1, -1):
                yield "layer or step off by one", t[(*index[:n], i + d, *index[n + 1 :])]
        for other in letters:
            if other != i and isinstance(i, Symbol):
                yield "another index", t[(*index[:n], other, *index[n + 1 :])]
    for other in tensors:
        if other != t and other.rank == t.rank and other.kind == t.kind:
            yield "another tensor", other[index]


# ------------------------------------------------------------------------------- one statement changed


def near(c: Claim) -> Iterator[Claim]:
    """The claim with one thing changed, each but once, all of them in the language of theorems."""
    seen = {(c.context, c.lhs, c.rhs, c.hypotheses)}
    for new in _near(c):
        key = (new.context, new.lhs, new.rhs, new.hypotheses)
        if key not in seen:
            seen.add(key)
            yield new


def _near(c: Claim) -> Iterator[Claim]:
    letters = [k for k, _, _ in c.context]
    tensors = tensors_in(c)
    for side in ("rhs", "lhs"):
        for what, new in _admitted(changes(getattr(c, side), letters, tensors), set(letters)):
            yield replace(c, change=what, **{side: new})
    for n, (k, lo, hi) in enumerate(c.context):
        before, after = c.context.limits[:n], c.context.limits[n + 1 :]
        for what, wider in (
            ("range from one lower", (k, lo - 1, hi)),
            ("range to one higher", (k, lo, hi + 1)),
        ):
            yield replace(c, context=Context((*before, wider, *after)), change=what)
    for h in sorted(c.hypotheses, key=str):
        others = c.hypotheses - {h}
        if h.kind == "assumption":
            yield replace(c, hypotheses=others, change=f"{DROPPED}: {h.name}")
        own = [k for k, _, _ in h.indices]
        free = sorted(h.free(), key=str)
        for what, new in _admitted(changes(h.rhs, [*free, *own], tensors), {*free, *own}):
            yield replace(c, hypotheses=others | {h._replace(rhs=new)}, change=f"{h.name}, {what}")


def _admitted(found: Iterator[Change], known: set[Symbol]) -> Iterator[Change]:
    while True:
        try:
            what, new = next(found)
            require_term(new, known)
        except StopIteration:
            return
        except CalculusError:
            continue
        yield what, new


def tensors_in(c: Claim) -> list[TensorSymbol]:
    """The tensors of both sides."""
    found = {t for e in (c.lhs, c.rhs) for t in e.free_symbols if isinstance(t, TensorSymbol)}
    return sorted(found, key=str)


# --------------------------------------------------------------------------------- what is false


@dataclass(frozen=True)
class Point:
    """A world in which all hypotheses hold, and values of the context's indices there."""

    world: World
    values: dict[str, int]

    def at(self, e: Expr) -> Fraction:
        return evaluate_exact(e, self.world.assignment(self.values), budget=200_000)

    def refutes(self, c: Claim) -> bool:
        """Whether both sides differ here; differentials are differences, exact but for 10^-20."""
        a, b = self.at(c.lhs), self.at(c.rhs)
        return abs(a - b) > Fraction(1, 10**9) * (1 + abs(b))


def points(c: Claim, sizes: dict[str, int], seed: int, widths: tuple[int, int]) -> Iterator[Point]:
    """Where the hypotheses hold, checked world by world: values of the indices."""
    free = {k.name for h in c.hypotheses for k in h.free()}
    worlds: dict[tuple[int, ...], World | None] = {}

    def go(limits: Sequence[Any], values: dict[str, int]) -> Iterator[Point]:
        fixed = {k: v for k, v in values.items() if k in free}
        if limits:
            (k, lo, hi), *rest = limits
            here = World(c.hypotheses, {**sizes, **fixed}, seed, widths=widths)
            run = range(here.number(lo, values), here.number(hi, values) + 1)
            for v in run:
                yield from go(rest, {**values, k.name: v})
            return
        key = tuple(fixed.values())
        if key not in worlds:
            made = World(c.hypotheses, {**sizes, **fixed}, seed, widths=widths)
            worlds[key] = None if made.broken() else made
        world = worlds[key]
        if world is not None:
            yield Point(world, values)

    yield from go(tuple(c.context), {})


@dataclass
class Numbers:
    """Where the hypotheses of a claim hold, spread over the values of its indices."""

    claim: Claim
    sizes: dict[str, int]
    widths: tuple[int, int] = (2, 3)
    seeds: Sequence[int] = (1, 2)
    limit: int = 6

    @cached_property
    def points(self) -> list[Point]:
        """Up to twice `limit` for each seed."""
        found = []
        for seed in self.seeds:
            every = list(islice(points(self.claim, self.sizes, seed, self.widths), 200))
            found += every[:: max(1, len(every) // self.limit)]
        return found

    def true(self) -> bool:
        """Whether the claim holds at all points, of which there is one at least."""
        return bool(self.points) and not any(p.refutes(self.claim) for p in self.points)

    def refutes(self, c: Claim) -> bool:
        """Whether the hypotheses of the other claim hold somewhere, and its equation does not."""
        found: Iterable[Point] = self.points
        if (c.hypotheses, c.context) != (self.claim.hypotheses, self.claim.context):
            found = islice(points(c, self.sizes, 1, self.widths), 2 * self.limit)
        try:
            return any(p.refutes(c) for p in found)
        except (ExactError, AssertionError, TypeError):  # no numbers that meet the changed hypotheses
            return False
