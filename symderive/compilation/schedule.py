"""The order of operations: an output as soon as what it needs is there, so that little is kept.

Outputs that need less come first: the gradient of the last layer before the delta of the layer below it,
whose activations then are free to be overwritten.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

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


def schedule(outputs: Iterable[Node]) -> list[Node]:
    """All that the outputs need, each once and after its arguments.

    >>> from symderive.compilation.graph import Graph
    >>> g = Graph(); x = g.node("input", (), ("x",), ()); e = g.elementwise("exp", x)
    >>> [n.op for n in schedule([g.elementwise("tanh", e), e])]
    ['input', 'exp', 'tanh']
    """
    order: list[Node] = []
    done: set[Node] = set()
    first = sorted(dict.fromkeys(outputs), key=lambda n: (len(needed(n)), n.number))
    for output in first:
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
    return order
