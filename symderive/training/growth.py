r"""What a small gap between tied neurons does, from the eigenvalues of B: growth per step, steps until seen.

A step of gradient descent multiplies the gap along an eigenvector by 1 - eta (mu + lambda); with momentum
beta the
gap follows g_{t+1} = (1 + beta - eta (mu + lambda)) g_t - beta g_{t-1}, and the factor is the larger root of
z^2 - (1 + beta - eta (mu + lambda)) z + beta.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def tied_groups(
    incoming: Array, bias: Array, outgoing: Array, tolerance: float = 0.0
) -> tuple[tuple[int, ...], ...]:
    """The neurons of a layer, counted from 1, with equal incoming weights, bias and outgoing weights.

    incoming (n, n_before), bias (n,), outgoing (n_after, n); two neurons belong together if no entry
    differs by
    more than the tolerance from that of the first of the group.

    >>> tied_groups(np.ones((3, 2)), np.array([1.0, 2.0, 1.0]), np.ones((1, 3)))
    ((1, 3),)
    """
    rows = np.column_stack([incoming, bias, outgoing.T])
    left, found = list(range(len(rows))), []
    while left:
        first, *rest = left
        group = [first, *(n for n in rest if np.max(np.abs(rows[n] - rows[first])) <= tolerance)]
        left = [n for n in rest if n not in group]
        if len(group) > 1:
            found.append(tuple(n + 1 for n in group))
    return tuple(found)


def factor(eigenvalue: float, rate: float, momentum: float = 0.0, decay: float = 0.0) -> float:
    """By how much a step multiplies the gap along an eigenvector, in absolute value, in the long run.

    >>> factor(-1.0, 0.5), round(factor(-1.0, 0.5, momentum=0.9), 6), factor(-1.0, 0.5, decay=1.0)
    (1.5, 1.934847, 1.0)
    """
    slope = rate * (eigenvalue + decay)
    if momentum == 0:
        return abs(1 - slope)
    middle = 1 + momentum - slope
    root = cmath.sqrt(middle * middle - 4 * momentum)
    return max(abs(middle + root), abs(middle - root)) / 2


def steps_until(growth: float, noise: float, visible: float) -> float:
    """The steps until noise is visible: log(visible / noise) / log(growth); infinite if it does not grow.

    >>> round(steps_until(1.1, 1e-16, 1e-3)), steps_until(0.9, 1e-16, 1e-3)
    (314, inf)
    """
    return math.log(visible / noise) / math.log(growth) if growth > 1 else math.inf


def fastest(eigenvalues: Sequence[float], rate: float, momentum: float, decay: float) -> float:
    """The largest factor of all eigenvalues.

    >>> fastest([-1.0, 3.0], 0.5, 0.0, 0.0)
    1.5
    """
    return max(factor(v, rate, momentum, decay) for v in eigenvalues)


__all__ = ["factor", "fastest", "steps_until", "tied_groups"]
