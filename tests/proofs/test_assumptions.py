"""What a theorem assumes is declared in its module, before its proof: the audit of every proposition agrees.

`ASSUMES` names the assumptions and citations of a module's propositions. Beside these a theorem rests on
definitions alone, and a definition defines: on its left an entry, at each of its indices.
"""

from __future__ import annotations

from types import ModuleType

import pytest
from sympy import Symbol

import proofs
from symderive.calculus import Entry
from symderive.proof.kernel import Hypothesis, Theorem

MODULES = {m.KEY: m for m in proofs.library()}


def undeclared(module: ModuleType, t: Theorem) -> list[str]:
    """The hypotheses of a theorem that are neither definitions nor declared."""
    found = t.audit()
    assert frozenset(h for hs in found.values() for h in hs) == t.hypotheses
    beside = [*found["assumption"], *found["citation"], *found["induction"]]
    return [h.name for h in beside if h.kind == "induction" or h.name not in module.ASSUMES]


def defines(h: Hypothesis) -> bool:
    """Whether the hypothesis says of each entry on its left what it is, and not of the same entry twice."""
    own = {k for k, _, _ in h.indices}
    return isinstance(h.lhs, Entry) and h.lhs.symbol.kind == "real" and own <= h.lhs.free_symbols


@pytest.mark.parametrize("key", MODULES)
def test_each_proposition_assumes_what_its_module_declares(key: str) -> None:
    module, used = MODULES[key], set()
    for p in module.prove().propositions:
        assert undeclared(module, p.theorem) == [], p.name
        audit = p.theorem.audit()
        assert [h.name for h in audit["definition"] if not defines(h)] == [], p.name
        used |= {h.name for h in (*audit["assumption"], *audit["citation"])}
    assert len(set(module.ASSUMES)) == len(module.ASSUMES)
    assert used == set(module.ASSUMES)  # nothing is declared that no proposition assumes


def test_an_assumption_that_is_not_declared_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    module = MODULES["T3"]
    t = module.prove().propositions[-1].theorem
    monkeypatch.setattr(module, "ASSUMES", tuple(n for n in module.ASSUMES if n != "permuted biases"))
    assert undeclared(module, t) == ["permuted biases"]


def test_what_is_called_a_definition_and_is_none_is_found() -> None:
    """phi(z) = 0 constrains a function, and x_j = y_k for all j and k constrains y."""
    t = MODULES["T1"].prove().propositions[0].theorem
    (h,) = (h for h in t.hypotheses if h.name == "activation")
    turned = h._replace(lhs=h.rhs, rhs=h.lhs)
    assert defines(h) and not defines(turned)
    more = ((Symbol("i", integer=True), h.indices[0][1], h.indices[0][2]), *h.indices)
    assert not defines(h._replace(indices=more))
