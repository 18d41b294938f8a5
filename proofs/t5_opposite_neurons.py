r"""T5c. Where the activation is odd, neurons with opposite weights, w_p = -w_q, v_p = -v_q, stay so."""

from __future__ import annotations

from functools import cache

from proofs.propagated import propositions
from proofs.setting import ORDER
from proofs.t5_tied_neurons import RULES
from proofs.trained.run import RULES as EXPERIMENTS
from proofs.trained.tied import signed
from proofs.training_steps import names_in, sentence, words_of
from proofs.witnesses.t5c import witnesses
from symderive.claims.evidence import Evidence
from symderive.derivation.training import training
from symderive.proof.result import Proposition, Proved
from symderive.proof.ties import Ties, ties
from symderive.systems import System, mlp

KEY, NAME = "T5c", "opposite_neurons"
ASSUMES = (
    *(
        f"{sign} {x}"
        for sign in (
            "opposite", "opposite velocities of the", "opposite first moments of the",
            "equal second moments of the",
        )
        for x in ("incoming weights", "biases", "outgoing weights")
    ),
    "the activation is odd", "the sign is odd", "the normalised gradient is odd in the gradient",
)  # fmt: skip
ODD = {
    "sigma": "the activation is odd",
    "sgn": "the sign is odd",
    "psi": "the normalised gradient is odd in the gradient",
}
OTHERS = ("heavy_ball", "nesterov", "adagrad", "rmsprop", "adam", "adamw", "sign_descent", "clip + l2 + gd")


def numeric(seed: int) -> tuple[Evidence, ...]:
    """The theorem on real arrays, by every rule of the NumPy reference."""
    return tuple(signed(seed, rule) for rule in EXPERIMENTS)


def opposite(system: System, rule: str, note: str = "", name: str = "") -> tuple[System, Ties]:
    """A run by this rule whose parameters are opposite at two indices, and its states as the rule has it."""
    run = training(system, rule)
    odd = {f: ODD[f.name] for f in (*run.functions(), *run.functionals()) if f.name in ODD}
    turned = [t for t in run.parameters if t.name in {f"{p.name}_0" for p in system.parameters}]
    return run, ties(run, name, names_in(system, note), words_of(system), odd, turned)


@cache
def prove() -> Proved:
    """Gradient descent in full, then the optimisers whose rules are odd in the gradient."""
    net = mlp(per_layer=True, samples="B")
    run, found = opposite(net, "gd")
    every = list(propositions(found.theorems, found.names, found.arguments, sentence, run.defined))
    for rule in OTHERS:
        _, found = opposite(net, rule, f"{rule}: ")
        for e, theorem in found.theorems.items():
            if e.symbol.name in ("w", "b"):
                called = f"{rule}: {found.names[e]}"
                said = f"Trained by {rule}. {sentence(found.names[e], theorem)}"
                every.append(Proposition(called, said, theorem))
    return Proved(
        KEY,
        NAME,
        "Opposite neurons stay opposite",
        "Two neurons of a hidden layer with an odd activation that start with opposite incoming weights, "
        "opposite biases and opposite outgoing weights stay opposite: they compute opposite activations, and "
        "both contribute the same to the next layer.",
        net,
        tuple(every),
        order=ORDER + RULES,
        sources=("Sussmann 1992", "Chen, Lu, Hecht-Nielsen 1993"),
        witnesses=witnesses(),
    )
