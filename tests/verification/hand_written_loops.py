"""Backward passes in index loops and in einsum, as people port them from C or from a blackboard."""

from __future__ import annotations

from typing import Any

import numpy as np
from hand_written_functions import SIGMA, SLOPE, softmax
from hand_written_settings import Setting


def ported(s: Setting) -> Any:
    """As in C: w[l][j][k], one sample at a time, every sum a loop; samples are rows, W is (out, in)."""
    n, L = s.widths, len(s.widths) - 1

    def sigma(l: int, z: float) -> float:
        return float(SIGMA[s.output if l == L else s.hidden](np.array(z)))

    def sigma_prime(l: int, z: float) -> float:
        return float(SLOPE[s.output if l == L else s.hidden](np.array(z)))

    def backward(w: Any, b: Any, x: Any, y: Any) -> Any:
        gw = [np.zeros((n[l + 1], n[l])) for l in range(L)]
        gb = [np.zeros(n[l + 1]) for l in range(L)]
        for i in range(len(x)):
            a = [[float(v) for v in x[i]]]
            z: list[list[float]] = [[]]
            for l in range(1, L + 1):
                z.append([0.0] * n[l])
                a.append([0.0] * n[l])
                for j in range(n[l]):
                    z[l][j] = float(b[l - 1][j])
                    for k in range(n[l - 1]):
                        z[l][j] += w[l - 1][j][k] * a[l - 1][k]
                    a[l][j] = sigma(l, z[l][j])
            d = [[0.0] * n[l] for l in range(L + 1)]
            for j in range(n[L]):
                d[L][j] = (a[L][j] - y[i][j]) * sigma_prime(L, z[L][j])
            for l in range(L - 1, 0, -1):
                for j in range(n[l]):
                    for k in range(n[l + 1]):
                        d[l][j] += w[l][k][j] * d[l + 1][k]
                    d[l][j] *= sigma_prime(l, z[l][j])
            for l in range(1, L + 1):
                for j in range(n[l]):
                    for k in range(n[l - 1]):
                        gw[l - 1][j][k] += d[l][j] * a[l - 1][k]
                    gb[l - 1][j] += d[l][j]
        return gw, gb

    return backward


def blackboard(s: Setting) -> Any:
    """einsum with the letters of the blackboard: s a sample, j an output, k an input; W1, b1, W2, b2, .. in."""
    names = [s.hidden] * (len(s.widths) - 2) + [s.output]

    def backward(*arguments: Any) -> Any:
        *parameters, x, y = arguments
        W, b = parameters[0::2], parameters[1::2]
        z, a = [], [x]
        for l, name in enumerate(names):
            z.append(np.einsum("jk,sk->sj", W[l], a[l]) + b[l])
            a.append(SIGMA[name](z[l]))
        delta = [np.zeros(0)] * len(names)
        delta[-1] = (a[-1] - y) * SLOPE[names[-1]](z[-1])
        for l in range(len(names) - 2, -1, -1):
            delta[l] = np.einsum("kj,sk->sj", W[l + 1], delta[l + 1]) * SLOPE[names[l]](z[l])
        dW = [np.einsum("sj,sk->jk", d, a[l]) for l, d in enumerate(delta)]
        db = [np.einsum("sj->j", d) for d in delta]
        return dW, db

    return backward


def outer(s: Setting) -> Any:
    """One sample at a time with outer products, a classifier on logits, mean over the samples; W is (in, out)."""
    act, slope = SIGMA[s.hidden], SLOPE[s.hidden]

    def backward(pairs: Any, X: Any, Y: Any) -> Any:
        N = len(X)
        Ws, bs = [W for W, _ in pairs], [b for _, b in pairs]
        dWs, dbs = [np.zeros_like(W) for W in Ws], [np.zeros_like(b) for b in bs]
        for x, y in zip(X, Y, strict=True):
            acts, pres = [x], []
            for W, b in zip(Ws, bs, strict=True):
                pres.append(acts[-1] @ W + b)
                acts.append(act(pres[-1]))
            d = softmax(pres[-1]) - y
            for l in range(len(Ws) - 1, -1, -1):
                dWs[l] += np.outer(acts[l], d) / N
                dbs[l] += d / N
                if l > 0:
                    d = (Ws[l] @ d) * slope(pres[l - 1])
        return dWs, dbs

    return backward


def two_pass(s: Setting) -> Any:
    """First all deltas, then all gradients, from one flat vector to one flat vector; W is (out, in), rows."""
    n = s.widths
    names = [s.hidden] * (len(n) - 2) + [s.output]

    def backward(theta: Any, x: Any, y: Any) -> Any:
        weights, biases, at = [], [], 0
        for rows, cols in zip(n[1:], n[:-1], strict=True):
            weights.append(theta[at : at + rows * cols].reshape(rows, cols))
            at += rows * cols
            biases.append(theta[at : at + rows])
            at += rows
        zs, activations = [], [x]
        for w, b, name in zip(weights, biases, names, strict=True):
            zs.append(activations[-1] @ w.T + b)
            activations.append(SIGMA[name](zs[-1]))
        deltas = [(activations[-1] - y) * SLOPE[names[-1]](zs[-1])]
        for l in range(len(weights) - 1, 0, -1):
            back = deltas[0] @ weights[l]
            deltas.insert(0, back * SLOPE[names[l - 1]](zs[l - 1]))
        gradient = np.empty_like(theta)
        at = 0
        for l, delta in enumerate(deltas):
            size = weights[l].size
            gradient[at : at + size] = (delta.T @ activations[l]).ravel()
            at += size
            gradient[at : at + len(biases[l])] = delta.sum(axis=0)
            at += len(biases[l])
        return gradient

    return backward
