r"""Reverse mode: dC/dT sums over all that uses T, \bar T = sum_u \bar u du/dT, with its deltas contracted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sympy import Add, Expr, Integer
from sympy.core.basic import Basic

from symderive.calculus.atoms import TensorSymbol, fresh
from symderive.calculus.contraction import contract, decide
from symderive.calculus.ranges import Context
from symderive.calculus.terms import Bracket, Entry, FunctionalValue, PartialDerivative, index_sum
from symderive.derivation.partial import partial
from symderive.derivation.steps import Step, followed
from symderive.derivation.substitution import by_cases, put_in
from symderive.systems.definition import Definition, Limits
from symderive.systems.lookup import Lookup
from symderive.systems.scope import Scope
from symderive.systems.system import System

# rounds of contraction and decision; each ends a bracket or a sum, so that few are ever needed
ROUNDS = 8


@dataclass(frozen=True)
class Adjoint:
    """The derivative of the cost by the entries of one pattern, as T[l, j] or T[2, j]; not yet by cases."""

    of: Entry
    definition: Definition
    steps: Sequence[Step]


def adjoint_symbol(system: System, t: TensorSymbol) -> TensorSymbol:
    r"""The name of dC/dT: as the system says (delta), dC/dw for what is given, else \bar T.

    >>> from symderive.systems import mlp
    >>> net = mlp(); [adjoint_symbol(net, net.tensor(name)) for name in "zwa"]
    [delta, grad_w, bar_a]
    """
    if t in system.adjoints:
        return system.adjoints[t]
    if t in system.parameters or t in system.inputs:
        return t.gradient(system.cost.latex_name)
    return t.derived(f"bar_{t.name}", latex_name=rf"\bar{{{t.latex_name}}}", kind="real")


def patterns(system: System, t: TensorSymbol) -> Iterator[tuple[Entry, tuple[Limits, ...]]]:
    """The entries of t that share one formula: as they are defined, or, of what is given, by numeric layers.

    >>> from symderive.systems import mlp
    >>> net = mlp(widths=[2, 3, 4]); [str(e) for e, _ in patterns(net, net.tensor("w"))]
    ['w[1, j, k]', 'w[2, j, k]']
    """
    own = system.of(t)
    if own:
        for d in own:
            yield d.lhs, d.indices
    else:
        yield from _unrolled(t, (), (), system.size_rule)


def _unrolled(
    t: TensorSymbol, index: tuple[Expr, ...], limits: tuple[Limits, ...], rule: Mapping[Basic, Basic]
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
    used = {t, *(k for k, _, _ in limits), *lo.free_symbols, *hi.free_symbols}
    letter = fresh(used, t.letters[place : place + 1])
    yield from _unrolled(t, (*index, letter), (*limits, (letter, lo, hi)), rule)


class Uses:
    """Which definitions use which entries: found by tensor, and by superscripts where they are numbers.

    >>> from symderive.systems import mlp
    >>> net = mlp(widths=[2, 3, 4]); a = net.tensor("a")
    >>> [str(d.lhs) for d in Uses(net.definitions).of(a[1, 2])]
    ['z[2, j]']
    """

    def __init__(self, definitions: Sequence[Definition]) -> None:
        self.definitions = definitions
        # a layer that is no number can be any layer
        self.found: dict[TensorSymbol, dict[tuple[Expr, ...] | None, dict[int, None]]] = {}
        for n, d in enumerate(definitions):
            for e in d.rhs.atoms(Entry):
                self.found.setdefault(e.symbol, {}).setdefault(_numbers(e), {})[n] = None

    def of_tensor(self, t: TensorSymbol) -> list[Definition]:
        """The definitions that use any entry of the tensor."""
        return [self.definitions[n] for n in sorted({n for ns in self.found.get(t, {}).values() for n in ns})]

    def of(self, e: Entry) -> list[Definition]:
        """The definitions that may use this entry, in their order."""
        by_layer = self.found.get(e.symbol, {})
        at = _numbers(e)
        layers = by_layer if at is None else (at, None)
        return [self.definitions[n] for n in sorted({n for s in layers for n in by_layer.get(s, ())})]


def _numbers(e: Entry) -> tuple[Expr, ...] | None:
    sup = e.index[: e.symbol.sup]
    return sup if all(i.is_Integer for i in sup) else None


def raw_adjoint(system: System, entry: Entry, limits: tuple[Limits, ...], uses: Uses) -> Adjoint:
    """The adjoint of one pattern with its steps: chain rule, partials, deltas contracted, ranges decided.

    >>> from symderive.systems import mlp
    >>> net = mlp(); b = list(patterns(net, net.tensor("b")))[0]
    >>> for s in raw_adjoint(net, *b, Uses(net.definitions)).steps: print(s)
    grad_b[l, j] = sum(sum(delta[m, k]*d(z[m, k])/d(b[l, j]), k=1..n[m]), m=1..L)  [chain rule]
    grad_b[l, j] = sum(sum([j = k]*[l = m]*delta[m, k], k=1..n[m]), m=1..L)  [partial derivatives]
    grad_b[l, j] = [1 <= j]*[1 <= l]*[j <= n[l]]*[l <= L]*delta[l, j]  [delta contraction]
    grad_b[l, j] = delta[l, j]  [range]
    """
    ctx = Context.of(*limits)
    lhs = adjoint_symbol(system, entry.symbol)[entry.index]
    avoid = ctx.symbols | entry.free_symbols
    chain: list[Expr] = []
    partials: list[Expr] = []
    for d in uses.of(entry):
        d = d.renamed(avoid)
        local = partial(d.rhs, entry)
        if local == 0:
            continue
        seed = Integer(1) if d.symbol == system.cost else adjoint_symbol(system, d.symbol)[d.lhs.index]
        # the partials of a functional have a name of their own already
        formal = local if isinstance(d.rhs, FunctionalValue) else PartialDerivative(d.lhs, entry)
        chain.append(index_sum(seed * formal, *d.indices))
        partials.append(index_sum(seed * local, *d.indices))
    steps = [Step("chain rule", lhs, Add(*chain), ctx)]
    total = Add(*partials)
    if total != steps[0].rhs:
        steps.append(Step("partial derivatives", lhs, total, ctx))
    steps += simplified(lhs, total, ctx)
    return Adjoint(entry, Definition(lhs, steps[-1].rhs, limits), tuple(steps))


def simplified(lhs: Entry, value: Expr, ctx: Context) -> list[Step]:
    """Deltas contracted, ranges decided, and again as long as a decided bracket frees another delta."""
    steps = []
    for _ in range(ROUNDS):
        before = value
        for rule, new in (("delta contraction", contract), ("range", lambda e: decide(e, ctx))):
            found = new(value)
            if found != value:
                value = found
                steps.append(Step(rule, lhs, value, ctx))
        if value == before or not value.has(Bracket):
            break
    return steps


def inline(adjoint: Adjoint, known: Lookup[Definition]) -> Adjoint:
    """Put the adjoints of inlined tensors in where they are used, and decide the ranges again."""
    d = adjoint.definition
    inlined = known.symbols

    def value(entry: Entry, scope: Scope) -> Expr | None:
        if entry.symbol not in inlined:
            return None
        return Add(*by_cases(entry, scope, known.candidates(entry)))

    if not any(e.symbol in inlined for e in d.rhs.atoms(Entry)):
        return adjoint
    new = put_in(d.rhs, Scope(d.context), value)
    more = [Step("substitution", d.lhs, new, d.context), *simplified(d.lhs, new, d.context)]
    found = Definition(d.lhs, more[-1].rhs, d.indices)
    return Adjoint(adjoint.of, found, followed(adjoint.steps, more))
