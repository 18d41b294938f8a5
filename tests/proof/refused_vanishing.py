"""Certificates that say more of a sum of squares than follows."""

from __future__ import annotations

from typing import Any

from certificate_drafts import Draft, one
from certificate_setting import J, after, two
from kernel_setting import ONE, ZERO, N, j, k, w, x, y
from sympy import Expr, Symbol, exp

from symderive.calculus import Bracket, IndexSum
from symderive.calculus.ranges import EMPTY, Context
from symderive.proof.kernel import hypothesis_of


def vanishes(e: Expr, path: list[Any], lhs: Expr, ctx: Context = EMPTY, right: Expr = ZERO,
             outer: Context = EMPTY, rhs: Expr = ZERO) -> str:  # fmt: skip
    """e = 0, and a step to a part of it; letters stand in lists."""
    path = [[s] if isinstance(s, Symbol) else s for s in path]
    return after(hypothesis_of("h", e, right), "vanishing", lhs, rhs, ctx, outer, path=path)


ROW = IndexSum(w[j, k] ** 2, (k, 1, N))
WEIGHTED = N * exp(x[1]) * (y[1] - x[2])
LAST = list(WEIGHTED.args).index(y[1] - x[2])
CANCEL = x[1] ** 2 + y[1]
TO_N = Context.of((k, 1, N))


def even() -> str:
    """A file in which a letter of a path is no index."""
    draft = Draft()
    draft.assume(hypothesis_of("h", IndexSum(x[k] ** 2, (k, 1, N)), ZERO))
    h = hypothesis_of("h", IndexSum(x[k] ** 2, (k, 1, N)), ZERO)
    draft.step("vanishing", x[1] ** 2, ZERO, EMPTY, [h], [0], path=[[N]])
    return draft.text()


REFUSED: tuple[Any, ...] = (
    ("vanishing, no premise", lambda: one("vanishing", ZERO, ZERO, path=[]), "expected 1 premises, found 0"),
    (
        "vanishing, two premises",
        lambda: two(
            "vanishing", hypothesis_of("g", x[1], ZERO), hypothesis_of("h", y[1], ZERO), x[1], ZERO, path=[]
        ),
        "expected 1 premises, found 2",
    ),
    (
        "vanishing, not 0",
        lambda: vanishes(x[1] ** 2, [0], x[1], right=ONE),
        "expected an equation with 0 on the right, found 1",
    ),
    (
        "vanishing, terms that cancel",
        lambda: vanishes(CANCEL, [list(CANCEL.args).index(y[1])], y[1]),
        "has a term that may be negative",
    ),
    (
        "vanishing, terms of a sum that cancel",
        lambda: vanishes(IndexSum(x[k], (k, 1, N)), [k], x[k], TO_N),
        "has a term that may be negative",
    ),
    (
        "vanishing, a size as a letter",
        even,
        "N may not name the index of",
    ),
    (
        "vanishing, a letter that is taken",
        lambda: vanishes(ROW, [j], w[j, j] ** 2, J, outer=J),
        "j may not name the index of",
    ),
    (
        "vanishing, a letter of the context",
        lambda: vanishes(IndexSum(x[k] ** 2, (k, 1, N)), [j], x[j] ** 2, J, outer=J),
        "j may not name the index of",
    ),
    (
        "vanishing, a number at a sum",
        lambda: vanishes(IndexSum(x[k] ** 2, (k, 1, N)), [0], x[1] ** 2),
        "None may not name the index of",
    ),
    (
        "vanishing, two letters at a sum",
        lambda: vanishes(IndexSum(x[k] ** 2, (k, 1, N)), [[k, k]], x[k] ** 2, TO_N),
        "None may not name the index of",
    ),
    (
        "vanishing, a letter at a product",
        lambda: vanishes(WEIGHTED, [k], y[1] - x[2]),
        "that must be 0",
    ),
    ("vanishing, a truth value", lambda: vanishes(x[1] ** 2, [False], x[1]), "that must be 0"),
    ("vanishing, below the first", lambda: vanishes(WEIGHTED, [LAST - 3], y[1] - x[2]), "that must be 0"),
    ("vanishing, beyond the last", lambda: vanishes(WEIGHTED, [3], x[1]), "that must be 0"),
    (
        "vanishing, the part of a bracket",
        lambda: vanishes(Bracket.at_most(1, N - 1), [1], ONE),
        "that must be 0",
    ),
    ("vanishing, an exponent", lambda: vanishes(x[1] ** 2, [1], ONE + 1), "is 0 without its part 1"),
    (
        "vanishing, an inverse",
        lambda: vanishes(1 / (1 + x[1] ** 2), [0], 1 + x[1] ** 2),
        "is 0 without its part 0",
    ),
    (
        "vanishing, another factor may be 0",
        lambda: vanishes(x[1] ** 2 * y[1] ** 2, [0], x[1] ** 2),
        "may be 0 by another factor",
    ),
    (
        "vanishing, a factor before it may be 0",
        lambda: vanishes(x[1] ** 2 * y[1] ** 2, [1], y[1] ** 2),
        "may be 0 by another factor",
    ),
    (
        "vanishing, another conclusion",
        lambda: vanishes(x[1] ** 2, [0], y[1]),
        "the conclusion is x[1] = 0, found y[1] = 0",
    ),
    (
        "vanishing, another right side",
        lambda: vanishes(x[1] ** 2, [0], x[1], rhs=ONE),
        "the conclusion is x[1] = 0, found x[1] = 1",
    ),
    (
        "vanishing, another range",
        lambda: vanishes(IndexSum(x[k] ** 2, (k, 1, N)), [k], x[k] ** 2, Context.of((k, 0, N))),
        "the conclusion holds in another context",
    ),
)
