"""Values of free indices inside their ranges: all of them, or some at random."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sympy.core.basic import Basic

from symderive.calculus.ranges import Context

if TYPE_CHECKING:
    from symderive.evaluation.modular import Model

CHOICES = 4
CANDIDATES = 50
"""From so many times as many points as are wanted they are chosen."""


def points(
    model: Model, ctx: Context, most: int, start: Mapping[Basic, int] | None = None
) -> list[dict[Basic, int]]:
    """At most `most` points of the context, with the values of `start` beside them.

    Indices that the laws share, such as two tied neurons, take at most CHOICES choices of values, those that
    differ from each other first: for each choice the model is another, and one choice is as good as another.
    """
    found: list[dict[Basic, int]] = [dict(start or {})]
    for k, lo, hi in ctx:
        share = max(1, CANDIDATES * most // len(found)) if found else 0
        found = [
            {**v, k: x}
            for v in found
            for x in _some(model, range(model.integer(lo, v), model.integer(hi, v) + 1), share, (k, v))
        ]
    place = {id(v): model.place("point", *((k.name, x) for k, x in v.items())) for v in found}
    ranked = sorted(found, key=lambda v: place[id(v)])
    return _of_few_choices(model, ranked, most)[:most]


def _of_few_choices(model: Model, ranked: list[dict[Basic, int]], most: int) -> list[dict[Basic, int]]:
    def choice(v: Mapping[Basic, int]) -> tuple[int | None, ...]:
        return tuple(v.get(k) for k in model.free)

    choices = dict.fromkeys(map(choice, ranked))
    if len(choices) <= CHOICES:
        return ranked
    by_difference = sorted(choices, key=lambda c: -len(set(c)))  # stable: else in the order of their places
    kept = set(by_difference[:CHOICES])
    few = [v for v in ranked if choice(v) in kept]
    return few if len(few) >= most else [*few, *(v for v in ranked if choice(v) not in kept)]


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
