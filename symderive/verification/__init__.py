"""Somebody's gradient code against the derivation: how it is called, whether it is right, and what is wrong."""

from symderive.verification.verdict import GradientVerdict

__all__ = ["GradientVerdict"]
