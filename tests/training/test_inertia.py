"""Inertia in fractions against eigenvalues, against the formula for [[P, Q], [Q^T, 0]], and its refusals."""

from __future__ import annotations

import random
from fractions import Fraction

import numpy as np
import pytest
import sympy

from symderive.errors import SymderiveError
from symderive.training.inertia import inertia

Rows = list[list[Fraction]]


def fractions(rng: random.Random, rows: int, columns: int, zeros: float = 0.3) -> Rows:
    def one() -> Fraction:
        return Fraction(0) if rng.random() < zeros else Fraction(rng.randint(-4, 4), rng.randint(1, 4))

    return [[one() for _ in range(columns)] for _ in range(rows)]


def symmetric(rng: random.Random, n: int) -> Rows:
    a = fractions(rng, n, n)
    return [[a[min(i, j)][max(i, j)] for j in range(n)] for i in range(n)]


@pytest.mark.parametrize("seed", range(60))
def test_it_counts_the_eigenvalues_by_sign(seed: int) -> None:
    """Of S D S^T with a known diagonal D and an invertible S; the floats of NumPy agree."""
    rng = random.Random(seed)
    n = rng.randint(1, 6)
    d = [rng.choice([-3, -1, 0, 0, 1, 2]) for _ in range(n)]
    S = np.eye(n, dtype=object)
    for _ in range(3 * n):
        i, j = rng.randrange(n), rng.randrange(n)
        if i != j:
            S[i] = S[i] + Fraction(rng.randint(-2, 2), rng.randint(1, 3)) * S[j]
    A = S @ np.diag(np.array([Fraction(v) for v in d], dtype=object)) @ S.T
    want = (sum(v < 0 for v in d), d.count(0), sum(v > 0 for v in d))
    assert inertia(A.tolist()) == want
    values = np.linalg.eigvalsh(A.astype(float))
    small = 1e-9 * max(1, np.max(np.abs(values)))
    assert (np.sum(values < -small), np.sum(np.abs(values) <= small), np.sum(values > small)) == want


@pytest.mark.parametrize("seed", range(200))
def test_the_inertia_of_a_block_matrix_without_lower_right_block(seed: int) -> None:
    """n_-(B) = rank Q + n_-(Z^T P Z), with rank and kernel from SymPy, on 200 random rational instances."""
    rng = random.Random(1000 + seed)
    n, o = rng.randint(1, 4), rng.randint(1, 4)
    P, Q = symmetric(rng, n), fractions(rng, n, o, rng.choice([0.1, 0.5, 0.8]))
    if rng.random() < 0.4 and n > 1:  # a kernel in most of these
        Q[-1] = [2 * v for v in Q[0]]
    B = [[*P[i], *Q[i]] for i in range(n)] + [
        [Q[k][i] for k in range(n)] + [Fraction(0)] * o for i in range(o)
    ]
    exact = sympy.Matrix(n, o, lambda i, j: sympy.Rational(Q[i][j].numerator, Q[i][j].denominator))
    Z = [[Fraction(int(v.p), int(v.q)) for v in column] for column in exact.T.nullspace()]
    inner = [
        [sum((a[i] * P[i][j] * b[j] for i in range(n) for j in range(n)), Fraction(0)) for b in Z] for a in Z
    ]
    rank, found, of_inner = exact.rank(), inertia(B), inertia(inner)
    assert found.negative == rank + of_inner.negative
    assert found.positive == rank + of_inner.positive
    assert found.zero == (o - rank) + of_inner.zero
    assert n - rank == len(Z)


@pytest.mark.parametrize(
    ("matrix", "text"),
    [
        ([[1, 2]], "expected a square matrix, found 1 rows and a row of 2"),
        ([[1, 2], [3, 4]], "expected a symmetric matrix, found 3 in row 2, column 1 and 2 across"),
        ([[1.5]], "expected integers or fractions, found 1.5 in row 1, column 1"),
        ([[True]], "found True in row 1"),
    ],
)
def test_what_is_no_exact_symmetric_matrix_is_refused(matrix: list[list[int]], text: str) -> None:
    with pytest.raises(SymderiveError, match=text):
        inertia(matrix)


def test_nothing_has_no_squares() -> None:
    assert inertia([]) == (0, 0, 0)
