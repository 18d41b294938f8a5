r"""The data of the figures: real runs of the NumPy reference, reproducible from a seed. `drawing` draws them.

| figure | shows |
|---|---|
| `gap` | two nearly tied neurons: their difference at every step, and the predicted rate (T10) |
| `one_answer` | independent regressions meet in one point, neurons do not (T11, T12) |
| `flow` | sum and difference of a neuron's two weights under gradient flow (T11) |
| `xor` | the loss on XOR from tied, constant, zero and random starts (T13) |
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from symderive import reference
from symderive.errors import SymderiveError
from symderive.reference_arrays import Array
from symderive.training import closed_form, regression, xor
from symderive.training.nearly_tied import NearlyTied, nearly_tied

NAMES = ("gap", "one_answer", "flow", "xor")


@dataclass(frozen=True)
class Line:
    """A curve: its points, and what it is called in the legend, if it has a place there."""

    x: Array
    y: Array
    label: str = ""
    style: str = "solid"
    ends: bool = False
    """Whether the start carries a ring and the end a dot."""
    colour: int | None = None
    """Lines of one colour belong together; without one, a line has the next that is free."""


@dataclass(frozen=True)
class Panel:
    """One set of axes: lines, the words beside the axes, and how they are scaled."""

    title: str
    x: str
    y: str
    lines: tuple[Line, ...]
    log: bool = False
    equal: bool = False
    limits: tuple[float, float, float, float] | None = None
    field: tuple[Array, Array, Array, Array] | None = None
    """Arrows: their x, y, and their two components."""


@dataclass(frozen=True)
class Figure:
    """What a figure shows: panels side by side, a title for screen readers, and the seed."""

    name: str
    title: str
    panels: tuple[Panel, ...]
    seed: int

    def arrays(self) -> Mapping[str, Array]:
        """The numbers of all lines, by panel and line, as rows of points."""
        return {
            f"{n}.{m}": np.stack((line.x, line.y), axis=1)
            for n, panel in enumerate(self.panels, 1)
            for m, line in enumerate(panel.lines, 1)
        }


def gap(seed: int, rate: float | None = None, run: NearlyTied | None = None) -> Figure:
    """The difference between two nearly tied neurons, on a log scale, against start times rate^t.

    `rate` is the factor per step that a prediction says; without it, that of the Hessian at the tied point,
    by differences of the reference's gradients.
    """
    run = nearly_tied(seed) if run is None else run
    rate = run.rate if rate is None else rate
    steps = np.arange(len(run.gap))
    predicted = run.gap[0] * float(rate) ** steps
    shown = predicted <= 10 * run.gap.max()
    panel = Panel(
        "Two neurons that start almost equal",
        "step of gradient descent",
        "difference between them",
        (
            Line(steps, run.gap, "difference of the two neurons"),
            Line(steps[shown], predicted[shown], f"predicted: times {rate:.4f} in every step", "dashed"),
        ),
        log=True,
    )
    return Figure("gap", "The gap between two neurons grows at the predicted rate", (panel,), seed)


def one_answer(seed: int, runs: int = 5, steps: int = 600) -> Figure:
    """Linear regressions from several starts, and the neurons of one network on the same samples."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(20, 2))
    y = np.tanh(x @ np.array([1.5, -0.5])) + np.tanh(x @ np.array([0.3, 1.2]))
    starts = rng.normal(size=(runs, 2))
    paths = regression.descend(starts, x, y, 0.2 / len(x), steps)
    alone = tuple(Line(paths[:, n, 0], paths[:, n, 1], ends=True) for n in range(runs))
    net = reference.Network((2, runs, 1), ["tanh", "identity"], "squared_error", reduction="mean")
    weights, biases = reference.random_parameters(net, seed)
    weights[0] = starts.copy()
    kept = [weights[0]]
    for _ in range(8 * steps):
        g = reference.backward(net, weights, biases, x, y[:, None])
        weights = [w - 0.2 * d for w, d in zip(weights, g.weights, strict=True)]
        biases = [b - 0.2 * d for b, d in zip(biases, g.biases, strict=True)]
        kept.append(weights[0])
    moved = np.array(kept)
    together = tuple(Line(moved[:, n, 0], moved[:, n, 1], ends=True) for n in range(runs))
    return Figure(
        "one_answer",
        "Independent regressions reach one answer, the neurons of a network do not",
        (
            Panel(
                f"{runs} linear regressions (ring: start, dot: end)",
                "weight w1",
                "weight w2",
                alone,
                equal=True,
            ),
            Panel(
                f"{runs} neurons of one network",
                "incoming weight w1",
                "incoming weight w2",
                together,
                equal=True,
            ),
        ),
        seed,
    )


