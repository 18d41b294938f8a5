r"""T5b. Tied neurons stay tied under every rule that treats entries alike: momentum, Adam, clipping, .."""

from __future__ import annotations

from functools import cache

from proofs.setting import ORDER
from proofs.trained import exact
from proofs.trained.run import RULES as EXPERIMENTS
from proofs.trained.tied import staying
from proofs.training_steps import names_in, sentence, words_of
from proofs.witnesses.t5 import witnesses
from symderive.claims.evidence import Evidence
from symderive.derivation.optimisers import NAMES
from symderive.derivation.training import training
from symderive.proof.result import Proposition, Proved
from symderive.proof.ties import ties
from symderive.proof.witness import Witness
from symderive.systems import System, mlp

KEY, NAME = "T5b", "tied_by_any_optimiser"
ASSUMES = tuple(
    f"equal {state}{x}"
    for state in ("", *(f"{s} of the " for s in ("states", "velocities", "first moments", "second moments")))
    for x in ("incoming weights", "biases", "outgoing weights")
)
# sgd has gd's rule: the batches are arbitrary anyway
RULES = ("elementwise", *(n for n in NAMES if n not in ("elementwise", "sgd")))
COMPOSED = ("l2 + gd", "decay + gd", "clip + gd", "clip + l2 + adam", "clip + decay + nesterov")


def numeric(seed: int) -> tuple[Evidence, ...]:
    """The theorem on real arrays, by every rule of the reference; in fractions where it has no roots."""
    return (
        *(staying(seed, rule) for rule in EXPERIMENTS),
        *(exact.staying(seed, rule) for rule in exact.RULES),
    )


def tied_by(system: System, rule: str, name: str = "") -> tuple[Proposition, ...]:
    """The parameters of a run by one rule agree at every step; shown is what the rule itself does."""
    run = training(system, rule)
    note = f"{rule}: "
    found = ties(run, name, names_in(system, note), words_of(system))
    started = {q.name.removesuffix("_0") for q in run.parameters}
    parameters = {p.name for p in system.parameters}
    chains = [a for group in found.arguments.values() for a in group]
    own = tuple(a for a in chains if a.start.args[0].name in started and a.start.args[1] != 0)
    statements: list[Proposition] = []
    for e, theorem in found.theorems.items():
        if e.symbol.name in parameters:
            said = f"Trained by {rule}. {sentence(found.names[e], theorem)}"
            statements.append(Proposition(note + found.names[e], said, theorem, () if statements else own))
    return tuple(statements)


def prove_for(system: System, name: str = "", shown: tuple[Witness, ...] = ()) -> Proved:
    """Any system and every rule of the table of optimisers; `name` chooses the class of indices."""
    every = [p for rule in (*RULES, *COMPOSED) for p in tied_by(system, rule, name)]
    return Proved(
        KEY,
        NAME,
        "Tied neurons stay tied under every optimiser",
        "Two neurons of a hidden layer that start with equal incoming weights, biases and outgoing weights, "
        "and with equal optimiser states, stay equal, as long as the same rule for both neurons moves them. "
        "First for an arbitrary rule that treats all entries alike: the new weight and states are arbitrary "
        "functions of the entry's own weight, states and gradient, and of numbers common to all entries. "
        "Then for each optimiser by its own rule.",
        system,
        tuple(every),
        order=ORDER,
        sources=("Goodfellow, Bengio, Courville 2016, section 8.4", "Kunin et al. 2021"),
        witnesses=shown,
    )


@cache
def prove() -> Proved:
    """Every depth, all widths, an activation for each layer, any cost, mini-batches of any size."""
    conditions = ("equal optimiser states", "the same rule for both neurons")
    shown = tuple(w for w in witnesses() if w.defends in conditions)
    return prove_for(mlp(per_layer=True, samples="B"), shown=shown)
