"""The oracle against its own forward passes, numbers worked by hand and mpmath; what it must refuse."""

from __future__ import annotations

import ast
import importlib
import math
import os
import pickle
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest

import symderive.reference as reference
from symderive.errors import SymderiveError
from symderive.reference import (
    ACTIVATIONS,
    COSTS,
    Activation,
    Array,
    Cost,
    Gradient,
    Network,
    activation,
    backward,
    cost,
    cost_function,
    delta_truth,
    erf,
    forward,
    gradient_central,
    gradient_complex_step,
    gradient_forward_truth,
    load_data,
    random_data,
    random_parameters,
    train,
)

ANALYTIC = [name for name in ACTIVATIONS if activation(name).analytic]
WIDTHS = (5, 4, 3, 2)  # all different, and different from the 7 samples: no transposed array fits by chance
SAMPLES = 7


def problem(network: Network, samples: int = SAMPLES, seed: int = 3) -> tuple[Any, ...]:
    return network, *random_parameters(network, seed), *random_data(network, samples, seed + 1)


def gap(found: Gradient, truth: Gradient) -> float:
    """The largest |found - truth| in an array over its largest |truth|, without NaN (crossed) entries."""
    mine, theirs = found.arrays(), truth.arrays()
    assert mine.keys() == theirs.keys()
    worst = 0.0
    for name, true in theirs.items():
        known = np.isfinite(true)
        assert mine[name].shape == true.shape and known.any() and np.isfinite(mine[name]).all(), name
        scale = np.abs(true[known]).max()
        assert scale > 0, f"{name} is zero: nothing is compared"
        worst = max(worst, np.abs(mine[name] - true)[known].max() / scale)
    return worst


# ---------------------------------------------------------------- backward against the truth


@pytest.mark.parametrize("reduction", ["sum", "mean"])
@pytest.mark.parametrize("cost_name", COSTS)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_backward_agrees_with_forward_passes(name: str, cost_name: str, reduction: str) -> None:
    data = problem(Network(WIDTHS, name, cost_name, reduction=reduction))
    mine = backward(*data)
    central = gradient_central(*data)
    assert gap(mine, central.gradient) < 1e-8
    for key, error in central.error.arrays().items():
        distance = np.abs(mine.arrays()[key] - central.gradient.arrays()[key])
        assert not (distance > error).any(), key  # the estimate covers the error; NaN compares as False
    if name in ANALYTIC:
        assert central.skipped == 0
        assert gap(mine, gradient_complex_step(*data)) < 1e-12


@pytest.mark.parametrize("method", ["tanh", "relu"])
def test_truth_is_the_derivative_of_cost(method: str) -> None:
    """The truth restarts the forward pass at the layer that moved; here the arrays themselves are moved."""
    network, weights, biases, x, y = problem(Network(WIDTHS, method, factor=0.75, reduction="mean"))
    truth = gradient_forward_truth(network, weights, biases, x, y)
    h = 1e-30j if method == "tanh" else 1e-6
    arrays = {f"W^{m}": w for m, w in enumerate(weights, 1)} | {f"b^{m}": b for m, b in enumerate(biases, 1)}
    arrays["x"] = x
    for name, array in arrays.items():
        for place in np.ndindex(array.shape):
            moved = []
            for step in (h, -h):
                copy = array + 0 * h
                copy[place] += step
                changed = {**arrays, name: copy}
                W, b = ([changed[f"{letter}^{m}"] for m in (1, 2, 3)] for letter in "Wb")
                moved.append(cost(network, W, b, changed["x"], y))
            slope = moved[0].imag / 1e-30 if method == "tanh" else (moved[0] - moved[1]) / 2e-6
            assert truth.gradient.arrays()[name][place] == pytest.approx(
                slope, rel=1e-12 if method == "tanh" else 1e-6, abs=1e-8 if method == "relu" else 1e-15
            ), (name, place)


