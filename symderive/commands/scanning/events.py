"""What a scanner finds in a text, one after the other: formulas, directives, macros; and their lines."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from symderive.commands.scanning.directives import Place, State, spot
from symderive.commands.scanning.rows import rows


@dataclass(frozen=True)
class Event:
    """Something at an offset of the text. `kind`: display, inline, directive or macro."""

    offset: int
    kind: str
    text: str
    name: str = ""


class Lines:
    """The line of an offset, from 1.

    >>> lines = Lines("a\\nb\\nc")
    >>> lines.of(0), lines.of(1), lines.of(2), lines.of(4)
    (1, 1, 2, 3)
    """

    def __init__(self, text: str) -> None:
        self.ends = [n for n, c in enumerate(text) if c == "\n"]

    def of(self, offset: int) -> int:
        """How many lines end before this offset, and one more."""
        return bisect_left(self.ends, offset) + 1


def placed(
    events: Iterable[Event], text: str, state: State, file: str, cell: int | None = None
) -> Iterator[Place]:
    """The formulas of the events, with what was directed before each; the state goes on."""
    lines = Lines(text)
    for event in sorted(events, key=lambda e: e.offset):
        line = lines.of(event.offset)
        if event.kind == "directive":
            state.direct(event.text, spot(file, cell, line))
        elif event.kind == "macro":
            state.define(event.name, event.text)
        else:
            found = state.place(event.text, line, file, cell, event.kind == "inline")
            if found is not None:
                yield from _each(found)


def _each(place: Place) -> Iterator[Place]:
    """The equations of a display; one place where it is meant to be wrong, whichever line that is."""
    if place.inline or place.expect:
        yield place
        return
    lines = Lines(place.formula)
    for offset, text in rows(place.formula):
        yield replace(place, formula=text, line=place.line + lines.of(offset) - 1)
