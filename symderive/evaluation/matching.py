"""Where a law's left side is a given entry: its patterns x_{l,j+1} solved for its own indices, prepared once.

A pattern is one of the law's own indices, a number, or such an index with a shift; which it is does not
depend on the entry, so that a match costs a few comparisons. Indices and sizes are compiled to closures.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sympy import Expr, Symbol
from sympy.core.basic import Basic

from symderive.calculus.atoms import BoundIndex
from symderive.calculus.terms import Entry
from symderive.evaluation.law import Law
from symderive.evaluation.no_value import ModularError, NotExact

if TYPE_CHECKING:
    from symderive.evaluation.modular import Model

Whole = Callable[[Mapping[Basic, int], tuple[int, ...]], int]


class Matched(dict[Basic, int]):
    """Values of a law's own indices beside the ones it shares, which are told in `free` as well."""

    __slots__ = ("free",)
    free: tuple[int | None, ...]


def compiled(model: Model, e: Expr) -> Whole:
    """An index or a size as a function of the free and the bound indices."""
    if e.is_Integer:
        n = int(e)
        return lambda values, around: n
    if isinstance(e, Symbol):
        return _symbol(model, e)
    if isinstance(e, BoundIndex):
        place = -1 - e.level
        return lambda values, around: around[place]
    if e.is_Add or e.is_Mul:
        return _arithmetic(e, [compiled(model, a) for a in e.args])
    if isinstance(e, Entry):
        return _entry(model, e)
    raise NotExact(f"expected an index or a size, found {type(e).__name__} {e}")


def _symbol(model: Model, e: Symbol) -> Whole:
    size = int(model.sizes[e]) if e in model.sizes else None

    def found(values: Mapping[Basic, int], around: tuple[int, ...]) -> int:
        n = values.get(e, size)
        if n is None:
            raise ModularError(f"expected a value for {e}")
        return n

    return found


def _arithmetic(e: Expr, parts: Sequence[Whole]) -> Whole:
    if e.is_Add and len(parts) == 2:
        first, second = parts
        return lambda values, around: first(values, around) + second(values, around)
    if e.is_Add:
        return lambda values, around: sum([p(values, around) for p in parts])

    def product(values: Mapping[Basic, int], around: tuple[int, ...]) -> int:
        total = 1
        for p in parts:
            total *= p(values, around)
        return total

    return product


def _entry(model: Model, e: Entry) -> Whole:
    symbol = e.symbol
    parts = [compiled(model, i) for i in e.index]

    def dimension(values: Mapping[Basic, int], around: tuple[int, ...]) -> int:
        index = tuple([p(values, around) for p in parts])
        if (symbol.name, index) in model.widths:
            return model.widths[symbol.name, index]
        by_law = model.by_law(symbol, index, values)
        # outside the layers a width is an arbitrary positive integer, behind a bracket that is 0
        return int(by_law.number) if by_law is not None else 1 + model.draw("size", index) % 3

    def other(values: Mapping[Basic, int], around: tuple[int, ...]) -> int:
        return int(model.entry(symbol, tuple([p(values, around) for p in parts]), values).number)

    return dimension if symbol.kind == "dimension" else other


class Matcher:
    """The own indices of a law at which its patterns are given numbers."""

    def __init__(self, model: Model, law: Law, patterns: Sequence[Expr]) -> None:
        own = {k for k, _, _ in law.indices}
        self.own = tuple(own)
        self.model = model
        # then what the law shares has the same values inside of it
        self.keeps = own.isdisjoint(model.free)
        self.numbers: list[tuple[int, int]] = []
        self.plain: list[tuple[int, Basic]] = []
        rest: list[tuple[int, Expr]] = []
        for n, pattern in enumerate(patterns):
            if isinstance(pattern, Symbol) and pattern in own:
                self.plain.append((n, pattern))
            elif pattern.is_Integer:
                self.numbers.append((n, int(pattern)))
            else:
                rest.append((n, pattern))
        known: set[Any] = {k for _, k in self.plain}
        self.shifted: list[tuple[int, Basic, Expr]] = []
        self.checked: list[tuple[int, Expr]] = []
        for n, pattern in rest:
            unknown = [s for s in pattern.free_symbols if s in own and s not in known]
            if len(unknown) == 1:
                self.shifted.append((n, unknown[0], pattern - unknown[0]))
                known.add(unknown[0])
            else:
                self.checked.append((n, pattern))
        self.limits = tuple(law.indices)
        self.complete = own <= known

    def __call__(self, index: tuple[int, ...], shared: Mapping[Basic, int]) -> dict[Basic, int] | None:
        """The values of all indices; None where a pattern is another number, or outside of the ranges."""
        for n, number in self.numbers:
            if index[n] != number:
                return None
        values: dict[Basic, int]
        if self.keeps:
            values = Matched(shared)
            values.free = self.model.free_values(shared)
        else:
            values = dict(shared)
        for k in self.own:
            values.pop(k, None)
        for n, k in self.plain:
            if values.setdefault(k, index[n]) != index[n]:
                return None
        integer = self.model.integer
        for n, k, shift in self.shifted:
            values[k] = index[n] - integer(shift, values)
        if not self.complete:
            return None
        try:
            for n, pattern in self.checked:
                if integer(pattern, values) != index[n]:
                    return None
            for k, lo, hi in self.limits:
                if not integer(lo, values) <= values[k] <= integer(hi, values):
                    return None
        except (KeyError, ModularError):
            return None
        return values
