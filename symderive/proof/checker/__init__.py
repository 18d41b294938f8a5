r"""The checker: it replays a certificate by rules of its own, and trusts the term types alone.

A step is a sequent  i in lo..hi, ..; H_1, .., H_m |- lhs = rhs.  It says: for all integers i, .. in their
ranges and all real numbers that the names may stand for, if the hypotheses hold, each for all its own indices
and real numbers, then the equation does. Sizes are positive integers; tensors are arbitrary families over all
integers, differentiable along one nameless variable, with dT as derivative; integers do not move; a
permutation permutes the range of its last index where its other indices lie in their ranges; x/x is 1.

Nothing of the file is believed: every conclusion is made again from the premises, and compared.
"""

from __future__ import annotations

from symderive.proof.checker.files import Replayed, replay
from symderive.proof.checker.sequent import CheckerError, Hypothesis, Sequent

__all__ = ["CheckerError", "Hypothesis", "Replayed", "Sequent", "replay"]
