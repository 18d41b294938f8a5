"""assert_gradient: right code passes in every form, faults are refuted and named, mistakes told."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import symderive as sd
from symderive.errors import SymderiveError
from symderive.testing import assert_gradient, check_gradient

# the tests are no package: their neighbour is imported by its path
_spec = importlib.util.spec_from_file_location(
    "backward_passes", Path(__file__).with_name("backward_passes.py")
)
assert _spec is not None and _spec.loader is not None
by_hand = importlib.util.module_from_spec(_spec)
sys.modules[_spec.name] = by_hand
_spec.loader.exec_module(by_hand)
SIGMA = by_hand.SIGMA

SHAPES = {"funnel": [4, 5, 3, 2], "square": [4, 4, 4, 4], "deep": [3, 5, 5, 5, 2]}


def network(shape: list[int], sigma: str, output: str) -> dict[str, Any]:
    cost = "cross_entropy" if output == "softmax" else "squared_error"
    return {"widths": shape, "activation": sigma, "output_activation": output, "cost": cost}


# ------------------------------------------------------------------------------------------ right code


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    ("sigma", "output"), [("tanh", "identity"), ("relu", "softmax"), ("silu", "sigmoid")]
)
@pytest.mark.parametrize(("mean", "decay"), [(False, 0), (True, 0.1)])
def test_right_code_is_not_accused(shape: str, sigma: str, output: str, mean: bool, decay: float) -> None:
    widths = SHAPES[shape]
    fn = by_hand.columns(len(widths) - 1, sigma, output, mean, decay)
    options = {"reduction": "mean" if mean else "sum", "weight_decay": decay}
    verdict = assert_gradient(fn, network(widths, sigma, output), **options)
    assert verdict.status == "numeric" and verdict.error < 1e-12
    assert verdict.faults == () and verdict.diagnosis == ""
    assert "'columns'" in verdict.conventions[0]


TANH = {"widths": [4, 5, 3], "activation": "tanh", "cost": "squared_error"}


def pairs(ps: Any, x: Any, y: Any) -> Any:
    gW, gb = by_hand.rows([W for W, _ in ps], [b for _, b in ps], x, y)
    return [{"weights": w, "bias": b} for w, b in zip(gW, gb, strict=True)]


def flat(v: Any, x: Any, y: Any) -> Any:
    W1, b1, W2, b2 = np.split(v, [20, 25, 40])
    g = by_hand.columns(2, "tanh", "tanh")(
        {"W1": W1.reshape(5, 4), "b1": b1[:, None], "W2": W2.reshape(3, 5), "b2": b2[:, None]}, x, y
    )
    return np.concatenate([g[k].ravel() for k in ("dW1", "db1", "dW2", "db2")])


def like_torch(p: Any, x: Any, y: Any) -> Any:
    a = np.tanh(x @ p["W1"].T + p["b1"])
    o = np.tanh(a @ p["W2"].T + p["b2"])
    d = (o - y) * (1 - o * o)
    e = d @ p["W2"] * (1 - a * a)
    named = {"0.weight": e.T @ x, "0.bias": e.sum(0), "2.weight": d.T @ a, "2.bias": d.sum(0)}
    return ((o - y) ** 2).sum() / 2, named


@pytest.mark.parametrize(
    ("fn", "form", "convention", "how"),
    [
        (by_hand.rows, "lists", "rows", "two lists"),
        (pairs, "pairs", "rows", "a dict for each layer"),
        (flat, "flat", "columns", "one vector"),
        (like_torch, "dict", "out-by-in rows", "a dict"),
    ],
)
def test_forms_and_conventions_are_found(fn: Any, form: str, convention: str, how: str) -> None:
    verdict = assert_gradient(fn, sd.mlp(**TANH), form=form)
    assert verdict.conventions[0].startswith(f"convention {convention!r}")
    assert any(how in c for c in verdict.conventions)
    assert assert_gradient(fn, TANH, form=form, convention=convention).holds
    by_trial = assert_gradient(fn, TANH)
    assert by_trial.conventions == verdict.conventions
    assert (form == "dict") != any(c.startswith(f"form {form!r}: it is called") for c in by_trial.conventions)


def of_one_layer(form: str, sign: int) -> Any:
    """A single layer, in rows; with sign -1 its delta has the wrong one."""

    def lists(Ws: Any, bs: Any, x: Any, y: Any) -> Any:
        a = np.tanh(x @ Ws[0] + bs[0])
        d = sign * (a - y) * (1 - a**2)
        return [x.T @ d], [d.sum(axis=0)]

    def arguments(W: Any, b: Any, x: Any, y: Any) -> Any:
        (dW,), (db,) = lists([W], [b], x, y)
        return dW, db

    return lists if form == "lists" else arguments


@pytest.mark.parametrize("form", ["lists", "arguments"])
def test_of_one_layer_lists_and_single_arrays_are_as_many(form: str) -> None:
    net = {"widths": [4, 3], "activation": "tanh", "cost": "squared_error"}
    assert any(f"form {form!r}" in c for c in assert_gradient(of_one_layer(form, 1), net).conventions)
    wrong = check_gradient(of_one_layer(form, -1), net)
    assert wrong.status == "refuted" and "sign" in wrong.faults
    assert any(f"form {form!r}" in c for c in wrong.conventions)


def test_a_fault_is_named_in_a_form_that_is_found_by_trial() -> None:
    def turned(Ws: Any, bs: Any, x: Any, y: Any) -> Any:
        dWs, dbs = by_hand.rows(Ws, bs, x, y)[-2:]
        return [-dW for dW in dWs], [-db for db in dbs]

    verdict = check_gradient(turned, TANH)
    assert verdict.status == "refuted" and verdict.faults == ("sign",)


@pytest.mark.parametrize(
    ("fn", "found"),
    [
        (lambda p: p, "(p)"),
        (lambda W, b, c, x, y: x, "(W, b, c, x, y)"),
        (lambda p, x, *, y: p, "(p, x, *, y)"),
    ],
)
def test_a_function_of_other_arguments_is_refused(fn: Any, found: str) -> None:
    with pytest.raises(SymderiveError) as refusal:
        check_gradient(fn, TANH)
    assert str(refusal.value) == (
        "fn: expected a function of one of (parameters, x, y), (weights, biases, x, y), (pairs, x, y), "
        f"(vector, x, y), (W1, b1, W2, .., x, y), found one of {found}"
    )


def test_optional_arguments_and_functions_that_do_not_say_are_taken() -> None:
    right = by_hand.columns(2, "tanh", "tanh")
    assert assert_gradient(lambda p, x, y, rate=0.1: right(p, x, y), TANH).holds
    assert assert_gradient(lambda *given: right(*given), TANH).holds


def test_one_sample_in_loops() -> None:
    net = network([4, 5, 3], "sigmoid", "identity")
    verdict = assert_gradient(by_hand.loops, net, form="arguments")
    assert "'vectors'" in verdict.conventions[0]
    assert any("the cost beside the gradients is the network's" in c for c in verdict.conventions)


def test_classes_may_be_numbers() -> None:
    def labels(p: Any, x: Any, y: Any) -> Any:
        h = np.maximum(0, x @ p["W1"] + p["b1"])
        d = by_hand.softmax(h @ p["W2"] + p["b2"], 1)
        d[np.arange(len(y)), y] -= 1
        e = (d @ p["W2"].T) * (h > 0)
        return {"W1": x.T @ e, "b1": e.sum(0), "W2": h.T @ d, "b2": d.sum(0)}

    verdict = assert_gradient(labels, network([4, 6, 3], "relu", "softmax"))
    assert "y is given as class numbers" in verdict.conventions
    assert any("relu at 0" in c and "no preactivations" in c for c in verdict.conventions)


def test_a_system_with_samples_says_its_reduction() -> None:
    net = sd.mlp(**TANH, samples=5)
    assert assert_gradient(by_hand.columns(2, "tanh", "tanh", mean=True), net).holds
    assert check_gradient(by_hand.columns(2, "tanh", "tanh"), net).faults == ("factor",)


def test_fractions_make_it_exact() -> None:
    net = network([3, 4, 2], "relu", "identity")
    verdict = assert_gradient(by_hand.columns(2, "relu", "identity"), net)
    assert verdict.status == "exact"
    exact = next(e for e in verdict.evidence if e.status == "exact")
    assert exact.points == 2 and exact.error is not None and exact.error < 1e-9
    # floats inside keep it from being exact, not from holding
    assert check_gradient(by_hand.columns(2, "relu", "identity", decay=0.0), net).status == "numeric"


def test_a_gradient_that_is_wrong_by_less_than_floats_show_is_refuted_in_fractions() -> None:
    right = by_hand.columns(1, "identity", "identity")

    def almost(p: Any, x: Any, y: Any) -> Any:
        return {k: v * type(x.flat[0])(1 + 2**-50) for k, v in right(p, x, y).items()}

    assert check_gradient(almost, network([2, 2], "identity", "identity")).status == "refuted"


def test_floats_of_32_bits_are_given_their_tolerance() -> None:
    def single(p: Any, x: Any, y: Any) -> Any:
        small = {k: v.astype(np.float32) for k, v in p.items()}
        return by_hand.columns(2, "tanh", "tanh")(small, x.astype(np.float32), y.astype(np.float32))

    assert "the gradients are float32" in assert_gradient(single, TANH).conventions
    assert check_gradient(single, TANH, tolerance=1e-12).status == "refuted"


# ------------------------------------------------------------------------------------------ faults


def finish(change: Any) -> dict[str, Any]:
    return {"finish": change}


def scaled(c: float, kinds: str = "Wb", layers: tuple[int, ...] = (1, 2, 3, 4)) -> dict[str, Any]:
    def change(f: Any, p: Any, l: int, N: int, delta: Any, a: Any) -> None:
        for kind in kinds if l in layers else "":
            f[f"d{kind}{l}"] = c * f[f"d{kind}{l}"]

    return finish(change)


def turned(f: Any, p: Any, l: int, N: int, delta: Any, a: Any) -> None:
    f[f"dW{l}"] = f[f"dW{l}"].T


def first_sample(f: Any, p: Any, l: int, N: int, delta: Any, a: Any) -> None:
    f[f"dW{l}"], f[f"db{l}"] = delta[l][:, :1] @ a[l - 1][:, :1].T, delta[l][:, :1]


D = SIGMA["tanh"][1]
FAULTS: dict[str, tuple[set[str], dict[str, Any], dict[str, Any]]] = {
    # what is done -> names expected, spots, options
    "dW turned": ({"transposed"}, finish(turned), {}),
    "a factor": ({"factor"}, scaled(1 / 7), {}),
    "a factor in layer 1": ({"factor"}, scaled(2.0, layers=(1,)), {}),
    "a learning rate": ({"factor"}, scaled(0.01), {}),
    "a sign": ({"sign"}, {"output": lambda a, z, y: y - a[max(a)]}, {}),
    "a sign before the decay": ({"sign"}, {"output": lambda a, z, y: y - a[max(a)]}, {"weight_decay": 0.1}),
    "sigma'(a)": ({"slope_at_activation"}, {"slope": lambda z, a, l: D(a[l])}, {}),
    "sigma'(a) in layer 1": (
        {"slope_at_activation"},
        {"slope": lambda z, a, l: D(a[l] if l == 1 else z[l])},
        {},
    ),
    "no slope": ({"slope_missing"}, {"slope": lambda z, a, l: 1}, {}),
    "one unit": ({"unit_sum_missing"}, {"back": lambda W, d, l: W[-1:].T @ d[l + 1][-1:]}, {}),
    "one sample": ({"batch_sum_missing"}, finish(first_sample), {}),
    "db of each sample": ({"bias_not_summed"}, {"bias": lambda d, l: d}, {}),
    "db a mean": ({"bias_mean"}, {"bias": lambda d, l: d.mean(axis=1, keepdims=True)}, {}),
    "z for a": ({"wrong_activations"}, {"input": lambda z, a, l: z[l - 1] if l > 1 else a[0]}, {}),
    "layer 1 is cut off": ({"detached"}, scaled(0.0, layers=(1,)), {}),
    "delta is cut off": ({"detached"}, {"back": lambda W, d, l: 0 * (W.T @ d[l + 1])}, {"weight_decay": 0.1}),
    "two faults": (
        {"slope_missing", "bias_mean"},
        {"slope": lambda z, a, l: 1, "bias": lambda d, l: d.mean(axis=1, keepdims=True)},
        {},
    ),
    "two faults that hide all": (
        {"transposed", "bias_not_summed"},
        {**finish(turned), "bias": lambda d, l: d},
        {},
    ),
}
SQUARE: dict[str, tuple[set[str], dict[str, Any], dict[str, Any]]] = {
    "W for its transpose": ({"weights_not_transposed"}, {"back": lambda W, d, l: W @ d[l + 1]}, {}),
    "a^l": ({"wrong_activations"}, {"input": lambda z, a, l: a[l]}, {}),
    "W^l": ({"wrong_layer_weights"}, {"W": lambda p, l: p[f"W{l}"]}, {}),
    "no W": ({"layer_skipped"}, {"back": lambda W, d, l: d[l + 1]}, {}),
    "the slope after": ({"slope_of_wrong_layer"}, {"slope": lambda z, a, l: D(z[l + 1])}, {}),
}


@pytest.mark.parametrize(
    ("shape", "what"), [*((s, w) for s in SHAPES for w in FAULTS), *(("square", w) for w in SQUARE)]
)
def test_a_fault_is_refuted_and_named(shape: str, what: str) -> None:
    names, spots, options = {**FAULTS, **SQUARE}[what]
    widths = SHAPES[shape]
    fn = by_hand.columns(
        len(widths) - 1, "tanh", "identity", decay=options.get("weight_decay", 0), spots=spots
    )
    verdict = check_gradient(fn, network(widths, "tanh", "identity"), **options)
    assert verdict.status == "refuted"
    assert set(verdict.faults) == names, verdict.diagnosis
    assert verdict.diagnosis in verdict.note


def regularised(c: float, on_biases: float) -> dict[str, Any]:
    def change(f: Any, p: Any, l: int, N: int, delta: Any, a: Any) -> None:
        f[f"dW{l}"] = f[f"dW{l}"] + c * p[f"W{l}"]
        f[f"db{l}"] = f[f"db{l}"] + on_biases * p[f"b{l}"]

    return finish(change)


@pytest.mark.parametrize(
    ("c", "on_biases", "name"),
    [
        (0, 0, "regularisation_missing"),
        (0.2, 0, "regularisation_doubled"),
        (0.1, 0.1, "regularisation_on_biases"),
        (-0.1, 0, "sign"),
        (0.05, 0, "factor"),
    ],
)
def test_regularisation(c: float, on_biases: float, name: str) -> None:
    fn = by_hand.columns(2, "tanh", "identity", spots=regularised(c, on_biases))
    verdict = check_gradient(fn, network([4, 5, 3], "tanh", "identity"), weight_decay=0.1)
    assert verdict.faults == (name,)


def test_softmax_taken_as_diagonal() -> None:
    spots = {"output": lambda a, z, y: -y * (1 - a[max(a)])}
    fn = by_hand.columns(2, "sigmoid", "softmax", spots=spots)
    assert check_gradient(fn, network([4, 5, 3], "sigmoid", "softmax")).faults == ("softmax_diagonal",)


class Kept:
    """Activations are kept from the first call for ever, or the whole gradient from the last."""

    def __init__(self, whole: bool) -> None:
        self.whole, self.old = whole, None

    def __call__(self, p: Any, x: Any, y: Any) -> Any:
        if self.whole:
            old, self.old = self.old, by_hand.columns(2, "tanh", "identity")(p, x, y)
            return old or self.old
        a = np.tanh(p["W1"] @ x + p["b1"])
        self.old = a if self.old is None else self.old
        d = p["W2"] @ a + p["b2"] - y
        e = p["W2"].T @ d * (1 - a**2)
        return {"W1": e @ x.T, "b1": e.sum(1), "W2": d @ self.old.T, "b2": d.sum(1)}


@pytest.mark.parametrize("whole", [True, False])
def test_a_stale_cache(whole: bool) -> None:
    verdict = check_gradient(Kept(whole), network([4, 5, 3], "tanh", "identity"))
    assert (verdict.status, verdict.faults) == ("refuted", ("stale",))


def test_a_fault_that_is_not_in_the_table_is_refuted_without_a_diagnosis() -> None:
    spots = {"slope": lambda z, a, l: np.cos(z[l]) ** 3 + 0.2}
    verdict = check_gradient(
        by_hand.columns(2, "tanh", "identity", spots=spots), network([4, 5, 3], "tanh", "identity")
    )
    assert (verdict.status, verdict.diagnosis, verdict.faults) == ("refuted", "", ())
    assert "None of the usual faults" in verdict.note


def test_another_convention_at_a_kink_is_named() -> None:
    def at_least(p: Any, x: Any, y: Any) -> Any:
        z = x @ p["W1"] + p["b1"]
        h = np.maximum(z, 0)
        d = h @ p["W2"] + p["b2"] - y
        e = d @ p["W2"].T * (z >= 0)
        return x.T @ e, e.sum(0), h.T @ d, d.sum(0)

    net = network([3, 4, 2], "relu", "identity")
    given = {"W1": np.ones((3, 4)), "b1": np.zeros(4), "W2": np.ones((4, 2)), "b2": np.zeros(2)}
    data = (np.array([[0.0, 0, 0], [1, 2, 3]]), np.ones((2, 2)))
    assert assert_gradient(at_least, net).holds  # random numbers keep away from the kink
    verdict = check_gradient(at_least, net, parameters=given, data=data)
    assert verdict.faults == ("kink_convention",)
    assert any("4 preactivations at 0" in c for c in verdict.conventions)
    one = {**net, "relu_at_zero": 1}
    assert check_gradient(at_least, one, parameters=given, data=data).holds


# ------------------------------------------------------------------------------------- notes and mistakes


def test_the_note_says_which_entry_how_far_and_what_is_right() -> None:
    fn = by_hand.columns(2, "tanh", "identity", spots=scaled(2.0, "W", (1,)))
    with pytest.raises(AssertionError) as failure:
        assert_gradient(fn, network([4, 5, 3], "tanh", "identity"))
    note = str(failure.value)
    for part in (
        "wrong in dW1; db1, dW2 and db2 are right",
        "a factor 2",
        "20 of 20 entries",
        "grad_w[1, j, k] :=",
    ):
        assert part in note


def test_the_users_own_cost_is_asked() -> None:
    def cost(Ws: Any, bs: Any, x: Any, y: Any) -> Any:
        for W, b in zip(Ws, bs, strict=True):
            x = np.tanh(x @ W + b)
        return ((x - y) ** 2).sum() / 2

    own = assert_gradient(by_hand.rows, TANH, form="lists", cost=cost).evidence[-1]
    assert own.status == "numeric" and "it is the network's" in own.text
    twice = assert_gradient(by_hand.rows, TANH, form="lists", cost=lambda *a: 2 * cost(*a)).evidence[-1]
    assert twice.status == "refuted" and "not that of your cost" in twice.text


@pytest.mark.parametrize(
    ("fn", "says"),
    [
        (lambda p, x, y: undefined, "NameError: name 'undefined' is not defined (test_assert_gradient.py:"),  # type: ignore[name-defined] # noqa: F821
        (lambda p, x, y: 3, "expected gradients of 2 weights and biases"),
        (lambda p, x, y: {}, "a dict with keys none"),
    ],
)
def test_what_gives_no_gradients_is_unknown(fn: Any, says: str) -> None:
    verdict = check_gradient(fn, TANH)
    assert verdict.status == "unknown" and says in verdict.note
    with pytest.raises(AssertionError, match="No verdict"):
        assert_gradient(fn, TANH)


def test_arguments_that_the_function_changes_do_not_reach_the_judge() -> None:
    def careless(p: Any, x: Any, y: Any) -> Any:
        found = by_hand.columns(2, "tanh", "tanh")(p, x, y)
        for v in (*p.values(), x, y):
            v[...] = 0
        return found

    assert assert_gradient(careless, TANH).holds


@pytest.mark.parametrize(
    ("net", "options", "says"),
    [
        (sd.mlp(), {}, "expected numbers for the widths"),
        (sd.mlp(widths=[2, 3], cost="squared_error"), {}, "expected a named activation"),
        (sd.mlp(widths=[2, 3], activation="tanh"), {}, "expected a named cost"),
        ([2, 3], {}, "found a list"),
        ({"width": [2, 3]}, {}, "found 'width'"),
        (TANH, {"reduction": "max"}, "expected sum or mean, found 'max'"),
        (TANH, {"convention": "diagonal"}, "found 'diagonal'"),
        (TANH, {"form": "tuple"}, "found 'tuple'"),
        (TANH, {"samples": 0}, "samples: expected a number from 1"),
        (TANH, {"tolerance": -1}, "tolerance: expected a number of at least 0"),
        (TANH, {"weight_decay": float("nan")}, "weight_decay: expected"),
        (TANH, {"seed": -1}, "seed: expected"),
        (
            TANH,
            {"data": (np.ones((7, 9)), np.ones((7, 3)))},
            r"expected x of shape \(samples, 4\), found \(7, 9\)",
        ),
        (TANH, {"parameters": {"W1": np.ones((2, 2))}}, "parameters: expected W1 of shape"),
    ],
)
def test_mistakes_are_told(net: Any, options: dict[str, Any], says: str) -> None:
    with pytest.raises(SymderiveError, match=says):
        check_gradient(by_hand.columns(2, "tanh", "tanh"), net, **options)
