"""Random networks: what is drawn fits the limits, and right backward passes hold on it, wrong ones do not."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import find, given, settings

from symderive.errors import SymderiveError
from symderive.testing import assert_gradient, check_gradient, strategies

SLOPES = {"tanh": lambda z: 1 - np.tanh(z) ** 2, "identity": np.ones_like}
SIGMA = {"tanh": np.tanh, "identity": lambda z: z}


def made(network: dict[str, Any], sign: float = 1.0) -> Any:
    """A backward pass by hand for tanh and identity networks: rows, W (in, out)."""
    depth = len(network["widths"]) - 1
    names = [network["activation"]] * (depth - 1) + [network["output_activation"]]
    classes = network["cost"] != "squared_error"

    def gradient(p: Any, x: Any, y: Any) -> Any:
        a, z = [x], [x]
        for l, name in enumerate(names, 1):
            z.append(a[-1] @ p[f"W{l}"] + p[f"b{l}"])
            a.append(SIGMA[name](z[-1]))
        out = a[-1]
        if classes:
            e = np.exp(out - out.max(axis=1, keepdims=True))
            out = e / e.sum(axis=1, keepdims=True)
        grads = {}
        delta = sign * (out - y) * SLOPES[names[-1]](z[-1])
        for l in range(depth, 0, -1):
            grads[f"W{l}"], grads[f"b{l}"] = a[l - 1].T @ delta, delta.sum(axis=0)
            if l > 1:
                delta = delta @ p[f"W{l}"].T * SLOPES[names[l - 2]](z[l - 1])
        return grads

    return gradient


DRAWN = strategies.networks(
    activations=["tanh"], costs=["squared_error", "softmax_cross_entropy"], max_layers=3, max_width=4
)


@settings(max_examples=15)
@given(DRAWN, strategies.seeds())
def test_right_passes_hold_on_random_networks(network: dict[str, Any], seed: int) -> None:
    assert_gradient(made(network), network, seed=seed, convention="rows")


@settings(max_examples=5)
@given(DRAWN, strategies.seeds())
def test_wrong_passes_do_not(network: dict[str, Any], seed: int) -> None:
    verdict = check_gradient(made(network, sign=-1.0), network, seed=seed, convention="rows")
    assert verdict.status == "refuted"


@settings(max_examples=60)
@given(strategies.networks(min_layers=2, max_layers=3, max_width=5))
def test_what_is_drawn_keeps_the_limits(network: dict[str, Any]) -> None:
    widths = network["widths"]
    assert 3 <= len(widths) <= 4 and all(1 <= n <= 5 for n in widths)
    assert (network["output_activation"] == "softmax") == (network["cost"] == "cross_entropy")
    assert widths[-1] > 1 or network["cost"] in ("squared_error", "binary_cross_entropy")


@settings(max_examples=20)
@given(strategies.networks(equal_widths=True))
def test_equal_widths_are_equal(network: dict[str, Any]) -> None:
    assert len(set(network["widths"])) == 1


def test_a_network_shrinks_to_the_smallest() -> None:
    smallest = find(strategies.networks(), lambda network: True)
    assert smallest == {
        "widths": [1, 1], "activation": "tanh", "output_activation": "tanh", "cost": "squared_error"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({"min_layers": 0}, "expected 1 <= min_layers"),
        ({"min_layers": 3, "max_layers": 2}, "found 3 and 2"),
        ({"max_width": 1}, "max_width: expected at least 2, found 1"),
        ({"activations": "tanh"}, "activations: expected a list of names, found 'tanh'"),
        ({"activations": ["swish"]}, "activations: expected names among identity, tanh"),
        ({"costs": []}, "costs: expected a list of names"),
    ],
)
def test_limits_that_do_not_fit_are_told(limits: dict[str, Any], words: str) -> None:
    with pytest.raises(SymderiveError, match=words):
        strategies.networks(**limits)


def test_who_does_not_ask_needs_no_hypothesis(monkeypatch: pytest.MonkeyPatch) -> None:
    code = "import sys, symderive.testing, symderive.strategies; print('hypothesis' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False"]
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    with pytest.raises(SymderiveError, match="expected hypothesis to be installed"):
        strategies.networks()
