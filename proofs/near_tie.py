r"""A small gap in a step, along an eigenvector of B: times 1 - eta (mu + lambda); decay; noise.

dw' = (1 - eta lambda) dw - eta d(dC/dw) is the update, differentiated; where (P (u, beta) + Q h, Q^T (u,
beta)) is
mu (u, beta, h), the gap after the step is the gap, times one number.
"""

from __future__ import annotations

from functools import cache

from sympy import Expr, Integer, exp

from proofs.blocks import BIAS, INCOMING, OUTGOING, acting, action, curvature
from proofs.setting import L, T, i, j, k, l, m, s, t
from proofs.transverse import directions, hidden, moved, n, net, r
from symderive.calculus import IndexSum, tensor
from symderive.calculus.ranges import EMPTY, Context
from symderive.proof import kernel
from symderive.proof.combination import combination, difference
from symderive.proof.kernel import Theorem, hypothesis_of
from symderive.proof.result import Argument, Proposition
from symderive.proof.tactics import Chain

ONE, ZERO = Integer(1), Integer(0)
eta, mu, decay = tensor("eta", latex=r"\eta"), tensor("mu", latex=r"\mu"), tensor("lambda", latex=r"\lambda")
EIGEN = (
    "eigenvector of B, incoming weights",
    "eigenvector of B, biases",
    "eigenvector of B, outgoing weights",
)


def _vector() -> dict[str, Expr]:
    _, u, beta, h = directions()
    return {INCOMING: u[m - 1, k], BIAS: beta[()], OUTGOING: h[m + 1, i]}


def _own(name: str) -> tuple[tuple[Expr, Expr, Expr], ...]:
    w = n()
    return {INCOMING: ((k, ONE, w[m - 1]),), BIAS: (), OUTGOING: ((i, ONE, w[m + 1]),)}[name]


@cache
def one_step() -> dict[str, Chain]:
    """The differential of a parameter after the step: (1 - eta (mu + lambda)) times that before it."""
    ctx, w, b = hidden(), net().tensor("w"), net().tensor("b")
    rules = {}
    for x, word in ((w, "weights"), (b, "biases")):
        after = x.derived(f"{x.name}_next", latex_name=rf"\hat{{{x.latex_name}}}")
        index = (l, j, k)[: x.rank]
        width = n()
        limits = ((l, ONE, L), (j, ONE, width[l]), (k, ONE, width[l - 1]))[: x.rank]
        gradient = net().tensor(f"grad_{x.name}")[index]
        rule = hypothesis_of(
            f"step of the {word} with decay", after[index],
            x[index] - eta[()] * (gradient + decay[()] * x[index]), limits, "definition",
        )  # fmt: skip
        rules[x] = after.tangent(), kernel.differentiation(kernel.assume(rule, EMPTY))
    fixed = [
        kernel.assume(hypothesis_of(f"the {name} is fixed", x.tangent()[()], ZERO), EMPTY)
        for name, x in (("step size", eta), ("decay", decay))
    ]
    moves = [kernel.assume(h, ctx) for h in moved()[:3]]
    vector, c, found = _vector(), directions()[0], {}
    for name, eigen, (x, index), move in zip(
        (INCOMING, BIAS, OUTGOING),
        EIGEN,
        ((w, (m, r, k)), (b, (m, r)), (w, (m + 1, i, r))),
        moves,
        strict=True,
    ):
        law = hypothesis_of(eigen, acting()[name], mu[()] * vector[name], _own(name))
        here = Context((*ctx.limits, *(y for y in action()[name].context.limits if y not in ctx.limits)))
        moved_to, step = rules[x]
        chain = Chain(moved_to[index], here).rewrite(step, "differential of the step")
        for f in fixed:
            chain.rewrite(f)
        chain.rewrite(action()[name].theorem, "the Hessian in blocks")
        chain.replace(kernel.instantiate(kernel.assume(law, ctx), {}, here), "eigenvector of B")
        chain.rewrite(move)
        found[name] = chain.ring((1 - eta[()] * (mu[()] + decay[()])) * c[m, r] * vector[name])
    return found


