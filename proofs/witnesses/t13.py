"""Small networks on XOR in exact fractions: what each hypothesis of T13 is needed for."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

from symderive import reference_exact as exact
from symderive.proof.witness import Witness, Worked

SQUARE = ((0, 0), (0, 1), (1, 0), (1, 1))
LINE = ((0, 0), (0, 2), (0, 3), (0, 1))
XOR = (0, 1, 1, 0)
THIRD = Fraction(1, 3)


@dataclass(frozen=True)
class Trial:
    """Two hidden neurons with incoming weights, biases and outgoing weights, on four samples."""

    w: tuple[tuple[int, int], tuple[int, int]]
    b: tuple[int, int]
    v: tuple[Any, Any]
    c: Any = 0
    phi: str | exact.Activation = "relu"
    x: tuple[tuple[int, int], ...] = SQUARE
    y: tuple[int, ...] = XOR

    def outputs(self) -> tuple[Fraction, ...]:
        """What the network says of each sample."""
        network = exact.Network((2, 2, 1), [self.phi, "identity"])
        theta = exact.Parameters.of([self.w, [self.v]], [self.b, (self.c,)])
        return tuple(Fraction(exact.forward(network, theta, list(x))[1][-1][0]) for x in self.x)


def error(trial: Trial) -> Worked:
    """The experiment: the mean squared error is at least 1/6."""
    found = trial.outputs()
    mean = sum(((f - y) ** 2 for f, y in zip(found, trial.y, strict=True)), Fraction(0)) / 4
    lines = (
        ("incoming weights of both neurons", trial.w),
        ("their biases", trial.b),
        ("their outgoing weights, and the last bias", (*trial.v, trial.c)),
        ("inputs", trial.x),
        ("targets", trial.y),
        ("outputs", found),
    )
    return Worked(
        lines, "mean squared error, or $1/6$ where it is below that", max(mean, Fraction(1, 6)), mean
    )


# 2/3 - 2/3 relu(1 - x_1 - x_2): tied, monotone, and the best there is
BEST = Trial(((-1, -1), (-1, -1)), (1, 1), (-THIRD, -THIRD), 2 * THIRD)


@cache
def witnesses() -> tuple[Witness, ...]:
    """One for each hypothesis; the control attains the bound."""
    setting = "Widths 2-2-1, ReLU unless another activation is named, identity at the output."
    return (
        Witness(
            "monotone activations",
            "With $z^2$, not monotone, two tied neurons compute $(x_1 - x_2)^2$, which is XOR. " + setting,
            error,
            Trial(((1, -1), (1, -1)), (0, 0), (Fraction(1, 2),) * 2, phi=exact.polynomial(0, 0, 1)), BEST,
        ),
        Witness(
            "tied incoming weights",
            "Two neurons with opposite weights add up to $|x_1 - x_2|$. " + setting,
            error, Trial(((1, -1), (-1, 1)), (0, 0), (1, 1)), BEST,
        ),
        Witness(
            "tied biases",
            "Two neurons with equal weights and unequal biases bend twice. " + setting,
            error, Trial(((1, 1), (1, 1)), (0, -1), (1, -2)), BEST,
        ),
        Witness(
            "a parallelogram",
            "Four points that form none can be ordered by one form. " + setting,
            error, Trial(((0, 1), (0, 1)), (-1, -1), (1, 0), x=LINE, y=(0, 1, 2, 0)),
            BEST,
        ),
        Witness(
            "targets of XOR",
            "Other targets, here those of OR, are within reach. " + setting,
            error, Trial(((-1, -1), (-1, -1)), (1, 1), (-1, 0), 1, y=(0, 1, 1, 1)), BEST,
        ),
    )  # fmt: skip
