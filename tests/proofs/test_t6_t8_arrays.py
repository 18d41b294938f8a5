"""T6 and T8 on real arrays: gradients by complex step, runs of the NumPy reference."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from symderive import reference

Array = NDArray[Any]
SEEDS = (0, 1, 20_260)


def relative(a: Any, b: Any) -> float:
    return float(np.max(np.abs(np.asarray(a) - b)) / (np.max(np.abs(b)) or 1.0))


# ------------------------------------------------------------------------------------------------- T6


def half_tied(seed: int, layer: int) -> tuple[reference.Network, list[Array], list[Array], Array, Array]:
    """Neurons 0 and 1 of a hidden layer with equal incoming weights and biases, and unequal outgoing ones."""
    net = reference.Network((4, 6, 5, 3), ["tanh", "softplus", "sigmoid"], "squared_error", reduction="mean")
    weights, biases = reference.random_parameters(net, seed)
    weights[layer - 1][1], biases[layer - 1][1] = weights[layer - 1][0], biases[layer - 1][0]
    return net, weights, biases, *reference.random_data(net, 7, seed)


@pytest.mark.parametrize("layer", [1, 2])
@pytest.mark.parametrize("seed", SEEDS)
def test_gradients_differ_by_what_the_outgoing_weights_carry(seed: int, layer: int) -> None:
    """dC/dw_p - dC/dw_q = sum_r Q_kr (v_rp - v_rq), Q_kr = sum_s phi'(z_sp) a_sk delta_sr."""
    net, weights, biases, x, y = half_tied(seed, layer)
    g = reference.gradient_forward_truth(net, weights, biases, x, y).gradient
    below = x
    for w, b, f in list(zip(weights, biases, net.layers, strict=True))[: layer - 1]:
        below = f.value(below @ w.T + b)
    z = below @ weights[layer - 1][0] + biases[layer - 1][0]
    step = 1e-30
    slope = np.imag(net.layers[layer - 1].value(z + 1j * step)) / step
    above = g.deltas[layer]
    difference = weights[layer][:, 0] - weights[layer][:, 1]
    Q = np.einsum("s,sk,sr->kr", slope, below, above)
    assert relative(g.weights[layer - 1][0] - g.weights[layer - 1][1], Q @ difference) < 1e-11
    R = np.einsum("s,sr->r", slope, above)
    assert relative(g.biases[layer - 1][0] - g.biases[layer - 1][1], R @ difference) < 1e-11
    assert relative(g.weights[layer][:, 0], g.weights[layer][:, 1]) < 1e-13
    # the formula says something: the difference is there, and another channel does not give it
    assert np.max(np.abs(Q @ difference)) > 1e-4
    assert relative(g.weights[layer - 1][0] - g.weights[layer - 1][1], Q @ weights[layer][:, 0]) > 1e-2


# ------------------------------------------------------------------------------------------------- T8


def descended(
    net: reference.Network, weights: list[Array], biases: list[Array], steps: int, rates: Any = None
) -> tuple[list[Array], list[Array]]:
    """Gradient descent, a new batch at every step; `rates` scale the steps of each array."""
    scale = rates or ([1.0] * len(weights), [1.0] * len(biases))
    for step in range(steps):
        x, y = reference.random_data(net, 5, 1000 + step)
        g = reference.backward(net, weights, biases, x, y)
        eta = 0.2 / (1 + step % 3)
        weights = [w - eta * r * d for w, r, d in zip(weights, scale[0], g.weights, strict=True)]
        biases = [b - eta * r * d for b, r, d in zip(biases, scale[1], g.biases, strict=True)]
    return weights, biases


def distinct(w: Array) -> int:
    """How many values there are, but for rounding."""
    values = np.sort(w, axis=None)
    return 1 + int(np.sum(np.diff(values) > 1e-9))


def test_constant_weights_keep_rank_one_in_a_4_5_5_3_network() -> None:
    net = reference.Network((4, 5, 5, 3), ["tanh", "softplus", "sigmoid"], "squared_error", reduction="mean")
    start = [0.3, -0.2, 0.4]
    shapes = [(5, 4), (5, 5), (3, 5)]
    weights = [np.full(s, c) for s, c in zip(shapes, start, strict=True)]
    biases = [np.full(5, 0.1), np.full(5, -0.3), np.array([0.2, 0.5, -0.1])]
    after, _ = descended(net, weights, biases, 100)
    assert [distinct(w) for w in after] == [4, 1, 3]
    for w, b in zip(after, weights, strict=True):
        singular = np.linalg.svd(w, compute_uv=False)
        assert singular[1] < 1e-9 * singular[0]
        assert np.max(np.abs(w - b)) > 1e-3  # they have moved
    weights[1] = weights[1] + 1e-3 * np.arange(25).reshape(5, 5)
    broken, _ = descended(net, weights, biases, 100)
    assert [distinct(w) for w in broken] != [4, 1, 3]
    assert all(np.linalg.svd(w, compute_uv=False)[1] > 1e-6 for w in broken)


def test_zeros_leave_all_but_the_last_biases_at_zero() -> None:
    shapes = [(5, 4), (6, 5), (3, 6)]
    zeros = [np.zeros(s) for s in shapes], [np.zeros(s[0]) for s in shapes]
    net = reference.Network((4, 5, 6, 3), ["tanh", "relu", "sigmoid"], "squared_error", reduction="mean")
    weights, biases = descended(net, *zeros, 50)
    assert not any(np.any(w) for w in weights) and not any(np.any(b) for b in biases[:-1])
    assert np.min(np.abs(biases[-1])) > 1e-4
    # a hidden activation that is not 0 at 0, or no hidden layer: the weights move
    other = reference.Network((4, 5, 6, 3), ["tanh", "sigmoid", "sigmoid"], "squared_error", reduction="mean")
    assert np.any(descended(other, *zeros, 2)[0][2])
    alone = reference.Network((4, 3), ["sigmoid"], "squared_error", reduction="mean")
    assert np.any(descended(alone, [np.zeros((3, 4))], [np.zeros(3)], 1)[0][0])


@pytest.mark.parametrize("members", [2, 4])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_tied_group_trains_as_one_neuron_at_other_step_sizes(seed: int, members: int) -> None:
    """The first M of 6 neurons are tied: eta/M for the incoming weights and bias, eta M for the others."""
    layers = ["tanh", "sigmoid"]
    wide = reference.Network((4, 6, 3), layers, "squared_error", reduction="mean")
    narrow = reference.Network((4, 7 - members, 3), layers, "squared_error", reduction="mean")
    weights, biases = reference.random_parameters(wide, seed)
    weights[0][:members], biases[0][:members] = weights[0][0], biases[0][0]
    weights[1][:, :members] = weights[1][:, :1]

    def narrowed(w: list[Array], b: list[Array]) -> tuple[list[Array], list[Array]]:
        total = w[1][:, :members].sum(axis=1, keepdims=True)
        return [w[0][members - 1 :], np.hstack([total, w[1][:, members:]])], [b[0][members - 1 :], b[1]]

    into, out = np.ones(7 - members), np.ones(7 - members)
    into[0], out[0] = 1 / members, members
    rates = ([into[:, None], out[None, :]], [into, 1.0])
    after = narrowed(*descended(wide, weights, biases, 100))
    predicted = descended(narrow, *narrowed(weights, biases), 100, rates)
    plain = descended(narrow, *narrowed(weights, biases), 100)
    for a, b in zip((*after[0], *after[1]), (*predicted[0], *predicted[1]), strict=True):
        assert relative(a, b) < 1e-9
    assert relative(after[0][0], plain[0][0]) > 1e-4
