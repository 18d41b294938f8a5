"""Formula = tree of boxes: the portable dialect of LaTeX, read once for MathML, Typst and measuring.

Every node keeps its exact source; the sources of a row's items, joined, are the source of the row. So LaTeX
is never printed anew: what was checked is what is typeset. Nodes compare by
identity, so that a cache may keep what is known of one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypeAlias

from symderive.documents import dialect
from symderive.errors import SymderiveError


class FormulaError(SymderiveError):
    """A formula outside the portable dialect; the message says what was expected and where."""


@dataclass(frozen=True, eq=False)
class Atom:
    """One symbol, number or name; `kind` is its class, `style` the alphabet (italic, upright, bold, ...)."""

    source: str
    kind: str
    char: str
    style: str = ""


@dataclass(frozen=True, eq=False)
class Space:
    source: str
    em: float


@dataclass(frozen=True, eq=False)
class Words:
    """Text within a formula."""

    source: str
    text: str


@dataclass(frozen=True, eq=False)
class Row:
    """Boxes side by side; also what stands in braces."""

    source: str
    items: tuple[Node, ...]


@dataclass(frozen=True, eq=False)
class Scripts:
    """Base with subscript, superscript and primes."""

    source: str
    base: Node
    sub: Row | None = None
    sup: Row | None = None
    primes: int = 0


@dataclass(frozen=True, eq=False)
class Fraction:
    source: str
    numerator: Row
    denominator: Row


@dataclass(frozen=True, eq=False)
class Root:
    source: str
    body: Row


@dataclass(frozen=True, eq=False)
class Fenced:
    r"""\left( body \right); an empty string stands for the invisible delimiter."""

    source: str
    left: str
    body: Row
    right: str


@dataclass(frozen=True, eq=False)
class Accent:
    source: str
    name: str
    body: Row


@dataclass(frozen=True, eq=False)
class Matrix:
    source: str
    name: str
    rows: tuple[tuple[Row, ...], ...]


Node: TypeAlias = Atom | Space | Words | Row | Scripts | Fraction | Root | Fenced | Accent | Matrix

TOKEN = re.compile(r"\\[A-Za-z]+\s*|\\.\s*|\d+(?:\.\d+)?\s*|'+\s*|\s+|.", re.DOTALL)
WORDS = re.compile(r"(?:[A-Za-z0-9 ,.:;!?()\[\]+=<>/'`*@|-]|\\[%#&_$])*")


@lru_cache(maxsize=4096)
def parse(source: str) -> Row:
    r"""The tree of a formula; FormulaError for whatever is outside the dialect.

    >>> parse(r"\frac{1}{2}").items[0].numerator.items[0].char
    '1'
    >>> parse(r"2 \bigl( x")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    symderive.documents.formula.FormulaError: expected a command of the ..., found \bigl at character 3 of ...
    """
    if len(source) > dialect.LONGEST:
        raise FormulaError(f"expected a formula of at most {dialect.LONGEST} characters, found {len(source)}")
    reader = _Reader(source)
    row = reader.row()
    if reader.token:
        raise reader.error("the end of the formula")
    return row


class _Reader:
    """Recursive descent over the tokens of one formula; each token carries the spaces that follow it."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.tokens = TOKEN.findall(source)
        self.position = 0
        self.depth = 0

    # -------------------------------------------------------------------------------- moving along the tokens

    @property
    def token(self) -> str:
        """The next token without its spaces; empty at the end."""
        if self.position >= len(self.tokens):
            return ""
        token: str = self.tokens[self.position]
        if token[0] == "\\" and len(token) > 1 and not token[1].isalpha():
            return token[:2]
        return token.rstrip() or " "

    def take(self) -> str:
        """The next token with its spaces."""
        token: str = self.tokens[self.position]
        self.position += 1
        return token

    def spaces(self) -> str:
        taken = ""
        while self.token == " ":
            taken += self.take()
        return taken

    def since(self, start: int) -> str:
        return "".join(self.tokens[start : self.position])

    def error(self, expected: str) -> FormulaError:
        place = len("".join(self.tokens[: self.position])) + 1
        found = self.token or "the end"
        return FormulaError(
            f"expected {expected}, found {found} at character {place} of {self.source!r:.120}"
        )

    def expect(self, token: str) -> str:
        if self.token != token:
            raise self.error(token)
        return self.take()

    # -------------------------------------------------------------------------------------------- the grammar

    def row(self) -> Row:
        r"""Items up to what ends a row: }, ], &, \\, \right, \end or the end."""
        self.depth += 1
        if self.depth > dialect.DEEPEST:
            raise FormulaError(f"expected at most {dialect.DEEPEST} levels of nesting in {self.source!r:.60}")
        start = self.position
        items: list[Node] = []
        leading = self.spaces()
        while self.token and self.token not in ("}", "&", "\\\\", "\\right", "\\end"):
            item = self.scripted()
            trailing = self.spaces()
            items.append(_padded(item, leading, trailing))
            leading = ""
        self.depth -= 1
        return Row(self.since(start), tuple(items))

    def scripted(self) -> Node:
        """An item with whatever scripts follow it."""
        start = self.position
        if self.token in ("^", "_", "'") or self.token.startswith("'"):
            raise self.error("a symbol before a script")
        base = self.item()
        sub: Row | None = None
        sup: Row | None = None
        primes = 0
        self.spaces()
        while True:
            if self.token.startswith("'") and sup is None and not primes:
                primes = len(self.take().rstrip())
            elif self.token == "^" and sup is None:
                self.take()
                sup = self.argument()
            elif self.token == "_" and sub is None:
                self.take()
                sub = self.argument()
            elif self.token in ("^", "_") or self.token.startswith("'"):
                raise self.error("one script of each kind")
            else:
                break
            self.spaces()
        if sub is None and sup is None and not primes:
            return _padded(base, "", self.since(start)[len(base.source) :])
        return Scripts(self.since(start), base, sub, sup, primes)

    def argument(self) -> Row:
        """What stands in braces, or one single item."""
        self.spaces()
        if self.token == "{":
            return self.braces()
        if not self.token or self.token in (
            "}",
            "^",
            "_",
            "&",
            "\\\\",
            "\\right",
            "\\end",
            "\\left",
            "\\begin",
        ):
            raise self.error("an argument")
        if re.fullmatch(r"\d[\d.]+", self.token):
            raise self.error("an argument in braces")
        item = self.item()
        return Row(item.source, (item,))

    def braces(self) -> Row:
        start = self.position
        self.expect("{")
        row = self.row()
        self.expect("}")
        return Row(self.since(start), row.items)

    def item(self) -> Node:
        start = self.position
        token = self.token
        if token == "{":
            return self.braces()
        if token.startswith("\\"):
            return self.command(token)
        if token[0].isdigit():
            self.take()
            return Atom(self.since(start), dialect.ORDINARY, token, "upright")
        if token.isascii() and token.isalpha():
            self.take()
            return Atom(self.since(start), dialect.ORDINARY, token, "italic")
        if token in dialect.CHARACTERS:
            kind, char = dialect.CHARACTERS[token]
            self.take()
            return Atom(self.since(start), kind, char, "upright")
        raise self.error("a symbol of the portable dialect")

    def command(self, token: str) -> Node:
        start = self.position
        if token in dialect.SYMBOLS:
            kind, char = dialect.SYMBOLS[token]
            self.take()
            style = "italic" if token in dialect.GREEK and char.islower() else "upright"
            return Atom(self.since(start), kind, char, style)
        if token in dialect.FUNCTIONS:
            self.take()
            return Atom(self.since(start), dialect.OPERATOR, token[1:], "upright")
        if token in dialect.SPACES:
            self.take()
            return Space(self.since(start), dialect.SPACES[token])
        if token == "\\frac":
            self.take()
            numerator, denominator = self.braced_argument(), self.braced_argument()
            return Fraction(self.since(start), numerator, denominator)
        if token == "\\sqrt":
            self.take()
            body = self.braced_argument()
            return Root(self.since(start), body)
        if token in dialect.ACCENTS:
            self.take()
            body = self.braced_argument()
            return Accent(self.since(start), token[1:], body)
        if token in dialect.ALPHABETS:
            return self.alphabet(token)
        if token == "\\text":
            return self.words()
        if token == "\\left":
            return self.fenced()
        if token == "\\begin":
            return self.matrix()
        raise self.error("a command of the portable dialect")

    def braced_argument(self) -> Row:
        self.spaces()
        if self.token != "{":
            raise self.error("an argument in braces")
        return self.braces()

    def raw(self) -> str:
        """The source between the next braces, which hold no braces themselves."""
        self.spaces()
        self.expect("{")
        start = self.position
        while self.token and self.token not in ("{", "}"):
            self.take()
        inside = self.since(start)
        self.expect("}")
        return inside

    def alphabet(self, token: str) -> Node:
        start = self.position
        self.take()
        inside = self.raw()
        name = inside.strip()
        style = dialect.ALPHABETS[token]
        symbol = dialect.SYMBOLS.get(name)
        if symbol is not None and style in ("bold-italic", "upright"):
            return Atom(self.since(start), symbol[0], symbol[1], style)
        if not re.fullmatch(r"[A-Za-z0-9]+(?:[ -][A-Za-z0-9]+)*", name) or not name.isascii():
            raise FormulaError(f"expected letters in {token}, found {inside!r} in {self.source!r:.120}")
        if style in ("calligraphic", "double-struck") and not (name.isalpha() and name.isupper()):
            raise FormulaError(f"expected capitals in {token}, found {inside!r} in {self.source!r:.120}")
        if style == "operator":
            return Atom(self.since(start), dialect.OPERATOR, name, "upright")
        return Atom(self.since(start), dialect.ORDINARY, name.replace(" ", ""), style)

    def words(self) -> Node:
        start = self.position
        self.take()
        inside = self.raw()
        if not WORDS.fullmatch(inside):
            raise FormulaError(f"expected plain words in \\text, found {inside!r} in {self.source!r:.120}")
        return Words(self.since(start), re.sub(r"\\(.)", r"\1", inside))

    def fenced(self) -> Node:
        start = self.position
        self.take()
        left = self.delimiter()
        body = self.row()
        self.expect("\\right")
        right = self.delimiter()
        return Fenced(self.since(start), left, body, right)

    def delimiter(self) -> str:
        self.spaces()
        if self.token not in dialect.DELIMITERS:
            raise self.error("a delimiter")
        char = dialect.DELIMITERS[self.token]
        self.take()
        return char

    def matrix(self) -> Node:
        start = self.position
        self.take()
        name = self.raw()
        if name not in dialect.MATRICES:
            raise FormulaError(f"expected one of {', '.join(dialect.MATRICES)} after \\begin, found {name!r}")
        rows: list[tuple[Row, ...]] = []
        cells: list[Row] = []
        while True:
            cells.append(self.row())
            if self.token == "&":
                self.take()
            elif self.token == "\\\\":
                self.take()
                rows.append(tuple(cells))
                cells = []
            else:
                break
        if len(cells) > 1 or cells[0].items:
            rows.append(tuple(cells))
        self.expect("\\end")
        if self.raw() != name:
            raise self.error(f"\\end{{{name}}}")
        return Matrix(self.since(start), name, tuple(rows))


