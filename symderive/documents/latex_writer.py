"""Document -> one complete LaTeX article, core packages only.

The numbers are LaTeX's own counters; tests compare them with those of `numbering` through the .aux file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

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
    ProofStep,
    Ref,
    Section,
    Table,
    Text,
)
from symderive.documents.breaking import breaks
from symderive.documents.evidence import evidence_words, short_words
from symderive.documents.formula import Row, parse, slice_of
from symderive.documents.layout import GAP, NOTE_SIZE, Layout, SetLine, arrange, note_of, proof_word
from symderive.documents.measure import inlines_width, width
from symderive.documents.numbering import NumberedDocument, number
from symderive.documents.tables import column_widths
from symderive.documents.texttex import code, escape, escape_plain

LINE = 38.9  # em: 15 cm in 10.95 pt, 13.7 cm in 10 pt
STEP_LABEL = 0.62  # em for each character of a step's number
SHORT = 12.0  # em of a formula in running text that needs no more breaks than TeX finds
WIDE = 34.0  # em of a piece of one that cannot be broken and must not be wider
KEPT = 16  # rows of a table without a caption that stays on one page
ONE_ROW = 0.97  # of the line that a formula and its note may fill together


def to_latex(document: Document) -> str:
    r"""A complete LaTeX file of the document; SymderiveError for what cannot be numbered or read.

    >>> from symderive.documents.blocks import text
    >>> "50\\% of $n_{l}$" in to_latex(Document("A", (Paragraph(text("50% of ", Math("n_{l}"))),)))
    True
    """
    numbered = number(document)
    writer = _Writer(numbered, aside=document.small)
    document = numbered.document
    kinds = sorted({block.kind for block in document.blocks if isinstance(block, Box)})
    return (
        _environment()
        .get_template("article.tex.j2")
        .render(
            title=escape(document.title),
            plain_title=escape_plain(document.title),
            lang=document.lang,
            subtitle=writer.inlines(document.subtitle),
            contents=document.contents,
            small=document.small,
            kinds=[(_slug(kind), kind) for kind in kinds],
            body="\n\n".join(writer.block(block) for block in document.blocks),
        )
    )


@dataclass(frozen=True)
class Fragment:
    r"""LaTeX for somebody's own paper: `tex` for \input, and the `style` that it needs, as symderive.sty."""

    tex: str
    style: str


def to_fragment(document: Document) -> Fragment:
    r"""The document without title and preamble; the paper has \usepackage{symderive} and \input{..}."""
    numbered = number(document)
    writer = _Writer(numbered)
    blocks = numbered.document.blocks
    kinds = sorted({block.kind for block in blocks if isinstance(block, Box)})
    template = _environment().get_template("macros.tex.j2")
    macros = template.render(kinds=[(_slug(kind), kind) for kind in kinds], small=False)
    packages = ("mathtools,amssymb,amsthm", "array,booktabs,longtable", "graphicx", "xcolor", "hyperref")
    style = "\n".join(rf"\RequirePackage{{{p}}}" for p in packages)
    body = "\n\n".join(writer.block(block) for block in blocks)
    head = (
        f"% {document.title}: written by symderive; needs \\usepackage{{symderive}} (symderive.sty beside it)"
    )
    return Fragment(
        f"{' '.join(head.split())}\n{body}\n",
        f"% What fragments of symderive need.\n\\ProvidesPackage{{symderive}}\n{style}\n{macros}",
    )


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(  # no autoescape: the writer escapes every word itself, for LaTeX
        loader=PackageLoader("symderive.documents"),
        block_start_string="((*", block_end_string="*))",
        variable_start_string="(((", variable_end_string=")))",
        comment_start_string="((=", comment_end_string="=))",
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True, undefined=StrictUndefined,
    )  # fmt: skip


def _slug(kind: str) -> str:
    """The environment of a kind of box; its own prefix keeps it apart from the commands of LaTeX."""
    return "box" + re.sub(r"[^a-z]", "", kind.lower())


