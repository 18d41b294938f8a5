r"""T12. Independent linear regressions on the same samples converge to one answer: least squares is convex.

Two runs of gradient descent on C = sum_s (o_s - y_s)^2 / 2, o_s = sum_k x_{sk} w_k, from different starts differ by

    d_k(t+1) = d_k(t) - eta_t sum_s x_{sk} e_s(t),   e_s = sum_k x_{sk} d_k,

whatever the targets are. This is the contrast to T11, where the difference between two neurons grows.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike
from sympy import Expr, Integer

from proofs.setting import B, T, k, m, s, t
from proofs.vanishing_parts import equal_by_difference
from proofs.witnesses.t12 import witnesses
from symderive.calculus import IndexSum, TensorSymbol, size, tensor
from symderive.calculus.ranges import EMPTY, Context
from symderive.calculus.terms import Bracket
from symderive.claims.evidence import Evidence
from symderive.claims.instance import at_instance
from symderive.derivation.training import training
from symderive.proof import kernel
from symderive.proof.hypotheses import as_hypothesis, marked, renamed
from symderive.proof.kernel import Theorem, hypothesis_of
from symderive.proof.result import Argument, Proposition, Proved
from symderive.proof.tactics import Chain
from symderive.reference_arrays import Array
from symderive.systems import Definition, System
from symderive.training import regression

KEY, NAME = "T12", "linear_regression"
ASSUMES = (
    "the same inputs at every step", "eigenvector of the inputs", "a direction that no sample sees",
    "the gradient is 0", "the gradient of the second run is 0", "full column rank",
    "no eigenvalue above Lambda", "no eigenvalue below mu", "step size below 2 / Lambda",
)  # fmt: skip
SECOND = ", second run"
WORDS = {
    "o": "prediction", "C": "cost", "bar_o": "error of the prediction", "grad_w": "gradient", "w": "weights",
}  # fmt: skip
ORDER = tuple(
    name
    for word in ("prediction", "cost", "error of the prediction", "gradient", "start of the weights",
                 "rule of the weights")
    for name in (word, word + SECOND)
) + ("difference of the weights", "difference of the predictions", "factor at the start", "factor of a step")  # fmt: skip

K = size("K")


@cache
def regression_system() -> System:
    """K weights, B samples.

    >>> print(regression_system())
    system linear regression
      o[s] := sum(w[k]*x[s, k], k=1..K)  for s in 1..B
      C[] := sum((o[s] - y[s])**2, s=1..B)/2
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


def _over(e: Expr, index: Expr = k) -> Expr:
    return IndexSum(e, (index, 1, B if index == s else K))


def _assumed(name: str, lhs: Expr, rhs: Expr | int, *over: tuple[Expr, Expr | int, Expr], ctx: Context = EMPTY) -> Theorem:
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
    goal = _over(r.tensor("x")[t, s, k] * r.e[t, s], s)
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
    return chain.fold(r.d[t, k] - eta[t] * _over(x[t, s, k] * r.e[t, s], s), [r.laws["d"]], "collected")


