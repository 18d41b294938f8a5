"""Two indices that the parameters do not tell apart: what is assumed, what follows, on arrays too."""

from __future__ import annotations

import numpy as np
import pytest
from at_arrays import FUNCTIONS, drawn, names_of
from hidden_systems import HIDDEN
from test_symmetry import orbits_of

from symderive.derivation import derive
from symderive.derivation.training import training
from symderive.errors import SymderiveError
from symderive.evaluation.numeric import evaluate
from symderive.proof.symmetry import symmetries
from symderive.proof.ties import ties
from symderive.systems import mlp


def test_assumptions_and_conclusions_of_the_mlp() -> None:
    found = ties(mlp())
    assert [str(h) for h in found.assumptions] == [
        "equal w, index 1: w[m, p, k] = w[m, q, k] for k in 1..n[m - 1]",
        "equal w, index 2: w[m + 1, j, p] = w[m + 1, j, q] for j in 1..n[m + 1]",
        "equal b: b[m, p] = b[m, q]",
    ]
    assert [(str(k), str(lo), str(hi)) for k, lo, hi in found.context] == [
        ("m", "1", "L - 1"), ("p", "1", "n[m]"), ("q", "1", "n[m]"),
    ]  # fmt: skip
    assert {h.name for h in found.of("z")[0].hypotheses} == {
        "equal w, index 1", "equal b", "definition of z[l, j]",
    }  # fmt: skip


def test_letters_of_the_system_are_not_taken_again() -> None:
    """The system has p, q, m, r and t: the two neurons and their layer get other letters."""
    found = ties(HIDDEN["unusual_letters"]().system)
    used = {k.name for k, _, _ in found.context}
    assert used.isdisjoint({"p", "q", "m", "r", "t"}) and len(used) == 3


def test_where_a_class_is_used_names_choose_it() -> None:
    system = HIDDEN["heads"]().system
    assert [str(h.lhs) for h in ties(system, "rho").assumptions] == ["w_q[s, r, p]", "w_k[s, r, p]"]
    pi, _ = symmetries(system)
    assert ties(system, pi).index_class is pi
    for wrong in ("", "sigma"):
        with pytest.raises(SymderiveError, match="expected a class of permutable indices"):
            ties(system, wrong)


READABLE = [n for n in HIDDEN if n != "stacked_recurrent"]


@pytest.mark.parametrize("name", READABLE)
def test_tied_indices_have_equal_gradients_on_arrays(name: str) -> None:
    """The first two indices are made equal in the arrays: so are all gradients that carry them."""
    made = HIDDEN[name]()
    system, sizes = made.system, {**names_of(made.sizes), "epsilon": 0.125}
    derivation = derive(system)
    derivatives = {
        "phi": [FUNCTIONS["phi"][0], lambda z: np.cos(z) + 2 * z / 3],
        "psi": [FUNCTIONS["psi"][0], lambda z: 1 - np.sin(z)],
    }
    own = {n: f for n, f in derivatives.items() if n in {g.name for g in system.functions()}}
    seen = 0
    for orbit in orbits_of(system, sizes):
        arrays = drawn(system, sizes, 3)
        for t, sup, axis in orbit:
            a = np.moveaxis(arrays[t][sup], axis, 0)
            if len(a) > 1:
                a[1] = a[0]
        flat = {
            n: table[()] if list(table) == [()] else {s[0] if len(s) == 1 else s: a for s, a in table.items()}
            for n, table in arrays.items()
        }
        run = evaluate(derivation.as_system(), flat, sizes, functions=own)
        for t, sup, axis in orbit:
            gradient = np.moveaxis(run[(f"grad_{t}", *sup)] if sup else run[f"grad_{t}"], axis, 0)
            if len(gradient) > 1:
                assert np.allclose(gradient[0], gradient[1], rtol=1e-12, atol=1e-12)
                seen += 1
            if len(gradient) > 2:
                assert not np.allclose(gradient[0], gradient[2])
    assert seen


def test_a_class_that_is_fixed_only_at_its_ends_has_two_neurons_inside() -> None:
    """With two layers the one hidden layer is m = 1: the context's range 1..L - 1 holds it."""
    run = training(mlp(depth=2))
    (own,) = symmetries(run)
    assert {str(e.lhs) for e in ties(run, own).of("a")} == {"a[t, 1, p]"}
