"""How terms move: d(fg) = df g + f dg, d sigma(z) = sigma'(z) dz, dC = sum_j dC/da_j da_j."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

from sympy import Add, Expr, Integer, Mul, Pow, Rational, Symbol, exp, log

from symderive.calculus.atoms import BoundIndex, TensorSymbol
from symderive.calculus.terms import Applied, Bracket, Entry, Family, FunctionalValue, IndexSum
from symderive.proof.checker.sequent import refuse

_FRESH = count(1)


def moved(e: Expr, d: Callable[[Entry], Expr]) -> Expr:
    """How a term moves where each real entry moves by d."""
    if isinstance(e, Entry):
        return d(e) if e.symbol.kind == "real" else Integer(0)
    if isinstance(e, Rational | Symbol | BoundIndex):
        return Integer(0)
    if isinstance(e, Bracket):
        real = any(isinstance(s, TensorSymbol) and s.kind == "real" for s in e.free_symbols)
        return refuse(f"{e} has no differential everywhere") if real else Integer(0)
    if isinstance(e, IndexSum):
        return IndexSum(moved(e.body, d), e.lo, e.hi)
    if isinstance(e, Applied):
        return e.func(e.function, e.order + 1, *e.sup, e.argument) * moved(e.argument, d)
    if isinstance(e, FunctionalValue):
        return Add(*(_through(e, m, f, (), d) for m, f in enumerate(e.families)))
    if isinstance(e, Add):
        return Add(*(moved(a, d) for a in e.args))
    if isinstance(e, Mul):
        one = range(len(e.args))
        return Add(*(Mul(*(moved(a, d) if n == m else a for m, a in enumerate(e.args))) for n in one))
    if isinstance(e, Pow):
        return e.exp * Pow(e.base, e.exp - 1) * moved(e.base, d)
    if isinstance(e, exp):
        return e * moved(e.args[0], d)
    if isinstance(e, log):
        return moved(e.args[0], d) / e.args[0]
    return refuse(f"{type(e).__name__} has no differential")


def _through(
    e: FunctionalValue, m: int, f: Expr, index: tuple[Symbol, ...], d: Callable[[Entry], Expr]
) -> Expr:
    """The chain rule over the entries of family m."""
    if isinstance(f, Family):
        k = Symbol(f" d{next(_FRESH)}", integer=True)
        return IndexSum(_through(e, m, f.open(k), (*index, k), d), (k, f.lo, f.hi))
    return FunctionalValue(e.functional, (*e.partials, (m, *index)), *e.families) * moved(f, d)


def differential(e: Expr) -> Expr:
    """de: each real tensor T moves by dT."""
    return moved(e, lambda x: x.symbol.tangent()[x.index])
