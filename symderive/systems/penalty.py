r"""The cost with a factor and an L2 penalty: C = c C_0 + lambda/2 sum_l sum_{jk} (w^l_{jk})^2.

The penalty stands in the cost's definition; what it does to a gradient is derived like everything else.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

from sympy import Expr, Integer

from symderive.calculus.atoms import Slot, TensorSymbol, fresh, indices
from symderive.calculus.terms import IndexSum
from symderive.errors import SymderiveError
from symderive.systems.numbers import exact, size_of
from symderive.systems.system import System


def penalised(system: System, strength: Any, *names: str, factor: Any = 1, per: Expr | int = 1) -> System:
    """The system with the cost `factor` * C + `strength` / (2 `per`) * sum of squares of these parameters.

    `strength` and `factor` are numbers or SymPy expressions; `per` is a size, as the number of samples.
    Each superscript of a parameter (its layer) must run through numbers.
    Raises SymderiveError where the cost has more than one definition, or a layer is a symbol.

    >>> from symderive.systems import mlp
    >>> net = penalised(mlp(widths=[2, 3], cost="squared_error"), 0.1, "w")
    >>> print(net.of(net.cost)[0])
    C[] := (sum((-y[j] + a[1, j])**2, j=1..3))/2 + (sum(sum(w[1, j, k]**2, k=1..2), j=1..3))/20
    >>> from symderive.derivation import derive
    >>> print(derive(net).gradient("w", 1)[0])
    grad_w[1, j, k] := a[0, k]*delta[1, j] + w[1, j, k]/10  for j in 1..3, k in 1..2
    """
    own = system.of(system.cost)
    if len(own) != 1:
        raise SymderiveError(f"cost: expected one definition of {system.cost.name}, found {len(own)}")
    total = exact(factor, "factor") * own[0].rhs
    for name in names:
        squares = sum((_squares(system, system.tensor(name), sup) for sup in _sups(system, name)), Integer(0))
        total += exact(strength, "strength") * squares / (2 * size_of(per))
    changed = replace(own[0], rhs=total)
    return replace(system, definitions=tuple(changed if d is own[0] else d for d in system.definitions))


def _sups(system: System, name: str) -> list[tuple[Expr, ...]]:
    """The superscripts of a tensor, which must be numbers."""
    t = system.tensor(name)
    runs = []
    for lo, hi in t.axes[: t.sup]:
        ends = [e.xreplace(system.size_rule) for e in (lo, hi)]
        if not all(e.is_Integer for e in ends):
            raise SymderiveError(f"penalty: expected numbers of layers of {name}, found {ends[0]}..{ends[1]}")
        runs.append([Integer(v) for v in range(int(ends[0]), int(ends[1]) + 1)])
    return list(product(*runs))


def _squares(system: System, t: TensorSymbol, sup: tuple[Expr, ...]) -> Expr:
    """The sum of the squares of a tensor's entries at these superscripts."""
    letters: list[Any] = []
    limits = []
    for axis in t.axes[t.sup :]:
        letters.append(fresh({*letters, *indices("l")}, ("j", "k", "i", "m")))
        rule = {Slot(p): e for p, e in enumerate((*sup, *letters[:-1]))}
        lo, hi = (e.xreplace(rule).xreplace(system.size_rule) for e in axis)
        limits.append((letters[-1], lo, hi))
    total: Expr = t[(*sup, *letters)] ** 2
    for limit in reversed(limits):
        total = IndexSum(total, limit)
    return total
