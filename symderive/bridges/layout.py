r"""How a library lays out its arrays: samples as rows or columns, weights (n_{l-1}, n_l) or (n_l, n_{l-1}).

| layout | data | layer | weight |
|---|---|---|---|
| rows | x is (N, n_0) | z = a W + b | W is (n_{l-1}, n_l): scikit-learn, JAX and Keras |
| columns | x is (n_0, N) | z = W a + b | W is (n_l, n_{l-1}): most textbooks |
| torch | x is (N, n_0) | z = a W^T + b | W is (n_l, n_{l-1}) |

A bias is (n_l,); where it is given as (n_l, 1) or (1, n_l), gradients have that shape too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from symderive.errors import SymderiveError
from symderive.systems.numbers import shown

Array = NDArray[Any]


@dataclass(frozen=True)
class Layout:
    """`rows`: each sample is a row; `inputs_first`: W is (n_{l-1}, n_l).

    >>> named("rows").weight(np.zeros((4, 3))).shape, named("torch").weight(np.zeros((4, 3))).shape
    ((3, 4), (4, 3))
    """

    name: str
    rows: bool
    inputs_first: bool

    def weight(self, w: Array) -> Array:
        """W as w^l_{jk}, or back: (n_l, n_{l-1})."""
        return w.T if self.inputs_first else w

    def samples(self, x: Array) -> Array:
        """Data with a row for each sample."""
        return x if self.rows or x.ndim != 2 else x.T


_LAYOUTS = (Layout("rows", True, True), Layout("columns", False, False), Layout("torch", True, False))


def named(name: str) -> Layout:
    """The layout of this name; SymderiveError if there is none.

    >>> named("columns").rows
    False
    """
    for layout in _LAYOUTS:
        if layout.name == name:
            return layout
    known = ", ".join(layout.name for layout in _LAYOUTS)
    raise SymderiveError(f"layout: expected one of {known}, found {shown(name)}")


def array_of(value: Any) -> Array:
    """The value as a NumPy array: also a tensor that requires a gradient, and a sparse matrix.

    Raises what the library of the value raises, for a ragged list or a tensor without values.

    >>> array_of([[1, 2]]).shape
    (1, 2)
    """
    if hasattr(value, "detach") and hasattr(value, "cpu"):
        value = value.detach().cpu()
        try:
            return np.asarray(value.numpy())
        except TypeError:  # a type that NumPy has not, as bfloat16
            return np.asarray(value.double().numpy())
    return np.asarray(value.toarray() if hasattr(value, "toarray") else value)


def real(value: Any, what: str, copy: bool = False) -> Array:
    """An array of finite real numbers in double precision; SymderiveError, one line, for anything else.

    >>> real([1, 2], "x")
    array([1., 2.])
    """
    try:
        array = array_of(value)
    except Exception:  # ragged lists, tensors without values, whatever an array library raises
        raise SymderiveError(f"{what}: expected an array of numbers, found {shown(value)}") from None
    if np.ma.is_masked(value):
        raise SymderiveError(f"{what}: expected numbers without a mask, found masked ones")
    if array.dtype.kind not in "biuf":
        raise SymderiveError(f"{what}: expected real numbers, found the type {array.dtype}")
    if not np.all(np.isfinite(array)):
        raise SymderiveError(f"{what}: expected finite numbers, found NaN or infinity")
    return np.array(array, dtype=float) if copy else array.astype(float, copy=False)
