"""Names for formulas, and terms drawn at random over them: few letters, so that names meet often."""

from __future__ import annotations

import random
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from sympy import Add, Expr, Integer, Mul, Pow, Rational, Symbol, exp, log, sqrt, tanh

from symderive.calculus import (
    Bracket,
    Functional,
    FunctionalValue,
    IndexSum,
    PartialDerivative,
    ScalarFunction,
    family,
    indices,
    size,
    tensor,
)


@pytest.fixture(scope="session")
def names() -> Any:
    """A network's names, a permutation, a tensor with steps, and names that invite confusion."""
    l, m, j, k, i, s, t = indices("l m j k i s t")
    L, N, B = size("L"), size("N"), size("B")
    n = tensor("n", (l, 0, L), kind="dimension")
    w = tensor("w", (l, 1, L), (j, 1, n[l]), (k, 1, n[l - 1]), sup=1)
    return SimpleNamespace(
        l=l, m=m, j=j, k=k, i=i, s=s, t=t, L=L, N=N, B=B, n=n, w=w,
        b=tensor("b", (l, 1, L), (j, 1, n[l]), sup=1),
        z=tensor("z", (l, 1, L), (j, 1, n[l]), sup=1),
        a=tensor("a", (l, 0, L), (j, 1, n[l]), sup=1),
        delta=tensor("delta", (l, 1, L), (j, 1, n[l]), sup=1, latex=r"\delta"),
        wt=tensor("w_tilde", (l, 1, L), (j, 1, n[l]), (k, 1, n[l - 1]), sup=1, latex=r"\tilde{w}"),
        x=tensor("x", (j, 1, N)),
        y=tensor("y", (j, 1, n[L])),
        v=tensor("v", (j, 1, N), (k, 1, N)),
        u=tensor("u", (t, 0, L), (l, 1, L), (j, 1, n[l]), sup=2),
        pi=tensor("pi", (l, 0, L), (j, 1, n[l]), kind="permutation", latex=r"\pi"),
        eta=tensor("eta", latex=r"\eta"),
        cost=tensor("C"),
        C=Functional("cost", "C", 2),
        E=Functional("E", r"\mathcal{E}", 1),
        sigma=ScalarFunction("sigma", r"\sigma"),
        phi=ScalarFunction("phi", r"\varphi", 1),
        relu=ScalarFunction("relu", r"\operatorname{ReLU}"),
    )  # fmt: skip


