"""A card in a notebook: HTML with formulas in MathML, so that no network is needed; steps unfold.

Every word enters through Markup.format, which escapes it. MathJax, which a notebook may run over its outputs,
is told to pass over it.
"""

from __future__ import annotations

from itertools import groupby

from markupsafe import Markup, escape

from symderive.display.card import Card, Equation, Fold, Grid, Part, Pieces, Source, Words
from symderive.documents.blocks import Math
from symderive.documents.mathml import to_mathml

# A notebook may drop style sheets, so all but the font stands with the elements; colours are those around it.
_FONT = 'font-family:"STIX Two Math","Latin Modern Math","Cambria Math",math;font-size:1.08em'
_SCROLL = "overflow-x:auto;max-width:100%"
_CELL = (
    "padding:.3em .5em .3em 0;text-align:left;vertical-align:baseline;border:0;background:none;font-size:1em"
)
_LEFT = _CELL.replace("text-align:left", "text-align:right").replace(".5em .3em 0", "0 .3em 0")
_NOTE = "opacity:.75;font-size:.88em;min-width:11em"
_COLOURS = {
    "proved": "#1b7f3b", "exact": "#0b7285", "numeric": "#1f6feb", "refuted": "#c4302b", "unknown": "#8a6d00",
}  # fmt: skip
_BADGE = "color:#fff;padding:.05em .4em;border-radius:.25em;font-weight:600"
_FOLD = "margin:.25em 0;padding-left:.1em"


def to_html(card: Card) -> str:
    """The card as one <div>.

    >>> "a &lt; b" in to_html(Card(("a < b",)))
    True
    """
    status = Markup("")
    if card.status:
        colour = _COLOURS.get(card.status, "#555")
        status = Markup('<b style="{};background:{}">{}</b> ').format(_BADGE, colour, card.status)
    title = Markup("")
    if card.title or status:
        weight = "font-weight:bold;" if card.body and not status else ""
        title = Markup('<div style="{}margin:.2em 0">{}{}</div>').format(weight, status, words(card.title))
    return str(_box(title + parts(card.body)))


def _box(inside: Markup) -> Markup:
    css = "max-width:100%;line-height:1.5"
    fonts = Markup("<style>.symderive math{{{}}}</style>").format(Markup(_FONT))
    return Markup('<div class="symderive tex2jax_ignore mathjax_ignore" style="{}">{}{}</div>').format(
        css, fonts, inside
    )


def words(pieces: Pieces) -> Markup:
    """Words and formulas in one line."""
    return Markup("").join(_math(p.latex) if isinstance(p, Math) else escape(p) for p in pieces)


def _math(latex: str, *, display: bool = False) -> Markup:
    return Markup(to_mathml(latex, display=display))  # escapes every symbol itself


def parts(body: tuple[Part, ...]) -> Markup:
    """All parts, neighbouring equations aligned."""
    out = Markup("")
    for kind, group in groupby(body, type):
        same = list(group)
        if kind is Equation:
            out += _equations([p for p in same if isinstance(p, Equation)])
        else:
            out += Markup("").join(_part(p) for p in same)
    return out


def _part(part: Part) -> Markup:
    match part:
        case Words():
            return Markup('<div style="margin:.2em 0">{}</div>').format(words(part.pieces))
        case Source():
            text = "\n".join(part.lines)
            return Markup('<pre style="margin:.3em 0;{}">{}</pre>').format(_SCROLL, text)
        case Grid():
            return _grid(part)
        case Fold():
            return Markup(
                '<details style="{}"><summary style="cursor:pointer">{}</summary>'
                '<div style="margin-left:1.1em">{}</div></details>'
            ).format(_FOLD, words(part.title), parts(part.body))
        case Equation():
            return _equations([part])


def _equations(equations: list[Equation]) -> Markup:
    rows = Markup("")
    for e in equations:
        left = _math(e.lhs, display=True) if e.lhs else Markup("")
        right = _math(f"= {e.rhs}", display=True)
        note = words(("for ", *e.note)) if e.note else Markup("")
        reason = words(e.reason)
        behind = Markup(", ").join(x for x in (note, reason) if x)
        rows += Markup(
            '<tr style="background:none"><td style="{}">{}</td><td style="{}">{}</td>'
            '<td style="{}">{}</td></tr>'
        ).format(_LEFT, left, _CELL, right, _CELL + ";" + _NOTE, behind)
    return Markup(
        '<div style="{}" tabindex="0"><table style="border:0;margin:.2em 0;border-collapse:collapse">'
        "{}</table></div>"
    ).format(_SCROLL, rows)


def _grid(grid: Grid) -> Markup:
    css = "padding:.15em .8em .15em 0;text-align:left"
    head = Markup("").join(
        Markup('<th scope="col" style="{}">{}</th>').format(css, words(c)) for c in grid.header
    )
    rows = Markup("").join(
        Markup("<tr>{}</tr>").format(
            Markup("").join(Markup('<td style="{}">{}</td>').format(css, words(c)) for c in row)
        )
        for row in grid.rows
    )
    return Markup(
        '<div style="{}" tabindex="0"><table><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>'
    ).format(_SCROLL, head, rows)
