"""T5c in Coq: opposite neurons under gradient descent and every optimiser; changed ones are refused."""

from __future__ import annotations

from pathlib import Path

from refusing import Claim, fates

from symderive.coq.confirmation import confirmations, summary
from symderive.coq.export import confirming
from symderive.coq.statement import statement
from symderive.library import prove

RULES = {
    "heavy_ball", "nesterov", "adagrad", "rmsprop", "adam", "adamw", "sign_descent", "clip + l2 + gd",
}  # fmt: skip


def claims() -> list[tuple[str, str, Claim]]:
    """Of each rule that the biases stay opposite: the theorem of Coq, the name of the rule and the claim."""
    found = []
    for p in prove("T5c").propositions:
        rule, _, what = p.name.partition(": ")
        proving = confirming("T5c", p.name)
        if proving is not None and what == "opposite biases":
            found.append((proving, rule, Claim.of(p.theorem)))
    assert {rule for _, rule, _ in found} == RULES
    return found


def test_all_is_confirmed(library: Path) -> None:
    assert summary(confirmations(prove("T5c"))) == "33 of 33"


def test_without_one_of_its_assumptions_coq_refuses(library: Path) -> None:
    """That functions are odd, that weights, biases, velocities and first moments start opposite, and that
    second moments start equal.
    """
    goals, labels = [], []
    for proving, rule, claim in claims():
        for h in claim.hypotheses:
            if h.kind != "definition":
                kept = tuple(g for g in claim.hypotheses if g != h)
                weaker = Claim(claim.context, kept, claim.lhs, claim.rhs)
                goals.append((statement("claim", weaker).goal, proving))
                labels.append(f"{rule} without: {h.name}")
    assert len(labels) > 4 * len(RULES)
    assert dict(zip(labels, fates(goals, library), strict=True)) == dict.fromkeys(labels, "refused")


def test_equal_neurons_are_refused_where_opposite_ones_are_accepted(library: Path) -> None:
    goals, expected = [], []
    for proving, _, claim in claims():
        equal = claim.concluding(claim.lhs, -claim.rhs)
        goals += [(statement("claim", c).goal, proving) for c in (claim, equal)]
        expected += ["accepted", "refused"]
    assert fates(goals, library) == expected
