"""Document -> Markdown of the kind that GitHub shows: formulas in dollar signs, proofs that unfold.

What Markdown cannot say is said in words: numbers stand in brackets behind an equation, evidence below it.
"""

from __future__ import annotations

import re

from symderive.documents.blocks import (
    Block,
    Box,
    Code,
    Document,
    Emphasis,
    Equation,
    Evidence,
    Figure,
    Inline,
    Inlines,
    ItemList,
    Line,
    Link,
    Listing,
    Math,
    Paragraph,
    ProofStep,
    Ref,
    Section,
    Table,
    Text,
)
from symderive.documents.evidence import evidence_words
from symderive.documents.numbering import NumberedDocument, number

SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|$~])")


def to_markdown(document: Document) -> str:
    r"""The document; the files of its figures are NAME.svg beside it.

    >>> from symderive.documents.blocks import text
    >>> print(to_markdown(Document("A *title*", (Paragraph(text("w", Math("w^{2}"))),))))
    # A \*title\*
    <BLANKLINE>
    w$w^{2}$
    <BLANKLINE>
    """
    numbered = number(document)
    writer = _Writer(numbered)
    head = [f"# {escape(document.title)}"]
    if document.subtitle:
        head.append(writer.inlines(document.subtitle))
    return "\n\n".join([*head, *(writer.block(b) for b in numbered.document.blocks)]) + "\n"


def escape(text: str) -> str:
    """Words as they are, never markup."""
    return SPECIAL.sub(r"\\\1", " ".join(text.split(" ")))


class _Writer:
    def __init__(self, numbered: NumberedDocument) -> None:
        self.numbered = numbered

    def block(self, block: Block) -> str:
        match block:
            case Section():
                return f"{'#' * (block.level + 1)} {self.place(block)}{escape(block.title)}"
            case Paragraph():
                return self.inlines(block.inlines)
            case ItemList():
                return "\n".join(
                    f"{f'{n}.' if block.ordered else '-'} {self.inlines(item)}"
                    for n, item in enumerate(block.items, 1)
                )
            case Equation():
                return self.equation(block)
            case Box():
                return self.box(block)
            case Table():
                return self.table(block)
            case Listing():
                fence = "`" * (3 + max((len(m) for m in re.findall("`+", block.code)), default=0))
                return f"{fence}text\n{block.code.rstrip()}\n{fence}" + self.caption("Listing", block)
            case Figure():
                return f"![{escape(block.alt)}]({block.name}.svg)" + self.caption("Figure", block)

    def place(self, block: Section) -> str:
        return f"{block.place.number} " if block.place is not None else ""

    def caption(self, kind: str, block: Listing | Figure | Table) -> str:
        if block.place is None:
            return ""
        return f"\n\n*{kind} {block.place.number}:* {self.inlines(block.caption)}"

    def equation(self, block: Equation) -> str:
        shown = self.lines(block.lines, block.conditions)
        return "\n\n".join([shown, *self.evidence(block.evidence)])

    def lines(self, lines: tuple[Line, ...], conditions: tuple[str, ...]) -> str:
        """Aligned lines with ranges and numbers; the reasons of the lines below, in their order."""
        rows = []
        for n, line in enumerate(lines):
            limits = (*line.conditions, *(conditions if n == len(lines) - 1 else ()))
            row = f"{line.lhs} &{line.relation} {line.rhs}"
            if limits:
                row += rf" \qquad {', '.join(limits)}"
            if line.place is not None:
                row += rf" \qquad ({line.place.number})"
            rows.append(row)
        body = " \\\\\n".join(rows)
        shown = f"```math\n\\begin{{aligned}}\n{body}\n\\end{{aligned}}\n```"
        reasons = [self.inlines(line.reason) for line in lines if line.reason]
        return shown + (f"\n\n({'; '.join(reasons)})" if reasons else "")

    def evidence(self, found: tuple[Evidence, ...]) -> list[str]:
        words = [f"**{e.status}** {self.inlines(evidence_words(e))}".strip() for e in found]
        return ["; ".join(words)] if words else []

    def box(self, block: Box) -> str:
        assert block.place is not None
        title = f" ({escape(block.title)})" if block.title else ""
        parts = [f"**{block.kind} {block.place.number}{title}.**"]
        for h in block.hypotheses:
            parts.append(f"*{escape(h.name)}:* {self.inlines(h.statement)}".strip())
            parts += [self.lines(h.lines, ())] if h.lines else []
        parts += [self.block(b) for b in block.statement]
        parts += self.evidence(block.evidence)
        if block.proof:
            steps = "\n\n".join(self.step(s) for s in block.proof)
            parts.append(f"<details><summary>Proof</summary>\n\n{steps}\n\n</details>")
        return "\n\n".join(parts)

    def step(self, step: ProofStep) -> str:
        assert step.place is not None
        parts = [f"{step.place.number}. *{escape(step.rule)}* {self.inlines(step.reason)}".strip()]
        parts += [self.lines(step.lines, step.conditions)] if step.lines else []
        parts += [*self.evidence(step.evidence), *(self.step(s) for s in step.substeps)]
        return "\n\n".join(parts)

    def table(self, block: Table) -> str:
        marks = {"l": ":--", "c": ":-:", "r": "--:"}
        rows = [block.header, None, *block.rows]
        ruled = "|" + "|".join(marks[a] for a in block.align or "l" * len(block.header)) + "|"
        shown = [
            ruled if row is None else "| " + " | ".join(self.inlines(cell) for cell in row) + " |"
            for row in rows
        ]
        return "\n".join(shown) + self.caption("Table", block)

    # ------------------------------------------------------------------ within a line

    def inlines(self, inlines: Inlines) -> str:
        return "".join(self.inline(piece) for piece in inlines)

    def inline(self, inline: Inline) -> str:
        match inline:
            case Text():
                return escape(inline.text)
            case Math():
                return f"${inline.latex.strip()}$"
            case Emphasis():
                return f"*{escape(inline.text)}*"
            case Code():
                fence = "``" if "`" in inline.text else "`"
                return f"{fence}{inline.text}{fence}"
            case Link():
                return f"[{escape(inline.text)}]({inline.url.replace('(', '%28').replace(')', '%29')})"
            case Ref():
                return escape(self.numbered.target(inline.label).words)
