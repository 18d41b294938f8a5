"""A theorem at numbers that obey it: numbers that do not are named, and so is an equation that fails."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Integer

from symderive.calculus import IndexSum, ScalarFunction, indices, size, tensor
from symderive.calculus.ranges import EMPTY, Context
from symderive.claims.evidence import CheckFailed
from symderive.claims.instance import Instance, at_instance
from symderive.proof import kernel
from symderive.proof.kernel import hypothesis_of
from symderive.proof.tactics import Chain

k, t = indices("k t")
N = size("N")
x, y, r = tensor("x", (k, 1, N)), tensor("y", (k, 1, N)), tensor("r")
phi = ScalarFunction("phi")
SQUARE = IndexSum(x[k] ** 2, (k, 1, N))
BALL = hypothesis_of("inside the ball", SQUARE + r() ** 2, Integer(25))


def inside() -> kernel.Theorem:
    """sum x^2 + r^2 = 25 |- (sum x^2 + r^2)^2 = 625"""
    return Chain((SQUARE + r() ** 2) ** 2, EMPTY).rewrite(kernel.assume(BALL, EMPTY)).theorem


def test_numbers_that_obey() -> None:
    found = at_instance(inside(), "ball", {"x": [3.0, 0.0], "r": 4.0}, {N: 2}, 7)
    assert (found.status, found.points, found.seed) == ("numeric", 1, 7)
    assert found.error is not None and found.error < 1e-12
    assert found.text == "ball: 1 hypotheses and the equation, at numbers that obey them"


def test_numbers_that_disobey_are_named() -> None:
    with pytest.raises(CheckFailed, match="ball: the numbers disobey inside the ball: 26 and 25"):
        at_instance(inside(), "ball", {"x": [3.0, 1.0], "r": 4.0}, {N: 2}, 7)


def test_an_array_that_is_too_small() -> None:
    with pytest.raises(CheckFailed, match=r"x: expected a number for \[3\], found shape \(2,\)"):
        at_instance(inside(), "ball", {"x": [3.0, 0.0], "r": 4.0}, {N: 3}, 7)


def test_a_given_tensor_is_held_to_its_definition() -> None:
    law = kernel.assume(hypothesis_of("definition of y", y[k], 2 * x[k], ((k, 1, N),), "definition"), EMPTY)
    given = {"x": [1.0, 2.0], "y": [2.0, 4.0]}
    assert at_instance(law, "twice", given, {N: 2}, 1).points == 2
    with pytest.raises(CheckFailed, match="the numbers disobey definition of y: 5 and 4"):
        at_instance(law, "twice", {**given, "y": [2.0, 5.0]}, {N: 2}, 1)


def test_further_definitions_say_what_is_not_given() -> None:
    """|- y_k = y_k tests nothing unless y has numbers; with a definition it is what that says."""
    law = hypothesis_of("definition of y", y[k], 2 * x[k], ((k, 1, N),), "definition")
    two = kernel.assume(hypothesis_of("y is 2", y[k], Integer(2), ((k, 1, N),)), EMPTY)
    assert at_instance(two, "two", {"x": [1.0]}, {N: 1}, 1, [law]).points == 1
    with pytest.raises(CheckFailed, match="disobey y is 2: 6 and 2"):
        at_instance(two, "two", {"x": [3.0]}, {N: 1}, 1, [law])


def test_given_functions() -> None:
    odd = hypothesis_of("slope", phi(x[1], order=1), Integer(6))
    theorem = kernel.assume(odd, EMPTY)
    functions = {"phi": lambda order, z: (z**2, 2 * z)[order]}
    assert at_instance(theorem, "slope", {"x": [3.0]}, {N: 1}, 1, functions=functions).points == 1
    with pytest.raises(CheckFailed, match="disobey slope: 4 and 6"):
        at_instance(theorem, "slope", {"x": [2.0]}, {N: 1}, 1, functions=functions)


def test_nothing_tested_is_no_evidence() -> None:
    theorem = kernel.reflexivity(x[k], Context.of((k, 2, N)))
    with pytest.raises(CheckFailed, match="nothing was tested"):
        at_instance(theorem, "empty", {"x": [1.0]}, {N: 1}, 1)


def test_an_index_may_start_at_0() -> None:
    u = tensor("u", (t, 0, N))
    model = Instance((), {N: 2}, 1, {"u": np.array([5.0, 6.0, 7.0])})
    assert model.value(u[0], {}, ()).number == 5
    assert model.test(u[t], 5 + IndexSum(Integer(1), (k, 1, t)), {t: 2}).holds


def test_small_differences_fail() -> None:
    model = Instance((), {}, 1, {"r": 1.0})
    assert model.test(r() + Integer(10) ** -12, r(), {}).holds
    assert not model.test(r() + Integer(10) ** -8, r(), {}).holds
