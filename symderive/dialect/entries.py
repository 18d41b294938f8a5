"""The entries of a script: letters in a row are indices of their own, l + 1 is one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from symderive.dialect.syntax import Node, Number, Product, Sum, Tuple


def entries(items: Sequence[Node]) -> tuple[Node, ...]:
    """The entries of what stands between commas: j k are two, and j k + 1 are j and k + 1."""
    made: list[Node] = []
    for e in items:
        if isinstance(e, Product) and not any(e.operators):
            made += e.factors
        elif isinstance(e, Sum) and e.signs[0] == "+" and _packed(e.terms[0]):
            *front, last = e.terms[0].factors  # type: ignore[attr-defined]
            made += front
            made.append(replace(e, terms=(last, *e.terms[1:])))
        else:
            made.append(e)
    return tuple(made)


def _packed(e: Node) -> bool:
    return (
        isinstance(e, Product) and not any(e.operators) and not any(isinstance(f, Number) for f in e.factors)
    )


def single(items: Sequence[Node]) -> Node:
    """The same as one term."""
    return items[0] if len(items) == 1 else Tuple(tuple(items), "", column=items[0].column)
