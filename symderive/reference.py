"""The hand-written NumPy network: Z^l = A^{l-1} (W^l)^T + b^l and A^l = sigma_l(Z^l); rows are samples.

This is the oracle that the symbolic engine is tested against, so it shares nothing with the engine: it
imports NumPy, the standard library, the error class and its own parts: reference_functions.py,
reference_data.py, reference_arrays.py. It has a backward pass in matrix form, but the truth about a gradient
comes from forward passes alone: the complex step Im C(theta + ih)/h where every function is analytic, central
differences elsewhere.

Layout: weights[l-1] is W^l (n_l, n_{l-1}), biases[l-1] is b^l (n_l,); x is (N, n_0), or (n_0,) for one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat, zip_longest
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from symderive.errors import SymderiveError
from symderive.reference_arrays import Array, Arrays, Elementwise, OfRows, as_numbers
from symderive.reference_data import load_data
from symderive.reference_functions import (
    ACTIVATIONS,
    COSTS,
    Activation,
    Cost,
    activation,
    cost_function,
    erf,
)

# Users import all of it from here, whichever part it is defined in.
__all__ = [
    "ACTIVATIONS",
    "COSTS",
    "Activation",
    "Array",
    "Arrays",
    "Cost",
    "Elementwise",
    "Gradient",
    "Network",
    "OfRows",
    "Truth",
    "activation",
    "backward",
    "cost",
    "cost_function",
    "delta_truth",
    "erf",
    "forward",
    "gradient_central",
    "gradient_complex_step",
    "gradient_forward_truth",
    "load_data",
    "random_data",
    "random_parameters",
    "train",
    "train_steps",
]

# ---------------------------------------------------------------- the network, forwards and backwards


@dataclass(frozen=True)
class Network:
    """Widths (n_0, ..., n_L); one activation or a list of L; a cost, as sum or mean over the samples.

    `output` sets the last layer's activation apart (a list then has L-1). `activations` and `output` take
    what `activation` takes, `cost` what `cost_function` takes. Errors: unknown names, a list of wrong length.

    >>> [s.name for s in Network((4, 5, 3), "tanh", "softmax_cross_entropy", output="identity").layers]
    ['tanh', 'identity']
    """

    widths: Sequence[int]
    activations: Any = "tanh"
    cost: Any = "squared_error"
    output: Any = None
    reduction: str = "sum"
    factor: float = 0.5
    relu_at_zero: float = 0.0
    slope: float = 0.01

    def __post_init__(self) -> None:
        object.__setattr__(self, "widths", tuple(self.widths))
        if isinstance(self.activations, list):
            object.__setattr__(self, "activations", tuple(self.activations))
        good = all(isinstance(n, int | np.integer) and n >= 1 for n in self.widths)
        if len(self.widths) < 2 or not good:
            raise SymderiveError(f"expected at least two positive integer widths, found {self.widths}")
        if self.reduction not in ("sum", "mean"):
            raise SymderiveError(f"expected the reduction sum or mean, found {self.reduction!r}")
        _ = self.layers, self.loss

    @cached_property
    def layers(self) -> tuple[Activation, ...]:
        """sigma_1, ..., sigma_L."""
        depth, given = len(self.widths) - 1, self.activations
        is_list = isinstance(given, tuple) and not all(callable(item) for item in given)
        own = depth - (self.output is not None)
        chosen = list(given) if is_list else [given] * own
        if len(chosen) != own:
            before = " before the output" if self.output is not None else ""
            raise SymderiveError(f"expected {own} activations{before}, one per layer, found {len(chosen)}")
        chosen += [self.output] * (depth - own)
        return tuple(activation(item, self.slope, self.relu_at_zero) for item in chosen)

    @cached_property
    def loss(self) -> Cost:
        """The cost of one sample."""
        return cost_function(self.cost, self.factor)

    @property
    def analytic(self) -> bool:
        """Whether the complex step applies: every activation and the cost are analytic."""
        return self.loss.analytic and all(layer.analytic for layer in self.layers)


def _apply(f: Elementwise, z: Array) -> Array:
    value = np.asarray(f(z))
    if value.shape != z.shape:
        raise SymderiveError(f"expected an elementwise activation: shape {z.shape}, found {value.shape}")
    return value


def _sample_costs(network: Network, a: Array, y: Array) -> Array:
    """C of each sample: a is (..., N, n), y is (N, n), the result (..., N). A user's cost sees rows only."""
    rows = a.reshape(-1, a.shape[-1])
    value = np.asarray(network.loss.value(rows, np.broadcast_to(y, a.shape).reshape(rows.shape)))
    if value.shape != rows.shape[:1]:
        raise SymderiveError(
            f"expected one cost per row: shape {rows.shape[:1]} for outputs {rows.shape}, found {value.shape}"
        )
    return value.reshape(a.shape[:-1])


