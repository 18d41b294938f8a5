"""Parameters and gradients by name, as pairs (W, b) of each layer, or as a list of W and one of b."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from symderive.bridges.layout import Array, array_of
from symderive.errors import SymderiveError


@dataclass(frozen=True)
class Parameter:
    """One array: the library's name of it, the system's tensor and layer, and the value in the library.

    >>> Parameter("coefs_[0]", "w", 1, np.zeros((2, 3))).layer
    1
    """

    name: str
    tensor: str
    layer: int
    value: Array


def arranged(given: Any, entries: Sequence[Parameter]) -> list[Array]:
    """Gradients in the order of the entries, from a dict by name, pairs (dW, db), or lists of dW and of db.

    A network without biases may also give the list of its dW. Where pairs and lists are both possible, as for
    two layers, the shapes decide, and if they fit both, how the parameters were given.
    SymderiveError where one is missing or there are more.

    >>> one = [Parameter("W", "w", 1, np.zeros((1, 1))), Parameter("b", "b", 1, np.zeros(1))]
    >>> arranged([([[2.0]], [3.0])], one) == arranged({"W": [[2.0]], "b": [3.0]}, one)
    True
    """
    if isinstance(given, Mapping) and set(given) != {"weights", "biases"}:
        return _by_name(given, entries)
    if isinstance(given, Mapping):
        given = (given["weights"], given["biases"])
    if not isinstance(given, list | tuple):
        raise SymderiveError(
            f"gradient: expected pairs (dW, db), two lists or a dict, found {type(given).__name__}"
        )
    depth = max(p.layer for p in entries)
    tables = _tables(given, depth, any(p.tensor == "b" for p in entries))
    if entries[0].name.startswith("weights["):
        tables.reverse()
    if not tables:
        raise SymderiveError(
            f"gradient: expected pairs (dW, db) or the lists of dW and of db, {depth} each, found a "
            f"{type(given).__name__} of {len(given)}"
        )
    shapes = [p.value.shape for p in entries]
    found = [_chosen(table, entries) for table in tables]
    fitting = [rows for rows in found if [_shape(v) for v in rows] == shapes]
    rows = (fitting or found)[0]
    return [_numbers(v, p.name) for v, p in zip(rows, entries, strict=True)]


def _shape(value: Any) -> tuple[int, ...] | None:
    """The shape; None for a ragged list."""
    try:
        return tuple(np.shape(value))
    except ValueError:
        return None


def _by_name(given: Mapping[Any, Any], entries: Sequence[Parameter]) -> list[Array]:
    names = [p.name for p in entries]
    missing = [name for name in names if name not in given]
    others = sorted(str(name) for name in given if name not in names)
    if missing or others:
        what = f"none for {missing[0]}" if missing else f"one for {others[0]}"
        raise SymderiveError(f"gradient: expected one for each parameter by its name, found {what}")
    return [_numbers(given[name], name) for name in names]


def _tables(given: Sequence[Any], depth: int, biased: bool) -> list[list[tuple[Any, Any]]]:
    """The readings as (dW, db) for each layer."""
    found: list[list[tuple[Any, Any]]] = []
    if not biased and len(given) == depth:
        found.append([(v, None) for v in given])
    if not all(isinstance(v, list | tuple) for v in given):
        return found
    if len(given) == depth and all(len(v) in (1, 2) for v in given):
        found.append([(v[0], v[1] if len(v) == 2 else None) for v in given])
    if len(given) == 2 and all(len(v) == depth for v in given):
        found.append(list(zip(*given, strict=True)))
    return found


def _chosen(table: Sequence[tuple[Any, Any]], entries: Sequence[Parameter]) -> list[Any]:
    rows = [table[p.layer - 1][0 if p.tensor == "w" else 1] for p in entries]
    for value, p in zip(rows, entries, strict=True):
        if value is None:
            raise SymderiveError(f"gradient: expected one for {p.name}, found none")
    return rows


def _numbers(value: Any, what: str) -> Array:
    """An array of real numbers in its own precision, also of NaN or infinity: such a gradient is refuted."""
    if value is None:
        raise SymderiveError(f"gradient: expected one for {what}, found none")
    try:
        array = array_of(value)
        if array.dtype.kind == "f":
            return array
        # V: a type of a library of its own, as JAX's bfloat16
        numbers = array.astype(np.float32 if array.dtype.kind == "V" else float)
    except Exception:  # ragged lists, text, whatever an array library raises
        numbers = None
    if numbers is None or array.dtype.kind not in "biuV":
        found = f"the type {array.dtype}" if hasattr(value, "dtype") else type(value).__name__
        raise SymderiveError(f"gradient of {what}: expected an array of numbers, found {found}")
    return numbers
