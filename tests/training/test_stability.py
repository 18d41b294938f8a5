"""The spectrum of tied groups against the NumPy reference: differences of its gradient, gaps of real runs."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import symderive as sd
from symderive import reference
from symderive.errors import SymderiveError
from symderive.spectrum import blocks_at, visible_step
from symderive.training.growth import factor, tied_groups

Arrays = list[Any]
RATE = 0.05
# widths of depth 2 to 4, and activations, for ten random networks
CASES = [
    ((2, 4, 2), ["tanh", "identity"]), ((3, 5, 1), ["sigmoid", "identity"]),
    ((4, 3, 3), ["softplus", "tanh"]),
    ((2, 4, 3, 2), ["tanh", "tanh", "identity"]), ((3, 3, 4, 1), ["silu", "tanh", "identity"]),
    ((3, 4, 4, 2), ["sigmoid", "gelu", "identity"]), ((2, 5, 3, 2), ["tanh", "softplus", "sigmoid"]),
    ((3, 4, 3, 4, 2), ["tanh"] * 3 + ["identity"]), ((2, 3, 3, 3, 1), ["gelu", "tanh", "tanh", "identity"]),
    ((4, 4, 4, 4, 3), ["softplus", "tanh", "sigmoid", "identity"]),
]  # fmt: skip


def problem(case: int, tied: int = 3) -> tuple[reference.Network, Arrays, Arrays, Any, Any, int]:
    """A network with `tied` tied neurons in one of its hidden layers, and data."""
    widths, activations = CASES[case]
    network = reference.Network(widths, activations, "squared_error", reduction="mean")
    weights, biases = reference.random_parameters(network, case)
    x, y = reference.random_data(network, 8, 100 + case)
    layer = 1 + case % (len(widths) - 2)
    weights[layer - 1][:tied], biases[layer - 1][:tied] = weights[layer - 1][0], biases[layer - 1][0]
    weights[layer][:, :tied] = weights[layer][:, :1]
    return network, weights, biases, x, y, layer


def difference(weights: Arrays, biases: Arrays, layer: int, c: Any) -> Any:
    """The gap of tied neurons as a vector: incoming weights, bias, outgoing weights, weighted by c."""
    n = len(c)
    return np.concatenate(
        [c @ weights[layer - 1][:n], [c @ biases[layer - 1][:n]], weights[layer][:, :n] @ c]
    )


def moved(weights: Arrays, biases: Arrays, layer: int, c: Any, v: Any) -> tuple[Arrays, Arrays]:
    """The parameters, moved by c_j v."""
    W, b = [w.copy() for w in weights], [v.copy() for v in biases]
    n, into = len(c), W[layer - 1].shape[1]
    W[layer - 1][:n] += np.outer(c, v[:into])
    b[layer - 1][:n] += c * v[into]
    W[layer][:, :n] += np.outer(v[into + 1 :], c)
    return W, b


def differences(case: int) -> tuple[Any, Any]:
    """B by central differences of the reference's gradient, column by column, and B as it was derived."""
    network, weights, biases, x, y, layer = problem(case)
    (group,) = sd.stability(network, (weights, biases), (x, y)).groups
    assert (group.layer, group.neurons) == (layer, (1, 2, 3))
    c, e = np.array([1.0, -1.0, 0.0]), 1e-5
    columns = []
    for v in np.eye(len(group.B)):
        ends = []
        for sign in (1, -1):
            g = reference.backward(network, *moved(weights, biases, layer, c, sign * e * v), x, y)
            ends.append(difference(list(g.weights), list(g.biases), layer, c / 2))
        columns.append((ends[0] - ends[1]) / (2 * e))
    return np.array(columns).T, group.B


@pytest.mark.parametrize("case", range(10))
def test_the_blocks_are_the_differences_of_the_gradient(case: int) -> None:
    found, derived = differences(case)
    assert np.max(np.abs(found - derived)) < 1e-8 * max(1, np.max(np.abs(derived)))
    assert np.max(np.abs(derived - derived.T)) < 1e-14


