"""Blocks refuse what cannot be printed, with one line that says what was expected and what was found."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from symderive.documents.blocks import (
    STATUSES,
    Box,
    Document,
    Equation,
    Evidence,
    Hypothesis,
    ItemList,
    Line,
    Link,
    Math,
    Paragraph,
    ProofStep,
    Section,
    Table,
    text,
)
from symderive.documents.evidence import error_latex, evidence_words
from symderive.errors import SymderiveError

REFUSED: tuple[tuple[Callable[[], object], str], ...] = (
    (lambda: Evidence("certain"), "evidence status out of proved, exact, .* found 'certain'"),
    (lambda: Evidence("PROVED"), "found 'PROVED'"),
    (lambda: Evidence("numeric"), "largest relative error, found none"),
    (lambda: Evidence("exact", samples=3), "error probability, found none"),
    (lambda: Evidence("numeric", error=-1e-9), "error of 0 or more, found -1e-09"),
    (lambda: Evidence("numeric", error=float("nan")), "error of 0 or more, found nan"),
    (lambda: Evidence("refuted"), "state its counterexample"),
    (lambda: Evidence("unknown"), "state its reason"),
    (lambda: Line(), "both sides empty"),
    (lambda: Line(lhs="a", label="two words"), "found 'two words'"),
    (lambda: Line(lhs="a", label="}{"), "a label is a letter"),
    (lambda: Line(lhs="a", reason="by magic"), "expected inlines.* found 'by magic'"),  # type: ignore[arg-type]
    (lambda: Equation(()), "at least one line"),
    (lambda: Equation((Line(lhs="a"),), label="a", numbered=False), "'a' has to be numbered"),
    (lambda: Section("Deep", 4), "level of 1, 2 or 3, found 4"),
    (lambda: Paragraph("text"), "expected inlines"),  # type: ignore[arg-type]
    (lambda: Paragraph(("text",)), "expected inlines"),  # type: ignore[arg-type]
    (lambda: ItemList(("ab",)), "expected inlines"),  # type: ignore[arg-type]
    (lambda: Hypothesis(""), "needs a name"),
    (lambda: Table((text("a"),), ((text("x"), text("y")),)), "1 cells in row 1 of a table, found 2"),
    (lambda: Table((text("a"),), (), align="x"), "found 'x'"),
    (lambda: Box("theorem"), "found 'theorem'"),
    (lambda: Box(r"T\input{x}"), "kind of a box"),
    (lambda: Box("Lemma", statement=(Section("No"),)), "a Lemma cannot hold a Section"),
    (lambda: Box("Lemma", statement=(Box("Lemma"),)), "a Lemma cannot hold a Box"),
    (lambda: Document(" ", ()), "needs a title"),
    (lambda: Document("A", (), lang="<en>"), "found '<en>'"),
    (lambda: Document("A", (ProofStep("rule"),)), "found ProofStep"),  # type: ignore[arg-type]
    (lambda: Link("here", "javascript:alert(1)"), "found 'javascript:alert"),
    (lambda: Link("here", 'https://x" onclick="y'), "http, https or mailto"),
)


@pytest.mark.parametrize(("make", "says"), REFUSED)
def test_what_cannot_be_printed_is_refused(make: Callable[[], object], says: str) -> None:
    with pytest.raises(SymderiveError, match=says) as caught:
        make()
    assert "\n" not in str(caught.value)


def test_each_status_is_accepted_and_kept_apart() -> None:
    made = [Evidence(status, text("why"), error=0.0) for status in STATUSES]
    assert [evidence.status for evidence in made] == list(STATUSES)
    assert len(set(made)) == len(STATUSES)


@pytest.mark.parametrize(
    ("error", "printed"),
    [
        (0.0, "0"),
        (2.01e-16, r"2.1 \times 10^{-16}"),
        (9.96e-10, r"1.0 \times 10^{-9}"),
        (0.00121, "0.0013"),
        (0.5, "0.5"),
        (float("inf"), r"\infty"),
        (12345.0, r"1.3 \times 10^{4}"),
    ],
)
def test_a_printed_error_is_a_bound(error: float, printed: str) -> None:
    assert error_latex(error) == printed
    if error not in (0.0, float("inf")):
        value = printed.replace(r" \times 10^{", "e").rstrip("}")
        assert error <= float(value) <= 1.1 * error + 1e-300


def test_words_of_evidence_name_error_samples_and_seed() -> None:
    evidence = Evidence("exact", text("rationals"), error=2.0**-61, samples=20000, seed=3)
    words = "".join(getattr(piece, "text", getattr(piece, "latex", "")) for piece in evidence_words(evidence))
    assert words == ("error probability at most 4.4 \\times 10^{-19}, 20\u202f000 points, seed 3; rationals")
    assert evidence_words(Evidence("proved")) == ()
    assert Math("0") in evidence_words(Evidence("numeric", error=0.0, samples=1))
