"""PyTorch and JAX as oracles, equations in the user's notation, and functions that keep something."""

from __future__ import annotations

import importlib.util
import os
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from backward_passes import columns

from symderive.claims.evidence import CheckFailed
from symderive.errors import SymderiveError
from symderive.testing import assert_gradient, check_gradient
from symderive.verification.cases import random_case
from symderive.verification.equations import in_latex
from symderive.verification.layout import Layout
from symderive.verification.network import network_of
from symderive.verification.peers import PEERS, peers_evidence
from symderive.verification.quantities import quantities
from symderive.verification.state import changed, kept_by

TANH = {"widths": [4, 5, 3], "activation": "tanh", "cost": "squared_error"}
NETWORKS: list[dict[str, Any]] = [
    TANH,
    {"widths": [3, 4, 2], "activation": "silu", "cost": "cross_entropy"},
    {"widths": [3, 4, 1], "activation": "leaky_relu", "output": "identity", "cost": "binary_cross_entropy"},
    {"widths": [3, 4, 2], "activation": ["softplus", "gelu"], "cost": "squared_error", "factor": 1},
]


def installed(name: str) -> None:
    if importlib.util.find_spec(name) is None:
        assert "CI" not in os.environ or name not in os.environ.get("SYMDERIVE_PEERS", ""), name
        pytest.skip(f"{name} is not installed")


@pytest.mark.parametrize("name", PEERS)
@pytest.mark.parametrize("n", range(len(NETWORKS)))
def test_peers_agree_and_refuse_a_mutation(name: str, n: int) -> None:
    installed(name)
    net = network_of(NETWORKS[n])
    q = quantities(net, random_case(net, 5, 0), "mean", 0.1)
    (found,) = peers_evidence([name], net, q, "mean")
    assert found.status == "numeric" and found.error is not None and found.error < 1e-12
    assert PEERS[name] in found.text
    wrong = replace(q, biases=(q.biases[0] * (1 + 1e-6), *q.biases[1:]))
    with pytest.raises(CheckFailed, match=PEERS[name]):
        peers_evidence([name], net, wrong, "mean")


def test_peers_are_asked_by_name_alone() -> None:
    fn = columns(2, "tanh", "tanh")
    assert not any(word in assert_gradient(fn, TANH).note for word in PEERS.values())
    verdict = assert_gradient(fn, TANH, oracles=["installed"])
    for name, word in PEERS.items():
        assert (word in verdict.note) == (importlib.util.find_spec(name) is not None)
    with pytest.raises(SymderiveError, match="expected torch, jax or installed, found 'tensorflow'"):
        check_gradient(fn, TANH, oracles=["tensorflow"])


def test_a_peer_that_is_missing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SymderiveError, match="expected torch to be installed, found it missing"):
        check_gradient(columns(2, "tanh", "tanh"), TANH, oracles=["torch"])
    assert assert_gradient(columns(2, "tanh", "tanh"), TANH, oracles=["installed"]).holds


# ------------------------------------------------------------------------------------------ equations


@pytest.mark.parametrize(
    ("convention", "delta", "weight"),
    [
        ("columns", r"W^{(2)}_{kj} \delta^{(2)}_{ki}", r"W^{(1)}_{jk}} = \sum_{i=1}^{N} x_{ki} \delta"),
        ("rows", r"W^{(2)}_{jk} \delta^{(2)}_{ik}", r"W^{(1)}_{kj}} = \sum_{i=1}^{N} x_{ik} \delta"),
        ("out-by-in rows", r"W^{(2)}_{kj} \delta^{(2)}_{ik}", r"W^{(1)}_{jk}} = \sum_{i=1}^{N} x_{ik}"),
        ("vectors", r"W^{(2)}_{ij} \delta^{(2)}_{i}", r"W^{(1)}_{jk}} = x_{k} \delta^{(1)}_{j}"),
    ],
)  # fmt: skip
def test_equations_are_in_the_order_of_the_users_arrays(convention: str, delta: str, weight: str) -> None:
    lines = in_latex(network_of(TANH), [("W", 1)], Layout(convention))
    assert len(lines) == 2 and delta in lines[0] and weight in lines[1], lines


