r"""A setting as a system of the engine, and formulas as equations between its terms: for all sizes and
depths.

Each definition of the setting becomes a definition of the system; what a formula means is read by the same
interpreter as in the numeric worlds, with terms in place of numbers. Its derivatives of the cost are the
derived gradients.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product
from typing import Any

from sympy import Expr, Integer, Symbol, exp, expand, log, sqrt
from sympy.core.basic import Basic

from symderive.calculus.atoms import Functional, ScalarFunction, TensorSymbol, size, tensor
from symderive.calculus.terms import (
    Applied,
    Bracket,
    Entry,
    FunctionalValue,
    IndexSum,
)
from symderive.dialect.syntax import BigOperator, Group, Name, Node, Number, Product, Sum
from symderive.formulas import terms
from symderive.formulas.interpreter import Interpreter
from symderive.formulas.products import Env
from symderive.formulas.quantities import Defined, FunctionOf, Quantity, SettingError, is_letter, letter_in
from symderive.formulas.readings import FormulaError, OutOfRange, exact
from symderive.formulas.setting import Setting
from symderive.formulas.symbolic_reader import NoTerm, SymbolicInterpreter
from symderive.formulas.terms import ONE, Array, Dim
from symderive.formulas.worlds import DEEP, World, size_names, slots
from symderive.systems.activations import NAMES as ACTIVATIONS
from symderive.systems.activations import Activation, activation
from symderive.systems.definition import Definition
from symderive.systems.system import System

Limits = tuple[Symbol, Expr, Expr]


class SymbolicWorld:
    """The terms that names stand for. `system` is the setting as a system of definitions."""

    algebra = terms

    def __init__(self, setting: Setting, deeper: int = 0) -> None:
        self.setting, self.deeper = setting, deeper
        self.numbers = World(setting)
        self.bases = size_names(setting)
        self.sizes: dict[str, Expr] = {}
        self.letters: dict[str, Symbol] = {k: Symbol(k.strip("\\"), integer=True) for k in setting.indices}
        self.functions: dict[str, tuple[ScalarFunction, Activation | None]] = {}
        self.tensors: dict[Any, tuple[TensorSymbol, Dim, Dim]] = {}
        self.widths: dict[str, TensorSymbol] = {}
        self.constraints: list[tuple[Expr, Expr, Expr]] = []
        self.gradients: Callable[[Entry], Expr] | None = None
        self.ends: dict[Any, list[tuple[Expr, Expr]]] = {}
        self.costs: dict[str, Functional] = {}
        self._named: set[str] = set()
        self._definitions: list[Definition] = []
        self._define()

    # ------------------------------------------------------------------------------------------- sizes

    def size(self, e: Name, env: Env) -> Expr | None:
        """The size of this name; None where it is none."""
        if e.base not in self.bases or e.primes or e.sup:
            return None
        return self.dim(e, env).size

    def dim(self, e: Node, env: Env) -> Dim:
        """A dimension of a shape."""
        if isinstance(e, Group):
            return self.dim(e.body, env)
        if isinstance(e, Number):
            n = Integer(int(exact(e.text)))
            return ONE if n == 1 else Dim(str(n), n)
        if isinstance(e, Name) and e.base in self.bases:
            if len(e.sub) == 1 and self._about_layers(e.sub[0], env):
                return self._wide(e.base, expand(self.index(e.sub[0], env)))
            label = e.base + "".join(f"_{s}" for s in e.sub)
            if label not in self.sizes:
                own = size(label.strip("\\"))
                deep = any(
                    isinstance(hi, Name) and hi.base == label for _, hi in self.setting.indices.values()
                )
                self.sizes[label] = size("M") + self.deeper if deep and self.deeper else own
            return Dim(label, self.sizes[label])
        n = expand(self.index(e, env))
        return ONE if n == 1 else Dim(str(n), n)

    def _about_layers(self, s: Node, env: Env) -> bool:
        ends = {str(hi) for _, hi in self.setting.indices.values()}
        names = [n.base for n in s.walk() if isinstance(n, Name)]
        return bool(self.setting.indices) and all(
            n in self.setting.indices or n in ends or n in env for n in names
        )

    def _wide(self, base: str, at: Expr) -> Dim:
        """The width of a layer; a number where the setting says which."""
        known = self.setting.sizes.get(f"{base}_{at}")
        n = self._width(base)[at] if known is None else Integer(known)
        return ONE if n == 1 else Dim(str(n), n)

    def _moved(self, d: Dim, rule: Mapping[Any, Any]) -> Dim:
        """A dimension at other layers."""
        if d.name == "1":
            return d
        n = d.size.xreplace(dict(rule))
        if isinstance(n, Entry):
            base = next((b for b, t in self.widths.items() if t == n.symbol), "")
            at = [expand(i) for i in n.index]
            return self._wide(base, at[0]) if base else Dim(str(n.symbol[tuple(at)]), n.symbol[tuple(at)])
        n = expand(n)
        return ONE if n == 1 else Dim(str(n) if not isinstance(d.size, Symbol) else d.name, n)

    def _width(self, base: str) -> TensorSymbol:
        if base not in self.widths:
            k = next(iter(self.setting.indices))
            low, high = self.range(k)
            self.widths[base] = tensor(base, (self.letters[k], low - 1, high + 1), kind="dimension")
        return self.widths[base]

    def range(self, letter: str) -> tuple[Expr, Expr]:
        """The range of a family letter."""
        low, high = self.setting.indices[letter]
        return self.index(low, {}), self.index(high, {})

    def index(self, e: Node, env: Env, reader: Interpreter | None = None) -> Expr:
        """An index or a size as a term."""
        if isinstance(e, Number):
            return Integer(int(exact(e.text)))
        if isinstance(e, Name) and not e.sup:
            if e.base in env and not e.sub:
                value = env[e.base]
                return value if isinstance(value, Expr) else Integer(value)
            if e.base in self.bases:
                return self.dim(e, env).size
        if isinstance(e, Group):
            return self.index(e.body, env, reader)
        if isinstance(e, Sum):
            total: Expr = Integer(0)
            for t, s in zip(e.terms, e.signs, strict=True):
                total += self.index(t, env, reader) * (1 if s == "+" else -1)
            return total
        if isinstance(e, Product):
            found: Expr = Integer(1)
            for f in e.factors:
                found *= self.index(f, env, reader)
            return found
        raise FormulaError(f"expected an index, found {e}", e.column, "index")

    # ------------------------------------------------------------------------------------------- the system

    def _define(self) -> None:
        for q in self.setting.quantities:
            if q.given:
                assert q.shape is not None
                self._tensor(q, *q.shape)
        for d in self.setting.definitions:
            if not d.of.gradient:
                self._defined(d)

    def _env(self, q_letters: tuple[str, ...]) -> dict[str, Expr]:
        return {k: self.letters[k] for k in q_letters}

    def _name(self, q: Quantity) -> str:
        own = [p for p in (*q.sup, *q.sub) if p not in q.letters]
        text = "_".join([q.base.replace("\\", "").replace(" ", "_").replace("'", "_prime"), *own])
        clean = "".join(c if c.isalnum() else "_" for c in text) or "q"
        while clean in self._named:
            clean += "_"
        self._named.add(clean)
        return clean

    def _tensor(self, q: Quantity, rows: Node, cols: Node) -> None:
        env = self._env(q.letters)
        self._made(q, self.dim(rows, env), self.dim(cols, env))

    def _made(
        self, q: Quantity, rows: Dim, cols: Dim, ends: Mapping[str, tuple[Expr, Expr]] | None = None
    ) -> None:
        families = [(self.letters[k], *((ends or {}).get(k) or self.range(k))) for k in q.letters]
        units = [
            (Symbol(f"i{n}", integer=True), Integer(1), d.size)
            for n, d in enumerate((rows, cols), 1)
            if d.name != "1"
        ]
        t = tensor(self._name(q), *families, *units, sup=len(families))
        self.tensors[q.key] = (t, rows, cols)
        self.ends[q.key] = [(lo, hi) for _, lo, hi in families]

    def _defined(self, d: Defined) -> None:
        """A definition: its right side as a term, its left side a tensor of that shape."""
        q = d.of
        env: dict[str, Expr] = {}
        limits: list[Limits] = []
        at: list[Expr] = []
        for e in d.at:
            k = letter_in(e, self.setting.indices)
            if not k:
                at.append(self.index(e, {}))
                continue
            s = self.letters[k]
            shift = Integer(0) if is_letter(e, self.setting.indices) else self.index(e, {k: Integer(0)})
            env[k] = s - shift
            low, high = self.range(k)
            limits.append((s, *self._apart(q, len(at), low + shift, high + shift)))
            at.append(s)
        if q.key not in self.tensors:
            self._shape_of(d, env)
        t, rows, cols = self.tensors[q.key]
        rule = dict(zip((self.letters[k] for k in q.letters), at, strict=True))
        own_rows, own_cols = self._moved(rows, rule), self._moved(cols, rule)
        r, c = self._units(own_rows, own_cols, limits, d)
        self.constraints.clear()
        if d.components:
            letters = [x.base if isinstance(x, Name) else "" for x in d.components]
            values = [x for x, dim in ((r, own_rows), (c, own_cols)) if dim.name != "1"]
            term = self._value_of(d.right, {**env, **dict(zip(letters, values, strict=True))}).number
        else:
            a = self._value_of(d.right, env)
            if a.dims != (own_rows.name, own_cols.name) and not a.scalar:
                raise SettingError(
                    f"setting, definition {d.text!r:.60}: expected a {own_rows} x {own_cols} array, "
                    f"found a {a}"
                )
            term = terms._at(a, r, c)
        # where what it is computed from is defined
        limits = [(s, *self.narrowed(s, lo, hi)) for s, lo, hi in limits]
        for n, e in enumerate(d.at):
            k = letter_in(e, self.setting.indices)
            if k and len(list(self.setting.of(q))) == 1:
                self.ends[q.key][n] = next((lo, hi) for s, lo, hi in limits if s == self.letters[k])
        units = [x for x, dim in ((r, own_rows), (c, own_cols)) if dim.name != "1"]
        limits += [(x, Integer(1), dim.size) for x, dim in ((r, own_rows), (c, own_cols)) if dim.name != "1"]
        self._definitions.append(Definition(t[(*at, *units)], term, tuple(limits), d.text))

    def _apart(self, q: Quantity, place: int, low: Expr, high: Expr) -> tuple[Expr, Expr]:
        """A range without the ends that other definitions take: a^L = softmax(z^L) beside a^l = f(z^l)."""
        for d in self.setting.of(q):
            if not letter_in(d.at[place], self.setting.indices):
                n = self.index(d.at[place], {})
                low, high = (
                    (low + 1 if expand(n - low) == 0 else low),
                    (high - 1 if expand(n - high) == 0 else high),
                )
        return low, high

    def _units(self, rows: Dim, cols: Dim, limits: list[Limits], d: Defined) -> tuple[Expr, Expr]:
        used = {k.name for k, _, _ in limits} | self.bases | {q.base for q in self.setting.quantities}
        one, two = [k for k in "jkipqrsuvt" if k not in used][:2]
        r: Expr = Symbol(one, integer=True) if rows.name != "1" else Integer(1)
        c: Expr = Symbol(two, integer=True) if cols.name != "1" else Integer(1)
        return r, c

    def _value_of(self, e: Node, env: Env) -> Array:
        reader = SymbolicInterpreter(self.setting, self)
        found: Array = reader.array(e, env)
        return found

    def _shape_of(self, d: Defined, env: dict[str, Expr]) -> None:
        """The shape from the right side, where the family itself does not occur in it."""
        q = d.of
        ends: dict[str, tuple[Expr, Expr]] = {}
        for k in q.letters:
            ends[k] = self._range_of(q, k)
        if q.shape is not None:
            rows, cols = (self.dim(e, self._env(q.letters)) for e in q.shape)
        else:
            rows, cols = self._seen(q)
        self._made(q, rows, cols, ends)

    def _seen(self, q: Quantity) -> tuple[Dim, Dim]:
        """The shape of a quantity, as a world of numbers has it: what moves with a letter there, does so
        here.
        """
        place, a = self._sample(q, 0)
        moved = [self._sample(q, p) for p in range(1, len(q.letters) + 1)]
        found = []
        for n in (0, 1):
            label = a.dims[n]
            base, _, number = label.rpartition("_")
            known = base in self.bases and self.setting.indices
            if not base or not number.isdigit() or not known:
                found.append(self._constant(label))
                continue
            at: Expr = self._depth(int(number))
            for p, (index, b) in enumerate(moved):
                if b.dims[n] != label and index != place:
                    step = index[p] - place[p]
                    if int(b.dims[n].rpartition("_")[2]) - int(number) != step:
                        raise NoTerm(f"the shape of {q}")
                    at = self.letters[q.letters[p]] + (int(number) - place[p])
            found.append(self._wide(base, at))
        return found[0], found[1]

    def _sample(self, q: Quantity, p: int) -> tuple[tuple[int, ...], Any]:
        """A value of the quantity; with p, at a neighbour in the place p - 1."""
        for index in product(*(range(DEEP + 2) for _ in q.letters)):
            try:
                first = self.numbers.value(q, index)
                if not p:
                    return index, first
                near = tuple(x + (n == p - 1) for n, x in enumerate(index))
                return near, self.numbers.value(q, near)
            except OutOfRange:
                continue
        if p:
            return self._sample(q, 0)
        raise NoTerm(f"no value of {q}")

    def _constant(self, label: str) -> Dim:
        if label == "1":
            return ONE
        if label.isdigit():
            return Dim(label, Integer(int(label)))
        return Dim(label, self.sizes.setdefault(label, size(label.strip("\\"))))

    def _depth(self, number: int) -> Expr:
        """The number of a layer; the last one by its name."""
        for _, high in self.setting.indices.values():
            if isinstance(high, Name) and self.numbers.sizes.get(high.base) == number:
                return self.index(high, {})
        return Integer(number)

    def _range_of(self, q: Quantity, letter: str) -> tuple[Expr, Expr]:
        """From the definitions: a^0 = x and a^l for l in 1..L give 0..L."""
        place = q.letters.index(letter)
        low, high = self.range(letter)
        found: list[tuple[Expr, Expr]] = []
        for d in self.setting.definitions:
            if d.of.key != q.key:
                continue
            e = d.at[place]
            if letter_in(e, self.setting.indices):
                shift = self.index(e, {letter: Integer(0)})
                found.append((low + shift, high + shift))
            else:
                n = self.index(e, {})
                found.append((n, n))
        lowest = min((lo for lo, _ in found), key=lambda x: (not x.is_Integer, x if x.is_Integer else 0))
        highest = next(
            (hi for _, hi in found if not hi.is_Integer),
            max((hi for _, hi in found), key=lambda x: int(x) if x.is_Integer else 0),
        )
        return lowest, highest

    def narrowed(self, s: Symbol, low: Expr, high: Expr) -> tuple[Expr, Expr]:
        """The values of a family letter at which all that was referred to lies in its range."""
        for x, lo, hi in self.constraints:
            if s not in x.free_symbols:
                continue
            shift = expand(x - s)
            if s in shift.free_symbols:
                raise NoTerm(f"an index {x} that is no shift of {s}")
            down, up = expand(lo - shift - low), expand(hi - shift - high)
            if down.is_Integer and down > 0:
                low = expand(lo - shift)
            if up.is_Integer and up < 0:
                high = expand(hi - shift)
        return low, high

    def system(self) -> System:
        """All definitions, over what is given."""
        cost = self.setting.cost
        if cost is None or cost.key not in self.tensors:
            raise NoTerm("a setting without a cost")
        given = [self.tensors[q.key][0] for q in self.setting.quantities if q.given]
        t = self.tensors[cost.key][0]
        return System(
            name="setting",
            inputs=(),
            parameters=tuple(given),
            definitions=tuple(self._definitions),
            cost=t,
            activations={f: a for f, a in self.functions.values() if a is not None},
            sizes=self._numbers(),
        )

    def _numbers(self) -> dict[Basic, int]:
        """The widths that are numbers, as the declared ranges name them."""
        found: dict[Basic, int] = {}
        for label, n in self.setting.sizes.items():
            base, _, layer = label.rpartition("_")
            if base in self.widths and layer.isdigit():
                found[self.widths[base][int(layer)]] = n
        return found

    # ------------------------------------------------------------------------------------------- values

    def value(self, q: Quantity, at: tuple[Any, ...], moving: Any = None, column: int = 0) -> Array:
        """A quantity as an array of entries; a gradient by its definition."""
        if q.gradient:
            return self._gradient(q, at)
        if q.key not in self.tensors:
            d = next((d for d in self.setting.definitions if d.of.key == q.key), None)
            if d is None:
                raise NoTerm(f"{q} is used before it is defined")
            env = {
                letter_in(e, self.setting.indices): self.letters[letter_in(e, self.setting.indices)]
                for e in d.at
                if letter_in(e, self.setting.indices)
            }
            self._shape_of(d, dict(env))
        t, rows, cols = self.tensors[q.key]
        index = tuple(x if isinstance(x, Expr) else Integer(x) for x in at)
        for x, (lo, hi) in zip(index, self.ends[q.key], strict=True):
            self.constraints.append((x, lo, hi))
        rule = dict(zip((self.letters[k] for k in q.letters), index, strict=True))
        rows, cols = self._moved(rows, rule), self._moved(cols, rule)
        one_row, one_col = rows.name == "1", cols.name == "1"

        def entry(r: Expr, c: Expr) -> Expr:
            return t[(*index, *([] if one_row else [r]), *([] if one_col else [c]))]

        return Array(rows, cols, entry)

    def _gradient(self, q: Quantity, at: tuple[Any, ...]) -> Array:
        for d in self.setting.of(q):
            env: dict[str, Any] = {}
            fits = True
            for e, x in zip(d.at, at, strict=True):
                k = letter_in(e, self.setting.indices)
                if not k:
                    fits = fits and self.index(e, {}) == x
                else:
                    shift = self.index(e, {k: Integer(0)})
                    env[k] = x - shift
            if fits and not d.components:
                return self._value_of(d.right, env)
        raise NoTerm(f"{q} has no definition there")

    def is_number(self, q: Quantity) -> bool:
        """Whether a quantity is a number."""
        if q.key not in self.tensors:
            return False
        t, _, _ = self.tensors[q.key]
        return bool(t.rank == 0)

    # ------------------------------------------------------------------------------------------- functions

    def scalar_function(self, f: FunctionOf, layer: tuple[Any, ...]) -> Callable[[Expr, int], Expr]:
        """The function of this name and its derivatives, as terms."""
        name = f.of or f.name
        if f.kind == "identity":
            return lambda z, k: z if k == 0 else Integer(1 if k == 1 else 0)
        if f.kind == "exp":
            return lambda z, k: exp(z)
        if f.kind == "log":
            return lambda z, k: log(z) if k == 0 else terms.log_derivative(z, k)
        if f.kind == "sqrt":
            return lambda z, k: terms.only(sqrt(z), k)
        if f.kind == "step":
            return lambda z, k: terms.only(Bracket.less(0, z), k)
        key = f"{name}/{len(layer)}" if f.kind == "generic" else f.kind
        if key not in self.functions:
            if f.kind == "generic":
                self.functions[key] = (ScalarFunction(name.strip("\\") or "f", name, len(layer)), None)
            elif f.kind in ACTIVATIONS:
                made = activation(f.kind)
                self.functions[key] = (made.function, made)
            else:
                raise NoTerm(f"no term for the function {f.kind}")
        g = self.functions[key][0]
        sup = [x if isinstance(x, Expr) else Integer(x) for x in layer] if f.kind == "generic" else []
        return lambda z, k: Applied(g, k, *sup, z)

    def functional(self, f: FunctionOf, values: list[Array], e: Node) -> Array:
        """An arbitrary function of all entries of its arguments."""
        g = self.costs.setdefault(f.name, Functional(f.name.strip("\\") or "cost", f.name, len(values)))
        families = [terms.family(a) for a in values]
        return terms.number(FunctionalValue(g, (), *families))

    def compared(self, a: Array, relation: str, b: Array, e: Node) -> Array:
        """The Iverson bracket."""
        if not (a.dims == b.dims or b.scalar):
            raise FormulaError(f"cannot compare a {a} with a {b}", e.column)
        makers: Mapping[str, Callable[[Expr, Expr], Expr]] = {
            "=": Bracket.equal, "<": Bracket.less, r"\leq": Bracket.at_most,
            ">": lambda x, y: Bracket.less(y, x), r"\geq": lambda x, y: Bracket.at_most(y, x),
        }  # fmt: skip
        if relation not in makers:
            raise NoTerm(f"no term for {relation}")
        return Array(a.rows, a.cols, lambda r, c: makers[relation](a.at(r, c), terms._at(b, r, c)))

    # ------------------------------------------------------------------------------------------- sums

    def big(self, e: BigOperator, env: Env, reader: Interpreter) -> Any:
        """A sum over an index, as a term."""
        if e.index is None or e.operator != "sum" or e.unequal is not None:
            raise NoTerm("only sums over an index have a term")
        letter = e.index.base
        low, high = self._limits(e, letter, env, reader)
        k = Symbol(f"{letter.strip(chr(92))}", integer=True)
        taken = {x for v in env.values() if isinstance(v, Expr) for x in v.free_symbols}
        while k in taken:
            k = Symbol(f"{k.name}_", integer=True)
        body = reader.plain(reader.value(e.body, {**env, letter: k}), e)
        return Array(body.rows, body.cols, lambda r, c: IndexSum(body.at(r, c), (k, low, high)))

    def _limits(self, e: BigOperator, letter: str, env: Env, reader: Interpreter) -> tuple[Expr, Expr]:
        if e.low is not None and e.high is not None:
            try:
                return self.index(e.low, env), self.index(e.high, env)
            except FormulaError:
                pass
        found = dict(slots(e.body, {**env}, reader))
        if letter in found:
            return Integer(1), found[letter].size
        if letter in self.setting.indices:
            return self.range(letter)
        raise FormulaError(f"expected a range of {letter}, found none", e.column, "index")
