"""`symderive replay`: certificates checked by rules that share nothing with those that made them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from symderive.errors import SymderiveError
from symderive.proof.checker import CheckerError, Replayed, replay

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
                "statement": f"{s.lhs} = {s.rhs}",
                "assumptions": sorted(h.name for h in s.hypotheses if h.kind == "assumption"),
                "citations": sorted(h.name for h in s.hypotheses if h.kind == "citation"),
                "definitions": sorted(h.name for h in s.hypotheses if h.kind == "definition"),
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


def replay_file(file: Path) -> Outcome:
    """Read and replay one certificate; SymderiveError where there is no readable file."""
    start = time.perf_counter()
    text = _text(file)
    try:
        return Outcome(file, replay(text), "", time.perf_counter() - start)
    except CheckerError as error:
        return Outcome(file, None, str(error), time.perf_counter() - start)


def _text(file: Path) -> str:
    try:
        if file.stat().st_size > MOST_BYTES:
            raise SymderiveError(f"{file}: expected a certificate of at most {MOST_BYTES} bytes, found more")
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise SymderiveError(f"{file}: expected a readable file, found {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SymderiveError(f"{file}: expected UTF-8 text, found other bytes at {error.start}") from error
