"""The table itself: its correct passes agree with the reference's forward pass, its faulty ones do not.

This knows nothing of `symderive.verification`: who is judged by the table has no part in it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hand_written import COLUMNS, ROWS, STYLES, Backward, Style, edited
from hand_written_calls import as_arguments, as_lists, parted
from hand_written_faults import DEEP, FAULTY, SQUARE, UNEQUAL
from hand_written_settings import Setting

from symderive import reference

SAMPLES = 7


def network(s: Setting) -> reference.Network:
    probabilities = s.cost == "cross_entropy"  # the reference has softmax inside the cost
    return reference.Network(
        s.widths,
        s.hidden,
        "softmax_cross_entropy" if probabilities else s.cost,
        output="identity" if probabilities else s.output,
        reduction=s.reduction,
    )


def truth(s: Setting, seed: int) -> tuple[Any, tuple[Any, ...]]:
    """The gradients from forward passes, and weights, biases, x and y."""
    net = network(s)
    weights, biases = reference.random_parameters(net, seed)
    x, y = reference.random_data(net, SAMPLES, seed + 1)
    found = reference.gradient_forward_truth(net, weights, biases, x, y)
    assert found.skipped == 0
    regular = [g + s.weight_decay * w for g, w in zip(found.gradient.weights, weights, strict=True)]
    return (regular, found.gradient.biases), (weights, biases, x, y)


def called(backward: Backward, style: Style, s: Setting, given: tuple[Any, ...]) -> Any:
    """The gradients that a backward pass returns; None where they have no shape of gradients."""
    weights, biases, x, y = given
    if style.convention == ROWS:
        weights = [w.T.copy() for w in weights]
    elif style.convention == COLUMNS:
        biases, x, y = [b[:, None] for b in biases], x.T.copy(), y.T.copy()
    found = backward(*as_arguments(style.form, weights, biases), x, y)
    dW, db = as_lists(parted(found)[1], s, style.convention)
    return [w.T if style.convention == ROWS else w for w in dW], [np.squeeze(b) for b in db]


def distance(found: Any, right: Any) -> float:
    """The largest difference relative to the largest entry of that array; infinite where shapes differ."""
    worst = 0.0
    for some, true in zip([*found[0], *found[1]], [*right[0], *right[1]], strict=True):
        if np.shape(some) != np.shape(true):
            return np.inf
        worst = max(worst, float(np.max(np.abs(np.asarray(some) - true)) / np.max(np.abs(true))))
    return worst


@pytest.mark.parametrize("widths", [UNEQUAL, SQUARE, DEEP], ids=str)
@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
def test_the_correct_passes_are_correct(style: Style, widths: tuple[int, ...]) -> None:
    for cost in style.costs:
        s = Setting(**{**vars(style.setting(widths)), "cost": cost,
                       **({"output": "softmax"} if cost == "cross_entropy" else {})})  # fmt: skip
        right, given = truth(s, seed=3)
        assert distance(called(style.make(s), style, s, given), right) < 1e-12


@pytest.mark.parametrize("row", FAULTY, ids=lambda row: row.label)
def test_the_faulty_passes_are_faulty(row: Any) -> None:
    backward = row.make()
    errors = []
    for seed in (3, 5):  # what remembers the first call is right then, and wrong at the second
        right, given = truth(row.setting, seed)
        errors.append(distance(called(backward, row.style, row.setting, given), right))
    assert errors[1] > 1e-3
    assert errors[0] > 1e-3 or row.expected == (frozenset({"stale"}),)


def test_there_are_enough_of_them_and_all_differ() -> None:
    assert len(STYLES) >= 12 and len(FAULTY) >= 48
    assert len({(row.style.name, row.setting, row.edits) for row in FAULTY}) == len(FAULTY)
    assert {row.setting.widths for row in FAULTY} == {UNEQUAL, SQUARE, DEEP}
    assert {row.style.name for row in FAULTY} == set(STYLES)
    assert sum(len(row.expected) > 1 for row in FAULTY) >= 6


def test_an_edit_that_finds_nothing_is_an_error() -> None:
    with pytest.raises(ValueError, match="expected 'no such code' once, found it 0 times"):
        edited(STYLES["caches"].make, (("no such code", ""),))


def test_a_diagnosis_counts_only_if_it_names_each_fault_and_nothing_else() -> None:
    row = next(row for row in FAULTY if row.expected == (frozenset({"sign"}), frozenset({"bias_mean"})))
    assert row.diagnosed(("bias_mean", "sign"))
    for faults in ((), ("sign",), ("sign", "bias_mean", "factor"), ("factor",)):
        assert not row.diagnosed(faults)
