"""The nested form and the explicit components say the same as the definitions that they come from."""

from __future__ import annotations

import cmath
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from entrywise import Truth, Values
from example_systems import EXAMPLES

from symderive.calculus import indices
from symderive.calculus.normal_form import equal
from symderive.calculus.terms import Entry, IndexSum
from symderive.derivation import composed, derive, explicit
from symderive.errors import SymderiveError
from symderive.systems import Definition, System, mlp

N = [2, 4, 3, 5]


def tensors(d: Definition) -> set[str]:
    return {e.symbol.name for e in d.rhs.atoms(Entry) if e.symbol.kind == "real"}


# ------------------------------------------------------------------------------------------- nested form


@pytest.mark.parametrize("layer", [1, 2, 3])
def test_activations_in_terms_of_the_input(layer: int) -> None:
    net = mlp(depth=3, per_layer=True)
    (d,) = [d for d in net.of(net.tensor("a")) if d.lhs.index[0] == layer]
    nested = composed(d, net)
    assert tensors(nested) == {"w", "b", "x"}
    assert nested.rhs.count(IndexSum) == layer
    gap, points = Truth(net, {"n": N}).gap(d.lhs, nested.rhs, nested.indices)
    assert gap < 1e-14 and points == N[layer]


@pytest.mark.parametrize("layer", [1, 2, 3])
def test_gradients_in_terms_of_forward_quantities(layer: int) -> None:
    net = mlp(depth=3, per_layer=True)
    d = derive(net)
    (g,) = d.gradient("w", layer)
    nested = composed(g, d)
    assert tensors(nested) <= {"w", "z", "a", "y"}
    truth = Truth(net, {"n": N})
    assert truth.gap(g.lhs, nested.rhs, nested.indices)[0] < 1e-14
    whole = composed(nested, net)
    assert tensors(whole) == {"w", "b", "x", "y"}
    assert truth.gap(g.lhs, whole.rhs, whole.indices)[0] < 1e-13


def test_a_nested_form_that_is_wrong_is_seen() -> None:
    net = mlp(depth=3, per_layer=True)
    d = derive(net)
    (g,) = d.gradient("w", 1)
    nested = composed(g, d)
    wrong = nested.rhs.xreplace({net.tensor("z")[1, g.lhs.index[1]]: net.tensor("b")[1, g.lhs.index[1]]})
    assert wrong != nested.rhs
    assert Truth(net, {"n": N}).gap(g.lhs, wrong, nested.indices)[0] > 1e-3


def test_nothing_is_captured() -> None:
    """j and k are the letters of every layer: the nested sums keep them apart."""
    net = mlp(depth=2, activation="identity")
    j, k, p = indices("j k p")
    w, b, x = (net.tensor(name) for name in "wbx")
    (_, n1), (_, n0) = w.ranges(2, 1, 1)[2], w.ranges(1, 1, 1)[2]
    inner = b[1, k] + IndexSum(w[1, k, p] * x[p], (p, 1, n0))
    by_hand = b[2, j] + IndexSum(w[2, j, k] * inner, (k, 1, n1))
    assert equal(composed(net.of(net.tensor("z"))[1], net).rhs, by_hand)


def test_what_is_kept_stays() -> None:
    net = mlp(depth=3)
    (d,) = [d for d in net.of(net.tensor("a")) if d.lhs.index[0] == 3]
    assert tensors(composed(d, net, keep=["a"])) == {"w", "b", "a"}
    assert tensors(composed(d, net, keep=["z"])) == {"z"}


def test_a_layer_that_may_be_the_first_stays() -> None:
    net = mlp()
    z = net.of(net.tensor("z"))[0]
    assert composed(z, net).rhs == z.rhs
    (g,) = derive(net).gradient("w")
    assert tensors(composed(g, derive(net))) == {"a", "delta"}


def test_refusals_of_the_nested_form() -> None:
    net = mlp(depth=60)
    (last,) = (d for d in net.of(net.tensor("a")) if d.lhs.index[0] == 60)
    with pytest.raises(SymderiveError, match="expected at most 5000 replacements, 40 of them nested, found "):
        composed(last, net)
    with pytest.raises(SymderiveError, match=r"keep: expected names of C, a, z, found q"):
        composed(last, net, keep=["q"])


# -------------------------------------------------------------------------------------- explicit components

