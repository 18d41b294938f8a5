"""Two hidden neurons, one input and one output: a^2 = sum_j v_j phi(w_j x + b_j), C = (a^2 - y)^2 / 2."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from symderive import reference_exact as exact
from symderive.proof.witness import Worked

Two = tuple[Any, Any]

PHI = {"identity": "$\\phi(z) = z$", "z+z^2": "$\\phi(z) = z + z^2$", "z+z^3": "$\\phi(z) = z + z^3$"}
SETTING = "Widths 1-2-1, $x = 1$, $C = (a^{(2)} - y)^2/2$"


@dataclass(frozen=True)
class Pair:
    """The parameters of both neurons and the target; and one step of gradient descent, of size 1.

    rates, mask, noise and momentum belong to the neurons: rates scale the steps of all their parameters, the
    mask their activations; noise is added to the gradient of w, and momentum is beta = 1/2 times what was
    kept for w.

    >>> Pair((1, 1), (0, 0), (1, 2)).after().weights[0]
    ((Fraction(-2, 1),), (Fraction(-5, 1),))
    """

    w: Two
    b: Two
    v: Two
    y: Any = 0
    phi: str | exact.Activation = "identity"
    rates: Two = (1, 1)
    mask: Two = (1, 1)
    noise: Two = (0, 0)
    momentum: Two = (0, 0)

    @property
    def network(self) -> exact.Network:
        """1-2-1 with an identity output."""
        return exact.Network((1, 2, 1), [self.phi, "identity"]).dropout(self.mask)

    @property
    def theta(self) -> exact.Parameters:
        """The parameters; the output has no bias."""
        return exact.Parameters.of([[[self.w[0]], [self.w[1]]], [self.v]], [self.b, (0,)])

    def gradient(self) -> exact.Gradient:
        """dC/dtheta"""
        return exact.backward(self.network, self.theta, [1], [self.y])

    def after(self) -> exact.Parameters:
        """The parameters after the step."""
        half = Fraction(1, 2)
        pushed = [[n + half * m] for n, m in zip(self.noise, self.momentum, strict=True)]
        extra = exact.Parameters.of([pushed, [[0, 0]]], [(0, 0), (0,)])
        direction = self.gradient().parameters.map(lambda g, e: g + e, extra)
        rates = exact.Parameters.of([[[r] for r in self.rates], [self.rates]], [self.rates, (0,)])
        return exact.descend(self.theta, direction, rates)

    def start(self, *given: tuple[str, Any]) -> tuple[tuple[str, Any], ...]:
        """What a reader needs to follow by hand: the numbers given, and the forward and backward pass."""
        _, a = exact.forward(self.network, self.theta, [1])
        deltas = self.gradient().deltas
        return (
            ("$w^{(1)}_{11}, w^{(1)}_{21}$", self.w),
            ("$b^{(1)}_{1}, b^{(1)}_{2}$", self.b),
            ("$w^{(2)}_{11}, w^{(2)}_{12}$", self.v),
            ("$y$", self.y),
            *given,
            ("$a^{(1)}_{1}, a^{(1)}_{2}$", a[1]),
            (r"$\delta^{(2)}$", deltas[1][0]),
            (r"$\delta^{(1)}_{1}, \delta^{(1)}_{2}$", deltas[0]),
        )


def watched(theta: exact.Parameters, name: str) -> tuple[Fraction, Fraction]:
    """w or v of both neurons."""
    w = theta.weights
    return (w[0][0][0], w[0][1][0]) if name == "w" else (w[1][0][0], w[1][0][1])


SYMBOLS = {
    "w": ("w^{(1)}_{11}", "w^{(1)}_{21}"),
    "v": ("w^{(2)}_{11}", "w^{(2)}_{12}"),
}


def tied(name: str, extra: tuple[str, str] | None = None) -> Callable[[Pair], Worked]:
    """The experiment: after one step, w (v) of both neurons agree. `extra` is a line (label, field)."""

    def experiment(case: Pair) -> Worked:
        more = ((extra[0], getattr(case, extra[1])),) if extra else ()
        first, second = watched(case.after(), name)
        one, two = SYMBOLS[name]
        lines = (*case.start(*more), (f"${one}, {two}$ after the step", (first, second)))
        return Worked(lines, f"${one} - {two}$ after the step", 0, first - second)

    return experiment


def moves(case: Pair, name: str) -> bool:
    """Whether the gradient moves w (v) of either neuron."""
    plain = replace(case, noise=(0, 0), momentum=(0, 0))
    return watched(plain.after(), name) != watched(plain.theta, name)
