r"""T7. Balanced colourings persist: neurons of one colour keep computing the same, with unequal weights.

Each neuron has a colour, each input and output one of its own. Neurons of one colour have equal biases, equal
sums of incoming weights from each colour and equal sums of outgoing weights into each colour.
"""

from __future__ import annotations

from functools import cache

from proofs.balanced_run import BalancedRun, assumed, balanced_run
from proofs.coloured_ties import ties
from proofs.elementwise import Training, any_elementwise_rule, training
from proofs.quotient import NOTE, quotient
from proofs.setting import ORDER
from proofs.trained import exact
from proofs.trained.balanced import LINEAR, staying_balanced
from proofs.witnesses.t7 import witnesses
from symderive.claims.evidence import Evidence
from symderive.proof.result import Argument, Proposition, Proved
from symderive.proof.tactics import Chain

KEY, NAME = "T7", "balanced_colourings"
ASSUMES = (
    "colours begin at 1", "colours end at K", "every colour has members", "as many colours as outputs",
    "inputs have colours of their own", "outputs have colours of their own",
    "equal incoming sums in a colour", "equal outgoing sums in a colour", "equal biases in a colour",
    "equal states of the weights", "equal states of the biases", "equal weights between colours",
)  # fmt: skip

QUOTIENT_ORDER = tuple(name for plain in ORDER[: len(ORDER) // 2] for name in (plain, plain + NOTE))


@cache
def general() -> tuple[Training, BalancedRun, tuple[tuple[str, Chain], ...]]:
    """Any elementwise rule, from a balanced colouring."""
    made = training(quotient(), any_elementwise_rule())
    start, chains = assumed(made)
    return made, balanced_run(made, start), chains


def numeric(seed: int) -> tuple[Evidence, ...]:
    """The theorem on real arrays, by every rule that is linear in the weight itself."""
    return (
        *(staying_balanced(seed, rule) for rule in LINEAR),
        *(exact.staying_balanced(seed, rule) for rule in exact.RULES),
    )


@cache
def prove() -> Proved:
    """By induction on the steps, with an induction on the layers in each, upwards and downwards."""
    made, run, chains = general()
    tied = ties(made)
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
        witnesses=witnesses(),
    )  # fmt: skip
