r"""T7. Balanced colourings persist: neurons of one colour keep computing the same, with unequal weights.

Each neuron has a colour, each input and output one of its own. Neurons of one colour have equal biases, equal
sums of incoming weights from each colour and equal sums of outgoing weights into each colour.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from sympy import Integer

from proofs.balanced_run import QUOTIENT, BalancedRun, assumed, balanced_run
from proofs.colouring import g, h
from proofs.elementwise import Training, any_elementwise_rule, training
from proofs.quotient import NOTE, quotient
from proofs.setting import ORDER, L, T, j, k, l, t
from symderive.calculus import tensor
from symderive.calculus.ranges import EMPTY, Context
from symderive.proof import kernel
from symderive.proof.kernel import Theorem, hypothesis_of
from symderive.proof.result import Argument, Proposition, Proved
from symderive.proof.tactics import Chain

KEY, NAME = "T7", "balanced_colourings"

START = "weights of the quotient network"

QUOTIENT_ORDER = tuple(name for plain in ORDER[: len(ORDER) // 2] for name in (plain, plain + NOTE))


@dataclass(frozen=True)
class Ties:
    """Equal weights between two colours, at every step; and how they make the colouring balanced."""

    always: Theorem
    start: tuple[tuple[str, Chain], ...]
    step: Chain


@cache
def general() -> tuple[Training, BalancedRun, tuple[tuple[str, Chain], ...]]:
    """Any elementwise rule, from a balanced colouring."""
    made = training(quotient(), any_elementwise_rule())
    start, chains = assumed(made)
    return made, balanced_run(made, start), chains


@cache
def ties() -> Ties:
    """All weights between two colours are equal at step 0: permutation ties, of any number of neurons."""
    q, n = quotient(), quotient().run.n
    made = training(q, any_elementwise_rule())
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
        .replace(
            q.colours.summed(lambda x: omega[l, to, x], l - 1, k, g, inner), "members of a colour counted"
        )
        .replace(kernel.symmetry(at), START)
    )
    inner = Context(q.ranges("outgoing"))
    at = q.colours.at_colour(narrow, h, l - 1, k, inner)
    outgoing = (
        Chain(q.outgoing(0), inner)
        .rewrite(equal)
        .replace(
            q.colours.summed(lambda x: omega[l, x, from_k], l, j, g, inner), "members of a colour counted"
        )
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
        Chain(w[t + 1, l, j, k], inner)
        .rewrite(made.laws["w"])
        .rewrite(run.run.weights.theorem, "gradients")
        .rewrite(run.always["state_w"], "states")
        .rewrite(kernel.assume(goal, here))
        .fold(goal.rhs.xreplace({t: t + 1}), [at], QUOTIENT)
    )
    always = kernel.induction([goal], 0, [base.theorem], [step.theorem], (t, Integer(0), T), EMPTY)
    shown = (("Incoming sums at the start", incoming), ("Outgoing sums at the start", outgoing))
    return Ties(always, shown, step)


@cache
def prove() -> Proved:
    """By induction on the steps, with an induction on the layers in each, upwards and downwards."""
    made, run, chains = general()
    tied = ties()
    inside = tuple(Argument.of(title, c) for title, c in (*chains, *run.step.shown, *run.chains))
    return Proved(
        KEY,
        NAME,
        "Balanced colourings persist",
        "Colour the neurons, inputs and outputs each with a colour of their own. If neurons of one colour "
        "have equal biases, equal sums of incoming weights from each colour and equal sums of outgoing "
        "weights into each colour, then they have equal activations and equal deltas, all weights between "
        "two colours have the same gradient, and the colouring stays balanced at every step of every "
        "elementwise optimiser, though the weights differ and keep differing. Gradient descent, heavy ball, "
        "Nesterov, AdaGrad, RMSProp, Adam, AdamW and sign descent are such, with any learning-rate schedule, "
        "any mini-batches and weight decay apart from the gradient. The quotient network has one neuron for "
        "each colour.",
        made.quotient.run.plain.system,
        (
            Proposition(
                "incoming sums", "At every step the incoming sums depend on the colour alone.",
                run.always["incoming"], inside,
            ),
            Proposition(
                "outgoing sums", "At every step the outgoing sums depend on the colours alone.",
                run.always["outgoing"],
            ),
            Proposition(
                "biases", "At every step the biases depend on the colour alone.", run.always["biases"]
            ),
            Proposition(
                "states", "At every step the optimiser's states of the weights depend on the colours alone.",
                run.always["state_w"],
            ),
            Proposition(
                "activations", "At every step neurons of one colour compute the same.", run.run.activations,
            ),
            Proposition("deltas", "At every step neurons of one colour have equal deltas.", run.run.deltas),
            Proposition(
                "gradients", "At every step all weights between two colours have the same gradient.",
                run.run.weights.theorem, (Argument.of("The gradients", run.run.weights),),
            ),
            Proposition(
                "permutation ties",
                "If at the start all weights between two colours are equal, the colouring is balanced and "
                "they stay equal: tied neurons are the special case of equal weights.",
                tied.always,
                (
                    *(Argument.of(title, c) for title, c in tied.start),
                    Argument.of("One step keeps the weights equal", tied.step),
                ),
            ),
        ),
        order=QUOTIENT_ORDER,
        sources=(
            "Rumelhart, Hinton, Williams 1986",
            "Arjevani, Field 2020 (arXiv 2008.01805)",
        ),
    )  # fmt: skip
