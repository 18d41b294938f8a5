"""The answer: read off the theorems, nothing typed, every reference leads somewhere, and it prints."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from symderive.answer import NEEDED, answer_document
from symderive.answer.material import SHOWN, Material
from symderive.answer.prose import paragraph, sentence
from symderive.answer.question import ANSWERS
from symderive.answer.sharing import SYSTEMS
from symderive.commands.answer import Answer
from symderive.documents import pdf
from symderive.documents.blocks import (
    Box,
    Document,
    Emphasis,
    Equation,
    ItemList,
    Line,
    Link,
    Math,
    Paragraph,
    Ref,
    Text,
)
from symderive.documents.html_writer import to_html
from symderive.documents.numbering import number
from symderive.errors import SymderiveError
from symderive.proof import symmetry


def parts(x: Any, kind: type) -> Iterator[Any]:
    if isinstance(x, kind):
        yield x
    if isinstance(x, tuple):
        for y in x:
            yield from parts(y, kind)
    elif is_dataclass(x) and not isinstance(x, type):
        for f in fields(x):
            if f.name != "place":
                yield from parts(getattr(x, f.name), kind)


def typed(document: Document, documents: dict[str, Document]) -> list[str]:
    """Equations of the answer that stand in no document of a theorem."""
    known = {(line.lhs, line.rhs) for d in documents.values() for line in parts(d, Line)}
    return [f"{e.lhs} = {e.rhs}" for e in parts(document, Line) if (e.lhs, e.rhs) not in known]


def test_every_equation_stands_in_the_document_of_a_theorem(
    found: Answer, documents: dict[str, Document], shared: dict[str, Document]
) -> None:
    assert typed(found.document, documents | shared) == []
    assert sum(1 for _ in parts(found.document, Line)) > 80


def test_a_typed_equation_is_noticed(found: Answer, documents: dict[str, Document]) -> None:
    own = Document("A", (Equation((Line("C", rhs="1"),)),))
    assert typed(own, documents) == ["C = 1"]


def statements(formula: str) -> bool:
    return bool(re.search(r"=|<|>|\\leq|\\geq|\\to|\\in\b", formula))


def test_running_text_names_things_and_states_nothing(
    found: Answer, documents: dict[str, Document], shared: dict[str, Document]
) -> None:
    """Formulas within a line are names; those of the theorems' own words, such as a cost, are theirs."""
    theirs = {m.latex for d in (documents | shared).values() for m in parts(d, Math)}
    own = [m.latex for m in parts(found.document, Math) if m.latex not in theirs]
    assert own and not any(map(statements, own)), own
    assert statements("w = v") and statements(r"n \leq 3")


def test_every_theorem_has_its_hypotheses_and_is_proved(
    found: Answer, documents: dict[str, Document], shared: dict[str, Document]
) -> None:
    whole = {
        (SHOWN.get(key, key), b.title): b
        for key, d in (documents | shared).items()
        for b in d.blocks
        if isinstance(b, Box) and b.kind == "Theorem"
    }
    boxes = [b for b in found.document.blocks if isinstance(b, Box) and b.kind == "Theorem"]
    assert len(boxes) >= 20
    for b in boxes:
        key, title = b.title.split(", ", 1)
        its = whole[key, title]
        if b.hypotheses:
            assert [h.name for h in b.hypotheses] == [h.name for h in its.hypotheses]
        elif its.hypotheses:  # then the words say where they stand
            assert any(isinstance(x, Ref) for x in b.statement[0].inlines)  # type: ignore[union-attr]
        evidence = [e.status for s in b.statement if isinstance(s, Equation) for e in s.evidence]
        assert "proved" in evidence, b.title


def test_every_reference_leads_somewhere(found: Answer) -> None:
    numbered = number(found.document)
    for ref in parts(found.document, Ref):
        assert numbered.target(ref.label).words


def test_each_part_of_the_question_is_answered_by_a_theorem(found: Answer) -> None:
    asked = {part for part, _ in ANSWERS}
    (answers,) = [i for i in parts(found.document, ItemList) if {x.text for x in parts(i, Emphasis)} >= asked]
    assert len(answers.items) == len(ANSWERS) == 7
    for item in answers.items:
        assert any("box:" in ref.label for ref in parts(item, Ref)), item


