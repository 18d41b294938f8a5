"""What stays equal: invariance, equivariance, tied neurons, starts that collapse."""

from __future__ import annotations

from symderive.answer.material import Material
from symderive.answer.prose import paragraph
from symderive.documents.blocks import Block, Section

CORE = (
    "equal incoming weights, t = 0",
    "equal weighted inputs, at t",
    "equal deltas, at t",
    "equal gradients of the incoming weights, at t",
    "equal incoming weights, from t to t + 1",
)
"""The steps of the induction that are shown."""


def staying(m: Material) -> list[Block]:
    """T3, T4, T5 with its proof, T5b, T5c, T8."""
    return [
        Section("What stays equal", label="section:staying"),
        paragraph(
            "The neurons of a hidden layer can be numbered in any order. Let $\\pi_{l}$ permute layer $l$, "
            "and let a tilde mark a second network, with the same equations and inputs, whose neurons were "
            "moved accordingly with their incoming and outgoing weights and biases."
        ),
        m.box("T3", "cost"),
        paragraph(
            "The gradient carries the symmetry along: the gradient of the permuted network is the permuted "
            "gradient."
        ),
        m.box("T4", "gradients of the weights", like="T3: cost"),
        paragraph(
            "If two neurons are equal, exchanging them changes nothing, so their gradients must be equal "
            "too; and then a step leaves them equal. In training, parameters get the number $t$ of the step "
            "in front of the layer, and samples of the mini-batch of that step, of which there are $B$, the "
            "index $s$. Each step may use another batch, and another step size $\\eta_{t}$; the deltas of "
            "the last layer, and with them the cost, are arbitrary. A ring marks the start. The rules of the "
            "biases are like those of the weights."
        ),
        *m.definitions(
            "T5",
            "weighted input",
            "activation",
            "delta of a hidden layer",
            "gradient of the weights",
            "start of the weights",
            "rule of the weights",
        ),
        paragraph(
            "The proof is an induction on $t$ for three statements at once: the incoming weights, the biases "
            "and the outgoing weights are equal. Printed are the start and the steps that lead to the "
            "incoming weights; those for the biases and the outgoing weights are alike (T5)."
        ),
        m.box("T5", "equal incoming weights", steps=CORE),
        paragraph(
            "None of the three hypotheses can be dropped: T5 has a counterexample for each, and "
            "[section:breaking] looks at what happens without the last. The same is proved for momentum, "
            "Nesterov, AdaGrad, RMSProp, Adam, AdamW, sign descent, weight decay and clipping of the "
            "gradient (T5b), and for neurons that are opposite to each other, where the activation is odd "
            "(T5c): what counts is that a rule treats all entries alike. Rules that draw lots for each "
            "neuron, such as dropout, do not. So a start at equal weights is a trap, and constant weights "
            "fall into it; from zeros nothing hidden ever moves, where the activation is 0 at 0 (T8)."
        ),
        m.box("T8", "constant weights, rows"),
    ]
