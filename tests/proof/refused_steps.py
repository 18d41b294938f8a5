"""Certificates that break one condition of the checker each: contexts, steps, induction.

A row: what is wrong; a function that makes the file; a part of the refusal; bounds that are made smaller, so
that a small file breaks them.
"""

from __future__ import annotations

from typing import Any

from certificate_drafts import Draft, changed, one
from certificate_setting import (
    GOAL,
    GOOD,
    LAW,
    NEXT,
    ONE_IS_X,
    START,
    X_IS_Y,
    U,
    after,
    by_step,
    f,
    g,
    induction,
    real_goal,
    says,
    step,
    two,
    u,
    v,
)
from kernel_setting import ONE, ZERO, L, N, j, k, l, sigma, x, y
from sympy import Rational

from symderive.calculus import tensor
from symderive.calculus.ranges import EMPTY, Context
from symderive.proof.kernel import Hypothesis, hypothesis_of

REFUSED: tuple[Any, ...] = (
    # contexts and hypotheses
    (
        "a number as index",
        lambda: changed(GOOD, lambda d: d.update(contexts=[[[0, 0, 0]]])),
        "contexts: expected a new index, found 1",
    ),
    (
        "a size as index",
        lambda: one("reflexivity", ONE, ONE, Context(((N, ONE, ONE),))),
        "contexts: expected a new index, found N",
    ),
    (
        "an index twice",
        lambda: one("reflexivity", ONE, ONE, Context(((k, ONE, N), (k, ONE, N)))),
        "expected a new index, found k",
    ),
    (
        "a range with a later index",
        lambda: one("reflexivity", ONE, ONE, Context(((k, ONE, j), (j, ONE, N)))),
        "expected a range of k in terms of those before it",
    ),
    (
        "a range from a later index",
        lambda: one("reflexivity", ONE, ONE, Context(((k, j, N), (j, ONE, N)))),
        "expected a range of k in terms of those before it",
    ),
    (
        "a range to a half",
        lambda: one("reflexivity", ONE, ONE, Context(((k, ONE, Rational(7, 2)),))),
        "contexts: expected a whole, found 7/2",
    ),
    ("no such context", lambda: step(context=3), "expected a context, found 3"),
    ("a context from behind", lambda: step(context=-1), "expected a context, found -1"),
    ("no such hypothesis", lambda: step(hypotheses=[0]), "expected a hypothesis, found 0"),
    (
        "a hypothesis from behind",
        lambda: changed(
            after(ONE_IS_X, "symmetry", ONE, x[1]), lambda d: d["steps"][1].update(hypotheses=[-1])
        ),
        "expected a hypothesis, found -1",
    ),
    ("a hypothesis by a word", lambda: step(hypotheses=["h"]), "expected a hypothesis, found 'h'"),
    (
        "a hypothesis without a name",
        lambda: after(says("", x[1]), "reflexivity", ONE, ONE),
        "hypotheses: expected a name, found ''",
    ),
    (
        "a hypothesis with a number as name",
        lambda: changed(
            after(ONE_IS_X, "symmetry", ONE, x[1]), lambda d: d["hypotheses"][0].__setitem__(0, 5)
        ),
        "hypotheses: expected a name, found 5",
    ),
    (
        "a hypothesis of two lines",
        lambda: after(says("a\nb", x[1]), "reflexivity", ONE, ONE),
        "expected a name, found",
    ),
    (
        "an axiom",
        lambda: after(says("h", x[1], kind="axiom"), "reflexivity", ONE, ONE),
        "hypotheses: expected a kind of",
    ),
    (
        "a law for all entries",
        lambda: after(says("h", x[1], (), (x,)), "reflexivity", ONE, ONE),
        "expected reals without index",
    ),
    (
        "a law for all integers",
        lambda: after(says("h", x[1], (), (tensor("q", kind="integer"),)), "reflexivity", ONE, ONE),
        "expected reals without index",
    ),
    (
        "a law for all differentials",
        lambda: after(says("h", x[1], (), (u.tangent(),)), "reflexivity", ONE, ONE),
        "expected reals without index",
    ),
    (
        "a law for all of a size",
        lambda: changed(
            after(LAW, "symmetry", U, sigma(U)),
            lambda d: (
                d["table"].append(["size", "N"]),
                d["hypotheses"][0].__setitem__(5, [len(d["table"]) - 1]),
            ),
        ),
        "expected reals without index",
    ),
    (
        "a law of differentials",
        lambda: after(says("h", U * v.tangent()[()], (), (u,)), "reflexivity", ONE, ONE),
        "expected no differentials in a law for all real numbers",
    ),
    # every step
    ("no step", lambda: changed(GOOD, lambda d: d.update(steps=[5])), "step 0, None: expected a rule of"),
    ("an unknown rule", lambda: step(rule="axiom"), "step 0, axiom: expected a rule of reflexivity"),
    ("a method as rule", lambda: step(rule="given"), "step 0, given: expected a rule of reflexivity"),
    ("no premises", lambda: step(premises=None), "step 0, reflexivity: expected premises as list"),
    (
        "a step as its own premise",
        lambda: step(rule="symmetry", premises=[0]),
        "expected earlier steps as premises",
    ),
    (
        "a premise from behind",
        lambda: step(rule="symmetry", premises=[-1]),
        "expected earlier steps as premises",
    ),
    (
        "a premise by a word",
        lambda: step(rule="symmetry", premises=["0"]),
        "expected earlier steps as premises",
    ),
    (
        "another context",
        lambda: after(X_IS_Y, "symmetry", y[k], x[k], Context.of((k, 0, N))),
        "the conclusion holds in another context",
    ),
    (
        "a hypothesis dropped",
        lambda: after(ONE_IS_X, "symmetry", ONE, x[1], hyps=()),
        "the conclusion has other hypotheses",
    ),
    (
        "a hypothesis added",
        lambda: after(ONE_IS_X, "symmetry", ONE, x[1], hyps=(ONE_IS_X, LAW)),
        "the conclusion has other hypotheses",
    ),
    (
        "two hypotheses of one name",
        lambda: two(
            "transitivity", hypothesis_of("h", x[1], x[2]), hypothesis_of("h", x[2], x[3]), x[1], x[3]
        ),
        "two hypotheses have one name",
    ),
    (
        "a hypothesis without a range",
        lambda: one(
            "assume",
            ONE,
            ONE,
            hyps=[Hypothesis("h", ONE, ONE, ((k, ONE, j),))],
            hypothesis=Hypothesis("h", ONE, ONE, ((k, ONE, j),)),
            outer=EMPTY,
        ),
        "expected a range of k in terms of those before it",
    ),
    ("a premise too many", lambda: after(ONE_IS_X, "reflexivity", ONE, ONE), "expected 0 premises, found 1"),
    # induction
    (
        "induction, no such goal",
        lambda: induction([GOAL], [START], [NEXT], [], which=1),
        "expected one of 1 goals, found 1",
    ),
    (
        "induction, a goal from behind",
        lambda: induction([GOAL], [START], [NEXT], [], which=-1),
        "expected one of 1 goals, found -1",
    ),
    (
        "induction, a size as index",
        lambda: induction([GOAL], [START], [NEXT], [], limits=(N, ZERO, L)),
        "expected a new index, found N",
    ),
    (
        "induction, a premise missing",
        lambda: induction([GOAL], [START], [NEXT], [], premises=1),
        "expected 2 premises, found 1",
    ),
    (
        "induction, a wrong base",
        lambda: induction([GOAL], [says("start", f[1])], [NEXT], []),
        "found f[1] = 0 at base or step, not f[0] = 0",
    ),
    (
        "induction, a wrong step",
        lambda: induction([GOAL], [START], [says("next", f[l])], []),
        "found f[l] = 0 at base or step, not f[l + 1] = 0",
    ),
    (
        "induction downwards, the base of the other way",
        lambda: induction([GOAL], [START], [says("next", f[l])], [], rule="induction downwards"),
        "found f[0] = 0 at base or step, not f[L] = 0",
    ),
    (
        "induction, a step in another range",
        lambda: induction([GOAL], [START], [NEXT], [], inner=Context.of((l, 0, L - 2))),
        "base or step of f is 0 holds in another context",
    ),
    (
        "induction, a step with the index in a hypothesis",
        lambda: induction([GOAL], [START], [NEXT], [NEXT, START]),
        "an index is free in hypothesis next",
    ),
    (
        "induction, the own index of a goal",
        lambda: induction([GOAL, says("g", f[l], ((l, 0, L),))], [START, START], [NEXT, NEXT], []),
        "capture of an own index of hypothesis g",
    ),
    ("induction, a base for one real number", real_goal, "[u] is free in hypothesis base"),
    (
        "induction, another conclusion",
        lambda: changed(by_step(GOAL), lambda d: d["steps"][-1].update(lhs=d["steps"][0]["lhs"])),
        "the conclusion is f[l] = 0",
    ),
    (
        "induction, the goal as its own premise",
        lambda: by_step(GOAL, extra=says("other", g[l])),
        "an index is free in hypothesis other",
    ),
)


