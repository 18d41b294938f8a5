r"""Two runs of gradient descent for one linear regression, and how they differ, d = w - w~."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from sympy import Expr, Integer

from proofs.setting import B, T, k, s, t
from symderive.calculus import IndexSum, TensorSymbol, size, tensor
from symderive.calculus.ranges import EMPTY, Context
from symderive.derivation.training import training
from symderive.proof import kernel
from symderive.proof.hypotheses import as_hypothesis, marked, renamed
from symderive.proof.kernel import Theorem, hypothesis_of
from symderive.proof.tactics import Chain
from symderive.systems import Definition, System

SECOND = ", second run"
WORDS = {
    "o": "prediction", "C": "cost", "bar_o": "error of the prediction", "grad_w": "gradient", "w": "weights",
}  # fmt: skip
PLAIN = (
    "prediction", "cost", "error of the prediction", "gradient", "start of the weights",
    "rule of the weights",
)  # fmt: skip
ORDER = (
    *(name + mark for name in PLAIN for mark in ("", SECOND)),
    "difference of the weights", "difference of the predictions", "factor at the start", "factor of a step",
)  # fmt: skip

K = size("K")


@cache
def regression_system() -> System:
    """K weights, B samples.

    >>> print(regression_system())
    system linear regression
      o[s] := sum(w[k]*x[s, k], k=1..K)  for s in 1..B
      C[] := (sum((o[s] - y[s])**2, s=1..B))/2
    """
    x, y, o = tensor("x", (s, 1, B), (k, 1, K)), tensor("y", (s, 1, B)), tensor("o", (s, 1, B))
    w, C = tensor("w", (k, 1, K)), tensor("C")
    return System(
        "linear regression",
        (x, y),
        (w,),
        (
            Definition(o[s], IndexSum(w[k] * x[s, k], (k, 1, K)), ((s, 1, B),), "prediction"),
            Definition(C(), IndexSum((o[s] - y[s]) ** 2, (s, 1, B)) / 2, (), "cost"),
        ),
        C,
    )


@dataclass(frozen=True)
class Runs:
    """Two runs on the same samples with the same step sizes: tensors, definitions, and their differences."""

    system: System
    other: dict[TensorSymbol, TensorSymbol]
    laws: dict[str, Theorem]
    d: TensorSymbol
    e: TensorSymbol

    def tensor(self, name: str) -> TensorSymbol:
        """A tensor of the first run."""
        return self.system.tensor(name)

    def second(self, name: str) -> TensorSymbol:
        """Its copy in the second run."""
        return self.other[self.system.tensor(name)]


@cache
def runs() -> Runs:
    """The definitions of both runs, with d = w - w~ and e_s = sum_k x_{sk} d_k."""
    system = training(regression_system(), "gd")
    shared = {system.tensor(name) for name in ("x", "y", "eta")}
    everything = {*system.parameters, *system.defined} - {system.cost}
    other = {u: marked(u) for u in sorted(everything - shared, key=str)}
    laws = {}
    for u in system.definitions:
        if u.symbol == system.cost:
            continue
        step = u.symbol.name == "w" and u.lhs.index[0] != 0
        name = "rule of the weights" if step else WORDS[u.symbol.name]
        key = "update" if step else u.symbol.name
        if u.symbol.name == "w" and not step:
            name, key = "start of the weights", "start"
        laws[key] = kernel.assume(as_hypothesis(u, name), EMPTY)
        laws[key + SECOND] = kernel.assume(as_hypothesis(renamed(u, other), name + SECOND), EMPTY)
    w, x = system.tensor("w"), system.tensor("x")
    steps = (t, 0, T)
    d, e = tensor("d", steps, (k, 1, K), sup=1), tensor("e", steps, (s, 1, B), sup=1)
    for key, name, lhs, rhs, over in (
        ("d", "difference of the weights", d[t, k], w[t, k] - other[w][t, k], (k, 1, K)),
        ("e", "difference of the predictions", e[t, s], IndexSum(x[t, s, k] * d[t, k], (k, 1, K)), (s, 1, B)),
    ):
        laws[key] = kernel.assume(hypothesis_of(name, lhs, rhs, (steps, over), "definition"), EMPTY)
    return Runs(system, other, laws, d, e)


def over(e: Expr, index: Expr = k) -> Expr:
    return IndexSum(e, (index, 1, B if index == s else K))


def assumed(
    name: str, lhs: Expr, rhs: Expr | int, *over: tuple[Expr, Expr | int, Expr], ctx: Context = EMPTY
) -> Theorem:
    right = Integer(rhs) if isinstance(rhs, int) else rhs
    return kernel.assume(hypothesis_of(name, lhs, right, over), ctx)


AT = Context.of((t, 0, T))
STEP = Context.of((t, 0, T - 1))


@cache
def difference_of_gradients() -> Chain:
    """dC/dw_k - dC/dw~_k = sum_s x_{sk} e_s"""
    r = runs()
    chain = Chain(r.tensor("grad_w")[t, k] - r.second("grad_w")[t, k], AT.bind(k, 1, K))
    for key in ("grad_w", "bar_o", "o"):
        chain.rewrite(r.laws[key]).rewrite(r.laws[key + SECOND])
    goal = over(r.tensor("x")[t, s, k] * r.e[t, s], s)
    return chain.fold(goal, [r.laws["e"], r.laws["d"]], "the targets cancel")


@cache
def one_step() -> Chain:
    """d_k(t+1) = d_k(t) - eta_t sum_s x_{sk} e_s(t)"""
    r = runs()
    eta, x = r.tensor("eta"), r.tensor("x")
    chain = Chain(r.d[t + 1, k], STEP.bind(k, 1, K)).rewrite(r.laws["d"])
    chain.rewrite(r.laws["update"]).rewrite(r.laws["update" + SECOND])
    g, h = r.tensor("grad_w")[t, k], r.second("grad_w")[t, k]
    chain.ring(r.tensor("w")[t, k] - r.second("w")[t, k] - eta[t] * (g - h))
    chain.rewrite(difference_of_gradients().theorem, "difference of the gradients")
    return chain.fold(r.d[t, k] - eta[t] * over(x[t, s, k] * r.e[t, s], s), [r.laws["d"]], "collected")
