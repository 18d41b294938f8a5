"""Backward passes with a mistake: all are caught, and most are told what it is."""

from __future__ import annotations

import pytest
from hand_written import Faulty
from hand_written_faults import FAULTY
from hand_written_judged import judged

from symderive.testing import GradientVerdict


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
    assert named >= 35 and named >= 0.92 * len(verdicts)
    # a diagnosis that is wrong is worse than none
    assert [f.label for f, v in verdicts if v.faults and not f.diagnosed(v.faults)] == []


def test_factors_are_told_by_their_size(verdicts: list[tuple[Faulty, GradientVerdict]]) -> None:
    told = {f.label: v.diagnosis for f, v in verdicts if f.factor}
    assert len(told) >= 8
    sizes = {f.label: f.factor for f, _ in verdicts if f.factor}
    assert {label: sizes[label] for label in told if f"a factor {sizes[label]}" not in told[label]} == {}
