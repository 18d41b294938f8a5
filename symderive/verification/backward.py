r"""A backward pass in pieces, each of which may be replaced: what a faulty function computes is predicted so.

    delta^L = given        delta^l = sigma'(z^l) * (delta^{l+1} W^{l+1})
    dW^l = scale * (delta^l)^T a^{l-1} + decay W^l        db^l = scale * sum of the rows of delta^l

With the pieces as they are this is the derived gradient; the tests, and each judgement, hold it to that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from symderive.verification.network import Array
from symderive.verification.quantities import Quantities

# (data part, regularisation part) of the gradient of one parameter
Part = tuple[Array, Array]
Change = Callable[["Pieces"], "Pieces"]
Key = tuple[str, int]


def propagate(delta: Array, W: Array) -> Array:
    """sum_k delta_k W_{kj}, for each sample."""
    return np.asarray(delta @ W)


def outer(delta: Array, a: Array) -> Array:
    """sum over the samples of delta_j a_k."""
    return np.asarray(delta.T @ a)


def over_samples(delta: Array) -> Array:
    """sum over the samples of delta_j."""
    return np.asarray(delta.sum(axis=0))


def same(v: Array) -> Array:
    """v"""
    return v


@dataclass(frozen=True)
class Pieces:
    """The pieces of a backward pass, by layer l; `source` is the layer whose delta is taken."""

    output: Array
    slopes: Mapping[int, Array]
    through: Mapping[int, Array]
    source: Mapping[int, int]
    propagate: Mapping[int, Callable[[Array, Array], Array]]
    weight_source: Mapping[int, int]
    bias_source: Mapping[int, int]
    inputs: Mapping[int, Array]
    outer: Mapping[int, Callable[[Array, Array], Array]]
    summed: Mapping[int, Callable[[Array], Array]]
    scale: float
    decay: Mapping[Key, Array]
    finish: Mapping[Key, Callable[[Array], Array]]
    parameters: Mapping[Key, Array] = field(default_factory=dict)
    output_gradient: Array | None = None  # dC/da^L
    before_slope: Mapping[int, bool] = field(default_factory=dict)  # dC/da is taken for the source's delta
    limits: Mapping[Key, float] = field(default_factory=dict)  # at which a gradient is clipped, as a whole

    def put(self, name: str, at: Any, value: Any) -> Pieces:
        """With one entry of a piece replaced."""
        changed: dict[str, Any] = {name: {**getattr(self, name), at: value}}
        return replace(self, **changed)


def pieces(q: Quantities) -> Pieces:
    """The pieces of the right backward pass."""
    layers = range(1, q.depth + 1)
    below = range(1, q.depth)
    slopes = {l: s for l, s in enumerate(q.slopes) if s is not None and l in below}
    nothing = {("b", l): np.zeros_like(b) for l, b in enumerate(q.case.biases, 1)}
    return Pieces(
        output=q.delta[q.depth],
        slopes=slopes,
        through={l: q.case.weights[l] for l in below},
        source={l: l + 1 for l in below},
        propagate=dict.fromkeys(below, propagate),
        weight_source={l: l for l in layers},
        bias_source={l: l for l in layers},
        inputs={l: q.a[l - 1] for l in layers},
        outer=dict.fromkeys(layers, outer),
        summed=dict.fromkeys(layers, over_samples),
        scale=q.scale,
        decay={**{("W", l): q.decay * w for l, w in enumerate(q.case.weights, 1)}, **nothing},
        finish={(k, l): same for l in layers for k in "Wb"},
        output_gradient=q.output_gradient,
        parameters={
            **{("W", l): w for l, w in enumerate(q.case.weights, 1)},
            **{("b", l): b for l, b in enumerate(q.case.biases, 1)},
        },
    )


def run(p: Pieces) -> dict[Key, Part]:
    """The gradients that these pieces make: by parameter the part of the data and that of the regularisation.

    Raises ValueError where pieces do not fit each other.
    """
    deltas: dict[int, Array] = {}
    found: dict[Key, Part] = {}
    for l in range(max(p.outer), 0, -1):
        deltas[l] = delta_at(p, deltas, l)
    for l in range(1, max(p.outer) + 1):
        found |= gradients_at(p, deltas, l)
    return found


def delta_at(p: Pieces, deltas: Mapping[int, Array], l: int) -> Array:
    """delta^l, from those above. Raises ValueError where pieces do not fit each other."""
    if l == max(p.outer):
        return p.output
    delta = p.slopes[l] * upstream(p, deltas, l)
    if delta.shape != p.slopes[l].shape:
        raise ValueError("slopes and deltas of different shapes")
    return np.asarray(delta)


def upstream(p: Pieces, deltas: Mapping[int, Array], l: int) -> Array:
    """dC/da^l as the code has it: what the slope of layer l multiplies."""
    if l == max(p.outer):
        if p.output_gradient is None:
            raise ValueError("no gradient at the output")
        return p.output_gradient
    m = p.source[l]
    return p.propagate[l](upstream(p, deltas, m) if p.before_slope.get(l) else deltas[m], p.through[l])


def gradients_at(p: Pieces, deltas: Mapping[int, Array], l: int) -> dict[Key, Part]:
    """The gradients of layer l, from the deltas."""
    made: dict[Key, Part] = {}
    for key, value in (
        (("W", l), p.outer[l](deltas[p.weight_source[l]], p.inputs[l])),
        (("b", l), p.summed[l](deltas[p.bias_source[l]])),
    ):
        finish, decay = p.finish[key], p.decay[key]
        data = finish(p.scale * value)
        made[key] = data, finish(decay) if value.shape == decay.shape else np.zeros_like(data)
        if limit := p.limits.get(key):
            made[key] = np.clip(sum(made[key]), -limit, limit), np.zeros_like(data)
    return made


def total(parts: Mapping[Key, Part]) -> dict[Key, Array]:
    """Both parts together."""
    return {k: data + decay for k, (data, decay) in parts.items()}
