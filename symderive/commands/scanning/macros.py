r"""The macros that a document defines: \newcommand, \renewcommand, \providecommand, \def,
\DeclareMathOperator."""

from __future__ import annotations

import re

LONGEST = 2_000
COMMANDS = r"\\(?:(?:re|provide)?newcommand|providecommand|def|DeclareMathOperator)(?![A-Za-z])"
NAME = re.compile(r"\s{0,20}(?:\{\s{0,20}(\\[A-Za-z]{1,60})\s{0,20}\}|(\\[A-Za-z]{1,60}))")
COUNT = re.compile(r"\s{0,20}(?:\[([0-9])\])?\s{0,20}")
PARAMETERS = re.compile(r"((?:#[1-9])*)")


def definition(text: str, command: str, place: int) -> tuple[str, str, int] | None:
    r"""The name, the body and the end of the definition whose command ends at `place`; None where it cannot
    be used: no name, no braces, a body that is too long, optional or delimited arguments, or arguments that
    the body leaves out.

    >>> definition(r"\newcommand{\pd}[2]{\frac{\partial #1}{\partial #2}} x", r"\newcommand", 11)
    ('\\pd', '\\frac{\\partial #1}{\\partial #2}', 52)
    >>> definition(r"\newcommand{\pd}[2][C]{\frac{\partial #1}{\partial #2}}", r"\newcommand", 11)
    """
    if text.startswith("*", place):
        place += 1
    m = NAME.match(text, place)
    if m is None:
        return None
    name = m[1] or m[2]
    place = m.end()
    arity = 0
    if command == r"\def":
        parameters = PARAMETERS.match(text, place)
        assert parameters is not None
        arity = len(parameters[1]) // 2
        if parameters[1] != "".join(f"#{n}" for n in range(1, arity + 1)):
            return None
        place = parameters.end()
    elif command != r"\DeclareMathOperator":
        count = COUNT.match(text, place)
        assert count is not None
        arity = int(count[1] or 0)
        place = count.end()
    else:
        while text[place : place + 1].isspace():
            place += 1
    end = closing(text, place)
    if end is None:
        return None
    body = " ".join(text[place + 1 : end].split())
    if command == r"\DeclareMathOperator":
        return name, rf"\operatorname{{{body}}}", end + 1
    used = {int(n) for n in re.findall(r"#([1-9])", body)}
    if max(used, default=0) != arity:  # whoever expands it counts the arguments of the body
        return None
    return name, body, end + 1


def closing(text: str, place: int) -> int | None:
    """Where the brace that opens at `place` is closed, if it is within the bound."""
    if not text.startswith("{", place):
        return None
    depth = 0
    last = min(len(text), place + LONGEST)
    while place < last:
        character = text[place]
        if character == "\\":
            place += 2
            continue
        depth += (character == "{") - (character == "}")
        if depth == 0:
            return place
        place += 1
    return None
