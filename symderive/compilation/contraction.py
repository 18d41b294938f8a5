r"""Products summed over indices: sum_k A_{jk} B_{kl} as a matrix product, of two factors at a time.

The indices of two factors fall into four groups: in both and kept (a batch), in both and summed (contracted),
in one alone and kept (its own). Each group becomes one axis, and

| groups | operation |
|---|---|
| nothing contracted | an elementwise product |
| all contracted | vdot |
| no batch | matmul; transposes are views, which BLAS takes as they are |
| a batch, and both have indices of their own | matmul of stacks |
| a batch else | einsum |
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

from sympy import Expr, Integer, Mul

from symderive.compilation.graph import Graph, Node
from symderive.compilation.labelled import Axis, Labelled, over, product, reduced

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def contract(graph: Graph, factors: Sequence[Labelled], summed: Iterable[Axis]) -> Labelled:
    """The product of the factors, summed over some axes.

    >>> g = Graph(); j, k = (Axis(n, Integer(1), Integer(n + 2)) for n in (0, 1))
    >>> w = Labelled(g.node("input", (), ("w",), (j.size, k.size)), (j, k))
    >>> x = Labelled(g.node("input", (), ("x",), (k.size,)), (k,))
    >>> contract(g, [w, x], [k]).node.op
    'matmul'
    """
    scale: list[Expr] = []
    inside, outside = [], []
    summed = set(summed)
    for f in factors:
        if f.number is not None:
            scale.append(f.number)
        elif summed.intersection(f.axes):
            inside.append(f)
        else:
            outside.append(f)
    seen = {a for f in inside for a in f.axes}
    scale += [a.size for a in sorted(summed, key=lambda a: a.order) if a not in seen]
    c = Labelled(graph.const(Mul(*scale)))
    if not inside:
        return product(graph, [c, *outside])
    return product(graph, [c, *outside, _contract(graph, _grouped(graph, inside), summed & seen)])


def _grouped(graph: Graph, factors: Sequence[Labelled]) -> list[Labelled]:
    """One factor for each set of axes; a square stays two factors, which are a dot product."""
    groups: dict[frozenset[Axis], list[Labelled]] = {}
    for f in factors:
        groups.setdefault(frozenset(f.axes), []).append(f)
    if len(groups) == 1 and len(factors) > 1:
        (group,) = groups.values()
        group = sorted(group, key=lambda f: f.node.kind == "bool")
        return [group[0], product(graph, group[1:])]
    return [product(graph, group) for group in groups.values()]


def _contract(graph: Graph, factors: list[Labelled], summed: set[Axis]) -> Labelled:
    factors = [Labelled(graph.real(f.node), f.axes) for f in factors]
    while len(factors) > 2:
        one, two = min(combinations(factors, 2), key=lambda pair: _rank(pair, factors, summed))
        rest = [f for f in factors if f is not one and f is not two]
        gone = summed - {a for f in rest for a in f.axes}
        factors = [*rest, _pair(graph, one, two, gone)]
    if len(factors) == 1:
        return reduced(graph, factors[0], "sum", sorted(summed, key=lambda a: a.order))
    return _pair(graph, factors[0], factors[1], summed)


def _rank(pair: tuple[Labelled, Labelled], factors: Sequence[Labelled], summed: set[Axis]) -> tuple[int, int]:
    """How many axes the product of a pair keeps, and how many it runs over."""
    rest = {a for f in factors if f not in pair for a in f.axes}
    every = {*pair[0].axes, *pair[1].axes}
    return len([a for a in every if a in rest or a not in summed]), len(every)


def _pair(graph: Graph, one: Labelled, two: Labelled, summed: set[Axis]) -> Labelled:
    one = reduced(graph, one, "sum", [a for a in one.axes if a in summed and a not in two.axes])
    two = reduced(graph, two, "sum", [a for a in two.axes if a in summed and a not in one.axes])
    both = [a for a in one.axes if a in two.axes]
    gone = [a for a in both if a in summed]
    batch = sorted((a for a in both if a not in summed), key=lambda a: a.order)
    if not gone:
        return product(graph, [one, two])
    mine = [a for a in one.axes if a not in both]
    yours = [a for a in two.axes if a not in both]
    if not (batch or mine or yours):
        pair = (one.node, over(graph, two, one.axes))
        return Labelled(graph.node("vdot", pair, (), ()))
    if _first(yours) < _first(mine):
        one, two, mine, yours = two, one, yours, mine
    if batch and not (mine and yours):
        return _einsum(graph, one, two, [*batch, *mine, *yours])
    left = _flat(graph, one, [batch, mine, gone])
    right = _flat(graph, two, [batch, gone, yours])
    shape = tuple(_size(g) for g in (batch, mine, yours) if g)
    node = graph.node("matmul", (left, right), (), shape)
    kept = (*batch, *mine, *yours)
    return Labelled(graph.reshape(node, tuple(a.size for a in kept)), kept)


def _first(axes: Sequence[Axis]) -> int:
    return min((a.order for a in axes), default=10**9)


def _size(group: Sequence[Axis]) -> Expr:
    return Mul(*(a.size for a in group)) if group else Integer(1)


def _flat(graph: Graph, part: Labelled, groups: Sequence[Sequence[Axis]]) -> Node:
    """The array with one axis for each group that is not empty."""
    node = over(graph, part, [a for g in groups for a in g])
    return graph.reshape(node, tuple(_size(g) for g in groups if g))


def _einsum(graph: Graph, one: Labelled, two: Labelled, kept: Sequence[Axis]) -> Labelled:
    names: dict[Axis, str] = {}
    for a in (*kept, *one.axes, *two.axes):
        names.setdefault(a, LETTERS[len(names)])
    words = ["".join(names[a] for a in axes) for axes in (one.axes, two.axes, kept)]
    pattern = f"{words[0]},{words[1]}->{words[2]}"
    node = graph.node("einsum", (one.node, two.node), (pattern,), tuple(a.size for a in kept))
    return Labelled(node, tuple(kept))
