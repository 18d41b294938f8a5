"""`symderive answer`: prove what the answer quotes, for the library's networks and two that share weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import proofs
from symderive.answer import NEEDED, answer_document
from symderive.answer.figures import figures_document
from symderive.answer.material import FIGURES
from symderive.answer.sharing import CALLED, SYSTEMS
from symderive.claims.certified import certified
from symderive.claims.theorem import check_theorem
from symderive.commands.plain import Result
from symderive.commands.workers import prove_plain, result_of
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


MORE = {key: f"{key} {system.__name__}" for key, system in SYSTEMS.items()} | {FIGURES: FIGURES}
"""What the answer needs beside theorems of the library, with titles."""


def shared_weights(key: str, seed: int) -> Document:
    """T5, proved for a convolution (CNN) or a recurrent network (RNN)."""
    proved = proofs.find("T5").prove_for(SYSTEMS[key](), called=CALLED[key])
    certified(proved)  # every step is replayed before it is called so
    return theorem_document(check_theorem(proved, seed))


def result_for(key: str, seed: int, coq: bool) -> Result:
    """A theorem of the library, or what MORE names."""
    if key in SYSTEMS:
        return Result(key, SYSTEMS[key].__name__, shared_weights(key, seed), {}, (), (), {})
    if key == FIGURES:
        return Result(key, key, figures_document(seed), {}, (), (), {})
    return result_of(key, seed, coq)


def assembled(documents: Mapping[str, Document]) -> Answer:
    """The answer from documents by key; what it quotes must be among them."""
    quoted = {key: documents[key] for key in (*NEEDED, *MORE) if key in documents}
    return Answer(answer_document(quoted), tuple(quoted))


def answer(
    seed: int,
    tell: Callable[[str], None] = lambda _: None,
    done: Callable[[], None] = lambda: None,
    jobs: int | None = None,
) -> Answer:
    """Prove what the answer quotes, and assemble it; `tell` and `done` hear what is being worked on.

    `jobs`: how many processes, by default one for each processor.
    """
    found = prove_plain(NEEDED, seed, jobs=jobs, tell=tell, done=done, proving=result_for, more=MORE)
    documents = {r.key: r.document for r in found}
    tell("the answer")
    return assembled(documents)
