"""LaTeX: the structure of the article, the escaping of words, and what the log and .aux file say."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from demo import BP2, backpropagation
from hypothesis import given
from hypothesis import strategies as st

from symderive.documents.blocks import (
    Box,
    Code,
    Document,
    Emphasis,
    Equation,
    Evidence,
    Line,
    Listing,
    Math,
    Paragraph,
    ProofStep,
    Section,
    Table,
    text,
)
from symderive.documents.latex_writer import to_latex
from symderive.documents.measure import formula_width
from symderive.documents.numbering import number
from symderive.documents.pdf import (
    available_engine,
    compile_latex,
    first_error,
    numbers_in_aux,
    read_log,
    to_pdf,
)
from symderive.documents.texttex import code, escape, escape_plain
from symderive.errors import SymderiveError

HOSTILE = (
    r"\input{/etc/passwd} \end{document} $x$ 100% a_b ^ ~ # & {} < > | \" ` '' -- ,, "
    "<script>alert(1)</script> 漢字 🙂 é ß ﬁ Ω ≤ → \x00\x07\u202e tab\tnew\nline "
    + "long" * 40
    + " "
    + "\\" * 9
)


def hostile_document() -> Document:
    words = text(HOSTILE, " ", Emphasis(HOSTILE), " ", Code(HOSTILE))
    line = Line(lhs="a", rhs="b < c > d", reason=text(HOSTILE))
    return Document(
        HOSTILE,
        (
            Section(HOSTILE),
            Paragraph(words),
            Equation((line,), evidence=(Evidence("refuted", text(HOSTILE)),)),
            Box("Theorem", HOSTILE, (Paragraph(words),), proof=(ProofStep(HOSTILE, (line,), text(HOSTILE)),)),
            Table((text(HOSTILE), text("b")), ((text(HOSTILE), text("c")),), text(HOSTILE)),
            Listing(HOSTILE + "\n  </code></pre>", text(HOSTILE)),
        ),
        subtitle=words,
    )


# ------------------------------------------------------------------------------------------ structure


def test_structure_of_the_demonstration() -> None:
    source = to_latex(backpropagation())
    assert source.count(r"\begin{document}") == source.count(r"\end{document}") == 1
    for name in set(re.findall(r"\\begin\{(\w+\*?)\}", source)):
        assert source.count(rf"\begin{{{name}}}") == source.count(rf"\end{{{name}}}"), name
    body = source.split(r"\begin{document}")[1]
    sections = re.findall(r"\\(?:sub)*section\{([^}]*)\}", body)
    assert sections == ["The network", "The four equations", "How the second comes about", "What stays tied",
                        "Evidence"]  # fmt: skip
    assert body.count(r"\item[") == 26  # 20 steps, 3 inside one of them, 3 hypotheses
    assert r"\begin{boxtheorem}[{Tied neurons stay tied}]\label{tied}" in body
    assert BP2 in body  # formulas are typeset from their own letters
    packages = set(",".join(re.findall(r"\\usepackage(?:\[[^]]*\])?\{([^}]*)\}", source)).split(","))
    assert packages <= {
        "fontenc", "lmodern", "microtype", "mathtools", "amssymb", "amsthm", "array", "booktabs", "longtable",
        "graphicx", "xcolor", "geometry", "hyperref",
    }  # fmt: skip


def test_a_single_equation_is_golden() -> None:
    line = Line(lhs="a", rhs=r"\frac{b}{2}", conditions=(r"1 \le l",), reason=text("by (1) & more"))
    source = to_latex(Document("T", (Equation((line,), label="e", evidence=(Evidence("proved"),)),)))
    assert source.split(r"\vspace{6pt}")[-1].strip() == (
        "\\begin{held}\n"
        "\\begin{equation} \\label{e}\n"
        "  a = \\frac{b}{2} \\hspace{1.5em}\\note{for $1 \\le l$, by (1) \\& more}\n"
        "\\end{equation}\n"
        "\\end{held}\n"
        "\\begin{evidence}\n"
        "  \\status{proved}\n"
        "\\end{evidence}\n\n"
        "\\end{document}"
    )


def test_the_same_document_is_the_same_file() -> None:
    assert to_latex(backpropagation()) == to_latex(backpropagation())


def test_notes_below_wrap_in_what_the_widest_left_side_leaves() -> None:
    """A line without a left side begins where the others do: its note has no more room than theirs."""
    wide, note = r"\sum_{j=1}^{n} x_{j} y_{j} z_{j} u_{j} v_{j}", text("words that go on and on, " * 5)
    lines = (Line(lhs=wide, rhs=wide, reason=note), Line(lhs="", rhs="0", reason=note))
    for block in (
        Equation(lines, label="e"),
        Box("Theorem", "", (Paragraph(text("t")),), proof=(ProofStep("r", lines),)),
    ):
        found = re.findall(r"\\parbox\[t\]\{([\d.]+)em\}\{\\raggedright", to_latex(Document("T", (block,))))
        assert len(found) == 2 and found[0] == found[1]


# ------------------------------------------------------------------------------------------- escaping


@pytest.mark.parametrize(
    ("words", "printed"),
    [
        ("50% & a_b #1 $x$", r"50\% \& a\_b \#1 \$x\$"),
        ("{~^\\}", r"\{\textasciitilde{}\textasciicircum{}\textbackslash{}\}"),
        ('"<|>`', r"\textquotedbl{}\textless{}\textbar{}\textgreater{}\textasciigrave{}"),
        ("--pdf ''x'' ,,", "-{}-pdf '{}'x'{}' ,{},"),
        ("σ ≤ ∂", r"$\sigma$ $\le$ $\partial$"),
        ("né ß", "né ß"),
        ("漢🙂", "[U+6F22][U+1F642]"),
        ("a\n\tb\x00\u202e", "a b"),
    ],
)
def test_escaping(words: str, printed: str) -> None:
    assert escape(words) == printed


@given(st.text(max_size=80))
def test_no_character_is_left_to_tex(words: str) -> None:
    """Take away what the writer itself writes: no special character of TeX may remain."""
    for printed in (escape(words), code(words), escape_plain(words)):
        rest = re.sub(r"\$(?:\\[A-Za-z]+|-|\^\{[123]\}|\\frac\{1\}\{2\})\$", "", printed)
        rest = re.sub(
            r"\\(?:text[a-z]+|guillemot[a-z]+|dots|S|P|allowbreak)\{\}|\\[%&#_${} ,]|-\{\}|[-',]\{\}",
            "",
            rest,
        )
        assert not set(rest) & set("\\{}$&#%_^") or "~" in rest.replace("~", ""), (words, printed, rest)


# ---------------------------------------------------------------------------------------- compilation


@pytest.mark.usefixtures("tex")
def test_the_demonstration_compiles_without_a_complaint_and_with_the_same_numbers() -> None:
    pdf = to_pdf(backpropagation(), "tex")
    assert pdf.engine == "tex" and pdf.content.startswith(b"%PDF-")
    assert pdf.warnings == ()  # overfull boxes, references, fonts, and every number against the .aux file
    assert to_pdf(backpropagation(), "tex").content == pdf.content


@pytest.mark.usefixtures("tex")
def test_a_number_that_latex_prints_otherwise_is_reported() -> None:
    source = to_latex(backpropagation())
    moved = source.replace(
        r"\begin{equation} \label{bp1}", "\\stepcounter{equation}\n\\begin{equation} \\label{bp1}"
    )
    assert moved != source
    warnings = compile_latex(moved, number(backpropagation()).targets).warnings
    assert "label bp1: the document says 5, LaTeX printed 6" in warnings
    assert "label bp4: the document says 8, LaTeX printed 9" in warnings


@pytest.mark.usefixtures("tex")
def test_hostile_words_are_printed_not_run() -> None:
    pdf = to_pdf(hostile_document(), "tex")
    assert pdf.warnings == ()


@pytest.mark.usefixtures("tex")
def test_long_formulas_of_every_shape_stay_inside_the_page() -> None:
    def sums(count: int) -> str:
        return " + ".join(rf"w^{{(l)}}_{{j{k}}} a^{{(l-1)}}_{{{k}}}" for k in range(count))

    def product(count: int) -> str:
        return " ".join(rf"\sigma'\left(z^{{({k})}}_{{i}}\right) w^{{({k})}}_{{ij}}" for k in range(count))

    long = text("because ", Math(sums(3)), " and so on, as was shown in the section before the last one")
    lines = (
        Line(lhs="a", rhs=sums(40)),
        Line(lhs="a", rhs=product(20), reason=long),
        Line(lhs=sums(5), rhs=sums(7), conditions=(r"1 \le l \le L", r"1 \le j \le n_{l}")),
        Line(lhs="a", rhs=rf"\frac{{{sums(10)}}}{{2}}"),
        Line(lhs="a", rhs=rf"\left({sums(20)}\right)^{{2}}"),
        Line(lhs="a", rhs=rf"b \left( {sums(10)} - \left[ {sums(10)} \right] \right) + c", reason=long),
        Line(lhs=sums(30)),
        Line(lhs=rf"\frac{{{sums(4)}}}{{2}}", rhs=product(9), reason=long),
        Line(lhs="a", rhs=r"\begin{cases} " + sums(6) + r" & x < 0 \\ 0 & \text{otherwise} \end{cases}"),
    )
    steps = tuple(ProofStep("rule", (line,), long, (ProofStep("inner", (line, line)),)) for line in lines)
    document = Document(
        "Long",
        (
            *(Equation((line,)) for line in lines),
            Equation(lines[:3], conditions=(r"1 \le k",)),
            Paragraph(tuple(piece for line in lines[:3] for piece in (Math(line.rhs), *text(" and ")))),
            Box("Lemma", proof=steps),
            Table(
                (text("a"), text("b"), text("c")), ((text("x " * 90), text(Math(sums(2))), text("y " * 60)),)
            ),
        ),
    )
    assert to_pdf(document, "tex").warnings == ()


@pytest.mark.usefixtures("tex")
def test_nested_formulas_of_deep_networks_stay_inside_the_page() -> None:
    inner = "x_{1}"
    lines = []
    for layer in range(1, 7):
        inner = (
            rf"\sigma\left(\sum_{{k=1}}^{{n_{{{layer - 1}}}}} w^{{({layer})}}_{{jk}} {inner} "
            rf"+ b^{{({layer})}}_{{j}} - \left(\eta + \frac{{\lambda}}{{2}}\right)^{{2}}\right)"
        )
        lines.append(Line(lhs=f"a^{{({layer})}}_{{j}}", rhs=inner, reason=text("put in")))
    proof = (ProofStep("composition", tuple(lines), substeps=(ProofStep("again", tuple(lines)),)),)
    document = Document("Deep", (Equation(tuple(lines)), Box("Lemma", proof=proof)))
    assert to_pdf(document, "tex").warnings == ()
    assert to_pdf(document, "typst").warnings == ()


@pytest.mark.usefixtures("tex")
def test_a_formula_too_small_to_read_is_reported() -> None:
    huge = rf"\frac{{{' + '.join(['w_{1} x_{1}'] * 60)}}}{{2}}"
    warnings = to_pdf(Document("Huge", (Equation((Line(lhs="a", rhs=huge),)),)), "tex").warnings
    assert warnings and all("scaled to less than half its size" in warning for warning in warnings)


ARTICLE = "\\documentclass{article}\n\\begin{document}\n%s\n\\end{document}\n"
COMPLAINTS = (
    (r"\noindent\rule{40cm}{1pt}", "Overfull \\hbox"),
    (r"\[ " + "+".join(["a"] * 90) + r" \]", "Overfull \\hbox"),
    (r"See \ref{nowhere}.", "Reference `nowhere' on page 1 undefined"),
    (r"See \cite{nobody}.", "Citation `nobody' on page 1 undefined"),
    (r"\section{A}\label{x}\section{B}\label{x}", "multiply defined"),
    (r"\fontencoding{OT1}\fontfamily{cmr}\fontseries{bx}\fontshape{sc}\selectfont x", "Font Warning"),
    (r"\font\x=cmr10 \x \char200", "Missing character"),
)


@pytest.mark.usefixtures("tex")
@pytest.mark.parametrize(("body", "says"), COMPLAINTS)
def test_a_complaint_of_latex_is_reported(body: str, says: str) -> None:
    warnings = compile_latex(ARTICLE % body).warnings
    assert any(says in warning for warning in warnings), warnings


@pytest.mark.usefixtures("tex")
def test_no_command_of_the_shell_runs(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    compile_latex(ARTICLE % rf"\immediate\write18{{touch {victim}}} x")
    assert not victim.exists()


@pytest.mark.usefixtures("tex")
def test_an_error_of_latex_is_one_line_with_its_place() -> None:
    with pytest.raises(
        SymderiveError, match=r"^LaTeX stopped: document\.tex:3: Undefined control sequence"
    ) as caught:
        compile_latex(ARTICLE % r"\nosuchcommand")
    assert "\n" not in str(caught.value)


@pytest.mark.usefixtures("tex")
def test_measured_widths_are_those_of_tex(tmp_path: Path) -> None:
    formulas = [
        BP2,
        r"\frac{\partial C}{\partial w^{(l)}_{jk}} = \sum_{i=1}^{n_{l}} "
        r"\frac{\partial C}{\partial z^{(l)}_{i}} \left[ i = j \right] a^{(l-1)}_{k} "
        r"+ \left(\frac{\mathrm{d} a}{\mathrm{d} z}\right)^{2}",
        r"\delta^{(l)} = \left(w^{(l+1)}\right)^{\top} \delta^{(l+1)} \odot \sigma'\left(z^{(l)}\right)",
        r"\exp\left(-x\right) + \ln 2 \cdot \tanh\left(z\right) \le -2.1 \times 10^{-16}",
        r"\tilde{w}^{(l)}_{\pi_{l}(j)\pi_{l-1}(k)} = \sqrt{x_{1} + \ldots + x_{n}}",
        r"\Delta w^{(L-1)}_{jk} = -\eta \max_{i} \sigma''\left(z^{(L-1)}_{j}\right) a^{(L-2)}_{k}",
    ]
    boxes = "\n".join(
        rf"\sbox0{{$\displaystyle {formula}$}}\typeout{{WIDTH \the\wd0}}" for formula in formulas
    )
    (tmp_path / "w.tex").write_text(
        "\\documentclass{article}\\usepackage[T1]{fontenc}\\usepackage{lmodern,amsmath,amssymb}"
        f"\\begin{{document}}{boxes}\\end{{document}}"
    )
    subprocess.run(
        ["pdflatex", "-interaction=batchmode", "w.tex"], cwd=tmp_path, capture_output=True, check=True
    )
    widths = re.findall(r"WIDTH ([\d.]+)pt", (tmp_path / "w.log").read_text("latin-1"))
    assert len(widths) == len(formulas)
    for formula, points in zip(formulas, map(float, widths), strict=True):
        assert 0.97 < formula_width(formula) / (points / 10) < 1.06, formula


# -------------------------------------------------------------------------------------- without TeX


def test_reading_a_log() -> None:
    log = (
        "Package hyperref Warning: Rerun to get /PageLabels entry.\n"
        "LaTeX Warning: Label(s) may have changed. Rerun to get cross-references right.\n"
        "Overfull \\vbox (3.0pt too high) has occurred while \\output is active []\n"
        "LaTeX Font Warning: Font shape `T1/lmr/bx/sc' undefined\n"
        "Underfull \\hbox (badness 1000) in paragraph\n"
        "This is a warning that nobody means.\n"
    )
    assert [line.split()[0] for line in read_log(log)] == ["Overfull", "LaTeX"]
    assert read_log("") == ()
    assert (
        first_error("x\n./document.tex:7: Missing $ inserted.\nl.7") == "document.tex:7: Missing $ inserted."
    )
    assert numbers_in_aux("\\newlabel{a}{{2.1}{3}{}{}{}}\n\\newlabel{b}{{12}{3}}\n") == {
        "a": "2.1",
        "b": "12",
    }


def test_without_any_engine_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("symderive.documents.pdf.shutil.which", lambda name: None)
    monkeypatch.setattr("symderive.documents.pdf.importlib.util.find_spec", lambda name: None)
    with pytest.raises(SymderiveError, match=r"apt install texlive.*pip install 'symderive-nn\[pdf\]'"):
        available_engine()
    with pytest.raises(SymderiveError, match="needs TeX"):
        to_pdf(backpropagation())
    with pytest.raises(SymderiveError, match="found 'word'"):
        to_pdf(backpropagation(), "word")
