"""The table of a certificate: names and terms, each admitted as a number whatever its names stand for."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from math import ceil
from typing import Any, NamedTuple

from sympy import Add, Integer, Mul, Pow, Rational, Symbol, exp, log

from symderive.calculus.atoms import BoundIndex, Functional, ScalarFunction, Slot, TensorSymbol
from symderive.calculus.terms import (
    Applied,
    Bracket,
    Entry,
    Family,
    FunctionalValue,
    IndexSum,
    PartialDerivative,
)
from symderive.proof.checker.ranges import POWER
from symderive.proof.checker.sequent import letters, need, within_one_line
from symderive.proof.checker.signs import not_negative, positive

# No step of the library has a term deeper than 10 or of more than 140 parts.
ROWS, DEPTH, SIZE, DIGITS, LETTERS, SECONDS = 400_000, 60, 2_000, 60, 200, 300.0


class Row(NamedTuple):
    """A name or term: what it is, how deep it is nested, how many binders it lacks, which slots it has.

    `size` counts the parts of a power as often as it multiplies them: that bounds every number that a
    substitution into the term can make.
    """

    thing: Any
    sort: str  # "scalar", "family" or "name"
    whole: bool = False
    depth: int = 0
    size: int = 1
    lacks: int = 0
    slots: int = 0


def table(rows: Any, before: Sequence[Row] = ()) -> list[Row]:
    """The rows of a certificate, each admitted, after those before; CheckerError with the row that is not."""
    need(isinstance(rows, list) and len(rows) <= ROWS, "expected a list of at most {} rows as table", ROWS)
    start, found = time.monotonic(), list(before)
    for n, row in enumerate(rows, len(found)):
        with within_one_line(f"row {n} of the table"):
            need(time.monotonic() - start < SECONDS, "expected at most {} s", SECONDS)
            head, *parts = row
            need(head in LEAVES or head in TERMS, "expected a head of {}", ", ".join((*LEAVES, *TERMS)))
            made: Row = LEAVES[head](found, *parts) if head in LEAVES else _term(found, head, parts)
            found.append(made)
    return found


def at(found: Sequence[Row], n: Any, what: str = "") -> Row:
    need(type(n) is int and 0 <= n < len(found), "expected an earlier row, found {!r:.40}", n)
    row = found[int(n)]
    fits = {"scalar": row.sort == "scalar", "whole": row.whole, "term": row.sort != "name"}.get(what, True)
    need(fits, "expected a {}, found {}", what, row.thing)
    return row


def _number(n: Any, lowest: int = 0) -> int:
    need(type(n) is int and lowest <= n < 10**DIGITS, "expected a whole number of at most {} digits", DIGITS)
    return int(n)


def _word(s: Any, least: int = 1) -> str:
    good = isinstance(s, str) and least <= len(s) <= LETTERS and s == s.strip() and s.isprintable()
    need(good, "expected a short printable name")
    return str(s)


# What follows the head of a term: earlier rows by what they must be, * for any number of them.
TERMS: dict[str, tuple[type, str]] = {
    "add": (Add, "scalar*"), "mul": (Mul, "scalar*"), "pow": (Pow, "scalar scalar"), "exp": (exp, "scalar"),
    "log": (log, "scalar"), "entry": (Entry, "name whole*"), "sum": (IndexSum, "scalar whole whole"),
    "family": (Family, "term whole whole"), "bracket": (Bracket, "word scalar scalar"),
    "applied": (Applied, "name number whole* scalar"), "value": (FunctionalValue, "name partials term*"),
    "partial": (PartialDerivative, "scalar scalar"),
}  # fmt: skip


def _term(found: Sequence[Row], head: str, given: Sequence[Any]) -> Row:
    """A term of earlier rows, if its constructor leaves it as it is written."""
    made, kinds = TERMS[head][0], TERMS[head][1].split()
    many = len(given) - len(kinds) + 1
    kinds = [k for kind in kinds for k in ([kind[:-1]] * many if kind[-1] == "*" else [kind])]
    need(len(kinds) == len(given), "expected {} parts of {}, found {}", len(kinds), head, len(given))
    parts: list[Row] = []
    values: list[Any] = []
    for kind, x in zip(kinds, given, strict=True):
        if kind == "partials":
            own = [(_number(m), [at(found, i, "whole") for i in index]) for m, *index in x]
            parts += [i for _, index in own for i in index]
            values.append([(m, *(i.thing for i in index)) for m, index in own])
        elif kind in ("word", "number"):
            values.append(_word(x) if kind == "word" else _number(x))
        else:
            parts.append(at(found, x, kind))
            values.append(parts[-1].thing)
    depth = 1 + max((p.depth for p in parts), default=0)
    size = 1 + sum(p.size for p in parts)
    if made is Pow:  # before it is made, as a number would be multiplied out
        x = values[1]
        need(isinstance(x, Rational) and abs(x) <= POWER, "expected a small rational exponent, found {}", x)
        size *= max(1, ceil(abs(x)))
    need(depth <= DEPTH and size <= SIZE, "expected terms at most {} deep, of at most {} parts", DEPTH, SIZE)
    if made is exp:  # e^{n log x} is x^n
        logs = [a for a in Add.make_args(values[0]) if isinstance(a.as_coeff_Mul()[1], log)]
        need(not logs, "expected a term as its constructor makes it, found the exponential of {}", values[0])
    thing = made(*values)
    order = str if made in (Add, Mul) else (lambda a: 0)
    plain = made in (Bracket, FunctionalValue) or sorted(thing.args, key=order) == sorted(values, key=order)
    need(type(thing) is made and plain, "expected a term as its constructor makes it, found {}", thing)
    if made is Pow:
        b, x = thing.args
        known = (x.is_Integer and x > 0) or positive(b) or (x > 0 and not_negative(b))
        need(known, "expected a base known to be positive for the exponent {}, found {}", x, b)
    if made is log:
        need(
            positive(thing.args[0]) and not thing.args[0].is_Rational,
            "expected the logarithm of what is known to be positive, and no number, found {}",
            thing,
        )
    whole = (
        (made in (Add, Mul, Bracket) and all(p.whole for p in parts))
        or (made is Entry and thing.symbol.kind != "real")
        or (made is Pow and parts[0].whole and thing.exp.is_Integer and thing.exp > 0)
    )
    binds = made in (IndexSum, Family)
    lacks = max((p.lacks - (binds and n == 0) for n, p in enumerate(parts)), default=0)
    slots = max((p.slots for p in parts), default=0)
    return Row(thing, "family" if made is Family else "scalar", bool(whole), depth, size, lacks, slots)


def _tensor(
    found: Sequence[Row], name: Any, axes: Any, sup: Any, look: Any, kind: Any, own: Any, *marks: Any
) -> Row:
    ranges = [[at(found, n, "whole") for n in axis] for axis in axes]
    for p, end in ((p, end) for p, axis in enumerate(ranges) for end in axis):
        closed = not letters(end.thing) and not end.lacks and not end.thing.has(Bracket)
        need(closed and end.slots <= p, "expected a range of sizes and earlier indices, found {}", end.thing)
    need(kind != "permutation" or ranges, "expected a permutation with an index")
    style, mark = marks
    words = style.split(" ") if isinstance(style, str) else ()
    known = style == "plain" or (words and {*words} <= {"tangent", "partial"})
    need(known, "expected plain, or tangent and partial, as style, found {!r:.40}", style)
    depth = 1 + max((end.depth for axis in ranges for end in axis), default=0)  # equality compares the axes
    size = 1 + sum(end.size for axis in ranges for end in axis)
    need(depth <= DEPTH and size <= SIZE, "expected ranges at most {} deep, of at most {} parts", DEPTH, SIZE)
    shown = (_word(look), _word(kind), [*map(_word, own)], _word(style), _word(mark, 0))
    t = TensorSymbol(_word(name), [(a.thing, b.thing) for a, b in ranges], _number(sup), *shown)
    return Row(t, "name", depth=depth, size=size)


def _fraction(p: Any, q: Any) -> Row:
    thing = Rational(_number(p, -(10**DIGITS)), _number(q, 2))
    need((thing.p, thing.q) == (p, q), "expected a fraction in lowest terms")
    return Row(thing, "scalar")


LEAVES: dict[str, Callable[..., Row]] = {
    "integer": lambda found, n: Row(Integer(_number(n, -(10**DIGITS))), "scalar", True),
    "rational": lambda found, p, q: _fraction(p, q),
    "index": lambda found, s: Row(Symbol(_word(s), integer=True), "scalar", True),
    "size": lambda found, s: Row(Symbol(_word(s), integer=True, positive=True), "scalar", True),
    "bound": lambda found, n: Row(BoundIndex(_number(n)), "scalar", True, lacks=n + 1),
    "slot": lambda found, n: Row(Slot(_number(n)), "scalar", True, slots=n + 1),
    "function": lambda found, a, b, n: Row(ScalarFunction(_word(a), _word(b), _number(n)), "name"),
    "functional": lambda found, a, b, n: Row(Functional(_word(a), _word(b), _number(n)), "name"),
    "tensor": _tensor,
}
