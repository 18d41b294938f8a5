"""T11 to T14 rest on what is declared for each proposition; their chains begin and end as they say."""

from __future__ import annotations

import pytest
from declared_training import TRAINING

import proofs

KEYS = {key for key, _ in TRAINING}


def test_every_proposition_is_declared() -> None:
    assert {(key, p.name) for key in KEYS for p in proofs.find(key).prove().propositions} == set(TRAINING)


@pytest.mark.parametrize(("key", "name"), TRAINING)
def test_a_proposition_rests_on_what_is_declared(key: str, name: str) -> None:
    (p,) = (p for p in proofs.find(key).prove().propositions if p.name == name)
    audit = p.theorem.audit()
    assert {h.name for h in p.theorem.hypotheses} == TRAINING[key, name]
    assert audit["induction"] == ()
    # what of analysis is cited says so in its name
    assert all("theorem" in h.name for h in audit["citation"])
    for argument in p.arguments:
        assert argument.start == argument.theorem.lhs
        assert argument.lines[-1][0] == argument.theorem.rhs


def test_only_t11_cites() -> None:
    cited = {key for key in KEYS for h in proofs.find(key).prove().hypotheses() if h.kind == "citation"}
    assert cited == {"T11"}
