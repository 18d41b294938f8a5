"""Putting definitions in for entries, under sums too: a_k := sigma(z_k) in sum_k a_k is sum_k sigma(z_k)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sympy import Expr, Mul

from symderive.calculus.terms import Binder, Bracket, Entry
from symderive.systems.coverage import conditions, fails
from symderive.systems.definition import Definition
from symderive.systems.scope import Scope

Value = Callable[[Entry, Scope], Expr | None]


def put_in(e: Expr, scope: Scope, value: Value) -> Expr:
    """e with entries replaced by `value(entry, scope)`, where that is not None; no index is captured.

    The scope that `value` gets has the ranges of the indices of the sums around the entry, and what the
    brackets around it say.

    >>> from symderive.calculus import indices, tensor
    >>> from symderive.calculus.ranges import Context
    >>> from symderive.calculus.terms import IndexSum
    >>> j, k = indices("j k"); x, y = tensor("x", (k, 1, 3)), tensor("y", (j, 1, 3), (k, 1, 3))
    >>> put_in(x[j] * IndexSum(x[k], (k, 1, 3)), Scope(Context()), lambda e, _: y[j, e.index[0]])
    y[j, j]*(sum(y[j, k], k=1..3))
    """
    if isinstance(e, Entry):
        new = value(e, scope)
        return e if new is None else new
    if not e.args:
        return e
    if isinstance(e, Binder):
        k, body = e.unbind(scope.context.taken)
        opened = put_in(body, scope.bind(k, e.lo, e.hi), value)
        return e if opened is body else e.func(opened, (k, e.lo, e.hi))
    inner = scope.behind(e) if e.is_Mul else scope
    args = [put_in(a, inner, value) if isinstance(a, Expr) else a for a in e.args]
    return e if all(a is b for a, b in zip(args, e.args, strict=True)) else e.func(*args)


def by_cases(entry: Entry, scope: Scope, definitions: Sequence[Definition]) -> list[Expr]:
    """The right sides that definitions give the entry, each behind brackets for what the scope leaves open.

    Their sum is the entry. Values of the entry that no definition covers count as 0.

    >>> from symderive.calculus import indices, size
    >>> from symderive.calculus.ranges import Context
    >>> from symderive.systems import mlp
    >>> l, = indices("l"); net = mlp(); a = net.tensor("a"); scope = Scope(Context.of((l, 1, size("L"))))
    >>> by_cases(a[l, 1], scope, net.of(a)), len(by_cases(a[l - 1, 1], scope, net.of(a)))
    ([sigma(z[l, 1])], 2)
    """
    found = []
    for d in definitions:
        wanted = conditions(d, entry)
        if fails(scope, wanted):
            continue
        guards = []
        for v, lo, hi in wanted:
            if v == lo == hi:
                continue
            if lo == hi:
                guards.append(Bracket.equal(v, lo))
            else:
                guards += [] if scope.nonnegative(v - lo) else [Bracket.at_most(lo, v)]
                guards += [] if scope.nonnegative(hi - v) else [Bracket.at_most(v, hi)]
        found.append(Mul(*guards, d.rhs.xreplace(rule_of(d, entry))))
        if not guards:
            break
    return found


def rule_of(d: Definition, entry: Entry) -> dict[Expr, Expr]:
    """The values of the definition's own indices at which its left side is the entry, as far as they say it.

    >>> from symderive.systems import mlp
    >>> net = mlp(); rule_of(net.definitions[2], net.tensor("a")[3, 4])
    {l: 3, j: 4}
    """
    own = d.context.symbols
    return {mine: value for mine, value in zip(d.lhs.index, entry.index, strict=True) if mine in own}
