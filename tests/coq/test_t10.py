"""T10 in Coq: what is confirmed of it, and changed statements, which Coq refuses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from refusing import Claim, fates, judged
from sympy import Expr

from proofs.t10_attracting_or_repelling import STILL
from symderive.calculus.terms import Entry
from symderive.coq.confirmation import confirmations, summary
from symderive.coq.export import confirming
from symderive.coq.statement import statement
from symderive.library import prove

OF = 23
# what moves along a direction: the differentials of the network
NOT_CONFIRMED = (
    *STILL, "gradients of the incoming weights", "gradients of the biases",
    "gradients of the outgoing weights", "the form",
    "one step, incoming weights", "one step, biases", "one step, outgoing weights",
)  # fmt: skip
HERE = ""  # the conclusion
Change = Callable[[Expr], Expr]


def confirmed() -> dict[str, tuple[str, Claim]]:
    """Each proposition that is confirmed, with the theorem of Coq and its claim."""
    named = {p.name: (confirming("T10", p.name), Claim.of(p.theorem)) for p in prove("T10").propositions}
    return {name: (proving, claim) for name, (proving, claim) in named.items() if proving is not None}


def test_what_does_not_move_along_a_direction_is_confirmed(library: Path) -> None:
    found = confirmations(prove("T10"))
    assert summary(found) == f"{OF - len(NOT_CONFIRMED)} of {OF}"
    assert tuple(c.proposition for c in found if not c.confirmed) == NOT_CONFIRMED


def test_each_statement_is_refused_with_a_term_too_many_or_without_a_hypothesis(library: Path) -> None:
    """And accepted as it is, by the same run; every hypothesis that is printed is needed."""
    asked, expected = {}, {}
    for name, (proving, claim) in confirmed().items():
        changed = {name: claim, f"{name} + 1": claim.concluding(claim.lhs, claim.rhs + 1)}
        changed |= {f"{name} without: {h.name}": claim.without(h.name) for h in claim.hypotheses}
        for label, other in changed.items():
            asked[label] = (proving, other)
            expected[label] = "accepted" if label == name else "refused"
    assert judged(asked, library) == expected


def times(name: str, factor: int) -> Change:
    """The entries of this name multiplied."""
    return lambda e: e.xreplace({x: factor * x for x in e.atoms(Entry) if x.symbol.name == name})


# proposition, what is wrong with it, where, and what is changed there; each of these claims is false
WRONG: tuple[tuple[str, str, str, Change], ...] = (
    ("incoming gradient, gradients of the incoming weights", "another block", "block Q", times("delta", 2)),
    ("incoming gradient, gradients of the incoming weights", "opposite gradient", HERE, times("Q", -1)),
    ("incoming gradient, gradients of the biases", "another block", "block Q, bias", times("delta", 2)),
    ("a direction that descends", "another direction", "direction of the outgoing weights", times("G", 2)),
    ("a direction that descends", "half the direction", "direction of the incoming weights", lambda e: e / 2),
    ("a direction that descends", "it ascends", HERE, lambda e: -e),
    ("it is strict", "some curvature", "the curvature is 0", lambda e: e - 1),
    ("it is strict", "an opposite block", "block Q, bias", times("delta", -1)),
    ("it is strict, bias", "some curvature", "the curvature is 0", lambda e: e - 1),
    ("it is strict, bias", "an opposite block", "block Q", times("delta", -1)),
    ("weight decay attracts", "uphill", "linearised flow of the outgoing weights", lambda e: -e),
    ("weight decay attracts", "another bound", "mu is a lower bound of B", times("mu", 2)),
    ("weight decay attracts", "it repels", HERE, times("lambda", -1)),
    ("a product of factors", "opposite exponents", "gap after a step", times("ell", -1)),
    ("a product of factors", "a factor too many", HERE, times("g_0", 2)),
)  # fmt: skip


def changed(claim: Claim, where: str, change: Change) -> Claim:
    """The claim with the right side of its conclusion or of a hypothesis changed."""
    lhs, rhs = {h.name: (h.lhs, h.rhs) for h in claim.hypotheses}.get(where, (claim.lhs, claim.rhs))
    other = change(rhs)
    assert other != rhs
    return claim.assuming(where, lhs, other) if where else claim.concluding(lhs, other)


def test_false_claims_are_refused(library: Path) -> None:
    """Other blocks, directions and bounds, a curvature that is not 0."""
    of = confirmed()
    asked = {
        f"{name}: {what}": (of[name][0], changed(of[name][1], where, change))
        for name, what, where, change in WRONG
    }
    assert len(asked) == len(WRONG) and {name for name, *_ in WRONG} == set(of)
    assert judged(asked, library) == dict.fromkeys(asked, "refused")


def test_the_sum_over_no_step_is_printed_as_empty(library: Path) -> None:
    """Up to t - 1, which is -1 at the start: in natural numbers 0 - 1 is 0, and a step would be counted."""
    proving, claim = confirmed()["a product of factors"]
    right = statement("claim", claim)
    assert right.conclusion == r"g t = (exp (\sum_(0 <= r < t) ell r)) * g_0"
    wrong = right.goal.replace("r < t)", "r < (t - 1)%N.+1)")
    assert fates([(right.goal, proving), (wrong, proving)], library) == ["accepted", "refused"]