CASES: dict[str, tuple[System, Any, dict[str, Any]]] = {
    "symbolic": (mlp(), N, {"L": 3, "n": N}),
    "one layer": (mlp(), N[:2], {"L": 1, "n": N[:2]}),
    "symbolic widths": (mlp(depth=3, cost="softmax_cross_entropy"), N, {"n": N}),
    "numbers": (mlp(N, activation="tanh", cost="squared_error"), None, {"n": N}),
    "a batch": (
        mlp(samples="B", cost="binary_cross_entropy"),
        {"B": 3, "L": 2, "n": N[:3]},
        {"B": 3, "L": 2, "n": N[:3]},
    ),
    "softmax": (mlp(output="softmax", cost="cross_entropy"), N, {"L": 3, "n": N}),
}


def tanh_by_hand(sup: Any, order: int, z: complex) -> complex:
    f = cmath.tanh(z)
    return (f, 1 - f * f)[order]


@pytest.mark.parametrize("name", CASES)
def test_components_agree_with_the_definitions(name: str) -> None:
    net, sizes, numbers = CASES[name]
    d = derive(net, wrt=["w", "b", "x"])
    functions = {"tanh": tanh_by_hand}
    forward, backward = explicit(net, sizes), explicit(d, sizes)
    known = Values(d.as_system().definitions, numbers, functions=functions, positive=("y",))
    written = Values((*forward, *backward), numbers, functions=functions, positive=("y",))
    for e in (*forward, *backward):
        assert not e.indices and not e.rhs.has(IndexSum)
        index = tuple(map(int, e.lhs.index))
        a, b = known.entry(e.symbol, index), written.entry(e.symbol, index)
        assert abs(a - b) <= 1e-13 * max(1, abs(a)), e
    n = numbers["n"]
    samples = numbers.get("B", 1)
    assert len([e for e in backward if e.symbol.name == "grad_w"]) == sum(a * b for a, b in pairwise(n))
    assert len([e for e in forward if e.symbol.name == "z"]) == samples * sum(n[1:])


@pytest.mark.parametrize("name", ["convolution 2", "tied autoencoder", "recurrent", "dense connections"])
def test_components_of_any_system(name: str) -> None:
    example = EXAMPLES[name]()
    d = derive(example.system)
    written = Values((*explicit(example.system, example.sizes), *explicit(d, example.sizes)), example.sizes)
    known = Values(d.as_system().definitions, example.sizes)
    for e in explicit(d, example.sizes):
        index = tuple(map(int, e.lhs.index))
        assert abs(written.entry(e.symbol, index) - known.entry(e.symbol, index)) < 1e-13


def test_explicit_components_are_a_typed_system() -> None:
    net = mlp([2, 3, 1], activation="tanh", cost="squared_error")
    written = replace(net, definitions=explicit(net))
    assert len(written.definitions) == 2 + 2 * 3 + 2 * 1 + 1
    assert derive(written).definitions


def test_a_single_definition() -> None:
    net = mlp(depth=2)
    z = net.of(net.tensor("z"))[1]
    assert [str(e) for e in explicit(z, [9, 1, 2])] == [
        "z[2, 1] := a[1, 1]*w[2, 1, 1] + b[2, 1]",
        "z[2, 2] := a[1, 1]*w[2, 2, 1] + b[2, 2]",
    ]


REFUSED: list[tuple[System, Any, str]] = [
    (mlp(), None, r"range of j in the definition of a\[0, j\]: expected a number, found n\[0\]: give"),
    (mlp(), {"n": [2, 3]}, r"range of l .*: expected a number, found L: give its value in sizes"),
    (mlp(), {"q": 3}, r"sizes: expected sizes of L, n, found 'q'"),
    (mlp(), [2, 0], r"width n\[1\]: expected a whole number from 1, found 0"),
    (mlp(), "23", r"n: expected a list of widths, found '23'"),
    (mlp(depth=2), [2, 3], r"n: expected 3 widths, found 2"),
    (mlp([2, 3]), [2, 3], r"sizes: expected values by name, as the families of widths are none"),
    (mlp(), [900, 900], r"explicit: expected small sizes, found more than 20000 terms"),
]


@pytest.mark.parametrize(("net", "sizes", "message"), REFUSED)
def test_refusals_of_explicit(net: System, sizes: Any, message: str) -> None:
    with pytest.raises(SymderiveError, match=message):
        explicit(net, sizes)
