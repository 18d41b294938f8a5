"""The theorems on real arrays, and arrays on which a hypothesis fails: the gap is then there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from proofs import experiments
from symderive import reference
from symderive.claims.evidence import CheckFailed

SEEDS = (0, 1, 20_260)


def layers(p: Any) -> list[np.ndarray[Any, Any]]:
    weights, biases = p
    return [*weights, *biases]


# --------------------------------------------------------------------------------- T3, permutations


@pytest.mark.parametrize("seed", SEEDS)
def test_the_permuted_network_is_another_network(seed: int) -> None:
    plain, moved, pi = experiments.permuted(seed)
    assert len(set(experiments.WIDTHS)) == len(experiments.WIDTHS)
    for m, n in enumerate(experiments.WIDTHS):
        assert sorted(pi[m]) == list(range(n))
        inner = 0 < m < len(experiments.WIDTHS) - 1
        assert np.array_equal(pi[m], np.arange(n)) != inner
    assert not any(np.array_equal(a, b) for a, b in zip(plain[0], moved[0], strict=True))
    # w~_{jk} = w_{pi(j) pi(k)}, written out
    for m, (w, v) in enumerate(zip(plain[0], moved[0], strict=True)):
        for j in range(w.shape[0]):
            for k in range(w.shape[1]):
                assert v[j, k] == w[pi[m + 1][j], pi[m][k]]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_cost_does_not_change(seed: int) -> None:
    found = experiments.invariance(seed)
    assert found.status == "numeric" and found.seed == seed
    assert found.error is not None and found.error <= 1e-12


@pytest.mark.parametrize(
    "spoil",
    [
        lambda p: p[1][0].__setitem__(0, p[1][0][0] + 0.1),
        lambda p: p[0][1].__setitem__((0, 0), 0.0),
        lambda p: p[0].__setitem__(0, p[0][0][::-1].copy()),
    ],
    ids=["another bias", "another weight", "rows moved, columns of the next layer not"],
)
def test_another_network_has_another_cost(spoil: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    real = experiments.permuted

    def spoiled(seed: int) -> Any:
        plain, moved, pi = real(seed)
        spoil(moved)
        return plain, moved, pi

    monkeypatch.setattr(experiments, "permuted", spoiled)
    for check, what in ((experiments.invariance, "cost"), (experiments.equivariance, "gradient")):
        with pytest.raises(
            CheckFailed, match=f"{what} of the permuted network: relative difference .* 1e-12"
        ):
            check(1)


# -------------------------------------------------------------------------------- T4, equivariance


@pytest.mark.parametrize("seed", SEEDS)
def test_gradients_move_with_the_neurons(seed: int) -> None:
    found = experiments.equivariance(seed)
    assert found.error is not None and found.error <= 1e-12
    assert "complex step" in found.text


def test_gradients_that_do_not_move_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reference whose gradient ignores the order of the neurons contradicts the theorem."""
    real = reference.gradient_forward_truth

    def still(*arguments: Any) -> Any:
        truth = real(*arguments)
        ordered = tuple(np.sort(b) for b in truth.gradient.biases)
        return truth.__class__(**{**vars(truth), "gradient": _with(truth.gradient, biases=ordered)})

    monkeypatch.setattr(reference, "gradient_forward_truth", still)
    with pytest.raises(CheckFailed, match="gradient of the permuted network"):
        experiments.equivariance(1)


def _with(gradient: Any, **new: Any) -> Any:
    import dataclasses

    return dataclasses.replace(gradient, **new)


# --------------------------------------------------------------------------------- T5, tied neurons


@pytest.mark.parametrize("layer", [1, 2])
def test_tied_neurons_start_equal_and_nothing_else_is(layer: int) -> None:
    weights, biases = experiments.tied(3, layer)
    assert np.array_equal(weights[layer - 1][0], weights[layer - 1][1])
    assert biases[layer - 1][0] == biases[layer - 1][1]
    assert np.array_equal(weights[layer][:, 0], weights[layer][:, 1])
    assert not np.array_equal(weights[layer - 1][0], weights[layer - 1][2])
    assert not np.array_equal(weights[layer][:, 0], weights[layer][:, 2])


@pytest.mark.parametrize("seed", [0, 20_260])
def test_they_stay_equal_for_200_steps(seed: int) -> None:
    found = experiments.staying_tied(seed)
    assert found.error is not None and found.error <= experiments.DRIFT
    assert "200 mini-batch steps" in found.text


def test_the_network_learns_meanwhile() -> None:
    """Nothing stays equal because nothing moves: the parameters do."""
    network = experiments._network()
    weights, biases = experiments.tied(0)
    x, y = reference.random_data(network, 5, 1000)
    g = reference.backward(network, weights, biases, x, y)
    assert min(float(np.max(np.abs(w))) for w in (*g.weights, *g.biases)) > 1e-4


@pytest.mark.parametrize("layer", [1, 2])
def test_without_equal_outgoing_weights_they_come_apart(layer: int) -> None:
    """The hypothesis that T5 cannot do without."""
    weights, _ = experiments.trained(0, 200, False, layer)
    incoming = weights[layer - 1]
    assert np.max(np.abs(incoming[0] - incoming[1])) > 1e-2
    assert experiments.coming_apart(0, steps=0) == 0
    assert experiments.coming_apart(0) > 1e-2


def test_a_tie_that_breaks_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    real = experiments.tied
    monkeypatch.setattr(experiments, "tied", lambda seed, layer, outgoing: real(seed, layer, False))
    with pytest.raises(
        CheckFailed, match=r"tied neurons after 50 steps: relative difference .* at most 1e-09"
    ):
        experiments.staying_tied(0, 50)


@pytest.mark.parametrize("name", ["weights", "biases"])
def test_unequal_incoming_weights_or_biases_come_apart(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = experiments.tied

    def untied(seed: int, layer: int = 1, tie_outgoing: bool = True) -> Any:
        weights, biases = real(seed, layer, tie_outgoing)
        (weights if name == "weights" else biases)[layer - 1][1] += 1e-3
        return weights, biases

    monkeypatch.setattr(experiments, "tied", untied)
    with pytest.raises(CheckFailed, match="tied neurons"):
        experiments.staying_tied(0, 20)


def test_not_a_number_is_no_agreement() -> None:
    with pytest.raises(CheckFailed, match="nan"):
        experiments._require(float("nan"), 1.0, "gap")
