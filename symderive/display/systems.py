"""How networks show: systems, definitions, derivations with their steps, activations, symmetries."""

from __future__ import annotations

from typing import Any

from symderive.compilation.compiled import Compiled
from symderive.derivation.derive import Derivation
from symderive.derivation.steps import Step
from symderive.display.card import Card, Fold, Part, Pieces, Words, counted, joined
from symderive.display.formulas import chained, equation, ranges, term
from symderive.proof.symmetry import IndexClass
from symderive.systems.activations import Activation
from symderive.systems.definition import Definition
from symderive.systems.system import System


def definition(d: Definition) -> Card:
    """One equation."""
    return Card((), (_defined(d),))


def step(s: Step) -> Card:
    """One equation and its rule."""
    return Card((), (equation(s.lhs, s.rhs, reason=(s.reason,), avoid=s.context),))


def system(s: System) -> Card:
    """The definitions, then what is assumed at kinks."""
    count = counted(len(s.definitions), "definition")
    title: Pieces = (f"System {s.name}: {count}; parameters ", *joined(t.name for t in s.parameters))
    return Card(title, (*map(_defined, s.definitions), *(Words((c,)) for c in s.conventions)))


def derivation(d: Derivation) -> Card:
    """The derived equations; on a page each unfolds into its steps."""
    title = (f"Derived from the {counted(len(d.system.definitions), 'definition')} of {d.system.name}",)
    folds: list[Part] = []
    for found in d.definitions:
        steps = d.steps.get(found, ())
        name: Pieces = (term(found.lhs), *((f", {found.name}",) if found.name else ()))
        lines = [equation(s.lhs, s.rhs, reason=(s.reason,), avoid=s.context) for s in steps]
        folds.append(Fold(("Steps of ", *name, f" ({len(steps)})"), chained(lines), "hidden"))
    return Card(title, (*map(_defined, d.definitions), *folds))


def activation(a: Activation) -> Card:
    """Its formula, and what is assumed at a kink."""
    lhs, rhs = a.equation
    said = (Words((a.convention(),)),) if a.convention() else ()
    if lhs == rhs or str(lhs) == str(rhs):
        return Card((f"activation {a.name}",), said)
    return Card((f"activation {a.name}",), (equation(lhs, rhs), *said))


def index_class(c: IndexClass) -> Card:
    """What is permuted, and which parameters move with it."""
    letters = c.letters()
    limits = tuple((k, lo, hi) for k, (lo, hi) in zip(letters, c.permutation.ranges(*letters), strict=True))
    index = ("first", "second", "third")
    moved = sorted(c.moved, key=lambda m: (m[1], c.parameters.index(m[0])))
    axes: list[str] = []
    for t, axis in moved:
        n = axis - t.sup
        alone = t.rank - t.sup == 1
        axes.append(t.name if alone else f"{index[n] if n < 3 else f'{n + 1}th'} index of {t.name}")
    fixed: Pieces = ()
    if c.fixed:
        values = joined((term(v) for values in c.fixed for v in values), ", ")
        fixed = ("; nothing moves where ", term(letters[0]), " is ", *values) if letters[1:] else ()
    title: Pieces = (
        "permutation ", term(c.permutation[letters]), " for ", *ranges(limits), ": moves ",
        ", ".join(axes) or "no parameter", *fixed,
    )  # fmt: skip
    return Card(title)


def compiled(c: Compiled) -> Card:
    """How to call it."""
    given = ", ".join(f"{t.name}=.." for t in c.program.given)
    names = ", ".join(t.name for t in c.derivation.system.parameters)
    title = f"Compiled gradient of {c.derivation.system.name}: f({given}) -> cost, derivatives by {names}"
    return Card((title,), (Words(("its NumPy code is .source",)),))


def _defined(d: Any) -> Part:
    return equation(d.lhs, d.rhs, d.indices)
