"""Proofs: a small kernel whose rules alone make theorems, and tactics that find them."""

from symderive.proof.kernel import Hypothesis, KernelError, Theorem

__all__ = ["Hypothesis", "KernelError", "Theorem"]
