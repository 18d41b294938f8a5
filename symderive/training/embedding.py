r"""A network of one hidden layer, and the line of larger ones that compute the same: one neuron split in two.

    (w_H, v_H)  ->  (w_H, lam v_H), (w_H, (1 - lam) v_H)

Exact: the Hessian is that which the engine derives, in fractions, for a polynomial activation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import TypeAlias

import numpy as np
from sympy import Expr

from symderive import reference
from symderive.calculus.atoms import Functional, ScalarFunction, indices, size, tensor
from symderive.calculus.terms import IndexSum, family
from symderive.claims.evidence import CheckFailed, Evidence
from symderive.derivation import Derivation, derive, hessian_vector
from symderive.errors import SymderiveError
from symderive.evaluation.at_numbers import AtNumbers
from symderive.reference_arrays import Array
from symderive.systems import Definition, System
from symderive.training.inertia import Inertia, inertia

Number: TypeAlias = int | Fraction
Vector: TypeAlias = Sequence[Number]
Matrix: TypeAlias = Sequence[Vector]

s, i, k, r = indices("s i k r")


@cache
def one_hidden_layer(units: Expr | int = "H") -> System:
    """K inputs, H hidden neurons without biases, N outputs, B samples; any activation, any cost of outputs.

    An input that is always 1 gives biases. The cost of a sample is a function of its outputs, so that the
    layers above may be part of it.

    >>> print(one_hidden_layer())
    system one hidden layer
      z[s, i] := sum(w[i, k]*x[s, k], k=1..K)  for s in 1..B, i in 1..H
      a[s, i] := sigma(z[s, i])  for s in 1..B, i in 1..H
      o[s, r] := sum(a[s, i]*v[r, i], i=1..H)  for s in 1..B, r in 1..N
      C[] := sum(cost(family(o[s, r], r=1..N), family(y[s, r], r=1..N)), s=1..B)
    """
    B, K, N, H = size("B"), size("K"), size("N"), size(units) if isinstance(units, str) else units
    samples, neurons, inputs, outputs = (s, 1, B), (i, 1, H), (k, 1, K), (r, 1, N)
    x, y = tensor("x", samples, inputs), tensor("y", samples, outputs)
    w, v = tensor("w", neurons, inputs), tensor("v", outputs, neurons)
    z, a, o, C = (
        tensor("z", samples, neurons),
        tensor("a", samples, neurons),
        tensor("o", samples, outputs),
        tensor("C"),
    )
    sigma, cost = ScalarFunction("sigma", r"\sigma"), Functional("cost", "E", 2)
    return System(
        "one hidden layer",
        (x, y),
        (w, v),
        (
            Definition(z[s, i], IndexSum(w[i, k] * x[s, k], inputs), (samples, neurons), "weighted input"),
            Definition(a[s, i], sigma(z[s, i]), (samples, neurons), "activation"),
            Definition(o[s, r], IndexSum(v[r, i] * a[s, i], neurons), (samples, outputs), "output"),
            Definition(
                C(), IndexSum(cost(family(o[s, r], outputs), family(y[s, r], outputs)), samples), (), "cost"
            ),
        ),
        C,
    )


@cache
def derived() -> tuple[Derivation, Derivation]:
    """The gradients, and the products of the Hessian with a direction, as the engine derives them."""
    first = derive(one_hidden_layer())
    return first, hessian_vector(first)


@dataclass(frozen=True)
class Shallow:
    """Weights w (H rows of K), v (N of H), samples x (B of K), y (B of N), the coefficients of sigma.

    sigma(z) = c_0 + c_1 z + c_2 z^2 + ..; the cost is the sum over samples and outputs of (o - y)^2 / 2.

    >>> y = [[Fraction(-7, 4)], [Fraction(11, 4)], [14]]
    >>> at = Shallow([[1]], [[1]], [[-1], [1], [2]], y, [0, 1, 1, 1])
    >>> at.gradient(), [[int(c) for c in row] for row in at.hessian()]
    ([Fraction(0, 1), Fraction(0, 1)], [[1195, 496], [496, 206]])
    """

    w: Matrix
    v: Matrix
    x: Matrix
    y: Matrix
    sigma: Vector

    def __post_init__(self) -> None:
        H, K, N, B = len(self.w), len(self.w[0]), len(self.v), len(self.x)
        shapes = {"w": (self.w, H, K), "v": (self.v, N, H), "x": (self.x, B, K), "y": (self.y, B, N)}
        for name, (rows, n, m) in shapes.items():
            if len(rows) != n or any(len(row) != m for row in rows):
                raise SymderiveError(
                    f"{name}: expected {n} rows of {m}, found rows of {[len(row) for row in rows]}"
                )
            for value in (v for row in rows for v in row):
                if isinstance(value, bool) or not isinstance(value, int | Fraction):
                    raise SymderiveError(f"{name}: expected integers or fractions, found {value!r}")

    @property
    def parameters(self) -> list[tuple[str, int, int]]:
        """The names of the parameters, in the order of gradients and Hessians: w row by row, then v."""
        return [
            (name, i + 1, k + 1)
            for name, rows in (("w", self.w), ("v", self.v))
            for i, row in enumerate(rows)
            for k in range(len(row))
        ]

    def at(self, direction: dict[tuple[str, int, int], Number] | None = None) -> AtNumbers:
        """The derived definitions at these numbers, with a direction for the Hessian."""
        first, second = derived()
        given: dict[tuple[object, ...], Number] = {
            (name, i + 1, k + 1): value
            for name, rows in (("w", self.w), ("v", self.v), ("x", self.x), ("y", self.y))
            for i, row in enumerate(rows)
            for k, value in enumerate(row)
        }
        for name, i, k in self.parameters:
            given[f"v_{name}", i, k] = (direction or {}).get((name, i, k), 0)
        sizes = {"H": len(self.w), "K": len(self.w[0]), "N": len(self.v), "B": len(self.x)}
        definitions = (*first.system.definitions, *first.definitions, *second.definitions)
        return AtNumbers(definitions, sizes, given, self.sigma)

    def cost(self) -> Fraction:
        """C"""
        return Fraction(self.at().entry("C"))

    def gradient(self) -> list[Fraction]:
        """dC/dw and dC/dv, in the order of `parameters`."""
        there = self.at()
        return [Fraction(there.entry(f"grad_{name}", i, k)) for name, i, k in self.parameters]

    def hessian(self) -> list[list[Fraction]]:
        """The matrix of second derivatives, column by column from Hessian times unit vector."""
        columns = []
        for p in self.parameters:
            there = self.at({p: 1})
            columns.append([Fraction(there.entry(f"grad_vC_{name}", i, k)) for name, i, k in self.parameters])
        return [list(row) for row in zip(*columns, strict=True)]

    def inertia(self) -> Inertia:
        """The numbers of negative, zero and positive eigenvalues of the Hessian, without rounding."""
        return inertia(self.hessian())

    def split(self, share: Number) -> Shallow:
        """The network with one neuron more that computes the same: the last one in two, with these shares.

        >>> two = Shallow([[1]], [[3]], [[2]], [[0]], [0, 1]).split(Fraction(1, 3))
        >>> two.w, [[str(v) for v in row] for row in two.v]
        ([[1], [1]], [['1', '2']])
        """
        w = [*self.w, self.w[-1]]
        v = [[*row[:-1], share * row[-1], (1 - share) * row[-1]] for row in self.v]
        return Shallow(w, v, self.x, self.y, self.sigma)

    def curvature(self) -> list[list[Fraction]]:
        """A = sum_s sum_r dC/do_{sr} v_{rH} sigma''(z_{sH}) x_s x_s^T of the last neuron: K rows of K."""
        there, H, K = self.at(), len(self.w), len(self.w[0])
        c = list(self.sigma)
        for _ in range(2):
            c = [n * x for n, x in enumerate(c)][1:]
        bend = []
        for s in range(1, len(self.x) + 1):
            z = there.entry("z", s, H)
            bend.append(there.entry("bar_a", s, H) * sum((x * z**n for n, x in enumerate(c)), Fraction(0)))
        return [
            [
                sum((b * row[k] * row[m] for b, row in zip(bend, self.x, strict=True)), Fraction(0))
                for m in range(K)
            ]
            for k in range(K)
        ]


def example() -> Shallow:
    """phi = z + z^2 + z^3, x = (-1, 1, 2), v = w = 1, y = (-7/4, 11/4, 14): critical, with A = -1.

    >>> [tuple(example().split(share).inertia()) for share in (-1, Fraction(1, 2), 2)]
    [(0, 1, 3), (1, 1, 2), (0, 1, 3)]
    """
    y = [[Fraction(-7, 4)], [Fraction(11, 4)], [Fraction(14)]]
    return Shallow([[1]], [[1]], [[-1], [1], [2]], y, [0, 1, 1, 1])


def evidence(seed: int) -> tuple[Evidence, ...]:
    """A random tanh network split in two, by the NumPy reference; and the example in fractions.

    >>> [e.status for e in evidence(1)]
    ['numeric', 'numeric', 'numeric']
    """
    rng = np.random.default_rng(seed)
    w, v, x, y = (rng.normal(size=shape) for shape in ((3, 2), (2, 3), (6, 2), (6, 2)))
    share = 1.7
    wide = np.vstack((w, w[-1:])), np.hstack((v[:, :-1], share * v[:, -1:], (1 - share) * v[:, -1:]))

    def gradient(w: Array, v: Array) -> tuple[Array, Array]:
        net = reference.Network((2, len(w), 2), ["tanh", "identity"], "squared_error")
        g = reference.gradient_complex_step(net, [w, v], [np.zeros(len(w)), np.zeros(2)], x, y)
        return g.weights[0], g.weights[1]

    def second(w: Array, v: Array, dw: Array, dv: Array, h: float = 1e-5) -> float:
        up, down = (gradient(w + e * dw, v + e * dv) for e in (h, -h))
        return float(np.sum((up[0] - down[0]) * dw) + np.sum((up[1] - down[1]) * dv)) / (2 * h)

    (gw, gv), (lw, lv) = gradient(w, v), gradient(*wide)
    want = np.vstack((gw[:-1], share * gw[-1:], (1 - share) * gw[-1:])), np.hstack((gv, gv[:, -1:]))
    gap = max(float(np.max(np.abs(a - b))) for a, b in zip((lw, lv), want, strict=True))
    dw, dv, xi, nu = (rng.normal(size=shape) for shape in ((3, 2), (2, 3), (2,), (2,)))
    moved = (
        np.vstack((dw[:-1], dw[-1] + (1 - share) * xi, dw[-1] - share * xi)),
        np.hstack((dv[:, :-1], (share * dv[:, -1] + nu)[:, None], ((1 - share) * dv[:, -1] - nu)[:, None])),
    )
    z = x @ w.T
    errors = np.tanh(z) @ v.T - y
    slope = 1 - np.tanh(z[:, -1]) ** 2
    bend = -2 * np.tanh(z[:, -1]) * slope * (errors @ v[:, -1])
    extra = share * (1 - share) * float(bend @ (x @ xi) ** 2) + 2 * float((slope * (x @ xi)) @ (errors @ nu))
    found = second(*wide, *moved)
    block = abs(found - second(w, v, dw, dv) - extra) / max(1.0, abs(found))
    table = [tuple(example().split(Fraction(c, 2)).inertia()) for c in (-2, 1, 4)]
    wrong = sum(a != b for a, b in zip(table, ((0, 1, 3), (1, 1, 2), (0, 1, 3)), strict=True))
    for error, most, what in ((gap, 1e-9, "gradients"), (block, 1e-6, "block form"), (wrong, 0, "inertia")):
        if not error <= most:
            raise CheckFailed(
                f"{what} of a split network: expected a difference of at most {most}, found {error}"
            )
    return (
        Evidence("numeric", "gradients of a split tanh network, by complex step", gap, seed=seed),
        Evidence("numeric", "its second derivative, by differences, and the block form", block, seed=seed),
        Evidence(
            "numeric",
            f"inertia of the example in fractions, at the shares -1, 1/2, 2: {table}",
            0.0,
            seed=seed,
        ),
    )


__all__ = ["Shallow", "derived", "evidence", "example", "one_hidden_layer"]
