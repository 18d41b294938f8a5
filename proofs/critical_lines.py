r"""One neuron in two: the network of H neurons, the one of H + 1 that computes the same, and their gradients.

w~_i = w_i, w~_{H+1} = w_H;  v~_i = v_i for i < H, v~_H = lam v_H, v~_{H+1} = (1 - lam) v_H.
A direction of the larger network is one of the smaller, and beside it what moves the two neurons apart:
xi of the incoming weights, nu of the outgoing ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from sympy import Expr, Integer, Symbol

from symderive.calculus import IndexSum, TensorSymbol, indices, size, tensor
from symderive.calculus.ranges import EMPTY, Context
from symderive.calculus.terms import Applied, index_sum
from symderive.proof import kernel
from symderive.proof.hypotheses import as_hypothesis, marked, renamed
from symderive.proof.kernel import Theorem, hypothesis_of
from symderive.proof.tactics import Chain, instances
from symderive.systems import Definition
from symderive.training import embedding

SPLIT = (
    "neurons are kept", "the last neuron is doubled", "outgoing weights are kept",
    "the first takes the part lambda", "the second takes the rest",
)  # fmt: skip
MOVED = (
    "neurons move alike", "the first of the two moves by 1 - lambda", "the second moves back by lambda",
    "outgoing weights move alike", "the first outgoing weight", "the second outgoing weight",
)  # fmt: skip
WORDS = {
    "z": "weighted input", "a": "activation", "o": "output", "C": "cost", "bar_o": "derivative by an output",
    "bar_a": "derivative by an activation", "bar_z": "delta", "grad_w": "gradient of the incoming weights",
    "grad_v": "gradient of the outgoing weights", "grad_vC_bar_z": "weighted input, moved",
    "grad_vC_bar_a": "activation, moved", "grad_vC_bar_o": "output, moved",
    "grad_vC_o": "derivative by an output, moved", "grad_vC_a": "derivative by an activation, moved",
    "grad_vC_z": "delta, moved", "grad_vC_w": "Hessian, incoming weights",
    "grad_vC_v": "Hessian, outgoing weights",
    "q": "second derivative along the direction",
}  # fmt: skip
WIDE = ", one neuron more"
ORDER = (*(name + mark for name in WORDS.values() for mark in ("", WIDE)), "form of a sample", "A", "Q")

s, i, k, r = (Symbol(name, integer=True) for name in "sikr")
(m,) = indices("m")
H, K, N, B = size("H"), size("K"), size("N"), size("B")
lam, xi, nu = (
    tensor("lambda", latex=r"\lambda"),
    tensor("xi", (k, 1, K), latex=r"\xi"),
    tensor("nu", (r, 1, N), latex=r"\nu"),
)
LAM = lam[()]
SAMPLES, INPUTS, OUTPUTS = (s, 1, B), (k, 1, K), (r, 1, N)


@dataclass(frozen=True)
class Networks:
    """The smaller network and the larger one: tensors by name, definitions as theorems by name."""

    small: dict[str, TensorSymbol]
    large: dict[str, TensorSymbol]
    laws: dict[str, Theorem]
    t: TensorSymbol
    A: TensorSymbol
    Q: TensorSymbol


def widened(t: TensorSymbol) -> TensorSymbol:
    """A tensor of the larger network, with H + 1 in place of H in its ranges."""
    axes = tuple((lo.xreplace({H: H + 1}), hi.xreplace({H: H + 1})) for lo, hi in t.axes)
    return marked(t).derived(f"{t.name}_tilde", latex_name=marked(t).latex_name, axes=axes)


def law_of(
    name: str, lhs: Expr, rhs: Expr | int, *over: object, kind: str = "assumption", ctx: Context = EMPTY
) -> Theorem:
    right = Integer(rhs) if isinstance(rhs, int) else rhs
    return kernel.assume(hypothesis_of(name, lhs, right, over, kind), ctx)  # type: ignore[arg-type]


@cache
def networks() -> Networks:
    """Definitions, gradients and Hessian of both, the latter two derived; how one lies over the other."""
    second = embedding.derived()[1]
    system = second.system
    definitions = [d for d in (*system.definitions, *second.definitions) if d.symbol != system.cost]
    tensors = [*system.inputs, *system.parameters, *(d.symbol for d in definitions)]
    small = {t.name: t for t in tensors}
    w, v = small["w"], small["v"]
    q = tensor("q")
    whole = sum_over(w, small["v_w"], small["grad_vC_w"]) + sum_over(v, small["v_v"], small["grad_vC_v"])
    definitions.append(Definition(q(), whole, (), ""))
    small["q"] = q
    shared = {"x", "y"}
    large = {name: t if name in shared else widened(t) for name, t in small.items()}
    rename = {small[name]: large[name] for name in small if name not in shared}
    laws = {}
    for d in definitions:
        word = WORDS[d.symbol.name]
        laws[d.symbol.name] = kernel.assume(as_hypothesis(d, word), EMPTY)
        wide = renamed(d, rename).subs({H: H + 1})
        laws[large[d.symbol.name].name] = kernel.assume(as_hypothesis(wide, word + WIDE), EMPTY)
    W, V = large["w"], large["v"]
    dw, dv, dW, dV = small["v_w"], small["v_v"], large["v_w"], large["v_v"]
    alike, kept = (i, 1, H - 1), (i, 1, H)
    for name, lhs, rhs, over in (
        (SPLIT[0], W[i, k], w[i, k], (kept, INPUTS)),
        (SPLIT[1], W[H + 1, k], w[H, k], (INPUTS,)),
        (SPLIT[2], V[r, i], v[r, i], (OUTPUTS, alike)),
        (SPLIT[3], V[r, H], LAM * v[r, H], (OUTPUTS,)),
        (SPLIT[4], V[r, H + 1], (1 - LAM) * v[r, H], (OUTPUTS,)),
        (MOVED[0], dW[i, k], dw[i, k], (alike, INPUTS)),
        (MOVED[1], dW[H, k], dw[H, k] + (1 - LAM) * xi[k], (INPUTS,)),
        (MOVED[2], dW[H + 1, k], dw[H, k] - LAM * xi[k], (INPUTS,)),
        (MOVED[3], dV[r, i], dv[r, i], (OUTPUTS, alike)),
        (MOVED[4], dV[r, H], LAM * dv[r, H] + nu[r], (OUTPUTS,)),
        (MOVED[5], dV[r, H + 1], (1 - LAM) * dv[r, H] - nu[r], (OUTPUTS,)),
    ):
        laws[name] = law_of(name, lhs, rhs, *over)
    t, A, Q = tensor("t", SAMPLES), tensor("A", INPUTS, (m, 1, K)), tensor("Q", INPUTS, OUTPUTS)
    x, z = small["x"], small["z"]
    slope = laws["grad_vC_bar_a"].rhs.args  # sigma'(z) times the moved weighted input
    sigma = next(e.function for e in slope if isinstance(e, Applied))
    bend, lean = sigma(z[s, H], order=2) * small["bar_a"][s, H], sigma(z[s, H], order=1)
    laws["t"] = law_of(
        "form of a sample", t[s], IndexSum(xi[k] * x[s, k], INPUTS), SAMPLES, kind="definition"
    )
    laws["A"] = law_of(
        "A", A[k, m], IndexSum(bend * x[s, k] * x[s, m], SAMPLES), INPUTS, (m, 1, K), kind="definition"
    )
    laws["Q"] = law_of(
        "Q",
        Q[k, r],
        IndexSum(lean * small["bar_o"][s, r] * x[s, k], SAMPLES),
        INPUTS,
        OUTPUTS,
        kind="definition",
    )
    return Networks(small, large, laws, t, A, Q)


def sum_over(of: TensorSymbol, direction: TensorSymbol, product: TensorSymbol) -> Expr:
    """sum over all entries of a parameter: direction times (Hessian times direction)."""
    limits = ((i, 1, H), INPUTS) if of.name == "w" else (OUTPUTS, (i, 1, H))
    index = tuple(letter for letter, _, _ in limits)
    return index_sum(direction[index] * product[index], *limits)


ALIKE, KEPT = (i, 1, H - 1), (i, 1, H)
NEURONS, SOME = Context.of(SAMPLES, KEPT), Context.of(SAMPLES, ALIKE)
SAMPLE, OUTPUT = Context.of(SAMPLES), Context.of(SAMPLES, OUTPUTS)


def unfolded(name: str, index: tuple[Expr, ...], ctx: Context, *laws: Theorem) -> Chain:
    """An entry of the larger network by its definition, then by these laws where they apply."""
    net = networks()
    symbol = net.large[name]
    return applied(Chain(symbol[index], ctx).rewrite(net.laws[symbol.name]), *laws)


def applied(chain: Chain, *laws: Theorem) -> Chain:
    """Rewritten by each of these laws that applies."""
    for law in laws:
        if instances(chain.now, law, chain.context):
            chain.rewrite(law, "the larger network over the smaller")
    return chain


def two_apart(chain: Chain) -> Chain:
    """The sums over H + 1 neurons: those that are kept, and the two."""
    chain.split(lambda e: H - 1 if (e.lo, e.hi) == (1, H + 1) else None, "the two neurons apart")
    chain.split(lambda e: H if (e.lo, e.hi) == (H, H + 1) else None, "the two neurons apart")
    return chain.single("the two neurons apart")


def last_apart(chain: Chain) -> Chain:
    """The sums over H neurons: all but the last, and the last."""
    if any((e.lo, e.hi) == (1, H) for e in chain.now.atoms(IndexSum)):
        chain.split(lambda e: H - 1 if (e.lo, e.hi) == (1, H) else None, "the last neuron apart")
        chain.single("the last neuron apart")
    return chain


def in_the_small(chain: Chain, name: str, index: tuple[Expr, ...], factor: Expr | int = 1) -> Chain:
    """Closed by the definition in the smaller network."""
    net = networks()
    goal = Chain(factor * net.small[name][index], chain.context).rewrite(net.laws[name])
    last_apart(goal).ring(chain.now)
    return chain.then(kernel.symmetry(goal.theorem), f"{WORDS[name]} of the smaller network")


def parts() -> tuple[tuple[str, Expr, Context, Expr, Expr | int], ...]:
    """For kept neurons and for the two: a mark, the index, its range, the index in the small, the share."""
    return (
        ("", i, ALIKE, i, 1), (", first", H, (), H, LAM), (", second", H + 1, (), H, 1 - LAM),
    )  # type: ignore[return-value]  # fmt: skip


@cache
def split_network() -> dict[str, Chain]:
    """Activations, outputs, cost, deltas and gradients of the larger network by those of the smaller."""
    net, found = networks(), {}
    law = net.laws

    def tell(key: str, chain: Chain) -> Theorem:
        found[key] = chain
        return chain.theorem

    z = tell("z", in_the_small(unfolded("z", (s, i), NEURONS, law[SPLIT[0]]), "z", (s, i)))
    z2 = tell("z, second", in_the_small(unfolded("z", (s, H + 1), SAMPLE, law[SPLIT[1]]), "z", (s, H)))
    a = tell("a", in_the_small(unfolded("a", (s, i), NEURONS, z), "a", (s, i)))
    a2 = tell("a, second", in_the_small(unfolded("a", (s, H + 1), SAMPLE, z2), "a", (s, H)))
    outgoing = [law[name] for name in SPLIT[2:]]
    whole = applied(two_apart(unfolded("o", (s, r), OUTPUT)), a, a2, *outgoing)
    o = tell("o", in_the_small(whole, "o", (s, r)))
    tell("C", in_the_small(unfolded("C", (), EMPTY, o), "C", ()))
    e = tell("bar_o", in_the_small(unfolded("bar_o", (s, r), OUTPUT, o), "bar_o", (s, r)))
    for (key, index, limits, at, share), part in zip(parts(), outgoing, strict=True):
        over = (limits,) if limits else ()
        ctx = Context.of(SAMPLES, *over)
        back = tell(
            "bar_a" + key, in_the_small(unfolded("bar_a", (s, index), ctx, e, part), "bar_a", (s, at), share)
        )
        delta = unfolded("bar_z", (s, index), ctx, z, z2, back)
        d = tell("bar_z" + key, in_the_small(delta, "bar_z", (s, at), share))
        down = unfolded("grad_w", (index, k), Context.of(*over, INPUTS), d)
        tell("grad_w" + key, in_the_small(down, "grad_w", (at, k), share))
        out = unfolded("grad_v", (r, index), Context.of(OUTPUTS, *over), a, a2, e)
        tell("grad_v" + key, in_the_small(out, "grad_v", (r, at)))
    return found
