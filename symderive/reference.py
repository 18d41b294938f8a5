"""The hand-written NumPy network: Z^l = A^{l-1} (W^l)^T + b^l and A^l = sigma_l(Z^l); rows are samples.

This is the oracle that the symbolic engine is tested against, so it shares nothing with the engine: it
imports NumPy, the standard library and the error class. It has a backward pass in matrix form, but the truth
about a gradient comes from forward passes alone: the complex step Im C(theta + ih)/h where every function is
analytic, central differences elsewhere.

Layout: weights[l-1] is W^l (n_l, n_{l-1}), biases[l-1] is b^l (n_l,); x is (N, n_0), or (n_0,) for one.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from symderive.errors import SymderiveError

Array = NDArray[Any]
Elementwise = Callable[[Array], Array]
Arrays = Sequence[ArrayLike]
OfRows = Callable[[Array, Array], Array]

# ---------------------------------------------------------------- functions of real and of complex arguments

_TAYLOR = [(-1) ** n / (math.factorial(n) * (2 * n + 1)) for n in range(22)]


def _clipped(x: Array) -> Array:
    """x with -40 <= Re x <= 40: beyond, exp(-x^2/2) is 0 in double precision."""
    real = np.clip(x.real, -40.0, 40.0)
    return np.asarray(real + 1j * x.imag if np.iscomplexobj(x) else real)


def _gaussian(x: Array, c: float) -> Array:
    """exp(-c x^2) with all its digits: x^2 = r^2 + (x-r)(x+r), r^2 exact: r is a multiple of 1/16."""
    r = np.round(16.0 * x.real) / 16.0
    return np.exp(-c * r * r) * np.exp(-c * (x - r) * (x + r))


def _half_erf_or_tail(x: Array, c: float) -> tuple[Array, Array]:
    """For z = sqrt(c) x, |Im z| <= 1: erf(z)/2 where |Re z| < 1/2 (the mask), elsewhere erfc(+-z)/2.

    The tail is exp(-z^2) z/pi int_0^oo exp(-t^2)/(z^2 + t^2) dt by the trapezoidal rule of step 1/2, plus the
    residue at t = iz that the rule leaves out, with an error of exp(-4 pi^2).
    """
    x = _clipped(x)
    z = math.sqrt(c) * x
    middle = np.abs(z.real) < 0.5
    out = np.empty_like(z)
    near = z[middle]
    total = np.zeros_like(near)
    for coefficient in reversed(_TAYLOR):
        total = total * near * near + coefficient
    out[middle] = near * total / math.sqrt(math.pi)
    far = np.where(z.real < 0, -z, z)[~middle]
    square = far * far
    total = 0.5 / square
    for n in range(1, 14):
        total += math.exp(-n * n / 4.0) / (square + n * n / 4.0)
    pole = np.exp(-4.0 * math.pi * far)
    residue = np.where(far.real < 6.0, pole / (1.0 - pole), 0.0)
    out[~middle] = _gaussian(x[~middle], c) * far * total / (2.0 * math.pi) - residue
    return middle, out


def erf(z: ArrayLike) -> Array:
    """erf(z) = 2/sqrt(pi) int_0^z exp(-t^2) dt, elementwise; real, or complex with |Im z| <= 1.

    >>> abs(float(erf(0.3)) - math.erf(0.3)) < 1e-16
    True
    """
    z = _array("z", z)
    middle, v = _half_erf_or_tail(z, 1.0)
    return np.where(middle, 2.0 * v, np.where(z.real < 0, -1.0, 1.0) * (1.0 - 2.0 * v))


def _normal_cdf(x: Array) -> Array:
    middle, v = _half_erf_or_tail(np.asarray(x), 0.5)
    return np.where(middle, 0.5 + v, np.where(x.real < 0, v, 1.0 - v))


def _normal_density(x: Array) -> Array:
    return _gaussian(_clipped(x), 0.5) / math.sqrt(2.0 * math.pi)


def _sigmoid(z: Array) -> Array:
    positive = z.real >= 0
    small = np.exp(np.where(positive, -z, z))
    return np.where(positive, 1.0, small) / (1.0 + small)


def _softplus(z: Array) -> Array:
    """log(1 + e^z) = max(z, 0) + log(1 + e^{-|z|}); NumPy's complex log1p would lose the small real part."""
    positive = z.real >= 0
    small = np.exp(np.where(positive, -z, z))
    if np.iscomplexobj(z):
        modulus = 0.5 * np.log1p(small.real * (2.0 + small.real) + small.imag**2)
        logarithm = modulus + 1j * np.arctan2(small.imag, 1.0 + small.real)
    else:
        logarithm = np.log1p(small)
    return np.asarray(np.where(positive, z, 0.0) + logarithm)


