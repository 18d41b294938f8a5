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
            "A network of $L$ layers, with $n_{l}$ neurons in layer $l$. The activations $\\sigma_{l}$ and "
            "the "
            "cost $C$ are any differentiable functions, and twice so where second derivatives occur; the "
            "sizes are any positive integers; $x$ is the input and $y$ the target of one sample. For ReLU, "
            "which "
            "has no derivative at 0, what [section:staying] says of training holds with any value that is "
            "put there."
        ),
        *m.definitions("T1"),
        *m.definitions("T2", "cost"),
        paragraph(
            "So the asker is right: within a layer all neurons have one equation, and the same numbers "
            "come in. They are told apart by their weights and biases alone."
        ),
        Section("How the gradient comes back", label="section:backward"),
        paragraph(
            "Training moves each weight against the derivative of the cost with respect to it. The chain "
            "rule collects, for each quantity, what reaches the cost through everything that uses it: its "
            "derivative in a definition by itself, times the derivative of the cost with respect to what is "
            "defined. Here a bracket is 1 where the relation in it holds, else 0, and then what stands "
            "behind "
            "it does not count; $\\delta^{(l)}_{j}$ is the derivative of the cost with respect to the "
            "weighted "
            "input $z^{(l)}_{j}$."
        ),
        *m.derivations("T2"),
        paragraph(
            "So the derivation is a computation, tested line by line. That its deltas and gradients are the "
            "derivatives is a theorem, for every depth, proved by induction from the last layer to the "
            "first (T2): when all parameters move at once, by amounts that are written $\\mathrm{d}$, the "
            "cost moves by this."
        ),
        m.box("T2", "total differential"),
        paragraph(
            "Here is the place where neurons part, and it is not the forward equation: in [T2:derived:1] "
            "the weights that *leave* the neuron stand in its own gradient. Two neurons with the same "
            "inputs and the same incoming weights can be pulled in different directions, if their outgoing "
            "weights differ."
        ),
    ]  # fmt: skip