def second_differential() -> str:
    """phi(u) = u, differentiated twice, and then u = x."""
    du, ddu = u.tangent()[()], u.tangent().tangent()[()]
    once = sigma(U, order=1) * du
    twice = sigma(U, order=2) * du**2 + sigma(U, order=1) * ddu
    draft = Draft()
    draft.assume(LAW)
    draft.step("differentiation", once, du, EMPTY, [LAW], [0])
    draft.step("differentiation", twice, ddu, EMPTY, [LAW], [1])
    draft.step(
        "specialise",
        twice.xreplace({U: x[1], du: x.tangent()[1]}),
        ddu,
        EMPTY,
        [LAW],
        [2],
        real=u,
        value=x[1],
    )
    return draft.text()


def derivative_of_differentials() -> str:
    """sigma(u) = u, differentiated along the variable, and then by u."""
    du = u.tangent()[()]
    draft = Draft()
    draft.assume(LAW)
    draft.step("differentiation", sigma(U, order=1) * du, du, EMPTY, [LAW], [0])
    draft.step("derivative", sigma(U, order=2) * du, ZERO, EMPTY, [LAW], [1], real=u)
    return draft.text()


REFUSED += (
    ("specialise, a second differential", second_differential, "expected no second differential of u"),
    ("derivative, of differentials", derivative_of_differentials, "expected no differentials"),
)
