"""The normal form: terms that are equal by the laws of a commutative ring and of finite sums get equal forms.

    x y = y x,   x (y + z) = x y + x z,   sum_j sum_k = sum_k sum_j,   sum_j f(j) = sum_k f(k),
    sum_j (f + g) = sum_j f + sum_j g,   c sum_j f = sum_j c f,   (sum_j f)(sum_k g) = sum_j sum_k f g.

A normal form is a sum of monomials; a monomial is a rational number times sums that no factor ties together.
Deltas and brackets are factors like others: `contract` and `decide` are steps of their own.
As everywhere in SymPy, x/x is 1: an equality holds where all its denominators are not zero.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import count

from sympy import Add, Dummy, Expr, Integer, Mul, Pow, Rational, Symbol, exp, expand
from sympy.core.basic import Basic

from symderive.calculus.atoms import CalculusError
from symderive.calculus.canonical import Component, canonical_symbol
from symderive.calculus.ranges import EMPTY
from symderive.calculus.terms import Applied, Bracket, Entry, Family, FunctionalValue, IndexSum

TERM_LIMIT = 20_000
POWER_LIMIT = 16

Bound = tuple[Symbol, Expr, Expr]
Monomial = tuple[Expr, tuple[Bound, ...], tuple[Expr, ...]]
_fresh = count(1)


def equal(a: Expr, b: Expr) -> bool:
    """Whether a and b have the same normal form; False does not say that they differ in value.

    >>> from symderive.calculus.atoms import indices, size, tensor
    >>> i, j, k = indices("i j k"); n = size("n")
    >>> A, x = tensor("A", (i, 1, n), (k, 1, n)), tensor("x", (k, 1, n))
    >>> f = IndexSum(x[i] * IndexSum(A[i, k] * x[k], (k, 1, n)), (i, 1, n))
    >>> g = IndexSum(IndexSum(A[k, j] * x[j] * x[k], (k, 1, n)), (j, 1, n))
    >>> equal(f, g), equal(IndexSum(x[i] ** 2, (i, 1, n)), IndexSum(x[i], (i, 1, n)) ** 2)
    (True, False)
    """
    return bool(normal_form(a) == normal_form(b))


@lru_cache(maxsize=20_000)
def normal_form(e: Expr) -> Expr:
    """The normal form; CalculusError where it would have more than 20,000 monomials."""
    for _ in range(8):
        new = Add(*(_canonical(*m) for m in _monomials(e)))
        if new == e:
            return new
        e = new
    raise CalculusError("normal form: no fixed point after 8 rounds")


def _limited(found: list[Monomial]) -> list[Monomial]:
    if len(found) > TERM_LIMIT:
        raise CalculusError(f"normal form: more than {TERM_LIMIT} monomials")
    return found


def _monomials(e: Expr) -> list[Monomial]:
    """e as a list of (coefficient, bound indices, factors); the bound indices have unique names."""
    if e.is_Rational:
        return [(e, (), ())] if e != 0 else []
    if e.is_Add:
        return _limited([m for a in e.args for m in _monomials(a)])
    if e.is_Mul:
        return _product(_monomials(a) for a in e.args)
    if isinstance(e, IndexSum):
        k = Dummy("b", integer=True, dummy_index=3 * 10**9 + next(_fresh))
        lo, hi = expand(e.lo), expand(e.hi)
        return [(c, (*bound, (k, lo, hi)), fs) for c, bound, fs in _monomials(e.open(k))]
    if e.is_Pow and e.exp.is_Integer and e.exp > 1 and not isinstance(e.base, Entry | Applied | Bracket):
        if e.exp > POWER_LIMIT:
            raise CalculusError(f"normal form: power {e.exp} of a sum, at most {POWER_LIMIT} is expanded")
        # every copy needs its own names for its bound indices
        return _product(_monomials(e.base) for _ in range(int(e.exp)))
    if isinstance(e, exp):
        return [(Integer(1), (), tuple(exp(t) for t in Add.make_args(normal_form(e.args[0]))))]
    return [(Integer(1), (), (e,))]


def _product(parts: Iterable[list[Monomial]]) -> list[Monomial]:
    found: list[Monomial] = [(Integer(1), (), ())]
    for part in parts:
        found = _limited([_times(m, p) for m in found for p in part])
    return found


def _times(m: Monomial, p: Monomial) -> Monomial:
    taken = {k for k, _, _ in m[1]}
    if any(k in taken for k, _, _ in p[1]):  # pragma: no cover - names are unique by construction
        raise CalculusError("normal form: a bound index met itself")
    return m[0] * p[0], m[1] + p[1], m[2] + p[2]


def _inside(e: Expr) -> Expr:
    """A factor with normal arguments; called when its indices have their final names."""
    if isinstance(e, Entry):
        return Entry(e.symbol, *(expand(i) for i in e.index))
    if isinstance(e, Applied):
        return Applied(e.function, e.order, *(expand(i) for i in e.sup), normal_form(e.argument))
    if isinstance(e, Bracket):
        return _bracket(e)
    if isinstance(e, Family):
        k, body = e.unbind()
        return Family(normal_form(body), (k, expand(e.lo), expand(e.hi)))
    if isinstance(e, FunctionalValue):
        partials = [(p[0], *(expand(i) for i in p[1:])) for p in e.partials]
        return FunctionalValue(e.functional, partials, *(_inside_family(f) for f in e.families))
    if e.is_Pow:
        return _power(e)
    if not e.args:
        return e
    return e.func(*(normal_form(a) if isinstance(a, Expr) else a for a in e.args))


def _inside_family(f: Expr) -> Expr:
    return _inside(f) if isinstance(f, Family) else normal_form(f)


def _bracket(e: Bracket) -> Expr:
    """[a = b] as [0 = b - a] with a positive leading coefficient, so that each delta has one form."""
    d = expand(e.b - e.a) if e.a.is_integer and e.b.is_integer else normal_form(e.b - e.a)
    if e.relation == "=":
        d = min(d, -d, key=lambda x: (x.could_extract_minus_sign(), x.sort_key()))
    return Bracket(e.relation, Integer(0), d)


def _power(e: Expr) -> Expr:
    """base ** exponent; from a sum the content is taken out first, so that 1/(2x + 2y) = (1/2)/(x + y)."""
    base, exponent = normal_form(e.base), normal_form(e.exp)
    if base.is_Add and exponent.is_Integer:
        terms = Add.make_args(base)
        lead = min(terms, key=lambda t: t.as_coeff_Mul()[1].sort_key()).as_coeff_Mul()[0]
        if lead.is_Rational and lead != 1:
            scaled = Add(*(t / lead for t in terms))
            return Rational(lead) ** exponent * Pow(scaled, exponent)
    return Pow(base, exponent)


def _canonical(coefficient: Expr, bound: tuple[Bound, ...], factors: tuple[Expr, ...]) -> Expr:
    """One monomial with its sums separated and its bound indices in canonical order."""
    if not bound:
        return Mul(coefficient, *(_inside(f) for f in factors))
    factors = Mul.make_args(Mul(*factors))  # equal factors become powers
    names = {k for k, _, _ in bound}
    used = set().union(*(f.free_symbols for f in factors)) & names if factors else set()
    for _, lo, hi in bound:
        used |= names & (lo.free_symbols | hi.free_symbols)
    result = Mul(coefficient, *(_inside(f) for f in factors if not (f.free_symbols & names)))
    rest = [f for f in factors if f.free_symbols & names]
    ranged = []
    for k, lo, hi in bound:
        if k not in used and not (names & (lo.free_symbols | hi.free_symbols)):
            length = expand(hi - lo + 1)
            # an empty range could make the length negative: then the sum stays
            result *= length if EMPTY.nonnegative(length) else IndexSum(1, (k, lo, hi))
        else:
            ranged.append((k, lo, hi))
    for group_bound, group_factors in _components(ranged, rest):
        result *= _component(group_bound, group_factors)
    return result


def _components(bound: list[Bound], factors: list[Expr]) -> list[tuple[list[Bound], list[Expr]]]:
    """Split sums and factors into groups that share no bound index."""
    names = {k for k, _, _ in bound}
    groups: list[set[Symbol]] = []
    ties: list[set[Basic]] = [f.free_symbols & names for f in factors]
    ties += [({k} | lo.free_symbols | hi.free_symbols) & names for k, lo, hi in bound]
    for tie in ties:
        linked = set(tie)
        for g in [g for g in groups if g & linked]:
            linked |= g
            groups.remove(g)
        groups.append(linked)
    return [
        ([b for b in bound if b[0] in g], [f for f in factors if f.free_symbols & g]) for g in groups if g
    ]


def _component(bound: list[Bound], factors: list[Expr]) -> Expr:
    """sum over the indices of one group, in canonical order and with canonical names."""
    component = Component(bound, factors, normal_form)
    order = component.order()
    final: dict[Symbol, Symbol] = {k: canonical_symbol(component.offset + n) for n, k in enumerate(order)}
    body = Mul(*(_inside(f.xreplace(final)) for f in factors))
    pending = [
        (final[k], lo.xreplace(final), hi.xreplace(final))
        for k, lo, hi in sorted(bound, key=lambda b: order.index(b[0]))
    ]
    placed: list[Bound] = []
    while pending:  # an index stands outside those whose ranges use it
        names = {k for k, _, _ in pending}
        ready = next(b for b in pending if not (names & (b[1].free_symbols | b[2].free_symbols)))
        placed.append(ready)
        pending.remove(ready)
    for limit in reversed(placed):
        body = IndexSum(body, limit)
    return body