def _shaped(name: str, value: ArrayLike, shape: tuple[int, ...]) -> Array:
    array = as_numbers(name, value)
    if array.shape != shape:
        raise SymderiveError(f"expected {name} of shape {shape}, found {array.shape}")
    return array


@dataclass(frozen=True)
class _Pass:
    """One forward pass of a batch: z[l] and a[l] for l = 0, ..., L, where z[0] = a[0] = x."""

    network: Network
    weights: list[Array]
    biases: list[Array]
    z: list[Array]
    a: list[Array]
    y: Array
    scale: float


def _run(network: Network, weights: Arrays, biases: Arrays, x: ArrayLike, y: ArrayLike | None) -> _Pass:
    n, depth = network.widths, len(network.layers)
    for name, given in (("weights", weights), ("biases", biases)):
        if len(given) != depth:
            raise SymderiveError(f"expected {depth} {name}, one per layer, found {len(given)}")
    W = [_shaped(f"W^{m + 1}", w, (n[m + 1], n[m])) for m, w in enumerate(weights)]
    b = [_shaped(f"b^{m + 1}", v, (n[m + 1],)) for m, v in enumerate(biases)]
    x = as_numbers("x", x)
    if x.ndim not in (1, 2) or x.shape[-1] != n[0] or x.size == 0:
        raise SymderiveError(f"expected x of shape ({n[0]},) or (samples, {n[0]}), found {x.shape}")
    shape = (*x.shape[:-1], n[-1])
    y = np.zeros(shape) if y is None else _shaped("y", y, shape)
    z, a = [np.atleast_2d(x)], [np.atleast_2d(x)]
    for m in range(depth):
        z.append(a[m] @ W[m].T + b[m])
        a.append(_apply(network.layers[m].value, z[m + 1]))
    scale = 1.0 / len(a[0]) if network.reduction == "mean" else 1.0
    return _Pass(network, W, b, z, a, np.atleast_2d(y), scale)


def _run_real(network: Network, weights: Arrays, biases: Arrays, x: ArrayLike, y: ArrayLike) -> _Pass:
    run = _run(network, weights, biases, x, y)
    if np.iscomplexobj(run.z[-1]) or np.iscomplexobj(run.y):
        raise SymderiveError("expected real parameters and data for a gradient, found complex ones")
    return run


def forward(
    network: Network, weights: Arrays, biases: Arrays, x: ArrayLike
) -> tuple[list[Array], list[Array]]:
    """([z^1, ..., z^L], [a^0 = x, a^1, ..., a^L]); each (N, n_l), or (n_l,) for one sample.

    Arguments may be complex. Errors: a wrong shape, with the name of the array.

    >>> z, a = forward(Network((1, 1, 1), "identity"), [[[2]], [[3]]], [[0], [0]], [1])
    >>> z[1].tolist(), len(a)
    ([6.0], 3)
    """
    run = _run(network, weights, biases, x, None)
    lead = np.shape(x)[:-1]
    return [v.reshape(*lead, -1) for v in run.z[1:]], [v.reshape(*lead, -1) for v in run.a]


