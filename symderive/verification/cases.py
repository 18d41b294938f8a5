"""Parameters and data to judge on: random ones from a seed, away from kinks; or what the user gives."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np

from symderive.errors import SymderiveError
from symderive.verification.layout import Layout
from symderive.verification.network import Array, Network
from symderive.verification.quantities import Case, Quantities, quantities
from symderive.verification.reading import UnreadableError, read

KINKED = ("relu", "leaky_relu")
MARGIN = 1e-3
TRIES = 60
MOST_SAMPLES = 10_000
MOST_PARAMETERS = 2_000_000


def random_case(network: Network, samples: int, seed: int) -> Case:
    """Parameters and data from a seed: no preactivation near a kink, no unit that is dead for all samples.

    >>> from symderive.verification.network import network_of
    >>> net = network_of({"widths": [4, 3], "activation": "relu", "cost": "squared_error"})
    >>> random_case(net, 7, 0).x.shape
    (7, 4)
    """
    whole = isinstance(samples, int | np.integer) and not isinstance(samples, bool)
    if not whole or not 1 <= samples <= MOST_SAMPLES:
        raise SymderiveError(f"samples: expected a number from 1 to {MOST_SAMPLES}, found {samples!r}")
    n = network.widths
    if sum(a * b for a, b in itertools.pairwise(n)) > MOST_PARAMETERS:
        raise SymderiveError(f"network: expected at most {MOST_PARAMETERS:,} weights, found more")
    rng = np.random.default_rng(seed)
    best: tuple[float, Case] | None = None
    for _ in range(TRIES):
        case = _drawn(network, samples, rng)
        quality = _quality(network, case)
        if quality >= MARGIN:
            return case
        if best is None or quality > best[0]:
            best = quality, case
    assert best is not None
    return best[1]


def _drawn(network: Network, samples: int, rng: np.random.Generator) -> Case:
    n = network.widths
    W = tuple(rng.normal(size=(b, a)) * 1.2 / np.sqrt(a) for a, b in itertools.pairwise(n))
    b = tuple(rng.normal(size=m) * 0.4 for m in n[1:])
    x, y = rng.normal(size=(samples, n[0])), rng.normal(size=(samples, n[-1]))
    return Case(W, b, x, _targets(network, y, rng))


def _targets(network: Network, y: Array, rng: np.random.Generator) -> Array:
    if network.one_hot:
        return np.asarray(np.eye(y.shape[1])[rng.integers(0, y.shape[1], size=len(y))])
    return (y > 0).astype(float) if network.classes else y


def _quality(network: Network, case: Case) -> float:
    """The distance of the nearest preactivation to a kink; negative by the share of units that are dead.

    The forward pass here only chooses numbers; what is judged with them comes from the derivation.
    """
    a, distance, dead = case.x, np.inf, 0.0
    for f, w, b in zip(network.names, case.weights, case.biases, strict=True):
        z = a @ w.T + b
        a = np.where(z > 0, z, 0.01 * z) if f in KINKED else np.tanh(z)
        if f in KINKED:
            distance = min(distance, float(np.abs(z).min()))
            on = z > 0
            if len(z) > 1:
                dead = max(dead, 1.0 - float((on.any(axis=0)).mean()))
            dead = max(dead, float(not on.any() or on.all()) if on.size > 1 else float(not on.all()))
            a = np.where(on, z, 0.0 if f == "relu" else 0.01 * z)
    return -dead if dead > 0.0 else distance


def at_kinks(q: Quantities) -> int:
    """How many preactivations are at a kink: there the stated convention decides."""
    return sum(int((q.z[l] == 0).sum()) for l, f in enumerate(q.network.names, 1) if f in KINKED)


def given_case(network: Network, parameters: Any, data: Any, layout: Layout, start: Case) -> Case:
    """The user's parameters and data where they are given, the rest from `start`.

    `parameters` in any form that gradients may have, `data` as (x, y). Raises SymderiveError for
    shapes that do not fit the network.
    """
    W, b, x, y = start.weights, start.biases, start.x, start.y
    if parameters is not None:
        W, b = _parameters(parameters, layout, network.widths)
    if data is not None:
        x, y = _data(data, layout, network)
    if len(x) != len(y):
        raise SymderiveError(f"data: expected as many x as y, found {len(x)} and {len(y)} samples")
    return Case(W, b, x, y)


def _parameters(
    given: Any, layout: Layout, widths: tuple[int, ...]
) -> tuple[tuple[Array, ...], tuple[Array, ...]]:
    try:
        found = read(given, layout, widths)
    except UnreadableError as e:
        raise SymderiveError(f"parameters: {e}") from None
    W: list[Array] = []
    b: list[Array] = []
    for (kind, l, v), into in zip(found.each(), (W, b) * len(widths), strict=False):
        shape = (widths[l], widths[l - 1]) if kind == "W" else (widths[l],)
        if v is None or v.shape not in (shape, shape[::-1]):
            raise SymderiveError(
                f"parameters: expected {kind}{l} of shape {shape}, found {None if v is None else v.shape}"
            )
        if not np.all(np.isfinite(v)):
            raise SymderiveError(f"parameters: expected finite numbers in {kind}{l}, found others")
        into.append(v if v.shape == shape else v.T)
    return tuple(W), tuple(b)


def _data(data: Any, layout: Layout, network: Network) -> tuple[Array, Array]:
    if isinstance(data, Mapping) and {"x", "y"} <= set(data):
        data = (data["x"], data["y"])
    if not isinstance(data, tuple | list) or len(data) != 2:
        raise SymderiveError("data: expected (x, y), found something else")
    found: list[Array] = []
    for name, v, n in (("x", data[0], network.widths[0]), ("y", data[1], network.widths[-1])):
        try:
            array = np.asarray(v, dtype=float)
        except (TypeError, ValueError):
            raise SymderiveError(f"data: expected numbers in {name}, found others") from None
        if name == "y" and array.ndim == 1 and len(found[0]) == len(array) and n != len(array):
            array = np.eye(n)[array.astype(int)] if network.one_hot and n > 1 else array[:, None]
        if array.ndim == 1:
            array = array[None, :]
        if (layout.columns and array.ndim == 2 and array.shape[0] == n) or (
            array.ndim == 2 and array.shape[1] != n and array.shape[0] == n
        ):
            array = array.T
        if array.ndim != 2 or array.shape[1] != n or not len(array):
            raise SymderiveError(f"data: expected {name} of shape (samples, {n}), found {np.shape(v)}")
        if not np.all(np.isfinite(array)):
            raise SymderiveError(f"data: expected finite numbers in {name}, found others")
        found.append(array)
    return found[0], found[1]


def second_case(case: Case, seed: int) -> Case:
    """Another case of the same shapes: other parameters, and the samples mixed anew and moved a little."""
    rng = np.random.default_rng([seed, 2])
    W = tuple(w + 0.3 * (0.1 + np.abs(w).mean()) * rng.normal(size=w.shape) for w in case.weights)
    b = tuple(v + 0.3 * (0.1 + np.abs(v).mean()) * rng.normal(size=v.shape) for v in case.biases)
    order = np.roll(np.arange(case.samples), 1)
    x = case.x + 0.3 * (0.1 + case.x.std()) * rng.normal(size=case.x.shape)
    return Case(W, b, x, case.y[order])


__all__ = ["at_kinks", "given_case", "quantities", "random_case", "second_case"]
