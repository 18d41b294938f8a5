"""The second table of faults: every one is caught, nearly every one named, and none is named wrongly."""

from __future__ import annotations

import pytest
import written_out_classifier
import written_out_regression
import written_out_square
from written_out import FORMS, NETWORKS, TABLE, WrittenOut

from symderive.systems import mlp
from symderive.testing import GradientVerdict, check_gradient

# the tables are filled when their modules are imported
FILLED = (written_out_regression, written_out_classifier, written_out_square)
BETWEEN_CALLS = {"stale"}


def judged(one: WrittenOut) -> GradientVerdict:
    network = mlp(**NETWORKS[one.network])
    return check_gradient(one.fn, network, form=FORMS[one.network], **dict(one.options))


@pytest.fixture(scope="module")
def verdicts() -> dict[str, GradientVerdict]:
    return {name: judged(one) for name, one in TABLE.items()}


def test_every_fault_is_caught(verdicts: dict[str, GradientVerdict]) -> None:
    assert len(verdicts) == 54 and {one.network for one in TABLE.values()} == NETWORKS.keys()
    assert [name for name, v in verdicts.items() if v.status != "refuted"] == []


def test_nearly_all_are_named_and_none_wrongly(
    verdicts: dict[str, GradientVerdict], capsys: pytest.CaptureFixture[str]
) -> None:
    told = {name: TABLE[name].told(v.faults, v.diagnosis) for name, v in verdicts.items()}
    with capsys.disabled():
        print()
        for name, v in verdicts.items():
            print(f"{' ' if told[name] else 'x'} {name:34} {'+'.join(v.faults) or '-':40} {v.diagnosis[:80]}")
        print(f"faults: {len(told)}, caught: {len(told)}, named: {sum(told.values())}")
    assert sum(told.values()) >= 0.92 * len(told)
    wrongly = {name: v.diagnosis for name, v in verdicts.items() if v.faults and not told[name]}
    assert wrongly == {}


def test_each_note_has_the_right_equation_and_an_example(verdicts: dict[str, GradientVerdict]) -> None:
    for name, v in verdicts.items():
        assert v.latex and all(" = " in line and line in v.note for line in v.latex), name
        wrong_shape = not v.worst[1]  # that shows by itself: there may be no entry to work out
        if not BETWEEN_CALLS & set(v.faults) and not wrong_shape:
            assert v.example and all(line in v.note for line in v.example), name
            assert "yours is" in v.example[-1], name


def test_the_words_of_a_row_refuse_the_diagnosis_of_another_fault(
    verdicts: dict[str, GradientVerdict],
) -> None:
    accepted = {
        (row, other)
        for row, one in TABLE.items()
        for other, v in verdicts.items()
        if one.told(v.faults, v.diagnosis) and one.names != TABLE[other].names
    }
    assert accepted == set()
