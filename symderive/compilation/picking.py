"""Entries of an array at index terms: T_{jk}, T_{j+1,k}, T_{1,k} are views, T_{jj} picks them one by one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sympy import Expr, Integer, Symbol, expand

from symderive.compilation.graph import Graph, Node
from symderive.compilation.labelled import Axis, Labelled, over, union

Env = Mapping[Symbol, "Axis | Expr"]


def pick(
    graph: Graph,
    array: Labelled,
    index: Sequence[Expr],
    env: Env,
    lower: Callable[[Expr], Labelled],
) -> Labelled:
    """array[index], with the index terms' axes; outside of the array, which brackets exclude, any entry.

    >>> from symderive.calculus import indices
    >>> j, = indices("j"); g = Graph(); own, here = (Axis(n, Integer(1), Integer(3)) for n in (0, 1))
    >>> x = Labelled(g.node("input", (), ("x",), (own.size,)), (own,))
    >>> pick(g, x, [j], {j: here}, lambda e: x).node is x.node
    True
    """
    parts = [_plain(e, a, env) for e, a in zip(index, array.axes, strict=True)]
    used = [p[1] for p in parts if p is not None and p[1] is not None]
    if None in parts or len(set(used)) < len(used):
        return _gather(graph, array, index, lower)
    at = tuple(p[0] for p in parts if p is not None)
    axes = tuple(used)
    if all(
        isinstance(p, tuple) and p == (Integer(0), a.size, 1) for p, a in zip(at, array.axes, strict=True)
    ):
        return Labelled(array.node, axes)
    shape = tuple(p[1] for p in at if isinstance(p, tuple))
    return Labelled(graph.index(array.node, at, shape), axes)


def _plain(e: Expr, own: Axis, env: Env) -> tuple[Expr | tuple[Expr, Expr, int], Axis | None] | None:
    """An index as (start, size, step) along an axis, or as a number; None where it is neither."""
    axes = [k for k in e.free_symbols if isinstance(env.get(k), Axis)]
    if not axes:
        at = expand(e - own.lo)
        return (at, None) if _within(at, own.size) else None
    if len(axes) > 1:
        return None
    (k,) = axes
    axis = env[k]
    assert isinstance(axis, Axis)
    step = e.coeff(k)
    rest = expand(e - step * k)
    if not (step.is_Integer and step > 0) or k in rest.free_symbols:
        return None
    start = expand(step * axis.lo + rest - own.lo)
    last = expand(start + step * (axis.size - 1))
    if not (_within(start, own.size) and _within(last, own.size)):
        return None  # a bracket beside it may exclude what lies outside
    return (start, axis.size, int(step)), axis


def _within(at: Expr, size: Expr) -> bool:
    """Whether a position is known to lie in an axis."""
    return bool(at.is_nonnegative and expand(size - 1 - at).is_nonnegative)


def _gather(
    graph: Graph, array: Labelled, index: Sequence[Expr], lower: Callable[[Expr], Labelled]
) -> Labelled:
    """Entries picked by arrays of positions."""
    found = []
    for e, a in zip(index, array.axes, strict=True):
        found.append(lower(expand(e - a.lo)))
    axes = union(found)
    places: list[Node] = [over(graph, p, axes) for p in found]
    node = graph.node("gather", (array.node, *places), (), tuple(a.size for a in axes), array.node.kind)
    return Labelled(node, axes)
