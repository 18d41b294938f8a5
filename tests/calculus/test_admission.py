"""What is no term is refused in one line, and what SymPy does with terms beyond our reach is written down."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sympy
from sympy import Abs, Float, I, Matrix, Sum, Symbol, conjugate, sqrt

from symderive.calculus import (
    BoundIndex,
    Bracket,
    CalculusError,
    IndexSum,
    ScalarFunction,
    family,
    indices,
    size,
    tensor,
)
from symderive.calculus.contraction import decide
from symderive.calculus.ranges import Context
from symderive.errors import SymderiveError
from symderive.evaluation.exact import evaluate_exact

i, j, k, l, p = indices("i j k l p")
N, L = size("N"), size("L")
n = tensor("n", (l, 0, L), kind="dimension")
w = tensor("w", (j, 1, N), (k, 1, N))
x, y = tensor("x", (k, 1, N)), tensor("y", (k, 1, N))
pi = tensor("pi", (j, 1, N), kind="permutation")
sigma = ScalarFunction("sigma")
row = IndexSum(w[j, k] * x[k], (k, 1, N))
total = IndexSum(x[k], (k, 1, N))


@pytest.mark.parametrize("e", [IndexSum(x[k], (k, 1, n[l])), x[n[l]], IndexSum(x[k], (k, n[l], N))], ids=str)
def test_the_derivative_by_a_size_in_a_limit_or_index_is_refused(e: Any) -> None:
    with pytest.raises(CalculusError):
        e.diff(n[l])


def test_the_derivative_by_a_real_entry_that_is_an_index_is_refused() -> None:
    with pytest.raises(CalculusError):
        x[y[k]].diff(y[k])


def test_deciding_under_a_range_that_names_a_free_letter() -> None:
    """The fresh letter avoids what the limits mention, not the indices alone."""
    u = tensor("u", (i, 1, 3))
    e = IndexSum(IndexSum(u[k], (k, 1, 3)), (j, 1, i))
    assert decide(e, Context()) == e


def test_two_derivatives_in_one_call_with_opposite_signs() -> None:
    """SymPy calls signsimp, which replaces loose parts by their equals."""
    e = IndexSum(-(x[j] ** 2) * y[k] * w[p, k] - x[i] * w[k, k] ** 2, (k, 1, N))
    e = e * x[j] - IndexSum(IndexSum(-2 * w[i - 1, j + p] * w[pi[k], p] ** 2, (j, 0, p)), (k, 1, N))
    for u, v in ((w[j, i - 1], w[l, k]), (x[j], x[i]), (w[i, j], w[j, i])):
        both = e.diff(u, v) - e.diff(u).diff(v)
        assert evaluate_exact(both, {"i": 3, "j": 2, "k": 1, "l": 2, "p": 3, "N": 3}) == 0


@pytest.mark.parametrize("body", [I * x[k], Symbol("z") * x[k], sqrt(x[k] - 5)], ids=str)
def test_a_sum_of_complex_numbers_is_not_called_real(body: Any) -> None:
    s = IndexSum(body, (k, 1, 3))
    assert s.is_real is not True and conjugate(s) != s and sqrt(s**2) != Abs(s)


def test_a_sum_of_what_does_not_commute_is_refused() -> None:
    A = sympy.Symbol("A", commutative=False)
    with pytest.raises(CalculusError, match="expected factors that commute"):
        IndexSum(A * x[k], (k, 1, 3))


@pytest.mark.parametrize(
    "make",
    [
        lambda: IndexSum(sympy.Tuple(x[k], 1), (k, 1, 3)),
        lambda: IndexSum(x[k] > 0, (k, 1, 3)),
        lambda: IndexSum(family(x[k], (k, 1, 3)), (j, 1, 3)),
        lambda: IndexSum("x", (k, 1, 3)),
        lambda: IndexSum(None, (k, 1, 3)),
        lambda: IndexSum(Matrix([x[k], 1]), (k, 1, 3)),
        lambda: sigma("z"),
        lambda: sigma(None),
        lambda: sigma(family(x[k], (k, 1, 3))),
        lambda: Bracket.equal(None, j),
        lambda: Bracket.equal("a", j),
        lambda: x[sympy.nan],
        lambda: x[Float(2.0)],
        lambda: row.diff(x),
    ],
)  # fmt: skip
def test_what_is_no_scalar_or_no_index_is_refused_in_one_line(make: Callable[[], Any]) -> None:
    with pytest.raises(SymderiveError):
        make()


def test_sympy_takes_a_sum_for_independent_of_its_entries() -> None:
    """A limit, not a law: sum_k x_k contains x_j, which SymPy's `coeff`, `Poly` and `solve` do not see.

    They ask for x_j itself. Derivatives do see it. Nothing in symderive uses the others on terms.
    """
    assert (x[k] * total).coeff(x[k]) == total
    assert sympy.solve(2 * x[j] - total, x[j]) == [total / 2]
    assert total.diff(x[j]) != 0


def test_sympys_sum_is_refused_inside_ours() -> None:
    """Opening would capture: its index has a name."""
    with pytest.raises(CalculusError, match="expected sums to be IndexSum"):
        IndexSum(Sum(w[j, k], (j, 1, 3)), (k, 1, 3))


@pytest.mark.parametrize(
    "operation", [lambda: sympy.radsimp(1 / (total + sqrt(2))), lambda: row.is_constant()], ids=["a", "b"]
)
def test_what_takes_terms_apart_is_refused(operation: Callable[[], Any]) -> None:
    with pytest.raises(CalculusError):
        operation()


def test_replace_refuses_a_bound_index() -> None:
    with pytest.raises(CalculusError):
        row.replace(BoundIndex(0), j)
