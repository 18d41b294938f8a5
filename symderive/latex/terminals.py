r"""Tokens of a formula: the signs of the grammar, and the names of a table, told apart by what follows."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator

from lark import Token
from lark.lexer import TerminalDef

from symderive.latex.lexicon import EXTREMA, Lexicon, alternatives
from symderive.latex.notation import LatexError

DEEPEST = 30
SECONDS = 4.0
"""Ten times what the slowest formula within the bounds takes: a pause of Python's own must not refuse one."""
BRACED = r"\{(?:[^{}]|\{[^{}]*\})*\}"
CALL = r"(?=\s*\\left\()"
# a name with several meanings has the first one that fits what follows it
ORDER = ("FUNCTION", "EXTREMUM", "FUNCTIONAL", "PERMUTATION", "TENSOR", "LAYERED", "SYMBOL", "NAME")
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
# the names of a table; the grammar knows that they are there
DECLARED = frozenset((*ORDER, "_EULER", "SPACE"))


class Scanner:
    """Splits a formula into tokens: signs and names, longest first; what is neither is UNKNOWN."""

    def __init__(self, names: Lexicon, fixed: Iterable[TerminalDef]) -> None:
        signs = sorted(fixed, key=lambda t: (-t.pattern.max_width, t.name))
        parts = [(role, pattern) for role, pattern in _names(names) if pattern]
        if names.euler:
            parts.insert(0, ("_EULER", r"e\^\{"))
        # a sign may begin like a name, as \mathbf{1}_{ does, and no name begins like a longer sign
        parts = [(t.name, _whole(t)) for t in signs if t.name not in DECLARED] + parts
        whole = "|".join(f"(?P<{name}>{pattern})" for name, pattern in parts)
        self.pattern = re.compile(rf"(?P<SPACE>\s+)|{whole}|(?P<UNKNOWN>\\[A-Za-z]+|.)", re.DOTALL)

    def tokens(self, text: str) -> Iterator[Token]:
        """The tokens, each with its place."""
        for m in self.pattern.finditer(text):
            kind = str(m.lastgroup)
            if kind != "SPACE":
                yield Token(kind, m[0], m.start())


def _whole(t: TerminalDef) -> str:
    """The regular expression of a sign; a command does not end before a letter."""
    pattern = t.pattern.to_regexp()
    command = t.pattern.type == "str" and t.pattern.value.startswith("\\") and t.pattern.value[-1].isalpha()
    return pattern + "(?![A-Za-z])" if command else pattern


def moderate(stream: Iterable[Token]) -> Iterator[Token]:
    """The same tokens, while they nest moderately and time is left: 20,000 characters can nest 1,000 sums.

    LatexError at the token that nests too deeply, or comes too late.
    """
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


def _names(names: Lexicon) -> list[tuple[str, str]]:
    """For each kind of name, in the order in which they are tried, a regular expression."""
    heads = _heads(names)
    layered = re.escape(names.notation.layer_marks[0])
    scripts = rf"(?:\^{BRACED})?(?:_{BRACED})?"
    ahead = {
        "FUNCTIONAL": CALL,
        "PERMUTATION": rf"(?={scripts}\()",
        "TENSOR": rf"(?=_\{{|{layered})",
        "LAYERED": rf"(?=_\{{|{layered})",
    }
    found: dict[str, list[tuple[str, str]]] = {k: [] for k in ORDER}
    for text, roles in heads.items():
        once = alternatives([text])
        left = [r for r in ORDER if r in roles]
        for place, role in enumerate(left):  # the last meaning takes what the others leave
            # a tensor without its scripts reads as a name does; one that needs its layer does not
            rest = set(left[place + 1 :]) - (set() if role == "LAYERED" else {"NAME"})
            found[role].append((text, once + (ahead.get(role, "") if rest else "")))
    letters = "".join(sorted(re.escape(c) for c in names.letters))
    if letters:
        found["SYMBOL"].append(("x" * 99, rf"[{letters}]_\{{[0-9]+\}}"))
    return [
        (role, "|".join(p for _, p in sorted(found[role], key=lambda p: (-len(p[0]), p[0]))))
        for role in ORDER
    ]


def _heads(names: Lexicon) -> dict[str, set[str]]:
    """What each name may be."""
    plain = names.notation.layer == "plain"
    heads: dict[str, set[str]] = {}
    for (head, _, mark), tensors in names.tensors.items():
        roles = heads.setdefault(head, set())
        for t in tensors:
            layered = plain and t.sup
            roles.add("PERMUTATION" if t.kind == "permutation" else "LAYERED" if layered else "TENSOR")
        for name in mark.split():
            heads.setdefault(name, set()).add("NAME")
    for head, name in names.matrices.items():
        heads.setdefault(name, set()).update(heads.get(head, set()) - {"NAME"})
    for text in names.symbols:
        heads.setdefault(text, set()).add("SYMBOL")
    for text in names.functions:
        heads.setdefault(text, set()).add("EXTREMUM" if text in EXTREMA else "FUNCTION")
    for text in names.functionals:
        heads.setdefault(text, set()).add("FUNCTIONAL")
    return heads
