"""Widths of a table's columns: natural where the table fits, else the widest columns share what is left."""

from __future__ import annotations

from symderive.documents.blocks import Inlines, Table
from symderive.documents.measure import inlines_width

GAP = 1.15  # em between two columns
NARROWEST = 3.0


def natural_width(cells: list[Inlines]) -> float:
    return max((inlines_width(cell) for cell in cells), default=0.0)


def column_widths(table: Table, room: float) -> tuple[float | None, ...]:
    """For each column None, where its cells stay on one line, or the width in em within which they wrap.

    >>> from symderive.documents.blocks import text
    >>> column_widths(Table((text("a"), text("b")), ((text("x"), text("word " * 40)),)), 30)
    (None, 27.15)
    """
    columns = [list(column) for column in zip(table.header, *table.rows, strict=True)]
    natural = [natural_width(column) * 1.04 for column in columns]
    free = room - GAP * len(columns)
    if sum(natural) <= free:
        return (None,) * len(columns)
    # Columns narrower than an equal share keep their width; the others share what these leave.
    wrapped = set(range(len(columns)))
    while wrapped:
        share = (
            free - sum(natural[column] for column in range(len(columns)) if column not in wrapped)
        ) / len(wrapped)
        narrow = {column for column in wrapped if natural[column] <= share}
        if not narrow:
            break
        wrapped -= narrow
    share = max(share, NARROWEST)
    return tuple(round(share, 2) if column in wrapped else None for column in range(len(columns)))
