"""Gradients out of whatever a function returned: dicts, lists, pairs, a vector, with or without the cost."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from symderive.errors import SymderiveError
from symderive.verification.layout import Layout
from symderive.verification.network import Array

MOST_ENTRIES = 10_000_000
KEY = re.compile(
    r"^(?:.*[^a-z])?(?:d|grad|grads|gradient|gradients|g|nabla|delta)?(?P<kind>w|b|weight|bias|kernel|theta|weights|biases|ws|bs)"
    r"(?P<number>\d*)(?:grad|gradient)?$"
)
# fc1.weight, dense_1/kernel:0
NUMBER_FIRST = re.compile(r"^\D*(\d+)\D+?(weight|bias|kernel|w|b)(?::0)?$")
KINDS = {
    "w": 0,
    "weight": 0,
    "weights": 0,
    "kernel": 0,
    "theta": 0,
    "ws": 0,
    "b": 1,
    "bias": 1,
    "biases": 1,
    "bs": 1,
}
COSTS = ("cost", "loss", "c", "l", "j", "value")

Leaves = list[tuple[Any, Any]]


class UnreadableError(SymderiveError):
    """What a function returned holds no gradients that can be told apart."""


@dataclass(frozen=True)
class Returned:
    """Gradients as returned, weights turned to (n_l, n_{l-1}) if they lie the other way; None: left out.

    `words` says in which form they came; `natural` is how many had the shape that one would give them.
    """

    weights: tuple[Array | None, ...]
    biases: tuple[Array | None, ...]
    cost: float | None
    words: str
    floats: int = 64
    natural: int = 0

    def each(self) -> Iterator[tuple[str, int, Array | None]]:
        """(kind, layer, array) in the order W1, b1, W2, .."""
        for m, (w, b) in enumerate(zip(self.weights, self.biases, strict=True), 1):
            yield "W", m, w
            yield "b", m, b


def read(value: Any, layout: Layout, widths: Sequence[int], exact: bool = False) -> Returned:
    """The gradients in what a function returned; `exact` keeps fractions where they are all fractions.

    Raises UnreadableError, which says what was expected.

    >>> read({"dW1": [[1.0, 2.0]], "db1": [3.0]}, Layout("columns"), (2, 1)).weights[0].tolist()
    [[1.0, 2.0]]
    """
    best: tuple[int, Returned] | None = None
    for inner, cost in _costs(value):
        for words, leaves in _readings(inner, layout, widths):
            found = _returned(leaves, cost, words, layout, widths, exact)
            if found is None:
                continue
            score = _score(found, widths)
            if score and (best is None or score > best[0]):
                best = score, found
    if best is None:
        raise UnreadableError(
            f"expected gradients of {len(widths) - 1} weights and biases (a dict, lists, pairs, or one "
            f"vector in the order W1, b1, ..), found {_shown(value)}"
        )
    found = best[1]
    if any(v is None for _, _, v in found.each()):  # names may have been read otherwise than meant
        found = replace(found, words=_shown(value))
    return found


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"a dict with keys {', '.join(map(repr, list(value)[:8])) or 'none'}{_odd(value.items())}"
    if isinstance(value, list | tuple):
        return f"a {type(value).__name__} of {len(value)}{_odd(enumerate(value))}"
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    return f"a {type(value).__name__}"


def _odd(items: Iterable[tuple[Any, Any]]) -> str:
    """The first that is no array of real numbers, where there is one."""
    for name, v in items:
        if not isinstance(v, Mapping | list | tuple) and v is not None:
            try:
                _array(v)
            except (TypeError, ValueError):
                return f", where {name!r} ({type(v).__name__}) holds other things than real numbers"
        elif isinstance(v, list | tuple):
            try:
                np.array(v)
            except ValueError:
                return f", where {name!r} has rows of different lengths"
    return ""


def _costs(value: Any) -> Iterator[tuple[Any, float | None]]:
    """The value without a cost that stands beside the gradients, then the value as it is."""
    if isinstance(value, list | tuple) and len(value) >= 2:
        for at, rest in ((0, value[1:]), (-1, value[:-1])):
            c = _scalar(value[at])
            if c is not None:
                yield (rest[0] if len(rest) == 1 else rest), c
    if isinstance(value, Mapping):
        named = [k for k in value if isinstance(k, str) and k.lower() in COSTS]
        c = _scalar(value[named[0]]) if named else None
        inner = [v for v in value.values() if isinstance(v, Mapping | list | tuple)]
        if len(value) - (c is not None) == 1 and len(inner) == 1:
            yield inner[0], c
        yield value, c
        return
    yield value, None


def _scalar(value: Any) -> float | None:
    if isinstance(value, Mapping | list | tuple | str) or value is None:
        return None
    try:
        array = _array(value)
    except (TypeError, ValueError):
        return None
    return float(array) if array.ndim == 0 else None


def _readings(value: Any, layout: Layout, widths: Sequence[int]) -> Iterator[tuple[str, Leaves]]:
    L = len(widths) - 1
    if isinstance(value, Mapping):
        yield from _of_dict(value, L)
        return
    flat = _vector(value)
    if flat is not None:
        sizes = [s for n, m in itertools.pairwise(widths) for s in (n * m, m)]
        if flat.size == sum(sizes):
            parts = np.split(flat, np.cumsum(sizes)[:-1])
            lay = Layout(layout.convention)
            blank = [np.empty((m, n)) for n, m in itertools.pairwise(widths)]
            shapes = [lay.weight(w).shape for w in blank]
            leaves = [(parts[2 * m].reshape(shapes[m]), parts[2 * m + 1]) for m in range(L)]
            yield "one vector in the order W1, b1, ..", leaves
        return
    if not isinstance(value, list | tuple):
        if L == 1:
            yield "the gradient of W1 alone", [(value, None)]
        return
    items = list(value)
    if len(items) == L:
        if all(isinstance(v, list | tuple) and len(v) == 2 for v in items):
            yield "pairs", [(v[0], v[1]) for v in items]
        if all(isinstance(v, Mapping) for v in items):
            yield (
                "a dict for each layer",
                [next((r[0] for _, r in _of_dict(v, 1)), (None, None)) for v in items],
            )
    if len(items) == 2 and all(isinstance(v, list | tuple | np.ndarray) and len(v) == L for v in items):
        yield "two lists", list(zip(items[0], items[1], strict=True))
        yield "two lists, biases first", list(zip(items[1], items[0], strict=True))
    if len(items) == 2 and all(isinstance(v, Mapping) for v in items):
        W, b = ({_number(k): v for k, v in item.items()} for item in items)
        yield "two dicts", [(W.get(m), b.get(m)) for m in range(1, L + 1)]
    if len(items) == 2 * L:
        yield "arrays in the order W1, b1, ..", [(items[2 * m], items[2 * m + 1]) for m in range(L)]
        yield "arrays in the order W1, .., b1, ..", [(items[m], items[L + m]) for m in range(L)]


def _number(key: Any) -> int:
    digits = re.findall(r"\d+", str(key))
    return int(digits[-1]) if digits else 0


def _of_dict(value: Mapping[Any, Any], L: int) -> Iterator[tuple[str, Leaves]]:
    found: dict[tuple[int, int], Any] = {}
    lists: dict[int, Any] = {}
    nested: dict[int, tuple[Any, Any]] = {}
    for k, v in value.items():
        kind, number = _key(k)
        if kind is None:
            if isinstance(v, Mapping):
                nested[_number(k)] = next((r[0] for _, r in _of_dict(v, 1)), (None, None))
            elif isinstance(v, list | tuple) and len(v) == 2:
                nested[_number(k)] = (v[0], v[1])
        elif number is None:
            lists[kind] = v
        else:
            found.setdefault((kind, number), v)
    if found:
        # torch counts 0, 2, 4, ..: what matters is the order; a number that is missing leaves a gap
        numbers = sorted({n for _, n in found})
        if len(numbers) == L or not set(numbers) <= set(range(1, L + 1)):
            place = {n: m for m, n in enumerate(numbers, 1)}
        else:
            place = {n: n for n in numbers}
        placed = {(k, place[n]): v for (k, n), v in found.items()}
        yield "a dict", [(placed.get((0, m)), placed.get((1, m))) for m in range(1, L + 1)]
    if lists:
        if L == 1:
            yield "a dict", [(lists.get(0), lists.get(1))]
        W, b = (_items(lists.get(kind), L) for kind in (0, 1))
        yield "a dict of lists", list(zip(W, b, strict=True))
    if nested:
        numbers = sorted(nested)
        yield "a dict of layers", [nested[n] for n in numbers] if len(numbers) == L else []


def _items(value: Any, L: int) -> list[Any]:
    if isinstance(value, Mapping):
        items = [value[k] for k in sorted(value, key=_number)]
    else:
        items = list(value) if isinstance(value, list | tuple | np.ndarray) else []
    return items if len(items) == L else [None] * L


def _key(key: Any) -> tuple[int | None, int | None]:
    """(0 for weights, 1 for biases; the layer's number if there is one)."""
    if not isinstance(key, str):
        return None, None
    if isinstance(key, str) and (torch := NUMBER_FIRST.match(key.lower())):
        return KINDS[torch[2]], int(torch[1])
    name = re.sub(r"[_\s\[\](){}^.]+", "", re.sub(r"^.*/d", "", re.sub(r"^d[clej]_?/?d", "d", key.lower())))
    match = KEY.match(name)
    if match is None:
        return None, None
    return KINDS[match["kind"]], int(match["number"]) if match["number"] else None


def _vector(value: Any) -> Array | None:
    """The value as one vector of numbers, if it is one."""
    if isinstance(value, list | tuple) and (not value or isinstance(value[0], list | tuple | Mapping)):
        return None
    if isinstance(value, list | tuple) and any(
        np.ndim(v) if isinstance(v, np.ndarray) else 0 for v in value[:2]
    ):
        return None
    try:
        array = _array(value)
    except (TypeError, ValueError):
        return None
    return array if array.ndim == 1 or (array.ndim == 2 and array.shape[1] == 1) else None


def _array(value: Any) -> Array:
    """An array of floats, from NumPy, nested lists, or a tensor of PyTorch or JAX."""
    if hasattr(value, "detach"):
        value = value.detach().cpu().numpy()
    array = np.asarray(value)
    if array.size > MOST_ENTRIES:
        raise ValueError(f"more than {MOST_ENTRIES} entries")
    if array.dtype.kind == "c":
        if np.any(array.imag):
            raise ValueError("complex numbers")
        array = array.real
    if array.dtype.kind not in "biuf" and not _rational(array):
        array = array.astype(float)
    return array


def _rational(array: Array) -> bool:
    return array.dtype == object and all(isinstance(v, int | Fraction) for v in array.ravel())


def _returned(
    leaves: Leaves, cost: float | None, words: str, layout: Layout, widths: Sequence[int], exact: bool
) -> Returned | None:
    if len(leaves) != len(widths) - 1:
        return None
    W: list[Array | None] = []
    b: list[Array | None] = []
    floats, natural = 64, 0
    for m, (w, v) in enumerate(leaves):
        try:
            for value, into in ((w, W), (v, b)):
                array = None if value is None else _array(value)
                if array is not None and array.dtype.kind == "f":
                    floats = min(floats, array.dtype.itemsize * 8)
                keep = array is None or (exact and array.dtype == object)
                into.append(array if keep or array is None else array.astype(float))
        except (TypeError, ValueError):
            return None
        natural += W[-1] is not None and W[-1].ndim == 2
        usual = Layout(layout.convention).bias(np.zeros(widths[m + 1])).shape
        natural += b[-1] is not None and b[-1].shape in (usual, (widths[m + 1],))
        W[-1], b[-1] = _weight(W[-1], layout, widths[m], widths[m + 1]), _bias(b[-1], layout, widths[m + 1])
    return Returned(tuple(W), tuple(b), cost, words, floats, natural)


def _weight(w: Array | None, layout: Layout, n: int, m: int) -> Array | None:
    """W as (n_l, n_{l-1}); one row or column may come as a vector."""
    if w is None:
        return None
    if w.ndim == 1 and w.size == n * m and 1 in (n, m):
        return w.reshape(m, n)
    return w.T if layout.in_by_out else w


def _bias(b: Array | None, layout: Layout, m: int) -> Array | None:
    """b as a vector where it is one row or column; what is more is left, samples first."""
    if b is None:
        return None
    if b.size == m and max(b.shape, default=1) == b.size:
        return b.reshape(m)
    # one unit's delta of every sample is a row too
    if m > 1 and b.ndim == 2 and 1 in b.shape:
        b = b.reshape(-1)
    if m > 1 and b.size == 1:
        return b.reshape(())
    return b.T if layout.columns else b


def _score(found: Returned, widths: Sequence[int]) -> int:
    """How many arrays have the size of their parameter, then how many there are."""
    score = 10 * found.natural
    for (kind, _, v), (n, m) in zip(
        found.each(), [p for p in itertools.pairwise(widths) for _ in range(2)], strict=True
    ):
        if v is not None:
            score += 100 * (v.size == (n * m if kind == "W" else m)) + 1
    return score
