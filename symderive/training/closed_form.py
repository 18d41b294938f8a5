r"""The linear network f = x sum_i v_i w_i under gradient flow: in closed form, and step by step.

With m the mean square of the input, s its mean product with the target, p = w + v and q = w - v:

    P = sum p(0)^2 / 4,  R = sum q(0)^2 / 4,  y = (s + sqrt(s^2 + 4 m^2 P R)) / (2 m P)
    w_i(inf) = (p_i(0) sqrt(y) + q_i(0) / sqrt(y)) / 2,   v_i(inf) = (p_i(0) sqrt(y) - q_i(0) / sqrt(y)) / 2
    v = w:  u(t) = s e^(2st/tau) / (m e^(2st/tau) - m + s / u(0))                      (Saxe et al. 2014)
"""

from __future__ import annotations

from collections.abc import Callable
from math import exp, log, sqrt

import numpy as np
from numpy.typing import ArrayLike

from symderive.claims.evidence import CheckFailed, Evidence
from symderive.errors import SymderiveError
from symderive.reference_arrays import Array

TOLERANCE = 1e-9


def _weights(w: ArrayLike, v: ArrayLike) -> tuple[Array, Array]:
    w, v = np.asarray(w, float), np.asarray(v, float)
    if w.ndim != 1 or w.shape != v.shape or not w.size:
        raise SymderiveError(
            f"w and v: expected two vectors of one length, found shapes {w.shape}, {v.shape}"
        )
    return w, v


def limit(w: ArrayLike, v: ArrayLike, s: float, m: float = 1.0) -> tuple[Array, Array]:
    """Where gradient flow from (w, v) ends: w and v, each of shape (H,); then m sum_i v_i w_i = s.

    Raises SymderiveError where w = -v: from there the flow does not reach the target s > 0.

    >>> w, v = limit([0.1, 0.3], [0.1, -0.1], s=3.0)
    >>> round(float(w @ v), 12), round(float((w + v)[0] / (w + v)[1]), 12)
    (3.0, 1.0)
    """
    w, v = _weights(w, v)
    p, q = w + v, w - v
    P, R = float(p @ p) / 4, float(q @ q) / 4
    if P == 0 or m <= 0:
        raise SymderiveError(
            f"expected w + v other than 0, and m > 0, found a norm of {2 * sqrt(P)} and m = {m}"
        )
    root = sqrt(s * s + 4 * m * m * P * R)
    # of the two forms of the root the one without a difference of nearly equal numbers
    y = (s + root) / (2 * m * P) if s >= 0 else 2 * m * R / (root - s)
    if y <= 0:
        raise SymderiveError(
            "expected w - v other than 0 for a target of s <= 0, found 0: the weights go to 0"
        )
    g = sqrt(y)
    return (p * g + q / g) / 2, (p * g - q / g) / 2


def saxe(t: float, s: float, u0: float, tau: float = 1.0, m: float = 1.0) -> float:
    """u(t) for tau u' = 2 u (s - m u), u(0) = u0 > 0: the output where v = w.

    >>> saxe(0, 3, 0.001), round(saxe(2.10019, 3, 0.001) / 3, 6)
    (0.001, 0.99)
    """
    if u0 <= 0 or s <= 0 or tau <= 0 or m <= 0:
        raise SymderiveError(f"expected s, u0, tau and m above 0, found {s}, {u0}, {tau}, {m}")
    decayed = exp(-2 * s * t / tau)  # in this form nothing grows
    return s / (m - m * decayed + s / u0 * decayed)


def saxe_time(u: float, s: float, u0: float, tau: float = 1.0, m: float = 1.0) -> float:
    """When the output is u: t = tau / (2 s) log( u (s - m u0) / (u0 (s - m u)) ).

    >>> round(saxe_time(0.99 * 3, 3, 0.001), 5)
    2.10019
    """
    if not 0 < u0 < s / m or not 0 < u < s / m:
        raise SymderiveError(f"expected u and u0 between 0 and s / m = {s / m}, found {u} and {u0}")
    return tau / (2 * s) * log(u * (s - m * u0) / (u0 * (s - m * u)))


