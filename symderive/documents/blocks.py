"""A document is a tree of frozen blocks; formulas are LaTeX strings, everything else is plain text.

Nothing here knows how a block looks: `numbering` gives the numbers, and each writer prints the same tree.
Plain text may hold any character; formulas are written in the portable dialect that `formula` reads.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TypeAlias, get_args

from symderive.errors import SymderiveError

STATUSES: tuple[str, ...] = ("proved", "exact", "numeric", "refuted", "unknown")
THEOREM_LIKE: tuple[str, ...] = ("Theorem", "Lemma", "Proposition", "Corollary", "Claim", "Conjecture")
LABEL = re.compile(r"[A-Za-z][A-Za-z0-9:._-]*")


# ------------------------------------------------------------------------------------ inside a line of text


@dataclass(frozen=True)
class Text:
    """Plain words."""

    text: str


@dataclass(frozen=True)
class Math:
    """A formula within a line."""

    latex: str


@dataclass(frozen=True)
class Ref:
    """The number of what carries the label, with its kind: (3), Theorem 2, step 1.2."""

    label: str


@dataclass(frozen=True)
class Emphasis:
    """Emphasised words."""

    text: str


@dataclass(frozen=True)
class Code:
    """Words of a program or a command line."""

    text: str


@dataclass(frozen=True)
class Link:
    """Words that lead to a place in the web; only http, https and mailto."""

    text: str
    url: str

    def __post_init__(self) -> None:
        if not re.fullmatch(r"(https?://|mailto:)[!-~]+", self.url):
            raise SymderiveError(f"a link needs an http, https or mailto address, found {self.url!r}")


Inline: TypeAlias = Text | Math | Ref | Emphasis | Code | Link
Inlines: TypeAlias = tuple[Inline, ...]


def text(*parts: str | Inline) -> Inlines:
    """Words and inline pieces in a row; a bare string is plain text, never markup.

    >>> text("by (", Ref("bp2"), ")")
    (Text(text='by ('), Ref(label='bp2'), Text(text=')'))
    """
    return tuple(Text(part) if isinstance(part, str) else part for part in parts)


def check_inlines(inlines: object, where: str) -> None:
    """Refuse anything but a tuple of inlines; the usual slip is a bare string."""
    if not isinstance(inlines, tuple) or any(not isinstance(piece, get_args(Inline)) for piece in inlines):
        raise SymderiveError(
            f"expected inlines, as text('...') makes them, in {where}, found {inlines!r:.60}"
        )


# ---------------------------------------------------------------------------------------------- the numbers


@dataclass(frozen=True)
class Place:
    """Where a block stands: its number as printed (without brackets) and the anchor that links lead to."""

    number: str
    anchor: str


@dataclass(frozen=True, kw_only=True)
class Placed:
    """What can be numbered and referred to. `place` is filled in by `numbering.number`, by nobody else."""

    label: str = ""
    place: Place | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.label and not LABEL.fullmatch(self.label):
            raise SymderiveError(
                f"a label is a letter and then letters, digits or any of : . _ -, found {self.label!r}"
            )


# ----------------------------------------------------------------------------------------------- the blocks


@dataclass(frozen=True)
class Evidence:
    """What is known of an equation, by one method. Two methods give two evidences; nothing merges them.

    status: one of STATUSES. error: the largest relative error (numeric) or the probability that a false
    equation passed (exact). Refuted states its counterexample, unknown its reason, both in `detail`.
    """

    status: str
    detail: Inlines = ()
    error: float | None = None
    samples: int | None = None
    seed: int | None = None

    def __post_init__(self) -> None:
        check_inlines(self.detail, "an evidence")
        if self.status not in STATUSES:
            raise SymderiveError(
                f"expected an evidence status out of {', '.join(STATUSES)}, found {self.status!r}"
            )
        if self.status in ("numeric", "exact") and self.error is None:
            kind = "largest relative error" if self.status == "numeric" else "error probability"
            raise SymderiveError(f"{self.status} evidence has to state its {kind}, found none")
        if self.error is not None and not self.error >= 0:
            raise SymderiveError(f"expected an error of 0 or more, found {self.error!r}")
        if self.status in ("refuted", "unknown") and not self.detail:
            what = "counterexample" if self.status == "refuted" else "reason"
            raise SymderiveError(f"{self.status} evidence has to state its {what}, found none")


@dataclass(frozen=True)
class Line(Placed):
    """lhs relation rhs, e.g. z^{(l)}_{j} = ...; with the reason for it and the ranges in which it holds.

    A line that continues the one before leaves lhs empty. A line with a label has a number of its own.
    Each condition is one formula, 1 \\le l \\le L - 1, and is printed after "for".
    """

    lhs: str = ""
    relation: str = "="
    rhs: str = ""
    reason: Inlines = ()
    conditions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        check_inlines(self.reason, "the reason of a line")
        if not self.lhs + self.rhs:
            raise SymderiveError("a line of an equation needs a formula, found both sides empty")


@dataclass(frozen=True)
class Section(Placed):
    """A heading; level 1, 2 or 3. What follows belongs to it until the next heading."""

    title: str
    level: int = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.level not in (1, 2, 3):
            raise SymderiveError(f"expected a section level of 1, 2 or 3, found {self.level!r}")


@dataclass(frozen=True)
class Paragraph:
    """Running text."""

    inlines: Inlines

    def __post_init__(self) -> None:
        check_inlines(self.inlines, "a paragraph")


@dataclass(frozen=True)
class ItemList:
    """Items with bullets, or numbered."""

    items: tuple[Inlines, ...]
    ordered: bool = False

    def __post_init__(self) -> None:
        for item in self.items:
            check_inlines(item, "an item of a list")


@dataclass(frozen=True)
class Equation(Placed):
    """Aligned lines, one number for all of them (on the last line), and the evidence beside them.

    `conditions` hold for every line, and are printed with the last.
    """

    lines: tuple[Line, ...]
    evidence: tuple[Evidence, ...] = ()
    conditions: tuple[str, ...] = ()
    numbered: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.lines:
            raise SymderiveError("an equation needs at least one line, found none")
        if self.label and not self.numbered:
            raise SymderiveError(f"the equation labelled {self.label!r} has to be numbered")


@dataclass(frozen=True)
class Hypothesis(Placed):
    """A named assumption of a theorem: words, and formulas below them where it has any."""

    name: str
    statement: Inlines = ()
    lines: tuple[Line, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        check_inlines(self.statement, "a hypothesis")
        if not self.name:
            raise SymderiveError("a hypothesis needs a name, found an empty one")


@dataclass(frozen=True)
class ProofStep(Placed):
    """One inference: the rule, the formulas it yields, why it applies, and the steps it is made of.

    `conditions` hold for every line, and are printed with the last.
    """

    rule: str
    lines: tuple[Line, ...] = ()
    reason: Inlines = ()
    substeps: tuple[ProofStep, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    conditions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()


@dataclass(frozen=True)
class Table(Placed):
    """A table; every cell is a row of inlines. `align` holds one of l, c, r for each column."""

    header: tuple[Inlines, ...]
    rows: tuple[tuple[Inlines, ...], ...]
    caption: Inlines = ()
    align: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_inlines(self.caption, "the caption of a table")
        for cell in (cell for row in (self.header, *self.rows) for cell in row):
            check_inlines(cell, "a cell of a table")
        columns = len(self.header)
        if self.align and (len(self.align) != columns or set(self.align) - set("lcr")):
            raise SymderiveError(f"expected {columns} letters out of l, c, r, found {self.align!r}")
        for number, row in enumerate(self.rows, start=1):
            if len(row) != columns:
                raise SymderiveError(f"expected {columns} cells in row {number} of a table, found {len(row)}")


@dataclass(frozen=True)
class Listing(Placed):
    """Lines of a program or of a session, printed as they are."""

    code: str
    caption: Inlines = ()

    def __post_init__(self) -> None:
        super().__post_init__()


@dataclass(frozen=True)
class Figure(Placed):
    """A picture, as SVG for pages and as PDF for print; `name` is that of its file beside a LaTeX document.

    `alt` says in words what is to be seen, for those who do not see it. `width` is a share of the line.
    """

    name: str
    svg: bytes = field(repr=False)
    pdf: bytes = field(repr=False)
    alt: str
    caption: Inlines = ()
    width: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_inlines(self.caption, "the caption of a figure")
        if not re.fullmatch(r"[a-z][a-z0-9_-]*", self.name):
            raise SymderiveError(f"a figure's name is small letters, digits, _ or -, found {self.name!r}")
        if not self.alt.strip():
            raise SymderiveError(f"figure {self.name}: expected words for alt, found none")
        if b"<svg" not in self.svg[:1000] or not self.pdf.startswith(b"%PDF"):
            raise SymderiveError(f"figure {self.name}: expected an SVG and a PDF, found other content")
        if not 0 < self.width <= 1:
            raise SymderiveError(f"figure {self.name}: expected a width of 0 to 1, found {self.width!r}")


@dataclass(frozen=True)
class Box(Placed):
    """A theorem, lemma, definition, example: statement, named hypotheses, evidence, and the proof's steps."""

    kind: str
    title: str = ""
    statement: tuple[Block, ...] = ()
    hypotheses: tuple[Hypothesis, ...] = ()
    proof: tuple[ProofStep, ...] = ()
    evidence: tuple[Evidence, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        if not re.fullmatch(r"[A-Z][A-Za-z]*( [A-Za-z]+)*", self.kind):
            raise SymderiveError(f"the kind of a box is a word such as Theorem, found {self.kind!r}")
        for block in self.statement:
            if not isinstance(block, Paragraph | ItemList | Equation | Table | Listing):
                raise SymderiveError(f"a {self.kind} cannot hold a {type(block).__name__}")


Block: TypeAlias = Section | Paragraph | ItemList | Equation | Box | Table | Listing | Figure


@dataclass(frozen=True)
class Document:
    """A title, what stands under it, and the blocks in their order. `lang` is the language of the words;
    `contents` asks for a table of contents in print (a page of HTML always has one), `small` for small
    print with the evidence in the margin."""

    title: str
    blocks: tuple[Block, ...]
    subtitle: Inlines = ()
    lang: str = "en"
    contents: bool = False
    small: bool = False

    def __post_init__(self) -> None:
        check_inlines(self.subtitle, "the subtitle of a document")
        if not self.title.strip():
            raise SymderiveError("a document needs a title, found an empty one")
        if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", self.lang):
            raise SymderiveError(f"expected a language such as en, found {self.lang!r}")
        for block in self.blocks:
            if not isinstance(block, get_args(Block)):
                raise SymderiveError(f"expected a block of a document, found {type(block).__name__}")

    @property
    def figures(self) -> tuple[Figure, ...]:
        """The pictures, whose files belong beside a LaTeX document."""
        return tuple(b for b in self.blocks if isinstance(b, Figure))
