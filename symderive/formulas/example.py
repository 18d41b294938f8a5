r"""A counterexample that a reader can follow by hand: the smallest sizes and numbers at which both sides
differ.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import product
from typing import Any

from symderive.dialect.syntax import Name, Node
from symderive.errors import SymderiveError
from symderive.formulas.arrays import Array
from symderive.formulas.functions import POLYNOMIALS, drawn
from symderive.formulas.interpreter import Interpreter
from symderive.formulas.quantities import Quantity, letter_in
from symderive.formulas.readings import Reading
from symderive.formulas.setting import Setting
from symderive.formulas.trial import Outcome, attempt
from symderive.formulas.worlds import World, size_names

TRIES = 12
SPANS = (1, 2, 3)


def worked(given: Setting, left: Node, right: Node, reading: Reading, deadline: float) -> tuple[str, ...]:
    """Lines of text: sizes, functions, numbers, both sides. Nothing where none was found in time."""
    for case, note in ((given, ""), (_square(given), "all widths equal, so that the types fit")):
        found = _search(case, left, right, reading, deadline)
        if found is not None:
            world, outcome = found
            return tuple(_lines(case, world, outcome, left, right, note))
    return ()


def _search(
    given: Setting, left: Node, right: Node, reading: Reading, deadline: float
) -> tuple[World, Outcome] | None:
    outside: set[tuple[tuple[str, int], ...]] = set()
    for world in _kept_worlds(given):
        sizes = tuple(sorted(world.fixed.items()))
        if sizes in outside:  # whether an index is in its range depends on the sizes alone
            continue
        if time.monotonic() > deadline:
            return None
        try:
            outcome = attempt(given, world, left, right, reading, most=40)
        except SymderiveError:
            return None
        if outcome.kind == "different":
            return world, outcome
        if outcome.kind == "range":
            outside.add(sizes)
        elif outcome.kind not in ("equal", "undefined"):
            return None
    return None


def _kept_worlds(given: Setting) -> Iterator[World]:
    """The same worlds for every formula, each made when it is first asked for."""
    made: list[World] = given.kept.setdefault("examples", [])
    waiting: Iterator[World] = given.kept.setdefault("more examples", _worlds(given))
    n = 0
    while True:
        if n == len(made):
            new = next(waiting, None)
            if new is None:
                return
            made.append(new)
        yield made[n]
        n += 1


def _worlds(given: Setting) -> Iterator[World]:
    """Small sizes first, then small numbers, then simple functions; floats where no exact numbers serve."""
    generic = any(f.kind == "generic" for f in given.functions.values())
    choices = range(len(POLYNOMIALS)) if generic else (0,)
    for width, depth in ((1, 2), (2, 2), (2, 3)):
        for span, choice in product(SPANS, choices):
            for n in range(TRIES):
                yield World(given, "plain", n, {"width": width, "depth": depth}, chosen(n, span), choice)
    for n in range(3):
        yield World(given, "real", n, {"width": 2, "depth": 3}, chosen(n, 2))


def chosen(seed: int, span: int) -> Callable[[str, int, int], Any]:
    """Small whole numbers; the first are all 1."""

    def number(name: str, r: int, c: int) -> int:
        if seed == 0 and span == 1:
            return 1
        n = drawn("chosen", seed, name, r, c, span=span)
        return n if seed % 2 else abs(n)

    return number


def _square(given: Setting) -> Setting:
    """The setting with one size for all dimensions but 1; made once."""
    if "square" not in given.kept:
        given.kept["square"] = _made_square(given)
    found: Setting = given.kept["square"]
    return found


def _made_square(given: Setting) -> Setting:
    one = Name("n", shown="n")

    def squared(q: Quantity) -> Quantity:
        if q.shape is None:
            return q
        rows, cols = (e if str(e) == "1" else one for e in q.shape)
        return replace(q, shape=(rows, cols))

    quantities = tuple(map(squared, given.quantities))
    definitions = tuple(replace(d, of=squared(d.of)) for d in given.definitions)
    return replace(given, quantities=quantities, definitions=definitions, kept={})


def _lines(
    given: Setting, world: World, outcome: Outcome, left: Node, right: Node, note: str
) -> Iterator[str]:
    sizes = ", ".join(f"{k} = {v}" for k, v in sorted(world.sizes.items()) if k in _shown_sizes(given, world))
    if sizes:
        yield f"sizes: {sizes}" + (f" ({note})" if note else "")
    names = [n for n, f in given.functions.items() if f.kind == "generic" and n == f.name]
    if names and world.mode == "plain":
        yield ", ".join(f"{n}(z) = {POLYNOMIALS[world.choice][0]}" for n in names)
    costs = [n for n, f in given.functions.items() if f.kind == "cost"]
    if costs and world.mode == "plain":
        yield f"{', '.join(costs)}: half the sum of the squared differences"
    point = dict(outcome.point)
    if point:
        yield "at " + ", ".join(f"{k} = {v}" for k, v in point.items())
    env = dict(point)
    for text, a in _values(given, world, left, right, env):
        yield f"{text} = {shown(a)}"
    yield f"left side: {shown(outcome.left)}"
    yield f"right side: {shown(outcome.right)}"


def _shown_sizes(given: Setting, world: World) -> set[str]:
    return {k for k in world.sizes if k.split("_")[0] in size_names(given)}


def _values(
    given: Setting, world: World, left: Node, right: Node, env: dict[str, int]
) -> Iterator[tuple[str, Array]]:
    """What is given, and then the quantities of the formula that are computed."""
    told: set[object] = set()
    for (base, at, _), a in _ordered(world):
        if _quantity(given, base).given and (base, at) not in told:
            told.add((base, at))
            yield base[0] + "".join(f"_{n}" for n in at) + _literal(_quantity(given, base)), a
    seen: set[str] = set()
    reader = Interpreter(given, world)
    for side in (left, right):
        for node in side.walk():
            if (
                isinstance(node, Name)
                and (found := reader.find(node)) is not None
                and not found.quantity.given
            ):
                text = str(node)
                if text in seen or any(letter_in(c, env) == "" and _bound(c, env) for c in found.components):
                    continue
                seen.add(text)
                try:
                    yield text, reader.array(node, env)
                except SymderiveError:
                    continue


def _literal(q: Quantity) -> str:
    own = [p for p in (*q.sup, *q.sub) if p not in q.letters]
    return "_" + ",".join(own) if own else ""


def _bound(c: Node, env: dict[str, int]) -> bool:
    return isinstance(c, Name) and c.base not in env


def _ordered(world: World) -> list[tuple[Any, Array]]:
    return [(k, a) for k, a in world.memo.items() if isinstance(a, Array)]


def _quantity(given: Setting, key: Any) -> Quantity:
    return next(q for q in given.quantities if q.key == key)


def shown(a: Any) -> str:
    """An array by its rows."""
    if isinstance(a, Array):
        if a.scalar:
            return one(a.number)
        if a.cols.name == "1":
            return "(" + ", ".join(one(x) for x in a.v[:, 0]) + ")^T"
        if a.rows.name == "1":
            return "(" + ", ".join(one(x) for x in a.v[0]) + ")"
        return "(" + "; ".join(", ".join(one(x) for x in row) for row in a.v) + ")"
    return str(a.reshape(-1).tolist())


def one(x: Any) -> str:
    """A number: exact, or with six digits."""
    if isinstance(x, float):
        return f"{x:.6g}"
    return str(Fraction(x))
