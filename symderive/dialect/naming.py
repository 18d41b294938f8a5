r"""Names among the tokens: letters, words, fonts, accents, and what only looks like a name: a transpose, a
differential, a change.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from symderive.dialect import words
from symderive.dialect.pieces import Misread, Piece
from symderive.dialect.tokens import COMMAND, Tokens

PLAIN = re.compile(r"(?:[A-Za-z]|\\[A-Za-z]+)\Z")
IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_\-]*\Z")


class Naming(Tokens):
    """The part of the lexer that makes names."""

    def name(self, p: Piece) -> None:
        """A number, a letter, a word, a command."""
        t = p.text
        if t in words.TRANSPOSES and self._is_transpose():
            self.put("TRANSPOSE", t, p)
        elif t[0].isdigit() and t.isascii():
            self._number(p)
        elif t in words.SWITCHES:
            self._switched()
        elif t in words.FONTS or t in words.KEPT or t in words.ACCENTS:
            self._dressed(p)
        elif t == r"\Delta" and (nxt := self.peek()) and nxt.text not in ("^", "_") and self.before_name():
            self.put("CHANGE", t, p)
        elif t in words.FUNCTIONS:
            self.put("FUNCTION", t, p)
        elif COMMAND.match(t):
            self.name_token(t, t, p)
        elif t.isalpha() and len(t) == 1:
            self._letter(p)
        elif t == r"\infty":
            self.name_token(t, t, p)
        else:
            raise self.fail("a sign of the dialect", p)

    def name_token(self, base: str, shown: str, p: Piece, end: int = 0) -> None:
        """A name, or a word that waits for an argument."""
        kind = "FUNCTION" if base in words.FUNCTION_WORDS or base in words.FUNCTIONS else "NAME"
        self.put(kind, base if shown == base else f"{base}\0{shown}", p, end)

    def _number(self, p: Piece) -> None:
        r"""After ^, _, \frac and \sqrt without braces, the first digit alone counts."""
        single = self.last() in ("SUP", "SUB", "FRAC", "SQRT") or (
            self.last(2) == "FRAC" and self.last() == "NUMBER"
        )
        if single and len(p.text) > 1 and p.text[1] != ".":
            self.put("NUMBER", p.text[0], p, p.start + 1)
            self.at -= 1
            self.raw[self.at] = Piece(p.text[1:], min(p.start + 1, p.end), p.end)
            return
        self.put("NUMBER", p.text, p)

    def _is_transpose(self) -> bool:
        """A^T, A^{T}, A^{(l)T}: behind ^, or at the end of a superscript in braces; not above a sum."""
        if self.last() == "SUP":
            return not self.frames[-1].big
        nxt = self.peek()
        if not self.frames[-1].sup or nxt is None or nxt.text != "}":
            return False
        return self.last() in ("LB", "RP", "NAME", "NUMBER", "RB", "PRIME")

    def _letter(self, p: Piece) -> None:
        """A letter, or the letters of a word that is one name."""
        t = p.text
        word, size = self._joined()
        if word:
            end = self.raw[self.at + size - 1].end
            self.at += size
            self.name_token(word.replace("\\_", "_"), word, p, end)
        elif t == "d" and not self.frames[-1].script and self._is_differential():
            self.put("D", t, p)
        else:
            self.name_token(t, t, p)

    def _is_differential(self) -> bool:
        r"""dW, d\Gamma, d{w}, d^2 y: not in scripts, where d is an index."""
        nxt = self.peek()
        if self.last() in ("SUP", "SUB") or nxt is None:
            return False
        if nxt.text != "^":
            return self.before_name()
        digit = self.peek(1)
        ahead = 2
        if digit is not None and digit.text == "{":
            digit, ahead = self.peek(2), 4
        return digit is not None and digit.text.isdigit() and self.before_name(ahead)

    def _joined(self) -> tuple[str, int]:
        r"""net, diff\_actFun: letters that are one name, and how many pieces they take."""
        start = self.at - 1
        if self._within_letters(start):
            return "", 0
        stop = self.at
        while (
            stop < len(self.raw)
            and not self.raw[stop].spaced
            and (self.raw[stop].text == r"\_" or (self.raw[stop].text.isalnum() and stop - start < 60))
        ):
            stop += 1
        run = [q.text for q in self.raw[start:stop]]
        if r"\_" in run and run[-1] != r"\_":
            return "".join(run), stop - self.at
        count = next((n for n, t in enumerate(run) if not (t.isalpha() and t.isascii())), len(run))
        word = "".join(run[:count])
        if word in words.STRIPPED:
            raise Misread(f"\\{word}", repr(word), self.raw[start].start)
        known = word in words.WORDS or word in words.FUNCTION_WORDS or word in self.known
        # a word ends where the letters do: `inx` is none
        return (word, count - 1) if known and count > 1 else ("", 0)

    def _within_letters(self, start: int) -> bool:
        """Whether letters stand before it, other than the d of a differential."""

        def letter(n: int) -> bool:
            return (
                n >= 0
                and not self.raw[n + 1].spaced
                and len(self.raw[n].text) == 1
                and self.raw[n].text.isalpha()
            )

        return letter(start - 1) and (self.raw[start - 1].text != "d" or letter(start - 2))

    def _switched(self) -> None:
        r"""{\rm foo}: the letters up to the brace are one name."""
        n = self.at
        while n < len(self.raw) and self.raw[n].text.isalpha() and self.raw[n].text.isascii():
            n += 1
        if n - self.at > 1 and n < len(self.raw) and self.raw[n].text == "}":
            first, last = self.raw[self.at], self.raw[n - 1]
            word = "".join(q.text for q in self.raw[self.at : n])
            self.at = n
            self.name_token(word, word if word in self.known else rf"\mathrm{{{word}}}", first, last.end)

    # ------------------------------------------------------------------------------------------- fonts

    def _dressed(self, p: Piece) -> None:
        """A font or an accent and its argument."""
        start = self.at
        if start >= len(self.raw):
            raise self.fail("a name", None)
        inner = self.argument()
        if not inner:
            raise self.fail("a name", self.raw[start])
        end = self.raw[self.at - 1].end
        if p.text in words.TEXTS or p.text in (r"\operatorname", r"\mathrm"):
            self._text(p, inner, end)
            return
        head, rest = _split(inner)
        shown = _source(head)
        while len(head) > 1 and head[0].text in words.FONTS and head[1].text == "{" and head[-1].text == "}":
            head = head[2:-1]  # \hat{\mathbf{y}}
        text = "".join(q.text for q in head)
        dressed = head and head[0].text in words.ACCENTS | words.KEPT | words.FONTS
        if not head or (rest and not (len(head) == 1 or dressed or IDENTIFIER.match(text))):
            raise self.fail("a name", p)
        # scripts within the argument stand on the name: \hat{y_4}
        self.raw[self.at : self.at] = rest
        if p.text in words.KEPT or p.text in words.ACCENTS:
            self._kept(p, head, shown, end)
        elif text.isdigit() and p.text not in words.BOLD:
            self.put("NUMBER", text, p, end)
        else:
            self._font(p, head, text, end)

    def _kept(self, p: Piece, head: list[Piece], shown: str, end: int) -> None:
        bare = " ".join(q.text for q in head if q.text not in words.FONTS and q.text not in "{}")
        if not all(PLAIN.match(q.text) or q.text[0].isalnum() or q.text in "{}" for q in head):
            raise self.fail("a name", head[0])
        if bare.replace(" ", "").isalnum():
            bare = bare.replace(" ", "")
        font = r"\mathbb" if p.text == r"\mathds" else p.text
        self.name_token(f"{font} {bare}", f"{p.text}{{{shown}}}", p, end)

    def _font(self, p: Piece, head: list[Piece], text: str, end: int) -> None:
        shown = f"{p.text}{{{_source(head)}}}"
        plain = text.replace(r"\_", "_")
        if plain == "T" and self._is_transpose():
            self.put("TRANSPOSE", "T", p, end)
        elif len(head) > 1 and any(q.text in words.FONTS | words.ACCENTS | words.KEPT for q in head):
            self._again(p, head, end)
        elif text.isdigit():
            self.name_token(rf"\mathbf {text}", shown, p, end)
        elif PLAIN.match(plain) or IDENTIFIER.match(plain):
            self.name_token(plain, shown, p, end)
        else:
            self._again(p, head, end)

    def _again(self, p: Piece, head: list[Piece], end: int) -> None:
        """A formula in a font: as it stands, in braces."""
        self.raw[self.at : self.at] = [Piece("{", p.start, p.end), *head, Piece("}", end - 1, end)]

    def _text(self, p: Piece, inner: list[Piece], end: int) -> None:
        r"""\text{..}, \mathrm{..}, \operatorname{..}: a name of several letters, or words."""
        head, rest = _split(inner)
        upright = p.text not in words.TEXTS
        source = _source(inner).strip()
        bare = ("".join(q.text for q in head) if upright else _source(head)).replace(r"\_", "_").strip()
        is_name = bool(PLAIN.match(bare) or IDENTIFIER.match(bare)) and (
            upright or len(bare) == 1 or bare.lower() not in words.PROSE
        )
        if rest and upright and is_name:  # \mathrm{d_k}: the script stands on the name
            self.raw[self.at : self.at] = rest
            end = head[-1].end
        elif rest or not (is_name or bare.isdigit()):
            if upright:
                self._again(p, inner, end)
            elif self._is_named(source):
                self.name_token(source, f"{p.text}{{{source}}}", p, end)
            else:
                self._words(p, source, end)
            return
        shown = f"{p.text}{{{_source(head)}}}"
        if bare in words.TRANSPOSES and self._is_transpose():
            self.put("TRANSPOSE", bare, p, end)
        elif bare == "d" and not self.frames[-1].script and self._is_differential():
            self.put("D", f"{p.text}{{d}}", p, end)
        elif bare.isdigit():
            self.put("NUMBER", bare, p, end)
        else:
            self.name_token(bare, shown, p, end)

    def _is_named(self, source: str) -> bool:
        r"""Whether several words are one name: \text{learning rate} where a term is expected."""
        first = re.split(r"[^A-Za-z.]", source)[0].lower()
        if first in words.PROSE or not re.match(r"[A-Za-z][A-Za-z0-9 \-]*\Z", source):
            return False
        nxt = self.peek()
        goes_on = nxt is not None and (nxt.text in words.RELATIONS or nxt.text in ("_", "^"))
        return goes_on or self.last() in ("RELATION", "TIMES", "PLUS", "MINUS", "SLASH")

    def _words(self, p: Piece, source: str, end: int) -> None:
        """Words that are no name: between statements, or those of a case."""
        frame = self.frames[-1]
        plain = source.strip(" .,:;").lower()
        if frame.opener in words.CASES and (plain in words.OTHERWISE or plain in words.IN_CASES):
            if not frame.column:
                self.put("AMP", "&", p, end)
                frame.column += 1
            return
        self.put("TEXT", source, p, end)


def _split(inner: list[Piece]) -> tuple[list[Piece], list[Piece]]:
    """The name within an argument, and the scripts that stand on it there."""
    depth = 0
    for n, q in enumerate(inner):
        if depth == 0 and n and q.text in ("_", "^", "'"):
            return inner[:n], inner[n:]
        depth += {"{": 1, "}": -1}.get(q.text, 0)
    return inner, []


def _source(parts: Sequence[Piece]) -> str:
    """The pieces as LaTeX."""
    text = ""
    for q in parts:
        apart = q.spaced or (text[-1:].isalpha() and "\\" in text and q.text[0].isalpha())
        text += f" {q.text}" if text and apart else q.text
    return text