@cache
def attraction() -> Chain:
    """d |x|^2 = - 2 (mu + lambda) |x|^2 - 2 f^2, where x B x = mu |x|^2 + f^2, dx = - B x - lambda x."""
    ctx, vector = hidden(), _vector()
    total: Expr = ZERO
    for name, x in vector.items():
        body = x**2
        for limit in _own(name):
            body = IndexSum(body, limit)
        total += body
    gap, slack = tensor("E"), tensor("f")
    law = kernel.assume(hypothesis_of("square of the gap", gap[()], total, kind="definition"), ctx)
    flows = []
    for name, x in vector.items():
        rhs = -acting()[name] - decay[()] * x
        called, moving = name.replace("gradients", "linearised flow"), x.symbol.tangent()[x.index]
        h = hypothesis_of(called, moving, rhs, _own(name), "definition")
        flows.append(kernel.assume(h, ctx))
    lower = kernel.assume(
        hypothesis_of("mu is a lower bound of B", curvature(), mu[()] * total + slack[()] ** 2), ctx
    )
    chain = Chain(gap.tangent()[()], ctx).rewrite(kernel.differentiation(law), "differential of the square")
    for f in flows:
        chain.rewrite(f)
    goal = -2 * (mu[()] + decay[()]) * gap[()] - 2 * slack[()] ** 2
    rate = 2 * (mu[()] + decay[()])
    last = combination(chain.now, goal, [(Integer(-2), difference(lower)), (rate, difference(law))], ctx)
    return chain.then(last.theorem, "the lower bound")


@cache
def noise() -> tuple[Theorem, Chain]:
    """g_t = g_0 exp(sum_{s < t} ell_s), where a step multiplies the gap by exp(ell_t)."""
    g, start = tensor("g", (t, 0, T), sup=1), tensor("g_0", latex=r"\mathring{g}")
    ell = tensor("ell", (t, 0, T), sup=1, latex=r"\zeta")
    first = kernel.assume(hypothesis_of("gap at the start", g[0], start[()], kind="definition"), EMPTY)
    rule = kernel.assume(
        hypothesis_of("gap after a step", g[t + 1], exp(ell[t]) * g[t], ((t, 0, T - 1),), "definition"), EMPTY
    )

    def claim(at: Expr) -> Expr:
        return start[()] * exp(IndexSum(ell[s], (s, 0, at - 1)))

    goal = hypothesis_of("induction hypothesis", g[t], claim(t), (), "induction")
    base = Chain(g[0], EMPTY).rewrite(first).ring(claim(ZERO))
    here = Context.of((t, 0, T - 1))
    known = kernel.assume(goal, here)
    step = Chain(g[t + 1], here).rewrite(rule).rewrite(known)
    whole = Chain(claim(t + 1), here)
    whole.split(lambda e: t - 1 if e.hi == t else None).single()
    whole.ring(step.now)
    step.then(kernel.symmetry(whole.theorem), "one more term of the sum")
    theorem = kernel.induction([goal], 0, [base.theorem], [step.theorem], (t, ZERO, T), EMPTY)
    return theorem, step


def propositions() -> tuple[Proposition, ...]:
    """A step, decay, and noise."""
    words = {INCOMING: "incoming weights", BIAS: "biases", OUTGOING: "outgoing weights"}
    product, chain = noise()
    slope = attraction()
    return (
        *(
            Proposition(
                f"one step, {words[name]}",
                "Along an eigenvector of B with the eigenvalue $\\mu$ a step of gradient descent with "
                "weight decay "
                f"multiplies the gap of the {words[name]} by $1 - \\eta (\\mu + \\lambda)$: it grows where "
                "$\\lambda$ is below $-\\mu$.",
                c.theorem, (Argument.of("The step, differentiated", c),) if name == INCOMING else (),
            )
            for name, c in one_step().items()
        ),
        Proposition(
            "weight decay attracts",
            "Where $\\mu$ is a lower bound of B, as its smallest eigenvalue is, the square of the gap "
            "falls at least at the rate $2 (\\mu + \\lambda)$: weight decay attracts if $\\lambda$ is above "
            "$-\\mu$. The slack is $f^2$.",
            slope.theorem, (Argument.of("The square of the gap", slope),),
        ),
        Proposition(
            "a product of factors",
            "With noise every step has a factor of its own, here $e^{\\zeta}$, and the gap is their "
            "product. What it tends to "
            "is decided by the mean of the logarithms $\\zeta$, not by the mean of the factors: "
            "by the law of large numbers it vanishes where the mean logarithm is negative.",
            product, (Argument.of("One more step", chain),),
        ),
    )  # fmt: skip


__all__ = ["attraction", "noise", "one_step", "propositions"]
