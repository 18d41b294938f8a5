r"""What theorems may use of named functions: the formula as a definition, for all real u, and what
follows from it.

    sigmoid: sigmoid(u) = 1 / (1 + e^{-u})        sigmoid'(u) = sigmoid(u) (1 - sigmoid(u))     proved
    tanh:    tanh(u) = (e^u - e^{-u}) / (e^u + e^{-u})          tanh'(u) = 1 - tanh(u)^2        proved
    relu:    relu(u) = u [0 < u]                                relu'(u) = [0 < u] + c [0 = u]  the convention

The derivative of a smooth function is proved from its formula. At a kink there is none: there the prime is
the name of a second function, which is given by the convention, and no rule of differentiation is used on
either.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from sympy import Expr, exp, tanh
from sympy.core.basic import Basic

from symderive.calculus.atoms import CalculusError, ScalarFunction, tensor
from symderive.calculus.ranges import EMPTY
from symderive.calculus.terms import Applied, Bracket
from symderive.proof import kernel
from symderive.proof.kernel import Hypothesis, KernelError, Theorem
from symderive.proof.sides import Side, same_fractions
from symderive.systems.activations import Activation, X

U = tensor("any_u", latex=r"\xi")
MOST = 4
"""Derivatives up to this order."""


@dataclass(frozen=True)
class FunctionLaws:
    """Theorems for all real u: `value`, f(u) = formula; `derivatives`, f'(u), f''(u), .. by lower orders.

    Where the language of theorems has no such formula, there is no theorem.
    """

    function: ScalarFunction
    value: Theorem | None = None
    derivatives: tuple[Theorem, ...] = ()

    def derivative(self, order: int) -> Theorem | None:
        """The theorem for the derivative of this order, counted from 1."""
        return self.derivatives[order - 1] if 0 < order <= len(self.derivatives) else None


@lru_cache(maxsize=100)
def function_laws(a: Activation) -> FunctionLaws:
    """What is known of an activation.

    >>> from symderive.systems.activations import activation
    >>> laws = function_laws(activation("sigmoid"))
    >>> print(laws.derivative(1))
    ; definition of sigmoid |- sigmoid'(any_u[]) = -sigmoid(any_u[])**2 + sigmoid(any_u[])
    >>> laws.derivative(1).audit()["definition"][0].rhs
    1/(1 + exp(-any_u[]))
    >>> print(function_laws(activation("relu", at_zero=0.5)).derivative(1).rhs)
    [0 < any_u[]] + [0 = any_u[]]/2
    >>> function_laws(activation("gelu"))
    FunctionLaws(function=gelu, value=None, derivatives=())
    >>> print(function_laws(activation("elu")).derivative(1).rhs)
    exp(any_u[])*[any_u[] <= 0] + [0 < any_u[]]
    """
    f = a.function
    if f.sup:
        return FunctionLaws(f)
    try:
        value = _assumed(f"definition of {f.name}", f(U[()]), formula(a))
    except (KernelError, CalculusError):
        return FunctionLaws(f)
    if not a.smooth:
        return FunctionLaws(f, value, tuple(_convention(a)))
    first = _shorter(a, value, kernel.derivative(value, U))
    found = [first]
    while len(found) < MOST:
        found.append(kernel.derivative(found[-1], U))
    return FunctionLaws(f, value, tuple(found))


def formula(a: Activation) -> Expr:
    """The formula of an activation at u; the hyperbolic tangent by exponentials.

    >>> from symderive.systems.activations import activation
    >>> formula(activation("tanh"))
    (exp(any_u[]) - exp(-any_u[]))/(exp(any_u[]) + exp(-any_u[]))
    """
    u = U[()]
    rule: dict[Basic, Basic] = {X: u}
    found: Expr = a.equation[1].xreplace({tanh(X): (exp(X) - exp(-X)) / (exp(X) + exp(-X))}).xreplace(rule)
    return found


def _convention(a: Activation) -> list[Theorem]:
    """f'(u) on both sides of 0, and at 0 the stated value, or the value of both sides where they agree."""
    u, f = U[()], a.function
    right, left = (e.xreplace({X: u}) for e in (a.derivative(), a.negative_derivative()))
    agree = a.at_zero is None or a.at_zero == left
    rhs = right * Bracket.less(0, u) + left * (Bracket.at_most(u, 0) if agree else Bracket.less(u, 0))
    if not agree:
        rhs += a.at_zero * Bracket.equal(0, u)
    return [_assumed(f"derivative of {f.name}", f(u, order=1), rhs)]


def _assumed(name: str, lhs: Applied, rhs: Expr) -> Theorem:
    return kernel.assume(Hypothesis(name, lhs, rhs, (), "definition", (U,)), EMPTY)


def _shorter(a: Activation, value: Theorem, derived: Theorem) -> Theorem:
    """f'(u) by f(u), where that is known to be short; checked by the kernel, like all else."""
    s = a.function(U[()])
    forms = {"sigmoid": s - s**2, "tanh": 1 - s**2}
    if a.name not in forms:
        return derived
    short = Side(forms[a.name], EMPTY)
    short.rewrite(value)
    short.settle()
    long = Side(derived.rhs, EMPTY)
    if not same_fractions(long, short):
        return derived
    first, back = kernel.transitivity(derived, long.theorem), kernel.symmetry(short.theorem)
    return kernel.transitivity(first, back)


__all__ = ["FunctionLaws", "formula", "function_laws"]
