"""Where one statement ends and the next begins, and what is a condition or a remark and no formula."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from lark import Token

from symderive.dialect import words
from symderive.dialect.pieces import Misread

CUTS = frozenset({"LINE", "QUAD", "SPLIT", "COMMA", "SEMICOLON", "POINT", "FORALL", "TEXT"})
OPEN = frozenset({"LB", "LP", "BEGIN", "LNORM", "LBAR"})
CLOSE = frozenset({"RB", "RP", "END", "RNORM", "RBAR"})
CONDITIONS = frozenset({r"\in", r"\leq", r"\geq", "<", ">", r"\neq", r"\sim"})
OPERATORS = frozenset({"PLUS", "MINUS", "TIMES", "SLASH"})


@dataclass
class Segment:
    """The tokens between two cuts, and the cut before them."""

    cut: Token | None
    tokens: list[Token]
    relation: Token | None = None
    """The first relation that stands in no brackets."""

    @property
    def kind(self) -> str:
        return "" if self.cut is None else self.cut.type

    @property
    def first(self) -> str:
        return self.tokens[0].type

    @property
    def unfinished(self) -> bool:
        """Whether it ends where something must follow."""
        return self.tokens[-1].type in OPERATORS | {"RELATION"}


@dataclass
class Claim:
    """The tokens of one statement, and its remarks as places in the text."""

    tokens: list[Token]
    remarks: list[tuple[int, int]] = field(default_factory=list)


def segments(tokens: Sequence[Token]) -> Iterator[Segment]:
    """What stands between cuts at the outermost level; a text is a segment of its own."""
    depth, behind = 0, ""
    now = Segment(None, [])
    for t in tokens:
        depth += (t.type in OPEN) - (t.type in CLOSE)
        in_script = t.type == "TEXT" and now.tokens and now.tokens[-1].type in ("SUP", "SUB")
        if depth == 0 and t.type in CUTS and not in_script:
            if now.tokens:
                yield now
                now = Segment(None, [])
            if t.type == "TEXT":
                yield Segment(now.cut, [t])
                now = Segment(t, [])
            elif now.cut is None or now.cut.type not in ("LINE", "SPLIT", "TEXT", "FORALL"):
                now.cut = t  # a new line counts more than the comma before it
            elif t.type in ("LINE", "SPLIT", "FORALL") or (t.type == "QUAD" and behind in ("COMMA", "POINT")):
                now.cut = t
            behind = t.type
            continue
        now.tokens.append(t)
        if depth == 0 and t.type == "RELATION" and now.relation is None:
            now.relation = t
    if now.tokens:
        yield now


class Splitter:
    """Claims, one after the other, from the segments of a formula."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.all = list(segments(tokens))
        self.claims: list[Claim] = []
        self.pending: list[tuple[int, int]] = []
        self.prose = False
        """Behind words such as "for", up to the next space or line."""
        self.loose: list[Token] | None = None
        """A term without a relation, which the next segment may go on."""
        self.noted = -1
        """The segment that was the last remark."""

    def claimed(self) -> list[Claim]:
        """All of them; Misread where there is none."""
        related = any(s.relation is not None for s in self.all)
        for n, s in enumerate(self.all):
            follows = self.all[n + 1] if n + 1 < len(self.all) else None
            self.prose = self.prose and s.kind in ("COMMA", "TEXT", "POINT")
            self._take(n, s, follows, related)
        alone = next((s for s in self.all if s.relation is not None and s.kind in ("", "QUAD", "LINE")), None)
        if not self.claims and alone is not None:  # x \in S, and nothing else
            self.pending = []
            self._claim(alone.tokens)
        if not self.claims:
            start = self.pending[0][0] if self.pending else 0
            raise Misread("a formula", "a condition alone" if self.pending else "none", start)
        for claim in self.claims:
            _without_sets(claim)
        self.claims[0].remarks[:0] = self.pending
        return self.claims

    def _take(self, n: int, s: Segment, follows: Segment | None, related: bool) -> None:
        last = self.claims[-1] if self.claims else None
        loose, self.loose = self.loose, None
        if s.first == "TEXT" and len(s.tokens) == 1:
            if str(s.tokens[0]).lower().strip(" ,.:;()") not in words.CONNECTING:
                self.prose = True
                self._note(n, s)
        elif s.first == "RELATION":
            if str(s.tokens[0]) == r"\in":
                self._note(n, s)
            elif loose is not None and s.kind in ("QUAD", "LINE"):
                self._drop_note()
                self._claim([*loose, *s.tokens])
            elif last is not None and self.noted != n - 1 and s.kind in ("LINE", "QUAD", "SPLIT"):
                self._go_on(last, s)
            elif s.tokens[1:]:
                self._claim(s.tokens[1:])
        elif last is not None and self._goes_on(s, last, n):
            last.tokens += s.tokens
        elif s.relation is None:
            if not related and last is None and s.kind not in ("TEXT", "FORALL"):
                self._claim(s.tokens)
            elif not related and s.cut is not None and str(s.cut) in words.UPDATES and self.noted != n - 1:
                self._update(s)
            else:
                self._note(n, s)
                self.loose = s.tokens if not self.prose else None
        elif self._is_condition(s, follows, last is not None, n):
            self._note(n, s)
        else:
            self._claim(s.tokens)

    def _update(self, s: Segment) -> None:
        r"""w \to w - \eta g, where no equality stands: a relation of its own."""
        assert s.cut is not None and self.claims
        arrow = Token("RELATION", r"\rightarrow", start_pos=s.cut.start_pos, end_pos=s.cut.end_pos)
        self.claims[-1].tokens += [arrow, *s.tokens]

    def _claim(self, tokens: Sequence[Token]) -> None:
        self.claims.append(Claim(list(tokens)))

    def _go_on(self, last: Claim, s: Segment) -> None:
        """The chain of the row before, which may end with the same relation."""
        if last.tokens[-1].type == "RELATION" and str(last.tokens[-1]) == str(s.tokens[0]):
            last.tokens.pop()
        last.tokens += s.tokens

    def _goes_on(self, s: Segment, last: Claim, n: int) -> bool:
        """Whether a line, or what stands behind a space, belongs to the side before it."""
        if s.kind not in ("LINE", "QUAD") or self.prose or self.noted == n - 1:
            return False
        if last.tokens[-1].type in OPERATORS | {"RELATION"}:
            return True
        if s.first in ("PLUS", "TIMES", "SLASH"):
            return True
        led = s.cut is not None and str(s.cut) == "&"
        return s.first == "MINUS" and (s.relation is None or led)

    def _is_condition(self, s: Segment, follows: Segment | None, later: bool, n: int) -> bool:
        r"""Whether a segment with a relation is a condition: k \in 1..K, l = L-1, .., 1, j \neq k."""
        r = str(s.relation)
        if s.kind == "FORALL" or r == r"\in" or (later and (self.prose or r in CONDITIONS)):
            return True
        if follows is not None and follows.first == "DOTS" and follows.relation is None:
            return True
        dots = any(t.type == "DOTS" for t in s.tokens)
        short = s.first == "NAME" and s.tokens[1:2] == [s.relation]
        return dots and short and (later or self.prose)

    def _note(self, n: int, s: Segment) -> None:
        """A remark; what follows a remark directly belongs to it. A term with a sign before it is none."""
        if s.kind in ("POINT", "COMMA", "SEMICOLON") and s.first in OPERATORS and self.noted != n - 1:
            raise Misread("the end behind a point", repr(str(s.tokens[0])), int(s.tokens[0].start_pos or 0))
        target = self.claims[-1].remarks if self.claims else self.pending
        start, end = int(s.tokens[0].start_pos or 0), int(s.tokens[-1].end_pos or 0)
        if target and n and self.noted == n - 1 and s.kind in ("COMMA", "TEXT", "POINT", "FORALL"):
            target[-1] = (target[-1][0], end)
        else:
            target.append((start, end))
        self.noted = n

    def _drop_note(self) -> None:
        (self.claims[-1].remarks if self.claims else self.pending).pop()


def _without_sets(claim: Claim) -> None:
    r"""a = b \in S: where it lies is a remark."""
    depth, related = 0, False
    for n, t in enumerate(claim.tokens):
        depth += (t.type in OPEN) - (t.type in CLOSE)
        if depth == 0 and t.type == "RELATION":
            if str(t) == r"\in" and related:
                last = claim.tokens[-1]
                claim.remarks.insert(0, (int(t.start_pos or 0), int(last.end_pos or 0)))
                del claim.tokens[n:]
                return
            related = True
