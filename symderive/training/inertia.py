r"""inertia(A) = (n_-, n_0, n_+): how many squares of each sign a quadratic form has, in exact fractions.

A symmetric matrix is brought to diagonal form by congruences A -> S A S^T, which Sylvester's law of inertia
allows: with a pivot a on the diagonal, A_{ij} - A_{ip} A_{pj} / a; where all diagonal entries left are 0, the
pair [[0, a], [a, 0]] is one square of each sign.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from symderive.errors import SymderiveError

Matrix = Sequence[Sequence[Fraction | int]]


class Inertia(NamedTuple):
    """The numbers of negative, zero and positive squares."""

    negative: int
    zero: int
    positive: int


def inertia(matrix: Matrix) -> Inertia:
    """The numbers of negative, zero and positive eigenvalues of a symmetric matrix, without rounding.

    Raises SymderiveError where the matrix is not square, not symmetric, or not of integers and fractions.
    Source: Bunch, Kaufman 1977 (pivots of size 1 and 2); Horn, Johnson 2013, theorem 4.5.8 (Sylvester).

    >>> inertia([[206, 496], [496, 1195]]), inertia([[0, 1], [1, 0]])
    (Inertia(negative=0, zero=0, positive=2), Inertia(negative=1, zero=0, positive=1))
    """
    a = _checked(matrix)
    negative = positive = 0
    left = list(range(len(a)))
    while left:
        p = next((i for i in left if a[i][i]), None)
        if p is not None:
            if a[p][p] > 0:
                positive += 1
            else:
                negative += 1
            left.remove(p)
            for i in left:
                c = a[i][p] / a[p][p]
                for j in left:
                    a[i][j] -= c * a[p][j]
            continue
        pair = next(((i, j) for i in left for j in left if a[i][j]), None)
        if pair is None:
            break
        p, q = pair
        positive, negative = positive + 1, negative + 1
        left.remove(p)
        left.remove(q)
        for i in left:
            up, uq = a[i][p] / a[p][q], a[i][q] / a[p][q]
            for j in left:
                a[i][j] -= up * a[q][j] + uq * a[p][j]
    return Inertia(negative, len(left), positive)


def _checked(matrix: Matrix) -> list[list[Fraction]]:
    rows = [list(row) for row in matrix]
    for i, row in enumerate(rows):
        if len(row) != len(rows):
            raise SymderiveError(f"expected a square matrix, found {len(rows)} rows and a row of {len(row)}")
        for j, value in enumerate(row):
            if isinstance(value, bool) or not isinstance(value, int | Fraction):
                raise SymderiveError(
                    f"expected integers or fractions, found {value!r} in row {i + 1}, column {j + 1}"
                )
    for i, row in enumerate(rows):
        for j in range(i):
            if row[j] != rows[j][i]:
                raise SymderiveError(
                    f"expected a symmetric matrix, found {row[j]} in row {i + 1}, column {j + 1} and "
                    f"{rows[j][i]} across the diagonal"
                )
    return [[Fraction(v) for v in row] for row in rows]


__all__ = ["Inertia", "inertia"]