def along_an_eigenvector() -> tuple[Theorem, Chain, Chain]:
    """sum_k v_k d_k(t) = pi_t sum_k v_k d_k(0), where pi_{t+1} = (1 - eta_t lambda) pi_t."""
    r = runs()
    eta, x = r.tensor("eta"), r.tensor("x")
    v, rate = tensor("v", (k, 1, K)), tensor("lambda", latex=r"\lambda")
    X, factor = tensor("X", (s, 1, B), (k, 1, K)), tensor("pi", (t, 0, T), latex=r"\pi", sup=1)
    same = _assumed("the same inputs at every step", x[t, s, k], X[s, k], (t, 0, T), (s, 1, B), (k, 1, K))
    seen = _over(X[s, k] * _over(X[s, m] * v[m], m), s)
    eigen = _assumed("eigenvector of the inputs", seen, rate[()] * v[k], (k, 1, K))
    first = kernel.assume(hypothesis_of("factor at the start", factor[0], Integer(1), (), "definition"), EMPTY)
    later = kernel.assume(
        hypothesis_of(
            "factor of a step", factor[t + 1], (1 - eta[t] * rate[()]) * factor[t], ((t, 0, T - 1),), "definition"
        ),
        EMPTY,
    )  # fmt: skip

    def along(step: Expr | int) -> Expr:
        return _over(v[k] * r.d[step, k])

    step = (
        Chain(along(t + 1), STEP)
        .rewrite(one_step().theorem, "one step")
        .rewrite(r.laws["e"])
        .rewrite(same)
        .ring(along(t) - eta[t] * _over(seen * r.d[t, k]), "the sums exchanged")
        .rewrite(eigen)
        .ring((1 - eta[t] * rate[()]) * along(t))
    )
    claim = hypothesis_of("induction hypothesis", along(t), factor[t] * along(0), (), "induction")
    base = Chain(along(0), EMPTY).fold(factor[0] * along(0), [first], "the factor is 1")
    next_ = Chain(along(t + 1), STEP).then(step.theorem, "one step").rewrite(kernel.assume(claim, STEP))
    next_.fold(factor[t + 1] * along(0), [later], "factor of a step")
    always = kernel.induction([claim], 0, [base.theorem], [next_.theorem], (t, Integer(0), T), EMPTY)
    return always, step, next_


def unseen_direction() -> tuple[Theorem, Chain]:
    """Where sum_k x_{sk} n_k = 0 for every sample, sum_k n_k w_k is what it was at the start."""
    r = runs()
    eta, x, w, n = r.tensor("eta"), r.tensor("x"), r.tensor("w"), tensor("n", (k, 1, K))
    blind = _assumed(
        "a direction that no sample sees", _over(x[t, s, k] * n[k]), 0, (t, 0, T), (s, 1, B)
    )
    start = _over(n[k] * r.tensor("w_0")[k])
    claim = hypothesis_of("induction hypothesis", _over(n[k] * w[t, k]), start, (), "induction")
    base = Chain(_over(n[k] * w[0, k]), EMPTY).rewrite(r.laws["start"])
    errors = r.tensor("bar_o")
    step = (
        Chain(_over(n[k] * w[t + 1, k]), STEP)
        .rewrite(r.laws["update"])
        .rewrite(r.laws["grad_w"])
        .ring(
            _over(n[k] * w[t, k]) - eta[t] * _over(errors[t, s] * _over(x[t, s, k] * n[k]), s),
            "the sums exchanged",
        )
        .rewrite(blind)
        .rewrite(kernel.assume(claim, STEP))
    )
    always = kernel.induction([claim], 0, [base.theorem], [step.theorem], (t, Integer(0), T), EMPTY)
    return always, step


@dataclass(frozen=True)
class Critical:
    """What holds where both gradients are 0."""

    squares: Chain
    same: Theorem
    predictions: Chain
    weights: Chain
    minimum: Chain


