"""Equations of backpropagation, as people write them, with the network that each is about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sympy import Expr, Integer, exp, log

from symderive.calculus import IndexSum, TensorSymbol, indices, size, tensor
from symderive.calculus.ranges import Context
from symderive.calculus.terms import Applied, Bracket, Entry, Family, PartialDerivative
from symderive.derivation.adjoint import adjoint_symbol
from symderive.proof.kernel import Hypothesis, hypothesis_of
from symderive.proof.unfolding import Prover
from symderive.systems import Definition, System, mlp
from symderive.systems.activations import activation

i, j, k, l, s = indices("i j k l s")
L, B, N, M = (size(name) for name in "LBNM")
SIZES = {"n": [3, 2, 4, 2, 3], "L": 4, "B": 2, "N": 3, "M": 2}


@dataclass(frozen=True)
class Claim:
    """lhs = rhs, in ranges."""

    lhs: Expr
    rhs: Expr
    context: Context


@dataclass
class Net:
    """A network with its tensors by name."""

    system: System
    extra: Sequence[Hypothesis] = ()
    prover: Prover = field(init=False)

    def __post_init__(self) -> None:
        self.prover = Prover(self.system, extra=self.extra)

    def __getattr__(self, name: str) -> Any:
        if name == "delta":
            return adjoint_symbol(self.system, self.system.tensor("z"))
        if name == "n":
            return self.system.definitions[0].indices[-1][2].atoms(TensorSymbol).pop()
        if name == "f":
            return self.system.functions()[0]
        return self.system.tensor(name)

    def by(self, v: Entry) -> Expr:
        """dC/dv"""
        return PartialDerivative(self.system.cost(), v)

    def slope(self, z: Expr) -> Expr:
        """f'(z)"""
        return Applied(self.f, 1, z)


@cache
def symbolic() -> Net:
    return Net(mlp())


@cache
def batch() -> Net:
    return Net(mlp(samples="B"))


@cache
def two_layers(name: str) -> Net:
    return Net(mlp(depth=2, cost="squared_error", activation=name))


@cache
def softmax(samples: str | None = None) -> Net:
    system = mlp(depth=2, cost="cross_entropy", samples=samples)
    y, n = system.tensor("y"), system.definitions[0].indices[-1][2].symbol
    if samples is None:
        return Net(system, [hypothesis_of("targets sum to 1", IndexSum(y[j], (j, 1, n[2])), Integer(1))])
    sum_of_y = IndexSum(y[s, j], (j, 1, n[2]))
    return Net(system, [hypothesis_of("targets sum to 1", sum_of_y, Integer(1), [(s, 1, B)])])


@cache
def logits() -> Net:
    return Net(mlp(depth=2, activation="sigmoid", output="identity", cost="binary_cross_entropy"))


@cache
def logistic() -> Net:
    """Logistic regression: its cost has the logarithms of a and of 1 - a."""
    f = activation("sigmoid")
    unit, sample = (j, 1, N), (s, 1, B)
    x, y = tensor("x", sample, (k, 1, M)), tensor("y", sample, unit)
    w, b = tensor("w", unit, (k, 1, M)), tensor("b", unit)
    z, a, C = tensor("z", sample, unit), tensor("a", sample, unit), tensor("C")
    loss = y[s, j] * log(a[s, j]) + (1 - y[s, j]) * log(1 - a[s, j])
    return Net(System("logistic", (x, y), (w, b), (
        Definition(z[s, j], IndexSum(w[j, k] * x[s, k], (k, 1, M)) + b[j], (sample, unit)),
        Definition(a[s, j], f.function(z[s, j]), (sample, unit)),
        Definition(C(), -IndexSum(IndexSum(loss, unit), sample) / B, ()),
    ), C, activations={f.function: f}))  # fmt: skip


def layers(net: Net, lo: Any = 1, hi: Any = L) -> tuple[Any, Any, Any, Any]:
    """Ranges of a layer, and of units of it, of the one before, and of the one after."""
    n = net.n
    return (l, lo, hi), (j, 1, n[l]), (k, 1, n[l - 1]), (k, 1, n[l + 1])


