"""Definitions end: whatever defines an entry leads, after finitely many steps, to what is given.

Definitions may need each other in a circle if every way round goes up, or every way goes down, in a
superscript (layer, time): these have finite ranges. Ways that leave it as it is may go up or down in another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product
from typing import TYPE_CHECKING

from sympy.utilities.iterables import strongly_connected_components

from symderive.calculus.atoms import TensorSymbol
from symderive.calculus.terms import Entry
from symderive.systems.coverage import conditions, fails
from symderive.systems.definition import SystemTypeError
from symderive.systems.scope import Scope

if TYPE_CHECKING:
    from symderive.systems.system import System

# how many ways to pair the superscripts of different tensors are tried
PAIRINGS = 4_096
SHOWN = 6


@dataclass(frozen=True)
class Use:
    """Definition number `by`, of the entry `lhs`, uses an entry that definition number `of` may define."""

    by: int
    of: int
    lhs: Entry
    entry: Entry
    scope: Scope

    def change(self, place: Mapping[TensorSymbol, int], up: bool) -> int:
        """1 if the superscript surely moves on to the used entry, 0 if it surely moves not back, else -1."""
        d = self.entry.index[place[self.entry.symbol]] - self.lhs.index[place[self.lhs.symbol]]
        d = d if up else -d
        return 1 if self.scope.nonnegative(d - 1) else 0 if self.scope.nonnegative(d) else -1


def check_order(system: System, used: Sequence[Iterable[tuple[Entry, Scope]]]) -> None:
    """SystemTypeError if the definitions may run in a circle; `used`: the entries on each right side.

    >>> from symderive.systems import mlp
    >>> from symderive.systems.scope import entries
    >>> net = mlp()
    >>> check_order(net, [list(entries(d.rhs, Scope(d.context))) for d in net.definitions])
    """
    number = {d: n for n, d in enumerate(system.definitions)}
    uses = [
        Use(number[d], number[e], d.lhs, entry, scope)
        for d, found in zip(system.definitions, used, strict=True)
        for entry, scope in found
        for e in system.lookup.candidates(entry)
        if not fails(scope, conditions(e, entry))
    ]
    circle = list(dict.fromkeys(f"{u.lhs} needs {u.entry}" for u in _circle(uses)))
    if circle:
        found = ", ".join([*circle[:SHOWN], *([".."] if len(circle) > SHOWN else [])])
        raise SystemTypeError(
            f"{system.name}: definitions need each other in a circle: expected every way round to go up, "
            f"or every way to go down, in a superscript, found {found}"
        )


def _circle(uses: Sequence[Use]) -> list[Use]:
    """Uses that lead from definitions back to themselves, and may never end; empty if all ends."""
    waiting = [list(uses)]
    while waiting:
        some = waiting.pop()
        nodes = sorted({u.by for u in some} | {u.of for u in some})
        # an entry at an end of a way is on no circle
        for component in strongly_connected_components((nodes, [(u.by, u.of) for u in some])):
            here = set(component)
            inside = [u for u in some if u.by in here and u.of in here]
            if inside:
                rest = _unranked(inside)
                if rest is None:
                    return inside
                waiting.append(rest)
    return []


def _unranked(uses: Sequence[Use]) -> list[Use] | None:
    """The uses that stay, for a superscript in which all that move go the same way; None if there is none."""
    tensors = sorted({t for u in uses for t in (u.lhs.symbol, u.entry.symbol)}, key=lambda t: t.name)
    for places in islice(product(*(range(t.sup) for t in tensors)), PAIRINGS):
        place = dict(zip(tensors, places, strict=True))
        for up in (False, True):
            changes = []
            for u in uses:
                changes.append(u.change(place, up))
                if changes[-1] < 0:
                    break
            else:
                if any(changes):
                    return [u for u, c in zip(uses, changes, strict=True) if not c]
    return None
