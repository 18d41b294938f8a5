"""Integer terms as polynomials; l in 1..L - 1 gives l + 1 <= L, by putting in the worst end of each range."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import Any

from sympy import Add, Expr, Integer, Mul, Pow, Rational, Symbol

from symderive.calculus.terms import Bracket, Entry
from symderive.proof.checker.sequent import Context, need

MOST, POWER = 20_000, 16

Atoms = tuple[Any, ...]
Polynomial = dict[Atoms, Fraction]


def polynomial(e: Expr) -> Polynomial:
    """An integer term as a polynomial: products of letters, sizes and integer entries, with coefficients."""
    if isinstance(e, Rational):
        return {(): Fraction(int(e.p), int(e.q))} if e != 0 else {}
    if isinstance(e, Add):
        total: Polynomial = {}
        for a in e.args:
            for m, c in polynomial(a).items():
                total[m] = total.get(m, Fraction(0)) + c
        return {m: c for m, c in total.items() if c}
    if isinstance(e, Mul) or (isinstance(e, Pow) and isinstance(e.exp, Integer) and 0 < e.exp <= POWER):
        product: Polynomial = {(): Fraction(1)}
        for part in map(polynomial, e.args if isinstance(e, Mul) else [e.base] * int(e.exp)):
            need(len(product) * len(part) <= MOST, "expected an index with at most {} terms", MOST)
            found: Polynomial = {}
            for m, c in product.items():
                for n, d in part.items():
                    key = tuple(sorted((*m, *n), key=str))
                    found[key] = found.get(key, Fraction(0)) + c * d
            product = {m: c for m, c in found.items() if c}
        return product
    return {(e,): Fraction(1)}


def zero(e: Expr) -> bool:
    """Whether an integer term is 0 whatever its names stand for."""
    return not polynomial(e)


@lru_cache(maxsize=100_000)  # else the time would double with each permutation inside another
def nonnegative(e: Expr, ctx: Context) -> bool:
    """Whether e >= 0 follows: each letter is replaced by the end of its range that makes e smaller."""
    p = polynomial(e)
    for atom in sorted({a for m in p for a in m if _permutes(a)}, key=str):
        ranges = atom.ranges()
        if all(within(i, lo, hi, ctx) for i, (lo, hi) in zip(atom.index, ranges, strict=True)):
            p = _at_end(p, atom, *ranges[-1])
    for k, lo, hi in reversed(ctx):
        p = _at_end(p, k, lo, hi)
    total = Fraction(0)
    for m, c in p.items():
        if not m or (c > 0 and all(at_least_one(a) for a in m)):
            total += c
        elif not (c > 0 and all(at_least_one(a) or isinstance(a, Bracket) for a in m)):
            return False
    return total >= 0


def _permutes(a: Any) -> bool:
    return isinstance(a, Entry) and a.symbol.kind == "permutation"


def at_least_one(a: Any) -> bool:
    return (isinstance(a, Symbol) and bool(a.is_positive)) or (
        isinstance(a, Entry) and a.symbol.kind == "dimension"
    )


def _at_end(p: Polynomial, atom: Expr, lo: Expr, hi: Expr) -> Polynomial:
    c = p.get((atom,))
    if c is None:
        return p
    rest = {m: d for m, d in p.items() if m != (atom,)}
    for m, d in polynomial(lo if c > 0 else hi).items():
        rest[m] = rest.get(m, Fraction(0)) + c * d
    return {m: d for m, d in rest.items() if d}


def within(e: Expr, lo: Expr, hi: Expr, ctx: Context) -> bool:
    """Whether lo <= e <= hi follows."""
    return nonnegative(e - lo, ctx) and nonnegative(hi - e, ctx)


def truth(b: Bracket, ctx: Context) -> Expr | None:
    """1 or 0 where the ranges decide an integer bracket."""
    d = b.b - b.a - (1 if b.relation == "<" else 0)
    if b.relation == "=":
        if nonnegative(d - 1, ctx) or nonnegative(-d - 1, ctx):
            return Integer(0)
        return Integer(1) if nonnegative(d, ctx) and nonnegative(-d, ctx) else None
    if nonnegative(d, ctx):
        return Integer(1)
    return Integer(0) if nonnegative(-d - 1, ctx) else None
