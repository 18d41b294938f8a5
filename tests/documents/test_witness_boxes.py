"""Every witness of a theorem is printed below it, by every writer, with the numbers that were computed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from importlib import import_module

import pytest

from proofs.witnesses.t2 import read, recursions
from symderive.claims.theorem import CheckedTheorem, check_theorem
from symderive.commands import prove as command
from symderive.documents.blocks import Box, Document, Equation, Ref, Table
from symderive.documents.html_writer import to_html
from symderive.documents.latex_writer import to_latex
from symderive.documents.numbering import number
from symderive.documents.pdf import compile_latex, compile_typst
from symderive.documents.theorem_document import theorem_document
from symderive.documents.typst_writer import to_typst
from symderive.documents.witnesses import KIND, homes
from symderive.library import prove
from symderive.proof.witness import Witness, Worked

WRITERS = {"latex": to_latex, "html": to_html, "typst": to_typst}


@pytest.fixture(scope="module")
def ties() -> CheckedTheorem:
    """A theorem with assumptions and conditions to defend; below it the witnesses of all the others."""
    theorem = prove("T5")
    names = {h.name for h in theorem.hypotheses()}
    own = [w for w in import_module("proofs.witnesses.t5").witnesses() if w.defends in names]
    other = replace(own[0], defends="by induction on the steps", text="For the $t$ at hand.")
    last = Witness(
        "equal activations", "Fractions, vectors and matrices.",
        lambda v: Worked((("$V$", ((v, 2), (3, Fraction(-1, 7)))),), "$v$", (v, 0), (Fraction(1, 2), 0)),
        broken=3, restored=Fraction(1, 2),
    )  # fmt: skip
    rest = [
        replace(w, defends=other.defends, claim=None)
        for key in ("t2", "t3", "t4", "t6", "t7", "t8")
        for w in import_module(f"proofs.witnesses.{key}").witnesses()
    ]
    return check_theorem(replace(theorem, witnesses=(*own, other, last, *rest)), 1)


def boxes(document: Document) -> list[Box]:
    return [b for b in document.blocks if isinstance(b, Box) and b.kind == KIND]


def test_there_is_a_box_for_each_witness(proved: Sequence[command.Outcome], ties: CheckedTheorem) -> None:
    for o in proved:
        titles = [b.title for b in boxes(o.document)]
        assert sorted(titles) == sorted(w.witness.defends for w in o.checked.witnesses)
    assert len(boxes(next(o.document for o in proved if o.key == "T2"))) == 8
    assert len(boxes(theorem_document(ties))) == len(ties.witnesses)


def test_each_stands_below_what_it_defends(ties: CheckedTheorem) -> None:
    places = [[w.witness.defends for _, w in found] for found in homes(ties)]
    names = [p.proposition.name for p in ties.propositions]
    assert set(places[0]) == {"equal incoming weights", "equal biases", "equal outgoing weights"}
    assert places[names.index("equal activations")] == ["equal activations"]
    assert set(places[-1]) == {"by induction on the steps"}  # a condition of the summary
    order = [(b.kind, b.title) for b in theorem_document(ties).blocks if isinstance(b, Box)]
    first, second = (order.index(("Theorem", name)) for name in names[:2])
    assert {title for _, title in order[first + 1 : second]} == set(places[0])


def test_a_hypothesis_leads_to_its_witnesses(ties: CheckedTheorem) -> None:
    document = theorem_document(ties)
    theorem = next(b for b in document.blocks if isinstance(b, Box))
    refs = {h.name: [r.label for line in h.lines for r in line.reason if isinstance(r, Ref)]
            for h in theorem.hypotheses}  # fmt: skip
    labels: dict[str, list[str]] = {}
    for b in boxes(document):
        labels.setdefault(b.title, []).append(b.label)
    for name in ("equal incoming weights", "equal biases", "equal outgoing weights"):
        assert refs[name] == labels[name]
    number(document)  # every reference has its target


def test_the_table_sets_claimed_against_true(proved: Sequence[command.Outcome]) -> None:
    o = next(o for o in proved if o.key == "T2")
    wide = boxes(o.document)[0]
    (table,) = (b for b in wide.statement if isinstance(b, Table))
    rows = [[piece for cell in row for piece in cell] for row in table.rows]
    cells = [[getattr(piece, "latex", "") or getattr(piece, "text", "") for piece in row] for row in rows]
    assert cells[-2] == ["claimed: ", r"\delta^{(1)}", "(3, 7)"]
    assert cells[-1] == ["true: ", r"\delta^{(1)}", "(24, 34)"]


def test_the_refuted_formula_is_printed_from_its_term(proved: Sequence[command.Outcome]) -> None:
    o = next(o for o in proved if o.key == "T2")
    claims = [e for b in boxes(o.document) for e in b.statement if isinstance(e, Equation)]
    assert [e.status for c in claims for e in c.evidence] == ["refuted", "refuted"]
    (line,) = claims[0].lines
    assert (line.lhs, line.rhs) == (
        r"\delta^{(l)}_{j}",
        r"\sigma'_{l}\left(z^{(l)}_{j}\right) \delta^{(l+1)}_{j}",
    )
    printed = [w.claim for w in o.checked.witnesses if w.claim]
    assert printed[0].parsed[1] == recursions()[0].term == read(recursions()[0].source)


@pytest.mark.parametrize("name", WRITERS)
def test_every_writer_shows_them(name: str, ties: CheckedTheorem, proved: Sequence[command.Outcome]) -> None:
    pages = [next(o.document for o in proved if o.key == "T2"), theorem_document(ties)]
    for document in pages:
        text = WRITERS[name](document)
        for b in boxes(document):
            assert b.title in text
        assert "refuted" in text
    sevenths = {"latex": r"-\frac{1}{7}", "html": "<mn>7</mn>", "typst": "frac(1, 7)"}
    assert sevenths[name] in text.replace("frac(1,7)", "frac(1, 7)")


def test_they_compile_without_warnings(ties: CheckedTheorem) -> None:
    document = theorem_document(ties)
    assert not compile_typst(to_typst(document)).warnings
    assert not compile_latex(to_latex(document), number(document).targets).warnings
