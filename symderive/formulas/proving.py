"""The proof of a formula by the kernel, replayed by the checker."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sympy import Integer, Symbol

from symderive.calculus.terms import IndexSum
from symderive.claims.certified import says
from symderive.claims.evidence import CheckFailed
from symderive.dialect.syntax import Node
from symderive.errors import SymderiveError
from symderive.formulas.equations import equation
from symderive.formulas.readings import Reading
from symderive.formulas.setting import Setting
from symderive.formulas.symbolic import SymbolicWorld
from symderive.latex import to_latex
from symderive.proof.certificate import certificate
from symderive.proof.checker import CheckerError, replay
from symderive.proof.kernel import Hypothesis, Theorem
from symderive.proof.unfolding import Prover


@dataclass(frozen=True)
class Proven:
    """A theorem that says what a formula says."""

    theorem: Theorem
    conditions: tuple[str, ...] = ()


class Provers:
    """What is prepared once for a setting: its system, and the gradients of that."""

    def __init__(self, given: Setting, deeper: int) -> None:
        self.world = SymbolicWorld(given, deeper)
        self.prover = Prover(self.world.system(), extra=list(self._simplex(given)))

    def _simplex(self, given: Setting) -> Iterator[Hypothesis]:
        """Targets sum to 1, those of each example."""
        for q in given.quantities:
            if q.base not in given.simplex or q.letters or q.key not in self.world.tensors:
                continue
            t, rows, cols = self.world.tensors[q.key]
            j, s = Symbol("j", integer=True), Symbol("s", integer=True)
            name = f"the entries of {q} sum to 1"
            if t.rank == 1:
                n = rows if cols.name == "1" else cols
                yield Hypothesis(name, IndexSum(t[j], (j, 1, n.size)), Integer(1), (), "assumption")
            elif not any(f.along == "columns" for f in given.functions.values()):
                own = ((s, Integer(1), rows.size),)
                yield Hypothesis(name, IndexSum(t[s, j], (j, 1, cols.size)), Integer(1), own, "assumption")


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
            kinds = [h.name for h in proof.theorem.hypotheses if h.kind == "assumption"]
            where = [] if proof.times == 1 else [f"{to_latex(proof.times)} is not 0"]
            return Proven(proof.theorem, (*sorted(kinds), *where))
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
