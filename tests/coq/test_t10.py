"""T10 in Coq: what is confirmed of it, and changed statements, which Coq refuses."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from refusing import Claim, claims, fates, judged
from sympy import Expr

from symderive.calculus.terms import Entry
from symderive.coq.confirmation import confirmations, summary
from symderive.coq.statement import Statement, statement
from symderive.library import prove

CONFIRMED = 23
PARTS = 4
HERE = ""  # the conclusion
Change = Callable[[Expr], Expr]


def test_all_is_confirmed(library: Path) -> None:
    assert summary(confirmations(prove("T10"))) == f"{CONFIRMED} of {CONFIRMED}"


@pytest.mark.parametrize("part", range(PARTS))
def test_each_statement_is_refused_with_a_term_too_many_or_without_a_hypothesis(
    part: int, library: Path
) -> None:
    """And accepted as it is, by the same run; every hypothesis that is printed is needed."""
    asked, expected = {}, {}
    for name, (proving, claim) in list(claims("T10").items())[part::PARTS]:
        changed = {name: claim, f"{name} + 1": claim.concluding(claim.lhs, claim.rhs + 1)}
        changed |= {f"{name} without: {h.name}": claim.without(h.name) for h in claim.hypotheses}
        for label, other in changed.items():
            asked[label] = (proving, other)
            expected[label] = "accepted" if label == name else "refused"
    assert judged(asked, library) == expected


def test_the_neurons_are_tied_at_the_point_and_not_along_the_direction() -> None:
    """A tie along the whole path would leave the direction that moves no neuron apart from another."""
    printed = "\n".join(str(statement("claim", claim)) for _, claim in claims("T10").values())
    assert "w m r k tau0 = w m 1%N k tau0" in printed and "b m r tau0 = b m 1%N tau0" in printed
    assert "w m r k tau =" not in printed and "b m r tau =" not in printed
    assert "c m 1%N tau0 = - (" in printed and "c m 1%N tau =" not in printed


def test_what_is_differentiated_is_differentiable_and_has_to_be(library: Path) -> None:
    """The derivatives cancel from the statement; Coq refuses it without each law."""
    of = claims("T10")
    laws = {
        "the next layer feels nothing": ("sigma",),
        "activations after": ("sigma",),
        "gradients of the biases after": ("sigma", "dsigma", "cost_1"),
        "one step, biases": ("sigma", "dsigma", "cost_1"),
    }
    goals, expected = [], []
    for name, functions in laws.items():
        proving, claim = of[name]
        printed = statement("claim", claim)
        found = [b for b in printed.binders if re.match(r"\((sigma|d2?sigma|cost\w*)_differentiable", b)]
        assert {b.split("_differentiable")[0][1:] for b in found} == set(functions)
        for law in found:
            kept = tuple(b for b in printed.binders if b != law)
            goals.append((Statement(printed.name, kept, printed.conclusion).goal, proving))
            expected.append("refused")
    assert fates(goals, library) == expected


def times(name: str, factor: int) -> Change:
    """The entries of this name multiplied."""
    return lambda e: e.xreplace({x: factor * x for x in e.atoms(Entry) if x.symbol.name == name})


def more(e: Expr) -> Expr:
    """One more, as for what stays otherwise."""
    return e + 1


# proposition, what is wrong with it, where, and what is changed there; each of these claims is false
SUM = "the direction sums to 0"
WRONG: tuple[tuple[str, str, str, Change], ...] = (
    ("the next layer feels nothing", "another sum", SUM, times("c", 2)),
    ("the next layer feels nothing", "other neurons move", "other biases stay", more),
    ("activations after", "another sum", SUM, times("c", 2)),
    ("activations after", "later weights move", "weights after stay", more),
    ("gradients of other incoming weights", "another sum", SUM, times("c", 2)),
    ("gradients of other biases", "inputs move", "inputs are fixed", more),
    ("gradients of other outgoing weights", "targets move", "targets are fixed", more),
    ("gradients of the weights after", "another sum", SUM, more),
    ("gradients of the biases after", "later biases move", "biases after stay", more),
    ("gradients of the weights before", "weights before move", "weights before stay", more),
    ("gradients of the biases before", "another sum", SUM, times("c", 2)),
    ("gradients of the incoming weights", "another block", "block P", times("delta", 2)),
    ("gradients of the incoming weights", "opposite bias", HERE, times("beta", -1)),
    ("gradients of the biases", "another block", "block Q, bias", times("delta", 2)),
    ("gradients of the biases", "twice the direction", HERE, times("c", 2)),
    ("gradients of the outgoing weights", "opposite block", "block Q", times("a", -1)),
    ("gradients of the outgoing weights", "twice the direction", HERE, times("u", 2)),
    ("the form", "another block", "block P, bias", times("delta", 2)),
    ("the form", "opposite form", HERE, lambda e: -e),
    ("one step, incoming weights", "uphill", "step of the weights with decay", times("eta", -1)),
    ("one step, incoming weights", "no decay", HERE, times("lambda", 0)),
    ("one step, biases", "another eigenvalue", "eigenvector of B, biases", times("mu", 2)),
    ("one step, biases", "uphill", HERE, times("eta", -1)),
    ("one step, outgoing weights", "no eigenvector", "eigenvector of B, outgoing weights", times("mu", 2)),
    ("one step, outgoing weights", "the step size moves", "the step size is fixed", more),
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
    of = claims("T10")
    asked = {
        f"{name}: {what}": (of[name][0], changed(of[name][1], where, change))
        for name, what, where, change in WRONG
    }
    assert len(asked) == len(WRONG) and {name for name, *_ in WRONG} == set(of)
    assert judged(asked, library) == dict.fromkeys(asked, "refused")


def test_the_sum_over_no_step_is_printed_as_empty(library: Path) -> None:
    """Up to t - 1, which is -1 at the start: in natural numbers 0 - 1 is 0, and a step would be counted."""
    proving, claim = claims("T10")["a product of factors"]
    right = statement("claim", claim)
    assert right.conclusion == r"g t = (exp (\sum_(0 <= r < t) ell r)) * g_0"
    wrong = right.goal.replace("r < t)", "r < (t - 1)%N.+1)")
    assert fates([(right.goal, proving), (wrong, proving)], library) == ["accepted", "refused"]
