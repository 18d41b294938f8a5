"""Right backward passes, as different people write and call them: none is blamed."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hand_written import STYLES, Style
from hand_written_calls import FORMS, RETURNED, around
from hand_written_functions import SLOPE_OF_OUTPUT
from hand_written_judged import judged
from hand_written_settings import Setting

from symderive.testing import GradientVerdict

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


@pytest.mark.parametrize("name", STYLES)
def test_what_is_right_raises_no_alarm(name: str) -> None:
    verdicts = {right.label: right.verdict() for right in RIGHT if right.style.name == name}
    assert {label: v.note for label, v in verdicts.items() if not v.holds} == {}
