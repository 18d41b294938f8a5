"""The plugin of pytest: networks, data and seeds for tests of gradients.

    def test_my_gradient(symderive_network):
        symderive.testing.assert_gradient(my_gradient, symderive_network)

Every option of the network can be set for a test, a class or a module by a marker:

    @pytest.mark.symderive(widths=[4, 5, 3], activation="relu", cost="softmax_cross_entropy", seed=7)

Nothing of symderive is imported before a fixture is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pytest

DEFAULT: dict[str, Any] = {"widths": [4, 5, 3], "activation": "tanh", "cost": "squared_error"}
"""Widths that differ, so that a transposed weight shows."""


@dataclass(frozen=True)
class NetworkData:
    """Parameters by their names, W1, b1, W2, .., of a network, and its data, samples in columns."""

    parameters: dict[str, Any] = field(default_factory=dict)
    x: Any = None
    y: Any = None


def pytest_configure(config: pytest.Config) -> None:
    """The marker is known."""
    text = "symderive(widths=.., activation=.., cost=.., seed=..): the network of the symderive_ fixtures"
    config.addinivalue_line("markers", text)


def _options(request: pytest.FixtureRequest) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for marker in reversed(list(request.node.iter_markers("symderive"))):
        found |= marker.kwargs
    return found


@pytest.fixture
def symderive_seed(request: pytest.FixtureRequest) -> int:
    """The seed of the marker, else 0."""
    return int(_options(request).get("seed", 0))


@pytest.fixture
def symderive_network(request: pytest.FixtureRequest) -> Any:
    """The system of a network: 4-5-3, tanh, half the squared error, unless the marker says otherwise."""
    from symderive.systems import mlp

    own = {k: v for k, v in _options(request).items() if k != "seed"}
    return mlp(**{**DEFAULT, **own})


@pytest.fixture
def symderive_data(request: pytest.FixtureRequest, symderive_seed: int) -> NetworkData:
    """Random parameters and data of the network, weights as n_l x n_{l-1}, seven samples in columns."""
    import numpy as np

    widths = {**DEFAULT, **_options(request)}["widths"]
    random = np.random.default_rng(symderive_seed)
    parameters: dict[str, Any] = {}
    for layer, (before, after) in enumerate(pairwise(widths), 1):
        parameters[f"W{layer}"] = random.normal(size=(after, before))
        parameters[f"b{layer}"] = random.normal(size=(after, 1))
    return NetworkData(parameters, random.normal(size=(widths[0], 7)), random.normal(size=(widths[-1], 7)))
