"""How objects show themselves: as text in a terminal, as HTML and LaTeX in a notebook.

Each kind of object has a card: what it shows, whatever the form (`symderive.display.card`). The table says
where the card is made; a kind that is not in it has none.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from symderive.errors import SymderiveError

# type -> module.function that makes its card
TABLE = {
    "symderive.bridges.bridged.Bridged": "findings.bridged",
    "symderive.bridges.verification.Verified": "findings.verified",
    "symderive.claims.certified.Certified": "findings.certified",
    "symderive.claims.crosscheck.Printed": "findings.printed",
    "symderive.claims.derivation.CheckedDerivation": "findings.checked_derivation",
    "symderive.claims.evidence.Evidence": "findings.evidence",
    "symderive.commands.prove.Outcome": "findings.outcome",
    "symderive.compilation.compiled.Compiled": "systems.compiled",
    "symderive.derivation.derive.Derivation": "systems.derivation",
    "symderive.derivation.steps.Step": "systems.step",
    "symderive.formulas.verdict.Verdict": "findings.verdict",
    "symderive.proof.kernel.Theorem": "proofs.theorem",
    "symderive.proof.result.Argument": "proofs.argument",
    "symderive.proof.result.Proposition": "proofs.proposition",
    "symderive.proof.result.Proved": "proofs.proved",
    "symderive.proof.sequent.Hypothesis": "proofs.hypothesis",
    "symderive.proof.symmetry.IndexClass": "systems.index_class",
    "symderive.proof.tactics.Chain": "proofs.chain",
    "symderive.proof.witness.Witness": "proofs.witness",
    "symderive.proof.witness.Worked": "proofs.worked",
    "symderive.systems.activations.Activation": "systems.activation",
    "symderive.systems.definition.Definition": "systems.definition",
    "symderive.systems.system.System": "systems.system",
    "symderive.verification.verdict.GradientVerdict": "findings.gradient_verdict",
}


def _maker(kind: Any) -> Any:
    for base in kind.__mro__:
        where = TABLE.get(f"{base.__module__}.{base.__qualname__}")
        if where is not None:
            module, name = where.split(".")
            return getattr(import_module(f"symderive.display.{module}"), name)
    return None


def card_of(thing: Any) -> Any:
    """The card of an object; None where its kind has none.

    >>> from symderive.systems import mlp
    >>> card_of(mlp()).title
    ('System mlp: 4 definitions; parameters ', 'w', ', ', 'b')
    """
    make = _maker(type(thing))
    return None if make is None else make(thing)


def text(thing: Any) -> str | None:
    """The object in a terminal; one that cannot be shown says why.

    Whatever is wrong with it: error messages contain objects that are no good, and must not fail over them.
    """
    from symderive.display.plain import to_text

    try:
        found = card_of(thing)
        return None if found is None else to_text(found)
    except Exception as error:
        return f"<{type(thing).__name__}: {error}>"


def html(thing: Any) -> str | None:
    """The object in a notebook."""
    from symderive.display.page import to_html

    try:
        found = card_of(thing)
        return None if found is None else to_html(found)
    except SymderiveError:
        return None


def latex(thing: Any) -> str | None:
    """The equations of the object, where it has some, between dollar signs."""
    from symderive.display.source import to_latex

    try:
        found = card_of(thing)
        return None if found is None else to_latex(found)
    except SymderiveError:
        return None
