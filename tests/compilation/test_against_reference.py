"""The compiled function against the hand-written network, whose truth is its forward pass."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from symderive.reference import backward, cost, gradient_forward_truth
from tests.compilation.networks import ACTIVATIONS, COSTS, both, flat, point


def truth(g: Any) -> np.ndarray[Any, Any]:
    return flat({"w": list(g.weights), "b": list(g.biases), "x": g.x})


@pytest.mark.parametrize("name", COSTS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_and_cost(activation: str, name: str) -> None:
    """The reference's complex step, or central differences: forward passes alone."""
    compiled, network = both(2, activation, name)
    at = point(network)
    value, gradients = compiled(at)
    args = (network, at["w"], at["b"], at["x"], at["y"])
    assert value == pytest.approx(cost(*args), rel=1e-13)
    expected = gradient_forward_truth(*args)
    most = 1e-12 if expected.method == "complex step" else 1e-8
    assert expected.skipped == 0
    np.testing.assert_allclose(flat(gradients), truth(expected.gradient), rtol=0, atol=most)
    np.testing.assert_allclose(flat(gradients), truth(backward(*args)), rtol=0, atol=1e-13)


@pytest.mark.parametrize("depth", [1, 3, 4])
@pytest.mark.parametrize("name", COSTS)
def test_depths_and_unequal_widths(depth: int, name: str) -> None:
    reduction = "sum" if depth == 3 else "mean"
    compiled, network = both(depth, "tanh", name, reduction)
    at = point(network, depth)
    expected = truth(backward(network, at["w"], at["b"], at["x"], at["y"]))
    np.testing.assert_allclose(flat(compiled(at)[1]), expected, rtol=0, atol=1e-12)


def test_a_changed_reference_is_noticed() -> None:
    """The comparison is able to fail: another reduction, another activation in one layer."""
    compiled, network = both(2, "tanh", "squared_error", "sum")
    at = point(network)
    other = both(2, "sigmoid", "squared_error", "sum")[1]
    expected = truth(backward(other, at["w"], at["b"], at["x"], at["y"]))
    assert np.max(np.abs(flat(compiled(at)[1]) - expected)) > 0.1


@pytest.mark.parametrize("name", ["squared_error", "softmax_cross_entropy"])
@pytest.mark.parametrize("activation", ["tanh", "relu", "gelu", "sigmoid"])
def test_float32_stays_float32(activation: str, name: str) -> None:
    compiled, network = both(3, activation, name)
    at = point(network)
    small = {
        k: [p.astype(np.float32) for p in v] if isinstance(v, list) else v.astype(np.float32)
        for k, v in at.items()
    }
    value, gradients = compiled(small)
    exact_value, exact = compiled(at)
    assert {g.dtype for v in gradients.values() for g in (v if isinstance(v, list) else [v])} == {
        np.dtype(np.float32)
    }
    assert value == pytest.approx(exact_value, rel=1e-5)
    np.testing.assert_allclose(flat(gradients), flat(exact), rtol=2e-5, atol=2e-6)
    assert np.any(flat(gradients) != flat(exact))


def test_large_logits_do_not_overflow() -> None:
    """Softmax and cross-entropy at logits of 1000: exact limits, and no warning."""
    for name in ("softmax_cross_entropy", "binary_cross_entropy"):
        compiled, network = both(1, "identity", name)
        at = point(network)
        at["w"] = [1000 * w for w in at["w"]]
        value, gradients = compiled(at)
        args = (network, at["w"], at["b"], at["x"], at["y"])
        assert value == pytest.approx(cost(*args), rel=1e-12)
        np.testing.assert_allclose(flat(gradients), truth(backward(*args)), rtol=0, atol=1e-9)


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "softplus", "gelu", "gelu_tanh", "silu", "elu"])
def test_saturated_units(activation: str) -> None:
    compiled, network = both(2, activation, "squared_error")
    at = point(network)
    at["w"] = [3000 * w for w in at["w"]]
    args = (network, at["w"], at["b"], at["x"], at["y"])
    expected = truth(backward(*args))
    found = flat(compiled(at)[1])
    assert np.all(np.isfinite(found))
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9 * np.max(np.abs(expected)))


