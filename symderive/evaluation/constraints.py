r"""Laws that define no entry: bounds [1 <= c_j] = 1, values phi(0) = 0, phi odd, linear sum_k w_{jk} = W_j.

A model obeys them by what it draws: integers within their bounds, so that every value is taken where there
are indices enough; functions shifted to their value, or made odd; real entries that solve the linear laws,
with the free ones drawn. What is solved is linear in what is drawn, so the degrees stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sympy import Expr, Mul, Symbol
from sympy.core.basic import Basic

from symderive.calculus.ranges import Context
from symderive.calculus.terms import Applied, Bracket, Entry, FunctionalValue, IndexSum
from symderive.evaluation.no_value import NotExact

if TYPE_CHECKING:
    from symderive.evaluation.law import Law
    from symderive.evaluation.modular import Model

Unknown = tuple[str, tuple[int, ...]]
Row = dict[Unknown, Any]


def bounds(laws: Sequence[Law]) -> dict[str, list[tuple[Law, Entry, Expr, bool]]]:
    """[lo <= T[..]] = 1 and [T[..] <= hi] = 1, by tensor: law, entry, end, whether low."""
    found: dict[str, list[tuple[Law, Entry, Expr, bool]]] = {}
    for law in laws:
        b = law.lhs
        if isinstance(b, Bracket) and b.relation == "<=" and law.rhs == 1:
            for entry, end, low in ((b.b, b.a, True), (b.a, b.b, False)):
                if isinstance(entry, Entry) and entry.symbol.kind == "integer":
                    found.setdefault(entry.symbol.name, []).append((law, entry, end, low))
    return found


def values_of_functions(laws: Sequence[Law]) -> dict[str, list[Law]]:
    """phi^{(l)}(v) = u for a number v: for each function the laws."""
    found: dict[str, list[Law]] = {}
    for law in laws:
        if isinstance(law.lhs, Applied) and law.lhs.order == 0 and law.lhs.argument.is_Rational:
            found.setdefault(law.lhs.function.name, []).append(law)
    return found


def odd_functions(laws: Sequence[Law]) -> dict[str, list[Law]]:
    """phi^{(l)}(-u) = -phi^{(l)}(u) for all real u, psi(-u, v) = -psi(u, v): for each function the laws."""
    found: dict[str, list[Law]] = {}
    for law in laws:
        reals = getattr(law, "reals", ())
        if (
            reals
            and isinstance(law.lhs, Applied | FunctionalValue)
            and law.lhs == -law.rhs.xreplace({reals[0][()]: -reals[0][()]})
        ):
            f = law.lhs
            first, *others = (f.argument,) if isinstance(f, Applied) else f.families
            plain = first == -reals[0][()] and others == [u[()] for u in reals[1:]]
            if plain and not (f.order if isinstance(f, Applied) else f.partials):
                name = f.function.name if isinstance(f, Applied) else f.functional.name
                found.setdefault(name, []).append(law)
    return found


class LinearLaws:
    """The laws whose left side is a sum of entries, as one system of linear equations for all of them."""

    def __init__(self, model: Model, laws: Sequence[Law]) -> None:
        self.model = model
        self.laws = [law for law in laws if isinstance(law.lhs, IndexSum)]
        terms = [e for law in self.laws for e in (law.lhs, law.rhs)]
        self.unknown = {s.name for e in terms for s in e.free_symbols if getattr(s, "kind", "") == "real"}
        self.found: dict[Unknown, Any] | None = None
        self.busy = False

    def value(self, name: str, index: tuple[int, ...]) -> Any:
        """The number of an entry that no other law defines; None where the linear laws say nothing of it."""
        if name not in self.unknown or self.busy:
            return None
        if self.found is None:
            self.busy = True
            left, self.model.left = self.model.left, 10**9
            try:
                self.found = self._solved()
            finally:
                self.model.left, self.busy = left, False
        return self.found.get((name, index))

    def _solved(self) -> dict[Unknown, Any]:
        rows: list[tuple[Unknown, Row, Any]] = []  # pivot, its row without it, constant
        for row, constant in self._equations():
            for pivot, other, value in rows:
                row, constant = self._without(pivot, row, constant, other, value)
            if not row:
                continue  # a law that the others imply; or one that contradicts them, and fails when tested
            pivot = _largest(row, self.model)
            factor = self.model.reciprocal(row[pivot])
            scaled = {u: self.model.reduced(c * factor) for u, c in row.items() if u != pivot}
            rows.append((pivot, scaled, self.model.reduced(constant * factor)))
        found: dict[Unknown, Any] = {}
        for pivot, row, constant in reversed(rows):
            total = constant
            for u, c in row.items():
                if u not in found:
                    found[u] = self.model.drawn_number(*u)
                total += c * found[u]
            found[pivot] = self.model.reduced(-total)
        return found

    def _without(self, pivot: Unknown, row: Row, constant: Any, other: Row, value: Any) -> tuple[Row, Any]:
        """The row without the pivot of another row: pivot + sum other + value = 0."""
        if pivot not in row:
            return row, constant
        c = row[pivot]
        new = {u: x for u, x in row.items() if u != pivot}
        for u, x in other.items():
            new[u] = self.model.reduced(new.get(u, 0) - c * x)
        kept = {u: x for u, x in new.items() if not self.model.negligible(x)}
        return kept, self.model.reduced(constant - c * value)

    def _equations(self) -> Iterator[tuple[Row, Any]]:
        """sum row + constant = 0, for every law at all values of its indices."""
        for law in self.laws:
            for values in _points(self.model, law.indices):
                row, constant = self._linear(law.lhs - law.rhs, values, ())
                kept = {u: c for u, c in row.items() if not self.model.negligible(c)}
                if kept:
                    yield kept, constant

    def _not_linear(self) -> NotExact:
        names = ", ".join(sorted(self.unknown))
        return NotExact(f"no numbers are sought for a hypothesis that is not linear in {names}")

    def _linear(self, e: Basic, values: Mapping[Basic, int], around: tuple[int, ...]) -> tuple[Row, Any]:
        """The term as coefficients of unknown entries and a constant."""
        model = self.model
        if not any(getattr(s, "name", "") in self.unknown for s in e.free_symbols):
            return {}, model.value(e, values, around).number
        if isinstance(e, Entry):
            index = tuple(model.integer(i, values, around) for i in e.index)
            given = model.by_law(e.symbol, index, values)
            return ({}, given.number) if given is not None else ({(e.symbol.name, index): 1}, 0)
        if e.is_Add:
            parts = [self._linear(a, values, around) for a in e.args]
        elif isinstance(e, IndexSum):
            run = range(model.integer(e.lo, values, around), model.integer(e.hi, values, around) + 1)
            parts = [self._linear(e.body, values, (*around, v)) for v in run]
        elif e.is_Mul:
            moving = [
                f for f in e.args if any(getattr(s, "name", "") in self.unknown for s in f.free_symbols)
            ]
            if len(moving) != 1:
                raise self._not_linear()
            factor = model.value(Mul(*(f for f in e.args if f is not moving[0])), values, around)
            if factor.top or factor.bottom:
                raise NotExact(f"expected whole numbers as coefficients in a linear law, found {e}")
            row, constant = self._linear(moving[0], values, around)
            return (
                {u: model.reduced(factor.number * c) for u, c in row.items()},
                model.reduced(factor.number * constant),
            )
        else:
            raise self._not_linear()
        total: Row = {}
        for row, _ in parts:
            for u, c in row.items():
                total[u] = model.reduced(total.get(u, 0) + c)
        return total, model.reduced(sum(c for _, c in parts))


def _largest(row: Row, model: Model) -> Unknown:
    """The unknown whose coefficient divides best."""
    return max(row, key=lambda u: model.size(row[u]))


def _points(model: Model, limits: Sequence[tuple[Symbol, Expr, Expr]]) -> list[dict[Basic, int]]:
    """All values of the indices in their ranges."""
    found: list[dict[Basic, int]] = [{}]
    for k, lo, hi in Context(tuple(limits)):
        found = [{**v, k: x} for v in found for x in range(model.integer(lo, v), model.integer(hi, v) + 1)]
    return found
