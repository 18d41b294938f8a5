"""Notebooks: their Markdown cells, one after the other; directives and macros reach into later cells."""

from __future__ import annotations

import json
from collections.abc import Iterator

from symderive.errors import SymderiveError


def cells(text: str, where: str) -> Iterator[tuple[int, str]]:
    """The Markdown cells with their numbers, counted from 1 over all cells; SymderiveError for no notebook.

    >>> list(cells('{"cells": [{"cell_type": "markdown", "source": ["a", "b"]}]}', "book.ipynb"))
    [(1, 'ab')]
    """
    try:
        found = json.loads(text)  # not strictly: outputs may hold NaN
        every = found["cells"]
        if not isinstance(every, list):
            raise TypeError
        sources = [(n, "".join(c["source"])) for n, c in enumerate(every, 1) if c["cell_type"] == "markdown"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise SymderiveError(f"{where}: expected a notebook with cells, found something else") from None
    for n, source in sources:
        yield n, source.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
