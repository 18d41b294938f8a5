"""The corpus of real formulas, judged: verdicts by hand beside those of `check`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from symderive.errors import SymderiveError
from symderive.formulas import Verdict, check

HERE = Path(__file__).parent
CORPUS = HERE.parents[2] / "shared" / "corpus" / "formulas.json"
DOMAINS = ("mlp", "softmax")

# What a diagnosis says, for each kind of fault that the corpus names.
SAYS: dict[str, tuple[str, ...]] = {
    "missing-transpose": ("missing transpose",),
    "wrong-sign": ("wrong sign",),
    "wrong-variable": ("wrong variable",),
    "wrong-index": ("wrong index", "index order"),
    "missing-upstream-factor": ("missing factor",),
    "missing-weight-factor": ("missing factor",),
    "missing-activation-derivative": ("missing activation derivative", "missing prime"),
    "layer-off-by-one": ("wrong layer",),
    "wrong-layer-argument": ("wrong layer in the argument",),
    "value-for-gradient": ("for the gradient by it",),
    "noncommutative-product-order": ("order of the factors",),
    "dot-for-hadamard": ("sum over", "elementwise product"),
    "wrong-forward": ("in an argument", "factor"),
    "index-out-of-range": ("range",),
    "1/m-convention": ("missing factor",),
    "missing-factor-2": ("missing factor 2",),
    "missing-index": ("index", "types"),
    "wrong-order/shape": ("order of the factors", "types"),
    "bound-and-free-index": ("too many", "index"),
}


@dataclass(frozen=True)
class Row:
    """One formula: what was found by hand, and by `check`."""

    id: str
    by_hand: str
    fault: str | None
    verdict: Verdict

    @property
    def wrong(self) -> bool:
        """A wrong formula that holds, or a right one that is refuted."""
        v = self.verdict
        return (self.by_hand == "wrong" and v.holds) or (self.by_hand == "correct" and v.status == "refuted")

    @property
    def decided(self) -> bool:
        """Whether there is a verdict at all."""
        return self.verdict.status != "unknown"

    @property
    def named(self) -> bool:
        """Whether the diagnosis is the fault that was found by hand."""
        return any(w in self.verdict.diagnosis for w in SAYS.get(self.fault or "", ()))


def settings() -> dict[str, Any]:
    """What the names of each formula mean, written down without a look at the verdicts."""
    found: dict[str, Any] = {}
    for path in sorted(HERE.glob("corpus_settings_*.json")):
        found |= json.loads(path.read_text("utf-8"))
    return found


def judged() -> list[Row]:
    """Every formula of the corpus about networks that the checker knows."""
    given = settings()
    rows = []
    for entry in json.loads(CORPUS.read_text("utf-8")):
        if entry["domain"] not in DOMAINS:
            continue
        try:
            verdict = check(entry["latex"], given[entry["id"]], seconds=20.0)
        except SymderiveError as error:
            verdict = Verdict("unknown", entry["latex"], "the setting cannot be used", reason=str(error))
        rows.append(Row(entry["id"], entry["verdict"], entry["fault"], verdict))
    return rows


def table(rows: list[Row]) -> str:
    """A line for each formula, for people."""
    lines = []
    for r in rows:
        v = r.verdict
        words = v.diagnosis or v.reason
        lines.append(f"{r.id}  {r.by_hand:<11} {v.status:<8} {r.fault or '':<30} {words:.60}")
    return "\n".join(lines)
