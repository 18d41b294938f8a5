"""Training runs as systems: typed, printed and read back, and the same numbers as a training loop by hand."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from example_systems import EXAMPLES
from sympy import Integer, Symbol

from symderive import reference, reference_optimisers
from symderive.calculus import Functional, ScalarFunction, indices, tensor
from symderive.calculus.normal_form import equal
from symderive.calculus.terms import IndexSum
from symderive.derivation import derive
from symderive.derivation.optimisers import NAMES, PARTS, Optimiser, optimiser, psi
from symderive.derivation.training import training
from symderive.errors import SymderiveError
from symderive.evaluation.functions import NumericFunctional
from symderive.evaluation.numeric import evaluate
from symderive.latex import SymbolTable, equation_to_latex, parse_equation
from symderive.proof.language import require_term
from symderive.systems import Definition, System, mlp
from symderive.systems.formulas import Formula

WIDTHS = (3, 4, 5, 2)
STEPS, SAMPLES = 3, 6
MIXED = ("clip + adam", "clip + l2 + heavy_ball", "decay + gd", "l2 + nesterov", "l2 + clip + rmsprop")
ALL = (*NAMES, *MIXED)
# The proof language has no functions of SymPy with rules of their own, no reals without an index, and no
# division by what may be 0; these examples are written with them.
OUTSIDE = {
    "two branches", "recurrent", "bidirectional", "gated", "convolution 1", "convolution 2", "layer norm",
    "softmax in stages",
}  # fmt: skip

# ------------------------------------------------------------------------------------------ the shape


@pytest.mark.skipif(bool(sys.gettrace()), reason="a tracer takes several times as long")
def test_a_run_is_made_in_less_than_a_second() -> None:
    """The best of three, as other work may be going on."""
    times = []
    for _ in range(3):
        start = time.process_time()
        training(mlp(per_layer=True, samples="B"), "l2 + clip + adamw")
        times.append(time.process_time() - start)
    assert min(times) < 1.0, times


@pytest.mark.parametrize("name", ALL)
def test_a_network_of_any_size_is_trained_in_the_language_of_proofs(name: str) -> None:
    run = training(mlp(per_layer=True, samples="B"), name)
    for d in run.definitions:
        require_term(d.lhs)
        require_term(d.rhs)
    t, T = Symbol("t", integer=True), Symbol("T", integer=True, positive=True)
    for p in (*run.inputs, *run.defined):
        if p.kind == "real" and p != run.cost:
            assert p.axes[0] == (0, T) and p.letters[0] == "t"
    for p in ("w", "b"):
        first, then = run.of(run.tensor(p))
        assert first.lhs.index[0] == 0 and first.rhs.symbol == run.tensor(f"{p}_0")
        assert then.indices[0] == (t, 1, T)


CASES = [(e, name) for e in EXAMPLES for name in ("nesterov", "l2 + clip + adamw")]
CASES += [(e, "elementwise") for e in ("skip", "tied autoencoder", "convolution 1")]


@pytest.mark.parametrize(("example", "name"), CASES)
def test_every_system_can_be_trained_and_its_run_reads_back(example: str, name: str) -> None:
    run = training(EXAMPLES[example]().system, name, "Z")
    table = SymbolTable.of(run)
    for d in run.definitions:
        left, right = equation_to_latex(d.lhs, d.rhs, table=table)
        back = parse_equation(f"{left} = {right}", table)
        assert equal(back[0], d.lhs) and equal(back[1], d.rhs), f"{left} = {right}"
        if example not in OUTSIDE:
            require_term(d.rhs)


def test_a_run_can_be_derived_again() -> None:
    """The last cost by the step sizes: against central differences of a run by hand."""
    base = mlp(widths=WIDTHS, activation="tanh", cost="squared_error", samples=SAMPLES)
    run = training(base, "heavy_ball", STEPS)
    by_rate = derive(run, wrt=["eta"]).as_system()
    given = Given(run, "heavy_ball")
    found = evaluate(by_rate, given.arrays())["grad_C_last_eta"]
    size = 1e-6
    for t in range(STEPS + 1):
        ends = []
        for sign in (1, -1):
            given.numbers["eta"][t] += sign * size
            ends.append(given.by_hand()[1])
            given.numbers["eta"][t] -= sign * size
        assert found[t] == pytest.approx((ends[0] - ends[1]) / (2 * size), rel=1e-6, abs=1e-9)


# ---------------------------------------------------------------------------------- numbers, by hand

# The table's numbers and the engine's: what each part of a name adds, for the loop by hand.
HAND: Mapping[str, str] = {"sgd": "gd", "adamw": "adam"}


class Given:
    """A run's arrays, drawn once, and the same run by `reference` and `reference_optimisers`."""

    def __init__(self, run: System, name: str, seed: int = 3) -> None:
        self.parts = [part.strip() for part in name.split("+")]
        self.rng = np.random.default_rng(seed)
        self.network = reference.Network(WIDTHS, "tanh", "squared_error", reduction="mean")
        self.weights, self.biases = reference.random_parameters(self.network, seed)
        self.data = [reference.random_data(self.network, SAMPLES, seed + t) for t in range(STEPS + 1)]
        self.numbers: dict[str, Any] = {}
        for x in run.inputs:
            if x.sup == 0:
                self.numbers[x.name] = self.rng.uniform(0.1, 0.6, STEPS + 1)
        self.run = run

    def arrays(self) -> dict[str, Any]:
        """What the evaluation takes; states start at 0, bias corrections are what Adam takes them to be."""
        for name in ("beta", "gamma"):
            if f"{name}_correction" in self.numbers:
                self.numbers[name][:] = self.numbers[name][0]
                powers = self.numbers[name] ** np.arange(1, STEPS + 2)
                self.numbers[f"{name}_correction"] = 1 / (1 - powers)
        found: dict[str, Any] = dict(self.numbers)
        found["x"] = {t: x for t, (x, _) in enumerate(self.data)}
        found["y"] = {t: y for t, (_, y) in enumerate(self.data)}
        for p in self.run.parameters:
            own = self.weights if "w" in p.name else self.biases
            zero = p.name not in ("w_0", "b_0")
            found[p.name] = {l: a * 0 if zero else a for l, a in enumerate(own, 1)}
        return found

    def hand_numbers(self, t: int) -> dict[str, Any]:
        n = {k: v[t] for k, v in self.numbers.items()}
        found = {k: n[k] for k in ("eta", "mu", "beta", "gamma") if k in n}
        if "rho" in n:
            found["radius"] = n["rho"] ** -0.5
        found |= {"l2": n["alpha"]} if "alpha" in n else {}
        return found | ({"decay": n["lambda"]} if "lambda" in n else {})

    def by_hand(self) -> tuple[list[np.ndarray[Any, Any]], float]:
        """All parameters after the last step, and the cost there."""
        name = HAND.get(self.parts[-1], self.parts[-1])
        w = [*self.weights, *self.biases]
        half = len(self.weights)
        state = reference_optimisers.start(name, w)
        for t, (x, y) in enumerate(self.data[:-1]):
            numbers = self.hand_numbers(t)
            at = reference_optimisers.point(name, w, state, numbers)
            g = reference.backward(self.network, at[:half], at[half:], x, y)
            w, state = reference_optimisers.step(name, w, [*g.weights, *g.biases], state, numbers)
        at = reference_optimisers.point(name, w, state, self.hand_numbers(STEPS))
        return w, float(reference.cost(self.network, at[:half], at[half:], *self.data[-1]))


