"""The order of operations: an output as soon as what it needs is there, so that little is kept.

What one equation computes stands together, under the comment that shows it. Outputs that need less come
first: the gradient of the last layer before the delta of the layer below it, whose activations then are free
to be overwritten.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from symderive.compilation.graph import Node


def needed(node: Node) -> set[Node]:
    """The node and all that it is computed from.

    >>> from symderive.compilation.graph import Graph
    >>> g = Graph(); len(needed(g.elementwise("exp", g.node("input", (), ("x",), ()))))
    2
    """
    found, waiting = {node}, [node]
    while waiting:
        for a in waiting.pop().args:
            if a not in found:
                found.add(a)
                waiting.append(a)
    return found


def schedule(outputs: Iterable[Node], named: Collection[Node] = ()) -> list[Node]:
    """All that the outputs need, each once and after its arguments.

    What leads to one of the `named` nodes stands together, after the named ones that it needs.

    >>> from symderive.compilation.graph import Graph
    >>> g = Graph(); x = g.node("input", (), ("x",), ()); e = g.elementwise("exp", x)
    >>> [n.op for n in schedule([g.elementwise("tanh", e), e])]
    ['input', 'exp', 'tanh']
    >>> c, s = g.elementwise("cos", e), g.elementwise("sin", x); o = g.elementwise("subtract", c, s)
    >>> [n.op for n in schedule([o])], [n.op for n in schedule([o], [e, s])]
    (['input', 'exp', 'cos', 'sin', 'subtract'], ['input', 'exp', 'sin', 'cos', 'subtract'])
    """
    order: list[Node] = []
    done: set[Node] = set()
    first = sorted(dict.fromkeys(outputs), key=lambda n: (len(needed(n)), n.number))
    for output in first:
        waiting = [output]
        while waiting:
            before = [] if not named else _named_before(waiting[-1], named, done)
            if before:
                waiting += reversed(before)
            else:
                _emit(waiting.pop(), order, done)
    return order


def _named_before(node: Node, named: Collection[Node], done: Collection[Node]) -> list[Node]:
    """The named nodes that a node needs by way of others alone, and that are not done; in their order."""
    found: dict[Node, None] = {}
    seen = {node}
    stack = list(reversed(node.args))
    while stack:
        a = stack.pop()
        if a in seen or a in done:
            continue
        seen.add(a)
        if a in named:
            found[a] = None
        else:
            stack += reversed(a.args)
    return list(found)


def _emit(output: Node, order: list[Node], done: set[Node]) -> None:
    stack: list[tuple[Node, Sequence[Node]]] = [(output, output.args)]
    while stack:
        node, left = stack.pop()
        if node in done:
            continue
        waiting = [a for a in left if a not in done]
        if waiting:
            stack += [(node, waiting[1:]), (waiting[0], waiting[0].args)]
        else:
            done.add(node)
            order.append(node)