class _Writer:
    """Each method prints one kind of block."""

    def __init__(self, numbered: NumberedDocument, *, aside: bool = False) -> None:
        self.numbered = numbered
        # evidence stands in the margin, where there is room for few words
        self.aside = aside
        self.words = short_words if aside else evidence_words
        self.between = "\\hskip .6em plus .2em\n" if aside else "\\qquad\n"

    # ------------------------------------------------------------------------------------------------ blocks

    def block(self, block: Block, room: float = LINE) -> str:
        match block:
            case Section():
                return self.section(block)
            case Paragraph():
                return self.paragraph(block)
            case ItemList():
                mark = r"\arabic{item}." if block.ordered else r"\textbullet"
                items = "\n".join(f"  \\item {self.inlines(item)}" for item in block.items)
                return f"\\begin{{items}}{{{mark}}}\n{items}\n\\end{{items}}"
            case Equation():
                layout = arrange(block.lines, room, block.conditions)
                display = self.display(layout)
                return (held(display) if block.evidence else display) + self.evidence(block.evidence)
            case Box():
                return self.box(block)
            case Table():
                return self.table(block, room)
            case Listing():
                return self.listing(block)
            case Figure():
                return self.figure(block)

    def paragraph(self, block: Paragraph) -> str:
        """Set flush left where it holds a formula so wide that no line around it can be justified."""
        words = self.inlines(block.inlines)
        formulas = [parse(piece.latex) for piece in block.inlines if isinstance(piece, Math)]
        wide = any(width(piece, display=False) > SHORT for row in formulas for piece in _cut(row))
        return rf"{{\raggedright {words}\par}}" if wide else words

    def section(self, block: Section) -> str:
        command = ("section", "subsection", "subsubsection")[block.level - 1]
        title = escape(block.title)
        if title != escape_plain(block.title):
            title = rf"\texorpdfstring{{{title}}}{{{escape_plain(block.title)}}}"
        return rf"\{command}{{{title}}}{_label(block.label)}"

    def box(self, block: Box) -> str:
        name = _slug(block.kind)
        title = f"[{{{escape(block.title)}}}]" if block.title else ""
        parts = [rf"\begin{{{name}}}{title}{_label(block.label)}"]
        if block.hypotheses:
            parts.append(r"\emph{Hypotheses.}")
            parts.append(r"\begin{hypotheses}")
            parts += [self.hypothesis(hypothesis) for hypothesis in block.hypotheses]
            parts.append(r"\end{hypotheses}")
            if block.statement:
                parts.append(r"\emph{Claim.}")
        inner = [self.block(b) for b in block.statement]
        if block.evidence and block.statement and isinstance(block.statement[-1], Equation):
            inner[-1] = held(inner[-1])
        statement = "\n\n".join(inner)
        evidence = self.evidence(block.evidence).strip()
        parts += [part for part in (statement, evidence) if part]
        parts.append(rf"\end{{{name}}}")
        if block.proof:
            parts.append(rf"\par\addvspace{{4pt}}\emph{{{proof_word(block)}.}}\nopagebreak")
            (first, *more) = block.proof
            if more or first.rule or first.reason or first.substeps:
                parts.append(self.steps(block.proof, LINE, last=block.kind in THEOREM_LIKE))
            else:  # a single chain needs no number
                parts.append(self.lines(first.lines, LINE, first.conditions, ends=block.kind in THEOREM_LIKE))
                parts.append(self.evidence(first.evidence))
        return "\n".join(parts)

    def hypothesis(self, hypothesis: Hypothesis) -> str:
        label = _placed(hypothesis.place.number if hypothesis.place else "", hypothesis.label)
        head = rf"  \item[\textbf{{{escape(hypothesis.name)}:}}]{label} {self.inlines(hypothesis.statement)}"
        if not hypothesis.lines:
            return head
        if (
            len(hypothesis.lines) == 1
            and (row := self.one_row(hypothesis.lines[0], (), LINE - 2)) is not None
        ):
            return f"{head} {row}"
        start = "" if hypothesis.statement else r"\leavevmode"
        return f"{head}{start}\n{self.lines(hypothesis.lines, LINE - 1.5)}"

    def steps(self, steps: tuple[ProofStep, ...], room: float, *, last: bool = False) -> str:
        """A list of steps; where it is the last of a proof, its last line shows the proof's end."""
        widest = max((step.place.number for step in steps if step.place), key=len, default="1")
        room -= STEP_LABEL * (len(widest) + 1) + 0.6
        items = [self.step(step, room, last=last and step is steps[-1]) for step in steps]
        label = re.sub("[0-9]", "0", widest)
        return "\n".join([f"\\begin{{steps}}{{{label}.}}", *items, "\\end{steps}"])

    def step(self, step: ProofStep, room: float, *, last: bool) -> str:
        """Formula and reason in one row where they fit; else the reason first, and the formulas below it."""
        ends = last and not step.substeps
        place = step.place.number if step.place else ""
        rule = rf"\textit{{{escape(step.rule)}}}" if step.rule else ""
        between = ": " if rule and step.reason else ""
        words = f"{rule}{between}{self.inlines(step.reason)}"
        plain = (Text(step.rule + between), *step.reason)
        row = None
        if len(step.lines) == 1:
            row = self.one_row(step.lines[0], plain, room - (2.0 if ends else 0.0), step.conditions)
        if not step.lines:
            out = words + (r"\hfill\qedsymbol" if ends else "")
        elif row is not None:
            out = row + (rf"\hfill{{\small {words}}}" if words else "")
            out += (r"\quad" if words else r"\hfill") + r"\qedsymbol" if ends else ""
        else:
            out = f"{words}." if words else r"\leavevmode"
            lines = self.lines(step.lines, room, step.conditions, ends=ends)
            out += "\n" + (held(lines) if step.evidence else lines)
        out += self.evidence(step.evidence)
        inner = f"\n{self.steps(step.substeps, room, last=last)}" if step.substeps else ""
        return rf"  \item[{place}.]{_placed(place, step.label)} {out}{inner}"

    def one_row(
        self, line: Line, words: Inlines, room: float, conditions: tuple[str, ...] = ()
    ) -> str | None:
        """The line as a formula in running text, if it and the words beside it fit in one row."""
        sides = f"{line.lhs} {line.relation} {line.rhs}" if line.rhs else line.lhs
        formula = parse(sides)
        note = note_of(line, conditions)
        gap = GAP * (bool(note) + bool(words))
        if width(formula) + NOTE_SIZE * inlines_width((*note, *words)) + gap > ONE_ROW * room:
            return None
        beside = rf"\quad {{\small {self.inlines(note)}}}" if note else ""
        return rf"$\displaystyle {formula.source.strip()}${beside}"

    # -------------------------------------------------------------------------------------------- equations

    def display(self, layout: Layout, *, flush: bool = False) -> str:
        """A display: `equation` for a single line, `align` or `alignat` with aligned relations for more."""
        lines = layout.lines
        numbered = any(line.place is not None for line in lines)
        star = "" if numbered else "*"
        if len(lines) == 1:
            return self.single(lines[0], layout.room, star)
        notes = any(line.beside for line in lines)
        name = f"alignat{star}" if notes else f"align{star}"
        # every right side begins behind the widest left side, whether its line has one or not
        left = max((width(line.lhs) for line in lines if line.lhs is not None), default=0.0)
        free = layout.room - left
        if not flush:  # the lines stand in the middle, and the notes below them do not count for that
            used = max(line.indent + width(line.rhs) * line.scale for line in lines)
            if notes:
                used += GAP + max(NOTE_SIZE * inlines_width(line.beside) for line in lines)
            free -= max(0.0, (free - used) / 2)
        rows = [self.row(line, free, numbered=numbered) for line in lines]
        body = " \\\\\n".join(rows)
        return f"\\begin{{{name}}}{'{2}' if notes else ''}\n{body}\n\\end{{{name}}}"

    def single(self, line: SetLine, room: float, star: str) -> str:
        """One line with its note behind it; or below it, and then both in the middle."""
        left = line.lhs.source.strip() + " " if line.lhs is not None else ""
        note = rf" \hspace{{1.5em}}\note{{{self.inlines(line.beside)}}}" if line.beside else ""
        name = f"gather{star}" if line.below else f"equation{star}"
        rows = f"\\begin{{{name}}}{self.line_label(line)}\n  {left}{_right(line)}{note}"
        if line.below:
            words = self.boxed(line.below, room, r"\centering")
            rows += f" \\\\*[-2pt]\n  \\note{{{words}}}" + ("" if star else r" \notag")
        return f"{rows}\n\\end{{{name}}}"

    def row(self, line: SetLine, room: float, *, numbered: bool) -> str:
        """A line of several; `room` is what the left sides leave to the right ones."""
        left = line.lhs.source.strip() + " " if line.lhs is not None else ""
        indent = rf"\hspace{{{line.indent:.3g}em}} " if line.indent else ""
        row = f"  {left}&{indent}{_right(line)}"
        if line.beside:
            row += rf" && \hspace{{1.5em}}\note{{{self.inlines(line.beside)}}}"
        if numbered:
            row += self.line_label(line) if line.place is not None else r" \notag"
        if line.below:
            boxed = self.boxed(line.below, room - line.indent - 1.0, r"\raggedright")
            words = rf"\mathrlap{{\note{{{boxed}}}}}"
            row += f" \\\\*[-2pt]\n  &\\quad{words}" + (r" \notag" if numbered else "")
        return row

    def boxed(self, words: Inlines, room: float, how: str) -> str:
        """Words on one line where they fit, else in a box in which they wrap."""
        if NOTE_SIZE * inlines_width(words) <= 0.95 * room:
            return self.inlines(words)
        return rf"\parbox[t]{{{0.95 * room:.4g}em}}{{{how} {self.inlines(words)}}}"

    def line_label(self, line: SetLine) -> str:
        if line.place is None or line.place.anchor not in self.numbered.targets:
            return ""
        return rf" \label{{{line.place.anchor}}}"

    def lines(
        self, lines: tuple[Line, ...], room: float, conditions: tuple[str, ...] = (), *, ends: bool = False
    ) -> str:
        """Lines without numbers at the left margin; `ends` adds the end of the proof."""
        layout = arrange(lines, room - (2.5 if ends else 0.0), conditions, numbers=False)
        display = self.display(layout, flush=True)
        if ends:
            body, end = display.rsplit("\n", 1)
            display = f"{body} \\tag*{{\\qedsymbol}}\n{end}"
        return f"\\begin{{flushlines}}\n{display}\n\\end{{flushlines}}"

    def evidence(self, evidences: tuple[Evidence, ...]) -> str:
        if not evidences:
            return ""
        lines = []
        for evidence in evidences:
            words = self.inlines(self.words(evidence))
            if self.aside and evidence.error is not None:
                words = rf"\mbox{{{words}}}"
            lines.append(rf"  \status{{{evidence.status}}}" + (rf"\enspace {words}" if words else ""))
        body = self.between.join(lines)
        return f"\n\\begin{{evidence}}\n{body}\n\\end{{evidence}}"

    # ---------------------------------------------------------------------------------- tables and listings

    def table(self, block: Table, room: float) -> str:
        align = block.align or "l" * len(block.header)
        widths = column_widths(block, room)
        columns = "".join(
            letter if fixed is None else rf">{{\raggedright\arraybackslash}}p{{{fixed:.3f}em}}"
            for letter, fixed in zip(align, widths, strict=True)
        )
        rows = [" & ".join(self.inlines(cell) for cell in row) + r" \\" for row in block.rows]
        head = " & ".join(rf"{self.inlines(cell)}" for cell in block.header) + r" \\"
        caption = ""
        if block.place is not None:
            caption = rf"\caption{{{self.inlines(block.caption)}}}{_label(block.label)}\\" + "\n"
        body = "\n".join(rows)
        if block.place is None and len(rows) <= KEPT:
            table = f"\\begin{{tabular}}{{{columns}}}\n\\toprule\n{head}\n\\midrule\n{body}\n\\bottomrule\n"
            return f"\\begin{{center}}\n{table}\\end{{tabular}}\n\\end{{center}}"
        return (
            f"\\begin{{longtable}}{{{columns}}}\n{caption}\\toprule\n{head}\n\\midrule\n\\endfirsthead\n"
            f"\\toprule\n{head}\n\\midrule\n\\endhead\n{body}\n\\bottomrule\n\\end{{longtable}}"
        )

    def figure(self, block: Figure) -> str:
        """The picture, from a file of its name beside the document, near to where it is spoken of."""
        image = rf"\includegraphics[width={block.width:.3g}\linewidth]{{{block.name}.pdf}}"
        caption = ""
        if block.place is not None:
            caption = rf"\caption{{{self.inlines(block.caption)}}}{_label(block.label)}" + "\n"
        return f"\\begin{{figure}}[!htbp]\n\\centering\n{image}\n{caption}\\end{{figure}}"

    def listing(self, block: Listing) -> str:
        lines = [rf"\mbox{{}}{code(line)}\par" for line in block.code.rstrip("\n").expandtabs(4).split("\n")]
        body = "\n".join(lines)
        caption = ""
        if block.place is not None:
            caption = (
                rf"\par\nobreak {{\small\normalfont Listing {block.place.number}:"
                rf"{_placed(block.place.number, block.label)} {self.inlines(block.caption)}\par}}"
            )
        return f"\\begin{{listing}}\n{body}\n\\end{{listing}}{caption}"

    # ------------------------------------------------------------------------------------------------- words

    def inlines(self, inlines: Inlines) -> str:
        return "".join(self.inline(piece) for piece in inlines)

    def inline(self, inline: Inline) -> str:
        match inline:
            case Text():
                return escape(inline.text)
            case Math():
                return f"${_inline(parse(inline.latex))}$"
            case Emphasis():
                return rf"\emph{{{escape(inline.text)}}}"
            case Code():
                return rf"\texttt{{{code(inline.text)}}}"
            case Link():
                return rf"\href{{{_url(inline.url)}}}{{{escape(inline.text)}}}"
            case Ref():
                return self.ref(inline)

    def ref(self, ref: Ref) -> str:
        target = self.numbered.target(ref.label)
        if target.kind == "equation":
            return rf"\eqref{{{ref.label}}}"
        if target.kind == "hypothesis":
            return rf"\hyperref[{ref.label}]{{{escape(target.words)}}}"
        kind = target.words.removesuffix(target.number).strip()
        return rf"\hyperref[{ref.label}]{{{kind}~\ref*{{{ref.label}}}}}"


