"""The document of a derivation: layer equations, backward equations, each with the steps that led to it."""

from __future__ import annotations

from symderive.claims.derivation import CheckedDefinition, CheckedDerivation
from symderive.documents.blocks import Block, Box, Document, Paragraph, ProofStep, Section, text
from symderive.documents.compose import chain, equation, evidence_table, summary


def derivation_document(checked: CheckedDerivation, title: str, summary_text: str) -> Document:
    """Forward equations, results, the steps of each, and the comparison with the reference."""
    blocks: list[Block] = [
        Paragraph(text(summary_text)),
        Section("Layer equations"),
        *(equation(p, checked.ranges[id(p)], reason=p.reason) for p in checked.forward),
        *conventions(checked),
        Section("Derivatives of the cost"),
        *(equation(c.printed, checked.ranges[id(c.printed)]) for c in checked.derived),
        Section("Step by step"),
        *derived_blocks(checked, prefix="step"),
        *comparison_blocks(checked),
    ]
    return Document(title, tuple(blocks), subtitle=text("derived by symderive"))


def conventions(checked: CheckedDerivation) -> list[Block]:
    """What is assumed at kinks."""
    known = [a.convention() for a in checked.derivation.system.activations.values()]
    return [Paragraph(text(f"Convention: {c}.")) for c in known if c]


def derived_blocks(checked: CheckedDerivation, prefix: str) -> list[Block]:
    """For each derived equation its chain of steps."""
    blocks: list[Block] = []
    if checked.auxiliary:
        blocks.append(Paragraph(text("A bar stands for the derivative of the cost by what is under it:")))
        blocks += [equation(p, checked.ranges[id(p)]) for p in checked.auxiliary]
    blocks += [_steps(checked, c, f"{prefix}:{n}") for n, c in enumerate(checked.derived)]
    return blocks


def _steps(checked: CheckedDerivation, c: CheckedDefinition, label: str) -> Box:
    lines = [s for _, s in c.steps]
    groups: list[list[int]] = []
    for n, s in enumerate(lines):
        if groups and lines[groups[-1][0]].lhs == s.lhs and lines[groups[-1][0]].context == s.context:
            groups[-1].append(n)
        else:
            groups.append([n])
    steps = tuple(
        ProofStep(
            rule="In general"
            if len(groups) > 1 and g is groups[0]
            else "In these ranges"
            if len(groups) > 1
            else "Steps",
            lines=chain([lines[n] for n in g], checked.ranges[id(lines[g[0]])]),
            reason=summary([lines[n] for n in g]),
        )
        for g in groups
    )
    return Box(
        "Derivation",
        statement=(equation(c.printed, checked.ranges[id(c.printed)], label=label),),
        proof=steps,
    )


def comparison_blocks(checked: CheckedDerivation) -> list[Block]:
    """The table of errors against the reference."""
    if not checked.comparisons:
        return []
    rows = []
    for one in checked.comparisons:
        for name, layer in one.errors:
            rows.append((f"{name}, layer {layer}" if layer else name, one.evidence(name, layer)))
    return [
        Section("Against the NumPy reference"),
        Paragraph(
            text(
                "The printed equations were parsed, evaluated on arrays, and compared with derivatives of "
                "the reference's forward pass."
            )
        ),
        evidence_table(rows, "Largest relative errors."),
    ]
