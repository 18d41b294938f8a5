r"""The system of a network read from a library: z^l = W^l a^{l-1} + b^l, a^l = f_r(..f_1(z^l)).

Each layer may have no bias and none, one or several functions; the cost may have a factor and a penalty.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from sympy import Expr, Integer

from symderive.calculus.atoms import size
from symderive.calculus.terms import Entry
from symderive.systems.activations import Activation, require_apart
from symderive.systems.costs import cost as named_cost
from symderive.systems.mlp import IDENTITY, SOFTMAX, mlp
from symderive.systems.penalty import penalised
from symderive.systems.system import System

BATCH = "B"
SAMPLES = size(BATCH)

Function = Activation | str
"""An activation, or "identity", or "softmax" in the last layer."""


@dataclass(frozen=True)
class Plan:
    """What a network consists of; `functions[l-1]` are applied to z^l one after the other, `first` to x.

    `cost`, `factor` and `reduction` are those of `mlp`; `scale` stands before the whole cost. The penalty is
    l2/2 times the sum of all squared weights, divided by the number of samples where `l2_per_sample`.
    """

    widths: tuple[int, ...]
    functions: tuple[tuple[Function, ...], ...]
    biased: tuple[bool, ...]
    first: tuple[Activation, ...] = ()
    cost: str = "squared_error"
    factor: Any = None
    reduction: str = "mean"
    scale: Expr = field(default_factory=lambda: Integer(1))
    l2: float = 0.0
    l2_per_sample: bool = False


def system_of(plan: Plan) -> System:
    """The system of the plan, over a batch of B samples.

    >>> from symderive.systems.activations import activation
    >>> relu, tanh = activation("relu"), activation("tanh")
    >>> print(system_of(Plan((2, 3, 1), ((relu, tanh), ()), (True, False), factor=1, reduction="sum")))
    system mlp
      a[0, s, j] := x[s, j]  for s in 1..B, j in 1..2
      z[1, s, j] := b[1, j] + sum(a[0, s, k]*w[1, j, k], k=1..2)  for s in 1..B, j in 1..3
      a[1, s, j] := tanh(relu(z[1, s, j]))  for s in 1..B, j in 1..3
      z[2, s, j] := sum(a[1, s, k]*w[2, j, k], k=1..3)  for s in 1..B, j in 1..1
      a[2, s, j] := z[2, s, j]  for s in 1..B, j in 1..1
      C[] := sum(sum((-y[s, j] + a[2, s, j])**2, j=1..1), s=1..B)
      the derivative of relu at 0 is taken to be 0
    """
    # an unknown cost is refused before anything is built
    named_cost(plan.cost, plan.factor)
    inner = [_moving(row) for row in plan.functions]
    base = mlp(
        widths=plan.widths,
        activation=[row[0] if row else IDENTITY for row in inner],
        cost=plan.cost,
        factor=plan.factor,
        samples=BATCH,
        reduction=plan.reduction,
    )
    outer = {0: _moving(plan.first), **{m: row[1:] for m, row in enumerate(inner, 1)}}
    extra = {f.function: f for row in outer.values() for f in row if isinstance(f, Activation)}
    require_apart([*base.activations.values(), *(f for row in outer.values() for f in row)])
    z, b = base.tensor("z"), base.tensor("b")
    definitions = []
    for d in base.definitions:
        if d.symbol == base.tensor("a"):
            rhs = d.rhs
            for f in outer[int(d.lhs.index[0])]:
                rhs = f.function(rhs)
            d = replace(d, rhs=rhs)
        elif d.symbol == z and not plan.biased[int(d.lhs.index[0]) - 1]:
            d = d.subs({e: Integer(0) for e in d.rhs.atoms(Entry) if e.symbol == b})
        definitions.append(d)
    system = replace(
        base,
        definitions=tuple(definitions),
        activations={**base.activations, **extra},
        parameters=base.parameters if any(plan.biased) else (base.tensor("w"),),
    )
    per = SAMPLES if plan.l2_per_sample else Integer(1)
    if plan.scale == 1 and not plan.l2:
        return system
    return penalised(system, plan.l2, *(["w"] if plan.l2 else []), factor=plan.scale, per=per)


def _moving(row: Sequence[Any]) -> list[Any]:
    """The functions of a layer that are not the identity."""
    found = [f for f in row if f != IDENTITY and getattr(f, "name", "") != IDENTITY]
    assert all(f != SOFTMAX for f in found[1:])
    return found


def layers_of(steps: Sequence[Any]) -> tuple[list[Any], list[list[Any]]]:
    """Functions before the first layer, and after each: steps are None for a layer, or a function.

    >>> layers_of([None, "f", "g", None])
    ([], [['f', 'g'], []])
    """
    groups: list[list[Any]] = [[]]
    for is_layer, run in groupby(steps, key=lambda s: s is None):
        for s in run:
            if is_layer:
                groups.append([])
            else:
                groups[-1].append(s)
    return groups[0], groups[1:]
