"""A card in a terminal: Unicode, a line for each part, aligned at the signs of equality, and never a wall."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from itertools import groupby
from unicodedata import combining

from symderive.display.card import Card, Equation, Fold, Grid, Part, Pieces, Source, Words
from symderive.display.unicode import to_unicode
from symderive.documents.blocks import Math

LONGEST = 14
"""Lines of a list before the rest is only counted."""
MOST = 40
"""Lines of a whole object."""
WIDE = 100
"""Letters of a line of words."""
ALIGNED = 24
"""Letters of a left side; longer ones do not push the others to the right."""


def to_text(card: Card) -> str:
    """The card, without a line break at its end.

    >>> to_text(Card(("sum",), (Equation("a_{j}", "b_{j}"), Equation("ab", "c"))))
    'sum\\n  aⱼ  = bⱼ\\n  a b = c'
    """
    status = f"{card.status}: " if card.status else ""
    title, lines = status + words(card.title), _lines(card.body)
    if len(lines) > MOST:
        lines = [*lines[:MOST], f".. and {len(lines) - MOST} more lines"]
    if len(lines) == 1 and not isinstance(card.body[0], Grid):
        return f"{title}: {lines[0]}" if title else lines[0]
    return "\n".join([*([title] if title else []), *(f"  {line}" for line in lines)])


def words(pieces: Pieces) -> str:
    """A line of words and formulas, without characters that move the cursor."""
    text = "".join(to_unicode(p.latex) if isinstance(p, Math) else p for p in pieces)
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def equation(e: Equation, width: int = 0) -> str:
    """One equation in one line, its left side at least that wide."""
    left = to_unicode(e.lhs)
    left += " " * (width - columns(left))
    behind = (f"  for {words(e.note)}" if e.note else "") + (f"  [{words(e.reason)}]" if e.reason else "")
    return f"{left} = {to_unicode(e.rhs)}{behind}"


def columns(text: str) -> int:
    """How wide a text is: marks above letters take no room.

    >>> columns("z̃")
    1
    """
    return sum(not combining(c) for c in text)


def _lines(parts: Sequence[Part]) -> list[str]:
    out: list[str] = []
    for kind, group in groupby(parts, type):
        same = list(group)
        if kind is Equation:
            lines = _equations([p for p in same if isinstance(p, Equation)])
        else:
            lines = [line for p in same for line in _part(p)]
        out += lines if len(lines) <= LONGEST + 1 else _cut(lines)
    return out


def _cut(lines: list[str]) -> list[str]:
    return [*lines[:LONGEST], f".. and {len(lines) - LONGEST} more"]


def _equations(equations: list[Equation]) -> list[str]:
    widths = [columns(to_unicode(e.lhs)) for e in equations]
    wide = max((w for w in widths if w <= ALIGNED), default=0)
    return [equation(e, wide) for e in equations]


def _part(part: Part) -> list[str]:
    match part:
        case Words():
            return textwrap.wrap(words(part.pieces), WIDE, break_long_words=False) or [""]
        case Source():
            return [words((line,)) for line in part.lines]
        case Grid():
            table = [part.header, *part.rows]
            cells = [[words(cell) for cell in row] for row in table]
            widths = [max(map(columns, column)) for column in zip(*cells, strict=True)]
            return ["  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in cells]
        case Fold():
            inner = [f"  {line}" for line in _lines(part.body)] if part.plain == "body" else []
            return [] if part.plain == "hidden" else [words(part.title), *inner]
        case Equation():
            return [equation(part)]