def flow(seed: int, s: float = 1.0, neurons: int = 6) -> Figure:
    """The plane of p = w + v and q = w - v: p' = (s - u) p, q' = (u - s) q, u = (p^2 - q^2) / 4."""
    rng = np.random.default_rng(seed)
    most = 3.0
    sides = np.linspace(-most, most, 17)
    P, Q = np.meshgrid(sides, sides)
    error = s - (P**2 - Q**2) / 4
    length = np.hypot(error * P, -error * Q)
    safe = np.where(length > 0, length, 1.0)
    lines = []
    ends = np.linspace(-most, most, 201)
    for sign in (-1, 1):
        target = sign * np.sqrt(4 * s + ends**2)
        lines.append(Line(target, ends, "output on target" if sign > 0 else "", "dashed", colour=1))
    for n in range(neurons):
        p, q = (2 * rng.integers(0, 2, size=2) - 1) * rng.uniform(0.2, 2.5, size=2)
        w, v = np.array([(p + q) / 2]), np.array([(p - q) / 2])
        path = [np.array([p, q])]
        for _ in range(160):
            w, v = closed_form.flow(w, v, [1.0], [s], 0.05, 4)
            path.append(np.array([w[0] + v[0], w[0] - v[0]]))
        points = np.array(path)
        lines.append(
            Line(points[:, 0], points[:, 1], "" if n else "runs: p q is constant", ends=True, colour=0)
        )
    panel = Panel(
        "One neuron of a linear network under gradient flow",
        "sum p = w + v",
        "difference q = w - v",
        tuple(lines),
        equal=True,
        limits=(-most, most, -most, most),
        field=(P, Q, error * P / safe, -error * Q / safe),
    )
    return Figure("flow", "Sums grow and differences shrink along hyperbolas", (panel,), seed)


def xor_loss(seed: int, steps: int = 1_500, times: int = 3) -> Figure:
    """The mean squared error on XOR from each start, and the bound of 1/6 for tied neurons."""
    styles = {"random": "solid", "tied": "dashed", "constant": "dashdot", "zero": "dotted"}
    lines = []
    for colour, (kind, style) in enumerate(styles.items()):
        for n in range(times if kind in ("random", "tied") else 1):
            loss = xor.train(kind, seed + n, steps).loss
            label = "" if n else f"{kind} starts" if kind in ("random", "tied") else f"{kind} start"
            lines.append(Line(np.arange(len(loss)), loss, label, style, colour=colour))
    ends = np.array([0, steps])
    lines.append(Line(ends, np.full(2, xor.BOUND), "1/6, the bound for tied neurons", "thin", colour=6))
    panel = Panel(
        "XOR, two inputs, four tanh neurons", "step of gradient descent", "mean squared error", tuple(lines),
        limits=(0, steps, 0, 0.4),
    )  # fmt: skip
    return Figure("xor", "Tied neurons cannot go below 1/6 on XOR, random starts can", (panel,), seed)


_MAKERS: Mapping[str, Callable[[int], Figure]] = {
    "gap": gap, "one_answer": one_answer, "flow": flow, "xor": xor_loss,
}  # fmt: skip


def figure(name: str, seed: int) -> Figure:
    """The figure of this name; SymderiveError where there is none.

    >>> figure("circle", 1)
    Traceback (most recent call last):
    symderive.errors.SymderiveError: expected a figure of gap, one_answer, flow, xor, found 'circle'
    """
    if name not in _MAKERS:
        raise SymderiveError(f"expected a figure of {', '.join(NAMES)}, found {name!r}")
    return _MAKERS[name](seed)


__all__ = ["NAMES", "Figure", "Line", "Panel", "figure", "flow", "gap", "one_answer", "xor_loss"]
