r"""A formula as tokens. What LaTeX leaves to the eye is settled here and in naming.py: which T is a
transpose, which d stands before a name, where \Delta is a change, and which bars belong together.
"""

from __future__ import annotations

from collections.abc import Sequence

from lark import Token

from symderive.dialect import words
from symderive.dialect.bars import CLOSERS, OPENERS, bars
from symderive.dialect.naming import Naming
from symderive.dialect.pieces import Piece

SHOWN = {**words.OPENING, "{": "}", "around": "}"}


class Lexer(Naming):
    """Tokens of a formula. The types are those of grammar.lark, and those of statements.CUTS, which stand
    between statements.
    """

    def __init__(self, pieces: Sequence[Piece], end: int, known: frozenset[str] = frozenset()) -> None:
        raw, self.bars = bars(pieces)
        super().__init__(raw, end, known)

    def tokens(self) -> list[Token]:
        """All tokens."""
        while self.at < len(self.raw):
            self._one()
        if len(self.frames) > 1:
            opener = self.frames[-1].opener
            raise self.fail(SHOWN.get(opener, rf"\end{{{opener}}}"), None)
        return self.out

    def _one(self) -> None:
        at = self.at
        p = self.take()
        t = p.text
        if at in self.bars:
            self.put(self.bars[at], t, p)
        elif t in words.UNREAD:
            raise self.fail("a formula", p)
        elif t in words.WITH_ARGUMENT:
            self.skip_argument()
        elif t in words.STACKED:
            self._stacked()
        elif t in words.AROUND or t in words.BRACED:
            self._around(t)
        elif t in words.QUADS:
            if t.startswith((r"\hspace", r"\hskip")):
                self.skip_argument()
            self.put("QUAD", t, p)
        elif t in words.ARROWS:
            self.put("SPLIT" if self.outermost else "RELATION", t, p)
        elif t.startswith(r"\begin") and "{" in t:
            self._begin(p)
        elif t.startswith(r"\end") and "{" in t:
            self._end(p)
        elif t in (r"\\", r"\cr"):
            self._row(p)
        elif t == "&":
            self._amp(p)
        elif t in ("{", "}") or t in words.OPENING or t in words.CLOSING:
            self._bracket(p)
        else:
            self._sign(p)

    def _sign(self, p: Piece) -> None:
        t = p.text
        if t in ("^", "_"):
            self.put("SUP" if t == "^" else "SUB", t, p)
        elif t in words.PRIMES:
            self.put("PRIME", t, p)
        elif self._is_mark(t):  # w^*, [x]_+
            self.name_token(t, t, p)
        elif t in words.TIMES:
            self.put("TIMES", words.TIMES[t], p)
        elif t == "+":
            self.put("PLUS", t, p)
        elif t in words.MINUS:
            nxt = self.peek()
            if t == "-" and nxt is not None and nxt.text == "-" and not nxt.spaced:
                self.take()
            self.put("MINUS", "-", p)
        elif t == "/":
            self.put("SLASH", t, p)
        elif t in words.RELATIONS:
            self.put("RELATION", words.RELATIONS[t], p)
        elif t in (",", ";"):
            self._comma(p)
        elif t in words.DOTS:
            self.put("DOTS", t, p)
        elif t in (".", ":", r"\colon"):
            self._point(p)
        elif t in (r"\forall", "∀"):
            self.put("FORALL", t, p)
        elif t in words.FRACTIONS:
            self.put("FRAC", t, p)
        elif t == r"\over":
            self.put("OVER", t, p)
        elif t == r"\sqrt":
            nxt = self.peek()
            if nxt is not None and nxt.text == "[":
                raise self.fail("a square root", nxt)
            self.put("SQRT", t, p)
        elif t in words.BIGS:
            self.put("BIG", words.BIGS[t], p)
        elif t == r"\partial":
            self.put("PARTIAL", t, p)
        elif t == r"\nabla":
            self.put("NABLA", t, p)
        else:
            self.name(p)

    def _is_mark(self, t: str) -> bool:
        r"""A sign that is a script of its own: w^*, w^{*}, [x]_+."""
        if t not in ("*", "+", "-", r"\star", r"\ast", r"\circ", r"\bullet", r"\times"):
            return False
        if self.last() in ("SUP", "SUB"):
            return True
        nxt = self.peek()
        return nxt is not None and nxt.text == "}" and self.last() == "LB" and self.frames[-1].script

    def _comma(self, p: Piece) -> None:
        nxt = self.peek()
        own = self.frames[-1].opener
        if own in words.CASES and (nxt is None or nxt.text in ("&", r"\\") or nxt.text.startswith(r"\end")):
            return  # the comma behind the value of a case
        self.put("COMMA" if p.text == "," else "SEMICOLON", p.text, p)

    def _point(self, p: Piece) -> None:
        """A point ends a formula or multiplies; a colon divides it from a condition, or is a slice."""
        nxt = self.peek()
        if p.text == "." and nxt is not None and self.begins_factor(nxt) and self.ends_factor():
            self.put("TIMES", r"\cdot", p)
        elif self.outermost:
            self.put("POINT", p.text, p)
        elif p.text != "." and (self.frames[-1].script or self.frames[-1].opener == "["):
            self.name_token(":", ":", p)
        elif p.text == "." and (nxt is None or nxt.text in ("}", "&", r"\\") or nxt.text.startswith(r"\end")):
            return
        else:
            raise self.fail("a term", p)

    # ------------------------------------------------------------------------------------------- structure

    def _around(self, command: str) -> None:
        """An argument that is a formula like any other: in braces, or as it stands where it is a claim."""
        nxt = self.peek()
        if nxt is None or nxt.text != "{":
            return
        self.take()
        if self._is_claim():
            self.open("around", nxt)
        else:
            self.put("LB", "{", nxt)
            self.open("{", nxt)
        self.frames[-1].braced = command in words.BRACED

    def _is_claim(self) -> bool:
        """Whether a relation, a cell or a line stands between the braces that have been opened."""
        depth = 1
        for q in self.raw[self.at :]:
            opened, closed = q.text in OPENERS, q.text in CLOSERS
            depth += opened - closed
            if depth == 0:
                return False
            if depth == 1 and not closed and (q.text in words.RELATIONS or q.text in ("&", r"\\")):
                return True
        return False

    def _stacked(self) -> None:
        r"""\stackrel{def}{=} is =."""
        self.skip_argument()
        self._around("")

    def _begin(self, p: Piece) -> None:
        name = p.text[p.text.index("{") + 1 : -1].rstrip("*")
        if name in words.MATRICES or name in words.CASES:
            self.put("BEGIN", name, p)
            self.open(name, p)
            if name == "array":
                self.skip_argument()
        elif name in words.ENVIRONMENTS:
            if name in ("alignat", "alignedat"):
                self.skip_argument()
        else:
            raise self.fail("an environment of formulas", p)

    def _end(self, p: Piece) -> None:
        name = p.text[p.text.index("{") + 1 : -1].rstrip("*")
        if name in words.ENVIRONMENTS:
            return
        if self.frames[-1].opener != name:
            raise self.fail("what was opened to be closed", p)
        self.close("END", p)

    def _row(self, p: Piece) -> None:
        nxt = self.peek()
        if nxt is not None and nxt.text == "[" and not nxt.spaced:  # \\[2pt]
            ahead = self.at
            while ahead < len(self.raw) and self.raw[ahead].text != "]":
                ahead += 1
            if "".join(q.text for q in self.raw[self.at + 1 : ahead]).endswith(words.UNITS):
                self.at = ahead + 1
        if self.outermost:
            self.put("LINE", p.text, p)
        elif self.in_table:
            self.put("ROW", p.text, p)
            self.frames[-1].column = 0

    def _amp(self, p: Piece) -> None:
        frame = self.frames[-1]
        if self.in_table:
            if frame.opener in words.CASES and frame.column and self.last() == "AMP":
                return  # the text "if" has divided the value from its condition
            self.put("AMP", p.text, p)
            frame.column += 1
        elif self.outermost:
            nxt = self.peek()
            if self.last() in ("LINE", ""):
                if self.out:
                    self.out[-1] = Token("LINE", "&", start_pos=p.start, end_pos=p.end)
            elif nxt is not None and self.last() not in ("RELATION", "QUAD") and self.begins_factor(nxt):
                self.put("QUAD", p.text, p)  # the next equation of the row

    def _bracket(self, p: Piece) -> None:
        t = p.text
        frame = self.frames[-1]
        if t == "{" or t in words.OPENING:
            nxt = self.peek()
            empty = t == "{" and nxt is not None and nxt.text == "}"
            behind = self.peek(1)
            scripted = behind is not None and behind.text in ("^", "_")
            if (
                empty
                and self.last() not in ("SUP", "SUB", "FRAC", "SQRT")
                and (scripted or self.last() != "RB")
            ):
                self.take()
                return
            self.put("LB" if t == "{" else "LP", t, p)
            self.open(t, p)
            return
        want = "{" if t == "}" else words.CLOSING[t]
        if t == "}" and frame.opener == "around":
            self.frames.pop()
        elif frame.opener != want:
            raise self.fail(SHOWN.get(frame.opener, "no closing bracket"), p)
        else:
            self.close("RB" if t == "}" else "RP", p)
        if frame.braced and (nxt := self.peek()) is not None and nxt.text in ("_", "^"):
            self.take()  # what is written below the brace
            self.skip_argument()
