"""to_latex(anything): of a term, definition, hypothesis, theorem, system or derivation."""

from __future__ import annotations

from typing import Any

from sympy import Expr

from symderive.calculus.ranges import Context
from symderive.derivation import Derivation
from symderive.errors import SymderiveError
from symderive.latex import Notation, equation_to_latex, ranges_to_latex
from symderive.latex import to_latex as term_to_latex
from symderive.proof import Hypothesis, Theorem
from symderive.systems import Definition, System


def to_latex(thing: Any, notation: Notation | None = None, ranges: bool = False) -> str:
    r"""LaTeX, in the dialect that `symderive.latex.parse_equation` reads.

    With `ranges`, the ranges of the indices follow an equation. SymderiveError for what has no LaTeX.

    >>> from symderive.systems import mlp
    >>> print(to_latex(mlp().definitions[2]))
    a^{(l)}_{j} = \sigma\left(z^{(l)}_{j}\right)
    """
    if isinstance(thing, Expr):
        return term_to_latex(thing, notation)
    if isinstance(thing, Definition | Theorem):
        return _equation(thing.lhs, thing.rhs, thing.context, notation, ranges)
    if isinstance(thing, Hypothesis):
        return _equation(thing.lhs, thing.rhs, Context.of(*thing.indices), notation, ranges)
    if isinstance(thing, System | Derivation):
        lines = (_equation(d.lhs, d.rhs, d.context, notation, ranges, "&=") for d in thing.definitions)
        return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"
    known = "a term, definition, hypothesis, theorem, system or derivation"
    raise SymderiveError(f"expected {known}, found {thing!r:.60}")


def _equation(
    lhs: Expr, rhs: Expr, ctx: Context, notation: Notation | None, ranges: bool, sign: str = "="
) -> str:
    left, right = equation_to_latex(lhs, rhs, notation, avoid=ctx.symbols)
    text = f"{left} {sign} {right}"
    limits = ranges_to_latex(ctx, notation) if ranges else ()
    return text + (r" \qquad " + ", ".join(limits) if limits else "")
