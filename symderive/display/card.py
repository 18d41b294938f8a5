"""What an object shows, whatever the form: a title, then equations, words, tables, and parts that unfold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from symderive.documents.blocks import Math

Pieces: TypeAlias = tuple[str | Math, ...]
"""Words and formulas in one line."""


@dataclass(frozen=True)
class Equation:
    """lhs = rhs in LaTeX, each on its own so that equations align; what it holds for, and by which reason."""

    lhs: str
    rhs: str
    note: Pieces = ()
    reason: Pieces = ()


@dataclass(frozen=True)
class Words:
    """A line of text; `indent` where it belongs to what is above."""

    pieces: Pieces


@dataclass(frozen=True)
class Source:
    """Lines that are shown as they are, in one width of letters."""

    lines: tuple[str, ...]


@dataclass(frozen=True)
class Grid:
    """A small table."""

    header: tuple[Pieces, ...]
    rows: tuple[tuple[Pieces, ...], ...]


@dataclass(frozen=True)
class Fold:
    """A part that unfolds on a page; what a terminal shows of it is its "title", its "body", or "hidden"."""

    title: Pieces
    body: tuple[Part, ...]
    plain: str = "title"


Part: TypeAlias = Equation | Words | Source | Grid | Fold


@dataclass(frozen=True)
class Card:
    """All of it. `status` stands beside the title, as one of the five statuses of evidence."""

    title: Pieces
    body: tuple[Part, ...] = ()
    status: str = ""


def joined(items: Iterable[str | Math], between: str = ", ") -> Pieces:
    """The items with something between them.

    >>> joined(("a", "b"))
    ('a', ', ', 'b')
    """
    out: list[str | Math] = []
    for item in items:
        out += [between, item] if out else [item]
    return tuple(out)


def counted(n: int, one: str, many: str = "") -> str:
    """A number of things.

    >>> counted(1, "step"), counted(2, "hypothesis", "hypotheses")
    ('1 step', '2 hypotheses')
    """
    return f"{n} {one if n == 1 else many or one + 's'}"
