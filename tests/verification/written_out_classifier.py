"""Backward passes with a fault each: 6-5-4-3, relu, softmax and cross entropy, mean over the batch.

Parameters are pairs (W, b), W as (outputs, inputs), samples in rows.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from written_out import faulty


def softmax(z: Any) -> Any:
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def _relu_forward(params: Any, x: Any) -> Any:
    a, z = [x], []
    for l, (W, b) in enumerate(params):
        z.append(a[-1] @ W.T + b)
        a.append(softmax(z[-1]) if l == len(params) - 1 else np.maximum(z[-1], 0))
    return z, a


def _relu_backward(params: Any, z: Any, a: Any, delta: Any) -> Any:
    grads = []
    for l in reversed(range(len(params))):
        grads.append((delta.T @ a[l], delta.sum(axis=0)))
        if l:
            delta = (delta @ params[l][0]) * (z[l - 1] > 0)
    return grads[::-1]


@faulty("classifier", "factor", "a factor N")
def softmax_sum(params, x, y):
    z, a = _relu_forward(params, x)
    return _relu_backward(params, z, a, a[-1] - y)


@faulty("classifier", "softmax_diagonal", "p_j (1 - p_j) alone")
def softmax_as_diagonal(params, x, y):
    z, a = _relu_forward(params, x)
    p = a[-1]
    return _relu_backward(params, z, a, -y / p * p * (1 - p) / len(x))


@faulty("classifier", "softmax_diagonal", "p (1 - p) once more")
def softmax_slope_again(params, x, y):
    z, a = _relu_forward(params, x)
    p = a[-1]
    return _relu_backward(params, z, a, (p - y) * p * (1 - p) / len(x))


@faulty("classifier", "wrong_output", "z for the outputs")
def logits_for_probabilities(params, x, y):
    z, a = _relu_forward(params, x)
    return _relu_backward(params, z, a, (z[-1] - y) / len(x))


@faulty("classifier", "wrong_output", "softmax over the samples")
def softmax_over_the_batch(params, x, y):
    z, a = _relu_forward(params, x)
    e = np.exp(z[-1])
    return _relu_backward(params, z, a, (e / e.sum(axis=0) - y) / len(x))


@faulty("classifier", "slope_missing", "left out, in layers 1 and 2")
def relu_mask_forgotten(params, x, y):
    _z, a = _relu_forward(params, x)
    delta, grads = (a[-1] - y) / len(x), []
    for l in reversed(range(len(params))):
        grads.append((delta.T @ a[l], delta.sum(axis=0)))
        delta = delta @ params[l][0]
    return grads[::-1]


@faulty("classifier", "wrong_slope", "sigma(z) for sigma'(z)")
def relu_itself_for_its_slope(params, x, y):
    _z, a = _relu_forward(params, x)
    delta, grads = (a[-1] - y) / len(x), []
    for l in reversed(range(len(params))):
        grads.append((delta.T @ a[l], delta.sum(axis=0)))
        if l:
            delta = (delta @ params[l][0]) * a[l]
    return grads[::-1]


@faulty("classifier", "slope_missing", "left out, in layer 1")
def one_layers_mask_forgotten(params, x, y):
    z, a = _relu_forward(params, x)
    delta, grads = (a[-1] - y) / len(x), []
    for l in reversed(range(len(params))):
        grads.append((delta.T @ a[l], delta.sum(axis=0)))
        if l:
            delta = delta @ params[l][0]
            if l > 1:
                delta = delta * (z[l - 1] > 0)
    return grads[::-1]


@faulty("classifier", "bias_not_summed", "over the units as well")
def bias_one_number(params, x, y):
    z, a = _relu_forward(params, x)
    delta, grads = (a[-1] - y) / len(x), []
    for l in reversed(range(len(params))):
        grads.append((delta.T @ a[l], np.full_like(params[l][1], delta.sum())))
        if l:
            delta = (delta @ params[l][0]) * (z[l - 1] > 0)
    return grads[::-1]


@faulty("classifier", "sign", "in dW2")
def one_layers_sign(params, x, y):
    z, a = _relu_forward(params, x)
    grads = _relu_backward(params, z, a, (a[-1] - y) / len(x))
    grads[1] = (-grads[1][0], grads[1][1])
    return grads


@faulty("classifier", "factor", "a factor 1/N in every dW")
def mean_of_two_parts(params, x, y):
    z, a = _relu_forward(params, x)
    grads = _relu_backward(params, z, a, (a[-1] - y) / len(x))
    return [(gW / len(x), gb) for gW, gb in grads]


@faulty("classifier", "batch_sum_missing", "only the first sample counts")
def labels_of_the_first_sample(params, x, labels):
    z, a = _relu_forward(params, x[:1])
    delta = a[-1].copy()
    delta[0, labels[0]] -= 1
    return _relu_backward(params, z, a, delta / len(x))


@faulty("classifier", "detached", "not propagated below layer 2")
def propagation_stops(params, x, y):
    z, a = _relu_forward(params, x)
    delta, grads = (a[-1] - y) / len(x), []
    for l in reversed(range(len(params))):
        grads.append((delta.T @ a[l], delta.sum(axis=0)))
        if l:
            delta = (delta @ params[l][0]) * (z[l - 1] > 0) * (l > 1)
    return grads[::-1]


@faulty("classifier", "clipped", "clipped at 0.05")
def clipped_quietly(params, x, y):
    z, a = _relu_forward(params, x)
    grads = _relu_backward(params, z, a, (a[-1] - y) / len(x))
    return [(np.clip(gW, -0.05, 0.05), np.clip(gb, -0.05, 0.05)) for gW, gb in grads]


@faulty("classifier", "regularisation_not_stated", "0.01 w is added")
def penalty_not_stated(params, x, y):
    z, a = _relu_forward(params, x)
    grads = _relu_backward(params, z, a, (a[-1] - y) / len(x))
    return [(gW + 0.01 * W, gb) for (gW, gb), (W, _) in zip(grads, params, strict=True)]
