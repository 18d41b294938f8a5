r"""T6. Equal incoming weights alone do not last: dC/dw_p - dC/dw_q = Q (v_p - v_q), where v_p - v_q stays."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from sympy import Expr, Integer

from proofs.descent import Run, descent, eta
from proofs.setting import ORDER, B, L, T, j, k, l, m, p, q, s, t
from proofs.witnesses.t6 import witnesses
from symderive.calculus import IndexSum, TensorSymbol, indices, tensor
from symderive.calculus.ranges import EMPTY, Context
from symderive.calculus.terms import Applied
from symderive.proof import kernel
from symderive.proof.kernel import Hypothesis, Theorem, hypothesis_of
from symderive.proof.result import Argument, Proposition, Proved
from symderive.proof.tactics import Chain

KEY, NAME = "T6", "equal_incoming_weights"
ASSUMES = tuple(
    f"equal {x} at {when}"
    for when in ("step t", "step t + 1", "every step")
    for x in ("incoming weights", "biases")
)

(r,) = indices("r")


@dataclass(frozen=True)
class Channel:
    """Gradient descent, the neurons p and q of the hidden layer m, and what carries their difference."""

    run: Run
    Q: TensorSymbol
    R: TensorSymbol
    Q_law: Theorem
    R_law: Theorem

    def neurons(self, *more: tuple[Expr, Expr | int, Expr | int]) -> Context:
        """Layer m is hidden, p and q are two of its neurons."""
        n = self.run.n
        return Context.of((m, 1, L - 1), (p, 1, n[m]), (q, 1, n[m]), *more)

    def difference(self, channel: Expr, step: Expr | int) -> Expr:
        """sum_r channel_r (v_{rp} - v_{rq}), with the outgoing weights of this step."""
        return IndexSum(channel * outgoing_difference(self, step), (r, 1, self.run.n[m + 1]))

    def agree(self, step: Expr, always: bool = False) -> tuple[Hypothesis, Hypothesis]:
        """Incoming weights and biases of p and q agree: at one step, or at all."""
        w, b, n = self.run.tensors["w"], self.run.tensors["b"], self.run.n
        when = "at every step" if always else f"at step {step}"
        over = ((t, 0, T),) if always else ()
        return (
            hypothesis_of(
                f"equal incoming weights {when}",
                w[step, m, p, k], w[step, m, q, k], (*over, (k, 1, n[m - 1])),
            ),
            hypothesis_of(f"equal biases {when}", b[step, m, p], b[step, m, q], over),
        )  # fmt: skip


@cache
def channel() -> Channel:
    """Q_{jkr} = sum_s phi'(z_j) a_k delta_r of layer l, and R_{jr} without the factor a_k for the bias."""
    run = descent()
    n = run.n
    axes = ((t, 0, T), (l, 1, L - 1), (j, 1, n[l]))
    Q = tensor("Q", *axes, (k, 1, n[l - 1]), (r, 1, n[l + 1]), sup=2)
    R = tensor("R", *axes, (r, 1, n[l + 1]), sup=2)
    f = run.laws["a"].rhs
    assert isinstance(f, Applied)
    slope = Applied(f.function, 1, *f.sup, run.unit("z", t, l, j))
    carried = slope * run.unit("delta", t, l + 1, r)
    over = [(x, Integer(lo), hi) for x, lo, hi in axes]
    found = []
    for entry, body, name, more in (
        (Q[t, l, j, k, r], carried * run.unit("a", t, l - 1, k), "channel to the incoming weights",
         [(k, Integer(1), n[l - 1])]),
        (R[t, l, j, r], carried, "channel to the bias", []),
    ):  # fmt: skip
        limits = (*over, *more, (r, Integer(1), n[l + 1]))
        h = hypothesis_of(name, entry, IndexSum(body, (s, 1, B)), limits, "definition")
        found.append(kernel.assume(h, EMPTY))
    return Channel(run, Q, R, *found)


def equal_inputs(net: Channel, incoming: Theorem, bias: Theorem, ctx: Context) -> Chain:
    """z_p = z_q, from equal incoming weights and biases."""
    run = net.run
    return (
        Chain(run.unit("z", t, m, p), run.plain.samples(ctx))
        .rewrite(run.laws["z"])
        .rewrite(incoming)
        .rewrite(bias)
        .backwards(run.laws["z"])
    )


@dataclass(frozen=True)
class OneStep:
    """What equal incoming weights and biases give at one step."""

    z: Chain
    a: Chain
    w: Chain
    b: Chain
    out: Chain


