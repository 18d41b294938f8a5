r"""The total differential of the cost, by induction downwards; on one sample, or on a batch.

dC = sum_l sum_j ( sum_k dC/dw^l_{jk} dw^l_{jk} + dC/db^l_j db^l_j )
"""

from __future__ import annotations

from functools import cache

from sympy import Add, Expr, Integer

from proofs.setting import B, L, Setting, j, k, l, m, network, s, within
from symderive.calculus import Bracket, IndexSum, indices
from symderive.calculus.ranges import EMPTY, Context
from symderive.proof import kernel
from symderive.proof.kernel import Hypothesis, Theorem, hypothesis_of
from symderive.proof.result import Argument, Proposition
from symderive.proof.tactics import Chain

r, u, v = indices("r u v")


def layer_part(net: Setting, layer: Expr) -> Expr:
    """sum_j ( sum_k dC/dw_{jk} dw_{jk} + dC/db_j db_j ) of one layer."""
    n = net.n
    w, b, gw, gb = (net.tensor(name) for name in ("w", "b", "grad_w", "grad_b"))
    inner = IndexSum(gw[layer, j, k] * w.tangent()[layer, j, k], (k, 1, n[layer - 1]))
    return IndexSum(inner + gb[layer, j] * b.tangent()[layer, j], (j, 1, n[layer]))


def parameters_from(net: Setting, first: Expr) -> Expr:
    """What the parameters of the layers first..L contribute to dC."""
    return IndexSum(layer_part(net, m), (m, first, L))


def _fixed(net: Setting, name: str, data: str, layer: Expr) -> Hypothesis:
    """The differential of the data is 0."""
    zero = net.unit(net.system.tensor(data).tangent(), j)
    over = ((s, 1, B), (j, 1, net.n[layer])) if net.batch else ((j, 1, net.n[layer]),)
    return hypothesis_of(name, zero, Integer(0), over)


@cache
def total_differential(batch: bool = False) -> tuple[Theorem, tuple[Argument, ...]]:
    """dC as a sum over the parameters of all layers, by induction downwards from the last layer."""
    net = network(batch)
    n, laws = net.n, net.laws
    delta, a = net.tensor("delta"), net.tensor("a")
    dw, db, dz = (net.tensor(name).tangent() for name in ("w", "b", "z"))
    dC = net.tensor("C").tangent()
    y_fixed = kernel.assume(_fixed(net, "targets are fixed", "y", L), EMPTY)
    x_fixed = kernel.assume(_fixed(net, "inputs are fixed", "x", Integer(0)), EMPTY)
    d = {name: kernel.differentiation(laws[name]) for name in ("C", "z", "a", "input")}

    def through(layer: Expr) -> Expr:
        moved = net.unit(delta, layer, j) * net.unit(dz, layer, j)
        return net.sum_over_samples(IndexSum(moved, (j, 1, n[layer])))

    def claim(layer: Expr) -> Expr:
        return through(layer) + parameters_from(net, layer + 1)

    goal = hypothesis_of("induction hypothesis", dC[()], claim(l), (), "induction")
    base = (
        Chain(dC[()], EMPTY)
        .rewrite(d["C"], "differential of the cost")
        .rewrite(y_fixed)
        .rewrite(d["a"], "differential of the activation")
        .fold(through(L), [laws["delta_L"]], "delta of the last layer")
    )
    here = within((l, 1, L - 1))
    above = kernel.assume(goal.shift({l: l + 1}), here)
    step = (
        Chain(dC[()], here)
        .rewrite(above)
        .rewrite(d["z"], "differential of the weighted input")
        .rewrite(d["a"], "differential of the activation")
        .fold(
            Add(
                through(l),
                net.sum_over_samples(
                    IndexSum(
                        IndexSum(
                            net.unit(delta, l + 1, j) * net.unit(a, l, k) * dw[l + 1, j, k], (k, 1, n[l])
                        )
                        + net.unit(delta, l + 1, j) * db[l + 1, j],
                        (j, 1, n[l + 1]),
                    )
                ),
                parameters_from(net, l + 2),
            ),
            [laws["delta"]],
            "delta of a hidden layer",
            at=lambda e: e.args[1] == l,
        )
        .fold(
            Add(
                through(l),
                layer_part(net, l + 1),
                parameters_from(net, l + 2),
            ),
            [laws["grad_w"], laws["grad_b"]],
            "gradients of the weights and biases",
            at=lambda e: e.args[1] == l + 1,
        )
    )
    joined = _join(step, net, here)
    theorem = kernel.induction(
        [goal], 0, [base.theorem], [joined.theorem], (l, Integer(1), L), EMPTY, downwards=True
    )
    first = kernel.instantiate(theorem, {l: Integer(1)}, EMPTY)
    last = (
        Chain(dC[()], EMPTY)
        .rewrite(first, "the last layer's equation carried down to the first")
        .rewrite(d["z"], "differential of the weighted input")
        .rewrite(d["input"], "differential of the input")
        .rewrite(x_fixed)
        .fold(
            layer_part(net, Integer(1)) + parameters_from(net, Integer(2)),
            [laws["grad_w"], laws["grad_b"]],
            "gradients of the weights and biases",
            at=lambda e: e.args[1] == 1,
        )
    )
    whole = _join(last, net, EMPTY)
    return whole.theorem, (
        Argument.of("The last layer", base),
        Argument.of("From one layer to the one before it", joined),
        Argument.of("All layers", whole),
    )


