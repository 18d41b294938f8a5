"""Permuting parameters as arrays, and evaluating the cost: knows nothing of how symmetries are found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import Expr, Integer, Symbol

from symderive.calculus import Entry, TensorSymbol
from symderive.calculus.atoms import Slot
from symderive.evaluation.numeric import evaluate
from symderive.systems import System

Array = NDArray[Any]
Sup = tuple[int, ...]
Node = tuple[str, Sup, int]  # a tensor, its superscripts, the axis of the array
Arrays = dict[str, dict[Sup, Array]]
# neither odd nor even, so that no sign is a symmetry either
FUNCTIONS = {
    name: [f, lambda z: z]
    for name, f in {
        "phi": lambda z: np.sin(z) + z**2 / 3,
        "psi": lambda z: np.cos(z) + z,
        "sigma": lambda z: np.sin(z) + z**2 / 5,
    }.items()
}


def number(e: Expr, sizes: Mapping[Any, Any]) -> int:
    """The value of a size, or of a width n[2]."""
    rule: dict[Any, Any] = {}
    for s in e.free_symbols:
        if isinstance(s, Symbol):
            rule[s] = Integer(sizes[s.name])
    e = e.xreplace(rule)
    return int(e.xreplace({x: Integer(sizes[x.symbol.name][int(x.index[0])]) for x in e.atoms(Entry)}))


def shapes(t: TensorSymbol, sizes: Mapping[Any, Any]) -> Iterator[tuple[Sup, list[int]]]:
    """For all superscripts the lengths of the other axes."""

    def ends(axis: tuple[Expr, Expr], sup: Sup) -> tuple[int, int]:
        rule = {Slot(n): Integer(v) for n, v in enumerate(sup)}
        lo, hi = (number(e.xreplace(rule), sizes) for e in axis)
        return lo, hi

    def go(sup: Sup) -> Iterator[Sup]:
        if len(sup) == t.sup:
            yield sup
            return
        lo, hi = ends(t.axes[len(sup)], sup)
        for v in range(lo, hi + 1):
            yield from go((*sup, v))

    for sup in go(()):
        yield sup, [hi - lo + 1 for lo, hi in (ends(axis, sup) for axis in t.axes[t.sup :])]


def drawn(system: System, sizes: Mapping[Any, Any], seed: int) -> Arrays:
    """Random arrays for inputs and parameters."""
    rng = np.random.default_rng(seed)
    given = (*system.inputs, *system.parameters)
    return {t.name: {sup: rng.uniform(0.3, 1.2, shape) for sup, shape in shapes(t, sizes)} for t in given}


def nodes(system: System, sizes: Mapping[Any, Any]) -> dict[Node, int]:
    """All axes of parameters that are longer than 1, with their lengths."""
    return {
        (t.name, sup, axis): length
        for t in system.parameters
        for sup, shape in shapes(t, sizes)
        for axis, length in enumerate(shape)
        if length > 1
    }


def moved(arrays: Arrays, where: Mapping[Node, list[int]]) -> Arrays:
    """The arrays with their axes permuted."""
    found = {name: dict(table) for name, table in arrays.items()}
    for (name, sup, axis), order in where.items():
        found[name][sup] = np.take(found[name][sup], order, axis=axis)
    return found


def cost(system: System, sizes: Mapping[Any, Any], arrays: Arrays) -> float:
    """The value of the cost."""

    def flat(table: dict[Sup, Array]) -> Any:
        if list(table) == [()]:
            return table[()]
        return {sup[0] if len(sup) == 1 else sup: a for sup, a in table.items()}

    own = {name: f for name, f in FUNCTIONS.items() if name in {g.name for g in system.functions()}}
    run = evaluate(system, {n: flat(t) for n, t in arrays.items()}, sizes, functions=own)
    return float(run[system.cost.name])


def names_of(sizes: Mapping[Any, Any]) -> dict[str, Any]:
    """Sizes by name."""
    return {getattr(k, "name", str(k)): v for k, v in sizes.items()}


def subsets(given: Mapping[Node, int]) -> Iterator[tuple[frozenset[Node], int]]:
    """All sets of axes of equal length."""
    for length in sorted(set(given.values())):
        group = [n for n, size in given.items() if size == length]
        for chosen in product((False, True), repeat=len(group)):
            yield frozenset(n for n, c in zip(group, chosen, strict=True) if c), length


__all__ = ["Arrays", "Node", "cost", "drawn", "moved", "names_of", "nodes", "number", "shapes", "subsets"]