class Draw:
    """Random terms, the same for the same seed."""

    def __init__(self, names: Any, seed: int) -> None:
        self.n = names
        self.r = random.Random(seed)
        self.letters = [names.j, names.k, names.i, names.l]
        self.values = [
            names.C(family(names.a[names.L, names.j], (names.j, 1, names.n[names.L])),
                    family(names.y[names.j], (names.j, 1, names.n[names.L]))),
        ]  # fmt: skip

    def index(self, depth: int = 1) -> Expr:
        r, n = self.r, self.n
        letter = r.choice(self.letters)
        kind = r.randrange(12)
        if kind == 0:
            return Integer(r.randrange(0, 13))
        if kind == 1:
            return letter + r.choice([-2, -1, 1])
        if kind == 2:
            return n.L
        if kind == 3 and depth:
            return n.pi[self.index(0), self.index(0)]
        if kind == 4:
            return 2 * letter + r.choice(self.letters) - 1
        if kind == 5 and depth:
            return n.n[self.index(0)] - letter + 1
        return letter

    def entry(self) -> Expr:
        r, n = self.r, self.n
        plain = [n.w, n.w, n.b, n.z, n.a, n.delta, n.wt, n.x, n.y, n.v, n.u, n.n, n.eta, n.cost]
        derived = [n.w.gradient(), n.wt.gradient(), n.w.tangent(), n.cost.tangent(), n.b.gradient()]
        t = r.choice([*plain, *derived, n.b.gradient().tangent()])
        return t[tuple(self.index() for _ in range(t.rank))]

    def leaf(self) -> Expr:
        r, n = self.r, self.n
        kind = r.randrange(14)
        if kind == 0:
            return Bracket(r.choice(["=", "<=", "<"]), self.index(), self.index())
        if kind == 1:
            return r.choice([n.L, n.N, n.j, Integer(r.randrange(-3, 12)), Rational(r.randrange(-5, 6), 3)])
        if kind == 2:
            return PartialDerivative(n.z[self.index(), self.index()], n.a[self.index(), self.index()])
        if kind == 3:
            return self.functional()
        return self.entry()

    def functional(self) -> Expr:
        r, n = self.r, self.n
        if r.randrange(3):
            value = self.values[0]
        elif r.randrange(2):
            value = n.C(family(self.term(1), (n.j, 1, n.n[n.L])), family(n.y[n.j], (n.j, 1, n.n[n.L])))
        else:
            value = n.E(family(family(n.v[n.j, n.k], (n.k, 1, n.N)), (n.j, 1, n.N)))
        arity = value.functional.arity
        partials = [(r.randrange(arity), *(self.index() for _ in range(1 if arity == 2 else 2)))
                    for _ in range(r.choice([0, 0, 1, 1, 2]))]  # fmt: skip
        return FunctionalValue(value.functional, tuple(partials), *value.families)

    def sum(self, depth: int) -> Expr:
        r, n = self.r, self.n
        letter = r.choice(self.letters)
        lo = r.choice([Integer(1), Integer(1), Integer(0), self.index(0)])
        hi = r.choice([n.N, n.L, n.n[self.index(0)], n.n[n.L], Integer(4), self.index(0)])
        body = self.term(depth)
        return IndexSum(body, (letter, lo, hi))

    def term(self, depth: int) -> Expr:
        r, n = self.r, self.n
        if depth <= 0 or not r.randrange(6):
            return self.leaf()
        kind = r.randrange(12)
        if kind < 3:
            return Add(*(self.term(depth - 1) for _ in range(r.randrange(2, 4))))
        if kind < 6:
            return Mul(*(self.term(depth - 1) for _ in range(r.randrange(2, 5))))
        if kind < 8:
            return self.sum(depth - 1)
        if kind == 8:
            f = r.choice([n.sigma, n.phi, n.relu])
            sup = [self.index(0)] * f.sup
            return f(self.term(depth - 1), *sup, order=r.choice([0, 0, 1, 2, 3]))
        if kind == 9:
            return r.choice([exp, log, tanh, sqrt])(self.term(depth - 1) ** 2 + n.eta())
        if kind == 10:
            base = self.term(depth - 1) + n.x[self.index()]
            return Pow(base, r.choice([2, 3, -1, -2, Rational(1, 2), Rational(-3, 2), n.N]))
        return -self.term(depth - 1) * Rational(r.randrange(1, 5), r.randrange(1, 4))


@pytest.fixture(scope="session")
def draw(names: Any) -> Callable[[int], Draw]:
    """A source of random terms for a seed."""
    return lambda seed: Draw(names, seed)


@pytest.fixture(scope="session")
def everything(names: Any) -> Any:
    """The table of all names, with C at (a^L; y) as the one place where its derivatives are taken."""
    from symderive.latex import SymbolTable

    n = names
    tensors = [v for v in vars(n).values() if type(v).__name__ == "TensorSymbol"]
    tensors += [n.w.gradient(), n.wt.gradient(), n.w.tangent(), n.cost.tangent()]
    tensors += [n.b.gradient(), n.b.gradient().tangent()]
    value = n.C(family(n.a[n.L, n.j], (n.j, 1, n.n[n.L])), family(n.y[n.j], (n.j, 1, n.n[n.L])))
    symbols = [v for v in vars(n).values() if isinstance(v, Symbol)]
    return SymbolTable.of(tensors, symbols, n.C, n.E, n.sigma, n.phi, n.relu, value)
