"""What has to be trusted, how much evidence there is, and where the full proofs stand."""

from __future__ import annotations

from symderive.answer.material import FIGURES, SHOWN, Material
from symderive.answer.prose import paragraph
from symderive.documents.blocks import Block, Box, Equation, Section, Table, text


def trust(m: Material) -> list[Block]:
    """What a reader has to trust, and the table of the library."""
    rows = []
    for key in (k for k in m.documents if k != FIGURES):
        boxes = [b for b in m.document(key).blocks if isinstance(b, Box)]
        theorems = [b for b in boxes if b.kind == "Theorem"]
        witnesses = sum(b.kind == "Counterexample" for b in boxes)
        proved = sum(
            any(e.status == "proved" for s in b.statement if isinstance(s, Equation) for e in s.evidence)
            for b in theorems
        )
        shown = SHOWN.get(key, key)
        rows.append((f"{shown}. {m.title(key)}", f"{proved} of {len(theorems)}", str(witnesses)))
    cells = tuple(tuple(text(cell) for cell in row) for row in rows)
    header = ("theorem", "proved", "counterexamples")
    return [
        Section("What has to be trusted", label="section:trust"),
        paragraph(
            "A statement is called proved if a kernel of a few hundred lines derived it by its rules from "
            "the hypotheses that are printed with it, and a second program, which shares only the terms "
            "with the first, replayed every step. To be trusted remain: that the definitions say what is "
            "meant, the automatic simplification of SymPy [@meurer2017], the rules themselves, and a "
            "handful of steps of analysis that enter as named citations and are listed among the "
            "hypotheses where they are used. Exact tests are made modulo $2^{61} - 1$, at random numbers "
            "with arbitrary functions, all drawn twice; what is printed is the chance that a false "
            "equation passes "
            "both. Below a "
            "chain of equations stands what is known of each of its lines. Each printed equation was read "
            "back from its own LaTeX before it was tested. Numbers come from a network written by hand in "
            "NumPy [@harris2020], which shares nothing with what derives."
        ),
        Table(
            header=tuple(text(h) for h in header),
            rows=cells,
            align="lrr",
            caption=text(
                "The theorems of this answer; their full proofs are documents, and certificates, of their "
                "own."
            ),
        ),
    ]
