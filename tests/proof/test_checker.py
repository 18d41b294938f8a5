"""The checker alone: each of its conditions refuses something, and nothing that a file holds breaks it."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from refusals import REFUSALS, Refusal

from symderive.proof import checker
from symderive.proof.checker import CheckerError, replay, sequent

SOURCES = sorted(Path(checker.__file__).parent.glob("*.py"))
MODULES = [m for name, m in sys.modules.items() if name.startswith(f"{checker.__name__}.")]
Site = tuple[str, int]


def one_line(error: BaseException) -> str:
    """What the checker says: one line, not a long one."""
    text = str(error)
    assert "\n" not in text and text.isprintable() and 0 < len(text) <= 500
    return text


def answer(case: Refusal, monkeypatch: pytest.MonkeyPatch) -> str:
    """What the checker says to a case, whose limits are set for the time being."""
    text = case.text()
    with monkeypatch.context() as patch:
        for (module, name), value in case.limits.items():
            patch.setattr(module, name, value)
        with pytest.raises(CheckerError) as refusal:
            replay(text)
    return one_line(refusal.value)


@pytest.mark.parametrize("case", REFUSALS, ids=lambda case: case.name)
def test_a_false_proof_is_refused(case: Refusal, monkeypatch: pytest.MonkeyPatch) -> None:
    said = answer(case, monkeypatch)
    assert re.search(case.words, said), said


def test_the_cases_have_names_of_their_own() -> None:
    names = [case.name for case in REFUSALS]
    assert len(set(names)) == len(names) > 150


def conditions() -> Iterator[tuple[Site, Site]]:
    """The first and last line of each call of `need` and `refuse`, but for that of `refuse` by `need`."""
    for path in SOURCES:
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
                own = path.name == "sequent.py" and call.func.id == "refuse"
                if call.func.id in ("need", "refuse") and not own:
                    yield (path.name, call.lineno), (path.name, call.end_lineno or 0)


def test_every_condition_of_the_checker_refuses_something(monkeypatch: pytest.MonkeyPatch) -> None:
    """The call that refused is the frame before: all calls in the sources must be among them."""
    refused: set[Site] = set()
    plain = sequent.need

    def need(holds: object, condition: str, *found: object) -> None:
        if not holds:
            refused.add(caller())
        plain(holds, condition, *found)

    def refuse(condition: str) -> Any:
        refused.add(caller())
        raise CheckerError(condition)

    def caller() -> Site:
        frame = sys._getframe(2)
        return Path(frame.f_code.co_filename).name, frame.f_lineno

    for module in MODULES:
        for name, f in (("need", need), ("refuse", refuse)):
            if hasattr(module, name) and (module, name) != (sequent, "refuse"):
                monkeypatch.setattr(module, name, f)
    for case in REFUSALS:
        answer(case, monkeypatch)
    every = list(conditions())
    missing = [
        first for first, last in every
        if not any(name == first[0] and first[1] <= line <= last[1] for name, line in refused)
    ]  # fmt: skip
    assert not missing, f"{len(missing)} conditions of {len(every)} have no case: {missing}"
    assert len(every) > 80
