"""`symderive answer`: prove what the answer quotes, for the library's networks and two that share weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import proofs
from symderive.answer import NEEDED, answer_document
from symderive.answer.sharing import SYSTEMS
from symderive.claims.certified import certified
from symderive.claims.theorem import check_theorem
from symderive.commands.workers import prove_plain
from symderive.documents.blocks import Document
from symderive.documents.theorem_document import theorem_document

NAME = "answer"
"""The name of the document's files."""


@dataclass(frozen=True)
class Answer:
    """The document, and the theorems that it was assembled from."""

    document: Document
    keys: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {"title": self.document.title, "theorems": list(self.keys)}


def shared_weights(seed: int) -> dict[str, Document]:
    """T5, proved for a convolution and a recurrent network, by key."""
    found = {}
    for key, system in SYSTEMS.items():
        proved = proofs.find("T5").prove_for(system())
        certified(proved)  # every step is replayed before it is called so
        found[key] = theorem_document(check_theorem(proved, seed))
    return found


def assembled(documents: Mapping[str, Document], seed: int) -> Answer:
    """The answer from documents of theorems by key; what it quotes must be among them."""
    quoted = {key: documents[key] for key in NEEDED}
    return Answer(answer_document(quoted | shared_weights(seed)), tuple(quoted))


def answer(
    seed: int,
    tell: Callable[[str], None] = lambda _: None,
    done: Callable[[], None] = lambda: None,
    jobs: int | None = None,
) -> Answer:
    """Prove what the answer quotes, and assemble it; `tell` and `done` hear what is being worked on.

    `jobs`: how many processes, by default one for each processor.
    """
    documents = {r.key: r.document for r in prove_plain(NEEDED, seed, jobs=jobs, tell=tell, done=done)}
    tell("the answer")
    found = assembled(documents, seed)
    done()
    return found
