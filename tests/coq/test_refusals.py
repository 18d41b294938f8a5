"""Coq refuses what is wrong: typos in every derived equation and statement, the wrong formulas of T2."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from refusing import Claim, fates
from sympy import Expr
from typos import KINDS, mutants

from symderive.calculus.normal_form import equal
from symderive.calculus.terms import Entry, IndexSum
from symderive.claims.crosscheck import CrossCheck
from symderive.coq.export import Refused, confirm, confirming, export_sequent
from symderive.coq.statement import statement
from symderive.errors import SymderiveError
from symderive.latex import LatexError, parse_equation
from symderive.library import prove
from symderive.proof.kernel import Theorem

SEED = 20_260
TYPOS = 210
DERIVED = (
    "delta of a hidden layer", "delta of the last layer", "gradient of the weights", "gradient of the biases",
)  # fmt: skip


def equations() -> Iterator[tuple[str, Theorem, str]]:
    """Each theorem with the name of what is to be changed: a derived definition, or "" for its conclusion."""
    for key in ("T1", "T2", "T2b", "T3", "T4", "T5", "T6", "T7", "T8", "T8b", "T11", "T12", "T19"):
        for p in prove(key).propositions:
            yield f"{key} {p.name}", p.theorem, ""
            if p.name == "total differential":  # what follows for one weight says nothing of the biases
                for name in DERIVED:
                    yield f"{key} {p.name}", p.theorem, name


def changed(theorem: Theorem, what: str, lhs: Expr, rhs: Expr) -> Claim:
    claim = Claim.of(theorem)
    return claim.assuming(what, lhs, rhs) if what else claim.concluding(lhs, rhs)


def test_every_typo_is_refused(library: Path) -> None:
    """Typos in the LaTeX of an equation that still read as one, printed for Coq with all else right."""
    rng = random.Random(SEED)
    goals, labels, unprinted = [], [], Counter[str]()
    for where, theorem, what in equations():
        key, name = where.split(" ", 1)
        proving = confirming(key, name)
        assert proving is not None, where
        terms = [e for h in theorem.hypotheses for e in (h.lhs, h.rhs)] + [theorem.lhs, theorem.rhs]
        cross = CrossCheck(terms, (), {}, SEED)
        (hypothesis,) = [h for h in theorem.hypotheses if h.name == what] or [None]
        lhs, rhs = (theorem.lhs, theorem.rhs) if hypothesis is None else (hypothesis.lhs, hypothesis.rhs)
        context = theorem.context if hypothesis is None else type(theorem.context).of(*hypothesis.indices)
        shown = cross.printed(lhs, rhs, context)
        for kind in KINDS:
            found = mutants(kind, (shown.lhs, shown.rhs))
            for text in rng.sample(found, min(2, len(found))):
                try:
                    left, right = parse_equation(" = ".join(text), cross.table, cross.notation)
                    if equal(left, lhs) and equal(right, rhs):
                        continue
                    if not what and equal(left, right):
                        continue  # x = x is no false claim: b_i = b_i for b_j = b_i is the theorem at j = i
                    goal = statement("claim", changed(theorem, what, left, right)).goal
                except (LatexError, SymderiveError):
                    unprinted[kind] += 1  # says nothing, or nothing that has a form in Coq
                    continue
                goals.append((goal, proving))
                labels.append((kind, where, what, " = ".join(text)))
    kept = sorted(rng.sample(range(len(goals)), min(TYPOS, len(goals))))
    goals, labels = [goals[n] for n in kept], [labels[n] for n in kept]
    found_fates = fates(goals, library)
    counts = Counter((kind, fate) for (kind, *_), fate in zip(labels, found_fates, strict=True))
    for kind in KINDS:
        print(f"{kind:>20}", *(f"{counts[kind, f]:>4} {f}" for f in ("refused", "ill typed", "accepted")))
    print(len(goals), "asked; not printed:", unprinted)
    accepted = [label for label, fate in zip(labels, found_fates, strict=True) if fate == "accepted"]
    assert accepted == []
    assert len(goals) >= 200
    assert sum(n for (_, fate), n in counts.items() if fate == "refused") >= 200


def test_what_is_right_is_accepted_by_the_same_run(library: Path) -> None:
    """Else the test above could not fail."""
    goals = []
    for where, theorem, what in equations():
        if not what:
            proving = confirming(*where.split(" ", 1))
            assert proving is not None
            goals.append((statement("claim", Claim.of(theorem)).goal, proving))
    assert set(fates(goals, library)) == {"accepted"}
    assert fates([("False", "T3_cost"), ("nonsense", "T3_cost")], library) == ["refused", "ill typed"]


def test_the_delta_without_its_sum_is_refused(library: Path) -> None:
    """delta^l_j = delta^{l+1}_j sigma'(z^l_j), as it is widely written."""
    theorem = next(p.theorem for p in prove("T2").propositions if p.name == "one weight")
    (hidden,) = (h for h in theorem.hypotheses if h.name == "delta of a hidden layer")
    (total,) = hidden.rhs.atoms(IndexSum)
    delta = next(e for e in total.atoms(Entry) if e.symbol.name == "delta")
    l, j = hidden.lhs.index
    wrong = hidden.rhs.xreplace({total: delta.symbol[l + 1, j]})
    claim = Claim.of(theorem).assuming(hidden.name, hidden.lhs, wrong)
    with pytest.raises(Refused, match="Coq refuses it"):
        confirm(export_sequent("without_its_sum", claim, "T2_one_weight"))


def test_the_update_without_its_sum_is_refused(library: Path) -> None:
    """Delta w^{L-1}_{jk} without the sum over the last layer and its weights."""
    theorem = next(p.theorem for p in prove("T2").propositions if p.name == "last hidden layer")
    (total,) = theorem.rhs.atoms(IndexSum)
    k = total.fresh(theorem.rhs.free_symbols)
    body = total.open(k)
    (weight,) = (e for e in body.atoms(Entry) if e.symbol.name == "w")
    j = theorem.lhs.index[1]
    wrong = theorem.rhs.xreplace({total: (body / weight).xreplace({k: j})})
    assert wrong != theorem.rhs
    claim = Claim.of(theorem).concluding(theorem.lhs, wrong)
    with pytest.raises(Refused, match="Coq refuses it"):
        confirm(export_sequent("without_its_sum", claim, "T2_last_hidden_layer"))
