"""Which memory each array is written to: that of an argument that is not needed any more, if it fits.

An elementwise operation may write over its argument, z = z + b; a matrix product may not. An output is
written to the array that the caller gets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from symderive.compilation.graph import ELEMENTWISE, LEAVES, VIEWS, Node, Shape, same


@dataclass(frozen=True)
class Buffer:
    """Memory of the workspace; `ones` is filled once, with ones, and only read."""

    number: int
    shape: Shape
    kind: str
    ones: bool = False


@dataclass(frozen=True)
class Plan:
    """The order of operations, the buffers, and where each node's values are.

    `where` has the buffers of nodes; `direct` the nodes that are computed in the place of an output. Views,
    leaves and numbers are in neither.
    """

    order: tuple[Node, ...]
    buffers: tuple[Buffer, ...]
    where: dict[Node, Buffer]
    direct: dict[Node, int]


def owner(node: Node) -> Node:
    """The node whose memory a view looks at.

    >>> from sympy import Integer
    >>> from symderive.compilation.graph import Graph
    >>> g = Graph(); x = g.node("input", (), ("x",), (Integer(2), Integer(3)))
    >>> owner(g.transpose(x, (1, 0))) is x
    True
    """
    while node.op in VIEWS:
        node = node.args[0]
    return node


def plan(order: Sequence[Node], outputs: Sequence[Node], keep: Sequence[Node] = ()) -> Plan:
    """The memory of every node; `keep` are nodes that are read after the last operation.

    >>> from sympy import Integer
    >>> from symderive.compilation.graph import Graph
    >>> g = Graph(); x = g.node("input", (), ("x",), (Integer(2),))
    >>> e = g.elementwise("exp", x); t = g.elementwise("tanh", e); o = g.elementwise("sin", t)
    >>> p = plan([x, e, t, o], [o]); p.where[e] is p.where[t], p.direct
    (True, {%3 = sin(%2): 0})
    """
    last: dict[Node, int] = {}
    for n, node in enumerate(order):
        for a in node.args:
            last[owner(a)] = n
    direct: dict[Node, int] = {}
    for n, node in enumerate(outputs):
        if node.rank and node.op not in VIEWS | LEAVES and node.kind == "real" and node not in direct:
            direct[node] = n
    for node in (*outputs, *keep):
        last[owner(node)] = len(order)
    buffers: list[Buffer] = []
    free: list[Buffer] = []
    where: dict[Node, Buffer] = {}

    def new(node: Node, ones: bool = False) -> Buffer:
        buffers.append(Buffer(len(buffers), node.shape, node.kind, ones))
        return buffers[-1]

    for n, node in enumerate(order):
        if node.op == "ones":
            where[node] = new(node, ones=True)
        dying = [a for a in dict.fromkeys(map(owner, node.args)) if last[a] == n and a in where]
        dying = [a for a in dying if not where[a].ones]
        if node.rank and node.op not in VIEWS | LEAVES and node not in direct:
            own = [a for a in dying if a in node.args and same(a.shape, node.shape) and a.kind == node.kind]
            if node.op in ELEMENTWISE and own:
                where[node] = where[own[0]]
                dying.remove(own[0])
            else:
                fits = [b for b in free if b.kind == node.kind and same(b.shape, node.shape)]
                where[node] = fits[-1] if fits else new(node)
                if fits:
                    free.remove(fits[-1])
        free += [where[a] for a in dying]
    return Plan(tuple(order), tuple(buffers), where, direct)
