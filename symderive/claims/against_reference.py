"""Equations of a fully connected network, evaluated on arrays, against the hand-written NumPy network.

The truth is the derivative of the reference's own forward pass: complex step where it is analytic, central
differences with an error estimate elsewhere. Nothing of the engine takes part in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from symderive import reference
from symderive.calculus.atoms import size
from symderive.claims.evidence import CheckFailed, Evidence
from symderive.errors import SymderiveError
from symderive.evaluation.functions import NumericFunctional
from symderive.evaluation.numeric import Evaluation, evaluate
from symderive.systems.system import Definition, System

Array = NDArray[Any]

# samples times parameters; a complex step of them all takes about two seconds
BUDGET = 400_000
MIN_SAMPLES = 20

ANALYTIC_TOLERANCE = 1e-9
CENTRAL_TOLERANCE = 1e-6

# what stands in for an arbitrary activation and an arbitrary cost, so that a symbolic network has numbers
STAND_IN = {
    "sigma": (np.tanh, lambda z: 1 - np.tanh(z) ** 2, lambda z: -2 * np.tanh(z) * (1 - np.tanh(z) ** 2)),
}


def _half_square(a: Array, y: Array) -> Any:
    return ((a - y) ** 2).sum() / 2


@dataclass(frozen=True)
class Comparison:
    """Largest relative errors by tensor and layer, and how the truth was found."""

    errors: Mapping[tuple[str, int], float]
    method: str
    samples: int
    skipped: int
    seed: int | None
    rows: int | None = None

    @property
    def tolerance(self) -> float:
        """What the method can be held to."""
        return ANALYTIC_TOLERANCE if self.method == "complex step" else CENTRAL_TOLERANCE

    @property
    def worst(self) -> float:
        """The largest relative error of all."""
        return max(self.errors.values(), default=0.0)

    def evidence(self, name: str, layer: int | None = None) -> Evidence:
        """The evidence for one tensor, at one layer or at all."""
        found = [e for (n, m), e in self.errors.items() if n == name and layer in (None, m)]
        chosen = "" if self.rows is None else f" of {self.rows}"
        plural = "s" if self.samples != 1 else ""
        text = f"{self.method} of the NumPy reference, {self.samples}{chosen} sample{plural}"
        if self.skipped:
            text += f", {self.skipped} entries next to a kink left out"
        if name == "C":
            text = f"forward pass of the NumPy reference, {self.samples}{chosen} sample{plural}"
        return Evidence("numeric", text, error=max(found), seed=self.seed)

    def require(self) -> None:
        """CheckFailed where an error is larger than the method allows."""
        for (name, layer), error in self.errors.items():
            if not error <= self.tolerance:
                raise CheckFailed(
                    f"{name} of layer {layer}: relative error {error:.2g} against the {self.method} of the "
                    f"reference, expected at most {self.tolerance:g}"
                )


def relative_error(found: Array, truth: Array) -> float:
    """max |found - truth| / max |truth|, where the truth is known; inf where the shapes differ.

    >>> relative_error(np.array([1.0, 2.0]), np.array([1.0, 4.0]))
    0.5
    """
    if np.shape(found) != np.shape(truth):
        return float("inf")
    known = ~np.isnan(truth)
    if not np.any(known):
        return 0.0
    scale = float(np.max(np.abs(truth[known]))) or 1.0
    return float(np.max(np.abs(np.asarray(found)[known] - truth[known]))) / scale


@dataclass(frozen=True)
class Data:
    """Parameters and samples for a comparison."""

    weights: Sequence[Array]
    biases: Sequence[Array]
    x: Array
    y: Array
    seed: int | None = None
    rows: int | None = None
    """How many samples there were before some were chosen."""

    @classmethod
    def random(cls, network: reference.Network, samples: int, seed: int) -> Data:
        """Normal parameters and samples from a seed."""
        weights, biases = reference.random_parameters(network, seed)
        x, y = reference.random_data(network, samples, seed + 1)
        return cls(weights, biases, x, y, seed)

    def affordable(self) -> Data:
        """As many samples, chosen by the seed, as take seconds: the truth moves each parameter alone."""
        parameters = sum(v.size for v in (*self.weights, *self.biases))
        most = max(MIN_SAMPLES, BUDGET // parameters)
        if len(self.x) <= most:
            return self
        chosen = np.sort(np.random.default_rng(self.seed).choice(len(self.x), most, replace=False))
        return replace(self, x=self.x[chosen], y=self.y[chosen], rows=len(self.x))


def evaluation(
    definitions: Sequence[Definition], system: System, network: reference.Network, data: Data
) -> Evaluation:
    """The definitions on the data's arrays."""
    depth = len(network.widths) - 1
    batch = system.tensor("x").rank == 2
    arrays: dict[str, Any] = {
        "w": {m + 1: w for m, w in enumerate(data.weights)},
        "b": {m + 1: b for m, b in enumerate(data.biases)},
        "x": data.x if batch else data.x[0],
        "y": data.y if batch else data.y[0],
    }
    sizes: dict[Any, Any] = {size("L"): depth, "n": list(network.widths)}
    if batch:
        sizes[size("B")] = len(data.x)
    known = {f.name: list(fs) for f, fs in ((f, STAND_IN.get(f.name)) for f in system.functions()) if fs}
    functions: dict[Any, Any] = {
        name: dict.fromkeys(range(1, depth + 1), fs) if _per_layer(system, name) else fs
        for name, fs in known.items()
    }
    functions |= dict(system.activations)
    square = NumericFunctional(_half_square, {(0,): lambda a, y: a - y, (1,): lambda a, y: y - a})
    functionals = dict.fromkeys(system.functionals(), square)
    return evaluate(list(definitions), arrays, sizes, functions=functions, functionals=functionals)


