r"""Two points theta and theta~ of any cost C(theta), with N parameters: a step, momentum and the flow.

theta'_i = theta_i - eta dC/dtheta_i;   v'_i = mu v_i + dC/dtheta_i, theta'_i = theta_i - eta v'_i;
dtheta_i/dt = - dC/dtheta_i
"""

from __future__ import annotations

from functools import cache

from sympy import Expr, Integer

from proofs import apart
from proofs.apart import Group, eta, mu
from proofs.setting import i, within
from symderive.calculus import Functional, TensorSymbol, size, tensor
from symderive.calculus.ranges import EMPTY
from symderive.calculus.terms import family
from symderive.derivation import derive
from symderive.proof import kernel
from symderive.proof.hypotheses import as_hypothesis, marked, renamed
from symderive.proof.kernel import Hypothesis, Limits, Theorem, hypothesis_of
from symderive.proof.result import Argument, Proposition
from symderive.proof.tactics import Chain
from symderive.systems import Definition, System

N = size("N")
LIMITS: tuple[Limits, ...] = ((i, Integer(1), N),)
theta = tensor("theta", (i, 1, N), latex=r"\theta")
other = marked(theta)
cost = tensor("C")
after = {t: t.derived(f"{t.name}_next", latex_name=rf"\hat{{{t.latex_name}}}") for t in (theta, other)}
v = tensor("v", (i, 1, N))
velocity = {theta: v, other: marked(v)}
velocity_after = {
    t: w.derived(f"{w.name}_next", latex_name=rf"\hat{{{w.latex_name}}}") for t, w in velocity.items()
}


@cache
def system() -> System:
    """C = C(theta), an arbitrary cost of N parameters."""
    value = Functional("cost", "C")(family(theta[i], (i, 1, N)))
    return System("cost of N parameters", (), (theta,), (Definition(cost(), value, (), "cost"),), cost)


def gradient_law() -> tuple[Definition, Definition]:
    """The derived gradient at theta, and the same at the other point."""
    (d,) = derive(system()).definitions
    return d, renamed(d, {theta: other, d.symbol: marked(d.symbol)})


def _equal(name: str, a: TensorSymbol, b: TensorSymbol) -> Hypothesis:
    return hypothesis_of(name, a[i], b[i], LIMITS)


def _rule(name: str, lhs: TensorSymbol, rhs: Expr) -> Hypothesis:
    return hypothesis_of(name, lhs[i], rhs, LIMITS, "definition")


def group() -> Group:
    """theta and theta~ with all that belongs to them."""
    here, there = (d.symbol for d in gradient_law())
    return Group(
        (theta[i], other[i]), (here[i], there[i]), LIMITS, (after[theta][i], after[other][i]),
        (velocity[theta][i], velocity[other][i], velocity_after[theta][i], velocity_after[other][i]),
    )  # fmt: skip


def _assumed(*hypotheses: Hypothesis) -> list[Theorem]:
    return [kernel.assume(h, EMPTY) for h in hypotheses]


def descent_rules() -> list[Theorem]:
    """A step of gradient descent from each of the two points."""
    g = group()
    return _assumed(
        _rule("step", after[theta], g.x[0] - eta[()] * g.g[0]),
        _rule("step, other point", after[other], g.x[1] - eta[()] * g.g[1]),
    )


def descent() -> tuple[Proposition, ...]:
    """The distance after a step; and that two points do not meet."""
    own = (group(),)
    slack = kernel.assume(apart.definition_of_rho(own), EMPTY)
    rules = descent_rules()
    bound = apart.distance(own, rules, slack, EMPTY)
    tie = kernel.assume(_equal("equal parameters after the step", after[theta], after[other]), EMPTY)
    equal = [apart.equal_after(own[0], tie, rules, EMPTY)]
    agree = apart.gaps_agree(own, equal, EMPTY)
    zero = apart.no_gap(own, agree, slack, 1, EMPTY)
    met = apart.entry_is_equal(own[0], zero.theorem, EMPTY)
    return (
        Proposition(
            "distance after a step",
            "After a step of gradient descent the distance of two points is at least $1 - \\eta K$ "
            "times what "
            "it was: for a step size from 0 to $1/K$ every term on the right is at least 0, as the slack is.",
            bound.theorem, (Argument.of("One step", bound),),
        ),
        Proposition(
            "two points do not meet",
            "Below the Lipschitz step two points that a step leads to one point were one point before.",
            met, (Argument.of("A sum of squares that is 0", zero),),
        ),
    )  # fmt: skip


