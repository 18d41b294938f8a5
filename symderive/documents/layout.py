"""Lines of an equation -> typeset lines of a given width: where they break, and where the notes stand.

Widths are in em. The arrangements, best first: notes at the right; notes below their lines; long lines
broken; the left side on a line of its own; and at the very last a line that is scaled down.
"""

from __future__ import annotations

from dataclasses import dataclass

from symderive.documents.blocks import THEOREM_LIKE, Box, Inline, Inlines, Line, Math, Place, Text
from symderive.documents.breaking import break_row, tears_product
from symderive.documents.formula import Row, classes, parse
from symderive.documents.measure import inlines_width, width

SAFETY = 1.02  # measured widths are right within a few per cent
GAP = 1.5  # between a formula and the note at its right
NUMBER = 3.4  # for (12) and the space before it
INDENT = 1.0  # of a piece that continues a line
HANG = 2.0  # of the right side below its left side
NOTE_SIZE = 0.92  # notes are set in small type


@dataclass(frozen=True)
class SetLine:
    """One line as it is set: left side, right side with its relation, note, number.

    indent: em between the alignment point and the right side. scale: below 1 where nothing else helped.
    """

    lhs: Row | None
    rhs: Row | None
    indent: float = 0.0
    note: Inlines = ()
    place: Place | None = None
    scale: float = 1.0


@dataclass(frozen=True)
class Layout:
    """Set lines; `beside` tells whether the notes stand at the right of the lines or below them."""

    lines: tuple[SetLine, ...]
    beside: bool
    room: float


def note_of(line: Line, conditions: tuple[str, ...] = ()) -> Inlines:
    """for 1 <= l <= L and 1 <= j <= n_l, by the chain rule."""
    pieces: list[Inline] = []
    ranges = (*line.conditions, *conditions)
    for position, condition in enumerate(ranges):
        between = "for " if not position else " and " if position == len(ranges) - 1 else ", "
        pieces += [Text(between), Math(condition)]
    if pieces and line.reason:
        pieces.append(Text(", "))
    return (*pieces, *line.reason)


def proof_word(box: Box) -> str:
    """What stands before the steps of a box: only what is like a theorem has a proof."""
    return "Proof" if box.kind in THEOREM_LIKE else "Steps"


def right_side(line: Line) -> Row | None:
    """The relation and what follows it; None for a line that is one formula."""
    return parse(f"{line.relation} {line.rhs}") if line.rhs else None


def arrange(
    lines: tuple[Line, ...], room: float, conditions: tuple[str, ...] = (), *, numbers: bool = True
) -> Layout:
    """The best arrangement of the lines within `room` em.

    >>> arrange((Line(lhs="a", rhs="b"),), 30).lines[0].rhs.source
    '= b'
    """
    numbered = numbers and any(line.place is not None for line in lines)
    room = (room - (NUMBER if numbered else 0)) / SAFETY
    notes = [
        note_of(line, conditions if position == len(lines) - 1 else ()) for position, line in enumerate(lines)
    ]
    widest_note = max((NOTE_SIZE * inlines_width(note) for note in notes if note), default=0.0)
    if not widest_note:
        return _arrange(lines, notes, room, beside=True)
    below = _arrange(lines, notes, room, beside=False)
    side_room = room - GAP - widest_note
    if side_room < 0.3 * room:
        return below
    beside = _arrange(lines, notes, side_room, beside=True)
    extra = sum(1 for note in notes if note)
    shrinks = min(line.scale for line in beside.lines) < min(line.scale for line in below.lines)
    if shrinks or _cost(beside) > _cost(below) + extra:
        return below
    return Layout(beside.lines, True, room)


def _cost(layout: Layout) -> int:
    """Lines, and one more for each product that had to be torn apart."""
    return len(layout.lines) + sum(line.rhs is not None and tears_product(line.rhs) for line in layout.lines)


def _arrange(lines: tuple[Line, ...], notes: list[Inlines], room: float, *, beside: bool) -> Layout:
    sides = [(parse(line.lhs) if line.lhs else None, right_side(line)) for line in lines]
    left = max((width(lhs) for lhs, rhs in sides if lhs is not None and rhs is not None), default=0.0)
    widest = max((width(rhs) for _, rhs in sides if rhs is not None), default=0.0)
    hanging = left + widest > room and left > 0.4 * room
    out: list[SetLine] = []
    for line, note, (lhs, rhs) in zip(lines, notes, sides, strict=True):
        if lhs is not None and (rhs is None or hanging):
            out += _pieces(None, lhs, room, 0.0)
            lhs = None
        if rhs is not None:
            out += _pieces(lhs, rhs, room - (HANG if hanging else left), HANG if hanging else 0.0)
        last = out.pop()
        out.append(SetLine(last.lhs, last.rhs, last.indent, note, line.place, last.scale))
    return Layout(tuple(out), beside, room)


def _pieces(lhs: Row | None, row: Row, room: float, indent: float) -> list[SetLine]:
    out = []
    for position, piece in enumerate(break_row(row, room, room - INDENT)):
        continues = position > 0 and classes(piece)[0] != "rel"
        extra = INDENT if continues else 0.0
        natural = width(piece)
        scale = min(1.0, (room - extra) / natural) if natural else 1.0
        out.append(SetLine(lhs if not position else None, piece, indent + extra, scale=scale))
    return out
