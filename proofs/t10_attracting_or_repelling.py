r"""T10. At a tie the Hessian is [[P, Q], [Q^T, 0]] on differences: it repels where Q v is not 0."""

from __future__ import annotations

from functools import cache

import numpy as np

from proofs import blocks, near_tie
from proofs.descending import descending
from proofs.setting import ORDER
from proofs.transverse import moved, net, tied, transverse
from proofs.witnesses.t10 import witnesses
from symderive import reference
from symderive.claims.evidence import CheckFailed, Evidence
from symderive.proof.result import Argument, Proposition, Proved

KEY, NAME = "T10", "attracting_or_repelling"
ASSUMES = (
    *(h.name for h in (*tied(), *moved())), "the direction sums to 0", "inputs are fixed",
    "targets are fixed",
    "the curvature is 0", "the step size is fixed", "the decay is fixed", *near_tie.EIGEN,
    "mu is a lower bound of B",
)  # fmt: skip
BLOCKS = tuple(h.name for h in blocks.definitions())
STILL = {
    "the next layer feels nothing": "The layer after the tied neurons does not feel the direction.",
    "activations after": "So no later activation moves, the outputs included.",
    "gradients of other incoming weights": "The gradients of all other weights into the layer stay,",
    "gradients of other biases": "of all other biases of the layer,",
    "gradients of other outgoing weights": "and of all other weights out of it.",
    "gradients of the weights after": "So do those of all later weights,",
    "gradients of the biases after": "and of all later biases;",
    "gradients of the weights before": "those of all weights before, where there is a layer before,",
    "gradients of the biases before": "and of all biases before. So the Hessian maps differences to "
    "differences: its cross terms with everything else are 0, and it is block-diagonal.",
}  # fmt: skip
SHOWN = ("the next layer feels nothing", "gradients of the biases before")
ALLOWED = 1e-6


def numeric(seed: int) -> tuple[Evidence, ...]:
    """P and Q, summed by their printed formulas, against differences of the reference's gradient."""
    return (measured(seed),)


def measured(seed: int) -> Evidence:
    """B times a direction in a 3-4-3-2 network with three tied neurons, by central differences."""
    network = reference.Network((3, 4, 3, 2), ["tanh", "tanh", "identity"], "squared_error", reduction="mean")
    weights, biases = reference.random_parameters(network, seed)
    x, y = reference.random_data(network, 5, seed + 1)
    for group in (weights[0], biases[0]):
        group[:3] = group[0]
    weights[1][:, :3] = weights[1][:, :1]
    rng = np.random.default_rng(seed + 2)
    u, beta, h, c = rng.normal(size=3), rng.normal(), rng.normal(size=3), np.array([2.0, -0.5, -1.5])
    step = 1e-5

    def gradient(e: float) -> reference.Gradient:
        w, b = [v.copy() for v in weights], [v.copy() for v in biases]
        w[0][:3] += e * np.outer(c, u)
        b[0][:3] += e * c * beta
        w[1][:, :3] += e * np.outer(h, c)
        return reference.backward(network, w, b, x, y)

    up, down = gradient(step), gradient(-step)
    found = [
        (p - q) / (2 * step)
        for p, q in zip((*up.weights, *up.biases), (*down.weights, *down.biases), strict=True)
    ]
    z, _ = reference.forward(network, weights, biases, x)
    deltas = reference.backward(network, weights, biases, x, y).deltas[1]
    slope = 1 - np.tanh(z[0][:, 0]) ** 2
    curve = -2 * np.tanh(z[0][:, 0]) * slope
    reached = curve * (deltas @ weights[1][:, 0])
    one = np.column_stack([x, np.ones(len(x))])
    P, Q = (one * reached[:, None]).T @ one, (one * slope[:, None]).T @ deltas
    first = P @ np.append(u, beta) + Q @ h
    want = [np.outer(c, first[:3]), np.outer(Q.T @ np.append(u, beta), c), c * first[3]]
    got = [found[0][:3], found[1][:, :3], found[3][:3]]
    size = max(float(np.max(np.abs(v))) for v in want)
    error = max(float(np.max(np.abs(a - b))) for a, b in zip(got, want, strict=True)) / size
    elsewhere = [found[0][3:], found[1][:, 3:], found[2], found[3][3:], found[4], found[5]]
    error = max(error, *(float(np.max(np.abs(v))) / size for v in elsewhere))
    if not error <= ALLOWED:
        raise CheckFailed(
            f"the Hessian along a difference: expected the blocks within {ALLOWED}, found {error}"
        )
    return Evidence(
        "numeric", "B against differences of the reference's gradient, and 0 elsewhere", error, seed=seed
    )


@cache
def prove() -> Proved:
    """Every depth, all widths, a group of any size, any twice differentiable activations and cost."""
    done, low = transverse(), descending()
    still = tuple(
        Proposition(
            name, text, done.theorems[name],
            (Argument.of("The sum over the tied neurons", done.chains[name]),) if name in SHOWN else (),
        )
        for name, text in STILL.items()
    )  # fmt: skip
    form = blocks.second_differential()
    return Proved(
        KEY,
        NAME,
        "Tied neurons: attracting or repelling",
        "Neurons 1 to M of a hidden layer are tied (by T3 they may be numbered so). A direction that moves "
        "them by $c_j$ times one and the same change of incoming weights, bias and outgoing weights, with "
        "coefficients that sum to 0, and nothing else, is mapped by the Hessian to $c_j$ times B times "
        "that change, and to 0 elsewhere. So the Hessian is one block on what treats the neurons alike, "
        "and M - 1 copies of B on their differences, exactly, at every depth. The form of B has a strictly "
        "negative direction wherever the incoming gradient, which is Q times the outgoing weights, is not "
        "0: such a tie always repels.",
        net().system,
        (
            *still,
            *(
                Proposition(
                    name, "Along the direction this gradient changes by $c_j$ times a part of B.",
                    chain.theorem,
                    (Argument.of("The Hessian in blocks", chain),) if name == blocks.INCOMING else (),
                )
                for name, chain in blocks.action().items()
            ),
            Proposition(
                "the form",
                "The second differential of the cost is the sum of the $c_j^2$ times the form of B.",
                form.theorem, (Argument.of("The form", form),),
            ),
            *(
                Proposition(
                    f"incoming gradient, {name}",
                    "The incoming gradient of a tied neuron is Q times its outgoing weights.",
                    chain.theorem, (Argument.of("The gradient", chain),) if name == blocks.INCOMING else (),
                )
                for name, chain in blocks.incoming_gradient().items()
            ),
            Proposition(
                "a direction that descends",
                "Along this direction, made of the incoming gradient, the form of B is $-4 N^2$: it is "
                "never positive.",
                low.form.theorem, (Argument.of("The form along it", low.form),),
            ),
            Proposition(
                "it is strict", "If the form is 0 along it, so is the gradient of the incoming weights.",
                low.weights, (Argument.of("The square of the gradient", low.dot),),
            ),
            Proposition("it is strict, bias", "And that of the bias.", low.bias),
            *near_tie.propositions(),
        ),
        remarks=(
            "ReLU has no second derivative at 0 and none but 0 elsewhere: there P is 0, and B repels "
            "wherever Q is not 0.",
            "That the mean of the logarithms decides is the strong law of large numbers, which is cited "
            "here, not proved; the product of the factors is proved.",
        ),
        order=ORDER + BLOCKS,
        sources=(
            "Arjevani, Field 2020", "Simsek et al. 2021", "Ziyin 2023",
            "Chen, Kunin, Yamamura, Ganguli 2023",
        ),
        witnesses=witnesses(),
    )  # fmt: skip
