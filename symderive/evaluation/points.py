"""Values of free indices inside their ranges: all of them, or some at random.

Entries depend on the indices that laws share as well (p and q where z_p = z_q): for each choice of these the
whole network is computed anew. So points share few choices of them, at most 4 where the points suffice, those
first at which these indices differ from each other; the choices are the same for all equations of a model.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sympy.core.basic import Basic

from symderive.calculus.ranges import Context

if TYPE_CHECKING:
    from symderive.evaluation.modular import Model

CANDIDATES = 50
"""From so many times as many points as are wanted they are chosen."""

CHOICES = 4
"""Of the values of indices that laws share, among the points of one equation."""


def points(
    model: Model, ctx: Context, most: int, start: Mapping[Basic, int] | None = None
) -> list[dict[Basic, int]]:
    """At most `most` points of the context, with the values of `start` beside them."""
    found: list[dict[Basic, int]] = [dict(start or {})]
    for k, lo, hi in ctx:
        share = max(1, CANDIDATES * most // len(found)) if found else 0
        found = [
            {**v, k: x}
            for v in found
            for x in _some(model, range(model.integer(lo, v), model.integer(hi, v) + 1), share, (k, v))
        ]
    place = {id(v): model.place("point", *((k.name, x) for k, x in v.items())) for v in found}
    return _sharing(model, sorted(found, key=lambda v: place[id(v)]), most)


def _sharing(model: Model, found: list[dict[Basic, int]], most: int) -> list[dict[Basic, int]]:
    """At most `most` points, with few choices of the indices that laws share."""
    if not model.free or len(found) <= most:
        return found[:most]
    by_choice: dict[tuple[int | None, ...], list[dict[Basic, int]]] = {}
    for values in found:
        by_choice.setdefault(tuple(values.get(s) for s in model.free), []).append(values)

    def rank(choice: tuple[int | None, ...]) -> tuple[int, int]:
        told = [v for v in choice if v is not None]
        return len(told) - len(set(told)), model.place("choice", choice)

    chosen: list[dict[Basic, int]] = []
    ranked = sorted(by_choice, key=rank)
    for n in range(0, len(ranked), CHOICES):
        groups = [by_choice[c] for c in ranked[n : n + CHOICES]]
        # in turn, so that each choice has its share
        for row in range(max(map(len, groups))):
            chosen += [g[row] for g in groups if row < len(g)]
        if len(chosen) >= most:
            break
    return chosen[:most]


def _some(model: Model, values: range, most: int, key: Any) -> Sequence[int]:
    if len(values) <= most:
        return values
    return sorted({values[model.place("index", str(key), n) % len(values)] for n in range(most)})


def always_meet(ctx: Context, found: Sequence[Mapping[Basic, int]]) -> bool:
    """Whether two indices of one range are equal at each of these points."""
    limits = list(ctx)
    pairs = [(k, m) for n, (k, *own) in enumerate(limits) for m, *other in limits[:n] if own == other]
    return any(all(values[k] == values[m] for values in found) for k, m in pairs)


def told(
    passed: Sequence[tuple[float, dict[Basic, int]]],
    ctx: Context,
    apart: Callable[[Mapping[Basic, int]], bool] | None,
) -> dict[Any, float]:
    """The points that tell something, with their errors; `apart`: which do, where a law was disobeyed."""
    if apart is not None and always_meet(ctx, [values for _, values in passed]):
        return {}
    counted = [(error, values) for error, values in passed if apart is None or apart(values)]
    return {tuple(sorted((str(k), v) for k, v in values.items())): error for error, values in counted}
