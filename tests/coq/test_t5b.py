"""T5b in Coq: the optimisers that are confirmed, by name, and changed statements, which Coq refuses."""

from __future__ import annotations

from pathlib import Path

from refusing import Claim, fates

from symderive.coq.confirmation import confirmations, summary
from symderive.coq.export import confirming
from symderive.coq.statement import statement
from symderive.library import prove

RULES = {"gd", "heavy_ball", "adagrad", "rmsprop", "sign_descent", "l2 + gd", "decay + gd"}


def test_the_rules_that_are_confirmed(library: Path) -> None:
    found = confirmations(prove("T5b"))
    assert summary(found) == "21 of 42"
    assert {c.proposition.split(":")[0] for c in found if c.confirmed} == RULES


def test_without_equal_weights_at_the_start_coq_refuses(library: Path) -> None:
    goals = []
    for p in prove("T5b").propositions:
        proving = confirming("T5b", p.name)
        if proving is not None and p.name.endswith(": equal biases"):
            claim = Claim.of(p.theorem)
            kept = tuple(h for h in claim.hypotheses if h.name != "equal outgoing weights")
            assert len(kept) == len(claim.hypotheses) - 1
            goals.append((statement("claim", Claim(claim.context, kept, claim.lhs, claim.rhs)).goal, proving))
    assert fates(goals, library) == ["refused"] * len(RULES)
