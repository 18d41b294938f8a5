"""Costs as input: the cost of one sample as a formula in its outputs a_j and targets y_j.

| name | cost of one sample |
|---|---|
| generic | l(a; y), an arbitrary twice continuously differentiable function |
| squared_error | factor * sum_j (a_j - y_j)^2 |
| softmax_cross_entropy | sum_j y_j (log sum_k e^{a_k} - a_j) |
| binary_cross_entropy | sum_j (log(1 + e^{a_j}) - y_j a_j) |
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sympy import Expr, Rational, Symbol, exp, log

from symderive.calculus.atoms import Functional
from symderive.calculus.terms import IndexSum, family
from symderive.errors import SymderiveError

Component = Callable[[Symbol], Expr]


@dataclass(frozen=True)
class Cost:
    """A cost by name; `formula(a, y, j, k, n)` is the cost of one sample with n outputs.

    a and y give the entries at an index; j and k are index letters that are free to bind.
    """

    name: str
    formula: Callable[[Component, Component, Symbol, Symbol, Expr], Expr]
    functional: Functional | None = None


def _squared_error(factor: Expr) -> Cost:
    return Cost(
        "squared_error",
        lambda a, y, j, k, n: factor * IndexSum((a(j) - y(j)) ** 2, (j, 1, n)),
    )


def _softmax_cross_entropy() -> Cost:
    return Cost(
        "softmax_cross_entropy",
        lambda a, y, j, k, n: IndexSum(y(j) * (log(IndexSum(exp(a(k)), (k, 1, n))) - a(j)), (j, 1, n)),
    )


def _binary_cross_entropy() -> Cost:
    return Cost(
        "binary_cross_entropy",
        lambda a, y, j, k, n: IndexSum(log(1 + exp(a(j))) - y(j) * a(j), (j, 1, n)),
    )


def _generic(functional: Functional) -> Cost:
    return Cost(
        "generic",
        lambda a, y, j, k, n: functional(family(a(j), (j, 1, n)), family(y(j), (j, 1, n))),
        functional,
    )


NAMES = ("generic", "squared_error", "softmax_cross_entropy", "binary_cross_entropy")


def cost(name: str, factor: Expr | None = None, latex: str = "C") -> Cost:
    """The cost of this name; `factor` belongs to the squared error, and is 1/2 unless given.

    >>> cost("squared_error").name
    'squared_error'
    """
    if factor is not None and name != "squared_error":
        raise SymderiveError(f"a factor belongs to squared_error, not to {name!r}")
    if name == "generic":
        return _generic(Functional("cost", latex, 2))
    if name == "squared_error":
        return _squared_error(Rational(1, 2) if factor is None else factor)
    if name == "softmax_cross_entropy":
        return _softmax_cross_entropy()
    if name == "binary_cross_entropy":
        return _binary_cross_entropy()
    raise SymderiveError(f"expected a cost of {', '.join(NAMES)}, found {name!r}")
