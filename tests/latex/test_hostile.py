"""Whatever is typed ends in a term or in one line that says what was expected, at once."""

from __future__ import annotations

import random
import time

import pytest
from sympy import Expr

from symderive.calculus.normal_form import normal_form
from symderive.latex import LatexError, Notation, SymbolTable, parse, parse_equation
from symderive.latex.parser import LONGEST

LIMIT = 5.0
unit: list[float] = []
"""Seconds for a plain sum as long as any formula here: no nesting may cost more than a few of it."""

HOSTILE = {
    "empty": "",
    "blank": "   \n ",
    "no formula": "hello world",
    "python": "__import__('os').system('true')",
    "lambda": "(lambda: exit())()",
    "attribute": r"x_{j}.__class__",
    "input": r"\input{/etc/passwd}",
    "write": r"\write18{ls}",
    "immediate": r"\immediate\write18{ls} x_{j}",
    "def": r"\def\x{\x\x}\x",
    "csname": r"\csname sum\endcsname",
    "catcode": r"\catcode`\@=0",
    "begin": r"\begin{align} x_{j} \end{align}",
    "unicode": "∑ x_{j}",
    "unicode minus": "x_{j} − y_{j}",
    "look-alike": "х_{j}",  # a Cyrillic letter
    "right to left": "x_{j}‮ + y_{j}",
    "nul": "x_{j}\x00",
    "surrogate": "x_{j}\ud800",
    "comment": "x_{j} % + y_{j}",
    "dollar": "$x_{j}$",
    "ampersand": "x_{j} & y_{j}",
    "unbalanced left": r"\left(" * 20,
    "unbalanced right": r"x_{j} \right)",
    "unbalanced brace": "x_{j",
    "extra brace": "x_{j}}",
    "wrong closing": r"\left( x_{j} \right]",
    "deep parentheses": r"\left(" * 900 + "x_{j}" + r"\right)" * 900,
    "deep braces": "{" * 9000 + "}" * 9000,
    "deep fractions": r"\frac{1}{" * 900 + "2" + "}" * 900,
    "deep roots": r"\sqrt{" * 900 + "x_{j}" + "}" * 900,
    "deep exponents": "x_{j}^{" * 900 + "2" + "}" * 900,
    "deep indices": "x_{n_{" * 900 + "j" + "}}" * 900,
    "deep sums": r"\sum_{j=1}^{N} " * 900 + "x_{j}",
    "deep functions": r"\sigma\left(" * 900 + "x_{j}" + r"\right)" * 900,
    "deep differentials": r"\mathrm{d} " * 900 + "x_{j}",
    "deep derivatives": r"\frac{\partial C}{\partial " * 900 + "x_{j}" + "}" * 900,
    "many signs": "-" * 5000 + "x_{j}",
    "many primes": r"\sigma" + "'" * 9000 + r"\left(x_{j}\right)",
    "long number": "9" * 5000,
    "huge power": "9^{999999999}",
    "tower": "9^{9^{9^{9}}}",
    "negative tower": r"9^{-9^{9^{9}}}",
    "root power": r"\left(\sqrt{2}\right)^{99999}",
    "power of a sum": r"\left(x_{j} + y_{j}\right)^{99999}",
    "power of zero": "0^{-1}",
    "zero below": r"\frac{1}{0}",
    "hidden zero": r"\frac{1}{x_{j} - x_{j}}",
    "infinity below": r"\frac{x_{j}}{1 - 1}",
    "log of zero": r"\log\left(0\right)",
    "nested extrema": r"\max\left(" * 20 + "x_{j}" + "".join(rf", x_{{{n}}}\right)" for n in range(20)),
    "many roots": r"\sqrt{2} \sqrt{3} " * 100,
    "large roots": " + ".join(rf"\sqrt{{{10**38 + n}}}" for n in range(200)),
    "powers of powers": r"\left(" * 20 + r"\frac{2}{3} x_{j}" + r"\right)^{200}" * 20,
    "long argument": r"\tanh\left(" + " + ".join(f"x_{{{n}}}" for n in range(900)) + r"\right)",
    "long index": "x_{" + "+".join(f"{n}j" for n in range(900)) + "}",
    "long index product": "x_{" + r" \cdot ".join(f"(j+{n})" for n in range(900)) + "}",
    "long matrix product": "V " * 2500 + "x",
    "many extrema": r"\max\left(" + ", ".join(["x_{j}"] * 500) + r"\right)",
    "too long": "x_{j} + " * LONGEST,
    "sum over a size": r"\sum_{N=1}^{3} x_{N}",
    "sum over a tensor": r"\sum_{w=1}^{3} x_{j}",
    "index that is no integer": r"x_{\eta}",
    "tensor as an index": r"x_{x_{j}}",
    "too few indices": r"w^{(l)}_{j} x_{j} + 1",
    "too many indices": r"x_{jk}",
    "no layer": r"w_{jk}",
    "two layers": r"w^{(l,l)}_{jk}",
    "bare permutation": r"x_{\pi_{l}}",
    "functional of nothing": r"C\left(\right)",
    "functional of one": r"C\left(y\right)",
    "scalar where an array is": r"x_{j} \odot y_{j}",
    "family alone": r"\left(x_{j}\right)_{j=1}^{N}",
    "family in a sum": r"\left(x_{j}\right)_{j=1}^{N} + 1",
    "number after a factor": r"x_{j} 2",
    "two signs": "x_{j} + - y_{j}",
    "unknown name": r"q_{j}",
    "unknown function": r"\operatorname{eval}\left(x_{j}\right)",
    "derivative of nothing": r"\frac{\partial}{\partial x_{j}}",
    "wrong order": r"\frac{\partial^{2} C}{\partial x_{j}}",
    "order of nonsense": r"\frac{\partial^{99999999} C}{\partial x_{j}}",
    "slot of nonsense": r"\partial_{99999999;j} C\left(y; y\right)",
}  # fmt: skip


