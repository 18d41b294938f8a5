"""Document -> the same document with every number in its place and every reference resolved.

All writers print the numbers that are found here, so LaTeX, HTML and PDF cannot disagree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from symderive.documents.blocks import (
    Block,
    Box,
    Document,
    Equation,
    Evidence,
    Figure,
    Hypothesis,
    Inline,
    Inlines,
    ItemList,
    Line,
    Listing,
    Paragraph,
    Place,
    Placed,
    ProofStep,
    Ref,
    Section,
    Table,
)
from symderive.errors import SymderiveError


@dataclass(frozen=True)
class Target:
    """What a label stands for: its kind (equation, section, Theorem, ...), its number, its anchor, and the
    words that a reference prints."""

    kind: str
    number: str
    anchor: str
    words: str


@dataclass(frozen=True)
class NumberedDocument:
    """A document whose blocks know their places, and the targets of its labels."""

    document: Document
    targets: Mapping[str, Target]

    def target(self, label: str) -> Target:
        """What a label stands for; `number` has checked that every reference has one."""
        return self.targets[label]


def number(document: Document) -> NumberedDocument:
    """Number sections (1, 1.1), equations, boxes, tables, listings, and the steps of each proof (1, 1.1).

    SymderiveError for a label that stands twice, and for a reference to a label that stands nowhere.

    >>> from symderive.documents.blocks import Equation, Line
    >>> numbered = number(Document("Two", (Equation((Line(lhs="a", rhs="b"),), label="ab"),)))
    >>> numbered.target("ab").words
    '(1)'
    """
    labels = Counter(block.label for block in _all_placed(document) if block.label)
    for label, count in labels.items():
        if count > 1:
            raise SymderiveError(f"expected each label once, found {label!r} on {count} blocks")
    numberer = _Numberer(set(labels))
    blocks = tuple(numberer.block(block) for block in document.blocks)
    for inline in _all_inlines(document):
        if isinstance(inline, Ref) and inline.label not in numberer.targets:
            known = ", ".join(sorted(numberer.targets)) or "none"
            raise SymderiveError(
                f"expected the label of a numbered block, found {inline.label!r}; known: {known}"
            )
    return NumberedDocument(replace(document, blocks=blocks), MappingProxyType(dict(numberer.targets)))


class _Numberer:
    """The counters, while one document is numbered."""

    def __init__(self, labels: set[str]) -> None:
        self.anchors = set(labels)
        self.targets: dict[str, Target] = {}
        self.sections: list[int] = []
        self.counts: Counter[str] = Counter()

    def place(self, block: Placed, kind: str, number: str, words: str) -> Place:
        anchor = block.label or f"{kind.lower().replace(' ', '-')}-{number}"
        if not block.label:
            while anchor in self.anchors:
                anchor += "-"
            self.anchors.add(anchor)
        if block.label:
            self.targets[block.label] = Target(kind, number, anchor, words)
        return Place(number, anchor)

    def next(self, kind: str) -> str:
        self.counts[kind] += 1
        return str(self.counts[kind])

    def block(self, block: Block) -> Block:
        match block:
            case Section():
                return self.section(block)
            case Equation():
                return self.equation(block)
            case Table() | Listing() | Figure():
                kind = type(block).__name__
                if not block.caption and not block.label:
                    return block
                count = self.next(kind)
                return replace(block, place=self.place(block, kind, count, f"{kind} {count}"))
            case Box():
                return self.box(block)
            case Paragraph() | ItemList():
                return block

    def section(self, block: Section) -> Section:
        if block.level > len(self.sections) + 1:
            raise SymderiveError(
                f"expected a section of level {len(self.sections) + 1} or higher up, "
                f"found level {block.level} at {block.title!r:.60}"
            )
        self.sections = self.sections[: block.level]
        if len(self.sections) < block.level:
            self.sections.append(0)
        self.sections[-1] += 1
        count = ".".join(map(str, self.sections))
        return replace(block, place=self.place(block, "section", count, f"Section {count}"))

    def equation(self, block: Equation) -> Equation:
        """Lines that have labels get numbers of their own; the last line shows the number of the whole."""
        if block.label and block.lines[-1].label:
            raise SymderiveError(
                f"the last line carries the number of its equation: expected one label, "
                f"found {block.label!r} and {block.lines[-1].label!r}"
            )
        lines = []
        for line in block.lines:
            place = None
            if line.label:
                count = self.next("equation")
                place = self.place(line, "equation", count, f"({count})")
            lines.append(replace(line, place=place))
        place = lines[-1].place
        if place is None and block.numbered:
            count = self.next("equation")
            place = self.place(block, "equation", count, f"({count})")
            lines[-1] = replace(lines[-1], place=place)
        return replace(block, lines=tuple(lines), place=place)

    def box(self, block: Box) -> Box:
        count = self.next("box")
        place = self.place(block, block.kind, count, f"{block.kind} {count}")
        hypotheses: list[Hypothesis] = []
        for hypothesis in block.hypotheses:
            _no_labels(hypothesis.lines, f"hypothesis {hypothesis.name!r}")
            number = f"{count}-{len(hypotheses) + 1}"
            hypotheses.append(
                replace(hypothesis, place=self.place(hypothesis, "hypothesis", number, hypothesis.name))
            )
        return replace(
            block,
            place=place,
            hypotheses=tuple(hypotheses),
            statement=tuple(self.block(inner) for inner in block.statement),
            proof=self.steps(block.proof, count, ""),
        )

    def steps(self, steps: tuple[ProofStep, ...], box: str, prefix: str) -> tuple[ProofStep, ...]:
        numbered = []
        for index, step in enumerate(steps, start=1):
            _no_labels(step.lines, f"proof step {step.rule!r}")
            count = f"{prefix}{index}"
            place = self.place(step, "step", count, f"step {count}")
            if not step.label:
                place = Place(count, f"step-{box}-{count}")
            numbered.append(replace(step, place=place, substeps=self.steps(step.substeps, box, f"{count}.")))
        return tuple(numbered)


def _no_labels(lines: tuple[Line, ...], where: str) -> None:
    for line in lines:
        if line.label:
            raise SymderiveError(
                f"expected the label on the {where} itself, found {line.label!r} on a line of it"
            )


# ----------------------------------------------------------------------------------------- walking the tree


def _all_placed(document: Document) -> Iterator[Placed]:
    for block in _flat(document.blocks):
        if isinstance(block, Placed):
            yield block
        if isinstance(block, Equation | Hypothesis | ProofStep):
            yield from block.lines


_Part = Block | Hypothesis | ProofStep


def _flat(blocks: tuple[_Part, ...]) -> Iterator[_Part]:
    for block in blocks:
        yield block
        if isinstance(block, Box):
            yield from _flat((*block.hypotheses, *block.statement, *block.proof))
        elif isinstance(block, ProofStep):
            yield from _flat(block.substeps)


def _all_inlines(document: Document) -> Iterator[Inline]:
    yield from document.subtitle
    for block in _flat(document.blocks):
        for inlines in _inlines(block):
            yield from inlines


def _inlines(block: _Part) -> Iterator[Inlines]:
    evidence: tuple[Evidence, ...] = ()
    match block:
        case Section():
            pass
        case Paragraph():
            yield block.inlines
        case ItemList():
            yield from block.items
        case Equation():
            evidence = block.evidence
            yield from (line.reason for line in block.lines)
        case Table():
            yield block.caption
            yield from (cell for row in (block.header, *block.rows) for cell in row)
        case Listing() | Figure():
            yield block.caption
        case Box():
            evidence = block.evidence
        case Hypothesis():
            yield block.statement
            yield from (line.reason for line in block.lines)
        case ProofStep():
            evidence = block.evidence
            yield block.reason
            yield from (line.reason for line in block.lines)
    yield from (one.detail for one in evidence)


def map_formulas(document: Document, check: Callable[[str], None]) -> None:
    """Call `check` with every formula of a document, in reading order."""
    for inline in _all_inlines(document):
        if hasattr(inline, "latex"):
            check(inline.latex)
    for block in _flat(document.blocks):
        if isinstance(block, Equation | Hypothesis | ProofStep):
            for line in block.lines:
                for formula in (line.lhs, line.rhs, *line.conditions):
                    check(formula)
        if isinstance(block, Equation | ProofStep):
            for formula in block.conditions:
                check(formula)