def _symbolic() -> dict[str, Callable[[], Claim]]:
    net = symbolic()
    a, z, w, b, y, delta, n = net.a, net.z, net.w, net.b, net.y, net.delta, net.n
    layer, unit, before, after = layers(net)
    hidden = (l, 1, L - 1)
    weighted = IndexSum(w[l, j, i] * a[l - 1, i], (i, 1, n[l - 1])) + b[l, j]
    cost = net.system.functionals()[0]
    outputs = Family(a[L, k], (k, 1, n[L])), Family(y[k], (k, 1, n[L]))
    second = IndexSum(w[l + 2, i, k] * delta[l + 2, i], (i, 1, n[l + 2]))
    through = IndexSum(net.by(z[l + 1, k]) * PartialDerivative(z[l + 1, k], z[l, j]), after)
    return {
        "BP1": lambda: Claim(
            delta[L, j], net.by(a[L, j]) * net.slope(z[L, j]), Context.of((j, 1, n[L]))),
        "BP1 by the cost": lambda: Claim(
            delta[L, j], cost(*outputs, partials=[(0, j)]) * net.slope(z[L, j]), Context.of((j, 1, n[L]))),
        "BP2": lambda: Claim(
            delta[l, j], net.slope(z[l, j]) * IndexSum(w[l + 1, k, j] * delta[l + 1, k], after),
            Context.of(hidden, unit)),
        "BP3": lambda: Claim(net.by(w[l, j, k]), a[l - 1, k] * delta[l, j], Context.of(layer, unit, before)),
        "BP4": lambda: Claim(net.by(b[l, j]), delta[l, j], Context.of(layer, unit)),
        "a weight": lambda: Claim(
            net.by(w[l, j, k]), net.by(a[l, j]) * net.slope(z[l, j]) * a[l - 1, k],
            Context.of(layer, unit, before)),
        "an activation": lambda: Claim(
            net.by(a[l, j]), IndexSum(w[l + 1, k, j] * net.slope(z[l + 1, k]) * net.by(a[l + 1, k]), after),
            Context.of(hidden, unit)),
        "the activation before": lambda: Claim(
            net.by(a[l - 1, k]), IndexSum(w[l, j, k] * delta[l, j], unit), Context.of(layer, before)),
        "two layers": lambda: Claim(
            delta[l, j],
            net.slope(z[l, j]) * IndexSum(w[l + 1, k, j] * net.slope(z[l + 1, k]) * second, after),
            Context.of((l, 1, L - 2), unit)),
        "the chain rule": lambda: Claim(net.by(z[l, j]), through, Context.of(hidden, unit)),
        "a Jacobian": lambda: Claim(
            PartialDerivative(z[l + 1, k], z[l, j]), w[l + 1, k, j] * net.slope(z[l, j]),
            Context.of(hidden, unit, after)),
        "an argument written out": lambda: Claim(
            PartialDerivative(a[l, j], z[l, k]), Bracket.equal(j, k) * net.slope(weighted),
            Context.of(layer, unit, (k, 1, n[l]))),
    }  # fmt: skip


def _batch() -> dict[str, Callable[[], Claim]]:
    net = batch()
    a, z, w, b, delta, n = net.a, net.z, net.w, net.b, net.delta, net.n
    layer, unit, before, after = layers(net)
    sample = (s, 1, B)
    return {
        "batch BP1": lambda: Claim(
            delta[L, s, j], net.by(a[L, s, j]) * net.slope(z[L, s, j]), Context.of(sample, (j, 1, n[L]))),
        "batch BP2": lambda: Claim(
            delta[l, s, j], net.slope(z[l, s, j]) * IndexSum(w[l + 1, k, j] * delta[l + 1, s, k], after),
            Context.of((l, 1, L - 1), sample, unit)),
        "batch BP3": lambda: Claim(
            net.by(w[l, j, k]), IndexSum(delta[l, s, j] * a[l - 1, s, k], sample),
            Context.of(layer, unit, before)),
        "batch BP4": lambda: Claim(
            net.by(b[l, j]), IndexSum(delta[l, s, j], sample), Context.of(layer, unit)),
        "batch weight": lambda: Claim(
            net.by(w[l, j, k]),
            IndexSum(net.by(a[l, s, j]) * net.slope(z[l, s, j]) * a[l - 1, s, k], sample),
            Context.of(layer, unit, before)),
    }  # fmt: skip


def of_two_layers(name: str, slope: Callable[[Net], Expr]) -> Claim:
    """dC/dw^2_{jk} = (a^2_j - y_j) f'(z^2_j) a^1_k, with some form of f'."""
    net = two_layers(name)
    a, w, y, n = net.a, net.w, net.y, net.n
    rhs = (a[2, j] - y[j]) * slope(net) * a[1, k]
    return Claim(net.by(w[2, j, k]), rhs, Context.of((j, 1, n[2]), (k, 1, n[1])))


def of_first_layer(name: str, slope: Callable[[Net], Expr]) -> Claim:
    """dC/dw^1_{ki} = sum_j (a^2_j - y_j) f'(z^2_j) w^2_{jk} f'(z^1_k) x_i, with a form of f' in the sum."""
    net = two_layers(name)
    a, w, y, n, z, x = net.a, net.w, net.y, net.n, net.z, net.x
    inner = IndexSum((a[2, j] - y[j]) * slope(net) * w[2, j, k], (j, 1, n[2]))
    return Claim(
        net.by(w[1, k, i]), inner * net.slope(z[1, k]) * x[i], Context.of((k, 1, n[1]), (i, 1, n[0]))
    )


