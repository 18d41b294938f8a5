"""Document -> one HTML page that needs nothing else: no network, no script; formulas are MathML, real text.

Every word enters through Markup.format, which escapes it; the policy in the page's head forbids any load.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import lru_cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

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
from symderive.documents.breaking import break_row, breaks, part
from symderive.documents.evidence import evidence_words
from symderive.documents.fonts import math_font
from symderive.documents.formula import Row, parse, slice_of
from symderive.documents.layout import note_of, proof_word, right_side
from symderive.documents.mathml import math_element
from symderive.documents.measure import width
from symderive.documents.numbering import NumberedDocument, number

WIDEST = 34.0  # em of a formula that stays on one line of a wide screen
PHONE = 15.0  # em of a formula that certainly fits a phone; wider ones may wrap
CLOSING = re.compile(r"[,.;:!?)]+")  # of a phrase: does not begin a line
SCROLLS = 19.0  # em from which a piece may have to scroll on a phone, so the keyboard must reach it
# Control characters are no text of HTML; those that reverse the direction of writing could disguise some.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_END = Markup('<p class="qed"><span role="img" aria-label="end of proof">∎</span></p>')


def to_html(document: Document, *, embed_font: bool = True) -> str:
    """A complete page. With `embed_font` it carries its mathematical font, where extra `html` is installed.

    >>> from symderive.documents.blocks import text
    >>> "a &lt; b" in to_html(Document("A", (Paragraph(text("a < b")),)), embed_font=False)
    True
    """
    numbered = number(document)
    writer = _Writer(numbered)
    document = numbered.document
    font = math_font() if embed_font else None
    style = files("symderive.documents").joinpath("templates", "page.css").read_text("utf-8")
    if font is not None:
        style = f'\n@font-face {{ font-family: "Symderive Math"; src: url("{font}"); }}{style}'
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; font-src data:; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    page = (
        _environment()
        .get_template("page.html.j2")
        .render(
            lang=document.lang,
            title=document.title,
            policy=policy,
            style=Markup(style),
            subtitle=writer.inlines(document.subtitle),
            contents=writer.contents(document),
            body=writer.blocks(document.blocks),
        )
    )
    return _CONTROL.sub("", page)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("symderive.documents"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip


def _join(parts: list[Markup], between: str = "\n") -> Markup:
    return Markup(between).join(parts)


class _Writer:
    """Each method prints one kind of block; `level` is the level of the last heading."""

    def __init__(self, numbered: NumberedDocument) -> None:
        self.numbered = numbered
        self.level = 1

    # ---------------------------------------------------------------------------------------------- contents

    def contents(self, document: Document) -> Markup:
        """A nested list of sections, with the boxes that stand in them."""
        lines: list[Markup] = []
        depth = 0
        level = 0
        for block in document.blocks:
            if isinstance(block, Section) and block.place is not None:
                level = block.level
                words = Markup('<span class="num">{}</span>{}').format(block.place.number, block.title)
            elif isinstance(block, Box) and block.place is not None:
                words = Markup('<span class="num">{} {}</span>{}').format(
                    block.kind, block.place.number, block.title
                )
            else:
                continue
            here = level if isinstance(block, Section) else level + 1
            while depth > here:
                lines.append(Markup("</li></ol>"))
                depth -= 1
            if depth == here:
                lines.append(Markup("</li>"))
            while depth < here:
                lines.append(Markup("<ol>") if depth + 1 == here else Markup("<ol><li>"))
                depth += 1
            lines.append(Markup('<li><a href="#{}">{}</a>').format(block.place.anchor, words))
        lines += [Markup("</li></ol>")] * depth
        return _join(lines, "")

    # ------------------------------------------------------------------------------------------------ blocks

    def blocks(self, blocks: tuple[Block, ...]) -> Markup:
        return _join([self.block(block) for block in blocks])

    def block(self, block: Block) -> Markup:
        match block:
            case Section():
                return self.section(block)
            case Paragraph():
                return Markup("<p>{}</p>").format(self.inlines(block.inlines))
            case ItemList():
                name = Markup("ol" if block.ordered else "ul")
                items = _join([Markup("<li>{}</li>").format(self.inlines(item)) for item in block.items])
                return Markup("<{0}>\n{1}\n</{0}>").format(name, items)
            case Equation():
                return self.equation(block)
            case Box():
                return self.box(block)
            case Table():
                return self.table(block)
            case Listing():
                return self.listing(block)
            case Figure():
                return self.figure(block)

    def section(self, block: Section) -> Markup:
        assert block.place is not None
        self.level = block.level + 1
        return Markup('<h{0} id="{1}"><span class="num">{2}</span>{3}</h{0}>').format(
            self.level, block.place.anchor, block.place.number, block.title
        )

    def box(self, block: Box) -> Markup:
        assert block.place is not None
        anchor = block.place.anchor
        name = Markup(' <span class="name">({})</span>').format(block.title) if block.title else ""
        parts = [
            Markup('<section class="box" id="{0}" aria-labelledby="{0}-title">').format(anchor),
            Markup('<h{0} id="{1}-title">{2} {3}{4}</h{0}>').format(
                self.level + 1, anchor, block.kind, block.place.number, name
            ),
        ]
        if block.hypotheses:
            items = _join([self.hypothesis(hypothesis) for hypothesis in block.hypotheses])
            parts.append(
                Markup('<p class="runin">Hypotheses.</p>\n<ul class="hypotheses">\n{}\n</ul>').format(items)
            )
            if block.statement:
                parts.append(Markup('<p class="runin">Claim.</p>'))
        parts += [self.block(inner) for inner in block.statement]
        if block.evidence:
            parts.append(Markup('<div class="under">{}</div>').format(self.evidence(block.evidence)))
        if block.proof:
            count = len(_steps(block.proof))
            end = _END if block.kind in THEOREM_LIKE else Markup("")
            parts.append(
                Markup(
                    '<details class="proof"><summary><em>{}.</em> <span class="by">{} step{}</span></summary>'
                    "\n{}\n{}</details>"
                ).format(proof_word(block), count, "" if count == 1 else "s", self.steps(block.proof), end)
            )
        return _join([*parts, Markup("</section>")])

    def hypothesis(self, hypothesis: Hypothesis) -> Markup:
        assert hypothesis.place is not None
        lines: Markup | str = ""
        if len(hypothesis.lines) == 1:
            lines = self.running(hypothesis.lines[0])
        elif hypothesis.lines:
            lines = self.lines(hypothesis.lines, css="left")
        return Markup('<li id="{}"><strong>{}:</strong> {}{}</li>').format(
            hypothesis.place.anchor, hypothesis.name, self.inlines(hypothesis.statement), lines
        )

    def running(self, line: Line) -> Markup:
        """A line in running text, its ranges and its reason behind it."""
        formula = parse(f"{line.lhs} {line.relation} {line.rhs}" if line.rhs else line.lhs)
        note = note_of(line)
        behind = Markup(' <span class="note">{}</span>').format(self.inlines(note)) if note else ""
        chunks = _join([_math(chunk) for chunk in _chunks(formula)], " ")
        return Markup(' <span class="formula">{}</span>{}').format(chunks, behind)

    def steps(self, steps: tuple[ProofStep, ...]) -> Markup:
        return Markup('<ol class="steps">\n{}\n</ol>').format(_join([self.step(step) for step in steps]))

    def step(self, step: ProofStep) -> Markup:
        assert step.place is not None
        reason = self.inlines(step.reason)
        rule = Markup("<em>{}</em>").format(step.rule) if step.rule else Markup("")
        words = Markup("{}{}{}").format(rule, ": " if rule and reason else "", reason)
        number = Markup('<span class="num">{}.</span>').format(step.place.number)
        by = Markup('<div class="by">{}</div>').format(words) if words else Markup("")
        lines = self.lines(step.lines, step.conditions, css="left") if step.lines else Markup("")
        # Several lines stand below their reason; a single one stands beside it, where there is room.
        stacked = len(step.lines) > 1
        inside = (number, by, lines) if stacked else (number, lines, by)
        row = Markup('<div class="row{}">{}{}{}</div>').format(" stacked" if stacked else "", *inside)
        inner = Markup("")
        if step.substeps:
            inner = Markup('<details class="substeps" open><summary>{} steps</summary>\n{}</details>').format(
                len(step.substeps), self.steps(step.substeps)
            )
        evidence = Markup("")
        if step.evidence:
            evidence = Markup('<div class="under">{}</div>').format(self.evidence(step.evidence))
        return Markup('<li id="{}">{}{}{}</li>').format(step.place.anchor, row, evidence, inner)

    # -------------------------------------------------------------------------------------------- equations

    def equation(self, block: Equation) -> Markup:
        lines = self.lines(block.lines, block.conditions)
        evidence = self.evidence(block.evidence) if block.evidence else Markup("")
        source = Markup(
            '<details class="source"><summary>LaTeX</summary>'
            '<pre tabindex="0"><code>{}</code></pre></details>'
        ).format(_source(block))
        name = ""
        anchor = ""
        if block.place is not None:
            name = Markup(' role="group" aria-label="Equation {}"').format(block.place.number)
            if block.lines[-1].place == block.place and not block.lines[-1].label:
                anchor = Markup(' id="{}"').format(block.place.anchor)
        return Markup('<div class="equation"{}{}>\n{}\n<div class="under">{}{}</div>\n</div>').format(
            anchor, name, lines, source, evidence
        )

    def lines(self, lines: tuple[Line, ...], conditions: tuple[str, ...] = (), *, css: str = "") -> Markup:
        """The grid: left side, right side with its relation, note, number; wide parts wrap or scroll."""
        cells: list[Markup] = []
        sides = [(parse(line.lhs) if line.lhs else None, right_side(line)) for line in lines]
        left = max((width(lhs) for lhs, rhs in sides if lhs is not None and rhs is not None), default=0.0)
        widest = max((width(rhs) for _, rhs in sides if rhs is not None), default=0.0)
        hanging = left > 9.0 and left + widest > WIDEST
        reach = 0.0
        for position, (line, (lhs, rhs)) in enumerate(zip(lines, sides, strict=True)):
            row: list[Markup] = []
            if lhs is not None and (rhs is None or hanging):
                row.append(Markup('<div class="alone">{}</div>').format(self.pieces(lhs, WIDEST)))
                reach = max(reach, self.reach(lhs))
            elif lhs is not None:
                row.append(Markup('<div class="lhs">{}</div>').format(_math(lhs)))
            if rhs is not None:
                pieces = self.pieces(rhs, WIDEST - (2.0 if hanging else left))
                row.append(Markup('<div class="rhs{}">{}</div>').format(" hung" if hanging else "", pieces))
                reach = max(reach, self.reach(rhs) + (0.0 if hanging else left))
            note = note_of(line, conditions if position == len(lines) - 1 else ())
            if note:
                row.append(Markup('<div class="note">{}</div>').format(self.inlines(note)))
            anchor = Markup("")
            if line.place is not None:
                if line.label:
                    anchor = Markup(' id="{}"').format(line.place.anchor)
                row.append(
                    Markup('<div class="number"><a href="#{}">({})</a></div>').format(
                        line.place.anchor, line.place.number
                    )
                )
            long = lhs is not None and rhs is not None and not hanging and width(lhs) > 5.0
            css_line = "line long" if long else "line"
            cells.append(Markup('<div class="{}"{}>{}</div>').format(css_line, anchor, _join(row, "")))
        focus = Markup(' tabindex="0" role="group" aria-label="Formula"') if reach > SCROLLS else ""
        return Markup('<div class="scroll{}"{}><div class="lines">\n{}\n</div></div>').format(
            f" {css}" if css else "", focus, _join(cells)
        )

    def pieces(self, row: Row, room: float) -> Markup:
        """A formula as one <math>, or where it is wide as several, between which the line may wrap."""
        broken = break_row(row, room, room - 1.0)
        blocks = [_join([_math(chunk) for chunk in _chunks(piece)], " ") for piece in broken]
        if len(blocks) == 1:
            return blocks[0]
        return _join([Markup("<span>{}</span>").format(block) for block in blocks], "")

    def reach(self, row: Row) -> float:
        return max(width(chunk) for piece in break_row(row, WIDEST, WIDEST) for chunk in _chunks(piece))

    def evidence(self, evidences: tuple[Evidence, ...]) -> Markup:
        items = [
            Markup('<li><span class="status {0}">{0}</span> {1}</li>').format(
                evidence.status, self.inlines(evidence_words(evidence))
            )
            for evidence in evidences
        ]
        return Markup('<ul class="evidence">{}</ul>').format(_join(items, ""))

    # ---------------------------------------------------------------------------------- tables and listings

    def table(self, block: Table) -> Markup:
        css = {"c": Markup(' class="center"'), "r": Markup(' class="right"')}
        align = [css.get(letter, Markup("")) for letter in block.align or "l" * len(block.header)]
        head = _join(
            [
                # above the names of rows stands nothing, and a heading may not be empty
                Markup('<th scope="col"{}>{}</th>' if words else "<td{}>{}</td>").format(style, words)
                for style, words in zip(align, map(self.inlines, block.header), strict=True)
            ],
            "",
        )
        rows = _join(
            [
                Markup("<tr>{}</tr>").format(
                    _join(
                        [
                            Markup("<td{}>{}</td>").format(style, self.inlines(cell))
                            for style, cell in zip(align, row, strict=True)
                        ],
                        "",
                    )
                )
                for row in block.rows
            ]
        )
        caption: Markup | str = ""
        anchor: Markup | str = ""
        if block.place is not None:
            anchor = Markup(' id="{}"').format(block.place.anchor)
            caption = Markup("<caption>Table {}: {}</caption>").format(
                block.place.number, self.inlines(block.caption)
            )
        return Markup(
            '<div class="table" tabindex="0" role="group" aria-label="Table"{}><table>{}'
            "<thead><tr>{}</tr></thead>"
            "<tbody>\n{}\n</tbody></table></div>"
        ).format(anchor, caption, head, rows)

    def figure(self, block: Figure) -> Markup:
        """The picture is part of the page; as an image it can run nothing and fetch nothing."""
        source = "data:image/svg+xml;base64," + base64.b64encode(block.svg).decode()
        caption: Markup | str = ""
        anchor: Markup | str = ""
        if block.place is not None:
            anchor = Markup(' id="{}"').format(block.place.anchor)
            caption = Markup("<figcaption>Figure {}: {}</figcaption>").format(
                block.place.number, self.inlines(block.caption)
            )
        share = Markup(' class="narrow"') if block.width < 0.75 else ""
        image = Markup('<img src="{}" alt="{}"{}>').format(source, block.alt, share)
        return Markup('<figure class="picture"{}>{}{}</figure>').format(anchor, image, caption)

    def listing(self, block: Listing) -> Markup:
        code = Markup('<pre tabindex="0"><code>{}</code></pre>').format(block.code)
        if block.place is None:
            return code
        return Markup('<figure id="{}">{}<figcaption>Listing {}: {}</figcaption></figure>').format(
            block.place.anchor, code, block.place.number, self.inlines(block.caption)
        )

    # ------------------------------------------------------------------------------------------------- words

    def inlines(self, inlines: Inlines) -> Markup:
        out: list[Markup] = []
        for n, piece in enumerate(inlines):
            before = inlines[n - 1] if n else None
            closing = CLOSING.match(piece.text) if isinstance(piece, Text) else None
            whole = isinstance(before, Math) and out[-1].startswith("<math") and out[-1].count("<math") == 1
            if isinstance(piece, Text) and whole and closing:
                # a browser may break a line between a formula and what follows it
                out[-1] = Markup('<span class="kept">{}{}</span>').format(out[-1], closing[0])
                piece = Text(piece.text[closing.end() :])
            out.append(self.inline(piece))
        return _join(out, "")

    def inline(self, inline: Inline) -> Markup:
        match inline:
            case Text():
                return escape(inline.text)
            case Math():
                return self.inline_math(inline)
            case Emphasis():
                return Markup("<em>{}</em>").format(inline.text)
            case Code():
                return Markup("<code>{}</code>").format(inline.text)
            case Link():
                return Markup('<a href="{}" rel="noreferrer">{}</a>').format(inline.url, inline.text)
            case Ref():
                target = self.numbered.target(inline.label)
                return Markup('<a href="#{}">{}</a>').format(
                    target.anchor, Markup("\u00a0").join(escape(word) for word in target.words.split(" "))
                )

    def inline_math(self, math: Math) -> Markup:
        chunks = _chunks(parse(math.latex), display=False)
        out = []
        for chunk in chunks:
            element = _math(chunk, display=False)
            wide = width(chunk, display=False) > SCROLLS
            out.append(
                Markup('<span class="wide" tabindex="0">{}</span>').format(element) if wide else element
            )
        return _join(out, " ")


def _math(row: Row, *, display: bool = True) -> Markup:
    return Markup(math_element(row, display=display))  # escapes every symbol itself


def _chunks(row: Row, *, display: bool = True) -> list[Row]:
    """The pieces between which a wide formula may wrap: before relations, + and -,
    and on a phone between factors."""
    if width(row, display=display) <= PHONE:
        return [row]
    # Short neighbours stay together, so that no line holds a sign or a single letter.
    joined: list[tuple[int, int]] = []
    for start, end in _bounds(row, 0, len(row.items), 2):
        inner = [(start, end)]
        if width(slice_of(row, start, end), display=display) > PHONE:
            inner = _bounds(row, start, end, 3)
        for here, there in inner:
            if joined and width(slice_of(row, joined[-1][0], there)) < 0.6 * PHONE:
                here = joined.pop()[0]
            joined.append((here, there))
    return [part(row, start, end) for start, end in joined]


def _bounds(row: Row, start: int, end: int, levels: int) -> list[tuple[int, int]]:
    """The stretches of start..end between the breaks of the outermost levels."""
    positions = [position for position, level in breaks(row) if level < levels and start < position < end]
    return list(zip([start, *positions], [*positions, end], strict=True))


def _steps(steps: tuple[ProofStep, ...]) -> list[ProofStep]:
    return [inner for step in steps for inner in (step, *_steps(step.substeps))]


def _source(block: Equation) -> str:
    """The LaTeX of an equation as one would paste it into a paper."""
    rows = []
    for line in block.lines:
        right = f"{line.relation} {line.rhs}" if line.rhs else ""
        rows.append((line.lhs, right))
    if len(rows) == 1:
        return " ".join(part for part in rows[0] if part)
    body = " \\\\\n".join(f"  {left} &{right}" if right else f"  &{left}" for left, right in rows)
    return f"\\begin{{aligned}}\n{body}\n\\end{{aligned}}"
