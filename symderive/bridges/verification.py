"""A library's own gradient against the derived one, on arrays: the largest relative error per parameter.

The comparison is in floating point, so its status is `numeric`, or `refuted` with the entry that is furthest
off. It is no proof, and it says nothing of data other than those given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from symderive.claims.evidence import CheckFailed, Evidence
from symderive.displayed import Displayed

Array = NDArray[Any]


@dataclass(frozen=True)
class Precision:
    """What floating point of one width leaves: relative to the largest entry, and to the terms of an entry.

    Where terms cancel, an entry is less certain than it is large: at a minimum it is rounding alone.
    """

    entry: float
    terms: float


DOUBLE, SINGLE = Precision(1e-9, 1e-13), Precision(1e-4, 5e-5)


@dataclass(frozen=True, repr=False)
class Verified(Displayed):
    """What is known of each parameter's gradient; `notes` say what was assumed and what was left out.

    >>> one = compared("W", {"mine": np.array([1.0, 2.5])}, np.array([1.0, 2.0]), DOUBLE, 3)
    >>> print(Verified("arrays", {"W": one}))
    arrays: refuted
      W: refuted: mine: entry [1] of W is 2.5, derived 2: off by 0.25 of the largest, above 1e-09, 3 samples
    """

    source: str
    evidence: Mapping[str, Evidence]
    notes: tuple[str, ...] = ()

    @property
    def status(self) -> str:
        """refuted where one parameter's gradient is; unknown where one is or there is none; else numeric."""
        found = {e.status for e in self.evidence.values()}
        if "refuted" in found:
            return "refuted"
        return "numeric" if found == {"numeric"} else "unknown"

    @property
    def error(self) -> float:
        """The largest relative error of all; infinite where one is not known."""
        return max((np.inf if e.error is None else e.error for e in self.evidence.values()), default=np.inf)

    @property
    def holds(self) -> bool:
        """Whether every gradient agrees."""
        return self.status == "numeric"

    def require(self) -> Verified:
        """Itself; CheckFailed, with the whole report, unless every gradient agrees."""
        if not self.holds:
            raise CheckFailed(str(self))
        return self

    def __str__(self) -> str:
        lines = [f"{self.source}: {self.status}"]
        lines += [f"  {name}: {e}" for name, e in self.evidence.items()]
        return "\n".join([*lines, *(f"  {note}" for note in self.notes)])


def compared(
    name: str,
    found: Mapping[str, Array],
    derived: Array,
    precision: Precision,
    samples: int,
    terms: Callable[[str], float] = lambda name: 0.0,
) -> Evidence:
    """max |found - derived| / max |derived| as evidence: numeric within the precision, else refuted.

    - `found`: the gradient by each way in which the library computes it; the worst counts.
    - `terms`: how large the terms are that an entry of the parameter adds, asked where the error is too
      large: one within the precision of the terms is no counterexample.

    >>> one = np.array([1.0, 2.0])
    >>> print(compared("b", {"torch autograd": one}, one, DOUBLE, 5))
    numeric: torch autograd, 5 samples, largest relative error 0
    >>> compared("b", {"torch autograd": np.zeros((2, 1))}, one, DOUBLE, 5).text
    'torch autograd: shape (2, 1), expected (2,)'
    """
    errors, lost = [], ""
    scale = float(np.max(np.abs(derived), initial=0.0))
    for way, array in found.items():
        if np.shape(array) != np.shape(derived):
            return Evidence("refuted", f"{way}: shape {np.shape(array)}, expected {np.shape(derived)}")
        gap = np.abs(np.asarray(array, dtype=float) - derived)
        gap = np.where(np.isnan(gap), np.inf, gap)
        worst = float(np.max(gap, initial=0.0))
        errors.append(worst / scale if scale else worst)
        if not errors[-1] <= precision.entry:
            size = terms(name) if precision.terms else 0.0
            if worst <= precision.terms * size:
                errors[-1], lost = worst / size, ", relative to terms that cancel"
                continue
            at = np.unravel_index(int(np.argmax(gap)), gap.shape)
            where = ", ".join(map(str, at))
            return Evidence(
                "refuted",
                f"{way}: entry [{where}] of {name} is {array[at]:.6g}, derived {derived[at]:.6g}: "
                f"off by {errors[-1]:.2g} of the largest, above {precision.entry:g}, "
                f"{counted(samples, 'sample')}",
            )
    ways = " and ".join(found)
    zero = "" if scale else ", derived as zero" if max(errors) else ", zero on both sides"
    return Evidence("numeric", f"{ways}, {counted(samples, 'sample')}{zero}{lost}", max(errors))


def counted(n: int, what: str) -> str:
    """A number of things.

    >>> counted(1, "sample"), counted(2, "sample")
    ('1 sample', '2 samples')
    """
    return f"{n} {what}{'s' if n != 1 else ''}"