def test_delta_is_the_derivative_by_the_bias_of_one_sample() -> None:
    network, weights, biases, x, y = problem(Network(WIDTHS, "silu", "softmax_cross_entropy"))
    deltas = delta_truth(network, weights, biases, x, y)
    assert [d.shape for d in deltas] == [(SAMPLES, n) for n in WIDTHS[1:]]
    for sample in range(SAMPLES):
        for m, b in enumerate(biases):
            for j in range(len(b)):
                moved = [v.astype(complex) for v in biases]
                moved[m][j] += 1e-30j
                slope = cost(network, weights, moved, x[sample], y[sample]).imag / 1e-30
                assert deltas[m][sample, j] == pytest.approx(slope, rel=1e-12, abs=1e-15)


def test_one_sample_is_a_batch_of_one() -> None:
    network, weights, biases, x, y = problem(Network(WIDTHS, ["tanh", "gelu", "identity"], COSTS[1]))
    one = network, weights, biases, x[0], y[0]
    assert [v.shape for v in forward(*one[:4])[1]] == [(n,) for n in WIDTHS]
    for method in (backward, gradient_complex_step, lambda *a: gradient_central(*a).gradient):
        alone, batch = method(*one), method(network, weights, biases, x[:1], y[:1])
        assert alone.x.shape == (5,) and [d.shape for d in alone.deltas] == [(4,), (3,), (2,)]
        for key, value in alone.arrays().items():
            np.testing.assert_array_equal(value, batch.arrays()[key].reshape(value.shape))
    assert delta_truth(*one)[0].shape == (4,)


def test_mean_is_sum_over_samples_divided_by_their_number() -> None:
    data = problem(Network(WIDTHS))
    mean = (replace(data[0], reduction="mean"), *data[1:])
    assert cost(*data) == pytest.approx(SAMPLES * cost(*mean))
    np.testing.assert_allclose(backward(*data).weights[0], SAMPLES * backward(*mean).weights[0], rtol=1e-13)


def test_chain_of_three_by_hand() -> None:
    """C = (w2 w1 x)^2/2 at x = 1, w1 = 1, w2 = 3: dC/dw1 = w2^2 w1 = 9, dC/dw2 = w1^2 w2 = 3."""
    data = Network((1, 1, 1), "identity"), [[[1.0]], [[3.0]]], [[0.0], [0.0]], [1.0], [0.0]
    expected = {"delta^1": 9, "delta^2": 3, "W^1": 9, "W^2": 3, "b^1": 9, "b^2": 3, "x": 9}
    assert cost(*data) == 4.5
    for gradient in (backward(*data), gradient_complex_step(*data)):
        assert {name: v.item() for name, v in gradient.arrays().items()} == expected
    assert gap(gradient_central(*data).gradient, backward(*data)) < 1e-10
    assert backward(replace(data[0], factor=1.0), *data[1:]).weights[0].item() == 18


def test_small_network_by_hand() -> None:
    """Two inputs, one relu layer of two, one output: the inactive unit gets no gradient."""
    network = Network((2, 2, 1), "relu", output="identity", factor=1.0)
    weights, biases = [[[1, 2], [-1, 0]], [[3, 5]]], [[0, 0], [1]]
    z, a = forward(network, weights, biases, [1, 1])
    assert [v.tolist() for v in z] == [[3, -1], [10]] and [v.tolist() for v in a] == [[1, 1], [3, 0], [10]]
    g = backward(network, weights, biases, [1, 1], [8])  # C = (10 - 8)^2, dC/da = 4
    assert [v.tolist() for v in (*g.deltas, *g.weights, *g.biases, g.x)] == [
        [12, 0], [4], [[12, 12], [0, 0]], [[12, 0]], [12, 0], [4], [12, 24],
    ]  # fmt: skip


# ---------------------------------------------------------------- what must be noticed


