"""Concrete networks: what is exported compiles, what is changed does not, and what is not covered says so."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from sympy import Add, Expr, Mul

import symderive as sd
from symderive.calculus.terms import Applied, Entry
from symderive.coq.export import Refused, confirm
from symderive.coq.network import export_network
from symderive.coq.terms import OutOfReach
from symderive.derivation import Derivation
from symderive.derivation.explicit import explicit
from symderive.systems import Definition

ACTIVATIONS = ("generic", "tanh", "relu", "identity", "silu", "leaky_relu", "sigmoid", "gelu", "softplus")
# twenty of them compile, each in less than a minute; continuous integration takes a few
NETWORKS = int(os.environ.get("SYMDERIVE_COQ_NETWORKS", "4"))


def networks(count: int, seed: int) -> Iterator[dict[str, Any]]:
    """Random networks of depth 2 to 4, in which two widths in a row are never equal."""
    rng = random.Random(seed)
    for _ in range(count):
        depth = rng.choice([2, 3, 4])
        widths = [rng.randint(1, 4)]
        while len(widths) <= depth:
            widths.append(rng.choice([n for n in range(1, 5) if n != widths[-1]]))
        yield {
            "widths": widths,
            "activation": [rng.choice(ACTIVATIONS) for _ in range(depth)],
            "cost": rng.choice(["generic", "squared_error"]),
        }


@pytest.mark.parametrize(
    "given", list(networks(NETWORKS, 8)), ids=lambda given: "-".join(map(str, given["widths"]))
)
def test_a_random_network_is_confirmed(given: dict[str, Any], library: object) -> None:
    made = export_network(sd.derive(sd.mlp(**given)))
    stated, seconds = confirm(made, seconds=60)
    assert seconds < 60
    assert all(s.axioms == () for s in stated)
    parameters = sum(m * (k + 1) for k, m in zip(given["widths"], given["widths"][1:], strict=False))
    assert sum(s.name.startswith("derivative_of_") for s in stated) == parameters
    assert sum(s.name.startswith("grad_") and s.name.endswith("_expanded") for s in stated) == parameters


def swapped(e: Expr) -> Iterator[Expr]:
    """w[2, 1, 2] -> w[2, 2, 1]"""
    for w in e.atoms(Entry):
        if len(w.index) == 3 and w.index[1] != w.index[2]:
            yield e.xreplace({w: w.symbol[w.index[0], w.index[2], w.index[1]]})


def dropped(e: Expr) -> Iterator[Expr]:
    """a factor, or a term of a sum"""
    for part in (Mul, Add):
        for whole in e.atoms(part):
            for one in whole.args:
                if not one.is_number:
                    yield e.xreplace({whole: part(*(other for other in whole.args if other is not one))})


def negated(e: Expr) -> Iterator[Expr]:
    """the sign"""
    yield -e


def elsewhere(e: Expr) -> Iterator[Expr]:
    """another layer, another neuron"""
    for entry in e.atoms(Entry):
        if entry.symbol.name in ("a", "z", "delta"):
            for place in range(len(entry.index)):
                for step in (-1, 1):
                    index = [*entry.index]
                    index[place] += step
                    yield e.xreplace({entry: entry.symbol[tuple(index)]})


def without_prime(e: Expr) -> Iterator[Expr]:
    """sigma' -> sigma"""
    for f in e.atoms(Applied):
        if f.order:
            yield e.xreplace({f: f.function(f.argument)})


FAULTS: tuple[Callable[[Expr], Iterator[Expr]], ...] = (swapped, dropped, negated, elsewhere, without_prime)


def faulty(derivation: Derivation, fault: Callable[[Expr], Iterator[Expr]]) -> Iterator[Derivation]:
    """The derivation, written out, with one derived component changed."""
    forward = explicit(derivation.system)
    components = explicit(derivation)
    there = {d.lhs for d in (*forward, *components)}
    for n, d in enumerate(components):
        for wrong in fault(d.rhs):
            known = all(e in there or e.symbol.name in "wbxy" for e in wrong.atoms(Entry))
            if known and wrong != d.rhs:
                changed = Definition(d.lhs, wrong, (), d.name)
                yield replace(derivation, definitions=(*components[:n], changed, *components[n + 1 :]))


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_changed_derivation_is_refused(fault: Callable[[Expr], Iterator[Expr]], library: object) -> None:
    derivation = sd.derive(sd.mlp(widths=[2, 2, 2], activation="tanh", cost="squared_error"))
    every = list(faulty(derivation, fault))
    assert every
    for wrong in random.Random(8).sample(every, min(2, len(every))):
        with pytest.raises(Refused, match="Coq refuses it"):
            confirm(export_network(wrong))


def test_the_same_derivation_unchanged_is_confirmed(library: object) -> None:
    """Else the test above could not fail."""
    derivation = sd.derive(sd.mlp(widths=[2, 2, 2], activation="tanh", cost="squared_error"))
    written_out = replace(derivation, definitions=explicit(derivation))
    assert confirm(export_network(written_out))[0]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "expected a fully connected network with numbers as widths, found none"),
        ({"depth": 3}, "expected a fully connected network with numbers as widths, found none"),
        ({"widths": [2, 3], "samples": 4}, "expected one sample for a concrete network, found a batch"),
        ({"widths": [2, 3], "cost": "cross_entropy"}, "expected an activation of one number in layer 1"),
        ({"widths": [2, 3], "cost": "softmax_cross_entropy"}, "found one with exp or log"),
        ({"widths": [2, 3], "cost": "binary_cross_entropy"}, "found one with exp or log"),
        ({"widths": [40, 30, 2]}, "expected at most 400 parameters and 20,000 paths, found 1,292"),
        ({"widths": [3, 9, 9, 9, 9]}, "expected at most 400 parameters and 20,000 paths"),
        ({"widths": [2, 3], "per_layer": True}, "expected activations without a layer number"),
    ],
)
def test_what_is_not_covered_says_so(given: dict[str, Any], says: str) -> None:
    with pytest.raises(OutOfReach, match=says):
        export_network(sd.derive(sd.mlp(**given)))
