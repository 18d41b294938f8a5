"""sd.exact: true identities are exact with a stated bound, false ones refuted, others unknown."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from sympy import Integer, exp

import symderive as sd
from symderive.calculus import IndexSum, indices, size, tensor
from symderive.calculus.atoms import Functional, ScalarFunction
from symderive.calculus.terms import family
from symderive.evaluation.forward import Dual, ForwardModel
from symderive.evaluation.jets import JetModel
from symderive.evaluation.modular import PRIME, Model
from symderive.systems import Definition, System, mlp

j, k, l = indices("j k l")
n, L = size("n"), size("L")
x, y = tensor("x", (j, 1, n)), tensor("y", (j, 1, n))
sigma = ScalarFunction("sigma", r"\sigma")
cost = Functional("cost", "C", 1)

TRUE: dict[str, tuple[Any, Any]] = {
    "binomial": ((x[j] + y[j]) ** 3, x[j] ** 3 + 3 * x[j] ** 2 * y[j] + 3 * x[j] * y[j] ** 2 + y[j] ** 3),
    "fractions": (1 / x[j] + 1 / y[j], (x[j] + y[j]) / (x[j] * y[j])),
    "sums": (
        IndexSum(x[j], (j, 1, n)) * IndexSum(y[j], (j, 1, n)),
        IndexSum(IndexSum(x[j] * y[k], (k, 1, n)), (j, 1, n)),
    ),
    "equal arguments": (sigma(x[j] * (x[j] + 1)), sigma(x[j] ** 2 + x[j])),
    "nested": (sigma(2 * sigma(x[j]), order=2), sigma(sigma(x[j]) + sigma(x[j]), order=2)),
    "a functional": (cost(family(x[j] + y[j], (j, 1, n))), cost(family(y[j] + x[j], (j, 1, n)))),
}  # fmt: skip

zero = 0 * x[j]
FALSE: dict[str, tuple[Any, Any]] = {
    "a term less": ((x[j] + y[j]) ** 2, x[j] ** 2 + y[j] ** 2),
    "fractions": (1 / x[j] + 1 / y[j], 1 / (x[j] + y[j])),
    "a function that is not odd": (sigma(-x[j]), -sigma(x[j])),
    "a function that is not additive": (sigma(x[j] + y[j]), sigma(x[j]) + sigma(y[j])),
    # these hold for all cubic polynomials
    "no fourth derivative": (sigma(x[j], order=4), zero),
    "fourth differences": (
        sigma(x[j] + 4) - 4 * sigma(x[j] + 3) + 6 * sigma(x[j] + 2) - 4 * sigma(x[j] + 1) + sigma(x[j]), zero
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TRUE)
def test_true_identities_are_exact_with_a_probability(name: str) -> None:
    found = sd.exact(*TRUE[name])
    assert found.status == "exact" and found.error is not None and 0 < found.error < 1e-18
    assert "error probability at most" in str(found) and "modulo 2^{61}-1" in str(found)


@pytest.mark.parametrize("name", FALSE)
def test_false_identities_are_refuted_with_a_point(name: str) -> None:
    found = sd.exact(*FALSE[name])
    assert found.status == "refuted" and "at j=" in found.text and "mod 2^61-1" in found.text
    assert found.error is None


def test_cubic_polynomials_alone_would_have_passed_two_of_these() -> None:
    """So the jets are needed: the older model agrees with what is false of other functions."""
    for name, (lhs, rhs) in FALSE.items():
        cubic = Model((), {n: 3}, seed=1).test(lhs, rhs, {j: 1}).holds
        assert cubic == name.startswith(("no fourth", "fourth")), name
        assert not JetModel((), {n: 3}, seed=1).test(lhs, rhs, {j: 1}).holds


def test_the_probability_is_that_of_the_degrees() -> None:
    """x^5 - x^5 + .. of degree 5 in one round: (5 + 1) / p, squared where one round is not enough."""
    one = sd.exact(x[j] ** 5, x[j] ** 2 * x[j] ** 3, below=1e-10)
    two = sd.exact(x[j] ** 5, x[j] ** 2 * x[j] ** 3)
    assert one.error == pytest.approx(6 / PRIME) and two.error == pytest.approx((6 / PRIME) ** 2)
    # with a denominator a round may have no value: of 1 + 4 rounds any could be the one
    divided = sd.exact(x[j] ** 5 / x[j] ** 2, x[j] ** 4 / x[j] + 0 * y[j], below=1e-10)
    assert divided.error is not None and divided.error >= one.error / 2


def test_degrees_are_carried_not_assumed() -> None:
    low, high = (sd.exact((x[j] + 1) ** d, (1 + x[j]) ** (d - 1) * (x[j] + 1), below=1e-10) for d in (4, 40))
    assert low.error is not None and high.error is not None
    assert high.error / low.error == pytest.approx(41 / 5, rel=1e-6)


def test_arguments_of_functions_add_the_chance_that_they_meet() -> None:
    model = JetModel((), {n: 9}, seed=1)
    total = sum((sigma(x[i]) for i in range(1, 10)), Integer(0))
    model.test(total, total + 0 * x[1], {})
    assert model.collisions == pytest.approx(36 / PRIME)


# ------------------------------------------------------------------------------------------ forward mode


def test_dual_numbers_against_polynomials_with_fractions() -> None:
    rng = random.Random(3)
    for _ in range(50):
        c = [rng.randrange(-9, 10) for _ in range(5)]
        at = rng.randrange(1, 100)
        z = Dual(at, 1)
        total: Any = 0
        for a in reversed(c):
            total = total * z + a
        value = sum(a * at**i for i, a in enumerate(c))
        slope = sum(i * a * at ** (i - 1) for i, a in enumerate(c) if i)
        assert total == Dual(value, slope)
    assert repr(Dual(1, 2) + 3) == "Dual(4, 2)" and Dual(3, 0) == 3 and Dual(3, 1) != 3


def test_a_quotient_is_differentiated() -> None:
    C, u, v = tensor("C"), tensor("u", (j, 1, 2)), tensor("v", (j, 1, 2))
    ratio = System("ratio", (u,), (v,), (Definition(C(), u[1] / (v[1] + v[2] ** 2)),), C)
    derived = sd.derive(ratio)
    assert sd.exact(derived).status == "exact"
    bar = derived.gradient("v")[0].lhs.symbol
    formula = -2 * v[2] * u[1] / (v[1] + v[2] ** 2) ** 2
    assert sd.exact(bar[2], formula, ratio).status == "exact"
    assert sd.exact(bar[2], -formula, ratio).status == "refuted"


SYSTEMS: dict[str, Callable[[], System]] = {
    "any depth": lambda: mlp(),
    "other functions": lambda: mlp(per_layer=True),
    "a batch": lambda: mlp(depth=2, samples=2),
    "a sum": lambda: mlp(depth=2, samples=2, reduction="sum", cost="squared_error"),
    "numbers": lambda: mlp(widths=[3, 4, 2], activation=["relu", "tanh"], cost="squared_error"),
    "a penalty": lambda: sd.from_arrays([[[1.0, 2.0]], [[1.0], [3.0]]], layout="torch", l2=0.3).system,
}


@pytest.mark.parametrize("name", SYSTEMS)
def test_every_derivation_agrees_with_forward_mode(name: str) -> None:
    net = SYSTEMS[name]()
    derivation = sd.derive(net, wrt=[*net.parameters, "x"])
    found = sd.exact(derivation, points=6)
    assert found.status == "exact" and found.error is not None and found.error < 1e-18
    assert found.points is not None and found.points >= 4 * len(derivation.definitions) / 2
    # a factor in any one of its definitions is noticed
    for d in derivation.definitions:
        wrong = replace(d, rhs=2 * d.rhs)
        assert sd.exact(wrong, derivation.system, points=6).status == "refuted", str(d.lhs)


def test_derivatives_are_not_taken_from_what_was_derived() -> None:
    """The model knows the forward definitions alone: a wrong derivation does not confirm itself."""
    net = mlp(depth=2)
    right = sd.derive(net)
    old = right.delta(1)[0]
    new = replace(old, rhs=-old.rhs)
    wrong = replace(
        right,
        definitions=tuple(new if d is old else d for d in right.definitions),
        steps={**right.steps, new: ()},
    )
    assert sd.exact(wrong).status == "refuted"
    laws = ForwardModel(net.definitions, {}, 1).given
    assert {d.lhs.symbol.name for d in laws} == {"a", "z", "C"}


SUMMED = r"\sum_{k=1}^{n_{l+1}} w^{(l+1)}_{kj} \delta^{(l+1)}_"
FORMULAS = {
    r"\delta^{(l)}_{j} = \sigma'\left(z^{(l)}_{j}\right) " + SUMMED + "{k}": "exact",
    r"\delta^{(l)}_{j} = \sigma'\left(z^{(l)}_{j}\right) " + SUMMED + "{j}": "refuted",
    r"\delta^{(l)}_{j} = \sigma\left(z^{(l)}_{j}\right) " + SUMMED + "{k}": "refuted",
    r"\frac{\partial C}{\partial w^{(l)}_{jk}} = a^{(l-1)}_{k} \delta^{(l)}_{j}": "exact",
    r"\frac{\partial C}{\partial w^{(l)}_{jk}} = a^{(l)}_{k} \delta^{(l)}_{j}": "refuted",
    r"\delta^{(L)}_{j} = \frac{\partial C}{\partial a^{(L)}_{j}} \sigma'\left(z^{(L)}_{j}\right)": "exact",
    r"\delta^{(L)}_{j} = \frac{\partial C}{\partial a^{(L)}_{j}}": "refuted",
    r"z^{(l)}_{j} = \sum_{k=1}^{n_{l-1}} w^{(l)}_{jk} a^{(l-1)}_{k} + b^{(l)}_{j}": "exact",
}  # fmt: skip


@pytest.mark.parametrize("formula", FORMULAS)
def test_formulas_in_the_names_of_a_system(formula: str) -> None:
    assert sd.exact(formula, mlp()).status == FORMULAS[formula]
    left, right = formula.split(" = ")
    assert sd.exact(left, right, mlp()).status == FORMULAS[formula]


def test_ranges_and_sizes_that_are_given() -> None:
    net = mlp()
    delta = sd.derive(net).delta()[1]
    assert sd.exact(delta, net, sizes={L: 2}).status == "exact"
    everywhere = [(l, 1, L), (j, 1, 2)]
    found = sd.exact(delta.lhs, delta.rhs, net, ranges=everywhere)
    assert found.status == "unknown" and "expected indices in their ranges" in found.text
    assert sd.exact(delta.lhs, delta.rhs, net, ranges=[(l, 1, L - 1), (j, 1, 2)]).status == "exact"


def test_same_seeds_find_the_same() -> None:
    first, second = (sd.exact(*FALSE["fractions"], seed=5) for _ in range(2))
    assert first == second and first != sd.exact(*FALSE["fractions"], seed=6)


# ------------------------------------------------------------------------------------ unknown, and refused


def test_what_cannot_be_tested_is_unknown_and_says_why() -> None:
    for found, why in (
        (sd.exact(exp(x[j]) ** 2, exp(2 * x[j])), "expected sums, products and powers, found exp"),
        (sd.exact(sd.derive(mlp(cost="softmax_cross_entropy"))), "expected sums, products and powers"),
        (sd.exact(1 / _nothing(), IndexSum(x[j], (j, 1, n))), "division by zero"),
        (sd.exact(sd.derive(mlp(widths=[300, 300, 300]))), "expected a test of at most"),
        (sd.exact(Definition(x[j], y[j], ((j, Integer(1), Integer(0)),))), "empty ranges"),
    ):
        assert found.status == "unknown" and why in found.text, str(found)


def _nothing() -> Any:
    """A term that is 0 and does not look like it."""
    return (
        IndexSum(x[j] * y[j], (j, 1, n)) - IndexSum(x[k], (k, 1, 1)) * y[1] - IndexSum(x[j] * y[j], (j, 2, n))
    )


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (lambda: sd.exact(3), "expected two terms, a definition, a formula with its system, or a derivation"),
        (lambda: sd.exact(x[j]), "found x[j] and None"),
        (lambda: sd.exact("a = b"), "expected the system whose names the formula uses, found none"),
        (lambda: sd.exact(r"\delta^{(l)}_{j} = ", mlp()), "formula: expected a term"),
        (lambda: sd.exact(x[j] * k, k * x[j]), "expected a range for k, found none: give ranges"),
        (lambda: sd.exact(*TRUE["fractions"], below=0), "expected a probability above 0, found 0"),
        (lambda: sd.exact(*TRUE["fractions"], points=0), "points: expected a whole number from 1, found 0"),
        (lambda: sd.exact(*TRUE["fractions"], sizes={n: 0.5}), "size n: expected a whole number"),
    ],
)
def test_what_is_no_claim_is_refused_in_one_line(action: Callable[[], Any], message: str) -> None:
    with pytest.raises(sd.SymderiveError) as error:
        action()
    assert message in str(error.value) and "\n" not in str(error.value)


def test_a_false_identity_passes_as_rarely_as_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Modulo a small prime the bound can be seen: (x - 1)(x - 2)(x - 3) = 0 at 3 of p points."""
    import symderive.evaluation.modular as modular

    monkeypatch.setattr(modular, "PRIME", 101)
    product = (x[1] - 1) * (x[1] - 2) * (x[1] - 3)
    passed = [JetModel((), {n: 1}, seed=s).test(product, 0 * x[1], {}).holds for s in range(4000)]
    share = Fraction(sum(passed), len(passed))
    assert 0 < share <= Fraction(2 * 3, 101)