def test_mutated_gradients_are_noticed() -> None:
    network, weights, biases, x, y = problem(Network((3, 3, 3), "tanh", "squared_error"))
    data = weights, biases, x, y
    truth, good = gradient_complex_step(network, *data), backward(network, *data)
    assert gap(good, truth) < 1e-12
    mutants = {
        "weights transposed": replace(good, weights=tuple(w.T for w in good.weights)),
        "factor dropped": backward(replace(network, factor=1.0), *data),
        "a mean for a sum": backward(replace(network, reduction="mean"), *data),
        "backwards through W instead of its transpose": replace(good, x=good.deltas[0] @ weights[0].T),
        "sigma' forgotten": replace(good, deltas=(good.deltas[1] @ weights[1], good.deltas[1])),
        "first sample lost": backward(network, weights, biases, np.r_[0 * x[:1], x[1:]], y),
        "bias of one layer from another": replace(good, biases=good.biases[::-1]),
        "one entry off by 1e-9": replace(good, x=good.x + 1e-9 * np.abs(good.x).max() * np.eye(7, 3, -4)),
    }
    for name, mutant in mutants.items():
        assert gap(mutant, truth) > 1e-10, name


def test_wrong_derivative_of_an_activation_is_noticed() -> None:
    wrong = Activation("tanh", np.tanh, lambda z: 1 - np.tanh(z), analytic=True)
    data = problem(Network(WIDTHS, wrong))
    assert gap(backward(*data), gradient_complex_step(*data)) > 1e-3
    assert gap(backward(*data), gradient_central(*data).gradient) > 1e-3


def test_complex_step_refuses_what_is_not_analytic() -> None:
    with pytest.raises(SymderiveError, match=r"analytic .* found relu in layer 1, relu in layer 2$"):
        gradient_complex_step(*problem(Network(WIDTHS, ["relu", "relu", "tanh"])))
    with pytest.raises(SymderiveError, match=r"found the cost custom$"):
        gradient_complex_step(*problem(Network(WIDTHS, cost=lambda a, y: np.abs(a - y).sum(axis=1))))
    with pytest.raises(SymderiveError, match="expected real parameters and data"):
        network, weights, biases, x, y = problem(Network(WIDTHS))
        backward(network, weights, biases, x + 1j, y)
    assert gradient_forward_truth(*problem(Network(WIDTHS, "relu"))).method == "central differences"
    assert gradient_forward_truth(*problem(Network(WIDTHS, "gelu"))).method == "complex step"


def test_crossed_kinks_are_flagged() -> None:
    """z^1 = (0, 1): what moves z^1_1 off the kink is flagged; not W^1_1, times x = 0, nor what is behind."""
    network = Network((1, 2, 1), "relu", output="identity")
    truth = gradient_central(network, [[[1], [1]], [[1, 1]]], [[0, 1], [0]], [0], [0])
    flags = {name: v.ravel().tolist() for name, v in truth.crossed.arrays().items()}
    assert flags == {
        "delta^1": [True, False], "delta^2": [False], "W^1": [False, False], "W^2": [False, False],
        "b^1": [True, False], "b^2": [False], "x": [True],
    }  # fmt: skip
    assert truth.skipped == 3
    for name, value in truth.gradient.arrays().items():
        assert np.isnan(value).ravel().tolist() == flags[name]
        assert np.isnan(truth.error.arrays()[name]).ravel().tolist() == flags[name]


def test_near_kinks_get_smaller_steps() -> None:
    network = Network((1, 1), "relu")
    for z, skipped in ((1e-4, 0), (1e-5, 0), (1e-9, 3)):
        truth = gradient_central(network, [[[1]]], [[z]], [0], [1])
        assert truth.skipped == skipped, z
        if not skipped:
            assert truth.gradient.biases[0].item() == pytest.approx(z - 1, abs=1e-8)


def test_kinks_of_a_users_activation() -> None:
    hard = Activation("hard", lambda z: np.clip(z, -1, 1), lambda z: (abs(z) < 1) * 1.0, kinks=(-1.0, 1.0))
    truth = gradient_central(Network((1, 1), hard), [[[1]]], [[1]], [0], [0])
    assert truth.crossed.biases[0].tolist() == [True] and truth.crossed.weights[0].tolist() == [[False]]
    data = problem(Network(WIDTHS, hard))
    assert gap(backward(*data), gradient_central(*data).gradient) < 1e-8


