"""Why a term has no value at a random point, or none that is exact."""

from __future__ import annotations

from symderive.errors import SymderiveError


class ModularError(SymderiveError):
    """A term that has no value modulo a prime at this point; the message says why."""


class NotExact(ModularError):
    """A function such as exp, which has no exact values: the term can be tested in floating point alone."""


class TooLarge(ModularError):
    """More operations than the budget allows, at the first point already."""
