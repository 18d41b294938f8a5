"""T7 and T8b in Coq: every proposition, and changed statements, which Coq refuses."""

from __future__ import annotations

from pathlib import Path

import pytest
from refusing import Claim, fates

from proofs import t7_balanced_colourings, t8_narrower_network
from symderive.calculus.terms import Entry
from symderive.coq.export import confirming
from symderive.coq.statement import statement
from symderive.library import prove

CONFIRMED = {"T7": 8, "T8b": 6}
ASSUMED = {"T7": t7_balanced_colourings.ASSUMES, "T8b": t8_narrower_network.ASSUMES}


@pytest.mark.parametrize("key", CONFIRMED)
def test_every_statement_is_refused_with_a_term_too_many_or_another_colour(key: str, library: Path) -> None:
    """And accepted as it is, by the same run: a run that refused everything would show nothing."""
    goals, expected, labels = [], [], []
    for p in prove(key).propositions:
        proving = confirming(key, p.name)
        assert proving is not None, p.name
        claim = Claim.of(p.theorem)
        changed = {"": claim, " + 1": claim.concluding(claim.lhs, claim.rhs + 1)}
        colours = {e: e.index[1] for e in claim.rhs.atoms(Entry) if e.symbol.name == "c"}
        if colours:
            changed[", neurons for colours"] = claim.concluding(claim.lhs, claim.rhs.xreplace(colours))
        sizes = {e: e + 1 for e in claim.rhs.atoms(Entry) if e.symbol.name == "M"}
        if sizes:
            changed[", one member more"] = claim.concluding(claim.lhs, claim.rhs.xreplace(sizes))
        for how, other in changed.items():
            goals.append((statement("claim", other).goal, proving))
            expected.append("refused" if how else "accepted")
            labels.append(f"{p.name}{how}")
    found = fates(goals, library)
    assert dict(zip(labels, found, strict=True)) == dict(zip(labels, expected, strict=True))
    assert expected.count("accepted") == CONFIRMED[key]


@pytest.mark.parametrize("key", CONFIRMED)
def test_without_any_one_of_its_assumptions_coq_refuses(key: str, library: Path) -> None:
    """Each assumption of the theorem left out in turn, in one proposition for each set of them."""
    goals, labels = [], []
    different = {frozenset(h.name for h in p.theorem.hypotheses): p for p in prove(key).propositions}
    for p in different.values():
        proving = confirming(key, p.name)
        assert proving is not None, p.name
        claim = Claim.of(p.theorem)
        for h in claim.hypotheses:
            if h.name in ASSUMED[key]:
                kept = tuple(g for g in claim.hypotheses if g != h)
                weaker = Claim(claim.context, kept, claim.lhs, claim.rhs)
                goals.append((statement("claim", weaker).goal, proving))
                labels.append(f"{p.name} without: {h.name}")
    found = fates(goals, library)
    assert [label for label, fate in zip(labels, found, strict=True) if fate != "refused"] == []
    assert {label.split(" without: ")[1] for label in labels} == set(ASSUMED[key])


def test_a_narrower_network_with_the_step_sizes_of_the_wide_one_is_refused(library: Path) -> None:
    """Its own step sizes are what T8b is about: without the number of members nothing of it follows."""
    goals = []
    for p in prove("T8b").propositions:
        claim = Claim.of(p.theorem)
        proving = confirming("T8b", p.name)
        assert proving is not None
        for h in claim.hypotheses:
            members = {e: 1 for e in h.rhs.atoms(Entry) if e.symbol.name == "M"}
            if members and h.name.startswith("gradient descent"):
                wrong = claim.assuming(h.name, h.lhs, h.rhs.subs(members))
                goals.append((statement("claim", wrong).goal, proving))
    assert len(goals) == 2 * 4 + 2  # the last two propositions have no biases
    assert set(fates(goals, library)) == {"refused"}


@pytest.mark.parametrize("key", CONFIRMED)
def test_what_is_printed_says_what_is_meant(key: str) -> None:
    """Equations of numbers alone have a type, and literal sizes are natural numbers."""
    printed = "\n".join(str(statement("claim", p.theorem)) for p in prove(key).propositions)
    assert "(c l j <= K l)%N%:R = 1 :> real)" in printed
    assert "\\sum_(1 <= j < (n l).+1) ((g == c l j)%N%:R) :> real)" in printed
    assert ("M (m + 1)%N g = 1%N)" in printed) == (key == "T8b")
    assert "w_bar 0%N l (c l j) :> real" not in printed
