r"""combination: lhs = rhs because lhs - rhs = sum_i c_i (a_i - b_i), where each a_i = b_i is a theorem.

The identity is checked by the ring laws; each bracket a_i - b_i is then replaced by 0 where it stands. So the
finder may be wrong, and the theorem is not.
"""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Add, Expr, Integer, Mul

from symderive.calculus.ranges import Context
from symderive.proof import kernel
from symderive.proof.kernel import KernelError, Theorem
from symderive.proof.tactics import Chain, reason_of


def difference(t: Theorem) -> Theorem:
    """a = b gives a - b = 0.

    >>> from symderive.calculus import tensor
    >>> from symderive.calculus.ranges import EMPTY
    >>> from symderive.proof.kernel import hypothesis_of
    >>> a, b = tensor("a"), tensor("b")
    >>> t = kernel.assume(hypothesis_of("equal", a(), b()), EMPTY)
    >>> print(difference(t).lhs, "=", difference(t).rhs)
    a[] - b[] = 0
    """
    start = t.lhs - t.rhs
    if t.rhs == 0:
        return t
    whole = kernel.congruence(t.lhs, [((), t)], t.context)
    if start.is_Add and t.lhs in start.args:
        at = start.args.index(t.lhs)
        return kernel.congruence(start, [((at,), whole)], t.context)
    # the left side is itself a sum, whose terms stand among those of the right: subtract under a product
    holder = Mul(Integer(1), t.lhs, evaluate=True)
    found = [n for n, a in enumerate(start.args) if a == holder]
    if found:
        return kernel.congruence(start, [((found[0],), whole)], t.context)
    raise KernelError(f"difference: {t.lhs} is no term of {start}")


def combination(
    lhs: Expr, rhs: Expr, parts: Sequence[tuple[Expr, Theorem]], ctx: Context, reason: str = ""
) -> Chain:
    """The chain lhs = rhs + sum c_i e_i = rhs, where each theorem says e_i = 0, in this context.

    Raises KernelError where the ring laws do not give the first step, or a theorem has another right side.

    >>> from symderive.calculus import tensor
    >>> from symderive.calculus.ranges import EMPTY
    >>> from symderive.proof.kernel import hypothesis_of
    >>> x, y, u = tensor("x"), tensor("y"), tensor("u")
    >>> unit = kernel.assume(hypothesis_of("unit", x() * u() - 1, 0), EMPTY)
    >>> same = kernel.assume(hypothesis_of("same", x() * y() - x() ** 2, 0), EMPTY)
    >>> chain = combination(y(), x(), [(u(), same), (x() - y(), unit)], EMPTY)
    >>> print(chain.theorem.lhs, "=", chain.theorem.rhs)
    y[] = x[]
    """
    for _, t in parts:
        if t.rhs != 0:
            raise KernelError(f"combination: expected theorems with 0 on the right, found {t.rhs}")
    chain = Chain(lhs, ctx)
    chain.ring(Add(rhs, *(c * t.lhs for c, t in parts)), reason or "the same, arranged by what is known")
    for _, t in parts:
        chain.replace(t, f"{reason_of(t)} (the bracket is 0)" if t.rule == "assume" else "the bracket is 0")
    if chain.now != rhs:
        chain.ring(rhs)
    return chain


__all__ = ["combination", "difference"]
