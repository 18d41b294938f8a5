"""The worked counterexample: its numbers are executed again, its right value comes from forward passes."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from backward_passes import columns, rows

from symderive import reference
from symderive.testing import check_gradient
from symderive.verification.cases import random_case
from symderive.verification.example import Asked, smallest
from symderive.verification.layout import Layout
from symderive.verification.network import network_of
from symderive.verification.quantities import quantities
from symderive.verification.reading import read

NETWORKS: dict[str, dict[str, Any]] = {
    "tanh": {"widths": [4, 5, 3], "activation": "tanh", "cost": "squared_error"},
    "relu": {
        "widths": [3, 4, 2],
        "activation": "relu",
        "output_activation": "identity",
        "cost": "squared_error",
    },
    "softmax": {"widths": [3, 4, 3], "activation": "sigmoid", "cost": "cross_entropy"},
}
OUTPUT = {"tanh": ("tanh", "tanh"), "relu": ("relu", "identity"), "softmax": ("sigmoid", "softmax")}
SPOTS: dict[str, dict[str, Any]] = {
    "no slope": {"slope": lambda z, a, l: 1},
    "one unit": {"back": lambda W, d, l: W[-1:].T @ d[l + 1][-1:]},
    "one sample": {"bias": lambda d, l: d[:, :1]},
}


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("what", SPOTS)
@pytest.mark.parametrize("reduction", ["sum", "mean"])
def test_the_numbers_of_an_example_are_what_it_says(name: str, what: str, reduction: str) -> None:
    net = network_of(NETWORKS[name])
    fn = columns(2, *OUTPUT[name], mean=reduction == "mean", spots=SPOTS[what])
    q = quantities(net, random_case(net, 7, 0), reduction)
    if name == "relu" and what == "no slope":
        assert smallest(Asked(fn, Layout("columns"), reduction, 0.0), q) is not None
        return
    found = smallest(Asked(fn, Layout("columns"), reduction, 0.0), q)
    assert found is not None
    case, (kind, l) = found.q.case, found.key
    assert all(np.array_equal(v, np.round(v)) for v in (*case.weights, *case.biases, case.x, case.y))
    # what the function gives there, called again
    again = read(fn(*Layout("columns").arguments(case)), Layout("columns"), found.q.network.widths)
    array = (again.weights if kind == "W" else again.biases)[l - 1]
    assert array is not None and array[found.index] == pytest.approx(float(found.found), rel=1e-12)
    # what is right, from forward passes of the reference alone
    cost = "softmax_cross_entropy" if name == "softmax" else "squared_error"
    last = "identity" if name == "softmax" else OUTPUT[name][1]
    ref = reference.Network(found.q.network.widths, OUTPUT[name][0], cost, output=last, reduction=reduction)
    truth = reference.gradient_forward_truth(ref, case.weights, case.biases, case.x, case.y).gradient
    right = (truth.weights if kind == "W" else truth.biases)[l - 1][found.index]
    assert right == pytest.approx(float(found.right), rel=1e-6, abs=1e-9)
    assert abs(right - float(found.found)) > 1e-7
    assert case.samples == 1 or what == "one sample" or reduction == "mean"


def test_the_sum_of_the_last_line_is_worked_out() -> None:
    """The line is read as arithmetic: what stands between the signs of equality has one value."""
    fn = columns(2, "relu", "identity", mean=True, spots={"bias": lambda d, l: d[:, :1]})
    verdict = check_gradient(fn, NETWORKS["relu"], reduction="mean")
    line = verdict.example[-1].strip()
    match = re.fullmatch(
        r"db\d\[\d\] = \((?P<terms>.+)\) / (?P<n>\d) = (?P<right>\S+); yours is (?P<own>\S+)", line
    )
    assert match, line
    total = sum(Fraction(t.strip("()")) for t in match["terms"].split(" + ")) / int(match["n"])
    assert total == Fraction(match["right"]) != Fraction(match["own"])


def test_fractions_are_kept_where_the_function_keeps_them() -> None:
    spots = {"back": lambda W, d, l: W[-1:].T @ d[l + 1][-1:]}
    verdict = check_gradient(columns(2, "relu", "identity", spots=spots), NETWORKS["relu"])
    assert "in exact fractions" in verdict.example[0]
    rational = check_gradient(columns(2, "tanh", "tanh", spots=spots), NETWORKS["tanh"])
    assert "in floats" in rational.example[0]


def test_code_for_its_own_widths_alone_gets_an_example_of_these() -> None:
    def fixed(p: Any, x: Any, y: Any) -> Any:
        W1, W2 = p["W1"].reshape(5, 4), p["W2"].reshape(3, 5)
        found = columns(2, "tanh", "tanh")({**p, "W1": W1, "W2": W2}, x, y)
        return {**found, "dW1": 2 * found["dW1"]}

    assert "widths 4-5-3" in check_gradient(fixed, NETWORKS["tanh"]).example[0]


def test_the_arrays_of_an_example_lie_as_the_function_takes_them() -> None:
    def turned(Ws: Any, bs: Any, x: Any, y: Any) -> Any:
        gW, gb = rows(Ws, bs, x, y)
        return [g.T for g in gW], gb

    verdict = check_gradient(turned, NETWORKS["tanh"], form="lists")
    assert verdict.faults == ("transposed",) and verdict.example
    assert any("W1 = [[" in line and "b1 = [" in line for line in verdict.example)


def test_right_code_has_no_example() -> None:
    net = network_of(NETWORKS["tanh"])
    q = quantities(net, random_case(net, 7, 0))
    assert smallest(Asked(columns(2, "tanh", "tanh"), Layout("columns"), "sum", 0.0), q) is None
    assert check_gradient(columns(2, "tanh", "tanh"), NETWORKS["tanh"]).example == ()


def test_an_example_at_other_widths_shows_the_fault_that_was_diagnosed() -> None:
    """At equal widths this code takes another branch, with another fault: that is no example of this one."""

    def branching(p: Any, x: Any, y: Any) -> Any:
        a1 = np.tanh(x @ p["W1"] + p["b1"])
        a2 = np.tanh(a1 @ p["W2"] + p["b2"])
        d2 = (a2 - y) * (1 - a2**2)
        square = p["W1"].shape[0] == p["W1"].shape[1]
        d1 = -(d2 @ p["W2"].T) * (1 - a1**2) if square else d2 @ p["W2"].T
        return {"W1": x.T @ d1, "b1": d1.sum(0), "W2": a1.T @ d2, "b2": d2.sum(0)}

    verdict = check_gradient(branching, NETWORKS["tanh"])
    assert verdict.faults == ("slope_missing",)
    widths = re.match(r"widths (\d)-(\d)", verdict.example[0])
    assert widths is not None and widths[1] != widths[2], verdict.example
