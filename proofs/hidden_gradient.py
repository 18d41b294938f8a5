r"""The gradient of the last hidden layer in full: what the chain rule gives through the outgoing weights.

dC/dw^M_{jk} = a^{M-1}_k sigma_M'(z^M_j) sum_i w^{M+1}_{ij} sigma_{M+1}'(z^{M+1}_i) dC/da^{M+1}_i,   L = M + 1
"""

from __future__ import annotations

from functools import cache

from proofs.setting import ORDER, SHORT, L, j, k, network, short, within
from symderive.calculus import size
from symderive.calculus.ranges import EMPTY
from symderive.proof import kernel
from symderive.proof.hypotheses import as_hypothesis
from symderive.proof.kernel import Theorem
from symderive.proof.result import Argument, Proposition
from symderive.proof.tactics import Chain

M = size("M")
DEEP = ", M hidden layers"
DEEP_ORDER = tuple(name + DEEP for name in ORDER)


@cache
def laws() -> dict[str, Theorem]:
    """The derived definitions of a network with M hidden layers, M + 1 in place of L."""
    found = {}
    for d in network().derivation.definitions:
        h = as_hypothesis(d.subs({L: M + 1}), SHORT[short(d)] + DEEP)
        found[short(d)] = kernel.assume(h, EMPTY)
    return found


@cache
def last_hidden() -> Chain:
    """From dC/dw^M_{jk} to forward quantities alone, by the three derived definitions."""
    net, law = network(), laws()
    n = net.n
    return (
        Chain(net.tensor("grad_w")[M, j, k], within((j, 1, n[M]), (k, 1, n[M - 1])))
        .rewrite(law["grad_w"])
        .rewrite(law["delta"])
        .rewrite(law["delta_L"])
    )


def proposition() -> Proposition:
    """The gradient with respect to a weight into the last hidden layer."""
    chain = last_hidden()
    return Proposition(
        "last hidden layer",
        "In a network with M hidden layers, thus with M + 1 in place of L, a weight into the last hidden "
        "layer acts on every output through the outgoing weights of its neuron: the gradient sums over all "
        "of them.",
        chain.theorem,
        (Argument.of("The last hidden layer", chain),),
    )