def cost(network: Network, weights: Arrays, biases: Arrays, x: ArrayLike, y: ArrayLike) -> Any:
    """C summed or averaged over the samples: a float, or a complex number if an argument was complex.

    >>> cost(Network((1, 1, 1), "identity"), [[[2]], [[3]]], [[0], [0]], [1], [0])
    18.0
    """
    run = _run(network, weights, biases, x, y)
    return (run.scale * _sample_costs(network, run.a[-1], run.y).sum()).item()


@dataclass(frozen=True)
class Gradient:
    """delta^l = dC/dz^l, dC/dW^l, dC/db^l for l = 1, ..., L, and dC/dx, each shaped like what it belongs to.

    >>> Gradient((), (), (), np.zeros(2)).arrays()
    {'x': array([0., 0.])}
    """

    deltas: tuple[Array, ...]
    weights: tuple[Array, ...]
    biases: tuple[Array, ...]
    x: Array

    def arrays(self) -> dict[str, Array]:
        """Every array under its name: delta^1, ..., W^1, ..., b^1, ..., x."""
        lists = {"delta": self.deltas, "W": self.weights, "b": self.biases}
        named = {f"{name}^{m}": v for name, part in lists.items() for m, v in enumerate(part, start=1)}
        return {**named, "x": self.x}


def backward(network: Network, weights: Arrays, biases: Arrays, x: ArrayLike, y: ArrayLike) -> Gradient:
    """Backpropagation by hand, rows are samples, all real.

    delta^L = dC/da * sigma_L'(z^L), delta^l = (delta^{l+1} W^{l+1}) * sigma_l'(z^l),
    dW^l = (delta^l)^T a^{l-1}, db^l = sum of the rows of delta^l, dx = delta^1 W^1. The 1/N of a mean is in
    every delta. Errors: a wrong shape; a cost without gradient.

    >>> g = backward(Network((1, 1, 1), "identity"), [[[1]], [[3]]], [[0], [0]], [1], [0])
    >>> g.weights[0].item(), g.deltas[1].item()
    (9.0, 3.0)
    """
    run = _run_real(network, weights, biases, x, y)
    if network.loss.gradient is None:
        raise SymderiveError(f"expected a cost with a gradient, found {network.loss.name!r} without one")
    upstream = run.scale * np.asarray(network.loss.gradient(run.a[-1], run.y))
    deltas, dW, db = [], [], []
    for m in reversed(range(len(run.weights))):
        delta = upstream * _apply(network.layers[m].derivative, run.z[m + 1])
        deltas.append(delta)
        dW.append(delta.T @ run.a[m])
        db.append(delta.sum(axis=0))
        upstream = delta @ run.weights[m]
    lead = np.shape(x)[:-1]
    shaped = tuple(delta.reshape(*lead, -1) for delta in reversed(deltas))
    return Gradient(shaped, tuple(reversed(dW)), tuple(reversed(db)), upstream.reshape(np.shape(x)))


# ---------------------------------------------------------------- the truth, from forward passes alone

_TINY = 2.0**-100  # complex step: nothing is subtracted, so it may be as small as we like
_STEP = 2.0**-10  # central differences: about eps^(1/5), for an error of order h^4
_SHRINK = (1.0, 2.0**-5, 2.0**-10)  # an entry that crosses a kink is tried again with these


@dataclass(frozen=True)
class Truth:
    """A gradient from forward passes by `method`; `error` (estimates) and `crossed` (flags) have its shapes.

    An entry is crossed, and NaN, if its smallest perturbation still moves a preactivation over or off a kink.

    >>> truth = gradient_forward_truth(Network((1, 1), "relu"), [[[1]]], [[0]], [0], [1])
    >>> truth.skipped  # at z = 0: delta, b and x move z off the kink; W does not
    3
    """

    method: str
    gradient: Gradient
    error: Gradient
    crossed: Gradient

    @property
    def skipped(self) -> int:
        """How many entries are crossed."""
        return sum(int(v.sum()) for v in self.crossed.arrays().values())


