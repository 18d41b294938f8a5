r"""T19. A neuron is a linear regression, though not on the target: on what the other neurons leave of it.

With o_s = sum_i v_i a_{si} and C = sum_s (o_s - y_s)^2 / 2, let r_{sp} = y_s - sum_{i != p} v_i a_{si}. Then

    C = sum_s (v_p a_{sp} - r_{sp})^2 / 2,   dC/dv_p = sum_s a_{sp} (v_p a_{sp} - r_{sp}),
    r_{sp} - r_{sq} = v_p a_{sp} - v_q a_{sq}

This is the contrast to T12, where every regression has the same target.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from proofs.setting import B, i, p, q, s
from symderive import reference
from symderive import reference_exact as exact
from symderive.calculus import IndexSum, TensorSymbol, size, tensor
from symderive.calculus.ranges import EMPTY, Context
from symderive.claims.evidence import CheckFailed, Evidence
from symderive.derivation import derive
from symderive.proof import kernel
from symderive.proof.hypotheses import as_hypothesis
from symderive.proof.kernel import Theorem, hypothesis_of
from symderive.proof.result import Argument, Proposition, Proved
from symderive.proof.tactics import Chain
from symderive.proof.witness import Witness, Worked
from symderive.systems import Definition, System

KEY, NAME = "T19", "what_the_others_leave"
ASSUMES: tuple[str, ...] = ()
LEFT = "what the others leave"
NAMES = {"o": "output", "C": "cost", "bar_o": "error of the output", "grad_v": "gradient", "r": LEFT}
ORDER = tuple(NAMES.values())
ALLOWED = 1e-12

H = size("H")


@cache
def model() -> System:
    """H neurons add up to one output; what they answer, a_{si}, is anything.

    >>> print(model())
    system sum of neurons
      o[s] := sum(v[i]*a[s, i], i=1..H)  for s in 1..B
      C[] := (sum((o[s] - y[s])**2, s=1..B))/2
    """
    a, y, o = tensor("a", (s, 1, B), (i, 1, H)), tensor("y", (s, 1, B)), tensor("o", (s, 1, B))
    v, C = tensor("v", (i, 1, H)), tensor("C")
    output = Definition(o[s], IndexSum(v[i] * a[s, i], (i, 1, H)), ((s, 1, B),), "output")
    cost = Definition(C(), IndexSum((o[s] - y[s]) ** 2, (s, 1, B)) / 2, (), "cost")
    return System("sum of neurons", (a, y), (v,), (output, cost), C)


def target() -> TensorSymbol:
    """r_{sp}: what neuron p is fitted to."""
    return tensor("r", (s, 1, B), (p, 1, H))


@cache
def laws() -> dict[str, Theorem]:
    """The definitions, the derived gradient, and r_{sp} = y_s - sum_{i<p} v_i a_{si} - sum_{i>p} .."""
    net = model()
    a, v, y = (net.tensor(name) for name in "avy")
    found = {
        d.symbol.name: kernel.assume(as_hypothesis(d, NAMES[d.symbol.name]), EMPTY)
        for d in (*net.definitions, *derive(net).definitions)
    }
    others = [IndexSum(v[i] * a[s, i], limits) for limits in ((i, 1, p - 1), (i, p + 1, H))]
    over = ((s, 1, B), (p, 1, H))
    rest = hypothesis_of(LEFT, target()[s, p], y[s] - others[0] - others[1], over, "definition")
    return {**found, "r": kernel.assume(rest, EMPTY)}


@cache
def rest() -> Chain:
    """y_s - o_s + v_p a_{sp} = r_{sp}: the sum over all neurons is split at p."""
    net, law = model(), laws()
    a, v, y, o = (net.tensor(name) for name in "avyo")
    chain = Chain(y[s] - o[s] + v[p] * a[s, p], Context.of((p, 1, H), (s, 1, B))).rewrite(law["o"])
    chain.split(lambda e: p if (e.lo, e.hi) == (1, H) else None, "the sum split behind p")
    chain.split(lambda e: p - 1 if (e.lo, e.hi) == (1, p) else None, "and before p").single("its one term")
    return chain.fold(target()[s, p], [law["r"]], "what the others leave")


def propositions() -> tuple[Proposition, ...]:
    """The cost, the gradient, and the targets of two neurons."""
    net, law, r = model(), laws(), target()
    a, v = net.tensor("a"), net.tensor("v")
    left = kernel.symmetry(rest().theorem)
    one, error = Context.of((p, 1, H)), v[p] * a[s, p] - r[s, p]
    cost = Chain(net.tensor("C")(), one).rewrite(law["C"])
    cost.fold(IndexSum(error**2, (s, 1, B)) / 2, [left], "the output less the target")
    gradient = Chain(law["grad_v"].lhs.xreplace({i: p}), one).rewrite(law["grad_v"]).rewrite(law["bar_o"])
    gradient.fold(IndexSum(a[s, p] * error, (s, 1, B)), [left], "the output less the target")
    two = Chain(r[s, p] - r[s, q], Context.of((p, 1, H), (q, 1, H), (s, 1, B))).rewrite(left)
    two.ring(v[p] * a[s, p] - v[q] * a[s, q], "the output and the target cancel")
    return (
        Proposition(
            "one neuron",
            "The cost of the network is that of one neuron which is fitted to what the others leave: to a "
            "target in which nothing of this neuron occurs.",
            cost.theorem,
            (Argument.of("What the others leave", rest()), Argument.of("The cost", cost)),
        ),
        Proposition(
            "gradient",
            "So its outgoing weight has the gradient of that linear regression.",
            gradient.theorem,
            (Argument.of("The gradient", gradient),),
        ),
        Proposition(
            "two targets",
            "What the others leave to two neurons differs by what the two contribute: only neurons that "
            "contribute the same are fitted to the same target.",
            two.theorem,
            (Argument.of("The difference", two),),
        ),
    )


def numeric(seed: int) -> tuple[Evidence, ...]:
    """The reference's gradient of each outgoing weight, against that of a regression of its own."""
    network = reference.Network((3, 5, 1), ["tanh", "identity"], "squared_error")
    weights, biases = reference.random_parameters(network, seed)
    x, y = reference.random_data(network, 7, seed + 1)
    _, layers = reference.forward(network, weights, biases, x)
    hidden = layers[1] if layers[0].shape == x.shape else layers[0]
    v, found = weights[1][0], reference.backward(network, weights, biases, x, y).weights[1][0]
    alone = reference.Network((1, 1), ["identity"], "squared_error")
    error = 0.0
    for n in range(5):
        others = np.delete(hidden, n, 1) @ np.delete(v, n) + biases[1]
        own = reference.backward(
            alone, [v[n : n + 1, None]], [np.zeros(1)], hidden[:, n : n + 1], y - others[:, None]
        )
        error = max(error, abs(float(own.weights[0][0, 0] - found[n])) / float(np.max(np.abs(found))))
    if not error <= ALLOWED:
        raise CheckFailed(f"one neuron alone: expected its gradient within {ALLOWED}, found {error}")
    return (
        Evidence(
            "numeric", "gradient of each neuron, fitted alone to what the others leave", error, seed=seed
        ),
    )


