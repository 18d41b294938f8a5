"""The steps of a derivation: lhs = e_1 = e_2 = .. = e_n, each with the rule that led to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, overload

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


class Steps(Sequence[Step]):
    """Steps that are worked out when somebody reads them: a document does, a compiler does not.

    >>> from symderive.derivation import derive
    >>> from symderive.systems import mlp
    >>> d = derive(mlp(depth=3)); steps = d.steps[d.gradient("b", 2)[0]]
    >>> len(steps), str(steps[-1])
    (4, 'grad_b[2, j] = delta[2, j]  [range]')
    """

    def __init__(self, read: Callable[..., Iterable[Step]], *args: Any) -> None:
        self._read = partial(read, *args)

    @cached_property
    def _steps(self) -> tuple[Step, ...]:
        return tuple(self._read())

    @overload
    def __getitem__(self, at: int) -> Step: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Step, ...]: ...
    def __getitem__(self, at: int | slice) -> Step | tuple[Step, ...]:
        return self._steps[at]

    def __len__(self) -> int:
        return len(self._steps)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self._steps == tuple(other)

    def __hash__(self) -> int:
        return hash(self._steps)

    def __repr__(self) -> str:
        return repr(self._steps)


def followed(steps: Sequence[Step], more: Iterable[Step]) -> Steps:
    """These steps, and then more of them."""
    return Steps(_joined, steps, tuple(more))


def _joined(*parts: Sequence[Step]) -> list[Step]:
    return [s for part in parts for s in part]