def test_convention_for_relu_at_zero() -> None:
    for at_zero in (0.0, 0.5, 1.0):
        network = Network((1, 1), "relu", relu_at_zero=at_zero)
        assert backward(network, [[[1]]], [[0]], [0], [-1]).biases[0].item() == at_zero
    assert activation("leaky_relu", 0.2).derivative(np.array([-1.0, 0, 1])).tolist() == [0.2, 0.2, 1]
    assert activation("leaky_relu", 0.2, 0.5).derivative(np.array([0.0])).item() == pytest.approx(0.6)


# ---------------------------------------------------------------- the functions themselves

GRID = np.concatenate([np.linspace(-30, 30, 1201), np.geomspace(1e-200, 1, 60), -np.geomspace(1e-12, 1, 40)])


def worst(found: Array, true: list[Any]) -> float:
    pairs = [(mpmath.mpmathify(f.item()), t) for f, t in zip(found, true, strict=True)]
    return float(max(abs((f - t) / t) if t else abs(f) for f, t in pairs))


def test_erf_and_gelu_to_the_last_digits() -> None:
    with mpmath.workdps(40):
        grid = [mpmath.mpf(v.item()) for v in GRID]
        assert worst(erf(GRID), [mpmath.erf(v) for v in grid]) < 1e-15
        assert worst(erf(GRID), [mpmath.mpf(math.erf(v)) for v in GRID]) < 1e-15
        gelu = activation("gelu")
        assert worst(gelu.value(GRID), [v * mpmath.ncdf(v) for v in grid]) < 1e-15
        away = np.abs(GRID + 0.7517915) > 0.1  # from the zero of the derivative
        slopes = [mpmath.ncdf(v) + v * mpmath.npdf(v) for v, far in zip(grid, away, strict=True) if far]
        assert worst(gelu.derivative(GRID[away]), slopes) < 2e-15
        plane = (np.linspace(-6, 6, 61)[:, None] + 1j * np.linspace(-1, 1, 9)).ravel()
        assert worst(erf(plane), [mpmath.erf(complex(v)) for v in plane]) < 1e-15
        near = GRID[np.abs(GRID) < 20]
        gauss = [2 / mpmath.sqrt(mpmath.pi) * mpmath.exp(-(mpmath.mpf(v.item()) ** 2)) for v in near]
        assert worst(erf(near + 1e-30j).imag / 1e-30, gauss) < 2e-15


@pytest.mark.parametrize("name", ANALYTIC)
def test_derivatives_against_complex_step(name: str) -> None:
    sigma = activation(name)
    np.testing.assert_allclose(
        sigma.value(GRID + 1e-30j).imag / 1e-30, sigma.derivative(GRID), rtol=1e-13, atol=1e-250
    )
    np.testing.assert_allclose(sigma.value(GRID + 0j).real, sigma.value(GRID), rtol=1e-14)


def test_values_against_mpmath() -> None:
    z = np.linspace(-600, 600, 241)
    with mpmath.workdps(700):
        exact = [mpmath.mpf(v.item()) for v in z]
        logistic = [1 / (1 + mpmath.exp(-v)) for v in exact]
        assert worst(activation("sigmoid").value(z), logistic) < 1e-15
        assert worst(activation("sigmoid").derivative(z), [s * (1 - s) for s in logistic]) < 1e-15
        softplus = [mpmath.log1p(mpmath.exp(v)) for v in exact]
        assert worst(activation("softplus").value(z), softplus) < 1e-15
        assert worst(activation("softplus").value(z + 0j).real, softplus) < 1e-15
        silu = [v * s for v, s in zip(exact, logistic, strict=True)]
        assert worst(activation("silu").value(z), silu) < 1e-15
        assert worst(activation("tanh").derivative(z / 2), [mpmath.sech(v / 2) ** 2 for v in exact]) < 1e-15


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_huge_preactivations_raise_no_warning(name: str) -> None:
    z = np.array([-1e300, -1e9, -800.0, -40.0, 0.0, 40.0, 800.0, 1e9, 1e300])
    sigma = activation(name)
    with np.errstate(all="raise", under="ignore"):
        value, derivative = sigma.value(z), sigma.derivative(z)
        assert np.isfinite(value).all() and np.isfinite(derivative).all()
        np.testing.assert_array_equal(sigma.value(z + 0j).real, value)
        if sigma.analytic:
            np.testing.assert_allclose(sigma.value(z + 1e-30j).imag / 1e-30, derivative, rtol=1e-14)


