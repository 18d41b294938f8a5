"""Hand-written backward passes: none that is right is blamed, all that are wrong are caught, and told why."""

from __future__ import annotations

import itertools
from collections import Counter

import pytest
from hand_written import STYLES, Faulty, Style
from hand_written_faults import FAULTY
from hand_written_settings import Setting

from symderive.testing import GradientVerdict, check_gradient

SHAPES = ((4, 5, 3), (4, 4, 4, 4), (3, 5, 4, 6, 2, 3), (2, 3), (6, 2, 5))
HIDDEN = ("tanh", "sigmoid", "softplus", "relu")
FROM_OUTPUT = ("tanh", "sigmoid")
WITH_SIGMOID = {"course", "ridge", "recursive"}


def judged(
    style: Style, setting: Setting, make: object, seed: int = 0, convention: str | None = None
) -> GradientVerdict:
    """The verdict on a backward pass, made for a setting."""
    return check_gradient(
        make,  # type: ignore[arg-type]
        setting.network(),
        form=style.form,
        reduction=setting.reduction,
        weight_decay=setting.weight_decay,
        convention=convention,
        seed=seed,
    )


def rights() -> list[tuple[str, Style, Setting, int, str | None]]:
    """Every style in networks of every shape, with several activations, its convention stated or found."""
    found = []
    for n, (style, widths, hidden) in enumerate(itertools.product(STYLES.values(), SHAPES, HIDDEN)):
        if style.from_output and hidden not in FROM_OUTPUT:
            continue
        convention = style.convention if n % 3 == 0 else None
        label = f"{style.name} {'-'.join(map(str, widths))} {hidden}"
        found.append((label, style, style.setting(widths, hidden), n % 5, convention))
    return found


RIGHT = rights()


def test_there_are_enough_of_them() -> None:
    assert len(RIGHT) >= 200 and len(STYLES) >= 12
    assert len(FAULTY) >= 48 and len({f.setting.widths for f in FAULTY}) == 3


@pytest.mark.parametrize("name", STYLES)
def test_what_is_right_raises_no_alarm(name: str) -> None:
    for label, style, setting, seed, convention in RIGHT:
        if style.name == name:
            verdict = judged(style, setting, style.make(setting), seed, convention)
            assert verdict.holds, (label, verdict.note)


@pytest.fixture(scope="module")
def verdicts() -> list[tuple[Faulty, GradientVerdict]]:
    """The verdict on each faulty pass, without a word of how it is laid out.

    A function that keeps what it was first called with keeps that of the first trial: it is told the layout.
    """
    found = []
    for f in FAULTY:
        remembers = frozenset({"stale"}) in f.expected
        found.append((f, judged(f.style, f.setting, f.make(), 0, f.style.convention if remembers else None)))
    return found


def test_every_fault_is_caught(verdicts: list[tuple[Faulty, GradientVerdict]]) -> None:
    missed = [f.label for f, v in verdicts if v.status != "refuted"]
    assert missed == []
    assert all(v.note and v.worst[0] for _, v in verdicts)


def test_most_faults_are_named(
    verdicts: list[tuple[Faulty, GradientVerdict]], capsys: pytest.CaptureFixture[str]
) -> None:
    right = Counter(f.diagnosed(v.faults) for f, v in verdicts)
    with capsys.disabled():
        print()
        for f, v in verdicts:
            mark = " " if f.diagnosed(v.faults) else "x"
            print(f"{mark} {f.label:70} {' + '.join(v.faults) or '-':50} {v.diagnosis[:70]}")
        print(f"faults: {len(FAULTY)}, caught: {len(verdicts)}, named: {right[True]}")
    assert right[True] >= 35 and right[True] >= 0.8 * len(verdicts)
