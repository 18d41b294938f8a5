"""The documents that the commands write: from the engine alone, with evidence, printable, whole offline."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest

import proofs
from symderive.claims.crosscheck import CrossCheck, Printed
from symderive.commands import derive, prove
from symderive.documents import blocks
from symderive.documents.blocks import Box, Document, Equation, Line, Math
from symderive.documents.compose import words
from symderive.documents.evidence import error_latex
from symderive.documents.html_writer import to_html
from symderive.documents.latex_writer import to_latex
from symderive.documents.numbering import number
from symderive.documents.pdf import compile_latex, compile_typst
from symderive.documents.typst_writer import to_typst
from symderive.latex import LatexError, parse, parse_equation

THEOREMS = (
    "T1", "T2", "T2b", "T3", "T4", "T5", "T5b", "T5c", "T6", "T7", "T8", "T8b", "T9", "T10", "T10b", "T11",
    "T12", "T13", "T14", "T18", "T19",
)  # fmt: skip
RUNS = ("symbolic", "depth 3", "4,5,3", "batch", "classifier", "components")


class Emitted:
    """A document, the equations that were checked for it, and the tables of names to read them with."""

    def __init__(self, document: Document, shown: Sequence[Printed], crosses: Sequence[CrossCheck]) -> None:
        self.document = document
        self.shown = shown
        self.crosses = crosses


@pytest.fixture(scope="module")
def emitted(proved: Sequence[prove.Outcome], derived: Mapping[str, derive.Outcome]) -> dict[str, Emitted]:
    found = {}
    for o in proved:
        shown = [h.printed for h in o.checked.hypotheses]
        shown += [p.statement for p in o.checked.propositions]
        shown += [s for p in o.checked.propositions for a in p.arguments for s in a.lines]
        shown += [w.claim for w in o.checked.witnesses if w.claim is not None]
        crosses = [o.checked.cross]
        if o.derivation is not None:
            shown += o.derivation.printed()
            crosses.append(o.derivation.cross)
        found[o.key] = Emitted(o.document, shown, crosses)
    for name, d in derived.items():
        found[name] = Emitted(d.document, d.checked.printed(), [d.checked.cross])
    return found


@pytest.fixture(params=[*THEOREMS, *RUNS])
def one(request: pytest.FixtureRequest, emitted: dict[str, Emitted]) -> Emitted:
    return emitted[request.param]


def test_there_is_a_document_for_every_theorem_and_run(emitted: dict[str, Emitted]) -> None:
    assert tuple(emitted) == (*THEOREMS, *RUNS)


# ------------------------------------------------------------------------------------- from the engine


def parts(thing: Any, kind: type) -> Iterator[Any]:
    """Everything of a kind in a tree of blocks."""
    if isinstance(thing, kind):
        yield thing
    if is_dataclass(thing):
        for f in fields(thing):
            yield from parts(getattr(thing, f.name), kind)
    elif isinstance(thing, tuple):
        for t in thing:
            yield from parts(t, kind)


def equations(document: Document) -> Iterator[tuple[str, str]]:
    """Every line as a whole equation: a line that continues has the left side of the one before."""

    def runs(thing: Any) -> Iterator[tuple[Line, ...]]:
        if is_dataclass(thing):
            for f in fields(thing):
                value = getattr(thing, f.name)
                if f.name == "lines":
                    yield value
                else:
                    yield from runs(value)
        elif isinstance(thing, tuple):
            for t in thing:
                yield from runs(t)

    for lines in runs(document):
        left = ""
        for line in lines:
            assert line.relation == "="
            left = line.lhs or left
            yield left, line.rhs


def foreign(document: Document, shown: Sequence[Printed]) -> list[str]:
    """Equations of a document that were not checked."""
    known = {(p.lhs, p.rhs) for p in shown}
    return [" = ".join(e) for e in equations(document) if e not in known]


def test_every_equation_is_one_that_was_checked(one: Emitted) -> None:
    assert foreign(one.document, one.shown) == []
    assert sum(1 for _ in equations(one.document)) >= 6


def test_a_typed_equation_is_noticed(emitted: dict[str, Emitted]) -> None:
    one = emitted["T1"]
    typed = Equation((Line(r"\delta^{(l)}_{j}", rhs=r"\sigma'\left(z^{(l)}_{j}\right)"),))
    spoiled = replace(one.document, blocks=(*one.document.blocks, typed))
    assert foreign(spoiled, one.shown) == [r"\delta^{(l)}_{j} = \sigma'\left(z^{(l)}_{j}\right)"]


def unread(one: Emitted) -> list[str]:
    """Formulas of the document that are neither an equation, a range, a quantity nor a figure."""

    def reads(attempt: Any) -> bool:
        for cross in one.crosses:
            try:
                attempt(cross)
            except LatexError:
                continue
            return True
        return False

    found = []
    own = {(p.lhs, p.rhs) for p in one.shown}
    for e in equations(one.document):
        text = " = ".join(e)
        # activations have names of their own, and were read with them
        if e not in own and not reads(lambda c, t=text: parse_equation(t, c.table, c.notation)):
            found.append(text)
    ranges = {c for p in parts(one.document, Line) for c in p.conditions}
    ranges |= {
        c for kind in (Equation, blocks.ProofStep) for p in parts(one.document, kind) for c in p.conditions
    }
    for text in ranges:
        pieces = re.split(r" (?:\\leq?|<|=) ", text)
        if len(pieces) < 2 or not all(reads(lambda c, t=t: parse(t, c.table, c.notation)) for t in pieces):
            found.append(text)
    return found


def test_every_formula_reads_with_the_names_of_the_document(one: Emitted) -> None:
    assert [t for t in unread(one) if t not in ("0 < x", "x < 0")] == []


def test_a_range_of_an_unknown_name_is_noticed(emitted: dict[str, Emitted]) -> None:
    one = emitted["T1"]
    odd = Equation((Line("x_{j}", rhs="x_{j}"),), conditions=(r"1 \leq q \leq M_{l}",))
    spoiled = Emitted(replace(one.document, blocks=(*one.document.blocks, odd)), one.shown, one.crosses)
    assert r"1 \leq q \leq M_{l}" in unread(spoiled)


# what a formula for all neurons or layers has: a sum, an activation of a layer, a letter as an index
GENERAL = re.compile(r"\\sum|\\sigma|[_^]\{?\(?[a-zA-Z]")
FIGURE = re.compile(r"\d+(\.\d+)?( \\times 10\^\{-?\d+\})?|2\^\{61\} ?- ?1|\\infty")


RELATION = re.compile(r"=|<|>|\\(leq?|geq?|neq?|approx|propto|to|in)\b")
NAMED = {
    m.latex
    for module in proofs.library()
    for proved in (module.prove(),)
    for said in (proved.summary, *(p.text for p in proved.propositions))
    for m in parts(words(said), Math)
    if not RELATION.search(m.latex)
}
"""What the words of a theorem name, such as c_j or 1/K; a statement, with a relation, is no name."""


def test_a_statement_in_words_is_no_name() -> None:
    assert all(RELATION.search(f) for f in ("a = b", r"K \leq 1", "n > 0", r"x \to 0", r"x \in A"))
    assert not any(RELATION.search(f) for f in ("c_j", "1/K", r"\left(a\right)", r"\lambda (1 - \lambda)"))
    assert {"c_j", "1/K"} <= NAMED


def test_formulas_in_running_text_are_figures_or_names(one: Emitted) -> None:
    """Figures of an evidence, quantities such as dC/dw^{(1)}, ranges, and what permutes what."""
    ranges = {c for p in one.shown for c in p.conditions}
    declared = {r"\pi_{l}(j)", "1", "n_{l}", r"0 \leq l \leq L"} | NAMED
    quantities = []
    examples = [b for b in one.document.blocks if isinstance(b, Box) and b.kind == "Counterexample"]
    for m in parts(tuple(examples), Math):  # they speak of one network of numbers
        assert not GENERAL.search(m.latex), m.latex
    for m in parts(tuple(b for b in one.document.blocks if b not in examples), Math):
        if not FIGURE.fullmatch(m.latex) and m.latex not in ranges | declared:
            quantities.append(m.latex)
    for text in quantities:
        bare = re.sub(r"\\partial |[/ ]|\^\{\(\d+\)\}", "", text)
        assert bare in {"C", r"\delta", "Cw", "Cb"}, text


def test_general_formulas_are_recognised() -> None:
    for text in (r"\sum_{k=1}^{3} w_{1k}", r"\delta^{(l)}_{j}", r"a^{L}", r"z_j", r"\sigma'(z)"):
        assert GENERAL.search(text)
    for text in (r"w^{(1)}_{11}", r"C = |a^{(2)} - y|^2/2", r"\begin{pmatrix} 1 \\ 2 \end{pmatrix}", "x"):
        assert not GENERAL.search(text)


def test_figures_are_recognised() -> None:
    for error in (0.0, 0.5, 1e-16, 4.31e-19, float("inf")):
        assert FIGURE.fullmatch(error_latex(error))
    assert not FIGURE.fullmatch(r"\delta^{(2)}")


# ------------------------------------------------------------------------------------------ evidence


def bare(one: Emitted) -> list[str]:
    """Equations without evidence that are no definition, hypothesis or convention."""
    given = {(p.lhs, p.rhs) for p in one.shown if not p.evidence}
    found = []
    for e in parts(one.document, Equation):
        lines = [(line.lhs, line.rhs) for line in e.lines]
        if not e.evidence and not all(line in given for line in lines):
            found.append(" = ".join(lines[0]))
    return found


def test_every_equation_carries_evidence_or_is_given(
    one: Emitted, proved: Sequence[prove.Outcome], derived: Mapping[str, derive.Outcome]
) -> None:
    assert bare(one) == []
    # what is given, is: layer equations, hypotheses, names for adjoints, values at kinks
    given = {id(h.printed) for o in proved for h in o.checked.hypotheses}
    all_derived = [o.checked for o in derived.values()] + [o.derivation for o in proved if o.derivation]
    for d in all_derived:
        given |= {id(p) for p in (*d.forward, *(c.printed for c in d.auxiliary))}
        given |= {id(p) for p in d.activations if p.reason == "by convention"}
    assert all(p.evidence or id(p) in given for p in one.shown)


def test_an_equation_without_evidence_is_noticed(emitted: dict[str, Emitted]) -> None:
    one = emitted["T3"]

    def stripped(block: Any) -> Any:
        if isinstance(block, Box):
            return replace(block, statement=tuple(map(stripped, block.statement)))
        return replace(block, evidence=()) if isinstance(block, Equation) else block

    spoiled = replace(one.document, blocks=tuple(map(stripped, one.document.blocks)))
    assert bare(one) == []
    assert len(bare(Emitted(spoiled, one.shown, one.crosses))) == 3


def test_every_chain_of_a_proof_says_what_is_known_of_it(one: Emitted) -> None:
    steps = [s for s in parts(one.document, blocks.ProofStep) if s.lines]
    assert steps
    for s in steps:
        assert s.evidence, s.rule
        found = {e.status for e in s.evidence}
        assert found <= {"proved", "exact", "numeric", "unknown"}
        assert "unknown" not in found or "proved" in found  # what no numbers reach is proved all the same


# ---------------------------------------------------------------------------------------- HTML


def loads(page: str) -> list[str]:
    """What a page would fetch when it is opened."""
    found = re.findall(r"""(?:src|href|srcset|data|action)\s*=\s*["']([^"']*)["']""", page)
    found += re.findall(r"url\(\s*['\"]?([^)'\"]*)", page)
    found += re.findall(r"@import\s+['\"]?([^'\";]+)", page)
    return [f for f in found if not f.startswith(("#", "data:"))]


def test_the_page_is_whole_without_a_network(one: Emitted) -> None:
    page = to_html(one.document)
    assert loads(page) == []
    outside = set(re.findall(r"https?://[^\s\"'<>)]+", page))
    assert outside <= {"http://www.w3.org/1998/Math/MathML", "http://www.w3.org/2000/svg"}
    assert "<script" not in page or "src=" not in page


@pytest.mark.parametrize(
    "text",
    [
        '<img src="https://x.org/a.png">', "<link href='//x.org/a.css'>", "<style>@import 'a.css';</style>",
        "<style>body{background:url(a.png)}</style>",
    ],
)  # fmt: skip
def test_what_a_page_would_fetch_is_noticed(text: str) -> None:
    assert len(loads(text)) == 1
    assert loads('<a href="#x"></a><img src="data:image/png;base64,AA">') == []


def without_phantoms(latex: str) -> str:
    """Without what is not seen: the part of a broken bracket that gives its other half the right height."""
    name = r"\vphantom{"
    while (start := latex.find(name)) >= 0:
        end, depth = start + len(name), 1
        while depth:
            depth += {"{": 1, "}": -1}.get(latex[end], 0)
            end += 1
        latex = latex[:start] + latex[end:]
    return latex


def squeezed(latex: str) -> str:
    """Without what a broken line gains: blanks, an empty group before a sign, a dot between factors, the half
    of a bracket that is not there."""
    return re.sub(r"\s|\{\}|\\cdot|\\right\.|\\left\.", "", without_phantoms(latex))


def test_the_page_holds_the_source_of_every_formula(one: Emitted) -> None:
    page = to_html(one.document)
    sources = html.unescape("".join(re.findall(r'<details class="source">(.*?)</details>', page, re.DOTALL)))
    for e in parts(one.document, Equation):
        for line in e.lines:
            assert line.lhs in sources and line.rhs in sources, line.rhs
    formulas = re.findall(r"<annotation[^>]*>(.*?)</annotation>", page, re.DOTALL)
    held = squeezed(html.unescape("".join(formulas)))
    for left, right in equations(one.document):
        assert squeezed(left) in held and squeezed(right) in held, right


def test_a_page_without_a_formula_is_noticed(emitted: dict[str, Emitted]) -> None:
    formula = squeezed(r"\sum_{k=1}^{n_{l-1}} w^{(l)}_{kj} a^{(l-1)}_{k}")  # the indices exchanged
    assert formula not in squeezed(html.unescape(to_html(emitted["T1"].document)))


# ------------------------------------------------------------------------------------- LaTeX, PDF


def wrapped(text: str) -> str:
    """Letters and digits alone: lines, ligatures and hyphens are the typesetter's."""
    for ligature, letters in {"ﬁ": "fi", "ﬂ": "fl", "ﬀ": "ff", "ﬃ": "ffi", "ﬄ": "ffl"}.items():
        text = text.replace(ligature, letters)
    return re.sub(r"[^a-z0-9]", "", text.lower())


