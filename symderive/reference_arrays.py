"""The arrays of the NumPy reference: float64, or complex128 where a number was complex; nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from symderive.errors import SymderiveError

Array = NDArray[Any]
Arrays = Sequence[ArrayLike]
Elementwise = Callable[[Array], Array]
OfRows = Callable[[Array, Array], Array]


def as_numbers(name: str, value: ArrayLike) -> Array:
    """The value as a float64 or complex128 array, copied. Errors, under that name: text or objects.

    >>> as_numbers("x", [[1, 2]])
    array([[1., 2.]])
    """
    array = np.asarray(value)
    if array.dtype.kind not in "biufc":
        raise SymderiveError(f"expected numbers in {name}, found the type {array.dtype}")
    return array.astype(np.complex128 if array.dtype.kind == "c" else np.float64)
