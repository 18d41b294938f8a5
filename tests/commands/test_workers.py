"""Several processes prove what one proves: the same results, in the same order, and no kernel object."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from multiprocessing import active_children
from typing import Any

import pytest

from symderive.claims.evidence import CheckFailed
from symderive.commands.plain import Result
from symderive.commands.workers import LONGEST, cores, prove_plain, result_of
from symderive.documents.blocks import Document
from symderive.errors import SymderiveError
from symderive.library import prove
from symderive.proof import Theorem

SEED = 20_260
THREE = ("T3", "T10b", "T1")


def fake(key: str, seed: int, coq: bool) -> Result:
    """A result without a proof; what is asked first takes longest."""
    time.sleep(0.3 if key == "T1" else 0)
    return Result(key, str(os.getpid()), Document("nothing", ()), {}, (), (), {"seed": seed, "coq": coq})


def failing(key: str, seed: int, coq: bool) -> Result:
    if key == "T3":
        raise CheckFailed("the sides differ")
    time.sleep(60)
    return fake(key, seed, coq)


def unusable(key: str, seed: int, coq: bool) -> Result:
    raise SymderiveError(f"{key}: expected something else")


def broken(key: str, seed: int, coq: bool) -> Result:
    raise ValueError("a fault of ours")


def killed(key: str, seed: int, coq: bool) -> Result:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def proving_theorem(key: str, seed: int, coq: bool) -> Any:
    return prove("T1").propositions[0].theorem


def inside(value: Any) -> Iterator[Any]:
    """A value, and all that it consists of."""
    yield value
    parts: list[Any] = []
    if is_dataclass(value):
        parts = [getattr(value, f.name) for f in fields(value)]
    elif isinstance(value, Mapping):
        parts = [*value.keys(), *value.values()]
    elif isinstance(value, tuple | list):
        parts = list(value)
    for part in parts:
        yield from inside(part)


@pytest.fixture(autouse=True)
def no_process_is_left() -> Iterator[None]:
    before = set(active_children())
    yield
    assert set(active_children()) <= before


def test_two_processes_find_what_one_finds() -> None:
    alone = list(prove_plain(THREE, SEED, jobs=1))
    assert list(prove_plain(THREE, SEED, jobs=2)) == alone
    assert [r.key for r in alone] == list(THREE)


def test_a_result_is_plain_data() -> None:
    kinds = {type(v) for v in inside(result_of("T1", SEED, False))}
    assert Theorem not in kinds
    plain = ("builtins", "symderive.documents.blocks", "symderive.claims.evidence")
    others = {k for k in kinds if not k.__module__.startswith(plain)} - {Result}
    assert not others


def test_the_order_is_that_of_the_library_whatever_ends_first() -> None:
    told: list[str] = []
    done: list[int] = []
    found = list(
        prove_plain((), 3, True, jobs=3, tell=told.append, done=lambda: done.append(1), proving=fake)
    )
    assert [r.key for r in found][:3] == ["T1", "T2", "T2b"]
    assert len(found) == len(told) == len(done) and found[0].as_json() == {"seed": 3, "coq": True}
    assert [t.split()[0] for t in told[: len(LONGEST)]] == list(LONGEST)
    assert 1 < len({r.name for r in found}) <= 3 and str(os.getpid()) not in {r.name for r in found}


def test_one_job_is_no_other_process() -> None:
    assert {r.name for r in prove_plain(THREE, 1, jobs=1, proving=fake)} == {str(os.getpid())}
    assert {r.name for r in prove_plain(["T3"], 1, jobs=5, proving=fake)} == {str(os.getpid())}
    assert cores() >= 1


def test_a_failed_check_stops_all_at_once() -> None:
    start = time.monotonic()
    with pytest.raises(CheckFailed, match=r"^the sides differ$"):
        list(prove_plain(("T3", "T5"), 1, jobs=2, proving=failing))
    assert time.monotonic() - start < 50


def test_mistakes_and_faults_come_back_as_what_they_are() -> None:
    with pytest.raises(SymderiveError, match=r"^T\w+: expected something else$"):
        list(prove_plain(THREE, 1, jobs=2, proving=unusable))
    with pytest.raises(RuntimeError, match="ValueError: a fault of ours"):
        list(prove_plain(THREE, 1, jobs=2, proving=broken))


def test_a_process_that_ends_is_told_in_one_line() -> None:
    with pytest.raises(SymderiveError, match=r"^T\w+: expected a result, but its process ended") as error:
        list(prove_plain(THREE, 1, jobs=2, proving=killed))
    assert "\n" not in str(error.value)


def test_a_theorem_cannot_be_sent() -> None:
    with pytest.raises(RuntimeError, match="not plain data"):
        list(prove_plain(THREE, 1, jobs=2, proving=proving_theorem))


def test_no_process_at_all_is_refused() -> None:
    with pytest.raises(SymderiveError, match="expected at least one process, found 0"):
        list(prove_plain(THREE, 1, jobs=0, proving=fake))
