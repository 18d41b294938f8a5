r"""The derived quantities of each sample: z^l, a^l, delta^l, dC/da^L, and what is made of them.

They come out of the derivation, evaluated on arrays; a sample's are its own, not yet summed or averaged.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from symderive.errors import SymderiveError
from symderive.evaluation import evaluate, from_activation
from symderive.systems.activations import Activation
from symderive.verification.network import Array, Network


@dataclass(frozen=True)
class Case:
    """Parameters and data to judge on: weights[l-1] is W^l (n_l, n_{l-1}), x is (N, n_0), y is (N, n_L)."""

    weights: tuple[Array, ...]
    biases: tuple[Array, ...]
    x: Array
    y: Array

    @property
    def samples(self) -> int:
        """N."""
        return len(self.x)

    def one(self, sample: int) -> Case:
        """The case of one sample alone."""
        return Case(self.weights, self.biases, self.x[sample : sample + 1], self.y[sample : sample + 1])


@dataclass(frozen=True)
class Quantities:
    """What a backward pass is made of, at one case: lists go by layer, 0 for the input.

    `scale` is 1, or 1/N for a mean over the samples; `decay` the factor of the regularisation.
    """

    network: Network
    case: Case
    z: tuple[Array, ...]
    a: tuple[Array, ...]
    delta: tuple[Array, ...]
    output_gradient: Array
    cost: float
    weights: tuple[Array, ...]
    biases: tuple[Array, ...]
    scale: float
    decay: float
    slope_of: tuple[Callable[[Array], Array] | None, ...] = field(repr=False)

    @property
    def depth(self) -> int:
        """L."""
        return self.network.depth

    @cached_property
    def slopes(self) -> tuple[Array | None, ...]:
        """sigma'(z^l); None for the input and for a softmax."""
        return tuple(
            None if f is None else np.asarray(f(z)) for f, z in zip(self.slope_of, self.z, strict=True)
        )

    @property
    def by_key(self) -> dict[tuple[str, int], Array]:
        """The derived gradient by (kind, layer)."""
        W = {("W", l): v for l, v in enumerate(self.weights, 1)}
        return {**W, **{("b", l): v for l, v in enumerate(self.biases, 1)}}

    @property
    def gradient(self) -> tuple[tuple[Array, ...], tuple[Array, ...]]:
        """dC/dW^l and dC/db^l, l = 1..L, by the derivation; regularisation included."""
        return self.weights, self.biases


def slope_function(f: Activation | str) -> Callable[[Array], Array] | None:
    """sigma' as derived from the formula of sigma; None for a softmax, which has no slope of one number."""
    if isinstance(f, Activation):
        return from_activation(f)[1]
    return np.ones_like if f == "identity" else None


def quantities(network: Network, case: Case, reduction: str = "sum", decay: float = 0.0) -> Quantities:
    """The derived quantities at a case. Raises SymderiveError where they overflow.

    >>> from symderive.verification.network import network_of
    >>> net = network_of({"widths": [1, 1], "activation": "identity", "cost": "squared_error"})
    >>> q = quantities(net, Case((np.array([[3.0]]),), (np.zeros(1),), np.array([[2.0]]), np.array([[1.0]])))
    >>> float(q.cost), q.gradient[0][0].tolist()
    (12.5, [[10.0]])
    """
    layers = range(1, network.depth + 1)
    arrays = {
        "w": dict(zip(layers, case.weights, strict=True)),
        "b": dict(zip(layers, case.biases, strict=True)),
        "x": case.x,
        "y": case.y,
    }
    n = case.samples
    run = evaluate(
        network.definitions(n), arrays, network.system.sizes, functions=dict(network.system.activations)
    )
    scale = 1 / n if reduction == "mean" else 1.0
    C = float(run["C"].sum()) * scale
    if not np.isfinite(C):
        raise SymderiveError(f"data: expected a finite cost, found {C}: use smaller numbers")
    empty = np.zeros((n, 0))
    return Quantities(
        network=network,
        case=case,
        z=(case.x, *(run["z", m] for m in layers)),
        a=(case.x, *(run["a", m] for m in layers)),
        delta=(empty, *(run["delta", m] for m in layers)),
        output_gradient=run["bar_a", network.depth],
        cost=C + decay / 2 * sum(float((w**2).sum()) for w in case.weights),
        weights=tuple(
            scale * run["grad_w", m].sum(axis=0) + decay * w
            for m, w in zip(layers, case.weights, strict=True)
        ),
        biases=tuple(scale * run["grad_b", m].sum(axis=0) for m in layers),
        scale=scale,
        decay=decay,
        slope_of=(None, *(slope_function(f) for f in network.activations)),
    )
