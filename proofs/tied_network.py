r"""A network whose hidden neurons are tied in each layer: monotone in one linear form of the input.

a^l_s - a^l_r = rho_l (zeta_s - zeta_r) P_{l,sr}^2, with zeta the weighted input of the first hidden layer
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

from sympy import Basic, Expr, Integer

from proofs.hidden_gradient import M
from proofs.setting import ORDER as NETWORK
from proofs.setting import SHORT, L, j, k, l, s, short
from symderive.calculus import IndexSum, TensorSymbol, indices, tensor
from symderive.calculus.ranges import EMPTY, Context
from symderive.calculus.terms import Applied, Bracket, Entry
from symderive.proof import kernel
from symderive.proof.hypotheses import as_hypothesis
from symderive.proof.kernel import Theorem, hypothesis_of
from symderive.proof.tactics import Chain
from symderive.systems import System, mlp

MONOTONE = "monotone activations"
ORDER = (
    *NETWORK, "sum of the outgoing weights", "slope of the first hidden layer", "slope of a hidden layer",
    "slope between two samples, first hidden layer", "slope between two samples", "slope of an output",
    "slope of an output between two samples",
)  # fmt: skip

(r,) = indices("r")
FOUR = Integer(4)
SAMPLES = ((s, 1, 4), (r, 1, 4))


@dataclass(frozen=True)
class Tied:
    """The network with M hidden layers on four samples, its definitions, and what is assumed of it."""

    system: System
    laws: dict[str, Theorem]
    n: TensorSymbol
    omega: TensorSymbol
    W: TensorSymbol
    rho: TensorSymbol
    kappa: TensorSymbol
    m: TensorSymbol
    P: TensorSymbol
    N: TensorSymbol

    def tensor(self, name: str) -> TensorSymbol:
        """A tensor of the network."""
        return self.system.tensor(name)


def law_of(name: str, lhs: Expr, rhs: Expr, *over: object, kind: str = "assumption") -> Theorem:
    return kernel.assume(hypothesis_of(name, lhs, rhs, over, kind), EMPTY)  # type: ignore[arg-type]


def with_layers(net: System, layers: Expr) -> System:
    """The network with this number of layers in place of L, in the ranges of its tensors too.

    That every width is positive is known for the layers over which widths are declared.
    """
    rule: dict[Basic, Basic] = {L: layers}
    tensors = {e.symbol for d in net.definitions for side in (d.lhs, d.rhs) for e in side.atoms(Entry)}
    tensors |= set(net.adjoints.values())
    # widths first: the ranges of the others use them
    for t in sorted(tensors | {n for t in tensors for n in _widths(t)}, key=lambda t: t.kind != "dimension"):
        axes = tuple((lo.xreplace(rule), hi.xreplace(rule)) for lo, hi in t.axes)
        rule[t] = t.derived(t.name, latex_name=t.latex_name, axes=axes)
    return replace(
        net,
        inputs=tuple(t.xreplace(rule) for t in net.inputs),
        parameters=tuple(t.xreplace(rule) for t in net.parameters),
        definitions=tuple(d.subs(rule) for d in net.definitions),
        cost=net.cost.xreplace(rule),
        adjoints={t.xreplace(rule): by.xreplace(rule) for t, by in net.adjoints.items()},
        inlined=frozenset(t.xreplace(rule) for t in net.inlined),
    )


def _widths(t: TensorSymbol) -> set[TensorSymbol]:
    """The widths in the ranges of a tensor."""
    return {e.symbol for axis in t.axes for end in axis for e in end.atoms(Entry)}


@cache
def tied() -> Tied:
    """Hidden neurons of a layer share incoming weights and bias; activations are monotone, with slacks."""
    net = with_layers(mlp(per_layer=True, samples=4, cost="squared_error", factor=1), M + 1)
    laws = {short(d): kernel.assume(as_hypothesis(d, SHORT[short(d)]), EMPTY) for d in net.definitions}
    w, b, x, y, z = (net.tensor(name) for name in "wbxyz")
    (n,) = {e.symbol for e in net.tensor("a").axes[-1][1].atoms(Entry)}
    omega, beta = (
        tensor("omega", (l, 1, M), (k, 1, n[l - 1]), sup=1, latex=r"\omega"),
        tensor("beta", (l, 1, M), sup=1, latex=r"\beta"),
    )
    W, rho = tensor("W", (l, 2, M), sup=1), tensor("rho", (l, 1, M), sup=1, latex=r"\rho")
    kappa = tensor("kappa", (j, 1, n[M + 1]), latex=r"\kappa")
    m = tensor("m", (l, 1, M + 1), *SAMPLES, (j, 1, n[l]), sup=1)
    P, N = tensor("P", (l, 1, M), *SAMPLES, sup=1), tensor("N", *SAMPLES, (j, 1, n[M + 1]))
    hidden, units, inputs = (l, 1, M), (j, 1, n[l]), (k, 1, n[l - 1])
    outputs = (j, 1, n[M + 1])
    laws["tied w"] = law_of("tied incoming weights", w[l, j, k], omega[l, k], hidden, units, inputs)
    laws["tied b"] = law_of("tied biases", b[l, j], beta[l], hidden, units)
    activation = laws["a"].rhs
    assert isinstance(activation, Applied)
    phi = activation.function
    here, there = z[l, s, j], z[l, r, j]
    laws["monotone"] = law_of(
        MONOTONE, phi(here, l) - phi(there, l), (here - there) * m[l, s, r, j] ** 2,
        (l, 1, M + 1), *SAMPLES, units,
    )  # fmt: skip
    laws["parallelogram"] = law_of("a parallelogram", x[4, k], x[2, k] + x[3, k] - x[1, k], (k, 1, n[0]))
    laws["targets"] = law_of(
        "targets of XOR", y[s, j], Bracket.equal(s, 2) + Bracket.equal(s, 3), SAMPLES[0], outputs
    )
    definition = "definition"
    for name, lhs, rhs, over in (
        ("sum of the outgoing weights", W[l], IndexSum(omega[l, k], inputs), ((l, 2, M),)),
        ("slope of the first hidden layer", rho[1], Integer(1), ()),
        ("slope of a hidden layer", rho[l], W[l] * rho[l - 1], ((l, 2, M),)),
        ("slope between two samples, first hidden layer", P[1, s, r], m[1, s, r, 1], SAMPLES),
        ("slope between two samples", P[l, s, r], m[l, s, r, 1] * P[l - 1, s, r], ((l, 2, M), *SAMPLES)),
        ("slope of an output", kappa[j], IndexSum(w[M + 1, j, k], (k, 1, n[M])) * rho[M], (outputs,)),
        ("slope of an output between two samples", N[s, r, j], m[M + 1, s, r, j] * P[M, s, r],
         (*SAMPLES, outputs)),
    ):  # fmt: skip
        laws[name] = law_of(name, lhs, rhs, *over, kind=definition)
    return Tied(net, laws, n, omega, W, rho, kappa, m, P, N)


@cache
def one_neuron() -> tuple[Chain, Chain]:
    """z_j = z_1 and a_j = a_1 in every hidden layer."""
    net = tied()
    ctx = Context.of((l, 1, M), (s, 1, 4), (j, 1, net.n[l]))
    z, a = net.tensor("z"), net.tensor("a")
    first = (
        Chain(z[l, s, j], ctx).rewrite(net.laws["z"]).rewrite(net.laws["tied w"]).rewrite(net.laws["tied b"])
    )
    first.fold(z[l, s, 1], [net.laws["z"], net.laws["tied w"], net.laws["tied b"]], "those of neuron 1")
    second = Chain(a[l, s, j], ctx).rewrite(net.laws["a"]).rewrite(first.theorem, "equal weighted inputs")
    return first, second.backwards(net.laws["a"])


def _slope(net: Tied, layer: Expr | int) -> Expr:
    """rho_l (zeta_s - zeta_r) P_l^2, with zeta the weighted input of the first hidden layer."""
    z = net.tensor("z")
    return net.rho[layer] * (z[1, s, 1] - z[1, r, 1]) * net.P[layer, s, r] ** 2


@cache
def one_form() -> tuple[Theorem, Chain, Chain]:
    """a^l_s - a^l_r = rho_l (zeta_s - zeta_r) P_l^2 by induction on the hidden layers."""
    net = tied()
    a, z, laws = net.tensor("a"), net.tensor("z"), net.laws
    same = one_neuron()[1].theorem
    claim = hypothesis_of(
        "induction hypothesis", a[l, s, 1] - a[l, r, 1], _slope(net, l), SAMPLES, "induction"
    )
    two = Context.of(*SAMPLES)
    start = Chain(a[1, s, 1] - a[1, r, 1], two).rewrite(laws["a"]).rewrite(laws["monotone"])
    start.fold(
        _slope(net, 1),
        [laws["slope of the first hidden layer"], laws["slope between two samples, first hidden layer"]],
        "the slope is 1",
    )
    ctx = Context.of((l, 1, M - 1), *SAMPLES)
    omega = net.omega
    weighted = Chain(z[l + 1, s, 1] - z[l + 1, r, 1], ctx).rewrite(laws["z"]).rewrite(same, "tied neurons")
    weighted.rewrite(laws["tied w"])
    weighted.ring(IndexSum(omega[l + 1, k], (k, 1, net.n[l])) * (a[l, s, 1] - a[l, r, 1]))
    weighted.rewrite(kernel.assume(claim, Context.of((l, 1, M - 1))))
    step = Chain(a[l + 1, s, 1] - a[l + 1, r, 1], ctx).rewrite(laws["a"]).rewrite(laws["monotone"])
    step.rewrite(weighted.theorem, "difference of the weighted inputs")
    step.fold(
        _slope(net, l + 1),
        [
            laws["slope of a hidden layer"],
            laws["slope between two samples"],
            laws["sum of the outgoing weights"],
        ],
        "slopes of the next layer",
        at=lambda e: e.symbol in (net.W, net.rho, net.P) and e.index[0] == l + 1,
    )
    outer = kernel.induction([claim], 0, [start.theorem], [step.theorem], (l, Integer(1), M), EMPTY)
    return outer, start, step


@cache
def output_form() -> Chain:
    """f_s - f_r = kappa (zeta_s - zeta_r) N_{sr}^2 for every output."""
    net = tied()
    a, z, w, laws = net.tensor("a"), net.tensor("z"), net.tensor("w"), net.laws
    always = one_form()[0]
    ctx = Context.of(*SAMPLES, (j, 1, net.n[M + 1]))
    last = M + 1
    weighted = Chain(z[last, s, j] - z[last, r, j], ctx).rewrite(laws["z"])
    weighted.rewrite(one_neuron()[1].theorem, "tied neurons")
    weighted.ring(IndexSum(w[last, j, k], (k, 1, net.n[M])) * (a[M, s, 1] - a[M, r, 1]))
    weighted.rewrite(always, "one linear form")
    chain = Chain(a[last, s, j] - a[last, r, j], ctx).rewrite(laws["a"]).rewrite(laws["monotone"])
    chain.rewrite(weighted.theorem, "difference of the weighted inputs")
    goal = net.kappa[j] * (z[1, s, 1] - z[1, r, 1]) * net.N[s, r, j] ** 2
    names = ("slope of an output", "slope of an output between two samples")
    return chain.fold(goal, [laws[name] for name in names], "slopes of the output")
