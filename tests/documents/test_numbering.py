"""Numbers come from one place, and every reference has exactly one target."""

from __future__ import annotations

from dataclasses import replace

import pytest
from demo import backpropagation

from symderive.documents.blocks import (
    Block,
    Box,
    Document,
    Equation,
    Hypothesis,
    Line,
    Paragraph,
    ProofStep,
    Ref,
    Section,
    Table,
    text,
)
from symderive.documents.html_writer import to_html
from symderive.documents.latex_writer import to_latex
from symderive.documents.numbering import number
from symderive.documents.typst_writer import to_typst
from symderive.errors import SymderiveError


def equation(label: str = "") -> Equation:
    return Equation((Line(lhs="a", rhs="b"),), label=label)


def document(*blocks: Block) -> Document:
    return Document("A document", blocks)


def test_the_numbers_of_the_demonstration() -> None:
    targets = number(backpropagation()).targets
    assert {label: target.words for label, target in targets.items()} == {
        "network": "Section 1",
        "layer": "(1)",
        "activation": "(2)",
        "input": "(3)",
        "cost": "(4)",
        "four": "Section 2",
        "bp1": "(5)",
        "bp2": "(6)",
        "bp3": "(7)",
        "bp4": "(8)",
        "steps": "Section 2.1",
        "chain": "(9)",
        "composed": "(10)",
        "ties": "Section 3",
        "tie": "Definition 1",
        "rows": "Equal rows",
        "columns": "Equal columns",
        "tied": "Theorem 2",
        "tied-deltas": "(11)",
        "induction": "step 1",
        "inner": "step 1.3",
        "evidence": "Section 4",
        "summary": "Table 1",
        "run": "Listing 1",
    }


def test_sections_count_by_level() -> None:
    levels = (1, 2, 2, 3, 1, 2)
    numbered = number(document(*(Section("S", level) for level in levels))).document
    places = [block.place.number for block in numbered.blocks if isinstance(block, Section) and block.place]
    assert places == ["1", "1.1", "1.2", "1.2.1", "2", "2.1"]


def test_numbering_twice_changes_nothing() -> None:
    once = number(backpropagation())
    twice = number(once.document)
    assert repr(twice.targets) == repr(once.targets)
    assert to_latex(once.document) == to_latex(backpropagation())


def test_a_block_that_stands_twice_gets_two_numbers_and_two_anchors() -> None:
    same = equation()
    numbered = number(document(same, same, Box("Lemma", statement=(same,)))).document
    first, second, _ = numbered.blocks
    assert isinstance(first, Equation) and isinstance(second, Equation)
    assert first.place and second.place
    assert (first.place.number, second.place.number) == ("1", "2")
    assert first.place.anchor != second.place.anchor


def test_an_anchor_that_a_label_took_is_not_given_again() -> None:
    numbered = number(document(equation(), equation("equation-1"))).document
    anchors = [block.place.anchor for block in numbered.blocks if isinstance(block, Equation) and block.place]
    assert len(set(anchors)) == 2 and "equation-1" in anchors


REFUSED = (
    (document(Paragraph(text(Ref("nowhere"))), equation("here")), "found 'nowhere'; known: here"),
    (document(equation("twice"), equation("twice")), "found 'twice' on 2 blocks"),
    (document(Section("S", label="twice"), equation("twice")), "found 'twice' on 2 blocks"),
    (document(Box("Lemma", proof=(ProofStep("r", label="s"), ProofStep("r", label="s")))), "'s' on 2 blocks"),
    (document(Section("Deep", 2)), "section of level 1 or higher up, found level 2 at 'Deep'"),
    (
        document(replace(equation("a"), lines=(Line(lhs="a", label="b"),))),
        "expected one label, found 'a' and 'b'",
    ),
    (
        document(Box("Lemma", hypotheses=(Hypothesis("H", lines=(Line(lhs="a", label="b"),)),))),
        "found 'b' on a",
    ),
    (document(Box("Lemma", proof=(ProofStep("r", (Line(lhs="a", label="b"),)),))), "found 'b' on a line"),
    # References are looked for wherever words can stand.
    (document(replace(equation(), lines=(Line(lhs="a", reason=text(Ref("x"))),))), "found 'x'"),
    (document(Table((text(Ref("x")),), ())), "found 'x'"),
    (document(Table((text(),), ((text(Ref("x")),),))), "found 'x'"),
    (document(Box("Lemma", statement=(Paragraph(text(Ref("x"))),))), "found 'x'"),
    (document(Box("Lemma", hypotheses=(Hypothesis("H", text(Ref("x"))),))), "found 'x'"),
    (
        document(Box("Lemma", proof=(ProofStep("r", substeps=(ProofStep("s", reason=text(Ref("x"))),)),))),
        "'x'",
    ),
)


@pytest.mark.parametrize(("broken", "says"), REFUSED)
def test_a_broken_reference_is_refused_by_every_writer(broken: Document, says: str) -> None:
    for write in (number, to_latex, to_html, to_typst):
        with pytest.raises(SymderiveError, match=says):
            write(broken)
