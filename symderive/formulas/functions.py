r"""Scalar functions as values and derivatives at points, in three ways.

- `formal`: exact. An arbitrary function has arbitrary numbers as values and derivatives at finitely many
points
  (some smooth function has them). Of a known function only its equation is used: s' = s (1 - s) for the
  sigmoid,
  t' = 1 - t^2 for tanh, e' = e, log' = 1/x. What holds so holds for the function itself.
- `real`: in floating point, with the function itself. Settles what `formal` leaves open: s(-z) = 1 - s(z).
- `plain`: small polynomials in place of arbitrary functions, for examples that are done by hand.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from hashlib import blake2b
from typing import Any

from symderive.formulas.arrays import NoValue

At = Callable[[Any, int], Any]  # (z, k) -> the k-th derivative at z
LARGE = 1_000_000_000_039


def drawn(*key: Any, span: int = LARGE) -> int:
    """A number from -span to span that is not 0, from a key alone."""
    digest = blake2b(repr(key).encode(), digest_size=8).digest()
    n = int.from_bytes(digest, "big") % (2 * span)
    return n - span if n < span else n - span + 1


def _high(name: str) -> NoValue:
    return NoValue(f"no derivative of {name} of that order here")


def _relu(z: Any, k: int) -> Any:
    return (z if z > 0 else 0) if k == 0 else (1 if z > 0 else 0) if k == 1 else 0


def _identity(z: Any, k: int) -> Any:
    return z if k == 0 else 1 if k == 1 else 0


def _sign(z: Any, k: int) -> Any:
    return (z > 0) - (z < 0) if k == 0 else 0


def _step(z: Any, k: int) -> Any:
    return int(z > 0) if k == 0 else 0


EXACT: dict[str, At] = {"relu": _relu, "identity": _identity, "sign": _sign, "step": _step}


def _logistic(s: Any, k: int, name: str = "sigmoid") -> Any:
    if k > 3:
        raise _high(name)
    p = s * (1 - s)
    return (s, p, p * (1 - 2 * s), p * (1 - 6 * s + 6 * s * s))[k]


def _hyperbolic(t: Any, k: int) -> Any:
    if k > 3:
        raise _high("tanh")
    p = 1 - t * t
    return (t, p, -2 * t * p, p * (6 * t * t - 2))[k]


def _inverse_powers(z: Any, k: int) -> Any:
    """The derivatives of log, from the first."""
    if z == 0:
        raise NoValue("log at 0")
    found: Any = 1 / Fraction(z) if not isinstance(z, float) else 1 / z
    for n in range(1, k):
        found = -n * found / z
    return found


def formal(kind: str, name: str, seed: int) -> At:
    """A function of this kind, exact; of an arbitrary one and of transcendental ones the values are drawn."""

    def value(z: Any, what: str, k: int = 0) -> int:
        return drawn(seed, what, name if what == "generic" else "", k, str(Fraction(z)))

    table: dict[str, At] = {
        **EXACT,
        "generic": lambda z, k: value(z, "generic", k),
        "sigmoid": lambda z, k: _logistic(value(z, "sigmoid"), k),
        "tanh": lambda z, k: _hyperbolic(value(z, "tanh"), k),
        "exp": lambda z, k: value(z, "exp"),
        "log": lambda z, k: value(z, "log") if k == 0 else _inverse_powers(z, k),
        "softplus": lambda z, k: value(z, "softplus") if k == 0 else _logistic(value(z, "sigmoid"), k - 1),
        "sqrt": lambda z, k: _no_root(),
    }
    return table[kind]


def _no_root() -> Any:
    raise NoValue("no exact square root")


def _real_logistic(z: Any) -> float:
    z = float(z)
    return 1 / (1 + math.exp(-z)) if z >= 0 else math.exp(z) / (1 + math.exp(z))


def _real_log(z: Any, k: int) -> float:
    if z <= 0:
        raise NoValue("log of a number that is not positive")
    return math.log(z) if k == 0 else float(_inverse_powers(float(z), k))


def _real_root(z: Any, k: int) -> float:
    if z <= 0:
        raise NoValue("root of a number that is not positive")
    found = math.sqrt(z)
    for n in range(k):
        found *= (0.5 - n) / float(z)
    return found


def _soft(z: Any) -> float:
    return math.log1p(math.exp(-abs(float(z)))) + max(float(z), 0.0)


def _smooth(seed: int, name: str) -> At:
    """An arbitrary function in floating point: a + b z + sin(c z + d)."""
    a, b, c, d = (drawn(seed, "smooth", name, n) / LARGE for n in range(4))

    def at(z: Any, k: int) -> float:
        wave = c**k * math.sin(c * float(z) + d + k * math.pi / 2)
        return wave + (a + b * float(z) if k == 0 else b if k == 1 else 0.0)

    return at


def _exponential(z: Any) -> float:
    try:
        return math.exp(z)
    except OverflowError:
        raise NoValue("overflow") from None


def real(kind: str, name: str, seed: int) -> At:
    """A function of this kind in floating point."""
    table: dict[str, At] = {
        **EXACT,
        "generic": _smooth(seed, name),
        "sigmoid": lambda z, k: _logistic(_real_logistic(z), k),
        "tanh": lambda z, k: _hyperbolic(math.tanh(z), k),
        "exp": lambda z, k: _exponential(z),
        "log": _real_log,
        "softplus": lambda z, k: _soft(z) if k == 0 else _logistic(_real_logistic(z), k - 1),
        "sqrt": _real_root,
    }
    return table[kind]


POLYNOMIALS: tuple[tuple[str, tuple[int, ...]], ...] = (
    ("z", (0, 1)),
    ("z^2", (0, 0, 1)),
    ("z + z^2", (0, 1, 1)),
)
"""What stands for an arbitrary function in an example: its text, its coefficients."""


def polynomial(coefficients: tuple[int, ...]) -> At:
    """A polynomial and its derivatives."""

    def at(z: Any, k: int) -> Any:
        return sum(math.perm(n, k) * c * z ** (n - k) for n, c in enumerate(coefficients) if n >= k)

    return at


def plain(kind: str, name: str, choice: int) -> At:
    """A function for an example by hand: exact where its argument allows, as s(0) = 1/2; NoValue
    elsewhere.
    """
    if kind == "generic":
        return polynomial(POLYNOMIALS[choice][1])
    if kind in EXACT:
        return EXACT[kind]
    half = Fraction(1, 2)
    at_zero: dict[str, At] = {
        "sigmoid": lambda z, k: _logistic(half, k),
        "tanh": lambda z, k: _hyperbolic(0, k),
        "exp": lambda z, k: 1,
        "softplus": lambda z, k: _no_root() if k == 0 else _logistic(half, k - 1),
    }

    def at(z: Any, k: int) -> Any:
        if kind == "log":
            if k == 0 and z != 1:
                raise NoValue("no exact logarithm")
            return 0 if k == 0 else _inverse_powers(z, k)
        if z != 0 or kind not in at_zero:
            raise NoValue(f"no exact value of {kind} there")
        return at_zero[kind](z, k)

    return at
