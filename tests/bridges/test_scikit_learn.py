"""scikit-learn's own backpropagation on digits and diabetes, every activation, cost and solver, L2 on."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import pytest
from needed import diabetes, digits, gaps, library, truth

import symderive as sd
from symderive import reference
from symderive.claims.evidence import CheckFailed

ACTIVATIONS = {"identity": "identity", "logistic": "sigmoid", "tanh": "tanh", "relu": "relu"}  # theirs: ours
SOLVERS = ("adam", "sgd", "lbfgs")
TASKS = ("classes", "two classes", "labels", "number", "numbers", "counts")
# by task: the reference's cost
COSTS = {
    "classes": "softmax_cross_entropy",
    "two classes": "binary_cross_entropy", "labels": "binary_cross_entropy",
    "number": "squared_error", "numbers": "squared_error", "counts": "poisson",
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def _there() -> None:
    library("sklearn")


@lru_cache
def data(task: str) -> tuple[Any, Any]:
    """Inputs and targets as scikit-learn takes them."""
    x, y = digits() if task in ("classes", "two classes", "labels") else diabetes()
    wanted: dict[str, Callable[[], Any]] = {
        "classes": lambda: y,
        "two classes": lambda: np.where(y > 4, "high", "low"),
        "labels": lambda: np.column_stack([y % 2 == 0, y > 4, y == 0]).astype(int),
        "number": lambda: y,
        "numbers": lambda: np.column_stack([y, x[:, 2], y * x[:, 3]]),
        "counts": lambda: np.round(np.exp(y / 2)),
    }
    return x, wanted[task]()


def model(task: str, activation: str = "tanh", solver: str = "adam", alpha: float = 0.3, **more: Any) -> Any:
    """A network that was trained a little."""
    networks = importlib.import_module("sklearn.neural_network")
    classifier = task in ("classes", "two classes", "labels")
    if task == "counts":
        more["loss"] = "poisson"
    kind = networks.MLPClassifier if classifier else networks.MLPRegressor
    given = {"hidden_layer_sizes": (9, 6), "max_iter": 3, "random_state": 3, **more}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that three iterations do not converge is no news
        return kind(activation=activation, solver=solver, alpha=alpha, **given).fit(*data(task))


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("task", TASKS)
def test_backprop_and_the_gradient_for_lbfgs_agree_with_the_derivation(task: str, activation: str) -> None:
    solver = SOLVERS[(TASKS.index(task) + list(ACTIVATIONS).index(activation)) % 3]
    fitted = model(task, activation, solver)
    x, y = data(task)
    found = sd.from_sklearn(fitted).verify(x, y)
    assert found.status == "numeric" and found.error < 1e-9
    assert len(found.evidence) == 6
    for one in found.evidence.values():
        assert "backprop" in one.text and "lbfgs" in one.text and f"{len(x)} samples" in one.text


@pytest.mark.parametrize("solver", SOLVERS)
def test_every_solver(solver: str) -> None:
    found = sd.from_sklearn(model("classes", "relu", solver)).verify(*data("classes"))
    assert found.holds and found.error < 1e-9


@pytest.mark.parametrize("activation", ["identity", "logistic", "tanh"])
@pytest.mark.parametrize("task", TASKS)
def test_complex_steps_of_the_reference_find_the_derived_gradient(task: str, activation: str) -> None:
    """Neither scikit-learn's nor the engine's backward pass takes part in this truth."""
    fitted = model(task, activation)
    x, y = (v[:60] for v in data(task))
    net = sd.from_sklearn(fitted)
    rows, wanted = net.data(x, y)
    network = reference.Network(
        net.plan.widths, ACTIVATIONS[activation], COSTS[task], output="identity", reduction="mean"
    )
    weights = [w.T for w in fitted.coefs_]
    exact = truth(network, weights, fitted.intercepts_, rows, wanted, l2=fitted.alpha / len(rows))
    assert max(gaps(net, x, y, exact)) < 1e-9
    other = truth(network, weights, fitted.intercepts_, rows, wanted, l2=0.9 * fitted.alpha / len(rows))
    assert max(gaps(net, x, y, other)) > 1e-6
    mean = reference.cost(network, weights, fitted.intercepts_, rows, wanted)
    penalty = fitted.alpha / 2 / len(rows) * sum(float((w**2).sum()) for w in weights)
    assert net.cost(x, y) == pytest.approx(mean + penalty, rel=1e-12)


def test_relu_by_central_differences() -> None:
    fitted = model("number", "relu", alpha=0.0)
    x, y = (v[:40] for v in data("number"))
    net = sd.from_sklearn(fitted)
    network = reference.Network(net.plan.widths, "relu", output="identity", reduction="mean")
    weights = [w.T for w in fitted.coefs_]
    rows, wanted = net.data(x, y)
    found = reference.gradient_forward_truth(network, weights, fitted.intercepts_, rows, wanted)
    assert found.method == "central differences" and found.skipped < 200
    for m, dw in enumerate(found.gradient.weights):
        mine = net.gradient(x, y)[f"coefs_[{m}]"].T
        known = ~np.isnan(dw)
        assert known.any() and np.abs(mine - dw)[known].max() < 1e-6 * np.nanmax(np.abs(dw))


def test_the_penalty_is_derived() -> None:
    net = sd.from_sklearn(model("number", alpha=0.25))
    gradient = str(net.derivation.gradient("w", 2)[0])
    assert gradient.split("  for ")[0] == (
        "grad_w[2, j, k] := sum(a[1, s, k]*delta[2, s, j], s=1..B) + w[2, j, k]/(4*B)"
    )
    assert "w[" not in str(net.derivation.gradient("b", 2)[0].rhs)


def test_a_partial_fit_is_enough_and_nothing_is_changed() -> None:
    networks = importlib.import_module("sklearn.neural_network")
    x, y = data("number")
    fitted = networks.MLPRegressor(hidden_layer_sizes=(4,), random_state=0, activation="tanh").partial_fit(
        x, y
    )
    before = {k: str(v) for k, v in vars(fitted).items()}
    found = sd.from_sklearn(fitted).verify(x, y)
    assert found.holds and found.error < 1e-9
    assert {k: str(v) for k, v in vars(fitted).items()} == before


def test_single_precision_has_a_tolerance_of_its_own() -> None:
    networks = importlib.import_module("sklearn.neural_network")
    x, y = (v.astype(np.float32) for v in data("number"))
    fitted = networks.MLPRegressor(hidden_layer_sizes=(4,), random_state=0, activation="tanh").partial_fit(
        x, y
    )
    assert fitted.coefs_[0].dtype == np.float32
    found = sd.from_sklearn(fitted).verify(x, y)
    assert found.holds and 1e-9 < found.error < 1e-4
    assert sd.from_sklearn(fitted).verify(x, y, tolerance=1e-9).status == "refuted"


def test_what_their_loss_of_several_numbers_leaves_out_is_said() -> None:
    assert "mean over the outputs" in str(sd.from_sklearn(model("numbers")).verify(*data("numbers")))
    assert "mean over the outputs" not in str(sd.from_sklearn(model("number")).verify(*data("number")))


# --------------------------------------------------------------------------- faults in their backpropagation

FAULTS: dict[str, Callable[[list[Any], list[Any], Any], None]] = {
    "one entry off by a millionth": lambda w, b, m: w[1].__setitem__(
        (2, 1), w[1][2, 1] + 1e-6 * np.abs(w[1]).max()
    ),
    "the penalty forgotten": lambda w, b, m: w.__setitem__(0, w[0] - m.alpha * m.coefs_[0] / 442),
    "a sum for a mean": lambda w, b, m: b.__setitem__(0, b[0] * 442),
    "the sign": lambda w, b, m: w.__setitem__(2, -w[2]),
    "not a number": lambda w, b, m: b[1].__setitem__(0, np.nan),
    "another shape": lambda w, b, m: w.__setitem__(1, w[1].T),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_their_backprop_is_refuted(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fitted = model("number")
    kind = type(fitted)
    right = kind._backprop

    def wrong(self: Any, X: Any, y: Any, sample_weight: Any, activations: Any, deltas: Any,
              coef_grads: Any, intercept_grads: Any) -> Any:  # fmt: skip
        loss, dw, db = right(self, X, y, sample_weight, activations, deltas, coef_grads, intercept_grads)
        FAULTS[fault](dw, db, self)
        return loss, dw, db

    net = sd.from_sklearn(fitted)
    assert net.verify(*data("number")).holds
    monkeypatch.setattr(kind, "_backprop", wrong)
    found = net.verify(*data("number"))
    assert found.status == "refuted"
    assert [e.status for e in found.evidence.values()].count("refuted") == 1
    with pytest.raises(CheckFailed, match=r"scikit-learn MLPRegressor: refuted"):
        found.require()


@pytest.mark.parametrize("change", ["alpha", "activation", "other data"])
def test_another_network_is_not_verified(change: str) -> None:
    fitted = model("number")
    net = sd.from_sklearn(fitted)
    x, y = data("number")
    if change == "alpha":
        fitted.alpha = 0.31
    elif change == "activation":
        fitted.activation = "logistic"
    else:
        derived = net.gradient(x, y)
        assert net.verify(x, y, gradient=derived).holds
        assert net.verify(x[::-1], y, gradient=derived).status == "refuted"
        return
    assert net.verify(x, y).status == "refuted"


# ------------------------------------------------------------------------------------------- what is refused


def refusal(action: Callable[[], Any]) -> str:
    with pytest.raises(sd.SymderiveError) as error:
        action()
    assert "\n" not in str(error.value)
    return str(error.value)


def test_wrong_estimators_are_refused_in_one_line() -> None:
    networks = importlib.import_module("sklearn.neural_network")
    assert refusal(lambda: sd.from_sklearn(networks.MLPClassifier())) == (
        "from_sklearn: expected a fitted MLPClassifier, found one without coefs_: call fit first"
    )
    assert refusal(lambda: sd.from_sklearn(3)) == (
        "from_sklearn: expected an MLPClassifier or MLPRegressor, found int"
    )
    linear = importlib.import_module("sklearn.linear_model").LinearRegression()
    assert "found sklearn.linear_model" in refusal(lambda: sd.from_sklearn(linear))
    pipeline = importlib.import_module("sklearn.pipeline").make_pipeline(linear)
    assert refusal(lambda: sd.from_sklearn(pipeline)).endswith("Pipeline: give its last step")
    changed = model("number")
    changed.out_activation_ = "tanh"
    assert "found tanh, squared_error and tanh" in refusal(lambda: sd.from_sklearn(changed))


def test_wrong_data_are_refused_in_one_line() -> None:
    net = sd.from_sklearn(model("classes"))
    x, y = data("classes")
    assert (
        refusal(lambda: net.verify(x[:, :-1], y)) == "x: expected the shape (samples, 64), found (1797, 63)"
    )
    assert refusal(lambda: net.verify(x[:5], y[:4])).startswith("y: expected 5 samples and 10 outputs, found")
    assert refusal(lambda: net.verify(x[:2], [1, 11])) == "y: expected classes that the model knows, found 11"
    assert refusal(lambda: net.verify(x * np.nan, y)) == "x: expected finite numbers, found NaN or infinity"
    assert refusal(lambda: net.verify("digits", y)).startswith("x: expected real numbers, found the type")
    assert "expected finite numbers" in refusal(
        lambda: sd.from_sklearn(model("number")).verify(*data("number")[:1], data("number")[1] * np.inf)
    )


def test_targets_that_are_not_those_of_the_fit_are_refused() -> None:
    x, y = data("classes")
    net = sd.from_sklearn(model("classes"))
    right = net.verify(x, y)
    for same in (y[:, None], y.astype(float), np.eye(10)[y], np.eye(10, dtype=int)[y]):
        assert net.verify(x, same).error == right.error
    classes = "y: expected a class for each sample, or rows that add up to 1, found"
    known = "y: expected classes that the model knows, found"
    for given, message in (
        ([[11], [2]], f"{known} 11"),
        (np.ones((2, 10)), f"{classes} {[1.0] * 10} of sample 0"),
        (np.ones((2, 2, 10)), f"{classes} the shape (2, 2, 10)"),
        ([[1], [2, 3]], "y: expected an array of labels, found [[1], [2, 3]]"),
        (None, "y: expected an array of labels, found None"),
    ):
        assert refusal(lambda given=given: net.verify(x[:2], given)) == message
    labels = sd.from_sklearn(model("labels"))
    for given in (data("labels")[1].astype(float), data("labels")[1].astype(bool)):
        assert labels.verify(x, given).holds
    wanted = "y: expected 0 or 1 for each label, as in fit, found"
    # a vector would be taken for classes 0, 1, 2 by scikit-learn's own encoder
    assert refusal(lambda: labels.verify(x[:2], [0, 1])) == f"{wanted} the shape (2,)"
    assert refusal(lambda: labels.verify(x[:1], [[0, 1, 3]])) == f"{wanted} [0.0, 1.0, 3.0] of sample 0"


def test_sparse_inputs_and_labels_are_taken() -> None:
    sparse = importlib.import_module("scipy.sparse")
    x, y = data("labels")
    net = sd.from_sklearn(model("labels"))
    assert net.verify(sparse.csr_matrix(x), sparse.csr_matrix(y)).error == net.verify(x, y).error


def test_a_network_at_its_minimum_is_not_refuted_by_rounding() -> None:
    fitted = model("number", "identity", "sgd", alpha=0.0, hidden_layer_sizes=(), learning_rate_init=1e-4)
    x, y = data("number")
    best = np.linalg.lstsq(np.column_stack([x, np.ones(len(x))]), y, rcond=None)[0]
    fitted.coefs_[0][:, 0], fitted.intercepts_[0][0] = best[:-1], best[-1]
    found = sd.from_sklearn(fitted).verify(x, y)
    assert found.holds and found.error < 1e-12 and "terms that cancel" in str(found)


def test_parameters_that_changed_since_are_refused() -> None:
    fitted = model("number")
    net = sd.from_sklearn(fitted)
    fitted.coefs_[1][0, 0] += 1e-3
    assert refusal(lambda: net.verify(*data("number"))) == (
        "coefs_[1]: expected the values that were read, found others: read the network once more"
    )
    assert sd.from_sklearn(fitted).verify(*data("number")).holds


def test_parameters_whose_shapes_no_longer_fit_are_refused() -> None:
    wanted = "from_sklearn: expected coefs_ and intercepts_ whose shapes fit each other, found "
    for change in (
        lambda m: m.coefs_.pop(),
        lambda m: m.intercepts_.pop(),
        lambda m: m.coefs_.reverse(),
        lambda m: m.intercepts_.reverse(),
        lambda m: m.coefs_.__setitem__(0, np.ones(3)),
    ):
        fitted = model("number")
        net = sd.from_sklearn(fitted)
        change(fitted)
        assert refusal(lambda fitted=fitted: sd.from_sklearn(fitted)).startswith(wanted)
        assert refusal(lambda net=net: net.verify(*data("number"))).startswith(wanted)
