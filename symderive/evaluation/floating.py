"""The test of `modular` in floating point, for what has no exact values: e^z, log z and the like."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sympy import Abs, Add, Expr, Max, Min, Pow, cos, erf, exp, log, sign, sin, tanh
from sympy.core.basic import Basic

from symderive.evaluation.modular import PRIME, Model, Value
from symderive.evaluation.no_value import ModularError, NotExact
from symderive.evaluation.tested import Tested


class NoValue(ModularError):
    """A logarithm of 0, a division by 0, or a number too large."""


TOLERANCE = 1e-9
ROUNDING = 1e-12
"""What is left of terms that cancel, against the largest of them."""

FUNCTIONS: Mapping[type, Callable[..., float]] = {
    exp: math.exp,
    log: lambda z: math.log(abs(z)),  # has the derivative 1/z and log(xy) = log x + log y for all signs
    sin: math.sin,
    cos: math.cos,
    tanh: math.tanh,
    erf: math.erf,
    Pow: math.pow,
    Abs: abs,
    Max: max,
    Min: min,
    sign: lambda z: float((z > 0) - (z < 0)),
}


class FloatModel(Model):
    """A model whose entries are drawn from -1..1; both sides may differ by rounding.

    An activation is drawn as 2 + c sin(r z + s): exponentials of what it gives stay in range, for all widths.

    >>> from symderive.calculus import indices, tensor
    >>> j, = indices("j"); x = tensor("x", (j, 1, 3))
    >>> model = FloatModel((), {}, seed=1)
    >>> model.test(exp(x[1] + x[2]), exp(x[1]) * exp(x[2]), {}).holds
    True
    >>> model.test(exp(x[1] + x[2]), exp(x[1]) + exp(x[2]), {}).holds
    False
    """

    def drawn_number(self, *key: Any) -> float:
        """Between -1 and 1."""
        return 2 * self.draw(*key) / PRIME - 1

    def reduced(self, n: Any) -> Any:
        """A float."""
        try:
            return float(n)
        except OverflowError:
            raise NoValue("found a number too large for a float") from None

    def reciprocal(self, n: Any) -> Any:
        """1 / n"""
        if n == 0:
            raise NoValue("division by zero at a random point")
        return 1 / n

    def scalar_function(self, name: str, sup: tuple[int, ...], order: int, z: Value) -> Value:
        """The derivative of this order of a drawn function."""
        size, rate, start = (self.drawn_number("function", name, sup, n) for n in range(3))
        rate = 1 + rate / 2
        wave = (1 + size / 2) * rate**order * math.sin(rate * z.number + 3 * start + order * math.pi / 2)
        return Value(wave if order else 2 + wave)

    def size(self, n: Any) -> Any:
        """How well a number divides."""
        return abs(n)

    def negligible(self, n: Any) -> bool:
        """Whether a number is 0 but for rounding."""
        return bool(abs(n) < TOLERANCE)

    def function(self, e: Basic, arguments: Sequence[Any]) -> Any:
        """A function of real numbers."""
        if not arguments:
            return float(e)  # pi, e
        known = FUNCTIONS.get(type(e))
        if known is None:
            raise NotExact(f"expected a function of real numbers, found {type(e).__name__} {e}")
        try:
            return known(*arguments)
        except (ValueError, OverflowError):
            raise NoValue(f"{e} has no value at {', '.join(f'{a:.6g}' for a in arguments)}") from None

    def _test(self, lhs: Expr, rhs: Expr, values: Mapping[Basic, int]) -> Tested:
        """Where the terms of a side cancel, their rounding is left: then the largest of them is the scale."""
        found = super()._test(lhs, rhs, values)
        terms = [*Add.make_args(lhs), *Add.make_args(rhs)]
        if found.holds or len(terms) < 3:
            return found
        scale = max(abs(self.value(e, values, ()).number) for e in terms)
        rest = abs(self.value(lhs, values, ()).number - self.value(rhs, values, ()).number)
        if not rest <= ROUNDING * scale:
            return found
        return replace(found, holds=True, error=float(rest / scale), counterexample="")

    def compared(self, a: Value, b: Value) -> tuple[bool, float]:
        """Whether two values agree but for rounding, and their relative difference."""
        if not (math.isfinite(a.number) and math.isfinite(b.number)):
            raise NoValue(f"found {self.shown(a)} and {self.shown(b)}")
        scale = max(abs(a.number), abs(b.number)) or 1.0
        error = float(abs(a.number - b.number) / scale)
        return error <= TOLERANCE, error

    def shown(self, v: Value) -> str:
        """A value for a reader."""
        return f"{v.number:.12g}"
