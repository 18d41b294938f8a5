"""What else moves the cost: a second weight, a bias, an input or a target that moves beside the one weight.

C = (w_1 x_1 + w_2 x_2 + b - y)^2 / 2, where everything moves in straight lines: C(t) has degree at most 4,
and C'(0) = (8 (C(1) - C(-1)) - C(2) + C(-2)) / 12 exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from symderive import reference_exact as exact
from symderive.proof.witness import Witness, Worked

NET = exact.Network((2, 1))
W, B, X, Y = (1, 2), 1, (1, 1), 2


@dataclass(frozen=True)
class Motion:
    """At which speeds the parts move; w_1 always at speed 1."""

    second: int = 0
    bias: int = 0
    inputs: tuple[int, int] = (0, 0)
    target: int = 0

    def cost(self, t: int) -> Fraction:
        """C(t)"""
        theta = exact.Parameters.of([[[W[0] + t, W[1] + t * self.second]]], [[B + t * self.bias]])
        x = [v + t * s for v, s in zip(X, self.inputs, strict=True)]
        return Fraction(exact.cost(NET, theta, x, [Y + t * self.target]))


def speed(case: Motion) -> Worked:
    """The experiment: the cost moves at the speed of the gradient of w_1."""
    costs = {t: case.cost(t) for t in (-2, -1, 0, 1, 2)}
    theta = exact.Parameters.of([[W]], [[B]])
    gradient = exact.gradient_truth(NET, theta, X, [Y])
    lines = (
        ("speeds of $w_1, w_2$", (1, case.second)),
        ("speed of $b$", case.bias),
        ("speeds of $x_1, x_2$", case.inputs),
        ("speed of $y$", case.target),
        ("$C$ at times $-2, -1, 0, 1, 2$", tuple(costs.values())),
        (r"$\partial C / \partial w_1$ at time 0", gradient.weights[0][0][0]),
    )
    true = (8 * (costs[1] - costs[-1]) - costs[2] + costs[-2]) / 12
    return Worked(lines, "speed of $C$ at time 0", gradient.weights[0][0][0], true)


SETTING = (
    "Widths 2-1, $w = (1, 2)$, $b = 1$, $x = (1, 1)$, $y = 2$, identity activation, $C = (a^{(1)} - y)^2/2$, "
    "all in straight lines."
)


@cache
def witnesses() -> tuple[Witness, ...]:
    """Each of the four."""
    return tuple(
        Witness(defends, f"{text} {SETTING}", speed, broken, Motion())
        for defends, text, broken in (
            ("only one weight moves", "Another weight moves too.", Motion(second=1)),
            ("biases do not move", "The bias moves too.", Motion(bias=1)),
            ("inputs are fixed", "An input moves too.", Motion(inputs=(0, 1))),
            ("targets are fixed", "The target moves too.", Motion(target=1)),
        )
    )
