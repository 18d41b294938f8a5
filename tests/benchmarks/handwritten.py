"""A backward pass as a careful engineer writes it: every buffer made once, every operation in place.

It is the opponent of the generated code, written in matrix form by hand. Rows are samples; the cost is the
mean over the samples of half the squared error, or of the softmax cross-entropy with labels that sum to one.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

Array = Any


def backward(
    widths: Sequence[int], activation: str, cost: str, samples: int, dtype: Any
) -> Callable[..., tuple[float, list[Array], list[Array]]]:
    """A function (weights, biases, x, y) -> cost, gradients, with buffers of its own."""
    depth = len(widths) - 1
    a = [np.empty((samples, n), dtype) for n in widths[1:]]
    back = [np.empty((samples, n), dtype) for n in widths[1:]]
    mask = [np.empty((samples, n), bool) for n in widths[1:]]
    dw = [np.empty((m, n), dtype) for n, m in itertools.pairwise(widths)]
    db = [np.empty(n, dtype) for n in widths[1:]]
    ones, row = np.ones(samples, dtype), np.empty((samples, 1), dtype)

    def apply(z: Array) -> None:
        if activation == "tanh":
            np.tanh(z, out=z)
        elif activation == "relu":
            np.maximum(z, 0, out=z)
        else:
            np.negative(z, out=z)
            np.exp(z, out=z)
            np.add(z, 1, out=z)
            np.reciprocal(z, out=z)

    def multiply_by_derivative(delta: Array, a: Array, mask: Array, spare: Array) -> None:
        """delta *= sigma'(z), in terms of a = sigma(z)."""
        if activation == "tanh":
            np.multiply(a, a, out=a)
            np.subtract(1, a, out=a)
            np.multiply(delta, a, out=delta)
        elif activation == "relu":
            np.greater(a, 0, out=mask)
            np.multiply(delta, mask, out=delta)
        else:
            np.subtract(1, a, out=spare)
            np.multiply(spare, a, out=spare)
            np.multiply(delta, spare, out=delta)

    spare = [np.empty((samples, n), dtype) for n in widths[1:]]

    def run(w: Sequence[Array], b: Sequence[Array], x: Array, y: Array) -> Any:
        below = x
        for m in range(depth):
            np.matmul(below, w[m].T, out=a[m])
            np.add(a[m], b[m], out=a[m])
            if m < depth - 1:
                apply(a[m])
            below = a[m]
        last, delta = a[-1], back[-1]
        if cost == "squared_error":
            np.subtract(last, y, out=delta)
            value = 0.5 / samples * np.vdot(delta, delta)
        else:
            np.maximum.reduce(last, axis=1, keepdims=True, out=row)
            np.subtract(last, row, out=last)
            np.exp(last, out=delta)
            np.add.reduce(delta, axis=1, keepdims=True, out=row)
            np.divide(delta, row, out=delta)
            np.log(row, out=row)
            np.subtract(row, last, out=last)
            value = np.vdot(last, y) / samples
            np.subtract(delta, y, out=delta)
        np.multiply(delta, 1 / samples, out=delta)
        for m in reversed(range(depth)):
            below = a[m - 1] if m else x
            np.matmul(delta.T, below, out=dw[m])
            np.matmul(ones, delta, out=db[m])
            if m:
                np.matmul(delta, w[m], out=back[m - 1])
                multiply_by_derivative(back[m - 1], a[m - 1], mask[m - 1], spare[m - 1])
                delta = back[m - 1]
        return float(value), dw, db

    return run


def products_alone(widths: Sequence[int], samples: int, dtype: Any) -> Callable[..., None]:
    """The matrix products of the same shapes, and nothing else: no implementation on BLAS is faster."""
    a = [np.ones((samples, n), dtype) for n in widths]
    dw = [np.empty((m, n), dtype) for n, m in itertools.pairwise(widths)]
    back = [np.ones((samples, n), dtype) for n in widths]

    def run(w: Sequence[Array], *_: Any) -> None:
        for m, v in enumerate(w):
            np.matmul(a[m], v.T, out=a[m + 1])
        for m in reversed(range(len(w))):
            np.matmul(back[m + 1].T, a[m], out=dw[m])
            if m:
                np.matmul(back[m + 1], w[m], out=back[m])

    return run
