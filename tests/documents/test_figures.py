"""Figures in all writers, and what is no figure."""

from __future__ import annotations

import re
import shutil

import pytest

from symderive.documents import pdf
from symderive.documents.blocks import Document, Figure, Paragraph, Ref, text
from symderive.documents.html_writer import to_html
from symderive.documents.latex_writer import to_latex
from symderive.documents.numbering import number
from symderive.documents.typst_writer import to_typst
from symderive.errors import SymderiveError
from symderive.training.drawing import render
from symderive.training.figures import Figure as Drawn
from symderive.training.figures import Line, Panel


@pytest.fixture(scope="module")
def files() -> tuple[bytes, bytes]:
    import numpy as np

    line = Line(np.array([0.0, 1.0]), np.array([1.0, 2.0]), "a line")
    drawn = Drawn("small", "A line", (Panel("one", "x", "y", (line,)),), 1)
    return render(drawn, "svg"), render(drawn, "pdf")


def picture(files: tuple[bytes, bytes], **changed: object) -> Figure:
    given = {"name": "small", "svg": files[0], "pdf": files[1], "alt": "a <line> & more", "label": "figure:a",
             "caption": text("What is seen"), "width": 0.6} | changed  # fmt: skip
    return Figure(**given)  # type: ignore[arg-type]


def document(files: tuple[bytes, bytes]) -> Document:
    return Document("Pictures", (Paragraph(text("See ", Ref("figure:a"), ".")), picture(files)))


def test_a_figure_is_numbered_and_referred_to(files: tuple[bytes, bytes]) -> None:
    assert number(document(files)).target("figure:a").words == "Figure 1"


def test_a_page_holds_the_picture_with_its_words(files: tuple[bytes, bytes]) -> None:
    page = to_html(document(files))
    assert 'src="data:image/svg+xml;base64,' in page and 'alt="a &lt;line&gt; &amp; more"' in page
    assert "Figure 1: What is seen" in page and not re.search(r'src="(?!data:)', page)
    assert 'style="' not in page  # the page's policy would not let it through


@pytest.mark.skipif(shutil.which("latexmk") is None, reason="no TeX")
def test_latex_takes_the_file_beside_it(files: tuple[bytes, bytes]) -> None:
    whole = document(files)
    assert r"\includegraphics[width=0.6\linewidth]{small.pdf}" in to_latex(whole)
    made = pdf.to_pdf(whole, "tex")
    assert made.warnings == () and made.content.startswith(b"%PDF")
    with pytest.raises(SymderiveError, match="LaTeX stopped"):
        pdf.compile_latex(to_latex(whole), number(whole).targets)  # without the file


def test_typst_takes_it_too(files: tuple[bytes, bytes]) -> None:
    pytest.importorskip("typst")
    assert 'image("small.svg"' in to_typst(document(files))
    made = pdf.to_pdf(document(files), "typst")
    assert made.content.startswith(b"%PDF") and made.warnings == ()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"alt": "  "}, "figure small: expected words for alt, found none"),
        ({"name": "../up"}, "a figure's name is small letters"),
        ({"svg": b"<html>"}, "expected an SVG and a PDF"),
        ({"pdf": b"text"}, "expected an SVG and a PDF"),
        ({"width": 2.0}, "expected a width of 0 to 1"),
    ],
)
def test_what_is_no_figure_is_one_line(
    files: tuple[bytes, bytes], changed: dict[str, object], words: str
) -> None:
    with pytest.raises(SymderiveError, match=re.escape(words)):
        picture(files, **changed)
