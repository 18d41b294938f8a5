"""Oracles beside the derivation: forward passes alone, the user's own cost, and exact fractions.

The NumPy reference and the fractions share nothing with the engine: they move each parameter and
look at the cost.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from symderive import reference, reference_exact
from symderive.claims.against_reference import relative_error
from symderive.claims.evidence import CheckFailed, Evidence
from symderive.errors import SymderiveError
from symderive.systems.activations import Activation
from symderive.verification.calling import CallError, raw
from symderive.verification.layout import Layout
from symderive.verification.measured import Found
from symderive.verification.network import IDENTITY, SOFTMAX, Array, Network
from symderive.verification.quantities import Case, Quantities
from symderive.verification.reading import UnreadableError, read

BUDGET = 100_000
MOST_MOVED = 400
EXACT_BUDGET = 300
EXACT_POINTS = 2
RANGE = 10**6
HOLDS = 1e-6


def reference_network(network: Network, q: Quantities, reduction: str) -> reference.Network | None:
    """The reference network with the same cost as the system at this case; None if it has none."""
    names, at_zero = list(network.names), 0.0
    costs: tuple[str, ...]
    for f in network.activations:
        if isinstance(f, Activation) and f.name == "relu" and f.at_zero is not None:
            at_zero = float(f.at_zero)
    costs = ("squared_error", "softmax_cross_entropy", "binary_cross_entropy")
    if names[-1] == SOFTMAX:
        if not network.classes:
            return None
        names[-1], costs = IDENTITY, ("softmax_cross_entropy",)  # the same function of the weighted inputs
    known = q.cost - q.decay / 2 * sum(float((w**2).sum()) for w in q.case.weights)
    for cost in costs:
        if (cost == "squared_error") == network.classes:
            continue
        for factor in (0.5, 1.0, 0.25, 2.0, 1 / network.widths[-1]) if cost == "squared_error" else (0.5,):
            found = reference.Network(
                network.widths, names, cost, reduction=reduction, factor=factor, relu_at_zero=at_zero
            )
            value = reference.cost(found, q.case.weights, q.case.biases, q.case.x, q.case.y)
            if abs(value - known) <= 1e-9 * max(1.0, abs(known)):
                return found
    return None


def forward_evidence(network: Network, q: Quantities, reduction: str) -> list[Evidence]:
    """The derived gradient against forward passes of the NumPy reference, which know no derivation.

    Raises CheckFailed where they disagree: the derivation is at fault, and may not judge.
    """
    parameters = sum(v.size for v in (*q.case.weights, *q.case.biases))
    if parameters * q.case.samples > BUDGET:
        return []
    net = reference_network(network, q, reduction)
    if net is None:
        return []
    with np.errstate(all="ignore"):
        truth = reference.gradient_forward_truth(net, q.case.weights, q.case.biases, q.case.x, q.case.y)
    error = 0.0
    for g, w, v in zip(truth.gradient.weights, q.weights, q.case.weights, strict=True):
        error = max(error, relative_error(w - q.decay * v, g))
    for g, b in zip(truth.gradient.biases, q.biases, strict=True):
        error = max(error, relative_error(b, g))
    if not error <= HOLDS:
        raise CheckFailed(
            f"the derived gradient: relative error {error:.2g} against the {truth.method} of the reference"
        )
    left = f", {truth.skipped} entries at kinks left out" if truth.skipped else ""
    text = f"the derived gradient itself, by the {truth.method} of the NumPy reference{left}"
    return [Evidence("numeric", text, error=error)]


# ------------------------------------------------------------------------------------- the user's own cost


def own_cost(cost: Callable[..., Any], layout: Layout, q: Quantities, found: Found) -> Evidence:
    """The user's gradient against differences of the user's own cost(parameters, x, y)."""
    case = q.case
    try:
        value = _number(raw(cost, layout.arguments(case)))
        moved = _differences(cost, layout, case)
    except (CallError, SymderiveError) as e:
        return Evidence("unknown", f"your own cost: {e}")
    gap, estimate, scale = 0.0, 0.0, max((abs(d) for _, d, _ in moved), default=1.0) or 1.0
    for (kind, l, at), difference, error in moved:
        v = found[kind, l]
        if v is None or len(at) != v.ndim or any(i >= n for i, n in zip(at, v.shape, strict=True)):
            return Evidence("refuted", "your own cost: the gradient has another shape than the parameters")
        gap = max(gap, abs(float(v[at]) - difference) / scale)
        estimate = max(estimate, error / scale)
    same = abs(value - q.cost) <= 1e-6 * max(1.0, abs(q.cost))
    said = "it is the network's" if same else f"it is {value:.6g}, the network's is {q.cost:.6g}"
    method = f"central differences of your own cost ({said}), {len(moved)} parameters moved"
    if gap <= max(1e-6, 20 * estimate):
        return Evidence("numeric", f"{method}, error estimate {estimate:.1g}", error=gap)
    return Evidence("refuted", f"{method}: your gradient is not that of your cost", error=gap)


def _number(value: Any) -> float:
    try:
        array = np.asarray(value.detach() if hasattr(value, "detach") else value, dtype=float)
    except (TypeError, ValueError):
        raise SymderiveError(f"expected one number, found a {type(value).__name__}") from None
    if array.size != 1:
        raise SymderiveError(f"expected one number, found shape {array.shape}")
    return float(array.reshape(()))


def _differences(
    cost: Callable[..., Any], layout: Layout, case: Case
) -> list[tuple[tuple[str, int, tuple[int, ...]], float, float]]:
    """(parameter, derivative, error): (4 D(h/2) - D(h))/3, its error |D(h/2) - D(h)|/3 and rounding."""
    entries = [
        (kind, l, at)
        for l in range(1, len(case.weights) + 1)
        for kind, v in (("W", case.weights[l - 1]), ("b", case.biases[l - 1]))
        for at in np.ndindex(*v.shape)
    ]
    chosen = np.random.default_rng(0).permutation(len(entries))[:MOST_MOVED]
    found = []
    for kind, l, at in (entries[i] for i in sorted(chosen)):

        def value(step: float, kind: str = kind, l: int = l, at: tuple[int, ...] = at) -> float:
            W, b = [w.copy() for w in case.weights], [v.copy() for v in case.biases]
            (W if kind == "W" else b)[l - 1][at] += step
            return _number(raw(cost, layout.arguments(Case(tuple(W), tuple(b), case.x, case.y))))

        h = 2.0**-10
        up, down, half_up, half_down = value(h), value(-h), value(h / 2), value(-h / 2)
        wide, narrow = (up - down) / (2 * h), (half_up - half_down) / h
        rounding = 2.0**-50 * (abs(up) + abs(down)) / h
        found.append(((kind, l, at), (4 * narrow - wide) / 3, abs(narrow - wide) / 3 + rounding))
    return found


# ---------------------------------------------------------------------------------------- exact fractions


def exact_evidence(
    fn: Callable[..., Any],
    layout: Layout,
    network: Network,
    q: Quantities,
    reduction: str,
    decay: float,
    seed: int,
) -> Evidence | None:
    """fn at random integers, as fractions, against exact slopes of the forward pass; None where it cannot be.

    It can where the network is made of relu and identity with the squared error, and fn keeps fractions.
    """
    parameters = sum(v.size for v in (*q.case.weights, *q.case.biases))
    if not set(network.names) <= {"relu", IDENTITY} or network.classes or parameters > EXACT_BUDGET or decay:
        return None
    net = reference_network(network, q, reduction)
    if net is None:
        return None
    rng = np.random.default_rng([seed, 3])
    points = 0
    for _ in range(EXACT_POINTS):
        case = _integers(network, min(q.case.samples, 3) if not layout.single else 1, rng)
        try:
            exact = reference_exact.Network(
                network.widths, list(network.names), Fraction(net.factor), reduction
            )
            theta = reference_exact.Parameters.of(
                [w.tolist() for w in case.weights], [b.tolist() for b in case.biases]
            )
            truth = reference_exact.gradient_truth(exact, theta, case.x.tolist(), case.y.tolist())
        except SymderiveError:
            return None
        try:
            returned = read(raw(fn, layout.arguments(case)), layout, network.widths, exact=True)
        except (CallError, UnreadableError):
            return None
        expected = {
            **{("W", l): v for l, v in enumerate(truth.weights, 1)},
            **{("b", l): v for l, v in enumerate(truth.biases, 1)},
        }
        for kind, l, v in returned.each():
            if v is None or v.dtype != object:
                return None
            t = np.array(expected[kind, l], dtype=object)
            if v.shape != t.shape:
                return None
            for at in np.ndindex(*t.shape):
                if v[at] != t[at]:
                    return Evidence("refuted", f"d{kind}{l}{list(at)}: expected {t[at]}, found {v[at]}")
        points += 1
    degree = 2 * network.depth + 1
    text = (
        "in exact fractions at random integers, against slopes of the forward pass; the probability is "
        f"that of a wrong gradient that is a polynomial of degree at most {degree} on these sides of kinks"
    )
    return Evidence("exact", text, error=(degree / (2 * RANGE)) ** points, points=points, seed=seed)


def _integers(network: Network, samples: int, rng: np.random.Generator) -> Case:
    def draw(*shape: int) -> Array:
        numbers = rng.integers(-RANGE, RANGE, size=shape)
        return np.array([Fraction(int(v)) for v in numbers.ravel()], dtype=object).reshape(shape)

    n = network.widths
    W = tuple(draw(b, a) for a, b in itertools.pairwise(n))
    return Case(W, tuple(draw(m) for m in n[1:]), draw(samples, n[0]), draw(samples, n[-1]))
