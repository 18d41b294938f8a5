"""Costs as input: the cost of one sample as a formula in its outputs a_j and targets y_j.

| name | cost of one sample |
|---|---|
| generic | l(a; y), an arbitrary twice continuously differentiable function |
| squared_error | factor * sum_j (a_j - y_j)^2 |
| cross_entropy | - sum_j y_j log a_j, of probabilities a |
| softmax_cross_entropy | sum_j y_j (log sum_k e^{a_k} - a_j), the same of logits a |
| binary_cross_entropy | sum_j (log(1 + e^{a_j}) - y_j a_j), of logits a |
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sympy import Expr, Rational, Symbol, exp, log

from symderive.calculus.atoms import Functional
from symderive.calculus.terms import IndexSum, family
from symderive.errors import SymderiveError
from symderive.systems.numbers import exact, shown

Component = Callable[[Symbol], Expr]
Formula = Callable[[Component, Component, Symbol, Symbol, Expr], Expr]


@dataclass(frozen=True)
class Cost:
    """A cost by name; `formula(a, y, j, k, n)` is the cost of one sample with n outputs.

    a and y give the entries at an index; j and k are index letters that are free to bind.

    >>> from symderive.calculus import indices, tensor
    >>> j, k = indices("j k"); a, y = tensor("a", (j, 1, 3)), tensor("y", (j, 1, 3))
    >>> cost("squared_error", factor=1).formula(lambda i: a[i], lambda i: y[i], j, k, 3)
    sum((a[j] - y[j])**2, j=1..3)
    """

    name: str
    formula: Formula
    functional: Functional | None = None


_FORMULAS: dict[str, Formula] = {
    "cross_entropy": lambda a, y, j, k, n: -IndexSum(y(j) * log(a(j)), (j, 1, n)),
    "softmax_cross_entropy": lambda a, y, j, k, n: IndexSum(
        y(j) * (log(IndexSum(exp(a(k)), (k, 1, n))) - a(j)), (j, 1, n)
    ),
    "binary_cross_entropy": lambda a, y, j, k, n: IndexSum(log(1 + exp(a(j))) - y(j) * a(j), (j, 1, n)),
}

NAMES = ("generic", "squared_error", *_FORMULAS)


def cost(name: str, factor: Any = None, latex: str = "C") -> Cost:
    """The cost of this name; `factor` belongs to the squared error, and is 1/2 unless given.

    Raises SymderiveError for an unknown name, a factor elsewhere, or one that is no number.

    >>> cost("squared_error").name
    'squared_error'
    """
    if name not in NAMES:
        raise SymderiveError(f"cost: expected one of {', '.join(NAMES)}, found {shown(name)}")
    if factor is not None and name != "squared_error":
        raise SymderiveError(f"factor: expected it with squared_error alone, found it with {name!r}")
    if name == "generic":
        functional = Functional("cost", latex, 2)
        return Cost(
            name,
            lambda a, y, j, k, n: functional(family(a(j), (j, 1, n)), family(y(j), (j, 1, n))),
            functional,
        )
    if name == "squared_error":
        c = Rational(1, 2) if factor is None else exact(factor, "factor")
        return Cost(name, lambda a, y, j, k, n: c * IndexSum((a(j) - y(j)) ** 2, (j, 1, n)))
    return Cost(name, _FORMULAS[name])
