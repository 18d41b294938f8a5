"""Hand-written backward passes: none that is right is blamed, all that are wrong are caught, and told why."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hand_written import STYLES, Backward, Faulty, Style
from hand_written_calls import FORMS, RETURNED, around
from hand_written_faults import FAULTY
from hand_written_functions import SLOPE_OF_OUTPUT
from hand_written_settings import Setting

from symderive.testing import GradientVerdict, check_gradient

SHAPES = ((4, 5, 3), (4, 4, 4, 4), (3, 5, 4, 6, 2, 3), (2, 3), (6, 2, 5))
HIDDEN = ("tanh", "sigmoid", "softplus", "relu", "silu")
OUTPUT = ("sigmoid", "identity", "tanh")
OUTPUT_BY_COST = {"cross_entropy": "softmax"}


@dataclass(frozen=True)
class Right:
    """A correct pass: its style and setting, and how somebody calls it."""

    style: Style
    setting: Setting
    form: str
    returned: Any
    convention: str | None
    seed: int

    @property
    def label(self) -> str:
        """All that it is made of."""
        s = self.setting
        made = f"{self.style.name} {s.widths} {s.hidden} {s.output} {s.cost} {self.form} -> {self.returned}"
        return f"{made}, {self.convention}, seed {self.seed}"

    def verdict(self) -> GradientVerdict:
        """The verdict on it."""
        style, setting = self.style, self.setting
        own = style.make(setting)
        fn = around(own, setting, style.form, self.form, self.returned, style.convention)
        return judged(fn, setting, self.form, self.convention, self.seed)


def judged(
    fn: Backward, setting: Setting, form: str, convention: str | None, seed: int = 0
) -> GradientVerdict:
    """The verdict on a backward pass that was made for a setting."""
    return check_gradient(
        fn,
        setting.network(),
        form=form,
        reduction=setting.reduction,
        weight_decay=setting.weight_decay,
        convention=convention,
        seed=seed,
    )


def rights() -> list[Right]:
    """Every style in every shape with several activations; its forms, costs and outputs take turns."""
    found = []
    for n, (style, widths, hidden) in enumerate(itertools.product(STYLES.values(), SHAPES, HIDDEN)):
        if style.from_output and hidden not in SLOPE_OF_OUTPUT:
            continue
        # what takes turns here has periods without a common factor with those of the product, 5 and 25
        cost = style.costs[n // 3 % len(style.costs)]
        output = OUTPUT_BY_COST.get(cost, OUTPUT[n % 3] if cost == "squared_error" else "identity")
        setting = replace(style.setting(widths, hidden), cost=cost, output=output)
        form, returned = FORMS[n * 2 % 7 % 5], RETURNED[n * 3 % 11 % len(RETURNED)]
        found.append(Right(style, setting, form, returned, (style.convention, None)[n % 2], n % 13))
    return found


RIGHT = rights()


def test_there_are_enough_of_them() -> None:
    assert len({right.label for right in RIGHT}) >= 200 and len(STYLES) >= 12
    assert {right.form for right in RIGHT} == set(FORMS)
    assert {right.returned for right in RIGHT} == set(RETURNED)
    assert {right.setting.cost for right in RIGHT} == {cost for s in STYLES.values() for cost in s.costs}
    for style in STYLES.values():
        own = [right for right in RIGHT if right.style is style]
        assert len({right.form for right in own}) >= 3 and len({right.convention for right in own}) == 2
    assert len(FAULTY) >= 48 and len({f.setting.widths for f in FAULTY}) == 3


@pytest.mark.parametrize("name", STYLES)
def test_what_is_right_raises_no_alarm(name: str) -> None:
    verdicts = {right.label: right.verdict() for right in RIGHT if right.style.name == name}
    assert {label: v.note for label, v in verdicts.items() if not v.holds} == {}


@pytest.fixture(scope="module")
def verdicts() -> list[tuple[Faulty, GradientVerdict]]:
    """The verdict on each faulty pass, without a word of how it is laid out.

    A function that keeps what it was first called with keeps that of the first trial: it is told the layout.
    """
    found = []
    for f in FAULTY:
        remembers = frozenset({"stale"}) in f.expected
        convention = f.style.convention if remembers else None
        found.append((f, judged(f.make(), f.setting, f.style.form, convention)))
    return found


def test_every_fault_is_caught(verdicts: list[tuple[Faulty, GradientVerdict]]) -> None:
    missed = [f.label for f, v in verdicts if v.status != "refuted"]
    assert missed == []
    assert all(v.note and v.worst[0] for _, v in verdicts)


def test_most_faults_are_named(
    verdicts: list[tuple[Faulty, GradientVerdict]], capsys: pytest.CaptureFixture[str]
) -> None:
    named = sum(f.diagnosed(v.faults) for f, v in verdicts)
    caught = sum(v.status == "refuted" for _, v in verdicts)
    with capsys.disabled():
        print()
        for f, v in verdicts:
            mark = " " if f.diagnosed(v.faults) else "x"
            print(f"{mark} {f.label:70} {' + '.join(v.faults) or '-':50} {v.diagnosis[:70]}")
        print(f"faults: {len(FAULTY)}, caught: {caught}, named: {named}")
    assert named >= 35 and named >= 0.8 * len(verdicts)


def test_factors_are_told_by_their_size(verdicts: list[tuple[Faulty, GradientVerdict]]) -> None:
    told = {f.label: v.diagnosis for f, v in verdicts if f.factor}
    assert len(told) >= 8
    sizes = {f.label: f.factor for f, _ in verdicts if f.factor}
    assert {label: sizes[label] for label in told if f"a factor {sizes[label]}" not in told[label]} == {}
