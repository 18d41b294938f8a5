r"""Two neurons p < q of a hidden layer m of a network that is trained: a step, momentum and the flow.

What proofs/two_points.py shows of any two points is used for the parameters and their exchanged copy.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from sympy import Expr

from proofs import apart
from proofs.apart import Group, eta, mu
from proofs.exchange import exchanged, slack, two_neurons
from proofs.setting import m, name_of, p, s
from symderive.calculus import TensorSymbol
from symderive.calculus.ranges import EMPTY
from symderive.proof import kernel
from symderive.proof.hypotheses import as_hypothesis
from symderive.proof.kernel import Hypothesis, Theorem, hypothesis_of
from symderive.proof.result import Argument, Proposition
from symderive.proof.tactics import Chain

WHAT = ("incoming weights", "biases", "outgoing weights")
SIGNS = {"start": r"\mathring{%s}", "end": r"\bar{%s}"}
OF = " of two neurons"
PARAMETERS = {"w": "weights", "b": "biases"}


def _marked(t: TensorSymbol, name: str, sign: str) -> TensorSymbol:
    return t.derived(f"{t.name}_{name}", latex_name=sign % t.latex_name)


def _next(t: TensorSymbol) -> TensorSymbol:
    return _marked(t, "next", r"\hat{%s}")


def _velocity(t: TensorSymbol) -> TensorSymbol:
    return t.derived(f"v_{t.name}", latex_name=rf"\dot{{{t.latex_name}}}")


def groups(made: str = "") -> tuple[Group, ...]:
    """Incoming weights, bias and outgoing weights of p and q; `made` names another version of these."""
    net = exchanged()
    found = []
    for name, place in (("w", 0), ("b", 0), ("w", 1)):
        t = net.system.tensor(name)
        own = _marked(t, made, SIGNS[made]) if made else t
        speed = _velocity(t)
        tensors = (own, net.gradient(name), _next(t), speed, _next(speed))
        pairs = [two_neurons(net, e)[place] for e in tensors]
        x, g, new, old, later = ((a, b) for a, b, _ in pairs)
        found.append(Group(x, g, pairs[0][2], new, (*old, *later)))
    return tuple(found)


def _ties(kind: str, pairs: Sequence[tuple[Expr, Expr]], when: str) -> list[Theorem]:
    """Equal at p and q, one hypothesis for each group."""
    found = []
    for group, what, (a, b) in zip(groups(), WHAT, pairs, strict=True):
        h = hypothesis_of(f"equal {kind}{what} {when}", a, b, group.limits)
        found.append(kernel.assume(h, exchanged().neurons))
    return found


def _rule(name: str, t: TensorSymbol, rhs: Expr) -> Theorem:
    h: Hypothesis = hypothesis_of(name, t[_index(t)], rhs, exchanged().limits(t.rank), "definition")
    return kernel.assume(h, EMPTY)


def _index(t: TensorSymbol) -> tuple[Expr, ...]:
    return tuple(x for x, _, _ in exchanged().limits(t.rank))


def _each() -> list[tuple[str, TensorSymbol, TensorSymbol]]:
    net = exchanged()
    return [(name, net.system.tensor(name), net.gradient(name)) for name in PARAMETERS]


@cache
def lipschitz() -> tuple[Theorem, Proposition]:
    """The slack of the Lipschitz bound, in terms of the two neurons."""
    theorem, _, chains = slack(exchanged())
    return theorem, Proposition(
        "the bound for two neurons",
        "The exchange of two neurons changes nothing but these two. So the Lipschitz bound, for the "
        "parameters and the exchanged ones, is one on the two neurons alone; the gradient at the exchanged "
        "parameters is the exchanged gradient (T4).",
        theorem,
        (Argument.of("Weights", chains[0]), Argument.of("The slack", chains[-1])),
    )


def descent() -> tuple[Proposition, ...]:
    """Gradient descent below 1/K: neurons that agree after a step agreed before it."""
    own, ctx = groups(), exchanged().neurons
    bound, first = lipschitz()
    rules = [
        _rule(f"step of the {PARAMETERS[name]}", _next(t), t[_index(t)] - eta[()] * g[_index(t)])
        for name, t, g in _each()
    ]
    ties = _ties("", [g.new for g in own], "after the step")
    equal = []
    for group, tie, rule in zip(own, ties, (rules[0], rules[1], rules[0]), strict=True):
        equal.append(apart.equal_after(group, tie, (rule,), ctx))
    agree = apart.gaps_agree(own, equal, ctx)
    zero = apart.no_gap(own, agree, bound, 2, ctx)
    return (
        first,
        *(
            Proposition(
                f"neurons do not merge, {what}",
                "Two neurons whose incoming weights, biases and outgoing weights agree after a step of "
                f"gradient descent below the Lipschitz step had equal {what} before it.",
                apart.entry_is_equal(group, zero.theorem, ctx),
                (Argument.of("A sum of squares that is 0", zero),) if what == WHAT[0] else (),
            )
            for group, what in zip(own, WHAT, strict=True)
        ),
    )


def _gradients_agree(equal: Sequence[Theorem]) -> list[Chain]:
    """Equal parameters give equal gradients (T5, one step), from theorems about p and q."""
    net, ctx = exchanged(), exchanged().neurons
    forward = (*net.system.definitions, *net.derivation.definitions)
    laws = {name_of(d): kernel.assume(as_hypothesis(d, name_of(d)), EMPTY) for d in forward}
    z, a, delta = (next(d.symbol for d in forward if d.symbol.name == x) for x in ("z", "a", "delta"))
    samples = ctx.bind(s, *laws["weighted input"].context[s])
    incoming, bias, outgoing = equal
    inputs = Chain(z[m, s, p], samples).rewrite(laws["weighted input"]).rewrite(incoming, "equal weights")
    inputs.rewrite(bias, "equal biases").backwards(laws["weighted input"])
    active = Chain(a[m, s, p], samples).rewrite(laws["activation"])
    active.rewrite(inputs.theorem, "equal weighted inputs").backwards(laws["activation"])
    hidden = laws["delta of a hidden layer"]
    deltas = Chain(delta[m, s, p], samples).rewrite(hidden).rewrite(inputs.theorem, "equal weighted inputs")
    deltas.rewrite(outgoing, "equal weights").backwards(hidden)
    found = []
    for group, law, known in zip(
        groups(),
        ("gradient of the weights", "gradient of the biases", "gradient of the weights"),
        (deltas, deltas, active),
        strict=True,
    ):
        chain = Chain(group.g[0], apart.bound(ctx, group.limits)).rewrite(laws[law])
        found.append(chain.rewrite(known.theorem, "equal neurons").backwards(laws[law]))
    return found


def momentum() -> tuple[Proposition, ...]:
    """Heavy ball of any step size: neurons that agree with their velocities agreed before."""
    own, ctx = groups(), exchanged().neurons
    speeds, places = {}, {}
    for name, t, g in _each():
        now, later = _velocity(t), _next(_velocity(t))
        called = PARAMETERS[name]
        speeds[name] = _rule(
            f"rule of the velocities of the {called}", later, mu[()] * now[_index(t)] + g[_index(t)]
        )
        rhs = t[_index(t)] - eta[()] * later[_index(t)]
        places[name] = _rule(f"rule of the {called} with momentum", _next(t), rhs)
    tied = _ties("", [g.new for g in own], "after the step")
    tied_speeds = _ties("velocities of the ", [g.velocity[2:] for g in own], "after the step")
    chains = []
    for group, name, tie, speed in zip(own, "wbw", tied, tied_speeds, strict=True):
        here = apart.bound(ctx, group.limits)
        one, two = (
            apart.backwards(places[name], a + eta[()] * b, here)
            for a, b in zip(group.new, group.velocity[2:], strict=True)
        )
        chain = Chain(group.x[0], here).then(one, "rule with momentum").rewrite(tie).rewrite(speed)
        chains.append(chain.then(kernel.symmetry(two), "rule with momentum"))
    same = _gradients_agree([c.theorem for c in chains])
    before = [
        apart.same_velocity(group, (speeds[name], speeds[name]), tie, g.theorem, ctx)
        for group, name, tie, g in zip(own, "wbw", tied_speeds, same, strict=True)
    ]
    return (
        *(
            Proposition(
                f"momentum, {what}",
                "Two neurons that agree after a step of heavy ball, with their velocities, had equal "
                f"{what} before it, whatever the step size.",
                chain.theorem, (Argument.of("Read backwards", chain),) if what == WHAT[0] else (),
            )
            for what, chain in zip(WHAT, chains, strict=True)
        ),
        *(
            Proposition(
                f"momentum, velocities of the {what}",
                f"And the velocities of their {what} were equal, where the momentum is not 0.",
                chain.theorem,
                (Argument.of("Equal gradients", gradient), Argument.of("Equal velocities", chain))
                if what == WHAT[0]
                else (),
            )
            for what, gradient, chain in zip(WHAT, same, before, strict=True)
        ),
    )  # fmt: skip


def flow() -> tuple[Proposition, ...]:
    """Gradient flow: the weighted gap of two neurons never falls, so they do not meet in finite time."""
    own, ctx = groups(), exchanged().neurons
    bound, _ = lipschitz()
    moving = [_rule(f"flow of the {PARAMETERS[name]}", t.tangent(), -g[_index(t)]) for name, t, g in _each()]
    grows = apart.growth(own, moving, bound, 2, ctx, OF)
    start, end = groups("start"), groups("end")
    ties = _ties("", [g.x for g in end], "at time T")
    zero = apart.no_gap_before(start, end, ties, ctx, OF)
    return (
        Proposition(
            "the weighted gap of two neurons grows",
            "Along gradient flow the gap of two neurons, weighted with $e^{2Kt}$, never falls.",
            grows.theorem, (Argument.of("The weighted gap", grows),),
        ),
        *(
            Proposition(
                f"the flow does not merge neurons, {what}",
                f"Two neurons that gradient flow leads to equal parameters in a finite time had equal {what} "
                "at the start.",
                apart.entry_is_equal(group, zero.theorem, ctx),
                (Argument.of("No gap at time T, none at time 0", zero),) if what == WHAT[0] else (),
            )
            for group, what in zip(start, WHAT, strict=True)
        ),
    )  # fmt: skip


__all__ = ["descent", "flow", "groups", "lipschitz", "momentum"]
