"""The search for faults: several at once are found, and none is made up for what is in no row."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from backward_passes import columns

from symderive.testing import GradientVerdict, check_gradient

SHAPES = {"funnel": [4, 5, 3, 2], "square": [4, 4, 4, 4]}


def network(shape: str) -> dict[str, Any]:
    return {
        "widths": SHAPES[shape],
        "activation": "tanh",
        "output_activation": "identity",
        "cost": "squared_error",
    }


def judged(shape: str, spots: dict[str, Any], seed: int = 0) -> GradientVerdict:
    return check_gradient(columns(3, "tanh", "identity", spots=spots), network(shape), seed=seed)


def gradient(kind: str, change: Any) -> dict[str, Any]:
    """One kind of gradient, changed at the end."""

    def finish(f: Any, p: Any, l: int, N: int, delta: Any, a: Any) -> None:
        f[f"{kind}{l}"] = change(f[f"{kind}{l}"], p, l, delta, a)

    return {"finish": finish}


# what is done -> the machine names of all of it, and words that must be there
SEVERAL: dict[str, tuple[dict[str, Any], set[str], tuple[str, ...]]] = {
    "three faults": (
        {
            "back": lambda W, d, l: 0.5 * W.T @ d[l + 1],
            "slope": lambda z, a, l: 1,
            "bias": lambda d, l: d.mean(axis=1, keepdims=True),
        },
        {"factor", "slope_missing", "bias_mean"},
        ("a factor 1/2", "left out, in layers 1 and 2", "in layers 1, 2 and 3"),
    ),
    "one in each of two layers": (
        {
            "slope": lambda z, a, l: 1 - a[l] ** 2 if l == 2 else 1,
            "bias": lambda d, l: d.sum(axis=1, keepdims=True) if l < 3 else d[:, :1],
        },
        {"slope_missing", "bias_not_summed"},
        ("left out, in layer 1", "of the first sample, in layer 3"),
    ),
    "a sign and a mean": (
        {"output": lambda a, z, y: y - a[max(a)], "bias": lambda d, l: d.mean(axis=1, keepdims=True)},
        {"sign", "bias_mean"},
        ("the sign is wrong", "mean of delta"),
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("what", SEVERAL)
def test_several_faults_are_each_named_with_their_layers(shape: str, what: str) -> None:
    spots, names, words = SEVERAL[what]
    verdict = judged(shape, spots)
    assert set(verdict.faults) == names, verdict.diagnosis
    assert all(w in verdict.diagnosis for w in words), verdict.diagnosis


ODD: dict[str, dict[str, Any]] = {
    "another slope": {"slope": lambda z, a, l: np.cos(z[l])},
    "a slope of its own": {"slope": lambda z, a, l: 1 - np.abs(a[l])},
    "a slope with a floor": {"slope": lambda z, a, l: np.maximum(1 - a[l] ** 2, 0.5)},
    "a slope with an offset": {"slope": lambda z, a, l: 1 - a[l] ** 2 + 1e-3},
    "dropped units": {"delta": lambda d, l: d[l] * (np.arange(len(d[l]))[:, None] % 2)},
    "clipped deltas": {"delta": lambda d, l: np.clip(d[l], -0.3, 0.3)},
    "squared deltas": {"delta": lambda d, l: d[l] ** 2},
    "squared weights": {"W": lambda p, l: p[f"W{l + 1}"] ** 2},
    "normed weights": {"W": lambda p, l: p[f"W{l + 1}"] / np.linalg.norm(p[f"W{l + 1}"])},
    "a skip": {"back": lambda W, d, l: W.T @ d[l + 1] + d[l + 1].mean(axis=0)},
    "shuffled samples": {"input": lambda z, a, l: np.roll(a[l - 1], 1, axis=1)},
    "shifted inputs": {"input": lambda z, a, l: a[l - 1] + 1},
    "the sum of |w| as penalty": gradient("dW", lambda g, p, l, d, a: g + 0.01 * np.sign(p[f"W{l}"])),
    "normed gradients": gradient("dW", lambda g, p, l, d, a: g / np.linalg.norm(g)),
    "rounded": gradient("dW", lambda g, p, l, d, a: np.round(g, 2)),
    "the largest sample": gradient("db", lambda g, p, l, d, a: d[l].max(axis=1, keepdims=True)),
    "four faults": {
        "output": lambda a, z, y: y - a[max(a)],
        "back": lambda W, d, l: W[-1:].T @ d[l + 1][-1:],
        "slope": lambda z, a, l: 1,
        "bias": lambda d, l: d.mean(axis=1, keepdims=True),
    },
}


@pytest.mark.parametrize("shape", SHAPES)
def test_what_is_in_no_row_is_refuted_and_given_no_name(shape: str) -> None:
    """A diagnosis that is wrong is worse than none."""
    said = {}
    for what, spots in ODD.items():
        verdict = judged(shape, spots, seed=3)
        assert verdict.status == "refuted", what
        if verdict.faults or verdict.diagnosis:
            said[what] = verdict.diagnosis
        else:
            assert "None of the usual faults" in verdict.note and verdict.latex and verdict.example, what
    assert said == {}


def test_delta_before_its_slope_that_goes_on() -> None:
    def passed_on(p: Any, x: Any, y: Any) -> Any:
        a1 = np.tanh(p["W1"] @ x + p["b1"])
        a2 = np.tanh(p["W2"] @ a1 + p["b2"])
        g = p["W3"] @ a2 + p["b3"] - y
        found = {"W3": g @ a2.T, "b3": g.sum(axis=1)}
        g = p["W3"].T @ g
        d = g * (1 - a2**2)
        found |= {"W2": d @ a1.T, "b2": d.sum(axis=1)}
        d = p["W2"].T @ g * (1 - a1**2)  # of g, not of d
        return found | {"W1": d @ x.T, "b1": d.sum(axis=1)}

    verdict = check_gradient(passed_on, network("funnel"))
    assert verdict.faults == ("slope_missing",)
    assert verdict.diagnosis.startswith("dC/da^{l+1} for delta^{l+1}") and verdict.diagnosis.endswith(
        "in layer 1"
    )


def test_a_penalty_that_is_not_the_stated_one_is_measured() -> None:
    fn = columns(3, "tanh", "identity", decay=0.03)
    verdict = check_gradient(fn, network("funnel"), weight_decay=0.07)
    assert verdict.faults == ("regularisation_not_stated",)
    assert "0.03 w is added" in verdict.diagnosis and "0.07 w is stated" in verdict.diagnosis


def test_gradients_far_below_the_others_are_not_blamed_for_their_rounding() -> None:
    """db of a network whose deltas cancel: what is left is rounding, and no fault."""

    def right(p: Any, x: Any, y: Any) -> Any:
        d = p["W1"] @ x + p["b1"] - y
        return {"W1": d @ x.T, "b1": np.einsum("ns->n", d[:, ::-1])}

    x = np.array([[1.0, -2.0], [3.0, 0.7], [-0.3, 0.1]])
    given = {"W1": np.array([[0.1, 0.2], [0.3, 0.7]]), "b1": np.zeros(2)}
    d = x @ given["W1"].T
    y = d - np.array([[0.1, 0.3], [0.2, -0.1], [-0.3, -0.2]])
    net = {"widths": [2, 2], "activation": "identity", "cost": "squared_error"}
    verdict = check_gradient(right, net, parameters=given, data=(x, y), convention="columns")
    assert verdict.status in ("numeric", "exact"), verdict.note
