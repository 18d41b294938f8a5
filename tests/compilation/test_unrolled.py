"""Straight-line code: its numbers, and how many operations it has."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from symderive.compilation import compile_derivation, unroll
from symderive.derivation import derive
from symderive.errors import SymderiveError
from symderive.reference import Network, backward, random_data, random_parameters
from symderive.systems import mlp
from symderive.systems.activations import activation
from tests.derivation.example_systems import tied_autoencoder


@pytest.mark.parametrize("name", ["tanh", "sigmoid", "relu", "leaky_relu", "softplus", "gelu"])
@pytest.mark.parametrize("cost", ["squared_error", "softmax_cross_entropy"])
def test_it_agrees_with_the_reference(name: str, cost: str) -> None:
    widths = (2, 3, 2)
    output = "identity" if cost != "squared_error" else None
    f = unroll(derive(mlp(widths=list(widths), activation=name, output=output, cost=cost)))
    network = Network(widths, name, cost, output=output)
    w, b = random_parameters(network, 0)
    x, y = (v[0] for v in random_data(network, 1, 0))
    _, gradients = f(w=w, b=b, x=x, y=y)
    expected = backward(network, w, b, x, y)
    for found, true in zip(
        gradients["w"] + gradients["b"], (*expected.weights, *expected.biases), strict=True
    ):
        np.testing.assert_allclose(np.array(found), true, rtol=0, atol=1e-13)


def counted(widths: tuple[int, ...]) -> int:
    """Operations of the textbook's backward pass for tanh and half the squared error, by hand."""
    total = 0
    for m, (k, n) in enumerate(itertools.pairwise(widths)):
        total += 2 * n * k + n  # z = w a + b, tanh
        total += 2 * n + n  # 1 - a^2, times what comes from above
        total += n * k  # dC/dw
        if m:
            total += k * (2 * n - 1)  # w^T delta
    n = widths[-1]
    return total + n + (2 * n - 1) + 1  # a - y, the sum of squares, a half


@pytest.mark.parametrize("widths", [(2, 3, 2), (4, 4, 4), (3, 3, 3, 3), (5, 6, 4, 3)])
def test_no_more_operations_than_backpropagation_has(widths: tuple[int, ...]) -> None:
    f = unroll(derive(mlp(widths=list(widths), activation="tanh", cost="squared_error")))
    assert f.operations <= counted(widths)
    lines = [line for line in f.source.splitlines() if line.startswith("    ") and " = " in line]
    assert f.operations == len(lines) - 4  # four lines take the arguments apart


def test_a_typed_system() -> None:
    system = tied_autoencoder().system
    system = replace(system, activations={f: activation("tanh") for f in system.functions()})
    d = derive(system)
    rng = np.random.default_rng(0)
    at: dict[str, Any] = {"w": rng.normal(size=(2, 4)), "b": rng.normal(size=2), "v": rng.normal(size=4)}
    at["x"] = rng.normal(size=4)
    value, gradients = d.unrolled({"N": 4, "M": 2})(**at)
    other, expected = compile_derivation(d)(at)
    assert value == pytest.approx(other, rel=1e-13)
    for name in "wbv":
        np.testing.assert_allclose(np.array(gradients[name]), expected[name], rtol=0, atol=1e-13)


def test_mistakes() -> None:
    d = derive(mlp(depth=1, activation="tanh", cost="squared_error"))
    with pytest.raises(SymderiveError, match="give its value in sizes"):
        d.unrolled()
    f = d.unrolled([2, 1])
    with pytest.raises(SymderiveError, match="expected w, b, x, y, found b, w, x"):
        f(w=[[[1.0, 2.0]]], b=[[0.0]], x=[0.0, 0.0])
    with pytest.raises(SymderiveError, match="expected numbers in the network's shapes"):
        f(w=[[[1.0, 2.0]]], b=[[0.0]], x=[0.0], y=[1.0])


@pytest.mark.parametrize("activation", ["sigmoid", "silu", "softplus", "elu", "tanh"])
@pytest.mark.parametrize("z", [-1000.0, 1000.0])
def test_saturated_units_have_their_limits(activation: str, z: float) -> None:
    d = derive(mlp(widths=[1, 1], activation=activation, cost="squared_error"))
    at = {"w": [[[z]]], "b": [[0.0]], "x": [1.0], "y": [-2.0]}
    value, gradients = d.unrolled()(**at)
    expected, others = d.compile()(at)
    assert value == pytest.approx(expected, rel=1e-14)
    assert gradients["b"][0] == pytest.approx(others["b"][0], rel=1e-14, abs=1e-300)


def test_numbers_that_have_no_cost_are_refused_in_one_line() -> None:
    poisson = derive(mlp(widths=[1, 1], activation="identity", cost="poisson")).unrolled()
    with pytest.raises(
        SymderiveError, match=r"^expected numbers whose exponentials are floats, found larger ones$"
    ):
        poisson(w=[[[1.0]]], b=[[0.0]], x=[1000.0], y=[1.0])
    entropy = derive(mlp(widths=[1, 1], activation="relu", output="relu", cost="cross_entropy")).unrolled()
    with pytest.raises(
        SymderiveError, match=r"^expected numbers where the cost has a value, found some outside"
    ):
        entropy(w=[[[1.0]]], b=[[0.0]], x=[-1.0], y=[1.0])
