"""Text -> statements: the tokens are cut where one statement ends, and each is read by the grammar."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any

from lark import Lark, Token
from lark.exceptions import UnexpectedInput, VisitError
from lark.lexer import Lexer as LarkLexer

from symderive.dialect import words
from symderive.dialect.errors import DialectError
from symderive.dialect.lexer import Lexer
from symderive.dialect.macros import expanded
from symderive.dialect.syntax import Name, Node, Statement
from symderive.dialect.tree import FunctionName, Part, Partial, Tree

CUTS = frozenset({"LINE", "QUAD", "SPLIT", "COMMA", "SEMICOLON", "POINT", "TEXT"})
OPEN, CLOSE = (
    frozenset({"LB", "LP", "BEGIN", "LNORM", "LBAR"}),
    frozenset({"RB", "RP", "END", "RNORM", "RBAR"}),
)
ASIDE = frozenset({r"\in", r"\leq", r"\geq", "<", ">", r"\neq", r"\sim"})
SHOWN = {
    "LB": "{",
    "RB": "}",
    "LP": "(",
    "RP": "a closing bracket",
    "NAME": "a name",
    "NUMBER": "a number",
    "PLUS": "+",
    "MINUS": "-",
    "TIMES": "a sign of multiplication",
    "RELATION": "=",
    "COMMA": ",",
    "$END": "the end",
    "SUP": "^",
    "SUB": "_",
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
    return Lark(grammar, parser="lalr", lexer=_Given, start="chain", maybe_placeholders=False)


def read(
    text: str, macros: Mapping[str, str] | None = None, known: frozenset[str] = frozenset()
) -> tuple[Statement, ...]:
    r"""The statements of a formula (`known`: words that are one name); DialectError with the column and
    what was expected there.

    >>> s, = read(r"\delta^l = (W^{l+1})^T \delta^{l+1} \odot \sigma'(z^l)")
    >>> print(s.sides[1])
    (W^{l+1})^T \delta^{l+1} \odot \sigma'(z^l)
    """
    if not isinstance(text, str):
        raise DialectError("a formula as text", repr(type(text).__name__), 1)
    if len(text) > words.LONGEST:
        raise DialectError(f"at most {words.LONGEST} characters", str(len(text)), 1)
    if "&" in text and ";" in text:
        text = html.unescape(text)
    text = expanded(text, macros or {})
    lexer = Lexer(text, known)
    tokens = lexer.tokens()
    return tuple(_statements(tokens, text))


def _segments(tokens: Sequence[Token]) -> Iterator[tuple[str, list[Token]]]:
    """What stands between cuts at the outermost level, with the cut before it."""
    depth, before = 0, ""
    now: list[Token] = []
    for t in tokens:
        depth += (t.type in OPEN) - (t.type in CLOSE)
        if (
            depth == 0
            and t.type in CUTS
            and not (t.type == "TEXT" and now and now[-1].type in ("SUP", "SUB"))
        ):
            if now:
                yield before, now
            if t.type == "TEXT":
                yield "TEXT", [t]
            now, before = [], t.type
            continue
        now.append(t)
    if now:
        yield before, now


def _relation(tokens: Sequence[Token]) -> Token | None:
    """The first relation at the outermost level."""
    depth = 0
    for t in tokens:
        depth += (t.type in OPEN) - (t.type in CLOSE)
        if depth == 0 and t.type == "RELATION":
            return t
    return None


def _statements(tokens: Sequence[Token], text: str) -> Iterator[Statement]:
    found: list[tuple[list[Token], list[str]]] = []
    pending: list[str] = []
    segments = list(_segments(tokens))
    for n, (cut, own) in enumerate(segments):
        follows = segments[n + 1][1] if n + 1 < len(segments) else []
        relation = _relation(own)
        shown = _source(own, text)
        if own[0].type == "TEXT" and len(own) == 1:
            (found[-1][1] if found else pending).append(shown)
        elif found and cut == "LINE" and found[-1][0][-1].type == "RELATION":  # a = \\ b
            found[-1] = ([*found[-1][0], *own], found[-1][1])
        elif own[0].type == "RELATION":
            rest = own[1:]
            if found and cut in ("LINE", "QUAD", "SPLIT", ""):
                found[-1] = ([*found[-1][0], *own], found[-1][1])
            elif rest:
                found.append((rest, []))
        elif relation is None:
            alone = not found and not any(_relation(s) for _, s in segments)
            if alone and cut != "TEXT":
                found.append((own, []))
            elif found and cut == "LINE" and own[0].type in ("PLUS", "MINUS"):  # a side that goes on
                found[-1] = ([*found[-1][0], *own], found[-1][1])
            else:
                (found[-1][1] if found else pending).append(shown)
        elif _aside(own, relation, follows, bool(found), cut, str(segments[n - 1][1][0]) if n else ""):
            (found[-1][1] if found else pending).append(shown)
        else:
            found.append((own, []))
    if not found:
        raise DialectError("a formula", "none", 1)
    for n, (own, remarks) in enumerate(found):
        sides, relations = _chain(own, text)
        line = text.count("\n", 0, int(own[0].start_pos or 0)) + 1
        yield Statement(sides, relations, tuple([*pending, *remarks] if n == 0 else remarks), line)


def _aside(
    own: Sequence[Token], relation: Token, follows: Sequence[Token], later: bool, cut: str, before: str
) -> bool:
    """Whether a segment with a relation is a condition: k in 1..K, l = L-1, .., 1, j != k."""
    if str(relation) == r"\in" or (later and str(relation) in ASIDE):
        return True
    if follows and follows[0].type == "DOTS":
        return True
    if any(t.type == "DOTS" for t in own) and own[0].type == "NAME" and own[1].type == "RELATION" and later:
        return True
    if cut == "TEXT" and later and before.lower().strip(" ,.:") not in words.CONNECTING:
        return True
    return cut == "TEXT" and own[0].type == "NAME" and own[1].type == "RELATION" and len(own) <= 6 and later


def _source(tokens: Sequence[Token], text: str) -> str:
    start = int(tokens[0].start_pos or 0)
    last = tokens[-1]
    end = int(last.start_pos or 0) + len(str(last).split("\0")[-1])
    return text[start:end].strip()


def _chain(tokens: list[Token], text: str) -> tuple[tuple[Node, ...], tuple[str, ...]]:
    try:
        tree = _parser().parse(tokens)
        sides, relations = Tree().transform(tree)
    except UnexpectedInput as error:
        token = getattr(error, "token", None)
        expected = sorted(getattr(error, "expected", None) or getattr(error, "accepts", None) or ())
        raise _unexpected(token, expected, tokens, text) from None
    except RecursionError:
        raise DialectError("a formula that nests less deeply", "a deeper one", 1) from None
    except VisitError as error:
        raise DialectError("a formula of the dialect", str(error.orig_exc)[:60], 1) from None
    for side in sides:
        for n in side.walk():
            if isinstance(n, Partial):
                raise _at(n.column, text, r"\partial above and below a fraction", r"\partial alone")
            if isinstance(n, Part):
                raise _at(n.column, text, "a factor", "a sign")
    return tuple(_settled(s) for s in sides), relations


def _settled(e: Node) -> Node:
    """Function words without an argument are names after all."""
    from dataclasses import fields, replace

    made: dict[str, Any] = {}
    for f in fields(e):
        value = getattr(e, f.name)
        if isinstance(value, Node):
            new = _settled(value)
            if new is not value:
                made[f.name] = new
        elif isinstance(value, tuple) and value:
            new_tuple = tuple(
                _settled(v)
                if isinstance(v, Node)
                else tuple(_settled(x) if isinstance(x, Node) else x for x in v)
                if isinstance(v, tuple)
                else v
                for v in value
            )
            if any(a is not b for a, b in zip(new_tuple, value, strict=True)):
                made[f.name] = new_tuple
    found = replace(e, **made) if made else e
    if isinstance(found, FunctionName):
        return Name(
            found.base,
            found.sup,
            found.sub,
            found.around,
            found.primes,
            found.shown,
            found.sub_first,
            column=found.column,
        )
    return found


def _at(column: int, text: str, expected: str, found: str) -> DialectError:
    start = column - 1
    line = text.count("\n", 0, start) + 1
    return DialectError(expected, found, start - (text.rfind("\n", 0, start) + 1) + 1, line)


def _unexpected(
    token: Token | None, expected: Sequence[str], tokens: Sequence[Token], text: str
) -> DialectError:
    names = [SHOWN[e] for e in expected if e in SHOWN]
    wanted = "a term" if "NAME" in expected else " or ".join(names[:4]) or "a term"
    if token is None or token.type == "$END":
        last = tokens[-1]
        end = int(last.start_pos or 0) + len(str(last).split("\0")[-1])
        return _at(end + 1, text, wanted, "the end")
    shown = str(token).split("\0")[-1]
    return _at(int(token.start_pos or 0) + 1, text, wanted, repr(shown[:20]))
