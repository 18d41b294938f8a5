r"""What a balanced colouring gives at one step: activations, deltas and gradients are those of the quotient.

a_j = \bar a_{c(j)},  delta_j = \bar delta_{c(j)} / M_{c(j)},  dC/dw_{jk} = dC/d\bar w_{c(j) c(k)} / M_{c(j)}
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sympy import Expr, Integer

from proofs.colouring import g, h, u
from proofs.quotient import Quotient
from proofs.setting import B, L, j, k, l, s, t
from symderive.calculus import Bracket, IndexSum
from symderive.calculus.ranges import Context
from symderive.proof import kernel
from symderive.proof.kernel import Theorem, hypothesis_of
from symderive.proof.tactics import Chain

Balanced = Mapping[str, Theorem]


@dataclass(frozen=True)
class OneStep:
    """The equations at one step, and the chains that led to them."""

    activations: Theorem
    weighted: Chain
    deltas: Theorem
    weights: Chain
    biases: Chain
    shown: tuple[tuple[str, Chain], ...]


def at_start(q: Quotient, start: Balanced) -> tuple[Theorem, tuple[tuple[str, Chain], ...]]:
    r"""Outgoing sums at step 0 from the incoming ones: the weights between two colours, counted twice.

    sum_j [c(j) = g] sum_k [c(k) = h] w_{jk} is M_g \bar w_{gh} by rows, and M_h V_{gh} by columns.
    """
    n, K, M = q.run.n, q.colours.K, q.colours.M
    w, w_bar, V = q.run.tensors["w"], q.bar.tensors["w"], q.V
    ctx = Context.of((l, 1, L), (g, 1, K[l]), (h, 1, K[l - 1]))
    to_g, from_h = Bracket.equal(q.colour(l, j), g), Bracket.equal(q.colour(l - 1, k), h)
    both = IndexSum(to_g * IndexSum(from_h * w[0, l, j, k], (k, 1, n[l - 1])), (j, 1, n[l]))
    by_rows = (
        Chain(both, ctx)
        .rewrite(start["incoming"])
        .replace(q.colours.summed(lambda x: w_bar[0, l, x, h], l, j, g, ctx), "members counted")
    )
    swapped = IndexSum(from_h * IndexSum(to_g * w[0, l, j, k], (j, 1, n[l])), (k, 1, n[l - 1]))
    by_columns = (
        Chain(both, ctx)
        .ring(swapped, "order of the sums")
        .rewrite(start["outgoing"])
        .replace(q.colours.summed(lambda x: V[l, g, x], l - 1, k, h, ctx), "members counted")
    )
    share = both / M[l - 1, h]
    one = Chain(share, ctx).replace(by_columns.theorem, "by columns").theorem
    other = Chain(share, ctx).replace(by_rows.theorem, "by rows").theorem
    equal = kernel.transitivity(kernel.symmetry(one), other)  # V_gh = M_g / M_h w_bar_gh
    inner = Context.of(*q.ranges("outgoing"))
    at = q.colours.at_colour(equal, h, l - 1, k, inner)
    chain = (
        Chain(q.outgoing(0), inner)
        .rewrite(start["outgoing"])
        .replace(at, "weights between two colours, counted twice")
    )
    return chain.theorem, (
        ("The weights between two colours, by rows", by_rows),
        ("The weights between two colours, by columns", by_columns),
        ("Outgoing sums in terms of the quotient", chain),
    )


def one_step(q: Quotient, balanced: Balanced, ctx: Context) -> OneStep:
    """All equations at step t, from a balanced colouring at step t."""
    activations, first, next_layer = _activations(q, balanced, ctx)
    weighted = _weighted(q, balanced, activations, l, ctx.bind(l, 1, L).bind(s, 1, B).bind(j, 1, q.run.n[l]))
    deltas, last, before = _deltas(q, balanced, activations, weighted.theorem, ctx)
    weights, biases = _gradients(q, activations, deltas, ctx)
    return OneStep(
        activations,
        weighted,
        deltas,
        weights,
        biases,
        (
            ("Inputs", first),
            ("From one layer to the next: weighted inputs", next_layer[0]),
            ("From one layer to the next: activations", next_layer[1]),
            ("Deltas of the last layer", last),
            ("From one layer to the one before it: deltas", before),
            ("Gradients of the weights", weights),
            ("Gradients of the biases", biases),
        ),
    )


def _weighted(q: Quotient, balanced: Balanced, below: Theorem, layer: Expr, ctx: Context) -> Chain:
    """z_j = z_bar_{c(j)}, from the activations of the layer below."""
    n, K = q.run.n, q.colours.K
    a_bar, b, w = q.bar.tensors["a"], q.run.tensors["b"], q.run.tensors["w"]
    inner = ctx.bind(k, 1, n[layer - 1])
    of_colour = q.colours.expanded(lambda x: a_bar[t, layer - 1, s, x], layer - 1, k, inner)
    from_u = Bracket.equal(q.colour(layer - 1, k), u) * w[t, layer, j, k]
    sums = IndexSum(a_bar[t, layer - 1, s, u] * IndexSum(from_u, (k, 1, n[layer - 1])), (u, 1, K[layer - 1]))
    unit = q.colours.at_colour(q.bar.laws["z"], j, layer, j, ctx, {l: layer})
    return (
        Chain(q.run.unit("z", t, layer, j), ctx)
        .rewrite(q.run.laws["z"])
        .rewrite(below, "activations of the layer before")
        .rewrite(of_colour, "sum over the colours")
        .ring(b[t, layer, j] + sums, "sums exchanged")
        .rewrite(balanced["incoming"])
        .rewrite(balanced["biases"])
        .fold(q.bar.unit("z", t, layer, q.colour(layer, j)), [unit], "weighted input, quotient network")
    )


def _activations(q: Quotient, balanced: Balanced, ctx: Context) -> tuple[Theorem, Chain, tuple[Chain, Chain]]:
    """a_j = a_bar_{c(j)} for the layers 0..L, by induction."""
    n, run, bar = q.run.n, q.run, q.bar
    goal = hypothesis_of(
        "activations, induction hypothesis",
        run.unit("a", t, l, j), bar.unit("a", t, l, q.colour(l, j)), ((s, 1, B), (j, 1, n[l])), "induction",
    )  # fmt: skip
    start = ctx.bind(s, 1, B).bind(j, 1, n[0])
    at_input = q.colours.at_colour(bar.laws["input"], j, Integer(0), j, start)
    first = (
        Chain(run.unit("a", t, 0, j), start)
        .rewrite(run.laws["input"])
        .rewrite(kernel.symmetry(q.colours.inputs), at=lambda e: e == j)
        .replace(kernel.symmetry(at_input), "input of the network, quotient network")
    )
    here = ctx.bind(l, 0, L - 1)
    below = kernel.assume(goal, here)
    inner = here.bind(s, 1, B).bind(j, 1, n[l + 1])
    z = _weighted(q, balanced, below, l + 1, inner)
    at_next = q.colours.at_colour(bar.laws["a"], j, l + 1, j, inner, {l: l + 1})
    step = (
        Chain(run.unit("a", t, l + 1, j), inner)
        .rewrite(run.laws["a"])
        .rewrite(z.theorem, "weighted inputs, just shown")
        .replace(kernel.symmetry(at_next), "activation, quotient network")
    )
    theorem = kernel.induction([goal], 0, [first.theorem], [step.theorem], (l, Integer(0), L), ctx)
    return theorem, first, (z, step)


def _deltas(
    q: Quotient, balanced: Balanced, activations: Theorem, weighted: Theorem, ctx: Context
) -> tuple[Theorem, Chain, Chain]:
    """delta_j = delta_bar_{c(j)} / M_{c(j)} for the layers 1..L, by induction downwards."""
    n, K, M, run, bar = q.run.n, q.colours.K, q.colours.M, q.run, q.bar
    w = run.tensors["w"]

    def share(layer: Expr, unit: Expr) -> Expr:
        colour = q.colour(layer, unit)
        return bar.unit("delta", t, layer, colour) / M[layer, colour]

    goal = hypothesis_of(
        "deltas, induction hypothesis",
        run.unit("delta", t, l, j), share(l, j), ((s, 1, B), (j, 1, n[l])), "induction",
    )  # fmt: skip
    top = ctx.bind(s, 1, B).bind(j, 1, n[L])
    at_last = q.colours.at_colour(bar.laws["delta_L"], j, L, j, top)
    alone = _alone(q, top)
    last = (
        Chain(run.unit("delta", t, L, j), top)
        .rewrite(run.laws["delta_L"])
        .rewrite(weighted, "weighted inputs")
        .rewrite(activations, "activations")
        .rewrite(q.colours.outputs)
        .rewrite(kernel.symmetry(q.colours.as_many))
        .rewrite(kernel.symmetry(q.colours.outputs), at=lambda e: e == j)
        .replace(kernel.symmetry(at_last), "delta of the last layer, quotient network")
        .fold(share(L, j), [alone], "an output is alone in its colour")
    )
    here = ctx.bind(l, 1, L - 1)
    above = kernel.assume(goal.shift({l: l + 1}), here)
    inner = here.bind(s, 1, B).bind(j, 1, n[l])
    deep = inner.bind(k, 1, n[l + 1])
    of_colour = q.colours.expanded(lambda x: bar.unit("delta", t, l + 1, x) / M[l + 1, x], l + 1, k, deep)
    local = kernel.instantiate(above, {j: k}, deep)
    spread = kernel.transitivity(local, of_colour)
    law = run.laws["delta"].rhs
    to_u = Bracket.equal(q.colour(l + 1, k), u) * w[t, l + 1, k, j]
    outgoing = IndexSum(to_u, (k, 1, n[l + 1]))
    total = IndexSum(bar.unit("delta", t, l + 1, u) / M[l + 1, u] * outgoing, (u, 1, K[l + 1]))
    (slope,) = (e for e in law.args if not isinstance(e, IndexSum))
    unit = q.colours.at_colour(bar.laws["delta"], j, l, j, inner)
    before = (
        Chain(run.unit("delta", t, l, j), inner)
        .rewrite(run.laws["delta"])
        .rewrite(spread, "deltas of the layer after, sum over the colours")
        .ring(slope * total, "sums exchanged")
        .rewrite(balanced["outgoing"])
        .rewrite(weighted, "weighted inputs")
        .fold(share(l, j), [unit], "delta of a hidden layer, quotient network")
    )
    theorem = kernel.induction(
        [goal], 0, [last.theorem], [before.theorem], (l, Integer(1), L), ctx, downwards=True
    )
    return theorem, last, before


def _alone(q: Quotient, ctx: Context) -> Theorem:
    """M_{c(j)} = 1 for an output j."""
    size = q.colours.at_colour(q.colours.sizes, g, L, j, ctx, {l: L})
    return Chain(size.lhs, ctx).then(size, "members").rewrite(q.colours.outputs).contract().theorem


def _gradients(q: Quotient, activations: Theorem, deltas: Theorem, ctx: Context) -> tuple[Chain, Chain]:
    """Every weight between two colours has the same gradient, and so has every bias of a colour."""
    n, K, M, run, bar = q.run.n, q.colours.K, q.colours.M, q.run, q.bar
    gw, gb = bar.tensors["grad_w"], bar.tensors["grad_b"]
    to_j = q.colour(l, j)
    inner = ctx.bind(l, 1, L).bind(j, 1, n[l])
    unit_b = q.colours.at_colour(bar.laws["grad_b"], j, l, j, inner)
    biases = (
        Chain(run.tensors["grad_b"][t, l, j], inner)
        .rewrite(run.laws["grad_b"])
        .rewrite(deltas, "deltas")
        .fold(gb[t, l, to_j] / M[l, to_j], [unit_b], "gradient of the biases, quotient network")
    )
    pair = inner.bind(k, 1, n[l - 1])
    half = q.colours.at_colour(bar.laws["grad_w"], j, l, j, pair.bind(h, 1, K[l - 1]), {k: h})
    unit_w = q.colours.at_colour(half, h, l - 1, k, pair)
    weights = (
        Chain(run.tensors["grad_w"][t, l, j, k], pair)
        .rewrite(run.laws["grad_w"])
        .rewrite(deltas, "deltas")
        .rewrite(activations, "activations")
        .fold(
            gw[t, l, to_j, q.colour(l - 1, k)] / M[l, to_j],
            [unit_w],
            "gradient of the weights, quotient network",
        )
    )
    return weights, biases
