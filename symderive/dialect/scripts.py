"""Scripts as LaTeX: entries packed or between commas, in braces where they need them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeGuard

from symderive.dialect import syntax as s
from symderive.dialect.words import FUNCTION_WORDS, OPENING, STRIPPED, TIMES, TRANSPOSES, WORDS

RESERVED = WORDS | FUNCTION_WORDS | STRIPPED
CLOSERS = {**OPENING, "{": "}", "": ""}


def enclosed(opening: str, inner: str) -> str:
    space = " " if opening.startswith("\\") and opening[1:].isalpha() else ""
    return f"{opening}{space}{inner}{space}{CLOSERS[opening]}"


def script(mark: str, text: str) -> str:
    plain = (len(text) == 1 and (text.isalnum() or text in "*+-")) or (
        text.startswith("\\") and text[1:].isalpha() and text not in (r"\nabla", r"\Delta", r"\partial")
    )
    return f"{mark}{text}" if plain else f"{mark}{{{text}}}"


def _letter(e: s.Node) -> bool:
    """An entry that may stand directly before or behind another."""
    if isinstance(e, s.Name):
        return len(e.base) == 1 and e.base.isalpha() and e.shown in ("", e.base) and not (e.sup or e.sub)
    return isinstance(e, s.Number) and len(e.text) == 1


def entries(items: Sequence[s.Node]) -> str:
    """The entries: jk where they are single letters and no word, else between commas."""
    run = "".join(e.base if isinstance(e, s.Name) and _letter(e) else " " for e in items)
    makes_word = any(w in RESERVED for w in run.split())
    text = ""
    for n, e in enumerate(items):
        if n:
            before = items[n - 1]
            numbers = isinstance(e, s.Number) and isinstance(before, s.Number)
            bracketed = _bracketed(e) and (_bracketed(before) or _letter(before))
            packed = (_letter(e) and _letter(before)) or bracketed
            text += "" if packed and not numbers and not makes_word else ", "
        text += f"{{{e.base}}}" if len(items) > 1 and is_sign(e) else _entry(e)
    return text


def is_sign(e: s.Node) -> TypeGuard[s.Name]:
    """The star of w^*, which is no sign of multiplication there."""
    return isinstance(e, s.Name) and e.base in ("*", "+", "-", *TIMES)


def guarded(text: str, e: s.Node) -> str:
    """A T at the end of a script in braces, where it is no transpose."""
    while isinstance(e, s.Product | s.Sum):
        if isinstance(e, s.Sum):
            if not isinstance(e.terms[-1], s.Product):
                break
            e = e.terms[-1]
        elif e.operators[-1]:
            break
        else:
            e = e.factors[-1]
    if isinstance(e, s.Name) and e.base in TRANSPOSES and not (e.sup or e.sub or e.primes):
        shown = e.shown or e.base
        if text.endswith(shown):
            return f"{text[: -len(shown)]}{{{shown}}}"
    return text


def limit(e: s.Node) -> str:
    """l+1, without spaces."""
    return str(e).replace(" + ", "+").replace(" - ", "-") if isinstance(e, s.Sum) else str(e)


def _entry(e: s.Node) -> str:
    if isinstance(e, s.Sum):
        return limit(e)
    if isinstance(e, s.Product) and not any(e.operators):
        return f"{{{e}}}"  # else its factors were entries
    return str(e)


def _bracketed(e: s.Node) -> bool:
    """[l] or (i), which no comma need stand before: Z^{[l](i)}."""
    return isinstance(e, s.Group) and e.shown in ("(", "[") and not e.sub


def above(items: Sequence[s.Node], around: str) -> str:
    """What stands in a superscript."""
    if around:
        return enclosed(around, entries(items))
    inner = guarded(entries(items), items[-1])
    only = items[0] if len(items) == 1 else None
    if isinstance(only, s.Group | s.Tuple) and only.shown in ("(", "[", r"\langle"):
        inner = f"{{{inner}}}"
    return inner
