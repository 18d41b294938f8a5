"""prove(name): a theorem of the library, proved by the kernel when it is called for; also of your system."""

from __future__ import annotations

from inspect import signature
from typing import TYPE_CHECKING

import proofs
from symderive.errors import SymderiveError
from symderive.systems import System
from symderive.systems.numbers import shown

if TYPE_CHECKING:
    from symderive.proof.result import Proved


def prove(name: str, system: System | None = None, index_class: str = "") -> Proved:
    """Prove a theorem of the library, by key or name: of its own network, or of your system.

    `index_class` chooses the indices that a theorem about ties speaks of, by the name of their permutation in
    `symmetries`; not needed where there is but one class.

    Raises SymderiveError where there is no such theorem, or it says nothing of that system.

    >>> result = prove("permutation_invariance")
    >>> print(result.propositions[-1].theorem.lhs, "=", result.propositions[-1].theorem.rhs)
    C_tilde[] = C[]
    >>> from symderive.systems import mlp
    >>> result = prove("permutation_equivariance", mlp(widths=[4, 3, 2]))
    >>> [p.name for p in result.propositions][:2]
    ['deltas at 2', 'deltas at 1']
    """
    module = proofs.find(name)
    if system is None and not index_class:
        result: Proved = module.prove()
        return result
    if not hasattr(module, "prove_for"):
        general = ", ".join(m.NAME for m in proofs.library() if hasattr(m, "prove_for"))
        raise SymderiveError(f"{name}: expected a theorem about any system ({general}), found one of the mlp")
    if not isinstance(system, System):
        raise SymderiveError(f"{name}: expected a system, found {shown(system)}")
    if not index_class:
        proved: Proved = module.prove_for(system)
        return proved
    if "name" not in signature(module.prove_for).parameters:
        found = f"as all are permuted, found {index_class}"
        raise SymderiveError(f"{name}: expected no class of indices, {found}")
    proved = module.prove_for(system, index_class)
    return proved
