"""Document -> the source of a Typst document: same blocks, same numbers, same breaks as in LaTeX.

Words enter as string literals only, formulas through `typst_math` only; nothing is read as code.
"""

from __future__ import annotations

from functools import lru_cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from symderive.documents.blocks import (
    THEOREM_LIKE,
    Block,
    Box,
    Code,
    Document,
    Emphasis,
    Equation,
    Evidence,
    Figure,
    Hypothesis,
    Inline,
    Inlines,
    ItemList,
    Line,
    Link,
    Listing,
    Math,
    Paragraph,
    Placed,
    ProofStep,
    Ref,
    Section,
    Table,
    Text,
)
from symderive.documents.evidence import evidence_words
from symderive.documents.formula import Row, parse
from symderive.documents.layout import GAP, NOTE_SIZE, Layout, SetLine, arrange, note_of, proof_word
from symderive.documents.measure import inlines_width, width
from symderive.documents.numbering import NumberedDocument, number
from symderive.documents.tables import column_widths
from symderive.documents.typst_math import row_to_typst, string

LINE = 38.7  # em: 15 cm in 11 pt
ONE_ROW = 0.97
_ALIGN = {"l": "left", "c": "center", "r": "right"}


def to_typst(document: Document) -> str:
    """The Typst source of a document.

    >>> '#text("A")' in to_typst(Document("T", (Paragraph((Text("A"),)),)))
    True
    """
    numbered = number(document)
    writer = _Writer(numbered)
    document = numbered.document
    return (
        _environment()
        .get_template("article.typ.j2")
        .render(
            title=string(document.title),
            lang=string(document.lang.split("-")[0]),
            subtitle=writer.inlines(document.subtitle),
            contents=document.contents,
            body="\n\n".join(writer.block(block) for block in document.blocks),
        )
    )


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(  # no autoescape: every word is a string literal of Typst
        loader=PackageLoader("symderive.documents"),
        block_start_string="((*", block_end_string="*))",
        variable_start_string="(((", variable_end_string=")))",
        comment_start_string="((=", comment_end_string="=))",
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True, undefined=StrictUndefined,
    )  # fmt: skip


