"""The literature that documents cite, from literature.bib, which other tools can read as well."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from symderive.documents.blocks import Emphasis, Inlines, Link, Text
from symderive.errors import SymderiveError


@dataclass(frozen=True)
class Source:
    """One entry: who, when, what, where, and an address."""

    key: str
    names: tuple[str, ...]
    year: str
    title: str
    where: str
    url: str

    @property
    def short(self) -> str:
        """As running text cites it.

        >>> source("rumelhart1986").short, source("fukumizu2000").short, source("nielsen2015").short
        ('Rumelhart et al. 1986', 'Fukumizu and Amari 2000', 'Nielsen 2015')
        """
        last = [n.split(", ")[0] for n in self.names]
        alone = len(last) < 3 and "others" not in last
        return f"{' and '.join(last) if alone else f'{last[0]} et al.'} {self.year}"

    def cite(self) -> Link:
        """The citation, which leads to the source."""
        return Link(self.short, self.url)

    def reference(self) -> Inlines:
        """The entry of a list of literature."""
        where = (Emphasis(self.where), Text(". ")) if self.where else ()
        shown = self.url.removeprefix("https://").removeprefix("http://")
        names = "; ".join(self.names).replace("; others", " et al.")
        words = Text(f"{names} ({self.year}). {self.title}. ")
        return (words, *where, Link(shown, self.url))


@lru_cache(maxsize=1)
def literature() -> Mapping[str, Source]:
    """All entries by key, in the order of the file."""
    return read((files("symderive.documents") / "literature.bib").read_text("utf-8"))


def read(text: str) -> Mapping[str, Source]:
    """The entries of a .bib file.

    Raises SymderiveError for an entry without author, title, year, or address.

    >>> read("@book{a, title = {T}, year = {1999}, url = {https://example.org}}")
    Traceback (most recent call last):
    symderive.errors.SymderiveError: literature: a: expected an author, found none
    """
    from pybtex.database import parse_string
    from pybtex.exceptions import PybtexError

    try:
        data = parse_string(text, "bibtex")
    except PybtexError as error:
        raise SymderiveError(f"literature: {' '.join(str(error).split())}") from None
    found = {}
    for key, entry in data.entries.items():
        given = {name: _plain(value) for name, value in entry.fields.items()}
        names = tuple(_name(p) for p in entry.persons.get("author", ()))
        url = f"https://doi.org/{given['doi']}" if "doi" in given else given.get("url", "")
        title, year = given.get("title", ""), given.get("year", "")
        wanted = {"an author": names, "a title": title, "a year": year, "a DOI or an address": url}
        for what, value in wanted.items():
            if not value:
                raise SymderiveError(f"literature: {key}: expected {what}, found none")
        where = given.get("journal") or given.get("booktitle") or given.get("publisher", "")
        if "volume" in given:
            where += f" {given['volume']}"
        found[key] = Source(key, names, year, title, where, url)
    return found


def source(key: str) -> Source:
    """The entry of this key; SymderiveError where there is none."""
    if key not in literature():
        raise SymderiveError(f"expected a source of {', '.join(literature())}, found {key!r}")
    return literature()[key]


def _name(person: object) -> str:
    parts = {k: getattr(person, f"{k}_names", ()) for k in ("prelast", "last", "first", "middle")}
    last = _plain(" ".join([*parts["prelast"], *parts["last"]]))
    first = " ".join(f"{_plain(n)[:1]}." for n in (*parts["first"], *parts["middle"]))
    return f"{last}, {first}" if first else last


def _plain(latex: str) -> str:
    from pybtex.richtext import Text as Rich

    return " ".join(str(Rich.from_latex(latex)).split()).replace("\u2013", "-")
