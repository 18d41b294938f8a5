r"""B = [[P, Q], [Q^T, 0]]: the blocks, read off the derived Hessian as its coefficients, and what follows.

With (u, beta) for the incoming weights and the bias, and h for the outgoing weights, each neuron of the
tied group
gets c_j times P (u, beta) + Q h, and c_j times Q^T (u, beta).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from sympy import Expr, Integer

from proofs.setting import L, i, k, l, m
from proofs.transverse import M, directions, hidden, moved, n, net, r, tied, transverse
from symderive.calculus import IndexSum, TensorSymbol, indices, tensor
from symderive.calculus.contraction import contract, decide
from symderive.calculus.ranges import EMPTY, Context
from symderive.calculus.terms import Entry
from symderive.proof import kernel
from symderive.proof.kernel import Hypothesis, Theorem, hypothesis_of
from symderive.proof.tactics import Chain

(p,) = indices("p")
ONE, ZERO = Integer(1), Integer(0)

INCOMING, BIAS, OUTGOING = (
    "gradients of the incoming weights", "gradients of the biases", "gradients of the outgoing weights",
)  # fmt: skip


@cache
def tensors() -> Mapping[str, TensorSymbol]:
    """P_{kp} and Q_{ki}, and the same for the bias in place of an incoming weight: R_k, U, V_i."""
    w = n()
    layer = (l, 1, L - 1)
    return {
        "P": tensor("P", layer, (k, 1, w[l - 1]), (p, 1, w[l - 1]), sup=1),
        "R": tensor("R", layer, (k, 1, w[l - 1]), sup=1),
        "U": tensor("U", layer, sup=1),
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
        ("block P, bias", t["U"], BIAS, beta[()], ()),
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
        + t["U"][layer] * beta[()]
        + IndexSum(t["V"][layer, i] * h[layer + 1, i], outer),
        OUTGOING: IndexSum(t["Q"][layer, k, i] * u[layer - 1, k], inner) + t["V"][layer, i] * beta[()],
    }


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
        chain = Chain(whole.theorem.lhs, whole.context).then(
            whole.theorem, "differential along the direction"
        )
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


__all__ = [
    "BIAS", "INCOMING", "OUTGOING", "acting", "action", "curvature", "definitions", "incoming_gradient",
    "second_differential", "tensors",
]  # fmt: skip
