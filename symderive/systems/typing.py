"""The types of a system: every index has a range, every entry keeps to its own, and is given or defined."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from sympy import Expr
from sympy.core.basic import Basic

from symderive.calculus.atoms import TensorSymbol
from symderive.calculus.ranges import Context
from symderive.calculus.terms import Entry
from symderive.systems.coverage import covered
from symderive.systems.definition import Definition, SystemTypeError
from symderive.systems.order import check_order
from symderive.systems.scope import Scope, entries

if TYPE_CHECKING:
    from symderive.systems.system import System

Rule = Mapping[Basic, Basic]
Used = list[tuple[Entry, Scope]]


def check_system(system: System) -> None:
    """SystemTypeError at the first definition that does not fit.

    >>> from symderive.systems import mlp
    >>> check_system(mlp())
    """
    _check_names(system)
    tensors = {*system.inputs, *system.parameters, *system.defined}
    used = [check_definition(d, tensors, system.size_rule) for d in system.definitions]
    _check_overlap(system)
    _check_cover(system, used)
    check_order(system, used)


def _check_names(system: System) -> None:
    given = [t.name for t in (*system.inputs, *system.parameters)]
    for twice in (name for n, name in enumerate(given) if name in given[:n]):
        raise SystemTypeError(
            f"{system.name}: expected inputs and parameters of different names, found {twice} twice"
        )
    if not system.definitions:
        raise SystemTypeError(
            f"{system.name}: expected at least the definition of the cost, found no definition"
        )
    if system.cost.rank:
        found = f"{system.cost.name} with {system.cost.rank}"
        raise SystemTypeError(f"{system.name}: expected a cost without indices, found {found}")
    defined = {t.name: t for t in system.defined}
    if system.cost not in system.defined:
        known = ", ".join(defined)
        raise SystemTypeError(
            f"{system.name}: expected a definition of the cost {system.cost.name}, found only {known}"
        )
    for t in system.defined:
        if t.name in given:
            raise SystemTypeError(f"{system.name}: {t.name} is defined, and an input or parameter too")
        if defined[t.name] != t:
            raise SystemTypeError(f"{system.name}: two different tensors are called {t.name}")
    all_tensors = {*system.inputs, *system.parameters, *system.defined}
    for what, marked in (("adjoints", system.adjoints), ("inlined", system.inlined)):
        for t in marked:
            if t not in all_tensors:
                raise SystemTypeError(
                    f"{system.name}: {what}: expected tensors of the system, found {t.name}"
                )


def check_definition(
    d: Definition, tensors: Iterable[TensorSymbol] | None = None, sizes: Rule | None = None
) -> Used:
    """SystemTypeError unless both sides keep to the declared ranges; else the entries on the right side.

    With `tensors`, no others may occur. `sizes` are values of widths in the declared ranges.

    >>> from symderive.calculus import indices, tensor
    >>> j, = indices("j"); x, y = tensor("x", (j, 1, 3)), tensor("y", (j, 1, 3))
    >>> check_definition(Definition(y[j], x[j + 1], ((j, 1, 3),)))
    Traceback (most recent call last):
        ...
    symderive.systems.definition.SystemTypeError: definition of y[j]: index 1 of x[j + 1]: expected a value
    in 1..3, found j + 1 (j in 1..3)
    """
    where = f"definition of {d.lhs}"
    known = None if tensors is None else {t.name: t for t in tensors}
    scope = Scope(d.context)
    for k, lo, hi in d.indices:
        for bound in (lo, hi):
            list(_typed(bound, scope, known, sizes or {}, f"{where}, range of {k}"))
    list(_typed(d.lhs, scope, known, sizes or {}, where))
    return list(_typed(d.rhs, scope, known, sizes or {}, where))


def _typed(
    e: Expr, scope: Scope, known: Mapping[str, TensorSymbol] | None, sizes: Rule, where: str
) -> Iterator[tuple[Entry, Scope]]:
    missing = scope.context.missing(e)
    if missing:
        first = min(map(str, missing))
        raise SystemTypeError(f"{where}: expected a range for each index, found none for {first}")
    for entry, inner in entries(e, scope):
        t = entry.symbol
        if known is not None and t.kind == "real" and known.get(t.name) != t:
            other = "found another tensor of this name" if t.name in known else "found neither"
            raise SystemTypeError(f"{where}: expected {t.name} to be given or defined, {other}")
        check_entry(entry, inner, sizes, where)
        yield entry, inner


def check_entry(entry: Entry, scope: Scope, sizes: Rule, where: str) -> None:
    """SystemTypeError unless every index of the entry lies in its declared range.

    >>> from symderive.calculus import indices, tensor
    >>> j, = indices("j"); x = tensor("x", (j, 1, 3))
    >>> check_entry(x[j], Scope(Context.of((j, 1, 3))), {}, "here")
    """
    for place, (value, (lo, hi)) in enumerate(zip(entry.index, entry.ranges(), strict=True), 1):
        lo, hi = lo.xreplace(sizes), hi.xreplace(sizes)
        if not scope.within(value, lo, hi):
            raise SystemTypeError(
                f"{where}: index {place} of {entry}: expected a value in {lo}..{hi}, "
                f"found {value}{_known([value], scope.context)}"
            )


def _known(values: Sequence[Expr], ctx: Context) -> str:
    free = {s for v in values for s in v.free_symbols}
    used = [f"{k} in {lo}..{hi}" for k, lo, hi in ctx if k in free]
    return f" ({', '.join(used)})" if used else ""


def _check_overlap(system: System) -> None:
    """No entry is defined twice."""
    seen: dict[Definition, int] = {}
    for n, d in enumerate(system.definitions):
        if d in seen:
            raise SystemTypeError(f"{system.name}: {d.lhs} is defined twice")
        seen[d] = n
    for d in system.definitions:
        for e in system.lookup.candidates(d.lhs):
            if seen[e] < seen[d] and not _apart(d, e):
                raise SystemTypeError(f"{system.name}: {d.lhs} is defined twice, also as {e.lhs}{_layers(e)}")


def _layers(d: Definition) -> str:
    shown = [f"{k} in {lo}..{hi}" for k, lo, hi in d.indices if k in d.lhs.index[: d.symbol.sup]]
    return f" for {', '.join(shown)}" if shown else ""


def _apart(d: Definition, e: Definition) -> bool:
    """Whether two definitions of a tensor share no entry, as the ranges of some index show."""
    e = e.renamed(d.context.symbols | d.lhs.free_symbols)
    ctx = Context((*d.indices, *e.indices))
    return any(
        ctx.nonnegative(a - b - 1) or ctx.nonnegative(b - a - 1)
        for a, b in zip(d.lhs.index, e.lhs.index, strict=True)
    )


def _check_cover(system: System, used: Sequence[Used]) -> None:
    """Every entry of a defined tensor that is used is defined."""
    defined = set(system.defined)
    for d, found in zip(system.definitions, used, strict=True):
        for entry, scope in found:
            if entry.symbol in defined and not covered(entry, scope, system.lookup.candidates(entry)):
                have = ", ".join(f"{e.lhs}{_layers(e)}" for e in system.of(entry.symbol)[:4])
                raise SystemTypeError(
                    f"definition of {d.lhs}: expected a definition of {entry}"
                    f"{_known(entry.index, scope.context)}, found only {have}"
                )
