"""The oracle against an outside one: the backpropagation inside scikit-learn's multilayer perceptrons.

That method is private and has changed its arguments, so they are passed by name. Its weights are the
transposes of ours, its gradients are means over the samples, and its deltas are those of a sum.
"""

from __future__ import annotations

import importlib
import inspect
import os
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from symderive.reference import Activation, Network, backward, cost, forward, random_parameters

ACTIVATIONS = {"tanh": "tanh", "relu": "relu", "logistic": "sigmoid", "identity": "identity"}  # theirs: ours
COSTS = {
    "numbers": "squared_error",  # MLPRegressor
    "classes": "softmax_cross_entropy",  # MLPClassifier, one of three classes or more
    "two classes": "binary_cross_entropy",
    "labels": "binary_cross_entropy",  # several yes or no at once
}
HIDDEN = (7, 5)
TOLERANCE = 1e-12


@pytest.fixture(scope="module", autouse=True)
def _sklearn_is_there() -> None:
    """It comes with the test extra: only someone who left that out may go without."""
    if not os.environ.get("CI"):
        pytest.importorskip("sklearn")


@dataclass(frozen=True)
class Problem:
    """A network, its parameters and a batch; `task` and `theirs` say what scikit-learn is to be asked."""

    network: Network
    weights: list[Any]
    biases: list[Any]
    x: Any
    y: Any
    task: str
    theirs: str

    @property
    def data(self) -> tuple[Any, ...]:
        return self.network, self.weights, self.biases, self.x, self.y


def problem(data: str, task: str, theirs: str) -> Problem:
    """30 flowers of iris in centimetres, or 40 digits with pixels in [0, 1], with targets for the task."""
    loaded = getattr(importlib.import_module("sklearn.datasets"), f"load_{data}")()
    x, target = loaded.data, loaded.target
    x, target = (x[::5], target[::5]) if data == "iris" else (x[:40] / 16, target[:40])
    y = {
        "numbers": np.column_stack([x @ np.linspace(-1, 1, x.shape[1]), np.sin(target)]),
        "classes": target[:, None] == np.unique(target),
        "two classes": target[:, None] == 1,
        "labels": np.column_stack([target >= 1, target == 2, x.sum(axis=1) > np.median(x.sum(axis=1))]),
    }[task].astype(float)
    widths = (x.shape[1], *HIDDEN, y.shape[1])
    network = Network(widths, ACTIVATIONS[theirs], COSTS[task], output="identity", reduction="mean")
    return Problem(network, *random_parameters(network, 5), x, y, task, theirs)


def outside(p: Problem, l2: float = 0.0) -> tuple[float, list[Any], dict[str, Any]]:
    """scikit-learn's loss, the outputs of its layers, and its gradients under our names and in our layout."""
    networks = importlib.import_module("sklearn.neural_network")
    kind = networks.MLPRegressor if p.task == "numbers" else networks.MLPClassifier
    model = kind(hidden_layer_sizes=HIDDEN, activation=p.theirs, alpha=l2, random_state=0)
    # One step sets the estimator up; its parameters are replaced after that.
    if p.task == "numbers":
        model.partial_fit(p.x, p.y)
    elif p.task == "labels":
        model.partial_fit(p.x, p.y.astype(int), classes=range(p.y.shape[1]))
    else:
        classes = p.y.argmax(axis=1) if p.task == "classes" else p.y[:, 0].astype(int)
        model.partial_fit(p.x, classes, classes=np.unique(classes))
    model.coefs_ = [w.T.copy() for w in p.weights]
    model.intercepts_ = [b.copy() for b in p.biases]
    given = {
        "X": p.x,
        "y": p.y,
        "sample_weight": None,
        "activations": [p.x] + [np.empty((len(p.x), n)) for n in p.network.widths[1:]],
        "deltas": [np.empty((len(p.x), n)) for n in p.network.widths[1:]],
        "coef_grads": [np.empty_like(w) for w in model.coefs_],
        "intercept_grads": [np.empty_like(b) for b in model.intercepts_],
    }
    wanted = inspect.signature(model._backprop).parameters
    loss, dW, db = model._backprop(**{name: given[name] for name in wanted})
    named = {"delta": [d / len(p.x) for d in given["deltas"]], "W": [g.T for g in dW], "b": db}
    arrays = {f"{name}^{m}": v for name, part in named.items() for m, v in enumerate(part, start=1)}
    return float(loss), given["activations"], arrays


