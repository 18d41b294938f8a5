"""Backward passes as people write them, samples as rows: Z = A W + b with W (in, out), or Z = A W^T + b."""

from __future__ import annotations

from typing import Any

import numpy as np
from hand_written_functions import SIGMA, SLOPE, SLOPE_OF_OUTPUT, softmax
from hand_written_settings import Setting


def fused(s: Setting) -> Any:
    """Softmax and cross-entropy in one, the loss beside the gradients; W is (in, out)."""
    act, act_grad = SIGMA[s.hidden], SLOPE[s.hidden]

    def loss_and_grads(params: Any, X: Any, y: Any) -> Any:
        n_layers = len(params) // 2
        h, zs = [X], []
        for i in range(n_layers):
            zs.append(h[-1] @ params[f"W{i + 1}"] + params[f"b{i + 1}"])
            if i < n_layers - 1:
                h.append(act(zs[-1]))
        probs = softmax(zs[-1])
        loss = -np.sum(y * np.log(probs)) / len(X)
        grads = {}
        dscores = (probs - y) / len(X)
        for i in reversed(range(n_layers)):
            grads[f"W{i + 1}"] = h[i].T @ dscores
            grads[f"b{i + 1}"] = dscores.sum(axis=0)
            if i > 0:
                dscores = dscores @ params[f"W{i + 1}"].T
                dscores = dscores * act_grad(zs[i - 1])
        return loss, grads

    return loss_and_grads


def linears(s: Setting) -> Any:
    """As torch lays it out: W is (out, in), b is (out,); two lists in, [W1, b1, W2, b2, ..] out."""
    names = [s.hidden] * (len(s.widths) - 2) + [s.output]

    def backward(Ws: Any, bs: Any, x: Any, y: Any) -> Any:
        inputs, pre = [], []
        out = x
        for W, b, name in zip(Ws, bs, names, strict=True):
            inputs.append(out)
            pre.append(out @ W.T + b)
            out = SIGMA[name](pre[-1])
        grad_output = out - y
        grads: list[Any] = []
        for W, inp, z, name in reversed(list(zip(Ws, inputs, pre, names, strict=True))):
            grad_z = grad_output * SLOPE[name](z)
            grad_weight = grad_z.T @ inp
            grad_bias = grad_z.sum(0)
            grads = [grad_weight, grad_bias, *grads]
            grad_output = grad_z @ W
        return grads

    return backward


def layers(s: Setting) -> Any:
    """A class for a layer with forward and backward methods, another for the network; W is (in, out)."""

    class Dense:
        def __init__(self, W: Any, b: Any, name: str) -> None:
            self.W, self.b, self.name = W, b, name

        def forward(self, x: Any) -> Any:
            self.x = x
            self.z = x @ self.W + self.b
            self.a = SIGMA[self.name](self.z)
            return self.a

        def backward(self, grad: Any) -> Any:
            dz = grad * SLOPE[self.name](self.z)
            self.dW = self.x.T @ dz
            self.db = np.sum(dz, axis=0)
            return dz @ self.W.T

    class Net:
        def __init__(self, pairs: Any) -> None:
            last = len(pairs) - 1
            self.layers = [
                Dense(W, b, s.output if i == last else s.hidden) for i, (W, b) in enumerate(pairs)
            ]

        def gradients(self, x: Any, y: Any) -> Any:
            out = x
            for layer in self.layers:
                out = layer.forward(out)
            grad = out - y
            for layer in self.layers[::-1]:
                grad = layer.backward(grad)
            return [(layer.dW, layer.db) for layer in self.layers]

    def backward(pairs: Any, x: Any, y: Any) -> Any:
        return Net(pairs).gradients(x, y)

    return backward


def minimized(s: Setting) -> Any:
    """One vector in, (cost, vector) out, as scipy.optimize.minimize wants it; mean over samples, with L2."""
    sizes, lam = s.widths, s.weight_decay
    names = [s.hidden] * (len(sizes) - 2) + [s.output]

    def unpack(theta: Any) -> Any:
        i, out = 0, []
        for n_in, n_out in zip(sizes, sizes[1:], strict=False):
            W = theta[i : i + n_in * n_out].reshape(n_in, n_out)
            i += n_in * n_out
            b = theta[i : i + n_out]
            i += n_out
            out.append((W, b))
        return out

    def objective(theta: Any, X: Any, Y: Any) -> Any:
        N = X.shape[0]
        layers = unpack(theta)
        a, z = [X], []
        for (W, b), name in zip(layers, names, strict=True):
            z.append(a[-1].dot(W) + b)
            a.append(SIGMA[name](z[-1]))
        error = a[-1] - Y
        J = 0.5 * np.sum(error**2) / N + 0.5 * lam * sum(np.sum(W**2) for W, _ in layers)
        delta = error / N * SLOPE[names[-1]](z[-1])
        pieces = []
        for l in range(len(layers) - 1, -1, -1):
            W, b = layers[l]
            gW = a[l].T.dot(delta) + lam * W
            gb = delta.sum(axis=0)
            pieces[:0] = [gW.ravel(), gb]
            if l:
                delta = delta.dot(W.T) * SLOPE[names[l - 1]](z[l - 1])
        return J, np.concatenate(pieces)

    return objective


def ridge(s: Setting) -> Any:
    """A sum over samples with weight decay, slopes from the outputs, dict of grad_W1, ..; W is (out, in)."""
    decay, depth = s.weight_decay, len(s.widths) - 1

    def backward(p: Any, x: Any, y: Any) -> Any:
        a = {0: x}
        for l in range(1, depth + 1):
            a[l] = SIGMA[s.output if l == depth else s.hidden](a[l - 1] @ p[f"W{l}"].T + p[f"b{l}"])
        delta = {depth: (a[depth] - y) * SLOPE_OF_OUTPUT[s.output](a[depth])}
        for l in range(depth - 1, 0, -1):
            delta[l] = (delta[l + 1] @ p[f"W{l + 1}"]) * SLOPE_OF_OUTPUT[s.hidden](a[l])
        grad = {}
        for l in range(1, depth + 1):
            grad[f"grad_W{l}"] = delta[l].T @ a[l - 1] + decay * p[f"W{l}"]
            grad[f"grad_b{l}"] = delta[l].sum(axis=0)
        return grad

    return backward


def augmented(s: Setting) -> Any:
    """The bias as one more row of the weights: the inputs get a column of ones; W is (in, out)."""
    names = [s.hidden] * (len(s.widths) - 2) + [s.output]

    def backward(pairs: Any, x: Any, y: Any) -> Any:
        thetas = [np.vstack([W, np.reshape(b, (1, -1))]) for W, b in pairs]
        ones = np.ones((len(x), 1))
        a, zs, tildes = x, [], []
        for theta, name in zip(thetas, names, strict=True):
            tildes.append(np.hstack([a, ones]))
            zs.append(tildes[-1] @ theta)
            a = SIGMA[name](zs[-1])
        D = (a - y) * SLOPE[names[-1]](zs[-1])
        grads = []
        for l in range(len(thetas) - 1, -1, -1):
            G = tildes[l].T @ D
            grads.insert(0, (G[:-1], G[-1]))
            if l > 0:
                D = (D @ thetas[l].T)[:, :-1] * SLOPE[names[l - 1]](zs[l - 1])
        return grads

    return backward
