"""Hessian times vector against changes of gradients: Im grad C(theta + i h v) / h, and the reference."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from entrywise import STEP, Truth, Values

from symderive import reference
from symderive.derivation import derive, hessian_vector
from symderive.evaluation.numeric import evaluate
from symderive.systems import System, mlp

NETWORKS: dict[str, tuple[System, dict[str, Any]]] = {
    "symbolic depth, generic": (mlp(), {"L": 3, "n": [2, 4, 3, 5]}),
    "symbolic depth, one layer": (mlp(), {"L": 1, "n": [2, 3]}),
    "symbolic depth, two layers": (mlp(per_layer=True), {"L": 2, "n": [2, 3, 4]}),
    "symbolic depth, a batch": (
        mlp(cost="squared_error", samples="B", per_layer=True), {"L": 2, "n": [2, 3, 4], "B": 3},
    ),
    "three layers": (mlp(depth=3, cost="softmax_cross_entropy"), {"n": [2, 4, 3, 5]}),
}  # fmt: skip


@pytest.mark.parametrize("name", NETWORKS)
def test_it_is_the_change_of_the_gradient(name: str) -> None:
    net, sizes = NETWORKS[name]
    first = derive(net)
    second = hessian_vector(first)
    values = Values(second.as_system().definitions, sizes)
    moved = Values(first.as_system().definitions, sizes)
    ranges = Truth(net, sizes)
    entries = {
        t: [(d, d.lhs.xreplace(env).index) for d in first.of(t) for env in ranges.points(d.indices)]
        for t in net.parameters
    }
    for t, found in entries.items():
        for _, index in found:
            at = tuple(map(int, index))
            direction = values.entry(t.derived(f"v_{t.name}"), at)
            moved.shift[t.name, at] = STEP * 1j * direction
    compared = 0
    for t, found in entries.items():
        (bar,) = {d.symbol for d, _ in found}
        (product,) = {d.symbol for d in second.of(t)}
        for _, index in found:
            at = tuple(int(e.xreplace(dict.fromkeys(e.free_symbols, sizes.get("L")))) for e in index)
            want = moved.entry(bar, at).imag / STEP
            assert abs(values.entry(product, at) - want) <= 1e-12 * max(1, abs(want))
            compared += 1
    n = sizes["n"][: sizes.get("L", 3) + 1]
    assert compared == sum(a * (b + 1) for b, a in pairwise(n))


def test_against_differences_of_the_hand_written_gradient() -> None:
    """2-3-2, tanh: (grad(theta + e v) - grad(theta - e v)) / 2e by the reference's backward pass."""
    widths = [2, 3, 2]
    network = reference.Network(widths, "tanh", "squared_error")
    weights, biases = reference.random_parameters(network, 1)
    x, y = (a[0] for a in reference.random_data(network, 1, 2))
    v_w, v_b = reference.random_parameters(network, 3)

    def gradient(e: float) -> reference.Gradient:
        return reference.backward(
            network,
            [w + e * v for w, v in zip(weights, v_w, strict=True)],
            [b + e * v for b, v in zip(biases, v_b, strict=True)],
            x,
            y,
        )

    arrays: dict[str, Any] = {
        name: dict(enumerate(given, 1))
        for name, given in (("w", weights), ("b", biases), ("v_w", v_w), ("v_b", v_b))
    }
    second = hessian_vector(derive(mlp(widths, activation="tanh", cost="squared_error")))
    run = evaluate(second.as_system(), {**arrays, "x": x, "y": y})
    e = 1e-5
    up, down = gradient(e), gradient(-e)
    for m in (1, 2):
        for name, a, b in (("w", up.weights, down.weights), ("b", up.biases, down.biases)):
            want = (a[m - 1] - b[m - 1]) / (2 * e)
            assert np.max(np.abs(run[f"grad_vC_{name}", m] - want)) < 1e-8 * np.max(np.abs(want))


def test_the_hessian_is_symmetric_and_a_change_of_sign_is_seen() -> None:
    """u . H v = v . H u; H(-v) = -H v."""
    net, sizes = NETWORKS["symbolic depth, generic"]
    second = hessian_vector(derive(net)).as_system()
    product = second.tensor("grad_vC_w")
    spots = [(1, 1, 1), (1, 4, 2), (2, 3, 4), (3, 5, 1)]

    def column(of: tuple[int, ...], sign: float = 1) -> list[complex]:
        run = Values(second.definitions, sizes)
        for t, width in (("v_w", 3), ("v_b", 2)):
            for l in range(1, 4):
                for j in range(1, 6):
                    for k in range(1, 6) if width == 3 else (0,):
                        run.memo[t, (l, j, k)[:width]] = 0
        run.memo["v_w", of] = sign
        return [run.entry(product, s) for s in spots]

    matrix = np.array([column(s) for s in spots]).real
    assert np.max(np.abs(matrix - matrix.T)) < 1e-14 < np.max(np.abs(matrix))
    assert np.allclose(column(spots[0], -1), -matrix[0], rtol=0, atol=1e-14)
