"""Text -> statements: pieces, tokens, segments, and each read by the grammar."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any

from lark import Lark, Token
from lark.exceptions import UnexpectedInput, UnexpectedToken, VisitError
from lark.lexer import Lexer as LarkLexer

from symderive.dialect import words
from symderive.dialect.errors import DialectError
from symderive.dialect.lexer import Lexer
from symderive.dialect.pieces import Misread, pieces
from symderive.dialect.product import FunctionName, Small
from symderive.dialect.statements import Splitter
from symderive.dialect.syntax import Node, Statement
from symderive.dialect.tree import Tree

SHOWN = {
    "LB": "{",
    "RB": "}",
    "LP": "(",
    "RP": "a closing bracket",
    "RBAR": "|",
    "RNORM": r"\|",
    "NAME": "a name",
    "NUMBER": "a number",
    "PLUS": "+",
    "MINUS": "-",
    "TIMES": "a sign of multiplication",
    "RELATION": "=",
    "COMMA": ",",
    "$END": "the end",
    "END": r"\end",
    "ROW": r"\\",
    "AMP": "&",
}


class _Given(LarkLexer):
    """The tokens are made before."""

    def __init__(self, conf: Any) -> None:
        pass

    def lex(self, lexer_state: Any, parser_state: Any = None) -> Iterator[Token]:
        yield from lexer_state


@lru_cache(maxsize=1)
def _parser() -> Lark:
    grammar = files("symderive.dialect").joinpath("grammar.lark").read_text("utf-8")
    return Lark(
        grammar, parser="lalr", lexer=_Given, start="chain", maybe_placeholders=False, transformer=Tree()
    )


def read(
    text: str, macros: Mapping[str, str] | None = None, known: frozenset[str] = frozenset()
) -> tuple[Statement, ...]:
    r"""The statements of a formula; `known` are words that are one name. DialectError, in one line with the
    column, where it is none.

    >>> s, = read(r"\delta^l = (W^{l+1})^T \delta^{l+1} \odot \sigma'(z^l)")
    >>> print(s.sides[1])
    (W^{l+1})^T \delta^{l+1} \odot \sigma'(z^l)
    >>> read(r"\delta^l = (W^{l+1})^T + ")
    Traceback (most recent call last):
    symderive.dialect.errors.DialectError: formula: expected a term, found the end at column 25
    """
    if not isinstance(text, str):
        raise DialectError("a formula as text", repr(type(text).__name__), 1)
    if len(text) > words.LONGEST:
        raise DialectError(f"at most {words.LONGEST} characters", str(len(text)), 1)
    try:
        raw = pieces(text, macros or {})
        tokens = Lexer(raw, len(text), known).tokens()
        return tuple(_read(tokens, text))
    except Misread as e:
        raise _at(e.start, text, e.expected, e.found) from None
    except VisitError as e:
        if isinstance(e.orig_exc, Misread):
            m = e.orig_exc
            raise _at(m.start, text, m.expected, m.found) from None
        raise


def _read(tokens: Sequence[Token], text: str) -> Iterator[Statement]:
    for claim in Splitter(tokens).claimed():
        sides, relations = _chain(claim.tokens, text)
        remarks = tuple(text[a:b].strip() for a, b in claim.remarks)
        line = text.count("\n", 0, int(claim.tokens[0].start_pos or 0)) + 1
        yield Statement(sides, relations, remarks, line)


def _chain(tokens: Sequence[Token], text: str) -> tuple[tuple[Node, ...], tuple[str, ...]]:
    try:
        # the transformer is part of the parser, which so returns what it makes of a chain
        made: Any = _parser().parse(tokens)
    except UnexpectedInput as error:
        raise _unexpected(error, tokens) from None
    sides, relations = made
    for side in sides:
        _moderate(side)
    return tuple(sides), tuple(str(r) for r in relations)


def _moderate(side: Node) -> None:
    """Misread where the tree is too deep, or a \\partial is left that stands above nothing."""
    level, depth = [side], 0
    while level:
        depth += 1
        if depth > words.DEEPEST_TREE:
            raise Misread(f"at most {words.DEEPEST_TREE} levels", "more", level[0].column - 1)
        for e in level:
            if isinstance(e, Small):
                raise Misread(r"\partial above and below a fraction", rf"{e.d} alone", e.column - 1)
            assert not isinstance(e, FunctionName)
        level = [c for e in level for c in e.children()]


def _at(start: int, text: str, expected: str, found: str) -> DialectError:
    start = max(start, 0)
    line = text.count("\n", 0, start) + 1
    return DialectError(expected, found, start - (text.rfind("\n", 0, start) + 1) + 1, line)


def _unexpected(error: UnexpectedInput, tokens: Sequence[Token]) -> Misread:
    expected = sorted(error.accepts or error.expected) if isinstance(error, UnexpectedToken) else []
    names = [SHOWN[e] for e in expected if e in SHOWN]
    wanted = "a term" if "NAME" in expected else " or ".join(names[:4]) or "a term"
    token = getattr(error, "token", None)
    if token is None or token.type == "$END":
        return Misread(wanted, "the end", int(tokens[-1].end_pos or 0))
    shown = str(token).split("\0")[-1][:20].encode("ascii", "backslashreplace").decode()
    return Misread(wanted, repr(shown), int(token.start_pos or 0))
