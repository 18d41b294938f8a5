r"""T8. Initialisations that collapse: constant weights stay at rank one, zeros stay, but for the last biases.

Constant weights: for every layer one number. Zeros: weights and hidden biases, with sigma_l(0) = 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from sympy import Expr, Integer

from proofs.descent import Run, descent
from proofs.setting import ORDER, L, T, i, j, k, l, t
from proofs.witnesses.t8 import witnesses
from symderive.calculus import indices, tensor
from symderive.calculus.ranges import EMPTY, Context
from symderive.calculus.terms import Applied
from symderive.proof import kernel
from symderive.proof.kernel import Hypothesis, Theorem, hypothesis_of
from symderive.proof.result import Argument, Proposition, Proved
from symderive.proof.tactics import Chain, reason_of

KEY, NAME = "T8", "collapse"
ASSUMES = (
    "constant weights", "constant biases", "zero weights", "zero hidden biases", "activations are 0 at 0",
)  # fmt: skip

(r,) = indices("r")

Chains = tuple[tuple[str, Chain], ...]


@dataclass(frozen=True)
class Collapse:
    """Equations that hold at every step, by name, and how one step goes."""

    always: dict[str, Theorem]
    chains: Chains


def hidden(*more: tuple[Expr, Expr | int, Expr | int], ctx: Context = EMPTY) -> Context:
    """Layer l is hidden."""
    found = ctx.bind(l, 1, L - 1)
    for x, lo, hi in more:
        found = found.bind(x, lo, hi)
    return found


def over_the_steps(
    goals: dict[str, Hypothesis], start: dict[str, Chain], steps: dict[str, Chain]
) -> dict[str, Theorem]:
    """All goals at every step, by one induction."""
    names = list(goals)
    return {
        name: kernel.induction(
            [goals[x] for x in names],
            which,
            [start[x].theorem for x in names],
            [steps[x].theorem for x in names],
            (t, Integer(0), T),
            EMPTY,
        )
        for which, name in enumerate(names)
    }


# ---------------------------------------------------------------------------------- constant weights


def equal_in_layer(run: Run, step: Expr | int) -> dict[str, Hypothesis]:
    """Neurons j and i of a hidden layer agree in incoming weights, biases and outgoing weights."""
    n, w, b = run.n, run.tensors["w"], run.tensors["b"]
    neurons = ((l, 1, L - 1), (j, 1, n[l]), (i, 1, n[l]))
    note = "induction hypothesis"
    return {
        "incoming": hypothesis_of(
            f"equal rows, {note}", w[step, l, j, k], w[step, l, i, k],
            (*neurons, (k, 1, n[l - 1])), "induction",
        ),
        "bias": hypothesis_of(f"equal biases, {note}", b[step, l, j], b[step, l, i], neurons, "induction"),
        "outgoing": hypothesis_of(
            f"equal columns, {note}",
            w[step, l + 1, r, j], w[step, l + 1, r, i], (*neurons, (r, 1, n[l + 1])), "induction",
        ),
    }  # fmt: skip


@cache
def constant() -> Collapse:
    """From one number for all weights of a layer and one for its biases, its hidden neurons stay tied."""
    run = descent()
    n, w, b = run.n, run.tensors["w"], run.tensors["b"]
    kappa = tensor("kappa", (l, 1, L), latex=r"\kappa")
    beta = tensor("beta", (l, 1, L - 1), latex=r"\beta")
    one_weight = kernel.assume(
        hypothesis_of(
            "constant weights", w[0, l, j, k], kappa[l], ((l, 1, L), (j, 1, n[l]), (k, 1, n[l - 1]))
        ),
        EMPTY,
    )
    one_bias = kernel.assume(
        hypothesis_of("constant biases", b[0, l, j], beta[l], ((l, 1, L - 1), (j, 1, n[l]))), EMPTY
    )
    goals = equal_in_layer(run, t)
    start = at_start(goals, {"incoming": one_weight, "bias": one_bias, "outgoing": one_weight})
    here = Context.of((t, 0, T - 1))
    now = {name: kernel.assume(goal, here) for name, goal in goals.items()}
    pair = hidden((j, 1, n[l]), (i, 1, n[l]), ctx=here)
    each = run.plain.samples(pair)
    z = (
        Chain(run.unit("z", t, l, j), each)
        .rewrite(run.laws["z"])
        .rewrite(now["incoming"])
        .rewrite(now["bias"])
        .backwards(run.laws["z"])
    )
    a = (
        Chain(run.unit("a", t, l, j), each)
        .rewrite(run.laws["a"])
        .rewrite(z.theorem, "equal weighted inputs")
        .backwards(run.laws["a"])
    )
    delta = (
        Chain(run.unit("delta", t, l, j), each)
        .rewrite(run.laws["delta"])
        .rewrite(z.theorem, "equal weighted inputs")
        .rewrite(now["outgoing"])
        .backwards(run.laws["delta"])
    )
    gradients = {}
    for name, entry, law, equal, reason in (
        ("incoming", run.tensors["grad_w"][t, l, j, k], "grad_w", delta, "equal deltas"),
        ("bias", run.tensors["grad_b"][t, l, j], "grad_b", delta, "equal deltas"),
        ("outgoing", run.tensors["grad_w"][t, l + 1, r, j], "grad_w", a, "equal activations"),
    ):
        inner = Context((*here.limits, *goals[name].indices))
        gradients[name] = (
            Chain(entry, inner).rewrite(run.laws[law]).rewrite(equal.theorem, reason).backwards(run.laws[law])
        )
    steps = {}
    for name, law in (("incoming", "update_w"), ("bias", "update_b"), ("outgoing", "update_w")):
        after = goals[name].shift({t: t + 1})
        steps[name] = (
            Chain(after.lhs, Context((*here.limits, *after.indices)))
            .rewrite(run.laws[law])
            .rewrite(now[name])
            .rewrite(gradients[name].theorem, "equal gradients")
            .backwards(run.laws[law])
        )
    shown = (
        ("Weighted inputs agree", z),
        ("Activations agree", a),
        ("Deltas agree", delta),
        *((f"Gradients agree, {WORDS[name]}", c) for name, c in gradients.items()),
        *((f"One step keeps {WORDS[name]} equal", c) for name, c in steps.items()),
    )
    return Collapse(over_the_steps(goals, start, steps), shown)


WORDS = {"incoming": "the rows", "bias": "the biases", "outgoing": "the columns"}


def at_start(goals: dict[str, Hypothesis], laws: dict[str, Theorem]) -> dict[str, Chain]:
    """Each goal at step 0, from a law that gives both of its sides."""
    zero = {t: Integer(0)}
    found = {}
    for name, goal in goals.items():
        chain = Chain(goal.lhs.xreplace(zero), Context(goal.indices)).rewrite(laws[name])
        rhs = goal.rhs.xreplace(zero)
        found[name] = chain.fold(rhs, [laws[name]], reason_of(laws[name])) if chain.now != rhs else chain
    return found


def minors() -> tuple[Chain, Chain, Chain]:
    """w_{jk} w_{ir} = w_{jr} w_{ik}, in the layers before the last and after the first; and one value."""
    run = descent()
    n, w = run.n, run.tensors["w"]
    always = constant().always
    ctx = Context.of((t, 0, T), (l, 1, L - 1), (j, 1, n[l]), (i, 1, n[l]), (k, 1, n[l - 1]), (r, 1, n[l - 1]))
    rows = (
        Chain(w[t, l, j, k] * w[t, l, i, r], ctx)
        .replace(kernel.instantiate(always["incoming"], {}, ctx), "equal rows")
        .replace(kernel.instantiate(always["incoming"], {j: i, i: j, k: r}, ctx), "equal rows")
    )
    ctx = Context.of((t, 0, T), (l, 1, L - 1), (j, 1, n[l + 1]), (i, 1, n[l + 1]), (k, 1, n[l]), (r, 1, n[l]))
    columns = (
        Chain(w[t, l + 1, j, k] * w[t, l + 1, i, r], ctx)
        .replace(kernel.instantiate(always["outgoing"], {r: j, j: k, i: r}, ctx), "equal columns")
        .replace(kernel.instantiate(always["outgoing"], {r: i, j: r, i: k}, ctx), "equal columns")
    )
    ctx = Context.of((t, 0, T), (l, 1, L - 2), (j, 1, n[l + 1]), (i, 1, n[l + 1]), (k, 1, n[l]), (r, 1, n[l]))
    one = (
        Chain(w[t, l + 1, j, k], ctx)
        .replace(kernel.instantiate(always["incoming"], {l: l + 1}, ctx), "equal rows")
        .replace(kernel.instantiate(always["outgoing"], {r: i, j: k, i: r}, ctx), "equal columns")
    )
    return rows, columns, one


# ---------------------------------------------------------------------------------------------- zeros


@cache
def zeros() -> Collapse:
    """From zeros, where sigma_l(0) = 0 in the hidden layers, all weights and hidden biases stay 0."""
    run = descent()
    n, w, b = run.n, run.tensors["w"], run.tensors["b"]
    phi = run.laws["a"].rhs
    assert isinstance(phi, Applied)
    nothing = Integer(0)
    no_weight, no_bias, no_value = (
        kernel.assume(h, EMPTY)
        for h in (
            hypothesis_of(
                "zero weights", w[0, l, j, k], nothing, ((l, 1, L), (j, 1, n[l]), (k, 1, n[l - 1]))
            ),
            hypothesis_of("zero hidden biases", b[0, l, j], nothing, ((l, 1, L - 1), (j, 1, n[l]))),
            hypothesis_of("activations are 0 at 0", phi.function(nothing, l), nothing, ((l, 1, L - 1),)),
        )
    )
    note = "induction hypothesis"
    goals = {
        "incoming": hypothesis_of(
            f"weights of the hidden layers are 0, {note}",
            w[t, l, j, k], nothing, ((l, 1, L - 1), (j, 1, n[l]), (k, 1, n[l - 1])), "induction",
        ),
        "bias": hypothesis_of(
            f"biases of the hidden layers are 0, {note}",
            b[t, l, j], nothing, ((l, 1, L - 1), (j, 1, n[l])), "induction",
        ),
        "outgoing": hypothesis_of(
            f"weights after the hidden layers are 0, {note}",
            w[t, l + 1, r, j], nothing, ((l, 1, L - 1), (r, 1, n[l + 1]), (j, 1, n[l])), "induction",
        ),
    }  # fmt: skip
    start = at_start(goals, {"incoming": no_weight, "bias": no_bias, "outgoing": no_weight})
    here = Context.of((t, 0, T - 1))
    now = {name: kernel.assume(goal, here) for name, goal in goals.items()}
    each = run.plain.samples(hidden((j, 1, n[l]), ctx=here))
    a = (
        Chain(run.unit("a", t, l, j), each)
        .rewrite(run.laws["a"])
        .rewrite(run.laws["z"])
        .rewrite(now["incoming"])
        .rewrite(now["bias"])
        .rewrite(no_value)
    )
    delta = Chain(run.unit("delta", t, l, j), each).rewrite(run.laws["delta"]).rewrite(now["outgoing"])
    steps, gradients = {}, {}
    for name, parameter, zero, reason in (
        ("incoming", "w", delta, "deltas of the hidden layers are 0"),
        ("bias", "b", delta, "deltas of the hidden layers are 0"),
        ("outgoing", "w", a, "activations of the hidden layers are 0"),
    ):
        inner = Context((*here.limits, *goals[name].indices))
        index = goals[name].lhs.args[2:]
        gradients[name] = (
            Chain(run.tensors[f"grad_{parameter}"][(t, *index)], inner)
            .rewrite(run.laws[f"grad_{parameter}"])
            .rewrite(zero.theorem, reason)
        )
        steps[name] = (
            Chain(run.tensors[parameter][(t + 1, *index)], inner)
            .rewrite(run.laws[f"update_{parameter}"])
            .rewrite(now[name])
            .rewrite(gradients[name].theorem, "gradients are 0")
        )
    words = {"incoming": "weights of the hidden layers", "bias": "biases", "outgoing": "weights after them"}
    shown = (
        ("Activations of the hidden layers", a),
        ("Deltas of the hidden layers", delta),
        *((f"Gradients of the {words[name]}", c) for name, c in gradients.items()),
        *((f"One step leaves the {words[name]} at 0", c) for name, c in steps.items()),
    )
    return Collapse(over_the_steps(goals, start, steps), shown)


def output() -> Chain:
    """What the network computes, from zeros: a function of the last bias alone, the same for all inputs."""
    run = descent()
    n = run.n
    always = zeros().always
    ctx = run.plain.samples(Context.of((t, 0, T), (l, 1, L - 1))).bind(j, 1, n[l + 1])
    return (
        Chain(run.unit("a", t, l + 1, j), ctx)
        .rewrite(run.laws["a"])
        .rewrite(run.laws["z"])
        .rewrite(always["outgoing"], "weights after a hidden layer are 0")
    )


@cache
def prove() -> Proved:
    """Both by induction on the steps."""
    same, none = constant(), zeros()
    rows, columns, one = minors()
    nothing = output()
    return Proved(
        KEY,
        NAME,
        "Initialisations that collapse",
        "Constant weights in each layer, with constant biases in the hidden layers, tie all neurons of each "
        "hidden layer for ever: every weight matrix keeps rank one, if there is a hidden layer at all. The "
        "first one has equal rows, the last one equal columns, those between a single value. Zeros, where "
        "the hidden activations are 0 at 0, are worse: only the biases of the last layer ever move, and the "
        "network computes the same for all inputs. Without a hidden layer neither is claimed: softmax "
        "regression from zeros trains.",
        descent().plain.system,
        (
            Proposition(
                "constant weights, rows",
                "From constant weights, at every step all rows of the weights into a hidden layer are equal.",
                same.always["incoming"],
                tuple(Argument.of(title, c) for title, c in same.chains),
            ),
            Proposition(
                "constant weights, biases",
                "And all biases of a hidden layer.",
                same.always["bias"],
            ),
            Proposition(
                "constant weights, columns",
                "And all columns of the weights out of a hidden layer.",
                same.always["outgoing"],
            ),
            Proposition(
                "rank one, into a hidden layer",
                "All minors of two rows and two columns of the weights into a hidden layer vanish.",
                rows.theorem,
                (Argument.of("Two rows", rows),),
            ),
            Proposition(
                "rank one, out of a hidden layer",
                "All minors of two rows and two columns of the weights out of a hidden layer vanish.",
                columns.theorem,
                (Argument.of("Two columns", columns),),
            ),
            Proposition(
                "a single value",
                "Between two hidden layers all weights are equal.",
                one.theorem,
                (Argument.of("Any two weights", one),),
            ),
            Proposition(
                "zeros, hidden weights",
                "From zeros, the weights of the hidden layers are 0 at every step.",
                none.always["incoming"],
                tuple(Argument.of(title, c) for title, c in none.chains),
            ),
            Proposition("zeros, hidden biases", "And their biases.", none.always["bias"]),
            Proposition(
                "zeros, weights after a hidden layer",
                "And the weights after a hidden layer, those of the last layer included.",
                none.always["outgoing"],
            ),
            Proposition(
                "zeros, outputs",
                "From zeros, a layer after a hidden one computes a function of its biases, for every input.",
                nothing.theorem,
                (Argument.of("The same for all inputs", nothing),),
            ),
        ),
        order=ORDER,
        sources=("Goodfellow, Bengio, Courville 2016, section 8.4", "Rumelhart, Hinton, Williams 1986"),
        witnesses=witnesses(),
    )
