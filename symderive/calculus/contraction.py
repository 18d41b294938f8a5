"""Contraction of deltas, sum_k [k = v] f(k) = [lo <= v <= hi] f(v), and deciding of range brackets.

Two passes, so that a derivation can show each: `contract` never looks at the ranges of free indices,
`decide` never touches a sum.
"""

from __future__ import annotations

from sympy import Add, Expr, Mul, Symbol, expand

from symderive.calculus.binding import rebuilt
from symderive.calculus.ranges import EMPTY, Context
from symderive.calculus.terms import Binder, Bracket, Entry, Family, IndexSum


def contract(e: Expr) -> Expr:
    """Eliminate every sum over a delta whose coefficient on the index is +1 or -1; others stay.

    >>> from symderive.calculus.atoms import indices, size, tensor
    >>> j, k = indices("j k"); n = size("n"); x = tensor("x", (k, 1, n))
    >>> contract(IndexSum(Bracket.equal(j, k) * x[k], (k, 1, n)))
    [1 <= j]*[j <= n]*x[j]
    """
    if isinstance(e, Entry) or not e.args:
        return e
    if isinstance(e, IndexSum):
        k, body = e.unbind()
        return Add(*(_sum_of(t, k, e.lo, e.hi) for t in _split(contract(body), k)))
    if isinstance(e, Family):
        k, body = e.unbind()
        return Family(contract(body), (k, e.lo, e.hi))
    return rebuilt(e, [contract(a) if isinstance(a, Expr) else a for a in e.args])


def _hides_delta(e: Expr, k: Symbol) -> bool:
    return any(b.relation == "=" and k in b.free_symbols for b in e.atoms(Bracket))


def _split(body: Expr, k: Symbol) -> list[Expr]:
    """The body as summands, multiplied out only over sums that hide a delta in k."""
    if body.is_Add:
        if not _hides_delta(body, k):
            return [body]
        return [t for a in body.args for t in _split(a, k)]
    factors = Mul.make_args(body)
    for f in factors:
        if f.is_Add and _hides_delta(f, k):
            rest = Mul(*(g for g in factors if g is not f))
            return [t for a in f.args for t in _split(a * rest, k)]
    return [body]


def _sum_of(term: Expr, k: Symbol, lo: Expr, hi: Expr) -> Expr:
    """sum_{k=lo}^{hi} term, contracted if a factor is a delta, with what does not depend on k in front."""
    factors = Mul.make_args(term)
    for f in factors:
        value = _solved(f, k)
        if value is not None:
            rest = Mul(*(g for g in factors if g is not f)).xreplace({k: value})
            return Bracket.at_most(lo, value) * Bracket.at_most(value, hi) * contract(rest)
    outside = [f for f in factors if k not in f.free_symbols]
    inside = [f for f in factors if k in f.free_symbols]
    if not inside:
        if EMPTY.nonnegative(hi - lo + 1):
            return Mul(*outside) * expand(hi - lo + 1)
        return Mul(*outside) * IndexSum(1, (k, lo, hi))
    return Mul(*outside) * IndexSum(Mul(*inside), (k, lo, hi))


def _solved(f: Expr, k: Symbol) -> Expr | None:
    """The value of k at which the delta f is 1, if f is a delta that has exactly one."""
    if not isinstance(f, Bracket) or f.relation != "=" or k not in f.free_symbols:
        return None
    if not (f.a.is_integer and f.b.is_integer):  # [k = x] with a real x may be 0 for all k
        return None
    d = expand(f.a - f.b)
    c = Add(*(m.as_coeff_Mul()[0] for m in Add.make_args(d) if m.as_coeff_Mul()[1] == k))
    if c not in (1, -1):
        return None
    value = expand(-(d - c * k) / c)
    return None if k in value.free_symbols else value


def decide(e: Expr, ctx: Context = EMPTY) -> Expr:
    """Replace the brackets that the ranges decide by 1 or 0.

    In a product the other factors matter only where its brackets hold: [l = L] decides with l = L,
    [l <= L - 1] with l in ..L-1.

    >>> from symderive.calculus.atoms import indices, size, tensor
    >>> j, k = indices("j k"); n = size("n"); x = tensor("x", (k, 1, n))
    >>> decide(Bracket.at_most(1, j) * Bracket.at_most(j, n) * x[j], Context.of((j, 1, n)))
    x[j]
    """
    if isinstance(e, Bracket):
        return ctx.decide(e)
    if isinstance(e, Entry) or not e.args:
        return e
    if isinstance(e, Binder):
        k, body = e.unbind(ctx.taken)
        return e.func(decide(body, ctx.bind(k, e.lo, e.hi)), (k, e.lo, e.hi))
    if e.is_Mul:
        brackets = [ctx.decide(f) for f in e.args if isinstance(f, Bracket)]
        brackets.sort(key=lambda b: not (isinstance(b, Bracket) and b.relation == "="))
        others = [f for f in e.args if not isinstance(f, Bracket)]
        kept: list[Expr] = []
        inner = ctx
        for b in brackets:
            b = inner.decide(b)
            kept.append(b)
            inner = _assume(b, inner)
        return Mul(*kept, *(decide(f, inner) for f in others))
    return rebuilt(e, [decide(a, ctx) if isinstance(a, Expr) else a for a in e.args])


def _assume(b: Expr, ctx: Context) -> Context:
    """The context where the bracket b holds, as far as ranges can say it."""
    if not isinstance(b, Bracket):
        return ctx
    later = ctx.symbols
    for k, lo, hi in ctx:
        later = later - {k}
        c = Add(*(m.as_coeff_Mul()[0] for m in Add.make_args(expand(b.b - b.a)) if m.as_coeff_Mul()[1] == k))
        value = expand(k - (b.b - b.a) / c) if c in (1, -1) else None
        # a range may only use indices bound before it
        if value is None or value.free_symbols & (later | {k}):
            continue
        if b.relation == "=":
            return ctx.fix(k, value)
        if b.relation == "<=":
            return ctx.narrow(k, lo, value) if c == -1 else ctx.narrow(k, value, hi)
    return ctx
