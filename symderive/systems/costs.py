"""Costs as input: the cost of one sample as a formula in its outputs a_j and targets y_j.

| name | cost of one sample |
|---|---|
| generic | l(a; y), an arbitrary twice continuously differentiable function |
| squared_error | factor * sum_j (a_j - y_j)^2 |
| cross_entropy | - sum_j y_j log a_j, of probabilities a |
| softmax_cross_entropy | sum_j y_j (log sum_k e^{a_k} - a_j), the same of logits a |
| binary_cross_entropy | sum_j (log(1 + e^{a_j}) - y_j a_j), of logits a |
| poisson | sum_j (e^{a_j} - y_j a_j), of logarithms a of the rates |
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sympy import Expr, Rational, Symbol, exp, log

from symderive.calculus.atoms import Functional
from symderive.calculus.terms import IndexSum, family
from symderive.errors import SymderiveError, did_you_mean
from symderive.systems.numbers import exact, shown

Component = Callable[[Symbol], Expr]

NAMES = (
    "generic",
    "squared_error",
    "cross_entropy",
    "softmax_cross_entropy",
    "binary_cross_entropy",
    "poisson",
)


@dataclass(frozen=True)
class Cost:
    """A cost by name; the squared error has a factor, an arbitrary cost a functional that stands for it."""

    name: str
    factor: Expr | None = None
    functional: Functional | None = None

    def formula(self, a: Component, y: Component, j: Symbol, k: Symbol, n: Expr | int) -> Expr:
        """The cost of one sample with n outputs; a and y give entries by index, j and k are letters to bind.

        >>> from symderive.calculus import indices, tensor
        >>> j, k = indices("j k"); a, y = tensor("a", (j, 1, 3)), tensor("y", (j, 1, 3))
        >>> cost("cross_entropy").formula(lambda i: a[i], lambda i: y[i], j, k, 3)
        -sum(log(a[j])*y[j], j=1..3)
        """
        here = (j, 1, n)
        if self.functional is not None:
            return self.functional(family(a(j), here), family(y(j), here))
        if self.name == "squared_error":
            return self.factor * IndexSum((a(j) - y(j)) ** 2, here)
        if self.name == "cross_entropy":
            return -IndexSum(y(j) * log(a(j)), here)
        if self.name == "softmax_cross_entropy":
            return IndexSum(y(j) * (log(IndexSum(exp(a(k)), (k, 1, n))) - a(j)), here)
        if self.name == "poisson":
            return IndexSum(exp(a(j)) - y(j) * a(j), here)
        return IndexSum(log(1 + exp(a(j))) - y(j) * a(j), here)


def cost(name: str, factor: Any = None, latex: str = "C") -> Cost:
    """The cost of this name; `factor` belongs to the squared error, and is 1/2 unless given.

    Raises SymderiveError for an unknown name, a factor elsewhere, or one that is no number.

    >>> cost("squared_error")
    Cost(name='squared_error', factor=1/2, functional=None)
    """
    if name not in NAMES:
        raise SymderiveError(
            f"cost: expected one of {', '.join(NAMES)}, found {shown(name)}{did_you_mean(name, NAMES)}"
        )
    if factor is not None and name != "squared_error":
        raise SymderiveError(f"factor: expected it with squared_error alone, found it with {name!r}")
    if name == "generic":
        return Cost(name, functional=Functional("cost", latex, 2))
    if name == "squared_error":
        return Cost(name, Rational(1, 2) if factor is None else exact(factor, "factor"))
    return Cost(name)
