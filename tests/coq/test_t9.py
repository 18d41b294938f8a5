"""T9 in Coq: what is confirmed of it, and changed statements, which Coq refuses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from refusing import Claim, fates

from symderive.coq.confirmation import confirmations, summary
from symderive.coq.export import confirming
from symderive.coq.statement import Statement, statement
from symderive.library import prove

CONFIRMED = 20
NEEDED = (
    "Lipschitz gradient", "step size below 1/K", "momentum is not 0", "mean value theorem", "p becomes q",
    "permuted weights", "permuted biases", "weighted input, permuted network", "K is constant", "time passes",
    "gradient flow", "flow of the biases", "weighted gap",
)  # fmt: skip


def test_all_is_confirmed(library: Path) -> None:
    assert summary(confirmations(prove("T9"))) == f"{CONFIRMED} of {CONFIRMED}"


def test_the_exponential_function_is_any_that_is_its_own_derivative(library: Path) -> None:
    """And Coq refuses the growth of the weighted gap without that law, which the statement prints."""
    goals = []
    for p in prove("T9").propositions:
        if p.name.endswith("grows"):
            printed = statement("claim", Claim.of(p.theorem))
            law = "(exp_differentiable : forall u : real, deriv u exp (exp u))"
            assert law in printed.binders
            proving = confirming("T9", p.name)
            assert proving is not None
            kept = Statement(printed.name, tuple(b for b in printed.binders if b != law), printed.conclusion)
            goals += [(printed.goal, proving), (kept.goal, proving)]
    assert fates(goals, library) == ["accepted", "refused"] * 2


def test_each_statement_is_refused_with_a_term_too_many_or_without_a_hypothesis(library: Path) -> None:
    """And accepted as it is, by the same run."""
    goals, expected, labels = [], [], []
    for p in prove("T9").propositions:
        proving = confirming("T9", p.name)
        if proving is None:
            continue
        claim = Claim.of(p.theorem)
        right, theorem = statement("claim", claim), claim.concluding(claim.lhs, claim.rhs + 1)
        goals += [(right.goal, proving), (statement("claim", theorem).goal, proving)]
        expected += ["accepted", "refused"]
        labels += [p.name, f"{p.name} + 1"]
        for h in claim.hypotheses:
            if h.name in NEEDED:
                kept = tuple(g for g in claim.hypotheses if g != h)
                weaker = replace(claim, hypotheses=kept)
                goals.append((statement("claim", weaker).goal, proving))
                expected.append("refused")
                labels.append(f"{p.name} without: {h.name}")
    found = fates(goals, library)
    assert dict(zip(labels, found, strict=True)) == dict(zip(labels, expected, strict=True))
    assert len(labels) > 2 * CONFIRMED
