"""The plugin of pytest: networks, data and seeds for tests of gradients.

    def test_my_gradient(symderive_network, symderive_seed):
        symderive.testing.assert_gradient(my_gradient, symderive_network, seed=symderive_seed)

| for a test, a class or a module | for all tests | is |
|---|---|---|
| `@pytest.mark.symderive(widths=[4, 5, 3])` | `symderive_widths = 4,5,3` | the numbers of units |
| `activation="relu"` | `symderive_activation = relu` | of all layers |
| `cost="softmax_cross_entropy"` | `symderive_cost = ..` | the cost |
| `seeds=[0, 1, 2]`, `seed=7` | `symderive_seeds = 0 1 2` | one run of the test for each seed |

The marker takes the other arguments of `symderive.mlp` too. What is nearer to the test counts. Nothing of
the engine is imported before a fixture is asked for.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

FIXTURE = "symderive_seed"
DEFAULT: dict[str, Any] = {"widths": [4, 5, 3], "activation": "tanh", "cost": "squared_error"}
"""Widths that differ, so that a transposed weight shows."""


class NetworkData(NamedTuple):
    """Parameters by their names, W1, b1, W2, .., of a network, and its data (x, y), samples in columns."""

    parameters: dict[str, Any]
    x: Any
    y: Any


def pytest_addoption(parser: pytest.Parser) -> None:
    """The settings for all tests."""
    for name, text in (
        ("widths", "numbers of units, input first: 4,5,3"),
        ("activation", "of all layers"),
        ("cost", "by its name"),
        ("seeds", "numbers; each test that asks for a seed is run with each"),
    ):
        parser.addini(f"symderive_{name}", f"of the network of the symderive_ fixtures: {text}", default="")


def pytest_configure(config: pytest.Config) -> None:
    """The marker is known."""
    text = "symderive(widths=.., activation=.., cost=.., seeds=[..]): the network of the symderive_ fixtures"
    config.addinivalue_line("markers", text)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One run for each seed, unless the test has seeds of its own."""
    if FIXTURE not in metafunc.fixturenames:
        return
    for marker in metafunc.definition.iter_markers("parametrize"):
        names = marker.args[0] if marker.args else marker.kwargs.get("argnames", "")
        if FIXTURE in (names.replace(" ", "").split(",") if isinstance(names, str) else names):
            return
    seeds = _seeds(metafunc.definition)
    if len(seeds) > 1:
        metafunc.parametrize(FIXTURE, seeds)


def _mistake(text: str) -> BaseException:
    """A mistake in a marker or a setting, told in one line: nobody has to read this file to mend it."""
    return pytest.fail.Exception(text, pytrace=False)


def _marked(node: pytest.Item) -> dict[str, Any]:
    """The marker's options, those nearest to the test last."""
    found: dict[str, Any] = {}
    for marker in reversed(list(node.iter_markers("symderive"))):
        if marker.args:
            raise _mistake(
                f"symderive: expected names, as in symderive(widths=[4, 5, 3]), found {marker.args[0]!r}"
            )
        if {"seed", "seeds"} & set(marker.kwargs):
            found = {k: v for k, v in found.items() if k not in ("seed", "seeds")}
        found |= marker.kwargs
    return found


def _seeds(node: pytest.Item) -> list[int]:
    options = _marked(node)
    written: list[Any] = str(node.config.getini("symderive_seeds")).replace(",", " ").split()
    given: Any = options.get("seeds", [options["seed"]] if "seed" in options else written or [0])
    try:
        seeds = [int(seed) for seed in given]
    except (TypeError, ValueError):
        seeds = []
    if not seeds or min(seeds) < 0:
        raise _mistake(f"symderive_seeds: expected numbers from 0, such as 0 1 2, found {given!r}")
    return seeds


def _network(node: pytest.Item) -> dict[str, Any]:
    """The arguments of `mlp`."""
    found = dict(DEFAULT)
    for name in DEFAULT:
        text = str(node.config.getini(f"symderive_{name}")).strip()
        if text and name == "widths":
            parts = text.replace(",", " ").split()
            if not all(part.isdecimal() and len(part) < 7 for part in parts):
                raise _mistake(f"symderive_widths: expected whole numbers, such as 4,5,3, found {text!r}")
            found[name] = [int(part) for part in parts]
        elif text:
            found[name] = text
    return found | {k: v for k, v in _marked(node).items() if k not in ("seed", "seeds")}


@pytest.fixture
def symderive_seed(request: pytest.FixtureRequest) -> int:
    """The seed: of the marker, else of the settings, else 0."""
    return _seeds(request.node)[0]


@pytest.fixture
def symderive_network(request: pytest.FixtureRequest) -> Any:
    """The system of a network: 4-5-3, tanh, half the squared error, unless the test says otherwise."""
    from inspect import signature

    from symderive.errors import SymderiveError
    from symderive.systems import mlp

    options = _network(request.node)
    known = list(signature(mlp).parameters)
    for name in options:
        if name not in known:
            expected = f"a seed, seeds or an argument of mlp ({', '.join(known)})"
            raise _mistake(f"symderive: expected {expected}, found {name!r}")
    try:
        return mlp(**options)
    except SymderiveError as error:
        raise _mistake(f"symderive: {error}") from None


@pytest.fixture
def symderive_data(symderive_network: Any, symderive_seed: int) -> NetworkData:
    """Random parameters and data of the network, away from kinks, with targets that suit the cost.

    Samples are columns: W^l is (n_l, n_{l-1}), b^l (n_l, 1), x (n_0, N) and y (n_L, N); N is 7 unless the
    system has samples of its own.
    """
    from symderive.errors import SymderiveError
    from symderive.verification.cases import random_case
    from symderive.verification.layout import Layout
    from symderive.verification.network import network_of

    try:
        network = network_of(symderive_network)
        case = random_case(network, network.samples or 7, symderive_seed)
    except SymderiveError as error:
        raise _mistake(f"symderive: {error}") from None
    return NetworkData(*Layout("columns").arguments(case))
