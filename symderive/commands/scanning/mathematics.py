r"""Formulas and macros in a text from which comments and code were taken: $..$, $$..$$, \(..\), \[..\], and
the environments of displayed equations. Every search goes forward only, so that time grows with the length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from symderive.commands.scanning.events import Event
from symderive.commands.scanning.macros import COMMANDS, definition
from symderive.commands.scanning.relations import claims

NAMES = "equation|align|alignat|gather|eqnarray|multline|flalign|displaymath|math"
ENVIRONMENT = rf"\\begin\{{(?P<environment>(?:{NAMES})\*?)\}}"
TOKEN = re.compile(rf"{ENVIRONMENT}|(?P<macro>{COMMANDS})|\\(?P<bracket>[\[(])|\\.|\$\$|\$", re.DOTALL)
# In Markdown, \\( and \\[ are how \( and \[ get through
MARKDOWN = re.compile(rf"\\\\(?P<double>[\[(])|{TOKEN.pattern}", re.DOTALL)
INSIDE = re.compile(r"\\.|\$|[{}]|(?P<gap>\n[ \t]*\n)", re.DOTALL)
GAP = re.compile(r"\n[ \t]*\n")
WHOLE = re.compile(
    rf"\s*\\begin\{{(?P<environment>(?:{NAMES}|aligned|alignedat|gathered|split)\*?)\}}(?:\[[tbc]\])?"
    r"(?P<inner>.*)\\end\{(?P=environment)\}[\s.,;]*",
    re.DOTALL,
)
LIST = re.compile(r"^\s*(?:\d+[.)]\s)?")
NEAR = 200
PARAMETER = re.compile(r"(?<!\\)#\d")


class Search:
    """Ends of formulas: what was not found once is not looked for again."""

    def __init__(self, text: str, markdown: bool) -> None:
        self.text, self.markdown = text, markdown
        self.absent: dict[str, int] = {}  # none of these before there
        self.patterns: dict[str, re.Pattern[str]] = {}

    def end(self, closer: str, start: int, gaps: bool) -> int:
        r"""Where `closer` stands, or -1; `gaps`: it may stand behind an empty line. A backslash that is
        itself escaped closes nothing.
        """
        if start < self.absent.get(closer, 0):
            return -1
        if closer not in self.patterns:
            pattern = rf"(?P<end>{re.escape(closer)})|\\.|(?P<gap>\n[ \t]*\n)"
            self.patterns[closer] = re.compile(pattern, re.DOTALL)
        for m in self.patterns[closer].finditer(self.text, start):
            if m["end"]:
                return m.start()
            if m["gap"] and not gaps:
                self.absent[closer] = m.start()
                return -1
        self.absent[closer] = len(self.text) + 1
        return -1

    def gap(self, start: int) -> int:
        """The end of a paragraph."""
        m = GAP.search(self.text, start)
        return m.start() if m else len(self.text)

    def dollar(self, start: int) -> int:
        """Where the formula that one dollar opened before `start` is closed, or -1."""
        text = self.text
        if self.markdown and (start >= len(text) or text[start].isspace()):
            return -1  # a price
        depth = 0
        for m in INSIDE.finditer(text, start):
            if m["gap"]:
                return -1
            depth += (m[0] == "{") - (m[0] == "}")
            if m[0] != "$":
                continue
            if self.markdown:
                price = text[m.start() - 1].isspace() or text[m.end() : m.end() + 1].isdigit()
                return -1 if price else m.start()
            if depth <= 0:  # $x$ in \text{..} closes nothing
                return m.start()
        return -1


def mathematics(text: str, markdown: bool) -> Iterator[Event]:
    r"""Formulas and macros, in order.

    >>> [(e.kind, e.text) for e in mathematics(r"Let $x$ be \[a = b\]", markdown=False)]
    [('display', 'a = b')]
    """
    token, search = (MARKDOWN if markdown else TOKEN), Search(text, markdown)
    place = 0
    while (m := token.search(text, place)) is not None:
        place = m.end()
        if m["macro"]:
            name, body, place = definition(text, m["macro"], place)
            if name:
                yield Event(m.start(), "macro", body, name)
            continue
        double = m["double"] if markdown else None
        bracket = m["bracket"] or double
        kind, start = "display", place
        if m["environment"]:
            closer = rf"\end{{{m['environment']}}}"
            end = search.end(closer, place, gaps=True)
        elif bracket:
            kind = "inline" if bracket == "(" else "display"
            closer = ("\\\\" if double else "\\") + (")" if bracket == "(" else "]")
            end = search.end(closer, place, gaps=markdown and kind == "display")
        elif m[0] == "$$":
            closer = m[0]
            end = search.end(closer, place, gaps=markdown)
            if markdown and end >= 0 and in_line(text, m.start(), end + 2):
                kind = "inline"
        elif m[0] == "$":
            kind, closer = "inline", m[0]
            end = search.dollar(place)
        else:
            continue  # an escaped character
        if end < 0:
            if not markdown and not m["environment"]:
                place = search.gap(place)  # as TeX: an open formula ends its paragraph
            continue
        place = end + len(closer)
        yield from formula(text, start, end, kind)


def in_line(text: str, start: int, end: int) -> bool:
    """Whether there are words before or behind, as some dialects of Markdown write a formula in a line.

    >>> in_line("for $$x$$ in", 4, 9), in_line("- $$x$$.", 2, 7)
    (True, False)
    """
    before = text[max(text.rfind("\n", 0, start) + 1, start - NEAR) : start]
    behind = text[end : end + NEAR].split("\n")[0]
    return any(c.isalnum() or c == "$" for c in LIST.sub("", before) + behind)


def formula(text: str, start: int, end: int, kind: str) -> Iterator[Event]:
    """A formula between two offsets, bare; none where it is empty, or says nothing in a line of text."""
    inner = text[start:end]
    if not inner or inner.isspace():
        return
    whole = WHOLE.fullmatch(inner)
    if whole:
        start, inner = start + whole.start("inner"), whole["inner"]
    columns = re.match(r"\s*\{\d{1,3}\}", inner)
    opened = whole["environment"] if whole else text[max(0, start - 20) : start]
    if columns and re.search(r"align(?:ed)?at", opened):
        start, inner = start + columns.end(), inner[columns.end() :]
    start += len(inner) - len(inner.lstrip(" \t\n%"))
    inner = bare(inner)
    if PARAMETER.search(inner):
        return  # the body of a macro
    if inner and (kind == "display" or claims(inner)):
        yield Event(start, kind, inner)


def bare(inner: str) -> str:
    r"""Without comments, of which LaTeX's left a mark, and without \intertext."""
    inner = re.sub(r"\\.|%[^\n]*", lambda m: "" if m[0][0] == "%" else m[0], inner, flags=re.DOTALL)
    inner = re.sub(r"\\(?:short)?intertext\{[^{}]{0,1000}\}", lambda m: "\n" * m[0].count("\n"), inner)
    return inner.strip()