def critical() -> Critical:
    """sum_s e_s^2 = 0, hence equal predictions; with full column rank equal weights; the cost is least."""
    r = runs()
    x, o = r.tensor("x"), r.tensor("o")
    here = Context.of((t, 0, T))
    flat = _assumed("the gradient is 0", r.tensor("grad_w")[t, k], 0, (k, 1, K), ctx=here)
    still = _assumed("the gradient of the second run is 0", r.second("grad_w")[t, k], 0, (k, 1, K), ctx=here)
    both = difference_of_gradients().theorem
    unfolded = Chain(_over(r.d[t, k] * both.rhs), here).ring(
        _over(r.e[t, s] * _over(x[t, s, k] * r.d[t, k]), s), "the sums exchanged"
    )
    unfolded.backwards(r.laws["e"]).ring(_over(r.e[t, s] ** 2, s))
    squares = (
        Chain(_over(r.e[t, s] ** 2, s), here)
        .then(kernel.symmetry(unfolded.theorem), "difference of the predictions, and the sums exchanged")
        .backwards(both, "difference of the gradients")
        .rewrite(flat)
        .rewrite(still)
    )
    none = kernel.vanishing(squares.theorem, (s, 0))
    by_sample = here.bind(s, 1, B)
    apart = Chain(o[t, s] - r.second("o")[t, s], by_sample).rewrite(r.laws["o"]).rewrite(r.laws["o" + SECOND])
    apart.fold(r.e[t, s], [r.laws["e"], r.laws["d"]], "collected").rewrite(none, "a sum of squares is 0")
    predictions = equal_by_difference(apart.theorem, o[t, s], r.second("o")[t, s])

    g = tensor("g", (k, 1, K), (s, 1, B))
    inverse = _assumed(
        "full column rank", _over(g[k, s] * x[t, s, m], s), Bracket.equal(k, m), (k, 1, K), (m, 1, K), ctx=here
    )
    one = here.bind(k, 1, K)
    return _rest(r, none, squares, predictions, inverse, one, g, both, still)


def _rest(r: Runs, none: Theorem, squares: Chain, predictions: Chain, inverse: Theorem, one: Context,
          g: TensorSymbol, both: Theorem, still: Theorem) -> Critical:  # fmt: skip
    x, w, v = r.tensor("x"), r.tensor("w"), r.second("w")
    start = _over(g[k, s] * _over(x[t, s, m] * r.d[t, m], m), s)
    gap = Chain(start, one).backwards(r.laws["e"]).rewrite(none, "a sum of squares is 0")
    inverted = Chain(start, one).ring(_over(_over(g[k, s] * x[t, s, m], s) * r.d[t, m], m))
    inverted.rewrite(inverse).contract()
    zero = kernel.transitivity(kernel.symmetry(inverted.theorem), gap.theorem)
    apart = Chain(w[t, k] - v[t, k], one).backwards(r.laws["d"]).then(zero, "left inverse of the inputs")
    weights = equal_by_difference(apart.theorem, w[t, k], v[t, k])

    o, p, y, C = r.tensor("o"), r.second("o"), r.tensor("y"), r.tensor("C")
    here = Context.of((t, 0, T))
    shift = Chain(o[t, s], here.bind(s, 1, B)).rewrite(r.laws["o"])
    shift.fold(p[t, s] + r.e[t, s], [r.laws["o" + SECOND], r.laws["e"], r.laws["d"]], "collected")
    slope = Chain(_over((p[t, s] - y[t, s]) * r.e[t, s], s), here).rewrite(r.laws["e"])
    slope.fold(
        _over(r.d[t, k] * r.second("grad_w")[t, k]),
        [r.laws["grad_w" + SECOND], r.laws["bar_o" + SECOND]],
        "gradient of the second run",
    ).rewrite(still)
    minimum = Chain(C[t], here).rewrite(r.laws["C"]).rewrite(shift.theorem, "prediction of the second run")
    minimum.ring(
        _over((p[t, s] - y[t, s]) ** 2, s) / 2 + slope.theorem.lhs + _over(r.e[t, s] ** 2, s) / 2, "squared"
    )
    minimum.replace(slope.theorem, "gradient of the second run is 0")
    minimum.fold(
        r.second("C")[t] + _over(r.e[t, s] ** 2, s) / 2, [r.laws["C" + SECOND]], "cost of the second run"
    )
    return Critical(squares, none, predictions, weights, minimum)