def momentum() -> tuple[Proposition, ...]:
    """Heavy ball, for every step size: equal parameters and velocities come from equal ones."""
    g = group()
    here = within(*LIMITS)
    rules = {}
    for name, t in (("", theta), (", other point", other)):
        grad = g.g[0] if t == theta else g.g[1]
        w, new = velocity[t], velocity_after[t]
        rules[t] = _assumed(
            _rule(f"rule of the velocity{name}", new, mu[()] * w[i] + grad),
            _rule(f"rule of the parameters{name}", after[t], t[i] - eta[()] * new[i]),
        )
    ties = _assumed(
        _equal("equal parameters after the step", after[theta], after[other]),
        _equal("equal velocities after the step", velocity_after[theta], velocity_after[other]),
    )
    place = Chain(theta[i], here)
    was = [
        apart.backwards(rules[t][1], after[t][i] + eta[()] * velocity_after[t][i], here)
        for t in (theta, other)
    ]
    place.then(was[0], "rule of the parameters").rewrite(ties[0]).rewrite(ties[1])
    place.then(kernel.symmetry(was[1]), "rule of the parameters, other point")
    own, twin = (
        kernel.assume(as_hypothesis(d, name), EMPTY)
        for d, name in zip(gradient_law(), ("gradient", "gradient, other point"), strict=True)
    )
    same = Chain(g.g[0], here).rewrite(own).rewrite(place.theorem, "equal parameters").backwards(twin)
    speed = apart.same_velocity(g, (rules[theta][0], rules[other][0]), ties[1], same.theorem, EMPTY)
    return (
        Proposition(
            "momentum, the parameters",
            "Heavy ball with any step size: where parameters and velocities agree after a step, the "
            "parameters agreed before it.",
            place.theorem, (Argument.of("Read backwards", place),),
        ),
        Proposition(
            "momentum, the velocities",
            "And so did the velocities, where the momentum is not 0.",
            speed.theorem,
            (Argument.of("Equal gradients", same), Argument.of("Equal velocities", speed)),
        ),
    )  # fmt: skip


def flow() -> tuple[Proposition, ...]:
    """Gradient flow: the weighted gap grows; so two points that meet were always one."""
    own = (group(),)
    (g,) = own
    slack = kernel.assume(apart.definition_of_rho(own), EMPTY)
    moving = _assumed(
        _rule("gradient flow", theta.tangent(), -g.g[0]),
        _rule("gradient flow, other point", other.tangent(), -g.g[1]),
    )
    grows = apart.growth(own, moving, slack, 1, EMPTY)
    at = {
        (t, when): t.derived(f"{t.name}_{when}", latex_name=rf"\{sign}{{{t.latex_name}}}")
        for t in (theta, other)
        for when, sign in (("start", "mathring"), ("end", "bar"))
    }
    start, end = (
        (Group((at[theta, when][i], at[other, when][i]), g.g, LIMITS),) for when in ("start", "end")
    )
    tie = kernel.assume(_equal("equal parameters at time T", at[theta, "end"], at[other, "end"]), EMPTY)
    zero = apart.no_gap_before(start, end, [tie], EMPTY)
    met = apart.entry_is_equal(start[0], zero.theorem, EMPTY)
    return (
        Proposition(
            "the weighted gap grows",
            "Along gradient flow the gap of two points, weighted with $e^{2Kt}$, never falls: for a "
            "positive K the right side is at least 0. So the gap shrinks at most like $e^{-2Kt}$.",
            grows.theorem, (Argument.of("The weighted gap", grows),),
        ),
        Proposition(
            "the flow does not merge",
            "Two points that gradient flow leads to one point in a finite time T started as one. The weight "
            "$\\kappa$ is $e^{2KT}$.",
            met, (Argument.of("No gap at time T, none at time 0", zero),),
        ),
    )  # fmt: skip
