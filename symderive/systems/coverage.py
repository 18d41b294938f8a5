"""Which entries definitions define: a[0, j] and a[l, j] for l in 1..L define a[m - 1, k], 1 <= m <= L."""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Expr, Symbol, expand
from sympy.core.basic import Basic

from symderive.calculus.terms import Entry
from symderive.systems.definition import Definition
from symderive.systems.scope import Scope

Condition = tuple[Expr, Expr, Expr]


def conditions(d: Definition, entry: Entry) -> list[Condition]:
    """(value, lo, hi) for each index: d defines the entry where every value lies in its lo..hi.

    >>> from symderive.systems import mlp
    >>> net = mlp(); a = net.tensor("a")
    >>> conditions(net.definitions[2], a[4, 5])
    [(4, 1, L), (5, 1, n[4])]
    """
    ranges = {k: (lo, hi) for k, lo, hi in d.indices}
    rule: dict[Basic, Basic] = {
        mine: value for mine, value in zip(d.lhs.index, entry.index, strict=True) if mine in ranges
    }
    found = []
    for mine, value in zip(d.lhs.index, entry.index, strict=True):
        lo, hi = ranges.get(mine, (mine, mine))
        found.append((value, lo.xreplace(rule), hi.xreplace(rule)))
    return found


def holds(scope: Scope, wanted: Sequence[Condition]) -> bool:
    """Whether every condition holds everywhere in the scope.

    >>> from sympy import Integer
    >>> from symderive.calculus.ranges import EMPTY
    >>> holds(Scope(EMPTY), [(Integer(2), Integer(1), Integer(3))])
    True
    """
    return all((v == lo == hi) or scope.within(v, lo, hi) for v, lo, hi in wanted)


def fails(scope: Scope, wanted: Sequence[Condition]) -> bool:
    """Whether some condition holds nowhere in the scope.

    >>> from sympy import Integer
    >>> from symderive.calculus.ranges import EMPTY
    >>> fails(Scope(EMPTY), [(Integer(4), Integer(1), Integer(3))])
    True
    """
    return any(scope.nonnegative(lo - v - 1) or scope.nonnegative(v - hi - 1) for v, lo, hi in wanted)


def covered(entry: Entry, scope: Scope, definitions: Sequence[Definition]) -> bool:
    """Whether the left sides of the definitions leave out no value that the entry can have in this scope.

    >>> from symderive.systems import mlp
    >>> from symderive.calculus import indices, size
    >>> from symderive.calculus.ranges import Context
    >>> l, = indices("l"); net = mlp(); a = net.tensor("a"); layers = Scope(Context.of((l, 1, size("L"))))
    >>> covered(a[l - 1, 1], layers, net.of(a)), covered(a[l - 1, 1], layers, net.of(a)[1:])
    (True, False)
    """
    if _covered(entry, scope, definitions):
        return True
    narrow = _narrowed(scope)
    return narrow is not scope and _covered(entry, narrow, definitions)


def _narrowed(scope: Scope) -> Scope:
    """The scope with its facts worked into the ranges, as far as ranges can say them."""
    for f in scope.facts:
        if not scope.context.nonnegative(f):
            narrower, rule = scope.assume(f)
            scope = scope if rule else narrower
    return scope


def _covered(entry: Entry, scope: Scope, definitions: Sequence[Definition]) -> bool:
    wanted = [conditions(d, entry) for d in definitions]
    if scope.impossible or any(holds(scope, w) for w in wanted):
        return True
    for n, d in enumerate(definitions):
        if not fails(scope, wanted[n]):
            return _around(entry, scope, d, definitions[n + 1 :], 0)
    return False


def _around(entry: Entry, scope: Scope, d: Definition, others: Sequence[Definition], place: int) -> bool:
    """Whether the others define the entry wherever d does not; d's conditions before `place` hold."""
    if place == entry.symbol.rank or scope.impossible:
        return True
    for side in (0, 1):
        value, lo, hi = conditions(d, entry)[place]
        inside = hi - value if side else value - lo
        if scope.nonnegative(inside):
            continue
        there, rule = scope.assume(-inside - 1)
        if not _covered(entry.xreplace(rule), there, others):
            return False
        scope, rule = scope.assume(inside)
        entry = entry.xreplace(rule)
    value, lo, hi = conditions(d, entry)[place]
    sizes = _solved(value - lo) if lo == hi else {}
    if sizes:  # the last layer is the first one: L = 1
        scope, entry = scope.where(sizes), entry.xreplace(sizes)
        d, others = d.subs(sizes), [o.subs(sizes) for o in others]
    return _around(entry, scope, d, others, place + 1)


def _solved(zero: Expr) -> dict[Basic, Basic]:
    """The value of a size that makes the term 0, if one does."""
    d = expand(zero)
    for s in sorted(sizes_in(d), key=str):
        c = d.coeff(s)
        value = expand(s - d / c) if c in (1, -1) else s
        if value.free_symbols <= sizes_in(value) - {s}:
            return {s: value}
    return {}


def sizes_in(e: Expr) -> set[Symbol]:
    """The positive integer symbols of a term: sizes such as L.

    >>> from symderive.calculus import indices, size
    >>> sizes_in(size("L") + indices("l")[0])
    {L}
    """
    return {s for s in e.free_symbols if isinstance(s, Symbol) and s.is_integer and s.is_positive}
