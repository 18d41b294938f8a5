"""T5 and T7 by training: what stays tied with every optimiser, what does not, and runs that are refused."""

from __future__ import annotations

import sys
import time
from itertools import islice
from typing import Any

import numpy as np
import pytest

from proofs.trained import balanced, exact, run, tied
from symderive import reference, reference_optimisers
from symderive.claims.colouring import coarsest_balanced_colouring, is_balanced
from symderive.claims.evidence import CheckFailed
from symderive.errors import SymderiveError

SEEDS = (0, 20_260)


def test_the_runs_are_of_all_optimisers_of_the_reference() -> None:
    assert {r.name for r in run.RULES.values()} == set(reference_optimisers.NAMES)
    assert run.STEPS == 500 and max(tied.DRIFT, balanced.DRIFT) <= 1e-9
    assert {name for name, _ in exact.RULES.values()} == {"gd", "heavy_ball", "nesterov", "sign_descent"}


def test_all_runs_together_take_less_than_20_seconds() -> None:
    start = time.process_time()
    found = [*tied.every(3), *balanced.every(3), *exact.every(3)]
    assert time.process_time() - start < 20 or sys.gettrace()  # a tracer takes several times as long
    assert {e.status for e in found} == {"numeric", "refuted"} and len(found) > 180
    assert all(e.error is not None and e.error <= 1e-9 for e in found if e.status == "numeric")


# ----------------------------------------------------------------------------------------- the run itself


@pytest.mark.parametrize("rule", run.RULES)
def test_the_network_learns(rule: str) -> None:
    """A run in which nothing moves would keep every tie: costs fall, and every array moves."""
    network = tied.network("odd")
    _, start = tied.tied("odd", 5, 1)
    end = run.after(run.run(network, start, run.RULES[rule], 5))
    x, y = reference.random_data(network, 2_000, 1)
    before, after = (reference.cost(network, p.weights, p.biases, x, y) for p in (start, end))
    assert after < 0.9 * before
    for a, b in zip(start.arrays(), end.arrays(), strict=True):
        assert run.relative(a, b) > 1e-2


def test_a_mask_is_dropout() -> None:
    """The thinned gradient against the complex step of a forward pass with the mask in it."""
    network = tied.network("mixed")
    weights, biases = reference.random_parameters(network, 0)
    x, y = reference.random_data(network, 4, 0)
    masks = [np.array([0, 2, 2, 0, 2, 0.0]), np.array([2, 0, 2, 2, 0.0])]
    found = run._gradient(network, weights, biases, x, y, masks)

    def cost(w: list[Any], b: list[Any]) -> Any:
        a = x
        for n, (W, c) in enumerate(zip(w, b, strict=True)):
            z = a @ W.T + c
            a = [np.tanh(z), np.log(1 + np.exp(z)), 1 / (1 + np.exp(-z))][n]
            a = a * masks[n] if n < 2 else a
        return 0.5 * np.mean(np.sum((a - y) ** 2, axis=1))

    for n, a in enumerate([*weights, *biases]):
        for at in np.ndindex(a.shape):
            moved: list[Any] = [v.astype(complex) for v in (*weights, *biases)]
            moved[n][at] += 1e-30j
            slope = cost(moved[:3], moved[3:]).imag / 1e-30
            assert found[n][at] == pytest.approx(slope, rel=1e-10, abs=1e-14)


def test_every_step_has_other_samples_and_another_rate() -> None:
    network = tied.network("mixed")
    _, start = tied.tied("mixed", 0, 1)
    w, b = start.weights, start.biases
    for t, at in enumerate(islice(run.run(network, start, run.RULES["gd"], 0), 5)):
        x, y = reference.random_data(network, run.SAMPLES, 1000 + t)
        g = reference.backward(network, w, b, x, y)
        w = [a - 0.3 / (1 + t % 3) * d for a, d in zip(w, g.weights, strict=True)]
        b = [a - 0.3 / (1 + t % 3) * d for a, d in zip(b, g.biases, strict=True)]
        assert all(np.allclose(p, q, rtol=1e-13) for p, q in zip([*w, *b], at.arrays(), strict=True))


# ------------------------------------------------------------------------------------------------ T5, ties


@pytest.mark.parametrize("sign", [1, -1])
def test_a_tie_is_what_it_says_and_no_more(sign: int) -> None:
    tie, at = tied.tied("odd", 4, 2, sign)
    w, b, v = at.weights[1], at.biases[1], at.weights[2]
    assert tie.p != tie.q and tie.gap(at) == 0
    assert np.array_equal(w[tie.q], sign * w[tie.p]) and b[tie.q] == sign * b[tie.p]
    assert np.array_equal(v[:, tie.q], sign * v[:, tie.p])
    assert len({abs(float(r[0])) for r in w}) == len(w) - 1
    for spoiled in (w[tie.q : tie.q + 1], b[tie.q : tie.q + 1], v[:, tie.q]):
        spoiled += 0.1
        assert tie.gap(at) > 1e-3
        spoiled -= 0.1


