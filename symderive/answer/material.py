"""What the library proved, to choose from: boxes and definitions of the theorems' documents.

Labels get the key of their theorem in front, T5:box:equal-biases, so that documents can be mixed.
A definition that two theorems share is printed once; what refers to it from the second leads to the first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from symderive.documents.blocks import (
    Block,
    Box,
    Document,
    Equation,
    Evidence,
    Figure,
    Hypothesis,
    Line,
    Paragraph,
    Placed,
    Ref,
    Table,
    text,
)
from symderive.documents.relabelled import PLACE, relabelled
from symderive.documents.walking import within
from symderive.errors import SymderiveError

T = TypeVar("T")
SHOWN = {"CNN": "T5 for a convolution", "RNN": "T5 for a recurrent network"}
"""What keys that are no theorem's of the library are called."""
FIGURES = "figures"
"""The key of the document of figures."""


class Material:
    """The documents of theorems by key, and what has been printed of them so far.

    >>> line = Line("a", rhs="b", label="definition:sum")
    >>> box = Box("Theorem", "one", (Paragraph(text(Ref("definition:sum"))),), label="box:one")
    >>> found = Material({"T1": Document("T1. Sums", (Equation((line,), numbered=False), box))})
    >>> found.definitions("T1", "sum")[0].lines[0].label
    'T1:definition:sum'
    >>> found.box("T1", "one").title
    'T1, one'
    >>> found.box("T1", "two")
    Traceback (most recent call last):
    symderive.errors.SymderiveError: T1: expected a box of one, found 'two'
    """

    def __init__(self, documents: Mapping[str, Document]) -> None:
        self.documents = documents
        self._printed: dict[tuple[Any, ...], str] = {}
        self._same: dict[str, str] = {}

    def document(self, key: str) -> Document:
        """The document of a theorem."""
        if key not in self.documents:
            raise SymderiveError(f"expected a theorem of {', '.join(self.documents)}, found {key!r}")
        return self.documents[key]

    def title(self, key: str) -> str:
        """The title of a theorem, without its key."""
        return self.document(key).title.split(". ", 1)[1]

    # ------------------------------------------------------------------ definitions

    def definitions(self, key: str, *names: str) -> list[Equation]:
        """The definitions of these names, or all, that stand nowhere yet; one equation, or none."""
        lines = [
            line
            for block in self.document(key).blocks
            if isinstance(block, Equation)
            for line in block.lines
            if line.label.startswith("definition:")
        ]
        known = {line.label.removeprefix("definition:"): line for line in lines}
        wanted = ["".join(c if c.isalnum() else "-" for c in name.lower()) for name in names] or list(known)
        for name in wanted:
            if name not in known:
                raise SymderiveError(f"{key}: expected a definition of {', '.join(known)}, found {name!r}")
        fresh: list[Line] = []
        for name in wanted:
            line = known[name]
            here, said = f"{key}:{line.label}", (line.lhs, line.rhs, line.conditions)
            self._same[here] = self._printed.setdefault(said, here)
            if self._same[here] == here:
                fresh.append(replace(line, label=here))
        return [Equation(tuple(fresh), numbered=False)] if fresh else []

    # ------------------------------------------------------------------ boxes

    def statement(self, key: str, title: str) -> Box:
        """The statement of a theorem that has this title, as it stands in its document."""
        blocks = self.document(key).blocks
        boxes = {b.title: b for b in blocks if isinstance(b, Box) and b.kind == "Theorem"}
        if title not in boxes:
            raise SymderiveError(f"{key}: expected a box of {', '.join(boxes)}, found {title!r}")
        return boxes[title]

    def box(
        self, key: str, title: str, *, proof: bool = False, steps: Sequence[str] = (), like: str = ""
    ) -> Box:
        """The box of this title, under the key of its theorem; with its proof, or steps of it, if asked for.

        `like`: a box with the same hypotheses, which are then not repeated: its title, or "T3: title" for one
        of another theorem.
        """
        box = self.statement(key, title)
        whole = box.proof
        rules = [s.rule for s in whole]
        for rule in steps:
            if rule not in rules:
                raise SymderiveError(f"{key}: expected a step of {'; '.join(rules)}, found {rule!r}")
        kept = tuple(s for s in whole if proof or s.rule in steps)
        found = replace(box, proof=kept)
        named: Box = self._moved(found, key)
        if like:
            other, _, wanted = like.rpartition(": ")
            first = self.statement(other or key, wanted)
            if [_bare(h) for h in first.hypotheses] != [_bare(h) for h in found.hypotheses]:
                raise SymderiveError(f"{key}: expected the hypotheses of {like!r}, found others in {title!r}")
            same = text("Under the hypotheses of ", Ref(f"{other or key}:{first.label}"), ". ")
            claim, *rest = named.statement
            said = claim.inlines if isinstance(claim, Paragraph) else ()
            named = replace(named, hypotheses=(), statement=(Paragraph((*same, *said)), *rest))
        return replace(named, title=f"{SHOWN.get(key, key)}, {title}")

    def derivations(self, key: str) -> list[Block]:
        """How the equations of a theorem were derived, step by step."""
        blocks = self.document(key).blocks
        kept = [n for n, b in enumerate(blocks) if isinstance(b, Box) and b.kind == "Derivation"]
        # the words before the first box say what a bar is
        return [self._moved(b, key) for b in blocks[kept[0] - 1 : kept[-1] + 1]]

    def witness(self, key: str, number: int, *, table: bool = True) -> Box:
        """A counterexample by its number in the document of its theorem; without its table if so wanted."""
        label = f"witness:{number}"
        for b in self.document(key).blocks:
            if isinstance(b, Box) and b.label == label:
                found: Box = self._moved(b, key)
                kept = tuple(x for x in found.statement if table or not isinstance(x, Table))
                return replace(found, title=f"{key}, {b.title}", statement=kept)
        raise SymderiveError(f"{key}: expected a counterexample, found no number {number}")

    def figure(self, name: str) -> Figure:
        """A figure by its name."""
        for b in self.document(FIGURES).blocks:
            if isinstance(b, Figure) and b.name == name:
                return b
        raise SymderiveError(f"expected a figure, found no {name!r}")

    def runs(self, key: str) -> list[Block]:
        """The table of what was seen on real arrays."""
        return [self._moved(b, key) for b in self.document(key).blocks if isinstance(b, Table) and b.caption]

    def _moved(self, x: T, key: str) -> T:
        """The same block with the labels and references of the answer."""
        return relabelled(x, f"{key}:", _short)

    # ------------------------------------------------------------------ references

    def settled(self, blocks: Sequence[Block]) -> tuple[Block, ...]:
        """The blocks with references to definitions that stand elsewhere, and none that lead nowhere."""
        labels = {p.label for p in within(tuple(blocks), Placed) if p.label}
        return tuple(self._settled(b, labels) for b in blocks)

    def _settled(self, x: Any, labels: set[str]) -> Any:
        if isinstance(x, Ref):
            return Ref(self._same.get(x.label, x.label))
        if isinstance(x, tuple):
            return tuple(self._settled(y, labels) for y in x if not self._lost(y, labels))
        if not is_dataclass(x) or isinstance(x, type):
            return x
        changed = {f.name: self._settled(getattr(x, f.name), labels) for f in fields(x) if f.name != PLACE}
        if isinstance(x, Line) and any(self._lost(y, labels) for y in x.reason):
            changed["reason"] = ()  # "needed: Counterexample 3", where that is not printed
        return replace(x, **changed)

    def _lost(self, x: Any, labels: set[str]) -> bool:
        """Whether this is a reference, or a sentence that is one, to what is not in the answer."""
        if isinstance(x, Ref):
            return self._same.get(x.label, x.label) not in labels
        return isinstance(x, Paragraph) and any(self._lost(y, labels) for y in x.inlines)


def _bare(h: Hypothesis) -> Hypothesis:
    """The hypothesis without what stands beside its lines, such as where it is needed."""
    return replace(h, lines=tuple(replace(line, reason=()) for line in h.lines))


def _short(e: Evidence) -> Evidence:
    """Without what is the same everywhere and said once: who proved it, modulo what, the seed."""
    if e.status in ("proved", "exact"):
        return replace(e, detail=(), seed=None)
    return replace(e, seed=None) if e.status == "numeric" else e


__all__ = ["Material"]
