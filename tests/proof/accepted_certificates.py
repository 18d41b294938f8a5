"""Certificates that no change of the checker may refuse."""

from __future__ import annotations

from collections.abc import Callable

from certificate_drafts import Draft, one
from certificate_setting import (
    GOAL,
    GOOD,
    LAW,
    ONE_IS_X,
    SUM,
    J,
    U,
    after,
    by_step,
    instance,
    u,
    under,
    v,
)
from kernel_setting import ONE, TO_N, ZERO, L, N, cost, j, k, n, rho, sigma, x, y
from sympy import exp, log

from symderive.calculus import Bracket, IndexSum, family
from symderive.calculus.differential import differential
from symderive.calculus.ranges import EMPTY
from symderive.proof.kernel import hypothesis_of

V, DU, DV = v[()], u.tangent()[()], v.tangent()[()]
TOTAL = hypothesis_of("total", U, cost(family(x[k] * k, (k, 1, N))) + IndexSum(k * y[k], (k, 1, N)))
SOFTPLUS = hypothesis_of("softplus", U, log(1 + exp(V)))


def specialised_differential() -> str:
    """sigma(u) = u, differentiated, and then u = x."""
    draft = Draft()
    draft.assume(LAW)
    draft.step("differentiation", sigma(U, order=1) * DU, DU, EMPTY, [LAW], [0])
    dx = x.tangent()[1]
    draft.step("specialise", sigma(x[1], order=1) * dx, dx, EMPTY, [LAW], [1], real=u, value=x[1])
    return draft.text()


SIZED = hypothesis_of("law", sigma(U) * N * n[1], U, (), "assumption", (u,))
SIZES = hypothesis_of("sizes", U, Bracket.at_most(n[1], N) * v[()])
ACCEPTED: tuple[tuple[str, Callable[[], str]], ...] = (
    ("a good step", lambda: GOOD),
    (
        "contraction",
        lambda: one(
            "contraction",
            IndexSum(Bracket.equal(k, j) * x[k], (k, 1, N)),
            Bracket.at_most(1, j) * Bracket.at_most(j, N) * x[j],
            J,
        ),
    ),
    ("single", lambda: one("single", IndexSum(x[k], (k, N, N)), x[N])),
    ("derivative", lambda: after(LAW, "derivative", sigma(U, order=1), ONE, real=u)),
    (
        "differentiation, sums and functionals",
        lambda: after(TOTAL, "differentiation", DU, differential(TOTAL.rhs)),
    ),
    (
        "ring, over a sum of squares",
        lambda: one(
            "ring",
            (x[2] + 1) * y[1] / (1 + x[1] ** 2),
            y[1] * x[2] / (1 + x[1] ** 2) + y[1] / (1 + x[1] ** 2),
        ),
    ),
    ("specialise, with the differential", specialised_differential),
    (
        "differentiation, exponential and logarithm",
        lambda: after(SOFTPLUS, "differentiation", DU, DV * exp(V) / (1 + exp(V))),
    ),
    ("congruence, nowhere", lambda: one("congruence", x[1], x[1], paths=[])),
    ("decide, no", lambda: one("decide", Bracket.equal(0, k), ZERO, TO_N)),
    ("a logarithm of a product", lambda: one("reflexivity", log(N * L), log(N * L))),
    (
        "ring, a sum inside",
        lambda: one(
            "ring",
            sigma(IndexSum(x[k] * (y[k] + 1), (k, 1, N))),
            sigma(IndexSum(x[k] * y[k], (k, 1, N)) + SUM),
        ),
    ),
    (
        "specialise, beside sizes",
        lambda: after(SIZED, "specialise", sigma(x[1]) * N * n[1], x[1], real=u, value=x[1]),
    ),
    (
        "differentiation, a bracket of sizes",
        lambda: after(SIZES, "differentiation", u.tangent()[()], Bracket.at_most(n[1], N) * v.tangent()[()]),
    ),
    ("congruence, in the base of a power", lambda: under(x[1] ** 2, [0], ONE, ONE_IS_X)),
    ("congruence, under a sum", lambda: under(SUM, [k], IndexSum(y[k], (k, 1, N)))),
    ("instantiate", lambda: instance([(k, ONE)], y[1])),
    ("split", lambda: one("split", SUM, IndexSum(x[k], (k, 1, j)) + IndexSum(x[k], (k, j + 1, N)), J, at=j)),
    ("reindex", lambda: one("reindex", SUM, IndexSum(x[rho[k]], (k, 1, N)), permutation=rho, parameters=[])),
    ("decide, by a permutation", lambda: one("decide", Bracket.at_most(rho[rho[j]], N), ONE, J)),
    (
        "decide, a bracket as a number",
        lambda: one("decide", Bracket.at_most(0, Bracket.equal(j, 2) * N), ONE, J),
    ),
    ("induction", lambda: by_step(GOAL)),
    (
        "ring, the length of a sum",
        lambda: one("ring", IndexSum(x[1], (k, 0, N)), x[1] * IndexSum(ONE, (k, 0, N))),
    ),
    ("ring, an inverse", lambda: one("ring", (x[1] ** 2 + 1) * x[2] / (1 + x[1] ** 2), x[2])),
    ("ring, exponentials", lambda: one("ring", exp(x[1] + 2 * x[2]), exp(x[1]) * exp(x[2]) ** 2)),
    (
        "ring, a family",
        lambda: one(
            "ring", cost(family(x[k] * (y[k] + 1), (k, 1, N))), cost(family(x[k] * y[k] + x[k], (k, 1, N)))
        ),
    ),
    (
        "ring, a delta the other way",
        lambda: one(
            "ring",
            IndexSum(Bracket.equal(j + 1, k) * x[k] * 2, (k, 1, N)),
            2 * IndexSum(Bracket.equal(k - 1, j) * x[k], (k, 1, N)),
            J,
        ),
    ),
)
"""What no change of the checker may refuse."""
