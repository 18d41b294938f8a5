r"""A small network in which a formula is tried: sizes, numbers for all that is given, values by the
definitions.

Derivatives are those of the forward definitions, by numbers that carry their derivatives along; nothing here
knows a formula of backpropagation.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from symderive.dialect.syntax import BigOperator, Group, Name, Node, Number, Product, Sum
from symderive.formulas import arrays
from symderive.formulas.arrays import ONE, Array, Dim, ShapeError
from symderive.formulas.functions import LARGE, At, drawn, formal, plain, real
from symderive.formulas.interpreter import Interpreter
from symderive.formulas.products import Env
from symderive.formulas.quantities import Defined, FunctionOf, Quantity, SettingError, is_letter, letter_in
from symderive.formulas.readings import FormulaError, OutOfRange, exact
from symderive.formulas.setting import Setting
from symderive.formulas.tuples import family_of

Moving = tuple[Quantity, tuple[int, ...]] | None

DEEP, LARGER = 3, 20
TERMS = 20_000
WIDTHS = (3, 2, 4, 5, 3, 2, 4, 5)
"""Sizes, in the order in which they are met. Names tell dimensions apart, so that they need not differ."""

RELATIONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, r"\neq": operator.ne, "<": operator.lt, r"\leq": operator.le, ">": operator.gt,
    r"\geq": operator.ge,
}  # fmt: skip


class World:
    """Numbers for a setting. `mode`: "formal" (exact, at random), "real" (floating point), "plain" (by hand).

    `sizes` fixes sizes by name, `choose` gives the numbers of what is given (in "plain").
    """

    algebra = arrays

    def __init__(
        self,
        setting: Setting,
        mode: str = "formal",
        seed: int = 1,
        sizes: Mapping[str, int] | None = None,
        choose: Callable[[str, int, int], Any] | None = None,
        choice: int = 0,
    ) -> None:
        self.setting, self.mode, self.seed, self.choice = setting, mode, seed, choice
        self.sizes: dict[str, int] = dict(sizes or {})
        self.fixed = dict(sizes or {})
        self.choose = choose
        self.memo: dict[Any, Array] = {}
        self.active: set[Any] = set()
        self.bases = size_names(setting)
        # sizes are not the same in all worlds: L = 3 is true in some
        self.larger = int(mode != "plain" and seed > LARGER)
        self.met = self.larger
        self.terms = 0

    # ------------------------------------------------------------------------------------------- sizes

    def size(self, e: Name, env: Env) -> int | None:
        """The number behind the name of a size; None where it is no size."""
        if e.base not in self.bases or e.primes or e.sup:
            return None
        return self.dim(e, env).size

    def dim(self, e: Node, env: Env) -> Dim:
        """A dimension of a shape."""
        if isinstance(e, Number):
            n = int(exact(e.text))
            return ONE if n == 1 else Dim(str(n), n)
        if isinstance(e, Name):
            label = e.base + "".join(f"_{self._script(s, env)}" for s in e.sub)
            if label in self.setting.sizes:
                n = self.setting.sizes[label]
                return Dim(label if n == 1 else str(n), n)
            return Dim(label, 1 if label in self._units() else self._size(label, e.base))
        if isinstance(e, Group):
            return self.dim(e.body, env)
        return Dim(str(e), self.index(e, env))

    def _units(self) -> set[str]:
        """The dimensions that are 1, with the number of the last layer put in: n_L is n_3."""
        found = set()
        for unit in self.setting.units:
            base, _, last = unit.rpartition("_")
            deep = any(isinstance(hi, Name) and hi.base == last for _, hi in self.setting.indices.values())
            found.add(f"{base}_{self._size(last, last)}" if base and deep else unit)
        return found

    def _script(self, s: Node, env: Env) -> str:
        try:
            return str(self.index(s, env))
        except FormulaError:
            return str(s)

    def _size(self, label: str, base: str) -> int:
        if label not in self.sizes:
            deep = any(isinstance(hi, Name) and hi.base == label for _, hi in self.setting.indices.values())
            if deep and not any(label == b for b in self._dimensions()):
                self.sizes[label] = self.fixed.get("depth", DEEP + self.larger)
            else:
                self.sizes[label] = self.fixed.get("width", 0) or WIDTHS[self.met % len(WIDTHS)]
                self.met += 1
        return self.sizes[label]

    def _dimensions(self) -> Iterator[str]:
        for q in self.setting.quantities:
            for e in q.shape or ():
                if isinstance(e, Name) and not e.sub:
                    yield e.base

    def index(self, e: Node, env: Env, reader: Interpreter | None = None) -> int:
        """A whole number: an index, a layer, a limit of a sum."""
        if isinstance(e, Number):
            n = exact(e.text)
            if isinstance(n, int):
                return n
        if isinstance(e, Name):
            if e.base in env and not e.sub and not e.sup:
                return int(env[e.base])
            if e.base in self.bases and not e.sup:
                return self.dim(e, env).size
        if isinstance(e, Group):
            return self.index(e.body, env, reader)
        if isinstance(e, Sum):
            total = 0
            for t, s in zip(e.terms, e.signs, strict=True):
                total += self.index(t, env, reader) * (1 if s == "+" else -1)
            return total
        if isinstance(e, Product):
            product = 1
            for f in e.factors:
                product *= self.index(f, env, reader)
            return product
        raise FormulaError(f"expected an index, found {e}", e.column, "name")

    def range(self, letter: str) -> tuple[int, int]:
        """The range of a family letter."""
        low, high = self.setting.indices[letter]
        return self.index(low, {}), self.index(high, {})

    # ------------------------------------------------------------------------------------------- values

    def value(self, q: Quantity, at: tuple[int, ...], moving: Moving = None, column: int = 0) -> Array:
        """A quantity at these indices of its families, with derivatives by what moves."""
        key = (q.key, at, None if moving is None else (moving[0].key, moving[1]))
        if key not in self.memo:
            if key in self.active:
                raise SettingError(f"setting: expected definitions without a circle, found one through {q}")
            self.active.add(key)
            try:
                self.memo[key] = self._value(q, at, moving, column)
            finally:
                self.active.discard(key)
        return self.memo[key]

    def _value(self, q: Quantity, at: tuple[int, ...], moving: Moving, column: int) -> Array:
        if moving is not None and (moving[0].key, moving[1]) == (q.key, at):
            return arrays.independent(self.value(q, at, None, column))
        if q.given:
            return self._given(q, at, column)
        for d in self.setting.of(q):
            env = self._matched(d, at)
            if env is not None:
                return self._defined(d, env, moving, at)
        raise OutOfRange(f"{q} is not defined at {', '.join(map(str, at))}", column, "range")

    def _given(self, q: Quantity, at: tuple[int, ...], column: int) -> Array:
        env = dict(zip(q.letters, at, strict=True))
        for k, n in env.items():
            low, high = self.range(k)
            if not low <= n <= high:
                raise OutOfRange(f"{q} has no index {n}, which is outside of {low}..{high}", column, "range")
        assert q.shape is not None
        rows, cols = (self.dim(e, env) for e in q.shape)
        name = (
            q.base + "".join(f"_{n}" for n in at) + "".join(p for p in (*q.sup, *q.sub) if p not in q.letters)
        )
        found = arrays.full(rows, cols, lambda r, c: self._number(name, r, c))
        return self._simplex(found) if q.base in self.setting.simplex else found

    def _number(self, name: str, r: int, c: int) -> Any:
        if self.choose is not None:
            return self.choose(name, r, c)
        n = drawn(self.seed, "given", name, r, c)
        return n if self.mode == "formal" else n / LARGE

    def _simplex(self, a: Array) -> Array:
        """The last entry, of each example, is what is missing to 1."""
        v = a.v.copy()
        if "1" in a.dims:
            flat = v.reshape(-1)
            flat[-1] = 1 - sum(flat[:-1])
        elif any(f.along == "columns" for f in self.setting.functions.values()):
            v[-1, :] = 1 - v[:-1, :].sum(axis=0)
        else:
            v[:, -1] = 1 - v[:, :-1].sum(axis=1)
        return Array(a.rows, a.cols, v)

    def _matched(self, d: Defined, at: tuple[int, ...]) -> dict[str, int] | None:
        env: dict[str, int] = {}
        for e, n in zip(d.at, at, strict=True):
            k = letter_in(e, self.setting.indices)
            if not k:
                if self.index(e, {}) != n:
                    return None
                continue
            value = n if is_letter(e, self.setting.indices) else n - self.index(e, {k: 0})
            low, high = self.range(k)
            if not low <= value <= high or env.setdefault(k, value) != value:
                return None
        return env

    def _defined(self, d: Defined, env: dict[str, int], moving: Moving, at: tuple[int, ...]) -> Array:
        reader = Interpreter(self.setting, self)
        reader.moving = moving
        try:
            whole = not d.components
            found: Array = reader.array(d.right, env) if whole else self._assembled(d, env, reader, at)
        except FormulaError as error:
            if isinstance(error, OutOfRange) and error.kind == "range":
                raise OutOfRange(f"{d.of} is not defined there", 0, "range") from None
            raise SettingError(f"setting, definition {d.text!r:.60}: {error}") from None
        return found

    def _assembled(self, d: Defined, env: dict[str, int], reader: Interpreter, at: tuple[int, ...]) -> Array:
        q = d.of
        if q.shape is None:
            raise SettingError(f"setting, definition {d.text!r:.60}: expected {q} declared with a shape")
        inner = dict(zip(q.letters, at, strict=True))
        rows, cols = (self.dim(e, inner) for e in q.shape)
        letters = [c.base if isinstance(c, Name) else "" for c in d.components]
        if not all(letters):
            raise SettingError(f"setting, definition {d.text!r:.60}: expected letters as components")
        places = [(r, c) for r in range(1, rows.size + 1) for c in range(1, cols.size + 1)]
        found: dict[tuple[int, int], Array] = {}
        for r, c in places:
            index = (r, c) if len(letters) == 2 else (r if cols.name == "1" else c,)
            found[r, c] = reader.array(d.right, {**env, **dict(zip(letters, index, strict=True))})
            if not found[r, c].scalar:
                raise SettingError(f"setting, definition {d.text!r:.60}: expected a number on the right")
        values = arrays.full(rows, cols, lambda r, c: found[r, c].number)
        moved = [a.t.shape[0] for a in found.values() if a.t is not None]
        if not moved:
            return values
        t = np.zeros((moved[0], rows.size, cols.size), dtype=object)
        for (r, c), a in found.items():
            if a.t is not None:
                t[:, r - 1, c - 1] = a.t[:, 0, 0]
        return Array(rows, cols, values.v, t)

    def is_number(self, q: Quantity) -> bool:
        """Whether a defined quantity is a number."""
        if q.letters:
            return False
        try:
            return self.value(q, ()).scalar
        except (FormulaError, SettingError):
            return False

    # ------------------------------------------------------------------------------------------- functions

    def scalar_function(self, f: FunctionOf, layer: tuple[Any, ...]) -> At:
        """The function of this name, at a layer."""
        name = f.of or f.name
        if layer:
            name = f"{name}{layer}"
        if self.mode == "formal":
            return formal(f.kind, name, self.seed)
        return real(f.kind, name, self.seed) if self.mode == "real" else plain(f.kind, name, self.choice)

    def functional(self, f: FunctionOf, values: list[Array], e: Node) -> Array:
        """An arbitrary function of all entries; by hand, half the sum of the squared differences."""
        if self.mode == "plain":
            return self._squares(values)
        entries = [x for a in values for x in a.v.reshape(-1)]
        if self.mode == "formal":
            where = repr([str(x) for x in entries])
            total: Any = drawn(self.seed, f.name, where)
            partials: list[Any] = [drawn(self.seed, f.name, where, n) for n in range(len(entries))]
        else:
            import math

            c = [drawn(self.seed, f.name, "wave", n) / LARGE for n in range(len(entries))]
            phase = sum(a * float(x) for a, x in zip(c, entries, strict=True))
            total, partials = math.sin(phase), [a * math.cos(phase) for a in c]
        return self._moved(values, total, partials)

    def _moved(self, values: list[Array], total: Any, partials: list[Any]) -> Array:
        found, t, start = arrays.number(total), None, 0
        for a in values:
            n = a.v.size
            if a.t is not None:
                part = a.t.reshape(a.t.shape[0], n) @ np.array(partials[start : start + n], dtype=object)
                t = part if t is None else t + part
            start += n
        return Array(ONE, ONE, found.v, None if t is None else t.reshape(-1, 1, 1))

    def _squares(self, values: list[Array]) -> Array:
        if len(values) == 2 and values[0].dims == values[1].dims:
            difference = arrays.add(values[0], arrays.negative(values[1]))
        else:
            difference = values[0]
        half = arrays.reciprocal(arrays.number(2))
        return arrays.times(half, arrays.total(arrays.times(difference, difference)))

    def compared(self, a: Array, relation: str, b: Array, e: Node) -> Array:
        """1 where the relation holds, else 0."""
        holds = RELATIONS.get(relation)
        if holds is None:
            raise FormulaError(f"expected a relation of {', '.join(RELATIONS)}, found {relation}", e.column)
        rows, cols = a.rows, a.cols
        if not (a.dims == b.dims or b.scalar):
            raise FormulaError(f"cannot compare a {a} with a {b}", e.column)
        test = np.frompyfunc(lambda x, y: int(holds(x, y)), 2, 1)
        return Array(rows, cols, test(a.v, b.v))

    # ------------------------------------------------------------------------------------------- sums

    def big(self, e: BigOperator, env: Env, reader: Interpreter) -> Any:
        """A sum or product over an index: over its limits, its family, or the places where it stands."""
        if e.index is None:
            raise FormulaError("expected an index below the sum, found none", e.column, "index")
        letter = e.index.base
        low, high = self._limits(e, letter, env, reader)
        self.terms += max(0, high - low)
        if self.terms > TERMS:
            raise FormulaError(f"expected sums of at most {TERMS} terms together", e.column, "unknown")
        skip = None if e.unequal is None else self.index(e.unequal, env, reader)
        result: Any = None
        for n in range(low, high + 1):
            if n == skip:
                continue
            try:
                one = reader.value(e.body, {**env, letter: n})
            except OutOfRange as error:
                raise FormulaError(
                    f"the sum over {letter} leaves its range: {error.text}", e.column, "range"
                ) from None
            if result is None:
                result = one
            elif e.operator == "prod":
                result = reader.multiply(result, "", one, e)
            else:
                result = arrays.add(reader.plain(result, e), reader.plain(one, e))
        if result is None:
            return arrays.number(1 if e.operator == "prod" else 0)
        return result

    def _limits(self, e: BigOperator, letter: str, env: Env, reader: Interpreter) -> tuple[int, int]:
        if e.low is not None and e.high is not None:
            try:
                return self.index(e.low, env, reader), self.index(e.high, env, reader)
            except FormulaError:
                pass  # a size of another name: the places tell the range
        found = dict(slots(e.body, {**env}, reader))
        if letter in found:
            return 1, found[letter].size
        if letter in self.setting.indices:
            return self.range(letter)
        if e.high is not None:
            try:
                return 1, self.index(e.high, env, reader)
            except FormulaError:
                pass
        raise FormulaError(f"expected a range of {letter}, found none", e.column, "index")


def size_names(setting: Setting) -> frozenset[str]:
    """The names of sizes: the letters of shapes and of ranges."""
    nodes = [e for q in setting.quantities for e in q.shape or ()]
    nodes += [e for ends in setting.indices.values() for e in ends]
    found = {n.base for e in nodes for n in _outer(e)}
    return frozenset(found - set(setting.indices))


def _outer(e: Node) -> Iterator[Name]:
    if isinstance(e, Name):
        yield e
    else:
        for c in e.children():
            yield from _outer(c)


def slots(e: Node, env: Env, reader: Interpreter) -> Iterator[tuple[str, Dim]]:
    """Free component letters of a formula with the dimension that they run over; FormulaError for a
    conflict.
    """
    seen: dict[str, Dim] = {}
    for letter, dim, node in _slots(e, env, reader, frozenset()):
        before = seen.setdefault(letter, dim)
        if before.name != dim.name:
            raise FormulaError(
                f"index {letter} runs over 1..{before} in one place and over 1..{dim} in {node}",
                node.column,
                "index order",
            )
    yield from seen.items()


def _slots(e: Node, env: Env, reader: Interpreter, bound: frozenset[str]) -> Iterator[tuple[str, Dim, Node]]:
    if isinstance(e, BigOperator):
        inner = bound | ({e.index.base} if e.index is not None else set())
        yield from _slots(e.body, env, reader, inner)
        return
    if family_of(e) is not None:
        return  # its letters are bound, and what is left is a name
    components: tuple[Node, ...] = ()
    dims: tuple[Dim, ...] | None = None
    if isinstance(e, Name):
        found = reader.find(e)
        if found is not None and (found.components or found.example is not None):
            components = found.components
            try:
                at = tuple(reader.world.index(i, env, reader) for i in found.at)
                a = reader.world.value(found.quantity, at)
                dims = (a.rows, a.cols)
                if found.example is not None:
                    own = [d for d in dims if d.name == reader.setting.examples]
                    dims = tuple(d for d in dims if d not in own)
                    if own and _free(found.example, env, bound):
                        yield str(getattr(found.example, "base", "")), own[0], e
            except OutOfRange:
                raise
            except (FormulaError, SettingError):
                dims = None
    elif isinstance(e, Group) and e.sub:
        components = e.sub
        try:
            a = reader.plain(reader.value(e.body, env), e)
            dims = (a.rows, a.cols)
        except (FormulaError, ShapeError):
            dims = None
    if dims is not None:
        places = [d for d in dims if d.name != "1"]
        if len(components) == 1 and len(places) == 2:
            places = places[:1]
        if len(places) == len(components):
            for c, d in zip(components, places, strict=True):
                if _free(c, env, bound):
                    yield str(getattr(c, "base", "")), d, e
    for child in e.children():
        yield from _slots(child, env, reader, bound)


def _free(c: Node, env: Env, bound: frozenset[str]) -> bool:
    """Whether an index is a letter that nothing gives a value."""
    return isinstance(c, Name) and not c.sup and not c.sub and c.base not in bound and c.base not in env
