"""What a neuron computes, and how the gradient comes back to it."""

from __future__ import annotations

from symderive.answer.material import Material
from symderive.answer.prose import paragraph
from symderive.documents.blocks import Block, Section


def equations(m: Material) -> list[Block]:
    """T1 and T2: layer equations are given, backward equations derived."""
    return [
        Section("What a neuron computes", label="section:forward"),
        paragraph(
            "A network of $L$ layers, with $n_{l}$ neurons in layer $l$. These equations, the definition "
            "of the network, are the only ones that were put in. The activations $\\sigma_{l}$ and the "
            "cost $C$ are any differentiable functions, the sizes any positive integers."
        ),
        *m.definitions("T1"),
        *m.definitions("T2", "cost"),
        paragraph(
            "So the asker is right: within a layer all neurons have one equation, and the same numbers "
            "come in. They are told apart by their weights alone. Put into each other, the equations of "
            "two layers become:"
        ),
        m.box("T1", "two layers"),
        Section("How the gradient comes back", label="section:backward"),
        paragraph(
            "Training moves each weight against the derivative of the cost by it. Reverse mode collects, "
            "for each quantity, what reaches the cost through whatever uses it. With $\\delta^{(l)}_{j}$ "
            "for the derivative by the weighted input $z^{(l)}_{j}$, the backward equations come out, one "
            "step at a time:"
        ),
        *m.derivations("T2"),
        paragraph(
            "That these sums are the derivatives is itself a theorem, for every depth, by induction from "
            "the last layer to the first (its proof is a document of its own). A differential "
            "$\\mathrm{d}$ stands for an arbitrary small movement of all parameters at once."
        ),
        *m.definitions(
            "T2", "delta of the last layer", "delta of a hidden layer", "gradient of the weights",
            "gradient of the biases",
        ),
        m.box("T2", "total differential"),
        paragraph(
            "Here is the place where neurons part, and it is not the forward equation: in [T2:derived:1] "
            "the weights that *leave* the neuron stand in its own gradient. Two neurons with the same "
            "inputs and the same incoming weights, and different outgoing ones, are pulled in different "
            "directions."
        ),
    ]  # fmt: skip
