"""A witness as a box: the words, the numbers without the hypothesis and with it, claimed against true."""

from __future__ import annotations

from collections.abc import Sequence

from symderive.claims.theorem import CheckedTheorem
from symderive.claims.witness import CheckedWitness, value_latex
from symderive.documents.blocks import (
    Block,
    Box,
    Code,
    Inlines,
    Listing,
    Math,
    Paragraph,
    Ref,
    Table,
    text,
)
from symderive.documents.compose import equation, evidences, words

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


def witness_box(number: int, checked: CheckedWitness, true: str = "") -> Box:
    """One witness, as a worked example that can be followed by hand.

    `true` is the label of the equation that holds in place of the claim, or of the definition it defends.
    """
    witness, found = checked.witness, checked.found
    blocks: list[Block] = [Paragraph(words(witness.text))]
    if checked.claim is not None and witness.claim is not None:
        blocks.append(Paragraph(text("As it stood, and as it is read here:")))
        blocks.append(Listing(witness.claim.source))
        blocks.append(equation(checked.claim))
    if found.objection:
        blocks.append(Paragraph(text("It does not even fit the types: ", Code(found.objection), ".")))
    if true:
        blocks.append(Paragraph(text("What holds is ", Ref(true), ".")))
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
    evidence = evidences([checked.evidence]) if checked.claim is None else ()
    return Box(KIND, witness.defends, statement=tuple(blocks), evidence=evidence, label=label_of(number))
