"""Real data, as `symderive derive --data` takes it: derived gradients against complex step or differences."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from symderive import reference
from symderive.claims import against_reference
from symderive.claims.evidence import CheckFailed
from symderive.commands import derive

if os.environ.get("CI"):
    from sklearn import datasets  # where it has to be there, it is no reason to skip
else:
    datasets = pytest.importorskip("sklearn.datasets")

SEED = 20_260


@pytest.fixture(scope="module")
def iris(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """150 flowers: four lengths, and whether it is a setosa, a virginica."""
    data = datasets.load_iris()
    path = tmp_path_factory.mktemp("iris") / "iris.csv"
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow([*(name.replace(" (cm)", "") for name in data.feature_names), "setosa", "virginica"])
        out.writerows([*x, int(c == 0), int(c == 2)] for x, c in zip(data.data, data.target, strict=True))
    return path


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """1797 images of 8 times 8 pixels, from 0 to 1, and their digits."""
    data = datasets.load_digits()
    path = tmp_path_factory.mktemp("digits") / "digits.npz"
    np.savez(path, x=data.data / 16.0, y=data.target)
    return path


def comparison(**request: Any) -> tuple[derive.Outcome, against_reference.Comparison]:
    """The outcome and its comparison on the file's data; the other one is on random input."""
    outcome = derive.run(derive.Request(**request, seed=SEED))
    random, data = outcome.checked.comparisons
    assert random.rows is None
    return outcome, data


def test_the_relu_network_of_the_founding_question(iris: Path) -> None:
    """Two hidden layers of ReLU: central differences within 1e-6, on all flowers."""
    _, found = comparison(widths=(4, 5, 3, 2), activation="relu", cost="squared_error", data=iris)
    assert found.method == "central differences" and found.samples == 150
    assert found.worst <= 1e-6
    layers = {m for _, m in found.errors if m}
    assert layers == {1, 2, 3}
    print(f"\n4-5-3-2 ReLU, iris: {found.samples} samples, largest relative error {found.worst:.1e}")


def test_the_same_network_with_tanh_by_complex_step(iris: Path) -> None:
    _, found = comparison(widths=(4, 5, 3, 2), activation="tanh", cost="squared_error", data=iris)
    assert found.method == "complex step" and found.samples == 150
    assert found.worst <= 1e-9


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_a_classifier_of_handwritten_digits(activation: str, digits: Path) -> None:
    """64-32-16-10 with softmax cross-entropy: 2,778 parameters, each moved by itself."""
    outcome, found = comparison(
        widths=(64, 32, 16, 10),
        activation=activation,
        output="identity",
        cost="softmax_cross_entropy",
        data=digits,
    )
    smooth = activation == "tanh"
    assert found.method == ("complex step" if smooth else "central differences")
    assert found.worst <= (1e-9 if smooth else 1e-6)
    assert found.rows == 1797 and found.samples >= 100
    text = "; ".join(str(e) for e in outcome.checked.derived[0].printed.evidence)
    assert f"{found.samples} of 1797 samples" in text
    print(
        f"\n64-32-16-10 {activation}, digits: {found.samples} of 1797 samples, {found.method}, "
        f"{found.skipped} entries left out, largest relative error {found.worst:.1e}"
    )


def test_gradients_of_another_network_do_not_pass_on_real_data(
    iris: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the reference computed another network, the command would stop."""
    right = derive.reference_network

    def other(request: derive.Request) -> reference.Network:
        network = right(request)
        return reference.Network(network.widths, "sigmoid", network.cost, reduction="mean")

    monkeypatch.setattr(derive, "reference_network", other)
    with pytest.raises(CheckFailed, match="expected at most 1e-09"):
        comparison(widths=(4, 5, 3, 2), activation="tanh", cost="squared_error", data=iris)


def test_the_data_matter(digits: Path, tmp_path: Path) -> None:
    """Shuffled labels give another gradient, which agrees with the reference on the same data."""
    with np.load(digits) as both:
        x, y = both["x"][:40], both["y"][:40]
    errors = []
    for name, labels in (("true", y), ("shuffled", y[::-1])):
        np.savez(tmp_path / f"{name}.npz", x=x, y=labels)
        _, found = comparison(
            widths=(64, 5, 10), activation="tanh", output="identity", cost="softmax_cross_entropy",
            data=tmp_path / f"{name}.npz",
        )  # fmt: skip
        assert found.samples == 40 and found.worst <= 1e-9
        errors.append(found.errors)
    assert errors[0] != errors[1]
