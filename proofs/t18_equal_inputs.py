r"""T18. Where two inputs are equal in every sample, gradient descent never changes w^1_{jp} - w^1_{jq}."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from sympy import Expr, Integer

from proofs.setting import ORDER, B, T, j, p, q, s, t
from proofs.t5_tied_neurons import RULES
from proofs.training_steps import names_in
from symderive import reference
from symderive import reference_exact as exact
from symderive.calculus import TensorSymbol
from symderive.calculus.ranges import EMPTY, Context
from symderive.claims.evidence import CheckFailed, Evidence
from symderive.derivation.training import training
from symderive.proof import kernel
from symderive.proof.hypotheses import as_hypothesis
from symderive.proof.kernel import Theorem, hypothesis_of
from symderive.proof.result import Argument, Proposition, Proved
from symderive.proof.tactics import Chain
from symderive.proof.witness import Witness, Worked
from symderive.systems import System, mlp

KEY, NAME = "T18", "equal_inputs"
ASSUMES = ("equal inputs",)
STEPS, DRIFT = 500, 1e-12
ONE = Integer(1)


def laws_of(run: System, base: System, note: str = "") -> dict[tuple[str, Expr], Theorem]:
    """The definitions of a run as theorems, by tensor and by the first index: 0 at the start."""
    names = names_in(base, note)
    found = {}
    for d in run.definitions:
        layer = d.lhs.index[1] if d.symbol.name == "a" else d.lhs.index[0] if d.lhs.index else ONE
        found[d.symbol.name, layer] = kernel.assume(as_hypothesis(d, names(d)), EMPTY)
    return found


def equal_gradients(run: System, laws: dict[tuple[str, Expr], Theorem], steps: Context) -> Chain:
    """dC/dw^1_{jp} = sum_s x_{sp} delta_{sj} = dC/dw^1_{jq}, at every step t of the context."""
    n = run.tensor("w").ranges(t, ONE, j, p)
    x, a = run.tensor("x"), laws["a", Integer(0)]
    two = Context.of((p, *n[3]), (q, *n[3]))
    equal = hypothesis_of("equal inputs", x[t, s, p], x[t, s, q], ((t, 0, T), (s, 1, B)))
    gradient = next(h for (name, _), h in laws.items() if name == "grad_w")
    ctx = two
    for limit in (*steps, (j, *n[2])):
        ctx = ctx.bind(*limit)
    return (
        Chain(run.tensor("grad_w")[t, 1, j, p], ctx)
        .rewrite(gradient)
        .rewrite(a)
        .rewrite(kernel.assume(equal, two))
        .backwards(a)
        .backwards(gradient)
    )


def difference(w: TensorSymbol, *step: Expr | int) -> Expr:
    """w^1_{jp} - w^1_{jq}"""
    return w[(*step, 1, j, p)] - w[(*step, 1, j, q)]


def one_step(run: System, laws: dict[tuple[str, Expr], Theorem], goal: Expr) -> Chain:
    """The difference after the step from t to t + 1, from the rule and equal gradients."""
    n = run.tensor("w").ranges(t, ONE, j, p)
    steps = Context.of((t, 0, T - 1))
    same = equal_gradients(run, laws, steps)
    start = difference(run.tensor("w"), t + 1)
    ctx = Context.of((p, *n[3]), (q, *n[3]), *steps, (j, *n[2]))
    return Chain(start, ctx).rewrite(laws["w", t]).rewrite(same.theorem, "equal gradients").ring(goal)


def numeric(seed: int) -> tuple[Evidence, ...]:
    """The theorem on real arrays: two equal inputs, and the difference of the weights that read them."""
    network = reference.Network((4, 5, 3), ["tanh", "identity"], "squared_error", reduction="mean")
    weights, biases = reference.random_parameters(network, seed)
    before = weights[0][:, 2] - weights[0][:, 0]
    for step in range(STEPS):
        x, y = reference.random_data(network, 5, seed + 1 + step)
        x[:, 2] = x[:, 0]
        g = reference.backward(network, weights, biases, x, y)
        weights = [w - 0.1 * d for w, d in zip(weights, g.weights, strict=True)]
        biases = [b - 0.1 * d for b, d in zip(biases, g.biases, strict=True)]
    after = weights[0][:, 2] - weights[0][:, 0]
    error = float(np.max(np.abs(after - before)) / np.max(np.abs(before)))
    if not error <= DRIFT:
        raise CheckFailed(f"after {STEPS} steps: expected a change of at most {DRIFT}, found {error}")
    text = f"change of the difference in {STEPS} mini-batch steps, drift of {DRIFT:g} allowed"
    return (Evidence("numeric", text, error, seed=seed),)


def stepped(x: Sequence[int]) -> Worked:
    """2-1, identity, C = (a - y)^2 / 2: one step of size 1 from w = (1, 3)."""
    network = exact.Network((2, 1), ["identity"])
    theta = exact.Parameters.of([[[1, 3]]], [(0,)])
    gradient = exact.backward(network, theta, list(x), [0]).parameters
    rates = exact.Parameters.of([[[1, 1]]], [(1,)])
    (new,) = exact.descend(theta, gradient, rates).weights[0]
    lines = (
        ("$x_1, x_2$", tuple(x)),
        (r"$\partial C / \partial w_1, \partial C / \partial w_2$", gradient.weights[0][0]),
        ("$w_1, w_2$ after the step", new),
    )
    return Worked(lines, "$w_1 - w_2$ after the step", 1 - 3, new[0] - new[1])


def witnesses() -> tuple[Witness, ...]:
    """Without equal inputs the difference moves."""
    text = (
        "Inputs that differ in one sample are enough to change the difference. Widths 2-1, identity, "
        "$C = (a - y)^2/2$ with $y = 0$, $w_1 = 1$, $w_2 = 3$, no bias to start with, one step of size 1."
    )
    return (Witness("equal inputs", text, stepped, broken=(1, 2), restored=(1, 1)),)


@cache
def prove() -> Proved:
    """Every depth, all widths, any activations and cost, any mini-batches and step sizes."""
    base = mlp(per_layer=True, samples="B")
    run = training(base, "gd")
    laws = laws_of(run, base)
    w, first = run.tensor("w"), run.tensor("w_0")
    n = w.ranges(t, ONE, j, p)
    two = Context.of((p, *n[3]), (q, *n[3]))
    gradients = equal_gradients(run, laws, Context.of((t, 0, T)))
    goal = hypothesis_of(
        "induction hypothesis", difference(w, t), difference(first), ((j, *n[2]),), "induction"
    )
    start = Chain(difference(w, 0), two.bind(j, *n[2])).rewrite(laws["w", Integer(0)])
    here = two.bind(t, 0, T - 1)
    step = one_step(run, laws, difference(w, t))
    last = kernel.transitivity(step.theorem, kernel.assume(goal, here))
    always = kernel.induction([goal], 0, [start.theorem], [last], (t, Integer(0), T), two)
    decayed = training(base, "decay + gd")
    eta, rate = decayed.tensor("eta")[t], decayed.tensor("lambda")[t]
    note = "decay + gd: "
    shrinking = one_step(
        decayed, laws_of(decayed, base, note), (1 - eta * rate) * difference(decayed.tensor("w"), t)
    )
    return Proved(
        KEY,
        NAME,
        "Equal inputs keep their weights apart",
        "Where two inputs are equal in every sample, a network can only see the sum of the weights that read "
        "them: their gradients are equal, and gradient descent leaves their difference as the start had it, "
        "for ever. So equal inputs do not lead to equal weights. Weight decay shrinks the difference in "
        "every step by the same factor, whatever the data.",
        base,
        (
            Proposition(
                "equal gradients", "The weights that read equal inputs have equal gradients.",
                gradients.theorem, (Argument.of("Equal gradients", gradients),),
            ),
            Proposition(
                "difference", "At every step the weights differ as they did at the start.", always,
                (Argument.of("The start", start), Argument.of("One step", step)),
            ),
            Proposition(
                "difference under weight decay",
                "With weight decay the difference is multiplied by the same number for all neurons.",
                shrinking.theorem, (Argument.of("One step", shrinking),),
            ),
        ),
        order=ORDER + RULES,
        sources=("Goodfellow, Bengio, Courville 2016, section 7.1",),
        witnesses=witnesses(),
    )  # fmt: skip
