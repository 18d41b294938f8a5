"""The whole answer: sections in their order, references settled."""

from __future__ import annotations

from collections.abc import Mapping

from symderive.answer.equations import equations
from symderive.answer.known_answer import known_answer
from symderive.answer.material import Material
from symderive.answer.parting import apart, breaking, closed_form, optima, regressions
from symderive.answer.question import answers, question
from symderive.answer.sharing import sharing
from symderive.answer.staying import staying
from symderive.answer.trust import trust
from symderive.documents.blocks import Block, Document, Inlines, ItemList, Link, Section, text
from symderive.documents.literature import literature
from symderive.documents.walking import within

TITLE = "Why identical neurons stay identical, and why yours do not"
NEEDED = ("T1", "T2", "T3", "T4", "T5", "T6", "T8", "T9", "T10", "T11", "T12", "T13", "T14", "T19")
"""The theorems of the library that the answer quotes."""
SECTIONS = (
    question, equations, known_answer, staying, breaking, apart, closed_form, regressions, optima, sharing,
    answers, trust,
)  # fmt: skip


def answer_document(documents: Mapping[str, Document]) -> Document:
    """The answer out of the documents of the theorems in NEEDED, and of those for `sharing.SYSTEMS`."""
    material = Material(documents)
    blocks: list[Block] = [block for section in SECTIONS for block in section(material)]
    blocks += [Section("Literature", label="section:literature"), ItemList(_literature(tuple(blocks)))]
    return Document(
        TITLE, material.settled(blocks), subtitle=text("derived and proved by symderive"), small=True
    )


def _literature(blocks: tuple[Block, ...]) -> tuple[Inlines, ...]:
    """What the blocks cite, in the order of the list of literature."""
    cited = {link.url for link in within(blocks, Link)}
    return tuple(s.reference() for s in literature().values() if s.url in cited)
