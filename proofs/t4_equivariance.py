r"""T4. Derivatives carry it: grad C(P theta) = P grad C(theta), Hess C(P theta) P = P Hess C(theta)."""

from __future__ import annotations

from functools import cache

from proofs.experiments import equivariance as experiment
from proofs.propagated import propositions
from proofs.setting import ORDER, names, words
from proofs.t3_permutation_invariance import sentence
from proofs.witnesses.t4 import witnesses
from symderive.claims.evidence import Evidence
from symderive.derivation import derive
from symderive.derivation.adjoint import adjoint_symbol
from symderive.proof import kernel
from symderive.proof.equivariance import equivariance
from symderive.proof.result import Proposition, Proved
from symderive.proof.witness import Witness
from symderive.systems import System, mlp

KEY, NAME = "T4", "permutation_equivariance"
ASSUMES = ("permuted weights", "permuted biases", "inputs stay in place", "outputs stay in place")


def numeric(seed: int) -> tuple[Evidence, ...]:
    """The theorem on real arrays."""
    return (experiment(seed),)


def prove_for(system: System, shown: tuple[Witness, ...] = ()) -> Proved:
    """Any system: its derived gradients are definitions like others; differentiated once more, the Hessian.

    The differential of dC/dw, in whatever direction the parameters move, is the Hessian applied to that
    direction; as the parameters of the copy are the permuted ones, they move in the permuted direction.
    """
    derivation = derive(system)
    called = dict(words(system))
    called |= {t.name: f"{called.get(t.name, t.name)}, T3" for t in system.defined}
    found = equivariance(derivation.as_system(), names=names(system), words=called)
    derived = dict.fromkeys(found.copy[d.symbol] for d in derivation.definitions)
    gradients = [found.copy[adjoint_symbol(system, t)] for t in system.parameters]
    first = propositions(found.theorems, found.names, found.arguments, sentence, derived)
    second = tuple(
        Proposition(
            f"Hessian, {found.names[e]}",
            f"The differentials of the {found.names[e]}, where parameters move in any direction, are "
            "permuted when the direction is: the Hessian at permuted parameters is the Hessian, permuted.",
            kernel.differentiation(theorem),
        )
        for e, theorem in found.theorems.items()
        if e.symbol in gradients
    )
    return Proved(
        KEY,
        NAME,
        "Equivariance of gradient and Hessian",
        "The gradient at permuted parameters is the permuted gradient: each neuron's deltas and gradients "
        "move with the neuron. So does the Hessian.",
        system,
        first + second,
        order=ORDER,
        sources=("Godfrey et al. 2022", "Arjevani, Field 2020"),
        witnesses=shown,
    )


@cache
def prove() -> Proved:
    """Deltas, gradients and Hessian of the permuted network are those of the network, permuted."""
    return prove_for(mlp(per_layer=True), witnesses())
