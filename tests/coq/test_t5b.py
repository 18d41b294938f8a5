"""T5b in Coq: every optimiser is confirmed, by name, and changed statements, which Coq refuses."""

from __future__ import annotations

from pathlib import Path

from refusing import Claim, fates

from symderive.coq.confirmation import confirmations, summary
from symderive.coq.export import confirming
from symderive.coq.statement import statement
from symderive.library import prove

RULES = {
    "elementwise", "gd", "heavy_ball", "nesterov", "adagrad", "rmsprop", "adam", "adamw", "sign_descent",
    "l2 + gd", "decay + gd", "clip + gd", "clip + l2 + adam", "clip + decay + nesterov",
}  # fmt: skip


def claims() -> list[tuple[str, str, Claim]]:
    """Of each rule that the biases stay equal: the theorem of Coq, the name of the rule and the claim."""
    found = []
    for p in prove("T5b").propositions:
        rule, _, what = p.name.partition(": ")
        proving = confirming("T5b", p.name)
        if proving is not None and what == "equal biases":
            found.append((proving, rule, Claim.of(p.theorem)))
    assert {rule for _, rule, _ in found} == RULES
    return found


def test_all_rules_are_confirmed(library: Path) -> None:
    found = confirmations(prove("T5b"))
    assert summary(found) == "42 of 42"
    assert {c.proposition.split(":")[0] for c in found} == RULES


def test_without_one_of_the_equations_at_the_start_coq_refuses(library: Path) -> None:
    """Each of them: of the weights, of the biases and of every state."""
    goals, labels = [], []
    for proving, rule, claim in claims():
        for h in claim.hypotheses:
            if h.name.startswith("equal "):
                kept = tuple(g for g in claim.hypotheses if g != h)
                weaker = Claim(claim.context, kept, claim.lhs, claim.rhs)
                goals.append((statement("claim", weaker).goal, proving))
                labels.append(f"{rule} without: {h.name}")
    assert len(labels) > 3 * len(RULES)
    assert dict(zip(labels, fates(goals, library), strict=True)) == dict.fromkeys(labels, "refused")


def test_a_rule_that_tells_one_neuron_from_another_is_refused(library: Path) -> None:
    """And so is a conclusion with a term too many; the claim as it is is accepted by the same run."""
    goals, expected = [], []
    for proving, _, claim in claims():
        (h,) = (h for h in claim.hypotheses if h.name.endswith("rule of the biases"))
        neuron = h.indices[2][0]
        changed = claim.assuming(h.name, h.lhs, h.rhs + neuron)
        more = claim.concluding(claim.lhs, claim.rhs + 1)
        goals += [(statement("claim", c).goal, proving) for c in (claim, changed, more)]
        expected += ["accepted", "refused", "refused"]
    assert fates(goals, library) == expected
