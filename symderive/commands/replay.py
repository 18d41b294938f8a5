"""`symderive replay`: certificates checked by rules that share nothing with those that made them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from symderive.errors import SymderiveError
from symderive.proof.checker import KINDS, CheckerError, NotJSON, Replayed, Sequent, replay

MOST_BYTES = 100_000_000


@dataclass(frozen=True)
class Outcome:
    """One file: what it proves, or the line that says why it proves nothing."""

    file: Path
    replayed: Replayed | None
    refusal: str
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """The outcome for machines."""
        if self.replayed is None:
            return {"file": str(self.file), "status": "refused", "reason": self.refusal}
        theorems = [
            {
                "name": name,
                "indices": [" ".join(map(str, limit)) for limit in s.context],
                "statement": f"{s.lhs} = {s.rhs}",
                "hypotheses": {kind: _shown(s, kind) for kind in KINDS},
            }
            for name, s in self.replayed.theorems.items()
        ]
        return {
            "file": str(self.file),
            "status": "proved",
            "steps": self.replayed.steps,
            "rules": dict(self.replayed.rules),
            "seconds": round(self.seconds, 3),
            "theorems": theorems,
        }

    def as_line(self) -> str:
        """The outcome for people: theorems, steps, hypotheses by kind, time; or why it is refused."""
        if self.replayed is None:
            return f"{self.file}: refused: {self.refusal}"
        every = {h for s in self.replayed.theorems.values() for h in s.hypotheses}
        counts = [f"{sum(h.kind == kind for h in every)} {kind}" for kind in KINDS]
        return (
            f"{self.file}: proved: {', '.join(self.replayed.theorems)}; {self.replayed.steps} steps; "
            f"hypotheses: {', '.join(counts)}; {self.seconds:.1f} s"
        )


def _shown(s: Sequent, kind: str) -> list[str]:
    """The hypotheses of one kind, each in full; none of any kind may go unseen."""
    return sorted(str(h) for h in s.hypotheses if h.kind == kind)


def replay_file(file: Path) -> Outcome:
    """Read and replay one certificate; SymderiveError where there is no readable file, or no JSON in it."""
    start = time.perf_counter()
    text = _text(file)
    try:
        return Outcome(file, replay(text), "", time.perf_counter() - start)
    except NotJSON as error:
        raise SymderiveError(f"{file}: {error}") from error
    except CheckerError as error:
        return Outcome(file, None, str(error), time.perf_counter() - start)


def _text(file: Path) -> str:
    try:
        if file.exists() and not file.is_file():  # a device or a pipe might have no end
            raise SymderiveError(f"{file}: expected a file, found something else")
        if file.stat().st_size > MOST_BYTES:
            raise SymderiveError(f"{file}: expected a certificate of at most {MOST_BYTES} bytes, found more")
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise SymderiveError(f"{file}: expected a readable file, found {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SymderiveError(f"{file}: expected UTF-8 text, found other bytes at {error.start}") from error
