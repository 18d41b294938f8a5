"""The verdict on a gradient: a status, what is wrong, and the evidence for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from symderive.claims.evidence import Evidence
from symderive.displayed import Displayed

Worst = tuple[str, tuple[int, ...], Any, Any]


@dataclass(frozen=True, repr=False)
class GradientVerdict(Displayed):
    """What was found about somebody's gradient.

    - `status`: "exact", "numeric", "refuted" or "unknown".
    - `diagnosis`: what is wrong, in a sentence, or ""; `faults`: the same by machine names.
    - `note`: what a colleague would write; `worst`: (parameter, index, expected, found); `error`: the largest
      relative error; `conventions`: what was found by trial; `evidence`: by method.
    - `latex`: the derived equations of what is wrong, in the notation of the user's arrays; `example`: the
      smallest counterexample that was found, worked, line by line.
    """

    status: str
    diagnosis: str = ""
    faults: tuple[str, ...] = ()
    note: str = ""
    worst: Worst = ("", (), None, None)
    error: float = 0.0
    conventions: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    latex: tuple[str, ...] = ()
    example: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether the gradient agrees, by exact or floating arithmetic.

        >>> GradientVerdict("numeric").holds, GradientVerdict("unknown").holds
        (True, False)
        """
        return self.status in ("exact", "numeric")

    def as_json(self) -> dict[str, Any]:
        """The verdict for machines.

        >>> GradientVerdict("refuted", faults=("sign",)).as_json()["faults"]
        ['sign']
        """
        name, index, expected, found = self.worst
        return {
            "status": self.status,
            "diagnosis": self.diagnosis,
            "faults": list(self.faults),
            "note": self.note,
            "worst": {
                "parameter": name, "index": list(index), "expected": _plain(expected), "found": _plain(found)
            },
            "error": self.error if self.error < float("inf") else None,
            "conventions": list(self.conventions),
            "latex": list(self.latex),
            "example": list(self.example),
            "evidence": [
                {"status": e.status, "method": e.text, "error": e.error, "points": e.points, "seed": e.seed}
                for e in self.evidence
            ],
        }  # fmt: skip


def _plain(value: Any) -> Any:
    if value is None:
        return None
    return value.tolist() if hasattr(value, "tolist") else value
