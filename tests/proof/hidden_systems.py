"""Systems with hidden indices that no builder makes, each with sizes at which it is evaluated.

`CLASSES` states what can be permuted in each, in the words that an `IndexClass` prints.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sympy import Expr, exp

from symderive.calculus import Functional, IndexSum, ScalarFunction, TensorSymbol, indices, size, tensor
from symderive.calculus.terms import Bracket, family, index_sum
from symderive.systems import Definition, System

i, j, k, l, m, p, q, r, s, t, u = indices("i j k l m p q r s t u")
B, D, H, K, L, M, N, T = (size(name) for name in "BDHKLMNT")
phi, psi = ScalarFunction("phi", r"\phi"), ScalarFunction("psi", r"\psi")
C = tensor("C")


@dataclass(frozen=True)
class Hidden:
    """A system, sizes for it, and the classes that `symmetries` must find."""

    system: System
    sizes: dict[Any, Any]
    classes: tuple[str, ...]


def square(a: TensorSymbol, y: TensorSymbol, *limits: Any) -> Expr:
    """sum (a - y)^2 over all indices"""
    index = tuple(x for x, _, _ in limits)
    return index_sum((a[index] - y[index]) ** 2, *limits)


def shared_layer() -> Hidden:
    """Two branches read one hidden layer."""
    x, y, o = tensor("x", (k, 1, N)), tensor("y", (i, 1, M)), tensor("o", (i, 1, M))
    w, v, u_ = tensor("w", (j, 1, H), (k, 1, N)), tensor("v", (i, 1, M), (j, 1, H)), tensor("g", (j, 1, H))
    h, f = tensor("h", (j, 1, H)), tensor("f")
    return Hidden(
        System("shared hidden layer", (x, y), (w, v, u_), (
            Definition(h[j], phi(IndexSum(w[j, k] * x[k], (k, 1, N))), ((j, 1, H),)),
            Definition(o[i], IndexSum(v[i, j] * h[j], (j, 1, H)), ((i, 1, M),)),
            Definition(f(), IndexSum(u_[j] * psi(h[j]), (j, 1, H))),
            Definition(C(), square(o, y, (i, 1, M)) + f() ** 2),
        ), C),
        {"N": 2, "M": 2, "H": 3},
        ("pi[j], j in 1..H: moves w.1, g.1, v.2",),
    )  # fmt: skip


def embedded_skip() -> Hidden:
    """An embedding, layers of equal width with skip connections, a readout: one class runs through all."""
    x, y, o = tensor("x", (k, 1, N)), tensor("y", (i, 1, M)), tensor("o", (i, 1, M))
    e, v = tensor("e", (j, 1, H), (k, 1, N)), tensor("v", (i, 1, M), (j, 1, H))
    w, h = tensor("w", (l, 1, L), (j, 1, H), (k, 1, H), sup=1), tensor("h", (l, 0, L), (j, 1, H), sup=1)
    layer = h[l - 1, j] + IndexSum(w[l, j, k] * phi(h[l - 1, k]), (k, 1, H))
    return Hidden(
        System("embedding and skip connections", (x, y), (e, w, v), (
            Definition(h[0, j], IndexSum(e[j, k] * x[k], (k, 1, N)), ((j, 1, H),)),
            Definition(h[l, j], layer, ((l, 1, L), (j, 1, H))),
            Definition(o[i], IndexSum(v[i, j] * h[L, j], (j, 1, H)), ((i, 1, M),)),
            Definition(C(), square(o, y, (i, 1, M))),
        ), C),
        {"N": 2, "M": 2, "H": 3, "L": 2},
        ("pi[j], j in 1..H: moves e.1, w.1, v.2, w.2",),
    )  # fmt: skip


def tied_autoencoder() -> Hidden:
    """W encodes and W^T decodes, over samples."""
    x, b, c = tensor("x", (s, 1, B), (k, 1, N)), tensor("b", (j, 1, H)), tensor("c", (k, 1, N))
    w, h = tensor("w", (j, 1, H), (k, 1, N)), tensor("h", (s, 1, B), (j, 1, H))
    o = tensor("o", (s, 1, B), (k, 1, N))
    return Hidden(
        System("tied autoencoder with samples", (x,), (w, b, c), (
            Definition(h[s, j], phi(IndexSum(w[j, k] * x[s, k], (k, 1, N)) + b[j]), ((s, 1, B), (j, 1, H))),
            Definition(o[s, k], IndexSum(w[j, k] * h[s, j], (j, 1, H)) + c[k], ((s, 1, B), (k, 1, N))),
            Definition(C(), square(o, x, (s, 1, B), (k, 1, N)) / B),
        ), C),
        {"N": 2, "H": 3, "B": 2},
        ("pi[j], j in 1..H: moves w.1, b.1",),
    )  # fmt: skip


def learned_start() -> Hidden:
    """An RNN whose first hidden state is a parameter."""
    x, y = tensor("x", (t, 1, T), (r, 1, D), sup=1), tensor("y", (q, 1, M))
    w, v = tensor("w", (i, 1, H), (k, 1, H)), tensor("v", (i, 1, H), (r, 1, D))
    g = tensor("g", (q, 1, M), (i, 1, H))
    h0, h, o = tensor("h_0", (i, 1, H)), tensor("h", (t, 0, T), (i, 1, H), sup=1), tensor("o", (q, 1, M))
    state = IndexSum(w[i, k] * h[t - 1, k], (k, 1, H)) + IndexSum(v[i, r] * x[t, r], (r, 1, D))
    return Hidden(
        System("recurrent with a learned start", (x, y), (w, v, g, h0), (
            Definition(h[0, i], h0[i], ((i, 1, H),)),
            Definition(h[t, i], phi(state), ((t, 1, T), (i, 1, H))),
            Definition(o[q], IndexSum(g[q, i] * h[T, i], (i, 1, H)), ((q, 1, M),)),
            Definition(C(), square(o, y, (q, 1, M))),
        ), C),
        {"D": 2, "H": 3, "M": 2, "T": 2},
        ("pi[i], i in 1..H: moves w.1, v.1, h_0.1, w.2, g.2",),
    )  # fmt: skip


def lstm() -> Hidden:
    """Gates, a cell and a state that start at 0."""
    x, y, g = tensor("x", (t, 1, T), (r, 1, D), sup=1), tensor("y"), tensor("g", (j, 1, H))
    names = ("i", "f", "o", "c")
    gates = {n: tensor(f"z_{n}", (t, 1, T), (j, 1, H), sup=1) for n in names}
    w = {n: tensor(f"w_{n}", (j, 1, H), (k, 1, H)) for n in names}
    v = {n: tensor(f"v_{n}", (j, 1, H), (r, 1, D)) for n in names}
    h, c = (tensor(n, (t, 0, T), (j, 1, H), sup=1) for n in "hc")
    own = ((t, 1, T), (j, 1, H))

    def gate(n: str) -> Definition:
        z = IndexSum(w[n][j, k] * h[t - 1, k], (k, 1, H)) + IndexSum(v[n][j, r] * x[t, r], (r, 1, D))
        return Definition(gates[n][t, j], phi(z) if n == "c" else 1 / (1 + exp(-z)), own)

    cell = gates["f"][t, j] * c[t - 1, j] + gates["i"][t, j] * gates["c"][t, j]
    moved = [f"w_{n}.1" for n in names] + [f"v_{n}.1" for n in names] + ["g.1"] + [f"w_{n}.2" for n in names]
    return Hidden(
        System("LSTM", (x, y), (*w.values(), *v.values(), g), (
            Definition(h[0, j], 0 * g[j], ((j, 1, H),)),
            Definition(c[0, j], 0 * g[j], ((j, 1, H),)),
            *map(gate, names),
            Definition(c[t, j], cell, own),
            Definition(h[t, j], gates["o"][t, j] * phi(c[t, j]), own),
            Definition(C(), (IndexSum(g[j] * h[T, j], (j, 1, H)) - y()) ** 2),
        ), C),
        {"D": 2, "H": 2, "T": 2},
        (f"pi[j], j in 1..H: moves {', '.join(moved)}",),
    )  # fmt: skip


def two_classes() -> Hidden:
    """Two hidden layers of width H, which nothing equates."""
    x, y = tensor("x", (k, 1, N)), tensor("y")
    w, v, g = tensor("w", (j, 1, H), (k, 1, N)), tensor("v", (i, 1, H), (j, 1, H)), tensor("g", (i, 1, H))
    f, h = tensor("f", (j, 1, H)), tensor("h", (i, 1, H))
    return Hidden(
        System("two hidden layers", (x, y), (w, v, g), (
            Definition(f[j], phi(IndexSum(w[j, k] * x[k], (k, 1, N))), ((j, 1, H),)),
            Definition(h[i], psi(IndexSum(v[i, j] * f[j], (j, 1, H))), ((i, 1, H),)),
            Definition(C(), (IndexSum(g[i] * h[i], (i, 1, H)) - y()) ** 2),
        ), C),
        {"N": 2, "H": 3},
        ("pi[j], j in 1..H: moves w.1, v.2", "rho[i], i in 1..H: moves v.1, g.1"),
    )  # fmt: skip


def cost_over_hidden() -> Hidden:
    """The cost sums over a hidden layer: sparse activity."""
    x, y = tensor("x", (k, 1, N)), tensor("y")
    w, g, h = tensor("w", (j, 1, H), (k, 1, N)), tensor("g", (j, 1, H)), tensor("h", (j, 1, H))
    sparse = IndexSum(h[j] ** 2 + g[j] ** 4, (j, 1, H))
    return Hidden(
        System("cost over a hidden layer", (x, y), (w, g), (
            Definition(h[j], phi(IndexSum(w[j, k] * x[k], (k, 1, N))), ((j, 1, H),)),
            Definition(C(), (IndexSum(g[j] * h[j], (j, 1, H)) - y()) ** 2 + sparse),
        ), C),
        {"N": 2, "H": 3},
        ("pi[j], j in 1..H: moves w.1, g.1",),
    )  # fmt: skip


def unusual_letters() -> Hidden:
    """Letters that the tactics would like themselves: p, q, m and t are indices here, r is the layer."""
    n = tensor("d", (r, 0, L), kind="dimension")
    x, y = tensor("x", (q, 1, n[0])), tensor("y", (q, 1, n[L]))
    w = tensor("w", (r, 1, L), (p, 1, n[r]), (m, 1, n[r - 1]), sup=1)
    b, a = (tensor(name, (r, low, L), (p, 1, n[r]), sup=1) for name, low in (("b", 1), ("a", 0)))
    weighted = IndexSum(w[r, p, m] * a[r - 1, m], (m, 1, n[r - 1])) + b[r, p]
    return Hidden(
        System("unusual letters", (x, y), (w, b), (
            Definition(a[0, q], x[q], ((q, 1, n[0]),)),
            Definition(a[r, p], phi(weighted), ((r, 1, L), (p, 1, n[r]))),
            Definition(C(), IndexSum((a[L, t] - y[t]) ** 2, (t, 1, n[L]))),
        ), C),
        {"d": [2, 3, 2, 2], "L": 3},
        ("pi[r, p], p in 1..d[r], r in 0..L: moves w.1, b.1, w.2; fixed at 0, L",),
    )  # fmt: skip


def concrete_widths() -> Hidden:
    """Numbers for widths."""
    x, y = tensor("x", (k, 1, 2)), tensor("y")
    w, v, g = tensor("w", (j, 1, 3), (k, 1, 2)), tensor("v", (i, 1, 4), (j, 1, 3)), tensor("g", (i, 1, 4))
    f, h = tensor("f", (j, 1, 3)), tensor("h", (i, 1, 4))
    return Hidden(
        System("concrete widths", (x, y), (w, v, g), (
            Definition(f[j], phi(IndexSum(w[j, k] * x[k], (k, 1, 2))), ((j, 1, 3),)),
            Definition(h[i], psi(IndexSum(v[i, j] * f[j], (j, 1, 3))), ((i, 1, 4),)),
            Definition(C(), (IndexSum(g[i] * h[i], (i, 1, 4)) - y()) ** 2),
        ), C),
        {},
        ("pi[j], j in 1..3: moves w.1, v.2", "rho[i], i in 1..4: moves v.1, g.1"),
    )  # fmt: skip


def stacked_recurrent() -> Hidden:
    """Layers of states in time: h[l, t] with starts at h[0, t] = x[t] and h[l, 0] = a parameter."""
    n = tensor("n", (l, 0, L), kind="dimension")
    x, y = tensor("x", (t, 1, T), (j, 1, n[0]), sup=1), tensor("y", (j, 1, n[L]))
    start = tensor("h_0", (l, 1, L), (j, 1, n[l]), sup=1)
    w = tensor("w", (l, 1, L), (j, 1, n[l]), (k, 1, n[l - 1]), sup=1)
    v = tensor("v", (l, 1, L), (j, 1, n[l]), (k, 1, n[l]), sup=1)
    h = tensor("h", (l, 0, L), (t, 0, T), (j, 1, n[l]), sup=2)
    below = IndexSum(w[l, j, k] * h[l - 1, t, k], (k, 1, n[l - 1]))
    new = phi(below + IndexSum(v[l, j, k] * h[l, t - 1, k], (k, 1, n[l])))
    return Hidden(
        System("stacked recurrent", (x, y), (w, v, start), (
            Definition(h[0, t, j], x[t, j], ((t, 1, T), (j, 1, n[0]))),
            Definition(h[l, 0, j], start[l, j], ((l, 1, L), (j, 1, n[l]))),
            Definition(h[l, t, j], new, ((l, 1, L), (t, 1, T), (j, 1, n[l]))),
            Definition(C(), IndexSum((h[L, T, j] - y[j]) ** 2, (j, 1, n[L]))),
        ), C),
        {"n": [2, 3, 2], "L": 2, "T": 2},
        ("pi[l, j], j in 1..n[l], l in 0..L: moves w.1, v.1, h_0.1, w.2, v.2; fixed at 0, L",),
    )  # fmt: skip


def heads() -> Hidden:
    """Attention heads: a class of heads, and one of the places inside each."""
    x, y = tensor("x", (t, 1, T), (r, 1, D)), tensor("y", (t, 1, T))
    wq, wk = (tensor(f"w_{n}", (s, 1, H), (r, 1, D), (k, 1, K)) for n in "qk")
    g = tensor("g", (s, 1, H), (r, 1, D))
    qs, ks = (tensor(n, (s, 1, H), (t, 1, T), (k, 1, K)) for n in ("q", "e"))
    a, o = tensor("a", (s, 1, H), (t, 1, T), (u, 1, T)), tensor("o", (t, 1, T))
    own, pairs = ((s, 1, H), (t, 1, T), (k, 1, K)), ((s, 1, H), (t, 1, T), (u, 1, T))
    return Hidden(
        System("heads", (x, y), (wq, wk, g), (
            *(
                Definition(z[s, t, k], IndexSum(w[s, r, k] * x[t, r], (r, 1, D)), own)
                for z, w in ((qs, wq), (ks, wk))
            ),
            Definition(a[s, t, u], phi(IndexSum(qs[s, t, k] * ks[s, u, k], (k, 1, K))), pairs),
            Definition(
                o[t], index_sum(a[s, t, u] * g[s, r] * x[u, r], (s, 1, H), (u, 1, T), (r, 1, D)), ((t, 1, T),)
            ),
            Definition(C(), square(o, y, (t, 1, T))),
        ), C),
        {"T": 2, "D": 2, "H": 2, "K": 2},
        ("pi[s], s in 1..H: moves w_q.1, w_k.1, g.1", "rho[k], k in 1..K: moves w_q.3, w_k.3"),
    )  # fmt: skip


HIDDEN: dict[str, Callable[[], Hidden]] = {
    f.__name__: f
    for f in (
        shared_layer, embedded_skip, tied_autoencoder, learned_start, lstm, two_classes, cost_over_hidden,
        unusual_letters, concrete_widths, stacked_recurrent, heads,
    )
}  # fmt: skip


# --------------------------------------------------------------------------- what must not be found


def one_layer(hidden: Callable[[TensorSymbol, TensorSymbol], Expr], name: str) -> System:
    """h_j = phi(sum_k w_jk x_k), and an output that does something else with h and v."""
    x, y = tensor("x", (k, 1, N)), tensor("y")
    w, v, h = tensor("w", (j, 1, H), (k, 1, N)), tensor("v", (j, 1, H)), tensor("h", (j, 1, H))
    return System(name, (x, y), (w, v), (
        Definition(h[j], phi(IndexSum(w[j, k] * x[k], (k, 1, N))), ((j, 1, H),)),
        Definition(C(), (hidden(h, v) - y()) ** 2),
    ), C)  # fmt: skip


cost = Functional("cost", arity=2)
NOT_PERMUTABLE: dict[str, Callable[[], System]] = {
    "compared": lambda: one_layer(
        lambda h, v: index_sum(Bracket.at_most(j, k) * v[j] * h[k], (j, 1, H), (k, 1, H)), "compared"
    ),
    "an argument's place": lambda: one_layer(
        lambda h, v: cost(family(h[j], (j, 1, H)), family(v[j], (j, 1, H))), "arguments"
    ),
    "part of the range": lambda: one_layer(
        lambda h, v: IndexSum(v[j] * h[j], (j, 2, H)) + IndexSum(v[j], (j, 1, H)), "part"
    ),
    "a named entry": lambda: one_layer(lambda h, v: IndexSum(v[j] * h[j], (j, 1, H)) + v[1], "named"),
    "moved on": lambda: one_layer(lambda h, v: IndexSum(v[j] * h[j + 1], (j, 1, H - 1)), "moved"),
    "the index as a number": lambda: one_layer(lambda h, v: IndexSum(j * v[j] * h[j], (j, 1, H)), "number"),
    "reversed": lambda: one_layer(lambda h, v: IndexSum(v[j] * h[H + 1 - j], (j, 1, H)), "reversed"),
}


__all__ = ["HIDDEN", "NOT_PERMUTABLE", "Hidden"]
