"""Somebody's gradient code against the derivation: how it is called, and what is wrong with it."""

from symderive.verification.verdict import GradientVerdict

__all__ = ["GradientVerdict"]
