r"""Optimisers by hand, on lists of NumPy arrays: w' = w - eta g, and its descendants.

A prime marks the value after the step, t counts the steps from 1, all operations are entry by entry.

| name         | states | rule                                                                               |
|--------------|--------|------------------------------------------------------------------------------------|
| gd           |        | w' = w - eta g                                                                     |
| heavy_ball   | v      | v' = mu v + g                     w' = w - eta v'                                  |
| nesterov     | v      | v' = mu v - eta g(w + mu v)       w' = w + v'                                      |
| adagrad      | s      | s' = s + g^2                      w' = w - eta g / (sqrt s' + eps)                 |
| rmsprop      | s      | s' = gamma s + (1 - gamma) g^2    w' = w - eta g / (sqrt s' + eps)                 |
| adam         | m, s   | m' = beta m + (1 - beta) g        w' = w - eta m^ / (sqrt s^ + eps)                |
|              |        | s' = gamma s + (1 - gamma) g^2    m^ = m' / (1 - beta^t),  s^ = s' / (1 - gamma^t) |
| sign_descent |        | w' = w - eta sgn g                                                                 |

Each of them may stand behind clipping of the global norm, g <- g min(1, radius / |g|) over all arrays,
then l2 weight decay, g <- g + l2 w, and may be followed by decoupled decay, w' <- w' - eta decay w (AdamW is
adam with decay). What is not asked for is not computed, so that arrays of exact fractions stay exact.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from symderive.errors import SymderiveError
from symderive.reference_arrays import Array

Arrays = Sequence[Array]
Numbers = Mapping[str, Any]
Rule = Callable[..., tuple[Array, ...]]


@dataclass(frozen=True)
class Row:
    """One line of the table: its states, its numbers with their usual values, and the rule of one array.

    The rule takes w, g, the states, the number of the step and the numbers; it gives w' and the new states.
    """

    states: tuple[str, ...]
    numbers: Mapping[str, Any]
    rule: Rule
    ahead: bool = False


@dataclass(frozen=True)
class State:
    """How many steps were taken, and for each array the arrays of its states."""

    count: int
    arrays: tuple[tuple[Array, ...], ...]


def _gd(w: Array, g: Array, t: int, h: Numbers) -> tuple[Array, ...]:
    return (w - h["eta"] * g,)


def _heavy_ball(w: Array, g: Array, v: Array, t: int, h: Numbers) -> tuple[Array, ...]:
    v = h["mu"] * v + g
    return w - h["eta"] * v, v


def _nesterov(w: Array, g: Array, v: Array, t: int, h: Numbers) -> tuple[Array, ...]:
    v = h["mu"] * v - h["eta"] * g
    return w + v, v


def _adagrad(w: Array, g: Array, s: Array, t: int, h: Numbers) -> tuple[Array, ...]:
    s = s + g * g
    return w - h["eta"] * g / (np.sqrt(s) + h["eps"]), s


def _rmsprop(w: Array, g: Array, s: Array, t: int, h: Numbers) -> tuple[Array, ...]:
    s = h["gamma"] * s + (1 - h["gamma"]) * g * g
    return w - h["eta"] * g / (np.sqrt(s) + h["eps"]), s


def _adam(w: Array, g: Array, m: Array, s: Array, t: int, h: Numbers) -> tuple[Array, ...]:
    m = h["beta"] * m + (1 - h["beta"]) * g
    s = h["gamma"] * s + (1 - h["gamma"]) * g * g
    corrected, scale = m / (1 - h["beta"] ** t), s / (1 - h["gamma"] ** t)
    return w - h["eta"] * corrected / (np.sqrt(scale) + h["eps"]), m, s


def _sign_descent(w: Array, g: Array, t: int, h: Numbers) -> tuple[Array, ...]:
    return (w - h["eta"] * np.sign(g),)


TABLE: Mapping[str, Row] = {
    "gd": Row((), {"eta": 0.1}, _gd),
    "heavy_ball": Row(("v",), {"eta": 0.1, "mu": 0.9}, _heavy_ball),
    "nesterov": Row(("v",), {"eta": 0.1, "mu": 0.9}, _nesterov, ahead=True),
    "adagrad": Row(("s",), {"eta": 0.01, "eps": 1e-8}, _adagrad),
    "rmsprop": Row(("s",), {"eta": 0.01, "gamma": 0.99, "eps": 1e-8}, _rmsprop),
    "adam": Row(("m", "s"), {"eta": 0.001, "beta": 0.9, "gamma": 0.999, "eps": 1e-8}, _adam),
    "sign_descent": Row((), {"eta": 0.001}, _sign_descent),
}
NAMES = tuple(TABLE)
OPTIONS = ("radius", "l2", "decay")


def start(name: str, parameters: Arrays) -> State:
    """No step taken, all states 0.

    >>> start("adam", [np.ones(2)]).arrays
    ((array([0., 0.]), array([0., 0.])),)
    """
    states = _row(name).states
    return State(0, tuple(tuple(np.zeros_like(p) for _ in states) for p in parameters))


def point(name: str, parameters: Arrays, state: State, numbers: Numbers | None = None) -> list[Array]:
    """Where the gradient is to be taken: w, and w + mu v for nesterov.

    >>> point("gd", [np.ones(2)], start("gd", [np.ones(2)]))
    [array([1., 1.])]
    """
    row, h = _row(name), _numbers(name, numbers)
    if not row.ahead:
        return list(parameters)
    return [w + h["mu"] * v for w, (v,) in zip(parameters, state.arrays, strict=True)]


def step(
    name: str, parameters: Arrays, gradients: Arrays, state: State, numbers: Numbers | None = None
) -> tuple[list[Array], State]:
    """Parameters and states after one step, from the gradients at `point`.

    - `numbers`: what differs from the usual values; "radius", "l2" and "decay" are off unless given. A number
      may be an array that fits every parameter, or a list with one for each: rates of single neurons.

    Raises SymderiveError for an unknown optimiser or number, and for arrays that do not fit each other.

    >>> step("gd", [np.array([1.0, 2.0])], [np.array([0.5, -1.0])], State(0, ((),)), {"eta": 2})[0]
    [array([0., 4.])]
    """
    row, h = _row(name), _numbers(name, numbers)
    if [np.shape(p) for p in parameters] != [np.shape(g) for g in gradients]:
        raise SymderiveError("optimiser: expected a gradient of the shape of each parameter, found another")
    at = point(name, parameters, state, numbers)
    if "radius" in h:
        gradients = clipped(gradients, h["radius"])
    found = []
    for n, (w, g, own) in enumerate(zip(parameters, gradients, state.arrays, strict=True)):
        here = {k: v[n] if isinstance(v, list) else v for k, v in h.items()}
        if "l2" in here:
            g = g + here["l2"] * at[n]
        new, *states = row.rule(w, g, *own, state.count + 1, here)
        if "decay" in here:
            new = new - here["eta"] * here["decay"] * w
        found.append((new, tuple(states)))
    return [w for w, _ in found], State(state.count + 1, tuple(s for _, s in found))


def clipped(gradients: Arrays, radius: Any) -> list[Array]:
    """All arrays times min(1, radius / |g|), where |g| is the norm over all of their entries.

    >>> clipped([np.array([3.0]), np.array([4.0])], 1.0)
    [array([0.6]), array([0.8])]
    """
    norm = np.sqrt(sum(np.sum(g * g) for g in gradients))
    return [g * min(1.0, radius / norm) if norm > 0 else g for g in gradients]


def _row(name: str) -> Row:
    if name not in TABLE:
        raise SymderiveError(f"optimiser: expected one of {', '.join(NAMES)}, found {name!r}")
    return TABLE[name]


def _numbers(name: str, given: Numbers | None) -> Numbers:
    usual = _row(name).numbers
    unknown = [k for k in given or {} if k not in usual and k not in OPTIONS]
    if unknown:
        known = ", ".join((*usual, *OPTIONS))
        raise SymderiveError(f"optimiser {name}: expected numbers of {known}, found {unknown[0]!r}")
    return {**usual, **(given or {})}