def held(display: str) -> str:
    """A display that stays on the page of what follows it."""
    return f"\\begin{{held}}\n{display}\n\\end{{held}}"


def _right(line: SetLine) -> str:
    source = line.rhs.source.strip()
    if line.scale < 1:
        return rf"\fit{{{width(line.rhs) * line.scale:.4g}em}}{{{source}}}"
    return source


def _cut(row: Row) -> list[Row]:
    """The pieces of a row between the places where it may break."""
    positions = [0, *(position for position, _ in breaks(row)), len(row.items)]
    return [slice_of(row, start, end) for start, end in pairwise(positions)]


def _inline(row: Row) -> str:
    """A formula in running text: TeX breaks it at relations and signs; a long one also between factors."""
    if width(row, display=False) <= SHORT:
        return row.source.strip()
    pieces = []
    for piece in _cut(row):
        source = piece.source.strip()
        pieces.append(rf"\fit{{{WIDE}em}}{{{source}}}" if width(piece) > WIDE else source)
    return r" \allowbreak ".join(pieces)


def _label(label: str) -> str:
    return rf"\label{{{label}}}" if label else ""


def _placed(number: str, label: str) -> str:
    return rf"\placed{{{number}}}{{{label}}}" if label else ""


def _url(url: str) -> str:
    return re.sub(
        r"([%#&_{}~^\\$])",
        lambda found: "\\" + found[1] if found[1] in "%#&_{}$" else (rf"\%{ord(found[1]):02X}"),
        url,
    )
