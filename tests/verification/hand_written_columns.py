"""Backward passes as people write them, samples as columns: Z = W A + b, W is (out, in), b is (out, 1).

Each function takes a setting (widths, activations, cost) and returns the backward pass for it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from hand_written_functions import SIGMA, SLOPE, SLOPE_OF_OUTPUT, sigmoid, softmax
from hand_written_settings import Setting


def caches(s: Setting) -> Any:
    """A dict of parameters in, a dict of gradients out, one cache (A_prev, W, Z) for each layer."""
    g, g_prime = SIGMA[s.hidden], SLOPE[s.hidden]
    f, f_prime = SIGMA[s.output], SLOPE[s.output]

    def backward(parameters: Any, X: Any, Y: Any) -> Any:
        L = len(parameters) // 2
        A, caches = X, []
        for l in range(1, L + 1):
            W, b = parameters["W%d" % l], parameters["b%d" % l]
            Z = W @ A + b
            caches.append((A, W, Z))
            A = f(Z) if l == L else g(Z)
        grads = {}
        dA = A - Y
        for l in reversed(range(1, L + 1)):
            A_prev, W, Z = caches[l - 1]
            dZ = dA * (f_prime(Z) if l == L else g_prime(Z))
            grads["dW%d" % l] = dZ @ A_prev.T
            grads["db%d" % l] = np.sum(dZ, axis=1, keepdims=True)
            dA = W.T @ dZ
        return grads

    return backward


def course(s: Setting) -> Any:
    """Binary classification on logits, mean over m examples, every quantity in one cache dict; with the cost."""
    g, g_prime = SIGMA[s.hidden], SLOPE[s.hidden]

    def backward(parameters: Any, X: Any, Y: Any) -> Any:
        m = X.shape[1]
        L = len(parameters) // 2
        cache = {"A0": X}
        for l in range(1, L + 1):
            cache[f"Z{l}"] = np.dot(parameters[f"W{l}"], cache[f"A{l - 1}"]) + parameters[f"b{l}"]
            cache[f"A{l}"] = sigmoid(cache[f"Z{l}"]) if l == L else g(cache[f"Z{l}"])
        AL, ZL = cache[f"A{L}"], cache[f"Z{L}"]
        cost = np.sum(np.logaddexp(0, ZL) - Y * ZL) / m
        grads = {}
        grads[f"dZ{L}"] = AL - Y
        for l in range(L, 0, -1):
            dZ = grads[f"dZ{l}"]
            grads[f"dW{l}"] = np.dot(dZ, cache[f"A{l - 1}"].T) / m
            grads[f"db{l}"] = np.sum(dZ, axis=1, keepdims=True) / m
            if l > 1:
                dA = np.dot(parameters[f"W{l}"].T, dZ)
                grads[f"dZ{l - 1}"] = dA * g_prime(cache[f"Z{l - 1}"])
        return cost, {key: value for key, value in grads.items() if not key.startswith("dZ")}

    return backward


def accumulated(s: Setting) -> Any:
    """One sample after another, added up: two lists in, two lists out."""
    sigma = [SIGMA[s.hidden]] * (len(s.widths) - 2) + [SIGMA[s.output]]
    sigma_prime = [SLOPE[s.hidden]] * (len(s.widths) - 2) + [SLOPE[s.output]]

    def one(weights: Any, biases: Any, x: Any, y: Any) -> Any:
        activation, activations, zs = x, [x], []
        for w, b, h in zip(weights, biases, sigma, strict=True):
            z = np.dot(w, activation) + b
            zs.append(z)
            activation = h(z)
            activations.append(activation)
        nabla_w = [np.zeros(w.shape) for w in weights]
        nabla_b = [np.zeros(b.shape) for b in biases]
        delta = (activations[-1] - y) * sigma_prime[-1](zs[-1])
        nabla_w[-1] = np.dot(delta, activations[-2].T)
        nabla_b[-1] = delta
        for l in range(2, len(weights) + 1):
            delta = np.dot(weights[-l + 1].T, delta) * sigma_prime[-l](zs[-l])
            nabla_w[-l] = np.dot(delta, activations[-l - 1].T)
            nabla_b[-l] = delta
        return nabla_w, nabla_b

    def backward(weights: Any, biases: Any, x: Any, y: Any) -> Any:
        total_w = [np.zeros(w.shape) for w in weights]
        total_b = [np.zeros(b.shape) for b in biases]
        for i in range(x.shape[1]):
            nabla_w, nabla_b = one(weights, biases, x[:, i : i + 1], y[:, i : i + 1])
            for l in range(len(weights)):
                total_w[l] += nabla_w[l]
                total_b[l] += nabla_b[l]
        return total_w, total_b

    return backward


def recursive(s: Setting) -> Any:
    """Forwards on the way in, backwards on the way out of one recursive function; slopes from the outputs."""
    last = len(s.widths) - 2

    def backward(pairs: Any, x: Any, y: Any) -> Any:
        gradients: list[Any] = [None] * len(pairs)

        def layer(l: int, a: Any) -> Any:
            """dC/da for the input a of layer l."""
            W, b = pairs[l]
            name = s.output if l == last else s.hidden
            out = SIGMA[name](W.dot(a) + b)
            d_out = out - y if l == last else layer(l + 1, out)
            delta = d_out * SLOPE_OF_OUTPUT[name](out)
            gradients[l] = (delta.dot(a.T), delta.sum(axis=1, keepdims=True))
            return W.T.dot(delta)

        layer(0, x)
        return gradients

    return backward


def jacobian(s: Setting) -> Any:
    """Softmax as a layer of its own, with its Jacobian for each sample; the cost is -sum y log p."""
    g, g_prime = SIGMA[s.hidden], SLOPE[s.hidden]

    def backward(parameters: Any, X: Any, Y: Any) -> Any:
        L = len(parameters) // 2
        As, Zs = [X], [None]
        for l in range(1, L + 1):
            Zs.append(parameters["W" + str(l)] @ As[-1] + parameters["b" + str(l)])
            As.append(softmax(Zs[-1], axis=0) if l == L else g(Zs[-1]))
        P = As[-1]
        dP = -Y / P
        dZ = np.empty_like(P)
        for i in range(P.shape[1]):
            p = P[:, i]
            J = np.diag(p) - np.outer(p, p)
            dZ[:, i] = J.T @ dP[:, i]
        grads = {}
        for l in range(L, 0, -1):
            grads["W" + str(l)] = dZ @ As[l - 1].T
            grads["b" + str(l)] = dZ.sum(axis=1, keepdims=True)
            if l > 1:
                dZ = (parameters["W" + str(l)].T @ dZ) * g_prime(Zs[l - 1])
        return grads

    return backward
