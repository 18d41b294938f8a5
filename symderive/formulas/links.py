"""One equality of a chain: the reading that gives it a meaning, and whether it holds under it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from symderive.dialect.syntax import Node
from symderive.formulas.conventions import ANY, CHOICES
from symderive.formulas.quantities import SettingError
from symderive.formulas.readings import USUAL, Reading
from symderive.formulas.setting import Setting
from symderive.formulas.trial import Outcome
from symderive.formulas.trying import tried

READINGS: tuple[tuple[str, Reading], ...] = (
    ("", USUAL),
    ("factors are taken from left to right", Reading("left to right")),
    ("elementwise products are taken before matrix products", Reading("entrywise first")),
    (r"\cdot is the inner product", Reading(inner=True)),
    ("gradients of vectors are laid out as rows", Reading(gradients="transposed")),
    ("gradients of vectors are laid out as rows", Reading("left to right", "transposed")),
    ("vectors are rows, and weights are stored in-by-out", Reading(rows=True)),
    ("vectors are rows, and weights are stored in-by-out", Reading("left to right", rows=True)),
)


CONVENTIONS: Mapping[str, tuple[str, ...]] = {
    "order": ("usual", "left to right", "entrywise first"),
    "gradients": ("columns", "rows"),
    "layout": ("stated", "rows"),
    "dot": ("elementwise", "inner"),
    **{key: (*values, ANY) for key, values in CHOICES.items()},
}
"""What can be fixed: grouping of factors, vectors of derivatives, everything transposed, what a dot is; and
what the names mean (see `conventions`)."""


UNREADABLE = frozenset({"name", "unknown"})


@dataclass(frozen=True)
class Link:
    """What became of one equality of a chain.

    `written`: what stands before the right side in the writer's formula, where that is not the left side, as
    in an update; the right side alone is then put right.
    """

    left: Node
    right: Node
    status: str
    reading: Reading = USUAL
    conditions: tuple[str, ...] = ()
    outcome: Outcome | None = None
    tried: int = 0
    written: str = ""


def allowed(given: Setting) -> list[tuple[str, Reading]]:
    """The readings that the conventions of a setting leave open; SettingError for one that there is not."""
    for key, value in given.conventions.items():
        if value not in CONVENTIONS.get(key, ()):
            known = "; ".join(f"{k}: {', '.join(v)}" for k, v in CONVENTIONS.items())
            raise SettingError(f"conventions: expected {known}, found {key} = {value!r:.30}")
    fixed = given.conventions
    order, gradients = fixed.get("order"), fixed.get("gradients")
    layout, dot = fixed.get("layout"), fixed.get("dot")
    found = [
        (words, r)
        for words, r in READINGS
        if order in (None, r.order)
        and gradients in (None, "rows" if r.gradients == "transposed" else "columns")
        and layout in (None, "rows" if r.rows else "stated")
        and dot in (None, "inner" if r.inner else "elementwise")
    ]
    return found or [("", USUAL)]


def judged(given: Setting, left: Node, right: Node, deadline: float) -> Link:
    """One equality: the reading that gives it a meaning, and whether it holds under it."""
    first: Outcome | None = None
    refuted: Link | None = None
    for words, reading in allowed(given):
        if time.monotonic() > deadline:
            break
        if refuted is not None and (reading.rows or reading.gradients == "transposed"):
            break  # it has a meaning as it stands, and is wrong
        outcome = tried(given, left, right, reading)
        if first is None:
            first = outcome
        if outcome.kind in UNREADABLE:
            return Link(left, right, "unknown", reading, outcome=outcome)
        conditions = tuple(dict.fromkeys([*([words] if words else []), *outcome.remarks]))
        if outcome.equal:
            status = "numeric" if outcome.text == "real" else "exact"
            return Link(left, right, status, reading, conditions, outcome, outcome.tried)
        if outcome.kind == "different" and refuted is None:
            refuted = Link(left, right, "refuted", reading, conditions, outcome)
    if refuted is not None:
        return refuted
    if first is None:
        return Link(left, right, "unknown", USUAL, (), Outcome("unknown", "no time was left"))
    if first.kind in ("types", "index", "index order", "range"):
        return Link(left, right, "refuted", USUAL, (), first)
    return Link(left, right, "unknown", USUAL, (), first)


__all__ = ["CONVENTIONS", "READINGS", "Link", "allowed", "judged"]
