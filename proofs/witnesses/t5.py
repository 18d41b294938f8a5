"""What breaks a tie in one step: an unequal part, dropout, noise, unequal learning rates, a ReLU scale."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import cache
from typing import TypeAlias

from proofs.witnesses.pair import PHI, SETTING, Pair, moves, tied
from proofs.witnesses.search import Integers, smallest
from symderive.proof.witness import Witness, Worked

Cases: TypeAlias = tuple[Pair, Pair] | None
STEP = f"{SETTING}, {PHI['identity']}, one step of size 1."


def _if_moving(broken: Pair, restored: Pair, name: str) -> Cases:
    """Both cases, where the step moves the neurons in either: a tie of what stands still shows nothing."""
    return (broken, restored) if moves(broken, name) and moves(restored, name) else None


def incoming(v: Integers) -> Cases:
    """All equal but the incoming weights."""
    w, other, b, out, y = v
    return _if_moving(Pair((w, other), (b, b), (out, out), y), Pair((w, w), (b, b), (out, out), y), "v")


def biases(v: Integers) -> Cases:
    """All equal but the biases."""
    w, b, other, out, y = v
    return _if_moving(Pair((w, w), (b, other), (out, out), y), Pair((w, w), (b, b), (out, out), y), "v")


def outgoing(v: Integers) -> Cases:
    """All equal but the outgoing weights."""
    w, b, out, other, y = v
    return _if_moving(Pair((w, w), (b, b), (out, other), y), Pair((w, w), (b, b), (out, out), y), "w")


def with_parts(
    name: str, field: str, broken: tuple[int, int], restored: tuple[int, int]
) -> Callable[[Integers], Cases]:
    """Tied neurons that the rule of training treats unequally, and equally."""

    def cases(v: Integers) -> Cases:
        w, b, out, y = v
        plain = Pair((w, w), (b, b), (out, out), y)
        unequal, equal = ({field: part} for part in (broken, restored))
        return _if_moving(replace(plain, **unequal), replace(plain, **equal), name)  # type: ignore[arg-type]

    return cases


def scaled(c: int, w: int, v: int, y: int) -> Pair:
    """w_2 = c w_1 and v_2 = v_1 / c: ReLU neurons that compute the same, in proportion."""
    return Pair((w, c * w), (0, 0), (v, Fraction(v, c)), y, phi="relu")


def proportional(case: Pair) -> Worked:
    """The experiment: after one step, w_2 is still c w_1."""
    c = Fraction(case.w[1], case.w[0])
    (one,), (two,) = case.after().weights[0]
    lines = (*case.start(("$c$", c)), ("$w^{(1)}_{11}, w^{(1)}_{21}$ after the step", (one, two)))
    return Worked(lines, "$w^{(1)}_{21} - c w^{(1)}_{11}$ after the step", 0, two - c * one)


def in_proportion(v: Integers) -> Cases:
    """c = 2, and c = 1."""
    w, out, y = v
    return _if_moving(scaled(2, w, out, y), scaled(1, w, out, y), "w") if w else None


RULE = "the same rule for both neurons"


@cache
def witnesses() -> tuple[Witness, ...]:
    """One for each part of the tie, for each way to treat tied neurons unequally, for ties up to a factor."""
    return (
        smallest(
            "equal incoming weights",
            f"Equal biases and equal outgoing weights are not enough: the outgoing weights part. {STEP}",
            tied("v"), incoming, 5,
        ),
        smallest(
            "equal biases",
            f"Equal incoming and equal outgoing weights are not enough: the outgoing weights part. {STEP}",
            tied("v"), biases, 5,
        ),
        smallest(
            "equal outgoing weights",
            f"Equal incoming weights and biases are not enough: the incoming weights part. {STEP}",
            tied("w"), outgoing, 5,
        ),
        smallest(
            "equal optimiser states",
            "Tied neurons with unequal momentum from before part: the step is the gradient plus half of what "
            f"was kept. {STEP}",
            tied("w", ("momentum of $w^{(1)}_{11}, w^{(1)}_{21}$", "momentum")),
            with_parts("w", "momentum", (1, 0), (1, 1)), 4,
        ),
        smallest(
            RULE,
            f"Dropout that keeps the first neuron and drops the second parts a tie in one step. {STEP}",
            tied("w", ("mask of the neurons", "mask")),
            with_parts("w", "mask", (1, 0), (1, 1)), 4,
        ),
        smallest(
            RULE,
            f"Noise of its own in the gradient of each neuron parts a tie in one step. {STEP}",
            tied("w", ("noise in the gradients of $w^{(1)}_{11}, w^{(1)}_{21}$", "noise")),
            with_parts("w", "noise", (1, 0), (1, 1)), 4,
        ),
        smallest(
            RULE,
            f"A learning rate of its own for each neuron parts a tie in one step. {STEP}",
            tied("w", ("learning rates of the neurons", "rates")),
            with_parts("w", "rates", (1, 2), (1, 1)), 4,
        ),
        smallest(
            "equal incoming weights",
            "Proportional weights are not enough, not even for ReLU, where $w_2 = c w_1$ and $v_2 = v_1 / c$ "
            f"makes both neurons contribute the same. {SETTING}, one step of size 1.",
            proportional, in_proportion, 3,
        ),
    )  # fmt: skip
