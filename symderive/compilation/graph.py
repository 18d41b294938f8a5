"""Array operations as a graph in which equal operations are one node: t = tanh(z) is computed once.

| operation | arguments | what it is in NumPy |
|---|---|---|
| input | | an array that the caller gives |
| const | | a number, or a term in sizes such as 1/N |
| ones, arange | | the vector (1, .., 1); the values of an index, as floating-point numbers |
| multiply, tanh, .. | arrays that broadcast | the ufunc of that name |
| real | an array of truth values | the same as floating-point numbers |
| erf | an array | the error function |
| matmul, vdot, einsum | two arrays | products summed |
| sum, max | an array | over some axes |
| gather | an array and index arrays | entries picked one by one |
| assemble | arrays | put together, each at its place |
| transpose, expand, reshape, index | an array | views of it |
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

from sympy import Expr, Integer, expand

Shape = tuple[Expr, ...]

VIEWS = frozenset({"transpose", "expand", "reshape", "index"})
LEAVES = frozenset({"input", "const", "ones", "arange"})
COMMUTATIVE = frozenset({"add", "multiply", "maximum", "minimum", "equal", "vdot"})
TRUTH = frozenset({"greater", "greater_equal", "less", "less_equal", "equal"})
ELEMENTWISE = frozenset({
    "add", "subtract", "multiply", "divide", "negative", "reciprocal", "square", "sqrt", "power", "exp",
    "log", "log1p", "sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "absolute",
    "sign", "maximum", "minimum", "real", "erf", *TRUTH,
})  # fmt: skip


@dataclass(frozen=True, eq=False)
class Node:
    """One operation; `kind` is real or bool; two nodes of a graph are equal if they are the same."""

    number: int
    op: str
    args: tuple[Node, ...]
    attr: tuple[Any, ...]
    shape: Shape
    kind: str = "real"

    @property
    def rank(self) -> int:
        """The number of axes."""
        return len(self.shape)

    def __repr__(self) -> str:
        inside = [f"%{a.number}" for a in self.args] + [str(a) for a in self.attr]
        return f"%{self.number} = {self.op}({', '.join(inside)})"


class Graph:
    """Nodes by what they are made of.

    >>> g = Graph(); n = Integer(3); z = g.node("input", (), ("z",), (n,))
    >>> g.elementwise("tanh", z) is g.elementwise("tanh", z)
    True
    >>> g.multiply(g.const(2), g.multiply(z, g.const(Integer(1) / 2))) is z
    True
    """

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self._known: dict[Hashable, Node] = {}

    def node(
        self, op: str, args: tuple[Node, ...], attr: tuple[Any, ...], shape: Shape, kind: str = "real"
    ) -> Node:
        """The node of this operation, made if it is new."""
        if op in COMMUTATIVE and len(args) == 2:
            args = tuple(sorted(args, key=lambda a: (a.op != "const", a.number)))  # numbers in front
        key = (op, tuple(a.number for a in args), attr, kind)
        if key not in self._known:
            self._known[key] = Node(len(self.nodes), op, args, attr, shape, kind)
            self.nodes.append(self._known[key])
        return self._known[key]

    # ------------------------------------------------------------------------------- numbers

    def const(self, value: Expr | int) -> Node:
        """A number, or a term in sizes."""
        return self.node("const", (), (Integer(value) if isinstance(value, int) else value,), ())

    def arange(self, lo: Expr, size: Expr) -> Node:
        """lo, lo + 1, .., as floating-point numbers."""
        return self.node("arange", (), (lo, size), (size,))

    def ones(self, size: Expr) -> Node:
        """A vector of ones."""
        return self.node("ones", (), (size,), (size,))

    def real(self, a: Node) -> Node:
        """The same values as floating-point numbers."""
        return a if a.kind == "real" else self.node("real", (a,), (), a.shape)

    # ------------------------------------------------------------------------------- elementwise

    def elementwise(self, op: str, *args: Node) -> Node:
        """A ufunc of arrays that broadcast, the last axes of which belong together."""
        if op == "multiply":
            return self.multiply(args[0], args[1])
        if op == "add":
            return self.add(args[0], args[1])
        if op not in TRUTH and any(a.kind != "real" for a in args):
            # truth values have no sum; a product of them with reals needs no conversion
            args = tuple(map(self.real, args))
        kind = "bool" if op in TRUTH else "real"
        return self.node(op, args, (), broadcast(*(a.shape for a in args)), kind)

    def multiply(self, a: Node, b: Node) -> Node:
        """a b; numbers are collected in front, and 1 is left out."""
        if a.op != "const" and b.op == "const":
            a, b = b, a
        if a.op == "const":
            c = a.attr[0]
            if b.op == "const":
                return self.const(c * b.attr[0])
            if c == 1:
                return self.real(b)
            if c == 0:
                return self.const(0)
            if c == -1:
                if b.op == "subtract":
                    return self.elementwise("subtract", *reversed(b.args))
                return self.elementwise("negative", b)
            if b.op == "multiply" and b.args[0].op == "const":
                return self.multiply(self.const(c * b.args[0].attr[0]), b.args[1])
        if a.kind != "real" or a.op == "const":
            b = self.real(b)
        for one, other in ((a, b), (b, a)):
            if one.op == "expand" and other.op == "multiply":
                for large, small in (other.args, reversed(other.args)):
                    if small.op == "expand" and small.attr == one.attr:  # small arrays first
                        both = self.multiply(small.args[0], one.args[0])
                        return self.multiply(large, self.expand(both, one.attr[0]))
        if a is b:
            return self.node("square", (a,), (), a.shape)
        return self.node("multiply", (a, b), (), broadcast(a.shape, b.shape))

    def add(self, a: Node, b: Node) -> Node:
        """a + b; a negative one is subtracted, and 0 is left out."""
        a, b = self.real(a), self.real(b)
        if a.op == b.op == "const":
            return self.const(a.attr[0] + b.attr[0])
        for one, other in ((a, b), (b, a)):
            if one.op == "const" and one.attr[0] == 0:
                return other
            if one.op == "negative":
                return self.elementwise("subtract", other, one.args[0])
            if one.op == "expand" and one.args[0].op == "negative":
                positive = self.expand(one.args[0].args[0], one.attr[0])
                return self.elementwise("subtract", other, positive)
        return self.node("add", (a, b), (), broadcast(a.shape, b.shape))

    # ------------------------------------------------------------------------------- views

    def transpose(self, a: Node, order: tuple[int, ...]) -> Node:
        """The axes in another order."""
        if order == tuple(range(a.rank)):
            return a
        if a.op == "transpose":
            return self.transpose(a.args[0], tuple(a.attr[0][p] for p in order))
        return self.node("transpose", (a,), (order,), tuple(a.shape[p] for p in order), a.kind)

    def expand(self, a: Node, places: tuple[bool, ...]) -> Node:
        """New axes of length 1 where `places` is False; those in front are left to broadcasting."""
        if True not in places:
            return a
        places = places[places.index(True) :]
        if all(places):
            return a
        axes = iter(a.shape)
        shape = tuple(next(axes) if p else Integer(1) for p in places)
        return self.node("expand", (a,), (places,), shape, a.kind)

    def reshape(self, a: Node, shape: Shape) -> Node:
        """The same entries in another shape."""
        return a if same(a.shape, shape) else self.node("reshape", (a,), (shape,), shape, a.kind)

    def index(self, a: Node, at: tuple[Any, ...], shape: Shape) -> Node:
        """a[at], where each part is a term, counted from 0, or (start, size, step)."""
        return self.node("index", (a,), (at,), shape, a.kind)


def same(a: Shape, b: Shape) -> bool:
    """Whether two shapes are equal for all sizes.

    >>> same((Integer(2),), (Integer(3),))
    False
    """
    return len(a) == len(b) and all(x == y or expand(x - y) == 0 for x, y in zip(a, b, strict=True))


def broadcast(*shapes: Shape) -> Shape:
    """The shape of arrays combined elementwise.

    >>> broadcast((Integer(2), Integer(1)), (Integer(3),))
    (2, 3)
    """
    rank = max(map(len, shapes))
    found = []
    for p in range(1, rank + 1):
        sizes = [s[-p] for s in shapes if len(s) >= p]
        found.append(next((n for n in sizes if n != 1), sizes[0]))
    return tuple(reversed(found))
