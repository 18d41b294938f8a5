r"""The coarsest balanced colouring of a network, by colour refinement.

A colouring of the neurons of each layer, with a colour of its own for each input and each output, is balanced
if any two neurons of one colour have equal biases, equal sums of incoming weights from each colour of the
layer before, and equal sums of outgoing weights into each colour of the layer after.

Refinement starts from one colour for each hidden layer and splits a colour where its neurons differ in one of
these. What is split had to be: if a balanced colouring refines the colours so far, the sums over their unions
agree too, so it refines the colours after the split. Hence the last colouring is the coarsest balanced one,
and there is just one.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Sequence
from typing import Any

from symderive.errors import SymderiveError

Colours = tuple[tuple[int, ...], ...]
Matrix = list[list[Any]]


def coarsest_balanced_colouring(weights: Any, biases: Any, tolerance: float = 0.0) -> Colours:
    """The colours of the neurons of layers 0..L, numbered in each layer by first appearance.

    - `weights`: W^1..W^L, W^l of n_l rows and n_{l-1} columns; `biases`: b^1..b^L. Lists or arrays.
    - `tolerance`: 0 compares exactly, as for integers and fractions. Else numbers of one kind count as equal
      where no gap between neighbours in their order exceeds the tolerance times the largest absolute weight
      or bias: chains of close numbers are one, so that the result does not depend on the order of neurons.

    Raises SymderiveError for shapes that do not fit, and for what is no finite number.

    >>> coarsest_balanced_colouring([[[1], [1], [2]], [[3, 3, 3]]], [[0, 0, 0], [1]])
    ((0,), (0, 0, 1), (0,))

    Different weights, but equal sums into and out of both colours:

    >>> w = [[[1], [1], [2], [2]], [[1, 2, 1, 3], [2, 1, 3, 1]], [[4, 4]]]
    >>> coarsest_balanced_colouring(w, [[0] * 4, [0] * 2, [0]])
    ((0,), (0, 0, 1, 1), (0, 0), (0,))
    """
    w, b = _shaped(weights, biases)
    apart = _apart(w, b, tolerance)
    widths = [len(w[0][0]), *map(len, w)]
    colours = [[0] * n for n in widths]
    colours[0], colours[-1] = list(range(widths[0])), list(range(widths[-1]))
    while True:
        finer = [list(c) for c in colours]
        for m in range(1, len(w)):
            columns = [_classes(values, apart) for values in zip(*_signatures(w, b, colours, m), strict=True)]
            finer[m] = _numbered(zip(colours[m], *columns, strict=True))
        if finer == colours:
            return tuple(map(tuple, colours))
        colours = finer


def is_balanced(weights: Any, biases: Any, colours: Sequence[Sequence[int]], tolerance: float = 0.0) -> bool:
    """Whether the colouring of layers 0..L is balanced; inputs and outputs have colours of their own.

    >>> is_balanced([[[1], [1]], [[3, 3]]], [[0, 0], [1]], [[0], [0, 0], [0]])
    True
    >>> is_balanced([[[1], [1]], [[3, 4]]], [[0, 0], [1]], [[0], [0, 0], [0]])
    False
    """
    w, b = _shaped(weights, biases)
    widths = [len(w[0][0]), *map(len, w)]
    if [len(c) for c in colours] != widths:
        raise SymderiveError(f"colours: expected {widths} of them, found {[len(c) for c in colours]}")
    if any(len(set(colours[m])) < widths[m] for m in (0, -1)):
        return False
    apart = _apart(w, b, tolerance)
    for m in range(1, len(w)):
        found = _signatures(w, b, [list(c) for c in colours], m)
        for p, one in enumerate(found):
            for q, other in enumerate(found[:p]):
                same = all(abs(u - v) <= apart for u, v in zip(one, other, strict=True))
                if colours[m][p] == colours[m][q] and not same:
                    return False
    return True


def _apart(w: list[Matrix], b: list[Any], tolerance: float) -> Any:
    """How far equal numbers may lie apart; exactly 0 without a tolerance."""
    if not 0 <= tolerance < 1:
        raise SymderiveError(f"tolerance: expected a number from 0 and below 1, found {tolerance!r}")
    return tolerance * max(abs(v) for v in _numbers(w, b)) if tolerance else 0


def _signatures(w: list[Matrix], b: list[Any], colours: list[list[int]], m: int) -> list[list[Any]]:
    """For each neuron of layer m: its bias, its sums from each colour, and its sums into each colour."""
    before, after = sorted(set(colours[m - 1])), sorted(set(colours[m + 1]))
    found = []
    for j, row in enumerate(w[m - 1]):
        into = [sum(v for v, c in zip(row, colours[m - 1], strict=True) if c == k) for k in before]
        out = [sum(r[j] for r, c in zip(w[m], colours[m + 1], strict=True) if c == k) for k in after]
        found.append([b[m - 1][j], *into, *out])
    return found


def _classes(values: Sequence[Any], apart: Any) -> list[int]:
    """For each value the number of its class: neighbours in order, at most `apart` from each other."""
    number, last, found = 0, None, {}
    for n in sorted(range(len(values)), key=lambda n: values[n]):
        if last is not None and values[n] - last > apart:
            number += 1
        found[n], last = number, values[n]
    return [found[n] for n in range(len(values))]


def _numbered(things: Iterable[Hashable]) -> list[int]:
    """Equal things get equal numbers, in the order of first appearance."""
    seen: dict[Hashable, int] = {}
    return [seen.setdefault(t, len(seen)) for t in things]


def _numbers(w: list[Matrix], b: list[Any]) -> Iterable[Any]:
    for matrix, vector in zip(w, b, strict=True):
        for row in matrix:
            yield from row
        yield from vector


def _listed(array: Any) -> Any:
    """An array as lists of Python's numbers, whose sums do not overflow."""
    return array.tolist() if hasattr(array, "tolist") else array


def _shaped(weights: Any, biases: Any) -> tuple[list[Matrix], list[Any]]:
    """Lists of rows, and of biases, that fit each other."""
    w = [[list(row) for row in _listed(matrix)] for matrix in weights]
    b = [list(_listed(vector)) for vector in biases]
    if not w or len(w) != len(b) or not all(w) or not w[0][0]:
        raise SymderiveError(f"expected weights and biases of each layer, found {len(w)} and {len(b)}")
    for m, (matrix, vector) in enumerate(zip(w, b, strict=True), 1):
        columns = len(w[m - 2]) if m > 1 else len(w[0][0])
        if len(vector) != len(matrix) or any(len(row) != columns for row in matrix):
            raise SymderiveError(
                f"layer {m}: expected rows of {columns} weights, one bias for each, "
                f"found {len(matrix)} rows of {sorted({len(r) for r in matrix})} and {len(vector)} biases"
            )
    for v in _numbers(w, b):
        if isinstance(v, bool | str) or not math.isfinite(v):
            raise SymderiveError(f"expected finite numbers as weights and biases, found {v!r}")
    return w, b
