r"""Reverse mode: the adjoint of a tensor is the sum over all that uses it, \bar T = sum_u \bar u  du/dT, deltas contracted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sympy import Add, Expr, Integer

from symderive.calculus.atoms import TensorSymbol, fresh
from symderive.calculus.contraction import contract, decide
from symderive.calculus.ranges import Context
from symderive.calculus.terms import Binder, Bracket, Entry, FunctionalValue, PartialDerivative, index_sum
from symderive.derivation.steps import Step
from symderive.errors import SymderiveError
from symderive.systems.system import Definition, Limits, System


@dataclass(frozen=True)
class Adjoint:
    """The derivative of the cost by the entries of one pattern, T[l, j] or T[2, j], before it is split by cases."""

    of: Entry
    lhs: Entry
    rhs: Expr
    indices: tuple[Limits, ...]
    steps: tuple[Step, ...]

    @property
    def context(self) -> Context:
        """The ranges of the indices."""
        return Context.of(*self.indices)


def adjoint_symbol(system: System, t: TensorSymbol) -> TensorSymbol:
    r"""The name of dC/dT: as the system says (delta), dC/dw for what is given, else \bar T."""
    if t in system.adjoints:
        return system.adjoints[t]
    if t in (*system.parameters, *system.inputs):
        return t.gradient(system.cost.latex_name)
    return t.derived(f"bar_{t.name}", latex_name=rf"\bar{{{t.latex_name}}}", kind="real")


def patterns(system: System, t: TensorSymbol) -> Iterator[tuple[Entry, tuple[Limits, ...]]]:
    """The entries of t that share one formula: as they are defined, or, for what is given, by its numeric layers."""
    own = system.of(t)
    if own:
        for d in own:
            yield d.lhs, d.indices
        return
    rule = system.size_rule
    yield from _unrolled(t, (), (), rule)


def _unrolled(
    t: TensorSymbol, index: tuple[Expr, ...], limits: tuple[Limits, ...], rule: dict[Expr, Expr]
) -> Iterator[tuple[Entry, tuple[Limits, ...]]]:
    place = len(index)
    if place == t.rank:
        yield t[index], limits
        return
    filler = (Integer(0),) * (t.rank - place)
    lo, hi = (e.xreplace(rule) for e in t.ranges(*index, *filler)[place])
    if place < t.sup and lo.is_Integer and hi.is_Integer:
        for value in range(int(lo), int(hi) + 1):
            yield from _unrolled(t, (*index, Integer(value)), limits, rule)
        return
    letter = fresh({*(k for k, _, _ in limits)}, t.letters[place : place + 1])
    yield from _unrolled(t, (*index, letter), (*limits, (letter, lo, hi)), rule)


def raw_adjoint(system: System, entry: Entry, limits: tuple[Limits, ...], uses: Uses) -> Adjoint:
    """The adjoint of one pattern with its steps: chain rule, partial derivatives, deltas contracted, ranges decided."""
    ctx = Context.of(*limits)
    bar = adjoint_symbol(system, entry.symbol)
    lhs = bar[entry.index]
    chain: list[Expr] = []
    partials: list[Expr] = []
    for d in uses.of(entry):
        d = d.renamed(ctx.symbols | entry.free_symbols)
        local = d.rhs.diff(entry)
        seed = Integer(1) if d.symbol == system.cost else adjoint_symbol(system, d.symbol)[d.lhs.index]
        formal = local if isinstance(d.rhs, FunctionalValue) else PartialDerivative(d.lhs, entry)
        chain.append(index_sum(seed * formal, *d.indices))
        partials.append(index_sum(seed * local, *d.indices))
    steps = [Step("chain rule", lhs, Add(*chain), ctx)] if chain else []
    for rule, value in _stages(Add(*partials), ctx):
        if not steps or value != steps[-1].rhs:
            steps.append(Step(rule, lhs, value, ctx))
    return Adjoint(entry, lhs, steps[-1].rhs, limits, tuple(steps))


class Uses:
    """Which definitions use which entries: a tensor, and its superscripts as far as they are numbers."""

    def __init__(self, system: System) -> None:
        self.found: dict[tuple[TensorSymbol, tuple[Expr, ...]], dict[int, None]] = {}
        self.definitions = system.definitions
        for n, d in enumerate(system.definitions):
            for e in d.rhs.atoms(Entry):
                self.found.setdefault((e.symbol, self._key(e)), {})[n] = None

    @staticmethod
    def _key(e: Entry) -> tuple[Expr, ...]:
        sup = e.index[: e.symbol.sup]
        return sup if all(i.is_Integer for i in sup) else ()

    def of(self, e: Entry) -> list[Definition]:
        """The definitions that may use this entry, in order."""
        key = self._key(e)
        if e.symbol.sup and key:
            places = {**self.found.get((e.symbol, key), {}), **self.found.get((e.symbol, ()), {})}
        else:
            places = {n: None for (t, _), ns in self.found.items() if t == e.symbol for n in ns}
        return [self.definitions[n] for n in sorted(places)]


def _stages(value: Expr, ctx: Context) -> Iterator[tuple[str, Expr]]:
    yield "partial derivatives", value
    value = contract(value)
    yield "delta contraction", value
    # a decided bracket can free another delta
    for _ in range(4):
        new = contract(decide(value, ctx))
        if new == value:
            break
        value = new
    yield "range", value


def inline(adjoint: Adjoint, known: dict[TensorSymbol, list[Adjoint]]) -> Adjoint:
    """Put the adjoints of inlined tensors in where they are used, and decide the ranges again."""
    value = adjoint.rhs
    for _ in range(16):
        new = _replace_entries(value, known)
        if new == value:
            break
        value = new
    else:
        raise SymderiveError(f"derivation of {adjoint.lhs}: inlined adjoints refer to each other without end")
    if value == adjoint.rhs:
        return adjoint
    steps = [*adjoint.steps, Step("substitution", adjoint.lhs, value, adjoint.context)]
    final = decide(value, adjoint.context)
    if final != value:
        steps.append(Step("range", adjoint.lhs, final, adjoint.context))
    return Adjoint(adjoint.of, adjoint.lhs, final, adjoint.indices, tuple(steps))


def _replace_entries(e: Expr, known: dict[TensorSymbol, list[Adjoint]]) -> Expr:
    if isinstance(e, Entry):
        for a in known.get(e.symbol, ()):
            values = Definition(a.lhs, a.rhs, a.indices).matches(e)
            if values is not None:
                return a.rhs.xreplace(dict(values))
        return e
    if isinstance(e, Binder):
        k, body = e.unbind()
        return e.func(_replace_entries(body, known), (k, e.lo, e.hi))
    if not e.args:
        return e
    return e.func(*(_replace_entries(a, known) if isinstance(a, Expr) else a for a in e.args))


def split(adjoint: Adjoint) -> Iterator[tuple[Definition, tuple[Step, ...]]]:
    """The definitions that remain when the brackets are decided case by case: l = L, and l in 1..L-1."""
    yield from _split(adjoint, adjoint.lhs, adjoint.rhs, adjoint.indices, 0)


def _split(
    adjoint: Adjoint, lhs: Entry, rhs: Expr, limits: tuple[Limits, ...], depth: int
) -> Iterator[tuple[Definition, tuple[Step, ...]]]:
    ctx = Context.of(*limits)
    open_brackets = _undecided(rhs, ctx)
    for k, lo, hi in limits if open_brackets and depth < 4 else ():
        if not any(k in b.free_symbols for b in open_brackets):
            continue
        for edge, rest in ((hi, (k, lo, hi - 1)), (lo, (k, lo + 1, hi))):
            rule = {k: edge}
            at_edge = tuple(
                (i, a.xreplace(rule), b.xreplace(rule)) for i, a, b in limits if i != k
            )
            inside = tuple(rest if i == k else (i, a, b) for i, a, b in limits)
            first = decide(rhs.xreplace(rule), Context.of(*at_edge))
            second = decide(rhs, Context.of(*inside))
            left = _undecided(first, Context.of(*at_edge)) | _undecided(second, Context.of(*inside))
            if len(left) < len(open_brackets):
                edge_lhs = lhs.xreplace(rule)
                yield from _split(adjoint, edge_lhs, first, at_edge, depth + 1)
                if not Context.of(*limits).nonnegative(lo - hi):  # a range of one index is the edge alone
                    yield from _split(adjoint, lhs, second, inside, depth + 1)
                return
    steps = adjoint.steps
    if rhs != steps[-1].rhs or lhs != steps[-1].lhs:
        steps = (*steps, Step("case", lhs, rhs, ctx))
    yield Definition(lhs, rhs, limits), steps


def _undecided(e: Expr, ctx: Context) -> set[Expr]:
    """Brackets on the free indices that the ranges leave open."""
    return {b for b in e.atoms(Bracket) if isinstance(b, Bracket) and b.free_symbols & ctx.symbols and not _bound(b)}


def _bound(b: Bracket) -> bool:
    from symderive.calculus.binding import loose

    return loose(b)




__all__ = ["Adjoint", "Uses", "adjoint_symbol", "inline", "patterns", "raw_adjoint", "split"]
