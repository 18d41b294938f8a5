"""Formulas read with terms in place of numbers: derivatives are terms too."""

from __future__ import annotations

from typing import Any

from sympy import Expr

from symderive.calculus.terms import (
    Entry,
    PartialDerivative,
)
from symderive.dialect.syntax import Node
from symderive.errors import SymderiveError
from symderive.formulas.interpreter import Interpreter
from symderive.formulas.naming import meant, output_of
from symderive.formulas.products import Env
from symderive.formulas.quantities import plain_name
from symderive.formulas.terms import Array, Four, Jacobian


class NoTerm(SymderiveError):
    """What has no term in the calculus, such as a product of matrices over all layers."""


class SymbolicInterpreter(Interpreter):
    """Derivatives as terms: of the cost by anything, an entry of the gradient; else a partial derivative."""

    def differentiated(self, of: Node, by: Node, e: Node, env: Env) -> Any:
        name = plain_name(by)
        found = None if name is None else self.find(name) or output_of(self, name)
        if found is None or found.power is not None or found.quantity.gradient:
            raise self.fail(by, f"expected a name of the network below the derivative, found {by}", "name")
        at = tuple(self.world.index(i, env, self) for i in found.at)
        v = self.world.value(found.quantity, at)
        u = self.array(meant(self, of), env)

        def moved(e1: Expr, e2: Expr) -> Expr:
            return derivative_of(e1, e2)

        if found.components:
            spot = self.component(v, found.components, by, env).number
            return Array(u.rows, u.cols, lambda r, c: moved(u.at(r, c), spot))
        if u.scalar:
            return self._laid(Array(v.rows, v.cols, lambda r, c: moved(u.number, v.at(r, c))))
        if v.scalar:
            return Array(u.rows, u.cols, lambda r, c: moved(u.at(r, c), v.number))
        return Jacobian(
            (u.rows, u.cols), (v.rows, v.cols), Four(lambda i, j, m, n: moved(u.at(i, j), v.at(m, n)))
        )


def derivative_of(u: Expr, v: Expr) -> Expr:
    """du/dv of two terms, v an entry: by the chain rule over the entries of u."""
    from symderive.calculus.differential import _moved as through

    if not isinstance(v, Entry):
        raise NoTerm(f"expected an entry below the derivative, found {v}")
    if isinstance(u, Entry):
        return PartialDerivative(u, v)
    return through(u, lambda x: PartialDerivative(x, v))
