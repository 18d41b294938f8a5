"""What can be permuted is found, and nothing else: stated classes, exhaustion on arrays, proofs."""

from __future__ import annotations

import sys
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from at_arrays import Node, cost, drawn, moved, names_of, nodes, number, shapes, subsets
from hidden_systems import HIDDEN, NOT_PERMUTABLE
from sympy import Integer

from symderive.calculus import indices
from symderive.derivation import derive
from symderive.derivation.training import training
from symderive.errors import SymderiveError
from symderive.proof.equivariance import equivariance
from symderive.proof.symmetry import IndexClass, symmetries
from symderive.proof.ties import ties
from symderive.systems import System, mlp

sys.path.insert(0, str(Path(__file__).parent.parent / "derivation"))
from example_systems import EXAMPLES

# Where inputs have the hidden width, or a hidden state starts at an input, nothing can be permuted.
EXPECTED: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(EXAMPLES, ()),
    "dense connections": ("pi[l, j], j in 1..n[l], l in 0..L: moves w.1, w.2; fixed at 0, L",),
    "tied autoencoder": ("pi[j], j in 1..M: moves w.1, b.1",),
    "attention": ("pi[k], k in 1..K: moves w_q.2, w_k.2",),
}


def made(name: str) -> tuple[System, dict[Any, Any]]:
    found: Any = HIDDEN[name]() if name in HIDDEN else EXAMPLES[name]()
    return found.system, {**names_of(found.sizes), "epsilon": 0.125}


ALL = (*EXAMPLES, *HIDDEN)


@pytest.mark.parametrize("name", ALL)
def test_the_classes_are_the_stated_ones(name: str) -> None:
    system, _ = made(name)
    stated = HIDDEN[name]().classes if name in HIDDEN else EXPECTED[name]
    assert tuple(map(str, symmetries(system))) == stated


@pytest.mark.parametrize("name", NOT_PERMUTABLE)
def test_what_uses_the_value_of_an_index_cannot_be_permuted(name: str) -> None:
    assert symmetries(NOT_PERMUTABLE[name]()) == ()


@pytest.mark.parametrize("name", ["lstm", "shared_layer", "embedded_skip", "heads"])
def test_a_class_is_lost_where_an_input_carries_it(name: str) -> None:
    """Each parameter in turn as an input: what it carried must stay in place."""
    system, _ = made(name)
    whole = symmetries(system)
    for given in system.parameters:
        rest = tuple(t for t in system.parameters if t != given)
        less = replace(system, parameters=rest, inputs=(*system.inputs, given))
        found = symmetries(less)
        assert len(found) == len([c for c in whole if not c.has(given)])
        assert len(symmetries(less, moving=[given])) == len(whole)


# --------------------------------------------------------------------------------------------- on arrays


def nodes_of(found: IndexClass, system: System, sizes: dict[Any, Any]) -> dict[tuple[int, ...], set[Node]]:
    """The axes of arrays that move together, for all parameters of the class where it is not fixed."""
    fixed = {tuple(number(v, sizes) for v in values) for values in found.fixed}
    orbits: dict[tuple[int, ...], set[Node]] = {}
    for t in system.parameters:
        for sup, shape in shapes(t, sizes):
            for axis in range(len(shape)):
                entry = t[(*map(Integer, sup), *(Integer(1) for _ in shape))]
                values = found.at(entry, t.sup + axis)
                if values is not None:
                    at = tuple(number(v, sizes) for v in values)
                    if at not in fixed:
                        orbits.setdefault(at, set()).add((t.name, sup, axis))
    return orbits


def orbits_of(system: System, sizes: dict[Any, Any]) -> list[frozenset[Node]]:
    found = symmetries(system)
    return [frozenset(orbit) for c in found for orbit in nodes_of(c, system, sizes).values()]


def is_invariant(system: System, sizes: dict[Any, Any], where: frozenset[Node], order: list[int]) -> bool:
    for seed in (1, 2):
        arrays = drawn(system, sizes, seed)
        a, b = cost(system, sizes, arrays), cost(system, sizes, moved(arrays, dict.fromkeys(where, order)))
        if abs(a - b) > 1e-9 * (1 + abs(a)):
            return False
    return True


@pytest.mark.parametrize("name", [n for n in ALL if n in HIDDEN or EXPECTED[n]])
def test_each_class_is_a_symmetry_of_the_cost_on_arrays(name: str) -> None:
    system, sizes = made(name)
    orbits = orbits_of(system, sizes)
    assert orbits
    lengths = nodes(system, sizes)
    seen = 0
    for orbit in orbits:
        (length,) = {lengths.get(n, 1) for n in orbit}
        for order in list(permutations(range(length)))[1:]:
            assert is_invariant(system, sizes, orbit, list(order))
            seen += 1
        if length > 1:  # and of no part of it
            swapped = [1, 0, *range(2, length)]
            for n in sorted(orbit):
                assert not is_invariant(system, sizes, orbit - {n}, swapped) or len(orbit) == 1
    assert seen


# Too many axes of one length for all subsets of them.
# The search is of single permutations of axes alone.
MANY = (
    "gated",
    "bidirectional",
    "lstm",
    "stacked_recurrent",
    "unusual_letters",
    "heads",
    "dense connections",
)


