r"""K with |grad C(theta) - grad C(theta~)| <= K |theta - theta~| for all theta, theta~ of a ball.

Along theta + t v with |v| = 1 and v = (V^l, beta^l), where a dot is a derivative by t,

    z. = V a + beta + W a.,   a. = phi'(z) z.,   z.. = 2 V a. + W a..,   a.. = phi''(z) z.^2 + phi'(z) z..,
    C.. = a.^L l''(a^L) a.^L + l'(a^L) a..^L,

and K bounds |C..| by the triangle inequality, layer by layer: |W| and |a| on the ball, suprema of |phi'|
and |phi''|.
All norms are Euclidean, of all parameters together. A step size below 1/K keeps neurons apart (theorem T9).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from symderive.errors import SymderiveError
from symderive.reference import Network, forward

Array = NDArray[Any]

# sup |phi'| and sup |phi''| on the whole line
SLOPES = {
    "identity": (1.0, 0.0),
    "tanh": (1.0, 4 / (3 * math.sqrt(3))),
    "sigmoid": (0.25, 1 / (6 * math.sqrt(3))),
    "softplus": (1.0, 0.25),
}
JUMPS = ("relu", "leaky_relu")
ROUNDING = 1 + 1e-9
"""The norms are computed in floating point: this is far more than their error."""


@dataclass(frozen=True)
class LipschitzBound:
    """The gradient is K-Lipschitz on the ball of this radius about the given parameters."""

    K: float
    radius: float

    @property
    def step(self) -> float:
        """1 / K: below this step size no two points of the ball meet in a step of gradient descent."""
        return 1 / self.K if self.K > 0 else math.inf

    def __str__(self) -> str:
        apart = f"distinct neurons stay so for step sizes below {self.step:.4g}"
        return f"K = {self.K:.4g} within {self.radius:.4g}: {apart}"


def lipschitz_bound(
    network: Network,
    weights: Sequence[ArrayLike],
    biases: Sequence[ArrayLike],
    data: tuple[ArrayLike, ArrayLike],
    radius: float,
) -> LipschitzBound:
    """A bound on the spectral norm of the Hessian of the cost on a ball of parameters, and so on K.

    identity, tanh, sigmoid, softplus; squared_error, softmax_cross_entropy (targets at least 0),
    binary_cross_entropy. Any depth. Raises SymderiveError for other functions (ReLU's gradient is not
    Lipschitz on any
    ball in which a neuron turns active), a negative radius, or arrays that do not fit.

    >>> net = Network((1, 1), "identity")
    >>> bound = lipschitz_bound(net, [[[3.0]]], [[0.0]], ([[2.0]], [[1.0]]), radius=10)
    >>> round(bound.K, 6)  # the Hessian is [[x^2, x], [x, 1]] everywhere, with the eigenvalue x^2 + 1
    5.0
    """
    W, b = ([np.asarray(v, dtype=float) for v in part] for part in (weights, biases))
    x, y = (np.atleast_2d(np.asarray(v, dtype=float)) for v in data)
    for layer, f in enumerate(network.layers, 1):
        if f.name not in SLOPES:
            why = ", whose gradient is not Lipschitz" if f.name in JUMPS else ""
            raise SymderiveError(f"expected one of {', '.join(SLOPES)} in layer {layer}, found {f.name}{why}")
    if not radius >= 0 or not math.isfinite(radius):
        raise SymderiveError(f"expected a radius of at least 0, found {radius}")
    _, a = forward(network, W, b, x)
    if y.shape != a[-1].shape:
        raise SymderiveError(f"expected y of shape {a[-1].shape}, found {y.shape}")
    norms = [float(np.linalg.norm(w, 2)) for w in W]
    total = sum(_sample(network, norms, [v[s] for v in a], y[s], radius) for s in range(len(x)))
    K = total / len(x) if network.reduction == "mean" else total
    return LipschitzBound(K * ROUNDING, radius)


def _sample(network: Network, norms: Sequence[float], a: Sequence[Array], y: Array, R: float) -> float:
    """The bound for one sample: how far a moves, its first and second derivative along a direction."""
    far, first, second = 0.0, 0.0, 0.0  # |a - a_0|, |a.|, |a..|
    for layer, (norm, f) in enumerate(zip(norms, network.layers, strict=True), 1):
        slope, curve = SLOPES[f.name]
        size = float(np.linalg.norm(a[layer - 1]))
        own = math.hypot(size + far, 1.0)  # |(a, 1)|, what a change of (W, b) is multiplied by
        reach = norm + R
        # W a + b - W_0 a_0 - b_0 = (W - W_0, b - b_0) (a_0, 1) + W (a - a_0)
        moved = R * math.hypot(size, 1.0) + reach * far
        one = math.hypot(own, reach * first)
        two = 2 * first + reach * second
        far, first, second = slope * moved, slope * one, curve * one * one + slope * two
        far = min(far, _widest(f.name, a[layer]))
    steep, bent = _cost(network, a[-1], y, far)
    return bent * first * first + steep * second


def _widest(name: str, a: Array) -> float:
    """How far the activations of a layer can move: those of tanh and sigmoid are bounded."""
    ends = {"tanh": (-1.0, 1.0), "sigmoid": (0.0, 1.0)}.get(name)
    if ends is None:
        return math.inf
    return float(np.linalg.norm(np.maximum(np.abs(a - ends[0]), np.abs(a - ends[1]))))


def _cost(network: Network, a: Array, y: Array, far: float) -> tuple[float, float]:
    """|l'| and |l''| where the outputs are within `far` of a."""
    name = network.loss.name
    if name == "squared_error":
        c = 2 * abs(network.factor)
        return c * (float(np.linalg.norm(a - y)) + far), c
    if name == "softmax_cross_entropy":
        if np.min(y) < 0:
            raise SymderiveError(f"expected targets of at least 0, found {np.min(y)}")
        weight = float(np.sum(y))
        return math.sqrt(2) * weight, weight / 2
    if name == "binary_cross_entropy":
        return float(np.linalg.norm(np.maximum(np.abs(y), np.abs(1 - y)))), 0.25
    known = "squared_error, softmax_cross_entropy, binary_cross_entropy"
    raise SymderiveError(f"expected a cost among {known}, found {name}")


