r"""Families of entries: (a_j)_{j=1}^{n} is the array a, as the arguments of a cost are printed."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from symderive.dialect.syntax import Comparison, Group, Name, Node, Power


class FamilyOf(NamedTuple):
    """An array by its name, and the ranges of the letters of its entries, outermost first."""

    name: Name
    ranges: tuple[tuple[str, Node, Node], ...]


def family_of(e: Node) -> FamilyOf | None:
    """What a family of entries is made of; None where it is none."""
    ranges: list[tuple[str, Node, Node]] = []
    while isinstance(e, Power) and isinstance(e.base, Group) and len(e.base.sub) == 1:
        (low,) = e.base.sub
        if not isinstance(low, Comparison) or low.relation != "=" or not isinstance(low.left, Name):
            return None
        ranges.append((low.left.base, low.right, e.exponent))
        e = e.base.body
    if not ranges or not isinstance(e, Name) or len(e.sub) < len(ranges):
        return None
    last = e.sub[-len(ranges) :]
    if [getattr(x, "base", "") for x in last] != [k for k, _, _ in ranges]:
        return None
    return FamilyOf(replace(e, sub=e.sub[: -len(ranges)]), tuple(ranges))


__all__ = ["FamilyOf", "family_of"]
