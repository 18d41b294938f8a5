"""A derivation as a program: which arrays go in, which operations are done, which arrays come out.

Every layer or time of the definitions is written out; the other indices are axes. A tensor is made when it is
asked for, so that nothing is computed which neither the cost nor a derivative needs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sympy import Expr, Integer, Symbol, expand
from sympy.core.basic import Basic

from symderive.calculus.atoms import Slot, TensorSymbol
from symderive.calculus.terms import Applied, Entry, FunctionalValue
from symderive.compilation.formulas import replaced, written_out
from symderive.compilation.graph import Graph, Node
from symderive.compilation.labelled import Axis, Labelled, over
from symderive.compilation.lowering import Lowerer
from symderive.compilation.stable import LOGISTIC, LOGSUMEXP, stable
from symderive.systems.definition import Definition
from symderive.systems.system import System

Key = tuple[TensorSymbol, tuple[int, ...]]


@dataclass(frozen=True)
class Part:
    """A definition at one value of its superscripts."""

    definition: Definition
    source: Definition


@dataclass(frozen=True)
class Program:
    """Arrays in, operations, arrays out.

    - `inputs`: the tensors that are given, at their superscripts; `cost` and `outputs`: nodes of the graph,
      the outputs by the tensor whose derivative they are.
    - `names`: what nodes are called, and by which definitions they came about.
    """

    name: str
    graph: Graph
    inputs: Mapping[Key, Node]
    given: tuple[TensorSymbol, ...]
    cost: Node | None
    outputs: Mapping[Key, Node]
    wanted: tuple[TensorSymbol, ...]
    names: Mapping[Node, tuple[Key, tuple[Definition, ...]]] = field(default_factory=dict)


class _Missing(Exception):
    """This tensor first, then again."""

    def __init__(self, key: Key) -> None:
        self.key = key


class Builder(Lowerer):
    """Makes the nodes of a system's tensors, each after those that it needs."""

    def __init__(self, system: System, sizes: Mapping[Basic, Basic]) -> None:
        super().__init__(Graph(), system.activations)
        self.system = system
        rule = {**system.size_rule, **sizes}
        self._symbols = {k: v for k, v in rule.items() if isinstance(k, Symbol)}
        self._widths = {k: v for k, v in rule.items() if isinstance(k, Entry)}
        self.given = {*system.inputs, *system.parameters}
        self.inputs: dict[Key, Node] = {}
        self.names: dict[Node, tuple[Key, tuple[Definition, ...]]] = {}
        self._made: dict[Key, Labelled] = {}
        self._axes: dict[Key, tuple[Axis, ...]] = {}
        self._parts: dict[Key, list[Part]] = {}
        self._rewritten: dict[Definition, Expr] = {}
        self._simple: dict[Definition, Expr | None] = {}
        for d in system.definitions:
            for at in self._instances(d):
                sup = tuple(int(i) for i in at.lhs.index[: at.symbol.sup])
                self._parts.setdefault((at.symbol, sup), []).append(Part(at, d))

    # ------------------------------------------------------------------------------- sizes and layers

    def sized(self, e: Expr) -> Expr:
        """A term in sizes, with the known ones put in."""
        return e.xreplace(self._symbols).xreplace(self._widths)

    def size_symbols(self) -> set[Basic]:
        """Symbols that are sizes."""
        return {s for d in self.system.definitions for s in d.rhs.free_symbols if s.is_integer}

    def _instances(self, d: Definition) -> Iterator[Definition]:
        """The definition at every layer and time."""
        above = [(k, lo, hi) for k, lo, hi in d.indices if k in d.lhs.index[: d.symbol.sup]]
        yield from self._at(d, above)

    def _at(self, d: Definition, above: Sequence[tuple[Symbol, Expr, Expr]]) -> Iterator[Definition]:
        if not above:
            lhs = self._numbered(d)
            yield Definition(
                lhs,
                self.sized(d.rhs),
                tuple((k, self.sized(lo), self.sized(hi)) for k, lo, hi in d.indices),
                d.name,
            )
            return
        k, lo, hi = above[0]
        where = f"range of {k} in the definition of {d.lhs}"
        for v in range(self.whole(lo, {}, where), self.whole(hi, {}, where) + 1):
            rule: dict[Basic, Basic] = {k: Integer(v)}
            limits = tuple((i, a.xreplace(rule), b.xreplace(rule)) for i, a, b in d.indices if i != k)
            at = Definition(d.lhs.xreplace(rule), d.rhs.xreplace(rule), limits, d.name)
            rest = [(i, a.xreplace(rule), b.xreplace(rule)) for i, a, b in above[1:]]
            yield from self._at(at, rest)

    def _numbered(self, d: Definition) -> Entry:
        t = d.symbol
        sup = [Integer(self.whole(i, {}, f"superscript of {d.lhs}")) for i in d.lhs.index[: t.sup]]
        return t[(*sup, *map(self.sized, d.lhs.index[t.sup :]))]

    # ------------------------------------------------------------------------------- tensors

    def places(self, t: TensorSymbol, sup: tuple[int, ...]) -> tuple[Axis, ...]:
        """An axis for each component index."""
        key = (t, sup)
        if key not in self._axes:
            rule: dict[Basic, Basic] = {Slot(p): Integer(v) for p, v in enumerate(sup)}
            axes = []
            for p, (lo, hi) in enumerate(t.axes[t.sup :], start=t.sup + 1):
                lo, hi = self.sized(lo.xreplace(rule)), self.sized(hi.xreplace(rule))
                if lo.atoms(Slot) or hi.atoms(Slot):
                    raise self.fail(
                        f"{t.name}: expected a range of index {p} that only superscripts change, "
                        f"found {lo}..{hi}"
                    )
                axes.append(self.axis(lo, hi))
            self._axes[key] = tuple(axes)
        return self._axes[key]

    def tensor(self, t: TensorSymbol, sup: tuple[int, ...]) -> Labelled:
        """The array of a tensor that was made before; _Missing if it was not."""
        key = (t, sup)
        if key not in self._made:
            if t in self.given:
                axes = self.places(t, sup)
                node = self.graph.node("input", (), (t.name, sup), tuple(a.size for a in axes))
                self.inputs[key] = node
                self._made[key] = Labelled(node, axes)
            else:
                raise _Missing(key)
        return self._made[key]

    def make(self, t: TensorSymbol, sup: tuple[int, ...]) -> Labelled:
        """The array of a tensor, made after all that it needs; no recursion, as networks may be deep."""
        waiting: list[Key] = [(t, sup)]
        while waiting:
            key = waiting[-1]
            try:
                if key not in self._made and key[0] not in self.given:
                    self._made[key] = self._defined(key)
                elif key not in self._made:
                    self.tensor(*key)
                waiting.pop()
            except _Missing as missing:
                if missing.key in waiting:
                    raise self.fail(
                        f"{shown(missing.key)}: expected a definition by other tensors or layers, found one "
                        "that leads back to it: an index that counts steps must be a superscript"
                    ) from None
                waiting.append(missing.key)
            except RecursionError:
                raise self.fail(
                    f"{shown(key)}: expected a moderately deep term, found a deeper one"
                ) from None
        return self._made[t, sup]

    def _defined(self, key: Key) -> Labelled:
        parts = self._parts.get(key)
        if not parts:
            raise self.fail(f"{shown(key)}: expected a definition, found none")
        t, sup = key
        places = self.places(t, sup)
        first = parts[0].definition
        if len(parts) == 1 and all(k in first.context.symbols for k in first.lhs.index[t.sup :]):
            found = self._component(first, places)
        else:
            found = self._assembled(parts, places)
        if found.node not in self.names and found.node.op != "input":
            self.names[found.node] = (key, tuple(p.definition for p in parts))
        return found

    def _component(self, d: Definition, places: Sequence[Axis]) -> Labelled:
        """The values of one definition, with the given axes for its indices."""
        env = dict(zip(d.lhs.index[d.symbol.sup :], places, strict=True))
        return self.lower(self.rewritten(d), env)

    def _assembled(self, parts: Sequence[Part], places: Sequence[Axis]) -> Labelled:
        """Definitions of several parts of a tensor, put together."""
        pieces, where = [], []
        for p in parts:
            d = p.definition
            own = {k: self.axis(lo, hi) for k, lo, hi in d.indices}
            index = d.lhs.index[d.symbol.sup :]
            value = self.lower(self.rewritten(d), own)
            axes = [own[k] for k in index if k in own]
            pieces.append(over(self.graph, value, axes))
            spot: list[Any] = []
            for i, place in zip(index, places, strict=True):
                lo = own[i].lo if i in own else i
                spot.append((expand(lo - place.lo), own[i].size, 1) if i in own else expand(lo - place.lo))
            where.append(tuple(spot))
        shape = tuple(a.size for a in places)
        pieces = [self.graph.real(n) for n in pieces]
        return Labelled(self.graph.node("assemble", tuple(pieces), tuple(where), shape), tuple(places))

    # ------------------------------------------------------------------------------- terms

    def rewritten(self, d: Definition) -> Expr:
        """The right side in numbers and stable functions; what is only copied is read where it came from."""
        if d not in self._rewritten:
            e = self._written(d)
            for _ in range(len(self._parts)):
                changed = replaced(e, self._copied)
                if changed is e:
                    break
                e = changed
            self._rewritten[d] = stable(e)
        return self._rewritten[d]

    def _written(self, d: Definition) -> Expr:
        return written_out(d.rhs, self.system.activations, self.system.formulas)

    def _copied(self, e: Entry) -> Expr | None:
        """What an entry is a copy of, or the softmax or sigmoid that it is; None where it is computed."""
        sup = e.index[: e.symbol.sup]
        parts = self._parts.get((e.symbol, tuple(map(int, sup)))) if all(i.is_Integer for i in sup) else None
        if parts is None or len(parts) > 1:
            return None
        d = parts[0].definition
        own = d.lhs.index[e.symbol.sup :]
        if not all(k in d.context.symbols for k in own):
            return None
        if d not in self._simple:
            self._simple[d] = d.rhs if isinstance(d.rhs, Entry) else _squashed(stable(self._written(d)))
        simple = self._simple[d]
        values: dict[Basic, Basic] = dict(zip(own, e.index[e.symbol.sup :], strict=True))
        return None if simple is None else simple.xreplace(values)


