"""Which theorem of Coq confirms a proposition of ours, with the statement as Coq prints it; or why none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from symderive.claims.evidence import CheckFailed
from symderive.coq.compiler import MISSING, coqc
from symderive.coq.export import NO_THEOREM, Refused, confirm, confirming, export_theorem
from symderive.coq.terms import OutOfReach
from symderive.proof.result import Proved


@dataclass(frozen=True)
class Confirmation:
    """One proposition: the theorem of `proofs/coq` that confirms it, or why it is not confirmed."""

    proposition: str
    theorem: str = ""
    statement: str = ""
    axioms: tuple[str, ...] = ()
    reason: str = ""

    @property
    def confirmed(self) -> bool:
        """Whether Coq accepted the proposition as it is printed, with no axioms."""
        return not self.reason

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "proposition": self.proposition,
            "confirmed": self.confirmed,
            "theorem": self.theorem or None,
            "statement": self.statement or None,
            "axioms": list(self.axioms) if self.confirmed else None,
            "reason": self.reason or None,
        }


def confirmations(proved: Proved) -> tuple[Confirmation, ...]:
    """What Coq says of each proposition of a theorem: obtained by running coqc.

    Raises CheckFailed where Coq refuses what the library is said to prove: one of the two is wrong.
    """
    propositions = [p.name for p in proved.propositions]
    try:
        made = export_theorem(proved)
    except OutOfReach:
        return tuple(Confirmation(name, reason=NO_THEOREM) for name in propositions)
    missing = dict(made.missing)
    if coqc() is None:
        return tuple(Confirmation(name, reason=missing.get(name, MISSING)) for name in propositions)
    try:
        stated, _ = confirm(made)
    except Refused as error:
        raise CheckFailed(f"{proved.key}: the kernel proved what Coq refuses: {error}") from error
    of = dict(zip([name for name in propositions if name not in missing], stated, strict=True))
    return tuple(
        Confirmation(name, reason=missing[name])
        if name in missing
        else Confirmation(name, confirming(proved.key, name) or "", of[name].statement, of[name].axioms)
        for name in propositions
    )


def summary(found: tuple[Confirmation, ...]) -> str:
    """A few words for a table.

    >>> summary((Confirmation("a", "T_a"), Confirmation("b", reason="none")))
    '1 of 2'
    >>> summary((Confirmation("a", reason=MISSING),))
    'coqc is missing'
    """
    if any(c.reason == MISSING for c in found):
        return "coqc is missing"
    return f"{sum(c.confirmed for c in found)} of {len(found)}"
