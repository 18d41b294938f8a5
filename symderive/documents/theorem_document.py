"""The document of a theorem, read off its proof: setting, statement, hypotheses, proof, numbers."""

from __future__ import annotations

from symderive.claims.derivation import CheckedDerivation
from symderive.claims.theorem import CheckedHypothesis, CheckedProposition, CheckedTheorem
from symderive.documents.blocks import (
    Block,
    Box,
    Document,
    Hypothesis,
    ItemList,
    Line,
    Paragraph,
    ProofStep,
    Section,
    text,
)
from symderive.documents.compose import aligned, chain, equation, evidence_table, summary
from symderive.documents.derivation_document import derived_blocks


def theorem_document(checked: CheckedTheorem, derivation: CheckedDerivation | None = None) -> Document:
    """All that a reader needs to follow the theorem, and the evidence for every equation."""
    proved = checked.proved
    definitions = [h for h in checked.hypotheses if h.hypothesis.kind == "definition"]
    assumptions = [h for h in checked.hypotheses if h.hypothesis.kind != "definition"]
    blocks: list[Block] = [
        Paragraph(text(proved.summary)),
        Section("The setting"),
        Paragraph(text(SETTING)),
        aligned(
            [h.printed for h in definitions],
            [_label("definition", h.hypothesis.name) for h in definitions],
        ),
        Section("The theorem" if len(checked.propositions) == 1 else "The theorems"),
    ]
    for p in checked.propositions:
        blocks.append(_box(p, assumptions))
    if derivation is not None:
        blocks.append(Section("How the backward equations were derived"))
        blocks += derived_blocks(derivation, prefix="derived")
    if checked.numeric:
        rows = [(p.proposition.name, e) for p, e in zip(checked.propositions, checked.numeric, strict=False)]
        rows += [("further run", e) for e in checked.numeric[len(rows) :]]
        blocks += [
            Section("On real arrays"),
            evidence_table(rows, "Runs of the NumPy reference, which shares nothing with the engine."),
        ]
    if proved.sources:
        blocks += [Section("Sources"), ItemList(tuple(text(s) for s in proved.sources))]
    return Document(
        f"{proved.key}. {proved.title}", tuple(blocks), subtitle=text("derived and proved by symderive")
    )


SETTING = (
    "The proofs use the definitions below and nothing else. Sizes, activations and cost are arbitrary: "
    "nothing is assumed of them but what the statement needs to make sense. Layer equations are put in; the "
    "equations for deltas and gradients were derived from them by reverse mode (T2)."
)


def _label(kind: str, name: str) -> str:
    words = "".join(c if c.isalnum() else "-" for c in name.lower())
    return f"{kind}:{words}"


def _box(p: CheckedProposition, assumptions: list[CheckedHypothesis]) -> Box:
    used = p.proposition.theorem.hypotheses
    named = tuple(
        Hypothesis(
            name=h.hypothesis.name,
            lines=(
                Line(
                    lhs=h.printed.lhs,
                    rhs=h.printed.rhs,
                    conditions=h.printed.conditions,
                ),
            ),
        )
        for h in assumptions
        if h.hypothesis in used
    )
    steps = tuple(
        ProofStep(
            rule=a.argument.title,
            lines=chain(a.lines),
            evidence=summary(a.lines),
        )
        for a in p.arguments
    )
    return Box(
        "Theorem",
        p.proposition.name,
        statement=(
            Paragraph(text(p.proposition.text)),
            equation(
                p.statement,
                label=_label("theorem", p.proposition.name),
            ),
        ),
        hypotheses=named,
        proof=steps,
        label=_label("box", p.proposition.name),
    )
