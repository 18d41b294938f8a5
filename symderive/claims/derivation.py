"""A derivation with its evidence: each step in exact arithmetic, each result against the NumPy reference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from symderive import reference
from symderive.claims.against_reference import Comparison, Data, compare
from symderive.claims.crosscheck import CrossCheck, Printed
from symderive.claims.evidence import Evidence
from symderive.claims.sizes import test_sizes
from symderive.derivation.derive import Derivation
from symderive.latex import Notation
from symderive.systems.system import Definition


@dataclass(frozen=True)
class CheckedDefinition:
    """A derived definition as printed, and the steps that led to it."""

    definition: Definition
    printed: Printed
    steps: tuple[tuple[str, Printed], ...]


@dataclass(frozen=True)
class CheckedDerivation:
    """Layer equations, derived equations with their steps, and the comparison with the reference."""

    derivation: Derivation
    forward: tuple[Printed, ...]
    auxiliary: tuple[Printed, ...]
    derived: tuple[CheckedDefinition, ...]
    comparisons: tuple[Comparison, ...]
    ranges: dict[int, tuple[str, ...]]
    count: int


def check_derivation(
    derivation: Derivation,
    comparisons: Sequence[tuple[reference.Network, Data]],
    seed: int,
    notation: Notation | None = None,
    proved: Evidence | None = None,
) -> CheckedDerivation:
    """Print and read back every equation; test steps exactly, and parsed results against the reference.

    `proved`: the evidence of a theorem that these definitions are the derivatives, where there is one.
    Raises CheckFailed where anything disagrees.
    """
    system = derivation.system
    laws = (*system.definitions, *derivation.definitions, *derivation.auxiliary)
    terms = [e for d in laws for e in (d.lhs, d.rhs)]
    terms += [e for d in derivation.definitions for s in derivation.steps[d] for e in (s.lhs, s.rhs)]
    depth = len(comparisons[0][0].widths) - 1 if comparisons else None
    cross = CrossCheck(terms, laws, test_sizes(terms, depth), seed, notation)
    forward, parsed_forward = zip(*(cross.definition(d) for d in system.definitions), strict=True)
    backward = [cross.definition(d) for d in derivation.definitions]
    parsed = [*parsed_forward, *(d for _, d in backward)]
    found = tuple(compare(parsed, system, network, data) for network, data in comparisons)
    for one in found:
        one.require()
    derived = []
    for d, (shown, _) in zip(derivation.definitions, backward, strict=True):
        layer = d.lhs.index[0] if d.lhs.symbol.sup else None
        at = int(layer) if layer is not None and layer.is_Integer else None
        evidence = [proved] if proved is not None else []
        evidence += [
            c.evidence(d.symbol.name, at) for c in found if any(n == d.symbol.name for n, _ in c.errors)
        ]
        steps = tuple(
            (s.rule, cross.tested(s.lhs, s.rhs, s.context, reason=s.reason)) for s in derivation.steps[d]
        )
        shown = Printed(shown.lhs, shown.rhs, shown.parsed, shown.context, tuple(evidence), d.name)
        derived.append(CheckedDefinition(d, shown, steps))
    auxiliary = tuple(cross.definition(d)[0] for d in derivation.auxiliary)
    contexts = {id(p): cross.ranges(p.context) for p in (*forward, *auxiliary)}
    contexts |= {id(c.printed): cross.ranges(c.printed.context) for c in derived}
    contexts |= {id(s): cross.ranges(s.context) for c in derived for _, s in c.steps}
    return CheckedDerivation(derivation, forward, auxiliary, tuple(derived), found, contexts, cross.count)
