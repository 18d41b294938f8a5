r"""The algebra of arrays of symbolic terms: (A B)_{rc} = sum_k A_{rk} B_{kc}, for all sizes at once.

The same operations as `arrays`, on terms of the calculus in place of numbers: a formula is read once, and
means numbers in one world and terms in another.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from sympy import Add, Dummy, Expr, Integer, Mul, Pow, Rational, Symbol

from symderive.calculus.terms import Bracket, Family, IndexSum
from symderive.formulas.arrays import ShapeError

Place = Callable[[Expr, Expr], Expr]


class Dim(NamedTuple):
    """A dimension: its name, and its size as a term."""

    name: str
    size: Expr

    def __str__(self) -> str:
        return self.name


ONE = Dim("1", Integer(1))


@dataclass(frozen=True)
class Array:
    """The entry at a row and a column."""

    rows: Dim
    cols: Dim
    at: Place

    @property
    def scalar(self) -> bool:
        """Whether it is one number."""
        return self.rows.name == "1" and self.cols.name == "1"

    @property
    def dims(self) -> tuple[str, str]:
        """The names of its dimensions."""
        return self.rows.name, self.cols.name

    @property
    def number(self) -> Expr:
        """The value of a scalar."""
        return self.at(Integer(1), Integer(1))

    def __str__(self) -> str:
        return f"{self.rows} x {self.cols} array" if not self.scalar else "number"


class Four:
    """The entries of a derivative, by four indices."""

    def __init__(self, at: Callable[[Expr, Expr, Expr, Expr], Expr]) -> None:
        self.at = at

    def __neg__(self) -> Four:
        return Four(lambda *i: -self.at(*i))

    def __rmul__(self, x: Any) -> Four:
        return Four(lambda *i: x * self.at(*i))


@dataclass(frozen=True)
class Jacobian:
    """du/dv of two arrays."""

    of: tuple[Dim, Dim]
    by: tuple[Dim, Dim]
    d: Four

    def __str__(self) -> str:
        (a, b), (c, e) = self.of, self.by
        return f"derivative of a {a} x {b} array by a {c} x {e} array"


def number(x: Any) -> Array:
    """A constant."""
    term = x if isinstance(x, Expr) else Rational(x)
    return Array(ONE, ONE, lambda r, c: term)


def ones(n: Dim) -> Array:
    """A column of ones."""
    return Array(n, ONE, lambda r, c: Integer(1))


def _joint(a: Array, b: Array) -> tuple[Dim, Dim]:
    def one(x: Dim, y: Dim) -> Dim:
        if x.name == y.name or y.name == "1":
            return x
        if x.name == "1":
            return y
        raise ShapeError(f"a {a} and a {b} do not fit entry by entry")

    return one(a.rows, b.rows), one(a.cols, b.cols)


def _entrywise(f: Callable[..., Expr], a: Array, b: Array) -> Array:
    rows, cols = _joint(a, b)
    return Array(rows, cols, lambda r, c: f(_at(a, r, c), _at(b, r, c)))


def _at(a: Array, r: Expr, c: Expr) -> Expr:
    """The entry, where numbers, rows and columns are spread."""
    return a.at(Integer(1) if a.rows.name == "1" else r, Integer(1) if a.cols.name == "1" else c)


def add(a: Array, b: Array) -> Array:
    """Entry by entry."""
    return _entrywise(Add, a, b)


def negative(a: Array) -> Array:
    """-a"""
    return Array(a.rows, a.cols, lambda r, c: -a.at(r, c))


def times(a: Array, b: Array) -> Array:
    """Entry by entry."""
    return _entrywise(Mul, a, b)


def summed(dim: Dim, f: Callable[[Expr], Expr]) -> Expr:
    """The sum of f over a dimension."""
    if dim.name == "1":
        return f(Integer(1))
    k = Dummy("k", integer=True)
    return IndexSum(f(k), (k, Integer(1), dim.size))


def matmul(a: Array, b: Array) -> Array:
    """The matrix product."""
    if a.cols.name != b.rows.name:
        raise ShapeError(f"a {a} times a {b}: expected as many columns as rows")
    return Array(a.rows, b.cols, lambda r, c: summed(a.cols, lambda k: a.at(r, k) * b.at(k, c)))


def transpose(a: Array) -> Array:
    """Rows and columns exchanged."""
    return Array(a.cols, a.rows, lambda r, c: a.at(c, r))


def reciprocal(a: Array) -> Array:
    """1/a, entry by entry."""
    return Array(a.rows, a.cols, lambda r, c: Pow(a.at(r, c), -1))


def power(a: Array, n: int) -> Array:
    """a^n, entry by entry."""
    return Array(a.rows, a.cols, lambda r, c: Pow(a.at(r, c), n))


def apply(f: Callable[[Expr, int], Expr], order: int, a: Array) -> Array:
    """A function entry by entry."""
    return Array(a.rows, a.cols, lambda r, c: f(a.at(r, c), order))


def extremum(a: Array, b: Array, sign: int) -> Array:
    """Not in the language of proofs."""
    raise ShapeError("a maximum has no term")


def diagonal(a: Array) -> Array:
    """The diagonal matrix of a vector."""
    if a.scalar or "1" not in a.dims:
        raise ShapeError(f"expected a vector on the diagonal, found a {a}")
    column = a.cols.name == "1"
    dim = a.rows if column else a.cols
    one = Integer(1)
    return Array(dim, dim, lambda r, c: Bracket.equal(r, c) * (a.at(r, one) if column else a.at(one, r)))


def entry(a: Array, r: Any, c: Any) -> Array:
    """One entry."""
    return Array(ONE, ONE, lambda i, j: a.at(_index(r), _index(c)))


def line(a: Array, n: Any) -> Array:
    """One row of a matrix, as a row."""
    return Array(ONE, a.cols, lambda r, c: a.at(_index(n), c))


def _index(x: Any) -> Expr:
    return x if isinstance(x, Expr) else Integer(x)


def total(a: Array, axis: int | None = None) -> Array:
    """The sum of all entries, or along rows (0) or columns (1)."""
    if axis is None:
        return number(summed(a.rows, lambda r: summed(a.cols, lambda c: a.at(r, c))))
    if axis == 0:
        return Array(ONE, a.cols, lambda r, c: summed(a.rows, lambda k: a.at(k, c)))
    return Array(a.rows, ONE, lambda r, c: summed(a.cols, lambda k: a.at(r, k)))


def _names(dims: tuple[Dim, Dim]) -> tuple[str, str]:
    return dims[0].name, dims[1].name


def chain(a: Array | Jacobian, b: Array | Jacobian) -> Array | Jacobian | None:
    """The product of two derivatives by the chain rule, in either order; None where they do not meet."""
    if isinstance(a, Jacobian) and isinstance(b, Jacobian):
        first, then = (a, b) if _names(a.by) == _names(b.of) else (b, a)
        if _names(first.by) != _names(then.of):
            return None
        p, q = first.d.at, then.d.at
        rows, cols = first.by

        def at(i: Expr, j: Expr, m: Expr, n: Expr) -> Expr:
            return summed(rows, lambda r: summed(cols, lambda c: p(i, j, r, c) * q(r, c, m, n)))

        return Jacobian(first.of, then.by, Four(at))
    if isinstance(a, Jacobian) and isinstance(b, Array):
        a, b = b, a
    if isinstance(a, Array) and isinstance(b, Jacobian) and a.dims == _names(b.of):
        left, right = a, b
        return Array(
            b.by[0], b.by[1],
            lambda m, n: summed(left.rows, lambda r: summed(left.cols, lambda c: left.at(r, c) *
            right.d.at(r, c, m, n))),
        )  # fmt: skip
    return None


def as_matrix(j: Jacobian) -> Array:
    """The matrix of the derivative of a vector by a vector."""
    one = Integer(1)
    if _names(j.by) == ("1", "1"):
        return Array(j.of[0], j.of[1], lambda r, c: j.d.at(r, c, one, one))
    rows = [n for n in (0, 1) if j.of[n].name != "1"]
    cols = [n for n in (0, 1) if j.by[n].name != "1"]
    if len(rows) != 1 or len(cols) != 1:
        raise ShapeError(f"expected the derivative of a vector by a vector, found the {j}")

    def at(r: Expr, c: Expr) -> Expr:
        of = (r, one) if rows == [0] else (one, r)
        by = (c, one) if cols == [0] else (one, c)
        return j.d.at(*of, *by)

    return Array(j.of[rows[0]], j.by[cols[0]], at)


def family(a: Array) -> Expr:
    """The entries of an array as an argument of a functional."""
    rows, cols = a.rows.name != "1", a.cols.name != "1"
    if not rows and not cols:
        return Family(a.number, (Symbol("r", integer=True), Integer(1), Integer(1)))
    r, c = Symbol("r", integer=True), Symbol("c", integer=True)
    body = a.at(r if rows else Integer(1), c if cols else Integer(1))
    if cols:
        body = Family(body, (c, Integer(1), a.cols.size))
    if rows:
        body = Family(body, (r, Integer(1), a.rows.size))
    return body


def only(e: Expr, k: int) -> Expr:
    """A value that has no term for its derivatives."""
    if k:
        raise ShapeError("no term for that derivative")
    return e


def log_derivative(z: Expr, k: int) -> Expr:
    """The k-th derivative of log, from the first."""
    found = 1 / z
    for n in range(1, k):
        found = -n * found / z
    return found
