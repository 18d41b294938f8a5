"""No alarm on right backward passes in 15 styles: random shapes, activations, costs, penalties."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from right_arithmetic import Kind
from right_styles import STYLES, labelled

from symderive.systems import mlp
from symderive.testing import GradientVerdict, check_gradient

COUNT = 210
NAMES = ("tanh", "sigmoid", "relu", "leaky_relu", "softplus", "silu", "identity")
COSTS = ("squared_error", "cross_entropy", "softmax_cross_entropy", "binary_cross_entropy")


def drawn(n: int) -> tuple[Kind, Any]:
    """The n-th network, as its functions know it and as symderive does."""
    rng = np.random.default_rng([5, n])
    depth = 1 + (n // len(STYLES)) % 3
    widths = [int(v) for v in rng.integers(1 if n % 4 == 0 else 2, 7, size=depth + 1)]
    names = [str(v) for v in rng.choice(NAMES, size=depth)]
    cost = str(rng.choice(COSTS[1:3] if STYLES[n % len(STYLES)][0] is labelled else COSTS))
    if cost == "cross_entropy":
        names[-1] = "softmax"
    if cost in COSTS[1:3]:
        widths[-1] = max(2, widths[-1])
    reduction = str(rng.choice(["mean", "sum"]))
    decay = float(rng.choice([0.0, 0.0, 0.05]))
    factor = float(rng.choice([0.5, 1.0]))
    kind = Kind(tuple(widths), tuple(names), cost, reduction, decay, factor)
    given: dict[str, Any] = {"factor": 1 if factor == 1 else None} if cost == "squared_error" else {}
    return kind, mlp(widths=widths, activation=names, cost=cost, samples="B", reduction=reduction, **given)


def judged(n: int, change: Any = None) -> GradientVerdict:
    """The verdict on the n-th function, or on what `change` makes of what it returns."""
    kind, network = drawn(n)
    make, form, caller = STYLES[n % len(STYLES)]
    right = caller(make(kind))
    fn = right if change is None else lambda *given: change(right(*given))
    return check_gradient(fn, network, form=form, weight_decay=kind.decay, seed=n)


@pytest.mark.parametrize("style", range(len(STYLES)), ids=lambda m: STYLES[m][0].__name__)
def test_right_ones_raise_no_alarm(style: int) -> None:
    numbers = range(style, COUNT, len(STYLES))
    assert len(numbers) == COUNT // len(STYLES)
    for n in numbers:
        verdict = judged(n)
        assert verdict.holds, (n, drawn(n)[0], verdict.note)


@pytest.mark.parametrize("style", range(len(STYLES)), ids=lambda m: STYLES[m][0].__name__)
def test_each_style_is_refused_when_one_entry_is_off(style: int) -> None:
    """The same functions, with one entry of what they return moved by a thousandth."""
    verdict = judged(style, nudged)
    assert verdict.status == "refuted"
    assert verdict.faults == (), verdict.diagnosis  # and no fault is made up for it


def nudged(value: Any) -> Any:
    """What was returned, its first array of more than one number, or its last number, moved by 1e-3."""
    if isinstance(value, dict):
        for key, v in value.items():
            if not np.isscalar(v):
                return {**value, key: nudged(v)}
    if isinstance(value, list | tuple):
        made = list(value)
        for n, v in enumerate(made):
            if not np.isscalar(v):
                made[n] = nudged(v)
                return type(value)(made)
        made[0] = made[0] + 1e-3
        return type(value)(made)
    changed = np.array(value, copy=True)
    changed.flat[0] += 1e-3
    return changed
