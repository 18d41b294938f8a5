r"""A formula as tokens. What LaTeX leaves to the eye is settled here: a T that is a transpose, a d before a
name, a \Delta that is a change, the font around a letter, two bars that belong together.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lark import Token

from symderive.dialect import words
from symderive.dialect.errors import DialectError

RAW = re.compile(
    r"\\begin\s*\{[A-Za-z]+\*?\}|\\end\s*\{[A-Za-z]+\*?\}|\\[A-Za-z]+\*?|\\.|:=|=:|\+=|-=|<=|>=|\.\.\.|\.\.|\d+(?:\.\d+)?|\s+|.",
    re.DOTALL,
)


PREFIXES = frozenset({"PARTIAL", "D", "CHANGE", "FRAC", "SQRT", "BIG", "EULER", "MINUS"})


@dataclass(frozen=True)
class Piece:
    """A raw piece of the text and its place."""

    text: str
    start: int


def pieces(text: str) -> list[Piece]:
    """The text in pieces; spaces stay, as they tell `d w` from `dw` apart for no one, but end words."""
    return [Piece(m[0], m.start()) for m in RAW.finditer(text)]


class Lexer:
    """Tokens of a formula. The types are those of grammar.lark, and SPLIT, QUAD for what stands between
    statements.
    """

    def __init__(self, text: str, known: frozenset[str] = frozenset()) -> None:
        self.text, self.known = text, known
        self.raw = pieces(text)
        self.at = 0
        self.out: list[Token] = []
        self.stack: list[str] = []
        self.bars: list[tuple[str, int]] = []
        self.prefixes = 0

    def fail(self, expected: str, p: Piece | None) -> DialectError:
        start = p.start if p is not None else len(self.text)
        line = self.text.count("\n", 0, start) + 1
        column = start - (self.text.rfind("\n", 0, start) + 1) + 1
        found = repr(p.text[:20]) if p is not None else "the end"
        return DialectError(expected, found, column, line)

    def peek(self, ahead: int = 0) -> Piece | None:
        """The next piece that is no space."""
        n, left = self.at, ahead
        while n < len(self.raw):
            if not self.raw[n].text.isspace():
                if left == 0:
                    return self.raw[n]
                left -= 1
            n += 1
        return None

    def take(self) -> Piece:
        """The next piece that is no space, and past it."""
        while self.at < len(self.raw) and self.raw[self.at].text.isspace():
            self.at += 1
        if self.at >= len(self.raw):
            raise self.fail("more", None)
        self.at += 1
        return self.raw[self.at - 1]

    def put(self, kind: str, value: str, p: Piece) -> None:
        if len(self.out) >= words.MOST_TOKENS:
            raise self.fail(f"at most {words.MOST_TOKENS} signs", p)
        self.prefixes = self.prefixes + 1 if kind in PREFIXES else 0
        if self.prefixes > words.DEEPEST:
            raise self.fail(f"at most {words.DEEPEST} signs that wait for what follows", p)
        self.out.append(Token(kind, value, start_pos=p.start))

    def last(self, back: int = 1) -> str:
        return self.out[-back].type if len(self.out) >= back else ""

    # ------------------------------------------------------------------------------------------- the loop

    def tokens(self) -> list[Token]:
        """All tokens."""
        while self.peek() is not None:
            self._one()
        if self.stack:
            raise self.fail(words.OPENING.get(self.stack[-1], "}"), None)
        return self.out

    def _one(self) -> None:
        p = self.take()
        t = p.text
        if t in words.WITH_ARGUMENT:
            self._argument()
        elif t in words.AROUND:
            self._around()
        elif t in words.SPACES or t in words.IGNORED_LETTERS or t in (r"\(", r"\)", r"\[", r"\]"):
            return
        elif t in words.QUADS:
            if t == r"\hspace":
                self._argument()
            self.put("QUAD", t, p)
        elif t in words.ARROWS:
            self.put("SPLIT" if not self.stack else "RELATION", t, p)
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
        elif t in (r"\|", r"\Vert", r"\lVert", r"\rVert", "‖", "|", r"\vert", r"\lvert", r"\rvert"):
            self._bar(p)
        else:
            self._sign(p)

    def _sign(self, p: Piece) -> None:
        t = p.text
        if t in ("^", "_"):
            self.put("SUP" if t == "^" else "SUB", t, p)
        elif t in words.PRIMES:
            self.put("PRIME", t, p)
        elif t in words.TIMES:
            self.put("TIMES", words.TIMES[t], p)
        elif t == "+":
            self.put("PLUS", t, p)
        elif t in words.MINUS:
            nxt = self.peek()
            if t == "-" and nxt is not None and nxt.text == "-" and nxt.start == p.start + 1:
                self.take()
            self.put("MINUS", "-", p)
        elif t == "/":
            self.put("SLASH", t, p)
        elif t in words.RELATIONS:
            self.put("RELATION", words.RELATIONS[t], p)
        elif t in (",", ";"):
            self.put("COMMA" if t == "," else "SEMICOLON", t, p)
        elif t in words.DOTS:
            self.put("DOTS", t, p)
        elif t in (".", ":", "!", "?") or t in (r"\colon", r"\forall", "∀"):
            self.put("POINT", t, p)
        elif t in words.FRACTIONS:
            self._fraction(p)
        elif t == r"\over":
            self.put("OVER", t, p)
        elif t == r"\sqrt":
            self.put("SQRT", t, p)
        elif t in words.BIGS:
            self.put("BIG", words.BIGS[t], p)
        elif t in (r"\partial", "∂"):
            self.put("PARTIAL", t, p)
        elif t in (r"\nabla", "∇"):
            self.put("NABLA", t, p)
        else:
            self._name(p)

    # ------------------------------------------------------------------------------------------- structure

    def _argument(self) -> None:
        """Past a braced argument."""
        nxt = self.peek()
        if nxt is None or nxt.text != "{":
            return
        depth = 0
        while self.peek() is not None:
            t = self.take().text
            depth += {"{": 1, "}": -1}.get(t, 0)
            if depth == 0:
                return

    def _around(self) -> None:
        """The braces of an argument that is a formula like any other are not seen."""
        nxt = self.peek()
        if nxt is not None and nxt.text == "{":
            self.take()
            self.stack.append("around")

    def _words(self) -> tuple[str, Piece]:
        """The text of a braced argument, or of the next piece."""
        first = self.take()
        if first.text != "{":
            return first.text, first
        depth, start = 1, first.start + 1
        while self.at < len(self.raw):
            p = self.raw[self.at]
            self.at += 1
            depth += {"{": 1, "}": -1}.get(p.text, 0)
            if depth == 0:
                return self.text[start : p.start], first
        raise self.fail("}", None)

    def _begin(self, p: Piece) -> None:
        name = p.text[p.text.index("{") + 1 : -1].rstrip("*")
        if name in words.MATRICES or name == "cases":
            self.put("BEGIN", name, p)
            self.stack.append(name)
            if name == "array":
                self._argument()
        elif name in words.ENVIRONMENTS:
            if name in ("alignat", "alignedat"):
                self._argument()
        else:
            raise self.fail("an environment of formulas", p)

    def _end(self, p: Piece) -> None:
        name = p.text[p.text.index("{") + 1 : -1].rstrip("*")
        if name in words.ENVIRONMENTS:
            return
        if not self.stack or self.stack[-1] != name:
            raise self.fail("what was opened to be closed", p)
        self.stack.pop()
        self.put("END", name, p)

    def _row(self, p: Piece) -> None:
        nxt = self.raw[self.at] if self.at < len(self.raw) else None
        if nxt is not None and nxt.text == "[":  # \\[2pt]
            while self.at < len(self.raw) and self.raw[self.at].text != "]":
                self.at += 1
            self.at += 1
        if all(x == "around" for x in self.stack):
            self.put("LINE", p.text, p)
        elif self.stack[-1] in words.MATRICES or self.stack[-1] == "cases":
            self.put("ROW", p.text, p)

    def _amp(self, p: Piece) -> None:
        if self.stack and (self.stack[-1] in words.MATRICES or self.stack[-1] == "cases"):
            self.put("AMP", p.text, p)

    def _bracket(self, p: Piece) -> None:
        t = p.text
        if t == "{" or t in words.OPENING:
            if len(self.stack) >= words.DEEPEST:
                raise self.fail(f"at most {words.DEEPEST} levels of nesting", p)
            self.stack.append(t)
            self.put("LB" if t == "{" else "LP", t, p)
            return
        if t == "}" and self.stack and self.stack[-1] == "around":
            self.stack.pop()
            return
        want = "{" if t == "}" else words.CLOSING[t]
        if not self.stack or self.stack[-1] != want:
            expected = "no closing bracket" if not self.stack else words.OPENING.get(self.stack[-1], "}")
            raise self.fail(expected, p)
        while self.bars and self.bars[-1][1] >= len(self.stack):
            raise self.fail("the second bar", p)
        self.stack.pop()
        self.put("RB" if t == "}" else "RP", t, p)

    def _bar(self, p: Piece) -> None:
        double = p.text in (r"\|", r"\Vert", r"\lVert", r"\rVert", "‖")
        kind = "NORM" if double else "BAR"
        if self.bars and self.bars[-1] == (kind, len(self.stack)):
            self.bars.pop()
            self.put(f"R{kind}", p.text, p)
        else:
            self.bars.append((kind, len(self.stack)))
            self.put(f"L{kind}", p.text, p)

    def _fraction(self, p: Piece) -> None:
        r"""\frac12 gets its braces."""
        self.put("FRAC", p.text, p)
        nxt = self.peek()
        if nxt is not None and nxt.text != "{":
            for _ in range(2):
                q = self.take()
                if q.text in words.FRACTIONS:
                    raise self.fail("a number, a name or { in a fraction", q)
                digits = q.text.isdigit() and len(q.text) > 1
                self.put("LB", "{", q)
                if digits:  # \frac12 is one half
                    self.put("NUMBER", q.text[0], q)
                    self.put("RB", "}", q)
                    self.put("LB", "{", q)
                    self.put("NUMBER", q.text[1:], q)
                    self.put("RB", "}", q)
                    return
                self.at -= 1
                self._one()
                self.put("RB", "}", q)

    # ------------------------------------------------------------------------------------------- names

    def _name(self, p: Piece) -> None:
        t = p.text
        if self._is_transpose(t):
            self.put("TRANSPOSE", t, p)
        elif re.fullmatch(r"\d+(?:\.\d+)?", t):
            self._number(p)
        elif t in words.FONTS:
            self._font(p)
        elif t in words.KEPT or t in words.ACCENTS:
            inner, _ = self._words()
            shown = f"{t}{{{inner}}}"
            self._head(f"{t} {_bare(inner)}", shown, p)
        elif t in words.FUNCTIONS:
            self.put("FUNCTION", t, p)
        elif t == r"\Delta" and self._before_name():
            self.put("CHANGE", t, p)
        elif t.startswith("\\") and t[1:].isalpha():
            self._head(t, t, p)
        elif t.isalpha():
            self._letter(p)
        elif t == "∑":
            self.put("BIG", "sum", p)
        else:
            raise self.fail("a sign of the dialect", p)

    def _number(self, p: Piece) -> None:
        """After ^ or _ without braces, the first digit alone is the script."""
        if self.last() in ("SUP", "SUB") and len(p.text) > 1:
            self.put("NUMBER", p.text[0], p)
            rest = Piece(p.text[1:].lstrip("."), p.start + 1)
            if rest.text:
                self.put("NUMBER", rest.text, rest)
            return
        self.put("NUMBER", p.text, p)

    def _is_transpose(self, t: str) -> bool:
        if t not in words.TRANSPOSES:
            return False
        if self.last() == "SUP":
            return not self._above_sum()
        # ^{(l)T}, ^{l T}, ^{T}: the last sign of a superscript in braces
        nxt = self.peek()
        if nxt is None or nxt.text != "}":
            return False
        depth = 0
        for k in range(1, len(self.out) + 1):
            kind = self.out[-k].type
            depth += kind in ("RB", "RP")
            depth -= kind in ("LB", "LP")
            if depth < 0:
                return self.out[-k].type == "LB" and self.last(k + 1) == "SUP"
        return False

    def _above_sum(self) -> bool:
        r"""Whether a superscript begins that is the upper limit of a sum: \sum_{t=1}^T."""
        n = len(self.out) - 2
        if n >= 0 and self.out[n].type == "RB":
            depth = 1
            while depth and n > 0:
                n -= 1
                depth += (self.out[n].type == "RB") - (self.out[n].type == "LB")
            n -= 2
        elif n >= 1 and self.out[n - 1].type == "SUB":
            n -= 2
        return n >= 0 and self.out[n].type == "BIG"

    def _before_name(self) -> bool:
        nxt = self.peek()
        if nxt is None or nxt.text in ("^", "_"):
            return False
        return (
            nxt.text == "{"
            or nxt.text.isalpha()
            or (
                (nxt.text.startswith("\\") and nxt.text in _NAMELIKE)
                or (bool(re.fullmatch(r"\\[A-Za-z]+", nxt.text)) and nxt.text not in _NOT_NAMES)
            )
        )

    def _font(self, p: Piece) -> None:
        if p.text in (r"\rm", r"\bf"):
            return
        inner, first = self._words()
        bare = _bare(inner)
        if p.text == r"\mathop":
            return
        if bare in ("T", r"\top", "t") and bare != "t" and (self.last() == "SUP" or self._is_transpose("T")):
            self.put("TRANSPOSE", "T", p)
        elif bare == "d" and p.text in (r"\mathrm", r"\text", r"\textrm", r"\operatorname"):
            if self._before_name():
                self.put("D", f"{p.text}{{d}}", p)
            else:
                self._head("d", f"{p.text}{{d}}", p)
        elif bare in ("e", "E") and p.text == r"\mathrm" and self._euler():
            return
        elif re.fullmatch(r"\d+", bare):
            if self.last() not in ("SUP", "SUB", "LB", "LP", "COMMA", "PLUS", "MINUS") or p.text in (
                r"\mathbf",
                r"\bm",
            ):
                self._head(rf"\mathbf {bare}", f"{p.text}{{{inner}}}", p)
            else:
                self.put("NUMBER", bare, p)
        elif re.fullmatch(r"[A-Za-z]|\\[A-Za-z]+", bare) or (
            re.fullmatch(r"[A-Za-z][A-Za-z0-9_\-]*", bare) and not ("_" in bare and p.text in _LETTERS)
        ):
            self._head(bare, f"{p.text}{{{inner}}}", p)
        elif re.search(r"[\\^_]", inner) and p.text in (*_LETTERS, r"\mathit", r"\mathrm"):
            self._within(inner, first)
        else:
            self.put("TEXT", inner, p)

    def _within(self, inner: str, first: Piece) -> None:
        """A formula in a font: as it stands, in braces."""
        start = first.start + 1
        ahead = [Piece(q.text, q.start + start) for q in pieces(inner)]
        self.raw[self.at : self.at] = [Piece("{", first.start), *ahead, Piece("}", start + len(inner))]

    def _letter(self, p: Piece) -> None:
        """A letter, or the letters of a word that is one name."""
        joined = self._joined_word()
        if joined:
            self._head(joined.replace("\\_", "_"), joined, p)
            return
        word = self._word(p)
        if word:
            self.at += len(word) - 1
            self._head(word, word, p)
            return
        nxt = self.raw[self.at] if self.at < len(self.raw) else None
        apart = nxt is None or nxt.text.isspace() or self.last() in ("SUP", "SUB")
        if p.text == "d" and not apart and self._before_name() and not self._in_script():
            self.put("D", "d", p)
            return
        if p.text == "e" and self._euler():
            return
        self._head(p.text, p.text, p)

    def _euler(self) -> bool:
        nxt = self.peek()
        if nxt is not None and nxt.text == "^" and not self._in_script():
            p = self.take()
            follows = self.peek()
            if follows is not None and self._is_layer(follows):
                self.at -= 1
                return False
            self.put("EULER", "e", p)
            return True
        return False

    def _is_layer(self, p: Piece) -> bool:
        ahead = self.peek(1)
        return p.text == "{" and ahead is not None and ahead.text in ("(", "[")

    def _joined_word(self) -> str:
        r"""diff\_actFun: letters that an underscore joins are one name; the pieces are taken."""
        end = self.at
        while end < len(self.raw) and (self.raw[end].text.isalnum() or self.raw[end].text == r"\_"):
            end += 1
        run = [q.text for q in self.raw[self.at - 1 : end]]
        if r"\_" not in run or run[-1] == r"\_":
            return ""
        self.at = end
        return "".join(run)

    def _word(self, p: Piece) -> str:
        letters = []
        for q in self.raw[self.at - 1 : self.at + 11]:
            if len(q.text) == 1 and q.text.isalpha() and q.text.isascii():
                letters.append(q.text)
            else:
                break
        run = "".join(letters)
        known = run in words.WORDS or run in words.FUNCTION_WORDS or run in self.known
        return run if known and len(run) > 1 else ""  # a word ends where the letters do: `inx` is none

    def _in_script(self) -> bool:
        depth = 0
        for k in range(1, len(self.out) + 1):
            kind = self.out[-k].type
            depth += kind in ("RB", "RP")
            depth -= kind in ("LB", "LP")
            if depth < 0:
                if kind == "LB" and self.last(k + 1) in ("SUP", "SUB"):
                    return True
                depth = 0
        return False

    def _head(self, base: str, shown: str, p: Piece) -> None:
        if base in words.FUNCTION_WORDS or base in words.FUNCTIONS:
            self.put("FUNCTION", base if shown == base else f"{base}\0{shown}", p)
        else:
            self.put("NAME", base if shown == base else f"{base}\0{shown}", p)


_NOT_NAMES = (
    words.SPACES
    | words.QUADS
    | words.ARROWS
    | set(words.TIMES)
    | set(words.RELATIONS)
    | words.FRACTIONS
    | set(words.BIGS)
    | {
        r"\partial",
        r"\nabla",
        r"\over",
        r"\sqrt",
        r"\prime",
        r"\begin",
        r"\end",
        *words.DOTS,
        *words.FUNCTIONS,
    }
)
_LETTERS = (r"\mathbf", r"\boldsymbol", r"\bm", r"\vec", r"\textbf", r"\pmb")
_NAMELIKE = words.FONTS | words.KEPT | words.ACCENTS


def _bare(inner: str) -> str:
    """The inside of a font command: without fonts and spaces of its own."""
    text = inner.strip()
    for _ in range(4):
        m = re.fullmatch(r"(\\[A-Za-z]+)\s*\{(.*)\}", text, re.DOTALL)
        if m is None or m[1] not in words.FONTS:
            break
        text = m[2].strip()
    text = text.replace(r"\_", "_").replace(r"\ ", " ")
    m = re.fullmatch(r"\{([^{}]*)\}", text)
    return (m[1] if m else text).strip()
