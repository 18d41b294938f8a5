"""The bound against sampled Hessians: never below them, and where it is sharp, nothing less would do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from symderive import reference
from symderive.errors import SymderiveError
from symderive.training.lipschitz import exchange_distance, lipschitz_bound, merging_step

CASES = [
    ((3, 2), ["identity"], "squared_error"), ((3, 4, 2), ["tanh", "identity"], "squared_error"),
    ((3, 4, 2), ["sigmoid", "sigmoid"], "squared_error"),
    ((2, 3, 1), ["softplus", "identity"], "squared_error"),
    ((3, 4, 3), ["tanh", "identity"], "softmax_cross_entropy"),
    ((2, 3, 3, 2), ["tanh", "softplus", "identity"], "softmax_cross_entropy"),
    ((2, 3, 3, 2), ["sigmoid", "tanh", "identity"], "binary_cross_entropy"),
    ((2, 3, 3, 3, 1), ["tanh", "tanh", "sigmoid", "tanh"], "squared_error"),
]  # fmt: skip


def flat(parts: Any) -> Any:
    return np.concatenate([np.ravel(p) for p in parts])


def shaped(network: reference.Network, theta: Any) -> tuple[list[Any], list[Any]]:
    n, at, found = network.widths, 0, []
    for shape in [*zip(n[1:], n[:-1], strict=True), *((w,) for w in n[1:])]:
        size = int(np.prod(shape))
        found.append(theta[at : at + size].reshape(shape))
        at += size
    return found[: len(n) - 1], found[len(n) - 1 :]


def gradient(network: reference.Network, theta: Any, data: tuple[Any, Any]) -> Any:
    g = reference.backward(network, *shaped(network, theta), *data)
    return flat([*g.weights, *g.biases])


def hessian_norm(network: reference.Network, theta: Any, data: tuple[Any, Any]) -> float:
    """The spectral norm of the Hessian, by central differences of the reference's gradient."""
    e = 1e-5
    rows = [
        (gradient(network, theta + e * d, data) - gradient(network, theta - e * d, data)) / (2 * e)
        for d in np.eye(len(theta))
    ]
    return float(np.linalg.norm(np.array(rows), 2))


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("case", range(len(CASES)))
def test_no_sampled_hessian_is_above_the_bound(case: int, reduction: str) -> None:
    widths, activations, cost = CASES[case]
    network = reference.Network(widths, activations, cost, reduction=reduction)
    weights, biases = reference.random_parameters(network, case)
    data = reference.random_data(network, 4, case + 50)
    start, rng = flat([*weights, *biases]), np.random.default_rng(case)
    for radius in (0.0, 0.5, 2.0):
        bound = lipschitz_bound(network, weights, biases, data, radius).K
        sampled = []
        for _ in range(6):
            d = rng.normal(size=len(start))
            sampled.append(hessian_norm(network, start + radius * d / np.linalg.norm(d), data))
        assert max(sampled) <= bound
        if radius == 0:
            assert bound <= 200 * max(sampled)  # it says something


def test_between_two_points_gradients_differ_by_no_more() -> None:
    widths, activations, cost = CASES[5]
    network = reference.Network(widths, activations, cost)
    weights, biases = reference.random_parameters(network, 1)
    data = reference.random_data(network, 4, 2)
    start, rng = flat([*weights, *biases]), np.random.default_rng(3)
    K = lipschitz_bound(network, weights, biases, data, 1.0).K
    for _ in range(20):
        a, b = (start + v / np.linalg.norm(v) for v in rng.normal(size=(2, len(start))))
        change = gradient(network, a, data) - gradient(network, b, data)
        assert np.linalg.norm(change) <= K * np.linalg.norm(a - b)


def test_where_it_is_sharp_a_smaller_bound_would_be_wrong() -> None:
    """One linear layer and one sample: |(x, 1)|^2 exactly; a softplus neuron: its curvature counts."""
    network = reference.Network((2, 1), "identity")
    x, y = np.array([[1.0, 2.0]]), np.array([[1.0]])
    theta = np.array([0.5, -0.5, 0.25])
    bound = lipschitz_bound(network, *shaped(network, theta), (x, y), 1.0).K
    assert bound == pytest.approx(6.0, rel=1e-8)
    assert hessian_norm(network, theta, (x, y)) == pytest.approx(6.0, rel=1e-6)
    assert hessian_norm(network, theta, (x, y)) > 0.99 * bound
    bent = reference.Network((1, 1), "softplus")
    far = (np.array([[1.0]]), np.array([[-50.0]]))
    at_zero = np.zeros(2)
    found = hessian_norm(bent, at_zero, far)
    straight = 2.0  # what is left without the second derivative of the activation: |(x, 1)|^2 slope^2
    assert straight < found <= lipschitz_bound(bent, *shaped(bent, at_zero), far, 0.0).K