def test_costs_of_huge_logits() -> None:
    a, y = np.array([[1e4, 0.0, -1e4], [0.0, 50.0, 0.0]]), np.array([[0.0, 1.0, 0.0], [0.0, 1.0, 0.0]])
    with np.errstate(all="raise", under="ignore"):
        softmax = cost_function("softmax_cross_entropy")
        np.testing.assert_allclose(softmax.value(a, y), [1e4, 2 * math.exp(-50)], atol=1e-15)
        assert softmax.gradient is not None
        slope = np.array([[1.0, -1.0, 0.0], [math.exp(-50), -2 * math.exp(-50), math.exp(-50)]])
        np.testing.assert_allclose(softmax.gradient(a, y), slope, rtol=1e-14)
        binary = cost_function("binary_cross_entropy")
        np.testing.assert_allclose(binary.value(a, y), [1e4 + math.log(2), 2 * math.log(2)], rtol=1e-15)
        assert binary.gradient is not None
        np.testing.assert_allclose(binary.gradient(a, y)[0], np.array([1.0, -0.5, 0.0]))


def test_softmax_gradient_when_targets_do_not_sum_to_one() -> None:
    network, weights, biases, x, y = problem(Network(WIDTHS, "tanh", "softmax_cross_entropy"))
    data = network, weights, biases, x, 3 * y + 0.5
    assert gap(backward(*data), gradient_complex_step(*data)) < 1e-12


# ---------------------------------------------------------------- what a user brings along


def test_users_activation_and_cost() -> None:
    sine = (np.sin, np.cos)
    quartic = (lambda a, y: ((a - y) ** 4).sum(axis=1), lambda a, y: 4 * (a - y) ** 3)
    data = problem(Network(WIDTHS, sine, quartic))
    assert not data[0].analytic and gap(backward(*data), gradient_central(*data).gradient) < 1e-8
    smooth = Activation("sine", *sine, analytic=True)
    sure = replace(data[0], activations=smooth, cost=Cost("quartic", *quartic, analytic=True))
    assert sure.analytic and gap(backward(*data), gradient_complex_step(sure, *data[1:])) < 1e-12
    valued = replace(data[0], cost=quartic[0])
    assert gap(backward(*data), gradient_central(valued, *data[1:]).gradient) < 1e-8
    with pytest.raises(SymderiveError, match="cost with a gradient, found 'custom' without one"):
        backward(valued, *data[1:])
    with pytest.raises(SymderiveError, match=r"one cost per row: shape \(7,\) .* found \(\)"):
        cost(replace(valued, cost=lambda a, y: (a - y).sum()), *data[1:])
    with pytest.raises(SymderiveError, match=r"elementwise activation: shape \(7, 4\), found \(7,\)"):
        forward(replace(valued, activations=(lambda z: z.sum(axis=1), np.cos)), *data[1:4])


def test_network_errors() -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({"widths": (3,)}, r"at least two positive integer widths, found \(3,\)"),
        ({"widths": (3, 0)}, r"positive integer widths, found \(3, 0\)"),
        ({"widths": (3, 2.5)}, r"positive integer widths, found \(3, 2.5\)"),
        ({"activations": "tan"}, r"an activation among identity, tanh, .*, found 'tan'"),
        ({"output": "softmax"}, r"an activation among .*, found 'softmax'"),
        ({"activations": ["tanh"] * 3}, "expected 2 activations, one per layer, found 3"),
        ({"activations": ["tanh"] * 2, "output": "relu"}, "1 activations before the output, .* found 2"),
        ({"cost": "mse"}, "a cost among squared_error, .*, found 'mse'"),
        ({"reduction": "max"}, "the reduction sum or mean, found 'max'"),
    ]
    for arguments, message in cases:
        with pytest.raises(SymderiveError, match=message):
            Network(**{"widths": (4, 3, 2), **arguments})