def difference(a: Any, b: Any) -> float:
    return float(np.max(np.abs(a - b)) / np.max(np.abs(b)))


@pytest.mark.parametrize("name", [n for n in ALL if n != "elementwise" and not n.startswith("l2 + clip")])
def test_a_run_has_the_numbers_of_a_training_loop(name: str) -> None:
    """Schedules, mini-batches and clipping included; the loop clips before it decays."""
    base = mlp(widths=WIDTHS, activation="tanh", cost="squared_error", samples=SAMPLES)
    run = training(base, name, STEPS)
    given = Given(run, name)
    if "clip" in name:
        given.numbers["rho"][:] = [400.0, 1e-9, 900.0, 400.0]  # in force, not in force, in force
    arrays = given.arrays()
    parameters, cost = given.by_hand()
    done = evaluate(run, arrays)
    found = [done[p, STEPS, l] for p in ("w", "b") for l in range(1, len(WIDTHS))]
    start = [*given.weights, *given.biases]
    for got, hand, first in zip(found, parameters, start, strict=True):
        assert difference(got, hand) < 1e-12
        assert difference(hand, first) > 1e-4  # it has moved
    assert float(done["C_last"]) == pytest.approx(cost, rel=1e-12)


@pytest.mark.parametrize("name", ["nesterov", "clip + l2 + heavy_ball", "adamw"])
def test_a_run_of_symbolic_sizes_and_steps_has_these_numbers_too(name: str) -> None:
    """Depth, widths, samples and steps as symbols, with values at last."""
    options: dict[str, Any] = {"activation": "tanh", "cost": "squared_error"}
    general = training(mlp(samples="B", **options), name)
    special = training(mlp(widths=WIDTHS, samples=SAMPLES, **options), name, STEPS)
    arrays = Given(special, name).arrays()
    sizes = {"L": len(WIDTHS) - 1, "n": WIDTHS, "B": SAMPLES, "T": STEPS}
    done, other = evaluate(general, arrays, sizes), evaluate(special, arrays)
    for p in ("w", "b"):
        for l in (1, 2, 3):
            assert difference(done[p, STEPS, l], other[p, STEPS, l]) < 1e-13


