r"""What T9 cannot do without: a small step, a Lipschitz gradient, and with momentum the velocities.

Each experiment counts how many points are left of two, or goes one step backwards; all numbers are fractions.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from symderive import reference_exact as exact
from symderive.proof.witness import Witness, Worked

Pair = tuple[Fraction, Fraction]


@dataclass(frozen=True)
class Step:
    """Two linear neurons as one function: C = f^2 / 2 with f = (w_1^2 + w_2^2) / 2, and one step."""

    w: Pair
    eta: Fraction


def step(case: Step) -> Worked:
    """(w_1, w_2) and (w_2, w_1) after one step: the gradient is f w."""

    def moved(w: Pair) -> Pair:
        f = (w[0] ** 2 + w[1] ** 2) / 2
        return w[0] - case.eta * f * w[0], w[1] - case.eta * f * w[1]

    a, b = case.w, (case.w[1], case.w[0])
    bound = 3 * (a[0] ** 2 + a[1] ** 2) / 2  # the largest eigenvalue of f + w w^T, |w| being largest there
    lines = (
        ("$w$", a),
        ("exchanged", b),
        (r"$\eta$", case.eta),
        ("$K$", bound),
        (r"$\eta K$", case.eta * bound),
        ("$w$ after the step", moved(a)),
        ("exchanged, after the step", moved(b)),
    )
    return Worked(lines, "points after the step", 2, len({moved(a), moved(b)}))


@dataclass(frozen=True)
class Slope:
    """One parameter u >= 0 and a step of size eta; the gradient is the root of u, or u itself."""

    eta: Fraction
    root: bool


def slope(case: Slope) -> Worked:
    """From u = eta^2 and from u = 0, where a root leads to 0 in one step."""
    points = (case.eta**2, Fraction(0))
    gradients = (case.eta if case.root else case.eta**2, Fraction(0))
    after = tuple(u - case.eta * g for u, g in zip(points, gradients, strict=True))
    lines = (
        (r"$\eta$", case.eta), ("the points", points), ("their gradients", gradients),
        ("after the step", after),
    )  # fmt: skip
    return Worked(lines, "points after the step", 2, len(set(after)))


@dataclass(frozen=True)
class Flow:
    """u' = - root of u, or u' = -1, from two points."""

    starts: Pair
    root: bool


def flow(case: Flow) -> Worked:
    """At time 2: u = (root of u_0 - t/2)^2 until it is 0, and 0 from then on; or u = u_0 - t."""
    time = Fraction(2)

    def at(u: Fraction) -> Fraction:
        if not case.root:
            return u - time
        root = next(r for n in range(1, 9) for r in (Fraction(n, 2),) if r * r == u)
        return max(root - time / 2, Fraction(0)) ** 2

    ends = tuple(at(u) for u in case.starts)
    lines = (("the starts", case.starts), ("time", time), ("at that time", ends))
    return Worked(lines, "points at that time", 2, len(set(ends)))


@dataclass(frozen=True)
class Velocity:
    """C = u^2 / 2, eta = 1, mu = 9/10; a point after a step of heavy ball, at u = 0 with this velocity."""

    velocity: Fraction


def backwards(case: Velocity) -> Worked:
    """Beside (u, v) = (1, 0), which is led to u = 0 with v = 1: where did the other come from?"""
    mu, eta = Fraction(9, 10), Fraction(1)
    u, v = Fraction(1), Fraction(0)
    v = mu * v + u
    u = u - eta * v
    other = Fraction(0) + eta * case.velocity
    second = u - eta * (mu * v + u)
    lines = (
        ("$u$ before", 1), ("$u$ after", u), ("$v$ after", v), ("$u$ one step later", second),
        ("$u$ of the other after", 0), ("$v$ of the other after", case.velocity),
    )  # fmt: skip
    return Worked(lines, "$u$ of the other before", 1, other)


@dataclass(frozen=True)
class Forgetting:
    """C = u^2 / 2, eta = 1/2; two velocities at u = 1, and the momentum."""

    mu: Fraction


def forgetting(case: Forgetting) -> Worked:
    """One step of heavy ball from (1, 0) and from (1, 1)."""

    def moved(v: int) -> Pair:
        new = case.mu * v + 1
        return 1 - new / 2, new

    after = (moved(0), moved(1))
    lines = ((r"$\mu$", case.mu), ("$(u, v)$ after", after[0]), ("the other after", after[1]))
    return Worked(lines, "points after the step", 2, len(set(after)))


@dataclass(frozen=True)
class Live:
    """1-2-1: a neuron that is active and one that is not, and one step of size 1/2."""

    relu: bool


W, B = [[Fraction(1, 4)], [Fraction(-1, 4)]], (Fraction(1, 4), Fraction(-1, 4))
V = [[Fraction(1), Fraction(3, 4)]]
TARGET = Fraction(-1, 2)


def live(case: Live) -> Worked:
    """Incoming weight, bias and outgoing weight of both neurons after the step."""
    network = exact.Network((1, 2, 1), (exact.relu() if case.relu else "identity", "identity"))
    theta = exact.Parameters.of([W, V], [B, (0,)])
    gradient = exact.backward(network, theta, [1], [TARGET]).parameters
    size = Fraction(1, 2)
    rates = exact.Parameters.of([[[size]] * 2, [[size] * 2]], [(size, size), (size,)])
    new = exact.descend(theta, gradient, rates)
    before, after = (
        tuple((t.weights[0][n][0], t.biases[0][n], t.weights[1][0][n]) for n in range(2))
        for t in (theta, new)
    )
    lines = (("$(w, b, v)$ of both", before), ("after the step", after))
    return Worked(lines, "different neurons after the step", 2, len(set(after)))


@cache
def witnesses() -> tuple[Witness, ...]:
    """One for each condition, and what ReLU does."""
    one, half = Fraction(1), Fraction(1, 2)
    return (
        Witness(
            "step size below 1/K",
            "A step that is too large sends a point and its exchanged one to the same place: $C = "
            "f^2/2$ with "
            "$f = (w_1^2 + w_2^2)/2$. On the segment between the two points $K$ is taken at its ends.",
            step, Step((one, one * 2), Fraction(2, 5)), Step((one, one * 2), Fraction(1, 10)),
        ),
        Witness(
            "Lipschitz gradient",
            "A gradient that is steep without bound at 0, $u^{1/2}$ for $C = 2 u^{3/2}/3$: whatever the step "
            "size is, there are two points that one step leads to 0. With the gradient $u$ they stay apart.",
            slope, Slope(half, True), Slope(half, False),
        ),
        Witness(
            "Lipschitz gradient",
            "The flow along such a gradient, $du/dt = -u^{1/2}$, reaches 0 in finite time and stays "
            "there: two "
            "starts meet. Along $du/dt = -1$, which is Lipschitz, they do not.",
            flow, Flow((one, one / 4), True), Flow((one, one / 4), False),
        ),
        Witness(
            "Lipschitz gradient",
            "ReLU: the gradient jumps where a neuron becomes active, so no $K$ holds across the jump, and a "
            "step as small as one likes can make two different neurons equal. Widths 1-2-1, $x = 1$, "
            "$C = (a - y)^2/2$ with $y = -1/2$, one step of size 1/2. With the identity they stay apart.",
            live, Live(True), Live(False),
        ),
        Witness(
            "equal velocities after the step",
            "With momentum the parameters alone may coincide for one step: $C = u^2/2$, $\\eta = 1$, "
            "$\\mu = 9/10$, from $u = 1$ at rest.",
            backwards, Velocity(Fraction(0)), Velocity(one),
        ),
        Witness(
            "momentum is not 0",
            "Without momentum a step forgets the velocity.",
            forgetting, Forgetting(Fraction(0)), Forgetting(Fraction(9, 10)),
        ),
    )  # fmt: skip
