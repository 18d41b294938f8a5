"""The smallest integers for which there is a witness, by the sum of their absolute values."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from itertools import product
from typing import Any

from symderive.errors import SymderiveError
from symderive.proof.witness import Witness, Worked

Integers = tuple[int, ...]


@cache
def _sorted(n: int, most: int) -> tuple[Integers, ...]:
    def key(v: Integers) -> tuple[int, int, list[tuple[int, bool]]]:
        return sum(map(abs, v)), sum(x < 0 for x in v), [(abs(x), x < 0) for x in reversed(v)]

    return tuple(sorted(product(range(-most, most + 1), repeat=n), key=key))


def integers(n: int, most: int = 1) -> Iterator[Integers]:
    """All vectors of n integers in -most..most: first the smallest sum of absolute values, few minus signs.

    >>> from itertools import islice
    >>> list(islice(integers(2), 4))
    [(0, 0), (1, 0), (0, 1), (-1, 0)]
    """
    yield from _sorted(n, most)


def smallest(
    defends: str,
    text: str,
    experiment: Callable[[Any], Worked],
    cases: Callable[[Integers], tuple[Any, Any] | None],
    n: int,
    most: int = 1,
    columns: tuple[str, str] = ("without it", "with it"),
) -> Witness:
    """The first witness for a hypothesis; `cases` makes both cases from n integers, or None to pass over.

    SymderiveError where none of the integers gives one.

    >>> def square(v): return Worked((("$v$", v),), "$v^2$", claimed=v, true=v * v)
    >>> smallest("v is 0 or 1", "Others differ from their squares.", square, lambda v: (v[0], 1), 1, 2).broken
    -1
    """
    for v in integers(n, most):
        try:
            pair = cases(v)
            if pair is not None:
                return Witness(defends, f"{text} {found_among(most)}", experiment, *pair, columns)
        except SymderiveError:
            continue  # no counterexample, or no repair, or a kink
    raise SymderiveError(f"expected a witness for {defends} among integers up to {most}, found none")


def found_among(most: int) -> str:
    """How the numbers were found, in words."""
    return f"The numbers were found by a search over integers from $-{most}$ to ${most}$."
