"""A program as Python source that imports NumPy alone: a line for each operation, equations as comments."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sympy import Expr

from symderive.calculus.atoms import TensorSymbol
from symderive.compilation import error_function
from symderive.compilation.buffers import Buffer, owner, plan
from symderive.compilation.expressions import Names, prose, python
from symderive.compilation.graph import VIEWS, Node, Shape
from symderive.compilation.program import Program, shown
from symderive.compilation.schedule import schedule
from symderive.compilation.sizes import Read, read_sizes, sizes_in
from symderive.systems.definition import Definition

WIDTH = 110

HELPERS = '''
_FLOAT32, _FLOAT64 = np.dtype(np.float32), np.dtype(np.float64)


class Mismatch(ValueError):
    """An array that does not fit: the message says what was expected and what was found."""


def _items(name, value, count):
    """The arrays of a list, one for each layer."""
    several = isinstance(value, (list, tuple)) or getattr(value, "ndim", 0)
    found = len(value) if several else type(value).__name__
    if found != count:
        raise Mismatch(f"{name}: expected {count} arrays, found {found}")
    return value


def _array(name, value):
    """The array of what is none yet, such as a list of lists."""
    try:
        return np.asarray(value)
    except ValueError:
        raise Mismatch(f"{name}: expected an array of numbers, found rows of different lengths") from None
    except Exception as error:
        raise Mismatch(f"{name}: expected an array of numbers, found {error}") from None


def _arrays(names, axes, values):
    """Arrays of one type, float32 if all of them are, else float64; each with its number of axes."""
    dtype = getattr(values[0], "dtype", None)
    for value, number in zip(values, axes):
        if type(value) is not np.ndarray or value.dtype is not dtype or value.ndim != number:
            break
    else:
        if dtype is _FLOAT64 or dtype is _FLOAT32:
            return dtype, values
    found = []
    for name, value, number in zip(names, values, axes):
        array = _array(name, value)
        if array.ndim != number:
            what = "one axis" if number == 1 else f"{number} axes"
            raise Mismatch(f"{name}: expected {what}, found the shape {array.shape}")
        if array.dtype.kind not in "biuf":
            raise Mismatch(f"{name}: expected real numbers, found the type {array.dtype}")
        found.append(array)
    dtype = _FLOAT32 if all(array.dtype == _FLOAT32 for array in found) else _FLOAT64
    return dtype, [array.astype(dtype, copy=False) for array in found]


def _size(name, value):
    """A size that a shape tells; the mean of no samples has no value."""
    if value < 1:
        raise Mismatch(f"{name}: expected at least 1, found {value}")
    return value


def _check(names, arrays, shapes):
    """That arrays have these shapes."""
    if [array.shape for array in arrays] != shapes:
        for name, array, shape in zip(names, arrays, shapes):
            if array.shape != shape:
                raise Mismatch(f"{name}: expected shape {shape}, found {array.shape}")


def _part(name, value, key):
    """What the caller gives for a part of the result."""
    try:
        return value[key]
    except (TypeError, KeyError, IndexError):
        found = list(value) if isinstance(value, dict) else type(value).__name__
        raise Mismatch(f"{name}: expected a dictionary with {key!r}, found {found}") from None


def _check_out(names, arrays, shapes, dtype, inputs):
    """That arrays can be written to: their type and shapes, and that each has memory of its own."""
    for name, array in zip(names, arrays):
        if not isinstance(array, np.ndarray):
            raise Mismatch(f"{name}: expected an array to write to, found {type(array).__name__}")
        if array.dtype is not dtype and array.dtype != dtype:
            raise Mismatch(f"{name}: expected the type {dtype}, found {array.dtype}")
        if not array.flags.writeable:
            raise Mismatch(f"{name}: expected an array to write to, found one that is read-only")
    _check(names, arrays, shapes)
    every = [*inputs, *arrays]
    if len({id(array if array.base is None else array.base) for array in every}) < len(every):
        _check_apart([None] * len(inputs) + [*names], every)


def _check_apart(names, arrays):
    """That no array which is written to, and so has a name, shares its memory with another."""
    bounds = [np.lib.array_utils.byte_bounds(array) for array in arrays]
    near = []
    for n in sorted(range(len(arrays)), key=bounds.__getitem__):
        near = [m for m in near if bounds[m][1] > bounds[n][0]]
        for m in near:
            one, two = names[m] or names[n], names[n] if names[m] else names[m]
            if one and np.shares_memory(arrays[m], arrays[n]):
                raise Mismatch(f"{one}: expected memory of its own, found that of {two or 'an argument'}")
        near.append(n)
'''

GATHER = '''

def _at(index, size):
    """Positions along an axis; those outside, which a factor 0 excludes, are put inside."""
    return np.clip(np.asarray(index), 0, size - 1).astype(np.intp)
'''

ABOUT = """`out`: arrays to write the derivatives to, as an earlier call returned them, or None for new ones.
    `workspace`: a dictionary that keeps memory from call to call."""

Shown = Callable[[Definition], str]


def module(programs: Sequence[tuple[str, Program]], comment: Shown, title: str) -> str:
    """The source of functions, one for each program.

    A function takes the given tensors by name, one array each, or a list of them for a tensor with layers,
    and `out` and `workspace`, a dictionary in which it keeps its buffers from call to call. It returns the
    cost, if there is one, and the derivatives.
    """
    functions = [_Function(name, program, comment) for name, program in programs]
    body = "\n\n\n".join(t for f in functions for t in f.parts())
    used = {n.op for f in functions for n in f.plan.order}
    helpers = (
        HELPERS + (GATHER if "gather" in used else "") + (error_function.source() if "erf" in used else "")
    )
    return f'"""{prose(title)}"""\n\nimport numpy as np\n{helpers}\n\n{body}\n'


class _Function:
    """The source of one function, and of those that make its buffers and its result."""

    def __init__(self, name: str, program: Program, comment: Shown) -> None:
        self.name, self.program, self.comment = name, program, comment
        self.outputs = list(program.outputs.items())
        nodes = [n for _, n in self.outputs]
        cost = [program.cost] if program.cost is not None else []
        self.plan = plan(schedule([*nodes, *cost], program.names), nodes, cost)
        self.workspace, self.result = f"{name}_buffers", f"{name}_out"
        self.names = Names()
        self.names.taken |= {self.workspace, self.result}
        self.keys = dict(program.inputs.items())
        self.arguments = {t: self.names.new(t.name) for t in program.given}
        self.sizes: dict[Expr, str] = {}
        shapes = [n.shape for n in (*self.plan.order, *self.keys.values())]
        wanted = {s for shape in shapes for e in shape for s in sizes_in(e)}
        wanted |= {s for n in self.plan.order for s in _sizes_of(n.attr)}
        self.reads = read_sizes(list(self.keys.values()), sorted(wanted, key=str), {})
        for r in self.reads:
            self.sizes[r.size] = self.names.new(str(r.size).replace("[", "_").replace("]", ""))
        self.text_of: dict[Node, str] = {}
        self.temporaries = 0
        for (t, sup), node in self.keys.items():
            self.text_of[node] = (
                self.names.new("_".join([t.name, *map(str, sup)])) if sup else self.arguments[t]
            )
        self.results = [
            self.names.new("_".join(["grad", t.name, *map(str, sup)])) for (t, sup), _ in self.outputs
        ]
        several = sum(b.ones for b in self.plan.buffers) > 1
        self.buffers = [
            self.names.new(
                f"buffer_{b.number}"
                if not b.ones
                else f"ones_{self._expr(b.shape[0])}"
                if several
                else "ones"
            )
            for b in self.plan.buffers
        ]

    # ------------------------------------------------------------------------------- functions

    def parts(self) -> Iterator[str]:
        """The functions' sources."""
        sizes = ", ".join([*(self.sizes[r.size] for r in self.reads), "dtype=np.float64"])
        yield (
            f'def {self.workspace}({sizes}):\n    """Memory that `{self.name}` keeps in its workspace."""\n'
            f"    return {_listed([self._buffer(b) for b in self.plan.buffers], 4, '()')}"
        )
        groups = self._grouped([self._empty(n.shape) for _, n in self.outputs])
        yield (
            f'def {self.result}({sizes}):\n    """Arrays for the result of `{self.name}`."""\n'
            f"    return {groups}"
        )
        yield "\n".join(self._main())

    def _empty(self, shape: Shape, kind: str = "real") -> str:
        return f"np.empty({self._shape(shape)}, {'bool' if kind == 'bool' else 'dtype'})"

    def _buffer(self, b: Buffer) -> str:
        return f"np.ones({self._shape(b.shape)}, dtype)" if b.ones else self._empty(b.shape, b.kind)

    def _grouped(self, texts: Sequence[str]) -> str:
        """{"w": [.., ..], "b": [..]}, in the order of the outputs."""
        groups: dict[TensorSymbol, list[tuple[tuple[int, ...], str]]] = {t: [] for t in self.program.wanted}
        for ((t, sup), _), text in zip(self.outputs, texts, strict=True):
            groups[t].append((sup, text))
        lines = []
        for t, items in groups.items():
            if t.sup == 0:
                value = items[0][1]
            elif t.sup == 1:
                value = "[" + ", ".join(text for _, text in items) + "]"
            else:
                value = "{" + ", ".join(f"{sup!r}: {text}" for sup, text in items) + "}"
            lines.append(f"        {t.name!r}: {value},")
        return "{\n" + "\n".join(lines) + "\n    }"

    def _main(self) -> Iterator[str]:
        arguments = ", ".join(self.arguments.values())
        if any(n.op == "exp" and not _at_most_zero(n.args[0]) for n in self.plan.order):
            # 1 / (1 + exp(-z)) is 0 where exp(-z) is too large for a float
            yield '@np.errstate(over="ignore")'
        yield f"def {self.name}({arguments}, *, out=None, workspace=None):"
        yield f'    """{prose(self._summary())}\n\n    {ABOUT}\n    """'
        yield from self._prologue()
        yield from self._operations()
        yield from self._epilogue()

    def _summary(self) -> str:
        what = ", ".join(t.name for t in self.program.wanted)
        first = "The cost, and its derivatives by" if self.program.cost is not None else "The derivatives by"
        return f"{first} {what}."

    def _prologue(self) -> Iterator[str]:
        for t, name in self.arguments.items():
            if t.sup:
                own = [self.text_of[n] for (of, _), n in self.keys.items() if of == t]
                yield f"    {_targets(own)} = _items({t.name!r}, {name}, {len(own)})"
        names = [(shown(key), self.text_of[n], n) for key, n in self.keys.items()]
        labels, arrays = [label for label, _, _ in names], [text for _, text, _ in names]
        yield f"    names = {_listed([repr(label) for label in labels], 4, '()')}"
        yield f"    axes = {_listed([str(n.rank) for _, _, n in names], 4, '()')}"
        yield f"    dtype, arrays = _arrays(names, axes, {_listed(arrays, 4, '()')})"
        yield f"    {_listed(arrays, 4, '()')} = arrays"
        for r in self.reads:
            yield f"    {self.sizes[r.size]} = _size({str(r.size)!r}, {self._read(r)})"
        shapes = [self._shape(n.shape) for _, _, n in names]
        yield f"    _check(names, arrays, {_listed(shapes, 4, '[]')})"
        sizes = ", ".join([*(self.sizes[r.size] for r in self.reads), "dtype"])
        yield "    fresh = out is None"
        yield "    if fresh:"
        yield f"        out = {self.result}({sizes})"
        for t in self.program.wanted:
            keys = [sup for (of, sup), _ in self.outputs if of == t]
            results = [r for ((of, _), _), r in zip(self.outputs, self.results, strict=True) if of == t]
            part = f"_part('out', out, {t.name!r})"
            label = f"out[{t.name}]"
            if t.sup == 0:
                yield f"    {results[0]} = {part}"
            elif t.sup == 1:
                yield f"    {_targets(results)} = _items({label!r}, {part}, {len(results)})"
            else:
                yield f"    {_targets(results)} = (_part({label!r}, {part}, at) for at in {keys!r})"
        yield "    if not fresh:"
        yield f"        names = {_listed([repr(f'out[{shown(key)}]') for key, _ in self.outputs], 8, '()')}"
        shapes = [self._shape(n.shape) for _, n in self.outputs]
        yield f"        results = {_listed(self.results, 8, '[]')}"
        yield f"        _check_out(names, results, {_listed(shapes, 8, '[]')}, dtype, arrays)"
        if self.buffers:
            key = f"({sizes},)" if sizes == "dtype" else f"({sizes})"
            yield "    workspace = {} if workspace is None else workspace"
            yield f"    kept = workspace.get({self.workspace})"
            yield f"    if kept is None or kept[0] != {key}:"
            yield f"        kept = workspace[{self.workspace}] = {key}, {self.workspace}({sizes})"
            yield f"    {_listed(self.buffers, 4, '', bare=len(self.buffers) > 1)} = kept[1]"

    def _read(self, r: Read) -> str:
        text = f"{self.text_of[r.source]}.shape[{r.axis}]"
        if r.rest != 0:
            text = f"{text} - ({self._expr(r.rest)})"
        return text if r.factor == 1 else f"({text}) // {r.factor}"

    def _epilogue(self) -> Iterator[str]:
        for r, (_, node) in zip(self.results, self.outputs, strict=True):
            if self.plan.direct.get(node) != self.results.index(r):
                yield f"    {r}[...] = {self._use(node)}"
        if self.program.cost is None:
            yield "    return out"
        else:
            yield f"    return float({self._use(self.program.cost)}), out"

    # ------------------------------------------------------------------------------- operations

    def _operations(self) -> Iterator[str]:
        group: list[str] = []
        for node in self.plan.order:
            group += self._statements(node)
            if node in self.program.names and group:
                _key, definitions = self.program.names[node]
                yield ""
                for d in definitions:
                    yield from (f"    # {line}" for line in _wrapped(self.comment(d)))
                yield from group
                group = []
        yield from group
        yield ""

    def _statements(self, node: Node) -> Iterator[str]:
        if node.op in VIEWS or node.op in ("const", "input"):
            return
        if node.op == "ones":
            self.text_of[node] = self.buffers[self.plan.where[node].number]
            return
        name = self._name(node)
        if node.op == "arange":
            lo, size = (self._expr(e) for e in node.attr)
            yield f"    {name} = np.arange({lo}, {lo} + {size}, dtype=dtype)"
            return
        place = ""
        if node in self.plan.direct:
            place = self.results[self.plan.direct[node]]
        elif node in self.plan.where:
            place = self.buffers[self.plan.where[node].number]
        args = [self._use(a) for a in node.args]
        yield from (f"    {line}" for line in self._calls(node, name, args, place))

    def _calls(self, node: Node, name: str, args: list[str], place: str) -> Iterator[str]:
        out = f", out={place}" if place else ""
        listed = ", ".join(args)
        if node.op == "real":
            yield f"{place}[...] = {args[0]}" if place else f"{name} = 1.0 * {args[0]}"
            if place and name != place:
                yield f"{name} = {place}"
        elif node.op == "assemble":
            for at, value in zip(node.attr, args, strict=True):
                yield f"{place}[{self._places(at)}] = {value}"
            if name != place:
                yield f"{name} = {place}"
        elif node.op == "gather":
            axes = node.args[0].shape
            at = ", ".join(f"_at({i}, {self._expr(n)})" for i, n in zip(args[1:], axes, strict=True))
            yield f"{place}[...] = {args[0]}[{at}]" if place else f"{name} = {args[0]}[{at}]"
            if place and name != place:
                yield f"{name} = {place}"
        elif node.op in ("sum", "max"):
            call = {"sum": "np.add.reduce", "max": "np.maximum.reduce"}[node.op]
            (axes_,) = node.attr
            axis = axes_[0] if len(axes_) == 1 else axes_
            yield f"{name} = {call}({listed}, axis={axis!r}{out})"
        elif node.op == "einsum":
            yield f"{name} = np.einsum({node.attr[0]!r}, {listed}{out})"
        elif node.op == "erf":
            yield f"{name} = _erf({listed}{out})"
        elif not node.rank and node.op in INFIX:
            inside = [a if re.fullmatch(r"[\w.]+", a) else f"({a})" for a in args]
            yield f"{name} = {INFIX[node.op].format(*inside)}"
        else:
            yield f"{name} = np.{node.op}({listed}{out})"

    def _name(self, node: Node) -> str:
        if node in self.program.names:
            (t, sup), _ = self.program.names[node]
            name = self.names.new("_".join([t.name, *map(str, sup)]))
        elif node in self.plan.direct:
            name = self.results[self.plan.direct[node]]
        else:
            self.temporaries += 1
            name = self.names.new(f"t{self.temporaries}")
        if node in self.plan.direct:
            name = self.results[self.plan.direct[node]]
        self.text_of[node] = name
        return name

    def _use(self, node: Node) -> str:
        """A node as an argument: its name, a view of it, or a number."""
        if node.op == "const":
            return self._expr(node.attr[0])
        if node.op not in VIEWS:
            return self.text_of[node]
        inside = self._use(node.args[0])
        if node.op == "transpose":
            return f"{inside}.T" if node.attr[0] == (1, 0) else f"{inside}.transpose({node.attr[0]!r})"
        if node.op == "expand":
            return f"{inside}[{', '.join(':' if p else 'None' for p in node.attr[0])}]"
        if node.op == "reshape":
            return f"{inside}.reshape({self._shape(node.shape)})"
        return f"{inside}[{self._places(node.attr[0])}]"

    def _places(self, at: Sequence[Any]) -> str:
        return ", ".join(self._place(p) for p in at) or "..."

    def _place(self, p: Any) -> str:
        if not isinstance(p, tuple):
            return self._expr(p)
        start, size, step = p
        stop = self._expr(start + step * (size - 1) + 1)
        return f"{self._expr(start)}:{stop}" + (f":{step}" if step != 1 else "")

    def _expr(self, e: Expr) -> str:
        return python(e, self.sizes)

    def _shape(self, shape: Shape) -> str:
        inside = ", ".join(self._expr(e) for e in shape)
        return f"({inside},)" if len(shape) == 1 else f"({inside})"


