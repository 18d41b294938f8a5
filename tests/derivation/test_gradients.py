"""Derived gradients of random networks against the hand-written reference's forward pass, to 1e-9."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from symderive import reference
from symderive.calculus.terms import Applied
from symderive.derivation import Derivation, derive
from symderive.evaluation.numeric import Evaluation, evaluate
from symderive.systems import Definition, System, mlp
from symderive.systems.activations import NAMES as ACTIVATIONS

# costs of mlp() -> the reference's, which takes logits
COSTS = {
    "squared_error": "squared_error",
    "softmax_cross_entropy": "softmax_cross_entropy",
    "binary_cross_entropy": "binary_cross_entropy",
    "poisson": "poisson",
    "cross_entropy": "softmax_cross_entropy",
}
SEEDS = range(40)


class Case:
    """A random network in both packages, and its data."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.depth = int(rng.integers(1, 5))
        widths = [int(n) for n in rng.permutation(np.arange(1, 8))[: self.depth + 1]]
        names = [str(a) for a in rng.choice(ACTIVATIONS, self.depth)]
        cost = str(rng.choice(list(COSTS)))
        samples = [None, 1, 3, 4][int(rng.integers(4))]
        reduction = str(rng.choice(["sum", "mean"]))
        factor = float(rng.choice([0.5, 1.0, 0.3])) if cost == "squared_error" else None
        if cost == "cross_entropy":
            names[-1] = "identity"  # of the logits
        symbolic = bool(rng.random() < 0.5)
        if symbolic:  # one activation for all hidden layers
            names[:-1] = names[:1] * (self.depth - 1)
        self.network = reference.Network(
            widths,
            names,
            COSTS[cost],
            reduction="sum" if samples is None else reduction,
            factor=factor or 0.5,
        )
        options: dict[str, Any] = {"cost": cost, "factor": factor, "samples": samples, "reduction": reduction}
        shown = [*names[:-1], "softmax"] if cost == "cross_entropy" else names
        self.system = (
            mlp(activation=shown[0] if self.depth > 1 else "tanh", output=shown[-1], **options)
            if symbolic
            else mlp(widths, activation=shown, **options)
        )
        self.sizes = {"L": self.depth, "n": widths} if symbolic else {}
        self.weights, self.biases = reference.random_parameters(self.network, seed)
        x, y = reference.random_data(self.network, samples or 1, seed + 1)
        self.x, self.y = (x, y) if samples else (x[0], y[0])
        self.truth = reference.gradient_forward_truth(self.network, self.weights, self.biases, self.x, self.y)

    def run(self, system: System) -> Evaluation:
        w, b = (dict(enumerate(given, 1)) for given in (self.weights, self.biases))
        return evaluate(system, {"w": w, "b": b, "x": self.x, "y": self.y}, self.sizes)

    def gaps(self, system: System) -> Iterator[float]:
        """Relative errors of all derivatives; entries that sit at a kink are left out."""
        run = self.run(system)
        want = self.truth.gradient
        for m in range(1, self.depth + 1):
            yield gap(run["delta", m], want.deltas[m - 1])
            yield gap(run["grad_w", m], want.weights[m - 1])
            yield gap(run["grad_b", m], want.biases[m - 1])
        yield gap(run["grad_x"], want.x)


def gap(found: Any, want: Any) -> float:
    """The largest difference as a part of the largest value."""
    known = np.isfinite(want)
    assert found.shape == want.shape
    worst, scale = (np.max(np.abs(v)[known], initial=0) for v in (found - want, want))
    return float(worst / max(scale, 1e-3))


def derived(case: Case) -> Derivation:
    return derive(case.system, wrt=["w", "b", "x"])


@pytest.mark.parametrize("seed", SEEDS)
def test_derived_gradients_are_those_of_the_forward_pass(seed: int) -> None:
    case = Case(seed)
    allowed = 1e-9 if case.truth.method == "complex step" else 1e-6
    gaps = list(case.gaps(derived(case).as_system()))
    assert len(gaps) == 3 * case.depth + 1
    assert max(gaps) < allowed


