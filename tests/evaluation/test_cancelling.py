"""Floats judge terms that cancel by the largest of them; exact models leave laws with e^z to floats."""

from __future__ import annotations

import pytest
from sympy import Integer, exp

from symderive.calculus import indices, size, tensor
from symderive.calculus.ranges import Context
from symderive.evaluation.floating import FloatModel
from symderive.evaluation.modular import Model
from symderive.evaluation.no_value import NotExact
from symderive.proof.kernel import hypothesis_of

i, j, k = indices("i j k")
N = size("N")
x, p, p0, theta = tensor("x", (k, 1, N)), tensor("p", (k, 1, N)), tensor("q", (k, 1, N)), tensor("theta")


def test_what_rounding_leaves_of_terms_that_cancel_is_0() -> None:
    model = FloatModel((), {}, seed=1)
    a, b = exp(x[1]) * exp(x[2]), exp(x[1] + x[2] / 3) * exp(2 * x[2] / 3)
    found = model.test(a * x[3] - b * x[3], Integer(0), {})
    assert found.holds and found.error <= 1e-12 and not found.counterexample


@pytest.mark.parametrize("share", [Integer(10) ** -11, Integer(10) ** -3])
def test_what_is_more_than_rounding_is_not(share: object) -> None:
    model = FloatModel((), {}, seed=1)
    a = exp(x[1])
    assert not model.test(a * x[3] - (1 + share) * a * x[3] + 0 * x[1], Integer(0), {}).holds


def test_two_terms_are_compared_as_before() -> None:
    model = FloatModel((), {}, seed=1)
    assert not model.test(x[1], x[1] + x[1] * Integer(10) ** -8, {}).holds


def test_a_law_without_exact_values_is_left_to_floats() -> None:
    """p_k = q_k e^theta and q_i = q_j make p_i = p_j; the drawn q know nothing of it."""
    laws = [
        hypothesis_of("equal", p0[i], p0[j]),
        hypothesis_of("solved", p0[k], p[k] * exp(-theta()), ((k, 1, N),), "citation"),
    ]
    ctx = Context.of((i, 1, N), (j, 1, N))
    with pytest.raises(NotExact):
        Model(laws, {N: 3}, 1).test_everywhere(p[i], p[j], ctx)
    assert FloatModel(laws, {N: 3}, 1).test_everywhere(p[i], p[j], ctx).disobeyed


def test_a_point_where_indices_meet_counts_for_nothing_where_laws_fail() -> None:
    law = hypothesis_of("slope", p[i] ** 2 - p[j] ** 2, x[i] - x[j], ((i, 1, N), (j, 1, N)))
    ctx = Context.of((i, 1, N), (j, 1, N))
    found = Model([law], {N: 3}, 1).test_everywhere(p[i] ** 2 - p[j] ** 2, x[i] - x[j], ctx)
    assert found.points == 0 and found.disobeyed == "slope"
