r"""T5 and T7 in exact fractions: ties and balanced colourings compared by ==, for optimisers without roots.

The exact network has polynomial activations. Denominators grow with every step (to 2 10^5 digits in five
steps of two hidden layers), so that runs are short, or states and the *change* of each weight are rounded to
multiples of 2^-16: w' = w + round(u - w), where u is what the optimiser asks for. That is one more
elementwise rule, odd as the rest, and computed exactly.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np

from proofs.trained.run import Array
from proofs.trained.tied import Tie
from symderive import reference_exact, reference_optimisers
from symderive.claims.colouring import coarsest_balanced_colouring, is_balanced
from symderive.claims.evidence import CheckFailed, Evidence
from symderive.reference_optimisers import State

GRID = 2**16
SAMPLES = 2
LARGE = 4  # a run that diverges has more digits than there is time for
# z + z^2/4, and z - z^3/8, which is odd
CURVED = reference_exact.polynomial(0, 1, Fraction(1, 4))
ODD = reference_exact.polynomial(0, 1, 0, Fraction(-1, 8))
HALF, TENTH = Fraction(1, 2), Fraction(1, 10)
RULES: Mapping[str, tuple[str, Mapping[str, Fraction]]] = {
    "gd": ("gd", {}),
    "gd with l2 decay": ("gd", {"l2": TENTH}),
    "heavy ball": ("heavy_ball", {"mu": HALF}),
    "heavy ball with decay": ("heavy_ball", {"mu": HALF, "decay": TENTH}),
    "nesterov": ("nesterov", {"mu": HALF}),
    "sign descent": ("sign_descent", {}),
}
# without rounding one hidden layer takes four steps, two take two; with rounding two take 25
RUNS: tuple[tuple[tuple[int, ...], int, bool], ...] = (
    ((2, 4, 3), 4, False),
    ((2, 3, 4, 1), 2, False),
    ((2, 3, 4, 1), 25, True),
)
# the colours of layers 0..3 of widths 2-4-5-1
COLOURS = ((0, 1), (0, 0, 1, 1), (0, 0, 0, 1, 1), (0,))


def _exact(a: Any) -> Array:
    return np.array(a, dtype=object)


def _drawn(rng: random.Random, *shape: int) -> Array:
    numbers = [Fraction(rng.randint(-3, 3), 8) for _ in range(int(np.prod(shape)))]
    return _exact(numbers).reshape(shape)


def _samples(rng: random.Random, n: int) -> list[list[int]]:
    return [[rng.randint(-1, 1) for _ in range(n)] for _ in range(SAMPLES)]


def drawn(seed: int, widths: Sequence[int]) -> list[Array]:
    """Random parameters, few digits each: the weights of all layers, then the biases."""
    rng = random.Random(seed)
    weights = [_drawn(rng, m, n) for n, m in pairwise(widths)]
    return [*weights, *(_drawn(rng, m) for m in widths[1:])]


def steps(
    network: reference_exact.Network,
    start: list[Array],
    rule: str,
    seed: int,
    number: int,
    rounded: bool,
) -> Iterator[list[Array]]:
    """The parameters after each step; every step has other samples and another step size."""
    name, numbers = RULES[rule]
    rng = random.Random(seed + 1)
    w, half = start, len(start) // 2
    state = reference_optimisers.start(name, w)
    for t in range(number):
        x, y = (_samples(rng, network.widths[n]) for n in (0, -1))
        h = {**numbers, "eta": Fraction(1, 32 << t % 3)}
        at = reference_optimisers.point(name, w, state, h)
        theta = reference_exact.Parameters.of(
            [a.tolist() for a in at[:half]], [a.tolist() for a in at[half:]]
        )
        g = reference_exact.backward(network, theta, x, y)
        gradient = [_exact(a) for a in (*g.weights, *g.biases)]
        asked, state = reference_optimisers.step(name, w, gradient, state, h)
        if rounded:
            asked = [v + _rounded(u - v) for u, v in zip(asked, w, strict=True)]
            state = State(state.count, tuple(tuple(map(_rounded, own)) for own in state.arrays))
        w = asked
        largest = max(abs(v) for a in w for v in a.ravel())
        if largest > LARGE:
            raise CheckFailed(f"exact run of {rule}: expected weights up to {LARGE}, found one above it")
        yield w


def _rounded(a: Array) -> Array:
    """The nearest multiples of 2^-16, ties to even: an odd function."""
    return _exact([Fraction(round(d * GRID), GRID) for d in a.ravel()]).reshape(a.shape)


def _network(widths: Sequence[int], phi: reference_exact.Activation) -> reference_exact.Network:
    return reference_exact.Network(widths, [phi] * (len(widths) - 2) + ["identity"], reduction="mean")


def staying(seed: int, rule: str, sign: int = 1) -> Evidence:
    """Ties, for sign -1 by signs and with an odd activation, are equal fractions after every step.

    >>> staying(0, "nesterov").error
    0.0
    """
    for widths, number, rounded in RUNS:
        network = _network(widths, ODD if sign < 0 else CURVED)
        for layer in range(1, len(widths) - 1):
            start = drawn(seed, widths)
            tie = Tie(layer, 0, widths[layer] - 1, sign=sign)
            tie.impose(start)
            for t, at in enumerate(steps(network, start, rule, seed, number, rounded), 1):
                if not all(np.array_equal(mine, other) for mine, other in tie.parts(at)):
                    raise CheckFailed(f"exact tie in layer {layer}: broken by step {t} of {rule}")
    what = "signed ties" if sign < 0 else "ties"
    return Evidence(
        "numeric", f"{what} after each of up to 25 steps of {rule}, in exact fractions", 0.0, seed=seed
    )


def balanced(seed: int) -> list[Array]:
    """Random parameters of widths 2-4-5-1 for which COLOURS is balanced; weights of a block differ."""
    rng = random.Random(seed)
    found = drawn(seed, [len(c) for c in COLOURS])
    half = len(found) // 2
    for m in range(1, len(COLOURS)):
        for i in set(COLOURS[m]):
            rows = [j for j, c in enumerate(COLOURS[m]) if c == i]
            for k in set(COLOURS[m - 1]):
                columns = [j for j, c in enumerate(COLOURS[m - 1]) if c == k]
                block = np.full((len(rows), len(columns)), Fraction(rng.randint(-3, 3), 8), dtype=object)
                if min(block.shape) > 1:  # rows and columns of what is added sum to 0
                    extra = Fraction(rng.randint(1, 3), 8)
                    block[:2, :2] += extra * np.array([[1, -1], [-1, 1]])
                found[m - 1][np.ix_(rows, columns)] = block
            found[half + m - 1][rows] = found[half + m - 1][rows[0]]
    return found


def staying_balanced(seed: int, rule: str) -> Evidence:
    """The colouring is balanced, exactly, after every step, and the weights of a block still differ."""
    widths = [len(c) for c in COLOURS]
    network = _network(widths, CURVED)
    start = balanced(seed)
    half = len(start) // 2
    # rounding the change of w bends an update that depends on w, so that decay is left exact
    runs = [(2, False)] if "decay" in rule else [(2, False), (25, True)]
    for number, rounded in runs:
        for t, at in enumerate(steps(network, start, rule, seed, number, rounded), 1):
            w, b = at[:half], at[half:]
            if not is_balanced(w, b, COLOURS) or coarsest_balanced_colouring(w, b) != COLOURS:
                raise CheckFailed(f"exact balanced colouring: broken by step {t} of {rule}")
            if w[1][0, 0] == w[1][0, 1]:
                raise CheckFailed(f"exact balanced colouring: equal weights after step {t} of {rule}")
    text = f"balanced colouring after each of up to 25 steps of {rule}, in exact fractions"
    return Evidence("numeric", text, 0.0, seed=seed)


CHECKS: Mapping[str, Callable[[int, str], Evidence]] = {
    "ties": staying,
    "signed ties": lambda seed, rule: staying(seed, rule, -1),
    "balanced colourings": staying_balanced,
}


def every(seed: int) -> Iterator[Evidence]:
    """All of these experiments with every optimiser without roots."""
    for check in CHECKS.values():
        for rule in RULES:
            yield check(seed, rule)
