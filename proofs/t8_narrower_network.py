r"""T8b. A tied group of M neurons is one neuron with summed outgoing weights, at step sizes eta/M, eta M."""

from __future__ import annotations

from functools import cache

from sympy import Integer

from proofs.coloured_ties import Ties, ties
from proofs.colouring import g, h
from proofs.elementwise import Training, gradient_descent, training
from proofs.quotient import Quotient, quotient
from proofs.setting import L, T, m, t
from proofs.t7_balanced_colourings import QUOTIENT_ORDER
from symderive.calculus.ranges import Context
from symderive.proof import kernel
from symderive.proof.kernel import hypothesis_of
from symderive.proof.result import Argument, Proposition, Proved
from symderive.proof.tactics import Chain

KEY, NAME = "T8b", "narrower_network"
ASSUMES = (
    "colours begin at 1", "colours end at K", "every colour has members", "as many colours as outputs",
    "inputs have colours of their own", "outputs have colours of their own",
    "equal weights between colours", "equal biases in a colour",
    "no group in the layer before", "no group in the layer after",
)  # fmt: skip


@cache
def tied_run() -> tuple[Training, Ties]:
    """Gradient descent from ties: the network, and the narrower one."""
    made = training(quotient(), gradient_descent())
    return made, ties(made)


def equal_costs(q: Quotient, run: Ties) -> Chain:
    """C = C_bar at every step."""
    cost, cost_bar = q.run.tensors["C"], q.bar.tensors["C"]
    chain = (
        Chain(cost[t], Context.of((t, 0, T)))
        .rewrite(q.run.laws["C"])
        .rewrite(run.run.run.activations, "activations")
        .rewrite(q.colours.outputs)
        .rewrite(kernel.symmetry(q.colours.as_many))
        .backwards(q.bar.laws["C"])
    )
    chain.qed(cost_bar[t])
    return chain


def one_group(made: Training) -> tuple[Chain, Chain]:
    """The narrower network's rule around a group whose neighbours are alone in their colours."""
    K, M, w = made.quotient.colours.K, made.quotient.colours.M, made.quotient.bar.tensors["w"]
    outer = Context.of((m, 1, L - 1))
    before = kernel.assume(
        hypothesis_of("no group in the layer before", M[m - 1, h], Integer(1), ((h, 1, K[m - 1]),)), outer
    )
    after = kernel.assume(
        hypothesis_of("no group in the layer after", M[m + 1, g], Integer(1), ((g, 1, K[m + 1]),)), outer
    )
    ctx = outer.bind(t, 0, T - 1)
    into = (
        Chain(w[t + 1, m, g, h], ctx.bind(g, 1, K[m]).bind(h, 1, K[m - 1]))
        .rewrite(made.laws["w_bar"])
        .rewrite(before)
    )
    out = (
        Chain(w[t + 1, m + 1, g, h], ctx.bind(g, 1, K[m + 1]).bind(h, 1, K[m]))
        .rewrite(made.laws["w_bar"])
        .rewrite(after)
    )
    return into, out


@cache
def prove() -> Proved:
    """T7's run, from equal weights between colours."""
    made, run = tied_run()
    q = made.quotient
    costs = equal_costs(q, run)
    into, out = one_group(made)
    inside = (*run.start, *run.run.step.shown, *run.run.chains)
    return Proved(
        KEY,
        NAME,
        "A tied group is one neuron",
        "Tied neurons, such as all hidden neurons after a constant initialisation, compute what a narrower "
        "network computes: one neuron for each group, with the incoming weights of one member and the summed "
        "outgoing weights of all. Under gradient descent the groups last, and the narrower network stays the "
        "same function when it is trained on its own gradients with other step sizes: around a group of M "
        "neurons eta divided by M for the incoming weights and the bias, and eta times M for the outgoing "
        "weights. So a wide layer that starts tied has no more to offer than a single neuron.",
        q.run.plain.system,
        (
            Proposition(
                "weights",
                "At every step all weights between two groups are equal: the narrower network's weight, "
                "shared among the members that it comes from.",
                run.always,
                (
                    *(Argument.of(title, c) for title, c in inside),
                    Argument.of("One step keeps the weights equal", run.step),
                ),
            ),
            Proposition(
                "biases", "At every step the biases of a group are the narrower network's.",
                run.run.always["biases"],
            ),
            Proposition(
                "activations", "At every step each neuron computes what the neuron of its group computes.",
                run.run.run.activations,
            ),
            Proposition(
                "cost", "At every step both networks have the same cost.", costs.theorem,
                (Argument.of("The cost", costs),),
            ),
            Proposition(
                "step sizes into a group",
                "Where no group is in the layer before, the step size of the incoming weights is divided by "
                "the number of members.",
                into.theorem,
                (Argument.of("Incoming weights", into),),
            ),
            Proposition(
                "step sizes out of a group",
                "Where no group is in the layer after, the step size of the outgoing weights is multiplied "
                "by the number of members.",
                out.theorem,
                (Argument.of("Outgoing weights", out),),
            ),
        ),
        order=QUOTIENT_ORDER,
        sources=("Fukumizu, Amari 2000", "Brea et al. 2019", "Simsek et al. 2021 (arXiv 2105.12221)"),
    )  # fmt: skip
