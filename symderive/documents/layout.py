"""Lines of an equation -> typeset lines of a given width: where they break, and where the notes stand.

Widths are in em. The arrangements, best first: notes at the right; notes below their lines; long lines
broken; the left side on a line of its own; and at the very last a line that is scaled down.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from symderive.documents.blocks import THEOREM_LIKE, Box, Inline, Inlines, Line, Math, Place, Text
from symderive.documents.breaking import break_row, tears_product
from symderive.documents.formula import Row, classes, parse
from symderive.documents.measure import inlines_width, width

SAFETY = 1.02  # measured widths are right within a few per cent
GAP = 1.5  # between a formula and the note at its right
NUMBER = 3.4  # for (12) and the space before it
INDENT = 1.0  # of a piece that continues a line
HANG = 2.0  # of the right side below its left side
TOLERATED = 0.985  # a line that is wider by so little is left alone: SAFETY covers it
NARROWEST = 0.3  # of the room that notes at the right have to leave to the formulas
NOTE_SIZE = 0.92  # notes are set in small type


@dataclass(frozen=True)
class SetLine:
    """One line as it is set: left side, right side with its relation, notes beside and below it, number.

    indent: em between the alignment point and the right side. scale: below 1 where nothing else helped.
    """

    lhs: Row | None
    rhs: Row
    indent: float = 0.0
    beside: Inlines = ()
    below: Inlines = ()
    place: Place | None = None
    scale: float = 1.0


@dataclass(frozen=True)
class Layout:
    """Set lines, and the em that they may fill."""

    lines: tuple[SetLine, ...]
    room: float

    @property
    def cost(self) -> int:
        """Every line costs, a broken formula more than a note on a line of its own, a torn product most."""
        torn = sum(tears_product(line.rhs) for line in self.lines)
        below = sum(bool(line.below) for line in self.lines)
        scaled = sum(line.scale < 1 for line in self.lines)
        return len(self.lines) + below + torn + 50 * scaled


def ranges_of(line: Line, conditions: tuple[str, ...] = ()) -> Inlines:
    """for 1 <= l <= L and 1 <= j <= n_l."""
    pieces: list[Inline] = []
    ranges = (*line.conditions, *conditions)
    for position, condition in enumerate(ranges):
        between = "for " if not position else " and " if position == len(ranges) - 1 else ", "
        pieces += [Text(between), Math(condition)]
    return tuple(pieces)


def note_of(line: Line, conditions: tuple[str, ...] = ()) -> Inlines:
    """for 1 <= l <= L, by the chain rule."""
    ranges = ranges_of(line, conditions)
    return (*ranges, *([Text(", ")] if ranges and line.reason else []), *line.reason)


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
    last = [conditions if position == len(lines) - 1 else () for position in range(len(lines))]
    ranges = [ranges_of(line, more) for line, more in zip(lines, last, strict=True)]
    reasons = [line.reason for line in lines]
    both = [note_of(line, more) for line, more in zip(lines, last, strict=True)]
    none: list[Inlines] = [()] * len(lines)
    natural = len(_arrange(lines, none, none, room).lines)
    found = [
        _arrange(lines, beside, below, room)
        for beside, below in ((both, none), (reasons, ranges), (none, both))
        if _space(beside, room) >= NARROWEST * room
    ]
    # A line more than the formulas need is a break that only makes room for notes: it costs once more.
    return min(found, key=lambda layout: layout.cost + len(layout.lines) - natural)


def _space(beside: list[Inlines], room: float) -> float:
    """What the notes at the right leave to the formulas."""
    widest = max((NOTE_SIZE * inlines_width(note) for note in beside if note), default=0.0)
    return room - GAP - widest if widest else room


def _arrange(lines: tuple[Line, ...], beside: list[Inlines], below: list[Inlines], room: float) -> Layout:
    space = _space(beside, room)
    sides = [(parse(line.lhs) if line.lhs else None, right_side(line)) for line in lines]
    left = max((width(lhs) for lhs, rhs in sides if lhs is not None and rhs is not None), default=0.0)
    widest = max((width(rhs) for _, rhs in sides if rhs is not None), default=0.0)
    hanging = left + widest > space and left > 0.4 * space
    out: list[SetLine] = []
    for line, right, under, (lhs, rhs) in zip(lines, beside, below, sides, strict=True):
        if lhs is not None and (rhs is None or hanging):
            out += _pieces(None, lhs, space, 0.0)
            lhs = None
        if rhs is not None:
            out += _pieces(lhs, rhs, space - (HANG if hanging else left), HANG if hanging else 0.0)
        out[-1] = replace(out[-1], beside=right, below=under, place=line.place)
    return Layout(tuple(out), room)


def _pieces(lhs: Row | None, row: Row, room: float, indent: float) -> list[SetLine]:
    out = []
    for position, piece in enumerate(break_row(row, room, room - INDENT)):
        continues = position > 0 and classes(piece)[0] != "rel"
        extra = INDENT if continues else 0.0
        natural = width(piece)
        scale = (room - extra) / natural if natural > 0 else 1.0
        scale = scale if scale < TOLERATED else 1.0
        out.append(SetLine(lhs if not position else None, piece, indent + extra, scale=scale))
    return out
