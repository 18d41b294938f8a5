"""A theorem with its evidence: every equation of statement and proof printed, read back and tested."""

from __future__ import annotations

from dataclasses import dataclass, replace

from symderive.claims.certified import REPLAYED
from symderive.claims.crosscheck import CrossCheck, Printed
from symderive.claims.evidence import CheckFailed, Evidence
from symderive.claims.sizes import test_sizes
from symderive.claims.witness import CheckedWitness, check_witness
from symderive.latex import Notation
from symderive.proof.kernel import Hypothesis
from symderive.proof.result import Argument, Proposition, Proved


@dataclass(frozen=True)
class CheckedHypothesis:
    """A hypothesis as printed."""

    hypothesis: Hypothesis
    printed: Printed


@dataclass(frozen=True)
class CheckedArgument:
    """A chain of equations as printed: every line equals the first left side."""

    argument: Argument
    lines: tuple[Printed, ...]


@dataclass(frozen=True)
class CheckedProposition:
    """A statement as printed, and the arguments for it."""

    proposition: Proposition
    statement: Printed
    arguments: tuple[CheckedArgument, ...]


@dataclass(frozen=True)
class CheckedTheorem:
    """All of a theorem that a document prints."""

    proved: Proved
    hypotheses: tuple[CheckedHypothesis, ...]
    propositions: tuple[CheckedProposition, ...]
    numeric: tuple[Evidence, ...]
    count: int
    cross: CrossCheck
    witnesses: tuple[CheckedWitness, ...] = ()


def check_theorem(
    proved: Proved, seed: int, numeric: tuple[Evidence, ...] = (), notation: Notation | None = None
) -> CheckedTheorem:
    """Print and read back every equation, and test each in exact arithmetic in a model of the hypotheses.

    An induction hypothesis is no law of the model: it holds there because the theorem does.
    Raises CheckFailed where a proved equation fails a test: that is a fault of the kernel.
    """
    for p in proved.propositions:
        for a in p.arguments:
            _ends_as_proved(a)
    hypotheses = proved.hypotheses()
    arguments = [a for p in proved.propositions for a in p.arguments]
    every = [h for a in arguments for h in a.theorem.hypotheses]
    terms = [e for h in (*hypotheses, *every) for e in (h.lhs, h.rhs)]
    terms += [e for p in proved.propositions for e in (p.theorem.lhs, p.theorem.rhs)]
    terms += [e for a in arguments for line in a.lines for e in (a.start, line[0])]
    cross = CrossCheck(terms, (), test_sizes(terms), seed, notation)
    shown = []
    for h in hypotheses:
        shown.append(CheckedHypothesis(h, _hypothesis(cross, h, proved)))
    propositions = []
    for p in proved.propositions:
        own = {h for t in (p.theorem, *(a.theorem for a in p.arguments)) for h in t.hypotheses}
        # where two laws give one entry the first is used: an assumption before a definition
        laws = sorted(own, key=lambda h: (h.kind == "definition", h.name))
        cross.under([h for h in laws if h.kind != "induction"])
        statement = cross.tested(p.theorem.lhs, p.theorem.rhs, p.theorem.context, REPLAYED)
        chains = tuple(
            CheckedArgument(
                a, tuple(cross.tested(a.start, e, a.context, REPLAYED, reason=why) for e, why in a.lines)
            )
            for a in p.arguments
        )
        propositions.append(CheckedProposition(p, statement, chains))
    witnesses = tuple(check_witness(w, cross) for w in proved.witnesses)
    return CheckedTheorem(proved, tuple(shown), tuple(propositions), numeric, cross.count, cross, witnesses)


def _ends_as_proved(a: Argument) -> None:
    """A chain is shown for its theorem: it begins and ends with the sides of that."""
    shown = (a.start, a.lines[-1][0] if a.lines else a.start)
    if shown != (a.theorem.lhs, a.theorem.rhs):
        raise CheckFailed(
            f"{a.title}: expected a chain from {a.theorem.lhs} to {a.theorem.rhs}, as proved, found one "
            f"from {shown[0]} to {shown[1]}"
        )


def _hypothesis(cross: CrossCheck, h: Hypothesis, proved: Proved) -> Printed:
    """A hypothesis for all its own indices; those that it shares with the theorem are fixed."""
    owner = next(p.theorem for p in proved.propositions if h in p.theorem.hypotheses)
    ctx = owner.context
    own = {k for k, _, _ in h.indices}
    limits = [(k, lo, hi) for k, lo, hi in ctx if k in h.free() and k not in own]
    outer = type(ctx).of(*limits, *h.indices)
    printed = cross.printed(h.lhs, h.rhs, outer, h.name)
    return replace(printed, conditions=cross.ranges(h.indices))
