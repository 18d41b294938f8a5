r"""T3. Permuting the neurons of hidden layers leaves the cost unchanged: C(P theta) = C(theta)."""

from __future__ import annotations

from functools import cache

from sympy import Integer

from proofs.experiments import invariance
from proofs.permutation import permuted_network, unpermuted
from proofs.setting import ORDER, L, j, l, within
from symderive.calculus.ranges import EMPTY
from symderive.claims.evidence import Evidence
from symderive.proof import kernel
from symderive.proof.kernel import Theorem, hypothesis_of
from symderive.proof.result import Argument, Proposition, Proved
from symderive.proof.tactics import Chain

KEY, NAME = "T3", "permutation_invariance"


@cache
def weighted_inputs() -> tuple[Theorem, Theorem, tuple[Argument, ...]]:
    r"""\tilde a^l_j = a^l_{pi_l(j)} for l in 0..L, by induction, and \tilde z^l_j = z^l_{pi_l(j)}."""
    net = permuted_network()
    n, pi = net.plain.n, net.pi
    a = net.plain.tensor("a")
    goal = hypothesis_of(
        "induction hypothesis", net.tilde("a")[l, j], a[l, pi[l, j]], ((j, 1, n[l]),), "induction"
    )
    base = (
        Chain(net.tilde("a")[0, j], within((j, 1, n[0])))
        .rewrite(net.laws["input"])
        .backwards(net.plain.laws["input"])
        .rewrite(kernel.symmetry(net.inputs), at=lambda e: e == j)
    )
    here = within((l, 0, L - 1))
    below = kernel.assume(goal, here)

    def preactivation(chain: Chain) -> Chain:
        """From \tilde z^{l+1}_j to z^{l+1}_{pi(j)}."""
        return (
            chain.rewrite(net.laws["z"])
            .rewrite(net.weights)
            .rewrite(net.biases)
            .rewrite(below)
            .unindex(pi, lambda e: unpermuted(e, pi, l))
            .backwards(net.plain.laws["z"])
        )

    inner = here.bind(j, 1, n[l + 1])
    z_step = preactivation(Chain(net.tilde("z")[l + 1, j], inner))
    step = (
        Chain(net.tilde("a")[l + 1, j], inner)
        .rewrite(net.laws["a"])
        .rewrite(z_step.theorem, "weighted inputs, just shown")
        .backwards(net.plain.laws["a"])
    )
    activations = kernel.induction([goal], 0, [base.theorem], [step.theorem], (l, Integer(0), L), EMPTY)
    # the same chain once more, from the proved equation in place of the induction hypothesis
    layer = within((l, 1, L), (j, 1, n[l]))
    z_chain = (
        Chain(net.tilde("z")[l, j], layer)
        .rewrite(net.laws["z"])
        .rewrite(net.weights)
        .rewrite(net.biases)
        .rewrite(activations, "activations")
        .unindex(pi, lambda e: unpermuted(e, pi, l - 1))
        .backwards(net.plain.laws["z"])
    )
    arguments = (
        Argument.of("The first layer", base),
        Argument.of("From one layer to the next: weighted inputs", z_step),
        Argument.of("From one layer to the next: activations", step),
    )
    return activations, z_chain.theorem, arguments


def numeric(seed: int) -> tuple[Evidence, ...]:
    """The theorem on real arrays."""
    return (invariance(seed),)


@cache
def prove() -> Proved:
    """The activations are permuted with the neurons, the outputs stay, and so does the cost."""
    net = permuted_network()
    activations, _, arguments = weighted_inputs()
    cost = (
        Chain(net.tilde("C")[()], EMPTY)
        .rewrite(net.laws["C"])
        .rewrite(activations, "activations")
        .rewrite(net.outputs)
        .backwards(net.plain.laws["C"])
    )
    return Proved(
        KEY,
        NAME,
        "Permutation invariance",
        "Renaming the neurons of any hidden layers, together with their incoming and outgoing weights, "
        "leaves the cost unchanged.",
        net.plain.system,
        (
            Proposition(
                "activations",
                "The activations of the permuted network are those of the network, permuted.",
                activations,
                arguments,
            ),
            Proposition(
                "cost", "Both networks have the same cost.", cost.theorem, (Argument.of("The cost", cost),)
            ),
        ),
        order=ORDER,
        sources=("Chen, Lu, Hecht-Nielsen 1993", "Goodfellow, Bengio, Courville 2016, section 8.2.2"),
    )
