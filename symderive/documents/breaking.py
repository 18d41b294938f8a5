"""Long formula = several lines: break before a relation, then before + and -, then between factors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from symderive.documents import dialect
from symderive.documents.formula import Atom, Fenced, Node, Row, Scripts, classes, slice_of
from symderive.documents.measure import reaches, width

_TEX = {char: command for command, char in reversed(list(dialect.DELIMITERS.items()))} | {"": "."}
# A product that is broken shows it: the next line starts with a dot.
_DOT = Atom(r"\cdot ", dialect.BINARY, "⋅", "upright")
# Before a + or a dot that starts a line: it keeps the space of a sign that joins two terms.
_NOTHING = Row("{}", ())

# What the pieces after a break of each level have in front, in em.
_LEAD = (0.0, 0.0, 0.75)


def breaks(row: Row) -> Iterator[tuple[int, int]]:
    r"""The positions where a row may break, each with its level.

    0: before a relation; 1: before + or -; 2: between factors. Never inside brackets, and never
    between a function or a sum and what it applies to.

    >>> from symderive.documents.formula import parse
    >>> list(breaks(parse(r"a = b + c d")))
    [(1, 0), (3, 1), (5, 2)]
    """
    kinds = classes(row)
    depth = 0
    for position, kind in enumerate(kinds):
        if kind == "close":
            depth -= 1
        if position and not depth:
            if kind == "rel" and kinds[position - 1] != "rel":
                yield position, 0
            elif kind == "bin":
                yield position, 1
            elif kind in ("ord", "inner", "big", "op") and _between_factors(row, kinds, position):
                yield position, 2
        if kind == "open":
            depth += 1


def _between_factors(row: Row, kinds: tuple[str, ...], position: int) -> bool:
    item, before = row.items[position], row.items[position - 1]
    if kinds[position - 1] not in ("ord", "inner"):
        return False
    if _is_fenced(item):  # behind a letter it may be the argument of a function
        return _is_fenced(before)
    if isinstance(before, Atom) and (before.char in "∂∇Δ¬∀∃" or before.style == "upright"):
        return before.char.isdigit()
    return True


def _is_fenced(node: Node) -> bool:
    return isinstance(node.base if isinstance(node, Scripts) else node, Fenced)


def break_row(row: Row, first: float, rest: float) -> tuple[Row, ...]:
    """Pieces of a row, each at most `first` (then `rest`) em wide wherever the row can be broken so.

    >>> from symderive.documents.formula import parse
    >>> [piece.source.strip() for piece in break_row(parse("= aaaa + bbbb + cccc"), 7, 5)]
    ['= aaaa + bbbb', '{}+ cccc']
    """
    pieces: list[Row] = []
    line = _Line(row)
    limit = first
    while (split := line.split(limit)) is not None:
        piece, line = split
        pieces.append(piece)
        limit = rest
    return (*pieces, line.remainder())


@dataclass(frozen=True)
class _Measured:
    """A row, how far its items reach, and where it may break: found once, though the row is broken often."""

    row: Row
    reach: list[float]
    breaks: list[tuple[int, int]]
    front: int  # no line holds nothing but its relation, or what an earlier break put in front


class _Line:
    """What remains of a row from item `start` on, after a break of the given level."""

    def __init__(self, row: Row, of: _Measured | None = None, start: int = 0, level: int = 0) -> None:
        if of is None:
            front = 2 if row.items[:1] == (_NOTHING,) else 1 if classes(row)[:1] == ("rel",) else 0
            of = _Measured(row, reaches(row), list(breaks(row)), front)
        self.of, self.start, self.level = of, start, level

    def remainder(self) -> Row:
        return _lead(slice_of(self.of.row, self.start, len(self.of.row.items)), self.level)

    def split(self, limit: float) -> tuple[Row, _Line] | None:
        """The next piece and what remains after it; None where the rest fits, or cannot be broken."""
        of, free = self.of, limit - _LEAD[self.level]
        before = of.reach[self.start]
        if of.reach[-1] - before <= free:
            return None
        least = self.start or of.front
        found = _best(of.breaks, of.reach, least, before + free, limit)
        if found is None:
            opened = _open(of.row, self.start, of.reach, free)
            if opened is not None:
                return _lead(opened[0], self.level), _Line(opened[1])
            # Something that cannot be broken is too wide: at least nothing else is on its line.
            found = next((one for one in of.breaks if one[0] > least), None)
            if found is None:
                return None
        return _lead(slice_of(of.row, self.start, found[0]), self.level), _Line(of.row, of, *found)


def _best(
    candidates: list[tuple[int, int]], reach: list[float], least: int, most: float, limit: float
) -> tuple[int, int] | None:
    """The last break of the outermost level that fills the line to a fair part; it reaches to `most`."""
    fitting = [(at, level) for at, level in candidates if at > least and reach[at] <= most]
    for level, enough in ((0, 0.35), (1, 0.3), (2, 0.3), (0, 0.0), (1, 0.0), (2, 0.0)):
        far = [one for one in fitting if one[1] == level and reach[one[0]] >= most - limit + enough * limit]
        if far:
            return far[-1]
    return None


def _lead(piece: Row, level: int) -> Row:
    """A piece with what it needs in front, according to the level of the break before it."""
    return _after(((), (_NOTHING,), (_NOTHING, _DOT))[level], piece)


def tears_product(piece: Row) -> bool:
    """Whether the piece goes on with a product that the line before began."""
    return piece.items[:2] == (_NOTHING, _DOT)


def part(row: Row, start: int, end: int) -> Row:
    """Items start..end, as a line of their own: a + at the start still joins two terms."""
    joins = start and classes(row)[start] == "bin"
    return _lead(slice_of(row, start, end), 1 if joins else 0)


def _after(items: tuple[Node, ...], row: Row) -> Row:
    return Row("".join(item.source for item in items) + row.source, (*items, *row.items))


def _open(row: Row, start: int, reach: list[float], limit: float) -> tuple[Row, Row] | None:
    r"""Break inside the first \left ... \right from `start` on that does not fit.

    The delimiters keep their height. The piece, and the row that remains.
    """
    for position in range(start, len(row.items)):
        whole = row.items[position]
        item = whole.base if isinstance(whole, Scripts) else whole
        if not isinstance(item, Fenced) or reach[position + 1] - reach[start] <= limit:
            continue
        before = slice_of(row, start, position)
        room = limit - width(before) - 0.8
        split = _Line(Row(item.body.source, item.body.items)).split(room) if room > 0.1 * limit else None
        if split is None:
            return None
        head, tail = split[0], split[1].remainder()
        # The strut has the whole body's height, so that both delimiters have it too.
        strut = rf"\vphantom{{{_without_struts(item.body.source).strip()}}}"
        opened = Fenced(rf"\left{_TEX[item.left]} {head.source}{strut}\right. ", item.left, head, "")
        source = rf"\left. {strut}{tail.source}\right{_TEX[item.right]} "
        closed: Node = Fenced(source, "", tail, item.right)
        if isinstance(whole, Scripts):
            scripts = whole.source[whole.source.index(item.source) + len(item.source) :]
            closed = Scripts(source + scripts, closed, whole.sub, whole.sup, whole.primes)
        after = slice_of(row, position + 1, len(row.items))
        return _after(before.items, Row(opened.source, (opened,))), _after((closed,), after)
    return None


def _without_struts(source: str) -> str:
    """The source of a row without the struts that earlier breaks put into it."""
    while (start := source.find(r"\vphantom{")) >= 0:
        end = start + len(r"\vphantom{")
        depth = 1
        while depth:
            depth += {"{": 1, "}": -1}.get(source[end], 0)
            end += 1
        source = source[:start] + source[end:]
    return source
