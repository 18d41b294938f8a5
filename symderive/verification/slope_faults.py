r"""Rows of the table of faults: what is taken for sigma'(z^l), and where it is left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import numpy as np

from symderive.evaluation import from_activation
from symderive.verification.backward import Change
from symderive.verification.faults import Fault, Row, Single, put, scoped
from symderive.verification.network import Array, known_activations
from symderive.verification.quantities import Quantities

# sigma' in terms of a, as code writes it
IN_A: dict[str, Callable[[Array], Array]] = {
    "tanh": lambda a: 1 - a**2,
    "sigmoid": lambda a: a * (1 - a),
    "softplus": lambda a: 1 - np.exp(-a),
}

PRODUCTS = ("gelu", "gelu_tanh", "silu")  # z times another function of z


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
    at_output = {words for l, words, _ in found if l == depth}
    hidden = [s for s in found if s[0] < depth and s[1] in at_output]
    yield from (f for f in scoped(name, hidden) if ", in layers " in f.words)


def _slope_at_activation(q: Quantities, old: Quantities) -> Iterator[Fault]:
    def at(l: int) -> Iterator[tuple[str, Array | None]]:
        f = q.slope_of[l]
        yield "sigma'(a) for sigma'(z)", None if f is None else np.asarray(f(q.a[l]))

    yield from hidden_too("slope_at_activation", slopes_at(q, at), q.depth)


def _slope_missing(q: Quantities, old: Quantities) -> Iterator[Fault]:
    def at(l: int) -> Iterator[tuple[str, Array | None]]:
        if np.any(q.slopes[l] != 1):  # a factor of 1 cannot be left out
            yield "sigma'(z) is left out", np.ones_like(q.z[l])

    singles = slopes_at(q, at)
    yield from hidden_too("slope_missing", singles, q.depth)
    # dC/da of the layer above goes on in place of its delta
    for_delta = "dC/da^{l+1} for delta^{l+1}, which has sigma'(z^{l+1})"
    scale = 1.0 if q.slopes[q.depth] is None else q.slopes[q.depth]
    above = q.depth if np.allclose(q.output_gradient * scale, q.delta[q.depth]) else q.depth - 1
    passed: list[Single] = [
        (l, for_delta, put("before_slope", l, True))
        for l in range(1, above)
        if (s := q.slopes[l + 1]) is not None and np.any(s != 1)
    ]
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
        if own in PRODUCTS:
            factor = q.a[l] / q.z[l]
            yield "sigma(z)/z alone for sigma'(z): a term of the product rule is left out", factor
            other = None if (slope := q.slopes[l]) is None else slope - factor
            yield "sigma'(z) - sigma(z)/z for sigma'(z): a term of the product rule is left out", other
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
        yield f"{letter} (1 + {letter}) for sigma'(z)", v * (1 + v)
        yield f"1 - {letter} for sigma'(z)", 1 - v
        yield f"1 + {letter} for sigma'(z)", 1 + v
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


ROWS: tuple[Row, ...] = (_slope_at_activation, _slope_missing, _slope_of_wrong_layer, _kink)
LAST: tuple[Row, ...] = (_wrong_slope, _extra_slope)  # what is looked for when nothing likelier fits
