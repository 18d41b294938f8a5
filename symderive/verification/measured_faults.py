"""Faults whose size is read off what was returned: factors, clipping, other penalties, updated parameters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from symderive.verification.backward import Change, Key, Part, Pieces
from symderive.verification.faults import Fault, put
from symderive.verification.measured import RATES, close, nice, word
from symderive.verification.network import Array
from symderive.verification.quantities import Quantities

FEWEST = 3  # numbers of a parameter from which two unknowns are read; from less, known rates alone


def ratio(v: Array, base: Array, rest: Array, tolerance: float) -> float | None:
    """c with v = c base + rest; None where there is none, or it is 0 or 1.

    >>> ratio(np.array([3.0, 5.0]), np.array([1.0, 2.0]), np.ones(2), 1e-9)
    2.0
    """
    size = float((base * base).sum()) if v.shape == base.shape else 0.0
    if size == 0:
        return None
    c = float(((v - rest) * base).sum()) / size
    if abs(c) < 1e-12 or abs(c - 1) < 1e-9 or not np.isfinite(c):
        return None
    loose = tolerance * max(1.0, float(np.abs(rest).max() / max(np.abs(c * base).max(), 1e-300)))
    return c if close(c * base + rest, v, min(loose, 1e-6)) else None


def of_delta(
    key: Key, part: Part, v: Array, q: Quantities, tolerance: float
) -> Iterator[tuple[float, Fault]]:
    """The factors that delta^l may have, by one gradient of its layer; they are at the part of the data."""
    c = ratio(v, part[0], part[1], tolerance)
    if c is not None and (v.size > 1 or nice(c, q)):
        name, words = word(c, q)
        yield c, Fault(name, words, _scaled_delta(key[1], c), key[1], f"{words} at delta^l")


def _scaled_delta(l: int, c: float) -> Change:
    def change(p: Pieces) -> Pieces:
        return p.put("slopes", l, c * p.slopes[l]) if l in p.slopes else replace(p, output=c * p.output)

    return change


def of_one_parameter(key: Key, part: Part, v: Array, q: Quantities, tolerance: float) -> Iterator[Fault]:
    """The faults by which one parameter's gradient, as made, becomes what was returned."""
    kind, l = key
    data, decay = part
    if v.shape != data.shape:
        return
    if not np.any(v):
        yield Fault("detached", "", put("finish", key, np.zeros_like), l, f"d{kind} is zero")
        return
    for rest, said in (
        (np.zeros_like(data), ""),
        *(((decay, " at the part of the data"),) if q.decay else ()),
    ):
        c = ratio(v, data + decay - rest, rest, tolerance)
        if c is not None and (v.size > 1 or nice(c, q)):
            yield _factor(key, c, q, said)
            return
    limit = float(np.abs(v).max())
    right = data + decay
    if v.size >= FEWEST and close(np.clip(right, -limit, limit), v, tolerance):
        words = f"every gradient is clipped at {limit:g}"
        yield Fault("clipped", "", partial(_clipped, limit=limit), 0, words)
        yield Fault("clipped", "", put("limits", key, limit), l, f"clipped at {limit:g}")
        return
    yield from _with_parameter(key, data, v, q, tolerance)


def _finished(key: Key, f: object) -> Change:
    return put("finish", key, f)


def _clipped(p: Pieces, limit: float) -> Pieces:
    """All gradients clipped, of which some stay as they are at this case."""
    return replace(p, limits=dict.fromkeys(p.finish, limit))


def _factor(key: Key, c: float, q: Quantities, said: str) -> Fault:
    kind, l = key
    name, words = word(c, q)
    if kind == "b" and not said and q.case.samples > 1 and abs(c * q.case.samples - 1) < 1e-6:
        name, words = "bias_mean", "db is the mean of delta over the samples, for the sum"
    else:
        words = f"{words} in d{kind}{said}"
    if not said:
        return Fault(name, "", _finished(key, lambda g: c * g), l, words)

    def change(p: Pieces) -> Pieces:
        if kind == "W":
            made = p.outer[l]
            return p.put("outer", l, lambda d, a: c * made(d, a))
        summed = p.summed[l]
        return p.put("summed", l, lambda d: c * summed(d))

    return Fault(name, "", change, l, words)


def _with_parameter(key: Key, data: Array, v: Array, q: Quantities, tolerance: float) -> Iterator[Fault]:
    """v = r data + c w: another penalty than the stated one, or the updated parameter for the gradient."""
    kind, l = key
    own = (q.case.weights if kind == "W" else q.case.biases)[l - 1]
    if v.size < FEWEST:
        for rate in (*RATES, 1.0):
            stepped = own - rate * (data + (q.decay * own if kind == "W" else 0.0))
            if close(stepped, v, tolerance):
                yield _updated(key, -rate, 1 - rate * (q.decay if kind == "W" else 0.0))
        return
    matrix = np.stack([data.ravel(), own.ravel()], axis=1)
    (r, c), _, rank, _ = np.linalg.lstsq(matrix, v.ravel(), rcond=1e-10)
    if rank < 2 or not close(r * data + c * own, v, max(tolerance, 1e-9)):
        return
    stated = q.decay if kind == "W" else 0.0
    letter = "w" if kind == "W" else "b"
    if r < 0 and abs(c - (1 + r * stated)) < 1e-7:
        yield _updated(key, float(r), float(c))
    elif abs(r - 1) < 1e-7 and abs(c) > 1e-9:
        text = f"{c:.6g} {letter} is added for a regularisation, where {_penalty(stated, letter)} is stated"
        yield Fault("regularisation_not_stated", "", _mixed(key, 1.0, float(c)), l, text)


def _updated(key: Key, r: float, c: float) -> Fault:
    text = f"the parameters after an update with the learning rate {-r:.6g}, for their gradients"
    return Fault("updated_parameters", "", _mixed(key, r, c), key[1], text)


def _penalty(stated: float, letter: str) -> str:
    return f"{stated:g} {letter}" if stated else "none"


def _mixed(key: Key, r: float, c: float) -> Change:
    """r times the part of the data, and c times the parameter, whichever the case."""
    kind, l = key

    def change(p: Pieces) -> Pieces:
        own = p.parameters[key]
        if kind == "W":
            made = p.outer[l]
            p = p.put("outer", l, lambda d, a: r * made(d, a))
        else:
            summed = p.summed[l]
            p = p.put("summed", l, lambda d: r * summed(d))
        return p.put("decay", key, c * own)

    return change
