"""The oracle against its own forward passes and numbers worked by hand; what it must refuse."""

from __future__ import annotations

import importlib
import math
import os
import subprocess
import sys
from dataclasses import replace
from itertools import count, islice, pairwise, repeat
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from symderive.errors import SymderiveError
from symderive.reference import (
    ACTIVATIONS,
    COSTS,
    Activation,
    Cost,
    Gradient,
    Network,
    activation,
    backward,
    cost,
    delta_truth,
    forward,
    gradient_central,
    gradient_complex_step,
    gradient_forward_truth,
    load_data,
    random_data,
    random_parameters,
    train,
    train_steps,
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


def test_steps_by_hand() -> None:
    """C = (w x + b - y)^2/2, delta = w x + b - y, each step with its own samples and its own step size."""
    batches: Any = [([1.0], [1.0]), ([[2.0], [0.0]], [[0.0], [5.0]])]
    # delta = 3 - 1, rate 1/2: (w, b) = (2, -1); then delta = 3 and -6: delta x sums to 6, delta to -3; rate 1
    for reduction, second in (("sum", (-4.0, 2.0)), ("mean", (-1.0, 0.5))):
        network = Network((1, 1), "identity", reduction=reduction)
        steps = list(train_steps(network, [[[3]]], [[0]], batches, [0.5, 1.0]))
        assert [(W[0].item(), b[0].item()) for W, b in steps] == [(2.0, -1.0), second]


def test_steps_follow_the_truth_of_their_own_batch() -> None:
    network, W, b, x, y = problem(Network(WIDTHS, "gelu", COSTS[1], output="identity", reduction="mean"))
    batches = [(x[i], y[i]) for i in (slice(0, 3), slice(2, 7), slice(4, 5), slice(0, 7))] + [(x[6], y[6])]
    rates = [0.5, 0.03, 2.0, 0.25, 1.0]

    def gap_of(found: list[Any]) -> float:
        """The largest difference from descent along complex steps, over all steps."""
        at, worst = (W, b), 0.0
        for (W2, b2), batch, rate in zip(found, batches, rates, strict=True):
            truth = gradient_complex_step(network, *at, *batch)
            pairs = zip((*at[0], *at[1]), (*truth.weights, *truth.biases), (*W2, *b2), strict=True)
            worst = max(worst, *(np.abs(old - rate * g - now).max() for old, g, now in pairs))
            at = W2, b2
        return worst

    before = [v.copy() for v in (*W, *b)]
    assert gap_of(list(train_steps(network, W, b, batches, rates))) < 1e-13
    assert all(np.array_equal(v, old) for v, old in zip((*W, *b), before, strict=True))
    summed = replace(network, reduction="sum")
    for mutant in (
        train_steps(network, W, b, batches, rates[::-1]),
        train_steps(network, W, b, [*batches[1:], batches[0]], rates),
        train_steps(network, W, b, [batches[0]] * 5, rates),
        train_steps(network, W, b, [(x, y)] * 5, rates),
        train_steps(summed, W, b, batches, rates),
        train_steps(network, W, [*b[:2], b[2] + 1e-9], batches, rates),
    ):
        assert gap_of(list(mutant)) > 1e-10


def test_steps_are_taken_one_at_a_time() -> None:
    """Endless schedules do; nothing is read ahead; spoiling what was yielded does not change the course."""
    network, W, b, x, y = problem(Network(WIDTHS))
    asked: list[int] = []

    def batches() -> Any:
        for i in count():
            asked.append(i)
            yield x[i % SAMPLES], y[i % SAMPLES]

    steps = train_steps(network, W, b, batches(), repeat(0.1))
    assert asked == []
    for done in (1, 2, 3):
        weights, biases = next(steps)
        assert asked == list(range(done))
        last = [v.copy() for v in (*weights, *biases)]
        for v in (*weights, *biases):
            v[...] = np.nan
        weights.clear()
    *_, (weights, biases) = train_steps(network, W, b, list(zip(x[:3], y[:3], strict=True)), [0.1] * 3)
    assert all(np.array_equal(v, w) for v, w in zip(last, (*weights, *biases), strict=True))


def test_errors_of_steps_name_the_step() -> None:
    network, W, b, x, y = problem(Network((4, 3, 2)))
    full = x, y
    valued = replace(network, cost=lambda a, y: (a - y).sum(axis=1))
    for network2, batches, rates, good, message in [
        (network, [full] * 2, [0.1], 1, "one step size per batch, found no step size for step 2$"),
        (network, [full], [0.1] * 3, 1, "one step size per batch, found no batch for step 2$"),
        (network, [full, (x.T, y)], [0.1] * 2, 1, r"expected x of shape .* found \(4, 7\), in step 2$"),
        (network, [full, full, (x, y[:3])], [0.1] * 3, 2, r"y of shape \(7, 2\), found \(3, 2\), in step 3$"),
        (valued, [full], [0.1], 0, "found 'custom' without one, in step 1$"),
    ]:
        steps = train_steps(network2, W, b, batches, rates)
        assert len(list(islice(steps, good))) == good
        with pytest.raises(SymderiveError, match=message):
            next(steps)
    assert list(train_steps(network, W, b, [], [])) == []


def test_random_is_reproducible_and_fits() -> None:
    for name in COSTS:
        network = Network(WIDTHS, cost=name)
        first, again, other = (problem(network, seed=s)[1:] for s in (1, 1, 2))
        assert all(np.array_equal(a, c) for a, c in zip(first[0], again[0], strict=True))
        assert np.array_equal(first[3], again[3]) and not np.array_equal(first[3], other[3])
        assert math.isfinite(cost(network, *first))


def test_reference_loads_nothing_of_the_engine() -> None:
    """The law of the tree reads import statements; this looks at what a run has loaded."""
    program = "import sys, symderive.reference; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = {name for name in run.stdout.split() if name.split(".")[0] in ("symderive", "sympy", "proofs")}
    parts = {f"symderive.reference{part}" for part in ("", "_arrays", "_data", "_functions")}
    assert loaded == {"symderive", "symderive.errors", *parts}


def test_digits(tmp_path: Path) -> None:
    """Real data through the file, the truth for all 2778 parameters, and training that learns."""
    if not os.environ.get("CI"):
        pytest.importorskip("sklearn.datasets")
    digits = importlib.import_module("sklearn.datasets").load_digits()
    table = np.column_stack([digits.data[:200] / 16, digits.target[:200]])
    np.savetxt(tmp_path / "digits.csv", table, delimiter=",")
    x, y = load_data(tmp_path / "digits.csv", 64, 10, "softmax_cross_entropy")
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
