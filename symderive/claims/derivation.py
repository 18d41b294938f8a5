"""A derivation with its evidence: each step in exact arithmetic, each result against the NumPy reference."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from symderive import reference
from symderive.claims.activation import check_activation
from symderive.claims.against_reference import Comparison, Data, compare
from symderive.claims.crosscheck import CrossCheck, Printed
from symderive.claims.evidence import Evidence
from symderive.claims.sizes import test_sizes
from symderive.derivation.composed import composed
from symderive.derivation.derive import Derivation
from symderive.derivation.explicit import explicit
from symderive.displayed import Displayed
from symderive.errors import SymderiveError
from symderive.latex import Notation
from symderive.systems.system import Definition


@dataclass(frozen=True)
class CheckedDefinition:
    """A derived definition as printed, and the steps that led to it."""

    definition: Definition
    printed: Printed
    steps: tuple[tuple[str, Printed], ...]


@dataclass(frozen=True, repr=False)
class CheckedDerivation(Displayed):
    """Layer equations, derived equations with their steps, other forms of them, and the comparison."""

    derivation: Derivation
    forward: tuple[Printed, ...]
    activations: tuple[Printed, ...]
    auxiliary: tuple[CheckedDefinition, ...]
    derived: tuple[CheckedDefinition, ...]
    matrix: tuple[Printed, ...]
    composed: tuple[Printed, ...]
    explicit: tuple[Printed, ...]
    comparisons: tuple[Comparison, ...]
    cross: CrossCheck

    @property
    def count(self) -> int:
        """How many equations were printed and read back."""
        return self.cross.count + len(self.activations)

    def printed(self) -> tuple[Printed, ...]:
        """Every equation, in the order of the document."""
        shown = (*self.auxiliary, *self.derived)
        steps = (s for c in shown for _, s in c.steps)
        own = (c.printed for c in shown)
        return (
            *self.forward,
            *self.activations,
            *own,
            *self.matrix,
            *steps,
            *self.composed,
            *self.explicit,
        )


def check_derivation(
    derivation: Derivation,
    comparisons: Sequence[tuple[reference.Network, Data]],
    seed: int,
    notation: Notation | None = None,
    proved: Evidence | None = None,
    forms: Collection[str] = ("matrix",),
) -> CheckedDerivation:
    """Print and read back every equation; test steps exactly, and parsed results against the reference.

    `proved`: the evidence of a theorem that the gradients of the weights are derivatives, where there is one.
    `forms`: what else is wanted, of "matrix", "composed" (derivatives put into each other, for a numeric
    depth) and "explicit" (every component written out, for numeric widths).
    Raises CheckFailed where anything disagrees, SymderiveError for a form that the network has not.
    """
    system = derivation.system
    laws = (*system.definitions, *derivation.definitions, *derivation.auxiliary)
    composed_ = _composed(derivation) if "composed" in forms else ()
    explicit_ = explicit(derivation) if "explicit" in forms else ()
    extra = (*composed_, *explicit_)
    terms = [e for d in (*laws, *extra) for e in (d.lhs, d.rhs)]
    terms += [e for d in derivation.definitions for s in derivation.steps[d] for e in (s.lhs, s.rhs)]
    depth = len(comparisons[0][0].widths) - 1 if comparisons else None
    sizes = {**test_sizes(terms, depth), **system.sizes}
    cross = CrossCheck(terms, laws, sizes, seed, notation, system.sizes)
    forward, parsed_forward = zip(
        *(cross.definition(d, reason=d.name) for d in system.definitions), strict=True
    )
    backward = [cross.definition(d) for d in derivation.definitions]
    parsed = [*parsed_forward, *(d for _, d in backward)]
    found = tuple(compare(parsed, system, network, data) for network, data in comparisons)
    for one in found:
        one.require()
    derived = []
    for d, (shown, _) in zip(derivation.definitions, backward, strict=True):
        evidence = _evidence(d, found, proved)
        derived.append(
            CheckedDefinition(
                d, replace(shown, evidence=evidence, reason=d.name), _steps(derivation, d, cross)
            )
        )
    auxiliary = tuple(
        CheckedDefinition(d, cross.definition(d)[0], _steps(derivation, d, cross))
        for d in derivation.auxiliary
    )
    matrix = (
        (cross.matrix(d) for d in (*system.definitions, *derivation.definitions)) if "matrix" in forms else ()
    )
    used = [a for a in system.activations.values() if a.function in system.functions()]
    return CheckedDerivation(
        derivation,
        forward,
        tuple(p for a in used for p in check_activation(a, seed, notation)),
        auxiliary,
        tuple(derived),
        tuple(p for p in matrix if p is not None),
        tuple(cross.tested(d.lhs, d.rhs, d.context) for d in composed_),
        tuple(cross.tested(d.lhs, d.rhs, d.context) for d in explicit_),
        found,
        cross,
    )


def _steps(derivation: Derivation, d: Definition, cross: CrossCheck) -> tuple[tuple[str, Printed], ...]:
    """Each step that led to a derived definition, printed and tested."""
    return tuple(
        (s.rule, cross.tested(s.lhs, s.rhs, s.context, reason=s.reason)) for s in derivation.steps[d]
    )


# T2 speaks of one moving weight: the other definitions are names that its proof uses
PROVED = "grad_w"


def _evidence(d: Definition, found: Sequence[Comparison], proved: Evidence | None) -> tuple[Evidence, ...]:
    """The theorem's, then each comparison's for this tensor, at this layer if it is a number."""
    layer = d.lhs.index[0] if d.lhs.symbol.sup else None
    at = int(layer) if layer is not None and layer.is_Integer else None
    compared = [c.evidence(d.symbol.name, at) for c in found if any(n == d.symbol.name for n, _ in c.errors)]
    shown = proved is not None and d.symbol.name == PROVED
    return (proved, *compared) if proved is not None and shown else (*compared,)


def _composed(derivation: Derivation) -> tuple[Definition, ...]:
    """Every derivative in terms of forward quantities alone; needs a numeric depth."""
    if any(d.lhs.symbol.sup and not d.lhs.index[0].is_Integer for d in derivation.definitions):
        raise SymderiveError("the composed form needs a number of layers: give a depth or widths")
    return tuple(composed(d, derivation) for d in derivation.definitions)