SLOPES: dict[str, tuple[str, Callable[[Net], Expr]]] = {
    "any f": ("generic", lambda net: net.slope(net.z[2, j])),
    "sigmoid by a": ("sigmoid", lambda net: net.a[2, j] * (1 - net.a[2, j])),
    "sigmoid by itself": ("sigmoid", lambda net: net.f(net.z[2, j]) * (1 - net.f(net.z[2, j]))),
    "sigmoid by e": ("sigmoid", lambda net: exp(-net.z[2, j]) / (1 + exp(-net.z[2, j])) ** 2),
    "sigmoid by e, symmetric": ("sigmoid", lambda net: 1 / (exp(net.z[2, j]) + 2 + exp(-net.z[2, j]))),
    "tanh by a": ("tanh", lambda net: 1 - net.a[2, j] ** 2),
    "tanh by itself": ("tanh", lambda net: 1 - net.f(net.z[2, j]) ** 2),
    "relu": ("relu", lambda net: Bracket.less(0, net.z[2, j])),
    "leaky relu": (
        "leaky_relu", lambda net: Bracket.less(0, net.z[2, j]) + Bracket.at_most(net.z[2, j], 0) / 100),
    "softplus by e": ("softplus", lambda net: 1 / (1 + exp(-net.z[2, j]))),
    "softplus by a": ("softplus", lambda net: 1 - exp(-net.a[2, j])),
    "silu by a": (
        "silu", lambda net: (1 + net.a[2, j] * exp(-net.z[2, j])) / (1 + exp(-net.z[2, j]))),
}  # fmt: skip


def _outputs() -> dict[str, Callable[[], Claim]]:
    net, many, linear, regression = softmax(), softmax("B"), logits(), logistic()
    n = net.n
    out, between, sample = (j, 1, n[2]), (k, 1, n[1]), (s, 1, B)
    a, z, w, y = net.a, net.z, net.w, net.y
    error = IndexSum((many.a[2, s, j] - many.y[s, j]) * many.a[1, s, k], sample) / B
    r = regression
    return {
        "softmax": lambda: Claim(net.by(z[2, j]), a[2, j] - y[j], Context.of(out)),
        "softmax weight": lambda: Claim(
            net.by(w[2, j, k]), (a[2, j] - y[j]) * a[1, k], Context.of(out, between)),
        "softmax Jacobian": lambda: Claim(
            PartialDerivative(a[2, j], z[2, k]), a[2, j] * (Bracket.equal(j, k) - a[2, k]),
            Context.of(out, (k, 1, n[2]))),
        "softmax batch": lambda: Claim(many.by(many.w[2, j, k]), error, Context.of(out, between)),
        "logits": lambda: Claim(
            linear.by(linear.z[2, j]), linear.f(linear.z[2, j]) - linear.y[j], Context.of(out)),
        "logistic": lambda: Claim(
            r.by(r.z[s, j]), (r.a[s, j] - r.y[s, j]) / B, Context.of(sample, (j, 1, N))),
        "logistic weight": lambda: Claim(
            r.by(r.w[j, k]), IndexSum((r.a[s, j] - r.y[s, j]) * r.x[s, k], sample) / B,
            Context.of((j, 1, N), (k, 1, M))),
        "logistic activation": lambda: Claim(
            r.by(r.a[s, j]), (r.a[s, j] - r.y[s, j]) / (B * r.a[s, j] * (1 - r.a[s, j])),
            Context.of(sample, (j, 1, N))),
    }  # fmt: skip


NETS: dict[str, Callable[[], Net]] = {
    "batch": batch,
    "softmax batch": lambda: softmax("B"),
    "softmax": softmax,
    "logits": logits,
    "logistic": logistic,
}


def net_of(name: str) -> Net:
    """The network that a claim is about."""
    if name.split(", ")[0] in ("last", "first"):
        return two_layers(SLOPES[name.split(", ", 1)[1]][0])
    return next((make() for key, make in NETS.items() if name.startswith(key)), symbolic())


CLAIMS: dict[str, Callable[[], Claim]] = {
    **_symbolic(),
    **_batch(),
    **{f"last, {name}": (lambda f=f: of_two_layers(*f)) for name, f in SLOPES.items()},
    **{f"first, {name}": (lambda f=f: of_first_layer(*f)) for name, f in SLOPES.items()},
    **_outputs(),
}
