"""An equation in several worlds: exact ones, and floating point where the exact ones draw too freely."""

from __future__ import annotations

from dataclasses import replace

from symderive.dialect.syntax import Name, Node
from symderive.formulas.readings import KNOWN, Reading
from symderive.formulas.setting import Setting
from symderive.formulas.trial import Outcome, attempt
from symderive.formulas.worlds import World

TRANSCENDENTAL = frozenset({"sigmoid", "tanh", "exp", "log", "softplus", "softmax", "sqrt"})


SEEDS = (11, 23)


def world_of(given: Setting, mode: str, seed: int) -> World:
    """A world of a setting, kept: what was computed once serves all formulas."""
    worlds: dict[tuple[str, int], World] = given.kept.setdefault("worlds", {})
    if (mode, seed) not in worlds:
        worlds[mode, seed] = World(given, mode, seed)
    return worlds[mode, seed]


def tried(given: Setting, left: Node, right: Node, reading: Reading, thorough: bool = True) -> Outcome:
    """Both sides in exact worlds; where functions with equations of their own are about, also in floating
    point.
    """
    total = 0
    found = Outcome("unknown", "no numbers at which both sides have a value")
    for seed in SEEDS if thorough else SEEDS[:1]:
        found = attempt(given, world_of(given, "formal", seed), left, right, reading)
        if not found.equal:
            break
        total += found.tried
    if found.equal:
        return replace(found, tried=total)
    if found.kind not in ("different", "undefined"):
        return found
    if thorough and (transcendental(given, left, right) or found.kind == "undefined"):
        for seed in SEEDS:
            real = attempt(given, world_of(given, "real", seed), left, right, reading)
            if not real.equal:
                return found if real.kind == "undefined" else real
        return replace(real, text="real")
    return found


def transcendental(given: Setting, *sides: Node) -> bool:
    """Whether a function occurs whose values the exact worlds draw at random."""
    kinds = {f.kind for f in given.functions.values()}
    nodes = [n for s in (*sides, *(d.right for d in given.definitions)) for n in s.walk()]
    kinds |= {KNOWN[n.base] for n in nodes if isinstance(n, Name) and n.base in KNOWN}
    kinds |= {"exp" for n in nodes if isinstance(n, Name) and n.base == "e"}
    return bool(kinds & TRANSCENDENTAL)
