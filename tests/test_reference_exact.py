"""The exact oracle against its own forward passes, numbers worked by hand, and the NumPy reference."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from symderive import reference
from symderive.errors import SymderiveError
from symderive.reference_exact import (
    ACTIVATIONS,
    Activation,
    Dual,
    Network,
    Parameters,
    activation,
    backward,
    cost,
    descend,
    forward,
    gradient_truth,
    polynomial,
    relu,
    slope,
    step,
    train,
    units,
)

WIDTHS = (4, 2, 3, 5)  # all different, and different from the 6 samples
SAMPLES = 6
NAMES = tuple(name for name in ACTIVATIONS if name != "relu")
F = Fraction


def rational(source: random.Random) -> Fraction:
    return F(source.randint(-5, 5), source.randint(1, 4))


def problem(network: Network, seed: int, samples: int = SAMPLES) -> tuple[Network, Parameters, Any, Any]:
    source = random.Random(seed)

    def grid(rows: int, columns: int) -> list[list[Fraction]]:
        return [[rational(source) for _ in range(columns)] for _ in range(rows)]

    n = tuple(network.widths)
    weights = [grid(b, a) for a, b in pairwise(n)]
    biases = [[rational(source) for _ in range(b)] for b in n[1:]]
    return network, Parameters.of(weights, biases), grid(samples, n[0]), grid(samples, n[-1])


def truth(data: tuple[Network, Parameters, Any, Any]) -> Parameters:
    return gradient_truth(*data)


# ---------------------------------------------------------------- backward against the truth


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("reduction", ["sum", "mean"])
@pytest.mark.parametrize("name", NAMES)
def test_backward_is_the_truth(name: str, reduction: str, seed: int) -> None:
    data = problem(Network(WIDTHS, name, factor=F(3, 7), reduction=reduction), seed)
    found = backward(*data).parameters
    assert found == truth(data)
    assert all(any(v != 0 for v in row) for w in found.weights for row in w)


@pytest.mark.parametrize("seed", range(5))
def test_of_mixed_layers_with_relu_and_dropout(seed: int) -> None:
    """relu off its kink; masks of 0, 2 and a fraction."""
    net = Network((3, 4, 2, 5), ("relu", "z+z^3", "z+z^2")).dropout((1, 0, 2, 1), (F(1, 3), 2))
    data = problem(net, seed)
    _, theta, x, _ = data
    assert all(v != 0 for row in forward(net, theta, x)[0][0] for v in row)
    assert backward(*data).parameters == truth(data)


@pytest.mark.parametrize("name", NAMES)
def test_slope_is_that_of_the_interpolated_cost(name: str) -> None:
    """The numbers a + b t against plain costs alone: t -> C(theta + t e) by its values at 2 d + 1 points."""
    network, theta, x, y = problem(Network((2, 1, 3), ("identity", name)), 5, samples=2)
    direction = problem(network, 6)[1]
    degree = {"identity": 1, "square": 2, "z+z^2": 2}.get(name, 3) * 4
    points = range(-degree // 2, degree // 2 + 1)
    values = [cost(network, theta.map(lambda v, e, t=t: v + t * e, direction), x, y) for t in points]
    assert slope(network, theta, direction, x, y) == slope_at_0(list(points), values)


def slope_at_0(points: list[int], values: list[Fraction]) -> Fraction:
    """p'(0) of the polynomial through the points, one of which is 0, by Lagrange."""
    total = F(0)
    for i, (a, v) in enumerate(zip(points, values, strict=True)):
        others = [b for n, b in enumerate(points) if n != i]
        bottom = product([a - b for b in others])
        tops = [product([-c for m, c in enumerate(others) if m != n]) for n in range(len(others))]
        total += v * F(sum(tops), bottom)
    return total


def product(values: Sequence[int]) -> int:
    found = 1
    for v in values:
        found *= v
    return found


