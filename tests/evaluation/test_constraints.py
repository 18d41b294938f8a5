"""Models obey bounds of integers, values of functions and linear laws; a law they cannot obey is said."""

from __future__ import annotations

from typing import Any

import pytest
from sympy import Integer

from symderive.calculus import Bracket, IndexSum, ScalarFunction, indices, size, tensor
from symderive.calculus.ranges import EMPTY, Context
from symderive.claims.crosscheck import CrossCheck
from symderive.claims.evidence import CheckFailed
from symderive.claims.sizes import test_sizes as sizes_of
from symderive.evaluation.floating import FloatModel
from symderive.evaluation.modular import Model, NotExact
from symderive.proof.kernel import hypothesis_of

j, k, l, g, t = indices("j k l g t")
n, m = size("n"), size("m")
MODELS = (Model, FloatModel)
c = tensor("c", (j, 1, n), kind="integer")
w = tensor("w", (j, 1, m), (k, 1, n))
W = tensor("W", (j, 1, m), (g, 1, 3))
x = tensor("x", (j, 1, m))
BOUNDS = (
    hypothesis_of("low", Bracket.at_most(1, c[j]), Integer(1), ((j, 1, n),)),
    hypothesis_of("high", Bracket.at_most(c[j], 3), Integer(1), ((j, 1, n),)),
)
SUMS = hypothesis_of(
    "sums", IndexSum(Bracket.equal(c[k], g) * w[j, k], (k, 1, n)), W[j, g], ((j, 1, m), (g, 1, 3))
)
COLUMNS = hypothesis_of("columns", IndexSum(w[j, k], (j, 1, m)), x[1], ((k, 1, n),))
SIZES: dict[Any, int] = {n: 5, m: 4}


@pytest.mark.parametrize("kind", MODELS)
@pytest.mark.parametrize("seed", range(5))
def test_integers_lie_in_their_bounds_and_take_every_value(kind: type[Model], seed: int) -> None:
    model = kind(BOUNDS, SIZES, seed)
    values = [model.integer(c[i], {}) for i in range(1, 6)]
    assert set(values) == {1, 2, 3}
    assert model.unmet({}) is None


def test_integers_differ_from_seed_to_seed() -> None:
    found = {tuple(Model(BOUNDS, SIZES, s).integer(c[i], {}) for i in range(1, 6)) for s in range(5)}
    assert len(found) > 1


@pytest.mark.parametrize("kind", MODELS)
def test_linear_laws_are_solved_together(kind: type[Model]) -> None:
    model = kind((*BOUNDS, SUMS, COLUMNS), SIZES, 1)
    for h in (SUMS, COLUMNS):
        assert model.test_everywhere(h.lhs, h.rhs, Context.of(*h.indices), 100).holds
    assert model.unmet({}) is None
    # what they do not say is not the case
    first, other = w[1, 1] + w[1, 2], W[1, 1]
    assert not model.test(first, other, {}).holds
    assert not model.test(x[1], x[2], {}).holds
    assert len({str(model.entry(w, (i, p), {}).number) for i in range(1, 5) for p in range(1, 6)}) == 20


def test_what_a_law_defines_is_given_to_the_linear_ones() -> None:
    given = hypothesis_of("given", w[1, k], Integer(2), ((k, 1, n),))
    model = Model((*BOUNDS, given, COLUMNS), SIZES, 1)
    assert model.test(w[1, 3], Integer(2), {}).holds
    assert model.test(IndexSum(w[j, 3], (j, 2, m)), x[1] - 2, {}).holds


def test_linear_laws_that_contradict_each_other_are_named() -> None:
    again = hypothesis_of("again", IndexSum(w[j, k], (j, 1, m)), x[1] + 1, ((k, 1, n),))
    model = Model((COLUMNS, again), SIZES, 1)
    law = model.unmet({})
    assert law is not None and law in (COLUMNS, again)


def test_a_law_that_is_not_linear_is_no_law_for_drawing() -> None:
    square = hypothesis_of("square", IndexSum(w[j, k] * w[j, k], (j, 1, m)), x[1], ((k, 1, n),))
    with pytest.raises(NotExact, match="not linear in w, x"):
        Model((square,), SIZES, 1).test(w[1, 1], w[1, 1], {})


@pytest.mark.parametrize("kind", MODELS)
def test_functions_take_the_values_that_a_law_gives(kind: type[Model]) -> None:
    phi = ScalarFunction("phi", sup=1)
    zero = hypothesis_of("zero", phi(Integer(0), l), Integer(0), ((l, 1, 2),))
    model, free = kind((zero,), {}, 3), kind((), {}, 3)
    for layer in (1, 2):
        assert model.test(phi(Integer(0), layer), Integer(0), {}).holds
        assert not free.test(phi(Integer(0), layer), Integer(0), {}).holds
        # shifted, and no more: the slope is what it was, and so are differences
        assert model.value(phi(Integer(2), layer, order=1), {}, ()) == free.value(
            phi(Integer(2), layer, order=1), {}, ()
        )
        assert not model.test(phi(Integer(2), layer), Integer(0), {}).holds
    assert not model.test(phi(Integer(0), 3), Integer(0), {}).holds
    assert model.unmet({}) is None


def test_numbers_of_colours_are_fewer_than_neurons_inside() -> None:
    L = size("L")
    width, K = (tensor(name, (l, 0, L), kind="dimension") for name in ("n", "K"))
    found = sizes_of([width[l], K[l], L])
    assert [found[width[i]] for i in range(4)] == [2, 4, 5, 6]
    assert [found[K[i]] for i in range(4)] == [2, 2, 3, 6]


def test_class_sizes_are_what_their_law_says() -> None:
    M = tensor("M", (g, 1, 3), kind="dimension")
    law = hypothesis_of("members", M[g], IndexSum(Bracket.equal(c[j], g), (j, 1, n)), ((g, 1, 3),))
    model = Model((*BOUNDS, law), SIZES, 2)
    sizes = [model.integer(M[i], {}) for i in (1, 2, 3)]
    assert sum(sizes) == 5 and min(sizes) >= 1
    assert model.unmet({}) is None


# ------------------------------------------------------------------------------- in the cross-check


def test_an_equation_under_hypotheses_that_no_numbers_obey_is_not_called_tested() -> None:
    one = hypothesis_of("one", x[1], Integer(1))
    two = hypothesis_of("two", x[1], Integer(2))
    check = CrossCheck([x[1]], (one, two), SIZES, 1)
    shown = check.tested(x[1], Integer(2), EMPTY)
    (evidence,) = shown.evidence
    assert evidence.status == "unknown" and "no random numbers that obey: two" in evidence.text


def test_a_false_equation_under_hypotheses_that_are_obeyed_is_refuted() -> None:
    one = hypothesis_of("one", x[1], Integer(1))
    check = CrossCheck([x[1], *(e for h in BOUNDS for e in (h.lhs, h.rhs))], (one, *BOUNDS), SIZES, 1)
    with pytest.raises(CheckFailed, match="fails at the only point"):
        check.tested(x[1], Integer(2), EMPTY)
