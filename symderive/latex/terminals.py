r"""The grammar of one symbol table: its names as terminals, told apart by what follows them."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

from lark import Token

from symderive.latex.lexicon import EXTREMA, Lexicon, alternatives
from symderive.latex.notation import LatexError

DEEPEST = 30
SECONDS = 1.0
NEVER = "(?!x)x"
BRACED = r"\{(?:[^{}]|\{[^{}]*\})*\}"
CALL = r"(?=\s*\\left\()"
# what a reader is told that was expected, in this order
WORDS = {
    "TENSOR": "a tensor", "LAYERED": "a tensor", "PERMUTATION": "a permutation", "SYMBOL": "an index or size",
    "INT": "a number", "FUNCTION": "a function", "FUNCTIONAL": r"a functional", "EXTREMUM": r"\max",
    "_EULER": "e^{", "_SUM": r"\sum_{", "_FRAC": r"\frac", "_SQRT": r"\sqrt", "_LPAREN": r"\left(",
    "_LBRACKET": r"\left[", "_LBAR": r"\left|", "SIGN": "+ or -", "_EQUALS": "=", "RELATION": r"\leq or <",
    "_SUB": "a subscript", "_LAYER": "a layer", "_POWER": "a superscript", "_TRANSPOSE": r"^{\top}",
    "_ODOT": r"\odot", "_CDOT": r"\cdot", "_RBRACE": "}", "_LBRACE": "{", "_RPAREN": r"\right)",
    "_RBRACKET": r"\right]",
    "_RBAR": r"\right|", "_COMMA": "a comma", "_SEMICOLON": "a semicolon", "PRIMES": "a prime", "_END": ")",
    "_UNLAYER": "the end of the layer", "_ARGUMENT": "(", "_PARTIAL": r"\partial", "NAME": "a name",
    "_PARTIAL_SLOT": r"\partial_{", "_DIFFERENTIAL": r"\mathrm{d}", "_ONES": r"\mathbf{1}_{",
    "_DIAG": r"\operatorname{diag}", "$END": "the end",
}  # fmt: skip
OPENING = frozenset((
    "_SUM", "_LBRACE", "_POWER", "_SUB", "_LPAREN", "_LBRACKET", "_LBAR", "_EULER", "_ONES", "_PARTIAL_SLOT",
    "_ARGUMENT", "_LAYER",
))  # fmt: skip
# where a term may begin, each of these may stand
TERM = frozenset(("INT", "_LPAREN", "_FRAC", "TENSOR"))
BEGINNINGS = frozenset((
    "INT", "_LPAREN", "_FRAC", "TENSOR", "LAYERED", "PERMUTATION", "SYMBOL", "FUNCTION", "FUNCTIONAL",
    "EXTREMUM", "_EULER", "_SUM", "_SQRT", "_LBRACKET", "_LBAR", "_PARTIAL_SLOT", "_DIFFERENTIAL", "_ONES",
    "_DIAG",
))  # fmt: skip
CLOSING = frozenset(("_RBRACE", "_RPAREN", "_RBRACKET", "_RBAR", "_END", "_UNLAYER"))


class Depth:
    """Passes tokens on while they nest moderately and time is left: 20,000 characters can nest 1,000 sums.

    Lark asks a `postlex` for `always_accept`; that keeps the terminal for what the grammar does not know.
    """

    always_accept = ("UNKNOWN",)

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        """The same tokens; LatexError at the one that nests too deeply."""
        sums = [0]
        deadline = time.thread_time() + SECONDS
        for token in stream:
            if time.thread_time() > deadline:
                raise LatexError(f"formula: expected one that is read in {SECONDS} s, found a longer one")
            if token.type == "_SUM":
                sums[-1] += 1
            if token.type in OPENING:
                sums.append(0)
            elif token.type in CLOSING and len(sums) > 1:
                sums.pop()
            elif token.type == "SIGN":
                sums[-1] = 0
            if len(sums) + sum(sums) > DEEPEST:
                place = (token.start_pos or 0) + 1
                raise LatexError(f"formula: expected at most {DEEPEST} levels of nesting at column {place}")
            yield token


def grammar(names: Lexicon) -> str:
    """The grammar of everything that the printer prints with these names."""
    static = (Path(__file__).parent / "grammar.lark").read_text("utf-8")
    return f"{static}\n{_layers(names)}\n{_names(names)}"


def _layers(names: Lexicon) -> str:
    if names.notation.layer == "plain":
        return """
        scripted: TENSOR subscript? -> tensor
                | LAYERED superscript subscript? -> tensor
        superscript: _POWER indices _RBRACE
        """
    opening, closing = names.notation.layer_marks
    end = "_END _RBRACE" if closing == ")}" else "_UNLAYER _RBRACE"
    return rf"""
    scripted: TENSOR superscript? subscript? -> tensor
    superscript: _LAYER indices {end}
    _LAYER: "{opening}"
    _UNLAYER: "]"
    """


def _names(names: Lexicon) -> str:
    plain = names.notation.layer == "plain"
    heads: dict[str, set[str]] = {}
    for (head, _, mark), tensors in names.tensors.items():
        roles = heads.setdefault(head, set())
        roles |= {
            "PERMUTATION" if t.kind == "permutation" else "LAYERED" if plain and t.sup else "TENSOR"
            for t in tensors
        }
        if mark:
            heads.setdefault(mark, set()).add("NAME")
    for head, name in names.matrices.items():
        heads.setdefault(name, set()).update(heads.get(head, set()) - {"NAME"})
    for text in names.symbols:
        heads.setdefault(text, set()).add("SYMBOL")
    for text in names.functions:
        heads.setdefault(text, set()).add("EXTREMUM" if text in EXTREMA else "FUNCTION")
    for text in names.functionals:
        heads.setdefault(text, set()).add("FUNCTIONAL")
    layered = {"parentheses": r"\^\{\(", "brackets": r"\^\{\[", "plain": r"\^\{"}[names.notation.layer]
    ahead = {
        "FUNCTIONAL": CALL,
        "PERMUTATION": rf"(?=(?:\^{BRACED})?(?:_{BRACED})?\()",
        "TENSOR": rf"(?=_\{{|{layered})",
        "LAYERED": rf"(?=_\{{|{layered})",
    }
    found: dict[str, list[tuple[str, str]]] = {k: [] for k in ORDER}
    for text, roles in heads.items():
        once = alternatives([text])
        left = [r for r in ORDER if r in roles]
        for place, role in enumerate(left):  # the last meaning takes what the others leave
            rest = set(left[place + 1 :]) - {"NAME"}
            found[role].append((text, once + (ahead.get(role, "") if rest else "")))
    letters = "".join(sorted(re.escape(c) for c in names.letters))
    if letters:
        found["SYMBOL"].append(("x" * 99, rf"[{letters}]_\{{[0-9]+\}}"))
    lines = []
    for priority, role in enumerate(reversed(ORDER), 1):
        ordered = [pattern for _, pattern in sorted(found[role], key=lambda p: (-len(p[0]), p[0]))]
        body = "|".join(ordered) or NEVER
        lines.append(f"{role}.{priority}: /{body.replace('/', chr(92) + '/')}/")
    lines.append(f"_EULER.{len(ORDER) + 1}: " + (r'"e^{"' if names.euler else f"/{NEVER}/"))
    return "\n".join(lines)


ORDER = ("FUNCTION", "EXTREMUM", "FUNCTIONAL", "PERMUTATION", "TENSOR", "LAYERED", "SYMBOL", "NAME")
