r"""The macros that a document defines: \newcommand, \renewcommand, \providecommand, \def,
\DeclareMathOperator."""

from __future__ import annotations

import re

LONGEST = 2_000
COMMANDS = r"\\(?:(?:re)?newcommand|providecommand|def|DeclareMathOperator)(?![A-Za-z])"
NAME = re.compile(r"\s{0,20}(?:\{\s{0,20}(\\[A-Za-z]{1,60})\s{0,20}\}|(\\[A-Za-z]{1,60}))")
COUNT = re.compile(r"\s{0,20}(?:\[([0-9])\])?\s{0,20}")
BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
PARAMETERS = re.compile(r"((?:#[1-9])*)")


def definition(text: str, command: str, place: int) -> tuple[str, str, int]:
    r"""The name, the body and the end of the definition whose command ends at `place`.

    The name is "" where it cannot be used: no name, no braces, a body that is too long, optional or delimited
    arguments, or arguments that the body leaves out.

    >>> definition(r"\newcommand{\pd}[2]{\frac{\partial #1}{\partial #2}} x", r"\newcommand", 11)
    ('\\pd', '\\frac{\\partial #1}{\\partial #2}', 52)
    >>> definition(r"\newcommand{\pd}[2][C]{\frac{\partial #1}{\partial #2}}", r"\newcommand", 11)
    ('', '', 19)
    """
    if text.startswith("*", place):
        place += 1
    m = NAME.match(text, place)
    if m is None:
        return "", "", place
    name, arity = m[1] or m[2], 0
    place = m.end()
    if command == r"\def":
        parameters = PARAMETERS.match(text, place)
        assert parameters is not None
        arity = len(parameters[1]) // 2
        place = parameters.end()
        if parameters[1] != "".join(f"#{n}" for n in range(1, arity + 1)):
            name = ""
    else:
        count = COUNT.match(text, place)
        assert count is not None
        arity = int(count[1] or 0)
        place = count.end()
    if not text.startswith("{", place):
        return "", "", place
    end, closed = closing(text, place)
    if not name or not closed:
        return "", "", end
    body = " ".join(text[place + 1 : end - 1].split())
    if command == r"\DeclareMathOperator":
        return name, rf"\operatorname{{{body}}}", end
    used = max((int(n) for n in re.findall(r"#([1-9])", body)), default=0)
    # whoever expands the macro counts the arguments of the body
    return (name, body, end) if used == arity else ("", "", end)


def closing(text: str, place: int) -> tuple[int, bool]:
    """Where the braces that open at `place` are behind, and whether they are closed within the bound."""
    depth, last = 0, min(len(text), place + LONGEST)
    for m in BRACE.finditer(text, place, last):
        depth += (m[0] == "{") - (m[0] == "}")
        if depth == 0 and m[0] == "}":
            return m.end(), True
    return last, False
