"""Derivatives of systems: reverse mode, with the steps that led to each equation."""

from symderive.derivation.derive import Derivation, derive
from symderive.derivation.steps import Step

__all__ = ["Derivation", "Step", "derive"]