@pytest.mark.parametrize("rule", run.RULES)
@pytest.mark.parametrize("seed", SEEDS)
def test_ties_stay(seed: int, rule: str) -> None:
    for found in (tied.staying(seed, rule), tied.staying(seed, rule, "relu"), tied.signed(seed, rule)):
        assert found.status == "numeric" and found.seed == seed
        assert found.error is not None and found.error <= tied.DRIFT


@pytest.mark.parametrize("what", tied.BROKEN)
def test_ties_break_without_a_hypothesis(what: str) -> None:
    for rule in run.RULES:
        if tied.breakable(what, rule):
            for layer in tied.HIDDEN:
                assert tied.breaking(1, rule, what, layer).status == "refuted"


def test_only_optimisers_with_states_have_unequal_ones() -> None:
    without = [rule for rule in run.RULES if not tied.breakable("unequal states", rule)]
    assert without == ["gd", "gd with l2 decay", "sign descent", "clipped gd"]
    assert tied.breakable("dropout", "gd")


def test_a_tie_that_breaks_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """An optimiser that treats the first row of an array in its own way does not commute with a swap."""
    row = reference_optimisers.TABLE["gd"]

    def unfair(w: Any, g: Any, t: int, h: Any) -> tuple[Any, ...]:
        scale = np.ones(len(w))
        scale[::2] = 0.5
        return (w - h["eta"] * (g.T * scale).T,)

    table = {**reference_optimisers.TABLE, "gd": reference_optimisers.Row((), row.numbers, unfair)}
    monkeypatch.setattr(reference_optimisers, "TABLE", table)
    with pytest.raises(CheckFailed, match=r"tied neurons 1 and 4 of layer 1 after 50 steps of gd: .* 1e-09"):
        tied.staying(2, "gd", steps=50)
    with pytest.raises(CheckFailed, match="balanced colouring after 50 steps of gd: relative gap"):
        balanced.staying_balanced(2, "gd", steps=50)
    with pytest.raises(CheckFailed, match="exact tie in layer 1: broken by step 1 of gd"):
        exact.staying(2, "gd")
    with pytest.raises(CheckFailed, match="exact balanced colouring: broken by step 1 of gd"):
        exact.staying_balanced(2, "gd")


def test_an_update_that_is_not_odd_breaks_signed_ties_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    row = reference_optimisers.TABLE["gd"]

    def uneven(w: Any, g: Any, t: int, h: Any) -> tuple[Any, ...]:
        return (w - h["eta"] * (g + g * g),)

    table = {**reference_optimisers.TABLE, "gd": reference_optimisers.Row((), row.numbers, uneven)}
    monkeypatch.setattr(reference_optimisers, "TABLE", table)
    assert tied.staying(0, "gd").status == "numeric"
    assert exact.staying(0, "gd").error == 0
    with pytest.raises(CheckFailed, match=r"tied neurons .* after 20 steps of gd"):
        tied.signed(0, "gd", 20)
    with pytest.raises(CheckFailed, match="exact tie in layer 1: broken by step 1 of gd"):
        exact.staying(0, "gd", -1)


def test_what_does_not_come_apart_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hypothesis that is not broken after all, or whose breach is in what should start equal."""

    def whole(seed: int, layer: int, rule: Any) -> Any:
        return "mixed", *tied.tied("mixed", seed, layer), run.CALM

    monkeypatch.setattr(tied, "BROKEN", {"nothing": (whole, (0, 1, 2)), "biases": (tied._biases, (1,))})
    with pytest.raises(CheckFailed, match=r"nothing, 20 steps of gd: expected a gap above 0.01, found 0"):
        tied.breaking(0, "gd", "nothing", steps=20)
    with pytest.raises(CheckFailed, match="biases: expected no gap to start with, found"):
        tied.breaking(0, "gd", "biases")


# ------------------------------------------------------------------------------------ T7, balanced colourings


@pytest.mark.parametrize("seed", SEEDS)
def test_the_start_is_balanced_and_its_weights_differ(seed: int) -> None:
    start = balanced.balanced(seed)
    assert is_balanced(start.weights, start.biases, balanced.COLOURS, 1e-12)
    assert coarsest_balanced_colouring(start.weights, start.biases, 1e-12) == balanced.COLOURS
    # no two neurons of a colour of layer 2 have equal incoming weights: it is no permutation tie
    rows = start.weights[1]
    for own in balanced.members(2):
        assert len({tuple(np.round(rows[j], 9)) for j in own}) == len(own) >= 2
    w, b = np.split(np.array(exact.balanced(seed), dtype=object), 2)
    assert is_balanced(list(w), list(b), exact.COLOURS)


@pytest.mark.parametrize("rule", balanced.LINEAR)
@pytest.mark.parametrize("seed", SEEDS)
def test_colourings_stay_balanced(seed: int, rule: str) -> None:
    found = balanced.staying_balanced(seed, rule)
    assert found.error is not None and found.error <= balanced.DRIFT


def test_an_elementwise_update_need_not_keep_a_colouring_balanced() -> None:
    """Adam with l2 decay sees g + alpha w, which differs within a block, and bends it."""
    assert set(run.RULES) - set(balanced.LINEAR) == {"adam with l2 decay"}
    with pytest.raises(
        CheckFailed, match=r"balanced colouring after 500 steps of adam with l2 decay: .* gap"
    ):
        balanced.staying_balanced(0, "adam with l2 decay")


@pytest.mark.parametrize("what", balanced.BROKEN)
def test_colourings_break_without_a_hypothesis(what: str) -> None:
    rules = [rule for rule in run.RULES if balanced.breakable(what, rule)]
    assert rules
    for rule in rules:
        assert balanced.coming_apart(1, rule, what).status == "refuted"


@pytest.mark.parametrize("rule", ["gd", "adam"])
def test_a_colouring_that_stays_is_refused_as_a_counterexample(rule: str) -> None:
    with pytest.raises(CheckFailed, match=f"20 steps of {rule}: expected a gap above 0.01, found"):
        balanced.coming_apart(0, rule, "an update that is not affine in the weight", 20)


def test_sums_that_drift_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The weights themselves are looked at, not what the network makes of them alone."""
    monkeypatch.setattr(balanced, "gap", lambda at, seed: 0.0)
    with pytest.raises(CheckFailed, match="sums of weights that differ by more than 1e-09"):
        balanced.staying_balanced(0, "adam with l2 decay", 5)
    monkeypatch.setattr(balanced, "is_balanced", lambda *_: True)
    with pytest.raises(CheckFailed, match=r"expected the colours .* as the coarsest, found"):
        balanced.staying_balanced(0, "adam with l2 decay", 5)