def _join(chain: Chain, net: Setting, ctx: Context) -> Chain:
    """part(f) + sum_{m=f+1}^L part(m) = sum_{m=f}^L part(m)"""
    rest = next(s for s in Add.make_args(chain.now) if isinstance(s, IndexSum) and s.hi == L)
    first = rest.lo - 1
    whole = parameters_from(net, first)
    parts = kernel.split(whole, first, ctx)
    opened = Chain(whole, ctx).then(parts, "sum split").single()
    back = kernel.symmetry(opened.theorem)
    others = Add(*(s for s in Add.make_args(chain.now) if s not in Add.make_args(back.lhs)))
    target = others + back.rhs
    together = kernel.congruence(target, [(_path_to(target, back.rhs), opened.theorem)], ctx)
    return chain.then(kernel.symmetry(together), "joined to one sum over the layers")


def _path_to(e: Expr, part: Expr) -> tuple[int, ...]:
    return () if e == part else (e.args.index(part),)


@cache
def single_weight(batch: bool = False) -> tuple[Theorem, Chain]:
    """Moving the one weight w^r_{uv} alone changes the cost at the rate dC/dw^r_{uv}."""
    net = network(batch)
    n = net.n
    w, b = net.tensor("w"), net.tensor("b")
    ctx = within((r, 1, L), (u, 1, n[r]), (v, 1, n[r - 1]))
    only = kernel.assume(
        hypothesis_of(
            "only one weight moves",
            w.tangent()[l, j, k],
            Bracket.equal(l, r) * Bracket.equal(j, u) * Bracket.equal(k, v),
            ((l, 1, L), (j, 1, n[l]), (k, 1, n[l - 1])),
        ),
        ctx,
    )
    still = kernel.assume(
        hypothesis_of("biases do not move", b.tangent()[l, j], Integer(0), ((l, 1, L), (j, 1, n[l]))), EMPTY
    )
    total, _ = total_differential(batch)
    chain = (
        Chain(net.tensor("C").tangent()[()], ctx)
        .rewrite(total, "total differential")
        .rewrite(only)
        .rewrite(still)
        .contract()
    )
    return chain.theorem, chain


def propositions(batch: bool = False) -> tuple[Proposition, ...]:
    """Both statements with their arguments."""
    total, arguments = total_differential(batch)
    single, chain = single_weight(batch)
    return (
        Proposition(
            "total differential",
            "When parameters move, the cost moves by the sum over all parameters of gradient times movement.",
            total,
            arguments,
        ),
        Proposition(
            "one weight",
            "When a single weight moves at unit speed, the cost moves at the speed of its gradient.",
            single,
            (Argument.of("One weight", chain),),
        ),
    )
