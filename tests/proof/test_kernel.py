"""Each rule of the kernel: a legal use, and for each side condition a step that it alone refuses."""

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
    w,
    x,
    y,
)
from sympy import Expr, Symbol

from symderive.calculus import Bracket, IndexSum, PartialDerivative, family, tensor
from symderive.calculus.ranges import EMPTY, Context
from symderive.proof import kernel
from symderive.proof.kernel import Hypothesis, KernelError, Theorem, hypothesis_of

SUM = IndexSum(x[k], (k, 1, N))


def says(t: Theorem) -> str:
    """The sequent, with the hypotheses by name."""
    return str(t)


# ------------------------------------------------------------------------------------- legal uses

LEGAL: tuple[tuple[str, Callable[[], Theorem], str], ...] = (
    ("reflexivity", lambda: kernel.reflexivity(x[1], EMPTY), ";  |- x[1] = x[1]"),
    ("symmetry", lambda: kernel.symmetry(X_IS_Y), "k in 1..N; x is y |- y[k] = x[k]"),
    (
        "transitivity",
        lambda: kernel.transitivity(X_IS_Y, assumed("y is 0", y[k], 0, (k, 1, N))),
        "k in 1..N; x is y, y is 0 |- x[k] = 0",
    ),
    ("assume", lambda: X_IS_Y, "k in 1..N; x is y |- x[k] = y[k]"),
    (
        "assume, a hypothesis with a free index",
        lambda: assumed("row", w[j, k], y[k], (k, 1, N), ctx=Context.of((j, 1, 3))),
        "j in 1..3, k in 1..N; row |- w[j, k] = y[k]",
    ),
    ("instantiate at a number", lambda: kernel.instantiate(X_IS_Y, {k: 1}, EMPTY), "; x is y |- x[1] = y[1]"),
    (
        "instantiate at an expression",
        lambda: kernel.instantiate(X_IS_Y, {k: N - j}, Context.of((j, 0, N - 1))),
        "j in 0..N - 1; x is y |- x[N - j] = y[N - j]",
    ),
    (
        "instantiate two indices at each other",
        lambda: kernel.instantiate(
            kernel.reflexivity(w[j, k], Context.of((j, 1, N), (k, 1, N))),
            {j: k, k: j},
            Context.of((j, 1, N), (k, 1, N)),
        ),
        "j in 1..N, k in 1..N;  |- w[k, j] = w[k, j]",
    ),
    (
        "congruence under a sum",
        lambda: kernel.congruence(SUM, [((k,), X_IS_Y)], EMPTY),
        "; x is y |- sum(x[k], k=1..N) = sum(y[k], k=1..N)",
    ),
    (
        "congruence in the limit of a sum",
        lambda: kernel.congruence(SUM, [((2,), assumed("width", N, 3))], EMPTY),
        "; width |- sum(x[k], k=1..N) = sum(x[k], k=1..3)",
    ),
    (
        "congruence in a family, at two places at once",
        lambda: kernel.congruence(
            x[1] * cost(family(x[k], (k, 1, N))),
            [((1, 2, k), X_IS_Y), ((0,), kernel.instantiate(X_IS_Y, {k: 1}, EMPTY))],
            EMPTY,
        ),
        "; x is y |- x[1]*C(family(x[k], k=1..N)) = y[1]*C(family(y[k], k=1..N))",
    ),
    (
        "congruence where the context is narrower",
        lambda: kernel.congruence(IndexSum(x[k], (k, 2, N - 1)), [((k,), X_IS_Y)], EMPTY),
        "; x is y |- sum(x[k], k=2..N - 1) = sum(y[k], k=2..N - 1)",
    ),
    (
        "ring",
        lambda: kernel.ring(SUM**2, IndexSum(IndexSum(x[i] * x[k], (i, 1, N)), (k, 1, N)), EMPTY),
        ";  |- (sum(x[k], k=1..N))**2 = sum(sum(x[i]*x[k], i=1..N), k=1..N)",
    ),
    (
        "reindex",
        lambda: kernel.reindex(IndexSum(a[l, j], (j, 1, n[l])), pi, (l,), Context.of((l, 1, L))),
        "l in 1..L;  |- sum(a[l, j], j=1..n[l]) = sum(a[l, pi[l, j]], j=1..n[l])",
    ),
    (
        "contraction",
        lambda: kernel.contraction(
            IndexSum(Bracket.equal(k, j + 1) * x[k], (k, 1, N)), Context.of((j, 1, N))
        ),
        "j in 1..N;  |- sum([k = j + 1]*x[k], k=1..N) = [1 <= j + 1]*[j + 1 <= N]*x[j + 1]",
    ),
    (
        "contraction, sign -1",
        lambda: kernel.contraction(IndexSum(Bracket.equal(N - k, 0) * x[k], (k, 1, N)), EMPTY),
        ";  |- sum([0 = N - k]*x[k], k=1..N) = [1 <= N]*x[N]",
    ),
    ("decide, yes", lambda: kernel.decide(Bracket.at_most(1, k), TO_N), "k in 1..N;  |- [1 <= k] = 1"),
    ("decide, no", lambda: kernel.decide(Bracket.equal(k, 0), TO_N), "k in 1..N;  |- [0 = k] = 0"),
    (
        "split",
        lambda: kernel.split(SUM, k, TO_N),
        "k in 1..N;  |- sum(x[k], k=1..N) = sum(x[i], i=1..k) + sum(x[i], i=k + 1..N)",
    ),
    (
        "split, nothing in front",
        lambda: kernel.split(SUM, ZERO, EMPTY),
        ";  |- sum(x[k], k=1..N) = sum(x[k], k=1..N)",
    ),
    ("single", lambda: kernel.single(IndexSum(x[k], (k, N, N)), EMPTY), ";  |- sum(x[k], k=N..N) = x[N]"),
    (
        "differentiation",
        lambda: kernel.differentiation(assumed("square", y[1], x[1] ** 2 + N)),
        "; square |- dy[1] = 2*dx[1]*x[1]",
    ),
)


