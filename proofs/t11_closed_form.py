r"""T11. In a linear network of one hidden layer gradient flow keeps distinct neurons distinct, and solves itself.

f = x sum_i v_i w_i,   p_i = w_i + v_i,   q_i = w_i - v_i,   u = sum_i v_i w_i:

    p_i' = (s - m u) p_i,   q_i' = -(s - m u) q_i,   so   p_i = p_i(0) e^theta,   q_i = q_i(0) e^-theta

with m the mean square of the input (1 where it is whitened) and s its mean product with the target. The flow
is stated by differentials: dT is the derivative of T by the time.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from sympy import Expr, Integer, Rational, exp, sqrt

from proofs.vanishing_parts import apart, equal_if_squares_are
from proofs.witnesses.t11 import witnesses
from symderive.calculus import IndexSum, TensorSymbol, indices, size, tensor
from symderive.calculus.ranges import EMPTY, Context
from symderive.claims.evidence import Evidence
from symderive.derivation import derive
from symderive.proof import kernel
from symderive.proof.hypotheses import as_hypothesis
from symderive.proof.kernel import Theorem, hypothesis_of
from symderive.proof.result import Argument, Proposition, Proved
from symderive.proof.tactics import Chain
from symderive.systems import Definition, System
from symderive.training import closed_form

KEY, NAME = "T11", "closed_form"
FLOW = ("gradient flow on the incoming weights", "gradient flow on the outgoing weights")
INTEGRAL = "theta is the integral of the error (fundamental theorem of calculus)"
CONSTANT = "derivative 0, hence constant (mean value theorem)"
AT_REST = "the limit is at rest (bounded monotone solutions of a scalar equation converge to a zero)"
ASSUMES = (
    *FLOW, INTEGRAL, f"sums: {CONSTANT}", f"differences: {CONSTANT}", "equal sums at one time",
    "equal differences at one time", "equal sums at the start", "equal differences at the start", AT_REST,
    "inputs are fixed", "targets are fixed", "balanced weights", "positive output", "time",
    f"Saxe's quantity: {CONSTANT}", "start of Saxe's quantity",
)  # fmt: skip
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
      f[k] := sum(v[i]*w[i], i=1..H)*x[k]  for k in 1..B
      C[] := sum((f[k] - y[k])**2, k=1..B)/(2*B)
    """
    x, y, f = (tensor(name, (k, 1, B)) for name in "xyf")
    w, v, C = tensor("w", (i, 1, H)), tensor("v", (i, 1, H)), tensor("C")
    return System(
        "linear network of one hidden layer",
        (x, y),
        (w, v),
        (
            Definition(f[k], IndexSum(v[i] * w[i], (i, 1, H)) * x[k], ((k, 1, B),), "network"),
            Definition(C(), IndexSum((f[k] - y[k]) ** 2, (k, 1, B)) / (2 * B), (), "cost"),
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


def _law(name: str, lhs: Expr, rhs: Expr | int, kind: str, *over: tuple[Expr, int, Expr]) -> Theorem:
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
        found[lhs.symbol.name] = _law(name, lhs, rhs, "definition", *over)
    for name, what in zip("wv", FLOW, strict=True):
        theta_, gradient = system.tensor(name), derivation.gradient(name)[0].symbol
        found[f"d{name}"] = _law(what, theta_.tangent()[i], -gradient[i], "assumption", neurons)
    found["dtheta"] = _law(INTEGRAL, theta.tangent()[()], ERROR, "citation")
    found["p0"] = _law(f"sums: {CONSTANT}", p0[i], p[i] / E, "citation", neurons)
    found["q0"] = _law(f"differences: {CONSTANT}", q0[i], q[i] * E, "citation", neurons)
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


def limit() -> tuple[Chain, Chain]:
    """At rest m u = s: y = e^(2 theta) is the positive root, 2 m P y = s + sqrt(s^2 + 4 m^2 P R)."""
    net = laws()
    rest = _law(AT_REST, s[()], m[()] * u[()], "citation")
    square = net.laws["m"].rhs
    first, second = (square * IndexSum(e[i] ** 2, (i, 1, H)) / 4 for e in (p0, q0))
    both = _law("both terms", A[()], first * E**2 + second / E**2, "definition")
    root = _law("root", D[()], sqrt(s[()] ** 2 + 4 * first * second), "definition")
    product_at_rest = (
        Chain(s[()], EMPTY).rewrite(rest).rewrite(product().theorem, "product").rewrite(net.laws["m"])
    )
    product_at_rest.rewrite(net.laws["P"]).rewrite(net.laws["R"])
    squared = (
        Chain(D[()] ** 2, EMPTY)
        .rewrite(root)
        .rewrite(product_at_rest.theorem, "at rest $s$ is the difference of the terms")
        .fold(A[()] ** 2, [both], "$(a - b)^2 + 4 a b = (a + b)^2$")
    )
    equal = equal_if_squares_are(squared.theorem, A[()], D[()], [both, root])
    chain = Chain(2 * m[()] * P[()] * E**2, EMPTY).rewrite(net.laws["m"]).rewrite(net.laws["P"])
    back = Chain(s[()] + D[()], EMPTY).replace(kernel.symmetry(equal)).rewrite(both)
    back.replace(product_at_rest.theorem).ring(chain.now)
    return squared, chain.then(
        kernel.symmetry(back.theorem), "the terms have the difference $s$ and the sum $D$"
    )


def balanced() -> tuple[Chain, Chain]:
    """u' = (s - m u) sum_i (w_i^2 + v_i^2), which is 2 u (s - m u) where v = w."""
    net = laws()
    w, v = net.w, net.v
    chain = Chain(u.tangent()[()], EMPTY).rewrite(
        kernel.differentiation(net.laws["u"]), "differentiated by the time"
    )
    for x in "wv":
        chain.rewrite(net.laws[f"d{x}"])
    for g in gradients():
        chain.rewrite(g.theorem, "gradients")
    chain.ring(ERROR * IndexSum(w[i] ** 2 + v[i] ** 2, (i, 1, H)))
    equal = _law("balanced weights", v[i], w[i], "assumption", (i, 1, H))
    saxe = Chain(chain.theorem.lhs, EMPTY).then(chain.theorem, "equation of the product")
    saxe.rewrite(net.laws["u"]).rewrite(equal)
    return chain, saxe.fold(2 * u[()] * ERROR, [net.laws["u"], equal], "balanced weights")


def saxe() -> tuple[Chain, Chain]:
    """(s - m u) e^(2 s t) / u is constant; hence u = s e^(2st) / (m e^(2st) - m + s/u(0))."""
    net = laws()
    still = []
    for what, name in (("inputs", "x"), ("targets", "y")):
        x = model().tensor(name).tangent()
        still.append(_law(f"{what} are fixed", x[k], 0, "assumption", (k, 1, B)))
    fixed = []
    for name in "sm":
        d = Chain({"s": s, "m": m}[name].tangent()[()], EMPTY).rewrite(kernel.differentiation(net.laws[name]))
        d.rewrite(still[0])
        fixed.append((d.rewrite(still[1]) if name == "s" else d).ring(Integer(0)).theorem)
    clock = _law("time", t.tangent()[()], 1, "assumption")
    positive = _law("positive output", u[()], exp(omega[()]), "assumption")
    equation = balanced()[1].theorem
    rate = kernel.differentiation(positive)  # du = e^omega domega
    domega = (
        Chain(omega.tangent()[()], EMPTY)
        .ring(exp(-omega[()]) * apart(rate.rhs))
        .backwards(rate, "differential of the output")
        .rewrite(equation, "Saxe's equation")
        .rewrite(positive)
        .ring(2 * (s[()] - m[()] * exp(omega[()])))
    )
    quantity = ERROR * exp(2 * s[()] * t[()] - omega[()])
    d = kernel.differentiation(kernel.reflexivity(quantity, EMPTY))
    chain = Chain(d.lhs, EMPTY)
    for f in fixed:
        chain.rewrite(f, "data are fixed")
    chain.rewrite(clock).rewrite(domega.theorem, "differential of omega").rewrite(equation, "Saxe's equation")
    chain.rewrite(positive).ring(Integer(0), "the terms cancel")
    kept = _law(f"Saxe's quantity: {CONSTANT}", c[()], quantity, "citation")
    start = _law("start of Saxe's quantity", c[()] * u0[()], s[()] - m[()] * u0[()], "assumption")
    grown = exp(2 * s[()] * t[()])
    formula = (
        Chain(u[()] * (s[()] - m[()] * u0[()] + m[()] * u0[()] * grown), EMPTY)
        .ring(u[()] * start.rhs + u[()] * m[()] * u0[()] * grown)
        .replace(kernel.symmetry(start), "start of Saxe's quantity")
        .rewrite(kept)
        .rewrite(positive)
        .ring(s[()] * u0[()] * grown)
    )
    return chain, formula


def numeric(seed: int) -> tuple[Evidence, ...]:
    """The formulas against flows that were integrated step by step."""
    return closed_form.evidence(seed)


def _said(name: str, text: str, *chains: Chain, theorem: Theorem | None = None) -> Proposition:
    last = chains[-1]
    arguments = tuple(Argument.of(name.capitalize(), chain) for chain in chains)
    return Proposition(name, text, theorem or last.theorem, arguments)


@cache
def prove() -> Proved:
    """All numbers of neurons and samples, any data: m stands for the mean square of the input."""
    incoming, outgoing = gradients()
    move = moving()
    tied = {x: ties(x) for x in "pq"}
    both, root = limit()
    product_equation, saxe_equation = balanced()
    quantity, formula = saxe()
    return Proved(
        KEY,
        NAME,
        "A model solved in closed form: neurons that differ stay different, without any nonlinearity",
        "The network is linear in its input, yet its neurons do not become equal. By the sums p = w + v and the "
        "differences q = w - v of the two weights of a neuron, gradient flow is one equation for one unknown: "
        "every sum grows by the same factor, and every difference shrinks by it. So ratios of sums are "
        "conserved, neurons end distinct if and only if they start distinct, and the difference between two "
        "neurons grows at the rate s - m u as long as the output is below the target. It is often said that "
        "the nonlinearity magnifies the difference between neurons; here it is magnified without one, by the "
        "error that all neurons share. For a whitened input m = 1. The flow is stated by differentials, each a "
        "derivative by the time.",
        model(),
        (
            _said(
                "gradient of the incoming weights",
                "The error reaches a weight through the other weight of its neuron.",
                incoming,
            ),
            _said("gradient of the outgoing weights", "And the other way round.", outgoing),
            _said(
                "equation of the sums",
                "Every sum grows at the rate of the error, which all neurons share.",
                move["p"],
            ),
            _said("equation of the differences", "Every difference shrinks at that rate.", move["q"]),
            _said(
                "products are conserved",
                "The product of any sum with any difference does not change; for one neuron it is $w_i^2 - v_i^2$.",
                conserved(),
            ),
            _said(
                "sums against the exponential",
                "What the mean value theorem needs: this has the derivative 0.",
                constant("p"),
            ),
            _said("differences against the exponential", "So has this.", constant("q")),
            _said("sums solved", "Hence every sum is its start times one and the same factor.", solved("p")),
            _said("differences solved", "Every difference is its start over that factor.", solved("q")),
            _said("ratios are conserved", "The sums of two neurons keep their ratio.", ratio()),
            _said(
                "a gap grows with its neurons",
                "The difference between two neurons grows at the rate of the error: no nonlinearity is needed.",
                gap(),
            ),
            _said(
                "equal sums were always equal",
                "Sums that are equal at one time were equal at the start.",
                tied["p"][0],
            ),
            _said(
                "equal differences were always equal",
                "So were differences: neurons that start distinct never meet.",
                tied["q"][0],
            ),
            _said("equal sums stay equal", "Sums that are equal at the start stay equal.", tied["p"][1]),
            _said("equal differences stay equal", "So do differences.", tied["q"][1]),
            _said("product", "The output depends on the one unknown alone.", product()),
            _said(
                "one equation",
                "With $y = e^{2 \\theta}$ this is one equation for one unknown; its right side is positive below the positive root and negative above it.",
                scalar_equation(),
            ),
            _said(
                "limit",
                "At rest $y$ is the positive root; with it the solved sums and differences give the weights in the limit, $2 w_i = p_i + q_i$.",
                both,
                root,
            ),
            _said(
                "equation of the product",
                "The output moves by the error times the size of the weights.",
                product_equation,
            ),
            _said(
                "Saxe's equation",
                "Where both weights of each neuron are equal, the output obeys one logistic equation.",
                saxe_equation,
            ),
            _said(
                "Saxe's quantity",
                "This has the derivative 0; the output is positive, which is written as an exponential.",
                quantity,
            ),
            _said(
                "Saxe's formula",
                "Hence the output at every time, solved for in the product with its denominator.",
                formula,
            ),
        ),
        order=ORDER,
        sources=(
            "Saxe, McClelland, Ganguli 2014 (arXiv 1312.6120)",
            "Rudin 1976, Principles of Mathematical Analysis, theorems 5.11 and 6.20",
        ),
        witnesses=witnesses(),
    )


__all__ = ["ASSUMES", "KEY", "NAME", "model", "numeric", "prove"]
