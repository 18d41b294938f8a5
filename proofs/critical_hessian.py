r"""The second derivative of the larger network along any direction, by that of the smaller.

D^2 C~ = D^2 C + lam (1 - lam) sum_{km} A_{km} xi_k xi_m + 2 sum_{kr} Q_{kr} xi_k nu_r

D^2 C is sum of direction times (Hessian times direction), where the latter is what the engine derives.
"""

from __future__ import annotations

from functools import cache

from sympy import Expr, Integer

from proofs.critical_lines import (
    INPUTS,
    LAM,
    MOVED,
    OUTPUT,
    OUTPUTS,
    SAMPLES,
    SPLIT,
    H,
    K,
    applied,
    i,
    in_the_small,
    k,
    last_apart,
    m,
    networks,
    nu,
    parts,
    r,
    s,
    split_network,
    two_apart,
    unfolded,
    xi,
)
from symderive.calculus import IndexSum
from symderive.calculus.ranges import EMPTY, Context
from symderive.calculus.terms import index_sum
from symderive.proof import kernel
from symderive.proof.kernel import Theorem
from symderive.proof.tactics import Chain


@cache
def by_samples(large: bool) -> Chain:
    """D^2 C = sum_s ( sum_r do dE + 2 sum_{ri} dC/do dv da + sum_i dC/da phi'' dz^2 ), d: moved."""
    net = networks()
    tensors = net.large if large else net.small
    law = {name: net.laws[t.name] for name, t in tensors.items() if t.name in net.laws}
    units = (i, 1, H + 1 if large else H)
    dz, dw, gz = (tensors[name] for name in ("grad_vC_bar_z", "v_w", "grad_vC_z"))
    chain = Chain(tensors["q"](), EMPTY).rewrite(law["q"]).rewrite(law["grad_vC_w"]).rewrite(law["grad_vC_v"])
    row = IndexSum(dw[i, k] * tensors["x"][s, k], INPUTS)
    dv, a, go, e, da = (tensors[name] for name in ("v_v", "a", "grad_vC_o", "bar_o", "grad_vC_bar_a"))
    outgoing = index_sum(dv[r, i] * (a[s, i] * go[s, r] + e[s, r] * da[s, i]), SAMPLES, OUTPUTS, units)
    chain.ring(index_sum(gz[s, i] * row, SAMPLES, units) + outgoing, "the sums exchanged")
    chain.backwards(law["grad_vC_bar_z"]).rewrite(law["grad_vC_z"]).rewrite(law["grad_vC_a"])
    chain.rewrite(law["grad_vC_bar_a"])
    slope = law["grad_vC_bar_a"].rhs.xreplace({dz[s, i]: Integer(1)})
    bend = slope.func(slope.function, 2, *slope.sup, slope.argument)
    do = tensors["grad_vC_bar_o"]
    goal = (
        index_sum(do[s, r] * go[s, r], SAMPLES, OUTPUTS)
        + 2 * index_sum(e[s, r] * dv[r, i] * da[s, i], SAMPLES, OUTPUTS, units)
        + index_sum(tensors["bar_a"][s, i] * bend * dz[s, i] ** 2, SAMPLES, units)
    )
    return chain.fold(goal, [law["grad_vC_bar_o"], law["grad_vC_bar_a"]], "what moves, by samples")


@cache
def moved() -> dict[str, Chain]:
    """The moved weighted inputs, outputs and derivatives of the larger network."""
    net, found = networks(), {}
    law, at = net.laws, {key: chain.theorem for key, chain in split_network().items()}
    incoming, outgoing = [law[name] for name in MOVED[:3]], [law[name] for name in MOVED[3:]]
    shift = {"": Integer(0), ", first": 1 - LAM, ", second": -LAM}
    for (key, index, limits, place, _), part in zip(parts(), incoming, strict=True):
        ctx = Context.of(SAMPLES, *((limits,) if limits else ()))
        chain = unfolded("grad_vC_bar_z", (s, index), ctx, part)
        goal = net.small["grad_vC_bar_z"][s, place] + shift[key] * net.t[s]
        found["dz" + key] = chain.fold(
            goal, [law["grad_vC_bar_z"], *([law["t"]] if key else [])], "collected"
        )
    dz = [found["dz" + key].theorem for key, *_ in parts()]
    output = two_apart(unfolded("grad_vC_bar_o", (s, r), OUTPUT))
    output = applied(
        output, law["grad_vC_bar_a_tilde"], at["z"], at["z, second"], at["a"], at["a, second"], *dz
    )
    applied(output, *outgoing, *[law[name] for name in SPLIT[2:]])
    goal = last_apart(Chain(net.small["grad_vC_bar_o"][s, r], OUTPUT).rewrite(law["grad_vC_bar_o"]))
    goal.rewrite(law["grad_vC_bar_a"]).ring(output.now)
    found["do"] = output.then(kernel.symmetry(goal.theorem), "output of the smaller network, moved")
    back = unfolded("grad_vC_o", (s, r), OUTPUT, found["do"].theorem, at["o"])
    found["de"] = in_the_small(back, "grad_vC_o", (s, r))
    return found


def blocks() -> tuple[Expr, Expr]:
    """sum A xi xi and sum Q xi nu"""
    net = networks()
    A = index_sum(net.A[k, m] * xi[k] * xi[m], INPUTS, (m, 1, K))
    return A, index_sum(net.Q[k, r] * xi[k] * nu[r], INPUTS, OUTPUTS)


@cache
def block_form() -> Chain:
    """D^2 C~ = D^2 C + lam (1 - lam) A(xi, xi) + 2 Q(xi, nu)."""
    net = networks()
    law, at = net.laws, {key: chain.theorem for key, chain in split_network().items()}
    here = {key: chain.theorem for key, chain in moved().items()}
    chain = Chain(net.large["q"](), EMPTY).then(by_samples(True).theorem, "by samples")
    two_apart(chain)
    known = [
        here["do"],
        here["de"],
        at["bar_o"],
        law["grad_vC_bar_a_tilde"],
        *(here["dz" + key] for key, *_ in parts()),
    ]
    known += [at[name + key] for name in ("bar_a",) for key, *_ in parts()] + [at["z"], at["z, second"]]
    applied(chain, *known, *(law[name] for name in MOVED[3:]))
    A, Q = blocks()
    whole = net.small["q"]() + LAM * (1 - LAM) * A + 2 * Q
    goal = last_apart(Chain(whole, EMPTY).rewrite(by_samples(False).theorem))
    goal.rewrite(law["grad_vC_bar_a"]).rewrite(law["A"]).rewrite(law["Q"])
    goal.ring(chain.rewrite(law["t"]).now)
    return chain.then(kernel.symmetry(goal.theorem), "the Hessian of the smaller network, and two blocks")


def channel() -> Chain:
    """sum_r v_{rH} Q_{kr} = dC/dw_{Hk}: the block Q along the outgoing weights is the gradient."""
    net = networks()
    chain = Chain(IndexSum(net.small["v"][r, H] * net.Q[k, r], OUTPUTS), Context.of(INPUTS)).rewrite(
        net.laws["Q"]
    )
    return chain.fold(
        net.small["grad_w"][H, k], [net.laws[name] for name in ("grad_w", "bar_z", "bar_a")], "gradient"
    )


__all__ = ["Theorem", "block_form", "blocks", "by_samples", "channel", "moved"]
