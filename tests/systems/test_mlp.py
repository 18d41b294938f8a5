"""mlp(): the systems that its options make, their values against the reference, each refusal by its text."""

from __future__ import annotations

import pickle
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from sympy import Integer, Rational, Symbol

from symderive import reference
from symderive.calculus import size
from symderive.errors import SymderiveError
from symderive.evaluation.functions import from_activation
from symderive.evaluation.numeric import evaluate
from symderive.systems import mlp
from symderive.systems.activations import NAMES, activation
from symderive.systems.costs import NAMES as COSTS
from symderive.systems.costs import cost

WIDTHS = [3, 4, 2]


def shown(**options: Any) -> list[str]:
    return str(mlp(**options)).splitlines()[1:]


# ----------------------------------------------------------------------------------------- what it makes


def test_concrete_layers_are_typed_one_by_one() -> None:
    net = mlp(WIDTHS)
    assert [str(d.lhs) for d in net.definitions] == [
        "a[0, j]", "z[1, j]", "a[1, j]", "z[2, j]", "a[2, j]", "C[]",
    ]  # fmt: skip
    assert {str(k): v for k, v in net.sizes.items()} == {"n[0]": 3, "n[1]": 4, "n[2]": 2}
    w = net.tensor("w")
    assert net.ranges(w[2, 1, 1]) == ((1, 2), (1, 2), (1, 4))


def test_whole_numbers_of_all_kinds_are_taken() -> None:
    plain = mlp(WIDTHS, samples=5)
    for kind in (np.int64, np.int32, np.uint8, Integer):
        assert mlp([kind(n) for n in WIDTHS], samples=kind(5)) == plain
        assert mlp(depth=kind(3)) == mlp(depth=3)
    assert mlp(np.array(WIDTHS), samples=5) == mlp(tuple(WIDTHS), samples=5) == plain
    assert all(type(v) is int for v in mlp(np.array(WIDTHS)).sizes.values())


def test_an_activation_of_its_own_for_each_layer() -> None:
    net = mlp(depth=3, activation=["tanh", "relu", "identity"])
    applied = [str(d.rhs) for d in net.of(net.tensor("a"))]
    assert applied == ["x[j]", "tanh(z[1, j])", "relu(z[2, j])", "z[3, j]"]
    assert {a.name for a in net.activations.values()} == {"tanh", "relu"}
    generic = mlp(per_layer=True)
    assert str(generic.of(generic.tensor("a"))[1].rhs) == "sigma(l, z[l, j])"
    mixed = mlp(depth=2, activation=["generic", "tanh"], per_layer=True)
    assert str(mixed.of(mixed.tensor("a"))[1].rhs) == "sigma(1, z[1, j])"


def test_the_last_layer_apart() -> None:
    assert [s for s in shown(output="identity") if s.startswith("  a[")] == [
        "  a[0, j] := x[j]  for j in 1..n[0]",
        "  a[l, j] := sigma(z[l, j])  for l in 1..L - 1, j in 1..n[l]",
        "  a[L, j] := z[L, j]  for j in 1..n[L]",
    ]
    same = mlp(activation="tanh", output="tanh")
    assert same == mlp(activation="tanh")
    (last,) = (d for d in mlp(depth=2, output="softmax").definitions if str(d.lhs) == "a[2, j]")
    assert str(last.rhs).startswith("exp(z[2, j])/(sum(exp(z[2, ")


def test_cross_entropy_takes_a_softmax_unless_told_otherwise() -> None:
    assert mlp(cost="cross_entropy") == mlp(cost="cross_entropy", output="softmax")
    told = mlp(WIDTHS, activation=["tanh", "sigmoid"], cost="cross_entropy")
    assert told != mlp(WIDTHS, activation="tanh", cost="cross_entropy")
    assert [a.name for a in told.activations.values()] == ["tanh", "sigmoid"]


FACTORS: list[tuple[Any, Any]] = [
    (None, Rational(1, 2)),
    (1, 1),
    (0.1, Rational(1, 10)),
    (Fraction(1, 3), Rational(1, 3)),
    (np.float32(0.25), Rational(1, 4)),
    (np.int64(2), 2),
    (Symbol("c"), Symbol("c")),
]