def gap(mine: dict[str, Any], theirs: dict[str, Any]) -> float:
    """The largest difference in an array over its largest entry; scikit-learn has no derivative by x."""
    assert mine.keys() - {"x"} == theirs.keys() and len(theirs) == 9
    worst = 0.0
    for name, array in theirs.items():
        assert mine[name].shape == array.shape and np.abs(array).max() > 0, name
        worst = max(worst, float(np.abs(mine[name] - array).max() / np.abs(array).max()))
    return worst


@pytest.mark.parametrize("theirs", ACTIVATIONS)
@pytest.mark.parametrize("task", COSTS)
@pytest.mark.parametrize("data", ["iris", "digits"])
def test_scikit_learn_finds_the_same(data: str, task: str, theirs: str) -> None:
    p = problem(data, task, theirs)
    loss, activations, arrays = outside(p)
    assert gap(backward(*p.data).arrays(), arrays) < TOLERANCE
    mine = forward(*p.data[:4])[1]
    for found, expected in zip(mine[:-1], activations[:-1], strict=True):  # their last is in the cost of ours
        np.testing.assert_allclose(found, expected, rtol=TOLERANCE, atol=TOLERANCE)
    # Their loss of several numbers is a mean over the numbers too, though their gradient is not.
    shared = p.y.shape[1] if task == "numbers" else 1
    assert cost(*p.data) / shared == pytest.approx(loss, rel=TOLERANCE)


@pytest.mark.parametrize("task", COSTS)
def test_what_differs_is_noticed(task: str) -> None:
    p = problem("iris", task, "tanh")
    arrays = outside(p)[2]
    good = backward(*p.data)
    wrong = Activation("tanh", np.tanh, lambda z: 1 - np.tanh(z))
    nudged = [w.copy() for w in p.weights]
    nudged[1][2, 3] += 1e-9
    mutants = {
        "a sum for a mean": backward(replace(p.network, reduction="sum"), *p.data[1:]),
        "another derivative": backward(replace(p.network, activations=wrong), *p.data[1:]),
        "another activation": backward(replace(p.network, activations="sigmoid"), *p.data[1:]),
        "another weight": backward(*replace(p, weights=nudged).data),
        "targets of the next sample": backward(*replace(p, y=np.roll(p.y, -1, axis=0)).data),
        "bias of another layer": replace(good, biases=(good.biases[0], 2 * good.biases[1], good.biases[2])),
    }
    for name, mutant in mutants.items():
        assert gap(mutant.arrays(), arrays) > 1e-10, name
    assert gap(good.arrays(), outside(p, l2=1e-6)[2]) > 1e-10, "their L2 term"


def test_relu_has_the_same_slope_at_its_kink() -> None:
    """A sample of zeros and no biases: preactivations are exactly 0, where both take the slope to be 0."""
    p = problem("iris", "numbers", "relu")
    p = replace(p, x=np.vstack([0 * p.x[:1], p.x[1:]]), biases=[0 * p.biases[0], *p.biases[1:]])
    assert not forward(*p.data[:4])[0][0][0].any()
    arrays = outside(p)[2]
    assert gap(backward(*p.data).arrays(), arrays) < TOLERANCE
    for slope in (0.5, 1.0):
        other = replace(p.network, relu_at_zero=slope)
        assert gap(backward(other, *p.data[1:]).arrays(), arrays) > 1e-3
