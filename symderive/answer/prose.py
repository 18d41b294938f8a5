r"""Sentences with formulas and references: "as $L$ grows, [T5:box:equal-biases] says ..".

Only names stand in such formulas; equations come from the library.
"""

from __future__ import annotations

import re

from symderive.documents.blocks import Code, Emphasis, Inline, Inlines, Math, Paragraph, Ref, Text
from symderive.documents.literature import source

PIECE = re.compile(r"\$([^$]+)\$|\[([^@\]\s][^\]\s]*)\]|`([^`]+)`|\*([^*]+)\*| \[@([^\]]+)\]")


def sentence(words: str) -> Inlines:
    r"""Words with $formulas$, [labels], `code`, *emphasis* and [@sources; @more].

    >>> sentence("by [T5:box:one], $w$ stays")
    (Text(text='by '), Ref(label='T5:box:one'), Text(text=', '), Math(latex='w'), Text(text=' stays'))
    """
    found: list[Inline] = []
    end = 0
    for m in PIECE.finditer(words):
        if m.start() > end:
            found.append(Text(words[end : m.start()]))
        formula, label, code, stressed, cited = m.groups()
        if cited:
            for n, key in enumerate(cited.replace("@", "").split("; ")):
                found += [Text("; " if n else " ("), source(key).cite()]
            found.append(Text(")"))
            end = m.end()
            continue
        found.append(
            Math(formula) if formula else Ref(label) if label else Code(code) if code else Emphasis(stressed)
        )
        end = m.end()
    if words[end:]:
        found.append(Text(words[end:]))
    return tuple(found)


def paragraph(words: str) -> Paragraph:
    """A paragraph of such sentences; line breaks of the source are blanks."""
    return Paragraph(sentence(" ".join(words.split())))
