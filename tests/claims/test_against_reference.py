"""Derived equations against the hand-written network: wrong ones fail, kinks are left out and said."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sympy import Expr, Integer

from symderive import reference
from symderive.calculus import IndexSum, indices
from symderive.claims import against_reference
from symderive.claims.against_reference import Comparison, Data, compare, evaluation, relative_error
from symderive.claims.derivation import check_derivation
from symderive.claims.evidence import CheckFailed
from symderive.derivation import Derivation, derive
from symderive.errors import SymderiveError
from symderive.systems import Definition, mlp

WIDTHS = (4, 5, 3)
NETWORK = reference.Network(WIDTHS, "tanh", "squared_error", reduction="mean")
DATA = Data.random(NETWORK, 6, seed=1)


def derived(samples: Any = "B", **more: Any) -> Derivation:
    settings = {"widths": WIDTHS, "activation": "tanh", "cost": "squared_error", "samples": samples} | more
    return derive(mlp(**settings))


BATCH = derived()


def equations(d: Derivation, change: dict[str, Any] | None = None) -> list[Definition]:
    """All definitions; `change` maps the name of a tensor to what becomes of its right side."""
    found = []
    for e in (*d.system.definitions, *d.definitions):
        made = (change or {}).get(e.symbol.name)
        found.append(e if made is None else Definition(e.lhs, made(e.rhs), e.indices, e.name))
    return found


def test_derived_gradients_agree_to_rounding() -> None:
    found = compare(equations(BATCH), BATCH.system, NETWORK, DATA)
    assert set(found.errors) == {
        ("C", 0),
        *((name, m) for name in ("delta", "grad_w", "grad_b") for m in (1, 2)),
    }
    assert found.method == "complex step" and found.samples == 6 and found.skipped == 0
    assert 0 < found.worst < 1e-13
    found.require()


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("delta", lambda e: -e),
        ("delta", lambda e: 2 * e),
        ("delta", lambda e: e * (1 + Integer(10) ** -8)),
        ("grad_w", lambda e: e + Integer(10) ** -7),
        ("grad_b", lambda e: e / 2),
        ("C", lambda e: e + Integer(10) ** -8),
        ("a", lambda e: e + Integer(10) ** -8),
        ("z", lambda e: e * (1 + Integer(10) ** -8)),
    ],
)
def test_a_wrong_definition_fails_the_check(name: str, wrong: Any) -> None:
    found = compare(equations(BATCH, {name: wrong}), BATCH.system, NETWORK, DATA)
    with pytest.raises(CheckFailed, match=r"of layer \d: relative error .* expected at most 1e-09"):
        found.require()


def test_a_transposed_weight_fails_although_shapes_agree() -> None:
    """In a network of equal widths nothing but the numbers tells w_{jk} from w_{kj}."""
    d = derived(widths=(3, 3, 3))
    network = reference.Network((3, 3, 3), "tanh", "squared_error", reduction="mean")
    data = Data.random(network, 4, seed=1)
    w = d.system.tensor("w")
    j, k = indices("j k")

    def transposed(e: Expr) -> Expr:
        rule = {
            s: IndexSum(s.open(k).xreplace({w[2, k, j]: w[2, j, k]}), (k, 1, 3)) for s in e.atoms(IndexSum)
        }
        return e.xreplace(rule)

    assert compare(equations(d), d.system, network, data).worst < 1e-13
    with pytest.raises(CheckFailed, match="delta of layer 1"):
        compare(equations(d, {"delta": transposed}), d.system, network, data).require()


def test_a_whole_derivation_that_disagrees_is_refused() -> None:
    """Against another network than the one that was derived: another activation, another factor."""
    for other in (
        reference.Network(WIDTHS, "sigmoid", "squared_error", reduction="mean"),
        reference.Network(WIDTHS, "tanh", "squared_error", reduction="sum"),
        reference.Network(WIDTHS, "tanh", "squared_error", reduction="mean", factor=0.25),
    ):
        with pytest.raises(CheckFailed, match="relative error"):
            check_derivation(BATCH, [(other, DATA)], seed=1)
    assert check_derivation(BATCH, [(NETWORK, DATA)], seed=1).comparisons[0].worst < 1e-13


@pytest.mark.parametrize(
    ("found", "truth", "error"),
    [
        ([1.0, 2.0], [1.0, 2.0], 0.0),
        ([1.0, 2.0], [1.0, 4.0], 0.5),
        ([0.0, 0.0], [0.0, 0.0], 0.0),
        ([1e-3], [0.0], 1e-3),
        ([1.0, 9.0], [1.0, np.nan], 0.0),
        ([np.nan], [np.nan], 0.0),
        ([[1.0, 2.0]], [1.0, 2.0], np.inf),
        ([1.0], [1.0, 1.0], np.inf),
    ],
)
def test_relative_errors(found: Any, truth: Any, error: float) -> None:
    assert relative_error(np.array(found), np.array(truth)) == error


def test_a_result_that_is_not_a_number_is_no_agreement() -> None:
    assert not relative_error(np.array([np.nan, 1.0]), np.array([1.0, 1.0])) <= 1e300
    with pytest.raises(CheckFailed, match="relative error nan"):
        Comparison({("delta", 1): float("nan")}, "complex step", 1, 0, 1).require()


@pytest.mark.parametrize(("method", "tolerance"), [("complex step", 1e-9), ("central differences", 1e-6)])
def test_each_method_is_held_to_its_own_tolerance(method: str, tolerance: float) -> None:
    Comparison({("delta", 1): tolerance}, method, 1, 0, 1).require()
    with pytest.raises(
        CheckFailed, match=f"against the {method} of the reference, expected at most {tolerance:g}"
    ):
        Comparison({("delta", 1): 1.1 * tolerance}, method, 1, 0, 1).require()


def test_evidence_says_method_samples_and_what_was_left_out() -> None:
    one = Comparison({("delta", 1): 1e-12, ("delta", 2): 3e-12}, "central differences", 6, 2, 7, rows=150)
    text = str(one.evidence("delta"))
    assert "central differences of the NumPy reference, 6 of 150 samples" in text
    assert "2 entries next to a kink left out" in text
    assert one.evidence("delta").error == 3e-12 and one.evidence("delta", 1).error == 1e-12
    assert one.evidence("delta").seed == 7
    assert "left out" not in str(replace(one, skipped=0).evidence("delta"))


# ------------------------------------------------------------------------------------------- kinks


def test_entries_next_to_a_kink_are_left_out_counted_and_nothing_else_is() -> None:
    """Biases that put z at ReLU's kink: central differences know no derivative there, and it is said."""
    d = derived(activation="relu", samples=None)
    network = reference.Network(WIDTHS, "relu", "squared_error")
    data = Data.random(network, 1, seed=2)
    z = data.weights[0] @ data.x[0]
    biases = [data.biases[0].copy(), data.biases[1]]
    biases[0][1] = -z[1]  # z^1_2 = 0
    at_kink = replace(data, biases=biases)
    found = compare(equations(d), d.system, network, at_kink)
    assert found.method == "central differences"
    assert found.skipped >= 5  # delta^1_2, its bias, its four weights
    found.require()
    assert f"{found.skipped} entries next to a kink left out" in str(found.evidence("delta"))
    assert compare(equations(d), d.system, network, data).skipped == 0
    with pytest.raises(CheckFailed):
        compare(equations(d, {"delta": lambda e: -e}), d.system, network, at_kink).require()