def test_the_loop_would_notice_another_rule() -> None:
    """Refusal: each mutation of a rule differs from the loop by far more than rounding."""
    base = mlp(widths=WIDTHS, activation="tanh", cost="squared_error", samples=SAMPLES)
    right = optimiser("heavy_ball")
    mutants = (
        lambda e: e.number["mu"] * e.old["v"] - e.g,
        lambda e: e.old["v"] + e.g,
        lambda e: e.number["mu"] * e.old["v"] + e.g + e.w / 1000,
    )
    for mutant in mutants:
        rule = Optimiser("mutant", right.weight, {"v": mutant}, right.numbers)
        run = training(base, rule, STEPS)
        given = Given(run, "heavy_ball")
        done = evaluate(run, given.arrays())
        assert difference(done["w", STEPS, 1], given.by_hand()[0][0]) > 1e-6


def test_clipping_before_or_after_decay_is_told_apart() -> None:
    """l2 + clip clips what clip + l2 does not: the decayed gradient."""
    base = mlp(widths=WIDTHS, activation="tanh", cost="squared_error", samples=SAMPLES)
    ends = []
    for name in ("l2 + clip + gd", "clip + l2 + gd"):
        run = training(base, name, STEPS)
        given = Given(run, "gd")
        given.numbers["alpha"] = np.full(STEPS + 1, 0.3)
        given.numbers["rho"] = np.full(STEPS + 1, 100.0)
        ends.append((run, given.arrays()))
    run, arrays = ends[0]
    done, other = evaluate(run, arrays), evaluate(ends[1][0], arrays)
    g = [done[f"grad_{p}", 0, l] + 0.3 * done[p, 0, l] for p in ("w", "b") for l in (1, 2, 3)]
    norm = float(np.sqrt(sum(np.sum(a * a) for a in g)))
    eta = arrays["eta"][0]
    assert norm > 0.1
    assert difference(done["w", 1, 1], done["w", 0, 1] - eta * g[0] * 0.1 / norm) < 1e-12
    assert difference(other["w", 1, 1], done["w", 1, 1]) > 1e-3


def test_the_elementwise_rule_is_every_rule() -> None:
    """F and G of Adam, with m and s as the two states, train as Adam does."""
    base = mlp(widths=WIDTHS, activation="tanh", cost="squared_error", samples=SAMPLES)
    run, adam = training(base, "elementwise", STEPS), training(base, "adam", STEPS)
    given = Given(adam, "adam")
    arrays = given.arrays()
    letters = ("eta", "beta", "gamma", "beta_correction", "gamma_correction")
    general = {k: arrays[k] for k in ("x", "y", "w_0", "b_0")}
    general["xi"] = np.stack([arrays[k] for k in letters], axis=1)
    for p in ("w", "b"):
        general[f"states_{p}_0"] = {l: np.stack([a, a], axis=-1) for l, a in arrays[f"m_{p}_0"].items()}

    def new(s: Any, g: Any, c: Any) -> list[Any]:
        return [c[1] * s[0] + (1 - c[1]) * g, c[2] * s[1] + (1 - c[2]) * g**2]

    def weight(w: Any, s: Any, g: Any, c: Any) -> Any:
        m, v = new(s, g, c)
        return w - c[0] * c[3] * m / (np.sqrt(c[4] * v) + 1e-8)

    def state(r: Any, w: Any, s: Any, g: Any, c: Any) -> Any:
        return new(s, g, c)[int(r) - 1]

    functionals = {"F": NumericFunctional(weight), "G": NumericFunctional(state)}
    done = evaluate(run, general, {"R": 2, "K": 5}, functionals=functionals)
    other = evaluate(adam, arrays)
    for p in ("w", "b"):
        for l in (1, 2, 3):
            assert difference(done[p, STEPS, l], other[p, STEPS, l]) < 1e-12