def test_equations_have_the_reduction_and_the_penalty_that_were_stated() -> None:
    _, weight, bias = in_latex(network_of(TANH), [("W", 2), ("b", 2)], Layout("rows"), "mean", 0.1)
    assert r"\frac{1}{N} \sum" in weight and r"+ \frac{1}{10} W^{(2)}_{kj}" in weight
    assert r"\frac{1}{N} \sum" in bias and "W" not in bias


def test_the_delta_of_a_softmax_is_as_it_is_written() -> None:
    lines = in_latex(network_of(NETWORKS[1]), [("b", 2)], Layout("rows"))
    assert r"- y_{ij}" in lines[0] and r"e^{z^{(2)}_{ij}}" in lines[0] and " a^{(2)}" not in lines[0]


def test_the_note_has_the_equation_of_what_is_wrong() -> None:
    wrong = columns(2, "tanh", "tanh", spots={"slope": lambda z, a, l: 1})
    verdict = check_gradient(wrong, TANH)
    assert verdict.latex[0].startswith(r"\delta^{(1)}_{ji} = \tanh'\left(z^{(1)}_{ji}\right)")
    assert all(line in verdict.note for line in verdict.latex)
    assert verdict.as_json()["latex"] == list(verdict.latex)
    assert assert_gradient(columns(2, "tanh", "tanh"), TANH).latex == ()


# ---------------------------------------------------------------------------------------------- state


def first_parameters_kept() -> Any:
    """Right at its first call; the parameters of that one for ever."""
    memory: list[Any] = []

    def gradient(Ws: Any, bs: Any, x: Any, y: Any) -> Any:
        if not memory:
            memory.append([w.copy() for w in Ws])
        h = np.tanh(x @ memory[0][0] + bs[0])
        d = np.tanh(h @ memory[0][1] + bs[1])
        d = (d - y) * (1 - d**2)
        e = d @ memory[0][1].T * (1 - h**2)
        return [x.T @ e, h.T @ d], [e.sum(axis=0), d.sum(axis=0)]

    return gradient


def test_the_convention_of_a_function_that_remembers_its_first_call_has_to_be_stated() -> None:
    told = check_gradient(first_parameters_kept(), TANH, form="lists", convention="rows")
    assert (told.status, told.faults) == ("refuted", ("stale",))
    assert "the weights of the whole pass" in told.diagnosis
    untold = check_gradient(first_parameters_kept(), TANH, form="lists")
    assert not untold.holds and untold.faults in ((), ("stale",))
    line = "It keeps something between calls (memory)"
    assert line in untold.note and "give convention=" in untold.note
    # a function that keeps nothing is told nothing of the kind
    odd = columns(2, "tanh", "tanh", spots={"slope": lambda z, a, l: np.cos(z[l])})
    assert "keeps something" not in check_gradient(odd, TANH).note


def test_gradients_that_are_added_up_over_calls() -> None:
    sums: dict[str, Any] = {}

    def growing(p: Any, x: Any, y: Any) -> Any:
        for k, v in columns(2, "tanh", "tanh")(p, x, y).items():
            sums[k] = sums[k] + v if k in sums and sums[k].shape == v.shape else v
        return {k: v.copy() for k, v in sums.items()}

    verdict = check_gradient(growing, TANH, convention="columns")
    assert verdict.faults == ("stale",) and "never set back to 0" in verdict.diagnosis


def test_random_numbers_in_a_gradient_are_told() -> None:
    rng = np.random.default_rng(0)

    def noisy(p: Any, x: Any, y: Any) -> Any:
        found = columns(2, "tanh", "tanh")(p, x, y)
        return {k: v * (rng.random(v.shape) > 0.2) for k, v in found.items()}

    assert check_gradient(noisy, TANH).faults == ("not_repeatable",)


def test_what_is_kept_is_seen_wherever_it_is() -> None:
    class Model:
        def __init__(self) -> None:
            self.cache: Any = None

        def __call__(self, x: Any) -> Any:
            self.cache = np.array([x])
            return x

    def with_default(x: Any, seen: list[Any] = []) -> Any:  # noqa: B006
        seen.append(x)

    model = Model()
    kept = ((model, "Model"), (model.__call__, "Model"), (with_default, "a default argument"))
    for n, (fn, name) in enumerate(kept):
        before = kept_by(fn)
        assert changed(before, kept_by(fn)) == ()
        fn(n)
        assert changed(before, kept_by(fn)) == (name,)
    assert kept_by(len) == {} and kept_by(lambda x: x) == {}