def _padded(node: Node, leading: str, trailing: str) -> Node:
    """The same node, with the spaces around it in its source."""
    if not leading and not trailing:
        return node
    return replace(node, source=leading + node.source + trailing)


def slice_of(row: Row, start: int, end: int) -> Row:
    """Items start..end of a row, as a row."""
    items = row.items[start:end]
    return Row("".join(item.source for item in items), items)


def classes(row: Row) -> tuple[str, ...]:
    """The class of each item in its row: as in TeX, a + or - that joins nothing is ordinary (a sign)."""
    kinds = [_kind(item) for item in row.items]
    previous = "begin"
    for position, kind in enumerate(kinds):
        if kind == "space":
            continue
        if kind == dialect.BINARY and previous in (
            "begin", dialect.BINARY, dialect.RELATION, dialect.OPEN, dialect.PUNCTUATION, dialect.BIG,
            dialect.OPERATOR,
        ):  # fmt: skip
            kinds[position] = kind = "sign"
        previous = kind
    return tuple(kinds)


def _kind(node: Node) -> str:
    match node:
        case Atom():
            return node.kind
        case Space():
            return "space"
        case Scripts():
            return _kind(node.base)
        case Fenced() | Fraction():
            return "inner"
        case _:
            return dialect.ORDINARY
