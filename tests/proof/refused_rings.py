"""Certificates that break one condition of the checker each: rings, sums, differentials.

A row: what is wrong; a function that makes the file; a part of the refusal; bounds that are made smaller, so
that a small file breaks them.
"""

from __future__ import annotations

from typing import Any

from certificate_drafts import one
from certificate_setting import (
    HALF_DELTA,
    LAW,
    ONE_IS_X,
    SQUARE,
    STRIDE,
    SUM,
    J,
    U,
    after,
    says,
    u,
    v,
)
from kernel_setting import ONE, TO_N, ZERO, L, N, a, j, k, l, n, pi, rho, sigma, x, y
from sympy import Integer, Rational, sqrt

from symderive.calculus import Bracket, IndexSum, tensor
from symderive.calculus.ranges import Context
from symderive.calculus.terms import PartialDerivative
from symderive.proof.kernel import hypothesis_of

REFUSED: tuple[Any, ...] = (
    (
        "reindex, another layer",
        lambda: one(
            "reindex",
            IndexSum(a[l, j], (j, 1, n[l])),
            IndexSum(a[l, pi[l + 1, j]], (j, 1, n[l])),
            Context.of((l, 1, L - 1)),
            permutation=pi,
            parameters=[l + 1],
        ),
        "permutes 1..n[l + 1], not 1..n[l]",
    ),
    (
        "reindex, another first index",
        lambda: one(
            "reindex",
            IndexSum(x[k], (k, 0, N)),
            IndexSum(x[rho[k]], (k, 0, N)),
            permutation=rho,
            parameters=[],
        ),
        "permutes 1..N, not 0..N",
    ),
    (
        "reindex, too few parameters",
        lambda: one("reindex", SUM, SUM, permutation=pi, parameters=[]),
        "expected 2 indices, found 1",
    ),
    (
        "reindex, conclusion",
        lambda: one("reindex", SUM, SUM, permutation=rho, parameters=[]),
        "the conclusion is sum(x[k], k=1..N) = sum(x[rho[k]], k=1..N)",
    ),
    (
        "reindex, with a premise",
        lambda: after(ONE_IS_X, "reindex", SUM, SUM, permutation=rho, parameters=[]),
        "expected 0 premises, found 1",
    ),
    (
        "contraction, no delta",
        lambda: one("contraction", SUM, x[1]),
        "no delta of sum(x[k], k=1..N) gives x[1]",
    ),
    (
        "contraction, another relation",
        lambda: one(
            "contraction",
            IndexSum(Bracket.at_most(k, j) * x[k], (k, 1, N)),
            Bracket.at_most(1, j) * Bracket.at_most(j, N) * x[j],
            J,
        ),
        "no delta of",
    ),
    (
        "contraction, a stride",
        lambda: one("contraction", STRIDE, Bracket.at_most(1, j / 2) * Bracket.at_most(j / 2, N) * x[1], J),
        "no delta of",
    ),
    (
        "contraction, a half",
        lambda: one("contraction", HALF_DELTA, Bracket.at_most(1, N / 2) * Bracket.at_most(N / 2, N) * x[1]),
        "no delta of",
    ),
    ("contraction, a square", lambda: one("contraction", SQUARE, x[1], J), "no delta of"),
    (
        "contraction, without its brackets",
        lambda: one("contraction", IndexSum(Bracket.equal(k, j) * x[k], (k, 1, N)), x[j], J),
        "no delta of",
    ),
    ("decide, no bracket", lambda: one("decide", x[1], ONE), "expected a bracket of integers, found x[1]"),
    (
        "decide, no bracket, but an integer",
        lambda: one("decide", N, ONE),
        "expected a bracket of integers, found N",
    ),
    (
        "decide, of reals",
        lambda: one("decide", Bracket.at_most(0, x[1]), ONE),
        "expected a bracket of integers, found [0 <= x[1]]",
    ),
    (
        "decide, of the square of a real",
        lambda: one("decide", Bracket.at_most(1, x[1] ** 2), ONE),
        "expected a bracket of integers",
    ),
    (
        "decide, of a root",
        lambda: one("decide", Bracket.at_most(1, sqrt(N)), ONE),
        "expected a bracket of integers",
    ),
    (
        "decide, of an inverse",
        lambda: one("decide", Bracket.at_most(1, 1 / N), ONE),
        "expected a bracket of integers",
    ),
    (
        "decide, a product of unknown sign",
        lambda: one("decide", Bracket.at_most(0, j * k), ONE, Context.of((j, -3, 3), (k, 1, N))),
        "the ranges do not say",
    ),
    (
        "decide, by an integer that is no permutation",
        lambda: one("decide", Bracket.at_most(1, tensor("q", (k, 1, N), kind="integer")[1]), ONE),
        "the ranges do not say",
    ),
    (
        "decide, equal but only at least",
        lambda: one("decide", Bracket.equal(N, k), ONE, TO_N),
        "the ranges do not say",
    ),
    (
        "decide, equal but only at most 0",
        lambda: one("decide", Bracket.equal(0, k), ONE, Context.of((k, -3, 0))),
        "the ranges do not say",
    ),
    (
        "decide, of halves",
        lambda: one("decide", Bracket.equal(N / 2, k), ZERO, TO_N),
        "expected a bracket of integers",
    ),
    (
        "decide, not known",
        lambda: one("decide", Bracket.at_most(2, k), ONE, TO_N),
        "the ranges do not say that [2 <= k] is 1",
    ),
    (
        "decide, wrongly",
        lambda: one("decide", Bracket.at_most(1, k), ZERO, TO_N),
        "the ranges do not say that [1 <= k] is 0",
    ),
    (
        "decide, less but equal",
        lambda: one("decide", Bracket.less(1, k), ONE, TO_N),
        "the ranges do not say that [1 < k] is 1",
    ),
    (
        "decide, equal but not known",
        lambda: one("decide", Bracket.equal(1, k), ZERO, TO_N),
        "the ranges do not say that [1 = k] is 0",
    ),
    (
        "decide, equal but only at most",
        lambda: one("decide", Bracket.equal(1, k), ONE, TO_N),
        "the ranges do not say that [1 = k] is 1",
    ),
    (
        "decide, by a permutation out of its range",
        lambda: one("decide", Bracket.at_most(1, rho[N + 1]), ONE),
        "the ranges do not say",
    ),
    (
        "decide, by a negative product",
        lambda: one("decide", Bracket.at_most(0, -(N * L) + 3), ONE),
        "the ranges do not say",
    ),
    (
        "decide, with a premise",
        lambda: after(ONE_IS_X, "decide", Bracket.at_most(1, N * L), ONE),
        "expected 0 premises, found 1",
    ),
    (
        "an index of many terms",
        lambda: one("decide", Bracket.at_most(1, (N + L) * (N + L + 1) * (L + 2)), ONE),
        "expected an index with at most 3 terms",
        {"ranges.MOST": 3},
    ),
    (
        "split, too late",
        lambda: one("split", SUM, IndexSum(x[k], (k, 1, N + 1)) + 0, at=N + 1),
        "N + 1 is not known to lie in 0..N",
    ),
    (
        "split, too early",
        lambda: one("split", SUM, IndexSum(x[k], (k, 0, N)) + 0, at=Integer(-1)),
        "-1 is not known to lie in 0..N",
    ),
    ("split, at a half", lambda: one("split", SUM, SUM, at=Rational(1, 2)), "expected a whole, found 1/2"),
    (
        "split, conclusion",
        lambda: one("split", SUM, IndexSum(x[k], (k, 1, j)) + IndexSum(x[k], (k, j, N)), J, at=j),
        "the conclusion is",
    ),
    ("split, no sum", lambda: one("split", x[1], x[1], at=ONE), "expected a sum, found x[1]"),
    (
        "single, two values",
        lambda: one("single", IndexSum(x[k], (k, 1, 2)), x[1]),
        "expected a sum over one value",
    ),
    (
        "single, conclusion",
        lambda: one("single", IndexSum(x[k], (k, N, N)), x[1]),
        "the conclusion is sum(x[k], k=N..N) = x[N]",
    ),
    (
        "differentiation, no premise",
        lambda: one("differentiation", ZERO, ZERO),
        "expected 1 premises, found 0",
    ),
    (
        "differentiation, conclusion",
        lambda: after(hypothesis_of("h", U, v[()] ** 2), "differentiation", u.tangent()[()], v.tangent()[()]),
        "the conclusion is du[] = 2*dv[]*v[]",
    ),
    (
        "differentiation, a jump",
        lambda: after(
            hypothesis_of("h", U, Bracket.less(0, v[()])), "differentiation", u.tangent()[()], ZERO
        ),
        "has no differential everywhere",
    ),
    (
        "differentiation, a jump in a bracket",
        lambda: after(
            hypothesis_of("h", U, Bracket.equal(1, Bracket.less(0, v[()]))),
            "differentiation",
            u.tangent()[()],
            ZERO,
        ),
        "has no differential everywhere",
    ),
    (
        "differentiation, a partial derivative",
        lambda: after(
            hypothesis_of("h", U, PartialDerivative(x[1], y[1])), "differentiation", u.tangent()[()], ZERO
        ),
        "PartialDerivative has no differential",
    ),
    (
        "specialise, an entry",
        lambda: after(says("h", x[1], (), (u,)), "specialise", x[1], ZERO, real=x, value=ONE),
        "expected a real tensor without index, found x",
    ),
    (
        "specialise, free in the hypothesis",
        lambda: after(says("h", U - 1), "specialise", ZERO, ZERO, real=u, value=ONE),
        "u is free in hypothesis h",
    ),
    (
        "specialise, its differential in the hypothesis",
        lambda: after(says("h", u.tangent()[()]), "specialise", x.tangent()[1], ZERO, real=u, value=x[1]),
        "u is free in hypothesis h",
    ),
    (
        "specialise, a value without range",
        lambda: after(ONE_IS_X, "specialise", x[1], ONE, real=u, value=x[k]),
        "a letter of x[k] has no range",
    ),
    (
        "specialise, a partial derivative",
        lambda: after(
            hypothesis_of("h", PartialDerivative(U, v[()]) + U, U, (), "assumption", (u,)),
            "specialise",
            PartialDerivative(U, v[()]) + 1,
            ONE,
            real=u,
            value=ONE,
        ),
        "expected no partial derivative",
    ),
    (
        "specialise, a partial derivative on the right",
        lambda: after(
            hypothesis_of("h", U, PartialDerivative(U, v[()]), (), "assumption", (u,)),
            "specialise",
            ONE,
            ONE,
            real=u,
            value=ONE,
        ),
        "expected no partial derivative",
    ),
    (
        "specialise, conclusion",
        lambda: after(LAW, "specialise", sigma(x[1]), x[2], real=u, value=x[1]),
        "the conclusion is sigma(x[1]) = x[1]",
    ),
    (
        "derivative, free in the hypothesis",
        lambda: after(says("h", U - 1), "derivative", ONE, ZERO, real=u),
        "u is free in hypothesis h",
    ),
    (
        "derivative, conclusion",
        lambda: after(LAW, "derivative", sigma(U, order=1), ZERO, real=u),
        "the conclusion is sigma'(u[]) = 1",
    ),
    (
        "derivative, an entry",
        lambda: after(LAW, "derivative", ONE, ONE, real=x),
        "expected a real tensor without index, found x",
    ),
)
