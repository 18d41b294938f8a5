r"""What T10 cannot do without: a full tie, a direction that sums to 0; and why no mean factor decides."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from symderive import reference_exact as exact
from symderive.proof.witness import Witness, Worked

Two = tuple[int, int]
SQUARE = exact.polynomial(0, 0, 1, name="square")
SETTING = (
    r"Widths 1-2-1, activation $z^2$, $x = 1$, $C = (a - y)^2/2$ with $y = 0$, no bias in the last layer."
)


@dataclass(frozen=True)
class Tie:
    """Two neurons: incoming weights, biases, outgoing weights, and the coefficients of the direction."""

    w: Two
    b: Two
    v: Two
    c: Two


def felt(case: Tie) -> Worked:
    """The derivative of the cost along the direction: 0 where the next layer feels nothing."""
    network = exact.Network((1, 2, 1), (SQUARE, "identity"))
    theta = exact.Parameters.of([[[x] for x in case.w], [list(case.v)]], [case.b, (0,)])
    direction = exact.Parameters.of([[[x] for x in case.c], [list(case.c)]], [case.c, (0,)])
    lines = (
        ("incoming weights", case.w), ("biases", case.b), ("outgoing weights", case.v),
        ("direction", case.c), ("$C$", exact.cost(network, theta, [1], [0])),
    )  # fmt: skip
    slope = exact.slope(network, theta, direction, [1], [0])
    return Worked(lines, "derivative of $C$ along it", 0, slope)


@dataclass(frozen=True)
class Factors:
    """Two factors that are equally likely, and so, over two steps, one of each."""

    factors: tuple[Fraction, Fraction]


def product(case: Factors) -> Worked:
    """Whether the gap has grown after one step of each kind; the mean factor is above 1."""
    a, b = case.factors
    gap = 100 * a * b
    lines = (("factors", case.factors), ("their mean", (a + b) / 2), ("gap", 100), ("gap after both", gap))
    return Worked(lines, "grown (1) or not (0)", 1, int(gap > 100))


@dataclass(frozen=True)
class Decay:
    """An eigenvalue of B and the weight decay; step size 1/2."""

    mu: int
    decay: int


def decayed(case: Decay) -> Worked:
    """Whether a step makes the gap smaller."""
    factor = 1 - Fraction(case.mu + case.decay, 2)
    lines = ((r"$\mu$", case.mu), (r"$\lambda$", case.decay), ("factor of a step", factor))
    return Worked(lines, "smaller (1) or not (0)", 1, int(abs(factor) < 1))


@cache
def witnesses() -> tuple[Witness, ...]:
    """One for each part of the tie, one for the direction, decay and noise."""
    full = Tie((1, 1), (1, 1), (1, 1), (1, -1))
    mean, large = (Fraction(19, 10), Fraction(3, 10)), (Fraction(19, 10), Fraction(9, 10))
    return (
        Witness(
            "equal incoming weights", f"The layer after feels a neuron that has other weights. {SETTING}",
            felt, Tie((1, 2), full.b, full.v, full.c), full,
        ),
        Witness(
            "equal biases", f"Or another bias. {SETTING}", felt, Tie(full.w, (1, 2), full.v, full.c), full
        ),
        Witness(
            "equal outgoing weights", f"Or other outgoing weights. {SETTING}",
            felt, Tie(full.w, full.b, (1, 2), full.c), full,
        ),
        Witness(
            "the direction sums to 0",
            f"A direction that moves both neurons alike is felt: that is the other block. {SETTING}",
            felt, Tie(full.w, full.b, full.v, (1, 1)), full,
        ),
        Witness(
            "weight decay attracts",
            "Weight decay below $-\\mu$ is not enough. Step size 1/2.",
            decayed, Decay(-2, 1), Decay(-2, 3),
        ),
        Witness(
            "not by the mean of the factors",
            "Claimed: the gap grows, as the mean factor is 11/10. It is multiplied by 57/100 in two steps.",
            product, Factors(mean), Factors(large),
        ),
    )  # fmt: skip
