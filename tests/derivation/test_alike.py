"""What is derived for one layer and read for another is what is derived for that other, step by step."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from example_systems import EXAMPLES
from sympy import tanh

from symderive.calculus import IndexSum, ScalarFunction, indices, tensor
from symderive.derivation import alike, derive
from symderive.derivation.adjoint import Adjoint, Uses, patterns, raw_adjoint
from symderive.derivation.alike import Adjoints
from symderive.systems import Definition, System, mlp

j, k = indices("j k")
sigma = ScalarFunction("sigma", r"\sigma")

NETWORKS: dict[str, Callable[[], System]] = {
    "all widths alike": lambda: mlp(widths=[3] * 6, activation="tanh", cost="squared_error"),
    "all widths different": lambda: mlp(widths=[5, 2, 4, 3, 6], activation="tanh", cost="squared_error"),
    "some widths alike": lambda: mlp(widths=[4, 3, 3, 2, 2, 2, 3, 3], output="identity"),
    "symbolic widths": lambda: mlp(depth=5, cost="squared_error"),
    "samples": lambda: mlp(depth=4, samples="N", activation="sigmoid", cost="cross_entropy"),
    "an activation of each layer": lambda: mlp(depth=4, per_layer=True),
    "a layer that is not like the others": lambda: mlp(
        widths=[3] * 6, activation=["tanh", "tanh", "relu", "tanh", "tanh"]
    ),
    "symbolic depth": mlp,
}


def written_out(seed: int) -> System:
    """A network typed layer by layer: skips, ties, other activations and other widths at random layers."""
    rng = random.Random(seed)
    depth = rng.randrange(3, 8)
    widths = [3] * (depth + 1) if rng.random() < 0.6 else [rng.choice((2, 3)) for _ in range(depth + 1)]
    # declared wider than used: an entry that no definition gives stands for a number
    x, y, w, b, a, z = (
        tensor("x", (j, 1, 3)), tensor("y", (j, 1, 3)),
        tensor("w", (k, 0, depth), (j, 1, 3), (indices("i")[0], 1, 3), sup=1),
        tensor("b", (k, 0, depth), (j, 1, 3), sup=1),
        tensor("a", (k, 0, depth), (j, 1, 3), sup=1), tensor("z", (k, 0, depth), (j, 1, 3), sup=1),
    )  # fmt: skip
    found = [Definition(a[0, j], x[j], ((j, 1, widths[0]),))]
    for m in range(1, depth + 1):
        of_j, below = ((j, 1, widths[m]),), (k, 1, widths[m - 1])
        tied = 1 if rng.random() < 0.2 else m
        rhs = b[tied if rng.random() < 0.5 else m, j] + IndexSum(w[tied, j, k] * a[m - 1, k], below)
        if m > 1 and widths[m - 2] >= widths[m] and rng.random() < 0.3:
            rhs += a[m - 2, j]
        if widths[0] >= widths[m] and rng.random() < 0.15:
            rhs += a[0, j] ** 2
        found.append(Definition(z[m, j], rhs, of_j))
        found.append(Definition(a[m, j], (sigma if rng.random() < 0.8 else tanh)(z[m, j]), of_j))
    cost = tensor("C")
    gap = IndexSum((a[depth, j] - y[j]) ** 2, (j, 1, widths[depth])) / 2
    if rng.random() < 0.3:  # a cost that looks at an inner layer too
        gap += IndexSum(a[depth - 2, j] ** 2, (j, 1, widths[depth - 2]))
    return System("written out", (x, y), (w, b), (*found, Definition(cost(), gap)), cost)


def compared(net: System) -> tuple[int, int]:
    """How many patterns there are, and how many were derived; AssertionError if one differs from its own."""
    uses = Uses(net.definitions)
    found = Adjoints(net, uses)
    count = 0
    for t in dict.fromkeys((*net.inputs, *net.parameters, *net.defined)):
        if t == net.cost:
            continue
        for entry, limits in patterns(net, t):
            same(found.of(entry, limits), raw_adjoint(net, entry, limits, uses))
            count += 1
    return count, len(found.derived)


def same(one: Adjoint, other: Adjoint) -> None:
    assert (one.of, one.definition) == (other.of, other.definition)
    assert list(one.steps) == list(other.steps)


@pytest.mark.parametrize("name", NETWORKS)
def test_networks(name: str) -> None:
    count, derived = compared(NETWORKS[name]())
    assert derived <= count


@pytest.mark.parametrize("name", EXAMPLES)
def test_systems_typed_by_hand(name: str) -> None:
    compared(EXAMPLES[name]().system)


@pytest.mark.parametrize("seeds", [range(n, n + 8) for n in range(0, 32, 8)], ids=str)
def test_networks_written_out_layer_by_layer(seeds: range) -> None:
    counts = [compared(written_out(seed)) for seed in seeds]
    assert sum(derived for _, derived in counts) < sum(count for count, _ in counts)


@pytest.mark.parametrize("depth", [6, 12])
def test_a_deep_network_is_derived_from_five_patterns(depth: int) -> None:
    """w, b, z, a, and the last a, which the cost uses; whatever the depth."""
    net = mlp(widths=[3] * (depth + 1), activation="tanh", cost="squared_error")
    found = Adjoints(net, Uses(net.definitions))
    for name in "wbza":
        for entry, limits in list(patterns(net, net.tensor(name)))[name == "a" :]:
            found.of(entry, limits)
    assert len(found.derived) == 5


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(("_number", lambda layer: 0), id="layers not looked at"),
        pytest.param(("_shape_of_limits", lambda limits, base: len(limits)), id="ranges not looked at"),
        pytest.param(("shifted", lambda e, by: e), id="not shifted"),
    ],
)
def test_a_wrong_likeness_is_found(broken: tuple[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alike, *broken)
    with pytest.raises(AssertionError):
        for seed in range(20):
            compared(written_out(seed))
        compared(NETWORKS["all widths different"]())


def test_steps_are_worked_out_when_they_are_read() -> None:
    d = derive(mlp(widths=[3] * 5, activation="tanh", cost="squared_error"))
    steps = d.steps[d.gradient("w", 3)[0]]
    assert "_steps" not in vars(steps)
    assert [s.rule for s in steps] == ["chain rule", "partial derivatives", "delta contraction", "range"]
    assert steps[1:][0] == steps[1] and steps == tuple(steps) and hash(steps) == hash(tuple(steps))
    assert repr(steps[-1]) in repr(steps)
