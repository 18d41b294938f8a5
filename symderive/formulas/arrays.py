r"""Numbers, vectors and matrices of exact numbers, each with its derivatives along some directions.

An array has dimensions with names: two that happen to have one size are not the same. So what fits at widths
1-1-1 fits at all widths, and what does not fit never does. Scalars have both dimensions 1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from symderive.errors import SymderiveError


class Dim(NamedTuple):
    """A dimension: its name (n_2), and its size here."""

    name: str
    size: int

    def __str__(self) -> str:
        return self.name


ONE = Dim("1", 1)
Numbers = Any  # an ndarray of Python numbers


class ShapeError(SymderiveError):
    """Arrays that do not fit: what was expected, what was found."""


class NoValue(SymderiveError):
    """A number that does not exist, such as 1/0, or that no exact arithmetic has."""


@dataclass(frozen=True)
class Array:
    """Entries `v` (rows x cols), and their derivatives `t` along k directions (k x rows x cols; None: 0)."""

    rows: Dim
    cols: Dim
    v: Numbers
    t: Numbers | None = None

    @property
    def scalar(self) -> bool:
        """Whether it is one number."""
        return self.rows.name == "1" and self.cols.name == "1"

    @property
    def dims(self) -> tuple[str, str]:
        """The names of its dimensions."""
        return self.rows.name, self.cols.name

    @property
    def number(self) -> Any:
        """The value of a scalar."""
        return self.v[0, 0]

    def __str__(self) -> str:
        return f"{self.rows} x {self.cols} array" if not self.scalar else "number"


def number(x: Any) -> Array:
    """A constant."""
    v = np.empty((1, 1), dtype=object)
    v[0, 0] = x
    return Array(ONE, ONE, v)


def ones(n: Dim) -> Array:
    """A column of ones."""
    return full(n, ONE, lambda r, c: 1)


def full(rows: Dim, cols: Dim, f: Callable[[int, int], Any]) -> Array:
    """The array with these entries, counted from 1."""
    v = np.empty((rows.size, cols.size), dtype=object)
    for r in range(rows.size):
        for c in range(cols.size):
            v[r, c] = f(r + 1, c + 1)
    return Array(rows, cols, v)


def _tangent(parts: Sequence[Numbers | None]) -> Numbers | None:
    found = [p for p in parts if p is not None]
    if not found:
        return None
    total = found[0]
    for p in found[1:]:
        total = total + p
    return total


def _joint(a: Array, b: Array) -> tuple[Dim, Dim]:
    """The dimensions of an entrywise operation; numbers, rows and columns are spread."""

    def one(x: Dim, y: Dim) -> Dim:
        if x.name == y.name or y.name == "1":
            return x
        if x.name == "1":
            return y
        raise ShapeError(f"a {a} and a {b} do not fit entry by entry")

    return one(a.rows, b.rows), one(a.cols, b.cols)


def _spread(t: Numbers | None, rows: Dim, cols: Dim) -> Numbers | None:
    if t is None or t.shape[1:] == (rows.size, cols.size):
        return t
    return np.broadcast_to(t, (t.shape[0], rows.size, cols.size))


def add(a: Array, b: Array) -> Array:
    """Entry by entry."""
    rows, cols = _joint(a, b)
    return Array(rows, cols, a.v + b.v, _tangent([_spread(a.t, rows, cols), _spread(b.t, rows, cols)]))


def negative(a: Array) -> Array:
    """-a"""
    return Array(a.rows, a.cols, -a.v, None if a.t is None else -a.t)


def times(a: Array, b: Array) -> Array:
    """Entry by entry, numbers spread."""
    rows, cols = _joint(a, b)
    parts = [None if a.t is None else a.t * b.v, None if b.t is None else b.t * a.v]
    return Array(rows, cols, a.v * b.v, _tangent(parts))


def matmul(a: Array, b: Array) -> Array:
    """The matrix product."""
    if a.cols.name != b.rows.name:
        raise ShapeError(f"a {a} times a {b}: expected as many columns as rows")
    parts = [None if a.t is None else a.t @ b.v, None if b.t is None else a.v @ b.t]
    return Array(a.rows, b.cols, a.v @ b.v, _tangent(parts))


def transpose(a: Array) -> Array:
    """Rows and columns exchanged."""
    return Array(a.cols, a.rows, a.v.T, None if a.t is None else a.t.transpose(0, 2, 1))


def _over(x: Any, y: Any) -> Any:
    if y == 0:
        raise NoValue("division by zero")
    if isinstance(x, float) or isinstance(y, float):
        return x / y
    found = Fraction(x) / y
    return found.numerator if found.denominator == 1 else found


_divide = np.frompyfunc(_over, 2, 1)


def reciprocal(a: Array) -> Array:
    """1/a, entry by entry."""
    v = _divide(1, a.v)
    return Array(a.rows, a.cols, v, None if a.t is None else -a.t * v * v)


BITS = 200_000


def _bits(x: int | Fraction) -> int:
    return max(x.numerator.bit_length(), x.denominator.bit_length())


def power(a: Array, n: int) -> Array:
    """a^n, entry by entry, for a whole number n."""
    if n < 0:
        return reciprocal(power(a, -n))
    if any(isinstance(x, int | Fraction) and _bits(x) * n > BITS for x in a.v.reshape(-1)):
        raise NoValue("numbers too long")
    v = np.ones_like(a.v) if n == 0 else a.v**n
    if a.t is None or n == 0:
        return Array(a.rows, a.cols, v)
    return Array(a.rows, a.cols, v, n * a.v ** (n - 1) * a.t)


def apply(f: Callable[[Any, int], Any], order: int, a: Array) -> Array:
    """A function entry by entry: f(z, k) is its k-th derivative at z."""
    at = np.frompyfunc(lambda z: f(z, order), 1, 1)
    v = at(a.v)
    if a.t is None:
        return Array(a.rows, a.cols, v)
    slope = np.frompyfunc(lambda z: f(z, order + 1), 1, 1)
    return Array(a.rows, a.cols, v, slope(a.v) * a.t)


def extremum(a: Array, b: Array, sign: int) -> Array:
    """The greater (sign 1) or smaller (-1) of two, entry by entry; no derivative where both are equal."""
    rows, cols = _joint(a, b)
    first = np.frompyfunc(lambda x, y: int(sign * (x - y) > 0), 2, 1)(a.v, b.v)
    moves = a.t is not None or b.t is not None
    if moves and (np.broadcast_to(a.v, first.shape) == np.broadcast_to(b.v, first.shape)).any():
        raise NoValue("no derivative of a maximum where both are equal")
    pick = Array(rows, cols, first)
    return add(times(pick, a), times(add(number(1), negative(pick)), b))


def diagonal(a: Array) -> Array:
    """The diagonal matrix of a vector."""
    if a.scalar or "1" not in a.dims:
        raise ShapeError(f"expected a vector on the diagonal, found a {a}")
    dim = a.rows if a.cols.name == "1" else a.cols
    n = dim.size
    v = np.zeros((n, n), dtype=object)
    v[range(n), range(n)] = a.v.reshape(n)
    t = None
    if a.t is not None:
        t = np.zeros((a.t.shape[0], n, n), dtype=object)
        t[:, range(n), range(n)] = a.t.reshape(-1, n)
    return Array(dim, dim, v, t)


def entry(a: Array, r: int, c: int) -> Array:
    """One entry, counted from 1."""
    if not (1 <= r <= a.rows.size and 1 <= c <= a.cols.size):
        raise ShapeError(f"a {a} has no entry ({r}, {c})")
    return Array(ONE, ONE, a.v[r - 1 : r, c - 1 : c], None if a.t is None else a.t[:, r - 1 : r, c - 1 : c])


def line(a: Array, n: int) -> Array:
    """One row of a matrix, as a row."""
    if not 1 <= n <= a.rows.size:
        raise ShapeError(f"a {a} has no row {n}")
    return Array(ONE, a.cols, a.v[n - 1 : n, :], None if a.t is None else a.t[:, n - 1 : n, :])


def total(a: Array, axis: int | None = None) -> Array:
    """The sum of all entries, or along rows (0) or columns (1)."""
    if axis is None:
        v = np.empty((1, 1), dtype=object)
        v[0, 0] = a.v.sum()
        return Array(ONE, ONE, v, None if a.t is None else a.t.sum(axis=(1, 2)).reshape(-1, 1, 1))
    v = a.v.sum(axis=axis, keepdims=True)
    t = None if a.t is None else a.t.sum(axis=axis + 1, keepdims=True)
    return Array(ONE if axis == 0 else a.rows, ONE if axis == 1 else a.cols, v, t)


def independent(a: Array) -> Array:
    """The array, with the directions of its own entries."""
    r, c = a.v.shape
    t = np.zeros((r * c, r, c), dtype=object)
    for n in range(r * c):
        t[n, n // c, n % c] = 1
    return Array(a.rows, a.cols, a.v, t)


@dataclass(frozen=True)
class Jacobian:
    """du/dv of two arrays: `d` has the entries of u in the first two places, those of v in the last two."""

    of: tuple[Dim, Dim]
    by: tuple[Dim, Dim]
    d: Numbers

    def __str__(self) -> str:
        (a, b), (c, e) = self.of, self.by
        return f"derivative of a {a} x {b} array by a {c} x {e} array"


def derivative(u: Array, v: tuple[Dim, Dim]) -> Array | Jacobian:
    """From u with the directions of v's entries: du/dv."""
    k = v[0].size * v[1].size
    t = u.t if u.t is not None else np.zeros((k, *u.v.shape), dtype=object)
    shape = (v[0].size, v[1].size)
    if u.scalar:
        return Array(v[0], v[1], t[:, 0, 0].reshape(shape))
    return Jacobian((u.rows, u.cols), v, t.transpose(1, 2, 0).reshape((*u.v.shape, *shape)))


