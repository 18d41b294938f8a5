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
        "__import__('os').system('true')",
        "x" * (LONGEST + 1),
    ],
)
def test_extremes_end(text: str) -> None:
    plain = "x y + " * 2_500 + "1"
    start = time.thread_time()
    ends(plain)
    unit = time.thread_time() - start
    start = time.thread_time()
    ends(text)
    assert time.thread_time() - start < 6 * unit + 0.1


def test_random_pieces_end() -> None:
    r = random.Random(7)
    read_ = sum(ends("".join(r.choice(PIECES) for _ in range(r.randrange(1, 25)))) for _ in range(4_000))
    assert 20 < read_ < 3_900


def test_mutated_formulas_end() -> None:
    r = random.Random(8)
    read_ = 0
    for _ in range(4_000):
        text = list(r.choice(FORMULAS))
        for _ in range(r.randrange(1, 4)):
            place = r.randrange(len(text))
            what = r.randrange(3)
            if what == 0:
                del text[place]
            elif what == 1:
                text.insert(place, r.choice(PIECES))
            else:
                text[place] = r.choice(PIECES)
        read_ += ends("".join(text))
    assert 400 < read_ < 3_900


def test_other_things_than_text_are_refused() -> None:
    for thing in (None, 3, b"x = y", ["x"]):
        with pytest.raises(DialectError, match="expected a formula as text"):
            read(thing)  # type: ignore[arg-type]