def answer(text: str, table: SymbolTable, notation: Notation | None = None) -> str:
    """The error, or "" for a term; checks that it is one line of plain text, in good time."""
    start = time.thread_time()
    try:
        found = parse(text, table, notation)
        assert isinstance(found, Expr)
        message = ""
    except LatexError as e:
        message = str(e)
        assert message.isascii() and "\n" not in message and len(message) < 400, message
        assert message.startswith("formula: "), message
    took = time.thread_time() - start
    assert took < LIMIT * max(unit), f"{took:.2f} s for {text[:60]!r}, {max(unit):.2f} s for a long sum"
    return message


@pytest.fixture(scope="module", autouse=True)
def warm(everything: SymbolTable) -> None:
    """Build the parsers before anything is timed; then time the plain sum, under the load of now."""
    for notation in (Notation(), Notation(layer="plain")):
        parse("x_{j}", everything, notation)
    plain = " + ".join(["x_{j} y_{k}"] * 1400)
    for _ in range(3):
        start = time.thread_time()
        parse(plain, everything)
        unit.append(time.thread_time() - start)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_input_gets_one_line(name: str, everything: SymbolTable) -> None:
    assert answer(HOSTILE[name], everything), f"{HOSTILE[name][:80]!r} was read"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (r"\sum_{j=1}^{N x_{j}", r"expected \+ or -, \\cdot, }, found 'x' at column 15"),
        (r"w^{(l)}_{jk} a^{(l)}_{k", "found the end at column 24"),
        (r"x_{j} + \foo", r"expected a term, found '\\\\foo', which names nothing here, at column 9"),
        (r"x_{j} \right)", r"found '\\\\right\)' at column 7"),
        (r"w^{(l)}_{jki}", "expected 2 indices below w, found 3 at column 1"),
        (r"\sigma\left(x_{j}\right) y_{jk}", "expected 1 index below y, found 2 at column 26"),
        (r"\varphi\left(x_{j}\right)", r"expected 1 index below \\varphi, found 0 at column 1"),
        (r"V x", "expected a scalar, found a N x 1 array"),
        (r"V y + 1", "cannot multiply a N x N array by a n\\[L\\] x 1 array: .* at column 3"),
        (r"2 + \frac{x_{j}}{0}", "expected a denominator, found 0 at column 18"),
    ],
)
def test_errors_say_what_was_expected_and_where(text: str, message: str, everything: SymbolTable) -> None:
    with pytest.raises(LatexError, match=message):
        parse(text, everything)


