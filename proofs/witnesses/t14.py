"""One neuron in two, in exact fractions: what each hypothesis of T14 is needed for."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

from symderive.proof.witness import Witness, Worked
from symderive.training.embedding import Shallow, example

HALF = Fraction(1, 2)


@dataclass(frozen=True)
class Doubled:
    """A small network, and the weights of the larger one that is laid over it."""

    small: Shallow
    w: tuple[tuple[Any, ...], ...]
    v: tuple[tuple[Any, ...], ...]

    def large(self) -> Shallow:
        """The larger network."""
        return Shallow(self.w, self.v, self.small.x, self.small.y, self.small.sigma)


def same_cost(case: Doubled) -> Worked:
    """The experiment: both costs agree."""
    lines = (("$w$ and $v$ of the smaller network", (_rows(case.small.w), _rows(case.small.v))),
             ("$w$ and $v$ of the larger", (case.w, case.v)))  # fmt: skip
    return Worked(lines, "cost of the larger network", case.small.cost(), case.large().cost())


def _rows(a: Any) -> tuple[tuple[Any, ...], ...]:
    return tuple(tuple(row) for row in a)


def at_rest(small: Shallow) -> Worked:
    """The experiment: the larger network, split in halves, is at a critical point."""
    gradient = tuple(small.split(HALF).gradient())
    lines = (("targets", _rows(small.y)), ("gradient of the smaller network", tuple(small.gradient())))
    return Worked(lines, "gradient of the larger network", tuple(Fraction(0) for _ in gradient), gradient)


@dataclass(frozen=True)
class Parting:
    """A split network, and a direction in which the two neurons part: xi, and nu for each output."""

    small: Shallow
    share: Fraction
    xi: int
    nu: tuple[int, ...]


def form(case: Parting) -> Worked:
    """The experiment: the second derivative is lambda (1 - lambda) A xi^2, where all else stands still."""
    large = case.small.split(case.share)
    H = len(large.w)
    d = {("w", H - 1, 1): (1 - case.share) * case.xi, ("w", H, 1): -case.share * case.xi}
    for n, value in enumerate(case.nu, 1):
        d["v", n, H - 1], d["v", n, H] = Fraction(value), Fraction(-value)
    vector = [Fraction(d.get(p, 0)) for p in large.parameters]
    matrix = large.hessian()
    found = sum(
        (a * b * c for a, row in zip(vector, matrix, strict=True) for b, c in zip(vector, row, strict=True)),
        Fraction(0),
    )
    A = case.small.curvature()[0][0]
    lines = (
        ("outgoing weights of the smaller network", tuple(row[-1] for row in case.small.v)),
        (r"$\nu$", case.nu),
        ("gradient of the smaller network", tuple(case.small.gradient())),
        ("$A$", A),
    )
    return Worked(lines, "second derivative", case.share * (1 - case.share) * A * case.xi**2, found)


@dataclass(frozen=True)
class Signs:
    """A critical point, a share, and how many directions of descent are claimed."""

    small: Shallow
    share: Fraction
    claimed: int


def signs(case: Signs) -> Worked:
    """The experiment: the numbers of negative, zero and positive eigenvalues, in exact arithmetic."""
    large = case.small.split(case.share).inertia()
    lines = (
        ("negative, zero and positive eigenvalues of the smaller Hessian", tuple(case.small.inertia())),
        ("$A$", case.small.curvature()[0][0]),
        (r"$\lambda$", case.share),
    )
    return Worked(lines, "negative eigenvalues of the larger Hessian", case.claimed, large.negative)


def at(factor: Fraction | int) -> Shallow:
    """The example with A = -4 c: errors 3 c, c and 0 at the three samples."""
    base = example()
    outputs = [-1, 3, 14]
    y = [[o - e] for o, e in zip(outputs, (3 * factor, factor, 0), strict=True)]
    return Shallow(base.w, base.v, base.x, y, base.sigma)


QUARTER = Fraction(1, 4)
# two outputs whose errors (3, -1) and (-3, 1) cancel in the gradient of w, and not in Q
TWO = Shallow([[1]], [[1], [1]], [[1], [2]], [[-1, 5], [7, 5]], [0, 1, 1])


@cache
def witnesses() -> tuple[Witness, ...]:
    """One for each hypothesis that could fail; those on directions only give them names."""
    setting = r"Widths 1-1-1, $\varphi(z) = z + z^2 + z^3$, $w = v = 1$, $x = -1, 1, 2$, squared error."
    base = example()
    good = Doubled(base, ((1,), (1,)), ((HALF, HALF),))
    return (
        Witness("neurons are kept", "A neuron that was kept has moved. " + setting,
                same_cost, Doubled(base, ((2,), (1,)), ((HALF, HALF),)), good),
        Witness("the last neuron is doubled", "The second of the two has another incoming weight. " + setting,
                same_cost, Doubled(base, ((1,), (2,)), ((HALF, HALF),)), good),
        Witness("the first takes the part lambda", "The first takes more than its share. " + setting,
                same_cost, Doubled(base, ((1,), (1,)), ((1, HALF),)), good),
        Witness("the second takes the rest", "The second takes less than the rest. " + setting,
                same_cost, Doubled(base, ((1,), (1,)), ((HALF, 0),)), good),
        Witness("outgoing weights are kept", "An outgoing weight that was kept has moved. " + setting,
                same_cost, Doubled(base, ((1,), (1,)), ((2, HALF),)), good),
        Witness("critical incoming weights", "If the smaller is not at rest, nor is the larger. " + setting,
                at_rest, Shallow(base.w, base.v, base.x, [[0], [0], [14]], base.sigma), base),
        Witness("critical outgoing weights", "Nor where only the last target is missed. " + setting,
                at_rest, Shallow(base.w, base.v, base.x, [[-1], [3], [13]], base.sigma), base),
        Witness("outgoing weights part along the line",
                "With two outputs the block Q need not be 0 at a critical point: the errors cancel in "
                "the gradient. "
                r"Widths 1-1-2, $\varphi(z) = z + z^2$, $w = 1$, $x = 1, 2$.",
                form, Parting(TWO, HALF, 1, (1, 0)), Parting(TWO, HALF, 1, (1, 1))),
        Witness("A is not negative",
                r"With $A < 0$ the larger network has a saddle at $\lambda = 1/2$. " + setting,
                signs, Signs(at(QUARTER), HALF, 0), Signs(at(-QUARTER), HALF, 0)),
        Witness("lambda lies between 0 and 1", r"With $A > 0$ it has one at $\lambda = 2$. " + setting,
                signs, Signs(at(-QUARTER), Fraction(2), 0), Signs(at(-QUARTER), HALF, 0)),
        Witness("lambda lies outside of 0 to 1", r"And none at $\lambda = 1/2$. " + setting,
                signs, Signs(at(-QUARTER), HALF, 1), Signs(at(-QUARTER), Fraction(2), 1)),
        Witness("the smaller Hessian is not negative",
                "A saddle of the smaller network is one of the larger. " + setting,
                signs, Signs(at(HALF), Fraction(2), 0), Signs(at(QUARTER), Fraction(2), 0)),
    )  # fmt: skip
