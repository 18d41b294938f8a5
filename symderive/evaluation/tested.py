"""How an equation fared at random points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


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
    disobeyed: str = ""
    """A law that the drawn numbers disobey wherever the equation says something: then nothing was tested."""