def _tanh_derivative(z: Array) -> Array:
    """1 - tanh^2 = 4 e / (1 + e)^2 with e = e^{-2|z|}, which does not round to 0 for large z."""
    e = np.exp(-2.0 * np.minimum(np.abs(z), 400.0))
    return 4.0 * e / (1.0 + e) ** 2


def _silu_derivative(z: Array) -> Array:
    s = _sigmoid(z)
    return s * (1.0 + z * _sigmoid(-z))


@dataclass(frozen=True)
class Activation:
    """sigma and sigma', elementwise. `analytic`: sigma takes complex z too; `kinks`: where sigma' jumps.

    >>> Activation("square", lambda z: z * z, lambda z: 2 * z, analytic=True).analytic
    True
    """

    name: str
    value: Elementwise
    derivative: Elementwise
    analytic: bool = False
    kinks: tuple[float, ...] = ()


_ANALYTIC: dict[str, tuple[Elementwise, Elementwise]] = {
    #            sigma(z)                         sigma'(z)
    "identity": (lambda z: z,                     np.ones_like),
    "tanh":     (np.tanh,                         _tanh_derivative),
    "sigmoid":  (_sigmoid,                        lambda z: _sigmoid(z) * _sigmoid(-z)),
    "softplus": (_softplus,                       _sigmoid),
    "gelu":     (lambda z: z * _normal_cdf(z),    lambda z: _normal_cdf(z) + z * _normal_density(z)),
    "silu":     (lambda z: z * _sigmoid(z),       _silu_derivative),
}  # fmt: skip
ACTIVATIONS = (*_ANALYTIC, "relu", "leaky_relu")
COSTS = ("squared_error", "softmax_cross_entropy", "binary_cross_entropy")


