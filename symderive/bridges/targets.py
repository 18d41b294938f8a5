"""Targets as (N, n_L): classes become one-hot rows, a vector becomes a column."""

from __future__ import annotations

from typing import Any

import numpy as np

from symderive.bridges.layout import Array, Layout, real
from symderive.errors import SymderiveError

CLASSES = ("softmax_cross_entropy", "cross_entropy")


def targets(y: Any, samples: int, outputs: int, cost: str, layout: Layout) -> Array:
    """y in the layout as rows; for a cross entropy a vector of classes 0..n-1 as one-hot rows.

    >>> from symderive.bridges.layout import named
    >>> targets([2, 0], 2, 3, "softmax_cross_entropy", named("rows")).tolist()
    [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    """
    array = real(y, "y")
    if array.ndim == 1 and cost in CLASSES and len(array) == samples:
        return one_hot(array, outputs)
    if array.ndim == 1:
        return array[:, None]
    return layout.samples(array)


def one_hot(labels: Array, classes: int) -> Array:
    """A row for each label; SymderiveError for a label that is no class.

    >>> one_hot(np.array([1]), 2).tolist()
    [[0.0, 1.0]]
    """
    wrong = (labels != np.round(labels)) | (labels < 0) | (labels >= classes)
    for i in np.flatnonzero(wrong)[:1]:
        raise SymderiveError(f"y: expected classes 0..{classes - 1}, found {labels[i]:g} of sample {i}")
    return np.asarray(labels[:, None] == np.arange(classes), dtype=float)
