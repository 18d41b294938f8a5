"""Terms and equations as parts of a card; what has no print in LaTeX is shown as text, never an error."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sympy import Expr, Symbol

from symderive.calculus.ranges import Context
from symderive.display.card import Equation, Pieces, Source, Words, joined
from symderive.documents.blocks import Math
from symderive.documents.formula import parse
from symderive.errors import SymderiveError
from symderive.latex import equation_to_latex, ranges_to_latex, to_latex

Limits = tuple[Symbol, Expr, Expr]


def checked(latex: str) -> str:
    """The same LaTeX; FormulaError where it is outside the dialect that all forms can show."""
    parse(latex)
    return latex


def term(e: Expr) -> str | Math:
    """A term in a line of words.

    >>> from symderive.systems import mlp
    >>> term(mlp().definitions[2].lhs)
    Math(latex='a^{(l)}_{j}')
    """
    try:
        return Math(checked(to_latex(e)))
    except SymderiveError:
        return str(e)


def ranges(limits: Iterable[Limits]) -> Pieces:
    """1 <= l <= L, 1 <= j <= n_l."""
    limits = tuple(limits)
    try:
        return joined(Math(checked(r)) for r in ranges_to_latex(limits))
    except SymderiveError:
        return (", ".join(f"{k} in {lo}..{hi}" for k, lo, hi in limits),)


def equation(
    lhs: Expr, rhs: Expr, limits: Iterable[Limits] = (), reason: Pieces = (), avoid: Context | None = None
) -> Equation | Words:
    """lhs = rhs for the indices in their ranges; `avoid`: letters that no bound index may have."""
    limits = tuple(limits)
    letters = {k for k, _, _ in limits} | (avoid.symbols if avoid is not None else set())
    try:
        left, right = map(checked, equation_to_latex(lhs, rhs, avoid=letters))
    except SymderiveError:
        behind = (" for ", *ranges(limits)) if limits else ()
        return Words((f"{lhs} = {rhs}", *behind, *((" [", *reason, "]") if reason else ())))
    return Equation(left, right, ranges(limits), reason)


def chained(lines: Sequence[Equation | Words]) -> tuple[Equation | Words, ...]:
    """The lines, with a left side only where it is another one than above."""
    found: list[Equation | Words] = []
    last = ""
    for line in lines:
        if isinstance(line, Equation):
            found.append(replace(line, lhs="") if line.lhs == last else line)
            last = line.lhs
        else:
            found.append(line)
            last = ""
    return tuple(found)


def written(formula: str) -> Pieces:
    """A formula as a user wrote it: typeset where the dialect knows it, else as it stands."""
    try:
        return (Math(checked(formula)),)
    except SymderiveError:
        return (formula,)


def mixed(text: str) -> Pieces:
    r"""Words with formulas between dollar signs.

    >>> mixed("modulo $2^{61}-1$, twice")
    ('modulo ', Math(latex='2^{61}-1'), ', twice')
    """
    parts = text.split("$")
    if len(parts) % 2 == 0:
        return (text,)
    found: list[str | Math] = []
    for n, part in enumerate(parts):
        if part:
            found += written(part) if n % 2 else (part,)
    return tuple(found)


def source(text: str) -> Source:
    """Text as it stands."""
    return Source(tuple(text.splitlines()))