class _Writer:
    """Each method prints one kind of block, as markup of Typst."""

    def __init__(self, numbered: NumberedDocument) -> None:
        self.numbered = numbered

    # ------------------------------------------------------------------------------------------------ blocks

    def block(self, block: Block, room: float = LINE) -> str:
        match block:
            case Section():
                place = _place(block)
                words = f"{_text(place)}#h(.8em){_text(block.title)}{_anchor(block)}"
                return f"#heading(level: {block.level})[{words}]"
            case Paragraph():
                return self.inlines(block.inlines)
            case ItemList():
                name = "enum" if block.ordered else "list"
                return f"#{name}({', '.join(f'[{self.inlines(item)}]' for item in block.items)})"
            case Equation():
                layout = arrange(block.lines, room, block.conditions)
                return self.display(layout, tight=bool(block.evidence)) + self.evidence(block.evidence)
            case Box():
                return self.box(block)
            case Table():
                return self.table(block, room)
            case Figure():
                return self.figure(block)
            case Listing():
                code = f"#block(raw(block: true, {string(block.code.rstrip())}))"
                if block.place is None:
                    return code
                caption = f"Listing {block.place.number}: {self.inlines(block.caption)}"
                return f"{code}\n{_anchor(block)}#note[{caption}]"

    def box(self, block: Box) -> str:
        title = f"[{_text(block.title)}]" if block.title else "none"
        parts = []
        if block.hypotheses:
            parts.append("_Hypotheses._")
            parts += [self.hypothesis(hypothesis) for hypothesis in block.hypotheses]
            if block.statement:
                parts.append("_Claim._")
        # A paragraph goes on behind the words before it.
        statement = [self.block(inner) for inner in block.statement]
        if parts and parts[-1] == "_Claim._" and isinstance(block.statement[0], Paragraph):
            statement[0] = f"{parts.pop()} {statement[0]}"
        parts += statement
        parts += [part for part in (self.evidence(block.evidence).strip(),) if part]
        body = "\n\n".join(parts)
        head = ", ".join(map(string, (block.kind, _place(block), _anchor_name(block))))
        out = f"#result({head}, {title})[{body}]"
        if block.proof:
            steps = self.steps(block.proof, LINE, last=block.kind in THEOREM_LIKE)
            out += f"\n\n#block(sticky: true)[_{proof_word(block)}._]\n{steps}"
        return out

    def hypothesis(self, hypothesis: Hypothesis) -> str:
        head = f"{_anchor(hypothesis)}*{_text(hypothesis.name)}:*#h(.5em){self.inlines(hypothesis.statement)}"
        if (
            len(hypothesis.lines) == 1
            and (row := self.one_row(hypothesis.lines[0], (), LINE - 2)) is not None
        ):
            return f"#pad(left: 1em)[{head} {row}]"
        lines = self.lines(hypothesis.lines, LINE - 1.5) if hypothesis.lines else ""
        return f"#pad(left: 1em)[{head}{lines}]"

    def steps(self, steps: tuple[ProofStep, ...], room: float, *, last: bool = False) -> str:
        room -= 0.6 * (max(len(_place(step)) for step in steps) + 1) + 0.6
        items = [self.step(step, room, last=last and step is steps[-1]) for step in steps]
        return f"#steps({', '.join(items)})"

    def step(self, step: ProofStep, room: float, *, last: bool) -> str:
        ends = last and not step.substeps
        rule = f"_{_text(step.rule)}_" if step.rule else ""
        between = ": " if rule and step.reason else ""
        words = f"{rule}{_text(between) if between else ''}{self.inlines(step.reason)}"
        plain = (Text(step.rule + between), *step.reason)
        row = None
        if len(step.lines) == 1:
            row = self.one_row(step.lines[0], plain, room - (2.0 if ends else 0.0), step.conditions)
        if not step.lines:
            out = words + (" #h(1fr) #qed" if ends else "")
        elif row is not None:
            out = f"{row} #h(1fr) #note[{words}]" + (" #h(.6em) #qed" if ends else "")
        else:
            out = f"{words}." if words else ""
            out += self.lines(step.lines, room, step.conditions, ends=ends)
        out += self.evidence(step.evidence)
        if len(step.lines) < 12:  # the words stay with their formulas
            out = f"#block(breakable: false)[{out}]"
        if step.substeps:
            out += f"\n{self.steps(step.substeps, room, last=last)}"
        return f"([{_anchor(step)}{_text(_place(step))}.], [{out}])"

    def one_row(
        self, line: Line, words: Inlines, room: float, conditions: tuple[str, ...] = ()
    ) -> str | None:
        sides = f"{line.lhs} {line.relation} {line.rhs}" if line.rhs else line.lhs
        formula = parse(sides)
        note = note_of(line, conditions)
        gap = GAP * (bool(note) + bool(words))
        if width(formula) + NOTE_SIZE * inlines_width((*note, *words)) + gap > ONE_ROW * room:
            return None
        return f"#tall[{_display(formula)}]" + (f" #h(1em) #note[{self.inlines(note)}]" if note else "")

    # -------------------------------------------------------------------------------------------- equations

    def display(self, layout: Layout, *, flush: bool = False, ends: bool = False, tight: bool = False) -> str:
        rows = [self.row(line, ends=ends and line is layout.lines[-1]) for line in layout.lines]
        options = ("flush: true, " if flush else "") + ("tight: true, " if tight else "")
        return f"#aligned({options}({' '.join(f'{row},' for row in rows)}))"

    def row(self, line: SetLine, *, ends: bool) -> str:
        lhs = f"[{_display(line.lhs)}]" if line.lhs is not None else "[]"
        rhs = _display(line.rhs)
        if line.scale < 1:
            rhs = f"#fit({100 * line.scale:.4g}%)[{rhs}]"
        beside, below = (
            f"note[{self.inlines(words)}]" if words else "none" for words in (line.beside, line.below)
        )
        number, anchor = ("none", "none")
        if line.place is not None:
            number, anchor = string(line.place.number), string(line.place.anchor)
        if ends:
            beside = f"[{'#' + beside if beside != 'none' else ''} #h(1em) #qed]"
        return (
            f"(lhs: {lhs}, rhs: [{rhs}], indent: {line.indent:.3g}em, note: {beside}, below: {below}, "
            f"number: {number}, anchor: {anchor})"
        )

    def lines(
        self, lines: tuple[Line, ...], room: float, conditions: tuple[str, ...] = (), *, ends: bool = False
    ) -> str:
        layout = arrange(lines, room - (2.5 if ends else 0.0), conditions, numbers=False)
        return self.display(layout, flush=True, ends=ends)

    def evidence(self, evidences: tuple[Evidence, ...]) -> str:
        if not evidences:
            return ""
        items = ", ".join(
            f"({string(evidence.status)}, [{self.inlines(evidence_words(evidence))}])"
            for evidence in evidences
        )
        return f"\n#evidence({items})"

    # ---------------------------------------------------------------------------------- figures and tables

    def figure(self, block: Figure) -> str:
        source, alt = string(f"{block.name}.svg"), string(block.alt)
        image = f"image({source}, width: {100 * block.width:g}%, alt: {alt})"
        if block.place is None:
            return f"#align(center)[#{image}]"
        caption = f"Figure {block.place.number}: {self.inlines(block.caption)}"
        return f"#align(center)[#{image}]\n#align(center)[{_anchor(block)}{caption}]"

    def table(self, block: Table, room: float) -> str:
        widths = column_widths(block, room)
        columns = ", ".join("auto" if fixed is None else "1fr" for fixed in widths)
        align = ", ".join(_ALIGN[letter] for letter in block.align or "l" * len(block.header))
        head = ", ".join(f"[{self.inlines(cell)}]" for cell in block.header)
        rows = ",\n  ".join(", ".join(f"[{self.inlines(cell)}]" for cell in row) for row in block.rows)
        caption = ""
        if block.place is not None:
            caption = (
                f"#align(center)[{_anchor(block)}Table {block.place.number}: {self.inlines(block.caption)}]\n"
            )
        body = f",\n  {rows}" if rows else ""
        return (
            f"{caption}#align(center)[#set par(justify: false)\n#table(columns: ({columns},), "
            f"align: ({align},), stroke: none, inset: (x: .55em, y: .38em),\n  table.hline(stroke: .8pt), "
            f"table.header({head}), table.hline(stroke: .4pt){body}, table.hline(stroke: .8pt))]"
        )

    # ------------------------------------------------------------------------------------------------- words

    def inlines(self, inlines: Inlines) -> str:
        return "".join(self.inline(piece) for piece in inlines)

    def inline(self, inline: Inline) -> str:
        match inline:
            case Text():
                return _text(inline.text)
            case Math():
                return f"${row_to_typst(parse(inline.latex))}$"
            case Emphasis():
                return f"#emph[{_text(inline.text)}]"
            case Code():
                return f"#raw({string(inline.text)})"
            case Link():
                return f"#link({string(inline.url)})[{_text(inline.text)}]"
            case Ref():
                target = self.numbered.target(inline.label)
                return f"#link(label({string(target.anchor)}))[{_text(target.words.replace(' ', chr(0xA0)))}]"


def _text(words: str) -> str:
    return f"#text({string(words)})" if words else ""


def _display(row: Row) -> str:
    return f"$display({row_to_typst(row)})$"


def _place(block: Placed) -> str:
    return block.place.number if block.place is not None else ""


def _anchor_name(block: Placed) -> str:
    return block.place.anchor if block.place is not None else ""


def _anchor(block: Placed) -> str:
    return f"#anchor({string(_anchor_name(block))})" if block.place is not None else ""
