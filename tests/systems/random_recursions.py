"""Random recursions over layers, of two tensors that use each other: a[0] := x, a[l] := w_l sigma(b[l-1])."""

from __future__ import annotations

import random

from sympy import Expr, Integer

from symderive.calculus import Bracket, ScalarFunction, indices, size, tensor
from symderive.systems import Definition, System

(l,) = indices("l")
L = size("L")
x, C = tensor("x"), tensor("C")
A = {name: tensor(name, (l, 0, L), sup=1) for name in "ab"}
w = tensor("w", (l, 0, L), sup=1)
sigma = ScalarFunction("sigma")

Place = int | str  # a layer: 0, 1, 'L', 'L-1'
# name, first layer, last layer, what it uses: (name, shift, behind a bracket)
Piece = tuple[str, Place, Place, tuple[tuple[str, int, bool], ...]]


def at(place: Place, depth: Expr | int) -> Expr | int:
    return depth - int(place == "L-1") if isinstance(place, str) else place


def pieces(rng: random.Random) -> list[Piece]:
    """Definitions of a and b over some layers each, with entries of neighbouring layers on the right."""
    found: list[Piece] = []
    ways: list[list[tuple[Place, Place]]] = [
        [(0, "L")], [(0, 0), (1, "L")], [(0, "L-1"), ("L", "L")], [(0, 0), (1, "L-1"), ("L", "L")],
        [(0, 0), (1, 1), (2, "L")], [(1, "L")], [(0, "L-1")], [(0, 0), (0, "L")], [(0, 1), (2, "L")],
    ]  # fmt: skip
    # mostly one direction, so that some end; a bracket makes up for the first and last layers
    ahead = rng.choice([[-1], [1], [-1, -2], [0, -1], [0, 1, 2], [-2, -1, 0, 1]])
    guards = rng.choice([0.3, 0.9, 1])
    for name in "ab":
        for first, last in rng.choice(ways):
            uses = tuple(
                (rng.choice("ab"), rng.choice(ahead), rng.random() < guards) for _ in range(rng.randrange(3))
            )
            found.append((name, first, last, uses))
    return found


def system(found: list[Piece]) -> System:
    """The system that the pieces make, with a cost of one entry of each tensor."""
    definitions = []
    for name, first, last, uses in found:
        single = first == last
        here = at(first, L) if single else l
        rhs: Expr = w[here] * x()
        for used, shift, guarded in uses:
            e = w[here] * sigma(A[used][here + shift])
            guard = Bracket.at_most(0, here + shift) * Bracket.at_most(here + shift, L)
            rhs += guard * e if guarded else e
        limits = () if single else ((l, at(first, L), at(last, L)),)
        definitions.append(Definition(A[name][here], rhs, limits))
    return System("net", (x,), (w,), (*definitions, Definition(C(), A["a"][L] + A["b"][Integer(0)])), C)
