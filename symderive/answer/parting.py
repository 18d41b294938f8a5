"""What does not stay equal, and how neurons come apart."""

from __future__ import annotations

from symderive.answer.material import Material
from symderive.answer.prose import paragraph
from symderive.documents.blocks import Block, Section


def breaking(m: Material) -> list[Block]:
    """T6: equal incoming weights alone."""
    return [
        Section("What does not stay equal", label="section:breaking"),
        paragraph(
            "Let two neurons have equal incoming weights and biases, and *unequal* outgoing weights. They "
            "compute the same. Still their gradients differ, by the difference of the outgoing weights "
            "through a channel $Q$:"
        ),
        *m.definitions("T6", "channel to the incoming weights", "gradient descent on the weights"),
        m.box("T6", "incoming weights", proof=True),
        m.box("T6", "one step, incoming weights"),
        paragraph(
            "So drawing the outgoing weights at random is enough to break the tie, even if all incoming "
            "weights start equal. That is why networks start at random numbers [@rumelhart1986; "
            "@goodfellow2016]. In exact numbers:"
        ),
        m.witness("T6", 3),
    ]


def apart(m: Material) -> list[Block]:
    """T9 and T10: neurons that differ never meet, and near a tie they part."""
    return [
        Section("Steps below a bound never make neurons equal", label="section:never"),
        paragraph(
            "Could training make different neurons equal after all? Not in finite time. Think of two "
            "points: the network, and the same network with two neurons exchanged. They are equal just "
            "when the neurons are; and a step keeps different points different. Let $N$ parameters be "
            "numbered, and $K$ bound how fast the gradient changes."
        ),
        *m.definitions(
            "T9",
            "gradient",
            "gradient, other point",
            "step",
            "step, other point",
            "slack of the Lipschitz bound",
        ),
        m.box("T9", "two points do not meet"),
        paragraph(
            "With momentum no two points with their velocities meet, whatever the step size; along the "
            "gradient flow only the bound $K$ is needed. The library states each for two neurons of a "
            "network of any depth (T9). The bound on the step is needed: a single large step can throw two "
            "different points onto one."
        ),
        m.witness("T9", 1),
        Section("Near a tie the difference grows", label="section:repelling"),
        paragraph(
            "At a point where neurons are tied, the second derivatives by their differences form a block "
            "of their own. The block has a zero corner, as the cost is linear in the outgoing weights; so "
            "wherever the incoming gradient is not 0 there is a direction along which the curvature is "
            "negative, and the difference grows. The direction is written down: $u$, $\\beta$ and $h$ move "
            "the incoming weights, the bias and the outgoing weights. Beside the blocks $P$ and $Q$ below "
            "stand their parts for the bias, $R$, $U$ and $V$, where a constant takes the place of an "
            "input (T10)."
        ),
        *m.definitions(
            "T10",
            "block P",
            "block Q",
            "curvature",
            "transposed Q times the gradient",
            "square of that",
            "curvature along the gradient",
            "direction of the incoming weights",
            "direction of the biases",
            "direction of the outgoing weights",
        ),
        m.box("T10", "a direction that descends"),
        paragraph(
            "How fast it grows can be computed for a network with numbers, and is what a run shows "
            "([figure:gap])."
        ),
        m.figure("gap"),
    ]


def closed_form(m: Material) -> list[Block]:
    """T11: a model that can be solved."""
    return [
        Section("A model that can be solved", label="section:model"),
        paragraph(
            "One input, one output, $H$ neurons, no nonlinearity at all: $w_{i}$ comes in, $v_{i}$ goes "
            "out. Under gradient flow the sums and differences of the two weights of a neuron obey one "
            "equation each:"
        ),
        *m.definitions(
            "T11", "network", "product", "mean square of the input", "strength", "sums", "differences"
        ),
        m.box("T11", "equation of the sums"),
        m.box("T11", "equation of the differences", like="equation of the sums"),
        paragraph(
            "All neurons are multiplied by the same number at each moment, so what they had in proportion "
            "they keep. Neurons end different just if they start different:"
        ),
        m.box("T11", "ratios are conserved"),
        m.box("T11", "equal sums were always equal"),
        paragraph(
            "This corrects a widespread intuition: it is not the nonlinearity that makes the weights of "
            "neurons different. If the weights are balanced, the product follows the curve of Saxe, "
            "McClelland and Ganguli [@saxe2014]:"
        ),
        m.box("T11", "Saxe's formula"),
        m.figure("flow"),
    ]


def regressions(m: Material) -> list[Block]:
    """T12: regressions agree."""
    return [
        Section("Why regressions agree", label="section:regression"),
        paragraph(
            "Two runs of one linear regression, from different starts, on the same batches. A tilde marks "
            "the second run. Their difference knows nothing of the target: it is multiplied by the same "
            "matrix as everything else, and shrinks."
        ),
        *m.definitions(
            "T12",
            "prediction",
            "cost",
            "gradient",
            "rule of the weights",
            "difference of the weights",
            "difference of the predictions",
        ),
        m.box("T12", "one step"),
        m.box("T12", "one answer"),
        m.figure("one_answer"),
        paragraph(
            "So the step from *same data* to *same weights* is right for regressions, where the cost is "
            "strictly convex and each run fits the target by itself. It fails for neurons since their "
            "outputs are added before they are compared with the target."
        ),
    ]


def optima(m: Material) -> list[Block]:
    """T13 and T14: what different neurons are good for, and why there are many optima."""
    return [
        Section("What different neurons are good for", label="section:optima"),
        paragraph(
            "A network whose neurons are tied in every hidden layer is a function of one linear form of "
            "its inputs, and with activations that never fall it is monotone along it. The slopes $m$ "
            "below are those of the activations between two samples; that they are squares says that they "
            "are not negative."
        ),
        *m.definitions("T13", "cost", "slope of an output", "slope of an output between two samples"),
        m.box("T13", "monotone output"),
        paragraph(
            "On XOR no such function does better than a mean squared error of 1/6: the library proves it "
            "in four cases, in each of which the difference to 1/6 is a sum of squares (T13); [figure:xor] "
            "shows the runs."
        ),
        m.figure("xor"),
        Section("Why there are several optima", label="section:several"),
        paragraph(
            "By [T3:box:cost] every order of the neurons of a hidden layer has the same cost, so an "
            "optimum whose $n$ neurons all differ comes in $n!$ copies. And a network with one neuron too "
            "many has whole lines of critical points: the neuron of a smaller network is split in two, "
            "whose outgoing weights share that of the one [@fukumizu2000; @simsek2021]."
        ),
        *m.definitions(
            "T14", "weighted input", "activation", "output", "cost", "gradient of the incoming weights"
        ),
        m.box("T14", "critical line, incoming weights"),
    ]
