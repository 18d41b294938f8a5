"""Nodes whose axes are indices: x_j y_k is an array with the axes j and k, whatever their order in memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sympy import Expr

from symderive.compilation.graph import Graph, Node


@dataclass(frozen=True, eq=False)
class Axis:
    """An index that is an axis of arrays; `order` is its place among others, outer ones first."""

    order: int
    lo: Expr
    size: Expr


@dataclass(frozen=True, eq=False)
class Labelled:
    """A node, with an index for each of its axes."""

    node: Node
    axes: tuple[Axis, ...] = ()

    @property
    def number(self) -> Expr | None:
        """The number that it is, if it is one.

        >>> Labelled(Graph().const(3)).number
        3
        """
        return self.node.attr[0] if self.node.op == "const" else None


def union(parts: Iterable[Labelled]) -> tuple[Axis, ...]:
    """All axes of the parts: in the order of a part that has them all, if there is one, or outer first."""
    parts = list(parts)
    found = {a for p in parts for a in p.axes}
    for p in parts:
        if len(p.axes) == len(found):
            return p.axes
    return tuple(sorted(found, key=lambda a: a.order))


def over(graph: Graph, part: Labelled, axes: Sequence[Axis]) -> Node:
    """The node with its axes in this order, of length 1 where it lacks one.

    >>> from sympy import Integer
    >>> g = Graph(); j, k = Axis(0, Integer(1), Integer(2)), Axis(1, Integer(1), Integer(3))
    >>> over(g, Labelled(g.node("input", (), ("x",), (j.size,)), (j,)), (j, k)).shape
    (2, 1)
    """
    if not part.axes:
        return part.node
    order = [part.axes.index(a) for a in axes if a in part.axes]
    return graph.expand(graph.transpose(part.node, tuple(order)), tuple(a in part.axes for a in axes))


def combine(graph: Graph, op: str, *parts: Labelled) -> Labelled:
    """An elementwise operation."""
    axes = union(parts)
    node = graph.elementwise(op, *(over(graph, p, axes) for p in parts))
    return Labelled(node, axes if node.rank else ())


def product(graph: Graph, parts: Sequence[Labelled]) -> Labelled:
    """The product of the parts: numbers first, and small arrays before large ones."""
    ordered = sorted(parts, key=lambda p: (p.node.kind != "real", len(p.axes), p.node.op != "const"))
    ordered.sort(key=lambda p: len(p.axes))
    return _fold(graph, "multiply", ordered) if ordered else Labelled(graph.const(1))


def total(graph: Graph, parts: Sequence[Labelled]) -> Labelled:
    """The sum of the parts, small arrays first; what is subtracted comes after what it is taken from."""
    ordered = sorted(parts, key=lambda p: (len(p.axes), p.node.op == "negative"))
    return _fold(graph, "add", ordered) if ordered else Labelled(graph.const(0))


def _fold(graph: Graph, op: str, parts: Sequence[Labelled]) -> Labelled:
    found = parts[0]
    for p in parts[1:]:
        found = combine(graph, op, found, p)
    return found


def reduced(graph: Graph, part: Labelled, op: str, summed: Iterable[Axis]) -> Labelled:
    """The sum or the maximum over some axes."""
    places = tuple(part.axes.index(a) for a in summed if a in part.axes)
    if not places:
        return part
    kept = tuple(a for n, a in enumerate(part.axes) if n not in places)
    inside = graph.real(part.node)
    shape = tuple(a.size for a in kept)
    if op == "sum" and inside.rank == 2 and len(places) == 1:
        # BLAS adds rows or columns faster than add.reduce
        ones = graph.ones(inside.shape[places[0]])
        pair = (ones, inside) if places == (0,) else (inside, ones)
        return Labelled(graph.node("matmul", pair, (), shape), kept)
    return Labelled(graph.node(op, (inside,), (tuple(sorted(places)),), shape), kept)