def test_the_draws_cover_what_they_should() -> None:
    cases = [Case(seed) for seed in SEEDS]
    assert {c.depth for c in cases} == {1, 2, 3, 4}
    assert {a.name for c in cases for a in c.network.layers} == set(ACTIVATIONS)
    assert {c.network.loss.name for c in cases} == set(COSTS.values())
    assert {c.truth.method for c in cases} == {"complex step", "central differences"}
    assert any(c.sizes for c in cases) and any(np.ndim(c.x) == 2 for c in cases)
    assert sum(c.truth.skipped for c in cases) == 0


def without(d: Definition, change: Callable[[Any], Any]) -> Definition:
    return replace(d, rhs=change(d.rhs))


WRONG: dict[str, Callable[[Any], Any]] = {
    "sign": lambda e: -e,
    "twice": lambda e: 2 * e,
    "prime dropped": lambda e: e.replace(
        lambda a: isinstance(a, Applied) and a.order > 0, lambda a: a.func(a.function, 0, *a.args[2:])
    ),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_definition_fails(kind: str) -> None:
    """Each definition on its own, so that no other one hides it."""
    net = mlp([3, 4, 2], activation="tanh", cost="squared_error")
    case = Case(0)
    case.depth, case.system, case.sizes = 2, net, {}
    case.network = reference.Network([3, 4, 2], "tanh", "squared_error")
    case.weights, case.biases = reference.random_parameters(case.network, 5)
    x, y = reference.random_data(case.network, 1, 6)
    case.x, case.y = x[0], y[0]
    case.truth = reference.gradient_forward_truth(case.network, case.weights, case.biases, case.x, case.y)
    d = derived(case)
    assert max(case.gaps(d.as_system())) < 1e-12
    changed = 0
    for n, definition in enumerate(d.definitions):
        wrong = without(definition, WRONG[kind])
        if wrong != definition:
            mutated = replace(d, definitions=(*d.definitions[:n], wrong, *d.definitions[n + 1 :]))
            assert max(case.gaps(mutated.as_system())) > 1e-3
            changed += 1
    assert changed == (2 if kind == "prime dropped" else len(d.definitions))


def test_a_batch_of_symbolic_size_and_symbolic_widths() -> None:
    """B, L, n_0, .., n_L and the layers' activations are symbols; the numbers come at the end."""
    network = reference.Network([3, 5, 2], "gelu", "squared_error", reduction="mean")
    weights, biases = reference.random_parameters(network, 7)
    x, y = reference.random_data(network, 6, 8)
    truth = reference.gradient_forward_truth(network, weights, biases, x, y).gradient
    net = mlp(activation="gelu", cost="squared_error", samples="B")
    arrays = {"w": dict(enumerate(weights, 1)), "b": dict(enumerate(biases, 1)), "x": x, "y": y}
    run = evaluate(derive(net).as_system(), arrays, {"B": 6, "L": 2, "n": [3, 5, 2]})
    for m in (1, 2):
        assert gap(run["grad_w", m], truth.weights[m - 1]) < 1e-12
        assert gap(run["grad_b", m], truth.biases[m - 1]) < 1e-12


@pytest.mark.parametrize("at_zero", [0, 0.5, 1])
@pytest.mark.parametrize("name", ["relu", "leaky_relu"])
def test_the_stated_convention_is_what_is_computed(name: str, at_zero: float) -> None:
    """All weighted inputs of the first layer are 0: the derivative there is the stated one."""
    network = reference.Network([2, 3, 1], [name, "identity"], "squared_error", relu_at_zero=at_zero)
    weights, biases = reference.random_parameters(network, 1)
    biases[0] = np.zeros(3)
    x, y = np.zeros(2), np.array([0.7])
    want = reference.backward(network, weights, biases, x, y)
    net = mlp([2, 3, 1], activation=[name, "identity"], cost="squared_error", relu_at_zero=at_zero)
    arrays = {"w": dict(enumerate(weights, 1)), "b": dict(enumerate(biases, 1)), "x": x, "y": y}
    run = evaluate(derive(net).as_system(), arrays)
    assert np.allclose(run["delta", 1], want.deltas[0], rtol=1e-14)
    assert (np.max(np.abs(want.deltas[0])) > 0) == (name == "leaky_relu" or at_zero > 0)
