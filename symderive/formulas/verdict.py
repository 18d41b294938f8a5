"""What became of a formula: its status, and what a reader needs to believe it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from symderive.displayed import Displayed

HOLDS = ("proved", "exact", "numeric")


@dataclass(frozen=True, repr=False)
class Verdict(Displayed):
    """The verdict on a formula.

    - `status`: proved (by the kernel, with a certificate), exact (tested in exact arithmetic), numeric
    (tested in
      floating point), refuted (a counterexample, or types that cannot fit), unknown (and `reason` says why).
    - `summary`: one line. `conditions`: readings and conditions under which it holds, in words.
    - `diagnosis`: what is wrong; `right_form`: the formula put right, in the writer's own notation.
    - `example`: a worked counterexample, line by line. `reason`: why unknown, or the first thing wrong
    with the types.
    - `column`, `line`: where in the formula, from 1.
    - `certificate`: of the proof, as JSON; "" where there is none.

    >>> Verdict("refuted", "a = b", "its sides differ", diagnosis="wrong sign")
    refuted: its sides differ
      a = b
      what is wrong: wrong sign
    """

    status: str
    formula: str
    summary: str
    conditions: tuple[str, ...] = ()
    diagnosis: str = ""
    right_form: str = ""
    example: tuple[str, ...] = ()
    reason: str = ""
    column: int | None = None
    line: int = 1
    certificate: str = ""

    @property
    def holds(self) -> bool:
        """Whether the formula was found to hold."""
        return self.status in HOLDS

    def as_json(self) -> dict[str, Any]:
        """The verdict for machines."""
        return {
            "status": self.status,
            "formula": self.formula,
            "summary": self.summary,
            "conditions": list(self.conditions),
            "diagnosis": self.diagnosis,
            "right_form": self.right_form,
            "example": list(self.example),
            "reason": self.reason,
            "column": self.column,
            "line": self.line,
            "certificate": self.certificate,
        }

    def __str__(self) -> str:
        lines = [f"{self.status}: {self.summary}"]
        lines += [f"  if {c}" for c in self.conditions]
        lines += [f"  {what}: {text}" for what, text in (
            ("what is wrong", self.diagnosis), ("right form", self.right_form), ("because", self.reason),
        ) if text]  # fmt: skip
        return "\n".join([*lines, *(f"  {x}" for x in self.example)])