def contraction() -> Chain:
    """|d(t+1)|^2 + c^2 rho^2 + eta^2 r^2 = (1 - mu c^2) |d(t)|^2, c^2 = eta (2 - eta Lambda)."""
    r = runs()
    eta, x, d, e = r.tensor("eta"), r.tensor("x"), r.d, r.e
    slack, below, c = (
        tensor(name, (t, 0, T), latex=latex, sup=1) for name, latex in (("r", "r"), ("rho", r"\rho"), ("c", "c"))
    )
    mu, top = tensor("mu", latex=r"\mu"), tensor("Lambda", latex=r"\Lambda")
    back = _over(x[t, s, k] * e[t, s], s)
    largest = _assumed(
        "no eigenvalue above Lambda", _over(back**2) + slack[t] ** 2, top[()] * _over(e[t, s] ** 2, s), (t, 0, T)
    )
    smallest = _assumed(
        "no eigenvalue below mu", _over(e[t, s] ** 2, s), mu[()] * _over(d[t, k] ** 2) + below[t] ** 2, (t, 0, T)
    )
    small = _assumed("step size below 2 / Lambda", c[t] ** 2, eta[t] * (2 - eta[t] * top[()]), (t, 0, T))
    chain = Chain(_over(d[t + 1, k] ** 2) + c[t] ** 2 * below[t] ** 2 + eta[t] ** 2 * slack[t] ** 2, STEP)
    chain.rewrite(one_step().theorem, "one step")
    chain.ring(
        _over(d[t, k] ** 2)
        - 2 * eta[t] * _over(e[t, s] * _over(x[t, s, k] * d[t, k]), s)
        + eta[t] ** 2 * (_over(back**2) + slack[t] ** 2)
        + c[t] ** 2 * below[t] ** 2,
        "squared, and the sums exchanged",
    )
    chain.backwards(r.laws["e"]).rewrite(largest)
    chain.ring(
        _over(d[t, k] ** 2) - eta[t] * (2 - eta[t] * top[()]) * _over(e[t, s] ** 2, s) + c[t] ** 2 * below[t] ** 2
    )
    chain.rewrite(smallest).rewrite(small)
    return chain.fold((1 - mu[()] * c[t] ** 2) * _over(d[t, k] ** 2), [small], "step size below 2 / Lambda")


def numeric(seed: int) -> tuple[Evidence, ...]:
    """The theorem on real arrays, and each equation at numbers that obey its hypotheses."""
    return (*regression.evidence(seed), *instances(seed))


def instances(seed: int) -> tuple[Evidence, ...]:
    """Inputs, starts and slacks from NumPy, which knows eigenvalues, null spaces and inverses on its own."""
    rng = np.random.default_rng(seed)
    theorems = {p.name: p.theorem for p in prove().propositions}
    steps, eta = 3, 0.05
    x, y, starts = rng.normal(size=(5, 3)), rng.normal(size=5), rng.normal(size=(2, 3))
    sizes = {T: steps, B: 5, K: 3}

    def data(x: Array, y: Array, *starts: Array) -> dict[str, ArrayLike]:
        w, v = np.moveaxis(regression.descend(np.stack(starts), x, y, eta, steps), 1, 0)
        given = {"x": x, "y": y, "eta": eta}
        return {
            "w": w, "w_0": w[0], "w_tilde": v,
            **{name: np.stack([np.asarray(a)] * (steps + 1)) for name, a in given.items()},
        }  # fmt: skip

    values, vectors = np.linalg.eigh(x.T @ x)
    d = np.diff(regression.descend(starts[::-1], x, y, eta, steps), axis=1)[:, 0]
    e = d @ x.T
    ends = {"mu": values[0], "Lambda": values[-1], "c": np.full(steps + 1, np.sqrt(eta * (2 - eta * values[-1])))}
    squares = [values[-1] * np.sum(e**2, 1) - np.sum((e @ x) ** 2, 1), np.sum(e**2, 1) - values[0] * np.sum(d**2, 1)]
    slack = dict(zip(("r", "rho"), np.sqrt(np.maximum(squares, 0)), strict=True))
    full = data(x, y, *starts)
    along = {"X": x, "v": vectors[:, 1], "lambda": values[1]}
    best = np.linalg.lstsq(x, y, rcond=None)[0]
    flat, level = x[:2], y[:2]
    unseen = np.linalg.svd(flat)[2][-1]
    some = np.linalg.lstsq(flat, level, rcond=None)[0]
    inverse = np.linalg.pinv(x)
    definitions = [h for law in runs().laws.values() for h in law.hypotheses]
    return tuple(
        at_instance(theorems[name], name, given, {**sizes, B: len(np.asarray(given["y"])[0])}, seed, definitions)
        for name, given in (
            ("contraction", {**full, **ends, **slack}),
            ("along an eigenvector", {**full, **along}),
            ("unseen directions", {**data(flat, level, *starts), "n": unseen}),
            ("predictions", data(flat, level, some, some + 2 * unseen)),
            ("one answer", {**data(x, y, best, best), "g": inverse}),
            ("minimum", data(x, y, starts[0], best)),
        )
    )


