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
        *m.definitions("T6", "channel to the incoming weights"),
        m.box("T6", "incoming weights", proof=True),
        paragraph(
            "So the next step of gradient descent unties them further, unless the channel maps the "
            "difference "
            "to 0, as it does where the deltas of the next layer are all 0. Outgoing weights that are drawn "
            "at random are enough, even if all incoming weights start equal. That is why networks start at "
            "random numbers [@rumelhart1986; @goodfellow2016]. In exact numbers:"
        ),
        m.witness("T6", 3),
    ]


def apart(m: Material) -> list[Block]:
    """T9 and T10: neurons that differ never meet, and near a tie they part."""
    return [
        Section("Steps below a bound never tie neurons", label="section:never"),
        paragraph(
            "Could training tie neurons that are not tied? Think of two points: the network, and the same "
            "network with two neurons exchanged. They are one point exactly when the neurons are tied; and "
            "by [T4:box:gradients-of-the-weights] the second is trained as the first is, with the two "
            "exchanged. So it is enough that a step keeps different points different. Let the $N$ parameters "
            "be numbered, let a hat mark them after the step, and let $K$ bound how fast the gradient "
            "changes "
            "between the two points. The kernel knows equations alone. So it is told that $\\rho$ is not "
            "negative by making it the square of some $r$: the gradients differ by at most $K$ times what "
            "the "
            "points differ by. And it is told that $\\eta K$ is below 1 by the last hypothesis, which has a "
            "solution $u$ only then."
        ),
        *m.definitions("T9", "step", "step, other point", "slack of the Lipschitz bound"),
        m.box("T9", "two points do not meet"),
        paragraph(
            "The idea of the proof: if the points met, they would have differed by $\\eta$ times what the "
            "gradients differ by, hence by at most $\\eta K$ times what they themselves differ by, which is "
            "less unless it is 0. The bound is asked for at each step anew. In finitely many such steps "
            "neurons that are not tied do not become so, though their incoming weights alone may coincide in "
            "passing; in the limit they may approach a tie, as those of the second column below do if they "
            "go "
            "on. With heavy ball, whose momentum is not 0, positions and velocities taken together never "
            "meet, whatever the step size; along the gradient flow a bound $K$ is enough. T9 states each for "
            "two neurons of a network of any depth. The bound on the step is needed: a single large step can "
            "throw two different points onto one."
        ),
        m.witness("T9", 1),
        Section("At a tie the cost bends down", label="section:repelling"),
        paragraph(
            "Let the first $M$ neurons of layer $m$ be tied, and move each of them by a multiple $c_{j}$ "
            "of one "
            "change, such that the multiples add up to 0: $u$ of the incoming weights, $\\beta$ of the bias, "
            "$h$ of the outgoing weights. Such a direction unties, and nothing changes along it at first. "
            "What the outgoing weights alone do cancels altogether, since tied neurons answer alike; so the "
            "second derivative has no part in $h$ twice. It has the parts $P$, $R$ and $U$ of the incoming "
            "weights and the bias, and the parts $Q$ and $V$ that mix these with the outgoing weights. "
            "Together they are a form $B$, and the second derivative is the sum of the squares of the "
            "multiples times its value $\\kappa$ (T10). There are $S$ samples."
        ),
        *m.definitions(
            "T10",
            "block P",
            "block P, weight and bias",
            "block P, bias",
            "block Q",
            "block Q, bias",
            "curvature",
        ),
        paragraph(
            "Where the tied neurons have an incoming gradient there is a direction along which this is "
            "negative:"
        ),
        *m.definitions(
            "T10",
            "transposed Q times the gradient",
            "square of that",
            "curvature along the gradient",
            "direction of the incoming weights",
            "direction of the biases",
            "direction of the outgoing weights",
        ),
        m.box("T10", "a direction that descends"),
        paragraph(
            "It is 0 only where the incoming gradient is, as that gradient is $Q$ and $V$ times the outgoing "
            "weights (T10). So untying lowers the cost, at second order. Where the tied network is at rest "
            "there is no incoming gradient, and the lowest eigenvalue of $B$ decides; [figure:gap] is a run "
            "that starts near such a point."
        ),
        m.figure("gap"),
    ]


