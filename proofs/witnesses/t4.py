r"""A symmetry of the cost need not carry the gradient: ReLU rescaling, w -> 2 w, v -> v/2, is not orthogonal.

C(P theta) = C(theta) gives P^T grad C(P theta) = grad C(theta); for P^T = P^{-1}, a permutation, that is T4.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from proofs.witnesses.search import Integers, smallest
from proofs.witnesses.t3 import PARTS, SETTING, Moved, cost
from symderive import reference_exact as exact
from symderive.proof.witness import Witness, Worked

Four = tuple[Fraction, ...]


@dataclass(frozen=True)
class Mapped:
    """(w_1, w_2, v_1, v_2) of a 1-2-1 ReLU network without biases, and a linear map of these numbers."""

    numbers: Integers
    y: int
    P: tuple[tuple[Fraction | int, ...], ...]

    def image(self, of: Four) -> Four:
        """P times a vector."""
        return tuple(sum((p * v for p, v in zip(row, of, strict=True)), Fraction(0)) for row in self.P)


NET = exact.Network((1, 2, 1), (exact.relu(), "identity"))
SCALE = ((2, 0, 0, 0), (0, 1, 0, 0), (0, 0, Fraction(1, 2), 0), (0, 0, 0, 1))
SWAP = ((0, 1, 0, 0), (1, 0, 0, 0), (0, 0, 0, 1), (0, 0, 1, 0))


def parameters(of: Four) -> exact.Parameters:
    """The network of these four numbers."""
    return exact.Parameters.of([[[of[0]], [of[1]]], [of[2:]]])


def gradient(of: Four, y: int) -> Four:
    """dC/dw_1, dC/dw_2, dC/dv_1, dC/dv_2"""
    g = exact.backward(NET, parameters(of), [1], [y]).weights
    return (g[0][0][0], g[0][1][0], *g[1][0])


def carried(case: Mapped) -> Worked:
    """The experiment: grad C(P theta) = P grad C(theta)."""
    theta = tuple(map(Fraction, case.numbers))
    there, here = case.image(theta), gradient(theta, case.y)
    lines = (
        (r"$\theta = (w_1, w_2, v_1, v_2)$", theta),
        ("$y$", case.y),
        (r"$C(\theta)$", exact.cost(NET, parameters(theta), [1], [case.y])),
        (r"$\nabla C(\theta)$", here),
        (r"$P \theta$", there),
        (r"$C(P \theta)$", exact.cost(NET, parameters(there), [1], [case.y])),
    )
    return Worked(lines, r"$\nabla C(P \theta)$", case.image(here), gradient(there, case.y))


def cases(v: Integers) -> tuple[Mapped, Mapped] | None:
    """Rescaled, and exchanged, where both maps move the parameters and keep the cost."""
    *numbers, y = v
    broken, restored = (Mapped(tuple(numbers), y, P) for P in (SCALE, SWAP))
    theta = tuple(map(Fraction, numbers))
    same = exact.cost(NET, parameters(theta), [1], [y])
    for case in (broken, restored):
        there = case.image(theta)
        if there == theta or exact.cost(NET, parameters(there), [1], [y]) != same:
            return None
    return broken, restored


def moved(case: Moved) -> Worked:
    """The experiment: the gradient at the moved parameters is the gradient, moved as the neurons are."""
    before, after = (
        exact.gradient_truth(case.network, theta, case.x, case.y) for theta in (case.theta, case.moved)
    )
    lines = (*cost(case).lines, (r"$\partial C / \partial W^{(2)}$", before.weights[1]))
    label = r"$\partial C / \partial \tilde{W}^{(2)}$"
    return Worked(lines, label, case.outgoing(before), after.weights[1])


@cache
def witnesses() -> tuple[Witness, ...]:
    """What T3 needs for the cost, the gradient needs too; and ReLU rescaling beside a permutation."""
    return (
        *(smallest(name, f"{text} {SETTING}", moved, cases, n) for name, text, cases, n in PARTS),
        smallest(
            "permuted weights",
            "That the cost stays the same is not enough. Rescaling a ReLU neuron, $w_1$ to $2 w_1$ and $v_1$ "
            "to $v_1/2$, keeps the cost as a permutation does, but is not orthogonal. Claimed: "
            r"$\nabla C(P \theta) = P \, \nabla C(\theta)$. Widths 1-2-1, $x = 1$, no biases, "
            "$C = (a^{(2)} - y)^2/2$.",
            carried, cases, 5,
        ),
    )  # fmt: skip
