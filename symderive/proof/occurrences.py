"""Where the indices of a definition stand: each letter, free or bound, with the entries that carry it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sympy import Expr, Symbol
from sympy.core.basic import Basic

from symderive.calculus.atoms import TensorSymbol
from symderive.calculus.terms import Binder, Bracket, Entry, Family, FunctionalValue, PartialDerivative
from symderive.systems.definition import Definition


@dataclass(frozen=True)
class Place:
    """An index stands at axis `axis` of the tensor, whose superscripts are `sup` there."""

    tensor: TensorSymbol
    axis: int
    sup: tuple[Expr, ...]


@dataclass
class Letter:
    """One index of a definition: the entries that it counts, and whether anything else uses its value."""

    symbol: Symbol
    lo: Expr
    hi: Expr
    places: dict[Place, None] = field(default_factory=dict)
    used_otherwise: bool = False


def letters(d: Definition) -> Iterator[Letter]:
    """The indices of a definition: its own, and those that its sums and families bind.

    The value of an index is used otherwise where it is compared, moves on (k + 1), stands in a superscript or
    a limit, or numbers the arguments of a functional, which need not be symmetric in them.

    >>> from symderive.systems import mlp
    >>> for i in letters(mlp().definitions[1]):
    ...     print(i.symbol, [f"{p.tensor}.{p.axis} at {p.sup}" for p in i.places], i.used_otherwise)
    l [] True
    j ['z.1 at (l,)', 'b.1 at (l,)', 'w.1 at (l,)'] False
    k ['a.1 at (l - 1,)', 'w.2 at (l,)'] False
    """
    found = {k: Letter(k, lo, hi) for k, lo, hi in d.indices}
    bound: list[Letter] = []
    for _, *ends in d.indices:
        for end in ends:
            _use(end, found)
    taken = set(d.lhs.free_symbols | d.rhs.free_symbols) | d.context.taken
    _visit(d.lhs, found, bound, taken)
    _visit(d.rhs, found, bound, taken)
    yield from (*found.values(), *bound)


def _visit(e: Basic, known: dict[Symbol, Letter], bound: list[Letter], taken: set[Basic]) -> None:
    if isinstance(e, Entry) and e.symbol.kind == "real":
        t = e.symbol
        for axis, i in enumerate(e.index):
            if i in known and axis >= t.sup:
                known[i].places[Place(t, axis, e.index[: t.sup])] = None
            else:
                _use(i, known)
        return
    if isinstance(e, Binder):
        k, body = e.unbind(taken)
        taken.add(k)
        letter = Letter(k, e.lo, e.hi, used_otherwise=isinstance(e, Family))
        bound.append(letter)
        _use(e.lo, known)
        _use(e.hi, known)
        _visit(body, {**known, k: letter}, bound, taken)
        return
    if isinstance(e, Entry | Bracket | PartialDerivative):
        _use(e, known)
        return
    if isinstance(e, FunctionalValue):
        for partial in e.partials:
            for i in partial:
                _use(i, known)
        for f in e.families:
            _visit(f, known, bound, taken)
        return
    if isinstance(e, Symbol):
        _use(e, known)
    for a in e.args:
        _visit(a, known, bound, taken)


def _use(e: Basic, known: dict[Symbol, Letter]) -> None:
    for s in e.free_symbols:
        if s in known:
            known[s].used_otherwise = True


__all__ = ["Letter", "Place", "letters"]
