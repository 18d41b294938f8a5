"""Evidence: one of five statuses, by one method; statuses are never merged and never rounded up.

| status | means |
|---|---|
| proved | the kernel built it |
| exact | both sides agreed in exact arithmetic at random points; the error probability is stated |
| numeric | both sides agreed in floating point; the largest relative error is stated |
| refuted | a concrete counterexample |
| unknown | none of these, and why |
"""

from __future__ import annotations

from dataclasses import dataclass

from symderive.displayed import Displayed
from symderive.errors import SymderiveError

STATUSES = ("proved", "exact", "numeric", "refuted", "unknown")


class CheckFailed(SymderiveError):
    """An equation that was derived or proved fails a check: a fault of symderive, which stops the run."""


@dataclass(frozen=True, repr=False)
class Evidence(Displayed):
    """What is known of one equation, by one method.

    `error` is the probability that a false equation passes (exact), or the largest relative error (numeric).
    Formulas in `text` stand between dollar signs.

    >>> str(Evidence("exact", "modulo 2^61-1", error=1e-16, points=12, seed=7))
    'exact: modulo 2^61-1, error probability at most 1e-16, 12 points, seed 7'
    """

    status: str
    text: str
    error: float | None = None
    points: int | None = None
    seed: int | None = None

    def __post_init__(self) -> None:
        if self.status not in STATUSES:
            raise SymderiveError(f"expected a status of {', '.join(STATUSES)}, found {self.status!r}")
        if self.status in ("exact", "numeric") and self.error is None:
            raise SymderiveError(f"{self.status} evidence has to state its error")

    def __str__(self) -> str:
        parts = [self.text.replace("$", "")] if self.text else []
        if self.error is not None:
            kind = "error probability at most" if self.status == "exact" else "largest relative error"
            parts.append(f"{kind} {self.error:.2g}")
        if self.points is not None:
            parts.append(f"{self.points} point{'s' if self.points != 1 else ''}")
        if self.seed is not None:
            parts.append(f"seed {self.seed}")
        return f"{self.status}: {', '.join(parts)}" if parts else self.status