INFIX: Mapping[str, str] = {
    "add": "{} + {}", "subtract": "{} - {}", "multiply": "{} * {}", "divide": "{} / {}", "negative": "-{}",
    "square": "{0} * {0}",
}  # fmt: skip


def _at_most_zero(node: Node) -> bool:
    """Whether no value is above 0, as v - max v, min(v, 0), -|v| and -v^2 are not."""
    if node.op == "subtract":
        most = owner(node.args[1])
        return most.op == "max" and most.args[0] is node.args[0]
    if node.op == "minimum":
        return any(a.op == "const" and a.attr[0] == 0 for a in node.args)
    return node.op == "negative" and node.args[0].op in ("absolute", "square")


def _sizes_of(attr: Any) -> set[Expr]:
    if isinstance(attr, Expr):
        return sizes_in(attr)
    return {s for a in attr for s in _sizes_of(a)} if isinstance(attr, tuple) else set()


def _targets(names: Sequence[str]) -> str:
    """What a sequence is taken apart into."""
    return ", ".join(names) + ("," if len(names) == 1 else "")


def _listed(items: Sequence[str], indent: int, brackets: str, bare: bool = False) -> str:
    """(a, b), on several lines where it is long."""
    left, right = ("(", ")") if bare or not brackets else (brackets[0], brackets[1])
    comma = "," if len(items) == 1 and not bare else ""
    line = f"{left}{', '.join(items)}{comma}{right}"
    if len(line) + indent + 12 <= WIDTH:
        return line
    inside = "".join(f"\n{' ' * (indent + 4)}{item}," for item in items)
    return f"{left}{inside}\n{' ' * indent}{right}"


def _wrapped(text: str) -> Iterator[str]:
    """Lines of a comment."""
    words, line = "".join(c if c.isprintable() else "?" for c in text).split(" "), ""
    for word in words:
        if line and len(line) + len(word) + 7 > WIDTH:
            yield line.rstrip()
            line = "    "
        line += (" " if line.strip() else "") + word
    yield line.rstrip()
