"""A witness as a box: the words, the numbers without the hypothesis and with it, claimed against true."""

from __future__ import annotations

from collections.abc import Sequence

from symderive.claims.theorem import CheckedTheorem
from symderive.claims.witness import CheckedWitness, value_latex
from symderive.documents.blocks import (
    Block,
    Box,
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
        blocks += [Paragraph(text("It does not even fit the types:")), Listing(found.objection)]
    if true:
        blocks.append(Paragraph(text("What holds is ", Ref(true), ".")))
    # a formula is judged at one network, where what it claims stands beside what is true
    columns = (found,) if checked.claim is not None else (found, checked.control)
    rows = [(label, *(w.lines[n][1] for w in columns)) for n, (label, _) in enumerate(found.lines)]
    rows += [
        (f"{name}: {found.quantity}", *(getattr(w, name) for w in columns)) for name in ("claimed", "true")
    ]
    heads = witness.columns if len(columns) > 1 else ("value",)
    blocks.append(
        Table(
            header=(text(""), *(text(head) for head in heads)),
            rows=tuple((words(row[0]), *((Math(value_latex(x)),) for x in row[1:])) for row in rows),
            align="l" * (1 + len(columns)),
        )
    )
    evidence = evidences([checked.evidence]) if checked.claim is None else ()
    return Box(KIND, witness.defends, statement=tuple(blocks), evidence=evidence, label=label_of(number))
