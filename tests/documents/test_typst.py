"""Typst: the embedded default prints the same document, with the same numbers, and runs nothing of it."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from demo import backpropagation
from test_latex import hostile_document

from symderive.documents.blocks import Document, Equation, Line, Paragraph, text
from symderive.documents.numbering import number
from symderive.documents.pdf import compile_typst, to_pdf
from symderive.documents.typst_math import string
from symderive.documents.typst_writer import to_typst
from symderive.errors import SymderiveError


@pytest.mark.usefixtures("typst")
def test_the_demonstration_compiles_without_a_warning_and_always_alike() -> None:
    pdf = to_pdf(backpropagation(), "typst")
    assert pdf.engine == "typst" and pdf.content.startswith(b"%PDF-")
    assert pdf.warnings == ()
    assert to_pdf(backpropagation(), "typst").content == pdf.content


@pytest.mark.usefixtures("typst")
def test_hostile_words_are_printed_not_run() -> None:
    assert to_pdf(hostile_document(), "typst").content.startswith(b"%PDF-")


def test_words_enter_as_strings_only() -> None:
    words = 'a"b\\ #panic("x") $ ] [ * _ @ ` // <label>\n'
    source = to_typst(Document("A", (Paragraph(text(words)),)))
    assert f"#text({string(words)})" in source
    assert "panic" not in re.sub(r'"(?:[^"\\]|\\.)*"', "", source)


@pytest.mark.usefixtures("typst")
def test_every_command_of_the_dialect_compiles() -> None:
    from symderive.documents import dialect

    formulas = [f"a {command} b" for command in dialect.SYMBOLS]
    formulas += [f"{command} x" for command in dialect.FUNCTIONS]
    formulas += [rf"{command}{{x}}" for command in dialect.ACCENTS]
    formulas += [rf"{command}{{A}} {command}{{AB}}" for command in dialect.ALPHABETS]
    formulas += [rf"\left{fence} \frac{{a}}{{b}} \right." for fence in dialect.DELIMITERS]
    formulas += [rf"\begin{{{name}}} a & b, \\ c; & (d \end{{{name}}}" for name in dialect.MATRICES]
    formulas += [f"a {char} b" for char in dialect.CHARACTERS]
    formulas += [
        "a'",
        "a'''",
        "a''_{b}",
        "x_{a, b; c}",
        r"\text{say ) it}",
        r"\sqrt{\frac{1}{2}}",
        "{a + b}_{c}",
        "()",
    ]
    document = Document("All", tuple(Equation((Line(lhs=formula),), numbered=False) for formula in formulas))
    assert to_pdf(document, "typst").warnings == ()


@pytest.mark.usefixtures("tex")
def test_every_command_of_the_dialect_compiles_in_latex_too() -> None:
    from symderive.documents import dialect

    formulas = [f"a {command} b" for command in dialect.SYMBOLS]
    formulas += [f"{command} x" for command in dialect.FUNCTIONS]
    formulas += [rf"{command}{{x}}" for command in dialect.ACCENTS]
    formulas += [rf"{command}{{A}} {command}{{AB}}" for command in dialect.ALPHABETS]
    formulas += [rf"\left{fence} \frac{{a}}{{b}} \right." for fence in dialect.DELIMITERS]
    formulas += [rf"\begin{{{name}}} a & b, \\ c; & (d \end{{{name}}}" for name in dialect.MATRICES]
    document = Document("All", tuple(Equation((Line(lhs=formula),), numbered=False) for formula in formulas))
    assert to_pdf(document, "tex").warnings == ()


@pytest.mark.usefixtures("typst")
def test_an_error_of_typst_is_one_line() -> None:
    with pytest.raises(SymderiveError, match=r"^Typst stopped: unknown variable") as caught:
        compile_typst("#nosuchthing()")
    assert "\n" not in str(caught.value)


@pytest.mark.usefixtures("tex", "typst")
def test_both_engines_print_the_same_numbers_and_words(tmp_path: Path) -> None:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    printed = {}
    for engine in ("tex", "typst"):
        path = tmp_path / f"{engine}.pdf"
        path.write_bytes(to_pdf(backpropagation(), engine).content)
        printed[engine] = _text(path)
        margin = _text(
            path, "-x", "480", "-y", "0", "-W", "60", "-H", "842"
        )  # where numbers stand, in points
        assert re.findall(r"^\((\d+)\)$", margin, re.MULTILINE) == [str(count) for count in range(1, 12)]
    for words in printed.values():
        flat = " ".join(words.split())
        for target in number(backpropagation()).targets.values():
            assert target.kind == "equation" or target.words.split()[-1] in flat
        assert "Tied neurons stay tied" in flat and "What is known of each equation" in flat
        assert "??" not in flat
    references = [re.findall(r"by \((\d+)\)", " ".join(words.split())) for words in printed.values()]
    assert references[0] == references[1] != []


def _text(path: Path, *options: str) -> str:
    done = subprocess.run(["pdftotext", "-layout", *options, str(path), "-"], capture_output=True, check=True)
    return "\n".join(line.strip() for line in done.stdout.decode().splitlines())
