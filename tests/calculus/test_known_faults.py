"""Known faults of the calculus: wrong results and crashes of today, each with the behaviour that is wanted.

Strict: once a fault is gone its test fails, and loses its mark.
"""

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
NOTHING_RAISED = pytest.fail.Exception


def fault(*found: type[BaseException]) -> pytest.MarkDecorator:
    """Today the test ends in one of these; `Failed` is pytest's when nothing was refused."""
    return pytest.mark.xfail(strict=True, raises=found)


@fault(NOTHING_RAISED)
@pytest.mark.parametrize("e", [IndexSum(x[k], (k, 1, n[l])), x[n[l]], IndexSum(x[k], (k, n[l], N))], ids=str)
def test_the_derivative_by_a_size_in_a_limit_or_index_is_refused(e: Any) -> None:
    """It is 0 today."""
    with pytest.raises(CalculusError):
        e.diff(n[l])


@fault(NOTHING_RAISED)
def test_the_derivative_by_a_real_entry_that_is_an_index_is_refused() -> None:
    """It is 0 today; or the index is refused, since it is real."""
    with pytest.raises(CalculusError):
        x[y[k]].diff(y[k])


@fault(CalculusError)
def test_deciding_under_a_range_that_names_a_free_letter() -> None:
    """i occurs in a range before it is bound: the fresh letter avoids the indices, not their limits."""
    u = tensor("u", (i, 1, 3))
    e = IndexSum(IndexSum(u[k], (k, 1, 3)), (j, 1, i))
    assert decide(e, Context()) == e


@fault(CalculusError)
def test_two_derivatives_in_one_call_with_opposite_signs() -> None:
    """SymPy calls signsimp, which replaces loose parts by their equals, and `xreplace` refuses."""
    e = IndexSum(-(x[j] ** 2) * y[k] * w[p, k] - x[i] * w[k, k] ** 2, (k, 1, N))
    e = e * x[j] - IndexSum(IndexSum(-2 * w[i - 1, j + p] * w[pi[k], p] ** 2, (j, 0, p)), (k, 1, N))
    for u, v in ((w[j, i - 1], w[l, k]), (x[j], x[i]), (w[i, j], w[j, i])):
        both = e.diff(u, v) - e.diff(u).diff(v)
        assert evaluate_exact(both, {"i": 3, "j": 2, "k": 1, "l": 2, "p": 3, "N": 3}) == 0


@fault(AssertionError)
@pytest.mark.parametrize("body", [I * x[k], Symbol("z") * x[k], sqrt(x[k] - 5)], ids=str)
def test_a_sum_of_complex_numbers_is_not_called_real(body: Any) -> None:
    s = IndexSum(body, (k, 1, 3))
    assert s.is_real is not True and conjugate(s) != s and sqrt(s**2) != Abs(s)


@fault(AssertionError)
def test_a_sum_of_what_does_not_commute_is_refused() -> None:
    """A B - B A is 0 today."""
    A, B = sympy.symbols("A B", commutative=False)
    s = IndexSum(A * x[k], (k, 1, 3))
    assert s * B - B * s != 0


@fault(NOTHING_RAISED, AttributeError, TypeError)
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
    """Some are taken today, some end in an AttributeError."""
    with pytest.raises(SymderiveError):
        make()


@fault(NOTHING_RAISED)
@pytest.mark.parametrize(
    "operation",
    [
        lambda: sympy.integrate(x[k] + total, x[k]),
        lambda: sympy.solve(2 * x[j] - total, x[j]),
        lambda: sympy.Poly(x[k] * total, x[k]),
        lambda: (x[k] * total).coeff(x[k]),
        lambda: sympy.series(x[k] * total, x[k], 0, 2),
    ],
)
def test_sympy_takes_a_sum_for_independent_of_its_entries(operation: Callable[[], Any]) -> None:
    """sum_k x_k contains x_j, which `integrate`, `solve`, `Poly` and `coeff` do not see."""
    with pytest.raises(SymderiveError):
        operation()


@fault(AssertionError)
def test_sympys_sum_is_refused_inside_ours() -> None:
    """Opening captures: IndexSum(Sum(w[j,k], (j,1,3)), (k,1,3)).open(j) is Sum(w[j,j], ..)."""
    s = IndexSum(Sum(w[j, k], (j, 1, 3)), (k, 1, 3)).open(j)
    assert s.doit() == w[1, j] + w[2, j] + w[3, j]


@fault(CalculusError)
def test_radsimp() -> None:
    """It replaces tensor symbols by numbers: "expected a tensor symbol, found _x"."""
    e = 1 / (total + sqrt(2))
    assert sympy.radsimp(e).free_symbols == e.free_symbols


@fault(CalculusError)
def test_is_constant() -> None:
    """It differentiates by the limits, and the refusal comes through."""
    assert row.is_constant() is not True


@fault(NOTHING_RAISED)
def test_replace_refuses_a_bound_index() -> None:
    """`subs` and `xreplace` do; `replace` captures."""
    with pytest.raises(CalculusError):
        row.replace(BoundIndex(0), j)
