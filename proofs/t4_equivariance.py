r"""T4. The gradient carries the symmetry: grad C(P theta) = P grad C(theta), and so do the deltas."""

from __future__ import annotations

from functools import cache

from sympy import Integer

from proofs.experiments import equivariance
from proofs.permutation import permuted_network, unpermuted
from proofs.setting import ORDER, L, j, k, l, within
from proofs.t3_permutation_invariance import weighted_inputs
from symderive.calculus.ranges import EMPTY
from symderive.claims.evidence import Evidence
from symderive.proof import kernel
from symderive.proof.kernel import Theorem, hypothesis_of
from symderive.proof.result import Argument, Proposition, Proved
from symderive.proof.tactics import Chain

KEY, NAME = "T4", "permutation_equivariance"


@cache
def deltas() -> tuple[Theorem, tuple[Argument, ...]]:
    r"""\tilde delta^l_j = delta^l_{pi_l(j)} for l in 1..L, by induction downwards from the last layer."""
    net = permuted_network()
    n, pi = net.plain.n, net.pi
    delta = net.plain.tensor("delta")
    activations, z, _ = weighted_inputs()
    goal = hypothesis_of(
        "induction hypothesis", net.tilde("delta")[l, j], delta[l, pi[l, j]], ((j, 1, n[l]),), "induction"
    )
    base = (
        Chain(net.tilde("delta")[L, j], within((j, 1, n[L])))
        .rewrite(net.laws["delta_L"])
        .rewrite(z, "weighted inputs, T3")
        .rewrite(activations, "activations, T3")
        .rewrite(net.outputs)
        .backwards(net.plain.laws["delta_L"])
        .rewrite(kernel.symmetry(net.outputs), at=lambda e: e == j)
    )
    here = within((l, 1, L - 1))
    above = kernel.assume(goal.shift({l: l + 1}), here)
    step = (
        Chain(net.tilde("delta")[l, j], here.bind(j, 1, n[l]))
        .rewrite(net.laws["delta"])
        .rewrite(z, "weighted inputs, T3")
        .rewrite(net.weights)
        .rewrite(above)
        .unindex(pi, lambda e: unpermuted(e, pi, l + 1))
        .backwards(net.plain.laws["delta"])
    )
    theorem = kernel.induction(
        [goal], 0, [base.theorem], [step.theorem], (l, Integer(1), L), EMPTY, downwards=True
    )
    return theorem, (
        Argument.of("The last layer", base),
        Argument.of("From one layer to the one before it", step),
    )


def numeric(seed: int) -> tuple[Evidence, ...]:
    """The theorem on real arrays."""
    return (equivariance(seed),)


@cache
def prove() -> Proved:
    """Deltas and gradients of the permuted network are those of the network, permuted."""
    net = permuted_network()
    n = net.plain.n
    activations, _, _ = weighted_inputs()
    delta, arguments = deltas()
    layer = within((l, 1, L), (j, 1, n[l]))
    weights = (
        Chain(net.tilde("grad_w")[l, j, k], layer.bind(k, 1, n[l - 1]))
        .rewrite(net.laws["grad_w"])
        .rewrite(delta, "deltas")
        .rewrite(activations, "activations, T3")
        .backwards(net.plain.laws["grad_w"])
    )
    biases = (
        Chain(net.tilde("grad_b")[l, j], layer)
        .rewrite(net.laws["grad_b"])
        .rewrite(delta, "deltas")
        .backwards(net.plain.laws["grad_b"])
    )
    return Proved(
        KEY,
        NAME,
        "Equivariance of the gradient",
        "The gradient at permuted parameters is the permuted gradient: each neuron's deltas and gradients "
        "move with the neuron.",
        net.plain.system,
        (
            Proposition("deltas", "The deltas are permuted with the neurons.", delta, arguments),
            Proposition(
                "gradient of the weights",
                "The gradient of the weights is permuted with the weights.",
                weights.theorem,
                (Argument.of("The weights", weights),),
            ),
            Proposition(
                "gradient of the biases",
                "The gradient of the biases is permuted with the biases.",
                biases.theorem,
                (Argument.of("The biases", biases),),
            ),
        ),
        order=ORDER,
        sources=("Godfrey et al. 2022", "Arjevani, Field 2020"),
    )
