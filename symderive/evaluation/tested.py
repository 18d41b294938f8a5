"""How an equation fared at random points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar


@dataclass(frozen=True)
class Tested:
    """How an equation fared: at how many points it was compared, and how likely a false one passes all."""

    __test__: ClassVar[bool] = False  # no test of pytest's

    holds: bool
    points: int
    error: float
    """The probability that a false equation passes, d / p; in floating point the relative difference."""
    seed: int
    counterexample: str = ""
    places: Mapping[Any, float] = field(default_factory=dict, compare=False)
    """The values of the free indices at which it was compared, each with its own probability."""
    disobeyed: str = ""
    """A law that the drawn numbers disobey wherever the equation says something: then nothing was tested."""