def closed_form(m: Material) -> list[Block]:
    """T11: a model that can be solved."""
    return [
        Section("A model that can be solved", label="section:model"),
        paragraph(
            "One input, one output, $H$ neurons, no nonlinearity at all: $w_{i}$ comes in, $v_{i}$ goes "
            "out, and the cost is half the mean squared error. In this section $\\mathrm{d}$ is the "
            "derivative with respect to the time. Under gradient flow the sums of the two weights of a "
            "neuron "
            "obey one equation:"
        ),
        *m.definitions(
            "T11",
            "network",
            "error of the output",
            "gradient of the incoming weights",
            "product",
            "mean square of the input",
            "strength",
            "sums",
            "differences",
        ),
        m.box("T11", "equation of the sums"),
        m.box("T11", "a gap grows with its neurons", like="equation of the sums"),
        m.figure("flow"),
        paragraph(
            "Every difference changes at the opposite rate. Let $\\theta$ be the integral of the common "
            "rate from the start, where a ring stands. That "
            "all sums "
            "are multiplied by $e^{\\theta}$ and all differences divided by it is proved but for one step, "
            "which is cited: what has the derivative 0 is constant. So sums keep their ratios to each other, "
            "and so do differences; and neurons that are equal at one time were equal at the start:"
        ),
        m.box("T11", "equal sums were always equal"),
        m.box("T11", "equal differences were always equal"),
        paragraph(
            "This corrects a widespread intuition: it is not the nonlinearity that makes neurons different. "
            "Where all differences are 0 the output follows the curve of Saxe, McClelland and Ganguli "
            "[@saxe2014], which T11 derives. [figure:flow] shows how a neuron moves."
        ),
    ]


def regressions(m: Material) -> list[Block]:
    """T12 and T19: regressions agree, and a neuron is one on what the others leave."""
    return [
        Section("Regressions, and what a neuron is fitted to", label="section:regression"),
        paragraph(
            "Two runs of one linear regression, from different starts, on the same batches; a tilde marks "
            "the second run. The target drops out of their difference:"
        ),
        *m.definitions(
            "T12",
            "prediction",
            "cost",
            "rule of the weights",
            "difference of the weights",
            "difference of the predictions",
        ),
        m.box("T12", "one step"),
        m.box("T12", "one answer"),
        paragraph(
            "If all steps use the same samples, of full rank, every step below a bound shrinks the "
            "difference, "
            "so that the runs come to that one answer (T12). Now let neurons add up to one output, with the "
            "squared error: let $a_{si}$ be what neuron $i$ answers to sample $s$, as it may depend on all "
            "layers below, and $v_{i}$ its outgoing weight."
        ),
        *m.definitions("T19", "output", "cost", "what the others leave"),
        m.box("T19", "one neuron"),
        m.box("T19", "two targets"),
        paragraph(
            "So *same data, hence same weights* is right for regressions, which share their target, and "
            "wrong for neurons, which share the error. [figure:one_answer] shows both."
        ),
        m.figure("one_answer"),
    ]


def optima(m: Material) -> list[Block]:
    """T13 and T14: what different neurons are good for, and why there are many optima."""
    return [
        Section("What different neurons are good for", label="section:optima"),
        paragraph(
            "In a network with $M$ hidden layers whose neurons are tied in each, every hidden layer has one "
            "number to say to a sample $s$, as all its neurons answer alike. The samples are the four of "
            "XOR:"
        ),
        m.box("T13", "one neuron"),
        paragraph(
            "So the network is a function of one linear form of its inputs, and with activations that never "
            "fall it is monotone along it. On XOR no such function does better than a mean squared error of "
            "1/6: T13 proves it in four cases, in each of which the difference to 1/6 is a sum of squares. "
            "[figure:xor] shows runs: tied networks stay above the bound, and those from random starts go "
            "below it."
        ),
        m.figure("xor"),
        Section("Why there are several optima", label="section:several"),
        paragraph(
            "By [T3:box:cost] every order of the neurons of a hidden layer has the same cost, so an "
            "optimum whose $n$ neurons all differ comes in $n!$ copies. And a network with one neuron more "
            "than needed has whole lines of points at which the gradient is 0: split the last of the $H$ "
            "neurons of a smaller network in two, whose outgoing weights share that of the one "
            "[@fukumizu2000; @simsek2021]. The cost $E$ of a sample is arbitrary."
        ),
        *m.definitions(
            "T14", "weighted input", "activation", "output", "cost",
        ),
        m.box("T14", "critical line, incoming weights, first of the two"),
        paragraph(
            "The same is proved of the second of the two, of the other neurons and of all outgoing "
            "weights: a "
            "tilde marks the larger network. "
            "Whether the line is a valley or a saddle is decided by the sign of $\\lambda (1 - \\lambda)$ "
            "and a "
            "matrix of second derivatives (T14)."
        ),
    ]  # fmt: skip
