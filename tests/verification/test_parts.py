"""The parts of a judgement are held to something: the table to the derivation, that to forward passes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import symderive as sd
from symderive.claims.evidence import CheckFailed
from symderive.verification.backward import pieces, run, total
from symderive.verification.cases import random_case, second_case
from symderive.verification.diagnosis import Candidate, Sight, diagnose
from symderive.verification.gradient_faults import faults
from symderive.verification.layout import Layout
from symderive.verification.network import Network, network_of
from symderive.verification.oracles import forward_evidence
from symderive.verification.quantities import Quantities, quantities
from symderive.verification.reading import UnreadableError, read

NETWORKS: dict[str, dict[str, Any]] = {
    "tanh": {"widths": [4, 5, 3], "activation": "tanh", "cost": "squared_error"},
    "softmax": {"widths": [3, 4, 4, 2], "activation": "relu", "cost": "cross_entropy"},
    "logits": {
        "widths": [3, 4, 2],
        "activation": "gelu",
        "output": "identity",
        "cost": "softmax_cross_entropy",
    },
    "yes or no": {
        "widths": [3, 4, 1],
        "activation": "silu",
        "output": "identity",
        "cost": "binary_cross_entropy",
    },
}


def at(
    name: str, reduction: str = "mean", decay: float = 0.1, samples: int = 7
) -> tuple[Network, Quantities]:
    net = network_of(NETWORKS[name])
    return net, quantities(net, random_case(net, samples, 0), reduction, decay)


@pytest.mark.parametrize("name", NETWORKS)
def test_the_pieces_make_the_derived_gradient(name: str) -> None:
    _, q = at(name)
    made = total(run(pieces(q)))
    for l, (w, b) in enumerate(zip(*q.gradient, strict=True), 1):
        np.testing.assert_allclose(made["W", l], w, rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(made["b", l], b, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", NETWORKS)
def test_forward_passes_agree_and_refuse_a_mutation(name: str) -> None:
    net, q = at(name)
    (found,) = forward_evidence(net, q, "mean")
    assert found.status == "numeric" and found.error is not None and found.error < 1e-8
    wrong = (q.weights[0] + 1e-4 * np.abs(q.weights[0]).max(), *q.weights[1:])
    with pytest.raises(CheckFailed, match="relative error"):
        forward_evidence(net, replace(q, weights=wrong), "mean")


def test_a_table_that_does_not_fit_the_derivation_may_not_diagnose() -> None:
    _, q = at("tanh")
    found = {(k, l): v for k, vs in zip("Wb", q.gradient, strict=True) for l, v in enumerate(vs, 1)}
    with pytest.raises(CheckFailed, match="table of faults"):
        diagnose([Candidate([Sight(replace(q, delta=(*q.delta[:-1], 2 * q.delta[-1])), found)], 1e-9)])


@pytest.mark.parametrize("name", NETWORKS)
def test_every_row_is_diagnosed_from_its_own_prediction(name: str) -> None:
    """Each fault that shows at all is found again under its name: no other row hides it."""
    net, q = at(name)
    other = quantities(net, second_case(q.case, 0), "mean", 0.1)
    right = total(run(pieces(q)))
    there = {(f.name, f.words): f for f in faults(other)}
    seen: set[str] = set()
    for f in faults(q):
        if f.name in seen:
            continue
        try:
            here, again = (
                total(run(f.change(pieces(q)))),
                total(run(there[f.name, f.words].change(pieces(other)))),
            )
        except (ValueError, IndexError):
            continue
        if all(v.shape == right[k].shape and np.allclose(v, right[k]) for k, v in here.items()):
            continue
        seen.add(f.name)
        found = diagnose([Candidate([Sight(q, here), Sight(other, again)], 1e-9)])
        assert found is not None and f.name in found[1].faults, f
    assert len(seen) >= 12


@pytest.mark.parametrize("name", ["tanh", "softmax"])
def test_random_cases_keep_away_from_kinks_and_are_reproducible(name: str) -> None:
    net, q = at(name)
    again = random_case(net, 7, 0)
    assert all(np.array_equal(u, v) for u, v in zip(again.weights, q.case.weights, strict=True))
    if name == "softmax":
        assert min(float(np.abs(z).min()) for z in q.z[1:-1]) > 1e-4
        assert all(np.any(z > 0, axis=0).all() for z in q.z[1:-1])


@pytest.mark.parametrize("samples", ["B", 5])
@pytest.mark.parametrize("reduction", ["sum", "mean"])
def test_a_batch_system_is_taken_apart(samples: Any, reduction: str) -> None:
    one = network_of(NETWORKS["logits"])
    many = network_of(sd.mlp(**NETWORKS["logits"], samples=samples, reduction=reduction))
    assert (many.reduction, many.samples) == (reduction, samples if samples == 5 else None)
    case = random_case(one, 5, 1)
    for u, v in zip(quantities(one, case).gradient[0], quantities(many, case).gradient[0], strict=True):
        np.testing.assert_allclose(u, v, rtol=1e-13)


W1, b1, W2, b2 = np.ones((3, 2)), np.ones(3), np.full((1, 3), 2.0), np.ones(1)
RETURNED: list[tuple[Any, str]] = [
    ({"W1": W1, "b1": b1, "W2": W2, "b2": b2}, "a dict"),
    ({"dW0": W1, "db0": b1, "dW1": W2, "db1": b2, "dZ1": 0}, "a dict"),
    ({"dL_dW1": W1, "dL_db1": b1, "dL_dW2": W2, "dL_db2": b2}, "a dict"),
    ({"dW": [W1, W2], "db": [b1, b2]}, "a dict of lists"),
    ({1: {"W": W1, "b": b1}, 2: {"W": W2, "b": b2}}, "a dict of layers"),
    ({"cost": 1.0, "grads": {"W1": W1, "b1": b1, "W2": W2, "b2": b2}}, "a dict"),
    (([W1, W2], [b1, b2]), "two lists"),
    ([(W1, b1), (W2, b2)], "pairs"),
    ((W1, b1, W2, b2), "arrays in the order W1, b1, .."),
    ((3.0, W1, b1, W2, b2), "arrays in the order W1, b1, .."),
    ((W1, W2, b1, b2), "arrays in the order W1, .., b1, .."),
    (np.concatenate([v.ravel() for v in (W1, b1, W2, b2)]), "one vector in the order W1, b1, .."),
    ((W1.tolist(), b1.tolist(), W2.tolist(), b2.tolist()), "arrays in the order W1, b1, .."),
]


@pytest.mark.parametrize(("value", "words"), RETURNED)
def test_forms_of_gradients(value: Any, words: str) -> None:
    found = read(value, Layout("columns"), (2, 3, 1))
    assert found.words == words
    for (_, _, v), truth in zip(found.each(), (W1, b1, W2, b2), strict=True):
        assert v is not None and np.array_equal(v, truth)


@pytest.mark.parametrize("value", [None, 3.0, {}, [], "W1", {"x": W1}, np.ones(5), [W1]])
def test_what_is_no_gradient_is_refused(value: Any) -> None:
    with pytest.raises(UnreadableError, match="expected gradients of 2 weights and biases"):
        read(value, Layout("columns"), (2, 3, 1))