def test_a_change_of_a_block_is_seen() -> None:
    found, derived = differences(0)
    other = derived.copy()
    other[0, -1] *= 1.001
    assert np.max(np.abs(found - other)) > 1e-6 * np.max(np.abs(derived))


@pytest.mark.parametrize("case", range(10))
def test_the_gap_of_a_real_run_grows_as_forecast(case: int) -> None:
    """A gap of 1e-6 along the most negative eigenvector: the rate, log of the factor, within 5%."""
    network, weights, biases, x, y, layer = problem(case)
    (group,) = sd.stability(network, (weights, biases), (x, y), rate=RATE).groups
    assert group.repels
    values, vectors = np.linalg.eigh(group.B)
    c = np.array([1.0, -0.5, -0.5])
    W, b = moved(weights, biases, layer, c, 1e-6 * vectors[:, 0])
    steps = 1
    start = np.linalg.norm(difference(W, b, layer, c))
    for _ in range(steps):
        g = reference.backward(network, W, b, x, y)
        W = [w - RATE * d for w, d in zip(W, g.weights, strict=True)]
        b = [v - RATE * d for v, d in zip(b, g.biases, strict=True)]
    rate = math.log(np.linalg.norm(difference(W, b, layer, c)) / start) / steps
    assert rate == pytest.approx(math.log(group.growth), rel=0.05)
    assert group.growth == pytest.approx(1 - RATE * values[0])
    assert rate != pytest.approx(math.log(1 - RATE * values[1]), rel=0.05)


@pytest.mark.parametrize("case", range(10))
def test_along_a_long_run_the_gap_grows_as_the_product_of_the_factors(case: int) -> None:
    """200 steps: the growth of a gap of 1e-9, and the norm of the product of I - eta B along the tied run."""
    network, weights, biases, x, y, layer = problem(case)
    c = np.array([1.0, -0.5, -0.5])
    rng = np.random.default_rng(case)
    size = weights[layer - 1].shape[1] + 1 + weights[layer].shape[0]
    start = rng.normal(size=size)
    W, b = moved(weights, biases, layer, c, 1e-9 * start / np.linalg.norm(start))
    first = np.linalg.norm(difference(W, b, layer, c))
    gap = start / np.linalg.norm(start)
    T, d = [w.copy() for w in weights], [v.copy() for v in biases]
    for _ in range(200):
        P, Q = blocks_at(network, T, d, x, y, layer, 1)
        B = np.block([[P, Q], [Q.T, np.zeros((Q.shape[1], Q.shape[1]))]])
        gap = gap - RATE * B @ gap
        for theta, bias in ((W, b), (T, d)):
            g = reference.backward(network, theta, bias, x, y)
            theta[:] = [w - RATE * e for w, e in zip(theta, g.weights, strict=True)]
            bias[:] = [v - RATE * e for v, e in zip(bias, g.biases, strict=True)]
    measured = math.log(np.linalg.norm(difference(W, b, layer, c)) / first)
    assert measured == pytest.approx(math.log(np.linalg.norm(gap)), rel=0.05)
    assert abs(measured) > 0.01  # something has happened


