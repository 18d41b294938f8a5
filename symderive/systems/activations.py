r"""Activations as input: a name, a defining formula sigma(x), and nothing else; derivatives are derived.

| name | sigma(x) |
|---|---|
| identity | x |
| tanh | tanh x |
| sigmoid | 1 / (1 + e^{-x}) |
| relu | x [0 < x], with a stated value of the derivative at 0 |
| leaky_relu | x [0 < x] + alpha x [x <= 0], likewise |
| softplus | log(1 + e^x) |
| gelu | x (1 + erf(x / sqrt 2)) / 2 |
| silu | x / (1 + e^{-x}) |
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, Integer, Rational, Symbol, erf, exp, log, sqrt, tanh

from symderive.calculus.atoms import ScalarFunction
from symderive.errors import SymderiveError

X = Symbol("x", real=True)


@dataclass(frozen=True)
class Activation:
    """One activation: `formula` in x for x > 0 and, where it differs, `negative` for x < 0.

    `at_zero` is the stated value of the derivative at 0 where the two sides disagree.

    >>> activation("relu").derivative(1), activation("relu").negative_derivative(1)
    (1, 0)
    """

    name: str
    function: ScalarFunction
    formula: Expr
    negative: Expr | None = None
    at_zero: Expr | None = None

    @property
    def smooth(self) -> bool:
        """Whether one formula holds everywhere."""
        return self.negative is None

    def derivative(self, order: int = 1) -> Expr:
        """sigma^{(order)}(x) for x > 0, differentiated by SymPy from the formula."""
        return self.formula.diff(X, order) if order else self.formula

    def negative_derivative(self, order: int = 1) -> Expr:
        """sigma^{(order)}(x) for x < 0."""
        formula = self.formula if self.negative is None else self.negative
        return formula.diff(X, order) if order else formula

    def convention(self) -> str:
        """What is assumed at a kink, in words; empty where there is none."""
        if self.smooth:
            return ""
        return f"the derivative of {self.name} at 0 is taken to be {self.at_zero}"


_ROWS = (
    ("identity", r"\operatorname{id}", X, None),
    ("tanh", r"\tanh", tanh(X), None),
    ("sigmoid", r"\operatorname{sigmoid}", 1 / (1 + exp(-X)), None),
    ("relu", r"\operatorname{ReLU}", X, Integer(0)),
    ("leaky_relu", r"\operatorname{LReLU}", X, X / 100),
    ("softplus", r"\operatorname{softplus}", log(1 + exp(X)), None),
    ("gelu", r"\operatorname{GELU}", X * (1 + erf(X / sqrt(2))) / 2, None),
    ("silu", r"\operatorname{SiLU}", X / (1 + exp(-X)), None),
)

NAMES = tuple(name for name, *_ in _ROWS)


def activation(name: str, at_zero: Expr | int = 0, slope: Expr | None = None) -> Activation:
    """The activation of this name; `at_zero`: the value of its derivative at a kink; `slope` of the leaky ReLU.

    >>> activation("tanh").derivative()
    1 - tanh(x)**2
    """
    for row, latex, formula, negative in _ROWS:
        if row == name:
            if name == "leaky_relu":
                negative = X * (Rational(1, 100) if slope is None else slope)
            kink = None if negative is None else Integer(at_zero) if isinstance(at_zero, int) else at_zero
            return Activation(name, ScalarFunction(name, latex), formula, negative, kink)
    raise SymderiveError(f"expected an activation of {', '.join(NAMES)}, found {name!r}")
