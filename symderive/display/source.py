"""A card in LaTeX, for what shows no HTML: its equations, aligned; nothing where it has none."""

from __future__ import annotations

from symderive.display.card import Card, Equation
from symderive.documents.blocks import Math


def to_latex(card: Card) -> str | None:
    r"""Between dollar signs, as notebooks expect it.

    >>> to_latex(Card((), (Equation("a", "b"),)))
    '$\\displaystyle a = b$'
    """
    found = [e for e in card.body if isinstance(e, Equation)]
    if not found:
        return None
    if len(found) == 1:
        return rf"$\displaystyle {found[0].lhs} = {found[0].rhs}{_ranges(found[0])}$"
    rows = (rf"{e.lhs} &= {e.rhs}{_ranges(e)}" for e in found)
    return "$\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}$"


def _ranges(e: Equation) -> str:
    formulas = [p.latex for p in e.note if isinstance(p, Math)]
    return rf" \qquad {', '.join(formulas)}" if formulas else ""
