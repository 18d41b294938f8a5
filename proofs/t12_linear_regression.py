r"""T12. Independent linear regressions on the same samples converge to one answer: least squares is convex.

Two runs of gradient descent on C = sum_s (o_s - y_s)^2 / 2, o_s = sum_k x_{sk} w_k, differ by

    d_k(t+1) = d_k(t) - eta_t sum_s x_{sk} e_s(t),   e_s = sum_k x_{sk} d_k,

whatever the targets are. This is the contrast to T11, where the difference between two neurons grows.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from proofs.regression_answers import critical
from proofs.regression_rates import along_an_eigenvector, contraction, unseen_direction
from proofs.setting import B, T
from proofs.two_regressions import ORDER, K, difference_of_gradients, one_step, regression_system, runs
from proofs.witnesses.t12 import witnesses
from symderive.claims.evidence import Evidence
from symderive.claims.instance import at_instance
from symderive.proof.result import Argument, Proposition, Proved
from symderive.reference_arrays import Array
from symderive.training import regression

KEY, NAME = "T12", "linear_regression"
ASSUMES = (
    "the same inputs at every step", "eigenvector of the inputs", "a direction that no sample sees",
    "the gradient is 0", "the gradient of the second run is 0", "full column rank",
    "no eigenvalue above Lambda", "no eigenvalue below mu", "step size below 2 / Lambda",
)  # fmt: skip


def numeric(seed: int) -> tuple[Evidence, ...]:
    """The theorem on real arrays, and each equation at numbers that obey its hypotheses."""
    return (*regression.evidence(seed), *instances(seed))


def instances(seed: int) -> tuple[Evidence, ...]:
    """Inputs, starts and slacks from NumPy, which knows eigenvalues, null spaces and inverses on its own."""
    rng = np.random.default_rng(seed)
    theorems = {p.name: p.theorem for p in prove().propositions}
    steps, eta = 3, 0.05
    x, y, starts = rng.normal(size=(5, 3)), rng.normal(size=5), rng.normal(size=(2, 3))
    sizes = {T: steps, B: 5, K: 3}

    def data(x: Array, y: Array, *starts: Array) -> dict[str, ArrayLike]:
        w, v = np.moveaxis(regression.descend(np.stack(starts), x, y, eta, steps), 1, 0)
        given = {"x": x, "y": y, "eta": eta}
        return {
            "w": w, "w_0": w[0], "w_tilde": v,
            **{name: np.stack([np.asarray(a)] * (steps + 1)) for name, a in given.items()},
        }  # fmt: skip

    values, vectors = np.linalg.eigh(x.T @ x)
    d = np.diff(regression.descend(starts[::-1], x, y, eta, steps), axis=1)[:, 0]
    e = d @ x.T
    ends = {
        "mu": values[0],
        "Lambda": values[-1],
        "c": np.full(steps + 1, np.sqrt(eta * (2 - eta * values[-1]))),
    }
    squares = [
        values[-1] * np.sum(e**2, 1) - np.sum((e @ x) ** 2, 1),
        np.sum(e**2, 1) - values[0] * np.sum(d**2, 1),
    ]
    slack = dict(zip(("r", "rho"), np.sqrt(np.maximum(squares, 0)), strict=True))
    full = data(x, y, *starts)
    along = {"X": x, "v": vectors[:, 1], "lambda": values[1]}
    best = np.linalg.lstsq(x, y, rcond=None)[0]
    flat, level = x[:2], y[:2]
    unseen = np.linalg.svd(flat)[2][-1]
    some = np.linalg.lstsq(flat, level, rcond=None)[0]
    inverse = np.linalg.pinv(x)
    definitions = [h for law in runs().laws.values() for h in law.hypotheses]
    return tuple(
        at_instance(
            theorems[name], name, given, {**sizes, B: len(np.asarray(given["y"])[0])}, seed, definitions
        )
        for name, given in (
            ("contraction", {**full, **ends, **slack}),
            ("along an eigenvector", {**full, **along}),
            ("unseen directions", {**data(flat, level, *starts), "n": unseen}),
            ("predictions", data(flat, level, some, some + 2 * unseen)),
            ("one answer", {**data(x, y, best, best), "g": inverse}),
            ("minimum", data(x, y, starts[0], best)),
        )
    )


@cache
def prove() -> Proved:
    """Any number of weights and samples, any targets and step sizes."""
    at = critical()
    along, eigen_step, eigen_next = along_an_eigenvector()
    unseen, unseen_step = unseen_direction()
    shrinks = contraction()
    gradients, step = difference_of_gradients(), one_step()
    return Proved(
        KEY,
        NAME,
        "Independent linear regressions converge to one answer",
        "Many linear regressions on the same samples, from different starts, do end with the same "
        "predictions, "
        "and with the same weights where the inputs have full column rank: the difference of two runs "
        "obeys a "
        "linear equation in which the targets do not occur, and every step below 2 / Lambda shrinks it. "
        "Neurons "
        "are not such regressions: each fits what the others leave, and in T11 the difference between two of "
        "them grows. Inequalities are stated with squares: a is at most b where b - a is the square of a "
        "real "
        "number, so that r, rho and c below say that a difference is at least 0. Where mu is above 0 and "
        "c is "
        "not 0, the factor 1 - mu c^2 is below 1, and after t steps the squared difference is at most its "
        "t-th power times that of the start.",
        regression_system(),
        (
            Proposition(
                "difference of the gradients",
                "The gradients of two runs differ by what the inputs carry back of the difference of their "
                "predictions; the targets cancel.",
                gradients.theorem,
                (Argument.of("The gradients", gradients),),
            ),
            Proposition(
                "one step",
                "A step changes the difference of the weights by what the inputs carry back of the "
                "difference of the predictions, and by nothing else.",
                step.theorem,
                (Argument.of("One step", step),),
            ),
            Proposition(
                "contraction",
                "No eigenvalue of the inputs' second moments lies above Lambda or below mu, and the step "
                "size "
                "lies between 0 and 2 / Lambda: then every step shrinks the squared difference, at least by "
                "the factor $1 - \\mu c^2$.",
                shrinks.theorem,
                (Argument.of("One step, squared", shrinks),),
            ),
            Proposition(
                "along an eigenvector",
                "Along an eigenvector of the second moments the difference is multiplied by $1 - \\eta "
                "\\lambda$ in "
                "every step: this is the rate, and it is exact.",
                along,
                (Argument.of("One step", eigen_step), Argument.of("The induction", eigen_next)),
            ),
            Proposition(
                "unseen directions",
                "A direction that no sample sees keeps what the start had in it: where the inputs have "
                "not full "
                "column rank, different starts end with different weights.",
                unseen,
                (Argument.of("One step", unseen_step),),
            ),
            Proposition(
                "predictions",
                "Where both gradients are 0, the predictions agree for every sample, whatever the rank.",
                at.predictions.theorem,
                (
                    Argument.of("The squares of the differences", at.squares),
                    Argument.of("The predictions", at.predictions),
                ),
            ),
            Proposition(
                "one answer",
                "Where both gradients are 0 and the inputs have full column rank, which is to say a left "
                "inverse "
                "g, both runs have the same weights.",
                at.weights.theorem,
                (Argument.of("The weights", at.weights),),
            ),
            Proposition(
                "minimum",
                "Where the gradient of the second run is 0, its cost is the least: any other is larger "
                "by half "
                "the squared difference of the predictions.",
                at.minimum.theorem,
                (Argument.of("The cost", at.minimum),),
            ),
        ),
        order=ORDER,
        sources=(
            "Goodfellow, Bengio, Courville 2016, sections 5.1.4 and 4.3",
            "Boyd, Vandenberghe 2004, section 9.3",
        ),
        witnesses=witnesses(),
    )
