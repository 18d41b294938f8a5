"""Certificates that break one condition of the checker each: rules.

A row: what is wrong; a function that makes the file; a part of the refusal; bounds that are made smaller, so
that a small file breaks them.
"""

from __future__ import annotations

from typing import Any

from certificate_drafts import changed, one
from certificate_setting import (
    ONE_IS_X,
    SUM,
    X_IS_Y,
    Y_AT_J,
    J,
    after,
    instance,
    two,
    under,
)
from kernel_setting import ONE, TO_N, ZERO, L, N, a, i, j, k, l, n, pi, rho, sigma, w, x, y
from sympy import Integer, Rational

from symderive.calculus import IndexSum, tensor
from symderive.calculus.ranges import EMPTY, Context
from symderive.calculus.terms import PartialDerivative
from symderive.proof.kernel import hypothesis_of

REFUSED: tuple[Any, ...] = (
    # rules
    (
        "reflexivity of two terms",
        lambda: one("reflexivity", x[1], x[2]),
        "the conclusion is x[1] = x[1], found x[1] = x[2]",
    ),
    ("symmetry without a premise", lambda: one("symmetry", x[1], x[1]), "expected 1 premises, found 0"),
    (
        "symmetry the same way",
        lambda: after(ONE_IS_X, "symmetry", x[1], ONE),
        "the conclusion is 1 = x[1], found x[1] = 1",
    ),
    (
        "transitivity, one premise",
        lambda: after(ONE_IS_X, "transitivity", x[1], ONE),
        "expected 2 premises, found 1",
    ),
    (
        "transitivity, contexts",
        lambda: two(
            "transitivity", X_IS_Y, hypothesis_of("y is 0", y[k], ZERO, ((k, 1, 3),)), x[k], ZERO, TO_N
        ),
        "expected one context for both premises",
    ),
    (
        "transitivity, middle terms",
        lambda: two(
            "transitivity", hypothesis_of("h", x[1], x[2]), hypothesis_of("g", x[3], x[4]), x[1], x[4]
        ),
        "middle terms differ: x[2] and x[3]",
    ),
    (
        "transitivity, conclusion",
        lambda: two(
            "transitivity", hypothesis_of("h", x[1], x[2]), hypothesis_of("g", x[2], x[4]), x[1], x[3]
        ),
        "the conclusion is x[1] = x[4]",
    ),
    (
        "assume, another equation",
        lambda: one("assume", x[1], ZERO, hyps=[ONE_IS_X], hypothesis=ONE_IS_X, outer=EMPTY),
        "the conclusion is x[1] = 1, found x[1] = 0",
    ),
    (
        "assume, with a premise",
        lambda: after(ONE_IS_X, "assume", x[1], ONE, hypothesis=ONE_IS_X, outer=EMPTY),
        "expected 0 premises, found 1",
    ),
    (
        "assume, its index in the context",
        lambda: one(
            "assume",
            x[k],
            y[k],
            Context(((k, ONE, N), (k, ONE, N))),
            hyps=[X_IS_Y],
            hypothesis=X_IS_Y,
            outer=TO_N,
        ),
        "expected a new index, found k",
    ),
    (
        "instantiate, no premise",
        lambda: one("instantiate", x[1], x[1], values=[]),
        "expected 1 premises, found 0",
    ),
    ("instantiate, no index", lambda: instance([(j, ONE)], y[1]), "j is no index of the premise"),
    ("instantiate, no integer", lambda: instance([(k, Rational(1, 2))], y[1]), "expected a whole, found 1/2"),
    ("instantiate, a value without range", lambda: instance([(k, j)], y[1]), "a letter of j has no range"),
    ("instantiate, an index left out", lambda: instance([], y[1]), "no range of k in the context"),
    (
        "instantiate, below the range",
        lambda: instance([(k, ZERO)], y[0], lhs=x[0]),
        "range of k: 0 is not known to lie in 1..N",
    ),
    (
        "instantiate, above the range",
        lambda: instance([(k, N + 1)], y[N + 1], lhs=x[N + 1]),
        "range of k: N + 1 is not known to lie in 1..N",
    ),
    (
        "instantiate, a shared index",
        lambda: instance([(j, ONE)], 0, EMPTY, Y_AT_J, J, lhs=y[1]),
        "j is shared with a hypothesis: it may not become 1",
    ),
    (
        "instantiate, conclusion",
        lambda: instance([(k, ONE)], y[2]),
        "the conclusion is x[1] = y[1], found x[1] = y[2]",
    ),
    (
        "congruence, paths and premises",
        lambda: after(X_IS_Y, "congruence", SUM, SUM, paths=[]),
        "expected 0 premises, found 1",
    ),
    (
        "congruence, no path",
        lambda: changed(
            under(SUM, [k], IndexSum(y[k], (k, 1, N))), lambda d: d["steps"][1].update(paths=[["k"]])
        ),
        "expected positions and letters in a path, found 'k'",
    ),
    (
        "congruence, a letter of two",
        lambda: changed(
            under(SUM, [k], IndexSum(y[k], (k, 1, N))), lambda d: d["steps"][1].update(paths=[[[0, 0]]])
        ),
        "expected positions and letters in a path, found [0, 0]",
    ),
    (
        "congruence, two at one place",
        lambda: two(
            "congruence",
            hypothesis_of("h", x[1], x[2]),
            hypothesis_of("g", x[1], x[3]),
            x[1],
            x[2],
            paths=[[], []],
        ),
        "two replacements overlap at x[1]",
    ),
    (
        "congruence, another subterm",
        lambda: under(y[1] + 1, [1], ZERO, ONE_IS_X),
        "is not the left side x[1]",
    ),
    (
        "congruence, range under the sum",
        lambda: under(IndexSum(x[k], (k, 0, N)), [k], IndexSum(y[k], (k, 0, N))),
        "range of k: the premise needs 1..N",
    ),
    (
        "congruence, no such index",
        lambda: under(x[1], [], ZERO, hypothesis_of("h", x[1], ZERO, ((k, 1, N),))),
        "range of k: the premise needs 1..N",
    ),
    (
        "congruence, capture by a hypothesis",
        lambda: under(
            IndexSum(y[k], (k, 1, N)),
            [j],
            IndexSum(ZERO + x[1], (k, 1, N)),
            hypothesis_of("y at j", y[j], x[1]),
            EMPTY,
            J,
        ),
        "a bound index is shared with hypothesis y at j",
    ),
    (
        "congruence, in a partial derivative",
        lambda: under(
            PartialDerivative(x[1], y[1]), [0], PartialDerivative(y[1], y[1]), hypothesis_of("h", x[1], y[1])
        ),
        "is no function of the values of its parts",
    ),
    (
        "congruence, in an exponent",
        lambda: under(x[1] ** 2, [1], x[1] ** 3, hypothesis_of("h", Integer(2), Integer(3))),
        "the exponent of x[1]**2 is no part that may be replaced",
    ),
    (
        "congruence, no such argument",
        lambda: under(x[1] + 1, [2], ZERO, ONE_IS_X),
        "no argument 2 in x[1] + 1",
    ),
    (
        "congruence, an argument from behind",
        lambda: under(x[1] + 1, [-1], Integer(2), ONE_IS_X),
        "no argument -1 in x[1] + 1",
    ),
    (
        "congruence, a body without a letter",
        lambda: under(IndexSum(x[1], (k, 1, N)), [0], IndexSum(ONE, (k, 1, N)), ONE_IS_X),
        "no argument 0 in sum(x[1], i=1..N)",
    ),
    (
        "congruence, a letter without a sum",
        lambda: under(x[1] + 1, [k], ZERO, ONE_IS_X),
        "expected one letter for the index of a sum in x[1] + 1",
    ),
    (
        "congruence, two letters",
        lambda: two(
            "congruence",
            X_IS_Y,
            hypothesis_of("x is 0", x[j], ZERO, ((j, 1, N),)),
            SUM,
            ZERO,
            paths=[[[k]], [[j]]],
        ),
        "expected one letter for the index of a sum",
    ),
    ("congruence, a size as letter", lambda: under(SUM, [N], ZERO), "capture: N may not name the index of"),
    (
        "congruence, a letter of the context",
        lambda: under(SUM, [k], IndexSum(y[k], (k, 1, N)), ctx=TO_N),
        "capture: k may not name the index of",
    ),
    (
        "congruence, a letter of the sum",
        lambda: under(
            IndexSum(w[j, k], (k, 1, N)), [j], ZERO, hypothesis_of("h", w[j, j], ZERO, ((j, 1, N),)), J
        ),
        "capture: j may not name the index of",
    ),
    (
        "congruence, conclusion",
        lambda: under(SUM, [k], IndexSum(y[k], (k, 2, N))),
        "the conclusion is sum(x[k], k=1..N) = sum(y[k], k=1..N)",
    ),
    (
        "ring, the sum of squares",
        lambda: one("ring", IndexSum(x[k] ** 2, (k, 1, N)), SUM**2),
        "do not multiply out to the same",
    ),
    (
        "ring, another coefficient",
        lambda: one("ring", x[1] * (x[2] + 1), x[1] * x[2] + 2 * x[1]),
        "do not multiply out to the same",
    ),
    ("ring, with a premise", lambda: after(ONE_IS_X, "ring", ONE, ONE), "expected 0 premises, found 1"),
    (
        "ring, another range",
        lambda: one("ring", SUM, IndexSum(x[k], (k, 1, L))),
        "do not multiply out to the same",
    ),
    (
        "ring, another entry",
        lambda: one("ring", IndexSum(w[j, k] * x[k], (k, 1, N)), IndexSum(w[k, j] * x[k], (k, 1, N)), J),
        "do not multiply out to the same",
    ),
    (
        "ring, one index for two",
        lambda: one(
            "ring",
            IndexSum(IndexSum(w[i, k], (i, 1, N)), (k, 1, N)),
            IndexSum(IndexSum(w[k, k], (i, 1, N)), (k, 1, N)),
        ),
        "do not multiply out to the same",
    ),
    (
        "ring, an outer index for a bound one",
        lambda: one("ring", IndexSum(w[k, k], (k, 1, N)), IndexSum(w[j, k], (k, 1, N)), J),
        "do not multiply out to the same",
    ),
    (
        "ring, a number for a bound index",
        lambda: one("ring", IndexSum(w[1, k], (k, 1, N)), IndexSum(w[k, 1], (k, 1, N))),
        "do not multiply out to the same",
    ),
    (
        "ring, a sum for a product",
        lambda: one("ring", IndexSum(sigma(2 * x[k]), (k, 1, N)), IndexSum(sigma(2 + x[k]), (k, 1, N))),
        "do not multiply out to the same",
    ),
    (
        "ring, a factor more",
        lambda: one(
            "ring", IndexSum(sigma(y[k] * x[k]), (k, 1, N)), IndexSum(sigma(y[k] * x[k] * x[1]), (k, 1, N))
        ),
        "do not multiply out to the same",
    ),
    (
        "ring, too many monomials",
        lambda: one("ring", (x[1] + x[2]) * (y[1] + y[2]), ZERO),
        "expected at most 3 monomials, found more",
        {"ring.MONOMIALS": 3},
    ),
    (
        "ring, too many monomials in a sum",
        lambda: one("ring", x[1] + x[2], ZERO),
        "expected at most 1 monomials, found more",
        {"ring.MONOMIALS": 1},
    ),
    (
        "ring, too high a power",
        lambda: one("ring", (x[1] + x[2]) ** 3, ZERO),
        "expected an exponent of at most 2, found 3",
        {"ring.POWER": 2},
    ),
    (
        "ring, too many attempts",
        lambda: one("ring", SUM, IndexSum(y[k], (k, 1, N)) * 0 + SUM),
        "expected sums that match in 0 attempts",
        {"ring.ATTEMPTS": 0},
    ),
    (
        "reindex, no sum",
        lambda: one("reindex", x[1], x[1], permutation=rho, parameters=[]),
        "expected a sum, found x[1]",
    ),
    (
        "reindex, no permutation",
        lambda: one(
            "reindex",
            SUM,
            IndexSum(x[tensor("q", (k, 1, N), kind="integer")[k]], (k, 1, N)),
            permutation=tensor("q", (k, 1, N), kind="integer"),
            parameters=[],
        ),
        "expected a permutation, found q",
    ),
    (
        "reindex, a function as permutation",
        lambda: changed(
            one("reindex", SUM, SUM, permutation=rho, parameters=[]),
            lambda d: (
                d["table"].append(["function", "s", "s", 0]),
                d["steps"][0].update(permutation=len(d["table"]) - 1),
            ),
        ),
        "expected a permutation, found s",
    ),
    (
        "reindex, a layer out of range",
        lambda: one(
            "reindex",
            IndexSum(a[l, j], (j, 1, n[l])),
            IndexSum(a[l, pi[l, j]], (j, 1, n[l])),
            Context.of((l, 0, L)),
            permutation=pi,
            parameters=[l],
        ),
        "l is not known to lie in 1..L, a range of pi",
    ),
)
