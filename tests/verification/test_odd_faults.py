"""Faults that the other tables lack: forgotten outputs, product rules, clipping, places, nan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from symderive.testing import check_gradient
from symderive.verification.cases import random_case, second_case
from symderive.verification.gradient_faults import faults
from symderive.verification.network import network_of
from symderive.verification.quantities import quantities

Gradients = dict[str, Any]


def sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


def softmax(z: Any) -> Any:
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


SIGMA: dict[str, Callable[[Any], Any]] = {
    "tanh": np.tanh, "sigmoid": sigmoid, "silu": lambda z: z * sigmoid(z), "relu": lambda z: np.maximum(z, 0),
    "elu": lambda z: np.where(z > 0, z, np.exp(z) - 1), "leaky": lambda z: np.where(z > 0, z, 0.2 * z),
}  # fmt: skip
SLOPE: dict[str, Callable[[Any, Any], Any]] = {
    "tanh": lambda z, a: 1 - a**2, "sigmoid": lambda z, a: a * (1 - a), "relu": lambda z, a: z > 0,
    "silu": lambda z, a: sigmoid(z) * (1 + z * (1 - sigmoid(z))),
    "elu": lambda z, a: np.where(z > 0, 1, a + 1), "leaky": lambda z, a: np.where(z > 0, 1, 0.2),
}  # fmt: skip
DELTA: dict[str, Callable[[Any, Any], Any]] = {
    "squared_error": lambda z, y: z - y, "softmax_cross_entropy": lambda z, y: softmax(z) - y,
    "binary_cross_entropy": lambda z, y: sigmoid(z) - y, "poisson": lambda z, y: np.exp(z) - y,
}  # fmt: skip


def written(
    sigma: str,
    cost: str,
    slope: Callable[[Any, Any], Any] | None = None,
    delta: Callable[[Any, Any], Any] | None = None,
    finish: Callable[[Gradients, Gradients], Any] = lambda g, p: g,
) -> Callable[..., Any]:
    """A backward pass in rows, with an identity at the output; right unless a piece is given."""

    def fn(p: Gradients, x: Any, y: Any) -> Any:
        L, a, z = len(p) // 2, [x], []
        for l in range(1, L + 1):
            z.append(a[-1] @ p[f"W{l}"] + p[f"b{l}"])
            a.append(SIGMA[sigma](z[-1]) if l < L else z[-1])
        d, g = (delta or DELTA[cost])(z[-1], y), {}
        for l in range(L, 0, -1):
            g[f"W{l}"], g[f"b{l}"] = a[l - 1].T @ d, d.sum(axis=0)
            if l > 1:
                d = d @ p[f"W{l}"].T * (slope or SLOPE[sigma])(z[l - 2], a[l - 1])
        return finish(g, p)

    return fn


def clipped(limit: float) -> Callable[[Gradients, Gradients], Any]:
    return lambda g, p: {k: np.clip(v, -limit, limit) for k, v in g.items()}


def of_norm(limit: float) -> Callable[[Gradients, Gradients], Any]:
    def scaled(g: Gradients, p: Gradients) -> Gradients:
        norm = np.sqrt(sum((v**2).sum() for v in g.values()))
        return {k: v * min(1.0, limit / (norm + 1e-6)) for k, v in g.items()}

    return scaled


def upwards(g: Gradients, p: Gradients) -> Any:
    """The lists as they were appended to on the way back."""
    layers = range(len(p) // 2, 0, -1)
    return [g[f"W{l}"] for l in layers], [g[f"b{l}"] for l in layers]


def column_by_column(g: Gradients, p: Gradients) -> Any:
    return np.concatenate([g[k].ravel(order="F") for k in p])


def exchanged(g: Gradients, p: Gradients) -> Any:
    return {**g, "b1": g["b2"], "b2": g["b1"]}


def one_number(g: Gradients, p: Gradients) -> Any:
    return {k: v.sum(keepdims=True) if k[0] == "b" else v for k, v in g.items()}


def stepped(g: Gradients, p: Gradients) -> Any:
    return {k: p[k] - 0.1 * v for k, v in g.items()}


def with_inf(g: Gradients, p: Gradients) -> Any:
    g["W1"][0, 0] = np.inf
    return g


def with_nan(g: Gradients, p: Gradients) -> Any:
    return {k: v * np.nan for k, v in g.items()}


def net(
    sigma: str, cost: str, widths: tuple[int, ...] = (4, 5, 3), **more: Any
) -> tuple[str, str, dict[str, Any]]:
    named = {"widths": list(widths), "activation": sigma, "output": "identity", "cost": cost, **more}
    return sigma, cost, named


SOFTMAX, BINARY = net("relu", "softmax_cross_entropy"), net("sigmoid", "binary_cross_entropy")
POISSON, SILU, TANH = net("elu", "poisson"), net("silu", "squared_error"), net("tanh", "squared_error")
DEEP, SQUARE = net("tanh", "squared_error", (4, 6, 5, 3)), net("tanh", "squared_error", (4, 4, 4, 3))
ONE = net("sigmoid", "binary_cross_entropy", (6, 1))

# network, the pieces that are wrong, options, the fault's machine name, words of the diagnosis
FAULTS: tuple[tuple[tuple[str, str, dict[str, Any]], dict[str, Any], dict[str, Any], str, str], ...] = (
    (SOFTMAX, {"delta": lambda z, y: z - y}, {}, "wrong_output", "z for the outputs in delta^L = p - y"),
    (BINARY, {"delta": lambda z, y: z - y}, {}, "wrong_output", "z for the outputs in delta^L = p - y"),
    (POISSON, {"delta": lambda z, y: z - y}, {}, "wrong_output", "z for the outputs in delta^L = p - y"),
    (SOFTMAX, {"delta": lambda z, y: -y}, {}, "softmax_diagonal", "dp_j/dz_j = p_j alone"),
    (BINARY, {"delta": lambda z, y: (sigmoid(z) - y) / (sigmoid(z) * (1 - sigmoid(z)))}, {},
     "slope_missing", "the derivative of the sigmoid is left out"),
    (BINARY, {"delta": lambda z, y: -y * (1 - sigmoid(z))}, {},
     "wrong_output", "the term (1 - y) log(1 - p)"),
    (POISSON, {"delta": lambda z, y: 1 - y / np.exp(z)}, {},
     "slope_missing", "the derivative of exp is left out"),
    (SILU, {"slope": lambda z, a: sigmoid(z)}, {}, "wrong_slope", "a term of the product rule is left out"),
    (SILU, {"slope": lambda z, a: z * sigmoid(z) * (1 - sigmoid(z))}, {}, "wrong_slope", "product rule"),
    (POISSON, {"slope": lambda z, a: 1 + a}, {}, "wrong_slope", "1 + a for sigma'(z)"),
    (BINARY, {"slope": lambda z, a: a * (1 + a)}, {}, "wrong_slope", "a (1 + a) for sigma'(z)"),
    (TANH, {"finish": clipped(0.5)}, {}, "clipped", "every gradient is clipped at 0.5"),
    (DEEP, {"finish": clipped(0.2)}, {}, "clipped", "every gradient is clipped at 0.2"),
    (TANH, {"finish": of_norm(0.3)}, {}, "clipped", "the whole gradient is scaled to a norm of 0.3"),
    (DEEP, {"finish": upwards}, {}, "wrong_order", "every dW and db stands where the reversed order"),
    (SQUARE, {"finish": exchanged}, {}, "wrong_order", "db1 and db2 are exchanged"),
    (DEEP, {"finish": column_by_column}, {}, "transposed", "dW is reshaped where it should be turned round"),
    (ONE, {"finish": stepped}, {}, "updated_parameters", "0.1"),
    (TANH, {"finish": one_number}, {}, "bias_not_summed", "db is one number, the sum of all"),
    (TANH, {"finish": with_inf}, {}, "not_finite", "nan or inf in dW1"),
    (TANH, {"finish": with_nan}, {}, "not_finite", "nan or inf in dW1, db1, dW2, db2"),
)  # fmt: skip


@pytest.mark.parametrize(("network", "pieces", "options", "name", "words"), FAULTS)
def test_each_is_caught_and_named(
    network: tuple[str, str, dict[str, Any]],
    pieces: dict[str, Any],
    options: dict[str, Any],
    name: str,
    words: str,
) -> None:
    sigma, cost, named = network
    assert check_gradient(written(sigma, cost), named, **options).holds
    verdict = check_gradient(written(sigma, cost, **pieces), named, **options)
    assert (verdict.status, verdict.faults) == ("refuted", (name,))
    assert words in verdict.diagnosis and words in verdict.note


@pytest.mark.parametrize(
    ("written_for", "stated", "words"),
    [
        (TANH, net("sigmoid", "squared_error"), "another network, with tanh in layer 1"),
        (DEEP, net("relu", "squared_error", (4, 6, 5, 3)), "another network, with tanh in layers 1 and 2"),
        (SILU, net("relu", "squared_error"), "another network, with silu in layer 1"),
        (net("leaky", "softmax_cross_entropy"), net("leaky_relu", "softmax_cross_entropy"),
         "another network, with leaky_relu of slope 0.2 in layer 1"),
    ],
)  # fmt: skip
def test_code_for_other_activations_is_told_which(
    written_for: tuple[str, str, dict[str, Any]], stated: tuple[str, str, dict[str, Any]], words: str
) -> None:
    verdict = check_gradient(written(*written_for[:2]), stated[2], weight_decay=0.0)
    assert verdict.faults == ("other_network",) and words in verdict.diagnosis


@pytest.mark.parametrize("decay", [0.0, 0.1])
@pytest.mark.parametrize("network", [DEEP, SOFTMAX, BINARY, POISSON, ONE])
def test_no_two_faults_of_the_table_share_their_words(
    network: tuple[str, str, dict[str, Any]], decay: float
) -> None:
    known = network_of(network[2])
    first = random_case(known, 7, 0)
    q, old = (quantities(known, case, "mean", decay) for case in (second_case(first, 0), first))
    assert [k for k, n in Counter((f.name, f.words) for f in faults(q, old)).items() if n > 1] == []


def test_a_trial_that_gives_zeros_does_not_explain_itself() -> None:
    """With class number 0 for the targets, -y/p is 0; what it is for is one sample with one-hot targets."""

    def fn(p: Gradients, x: Any, y: Any) -> Gradients:
        a = np.tanh(p["W1"] @ x + p["b1"])
        z = p["W2"] @ a + p["b2"]
        d = -y / (np.exp(z) / np.exp(z).sum()) @ np.diag(np.ones(3) * 0.7)
        e = d @ p["W2"] * (1 - a**2)
        return {"W1": np.outer(e, x), "b1": e, "W2": np.outer(d, a), "b2": d}

    verdict = check_gradient(fn, net("tanh", "softmax_cross_entropy")[2], seed=0)
    assert verdict.status == "refuted"
    assert not {"detached", "batch_sum_missing"} & set(verdict.faults)
    assert "class numbers" not in verdict.note


def test_a_gradient_that_is_0_at_kinks_is_not_one_that_grows() -> None:
    network = net("relu", "squared_error", (4, 3, 2))
    at_kinks = {"W1": np.zeros((4, 3)), "b1": np.zeros(3), "W2": np.ones((3, 2)), "b2": np.ones(2)}
    verdict = check_gradient(
        written(*network[:2], slope=lambda z, a: z >= 0), network[2],
        parameters=at_kinks, data=(np.ones((5, 4)), np.full((5, 2), 0.3)), convention="rows",
    )  # fmt: skip
    assert verdict.faults == ("kink_convention",)


def test_column_shaped_biases_that_are_summed_over_the_units() -> None:
    def fn(p: Gradients, x: Any, y: Any) -> Gradients:
        a = np.tanh(p["W1"] @ x + p["b1"])
        d = (a - y) * (1 - a**2)
        return {"W1": d @ x.T, "b1": np.sum(d, axis=0, keepdims=True)}

    verdict = check_gradient(fn, {"widths": [4, 3], "activation": "tanh", "cost": "squared_error"})
    assert verdict.faults == ("bias_not_summed",) and "summed over the units" in verdict.diagnosis


def test_names_of_kernels_are_read_and_complex_numbers_are_none() -> None:
    def kernels(g: Gradients, p: Gradients) -> Gradients:
        names = {"W": "kernel:0", "b": "bias:0"}
        return {f"dense_{k[1]}/{names[k[0]]}": v for k, v in g.items()}

    assert check_gradient(written(*TANH[:2], finish=kernels), TANH[2]).holds
    real = check_gradient(written(*TANH[:2], finish=lambda g, p: {k: v + 0j for k, v in g.items()}), TANH[2])
    assert real.holds
    off = check_gradient(written(*TANH[:2], finish=lambda g, p: {k: v + 1j for k, v in g.items()}), TANH[2])
    assert off.status == "unknown" and "'W2' (ndarray) holds other things than real numbers" in off.note


def test_names_that_were_not_understood_are_shown() -> None:
    verdict = check_gradient(
        written(*TANH[:2], finish=lambda g, p: {"W1": g["W1"], "W2": g["W2"], "offset": g["b1"]}), TANH[2]
    )
    assert "gradients come as a dict with keys 'W1', 'W2', 'offset'" in verdict.note


def test_the_error_is_that_of_the_layout_in_which_it_came_furthest() -> None:
    def rows(p: Gradients, x: Any, y: Any) -> Gradients:
        z = x @ p["W1"] + p["b1"]
        mean = z.mean(axis=1)  # one sample has no second axis
        return {"W1": x.T @ z, "b1": z - mean}

    verdict = check_gradient(rows, {"widths": [4, 3], "activation": "tanh", "cost": "squared_error"})
    assert verdict.status == "unknown" and verdict.note.count("\n") == 0
    assert "shapes (7,3) (7,)" in verdict.note and "with rows" in verdict.note


@pytest.mark.parametrize(
    ("fn", "options", "words"),
    [
        (lambda W, b, x, y: None, {"form": "dict"}, "form 'dict' calls it with (parameters, x, y)"),
        (lambda p, x, y: {"W1": [[1, 2], [3]], "b1": [1]}, {}, "where 'W1' has rows of different lengths"),
        (lambda p, x, y: [print] * 4, {}, "where 0 (builtin_function_or_method) holds other"),
    ],
)
def test_what_gives_no_gradients_is_told_why(fn: Any, options: dict[str, Any], words: str) -> None:
    note = check_gradient(fn, TANH[2], **options).note
    assert words in note and "\n" not in note
