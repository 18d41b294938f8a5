r"""The total differential: d(fg) = df g + f dg, d sigma(z) = sigma'(z) dz, dC = sum_j (dC/da_j) da_j."""

from __future__ import annotations

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
    if isinstance(e, Entry):
        return _tangent(e.symbol)[e.index] if e.symbol.kind == "real" else Integer(0)
    if e.is_Number or isinstance(e, Symbol | BoundIndex):
        return Integer(0)
    if isinstance(e, Bracket):
        if e.a.is_integer and e.b.is_integer:
            return Integer(0)
        raise CalculusError(f"{e} has no differential everywhere")
    if isinstance(e, IndexSum):
        k, body = e.unbind()
        return IndexSum(differential(body), (k, e.lo, e.hi))
    if isinstance(e, Applied):
        inner = differential(e.argument)
        return Applied(e.function, e.order + 1, *e.sup, e.argument) * inner
    if isinstance(e, FunctionalValue):
        return Add(*(_chain(e, m, f, ()) for m, f in enumerate(e.families)))
    if e.is_Add:
        return Add(*(differential(a) for a in e.args))
    if e.is_Mul:
        return Add(
            *(Mul(*e.args[:n], differential(f), *e.args[n + 1 :]) for n, f in enumerate(e.args))
        )
    if isinstance(e, Pow) and e.exp.is_Number:
        return e.exp * Pow(e.base, e.exp - 1) * differential(e.base)
    if isinstance(e, exp):
        return e * differential(e.args[0])
    if isinstance(e, log):
        return differential(e.args[0]) / e.args[0]
    raise CalculusError(f"no rule for the differential of {type(e).__name__} {e}")


@lru_cache(maxsize=1_000)
def _tangent(t: TensorSymbol) -> TensorSymbol:
    return t.tangent()


def _chain(value: FunctionalValue, m: int, f: Expr, index: tuple[Symbol, ...]) -> Expr:
    """sum over the entries of family m of (partial by the entry) * d(entry)."""
    if isinstance(f, Family):
        k = f.fresh(value.free_symbols | set(index))
        return IndexSum(_chain(value, m, f.open(k), (*index, k)), (k, f.lo, f.hi))
    partial = FunctionalValue(value.functional, (*value.partials, (m, *index)), *value.families)
    return partial * differential(f)
