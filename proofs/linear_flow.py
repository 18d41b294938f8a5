r"""The linear network of one hidden layer under gradient flow: sums and differences of its weights.

f = x sum_i v_i w_i,   p_i = w_i + v_i,   q_i = w_i - v_i,   u = sum_i v_i w_i;
dT is the derivative of T by the time.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from sympy import Expr, Integer, Rational, exp

from symderive.calculus import IndexSum, TensorSymbol, indices, size, tensor
from symderive.calculus.ranges import EMPTY, Context
from symderive.derivation import derive
from symderive.proof import kernel
from symderive.proof.hypotheses import as_hypothesis
from symderive.proof.kernel import Theorem, hypothesis_of
from symderive.proof.tactics import Chain
from symderive.systems import Definition, System

FLOW = ("gradient flow on the incoming weights", "gradient flow on the outgoing weights")
INTEGRAL = "theta is the integral of the error (fundamental theorem of calculus)"
CONSTANT = "derivative 0, hence constant (mean value theorem)"
AT_REST = "rest in the limit (monotone convergence theorem)"
ORDER = (
    "network", "cost", "error of the output", "gradient of the incoming weights",
    "gradient of the outgoing weights", "product", "mean square of the input", "strength", "sums",
    "differences", "size of the sums", "size of the differences", "both terms", "root",
)  # fmt: skip

i, j, k = indices("i j k")
H, B = size("H"), size("B")
HALF, QUARTER = Rational(1, 2), Rational(1, 4)


@cache
def model() -> System:
    """The layer equation and the cost: one input, one output, H hidden neurons, B samples.

    >>> print(model())
    system linear network of one hidden layer
      f[k] := x[k]*(sum(v[i]*w[i], i=1..H))  for k in 1..B
      C[] := (sum((f[k] - y[k])**2/2, k=1..B))/B
    """
    x, y, f = (tensor(name, (k, 1, B)) for name in "xyf")
    w, v, C = tensor("w", (i, 1, H)), tensor("v", (i, 1, H)), tensor("C")
    return System(
        "linear network of one hidden layer",
        (x, y),
        (w, v),
        (
            Definition(f[k], IndexSum(v[i] * w[i], (i, 1, H)) * x[k], ((k, 1, B),), "network"),
            Definition(C(), IndexSum((f[k] - y[k]) ** 2 / 2, (k, 1, B)) / B, (), "cost"),
        ),
        C,
    )


u, m, s, theta = tensor("u"), tensor("m"), tensor("s"), tensor("theta", latex=r"\theta")
p, q = tensor("p", (i, 1, H)), tensor("q", (i, 1, H))
p0, q0 = (t.derived(f"{t.name}_0", latex_name=rf"\mathring{{{t.latex_name}}}") for t in (p, q))
P, R, A, D = tensor("P"), tensor("R"), tensor("A"), tensor("D")
t, u0, c, omega = (
    tensor("t"),
    tensor("u_0", latex=r"\mathring{u}"),
    tensor("c"),
    tensor("omega", latex=r"\omega"),
)
E = exp(theta[()])
ERROR = s[()] - m[()] * u[()]


@dataclass(frozen=True)
class Model:
    """The tensors of the network, and its definitions and the flow as theorems."""

    w: TensorSymbol
    v: TensorSymbol
    laws: dict[str, Theorem]


def law_of(name: str, lhs: Expr, rhs: Expr | int, kind: str, *over: tuple[Expr, int, Expr]) -> Theorem:
    return kernel.assume(
        hypothesis_of(name, lhs, Integer(rhs) if isinstance(rhs, int) else rhs, over, kind), EMPTY
    )


@cache
def laws() -> Model:
    """Derived gradients; the names u, m, s, p, q, P, R; the flow dw = -dC/dw, dv = -dC/dv."""
    system = model()
    w, v, x, y = (system.tensor(name) for name in "wvxy")
    derivation = derive(system)
    names = dict(zip(("bar_f", "grad_w", "grad_v"), ORDER[2:5], strict=True))
    found = {
        d.symbol.name: kernel.assume(as_hypothesis(d, d.name or names[d.symbol.name]), EMPTY)
        for d in (*system.definitions, *derivation.definitions)
    }
    neurons = (i, 1, H)
    for name, lhs, rhs, over in (
        ("product", u[()], IndexSum(v[i] * w[i], neurons), ()),
        ("mean square of the input", m[()], IndexSum(x[k] ** 2, (k, 1, B)) / B, ()),
        ("strength", s[()], IndexSum(x[k] * y[k], (k, 1, B)) / B, ()),
        ("sums", p[i], w[i] + v[i], (neurons,)),
        ("differences", q[i], w[i] - v[i], (neurons,)),
        ("size of the sums", P[()], IndexSum(p0[i] ** 2, neurons) / 4, ()),
        ("size of the differences", R[()], IndexSum(q0[i] ** 2, neurons) / 4, ()),
    ):
        found[lhs.symbol.name] = law_of(name, lhs, rhs, "definition", *over)
    for name, what in zip("wv", FLOW, strict=True):
        theta_, gradient = system.tensor(name), derivation.gradient(name)[0].symbol
        found[f"d{name}"] = law_of(what, theta_.tangent()[i], -gradient[i], "assumption", neurons)
    found["dtheta"] = law_of(INTEGRAL, theta.tangent()[()], ERROR, "citation")
    found["p0"] = law_of(f"sums: {CONSTANT}", p0[i], p[i] / E, "citation", neurons)
    found["q0"] = law_of(f"differences: {CONSTANT}", q0[i], q[i] * E, "citation", neurons)
    return Model(w, v, found)


ONE_NEURON = Context.of((i, 1, H))
TWO_NEURONS = Context.of((i, 1, H), (j, 1, H))


@cache
def gradients() -> tuple[Chain, Chain]:
    """dC/dw_i = -(s - m u) v_i and dC/dv_i = -(s - m u) w_i."""
    net = laws()
    found = []
    for name, other in (("w", net.v), ("v", net.w)):
        gradient = net.laws[f"grad_{name}"]
        found.append(
            Chain(gradient.lhs, ONE_NEURON)
            .rewrite(gradient)
            .rewrite(net.laws["bar_f"])
            .rewrite(net.laws["f"])
            .fold(-ERROR * other[i], [net.laws[n] for n in "ums"], "collected by $u$, $m$ and $s$")
        )
    return found[0], found[1]


@cache
def moving() -> dict[str, Chain]:
    """p_i' and q_i'."""
    net, found = laws(), {}
    for name, sign in (("p", 1), ("q", -1)):
        own = net.laws[name]
        chain = Chain(own.lhs.symbol.tangent()[i], ONE_NEURON).rewrite(
            kernel.differentiation(own), "differentiated by the time"
        )
        for x in "wv":
            chain.rewrite(net.laws[f"d{x}"])
        for g in gradients():
            chain.rewrite(g.theorem, "gradients")
        found[name] = chain.fold(sign * ERROR * own.lhs, [own], "collected")
    return found


def constant(name: str) -> Chain:
    """d(p_i e^-theta) = 0 and d(q_i e^theta) = 0."""
    net = laws()
    own = {"p": p, "q": q}[name][i] * (1 / E if name == "p" else E)
    lhs = kernel.differentiation(kernel.reflexivity(own, ONE_NEURON)).lhs
    return (
        Chain(lhs, ONE_NEURON)
        .rewrite(moving()[name].theorem, "its equation")
        .rewrite(net.laws["dtheta"])
        .ring(Integer(0), "the terms cancel")
    )


def solved(name: str) -> Chain:
    """p_i = p_i(0) e^theta, q_i = q_i(0) e^-theta."""
    tensor_, start, factor = (p, p0, E) if name == "p" else (q, q0, 1 / E)
    return Chain(tensor_[i], ONE_NEURON).fold(
        start[i] * factor, [laws().laws[f"{name}0"]], "constant quantity"
    )


def ratio() -> Chain:
    """p_i p_j(0) = p_j p_i(0)"""
    return (
        Chain(p[i] * p0[j], TWO_NEURONS)
        .rewrite(laws().laws["p0"])
        .fold(p[j] * p0[i], [laws().laws["p0"]], "the same for both")
    )


def conserved() -> Chain:
    """d(p_i q_j) = 0"""
    lhs = kernel.differentiation(kernel.reflexivity(p[i] * q[j], TWO_NEURONS)).lhs
    chain = Chain(lhs, TWO_NEURONS)
    for name in "pq":
        chain.rewrite(moving()[name].theorem, "their equations")
    return chain.ring(Integer(0), "the terms cancel")


def gap() -> Chain:
    """d(p_i - p_j) = (s - m u) (p_i - p_j)"""
    d = p.tangent()
    return (
        Chain(d[i] - d[j], TWO_NEURONS)
        .rewrite(moving()["p"].theorem, "their equations")
        .ring(ERROR * (p[i] - p[j]))
    )


def ties(name: str) -> tuple[Chain, Chain]:
    """Equal at one time, hence at the start; equal at the start, hence at every time."""
    now, start = (p, p0) if name == "p" else (q, q0)
    word = "sums" if name == "p" else "differences"
    law = laws().laws[f"{name}0"]
    at_once = hypothesis_of(f"equal {word} at one time", now[i], now[j])
    first = hypothesis_of(f"equal {word} at the start", start[i], start[j])
    backwards = (
        Chain(start[i], TWO_NEURONS).rewrite(law).rewrite(kernel.assume(at_once, TWO_NEURONS)).backwards(law)
    )
    same = solved(name).theorem
    forwards = Chain(now[i], TWO_NEURONS).rewrite(same, "solution").rewrite(kernel.assume(first, TWO_NEURONS))
    return backwards, forwards.backwards(same, "solution")


def product() -> Chain:
    """u = P e^(2 theta) - R e^(-2 theta)"""
    net = laws()
    return (
        Chain(u[()], EMPTY)
        .rewrite(net.laws["u"])
        .fold(
            P[()] * E**2 - R[()] / E**2,
            [net.laws[name] for name in ("P", "R", "p0", "q0", "p", "q")],
            "$4 v_i w_i = p_i^2 - q_i^2$, and the solutions",
        )
    )


def scalar_equation() -> Chain:
    """d(y) = 2 (s y - m P y^2 + m R) for y = e^(2 theta): one equation for one unknown."""
    lhs = kernel.differentiation(kernel.reflexivity(E**2, EMPTY)).lhs
    goal = 2 * (s[()] * E**2 - m[()] * P[()] * E**4 + m[()] * R[()])
    return Chain(lhs, EMPTY).rewrite(laws().laws["dtheta"]).rewrite(product().theorem, "product").ring(goal)