def _probe(run: _Pass, layer: int, unit: Array, direction: Array, step: Any) -> tuple[Array, Array]:
    """Each sample's cost (P, N) when z^l_unit moves by step * direction, for P units; and who crossed a kink.

    W^l_jk + h moves z^l_j by h a^{l-1}_k, and b^l_j + h by h; what lies before stays and is not redone.
    """
    z = run.z[layer].T[unit] + step * direction
    sigma = run.network.layers[layer - 1] if layer else activation("identity")
    crossed = _crossed(sigma, z, run.z[layer].T[unit])
    a = np.repeat(run.a[layer][None].astype(z.dtype), len(unit), axis=0)
    a[np.arange(len(unit)), :, unit] = _apply(sigma.value, z)
    for m, sigma in enumerate(run.network.layers[layer:], start=layer):
        rows = a.reshape(-1, a.shape[-1]) @ run.weights[m].T + run.biases[m]
        z = rows.reshape(*a.shape[:-1], rows.shape[-1])
        crossed |= _crossed(sigma, z, run.z[m + 1]).any(axis=-1)
        a = _apply(sigma.value, z)
    return run.scale * _sample_costs(run.network, a, run.y), crossed


def _crossed(sigma: Activation, z: Array, base: Array) -> Array:
    flags = np.zeros(z.shape, dtype=bool)
    for kink in sigma.kinks:
        flags |= np.sign(z.real - kink) != np.sign(base - kink)
    return flags


def _complex_step(
    run: _Pass, layer: int, unit: Array, direction: Array, size: Array, total: bool
) -> list[Array]:
    """Im C(theta + ih)/h; the error is nominal: 64 roundings of the largest entry."""
    value = _probe(run, layer, unit, direction, 1j * _TINY)[0].imag / _TINY
    value = value.sum(axis=1, keepdims=True) if total else value
    return [value, np.full(value.shape, 2.0**-46 * np.abs(value).max()), np.zeros(value.shape, dtype=bool)]


def _central(run: _Pass, layer: int, unit: Array, direction: Array, size: Array, total: bool) -> list[Array]:
    """(4 D(h/2) - D(h))/3; the error is estimated by that of D(h/2), |D(h/2) - D(h)|/3, plus rounding."""
    shape = (len(unit), 1 if total else direction.shape[1])
    value, error, crossed = np.full(shape, np.nan), np.full(shape, np.nan), np.ones(shape, dtype=bool)
    for shrink in _SHRINK:
        p = np.flatnonzero(crossed.any(axis=1))
        if not p.size:
            break
        h = shrink * _STEP * np.broadcast_to(size[p], direction[p].shape)
        tried = [_probe(run, layer, unit[p], direction[p], s * h) for s in (1.0, -1.0, 0.5, -0.5)]
        (up, down, half_up, half_down), flags = zip(*tried, strict=True)
        rounding = 2.0**-50 * (np.abs(up) + np.abs(down)) / h
        parts = [(up - down) / (2.0 * h), (half_up - half_down) / h, rounding]
        bad = np.any(flags, axis=0)
        if total:
            parts, bad = [v.sum(axis=1, keepdims=True) for v in parts], bad.any(axis=1, keepdims=True)
        wide, narrow, rounding = parts
        good = crossed[p] & ~bad
        value[p] = np.where(good, (4.0 * narrow - wide) / 3.0, value[p])
        error[p] = np.where(good, np.abs(narrow - wide) / 3.0 + rounding, error[p])
        crossed[p] &= bad
    return [value, error, crossed]


