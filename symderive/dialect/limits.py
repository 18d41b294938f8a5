r"""What stands below and above a sum: its index and the limits, \sum_{k \neq i}, or several indices,
which are sums within each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from symderive.dialect.entries import single
from symderive.dialect.pieces import Misread
from symderive.dialect.syntax import BigOperator, Comparison, Name, Node, Product

EXPECTED = r"an index such as j, j = 1 or k \neq i below a sum"


@dataclass
class Index:
    """An index while it is read."""

    name: Name
    low: Node | None = None
    unequal: Node | None = None


def summed(
    operator: str, place: int, limits: Sequence[tuple[str, tuple[Node, ...]]], body: Node
) -> BigOperator:
    """The sum or product; where it has several indices, one in the other."""
    below = [items for kind, items in limits if kind == "below"]
    above = [items for kind, items in limits if kind == "above"]
    if len(below) > 1 or len(above) > 1:
        raise Misread("one limit below and one above a sum", "more", place - 1)
    if not all([*below, *above]):
        raise Misread("a limit of a sum", "a prime", place - 1)
    high = single(above[0]) if above else None
    indices = _indices(below[0]) if below else []
    if not indices:
        return BigOperator(operator, None, None, high, body, shown=f"\\{operator}", column=place)
    for n, i in reversed(list(enumerate(indices))):
        body = BigOperator(
            operator,
            i.name,
            i.low,
            high,
            body,
            i.unequal,
            f"\\{operator}",
            joint=n < len(indices) - 1,
            column=place,
        )
    assert isinstance(body, BigOperator)
    return body


def _indices(items: Sequence[Node]) -> list[Index]:
    found: list[Index] = []
    for e in items:
        if isinstance(e, Comparison):
            if e.relation == r"\neq" and isinstance(e.left, Name):
                known = next((i for i in found if i.name == e.left and i.unequal is None), None)
                if known is not None:  # k = 1, k \neq i
                    known.unequal = e.right
                else:
                    found.append(Index(e.left, unequal=e.right))
                continue
            if e.relation != "=":
                raise Misread(EXPECTED, repr(e.relation), e.column - 1)
            found += [Index(n) for n in _names(e.left)]
            for i in found:  # i, j = 1: both begin there
                if i.low is None and i.unequal is None:
                    i.low = e.right
        else:
            found += [Index(n) for n in _names(e)]
    return found


def _names(e: Node) -> list[Name]:
    parts = e.factors if isinstance(e, Product) and not any(e.operators) else (e,)
    made = [p for p in parts if isinstance(p, Name)]
    if len(made) != len(parts):
        raise Misread(EXPECTED, "another term", e.column - 1)
    return made
