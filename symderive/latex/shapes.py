r"""Vectors and matrices by their entries: (A B)_{rc} = sum_k A_{rk} B_{kc}, (u \odot v)_r = u_r v_r.

This is how a matrix formula that was read becomes a component formula. A vector is one column.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sympy import Dummy, Expr, Integer, Mul, expand

from symderive.calculus.atoms import TensorSymbol
from symderive.calculus.terms import Bracket, Entry, Family, IndexSum
from symderive.latex.notation import LatexError

Range = tuple[Expr, Expr]
ONE = Integer(1)


@dataclass(frozen=True)
class Array:
    """Rows and columns (None: there is one), and the entry at a row and a column.

    `leaf`: the tensor and its written indices, where the array is nothing but a tensor with indices left out;
    `scale`: for a diagonal matrix, the vector that stands on it.
    """

    rows: Range | None
    cols: Range | None
    at: Callable[[Expr, Expr], Expr]
    leaf: tuple[TensorSymbol, tuple[Expr, ...]] | None = None
    scale: Array | None = None

    def __str__(self) -> str:
        return f"{_size(self.rows)} x {_size(self.cols)} array"


Value: TypeAlias = Expr | Array


def _size(r: Range | None) -> str:
    if r is None:
        return "1"
    lo, hi = r
    return str(hi) if lo == 1 else f"({lo}..{hi})"


def of_tensor(t: TensorSymbol, index: Sequence[Expr], sizes: Mapping[Any, Any]) -> Array:
    """The array of a tensor's entries whose first indices are given: one or two are left."""
    written = tuple(index)
    missing = t.rank - len(written)
    if missing not in (1, 2):
        raise LatexError(f"expected at most two indices to be left out of {t}, found {missing}")
    rows, cols = _limits(t, written, missing, sizes)
    if missing == 1:
        return Array(rows, None, lambda r, c: t[(*written, r)], (t, written))
    return Array(rows, cols, lambda r, c: t[(*written, r, c)], (t, written))


def _limits(
    t: TensorSymbol, written: tuple[Expr, ...], missing: int, sizes: Mapping[Any, Any]
) -> tuple[Range | None, Range | None]:
    names = [Dummy("r", integer=True) for _ in range(missing)]
    found: list[Range] = []
    for lo, hi in t.ranges(*written, *names)[len(written) :]:
        if (lo.free_symbols | hi.free_symbols) & set(names):
            raise LatexError(f"expected a rectangular array, but a range of {t} depends on another index")
        found.append((expand(lo.xreplace(dict(sizes))), expand(hi.xreplace(dict(sizes)))))
    return found[0], found[1] if missing == 2 else None


def as_family(a: Array) -> Expr:
    """The family of scalars that the entries of a tensor are."""
    if a.leaf is None:
        raise LatexError(r"expected a tensor, or a family \left(..\right)_{j=1}^{n}, as an argument")
    t, written = a.leaf
    rank = t.rank - len(written)
    names = [Dummy("u", integer=True) for _ in range(rank)]
    body: Expr = Entry(t, *written, *names)
    # the array's own limits: they have the values of the widths
    for k, limits in reversed(list(zip(names, (a.rows, a.cols)[:rank], strict=True))):
        assert limits is not None
        body = Family(body, (k, *limits))
    return body


def ones(n: Expr) -> Array:
    """The vector of n ones."""
    return Array((ONE, n), None, lambda r, c: ONE)


def diagonal(v: Array) -> Array:
    """The diagonal matrix of a vector."""
    if v.cols is not None or v.rows is None:
        raise LatexError(f"expected a vector on the diagonal, found a {v}")
    return Array(v.rows, v.rows, lambda r, c: Bracket.equal(r, c) * v.at(r, ONE), None, v)


def transpose(a: Value) -> Value:
    """Rows and columns exchanged."""
    if not isinstance(a, Array):
        raise LatexError(f"expected a vector or a matrix to transpose, found the scalar {a}")
    return Array(a.cols, a.rows, lambda r, c: a.at(c, r), None, a.scale)


def product(a: Value, b: Value) -> Value:
    """The matrix product, or a multiple by a scalar."""
    if not isinstance(a, Array) or not isinstance(b, Array):
        if isinstance(a, Array):
            a, b = b, a
        if not isinstance(b, Array):
            return a * b
        scalar, array = a, b
        scaled = None if array.scale is None else product(scalar, array.scale)
        return Array(array.rows, array.cols, lambda r, c: scalar * array.at(r, c), None, scaled)
    if a.cols != b.rows:
        raise LatexError(f"cannot multiply a {a} by a {b}: expected as many rows as columns")
    left, right, inner = a, b, a.cols
    if left.scale is not None and right.scale is not None:
        return diagonal(entrywise("product", Mul, left.scale, right.scale))
    if left.scale is not None:
        on = left.scale
        return Array(a.rows, b.cols, lambda r, c: on.at(r, ONE) * right.at(r, c))
    if right.scale is not None:
        off = right.scale
        return Array(a.rows, b.cols, lambda r, c: left.at(r, c) * off.at(c, ONE))

    def at(r: Expr, c: Expr) -> Expr:
        if inner is None:
            return left.at(r, ONE) * right.at(ONE, c)
        k = Dummy("k", integer=True)
        return IndexSum(left.at(r, k) * right.at(k, c), (k, *inner))

    return _reduced(Array(a.rows, b.cols, at))


def _reduced(a: Array) -> Value:
    return a.at(ONE, ONE) if a.rows is None and a.cols is None else a


def entrywise(what: str, f: Callable[..., Expr], *values: Value) -> Value:
    """f of the entries at the same place; scalars and arrays do not mix."""
    arrays = [v for v in values if isinstance(v, Array)]
    if not arrays:
        return f(*values)
    if len(arrays) != len(values):
        raise LatexError(f"cannot take the {what} of a {arrays[0]} and a scalar")
    first = arrays[0]
    for other in arrays[1:]:
        if (other.rows, other.cols) != (first.rows, first.cols):
            raise LatexError(f"cannot take the {what} of a {first} and a {other}")
    return Array(first.rows, first.cols, lambda r, c: f(*(a.at(r, c) for a in arrays)))
