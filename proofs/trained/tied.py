r"""T5 by training: tied neurons stay tied under every optimiser, and no longer when a hypothesis is broken.

Two neurons p, q of a hidden layer are tied if w_p = w_q, b_p = b_q and v_p = v_q, by signs if w_p = -w_q,
b_p = -b_q and v_p = -v_q: incoming weights, bias, outgoing weights.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np

from proofs.trained.run import (
    RULES,
    STEPS,
    Array,
    Disturbance,
    Parameters,
    Rule,
    after,
    relative,
    run,
)
from symderive import reference, reference_optimisers
from symderive.claims.evidence import CheckFailed, Evidence
from symderive.errors import SymderiveError

WIDTHS = (4, 6, 5, 3)
HIDDEN = (1, 2)
DRIFT = 1e-9  # what rounding may add to the gap of a tie in 500 steps, relative to the largest weight
APART = 1e-2  # a gap that no rounding explains
SLOPE = 2  # c of proportional ReLU ties


@dataclass(frozen=True)
class Tie:
    """Neurons p and q of a hidden layer; q is `sign` times p; of ReLU ties w_q = c w_p, v_q = v_p / c."""

    layer: int
    p: int
    q: int
    sign: int = 1
    c: int = 1

    def parts(self, arrays: list[Array]) -> tuple[tuple[Array, Array], ...]:
        """What the tie says is equal: incoming weights, biases, outgoing weights; of parameters or states."""
        half, m, into = len(arrays) // 2, self.layer, self.sign * self.c
        w, b, v = arrays[m - 1], arrays[half + m - 1], arrays[m]
        return (
            (w[self.q], into * w[self.p]),
            (b[self.q : self.q + 1], into * b[self.p : self.p + 1]),
            (v[:, self.q], self.sign * v[:, self.p] / self.c),
        )

    def impose(self, arrays: list[Array]) -> None:
        """Make q what the tie says."""
        for mine, other in self.parts(arrays):
            mine[...] = other

    def gap(self, at: Parameters) -> float:
        """The largest relative gap of the three."""
        return max(relative(mine, other) for mine, other in self.parts(at.arrays()))


def network(kind: str) -> reference.Network:
    """Three layers: "mixed" activations, "odd" ones, or "relu" with the value 0 for its slope at 0."""
    layers = {
        "mixed": ["tanh", "softplus", "sigmoid"],
        "odd": ["tanh", "tanh", "identity"],
        "relu": ["relu", "relu", "identity"],
    }[kind]
    return reference.Network(WIDTHS, layers, "squared_error", reduction="mean")


def tied(kind: str, seed: int, layer: int, sign: int = 1, c: int = 1) -> tuple[Tie, Parameters]:
    """Random parameters, and a tie of two random neurons of the layer."""
    rng = np.random.default_rng(seed)
    p, q = (int(i) for i in rng.choice(WIDTHS[layer], 2, replace=False))
    tie = Tie(layer, p, q, sign, c)
    weights, biases = reference.random_parameters(network(kind), seed)
    tie.impose([*weights, *biases])
    return tie, Parameters(weights, biases)


def _rule(name: str) -> Rule:
    if name not in RULES:
        raise SymderiveError(f"rule: expected one of {', '.join(RULES)}, found {name!r}")
    return RULES[name]


def staying(seed: int, rule: str, kind: str = "mixed", sign: int = 1, steps: int = STEPS) -> Evidence:
    """The gap of a tie after training, in each hidden layer; CheckFailed where it is more than drift.

    >>> staying(0, "adam", steps=20).status
    'numeric'
    """
    error = 0.0
    for layer in HIDDEN:
        tie, start = tied(kind, seed, layer, sign)
        end = after(run(network(kind), start, _rule(rule), seed, steps))
        gap = tie.gap(end)
        if not gap <= DRIFT:
            raise CheckFailed(
                f"tied neurons {tie.p} and {tie.q} of layer {layer} after {steps} steps of {rule}: "
                f"relative gap {gap:.2g}, expected at most {DRIFT:g}"
            )
        error = max(error, gap)
    what = "signed tie" if sign < 0 else "tie"
    text = f"{what} of two neurons after {steps} mini-batch steps of {rule}, drift of {DRIFT:g} allowed"
    return Evidence("numeric", text, error, seed=seed)


def signed(seed: int, rule: str, steps: int = STEPS) -> Evidence:
    """A signed tie, where the activation is odd, after training."""
    return staying(seed, rule, "odd", -1, steps)


# ------------------------------------------------------------------------------- hypotheses, each broken

Broken = Callable[[int, int, Rule], tuple[str, Tie, Parameters, Disturbance]]


def _outgoing(seed: int, layer: int, rule: Rule) -> tuple[str, Tie, Parameters, Disturbance]:
    tie, at = tied("mixed", seed, layer)
    at.weights[layer][:, tie.q] += 0.1
    return "mixed", tie, at, Disturbance()


def _biases(seed: int, layer: int, rule: Rule) -> tuple[str, Tie, Parameters, Disturbance]:
    tie, at = tied("mixed", seed, layer)
    at.biases[layer - 1][tie.q] += 0.5
    return "mixed", tie, at, Disturbance()


def _incoming(seed: int, layer: int, rule: Rule) -> tuple[str, Tie, Parameters, Disturbance]:
    tie, at = tied("mixed", seed, layer)
    at.weights[layer - 1][tie.q] += 0.3
    return "mixed", tie, at, Disturbance()


def _states(seed: int, layer: int, rule: Rule) -> tuple[str, Tie, Parameters, Disturbance]:
    """The states of q's incoming weights start at 1/2, all others at 0."""
    tie, at = tied("mixed", seed, layer)
    state = reference_optimisers.start(rule.name, at.arrays())
    for s in state.arrays[layer - 1]:
        s[tie.q] = 0.5
    return "mixed", tie, Parameters(at.weights, at.biases, state), Disturbance()