@pytest.mark.usefixtures("tex")
def test_it_compiles_without_a_warning_and_reads_as_it_should(one: Emitted, tmp_path: Path) -> None:
    """No overfull line, no undefined reference, no missing font; numbers as in the document model."""
    made = compile_latex(to_latex(one.document), number(one.document).targets)
    assert made.warnings == ()
    assert made.content.startswith(b"%PDF-")
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    (tmp_path / "d.pdf").write_bytes(made.content)
    command = ["pdftotext", str(tmp_path / "d.pdf"), "-"]
    text = wrapped(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert wrapped(one.document.title) in text
    for box in parts(one.document, Box):
        assert wrapped(box.title) in text, box.title
    assert "??" not in text


@pytest.mark.usefixtures("tex")
def test_a_warning_would_be_seen(emitted: dict[str, Emitted]) -> None:
    source = to_latex(emitted["T1"].document)
    spoiled = source.replace(
        r"\end{document}", r"\noindent\hbox{" + "wide" * 60 + r"}~\ref{nowhere}\end{document}"
    )
    assert spoiled != source
    warnings = " ".join(compile_latex(spoiled).warnings)
    assert "Overfull" in warnings and "nowhere" in warnings


@pytest.mark.usefixtures("typst")
def test_it_compiles_with_the_embedded_engine(one: Emitted) -> None:
    made = compile_typst(to_typst(one.document))
    assert made.warnings == () and made.content.startswith(b"%PDF-")
