r"""Rows of the table of faults: delta^L, as it is taken from the output and the targets.

| name | delta^L |
|---|---|
| softmax_diagonal | p (1 - p) for the Jacobian of a softmax |
| wrong_output | f(z^L) - y with another f than the network's; a softmax over the samples |
| slope_missing | dC/dp of a cost of p = f(z^L), without the derivative of f |
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
from sympy import exp, log

from symderive.verification.faults import Fault, Row
from symderive.verification.network import SOFTMAX, Array
from symderive.verification.quantities import Quantities


def at_output(q: Quantities, name: str, words: str, value: Array) -> Fault:
    """The fault that takes this for delta^L."""
    return Fault(name, words, lambda p: replace(p, output=value), q.depth, words)


def softmax(z: Array, axis: int) -> Array:
    """exp(z) / sum exp(z).

    >>> softmax(np.zeros((1, 2)), 1).tolist()
    [[0.5, 0.5]]
    """
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return np.asarray(e / e.sum(axis=axis, keepdims=True))


def _softmax_diagonal(q: Quantities, old: Quantities) -> Iterator[Fault]:
    if not q.network.one_hot:
        return
    L = q.depth
    last = q.network.names[-1] == SOFTMAX
    p, slope = (q.a[L], 1.0) if last else (softmax(q.a[L], 1), q.slopes[L])
    y = q.case.y
    variants = {
        "dp_j/dz_j = p_j (1 - p_j) alone": -y * (1 - p),
        "p - y is multiplied by p (1 - p) once more": (p - y) * p * (1 - p),
        "p (1 - p) for all of it": p * (1 - p),
        "dp_j/dz_j = p_j alone": -y,
    }
    for words, output in variants.items():
        yield at_output(
            q, "softmax_diagonal", f"the softmax is taken as diagonal: {words}", np.asarray(output * slope)
        )
    with np.errstate(all="ignore"):
        words = "the derivative of the softmax is left out: dC/dp = -y/p for delta"
        yield at_output(q, "slope_missing", words, np.asarray(-y / p))


def _wrong_output(q: Quantities, old: Quantities) -> Iterator[Fault]:
    """Another function of z^L beside the targets, in the cost's own form (f(z) - y) times a slope."""
    z, y = q.z[q.depth], q.case.y
    functions: dict[str, Callable[[Array], Array]] = {
        "z": lambda v: v,
        "sigmoid(z)": lambda v: 1 / (1 + np.exp(-v)),
        "tanh(z)": np.tanh,
        "exp(z), not normalised,": np.exp,
        "the softmax of z": lambda v: softmax(v, 1),
        "the softmax over the samples": lambda v: softmax(v, 0),
        "the softmax of the outputs once more": lambda v: softmax(q.a[q.depth], 1),
    }
    own, slope = q.a[q.depth], q.slopes[q.depth]
    p = _of_logits(q)
    residual = own - y
    # what multiplies a^L - y in delta^L and in dC/da^L, read off them: a slope, a factor of the cost, or 1
    with np.errstate(all="ignore"):
        ratio, before = q.delta[q.depth] / residual, q.output_gradient / residual
    if p is None and (q.network.classes or not np.all(np.isfinite(ratio))):
        return
    plain = slope if slope is not None and np.any(slope != 1) else None
    for words, f in functions.items():
        with np.errstate(all="ignore"):
            value = f(z)
        if np.allclose(value, own if p is None else p, rtol=1e-9, atol=0.0):
            continue  # the network's own function
        if p is not None:
            yield at_output(q, "wrong_output", f"{words} for the outputs in delta^L = p - y", value - y)
        else:
            yield at_output(q, "wrong_output", f"{words} for a^L in a^L - y", np.asarray((value - y) * ratio))
            if plain is not None:
                text = f"{words} for a^L in a^L - y, and no sigma'(z^L)"
                yield at_output(q, "wrong_output", text, np.asarray((value - y) * before))


def _of_logits(q: Quantities) -> Array | None:
    """p with delta^L = p - y, for a cost of logits or a softmax; None for others, or a slope besides."""
    slope = q.slopes[q.depth]
    squared = not q.network.system.of(q.network.system.cost)[0].rhs.has(exp, log)
    if squared or (slope is not None and np.any(slope != 1)):
        return None
    return np.asarray(q.delta[q.depth] + q.case.y)


def _through_outputs(q: Quantities, old: Quantities) -> Iterator[Fault]:
    """dC/dp for a cost of logits, where the code takes p = f(z) for the outputs and leaves f' out."""
    p, z, y = _of_logits(q), q.z[q.depth], q.case.y
    if p is None or q.network.one_hot:
        return
    with np.errstate(all="ignore"):
        if q.network.classes:
            words = "the derivative of the sigmoid is left out: dC/dp = (p - y)/(p (1 - p)) for delta"
            yield at_output(q, "slope_missing", words, np.asarray((p - y) / (p * (1 - p))))
            words = "the term (1 - y) log(1 - p) of the cost is left out: delta^L = -y (1 - p)"
            yield at_output(q, "wrong_output", words, np.asarray(-y * (1 - p)))
        elif np.allclose(p, np.exp(z)):
            words = "the derivative of exp is left out: dC/dp = 1 - y/p for delta"
            yield at_output(q, "slope_missing", words, np.asarray(1 - y / p))


ROWS: tuple[Row, ...] = (_softmax_diagonal, _wrong_output, _through_outputs)
