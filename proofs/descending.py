r"""A tie whose incoming gradient g = Q v is not 0 has a direction that descends, of curvature - 4 N^2.

Along u = 2 N g and h = - (G + 1) Q^T g, with N = |Q^T g|^2 and G = g P g, the form is
4 N^2 G - 4 N (G + 1) N = - 4 N^2; and v . Q^T g = |g|^2, so N = 0 only where g = 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from sympy import Expr, Integer, Symbol

from proofs.blocks import BIAS, INCOMING, curvature, incoming_gradient, tensors
from proofs.setting import L, i, k, l, m
from proofs.transverse import directions, hidden, n, net, r
from symderive.calculus import IndexSum, tensor
from symderive.calculus.ranges import Context
from symderive.calculus.terms import Entry
from symderive.proof import kernel
from symderive.proof.kernel import Path, Theorem, hypothesis_of
from symderive.proof.tactics import Chain

ONE, ZERO = Integer(1), Integer(0)
DIRECTIONS = (
    "direction of the incoming weights", "direction of the biases", "direction of the outgoing weights",
)  # fmt: skip
(p,) = (Symbol("p", integer=True),)


@dataclass(frozen=True)
class Descending:
    """The form along the direction; |g|^2 = sum_i v_i H_i; and where the form is 0, the gradient is."""

    form: Chain
    dot: Chain
    weights: Theorem
    bias: Theorem


@cache
def descending() -> Descending:
    """The direction, its curvature, and that it is strictly negative unless the incoming gradient is 0."""
    ctx, width, t = hidden(), n(), tensors()
    _, u, beta, h = directions()
    g, g0, v = net().tensor("grad_w"), net().tensor("grad_b")[m, 1], net().tensor("w")
    H = tensor("H", (l, 1, L - 1), (i, 1, width[l + 1]), sup=1)
    N, G = tensor("N", (l, 1, L - 1), sup=1), tensor("G", (l, 1, L - 1), sup=1)
    kappa = tensor("kappa", latex=r"\kappa")
    inner, second, outer = (k, ONE, width[m - 1]), (p, 1, width[m - 1]), (i, ONE, width[m + 1])

    def over(e: Expr) -> Expr:
        return IndexSum(e, inner)

    pushed = over(t["Q"][m, k, i] * g[m, 1, k]) + t["V"][m, i] * g0
    own = over(g[m, 1, k] * (IndexSum(t["P"][m, k, p] * g[m, 1, p], second) + t["R"][m, k] * g0)) + g0 * (
        over(t["R"][m, k] * g[m, 1, k]) + t["U"][m] * g0
    )
    rows = {
        "transposed Q times the gradient": (H[m, i], pushed, (outer,)),
        "square of that": (N[m], IndexSum(H[m, i] ** 2, outer), ()),
        "curvature along the gradient": (G[m], own, ()),
        DIRECTIONS[0]: (u[m - 1, k], 2 * N[m] * g[m, 1, k], (inner,)),
        DIRECTIONS[1]: (beta[()], 2 * N[m] * g0, ()),
        DIRECTIONS[2]: (h[m + 1, i], -(G[m] + 1) * H[m, i], (outer,)),
        "curvature": (kappa[()], curvature(), ()),
    }
    law = {
        name: kernel.assume(hypothesis_of(name, a, b, limits, "definition"), ctx)
        for name, (a, b, limits) in rows.items()
    }
    form = Chain(kappa[()], ctx).rewrite(law["curvature"])
    for name in DIRECTIONS:
        form.rewrite(law[name])
    cross = 4 * N[m] * (G[m] + 1) * IndexSum(H[m, i] * pushed, outer)
    form.ring(4 * N[m] ** 2 * own - cross)
    for name in ("transposed Q times the gradient", "curvature along the gradient", "square of that"):
        fold(form, law[name], name)
    form.ring(-4 * N[m] ** 2)
    none = _nothing_pushed(form, law["square of that"], (i, 0))
    first = {
        name: kernel.instantiate(c.theorem, {r: ONE}, _without(c.context, r))
        for name, c in incoming_gradient().items()
    }
    square = over(g[m, 1, k] * first[INCOMING].rhs) + g0 * first[BIAS].rhs
    start = over(g[m, 1, k] ** 2) + g0**2
    unfolded = Chain(square, ctx)
    for found in first.values():
        fold(unfolded, found, "the incoming gradient")
    unfolded.ring(start)
    dot = Chain(start, ctx).then(kernel.symmetry(unfolded.theorem), "the incoming gradient")
    dot.ring(IndexSum(v[m + 1, i, 1] * pushed, outer))
    fold(dot, law["transposed Q times the gradient"], "transposed Q times the gradient")
    total = kernel.transitivity(dot.theorem, Chain(dot.now, ctx).rewrite(none).theorem)
    places = total.lhs.args.index
    weights = kernel.vanishing(total, (places(over(g[m, 1, k] ** 2)), k, 0))
    return Descending(form, dot, weights, kernel.vanishing(total, (places(g0**2), 0)))


def _nothing_pushed(form: Chain, square: Theorem, path: Path) -> Theorem:
    """Where the curvature is 0, - 4 N^2 = 0, so N = sum_i H_i^2 = 0, and each H_i = 0."""
    flat = kernel.assume(hypothesis_of("the curvature is 0", form.theorem.lhs, ZERO), form.context)
    zero = kernel.transitivity(kernel.symmetry(form.theorem), flat)
    positive = Chain(-form.now, form.context)
    held = IndexSum(form.now, (r, 1, 1))  # a term of its own, which is put in for
    positive.ring(-held)
    at = positive.now.args.index(held)
    positive.then(kernel.congruence(positive.now, [((at, r), zero)], form.context), "0")
    power = next(n for n, a in enumerate(positive.theorem.lhs.args) if a.is_Pow)
    found = Chain(square.rhs, form.context).then(kernel.symmetry(square), "square of that")
    found.then(kernel.vanishing(positive.theorem, (power, 0)), "the curvature is 0")
    return kernel.vanishing(found.theorem, path)


def fold(chain: Chain, law: Theorem, reason: str) -> Chain:
    """Put the left side of a law where its right side stands, to the letter."""
    back = kernel.symmetry(law)
    return chain.then(kernel.congruence(chain.now, where(chain.now, back), chain.context), reason)


def _without(ctx: Context, letter: Expr) -> Context:
    return Context(tuple(x for x in ctx.limits if x[0] != letter))


def where(e: Expr, t: Theorem) -> list[tuple[Path, Theorem]]:
    """Where the left side of t stands, under sums opened by the letters of its context."""

    def search(e: Expr, path: Path) -> list[tuple[Path, Theorem]]:
        if e == t.lhs:
            return [(path, t)]
        if isinstance(e, IndexSum):
            free = [x for x, *ends in t.context if x not in path and (e.lo, e.hi) == tuple(ends)]
            return next((y for x in free if (y := search(e.open(x), (*path, x)))), [])
        if isinstance(e, Entry):
            return []
        return [y for n, a in enumerate(e.args) if isinstance(a, Expr) for y in search(a, (*path, n))]

    return search(e, ())


__all__ = ["Descending", "descending", "fold", "where"]
