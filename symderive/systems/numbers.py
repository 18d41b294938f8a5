"""Numbers that a user gives, made exact: 3 and numpy.int64(3) are 3, 0.5 is 1/2; text is never evaluated."""

from __future__ import annotations

import math
import operator
from fractions import Fraction
from numbers import Rational as RationalNumber
from numbers import Real
from typing import Any

from sympy import Expr, Integer, Rational

from symderive.displayed import Displayed
from symderive.errors import SymderiveError


def whole(value: Any, what: str, least: int = 1, most: int | None = None) -> int:
    """A whole number of any integer type, NumPy's and SymPy's included, in least..most.

    >>> from sympy import Integer
    >>> whole(Integer(4), "depth")
    4
    """
    try:
        number = operator.index(value)
    except TypeError:
        number = None
    inside = number is not None and number >= least and (most is None or number <= most)
    if isinstance(value, bool) or not inside:
        wanted = f"from {least}" if most is None else f"from {least} to {most}"
        raise SymderiveError(f"{what}: expected a whole number {wanted}, found {shown(value)}")
    assert number is not None
    return number


def exact(value: Any, what: str) -> Expr:
    """A real number as an exact rational, or a SymPy expression as it is.

    >>> exact(0.1, "factor"), exact(Fraction(1, 3), "factor")
    (1/10, 1/3)
    """
    if isinstance(value, Expr):
        return value
    if not isinstance(value, bool):
        if isinstance(value, RationalNumber):
            return Rational(int(value.numerator), int(value.denominator))
        if isinstance(value, Real) and math.isfinite(value):
            # the shortest decimal that is this float: 0.1 is 1/10
            fraction = Fraction(repr(float(value)))
            return Rational(fraction.numerator, fraction.denominator)
    raise SymderiveError(f"{what}: expected a number, found {shown(value)}")


def from_zero(value: Any, what: str) -> float:
    """A finite number that is not negative, as a float.

    >>> from_zero(1, "tolerance")
    1.0
    """
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not 0 <= number < math.inf or isinstance(value, str | bool):
        raise SymderiveError(f"{what}: expected a number from 0, found {shown(value)}")
    return number


def size_of(value: Expr | int) -> Expr:
    """An int as a SymPy integer; expressions stay.

    >>> size_of(3)
    3
    """
    return Integer(value) if isinstance(value, int) else value


def shown(value: Any) -> str:
    """What was found, in one short line.

    >>> shown("x" * 100)[-4:]
    'xx..'
    """
    if isinstance(value, Displayed):
        return f"a {type(value).__name__}"
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else text[:58] + ".."
