"""The partial derivative of a term by one entry, the others held: (f g)' = f' g + f g', (sum f)' = sum f'."""

from __future__ import annotations

from sympy import Add, Derivative, DiracDelta, Expr, Heaviside, Integer, Mul, Subs, sign

from symderive.calculus.terms import Applied, Entry, IndexSum
from symderive.errors import SymderiveError

# what SymPy answers where a function has a kink, or where it has no rule
UNSURE = (Heaviside, DiracDelta, sign, Derivative, Subs)


def partial(e: Expr, v: Entry) -> Expr:
    """de/dv: what `e.diff(v)` is, without the questions that SymPy asks of every sum and product on the way.

    Raises SymderiveError for functions that have no derivative everywhere, such as Max, whose value at a kink
    SymPy would settle silently.

    >>> from symderive.calculus.atoms import indices, size, tensor
    >>> j, k = indices("j k"); n = size("n")
    >>> w, x = tensor("w", (j, 1, n), (k, 1, n)), tensor("x", (k, 1, n))
    >>> partial(x[1] ** 2 * x[2] + w[1, 2], x[1])
    2*x[1]*x[2]
    >>> partial(IndexSum(w[j, k] * x[k], (k, 1, n)), x[1])
    sum([1 = k]*w[j, k], k=1..n)
    """
    if v.symbol not in e.free_symbols:
        return Integer(0)
    if e.is_Add:
        return Add(*(partial(a, v) for a in e.args))
    if e.is_Mul:
        return Add(*(Mul(*e.args[:n], partial(f, v), *e.args[n + 1 :]) for n, f in enumerate(e.args)))
    if isinstance(e, IndexSum):
        return IndexSum(partial(e.body, v), e.lo, e.hi)
    if isinstance(e, Entry):
        return e._eval_derivative(v)
    if isinstance(e, Applied):
        return partial(e.argument, v) * Applied(e.function, e.order + 1, *e.args[2:])
    found: Expr = e.diff(v)
    if found.has(*UNSURE):
        raise SymderiveError(
            f"derivative of {e} by {v}: expected a function that is differentiable everywhere; a kink needs "
            "an activation with a stated value"
        )
    return found
