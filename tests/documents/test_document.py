"""sd.Document: documents of a user's own, in every format, in any notation."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

import symderive as sd
from symderive.documents.blocks import Line
from symderive.errors import SymderiveError
from symderive.latex import Notation, SymbolTable, parse_equation


@pytest.fixture(scope="module")
def derived() -> sd.Derivation:
    return sd.derive(sd.mlp())


@pytest.fixture(scope="module")
def whole(derived: sd.Derivation) -> sd.Document:
    from symderive.training.figures import figure

    proved = sd.prove("T1")
    return (
        sd.Document("All of it", subtitle="with $w$")
        .section("Own <words>")
        .text("A *neuron* by `hand`, $w$; see [eq] and [figure:gap].")
        .equation(derived.definitions[2], label="eq")
        .equation(proved.propositions[0].theorem)
        .derivation(derived)
        .theorem("T18")
        .theorem(proved, proof=False)
        .verdict(sd.check(r"\delta^l = W^{l+1} \delta^{l+1} \odot \sigma'(z^l)", "mlp"))
        .table(("a", "b"), [("$w$", 1), ("x | y", 2)], "Some numbers")
        .figure(figure("gap", 1), "a curve", "A run", name="gap")
    )


def test_every_format_says_all_of_it(whole: sd.Document) -> None:
    page, tex, md = whole.html(), whole.latex(), whole.markdown()
    assert (
        "Own &lt;words&gt;" in page
        and r"Own \textless{}words\textgreater{}" in tex
        and r"Own \<words\>" in md
    )
    for text in (page, tex, md):
        assert "equal gradients" in text and "missing transpose" in text and "Some numbers" in text
    assert "proved" in md and r"x \| y" in md and "![a curve](gap.svg)" in md
    assert md.count("<details>") == md.count("</details>") > 3
    assert repr(whole).startswith("Document('All of it', ")


def test_markdown_holds_the_lines_of_the_blocks(whole: sd.Document) -> None:
    from test_emitted import parts

    md = whole.markdown()
    for line in parts(whole.build(), Line):
        assert line.rhs in md


@pytest.mark.skipif(shutil.which("latexmk") is None, reason="no TeX")
def test_a_fragment_stands_in_somebody_s_paper(whole: sd.Document, tmp_path: Path) -> None:
    part = whole.fragment()
    (tmp_path / "symderive.sty").write_text(part.style)
    (tmp_path / "part.tex").write_text(part.tex)
    (tmp_path / "gap.pdf").write_bytes(whole.build().figures[0].pdf)
    (tmp_path / "paper.tex").write_text(
        "\\documentclass{article}\n\\usepackage{symderive}\n\\begin{document}\nAs \\eqref{eq} says:\n"
        "\\input{part}\n\\end{document}\n"
    )
    assert r"\begin{document}" not in part.tex and r"\documentclass" not in part.tex + part.style
    command = ["latexmk", "-norc", "-pdf", "-halt-on-error", "-interaction=nonstopmode", "paper.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    log = (tmp_path / "paper.log").read_text(errors="replace")
    assert not re.search(r"Reference .* undefined|multiply.defined|undefined references", log)


NOTATIONS = (
    Notation(layer="brackets", names={"w": r"\theta", "b": r"\beta"}),
    Notation(layer="plain", letters={"j": "i", "k": "j"}),
)


@pytest.mark.parametrize("notation", NOTATIONS, ids=lambda n: n.layer)
def test_a_notation_changes_every_equation_and_reads_back(derived: sd.Derivation, notation: Notation) -> None:
    from test_emitted import parts

    system = derived.system
    table = SymbolTable.of(*system.terms(), *(e for d in derived.definitions for e in (d.lhs, d.rhs)))
    doc = sd.Document("In another notation", notation=notation)
    for d in (*system.definitions, *derived.definitions):
        doc.equation(d)
    lines = list(parts(doc.build(), Line))
    usual = sd.Document("In the usual one")
    for d in (*system.definitions, *derived.definitions):
        usual.equation(d)
    for d, line, other in zip(
        (*system.definitions, *derived.definitions), lines, parts(usual.build(), Line), strict=True
    ):
        assert parse_equation(f"{line.lhs} = {line.rhs}", table, notation) == (d.lhs, d.rhs)
        assert (line.lhs, line.rhs) != (other.lhs, other.rhs) or not d.indices


def test_files_appear_whole_or_not_at_all(whole: sd.Document, tmp_path: Path) -> None:
    written = whole.write(tmp_path / "out", "all", ("tex", "html", "md"))
    assert sorted(p.name for p in written) == ["all.html", "all.md", "all.tex", "gap.pdf", "gap.svg"]
    with pytest.raises(SymderiveError, match="formats: expected some of tex, html, md, pdf, found 'doc'"):
        whole.write(tmp_path / "other", formats=("tex", "doc"))
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize(
    ("attempt", "words"),
    [
        (lambda d: d.equation("a = b"), "equation: expected a definition or a theorem, found 'a = b'"),
        (lambda d: d.derivation(sd.mlp()), "derivation: expected what derive returns"),
        (lambda d: d.theorem(3), "theorem: expected a key such as T5, or what prove returns, found 3"),
        (lambda d: d.theorem("T99"), "T99"),
        (lambda d: d.verdict("proved"), "verdict: expected what check returns"),
        (lambda d: d.figure("f.png", "words"), "figure: expected one of symderive or matplotlib, found str"),
        (lambda d: d.text("see [nowhere]").html(), "nowhere"),
        (lambda d: d.text(r"$\write18{ls}$").html(), "write"),
        (lambda d: d.text("as [@nobody1900]"), "expected a source of"),
        (lambda d: d.section("deep", 4), "expected a section level of 1, 2 or 3, found 4"),
    ],
)
def test_mistakes_are_one_line(attempt: Any, words: str) -> None:
    with pytest.raises(SymderiveError, match=re.escape(words)) as found:
        attempt(sd.Document("Mistakes"))
    assert "\n" not in str(found.value)
