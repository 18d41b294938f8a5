"""Induction upwards and downwards: what the base, the step and the hypotheses must be."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import pytest
from kernel_setting import ONE, ZERO, L, assumed, j, k, l, n, sigma
from sympy import Expr

from symderive.calculus import tensor
from symderive.calculus.ranges import EMPTY, Context
from symderive.proof import kernel
from symderive.proof.kernel import Hypothesis, KernelError, Theorem, hypothesis_of

f = tensor("f", (l, 0, L), (j, 1, n[l]), sup=1)
g = tensor("g", (l, 0, L), (j, 1, n[l]), sup=1)
BELOW, ALL = Context.of((l, 0, L - 1)), (l, ZERO, L)
GOAL = hypothesis_of("f is g", f[l, j], g[l, j], ((j, 1, n[l]),), "induction")
START = assumed("equal at 0", f[0, j], g[0, j], (j, 1, n[0]))
END = assumed("equal at the end", f[L, j], g[L, j], (j, 1, n[L]))


def carried(of: Expr, by: int, ctx: Context, claim: Hypothesis = GOAL) -> Theorem:
    """One step: f and g at the layer `of` are sigma of f and g, `by` layers further."""
    own = (j, 1, n[of])

    def law(t: object) -> Theorem:
        name = f"recursion of {t}"
        return assumed(name, t[l, j], sigma(t[l + by, 1]), (l, 0, L), (j, 1, n[l]))  # type: ignore[index]

    known = kernel.instantiate(kernel.assume(claim.shift({l: of + by}), ctx), {j: ONE}, ctx)
    inner = ctx.bind(*own)
    left, right = (kernel.instantiate(law(t), {l: of, j: j}, inner) for t in (f, g))
    middle = kernel.congruence(left.rhs, [((2,), kernel.instantiate(known, {}, inner))], inner)
    return kernel.transitivity(kernel.transitivity(left, middle), kernel.symmetry(right))


UP = carried(l + 1, -1, BELOW)
DOWN = carried(l, 1, BELOW)


def induct(
    goals: Sequence[Hypothesis] = (GOAL,),
    bases: Sequence[Theorem] = (START,),
    steps: Sequence[Theorem] = (UP,),
    limits: tuple[object, Expr, Expr] = ALL,
    ctx: Context = EMPTY,
    downwards: bool = False,
    which: int = 0,
) -> Theorem:
    return kernel.induction(goals, which, bases, steps, limits, ctx, downwards)  # type: ignore[arg-type]


def test_upwards() -> None:
    t = induct()
    assert str(t) == (
        "l in 0..L, j in 1..n[l]; equal at 0, recursion of f, recursion of g |- f[l, j] = g[l, j]"
    )


def test_downwards() -> None:
    t = induct(bases=[END], steps=[DOWN], downwards=True)
    assert str(t) == (
        "l in 0..L, j in 1..n[l]; equal at the end, recursion of f, recursion of g |- f[l, j] = g[l, j]"
    )


def test_several_goals_may_use_each_other() -> None:
    """u_{l+1} = v_l and v_{l+1} = u_l: both are 0 if both start at 0, and neither can be shown alone."""
    u, v = tensor("u", (l, 0, L)), tensor("v", (l, 0, L))
    goals = [hypothesis_of(f"{t.name} is 0", t[l], ZERO, (), "induction") for t in (u, v)]
    bases = [assumed(f"{t.name} starts at 0", t[0], 0) for t in (u, v)]
    steps = [
        kernel.transitivity(
            kernel.instantiate(assumed(f"law of {t.name}", t[l + 1], o[l], (l, 0, L - 1)), {}, BELOW),
            kernel.assume(other, BELOW),
        )
        for t, o, other in ((u, v, goals[1]), (v, u, goals[0]))
    ]
    for which, name in enumerate("uv"):
        t = kernel.induction(goals, which, bases, steps, ALL, EMPTY)
        assert str(t) == f"l in 0..L; law of u, law of v, u starts at 0, v starts at 0 |- {name}[l] = 0"
    with pytest.raises(
        KernelError, match=re.escape("induction: index l is free in the hypothesis v is 0: v[l] = 0")
    ):
        induct(goals[:1], bases[:1], steps[:1])


REFUSED: tuple[tuple[str, Callable[[], object], str], ...] = (
    (
        "wrong base: the next layer",
        lambda: induct(bases=[assumed("equal at 1", f[1, j], g[1, j], (j, 1, n[1]))]),
        "induction, base: expected f[0, j] = g[0, j], found f[1, j] = g[1, j]",
    ),
    (
        "wrong base: the end instead of the start",
        lambda: induct(bases=[END]),
        "induction, base: expected f[0, j] = g[0, j], found f[L, j] = g[L, j]",
    ),
    (
        "wrong base: the start instead of the end",
        lambda: induct(steps=[DOWN], downwards=True),
        "induction downwards, base: expected f[L, j] = g[L, j], found f[0, j] = g[0, j]",
    ),
    (
        "a base for a part of the layer",
        lambda: induct(bases=[assumed("equal at 0", f[0, j], g[0, j], (j, 1, 1))]),
        "induction, base: expected the context ((j, 1, n[0]),), found ((j, 1, 1),)",
    ),
    (
        "the step starts one layer later",
        lambda: induct(steps=[carried(l + 1, -1, Context.of((l, 1, L - 1)))]),
        "induction, step: expected the context ((l, 0, L - 1), (j, 1, n[l + 1])), found ((l, 1, L - 1),",
    ),
    (
        "the step ends one layer earlier",
        lambda: induct(steps=[carried(l + 1, -1, Context.of((l, 0, L - 2)))]),
        "induction, step: expected the context ((l, 0, L - 1), (j, 1, n[l + 1])), found ((l, 0, L - 2),",
    ),
    (
        "a step downwards in an induction upwards",
        lambda: induct(steps=[DOWN]),
        "induction, step: expected f[l + 1, j] = g[l + 1, j], found f[l, j] = g[l, j]",
    ),
    (
        "a step upwards in an induction downwards",
        lambda: induct(bases=[END], downwards=True),
        "induction downwards, step: expected f[l, j] = g[l, j], found f[l + 1, j] = g[l + 1, j]",
    ),
    (
        "the step assumes its conclusion",
        lambda: induct(steps=[kernel.assume(GOAL.shift({l: l + 1}), BELOW)]),
        "induction: index l is free in the hypothesis f is g: f[l + 1, j] = g[l + 1, j] for j in 1..n[l + 1]",
    ),
    (
        "the step downwards assumes its conclusion",
        lambda: induct(bases=[END], steps=[kernel.assume(GOAL, BELOW)], downwards=True),
        "induction downwards: index l is free in the hypothesis f is g: f[l, j] = g[l, j] for j in 1..n[l]",
    ),
    (
        "a step from two layers below",
        lambda: induct(steps=[carried(l + 1, -2, BELOW)]),
        "induction: index l is free in the hypothesis f is g: f[l - 1, j] = g[l - 1, j] for j in 1..n[l - 1]",
    ),
    (
        "the step rests on a hypothesis about this layer alone",
        lambda: induct(steps=[assumed("luck", f[l + 1, j], g[l + 1, j], (j, 1, n[l + 1]), ctx=BELOW)]),
        "induction: index l is free in the hypothesis luck: f[l + 1, j] = g[l + 1, j] for j in 1..n[l + 1]",
    ),
    (
        "another left side",
        lambda: induct(bases=[assumed("equal at 0", f[L, j], g[0, j], (j, 1, n[0]))]),
        "induction, base: expected f[0, j] = g[0, j], found f[L, j] = g[0, j]",
    ),
    (
        "another right side",
        lambda: induct(bases=[assumed("equal at 0", f[0, j], g[L, j], (j, 1, n[0]))]),
        "induction, base: expected f[0, j] = g[0, j], found f[0, j] = g[L, j]",
    ),
    ("neither base nor step", lambda: induct(bases=[], steps=[]), "induction: 1 goals, 0 bases, 0 steps"),
    (
        "a goal from behind",
        lambda: induct(which=-1),
        "induction: expected the number of one of 1 goals, found -1",
    ),
    ("no such goal", lambda: induct(which=1), "induction: expected the number of one of 1 goals, found 1"),
    ("no number of a goal", lambda: induct(which=False), "one of 1 goals, found False"),
    ("no step", lambda: induct(steps=[]), "induction: 1 goals, 1 bases, 0 steps"),
    ("no base", lambda: induct(bases=[]), "induction: 1 goals, 0 bases, 1 steps"),
    (
        "a goal that is no hypothesis",
        lambda: induct(goals=[tuple(GOAL)]),  # type: ignore[list-item]
        "induction: expected a hypothesis of a kind of definition, assumption, citation, induction, found (",
    ),
    (
        "the index of the induction is in the context",
        lambda: induct(ctx=BELOW),
        "induction: expected a new index without assumptions in the context, found l",
    ),
    (
        "the index of the induction has assumptions",
        lambda: induct(limits=(L, ZERO, L + 1)),
        "induction: expected a new index without assumptions in the context, found L",
    ),
    (
        "the range of the induction contains its index",
        lambda: induct(limits=(l, ZERO, l + 1)),
        "induction: expected a range of l from the indices before it, found 0..l + 1",
    ),
    (
        "no integer range",
        lambda: induct(limits=(l, ZERO, L / 2)),
        "induction: expected an integer, found 1/2",
    ),
    (
        "an own index of the goal is the index of the induction",
        lambda: induct(goals=[hypothesis_of("h", f[l, j], g[l, j], ((l, 0, L), (j, 1, n[l])))]),
        "shift: capture of l in hypothesis h",
    ),
    (
        "an own index of the goal is in the context",
        lambda: induct(ctx=Context.of((j, 1, 3))),
        "induction, base: index j of hypothesis f is g is in the context already",
    ),
)


@pytest.mark.parametrize(("step", "text"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_an_illegal_induction_is_refused(step: Callable[[], object], text: str) -> None:
    with pytest.raises(KernelError, match=re.escape(text)):
        step()


def test_a_hypothesis_about_one_neuron_shows_nothing_about_all() -> None:
    """f_0 = (0, 1), f_{l+1} the swapped f_l: f_0 is 0 at j = 1, and f_1 is not."""
    two = Context.of((j, 1, 2))
    f = tensor("f", (l, 0, L), (j, 1, 2), sup=1)
    goal = hypothesis_of("goal", f[l, j], ZERO, ((j, 1, 2),), "induction")
    base = assumed("one is 0", f[0, j], 0, ctx=two)
    inner = BELOW.bind(j, 1, 2)
    swapped = assumed("swapped", f[l + 1, j], f[l, 3 - j], (l, 0, L - 1), (j, 1, 2))
    known = kernel.instantiate(kernel.assume(goal, BELOW), {j: 3 - j}, inner)
    step = kernel.transitivity(kernel.instantiate(swapped, {}, inner), known)
    with pytest.raises(
        KernelError, match=re.escape("induction: index j is free in the hypothesis one is 0: f[0, j] = 0")
    ):
        induct([goal], [base], [step])
    both = assumed("both are 0", f[0, j], 0, (j, 1, 2))
    assert str(induct([goal], [both], [step])) == "l in 0..L, j in 1..2; both are 0, swapped |- f[l, j] = 0"


def test_a_hypothesis_may_speak_of_an_index_of_the_context() -> None:
    fixed = Context.of((k, 1, 9))
    x = tensor("x", (k, 1, 9), (l, 0, L))
    goal = hypothesis_of("goal", x[k, l], ZERO, (), "induction")
    base = assumed("starts at 0", x[k, 0], 0, ctx=fixed)
    here = fixed.bind(l, 0, L - 1)
    law = kernel.instantiate(assumed("constant", x[k, l + 1], x[k, l], (k, 1, 9), (l, 0, L - 1)), {}, here)
    step = kernel.transitivity(law, kernel.assume(goal, here))
    t = induct([goal], [base], [step], ctx=fixed)
    assert str(t) == "k in 1..9, l in 0..L; constant, starts at 0 |- x[k, l] = 0"
