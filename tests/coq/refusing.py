"""Claims that Coq is asked about one after the other in one run: which of them it lets the library prove."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from sympy import Expr

from symderive.calculus.ranges import Context
from symderive.coq.export import HEADER, confirming, library_theorems
from symderive.coq.library import NAME
from symderive.coq.statement import statement
from symderive.library import prove
from symderive.proof.kernel import Theorem
from symderive.proof.movement import Movement, movement
from symderive.proof.sequent import Hypothesis

SECONDS = 5  # for each claim
AT_ONCE = 40  # claims to one coqtop, which then stays below a few gigabytes


@dataclass(frozen=True)
class Claim:
    """A sequent that the kernel did not make; none of its hypotheses holds along a movement unless said."""

    context: Context
    hypotheses: tuple[Hypothesis, ...]
    lhs: Expr
    rhs: Expr
    movement: Movement = field(default_factory=Movement)

    @classmethod
    def of(cls, theorem: Theorem) -> Claim:
        """The claim of a theorem, with what its proof uses of the movement."""
        hypotheses = tuple(theorem.hypotheses)
        return cls(theorem.context, hypotheses, theorem.lhs, theorem.rhs, movement(theorem))

    def concluding(self, lhs: Expr, rhs: Expr) -> Claim:
        """The same hypotheses, another conclusion."""
        return replace(self, lhs=lhs, rhs=rhs)

    def assuming(self, name: str, lhs: Expr, rhs: Expr) -> Claim:
        """The same conclusion, one hypothesis changed."""
        assert any(h.name == name for h in self.hypotheses)

        def changed(h: Hypothesis) -> Hypothesis:
            return h._replace(lhs=lhs, rhs=rhs) if h.name == name else h

        along = frozenset(changed(h) for h in self.movement.along)
        return replace(
            self,
            hypotheses=tuple(changed(h) for h in self.hypotheses),
            movement=replace(self.movement, along=along),
        )

    def without(self, name: str) -> Claim:
        """The same conclusion, one hypothesis left out."""
        kept = tuple(h for h in self.hypotheses if h.name != name)
        assert len(kept) == len(self.hypotheses) - 1
        return replace(self, hypotheses=kept)


def claims(key: str) -> dict[str, tuple[str, Claim]]:
    """Each proposition of a theorem with the theorem of Coq that confirms it, and its claim."""
    found = {}
    for p in prove(key).propositions:
        proving = confirming(key, p.name)
        assert proving is not None, p.name
        found[p.name] = (proving, Claim.of(p.theorem))
    return found


def judged(asked: Mapping[str, tuple[str, Claim]], library: Path) -> dict[str, str]:
    """What becomes of each claim, in one run of Coq."""
    goals = [(statement("claim", claim).goal, proving) for proving, claim in asked.values()]
    return dict(zip(asked, fates(goals, library), strict=True))


def fates(goals: Sequence[tuple[str, str]], library: Path, seconds: float = 600) -> list[str]:
    """What becomes of each goal, given with the theorem of the library: "accepted", "refused" or "ill typed".

    coqtop goes on after an error, so that one run judges many; it keeps what it tried, so that one run may
    not judge too many.
    """
    parts = [goals[n : n + AT_ONCE] for n in range(0, len(goals), AT_ONCE)]
    return [fate for part in parts for fate in _fates(part, library, seconds)]


def _fates(goals: Sequence[tuple[str, str]], library: Path, seconds: float) -> list[str]:
    files = dict.fromkeys(library_theorems()[theorem] for _, theorem in goals)
    lines = [HEADER.format(title="claims", files="".join(f" {f}" for f in files))]
    for n, (goal, theorem) in enumerate(goals):
        lines.append(f"Goal {goal}.")
        attempt = f"timeout {SECONDS} (by_library {theorem})"
        lines.append(f'tryif ({attempt}) then idtac "@@ {n} accepted" else idtac "@@ {n} refused".')
        lines.append("Abort.")
    lines.append('Goal True. idtac "@@ end". Abort.')
    coqtop = shutil.which("coqtop")
    assert coqtop is not None
    done = subprocess.run(
        [coqtop, "-q", "-w", "none", "-Q", str(library), NAME], input="\n".join(lines),
        capture_output=True, text=True, timeout=seconds, check=False,
    )  # fmt: skip
    assert "@@ end" in done.stdout, done.stdout[-2000:] + done.stderr[-2000:]
    found = dict(re.findall(r"@@ (\d+) (accepted|refused)", done.stdout))
    return [found.get(str(n), "ill typed") for n in range(len(goals))]
