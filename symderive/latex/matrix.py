r"""Matrix form as a view of the component form: z_j = sum_k w_{jk} a_k + b_j is z = W a + b.

A product of entries is a graph: indices are its vertices, vectors lie on them, matrices are edges. An index
that is summed over is eliminated where it ends a path, sum_k w_{jk} a_k = (W a)_j, or lies inside one,
sum_k a_{jk} b_{km} = (A B)_{jm}. What lies on one vertex or one edge is multiplied entry by entry.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sympy import Add, Dummy, Expr, Integer, Mul, Symbol, expand
from sympy.core.function import Function

from symderive.calculus.normal_form import equal
from symderive.calculus.terms import Applied, Entry, FunctionalValue, IndexSum
from symderive.latex.blocks import BASE, FACTOR, Block, add, hadamard, multiply, scale, transpose
from symderive.latex.lexicon import PLAIN_FUNCTIONS, Lexicon, juxtaposed, lexicon
from symderive.latex.notation import LatexError, Notation
from symderive.latex.parser import parse_equation
from symderive.latex.printer import TextbookPrinter
from symderive.latex.shapes import Range
from symderive.latex.table import SymbolTable

MOST_FACTORS = 4


@dataclass(frozen=True)
class MatrixForm:
    """Both sides in LaTeX; `rows`, then `columns`, are the free indices of the component form."""

    lhs: str
    rhs: str
    indices: tuple[Symbol, ...]

    @property
    def latex(self) -> str:
        """The equation on one line."""
        return f"{self.lhs} = {self.rhs}"


@dataclass(frozen=True)
class Refused:
    """There is no matrix form, and why."""

    reason: str

    def __bool__(self) -> bool:
        return False


class _NoForm(Exception):
    """What the matrix form cannot say."""


def matrix_form(
    lhs: Expr,
    rhs: Expr,
    limits: Iterable[tuple[Symbol, Expr, Expr]] | None = None,
    notation: Notation | None = None,
    *,
    table: SymbolTable | None = None,
) -> MatrixForm | Refused:
    r"""The equation for all its component indices at once, or the reason why it has no matrix form.

    `limits`: the ranges of the free indices; without them, the declared ranges of the left side. Whatever is
    returned reads back as the component form that it was made from.

    >>> from symderive.calculus import indices, tensor
    >>> j, k = indices("j k")
    >>> w, x, z = tensor("w", (j, 1, 3), (k, 1, 2)), tensor("x", (k, 1, 2)), tensor("z", (j, 1, 3))
    >>> matrix_form(z[j], IndexSum(w[j, k] * x[k], (k, 1, 2))).latex
    'z = W x'
    >>> matrix_form(z[j], w[j, j])
    Refused(reason='w[j, j] has one index twice')
    """
    names = lexicon(SymbolTable.of(lhs, rhs) if table is None else table, notation or Notation())
    try:
        target = _components(lhs)
        view = _View(names, target, _ranges(names, lhs, target, limits))
        found = MatrixForm(view.array(lhs, target).text, view.array(rhs, target).text, target)
        back = parse_equation(found.latex, names.table, names.notation, letters=target)
    except (_NoForm, LatexError) as e:
        return Refused(str(e))
    if not (equal(back[0], lhs) and equal(back[1], rhs)):
        return Refused(f"{found.latex} would be read as {back[0]} = {back[1]}")
    return found


def _components(lhs: Expr) -> tuple[Symbol, ...]:
    """The component indices of the left side, rows first."""
    if not isinstance(lhs, Entry):
        raise _NoForm(f"expected one entry on the left, found {lhs}")
    index = lhs.index[lhs.symbol.sup :]
    if len(index) > 2:
        raise _NoForm(f"{lhs} has more than two component indices")
    if any(not isinstance(i, Symbol) or i.is_positive for i in index):
        raise _NoForm(f"{lhs} is a single entry")
    return index


def _ranges(
    names: Lexicon, lhs: Any, target: Sequence[Symbol], limits: Iterable[tuple[Symbol, Expr, Expr]] | None
) -> dict[Symbol, Range]:
    rule = dict(names.table.sizes)
    if limits is None:
        return {k: _sized(r, rule) for k, r in zip(target, lhs.ranges()[lhs.symbol.sup :], strict=True)}
    found = {k: _sized((lo, hi), rule) for k, lo, hi in limits if k in target}
    for k in target:
        if k not in found:
            raise _NoForm(f"index {k} has no range")
    return found


def _sized(limits: tuple[Any, Any], rule: dict[Any, Any]) -> Range:
    lo, hi = (Integer(e) if isinstance(e, int) else e for e in limits)
    return expand(lo.xreplace(rule)), expand(hi.xreplace(rule))


@dataclass
class _Graph:
    """A product under elimination: vectors on indices, matrices between two indices, scalars."""

    scalars: list[Expr] = field(default_factory=list)
    numbers: list[Block] = field(default_factory=list)
    vectors: dict[Symbol, list[Block]] = field(default_factory=dict)
    edges: list[tuple[Symbol, Symbol, Block]] = field(default_factory=list)

    def merge(self) -> None:
        """Matrices between the same two indices are multiplied entry by entry."""
        found: dict[frozenset[Symbol], tuple[Symbol, Symbol, list[Block]]] = {}
        for i, k, m in self.edges:
            first, second, parts = found.setdefault(frozenset((i, k)), (i, k, []))
            parts.append(m if (first, second) == (i, k) else transpose(m))
        self.edges = [(i, k, hadamard(parts)) for i, k, parts in found.values()]

    def at(self, k: Symbol) -> list[tuple[Symbol, Symbol, Block]]:
        return [e for e in self.edges if k in e[:2]]


class _View:
    def __init__(self, names: Lexicon, target: Sequence[Symbol], ranges: dict[Symbol, Range]) -> None:
        self.names = names
        self.printer = TextbookPrinter(names, target)
        self.ranges = ranges
        self.rule = dict(names.table.sizes)

    def array(self, e: Expr, target: tuple[Symbol, ...]) -> Block:
        """The array of e over these indices: a scalar, a vector, or a matrix with the first index as row."""
        if isinstance(e, Add):
            return add(self.array(t, target) for t in e.args)
        graph = _Graph()
        bound: list[Symbol] = []
        self.collect(e, graph, bound, target, alone=True)
        graph.merge()
        while bound:
            k = min(bound, key=lambda i: (len(graph.at(i)), -bound.index(i)))
            bound.remove(k)
            self.eliminate(k, graph, target)
            graph.merge()
        return self.assembled(graph, target)

    # ---- a product as a graph

    def collect(
        self, e: Expr, graph: _Graph, bound: list[Symbol], target: Sequence[Symbol], alone: bool
    ) -> None:
        """Enter every factor of e, with the sums in it opened."""
        known = {*target, *bound}
        for f in Mul.make_args(e):
            free = f.free_symbols & known
            if isinstance(f, IndexSum) and (free or (alone and not target)):
                k = Dummy("k", integer=True)
                if (f.lo.free_symbols | f.hi.free_symbols) & known:
                    raise _NoForm(f"the range of a sum in {f} depends on another index")
                self.ranges[k] = _sized((f.lo, f.hi), self.rule)
                bound.append(k)
                self.collect(f.open(k), graph, bound, target, alone)
            elif not f.free_symbols & {*target, *bound}:
                graph.scalars.append(f)
            elif f.is_Pow and f.exp.is_Integer and 1 < f.exp <= MOST_FACTORS:
                for _ in range(int(f.exp)):
                    self.enter(f.base, graph, {*target, *bound})
            else:
                self.enter(f, graph, {*target, *bound})

    def enter(self, f: Expr, graph: _Graph, known: set[Symbol]) -> None:
        """One factor that has component indices."""
        order = self.order(f, known)
        if len(order) > 2:
            raise _NoForm(f"{f} has more than two component indices")
        block = self.factor(f, order)
        if len(order) == 1:
            graph.vectors.setdefault(order[0], []).append(block)
        else:
            graph.edges.append((order[0], order[1], block))

    def order(self, f: Expr, known: set[Symbol]) -> tuple[Symbol, ...]:
        """The component indices of a factor, in the order of the first entry that has them."""
        inside = f.free_symbols & known
        entries = (
            [f] if isinstance(f, Entry) else sorted(f.atoms(Entry), key=lambda e: (-len(e.index), str(e)))
        )
        found: dict[Symbol, None] = {}
        for entry in entries:
            for i in entry.index[entry.symbol.sup :]:
                if i in inside:
                    found[i] = None
        return (*found, *sorted(inside - set(found), key=str))

    def factor(self, f: Expr, order: tuple[Symbol, ...]) -> Block:
        """The array of one factor over its own component indices."""
        if isinstance(f, Entry):
            return self.leaf(f, order)
        if isinstance(f, Applied):
            if any(i.free_symbols & set(order) for i in f.sup):
                raise _NoForm(f"the function in {f} depends on a component index")
            name = self.names.function(f.function) + "'" * f.order
            if f.sup:
                name += f"_{{{juxtaposed([self.printer.indices.show(i) for i in f.sup])}}}"
            return self.entrywise(name, f.argument, order)
        if isinstance(f, FunctionalValue):
            return self.derivative(f, order)
        if isinstance(f, Function):
            for name, known in PLAIN_FUNCTIONS.items():
                if f.func is known and self.names.functions.get(name) is known:
                    return self.entrywise(name, f.args[0], order)
        if isinstance(f, Add):
            return self.array(f, order)
        raise _NoForm(f"{f} is neither a vector nor a matrix")

    def entrywise(self, name: str, argument: Expr, order: tuple[Symbol, ...]) -> Block:
        return Block(rf"{name}\left({self.array(argument, order).text}\right)", BASE)

    def leaf(self, e: Entry, order: tuple[Symbol, ...], above: str = "") -> Block:
        r"""The tensor of an entry without the indices that run; under \partial where `above` is given."""
        t = e.symbol
        if any(k in i.free_symbols for k in order for i in e.index[: t.sup]):
            raise _NoForm(f"{e} has a component index as a superscript")
        start = len(e.index) - len(order)
        if start < t.sup or any(k in i.free_symbols for k in order for i in e.index[t.sup : start]):
            twice = len(set(e.index)) < len(e.index)
            raise _NoForm(f"{e} has one index twice" if twice else f"{e} is no plain array")
        if e.index[start:] != order:
            raise _NoForm(f"{e} is no plain array")
        for k, limits in zip(order, e.ranges()[start:], strict=True):
            if _sized(limits, self.rule) != self.ranges[k]:
                lo, hi = self.ranges[k]
                raise _NoForm(f"{k} runs from {lo} to {hi}, which is not the range of {e}")
        shown = [self.printer.indices.show(i) for i in e.index[:start]]
        sub = shown[t.sup :]
        head = "" if sub else self.names.bare(t, len(order))
        text, simple = self.printer.tensor(
            t, ",".join(shown[: t.sup]), f"_{{{juxtaposed(sub)}}}" if sub else "", head
        )
        if above:
            return Block(rf"\frac{{\partial {above}}}{{\partial {text}}}", FACTOR)
        return Block(text, BASE if simple else FACTOR)

    def derivative(self, e: FunctionalValue, order: tuple[Symbol, ...]) -> Block:
        name = self.names.functional(e.functional)
        if not e.partials:
            raise _NoForm(f"{name} is taken at one index at a time")
        if len(e.partials) != 1 or not self.printer.short_partial(e, name):
            raise _NoForm(f"a derivative of {name} is no gradient")
        m, *index = e.partials[0]
        of = e.families[int(m)]
        for i in index:
            of = of.open(i)
        return self.leaf(of, self.order(of, set(order)), name)

    # ---- elimination of what is summed over

    def eliminate(self, k: Symbol, graph: _Graph, target: Sequence[Symbol]) -> None:
        """Sum over k: the end of a path, the inside of one, or an inner product."""
        edges = graph.at(k)
        on = graph.vectors.pop(k, [])
        graph.edges = [e for e in graph.edges if e not in edges]
        if not edges:
            graph.numbers.append(self.inner(k, on))
        elif len(edges) == 1:
            i, m = self.outward(k, edges[0])
            vector = hadamard(on) if on else self.ones(k)
            graph.vectors.setdefault(i, []).append(multiply(m, vector))
        elif len(edges) == 2:
            (i, left), (p, right) = (self.outward(k, e) for e in edges)
            place = list(target)
            if p in place and (i not in place or place.index(p) < place.index(i)):
                (i, left), (p, right) = (p, right), (i, left)
            middle = [self.diagonal(hadamard(on))] if on else []
            graph.edges.append((i, p, multiply(left, *middle, transpose(right))))
        else:
            raise _NoForm("an index is summed over in more than two matrices")

    def outward(self, k: Symbol, edge: tuple[Symbol, Symbol, Block]) -> tuple[Symbol, Block]:
        """The other index of an edge at k, and the matrix with that index as row."""
        i, p, m = edge
        return (i, m) if p == k else (p, transpose(m))

    def inner(self, k: Symbol, on: list[Block]) -> Block:
        """sum_k u_k v_k .. = u^T (v .. ); the sum of one vector is 1^T u."""
        if len(on) < 2:
            return multiply(transpose(self.ones(k)), on[0] if on else self.ones(k))
        return multiply(transpose(on[0]), hadamard(on[1:]))

    def ones(self, k: Symbol) -> Block:
        lo, hi = self.ranges[k]
        if lo != 1:
            raise _NoForm(f"a vector of ones would run from {lo} to {hi}")
        return Block(rf"\mathbf{{1}}_{{{self.printer.indices.show(hi)}}}", BASE)

    def diagonal(self, v: Block) -> Block:
        return Block(rf"\operatorname{{diag}}\left({v.text}\right)", BASE)

    def assembled(self, graph: _Graph, target: tuple[Symbol, ...]) -> Block:
        """What is left over the target's indices, times the scalars."""
        on = [graph.vectors.get(k, []) for k in target]
        if not target:
            numbers = graph.numbers
            if not numbers:
                shown = self.printer.show(Mul(*graph.scalars))
                return Block(shown.text, shown.level)
            body = numbers[0] if len(numbers) == 1 else multiply(*(_closed(n) for n in numbers))
        elif len(target) == 1:
            body = hadamard(on[0]) if on[0] else self.ones(target[0])
        elif not graph.edges:
            rows, cols = (hadamard(v) if v else self.ones(k) for k, v in zip(target, on, strict=True))
            body = multiply(rows, transpose(cols))
        else:
            ((i, _, m),) = graph.edges
            body = m if i == target[0] else transpose(m)
            left, right = ([self.diagonal(hadamard(v))] if v else [] for v in on)
            body = multiply(*left, body, *right) if left or right else body
        if target:
            for n in graph.numbers:
                body = multiply(_closed(n), body)
        return scale(self.coefficient(graph.scalars), body)

    def coefficient(self, scalars: list[Expr]) -> str:
        """The scalars in component form, with a sign in front."""
        number, rest = Mul(*scalars).as_coeff_Mul()
        if rest.is_Add:
            shown = self.printer.show(rest)
            front = rf"\left({shown.text}\right)"
            return front if number == 1 else f"{self.printer.show(number).text} {front}"
        shown = self.printer.show(abs(number) * rest)
        return ("-" if number < 0 else "") + shown.within(2)


def _closed(b: Block) -> Block:
    """In parentheses, so that a scalar product is not taken apart."""
    return Block(rf"\left({b.text}\right)", BASE) if b.factors else b
