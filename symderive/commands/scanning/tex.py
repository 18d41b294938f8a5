r"""LaTeX: comments, \verb, verbatim and listings hold no formulas; comments may hold directives."""

from __future__ import annotations

import re
from collections.abc import Iterator

from symderive.commands.scanning.directives import directive
from symderive.commands.scanning.events import Event
from symderive.commands.scanning.mathematics import mathematics

MOST_VERB = 1_000
HIDING = re.compile(
    r"\\begin\{(?P<environment>(?:[Vv]erbatim|lstlisting|minted|comment|filecontents)\*?)\}"
    r"|(?P<verb>\\(?:verb\*?|lstinline(?:\[[^\]\n]{0,200}\])?)(?![A-Za-z]))"
    r"|(?P<never>\\iffalse(?![A-Za-z]))|(?P<last>\\end\{document\})|\\.|(?P<comment>%[^\n]*)",
    re.DOTALL,
)


def events(text: str) -> Iterator[Event]:
    r"""All that a LaTeX document says.

    >>> [e.text for e in events("5\\% of $a = b$ % $c = d$")]
    ['a = b']
    """
    shown, directives = uncovered(text)
    yield from directives
    yield from mathematics(shown, markdown=False)


def uncovered(text: str) -> tuple[str, list[Event]]:
    """The text with what is hidden blanked out, so that places stay, and the directives of its comments.

    Of a comment its % stays: a line of nothing but a comment is no empty line, and ends no formula.
    """
    pieces: list[str] = []
    found: list[Event] = []
    done = place = 0
    absent: set[str] = set()
    while (m := HIDING.search(text, place)) is not None:
        start, place = m.start(), m.end()
        if m["comment"]:
            words = directive(m[0])
            if words is not None:
                found.append(Event(start, "directive", words))
            start += 1
        elif m["environment"]:
            place = _behind(text, rf"\end{{{m['environment']}}}", place, absent, len(text))
        elif m["never"]:
            place = _behind(text, r"\fi", place, absent, len(text))
        elif m["last"]:
            place = len(text)
        elif m["verb"]:
            delimiter = text[place : place + 1]
            end = text.find("}" if delimiter == "{" else delimiter, place + 1, place + MOST_VERB)
            if not delimiter or delimiter.isspace() or end < 0 or "\n" in text[place:end]:
                continue
            place = end + 1
        else:
            continue  # an escaped character: \% begins no comment
        pieces += [text[done:start], blank(text[start:place])]
        done = place
    pieces.append(text[done:])
    return "".join(pieces), found


def _behind(text: str, closer: str, start: int, absent: set[str], otherwise: int) -> int:
    end = -1 if closer in absent else text.find(closer, start)
    if end < 0:
        absent.add(closer)
        return otherwise
    return end + len(closer)


def blank(text: str) -> str:
    """As many lines and characters, and nothing in them."""
    return re.sub(r"[^\n]", " ", text)