def _names(dims: tuple[Dim, Dim]) -> tuple[str, str]:
    return dims[0].name, dims[1].name


def chain(a: Array | Jacobian, b: Array | Jacobian) -> Array | Jacobian | None:
    """The product of two derivatives by the chain rule, in either order; None where they do not meet."""
    if isinstance(a, Jacobian) and isinstance(b, Jacobian):
        if _names(a.by) == _names(b.of):
            return Jacobian(a.of, b.by, np.tensordot(a.d, b.d, 2))
        if _names(b.by) == _names(a.of):
            return Jacobian(b.of, a.by, np.tensordot(b.d, a.d, 2))
        return None
    if isinstance(a, Jacobian) and isinstance(b, Array):
        a, b = b, a
    if isinstance(a, Array) and isinstance(b, Jacobian) and a.dims == _names(b.of):
        return Array(b.by[0], b.by[1], np.tensordot(a.v, b.d, 2))
    return None


def at_component(j: Jacobian, r: int, c: int) -> Jacobian:
    """The derivative by one entry."""
    return Jacobian(j.of, (ONE, ONE), j.d[:, :, r - 1 : r, c - 1 : c])


def as_matrix(j: Jacobian) -> Array:
    """The matrix of the derivative of a vector by a vector: a row for each entry of the first."""
    if _names(j.by) == ("1", "1"):
        return Array(j.of[0], j.of[1], j.d[:, :, 0, 0])
    rows = [d for d in j.of if d.name != "1"]
    cols = [d for d in j.by if d.name != "1"]
    if len(rows) != 1 or len(cols) != 1:
        raise ShapeError(f"expected the derivative of a vector by a vector, found the {j}")
    return Array(rows[0], cols[0], j.d.reshape(rows[0].size, cols[0].size))
