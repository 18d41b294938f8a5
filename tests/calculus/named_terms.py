"""Random terms with names, as in a textbook: sum_k f at an environment is the sum of f with k = lo, .., hi.

The trees are tuples, and `Meaning` reads them with an environment of names. `build` makes the calculus'
term of the same tree. So a wrong binding, substitution or derivative of the calculus shows against a
meaning that knows nothing of bound indices without names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import Any

from sympy import Add, Expr, Integer, Mul, Pow, Rational, Symbol

from symderive.calculus import (
    Bracket,
    Functional,
    IndexSum,
    ScalarFunction,
    TensorSymbol,
    family,
    indices,
    tensor,
)
from symderive.evaluation.exact import Assignment, functional, polynomial

Tree = tuple[Any, ...]
Env = Mapping[str, Any]

LETTERS = "ijkln"
SYMBOLS: dict[str, Symbol] = dict(zip(LETTERS, indices(" ".join(LETTERS)), strict=True))
I, J, K, L, N = SYMBOLS.values()
SYMBOLS["t"] = Symbol("t", real=True)
SPARE = "rsuv"  # names that no random tree has
SYMBOLS |= dict(zip(SPARE, indices(" ".join(SPARE)), strict=True))

d = tensor("d", (I, 0, 9), kind="dimension")
# declared with the very letters that the terms are full of: printers and `unbind` prefer them
TENSORS: dict[str, TensorSymbol] = {
    "x": tensor("x", (I, 1, 3)),
    "y": tensor("y", (K, 0, N)),
    "A": tensor("A", (J, 1, 3), (K, 1, 2)),
    "B": tensor("B", (K, 1, 3), (J, 0, 2)),
    "w": tensor("w", (L, 1, 3), (J, 1, d[L]), (K, 1, d[L - 1]), sup=1),
    "d": d,
    "m": tensor("m", (I, 1, 3), kind="integer"),
    "p": tensor("p", (J, 1, 3), kind="permutation"),
    "q": tensor("q", (L, 1, 3), (J, 1, d[L]), sup=1, kind="permutation"),
}
FUNCTIONS = {"sigma": ScalarFunction("sigma"), "phi": ScalarFunction("phi", sup=1)}
FUNCTIONALS = {"C": Functional("C", arity=1), "E": Functional("E", arity=2)}
REAL = ("x", "y", "A", "B", "w")


@dataclass(frozen=True)
class Dual:
    """v + d eps with eps^2 = 0: the derivative, carried forward. Both parts may be dual again."""

    v: Any
    d: Any

    @staticmethod
    def of(x: Any) -> Dual:
        return x if isinstance(x, Dual) else Dual(x, 0)

    def __add__(self, other: Any) -> Dual:
        o = Dual.of(other)
        return Dual(self.v + o.v, self.d + o.d)

    def __mul__(self, other: Any) -> Dual:
        o = Dual.of(other)
        return Dual(self.v * o.v, self.v * o.d + self.d * o.v)

    __radd__, __rmul__ = __add__, __mul__

    def __pow__(self, n: int) -> Dual:
        if n < 0:
            one = inverse(self.v)
            return Dual(one, -1 * (one * one * self.d)) ** -n
        out = Dual(1, 0)
        for _ in range(n):
            out = out * self
        return out


def inverse(x: Any) -> Any:
    return x**-1 if isinstance(x, Dual) else 1 / Fraction(x)


def plain(x: Any) -> Any:
    return plain(x.v) if isinstance(x, Dual) else x


# ------------------------------------------------------------------------------------ the meaning of a tree

Read = Callable[[str, tuple[int, ...]], Any]


def reader(a: Assignment) -> Read:
    """T[index] under the assignment, drawn once."""
    seen: dict[Any, Any] = {}

    def read(name: str, index: tuple[int, ...]) -> Any:
        key = (name, index)
        if key not in seen:
            limits = None
            if name == "p":
                limits = (1, 3)
            elif name == "q" and 1 <= index[0] <= 3:
                limits = (1, read("d", index[:1]))
            seen[key] = a.entry(TENSORS[name], index, limits)
        return seen[key]

    return read


class Meaning:
    """The value of trees at an assignment; `read` may give dual numbers."""

    def __init__(self, a: Assignment, read: Read | None = None) -> None:
        self.a = a
        self.read = read or reader(a)
        self.polynomials: dict[Any, list[int]] = {}

    def index(self, t: Tree, env: Env) -> int:
        v = plain(self.value(t, env))
        assert v == int(v)
        return int(v)

    def value(self, t: Tree, env: Env) -> Any:
        kind = t[0]
        if kind == "number":
            return t[1]
        if kind == "name":
            return env[t[1]]
        if kind == "entry":
            return self.read(t[1], tuple([self.index(i, env) for i in t[2]]))
        if kind == "add":
            total: Any = 0
            for a in t[1:]:
                total = total + self.value(a, env)
            return total
        if kind == "mul":
            product: Any = 1
            for a in t[1:]:
                product = product * self.value(a, env)
            return product
        if kind == "pow":
            base = self.value(t[1], env)
            return base ** t[2] if t[2] >= 0 else inverse(base) ** -t[2]
        if kind == "sum":
            _, letter, lo, hi, body = t
            total = 0
            for v in range(self.index(lo, env), self.index(hi, env) + 1):
                total = total + self.value(body, {**env, letter: v})
            return total
        if kind == "bracket":
            a, b = plain(self.value(t[2], env)), plain(self.value(t[3], env))
            return int({"=": a == b, "<=": a <= b, "<": a < b}[t[1]])
        if kind == "apply":
            _, name, order, sup, argument = t
            key = ("function", name, *(self.index(s, env) for s in sup))
            if key not in self.polynomials:
                self.polynomials[key] = self.a.coefficients(*key)
            return polynomial(self.polynomials[key], order, self.value(argument, env))
        assert kind == "functional"
        _, name, families = t
        entries: dict[Any, Any] = {}
        for m, (limits, body) in enumerate(families):
            self.members(limits, body, env, m, (), entries)
        return functional(self.a, name, entries)

    def members(
        self, limits: Any, body: Tree, env: Env, m: int, at: tuple[int, ...], found: dict[Any, Any]
    ) -> None:
        if not limits:
            found[m, at] = self.value(body, env)
            return
        (letter, lo, hi), *rest = limits
        for v in range(self.index(lo, env), self.index(hi, env) + 1):
            self.members(rest, body, {**env, letter: v}, m, (*at, v), found)


def build(t: Tree) -> Expr:
    """The calculus' term of a tree."""
    kind = t[0]
    if kind == "number":
        return Rational(t[1])
    if kind == "name":
        return SYMBOLS[t[1]]
    if kind == "entry":
        return TENSORS[t[1]][tuple(build(i) for i in t[2])]
    if kind == "add":
        return Add(*map(build, t[1:]))
    if kind == "mul":
        return Mul(*map(build, t[1:]))
    if kind == "pow":
        return Pow(build(t[1]), Integer(t[2]))
    if kind == "sum":
        return IndexSum(build(t[4]), (SYMBOLS[t[1]], build(t[2]), build(t[3])))
    if kind == "bracket":
        return Bracket(t[1], build(t[2]), build(t[3]))
    if kind == "apply":
        return FUNCTIONS[t[1]](build(t[4]), *map(build, t[3]), order=t[2])
    assert kind == "functional"
    families = [
        family(build(body), *((SYMBOLS[k], build(lo), build(hi)) for k, lo, hi in limits))
        for limits, body in t[2]
    ]
    return FUNCTIONALS[t[1]](*families)


