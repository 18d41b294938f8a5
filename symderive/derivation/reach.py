r"""By how many layers what a tensor is computed from can stand apart from it: a^l needs z^l, z^{l-1}, ..,
none later.

From each definition follows how far each entry of its right side stands from its left side; along a way of
several definitions these add up. The least and the greatest sum over all ways say which layers cannot
matter.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from sympy import Expr, expand

from symderive.calculus.atoms import TensorSymbol
from symderive.calculus.ranges import Context
from symderive.calculus.terms import Entry
from symderive.systems.definition import Definition

End = int | None
"""An end of an interval of steps; None where there is none."""

Steps = tuple[tuple[End, End], ...]
"""For each superscript that both tensors have: the least and the greatest step."""

FREE: tuple[End, End] = (None, None)


@lru_cache(maxsize=500)
def reach(definitions: tuple[Definition, ...], t: TensorSymbol) -> Mapping[TensorSymbol, Steps]:
    r"""The tensors that are computed from t, each with the steps m of a dependence of u[l] on t[l + m].

    A tensor is computed from itself too, by no definition: its step 0 is among them.

    >>> from symderive.systems import mlp
    >>> net = mlp(); found = reach(net.definitions, net.tensor("a"))
    >>> {u.name: steps for u, steps in found.items()}
    {'a': ((None, 0),), 'z': ((None, -1),), 'C': ()}
    """
    found: dict[TensorSymbol, Steps] = {t: ((0, 0),) * t.sup}
    uses = [(d.symbol, e.symbol, step(d.lhs, e)) for d in definitions for e in d.rhs.atoms(Entry)]
    # an end that still moves after so many rounds moves on a circle, and has no limit
    most = len({u for use in uses for u in use[:2]}) + 2
    for n in range(2 * most):
        before = dict(found)
        for of, via, steps in uses:
            if via not in found:
                continue
            new = tuple(map(_plus, steps, found[via]))
            new += (FREE,) * (min(of.sup, t.sup) - len(new))
            found[of] = tuple(map(_hull, found[of], new)) if of in found else new
            if n >= most and found[of] != before.get(of):
                found[of] = tuple(map(_widened, before.get(of, found[of]), found[of]))
        if found == before:
            break
    return {u: found[u] for u in sorted(found, key=lambda u: _first(u, definitions))}


def _first(u: TensorSymbol, definitions: tuple[Definition, ...]) -> int:
    return next((n for n, d in enumerate(definitions) if d.symbol == u), -1)


def step(lhs: Entry, e: Entry) -> Steps:
    """How far an entry on a right side stands from the left side, in each superscript.

    >>> from symderive.systems import mlp
    >>> net = mlp(); d = net.definitions[1]; step(d.lhs, net.tensor("a")[d.lhs.index[0] - 1, 1])
    ((-1, -1),)
    """
    found: list[tuple[End, End]] = []
    for p in range(min(lhs.symbol.sup, e.symbol.sup)):
        gap = expand(e.index[p] - lhs.index[p])
        found.append((int(gap), int(gap)) if gap.is_Integer else FREE)
    return tuple(found)


def _plus(a: tuple[End, End], b: tuple[End, End]) -> tuple[End, End]:
    return (
        None if a[0] is None or b[0] is None else a[0] + b[0],
        None if a[1] is None or b[1] is None else a[1] + b[1],
    )


def _hull(a: tuple[End, End], b: tuple[End, End]) -> tuple[End, End]:
    return (
        None if a[0] is None or b[0] is None else min(a[0], b[0]),
        None if a[1] is None or b[1] is None else max(a[1], b[1]),
    )


def _widened(old: tuple[End, End], new: tuple[End, End]) -> tuple[End, End]:
    return (old[0] if old[0] == new[0] else None, old[1] if old[1] == new[1] else None)


def depends(u: Entry, v: Entry, known: Mapping[TensorSymbol, Steps], ctx: Context) -> bool:
    """Whether u may be computed from v, as far as tensors and layers say; `known` is the reach of v's tensor.

    >>> from symderive.calculus import indices, size
    >>> from symderive.systems import mlp
    >>> net = mlp(); l, = indices("l"); z = net.tensor("z"); ctx = Context.of((l, 1, size("L") - 1))
    >>> near = reach(net.definitions, z)
    >>> depends(z[l + 1, 1], z[l, 1], near, ctx), depends(z[l, 1], z[l + 1, 1], near, ctx)
    (True, False)
    """
    if u.symbol not in known:
        return False
    for p, (low, high) in enumerate(known[u.symbol]):
        gap: Expr = expand(v.index[p] - u.index[p])
        if high is not None and ctx.nonnegative(gap - high - 1):
            return False
        if low is not None and ctx.nonnegative(low - gap - 1):
            return False
    return True
