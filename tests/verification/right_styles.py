"""Right backward passes in 15 styles, for any widths, activations and costs; none knows symderive.

STYLES: a maker from a Kind to a function, the form in which symderive asks it, the way from one to the other.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
from right_arithmetic import Kind, act, loss_and_delta, rows, slope


def lists(k: Kind) -> Callable[..., Any]:
    def gradients(weights, biases, x, y):
        _, dW, db = rows(k, weights, biases, x, y)
        return dW, db

    return gradients


def lists_with_cost(k: Kind) -> Callable[..., Any]:
    def backprop(x, y, W, b):
        cost, dW, db = rows(k, W, b, x, y)
        return cost, dW, db

    return backprop


def pairs_inputs_first(k: Kind) -> Callable[..., Any]:
    def grad(params, X, Y):
        _, dW, db = rows(k, [w.T for w, _ in params], [b for _, b in params], X, Y)
        return [(g.T, h) for g, h in zip(dW, db, strict=True)]

    return grad


def dictionary(k: Kind) -> Callable[..., Any]:
    def backward(params, x, y):
        L = len(k.activations)
        W, b = [params[f"W{l}"] for l in range(1, L + 1)], [params[f"b{l}"] for l in range(1, L + 1)]
        cost, dW, db = rows(k, W, b, x, y)
        grads = {}
        for l in range(L):
            grads[f"dW{l + 1}"], grads[f"db{l + 1}"] = dW[l], db[l]
        return cost, grads

    return backward


def dictionary_from_zero(k: Kind) -> Callable[..., Any]:
    def backward(theta, x, y):
        L = len(k.activations)
        W, b = [theta[f"w{l}"].T for l in range(L)], [theta[f"b{l}"] for l in range(L)]
        cost, dW, db = rows(k, W, b, x, y)
        out = {"loss": cost}
        for l in range(L):
            out[f"grad_w{l}"], out[f"grad_b{l}"] = dW[l].T, db[l]
        return out

    return backward


def flat_vector(k: Kind) -> Callable[..., Any]:
    def objective(theta, x, y):
        W, b, i = [], [], 0
        for n, m in itertools.pairwise(k.widths):
            W.append(theta[i : i + n * m].reshape(n, m))
            i += n * m
            b.append(theta[i : i + m])
            i += m
        cost, dW, db = rows(k, [w.T for w in W], b, x, y)
        return cost, np.concatenate([v for g, h in zip(dW, db, strict=True) for v in (g.T.ravel(), h)])

    return objective


def flat_weights_first(k: Kind) -> Callable[..., Any]:
    def gradient(vec, x, y):
        widths, W, b, i = k.widths, [], [], 0
        for n, m in itertools.pairwise(widths):
            W.append(vec[i : i + n * m].reshape(m, n))
            i += n * m
        for m in widths[1:]:
            b.append(vec[i : i + m])
            i += m
        _, dW, db = rows(k, W, b, x, y)
        return np.concatenate([v.ravel() for v in (*dW, *db)])

    return gradient


def columns(k: Kind) -> Callable[..., Any]:
    """Columns are samples, b is (n, 1), as in a well-known course."""

    def propagate(X, Y, W, b):
        A, Z = [X], []
        for w, v, name in zip(W, b, k.activations, strict=True):
            Z.append(w @ A[-1] + v)
            A.append(act(name, Z[-1].T).T)
        m = X.shape[1] if k.reduction == "mean" else 1
        _cost, dZ = loss_and_delta(k, Z[-1].T, A[-1].T, Y.T)
        dZ = dZ.T
        grads = {}
        for l in range(len(W), 0, -1):
            grads[f"dW{l}"] = dZ @ A[l - 1].T / m + k.decay * W[l - 1]
            grads[f"db{l}"] = np.sum(dZ, axis=1, keepdims=True) / m
            if l > 1:
                dZ = W[l - 1].T @ dZ * slope(k.activations[l - 2], Z[l - 2])
        return grads

    return propagate


def einsum(k: Kind) -> Callable[..., Any]:
    def grads(model, batch):
        x, y = batch
        z, a = [], [x]
        for layer, name in zip(model, k.activations, strict=True):
            z.append(np.einsum("ni,oi->no", a[-1], layer["W"]) + layer["b"])
            a.append(act(name, z[-1]))
        _cost, g = loss_and_delta(k, z[-1], a[-1], y)
        scale = 1 / x.shape[0] if k.reduction == "mean" else 1.0
        out = []
        for l in reversed(range(len(model))):
            dw = np.einsum("no,ni->oi", g, a[l]) * scale + k.decay * model[l]["W"]
            out.append({"W": dw, "b": np.einsum("no->o", g) * scale})
            if l:
                g = np.einsum("no,oi->ni", g, model[l]["W"]) * slope(k.activations[l - 1], z[l - 1])
        return out[::-1]

    return grads


def c_loops(k: Kind) -> Callable[..., Any]:
    """One sample at a time over plain loops, gradients added up over the batch."""

    def gradient(w, b, x, y):
        L = len(w)
        n = len(x)
        gw = [[[0.0] * len(w[l][0]) for _ in w[l]] for l in range(L)]
        gb = [[0.0] * len(b[l]) for l in range(L)]
        for s in range(n):
            z, a = [], [np.array(x[s])]
            for l in range(L):
                z.append(
                    np.array(
                        [
                            sum(w[l][j][i] * a[l][i] for i in range(len(a[l]))) + b[l][j]
                            for j in range(len(b[l]))
                        ]
                    )
                )
                a.append(act(k.activations[l], z[l]))
            _, delta = loss_and_delta(k, z[-1], a[-1], y[s])
            for l in range(L - 1, -1, -1):
                for j in range(len(delta)):
                    gb[l][j] += delta[j]
                    for i in range(len(a[l])):
                        gw[l][j][i] += delta[j] * a[l][i]
                if l:
                    below = [sum(w[l][j][i] * delta[j] for j in range(len(delta))) for i in range(len(a[l]))]
                    delta = np.array(below) * slope(k.activations[l - 1], z[l - 1])
        c = 1 / n if k.reduction == "mean" else 1
        gw = [
            [[c * v + k.decay * w[l][j][i] for i, v in enumerate(r)] for j, r in enumerate(g)]
            for l, g in enumerate(gw)
        ]
        return gw, [[c * v for v in g] for g in gb]

    return gradient


def one_sample(k: Kind) -> Callable[..., Any]:
    def nabla(x, y, weights, biases):
        """As in a well-known book: one sample, vectors."""
        z, a = [], [x]
        for w, b, name in zip(weights, biases, k.activations, strict=True):
            z.append(np.dot(w, a[-1]) + b)
            a.append(act(name, z[-1]))
        _, delta = loss_and_delta(k, z[-1], a[-1], y)
        nabla_b, nabla_w = [delta], [np.outer(delta, a[-2]) + k.decay * weights[-1]]
        for l in range(2, len(weights) + 1):
            delta = np.dot(weights[-l + 1].T, delta) * slope(k.activations[-l], z[-l])
            nabla_b.insert(0, delta)
            nabla_w.insert(0, np.outer(delta, a[-l - 1]) + k.decay * weights[-l])
        return nabla_b, nabla_w

    return nabla


class Trainer:
    """An object that keeps its forward pass between methods, and recomputes it at every call."""

    def __init__(self, k: Kind) -> None:
        self.k = k
        self.cache: Any = None

    def __call__(self, W, b, x, y):
        self.cache = rows(self.k, W, b, x, y)
        return self.cache[1] + self.cache[2]


def numbered(k: Kind) -> Callable[..., Any]:
    """W1, b1, W2, b2, ..: as many arguments as there are parameters."""
    L = len(k.activations)
    names = ", ".join(f"W{l}, b{l}" for l in range(1, L + 1))

    def body(*given):
        *theta, x, y = given
        _, dW, db = rows(k, [w.T for w in theta[::2]], theta[1::2], x, y)
        return tuple(v for g, h in zip(dW, db, strict=True) for v in (g.T, h))

    made: dict[str, Any] = {"body": body}
    exec(f"def gradients({names}, x, y):\n    return body({names}, x, y)", made)
    return made["gradients"]


def single_precision(k: Kind) -> Callable[..., Any]:
    def grads32(W, b, x, y):
        f = np.float32
        cost, dW, db = rows(k, [w.astype(f) for w in W], [v.astype(f) for v in b], x.astype(f), y.astype(f))
        return float(cost), [g.astype(f) for g in dW], [g.astype(f) for g in db]

    return grads32


def labelled(k: Kind) -> Callable[..., Any]:
    """Classes as numbers, for costs of classes."""

    def grads(params, x, labels):
        W, b = params
        _, dW, db = rows(k, W, b, x, np.eye(len(b[-1]))[labels])
        return {"W": dW, "b": db}

    return grads


Caller = Callable[[Callable[..., Any]], Callable[..., Any]]


def _flat_weights_first(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Two lists in and out, for a function of one vector with all weights before all biases."""

    def called(Ws, bs, x, y):
        found = fn(np.concatenate([v.ravel() for v in (*Ws, *bs)]), x, y)
        parts = np.split(found, np.cumsum([v.size for v in (*Ws, *bs)])[:-1])
        shaped = [p.reshape(v.shape) for p, v in zip(parts, (*Ws, *bs), strict=True)]
        return shaped[: len(Ws)], shaped[len(Ws) :]

    return called


