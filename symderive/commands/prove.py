"""`symderive prove`: derive, prove and cross-check theorems of the library, and make their documents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import proofs
from symderive import reference
from symderive.claims.against_reference import Data
from symderive.claims.certified import Certified, certified
from symderive.claims.derivation import CheckedDerivation, check_derivation
from symderive.claims.evidence import Evidence
from symderive.claims.theorem import CheckedTheorem, check_theorem
from symderive.coq.confirmation import Confirmation, confirmations
from symderive.displayed import Displayed
from symderive.documents.blocks import Document
from symderive.documents.theorem_document import theorem_document

# all widths differ, so that no transposition hides
WIDTHS = (4, 3, 5, 2)
SAMPLES = 6


@dataclass(frozen=True, repr=False)
class Outcome(Displayed):
    """One theorem: what was proved, how it was tested, and its document."""

    key: str
    name: str
    title: str
    checked: CheckedTheorem
    derivation: CheckedDerivation | None
    document: Document
    certificate: Certified
    coq: tuple[Confirmation, ...] = ()
    """What Coq says of each proposition; empty where it was not asked."""

    @property
    def evidence(self) -> list[Evidence]:
        """The evidence of every equation, in order."""
        found = [e for p in self.checked.propositions for e in p.statement.evidence]
        found += [
            e for p in self.checked.propositions for a in p.arguments for s in a.lines for e in s.evidence
        ]
        if self.derivation is not None:
            found += [e for c in self.derivation.derived for e in c.printed.evidence]
            found += [e for c in self.derivation.derived for _, s in c.steps for e in s.evidence]
        return [*found, *self.checked.numeric]

    @property
    def equations(self) -> int:
        """How many equations were printed and read back."""
        return self.checked.count + (self.derivation.count if self.derivation is not None else 0)

    def as_json(self) -> dict[str, Any]:
        """The outcome for machines."""
        counts = Counter(e.status for e in self.evidence)
        return {
            "key": self.key,
            "name": self.name,
            "title": self.title,
            "status": "proved",
            "steps": self.certificate.steps,
            "equations": self.equations,
            "evidence": dict(sorted(counts.items())),
            "largest_error": max(
                (e.error for e in self.evidence if e.status == "numeric" and e.error), default=0.0
            ),
            "hypotheses": [h.hypothesis.name for h in self.checked.hypotheses],
            "witnesses": [w.witness.defends for w in self.checked.witnesses],
            "statements": [p.statement.latex for p in self.checked.propositions],
            "coq": [c.as_json() for c in self.coq],
        }


def select(names: Sequence[str]) -> list[ModuleType]:
    """The modules of these theorems, each once; the whole library if none is named."""
    return list(dict.fromkeys(map(proofs.find, names))) if names else list(proofs.library())


def prove_one(module: ModuleType, seed: int, coq: bool = False) -> Outcome:
    """Derive, prove and cross-check one theorem; raises where anything disagrees.

    `coq`: ask Coq as well, where it is installed, and say what it confirms.
    """
    proved = module.prove()
    certificate = certified(proved)
    numeric = module.numeric(seed) if hasattr(module, "numeric") else ()
    checked = check_theorem(proved, seed, numeric)
    derivation = None
    if proved.derivation is not None:
        batch = proved.system.tensor("x").rank == 2
        network = reference.Network(WIDTHS, "tanh", "squared_error", reduction="mean" if batch else "sum")
        where = f"{proved.key}, theorem on one weight"
        evidence = Evidence("proved", f"{where}, by the kernel; replayed by the checker")
        derivation = check_derivation(
            proved.derivation,
            [(network, Data.random(network, SAMPLES if batch else 1, seed))],
            seed,
            proved=evidence,
        )
    said = confirmations(proved) if coq else ()
    document = theorem_document(checked, derivation, said)
    return Outcome(module.KEY, module.NAME, proved.title, checked, derivation, document, certificate, said)


def prove_all(
    names: Sequence[str], seed: int, tell: Callable[[str], None] = lambda _: None, coq: bool = False
) -> Iterator[Outcome]:
    """One outcome after the other; `tell` hears what is being worked on."""
    for module in select(names):
        tell(f"{module.KEY} {module.NAME}")
        yield prove_one(module, seed, coq)
