"""The document of a theorem, read off its proof: setting, statement, hypotheses, proof, numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sympy import Symbol

from symderive.claims.derivation import CheckedDerivation
from symderive.claims.theorem import CheckedHypothesis, CheckedProposition, CheckedTheorem
from symderive.claims.witness import CheckedWitness
from symderive.coq.confirmation import Confirmation
from symderive.documents.blocks import (
    Block,
    Box,
    Document,
    Hypothesis,
    Inlines,
    ItemList,
    Line,
    Math,
    Paragraph,
    ProofStep,
    Section,
    text,
)
from symderive.documents.compose import aligned, chain, equation, evidence_table, summary, words
from symderive.documents.confirmed import confirmed_blocks
from symderive.documents.derivation_document import derived_blocks
from symderive.documents.witnesses import homes, needed, witness_box
from symderive.latex import equation_to_latex, to_latex
from symderive.proof.movement import differentiated, moves


def theorem_document(
    checked: CheckedTheorem, derivation: CheckedDerivation | None = None, coq: Sequence[Confirmation] = ()
) -> Document:
    """All that a reader needs to follow the theorem, and the evidence for every equation."""
    proved = checked.proved
    definitions = [h for h in checked.hypotheses if h.hypothesis.kind == "definition"]
    assumptions = [h for h in checked.hypotheses if h.hypothesis.kind != "definition"]
    blocks: list[Block] = [
        Paragraph(words(proved.summary)),
        Section("The setting"),
        Paragraph(text(SETTING)),
        *([Paragraph(text(MOVEMENT))] if any(moves(p.theorem) for p in proved.propositions) else []),
        aligned(
            [h.printed for h in definitions],
            [_label("definition", h.hypothesis.name) for h in definitions],
        ),
        *_permutations(checked),
        *_meanings(checked),
        Section("The theorem" if len(checked.propositions) == 1 else "The theorems"),
    ]
    for p, below in zip(checked.propositions, homes(checked), strict=True):
        blocks.append(_box(checked, p, assumptions, below))
        blocks += [witness_box(number, w, _true(definitions, p, w)) for number, w in below]
    if derivation is not None:
        blocks.append(Section("How the backward equations were derived"))
        blocks += derived_blocks(derivation, prefix="derived")
    if checked.numeric:
        rows = [(f"run {n}", e) for n, e in enumerate(checked.numeric, 1)]
        blocks += [
            Section("On real arrays"),
            evidence_table(rows, "Runs of the NumPy reference, which shares nothing with the engine."),
        ]
    blocks += confirmed_blocks(coq)
    if proved.sources:
        blocks += [Section("Sources"), ItemList(tuple(text(s) for s in proved.sources))]
    return Document(
        f"{proved.key}. {proved.title}", tuple(blocks), subtitle=text("derived and proved by symderive")
    )


SETTING = (
    "The theorems rest on the definitions below, on the hypotheses named in each, and on earlier theorems "
    "where a step names one. Sizes are arbitrary positive integers; activations and cost are arbitrary "
    "functions, as differentiable as the statement needs. Layer equations are put in. Where deltas and "
    "gradients occur, their equations were derived from the layer equations by reverse mode; as long as T2 "
    "has not shown that they are derivatives, their names are names for the right sides."
)


MOVEMENT = (
    "A differential is the derivative along a movement of all that may move. Definitions hold all along it; "
    "what a theorem assumes, it assumes at the one point where the differentials are taken, unless the words "
    "beside it say that it holds along the movement."
)


def _beside(along: bool, witnesses: Inlines) -> Inlines:
    """What stands beside a hypothesis: where it holds, and where it is needed."""
    words = text("along the movement") if along else ()
    return (*words, *(text(", ") if words and witnesses else ()), *witnesses)


def _label(kind: str, name: str) -> str:
    words = "".join(c if c.isalnum() else "-" for c in name.lower())
    return f"{kind}:{words}"


def _true(definitions: list[CheckedHypothesis], p: CheckedProposition, w: CheckedWitness) -> str:
    """The label of what holds in place of a refuted equation: the definition, or the proposition above."""
    if w.witness.defends in {h.hypothesis.name for h in definitions}:
        return _label("definition", w.witness.defends)
    return _label("theorem", p.proposition.name) if w.claim is not None else ""


def _fixed(checked: CheckedTheorem, p: CheckedProposition) -> tuple[str, ...]:
    """The ranges of the indices that hypotheses share with the theorem: one choice of them, not all."""
    shared = {k for h in p.proposition.theorem.hypotheses for k in h.free()}
    return checked.cross.ranges([limit for limit in p.proposition.theorem.context if limit[0] in shared])


def _permutations(checked: CheckedTheorem) -> list[Block]:
    """What is declared of symbols, and no hypothesis says: that they permute a range."""
    found = []
    for t in checked.cross.table.tensors:
        if t.kind == "permutation":
            letters = [Symbol(letter, integer=True) for letter in t.letters]
            *outer, (lo, hi) = t.ranges(*letters)
            over = checked.cross.ranges([(k, a, b) for k, (a, b) in zip(letters, outer, strict=False)])
            image = to_latex(t[tuple(letters)], checked.cross.notation)
            ends = (to_latex(lo, checked.cross.notation), to_latex(hi, checked.cross.notation))
            pieces = [piece for r in over for piece in (", for each ", Math(r))]
            words = ("As a function of its last index, ", Math(image), " is a permutation of ")
            between = (Math(ends[0]), " to ", Math(ends[1]))
            found.append(Paragraph(text(*words, *between, *pieces, ".")))
    return list(found)


def _meanings(checked: CheckedTheorem) -> list[Block]:
    """What named functions stand for; a theorem holds for whatever they are."""
    found = []
    for lhs, rhs in checked.proved.system.meanings:
        left, right = equation_to_latex(lhs, rhs, checked.cross.notation)
        words = ("Runs compute with ", Math(f"{left} = {right}"), "; no proof uses what the function is.")
        found.append(Paragraph(text(*words)))
    return list(found)


def _box(
    checked: CheckedTheorem,
    p: CheckedProposition,
    assumptions: list[CheckedHypothesis],
    below: Sequence[tuple[int, CheckedWitness]],
) -> Box:
    used = p.proposition.theorem.hypotheses
    moving = moves(p.proposition.theorem)
    along = differentiated(p.proposition.theorem) if moving else frozenset()
    named = tuple(
        Hypothesis(
            name=h.hypothesis.name,
            lines=(
                Line(
                    lhs=h.printed.lhs,
                    rhs=h.printed.rhs,
                    conditions=h.printed.conditions,
                    reason=_beside(h.hypothesis in along, needed(below, h.hypothesis.name)),
                ),
            ),
        )
        for h in assumptions
        if h.hypothesis in used
    )
    fixed = _fixed(checked, p)
    if fixed:
        pieces = [piece for n, r in enumerate(fixed) for piece in (*((", ",) if n else ()), Math(r))]
        named = (
            Hypothesis("fixed indices", text(*pieces, "; what is assumed below is assumed of these alone")),
            *named,
        )
    shown = replace(p.statement, conditions=tuple(c for c in p.statement.conditions if c not in fixed))
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
            Paragraph(words(p.proposition.text)),
            equation(
                shown,
                label=_label("theorem", p.proposition.name),
            ),
        ),
        hypotheses=named,
        proof=steps,
        label=_label("box", p.proposition.name),
    )
