"""Networks in two forms: compiled from the derivation, and the hand-written reference."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from symderive.compilation import Compiled
from symderive.derivation import derive
from symderive.reference import Network, random_data, random_parameters
from symderive.systems import activations, mlp

ACTIVATIONS = tuple(sorted(activations.NAMES))
COSTS = ("squared_error", "softmax_cross_entropy", "binary_cross_entropy")
WIDTHS = {1: (4, 3), 2: (3, 5, 2), 3: (3, 4, 5, 2), 4: (2, 5, 3, 4, 6)}
SAMPLES = 7


@cache
def both(
    depth: int, activation: str, cost: str, reduction: str = "mean", wrt: tuple[str, ...] = ("w", "b", "x")
) -> tuple[Compiled, Network]:
    """The compiled network, and the reference's."""
    output = None if cost == "squared_error" else "identity"
    widths = WIDTHS[depth]
    net = mlp(
        widths=list(widths), activation=activation, output=output, cost=cost, samples="N", reduction=reduction
    )
    return derive(net, wrt=wrt).compile(), Network(
        widths, activation, cost, output=output, reduction=reduction
    )


def point(network: Network, seed: int = 0) -> dict[str, Any]:
    """Parameters and data."""
    w, b = random_parameters(network, seed)
    x, y = random_data(network, SAMPLES, seed)
    return {"w": w, "b": b, "x": x, "y": y}


def flat(gradients: dict[str, Any]) -> np.ndarray[Any, Any]:
    """All entries in one vector."""
    parts = [g for name in ("w", "b", "x") if name in gradients for g in _list(gradients[name])]
    return np.concatenate([np.ravel(p) for p in parts])


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
