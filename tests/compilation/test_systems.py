"""Any system whose definitions are typed by hand: attention, convolutions, recurrent and gated networks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from symderive.compilation import compile_derivation
from symderive.compilation.graph import LEAVES, VIEWS, Node
from symderive.compilation.program import Builder, superscripts
from symderive.compilation.schedule import needed, schedule
from symderive.derivation import derive
from symderive.derivation.adjoint import adjoint_symbol
from symderive.derivation.explicit import size_rule
from symderive.errors import SymderiveError
from symderive.evaluation import evaluate
from symderive.systems import System, mlp
from symderive.systems.activations import activation
from tests.derivation import example_systems as examples

EXAMPLES = {
    "two definitions": examples.two_definitions, "two branches": examples.two_branches,
    "skip connections": examples.skip_connections, "dense connections": examples.dense_connections,
    "tied autoencoder": examples.tied_autoencoder, "recurrent": examples.recurrent, "gated": examples.gated,
    "convolution": lambda: examples.convolution(1), "strided convolution": lambda: examples.convolution(2),
    "attention": examples.attention, "layer norm": examples.layer_norm,
}  # fmt: skip


def named(system: System) -> System:
    """The system with tanh for its arbitrary functions."""
    tanh = activation("tanh")
    return replace(system, activations=dict.fromkeys(system.functions(), tanh) | dict(system.activations))


def arrays_of(system: System, sizes: dict[Any, Any]) -> dict[str, Any]:
    """Random arrays for what is given."""
    rng = np.random.default_rng(0)
    b = Builder(system, size_rule(system.definitions, {k: v for k, v in sizes.items() if k != "epsilon"}))
    found: dict[str, Any] = {}
    for t in (*system.parameters, *system.inputs):
        made = {sup: rng.normal(size=[int(a.size) for a in b.places(t, sup)]) for sup in superscripts(b, t)}
        found[t.name] = made[()] if not t.sup else {s if t.sup > 1 else s[0]: v for s, v in made.items()}
    return found


@pytest.mark.parametrize("read", [False, True], ids=["sizes given", "sizes read"])
@pytest.mark.parametrize("name", list(EXAMPLES))
def test_the_interpreter_agrees(name: str, read: bool) -> None:
    """Cost and all derivatives, by what evaluates definitions one by one, with einsum."""
    example = EXAMPLES[name]()
    system = named(example.system)
    sizes = {**example.sizes, **({"epsilon": 0.1} if name == "layer norm" else {})}
    d = derive(system, wrt=[*system.parameters, *system.inputs])
    known = {k: v for k, v in sizes.items() if not read or k in ("L", "T", "epsilon")}
    arrays = arrays_of(system, sizes)
    value, gradients = compile_derivation(d, known)(arrays)
    run = evaluate(d.as_system(), arrays, sizes)
    assert value == pytest.approx(float(run[system.cost]), rel=1e-12)
    for t in (*system.parameters, *system.inputs):
        given = arrays[t.name]
        keys = list(given) if t.sup else [()]
        for place, key in enumerate(keys):
            expected = _value(run, adjoint_symbol(system, t), key, np.shape(given[key] if t.sup else given))
            found = gradients[t.name]
            found = found[place] if t.sup == 1 else found[key] if t.sup else found
            np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


def _value(run: Any, t: Any, key: Any, shape: Any) -> Any:
    sup = key if isinstance(key, tuple) else (key,)
    from symderive.evaluation import EvaluationError

    try:
        return run[(t, *sup)]
    except EvaluationError:
        return np.zeros(shape)  # an entry that the cost does not depend on has no definition


@pytest.mark.parametrize("name", list(EXAMPLES))
def test_each_operation_stands_under_an_equation_that_needs_it(name: str) -> None:
    example = EXAMPLES[name]()
    known = {k: v for k, v in example.sizes.items() if k in ("L", "T")}
    if name == "layer norm":
        known["epsilon"] = 0.1
    program = compile_derivation(derive(named(example.system)), known).program
    assert program.cost is not None
    group: list[Node] = []
    for node in schedule([program.cost, *program.outputs.values()], program.names):
        group.append(node)
        if node in program.names:
            strangers = [n for n in group if n.op not in LEAVES | VIEWS and n not in needed(node)]
            assert not strangers, f"{strangers} under {program.names[node][1][0]}"
            group = []


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_a_sample_index_is_put_on_a_system_of_one_sample(reduction: str) -> None:
    """The batch's cost and gradients are those of the samples one by one, in a loop."""
    system = named(examples.tied_autoencoder().system)
    d = derive(system)
    one, many = d.compile(), d.compile(batch=reduction)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(5, 4))
    p = {"w": rng.normal(size=(2, 4)), "b": rng.normal(size=2), "v": rng.normal(size=4)}
    single = [one(**p, x=row) for row in x]
    value, gradients = many(**p, x=x)
    scale = 1 / len(x) if reduction == "mean" else 1.0
    assert value == pytest.approx(scale * sum(c for c, _ in single), rel=1e-13)
    for name in p:
        expected = scale * sum(g[name] for _, g in single)
        np.testing.assert_allclose(gradients[name], expected, rtol=0, atol=1e-12)


def test_a_symbolic_network_gets_its_depth() -> None:
    net = mlp(activation="tanh", cost="squared_error", samples="N")
    fixed = mlp(widths=[3, 4, 2], activation="tanh", cost="squared_error", samples="N")
    rng = np.random.default_rng(0)
    at = {
        "w": [rng.normal(size=(4, 3)), rng.normal(size=(2, 4))],
        "b": [rng.normal(size=4), rng.normal(size=2)],
        "x": rng.normal(size=(6, 3)), "y": rng.normal(size=(6, 2)),
    }  # fmt: skip
    value, gradients = derive(net).compile({"L": 2})(at)
    other, expected = derive(fixed).compile()(at)
    assert value == other
    for name in "wb":
        for g, e in zip(gradients[name], expected[name], strict=True):
            np.testing.assert_array_equal(g, e)


REFUSED = (
    (
        lambda: derive(mlp(depth=2, cost="squared_error")).compile(),
        "expected a named activation, found the arb",
    ),
    (
        lambda: derive(mlp(depth=2, activation="tanh")).compile(),
        "expected a cost with a formula, found the arb",
    ),
    (
        lambda: derive(mlp(activation="tanh", cost="squared_error")).compile(),
        "found L: give its value in sizes",
    ),
    (
        lambda: derive(mlp(depth=1, activation="tanh")).compile(batch="max"),
        "batch: expected mean or sum, found 'max'",
    ),
    (
        lambda: derive(mlp(depth=1, activation="tanh", cost="squared_error")).to_python(notation="html"),
        "notation: expected one of text, latex, found 'html'",
    ),
)


@pytest.mark.parametrize(("call", "says"), REFUSED, ids=[says[:30] for _, says in REFUSED])
def test_what_cannot_be_compiled_is_said_in_one_line(call: Any, says: str) -> None:
    with pytest.raises(SymderiveError) as caught:
        call()
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
