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
| stale | pieces of an earlier call |
| updated_weights | W^{l+1} after its own update |

Factors, signs, clipping, other penalties and updated parameters are measured, not listed: see
measured_faults.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from symderive.evaluation import from_activation
from symderive.verification.backward import Change, Pieces
from symderive.verification.network import Array, known_activations
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

# sigma' in terms of a, as code writes it
IN_A: dict[str, Callable[[Array], Array]] = {
    "tanh": lambda a: 1 - a**2,
    "sigmoid": lambda a: a * (1 - a),
    "softplus": lambda a: 1 - np.exp(-a),
}


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


# ------------------------------------------------------------------------------------------ slopes


def with_slope(q: Quantities, l: int, slope: Array) -> Change:
    """The change that takes this for sigma'(z^l)."""
    if l < q.depth:
        return put("slopes", l, slope)
    return lambda p: replace(p, output=q.output_gradient * slope)


def slopes_at(q: Quantities, at: Callable[[int], Iterable[tuple[str, Array | None]]]) -> Iterator[Single]:
    """Changes of the slopes of every layer that has one."""
    for l in range(1, q.depth + 1):
        if q.slopes[l] is not None:
            for words, slope in at(l):
                if slope is None or slope.shape != q.z[l].shape or not np.all(np.isfinite(slope)):
                    continue
                of_another = words.startswith(("the slope of", "sigma'(z) of"))
                if not of_another or np.any(slope != 1):  # ones have a name of their own
                    yield l, words, with_slope(q, l, slope)


def hidden_too(name: str, singles: Iterable[Single], depth: int) -> Iterator[Fault]:
    """As `scoped`, and all hidden layers together."""
    found = list(singles)
    yield from scoped(name, found)
    hidden = [s for s in found if s[0] < depth]
    if len(hidden) > 1 and len(hidden) < len(found):
        yield from (f for f in scoped(name, hidden) if ", in layers " in f.words)


def _slope_at_activation(q: Quantities, old: Quantities) -> Iterator[Fault]:
    def at(l: int) -> Iterator[tuple[str, Array | None]]:
        f = q.slope_of[l]
        yield "sigma'(a) for sigma'(z)", None if f is None else np.asarray(f(q.a[l]))

    yield from hidden_too("slope_at_activation", slopes_at(q, at), q.depth)


def _slope_missing(q: Quantities, old: Quantities) -> Iterator[Fault]:
    singles = slopes_at(q, lambda l: [("sigma'(z) is left out", np.ones_like(q.z[l]))])
    yield from hidden_too("slope_missing", singles, q.depth)
    # dC/da of the layer above goes on in place of its delta
    for_delta = "dC/da^{l+1} for delta^{l+1}, without sigma'(z^{l+1}),"
    scale = 1.0 if q.slopes[q.depth] is None else q.slopes[q.depth]
    if np.allclose(q.output_gradient * scale, q.delta[q.depth]):
        passed: list[Single] = [(l, for_delta, put("before_slope", l, True)) for l in range(1, q.depth)]
        yield from scoped("slope_missing", passed)


def _slope_of_wrong_layer(q: Quantities, old: Quantities) -> Iterator[Fault]:
    def at(l: int) -> Iterator[tuple[str, Array | None]]:
        f = q.slope_of[l]
        for m in range(q.depth + 1):
            if m != l and f is not None and q.z[m].shape == q.z[l].shape:
                where = (
                    "the layer before" if m == l - 1 else "the layer after" if m == l + 1 else f"layer {m}"
                )
                yield f"sigma'(z) of {where}", np.asarray(f(q.z[m]))
                if q.network.names[l - 1] in IN_A:
                    yield f"the formula of sigma' in a, at a of {where}", IN_A[q.network.names[l - 1]](q.a[m])
                if m:
                    yield f"the slope of {where}", q.slopes[m]

    yield from hidden_too("slope_of_wrong_layer", slopes_at(q, at), q.depth)


