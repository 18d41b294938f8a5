"""T19 in Coq: every proposition, and changed statements, which Coq refuses."""

from __future__ import annotations

from pathlib import Path

from refusing import claims, judged
from sympy import Expr

from proofs.t19_what_the_others_leave import LEFT
from symderive.calculus.terms import IndexSum

CONFIRMED = 3
HYPOTHESES = 3 + 4 + 2
# the targets of two neurons differ as they do whatever the output is called
UNUSED = {"two targets without: output"}


def test_each_statement_is_refused_with_a_term_too_many_or_without_a_hypothesis(library: Path) -> None:
    """And accepted as it is, by the same run."""
    asked, expected = {}, {}
    for name, (proving, claim) in claims("T19").items():
        changed = {name: claim, f"{name} + 1": claim.concluding(claim.lhs, claim.rhs + 1)}
        changed |= {f"{name} without: {h.name}": claim.without(h.name) for h in claim.hypotheses}
        for label, other in changed.items():
            asked[label] = (proving, other)
            expected[label] = "accepted" if label == name or label in UNUSED else "refused"
    assert judged(asked, library) == expected
    assert len(asked) == 2 * CONFIRMED + HYPOTHESES


def test_a_neuron_that_is_fitted_to_anything_else_is_refused(library: Path) -> None:
    """To the target itself, as the witness of T19 has it, or to what only some of the others leave of it."""
    asked = {}
    for name, (proving, claim) in claims("T19").items():
        (rest,) = (h for h in claim.hypotheses if h.name == LEFT)
        before, behind = sorted(rest.rhs.atoms(IndexSum), key=lambda e: e.lo != 1)
        y = rest.rhs + before + behind
        wrong: dict[str, Expr] = {
            "the target": y,
            "what those before leave": y - before,
            "what those behind leave": y - behind,
            "what the others add": y + before + behind,
            "what all leave": rest.rhs - before.open(rest.lhs.index[1]),
        }
        for what, rhs in wrong.items():
            asked[f"{name}: {what}"] = (proving, claim.assuming(LEFT, rest.lhs, rhs))
    assert judged(asked, library) == dict.fromkeys(asked, "refused")


def test_two_targets_differ_by_both_contributions(library: Path) -> None:
    """Not by their sum, by one of them, nor the other way round."""
    proving, claim = claims("T19")["two targets"]
    p, q = claim.rhs.as_ordered_terms()
    wrong = {"sum": p - q, "one": p, "other": q, "round": -p - q, "same": claim.rhs * 0}
    asked = {what: (proving, claim.concluding(claim.lhs, rhs)) for what, rhs in wrong.items()}
    assert judged(asked, library) == dict.fromkeys(asked, "refused")