def test_shape_errors() -> None:
    network, W, b, x, y = problem(Network((4, 3, 2)))
    for arguments, message in [
        ((W[:1], b, x, y), "expected 2 weights, one per layer, found 1"),
        ((W, [*b, b[0]], x, y), "expected 2 biases, one per layer, found 3"),
        (([W[0].T, W[1]], b, x, y), r"expected W\^1 of shape \(3, 4\), found \(4, 3\)"),
        ((W, [b[0], b[0]], x, y), r"expected b\^2 of shape \(2,\), found \(3,\)"),
        ((W, b, x.T, y), r"expected x of shape \(4,\) or \(samples, 4\), found \(4, 7\)"),
        ((W, b, x[:0], y), r"expected x of shape .* found \(0, 4\)"),
        ((W, b, x, y[:3]), r"expected y of shape \(7, 2\), found \(3, 2\)"),
        ((W, b, x.astype(str), y), "expected numbers in x, found the type <U"),
    ]:
        for function in (cost, backward, gradient_forward_truth, delta_truth):
            with pytest.raises(SymderiveError, match=message):
                function(network, *arguments)


def test_training_is_gradient_descent() -> None:
    network, W, b, x, y = problem(Network(WIDTHS, "tanh", reduction="mean"))
    before = [w.copy() for w in W]
    W2, b2, costs = train(network, W, b, x, y, rate=0.1, steps=40)
    assert len(costs) == 41 and all(late < early for early, late in pairwise(costs))
    assert costs[0] == cost(network, W, b, x, y) and costs[-1] == cost(network, W2, b2, x, y)
    assert all((w == old).all() for w, old in zip(W, before, strict=True))
    once = train(network, W, b, x, y, rate=0.1, steps=1)
    np.testing.assert_allclose(once[1][0], b[0] - 0.1 * gradient_complex_step(network, W, b, x, y).biases[0])


def test_random_is_reproducible_and_fits() -> None:
    for name in COSTS:
        network = Network(WIDTHS, cost=name)
        first, again, other = (problem(network, seed=s)[1:] for s in (1, 1, 2))
        assert all(np.array_equal(a, c) for a, c in zip(first[0], again[0], strict=True))
        assert np.array_equal(first[3], again[3]) and not np.array_equal(first[3], other[3])
        assert math.isfinite(cost(network, *first))


def test_reference_shares_nothing_with_the_engine() -> None:
    tree = ast.parse(Path(str(reference.__file__)).read_text(encoding="utf-8"))
    found = {a.name for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names}
    found |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    outside = {name for name in found if name.split(".")[0] not in sys.stdlib_module_names}
    assert outside == {"numpy", "numpy.typing", "symderive.errors"}


# ---------------------------------------------------------------- data

SOFTMAX: dict[str, Any] = {"cost": "softmax_cross_entropy"}


def test_csv(tmp_path: Path) -> None:
    file = tmp_path / "d.csv"
    plain, header, windows = "1,2,3\n4,5,6\n", "a,b,c\n1,2,3\n\n4, 5 ,6", "\ufeffa,b,c\r\n1,2,3\r\n4,5,6\r\n"
    for text in (plain, header, windows, '"1","2","3"\n4e0,5,6'):
        file.write_text(text, encoding="utf-8", newline="")
        x, y = load_data(file, 2, 1)
        assert x.tolist() == [[1, 2], [4, 5]] and y.tolist() == [[3], [6]]
        assert [v.shape for v in load_data(file)] == [(2, 2), (2, 1)]
        assert [v.shape for v in load_data(str(file), targets=2)] == [(2, 1), (2, 2)]
    file.write_text("1,2,0\n3,4,2\n", encoding="utf-8")
    assert load_data(file, 2, 4, **SOFTMAX)[1].tolist() == [[1, 0, 0, 0], [0, 0, 1, 0]]
    assert load_data(file, **SOFTMAX)[1].tolist() == [[1, 0, 0], [0, 0, 1]]
    file.write_text("1,0.25,0.75\n2,1,0\n", encoding="utf-8")
    assert load_data(file, 1, 2, **SOFTMAX)[1].tolist() == [[0.25, 0.75], [1, 0]]


