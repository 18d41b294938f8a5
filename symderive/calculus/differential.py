r"""The total differential: d(fg) = df g + f dg, d sigma(z) = sigma'(z) dz, dC = sum_j (dC/da_j) da_j.

The derivative by one real u is the same with du = 1, and every other tensor held fixed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from sympy import Add, Expr, Integer, Mul, Pow, Symbol, exp, log

from symderive.calculus.atoms import BoundIndex, CalculusError, TensorSymbol
from symderive.calculus.terms import Applied, Bracket, Entry, Family, FunctionalValue, IndexSum


def differential(e: Expr) -> Expr:
    """de, where every real tensor T is a differentiable function of one variable and dT its derivative.

    Numbers, sizes, indices, permutations and brackets of indices are constant.

    >>> from symderive.calculus.atoms import ScalarFunction, indices, tensor
    >>> j, k = indices("j k"); x = tensor("x", (j, 1, 3)); sigma = ScalarFunction("sigma")
    >>> differential(IndexSum(sigma(x[j]), (j, 1, 3)))
    sum(sigma'(x[j])*dx[j], j=1..3)
    """
    return _moved(e, lambda entry: _tangent(entry.symbol)[entry.index])


def derivative(e: Expr, u: TensorSymbol) -> Expr:
    """The derivative of e by the real number u[], where no other tensor moves.

    >>> from symderive.calculus.atoms import ScalarFunction, tensor
    >>> u, x, sigma = tensor("u"), tensor("x"), ScalarFunction("sigma")
    >>> derivative(x[()] * sigma(-u[()]), u)
    -sigma'(-u[])*x[]
    """
    return _moved(e, lambda entry: Integer(entry.symbol == u))


def _moved(e: Expr, d: Callable[[Entry], Expr]) -> Expr:
    """How e moves when each entry of a real tensor moves by d."""
    if isinstance(e, Entry):
        return d(e) if e.symbol.kind == "real" else Integer(0)
    if e.is_Number or isinstance(e, Symbol | BoundIndex):
        return Integer(0)
    if isinstance(e, Bracket):
        if not any(isinstance(s, TensorSymbol) and s.kind == "real" for s in e.free_symbols):
            return Integer(0)  # [1 = [0 < x]] says no more than integers, and jumps with x all the same
        raise CalculusError(f"{e} has no differential everywhere")
    if isinstance(e, IndexSum):
        k, body = e.unbind()
        return IndexSum(_moved(body, d), (k, e.lo, e.hi))
    if isinstance(e, Applied):
        inner = _moved(e.argument, d)
        return Applied(e.function, e.order + 1, *e.sup, e.argument) * inner
    if isinstance(e, FunctionalValue):
        return Add(*(_chain(e, m, f, (), d) for m, f in enumerate(e.families)))
    if e.is_Add:
        return Add(*(_moved(a, d) for a in e.args))
    if e.is_Mul:
        return Add(*(Mul(*e.args[:n], _moved(f, d), *e.args[n + 1 :]) for n, f in enumerate(e.args)))
    if isinstance(e, Pow) and e.exp.is_Number:
        return e.exp * Pow(e.base, e.exp - 1) * _moved(e.base, d)
    if isinstance(e, exp):
        return e * _moved(e.args[0], d)
    if isinstance(e, log):
        return _moved(e.args[0], d) / e.args[0]
    raise CalculusError(f"no rule for the differential of {type(e).__name__} {e}")


@lru_cache(maxsize=1_000)
def _tangent(t: TensorSymbol) -> TensorSymbol:
    return t.tangent()


def _chain(
    value: FunctionalValue, m: int, f: Expr, index: tuple[Symbol, ...], d: Callable[[Entry], Expr]
) -> Expr:
    """sum over the entries of family m of (partial by the entry) * d(entry)."""
    if isinstance(f, Family):
        k = f.fresh(value.free_symbols | set(index))
        return IndexSum(_chain(value, m, f.open(k), (*index, k), d), (k, f.lo, f.hi))
    partial = FunctionalValue(value.functional, (*value.partials, (m, *index)), *value.families)
    return partial * _moved(f, d)
