"""The linear network of two neurons, at one moment of its flow: what each hypothesis of T11 is needed for."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import isqrt

from symderive import reference_exact as exact
from symderive.proof.witness import Witness, Worked

NETWORK = exact.Network((1, 2, 1), ["identity", "identity"], factor=Fraction(1, 2))
COUNT = "Widths 1-2-1, identity, no biases, one sample with $x = 1$, $C = (f - y)^2/2$: $m = 1$, $s = y$."
Numbers = tuple[int, ...]


@dataclass(frozen=True)
class Moment:
    """The weights, the target, the speed of each layer, and how fast the data move."""

    w: Numbers
    v: Numbers
    y: int
    rates: Numbers = (1, 1)
    moving: Numbers = (0, 0)

    @property
    def u(self) -> int:
        """The output at x = 1."""
        return sum(a * b for a, b in zip(self.w, self.v, strict=True))

    def velocity(self) -> tuple[tuple[Fraction, ...], tuple[Fraction, ...]]:
        """w' and v': each layer moves against its gradient, at its speed."""
        theta = exact.Parameters.of([[[a] for a in self.w], [self.v]], [(0, 0), (0,)])
        g = exact.backward(NETWORK, theta, [1], [self.y]).parameters.weights
        return (
            tuple(-self.rates[0] * row[0] for row in g[0]),
            tuple(-self.rates[1] * a for a in g[1][0]),
        )

    def start(self) -> tuple[tuple[str, object], ...]:
        """The lines that say where this is."""
        return (("$w_1, w_2$", self.w), ("$v_1, v_2$", self.v), ("$y$", self.y))


def sums(at: Moment) -> Worked:
    """The experiment: p' = (s - u) p."""
    dw, dv = at.velocity()
    p = tuple(a + b for a, b in zip(at.w, at.v, strict=True))
    lines = (*at.start(), ("speed of each layer", at.rates), ("$p_1, p_2$", p))
    claimed = tuple((at.y - at.u) * a for a in p)
    return Worked(lines, "velocity of $p_1, p_2$", claimed, tuple(a + b for a, b in zip(dw, dv, strict=True)))


def balance(at: Moment) -> Worked:
    """The experiment: u' = 2 u (s - u)."""
    dw, dv = at.velocity()
    moved = sum(a * b for pair in (zip(dw, at.v, strict=True), zip(at.w, dv, strict=True)) for a, b in pair)
    return Worked((*at.start(), ("$u$", at.u)), "velocity of $u$", 2 * at.u * (at.y - at.u), moved)


def kept(at: Moment) -> Worked:
    """The experiment: (s - m u) e^(2st) / u has the derivative 0, here at t = 0."""
    (dw, dv), (dx, dy) = at.velocity(), at.moving
    du = sum(a * b for pair in (zip(dw, at.v, strict=True), zip(at.w, dv, strict=True)) for a, b in pair)
    s, u = at.y, at.u
    ds, dm = dy + dx * at.y, 2 * dx  # of s = x y and m = x^2, at x = 1
    rate = Fraction((ds - dm * u - du) * u - (s - u) * du, u * u) + Fraction(2 * s * (s - u), u)
    lines = (*at.start(), ("velocity of $x$ and $y$", at.moving))
    return Worked(lines, "derivative of $(s - m u) e^{2 s t} / u$ at $t = 0$", 0, rate)


def ended(at: Moment) -> Worked:
    """The experiment: 2 m P y = s + sqrt(s^2 + 4 m^2 P R), where p_1 = 2 at the start and q = 0."""
    growth = Fraction(at.w[0] + at.v[0], 2)  # of p_1, since its start
    P, s = 1, at.y
    root = isqrt(s * s)
    lines = (*at.start(), ("$p_1$ at the start", 2), ("$u$", at.u), ("growth of $p_1$", growth))
    return Worked(lines, "$2 m P y$", s + root, 2 * P * growth**2)


def step(at: Moment) -> Worked:
    """The experiment: neurons with equal sums have equal weights after one step of gradient descent."""
    dw, dv = at.velocity()
    after = tuple((a + da, b + db) for a, da, b, db in zip(at.w, dw, at.v, dv, strict=True))
    lines = (*at.start(), ("$w_1, v_1$ after a step of size 1", after[0]))
    return Worked(lines, "$w_2, v_2$ after a step of size 1", after[0], after[1])


@cache
def witnesses() -> tuple[Witness, ...]:
    """One for each hypothesis that could fail."""
    return (
        Witness(
            "gradient flow on the incoming weights",
            "Where the incoming weights move twice as fast, sums have no common factor any more. " + COUNT,
            sums, Moment((1, 0), (0, 1), 1, (2, 1)), Moment((1, 0), (0, 1), 1),
        ),
        Witness(
            "gradient flow on the outgoing weights",
            "Nor where the outgoing weights do. " + COUNT,
            sums, Moment((1, 0), (0, 1), 1, (1, 2)), Moment((1, 0), (0, 1), 1),
        ),
        Witness(
            "equal differences at the start",
            "Equal sums alone do not make two neurons equal. " + COUNT,
            step, Moment((1, 2), (1, 0), 3), Moment((1, 1), (1, 1), 3),
        ),
        Witness(
            "rest in the limit (monotone convergence theorem)",
            "On the way to the limit the growth is not yet the root. " + COUNT,
            ended, Moment((1, 0), (1, 0), 4), Moment((2, 0), (2, 0), 4),
        ),
        Witness(
            "balanced weights",
            "Where $w$ and $v$ differ, the output does not obey the logistic equation. " + COUNT,
            balance, Moment((1, 0), (2, 0), 3), Moment((1, 0), (1, 0), 3),
        ),
        Witness(
            "inputs are fixed",
            "While the input moves, Saxe's quantity does. " + COUNT,
            kept, Moment((1, 0), (1, 0), 3, moving=(1, 0)), Moment((1, 0), (1, 0), 3),
        ),
        Witness(
            "targets are fixed",
            "So it does while the target moves. " + COUNT,
            kept, Moment((1, 0), (1, 0), 2, moving=(0, 1)), Moment((1, 0), (1, 0), 2),
        ),
    )  # fmt: skip
