r"""combination: lhs = rhs because lhs - rhs = sum_i c_i (a_i - b_i), where each a_i = b_i is a theorem.

The identity is checked by the ring laws; each bracket a_i - b_i is then replaced by 0 where it stands. So the
finder may be wrong, and the theorem is not.
"""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Add, Expr, Integer, Symbol

from symderive.calculus.atoms import fresh
from symderive.calculus.ranges import Context
from symderive.calculus.terms import IndexSum
from symderive.proof import kernel
from symderive.proof.kernel import KernelError, Theorem
from symderive.proof.tactics import Chain


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
    if t.rhs == 0:
        return t
    # a stands in a product with 1, so that its terms and those of b do not mix before it is replaced
    held, (k, *_) = _held(t.lhs, t.context)
    start = held - t.rhs
    path = (start.args.index(held), k)
    zero = kernel.congruence(start, [(path, t)], t.context)  # sum_{k=1}^1 b - b
    back = _released(start, held, t.context)
    end = Chain(zero.rhs, t.context)
    for other in (f for f in zero.rhs.args if isinstance(f, IndexSum) and f == _held(t.rhs, t.context)[0]):
        end.then(_released(zero.rhs, other, t.context), "")
    return kernel.transitivity(kernel.symmetry(back), kernel.transitivity(zero, end.theorem))


def equality(t: Theorem, a: Expr, b: Expr) -> Theorem:
    """a - b = 0 gives a = b.

    >>> from symderive.calculus import tensor
    >>> from symderive.calculus.ranges import EMPTY
    >>> from symderive.proof.kernel import hypothesis_of
    >>> a, b = tensor("a")(), tensor("b")()
    >>> t = equality(kernel.assume(hypothesis_of("no difference", a - b, 0), EMPTY), a, b)
    >>> print(t.lhs, "=", t.rhs)
    a[] = b[]
    """
    if (t.lhs, t.rhs) != (a - b, 0):
        raise KernelError(f"equality: expected {a - b} = 0, found {t.lhs} = {t.rhs}")
    held, (k, *_) = _held(t.lhs, t.context)
    start = b + held
    gone = kernel.congruence(start, [((start.args.index(held), k), t)], t.context)
    return kernel.transitivity(kernel.symmetry(_released(start, held, t.context)), gone)


def _held(e: Expr, ctx: Context) -> tuple[Expr, tuple[Symbol, Expr, Expr]]:
    """sum_{k=1}^1 e: the same number as e, and a term of its own wherever it is put."""
    limit = (fresh(ctx.taken | e.free_symbols), Integer(1), Integer(1))
    return IndexSum(e, limit), limit


def _released(e: Expr, held: Expr, ctx: Context) -> Theorem:
    """The term, with what a sum over one value holds in its place."""
    return kernel.congruence(e, [((e.args.index(held),), kernel.single(held, ctx))], ctx)


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
    one, _ = _held(Integer(1), ctx)  # a number would be multiplied into the bracket
    found = [(c * one if c.is_Rational else c) * t.lhs for c, t in parts]
    chain = Chain(lhs, ctx)
    chain.ring(Add(rhs, *found), reason or "arranged by what is known")
    for _, t in parts:
        chain.replace(t, "what is known to be 0")
    if chain.now != rhs:
        chain.ring(rhs)
    return chain


__all__ = ["combination", "difference", "equality"]