def test_exact_weights_that_are_equal_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def flat(seed: int) -> Any:
        found = real(seed)
        for m in range(3):
            w = found[m]
            for rows in set(exact.COLOURS[m + 1]):
                for columns in set(exact.COLOURS[m]):
                    block = np.ix_(
                        [j for j, c in enumerate(exact.COLOURS[m + 1]) if c == rows],
                        [k for k, c in enumerate(exact.COLOURS[m]) if c == columns],
                    )
                    w[block] = w[block].sum() / w[block].size
        return found

    real = exact.balanced
    monkeypatch.setattr(exact, "balanced", flat)
    with pytest.raises(CheckFailed, match="exact balanced colouring: equal weights after step 1 of gd"):
        exact.staying_balanced(0, "gd")


def test_weights_that_are_equal_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """With equal weights in every block it would be a permutation tie, and T5 again."""
    monkeypatch.setattr(balanced, "centred", np.zeros_like)
    with pytest.raises(CheckFailed, match=r"weights that differ by 0, expected 0.01 at least"):
        balanced.staying_balanced(0, "gd", 5)


# -------------------------------------------------------------------------------------------- exact runs


@pytest.mark.parametrize("rule", exact.RULES)
@pytest.mark.parametrize("what", exact.CHECKS)
def test_exact_runs(what: str, rule: str) -> None:
    for seed in range(3):
        found = exact.CHECKS[what](seed, rule)
        assert found.error == 0 and "exact fractions" in found.text


def test_exact_runs_are_exact_and_move() -> None:
    for widths, number, rounded in exact.RUNS:
        network = exact._network(widths, exact.ODD)
        start = exact.drawn(0, widths)
        *_, end = exact.steps(network, start, "nesterov", 0, number, rounded)
        for a, b in zip(start, end, strict=True):
            assert all(type(v) in (int, exact.Fraction) for v in b.ravel())
            assert not np.array_equal(a, b)
        denominators = [v.denominator for a in end for v in a.ravel()]
        assert max(denominators) <= exact.GRID if rounded else max(denominators) > 10**50
    assert exact.ODD.value(exact.Fraction(-1, 3)) == -exact.ODD.value(exact.Fraction(1, 3))
    assert exact.CURVED.value(exact.Fraction(-1, 3)) != -exact.CURVED.value(exact.Fraction(1, 3))


def test_rounding_is_odd() -> None:
    values = np.array([exact.Fraction(n, 2 * exact.GRID) for n in range(-9, 10)], dtype=object)
    assert np.array_equal(exact._rounded(-values), -exact._rounded(values))


def test_a_run_that_diverges_is_refused() -> None:
    start = [100 * a for a in exact.drawn(0, (2, 4, 3))]
    with pytest.raises(CheckFailed, match="exact run of gd: expected weights up to 4, found one above it"):
        list(exact.steps(exact._network((2, 4, 3), exact.ODD), start, "gd", 0, 3, False))


# ---------------------------------------------------------------------------------------- users' mistakes


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (lambda: tied.staying(0, "newton"), "rule: expected one of gd, .*, found 'newton'"),
        (lambda: balanced.staying_balanced(0, "newton"), "rule: expected one of gd, .*, found 'newton'"),
        (
            lambda: tied.breaking(0, "gd", "luck"),
            "hypothesis: expected one of unequal outgoing weights, .*'luck'",
        ),
        (
            lambda: balanced.coming_apart(0, "gd", "luck"),
            "hypothesis: expected one of unequal biases, .*'luck'",
        ),
    ],
)
def test_unknown_names_are_refused(made: Any, says: str) -> None:
    with pytest.raises(SymderiveError, match=says):
        made()
