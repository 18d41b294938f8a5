"""Libraries that a person may lack, and that continuous integration must have; real data; the oracle."""

from __future__ import annotations

import importlib
import os
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from symderive import reference
from symderive.bridges import Bridged


def library(name: str) -> Any:
    """The library; a test is skipped without it, unless it runs in continuous integration."""
    if not os.environ.get("CI"):
        pytest.importorskip(name)
    return importlib.import_module(name)


def digits() -> tuple[Any, Any]:
    """1797 images of 64 pixels in [0, 1], and their classes."""
    library("sklearn")
    data = importlib.import_module("sklearn.datasets").load_digits()
    return data.data / 16, data.target


def diabetes() -> tuple[Any, Any]:
    """442 patients with ten measurements each, and the standardised progression."""
    library("sklearn")
    data = importlib.import_module("sklearn.datasets").load_diabetes()
    return data.data * 10, (data.target - data.target.mean()) / data.target.std()


def truth(
    network: reference.Network,
    weights: Sequence[Any],
    biases: Sequence[Any],
    x: Any,
    y: Any,
    l2: float = 0.0,
    scale: float = 1.0,
) -> list[Any]:
    """dC/dW^1, dC/db^1, .. by complex steps of the NumPy reference and of l2/2 sum w^2, in our layout."""
    found = reference.gradient_forward_truth(network, weights, biases, x, y)
    assert found.method == "complex step"
    h = 2.0**-100

    def of_penalty(w: Any) -> Any:
        return (l2 / 2 * (w + 1j * h) ** 2).imag / h

    pairs = zip(weights, found.gradient.weights, found.gradient.biases, strict=True)
    return [v for w, dw, db in pairs for v in (scale * dw + of_penalty(w), scale * db)]


def gaps(net: Bridged, x: Any, y: Any, wanted: Sequence[Any]) -> list[float]:
    """The largest differences of the derived gradients from those wanted, relative to the largest entry."""
    found = net.gradient(x, y)
    assert len(found) == len(wanted)
    errors = []
    for p, one in zip(net.entries, wanted, strict=True):
        mine = net.layout.weight(found[p.name]) if p.tensor == "w" else np.ravel(found[p.name])
        assert mine.shape == one.shape and np.abs(one).max() > 0
        errors.append(float(np.abs(mine - one).max() / np.abs(one).max()))
    return errors
