r"""T5. Hidden neurons with equal incoming weights, biases and outgoing weights stay equal in training."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from sympy import Expr, Integer

from proofs.experiments import staying_tied
from proofs.setting import ORDER, SHORT, L, Setting, T, i, j, k, l, m, network, p, q, short, t
from symderive.calculus import TensorSymbol, tensor
from symderive.calculus.ranges import EMPTY, Context
from symderive.claims.evidence import Evidence
from symderive.proof import kernel
from symderive.proof.hypotheses import as_hypothesis, over_steps
from symderive.proof.kernel import Hypothesis, Theorem, hypothesis_of
from symderive.proof.result import Argument, Proposition, Proved
from symderive.proof.tactics import Chain

KEY, NAME = "T5", "tied_neurons"

eta = tensor("eta", (t, 0, T), latex=r"\eta")


@dataclass(frozen=True)
class Training:
    """The network at every step t of gradient descent, and the tie of the neurons p and q of layer m."""

    plain: Setting
    tensors: dict[str, TensorSymbol]
    laws: dict[str, Theorem]

    def tie(self, step: Expr | int, kind: str) -> tuple[Hypothesis, ...]:
        """Neurons p and q of layer m have equal incoming weights, biases and outgoing weights."""
        n, w, b = self.plain.n, self.tensors["w"], self.tensors["b"]
        note = "" if kind == "assumption" else ", induction hypothesis"
        return (
            hypothesis_of(
                f"equal incoming weights{note}", w[step, m, p, k], w[step, m, q, k], ((k, 1, n[m - 1]),), kind
            ),
            hypothesis_of(f"equal biases{note}", b[step, m, p], b[step, m, q], (), kind),
            hypothesis_of(
                f"equal outgoing weights{note}",
                w[step, m + 1, i, p],
                w[step, m + 1, i, q],
                ((i, 1, n[m + 1]),),
                kind,
            ),
        )

    def neurons(self, ctx: Context = EMPTY) -> Context:
        """Layer m is hidden, p and q are two of its neurons."""
        n = self.plain.n
        return ctx.bind(m, 1, L - 1).bind(p, 1, n[m]).bind(q, 1, n[m])


@cache
def training() -> Training:
    """Gradient descent with step sizes eta_t, for every depth; each step may see other samples."""
    net = network(batch=True)
    forward_backward = (*net.system.definitions, *net.derivation.definitions)
    definitions, made = over_steps(forward_backward, t, T)
    tensors = {old.name: new for old, new in made.items()}
    theorems = {}
    for old, new in zip(forward_backward, definitions, strict=True):
        theorems[short(old)] = kernel.assume(as_hypothesis(new, SHORT[short(old)]), EMPTY)
    n = net.n
    for name, index, ranges in (
        ("w", (l, j, k), ((l, 1, L), (j, 1, n[l]), (k, 1, n[l - 1]))),
        ("b", (l, j), ((l, 1, L), (j, 1, n[l]))),
    ):
        old, gradient = tensors[name], tensors[f"grad_{name}"]
        step = hypothesis_of(
            f"gradient descent on {'the weights' if name == 'w' else 'the biases'}",
            old[(t + 1, *index)],
            old[(t, *index)] - eta[t] * gradient[(t, *index)],
            ((t, 0, T - 1), *ranges),
            "definition",
        )
        theorems[f"update_{name}"] = kernel.assume(step, EMPTY)
    return Training(net, tensors, theorems)


@dataclass(frozen=True)
class OneStep:
    """What the tie gives at one step: equal weighted inputs, activations, deltas and gradients."""

    z: Chain
    a: Chain
    delta: Chain
    w: Chain
    b: Chain
    out: Chain


def one_step(net: Training, tie: tuple[Theorem, Theorem, Theorem], ctx: Context) -> OneStep:
    """The chains at step t, from the tie at step t."""
    n, of = net.plain.n, net.tensors
    incoming, bias, outgoing = tie
    each = net.plain.samples(ctx)
    z = (
        Chain(net.plain.unit(of["z"], t, m, p), each)
        .rewrite(net.laws["z"])
        .rewrite(incoming)
        .rewrite(bias)
        .backwards(net.laws["z"])
    )
    a = (
        Chain(net.plain.unit(of["a"], t, m, p), each)
        .rewrite(net.laws["a"])
        .rewrite(z.theorem, "equal weighted inputs")
        .backwards(net.laws["a"])
    )
    delta = (
        Chain(net.plain.unit(of["delta"], t, m, p), each)
        .rewrite(net.laws["delta"])
        .rewrite(z.theorem, "equal weighted inputs")
        .rewrite(outgoing)
        .backwards(net.laws["delta"])
    )
    w = (
        Chain(of["grad_w"][t, m, p, k], ctx.bind(k, 1, n[m - 1]))
        .rewrite(net.laws["grad_w"])
        .rewrite(delta.theorem, "equal deltas")
        .backwards(net.laws["grad_w"])
    )
    b = (
        Chain(of["grad_b"][t, m, p], ctx)
        .rewrite(net.laws["grad_b"])
        .rewrite(delta.theorem, "equal deltas")
        .backwards(net.laws["grad_b"])
    )
    out = (
        Chain(of["grad_w"][t, m + 1, i, p], ctx.bind(i, 1, n[m + 1]))
        .rewrite(net.laws["grad_w"])
        .rewrite(a.theorem, "equal activations")
        .backwards(net.laws["grad_w"])
    )
    return OneStep(z, a, delta, w, b, out)


def descent(net: Training, name: str, start: Expr, tie: Theorem, gradient: Theorem, ctx: Context) -> Chain:
    """One step of gradient descent keeps one of the three equalities."""
    return (
        Chain(start, ctx)
        .rewrite(net.laws[f"update_{name}"])
        .rewrite(tie)
        .rewrite(gradient, "equal gradients")
        .backwards(net.laws[f"update_{name}"])
    )


def numeric(seed: int) -> tuple[Evidence, ...]:
    """The theorem on real arrays."""
    return (staying_tied(seed),)


@cache
def prove() -> Proved:
    """By induction on the training steps: a tie at step 0 is a tie at every step."""
    net = training()
    n, of = net.plain.n, net.tensors
    outer = net.neurons()
    start = tuple(kernel.assume(h, outer) for h in net.tie(0, "assumption"))
    goals = net.tie(t, "induction")
    here = outer.bind(t, 0, T - 1)
    tie = tuple(kernel.assume(g, here) for g in goals)
    inside = one_step(net, (tie[0], tie[1], tie[2]), here)
    steps = [
        descent(net, "w", of["w"][t + 1, m, p, k], tie[0], inside.w.theorem, here.bind(k, 1, n[m - 1])),
        descent(net, "b", of["b"][t + 1, m, p], tie[1], inside.b.theorem, here),
        descent(net, "w", of["w"][t + 1, m + 1, i, p], tie[2], inside.out.theorem, here.bind(i, 1, n[m + 1])),
    ]
    always = tuple(
        kernel.induction(goals, which, start, [c.theorem for c in steps], (t, Integer(0), T), outer)
        for which in range(3)
    )
    run = outer.bind(t, 0, T)
    final = one_step(net, (always[0], always[1], always[2]), run)
    return Proved(
        KEY,
        NAME,
        "Tied neurons stay tied",
        "Two neurons of a hidden layer that start with equal incoming weights, equal biases and equal "
        "outgoing weights have equal gradients at every step of gradient descent, and stay equal, by "
        "induction on the steps. Every step may use another mini-batch of B samples and another step size.",
        net.plain.system,
        (
            Proposition(
                "incoming weights",
                "At every step the incoming weights agree.",
                always[0],
                (
                    Argument.of("Weighted inputs agree", inside.z),
                    Argument.of("Activations agree", inside.a),
                    Argument.of("Deltas agree", inside.delta),
                    Argument.of("Gradients of the incoming weights agree", inside.w),
                    Argument.of("Gradients of the biases agree", inside.b),
                    Argument.of("Gradients of the outgoing weights agree", inside.out),
                    Argument.of("One step keeps the incoming weights equal", steps[0]),
                    Argument.of("One step keeps the biases equal", steps[1]),
                    Argument.of("One step keeps the outgoing weights equal", steps[2]),
                ),
            ),
            Proposition("biases", "At every step the biases agree.", always[1]),
            Proposition("outgoing weights", "At every step the outgoing weights agree.", always[2]),
            Proposition(
                "activations", "At every step both neurons compute the same.", final.a.theorem,
                (Argument.of("The activations", final.a),),
            ),
            Proposition(
                "deltas", "At every step the deltas agree.", final.delta.theorem,
                (Argument.of("The deltas", final.delta),),
            ),
            Proposition(
                "gradients", "At every step the gradients of the incoming weights agree.", final.w.theorem,
                (Argument.of("The gradients", final.w),),
            ),
        ),
        order=ORDER,
        sources=("Rumelhart, Hinton, Williams 1986", "Goodfellow, Bengio, Courville 2016, section 8.4"),
    )  # fmt: skip
