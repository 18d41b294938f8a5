"""T11 in Coq: every proposition, and changed statements, which Coq refuses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from refusing import Claim, claims, fates, judged
from sympy import Expr

from proofs.linear_flow import AT_REST, FLOW, INTEGRAL
from symderive.calculus.terms import Entry
from symderive.coq.statement import Statement, statement

CONFIRMED = 22
HERE = ""  # the conclusion
FLOW_W, FLOW_V = FLOW
# what is called both terms is a step of the proof of the kernel
UNUSED = {"limit without: both terms"}
EXP = {
    "0": "(exp_of_0 : exp 0 = 1)",
    "sum": "(exp_of_a_sum : forall u v : real, exp (u + v) = exp u * exp v)",
    "slope": "(exp_differentiable : forall u : real, deriv u exp (exp u))",
}
ROOT = {
    "sign": "(sqrt_is_not_negative : forall u : real, 0 <= u -> 0 <= sqrt u)",
    "square": "(sqrt_squared : forall u : real, 0 <= u -> sqrt u ^+ 2 = u)",
}
# the laws of exp and sqrt that a proposition needs
LAWS = {
    "sums solved": ("0", "sum"),
    "differences solved": ("0", "sum"),
    "equal sums stay equal": ("0", "sum"),
    "equal differences stay equal": ("0", "sum"),
    "product": ("0", "sum"),
    "one equation": ("0", "sum"),
    "limit": ("0", "sum", "sign", "square"),
    "Saxe's quantity": ("0", "sum", "slope"),
    "Saxe's formula": ("0", "sum"),
}
Change = Callable[[Expr], Expr]


def test_each_statement_is_refused_with_a_term_too_many_or_without_a_hypothesis(library: Path) -> None:
    """And accepted as it is, by the same run; all but one hypothesis that is printed is needed."""
    asked, expected = {}, {}
    for name, (proving, claim) in claims("T11").items():
        changed = {name: claim, f"{name} + 1": claim.concluding(claim.lhs, claim.rhs + 1)}
        changed |= {f"{name} without: {h.name}": claim.without(h.name) for h in claim.hypotheses}
        for label, other in changed.items():
            asked[label] = (proving, other)
            expected[label] = "accepted" if label == name or label in UNUSED else "refused"
    assert judged(asked, library) == expected
    assert list(expected.values()).count("accepted") == CONFIRMED + len(UNUSED)


def test_the_laws_of_exponential_and_root_are_needed_where_they_are_named(library: Path) -> None:
    """They are printed wherever exp or sqrt occurs; a statement that needs none is accepted without it."""
    goals, expected, labels = [], [], []
    for name, (proving, claim) in claims("T11").items():
        printed = statement("claim", claim)
        for label, law in (EXP | ROOT).items():
            if law in printed.binders:
                kept = Statement(
                    printed.name, tuple(b for b in printed.binders if b != law), printed.conclusion
                )
                goals.append((kept.goal, proving))
                labels.append(f"{name} without the law: {label}")
                expected.append("refused" if label in LAWS.get(name, ()) else "accepted")
        assert not set(LAWS.get(name, ())) - {k for k, v in (EXP | ROOT).items() if v in printed.binders}
    assert dict(zip(labels, fates(goals, library), strict=True)) == dict(zip(labels, expected, strict=True))


def times(name: str, factor: int) -> Change:
    """The entries of this name multiplied."""
    return lambda e: e.xreplace({x: factor * x for x in e.atoms(Entry) if x.symbol.name == name})


def more(e: Expr) -> Expr:
    """A term too many."""
    return e + 1


def opposite(e: Expr) -> Expr:
    """The opposite."""
    return -e


# proposition, what is wrong with it, where, and what is changed there; each of these claims is false
WRONG: tuple[tuple[str, str, str, Change], ...] = (
    ("gradient of the incoming weights", "another strength", "strength", times("y", 2)),
    ("gradient of the outgoing weights", "another strength", "strength", times("y", 2)),
    ("equation of the sums", "incoming weights go uphill", FLOW_W, opposite),
    ("equation of the sums", "they shrink", HERE, opposite),
    ("equation of the differences", "outgoing weights go uphill", FLOW_V, opposite),
    ("equation of the differences", "they grow", HERE, opposite),
    ("products are conserved", "outgoing weights go uphill", FLOW_V, opposite),
    ("sums against the exponential", "the opposite integral", INTEGRAL, opposite),
    ("differences against the exponential", "the opposite integral", INTEGRAL, opposite),
    ("sums solved", "the opposite exponent", HERE, times("theta", -1)),
    ("differences solved", "the opposite exponent", HERE, times("theta", -1)),
    ("ratios are conserved", "another start", HERE, times("p_0", 2)),
    ("a gap grows with its neurons", "it shrinks", HERE, opposite),
    ("equal sums were always equal", "opposite sums", "equal sums at one time", opposite),
    ("equal sums were always equal", "they were opposite", HERE, opposite),
    (
        "equal differences were always equal",
        "opposite differences",
        "equal differences at one time",
        opposite,
    ),
    ("equal sums stay equal", "they were opposite", "equal sums at the start", opposite),
    ("equal differences stay equal", "they were opposite", "equal differences at the start", opposite),
    ("product", "another size", "size of the sums", times("p_0", 2)),
    ("product", "the sum of both", HERE, times("R", -1)),
    ("one equation", "the opposite integral", INTEGRAL, opposite),
    ("one equation", "the opposite size", HERE, times("R", -1)),
    ("limit", "no rest", AT_REST, times("u", 2)),
    ("limit", "another root", HERE, times("D", -1)),
    ("equation of the product", "incoming weights go uphill", FLOW_W, opposite),
    ("equation of the product", "the error is added", HERE, times("s", -1)),
    ("Saxe's equation", "opposite weights", "balanced weights", opposite),
    ("Saxe's equation", "half the rate", HERE, lambda e: e / 2),
    ("Saxe's quantity", "twice the time", "time", lambda e: 2 * e),
    ("Saxe's quantity", "inputs move", "inputs are fixed", more),
    ("Saxe's quantity", "targets move", "targets are fixed", more),
    ("Saxe's quantity", "weights are opposite", "balanced weights", opposite),
    ("Saxe's formula", "another start", "start of Saxe's quantity", times("s", 2)),
    ("Saxe's formula", "another strength", HERE, times("s", 2)),
)


def changed(claim: Claim, where: str, change: Change) -> Claim:
    """The claim with the right side of its conclusion or of a hypothesis changed."""
    lhs, rhs = {h.name: (h.lhs, h.rhs) for h in claim.hypotheses}.get(where, (claim.lhs, claim.rhs))
    other = change(rhs)
    assert other != rhs
    return claim.assuming(where, lhs, other) if where else claim.concluding(lhs, other)


def test_false_claims_are_refused(library: Path) -> None:
    """Flows uphill, other roots, sizes and strengths, weights that are opposite, data that move."""
    of = claims("T11")
    asked = {
        f"{name}: {what}": (of[name][0], changed(of[name][1], where, change))
        for name, what, where, change in WRONG
    }
    assert len(asked) == len(WRONG) and {name for name, *_ in WRONG} == set(of)
    assert judged(asked, library) == dict.fromkeys(asked, "refused")
