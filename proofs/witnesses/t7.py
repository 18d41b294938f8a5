r"""Balanced, unequal weights: with sums unequal, the colours come apart; with equal sums they stay, exactly.

Widths 1-3-2-1, one colour for each layer. W^2 = [[0, 1, 2], [2, 1, 0]] has rows of sum 3 and columns of sum
2: no permutation exchanges its first two columns, and both neurons stay equal all the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

from symderive import reference_exact as exact
from symderive.proof.witness import Witness, Worked

SAMPLES = (([1], [11]), ([-1], [0]), ([2], [1]))


@dataclass(frozen=True)
class Coloured:
    """The second layer's weights, the first two layers' biases, and how long the network has been trained."""

    W2: Any
    b1: Any = (0, 0, 0)
    b2: Any = (0, 0)

    @property
    def network(self) -> exact.Network:
        """z + z^2, and then identities."""
        return exact.Network((1, 3, 2, 1), ("z+z^2", "identity", "identity"))

    def run(self) -> list[exact.Parameters]:
        """theta before the first step and after each, with another target for each sample."""
        theta = exact.Parameters.of([[[1], [1], [1]], self.W2, [[1, 1]]], [self.b1, self.b2, (0,)])
        return exact.train(self.network, theta, SAMPLES, 1)


def sums(theta: exact.Parameters) -> dict[str, tuple[Fraction, ...]]:
    """What has to be equal within a colour."""
    W1, W2, W3 = theta.weights
    return {
        "$W^{(1)}$": tuple(row[0] for row in W1),
        "$b^{(1)}$": theta.biases[0],
        "sums of columns": tuple(sum(column, Fraction(0)) for column in zip(*W2, strict=True)),
        "sums of rows": tuple(sum(row, Fraction(0)) for row in W2),
        "$b^{(2)}$": theta.biases[1],
        "$W^{(3)}$": W3[0],
    }


def balance(*watched: str) -> Callable[[Coloured], Worked]:
    """The experiment: these, which start equal within a colour, are equal after three steps."""

    def experiment(case: Coloured) -> Worked:
        run = case.run()
        found = [sums(theta) for theta in run]
        different = [
            (f"different {name} after steps 0, 1, 2, 3", tuple(len(set(f[name])) for f in found))
            for name in watched
        ]
        lines = (
            ("$W^{(2)}$", run[0].weights[1]),
            ("$b^{(1)}$", run[0].biases[0]),
            ("sums of rows of $W^{(2)}$", found[0]["sums of rows"]),
            ("sums of columns of $W^{(2)}$", found[0]["sums of columns"]),
            ("$W^{(1)}$ after step 1", run[1].weights[0]),
            ("$W^{(2)}$ after step 1", run[1].weights[1]),
            (
                "different entries of row 1 of $W^{(2)}$ after steps 0, 1, 2, 3",
                tuple(len(set(theta.weights[1][0])) for theta in run),
            ),
            *different[:-1],
        )
        label, true = different[-1]
        return Worked(lines, label, (1,) * len(true), true)

    return experiment


BALANCED = ((0, 1, 2), (2, 1, 0))
TEXT = (
    "Widths 1-3-2-1, one colour for each hidden layer; $W^{(1)}$ and $W^{(3)}$ are 1 throughout, the biases "
    r"0 where none are shown, $\phi(z) = z + z^2$ in the first layer and $\phi(z) = z$ in the others, "
    "$C = (a^{(3)} - y)^2/2$, three steps of size 1 on the samples $(x, y) = (1, 11), (-1, 0), (2, 1)$."
)
AND = (
    "With it, the sums stay equal, exactly, while the weights keep differing, though no permutation "
    "exchanges the first two neurons."
)


@dataclass(frozen=True)
class Shared:
    """A 2-2-2 network of identity activations at x = (1, 0) and y = (1, 0); the momentum of two weights."""

    W1: Any = ((1, 0), (1, 0))
    W2: Any = ((0, 0), (1, 1))
    momentum: Any = (0, 0)


def alike(case: Shared) -> Worked:
    """The experiment: both hidden neurons compute the same, have one delta, and keep one first weight."""
    net, theta = exact.Network((2, 2, 2)), exact.Parameters.of([case.W1, case.W2])
    _, a = exact.forward(net, theta, [1, 0])
    g = exact.backward(net, theta, [1, 0], [1, 0])
    kept = exact.Parameters.of([[[Fraction(m, 2), 0] for m in case.momentum], [[0, 0], [0, 0]]])
    after = exact.descend(theta, g.parameters.map(lambda u, v: u + v, kept), 1)
    lines = (
        ("$W^{(1)}$", theta.weights[0]),
        ("$W^{(2)}$", theta.weights[1]),
        ("momentum of $w^{(1)}_{11}, w^{(1)}_{21}$", case.momentum),
        ("$a^{(1)}$", a[1]),
        (r"$\delta^{(1)}$", g.deltas[0]),
        ("$W^{(1)}$ after one step", after.weights[0]),
    )
    pairs = (a[1], g.deltas[0], tuple(row[0] for row in after.weights[0]))
    label = r"differences: in $a^{(1)}$, in $\delta^{(1)}$, between $w^{(1)}_{11}$ and $w^{(1)}_{21}$"
    return Worked(lines, label, (0, 0, 0), tuple(p[0] - p[1] for p in pairs))


SHARED = (
    "Widths 2-2-2, no biases, identity activations, $x = (1, 0)$, $y = (1, 0)$, $C = |a^{(2)} - y|^2/2$, one "
    "colour for both hidden neurons, one step of size 1."
)


@cache
def witnesses() -> tuple[Witness, ...]:
    """Unequal sums of columns, unequal sums of rows, unequal biases; shared colours; unequal states."""
    good = Coloured(BALANCED)
    return (
        Witness(
            "equal outgoing sums in a colour",
            f"The rows have equal sums, the columns have not. {TEXT} {AND}",
            balance("sums of rows", "$W^{(3)}$", "$W^{(1)}$"), Coloured(((0, 1, 2), (3, 0, 0))), good,
        ),
        Witness(
            "equal incoming sums in a colour",
            f"The columns have equal sums, the rows have not. {TEXT} {AND}",
            balance("$W^{(1)}$", "sums of columns", "$W^{(3)}$"), Coloured(((0, 1, 1), (2, 1, 1))), good,
        ),
        Witness(
            "equal biases in a colour",
            f"All sums are equal, one bias is not. {TEXT} {AND}",
            balance("sums of rows", "sums of columns", "$W^{(1)}$"), Coloured(BALANCED, (0, 0, 1)), good,
        ),
        Witness(
            "inputs have colours of their own",
            f"Equal sums of the weights from both inputs together are not enough. {SHARED}",
            alike, Shared(W1=((1, 0), (0, 1))), Shared(),
        ),
        Witness(
            "outputs have colours of their own",
            f"Equal sums of the weights into both outputs together are not enough. {SHARED}",
            alike, Shared(W2=((1, 0), (0, 1))), Shared(),
        ),
        Witness(
            "equal states of the weights",
            f"Unequal momentum parts the neurons; half of what was kept is added to the gradient. {SHARED}",
            alike, Shared(momentum=(1, 0)), Shared(momentum=(1, 1)),
        ),
    )  # fmt: skip
