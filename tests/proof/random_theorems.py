"""Random terms and contexts for the kernel's rules, and the numbers that both sides of a theorem have."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import product
from random import Random

from sympy import Expr, Integer, Rational

from symderive.calculus import (
    Bracket,
    Functional,
    IndexSum,
    ScalarFunction,
    family,
    indices,
    size,
    tensor,
)
from symderive.calculus.ranges import Context
from symderive.evaluation.exact import Assignment, draw, evaluate_exact
from symderive.proof.kernel import Theorem

LETTERS = indices("i j k l m")
i, j, k, l, m = LETTERS
N, M = size("N"), size("M")
n = tensor("n", (l, 0, M), kind="dimension")
x = tensor("x", (k, 1, N))
w = tensor("w", (j, 1, N), (k, 1, n[j]))
q = tensor("q", (k, 1, N), kind="integer")
pi = tensor("pi", (l, 0, M), (j, 1, n[l]), kind="permutation")
rho = tensor("rho", (j, 1, N), kind="permutation")
sigma, cost = ScalarFunction("sigma"), Functional("C")


class Maker:
    """Terms over few names, so that they meet; `known` are the indices that may stand free."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def integer(self, known: tuple[Expr, ...], depth: int = 2) -> Expr:
        r = self.random
        kind = r.randrange(10) if depth else r.randrange(6)
        if kind < 4 and known:
            return r.choice(known)
        if kind < 6:
            return r.choice([Integer(r.randrange(-1, 4)), N, M])
        a, b = self.integer(known, depth - 1), self.integer(known, depth - 1)
        return [a + b, a - b, n[a], r.choice([rho[a], pi[a, b], q[a], 2 * a])][kind - 6]

    def limits(self, known: tuple[Expr, ...]) -> tuple[Expr, Expr]:
        r = self.random
        common: list[tuple[Expr | int, Expr]] = [(1, N), (0, M), (1, M), (1, n[self.integer(known, 0)])]
        if r.random() < 0.7:
            lo, hi = r.choice(common)
            return Integer(1) * lo, hi
        return self.integer(known, 1), self.integer(known, 1)

    def context(self) -> Context:
        ctx = Context()
        for letter in self.random.sample(LETTERS, self.random.randrange(3)):
            ctx = ctx.bind(letter, *self.limits(tuple(s for s, _, _ in ctx)))
        return ctx

    def scalar(self, known: tuple[Expr, ...], depth: int = 3) -> Expr:
        r = self.random
        if depth <= 0 or r.random() < 0.2:
            a, b = self.integer(known, 1), self.integer(known, 1)
            return r.choice([x[a], w[a, b], x[a], w[a, b], a, Rational(r.randrange(-3, 4), 2), 1 / N])
        a = self.scalar(known, depth - 1)
        kind = r.randrange(12)
        if kind < 2:
            return a + self.scalar(known, depth - 1)
        if kind < 5:
            return a * self.scalar(known, depth - 1)
        if kind < 6:
            return r.choice([a**2, 1 / (1 + a**2)])
        if kind < 7:
            return sigma(a)
        if kind < 8:
            relation = r.choice(Bracket.RELATIONS)
            return a * Bracket(relation, self.integer(known), self.integer(known))
        if kind < 11:
            return self.sum(known, depth)
        bound = r.choice(LETTERS)
        return cost(family(self.scalar((*known, bound), depth - 2), (bound, *self.limits(known))))

    def sum(self, known: tuple[Expr, ...], depth: int = 3) -> Expr:
        """A sum, whose letter may be one that is free elsewhere; often with a delta."""
        r = self.random
        bound = r.choice(LETTERS)
        body = self.scalar((*known, bound), depth - 1)
        if r.random() < 0.3:
            body *= Bracket.equal(bound, self.integer(known, 1))
        return IndexSum(body, (bound, *self.limits(known)))


def values(ctx: Context, a: Assignment) -> Iterator[Assignment]:
    """The assignment at all values of the indices in their ranges; a few of them where there are many."""
    found: list[dict[str, int]] = [{}]
    for letter, lo, hi in ctx:
        wider = []
        for given in found:
            here = Assignment({**a.symbols, **given}, a.seed, a.entries, a.widths)
            low, high = (int(evaluate_exact(e, here)) for e in (lo, hi))
            wider += [{**given, letter.name: v} for v in range(low, high + 1)]
        found = wider[:: max(1, len(wider) // 4)]
    for given in found:
        yield Assignment({**a.symbols, **given}, a.seed, a.entries, a.widths)


def assignments(seed: int) -> Iterator[Assignment]:
    """Some sizes, and numbers for all entries."""
    for big, small in product((1, 3), (1, 2)):
        yield Assignment({"N": big, "M": small}, seed)


def sides(t: Theorem, seed: int, budget: int = 20_000) -> Iterator[tuple[Fraction, Fraction]]:
    """What both sides are at random numbers."""
    for a in assignments(seed):
        for at in values(t.context, a):
            yield evaluate_exact(t.lhs, at, budget=budget), evaluate_exact(t.rhs, at, budget=budget)


def moving(seed: int, step: Fraction) -> Assignment:
    """x = x_0 + s dx at s = step: numbers for real entries that move on straight lines."""

    def entry(name: str, *index: int) -> Fraction | None:
        if name in ("x", "w"):
            return draw(-5, 5, seed, name, index) + step * draw(-5, 5, seed, "d" + name, index)
        return Fraction(draw(-5, 5, seed, name, index)) if name in ("dx", "dw") else None

    return Assignment({"N": 2, "M": 2}, seed, entry)
