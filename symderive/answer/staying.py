"""What stays equal: invariance, equivariance, tied neurons, starts that collapse."""

from __future__ import annotations

from symderive.answer.material import Material
from symderive.answer.prose import paragraph
from symderive.documents.blocks import Block, Section

CORE = (
    "equal incoming weights, t = 0",
    "equal weighted inputs, from t to t + 1",
    "equal activations, from t to t + 1",
    "equal deltas, from t to t + 1",
    "equal gradients of the incoming weights, from t to t + 1",
    "equal incoming weights, from t to t + 1",
)
"""The steps of the induction that are shown."""


def staying(m: Material) -> list[Block]:
    """T3, T4, T5 with its proof, T5b, T5c, T8."""
    return [
        Section("What stays equal", label="section:staying"),
        paragraph(
            "The neurons of a hidden layer can be numbered in any order. Let $\\pi_{l}$ permute layer $l$, "
            "and let a tilde mark the network whose neurons, with their incoming and outgoing weights and "
            "biases, were moved accordingly."
        ),
        *m.definitions("T3"),
        m.box("T3", "cost"),
        paragraph(
            "The gradient carries the symmetry along: the gradient of the permuted network is the permuted "
            "gradient."
        ),
        *m.definitions("T4", "gradient of the weights, permuted network"),
        m.box("T4", "gradients of the weights"),
        paragraph(
            "If two neurons are equal, exchanging them changes nothing, so their gradients must be equal "
            "too; and then a step leaves them equal. For training, parameters get the number $t$ of the "
            "step in front of the layer, samples of a mini-batch the index $s$; each step may use another "
            "batch and another step size."
        ),
        *m.definitions("T5"),
        m.box("T5", "equal incoming weights", steps=CORE),
        paragraph(
            "The steps for the outgoing weights and the biases are alike; all twelve stand in the document "
            "of T5. So, along the way:"
        ),
        m.box("T5", "equal gradients of the incoming weights", like="equal incoming weights"),
        paragraph(
            "None of the three hypotheses can be dropped; [section:breaking] shows what happens without "
            "the last."
        ),
        paragraph(
            "The same is proved for momentum, Nesterov, AdaGrad, RMSProp, Adam, AdamW, sign descent, "
            "weight decay and clipping of the gradient (T5b), and for neurons that are opposite to each "
            "other, where the activation is odd (T5c): what counts is that an optimiser treats all entries "
            "alike. So a start at equal weights is a trap, and two common starts fall into it:"
        ),
        m.box("T8", "constant weights, rows"),
        m.box("T8", "zeros, hidden weights"),
        *m.runs("T5"),
    ]