def exchange_distance(weights: Sequence[ArrayLike], biases: Sequence[ArrayLike]) -> float:
    """The largest distance of the parameters from themselves with two neurons of a hidden layer exchanged.

    >>> exchange_distance([[[1.0], [0.0]], [[0.0, 0.0]]], [[0.0, 0.0], [0.0]]) ** 2
    2.0000000000000004
    """
    W, b = ([np.asarray(v, dtype=float) for v in part] for part in (weights, biases))
    most = 0.0
    for layer in range(len(W) - 1):
        rows = np.column_stack([W[layer], b[layer], W[layer + 1].T])
        for p in range(len(rows)):
            most = max(most, float(np.max(np.linalg.norm(rows - rows[p], axis=1))))
    return math.sqrt(2) * most


def merging_step(
    network: Network,
    weights: Sequence[ArrayLike],
    biases: Sequence[ArrayLike],
    data: tuple[ArrayLike, ArrayLike],
    radius: float,
) -> LipschitzBound:
    """The step size below which no two neurons meet while a run stays within the radius of where it started.

    The bound has to hold between parameters and the exchanged ones as well: if the run is within the
    radius, so are
    these within the radius plus the distance of the start from its exchanged copies, and all that lies
    between.

    >>> W, b = [[[1.0], [-1.0]], [[1.0, 2.0]]], [[0.0, 0.0], [0.0]]
    >>> bound = merging_step(Network((1, 2, 1), "tanh"), W, b, ([[1.0]], [[0.5]]), radius=0.5)
    >>> bound.step < merging_step(Network((1, 2, 1), "tanh"), W, b, ([[1.0]], [[0.5]]), radius=0.1).step
    True
    """
    if not radius >= 0:
        raise SymderiveError(f"expected a radius of at least 0, found {radius}")
    return lipschitz_bound(network, weights, biases, data, radius + exchange_distance(weights, biases))


__all__ = ["LipschitzBound", "exchange_distance", "lipschitz_bound", "merging_step"]
