"""What is outside is refused in one line: what was expected, what was found, at which column."""

from __future__ import annotations

import pytest

from symderive.dialect import DialectError, read
from symderive.errors import SymderiveError

REFUSED = (
    (r"a = b . * c", "expected the end behind a point, found '*' at column 9"),
    (r"a = b. + c", "expected the end behind a point, found '+' at column 8"),
    (r"a = b, - c", "expected the end behind a point, found '-' at column 8"),
    # brackets
    (r"a = (b + c", "expected ), found the end at column 11"),
    (r"a = b + c)", "expected no closing bracket, found ')' at column 10"),
    (r"a = (b + c]", r"expected ), found ']' at column 11"),
    (r"\frac{a}{b", "expected }, found the end at column 11"),
    (r"\begin{bmatrix} a & b", r"expected \end{bmatrix}, found the end at column 22"),
    (r"\begin{bmatrix} a \end{pmatrix}", r"expected what was opened to be closed, found '\\end{pmatrix}'"),
    (r"\|x\| + \|y", r"expected two bars that belong together, found '\\|' at column 9"),
    (r"w_{j", "expected }, found the end at column 5"),
    # terms
    (r"a = ", "expected a term, found the end at column 4"),
    (r"a + * b", "expected a term, found '*' at column 5"),
    (r"a = = b", "expected a term, found '=' at column 5"),
    (r"\frac{a}{}", "expected a term, found '}' at column 10"),
    (r"x^", "expected a term, found the end at column 3"),
    (r"a \odot", "expected a term, found the end at column 8"),
    (r"a = b =", "expected a term, found the end at column 8"),
    # what would have a meaning that the tree cannot hold
    (r"n! = n", "expected a sign of the dialect, found '!' at column 2"),
    (r"y = f|_{x = 0}", "a bar for the place where it is evaluated, found '|' at column 6"),
    (r"y = \left. f \right|_{x = 0}", "found '|' at column 20"),
    (r"\sqrt[3]{x}", "expected a square root, found '[' at column 6"),
    (r"s = \sum_{i \in S} x_i", r"expected an index such as j, j = 1 or k \neq i below a sum, found '\\in'"),
    (r"s = \sum_{i < j} x_i", "found '<' at column 11"),
    (r"s = \sum_{2} x_i", "found another term at column 11"),
    (r"\sum_i_j x", "expected one limit below and one above a sum, found more at column 1"),
    (
        r"\frac{\partial C}{y}",
        r"expected \partial above and below a fraction, found \partial alone at column 7",
    ),
    (r"\partial C = 1", r"expected \partial above and below a fraction, found \partial alone at column 1"),
    (r"\frac{\partial^2 C}{\partial w}", "expected 2 differentials below, found 1 at column 7"),
    (r"\frac{\partial^n C}{\partial w}", "expected a derivative of order 2 to 9, found 'n' at column 16"),
    (r"W_{'}", "expected an index, found a mark that stands above at column 2"),
    # things that are no formulas
    ("", "expected a formula, found none at column 1"),
    (r"\quad", "expected a formula, found none at column 1"),
    (r"\text{shape}", "expected a formula, found a condition alone at column 1"),
    (r"a = b #", "expected a sign of the dialect, found '#' at column 7"),
    (r"\begin{tabular} a", r"expected an environment of formulas, found '\\begin{tabular}' at column 1"),
    (r"\sum_{\substack{i \\ j}} x", r"expected a formula, found '\\substack' at column 7"),
    (r"\newcommand{\a}{b}", r"expected a formula, found '\\newcommand' at column 1"),
    (r"a = frac{b}{c}", r"expected \frac, found 'frac' at column 5"),
    (r"(a - y) odot b", r"expected \odot, found 'odot' at column 9"),
    (r"\hat", "expected a name, found the end at column 5"),
)


@pytest.mark.parametrize(("text", "says"), REFUSED)
def test_what_is_outside_is_refused(text: str, says: str) -> None:
    with pytest.raises(DialectError) as caught:
        read(text)
    message = str(caught.value)
    assert says in message
    assert message.startswith("formula: expected ")
    assert "\n" not in message
    assert isinstance(caught.value, SymderiveError)


def test_the_place_is_that_of_the_line() -> None:
    with pytest.raises(DialectError, match=r"found '\*' at line 2, column 8") as caught:
        read("a = b +\n  c  * * d")
    assert (caught.value.line, caught.value.column) == (2, 8)


def test_the_column_is_that_of_what_was_written_behind_macros_and_entities() -> None:
    macros = {r"\pd": r"\frac{\partial #1}{\partial #2}"}
    with pytest.raises(DialectError, match="column 16"):
        read(r"\pd{J}{w} = a +", macros)
    with pytest.raises(DialectError, match=r"found '\)' at column 18"):
        read(r"\pd{J}{w} &amp;= )", macros)
    (s,) = read(r"\pd{J}{w} = \pd{K}{v}", macros)
    assert [x.column for x in s.sides] == [1, 13]
    assert [n.column for n in s.sides[1].children()] == [17, 20]


def test_macros_that_do_not_end_are_refused() -> None:
    with pytest.raises(DialectError, match="macros at most 20 deep, found deeper ones at column 5"):
        read(r"a = \a", {r"\a": r"\b", r"\b": r"\a"})
    with pytest.raises(
        DialectError, match="macros that make at most 20000 characters, found more at column 1"
    ):
        read(r"\a", {r"\a": r"\b" * 50, r"\b": r"\c" * 50, r"\c": "x" * 100})
    with pytest.raises(DialectError, match="expected }, found the end at column 8"):
        read(r"b = \a{", {r"\a": "#1 #2"})
    with pytest.raises(DialectError, match="expected an argument of a macro, found the end at column 8"):
        read(r"b = \a c"[:7], {r"\a": "#1 #2"})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("x" * 20_001, "at most 20000 characters, found 20001"),
        ("x+" * 2_501 + "x", "at most 5000 signs"),
        ("(" * 61 + "x" + ")" * 61, r"at most 60 levels of nesting, found '\(' at column 61"),
        ("a/" * 400 + "a", "at most 160 levels"),
        (r"\log" * 61 + " x", "at most 60 signs that wait for what follows"),
    ],
)
def test_bounds_are_told(text: str, says: str) -> None:
    with pytest.raises(DialectError, match=says):
        read(text)


def test_within_the_bounds_nothing_is_refused() -> None:
    assert len(read("x+" * 2_499 + "x")) == 1
    assert len(read("(" * 59 + "x" + ")" * 59)) == 1
    assert len(read("a/" * 140 + "a")) == 1


@pytest.mark.parametrize(
    ("text", "why"),
    [
        # in the styles of formulas that were found malformed
        (r"(\frac{\partial{g (net_k)}}{\partial net_k}) = g (net_k)(1 - g (net_k) = L_k", "), found the end"),
        (r"\delta_3 = probs \delta_3[range(N), y]- = 1", "a term, found '='"),
        (r"frac {partial L}{partial W} = (a – y) odot b", r"\frac, found 'frac'"),
        (r"\sum_n \frac{\partial L}{y^{(n)}} \odot x", r"\partial above and below a fraction"),
    ],
)
def test_malformed_formulas_are_refused(text: str, why: str) -> None:
    with pytest.raises(DialectError) as caught:
        read(text)
    assert why in str(caught.value)
