"""sigma(z) and C(a, y) of the NumPy reference, real or complex, and their derivatives, to the last digits."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from symderive.errors import SymderiveError
from symderive.reference_arrays import Array, Elementwise, OfRows, as_numbers

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
    z = as_numbers("z", z)
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


_CUBIC, _ROOT = 0.044715, math.sqrt(8.0 / math.pi)


def _twice_inside(z: Array) -> Array:
    """2 u with u = sqrt(2/pi) (z + 0.044715 z^3); beyond 40, where the sigmoid of it is 0 or 1, it stays."""
    z = _clipped(np.asarray(z))
    return np.asarray(_ROOT * (z + _CUBIC * (z * z * z)))


def _gelu_tanh_derivative(z: Array) -> Array:
    u, near = _twice_inside(z), _clipped(np.asarray(z))
    return _sigmoid(u) + near * _sigmoid(u) * _sigmoid(-u) * _ROOT * (1.0 + 3.0 * _CUBIC * near * near)


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
    # z/2 (1 + tanh u) = z sigmoid(2 u)
    "gelu_tanh": (lambda z: z * _sigmoid(_twice_inside(z)), _gelu_tanh_derivative),
    "silu":     (lambda z: z * _sigmoid(z),       _silu_derivative),
}  # fmt: skip
ACTIVATIONS = (*_ANALYTIC, "relu", "leaky_relu", "elu")
COSTS = ("squared_error", "softmax_cross_entropy", "binary_cross_entropy", "poisson")


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
    if name == "elu":  # C^1, but not smooth at 0
        return Activation(
            name,
            lambda z: np.where(z.real > 0, z, np.expm1(np.where(z.real > 0, 0.0, z))),
            lambda z: np.where(z > 0, 1.0, np.exp(np.minimum(z, 0.0))),
            kinks=(0.0,),
        )
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
    binary_cross_entropy: sum_j softplus(a_j) - y_j a_j; poisson: sum_j exp(a_j) - y_j a_j. Errors: an unknown
    name.

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
    if name == "poisson":
        return Cost(
            name, lambda a, y: (np.exp(a) - y * a).sum(axis=1), lambda a, y: np.exp(a) - y, analytic=True
        )
    raise SymderiveError(f"expected a cost among {', '.join(COSTS)}, found {name!r}")
