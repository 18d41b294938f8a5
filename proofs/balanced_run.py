r"""A balanced colouring stays balanced under every elementwise rule, by induction on the steps."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, Integer

from proofs.balanced import Balanced, OneStep, at_start, one_step
from proofs.colouring import g, h
from proofs.elementwise import Training, v
from proofs.setting import T, j, k, l, t
from symderive.calculus import Bracket, IndexSum
from symderive.calculus.ranges import EMPTY, Context
from symderive.proof import kernel
from symderive.proof.kernel import Theorem
from symderive.proof.tactics import Chain

QUOTIENT = "the quotient network's rule"


@dataclass(frozen=True)
class BalancedRun:
    """The three equations of balance and the equality of states at every step; and how one step goes."""

    always: dict[str, Theorem]
    step: OneStep
    chains: tuple[tuple[str, Chain], ...]
    run: OneStep


def balanced_run(training: Training, start: Balanced) -> BalancedRun:
    """All equations at every step, from those at step 0."""
    q = training.quotient
    goals = {**q.goals(), **{f"state_{x}": goal for x, goal in training.goals().items()}}
    here = Context.of((t, 0, T - 1))
    now = {name: kernel.assume(goal, here) for name, goal in goals.items()}
    inside = one_step(q, now, here)
    steps: dict[str, Chain] = {}
    for x in ("w", "b"):
        if training.states:
            steps[f"state_{x}"] = _states(training, x, now[f"state_{x}"], inside, here)
    after = {x: steps[f"state_{x}"].theorem for x in ("w", "b") if training.states}
    steps["biases"] = _biases(training, now, inside, after, here)
    steps["incoming"] = _incoming(training, now, inside, after, here)
    steps["outgoing"] = _outgoing(training, now, inside, after, here)
    names = list(goals)
    always = {
        name: kernel.induction(
            [goals[x] for x in names],
            which,
            [start[x] for x in names],
            [steps[x].theorem for x in names],
            (t, Integer(0), T),
            EMPTY,
        )
        for which, name in enumerate(names)
    }
    titles = {
        "biases": "One step keeps the biases of a colour equal",
        "incoming": "One step keeps the incoming sums equal",
        "outgoing": "One step keeps the outgoing sums equal",
        "state_w": "One step keeps the states of the weights equal",
        "state_b": "One step keeps the states of the biases equal",
    }
    shown = tuple((titles[name], chain) for name, chain in steps.items())
    return BalancedRun(always, inside, shown, one_step(q, always, Context.of((t, 0, T))))


def _gradient(inside: OneStep, name: str) -> Theorem:
    return (inside.weights if name == "w" else inside.biases).theorem


def _states(training: Training, name: str, now: Theorem, inside: OneStep, ctx: Context) -> Chain:
    """The next state of an entry is that of its colours."""
    q, K = training.quotient, training.quotient.colours.K
    index, coloured = training.index(name), training.coloured(name)
    inner = Context((*ctx.limits, *training.goals()[name].indices))
    law = training.laws[f"state_{name}_bar"]
    if name == "w":
        half = q.colours.at_colour(law, g, l, j, inner.bind(h, 1, K[l - 1]))
        at = q.colours.at_colour(half, h, l - 1, k, inner)
    else:
        at = q.colours.at_colour(law, g, l, j, inner)
    return (
        Chain(training.state(name, t + 1, index)(v), inner)
        .rewrite(training.laws[f"state_{name}"])
        .rewrite(now)
        .rewrite(_gradient(inside, name), "gradients")
        .fold(training.state(f"{name}_bar", t + 1, coloured)(v), [at], QUOTIENT)
    )


def _moved(chain: Chain, training: Training, name: str, inside: OneStep, after: Balanced) -> Chain:
    """A parameter at step t + 1 in terms of step t and of the quotient's gradient."""
    chain.rewrite(training.laws[name]).rewrite(_gradient(inside, name), "gradients")
    return chain.rewrite(after[name], "states, just shown") if after else chain


def _biases(training: Training, now: Balanced, inside: OneStep, after: Balanced, ctx: Context) -> Chain:
    q = training.quotient
    inner = Context((*ctx.limits, *q.ranges("biases")))
    at = q.colours.at_colour(training.laws["b_bar"], g, l, j, inner)
    chain = _moved(Chain(q.run.tensors["b"][t + 1, l, j], inner), training, "b", inside, after)
    return chain.rewrite(now["biases"]).fold(q.bar.tensors["b"][t + 1, l, q.colour(l, j)], [at], QUOTIENT)


def _incoming(training: Training, now: Balanced, inside: OneStep, after: Balanced, ctx: Context) -> Chain:
    q, n = training.quotient, training.quotient.run.n
    inner = Context((*ctx.limits, *q.ranges("incoming")))
    to = q.colour(l, j)

    def change(x: Expr) -> Expr:
        return training.change("w", (l, to, x))

    from_k = q.colour(l - 1, k)
    moved = IndexSum(Bracket.equal(from_k, g) * change(from_k), (k, 1, n[l - 1]))
    at = q.colours.at_colour(training.laws["w_bar"], g, l, j, inner, {h: g})
    chain = _moved(Chain(q.incoming(t + 1), inner), training, "w", inside, after)
    return (
        chain.ring(training.rule.factor("w") * q.incoming(t) + moved, "sum split")
        .rewrite(now["incoming"])
        .replace(q.colours.summed(change, l - 1, k, g, inner), "members counted")
        .fold(q.bar.tensors["w"][t + 1, l, to, g], [at], QUOTIENT)
    )


def _outgoing(training: Training, now: Balanced, inside: OneStep, after: Balanced, ctx: Context) -> Chain:
    q, n = training.quotient, training.quotient.run.n
    inner = Context((*ctx.limits, *q.ranges("outgoing")))
    from_k = q.colour(l - 1, k)

    def change(x: Expr) -> Expr:
        return training.change("w", (l, x, from_k))

    to = q.colour(l, j)
    moved = IndexSum(Bracket.equal(to, g) * change(to), (j, 1, n[l]))
    at = q.colours.at_colour(training.laws["w_bar"], h, l - 1, k, inner)
    chain = _moved(Chain(q.outgoing(t + 1), inner), training, "w", inside, after)
    return (
        chain.ring(training.rule.factor("w") * q.outgoing(t) + moved, "sum split")
        .rewrite(now["outgoing"])
        .replace(q.colours.summed(change, l, j, g, inner), "members counted")
        .fold(q.share(t + 1), [at], QUOTIENT)
    )


def assumed(training: Training) -> tuple[dict[str, Theorem], tuple[tuple[str, Chain], ...]]:
    """Balance and equal states at step 0 as hypotheses; outgoing sums in terms of the quotient."""
    q = training.quotient
    start = {name: kernel.assume(x, EMPTY) for name, x in q.start().items()}
    outgoing, chains = at_start(q, start)
    states = {f"state_{name}": kernel.assume(x, EMPTY) for name, x in training.start().items()}
    return {**start, "outgoing": outgoing, **states}, chains
