"""Markdown: code holds no formulas, but ```math blocks and $`..`$ do; HTML comments may hold directives."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from symderive.commands.scanning.directives import directive
from symderive.commands.scanning.events import Event
from symderive.commands.scanning.mathematics import formula, mathematics
from symderive.commands.scanning.tex import blank

HIDING = re.compile(
    r"^(?P<indent>[ \t>]*)(?P<fence>`{3,}|~{3,})(?P<language>[^`\n]*)$"
    r"|(?P<comment><!--)|(?P<dollar>\$`)|(?P<ticks>`+)|\\[^`\n]|\\`+",
    re.MULTILINE,
)
MOST_INLINE = 2_000
GAP = re.compile(r"\n[ \t]*\n")
QUOTED = re.compile(r"^[ \t]*>[ \t>]*", re.MULTILINE)


def events(text: str) -> Iterator[Event]:
    """All that a Markdown document says.

    >>> [e.text for e in events("`$a = b$` and $c = d$, from $5 to $6")]
    ['c = d']
    """
    shown, found = uncovered(QUOTED.sub(lambda m: " " * len(m[0]), text))
    yield from found
    yield from mathematics(shown, markdown=True)


def uncovered(text: str) -> tuple[str, list[Event]]:
    """The text with code and comments blanked out, so that places stay; directives, and formulas in code."""
    pieces: list[str] = []
    found: list[Event] = []
    runs: dict[int, list[int]] = {}  # the places of `, ``, ..
    for run in re.finditer("`+", text):
        runs.setdefault(len(run[0]), []).append(run.start())
    gaps = [gap.start() for gap in GAP.finditer(text)]
    done = place = 0
    while (m := HIDING.search(text, place)) is not None:
        start, place = m.start(), m.end()
        if m["fence"]:
            inner = place
            closer = re.compile(rf"^[ \t>]*{m['fence'][0]}{{{len(m['fence'])},}}[ \t]*$", re.MULTILINE)
            closed = closer.search(text, place)
            place = closed.end() if closed else len(text)  # an open fence reaches to the end
            if m["language"].strip() == "math" and closed:
                found += formula(text, inner, closed.start(), "display")
        elif m["comment"]:
            end = text.find("-->", place)
            end = len(text) if end < 0 else end
            found += _directives(text, place, end)
            place = min(len(text), end + 3)
        elif m["dollar"]:
            stop = gaps[n] if (n := bisect_left(gaps, place)) < len(gaps) else len(text)
            end = text.find("`$", place, place + MOST_INLINE)
            if end < 0 or end > stop:
                place = start + 1  # an ordinary dollar before code
                continue
            found += formula(text, place, end, "inline")
            place = end + 2
        elif m["ticks"]:
            places = runs.get(len(m[0]), [])
            n = bisect_left(places, place)
            stop = gaps[k] if (k := bisect_left(gaps, place)) < len(gaps) else len(text)
            if n == len(places) or places[n] > stop:
                continue  # nothing closes it
            place = places[n] + len(m[0])
        else:
            continue
        pieces += [text[done:start], blank(text[start:place])]
        done = place
    pieces.append(text[done:])
    return "".join(pieces), found


def _directives(text: str, start: int, end: int) -> Iterator[Event]:
    for line in text[start:end].split("\n"):
        words = directive(line)
        if words is not None:
            yield Event(start, "directive", words)
        start += len(line) + 1
