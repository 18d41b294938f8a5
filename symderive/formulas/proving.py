"""The proof of a formula by the kernel, replayed by the checker."""

from __future__ import annotations

from dataclasses import dataclass

from symderive.claims.certified import says
from symderive.claims.evidence import CheckFailed
from symderive.dialect.syntax import Node
from symderive.errors import SymderiveError
from symderive.formulas.equations import equation
from symderive.formulas.readings import Reading
from symderive.formulas.setting import Setting
from symderive.formulas.symbolic import SymbolicWorld
from symderive.proof.certificate import certificate
from symderive.proof.checker import CheckerError, replay
from symderive.proof.kernel import Theorem
from symderive.proof.unfolding import Prover


@dataclass(frozen=True)
class Proven:
    """A theorem that says what a formula says."""

    theorem: Theorem
    remarks: tuple[str, ...]


class Provers:
    """What is prepared once for a setting: its system, and the gradients of that."""

    def __init__(self, given: Setting, deeper: int) -> None:
        self.world = SymbolicWorld(given, deeper)
        self.prover = Prover(self.world.system())


def prover_of(given: Setting, deeper: int = 0) -> Provers | None:
    """The prover of a setting, made once; None where the setting has no system in the calculus.

    `deeper`: at least so many more layers than one, for a formula about layer L - 1.
    """
    made: dict[int, Provers | None] = given.kept.setdefault("provers", {})
    if deeper not in made:
        try:
            made[deeper] = Provers(given, deeper)
        except (SymderiveError, RecursionError, ValueError, TypeError, KeyError, AssertionError):
            made[deeper] = None
    return made[deeper]


def proven(given: Setting, left: Node, right: Node, reading: Reading, seconds: float) -> Proven | None:
    """A proof for all sizes that left = right, under this reading; None where none was found."""
    for deeper in (0, 1):
        provers = prover_of(given, deeper)
        if provers is None:
            return None
        try:
            e = equation(provers.world, left, right, reading)
            proof = provers.prover.prove(e.lhs, e.rhs, e.context, seconds / 2)
        except (SymderiveError, RecursionError, ValueError, TypeError, KeyError):
            proof = None
        if proof is not None:
            return Proven(proof.theorem, e.remarks)
        if not given.indices:
            return None
    return None


def certified(theorems: dict[str, Theorem]) -> str | None:
    """The certificate of proofs, replayed; None where the checker does not follow: then they do not count.

    CheckFailed where it finds another theorem than the kernel.
    """
    text = certificate(theorems)
    try:
        found = replay(text)
    except CheckerError:
        return None
    for name, t in theorems.items():
        if not says(found.theorems[name], t):
            raise CheckFailed(f"check, {name}: the checker found another theorem than the kernel")
    return text
