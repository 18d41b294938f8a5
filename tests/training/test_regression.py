"""Regressions against least squares, and the rate; what a rank that is too small leaves."""

from __future__ import annotations

import numpy as np
import pytest

from symderive.claims.evidence import CheckFailed
from symderive.errors import SymderiveError
from symderive.training import regression
from symderive.training.regression import answer, descend


def test_all_starts_reach_least_squares() -> None:
    rng = np.random.default_rng(3)
    x, y, starts = rng.normal(size=(8, 3)), rng.normal(size=8), rng.normal(size=(4, 3))
    eta = answer(x).largest_step / 2
    ends = descend(starts, x, y, eta, 2_000)[-1]
    assert np.allclose(ends, np.linalg.lstsq(x, y, rcond=None)[0], atol=1e-10)


def test_scikit_learn_says_the_same() -> None:
    linear = pytest.importorskip("sklearn.linear_model")
    rng = np.random.default_rng(5)
    x, y = rng.normal(size=(9, 2)), rng.normal(size=9)
    fitted = linear.LinearRegression(fit_intercept=False).fit(x, y).coef_
    assert np.allclose(descend(np.zeros(2), x, y, answer(x).largest_step / 2, 1_500)[-1], fitted, atol=1e-9)


def test_the_largest_step_is_the_largest() -> None:
    rng = np.random.default_rng(4)
    x, y, starts = rng.normal(size=(8, 3)), rng.normal(size=8), rng.normal(size=(2, 3))
    for share, below in ((0.99, True), (1.01, False)):
        run = descend(starts, x, y, share * answer(x).largest_step, 3_000)
        gap = np.linalg.norm(run[:, 0] - run[:, 1], axis=-1)
        assert (gap[-1] < gap[0]) == below


def test_the_rate_is_reached_along_the_slowest_eigenvector() -> None:
    x, y = np.diag([1.0, 3.0]), np.zeros(2)
    known = answer(x)
    assert known.eigenvalues.tolist() == [1, 9] and known.rate(0.1) == pytest.approx(0.9)
    run = descend([[1.0, 0.0], [0.0, 0.0]], x, y, 0.1, 5)
    assert np.allclose(run[:, 0, 0], 0.9 ** np.arange(6))


def test_what_no_sample_sees_stays() -> None:
    x, y = np.array([[1.0, 1.0]]), np.array([2.0])
    ends = descend([[1.0, 0.0], [0.0, 3.0]], x, y, 0.1, 500)[-1]
    assert np.allclose(ends @ [1, -1], [1, -3]) and np.allclose(ends @ x.T, 2)
    assert not answer(x).unique and answer(x).rate(0.1) == pytest.approx(0.8)


@pytest.mark.parametrize("call", [lambda: answer([1.0]), lambda: answer([[0.0]]), lambda: answer([[np.nan]])])
def test_inputs_that_are_none(call: object) -> None:
    with pytest.raises(SymderiveError, match="inputs: expected a matrix of numbers, not all 0"):
        call()  # type: ignore[operator]


def test_shapes_that_do_not_fit() -> None:
    with pytest.raises(SymderiveError, match=r"found \(2,\), \(1, 3\), \(1,\)"):
        descend([1.0, 2.0], [[1.0, 2.0, 3.0]], [1.0], 0.1, 1)


def test_a_descent_with_the_wrong_gradient_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    real = regression.descend

    def wrong(w: object, x: object, y: object, eta: float, steps: int) -> object:
        return real(w, x, 1.01 * np.asarray(y), eta, steps)  # type: ignore[arg-type]

    monkeypatch.setattr(regression, "descend", wrong)
    with pytest.raises(CheckFailed, match="six starts and least squares"):
        regression.evidence(1)


def test_a_rate_that_is_too_small_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    real = regression.Answer.rate
    monkeypatch.setattr(regression.Answer, "rate", lambda self, eta: 0.999 * real(self, eta))
    with pytest.raises(CheckFailed, match="along the slowest eigenvector"):
        regression.evidence(1)
