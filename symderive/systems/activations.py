r"""Activations as input: a name, a defining formula sigma(x), and nothing else; derivatives are derived.

| name | sigma(x) |
|---|---|
| identity | x |
| tanh | tanh x |
| sigmoid | 1 / (1 + e^{-x}) |
| relu | x [0 < x], with a stated value of the derivative at 0 |
| leaky_relu | x [0 < x] + alpha x [x <= 0], likewise |
| softplus | log(1 + e^x) |
| elu | x [0 < x] + (e^x - 1) [x <= 0]; both sides have the derivative 1 at 0 |
| gelu | x (1 + erf(x / sqrt 2)) / 2 |
| gelu_tanh | x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2 |
| silu | x / (1 + e^{-x}) |

Softmax is no function of one number: see `symderive.systems.mlp`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sympy import Expr, Integer, Rational, Symbol, erf, exp, log, pi, sqrt, tanh

from symderive.calculus.atoms import ScalarFunction
from symderive.calculus.terms import Bracket
from symderive.displayed import Displayed
from symderive.errors import SymderiveError, did_you_mean
from symderive.systems.numbers import exact, shown

X = Symbol("x", real=True)
ZERO = Integer(0)


@dataclass(frozen=True, repr=False)
class Activation(Displayed):
    """One activation: `formula` in x for x > 0 and, where it differs, `negative` for x < 0.

    `at_zero` is the stated value of the derivative at 0 where the two sides disagree; None where they agree.

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
        """Whether one formula holds everywhere.

        >>> activation("gelu").smooth, activation("relu").smooth
        (True, False)
        """
        return self.negative is None

    def derivative(self, order: int = 1) -> Expr:
        """sigma^{(order)}(x) for x > 0, differentiated by SymPy from the formula.

        >>> activation("silu").derivative(0), activation("leaky_relu").derivative()
        (x/(1 + exp(-x)), 1)
        """
        return self.formula.diff(X, order) if order else self.formula

    def negative_derivative(self, order: int = 1) -> Expr:
        """sigma^{(order)}(x) for x < 0.

        >>> activation("leaky_relu").negative_derivative()
        1/100
        """
        formula = self.formula if self.negative is None else self.negative
        return formula.diff(X, order) if order else formula

    def at_kink(self) -> tuple[Expr, Expr] | None:
        """sigma'(0) and the value that it is taken to have; None where the derivative needs no convention.

        >>> activation("relu", at_zero=0.5).at_kink()
        (relu'(0), 1/2)
        """
        return None if self.at_zero is None else (self.function(Integer(0), order=1), self.at_zero)

    @property
    def equation(self) -> tuple[Expr, Expr]:
        """sigma(x) and what it stands for, with a bracket for each side of a kink.

        >>> activation("relu").equation, activation("silu").equation
        ((relu(x), x*[0 < x]), (silu(x), x/(1 + exp(-x))))
        """
        if self.negative is None:
            return self.function(X), self.formula
        left, right = self.negative.subs(X, 0), self.formula.subs(X, 0)
        # at a jump the value is half way between both sides
        below = Bracket.at_most(X, ZERO) if left == right else Bracket.less(X, ZERO)
        jump = 0 if left == right else (left + right) / 2 * Bracket.equal(X, ZERO)
        return self.function(X), self.formula * Bracket.less(ZERO, X) + self.negative * below + jump

    def convention(self) -> str:
        """What is assumed at a kink, in words; empty where there is none.

        >>> activation("relu").convention()
        'the derivative of relu at 0 is taken to be 0'
        """
        if self.at_zero is None:
            return ""
        return f"the derivative of {self.name} at 0 is taken to be {self.at_zero}"


SLOPE = Rational(1, 100)
CUBIC = Rational(44715, 1_000_000)

#   name, LaTeX, sigma(x) for x > 0, and below: another formula, or the slope there
_ROWS = (
    ("identity", r"\operatorname{id}", X, None),
    ("tanh", r"\tanh", tanh(X), None),
    ("sigmoid", r"\operatorname{sigmoid}", 1 / (1 + exp(-X)), None),
    ("relu", r"\operatorname{ReLU}", X, Integer(0)),
    ("leaky_relu", r"\operatorname{LReLU}", X, SLOPE),
    ("elu", r"\operatorname{ELU}", X, exp(X) - 1),
    ("softplus", r"\operatorname{softplus}", log(1 + exp(X)), None),
    ("gelu", r"\operatorname{GELU}", X * (1 + erf(X / sqrt(2))) / 2, None),
    ("gelu_tanh", r"\operatorname{TanhGELU}", X * (1 + tanh(sqrt(2 / pi) * (X + CUBIC * X**3))) / 2, None),
    ("silu", r"\operatorname{SiLU}", X / (1 + exp(-X)), None),
)

NAMES = tuple(name for name, *_ in _ROWS)


def activation(name: str, at_zero: Any = 0, slope: Any = None) -> Activation:
    """The activation of this name, by default ReLU'(0) = 0 and slope 1/100 of the leaky ReLU.

    `at_zero` is ReLU'(0). It settles the leaky ReLU too, which is s x + (1 - s) ReLU(x) for a slope of s.
    Raises SymderiveError for an unknown name, or a slope where there is none.

    >>> activation("tanh").derivative()
    1 - tanh(x)**2
    >>> activation("leaky_relu").at_zero, activation("leaky_relu", at_zero=1).at_zero
    (1/100, 1)
    """
    if slope is not None and name != "leaky_relu":
        raise SymderiveError(f"slope: expected it with leaky_relu alone, found it with {shown(name)}")
    for row, latex, formula, below in _ROWS:
        if row == name:
            function = ScalarFunction(name, latex)
            if below is None:
                return Activation(name, function, formula)
            if below.has(X):
                return Activation(name, function, formula, below)
            s = below if slope is None else exact(slope, "slope")
            return Activation(name, function, formula, s * X, s + (1 - s) * exact(at_zero, "at_zero"))
    raise SymderiveError(
        f"activation: expected one of {', '.join(NAMES)}, found {shown(name)}{did_you_mean(name, NAMES)}"
    )


def require_apart(activations: Iterable[Activation]) -> None:
    """SymderiveError where two activations have one name and are different functions.

    >>> require_apart([activation("leaky_relu"), activation("leaky_relu", slope=0.2)])
    Traceback (most recent call last):
    symderive.errors.SymderiveError: activation: expected one function by a name, found two by 'leaky_relu'
    """
    known: dict[ScalarFunction, Activation] = {}
    for a in activations:
        if known.setdefault(a.function, a) != a:
            raise SymderiveError(
                f"activation: expected one function by a name, found two by {shown(a.function.name)}"
            )
