r"""Formulas of several numbers for a functional that is applied to scalars: psi(x, y) = x / (sqrt y + eps).

The functional stays one name in proofs, which see neither its roots nor its divisions; documents print the
formula, and evaluation computes with it.
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, Symbol

from symderive.calculus.atoms import Functional
from symderive.errors import SymderiveError


@dataclass(frozen=True)
class Formula:
    """What a functional of scalars stands for: its value is `formula` in the `arguments`, entry by entry.

    Raises SymderiveError where the formula has other symbols, or the number of arguments is not the arity.

    >>> x, y = Symbol("x", real=True), Symbol("y", real=True)
    >>> ratio = Formula(Functional("ratio", arity=2), (x, y), x / (1 + y**2))
    >>> ratio.partial(0), ratio.partial()
    (1/(y**2 + 1), x/(y**2 + 1))
    """

    functional: Functional
    arguments: tuple[Symbol, ...]
    formula: Expr

    def __post_init__(self) -> None:
        name, arity = self.functional.name, self.functional.arity
        if len(self.arguments) != arity:
            raise SymderiveError(f"{name}: expected {arity} arguments, found {len(self.arguments)}")
        others = self.formula.free_symbols - set(self.arguments)
        if others:
            first = min(map(str, others))
            raise SymderiveError(f"{name}: expected a formula of its arguments, found {first}")

    @property
    def equation(self) -> tuple[Expr, Expr]:
        """The functional at its arguments, and the formula.

        >>> x = Symbol("x", real=True)
        >>> Formula(Functional("f"), (x,), x**2).equation
        (f(x), x**2)
        """
        return self.functional(*self.arguments), self.formula

    def partial(self, *which: int) -> Expr:
        """The formula, differentiated by the arguments of these numbers, counted from 0."""
        e = self.formula
        for n in which:
            e = e.diff(self.arguments[n])
        return e
