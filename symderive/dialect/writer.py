"""The tree as LaTeX again, in the writer's own spelling, with the parentheses that it needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from symderive.dialect import syntax as s
from symderive.dialect.words import OPENING, WORDS

CLOSERS = {**OPENING, "{": "}", "": ""}


def write(e: Any) -> str:
    r"""LaTeX of a node or of a statement.

    >>> from symderive.dialect import read
    >>> write(read(r"\frac{\partial C}{\partial w_{jk}} = a_k\delta_j")[0])
    '\\frac{\\partial C}{\\partial w_{jk}} = a_k \\delta_j'
    """
    if isinstance(e, s.Statement):
        text = write(e.sides[0])
        for side, relation in zip(e.sides[1:], e.relations, strict=True):
            text += f" {relation} {write(side)}"
        return text
    return WRITERS[type(e).__name__](e)


def _within(e: s.Node) -> str:
    """A factor: sums in parentheses."""
    text = write(e)
    return f"({text})" if isinstance(e, s.Sum | s.Comparison) else text


def _base(e: s.Node) -> str:
    """What a script can stand on."""
    text = write(e)
    closed = isinstance(e, s.Group | s.Number | s.Tuple | s.Matrix | s.Norm) or (
        isinstance(e, s.Call) and not e.bare
    )
    return text if closed else f"({text})"


def _entries(entries: tuple[s.Node, ...]) -> str:
    def single(e: s.Node) -> bool:
        if isinstance(e, s.Name):
            return len(e.base) == 1 and e.shown in ("", e.base)
        return isinstance(e, s.Number) and len(e.text) == 1

    text = ""
    for n, e in enumerate(entries):
        if n:
            before = entries[n - 1]
            both_numbers = isinstance(e, s.Number) and isinstance(before, s.Number)
            packed = single(e) and single(before) and not both_numbers and not _makes_word(entries)
            text += "" if packed else ", "
        # l+1, without spaces
        text += write(e).replace(" + ", "+").replace(" - ", "-") if isinstance(e, s.Sum) else write(e)
    return text


def _makes_word(entries: tuple[s.Node, ...]) -> bool:
    run = "".join(e.base for e in entries if isinstance(e, s.Name) and len(e.base) == 1)
    return run in WORDS


def _script(mark: str, text: str) -> str:
    plain = (len(text) == 1 and text.isalnum()) or (text.startswith("\\") and text[1:].isalpha())
    return f"{mark}{text}" if plain else f"{mark}{{{text}}}"


def _name(e: s.Name) -> str:
    text = e.shown or e.base
    primes = "'" * e.primes
    sup = ""
    if e.sup:
        inner = _entries(e.sup)
        sup = _script("^", _enclosed(e.around, inner))
    sub = _script("_", _entries(e.sub)) if e.sub else ""
    # a prime before a superscript would be a double one
    if primes and sup:
        return f"{text}{_script('^', _joined(e))}{sub}"
    return f"{text}{primes}{sub}{sup}" if e.sub_first else f"{text}{primes}{sup}{sub}"


def _joined(e: s.Name) -> str:
    inner = _entries(e.sup)
    return _enclosed(e.around, inner) + "'" * e.primes


def _enclosed(around: str, inner: str) -> str:
    space = " " if around.startswith("\\") else ""
    return f"{around}{space}{inner}{space}{CLOSERS[around]}"


def _transposed(e: s.Transposed) -> str:
    mark = (
        e.mark if len(e.mark) == 1 or (e.mark.startswith("\\") and e.mark[1:].isalpha()) else f"{{{e.mark}}}"
    )
    base = e.base
    if isinstance(base, s.Name) and not base.sup and not base.primes:
        return f"{base.shown or base.base}^{mark}" + (_script("_", _entries(base.sub)) if base.sub else "")
    if isinstance(base, s.Name):
        if base.around and not base.primes:
            inner = _enclosed(base.around, _entries(base.sup)) + e.mark
            return f"{base.shown or base.base}^{{{inner}}}" + (
                _script("_", _entries(base.sub)) if base.sub else ""
            )
        return f"{{{write(base)}}}^{mark}"
    return f"{_base(base)}^{mark}"


def _sum(e: s.Sum) -> str:
    text = ""
    for n, (t, sign) in enumerate(zip(e.terms, e.signs, strict=True)):
        inner = f"({write(t)})" if isinstance(t, s.Sum) else write(t)
        text += f" {sign} {inner}" if n else ("" if sign == "+" else "-") + inner
    return text


def _product(e: s.Product) -> str:
    text = ""
    for n, f in enumerate(e.factors):
        inner = _within(f)
        last = n == len(e.factors) - 1
        nested = isinstance(f, s.Product) or (isinstance(f, s.BigOperator) and not last)
        inner = f"({inner})" if nested else inner
        if n:
            o = e.operators[n - 1]
            number = not o and isinstance(f, s.Number)
            text += rf" \cdot {inner}" if number else f" {o} {inner}" if o else f" {inner}"
        else:
            text = inner
    return text


def _call(e: s.Call) -> str:
    head = write(e.function)
    if head == r"\sqrt":
        return rf"\sqrt{{{write(e.arguments[0])}}}"
    if e.bare:
        return f"{head} {_within(e.arguments[0])}"
    inner = ", ".join(map(write, e.arguments))
    return f"{head}{e.brackets}{inner}{CLOSERS.get(e.brackets, ')')}"


def _derivative(e: s.Derivative) -> str:
    mark = e.d if e.d != "d" else "d"
    space = " " if mark.startswith("\\") else ""
    above = mark + (space + _operand(e.of) if e.of is not None else "")
    below = " ".join(mark + space + _operand(b) for b in e.by)
    if e.inline:
        return f"{above} / {below}"
    if e.command == r"\over":
        return f"{{{above} \\over {below}}}"
    return f"{e.command}{{{above}}}{{{below}}}"


def _operand(e: s.Node) -> str:
    text = write(e)
    return f"({text})" if isinstance(e, s.Sum | s.Product) else text


def _big(e: s.BigOperator) -> str:
    low = ""
    if e.index is not None:
        inner = write(e.index)
        if e.low is not None:
            inner += f"={write(e.low)}"
        if e.unequal is not None:
            inner += rf" \neq {write(e.unequal)}"
        low = _script("_", inner)
    high = _script("^", write(e.high)) if e.high is not None else ""
    body = write(e.body)
    if isinstance(e.body, s.Sum) and not (len(e.body.terms) == 1 and e.body.signs == ("-",)):
        body = f"({body})"
    return f"{e.shown}{low}{high} {body}"


def _group(e: s.Group) -> str:
    sub = _script("_", _entries(e.sub)) if e.sub else ""
    inner = write(e.body)
    if not e.shown:
        return f"{inner}{sub}" if not isinstance(e.body, s.Sum | s.Product) else f"({inner}){sub}"
    shown = "(" if e.shown == "{" and isinstance(e.body, s.Sum) else e.shown
    return f"{shown}{inner}{CLOSERS[shown]}{sub}"


def _norm(e: s.Norm) -> str:
    bar = r"\|" if e.double else "|"
    sub = _script("_", _entries(e.sub)) if e.sub else ""
    power = _script("^", write(e.power)) if e.power is not None else ""
    return f"{bar}{write(e.body)}{bar}{sub}{power}"


def _matrix(e: s.Matrix) -> str:
    rows = r" \\ ".join(" & ".join(write(c) if c is not None else "" for c in row) for row in e.rows)
    return rf"\begin{{{e.environment}}} {rows} \end{{{e.environment}}}"


def _fraction(e: s.Fraction) -> str:
    if e.inline:
        return f"{_over(e.above)} / {_over(e.below)}"
    if e.command == r"\over":
        return f"{{{write(e.above)} \\over {write(e.below)}}}"
    return f"{e.command}{{{write(e.above)}}}{{{write(e.below)}}}"


def _over(e: s.Node) -> str:
    text = write(e)
    return f"({text})" if isinstance(e, s.Sum | s.Product | s.Fraction) else text


WRITERS: dict[str, Callable[[Any], str]] = {
    "Number": lambda e: e.text,
    "Name": _name,
    "FunctionName": _name,
    "Call": _call,
    "Product": _product,
    "Sum": _sum,
    "Fraction": _fraction,
    "Derivative": _derivative,
    "Nabla": lambda e: (
        r"\nabla"
        + (_script("_", write(e.by)) if e.by is not None else "")
        + (f" {_within(e.of)}" if e.of is not None else "")
    ),
    "Differential": lambda e: f"{e.d}{_operand(e.of)}",
    "Change": lambda e: f"{e.symbol} {_operand(e.of)}",
    "BigOperator": _big,
    "Power": lambda e: (
        f"{write(e.base) if _is_e(e.base) else _base(e.base)}{_script('^', write(e.exponent))}"
    ),
    "Transposed": _transposed,
    "Group": _group,
    "Tuple": lambda e: f"{e.shown}{', '.join(map(write, e.entries))}{CLOSERS[e.shown]}",
    "Norm": _norm,
    "Matrix": _matrix,
    "Cases": lambda e: (
        r"\begin{cases} "
        + r" \\ ".join(write(v) + (f" & {write(c)}" if c is not None else "") for v, c in e.rows)
        + r" \end{cases}"
    ),
    "Comparison": lambda e: f"{write(e.left)} {e.relation} {write(e.right)}",
    "Dots": lambda e: e.shown,
    "Text": lambda e: rf"\text{{{e.text}}}",
    "Partial": lambda e: rf"\partial {e.of}",
    "Part": lambda e: " ".join(map(write, e.factors)),
}


def _is_e(e: s.Node) -> bool:
    return isinstance(e, s.Name) and e.base == "e" and not e.sup and not e.sub


s.written_by(write)
