"""The steps of a derivation: lhs = e_1 = e_2 = .. = e_n, each with the rule that led to it."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr

from symderive.calculus.ranges import Context
from symderive.calculus.terms import Entry
from symderive.displayed import Displayed

RULES = {
    "chain rule": "chain rule over everything that uses it",
    "partial derivatives": "partial derivatives, of each definition by itself",
    "delta contraction": "sums over Kronecker deltas contracted",
    "range": "ranges decided",
    "substitution": "derivative put in",
    "case": "brackets decided in these ranges",
}


@dataclass(frozen=True, repr=False)
class Step(Displayed):
    """One line: lhs = rhs for the indices of `context`, by `rule`.

    >>> from symderive.derivation import derive
    >>> from symderive.systems import mlp
    >>> d = derive(mlp()); print(d.steps[d.gradient("b")[0]][-1])
    grad_b[l, j] = delta[l, j]  [range]
    """

    rule: str
    lhs: Entry
    rhs: Expr
    context: Context

    @property
    def reason(self) -> str:
        """The rule in words."""
        return RULES[self.rule]

    def __str__(self) -> str:
        return f"{self.lhs} = {self.rhs}  [{self.rule}]"
