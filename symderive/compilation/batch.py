r"""A system of one sample, for many: x_j becomes x_{sj}, z_j becomes z_{sj}, and C the sum or mean over s.

What depends on no data, such as a parameter or what is computed from parameters alone, gets no sample index.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sympy import Expr, Integer
from sympy.core.basic import Basic

from symderive.calculus.atoms import Slot, TensorSymbol, fresh, size
from symderive.calculus.terms import Entry, IndexSum
from symderive.errors import SymderiveError
from symderive.systems.definition import Definition
from symderive.systems.numbers import shown
from symderive.systems.system import System

REDUCTIONS = ("mean", "sum")
LETTERS = "NSBT"


def batched(system: System, reduction: str = "mean") -> System:
    """The system with a sample index on every input and on all that depends on one.

    The cost is the sum or the mean of the samples' costs; a term of it that depends on no data, such as a
    penalty on weights, counts once for each sample. Raises SymderiveError for another reduction.

    >>> from symderive.systems import mlp
    >>> print(batched(mlp(widths=[2, 3], activation="tanh", cost="squared_error"), "sum"))
    system mlp, of N samples
      a[0, s, j] := x[s, j]  for s in 1..N, j in 1..2
      z[1, s, j] := b[1, j] + sum(a[0, s, k]*w[1, j, k], k=1..2)  for s in 1..N, j in 1..3
      a[1, s, j] := tanh(z[1, s, j])  for s in 1..N, j in 1..3
      C[] := sum((sum((-y[s, j] + a[1, s, j])**2, j=1..3))/2, s=1..N)
    """
    if reduction not in REDUCTIONS:
        raise SymderiveError(f"batch: expected mean or sum, found {shown(reduction)}")
    used = {s for e in system.terms() for s in e.free_symbols} | {
        s for d in system.definitions for s in d.context.symbols
    }
    names = {getattr(s, "name", "") for s in used} | {t.name for t in (*system.inputs, *system.parameters)}
    n = size(next(c for c in (*LETTERS, "n_samples") if c not in names))
    s = fresh(used, ("s", "r", "u"))
    moved = {t: _with_sample(t, n) for t in _of_samples(system)}

    def put(e: Expr) -> Expr:
        rule: dict[Basic, Basic] = {
            x: moved[x.symbol][(*x.index[: x.symbol.sup], s, *x.index[x.symbol.sup :])]
            for x in e.atoms(Entry)
            if x.symbol in moved
        }
        return e.xreplace(rule)

    definitions = []
    for d in system.definitions:
        if d.symbol == system.cost:
            total = IndexSum(put(d.rhs), (s, 1, n))
            definitions.append(Definition(d.lhs, total / n if reduction == "mean" else total, (), d.name))
            continue
        limits = list(d.indices)
        if d.symbol in moved:
            # layers first, then the sample, then the units, whose ranges may depend on the layer
            above = [i for i in d.lhs.index[: d.symbol.sup] if i in d.context.symbols]
            limits.insert(len(above), (s, Integer(1), n))
        definitions.append(Definition(put(d.lhs), put(d.rhs), tuple(limits), d.name))
    return replace(
        system,
        name=f"{system.name}, of {n} samples",
        inputs=tuple(moved.get(t, t) for t in system.inputs),
        definitions=tuple(definitions),
        adjoints={
            moved.get(t, t): _with_sample(a, n) if t in moved else a for t, a in system.adjoints.items()
        },
        inlined=frozenset(moved.get(t, t) for t in system.inlined),
    )


def _of_samples(system: System) -> set[TensorSymbol]:
    """The inputs, and all that is computed from one, but for the cost."""
    found = set(system.inputs)
    changed = True
    while changed:
        changed = False
        for d in system.definitions:
            if d.symbol not in found and any(e.symbol in found for e in d.rhs.atoms(Entry)):
                found.add(d.symbol)
                changed = True
    return found - {system.cost}


def _with_sample(t: TensorSymbol, n: Expr) -> TensorSymbol:
    """The tensor with one more index, after its superscripts."""
    rule: Mapping[Basic, Basic] = {Slot(p): Slot(p + 1) for p in range(t.sup, t.rank)}
    axes = [(lo.xreplace(rule), hi.xreplace(rule)) for lo, hi in t.axes]
    axes.insert(t.sup, (Integer(1), n))
    letters = list(t.letters)
    letters.insert(min(t.sup, len(letters)), "s")
    return t.derived(t.name, latex_name=t.latex_name, axes=tuple(axes), letters=tuple(letters))