@pytest.mark.parametrize(("factor", "exact"), FACTORS)
def test_the_factor_is_exact(factor: Any, exact: Any) -> None:
    net = mlp(WIDTHS, cost="squared_error", factor=factor)
    assert net.definitions[-1].rhs == mlp(WIDTHS, cost="squared_error", factor=1).definitions[-1].rhs * exact


def test_a_batch_is_summed_or_averaged() -> None:
    mean, total = (mlp(samples="B", reduction=r).definitions[-1].rhs for r in ("mean", "sum"))
    assert total == size("B") * mean
    assert str(total).startswith("sum(cost(family(a[L, s, j]")
    numbers = mlp(samples=4, reduction="mean").definitions[-1].rhs
    assert numbers == mlp(samples=4, reduction="sum").definitions[-1].rhs / 4


def test_conventions_are_stated_and_printed() -> None:
    assert mlp(activation="tanh").conventions == ()
    net = mlp(WIDTHS, activation=["relu", "leaky_relu"], relu_at_zero=0.5)
    assert net.conventions == (
        "the derivative of relu at 0 is taken to be 1/2",
        "the derivative of leaky_relu at 0 is taken to be 101/200",
    )
    assert str(net).endswith("\n  ".join(("", *net.conventions)))
    assert activation("relu").at_kink() is not None and activation("tanh").at_kink() is None