@pytest.mark.parametrize("seed", range(3))
def test_deltas_are_the_slopes_by_a_bias_of_one_sample(seed: int) -> None:
    """delta^l_j of one sample is how its cost moves with b^l_j; dx, with what a bias does to the input."""
    network, theta, x, y = problem(Network(WIDTHS, "z+z^2+z^3"), seed)
    found = backward(network, theta, x, y)
    for s in range(SAMPLES):
        own = gradient_truth(network, theta, x[s], y[s])
        assert tuple(d[s] for d in found.deltas) == own.biases
        assert backward(network, theta, x[s], y[s]).deltas == own.biases
    # an identity layer in front, whose bias moves the input
    ahead = Network((4, *WIDTHS), ("identity", *["z+z^2+z^3"] * 3))
    eye = [[int(i == j) for j in range(4)] for i in range(4)]
    longer = Parameters.of([eye, *theta.weights], [[0] * 4, *theta.biases])
    assert found.x[0] == gradient_truth(ahead, longer, x[0], y[0]).biases[0]


def test_a_wrong_derivative_is_noticed() -> None:
    right = activation("cube")
    wrong = replace(right, derivative=lambda z: 2 * z * z)
    data = problem(Network(WIDTHS, ("identity", wrong, "identity")), 1)
    found, true = backward(*data).parameters, truth(data)
    assert found.weights[0] != true.weights[0] and found.weights[2] == true.weights[2]


@pytest.mark.parametrize("name", [*NAMES, "relu"])
def test_the_numpy_reference_agrees(name: str) -> None:
    """Two implementations by hand, the one in floats: they share no line."""
    names = (name, "identity", "z+z^2") if name == "relu" else (name,) * 3  # no kink where z = 0 may be hit
    mine = problem(Network(WIDTHS, names, factor=F(1, 2), reduction="mean"), 2)

    def elementwise(f: Any) -> Any:
        return np.vectorize(lambda z: float(f(F(float(z)))), otypes=[float])

    pairs = [(elementwise(f.value), elementwise(f.derivative)) for f in map(activation, names)]
    theirs = reference.Network(WIDTHS, pairs, "squared_error", reduction="mean")
    _, theta, x, y = mine
    floats = [
        [np.array(w, float) for w in theta.weights],
        [np.array(b, float) for b in theta.biases],
        np.array(x, float),
        np.array(y, float),
    ]
    assert float(cost(*mine)) == pytest.approx(reference.cost(theirs, *floats), rel=1e-12)
    found, other = backward(*mine), reference.backward(theirs, *floats)
    for a, b in zip((*found.weights, *found.biases, *found.deltas, found.x),
                    (*other.weights, *other.biases, *other.deltas, other.x), strict=True):  # fmt: skip
        np.testing.assert_allclose(np.array(a, float), b, rtol=1e-10, atol=1e-10 * np.abs(b).max())


# ---------------------------------------------------------------- numbers worked by hand


def test_of_one_neuron_after_the_other() -> None:
    net, theta = Network((1, 1, 1)), Parameters.of([[[1]], [[3]]])
    found = backward(net, theta, [1], [0])
    assert cost(net, theta, [1], [0]) == F(9, 2)
    assert [w[0][0] for w in found.weights] == [9, 3]
    assert [d[0] for d in found.deltas] == [9, 3] and found.x == (9,)


def test_of_two_outputs() -> None:
    net, theta = Network((1, 2, 2)), Parameters.of([[[1], [1]], [[1, 2], [3, 4]]])
    assert forward(net, theta, [1])[1] == [(1,), (1, 1), (3, 7)]
    assert backward(net, theta, [1], [0, 0]).deltas == ((24, 34), (3, 7))


def test_of_a_batch_a_mean_and_a_factor() -> None:
    theta = Parameters.of([[[2]]], [[1]])
    x, y = [[1], [3]], [[0], [0]]
    for reduction, share in (("sum", 1), ("mean", F(1, 2))):
        net = Network((1, 1), factor=F(1, 3), reduction=reduction)
        assert cost(net, theta, x, y) == share * F(1, 3) * (9 + 49)
        found = backward(net, theta, x, y)
        assert found.weights[0][0][0] == share * F(2, 3) * (3 * 1 + 7 * 3)
        assert found.deltas == (((share * F(2, 3) * 3,), (share * F(2, 3) * 7,)),)


def test_dropout_drops() -> None:
    theta = Parameters.of([[[1], [2]], [[3, 5]]])
    net = Network((1, 2, 1)).dropout((0, 1))
    assert forward(net, theta, [1])[1] == [(1,), (0, 2), (10,)]
    assert backward(net, theta, [1], [0]).weights == (((0,), (50,)), ((0, 20),))


