"""What parts opposite neurons in one step: an activation that is not odd, a part that is not opposite."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TypeAlias

from proofs.witnesses.pair import PHI, SETTING, SYMBOLS, Pair, moves, watched
from proofs.witnesses.search import Integers, smallest
from symderive.proof.witness import Witness, Worked

Cases: TypeAlias = tuple[Pair, Pair] | None


def opposite(name: str) -> Callable[[Pair], Worked]:
    """The experiment: after one step, w (v) of both neurons are still opposite."""

    def experiment(case: Pair) -> Worked:
        first, second = watched(case.after(), name)
        one, two = SYMBOLS[name]
        lines = (*case.start(), (f"${one}, {two}$ after the step", (first, second)))
        return Worked(lines, f"${one} + {two}$ after the step", 0, first + second)

    return experiment


def _if_moving(broken: Pair, restored: Pair, name: str) -> Cases:
    return (broken, restored) if moves(broken, name) and moves(restored, name) else None


def activation(v: Integers) -> Cases:
    """z + z^2, which is not odd, and z + z^3, which is."""
    w, b, out, y = v
    made = [Pair((w, -w), (b, -b), (out, -out), y, phi) for phi in ("z+z^2", "z+z^3")]
    return _if_moving(made[0], made[1], "w")


def incoming(v: Integers) -> Cases:
    """All opposite but the incoming weights."""
    w, other, b, out, y = v
    rest = (b, -b), (out, -out), y
    return _if_moving(Pair((w, other), *rest), Pair((w, -w), *rest), "v")


def biases(v: Integers) -> Cases:
    """All opposite but the biases."""
    w, b, other, out, y = v
    rest = (out, -out), y
    return _if_moving(Pair((w, -w), (b, other), *rest), Pair((w, -w), (b, -b), *rest), "v")


def outgoing(v: Integers) -> Cases:
    """All opposite but the outgoing weights."""
    w, b, out, other, y = v
    rest = (w, -w), (b, -b)
    return _if_moving(Pair(*rest, (out, other), y), Pair(*rest, (out, -out), y), "w")


STEP = f"{SETTING}, {PHI['identity']}, one step of size 1."


@cache
def witnesses() -> tuple[Witness, ...]:
    """The activation, and each part of the tie."""
    return (
        smallest(
            "the activation is odd",
            "Opposite neurons stay opposite for odd activations such as $z + z^3$, not for $z + z^2$. "
            f"{SETTING}, one step of size 1.",
            opposite("w"), activation, 4,
        ),
        smallest(
            "opposite incoming weights",
            f"Opposite biases and outgoing weights are not enough. {STEP}",
            opposite("v"), incoming, 5,
        ),
        smallest(
            "opposite biases",
            f"Opposite incoming and outgoing weights are not enough. {STEP}",
            opposite("v"), biases, 5,
        ),
        smallest(
            "opposite outgoing weights",
            f"Opposite incoming weights and biases are not enough. {STEP}",
            opposite("w"), outgoing, 5,
        ),
    )  # fmt: skip
