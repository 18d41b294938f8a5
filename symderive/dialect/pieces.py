r"""The text in pieces: commands, numbers, letters and signs, each with its place in what was written. Spaces,
sizes and comments are dropped here, HTML entities and macros are replaced.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

from symderive.dialect import words

RAW = re.compile(
    r"(?P<comment>(?<!\\)%[^\n]*)|(?P<entity>&(?:[A-Za-z]+|\#\d+);)|(?P<space>\s+)"
    r"|\\(?:begin|end)\s*\{[A-Za-z]+\*?\}|\\(?:operatorname|hspace|vspace|tag)\*|\\[A-Za-z]+|\\.|\$\$|:=|=:|\+=|-=|<=|>=|==|=>|->|<-|!="
    r"|\.\*|\.\.\.|\.\.|\|\||\d+(?:\.\d+)?|.",
    re.DOTALL,
)
ROUNDS = 20


@dataclass(frozen=True)
class Piece:
    """A piece of the text, where it was written, and whether a space stood before it."""

    text: str
    start: int
    end: int
    spaced: bool = False


class Misread(Exception):
    """What was expected and found, at an offset of the text; the reader makes it a DialectError."""

    def __init__(self, expected: str, found: str, start: int) -> None:
        super().__init__(expected, found, start)
        self.expected, self.found, self.start = expected, found, start


def found(p: Piece) -> str:
    """A piece as an error shows it."""
    return repr(p.text[:20].encode("ascii", "backslashreplace").decode()) if p.text else "the end"


def pieces(text: str, macros: Mapping[str, str]) -> list[Piece]:
    r"""The pieces that count.

    >>> [p.text for p in pieces(r"\pd{J}{W}", {r"\pd": r"\frac{\partial #1}{\partial #2}"})]
    ['\\frac', '{', '\\partial', 'J', '}', '{', '\\partial', 'W', '}']
    """
    raw = list(_raw(text))
    if macros:
        raw = _expanded(raw, {k.strip(): v for k, v in macros.items()}, len(text))
    return list(_counting(raw))


def _raw(text: str) -> Iterator[Piece]:
    spaced = False
    for m in RAW.finditer(text):
        if m.lastgroup in ("space", "comment"):
            spaced = True
            continue
        if m.lastgroup == "entity":
            meant = html.unescape(m[0])
            if meant == m[0]:
                parts = [Piece("&", m.start(), m.start() + 1, spaced), *_raw_letters(m)]
            else:
                parts = [replace(p, start=m.start(), end=m.end()) for p in _raw(meant)]
            yield from parts
        else:
            yield Piece(m[0], m.start(), m.end(), spaced)
        spaced = False


def _raw_letters(m: re.Match[str]) -> Iterator[Piece]:
    for n, c in enumerate(m[0][1:], 1):
        yield Piece(c, m.start() + n, m.start() + n + 1)


def _counting(raw: Iterable[Piece]) -> Iterator[Piece]:
    """Without what is only there for the eye."""
    spaced, size = False, False
    for p in raw:
        if size and p.text == ".":
            size = False
            continue
        spaced, size = spaced or p.spaced, False
        if p.text in words.SIZES:
            size = True
        elif p.text in words.SPACES:
            spaced = True
        else:
            text = words.SAME.get(p.text) or words.GREEK.get(p.text) or p.text
            if len(text) > 2 and text[-1] == "*":  # \operatorname*
                text = text[:-1]
            yield Piece(text, p.start, p.end, spaced)
            spaced = False


def _expanded(raw: list[Piece], macros: Mapping[str, str], end: int) -> list[Piece]:
    bodies = {name: list(_raw(body)) for name, body in macros.items()}
    for _ in range(ROUNDS):
        made, changed = _once(raw, bodies, end)
        if not changed:
            return raw
        length = 0
        for p in made:
            length += len(p.text)
            if length > words.LONGEST:
                raise Misread(f"macros that make at most {words.LONGEST} characters", "more", p.start)
        raw = made
    name = next(p for p in raw if p.text in bodies)
    raise Misread(f"macros at most {ROUNDS} deep", "deeper ones", name.start)


def _once(raw: list[Piece], bodies: Mapping[str, list[Piece]], end: int) -> tuple[list[Piece], bool]:
    """Each macro replaced by its body. What came from the body has the place of the macro."""
    made: list[Piece] = []
    length, n, changed = 0, 0, False
    while n < len(raw):
        p = raw[n]
        n += 1
        body = bodies.get(p.text)
        if body is None:
            made.append(p)
            continue
        changed = True
        count = max(
            (int(b.text[0]) for a, b in _pairs(body) if a.text == "#" and b.text.isdigit()), default=0
        )
        arguments: list[list[Piece]] = []
        for _ in range(count):
            argument, n = _argument(raw, n, end)
            arguments.append(argument)
        for q in _filled(body, arguments, p):
            length += len(q.text)
            if length > words.LONGEST:
                raise Misread(f"macros that make at most {words.LONGEST} characters", "more", p.start)
            made.append(q)
    return made, changed


def _pairs(body: list[Piece]) -> Iterator[tuple[Piece, Piece]]:
    return pairwise(body)


def _filled(body: list[Piece], arguments: list[list[Piece]], at: Piece) -> Iterator[Piece]:
    n = 0
    while n < len(body):
        q = body[n]
        after = body[n + 1].text if n + 1 < len(body) else ""
        if q.text == "#" and after.isdigit() and 0 < int(after[0]) <= len(arguments):
            yield from arguments[int(after[0]) - 1]
            if after[1:]:  # "#12" is the first argument and a 2
                yield Piece(after[1:], at.start, at.end)
            n += 2
            continue
        yield Piece(q.text, at.start, at.end, q.spaced or n == 0)
        n += 1


def _argument(raw: list[Piece], n: int, end: int) -> tuple[list[Piece], int]:
    if n >= len(raw):
        raise Misread("an argument of a macro", "the end", end)
    if raw[n].text != "{":
        return [raw[n]], n + 1
    depth = 0
    for k in range(n, len(raw)):
        depth += {"{": 1, "}": -1}.get(raw[k].text, 0)
        if depth == 0:
            return raw[n + 1 : k], k + 1
    raise Misread("}", "the end", end)
