"""NumPy functions for names: sigma becomes [sigma, sigma', sigma''], a cost its value and its partials."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import combinations_with_replacement
from typing import Any

import numpy as np
from sympy import (
    Abs,
    Expr,
    Max,
    Min,
    Symbol,
    acos,
    asin,
    atan,
    cos,
    cosh,
    erf,
    exp,
    lambdify,
    log,
    sign,
    sin,
    sinh,
    tan,
    tanh,
)

from symderive.evaluation.labelled import Array, EvaluationError
from symderive.systems.activations import Activation, X
from symderive.systems.formulas import Formula

Elementwise = Callable[[Array], Array]
ORDERS = 3


def _erf(z: Array) -> Array:
    z = np.asarray(z)
    if z.dtype.kind == "c":
        raise EvaluationError("erf: expected real numbers, found complex ones")
    return np.asarray(np.vectorize(math.erf, otypes=[float])(z))


#: SymPy's functions of one or more numbers, elementwise
ELEMENTWISE: Mapping[type, Callable[..., Any]] = {
    exp: np.exp,
    log: np.log,
    sin: np.sin,
    cos: np.cos,
    tan: np.tan,
    asin: np.arcsin,
    acos: np.arccos,
    atan: np.arctan,
    sinh: np.sinh,
    cosh: np.cosh,
    tanh: np.tanh,
    erf: _erf,
    Abs: np.abs,
    sign: np.sign,
    Max: lambda *a: _fold(np.maximum, a),
    Min: lambda *a: _fold(np.minimum, a),
}


def _fold(f: Callable[[Any, Any], Any], values: Sequence[Any]) -> Any:
    out = values[0]
    for v in values[1:]:
        out = f(out, v)
    return out


def from_formula(formula: Expr, x: Symbol = X) -> Elementwise:
    """The function x -> formula on arrays.

    >>> from_formula(X**2)(np.array([1.0, 3.0]))
    array([1., 9.])
    """
    f = lambdify(x, formula, modules=[{"erf": _erf}, "numpy"])
    return lambda z: np.broadcast_to(np.asarray(f(z)), np.shape(z))


@lru_cache(maxsize=64)
def from_activation(sigma: Activation, orders: int = ORDERS) -> tuple[Elementwise, ...]:
    """sigma, sigma', .. up to order `orders` - 1; at a kink, sigma' has its stated value and sigma'' is 0.

    >>> from symderive.systems.activations import activation
    >>> value, derivative, _ = from_activation(activation("relu"))
    >>> derivative(np.array([-1.0, 0.0, 2.0])).tolist()
    [0.0, 0.0, 1.0]
    """
    return tuple(_piece(sigma, order) for order in range(orders))


def _piece(sigma: Activation, order: int) -> Elementwise:
    above = from_formula(sigma.derivative(order))
    if sigma.smooth:
        return above
    below = from_formula(sigma.negative_derivative(order))
    at_zero = float(sigma.at_zero) if order == 1 and sigma.at_zero is not None else 0.0
    zero = np.zeros(1)
    if order == 0:  # where the two sides do not meet, as for sgn, the value is half way
        at_zero = float(np.sum((above(zero) + below(zero)) / 2))
    elif sigma.at_zero is None and above(zero) == below(zero):
        at_zero = float(above(zero)[0])

    def f(z: Array) -> Array:
        z = np.asarray(z)
        up = z.real > 0
        # neither side is asked where it has no say, and maybe no value
        return np.where(z == 0, at_zero, np.where(up, above(np.where(up, z, 1)), below(np.where(up, -1, z))))

    return f


@dataclass(frozen=True)
class NumericFunctional:
    """C(families) -> number, and its partials: partials[0,](families) is dC/d(family 0), in its shape.

    partials[0, 1] is the mixed second derivative, in the shape of family 0 followed by that of family 1; the
    numbers of the families ascend. An `elementwise` one takes scalars alone, and may be given arrays of one
    shape instead, for many values at once.

    >>> square = NumericFunctional(lambda a: (a @ a) / 2, {(0,): lambda a: a})
    >>> square.partials[0,](np.array([3.0, 4.0]))
    array([3., 4.])
    """

    value: Callable[..., Any]
    partials: Mapping[tuple[int, ...], Callable[..., Any]] = field(default_factory=dict)
    elementwise: bool = False


@lru_cache(maxsize=64)
def from_scalars(f: Formula, orders: int = ORDERS) -> NumericFunctional:
    """A formula of several numbers, and its partials up to order `orders` - 1, on arrays.

    >>> from sympy import Symbol
    >>> from symderive.calculus.atoms import Functional
    >>> x, y = Symbol("x", real=True), Symbol("y", real=True)
    >>> ratio = from_scalars(Formula(Functional("ratio", arity=2), (x, y), x / (1 + y**2)))
    >>> ratio.value(np.array([2.0, 5.0]), np.array([1.0, 2.0]))
    array([1., 1.])
    """

    def numeric(*which: int) -> Callable[..., Any]:
        inside = lambdify(f.arguments, f.partial(*which), modules=[{"erf": _erf}, "numpy"])
        return lambda *a: np.broadcast_to(np.asarray(inside(*a)), np.broadcast_shapes(*map(np.shape, a)))

    arguments = range(f.functional.arity)
    partials = {w: numeric(*w) for n in range(1, orders) for w in combinations_with_replacement(arguments, n)}
    return NumericFunctional(numeric(), partials, elementwise=True)


Functions = Mapping[Any, Any]