def _wrong_slope(q: Quantities, old: Quantities) -> Iterator[Fault]:
    def at(l: int) -> Iterator[tuple[str, Array | None]]:
        own = q.network.names[l - 1]
        if own in IN_A:
            yield "the formula of sigma' in a, taken at z", IN_A[own](q.z[l])
        yield "sigma(z) for sigma'(z)", q.a[l]
        yield from _formulas(own, q.a[l], q.z[l])
        for f in known_activations():
            if f.name not in (own, "identity"):
                yield f"the slope of {f.name}", np.asarray(from_activation(f)[1](q.z[l]))
                yield f"the slope of {f.name} at a", np.asarray(from_activation(f)[1](q.a[l]))

    with np.errstate(all="ignore"):
        yield from hidden_too("wrong_slope", list(slopes_at(q, at)), q.depth)


def _formulas(own: str, a: Array, z: Array) -> Iterator[tuple[str, Array]]:
    """What is typed for sigma' in terms of a, or of z in its place, where it is another formula."""
    for letter, v in (("a", a), ("z", z)):
        if own != "tanh":
            yield f"1 - {letter}^2 for sigma'(z)", 1 - v**2
        if own != "sigmoid":
            yield f"{letter} (1 - {letter}) for sigma'(z)", v * (1 - v)
        yield f"1 - {letter} for sigma'(z)", 1 - v
        yield f"1 + {letter}^2 for sigma'(z)", 1 + v**2
        yield f"{letter}^2 for sigma'(z)", v**2
        yield f"(1 - {letter})^2 for sigma'(z)", (1 - v) ** 2
    yield "z for sigma'(z)", z


def _extra_slope(q: Quantities, old: Quantities) -> Iterator[Fault]:
    def at(l: int) -> Iterator[tuple[str, Array | None]]:
        slope = q.slopes[l]
        yield "sigma'(z) twice", None if slope is None else slope**2

    yield from hidden_too("extra_slope", slopes_at(q, at), q.depth)
    for f in known_activations():  # on the output of a cost that has it already
        if q.slopes[q.depth] is not None and f.name in ("sigmoid", "tanh"):
            slope = np.asarray(from_activation(f)[1](q.z[q.depth]))
            yield Fault(
                "extra_slope",
                f"the output's delta is multiplied by the slope of {f.name} once more",
                lambda p, slope=slope: replace(p, output=p.output * slope),  # type: ignore[misc]
                q.depth,
                f"the slope of {f.name} once more",
            )


def _kink(q: Quantities, old: Quantities) -> Iterator[Fault]:
    def at(l: int) -> Iterator[tuple[str, Array | None]]:
        slope = q.slopes[l]
        if slope is not None and np.any(q.z[l] == 0):
            for value in (0.0, 0.01, 0.5, 1.0):
                yield f"sigma'(0) is taken to be {value:g}", np.where(q.z[l] == 0, value, slope)

    kinked = [l for l in range(1, q.depth + 1) if "relu" in q.network.names[l - 1]]
    singles = [s for s in slopes_at(q, at) if s[0] in kinked]
    yield from hidden_too("kink_convention", singles, q.depth)


# ------------------------------------------------------------------------------------- the recursion


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
        singles = [
            (l, f"{named} is zero", chain([(l, put(where[k], l, data[k])) for k in kinds])) for l in layers
        ]
        yield from scoped("detached", singles)
        if q.decay:
            whole = [
                (l, f"{named} is zero", chain([(l, put("finish", (k, l), np.zeros_like)) for k in kinds]))
                for l in layers
            ]
            yield from scoped("detached", whole)


RECURSION: tuple[Row, ...] = (
    _slope_at_activation, _slope_missing, _slope_of_wrong_layer, _kink, _unit_sum_missing,
    _weights_not_transposed, _wrong_layer_weights, _detached, _layer_skipped, _wrong_slope, _extra_slope,
)  # fmt: skip