@pytest.mark.parametrize("name", NAMES)
def test_formulas_of_activations_are_the_reference_s(name: str) -> None:
    """sigma and sigma' from the formula, against functions that were written by hand."""
    z = np.array([-30.0, -2.0, -0.3, 0.1, 1.7, 25.0])
    value, derivative, _ = from_activation(activation(name))
    known = reference.activation(name)
    assert np.allclose(value(z), known.value(z), rtol=1e-12, atol=1e-14)
    assert np.allclose(derivative(z), known.derivative(z), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("name", [name for name in COSTS if name != "generic"])
@pytest.mark.parametrize("reduction", ["sum", "mean"])
def test_costs_are_the_reference_s(name: str, reduction: str) -> None:
    of_logits = "softmax_cross_entropy" if name == "cross_entropy" else name
    network = reference.Network(WIDTHS, ["tanh", "identity"], of_logits, reduction=reduction)
    weights, biases = reference.random_parameters(network, 3)
    x, y = reference.random_data(network, 5, 4)
    last = "softmax" if name == "cross_entropy" else "identity"
    net = mlp(WIDTHS, activation=["tanh", last], cost=name, samples=5, reduction=reduction)
    arrays = {"w": dict(enumerate(weights, 1)), "b": dict(enumerate(biases, 1)), "x": x, "y": y}
    want = reference.cost(network, weights, biases, x, y)
    assert float(evaluate(net, arrays)["C"]) == pytest.approx(want, rel=1e-13)
    other = {"sum": "mean", "mean": "sum"}[reduction]
    wrong = mlp(WIDTHS, activation=["tanh", last], cost=name, samples=5, reduction=other)
    assert float(evaluate(wrong, arrays)["C"]) != pytest.approx(want, rel=1e-3)


# ---------------------------------------------------------------------------------------- what it refuses

KNOWN = "generic, identity, tanh, sigmoid, relu, leaky_relu, elu, softplus, gelu, gelu_tanh, silu, softmax"
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"widths": [3]}, "widths: expected at least an input and an output width, found [3]"),
    ({"widths": []}, "widths: expected at least an input and an output width, found []"),
    ({"widths": "345"}, "widths: expected at least an input and an output width, found '345'"),
    ({"widths": 4}, "widths: expected at least an input and an output width, found 4"),
    ({"widths": [3, 0, 2]}, "width n_1: expected a whole number from 1, found 0"),
    ({"widths": [3, -1]}, "width n_1: expected a whole number from 1, found -1"),
    ({"widths": [3.0, 2]}, "width n_0: expected a whole number from 1, found 3.0"),
    ({"widths": [3, True]}, "width n_1: expected a whole number from 1, found True"),
    ({"widths": ["3", 2]}, "width n_0: expected a whole number from 1, found '3'"),
    ({"widths": [3, 2], "depth": 2}, "depth: expected 1, as 2 widths make 1 layers, found 2"),
    ({"widths": [1] * 1002}, "depth: expected at most 1000 layers, found 1001"),
    ({"depth": 0}, "depth: expected a whole number from 1 to 1000, found 0"),
    ({"depth": 1001}, "depth: expected a whole number from 1 to 1000, found 1001"),
    ({"depth": 2.0}, "depth: expected a whole number from 1 to 1000, found 2.0"),
    ({"depth": True}, "depth: expected a whole number from 1 to 1000, found True"),
    ({"depth": "L"}, "depth: expected a whole number from 1 to 1000, found 'L'"),
    ({"activation": "tan"}, f"activation: expected one of {KNOWN}, found 'tan'; did you mean tanh?"),
    ({"depth": 2, "activation": ["tanh", None]}, f"activation: expected one of {KNOWN}, found None"),
    ({"depth": 2, "activation": ["tanh"]}, "activation: expected 2 names, one for each layer, found 1"),
    ({"depth": 1, "activation": ["tanh"] * 3}, "activation: expected 1 name, one for each layer, found 3"),
    (
        {"activation": ["tanh", "relu"]},
        "activation: expected one name for all layers, as the depth is a symbol, found ['tanh', 'relu']",
    ),
    ({"activation": 3}, "activation: expected a name, or one for each layer, found 3"),
    ({"activation": "softmax"}, "activation: expected softmax in the last layer, found it in a hidden one"),
    (
        {"depth": 2, "activation": ["softmax", "tanh"]},
        "activation: expected softmax in the last layer, found it in a hidden one",
    ),
    ({"output": "swish"}, f"activation: expected one of {KNOWN}, found 'swish'; did you mean silu?"),
    ({"activation": "tanh", "per_layer": True}, "per_layer: expected a generic activation, found tanh, tanh"),
    (
        {"output": "softmax", "cost": "softmax_cross_entropy"},
        "cost: expected cross_entropy after a softmax output, found softmax_cross_entropy, which applies a "
        "softmax of its own",
    ),
    (
        {"cost": "mse"},
        "cost: expected one of generic, squared_error, cross_entropy, softmax_cross_entropy, "
        "binary_cross_entropy, poisson, found 'mse'; did you mean squared_error?",
    ),
    ({"factor": 2}, "factor: expected it with squared_error alone, found it with 'generic'"),
    ({"cost": "squared_error", "factor": "1/2"}, "factor: expected a number, found '1/2'"),
    ({"cost": "squared_error", "factor": float("nan")}, "factor: expected a number, found nan"),
    ({"cost": "squared_error", "factor": True}, "factor: expected a number, found True"),
    ({"samples": 0}, "samples: expected a whole number from 1, found 0"),
    ({"samples": 2.5}, "samples: expected a whole number from 1, found 2.5"),
    ({"samples": "L"}, "samples: expected a number or a capital letter other than C and L, found 'L'"),
    ({"samples": "s"}, "samples: expected a number or a capital letter other than C and L, found 's'"),
    ({"samples": "BB"}, "samples: expected a number or a capital letter other than C and L, found 'BB'"),
    ({"samples": 2, "reduction": "max"}, "reduction: expected mean or sum, found 'max'"),
    ({"reduction": "none"}, "reduction: expected mean or sum, found 'none'"),
    ({"activation": "relu", "relu_at_zero": "0"}, "at_zero: expected a number, found '0'"),
]


@pytest.mark.parametrize(("options", "message"), REFUSED, ids=[m for _, m in REFUSED])
def test_each_refusal_says_what_was_expected_and_found(options: dict[str, Any], message: str) -> None:
    with pytest.raises(SymderiveError) as caught:
        mlp(**options)
    assert str(caught.value) == message
    assert "\n" not in message


def test_names_of_activations_and_costs_are_checked_on_their_own() -> None:
    with pytest.raises(SymderiveError, match=r"^activation: expected one of identity, .*, found 'softmax'$"):
        activation("softmax")
    with pytest.raises(SymderiveError, match=r"^slope: expected it with leaky_relu alone, found .* 'relu'$"):
        activation("relu", slope=0.1)
    with pytest.raises(SymderiveError, match=r"^cost: expected one of generic, .*, found 'hinge'$"):
        cost("hinge")


def test_systems_are_equal_by_what_they_say_and_survive_pickling() -> None:
    net = mlp(activation="relu", samples="B")
    assert pickle.loads(pickle.dumps(net)) == net == mlp(activation="relu", samples="B")
    assert net != mlp(activation="relu", samples="B", relu_at_zero=1)