def activation(
    name: str | Activation | tuple[Elementwise, Elementwise], slope: float = 0.01, at_zero: float = 0.0
) -> Activation:
    """The activation of that name, or made of a pair (value, derivative), which is not taken to be analytic.

    relu(z) = max(z, 0), leaky_relu(z) = s z + (1-s) relu(z). `at_zero` is what relu'(0) is taken to be.
    Errors: an unknown name.

    >>> activation("relu", at_zero=0.5).derivative(np.array([-1.0, 0.0, 2.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    if isinstance(name, Activation):
        return name
    if not isinstance(name, str):
        return Activation("custom", *name)
    if name in _ANALYTIC:
        return Activation(name, *_ANALYTIC[name], analytic=True)
    if name not in ACTIVATIONS:
        raise SymderiveError(f"expected an activation among {', '.join(ACTIVATIONS)}, found {name!r}")
    s = slope if name == "leaky_relu" else 0.0
    return Activation(
        name,
        lambda z: np.where(z.real > 0, z, s * z),
        lambda z: np.where(z == 0, s + (1.0 - s) * at_zero, np.where(z > 0, 1.0, s)),
        kinks=(0.0,),
    )


@dataclass(frozen=True)
class Cost:
    """C(a, y) of each row, from (N, n) and (N, n) to (N,); and dC/da, to (N, n), which only `backward` needs.

    >>> Cost("linear", lambda a, y: (a * y).sum(axis=1)).gradient is None
    True
    """

    name: str
    value: OfRows
    gradient: OfRows | None = None
    analytic: bool = False


def _cross_entropy(a: Array, y: Array) -> Array:
    a = a - a.real.max(axis=1, keepdims=True)
    return np.asarray((y * (np.log(np.exp(a).sum(axis=1, keepdims=True)) - a)).sum(axis=1))


def _cross_entropy_gradient(a: Array, y: Array) -> Array:
    """softmax(a)_j sum_k y_k - y_j, written so that nothing cancels: both sums over k != j."""
    e = np.exp(a - a.max(axis=1, keepdims=True))
    others = 1.0 - np.eye(a.shape[1])
    return np.asarray((e * (y @ others) - y * (e @ others)) / e.sum(axis=1, keepdims=True))


def cost_function(name: str | Cost | OfRows | tuple[OfRows, OfRows], factor: float = 0.5) -> Cost:
    """The cost of that name, or made of a callable (value), or of a pair (value, gradient).

    squared_error: factor sum_j (a_j - y_j)^2; softmax_cross_entropy: -sum_j y_j log softmax(a)_j;
    binary_cross_entropy: sum_j softplus(a_j) - y_j a_j. Errors: an unknown name.

    >>> cost_function("squared_error").value(np.array([[3.0, 1.0]]), np.array([[0.0, 1.0]])).tolist()
    [4.5]
    """
    if isinstance(name, Cost):
        return name
    if isinstance(name, tuple):
        return Cost("custom", *name)
    if callable(name):
        return Cost("custom", name)
    if name == "squared_error":
        return Cost(
            name,
            lambda a, y: factor * ((a - y) ** 2).sum(axis=1),
            lambda a, y: 2.0 * factor * (a - y),
            analytic=True,
        )
    if name == "softmax_cross_entropy":
        return Cost(name, _cross_entropy, _cross_entropy_gradient, analytic=True)
    if name == "binary_cross_entropy":  # (1-y) softplus(a) + y softplus(-a) is the same, and nothing cancels
        return Cost(
            name,
            lambda a, y: ((1.0 - y) * _softplus(a) + y * _softplus(-a)).sum(axis=1),
            lambda a, y: (1.0 - y) * _sigmoid(a) - y * _sigmoid(-a),
            analytic=True,
        )
    raise SymderiveError(f"expected a cost among {', '.join(COSTS)}, found {name!r}")


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


def _array(name: str, value: ArrayLike) -> Array:
    array = np.asarray(value)
    if array.dtype.kind not in "biufc":
        raise SymderiveError(f"expected numbers in {name}, found the type {array.dtype}")
    return array.astype(np.complex128 if array.dtype.kind == "c" else np.float64)


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
    array = _array(name, value)
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
    x = _array("x", x)
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


# ---------------------------------------------------------------- parameters, data, training


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
    return x, _sigmoid(y) if network.loss.name == "binary_cross_entropy" else y


def train(
    network: Network, weights: Arrays, biases: Arrays, x: ArrayLike, y: ArrayLike, rate: float, steps: int
) -> tuple[list[Array], list[Array], list[float]]:
    """theta <- theta - rate dC/dtheta on the whole batch: (weights, biases, the steps + 1 costs on the way).

    >>> train(Network((1, 1), "identity"), [[[3]]], [[0]], [1], [0], 0.25, 2)[2]
    [4.5, 1.125, 0.28125]
    """
    W, b = [_array("W", w) for w in weights], [_array("b", v) for v in biases]
    costs = [cost(network, W, b, x, y)]
    for _ in range(steps):
        gradient = backward(network, W, b, x, y)
        W = [w - rate * g for w, g in zip(W, gradient.weights, strict=True)]
        b = [v - rate * g for v, g in zip(b, gradient.biases, strict=True)]
        costs.append(cost(network, W, b, x, y))
    return W, b, costs


def load_data(
    path: str | Path, inputs: int | None = None, targets: int | None = None, cost: str = "squared_error"
) -> tuple[Array, Array]:
    """(x, y), shapes (N, inputs) and (N, targets), from a CSV file or the arrays x and y of an .npz file.

    CSV: a first row without any number is a header; the last columns are y (one, if `targets` is None). If
    `cost` is softmax_cross_entropy, a single column for y holds classes 0, 1, ... and becomes one-hot rows of
    width `targets`; in a CSV file y is such a column unless there are inputs + targets columns.
    Errors, one line each: no such file, not a number, too few or too many columns, ragged rows, NaN or
    infinity, an empty file, pickled objects, a label that is not a class. Rows of a CSV are numbered by line.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "d.csv")
    ...     _ = file.write_text("height,width,class\\n1,2,0\\n3,4,2\\n")
    ...     load_data(file, inputs=2, targets=3, cost="softmax_cross_entropy")[1].tolist()
    [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    path, softmax = Path(path), cost == "softmax_cross_entropy"
    if not path.is_file():
        raise SymderiveError(f"expected a data file, found no file {path}")
    if path.suffix.lower() == ".npz":
        x, y = _npz(path)
        rows: Sequence[int] = range(1, len(x) + 1)
        if inputs is not None and x.shape[1] != inputs:
            raise SymderiveError(f"expected {inputs} columns in x of {path}, found {x.shape[1]}")
        label = softmax and y.shape[1] == 1
        if not label and targets is not None and y.shape[1] != targets:
            raise SymderiveError(f"expected {targets} columns in y of {path}, found {y.shape[1]}")
    else:
        table, rows = _csv(path)
        found = table.shape[1]
        label = softmax and (targets is None or inputs is None or found == inputs + 1)
        last = 1 if label or targets is None else targets
        if found != (max(found, last + 1) if inputs is None else inputs + last):
            wanted = f"at least {last + 1}" if inputs is None else inputs + last
            raise SymderiveError(f"expected {wanted} columns in {path}, the last {last} for y, found {found}")
        x, y = table[:, :-last], table[:, -last:]
    if label:
        return x, _one_hot(y[:, 0], rows, targets)
    wrong = (y.min(axis=1) < 0) | (np.abs(y.sum(axis=1) - 1.0) > 1e-6)
    if softmax and wrong.any():
        i = int(wrong.argmax())
        place = f"row {rows[i]} of {path}"
        raise SymderiveError(f"expected probabilities that sum to 1 at {place}, found the sum {y[i].sum():g}")
    return x, y


def _csv(path: Path) -> tuple[Array, list[int]]:
    """The numbers, and the line of the file that each row ends on."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file)
            rows = [(reader.line_num, row) for row in reader if len(row) > 1 or "".join(row).strip()]
    except (OSError, ValueError, csv.Error) as error:
        raise SymderiveError(f"expected a CSV text file, cannot read {path}: {error}") from None
    width = len(rows[0][1]) if rows else 0
    if rows and not any(_is_number(cell) for cell in rows[0][1]):
        del rows[0]
    if not rows:
        raise SymderiveError(f"expected rows of numbers in {path}, found none")
    for line, row in rows:
        if len(row) != width:
            raise SymderiveError(f"expected {width} columns at row {line} of {path}, found {len(row)}")
        for column, cell in enumerate(row, start=1):
            if not _is_number(cell):
                raise SymderiveError(
                    f"expected a number at row {line} column {column} of {path}, found {cell[:40]!r}"
                )
    lines = [line for line, _ in rows]
    return _finite(np.array([[float(cell) for cell in row] for _, row in rows]), lines, str(path)), lines


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return "_" not in cell  # Python reads 1_0 as 10


def _npz(path: Path) -> tuple[Array, Array]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            names = sorted(archive.files)
            found = [np.asarray(archive[name]) for name in ("x", "y") if name in names]
    except Exception as error:  # a damaged archive makes NumPy and zipfile raise a dozen different types
        reason = "pickled objects" if "Object arrays" in str(error) else "another format or damaged data"
        raise SymderiveError(f"expected an .npz file of plain arrays, found {reason} in {path}") from None
    if len(found) != 2:
        raise SymderiveError(f"expected the arrays x and y in {path}, found {', '.join(names) or 'none'}")
    x, y = (_array(f"{name} of {path}", v) for name, v in zip("xy", found, strict=True))
    x, y = (v[:, None] if v.ndim == 1 else v for v in (x, y))
    if np.iscomplexobj(x) or np.iscomplexobj(y):
        raise SymderiveError(f"expected real numbers in {path}, found complex ones")
    if x.ndim != 2 or y.ndim != 2 or len(x) != len(y) or 0 in (x.size, y.size):
        found_shapes = f"found {x.shape} and {y.shape}"
        raise SymderiveError(f"expected x of shape (N, inputs) and y (N, targets) in {path}, {found_shapes}")
    rows = range(1, len(x) + 1)
    return _finite(x, rows, f"x of {path}"), _finite(y, rows, f"y of {path}")


def _finite(table: Array, rows: Sequence[int], where: str) -> Array:
    for i, column in np.argwhere(~np.isfinite(table))[:1]:
        place = f"row {rows[i]} column {column + 1} of {where}"
        raise SymderiveError(f"expected a finite number at {place}, found {table[i, column]}")
    return table


def _one_hot(labels: Array, rows: Sequence[int], classes: int | None) -> Array:
    limit = classes or 10**5
    for i in np.flatnonzero((labels < 0) | (labels >= limit) | (labels != np.round(labels)))[:1]:
        place = f"0..{limit - 1} at row {rows[i]}"
        raise SymderiveError(f"expected a class label in {place}, found {labels[i]:g}")
    width = classes or int(labels.max()) + 1
    return np.asarray(labels[:, None] == np.arange(width), dtype=np.float64)
