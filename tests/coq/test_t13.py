"""T13 in Coq: every proposition, and changed statements, which Coq refuses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from refusing import Claim, claims, judged
from sympy import Expr, Integer

from proofs.t13_tied_on_xor import CASES, SIGNS
from proofs.tied_network import MONOTONE
from symderive.calculus.terms import Entry
from symderive.coq.statement import statement

CONFIRMED = 8
HERE = ""  # the conclusion
FIRST, SECOND = (
    {sign: f"the {which} difference {said}" for sign, said in SIGNS.items()} for which in ("first", "second")
)
Change = Callable[[Expr], Expr]


def test_each_statement_is_refused_with_a_term_too_many_or_without_a_hypothesis(library: Path) -> None:
    """And accepted as it is, by the same run; every hypothesis that is printed is needed."""
    asked, expected = {}, {}
    for name, (proving, claim) in claims("T13").items():
        changed = {name: claim, f"{name} + 1": claim.concluding(claim.lhs, claim.rhs + 1)}
        changed |= {f"{name} without: {h.name}": claim.without(h.name) for h in claim.hypotheses}
        for label, other in changed.items():
            asked[label] = (proving, other)
            expected[label] = "accepted" if label == name else "refused"
    assert judged(asked, library) == expected
    assert list(expected.values()).count("accepted") == CONFIRMED


def test_widths_are_positive_up_to_the_layer_of_the_outputs() -> None:
    """Positive up to some L that has nothing to do with M, a layer might have no neuron 1."""
    for name, (_, claim) in claims("T13").items():
        binders = statement(name, claim).binders
        assert "(n_positive : forall l : nat, (l <= M + 1)%N -> (0 < n l)%N)" in binders
        assert "(M : nat)" in binders and "(M_positive : (0 < M)%N)" in binders


def entries(e: Expr, name: str) -> set[Entry]:
    """The entries of this name in a term."""
    found = {x for x in e.atoms(Entry) if x.symbol.name == name}
    assert found
    return found


def times(name: str, factor: int) -> Change:
    """Every entry of this name multiplied."""
    return lambda e: e.xreplace({x: factor * x for x in entries(e, name)})


def gone(name: str) -> Change:
    """Every entry of this name replaced by 1."""
    return lambda e: e.xreplace({x: Integer(1) for x in entries(e, name)})


def changed(claim: Claim, where: str, change: Change) -> Claim:
    """The claim with the right side of its conclusion or of a hypothesis changed."""
    lhs, rhs = {h.name: (h.lhs, h.rhs) for h in claim.hypotheses}.get(where, (claim.lhs, claim.rhs))
    other = change(rhs)
    assert other != rhs
    return claim.assuming(where, lhs, other) if where else claim.concluding(lhs, other)


# of the layers below the bounds: proposition, what is wrong with it, where, and what is changed there
WRONG: tuple[tuple[str, str, str, Change], ...] = (
    ("one neuron, weighted input", "opposite neurons", HERE, lambda e: -e),
    ("one neuron", "opposite neurons", HERE, lambda e: -e),
    ("one linear form", "falling", HERE, times("rho", -1)),
    ("one linear form", "falling activations", MONOTONE, lambda e: -e),
    ("one linear form", "no slope of the layers", HERE, gone("P")),
    ("one linear form", "another sum of weights", "sum of the outgoing weights", times("omega", 2)),
    ("monotone output", "falling", HERE, times("kappa", -1)),
    ("monotone output", "falling activations", MONOTONE, lambda e: -e),
    ("monotone output", "another slope", "slope of an output", times("w", 2)),
    ("monotone output", "steeper", "slope of an output between two samples", times("m", 2)),
)  # fmt: skip


def test_false_claims_on_one_linear_form_are_refused(library: Path) -> None:
    """Neurons that oppose each other, slopes of the other sign or of another size."""
    of = claims("T13")
    asked = {
        f"{name}: {what}": (of[name][0], changed(of[name][1], where, change))
        for name, what, where, change in WRONG
    }
    assert len(asked) == len(WRONG)
    assert judged(asked, library) == dict.fromkeys(asked, "refused")


def test_another_bound_is_refused_in_every_case(library: Path) -> None:
    """A fourth or an eighth of the outputs; another cost; other targets; the differences of another case."""
    asked: dict[str, tuple[str, Claim]] = {}
    of = claims("T13")
    for case in CASES:
        name = f"bound, {case.name}"
        proving, claim = of[name]
        (outputs,) = (e for e in claim.rhs.args if not e.atoms(Entry) - entries(claim.rhs, "n"))
        first, second = FIRST[case.first], SECOND[case.second]
        wrong: dict[str, Claim] = {
            "a fourth": changed(claim, HERE, lambda e, n=outputs: e + n / 2),  # type: ignore[misc]
            "an eighth": changed(claim, HERE, lambda e, n=outputs: e - n / 4),  # type: ignore[misc]
            "another cost": changed(claim, "cost", lambda e: 2 * e),
            "other targets": changed(claim, "targets of XOR", lambda e: 1 - e),
            "the first difference has the other sign": changed(claim, first, lambda e: -e),
            "the second difference has the other sign": changed(claim, second, lambda e: -e),
            "falling activations": changed(claim, MONOTONE, lambda e: -e),
        }
        if "a parallelogram" in {h.name for h in claim.hypotheses}:
            wrong["no parallelogram"] = changed(claim, "a parallelogram", lambda e: 2 * e)
        asked |= {f"{name}: {what}": (proving, other) for what, other in wrong.items()}
    assert len(asked) == 7 * 4 + 3
    assert judged(asked, library) == dict.fromkeys(asked, "refused")
