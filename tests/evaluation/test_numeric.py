"""Systems on NumPy arrays, against the hand-written network, plain loops, and the exact oracle."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sympy import Expr, Integer, Rational, Symbol, exp, log, sqrt, tanh
from sympy import pi as PI

from symderive import reference
from symderive.calculus import (
    Bracket,
    Functional,
    IndexSum,
    ScalarFunction,
    family,
    indices,
    size,
    tensor,
)
from symderive.derivation.derive import derive
from symderive.evaluation.exact import Assignment, ZeroDenominator, evaluate_exact
from symderive.evaluation.functions import NumericFunctional, from_activation
from symderive.evaluation.numeric import evaluate, evaluate_expr
from symderive.systems import Definition, mlp
from symderive.systems.activations import activation

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "calculus"))

from named_terms import LETTERS, SYMBOLS, TENSORS, Generator, build

j, k, l, s, t, i = indices("j k l s t i")
L, N, T = size("L"), size("N"), size("T")
ONE = Integer(1)
sigma = ScalarFunction("sigma")
rng = np.random.default_rng(5)


@dataclass(frozen=True)
class Written:
    """What a parser might hand over: the fields of a definition, unchecked."""

    lhs: Any
    rhs: Any
    indices: Any


def relative(a: Any, b: Any) -> float:
    return float(np.max(np.abs(np.asarray(a) - np.asarray(b))) / (1e-30 + np.max(np.abs(np.asarray(b)))))


# ------------------------------------------------------------------------------------ against the reference


def network_arrays(net: reference.Network, samples: int | None, seed: int = 1) -> tuple[Any, dict[str, Any]]:
    weights, biases = reference.random_parameters(net, seed)
    data, targets = reference.random_data(net, samples or 1, seed + 1)
    if samples is None:
        data, targets = data[0], targets[0]
    arrays = {"w": dict(enumerate(weights, 1)), "b": dict(enumerate(biases, 1)), "x": data, "y": targets}
    return (weights, biases, data, targets), arrays


@pytest.mark.parametrize(
    "name", ["tanh", "sigmoid", "softplus", "gelu", "silu", "relu", "leaky_relu", "identity"]
)
@pytest.mark.parametrize("depth", ["symbolic", "numeric"])
def test_a_derived_network_against_the_reference(name: str, depth: str) -> None:
    widths = [4, 5, 3, 2]  # all different: a transposition would show
    net = reference.Network(widths, name, "squared_error")
    given, arrays = network_arrays(net, None)
    system = mlp(activation=name, cost="squared_error", widths=None if depth == "symbolic" else widths)
    run = evaluate(derive(system).as_system(), arrays, {"L": 3, "n": widths} if depth == "symbolic" else {})
    z, a = reference.forward(net, *given[:3])
    truth = reference.backward(net, *given)
    assert relative(run["C"], reference.cost(net, *given)) < 1e-13
    for m in (1, 2, 3):
        assert relative(run["z", m], z[m - 1]) < 1e-13
        assert relative(run["a", m], a[m]) < 1e-13
        assert relative(run["delta", m], truth.deltas[m - 1]) < 1e-12
        assert relative(run["grad_w", m], truth.weights[m - 1]) < 1e-12
        assert relative(run["grad_b", m], truth.biases[m - 1]) < 1e-12


@pytest.mark.parametrize("cost", ["squared_error", "softmax_cross_entropy", "binary_cross_entropy"])
def test_a_batch(cost: str) -> None:
    net = reference.Network([4, 5, 3], "tanh", cost, output="identity", reduction="mean")
    given, arrays = network_arrays(net, 7)
    system = mlp(widths=[4, 5, 3], activation="tanh", output="identity", cost=cost, samples="B")
    run = evaluate(derive(system).as_system(), arrays, {"B": 7})
    truth = reference.backward(net, *given)
    assert relative(run["C"], reference.cost(net, *given)) < 1e-13
    for m in (1, 2):
        assert relative(run["grad_w", m], truth.weights[m - 1]) < 1e-12


def test_an_arbitrary_activation_and_cost_are_given_as_functions() -> None:
    widths = [4, 5, 3]
    net = reference.Network(widths, "tanh", "squared_error")
    given, arrays = network_arrays(net, None)
    square = NumericFunctional(lambda a, y: ((a - y) @ (a - y)) / 2, {(0,): lambda a, y: a - y})
    run = evaluate(
        derive(mlp()).as_system(),
        arrays,
        {L: 2, "n": widths},
        functions={"sigma": [np.tanh, lambda z: 1 - np.tanh(z) ** 2]},
        functionals={"cost": square},
    )
    truth = reference.backward(net, *given)
    assert relative(run["C"], reference.cost(net, *given)) < 1e-13
    assert all(relative(run["grad_w", m], truth.weights[m - 1]) < 1e-12 for m in (1, 2))


def test_a_deep_network_needs_no_deep_recursion() -> None:
    depth = 300
    net = reference.Network([2] * (depth + 1), "tanh", "squared_error")
    given, arrays = network_arrays(net, None)
    system = derive(mlp(activation="tanh", cost="squared_error")).as_system()
    run = evaluate(system, arrays, {"L": depth, "n": [2] * (depth + 1)})
    assert relative(run["grad_w", 1], reference.backward(net, *given).weights[0]) < 1e-9


@pytest.mark.parametrize("wrong", ["transposed", "layer", "no derivative", "no weight"])
def test_a_mutated_delta_does_not_agree(wrong: str) -> None:
    widths = [4, 5, 3, 2]
    net = reference.Network(widths, "tanh", "squared_error")
    given, arrays = network_arrays(net, None)
    base = derive(mlp(activation="tanh", cost="squared_error"))
    w, delta, z = base.system.tensor("w"), base.delta()[0].symbol, base.system.tensor("z")
    n = tensor("n", (l, 0, L), kind="dimension")
    tail = IndexSum(w[l + 1, k, j] * delta[l + 1, k], (k, 1, n[l + 1]))
    right = base.definitions[1].rhs
    mutations: dict[str, Expr] = {
        "transposed": right.xreplace({tail: IndexSum(w[l + 1, j, k] * delta[l + 1, k], (k, 1, n[l + 1]))}),
        "layer": right.xreplace({tail: IndexSum(w[l, k, j] * delta[l + 1, k], (k, 1, n[l + 1]))}),
        "no derivative": tail,
        "no weight": right / tail * delta[l + 1, j],
    }
    assert mutations[wrong] != right and z in right.free_symbols
    definitions = [
        *base.system.definitions,
        base.definitions[0],
        Definition(base.definitions[1].lhs, mutations[wrong], base.definitions[1].indices),
    ]
    run = evaluate(definitions, arrays, {"L": 3, "n": widths}, functions=base.system.activations)
    truth = reference.backward(net, *given)
    assert relative(run["delta", 3], truth.deltas[2]) < 1e-12
    assert relative(run["delta", 2], truth.deltas[1]) > 1e-3


# -------------------------------------------------------------------------------------------- other systems


def test_a_recurrent_network_through_time() -> None:
    n, m, steps = 3, 2, 6
    x = tensor("x", (t, 1, T), (k, 1, 2), sup=1)
    h, h0 = tensor("h", (t, 0, T), (j, 1, 3), sup=1), tensor("h0", (j, 1, 3))
    u, v = tensor("u", (j, 1, 3), (k, 1, 3)), tensor("v", (j, 1, 3), (k, 1, 2))
    step = IndexSum(u[j, k] * h[t - 1, k], (k, 1, 3)) + IndexSum(v[j, k] * x[t, k], (k, 1, 2))
    C = tensor("C")
    definitions = [
        Definition(h[0, j], h0[j], ((j, ONE, Integer(3)),)),
        Definition(h[t, j], tanh(step), ((t, ONE, T), (j, ONE, Integer(3)))),
        Definition(C(), IndexSum(IndexSum(h[t, j] ** 2, (j, 1, 3)), (t, 1, T)) / T),
    ]
    data = {"x": rng.normal(size=(steps, m)), "h0": rng.normal(size=n), "u": rng.normal(size=(n, n)),
            "v": rng.normal(size=(n, m))}  # fmt: skip
    state, total = data["h0"], 0.0
    for step_input in data["x"]:
        state = np.tanh(data["u"] @ state + data["v"] @ step_input)
        total += state @ state
    run = evaluate(definitions, data, {T: steps})
    assert relative(run["C"], total / steps) < 1e-14
    assert relative(run[h, steps], state) < 1e-14
    # time as an axis: the values for all steps at once, though each needs the one before
    assert run.expr(h[t, j] - h[t - 1, j], (t, 1, T), (j, 1, 3)).shape == (steps, n)


@pytest.mark.parametrize("stride", [1, 2])
def test_a_convolution(stride: int) -> None:
    x, w, y = tensor("x", (k, 1, 9)), tensor("w", (k, 0, 2)), tensor("y", (i, 0, 3))
    x_, w_ = rng.normal(size=9), rng.normal(size=3)
    d = Definition(y[i], IndexSum(w[k] * x[stride * i + k + 1], (k, 0, 2)), ((i, Integer(0), Integer(3)),))
    expected = np.convolve(x_, w_[::-1], "valid")[::stride][:4]
    assert relative(evaluate([d], {"x": x_, "w": w_})["y"], expected) < 1e-14
    # its adjoint keeps the delta [p = stride i + k + 1]
    p = Symbol("p", integer=True)
    adjoint = evaluate_expr(
        IndexSum(IndexSum(w[k] * y[i] * Bracket.equal(p, stride * i + k + 1), (k, 0, 2)), (i, 0, 3)),
        [(p, 1, 9)],
        arrays={"w": w_, "y": expected},
    )
    by_loop = np.zeros(9)
    for a in range(4):
        for b in range(3):
            by_loop[stride * a + b] += w_[b] * expected[a]
    assert relative(adjoint, by_loop) < 1e-14


def test_causal_attention_has_a_sum_with_a_moving_limit() -> None:
    q, key, v = (tensor(name, (t, 1, T), (k, 1, 3)) for name in "qkv")
    score = exp(IndexSum(q[t, k] * key[s, k], (k, 1, 3)) / sqrt(Integer(3)))
    out = IndexSum(score * v[s, j], (s, 1, t)) / IndexSum(score, (s, 1, t))
    data = {name: rng.normal(size=(5, 3)) for name in "qkv"}
    values = evaluate_expr(out, [(t, 1, T), (j, 1, 3)], arrays=data, sizes={"T": 5})
    weights = np.exp(data["q"] @ data["k"].T / np.sqrt(3)) * np.tri(5)
    assert relative(values, weights / weights.sum(axis=1, keepdims=True) @ data["v"]) < 1e-13


def test_permuted_indices_are_gathered() -> None:
    pi = tensor("pi", (j, 1, 4), kind="permutation")
    A, x = tensor("A", (j, 1, 4), (k, 1, 4)), tensor("x", (k, 1, 4))
    data = {"A": rng.normal(size=(4, 4)), "x": rng.normal(size=4), "pi": np.array([3, 1, 4, 2])}
    e = IndexSum(A[pi[j], k] * x[pi[k]], (k, 1, 4))
    at = data["pi"] - 1
    assert relative(evaluate_expr(e, [(j, 1, 4)], arrays=data), data["A"][at] @ data["x"][at]) < 1e-14
    assert relative(evaluate_expr(A[j, j], [(j, 1, 4)], arrays=data), np.diag(data["A"])) == 0


def test_a_permuted_layer_is_run_through() -> None:
    order = tensor("order", (l, 1, 2), kind="permutation")
    w = tensor("w", (l, 1, 2), (j, 1, 3), sup=1)
    data = {"w": {1: np.array([1.0, 2, 3]), 2: np.array([4.0, 5, 6])}, "order": np.array([2, 1])}
    e = IndexSum(l * w[order[l], j], (l, 1, 2))
    assert evaluate_expr(e, [(j, 1, 3)], arrays=data).tolist() == [6.0, 9.0, 12.0]
    assert evaluate_expr(w[order[l], j], [(l, 1, 2), (j, 1, 3)], arrays=data).tolist() == [
        [4, 5, 6],
        [1, 2, 3],
    ]


def test_sums_over_layers_of_different_widths() -> None:
    n = tensor("n", (l, 1, L), kind="dimension")
    w = tensor("w", (l, 1, L), (j, 1, n[l]), sup=1)
    data = {"w": {1: rng.normal(size=2), 2: rng.normal(size=5)}}
    e = IndexSum(n[l] * IndexSum(w[l, j] ** 2, (j, 1, n[l])), (l, 1, L))
    expected = 2 * np.sum(data["w"][1] ** 2) + 5 * np.sum(data["w"][2] ** 2)
    for sizes in ({L: 2, "n": [2, 5]}, {"L": 2, n[1]: 2, n[2]: 5}, {L: 2, n: {1: 2, 2: 5}}):
        assert relative(evaluate_expr(e, arrays=data, sizes=sizes), expected) < 1e-14


def test_functionals_of_every_sample_and_second_partials() -> None:
    C = Functional("C")
    a, v = tensor("a", (s, 1, N), (j, 1, 3)), tensor("v", (j, 1, 3))
    Q = np.array([[2.0, 1, 0], [0, 3, 1], [1, 0, 5]])
    table = {
        "C": NumericFunctional(
            lambda a: a @ Q @ a + np.sum(a**3),
            {(0,): lambda a: (Q + Q.T) @ a + 3 * a**2, (0, 0): lambda a: Q + Q.T + np.diag(6 * a)},
        )
    }
    data = {"a": rng.normal(size=(4, 3)), "v": rng.normal(size=3)}
    value = C(family(a[s, j], (j, 1, 3)))
    total = evaluate_expr(IndexSum(value, (s, 1, N)), arrays=data, sizes={N: 4}, functionals=table)
    assert relative(total, sum(table["C"].value(row) for row in data["a"])) < 1e-14
    gradient = value.diff(a[s, i])
    at: dict[str, Any] = {"arrays": data, "sizes": {N: 4}, "functionals": table}
    rows = np.array([table["C"].partials[0,](row) for row in data["a"]])
    assert relative(evaluate_expr(gradient, [(s, 1, N), (i, 1, 3)], **at), rows) < 1e-14
    product = IndexSum(gradient.diff(a[s, k]) * v[k], (k, 1, 3))
    rows = np.array([table["C"].partials[0, 0](row) @ data["v"] for row in data["a"]])
    assert relative(evaluate_expr(product, [(s, 1, N), (i, 1, 3)], **at), rows) < 1e-14


def test_families_of_two_indices_and_mixed_partials() -> None:
    E = Functional("E", arity=2)
    A, y = tensor("A", (j, 1, 2), (k, 0, 2)), tensor("y", (k, 1, 3))
    value = E(family(y[k], (k, 1, 3)), family(A[j, k], (j, 1, 2), (k, 0, 2)))
    table = {
        "E": NumericFunctional(
            lambda y, A: np.sum(A @ y),
            {
                (1,): lambda y, A: np.broadcast_to(y, (2, 3)),
                (0, 1): lambda y, A: np.eye(3)[:, None, :].repeat(2, 1),
            },
        )
    }
    data = {"A": rng.normal(size=(2, 3)), "y": rng.normal(size=3)}
    assert (
        relative(evaluate_expr(value, arrays=data, functionals=table), np.sum(data["A"] @ data["y"])) < 1e-14
    )
    first = value.func(value.functional, [(1, j, k)], *value.families)
    values = evaluate_expr(first, [(j, 1, 2), (k, 0, 2)], arrays=data, functionals=table)
    assert relative(values, np.broadcast_to(data["y"], (2, 3))) == 0
    mixed = value.func(value.functional, [(1, j, k), (0, i)], *value.families)
    values = evaluate_expr(mixed, [(j, 1, 2), (k, 0, 2), (i, 1, 3)], arrays=data, functionals=table)
    assert values.shape == (2, 3, 3) and values[0].tolist() == np.eye(3).tolist()


def test_functions_of_each_layer() -> None:
    phi = ScalarFunction("phi", sup=1)
    x = tensor("x", (j, 1, 2))
    table = {"phi": {1: [np.sin, np.cos], 2: [np.exp, np.exp]}}
    values = evaluate_expr(
        phi(x[j], l) + phi(x[j], l, order=1),
        [(l, 1, 2), (j, 1, 2)],
        arrays={"x": [0.5, 1.0]},
        functions=table,
    )
    expected = [np.sin([0.5, 1]) + np.cos([0.5, 1]), 2 * np.exp([0.5, 1])]
    assert relative(values, expected) < 1e-15


def test_a_kink_has_its_stated_value() -> None:
    value, slope, second = from_activation(activation("relu", at_zero=Rational(1, 2)))
    z = np.array([-2.0, 0.0, 3.0])
    assert [f(z).tolist() for f in (value, slope, second)] == [[0, 0, 3], [0, 0.5, 1], [0, 0, 0]]


# --------------------------------------------------------------------------------------- against the oracle

# no index of a random term reaches this far, so that every entry lies inside its ranges
FAR = 25
WIDE = {
    name: tensor(
        name,
        *((a, -FAR, FAR) for a in indices("i j k")[: old.rank]),
        sup=old.sup if old.kind == "real" else 0,
        kind="dimension" if old.kind == "dimension" else "real" if old.kind == "real" else "integer",
    )
    for name, old in TENSORS.items()
}


class Table(dict[Any, Any]):
    """Arrays that are drawn when asked for."""

    def __init__(self, fill: Any) -> None:
        super().__init__()
        self.fill = fill

    def get(self, key: Any, default: Any = None) -> Any:
        return self.fill(key if isinstance(key, tuple) else (key,))


def drawn(a: Assignment, name: str, sup: tuple[int, ...] = ()) -> Any:
    shape = [2 * FAR + 1] * (WIDE[name].rank - len(sup))
    values = [float(a.entry(WIDE[name], (*sup, *(i - FAR for i in at)))) for at in np.ndindex(*shape)]
    return np.array(values).reshape(shape)


def has_functional(tree: Any) -> bool:
    return isinstance(tree, tuple) and (tree[:1] == ("functional",) or any(map(has_functional, tree)))


def test_random_terms_have_the_oracles_values() -> None:
    """Arrays against loops over fractions, on sums nested up to four deep; a free letter is an axis."""
    compared = nonzero = 0
    tables = [Assignment(seed=seed) for seed in range(2)]
    arrays = [
        {name: drawn_by_layer(a, name) if WIDE[name].sup else drawn(a, name) for name in WIDE if name != "d"}
        for a in tables
    ]
    for seed in range(250):
        g = Generator(seed + 10_000)
        tree = g.nested(seed % 4 + 1)
        if has_functional(tree):
            continue
        env, a = g.env(), tables[seed % 2]
        term = build(tree).xreplace({TENSORS[name]: WIDE[name] for name in WIDE})
        free = g.letter()
        functions = {
            "sigma": polynomials(a, "sigma"),
            "phi": Table(lambda sup, a=a: polynomials(a, "phi", *sup)),
        }
        sizes = {"d": Table(lambda at, a=a: int(a.entry(WIDE["d"], at)))}
        try:
            exact = [evaluate_exact(term, Assignment({**env, free: v}, a.seed)) for v in range(1, 4)]
        except ZeroDenominator:
            continue
        values = evaluate_expr(
            term,
            [(SYMBOLS[free], 1, 3)],
            arrays={**arrays[seed % 2], "t": float(env["t"])},
            sizes=sizes,
            at={SYMBOLS[s]: env[s] for s in LETTERS if s != free},
            functions=functions,
        )
        scale = max(1.0, *(abs(float(v)) for v in exact))
        assert np.max(np.abs(values - np.array([float(v) for v in exact]))) < 1e-6 * scale, (seed, str(term))
        compared += 1
        nonzero += any(exact)
    assert compared > 150 and nonzero > 100


def drawn_by_layer(a: Assignment, name: str) -> dict[int, Any]:
    return Table(lambda sup: drawn(a, name, sup))


def polynomials(a: Assignment, name: str, *sup: int) -> list[Any]:
    c = np.polynomial.Polynomial([float(v) for v in a.coefficients("function", name, *sup)])
    return [c] + [c.deriv(order) for order in (1, 2, 3)]


# ----------------------------------------------------------------------------------------- types and ranges


def test_the_type_of_the_arrays_is_kept() -> None:
    A, x = tensor("A", (j, 1, 2), (k, 1, 2)), tensor("x", (k, 1, 2))
    e = IndexSum(A[j, k] * x[k] * Bracket.at_most(k, j), (k, 1, 2)) / 2 + 3 * tanh(x[j]) ** 2 + 1
    for kind in (np.float32, np.float64, np.complex128):
        data = {"A": np.ones((2, 2), kind), "x": np.ones(2, kind)}
        assert evaluate_expr(e, [(j, 1, 2)], arrays=data).dtype == kind
    whole = evaluate([Definition(tensor("y", (j, 1, 2))[j], j, ((j, ONE, Integer(2)),))], {})["y"]
    assert whole.dtype == float and whole.tolist() == [1.0, 2.0]


def test_a_complex_step_passes_through() -> None:
    x = tensor("x", (k, 1, 3))
    e = log(IndexSum(exp(x[k]) * Bracket.less(0, x[k]), (k, 1, 3))) + IndexSum(
        sqrt(x[k] ** 2 + PI), (k, 1, 3)
    )
    point, h = np.array([0.3, -1.0, 2.0]), 1e-30
    for p in range(3):
        moved = point + 1j * h * np.eye(3)[p]
        slope = evaluate_expr(e, arrays={"x": moved}).imag / h
        share = np.exp(point[p]) / (np.exp(0.3) + np.exp(2.0)) if point[p] > 0 else 0.0
        assert abs(slope - share - point[p] / np.sqrt(point[p] ** 2 + np.pi)) < 1e-14


def test_what_a_bracket_rules_out_need_not_exist() -> None:
    n = tensor("n", (l, 1, L), kind="dimension")
    w, x = tensor("w", (l, 1, L), (j, 1, n[l]), sup=1), tensor("x", (k, 1, 3))
    later = Bracket.less(l, L) * IndexSum(w[l + 1, j], (j, 1, n[l + 1]))
    data = {"w": {1: np.ones(2), 2: np.ones(4)}, "x": np.array([1.0, 2.0, 3.0])}
    assert evaluate_expr(later, [(l, 1, L)], arrays=data, sizes={L: 2, "n": [2, 4]}).tolist() == [4.0, 0.0]
    padded = Bracket.at_most(1, k - 1) * x[k - 1]
    assert evaluate_expr(padded, [(k, 1, 3)], arrays=data).tolist() == [0.0, 1.0, 2.0]
    # without the bracket the entry outside is some number, which nobody would have guessed
    assert evaluate_expr(x[k - 1], [(k, 1, 3)], arrays=data)[0] not in (0.0, 1.0, 2.0, 3.0)


def test_brackets_add_as_numbers() -> None:
    e = Bracket.equal(j, 1) + Bracket.at_most(j, 2) + Bracket.less(0, j)
    assert evaluate_expr(e, [(j, 1, 3)], arrays={}).tolist() == [3, 2, 1]


def test_empty_sums_and_ranges() -> None:
    x = tensor("x", (k, 1, N))
    assert evaluate_expr(IndexSum(x[k], (k, 3, N)), arrays={"x": np.ones(2)}, sizes={N: 2}) == 0
    assert evaluate_expr(x[k], [(k, 3, N)], arrays={"x": np.ones(2)}, sizes={N: 2}).shape == (0,)


def test_axes_come_in_the_order_of_the_limits() -> None:
    A = tensor("A", (j, 1, 2), (k, 0, 2))
    a = rng.normal(size=(2, 3))
    assert evaluate_expr(A[j, k], [(k, 0, 2), (i, 1, 4), (j, 2, 2)], arrays={"A": a}).shape == (3, 4, 1)
    assert np.array_equal(evaluate_expr(A[j, k], [(k, 1, 2), (j, 1, 2)], arrays={"A": a}), a.T[1:])


def test_definitions_of_parts_are_put_together() -> None:
    x, y = tensor("x", (j, 1, 4)), tensor("y", (j, 1, 4))
    whole = [
        Definition(y[1], 10 * x[4]),
        Written(y[j + 1], x[j], ((j, ONE, Integer(3)),)),
    ]
    assert evaluate(whole, {"x": [1, 2, 3, 4]})["y"].tolist() == [40, 1, 2, 3]