def test_errors_of_equations(everything: SymbolTable) -> None:
    for text, message in (
        ("x_{j}", "expected .*=.* found the end at column 6"),
        ("x_{j} = y_{j} = 1", "found '=' at column 15"),
        ("x = 1", "expected two sides of one shape, found a N x 1 array = a scalar"),
        ("x = y", "expected two sides of one shape"),
    ):
        with pytest.raises(LatexError, match=message):
            parse_equation(text, everything)


def test_long_formulas_within_the_bounds_are_read(everything: SymbolTable) -> None:
    flat = " + ".join(f"w^{{(l)}}_{{j,{n}}} x_{{{n}}}" for n in range(700))
    assert 10_000 < len(flat) < LONGEST
    assert answer(flat, everything) == ""
    nested = r"\sigma\left(" * 12 + "x_{j}" + r"\right)" * 12
    assert answer(nested, everything) == ""
    sums = r"\sum_{j=1}^{N} " * 12 + "x_{j} " * 1500
    assert answer(sums, everything) == ""


def test_formulas_at_the_limit_of_nesting_are_answered_in_time(everything: SymbolTable) -> None:
    """Deep sums over long products: as bad as the bounds allow."""
    for depth in (14, 20, 28):
        answer(r"\sum_{j=1}^{N} " * depth + "x_{j} y_{k} " * 1500, everything)
        answer(r"\sigma\left(" * depth + "x_{j} + " * 1500 + "1" + r"\right)" * depth, everything)
        answer(r"\sqrt{1 + " * depth + "x_{j} + " * 1500 + "1" + "}" * depth, everything)


PIECES = (
    r"\sum_{j=1}^{N}", r"\sum_{k=1}^{n_{l-1}}", r"\left(", r"\right)", r"\frac{", "}", "{", "_{jk}", "_{j}",
    "^{(l)}", "^{2}", "w", "a", "x", "V", "W", "C", "n_{l}", r"\pi_{l}(j)", r"\sigma", "'", "j", ";", "+",
    r"\left[ j = k \right]", "2", ",", r"\odot", r"^{\top}", r"\partial", r"\mathrm{d}", "e^{", r"\sqrt{",
    r"\frac{\partial C}{\partial w^{(l)}_{jk}}", r"\exp", r"\cdot", "(", ")", "w^{(l)}_{jk}", "x_{j}", "=",
    r"\eta", r"C\left(", r"\mathbf{1}_{", "\\", "y_{k}", " ", "-",
)  # fmt: skip


@pytest.mark.parametrize("layer", ["parentheses", "plain"])
def test_random_pieces_end_in_a_term_or_in_one_line(layer: str, everything: SymbolTable) -> None:
    r = random.Random(5)
    notation = Notation(layer=layer)
    read = 0
    for _ in range(3000):
        text = "".join(r.choice(PIECES) + r.choice(["", " "]) for _ in range(r.randrange(1, 14)))
        read += answer(text, everything, notation) == ""
    assert read > 20


def test_what_is_read_is_a_term_that_the_calculus_can_work_with(everything: SymbolTable) -> None:
    term = parse(r"\sum_{j=1}^{N} \left(x_{j} + y_{j}\right)^{2}", everything)
    assert normal_form(term) == normal_form(
        parse(r"\sum_{k=1}^{N} \left(y_{k} + x_{k}\right)^{2}", everything)
    )
