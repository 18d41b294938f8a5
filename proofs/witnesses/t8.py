"""What does not collapse: one weight that differs, phi(0) != 0, and no hidden layer at all.

Constant layers of widths 4-5-5-3 keep 4, 1 and 3 different weights, of rank 1; zeros move the last bias
alone, unless phi(0) != 0; softmax regression starts from zeros, where its probabilities are 1/K, and trains.
"""

from __future__ import annotations

from dataclasses import dataclass
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
    """A network with one weight in each layer, but for the first weight of the layers in `odd`."""

    odd: tuple[int, ...] = ()

    def theta(self) -> exact.Parameters:
        """The weights at the start; no biases."""
        weights = []
        for m, ((a, b), c) in enumerate(zip(pairwise(WIDTHS), CONSTANTS, strict=True), 1):
            rows = [[c] * a for _ in range(b)]
            rows[0][0] += int(m in self.odd)
            weights.append(rows)
        return exact.Parameters.of(weights)

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
        ("ranks after two steps", ranks),
    )
    return Worked(
        lines, "different weights after two steps, ranks", ((4, 1, 3), (1, 1, 1)), (different, ranks)
    )


@dataclass(frozen=True)
class Zeros:
    """A network from zeros, of these widths, with this activation in its hidden layer and this loss."""

    widths: tuple[int, ...]
    phi: exact.Activation
    loss: str
    y: tuple[int, ...]

    def gradient(self) -> exact.Parameters:
        """The gradient at zeros, from forward passes alone, where backpropagation agrees."""
        n = self.widths
        phis = [*[self.phi] * (len(n) - 2), "identity"]
        network = exact.Network(n, phis, loss=self.loss)
        theta = exact.Parameters.of([[[0] * a for _ in range(b)] for a, b in pairwise(n)])
        return exact.gradient_truth(network, theta, [1] * n[0], self.y)


def stuck(case: Zeros) -> Worked:
    """The experiment: no weight moves."""
    g = case.gradient()
    lines = (
        ("targets $y$", case.y),
        ("gradient of the last bias", g.biases[-1]),
        ("gradient of the last weights", g.weights[-1]),
    )
    moving = sum(v != 0 for w in g.weights for row in w for v in row)
    return Worked(lines, "how many weights move", 0, moving)


IDENTITY, SHIFTED = exact.polynomial(0, 1), exact.polynomial(1, 1)


@cache
def witnesses() -> tuple[Witness, ...]:
    """One weight of its own; an activation with phi(0) = 1; softmax regression."""
    return (
        Witness(
            "constant weights",
            "One weight of the first layer that differs is enough: layers of widths 4-5-5-3 with the "
            r"constant weights 1, 2 and -1, no biases, $\phi(z) = z + z^2$ in the first layer, squared "
            "error, two steps of size 1/4, on one sample and on a batch of two.",
            collapse, Constant((1,)), Constant(),
        ),
        Witness(
            "activations are 0 at 0",
            r"With $\phi(z) = 1 + z$ the last weights move from zeros, with $\phi(z) = z$ they do not. "
            "Widths 1-2-1, $x = 1$, $C = (a^{(2)} - y)^2/2$.",
            stuck, Zeros((1, 2, 1), SHIFTED, "squared_error", (1,)),
            Zeros((1, 2, 1), IDENTITY, "squared_error", (1,)),
        ),
        Witness(
            "a hidden layer",
            "Softmax regression from zeros is no fault: it has no hidden layer, its probabilities are 1/3 "
            "each, and every weight moves. With a hidden layer of two neurons in between, no weight does. "
            r"Two inputs $x = (1, 1)$, three classes, cross-entropy, $\phi(z) = z$.",
            stuck, Zeros((2, 3), IDENTITY, "softmax_cross_entropy", (0, 1, 0)),
            Zeros((2, 2, 3), IDENTITY, "softmax_cross_entropy", (0, 1, 0)),
        ),
    )  # fmt: skip
