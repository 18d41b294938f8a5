r"""Macros of the source: \pd{J}{W} with {"\\pd": "\\frac{\\partial #1}{\\partial #2}"}. Bounded in depth
and length.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from symderive.dialect.errors import DialectError
from symderive.dialect.words import LONGEST

ROUNDS = 20
COMMAND = re.compile(r"\\[A-Za-z]+|\\.", re.DOTALL)


def expanded(text: str, macros: Mapping[str, str]) -> str:
    r"""The text with every macro replaced by its body; DialectError where that does not end.

    >>> expanded(r"\pd{J}{W}", {r"\pd": r"\frac{\partial #1}{\partial #2}"})
    '\\frac{\\partial J}{\\partial W}'
    """
    if not macros:
        return text
    for _ in range(ROUNDS):
        new, changed = _once(text, macros)
        if not changed:
            return text
        if len(new) > LONGEST:
            raise DialectError(f"macros that make at most {LONGEST} characters", "more", 1)
        text = new
    raise DialectError(f"macros at most {ROUNDS} deep", "deeper ones", 1)


def _once(text: str, macros: Mapping[str, str]) -> tuple[str, bool]:
    out: list[str] = []
    place, changed = 0, False
    while place < len(text):
        m = COMMAND.match(text, place)
        if m is None or m[0] not in macros:
            out.append(m[0] if m else text[place])
            place = m.end() if m else place + 1
            continue
        body, changed = macros[m[0]], True
        count = max((int(n) for n in re.findall(r"#([1-9])", body)), default=0)
        place = m.end()
        arguments = []
        for _ in range(count):
            argument, place = _argument(text, place)
            arguments.append(argument)
        made = _filled(body, arguments)
        if count == 0 and made and made[-1].isalpha() and place < len(text) and text[place].isalpha():
            made += " "
        out.append(made)
    return "".join(out), changed


def _filled(body: str, arguments: list[str]) -> str:
    return re.sub(r"#([1-9])", lambda n: arguments[int(n[1]) - 1], body)


def _argument(text: str, place: int) -> tuple[str, int]:
    while place < len(text) and text[place].isspace():
        place += 1
    if place >= len(text):
        raise DialectError("an argument of a macro", "the end", place + 1)
    if text[place] != "{":
        m = COMMAND.match(text, place)
        end = m.end() if m else place + 1
        return text[place:end], end
    depth, start = 0, place + 1
    while place < len(text):
        if text[place] == "\\":
            place += 2
            continue
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        place += 1
        if depth == 0:
            return text[start : place - 1], place
    raise DialectError("}", "the end", place + 1)
