"""Hostile text ends in a tree or in one line, in time that grows with its length alone."""

from __future__ import annotations

import random
import time

import pytest

from symderive.dialect import DialectError, read, write
from symderive.dialect.words import LONGEST
from tests.dialect.test_reader import FORMULAS

PIECES = (
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "^",
    "_",
    "'",
    "&",
    r"\\",
    "$",
    "=",
    "+",
    "-",
    "*",
    "/",
    "|",
    r"\|",
    ",",
    ";",
    ".",
    " ",
    "w",
    "x",
    "T",
    "d",
    "e",
    "1",
    "27",
    r"\frac",
    r"\partial",
    r"\nabla",
    r"\sum",
    r"\prod",
    r"\sigma",
    r"\Delta",
    r"\delta",
    r"\mathbf",
    r"\hat",
    r"\left(",
    r"\right)",
    r"\odot",
    r"\top",
    r"\text{",
    r"\begin{align}",
    r"\end{align}",
    r"\begin{bmatrix}",
    r"\end{bmatrix}",
    r"\tanh",
    r"\quad",
    r"\over",
    r"\sqrt",
    r"\ldots",
    "∂",
    "é",
    "\0",
    r"\newcommand",
    r"\def",
    "%",
    "#1",
    "~",
    r"\boxed{",
    r"\mathrm{d}",
)


def ends(text: str) -> bool:
    """Whether the text was read; else there is one short line. Nothing else may come out."""
    try:
        statements = read(text)
    except DialectError as error:
        message = str(error)
        assert message.startswith("formula: expected ") and "\n" not in message and len(message) < 300
        return False
    for s in statements:
        assert isinstance(write(s), str)
    return True


@pytest.mark.parametrize(
    "text",
    [
        "(" * 50_000,
        "{" * 59 + "x" + "}" * 59,
        "{" * 5_000 + "x" + "}" * 5_000,
        "x^" * 6_000 + "x",
        "x_{" * 3_000 + "x" + "}" * 3_000,
        r"\frac" * 3_000,
        "x + " * 4_000 + "x",
        "a = " * 4_000 + "a",
        r"\sum_{j=1}^n " * 1_500 + "x",
        "'" * 15_000,
        r"\left(" * 2_000 + r"\right)" * 2_000,
        r"\partial " * 2_000,
        "d" * 15_000,
        r"\mathbf{" * 1_500 + "x" + "}" * 1_500,
        "|" * 9_999,
        "\\" * 10_000,
        "|a|" * 1_600,
        "(" + "x<" * 2_400 + "x)",
        "x_{j}" * 990,
        "a=b," * 1_200,
        "a/" * 2_400 + "a",
        "net" * 1_600,
        "a\\_" * 4_000,
        "\\[" * 6_000,
        "&amp;" * 4_000,
        "T}" * 4_000,
        r"\log " * 3_000,
        r"\text{a b} " * 1_800,
        r"\boxed{" * 2_500,
        r"\mathop{" * 50 + "x" + "}" * 50,
        r"\boldsymbol{\mathbf{" * 400 + "x" + "}" * 800,
        r"\begin{bmatrix}" + "a&" * 2_000 + r"a\end{bmatrix}",
        "__import__('os').system('true')",
        "x" * (LONGEST + 1),
    ],
)
def test_extremes_end(text: str) -> None:
    plain = "x y + " * 1_600 + "1"
    start = time.thread_time()
    ends(plain)
    unit = time.thread_time() - start
    start = time.thread_time()
    ends(text)
    assert time.thread_time() - start < 6 * unit + 0.1


def test_a_usual_formula_is_read_in_milliseconds() -> None:
    for text in FORMULAS:
        read(text)
    start = time.thread_time()
    for text in FORMULAS:
        read(text)
    assert (time.thread_time() - start) / len(FORMULAS) < 0.02


def test_macros_end() -> None:
    bombs: tuple[dict[str, str], ...] = (
        {r"\a": r"\a"},
        {r"\a": r"\a\a"},
        {r"\a": "#1#1", r"\b": r"\a{\a{\a{x}}}"},
        {f"\\{c}": rf"\{d}\{d}\{d}\{d}" for c, d in zip("abcdefgh", "bcdefghi", strict=True)},
        {r"\a": "{" * 5_000},
        {r"\a": r"\begin{align}"},
    )
    for macros in bombs:
        for text in (r"\a", r"\a{\a{\a{\a x}}}", r"\b \a \b", r"\a{" * 50 + "}" * 50, r"\a" * 3_000):
            start = time.thread_time()
            try:
                read(text, macros)
            except DialectError as error:
                assert "\n" not in str(error)
            assert time.thread_time() - start < 2.0


def test_random_pieces_end() -> None:
    r = random.Random(7)
    read_ = sum(ends("".join(r.choice(PIECES) for _ in range(r.randrange(1, 25)))) for _ in range(4_000))
    assert 20 < read_ < 3_900


def mutated(r: random.Random, text: str) -> str:
    """A formula with one to three changes."""
    parts = list(text)
    for _ in range(r.randrange(1, 4)):
        place = r.randrange(len(parts)) if parts else 0
        what = r.randrange(3)
        if what == 1 or not parts:
            parts.insert(place, r.choice(PIECES))
        elif what == 0:
            del parts[place]
        else:
            parts[place] = r.choice(PIECES)
    return "".join(parts)


def test_mutated_formulas_end() -> None:
    r = random.Random(8)
    read_ = sum(ends(mutated(r, r.choice(FORMULAS))) for _ in range(5_000))
    assert 400 < read_ < 4_900


def test_other_things_than_text_are_refused() -> None:
    for thing in (None, 3, b"x = y", ["x"]):
        with pytest.raises(DialectError, match="expected a formula as text"):
            read(thing)  # type: ignore[arg-type]
