"""A witness: one experiment without a hypothesis and with it; without it the claim is false, in fractions.

A witness cannot be written down, only run: its numbers are what the experiment returned when it was made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, TypeAlias

from sympy import Expr

from symderive.calculus.ranges import Context
from symderive.displayed import Displayed
from symderive.errors import SymderiveError

Value: TypeAlias = Fraction | tuple[Any, ...]  # a number, a vector, or the rows of a matrix


def exact_value(value: object, where: str) -> Value:
    """The value with integers as fractions, nested as it was; SymderiveError for a float or anything else.

    >>> exact_value((1, Fraction(1, 2)), "x")
    (Fraction(1, 1), Fraction(1, 2))
    """
    if isinstance(value, tuple):
        return tuple(exact_value(v, where) for v in value)
    if isinstance(value, bool) or not isinstance(value, int | Fraction):
        raise SymderiveError(f"{where}: expected integers, fractions or tuples of these, found {value!r}")
    return Fraction(value)


@dataclass(frozen=True, repr=False)
class Worked(Displayed):
    """What an experiment found: its lines, then one quantity as claimed and as it is. Formulas between $.

    `objection` says why a claim means nothing, where it does not even fit its types.

    >>> Worked((("$w$", 2),), "$w^2$", claimed=5, true=4).holds
    False
    """

    lines: tuple[tuple[str, Any], ...]
    quantity: str
    claimed: Any
    true: Any
    objection: str = ""

    def __post_init__(self) -> None:
        lines = tuple((label, exact_value(value, label)) for label, value in self.lines)
        object.__setattr__(self, "lines", lines)
        for name in ("claimed", "true"):
            object.__setattr__(self, name, exact_value(getattr(self, name), f"{self.quantity}, {name}"))
        if _shape(self.claimed) != _shape(self.true):
            raise SymderiveError(
                f"{self.quantity}: expected a claim of the shape of {self.true}, found {self.claimed}"
            )

    @property
    def holds(self) -> bool:
        """Whether the claim is the truth."""
        return bool(self.claimed == self.true) and not self.objection


def _shape(value: Value) -> Any:
    return tuple(map(_shape, value)) if isinstance(value, tuple) else None


@dataclass(frozen=True)
class Claim:
    """An equation that somebody wrote: lhs = rhs for the indices of the context, and the text as it stood."""

    lhs: Expr
    rhs: Expr
    context: Context
    source: str


@dataclass(frozen=True, repr=False)
class Witness(Displayed):
    """Why a theorem cannot do without a hypothesis (or a condition of its text): an executed counterexample.

    `experiment(broken)` must refute the claim, and `experiment(restored)`, where the hypothesis holds and the
    rest is the same, must confirm it; else there is no witness. `columns` head the two; `claim` is the
    equation that is refuted, where there is one.

    >>> def halves(n): return Worked((("$n$", n),), "$2 (n / 2)$", claimed=n, true=2 * (n // 2))
    >>> Witness("even", "Odd numbers have no half.", halves, broken=3, restored=4).found.true
    Fraction(2, 1)
    >>> Witness("even", "Odd numbers have no half.", halves, broken=6, restored=4)
    Traceback (most recent call last):
    symderive.errors.SymderiveError: witness for even: expected a false claim without it, found a true one
    """

    defends: str
    text: str
    experiment: Callable[[Any], Worked]
    broken: Any
    restored: Any
    columns: tuple[str, str] = ("without it", "with it")
    claim: Claim | None = None
    found: Worked = field(init=False)
    control: Worked = field(init=False)

    def __post_init__(self) -> None:
        found, control = self.run()
        object.__setattr__(self, "found", found)
        object.__setattr__(self, "control", control)

    def run(self) -> tuple[Worked, Worked]:
        """Both experiments, once more. SymderiveError where they are not a counterexample and its repair."""
        where = f"witness for {self.defends}"
        found, control = self.experiment(self.broken), self.experiment(self.restored)
        if found.holds:
            raise SymderiveError(f"{where}: expected a false claim without it, found a true one")
        if not control.holds:
            raise SymderiveError(
                f"{where}: expected a true claim with it, found {control.claimed} claimed, "
                f"{control.true} true{f', {control.objection}' if control.objection else ''}"
            )
        labels = [[label for label, _ in w.lines] + [w.quantity] for w in (found, control)]
        if labels[0] != labels[1]:
            raise SymderiveError(f"{where}: expected the same lines with it and without, found {labels}")
        return found, control
