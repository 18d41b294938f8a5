"""Every condition of the checker: a certificate that breaks it is refused, in one line that names it.

Each condition is also taken out of the source in its turn, and a row of the table must then go through, or be
stopped by something else.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, ModuleType, TracebackType
from typing import Any

import pytest
from accepted_certificates import ACCEPTED
from checker_mutants import MODULES, Mutant, installed, mutants
from refused_certificates import cases

from symderive.proof.checker import CheckerError, replay

ROWS = [(name, make(), says, bounds) for name, make, says, bounds in cases()]
GOOD = [(name, make()) for name, make in ACCEPTED]

# Conditions that others imply, each with the reason.
EQUIVALENT = {
    "no all(map(integral, e.index))": "the table has no entries at other than integers",
    "no not left in": "lists of one length are paired: what looks different is never compared",
    "no not right in": "lists of one length are paired: what looks different is never compared",
    "no g.name[0] == ' '": "the range of a bound letter is paired with that of a bound letter",
    "no g not in names.values()": "two ranges are never paired with one",
    "no len(f.args) == len(g.args)": "no part may be left over",
    "no isinstance(pi, TensorSymbol)": "SymPy's own kinds are no words",
    "no isinstance(s, TensorSymbol) in isinstance(s, TensorSymbol)": "SymPy's own kinds are no words",
    "no LETTER not in v.free_symbols": "no file has the letter: the right side would differ",
    "no need of h.shared() <= known(ctx)": "every rule keeps the shared indices in the context",
}


class TooSlow(Exception):
    """A mutant without end."""


@contextmanager
def within_seconds(seconds: float) -> Iterator[None]:
    def stop(number: int, frame: FrameType | None) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def places(error: BaseException | None) -> Iterator[tuple[str, int]]:
    """The lines of the checker that an error came through, those of the errors behind it included."""
    while error is not None:
        trace: TracebackType | None = error.__traceback__
        while trace is not None:
            yield trace.tb_frame.f_code.co_filename.rpartition("/")[2].removesuffix(".py"), trace.tb_lineno
            trace = trace.tb_next
        error = error.__context__


def outcome(modules: dict[str, ModuleType], text: Any, says: str, bounds: dict[str, Any]) -> Any:
    """refused, with the places; another refusal; or accepted."""
    kept = {key: getattr(modules[key.partition(".")[0]], key.partition(".")[2]) for key in bounds}
    for key, value in bounds.items():
        setattr(modules[key.partition(".")[0]], key.partition(".")[2], value)
    try:
        with within_seconds(2):
            modules["files"].replay(text)
        return "accepted"
    except modules["sequent"].CheckerError as error:
        return [*places(error)] if says in str(error) else "other"
    except Exception:  # whatever a mutant runs into
        return "other"
    finally:
        for key, value in kept.items():
            setattr(modules[key.partition(".")[0]], key.partition(".")[2], value)


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_a_bad_certificate_is_refused_in_one_line(row: Any) -> None:
    from symderive.proof.checker import differential, files, ranges, ring, rules, sequent, signs, table

    loaded = (differential, files, ranges, ring, rules, sequent, signs, table)
    modules = {m.__name__.rpartition(".")[2]: m for m in loaded}
    name, text, says, bounds = row
    assert isinstance(outcome(modules, text, says, bounds), list), name
    if not bounds:
        with pytest.raises(CheckerError) as caught:
            replay(text)
        assert "\n" not in str(caught.value) and len(str(caught.value)) <= 500


@pytest.mark.parametrize("row", GOOD, ids=[row[0] for row in GOOD])
def test_a_good_certificate_is_accepted(row: tuple[str, str]) -> None:
    assert list(replay(row[1]).theorems) == ["t"]


def test_each_condition_is_missed_when_it_is_removed() -> None:
    at: dict[tuple[str, int], list[Any]] = {}
    with installed(None) as modules:
        for row in ROWS:
            for place in set(outcome(modules, *row[1:])):
                at.setdefault(place, []).append(row)
    found: list[tuple[Mutant, bool, bool]] = []
    for mutant in (m for module in MODULES for m in mutants(module)):
        missed = through = False
        with installed(mutant) as modules:
            for row in at.get((mutant.module, mutant.line), []) if mutant.line else ROWS:
                result = outcome(modules, *row[1:])
                missed, through = missed or isinstance(result, str), through or result == "accepted"
            if not missed and not mutant.line:
                missed = any(outcome(modules, text, "", {}) != "accepted" for _, text in GOOD)
        found.append((mutant, missed, through))
    survivors = [m.name for m, missed, _ in found if not missed]
    unexplained = [name for name in survivors if not any(known in name for known in EQUIVALENT)]
    assert unexplained == []
    assert len(found) >= 200
    assert sum(through for _, _, through in found) >= 75
