"""The definitions of a system as theorems, in the order of unfolding: the latest comes first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cmp_to_key, lru_cache

from sympy import Expr, Pow, Symbol, expand, log
from sympy.core.basic import Basic
from sympy.utilities.iterables import strongly_connected_components

from symderive.calculus.atoms import BoundIndex, CalculusError, TensorSymbol
from symderive.calculus.ranges import EMPTY, Context
from symderive.calculus.terms import Entry
from symderive.derivation.reach import step
from symderive.derivation.substitution import put_in, rule_of
from symderive.proof import kernel
from symderive.proof.divided import Divided, denominators, multiplied
from symderive.proof.hypotheses import as_hypothesis
from symderive.proof.kernel import Hypothesis, KernelError, Theorem
from symderive.systems.coverage import conditions, fails, holds
from symderive.systems.definition import Definition
from symderive.systems.scope import Scope
from symderive.systems.system import System

NESTED = 3

Key = tuple[TensorSymbol, tuple[Expr, ...]]
"""A tensor and its superscripts: what is unfolded at once."""


@lru_cache(maxsize=10_000)
def key_of(e: Entry) -> Key:
    """The tensor of an entry, with its layer."""
    return e.symbol, tuple(expand(i) for i in e.index[: e.symbol.sup])


@lru_cache(maxsize=10_000)
def _shown(key: Key) -> str:
    return str(key)


class Laws:
    """Definitions as theorems, by the tensor that they define; their hypotheses have the kind "definition".

    A definition that the language of theorems does not have, as it divides by an activation, has the
    definitions of what it divides by put in; or else both sides are multiplied by that, and it stands in
    `divided`. Its name says so. Where neither helps there is no theorem.

    >>> from symderive.systems import mlp
    >>> net = mlp(); laws = Laws(net, net.definitions, "definition")
    >>> print(laws.of[net.tensor("a")][0])
    j in 1..n[0]; definition of a[0, j] |- a[0, j] = x[j]
    """

    def __init__(self, system: System, definitions: Sequence[Definition], what: str) -> None:
        self.system = system
        self.definitions = tuple(definitions)
        self.of: dict[TensorSymbol, list[Theorem]] = {}
        self.divided: dict[TensorSymbol, list[Divided]] = {}
        names: set[str] = set()
        for d in definitions:
            name = _new_name(f"{what} of {d.lhs}", names)
            t = self._theorem(d, name)
            if t is not None:
                self.of.setdefault(d.symbol, []).append(t)
            elif (divided := _divided(d, name)) is not None:
                self.divided.setdefault(d.symbol, []).append(divided)
        self.rank = _ranks(definitions)
        steps = [s for d in definitions for e in d.rhs.atoms(Entry) if e.symbol in self.rank
                 for s in step(d.lhs, e)[:1]]  # fmt: skip
        self.up = sum(lo > 0 for lo, _ in steps if lo is not None) > sum(
            lo < 0 for lo, _ in steps if lo is not None
        )

    @property
    def symbols(self) -> set[TensorSymbol]:
        """The tensors that are defined."""
        return {*self.of, *self.divided}

    def _theorem(self, d: Definition, name: str) -> Theorem | None:
        put: list[str] = []
        for _ in range(NESTED):
            try:
                title = name + (f", with {', '.join(put)} put in" if put else "")
                return kernel.assume(as_hypothesis(d, title), EMPTY)
            except (KernelError, CalculusError):
                divisors = {e.symbol for f in d.rhs.atoms(Pow, log) if _may_fail(f) for e in f.atoms(Entry)}
                new = _unfolded(d, divisors, self.system)
                if new == d:
                    return None
                put += sorted(t.name for t in divisors if t.name not in put and t in self.system.defined)
                d = new
        return None

    def ordered(self, entries: Iterable[Entry], ctx: Context) -> list[Key]:
        """The keys of these entries that have definitions, the latest first."""
        keys = sorted({key_of(e) for e in entries if e.symbol in self.of}, key=_shown)

        def compare(a: Key, b: Key) -> int:
            for x, y in zip(a[1], b[1], strict=False):
                gap = expand(x - y)
                sign = 1 if ctx.nonnegative(gap - 1) else -1 if ctx.nonnegative(-gap - 1) else 0
                if not sign and gap != 0:  # l and L, where l <= L: the last layer counts as later
                    sign = 1 if ctx.nonnegative(gap) else -1 if ctx.nonnegative(-gap) else 0
                if sign:
                    return sign if self.up else -sign
            return self.rank[a[0]] - self.rank[b[0]]

        return sorted(keys, key=cmp_to_key(compare))

    def undecided(self, entries: Iterable[Entry], ctx: Context) -> set[Symbol]:
        """The letters of layers that do not say which definition is meant: a[l - 1] may be the first layer.

        >>> from symderive.calculus import indices, size
        >>> from symderive.systems import mlp
        >>> net = mlp(); laws = Laws(net, net.definitions, "definition"); a = net.tensor("a")
        >>> l, = indices("l"); ctx = Context.of((l, 1, size("L")))
        >>> laws.undecided([a[l, 1]], ctx), laws.undecided([a[l - 1, 1]], ctx)
        (set(), {l})
        """
        found: set[Symbol] = set()
        for symbol, layer in {key_of(e) for e in entries}:
            for d in self.definitions:
                if d.symbol != symbol or any(v.has(BoundIndex) for v in layer):
                    continue
                # units are held at 0, as no range of a layer uses them
                e = symbol[(*layer, *[0] * (symbol.rank - symbol.sup))]
                wanted = conditions(d, e)[: symbol.sup]
                if not holds(Scope(ctx), wanted) and not fails(Scope(ctx), wanted):
                    found |= {k for v in layer for k in v.free_symbols if k in ctx}
        return found


def _divided(d: Definition, name: str) -> Divided | None:
    by = denominators(d.rhs)
    if by == 1:
        return None
    h = Hypothesis(f"{name}, times {by}", by * d.lhs, multiplied(d.rhs, by), d.indices, "definition")
    try:
        return Divided(d.lhs, kernel.assume(h, EMPTY))
    except (KernelError, CalculusError):
        return None


def _new_name(name: str, taken: set[str]) -> str:
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name} ({number})"
    taken.add(free)
    return free


def _may_fail(e: Expr) -> bool:
    """Whether the value of a term exists only where something is positive, or not 0."""
    return bool(isinstance(e, log) or not (e.exp.is_Integer and e.exp > 0))


def _unfolded(d: Definition, tensors: set[TensorSymbol], system: System) -> Definition:
    """The definition with those of some tensors put in, where one of them surely applies."""

    def value(e: Entry, scope: Scope) -> Expr | None:
        if e.symbol in tensors and e.symbol in system.defined:
            for other in system.lookup.candidates(e):
                if holds(scope, conditions(other, e)):
                    return other.rhs.xreplace(rule_of(other, e))
        return None

    return Definition(d.lhs, put_in(d.rhs, Scope(d.context), value), d.indices, d.name)


def _ranks(definitions: Sequence[Definition]) -> dict[TensorSymbol, int]:
    """Within one layer, what is computed last comes first."""
    symbols = list(dict.fromkeys(d.symbol for d in definitions))
    edges: list[tuple[Basic, Basic]] = []
    for d in definitions:
        for e in d.rhs.atoms(Entry):
            steps = step(d.lhs, e)
            if e.symbol in symbols and not any(lo is not None and lo != 0 for lo, _ in steps):
                edges.append((d.symbol, e.symbol))
    order = strongly_connected_components((symbols, edges))
    return {t: n for n, t in enumerate(t for c in reversed(order) for t in c)}


__all__ = ["Key", "Laws", "key_of"]
