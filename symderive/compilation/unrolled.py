"""Small networks as straight-line code: every entry is a number, every operation a line, none is done twice.

The number of lines is that of backpropagation, about twice that of the forward pass. There are no arrays. A
sigmoid has its limits for any z; the exponentials of a softmax are not shifted, and z > 709 is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sympy import Expr, Integer
from sympy.core.basic import Basic

from symderive.calculus.atoms import Slot, TensorSymbol
from symderive.calculus.terms import Entry
from symderive.compilation.expressions import Names, prose, python
from symderive.compilation.formulas import replaced, written_out
from symderive.compilation.graph import LEAVES, Graph, Node
from symderive.compilation.labelled import Axis, Labelled
from symderive.compilation.loading import load
from symderive.compilation.lowering import Env, Lowerer
from symderive.compilation.schedule import schedule
from symderive.compilation.stable import stable
from symderive.derivation.adjoint import adjoint_symbol
from symderive.derivation.derive import Derivation
from symderive.derivation.explicit import Sizes, explicit, size_rule
from symderive.errors import SymderiveError

NAME = "cost_and_gradients"
Tree = Any

PATTERNS: Mapping[str, str] = {
    "add": "{} + {}", "subtract": "{} - {}", "multiply": "{} * {}", "divide": "{} / {}", "negative": "-{}",
    "square": "{0} * {0}", "power": "{} ** {}", "reciprocal": "1.0 / {}", "absolute": "abs({})",
    "maximum": "max({}, {})", "minimum": "min({}, {})", "greater": "1.0 if {} > {} else 0.0",
    "less": "1.0 if {} < {} else 0.0", "less_equal": "1.0 if {} <= {} else 0.0",
    "equal": "1.0 if {} == {} else 0.0", "real": "{}", "sign": "math.copysign(1.0, {0}) if {0} else 0.0",
    "arcsin": "math.asin({})", "arccos": "math.acos({})", "arctan": "math.atan({})",
}  # fmt: skip
LARGE = "math.exp({0}) if {0} < 709 else math.inf"


class Unrolled:
    """f(w=.., b=.., x=.., y=..) -> cost, derivatives; `source` is its code and `operations` their number.

    Arguments and results are nested lists, or arrays, with the layers outermost.
    """

    def __init__(self, source: str, names: tuple[str, ...], operations: int) -> None:
        self.source = source
        self.operations = operations
        self._names = names
        self._function: Callable[..., Any] = load(source, "symderive_unrolled")[NAME]

    def __reduce__(self) -> Any:
        return type(self), (self.source, self._names, self.operations)

    def __call__(self, **arrays: Any) -> tuple[float, dict[str, Any]]:
        """The cost, and the derivatives by name. Raises SymderiveError where an argument does not fit."""
        if set(arrays) != set(self._names):
            raise SymderiveError(
                f"expected {', '.join(self._names)}, found {', '.join(sorted(arrays)) or 'nothing'}"
            )
        try:
            return self._function(**{k: _listed(v) for k, v in arrays.items()})  # type: ignore[no-any-return]
        except OverflowError:
            raise SymderiveError(
                "expected numbers whose exponentials are floats, found larger ones"
            ) from None
        except ArithmeticError as error:
            raise SymderiveError(
                f"expected numbers where the cost has a value, found others: {error}"
            ) from None
        except (ValueError, TypeError) as error:
            if "math domain" in str(error):
                raise SymderiveError(
                    "expected numbers where the cost has a value, found some outside of a function's domain"
                ) from None
            raise SymderiveError(f"expected numbers in the network's shapes, found others: {error}") from None


def _listed(value: Any) -> Any:
    if hasattr(value, "tolist"):
        return value.tolist()
    return [_listed(v) for v in value] if isinstance(value, list | tuple) else value


def unroll(derivation: Derivation, sizes: Sizes = None) -> Unrolled:
    """The straight-line code of a derivation whose sizes are all numbers, given here if not there.

    Raises SymderiveError where a size is missing, or the result would have more than 20,000 terms.

    >>> from symderive.derivation import derive
    >>> from symderive.systems import mlp
    >>> f = unroll(derive(mlp(widths=[1, 1], activation="tanh", cost="squared_error")))
    >>> f.operations
    10
    >>> print(f.source.split("= y\\n")[1].split("    return")[0].rstrip())
        t1 = x_1 * w_1_1_1
        z_1_1 = t1 + b_1_1
        a_1_1 = math.tanh(z_1_1)
        t2 = a_1_1 - y_1
        t3 = t2 * t2
        C = 0.5 * t3
        t4 = a_1_1 * a_1_1
        t5 = 1 - t4
        delta_1_1 = t2 * t5
        grad_w_1_1_1 = x_1 * delta_1_1
    """
    b = _Scalars(derivation, sizes)
    system = derivation.system
    found = {d.symbol for d in derivation.definitions}
    targets = [t for t in (*system.parameters, *system.inputs) if adjoint_symbol(system, t) in found]
    cost = b.make(system.cost()).node
    results = {t: b.tree(adjoint_symbol(system, t), b.value) for t in targets}
    given = {t: b.tree(t, b.given_entry) for t in (*system.parameters, *system.inputs)}
    flat = [n for t in results.values() for n in _leaves(t)]
    order = schedule([cost, *flat])
    operations = [n for n in order if n.op not in LEAVES]
    text = "\n".join(_lines(b, operations, given, results, cost))
    return Unrolled(text + "\n", tuple(t.name for t in given), len(operations))


class _Missing(Exception):
    def __init__(self, entry: Entry) -> None:
        self.entry = entry


class _Scalars(Lowerer):
    """Nodes for single entries."""

    def __init__(self, derivation: Derivation, sizes: Sizes) -> None:
        system = derivation.system
        super().__init__(Graph(), system.activations)
        self.system = system
        everything = (*system.definitions, *derivation.definitions)
        self._rule = {**system.size_rule, **size_rule(everything, sizes)}
        self._definitions: dict[Entry, Expr] = {}
        for what in (system, derivation):
            for d in explicit(what, sizes):
                e = written_out(d.rhs, system.activations, system.formulas)
                self._definitions[d.lhs] = stable(e)
        self._given = {*system.inputs, *system.parameters}
        self.made: dict[Entry, Labelled] = {}
        self.names: dict[Node, Entry] = {}

    def sized(self, e: Expr) -> Expr:
        """Sizes are numbers."""
        symbols: dict[Basic, Basic] = {k: v for k, v in self._rule.items() if not isinstance(k, Entry)}
        return e.xreplace(symbols).xreplace(self._rule)

    def places(self, t: TensorSymbol, sup: tuple[int, ...]) -> tuple[Axis, ...]:
        """There are no axes."""
        raise self.fail(f"{t.name}: expected single entries, found an array")

    def tensor(self, t: TensorSymbol, sup: tuple[int, ...]) -> Labelled:
        """There are no arrays."""
        raise self.fail(f"{t.name}: expected single entries, found an array")

    def entry(self, e: Entry, env: Env) -> Labelled:
        """A single number; _Missing if it has not been made yet."""
        if e not in self.made:
            if e.symbol not in self._given:
                raise _Missing(e)
            self.made[e] = Labelled(self.graph.node("input", (), (e.symbol.name, e.index), ()))
        return self.made[e]

    def make(self, entry: Entry) -> Labelled:
        """The node of an entry, made after all that it needs."""
        waiting = [entry]
        while waiting:
            e = waiting[-1]
            try:
                if e in self.made:
                    pass
                elif e.symbol in self._given:
                    self.entry(e, {})
                else:
                    self.made[e] = self._computed(e)
                waiting.pop()
            except _Missing as missing:
                if missing.entry in waiting:
                    raise self.fail(
                        f"{missing.entry}: expected a definition by others, found a circle"
                    ) from None
                waiting.append(missing.entry)
        return self.made[entry]

    def _computed(self, e: Entry) -> Labelled:
        if e not in self._definitions:
            raise self.fail(f"{e}: expected a definition, found none")
        rhs = replaced(self._definitions[e], lambda x: self._definitions.get(x) if self._is_copy(x) else None)
        found = self.lower(rhs, {})
        if found.node.op not in LEAVES:
            self.names.setdefault(found.node, e)
        return found

    def _is_copy(self, e: Entry) -> bool:
        return isinstance(self._definitions.get(e), Entry)

    def value(self, e: Entry) -> Node:
        """The node of a derivative, 0 where nothing defines it."""
        return self.make(e).node if e in self._definitions else self.graph.const(0)

    def given_entry(self, e: Entry) -> Node:
        """The node of an entry that is given."""
        return self.entry(e, {}).node

    def tree(self, t: TensorSymbol, leaf: Callable[[Entry], Node]) -> Tree:
        """The entries of a tensor in nested lists."""

        def inside(before: tuple[int, ...]) -> Tree:
            if len(before) == t.rank:
                return leaf(t[before])
            rule: dict[Basic, Basic] = {Slot(p): Integer(v) for p, v in enumerate(before)}
            lo, hi = (self.whole(e.xreplace(rule), {}, f"range of {t.name}") for e in t.axes[len(before)])
            return [inside((*before, v)) for v in range(lo, hi + 1)]

        return inside(())


def _leaves(tree: Tree) -> Iterator[Node]:
    if isinstance(tree, list):
        for branch in tree:
            yield from _leaves(branch)
    else:
        yield tree


def _lines(
    b: _Scalars, operations: Sequence[Node], given: Mapping[TensorSymbol, Tree],
    results: Mapping[TensorSymbol, Tree], cost: Node,
) -> Iterator[str]:  # fmt: skip
    names = Names()
    arguments = {t: names.new(t.name) for t in given}
    text: dict[Node, str] = {}
    temporary = 0

    def named(entry: Entry) -> str:
        return names.new("_".join([entry.symbol.name, *map(str, entry.index)]))

    def pattern(tree: Tree) -> str:
        if not isinstance(tree, list):
            name, index = tree.attr
            text[tree] = names.new("_".join([name, *map(str, index)]))
            return text[tree]
        return f"({', '.join(map(pattern, tree))}{',' if len(tree) == 1 else ''})"

    def use(node: Node) -> str:
        return python(node.attr[0], {}) if node.op == "const" else text[node]

    def listed(tree: Tree) -> str:
        return f"[{', '.join(map(listed, tree))}]" if isinstance(tree, list) else use(tree)

    # where e^-z is too large for a float, 1 / (1 + e^-z) is 0
    sigmoids = [n.args[0] for n in operations if n.op == "reciprocal"]
    unlimited = {e for n in sigmoids for e in n.args if e.op == "exp"}

    yield f'"""{prose(b.system.name)}, by numbers: generated by symderive from its layer equations."""\n'
    yield "import math\n\n"
    yield f"def {NAME}({', '.join(arguments.values())}):"
    yield '    """The cost, and its derivatives in nested lists."""'
    for t, tree in given.items():
        yield f"    {pattern(tree)} = {arguments[t]}"
    for node in operations:
        if node in b.names:
            name = named(b.names[node])
        else:
            temporary += 1
            name = names.new(f"t{temporary}")
        args = [f"({a})" if a.startswith("-") else a for a in map(use, node.args)]
        form = LARGE if node in unlimited else PATTERNS.get(node.op, f"math.{node.op}({{}})")
        call = form.format(*args)
        text[node] = name
        yield f"    {name} = {call}"
    lines = ", ".join(f"{t.name!r}: {listed(tree)}" for t, tree in results.items())
    yield f"    return {use(cost)}, {{{lines}}}"
