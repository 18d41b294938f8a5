"""Random recursions over layers: accepted is what defines each entry once and ends, and nothing else."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from random_recursions import Piece, at, pieces, system

from symderive.systems import SystemTypeError

DEPTHS = range(1, 7)


def fault(found: list[Piece], depth: int) -> str:
    """What is wrong at this depth, by going through every layer; empty if nothing is."""
    uses: dict[tuple[str, int], list[tuple[str, int]]] = {}
    for name, first, last, wanted in found:
        for layer in range(int(at(first, depth)), int(at(last, depth)) + 1):
            if not 0 <= layer <= depth:
                return "range"
            if (name, layer) in uses:
                return "twice"
            uses[name, layer] = [
                (used, layer + shift) for used, shift, guarded in wanted
                if not guarded or 0 <= layer + shift <= depth
            ]  # fmt: skip
    done: set[tuple[str, int]] = set()
    needed = [*uses, ("a", depth), ("b", 0)]
    for entry in needed:
        if any(e not in uses for e in [entry, *uses.get(entry, ())]):
            return "missing"
    while len(done) < len(uses):
        ready = [e for e in uses if e not in done and all(u in done for u in uses[e])]
        if not ready:
            return "circle"
        done.update(ready)
    return ""


@pytest.mark.parametrize("seed", range(5))
def test_what_is_accepted_is_sound(seed: int) -> None:
    rng = random.Random(seed)
    counts: Counter[tuple[bool, bool]] = Counter()
    for _ in range(160):
        found = pieces(rng)
        sound = not any(fault(found, depth) for depth in DEPTHS)
        try:
            accepted = bool(system(found))
        except SystemTypeError:
            accepted = False
        assert sound or not accepted, (found, [fault(found, depth) for depth in DEPTHS])
        counts[sound, accepted] += 1
    assert counts[True, True] > 20 and counts[False, False] > 20
    assert counts[True, False] == 0
