"""Runs on XOR: no tied start goes below 1/6, and the starts are what they are called."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from symderive import reference
from symderive.claims.evidence import CheckFailed
from symderive.errors import SymderiveError
from symderive.training import xor


@pytest.mark.parametrize("kind", xor.STARTS)
def test_what_starts_tied_stays_tied_and_above_the_bound(kind: str) -> None:
    run = xor.train(kind, seed=1, steps=400)
    tied = kind != "random"
    assert (run.gap < 1e-9) == tied
    assert (run.loss.min() >= xor.BOUND) == tied


def test_zeros_never_move_but_for_the_last_bias() -> None:
    run = xor.train("zero", seed=1, steps=200)
    assert run.loss[0] == 0.5 and run.loss[-1] == pytest.approx(0.25) and run.gap == 0


def test_monotone_functions_of_a_form_by_search() -> None:
    """The bound by brute force, without the proof: isotonic fits over a grid of forms."""
    best = 1.0
    for a, b in product(np.linspace(-2, 2, 9), repeat=2):
        z = xor.INPUTS @ np.array([a, b])
        for sign in (-1, 1):
            order = np.argsort(sign * z, kind="stable")
            # equal values of the form have one output
            groups = [[order[0]]]
            for n in order[1:]:
                if z[n] == z[groups[-1][0]]:
                    groups[-1].append(n)
                else:
                    groups.append([n])
            blocks = [(float(xor.TARGETS[g].mean()), len(g)) for g in groups]
            pooled: list[tuple[float, int]] = []
            for value, weight in blocks:
                pooled.append((value, weight))
                while len(pooled) > 1 and pooled[-2][0] > pooled[-1][0]:
                    (u, m), (v, n) = pooled[-2:]
                    pooled[-2:] = [((u * m + v * n) / (m + n), m + n)]
            fitted = np.concatenate([np.full(n, v) for v, n in pooled])
            truth = np.concatenate([xor.TARGETS[g, 0] for g in groups])
            best = min(best, float(np.mean((fitted - truth) ** 2)))
    assert best == pytest.approx(xor.BOUND)


def test_tied_numbers_are_those_of_a_tied_network_of_these_signs() -> None:
    for signs in product((1, -1), repeat=2):
        given = xor.tied_numbers(1, (2, 3, 2, 1), signs)
        assert np.all(given["w"][0, :3, :2] == given["w"][0, 0, :2])
        kappa = given["w"][2, 0, :2].sum() * given["w"][1, 0, :3].sum()
        assert np.sign(kappa * given["w"][0, 0, 1]) == signs[0]
        assert np.sign(kappa * given["w"][0, 0, 0]) == signs[1]
        weights = [given["w"][0, :3, :2], given["w"][1, :2, :3], given["w"][2, :1, :2]]
        biases = [given["b"][0, :3], given["b"][1, :2], given["b"][2, :1]]
        net = reference.Network((2, 3, 2, 1), "tanh", "squared_error")
        z, a = reference.forward(net, weights, biases, xor.INPUTS)
        slope = (a[3][3, 0] - a[3][1, 0]) / (z[2][3, 0] - z[2][1, 0])
        assert given["m"][2, 3, 1, 0] ** 2 == pytest.approx(slope)


def test_a_start_that_is_none() -> None:
    with pytest.raises(
        SymderiveError, match="start: expected one of random, tied, constant, zero, found 'one'"
    ):
        xor.train("one", 1, 1)


def test_a_tied_run_below_the_bound_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    real = xor.start
    monkeypatch.setattr(xor, "start", lambda kind, net, seed: real("random", net, seed))
    with pytest.raises(CheckFailed, match="expected a loss of at least 1/6"):
        xor.evidence(1)


def test_random_starts_that_stay_above_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    real = xor.start
    monkeypatch.setattr(xor, "start", lambda kind, net, seed: real("constant", net, seed))
    with pytest.raises(CheckFailed, match="expected a loss below 1/12"):
        xor.evidence(1, 100)
