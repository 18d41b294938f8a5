"""The formulas of a document with their places; see `scanning`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from symderive.commands.reading import read_text
from symderive.commands.scanning import markdown, notebook, tex
from symderive.commands.scanning.directives import Place, State
from symderive.commands.scanning.events import placed
from symderive.errors import SymderiveError

ENDINGS = (".tex", ".md", ".ipynb")
MOST_FORMULAS = 100_000


def is_document(word: str) -> bool:
    r"""Whether a word of the command line is a file. One that is not there is still no formula, unless it
    looks like one.

    >>> is_document("missing.tex"), is_document(r"a = b.md"), is_document("a = b")
    (True, False, False)
    """
    if not word.endswith(ENDINGS):
        return False
    try:
        return Path(word).exists() or not any(c in word for c in "=\\$")
    except OSError:  # too long for a name
        return False


def scan(path: Path) -> list[Place]:
    """The formulas of a file, in order: displays, and what says something in a line of text.

    SymderiveError, in one line: no file, no text, too large, no notebook, or a directive that is none.
    """
    if path.suffix not in ENDINGS:
        raise SymderiveError(f"{path}: expected a file of {', '.join(ENDINGS)}")
    return scan_text(read_text(path), path.suffix, str(path))


def scan_text(text: str, ending: str, file: str) -> list[Place]:
    r"""The formulas of a text.

    >>> [(p.where, p.formula) for p in scan_text("Let\n$a = b$.", ".md", "page.md")]
    [('page.md:2', 'a = b')]
    """
    state = State()
    found: Iterator[Place]
    if ending == ".ipynb":
        found = (
            place
            for n, source in notebook.cells(text, file)
            for place in placed(markdown.events(source), source, state, file, n)
        )
    else:
        events = tex.events(text) if ending == ".tex" else markdown.events(text)
        found = placed(events, text, state, file)
    places = list(islice(found, MOST_FORMULAS + 1))
    if len(places) > MOST_FORMULAS:
        raise SymderiveError(f"{file}: expected at most {MOST_FORMULAS} formulas, found more")
    return places
