"""Claims carried through definitions: by inductions in every direction, or refused with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hidden_systems import HIDDEN

from symderive.calculus import IndexSum, ScalarFunction, TensorSymbol, indices, size, tensor
from symderive.calculus.ranges import EMPTY, Context
from symderive.calculus.terms import Entry
from symderive.proof import kernel
from symderive.proof.hypotheses import as_hypothesis
from symderive.proof.kernel import Theorem, hypothesis_of
from symderive.proof.propagation import Claim, Law, NotProved, Propagation
from symderive.systems import Definition

i, j, k, l, m, t = indices("i j k l m t")
L, T, N = size("L"), size("T"), size("N")
phi = ScalarFunction("phi")


def sequence(name: str, *axes: tuple[Any, Any, Any]) -> TensorSymbol:
    return tensor(name, *axes, sup=len(axes))


def run(
    claims: Sequence[Claim], laws: Sequence[Definition], known: Sequence[Theorem] = (), ctx: Context = EMPTY
) -> tuple[dict[Claim, Theorem], Propagation]:
    """The first half of the laws are those of the left sides, the second half their counterparts."""
    theorems = [kernel.assume(as_hypothesis(d), EMPTY) for d in laws]
    half = (len(laws) + 1) // 2
    made = [Law(d, theorems[n], theorems[(n + half) % len(laws)]) for n, d in enumerate(laws)]
    work = Propagation(claims, made, known)
    return work.run(ctx), work


def claim(lhs: Entry, rhs: Any, *limits: Any, name: str = "") -> Claim:
    h = hypothesis_of("", lhs, rhs, limits)
    return Claim(lhs, rhs, h.indices, name or lhs.symbol.name)


def equal(lhs: Entry, rhs: Entry, *limits: Any) -> Theorem:
    return kernel.assume(hypothesis_of(f"equal {lhs.symbol}", lhs, rhs, limits), EMPTY)


UP = (l, 0, L)
x, y = sequence("x", UP), sequence("y", UP)
c, d = tensor("c"), tensor("d")


def test_upwards() -> None:
    laws = [
        Definition(x[0], c(), ()), Definition(x[l], phi(x[l - 1]), ((l, 1, L),)),
        Definition(y[0], d(), ()), Definition(y[l], phi(y[l - 1]), ((l, 1, L),)),
    ]  # fmt: skip
    wanted = claim(x[l], y[l], UP)
    found, work = run([wanted], laws, [equal(c(), d())])
    theorem = found[wanted]
    assert (theorem.lhs, theorem.rhs) == (x[l], y[l]) and theorem.context.limits == ((l, 0, L),)
    assert {h.kind for h in theorem.hypotheses} == {"definition", "assumption"}
    assert [a.title for a in work.arguments["x"]] == ["x, l = 0", "x, from l to l + 1"]


def test_downwards() -> None:
    laws = [
        Definition(x[L], c(), ()), Definition(x[l], phi(x[l + 1]), ((l, 0, L - 1),)),
        Definition(y[L], d(), ()), Definition(y[l], phi(y[l + 1]), ((l, 0, L - 1),)),
    ]  # fmt: skip
    wanted = claim(x[l], y[l], UP)
    found, work = run([wanted], laws, [equal(c(), d())])
    assert found[wanted].rule == "instantiate" and found[wanted].context.limits == ((l, 0, L),)
    assert [a.title for a in work.arguments["x"]] == ["x, l = L", "x, from l + 1 to l"]


def test_an_induction_inside_an_induction() -> None:
    """x[l, t] from x[l - 1, t] and x[l, t - 1]."""
    grid, other = (sequence(name, UP, (t, 0, T)) for name in "xy")
    laws = []
    for g, start in ((grid, c), (other, d)):
        laws += [
            Definition(g[0, t], start(), ((t, 0, T),)),
            Definition(g[l, 0], phi(g[l - 1, 0]), ((l, 1, L),)),
            Definition(g[l, t], phi(g[l - 1, t] + g[l, t - 1]), ((l, 1, L), (t, 1, T))),
        ]
    wanted = claim(grid[l, t], other[l, t], UP, (t, 0, T))
    found, work = run([wanted], laws, [equal(c(), d())])
    assert found[wanted].context.limits == ((l, 0, L), (t, 0, T))
    assert "x, from l to l + 1, from t to t + 1" in [a.title for a in work.arguments["x"]]


@pytest.mark.parametrize("last", [True, False], ids=["last", "first"])
def test_a_layer_of_its_own_at_the_end(last: bool) -> None:
    """x_L = x_{L-1} + c, or, downwards, x_0 = x_1 + c."""
    laws = []
    for g, start in ((x, c), (y, d)):
        if last:
            inner = Definition(g[l], phi(g[l - 1]), ((l, 1, L - 1),))
            laws += [Definition(g[0], start(), ()), inner, Definition(g[L], g[L - 1] + start(), ())]
        else:
            inner = Definition(g[l], phi(g[l + 1]), ((l, 1, L - 1),))
            laws += [Definition(g[L], start(), ()), inner, Definition(g[0], g[1] + start(), ())]
    wanted = claim(x[l], y[l], UP)
    found, work = run([wanted], laws, [equal(c(), d())])
    assert found[wanted].context.limits == ((l, 0, L),)
    assert {h.kind for h in found[wanted].hypotheses} == {"definition", "assumption"}
    assert len(work.arguments["x"]) == 3  # start, step, and the other end


def test_a_letter_of_the_context_gives_way() -> None:
    laws = [
        Definition(x[0], c(), ()), Definition(x[l], phi(x[l - 1]), ((l, 1, L),)),
        Definition(y[0], d(), ()), Definition(y[l], phi(y[l - 1]), ((l, 1, L),)),
    ]  # fmt: skip
    ctx = EMPTY.bind(l, 1, N)
    letter = m
    wanted = claim(x[m], y[m], (m, 0, L))
    found, _ = run([wanted], laws, [equal(c(), d())], ctx)
    assert found[wanted].context.limits == ((l, 1, N), (letter, 0, L))


def test_claims_that_need_each_other() -> None:
    u, v = sequence("u", UP), sequence("v", UP)
    laws = []
    for a, b, start in ((x, u, c), (y, v, d)):
        laws += [
            Definition(a[0], start(), ()), Definition(b[0], phi(start()), ()),
            Definition(a[l], a[l - 1] + b[l - 1], ((l, 1, L),)),
            Definition(b[l], phi(a[l - 1]) * b[l - 1], ((l, 1, L),)),
        ]  # fmt: skip
    claims = [claim(x[l], y[l], UP), claim(u[l], v[l], UP)]
    found, _ = run(claims, laws, [equal(c(), d())])
    assert [found[q].lhs for q in claims] == [x[l], u[l]]


REFUSED: dict[str, tuple[Any, str]] = {
    "no definition": (
        lambda: run([claim(x[l], y[l], UP)], []),
        r"^x: no definition of x\[l\]$",
    ),
    "a false claim": (
        lambda: run([claim(c(), 2 * d())], [Definition(c(), phi(d()), ())]),
        r"^c: ring: normal forms differ: phi\(d\[\]\) and 2\*d\[\]$",
    ),
    "a circle on one step": (
        lambda: run(
            [claim(x[l], y[l], UP)],
            [Definition(x[l], phi(x[l]), (UP,)), Definition(y[l], phi(y[l]), (UP,))],
        ),
        r"^x: no induction found: ",
    ),
    "a circle without superscripts": (
        lambda: run([claim(c(), d())], [Definition(c(), phi(c()), ()), Definition(d(), phi(d()), ())]),
        r"^c: no induction found: $",
    ),
    "no start": (
        lambda: run(
            [claim(x[l], y[l], UP)],
            [Definition(x[l], phi(x[l - 1]), ((l, 1, L),)), Definition(y[l], phi(y[l - 1]), ((l, 1, L),))],
        ),
        r"^x: no induction found: .*",
    ),
    "a start that is not equal": (
        lambda: run(
            [claim(x[l], y[l], UP)],
            [
                Definition(x[0], c(), ()), Definition(x[l], phi(x[l - 1]), ((l, 1, L),)),
                Definition(y[0], d(), ()), Definition(y[l], phi(y[l - 1]), ((l, 1, L),)),
            ],
        ),
        r"^x: no induction found: x: ring: normal forms differ: c\[\] and d\[\]",
    ),
    "a step that differs": (
        lambda: run(
            [claim(x[l], y[l], UP)],
            [
                Definition(x[0], c(), ()), Definition(x[l], phi(x[l - 1]), ((l, 1, L),)),
                Definition(y[0], d(), ()), Definition(y[l], 2 * phi(y[l - 1]), ((l, 1, L),)),
            ],
            [equal(c(), d())],
        ),
        r"^x: no induction found: x: ring: normal forms differ: phi\(y\[l\]\) and 2\*phi\(y\[l\]\)",
    ),
    "all values before": (
        lambda: run(
            [claim(x[l], y[l], UP)],
            [
                Definition(x[0], c(), ()),
                Definition(x[l], IndexSum(x[m], (m, 0, l - 1)), ((l, 1, L),)),
                Definition(y[0], d(), ()),
                Definition(y[l], IndexSum(y[m], (m, 0, l - 1)), ((l, 1, L),)),
            ],
            [equal(c(), d())],
        ),
        r"^x: no induction found: .*x\[l\] needs x\[m\], which l does not lead to$",
    ),
    "to and fro": (
        lambda: run(
            [claim(x[l], y[l], UP)],
            [
                Definition(x[0], c(), ()),
                Definition(x[l], x[l - 1] + x[l + 1], ((l, 1, L),)),
                Definition(y[0], d(), ()),
                Definition(y[l], y[l - 1] + y[l + 1], ((l, 1, L),)),
            ],
            [equal(c(), d())],
        ),
        r"^x: no induction found: x\[l\] needs x\[l \+ 1\], which l does not lead to; "
        r"x\[l\] needs x\[l - 1\], which l does not lead to$",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_proved_says_why(name: str) -> None:
    make, says = REFUSED[name]
    with pytest.raises(NotProved, match=says) as error:
        make()
    assert "\n" not in str(error.value)


def test_what_a_failed_attempt_showed_is_no_argument() -> None:
    """Arguments are of the induction that succeeded, and each begins and ends as its theorem."""
    from symderive.derivation import derive
    from symderive.proof.equivariance import equivariance

    for name in ("learned_start", "stacked_recurrent", "unusual_letters"):
        system = HIDDEN[name]().system
        for s in (system, derive(system).as_system()) if name != "stacked_recurrent" else (system,):
            found = equivariance(s)
            for group in found.arguments.values():
                titles = [a.title for a in group]
                assert len(set(titles)) == len(titles)
                for a in group:
                    assert (a.start, a.lines[-1][0]) == (a.theorem.lhs, a.theorem.rhs)
                    assert all(reason for _, reason in a.lines)
