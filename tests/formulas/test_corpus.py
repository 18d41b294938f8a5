"""Real formulas: none that is wrong is proved, none that is right is refuted, and the fault is named."""

from __future__ import annotations

import os

import pytest

from tests.formulas.corpus import CORPUS, Row, judged, table

if not CORPUS.exists() and not os.environ.get("CI"):
    pytest.skip("the corpus lies beside the checkout of its maintainers", allow_module_level=True)


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    found = judged()
    print()
    print(table(found))
    return found


def test_no_verdict_is_wrong(rows: list[Row]) -> None:
    assert len(rows) == 89
    assert [(r.id, r.by_hand, r.verdict.status) for r in rows if r.wrong] == []


def test_most_well_formed_formulas_are_decided(rows: list[Row]) -> None:
    whole = [r for r in rows if r.by_hand != "ill-formed"]
    decided = [r for r in whole if r.decided]
    assert len(decided) >= 0.9 * len(whole), [r.id for r in whole if not r.decided]


def test_right_formulas_are_mostly_proved(rows: list[Row]) -> None:
    right = [r for r in rows if r.by_hand == "correct" and r.decided]
    proved = [r for r in right if r.verdict.status == "proved"]
    assert len(proved) >= 0.7 * len(right)
    assert all(r.verdict.certificate for r in proved)


def test_the_fault_is_named(rows: list[Row]) -> None:
    wrong = [r for r in rows if r.by_hand == "wrong" and r.verdict.status == "refuted"]
    named = [r for r in wrong if r.named]
    assert len(named) >= 0.8 * len(wrong), [
        (r.id, r.fault, r.verdict.diagnosis) for r in wrong if not r.named
    ]


def test_refuted_formulas_come_with_numbers_or_types(rows: list[Row]) -> None:
    for r in rows:
        if r.verdict.status == "refuted":
            assert r.verdict.example or r.verdict.reason, r.id
