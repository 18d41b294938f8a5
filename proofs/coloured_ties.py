r"""Permutation ties: w_{jk} = omega_{c(j) c(k)}, equal weights between colours, make a colouring balanced.

The quotient network has the summed outgoing weights, \bar w_{gh} = M_h omega_{gh}.
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Integer

from proofs.balanced_run import QUOTIENT, BalancedRun, assumed, balanced_run
from proofs.colouring import g, h
from proofs.elementwise import Training
from proofs.setting import L, T, j, k, l, t
from symderive.calculus import tensor
from symderive.calculus.ranges import EMPTY, Context
from symderive.proof import kernel
from symderive.proof.kernel import Theorem, hypothesis_of
from symderive.proof.tactics import Chain

START = "weights of the quotient network"


@dataclass(frozen=True)
class Ties:
    """Equal weights between two colours, at every step; and how they make the colouring balanced."""

    always: Theorem
    start: tuple[tuple[str, Chain], ...]
    step: Chain
    run: BalancedRun


def ties(made: Training) -> Ties:
    """All weights between two colours are equal at step 0, and so at every step."""
    q, n = made.quotient, made.quotient.run.n
    K, M, w, w_bar = q.colours.K, q.colours.M, q.run.tensors["w"], q.bar.tensors["w"]
    omega = tensor("omega", (l, 1, L), (g, 1, K[l]), (h, 1, K[l - 1]), sup=1, latex=r"\omega")
    to, from_k = q.colour(l, j), q.colour(l - 1, k)
    weights = ((l, 1, L), (j, 1, n[l]), (k, 1, n[l - 1]))
    equal = kernel.assume(
        hypothesis_of("equal weights between colours", w[0, l, j, k], omega[l, to, from_k], weights), EMPTY
    )
    narrow = kernel.assume(
        hypothesis_of(
            START,
            w_bar[0, l, g, h], M[l - 1, h] * omega[l, g, h], ((l, 1, L), (g, 1, K[l]), (h, 1, K[l - 1])),
            "definition",
        ),
        EMPTY,
    )  # fmt: skip
    start, _ = assumed(made)
    inner = Context(q.ranges("incoming"))
    at = q.colours.at_colour(narrow, g, l, j, inner, {h: g})
    incoming = (
        Chain(q.incoming(0), inner)
        .rewrite(equal)
        .replace(q.colours.summed(lambda x: omega[l, to, x], l - 1, k, g, inner), "members counted")
        .replace(kernel.symmetry(at), START)
    )
    inner = Context(q.ranges("outgoing"))
    at = q.colours.at_colour(narrow, h, l - 1, k, inner)
    outgoing = (
        Chain(q.outgoing(0), inner)
        .rewrite(equal)
        .replace(q.colours.summed(lambda x: omega[l, x, from_k], l, j, g, inner), "members counted")
        .fold(q.share(0), [at], START)
    )
    run = balanced_run(made, {**start, "incoming": incoming.theorem, "outgoing": outgoing.theorem})
    goal = hypothesis_of(
        "equal weights between colours, induction hypothesis",
        w[t, l, j, k], w_bar[t, l, to, from_k] / M[l - 1, from_k], weights, "induction",
    )  # fmt: skip
    inner = Context.of(*weights)
    half = q.colours.at_colour(narrow, g, l, j, inner.bind(h, 1, K[l - 1]))
    at = q.colours.at_colour(half, h, l - 1, k, inner)
    base = Chain(w[0, l, j, k], inner).rewrite(equal).fold(goal.rhs.xreplace({t: Integer(0)}), [at], START)
    here = Context.of((t, 0, T - 1))
    inner = Context((*here.limits, *inner.limits))
    half = q.colours.at_colour(made.laws["w_bar"], g, l, j, inner.bind(h, 1, K[l - 1]))
    at = q.colours.at_colour(half, h, l - 1, k, inner)
    step = (
        Chain(w[t + 1, l, j, k], inner).rewrite(made.laws["w"]).rewrite(run.run.weights.theorem, "gradients")
    )
    if made.states:
        step.rewrite(run.always["state_w"], "states")
    step.rewrite(kernel.assume(goal, here)).fold(goal.rhs.xreplace({t: t + 1}), [at], QUOTIENT)
    always = kernel.induction([goal], 0, [base.theorem], [step.theorem], (t, Integer(0), T), EMPTY)
    shown = (("Incoming sums at the start", incoming), ("Outgoing sums at the start", outgoing))
    return Ties(always, shown, step, run)
