"""A named activation: its formula, the derivative of that, and the convention at a kink."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from sympy import Expr

from symderive import reference
from symderive.calculus.ranges import EMPTY
from symderive.claims.against_reference import relative_error
from symderive.claims.crosscheck import CrossCheck, Printed
from symderive.claims.evidence import CheckFailed, Evidence
from symderive.evaluation.numeric import evaluate_expr
from symderive.latex import Notation
from symderive.systems.activations import Activation, X

POINTS = np.linspace(-4.0, 4.0, 81)
TOLERANCE = 1e-12


def check_activation(a: Activation, seed: int, notation: Notation | None = None) -> tuple[Printed, ...]:
    """Formula and derivative, on both sides of a kink, read back and compared with the reference.

    Raises CheckFailed where the reference, which has its derivatives written by hand, disagrees.
    """
    f = a.function
    sides = [("", a.formula, a.derivative(), POINTS)]
    if a.negative is not None:
        sides = [
            ("0 < x", a.formula, a.derivative(), POINTS[POINTS > 0]),
            ("x < 0", a.negative, a.negative_derivative(), POINTS[POINTS < 0]),
        ]
    kink = a.at_kink()
    terms = [f(X), f(X, order=1), *(e for _, formula, slope, _ in sides for e in (formula, slope))]
    # where SymPy has a function of the same name, the formula says nothing new
    itself = {a.formula: f(X)} if a.formula.func.__name__ == a.name else {}
    cross = CrossCheck([e.xreplace(itself) for e in terms], (), {}, seed, notation)
    found = []
    for order in (0, 1):
        for where, *formulas, points in sides:
            rhs = formulas[order].xreplace(itself)
            if rhs == f(X):
                continue
            shown = cross.printed(f(X, order=order), rhs, EMPTY, "" if order else "by definition")
            evidence = _compare(a, shown.parsed[1], order, points)
            found.append(replace(shown, evidence=(evidence,), conditions=(where,) if where else ()))
    if kink is not None:
        found.append(cross.printed(*kink, EMPTY, "by convention"))
    return tuple(found)


def _compare(a: Activation, formula: Expr, order: int, points: np.ndarray) -> Evidence:
    """The parsed formula on numbers, against the function written by hand."""
    truth = reference.activation(a.name)
    wanted = np.asarray((truth.derivative if order else truth.value)(points))
    values = np.array([evaluate_expr(formula, arrays={"x": x}, functions={a.function: a}) for x in points])
    error = relative_error(values, wanted)
    if not error <= TOLERANCE:
        raise CheckFailed(
            f"{a.name}{chr(39) * order}: relative error {error:.2g} against the NumPy reference, "
            f"expected at most {TOLERANCE:g}"
        )
    return Evidence("numeric", "the same function of the NumPy reference", error, len(points))
