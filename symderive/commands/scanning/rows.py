r"""The equations of a display of several lines, each on its own: one that is wrong, or cannot be read, hides
no other."""

from __future__ import annotations

import re
from collections.abc import Iterator

from symderive.commands.scanning.relations import RELATION, claims

CUT = re.compile(
    r"(?P<deeper>\\begin\s*\{|\{)|(?P<back>\\end\s*\{|\})|(?P<cut>\\\\\*?(?:\[[^\]\n]{0,20}\])?)|\\.",
    re.DOTALL,
)
LEADING = re.compile(r"(?:[\s&]|\\(?:q?quad|[,;:! ]|nonumber|notag)(?![A-Za-z])|\{\})*")
GOES_ON = re.compile(
    r"[=+\-<>)\]]|\\(?:text|mbox|intertext|right|dots|ldots|cdots|cdot|times|odot)(?![A-Za-z])|$"
)
ASIDE = re.compile(r"\\?[A-Za-z]+\s*=[\w\s,+\-]{1,60},\s*\\[lc]?dots(?![A-Za-z])")  # l = L - 1, \dots, 1
OPEN_END = re.compile(r"(?:[=+\-(,]|\\(?:equiv|cdot|times|odot|propto|leftarrow))[\s&]*$")


def rows(formula: str) -> list[tuple[int, str]]:
    r"""The equations with their offsets. A line that goes on with the one before, or only says of which
    indices it speaks, stays with it.

    >>> rows("a &= b \\\\ &= c \\\\ d &= e")
    [(0, 'a &= b \\\\ &= c'), (18, 'd &= e')]
    """
    found: list[tuple[int, int]] = []
    for start, end in _lines(formula):
        inner = formula[start:end]
        skipped = LEADING.match(inner)
        first = inner[skipped.end() if skipped else 0 :]
        if not first:
            continue
        opens = not found or bool(
            OPEN_END.search(formula, max(found[-1][0], found[-1][1] - 80), found[-1][1])
        )
        on = GOES_ON.match(first) or _relation_first(first) or ASIDE.match(first) or not claims(inner)
        if found and (opens or on):
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    made = []
    for start, end in found:
        inner = formula[start:end]
        made.append((start + len(inner) - len(inner.lstrip()), inner.strip()))
    return [(at, text) for at, text in made if text]


def _relation_first(text: str) -> bool:
    m = RELATION.match(text)
    return bool(m and m["relation"])


def _lines(formula: str) -> Iterator[tuple[int, int]]:
    r"""Where the lines start and end that \\ outside of braces and environments cuts off."""
    depth = start = 0
    for m in CUT.finditer(formula):
        if m["deeper"] or m["back"]:
            # the brace of \begin{ is closed again, and so is that of \end{
            depth += {"{": 1, "}": -1}.get(m[0], 2 if m["deeper"] else 0)
        elif m["cut"] and depth <= 0:
            yield start, m.start()
            start = m.end()
    yield start, len(formula)
