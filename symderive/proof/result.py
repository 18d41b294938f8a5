"""What a theorem's module returns: propositions with their theorems, and the chains that led to them."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr

from symderive.calculus.ranges import Context
from symderive.derivation.derive import Derivation
from symderive.displayed import Displayed
from symderive.errors import SymderiveError
from symderive.proof.kernel import Hypothesis, Theorem
from symderive.proof.tactics import Chain
from symderive.proof.witness import Witness
from symderive.systems.system import System


@dataclass(frozen=True, repr=False)
class Argument(Displayed):
    """One chain of equations, start = e_1 = e_2 = .., with the reason for each."""

    title: str
    context: Context
    start: Expr
    lines: tuple[tuple[Expr, str], ...]
    theorem: Theorem

    @classmethod
    def of(cls, title: str, chain: Chain) -> Argument:
        """The chain, as it was proved."""
        return cls(title, chain.context, chain.theorem.lhs, tuple(chain.lines), chain.theorem)


@dataclass(frozen=True, repr=False)
class Proposition(Displayed):
    """A statement in a sentence, the theorem that says it, and the arguments that led to it."""

    name: str
    text: str
    theorem: Theorem
    arguments: tuple[Argument, ...] = ()


@dataclass(frozen=True, repr=False)
class Proved(Displayed):
    """A theorem of the library with all that a document shows of it."""

    key: str
    name: str
    title: str
    summary: str
    system: System
    propositions: tuple[Proposition, ...]
    derivation: Derivation | None = None
    remarks: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    """The names of the definitions in the order in which a reader wants to meet them."""
    witnesses: tuple[Witness, ...] = ()
    """Executed counterexamples, each for a hypothesis by its name, or a condition in words of the text."""

    def __post_init__(self) -> None:
        names = [h.name for h in self.hypotheses()]
        texts = [self.summary, *(p.text for p in self.propositions)]
        for w in self.witnesses:
            if w.defends not in names and not any(w.defends.lower() in t.lower() for t in texts):
                known = ", ".join(names)
                raise SymderiveError(
                    f"{self.key}: expected a witness for a hypothesis ({known}) or a condition in the words "
                    f"of the theorem, found one for {w.defends!r}"
                )

    def hypotheses(self) -> tuple[Hypothesis, ...]:
        """All hypotheses that the propositions rest on, definitions first."""
        found = {h for p in self.propositions for h in p.theorem.hypotheses}
        kinds = ("definition", "assumption", "citation", "induction")
        place = {name: n for n, name in enumerate(self.order)}
        last = len(place)
        return tuple(sorted(found, key=lambda h: (kinds.index(h.kind), place.get(h.name, last), h.name)))