def test_descent_with_one_rate_and_with_many() -> None:
    theta, g = Parameters.of([[[1, 2]]], [[3]]), Parameters.of([[[4, 8]]], [[2]])
    assert descend(theta, g, F(1, 2)) == Parameters.of([[[-1, -2]]], [[2]])
    rates = Parameters.of([[[0, F(1, 8)]]], [[1]])
    assert descend(theta, g, rates) == Parameters.of([[[1, 1]]], [[1]])


def test_training_takes_the_batches_in_turn() -> None:
    network, theta, x, y = problem(Network((2, 1, 3), "z+z^2"), 4)
    batches = [(x[:2], y[:2]), (x[2:5], y[2:5]), (x[5], y[5])]
    found = train(network, theta, batches, F(1, 9))
    assert found[0] == theta and len(found) == 4
    for (before, after), (a, b) in zip(pairwise(found), batches, strict=True):
        assert after == step(network, before, a, b, F(1, 9)) != before


def test_units_move_one_parameter_each() -> None:
    theta = problem(Network((2, 3, 1)), 0)[1]
    found = [list(e.numbers()) for e in units(theta)]
    assert found == [[int(i == j) for j in range(13)] for i in range(13)]


# ---------------------------------------------------------------- softmax, where it is a fraction


@pytest.mark.parametrize("widths", [(2, 3), (2, 4, 3)])
def test_softmax_at_equal_outputs(widths: tuple[int, ...]) -> None:
    """1/3 each: the gradient is p - y, by hand and by how a logarithm of exponentials moves."""
    network, theta, x, y = problem(Network(widths, "z+z^3", loss="softmax_cross_entropy"), 3)
    last = [[*theta.weights[-1][0]]] * 3  # equal rows: equal outputs
    theta = Parameters.of([*theta.weights[:-1], last], [*theta.biases[:-1], [F(1, 2)] * 3])
    network = replace(network, activations=(*["z+z^3"] * (len(widths) - 2), "identity"))
    found = backward(network, theta, x, y)
    assert found.parameters == truth((network, theta, x, y))
    assert found.deltas[-1][0] == tuple(sum(y[0]) * F(1, 3) - t for t in y[0])


def test_softmax_agrees_with_floats_at_equal_outputs() -> None:
    theirs = reference.Network((2, 3), "identity", "softmax_cross_entropy")
    g = reference.backward(theirs, [np.zeros((3, 2))], [np.zeros(3)], [1, 2], [0, 1, 0])
    mine = backward(Network((2, 3), loss="softmax_cross_entropy"), ZEROS, [1, 2], [0, 1, 0])
    np.testing.assert_allclose(np.array(mine.weights[0], float), g.weights[0], rtol=1e-14)


ZEROS = Parameters.of([[[0, 0]] * 3])


# ---------------------------------------------------------------- kinks


def test_relu_at_its_kink() -> None:
    """Forward passes know no derivative there; backward needs a convention, and says so."""
    theta = Parameters.of([[[1]], [[1]]], [[-2], [0]])
    with pytest.raises(SymderiveError, match=r"off the kink of relu at 0, or a convention for relu'\(0\)"):
        backward(Network((1, 1, 1), ("relu", "identity")), theta, [2], [1])
    for convention in (0, 1, F(1, 2)):
        net = Network((1, 1, 1), (relu(convention), "identity"))
        assert backward(net, theta, [2], [1]).biases == ((-convention,), (-1,))
        e, *_ = units(theta)
        with pytest.raises(SymderiveError, match=r"expected a preactivation off the kink .* found 0 \+ 2 t"):
            slope(net, theta, e, [2], [1])


def test_a_move_that_keeps_relu_at_its_kink_is_fine() -> None:
    theta = Parameters.of([[[1]], [[1]]], [[-2], [0]])
    along = Parameters.of([[[1]], [[3]]], [[-2], [5]])
    assert slope(Network((1, 1, 1), ("relu", "identity")), theta, along, [2], [1]) == -5


def test_the_ring_of_duals() -> None:
    t = Dual(F(0), F(1))
    assert t * t == Dual(F(0), F(0))
    assert 2 * t + 3 == 3 + t * 2 == Dual(F(3), F(2)) and t - 1 == Dual(F(-1), F(1))
    assert polynomial(1, 0, 5).value(t + 2) == Dual(F(21), F(20))


# ---------------------------------------------------------------- refusals

