"""prove(name): a theorem of the library, proved by the kernel when it is called for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import proofs

if TYPE_CHECKING:
    from symderive.proof.result import Proved


def prove(name: str) -> Proved:
    """Prove a theorem of the library, by its key or name; SymderiveError where there is none.

    >>> result = prove("permutation_invariance")
    >>> print(result.propositions[-1].theorem.lhs, "=", result.propositions[-1].theorem.rhs)
    C_tilde[] = C[]
    """
    result: Proved = proofs.find(name).prove()
    return result
