"""Plain text -> LaTeX: every character is printed as itself, none is ever read as a command."""

from __future__ import annotations

import re
import unicodedata
from types import MappingProxyType
from typing import Final

from symderive.documents import dialect

_SPECIAL: Final = MappingProxyType({
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%",
    "_": r"\_", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\textless{}",
    ">": r"\textgreater{}", "|": r"\textbar{}", '"': r"\textquotedbl{}", "`": r"\textasciigrave{}",
    "\u00a0": "~", "\u202f": r"\,", "\u2009": r"\,", "–": r"\textendash{}", "—": r"\textemdash{}",
    "‘": "`", "’": "'", "“": r"\textquotedblleft{}", "”": r"\textquotedblright{}", "…": r"\dots{}",
    "«": r"\guillemotleft{}", "»": r"\guillemotright{}", "§": r"\S{}", "¶": r"\P{}", "©": r"\textcopyright{}",
    "°": r"\textdegree{}",
    "µ": "$\\mu$", "−": "$-$", "·": r"\textperiodcentered{}", "²": "$^{2}$", "³": "$^{3}$", "¹": "$^{1}$",
    "½": "$\\frac{1}{2}$", "✓": r"ok", "✗": r"no",
})  # fmt: skip
_SYMBOL: Final = MappingProxyType({
    char: command
    for command, (_, char) in reversed(list(dialect.SYMBOLS.items()))
    if not char.isascii() and command not in ("\\square", "\\aleph")
})  # fmt: skip
_LATIN = frozenset(
    "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿ"
    "ŒœŠšŽžŁłĄąĆćĘęŃńŚśŹźŻżČčĎďĚěŇňŘřŤťŮůŐőŰűĞğİıŞşŸ"
)
LONG_WORD = 24


def escape(text: str) -> str:
    r"""Text as LaTeX (T1, pdfLaTeX); a character that the fonts lack is printed as its code.

    >>> print(escape("50% of a_b & {c}"))
    50\% of a\_b \& \{c\}
    >>> print(escape("σ ≤ 1, 漢"))
    $\sigma$ $\le$ 1, [U+6F22]
    """
    words = re.split(r"( )", _cleaned(text))
    return "".join(_breakable(word) if len(word) > LONG_WORD else _word(word) for word in words)


def escape_plain(text: str) -> str:
    """Text for the bookmarks and the title of a PDF file: no mathematics, no commands of fonts."""
    out = []
    for char in _cleaned(text):
        if char in "\\{}$&#%_^~":
            out.append(
                {"\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}"}.get(
                    char, "\\" + char
                )
            )
        elif char.isascii() or char in _LATIN:
            out.append(char)
        elif char in "–—−":
            out.append("-")
        elif char in "‘’“”":
            out.append("'" if char in "‘’" else '"')
        elif char in _SYMBOL:
            out.append(_SYMBOL[char][1:])
        elif char.isspace():
            out.append(" ")
        else:
            out.append(f"[U+{ord(char):04X}]")
    return "".join(out)


def code(text: str) -> str:
    """Text in typewriter type; spaces stay, and long words may break."""
    out = []
    since = 0
    for char in _cleaned(text, keep_lines=True):
        since += 1
        if char == " ":
            out.append(r"\ ")
        elif char in "-'`":
            out.append({"-": "-{}", "'": r"\textquotesingle{}", "`": r"\textasciigrave{}"}[char])
        else:
            out.append(_char(char))
        if char in " /.,_-:;=)(" or since >= LONG_WORD:
            out.append(r"\allowbreak{}")
            since = 0
    return "".join(out)


def _cleaned(text: str, *, keep_lines: bool = False) -> str:
    """Composed, without control characters; any white space is one space."""
    composed = unicodedata.normalize("NFC", text)
    if not keep_lines:
        composed = re.sub(r"[ \t\r\n\f\v]+", " ", composed)
    return "".join(char for char in composed if unicodedata.category(char) not in ("Cc", "Cf", "Cs"))


def _char(char: str) -> str:
    if char in _SPECIAL:
        return _SPECIAL[char]
    if char.isascii() or char in _LATIN:
        return char
    if char in _SYMBOL:
        return f"${_SYMBOL[char]}$"
    if char.isspace():
        return " "
    return f"[U+{ord(char):04X}]"


def _word(word: str) -> str:
    """Letter by letter; pairs that TeX would join to one sign (--, '', ,,) are kept apart."""
    return re.sub(r"(?<=([-',]))(?=\1)", "{}", "".join(map(_char, word)))


def _breakable(word: str) -> str:
    """A long word that may break after every fifth character."""
    parts = [word[start : start + 5] for start in range(0, len(word), 5)]
    return r"\allowbreak{}".join(map(_word, parts))