@pytest.mark.parametrize("seed", [4, 5, 6, 10])
def test_the_tie_breaks_by_rounding_when_it_is_forecast(seed: int) -> None:
    """Neuron 2 gets its gradient from the samples in reverse: rounding alone tells it from neuron 1."""
    network = reference.Network((4, 2, 1), ["tanh", "identity"], "squared_error", reduction="mean")
    weights, biases = reference.random_parameters(network, seed)
    x, _ = reference.random_data(network, 50, seed + 1)
    y = 2 * np.sin(2 * x[:, :1]) + x[:, 1:2] * x[:, 2:3]
    weights[0][1], biases[0][1], weights[1][:, 1] = weights[0][0], biases[0][0], weights[1][:, 0]
    rate, visible = 0.2, 1e-3
    forecast = visible_step(network, (weights, biases), (x, y), 1, (1, 2), rate, visible=visible, most=5000)
    assert forecast is not None
    W, b = [w.copy() for w in weights], [v.copy() for v in biases]
    step, gap = 0, 0.0
    while gap < visible and step < 6000:
        step += 1
        g, h = (reference.backward(network, W, b, x[::o], y[::o]) for o in (1, -1))
        for mine, other in ((g.weights[0], h.weights[0]), (g.biases[0], h.biases[0])):
            mine[1] = other[1]
        g.weights[1][:, 1] = h.weights[1][:, 1]
        W = [w - rate * d for w, d in zip(W, g.weights, strict=True)]
        b = [v - rate * d for v, d in zip(b, g.biases, strict=True)]
        gap = np.linalg.norm(difference(W, b, 1, np.array([1.0, -1.0])))
    assert gap >= visible
    assert abs(math.log(step / forecast)) <= math.log(1.5)


def test_momentum_and_decay_against_the_recursions() -> None:
    for value, rate, momentum, decay in ((-0.7, 0.1, 0.9, 0.0), (-0.3, 0.2, 0.5, 0.1), (0.4, 0.1, 0.9, 0.0)):
        gap, speed, sizes = 1.0, 0.0, []
        for _ in range(400):
            speed = momentum * speed + (value + decay) * gap
            gap -= rate * speed
            sizes.append(math.hypot(gap, speed))
        measured = (sizes[-1] / sizes[199]) ** (1 / 200)
        assert factor(value, rate, momentum, decay) == pytest.approx(measured, rel=0.01)


def test_decay_above_the_bound_attracts_and_below_it_repels() -> None:
    network, weights, biases, x, y, _ = problem(0)
    (group,) = sd.stability(network, (weights, biases), (x, y)).groups
    bound = group.attracting_decay
    for scale, repels in ((0.9, True), (1.1, False)):
        found = sd.stability(network, (weights, biases), (x, y), rate=0.01, decay=scale * bound)
        assert found.repels is repels


def test_ties_are_found_by_equality_or_tolerance() -> None:
    w, b, v = np.ones((4, 2)), np.zeros(4), np.ones((1, 4))
    w[2] += 1e-9
    v[0, 3] = 2
    assert tied_groups(w, b, v) == ((1, 2),)
    assert tied_groups(w, b, v, 1e-8) == ((1, 2, 3),)


def test_what_it_says() -> None:
    network, weights, biases, x, y, layer = problem(3)
    found = sd.stability(network, (weights, biases), (x, y))
    assert f"layer {layer}, neurons 1, 2, 3: repels; lambda_min(B) = -" in str(found)
    assert found._repr_html_().count("<tr>") == 2 and r"\begin{array}" in found._repr_latex_()
    other = reference.random_parameters(network, 9)
    assert str(sd.stability(network, other, (x, y))) == "no two hidden neurons are tied"


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"rate": 0.0}, "expected a step size above 0"),
        ({"momentum": 1.0}, "a momentum from 0 to below 1"),
        ({"decay": -1.0}, "a decay of at least 0"),
        ({"noise": 1.0}, "expected noise above 0 and below what is visible"),
    ],
)
def test_numbers_that_mean_nothing_are_refused(changes: dict[str, float], text: str) -> None:
    network, weights, biases, x, y, _ = problem(0)
    with pytest.raises(SymderiveError, match=text):
        sd.stability(network, (weights, biases), (x, y), **changes)


def test_arrays_that_do_not_fit_are_refused_with_their_name() -> None:
    network, weights, biases, x, y, _ = problem(0)
    with pytest.raises(SymderiveError, match=r"expected W\^1 of shape"):
        sd.stability(network, ([weights[0][:, :1], weights[1]], biases), (x, y))
    with pytest.raises(SymderiveError, match="expected y of shape"):
        sd.stability(network, (weights, biases), (x, y[:, :1]))