def one_step(net: Channel, incoming: Theorem, bias: Theorem, ctx: Context) -> OneStep:
    """Both gradients of the incoming side differ by what the outgoing weights carry; the others are equal."""
    run, n = net.run, net.run.n
    gw, gb = run.tensors["grad_w"], run.tensors["grad_b"]
    z = equal_inputs(net, incoming, bias, ctx)
    back = kernel.symmetry(z.theorem)
    a = (
        Chain(run.unit("a", t, m, p), run.plain.samples(ctx))
        .rewrite(run.laws["a"])
        .rewrite(z.theorem, "equal weighted inputs")
        .backwards(run.laws["a"])
    )
    w = (
        Chain(gw[t, m, p, k] - gw[t, m, q, k], ctx.bind(k, 1, n[m - 1]))
        .rewrite(run.laws["grad_w"])
        .rewrite(run.laws["delta"])
        .rewrite(back, "equal weighted inputs")
        .fold(net.difference(net.Q[t, m, p, k, r], t), [net.Q_law], "collected")
    )
    b = (
        Chain(gb[t, m, p] - gb[t, m, q], ctx)
        .rewrite(run.laws["grad_b"])
        .rewrite(run.laws["delta"])
        .rewrite(back, "equal weighted inputs")
        .fold(net.difference(net.R[t, m, p, r], t), [net.R_law], "collected")
    )
    out = (
        Chain(gw[t, m + 1, r, p], ctx.bind(r, 1, n[m + 1]))
        .rewrite(run.laws["grad_w"])
        .rewrite(a.theorem, "equal activations")
        .backwards(run.laws["grad_w"])
    )
    return OneStep(z, a, w, b, out)


def step_of_difference(net: Channel, name: str, tie: Theorem, gradient: Chain, ctx: Context) -> Chain:
    """theta_p(t+1) - theta_q(t+1) = -eta_t (dC/dtheta_p - dC/dtheta_q), which the channel carries."""
    run = net.run
    theta = run.tensors[name]
    more = (k,) if name == "w" else ()
    inner = ctx.bind(k, 1, run.n[m - 1]) if name == "w" else ctx
    difference = theta[(t + 1, m, p, *more)] - theta[(t + 1, m, q, *more)]
    goal = net.difference(net.Q[t, m, p, k, r], t) if name == "w" else net.difference(net.R[t, m, p, r], t)
    chain = (
        Chain(difference, inner)
        .rewrite(run.laws[f"update_{name}"])
        .rewrite(tie)
        .ring(-eta[t] * gradient.theorem.lhs, "equal terms cancel")
        .rewrite(gradient.theorem, "difference of the gradients")
    )
    assert chain.now == -eta[t] * goal
    return chain


def step_of_a_tie(
    net: Channel, name: str, tie: Theorem, later: Theorem, gradient: Chain, ctx: Context
) -> Chain:
    """eta_t Q (v_p - v_q) = theta_q(t+1) - theta_p(t+1) = 0, where the tie holds at both steps."""
    run = net.run
    theta = run.tensors[name]
    more = (k,) if name == "w" else ()
    inner = ctx.bind(k, 1, run.n[m - 1]) if name == "w" else ctx
    return (
        Chain(eta[t] * gradient.theorem.rhs, inner)
        .backwards(gradient.theorem, "difference of the gradients")
        .fold(
            theta[(t + 1, m, q, *more)] - theta[(t + 1, m, p, *more)],
            [run.laws[f"update_{name}"], tie],
            "gradient descent from equal weights",
        )
        .rewrite(later)
    )


def outgoing_difference(net: Channel, step: Expr | int) -> Expr:
    """v_{rp} - v_{rq} at a step."""
    w = net.run.tensors["w"]
    return w[step, m + 1, r, p] - w[step, m + 1, r, q]


def constant_difference(net: Channel) -> tuple[Theorem, Chain]:
    """v_p(t) - v_q(t) = v_p(0) - v_q(0), by induction, where the incoming sides agree at every step."""
    n = net.run.n
    outer, over = net.neurons(), ((r, 1, n[m + 1]),)
    first = outgoing_difference(net, 0)
    goal = hypothesis_of(
        "equal difference, induction hypothesis", outgoing_difference(net, t), first, over, "induction"
    )
    base = Chain(first, outer.bind(r, 1, n[m + 1]))
    here = net.neurons((t, 0, T - 1))
    incoming, bias = (kernel.assume(h, outer) for h in net.agree(t, always=True))
    inside = one_step(net, incoming, bias, here)
    step = (
        Chain(outgoing_difference(net, t + 1), here.bind(r, 1, n[m + 1]))
        .rewrite(net.run.laws["update_w"])
        .rewrite(inside.out.theorem, "equal gradients")
        .rewrite(kernel.assume(goal, here))
    )
    always = kernel.induction([goal], 0, [base.theorem], [step.theorem], (t, Integer(0), T), outer)
    return always, step