@cache
def prove() -> Proved:
    """Any number of weights and samples, any targets and step sizes."""
    at = critical()
    along, eigen_step, eigen_next = along_an_eigenvector()
    unseen, unseen_step = unseen_direction()
    shrinks = contraction()
    gradients, step = difference_of_gradients(), one_step()
    return Proved(
        KEY,
        NAME,
        "Independent linear regressions converge to one answer",
        "Many linear regressions on the same samples, from different starts, do end with the same predictions, "
        "and with the same weights where the inputs have full column rank: the difference of two runs obeys a "
        "linear equation in which the targets do not occur, and every step below 2 / Lambda shrinks it. Neurons "
        "are not such regressions: each fits what the others leave, and in T11 the difference between two of "
        "them grows. Inequalities are stated with squares: a is at most b where b - a is the square of a real "
        "number, so that r, rho and c below say that a difference is at least 0. Where mu is above 0 and c is "
        "not 0, the factor 1 - mu c^2 is below 1, and after t steps the squared difference is at most its "
        "t-th power times that of the start.",
        regression_system(),
        (
            Proposition(
                "difference of the gradients",
                "The gradients of two runs differ by what the inputs carry back of the difference of their "
                "predictions; the targets cancel.",
                gradients.theorem, (Argument.of("The gradients", gradients),),
            ),
            Proposition(
                "one step", "So do the weights after a step.", step.theorem, (Argument.of("One step", step),)
            ),
            Proposition(
                "contraction",
                "No eigenvalue of the inputs' second moments lies above Lambda or below mu, and the step size "
                "lies between 0 and 2 / Lambda: then every step shrinks the squared difference, at least by "
                "the factor $1 - \\mu c^2$.",
                shrinks.theorem, (Argument.of("One step, squared", shrinks),),
            ),
            Proposition(
                "along an eigenvector",
                "Along an eigenvector of the second moments the difference is multiplied by $1 - \\eta \\lambda$ in "
                "every step: this is the rate, and it is exact.",
                along, (Argument.of("One step", eigen_step), Argument.of("The induction", eigen_next)),
            ),
            Proposition(
                "unseen directions",
                "A direction that no sample sees keeps what the start had in it: where the inputs have not full "
                "column rank, different starts end with different weights.",
                unseen, (Argument.of("One step", unseen_step),),
            ),
            Proposition(
                "predictions",
                "Where both gradients are 0, the predictions agree for every sample, whatever the rank.",
                at.predictions.theorem,
                (
                    Argument.of("The squares of the differences", at.squares),
                    Argument.of("The predictions", at.predictions),
                ),
            ),
            Proposition(
                "one answer",
                "With full column rank, which is a left inverse g of the inputs, so do the weights.",
                at.weights.theorem, (Argument.of("The weights", at.weights),),
            ),
            Proposition(
                "minimum",
                "Where the gradient of the second run is 0, its cost is the least: any other is larger by half "
                "the squared difference of the predictions.",
                at.minimum.theorem, (Argument.of("The cost", at.minimum),),
            ),
        ),
        order=ORDER,
        sources=("Goodfellow, Bengio, Courville 2016, sections 5.1.4 and 4.3", "Boyd, Vandenberghe 2004, section 9.3"),
        witnesses=witnesses(),
    )  # fmt: skip
