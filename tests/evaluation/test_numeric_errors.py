"""What cannot be evaluated is refused in one line: what was expected, what was found, in which tensor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from sympy import Integer

from symderive.calculus import (
    Functional,
    IndexSum,
    PartialDerivative,
    ScalarFunction,
    family,
    indices,
    size,
    tensor,
)
from symderive.evaluation.functions import NumericFunctional
from symderive.evaluation.labelled import EvaluationError
from symderive.evaluation.numeric import evaluate, evaluate_expr
from symderive.systems import Definition

j, k, l = indices("j k l")
L, N = size("L"), size("N")
ONE = Integer(1)
sigma = ScalarFunction("sigma")


@dataclass(frozen=True)
class Written:
    """What a parser might hand over: the fields of a definition, unchecked."""

    lhs: Any
    rhs: Any
    indices: Any


n_ = tensor("n", (l, 0, L), kind="dimension")
W, X = tensor("w", (l, 1, L), (j, 1, n_[l]), sup=1), tensor("x", (k, 1, 3))
Y, Z, P = tensor("y", (k, 1, 3)), tensor("z", (l, 0, L), sup=1), tensor("pi", (k, 1, 3), kind="permutation")
M, R = tensor("m", (k, 1, 3), kind="integer"), tensor("r", (j, 1, 3), (k, 1, j))
C1 = Functional("C")
fam = C1(family(X[k], (k, 1, 3)))
three = ((k, ONE, Integer(3)),)
x3 = {"x": np.ones(3)}


@pytest.mark.parametrize(
    ("term", "arrays", "sizes", "message"),
    [
        (X[1], {}, {}, r"x: expected an array or a definition, found neither$"),
        (W[2, 1], {"w": {1: np.ones(2)}}, {"n": [1, 2, 2], "L": 2}, 
         r"w\[2\]: expected an array or a definition, found neither; there are arrays for \[1\]"),
        (X[1], {"x": np.ones(4)}, {}, r"x: expected shape \(3,\), found \(4,\)"),
        (W[1, 1], {"w": {1: np.ones(3)}}, {"n": [1, 2], "L": 1},
         r"w\[1\]: expected shape \(2,\), found \(3,\)"),
        (X[1], {"x": np.array(["a"] * 3)}, {}, "x: expected numbers, found the type <U1"),
        (W[1, 1], {"w": {1: np.ones(2)}}, {}, r"expected the size n\[1\], found none"),
        (IndexSum(X[k], (k, 1, N)), x3, {}, "expected a value for N, found none among the sizes and arrays"),
        (IndexSum(X[k], (k, 1, N)), x3, {"N": 2.5}, "expected an integer for N, found 2.5"),
        (N * X[1], x3, {"N": [1, 2]}, r"expected an integer for N, found \[1, 2\]"),
        (n_[1] * X[1], x3, {"n": [1, 0]}, r"expected a positive integer for n\[1\], found 0"),
        (X[P[1]], {**x3, "pi": [1, 2, 2]}, {}, r"pi: expected a permutation of 1..3, found \[1 2 2\]"),
        (X[M[1]], {**x3, "m": [1, 2.5, 3]}, {}, r"m: expected integers, found \[1.  2.5 3. \]"),
    (X[N / 2], {**x3}, {"N": 3}, r"expected integers as indices of x, found \[1.5\]"),
        (R[1, 1], {"r": np.ones((3, 3))}, {},
         "r: expected a range of index 2 that only superscripts change, found 1..@0"),
        (sigma(X[1]), x3, {}, "expected functions for sigma, found none"),
        (fam, x3, {}, "expected a functional for C, found none"),
        (PartialDerivative(X[1], X[2]), x3, {}, "elementary functions, found PartialDerivative"),
        (IndexSum(X[k], (k, 1, 3)).body, x3, {},
         "expected a closed term, found the bound index #0 outside its sum"),
        (family(X[k], (k, 1, 3)), x3, {}, "expected index terms and elementary functions, found Family"),
    ],
)  # fmt: skip
def test_what_is_missing_is_named(term: Any, arrays: Any, sizes: Any, message: str) -> None:
    with pytest.raises(EvaluationError, match=message):
        evaluate_expr(term, arrays=arrays, sizes=sizes)


@pytest.mark.parametrize(
    ("functions", "message"),
    [
        ({"sigma": [np.tanh]}, r"sigma: expected a function for order 1, found orders 0..0"),
        (
            {"sigma": [np.tanh, np.sum]},
            r"sigma: expected an elementwise function, \(3,\) to the same, found \(\)",
        ),
    ],
)
def test_bad_functions(functions: Any, message: str) -> None:
    with pytest.raises(EvaluationError, match=message):
        evaluate_expr(sigma(X[k], order=1), three, arrays=x3, functions=functions)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (NumericFunctional(np.sum), r"C: expected a partial derivative by families \(0,\), found none"),
        (
            NumericFunctional(np.sum, {(0,): np.sum}),
            r"C: expected partials \(0,\) of shape \(3,\), found \(\)",
        ),
    ],
)
def test_bad_functionals(table: Any, message: str) -> None:
    with pytest.raises(EvaluationError, match=message):
        evaluate_expr(fam.diff(X[1]), arrays=x3, functionals={"C": table})


@pytest.mark.parametrize(
    ("definitions", "asked", "message"),
    [
        ([Definition(Y[k], Y[k], three)], "y", "expected definitions that end, found a circle: y <- y"),
        ([Definition(Z[l], Z[l - 1], ((l, ONE, L),))], ("z", 2),
         r"z\[0\]: expected a definition or an array, found none"),
        ([Definition(Z[l], Z[l + 1], ((l, Integer(0), L - 1),)), Definition(Z[L], Z[0])], ("z", 0),
         r"found a circle: z\[19\] <- z\[20\] <- z\[21\] <- z\[22\] <- \.\. <- z\[18\] <- z\[19\]"),
        ([Definition(Y[k], X[k], ((k, ONE, Integer(2)),))], "y",
         r"y\[3\]: expected a definition or an array, found none"),
        ([Definition(Y[k], X[k], three), Definition(Y[1], X[1])], "y",
         "y: expected one definition for each entry, found two"),
        ([Definition(Y[k], X[k], ((k, ONE, Integer(4)),))], "y",
         "definition of y: expected indices in 1..3, found 1..4"),
        ([Definition(Y[k], X[k], three)], "u", r"expected the name of a defined tensor \(y\), found 'u'"),
        ([Definition(Z[l], X[1], ((l, ONE, L),))], "z", "z: expected 1 superscripts, found 0"),
        ([Definition(R[j, k], X[1], ((j, ONE, Integer(3)), (k, ONE, j)))], "r",
         "expected a range of index 2 that only"),
    ],
)  # fmt: skip
def test_definitions_that_do_not_fit(definitions: Any, asked: Any, message: str) -> None:
    with pytest.raises(EvaluationError, match=message):
        evaluate(definitions, x3, {L: 60, "n": [1] * 61})[asked]


@pytest.mark.parametrize("lhs", [Y[2 * k], Y[k * k]])
def test_patterns_that_cannot_be_solved(lhs: Any) -> None:
    with pytest.raises(EvaluationError, match=r"expected an index such as j or j \+ 1, found"):
        evaluate([Written(lhs, X[k], three)], x3)["y"]


def test_a_ragged_range_asks_for_a_value() -> None:
    data = {"w": {1: np.ones(2), 2: np.ones(4)}}
    sizes = {L: 2, "n": [1, 2, 4]}
    with pytest.raises(
        EvaluationError, match=r"expected a range of j that is always the same, found 1..n\[l\]"
    ):
        evaluate_expr(W[l, j], [(l, 1, L), (j, 1, n_[l])], arrays=data, sizes=sizes)
    assert evaluate_expr(W[l, j], [(j, 1, n_[l])], arrays=data, sizes=sizes, at={l: 2}).shape == (4,)
