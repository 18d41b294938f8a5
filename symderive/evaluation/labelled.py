"""Arrays whose axes are indices: (x_j y_k)_{jk} is the product of one with axis j and one with axis k."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from symderive.errors import SymderiveError

Array = NDArray[Any]


class EvaluationError(SymderiveError):
    """A term or definition without a value for what is given: the message says what is missing, and where."""


@dataclass(frozen=True)
class Axis:
    """The values lo..hi of an index that is an axis of arrays; `label` tells it from every other."""

    label: int
    lo: int
    hi: int

    @property
    def size(self) -> int:
        """How many values.

        >>> Axis(0, 1, 3).size, Axis(0, 1, -5).size
        (3, 0)
        """
        return max(0, self.hi - self.lo + 1)


@dataclass(frozen=True)
class Labelled:
    """An array with one axis for each index that it depends on; a plain Python number if it has none.

    Plain numbers leave the precision of the arrays that they meet alone.
    """

    array: Any
    axes: tuple[Axis, ...] = ()

    def over(self, axes: Sequence[Axis], *, full: bool = False) -> Array:
        """The array with exactly these axes in this order, of length 1 where it does not depend on one.

        >>> j, k = Axis(0, 1, 2), Axis(1, 1, 3)
        >>> Labelled(np.array([5, 6]), (j,)).over((k, j)).shape
        (1, 2)
        """
        if not axes:
            return self.array  # type: ignore[no-any-return]
        order = [self.axes.index(a) for a in axes if a in self.axes]
        array = np.asarray(self.array).transpose(order)
        array = array.reshape([a.size if a in self.axes else 1 for a in axes])
        return np.broadcast_to(array, [a.size for a in axes]) if full else array


def union(parts: Sequence[Labelled]) -> tuple[Axis, ...]:
    """Every axis of the parts, in order of appearance."""
    return tuple(dict.fromkeys(a for p in parts for a in p.axes))


def aligned(parts: Sequence[Labelled]) -> tuple[list[Any], tuple[Axis, ...]]:
    """The arrays of the parts, ready to be combined elementwise, and the axes of the result."""
    axes = union(parts)
    # a plain number stays one, so that it does not raise the precision of the others
    return [p.over(axes) if p.axes else p.array for p in parts], axes


def common_type(arrays: Sequence[Any]) -> np.dtype[Any]:
    """The type of a combination: brackets and index numbers leave the precision of the others alone.

    >>> common_type([np.ones(2, np.float32), np.arange(2)])
    dtype('float32')
    """
    kinds = [np.asarray(a).dtype for a in arrays]
    return np.result_type(*([t for t in kinds if t.kind in "fc"] or kinds))


def plus(parts: Sequence[Labelled]) -> Labelled:
    """The sum of the parts."""
    arrays, axes = aligned(parts)
    dense = [a for a in arrays if isinstance(a, np.ndarray)]
    kind = common_type(dense) if dense else None
    total: Any = 0
    for a in arrays:
        total = total + (a.astype(kind, copy=False) if isinstance(a, np.ndarray) else a)
    return Labelled(total, axes)


def contract(parts: Sequence[Labelled], summed: Sequence[Axis]) -> Labelled:
    """The product of the parts, summed over some axes: einsum.

    >>> j, k = Axis(0, 1, 2), Axis(1, 1, 3)
    >>> contract([Labelled(np.ones((2, 3)), (j, k)), Labelled(5)], [k]).array
    array([15., 15.])
    """
    scale: Any = 1
    arrays = []
    for p in parts:
        if p.axes:
            arrays.append(p)
        else:
            scale = scale * p.array
    axes = union(arrays)
    for a in summed:
        if a not in axes:
            scale = scale * a.size
    kept = tuple(a for a in axes if a not in summed)
    if not arrays:
        return Labelled(scale)
    # one type for all: integer brackets in between would keep einsum from calling the matrix product
    kind = common_type([p.array for p in arrays])
    operands: list[Any] = []
    for p in arrays:
        operands += [np.asarray(p.array, kind), [axes.index(a) for a in p.axes]]
    result = np.einsum(*operands, [axes.index(a) for a in kept], optimize=len(arrays) > 1)
    return Labelled(result if isinstance(scale, int) and scale == 1 else scale * result, kept)


def arbitrary(index: Sequence[Array], shape: tuple[int, ...]) -> Array:
    """What an entry outside its ranges is: some number for each index, the same each time, no use to anyone.

    >>> bool(arbitrary([np.array([4])], (1,))[0] == arbitrary([np.array([5])], (1,))[0])
    False
    """
    phase: Any = np.full(shape, 0.618)
    for p, i in enumerate(index):
        phase = phase + (p + 1.37) * i
    return np.asarray(2.0 + np.cos(phase))


def gather(array: Array, los: Sequence[int], index: Sequence[Labelled], what: str) -> Labelled:
    """array[index - los] for every value of the axes of the index; arbitrary numbers outside the array.

    >>> j = Axis(0, 1, 2)
    >>> gather(np.array([7, 8, 9]), [1], [Labelled(np.array([2, 3]), (j,))], "x").array
    array([8, 9])
    """
    starts = [_start(i, lo, n) for i, lo, n in zip(index, los, array.shape, strict=True)]
    axes = union(index)
    if all(s is not None for s in starts) and len(axes) == sum(len(i.axes) for i in index):
        picked = tuple(
            slice(s, s + i.axes[0].size) if s is not None and i.axes else s
            for s, i in zip(starts, index, strict=True)
        )
        return Labelled(array[picked], axes)
    shape = tuple(a.size for a in axes)
    positions = [_integers(i.over(axes), what) - lo for i, lo in zip(index, los, strict=True)]
    inside: Any = np.ones(shape, bool)
    for p, n in zip(positions, array.shape, strict=True):
        inside = inside & (p >= 0) & (p < n)
    if not np.any(inside):
        return Labelled(arbitrary(positions, shape), axes)
    clipped = tuple(np.clip(p, 0, n - 1) for p, n in zip(positions, array.shape, strict=True))
    values = np.broadcast_to(array[clipped], shape)
    if np.all(inside):
        return Labelled(values, axes)
    kind = array.dtype if array.dtype.kind in "fc" else np.dtype(float)
    return Labelled(np.where(inside, values, arbitrary(positions, shape)).astype(kind), axes)


def _start(i: Labelled, lo: int, size: int) -> int | None:
    """Where an index that runs through consecutive places of the axis starts; None if it does not."""
    if not i.axes:
        at = i.array
        return int(at) - lo if int(at) == at and 0 <= at - lo < size else None
    a = i.array
    if len(i.axes) > 1 or a.size == 0 or a.dtype.kind not in "iu" or not 0 <= a[0] - lo <= a[-1] - lo < size:
        return None
    return int(a[0]) - lo if np.all(a[1:] - a[:-1] == 1) else None


def _integers(values: Any, what: str) -> Array:
    a: Array = np.asarray(values)
    if a.dtype.kind in "iu":
        return a
    whole: Array = np.rint(a.real)
    if not np.all(whole == a):
        raise EvaluationError(f"expected integers as indices of {what}, found {a.ravel()[:3]}")
    return whole.astype(np.int64)
