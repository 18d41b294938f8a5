"""A witness as a box: the words, the numbers without the hypothesis and with it, claimed against true."""

from __future__ import annotations

from collections.abc import Sequence

from symderive.claims.theorem import CheckedTheorem
from symderive.claims.witness import CheckedWitness, value_latex
from symderive.documents.blocks import (
    Block,
    Box,
    Code,
    Equation,
    Inlines,
    Line,
    Math,
    Paragraph,
    Ref,
    Table,
    text,
)
from symderive.documents.compose import evidences, words

KIND = "Counterexample"


def homes(checked: CheckedTheorem) -> list[list[tuple[int, CheckedWitness]]]:
    """For each proposition the witnesses that stand below it, with their numbers.

    That is the first proposition that rests on the hypothesis, else the first whose text has the condition,
    else the last: the condition is then in the summary.
    """
    places: list[list[tuple[int, CheckedWitness]]] = [[] for _ in checked.propositions]
    for number, w in enumerate(checked.witnesses):
        defends = w.witness.defends
        rests = [
            any(h.name == defends for h in p.proposition.theorem.hypotheses) for p in checked.propositions
        ]
        says = [defends.lower() in p.proposition.text.lower() for p in checked.propositions]
        found = rests if any(rests) else says
        places[found.index(True) if any(found) else -1].append((number, w))
    return places


def label_of(number: int) -> str:
    """The label of a witness of the theorem, by its number."""
    return f"witness:{number + 1}"


def needed(below: Sequence[tuple[int, CheckedWitness]], hypothesis: str) -> Inlines:
    """The words beside a hypothesis: where it is shown that it cannot be dropped."""
    refs = [Ref(label_of(n)) for n, w in below if w.witness.defends == hypothesis]
    pieces = [piece for n, ref in enumerate(refs) for piece in ((", " if n else "needed: "), ref)]
    return text(*pieces)


def witness_box(number: int, checked: CheckedWitness, definition: str = "") -> Box:
    """One witness, as a worked example that can be followed by hand; `definition` labels what it defends."""
    witness, found = checked.witness, checked.found
    blocks: list[Block] = list(_words(witness.text))
    if definition:
        blocks.append(Paragraph(text("What the theorem rests on is ", Ref(definition), ".")))
    if found.objection:
        blocks.append(Paragraph(text("The claim does not even fit the types: ", Code(found.objection), ".")))
    rows = [
        (label, value_latex(a), value_latex(b))
        for (label, a), (_, b) in zip(found.lines, checked.control.lines, strict=True)
    ]
    for name in ("claimed", "true"):
        first, second = (value_latex(getattr(w, name)) for w in (found, checked.control))
        rows.append((f"{name}: {found.quantity}", first, second))
    blocks.append(
        Table(
            header=(text(""), text(witness.columns[0]), text(witness.columns[1])),
            rows=tuple((words(row[0]), (Math(row[1]),), (Math(row[2]),)) for row in rows),
            align="lll",
        )
    )
    return Box(
        KIND,
        witness.defends,
        statement=tuple(blocks),
        evidence=evidences([checked.evidence]),
        label=label_of(number),
    )


def _words(given: str) -> list[Block]:
    """Running text, in which a formula between double dollar signs stands by itself."""
    blocks: list[Block] = []
    for n, piece in enumerate(given.split("$$")):
        if n % 2:
            blocks.append(Equation((Line(lhs=piece),), numbered=False))
        elif piece.strip():
            blocks.append(Paragraph(words(piece.strip())))
    return blocks
