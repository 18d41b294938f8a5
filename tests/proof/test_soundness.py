"""Random steps of the kernel: whatever theorem it makes, both sides are equal at random numbers, exactly.

The oracle evaluates by looping over all indices and shares no transformation with the calculus.
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

import pytest
from random_theorems import Maker, assignments, k, moving, pi, rho, sides, values, x
from sympy import Expr, latex

from symderive.calculus import Bracket, CalculusError, IndexSum, TensorSymbol
from symderive.calculus.contraction import contract, decide
from symderive.calculus.differential import differential
from symderive.calculus.normal_form import normal_form
from symderive.calculus.ranges import Context
from symderive.evaluation.exact import Budget, evaluate_exact
from symderive.proof import kernel
from symderive.proof.kernel import KernelError, Theorem
from symderive.proof.language import require_term
from symderive.proof.tactics import places

RULES = ("ring", "contraction", "split", "single", "reindex", "decide")
DERIVED = ("instantiate", "congruence")


def step(make: Maker, rule: str, e: Expr, ctx: Context) -> Theorem:
    """The rule at e, with random arguments."""
    known, r = tuple(s for s, _, _ in ctx), make.random
    if rule == "ring":
        return kernel.ring(e, normal_form(e), ctx)
    if rule == "contraction":
        return kernel.contraction(e, ctx)
    if rule == "split":
        return kernel.split(e, make.integer(known), ctx)
    if rule == "single":
        return kernel.single(e, ctx)
    if rule == "reindex":
        permutation = r.choice([rho, pi])
        return kernel.reindex(
            e, permutation, [make.integer(known, 1) for _ in range(permutation.rank - 1)], ctx
        )
    if rule == "decide":
        bracket = Bracket(r.choice(Bracket.RELATIONS), make.integer(known), make.integer(known))
        return kernel.decide(bracket, ctx)
    if rule == "instantiate":
        t = step(make, r.choice(RULES), e, ctx)
        elsewhere = make.context()
        others = tuple(s for s, _, _ in elsewhere)
        return kernel.instantiate(t, {s: make.integer(others, 1) for s in known}, elsewhere)
    found = []
    for path, sub, inner in places(e, ctx):
        if not any(path[: len(p)] == p for p, _ in found):
            try:
                found.append((path, step(make, r.choice(RULES), sub, inner)))
            except (KernelError, CalculusError):
                continue
    return kernel.congruence(e, found, ctx)


@pytest.mark.parametrize("rule", [*RULES, *DERIVED])
def test_both_sides_of_a_theorem_are_equal(rule: str) -> None:
    counts: Counter[str] = Counter()
    for seed in range(300):
        make = Maker(seed)
        ctx = make.context()
        known = tuple(s for s, _, _ in ctx)
        e = make.scalar(known) if rule in ("ring", "congruence") else make.sum(known)
        try:
            t = step(make, rule, e, ctx)
        except (KernelError, CalculusError):
            counts["refused"] += 1
            continue
        if t.lhs == t.rhs:
            counts["trivial"] += 1
            continue
        try:
            for left, right in sides(t, seed):
                assert left == right, f"seed {seed}: {t}"
                counts["values"] += 1
            counts["theorems"] += 1
        except Budget:
            counts["too long"] += 1
    assert counts["theorems"] >= 4 and counts["values"] >= 10, counts
    assert counts["too long"] <= counts["theorems"] // 5, counts


def test_the_oracle_sees_a_false_equation() -> None:
    """The comparison above can fail: a sum without its last term is not the sum."""
    make, seen = Maker(0), 0
    for seed in range(20):
        e = make.sum((), 2)
        wrong = e + 1
        for a in assignments(seed):
            seen += evaluate_exact(e, a) != evaluate_exact(wrong, a)
    assert seen == 80


def test_a_differential_is_a_derivative() -> None:
    """On straight lines x_0 + s dx, against a central difference with an exact step of 10^-30."""
    h, seen = Fraction(1, 10**30), 0
    for seed in range(300):
        e = Maker(seed).scalar((), 3)
        try:
            require_term(e)
            d = differential(e)
        except CalculusError:
            continue
        if d == 0:
            continue
        try:
            up, down = (evaluate_exact(e, moving(seed, s), budget=20_000) for s in (h, -h))
            slope = evaluate_exact(d, moving(seed, Fraction(0)), budget=20_000)
        except Budget:
            continue
        assert abs((up - down) / (2 * h) - slope) < Fraction(1, 10**15), f"seed {seed}: {e}"
        seen += slope != 0
    assert seen >= 100


@pytest.mark.parametrize("name", ["contract", "decide"])
def test_contraction_and_decision_keep_the_value(name: str) -> None:
    """The passes of the derivation, which change many places at once."""
    seen = 0
    for seed in range(300):
        make = Maker(seed + 10**6)
        ctx = make.context()
        known = tuple(s for s, _, _ in ctx)
        e = make.sum(known) * make.scalar(known, 1)
        for _ in range(make.random.randrange(3)):
            e *= Bracket(make.random.choice(Bracket.RELATIONS), make.integer(known), make.integer(known))
        new = contract(e) if name == "contract" else decide(e, ctx)
        if new == e:
            continue
        try:
            for a in assignments(seed):
                for at in values(ctx, a):
                    old, now = (evaluate_exact(t, at, budget=20_000) for t in (e, new))
                    assert old == now, f"seed {seed}: {e} -> {new} in {ctx.limits}"
                    seen += 1
        except Budget:
            continue
    assert seen >= 100


def test_a_delta_at_a_real_number_is_not_contracted() -> None:
    """sum_k [k = y] k is 0 at y = 3/2."""
    e = IndexSum(Bracket.equal(k, x[1]) * k, (k, 1, 3))
    assert contract(e) == e


def test_different_tensors_have_different_differentials() -> None:
    plain, partial = TensorSymbol("x", mark="C"), TensorSymbol("x", style="partial", mark="C")
    named = TensorSymbol("dx", mark="C", latex_name="x")
    tangents = [plain.tangent(), partial.tangent(), named.tangent(), plain.tangent().tangent()]
    assert len(set(tangents)) == 4
    shown = [latex(t[()]) for t in tangents]
    assert shown[0] == r"\mathrm{d} x" and shown[3] == r"\mathrm{d} \mathrm{d} x"
    assert shown[1] == r"\mathrm{d} \frac{\partial C}{\partial x}"
