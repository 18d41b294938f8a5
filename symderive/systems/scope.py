"""Where an entry stands in a term: its indices' ranges, and what the brackets that multiply it say.

In sum_k [k <= j] w_{k} the entry w_k stands where k <= j: elsewhere its factor is 0, and it does not matter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sympy import Expr, Symbol, expand
from sympy.core.basic import Basic

from symderive.calculus.ranges import Context
from symderive.calculus.terms import Binder, Bracket, Entry


@dataclass(frozen=True)
class Scope:
    """Ranges of the indices, and terms that are not negative: v >= 0 follows from them if `nonnegative(v)`.

    >>> from symderive.calculus.atoms import indices, size
    >>> j, k = indices("j k"); n = size("n"); ctx = Context.of((j, 1, n), (k, 1, n))
    >>> Scope(ctx).nonnegative(j - k), Scope(ctx, (j - k - 2,)).nonnegative(j - k)
    (False, True)
    """

    context: Context
    facts: tuple[Expr, ...] = ()

    def nonnegative(self, value: Expr) -> bool:
        """Whether value >= 0 follows from the ranges, or from them and one fact."""
        return self.context.nonnegative(value) or any(self.context.nonnegative(value - f) for f in self.facts)

    def within(self, value: Expr, lo: Expr, hi: Expr) -> bool:
        """Whether lo <= value <= hi follows.

        >>> from symderive.calculus.atoms import indices
        >>> j, = indices("j"); Scope(Context.of((j, 1, 3))).within(j + 1, 2, 4)
        True
        """
        return self.nonnegative(value - lo) and self.nonnegative(hi - value)

    @property
    def impossible(self) -> bool:
        """Whether there is nothing here: an index has no value left, or a fact is wrong."""
        ctx = self.context
        empty = any(ctx.nonnegative(lo - hi - 1) for _, lo, hi in ctx)
        return empty or any(ctx.nonnegative(-f - 1) for f in self.facts)

    def behind(self, e: Expr) -> Scope:
        """The scope of the other factors of a product: its brackets hold."""
        found = [f for b in e.args if isinstance(b, Bracket) for f in facts_of(b)]
        return Scope(self.context, (*self.facts, *found)) if found else self

    def bind(self, k: Symbol, lo: Expr, hi: Expr) -> Scope:
        """The scope inside a sum over k."""
        return Scope(self.context.bind(k, lo, hi), self.facts)

    def assume(self, value: Expr) -> tuple[Scope, dict[Basic, Basic]]:
        """The scope where value >= 0 too; and the index that this leaves one value, with that value.

        It narrows the range of one index where that can say it; else it is kept as a fact.

        >>> from symderive.calculus.atoms import indices, size
        >>> l, = indices("l"); L = size("L"); layers = Scope(Context.of((l, 1, L)))
        >>> layers.assume(1 - l)[1], layers.assume(L - 2)[0].facts
        ({l: 1}, (L - 2,))
        """
        d = expand(value)
        later: set[Symbol] = set()
        for k, lo, hi in reversed(self.context.limits):
            c = d.coeff(k)
            edge = expand(k - d / c) if c in (1, -1) else None
            # a range may only use the indices before it
            if edge is not None and not edge.free_symbols & (later | {k}):
                # the bound that gives way still holds
                old = k - lo if c == 1 else hi - k
                lo, hi = (edge, hi) if c == 1 else (lo, edge)
                narrower = Scope(self.context.narrow(k, lo, hi), (*self.facts, old))
                rule: dict[Basic, Basic] = {k: lo} if expand(hi - lo) == 0 else {}
                return narrower.where(rule), rule
            later.add(k)
        return Scope(self.context, (*self.facts, d)), {}

    def where(self, rule: Mapping[Basic, Basic]) -> Scope:
        """The scope where indices or sizes have these values.

        >>> from symderive.calculus.atoms import indices, size
        >>> from sympy import Integer
        >>> l, = indices("l"); L = size("L")
        >>> Scope(Context.of((l, 1, L))).where({L: Integer(3)}).context.limits
        ((l, 1, 3),)
        """
        if not rule:
            return self
        rest = tuple((i, a.xreplace(rule), b.xreplace(rule)) for i, a, b in self.context if i not in rule)
        return Scope(Context(rest), tuple(f.xreplace(rule) for f in self.facts))


def facts_of(b: Bracket) -> tuple[Expr, ...]:
    """Terms that are not negative where an integer bracket holds.

    >>> from symderive.calculus.atoms import indices
    >>> j, k = indices("j k")
    >>> facts_of(Bracket.less(j, k)), facts_of(Bracket.equal(j, k))
    ((-j + k - 1,), (-j + k, j - k))
    """
    if not (b.a.is_integer and b.b.is_integer):
        return ()
    d = b.b - b.a
    if b.relation == "=":
        return (d, -d)
    return (d - 1 if b.relation == "<" else d,)


def entries(e: Basic, scope: Scope) -> Iterator[tuple[Entry, Scope]]:
    """Every entry in a term with its scope; sums are opened on the way.

    >>> from symderive.calculus.atoms import indices, tensor
    >>> from symderive.calculus.terms import IndexSum
    >>> j, k = indices("j k"); x = tensor("x", (k, 1, 3))
    >>> [(entry, s.context.limits) for entry, s in entries(IndexSum(x[k], (k, 1, 2)), Scope(Context()))]
    [(x[k], ((k, 1, 2),))]
    """
    if isinstance(e, Binder):
        k, body = e.unbind(scope.context.taken)
        yield from entries(e.lo, scope)
        yield from entries(e.hi, scope)
        yield from entries(body, scope.bind(k, e.lo, e.hi))
        return
    if isinstance(e, Entry):
        yield e, scope
    inside = scope.behind(e) if e.is_Mul else scope
    for a in e.args:
        if a.args:
            yield from entries(a, scope if isinstance(a, Bracket) else inside)
