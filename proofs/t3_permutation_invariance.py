r"""T3. Permuting the neurons of hidden layers leaves the cost unchanged: C(P theta) = C(theta)."""

from __future__ import annotations

from functools import cache

from proofs.experiments import invariance
from proofs.propagated import propositions
from proofs.setting import ORDER, names, words
from proofs.witnesses.t3 import witnesses
from symderive.claims.evidence import Evidence
from symderive.proof.equivariance import equivariance
from symderive.proof.kernel import Theorem
from symderive.proof.result import Proved
from symderive.proof.witness import Witness
from symderive.systems import System, mlp

KEY, NAME = "T3", "permutation_invariance"
ASSUMES = ("permuted weights", "permuted biases", "inputs stay in place", "outputs stay in place")


def numeric(seed: int) -> tuple[Evidence, ...]:
    """The theorem on real arrays."""
    return (invariance(seed),)


def sentence(name: str, theorem: Theorem) -> str:
    """What equivariance says of one tensor, in words."""
    if theorem.lhs.index == theorem.rhs.index:
        return f"Both networks have the same {name}."
    return f"The {name} of the permuted network are those of the network, permuted."


def prove_for(system: System, shown: tuple[Witness, ...] = ()) -> Proved:
    """Any system: what can be permuted is found; all tensors move with it, and the cost stays.

    `shown` are witnesses of the hypotheses.
    """
    found = equivariance(system, names=names(system), words=words(system))
    return Proved(
        KEY,
        NAME,
        "Permutation invariance",
        "Renaming the neurons of any hidden layers, together with their incoming and outgoing weights, "
        "leaves the cost unchanged.",
        system,
        propositions(
            found.theorems, found.names, found.arguments, sentence, [found.copy[t] for t in system.defined]
        ),
        order=ORDER,
        sources=("Chen, Lu, Hecht-Nielsen 1993", "Goodfellow, Bengio, Courville 2016, section 8.2.2"),
        witnesses=shown,
    )


@cache
def prove() -> Proved:
    """The activations are permuted with the neurons, the outputs stay, and so does the cost."""
    return prove_for(mlp(per_layer=True), witnesses())
