"""Which definitions can define a given entry: found by its tensor and numeric indices, without a search."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Generic, Protocol, TypeVar

from sympy import Expr

from symderive.calculus.atoms import TensorSymbol
from symderive.calculus.terms import Entry


class HasLeftSide(Protocol):
    """A definition, or whatever else says something of the entries that its left side stands for."""

    @property
    def lhs(self) -> Entry: ...


D = TypeVar("D", bound=HasLeftSide)


class Lookup(Generic[D]):
    """Definitions by what their left sides can be; linear in their number, also for a thousand layers.

    >>> from symderive.systems import mlp
    >>> net = mlp(widths=[2, 3, 4]); a = net.tensor("a")
    >>> [str(d.lhs) for d in Lookup(net.definitions).candidates(a[1, 2])]
    ['a[1, j]']
    """

    def __init__(self, definitions: Iterable[D]) -> None:
        self.table: dict[object, list[D]] = {}
        self.symbols: set[TensorSymbol] = set()
        for d in definitions:
            self.symbols.add(d.lhs.symbol)
            self.table.setdefault(_key(d.lhs), []).append(d)
            if (sup := _numeric(d.lhs.index[: d.lhs.symbol.sup])) is not None:
                self.table.setdefault((d.lhs.symbol, "sup", sup), []).append(d)
            self.table.setdefault(d.lhs.symbol, []).append(d)

    def candidates(self, entry: Entry) -> Sequence[D]:
        """The definitions that may define the entry, as far as numbers tell; each once."""
        t = entry.symbol
        sup = _numeric(entry.index[: t.sup])
        if sup is None:
            return self.table.get(t, ())
        symbolic = self.table.get((t, "pattern", None), [])
        whole = _numeric(entry.index)
        if whole is None:
            return [*self.table.get((t, "sup", sup), []), *symbolic]
        same = self.table.get((t, "entry", whole), [])
        return [*same, *self.table.get((t, "pattern", sup), []), *symbolic]


def _numeric(index: Sequence[Expr]) -> tuple[int, ...] | None:
    return tuple(int(i) for i in index) if all(i.is_Integer for i in index) else None


def _key(lhs: Entry) -> object:
    whole, sup = _numeric(lhs.index), _numeric(lhs.index[: lhs.symbol.sup])
    return (lhs.symbol, "entry", whole) if whole is not None else (lhs.symbol, "pattern", sup)
