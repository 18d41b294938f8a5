r"""Two neurons near a tie, where the tied network rests: the gap grows by 1 - eta lambda_min(B) a step.

B is the Hessian on the differences of the two neurons. Here it comes from differences of the reference's
gradients, so that nothing of the theory is in it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from symderive import reference
from symderive.reference_arrays import Array

Parameters = tuple[list[Array], list[Array]]
MOST_STEPS = 4_000


@dataclass(frozen=True)
class NearlyTied:
    """The gap between the two neurons before every step, and the factor per step that B predicts."""

    gap: Array
    rate: float


def difference(weights: list[Array], biases: list[Array]) -> Array:
    """(w_1 - w_2, b_1 - b_2, v_1 - v_2) of the first two hidden neurons."""
    (w, v), b = weights, biases[0]
    return np.concatenate((w[0] - w[1], [b[0] - b[1]], v[:, 0] - v[:, 1]))


def _parted(at: Parameters, d: Array) -> Parameters:
    """The two neurons moved apart by d, half each."""
    weights, biases = [w.copy() for w in at[0]], [b.copy() for b in at[1]]
    n = weights[0].shape[1]
    for neuron, sign in ((0, 0.5), (1, -0.5)):
        weights[0][neuron] += sign * d[:n]
        biases[0][neuron] += sign * d[n]
        weights[1][:, neuron] += sign * d[n + 1 :]
    return weights, biases


def _gradient(net: reference.Network, at: Parameters, x: Array, y: Array) -> Parameters:
    g = reference.backward(net, *at, x, y)
    return list(g.weights), list(g.biases)


def transverse(net: reference.Network, at: Parameters, x: Array, y: Array, h: float = 1e-5) -> Array:
    """B, the Hessian on the differences of the first two hidden neurons, by central differences."""
    size = len(difference(*at))
    rows = []
    for direction in np.eye(size):
        up, down = (difference(*_gradient(net, _parted(at, e * direction), x, y)) for e in (h, -h))
        rows.append((up - down) / (2 * h))
    found = np.array(rows)
    return (found + found.T) / 2


def nearly_tied(seed: int, eta: float = 0.2, start: float = 1e-10, rest: int = 6_000) -> NearlyTied:
    """Two tied tanh neurons are trained for `rest` steps, then parted by `start`, and the run goes on.

    The target is one that two neurons can fit and one cannot. They part along the eigenvector of the least
    eigenvalue, so that the rate is seen from the first step; the run ends some time after it must break off.
    """
    net = reference.Network((2, 2, 1), ["tanh", "identity"], "squared_error", reduction="mean")
    at: Parameters = reference.random_parameters(net, seed)
    x, _ = reference.random_data(net, 12, seed)
    y = np.tanh(2 * x[:, :1]) + np.tanh(2 * x[:, 1:])
    for step in range(rest + 1):
        # tied again before every step: rounding alone would let them part
        (w, v), b = at[0], at[1][0]
        w[1], b[1], v[:, 1] = w[0], b[0], v[:, 0]
        at = _step(net, at, x, y, eta) if step < rest else at
    values, vectors = np.linalg.eigh(transverse(net, at, x, y))
    rate = float(1 - eta * values[0])
    steps = min(MOST_STEPS, int(1.2 * np.log(1 / start) / np.log(rate))) if rate > 1 else MOST_STEPS
    at = _parted(at, start * vectors[:, 0])
    gaps = []
    for _ in range(steps + 1):
        gaps.append(float(np.linalg.norm(difference(*at))))
        at = _step(net, at, x, y, eta)
    return NearlyTied(np.array(gaps), rate)


def _step(net: reference.Network, at: Parameters, x: Array, y: Array, eta: float) -> Parameters:
    gw, gb = _gradient(net, at, x, y)
    return [w - eta * g for w, g in zip(at[0], gw, strict=True)], [
        b - eta * g for b, g in zip(at[1], gb, strict=True)
    ]


__all__ = ["NearlyTied", "difference", "nearly_tied", "transverse"]
