"""Rows of the table of faults: what is made of the deltas, in sums, activations, regularisation, caches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import combinations

import numpy as np

from symderive.verification.backward import Pieces, run
from symderive.verification.faults import RECURSION, Fault, Row, Single, chain, put, scoped
from symderive.verification.measured import RATES
from symderive.verification.network import Array
from symderive.verification.order_faults import ROWS as ORDER
from symderive.verification.output_faults import ROWS as OUTPUT
from symderive.verification.quantities import Case, Quantities, quantities
from symderive.verification.slope_faults import LAST
from symderive.verification.slope_faults import ROWS as SLOPES


def _transposed(q: Quantities, old: Quantities) -> Iterator[Fault]:
    layers = range(1, q.depth + 1)
    yield from scoped(
        "transposed", [(l, "dW is turned round", put("finish", ("W", l), np.transpose)) for l in layers]
    )
    for rule, words in (
        (_reshaped, "dW is reshaped where it should be turned round"),
        (_reshaped_back, "dW is reshaped where it should be turned round (W in by out)"),
    ):
        yield from scoped("transposed", [(l, words, put("finish", ("W", l), rule)) for l in layers])


def _reshaped(g: Array) -> Array:
    return np.asarray(g.T.reshape(g.shape))


def _reshaped_back(g: Array) -> Array:
    return np.asarray(g.reshape(g.shape[::-1]).T)


def _batch_sum_missing(q: Quantities, old: Quantities) -> Iterator[Fault]:
    layers = range(1, q.depth + 1)
    each = [(l, "dW of each sample is not summed", put("outer", l, _each)) for l in layers]
    yield from scoped("batch_sum_missing", each)
    if q.case.samples == 1:
        return  # one sample that is left out leaves nothing
    chosen = {
        "only the first sample counts": slice(0, 1),
        "only the last sample counts": slice(-1, None),
        "the last sample is left out": slice(0, -1),
        "the first sample is left out": slice(1, None),
    }
    for words, s in chosen.items():
        W = {l: put("outer", l, lambda d, a, s=s: d[s].T @ a[s]) for l in layers}
        b = {l: put("summed", l, lambda d, s=s: d[s].sum(axis=0)) for l in layers}
        yield from scoped("batch_sum_missing", [(l, words, chain([(l, W[l]), (l, b[l])])) for l in layers])
        yield from scoped("batch_sum_missing", [(l, f"{words} in dW", W[l]) for l in layers])
        if not words.startswith("only"):  # in db alone that is a bias that is not summed
            yield from scoped("batch_sum_missing", [(l, f"{words} in db", b[l]) for l in layers])
    apart: list[Single] = [
        (l, "delta and a are summed over the samples apart", put("outer", l, _apart)) for l in layers
    ]
    yield from scoped("batch_sum_missing", apart)


def _apart(d: Array, a: Array) -> Array:
    return np.outer(d.sum(axis=0), a.sum(axis=0))


def _each(d: Array, a: Array) -> Array:
    return np.asarray(d[:, :, None] * a[:, None, :])


def _wrong_activations(q: Quantities, old: Quantities) -> Iterator[Fault]:
    singles: list[Single] = []
    for l in range(1, q.depth + 1):
        for m in range(q.depth + 1):
            kinds = [("a", q.a[m])] if m != l - 1 else []
            if m:
                kinds.append(("z", q.z[m]))
                slope = q.slopes[m]
                if slope is not None and m == l - 1:
                    kinds.append(("sigma'(z)", slope))
            for kind, value in kinds:
                where = {l: "^l", l - 1: "^{l-1}", l + 1: "^{l+1}"}.get(m, f"^{m}")
                name = "x" if m == 0 else kind + where
                singles.append((l, f"{name} for a^{{l-1}} in dW", put("inputs", l, value)))
        singles.append((l, "1 for a^{l-1} in dW", put("inputs", l, np.ones_like(q.a[l - 1]))))
    yield from scoped("wrong_activations", singles)


def _bias_not_summed(q: Quantities, old: Quantities) -> Iterator[Fault]:
    rules: dict[str, Callable[[Array], Array]] = {
        "db is delta of every sample": lambda d: d,
        "db is delta of the first sample": lambda d: d[0],
        "db is delta of the last sample": lambda d: d[-1],
        "db is summed over the units for the samples": lambda d: d.sum(axis=1),
        "db is summed over the units as well": lambda d: np.full(d.shape[1], d.sum()),
        "db is one number, the sum of all": lambda d: np.asarray(d.sum()),
        "db is the mean over the units for the samples": lambda d: d.mean(axis=1),
    }
    for words, rule in rules.items():
        singles = [(l, words, put("summed", l, rule)) for l in range(1, q.depth + 1)]
        yield from scoped("bias_not_summed", singles)


def _bias_mean(q: Quantities, old: Quantities) -> Iterator[Fault]:
    def mean(d: Array) -> Array:
        return np.asarray(d.mean(axis=0))

    words = "db is the mean of delta over the samples, for the sum"
    yield from scoped("bias_mean", [(l, words, put("summed", l, mean)) for l in range(1, q.depth + 1)])


def _regularisation(q: Quantities, old: Quantities) -> Iterator[Fault]:
    layers = range(1, q.depth + 1)
    if not q.decay:
        return
    W = dict(enumerate(q.case.weights, 1))
    b = dict(enumerate(q.case.biases, 1))

    def change(c: float, l: int) -> Callable[[Pieces], Pieces]:
        return put("decay", ("W", l), c * q.decay * W[l])

    missing, twice = "the term weight_decay * W is left out", "weight_decay * W is added twice"
    yield from scoped("regularisation_missing", [(l, missing, change(0.0, l)) for l in layers])
    yield from scoped("regularisation_doubled", [(l, twice, change(2.0, l)) for l in layers])
    on_biases = "biases are regularised as well"
    yield from scoped(
        "regularisation_on_biases", [(l, on_biases, put("decay", ("b", l), q.decay * b[l])) for l in layers]
    )
    n = q.case.samples
    for c, words in (
        (-1.0, "-1"),
        (0.5, "1/2"),
        (1 / n, "1/N"),
        (float(n), "N"),
        (1 / q.decay, "1/weight_decay"),
        (q.decay, "weight_decay"),
    ):
        name = "sign" if c < 0 else "factor"
        singles = [(l, f"a factor {words} at the term weight_decay * W", change(c, l)) for l in layers]
        yield from scoped(name, singles)


def _stale(q: Quantities, old: Quantities) -> Iterator[Fault]:
    """Whatever was kept from an earlier call: all of it, or some of its pieces."""
    if old is q or old.case.x.shape != q.case.x.shape:
        return
    L, below = q.depth, range(1, q.depth)

    def kept(p: Pieces, parts: tuple[str, ...]) -> Pieces:
        if "activations" in parts:
            p = replace(p, inputs={l: old.a[l - 1] for l in p.inputs})
        if "hidden activations" in parts:
            p = replace(p, inputs={l: old.a[l - 1] if l > 1 else q.a[0] for l in p.inputs})
        if "input" in parts:
            p = p.put("inputs", 1, old.a[0])
        if "slopes" in parts:
            kept_slopes = {l: s for l in below if (s := old.slopes[l]) is not None}
            p = replace(p, slopes=kept_slopes)
        if "output" in parts:
            p = replace(p, output=old.delta[L])
        if "outputs beside the present targets" in parts:
            p = replace(p, output=beside)
        if "weights" in parts:
            p = replace(p, through={l: old.case.weights[l] for l in below})
        if "regularisation" in parts:
            p = replace(
                p, decay={**p.decay, **{("W", l): old.decay * w for l, w in enumerate(old.case.weights, 1)}}
            )
        return p

    pieces = ["activations", "hidden activations", "input", "slopes", "output", "weights"]
    pieces.insert(5, "outputs beside the present targets")
    past = Case(old.case.weights, old.case.biases, old.case.x, q.case.y)
    beside = quantities(q.network, past, "mean" if q.scale != 1 else "sum", q.decay).delta[L]
    if q.decay:
        pieces.append("regularisation")
    for size in range(1, len(pieces) + 1):
        for parts in combinations(pieces, size):
            inputs = {"activations", "hidden activations", "input"} & set(parts)
            outputs = {"output", "outputs beside the present targets"} & set(parts)
            if len(inputs) < 2 and len(outputs) < 2:
                words = f"kept from an earlier call: {', '.join(parts)}"
                yield Fault("stale", words, partial(kept, parts=parts))
    for words, case in _mixtures(q.case, old.case).items():
        mixed = quantities(q.network, case, "mean" if q.scale != 1 else "sum", q.decay)
        for whole in (False, True):
            yield from _of_other(q, mixed, words, whole)


def _mixtures(new: Case, past: Case) -> dict[str, Case]:
    """What of an earlier call is kept, and the case that is then computed with."""
    return {
        "data": replace(new, x=past.x, y=past.y),
        "inputs": replace(new, x=past.x),
        "targets": replace(new, y=past.y),
        "parameters": replace(new, weights=past.weights, biases=past.biases),
        "weights": replace(new, weights=past.weights),
        "biases": replace(new, biases=past.biases),
    }


def _of_other(q: Quantities, other: Quantities, words: str, whole: bool) -> Iterator[Fault]:
    below = range(1, q.depth)

    def forward(p: Pieces) -> Pieces:
        p = replace(
            p,
            output=other.delta[q.depth],
            inputs={l: other.a[l - 1] for l in p.inputs},
            slopes={l: s for l in below if (s := other.slopes[l]) is not None},
        )
        if whole:
            p = replace(p, through={l: other.case.weights[l] for l in below})
        return p

    yield Fault(
        "stale",
        f"kept from an earlier call: the {words} of the {'whole' if whole else 'forward'} pass",
        forward,
    )


def _updated_weights(q: Quantities, old: Quantities) -> Iterator[Fault]:
    """W^{l+1} - eta dW^{l+1} for W^{l+1}: each layer is updated before delta goes through it."""

    def change(p: Pieces, rate: float) -> Pieces:
        for l in range(q.depth - 1, 0, -1):
            data, decay = run(p)["W", l + 1]
            p = p.put("through", l, q.case.weights[l] - rate * (data + decay))
        return p

    if q.depth > 1:
        for rate in (*RATES, 1.0):
            words = f"delta goes through W^{{l+1}} after its update, with a learning rate of {rate:g}"
            yield Fault("updated_weights", words, partial(change, rate=rate))


ROWS: tuple[Row, ...] = (
    _transposed, _batch_sum_missing, _bias_not_summed, _bias_mean, _wrong_activations, _regularisation,
    *SLOPES, *OUTPUT, *RECURSION, *ORDER, *LAST, _updated_weights, _stale,
)  # fmt: skip


def faults(q: Quantities, old: Quantities | None = None, only: str = "") -> list[Fault]:
    """All the faults that a function may have at these quantities; `only` "stale", those of caches.

    >>> from symderive.verification.network import network_of
    >>> from symderive.verification.quantities import Case, quantities
    >>> net = network_of({"widths": [1, 1], "activation": "tanh", "cost": "squared_error"})
    >>> q = quantities(net, Case((np.array([[3.0]]),), (np.zeros(1),), np.array([[2.0]]), np.array([[1.0]])))
    >>> sorted({f.name for f in faults(q)})[:3]
    ['batch_sum_missing', 'bias_mean', 'bias_not_summed']
    """
    rows = (_stale,) if only == "stale" else ROWS
    return [f for row in rows for f in row(q, q if old is None else old)]
