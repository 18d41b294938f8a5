"""The theorems of the library, proved by several processes at once.

Each process proves whole theorems by itself and sends back a `Result`, which is plain data. The longest
theorems are begun first, so that no process is left with one at the end; results come in the library's order.
"""

from __future__ import annotations

import gc
import os
import signal
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from types import MappingProxyType
from typing import Any

import proofs
from symderive.claims.evidence import CheckFailed
from symderive.commands.plain import Result
from symderive.commands.prove import prove_one, select
from symderive.errors import SymderiveError

LONGEST = ("T5b", "T5c", "T10", "T9", "T7", "T6", "T2b", "T14", "T5", "T8b", "T2", "T13")
"""These take the longest, most first; it only matters for the time that the whole takes."""

MOST_JOBS = 8
"""By default: the longest theorem takes about a fifth of the whole, so that more processes save no time."""

Proving = Callable[[str, int, bool], Result]


def cores() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def result_of(key: str, seed: int, coq: bool) -> Result:
    """Prove one theorem of the library; raises where anything disagrees."""
    return Result.of(prove_one(proofs.find(key), seed, coq))


def prove_plain(
    names: Sequence[str],
    seed: int,
    coq: bool = False,
    jobs: int | None = None,
    tell: Callable[[str], None] = lambda _: None,
    done: Callable[[], None] = lambda: None,
    proving: Proving = result_of,
    more: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Result]:
    """The results in the library's order; `tell` hears what is begun, `done` that one more is finished.

    `jobs`: how many processes, by default one for each processor, up to 8; with one job there is no other
    process. `proving` is what each process does, a function of a module; `more`: keys that it knows beside
    those of the library, with their titles; their results come last.

    Errors: what the proof of a theorem raises, in one line; SymderiveError where a process ends by itself.

    >>> [r.key for r in prove_plain(["T10b", "T3"], seed=1, jobs=1)]
    ['T10b', 'T3']
    """
    if jobs is not None and jobs < 1:
        raise SymderiveError(f"jobs: expected at least one process, found {jobs}")
    modules = {m.KEY: f"{m.KEY} {m.NAME}" for m in select(names)} | dict(more)
    jobs = min(jobs or min(cores(), MOST_JOBS), len(modules))
    if jobs <= 1:
        for key, title in modules.items():
            tell(title)
            result = proving(key, seed, coq)
            done()
            yield result
        return
    ready: dict[str, Result] = {}
    left = list(modules)
    for key, result in _together(
        sorted(modules, key=_place), seed, coq, jobs, lambda k: tell(modules[k]), proving
    ):
        done()
        ready[key] = result
        while left and left[0] in ready:
            yield ready.pop(left.pop(0))


def _place(key: str) -> int:
    return LONGEST.index(key) if key in LONGEST else len(LONGEST)


def _together(
    keys: Sequence[str], seed: int, coq: bool, jobs: int, tell: Callable[[str], None], proving: Proving
) -> Iterator[tuple[str, Result]]:
    """Each key with its result, as they are found; however this ends, no process is left."""
    context = get_context("spawn")  # to fork beside the thread of a progress bar is not safe
    waiting = list(keys)
    busy: dict[Connection, str] = {}
    processes = []
    try:
        for _ in range(jobs):
            here, there = context.Pipe()
            process = context.Process(target=_work, args=(there, proving), daemon=True)
            with _undisturbed():
                process.start()
            there.close()
            processes.append((process, here))
            _begin(here, waiting, busy, (seed, coq), tell)
        while busy:
            for connection in wait(list(busy)):
                assert isinstance(connection, Connection)
                key = busy.pop(connection)
                result = _received(connection, key)
                _begin(connection, waiting, busy, (seed, coq), tell)
                yield key, result
    finally:
        for process, connection in processes:
            connection.close()
            process.terminate()
        for process, _ in processes:
            process.join()
            process.close()


def _begin(
    connection: Connection,
    waiting: list[str],
    busy: dict[Connection, str],
    how: Any,
    tell: Callable[[str], None],
) -> None:
    if waiting:
        key = waiting.pop(0)
        tell(key)
        busy[connection] = key
        try:
            connection.send((key, *how))
        except OSError:
            raise _ended(key) from None


def _received(connection: Connection, key: str) -> Result:
    try:
        kind, found = connection.recv()
    except (EOFError, OSError):
        raise _ended(key) from None
    if kind == "failed":
        raise CheckFailed(found)
    if kind == "unusable":
        raise SymderiveError(found)
    if kind == "fault":
        raise RuntimeError(f"{key}, in a process of its own:\n{found}")
    assert isinstance(found, Result)
    return found


def _ended(key: str) -> SymderiveError:
    return SymderiveError(
        f"{key}: expected a result, but its process ended (memory?); --jobs 1 needs the least"
    )


def _work(connection: Connection, proving: Proving) -> None:
    """What a process does: theorem after theorem, until nobody asks for more."""
    # Ctrl-C reaches all processes of a terminal; the first one says so
    signal.signal(signal.SIGINT, lambda *_: os._exit(130))
    gc.freeze()  # what was imported stays; terms are many and seldom part of cycles
    gc.set_threshold(100_000, 20, 50)
    while True:
        try:
            key, seed, coq = connection.recv()
        except (EOFError, OSError):
            return
        answer: tuple[str, Any]
        try:
            found = proving(key, seed, coq)
            if type(found) is not Result:  # a theorem that is read from bytes was made without the kernel
                raise TypeError(f"expected a Result, found {type(found).__name__}, which is not plain data")
            answer = ("result", found)
        except CheckFailed as error:
            answer = ("failed", str(error))
        except SymderiveError as error:
            answer = ("unusable", str(error))
        except Exception:  # a fault of ours: told where someone can read it
            answer = ("fault", traceback.format_exc())
        try:
            connection.send(answer)
        except OSError:
            return


@contextmanager
def _undisturbed() -> Iterator[None]:
    """A process that starts here hears no Ctrl-C until it says what it does then."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
