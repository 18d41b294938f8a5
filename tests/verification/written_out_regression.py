"""Backward passes with a fault each: 4-5-3, tanh, half the squared error, mean over the batch.

Arguments W1, b1, W2, b2 with W as (inputs, outputs), samples in rows.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from written_out import faulty


def _forward(W1: Any, b1: Any, W2: Any, b2: Any, x: Any) -> Any:
    z1 = x @ W1 + b1
    a1 = np.tanh(z1)
    z2 = a1 @ W2 + b2
    return z1, a1, z2, np.tanh(z2)


@faulty("regression", "factor", "a factor N")
def no_mean(W1, b1, W2, b2, x, y):
    _z1, a1, _z2, a2 = _forward(W1, b1, W2, b2, x)
    d2 = (a2 - y) * (1 - a2**2)
    d1 = (d2 @ W2.T) * (1 - a1**2)
    return x.T @ d1, d1.sum(0), a1.T @ d2, d2.sum(0)


@faulty("regression", "factor", "a factor 2")
def twice(W1, b1, W2, b2, x, y):
    _z1, a1, _z2, a2 = _forward(W1, b1, W2, b2, x)
    d2 = 2 * (a2 - y) * (1 - a2**2) / len(x)
    d1 = (d2 @ W2.T) * (1 - a1**2)
    return x.T @ d1, d1.sum(0), a1.T @ d2, d2.sum(0)


@faulty("regression", "sign", "the sign is wrong")
def target_minus_output(W1, b1, W2, b2, x, y):
    _z1, a1, _z2, a2 = _forward(W1, b1, W2, b2, x)
    d2 = (y - a2) * (1 - a2**2) / len(x)
    d1 = (d2 @ W2.T) * (1 - a1**2)
    return {"W1": x.T @ d1, "b1": d1.sum(0), "W2": a1.T @ d2, "b2": d2.sum(0)}


@faulty("regression", "slope_missing", "is left out, in layer 1")
def hidden_slope_missing(W1, b1, W2, b2, x, y):
    _z1, a1, _z2, a2 = _forward(W1, b1, W2, b2, x)
    d2 = (a2 - y) * (1 - a2**2) / len(x)
    d1 = d2 @ W2.T
    return x.T @ d1, d1.sum(0), a1.T @ d2, d2.sum(0)


@faulty("regression", "slope_missing", "is left out, in layer 2")
def output_slope_missing(W1, b1, W2, b2, x, y):
    _z1, a1, _z2, a2 = _forward(W1, b1, W2, b2, x)
    d2 = (a2 - y) / len(x)
    d1 = (d2 @ W2.T) * (1 - a1**2)
    loss = 0.5 * ((a2 - y) ** 2).sum() / len(x)
    return loss, {"dW1": x.T @ d1, "db1": d1.sum(0), "dW2": a1.T @ d2, "db2": d2.sum(0)}


@faulty("regression", "slope_at_activation", "sigma'(a) for sigma'(z), in layer 1")
def slope_of_the_activation(W1, b1, W2, b2, x, y):
    _z1, a1, _z2, a2 = _forward(W1, b1, W2, b2, x)
    d2 = (a2 - y) * (1 - a2**2) / len(x)
    d1 = (d2 @ W2.T) * (1 - np.tanh(a1) ** 2)
    return x.T @ d1, d1.sum(0), a1.T @ d2, d2.sum(0)


@faulty("regression", "wrong_slope", "taken at z, in layer 1")
def square_of_z(W1, b1, W2, b2, x, y):
    z1, a1, _z2, a2 = _forward(W1, b1, W2, b2, x)
    d2 = (a2 - y) * (1 - a2**2) / len(x)
    d1 = (d2 @ W2.T) * (1 - z1**2)
    return x.T @ d1, d1.sum(0), a1.T @ d2, d2.sum(0)


@faulty("regression", "wrong_slope", "a (1 - a) for sigma'(z), in layer 1")
def sigmoid_slope_of_tanh(W1, b1, W2, b2, x, y):
    _z1, a1, _z2, a2 = _forward(W1, b1, W2, b2, x)
    d2 = (a2 - y) * (1 - a2**2) / len(x)
    d1 = (d2 @ W2.T) * a1 * (1 - a1)
    return x.T @ d1, d1.sum(0), a1.T @ d2, d2.sum(0)


@faulty("regression", "wrong_slope", "1 - a for sigma'(z), in layer 1")
def square_forgotten(W1, b1, W2, b2, x, y):
    _z1, a1, _z2, a2 = _forward(W1, b1, W2, b2, x)
    d2 = (a2 - y) * (1 - a2**2) / len(x)
    d1 = (d2 @ W2.T) * (1 - a1)
    return x.T @ d1, d1.sum(0), a1.T @ d2, d2.sum(0)


@faulty("regression", "wrong_activations", "z^{l-1} for a^{l-1} in dW, in layer 2")
def weighted_input_for_activation(W1, b1, W2, b2, x, y):
    z1, a1, _z2, a2 = _forward(W1, b1, W2, b2, x)
    d2 = (a2 - y) * (1 - a2**2) / len(x)
    d1 = (d2 @ W2.T) * (1 - a1**2)
    return x.T @ d1, d1.sum(0), z1.T @ d2, d2.sum(0)


@faulty("regression", "bias_not_summed", "of every sample, in layers 1 and 2")
def bias_per_sample(W1, b1, W2, b2, x, y):
    _z1, a1, _z2, a2 = _forward(W1, b1, W2, b2, x)
    d2 = (a2 - y) * (1 - a2**2) / len(x)
    d1 = (d2 @ W2.T) * (1 - a1**2)
    return x.T @ d1, d1, a1.T @ d2, d2


@faulty("regression", "bias_mean", "mean of delta")
def bias_averaged_twice(W1, b1, W2, b2, x, y):
    _z1, a1, _z2, a2 = _forward(W1, b1, W2, b2, x)
    d2 = (a2 - y) * (1 - a2**2) / len(x)
    d1 = (d2 @ W2.T) * (1 - a1**2)
    return x.T @ d1, d1.mean(axis=0), a1.T @ d2, d2.mean(axis=0)


@faulty("regression", "bias_not_summed", "over the units for the samples")
def bias_over_the_wrong_axis(W1, b1, W2, b2, x, y):
    _z1, a1, _z2, a2 = _forward(W1, b1, W2, b2, x)
    d2 = (a2 - y) * (1 - a2**2) / len(x)
    d1 = (d2 @ W2.T) * (1 - a1**2)
    return x.T @ d1, d1.sum(axis=1), a1.T @ d2, d2.sum(axis=1)


@faulty("regression", "transposed", "dW is turned round, in layer 2")
def weight_gradient_transposed(W1, b1, W2, b2, x, y):
    _z1, a1, _z2, a2 = _forward(W1, b1, W2, b2, x)
    d2 = (a2 - y) * (1 - a2**2) / len(x)
    d1 = (d2 @ W2.T) * (1 - a1**2)
    return x.T @ d1, d1.sum(0), d2.T @ a1, d2.sum(0)


@faulty("regression", "transposed", "reshaped")
def reshaped_for_transposed(W1, b1, W2, b2, x, y):
    _z1, a1, _z2, a2 = _forward(W1, b1, W2, b2, x)
    d2 = (a2 - y) * (1 - a2**2) / len(x)
    d1 = (d2 @ W2.T) * (1 - a1**2)
    return (d1.T @ x).reshape(W1.shape), d1.sum(0), (d2.T @ a1).reshape(W2.shape), d2.sum(0)


@faulty("regression", "factor", "0.01, a learning rate")
def learning_rate_inside(W1, b1, W2, b2, x, y):
    lr = 0.01
    _z1, a1, _z2, a2 = _forward(W1, b1, W2, b2, x)
    d2 = (a2 - y) * (1 - a2**2) / len(x)
    d1 = (d2 @ W2.T) * (1 - a1**2)
    return lr * (x.T @ d1), lr * d1.sum(0), lr * (a1.T @ d2), lr * d2.sum(0)


@faulty("regression", "updated_parameters", "learning rate 0.1")
def updated_parameters(W1, b1, W2, b2, x, y):
    _z1, a1, _z2, a2 = _forward(W1, b1, W2, b2, x)
    d2 = (a2 - y) * (1 - a2**2) / len(x)
    d1 = (d2 @ W2.T) * (1 - a1**2)
    return W1 - 0.1 * (x.T @ d1), b1 - 0.1 * d1.sum(0), W2 - 0.1 * (a1.T @ d2), b2 - 0.1 * d2.sum(0)


@faulty("regression", "detached", "zero")
def detached_hidden_layer(W1, b1, W2, b2, x, y):
    _z1, a1, _z2, a2 = _forward(W1, b1, W2, b2, x)
    d2 = (a2 - y) * (1 - a2**2) / len(x)
    return np.zeros_like(W1), np.zeros_like(b1), a1.T @ d2, d2.sum(0)


@faulty("regression", "regularisation_missing", "left out, in layers 1 and 2", weight_decay=0.1)
def penalty_forgotten(W1, b1, W2, b2, x, y):
    _z1, a1, _z2, a2 = _forward(W1, b1, W2, b2, x)
    d2 = (a2 - y) * (1 - a2**2) / len(x)
    d1 = (d2 @ W2.T) * (1 - a1**2)
    return x.T @ d1, d1.sum(0), a1.T @ d2, d2.sum(0)


@faulty("regression", "regularisation_on_biases", "biases are regularised", weight_decay=0.1)
def penalty_on_biases(W1, b1, W2, b2, x, y, lam=0.1):
    _z1, a1, _z2, a2 = _forward(W1, b1, W2, b2, x)
    d2 = (a2 - y) * (1 - a2**2) / len(x)
    d1 = (d2 @ W2.T) * (1 - a1**2)
    return x.T @ d1 + lam * W1, d1.sum(0) + lam * b1, a1.T @ d2 + lam * W2, d2.sum(0) + lam * b2


@faulty("regression", "regularisation_doubled", "added twice", weight_decay=0.1)
def penalty_doubled(W1, b1, W2, b2, x, y, lam=0.1):
    _z1, a1, _z2, a2 = _forward(W1, b1, W2, b2, x)
    d2 = (a2 - y) * (1 - a2**2) / len(x)
    d1 = (d2 @ W2.T) * (1 - a1**2)
    return x.T @ d1 + 2 * lam * W1, d1.sum(0), a1.T @ d2 + 2 * lam * W2, d2.sum(0)


@faulty("regression", "batch_sum_missing", "only the last sample counts")
def assigned_not_added(W1, b1, W2, b2, x, y):
    n = len(x)
    for s in range(n):
        _z1, a1, _z2, a2 = _forward(W1, b1, W2, b2, x[s : s + 1])
        d2 = (a2 - y[s : s + 1]) * (1 - a2**2) / n
        d1 = (d2 @ W2.T) * (1 - a1**2)
        gW1, gb1, gW2, gb2 = x[s : s + 1].T @ d1, d1[0], a1.T @ d2, d2[0]
    return gW1, gb1, gW2, gb2


@faulty("regression", "batch_sum_missing", "the last sample is left out")
def loop_ends_a_sample_early(W1, b1, W2, b2, x, y):
    n = len(x)
    gW1, gb1, gW2, gb2 = np.zeros_like(W1), np.zeros_like(b1), np.zeros_like(W2), np.zeros_like(b2)
    for s in range(n - 1):
        _z1, a1, _z2, a2 = _forward(W1, b1, W2, b2, x[s])
        d2 = (a2 - y[s]) * (1 - a2**2) / n
        d1 = (W2 @ d2) * (1 - a1**2)
        gW1 += np.outer(x[s], d1)
        gb1 += d1
        gW2 += np.outer(a1, d2)
        gb2 += d2
    return gW1, gb1, gW2, gb2


@faulty("regression", "batch_sum_missing", "over the samples apart")
def outer_product_of_means(W1, b1, W2, b2, x, y):
    _z1, a1, _z2, a2 = _forward(W1, b1, W2, b2, x)
    d2 = (a2 - y) * (1 - a2**2) / len(x)
    d1 = (d2 @ W2.T) * (1 - a1**2)
    return np.outer(x.sum(0), d1.sum(0)), d1.sum(0), np.outer(a1.sum(0), d2.sum(0)), d2.sum(0)


_cache: dict[str, Any] = {}


@faulty("regression", "stale", "kept from an earlier call")
def activations_cached_once(W1, b1, W2, b2, x, y):
    key = ("a", x.shape, W1.shape, W2.shape)
    if key not in _cache:
        _cache[key] = _forward(W1, b1, W2, b2, x)
    _z1, a1, _z2, a2 = _cache[key]
    d2 = (a2 - y) * (1 - a2**2) / len(x)
    d1 = (d2 @ W2.T) * (1 - a1**2)
    return x.T @ d1, d1.sum(0), a1.T @ d2, d2.sum(0)


_sums: dict[Any, Any] = {}


@faulty("regression", "stale", "added up over calls")
def sums_never_reset(W1, b1, W2, b2, x, y):
    _z1, a1, _z2, a2 = _forward(W1, b1, W2, b2, x)
    d2 = (a2 - y) * (1 - a2**2) / len(x)
    d1 = (d2 @ W2.T) * (1 - a1**2)
    new = x.T @ d1, d1.sum(0), a1.T @ d2, d2.sum(0)
    old = _sums.get(W1.shape + W2.shape, (0, 0, 0, 0))
    _sums[W1.shape + W2.shape] = [o + n for o, n in zip(old, new, strict=True)]
    return [v.copy() for v in _sums[W1.shape + W2.shape]]