def lasting_tie(net: Channel, name: str, constant: Theorem) -> Chain:
    """What a tie at every step needs of every step, in terms of the outgoing weights at the start."""
    outer, here = net.neurons(), net.neurons((t, 0, T - 1))
    incoming, bias = (kernel.assume(h, outer) for h in net.agree(t, always=True))
    inside = one_step(net, incoming, bias, here)
    gradient, tie = (inside.w, incoming) if name == "w" else (inside.b, bias)
    now = step_of_a_tie(net, name, tie, tie, gradient, here)
    channel = net.Q[t, m, p, k, r] if name == "w" else net.R[t, m, p, r]
    return (
        Chain(eta[t] * net.difference(channel, 0), now.context)
        .backwards(constant, "the difference is that of the start")
        .then(now.theorem, "the tie holds at step t and at step t + 1")
    )


@cache
def prove() -> Proved:
    """The difference of the gradients; the outgoing difference is constant; what a lasting tie would need."""
    net = channel()
    ctx = net.neurons((t, 0, T))
    incoming, bias = (kernel.assume(h, ctx) for h in net.agree(t))
    now = one_step(net, incoming, bias, ctx)
    here = net.neurons((t, 0, T - 1))
    ties = dict(zip(("w", "b"), (kernel.assume(h, here) for h in net.agree(t)), strict=True))
    after = dict(zip(("w", "b"), (kernel.assume(h, here) for h in net.agree(t + 1)), strict=True))
    inside = one_step(net, ties["w"], ties["b"], here)
    gradients = {"w": inside.w, "b": inside.b}
    moved = {x: step_of_difference(net, x, ties[x], gradients[x], here) for x in ties}
    needs = {x: step_of_a_tie(net, x, ties[x], after[x], gradients[x], here) for x in ties}
    constant, step = constant_difference(net)
    lasting = {x: lasting_tie(net, x, constant) for x in ties}
    return Proved(
        KEY,
        NAME,
        "Equal incoming weights are not enough",
        "Two hidden neurons with equal incoming weights and biases compute the same, and the gradients of "
        "their outgoing weights are equal. The gradients of their incoming weights are not: they differ by "
        "what the outgoing weights carry back. So random outgoing weights alone break the symmetry, and a "
        "tie of the incoming weights lasts only as long as the channel Q annihilates the difference of the "
        "outgoing weights, which gradient descent leaves as it is.",
        net.run.plain.system,
        (
            Proposition(
                "incoming weights",
                "The gradients of the incoming weights differ by the channel times the difference of the "
                "outgoing weights.",
                now.w.theorem,
                (
                    Argument.of("Weighted inputs agree", now.z),
                    Argument.of("The gradients of one incoming weight", now.w),
                ),
            ),
            Proposition(
                "biases",
                "So do the gradients of the biases.",
                now.b.theorem,
                (Argument.of("The gradients of the biases", now.b),),
            ),
            Proposition(
                "outgoing weights",
                "The gradients of the outgoing weights are equal.",
                now.out.theorem,
                (
                    Argument.of("Activations agree", now.a),
                    Argument.of("The gradients of the outgoing weights", now.out),
                ),
            ),
            Proposition(
                "one step, incoming weights",
                "After one step of gradient descent the incoming weights differ by exactly this.",
                moved["w"].theorem,
                (Argument.of("One step", moved["w"]),),
            ),
            Proposition(
                "one step, biases",
                "After one step of gradient descent the biases differ by exactly this.",
                moved["b"].theorem,
                (Argument.of("One step", moved["b"]),),
            ),
            Proposition(
                "a tie that survives one step",
                "Where the incoming weights agree before and after a step, this vanishes.",
                needs["w"].theorem,
                (Argument.of("Both steps", needs["w"]),),
            ),
            Proposition(
                "a tie of biases that survives one step",
                "Where the biases agree after the step as well, this vanishes.",
                needs["b"].theorem,
                (Argument.of("Both steps", needs["b"]),),
            ),
            Proposition(
                "outgoing difference",
                "While the incoming sides agree, the outgoing weights keep their difference.",
                constant,
                (Argument.of("One step keeps the difference", step),),
            ),
            Proposition(
                "a lasting tie",
                "A tie that lasts needs this at every step, with the outgoing weights of the start.",
                lasting["w"].theorem,
                (Argument.of("Incoming weights", lasting["w"]),),
            ),
            Proposition(
                "a lasting tie of biases",
                "And this, for the biases.",
                lasting["b"].theorem,
                (Argument.of("Biases", lasting["b"]),),
            ),
        ),
        order=ORDER,
        sources=("Rumelhart, Hinton, Williams 1986", "Goodfellow, Bengio, Courville 2016, section 8.4"),
        witnesses=witnesses(),
    )