@pytest.mark.parametrize(
    ("text", "arguments", "message"),
    [
        ("", {}, "expected rows of numbers in .*, found none"),
        ("a,b\n", {}, "expected rows of numbers in .*, found none"),
        ("a,b\n1,2\n3,abc\n", {}, "expected a number at row 3 column 2 of .*, found 'abc'"),
        ("1,2\n3,\n", {}, "expected a number at row 2 column 2 of .*, found ''"),
        ("1,2\n1_0,2\n", {}, "row 2 column 1 of .*, found '1_0'"),
        ("1,2\n,\n", {}, "row 2 column 1 of .*, found ''"),
        ("1,b\n1,2\n", {}, "row 1 column 2 of .*, found 'b'"),
        ("1,2\n\n3,nan\n", {}, "expected a finite number at row 3 column 2 of .*, found nan"),
        ("1,2\ninf,2\n", {}, "expected a finite number at row 2 column 1 of .*, found inf"),
        ("1,2\n1e999,2\n", {}, "expected a finite number at row 2 column 1 of .*, found inf"),
        ("1,2\n3\n", {}, "expected 2 columns at row 2 of .*, found 1"),
        ("1,2\n3,4,5\n", {}, "expected 2 columns at row 2 of .*, found 3"),
        ("1\n2\n", {}, "expected at least 2 columns in .*, the last 1 for y, found 1"),
        ("1,2,3\n", {"inputs": 3, "targets": 1}, "expected 4 columns in .*, the last 1 for y, found 3"),
        ("1,2,3\n", {"inputs": 3, "targets": 2, **SOFTMAX}, "expected 5 columns in .*, the last 2 for y"),
        ("1,2\n1,10\n", {"inputs": 1, "targets": 10, **SOFTMAX}, r"class label in 0..9 at row 2, found 10$"),
        ("1,2\n1,-1\n", {"inputs": 1, "targets": 10, **SOFTMAX}, r"class label in 0..9 at row 2, found -1$"),
        ("1,0.5\n", {"inputs": 1, "targets": 3, **SOFTMAX}, r"class label in 0..2 at row 1, found 0.5$"),
        ("1,1e300\n", SOFTMAX, r"class label in 0..99999 at row 1, found 1e\+300$"),
        ("1,0.5,0.6\n", {"inputs": 1, "targets": 2, **SOFTMAX}, "sum to 1 at row 1 of .*, found the sum 1.1"),
        ("1,-1,2\n", {"inputs": 1, "targets": 2, **SOFTMAX}, "probabilities that sum to 1 at row 1"),
        ("\udcff\udcfe", {}, "expected a CSV text file, cannot read"),
        ("1,2\0\n", {}, "expected a (CSV text file|number)"),
    ],
)  # fmt: skip
def test_csv_errors(tmp_path: Path, text: str, arguments: dict[str, Any], message: str) -> None:
    file = tmp_path / "d.csv"
    file.write_text(text, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(SymderiveError, match=message) as caught:
        load_data(file, **arguments)
    assert "\n" not in str(caught.value)


def test_npz(tmp_path: Path) -> None:
    file = tmp_path / "d.npz"
    np.savez(file, x=np.array([[1, 2], [3, 4]]), y=np.array([2, 0]))
    assert load_data(file)[1].tolist() == [[2.0], [0.0]]
    x, y = load_data(file, 2, 3, **SOFTMAX)
    assert x.dtype == float and y.tolist() == [[0, 0, 1], [1, 0, 0]]


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"x": [[1.0, 2.0]]}, "expected the arrays x and y in .*, found x$"),
        ({"u": [1.0]}, "expected the arrays x and y in .*, found u$"),
        ({"x": [[1.0, 2.0]], "y": np.array([None])}, "plain arrays, found pickled objects in"),
        ({"x": [["a", "b"]], "y": [1.0]}, "expected numbers in x of .*, found the type <U1"),
        ({"x": [[1.0, 2.0]], "y": [1.0, 2.0]}, r"found \(1, 2\) and \(2, 1\)"),
        ({"x": np.zeros((0, 2)), "y": np.zeros((0, 1))}, r"found \(0, 2\) and \(0, 1\)"),
        ({"x": [[1.0, math.nan]], "y": [1.0]}, "finite number at row 1 column 2 of x of .*, found nan"),
        ({"x": [[1.0, 2.0]], "y": [math.inf]}, "finite number at row 1 column 1 of y of .*, found inf"),
        ({"x": [[1.0, 2.0]], "y": [1j]}, "expected real numbers in .*, found complex ones"),
        ({"x": [[1.0, 2.0, 3.0]], "y": [1.0]}, "expected 2 columns in x of .*, found 3"),
        ({"x": [[1.0, 2.0]], "y": [[1.0, 2.0]]}, "expected 1 columns in y of .*, found 2"),
    ],
)
def test_npz_errors(tmp_path: Path, arrays: dict[str, Any], message: str) -> None:
    plain: dict[str, Any] = {name: np.asarray(v) for name, v in arrays.items()}
    np.savez(tmp_path / "d.npz", **plain)
    with pytest.raises(SymderiveError, match=message):
        load_data(tmp_path / "d.npz", inputs=2, targets=1)


