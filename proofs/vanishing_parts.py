"""What follows from a sum of terms that are at least 0 and is 0: every part is 0; a - b = 0 gives a = b."""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Expr, Integer

from symderive.calculus import IndexSum
from symderive.proof import kernel
from symderive.proof.kernel import Theorem
from symderive.proof.tactics import Chain


def apart(e: Expr) -> Expr:
    """The term as a sum over one value: SymPy melts (a - b) + b into a, and e^-x e^x y into y, but not so.

    >>> from symderive.calculus import tensor
    >>> apart(tensor("x")())
    sum(x[], i=1..1)
    """
    return IndexSum(e, Integer(1), Integer(1))


def equal_by_difference(t: Theorem, a: Expr, b: Expr) -> Chain:
    """From a - b = 0, as the left side of t says it, a = b.

    >>> from symderive.calculus import tensor
    >>> from symderive.calculus.ranges import EMPTY
    >>> from symderive.proof.kernel import assume, hypothesis_of
    >>> x, y = tensor("x")(), tensor("y")()
    >>> t = assume(hypothesis_of("equal", x - y, Integer(0)), EMPTY)
    >>> print(equal_by_difference(t, x, y).theorem)
    ; equal |- x[] = y[]
    """
    chain = Chain(a, t.context).ring(apart(t.lhs) + b, "the difference and the other")
    return chain.rewrite(t, "the difference is 0")


def equal_if_squares_are(t: Theorem, a: Expr, b: Expr, laws: Sequence[Theorem]) -> Theorem:
    """From b^2 = a^2, where the laws say of a and b what is seen to be at least 0, a = b.

    (a - b)^2 a + (a - b)^2 b = (a - b) (a^2 - b^2) = 0, so (a - b)^2 a and (a - b)^2 b are 0, and (a - b)^3.
    """
    ctx, z = t.context, a - b
    sum_ = z**2 * a + z**2 * b
    nothing = Chain(sum_, ctx).ring(z * (a**2 - b**2)).replace(t).ring(Integer(0))
    seen = Chain(sum_, ctx)
    for law in laws:
        seen.rewrite(law)
    zero = kernel.transitivity(kernel.symmetry(seen.theorem), nothing.theorem)
    parts = []
    for part in (z**2 * a, z**2 * b):
        chain = Chain(part, ctx)
        for law in laws:
            chain.rewrite(law)
        none = kernel.vanishing(zero, (zero.lhs.args.index(chain.now),))
        parts.append(chain.then(none, "a part").theorem)
    third = Chain(z**3 + z**2 * b, ctx).replace(parts[1])
    first = Chain(third.theorem.lhs, ctx).ring(z**2 * a).then(parts[0], "a part")
    cube = kernel.transitivity(kernel.symmetry(third.theorem), first.theorem)
    return equal_by_difference(kernel.vanishing(cube, (0,)), a, b).theorem
