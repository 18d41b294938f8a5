"""Functions with formulas as data: functionals of scalars, jumps; all entries at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sympy import Integer, Symbol

from symderive.calculus import Bracket, Functional, ScalarFunction, family, indices, tensor
from symderive.derivation.optimisers import KAPPA, SGN
from symderive.evaluation.functions import NumericFunctional, from_activation
from symderive.evaluation.labelled import EvaluationError
from symderive.evaluation.numeric import evaluate, evaluate_expr
from symderive.systems import Definition
from symderive.systems.activations import Activation, activation
from symderive.systems.formulas import Formula

_x, _y = Symbol("x", real=True), Symbol("y", real=True)
RATIO = Formula(Functional("ratio", arity=2), (_x, _y), _x**2 / (1 + _y**2))


def test_a_formula_of_scalars_is_applied_entry_by_entry() -> None:
    """All entries at once, and its partials too; the same numbers as one call for each entry."""
    j, k = indices("j k")
    a, b, c = tensor("a", (j, 1, 3), (k, 1, 2)), tensor("b", (k, 1, 2)), tensor("c", (j, 1, 3), (k, 1, 2))
    value = RATIO.functional(a[j, k], 2 * b[k])
    limits = ((j, Integer(1), Integer(3)), (k, Integer(1), Integer(2)))
    arrays = {"a": np.arange(1.0, 7).reshape(3, 2), "b": np.array([0.5, -2.0])}
    truth = arrays["a"] ** 2 / (1 + 4 * arrays["b"] ** 2)
    calls: list[Any] = []

    def by_hand(u: Any, v: Any) -> Any:
        calls.append(np.shape(u))
        return u**2 / (1 + v**2)

    for given in (RATIO, NumericFunctional(by_hand), NumericFunctional(by_hand, elementwise=True)):
        run = evaluate([Definition(c[j, k], value, limits)], arrays, functionals={"ratio": given})
        assert run["c"] == pytest.approx(truth, rel=1e-14)
    assert calls == [()] * 6 + [(3, 2)]
    slope = value.diff(b[1])
    found = evaluate_expr(slope, limits, arrays=arrays, functionals={"ratio": RATIO})
    by_y = -8 * arrays["b"] * arrays["a"] ** 2 / (1 + 4 * arrays["b"] ** 2) ** 2
    assert found == pytest.approx(by_y * np.array([1, 0]), rel=1e-14)


def test_functionals_of_scalars_are_refused_families_and_missing_partials() -> None:
    (j,) = indices("j")
    a = tensor("a", (j, 1, 3))
    of_family = RATIO.functional(family(a[j], (j, 1, 3)), a[1])
    arrays = {"a": np.ones(3)}
    with pytest.raises(EvaluationError, match=r"ratio: expected scalars .*, found a family"):
        evaluate_expr(of_family, arrays=arrays, functionals={"ratio": RATIO})
    bare = NumericFunctional(lambda u, v: u, elementwise=True)
    slope = RATIO.functional(a[1], a[2]).diff(a[1])
    with pytest.raises(
        EvaluationError, match=r"ratio: .* partial derivative by arguments \(0,\), found none"
    ):
        evaluate_expr(slope, arrays=arrays, functionals={"ratio": bare})


def test_a_jump_takes_the_value_half_way() -> None:
    """sgn(0) = 0 and kappa(0) = 1; the printed equation says the same at every point."""
    z = np.array([-2.0, 0.0, 3.0])
    for known, truth in ((SGN, [-1, 0, 1]), (KAPPA, [1, 1, 0.5]), (activation("leaky_relu"), [-0.02, 0, 3])):
        assert from_activation(known)[0](z).tolist() == truth
        _, formula = known.equation
        x = formula.free_symbols.pop()
        for at, value in zip(z, truth, strict=True):
            brackets = {b: Integer(_holds(b, float(at))) for b in formula.atoms(Bracket)}
            assert float(formula.xreplace(brackets).subs(x, at)) == pytest.approx(value)
    step = Activation("step", ScalarFunction("step"), Integer(1), Integer(0), Integer(0))
    assert from_activation(step)[0](np.zeros(1)).tolist() == [0.5]
    assert "[0 = x]/2" in str(step.equation[1])


def _holds(b: Bracket, at: float) -> bool:
    left, right = (at if e.free_symbols else float(e) for e in (b.a, b.b))
    return {"<": left < right, "<=": left <= right, "=": left == right}[b.relation]