@pytest.mark.parametrize(("make", "text"), [row[1:] for row in LEGAL], ids=[row[0] for row in LEGAL])
def test_a_legal_step_makes_its_theorem(make: Callable[[], Theorem], text: str) -> None:
    assert says(make()) == text


# ------------------------------------------------------------------------- side conditions, by rule

JK = Context.of((j, 1, N), (k, 1, N))
Y_AT_J = assumed("y at j", y[j], 0, ctx=Context.of((j, 1, N)))
HALF = Symbol("h", integer=True) / 2
EVEN = Symbol("k", integer=True, even=True)


class Impostor:
    """Calls itself a permutation of rank 1, and gives entries of a tensor that is none."""

    kind, rank = "permutation", 1

    def __getitem__(self, index: tuple[Expr, ...]) -> Expr:
        return tensor("q", (k, 1, N), kind="integer")[index]


class Agreeable(str):
    """A text that is equal to every text."""

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = str.__hash__


ABOUT_X = kernel.reflexivity(x[1], EMPTY)
REFUSED: tuple[tuple[str, Callable[[], object], str], ...] = (
    # every rule
    (
        "an index without a range",
        lambda: kernel.reflexivity(x[k], EMPTY),
        "reflexivity: expected an index with a range in the context, found k in x[k]",
    ),
    (
        "a free index of a hypothesis without a range",
        lambda: kernel.instantiate(Y_AT_J, {}, EMPTY),
        "instantiate: expected an index with a range in the context, found j in j",
    ),
    (
        "a hypothesis whose free index has no range",
        lambda: kernel.assume(hypothesis_of("h", x[1], ZERO, ((k, 1, j),)), EMPTY),
        "assume: expected a range of k from the indices before it, found 1..j",
    ),
    (
        "two hypotheses of one name",
        lambda: kernel.transitivity(X_IS_Y, assumed("x is y", y[k], 0, (k, 1, N))),
        "transitivity: two different hypotheses are both called x is y",
    ),
    (
        "two tensors of one name",
        lambda: kernel.reflexivity(x[1] - tensor("x", (k, 1, 3))[1], EMPTY),
        "reflexivity: two different things are both shown as tensor x",
    ),
    (
        "two tensors that print alike",
        lambda: kernel.reflexivity(x[1] - tensor("x2", (k, 1, 3), latex="x")[1], EMPTY),
        "reflexivity: two different things are both shown as tensor printed x plain",
    ),
    (
        "an index and a size of one name",
        lambda: kernel.reflexivity(
            Symbol("N", integer=True) - N, Context.of((Symbol("N", integer=True), 1, 2))
        ),
        "reflexivity: two different things are both shown as symbol N",
    ),
    # transitivity
    (
        "transitivity, contexts",
        lambda: kernel.transitivity(X_IS_Y, kernel.reflexivity(y[k], Context.of((k, 1, N - 1)))),
        "transitivity: contexts differ: ((k, 1, N),) and ((k, 1, N - 1),)",
    ),
    (
        "transitivity, middle terms",
        lambda: kernel.transitivity(X_IS_Y, kernel.reflexivity(x[k], TO_N)),
        "transitivity: middle terms differ: y[k] and x[k]",
    ),
    # assume
    (
        "assume, no hypothesis",
        lambda: kernel.assume(("x is y", x[1], y[1], (), "assumption"), EMPTY),  # type: ignore[arg-type]
        "assume: expected a hypothesis of a kind of definition, assumption, citation, induction, found (",
    ),
    (
        "assume, an unknown kind",
        lambda: kernel.assume(Hypothesis("h", x[1], ZERO, (), "axiom"), EMPTY),
        "assume: expected a hypothesis of a kind of definition, assumption, citation, induction",
    ),
    (
        "assume, a kind that calls itself one",
        lambda: kernel.assume(Hypothesis("h", x[1], ZERO, (), Agreeable("axiom")), EMPTY),
        "assume: expected a hypothesis of a kind of definition, assumption, citation, induction",
    ),
    (
        "assume, a name that is no text",
        lambda: kernel.assume(Hypothesis(["h"], x[1], ZERO), EMPTY),  # type: ignore[arg-type]
        "assume: expected a hypothesis of a kind of definition, assumption, citation, induction",
    ),
    (
        "assume, a law for all of a family",
        lambda: kernel.assume(hypothesis_of("h", x[1], ZERO, reals=(x,)), EMPTY),
        "assume: expected a real tensor without index, found x",
    ),
    (
        "assume, own index in the context",
        lambda: assumed("h", x[k], 0, (k, 1, N), ctx=TO_N),
        "assume: index k of hypothesis h is in the context already",
    ),
    # instantiate
    (
        "instantiate, no index",
        lambda: kernel.instantiate(X_IS_Y, {j: ONE}, TO_N),
        "instantiate: j is no index of the theorem",
    ),
    (
        "instantiate, below the range",
        lambda: kernel.instantiate(X_IS_Y, {k: ZERO}, EMPTY),
        "instantiate: range of k: 0 is not known to lie in 1..N",
    ),
    (
        "instantiate, above the range",
        lambda: kernel.instantiate(X_IS_Y, {k: N + 1}, EMPTY),
        "instantiate: range of k: N + 1 is not known to lie in 1..N",
    ),
    (
        "instantiate, the index itself leaves its range",
        lambda: kernel.instantiate(X_IS_Y, {}, Context.of((k, 0, N))),
        "instantiate: range of k: k is not known to lie in 1..N",
    ),
    (
        "instantiate, a range that moves with another index",
        lambda: kernel.instantiate(
            kernel.reflexivity(a[l, j], Context.of((l, 1, L), (j, 1, n[l]))),
            {l: ONE},
            Context.of((l, 1, L), (j, 1, n[l])),
        ),
        "instantiate: range of j: j is not known to lie in 1..n[1]",
    ),
    (
        "instantiate, a value of an unknown index",
        lambda: kernel.instantiate(
            assumed("h", x[k], 0, (k, j, j), ctx=Context.of((j, 1, N))), {k: j}, EMPTY
        ),
        "instantiate: expected an index with a range in the context, found j in j",
    ),
    (
        "instantiate, an index of a hypothesis",
        lambda: kernel.instantiate(Y_AT_J, {j: ONE}, EMPTY),
        "instantiate: index j is free in a hypothesis and may not become 1",
    ),
    (
        "instantiate, no integer",
        lambda: kernel.instantiate(assumed("h", x[k], 0, (k, 0, N)), {k: N / 2}, EMPTY),
        "instantiate: expected an integer, found 1/2",
    ),
    # congruence
    (
        "congruence, another subterm",
        lambda: kernel.congruence(y[1] + 1, [((1,), kernel.instantiate(X_IS_Y, {k: 1}, EMPTY))], EMPTY),
        "congruence: the subterm y[1] is not the left side x[1]",
    ),
    (
        "congruence, range under the sum",
        lambda: kernel.congruence(IndexSum(x[k], (k, 0, N)), [((k,), X_IS_Y)], EMPTY),
        "congruence: range of k: the theorem needs k in 1..N, found 0..N",
    ),
    (
        "congruence, an index that is not there",
        lambda: kernel.congruence(x[1], [((), kernel.instantiate(X_IS_Y, {k: 1}, TO_N))], EMPTY),
        "congruence: range of k: the theorem needs k in 1..N, found no such index",
    ),
    (
        "congruence, a hypothesis that speaks of the bound index",
        lambda: kernel.congruence(IndexSum(y[k], (k, 1, N)), [((j,), Y_AT_J)], EMPTY),
        "congruence: capture: bound index j is free in a hypothesis of j in 1..N; y at j |- y[j] = 0",
    ),
    (
        "congruence, a letter that is free in the sum",
        lambda: kernel.congruence(
            IndexSum(w[j, k], (k, 1, N)), [((j,), kernel.reflexivity(w[j, j], JK))], Context.of((j, 1, N))
        ),
        "congruence: capture: j may not name the bound index of sum(w[j, k], k=1..N) in ((j, 1, N),)",
    ),
    (
        "congruence, a letter that is free in the sum, and in no context",
        lambda: kernel.congruence(
            IndexSum(w[j, k], (k, 1, N)), [((j,), kernel.reflexivity(w[j, j], Context.of((j, 1, N))))], EMPTY
        ),
        "congruence: expected an index with a range in the context, found j in sum(w[j, k], k=1..N)",
    ),
    (
        "congruence, a letter of the context",
        lambda: kernel.congruence(IndexSum(y[k], (k, 1, N)), [((j,), Y_AT_J)], Context.of((j, 1, N))),
        "congruence: capture: j may not name the bound index of sum(y[k], k=1..N) in ((j, 1, N),)",
    ),
    (
        "congruence, a letter with assumptions",
        lambda: kernel.congruence(SUM, [((EVEN,), kernel.reflexivity(ONE, EMPTY))], EMPTY),
        "congruence: expected an index without assumptions for the bound index, found k",
    ),
    (
        "congruence, a size as letter",
        lambda: kernel.congruence(
            IndexSum(Bracket.at_most(1, k), (k, -3, 3)),
            [((N,), kernel.decide(Bracket.at_most(1, N), EMPTY))],
            EMPTY,
        ),
        "congruence: expected an index without assumptions for the bound index, found N",
    ),
    (
        "congruence, two letters for one index",
        lambda: kernel.congruence(SUM, [((j,), X_IS_Y), ((k,), X_IS_Y)], EMPTY),
        "congruence: sum(x[k], k=1..N) has not one bound index for the names [j, k]",
    ),
    (
        "congruence, a letter where no index is bound",
        lambda: kernel.congruence(x[1] + 1, [((k,), X_IS_Y)], EMPTY),
        "congruence: x[1] + 1 has not one bound index for the names [k]",
    ),
    (
        "congruence, into a sum without a letter",
        lambda: kernel.congruence(
            IndexSum(x[1], (k, 1, N)), [((0,), kernel.instantiate(X_IS_Y, {k: 1}, EMPTY))], EMPTY
        ),
        "congruence: no argument 0 in sum(x[1], i=1..N)",
    ),
    (
        "congruence, no such argument",
        lambda: kernel.congruence(x[1] + 1, [((2,), X_IS_Y)], EMPTY),
        "congruence: no argument 2 in x[1] + 1",
    ),
    (
        "congruence, an argument from behind",
        lambda: kernel.congruence(x[1] + 1, [((-1,), kernel.instantiate(X_IS_Y, {k: 1}, EMPTY))], EMPTY),
        "congruence: no argument -1 in x[1] + 1",
    ),
    (
        "congruence, true for an argument",
        lambda: kernel.congruence(x[1] + 1, [((True,), kernel.instantiate(X_IS_Y, {k: 1}, EMPTY))], EMPTY),
        "congruence: expected positions and letters in a path, found True",
    ),
    (
        "congruence, text for a letter",
        lambda: kernel.congruence(SUM, [(("k",), X_IS_Y)], EMPTY),  # type: ignore[arg-type]
        "congruence: expected positions and letters in a path, found 'k'",
    ),
    (
        "congruence, a real number where an integer stands",
        lambda: kernel.congruence(x[1], [((1,), assumed("h", ONE, y[1]))], EMPTY),
        "congruence: index of x: expected an integer expression, found y[1]",
    ),
    (
        "congruence, the number of a family",
        lambda: kernel.congruence(
            cost(x[1], partials=((0,),)), [((1, 0, 0), assumed("h", ZERO, N - 1))], EMPTY
        ),
        "congruence: C: no partial (N - 1,)",
    ),
    (
        "congruence, one place inside another",
        lambda: kernel.congruence(
            x[rho[1]], [((), kernel.reflexivity(x[rho[1]], EMPTY)), ((1,), assumed("h", rho[1], 1))], EMPTY
        ),
        "congruence: two replacements overlap at x[rho[1]]",
    ),
    (
        "congruence, the same place twice",
        lambda: kernel.congruence(x[1], [((), kernel.reflexivity(x[1], EMPTY))] * 2, EMPTY),
        "congruence: two replacements overlap at x[1]",
    ),
    (
        "congruence, inside a partial derivative",
        lambda: kernel.congruence(
            PartialDerivative(x[1], y[1]), [((0,), kernel.instantiate(X_IS_Y, {k: 1}, EMPTY))], EMPTY
        ),
        "congruence: d(x[1])/d(y[1]) is no function of the values of its parts",
    ),
    # ring
    (
        "ring, the sum of squares",
        lambda: kernel.ring(IndexSum(x[k] ** 2, (k, 1, N)), SUM**2, EMPTY),
        "ring: normal forms differ: sum(x[k]**2, k=1..N) and (sum(x[k], k=1..N))**2",
    ),
    (
        "ring, beyond its bounds",
        lambda: kernel.ring((x[1] + y[1]) ** 20, (x[1] + y[1]) ** 20 + 1, EMPTY),
        "ring: normal form: power 20 of a sum, at most 16 is expanded",
    ),
    # reindex
    ("reindex, no sum", lambda: kernel.reindex(x[1], rho, (), EMPTY), "reindex: expected a sum, found x[1]"),
    (
        "reindex, no permutation",
        lambda: kernel.reindex(SUM, tensor("f", (k, 1, N), kind="integer"), (), EMPTY),
        "reindex: f is not declared a permutation",
    ),
    (
        "reindex, what only calls itself a permutation",
        lambda: kernel.reindex(SUM, Impostor(), (), EMPTY),  # type: ignore[arg-type]
        "is not declared a permutation",
    ),
    (
        "reindex, another range",
        lambda: kernel.reindex(IndexSum(x[k], (k, 1, N - 1)), rho, (), EMPTY),
        "reindex: rho[k] permutes 1..N, but the sum runs over 1..N - 1",
    ),
    (
        "reindex, another first index",
        lambda: kernel.reindex(IndexSum(x[k], (k, 0, N)), rho, (), EMPTY),
        "reindex: rho[k] permutes 1..N, but the sum runs over 0..N",
    ),
    (
        "reindex, the width of another layer",
        lambda: kernel.reindex(IndexSum(a[l, j], (j, 1, n[l])), pi, (l + 1,), Context.of((l, 1, L - 1))),
        "reindex: pi[l + 1, j] permutes 1..n[l + 1], but the sum runs over 1..n[l]",
    ),
    (
        "reindex, a parameter outside its range",
        lambda: kernel.reindex(IndexSum(a[l, j], (j, 1, n[l])), pi, (l,), Context.of((l, 0, L))),
        "reindex: l is not known to lie in 1..L, a range of pi",
    ),
    (
        "reindex, an unknown parameter",
        lambda: kernel.reindex(IndexSum(ONE, (j, 1, n[l])), pi, (l,), EMPTY),
        "reindex: expected an index with a range in the context, found l in l",
    ),
    (
        "reindex, too many parameters",
        lambda: kernel.reindex(SUM, rho, (ONE,), EMPTY),
        "reindex: rho takes 0 parameters, found 1",
    ),
    # contraction
    (
        "contraction, no sum",
        lambda: kernel.contraction(x[1], EMPTY),
        "contraction: expected a sum, found x[1]",
    ),
    (
        "contraction, no delta",
        lambda: kernel.contraction(SUM, EMPTY),
        "contraction: no delta with coefficient 1 or -1 on the index of sum(x[k], k=1..N)",
    ),
    (
        "contraction, an inequality",
        lambda: kernel.contraction(IndexSum(Bracket.at_most(k, 2) * x[k], (k, 1, N)), EMPTY),
        "contraction: no delta with coefficient 1 or -1",
    ),
    (
        "contraction, coefficient 2",
        lambda: kernel.contraction(IndexSum(Bracket.equal(2 * k, N) * x[k], (k, 1, N)), EMPTY),
        "contraction: no delta with coefficient 1 or -1",
    ),
    (
        "contraction, the value contains the index",
        lambda: kernel.contraction(IndexSum(Bracket.equal(k, rho[k]) * x[k], (k, 1, N)), EMPTY),
        "contraction: no delta with coefficient 1 or -1",
    ),
    (
        "contraction, a delta that is a summand",
        lambda: kernel.contraction(IndexSum(Bracket.equal(k, 1) + x[k], (k, 1, N)), EMPTY),
        "contraction: no delta with coefficient 1 or -1",
    ),
    (
        "contraction, a value that is no integer",
        lambda: kernel.contraction(IndexSum(Bracket.equal(k, y[1]) * k, (k, 1, N)), EMPTY),
        "contraction: expected an integer, found y[1]",
    ),
    # decide
    (
        "decide, open",
        lambda: kernel.decide(Bracket.equal(k, 1), TO_N),
        "decide: the ranges ((k, 1, N),) do not decide [1 = k]",
    ),
    (
        "decide, no bracket",
        lambda: kernel.decide(x[1], EMPTY),
        "decide: the ranges () do not decide x[1]",
    ),
    # split
    ("split, no sum", lambda: kernel.split(x[1], ONE, EMPTY), "split: expected a sum, found x[1]"),
    (
        "split, behind the end",
        lambda: kernel.split(SUM, N + 1, EMPTY),
        "split: N + 1 is not known to lie in 0..N",
    ),
    (
        "split, before the start",
        lambda: kernel.split(SUM, -ONE, EMPTY),
        "split: -1 is not known to lie in 0..N",
    ),
    (
        "split, an unknown index",
        lambda: (
            kernel.split(IndexSum(x[k], (k, 1, rho[1])), rho[1] - 1 + j - j, EMPTY)
            and kernel.split(IndexSum(ONE, (k, j, j)), j, EMPTY)
        ),
        "split: expected an index with a range in the context, found j in j",
    ),
    (
        "split, no integer",
        lambda: kernel.split(SUM, N / 2, EMPTY),
        "split: expected an integer, found 1/2",
    ),
    # single
    ("single, no sum", lambda: kernel.single(x[1], EMPTY), "single: expected a sum, found x[1]"),
    (
        "single, two values",
        lambda: kernel.single(IndexSum(x[k], (k, N, N + 1)), EMPTY),
        "single: expected a sum over one value, found sum(x[k], k=N..N + 1)",
    ),
    # differentiation
    (
        "differentiation of a jump",
        lambda: kernel.differentiation(kernel.reflexivity(Bracket.less(0, x[1]), EMPTY)),
        "differentiation: [0 < x[1]] has no differential everywhere",
    ),
    (
        "differentiation of a place holder",
        lambda: kernel.differentiation(kernel.reflexivity(PartialDerivative(x[1], y[1]), EMPTY)),
        "differentiation: no rule for the differential of PartialDerivative d(x[1])/d(y[1])",
    ),
    # specialise and derivative
    (
        "specialise, no tensor",
        lambda: kernel.specialise(ABOUT_X, Impostor(), ONE),  # type: ignore[arg-type]
        "specialise: expected a real tensor without index, found ",
    ),
    (
        "specialise, an integer",
        lambda: kernel.specialise(ABOUT_X, tensor("q", kind="integer"), ONE),
        "specialise: expected a real tensor without index, found q",
    ),
    (
        "specialise, a family",
        lambda: kernel.specialise(ABOUT_X, x, ONE),
        "specialise: expected a real tensor without index, found x",
    ),
    (
        "specialise, a differential",
        lambda: kernel.specialise(ABOUT_X, tensor("u").tangent(), ONE),
        "specialise: expected a real tensor without index, found du",
    ),
    (
        "derivative, a family",
        lambda: kernel.derivative(ABOUT_X, x),
        "derivative: expected a real tensor without index, found x",
    ),
    (
        "specialise, an unknown index",
        lambda: kernel.specialise(ABOUT_X, tensor("u"), x[k]),
        "specialise: expected an index with a range in the context, found k in x[k]",
    ),
    (
        "specialise, no term",
        lambda: kernel.specialise(ABOUT_X, tensor("u"), 1 / x[1]),
        "specialise: expected a base known to be positive for the exponent -1, found 1/x[1]",
    ),
    # shift
    (
        "shift, an own index",
        lambda: hypothesis_of("h", w[j, k], ZERO, ((k, 1, N),)).shift({k: ONE}),
        "shift: capture of k in hypothesis h",
    ),
    (
        "shift, a value with an own index",
        lambda: hypothesis_of("h", w[j, k], ZERO, ((k, 1, N),)).shift({j: k + 1}),
        "shift: capture of k in hypothesis h",
    ),
)


@pytest.mark.parametrize(("step", "text"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_an_illegal_step_is_refused(step: Callable[[], object], text: str) -> None:
    with pytest.raises(KernelError, match=re.escape(text)):
        step()
