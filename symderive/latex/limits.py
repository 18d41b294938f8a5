"""Arithmetic that cannot run away: bounds on the numbers, powers and roots that a formula may ask for.

SymPy multiplies numbers out as it builds a term: 9^{9^{9^9}} would never end, and a product of two hundred
roots takes minutes. It asks each term of a function's argument for its sign.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sympy import Expr, Integer, Mul, Pow, Rational, nan, oo, zoo

from symderive.latex.notation import LatexError

DIGITS = 40
EXPONENT = 256
BITS = 4_096
ROOT_BITS = 48
ROOTS = 6
ARRAYS = 48
TERMS = 256
INDEX_PARTS = 16
EXTREMUM_ARGUMENTS = 8


def number(text: str) -> Expr:
    """A natural number of at most 40 digits."""
    if len(text) > DIGITS:
        raise LatexError(f"expected a number of at most {DIGITS} digits, found {len(text)}")
    return Integer(text)


def power(base: Expr, n: Expr) -> Expr:
    """base ** n, where neither the exponent nor the numbers in the result get out of hand.

    >>> power(Integer(2), Integer(10))
    1024
    >>> power(Integer(9), Integer(9) ** 9)
    Traceback (most recent call last):
    symderive.latex.notation.LatexError: expected an exponent of at most 256, found a larger one
    """
    if n.is_number and (not n.is_Rational or abs(n) > EXPONENT or n.q > EXPONENT):
        raise LatexError(f"expected an exponent of at most {EXPONENT}, found a larger one")
    if base.is_number and not (base.is_Rational or base.is_NumberSymbol) and (abs(n) > 4 or n.q > 4):
        raise LatexError("expected a small power of an irrational number, found a larger one")
    if base == 0 and not (n.is_Rational and n > 0):
        raise LatexError("expected a power of something, found a power of 0")
    content = base.as_coeff_Mul()[0]
    if n.is_Rational and content.is_Rational:
        size = _bits(content)
        if size * abs(n) > BITS or (not n.is_Integer and size > ROOT_BITS):
            raise LatexError("expected a power of a smaller number, found one that is too large")
    return Pow(base, n)


def product(factors: Sequence[Expr]) -> Expr:
    """The product, with at most six roots of numbers in it."""
    roots = sum(len(_roots(f)) for f in factors)
    if roots > ROOTS:
        raise LatexError(f"expected at most {ROOTS} roots of numbers in a product, found {roots}")
    found = Mul(*factors)
    if any(_bits(r) > ROOT_BITS * ROOTS for r in _roots(found)):
        raise LatexError("expected roots of smaller numbers in a product")
    return finite(found)


def extremum(function: Any, arguments: Sequence[Expr]) -> Expr:
    """The largest or smallest of at most eight terms, those of inner ones included."""
    count = sum(len(a.args) if isinstance(a, function) else 1 for a in arguments)
    if count > EXTREMUM_ARGUMENTS:
        raise LatexError(f"expected at most {EXTREMUM_ARGUMENTS} arguments, found {count}")
    return function(*map(argument, arguments))


def argument(e: Expr) -> Expr:
    """The argument of a function, a sum of at most 256 terms."""
    if e.is_Add and len(e.args) > TERMS:
        raise LatexError(f"expected at most {TERMS} terms in the argument of a function, found {len(e.args)}")
    return e


def index(parts: Sequence[Any]) -> None:
    """What is added or multiplied in an index: at most 16 parts."""
    if len(parts) > INDEX_PARTS:
        raise LatexError(f"expected an index of at most {INDEX_PARTS} parts, found {len(parts)}")


def finite(e: Expr) -> Expr:
    """The term itself, unless SymPy found that it has no value."""
    if e in (zoo, nan, oo, -oo):
        raise LatexError(f"expected a number, found {e}")
    return e


def _roots(e: Expr) -> list[Expr]:
    """The factors of e that are numbers, but not rational ones."""
    return [f for f in Mul.make_args(e) if f.is_number and not f.is_Rational]


def _bits(e: Expr) -> int:
    return sum(abs(r.p).bit_length() + r.q.bit_length() - 1 for r in e.atoms(Rational))
