r"""What parts neurons with equal incoming weights: the difference of their outgoing weights, through Q.

dC/dw_p - dC/dw_q = Q (v_p - v_q), Q = phi'(z) a delta: with one input and one output, a number.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from typing import TypeAlias

from proofs.witnesses.pair import PHI, SETTING, Pair, moves, watched
from proofs.witnesses.search import Integers, smallest
from proofs.witnesses.t2 import COLUMNS, NUMBERS, Case, recursions
from symderive import reference_exact as exact
from symderive.proof.witness import Witness, Worked

Cases: TypeAlias = tuple[Pair, Pair] | None


def channel(case: Pair) -> Fraction:
    """Q = phi'(z_1) x delta^2, with x = 1 and the weighted input of the first neuron."""
    z, _ = exact.forward(case.network, case.theta, [1])
    slope = case.network.layers[0].derivative(z[0][0])
    return Fraction(slope * case.gradient().deltas[1][0])


def difference(case: Pair) -> Worked:
    """The experiment: dC/dw_1 - dC/dw_2 = Q (v_1 - v_2)."""
    Q, g = channel(case), watched(case.gradient().parameters, "w")
    lines = (
        *case.start(),
        ("$Q$", Q),
        (r"$\partial C / \partial w^{(1)}_{11}, \partial C / \partial w^{(1)}_{21}$", g),
    )
    label = r"$\partial C / \partial w^{(1)}_{11} - \partial C / \partial w^{(1)}_{21}$"
    return Worked(lines, label, Q * (case.v[0] - case.v[1]), g[0] - g[1])


def lasting(case: Pair) -> Worked:
    """The experiment: after one step the incoming weights still agree."""
    Q, (one, two) = channel(case), watched(case.after(), "w")
    v = watched(case.after(), "v")
    lines = (
        *case.start(),
        ("$Q (w^{(2)}_{11} - w^{(2)}_{12})$", Q * (case.v[0] - case.v[1])),
        ("$w^{(1)}_{11}, w^{(1)}_{21}$ after the step", (one, two)),
        ("$w^{(2)}_{11} - w^{(2)}_{12}$ after the step", v[0] - v[1]),
    )
    return Worked(lines, "$w^{(1)}_{11} - w^{(1)}_{21}$ after the step", 0, one - two)


@dataclass(frozen=True)
class Twice:
    """Two steps: the second with another target."""

    first: Pair
    y: int

    def second(self) -> Pair:
        """The neurons after the first step."""
        theta = self.first.after()
        w, v, (one, two) = watched(theta, "w"), watched(theta, "v"), theta.biases[0]
        return Pair(w, (one, two), v, self.y, self.first.phi)


def first_break(case: Twice) -> Worked:
    """The experiment: the incoming weights agree after the first step and after the second."""
    steps = case.first, case.second()
    carried = tuple(channel(s) * (s.v[0] - s.v[1]) for s in steps)
    ends = [watched(s.after(), "w") for s in steps]
    lines = (
        *case.first.start(("$y$ in the second step", case.y)),
        ("$Q (w^{(2)}_{11} - w^{(2)}_{12})$ in steps 1, 2", carried),
        ("$w^{(1)}_{11}, w^{(1)}_{21}$ after step 1", ends[0]),
        ("$w^{(1)}_{11}, w^{(1)}_{21}$ after step 2", ends[1]),
    )
    label = "$w^{(1)}_{11} - w^{(1)}_{21}$ after steps 1, 2"
    return Worked(lines, label, (0, 0), tuple(one - two for one, two in ends))


def predicted(case: Case) -> Worked:
    """The experiment: delta^1_1 - delta^1_2 by the formula, and by forward passes."""
    numbers = case.engine()
    deltas = [numbers.value(case.formula.term, {"l": 1, "j": r}) for r in (1, 2)]
    true = case.truth().biases[0]
    lines = (*case.setting(), (r"$\delta^{(1)}$ by the formula", tuple(deltas)))
    return Worked(lines, r"$\delta^{(1)}_{1} - \delta^{(1)}_{2}$", deltas[0] - deltas[1], true[0] - true[1])


def unequal_weights(v: Integers) -> Cases:
    """Equal biases; unequal outgoing weights, so that there is something to carry."""
    w, other, b, one, two, y = v
    broken = Pair((w, other), (b, b), (one, two), y, "z+z^2")
    return _moving(broken, Pair((w, w), (b, b), (one, two), y, "z+z^2")) if one != two else None


def unequal_biases(v: Integers) -> Cases:
    """Equal incoming weights; unequal outgoing weights."""
    w, b, other, one, two, y = v
    broken = Pair((w, w), (b, other), (one, two), y, "z+z^2")
    return _moving(broken, Pair((w, w), (b, b), (one, two), y, "z+z^2")) if one != two else None


def unequal_outgoing(v: Integers) -> Cases:
    """Equal incoming weights and biases."""
    w, b, one, two, y = v
    return _moving(Pair((w, w), (b, b), (one, two), y), Pair((w, w), (b, b), (one, one), y))


def _moving(broken: Pair, restored: Pair) -> Cases:
    return (broken, restored) if moves(broken, "w") and moves(restored, "w") else None


def right_at_first(v: Integers) -> tuple[Twice, Twice] | None:
    """The first target is met, the second is not; outgoing weights unequal, and equal with the same sum."""
    w, b, one, two, later = v
    y = (w + b) * (one + two)
    broken = Pair((w, w), (b, b), (one, two), y)
    restored = replace(broken, v=(Fraction(one + two, 2),) * 2)
    cases = Twice(broken, later), Twice(restored, later)
    return cases if one != two and all(moves(c.second(), "w") for c in cases) else None


@cache
def witnesses() -> tuple[Witness, ...]:
    """Both parts of the incoming side; the break in one step; what the wrong recursion of T2 predicts."""
    wrong, right = recursions()
    where = f"{SETTING}, {PHI['z+z^2']}, $Q$ at the first neuron."
    first, second = [1, 1], [[0, 1], [0, 1]]
    return (
        smallest(
            "equal incoming weights at step t",
            "With unequal incoming weights the gradients differ by more than the outgoing weights carry. "
            + where,
            difference, unequal_weights, 6,
        ),
        smallest(
            "equal biases at step t",
            "With unequal biases the gradients differ by more than the outgoing weights carry. " + where,
            difference, unequal_biases, 6,
        ),
        smallest(
            "random outgoing weights alone break the symmetry",
            "That equal incoming weights and biases are enough is false: they part in the first step in "
            "which $Q (v_1 - v_2)$ is not 0, while the difference of the outgoing weights stays. "
            f"{SETTING}, {PHI['identity']}, one step of size 1.",
            lasting, unequal_outgoing, 5, columns=("unequal outgoing", "equal outgoing"),
        ),
        smallest(
            "random outgoing weights alone break the symmetry",
            "The tie lasts as long as $Q (v_1 - v_2)$ is 0: through the first step, whose target is met, not "
            f"through the second. {SETTING}, {PHI['identity']}, two steps of size 1.",
            first_break, right_at_first, 5, columns=("unequal outgoing", "equal outgoing"),
        ),
        Witness(
            "delta of a hidden layer",
            "The recursion that T2 refutes has lost the outgoing weights, and with them what parts the "
            "neurons: where both outputs are wrong by the same, it predicts equal deltas, so that the tie "
            f"would last. {NUMBERS}1-2-2.",
            predicted, Case(wrong, first, second), Case(right, first, second), COLUMNS,
        ),
    )  # fmt: skip
