"""What is asked of a function, and the layouts in which it answers: each tried, with what it returned."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from symderive.verification.calling import CallError, call
from symderive.verification.cases import given_case, random_case
from symderive.verification.diagnosis import worst
from symderive.verification.layout import Layout, forms, layouts
from symderive.verification.measured import Found
from symderive.verification.network import Network
from symderive.verification.quantities import Case, Quantities, quantities
from symderive.verification.reading import Returned, UnreadableError

TOLERANCE = {64: 1e-9, 32: 1e-4, 16: 2e-2}


@dataclass(frozen=True)
class Question:
    """What is asked of a function: the network, what its cost adds up, and how close is close."""

    network: Network
    reduction: str
    decay: float
    tolerance: float | None
    seed: int
    oracles: tuple[str, ...] = ()

    def quantities(self, case: Case) -> Quantities:
        """The derived quantities at a case."""
        return quantities(self.network, case, self.reduction, self.decay)

    def tolerance_for(self, found: Returned) -> float:
        """The tolerance asked for, or what the function's floats can keep."""
        if self.tolerance is not None:
            return self.tolerance
        return TOLERANCE.get(found.floats, TOLERANCE[64])


@dataclass(frozen=True)
class Attempt:
    """One layout that the function accepted, with what it returned at the case."""

    layout: Layout
    case: Case
    q: Quantities
    returned: Returned
    error: float
    first: Returned

    @property
    def found(self) -> Found:
        """The gradients by parameter."""
        return found_of(self.returned)


@dataclass(frozen=True)
class Failure:
    """A layout that gave no gradients, why, and how far the function came: lines, from its own inwards."""

    layout: Layout
    text: str
    reached: tuple[int, ...]


def found_of(returned: Returned) -> Found:
    """The gradients by (kind, layer)."""
    return {(kind, l): v for kind, l, v in returned.each()}


def attempts_of(
    fn: Callable[..., Any],
    question: Question,
    parameters: Any,
    data: Any,
    convention: str | None,
    form: str | None,
    samples: int,
) -> tuple[list[Attempt], list[Failure]]:
    """The layouts that fn takes, up to the first with which it agrees; and why it refused the others.

    Another form is tried where none before gave gradients; of one layer, two forms have as many arguments,
    and each may be taken for the other.
    """
    start = random_case(question.network, samples, question.seed)
    known: list[tuple[Case, Quantities]] = []

    def at(case: Case) -> Quantities:
        for old, q in known:
            if all(np.array_equal(u, v) for u, v in zip(_arrays(old), _arrays(case), strict=True)):
                return q
        known.append((case, question.quantities(case)))
        return known[-1][1]

    attempts: list[Attempt] = []
    failures: list[Failure] = []
    found = forms(fn, question.network.depth, form)
    alike = {"lists", "arguments"} <= set(found) and "dict" not in found
    tried = (layout for f in found for layout in layouts(question.network, convention, f))
    for layout in tried:
        if attempts and attempts[-1].layout.form != layout.form and not alike:
            break
        case = given_case(question.network, parameters, data, layout, start)
        if layout.single:
            if any(a.layout.form == layout.form and not a.layout.single and _fits(a) for a in attempts):
                continue
            case = case.one(0)
        q = at(case)
        try:
            first = call(fn, layout, case, question.network.widths)
            # a cache of what an earlier trial left behind is not to be judged
            returned = call(fn, layout, case, question.network.widths)
        except (CallError, UnreadableError) as e:
            # what was returned, and is no gradient, came further than any error
            reached = e.reached if isinstance(e, CallError) else (sys.maxsize,)
            failures.append(Failure(layout, str(e), reached))
            continue
        attempt = Attempt(layout, case, q, returned, worst(found_of(returned), q)[4], first)
        attempts.append(attempt)
        if attempt.error <= question.tolerance_for(returned):
            break
    return attempts, failures


def _fits(attempt: Attempt) -> bool:
    """Whether most gradients have the shapes of their parameters."""
    truth = attempt.q.by_key
    good = sum((v := attempt.found[k]) is not None and v.shape == t.shape for k, t in truth.items())
    return 2 * good > len(truth)


def _arrays(case: Case) -> tuple[Any, ...]:
    return (*case.weights, *case.biases, case.x, case.y)
