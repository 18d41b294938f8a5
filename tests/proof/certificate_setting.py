"""Symbols, hypotheses and short certificates that the tables of refused certificates share."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from certificate_drafts import Draft, changed, one
from kernel_setting import ONE, ZERO, L, N, j, k, l, sigma, x, y
from sympy import Expr, Integer, Symbol

from symderive.calculus import Bracket, IndexSum, tensor
from symderive.calculus.ranges import EMPTY, Context
from symderive.proof.kernel import Hypothesis, hypothesis_of

Case = tuple[str, Callable[[], Any], str, dict[str, Any]]

SUM = IndexSum(x[k], (k, 1, N))
JK = Context.of((j, 1, N), (k, 1, N))
J = Context.of((j, 1, N))
u, v, f, g, b = (
    tensor("u"),
    tensor("v"),
    tensor("f", (l, 0, L)),
    tensor("g", (l, 0, L)),
    tensor("b", (l, 0, L)),
)
U = u[()]
X_IS_Y = hypothesis_of("x is y", x[k], y[k], ((k, 1, N),))
Y_AT_J = hypothesis_of("y at j", y[j], ZERO)
ONE_IS_X = hypothesis_of("one is x", x[1], ONE)
LAW = hypothesis_of("law", sigma(U), U, (), "assumption", (u,))
SIZE_AS_INDEX = Symbol("N", integer=True)


def raw(*rows: Any, **parts: Any) -> str:
    """A file with this table, and one theorem, of a step that is not there."""
    empty = {"hypotheses": [], "contexts": [[]], "steps": [], "theorems": {"t": 0}}
    return json.dumps({"format": "symderive-certificate", "version": 1, "table": rows, **empty, **parts})


GOOD = one("reflexivity", x[1], x[1])


def step(**values: Any) -> str:
    """A certificate of one good step, with other entries in it."""
    return changed(GOOD, lambda data: data["steps"][0].update(values))


def after(h: Hypothesis, rule: str, lhs: Expr, rhs: Expr, ctx: Context = EMPTY, outer: Context = EMPTY,
          hyps: tuple[Hypothesis, ...] | None = None, **arguments: Any) -> str:  # fmt: skip
    """A hypothesis, and a step from it alone."""
    draft = Draft()
    draft.assume(h, outer)
    draft.step(rule, lhs, rhs, ctx, (h,) if hyps is None else hyps, [0], **arguments)
    return draft.text()


def two(rule: str, s: Hypothesis, t: Hypothesis, lhs: Expr, rhs: Expr, ctx: Context = EMPTY,
        **arguments: Any) -> str:  # fmt: skip
    """Two hypotheses, and a step from both."""
    draft = Draft()
    draft.assume(s)
    draft.assume(t)
    draft.step(rule, lhs, rhs, ctx, sorted({s, t}, key=str), [0, 1], **arguments)
    return draft.text()


def under(e: Expr, path: list[Any], rhs: Expr, h: Hypothesis = X_IS_Y, ctx: Context = EMPTY,
          outer: Context = EMPTY) -> str:  # fmt: skip
    """A hypothesis put in at a path; letters stand in lists."""
    draft = Draft()
    draft.assume(h, outer)
    draft.step(
        "congruence", e, rhs, ctx, [h], [0], paths=[[[s] if isinstance(s, Symbol) else s for s in path]]
    )
    return draft.text()


def instance(values: list[Any], rhs: int | Expr = 0, ctx: Context = EMPTY, h: Hypothesis = X_IS_Y,
             outer: Context = EMPTY, lhs: Expr = x[1]) -> str:  # fmt: skip
    return after(h, "instantiate", lhs, Integer(0) + rhs, ctx, outer, values=values)


def induction(
    goals: list[Hypothesis], bases: list[Hypothesis], steps: list[Hypothesis], left: list[Hypothesis],
    which: int = 0, limits: tuple[Any, ...] = (l, ZERO, L), ctx: Context = EMPTY, rule: str = "induction",
    inner: Context | None = None, outer: Context = EMPTY, premises: int | None = None,
    lhs: Expr | None = None,
) -> str:  # fmt: skip
    """An induction whose bases and steps are assumed."""
    draft = Draft()
    numbers = [draft.assume(h, outer) for h in bases]
    inner = Context.of((l, 0, L - 1)) if inner is None else inner
    numbers += [draft.assume(h, inner) for h in steps]
    goal = goals[which] if 0 <= which < len(goals) else goals[0]
    whole = Context((*ctx.limits, *(limits,), *goal.indices))
    draft.step(rule, goal.lhs if lhs is None else lhs, goal.rhs, whole, left, numbers[:premises],
               goals=goals, which=which, limits=limits, outer=ctx)  # fmt: skip
    return draft.text()


def says(name: str, e: Expr, own: Any = (), reals: Any = (), kind: str = "assumption") -> Hypothesis:
    return hypothesis_of(name, e, ZERO, own, kind, reals)


GOAL, START, NEXT = says("f is 0", f[l], kind="induction"), says("start", f[0]), says("next", f[l + 1])
EVERY = says("recursion", f[l], ((l, 0, L),))


def by_step(goal: Hypothesis, extra: Hypothesis | None = None) -> str:
    """An induction on f whose step follows from a law for all l; or from one more, which it may not."""
    draft = Draft()
    inner = Context.of((l, 0, L - 1))
    base = draft.assume(START)
    every = draft.assume(EVERY)
    carried = draft.step("instantiate", f[l + 1], ZERO, inner, [EVERY], [every], values=[(l, l + 1)])
    left = [EVERY, START]
    if extra is not None:
        more = draft.assume(extra, inner)
        zero = draft.step(
            "transitivity",
            extra.lhs,
            ZERO,
            inner,
            [extra],
            [more, draft.step("reflexivity", ZERO, ZERO, inner)],
        )
        back = draft.step("symmetry", ZERO, extra.lhs, inner, [extra], [zero])
        carried = draft.step(
            "transitivity", f[l + 1], extra.lhs, inner, sorted({EVERY, extra}, key=str), [carried, back]
        )
        carried = draft.step(
            "transitivity", f[l + 1], ZERO, inner, sorted({EVERY, extra}, key=str), [carried, zero]
        )
        left = [EVERY, START, extra]
    draft.step("induction", f[l], ZERO, Context.of((l, 0, L)), sorted(left, key=str), [base, carried],
               goals=[goal], which=0, limits=(l, ZERO, L), outer=EMPTY)  # fmt: skip
    return draft.text()


def real_goal() -> str:
    """f_l u + b_l = 0 for all real u, whose base is shown for u = 0 alone."""
    goal = says("P", f[l] * U + b[l], (), (u,), "induction")
    base, after_ = says("base", f[0] * U + b[0]), says("step", f[l + 1] * U + b[l + 1], (), (u,))
    every = says("step", f[l] * U + b[l], ((l, 0, L),), (u,))
    draft = Draft()
    first = draft.assume(base)
    second = draft.assume(every)
    inner = Context.of((l, 0, L - 1))
    second = draft.step("instantiate", after_.lhs, ZERO, inner, [every], [second], values=[(l, l + 1)])
    draft.step("induction", goal.lhs, ZERO, Context.of((l, 0, L)), [base, every], [first, second],
               goals=[goal], which=0, limits=(l, ZERO, L), outer=EMPTY)  # fmt: skip
    return draft.text()


HALF_DELTA = IndexSum(Bracket.equal(k, N / 2) * x[1], (k, 1, N))
STRIDE = IndexSum(Bracket.equal(2 * k, j) * x[k], (k, 1, N))
SQUARE = IndexSum(Bracket.equal(k, k**2 - j) * x[k], (k, 1, N))
X, Y = (
    [["index", "k"], ["integer", 1], ["size", "N"]],
    ["tensor", "x", [[1, 2]], 0, "x", "real", ["k"], "plain", ""],
)


def tens(*change: Any, **fields: Any) -> str:
    """A table with one tensor, of which some fields are others."""
    row = dict(zip(("head", "name", "axes", "sup", "look", "kind", "own", "style", "mark"), Y, strict=True))
    return raw(*X, *change, [*(row | fields).values()])