# each style, the form in which it is asked, and what turns the arguments of that form into its own
STYLES: tuple[tuple[Callable[[Kind], Callable[..., Any]], str, Caller], ...] = (
    (lists, "lists", lambda f: f),
    (lists_with_cost, "lists", lambda f: lambda W, b, x, y: f(x, y, W, b)),
    (pairs_inputs_first, "pairs", lambda f: f),
    (dictionary, "dict", lambda f: f),
    (dictionary_from_zero, "dict",
     lambda f: lambda p, x, y: f({f"{k[0].lower()}{int(k[1:]) - 1}": v for k, v in p.items()}, x, y)),
    (flat_vector, "flat", lambda f: f),
    (flat_weights_first, "lists", _flat_weights_first),
    (columns, "lists", lambda f: lambda W, b, x, y: f(x, y, W, b)),
    (einsum, "pairs", lambda f: lambda p, x, y: f([{"W": w, "b": b} for w, b in p], (x, y))),
    (c_loops, "lists", lambda f: f),
    (one_sample, "lists", lambda f: lambda W, b, x, y: f(x, y, W, b)),
    (Trainer, "lists", lambda f: f),
    (numbered, "arguments", lambda f: f),
    (single_precision, "lists", lambda f: f),
    (labelled, "lists", lambda f: lambda W, b, x, y: f((W, b), x, y)),
)  # fmt: skip
