r"""How fast two linear regressions meet: the factor along an eigenvector, the contraction of squares."""

from __future__ import annotations

from sympy import Expr, Integer

from proofs.setting import B, T, k, m, s, t
from proofs.two_regressions import STEP, K, assumed, one_step, over, runs
from symderive.calculus import tensor
from symderive.calculus.ranges import EMPTY
from symderive.proof import kernel
from symderive.proof.kernel import Theorem, hypothesis_of
from symderive.proof.tactics import Chain


def along_an_eigenvector() -> tuple[Theorem, Chain, Chain]:
    """sum_k v_k d_k(t) = pi_t sum_k v_k d_k(0), where pi_{t+1} = (1 - eta_t lambda) pi_t."""
    r = runs()
    eta, x = r.tensor("eta"), r.tensor("x")
    v, rate = tensor("v", (k, 1, K)), tensor("lambda", latex=r"\lambda")
    X, factor = tensor("X", (s, 1, B), (k, 1, K)), tensor("pi", (t, 0, T), latex=r"\pi", sup=1)
    same = assumed("the same inputs at every step", x[t, s, k], X[s, k], (t, 0, T), (s, 1, B), (k, 1, K))
    seen = over(X[s, k] * over(X[s, m] * v[m], m), s)
    eigen = assumed("eigenvector of the inputs", seen, rate[()] * v[k], (k, 1, K))
    first = kernel.assume(
        hypothesis_of("factor at the start", factor[0], Integer(1), (), "definition"), EMPTY
    )
    later = kernel.assume(
        hypothesis_of(
            "factor of a step", factor[t + 1], (1 - eta[t] * rate[()]) * factor[t], ((t, 0, T - 1),),
            "definition",
        ),
        EMPTY,
    )  # fmt: skip

    def along(step: Expr | int) -> Expr:
        return over(v[k] * r.d[step, k])

    step = (
        Chain(along(t + 1), STEP)
        .rewrite(one_step().theorem, "one step")
        .rewrite(r.laws["e"])
        .rewrite(same)
        .ring(along(t) - eta[t] * over(seen * r.d[t, k]), "the sums exchanged")
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
    blind = assumed("a direction that no sample sees", over(x[t, s, k] * n[k]), 0, (t, 0, T), (s, 1, B))
    start = over(n[k] * r.tensor("w_0")[k])
    claim = hypothesis_of("induction hypothesis", over(n[k] * w[t, k]), start, (), "induction")
    base = Chain(over(n[k] * w[0, k]), EMPTY).rewrite(r.laws["start"])
    errors = r.tensor("bar_o")
    step = (
        Chain(over(n[k] * w[t + 1, k]), STEP)
        .rewrite(r.laws["update"])
        .rewrite(r.laws["grad_w"])
        .ring(
            over(n[k] * w[t, k]) - eta[t] * over(errors[t, s] * over(x[t, s, k] * n[k]), s),
            "the sums exchanged",
        )
        .rewrite(blind)
        .rewrite(kernel.assume(claim, STEP))
    )
    always = kernel.induction([claim], 0, [base.theorem], [step.theorem], (t, Integer(0), T), EMPTY)
    return always, step


def contraction() -> Chain:
    """|d(t+1)|^2 + c^2 rho^2 + eta^2 r^2 = (1 - mu c^2) |d(t)|^2, c^2 = eta (2 - eta Lambda)."""
    r = runs()
    eta, x, d, e = r.tensor("eta"), r.tensor("x"), r.d, r.e
    slack, below, c = (
        tensor(name, (t, 0, T), latex=latex, sup=1)
        for name, latex in (("r", "r"), ("rho", r"\rho"), ("c", "c"))
    )
    mu, top = tensor("mu", latex=r"\mu"), tensor("Lambda", latex=r"\Lambda")
    back = over(x[t, s, k] * e[t, s], s)
    largest = assumed(
        "no eigenvalue above Lambda",
        over(back**2) + slack[t] ** 2,
        top[()] * over(e[t, s] ** 2, s),
        (t, 0, T),
    )
    smallest = assumed(
        "no eigenvalue below mu",
        over(e[t, s] ** 2, s),
        mu[()] * over(d[t, k] ** 2) + below[t] ** 2,
        (t, 0, T),
    )
    small = assumed("step size below 2 / Lambda", c[t] ** 2, eta[t] * (2 - eta[t] * top[()]), (t, 0, T))
    chain = Chain(over(d[t + 1, k] ** 2) + c[t] ** 2 * below[t] ** 2 + eta[t] ** 2 * slack[t] ** 2, STEP)
    chain.rewrite(one_step().theorem, "one step")
    chain.ring(
        over(d[t, k] ** 2)
        - 2 * eta[t] * over(e[t, s] * over(x[t, s, k] * d[t, k]), s)
        + eta[t] ** 2 * (over(back**2) + slack[t] ** 2)
        + c[t] ** 2 * below[t] ** 2,
        "squared, and the sums exchanged",
    )
    chain.backwards(r.laws["e"]).rewrite(largest)
    chain.ring(
        over(d[t, k] ** 2)
        - eta[t] * (2 - eta[t] * top[()]) * over(e[t, s] ** 2, s)
        + c[t] ** 2 * below[t] ** 2
    )
    chain.rewrite(smallest).rewrite(small)
    return chain.fold((1 - mu[()] * c[t] ** 2) * over(d[t, k] ** 2), [small], "step size below 2 / Lambda")