@pytest.mark.parametrize("at_zero", [0, 0.5, 1])
def test_the_convention_at_the_kink(at_zero: float) -> None:
    """z = 0 in every unit: what is taken for ReLU'(0) is what comes out."""
    from symderive.derivation import derive
    from symderive.systems import mlp

    net = mlp(widths=[2, 3, 1], activation=["relu", "identity"], cost="squared_error", relu_at_zero=at_zero)
    grad = derive(net).compile()
    w, b = [np.zeros((3, 2)), np.ones((1, 3))], [np.zeros(3), np.zeros(1)]
    _, gradients = grad(w=w, b=b, x=[1.0, 2.0], y=[2.0])
    np.testing.assert_array_equal(gradients["b"][0], np.full(3, -2.0 * at_zero))


@pytest.mark.parametrize("output", ["softmax", "sigmoid"])
def test_probabilities_that_are_0_to_a_float(output: str) -> None:
    """Cost, gradient and H v of -sum y log a are finite, with no warning, whatever a underflows to."""
    from symderive.derivation import derive
    from symderive.systems import mlp

    for widths in ([2, 3], [2, 1]):
        grad = derive(
            mlp(widths=widths, activation="identity", output=output, cost="cross_entropy")
        ).compile()
        n = widths[-1]
        at = {"w": [np.zeros((n, 2))], "b": [np.array([1000.0, -1000.0, 0.0][-n:]) - 1500], "x": np.ones(2)}
        direction = {"w": [np.ones((n, 2))], "b": [np.ones(n)]}
        value, gradients = grad(at, y=np.full(n, 0.25))
        z = at["b"][0]
        logs = z - np.max(z) if output == "softmax" else z
        assert value == pytest.approx(-0.25 * np.sum(logs), rel=1e-12, abs=1e-12)
        probabilities = (logs == 0) * 1.0
        expected = 0.25 * (n * probabilities - 1) if output == "softmax" else np.full(n, -0.25)
        np.testing.assert_allclose(gradients["b"][0], expected, atol=1e-15)
        product = grad.hessian_vector_product(at, y=np.full(n, 0.25), direction=direction)
        np.testing.assert_allclose(product["b"][0], np.zeros(n), atol=1e-12)


@pytest.mark.parametrize("z", [-1000.0, -1.0, 0.0, 1.0, 40.0, 1000.0])
def test_the_two_sides_of_an_elu(z: float) -> None:
    """sigma'(0) = 1, and e^z of the one side neither drowns the other nor overflows."""
    from symderive.derivation import derive
    from symderive.systems import mlp

    d = derive(mlp(widths=[1, 1], activation="elu", cost="squared_error"))
    a, slope = (z, 1.0) if z > 0 else (np.expm1(z), np.exp(z))
    for f in (d.compile(), d.unrolled()):
        value, gradients = f(w=[[[z]]], b=[[0.0]], x=[1.0], y=[-1.0])
        assert value == pytest.approx((a + 1) ** 2 / 2, rel=1e-14, abs=1e-30)
        assert gradients["b"][0][0] == pytest.approx((a + 1) * slope, rel=1e-14, abs=1e-30)


def test_softmax_output_and_cross_entropy_are_the_fused_cost() -> None:
    """Written as a softmax and a logarithm, the derivative is p sum(y) - y all the same."""
    from symderive.derivation import derive
    from symderive.systems import mlp

    apart = derive(mlp(widths=[3, 5, 2], activation="tanh", cost="cross_entropy", samples="N")).compile()
    fused, network = both(2, "tanh", "softmax_cross_entropy", wrt=("w", "b"))
    at = point(network)
    at["w"][-1] = 300 * at["w"][-1]
    (value, ours), (other, theirs) = apart(at), fused(at)
    assert value == pytest.approx(other, rel=1e-12)
    np.testing.assert_allclose(flat(ours), flat(theirs), rtol=0, atol=1e-12)
    assert [n.op for n in apart.program.graph.nodes].count("exp") == 1
    at["w"][-1] = 30 * at["w"][-1]  # a probability of 1e-1000 has a logarithm all the same
    (value, ours), (other, theirs) = apart(at), fused(at)
    assert np.isfinite(value)
    assert value == pytest.approx(other, rel=1e-12)
    np.testing.assert_allclose(flat(ours), flat(theirs), rtol=0, atol=1e-9)
