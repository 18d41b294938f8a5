r"""Two points apart stay apart: the algebra of a step, of momentum and of the flow, for points of any shape.

D = sum (x - x~)^2 and G = sum (g - g~)^2 run over groups of entries; rho = c (K^2 D - G) says how far the
gradient
is from the bound |g - g~| <= K |x - x~|, and c is 1 for two points, 2 for a point and its image under an
exchange.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sympy import Add, Expr, Integer, Symbol, exp, expand

from symderive.calculus import tensor
from symderive.calculus.ranges import EMPTY, Context
from symderive.calculus.terms import index_sum
from symderive.proof import kernel
from symderive.proof.combination import combination, difference, equality
from symderive.proof.kernel import Hypothesis, Limits, Theorem, hypothesis_of
from symderive.proof.tactics import Chain

eta, K, mu = tensor("eta", latex=r"\eta"), tensor("K"), tensor("mu", latex=r"\mu")
rho, r, u = tensor("rho", latex=r"\rho"), tensor("r"), tensor("u")
time, weight = tensor("t"), tensor("kappa", latex=r"\kappa")
E, E_start, E_end = tensor("E"), tensor("E_0", latex=r"\mathring{E}"), tensor("E_T", latex=r"\bar{E}")
rise = tensor("h")

LIPSCHITZ = hypothesis_of("Lipschitz gradient", rho[()], r[()] ** 2)
SMALL = hypothesis_of("step size below 1/K", (1 - eta[()] ** 2 * K[()] ** 2) * u[()] ** 2, Integer(1))
MOMENTUM = hypothesis_of("momentum is not 0", mu[()] * u[()], Integer(1))
CONSTANT = hypothesis_of("K is constant", K.tangent()[()], Integer(0))
TIME = hypothesis_of("time passes", time.tangent()[()], Integer(1))
MEAN_VALUE = hypothesis_of("mean value theorem", E_end[()], E_start[()] + rise[()] ** 2, kind="citation")


@dataclass(frozen=True)
class Group:
    """Entries of two points: x and its gradient g, what they are after a step, and the indices they have.

    `new` and `velocity` (v, v~, v', v~' with momentum) are those of the two points, in this order.
    """

    x: tuple[Expr, Expr]
    g: tuple[Expr, Expr]
    limits: tuple[Limits, ...] = ()
    new: tuple[Expr, Expr] = (Integer(0), Integer(0))
    velocity: tuple[Expr, ...] = ()

    def sum(self, body: Expr) -> Expr:
        """sum of the body over the indices."""
        return index_sum(body, *self.limits)


def total(groups: Sequence[Group], body: Callable[[Group], Expr]) -> Expr:
    """The body, summed over all entries of all groups."""
    return Add(*(g.sum(body(g)) for g in groups))


def gap(groups: Sequence[Group]) -> Expr:
    """D = sum (x - x~)^2"""
    return total(groups, lambda g: (g.x[0] - g.x[1]) ** 2)


def gradient_gap(groups: Sequence[Group]) -> Expr:
    """G = sum (g - g~)^2"""
    return total(groups, lambda g: (g.g[0] - g.g[1]) ** 2)


def residual(groups: Sequence[Group]) -> Expr:
    """sum (K (x - x~) - (g - g~))^2"""
    return total(groups, lambda g: (K[()] * (g.x[0] - g.x[1]) - (g.g[0] - g.g[1])) ** 2)


def definition_of_rho(groups: Sequence[Group]) -> Hypothesis:
    """rho = K^2 D - G"""
    value = K[()] ** 2 * gap(groups) - gradient_gap(groups)
    return hypothesis_of("slack of the Lipschitz bound", rho[()], value, kind="definition")


def equal_after(group: Group, tie: Theorem, laws: Sequence[Theorem], ctx: Context) -> Theorem:
    """x - x~ - eta (g - g~) = 0, where a step of gradient descent leads to one and the same entry."""
    here = bound(ctx, group.limits)
    new, other = group.new
    both = Chain(new - other, here).rewrite(tie)
    moved = Chain(new - other, here)
    for law in laws:
        moved.rewrite(law)
    moved.ring(expand(group.x[0] - group.x[1] - eta[()] * (group.g[0] - group.g[1])))
    return kernel.transitivity(kernel.symmetry(moved.theorem), both.theorem)


def gaps_agree(groups: Sequence[Group], equal: Sequence[Theorem], ctx: Context) -> Theorem:
    """D - eta^2 G = 0, as each of its terms has the factor x - x~ - eta (g - g~)."""
    terms, found = [], []
    for group, t in zip(groups, equal, strict=True):
        d, e = (a - b for a, b in (group.x, group.g))
        body = t.lhs * (d + eta[()] * e)
        terms.append(group.sum(body))
        path = (*(k for k, _, _ in group.limits), body.args.index(t.lhs))
        found.append(kernel.congruence(terms[-1], [(path, t)], ctx))
    zero = Chain(gap(groups) - eta[()] ** 2 * gradient_gap(groups), ctx).ring(Add(*terms), "factored")
    if len(terms) == 1:
        return zero.then(found[0], "each factor on the left is 0").theorem
    at = [((n,), t) for t in found for n, a in enumerate(zero.now.args) if a == t.lhs]
    return zero.then(kernel.congruence(zero.now, at, ctx), "each factor on the left is 0").theorem


def no_gap(groups: Sequence[Group], agree: Theorem, slack: Theorem, c: int, ctx: Context) -> Chain:
    """D + u^2 eta^2 r^2 / c = 0, from D = eta^2 G, the Lipschitz bound and the bound on the step size."""
    lipschitz, small = (kernel.assume(h, ctx) for h in (LIPSCHITZ, SMALL))
    h, U, R = eta[()], u[()], r[()]
    D = gap(groups)
    parts = [
        (U**2, agree),
        (-D, difference(small)),
        (-(U**2) * h**2 / c, difference(lipschitz)),
        (U**2 * h**2 / c, difference(slack)),
    ]
    return combination(D + U**2 * h**2 * R**2 / c, Integer(0), parts, ctx)


def entry_is_equal(group: Group, zero: Theorem, ctx: Context) -> Theorem:
    """x = x~, from a sum of squares that is 0 and has (x - x~)^2, summed, among its terms."""
    x, other = group.x
    square = group.sum((x - other) ** 2)
    path: tuple[int | Symbol, ...] = (*(k for k, _, _ in group.limits), 0)
    if zero.lhs != square:
        path = (zero.lhs.args.index(square), *path)
    return equality(kernel.vanishing(zero, path), x, other)


def distance(groups: Sequence[Group], laws: Sequence[Theorem], slack: Theorem, ctx: Context) -> Chain:
    """K sum (x' - x~')^2 = K (1 - eta K)^2 D + eta sum (K (x - x~) - (g - g~))^2 + eta (1 - eta K) rho"""
    h, k = eta[()], K[()]
    chain = Chain(k * total(groups, lambda g: (g.new[0] - g.new[1]) ** 2), ctx)
    for law in laws:
        chain.rewrite(law)
    goal = k * (1 - h * k) ** 2 * gap(groups) + h * residual(groups) + h * (1 - h * k) * rho[()]
    return chain.fold(goal, [slack], "collected, with the slack of the Lipschitz bound")


def energy(groups: Sequence[Group], of: str) -> Hypothesis:
    """E = e^{2 K t} D"""
    value = exp(2 * K[()] * time[()]) * gap(groups)
    return hypothesis_of(f"weighted gap{of}", E[()], value, kind="definition")


def growth(
    groups: Sequence[Group], flow: Sequence[Theorem], slack: Theorem, c: int, ctx: Context, of: str = ""
) -> Chain:
    """K dE = e^{2 K t} (sum (K (x - x~) - (g - g~))^2 + rho / c), along the flow dx = -g"""
    law = kernel.assume(energy(groups, of), ctx)
    constant, passes = (kernel.assume(h, EMPTY) for h in (CONSTANT, TIME))
    chain = Chain(K[()] * E.tangent()[()], ctx)
    chain.rewrite(kernel.differentiation(law), "differential of the weighted gap")
    for t in (constant, passes, *flow):
        chain.rewrite(t)
    goal = exp(2 * K[()] * time[()]) * (residual(groups) + rho[()] / c)
    return chain.fold(goal, [slack], "collected, with the slack of the Lipschitz bound")


def before_and_after(start: Sequence[Group], end: Sequence[Group], of: str) -> tuple[Hypothesis, Hypothesis]:
    """E at time 0, sum (x_0 - x~_0)^2, and at time T, kappa sum (x_T - x~_T)^2, where kappa is e^{2 K T}."""
    first = hypothesis_of(f"weighted gap{of} at time 0", E_start[()], gap(start), kind="definition")
    value = weight[()] * gap(end)
    return first, hypothesis_of(f"weighted gap{of} at time T", E_end[()], value, kind="definition")


def no_gap_before(
    start: Sequence[Group], end: Sequence[Group], ties: Sequence[Theorem], ctx: Context, of: str = ""
) -> Chain:
    """sum (x_0 - x~_0)^2 + h^2 = 0, where the points meet at time T, as E_T = E_0 + h^2."""
    first, final = (kernel.assume(h, ctx) for h in before_and_after(start, end, of))
    risen = kernel.assume(MEAN_VALUE, EMPTY)
    chain = Chain(gap(start) + rise[()] ** 2, ctx)
    chain.fold(E_start[()] + rise[()] ** 2, [first], "weighted gap at time 0")
    chain.then(kernel.symmetry(kernel.instantiate(risen, {}, ctx)), "mean value theorem")
    chain.rewrite(final)
    for t in ties:
        chain.rewrite(t)
    return chain


def backwards(t: Theorem, e: Expr, ctx: Context) -> Theorem:
    """x = x' + eta v', from t, x' = x - eta v': what e, which is x' + eta v', becomes where t is put in."""
    return kernel.symmetry(Chain(e, ctx).rewrite(t).theorem)


def same_velocity(
    group: Group, rules: tuple[Theorem, Theorem], tie: Theorem, same: Theorem, ctx: Context
) -> Chain:
    """v = v~, from mu v = v' - g, v' = v~', g = g~ and mu u = 1."""
    v, other, new, new_other = group.velocity
    here = bound(ctx, group.limits)
    one = backwards(rules[0], new - group.g[0], here)
    two = backwards(rules[1], new_other - group.g[1], here)
    chain = Chain(mu[()] * v, here).then(one, "rule of the velocity").rewrite(tie).rewrite(same)
    chain.then(kernel.symmetry(two), "rule of the velocity")
    times = difference(chain.theorem)
    unit = difference(kernel.assume(MOMENTUM, here))
    return combination(v, other, [(u[()], times), (-(v - other), unit)], here)


def bound(ctx: Context, limits: Sequence[Limits]) -> Context:
    """The context with these indices."""
    for limit in limits:
        ctx = ctx.bind(*limit)
    return ctx