def _per_layer(system: System, name: str) -> bool:
    return any(f.name == name and f.sup for f in system.functions())


def compare(
    definitions: Sequence[Definition], system: System, network: reference.Network, data: Data
) -> Comparison:
    """Deltas and gradients by the definitions, forward and backward, against the reference's truth.

    A network for one sample is compared on the first sample.
    """
    batch = system.tensor("x").rank == 2
    x, y = (data.x, data.y) if batch else (data.x[:1], data.y[:1])
    with np.errstate(all="ignore"):  # what overflows is refused below
        forward = reference.cost(network, data.weights, data.biases, x, y)
        if not np.isfinite(forward):
            raise SymderiveError(f"data: expected a finite cost, found {forward}: use smaller numbers")
        truth = reference.gradient_forward_truth(network, data.weights, data.biases, x, y)
        run = evaluation(definitions, system, network, data)
    errors: dict[tuple[str, int], float] = {}
    for m in range(1, len(network.widths)):
        g = truth.gradient
        for name, found in (("delta", g.deltas), ("grad_w", g.weights), ("grad_b", g.biases)):
            _require_known(f"{name} of layer {m}", found[m - 1])
        delta = g.deltas[m - 1] if batch else g.deltas[m - 1][0]
        errors["delta", m] = relative_error(run["delta", m], delta)
        errors["grad_w", m] = relative_error(run["grad_w", m], g.weights[m - 1])
        errors["grad_b", m] = relative_error(run["grad_b", m], g.biases[m - 1])
    errors["C", 0] = abs(float(run["C"]) - forward) / (abs(forward) or 1.0)
    return Comparison(errors, truth.method, len(x), truth.skipped, data.seed, data.rows)


def _require_known(what: str, truth: Array) -> None:
    """SymderiveError where there is nothing to compare with: no error of 0 may be read off nothing."""
    if np.any(np.isinf(truth)):
        raise SymderiveError(f"data: expected a finite gradient, found {what} infinite: use smaller numbers")
    if np.all(np.isnan(truth)):
        raise SymderiveError(
            f"data: expected an entry of {what} away from kinks, found none: take another seed or other data"
        )
