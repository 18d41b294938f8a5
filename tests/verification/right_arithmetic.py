"""What the second collection of right backward passes shares: activations, costs, one pass by rows.

None of it knows symderive.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np


class Kind(NamedTuple):
    """What a network is, for these functions."""

    widths: tuple[int, ...]
    activations: tuple[str, ...]
    cost: str
    reduction: str = "mean"
    decay: float = 0.0
    factor: float = 0.5


def act(name: str, z: Any) -> Any:
    if name == "tanh":
        return np.tanh(z)
    if name == "sigmoid":
        return 1 / (1 + np.exp(-z))
    if name == "relu":
        return np.maximum(z, 0)
    if name == "leaky_relu":
        return np.where(z > 0, z, 0.01 * z)
    if name == "softplus":
        return np.log1p(np.exp(z))
    if name == "silu":
        return z / (1 + np.exp(-z))
    if name == "softmax":
        e = np.exp(z - z.max(axis=-1, keepdims=True))
        return e / e.sum(axis=-1, keepdims=True)
    return z


def slope(name: str, z: Any) -> Any:
    s = 1 / (1 + np.exp(-z))
    if name == "tanh":
        return 1 - np.tanh(z) ** 2
    if name == "sigmoid":
        return s * (1 - s)
    if name == "relu":
        return (z > 0).astype(float)
    if name == "leaky_relu":
        return np.where(z > 0, 1.0, 0.01)
    if name == "softplus":
        return s
    if name == "silu":
        return s * (1 + z * (1 - s))
    return np.ones_like(z)


def loss_and_delta(k: Kind, z: Any, a: Any, y: Any) -> tuple[Any, Any]:
    """Summed over the rows: the cost, and its slope by the last weighted input."""
    if k.cost == "squared_error":
        return k.factor * ((a - y) ** 2).sum(), 2 * k.factor * (a - y) * slope(k.activations[-1], z)
    if k.cost == "cross_entropy":
        return -(y * np.log(a)).sum(), a - y
    if k.cost == "softmax_cross_entropy":
        p = act("softmax", a)
        return -(y * np.log(p)).sum(), (p - y) * slope(k.activations[-1], z)
    s = 1 / (1 + np.exp(-a))
    return (np.log1p(np.exp(a)) - y * a).sum(), (s - y) * slope(k.activations[-1], z)


def rows(k: Kind, W: Any, b: Any, x: Any, y: Any) -> tuple[Any, list[Any], list[Any]]:
    """Rows are samples, W is (outputs, inputs)."""
    z, a = [], [x]
    for w, v, name in zip(W, b, k.activations, strict=True):
        z.append(a[-1] @ w.T + v)
        a.append(act(name, z[-1]))
    cost, delta = loss_and_delta(k, z[-1], a[-1], y)
    n = len(x) if k.reduction == "mean" else 1
    cost, delta = cost / n, delta / n
    dW, db = [], []
    for l in range(len(W) - 1, -1, -1):
        dW.insert(0, delta.T @ a[l] + k.decay * W[l])
        db.insert(0, delta.sum(axis=0))
        if l:
            delta = (delta @ W[l]) * slope(k.activations[l - 1], z[l - 1])
    cost = cost + k.decay / 2 * sum((w**2).sum() for w in W)
    return cost, dW, db
