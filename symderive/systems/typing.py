"""The types of a system: every index has a range, and every entry stays in its declared one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sympy import Expr
from sympy.core.basic import Basic

from symderive.calculus.atoms import TensorSymbol
from symderive.calculus.ranges import Context
from symderive.calculus.terms import Entry
from symderive.systems.system import Definition, SystemTypeError, entries

if TYPE_CHECKING:
    from symderive.systems.system import System


def check_system(system: System) -> None:
    """SystemTypeError at the first definition that does not fit."""
    known = {t.name: t for t in (*system.inputs, *system.parameters)}
    if len(known) != len(system.inputs) + len(system.parameters):
        raise SystemTypeError(f"{system.name}: two inputs or parameters have one name")
    if not system.definitions:
        raise SystemTypeError(f"{system.name}: expected at least the definition of the cost, found none")
    if system.cost.rank:
        raise SystemTypeError(f"{system.name}: the cost {system.cost.name} must be a scalar")
    if system.cost not in system.defined:
        raise SystemTypeError(f"{system.name}: the cost {system.cost.name} is not defined")
    defined = set(system.defined)
    given = set(system.inputs) | set(system.parameters)
    for t in defined:
        if t in given or (t.name in known and known[t.name] != t):
            raise SystemTypeError(f"{system.name}: {t.name} is given, and may not be defined")
    for d in system.definitions:
        check_definition(d, defined | given, system.size_rule)
    _check_overlap(system)
    _check_order(system)


def check_definition(
    d: Definition, tensors: set[TensorSymbol] | None = None, sizes: dict[Basic, Basic] | None = None
) -> None:
    """SystemTypeError unless both sides keep to the declared ranges and use declared names alone."""
    sizes = sizes or {}
    where = f"definition of {d.lhs}"
    for side in (d.lhs, d.rhs):
        missing = d.context.missing(side)
        if missing:
            raise SystemTypeError(f"{where}: index {min(map(str, missing))} has no range")
        for entry, ctx in entries(side, d.context):
            if tensors is not None and entry.symbol.kind == "real" and entry.symbol not in tensors:
                raise SystemTypeError(f"{where}: {entry.symbol.name} is neither given nor defined")
            check_entry(entry, ctx, sizes, where)
    for k, lo, hi in d.indices:
        for bound in (lo, hi):
            for entry, ctx in entries(bound, d.context):
                check_entry(entry, ctx, sizes, f"{where}, range of {k}")


def check_entry(entry: Entry, ctx: Context, sizes: dict[Basic, Basic], where: str) -> None:
    """SystemTypeError unless every index of the entry lies in its declared range."""
    for place, (value, (lo, hi)) in enumerate(zip(entry.index, entry.ranges(), strict=True), 1):
        lo, hi = lo.xreplace(sizes), hi.xreplace(sizes)
        if not ctx.within(value, lo, hi):
            raise SystemTypeError(
                f"{where}: index {place} of {entry}: expected a value in {lo}..{hi}, found {value}{_known(value, ctx)}"
            )


def _known(value: Expr, ctx: Context) -> str:
    used = [f"{k} in {ctx[k][0]}..{ctx[k][1]}" for k in sorted(value.free_symbols & ctx.symbols, key=str)]
    return f" ({', '.join(used)})" if used else ""


def _check_overlap(system: System) -> None:
    """No entry is defined twice."""
    for t in system.defined:
        ds = system.of(t)
        for n, d in enumerate(ds):
            for e in ds[:n]:
                if not _apart(d, e):
                    raise SystemTypeError(f"{system.name}: {d.lhs} is defined twice, also as {e.lhs}")


def _apart(d: Definition, e: Definition) -> bool:
    """Whether two definitions of a tensor share no entry, as the ranges of some index show."""
    e = e.renamed(d.context.symbols | d.lhs.free_symbols)
    ctx = Context((*d.indices, *e.indices))
    return any(
        ctx.nonnegative(a - b - 1) or ctx.nonnegative(b - a - 1)
        for a, b in zip(d.lhs.index, e.lhs.index, strict=True)
    )


def _check_order(system: System) -> None:
    """Definitions follow each other, or recur on a superscript that goes down, or one that goes up.

    Inside one step of the recursion the definitions may not form a circle.
    """
    uses: dict[TensorSymbol, set[TensorSymbol]] = {t: set() for t in system.defined}
    for d in system.definitions:
        for entry, ctx in entries(d.rhs, d.context):
            if entry.symbol in uses and not _steps(d.lhs, entry, ctx):
                uses[d.symbol].add(entry.symbol)
    done: set[TensorSymbol] = set()
    while len(done) < len(uses):
        ready = [t for t in uses if t not in done and uses[t] <= done]
        if not ready:
            names = ", ".join(t.name for t in uses if t not in done)
            raise SystemTypeError(f"{system.name}: {names} are defined by each other in a circle")
        done.update(ready)


def _steps(lhs: Entry, used: Entry, ctx: Context) -> bool:
    """Whether the entry that is used lies at another step of a superscript recursion."""
    mine, theirs = lhs.index[: lhs.symbol.sup], used.index[: used.symbol.sup]
    return any(
        ctx.nonnegative(a - b - 1) or ctx.nonnegative(b - a - 1)
        for a, b in zip(mine, theirs, strict=False)
    )

