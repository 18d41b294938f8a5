"""Two linear regressions in exact fractions: what each hypothesis of T12 is needed for."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import TypeAlias

from symderive import reference_exact as exact
from symderive.proof.witness import Witness, Worked

Numbers: TypeAlias = tuple[int | Fraction, ...]
HALF = Fraction(1, 2)


@dataclass(frozen=True)
class Two:
    """Two starts, the inputs of each step, the targets, and the step size."""

    starts: tuple[Numbers, Numbers]
    x: tuple[tuple[Numbers, ...], ...]
    y: Numbers
    eta: int | Fraction = 1

    def gradient(self, w: Numbers, x: tuple[Numbers, ...]) -> Numbers:
        """dC/dw for C = sum (o - y)^2 / 2, by the exact reference: one linear layer."""
        network = exact.Network((len(w), 1), ["identity"], factor=HALF)
        theta = exact.Parameters.of([[list(w)]], [(0,)])
        gradients = [
            exact.backward(network, theta, list(row), [target]).parameters.weights[0][0]
            for row, target in zip(x, self.y, strict=True)
        ]
        return tuple(sum(column, Fraction(0)) for column in zip(*gradients, strict=True))

    def ended(self) -> tuple[Numbers, Numbers]:
        """Both weights after the steps."""
        found = []
        for w in self.starts:
            for x in self.x:
                w = tuple(a - self.eta * g for a, g in zip(w, self.gradient(w, x), strict=True))
            found.append(w)
        return found[0], found[1]

    def lines(self) -> tuple[tuple[str, object], ...]:
        """Where the runs start, and what they see."""
        return (
            ("weights of run 1 and of run 2 at the start", self.starts),
            ("inputs of the first step", self.x[0]),
            ("targets", self.y),
            (r"$\eta$", self.eta),
        )


def _gap(pair: tuple[Numbers, Numbers]) -> Numbers:
    return tuple(a - b for a, b in zip(*pair, strict=True))


def _squares(v: Numbers) -> Fraction:
    return sum((Fraction(a) ** 2 for a in v), Fraction(0))


def shrunk(case: Two) -> Worked:
    """The experiment: the squared gap after the steps is no larger than before."""
    before, after = _squares(_gap(case.starts)), _squares(_gap(case.ended()))
    lines = (*case.lines(), ("squared difference before", before))
    return Worked(
        lines, "squared difference after, where it is larger than before", min(before, after), after
    )


def closed(case: Two) -> Worked:
    """The experiment: with mu = Lambda = 1 and eta = 1 the gap is closed by one step."""
    gap = _gap(case.ended())
    return Worked(case.lines(), "difference of the weights after the step", tuple(0 for _ in gap), gap)


@dataclass(frozen=True)
class Along:
    """A direction, and the eigenvalue that it is claimed to have."""

    case: Two
    v: Numbers
    eigenvalue: int


def rate(at: Along) -> Worked:
    """The experiment: the gap along v is multiplied by 1 - eta lambda in every step."""
    factor = (1 - at.case.eta * at.eigenvalue) ** len(at.case.x)
    before, after = (
        sum(a * b for a, b in zip(at.v, gap, strict=True))
        for gap in map(_gap, (at.case.starts, at.case.ended()))
    )
    lines = (
        *at.case.lines(),
        ("$v$", at.v),
        (r"$\lambda$", at.eigenvalue),
        ("difference along $v$ before", before),
    )
    return Worked(lines, "difference along $v$ after", factor * before, after)


def kept(at: Along) -> Worked:
    """The experiment: the first run keeps its weight along v."""
    before = sum(a * b for a, b in zip(at.v, at.case.starts[0], strict=True))
    after = sum(a * b for a, b in zip(at.v, at.case.ended()[0], strict=True))
    return Worked((*at.case.lines(), ("direction", at.v)), "weight along it after the step", before, after)


def rest(case: Two) -> Worked:
    """The experiment: both points have equal predictions."""
    x = case.x[0]
    gradients = tuple(case.gradient(w, x) for w in case.starts)
    predictions = tuple(
        tuple(sum(a * b for a, b in zip(w, row, strict=True)) for row in x) for w in case.starts
    )
    lines = (*case.lines(), ("gradients of both", gradients))
    return Worked(lines, "predictions of run 2", predictions[0], predictions[1])


def answer(case: Two) -> Worked:
    """The experiment: both points have equal weights, as both gradients are 0."""
    gradients = tuple(case.gradient(w, case.x[0]) for w in case.starts)
    return Worked(
        (*case.lines(), ("gradients of both", gradients)), "weights of run 2", case.starts[0], case.starts[1]
    )


def least(case: Two) -> Worked:
    """The experiment: C of run 1 is that of run 2 and half the squared difference of the predictions."""
    x = case.x[0]
    outputs = [[sum(a * b for a, b in zip(w, row, strict=True)) for row in x] for w in case.starts]
    costs = [
        sum((Fraction(o - y) ** 2 for o, y in zip(out, case.y, strict=True)), Fraction(0)) / 2
        for out in outputs
    ]
    more = sum((Fraction(a - b) ** 2 for a, b in zip(*outputs, strict=True)), Fraction(0)) / 2
    lines = (*case.lines(), ("gradient of run 2", case.gradient(case.starts[1], x)))
    return Worked(lines, "$C$ of run 1", costs[1] + more, costs[0])


ONE, BOTH = ((1, 1),), ((1, 0), (0, 1))
APART = ((1, 0), (0, 1))
SKEW = ((1, 0), (1, 1))


@cache
def witnesses() -> tuple[Witness, ...]:
    """One for each hypothesis."""
    return (
        Witness(
            "step size below 2 / Lambda",
            r"One input, $x = 1$, so that $\Lambda = 1$: a step of size 3 drives two runs apart.",
            shrunk, Two(((1,), (0,)), (((1,),),), (0,), 3), Two(((1,), (0,)), (((1,),),), (0,), 1),
        ),
        Witness(
            "no eigenvalue above Lambda",
            r"A step of size 1 is below $2 / \Lambda$ with $\Lambda = 1$; with the input $x = 2$ the "
            "eigenvalue is 4.",
            shrunk, Two(((1,), (0,)), (((2,),),), (0,)), Two(((1,), (0,)), (((1,),),), (0,)),
        ),
        Witness(
            "no eigenvalue below mu",
            "Two weights that only one sample sees, with equal inputs: the difference does not shrink.",
            closed, Two(APART, (ONE,), (2,)), Two(APART, (BOTH,), (1, 1)),
        ),
        Witness(
            "eigenvector of the inputs",
            "A direction that is no eigenvector has no factor of its own.",
            rate, Along(Two(((1, 1), (0, 0)), (SKEW,), (0, 0)), (1, 0), 2),
            Along(Two(((1, 1), (0, 0)), (BOTH,), (0, 0)), (1, 0), 1),
        ),
        Witness(
            "the same inputs at every step",
            "With other samples in the second step the factor is another one there.",
            rate, Along(Two(((1,), (0,)), (((1,),), ((2,),)), (0,), HALF), (1,), 1),
            Along(Two(((1,), (0,)), (((1,),), ((1,),)), (0,), HALF), (1,), 1),
        ),
        Witness(
            "a direction that no sample sees",
            "A direction that a sample sees does not keep its weight.",
            kept, Along(Two(APART, (ONE,), (2,)), (1, 0), 0), Along(Two(APART, (ONE,), (2,)), (1, -1), 0),
        ),
        Witness(
            "the gradient is 0",
            "Before the first run has come to rest the predictions differ.",
            rest, Two(((1, 0), (1, 1)), (ONE,), (2,)), Two(((2, 0), (1, 1)), (ONE,), (2,)),
        ),
        Witness(
            "the gradient of the second run is 0",
            "Against a run that is not at rest the identity for the cost fails.",
            least, Two(((2, 0), (1, 0)), (ONE,), (2,)), Two(((1, 0), (1, 1)), (ONE,), (2,)),
        ),
        Witness(
            "full column rank",
            "One sample does not tell two weights apart: both gradients are 0, and the weights differ.",
            answer, Two(((2, 0), (0, 2)), (ONE,), (2,)), Two(((2, 0), (2, 0)), (BOTH,), (2, 0)),
        ),
    )  # fmt: skip
