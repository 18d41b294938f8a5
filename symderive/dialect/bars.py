"""Which of the bars that stand between two brackets open, which close, and which only divide: p(y | x)."""

from __future__ import annotations

from collections.abc import Sequence

from symderive.dialect import words
from symderive.dialect.pieces import Misread, Piece, found

OPENERS = frozenset({"{", *words.OPENING})
CLOSERS = frozenset({"}", *words.CLOSING})


def bars(pieces: Sequence[Piece]) -> tuple[list[Piece], dict[int, str]]:
    """The pieces, where `||` may have become two, and for each bar its kind: LBAR, RBAR, LNORM, RNORM or MID.

    >>> from symderive.dialect.pieces import pieces
    >>> sorted(bars(pieces("|x| + p(y | x)", {}))[1].items())
    [(0, 'LBAR'), (2, 'RBAR'), (7, 'MID')]
    """
    made: list[Piece] = []
    kinds: dict[int, str] = {}
    levels: list[dict[str, list[int]]] = [{}]
    for n, p in enumerate(pieces):
        text = p.text
        if text in OPENERS or text.startswith(r"\begin"):
            levels.append({})
        elif text in CLOSERS or text.startswith(r"\end") or text in ("&", r"\\", r"\cr"):
            _settle(levels[-1], made, kinds, pieces[n - 1] if n else p)
            levels[-1] = {}
            if len(levels) > 1 and text not in ("&", r"\\", r"\cr"):
                levels.pop()
        elif text == "||" and len(levels[-1].get("BAR", ())) % 2:  # |a||b|
            for k in (0, 1):
                levels[-1]["BAR"].append(len(made))
                made.append(Piece("|", p.start + k, p.start + k + 1))
            continue
        elif text in words.BARS or text in words.NORMS:
            kind = "BAR" if text in words.BARS else "NORM"
            levels[-1].setdefault(kind, []).append(len(made))
        elif text == r"\mid":
            kinds[len(made)] = "MID"
        made.append(p)
    for level in levels:
        _settle(level, made, kinds, None)
    return made, kinds


def outer_bars(pieces: Sequence[Piece]) -> set[str]:
    """Which bars, | or \\|, stand in no brackets."""
    depth = 0
    found: set[str] = set()
    for p in pieces:
        depth += p.text in OPENERS or p.text.startswith(r"\begin")
        depth -= p.text in CLOSERS or p.text.startswith(r"\end")
        if depth == 0 and (p.text in words.BARS or p.text in words.NORMS):
            found.add("|" if p.text in words.BARS else r"\|")
    return found


def _settle(
    level: dict[str, list[int]], made: Sequence[Piece], kinds: dict[int, str], last: Piece | None
) -> None:
    for kind, places in level.items():
        if len(places) == 1 and kind == "BAR":
            if places[0] + 1 < len(made) and made[places[0] + 1].text in ("_", "^"):
                p = made[places[0]]
                raise Misread(
                    "a formula without a bar for the place where it is evaluated", found(p), p.start
                )
            kinds[places[0]] = "MID"
        elif len(places) % 2:
            p = made[places[-1]]
            raise Misread("two bars that belong together", found(p), p.start)
        else:
            for a, b in zip(places[::2], places[1::2], strict=True):
                kinds[a], kinds[b] = f"L{kind}", f"R{kind}"
