"""The document of a derivation: layer equations, backward equations, each with the steps that led to it."""

from __future__ import annotations

from collections.abc import Sequence

from symderive.calculus.atoms import TensorSymbol
from symderive.claims.crosscheck import Printed
from symderive.claims.derivation import CheckedDefinition, CheckedDerivation
from symderive.documents.blocks import (
    Block,
    Box,
    Document,
    Paragraph,
    ProofStep,
    Ref,
    Section,
    text,
)
from symderive.documents.compose import aligned, chain, equation, evidence_table, summary
from symderive.systems.system import Definition


def derivation_document(checked: CheckedDerivation, title: str, summary_text: str) -> Document:
    """Forward equations, results, the steps of each, and the comparison with the reference."""
    blocks: list[Block] = [
        Paragraph(text(summary_text)),
        Section("Layer equations"),
        aligned(checked.forward, [f"forward:{n}" for n in range(len(checked.forward))]),
        *_form("Activations", ACTIVATIONS, checked.activations),
        Section("Derivatives of the cost"),
        *(equation(c.printed) for c in checked.derived),
        *_form("In matrix form", MATRIX, checked.matrix),
        Section("Step by step"),
        *derived_blocks(checked, prefix="step"),
        *_form("Composed", COMPOSED, checked.composed),
        *_form("Every component", EXPLICIT, checked.explicit),
        *comparison_blocks(checked),
    ]
    return Document(title, tuple(blocks), subtitle=text("derived by symderive"))


ACTIVATIONS = (
    "The derivatives were differentiated from the formulas. Where a function has a kink, its derivative "
    "there is a convention."
)
MATRIX = (
    "The same equations for all components at once: a capital letter is the matrix of the entries, the "
    "circled dot multiplies entry by entry. Each was read back to components."
)
COMPOSED = "Derivatives put into each other, until only forward quantities are left."
EXPLICIT = "Every sum and every index written out."


def _form(title: str, words: str, shown: Sequence[Printed]) -> list[Block]:
    """A section with equations in another form; nothing where there are none."""
    if not shown:
        return []
    return [Section(title), Paragraph(text(words)), *(equation(p, reason=p.reason) for p in shown)]


def derived_blocks(checked: CheckedDerivation, prefix: str) -> list[Block]:
    """For each derived equation its chain of steps."""
    blocks: list[Block] = []
    shown: dict[tuple[str, ...], str] = {}
    if checked.auxiliary:
        blocks.append(Paragraph(text("A bar stands for the derivative of the cost by what is under it.")))
    for n, c in enumerate(checked.auxiliary):
        blocks.append(_steps(checked, c, f"{prefix}:bar:{n}", shown))
    for n, c in enumerate(checked.derived):
        blocks.append(_steps(checked, c, f"{prefix}:{n}", shown))
    return blocks


def _steps(
    checked: CheckedDerivation, c: CheckedDefinition, label: str, shown: dict[tuple[str, ...], str]
) -> Box:
    """A derived equation with its chain; a chain that another one began with already is not repeated."""
    groups: list[list[Printed]] = []
    for _, s in c.steps:
        if groups and groups[-1][0].lhs == s.lhs and groups[-1][0].context == s.context:
            groups[-1].append(s)
        else:
            groups.append([s])
    steps = []
    for g in groups:
        latex = tuple(s.latex for s in g)
        box = f"{label}:box"
        if latex in shown:
            again = text("the same steps as in ", Ref(shown[latex]))
            steps.append(ProofStep(rule="In general", reason=again))
            continue
        if len(groups) > 1 and g is groups[0]:
            shown[latex] = box
        rule = "" if len(groups) == 1 else "In general" if g is groups[0] else "In these ranges"
        steps.append(ProofStep(rule, chain(g), evidence=summary(g)))
    return Box(
        "Derivation",
        _title(c.definition),
        statement=(equation(c.printed, label=label),),
        proof=tuple(steps),
        label=f"{label}:box",
    )


def comparison_blocks(checked: CheckedDerivation) -> list[Block]:
    """The table of errors against the reference."""
    if not checked.comparisons:
        return []
    tensors = {d.symbol.name: d.symbol for d in (*checked.derivation.definitions, *_costs(checked))}
    rows = [
        (_quantity(tensors[name], layer), one.evidence(name, layer))
        for one in checked.comparisons
        for name, layer in one.errors
    ]
    return [
        Section("Against the NumPy reference"),
        Paragraph(
            text(
                "The printed equations were parsed, evaluated on arrays, and compared with derivatives of "
                "the reference's forward pass."
            )
        ),
        evidence_table(rows, "Largest relative errors."),
    ]


def _title(d: Definition) -> str:
    """What is derived, in words: delta, layer 2; gradient by w."""
    t = d.lhs.symbol
    words = t.name
    if t.style == "partial":
        words = f"gradient by {t.name.removeprefix('grad_')}"
    elif t.name.startswith("bar_"):
        words = f"derivative by {t.name.removeprefix('bar_')}"
    if not t.sup:
        return words
    return f"{words}, layer {d.lhs.index[0]}"


def _costs(checked: CheckedDerivation) -> tuple[Definition, ...]:
    return checked.derivation.system.of(checked.derivation.system.cost)


def _quantity(t: TensorSymbol, layer: int) -> str:
    """The name of a tensor at one layer, as a formula."""
    name = f"{t.latex_name}^{{({layer})}}" if layer else t.latex_name
    return rf"$\partial {t.mark} / \partial {name}$" if t.style == "partial" else f"${name}$"
