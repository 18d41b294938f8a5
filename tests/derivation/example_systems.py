"""Systems typed by hand, as a user would: each with sizes at which it is tested, all widths different."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sympy import Expr, Symbol, exp, log, sqrt, tanh

from symderive.calculus import IndexSum, ScalarFunction, TensorSymbol, indices, size, tensor
from symderive.calculus.terms import index_sum
from symderive.systems import Definition, System

j, k, i, l, m, t, u, c, d, q, p, r = indices("j k i l m t u c d q p r")
L, T, N, M, K, D, P, Q = (size(name) for name in "LTNMKDPQ")
sigma = ScalarFunction("sigma", r"\sigma")
C = tensor("C")


@dataclass(frozen=True)
class Example:
    """A system and the sizes it is tested at."""

    system: System
    sizes: dict[Any, Any]

    @property
    def all_sizes(self) -> list[dict[Any, Any]]:
        """These sizes, and with one and two layers, times or places, where a first is also a last one."""
        few = [{**self.sizes, **{s: count for s in "LTP" if s in self.sizes}} for count in (1, 2)]
        return [self.sizes, *(s for s in few if s != self.sizes)]


def half_square(a: TensorSymbol, y: TensorSymbol, *limits: Any) -> Expr:
    """sum (a - y)^2 / 2 over all indices"""
    index = tuple(k for k, _, _ in limits)
    return index_sum((a[index] - y[index]) ** 2, *limits) / 2


def two_definitions() -> Example:
    x, y = tensor("x", (k, 1, N)), tensor("y", (j, 1, M))
    w, a = tensor("w", (j, 1, M), (k, 1, N)), tensor("a", (j, 1, M))
    return Example(
        System("two definitions", (x, y), (w,), (
            Definition(a[j], sigma(IndexSum(w[j, k] * x[k], (k, 1, N))), ((j, 1, M),)),
            Definition(C(), half_square(a, y, (j, 1, M))),
        ), C),
        {"N": 3, "M": 2},
    )  # fmt: skip


def two_branches() -> Example:
    x, y = tensor("x", (k, 1, N)), tensor("y", (j, 1, M))
    w, v = tensor("w", (j, 1, M), (k, 1, N)), tensor("v", (j, 1, M), (k, 1, N))
    a, g, o = (tensor(name, (j, 1, M)) for name in "ago")
    of_j = ((j, 1, M),)
    return Example(
        System("two branches", (x, y), (w, v), (
            Definition(a[j], tanh(IndexSum(w[j, k] * x[k], (k, 1, N))), of_j),
            Definition(g[j], 1 / (1 + exp(-IndexSum(v[j, k] * x[k], (k, 1, N)))), of_j),
            Definition(o[j], a[j] * g[j] + (1 - g[j]) * IndexSum(a[k], (k, 1, M)), of_j),
            Definition(C(), half_square(o, y, (j, 1, M)) + IndexSum(g[j] ** 3, (j, 1, M))),
        ), C),
        {"N": 3, "M": 2},
    )  # fmt: skip


def skip_connections(back: int = 1) -> Example:
    """h^l = h^{l-1} + W^l sigma(h^{l-1}); with back = 2 also + h^{l-2}."""
    x, y = tensor("x", (j, 1, N)), tensor("y", (j, 1, N))
    w = tensor("w", (l, 1, L), (j, 1, N), (k, 1, N), sup=1)
    h = tensor("h", (l, 0, L), (j, 1, N), sup=1)

    def layer(at: Expr) -> Expr:
        return h[at - 1, j] + IndexSum(w[at, j, k] * sigma(h[at - 1, k]), (k, 1, N))

    of_j = (j, 1, N)
    hidden = [Definition(h[l, j], layer(l), ((l, 1, L), of_j))]
    if back == 2:
        hidden = [
            Definition(h[1, j], layer(indices("l")[0]).xreplace({l: 1 + 0 * L}), (of_j,)),
            Definition(h[l, j], layer(l) + h[l - 2, j], ((l, 2, L), of_j)),
        ]
    return Example(
        System("skip connections", (x, y), (w,), (
            Definition(h[0, j], x[j], (of_j,)), *hidden,
            Definition(C(), half_square_at(h, L, y, (j, 1, N))),
        ), C),
        {"N": 3, "L": 4},
    )  # fmt: skip


def half_square_at(h: TensorSymbol, at: Expr, y: TensorSymbol, limit: Any) -> Expr:
    """sum_j (h^at_j - y_j)^2 / 2"""
    return IndexSum((h[at, limit[0]] - y[limit[0]]) ** 2, limit) / 2


def dense_connections() -> Example:
    """z^l = sum_{m<l} W^{l,m} sigma(z^m): every layer sees all before it."""
    n = tensor("n", (l, 0, L), kind="dimension")
    x, y = tensor("x", (j, 1, n[0])), tensor("y", (j, 1, n[L]))
    w = tensor("w", (l, 1, L), (m, 0, l - 1), (j, 1, n[l]), (k, 1, n[m]), sup=2)
    z = tensor("z", (l, 0, L), (j, 1, n[l]), sup=1)
    seen = index_sum(w[l, m, j, k] * sigma(z[m, k]), (m, 0, l - 1), (k, 1, n[m]))
    return Example(
        System("dense connections", (x, y), (w,), (
            Definition(z[0, j], x[j], ((j, 1, n[0]),)),
            Definition(z[l, j], seen, ((l, 1, L), (j, 1, n[l]))),
            Definition(C(), half_square_at(z, L, y, (j, 1, n[L]))),
        ), C),
        {"n": [2, 4, 1, 3], "L": 3},
    )  # fmt: skip


def tied_autoencoder() -> Example:
    """W encodes and W^T decodes."""
    x = tensor("x", (k, 1, N))
    w, b, v = tensor("w", (j, 1, M), (k, 1, N)), tensor("b", (j, 1, M)), tensor("v", (k, 1, N))
    h, o = tensor("h", (j, 1, M)), tensor("o", (k, 1, N))
    return Example(
        System("tied autoencoder", (x,), (w, b, v), (
            Definition(h[j], sigma(IndexSum(w[j, k] * x[k], (k, 1, N)) + b[j]), ((j, 1, M),)),
            Definition(o[k], IndexSum(w[j, k] * h[j], (j, 1, M)) + v[k], ((k, 1, N),)),
            Definition(C(), half_square(o, x, (k, 1, N))),
        ), C),
        {"N": 4, "M": 2},
    )  # fmt: skip


def recurrent() -> Example:
    x, y = tensor("x", (t, 1, T), (r, 1, D), sup=1), tensor("y", (t, 1, T), (q, 1, M), sup=1)
    h0 = tensor("h0", (i, 1, N))
    w, v = tensor("w", (i, 1, N), (k, 1, N)), tensor("v", (i, 1, N), (r, 1, D))
    g = tensor("g", (q, 1, M), (i, 1, N))
    s, h = tensor("s", (t, 1, T), (i, 1, N), sup=1), tensor("h", (t, 0, T), (i, 1, N), sup=1)
    o = tensor("o", (t, 1, T), (q, 1, M), sup=1)
    times = (t, 1, T)
    return Example(
        System("recurrent", (x, y, h0), (w, v, g), (
            Definition(h[0, i], h0[i], ((i, 1, N),)),
            Definition(
                s[t, i],
                IndexSum(w[i, k] * h[t - 1, k], (k, 1, N)) + IndexSum(v[i, r] * x[t, r], (r, 1, D)),
                (times, (i, 1, N)),
            ),
            Definition(h[t, i], tanh(s[t, i]), (times, (i, 1, N))),
            Definition(o[t, q], IndexSum(g[q, i] * h[t, i], (i, 1, N)), (times, (q, 1, M))),
            Definition(C(), half_square(o, y, times, (q, 1, M))),
        ), C, adjoints={s: s.derived("delta", latex_name=r"\delta")}, inlined=frozenset({h, o})),
        {"N": 3, "D": 2, "M": 4, "T": 4},
    )  # fmt: skip


def bidirectional() -> Example:
    """Two stacked layers, each with a state that runs forward in time and one that runs backward."""
    x, y = tensor("x", (t, 1, T), (j, 1, N), sup=1), tensor("y", (j, 1, N))
    w, v = (tensor(name, (l, 1, L), (j, 1, N), (k, 1, N), sup=1) for name in "wv")
    f, g = (tensor(name, (l, 0, L), (t, 0, T + 1), (j, 1, N), sup=2) for name in "fg")
    of_j, times, layers = (j, 1, N), (t, 1, T), (l, 1, L)

    def mixed(weights: TensorSymbol) -> Expr:
        return IndexSum(weights[l, j, k] * (f[l - 1, t, k] + g[l - 1, t, k]), (k, 1, N))

    total = IndexSum(f[L, t, j] * g[L, t, j], (t, 1, T))
    return Example(
        System("bidirectional", (x, y), (w, v), (
            Definition(f[0, t, j], x[t, j], (times, of_j)),
            Definition(g[0, t, j], x[t, j] ** 2, (times, of_j)),
            Definition(f[l, 0, j], y[j], (layers, of_j)),
            Definition(g[l, T + 1, j], y[j] / 2, (layers, of_j)),
            Definition(f[l, t, j], tanh(mixed(w) + f[l, t - 1, j]), (layers, times, of_j)),
            Definition(g[l, t, j], tanh(mixed(v) + g[l, t + 1, j]), (layers, times, of_j)),
            Definition(C(), IndexSum((total - y[j]) ** 2, of_j) / 2),
        ), C),
        {"N": 2, "T": 3, "L": 2},
    )  # fmt: skip


def gated() -> Example:
    """An LSTM: i, f, o gates, a cell, and a state through time."""
    x, y = tensor("x", (t, 1, T), (r, 1, D), sup=1), tensor("y", (j, 1, N))
    gates = {name: tensor(name, (t, 1, T), (j, 1, N), sup=1) for name in "ifog"}
    w = {name: tensor(f"w_{name}", (j, 1, N), (k, 1, N)) for name in gates}
    v = {name: tensor(f"v_{name}", (j, 1, N), (r, 1, D)) for name in gates}
    h, cell = (tensor(name, (t, 0, T), (j, 1, N), sup=1) for name in ("h", "c"))
    own = ((t, 1, T), (j, 1, N))

    def gate(name: str) -> Definition:
        z = IndexSum(w[name][j, k] * h[t - 1, k], (k, 1, N)) + IndexSum(v[name][j, r] * x[t, r], (r, 1, D))
        return Definition(gates[name][t, j], tanh(z) if name == "g" else 1 / (1 + exp(-z)), own)

    return Example(
        System("gated", (x, y), (*w.values(), *v.values()), (
            Definition(h[0, j], y[j] / 3, ((j, 1, N),)),
            Definition(cell[0, j], y[j] ** 2, ((j, 1, N),)),
            *(gate(name) for name in gates),
            Definition(
                cell[t, j],
                gates["f"][t, j] * cell[t - 1, j] + gates["i"][t, j] * gates["g"][t, j],
                own,
            ),
            Definition(h[t, j], gates["o"][t, j] * tanh(cell[t, j]), own),
            Definition(C(), half_square_at(h, T, y, (j, 1, N))),
        ), C),
        {"N": 2, "D": 3, "T": 3},
    )  # fmt: skip


def convolution(stride: int) -> Example:
    """z_{cp} = sum_{d,u} w_{cdu} x_{d, stride (p-1) + u} + b_c"""
    length = stride * (P - 1) + K
    x, y = tensor("x", (d, 1, D), (q, 1, length)), tensor("y", (c, 1, M), (p, 1, P))
    w, b = tensor("w", (c, 1, M), (d, 1, D), (u, 1, K)), tensor("b", (c, 1, M))
    z, a = (tensor(name, (c, 1, M), (p, 1, P)) for name in "za")
    own = ((c, 1, M), (p, 1, P))
    filtered = index_sum(w[c, d, u] * x[d, stride * (p - 1) + u], (d, 1, D), (u, 1, K))
    return Example(
        System(f"convolution of stride {stride}", (x, y), (w, b), (
            Definition(z[c, p], filtered + b[c], own),
            Definition(a[c, p], tanh(z[c, p]), own),
            Definition(C(), half_square(a, y, *own)),
        ), C, adjoints={z: z.derived("delta", latex_name=r"\delta")}, inlined=frozenset({a})),
        {"M": 2, "D": 3, "K": 3, "P": 4},
    )  # fmt: skip


def attention() -> Example:
    x, y = tensor("x", (t, 1, T), (d, 1, D)), tensor("y", (t, 1, T), (k, 1, K))
    wq, wk, wv = (tensor(f"w_{name}", (d, 1, D), (k, 1, K)) for name in "qkv")
    qs, ks, vs, o = (tensor(name, (t, 1, T), (k, 1, K)) for name in ("q", "key", "v", "o"))
    score, a = (tensor(name, (t, 1, T), (u, 1, T)) for name in ("s", "a"))
    own, pairs = ((t, 1, T), (k, 1, K)), ((t, 1, T), (u, 1, T))
    softmax = exp(score[t, u]) / IndexSum(exp(score[t, m]), (m, 1, T))
    return Example(
        System("attention", (x, y), (wq, wk, wv), (
            *(
                Definition(out[t, k], IndexSum(w[d, k] * x[t, d], (d, 1, D)), own)
                for out, w in ((qs, wq), (ks, wk), (vs, wv))
            ),
            Definition(score[t, u], IndexSum(qs[t, k] * ks[u, k], (k, 1, K)) / sqrt(K), pairs),
            Definition(a[t, u], softmax, pairs),
            Definition(o[t, k], IndexSum(a[t, u] * vs[u, k], (u, 1, T)), own),
            Definition(C(), half_square(o, y, *own)),
        ), C),
        {"T": 4, "D": 3, "K": 2},
    )  # fmt: skip


def layer_norm() -> Example:
    x, y = tensor("x", (j, 1, N)), tensor("y", (j, 1, N))
    gain, shift = tensor("gamma", (j, 1, N)), tensor("beta", (j, 1, N))
    mu, var = tensor("mu"), tensor("v")
    xh, o = tensor("xh", (j, 1, N), latex=r"\hat{x}"), tensor("o", (j, 1, N))
    eps = Symbol("epsilon", positive=True)
    of_j = ((j, 1, N),)
    return Example(
        System("layer norm", (x, y), (gain, shift), (
            Definition(mu(), IndexSum(x[j], *of_j) / N),
            Definition(var(), IndexSum((x[j] - mu()) ** 2, *of_j) / N),
            Definition(xh[j], (x[j] - mu()) / sqrt(var() + eps), of_j),
            Definition(o[j], gain[j] * xh[j] + shift[j], of_j),
            Definition(C(), half_square(o, y, *of_j)),
        ), C),
        {"N": 5},
    )  # fmt: skip


def softmax(form: str) -> Example:
    """Cross-entropy of a softmax: in stages, in one formula, or as log sum exp."""
    x, y = tensor("x", (k, 1, D)), tensor("y", (j, 1, N))
    w = tensor("w", (j, 1, N), (k, 1, D))
    z, prob = tensor("z", (j, 1, N)), tensor("p", (j, 1, N))
    share = exp(z[j]) / IndexSum(exp(z[k]), (k, 1, N))
    of_j = (j, 1, N)
    stages = (
        Definition(prob[j], share, (of_j,)),
        Definition(C(), -IndexSum(y[j] * log(prob[j]), of_j)),
    )
    cost = {
        "stages": stages,
        "one formula": (Definition(C(), -IndexSum(y[j] * log(share), of_j)),),
        "log sum exp": (
            Definition(C(), IndexSum(y[j] * (log(IndexSum(exp(z[k]), (k, 1, N))) - z[j]), of_j)),
        ),
    }[form]
    weighted = Definition(z[j], IndexSum(w[j, k] * x[k], (k, 1, D)), (of_j,))
    return Example(System(f"softmax in {form}", (x, y), (w,), (weighted, *cost), C), {"N": 4, "D": 2})


EXAMPLES: dict[str, Callable[[], Example]] = {
    "two definitions": two_definitions,
    "two branches": two_branches,
    "skip": skip_connections,
    "skip by two": lambda: skip_connections(2),
    "dense connections": dense_connections,
    "tied autoencoder": tied_autoencoder,
    "recurrent": recurrent,
    "bidirectional": bidirectional,
    "gated": gated,
    "convolution 1": lambda: convolution(1),
    "convolution 2": lambda: convolution(2),
    "attention": attention,
    "layer norm": layer_norm,
    "softmax in stages": lambda: softmax("stages"),
    "softmax in one formula": lambda: softmax("one formula"),
    "softmax by log sum exp": lambda: softmax("log sum exp"),
}
