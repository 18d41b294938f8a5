"""Two formulas of the best-known answer, judged as anybody's formula is: `symderive check`."""

from __future__ import annotations

from symderive.answer.material import Material
from symderive.answer.prose import paragraph
from symderive.claims.evidence import CheckFailed
from symderive.documents.blocks import Block, Box, Listing, Section
from symderive.formulas import Verdict, check

SECONDS = 60
"""For each verdict: enough that a slow machine says the same."""


def known_answer(m: Material) -> list[Block]:
    """Both formulas, with the objection of the types, a worked counterexample, and the right form."""
    blocks: list[Block] = [
        Section("Two formulas of the known answer, corrected", label="section:formulas"),
        paragraph(
            "A widely read answer to the question argues with two formulas for the gradient. Both are wrong, "
            "and in the way that matters here: they lose the sum over the outgoing weights. They are printed "
            "as they were written, and judged by the same program that judges anybody's formula."
        ),
    ]
    for number in (1, 3):
        shown = m.witness("T2", number, table=number == 1)  # both have the same numbers
        blocks += [shown, *_judged(shown)]
    blocks.append(
        paragraph(
            "The numbers of the second are those of the first. In the wrong formulas no weight that leaves "
            "the neuron occurs; yet it is through these weights "
            "that neurons come apart."
        )
    )
    return blocks


def _judged(box: Box) -> list[Block]:
    """What `check` says of the formula that a counterexample quotes."""
    source = next(b.code for b in box.statement if isinstance(b, Listing))
    verdict: Verdict = check(source, "mlp", seconds=SECONDS)
    if verdict.status != "refuted" or not verdict.right_form:
        raise CheckFailed(f"{source}: expected it to be refuted and put right, found {verdict}")
    again = check(verdict.right_form, "mlp", seconds=SECONDS).status
    diagnosis = " and ".join(part.replace("\\eta", "step size") for part in verdict.diagnosis.split("; "))
    return [
        paragraph(
            f"The verdict is *refuted*: {diagnosis}. Put right in the notation of the writer, and judged "
            f"again, it is *{again}*:"
        ),
        Listing(verdict.right_form),
    ]
