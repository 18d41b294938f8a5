r"""Linear regressions from many starts: what converges to one answer, how fast, and what does not.

Gradient descent on |X w - y|^2 / 2: the difference of two runs is (1 - eta X^T X)^t d(0), whatever y is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from symderive.claims.evidence import CheckFailed, Evidence
from symderive.errors import SymderiveError
from symderive.reference_arrays import Array

TOLERANCE = 1e-9


@dataclass(frozen=True)
class Answer:
    """What gradient descent on these inputs can be told of before it is run.

    `eigenvalues` of X^T X, ascending; `largest_step` 2 / lambda_max: below it every run converges; `rank`
    of X: below the number of columns the weights depend on the start; `rate(eta)`: the factor by which the
    slowest part of the difference that the samples see shrinks in a step.
    """

    eigenvalues: Array
    rank: int

    @property
    def largest_step(self) -> float:
        """2 / lambda_max"""
        return 2 / float(self.eigenvalues[-1])

    @property
    def unique(self) -> bool:
        """Whether all starts lead to the same weights."""
        return self.rank == len(self.eigenvalues)

    def rate(self, eta: float) -> float:
        """max |1 - eta lambda| over the eigenvalues that are not 0."""
        return float(np.max(np.abs(1 - eta * self.eigenvalues[len(self.eigenvalues) - self.rank :])))


def answer(x: ArrayLike) -> Answer:
    """What the inputs, of shape (samples, weights), say of gradient descent on the sum of squares / 2.

    >>> found = answer([[1.0, 0.0], [1.0, 2.0]])
    >>> found.unique, round(found.largest_step, 4), answer([[1.0, 1.0]]).unique
    (True, 0.382, False)
    """
    X = np.asarray(x, float)
    if X.ndim != 2 or not X.size or not np.all(np.isfinite(X)) or not np.any(X):
        raise SymderiveError(f"inputs: expected a matrix of numbers, not all 0, found shape {X.shape}")
    return Answer(np.linalg.eigvalsh(X.T @ X), int(np.linalg.matrix_rank(X)))


def descend(w: ArrayLike, x: ArrayLike, y: ArrayLike, eta: float, steps: int) -> Array:
    """The weights at every step, of shape (steps + 1, ..., weights), by w - eta X^T (X w - y).

    Many starts run at once: w may have leading axes.

    >>> descend([[0.0], [5.0]], [[1.0]], [2.0], 1.0, 1)[-1].tolist()
    [[2.0], [2.0]]
    """
    first, X, Y = (np.asarray(a, float) for a in (w, x, y))
    if first.shape[-1:] != X.shape[1:] or Y.shape != X.shape[:1]:
        raise SymderiveError(
            f"expected w (.., K), x (B, K) and y (B,), found {first.shape}, {X.shape}, {Y.shape}"
        )
    found = [first]
    for _ in range(steps):
        found.append(found[-1] - eta * (found[-1] @ X.T - Y) @ X)
    return np.array(found)


def evidence(seed: int) -> tuple[Evidence, ...]:
    """One answer, its rate, and a rank that is too small, on random inputs.

    >>> [e.status for e in evidence(1)]
    ['numeric', 'numeric', 'numeric']
    """
    rng = np.random.default_rng(seed)
    x, y, starts = rng.normal(size=(9, 4)), rng.normal(size=9), rng.normal(size=(6, 4))
    known = answer(x)
    eta = 1 / known.eigenvalues[-1]
    rate = known.rate(eta)
    steps = int(np.ceil(np.log(1e-12) / np.log(rate)))
    run = descend(starts, x, y, eta, steps)
    best = np.linalg.lstsq(x, y, rcond=None)[0]
    found = [
        _within(
            float(np.max(np.abs(run[-1] - best))), f"six starts and least squares after {steps} steps", seed
        )
    ]
    # along the slowest eigenvector, as long as there is something left to measure
    slowest = np.linalg.eigh(x.T @ x)[1][:, 0]
    along = (run[: steps // 3, 0] - run[: steps // 3, 1]) @ slowest
    predicted = along[0] * rate ** np.arange(len(along))
    error = float(np.max(np.abs(along / predicted - 1)))
    found.append(_within(error, "the difference of two runs along the slowest eigenvector", seed))
    short = x[:3]  # four weights, three samples
    eta = 1 / answer(short).eigenvalues[-1]
    steps = int(np.ceil(np.log(1e-12) / np.log(answer(short).rate(eta))))
    ends = descend(starts, short, y[:3], eta, steps)[-1]
    apart = float(np.max(np.abs(ends[0] - ends[1])))
    if not apart > 1e-3:
        raise CheckFailed(f"expected weights that differ where the rank is too small, found a gap of {apart}")
    spread = np.max(np.abs(ends @ short.T - y[:3]))
    found.append(
        _within(
            float(spread), f"three samples, four weights: weights differ by {apart:.2g}, predictions", seed
        )
    )
    return tuple(found)


def _within(error: float, text: str, seed: int) -> Evidence:
    if not error <= TOLERANCE:
        raise CheckFailed(f"{text}: expected at most {TOLERANCE}, found {error}")
    return Evidence("numeric", text, max(error, 0.0), seed=seed)


__all__ = ["Answer", "answer", "descend", "evidence"]