@pytest.mark.parametrize("name", [n for n in ALL if n not in MANY])
def test_no_other_permutation_of_axes_is_a_symmetry_on_arrays(name: str) -> None:
    """All sets of axes of equal length, swapped and reversed: invariant are the unions of classes."""
    system, sizes = made(name)
    if name in ("embedded_skip", "skip", "skip by two"):
        sizes = {**sizes, "L": 2}
    orbits = orbits_of(system, sizes)
    for where, length in subsets(nodes(system, sizes)):
        union = frozenset().union(*(o for o in orbits if o <= where))
        for order in {(1, 0, *range(2, length)), tuple(reversed(range(length)))}:
            assert is_invariant(system, sizes, where, list(order)) == (where == union), (where, order)


def test_the_search_of_all_axes_can_fail() -> None:
    """A system whose classes were found for another one."""
    system, sizes = made("shared_layer")
    (orbit,) = orbits_of(system, sizes)
    assert not is_invariant(system, sizes, orbit - {("w", (), 0)}, [1, 0, 2])


# ---------------------------------------------------------------------------------------------- proofs


@pytest.mark.parametrize("name", HIDDEN)
def test_the_forward_pass_is_proved_equivariant(name: str) -> None:
    system, _ = made(name)
    found = equivariance(system)
    (t,) = found.of(system.cost)
    assert t.rhs == system.cost[()] and t.lhs == found.copy[system.cost][()]
    assert {e.symbol for e in found.theorems} == {found.copy[t] for t in system.defined}
    assert {h.kind for t in found.theorems.values() for h in t.hypotheses} <= {"definition", "assumption"}


# Its derivation cannot be read back as a system: two starts, h[0, t] and h[l, 0].
UNREADABLE = ("stacked_recurrent",)


@pytest.mark.parametrize("name", [n for n in HIDDEN if n not in UNREADABLE])
def test_derived_gradients_are_proved_equivariant(name: str) -> None:
    system, _ = made(name)
    derived = derive(system).as_system()
    found = equivariance(derived)
    assert {e.symbol for e in found.theorems} == {found.copy[t] for t in derived.defined}
    assert len([t for t in derived.defined if t.style == "partial"]) >= len(system.parameters)


@pytest.mark.parametrize("name", [n for n in HIDDEN if n not in UNREADABLE])
def test_ties_stay_in_training(name: str) -> None:
    """Two indices of each class that the initial values do not tell apart are equal at every step."""
    system, _ = made(name)
    run = training(system)
    found = symmetries(run)
    assert len(found) == len(symmetries(system))
    for own in found:
        tied = ties(run, own)
        assert {h.kind for t in tied.theorems.values() for h in t.hypotheses} <= {"definition", "assumption"}
        for parameter in system.parameters:
            moves = any(c.name == f"{parameter.name}_0" for c, *_ in own.moved)
            assert bool(tied.of(parameter.name)) == moves


def test_a_derivation_with_two_starts_is_refused_in_one_line() -> None:
    system, _ = made("stacked_recurrent")
    with pytest.raises(SymderiveError, match=r"^definition of bar_h\[L, t, j\]: expected a definition of"):
        derive(system).as_system()


def test_what_comes_before_is_no_induction_on_one_step() -> None:
    """Course-of-values recursion is found to be permutable, but not proved."""
    system, _ = made("dense connections")
    with pytest.raises(
        SymderiveError, match=r"^z: no induction found: .*z_tilde\[l, j\] needs z_tilde\[m, k\]"
    ):
        equivariance(system)


@pytest.mark.parametrize("samples", [None, "B", 4])
@pytest.mark.parametrize("widths", [None, [3, 4, 2], [2, 4, 4, 2]])
def test_classes_of_the_mlp(samples: Any, widths: Any) -> None:
    system = mlp(samples=samples, widths=widths)
    found = symmetries(system)
    assert len(found) == (1 if widths is None else len(widths) - 2)
    assert len(symmetries(training(system))) == len(found)


def test_moved_entries_by_hand() -> None:
    (own,) = symmetries(mlp())
    w, b = (next(t for t in own.parameters if t.name == n) for n in "wb")
    l, j, k = indices("l j k")
    assert own.at(w[l, j, k], 1) == (l,) and own.at(w[l, j, k], 2) == (l - 1,)
    assert own.at(b[l + 1, j], 1) == (l + 1,) and own.at(w[l, j, k], 0) is None
    assert [str(h) for h in own.in_place({"pi at 0": "inputs stay"})] == [
        "inputs stay in place: pi[0, j] = j for j in 1..n[0]",
        "pi at L stays in place: pi[L, j] = j for j in 1..n[L]",
    ]


def test_names_of_permutations_avoid_those_of_the_system() -> None:
    from hidden_systems import two_classes

    system = two_classes().system
    pi = system.parameters[0].derived("pi")
    renamed = replace(
        system,
        parameters=(pi, *system.parameters[1:]),
        definitions=tuple(d.subs({system.parameters[0]: pi}) for d in system.definitions),
    )
    assert [c.permutation.name for c in symmetries(renamed)] == ["rho", "tau"]


def test_arrays_are_permuted_as_the_theorem_says() -> None:
    """w_tilde[j, k] = w[pi(j), k]: the array's axis is taken in the order of pi."""
    arrays = {"w": {(): np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])}}
    assert moved(arrays, {("w", (), 0): [2, 0, 1]})["w"][()].tolist() == [[5, 6], [1, 2], [3, 4]]