# ------------------------------------------------------------------------------- samples and shapes


def test_one_sample_is_the_first_sample() -> None:
    d = derived(samples=None)
    one = compare(equations(d), d.system, NETWORK, DATA)
    assert one.samples == 1
    one.require()
    first = replace(DATA, x=DATA.x[:1], y=DATA.y[:1])
    assert compare(equations(d), d.system, NETWORK, first).errors == one.errors


def test_arrays_of_other_widths_are_refused() -> None:
    other = Data.random(reference.Network((4, 6, 3), "tanh", "squared_error"), 6, seed=1)
    with pytest.raises(SymderiveError):
        compare(equations(BATCH), BATCH.system, NETWORK, other)


def test_affordable_takes_a_seeded_choice_of_many_samples() -> None:
    network = reference.Network((100, 30, 10), "tanh", "squared_error")
    data = Data.random(network, 5000, seed=4)
    some = data.affordable()
    assert some.rows == 5000 and 20 <= len(some.x) < 5000
    assert len(some.x) * 3340 <= against_reference.BUDGET
    assert np.array_equal(some.x, data.affordable().x)
    assert not np.array_equal(some.x, replace(data, seed=5).affordable().x)
    at = [int(np.flatnonzero((data.x == row).all(axis=1))[0]) for row in some.x]
    assert np.array_equal(data.y[at], some.y) and len(set(at)) == len(at)
    few = replace(data, x=data.x[:50], y=data.y[:50])
    assert few.affordable() is few and few.rows is None


def test_every_layer_of_a_symbolic_network_is_evaluated() -> None:
    d = derive(mlp())
    network = reference.Network((4, 3, 5, 2), "tanh", "squared_error")
    data = Data.random(network, 1, seed=3)
    run = evaluation(equations(d), d.system, network, data)
    assert [run["delta", m].shape for m in (1, 2, 3)] == [(3,), (5,), (2,)]
    assert [run["grad_w", m].shape for m in (1, 2, 3)] == [(3, 4), (5, 3), (2, 5)]
    assert compare(equations(d), d.system, network, data).worst < 1e-13


# ------------------------------------------------------------------------------- nothing to compare with


def test_an_error_of_zero_is_not_read_off_nothing() -> None:
    """All samples sit on the kink of ReLU: no entry is compared, so nothing is known."""
    network = reference.Network((2, 3), "relu", "squared_error", reduction="mean")
    d = derive(mlp(widths=(2, 3), activation="relu", cost="squared_error", samples="B"))
    data = Data([np.ones((3, 2))], [np.zeros(3)], np.zeros((4, 2)), np.ones((4, 3)))
    with pytest.raises(SymderiveError, match=r"delta of layer 1 away from kinks, found none"):
        compare(equations(d), d.system, network, data)
    moved = replace(data, biases=[np.array([0.5, 0.0, 0.0])])
    assert compare(equations(d), d.system, network, moved).skipped > 0


@pytest.mark.parametrize("size", [1e200, 1e300])
@pytest.mark.filterwarnings("error")
def test_an_overflow_is_the_fault_of_the_data(size: float) -> None:
    network = reference.Network(WIDTHS, "identity", "squared_error", reduction="mean")
    d = derived(activation="identity")
    with pytest.raises(SymderiveError, match=r"expected a finite cost, found (inf|nan)") as refused:
        compare(equations(d), d.system, network, replace(DATA, x=DATA.x * size))
    assert not isinstance(refused.value, CheckFailed)