def _truth(run: _Pass, shape: tuple[int, ...], method: str, deltas_only: bool = False) -> Truth:
    measure = {"complex step": _complex_step, "central differences": _central}[method]
    chunk = max(1, 2**18 // (len(run.y) * max(run.network.widths)))  # bounds the memory
    ones = np.ones((1, len(run.y)))

    def measured(layer: int, unit: Array, source: Array, k: Array, at: Array, total: bool) -> list[Array]:
        """The derivative along source[k] at z^l_unit, by steps in proportion to max(1, |at|)."""
        size = np.maximum(1.0, np.abs(at)) / np.maximum(1.0, np.abs(source).max(axis=1))[k][:, None]
        cuts = [slice(start, start + chunk) for start in range(0, len(unit), chunk)]
        found = [measure(run, layer, unit[c], source[k[c]], size[c], total) for c in cuts]
        return [np.concatenate(part) for part in zip(*found, strict=True)]

    def single(layer: int, at: Array, total: bool) -> list[Array]:
        """z^l_j of every sample is moved at once: the samples do not meet before their costs are added."""
        found = measured(layer, np.arange(len(at)), ones, np.zeros(len(at), dtype=int), at, total)
        return [v[:, 0] if total else v.T.reshape(*shape[:-1], -1) for v in found]

    def weight(layer: int, w: Array) -> list[Array]:
        unit, k = np.indices(w.shape).reshape(2, -1)
        found = measured(layer, unit, run.a[layer - 1].T, k, w.reshape(-1, 1), True)
        return [v.reshape(w.shape) for v in found]

    layers = range(1, len(run.z))
    deltas = [single(m, run.z[m].T, False) for m in layers]
    weights = [] if deltas_only else [weight(m, run.weights[m - 1]) for m in layers]
    biases = [] if deltas_only else [single(m, run.biases[m - 1][:, None], True) for m in layers]
    x = [np.empty(0)] * 3 if deltas_only else single(0, run.z[0].T, False)
    value, error, crossed = (
        Gradient(tuple(v[i] for v in deltas), tuple(v[i] for v in weights), tuple(v[i] for v in biases), x[i])
        for i in range(3)
    )
    return Truth(method, value, error, crossed)


def gradient_complex_step(
    network: Network, weights: Arrays, biases: Arrays, x: ArrayLike, y: ArrayLike
) -> Gradient:
    """Im C(theta + ih)/h, h = 2^-100, for every entry: exact to rounding. Errors: something is not analytic.

    >>> gradient_complex_step(Network((1, 1), "identity"), [[[3]]], [[0]], [1], [0]).weights[0].item()
    3.0
    """
    run = _run_real(network, weights, biases, x, y)
    if not network.analytic:
        named = [f"{s.name} in layer {m}" for m, s in enumerate(network.layers, start=1) if not s.analytic]
        found = ", ".join(named) or f"the cost {network.loss.name}"
        raise SymderiveError(f"expected analytic functions for the complex step, found {found}")
    return _truth(run, np.shape(x), "complex step").gradient


def gradient_central(network: Network, weights: Arrays, biases: Arrays, x: ArrayLike, y: ArrayLike) -> Truth:
    """Central differences with two step sizes, extrapolated, an error estimate per entry, and kinks flagged.

    >>> truth = gradient_central(Network((1, 1), "identity"), [[[3]]], [[0]], [1], [0])
    >>> abs(truth.gradient.weights[0].item() - 3) <= truth.error.weights[0].item()
    True
    """
    return _truth(_run_real(network, weights, biases, x, y), np.shape(x), "central differences")


def gradient_forward_truth(
    network: Network, weights: Arrays, biases: Arrays, x: ArrayLike, y: ArrayLike
) -> Truth:
    """The complex step if the network is analytic, else central differences; `.method` says which.

    >>> gradient_forward_truth(Network((1, 1), "tanh"), [[[3]]], [[0]], [1], [0]).method
    'complex step'
    """
    method = "complex step" if network.analytic else "central differences"
    return _truth(_run_real(network, weights, biases, x, y), np.shape(x), method)


def delta_truth(network: Network, weights: Arrays, biases: Arrays, x: ArrayLike, y: ArrayLike) -> list[Array]:
    """[delta^1, ..., delta^L], dC/dz^l_j of every sample by moving z^l_j; NaN where a kink is crossed.

    >>> [d.item() for d in delta_truth(Network((1, 1, 1), "identity"), [[[1]], [[3]]], [[0], [0]], [1], [0])]
    [9.0, 3.0]
    """
    method = "complex step" if network.analytic else "central differences"
    run = _run_real(network, weights, biases, x, y)
    return list(_truth(run, np.shape(x), method, deltas_only=True).gradient.deltas)


# ---------------------------------------------------------------- random parameters and data, training


def random_parameters(network: Network, seed: int) -> tuple[list[Array], list[Array]]:
    """(weights, biases): normal, W^l of standard deviation 1/sqrt(n_{l-1}), b^l of 1/2.

    >>> [w.shape for w in random_parameters(Network((4, 3, 2)), 0)[0]]
    [(3, 4), (2, 3)]
    """
    rng, n = np.random.default_rng(seed), network.widths
    pairs = list(zip(n[1:], n[:-1], strict=True))
    weights = [rng.normal(size=(out, into)) / math.sqrt(into) for out, into in pairs]
    return weights, [0.5 * rng.normal(size=out) for out in n[1:]]


def random_data(network: Network, samples: int, seed: int) -> tuple[Array, Array]:
    """Normal x (N, n_0), and y (N, n_L): probability rows, numbers in (0, 1), or normal, to suit the cost.

    >>> x, y = random_data(Network((4, 3), "identity", "softmax_cross_entropy"), 2, 0)
    >>> x.shape, y.sum(axis=1).round(12).tolist()
    ((2, 4), [1.0, 1.0])
    """
    rng, n = np.random.default_rng(seed), network.widths
    x, y = rng.normal(size=(samples, n[0])), rng.normal(size=(samples, n[-1]))
    if network.loss.name == "softmax_cross_entropy":
        y = np.exp(y) / np.exp(y).sum(axis=1, keepdims=True)
    return x, activation("sigmoid").value(y) if network.loss.name == "binary_cross_entropy" else y


def train(
    network: Network, weights: Arrays, biases: Arrays, x: ArrayLike, y: ArrayLike, rate: float, steps: int
) -> tuple[list[Array], list[Array], list[float]]:
    """theta <- theta - rate dC/dtheta on the whole batch: (weights, biases, the steps + 1 costs on the way).

    >>> train(Network((1, 1), "identity"), [[[3]]], [[0]], [1], [0], 0.25, 2)[2]
    [4.5, 1.125, 0.28125]
    """
    W, b = [as_numbers("W", w) for w in weights], [as_numbers("b", v) for v in biases]
    costs = [cost(network, W, b, x, y)]
    schedule = repeat((x, y), steps), repeat(rate, steps)
    for W, b in train_steps(network, weights, biases, *schedule):
        costs.append(cost(network, W, b, x, y))
    return W, b, costs


def train_steps(
    network: Network,
    weights: Arrays,
    biases: Arrays,
    batches: Iterable[tuple[ArrayLike, ArrayLike]],
    rates: Iterable[float],
) -> Iterator[tuple[list[Array], list[Array]]]:
    """theta_t = theta_{t-1} - rate_t dC(batch_t)/dtheta: yields (weights, biases) after t = 1, 2, ... steps.

    A batch is (x, y), of any number of samples; a mean is over its own samples. Both iterables are read one
    step at a time, so they may depend on what was yielded; what is yielded is a copy. Errors, with the
    step: wrong shapes, a cost without gradient, more batches than step sizes or fewer.

    >>> network, batches = Network((1, 1), "identity"), [([1], [0]), ([2], [0])]
    >>> [(W[0].item(), b[0].item()) for W, b in train_steps(network, [[[3]]], [[0]], batches, [0.5, 0.25])]
    [(1.5, -1.5), (0.75, -1.875)]
    """
    W, b = [as_numbers("W", w) for w in weights], [as_numbers("b", v) for v in biases]
    for step, (batch, rate) in enumerate(zip_longest(batches, rates), start=1):
        if batch is None or rate is None:
            lacking = "batch" if batch is None else "step size"
            raise SymderiveError(f"expected one step size per batch, found no {lacking} for step {step}")
        try:
            gradient = backward(network, W, b, *batch)
        except SymderiveError as error:
            raise SymderiveError(f"{error}, in step {step}") from None
        W = [w - rate * g for w, g in zip(W, gradient.weights, strict=True)]
        b = [v - rate * g for v, g in zip(b, gradient.biases, strict=True)]
        yield [w.copy() for w in W], [v.copy() for v in b]
