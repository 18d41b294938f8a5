r"""sd.Document: a document of your own, of equations, derivations, theorems, verdicts, tables and figures.

Every equation in it is printed by the engine, read back, and carries its evidence. `notation` changes all of
them at once: letters, the style of layers, names.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import proofs
from symderive.calculus.ranges import EMPTY
from symderive.claims.certified import certified
from symderive.claims.crosscheck import CrossCheck
from symderive.claims.derivation import check_derivation
from symderive.claims.evidence import Evidence
from symderive.claims.sizes import test_sizes
from symderive.claims.theorem import check_theorem
from symderive.derivation import Derivation
from symderive.documents import blocks
from symderive.documents.compose import aligned, equation, evidences, words
from symderive.documents.derivation_document import derived_blocks
from symderive.documents.files import write_files
from symderive.documents.html_writer import to_html
from symderive.documents.latex_writer import Fragment, to_fragment, to_latex
from symderive.documents.markdown_writer import to_markdown
from symderive.documents.relabelled import relabelled
from symderive.documents.theorem_document import theorem_document
from symderive.errors import SymderiveError
from symderive.formulas import Verdict
from symderive.latex import Notation
from symderive.proof import Hypothesis, Theorem
from symderive.proof.result import Proved
from symderive.systems import Definition
from symderive.systems.numbers import shown

FORMATS = ("tex", "html", "md", "pdf")
KERNEL = Evidence("proved", "by the kernel, for all sizes")


class Document:
    r"""A document that grows call by call; each method returns it, so that calls can be chained.

    >>> import symderive as sd
    >>> network = sd.mlp()
    >>> doc = sd.Document("Backpropagation").section("Forward").equation(network.definitions[1], label="z")
    >>> doc.text("With [z] and $w$ as names.").equation(sd.derive(network).definitions[2])
    Document('Backpropagation', 4 blocks)
    >>> r"\frac{\partial C}{\partial w^{(l)}_{jk}} &= a^{(l-1)}_{k} \delta^{(l)}_{j}" in doc.markdown()
    True
    """

    def __init__(
        self, title: str, *, subtitle: str = "", notation: Notation | None = None, seed: int = 20_260
    ) -> None:
        self.title, self.subtitle, self.notation, self.seed = title, subtitle, notation, seed
        self._blocks: list[blocks.Block] = []
        self._parts = 0

    def __repr__(self) -> str:
        plural = "s" if len(self._blocks) != 1 else ""
        return f"Document({self.title!r}, {len(self._blocks)} block{plural})"

    def _repr_html_(self) -> str:
        return f'<iframe srcdoc="{_quoted(self.html())}" style="width:100%;height:30em;border:0"></iframe>'

    # ------------------------------------------------------------------ what stands in it

    def include(self, *given: blocks.Block) -> Document:
        """Blocks as they are."""
        self._blocks += given
        return self

    def section(self, title: str, level: int = 1, label: str = "") -> Document:
        """A heading of level 1, 2 or 3."""
        return self.include(blocks.Section(title, level, label=label))

    def text(self, sentences: str) -> Document:
        """A paragraph with $formulas$, [labels], `code` and *emphasis*; [@source] cites the literature."""
        from symderive.answer.prose import paragraph

        return self.include(paragraph(sentences))

    def equation(
        self, thing: Definition | Theorem | Hypothesis, label: str = "", reason: str = ""
    ) -> Document:
        """A definition, a hypothesis, or a theorem of the kernel, which says that it is proved."""
        if not isinstance(thing, Definition | Theorem | Hypothesis):
            raise SymderiveError(f"equation: expected a definition or a theorem, found {shown(thing)}")
        ctx = thing.bind("document", EMPTY) if isinstance(thing, Hypothesis) else thing.context
        terms = [thing.lhs, thing.rhs]
        cross = CrossCheck(terms, (), test_sizes(terms), self.seed, self.notation)
        printed = cross.printed(thing.lhs, thing.rhs, ctx)
        found = equation(printed, label, reason)
        proved = evidences([KERNEL]) if isinstance(thing, Theorem) else ()
        return self.include(
            blocks.Equation(found.lines, evidence=proved, conditions=found.conditions, label=label)
        )

    def derivation(self, derivation: Derivation, steps: bool = True) -> Document:
        """Layer equations and backward equations, each step tested in exact arithmetic."""
        if not isinstance(derivation, Derivation):
            raise SymderiveError(f"derivation: expected what derive returns, found {shown(derivation)}")
        checked = check_derivation(derivation, [], self.seed, self.notation, forms=())
        prefix = self._prefix()
        forward = aligned(checked.forward, [f"forward:{n}" for n in range(len(checked.forward))])
        derived: Sequence[blocks.Block] = (
            derived_blocks(checked, prefix="derived")
            if steps
            else [equation(c.printed, label=f"derived:{n}") for n, c in enumerate(checked.derived)]
        )
        return self.include(*relabelled((forward, *derived), prefix))

    def theorem(self, which: str | Proved, proof: bool = True) -> Document:
        """A theorem of the library by key or name, or one that was proved: setting, statements, witnesses."""
        proved = proofs.find(which).prove() if isinstance(which, str) else which
        if not isinstance(proved, Proved):
            raise SymderiveError(
                f"theorem: expected a key such as T5, or what prove returns, found {shown(which)}"
            )
        certified(proved)
        whole = theorem_document(check_theorem(proved, self.seed, notation=self.notation))
        level = 2 if any(isinstance(b, blocks.Section) for b in self._blocks) else 1
        kept = [_lower(b, level, proof) for b in whole.blocks]
        self.section(whole.title, level)
        return self.include(*relabelled(tuple(kept), self._prefix()))

    def verdict(self, verdict: Verdict) -> Document:
        """What `check` said of a formula: as it was written, what is wrong, the right form, the example."""
        if not isinstance(verdict, Verdict):
            raise SymderiveError(f"verdict: expected what check returns, found {shown(verdict)}")
        said = f"{verdict.status}: {verdict.summary}"
        parts: list[blocks.Block] = [blocks.Listing(verdict.formula), blocks.Paragraph(blocks.text(said))]
        for name, value in (("What is wrong", verdict.diagnosis), ("Because", verdict.reason)):
            parts += [blocks.Paragraph(blocks.text(f"{name}: {value}."))] if value else []
        if verdict.conditions:
            parts.append(blocks.ItemList(tuple(blocks.text(c) for c in verdict.conditions)))
        if verdict.right_form:
            parts += [blocks.Paragraph(blocks.text("Put right:")), blocks.Listing(verdict.right_form)]
        if verdict.example:
            parts += [
                blocks.Paragraph(blocks.text("An example:")),
                blocks.Listing("\n".join(verdict.example)),
            ]
        return self.include(*parts)

    def table(self, header: Sequence[str], rows: Iterable[Sequence[Any]], caption: str = "") -> Document:
        """A table; cells are words with $formulas$."""
        body = tuple(tuple(words(str(cell)) for cell in row) for row in rows)
        return self.include(blocks.Table(tuple(words(h) for h in header), body, words(caption)))

    def figure(self, drawn: Any, alt: str, caption: str = "", name: str = "", width: float = 0.8) -> Document:
        """A figure of `symderive figures`, or one of matplotlib; `alt` says in words what is to be seen."""
        from symderive.training.drawing import files_of

        svg, pdf = files_of(drawn)
        stem = name or f"figure{1 + len(self.build().figures)}"
        return self.include(blocks.Figure(stem, svg, pdf, alt, words(caption), width, label=f"figure:{stem}"))

    # ------------------------------------------------------------------ what comes out

    def build(self) -> blocks.Document:
        """The blocks as a document, for the writers."""
        return blocks.Document(self.title, tuple(self._blocks), subtitle=words(self.subtitle))

    def latex(self) -> str:
        """A LaTeX article."""
        return to_latex(self.build())

    def html(self) -> str:
        """A page that needs no network."""
        return to_html(self.build())

    def markdown(self) -> str:
        """Markdown, as GitHub shows it."""
        return to_markdown(self.build())

    def fragment(self) -> Fragment:
        r"""For \input into a paper of your own, and the style file that it needs."""
        return to_fragment(self.build())

    def write(
        self, directory: Path | str, name: str = "document", formats: Sequence[str] = ("tex", "html")
    ) -> tuple[Path, ...]:
        """Files of these formats, of tex, html, md and pdf, and of the figures; all of them or none."""
        for form in formats:
            if form not in FORMATS:
                raise SymderiveError(f"formats: expected some of {', '.join(FORMATS)}, found {form!r}")
        made = self.build()
        files: dict[str, str | bytes] = {}
        for f in made.figures:
            files |= {f"{f.name}.pdf": f.pdf} if "tex" in formats else {}
            files |= {f"{f.name}.svg": f.svg} if "md" in formats else {}
        writers = {"tex": to_latex, "html": to_html, "md": to_markdown}
        files |= {f"{name}.{form}": writers[form](made) for form in formats if form in writers}
        if "pdf" in formats:
            from symderive.documents.pdf import to_pdf

            files[f"{name}.pdf"] = to_pdf(made).content
        return write_files(directory, files)

    def _prefix(self) -> str:
        self._parts += 1
        return f"part{self._parts}:"


def _lower(block: blocks.Block, level: int, proof: bool) -> blocks.Block:
    """A heading below that of the theorem; a box without its proof where none is wanted."""
    if isinstance(block, blocks.Section):
        return replace(block, level=min(3, block.level + level))
    if isinstance(block, blocks.Box) and not proof:
        return replace(block, proof=())
    return block


def _quoted(page: str) -> str:
    return page.replace("&", "&amp;").replace('"', "&quot;")


__all__ = ["FORMATS", "Document"]