def runge_kutta(f: Callable[[Array], Array], start: ArrayLike, time: float, steps: int) -> Array:
    """theta(time) for theta' = f(theta), by the classical rule of order 4: an error of order (time/steps)^4.

    >>> abs(float(runge_kutta(lambda x: -x, [1.0], 1.0, 100)[0]) - exp(-1)) < 1e-9
    True
    """
    theta, h = np.array(start, float), time / steps
    for _ in range(steps):
        a = f(theta)
        b = f(theta + h / 2 * a)
        c = f(theta + h / 2 * b)
        d = f(theta + h * c)
        theta = theta + h / 6 * (a + 2 * b + 2 * c + d)
    return theta


def flow(
    w: ArrayLike, v: ArrayLike, x: ArrayLike, y: ArrayLike, time: float, steps: int
) -> tuple[Array, Array]:
    """(w, v) after this time of gradient flow on the mean of (f - y)^2 / 2, from the data themselves.

    Nothing of the closed form is used here: the gradient is written down sample by sample.

    >>> w, v = flow([0.1, 0.3], [0.1, -0.1], [1.0, -1.0], [3.0, -3.0], 8.0, 400)
    >>> bool(np.allclose(limit([0.1, 0.3], [0.1, -0.1], 3.0), (w, v)))
    True
    """
    w, v = _weights(w, v)
    xs, ys = np.asarray(x, float), np.asarray(y, float)

    def downhill(theta: Array) -> Array:
        w, v = theta
        errors = xs * float(v @ w) - ys
        g = float(np.mean(errors * xs))
        return np.stack((-g * v, -g * w))

    end = runge_kutta(downhill, np.stack((w, v)), time, steps)
    return end[0], end[1]


def _evidence(error: float, text: str, seed: int) -> Evidence:
    if not error <= TOLERANCE:
        raise CheckFailed(f"{text}: expected a relative difference of at most {TOLERANCE}, found {error}")
    return Evidence("numeric", text, error, seed=seed)


def evidence(seed: int) -> tuple[Evidence, ...]:
    """The limit, the conserved ratio and Saxe's formula against flows of a random network, integrated.

    >>> [e.status for e in evidence(1)]
    ['numeric', 'numeric', 'numeric']
    """
    rng = np.random.default_rng(seed)
    w, v = rng.normal(size=(2, 5)) / 2
    x = rng.normal(size=7)
    y = 2 * x + rng.normal(size=7) / 4
    m, s = float(np.mean(x * x)), float(np.mean(x * y))
    end = np.stack(flow(w, v, x, y, 16 / s, 2_000))
    limits = np.stack(limit(w, v, s, m))
    found = [
        _evidence(
            float(np.max(np.abs(end - limits)) / np.max(np.abs(limits))),
            "limit formula and the flow of 5 neurons, integrated by Runge and Kutta", seed,
        )
    ]  # fmt: skip
    half = np.stack(flow(w, v, x, y, 1 / s, 200))
    p, p_start = half.sum(axis=0), w + v
    found.append(
        _evidence(
            float(np.max(np.abs(np.outer(p, p_start) - np.outer(p_start, p))) / np.max(np.abs(p))),
            "ratios of sums on the way", seed,
        )
    )  # fmt: skip
    small = np.full(5, 0.05)
    w, v = flow(small, small, x, y, 1 / s, 200)
    u = saxe(1 / s, s, float(small @ small), m=m)
    found.append(
        _evidence(abs(float(w @ v) - u) / u, "Saxe's formula and the flow of balanced neurons", seed)
    )
    return tuple(found)


__all__ = ["evidence", "flow", "limit", "runge_kutta", "saxe", "saxe_time"]
