r"""B = [[P, Q], [Q^T, 0]]: the blocks, read off the derived Hessian as its coefficients, and what follows.

With (u, beta) for the incoming weights and the bias, and h for the outgoing weights, each neuron of the tied group
gets c_j times P (u, beta) + Q h, and c_j times Q^T (u, beta).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from sympy import Expr, Integer

from proofs.setting import L, i, j, k, l, m
from proofs.transverse import M, directions, hidden, n, net, r, tied, transverse
from symderive.calculus import IndexSum, TensorSymbol, indices, tensor
from symderive.calculus.contraction import contract, decide
from symderive.calculus.ranges import EMPTY, Context
from symderive.calculus.terms import Entry
from symderive.proof import kernel
from symderive.proof.combination import equality
from symderive.proof.kernel import Hypothesis, Theorem, hypothesis_of
from symderive.proof.tactics import Chain

(p,) = indices("p")
ONE, ZERO = Integer(1), Integer(0)

INCOMING, BIAS, OUTGOING = (
    "gradients of the incoming weights", "gradients of the biases", "gradients of the outgoing weights",
)  # fmt: skip


@cache
def tensors() -> Mapping[str, TensorSymbol]:
    """P_{kp} and Q_{ki}, and the same for the bias in place of an incoming weight: R_k, S, V_i."""
    w = n()
    layer = (l, 1, L - 1)
    return {
        "P": tensor("P", layer, (k, 1, w[l - 1]), (p, 1, w[l - 1]), sup=1),
        "R": tensor("R", layer, (k, 1, w[l - 1]), sup=1),
        "S": tensor("S", layer, sup=1),
        "Q": tensor("Q", layer, (k, 1, w[l - 1]), (i, 1, w[l + 1]), sup=1),
        "V": tensor("V", layer, (i, 1, w[l + 1]), sup=1),
    }


def coefficient(e: Expr, of: Entry, ctx: Context) -> Expr:
    """d e / d (entry), with the deltas of the differentiation contracted."""
    found = e.diff(of)
    for _ in range(4):
        found = decide(contract(found), ctx)
    return found


@cache
def definitions() -> tuple[Hypothesis, ...]:
    """The blocks as the derived Hessian has them, for every hidden layer l."""
    done = transverse().chains
    c, u, beta, h = directions()
    w, t = n(), tensors()
    inner, second, outer = (k, ONE, w[l - 1]), (p, ONE, w[l - 1]), (i, ONE, w[l + 1])
    rows = (
        ("block P", t["P"], INCOMING, u[m - 1, p], (inner, second)),
        ("block P, weight and bias", t["R"], INCOMING, beta[()], (inner,)),
        ("block P, bias", t["S"], BIAS, beta[()], ()),
        ("block Q", t["Q"], INCOMING, h[m + 1, i], (inner, outer)),
        ("block Q, bias", t["V"], BIAS, h[m + 1, i], (outer,)),
    )  # fmt: skip
    found = []
    for name, block, chain, direction, limits in rows:
        ctx = hidden().bind(r, 1, M)
        for x, lo, hi in limits:
            ctx = ctx.bind(x, lo.xreplace({l: m}), hi.xreplace({l: m}))
        value = coefficient(coefficient(done[chain].now, c[m, r], ctx), direction, ctx).xreplace({m: l})
        index = (l, *(x for x, _, _ in limits))
        found.append(hypothesis_of(name, block[index], value, ((l, ONE, L - 1), *limits), "definition"))
    return tuple(found)


def acting(layer: Expr = m) -> dict[str, Expr]:
    """P (u, beta) + Q h, the same for the bias, and Q^T (u, beta)."""
    _, u, beta, h = directions()
    t, w = tensors(), n()
    inner, second, outer = (k, 1, w[layer - 1]), (p, 1, w[layer - 1]), (i, 1, w[layer + 1])
    return {
        INCOMING: IndexSum(t["P"][layer, k, p] * u[layer - 1, p], second)
        + t["R"][layer, k] * beta[()]
        + IndexSum(t["Q"][layer, k, i] * h[layer + 1, i], outer),
        BIAS: IndexSum(t["R"][layer, k] * u[layer - 1, k], inner)
        + t["S"][layer] * beta[()]
        + IndexSum(t["V"][layer, i] * h[layer + 1, i], outer),
        OUTGOING: IndexSum(t["Q"][layer, k, i] * u[layer - 1, k], inner) + t["V"][layer, i] * beta[()],
    }


@dataclass(frozen=True)
class Blocks:
    """The Hessian in blocks, its form, the incoming gradient, and the direction in which it descends."""

    action: dict[str, Chain]
    form: Chain
    gradient: dict[str, Chain]


def laws() -> tuple[Theorem, ...]:
    """The definitions of the blocks."""
    return tuple(kernel.assume(h, EMPTY) for h in definitions())


@cache
def action() -> dict[str, Chain]:
    """d(dC/dw_{jk}) = c_j (P (u, beta) + Q h)_k, and so on."""
    found = {}
    c = directions()[0]
    for name, value in acting().items():
        whole = transverse().chains[name]
        chain = Chain(whole.theorem.lhs, whole.context).then(whole.theorem, "differential along the direction")
        goal = c[m, r] * value
        chain.fold(goal, [t for t in laws() if t.lhs.symbol in goal.free_symbols], "the blocks")
        found[name] = chain
    return found


def curvature() -> Expr:
    """(u, beta, h) B (u, beta, h)"""
    _, u, beta, h = directions()
    w, parts = n(), acting()
    return (
        IndexSum(u[m - 1, k] * parts[INCOMING], (k, 1, w[m - 1]))
        + beta[()] * parts[BIAS]
        + IndexSum(h[m + 1, i] * parts[OUTGOING], (i, 1, w[m + 1]))
    )


@cache
def second_differential() -> Chain:
    """sum over what moves of dw d(dC/dw) = (sum_j c_j^2) (u, beta, h) B (u, beta, h)"""
    w, b = (net().tensor(x) for x in "wb")
    gw, gb = (net().tensor(f"grad_{x}").tangent() for x in "wb")
    dw, db, width = w.tangent(), b.tangent(), n()
    ctx = hidden()
    start = IndexSum(
        IndexSum(dw[m, r, k] * gw[m, r, k], (k, 1, width[m - 1]))
        + db[m, r] * gb[m, r]
        + IndexSum(dw[m + 1, i, r] * gw[m + 1, i, r], (i, 1, width[m + 1])),
        (r, 1, M),
    )
    chain = Chain(start, ctx)
    for t in action().values():
        chain.rewrite(t.theorem, "the Hessian in blocks")
    from proofs.transverse import moved

    for h in moved()[:3]:
        chain.rewrite(kernel.assume(h, ctx))
    c = directions()[0]
    return chain.ring(IndexSum(c[m, r] ** 2, (r, 1, M)) * curvature())


@cache
def incoming_gradient() -> dict[str, Chain]:
    """dC/dw_{jk} = sum_i Q_{ki} w_{ij} and dC/db_j = sum_i V_i w_{ij} of the layer after: it is Q v."""
    ctx, w, t, width = hidden().bind(r, 1, M), net().tensor("w"), tensors(), n()
    own, tie = transverse().laws, [kernel.assume(h, hidden()) for h in tied()]
    same = transverse().theorems["equal weighted inputs"]
    found = {}
    for name, e, block, law in (
        (INCOMING, net().tensor("grad_w")[m, r, k], t["Q"][m, k, i], "gradient of the weights"),
        (BIAS, net().tensor("grad_b")[m, r], t["V"][m, i], "gradient of the biases"),
    ):
        here = ctx.bind(k, 1, width[m - 1]) if name == INCOMING else ctx
        chain = Chain(e, here).rewrite(own[law]).rewrite(own["delta of a hidden layer"])
        chain.rewrite(same, "equal weighted inputs").rewrite(tie[2])
        goal = IndexSum(block * w[m + 1, i, 1], (i, 1, width[m + 1]))
        found[name] = chain.fold(goal, [x for x in laws() if x.lhs.symbol in goal.free_symbols], "the blocks")
    return found


# ------------------------------------------------------------------ the direction that descends


@dataclass(frozen=True)
class Descending:
    """Along (2 N g, - (G + 1) Q^T g), with g the incoming gradient, the form is - 4 N^2; and N = 0 only if g = 0."""

    definitions: tuple[Hypothesis, ...]
    form: Chain
    dot: Chain
    zero: Theorem
    bias: Theorem


@cache
def descending() -> Descending:
    """The direction, its curvature, and that it is strictly negative unless the incoming gradient is 0."""
    ctx, width, t = hidden(), n(), tensors()
    _, u, beta, h = directions()
    gw, gb, w = net().tensor("grad_w"), net().tensor("grad_b"), net().tensor("w")
    H = tensor("H", (l, 1, L - 1), (i, 1, width[l + 1]), sup=1)
    N, G = tensor("N", (l, 1, L - 1), sup=1), tensor("G", (l, 1, L - 1), sup=1)
    kappa = tensor("kappa", latex=r"\kappa")
    inner, second, outer = (k, ONE, width[m - 1]), (p, 1, width[m - 1]), (i, ONE, width[m + 1])
    one = 1

    def sums(e: Expr) -> Expr:
        return IndexSum(e, inner)

    along = {
        "transposed Q times the gradient": (
            H[m, i], sums(t["Q"][m, k, i] * gw[m, one, k]) + t["V"][m, i] * gb[m, one], (outer,)),
        "square of that": (N[m], IndexSum(H[m, i] ** 2, outer), ()),
        "curvature along the gradient": (
            G[m],
            sums(gw[m, one, k] * (IndexSum(t["P"][m, k, p] * gw[m, one, p], second) + t["R"][m, k] * gb[m, one]))
            + gb[m, one] * (sums(t["R"][m, k] * gw[m, one, k]) + t["S"][m] * gb[m, one]), ()),
        "direction of the incoming weights": (u[m - 1, k], 2 * N[m] * gw[m, one, k], (inner,)),
        "direction of the biases": (beta[()], 2 * N[m] * gb[m, one], ()),
        "direction of the outgoing weights": (h[m + 1, i], -(G[m] + 1) * H[m, i], (outer,)),
        "curvature": (kappa[()], curvature(), ()),
    }  # fmt: skip
    hs = {name: hypothesis_of(name, a, b, limits, "definition") for name, (a, b, limits) in along.items()}
    law = {name: kernel.assume(x, ctx) for name, x in hs.items()}
    chain = Chain(kappa[()], ctx).rewrite(law["curvature"])
    for name in ("direction of the incoming weights", "direction of the biases", "direction of the outgoing weights"):
        chain.rewrite(law[name])
    unfolded = [law["square of that"], law["curvature along the gradient"], law["transposed Q times the gradient"]]
    chain.fold(-4 * N[m] ** 2, unfolded[:1], "") if False else None
    goal = Chain(-4 * N[m] * IndexSum(H[m, i] ** 2, outer), ctx)
    goal.then(kernel.congruence(goal.now, _where(goal.now, kernel.symmetry(law["square of that"])), ctx), "square of that")
    middle = -4 * N[m] * IndexSum(
        H[m, i] * (sums(t["Q"][m, k, i] * gw[m, one, k]) + t["V"][m, i] * gb[m, one]), outer)
    quadratic = 4 * N[m] ** 2 * along["curvature along the gradient"][1]
    cross = 4 * N[m] * (G[m] + 1) * IndexSum(
        H[m, i] * (sums(t["Q"][m, k, i] * gw[m, one, k]) + t["V"][m, i] * gb[m, one]), outer)
    chain.ring(quadratic - cross, "collected")
    back = kernel.symmetry(law["transposed Q times the gradient"])
    chain.then(kernel.congruence(chain.now, _where(chain.now, back), ctx), "transposed Q times the gradient")
    curved = kernel.symmetry(law["curvature along the gradient"])
    chain.then(kernel.congruence(chain.now, _where(chain.now, curved), ctx), "curvature along the gradient")
    squared = kernel.symmetry(law["square of that"])
    chain.then(kernel.congruence(chain.now, _where(chain.now, squared), ctx), "square of that")
    chain.ring(-4 * N[m] ** 2)
    del middle
    # if N = 0, then H = 0, and |g|^2 = v . H = 0
    flat = hypothesis_of("the curvature is 0", kappa[()], ZERO)
    form = kernel.transitivity(kernel.symmetry(chain.theorem), kernel.assume(flat, ctx))  # -4 N^2 = 0
    positive = Chain(4 * N[m] ** 2, ctx).ring(-1 * (-4 * N[m] ** 2))
    nothing = kernel.vanishing(_negated(form, 4 * N[m] ** 2), (1, 0))
    summed = Chain(law["square of that"].rhs, ctx).then(kernel.symmetry(law["square of that"]), "square of that")
    summed.then(nothing, "the curvature is 0")
    none = kernel.vanishing(summed.theorem, (i, 0))
    grads = incoming_gradient()
    start = sums(gw[m, one, k] ** 2) + gb[m, one] ** 2
    first = {
        name: kernel.instantiate(c.theorem, {r: ONE}, _without(c.context, r)) for name, c in grads.items()
    }
    square = sums(gw[m, one, k] * first[INCOMING].rhs) + gb[m, one] * first[BIAS].rhs
    dot = Chain(start, ctx)
    pieces = Chain(square, ctx)
    pieces.then(
        kernel.congruence(pieces.now, [x for f in first.values() for x in _where(pieces.now, kernel.symmetry(f))], ctx),
        "the incoming gradient",
    )
    pieces.ring(start)
    dot.then(kernel.symmetry(pieces.theorem), "the incoming gradient")
    inside = sums(t["Q"][m, k, i] * gw[m, one, k]) + t["V"][m, i] * gb[m, one]
    dot.ring(IndexSum(w[m + 1, i, 1] * inside, outer), "collected")
    dot.then(kernel.congruence(dot.now, _where(dot.now, back), ctx), "transposed Q times the gradient")
    end = Chain(dot.now, ctx).rewrite(none, "the curvature is 0")
    total = kernel.transitivity(dot.theorem, end.theorem)
    weights = kernel.vanishing(total, (total.lhs.args.index(sums(gw[m, one, k] ** 2)), k, 0))
    bias = kernel.vanishing(total, (total.lhs.args.index(gb[m, one] ** 2), 0))
    del positive
    return Descending(tuple(hs.values()), chain, dot, weights, bias)


def _without(ctx: Context, letter: Expr) -> Context:
    return Context(tuple(x for x in ctx.limits if x[0] != letter))


def _negated(t: Theorem, goal: Expr) -> Theorem:
    """-a = 0 gives a = 0."""
    minus = tensor("any", latex=r"\xi")
    both = Chain(goal, t.context)
    held = IndexSum(t.lhs, (r, 1, 1))
    both.ring(-held)
    both.then(kernel.congruence(both.now, [((both.now.args.index(held), r), t)], t.context), "0")
    del minus
    return both.theorem


def _where(e: Expr, t: Theorem) -> list[tuple[tuple[object, ...], Theorem]]:
    """Where the left side of t stands, under sums opened by the letters of its context."""
    letters = [x for x in t.context.symbols]

    def search(e: Expr, path: tuple[object, ...], opened: tuple[Expr, ...]) -> list[tuple[tuple[object, ...], Theorem]]:
        if e == t.lhs:
            return [(path, t)]
        if isinstance(e, IndexSum):
            free = [x for x in letters if x not in opened and (e.lo, e.hi) == t.context[x]]
            found = [y for x in free for y in search(e.open(x), (*path, x), (*opened, x))]
            return found[:1]
        if not e.args or isinstance(e, Entry):
            return []
        return [y for n, a in enumerate(e.args) if isinstance(a, Expr) for y in search(a, (*path, n), opened)]

    return search(e, (), ())


__all__ = ["equality", "j"]
