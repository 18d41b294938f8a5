"""HTML: well-formed, closed to the network and to scripts, accessible, and the same numbers as everywhere."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from demo import BP2, backpropagation
from test_latex import HOSTILE, hostile_document

from symderive.documents import fonts
from symderive.documents.blocks import Document, Equation, Line, Math, Paragraph, text
from symderive.documents.html_writer import to_html
from symderive.documents.numbering import number

VOID = frozenset({"meta", "br", "link", "img"})
LOADING = ("src", "srcset", "data", "poster", "action", "formaction", "background", "ping", "style")


class Page(HTMLParser):
    """Collects elements, attributes and text; complains of a tag that does not close."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.words: list[tuple[str, str]] = []
        self.feed(source)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), (tag, names)
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag, (tag, self.open)

    def handle_data(self, data: str) -> None:
        self.words.append((self.open[-1] if self.open else "", data))

    def text(self, *, but: tuple[str, ...] = ("style", "annotation")) -> str:
        return " ".join("".join(data for tag, data in self.words if tag not in but).split())


@pytest.fixture(scope="module")
def source() -> str:
    return to_html(backpropagation(), embed_font=False)


@pytest.fixture(scope="module")
def page(source: str) -> Page:
    return Page(source)


def test_the_page_is_well_formed(source: str, page: Page) -> None:
    assert source.startswith("<!DOCTYPE html>\n<html lang=")
    identifiers = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(identifiers) == len(set(identifiers))


def test_html5lib_finds_no_error(source: str) -> None:
    html5lib = pytest.importorskip("html5lib")
    parser = html5lib.HTMLParser(strict=True)
    parser.parse(source)
    parser.parse(to_html(hostile_document(), embed_font=False))


@pytest.mark.parametrize("document", [backpropagation(), hostile_document()], ids=["usual", "hostile"])
def test_nothing_is_loaded_and_nothing_runs(document: Document) -> None:
    source = to_html(document)
    page = Page(source)
    for tag, attributes in page.elements:
        assert tag not in ("script", "link", "iframe", "object", "embed", "img", "form", "base"), tag
        assert not [name for name in attributes if name in LOADING or name.startswith("on")], (
            tag,
            attributes,
        )
        href = attributes.get("href", "#")
        assert href.startswith("#") or (tag == "a" and href.startswith("https://example.org/")), href
    style = re.search(r"<style>(.*?)</style>", source, re.DOTALL)
    policy = next(
        attributes["content"]
        for tag, attributes in page.elements
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"
    )
    assert style is not None
    assert all(url.startswith("data:font/") for url in re.findall(r'url\("([^"]*)"', style[1]))
    assert "@import" not in style[1] and "http" not in style[1]
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}'; font-src data:;")


def test_hostile_words_are_text() -> None:
    page = Page(to_html(hostile_document(), embed_font=False))
    title = next(data for tag, data in page.words if tag == "h1")
    assert title == re.sub("[\x00\x07\u202e]", "", HOSTILE)
    assert page.text().count("<script>alert(1)</script>") >= 8
    assert "b<c>d" in page.text().replace(" ", "")


def test_every_link_inside_the_page_has_its_target(page: Page) -> None:
    identifiers = {attributes["id"] for _, attributes in page.elements if "id" in attributes}
    links = {
        attributes["href"][1:]
        for _, attributes in page.elements
        if attributes.get("href", "").startswith("#")
    }
    assert links <= identifiers
    assert set(number(backpropagation()).targets) <= identifiers


def test_numbers_stand_where_the_document_puts_them(page: Page) -> None:
    words = page.text()
    for target in number(backpropagation()).targets.values():
        if target.kind == "equation":
            assert f"({target.number})" in words
    assert (
        re.findall(r"\((\d+)\)", "".join(data for tag, data in page.words if tag == "a" and "(" in data))
        != []
    )
    numbers = _texts(page, "number")
    assert numbers == [f"({count})" for count in range(1, 12)]


def _texts(page: Page, css: str) -> list[str]:
    source = to_html(backpropagation(), embed_font=False)
    return re.findall(rf'<div class="{css}"><a [^>]*>([^<]*)</a>', source)