def test_shared_weights_are_trained_by_the_sum_of_their_gradients() -> None:
    """An autoencoder with W and W^T, against a loop written for it."""
    system = EXAMPLES["tied autoencoder"]().system
    run = training(system, "gd", STEPS)
    rng = np.random.default_rng(0)
    n, m = 4, 2
    x, eta = rng.normal(size=(STEPS + 1, n)), rng.uniform(0.1, 0.5, STEPS + 1)
    w, b, v = rng.normal(size=(m, n)), rng.normal(size=m), rng.normal(size=n)
    arrays = {"x": dict(enumerate(x)), "eta": eta, "w_0": w, "b_0": b, "v_0": v}
    sigma = {"sigma": [np.sin, np.cos]}
    done = evaluate(run, arrays, {"N": n, "M": m}, functions=sigma)
    for t in range(STEPS):
        z = w @ x[t] + b
        h = np.sin(z)
        out = w.T @ h + v - x[t]
        inner = np.cos(z) * (w @ out)
        w, b, v = (
            w - eta[t] * (np.outer(h, out) + np.outer(inner, x[t])), b - eta[t] * inner, v - eta[t] * out
        )  # fmt: skip
    for name, hand in (("w", w), ("b", b), ("v", v)):
        assert difference(done[name, STEPS], hand) < 1e-12


def test_a_new_optimiser_is_one_value() -> None:
    """Lion (Chen et al. 2023), by its own formula, behind clipping."""
    sign = optimiser("sign_descent").activations[0]
    lion = Optimiser(
        "lion",
        lambda e: e.w - e.number["eta"] * sign.function(
            e.number["beta"] * e.old["m"] + (1 - e.number["beta"]) * e.g
        ),
        {"m": lambda e: e.number["gamma"] * e.old["m"] + (1 - e.number["gamma"]) * e.g},
        ("eta", "beta", "gamma"),
        activations=(sign,),
    )  # fmt: skip
    run = training(mlp(widths=WIDTHS, activation="tanh", cost="squared_error", samples=SAMPLES), lion, STEPS)
    arrays = Given(run, "lion").arrays()
    done = evaluate(run, arrays)
    w, m = arrays["w_0"][2], 0
    for t in range(STEPS):
        g = done["grad_w", t, 2]
        eta, beta, gamma = (arrays[k][t] for k in ("eta", "beta", "gamma"))
        w, m = w - eta * np.sign(beta * m + (1 - beta) * g), gamma * m + (1 - gamma) * g
    assert difference(done["w", STEPS, 2], w) < 1e-12


# ------------------------------------------------------------------------------------------- refusals


def small(name: str = "x", latex: str | None = None, letter: str = "j") -> System:
    (j,) = indices(letter)
    x, w, C = tensor(name, (j, 1, 3), latex=latex), tensor("w", (j, 1, 3)), tensor("C")
    return System("small", (x,), (w,), (Definition(C(), IndexSum(w[j] * x[j], (j, 1, 3)) ** 2),), C)


UNKNOWN = (
    "expected one of gd, sgd, heavy_ball, nesterov, adagrad, rmsprop, adam, adamw, sign_descent, "
    "elementwise, with l2, clip, decay and . before it, found 'newton'"
)


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (lambda: training(small(), "newton"), UNKNOWN),
        (lambda: training(small(), "clip + newton"), UNKNOWN),
        (lambda: training(small(), ""), "expected one of gd, .*, found ''"),
        (lambda: training(small(), 3), "optimiser: expected a name or an Optimiser, found 3"),
        (lambda: training("mlp"), "training: expected a system, found 'mlp'"),
        (lambda: training(small(), "clip"), "and an update after them, found clip last in clip"),
        (lambda: training(small(), "adam + clip"), "found adam in front in adam . clip"),
        (lambda: training(small(), "gd + adam"), "found gd in front in gd . adam"),
        (lambda: training(small(), "clip + clip + gd"), "expected rho once in clip . clip . gd, found"),
        (lambda: training(small(), "decay + adamw"), "expected lambda once in decay . adamw"),
        (lambda: training(small(), steps="C"), "steps: expected a number or a capital letter .*, found 'C'"),
        (lambda: training(small(), steps="t"), "steps: expected a number or a capital letter .*, found 't'"),
        (lambda: training(small(), steps="TT"), "steps: expected a number or a capital letter"),
        (lambda: training(small(), steps=0), "steps: expected a whole number from 1, found 0"),
        (lambda: training(small(), steps=2.5), "steps: expected a whole number from 1, found 2.5"),
        (lambda: training(mlp(samples="T"), steps="T"), "steps: .* that the system does not use, found 'T'"),
        (lambda: training(small("w_0")), "training by gd: expected the name w_0 .*, found it in small"),
        (lambda: training(small("m_w"), "adam"), "expected the name m_w to be free"),
        (lambda: training(small("u", r"\dot{w}"), "heavy_ball"), "expected the name v_w to be free"),
        (lambda: training(small("psi"), "adam"), "expected the name psi to be free"),
        (lambda: training(small("eta_step", r"\eta")), "expected the name eta_step to be free"),
    ],
)  # fmt: skip
def test_what_cannot_be_trained_is_refused(made: Any, says: str) -> None:
    with pytest.raises(SymderiveError, match=says):
        made()


