"""Backward passes with a fault each: 4-4-4-4, sigmoid, squared error, sum over the batch.

Lists of W and b, samples in columns, b as (n, 1); one of them takes one sample, in loops as in C.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from written_out import faulty


def sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


def _column_forward(W: Any, b: Any, X: Any) -> Any:
    A, Z = [X], []
    for w, v in zip(W, b, strict=True):
        Z.append(w @ A[-1] + v.reshape(-1, 1))
        A.append(sigmoid(Z[-1]))
    return Z, A


def _column_backward(W: Any, Z: Any, A: Any, D: Any, back: Any, slope: Any) -> Any:
    dW, db = [], []
    for l in reversed(range(len(W))):
        dW.insert(0, D @ A[l].T)
        db.insert(0, D.sum(axis=1, keepdims=True))
        if l:
            D = back(W, l) @ D * slope(Z, A, l)
    return dW, db


def _right_back(W: Any, l: int) -> Any:
    return W[l].T


def _right_slope(Z: Any, A: Any, l: int) -> Any:
    return A[l] * (1 - A[l])


@faulty("square", "weights_not_transposed", "for its transpose, in layers 1 and 2")
def weights_not_transposed(W, b, X, Y):
    Z, A = _column_forward(W, b, X)
    D = (A[-1] - Y) * A[-1] * (1 - A[-1])
    return _column_backward(W, Z, A, D, lambda W, l: W[l], _right_slope)


@faulty("square", "wrong_layer_weights", "W^l for W^{l+1}")
def weights_of_the_layer_below(W, b, X, Y):
    Z, A = _column_forward(W, b, X)
    D = (A[-1] - Y) * A[-1] * (1 - A[-1])
    return _column_backward(W, Z, A, D, lambda W, l: W[l - 1].T, _right_slope)


@faulty("square", "slope_of_wrong_layer", "of the layer after")
def slope_of_the_layer_above(W, b, X, Y):
    Z, A = _column_forward(W, b, X)
    D = (A[-1] - Y) * A[-1] * (1 - A[-1])
    return _column_backward(W, Z, A, D, _right_back, lambda Z, A, l: A[l + 1] * (1 - A[l + 1]))


@faulty("square", "slope_at_activation", "sigma'(a) for sigma'(z)")
def sigmoid_slope_applied_to_a(W, b, X, Y):
    Z, A = _column_forward(W, b, X)
    D = (A[-1] - Y) * A[-1] * (1 - A[-1])

    def slope(Z, A, l):
        s = sigmoid(A[l])
        return s * (1 - s)

    return _column_backward(W, Z, A, D, _right_back, slope)


@faulty("square", "wrong_activations", "a^l for a^{l-1} in dW")
def activations_of_the_same_layer(W, b, X, Y):
    _Z, A = _column_forward(W, b, X)
    D = (A[-1] - Y) * A[-1] * (1 - A[-1])
    dW, db = [], []
    for l in reversed(range(len(W))):
        dW.insert(0, D @ A[l + 1].T)
        db.insert(0, D.sum(axis=1, keepdims=True))
        D = W[l].T @ D * A[l] * (1 - A[l])
    return dW, db


@faulty("square", "layer_skipped", "delta^{l+1} for W^{l+1} applied to it")
def weights_left_out_of_the_recursion(W, b, X, Y):
    _Z, A = _column_forward(W, b, X)
    D = (A[-1] - Y) * A[-1] * (1 - A[-1])
    dW, db = [], []
    for l in reversed(range(len(W))):
        dW.insert(0, D @ A[l].T)
        db.insert(0, D.sum(axis=1, keepdims=True))
        D = D * A[l] * (1 - A[l])
    return dW, db


@faulty("square", "unit_sum_missing", "only the last unit")
def c_style_sum_overwritten(w, b, x, y):
    """One sample, loops as in C; the sum over the next layer's units is assigned, not added."""
    L = len(w)
    z, a = [], [list(x)]
    for l in range(L):
        z.append([sum(w[l][j][k] * a[l][k] for k in range(len(a[l]))) + b[l][j] for j in range(len(b[l]))])
        a.append([1 / (1 + np.exp(-v)) for v in z[l]])
    delta = [(a[L][j] - y[j]) * a[L][j] * (1 - a[L][j]) for j in range(len(y))]
    gw, gb = [None] * L, [None] * L
    for l in range(L - 1, -1, -1):
        gw[l] = [[delta[j] * a[l][k] for k in range(len(a[l]))] for j in range(len(delta))]
        gb[l] = list(delta)
        new = []
        for k in range(len(a[l])):
            total = 0.0
            for j in range(len(delta)):
                total = w[l][j][k] * delta[j]
            new.append(total * a[l][k] * (1 - a[l][k]))
        delta = new
    return gw, gb


@faulty("square", "extra_slope", "twice")
def slope_squared(W, b, X, Y):
    Z, A = _column_forward(W, b, X)
    D = (A[-1] - Y) * A[-1] * (1 - A[-1])
    return _column_backward(W, Z, A, D, _right_back, lambda Z, A, l: (A[l] * (1 - A[l])) ** 2)


@faulty("square", "wrong_slope", "sigma(z) for sigma'(z)")
def one_minus_a_forgotten(W, b, X, Y):
    Z, A = _column_forward(W, b, X)
    D = (A[-1] - Y) * A[-1] * (1 - A[-1])
    return _column_backward(W, Z, A, D, _right_back, lambda Z, A, l: A[l])


@faulty("square", "factor", "a factor 1/N")
def mean_where_a_sum_is_meant(W, b, X, Y):
    Z, A = _column_forward(W, b, X)
    D = (A[-1] - Y) * A[-1] * (1 - A[-1]) / X.shape[1]
    return _column_backward(W, Z, A, D, _right_back, _right_slope)


@faulty("square", "wrong_output", "z for a^L in a^L - y")
def error_of_the_weighted_input(W, b, X, Y):
    Z, A = _column_forward(W, b, X)
    D = (Z[-1] - Y) * A[-1] * (1 - A[-1])
    return _column_backward(W, Z, A, D, _right_back, _right_slope)


@faulty("square", "weights_not_transposed+slope_missing", "in layer 1")
def two_faults_at_once(W, b, X, Y):
    """Weights not transposed, and the first layer's slope left out."""
    Z, A = _column_forward(W, b, X)
    D = (A[-1] - Y) * A[-1] * (1 - A[-1])
    return _column_backward(W, Z, A, D, lambda W, l: W[l], lambda Z, A, l: 1 if l == 1 else A[l] * (1 - A[l]))


@faulty("square", "wrong_activations", "x for a^{l-1} in dW")
def inputs_for_every_layer(W, b, X, Y):
    _Z, A = _column_forward(W, b, X)
    D = (A[-1] - Y) * A[-1] * (1 - A[-1])
    dW, db = [], []
    for l in reversed(range(len(W))):
        dW.insert(0, D @ X.T)
        db.insert(0, D.sum(axis=1, keepdims=True))
        D = W[l].T @ D * A[l] * (1 - A[l])
    return dW, db
