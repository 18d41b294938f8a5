r"""One equation in one world: do both sides agree, at all values of the free indices?"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, product
from typing import Any

from symderive.dialect.syntax import BigOperator, Comparison, Derivative, Name, Node
from symderive.formulas.arrays import Array, Jacobian, NoValue, ShapeError
from symderive.formulas.interpreter import Interpreter
from symderive.formulas.readings import USUAL, FormulaError, OutOfRange, Reading
from symderive.formulas.setting import Setting
from symderive.formulas.worlds import RELATIONS, World, slots

POINTS = 48
CLOSE = 1e-9
NEAR = 1e-6
"""Two floats agree below CLOSE, relative to their terms, and differ above NEAR; between, nothing is said."""


@dataclass(frozen=True)
class Outcome:
    """What a trial found.

    `kind`: equal, different, undefined (no value anywhere), or the kind of a FormulaError: types, index,
    range, name, unknown. `point`: the indices of a difference. `left`, `right`: the values there.
    """

    kind: str
    text: str = ""
    column: int = 0
    remarks: tuple[str, ...] = ()
    point: tuple[tuple[str, int], ...] = ()
    left: Any = None
    right: Any = None
    tried: int = 0

    @property
    def equal(self) -> bool:
        """Whether both sides agreed wherever they were compared."""
        return self.kind == "equal"


def families(setting: Setting, *sides: Node) -> list[str]:
    """The family letters that are free in the sides, in order of appearance."""
    found: dict[str, None] = {}

    def go(e: Node, bound: frozenset[str]) -> None:
        if (
            isinstance(e, Name)
            and e.base in setting.indices
            and e.base not in bound
            and not e.sub
            and not e.sup
        ):
            found.setdefault(e.base)
        if isinstance(e, BigOperator):
            for limit in (e.low, e.high, e.unequal):
                if limit is not None:
                    go(limit, bound)
            go(e.body, bound | ({e.index.base} if e.index is not None else set()))
            return
        for c in e.children():
            go(c, bound)

    for side in sides:
        go(side, frozenset())
    return list(found)


def free_letters(setting: Setting, side: Node, world: World, env: Mapping[str, int]) -> set[str]:
    """The component letters that are free in a side."""
    return {letter for letter, _ in slots(side, env, Interpreter(setting, world))}


def assignments(world: World, letters: list[str]) -> Iterator[dict[str, int]]:
    """All values of family letters."""
    ranges = []
    for k in letters:
        low, high = world.range(k)
        ranges.append(range(low, high + 1))
    for values in product(*ranges):
        yield dict(zip(letters, values, strict=True))


def points(world: World, env: dict[str, int], reader: Interpreter, *sides: Node) -> Iterator[dict[str, int]]:
    """Values of the component letters that are free in both sides: all of them, or a sample of POINTS."""
    dims: dict[str, int] = {}
    names: dict[str, str] = {}
    for side in sides:
        for letter, dim in slots(side, env, reader):
            if names.setdefault(letter, dim.name) != dim.name:
                text = (
                    f"index {letter} runs over 1..{names[letter]} on the left and over 1..{dim} on the right"
                )
                raise FormulaError(text, side.column, "index order")
            dims[letter] = dim.size
    every = list(islice(product(*(range(1, n + 1) for n in dims.values())), 4096))
    if len(every) > POINTS:
        every = random.Random(1).sample(every, POINTS)
    for values in every:
        point = {**env, **dict(zip(dims, values, strict=True))}
        if all(_meant(c, point, world) for c in world.setting.where):
            yield point


def _meant(c: Comparison, point: Mapping[str, int], world: World) -> bool:
    """Whether a condition on indices holds; one that speaks of other letters does."""
    try:
        a, b = world.index(c.left, point), world.index(c.right, point)
    except FormulaError:
        return True
    return RELATIONS[c.relation](a, b) if c.relation in RELATIONS else True


def attempt(
    setting: Setting, world: World, left: Node, right: Node, reading: Reading = USUAL, most: int = 400
) -> Outcome:
    """Compare both sides in a world, at all values of the free indices."""
    reader = Interpreter(setting, world, reading)
    world.terms = 0
    tried = 0
    undefined: FormulaError | None = None
    try:
        for env in assignments(world, families(setting, left, right)):
            try:
                for point in points(world, env, reader, left, right):
                    if tried >= most:
                        break
                    found = _at(reader, left, right, point)
                    if found is not None:
                        return found
                    tried += 1
            except OutOfRange as error:
                undefined = error
    except (FormulaError, ShapeError) as error:
        kind = error.kind if isinstance(error, FormulaError) else "types"
        column = error.column if isinstance(error, FormulaError) else 0
        text = error.text if isinstance(error, FormulaError) else str(error)
        return Outcome(kind, text, column, tuple(reader.remarks))
    except NoValue as error:
        return Outcome("undefined", str(error), 0, tuple(reader.remarks))
    except (OverflowError, RecursionError) as error:
        return Outcome("unknown", type(error).__name__)
    if not tried:
        text = undefined.text if undefined is not None else "no values of its indices"
        return Outcome("range", text, undefined.column if undefined is not None else 0, tuple(reader.remarks))
    return Outcome("equal", remarks=tuple(reader.remarks), tried=tried)


def _at(reader: Interpreter, left: Node, right: Node, point: dict[str, int]) -> Outcome | None:
    """None where both sides agree at this point."""
    a, b = reader.value(left, point), reader.value(right, point)
    shown = tuple(sorted(point.items()))
    if isinstance(a, Jacobian) and isinstance(b, Jacobian):
        same = [d.name for d in (*a.of, *a.by)] == [d.name for d in (*b.of, *b.by)]
        if not same:
            raise FormulaError(f"the left side is the {a}, the right side the {b}", right.column)
        return (
            None if agree(a.d, b.d) else Outcome("different", "", 0, tuple(reader.remarks), shown, a.d, b.d)
        )
    a, b = _indexed(a, b, left, right, reader, point)
    a, b = _matched(a, b, reader, right)
    if agree(a.v, b.v):
        return None
    return Outcome("different", "", 0, tuple(reader.remarks), shown, a, b)


def _indexed(
    a: Any, b: Any, left: Node, right: Node, reader: Interpreter, point: dict[str, int]
) -> tuple[Any, Any]:
    """A vector on one side and a component on the other: the vector is read with that index."""
    if isinstance(a, Jacobian) or isinstance(b, Jacobian) or a.scalar == b.scalar:
        return a, b
    vector, e, other = (a, left, right) if b.scalar else (b, right, left)
    if "1" not in vector.dims:
        return a, b
    env = {k: v for k, v in point.items() if k in reader.setting.indices}
    free = dict(slots(other, env, reader))
    for k in dict(slots(e, env, reader)):
        free.pop(k, None)
    dim = vector.rows if vector.cols.name == "1" else vector.cols
    fitting = [k for k, d in free.items() if d.name == dim.name]
    if len(fitting) != 1:
        return a, b
    reader.remark(f"the {'left' if b.scalar else 'right'} side is read with the index {fitting[0]}")
    n = point[fitting[0]]
    one = reader.k.entry(vector, *((n, 1) if vector.cols.name == "1" else (1, n)))
    return (one, b) if b.scalar else (a, one)


def _matched(a: Any, b: Any, reader: Interpreter, e: Node) -> tuple[Array, Array]:
    """Two arrays of one shape; a derivative of vectors also by its transpose."""
    derived = isinstance(a, Jacobian) or isinstance(b, Jacobian)
    a, b = reader.plain(a, e), reader.plain(b, e)
    if a.dims == b.dims:
        return a, b
    flipped = reader.k.transpose(b)
    if derived and flipped.dims == a.dims:
        reader.remark("derivatives of vectors are laid out with a column for each entry of the numerator")
        return a, flipped
    raise FormulaError(f"the left side is a {a}, the right side a {b}", e.column)


def agree(a: Any, b: Any) -> bool:
    """Whether all entries are equal; floats up to rounding."""
    for x, y in zip(a.reshape(-1), b.reshape(-1), strict=True):
        if isinstance(x, float) or isinstance(y, float):
            scale = max(1.0, abs(float(x)), abs(float(y)))
            if not abs(float(x) - float(y)) <= CLOSE * scale:
                return False
        elif x != y:
            return False
    return True


def has_derivative(*sides: Node) -> bool:
    """Whether a derivative is written in any of the sides."""
    return any(isinstance(n, Derivative) for s in sides for n in s.walk())
