"""A number with the degrees of what it was computed from."""

from __future__ import annotations

from typing import Any, NamedTuple

Number = Any  # an integer modulo the prime in `modular`, a float in `floating`


class Value(NamedTuple):
    """A number, with bounds of the degrees of its numerator and denominator in all that is drawn."""

    number: Number
    top: int = 0
    bottom: int = 0


Key = tuple[str, tuple[int, ...], tuple[int | None, ...]]