def fitted(to: str) -> Worked:
    """Two neurons, one sample: a = (1, 2), v = (3, 1), y = 4; the first fitted to y, or to what is left."""
    whole = exact.Network((2, 1), ["identity"])
    truth = exact.backward(whole, exact.Parameters.of([[[3, 1]]], [(0,)]), [1, 2], [4]).weights[0][0][0]
    left = 4 - 1 * 2
    aim = {"the target": 4, LEFT: left}[to]
    own = exact.backward(
        exact.Network((1, 1), ["identity"]), exact.Parameters.of([[[3]]], [(0,)]), [1], [aim]
    )
    lines = (("$a_1, a_2$", (1, 2)), ("$v_1, v_2$", (3, 1)), ("$y$", 4), ("fitted to", aim))
    return Worked(lines, r"$\partial C / \partial v_1$", own.weights[0][0][0], truth)


def witnesses() -> tuple[Witness, ...]:
    """A neuron that is fitted to the target itself has another gradient."""
    text = (
        "A neuron is not fitted to the target, but to what the others leave: else its gradient is another. "
        "One sample, two neurons, $C = (o - y)^2/2$."
    )
    columns = ("the target", LEFT)
    return (Witness(LEFT, text, fitted, broken="the target", restored=LEFT, columns=columns),)


@cache
def prove() -> Proved:
    """Any numbers of neurons and samples; what the neurons answer is arbitrary, so are the layers below."""
    return Proved(
        KEY,
        NAME,
        "A neuron is a regression on what the others leave",
        "Neurons of a layer add up to the output. To one of them the network is a linear regression, as the "
        "asker says; only that its target is not the target of the network, but what the other neurons leave "
        "of it. Two neurons are fitted to the same target only if they contribute the same. So that "
        "regressions on the same data agree (T12) says nothing of neurons, and neurons that are equal, whose "
        "targets are equal, do agree (T5).",
        model(),
        propositions(),
        order=ORDER,
        sources=("Friedman, Stuetzle 1981, Projection pursuit regression, section 2",),
        witnesses=witnesses(),
    )
