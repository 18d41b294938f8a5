"""T14 in Coq: every proposition, and changed statements, which Coq refuses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from refusing import Claim, claims, judged
from sympy import Add, Expr, Integer

from proofs.critical_lines import LAM
from symderive.calculus.terms import Entry

CONFIRMED = 24
# these rest on the block form, of which every hypothesis is left out in turn; of these, what they add to them
ABOVE = (
    "at a critical point", "the two neurons apart", "valley", "saddle", "flat directions",
    "flat directions, incoming weights", "flat directions, outgoing weights",
)  # fmt: skip
HERE = ""  # the conclusion
Change = Callable[[Expr], Expr]


def left_out(name: str, claim: Claim, below: Claim) -> list[str]:
    """The hypotheses that are left out in turn."""
    known = {h.name for h in below.hypotheses} if name in ABOVE else set()
    return [h.name for h in claim.hypotheses if h.name not in known]


@pytest.mark.parametrize("above", [False, True], ids=["below", "above"])
def test_each_statement_is_refused_with_a_term_too_many_or_without_a_hypothesis(
    above: bool, library: Path
) -> None:
    """And accepted as it is, by the same run; every hypothesis that is printed is needed."""
    asked, expected = {}, {}
    every = claims("T14")
    of = {name: found for name, found in every.items() if (name in ABOVE) == above}
    for name, (proving, claim) in of.items():
        changed = {name: claim, f"{name} + 1": claim.concluding(claim.lhs, claim.rhs + 1)}
        changed |= {
            f"{name} without: {h}": claim.without(h) for h in left_out(name, claim, every["block form"][1])
        }
        for label, other in changed.items():
            asked[label] = (proving, other)
            expected[label] = "accepted" if label == name else "refused"
    assert judged(asked, library) == expected
    assert len(of) == (len(ABOVE) if above else CONFIRMED - len(ABOVE))


def times(name: str, factor: int) -> Change:
    """Every summand in which this tensor occurs multiplied."""

    def change(e: Expr) -> Expr:
        kept = [(t, any(x.symbol.name == name for x in t.atoms(Entry))) for t in Add.make_args(e)]
        assert any(found for _, found in kept)
        return Add(*(factor * t if found else t for t, found in kept))

    return change


def put(share: Expr) -> Change:
    """Another number in place of lambda."""
    return lambda e: e.xreplace({LAM: share})


def more(e: Expr) -> Expr:
    """A term too many."""
    return e + 1


DEFINITE = "the smaller Hessian is positive definite"
FIRST, REST = "the first takes the part lambda", "the second takes the rest"
# proposition, what is wrong with it, where, and what is changed there; each of these claims is false
WRONG: tuple[tuple[str, str, str, Change], ...] = (
    ("outputs", "shares that do not add up", REST, more),
    ("outputs", "another share of the first", FIRST, put(2 * LAM)),
    ("outputs", "another second neuron", "the last neuron is doubled", times("w", 2)),
    ("outputs", "opposite outputs", HERE, lambda e: -e),
    ("cost", "shares that do not add up", REST, more),
    ("cost", "twice the cost", HERE, times("C", 2)),
    ("incoming weights", "shares that do not add up", REST, more),
    ("incoming weights", "twice the gradient", HERE, times("grad_w", 2)),
    ("incoming weights, first of the two", "the other share", HERE, put(1 - LAM)),
    ("incoming weights, first of the two", "the whole gradient", HERE, put(Integer(1))),
    ("incoming weights, second of the two", "the other share", HERE, put(1 - LAM)),
    ("outgoing weights", "shares that do not add up", REST, more),
    ("outgoing weights, first of the two", "its share alone", HERE, lambda e: LAM * e),
    ("outgoing weights, second of the two", "its share alone", HERE, lambda e: (1 - LAM) * e),
    ("critical line, incoming weights", "not critical", "critical incoming weights", more),
    ("critical line, outgoing weights", "not critical", "critical outgoing weights", more),
    ("second derivative", "no curvature of the activation", HERE, times("bar_a", 0)),
    ("second derivative", "the mixed term once", HERE, lambda e: e.xreplace({Integer(2): Integer(1)})),
    ("block form", "no lambda", HERE, put(Integer(0))),
    ("block form", "the square of lambda", HERE, lambda e: e.xreplace({1 - LAM: LAM})),
    ("block form", "another block A", HERE, times("A", 2)),
    ("block form", "another block Q", HERE, times("Q", -1)),
    ("block form", "the second moves forth", "the second moves back by lambda", put(-LAM)),
    ("block form", "the first moves by lambda", "the first of the two moves by 1 - lambda", put(1 - LAM)),
    ("block form", "outgoing weights move alike", "the second outgoing weight", times("nu", -1)),
    ("the block Q", "twice the gradient", HERE, times("grad_w", 2)),
    ("at a critical point", "not critical", "critical incoming weights", more),
    ("at a critical point", "across the line", "outgoing weights part along the line", more),
    ("the two neurons apart", "the smaller network moves", "the incoming weights do not move", more),
    ("valley", "A is negative", "A is not negative", lambda e: -e),
    ("valley", "lambda lies outside", "lambda lies between 0 and 1", lambda e: -e),
    ("valley", "it leads down", HERE, lambda e: -e),
    ("saddle", "A is negative", "A is not negative", lambda e: -e),
    ("saddle", "lambda lies between", "lambda lies outside of 0 to 1", lambda e: -e),
    ("saddle", "it leads up", HERE, lambda e: -e),
    ("flat directions", "A is negative definite", "A is positive definite", lambda e: -e),
    ("flat directions", "lambda lies outside", "lambda lies strictly between 0 and 1", lambda e: -e),
    ("flat directions", "the second derivative is 1", "the second derivative is 0", more),
    ("flat directions, incoming weights", "another Hessian", DEFINITE, times("v_w", 0)),
    ("flat directions, outgoing weights", "another Hessian", DEFINITE, times("v_v", 0)),
)  # fmt: skip


def changed(claim: Claim, where: str, change: Change) -> Claim:
    """The claim with the right side of its conclusion or of a hypothesis changed."""
    lhs, rhs = {h.name: (h.lhs, h.rhs) for h in claim.hypotheses}.get(where, (claim.lhs, claim.rhs))
    other = change(rhs)
    assert other != rhs
    return claim.assuming(where, lhs, other) if where else claim.concluding(lhs, other)


def test_false_claims_are_refused(library: Path) -> None:
    """Shares that do not add up, points that are not critical, other blocks, and forms of the other sign."""
    of = claims("T14")
    asked = {
        f"{name}: {what}": (of[name][0], changed(of[name][1], where, change))
        for name, what, where, change in WRONG
    }
    assert len(asked) == len(WRONG)
    assert judged(asked, library) == dict.fromkeys(asked, "refused")
