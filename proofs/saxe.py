r"""Saxe's equation u' = 2 u (s - m u) of a balanced linear network, and its solution."""

from __future__ import annotations

from sympy import Integer, exp

from proofs.linear_flow import (
    CONSTANT,
    ERROR,
    B,
    H,
    c,
    gradients,
    i,
    k,
    law_of,
    laws,
    m,
    model,
    omega,
    s,
    t,
    u,
    u0,
)
from proofs.vanishing_parts import apart
from symderive.calculus import IndexSum
from symderive.calculus.ranges import EMPTY
from symderive.proof import kernel
from symderive.proof.tactics import Chain


def balanced() -> tuple[Chain, Chain]:
    """u' = (s - m u) sum_i (w_i^2 + v_i^2), which is 2 u (s - m u) where v = w."""
    net = laws()
    w, v = net.w, net.v
    chain = Chain(u.tangent()[()], EMPTY).rewrite(
        kernel.differentiation(net.laws["u"]), "differentiated by the time"
    )
    for x in "wv":
        chain.rewrite(net.laws[f"d{x}"])
    for g in gradients():
        chain.rewrite(g.theorem, "gradients")
    chain.ring(ERROR * IndexSum(w[i] ** 2 + v[i] ** 2, (i, 1, H)))
    equal = law_of("balanced weights", v[i], w[i], "assumption", (i, 1, H))
    saxe = Chain(chain.theorem.lhs, EMPTY).then(chain.theorem, "equation of the product")
    saxe.rewrite(net.laws["u"]).rewrite(equal)
    return chain, saxe.fold(2 * u[()] * ERROR, [net.laws["u"], equal], "balanced weights")


def saxe() -> tuple[Chain, Chain]:
    """(s - m u) e^(2 s t) / u is constant; hence u = s e^(2st) / (m e^(2st) - m + s/u(0))."""
    net = laws()
    still = []
    for what, name in (("inputs", "x"), ("targets", "y")):
        x = model().tensor(name).tangent()
        still.append(law_of(f"{what} are fixed", x[k], 0, "assumption", (k, 1, B)))
    fixed = []
    for name in "sm":
        d = Chain({"s": s, "m": m}[name].tangent()[()], EMPTY).rewrite(kernel.differentiation(net.laws[name]))
        d.rewrite(still[0])
        fixed.append((d.rewrite(still[1]) if name == "s" else d).ring(Integer(0)).theorem)
    clock = law_of("time", t.tangent()[()], 1, "assumption")
    positive = law_of("positive output", u[()], exp(omega[()]), "assumption")
    equation = balanced()[1].theorem
    rate = kernel.differentiation(positive)  # du = e^omega domega
    domega = (
        Chain(omega.tangent()[()], EMPTY)
        .ring(exp(-omega[()]) * apart(rate.rhs))
        .backwards(rate, "differential of the output")
        .rewrite(equation, "Saxe's equation")
        .rewrite(positive)
        .ring(2 * (s[()] - m[()] * exp(omega[()])))
    )
    quantity = ERROR * exp(2 * s[()] * t[()] - omega[()])
    moving = kernel.differentiation(kernel.reflexivity(quantity, EMPTY))
    chain = Chain(moving.lhs, EMPTY)
    for f in fixed:
        chain.rewrite(f, "data are fixed")
    chain.rewrite(clock).rewrite(domega.theorem, "differential of omega").rewrite(equation, "Saxe's equation")
    chain.rewrite(positive).ring(Integer(0), "the terms cancel")
    kept = law_of(f"Saxe's quantity: {CONSTANT}", c[()], quantity, "citation")
    start = law_of("start of Saxe's quantity", c[()] * u0[()], s[()] - m[()] * u0[()], "assumption")
    grown = exp(2 * s[()] * t[()])
    formula = (
        Chain(u[()] * (s[()] - m[()] * u0[()] + m[()] * u0[()] * grown), EMPTY)
        .ring(u[()] * start.rhs + u[()] * m[()] * u0[()] * grown)
        .replace(kernel.symmetry(start), "start of Saxe's quantity")
        .rewrite(kept)
        .rewrite(positive)
        .ring(s[()] * u0[()] * grown)
    )
    return chain, formula
