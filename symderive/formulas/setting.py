r"""What the names of a formula mean: inputs with their shapes, functions, definitions, gradients. From
plain JSON.

| key | meaning |
|---|---|
| preset | a name of `presets`: supplies the other keys, which own keys add to |
| indices | {"l": ["1", "L"]}: letters of families (layer, sample, time) and their ranges |
| declare | {"W^l": "n_l x n_{l-1}", "b^l": "n_l", "x": "1 x n", "\\eta": ""}: what is given, with its shape |
| functions | {"f": "sigmoid", "\\ell": "cost", "d": "derivative of f", "g": "alias of f"}; also generic |
| definitions | ["z^l = W^l a^{l-1} + b^l", ..]: in the order of computation |
| cost | the name of the cost; else the last scalar that is defined |
| gradients | ["\\delta^l = \\frac{\\partial C}{\\partial z^l}", ..]: definitions in terms of derivatives |
| aliases | {"\\hat y": "a^L"}: another name for the same |
| simplex | ["y"]: vectors whose entries sum to 1 (in a matrix: each example's) |
| macros | {"\\bW": "\\mathbf{W}"}: commands of the source |
| goal | what a formula without a left side is said to equal |
| conventions | {"gradients": "columns", "layout": "stated"}: what else would be tried |
| sizes | {"n_0": 4}: sizes that are numbers |
| examples | "m": the size that counts the examples; Z^{l(i)} is then the column or row of example i |
| where | ["i \\neq j"]: what is said of the indices: the formula is for these alone |
| note | a remark; not read |

A vector is a column where its shape is one size. A name keeps those scripts that are no family letter as a
part of it: W_1, Z_h. Further subscripts are components: row and column.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from symderive.dialect import DialectError, read
from symderive.dialect.syntax import (
    Call,
    Change,
    Comparison,
    Derivative,
    Differential,
    Nabla,
    Name,
    Node,
    Number,
    Statement,
)
from symderive.formulas.quantities import (
    Defined,
    Found,
    FunctionOf,
    Quantity,
    SettingError,
    alias_key,
    find,
    is_letter,
    letter_in,
    plain_name,
    plain_text,
)

KEYS = (
    "preset",
    "indices",
    "declare",
    "functions",
    "definitions",
    "cost",
    "gradients",
    "aliases",
    "simplex",
    "macros",
    "goal",
    "conventions",
    "note",
    "where",
    "sizes",
    "examples",
)
MOST, MOST_NAMES = 200, 10_000
NAMED = ("identity", "sigmoid", "tanh", "relu", "softplus", "exp", "log", "sqrt", "softmax", "step", "sign")


@dataclass(frozen=True)
class Setting:
    """Names and definitions, as trees. Made by `setting`."""

    indices: Mapping[str, tuple[Node, Node]]
    quantities: tuple[Quantity, ...]
    functions: Mapping[str, FunctionOf]
    definitions: tuple[Defined, ...]
    cost: Quantity | None
    aliases: Mapping[str, Node]
    simplex: frozenset[str]
    macros: Mapping[str, str]
    goal: Node | None
    conventions: Mapping[str, str]
    units: frozenset[str] = frozenset()
    sizes: Mapping[str, int] = field(default_factory=dict)
    where: tuple[Comparison, ...] = ()
    words: frozenset[str] = frozenset()
    examples: str = ""
    source: Mapping[str, Any] = field(default_factory=dict, compare=False)
    kept: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)
    """What was made of the setting once and serves every formula: worlds, special cases."""

    def of(self, q: Quantity) -> Iterator[Defined]:
        """The definitions of a quantity, those with a number in the place of a letter first."""
        mine = [d for d in self.definitions if d.of.key == q.key]
        yield from sorted(mine, key=lambda d: not any(not is_letter(e, self.indices) for e in d.at))

    def layered(self, f: FunctionOf) -> bool:
        r"""Whether the definitions speak of one function for each layer, as in \sigma^l(z^l).

        Where they do not, \sigma^l is \sigma, the same for all layers.
        """
        if "layered" not in self.kept:
            nodes = (n for d in self.definitions for n in d.right.walk())
            heads = (n.function for n in nodes if isinstance(n, Call))
            marked = {h.base for h in heads if isinstance(h, Name) and (h.sup or h.sub)}
            known = (self.functions[b] for b in marked if b in self.functions)
            self.kept["layered"] = {g.of or g.name for g in known}
        return (f.of or f.name) in self.kept["layered"]

    def find(self, name: Name) -> Found | None:
        """What a name stands for; None where it names no quantity."""
        found: dict[tuple[Name, int], Found | None] = self.kept.setdefault("found", {})
        key = name, name.column  # equal names have their scripts at other places
        if key not in found:
            if len(found) > MOST_NAMES:
                found.clear()
            found[key] = find(name, self._by_base(), self.indices, bool(self.examples))
        return found[key]

    def _by_base(self) -> Mapping[str, list[Quantity]]:
        if "bases" not in self.kept:
            made: dict[str, list[Quantity]] = {}
            for q in self.quantities:
                made.setdefault(q.base, []).append(q)
            self.kept["bases"] = made
        found: Mapping[str, list[Quantity]] = self.kept["bases"]
        return found


# ------------------------------------------------------------------------------------------------ from JSON


def setting(given: Mapping[str, Any]) -> Setting:
    r"""The setting of a JSON object; SettingError in one line for one that cannot be used.

    >>> s = setting({"declare": {"x": "n", "W": "m x n"}, "functions": {"f": "generic", "c": "cost"},
    ...              "definitions": ["y = f(W x)", "C = c(y)"]})
    >>> s.cost.base, [str(q) for q in s.quantities]
    ('C', ['x', 'W', 'y', 'C'])
    """
    if not isinstance(given, Mapping):
        raise SettingError(f"setting: expected an object, found {given!r:.40}")
    for k in given:
        if k not in KEYS:
            raise SettingError(f"setting: expected keys of {', '.join(KEYS)}, found {k!r:.40}")
    if "preset" in given:
        from symderive.formulas.presets import preset

        base = preset(given["preset"])
        given = merged(base, {k: v for k, v in given.items() if k != "preset"})
    return _Maker(given).made()


def merged(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """A setting with keys of another added; objects are merged, a definition replaces one of the same
    left side.
    """
    found = dict(base)
    for k, v in own.items():
        if isinstance(v, Mapping) and isinstance(found.get(k), Mapping):
            found[k] = {**found[k], **v}
        elif k in ("definitions", "gradients") and isinstance(v, list):
            lefts = {str(d).split("=")[0].strip() for d in v}
            kept = [d for d in found.get(k, []) if str(d).split("=")[0].strip() not in lefts]
            found[k] = kept + list(v)
        elif k == "simplex" and isinstance(v, list):
            found[k] = [*found.get(k, []), *v]
        else:
            found[k] = v
    return found


class _Maker:
    def __init__(self, given: Mapping[str, Any]) -> None:
        self.given = given
        self.macros = self._strings("macros")
        self.quantities: list[Quantity] = []
        self.indices: dict[str, tuple[Node, Node]] = {}
        self.functions: dict[str, FunctionOf] = {}
        self.words = frozenset(
            k
            for key in ("functions", "declare", "aliases")
            for text, shape in self._strings(key).items()
            for k in (text, *(shape.split() if key == "declare" else ()))
            if len(k) > 1 and k.isalpha()
        )

    def made(self) -> Setting:
        self._indices()
        for key, shape in self._strings("declare").items():
            self._declare(key, shape)
        self._functions()
        slopes = self._about_gradients()
        definitions = self._definitions([t for t in self._list("definitions") if t not in slopes], False)
        cost = self._cost(definitions)
        definitions += self._definitions([*self._list("gradients"), *slopes], True)
        aliases = {k: self.node(v, f"aliases, {k}") for k, v in self._strings("aliases").items()}
        goal = self.given.get("goal")
        return Setting(
            self.indices,
            tuple(self.quantities),
            self.functions,
            tuple(definitions),
            cost,
            {self._alias(k): v for k, v in aliases.items()},
            frozenset(self._list("simplex")),
            self.macros,
            None if not goal else self.node(str(goal), "goal"),
            self._strings("conventions"),
            where=tuple(map(self._where, self._list("where"))),
            words=self.words,
            sizes=self._sizes(),
            examples=self._examples(),
            source=dict(self.given),
        )

    def _alias(self, key: str) -> str:
        name = plain_name(self.node(key, "aliases"))
        if name is None:
            raise SettingError(f"aliases: expected a name, found {key!r:.40}")
        return alias_key(name)

    def _strings(self, key: str) -> dict[str, str]:
        found = self.given.get(key) or {}
        good = isinstance(found, Mapping) and len(found) <= MOST
        if not good or not all(isinstance(k, str) and isinstance(v, str) for k, v in found.items()):
            raise SettingError(f"setting, {key}: expected an object of at most {MOST} texts")
        return dict(found)

    def _list(self, key: str) -> list[str]:
        found = self.given.get(key) or []
        if (
            not isinstance(found, list | tuple)
            or len(found) > MOST
            or not all(isinstance(v, str) for v in found)
        ):
            raise SettingError(f"setting, {key}: expected a list of at most {MOST} texts")
        return list(found)

    def statement(self, text: str, where: str) -> Statement:
        try:
            found = read(text, self.macros, self.words)
        except DialectError as e:
            raise SettingError(f"setting, {where}: {e}") from None
        if len(found) != 1:
            raise SettingError(f"setting, {where}: expected one formula, found {len(found)} in {text!r:.60}")
        return found[0]

    def node(self, text: str, where: str) -> Node:
        if (
            len(text) > 1
            and text[0].isalpha()
            and text.isalnum()
            and where.split(",")[0] in ("aliases", "functions", "declare")
        ):
            return Name(text, shown=text)  # a word
        s = self.statement(text, where)
        if len(s.sides) != 1:
            raise SettingError(f"setting, {where}: expected an expression, found {text!r:.60}")
        return s.sides[0]

    def _sizes(self) -> dict[str, int]:
        found = self.given.get("sizes") or {}
        good = isinstance(found, Mapping) and len(found) <= MOST
        if not good or not all(
            isinstance(k, str) and type(v) is int and 0 < v < 50 for k, v in found.items()
        ):
            raise SettingError("setting, sizes: expected an object of names and whole numbers from 1 to 49")
        return dict(found)

    def _examples(self) -> str:
        found = self.given.get("examples") or ""
        sizes = {e.base for q in self.quantities for e in q.shape or () if isinstance(e, Name) and not e.sub}
        if found and found not in sizes:
            raise SettingError(f"setting, examples: expected a size of a shape, found {found!r:.40}")
        return str(found)

    def _where(self, text: str) -> Comparison:
        s = self.statement(text, "where")
        if len(s.sides) != 2:
            raise SettingError(f"setting, where: expected a relation of indices, found {text!r:.40}")
        return Comparison(s.sides[0], s.relations[0], s.sides[1])

    def _indices(self) -> None:
        found = self.given.get("indices") or {}
        if not isinstance(found, Mapping) or len(found) > MOST:
            raise SettingError("setting, indices: expected an object of letters and ranges")
        for k, ends in found.items():
            good = (
                isinstance(ends, list | tuple)
                and len(ends) == 2
                and all(isinstance(e, str | int) for e in ends)
            )
            if not good:
                raise SettingError(
                    f"setting, indices, {k!r:.20}: expected a range [low, high], found {ends!r:.40}"
                )
            name = self.node(k, "indices")
            if not isinstance(name, Name):
                raise SettingError(f"setting, indices: expected a letter, found {k!r:.20}")
            low, high = (self.node(str(e), f"indices, {k}") for e in ends)
            self.indices[name.base] = (low, high)

    def _declare(self, key: str, shape: str) -> None:
        name = plain_name(self.node(key, f"declare, {key}"))
        if name is None:
            raise SettingError(f"setting, declare: expected a name, found {key!r:.40}")
        self.quantities.append(self._quantity(name, self._shape(shape, key), True))

    def _shape(self, text: str, key: str) -> tuple[Node, Node]:
        one = Number("1")
        parts = text.replace(r"\times", "x").replace("×", "x").split("x") if text.strip() else []
        parts = [p.strip() for p in parts]
        if len(parts) > 2 or not all(parts):
            raise SettingError(
                f"setting, declare, {key}: expected a shape such as 'n x m', 'n' or '', found {text!r:.40}"
            )
        nodes = [self.node(p, f"declare, {key}") for p in parts]
        rows, cols = [*nodes, one, one][:2] if len(nodes) != 0 else (one, one)
        return rows, cols

    def _quantity(
        self, name: Name, shape: tuple[Node, Node] | None, given: bool, gradient: bool = False
    ) -> Quantity:
        def pattern(entries: Sequence[Node]) -> tuple[str, ...]:
            return tuple(letter_in(e, self.indices) or plain_text(e) for e in entries)

        sup, sub = pattern(name.sup), pattern(name.sub)
        letters = tuple(p for p in (*sup, *sub) if p in self.indices)
        base = name.base + "'" * name.primes
        return Quantity(base, sup, sub, letters, shape, given, gradient, name.shown or name.base)

    def _functions(self) -> None:
        for key, kind in self._strings("functions").items():
            name = self.node(key, f"functions, {key}")
            if not isinstance(name, Name):
                raise SettingError(f"setting, functions: expected a name, found {key!r:.40}")
            base = name.base
            words = kind.split()
            if kind in ("generic", "cost", *NAMED):
                self.functions[base] = FunctionOf(base, kind)
            elif words[:2] == ["derivative", "of"] and len(words) == 3:
                of = self.functions.get(words[2])
                if of is None:
                    raise SettingError(
                        f"setting, functions, {key}: expected a function before it, found {words[2]!r:.40}"
                    )
                self.functions[base] = FunctionOf(of.name, of.kind, of.order + 1, of.name)
            elif words[:2] == ["alias", "of"] and len(words) == 3:
                if words[2] not in self.functions:
                    raise SettingError(
                        f"setting, functions, {key}: expected a function before it, found {words[2]!r:.40}"
                    )
                self.functions[base] = self.functions[words[2]]
            elif words[:2] == ["softmax", "of"] and len(words) == 3 and words[2] in ("rows", "columns"):
                self.functions[base] = FunctionOf(base, "softmax", along=words[2])
            else:
                known = ", ".join(("generic", "cost", *NAMED, "derivative of ..", "softmax of rows"))
                raise SettingError(f"setting, functions, {key}: expected one of {known}, found {kind!r:.40}")

    def _about_gradients(self) -> list[str]:
        r"""Definitions that speak of derivatives, also where they stand among the others: g^l = \delta^l."""
        names = {self._left(t) for t in self._list("gradients")}
        found = []
        for text in self._list("definitions"):
            right = self.statement(text, f"definition {text!r:.40}").sides[-1]
            marks = any(isinstance(n, Derivative | Nabla | Differential | Change) for n in right.walk())
            if marks or any(isinstance(n, Name) and n.base in names for n in right.walk()):
                found.append(text)
                names.add(self._left(text))
        return found

    def _left(self, text: str) -> str:
        name = plain_name(self.statement(text, f"definition {text!r:.40}").sides[0])
        return name.base if name is not None else ""

    def _definitions(self, texts: Sequence[str], gradient: bool) -> list[Defined]:
        """Families first: a^0 = x is a definition of the family a^l, wherever it stands."""

        def single(n: int) -> bool:
            left = texts[n].split("=")[0]
            return not any(
                isinstance(e, Name) and e.base in self.indices for e in self.node(left, "left").walk()
            )

        made = {n: self._definition(texts[n], gradient) for n in sorted(range(len(texts)), key=single)}
        return [made[n] for n in range(len(texts))]

    def _definition(self, text: str, gradient: bool) -> Defined:
        s = self.statement(text, f"definition {text!r:.40}")
        if len(s.sides) != 2:
            raise SettingError(f"setting: expected a definition 'name = formula', found {text!r:.60}")
        left = s.sides[0]
        if isinstance(left, Call) and isinstance(left.function, Name):
            left = left.function  # C(a, y) = ..
        name = plain_name(left)
        if name is None:
            raise SettingError(f"setting: expected a name on the left, found {s.sides[0]} in {text!r:.60}")
        found = find(
            name,
            {q.base: [p for p in self.quantities if p.base == q.base] for q in self.quantities},
            self.indices,
        )
        exact = found is not None and found.quantity.base == name.base + "'" * name.primes
        if found is None or not exact or found.power is not None:
            quantity = self._quantity(name, None, False, gradient)
            self.quantities.append(quantity)
            found = Found(
                quantity, tuple(e for e in (*name.sup, *name.sub) if letter_in(e, self.indices)), ()
            )
        elif found.quantity.given:
            q = found.quantity
            quantity = Quantity(q.base, q.sup, q.sub, q.letters, q.shape, False, gradient, q.shown)
            self.quantities[self.quantities.index(q)] = quantity
            found = Found(quantity, found.at, found.components)
        return Defined(found.quantity, found.at, found.components, s.sides[1], text)

    def _cost(self, definitions: Sequence[Defined]) -> Quantity | None:
        named = self.given.get("cost")
        if named:
            name = plain_name(self.node(str(named), "cost"))
            for q in self.quantities:
                if name is not None and q.base == name.base:
                    return q
            raise SettingError(f"setting, cost: expected a name that is defined, found {named!r:.40}")
        return definitions[-1].of if definitions else None
