"""Formulas: the dialect is an allow-list, the source is kept, MathML and Typst are well-formed."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator

import pytest
from demo import BP2 as RIGHT_SIDE
from demo import backpropagation
from hypothesis import given
from hypothesis import strategies as st

from symderive.documents import dialect
from symderive.documents.blocks import Line, Math, text
from symderive.documents.breaking import break_row, breaks
from symderive.documents.formula import FormulaError, Node, Row, classes, parse
from symderive.documents.layout import arrange
from symderive.documents.mathml import to_mathml
from symderive.documents.measure import formula_width, width
from symderive.documents.numbering import map_formulas
from symderive.documents.typst_math import to_typst

BP2 = r"\delta^{(l)}_{j} = " + RIGHT_SIDE

ATOMS = st.sampled_from(
    ["a", "z", "x_{1}", "12", "0.5", r"\sigma", r"w^{(l)}_{jk}", r"\sigma''", r"\partial", r"\tilde{w}", "(",
    ")",  r"\mathrm{d}", r"\mathbb{R}", r"\exp", r"\text{ for }", r"\quad", ",", "+", "-", "=", r"\le ",
    r"\odot "]
)  # fmt: skip


def _wrapped(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, inner).map(lambda pair: rf"\frac{{{pair[0]}}}{{{pair[1]}}}"),
        inner.map(lambda body: rf"\left({body}\right)^{{2}}"),
        inner.map(lambda body: rf"\sum_{{k=1}}^{{{body}}} a_{{k}}"),
        inner.map(lambda body: rf"\sqrt{{{body}}}"),
        inner.map(lambda body: rf"\begin{{cases}} {body} & a \\ b & {body} \end{{cases}}"),
        st.lists(inner, min_size=1, max_size=4).map(" ".join),
    )


FORMULAS = st.recursive(ATOMS, _wrapped, max_leaves=12)


def nodes(node: Node) -> Iterator[Node]:
    yield node
    for value in vars(node).values():
        for inner in _flat(value):
            yield from nodes(inner)


def _flat(value: object) -> Iterator[Node]:
    if isinstance(value, tuple):
        for item in value:
            yield from _flat(item)
    elif hasattr(value, "source"):
        yield value  # type: ignore[misc]


@given(FORMULAS)
def test_the_sources_of_the_items_are_the_source_of_the_row(source: str) -> None:
    row = parse(source)
    assert row.source == source
    assert "".join(item.source for item in row.items) == source
    for node in nodes(row):
        assert node.source in source


@given(FORMULAS)
def test_every_formula_is_mathml_and_typst_and_has_a_width(source: str) -> None:
    root = ElementTree.fromstring(to_mathml(source, display=True))
    annotation = root.find(".//annotation")
    assert annotation is not None and annotation.text == source.strip()
    typst = to_typst(source)
    assert _balanced(re.sub(r'"(?:[^"\\]|\\.)*"|\\.', "", typst))
    assert width(parse(source)) > -1


def _balanced(source: str) -> bool:
    depth = 0
    for char in source:
        depth += {"(": 1, ")": -1}.get(char, 0)
        if depth < 0:
            return False
    return depth == 0


def test_the_demonstration_keeps_to_the_dialect() -> None:
    seen: list[str] = []
    map_formulas(backpropagation(), lambda formula: seen.append(parse(formula).source))
    assert len(seen) > 120


REFUSED = (
    (r"\bigl( x \bigr)", r"found \\bigl at character 1 of"),
    (r"\input{/etc/passwd}", r"found \\input"),
    (r"\write18{ls}", r"found \\write"),
    (r"\def\a{b}", r"found \\def"),
    (r"\int\limits_0^1", r"found \\limits at character 5"),
    (r"a & b", "found &"),
    (r"a \\ b", r"found \\\\"),
    ("50%", "found %"),
    ("$x$", r"found \$"),
    ('"', 'found "'),
    ("é", "found é"),
    ("x#1", "found #"),
    ("~", "found ~"),
    (r"\frac12", "argument in braces"),
    ("x^10", "argument in braces"),
    ("a^b^c", "one script of each kind"),
    ("a_b_c", "one script of each kind"),
    ("a^{2}'", "one script of each kind"),
    ("^2", "a symbol before a script"),
    ("x_", "found the end"),
    ("{x", "expected }, found the end"),
    ("x}", "the end of the formula, found }"),
    (r"\left( x", r"expected \\right"),
    (r"\left< x \right>", "a delimiter, found <"),
    (r"\text{a $b$}", "plain words"),
    (r"\text{a \input b}", "plain words"),
    (r"\mathrm{a_b}", "expected letters"),
    (r"\mathbb{a}", "expected capitals"),
    (r"\mathcal{1}", "expected capitals"),
    (r"\begin{align} a \end{align}", "found 'align'"),
    (r"\begin{cases} a \end{matrix}", r"end\{cases\}"),
    ("{" * 70 + "}" * 70, "levels of nesting"),
    ("x" * (dialect.LONGEST + 1), "at most 20000 characters, found 20001"),
)


@pytest.mark.parametrize(("source", "says"), REFUSED)
def test_what_is_outside_the_dialect_is_refused(source: str, says: str) -> None:
    with pytest.raises(FormulaError, match=says) as caught:
        parse(source)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 400


@given(st.text(alphabet="ab\\{}^_'&()[]+-= leftrightfracsum", max_size=40))
def test_any_other_text_is_read_or_refused_never_worse(source: str) -> None:
    try:
        row = parse(source)
    except FormulaError:
        return
    assert row.source == source


MATHML = (
    ("w^{(l)}_{jk}", "<msubsup><mi>w</mi><mrow><mi>j</mi><mi>k</mi></mrow><mrow>"),
    (r"\mathrm{d}", '<mi mathvariant="normal">d</mi>'),
    (r"\Gamma", '<mi mathvariant="normal">Γ</mi>'),
    (r"\gamma", "<mi>γ</mi>"),
    ("-x", '<mo form="prefix" lspace="0" rspace="0">−</mo>'),
    ("= -x", '<mo form="prefix" lspace="0" rspace="0">−</mo>'),
    ("a - b", '<mo form="infix" lspace="0.2222em" rspace="0.2222em" stretchy="false">−</mo>'),
    ("a < b", "&lt;</mo>"),
    (r"\sum_{k=1}^{n}", "<munderover><mo>∑</mo>"),
    (r"\max_{i}", "<munder><mi>max</mi>"),
    (r"\frac{1}{n}", "<mfrac><mn>1</mn><mi>n</mi></mfrac>"),
    (r"\mathbb{R}", "<mi>ℝ</mi>"),
    (r"\mathcal{L}", "<mi>ℒ</mi>"),
    (r"\left. x \right|", '<mrow><mi>x</mi><mo fence="true" form="postfix"'),
    (r"\text{ if }", "<mtext>\u00a0if\u00a0</mtext>"),
    (r"\tilde{w}", '<mover accent="true"><mi>w</mi><mo stretchy="false">~</mo></mover>'),
)  # fmt: skip


@pytest.mark.parametrize(("source", "contains"), MATHML)
def test_mathml(source: str, contains: str) -> None:
    assert contains in to_mathml(source, display=True)


TYPST = (
    (r"w^{(l)}_{jk}", "attach(w, t: #sym.paren.l l #sym.paren.r, b: j k)"),
    (r"\sigma'\left(z\right)", "attach(σ, t: primes(#1)) lr(paren.l z paren.r)"),
    (r"\frac{a, b}{c}", r"frac(a \, b, c)"),
    (r"a_{i;j}", r"attach(a, b: i \; j)"),
    (r"\mathrm{d} x", "upright(d) x"),
    (r"\#", r"\#"),
    (r"\text{a #b}".replace("#", ""), '#text("a b")'),
)


@pytest.mark.parametrize(("source", "printed"), TYPST)
def test_typst(source: str, printed: str) -> None:
    assert to_typst(source) == printed


def test_a_sign_is_no_operation() -> None:
    assert classes(parse("- a - b = - c ( + d )")) == (
        "sign", "ord", "bin", "ord", "rel", "sign", "ord", "open", "sign", "ord", "close",
    )  # fmt: skip


# ----------------------------------------------------------------------------------------- breaking


def test_a_line_breaks_at_its_outermost_place() -> None:
    row = parse(r"= \left(a + b + c\right) \sum_{k=1}^{n} x_{k} + d - (e + f) g")
    assert [(row.items[position].source.strip(), level) for position, level in breaks(row)] == [
        (r"\sum_{k=1}^{n}", 2),
        ("+", 1),
        ("-", 1),
    ]


@given(st.lists(FORMULAS, min_size=1, max_size=8), st.floats(5, 40))
def test_breaking_loses_and_doubles_nothing(parts: list[str], room: float) -> None:
    source = "= " + " + ".join(f"{{{part}}}" for part in parts)
    pieces = break_row(parse(source), room, room)
    joined = "".join(piece.source for piece in pieces)
    assert _bare(joined) == _bare(source)


def _bare(source: str) -> str:
    """The source without what a break adds: an empty group, struts, and invisible delimiters."""
    return re.sub(r"\{\}|\s", "", source)


def test_pieces_fit_where_they_can() -> None:
    row = parse("= " + " + ".join(f"w_{{{count}}} x_{{{count}}}" for count in range(60)))
    pieces = break_row(row, 30, 28)
    assert len(pieces) > 5
    assert all(width(piece) <= 30 for piece in pieces)
    assert all(piece.source.startswith("{}+ ") for piece in pieces[1:])


def test_a_product_that_is_torn_shows_a_dot() -> None:
    pieces = break_row(parse(" ".join(["w_{1}"] * 40)), 20, 20)
    assert len(pieces) > 1 and all(piece.source.startswith(r"{}\cdot ") for piece in pieces[1:])


def test_brackets_open_only_when_nothing_else_helps() -> None:
    inner = " + ".join(["w_{1} x_{1}"] * 30)
    pieces = break_row(parse(rf"= \left({inner}\right) c"), 30, 30)
    assert len(pieces) > 2
    assert all(piece.source.count(r"\left") == piece.source.count(r"\right") for piece in pieces)
    assert all(width(piece) <= 30 for piece in pieces)


def test_what_no_break_helps_is_scaled() -> None:
    wide = " ".join(["w"] * 80)
    layout = arrange((Line(lhs="a", rhs=rf"\frac{{{wide}}}{{2}}"),), 38)
    assert layout.lines[0].scale < 0.75
    assert arrange((Line(lhs="a", rhs="b"),), 38).lines[0].scale == 1


def test_notes_stand_beside_short_lines_and_below_long_ones() -> None:
    reason = text("by the chain rule and the contraction of deltas")
    short = Line(lhs="a", rhs="b", reason=reason)
    long = Line(lhs="a", rhs=" + ".join(["w_{1} x_{1}"] * 30), reason=reason)
    assert arrange((short,), 38).lines[0].beside == reason
    apart = arrange((short, long), 38).lines
    assert apart[0].below == apart[-1].below == reason
    # Reasons stay beside their lines even where the ranges, which are longer, have to stand below.
    conditions = (r"1 \le l \le L - 1", r"1 \le j \le n_{l}", r"1 \le k \le n_{l-1}", r"0 \le t \le T - 1")
    both = arrange((short, short), 38, conditions).lines
    assert [line.beside for line in both] == [reason, reason]
    assert not both[0].below and both[1].below[1] == Math(conditions[0])


def test_a_row_is_at_least_as_wide_as_its_parts() -> None:
    assert formula_width(BP2) > formula_width(BP2.split(" = ")[1]) > formula_width(r"\delta^{(l+1)}_{k}") > 1
    assert isinstance(parse(BP2), Row)
