"""Formulas beside theorems: all that a document prints is proved; what is no equation of a proof is not."""

from __future__ import annotations

import pytest

import proofs
from symderive.claims.crosscheck import CrossCheck
from symderive.claims.sizes import test_sizes as sizes_for
from symderive.formulas import check
from symderive.formulas.of_theorem import Facts
from symderive.formulas.proving import certified
from symderive.latex import parse_equation
from symderive.proof.kernel import Theorem
from symderive.proof.result import Proved


def printed(proved: Proved) -> list[str]:
    """Every equation of the theorem's document, as it is printed there: hypotheses, statements, proofs."""
    arguments = [a for p in proved.propositions for a in p.arguments]
    rows = [(h.lhs, h.rhs, {k for k, _, _ in h.indices} | h.free()) for h in proved.hypotheses()]
    rows += [(p.theorem.lhs, p.theorem.rhs, p.theorem.context.symbols) for p in proved.propositions]
    rows += [(a.start, e, a.context.symbols) for a in arguments for e, _ in a.lines]
    terms = [e for row in rows for e in row[:2]]
    terms += [e for a in arguments for h in a.theorem.hypotheses for e in (h.lhs, h.rhs)]
    cross = CrossCheck(terms, (), sizes_for(terms), 1)
    found = []
    for lhs, rhs, letters in rows:
        ctx = next((a.context for a in arguments if a.context.symbols == letters), None)
        if ctx is not None:
            found.append(cross.printed(lhs, rhs, ctx).latex)
    return found


@pytest.mark.parametrize("module", proofs.library(), ids=lambda m: m.KEY)
def test_every_equation_of_a_document_is_an_equation_of_its_proof(module: proofs.TheoremModule) -> None:
    proved = module.prove()
    facts = Facts(proved)
    theorems: dict[str, Theorem] = {}
    lines = printed(proved)
    lines = lines[:: 1 + len(lines) // MOST]  # of the longest proofs a sample
    for n, line in enumerate(lines):
        found = facts.find(*parse_equation(line, facts.table))
        assert found is not None, line
        theorems[str(n)] = found
    assert len(theorems) == len(lines) >= 3
    assert certified(theorems)


MOST = 90
T5 = proofs.find("T5").prove()


def test_a_statement_is_proved_under_its_hypotheses() -> None:
    verdict = check(r"w^{(t,m)}_{pk} = w^{(t,m)}_{qk}", T5)
    assert verdict.status == "proved" and verdict.certificate
    assert "equal outgoing weights is assumed" in verdict.conditions
    turned = check(r"w^{(t,m)}_{qk} = w^{(t,m)}_{pk}", T5)
    assert turned.status == "proved"


def test_what_fails_in_a_model_of_the_hypotheses_is_refuted() -> None:
    verdict = check(r"w^{(t,m)}_{pk} = 2 w^{(t,m)}_{qk}", T5)
    assert verdict.status == "refuted" and verdict.reason and not verdict.certificate


def test_what_follows_but_is_no_step_of_the_proof_is_only_tested() -> None:
    verdict = check(r"w^{(t,m)}_{pk} b^{(t,m)}_{p} = b^{(t,m)}_{q} w^{(t,m)}_{qk}", T5)
    assert verdict.status == "exact" and "error probability" in verdict.summary


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        (r"w^{(t,m)}_{pk} =", "expected"),
        (r"foo = w^{(t,m)}_{qk}", "expected"),
        (r"w^{(t,m)}_{pk} = w^{(t,m)}_{q}", "expected two sides of one shape"),
    ],
)
def test_what_cannot_be_read_is_unknown(formula: str, words: str) -> None:
    verdict = check(formula, T5)
    assert verdict.status == "unknown" and words in verdict.reason and "\n" not in verdict.reason