def _rates(seed: int, layer: int, rule: Rule) -> tuple[str, Tie, Parameters, Disturbance]:
    """The step size of neuron q is half of that of the others."""
    tie, at = tied("mixed", seed, layer)
    rates = [np.ones_like(a) for a in at.arrays()]
    half = len(at.weights)
    rates[layer - 1][tie.q] = rates[half + layer - 1][tie.q] = rates[layer][:, tie.q] = 0.5
    return "mixed", tie, at, Disturbance(rates=rates)


def _dropout(seed: int, layer: int, rule: Rule) -> tuple[str, Tie, Parameters, Disturbance]:
    return "mixed", *tied("mixed", seed, layer), Disturbance(dropout=True)


def _noise(seed: int, layer: int, rule: Rule) -> tuple[str, Tie, Parameters, Disturbance]:
    return "mixed", *tied("mixed", seed, layer), Disturbance(noise=0.05)


def _proportional(seed: int, layer: int, rule: Rule) -> tuple[str, Tie, Parameters, Disturbance]:
    return "relu", *tied("relu", seed, layer, c=SLOPE), Disturbance()


def _not_odd(seed: int, layer: int, rule: Rule) -> tuple[str, Tie, Parameters, Disturbance]:
    return "mixed", *tied("mixed", seed, 2, -1), Disturbance()


# What is broken, how, and which of the three equalities (incoming, bias, outgoing) held at the start.
BROKEN: Mapping[str, tuple[Broken, tuple[int, ...]]] = {
    "unequal outgoing weights": (_outgoing, (0, 1)),
    "unequal biases": (_biases, (0, 2)),
    "unequal incoming weights": (_incoming, (1, 2)),
    "unequal states": (_states, (0, 1, 2)),
    "step sizes of single neurons": (_rates, (0, 1, 2)),
    "dropout": (_dropout, (0, 1, 2)),
    "gradient noise": (_noise, (0, 1, 2)),
    "proportional ReLU ties": (_proportional, (0, 1, 2)),
    "signed tie, activation not odd": (_not_odd, (0, 1, 2)),
}


def breakable(what: str, rule: str) -> bool:
    """Whether an optimiser has what is to be broken: gradient descent has no states."""
    return what != "unequal states" or bool(reference_optimisers.TABLE[_rule(rule).name].states)


def breaking(seed: int, rule: str, what: str, layer: int = 1, steps: int = STEPS) -> Evidence:
    """What was equal at the start comes apart without the hypothesis; CheckFailed where it does not.

    >>> breaking(0, "gd", "dropout").status
    'refuted'
    """
    if what not in BROKEN:
        raise SymderiveError(f"hypothesis: expected one of {', '.join(BROKEN)}, found {what!r}")
    make, equal = BROKEN[what]
    kind, tie, start, disturbance = make(seed, layer, _rule(rule))

    def gap(at: Parameters) -> float:
        parts = tie.parts(at.arrays())
        return max(relative(*parts[n]) for n in equal)

    if gap(start) > 0:
        raise CheckFailed(f"{what}: expected no gap to start with, found {gap(start):.2g}")
    for t, at in enumerate(run(network(kind), start, _rule(rule), seed, steps, disturbance), 1):
        if gap(at) > APART:
            when = f"after {t} step{'s' if t > 1 else ''} of {rule}"
            text = f"tie of two neurons, {what}: relative gap {gap(at):.2g} {when}"
            return Evidence("refuted", text, seed=seed)
    raise CheckFailed(f"{what}, {steps} steps of {rule}: expected a gap above {APART:g}, found {gap(at):.2g}")


def every(seed: int) -> Iterator[Evidence]:
    """All of these experiments with every optimiser."""
    for rule in RULES:
        yield staying(seed, rule)
        yield staying(seed, rule, "relu")
        yield signed(seed, rule)
    for rule, what in product(RULES, BROKEN):
        if breakable(what, rule):
            yield breaking(seed, rule, what)
