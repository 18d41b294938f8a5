"""The checks are able to fail: each operation of a program is changed, and the comparison must notice."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from symderive.compilation.buffers import plan
from symderive.compilation.compiled import GRADIENT, Compiled
from symderive.compilation.graph import ELEMENTWISE, Graph, Node
from symderive.compilation.program import Program
from symderive.compilation.schedule import schedule
from symderive.compilation.source import module
from symderive.reference import backward, cost
from tests.compilation.networks import both, flat, point

OTHER = {
    "add": "subtract", "subtract": "add", "multiply": "add", "divide": "multiply", "negative": "absolute",
    "reciprocal": "negative", "square": "absolute", "exp": "tanh", "log": "sqrt", "tanh": "sin",
    "maximum": "minimum", "greater": "less", "log1p": "exp", "absolute": "negative",
}  # fmt: skip


def mutated(program: Program, victim: Node, op: str) -> Program:
    """The program with another operation in one node."""
    graph, new = Graph(), dict[Node, Node]()
    for n in program.graph.nodes:
        args = tuple(new[a] for a in n.args)
        kept = Node(len(graph.nodes), op if n is victim else n.op, args, n.attr, n.shape, n.kind)
        graph.nodes.append(kept)
        new[n] = kept
    return Program(
        program.name, graph, {k: new[n] for k, n in program.inputs.items()}, program.given,
        None if program.cost is None else new[program.cost], {k: new[n] for k, n in program.outputs.items()},
        program.wanted, {},
    )  # fmt: skip


def run(program: Program, at: dict[str, Any]) -> tuple[float, np.ndarray[Any, Any]]:
    namespace: dict[str, Any] = {}
    exec(module([(GRADIENT, program)], str, ""), namespace)
    with np.errstate(all="ignore"):
        value, gradients = namespace[GRADIENT](at["w"], at["b"], at["x"], at["y"])
    return value, flat(gradients)


def agrees(program: Program, at: dict[str, Any], network: Any) -> bool:
    args = (network, at["w"], at["b"], at["x"], at["y"])
    g = backward(*args)
    expected = flat({"w": list(g.weights), "b": list(g.biases), "x": g.x})
    value, found = run(program, at)
    return bool(abs(value - cost(*args)) < 1e-11 and np.max(np.abs(found - expected)) < 1e-11)


@pytest.mark.parametrize(
    ("activation", "name"),
    [("tanh", "squared_error"), ("relu", "softmax_cross_entropy"), ("sigmoid", "binary_cross_entropy")],
)
def test_every_changed_operation_is_noticed(activation: str, name: str) -> None:
    compiled, network = both(2, activation, name)
    at = point(network)
    program: Program = compiled.program
    assert program.cost is not None
    used = schedule([program.cost, *program.outputs.values()])
    assert agrees(program, at, network)
    victims = [n for n in used if n.op in OTHER and n.op in ELEMENTWISE]
    assert len(victims) >= 9
    survivors = [n for n in victims if agrees(mutated(program, n, OTHER[n.op]), at, network)]
    # log sum exp and softmax are the same for any shift, so that its sign is no fault
    assert [
        n.op for n in survivors if not any(a.op == "expand" and a.args[0].op == "max" for a in n.args)
    ] == []


def test_a_buffer_that_is_freed_too_early_is_noticed() -> None:
    """Two values that live at once are put in one buffer."""
    compiled, network = both(2, "tanh", "squared_error")
    at = point(network)
    source = compiled.source
    pool = [f"buffer_{n}" for n in range(20) if f"buffer_{n} =" in source or f"out=buffer_{n})" in source]
    assert len(pool) >= 3
    noticed = 0
    for one, two in itertools.pairwise(pool):
        changed = source.replace(f"out={two})", f"out={one})")
        namespace: dict[str, Any] = {}
        exec(changed, namespace)
        try:
            _value, gradients = namespace[GRADIENT](at["w"], at["b"], at["x"], at["y"])
        except ValueError:
            noticed += 1  # the shapes differ
            continue
        noticed += not np.allclose(flat(gradients), flat(compiled(at)[1]), rtol=1e-12, atol=0)
    assert noticed == len(pool) - 1


def test_no_buffer_holds_two_values_that_are_needed() -> None:
    """For every plan: a node's memory is not written to before the last time that it is read."""
    for activation, name in (
        ("tanh", "squared_error"),
        ("gelu", "binary_cross_entropy"),
        ("silu", "softmax_cross_entropy"),
    ):
        program = _program(both(3, activation, name)[0])
        assert program.cost is not None
        outputs = list(program.outputs.values())
        p = plan(schedule([program.cost, *outputs]), outputs, [program.cost])
        holds: dict[int, Node] = {}
        for node in p.order:
            for a in node.args:
                root = a
                while root.op in ("transpose", "expand", "reshape", "index"):
                    root = root.args[0]
                if root in p.where:
                    assert holds[p.where[root].number] is root, (
                        f"{node} reads {root} after it was overwritten"
                    )
            if node in p.where:
                holds[p.where[node].number] = node


def _program(compiled: Compiled) -> Program:
    return compiled.program
