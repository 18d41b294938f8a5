r"""The usual faults of backward passes: one row each, as changes of the pieces that it could be.

| name | what is done instead |
|---|---|
| transposed | dW^l is turned round |
| unit_sum_missing | delta^l_j takes one k of sum_k w^{l+1}_{kj} delta^{l+1}_k, all but one, or the mean |
| batch_sum_missing | one sample counts, or all but one |
| slope_at_activation | sigma'(a^l) for sigma'(z^l) |
| slope_missing | 1 for sigma'(z^l) |
| slope_of_wrong_layer | sigma'(z^m) for sigma'(z^l) |
| wrong_slope | the slope of another activation, or the formula in a, at z |
| extra_slope | sigma'(z^l) twice |
| wrong_activations | a^m, z^m or x for a^{l-1} in dW^l |
| bias_not_summed, bias_mean | delta^l itself, or its mean, for its sum over the samples |
| softmax_diagonal | p (1 - p) for the Jacobian of a softmax: output_faults.py |
| wrong_output | z^L - y, or another function of z^L, for a^L - y: output_faults.py |
| regularisation_missing, _on_biases, _doubled | as they say |
| detached | a gradient is zero, or delta goes no further |
| weights_not_transposed | W^{l+1} for its transpose, where it is square |
| wrong_layer_weights | W^m for W^{l+1} |
| layer_skipped | delta^m for delta^{l+1}, or delta^l without what lies between |
| wrong_order | gradients at other layers' places: order_faults.py |
| stale | pieces of an earlier call |
| updated_weights | W^{l+1} after its own update |

Factors, signs, clipping, other penalties and updated parameters are measured, not listed: see
measured_faults.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from symderive.verification.backward import Change, Pieces
from symderive.verification.network import Array
from symderive.verification.quantities import Quantities


@dataclass(frozen=True)
class Fault:
    """One way to go wrong: its machine name, what is done in words, and the change of the pieces.

    `layer` is the one that it is in, 0 for several or all; `what` is what is done, without the layer.
    """

    name: str
    words: str
    change: Change
    layer: int = 0
    what: str = ""


# from the derived quantities, here and at an earlier call (the same where there was none)
Row = Callable[[Quantities, Quantities], Iterator[Fault]]
Single = tuple[int, str, Change]


def scoped(name: str, singles: Iterable[Single]) -> Iterator[Fault]:
    """Each change at its layer alone; and changes with the same words at all their layers together."""
    groups: dict[str, list[tuple[int, Change]]] = {}
    for layer, words, change in singles:
        groups.setdefault(words, []).append((layer, change))
    for words, members in groups.items():
        if len(members) > 1:
            yield Fault(name, f"{words}, in layers {_listed([m for m, _ in members])}", chain(members))
        for layer, change in members:
            yield Fault(name, f"{words}, in layer {layer}", change, layer, words)


def chain(members: Iterable[tuple[int, Change]]) -> Change:
    """All the changes, one after the other."""
    changes = [c for _, c in members]

    def both(p: Pieces) -> Pieces:
        for change in changes:
            p = change(p)
        return p

    return both


def put(name: str, at: object, value: object) -> Change:
    """The change that replaces one piece."""
    return lambda p: p.put(name, at, value)


def _listed(layers: list[int]) -> str:
    return ", ".join(map(str, layers[:-1])) + f" and {layers[-1]}" if len(layers) > 1 else str(layers[0])


def _unit_sum_missing(q: Quantities, old: Quantities) -> Iterator[Fault]:
    def first(d: Array, W: Array) -> Array:
        return d[:, :1] * W[:1]

    def last(d: Array, W: Array) -> Array:
        return d[:, -1:] * W[-1:]

    def but_last(d: Array, W: Array) -> Array:
        return np.asarray(d[:, :-1] @ W[:-1])

    def but_first(d: Array, W: Array) -> Array:
        return np.asarray(d[:, 1:] @ W[1:])

    def mean(d: Array, W: Array) -> Array:
        return np.asarray(d @ W / len(W))

    def own(d: Array, W: Array) -> Array:
        if W.shape[0] != W.shape[1]:
            raise ValueError("not square")
        return np.asarray(d * np.diag(W))

    def delta_first(d: Array, W: Array) -> Array:
        return np.asarray(d.sum(axis=1, keepdims=True) * W.sum(axis=0))

    def weights_alone(d: Array, W: Array) -> Array:
        return np.asarray(np.ones((len(d), 1)) * W.sum(axis=0))

    rules = {
        "only the first unit of the next layer counts": first,
        "only the last unit of the next layer counts": last,
        "the last unit of the next layer is left out": but_last,
        "the first unit of the next layer is left out": but_first,
        "the mean over the units of the next layer for their sum": mean,
        "only the unit with the same number counts": own,
        "w and delta are summed over the units apart": delta_first,
        "w is summed over the units without delta": weights_alone,
    }
    for words, rule in rules.items():
        singles = [(l, words, put("propagate", l, rule)) for l in range(1, q.depth)]
        yield from scoped("unit_sum_missing", singles)


def _weights_not_transposed(q: Quantities, old: Quantities) -> Iterator[Fault]:
    def turned(l: int) -> Change:
        return lambda p: p.put("through", l, p.through[l].T)

    square = [l for l in range(1, q.depth) if q.network.widths[l] == q.network.widths[l + 1]]
    words = "W^{l+1} for its transpose"
    yield from scoped("weights_not_transposed", [(l, words, turned(l)) for l in square])


def _wrong_layer_weights(q: Quantities, old: Quantities) -> Iterator[Fault]:
    singles: list[Single] = []
    for l in range(1, q.depth):
        for m, W in enumerate(q.case.weights, 1):
            if m != l + 1:
                where = "W^l" if m == l else "W^{l+2}" if m == l + 2 else f"W^{m}"
                for v, turned in ((W, ""), (W.T, ", turned round,")):
                    if v.shape == q.case.weights[l].shape:
                        singles.append((l, f"{where}{turned} for W^{{l+1}}", put("through", l, v)))
    yield from scoped("wrong_layer_weights", singles)


def _layer_skipped(q: Quantities, old: Quantities) -> Iterator[Fault]:
    n, L = q.network.widths, q.depth

    def straight(d: Array, W: Array) -> Array:
        return d

    singles: list[Single] = []
    for l in range(1, L):
        for m in range(l + 1, L + 1):
            if n[m] == n[l]:
                words = "delta^{l+1} for W^{l+1} applied to it" if m == l + 1 else f"delta^{m} as it is"
                change = chain([(l, put("source", l, m)), (l, put("propagate", l, straight))])
                singles.append((l, words, change))
                bare = chain([(l, change), (l, put("slopes", l, np.ones_like(q.z[l])))])
                singles.append((l, f"delta^l is {'delta^{l+1}' if m == l + 1 else f'delta^{m}'}", bare))
            if m > l + 1:
                if n[m] == n[l + 1]:
                    singles.append((l, f"delta^{m} for delta^{{l+1}}", put("source", l, m)))
                if q.case.weights[m - 1].shape == (n[m], n[l]):
                    change = chain([(l, put("source", l, m)), (l, put("through", l, q.case.weights[m - 1]))])
                    singles.append((l, f"W^{m} and delta^{m} for those of layer l+1", change))
            if m > l + 2:  # one slope that is left out between is a row of slope_missing
                W = q.case.weights[l]
                for between in q.case.weights[l + 1 : m]:
                    W = between @ W
                change = chain([(l, put("source", l, m)), (l, put("through", l, W))])
                singles.append((l, f"back from layer {m} without the slopes between", change))
    for l in range(1, L + 1):
        for m in range(1, L + 1):
            if m != l and n[m] == n[l]:
                words = f"delta^{m} for delta^l"
                w, b = put("weight_source", l, m), put("bias_source", l, m)
                singles += [(l, f"{words} in dW and db", chain([(l, w), (l, b)]))]
                singles += [(l, f"{words} in dW", w), (l, f"{words} in db", b)]
    yield from scoped("layer_skipped", singles)


def _detached(q: Quantities, old: Quantities) -> Iterator[Fault]:
    def nothing(d: Array, W: Array) -> Array:
        return np.zeros((len(d), W.shape[1]))

    def unit(d: Array, W: Array) -> Array:
        return np.ones((len(d), W.shape[1]))

    below = range(1, q.depth)
    for l in below:
        words = f"delta is not propagated below layer {l + 1}: the gradients there are zero"
        yield Fault("detached", words, put("propagate", l, nothing), l, words)
    yield from scoped(
        "detached", [(l, "1 for W^{l+1} applied to delta^{l+1}", put("propagate", l, unit)) for l in below]
    )
    layers = range(1, q.depth + 1)
    for kinds in (("W", "b"), ("W",), ("b",)):
        named = " and ".join(f"d{k}" for k in kinds)
        data = {"W": lambda d, a: np.zeros((d.shape[1], a.shape[1])), "b": lambda d: np.zeros(d.shape[1])}
        where = {"W": "outer", "b": "summed"}
        of_data = f"the data's part of {named}" if q.decay else named
        singles = [
            (l, f"{of_data} is zero", chain([(l, put(where[k], l, data[k])) for k in kinds])) for l in layers
        ]
        yield from scoped("detached", singles)
        if q.decay:
            whole = [
                (l, f"{named} is zero", chain([(l, put("finish", (k, l), np.zeros_like)) for k in kinds]))
                for l in layers
            ]
            yield from scoped("detached", whole)


RECURSION: tuple[Row, ...] = (
    _unit_sum_missing, _weights_not_transposed, _wrong_layer_weights, _detached, _layer_skipped,
)  # fmt: skip
