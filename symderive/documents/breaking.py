"""Long formula = several lines: break before a relation, then before + and -, then between factors."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from symderive.documents import dialect
from symderive.documents.formula import Atom, Fenced, Node, Row, Scripts, classes, slice_of
from symderive.documents.measure import width

_TEX = {char: command for command, char in reversed(list(dialect.DELIMITERS.items()))} | {"": "."}
# A product that is broken shows it: the next line starts with a dot.
_DOT = Atom(r"\cdot ", dialect.BINARY, "⋅", "upright")
# Before a + or a dot that starts a line: it keeps the space of a sign that joins two terms.
_NOTHING = Row("{}", ())

Measure = Callable[[Row], float]


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
    if kinds[position - 1] not in ("ord", "inner") or isinstance(item, Fenced) or _is_fenced_power(item):
        return False
    if isinstance(before, Atom) and (before.char in "∂∇Δ¬∀∃" or before.style == "upright"):
        return before.char.isdigit()
    return True


def _is_fenced_power(node: Node) -> bool:
    return isinstance(node, Scripts) and isinstance(node.base, Fenced)


def break_row(row: Row, first: float, rest: float, measure: Measure = width) -> tuple[Row, ...]:
    """Pieces of a row, each at most `first` (then `rest`) em wide wherever the row can be broken so.

    >>> from symderive.documents.formula import parse
    >>> [piece.source.strip() for piece in break_row(parse("= aaaa + bbbb + cccc"), 7, 5)]
    ['= aaaa + bbbb', '{}+ cccc']
    """
    pieces: list[Row] = []
    limit = first
    while measure(row) > limit:
        split = _split(row, limit, rest, measure)
        if split is None:
            break
        piece, row = split
        pieces.append(piece)
        limit = rest
    return (*pieces, row)


def tears_product(piece: Row) -> bool:
    """Whether the piece goes on with a product that the line before began."""
    return piece.items[:2] == (_NOTHING, _DOT)


def part(row: Row, start: int, end: int) -> Row:
    """Items start..end, as a line of their own: a + at the start still joins two terms."""
    piece = slice_of(row, start, end)
    joins = start and classes(row)[start] == "bin"
    return _after((_NOTHING,), piece) if joins else piece


def _split(row: Row, limit: float, rest: float, measure: Measure) -> tuple[Row, Row] | None:
    """The first piece and what remains; the outermost break that fills the line to a fair part wins."""
    candidates = list(breaks(row))
    best: tuple[int, int] | None = None
    for level, enough in ((0, 0.35), (1, 0.3), (2, 0.3), (0, 0.0), (1, 0.0), (2, 0.0)):
        fitting = [
            position
            for position, its_level in candidates
            if its_level == level and enough * limit <= measure(slice_of(row, 0, position)) <= limit
        ]
        # No line holds nothing but its relation, or nothing at all.
        bare = row.items[0] == _NOTHING or classes(row)[0] == "rel"
        fitting = [position for position in fitting if position > (2 if row.items[0] == _NOTHING else bare)]
        if fitting:
            best = fitting[-1], level
            break
    if best is None:
        return _open(row, limit, rest, measure)
    position, level = best
    head, tail = slice_of(row, 0, position), part(row, position, len(row.items))
    if level == 2:
        tail = _after((_NOTHING, _DOT), tail)
    return head, tail


def _after(items: tuple[Node, ...], row: Row) -> Row:
    return Row("".join(item.source for item in items) + row.source, (*items, *row.items))


def _open(row: Row, limit: float, rest: float, measure: Measure) -> tuple[Row, Row] | None:
    r"""Break inside the first \left ... \right that does not fit: the delimiters keep their height."""
    for position, item in enumerate(row.items):
        if not isinstance(item, Fenced) or measure(slice_of(row, 0, position + 1)) <= limit:
            continue
        before = slice_of(row, 0, position)
        room = limit - measure(before) - 0.8
        body = Row(item.body.source, item.body.items)
        split = _split(body, room, rest, measure) if room > 0.2 * limit else None
        if split is None:
            return None
        strut = rf"\vphantom{{{item.body.source.strip()}}}"
        head, tail = split
        opened = Fenced(rf"\left{_TEX[item.left]} {head.source}{strut}\right. ", item.left, head, "")
        closed = Fenced(rf"\left. {strut}{tail.source}\right{_TEX[item.right]} ", "", tail, item.right)
        after = row.items[position + 1 :]
        return (
            Row(before.source + opened.source, (*before.items, opened)),
            Row(closed.source + "".join(one.source for one in after), (closed, *after)),
        )
    return None
