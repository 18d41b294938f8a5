"""The names that the tests of the kernel speak of, and short ways to state hypotheses."""

from __future__ import annotations

from typing import Any

from sympy import Expr, Integer

from symderive.calculus import Functional, ScalarFunction, indices, size, tensor
from symderive.calculus.ranges import EMPTY, Context
from symderive.proof import kernel
from symderive.proof.kernel import Theorem, hypothesis_of

i, j, k, l, m, p = indices("i j k l m p")
N, L = size("N"), size("L")
n = tensor("n", (l, 0, L), kind="dimension")
x, y = tensor("x", (k, 1, N)), tensor("y", (k, 1, N))
w = tensor("w", (j, 1, N), (k, 1, N))
a = tensor("a", (l, 0, L), (j, 1, n[l]), sup=1)
pi = tensor("pi", (l, 1, L), (j, 1, n[l]), kind="permutation")
rho = tensor("rho", (k, 1, N), kind="permutation")
sigma, cost = ScalarFunction("sigma"), Functional("C")
ZERO, ONE = Integer(0), Integer(1)
TO_N = Context.of((k, 1, N))


def assumed(name: str, lhs: Expr, rhs: Expr | int, *own: Any, ctx: Context = EMPTY) -> Theorem:
    """The theorem h |- h for the hypothesis lhs = rhs, for all own indices."""
    return kernel.assume(hypothesis_of(name, lhs, Integer(0) + rhs, own), ctx)


X_IS_Y = assumed("x is y", x[k], y[k], (k, 1, N))
