r"""Directives: comments that say what the formulas of a document are about.

`% symderive: ..` in LaTeX, `<!-- symderive: .. -->` in Markdown and in the Markdown cells of a notebook, one
to a line. Each takes effect from there on.

| directive | effect |
|---|---|
| network NAME | formulas are about this preset; context and conventions start over |
| setting FILE.json | formulas are about the setting of a file beside the document; likewise |
| context z = W x + b | one more definition; it replaces an earlier one of the same left side |
| convention KEY=VALUE | what would otherwise be tried |
| off, on | formulas are not judged, are judged again |
| ignore | the next formula is not judged |
| expect refuted | the next formula is meant to be wrong, in one of its lines at least |
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from symderive.errors import SymderiveError

KNOWN = (
    "network NAME, setting FILE.json, context DEFINITION, convention KEY=VALUE, off, on, ignore, "
    "expect refuted"
)
MARK = "symderive:"
LONGEST, MOST_CONTEXT, MOST_MACROS, MOST_DEFINITIONS = 2_000, 200, 500, 2_000


@dataclass(frozen=True)
class Place:
    """A formula in a document: its text, where it stands, and what was said of it before.

    `line` counts from 1, in a notebook within its cell; `cell` counts all cells of a notebook from 1. `since`
    is the place of the directive that last changed the meaning, "" where there is none.
    """

    formula: str
    line: int
    file: str
    cell: int | None = None
    inline: bool = False
    network: str = ""
    setting: str = ""
    context: tuple[str, ...] = ()
    conventions: tuple[tuple[str, str], ...] = ()
    macros: Mapping[str, str] = field(default_factory=dict)
    expect: str = ""
    since: str = ""

    @property
    def where(self) -> str:
        """For people: paper.tex:12, or book.ipynb:cell 3:2."""
        return spot(self.file, self.cell, self.line)


def spot(file: str, cell: int | None, line: int) -> str:
    """A place in words.

    >>> spot("paper.tex", None, 12), spot("book.ipynb", 3, 2)
    ('paper.tex:12', 'book.ipynb:cell 3:2')
    """
    return f"{file}:{line}" if cell is None else f"{file}:cell {cell}:{line}"


def directive(comment: str) -> str | None:
    """What a line of a comment directs, None where it is an ordinary comment.

    >>> directive("% symderive: network mlp "), directive(" see symderive: a tool")
    ('network mlp', None)
    """
    text = comment.lstrip("% \t")
    return text[len(MARK) :].strip() if text.startswith(MARK) else None


def convention(text: str) -> tuple[str, str] | None:
    """The key and the value of KEY=VALUE, or None.

    >>> convention("products = hadamard"), convention("products")
    (('products', 'hadamard'), None)
    """
    key, _, value = (part.strip() for part in text.partition("="))
    return (key, value) if key and value and "=" not in value else None


@dataclass
class State:
    """What holds at a point of a document."""

    network: str = ""
    setting: str = ""
    context: tuple[str, ...] = ()
    conventions: dict[str, str] = field(default_factory=dict)
    on: bool = True
    ignore: bool = False
    expect: str = ""
    since: str = ""
    defined: int = 0
    macros: Mapping[str, str] = field(default_factory=dict)
    _own: dict[str, str] = field(default_factory=dict)

    def define(self, name: str, body: str) -> None:
        """A macro, from here on; beyond the bounds it is passed over, and its formulas stay unknown."""
        self.defined += 1
        if self.defined <= MOST_DEFINITIONS and (name in self._own or len(self._own) < MOST_MACROS):
            self._own[name] = body
            self.macros = {}  # formulas that were found keep what they had

    def direct(self, words: str, where: str) -> None:
        """Obey a directive; SymderiveError with its place for one that is none."""
        if len(words) > LONGEST:
            raise SymderiveError(f"{where}: expected a directive of at most {LONGEST} characters, found more")
        head, _, rest = words.partition(" ")
        rest = rest.strip()
        if head in ("network", "setting") and rest:
            self.network, self.setting = (rest, "") if head == "network" else ("", rest)
            self.context, self.conventions = (), {}
        elif head == "context" and rest:
            self._context(rest, where)
        elif head == "convention" and (pair := convention(rest)) is not None:
            self.conventions = {**self.conventions, pair[0]: pair[1]}
        elif head in ("off", "on") and not rest:
            self.on = head == "on"
        elif words == "ignore":
            self.ignore = True
        elif head == "expect" and rest == "refuted":
            self.expect = rest
        else:
            raise SymderiveError(f"{where}: expected a directive ({KNOWN}), found {words!r:.60}")
        if head in ("network", "setting", "context", "convention"):
            self.since = where

    def _context(self, text: str, where: str) -> None:
        left = text.split("=")[0].strip()
        kept = tuple(c for c in self.context if c.split("=")[0].strip() != left)
        if len(kept) >= MOST_CONTEXT:
            raise SymderiveError(f"{where}: expected at most {MOST_CONTEXT} definitions as context")
        self.context = (*kept, text)

    def place(self, formula: str, line: int, file: str, cell: int | None, inline: bool) -> Place | None:
        """The formula with all that was said; None where it is not to be judged."""
        ignored, expect = self.ignore, self.expect
        self.ignore, self.expect = False, ""
        if ignored or not self.on:
            return None
        if not self.macros and self._own:
            self.macros = MappingProxyType(dict(self._own))
        return Place(
            formula, line, file, cell, inline, self.network, self.setting, self.context,
            tuple(self.conventions.items()), self.macros, expect, self.since,
        )  # fmt: skip
