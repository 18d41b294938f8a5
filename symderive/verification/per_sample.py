r"""Definitions for one sample, evaluated for all samples at once: z_j becomes z_{sj}, w_{jk} stays.

Nothing is summed over s: what comes out are the derived quantities of each sample by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sympy import Integer, Symbol
from sympy.core.basic import Basic

from symderive.calculus.atoms import TensorSymbol, tensor
from symderive.calculus.terms import Entry, IndexSum
from symderive.errors import SymderiveError
from symderive.systems.definition import Definition
from symderive.systems.system import System

SAMPLE = Symbol("sample", integer=True)


def per_sample(
    definitions: Iterable[Definition], shared: frozenset[TensorSymbol], samples: int
) -> tuple[Definition, ...]:
    """The definitions with a sample index after the superscripts of every tensor that is not `shared`.

    >>> from symderive.systems import mlp
    >>> net = mlp(widths=[2, 3], activation="tanh")
    >>> print(per_sample(net.definitions, frozenset(net.parameters), 7)[1])
    z[1, sample, j] := b[1, j] + sum(a[0, sample, k]*w[1, j, k], k=1..2)  for sample in 1..7, j in 1..3
    """
    lifted: dict[TensorSymbol, TensorSymbol] = {}

    def lift(e: Entry) -> Entry:
        t = e.symbol
        if t in shared or t.kind != "real":
            return e
        if t not in lifted:
            one = tensor("one", (SAMPLE, 1, samples)).axes
            axes = (*t.axes[: t.sup], *one, *t.axes[t.sup :])
            lifted[t] = TensorSymbol(t.name, axes, t.sup, t.latex_name, t.kind)
        return lifted[t][(*e.index[: t.sup], SAMPLE, *e.index[t.sup :])]

    found = []
    for d in definitions:
        rule: dict[Basic, Basic] = {e: lift(e) for e in (d.lhs, *d.rhs.atoms(Entry))}
        at = d.lhs.symbol.sup
        limits = [x for x in d.indices if x[0] in d.lhs.index[:at]]
        own = [x for x in d.indices if x[0] not in d.lhs.index[:at]]
        found.append(
            replace(
                d,
                lhs=rule[d.lhs],
                rhs=d.rhs.xreplace(rule),
                indices=(*limits, (SAMPLE, Integer(1), Integer(samples)), *own),
            )
        )
    return tuple(found)


def one_sample(system: System) -> tuple[System, str, int | None]:
    """The system of one sample that a batch system is made of, its reduction, and its number of samples.

    >>> from symderive.systems import mlp
    >>> batch = mlp(widths=[2, 1], activation="tanh", cost="squared_error", samples=7)
    >>> net, reduction, samples = one_sample(batch)
    >>> print(net.definitions[1])
    z[1, j] := b[1, j] + sum(a[0, k]*w[1, j, k], k=1..2)  for j in 1..1
    >>> reduction, samples
    ('mean', 7)
    """
    last = system.of(system.cost)[0]
    parts = (last.rhs,) if isinstance(last.rhs, IndexSum) else last.rhs.args
    sums = [e for e in parts if isinstance(e, IndexSum)]
    if len(sums) != 1:
        raise SymderiveError(f"network: expected a cost that is summed over the samples, found {last.rhs}")
    dropped: dict[TensorSymbol, TensorSymbol] = {}

    def drop(e: Entry) -> Entry:
        t = e.symbol
        if t in system.parameters or t.kind != "real" or t == system.cost:
            return e
        if t not in dropped:
            axes = (*t.axes[: t.sup], *t.axes[t.sup + 1 :])
            dropped[t] = TensorSymbol(t.name, axes, t.sup, t.latex_name, t.kind)
        return dropped[t][(*e.index[: t.sup], *e.index[t.sup + 1 :])]

    found = []
    for d in system.definitions:
        rhs = sums[0].open(SAMPLE) if d is last else d.rhs
        rule: dict[Basic, Basic] = {e: drop(e) for e in (d.lhs, *rhs.atoms(Entry))}
        gone = () if d is last else d.lhs.index[d.lhs.symbol.sup : d.lhs.symbol.sup + 1]
        limits = tuple(x for x in d.indices if x[0] not in gone)
        found.append(replace(d, lhs=rule[d.lhs], rhs=rhs.xreplace(rule), indices=limits))
    number = system.ranges(system.tensor("x")[1, 1])[0][1]
    new = replace(
        system,
        inputs=tuple(dropped[t] for t in system.inputs),
        definitions=tuple(found),
        adjoints={
            dropped[t]: dropped[t].derived(v.name, latex_name=v.latex_name)
            for t, v in system.adjoints.items()
        },
        inlined=frozenset(dropped[t] for t in system.inlined),
    )
    return new, "sum" if sums[0] == last.rhs else "mean", int(number) if number.is_Integer else None
