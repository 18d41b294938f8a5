r"""The form of B in coordinates that show its inertia: n_-(B) = rank Q + n_-(Z^T P Z).

With Z a basis of the kernel of Q^T, Y beside it and X dual to Y, Y^T Q X = 1, and W a basis of the kernel
of Q:
(u, h) B (u, h) = z (Z^T P Z) z + 1/2 sum (y + x)^2 - 1/2 sum (y - x)^2, where u = Y y + Z z and
h = X (x - 1/2 Y^T P Y y - 1/2 Y^T (P + P^T) Z z) + W w. A linear change of coordinates.
"""

from __future__ import annotations

from functools import cache

from sympy import Expr, Integer, Rational

from proofs.setting import i, j, k, p
from symderive.calculus import Bracket, IndexSum, TensorSymbol, indices, size, tensor
from symderive.calculus.ranges import EMPTY
from symderive.proof import kernel
from symderive.proof.kernel import Theorem, hypothesis_of
from symderive.proof.tactics import Chain

N, O, R, A, D = (size(x) for x in "NORAD")
q, g, v = indices("q g v")
HALF, ONE, ZERO = Rational(1, 2), Integer(1), Integer(0)


@cache
def normal_form() -> Chain:
    """(u, h) B (u, h) as squares: R of each sign, and the form of Z^T P Z."""
    P, Q = tensor("P", (k, 1, N), (p, 1, N)), tensor("Q", (k, 1, N), (i, 1, O))
    Y, Z = tensor("Y", (k, 1, N), (j, 1, R)), tensor("Z", (k, 1, N), (g, 1, A))
    X, W = tensor("X", (i, 1, O), (j, 1, R)), tensor("W", (i, 1, O), (v, 1, D))
    y, x, f = (tensor(a, (j, 1, R)) for a in ("y", "x", "f"))
    z, w = tensor("z", (g, 1, A)), tensor("w", (v, 1, D))
    u, h = tensor("u", (k, 1, N)), tensor("h", (i, 1, O))
    S = tensor("S", (g, 1, A), (v, 1, A))

    def nest(e: Expr, *limits: tuple[object, int, Expr]) -> Expr:
        for limit in reversed(limits):
            e = IndexSum(e, limit)
        return e

    kn, pn, io, jr, qr, ga, va, vd = (
        (k, 1, N), (p, 1, N), (i, 1, O), (j, 1, R), (q, 1, R), (g, 1, A), (v, 1, A), (v, 1, D),
    )  # fmt: skip

    def given(
        name: str, a: Expr, b: Expr, *limits: tuple[object, int, Expr], kind: str = "definition"
    ) -> Theorem:
        return kernel.assume(hypothesis_of(name, a, b, limits, kind), EMPTY)

    cross = P[k, p] + P[p, k]
    u_law = given("incoming part", u[k], nest(Y[k, j] * y[j], jr) + nest(Z[k, g] * z[g], ga), kn)
    h_law = given("outgoing part", h[i], nest(X[i, j] * f[j], jr) + nest(W[i, v] * w[v], vd), io)
    f_law = given(
        "completed square", f[j],
        x[j] - HALF * nest(Y[k, j] * P[k, p] * Y[p, q] * y[q], kn, pn, qr)
        - HALF * nest(Y[k, j] * cross * Z[p, g] * z[g], kn, pn, ga), jr,
    )  # fmt: skip
    S_law = given("P on the kernel", S[g, v], nest(Z[k, g] * P[k, p] * Z[p, v], kn, pn), ga, va)
    left = given("Z is in the kernel", nest(Q[k, i] * Z[k, g], kn), ZERO, io, ga, kind="assumption")
    right = given("W is in the kernel", nest(Q[k, i] * W[i, v], io), ZERO, kn, vd, kind="assumption")
    dual = given(
        "Y and X are dual", nest(Y[k, j] * Q[k, i] * X[i, q], kn, io), Bracket.equal(j, q), jr, qr,
        kind="assumption",
    )  # fmt: skip
    # h only meets Y: by the kernel of Q^T, and of h only X, by the kernel of Q
    paired = Chain(nest(u[k] * Q[k, i] * h[i], kn, io), EMPTY).rewrite(u_law).rewrite(h_law)
    paired.ring(
        nest(y[j] * f[q] * nest(Y[k, j] * Q[k, i] * X[i, q], kn, io), jr, qr)
        + nest(y[j] * w[v] * Y[k, j] * nest(Q[k, i] * W[i, v], io), jr, vd, kn)
        + nest(
            z[g] * nest(Q[k, i] * Z[k, g], kn) * (nest(X[i, j] * f[j], jr) + nest(W[i, v] * w[v], vd)), ga, io
        )
    )
    paired.rewrite(left).rewrite(right).rewrite(dual).contract()
    whole = Chain(nest(u[k] * P[k, p] * u[p], kn, pn) + 2 * nest(u[k] * Q[k, i] * h[i], kn, io), EMPTY)
    whole.replace(paired.theorem, "what the two parts have in common")
    whole.rewrite(u_law).rewrite(f_law)
    goal = (
        nest(z[g] * S[g, v] * z[v], ga, va)
        + HALF * nest((y[j] + x[j]) ** 2, jr)
        - HALF * nest((y[j] - x[j]) ** 2, jr)
    )
    return whole.fold(goal, [S_law], "collected")


__all__ = ["TensorSymbol", "normal_form"]
