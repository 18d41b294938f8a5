r"""T9. Distinct neurons never merge: not in a step below 1/K, not with momentum, not along the flow."""

from __future__ import annotations

from functools import cache

import numpy as np

from proofs import two_neurons, two_points
from proofs.exchange import exchanged
from proofs.setting import ORDER
from proofs.witnesses.t9 import witnesses
from symderive import reference
from symderive.claims.evidence import CheckFailed, Evidence
from symderive.proof.result import Proved

KEY, NAME = "T9", "never_merge"
WHEN = ("after the step", "at time T")
ASSUMES = (
    "Lipschitz gradient", "step size below 1/K", "momentum is not 0", "K is constant", "time passes",
    "mean value theorem", "permuted weights", "permuted biases", "inputs stay in place",
    "outputs stay in place", "p becomes q", "q becomes p", "neurons before p stay",
    "neurons between p and q stay", "neurons after q stay", "layers before m stay", "layers after m stay",
    *(f"equal {x} {when}" for x in (*two_neurons.WHAT, "parameters") for when in WHEN),
    *(f"equal velocities {x}after the step" for x in ("", *(f"of the {w} " for w in two_neurons.WHAT))),
)  # fmt: skip
RULES = ("step", "step, other point", "slack of the Lipschitz bound")
STEPS, DRIFT = 40, 1e-10


def numeric(seed: int) -> tuple[Evidence, ...]:
    """Heavy ball is run backwards to where it came from; and a step is as far apart as the identity says."""
    return (returned(seed), stepped(seed))


def _flat(weights: list[reference.Array], biases: list[reference.Array]) -> reference.Array:
    return np.concatenate([v.ravel() for v in (*weights, *biases)])


def _problem(
    seed: int,
) -> tuple[
    reference.Network, list[reference.Array], list[reference.Array], tuple[reference.Array, reference.Array]
]:
    network = reference.Network((3, 4, 2), ["tanh", "identity"], "squared_error", reduction="mean")
    weights, biases = reference.random_parameters(network, seed)
    return network, weights, biases, reference.random_data(network, 6, seed + 1)


def returned(seed: int) -> Evidence:
    """40 steps of heavy ball, and 40 steps back by x = x' + eta v', v = (v' - g(x)) / mu."""
    network, weights, biases, data = _problem(seed)
    parts = [*weights, *biases]
    speeds = [np.zeros_like(p) for p in parts]
    start, eta, mu = _flat(weights, biases), 0.5, 0.9

    def gradient(parts: list[reference.Array]) -> list[reference.Array]:
        g = reference.backward(network, parts[:2], parts[2:], data[0], data[1])
        return [*g.weights, *g.biases]

    for _ in range(STEPS):
        speeds = [mu * v + g for v, g in zip(speeds, gradient(parts), strict=True)]
        parts = [p - eta * v for p, v in zip(parts, speeds, strict=True)]
    moved = float(np.max(np.abs(_flat(parts[:2], parts[2:]) - start)))
    for _ in range(STEPS):
        parts = [p + eta * v for p, v in zip(parts, speeds, strict=True)]
        speeds = [(v - g) / mu for v, g in zip(speeds, gradient(parts), strict=True)]
    error = float(np.max(np.abs(_flat(parts[:2], parts[2:]) - start))) / moved
    if not error <= DRIFT:
        raise CheckFailed(f"heavy ball run backwards: expected to return within {DRIFT}, found {error}")
    return Evidence("numeric", f"{STEPS} steps of heavy ball, undone one by one", error, seed=seed)


def stepped(seed: int) -> Evidence:
    """The distance after a step, against the identity, with any K."""
    network, *one, data = _problem(seed)
    two = reference.random_parameters(network, seed + 2)
    points = [_flat(*one), _flat(*two)]
    found = [reference.backward(network, p[0], p[1], *data) for p in (one, two)]
    x = points[0] - points[1]
    g = _flat(list(found[0].weights), list(found[0].biases)) - _flat(
        list(found[1].weights), list(found[1].biases)
    )
    eta, K = 0.3, 2.0
    left = K * np.sum((x - eta * g) ** 2)
    rho = K**2 * np.sum(x**2) - np.sum(g**2)
    right = K * (1 - eta * K) ** 2 * np.sum(x**2) + eta * np.sum((K * x - g) ** 2)
    error = float(abs(left - right - eta * (1 - eta * K) * rho) / left)
    if not error <= DRIFT:
        raise CheckFailed(f"distance after a step: expected the identity within {DRIFT}, found {error}")
    return Evidence("numeric", "distance of two networks after one step", error, seed=seed)


@cache
def prove() -> Proved:
    """Any two points of any cost; then two neurons, every depth, all widths, any activations and cost."""
    return Proved(
        KEY,
        NAME,
        "Distinct neurons never merge",
        "Neurons that are different stay different in finite time. A step of gradient descent keeps any "
        "two points apart if the gradient is Lipschitz with a constant K and the step size is below $1/K$; "
        "a step of heavy ball does so for every step size, if velocities count; the flow does so for every "
        "Lipschitz gradient. First for two points of an arbitrary cost, then for two neurons p < q of a "
        "hidden layer, where the other point is the network with the two exchanged. Inequalities are "
        "equations with a square: that a slack is the square of a real number says that it is at least 0; "
        "that a difference times a square is 1 says that the difference is above 0; that $\\mu$ times a "
        "number is 1 says that $\\mu$ is not 0.",
        exchanged().system,
        (
            *two_points.descent(),
            *two_points.momentum(),
            *two_points.flow(),
            *two_neurons.descent(),
            *two_neurons.momentum(),
            *two_neurons.flow(),
        ),
        remarks=(
            "The bound K need hold only on the segment between the two points: between parameters and the "
            "exchanged ones, and for the flow on all segments that it passes. Activations with a bounded "
            "second derivative give such a bound on every bounded region; ReLU gives none, as its gradient "
            "jumps.",
            "The one step of analysis that is cited is this: a function whose derivative is nowhere "
            "negative does not fall (mean value theorem). That the derivative of the weighted gap is not "
            "negative is proved. So uniqueness of the solutions of differential equations is not needed as "
            "a theorem of its own.",
        ),
        order=ORDER + RULES,
        sources=("Rudin 1976, theorem 5.11", "Goodfellow, Bengio, Courville 2016, section 8.4"),
        witnesses=witnesses(),
    )
