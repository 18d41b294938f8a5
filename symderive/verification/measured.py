"""Factors that are measured: found = c * predicted for each parameter, and what c may be.

c = -1 is a sign; 1/N, N, 2, 1/2 and usual learning rates have names; 0 is a detached branch.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from symderive.verification.backward import Key, Part
from symderive.verification.network import Array
from symderive.verification.quantities import Quantities

RATES = (0.1, 0.01, 0.001, 0.0001, 0.5, 0.05, 0.005, 0.2, 0.02, 0.3, 0.03, 0.25)

Found = Mapping[Key, Array | None]


FLOOR = 1e-6  # of the largest gradient: what lies far below it is rounding


def floor_of(found: Found) -> float:
    """The size below which entries are compared with this size instead of their own."""
    sizes = (float(np.abs(v).max(initial=0)) for v in found.values() if v is not None)
    return FLOOR * max((s for s in sizes if np.isfinite(s)), default=0.0)


def close(a: Array, b: Array, tolerance: float, floor: float = 0.0) -> bool:
    """Whether two arrays have one shape and agree, relative to their largest entry, or to `floor`.

    Nothing agrees with nan or infinity, which would be as near to any number.

    >>> close(np.array([np.inf, 1.0]), np.array([2.0, 1.0]), 1e-9)
    False
    """
    if a.shape != b.shape:
        return False
    sizes = float(np.max(np.abs(a), initial=0)), float(np.max(np.abs(b), initial=0))
    if not all(map(math.isfinite, sizes)):
        return False
    return bool(np.max(np.abs(a - b), initial=0) <= tolerance * max(*sizes, floor))


def agrees(parts: Mapping[Key, Part], found: Found, tolerance: float) -> bool:
    """Whether every parameter's gradient is as predicted."""
    floor = floor_of(found)
    return all(
        v is not None and close(data + decay, v, tolerance, floor)
        for v, (data, decay) in ((found[k], parts[k]) for k in parts)
    )


def right(parts: Mapping[Key, Part], found: Found, tolerance: float) -> int:
    """How many parameters' gradients are as predicted."""
    floor = floor_of(found)
    return sum(
        (v := found[k]) is not None and close(d + r, v, tolerance, floor) for k, (d, r) in parts.items()
    )


@dataclass(frozen=True)
class Factors:
    """found = c * predicted, with c by parameter; None where any c would do.

    `data`: c is at the part of the data alone.
    """

    by_key: Mapping[Key, float | None]
    data: bool

    @property
    def distinct(self) -> tuple[float, ...]:
        """The factors other than 1."""
        values: list[float] = []
        for c in self.by_key.values():
            if c is not None and not any(_near(c, v) for v in (1.0, *values)):
                values.append(c)
        return tuple(values)

    def keys(self, c: float) -> list[Key]:
        """The parameters with this factor."""
        return [k for k, v in self.by_key.items() if v is not None and _near(v, c)]


def _near(c: float, d: float) -> bool:
    return abs(c - d) <= 1e-6 * max(abs(c), abs(d), 1e-9)


def factors(parts: Mapping[Key, Part], found: Found, tolerance: float, data: bool = False) -> Factors | None:
    """The factors by which all parameters' gradients are as predicted, if there are such.

    >>> k = ("W", 1)
    >>> one = np.ones((2, 2)); f = factors({k: (one, 0 * one)}, {k: -one}, 1e-9)
    >>> f.by_key if f else None
    {('W', 1): -1.0}
    """
    by_key: dict[Key, float | None] = {}
    for k, (d, r) in parts.items():
        v = found[k]
        if v is None or v.shape != d.shape or not np.all(np.isfinite(v)):
            return None
        base, rest = (d, r) if data else (d + r, np.zeros_like(d))
        size = float((base * base).sum())
        if size == 0:
            if not close(v, rest, tolerance):
                return None
            by_key[k] = None
            continue
        c = float(((v - rest) * base).sum()) / size
        # cancelling leaves what rounding left in the numbers that were subtracted
        loose = tolerance * max(1.0, float(np.abs(rest).max() / max(np.abs(c * base).max(), 1e-300)))
        if not close(c * base + rest, v, min(loose, 1e-3)):
            return None
        by_key[k] = 0.0 if abs(c) < 1e-12 else c
    return Factors(by_key, data)


def word(c: float, q: Quantities) -> tuple[str, str]:
    """The fault that a factor is, and the factor in words."""
    if c == 0:
        return "detached", "the gradient is zero"
    N, m = q.case.samples, q.network.widths[-1]
    named: dict[str, float] = {
        "1/N": 1 / N, "N": N, "2": 2, "1/2": 1 / 2, "2/N": 2 / N, "1/(2N)": 1 / (2 * N), "N/2": N / 2,
        f"1/n_L = 1/{m}": 1 / m, f"n_L = {m}": m, f"2/n_L = 2/{m}": 2 / m, "1/(N n_L)": 1 / (N * m),
        "2/(N n_L)": 2 / (N * m), "1/N^2": 1 / N**2, "N^2": N**2, "1/(N-1)": 1 / max(N - 1, 1), "4": 4,
        "1/4": 1 / 4,
    }  # fmt: skip
    size = abs(c)
    if N == 1:
        named = {w: v for w, v in named.items() if "N" not in w}
    if m == 1:
        named = {w: v for w, v in named.items() if "n_L" not in w}
    said = [w for w, v in named.items() if _near(size, v) and v != 1]
    if not said and any(_near(size, r) for r in RATES):
        said = [f"{size:.6g}, a learning rate"]
    elif any(_near(size, r) for r in RATES):
        said.append("a learning rate")
    if _near(size, 1.0):
        return "sign", "the sign is wrong"
    text = " or ".join(said) if said else f"{size:.6g}"
    return "factor", f"a factor {text}" + (", and the sign is wrong" if c < 0 else "")


def nice(c: float, q: Quantities) -> bool:
    """Whether the factor has a name."""
    name, words = word(c, q)
    return (
        name != "factor"
        or any(letter in words for letter in "NnL")
        or c in (2, 0.5, 4, 0.25)
        or "rate" in words
    )
