"""Backward passes written by hand in plain NumPy, right as they stand; with spots for faults."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

Spots = Mapping[str, Callable[..., Any]]

SIGMA: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2),
    "relu": (lambda z: z * (z > 0), lambda z: 1 * (z > 0)),
    "identity": (lambda z: z, lambda z: 0 * z + 1),
    "softplus": (lambda z: np.log1p(np.exp(z)), lambda z: 1 / (1 + np.exp(-z))),
    "silu": (
        lambda z: z / (1 + np.exp(-z)),
        lambda z: 1 / (1 + np.exp(-z)) + z * np.exp(-z) / (1 + np.exp(-z)) ** 2,
    ),
}


def softmax(z: Any, axis: int) -> Any:
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def columns(
    L: int, sigma: str, output: str, mean: bool = False, decay: float = 0, spots: Spots | None = None
) -> Callable[[Any, Any, Any], Any]:
    """Samples are columns, parameters and gradients in dicts; `output` "softmax" comes with its cost."""
    s = spots or {}
    f, df = SIGMA[sigma]

    def gradient(p: Any, x: Any, y: Any) -> Any:
        z: dict[int, Any] = {}
        a: dict[int, Any] = {0: x}
        N = x.shape[1] if mean else 1
        for l in range(1, L + 1):
            z[l] = p[f"W{l}"] @ a[l - 1] + p[f"b{l}"]
            last = (
                softmax(z[l], 0)
                if output == "softmax"
                else SIGMA[output if output != "softmax" else sigma][0](z[l])
            )
            a[l] = last if l == L else f(z[l])
        delta: dict[int, Any] = {L: a[L] - y if output == "softmax" else (a[L] - y) * SIGMA[output][1](z[L])}
        if "output" in s:
            delta[L] = s["output"](a, z, y)
        found: dict[str, Any] = {}
        for l in range(L, 0, -1):
            if l < L:
                W = s["W"](p, l) if "W" in s else p[f"W{l + 1}"]
                back = s["back"](W, delta, l) if "back" in s else W.T @ delta[l + 1]
                delta[l] = back * (s["slope"](z, a, l) if "slope" in s else df(z[l]))
                if "delta" in s:
                    delta[l] = s["delta"](delta, l)
            given = s["input"](z, a, l) if "input" in s else a[l - 1]
            found[f"dW{l}"] = delta[l] @ given.T / N + decay * p[f"W{l}"]
            found[f"db{l}"] = (
                s["bias"](delta[l], l) if "bias" in s else delta[l].sum(axis=1, keepdims=True) / N
            )
            if "finish" in s:
                s["finish"](found, p, l, N, delta, a)
        return found

    return gradient


def rows(Ws: Any, bs: Any, x: Any, y: Any) -> Any:
    """tanh in all layers, half the squared error; two lists in, two lists out."""
    a = [x]
    for W, b in zip(Ws, bs, strict=True):
        a.append(np.tanh(a[-1] @ W + b))
    delta = (a[-1] - y) * (1 - a[-1] ** 2)
    gW, gb = [], []
    for l in range(len(Ws) - 1, -1, -1):
        gW.insert(0, a[l].T @ delta)
        gb.insert(0, delta.sum(axis=0))
        delta = (delta @ Ws[l].T) * (1 - a[l] ** 2)
    return gW, gb


def loops(W1: Any, b1: Any, W2: Any, b2: Any, x: Any, y: Any) -> Any:
    """One hidden layer of sigmoids and a linear output, one sample, in loops as in C."""
    n0, n1, n2 = len(x), len(b1), len(b2)
    h = [1 / (1 + np.exp(-(sum(W1[j][k] * x[k] for k in range(n0)) + b1[j]))) for j in range(n1)]
    o = [sum(W2[j][k] * h[k] for k in range(n1)) + b2[j] for j in range(n2)]
    d2 = [o[j] - y[j] for j in range(n2)]
    d1 = [h[j] * (1 - h[j]) * sum(W2[k][j] * d2[k] for k in range(n2)) for j in range(n1)]
    cost = sum(d * d for d in d2) / 2
    return cost, (
        [[d1[j] * x[k] for k in range(n0)] for j in range(n1)],
        d1,
        [[d2[j] * h[k] for k in range(n1)] for j in range(n2)],
        d2,
    )
