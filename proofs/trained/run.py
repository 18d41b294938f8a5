"""500 mini-batch steps of the NumPy reference by any of its optimisers: the run that T5 and T7 are seen on.

Every step sees other samples and has another step size. What a hypothesis forbids can be put in: rates of
single neurons, dropout, noise on the gradient, a state that does not start at 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from symderive import reference, reference_optimisers
from symderive.reference_optimisers import State

Array = NDArray[Any]

STEPS = 500
SAMPLES = 5
KEEP = 0.5  # of dropout


@dataclass(frozen=True)
class Rule:
    """An optimiser of the reference, with its numbers; `eta` is divided by 1, 2, 3, 1, 2, 3, .. in turn."""

    name: str
    eta: float
    numbers: Mapping[str, Any] = field(default_factory=dict)


RULES: Mapping[str, Rule] = {
    "gd": Rule("gd", 0.3),
    "gd with l2 decay": Rule("gd", 0.3, {"l2": 0.01}),
    "heavy ball": Rule("heavy_ball", 0.05, {"mu": 0.9}),
    "nesterov": Rule("nesterov", 0.05, {"mu": 0.9}),
    "adagrad": Rule("adagrad", 0.05),
    "rmsprop": Rule("rmsprop", 0.005),
    "adam": Rule("adam", 0.01),
    "adamw": Rule("adam", 0.01, {"decay": 0.1}),
    "adam with l2 decay": Rule("adam", 0.01, {"l2": 0.1}),
    "sign descent": Rule("sign_descent", 0.003),
    "clipped gd": Rule("gd", 0.3, {"radius": 0.2}),
    "clipped adam": Rule("adam", 0.01, {"radius": 0.2}),
}


@dataclass(frozen=True)
class Parameters:
    """The weights and biases of a network, and the states of the optimiser."""

    weights: list[Array]
    biases: list[Array]
    state: State | None = None

    def arrays(self) -> list[Array]:
        """All arrays: the weights of all layers, then the biases."""
        return [*self.weights, *self.biases]


@dataclass(frozen=True)
class Disturbance:
    """What breaks a hypothesis on the way: factors of the step size, dropout, noise of this size."""

    rates: Sequence[Array] | None = None
    dropout: bool = False
    noise: float = 0.0


CALM = Disturbance()


def run(
    network: reference.Network,
    start: Parameters,
    rule: Rule,
    seed: int,
    steps: int = STEPS,
    disturbance: Disturbance = CALM,
) -> Iterator[Parameters]:
    """The parameters after each step."""
    rng = np.random.default_rng(seed + 1)
    w, half = start.arrays(), len(start.weights)
    state = start.state or reference_optimisers.start(rule.name, w)
    for t in range(steps):
        x, y = reference.random_data(network, SAMPLES, seed + 1000 + t)
        eta = rule.eta / (1 + t % 3)
        rates: Any = eta if disturbance.rates is None else [eta * r for r in disturbance.rates]
        numbers = {**rule.numbers, "eta": rates}
        at = reference_optimisers.point(rule.name, w, state, numbers)
        masks = _masks(network, rng) if disturbance.dropout else None
        g = _gradient(network, at[:half], at[half:], x, y, masks)
        if disturbance.noise:
            g = [a + disturbance.noise * rng.normal(size=a.shape) for a in g]
        w, state = reference_optimisers.step(rule.name, w, g, state, numbers)
        yield replace(start, weights=w[:half], biases=w[half:], state=state)


def after(found: Iterator[Parameters]) -> Parameters:
    """The last parameters of a run."""
    *_, last = found
    return last


def _masks(network: reference.Network, rng: np.random.Generator) -> list[Array]:
    return [(rng.random(n) < KEEP) / KEEP for n in network.widths[1:-1]]


def _gradient(
    network: reference.Network,
    weights: list[Array],
    biases: list[Array],
    x: Array,
    y: Array,
    masks: list[Array] | None,
) -> list[Array]:
    """The gradient, of all arrays. A mask m on a^l is W^{l+1} diag(m) instead of W^{l+1}."""
    if masks is None:
        g = reference.backward(network, weights, biases, x, y)
        return [*g.weights, *g.biases]
    thinned = [weights[0], *(w * m for w, m in zip(weights[1:], masks, strict=True))]
    g = reference.backward(network, thinned, biases, x, y)
    return [g.weights[0], *(d * m for d, m in zip(g.weights[1:], masks, strict=True)), *g.biases]


Gap = Callable[[Parameters], float]


def relative(a: Array, b: Array) -> float:
    """The largest |a - b|, relative to the largest number in either."""
    size = max(float(np.max(np.abs(a))), float(np.max(np.abs(b))))
    return float(np.max(np.abs(a - b))) / (size or 1.0)
