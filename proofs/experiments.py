"""The theorems on real arrays: runs of the NumPy reference alone, which shares nothing with the engine.

Each function makes its own network and data from a seed, all widths different, and returns evidence; it
raises CheckFailed where the run contradicts the theorem.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from symderive import reference
from symderive.claims.evidence import CheckFailed, Evidence

Array = NDArray[Any]

WIDTHS = (4, 6, 5, 3)
ROUNDING = 1e-12
DRIFT = 1e-9


def _network() -> reference.Network:
    return reference.Network(WIDTHS, ["tanh", "softplus", "sigmoid"], "squared_error", reduction="mean")


def _require(error: float, most: float, what: str) -> None:
    if not error <= most:
        raise CheckFailed(f"{what}: relative difference {error:.2g}, expected at most {most:g}")


def _gap(a: Array, b: Array) -> float:
    return float(np.max(np.abs(a - b)) / (np.max(np.abs(b)) or 1.0))


def permuted(
    seed: int,
) -> tuple[tuple[list[Array], list[Array]], tuple[list[Array], list[Array]], list[Array]]:
    """Parameters, the same with every hidden layer permuted, and the permutations pi_0 .. pi_L."""
    rng = np.random.default_rng(seed)
    weights, biases = reference.random_parameters(_network(), seed)
    pi = [np.arange(n) for n in WIDTHS]
    for m in range(1, len(WIDTHS) - 1):
        while np.array_equal(pi[m], np.arange(WIDTHS[m])):  # the identity would test nothing
            pi[m] = rng.permutation(WIDTHS[m])
    moved = [w[np.ix_(pi[m + 1], pi[m])] for m, w in enumerate(weights)]
    return (weights, biases), (moved, [b[pi[m + 1]] for m, b in enumerate(biases)]), pi


def invariance(seed: int) -> Evidence:
    """T3: the cost before and after a permutation of all hidden layers."""
    network = _network()
    plain, moved, _ = permuted(seed)
    x, y = reference.random_data(network, 7, seed)
    a, b = reference.cost(network, *plain, x, y), reference.cost(network, *moved, x, y)
    error = abs(a - b) / abs(a)
    _require(error, ROUNDING, "cost of the permuted network")
    return Evidence("numeric", "costs of two NumPy networks of widths 4-6-5-3, 7 samples", error, seed=seed)


def equivariance(seed: int) -> Evidence:
    """T4: gradients, by complex step, before and after the permutation."""
    network = _network()
    plain, moved, pi = permuted(seed)
    x, y = reference.random_data(network, 7, seed)
    g = reference.gradient_forward_truth(network, *plain, x, y).gradient
    h = reference.gradient_forward_truth(network, *moved, x, y).gradient
    error = 0.0
    for m in range(len(WIDTHS) - 1):
        error = max(error, _gap(h.weights[m], g.weights[m][np.ix_(pi[m + 1], pi[m])]))
        error = max(error, _gap(h.biases[m], g.biases[m][pi[m + 1]]))
        error = max(error, _gap(h.deltas[m], g.deltas[m][:, pi[m + 1]]))
    _require(error, ROUNDING, "gradient of the permuted network")
    return Evidence(
        "numeric", "complex step on two NumPy networks of widths 4-6-5-3, 7 samples", error, seed=seed
    )


def tied(seed: int, layer: int = 1, tie_outgoing: bool = True) -> tuple[list[Array], list[Array]]:
    """Random parameters in which the first two neurons of a hidden layer are tied."""
    weights, biases = reference.random_parameters(_network(), seed)
    weights[layer - 1][1] = weights[layer - 1][0]
    biases[layer - 1][1] = biases[layer - 1][0]
    if tie_outgoing:
        weights[layer][:, 1] = weights[layer][:, 0]
    return weights, biases


def trained(seed: int, steps: int, tie_outgoing: bool, layer: int) -> tuple[list[Array], list[Array]]:
    """Parameters after gradient descent from a tie, with a new batch and another step size at every step."""
    network = _network()
    weights, biases = tied(seed, layer, tie_outgoing)
    for step in range(steps):
        x, y = reference.random_data(network, 5, seed + 1000 + step)
        rate = 0.5 / (1 + step % 3)
        g = reference.backward(network, weights, biases, x, y)
        weights = [w - rate * d for w, d in zip(weights, g.weights, strict=True)]
        biases = [b - rate * d for b, d in zip(biases, g.biases, strict=True)]
    return weights, biases


def gap_after_training(seed: int, steps: int, layer: int = 1) -> float:
    """The largest relative difference between the parameters of two neurons that started tied."""
    weights, biases = trained(seed, steps, True, layer)
    into, out, bias = weights[layer - 1], weights[layer], biases[layer - 1]
    return max(_gap(into[1], into[0]), _gap(out[:, 1], out[:, 0]), abs(float(bias[1] - bias[0])))


def staying_tied(seed: int, steps: int = 200) -> Evidence:
    """T5: two tied neurons after training; rounding may make a tie drift, so a small gap is allowed."""
    error = max(gap_after_training(seed, steps, layer=m) for m in (1, 2))
    _require(error, DRIFT, f"tied neurons after {steps} steps")
    return Evidence(
        "numeric",
        f"gap between tied neurons after {steps} mini-batch steps, drift of {DRIFT:g} allowed",
        error,
        seed=seed,
    )


def coming_apart(seed: int, steps: int = 200) -> float:
    """The same run from unequal outgoing weights: the gap of the *incoming* weights, which start equal."""
    weights, _ = trained(seed, steps, False, 1)
    return _gap(weights[0][1], weights[0][0])