# --------------------------------------------------------------------------------------------- random trees


def number(v: Any) -> Tree:
    return ("number", v)


def name(s: str) -> Tree:
    return ("name", s)


class Generator:
    """Random trees from a seed; the same few letters are bound and free."""

    def __init__(self, seed: int) -> None:
        self.r = Random(seed)

    def letter(self) -> str:
        return self.r.choice(LETTERS)

    def index(self, rich: bool = True) -> Tree:
        c = self.r.random()
        if c < 0.62 or not rich:
            return name(self.letter())
        if c < 0.78:
            return ("add", name(self.letter()), number(self.r.choice((-1, 1, 2))))
        if c < 0.84:
            return number(self.r.randint(0, 3))
        if c < 0.87:
            return ("mul", number(self.r.choice((2, -1))), name(self.letter()))
        if c < 0.90:
            return ("add", name(self.letter()), name(self.letter()))
        return self.r.choice(
            (
                ("entry", "p", (name(self.letter()),)),
                ("entry", "m", (name(self.letter()),)),
                ("entry", "q", (name(self.letter()), name(self.letter()))),
            )
        )

    def entry(self, names: tuple[str, ...] = REAL, rich: bool = True) -> Tree:
        t = self.r.choice(names)
        return ("entry", t, tuple(self.index(rich) for _ in range(TENSORS[t].rank)))

    def limits(self) -> tuple[str, Tree, Tree]:
        """A letter with its range; the range may contain the letter's name, with its outer meaning."""
        r = self.r
        lo = number(r.choice((0, 1, 1, 1))) if r.random() < 0.75 else ("add", name(self.letter()), number(-1))
        c = r.random()
        if c < 0.45:
            hi = name(self.letter())
        elif c < 0.75:
            hi = number(r.randint(1, 3))
        elif c < 0.85:
            hi = ("entry", "d", (name(self.letter()),))
        else:
            hi = ("add", name(self.letter()), number(r.choice((-1, 1))))
        return self.letter(), lo, hi

    def bracket(self) -> Tree:
        relation = self.r.choice(("=", "=", "=", "<=", "<"))
        if self.r.random() < 0.05:
            return ("bracket", relation, self.entry(), self.r.choice((number(0), self.index())))
        return ("bracket", relation, self.index(), self.index())

    def leaf(self) -> Tree:
        c = self.r.random()
        if c < 0.62:
            return self.entry()
        if c < 0.76:
            return self.bracket()
        if c < 0.84:
            return name("t")
        if c < 0.90:
            return name(self.letter())
        if c < 0.95:
            return number(Fraction(self.r.randint(-3, 3) or 1, self.r.choice((1, 1, 2))))
        return self.entry(("d", "m", "p"))

    def term(self, size: int, sums: int = 1) -> Tree:
        """A tree of about this size with at most `sums` sums in each other."""
        if size <= 0:
            return self.leaf()
        c = self.r.random()
        if c < 0.30:
            return ("mul", self.term(size - 1, sums), self.term(size - 2, sums))
        if c < 0.48:
            return ("add", self.term(size - 1, sums), self.term(size - 2, sums))
        if c < 0.58:
            return ("pow", self.term(size - 2, sums), self.r.choice((2, 2, 3, -1)))
        if c < 0.68:
            order = self.r.choice((0, 0, 1, 2))
            if self.r.random() < 0.7:
                return ("apply", "sigma", order, (), self.term(size - 2, sums))
            return ("apply", "phi", order, (self.index(),), self.term(size - 2, sums))
        if c < 0.71:
            one = (tuple(self.limits() for _ in range(self.r.choice((1, 1, 2)))), self.term(size - 2, 0))
            two = ((self.limits(),), self.leaf())
            return ("functional", "C", (one,)) if self.r.random() < 0.6 else ("functional", "E", (one, two))
        if c < 0.85 and sums > 0:
            return ("sum", *self.limits(), self.term(size - 1, sums - 1))
        return self.leaf()

    def nested(self, depth: int) -> Tree:
        """A sum that holds `depth` sums in each other."""
        if depth == 0:
            return ("mul", self.entry(), self.term(2, 0))
        inside = self.nested(depth - 1)
        c = self.r.random()
        if c < 0.35:
            inside = ("mul", inside, self.leaf())
        elif c < 0.60:
            inside = ("add", inside, self.term(1, 0))
        elif c < 0.67:
            inside = ("pow", inside, 2)
        elif c < 0.74:
            inside = ("apply", "sigma", self.r.choice((0, 1)), (), inside)
        return ("sum", *self.limits(), inside)

    def env(self) -> dict[str, Any]:
        return {s: self.r.choice((-1, 0, 1, 2, 2, 3, 3)) for s in LETTERS} | {
            "t": self.r.choice((-2, -1, 1, 2, 3))
        }


def free_names(t: Tree) -> set[str]:
    """The names that are free in a tree."""
    kind = t[0]
    if kind == "name":
        return {t[1]}
    if kind == "sum":
        return free_names(t[2]) | free_names(t[3]) | (free_names(t[4]) - {t[1]})
    if kind == "functional":
        found: set[str] = set()
        for limits, body in t[2]:
            inside = free_names(body)
            for k, lo, hi in reversed(limits):
                inside = (inside - {k}) | free_names(lo) | free_names(hi)
            found |= inside
        return found
    if kind == "entry":
        return set().union(*map(free_names, t[2]))
    return set().union(*(free_names(a) for a in _subtrees(t)))


def _subtrees(t: Tree) -> list[Tree]:
    if t[0] == "apply":
        return [*t[3], t[4]]
    return [a for a in t[1:] if isinstance(a, tuple) and a and isinstance(a[0], str)]


def map_tree(t: Any, f: Callable[[Tree], Tree | None]) -> Any:
    """The tree with f applied to every node from outside in; None keeps a node and goes on inside."""
    if not isinstance(t, tuple):
        return t
    if t and isinstance(t[0], str):
        new = f(t)
        if new is not None:
            return new
    return tuple(map_tree(a, f) for a in t)