def test_the_formulas_of_the_known_answer_are_refuted_and_put_right(found: Answer) -> None:
    boxes = [b for b in found.document.blocks if isinstance(b, Box) and b.kind == "Counterexample"]
    claims = [b for b in boxes if any(e.status == "refuted" for s in b.statement for e in parts(s, Equation)
                                      for e in e.evidence)]  # fmt: skip
    assert len(claims) == 2
    words = [p for p in found.document.blocks if isinstance(p, Paragraph)]
    said = "The verdict is "
    verdicts = [p for p in words if p.inlines[:1] == (Text(said),) and p.inlines[1] == Emphasis("refuted")]
    assert len(verdicts) == 2


def test_networks_that_share_weights_have_ties_to_prove() -> None:
    for system in SYSTEMS.values():
        (own,) = symmetry.symmetries(system())
        assert "moves" in str(own)


def test_material_refuses_what_is_not_there(documents: dict[str, Document]) -> None:
    m = Material({"T1": documents["T1"], "T5": documents["T5"]})
    for attempt, words in (
        (lambda: m.box("T2", "one layer"), "expected a theorem of T1, T5, found 'T2'"),
        (lambda: m.box("T1", "three layers"), "T1: expected a box of one layer, two layers"),
        (lambda: m.definitions("T1", "loss"), "T1: expected a definition of"),
        (lambda: m.witness("T1", 9), "T1: expected a counterexample, found no number 9"),
        (lambda: m.box("T5", "equal deltas", steps=("magic",)), "T5: expected a step of"),
    ):
        with pytest.raises(SymderiveError, match=re.escape(words)):
            attempt()


def test_hypotheses_are_left_out_only_where_they_are_the_same(documents: dict[str, Document]) -> None:
    m = Material(documents)
    assert m.box("T5", "equal deltas", like="equal biases").hypotheses == ()
    assert m.box("T4", "gradients of the weights", like="T3: cost").hypotheses == ()
    with pytest.raises(SymderiveError, match="expected the hypotheses of"):
        m.box("T6", "one step, incoming weights", like="a tie that survives one step")


def test_a_missing_theorem_is_one_line(documents: dict[str, Document], shared: dict[str, Document]) -> None:
    few = {k: v for k, v in (documents | shared).items() if k != "T9"}
    with pytest.raises(SymderiveError, match="found 'T9'"):
        answer_document(few)
    assert set(NEEDED) <= set(documents)


def test_words_are_read_as_they_are_written() -> None:
    kinds = [type(x).__name__ for x in sentence("a $w$ by [T1:box:one] and `code`, *so*")]
    assert kinds == ["Text", "Math", "Text", "Ref", "Text", "Code", "Text", "Emphasis"]
    assert paragraph("a\n   b") == paragraph("a b")


# ------------------------------------------------------------------------------------------ as it prints


def test_the_page_needs_no_network_and_states_every_theorem(found: Answer) -> None:
    page = to_html(found.document)
    assert not re.search(r"src=\"(?!data:)", page) and "<script" not in page and "<link" not in page
    for b in found.document.blocks:
        if isinstance(b, Box):
            assert b.title.split(", ", 1)[1] in page.replace("&#39;", "'").replace("&#x27;", "'")


@pytest.mark.skipif(
    not (shutil.which("latexmk") and shutil.which("pdfinfo")) and not os.environ.get("CI"),
    reason="no TeX, or no poppler",
)
def test_it_compiles_without_a_warning_on_twenty_pages(found: Answer, tmp_path: Path) -> None:
    made = pdf.to_pdf(found.document, "tex")
    assert made.warnings == ()
    (tmp_path / "answer.pdf").write_bytes(made.content)
    told = subprocess.run(["pdfinfo", "answer.pdf"], cwd=tmp_path, capture_output=True, text=True, check=True)
    pages = int(re.search(r"Pages: +(\d+)", told.stdout)[1])  # type: ignore[index]
    assert 12 <= pages <= 20


def test_what_is_cited_is_listed(found: Answer) -> None:
    cited = {k.url for p in parts(found.document, Paragraph) for k in parts(p, Link)}
    (listed,) = [i for i in parts(found.document, ItemList) if any(True for _ in parts(i, Link))]
    assert cited == {k.url for k in parts(listed, Link)} and len(cited) >= 6


def test_a_reference_to_nothing_is_refused(found: Answer) -> None:
    spoiled = replace(found.document, blocks=(*found.document.blocks, paragraph("[section:nowhere]")))
    with pytest.raises(SymderiveError, match="section:nowhere"):
        number(spoiled)
