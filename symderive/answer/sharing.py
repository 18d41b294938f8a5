"""Networks that share weights: a convolution and a recurrent network, as systems of definitions."""

from __future__ import annotations

from sympy import Expr

from symderive.answer.material import Material
from symderive.answer.prose import paragraph
from symderive.calculus import IndexSum, ScalarFunction, indices, size, tensor
from symderive.documents.blocks import Block, Section
from symderive.systems import Definition, System


def recurrent() -> System:
    """h_t = f(w h_{t-1} + v x_t) for T times, read out at each of them."""
    i, k, r, q, t = indices("i k r q t")
    N, D, M, T = (size(name) for name in "NDMT")
    f, C = ScalarFunction("f", "f"), tensor("C")
    times, units = (t, 1, T), (i, 1, N)
    x, y = tensor("x", times, (r, 1, D), sup=1), tensor("y", times, (q, 1, M), sup=1)
    w, v = tensor("w", units, (k, 1, N)), tensor("v", units, (r, 1, D))
    g = tensor("g", (q, 1, M), units)
    s, h = tensor("s", times, units, sup=1), tensor("h", (t, 0, T), units, sup=1)
    o = tensor("o", times, (q, 1, M), sup=1)
    read_in: Expr = IndexSum(w[i, k] * h[t - 1, k], (k, 1, N)) + IndexSum(v[i, r] * x[t, r], (r, 1, D))
    return System("recurrent network", (x, y), (w, v, g), (
        Definition(h[0, i], 0 * w[i, i], (units,), "no memory at the start"),
        Definition(s[t, i], read_in, (times, units), "weighted input"),
        Definition(h[t, i], f(s[t, i]), (times, units), "hidden unit"),
        Definition(o[t, q], IndexSum(g[q, i] * h[t, i], units), (times, (q, 1, M)), "output"),
        Definition(C(), IndexSum(IndexSum((o[t, q] - y[t, q]) ** 2, (q, 1, M)), times), (), "cost"),
    ), C)  # fmt: skip


def convolution() -> System:
    """Channels of a convolution along a line, read by a second layer."""
    c, d, u, p, q = indices("c d u p q")
    M, D, K, P, R = (size(name) for name in "MDKPR")
    f, C = ScalarFunction("f", "f"), tensor("C")
    channels, places, own = (c, 1, M), (p, 1, P), ((c, 1, M), (p, 1, P))
    x, y = tensor("x", (d, 1, D), (q, 1, P + K - 1)), tensor("y", (q, 1, R))
    w, b = tensor("w", channels, (d, 1, D), (u, 1, K)), tensor("b", channels)
    g = tensor("g", (q, 1, R), channels, places)
    z, a, o = tensor("z", *own), tensor("a", *own), tensor("o", (q, 1, R))
    filtered = IndexSum(IndexSum(w[c, d, u] * x[d, p + u - 1], (u, 1, K)), (d, 1, D))
    return System("convolution", (x, y), (w, b, g), (
        Definition(z[c, p], filtered + b[c], own, "filtered input"),
        Definition(a[c, p], f(z[c, p]), own, "activation"),
        Definition(o[q], IndexSum(IndexSum(g[q, c, p] * a[c, p], places), channels), ((q, 1, R),), "output"),
        Definition(C(), IndexSum((o[q] - y[q]) ** 2, (q, 1, R)), (), "cost"),
    ), C)  # fmt: skip


SYSTEMS = {"CNN": convolution, "RNN": recurrent}
"""By the key under which their theorems stand in the material."""
CALLED = {
    "CNN": {
        "w": "filters", "b": "biases", "g": "outgoing weights", "z": "filtered inputs", "a": "activations",
        "bar_a": "derivatives by the activations",
    },
    "RNN": {
        "w": "recurrent weights", "w.1": "rows of the recurrent weights",
        "w.2": "columns of the recurrent weights", "v": "incoming weights", "g": "outgoing weights",
        "s": "weighted inputs", "h": "hidden units",
    },
}  # fmt: skip
"""What their tensors are called in the theorems."""


def sharing(m: Material) -> list[Block]:
    """T5 for channels and hidden units."""
    return [
        Section("Convolutions and recurrent networks", label="section:sharing"),
        paragraph(
            "The theorems about ties are not about lists of layers: the program takes a system of "
            "definitions, "
            "looks for the indices that can be exchanged, and proves. In a convolution along a line with $D$ "
            "inputs at each place and filters of length $K$ these are the $M$ channels. The filter $w$ of a "
            "channel is used at each of the $P$ places $p$, and what the channel answers there goes to $R$ "
            "outputs by weights $g$; a bar stands for the derivative of the cost. Here $t$ counts the steps, "
            "and a ring marks the start."
        ),
        *m.definitions("CNN", "filtered inputs", "activations", "derivatives by the activations"),
        m.box("CNN", "equal filters"),
        paragraph(
            "In a recurrent network they are the $N$ hidden units, each with its row and its column of the "
            "recurrent weights $w$, its weights $v$ from the $D$ inputs, and its weights $g$ to the outputs, "
            "which are read at all times $t$ up to $T$. They start at 0; here $u$ counts the steps:"
        ),
        *m.definitions("RNN", "weighted inputs", "hidden units at the start", "hidden units"),
        m.box("RNN", "equal rows of the recurrent weights"),
    ]
