"""Tactics find what they are asked for, and say so when they do not."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from kernel_setting import (
    ONE,
    TO_N,
    X_IS_Y,
    ZERO,
    L,
    N,
    a,
    assumed,
    cost,
    i,
    j,
    k,
    l,
    n,
    pi,
    rho,
    sigma,
    w,
    x,
    y,
)
from sympy import Expr, Symbol

from symderive.calculus import Bracket, IndexSum, family
from symderive.calculus.ranges import EMPTY, Context
from symderive.proof import kernel
from symderive.proof.kernel import KernelError, Theorem
from symderive.proof.tactics import Chain, instances, match, places, reason_of, variables

SUM = IndexSum(x[k], (k, 1, N))
ALPHA = assumed("definition of y", y[k], x[k] ** 2, (k, 1, N))


# -------------------------------------------------------------------------------------- matching

MATCHES: tuple[tuple[Expr, Expr, dict[Symbol, Expr] | None], ...] = (
    (x[k], x[3], {k: 3 * ONE}),
    (x[k], x[j + 1], {k: j + 1}),
    (x[k], y[3], None),
    (w[j, k], w[2, N], {j: 2 * ONE, k: N}),
    (w[k, k], w[2, 2], {k: 2 * ONE}),
    (w[k, k], w[2, 3], None),
    (a[l + 1, j], a[L, 1], {l: L - 1, j: ONE}),
    (a[l + 1, j], a[l, j], {l: l - 1, j: j}),
    (w[k, k + 1], w[2, 3], {k: 2 * ONE}),
    (w[k, k + 1], w[2, 4], None),
    (w[j + k, 1], w[2, 1], None),
    (x[2 * k], x[4], None),
    (x[1], x[1], {}),
    (sigma(x[k]), sigma(x[2]), {k: 2 * ONE}),
    (sigma(x[k]), sigma(x[2], order=1), None),
    (x[k] * y[j], x[1] * y[2], {k: ONE, j: 2 * ONE}),
    (IndexSum(w[j, k], (k, 1, N)), IndexSum(w[3, i], (i, 1, N)), {j: 3 * ONE}),
    (IndexSum(w[j, k], (k, 1, N)), IndexSum(w[3, i], (i, 1, N - 1)), None),
    (x[rho[k]], x[rho[2]], {k: 2 * ONE}),
    (x[rho[k]], x[2], None),
)


@pytest.mark.parametrize(("pattern", "term", "found"), MATCHES, ids=str)
def test_match(pattern: Expr, term: Expr, found: dict[Symbol, Expr] | None) -> None:
    assert match(pattern, term, {j, k, l}, {}) == found


def test_match_keeps_what_is_known() -> None:
    assert match(x[k], x[3], {k}, {k: 3 * ONE}) == {k: 3 * ONE}
    assert match(x[k], x[3], {k}, {k: 2 * ONE}) is None
    assert match(x[k], x[3], set(), {}) is None


def test_an_index_of_a_hypothesis_is_no_variable() -> None:
    row = assumed("row", w[j, k], y[k], (k, 1, N), ctx=Context.of((j, 1, N)))
    assert variables(row) == {k}
    both = Context.of((i, 1, N), (j, 1, N))
    (found,) = instances(w[i, 1] + w[j, N], row, both)
    assert str(found[1]) == "i in 1..N, j in 1..N; row |- w[j, N] = y[N]"


# ------------------------------------------------------------------------------------- instances


def test_places_open_every_binder_with_its_range() -> None:
    e = sigma(IndexSum(x[k] * cost(family(w[k, j], (j, 1, k))), (k, 1, N)))
    assert (w[k, i], ((k, 1, N), (i, 1, k))) in [(sub, ctx.limits) for _, sub, ctx in places(e, EMPTY)]
    for path, sub, ctx in places(e, EMPTY):
        if sub == x[k]:
            zero = kernel.congruence(e, [(path, kernel.instantiate(X_IS_Y, {}, ctx))], EMPTY)
            assert str(zero.rhs) == "sigma(sum(y[k]*C(family(w[k, i], i=1..k)), k=1..N))"


def test_places_reach_the_indices_of_a_partial_derivative() -> None:
    value = cost(family(x[k], (k, 1, N)), partials=((0, rho[1]),))
    t = assumed("rho keeps 1", rho[1], ONE)
    assert str(Chain(value, EMPTY).rewrite(t).now) == "C_1[1](family(x[k], k=1..N))"


def test_instances_are_those_whose_ranges_fit() -> None:
    e = IndexSum(x[k], (k, 1, N)) + IndexSum(x[k], (k, 0, N)) + x[1] + x[0]
    found = instances(e, X_IS_Y, EMPTY)
    assert sorted(str(t.lhs) for _, t in found) == ["x[1]", "x[k]"]


def test_no_instance_lies_inside_another() -> None:
    double = assumed("iterated", sigma(sigma(x[k])), x[k], (k, 1, N))
    e = sigma(sigma(sigma(sigma(x[1]))))
    found = instances(e, double, EMPTY)
    assert [path for path, _ in found] == [(2, 2)]


# ----------------------------------------------------------------------------------------- chains


def test_rewrite() -> None:
    chain = Chain(SUM, EMPTY).rewrite(X_IS_Y).rewrite(ALPHA, "by definition")
    assert str(chain.theorem) == "; definition of y, x is y |- sum(x[k], k=1..N) = sum(x[k]**2, k=1..N)"
    assert [reason for _, reason in chain.lines] == ["x is y", "by definition"]
    assert [str(e) for e, _ in chain.lines] == ["sum(y[k], k=1..N)", "sum(x[k]**2, k=1..N)"]


def test_rewrite_at_some_places() -> None:
    chain = Chain(x[1] + x[N], EMPTY).rewrite(X_IS_Y, at=lambda e: e == x[N])
    assert chain.now == x[1] + y[N]


def test_backwards() -> None:
    chain = Chain(IndexSum(y[k], (k, 1, N)), EMPTY).backwards(X_IS_Y)
    assert (chain.now, chain.lines[0][1]) == (SUM, "x is y")


def test_fold() -> None:
    goal = IndexSum(2 * y[k], (k, 1, N))
    chain = Chain(2 * IndexSum(x[k] ** 2, (k, 1, N)), EMPTY).fold(goal, [ALPHA], "folded")
    assert str(chain.theorem) == "; definition of y |- 2*(sum(x[k]**2, k=1..N)) = sum(2*y[k], k=1..N)"
    assert chain.lines[-1] == (goal, "folded")


def test_ring_and_qed() -> None:
    chain = Chain((x[1] + x[2]) ** 2, EMPTY)
    t = chain.qed(x[1] ** 2 + 2 * x[1] * x[2] + x[2] ** 2)
    assert t is chain.theorem and t.rhs == x[1] ** 2 + 2 * x[1] * x[2] + x[2] ** 2
    assert Chain(x[1], EMPTY).qed().rule == "reflexivity"
    assert Chain(x[1], EMPTY).qed(x[1]).rule == "reflexivity"


CONTRACTIONS: tuple[tuple[str, Expr, Context, Expr], ...] = (
    ("a delta in the range", IndexSum(Bracket.equal(j, k) * x[k], (k, 1, N)), Context.of((j, 1, N)), x[j]),
    ("a delta outside the range", IndexSum(Bracket.equal(k, 0) * x[k], (k, 1, N)), EMPTY, ZERO),
    (
        "two deltas, one for an outer sum",
        IndexSum(IndexSum(Bracket.equal(j, 1) * Bracket.equal(k, 2) * w[j, k], (k, 1, 3)), (j, 1, 3)),
        EMPTY,
        w[1, 2],
    ),
    (
        "a delta for an outer sum, inside an inner one",
        IndexSum(IndexSum(Bracket.equal(j, 1) * w[j, k], (k, 1, N)), (j, 1, N)),
        EMPTY,
        IndexSum(w[1, k], (k, 1, N)),
    ),
    (
        "a delta in a summand",
        IndexSum(Bracket.equal(k, 1) * x[k] + y[k], (k, 1, N)),
        EMPTY,
        x[1] + IndexSum(y[k], (k, 1, N)),
    ),
    ("a bracket that the ranges decide", Bracket.less(0, k) * x[k], TO_N, x[k]),
    ("nothing to do", SUM, EMPTY, SUM),
)


@pytest.mark.parametrize(
    ("start", "ctx", "end"), [row[1:] for row in CONTRACTIONS], ids=[r[0] for r in CONTRACTIONS]
)
def test_contract(start: Expr, ctx: Context, end: Expr) -> None:
    chain = Chain(start, ctx).contract()
    assert chain.now == end
    assert [reason for _, reason in chain.lines] == ["delta contracted"] * (start != end)
    assert not chain.theorem.hypotheses


def test_reindex_and_unindex() -> None:
    layer = Context.of((l, 1, L))
    plain = IndexSum(a[l, j] * w[1, 1], (j, 1, n[l]))
    permuted = IndexSum(a[l, pi[l, j]] * w[1, 1], (j, 1, n[l]))
    there = Chain(sigma(plain), layer).reindex(pi, lambda e: (l,))
    assert (there.now, there.lines[0][1]) == (sigma(permuted), "sum re-indexed by pi")
    back = Chain(sigma(permuted), layer).unindex(pi, lambda e: (plain, (l,)))
    assert (back.now, back.lines[0][1]) == (sigma(plain), "sum re-indexed by pi")


def test_split_and_single() -> None:
    chain = Chain(sigma(SUM), EMPTY).split(lambda e: ONE if e.hi == N else None).single()
    assert chain.now == sigma(x[1] + IndexSum(x[k], (k, 2, N)))


def test_a_step_that_changes_nothing_leaves_no_line() -> None:
    assert Chain(SUM, EMPTY).ring(SUM).single().split(lambda e: None).lines == []


def test_reasons() -> None:
    back = kernel.symmetry(kernel.instantiate(X_IS_Y, {k: ONE}, EMPTY))
    assert (reason_of(X_IS_Y), reason_of(back)) == ("x is y", "x is y")
    assert reason_of(kernel.ring(x[1] + x[1], 2 * x[1], EMPTY)) == "ring"


# ------------------------------------------------------------------------------- what they refuse

REFUSED: tuple[tuple[str, Callable[[], object], str], ...] = (
    (
        "nothing to rewrite",
        lambda: Chain(y[1], EMPTY).rewrite(X_IS_Y),
        "rewrite: no instance of x[k] in y[1]",
    ),
    ("no fitting range", lambda: Chain(x[0], EMPTY).rewrite(X_IS_Y), "rewrite: no instance of x[k] in x[0]"),
    (
        "nothing where it may",
        lambda: Chain(x[1], EMPTY).rewrite(X_IS_Y, at=lambda e: False),
        "rewrite: no instance of x[k] in x[1]",
    ),
    (
        "nothing backwards",
        lambda: Chain(x[1], EMPTY).backwards(X_IS_Y),
        "rewrite: no instance of y[k] in x[1]",
    ),
    (
        "a fold to something else",
        lambda: Chain(x[1] ** 2, EMPTY).fold(2 * y[1], [ALPHA], "folded"),
        "ring: normal forms differ: 2*x[1]**2 and x[1]**2",
    ),
    (
        "a goal that is not reached",
        lambda: Chain(SUM**2, EMPTY).qed(IndexSum(x[k] ** 2, (k, 1, N))),
        "ring: normal forms differ",
    ),
    (
        "a step that starts elsewhere",
        lambda: Chain(x[1], EMPTY).then(kernel.ring(y[1] * (y[1] + 1), y[1] ** 2 + y[1], EMPTY), "wrong"),
        "transitivity: middle terms differ: x[1] and (y[1] + 1)*y[1]",
    ),
    (
        "no sum to permute",
        lambda: Chain(SUM, EMPTY).reindex(rho, lambda e: None),
        "reindex: no sum to permute in sum",
    ),
    (
        "no permuted sum",
        lambda: Chain(SUM, EMPTY).unindex(rho, lambda e: None),
        "reindex: no permuted sum in sum",
    ),
    (
        "a sum over another range",
        lambda: Chain(IndexSum(x[k], (k, 2, N)), EMPTY).reindex(rho, lambda e: ()),
        "reindex: rho[k] permutes 1..N, but the sum runs over 2..N",
    ),
    (
        "a plain sum that is not the permuted one's",
        lambda: Chain(SUM, EMPTY).unindex(rho, lambda e: (IndexSum(y[k], (k, 1, N)), ())),
        "congruence: the subterm sum(x[k], k=1..N) is not the left side sum(y[rho[k]], k=1..N)",
    ),
    (
        "a split outside the range",
        lambda: Chain(SUM, EMPTY).split(lambda e: N + 1),
        "split: N + 1 is not known to lie in 0..N",
    ),
)


@pytest.mark.parametrize(("step", "text"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_a_tactic_says_what_it_cannot_do(step: Callable[[], object], text: str) -> None:
    with pytest.raises(KernelError, match=re.escape(text)):
        step()


def test_a_false_goal_is_not_proved_by_any_order_of_tactics() -> None:
    """x_k = y_k for k in 1..N says nothing about the entry at 0."""
    wrong = IndexSum(y[k], (k, 0, N))

    def attempts() -> tuple[Callable[[Chain], Chain], ...]:
        return (
            lambda c: c.rewrite(X_IS_Y),
            lambda c: c.contract().rewrite(X_IS_Y),
            lambda c: c.split(lambda e: ZERO if e.lo == 0 else None).single().rewrite(X_IS_Y),
        )

    for attempt in attempts():
        with pytest.raises(KernelError):
            attempt(Chain(IndexSum(x[k], (k, 0, N)), EMPTY)).qed(wrong)
    assert isinstance(X_IS_Y, Theorem)
