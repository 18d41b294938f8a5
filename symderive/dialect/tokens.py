"""The tokens that are made, the pieces they are made of, and the brackets that are open."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lark import Token

from symderive.dialect import words
from symderive.dialect.pieces import Misread, Piece, found

COMMAND = re.compile(r"\\[A-Za-z]+\Z")
PREFIXES = frozenset({"PARTIAL", "D", "CHANGE", "FRAC", "SQRT", "BIG", "NABLA", "FUNCTION"})
FACTORS = frozenset({"NAME", "NUMBER", "RB", "RP", "RBAR", "RNORM", "PRIME", "TRANSPOSE", "END", "DOTS"})
NO_NAMES = (
    words.QUADS
    | words.ARROWS
    | set(words.TIMES)
    | set(words.RELATIONS)
    | words.FRACTIONS
    | set(words.BIGS)
    | words.DOTS
    | words.FUNCTIONS
    | words.BARS
    | words.NORMS
    | set(words.OPENING)
    | set(words.CLOSING)
    | {r"\partial", r"\nabla", r"\over", r"\sqrt", r"\prime", r"\mid", r"\begin", r"\end", r"\forall"}
)

STARTS = frozenset({*words.FRACTIONS, r"\partial", r"\nabla", r"\sqrt", *words.FUNCTIONS, *words.BIGS})


@dataclass
class Frame:
    """What was opened and is not closed yet."""

    opener: str = ""
    script: bool = False
    """Whether it stands in a script, at any depth."""
    sup: bool = False
    """Whether it is a superscript itself, and not that of a sum."""
    big: bool = False
    r"""Whether what comes next may be a limit of a sum."""
    braced: bool = False
    column: int = 0


class Tokens:
    """The pieces that are not taken yet, and the tokens so far."""

    def __init__(self, raw: Sequence[Piece], end: int, known: frozenset[str]) -> None:
        self.raw, self.end, self.known = list(raw), end, known
        self.at = 0
        self.out: list[Token] = []
        self.frames = [Frame()]
        self.prefixes = 0

    # ------------------------------------------------------------------------------------------- pieces

    def fail(self, expected: str, p: Piece | None) -> Misread:
        return Misread(expected, found(p) if p is not None else "the end", p.start if p else self.end)

    def peek(self, ahead: int = 0) -> Piece | None:
        """A piece that is not taken yet."""
        n = self.at + ahead
        return self.raw[n] if n < len(self.raw) else None

    def take(self) -> Piece:
        """The next piece, and past it."""
        if self.at >= len(self.raw):
            raise self.fail("more", None)
        self.at += 1
        return self.raw[self.at - 1]

    def skip_argument(self) -> None:
        """Past an argument."""
        if self.peek() is not None:
            self.argument()

    def argument(self) -> list[Piece]:
        """The pieces of an argument."""
        first = self.take()
        if first.text in ("}", "&", r"\\", "^", "_"):
            raise self.fail("an argument", first)
        if first.text != "{":
            return [first]
        depth, start = 1, self.at
        while self.at < len(self.raw):
            depth += {"{": 1, "}": -1}.get(self.raw[self.at].text, 0)
            self.at += 1
            if depth == 0:
                return self.raw[start : self.at - 1]
        raise self.fail("}", None)

    # ------------------------------------------------------------------------------------------- tokens

    @property
    def outermost(self) -> bool:
        """Whether no bracket is open."""
        return all(f.opener in ("", "around") for f in self.frames)

    @property
    def in_table(self) -> bool:
        """Whether an & divides cells here."""
        own = self.frames[-1].opener
        return own in words.MATRICES or own in words.CASES

    def last(self, back: int = 1) -> str:
        """The type of the last token."""
        return self.out[-back].type if len(self.out) >= back else ""

    def put(self, kind: str, value: str, p: Piece, end: int = 0) -> None:
        if len(self.out) >= words.MOST_TOKENS:
            raise self.fail(f"at most {words.MOST_TOKENS} signs", p)
        self.prefixes = self.prefixes + 1 if kind in PREFIXES else 0
        if self.prefixes > words.DEEPEST:
            raise self.fail(f"at most {words.DEEPEST} signs that wait for what follows", p)
        if kind == "BIG":
            self.frames[-1].big = True
        elif kind not in ("SUP", "SUB") and self.last() not in ("SUP", "SUB"):
            self.frames[-1].big = False
        self.out.append(Token(kind, value, start_pos=p.start, end_pos=end or p.end))

    def open(self, opener: str, p: Piece) -> None:
        """Another level; the token that opens it is put."""
        if len(self.frames) > words.DEEPEST:
            raise self.fail(f"at most {words.DEEPEST} levels of nesting", p)
        before = self.last(2) if opener != "around" else ""
        above = self.frames[-1]
        self.frames.append(
            Frame(
                opener,
                above.script or before in ("SUP", "SUB"),
                opener == "{" and before == "SUP" and not above.big,
            )
        )

    def close(self, kind: str, p: Piece) -> None:
        """The level ends. What stands in the limits of a sum is no factor: the sum still waits for limits."""
        self.frames.pop()
        big = self.frames[-1].big
        self.put(kind, p.text, p)
        self.frames[-1].big = big

    def begins_factor(self, p: Piece) -> bool:
        """Whether a factor may begin with this piece."""
        t = p.text
        if t in words.TEXTS or t in words.WITH_ARGUMENT:
            return False
        return t.isalnum() or t in ("(", "{", "[") or (bool(COMMAND.match(t)) and t not in NO_NAMES - STARTS)

    def ends_factor(self) -> bool:
        """Whether the last token ends a factor."""
        return self.last() in FACTORS

    def before_name(self, ahead: int = 0) -> bool:
        """Whether a name follows."""
        p = self.peek(ahead)
        if p is None:
            return False
        t = p.text
        return t == "{" or t.isalpha() or (bool(COMMAND.match(t)) and t not in NO_NAMES)