def test_where_a_system_has_a_T_the_steps_have_the_next_free_letter() -> None:
    assert str(training(small()).tensor("eta").axes[0][1]) == "T"
    assert str(training(mlp(samples="T")).tensor("eta").axes[0][1]) == "S"


def test_a_system_without_parameters_is_refused() -> None:
    base = small()
    fixed = System("fixed", (*base.inputs, *base.parameters), (), base.definitions, base.cost)
    with pytest.raises(SymderiveError, match="training of fixed: expected parameters to train, found none"):
        training(fixed)


def test_a_number_gives_way_to_a_name_of_the_system() -> None:
    run = training(EXAMPLES["layer norm"]().system, "rmsprop")
    names = {x.name: x.latex_name for x in run.inputs}
    assert names["gamma_step"] == r"\overline{\gamma}" and names["eta"] == r"\eta"


def test_the_step_takes_another_letter_where_t_is_a_time() -> None:
    run = training(EXAMPLES["recurrent"]().system, "gd", 4)
    assert run.tensor("h").letters == ("u", "t", "i")
    assert run.tensor("h").axes[0] == (0, 4)


def test_a_training_run_is_trained_like_any_system() -> None:
    """Its initial weights are what is trained, through all of its steps: w_0[u] by the gradient of C_last."""
    run = training(training(small(), steps="S"), "gd", "T")
    first, then = run.of(run.tensor("w_0"))
    assert first.rhs.symbol.latex_name == r"\mathring{\mathring{w}}"
    assert then.lhs.symbol.axes == ((0, Symbol("T", integer=True, positive=True)), (1, 3))
    assert {x.name for x in run.inputs} == {"x", "eta", "eta_step"}


def test_the_functions_of_an_optimiser_say_what_they_are() -> None:
    """Printed beside a theorem, read back, and no part of the definitions."""
    run = training(mlp(activation="relu"), "clip + adam")
    printed = [" = ".join(equation_to_latex(*e)) for e in run.meanings]
    assert sorted(printed) == [
        r"\kappa\left(x\right) = \left[ 0 < x \right] \frac{1}{\sqrt{1 + x}} + \left[ x \leq 0 \right]",
        r"\operatorname{ReLU}\left(x\right) = \left[ 0 < x \right] x",
        r"\psi\left(x; y\right) = \frac{x}{\frac{1}{100000000} + \sqrt{y}}",
    ]
    for text, equation in zip(printed, run.meanings, strict=True):
        assert parse_equation(text, SymbolTable.of(equation)) == equation
    assert training(mlp(), "elementwise").meanings == ()


def test_formulas_are_refused_that_do_not_fit() -> None:
    x, y = Symbol("x"), Symbol("y")
    with pytest.raises(SymderiveError, match="f: expected 2 arguments, found 1"):
        Formula(Functional("f", arity=2), (x,), x)
    with pytest.raises(SymderiveError, match="f: expected a formula of its arguments, found y"):
        Formula(Functional("f", arity=1), (x,), x + y)


def test_parts_and_names_are_those_of_the_table() -> None:
    assert PARTS == ("l2", "clip", "decay")
    assert all(optimiser(n).weight for n in NAMES)
    assert psi(Integer(0)).formula.subs({Symbol("x", real=True): 6, Symbol("y", real=True): 4}) == 3
    assert isinstance(optimiser("clip+gd").activations[0].function, ScalarFunction)
