"""The smallest edit that makes a formula right, and so what is wrong with it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import chain, islice

from symderive.dialect.syntax import Node
from symderive.formulas.edits import edits, factors
from symderive.formulas.interpreter import Interpreter
from symderive.formulas.quantities import SettingError
from symderive.formulas.readings import USUAL, Reading
from symderive.formulas.setting import Setting
from symderive.formulas.spots import Edit, negated
from symderive.formulas.trial import attempt
from symderive.formulas.trying import tried, world_of
from symderive.formulas.worlds import World

MOST = 1500


def repaired(
    given: Setting, left: Node, right: Node, reading: Reading, deadline: float, both: bool = True
) -> Edit | None:
    """The first edit of the right side under which both sides agree; also together with a change of sign,
    and a sum that is missing together with a factor, such as the step size of an update.

    `both`: the left side is edited where no edit of the right side is found.
    """
    world = world_of(given, "formal", 11)
    reader = Interpreter(given, world, reading)
    seen: set[Node] = {right}
    candidates: list[Edit] = []

    def fresh() -> Iterator[Edit]:
        """As they are made: the likely ones come first, and most are never asked for."""
        for found in islice(edits(right, left, reader), MOST):
            if found.node not in seen:
                seen.add(found.node)
                candidates.append(found)
                yield found

    turned = (Edit(f"wrong sign; {c.fault}", negated(c.node)) for c in candidates)  # once all are made
    scaled = (
        Edit(f"{c.fault}; {s.fault}", s.node)
        for c in candidates
        if c.fault.startswith("missing sum")
        for s in factors(c.node, given)
    )
    for one in chain(fresh(), turned, scaled):
        if time.monotonic() > deadline:
            return None
        if _right(given, world, left, one.node, reading) and tried(given, left, one.node, USUAL).equal:
            return one
    for found in islice(edits(left, right, reader), MOST // 3 if both else 0):
        if time.monotonic() > deadline:
            return None
        if _right(given, world, found.node, right, reading) and tried(given, found.node, right, USUAL).equal:
            return Edit(f"left side: {found.fault}", found.node, True)
    return None


def _right(given: Setting, world: World, left: Node, right: Node, reading: Reading) -> bool:
    try:
        return attempt(given, world, left, right, USUAL, most=3).equal
    except SettingError:
        return False
