r"""T5. Hidden neurons with equal incoming weights, biases and outgoing weights stay equal in training."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from proofs.experiments import staying_tied
from proofs.propagated import propositions
from proofs.setting import ORDER
from proofs.training_steps import names_in, sentence, words_of
from proofs.witnesses.t5 import witnesses
from symderive.claims.evidence import Evidence
from symderive.derivation.training import training
from symderive.proof.result import Proved
from symderive.proof.ties import ties
from symderive.proof.witness import Witness
from symderive.systems import System, mlp

KEY, NAME = "T5", "tied_neurons"
ASSUMES = ("equal incoming weights", "equal biases", "equal outgoing weights")
# by their left side, as a reader meets them
RULES = ("start of the weights", "start of the biases", "rule of the weights", "rule of the biases")


def numeric(seed: int) -> tuple[Evidence, ...]:
    """The theorem on real arrays."""
    return (staying_tied(seed),)


def prove_for(
    system: System,
    name: str = "",
    shown: tuple[Witness, ...] = (),
    called: Mapping[str, str] | None = None,
) -> Proved:
    """Any system, trained by gradient descent: two indices of a class that the parameters do not tell apart.

    `name` chooses the class where there are several: that of its permutation, as `symmetries` shows it.
    `called`: words for the tensors, by name ("w", or "w.1" for its first index), where they are no mlp's.
    """
    run = training(system, "gd")
    found = ties(run, name, names_in(system, own=called), words_of(system, called))
    return Proved(
        KEY,
        NAME,
        "Tied neurons stay tied",
        "Two neurons of a hidden layer that start with equal incoming weights, equal biases and equal "
        "outgoing weights have equal gradients at every step of gradient descent, and stay equal, by "
        "induction on the steps. Every step may use another mini-batch and another step size.",
        system,
        propositions(found.theorems, found.names, found.arguments, sentence, run.defined),
        order=ORDER + RULES,
        sources=("Rumelhart, Hinton, Williams 1986", "Goodfellow, Bengio, Courville 2016, section 8.4"),
        witnesses=shown,
    )


@cache
def prove() -> Proved:
    """Every depth, all widths, an activation for each layer, any cost, mini-batches of any size."""
    tie = ("equal incoming weights", "equal biases", "equal outgoing weights")
    shown = tuple(w for w in witnesses() if w.defends in tie)
    return prove_for(mlp(per_layer=True, samples="B"), shown=shown)
