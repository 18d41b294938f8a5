"""T12 in Coq: every proposition, and changed statements, which Coq refuses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from refusing import Claim, claims, judged
from sympy import Expr, Integer

from symderive.calculus.terms import Entry

CONFIRMED = 8
HERE = ""  # the conclusion
OTHER = "the second run has another target", "error of the prediction, second run"
STEP = "the second run has another step size", "rule of the weights, second run"
SECOND = "the second gradient is not 0", "the gradient of the second run is 0"
Change = Callable[[Expr], Expr]


def test_each_statement_is_refused_with_a_term_too_many_or_without_a_hypothesis(library: Path) -> None:
    """And accepted as it is, by the same run; every hypothesis that is printed is needed."""
    asked, expected = {}, {}
    for name, (proving, claim) in claims("T12").items():
        changed = {name: claim, f"{name} + 1": claim.concluding(claim.lhs, claim.rhs + 1)}
        changed |= {f"{name} without: {h.name}": claim.without(h.name) for h in claim.hypotheses}
        for label, other in changed.items():
            asked[label] = (proving, other)
            expected[label] = "accepted" if label == name else "refused"
    assert judged(asked, library) == expected
    assert list(expected.values()).count("accepted") == CONFIRMED


def entry(e: Expr, name: str) -> Entry:
    """The one entry of this name in a term."""
    (found,) = (x for x in e.atoms(Entry) if x.symbol.name == name)
    return found


def times(name: str, factor: int) -> Change:
    """The entry of this name multiplied."""
    return lambda e: e.xreplace({entry(e, name): factor * entry(e, name)})


def number(was: int, now: int) -> Change:
    """A number of the term replaced."""
    return lambda e: e.xreplace({Integer(was): Integer(now)})


def more(e: Expr) -> Expr:
    """A term too many."""
    return e + 1


# proposition, what is wrong with it, where, and what is changed there; each of these claims is false
WRONG: tuple[tuple[str, str, str, Change], ...] = (
    ("difference of the gradients", *OTHER, times("y", 2)),
    ("difference of the gradients", "the other way round", HERE, times("e", -1)),
    ("one step", *OTHER, times("y", 2)),
    ("one step", *STEP, times("eta", 2)),
    ("one step", "uphill", HERE, times("eta", -1)),
    ("contraction", *OTHER, times("y", 2)),
    ("contraction", *STEP, times("eta", 2)),
    ("contraction", "the first run goes uphill", "rule of the weights", times("eta", -1)),
    ("contraction", "a step size below 1 / Lambda", "step size below 2 / Lambda", number(2, 1)),
    ("contraction", "twice Lambda", "no eigenvalue above Lambda", times("Lambda", 2)),
    ("contraction", "twice mu", "no eigenvalue below mu", times("mu", 2)),
    ("contraction", "another factor", HERE, times("mu", 2)),
    ("contraction", "it grows", HERE, times("mu", -1)),
    ("along an eigenvector", *OTHER, times("y", 2)),
    ("along an eigenvector", *STEP, times("eta", 2)),
    ("along an eigenvector", "another eigenvalue", "eigenvector of the inputs", times("lambda", 2)),
    ("along an eigenvector", "another step", "factor of a step", times("eta", 2)),
    ("along an eigenvector", "other inputs", "the same inputs at every step", times("X", 2)),
    ("along an eigenvector", "another factor", HERE, times("pi", 2)),
    ("unseen directions", "a direction that samples see", "a direction that no sample sees", more),
    ("unseen directions", "another start", HERE, times("w_0", 2)),
    ("predictions", *OTHER, times("y", 2)),
    ("predictions", *SECOND, more),
    ("predictions", "opposite predictions", HERE, times("o_tilde", -1)),
    ("one answer", "dependent columns", "full column rank", lambda e: e * 0),
    ("one answer", *SECOND, more),
    ("one answer", "opposite weights", HERE, times("w_tilde", -1)),
    ("minimum", *SECOND, more),
    ("minimum", "another factor", HERE, times("C_tilde", 2)),
    ("minimum", "below the other cost", HERE, lambda e: 2 * entry(e, "C_tilde") - e),
)


def changed(claim: Claim, where: str, change: Change) -> Claim:
    """The claim with the right side of its conclusion or of a hypothesis changed."""
    lhs, rhs = {h.name: (h.lhs, h.rhs) for h in claim.hypotheses}.get(where, (claim.lhs, claim.rhs))
    other = change(rhs)
    assert other != rhs
    return claim.assuming(where, lhs, other) if where else claim.concluding(lhs, other)


def test_false_claims_are_refused(library: Path) -> None:
    """Runs with different targets, step sizes or directions, other factors, gradients that are not 0."""
    of = claims("T12")
    asked = {
        f"{name}: {what}": (of[name][0], changed(of[name][1], where, change))
        for name, what, where, change in WRONG
    }
    assert len(asked) == len(WRONG) and {name for name, *_ in WRONG} == set(of)
    assert judged(asked, library) == dict.fromkeys(asked, "refused")