def test_no_two_neurons_meet_below_the_step() -> None:
    """A run: it stays where the bound holds, and no gap shrinks by more than 1 - eta K in a step."""
    network = reference.Network((2, 4, 1), ["tanh", "identity"], "squared_error", reduction="mean")
    weights, biases = reference.random_parameters(network, 5)
    x, y = reference.random_data(network, 12, 6)
    radius = 1.0
    bound = merging_step(network, weights, biases, (x, y), radius)
    eta = 0.9 * bound.step
    start = flat([*weights, *biases])

    def gaps(W: list[Any], b: list[Any]) -> Any:
        rows = np.column_stack([W[0], b[0], W[1].T])
        return np.array([np.linalg.norm(rows[p] - rows[q]) for p in range(4) for q in range(p)])

    W, b = weights, biases
    before = gaps(W, b)
    for _ in range(300):
        g = reference.backward(network, W, b, x, y)
        W = [w - eta * d for w, d in zip(W, g.weights, strict=True)]
        b = [v - eta * d for v, d in zip(b, g.biases, strict=True)]
        assert np.linalg.norm(flat([*W, *b]) - start) <= radius
        after = gaps(W, b)
        assert np.all(after >= (1 - eta * bound.K) * before - 1e-15)
        before = after
    assert np.min(before) > 0


def test_a_step_that_is_too_large_merges() -> None:
    """At 1/K itself two points may meet: one linear neuron, starts apart along the steepest direction."""
    network = reference.Network((1, 1), "identity")
    data = ([[1.0]], [[0.0]])
    bound = lipschitz_bound(network, [[[1.0]]], [[0.0]], data, 0.0)
    # along (1, 1) the gradient is 2 theta: a step of 1/2 = 1/K sends (w, b) and (w + c, b + c) to one point
    assert bound.step == pytest.approx(0.5)
    ends = []
    for c in (0.0, 1.0):
        g = reference.backward(network, [[[1.0 + c]]], [[c]], *data)
        ends.append((1.0 + c - 0.5 * g.weights[0].item(), c - 0.5 * g.biases[0].item()))
    assert ends[0] == ends[1]


def test_the_distance_of_the_exchanged_parameters() -> None:
    network = reference.Network((2, 3, 3, 1))
    weights, biases = reference.random_parameters(network, 1)
    start, found = flat([*weights, *biases]), []
    for layer in (0, 1):
        for p in range(3):
            for q in range(p):
                W, b = [w.copy() for w in weights], [v.copy() for v in biases]
                W[layer][[p, q]], b[layer][[p, q]] = W[layer][[q, p]], b[layer][[q, p]]
                W[layer + 1][:, [p, q]] = W[layer + 1][:, [q, p]]
                found.append(np.linalg.norm(flat([*W, *b]) - start))
    assert exchange_distance(weights, biases) == pytest.approx(max(found))


@pytest.mark.parametrize(
    ("activation", "cost", "radius", "text"),
    [
        ("relu", "squared_error", 1.0, "found relu, whose gradient is not Lipschitz"),
        (
            "gelu",
            "squared_error",
            1.0,
            "expected one of identity, tanh, sigmoid, softplus in layer 1, found gelu",
        ),
        ("tanh", "squared_error", -1.0, "expected a radius of at least 0, found -1"),
        ("tanh", "squared_error", float("nan"), "expected a radius of at least 0, found nan"),
    ],
)
def test_what_has_no_bound_is_refused(activation: str, cost: str, radius: float, text: str) -> None:
    network = reference.Network((1, 1, 1), activation, cost)
    one = np.ones((1, 1))
    with pytest.raises(SymderiveError, match=text):
        lipschitz_bound(network, [one, one], [np.ones(1), np.ones(1)], (one, one), radius)
