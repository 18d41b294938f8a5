"""Times side by side: each candidate once per round, so that other work on the machine meets all.

CPU time of the process, which waiting for a core does not lengthen; each candidate is told to use one thread.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, islice


@dataclass(frozen=True)
class Times:
    """Seconds of one candidate, a number for each round."""

    rounds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle one.

        >>> Times((1.0, 9.0, 2.0)).median
        2.0
        """
        return statistics.median(self.rounds)

    @property
    def least(self) -> float:
        """The least one, which other work on the machine disturbed least.

        >>> Times((1.0, 9.0, 2.0)).least
        1.0
        """
        return min(self.rounds)

    def ratio(self, other: Times) -> tuple[float, float, float]:
        """The median of this one's times over the other's of the same round, and the quartiles beside it.

        >>> Times((2.0, 4.0, 9.0)).ratio(Times((1.0, 2.0, 3.0)))[0]
        2.0
        """
        found = sorted(a / b for a, b in zip(self.rounds, other.rounds, strict=True))
        low, _, high = statistics.quantiles(found, n=4) if len(found) > 1 else (found[0],) * 3
        return statistics.median(found), low, high


def side_by_side(
    candidates: Mapping[str, Callable[[], object]], rounds: int = 15, least: float = 0.01
) -> dict[str, Times]:
    """Each candidate's times; a round calls each as often as fits in `least` seconds, in changing order."""
    counts, names = {}, list(candidates)
    for name, call in candidates.items():
        call()  # compiles, allocates
        start = time.process_time()
        call()
        counts[name] = max(1, int(least / max(time.process_time() - start, 1e-9)))
    found: dict[str, list[float]] = {name: [] for name in names}
    for n in range(rounds):
        for name in islice(cycle(names), n % len(names), n % len(names) + len(names)):
            call, count = candidates[name], counts[name]
            start = time.process_time()
            for _ in range(count):
                call()
            found[name].append((time.process_time() - start) / count)
    return {name: Times(tuple(times)) for name, times in found.items()}


def once(call: Callable[[], object], most: int = 5, budget: float = 2.0) -> float:
    """The least seconds of a few calls, of one where that takes long."""
    best, begun = float("inf"), time.process_time()
    for _ in range(most):
        start = time.process_time()
        call()
        best = min(best, time.process_time() - start)
        if time.process_time() - begun > budget:
            break
    return best


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown.

    >>> print(table(["a", "b"], [["1", "2"]]))
    | a | b |
    |---|---|
    | 1 | 2 |
    """
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(
        "| " + " | ".join(r) + " |" if r is not lines[1] else "|" + "|".join(r) + "|" for r in lines
    )
