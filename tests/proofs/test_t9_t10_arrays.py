"""T9 and T10 on real arrays: the experiments find what they must, and a changed block or rule fails them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import proofs
from proofs import blocks, t9_never_merge, t10_attracting_or_repelling, t10_inertia
from symderive import reference
from symderive.claims.evidence import CheckFailed
from symderive.spectrum import blocks_at


@pytest.mark.parametrize("seed", range(1, 6))
def test_the_experiments_of_the_theorems_hold(seed: int) -> None:
    for key in ("T9", "T10", "T10b"):
        for found in proofs.find(key).numeric(seed):
            assert found.status == "numeric" and found.error is not None and found.error < 1e-6


def test_another_gradient_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A gradient that is off by a little at one of two points."""
    real, calls = reference.backward, []

    def off(*arguments: Any) -> reference.Gradient:
        calls.append(1)
        g = real(*arguments)
        if len(calls) == 1:
            g.weights[0][0, 0] += 1e-3
        return g

    monkeypatch.setattr(t10_attracting_or_repelling.reference, "backward", off)
    with pytest.raises(CheckFailed, match="expected the blocks within"):
        t10_attracting_or_repelling.measured(1)


def test_a_run_back_by_another_rule_does_not_return(monkeypatch: pytest.MonkeyPatch) -> None:
    real, calls = reference.backward, []

    def off(*arguments: Any) -> reference.Gradient:
        calls.append(1)
        g = real(*arguments)
        if len(calls) > t9_never_merge.STEPS:
            g.weights[0][:] *= 1.001
        return g

    monkeypatch.setattr(t9_never_merge.reference, "backward", off)
    with pytest.raises(CheckFailed, match="expected to return within"):
        t9_never_merge.returned(1)


def test_a_wrong_count_of_negative_eigenvalues_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a basis of something else in place of the kernel."""
    real = np.linalg.svd
    monkeypatch.setattr(np.linalg, "svd", lambda a: (real(a)[0][:, ::-1],))
    with pytest.raises(CheckFailed, match="negative, found"):
        t10_inertia.numeric(1)


def test_the_direction_that_descends_descends() -> None:
    """Along (2 N g, - (G + 1) Q^T g) the form of B is - 4 N^2, with B and g from arrays."""
    network = reference.Network((3, 4, 2), ["tanh", "identity"], "squared_error", reduction="mean")
    weights, biases = reference.random_parameters(network, 2)
    x, y = reference.random_data(network, 6, 3)
    weights[0][:2], biases[0][:2] = weights[0][0], biases[0][0]
    weights[1][:, :2] = weights[1][:, :1]
    P, Q = blocks_at(network, weights, biases, x, y, 1, 1)
    back = reference.backward(network, weights, biases, x, y)
    g = np.append(back.weights[0][0], back.biases[0][0])
    assert np.allclose(Q @ weights[1][:, 0], g, rtol=1e-12)  # the incoming gradient is Q v
    H = Q.T @ g
    N, G = H @ H, g @ P @ g
    u, h = 2 * N * g, -(G + 1) * H
    assert u @ P @ u + 2 * u @ Q @ h == pytest.approx(-4 * N**2, rel=1e-10)
    assert N > 0
    other = -G * H
    assert u @ P @ u + 2 * u @ Q @ other != pytest.approx(-4 * N**2, rel=1e-3)


def test_the_blocks_were_derived_and_say_what_the_field_knows() -> None:
    """P = sum (delta . v) phi''(z) a a^T: read off the engine's Hessian, not written anywhere."""
    texts = {h.name: str(h.rhs) for h in blocks.definitions()}
    assert "sigma''(l, z[l, s, 1])" in texts["block P"] and "sigma''" not in texts["block Q"]
    assert texts["block Q"].count("delta") == 1


def test_what_is_shown_of_the_rest_of_the_network_is_all_of_it() -> None:
    """Weights and biases of the layer, of those before and after: every parameter has a statement."""
    said = {p.name for p in proofs.find("T10").prove().propositions}
    for part in ("weights", "biases"):
        for where in ("before", "after"):
            assert f"gradients of the {part} {where}" in said
    assert {
        "gradients of other incoming weights", "gradients of other biases",
        "gradients of other outgoing weights", blocks.INCOMING, blocks.BIAS, blocks.OUTGOING,
    } <= said  # fmt: skip
