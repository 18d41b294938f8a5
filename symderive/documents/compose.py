"""Blocks from checked equations: what every document of symderive says in the same way."""

from __future__ import annotations

from collections.abc import Sequence

from symderive.claims import evidence as claims
from symderive.claims.crosscheck import Printed
from symderive.documents.blocks import (
    Equation,
    Evidence,
    Inlines,
    Line,
    Math,
    Table,
    Text,
    text,
)
from symderive.documents.evidence import error_latex


def evidences(found: Sequence[claims.Evidence]) -> tuple[Evidence, ...]:
    """The evidence of an equation, each method by itself."""
    return tuple(
        Evidence(e.status, words(e.text), error=e.error, samples=e.points, seed=e.seed) for e in found
    )


def words(given: str) -> Inlines:
    r"""Plain text with formulas between dollar signs.

    >>> words("modulo $2^{61}-1$")
    (Text(text='modulo '), Math(latex='2^{61}-1'))
    """
    pieces = given.split("$")
    return tuple(Math(p) if n % 2 else Text(p) for n, p in enumerate(pieces) if p)


def equation(shown: Printed, label: str = "", reason: str = "") -> Equation:
    """One numbered equation with its ranges and its evidence."""
    why = text(reason) if reason else ()
    return Equation(
        lines=(Line(lhs=shown.lhs, rhs=shown.rhs, reason=why),),
        evidence=evidences(shown.evidence),
        conditions=shown.conditions,
        label=label,
    )


def aligned(shown: Sequence[Printed], labels: Sequence[str]) -> Equation:
    """Equations under each other, each with its name, its ranges and a number of its own."""
    return Equation(
        lines=tuple(
            Line(
                lhs=p.lhs,
                rhs=p.rhs,
                reason=text(p.reason) if p.reason else (),
                conditions=p.conditions,
                label=label,
            )
            for p, label in zip(shown, labels, strict=True)
        ),
        numbered=False,
    )


def chain(lines: Sequence[Printed]) -> tuple[Line, ...]:
    """Equal terms in a row: the left side stands once, each line has its reason, the last one the ranges."""
    last = len(lines) - 1
    return tuple(
        Line(
            lhs=shown.lhs if n == 0 else "",
            rhs=shown.rhs,
            reason=text(shown.reason) if shown.reason else (),
            conditions=shown.conditions if n == last else (),
        )
        for n, shown in enumerate(lines)
    )


def summary(lines: Sequence[Printed]) -> tuple[Evidence, ...]:
    """The evidence that all lines of a chain share: for each method the weakest figure of any line."""
    if not lines:
        return ()
    found = []
    for e in lines[0].evidence:
        same = [o for s in lines for o in s.evidence if (o.status, o.text) == (e.status, e.text)]
        if len(same) < len(lines):
            continue  # a line lacks it: the chain as a whole may not claim it
        errors = [o.error for o in same if o.error is not None]
        points = [o.points for o in same if o.points is not None]
        worst = max(errors) if errors else None
        text = f"each line {e.text}" if len(lines) > 1 else e.text
        found.append(claims.Evidence(e.status, text, worst, min(points) if points else None, e.seed))
    return evidences(found)


def evidence_table(rows: Sequence[tuple[str, claims.Evidence]], caption: str) -> Table:
    """What was compared with the NumPy reference, one row each."""
    body = tuple(
        (
            words(what),
            text(e.status),
            words(e.text),
            (Math(error_latex(e.error)),) if e.error is not None else (),
            text("" if e.seed is None else str(e.seed)),
        )
        for what, e in rows
    )
    header = tuple(text(h) for h in ("quantity", "status", "method", "largest error", "seed"))
    return Table(header=header, rows=body, caption=text(caption), align="lllrr")