def test_files_that_are_not_archives(tmp_path: Path) -> None:
    file = tmp_path / "d.npz"
    with pytest.raises(SymderiveError, match="expected a data file, found no file"):
        load_data(file)
    with pytest.raises(SymderiveError, match="expected a data file, found no file"):
        load_data(tmp_path)
    np.savez(tmp_path / "good.npz", x=np.zeros((9, 2)), y=np.zeros(9))
    good = (tmp_path / "good.npz").read_bytes()
    half, spoilt = good[: len(good) // 2], good[:150] + b"zz" + good[152:]
    for content in (b"", b"hello", pickle.dumps({"x": 1}), half, spoilt):
        file.write_bytes(content)
        with pytest.raises(SymderiveError, match="of plain arrays, found another format or damaged data"):
            load_data(file)


def test_digits(tmp_path: Path) -> None:
    """Real data through the file, the truth for all 2778 parameters, and training that learns."""
    if not os.environ.get("CI"):
        pytest.importorskip("sklearn.datasets")
    digits = importlib.import_module("sklearn.datasets").load_digits()
    table = np.column_stack([digits.data[:200] / 16, digits.target[:200]])
    np.savetxt(tmp_path / "digits.csv", table, delimiter=",")
    x, y = load_data(tmp_path / "digits.csv", 64, 10, **SOFTMAX)
    assert (y.argmax(axis=1) == digits.target[:200]).all()
    network = Network((64, 32, 16, 10), "tanh", "softmax_cross_entropy", output="identity", reduction="mean")
    weights, biases = random_parameters(network, 0)
    truth = gradient_complex_step(network, weights, biases, x, y)
    assert sum(v.size for v in (*truth.weights, *truth.biases)) == 2778
    mine = backward(network, weights, biases, x, y)
    keep = x.any(axis=0)  # a pixel that is never lit gives a zero column in both
    assert not mine.weights[0][:, ~keep].any() and not truth.weights[0][:, ~keep].any()
    assert gap(mine, truth) < 1e-12
    weights, biases, costs = train(network, weights, biases, x, y, rate=0.5, steps=300)
    right = forward(network, weights, biases, x)[1][-1].argmax(axis=1) == digits.target[:200]
    assert costs[-1] < 0.1 * costs[0] and right.mean() > 0.95
