"""Signs that are seen from the form of a term, whatever its names stand for."""

from __future__ import annotations

from sympy import Add, Mul, Pow, exp
from sympy.core.basic import Basic

from symderive.calculus.terms import Bracket, IndexSum
from symderive.proof.checker.ranges import at_least_one, nonnegative


def positive(e: Basic) -> bool:
    """Whether e > 0 is seen from its form."""
    if isinstance(e, Add):
        return all(map(not_negative, e.args)) and any(map(positive, e.args))
    if isinstance(e, Mul):
        return all(map(positive, e.args))
    if isinstance(e, IndexSum):
        return positive(e.body) and nonnegative(e.hi - e.lo, ())
    return (
        positive(e.base)
        if isinstance(e, Pow)
        else isinstance(e, exp) or bool(e.is_Rational and e > 0) or at_least_one(e)
    )


def not_negative(e: Basic) -> bool:
    """Whether e >= 0 is seen from its form."""
    if isinstance(e, Add | Mul):
        return all(map(not_negative, e.args))
    if isinstance(e, Pow):
        return not_negative(e.base) or bool(e.exp % 2 == 0)
    return (
        not_negative(e.body) if isinstance(e, IndexSum) else isinstance(e, Bracket) or e == 0 or positive(e)
    )
