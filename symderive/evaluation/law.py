"""A law of a model: an equation for all its own indices; what it shares, and its letters apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sympy import Dummy, Expr, Symbol
from sympy.core.basic import Basic


class Law(Protocol):
    """For all indices in their ranges, lhs = rhs: a definition, or a hypothesis with an entry on its left."""

    @property
    def lhs(self) -> Expr: ...
    @property
    def rhs(self) -> Expr: ...
    @property
    def indices(self) -> tuple[tuple[Symbol, Expr, Expr], ...]: ...


def shared(law: Law) -> set[Symbol]:
    """The free indices of a law beside its own."""
    own = {k for k, _, _ in law.indices}
    terms = [law.lhs, law.rhs, *(e for _, lo, hi in law.indices for e in (lo, hi))]
    free = {s for e in terms for s in e.free_symbols if isinstance(s, Symbol)}
    return {s for s in free - own if s.is_integer and not s.is_positive}


@dataclass(frozen=True)
class _Renamed:
    """A law with other letters for its own indices."""

    lhs: Expr
    rhs: Expr
    indices: tuple[tuple[Symbol, Expr, Expr], ...]


def apart(law: Law, free: Sequence[Symbol]) -> Law:
    """The law with none of these letters among its own indices: elsewhere they stand for one value."""
    rule: dict[Basic, Basic] = {k: Dummy(k.name, integer=True) for k, _, _ in law.indices if k in free}
    if not rule:
        return law
    limits = tuple((rule.get(k, k), lo.xreplace(rule), hi.xreplace(rule)) for k, lo, hi in law.indices)
    return _Renamed(law.lhs.xreplace(rule), law.rhs.xreplace(rule), limits)
