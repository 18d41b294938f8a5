"""The opponents of the benchmarks are right themselves; both sides compute the same thing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from symderive.reference import Network, backward, cost, random_data, random_parameters
from tests.benchmarks import handwritten, limited, timing
from tests.benchmarks.gradients import HAND, OURS, PEERS, agree, candidates


@pytest.mark.parametrize("name", ["squared_error", "softmax_cross_entropy"])
@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid"])
def test_the_hand_written_pass_is_right(activation: str, name: str) -> None:
    """Against the reference; twice, as its buffers are used again."""
    widths = (5, 6, 4, 3)
    network = Network(widths, activation, name, output="identity", reduction="mean")
    w, b = random_parameters(network, 0)
    x, y = random_data(network, 8, 0)
    run = handwritten.backward(widths, activation, name, 8, np.float64)
    for _ in range(2):
        value, dw, db = run(w, b, x, y)
        assert value == pytest.approx(cost(network, w, b, x, y), rel=1e-12)
        expected = backward(network, w, b, x, y)
        for found, true in zip((*dw, *db), (*expected.weights, *expected.biases), strict=True):
            np.testing.assert_allclose(found, true, rtol=0, atol=1e-12)


def test_a_candidate_that_computes_something_else_is_not_measured() -> None:
    found: dict[str, Callable[[], Any]] = candidates(6, 2, "tanh", "squared_error", "float64", {})
    agree(found, "float64")
    value, dw, db = found[HAND]()
    with pytest.raises(AssertionError):
        agree({OURS: found[OURS], HAND: lambda: (value, [2 * g for g in dw], db)}, "float64")


@pytest.mark.parametrize("name", ["squared_error", "softmax_cross_entropy"])
def test_peers_have_the_same_cost(name: str) -> None:
    """Those that are installed; they are extras of the benchmarks alone."""
    network = Network((4, 5, 3), "relu", name, output="identity", reduction="mean")
    w, b = random_parameters(network, 0)
    x, y = random_data(network, 8, 0)
    for make in PEERS.values():
        call = make("relu", name, w, b, x, y)
        if call is not None:
            assert float(call()[0]) == pytest.approx(cost(network, w, b, x, y), rel=1e-12)


def test_every_candidate_is_measured_in_each_round() -> None:
    calls = {"a": 0, "b": 0}

    def count(name: str) -> Callable[[], None]:
        def call() -> None:
            calls[name] += 1

        return call

    times = timing.side_by_side({"a": count("a"), "b": count("b")}, rounds=3, least=0.0)
    assert {name: len(t.rounds) for name, t in times.items()} == {"a": 3, "b": 3}
    assert calls == {"a": 5, "b": 5}


def test_what_does_not_end_is_said() -> None:
    assert (
        limited.seconds("timeit", ["-n1", "-r1", "import time; time.sleep(9)"], 0.3)
        == "does not end in 0.3 s"
    )
    assert str(limited.seconds("no_such_module", [], 30.0)).startswith("fails: ")