def test_headings_do_not_skip_a_level(page: Page) -> None:
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_landmarks_names_and_language(page: Page) -> None:
    tags = [tag for tag, _ in page.elements]
    assert tags.count("main") == tags.count("nav") == tags.count("header") == 1
    named = dict(page.elements)
    assert named["html"]["lang"] == "en"
    for tag, attributes in page.elements:
        if attributes.get("role") == "group":
            assert attributes.get("aria-label"), tag


def test_what_may_scroll_on_a_phone_can_be_reached_by_keyboard() -> None:
    wide = rf"\frac{{{' + '.join(['w_{1} x_{1}'] * 9)}}}{{2}}"
    for rhs, reached in (("b", False), (wide, True)):
        page = Page(to_html(Document("A", (Equation((Line(lhs="a", rhs=rhs),)),)), embed_font=False))
        scrolling = [attributes for _, attributes in page.elements if attributes.get("class") == "scroll"]
        assert [("tabindex" in attributes) for attributes in scrolling] == [reached]


def test_formulas_are_text_and_keep_their_latex(source: str, page: Page) -> None:
    annotations = [data for tag, data in page.words if tag == "annotation"]
    assert len(annotations) == source.count("<math") > 150
    joined = "".join(annotations).replace(" ", "")
    assert BP2.replace(" ", "") in joined
    assert "∑" in page.text() and "𝑤" not in page.text()  # letters stay letters, so that a search finds them
    pasted = [data for tag, data in page.words if tag == "code" and "\\sum" in data]
    assert any(data.startswith("\\begin{aligned}\n  \\delta^{(l)}_{j} &= ") for data in pasted)


def test_proofs_unfold(page: Page) -> None:
    details = [attributes.get("class") for tag, attributes in page.elements if tag == "details"]
    assert details.count("proof") == 1 and details.count("substeps") == 1
    steps = [
        attributes for tag, attributes in page.elements if tag == "li" and "step" in attributes.get("id", "")
    ]
    assert len(steps) >= 20


def test_evidence_is_printed_beside_each_equation_that_has_any(source: str) -> None:
    for block in backpropagation().blocks:
        if isinstance(block, Equation):
            for evidence in block.evidence:
                assert f'<span class="status {evidence.status}">{evidence.status}</span>' in source
    statuses = re.findall(r'<span class="status (\w+)">', source)
    assert statuses.count("proved") == 5 and statuses.count("refuted") == 1 and statuses.count("unknown") == 1


def test_a_formula_with_markup_in_it_is_escaped() -> None:
    source = to_html(
        Document(
            "A", (Paragraph(text(Math("a < b > c"), " ", Math(r"x \& y"), " ", Math(r"\text{a</script>b}"))),)
        ),
        embed_font=False,
    )
    assert "a &lt; b &gt; c" in source and r"x \&amp; y" in source and "</script>" not in source
    assert "&lt;/script&gt;" in source
    Page(source)


def test_a_wide_formula_is_cut_where_a_phone_may_wrap_it() -> None:
    narrow = to_html(Document("A", (Equation((Line(lhs="a", rhs="b + c"),)),)), embed_font=False)
    assert narrow.count("<math") == 2
    wide = " + ".join(f"w_{{{count}}} x_{{{count}}}" for count in range(30))
    source = to_html(Document("A", (Equation((Line(lhs="a", rhs=wide),)),)), embed_font=False)
    assert source.count("<math") > 6
    annotations = "".join(re.findall(r"<annotation[^>]*>([^<]*)", source)).replace(" ", "").replace("{}", "")
    assert annotations == ("a=" + wide).replace(" ", "")


def test_the_font_travels_with_the_page() -> None:
    if fonts._location() is None:
        pytest.skip("the extra html is not installed")
    font = fonts.math_font()
    assert font is not None and font.startswith("data:font/woff") and 40_000 < len(font) < 300_000
    assert font in to_html(backpropagation())
    fonts.math_font.cache_clear()
    assert fonts.math_font() == font  # the same bytes at every run


def test_without_the_extra_the_page_uses_the_fonts_of_its_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "_location", lambda: None)
    fonts.math_font.cache_clear()
    try:
        assert fonts.math_font() is None
        assert to_html(backpropagation()) == to_html(backpropagation(), embed_font=False)
    finally:
        fonts.math_font.cache_clear()
