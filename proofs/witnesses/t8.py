"""What does not collapse: one weight or bias that differs, phi(0) != 0, no hidden layer at all.

Constant layers of widths 4-5-5-3 keep 4, 1 and 3 different weights, of rank 1; zeros move the last bias
alone, unless phi(0) != 0; softmax regression starts from zeros, where its probabilities are 1/K, and trains.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from itertools import pairwise
from typing import Any

from symderive import reference_exact as exact
from symderive.proof.witness import Witness, Worked

WIDTHS = (4, 5, 5, 3)
CONSTANTS = (1, 2, -1)
BATCHES = (([[1, 2, 0, -1]], [[1, 0, 2]]), ([[0, 1, 3, 1], [2, 0, 1, 1]], [[0, 1, 1], [3, 0, 1]]))
RATE = Fraction(1, 4)


@dataclass(frozen=True)
class Constant:
    """A network with one weight in each layer and no biases, but for one first weight and one first bias."""

    first_weight: int = CONSTANTS[0]
    first_bias: int = 0

    def theta(self) -> exact.Parameters:
        """The parameters at the start."""
        weights = [[[c] * a for _ in range(b)] for (a, b), c in zip(pairwise(WIDTHS), CONSTANTS, strict=True)]
        biases = [[0] * n for n in WIDTHS[1:]]
        weights[0][0][0], biases[0][0] = self.first_weight, self.first_bias
        return exact.Parameters.of(weights, biases)

    def trained(self) -> exact.Parameters:
        """After a step on each batch."""
        network = exact.Network(WIDTHS, ("z+z^2", "identity", "identity"), reduction="mean")
        return exact.train(network, self.theta(), BATCHES, RATE)[-1]


def rank(matrix: Any) -> int:
    """The rank of a matrix of fractions, by elimination.

    >>> rank(((Fraction(1), Fraction(2)), (Fraction(2), Fraction(4))))
    1
    """
    rows, found = [list(row) for row in matrix], 0
    for column in range(len(rows[0])):
        pivot = next((r for r in range(found, len(rows)) if rows[r][column] != 0), None)
        if pivot is None:
            continue
        rows[found], rows[pivot] = rows[pivot], rows[found]
        for r in range(found + 1, len(rows)):
            factor = rows[r][column] / rows[found][column]
            rows[r] = [a - factor * b for a, b in zip(rows[r], rows[found], strict=True)]
        found += 1
    return found


def collapse(case: Constant) -> Worked:
    """The experiment: after training, W^1, W^2 and W^3 have 4, 1 and 3 different entries, and rank 1."""
    start, end = case.theta(), case.trained()
    different = tuple(len({v for row in w for v in row}) for w in end.weights)
    ranks = tuple(map(rank, end.weights))
    lines = (
        ("first row of $W^{(1)}$", start.weights[0][0]),
        ("second row of $W^{(1)}$", start.weights[0][1]),
        ("$b^{(1)}$", start.biases[0]),
    )
    return Worked(
        lines, "different weights after two steps, ranks", ((4, 1, 3), (1, 1, 1)), (different, ranks)
    )


@dataclass(frozen=True)
class Zeros:
    """A network of these widths, with this activation in its hidden layer and this loss, from zeros.

    Its first weight and its first bias may be something else.
    """

    widths: tuple[int, ...]
    phi: exact.Activation
    loss: str
    y: tuple[int, ...]
    first_weight: int = 0
    first_bias: int = 0

    def theta(self) -> exact.Parameters:
        """The parameters at the start."""
        weights = [[[0] * a for _ in range(b)] for a, b in pairwise(self.widths)]
        biases = [[0] * b for b in self.widths[1:]]
        weights[0][0][0], biases[0][0] = self.first_weight, self.first_bias
        return exact.Parameters.of(weights, biases)

    def gradient(self) -> exact.Parameters:
        """The gradient there, from forward passes alone."""
        n = self.widths
        phis = [*[self.phi] * (len(n) - 2), "identity"]
        network = exact.Network(n, phis, loss=self.loss)
        return exact.gradient_truth(network, self.theta(), [1] * n[0], self.y)


def stuck(case: Zeros) -> Worked:
    """The experiment: no weight moves."""
    g, theta = case.gradient(), case.theta()
    lines = (
        ("targets $y$", case.y),
        ("$W^{(1)}$", theta.weights[0]),
        ("$b^{(1)}$", theta.biases[0]),
        ("gradient of the last bias", g.biases[-1]),
        ("gradient of the last weights", g.weights[-1]),
    )
    moving = sum(v != 0 for w in g.weights for row in w for v in row)
    return Worked(lines, "how many weights move", 0, moving)


IDENTITY, SHIFTED = exact.polynomial(0, 1), exact.polynomial(1, 1)


LAYERS = (
    r"Layers of widths 4-5-5-3 with the constant weights 1, 2 and $-1$, $\phi(z) = z + z^2$ in the first "
    "layer, squared error, two steps of size 1/4, on one sample and on a batch of two."
)
SMALL = "Widths 1-2-1, $x = 1$, $C = (a^{(2)} - y)^2/2$"
SQUARES = Zeros((1, 2, 1), IDENTITY, "squared_error", (1,))


@cache
def witnesses() -> tuple[Witness, ...]:
    """One weight or bias of its own, from constants and from zeros; phi(0) = 1; softmax regression."""
    return (
        Witness(
            "constant weights",
            f"One weight of the first layer that differs is enough. {LAYERS}",
            collapse, Constant(first_weight=2), Constant(),
        ),
        Witness(
            "constant biases",
            f"One bias of the first layer that differs is enough. {LAYERS}",
            collapse, Constant(first_bias=1), Constant(),
        ),
        Witness(
            "activations are 0 at 0",
            r"With $\phi(z) = 1 + z$ the last weights move from zeros, with $\phi(z) = z$ they do not. "
            f"{SMALL}.",
            stuck, replace(SQUARES, phi=SHIFTED), SQUARES,
        ),
        Witness(
            "zero weights",
            f"One weight that is not 0 is enough for others to move. {SMALL}, $\\phi(z) = z$.",
            stuck, replace(SQUARES, first_weight=1), SQUARES,
        ),
        Witness(
            "zero hidden biases",
            f"One bias that is not 0 is enough for weights to move. {SMALL}, $\\phi(z) = z$.",
            stuck, replace(SQUARES, first_bias=1), SQUARES,
        ),
        Witness(
            "a hidden layer",
            "Softmax regression from zeros is no fault: it has no hidden layer, its probabilities are 1/3 "
            "each, and every weight moves. With a hidden layer of two neurons in between, no weight does. "
            r"Two inputs $x = (1, 1)$, three classes, cross-entropy, $\phi(z) = z$.",
            stuck, Zeros((2, 3), IDENTITY, "softmax_cross_entropy", (0, 1, 0)),
            Zeros((2, 2, 3), IDENTITY, "softmax_cross_entropy", (0, 1, 0)),
            ("no hidden layer", "one hidden layer"),
        ),
    )  # fmt: skip
