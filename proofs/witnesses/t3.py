r"""What changes the cost: neurons moved without their outgoing weights or biases; inputs or outputs moved.

\tilde W^1 = W^1[pi_1, pi_0], \tilde b^1 = b^1[pi_1], \tilde W^2 = W^2[pi_2, pi_1] with pi_0 = pi_2 = id: all
of it, or the cost changes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from typing import Any, TypeAlias

from proofs.witnesses.search import Integers, smallest
from symderive import reference_exact as exact
from symderive.proof.witness import Witness, Worked

STAY, SWAP = (0, 1), (1, 0)


@dataclass(frozen=True)
class Moved:
    """A network with one hidden layer of two neurons, and where each part of it moves."""

    W1: Any
    b1: Any
    W2: Any
    x: Any
    y: Any
    rows: tuple[int, ...] = SWAP
    biases: tuple[int, ...] = SWAP
    columns: tuple[int, ...] = SWAP
    inputs: tuple[int, ...] = STAY
    outputs: tuple[int, ...] = STAY

    @property
    def network(self) -> exact.Network:
        """Identity activations."""
        return exact.Network((len(self.x), 2, len(self.y)))

    @property
    def theta(self) -> exact.Parameters:
        """Before."""
        return exact.Parameters.of([self.W1, self.W2], [self.b1, [0] * len(self.y)])

    @property
    def moved(self) -> exact.Parameters:
        """After; a single input or output stays."""
        inputs, outputs = self.inputs[: len(self.x)], self.outputs[: len(self.y)]
        first = [[self.W1[r][c] for c in inputs] for r in self.rows]
        second = [[self.W2[r][c] for c in self.columns] for r in outputs]
        return exact.Parameters.of([first, second], [[self.b1[r] for r in self.biases], [0] * len(self.y)])

    def outgoing(self, of: exact.Parameters) -> tuple[tuple[Fraction, ...], ...]:
        """W^2[pi_2, pi_1] of an array of parameters: where the theorem says that it moves."""
        W2 = of.weights[1]
        return tuple(tuple(W2[r][c] for c in SWAP) for r in self.outputs[: len(self.y)])


def cost(case: Moved) -> Worked:
    """The experiment: the cost after the move is the cost before."""
    net, before, after = case.network, case.theta, case.moved
    lines = (
        ("$x$", tuple(case.x)),
        ("$y$", tuple(case.y)),
        ("$W^{(1)}$", before.weights[0]),
        ("$b^{(1)}$", before.biases[0]),
        ("$W^{(2)}$", before.weights[1]),
        ("$a^{(2)}$", exact.forward(net, before, case.x)[1][2]),
        (r"$\tilde{W}^{(1)}$", after.weights[0]),
        (r"$\tilde{b}^{(1)}$", after.biases[0]),
        (r"$\tilde{W}^{(2)}$", after.weights[1]),
        (r"$\tilde{a}^{(2)}$", exact.forward(net, after, case.x)[1][2]),
    )
    costs = [exact.cost(net, theta, case.x, case.y) for theta in (before, after)]
    return Worked(lines, r"cost of the moved network", *costs)


Cases: TypeAlias = Callable[[Integers], tuple[Moved, Moved] | None]


def _either(shape: Callable[[Integers], Moved], **part: tuple[int, ...]) -> Cases:
    """Without and with the hypothesis, where the whole move moves something and the cost is not 0."""

    def cases(v: Integers) -> tuple[Moved, Moved] | None:
        whole = shape(v)
        still = whole.moved == whole.theta or exact.cost(whole.network, whole.theta, whole.x, whole.y) == 0
        return None if still else (replace(whole, **part), whole)

    return cases


SETTING = "Identity activations, $C = |a^{(2)} - y|^2/2$, both hidden neurons are exchanged."


WEIGHTS = _either(lambda v: Moved([[v[0]], [v[1]]], [0, 0], [v[2:4]], [1], [v[4]]), columns=STAY)
BIASES = _either(lambda v: Moved([[v[0]], [v[1]]], v[2:4], [v[4:6]], [1], [0]), biases=STAY)
INPUTS = _either(lambda v: Moved([v[0:2], v[2:4]], [0, 0], [v[4:6]], v[6:8], [0]), inputs=SWAP)
OUTPUTS = _either(lambda v: Moved([[v[0]], [v[1]]], [0, 0], [v[2:4], v[4:6]], [1], v[6:8]), outputs=SWAP)
PARTS = (  # the hypothesis, what is done without it, the cases, and from how many integers
    ("permuted weights", "The rows of $W^{(1)}$ move, the columns of $W^{(2)}$ do not.", WEIGHTS, 5),
    ("permuted biases", "All weights move, the biases of the hidden neurons do not.", BIASES, 6),
    ("inputs stay in place", "The columns of $W^{(1)}$ are exchanged too, the inputs are not.", INPUTS, 8),
    ("outputs stay in place", "The rows of $W^{(2)}$ are exchanged too, the targets are not.", OUTPUTS, 8),
)


@cache
def witnesses() -> tuple[Witness, ...]:
    """Rows of W^1 alone; weights without biases; inputs; outputs."""
    return tuple(smallest(name, f"{text} {SETTING}", cost, cases, n) for name, text, cases, n in PARTS)