GOOD = Parameters.of([[[1, 2]], [[3], [4]]])
NET = Network((2, 1, 2))
SOFT = Network((2, 2), loss="softmax_cross_entropy")
GOOD_SOFT, OTHER = Parameters.of([[[0, 0], [0, 0]]]), Parameters.of([[[1, 0], [0, 0]]])

REFUSED: tuple[tuple[Any, str], ...] = (
    (lambda: Network((2,)), "expected at least two positive integer widths, found"),
    (lambda: Network((2, 0)), "expected at least two positive integer widths, found"),
    (lambda: Network((2, True)), "expected at least two positive integer widths, found"),
    (lambda: Network((2, 1), "tanh"), "expected an activation among identity, .* found 'tanh'"),
    (lambda: Network((2, 1), ["cube", "cube"]), "expected 1 activations, one per layer, found 2"),
    (lambda: Network((2, 1), reduction="max"), "expected the reduction sum or mean, found 'max'"),
    (lambda: Network((2, 1), loss="hinge"), "expected a loss among squared_error, .* found 'hinge'"),
    (lambda: cost(SOFT, GOOD_SOFT, [1, 2], [1, 0]), "expected squared_error for a cost in fractions"),
    (lambda: backward(SOFT, OTHER, [1, 2], [1, 0]), r"expected equal outputs, .* found \(1, 0\)"),
    (lambda: gradient_truth(SOFT, OTHER, [1, 2], [1, 0]), "expected equal outputs"),
    (lambda: Network((2, 1), factor=0.5), "expected an integer or a fraction in the factor of the cost"),
    (lambda: Network((2, 3, 1)).dropout((1, 1)), r"expected 3 numbers in m\^1, found \(1, 1\)"),
    (lambda: Network((2, 3, 1)).dropout((1, 1, 1), (1,)), "expected 1 masks, one per hidden layer, found 2"),
    (lambda: Parameters.of([[[0.5]]]), r"expected an integer or a fraction in W\^1, row 1, found 0.5"),
    (lambda: Parameters.of([[[True]]]), r"fraction in W\^1, row 1, found True of type bool"),
    (lambda: Parameters.of([[["1"]]]), "found '1' of type str"),
    (lambda: Parameters.of([[[1, 2], [3]]]), r"expected 2 numbers in W\^1, row 2, found \[3\]"),
    (lambda: Parameters.of([[1, 2]]), r"expected the rows of a matrix in W\^1"),
    (lambda: Parameters.of([[[1]]], [[1], [2]]), "expected 1 biases, one per layer, found 2"),
    (lambda: Parameters.of([[[1]]], [[1, 2]]), r"expected 1 numbers in b\^1"),
    (lambda: Parameters((((0.5,),),), ((F(0),),)), "expected fractions, as Parameters.of makes them"),
    (lambda: GOOD.map(max, Parameters.of([[[1]]])), "expected parameters of shape"),
    (lambda: cost(Network((2, 1, 3)), GOOD, [1, 2], [1, 2, 3]), r"of shape \(\(1, 2\), \(3, 1\)\), found"),
    (lambda: forward(NET, GOOD, [1, 2, 3]), "expected 2 numbers in x, row 1"),
    (lambda: forward(NET, GOOD, [[1, 2], "ab"]), "expected 2 numbers in x, row 2, found 'ab'"),
    (lambda: forward(NET, GOOD, []), "expected a vector or rows of 2 numbers in x"),
    (lambda: forward(NET, GOOD, [[1, 2], [3, 0.5]]), "fraction in x, row 2, found 0.5 of type float"),
    (lambda: cost(NET, GOOD, [[1, 2], [3, 4]], [[1, 2]]), "expected 2 rows in y, as in x, found 1"),
    (lambda: backward(NET, GOOD, [[1, 2], [3, 4]], [[1, 2]]), "expected 2 rows in y, as in x, found 1"),
    (lambda: step(NET, GOOD, [1, 2], [3, 4], 0.1), "expected an integer or a fraction in the rate"),
)


@pytest.mark.parametrize(("call", "says"), REFUSED)
def test_what_is_refused(call: Any, says: str) -> None:
    with pytest.raises(SymderiveError, match=says):
        call()


def test_an_activation_of_ones_own() -> None:
    phi = Activation("half", lambda z: z * F(1, 2), lambda _: F(1, 2))
    data = problem(Network(WIDTHS, phi), 3)
    assert backward(*data).parameters == truth(data)