def _squashed(e: Expr) -> Expr | None:
    """A softmax or a sigmoid alone, whose quotients and logarithms have better forms; else None."""
    softmax = isinstance(e, FunctionalValue) and e.functional == LOGSUMEXP and e.partials
    return e if softmax or (isinstance(e, Applied) and e.function == LOGISTIC) else None


def build(
    system: System,
    sizes: Mapping[Basic, Basic],
    outputs: Mapping[TensorSymbol, TensorSymbol],
    with_cost: bool = True,
) -> Program:
    """The program of a system that has the derivatives among its definitions.

    `outputs`: for each tensor, the one that is its derivative. Raises SymderiveError for what has no array
    operations: arbitrary functions, a symbolic number of layers, a step that is no superscript.

    >>> from symderive.derivation import derive
    >>> from symderive.systems import mlp
    >>> net = mlp(widths=[4, 3], activation="tanh", cost="squared_error"); d = derive(net)
    >>> w = net.tensor("w"); build(d.as_system(), {}, {w: w.gradient("C")}).graph.nodes[-1].op
    'multiply'
    """
    b = Builder(system, sizes)
    cost = b.make(system.cost, ()).node if with_cost else None
    found: dict[Key, Node] = {}
    for t, bar in outputs.items():
        for sup in superscripts(b, t):
            value = b.make(bar, sup) if (bar, sup) in b._parts else Labelled(b.graph.const(0))
            found[t, sup] = over(b.graph, value, b.places(bar, sup))
    given = (*system.parameters, *system.inputs)
    inputs = {(t, sup): b.tensor(t, sup).node for t in given for sup in superscripts(b, t)}
    return Program(system.name, b.graph, inputs, given, cost, found, tuple(outputs), b.names)


def superscripts(b: Builder, t: TensorSymbol) -> Iterator[tuple[int, ...]]:
    """The superscripts of a tensor, in their declared ranges."""

    def run(before: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        if len(before) == t.sup:
            yield before
            return
        rule: dict[Basic, Basic] = {Slot(p): Integer(v) for p, v in enumerate(before)}
        lo, hi = (b.whole(e.xreplace(rule), {}, f"superscripts of {t.name}") for e in t.axes[len(before)])
        for v in range(lo, hi + 1):
            yield from run((*before, v))

    return run(())


def shown(key: Key) -> str:
    """T or T[1, 2], for messages."""
    t, sup = key
    return f"{t.name}[{', '.join(map(str, sup))}]" if sup else t.name
