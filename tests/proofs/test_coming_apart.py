"""T9 and T10, not yet in the list of the library: proved, replayed, and what they rest on."""

from __future__ import annotations

from types import ModuleType

import pytest

from proofs import attracting_or_repelling, never_merge, tied_inertia
from symderive.proof.certificate import certificate, named_theorems
from symderive.proof.checker import CheckerError, replay

MODULES = (never_merge, attracting_or_repelling, tied_inertia)


@pytest.mark.parametrize("module", MODULES, ids=lambda m: m.KEY)
def test_it_is_proved_and_replayed(module: ModuleType) -> None:
    proved = module.prove()
    theorems = named_theorems(proved)
    text = certificate(theorems)
    replayed = replay(text)
    assert set(replayed.theorems) == set(theorems) and replayed.steps > 50
    statement = proved.propositions[-1].theorem
    broken = text.replace('"rule": "vanishing"', '"rule": "symmetry"') if '"vanishing"' in text else ""
    if broken:
        with pytest.raises(CheckerError):
            replay(broken)
    kinds = {h.kind for h in statement.hypotheses}
    assert kinds <= {"definition", "assumption", "citation"}


def test_only_the_gradient_flow_cites() -> None:
    """That a function whose derivative has a sign is monotone; all else is derived."""
    cited = {h.name for m in MODULES for h in m.prove().hypotheses() if h.kind == "citation"}
    assert cited == {"mean value theorem"}
