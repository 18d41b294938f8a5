"""Every equation that the commands emit, with the term it was printed from and the laws it follows from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sympy import Expr, Symbol

from symderive.calculus.ranges import Context
from symderive.claims.crosscheck import CrossCheck, Printed
from symderive.claims.derivation import CheckedDerivation
from symderive.commands import derive, prove
from symderive.derivation.composed import composed
from symderive.derivation.explicit import explicit
from symderive.evaluation.law import Law
from symderive.latex import MatrixForm, matrix_form, parse_equation
from symderive.systems import Definition


@dataclass(frozen=True)
class Emitted:
    """lhs = rhs for the indices of `context`, as it was printed by `cross`; true in every model of `laws`."""

    where: str
    kind: str
    lhs: Expr
    rhs: Expr
    context: Context
    latex: tuple[str, str]
    cross: CrossCheck
    laws: tuple[Law, ...]
    form: tuple[Definition, tuple[Symbol, ...]] | None = None
    """In matrix form: the definition that it is a view of, and the indices of rows and columns."""

    def read(self, text: tuple[str, str]) -> tuple[Expr, Expr]:
        """What a text says, in components."""
        letters = self.form[1] if self.form else ()
        return parse_equation(" = ".join(text), self.cross.table, self.cross.notation, letters=letters)


def of_theorem(outcome: prove.Outcome) -> Iterator[Emitted]:
    """Hypotheses, statements, and the lines of every chain."""
    checked = outcome.checked
    given = tuple(h.hypothesis for h in checked.hypotheses if h.hypothesis.kind != "induction")
    for h in checked.hypotheses:
        e = h.hypothesis
        yield _emitted(outcome.key, "hypothesis", e.lhs, e.rhs, h.printed, checked.cross, given)
    for p in checked.propositions:
        theorems = (p.proposition.theorem, *(a.argument.theorem for a in p.arguments))
        laws = tuple(h for t in theorems for h in t.hypotheses if h.kind != "induction")
        t = p.proposition.theorem
        yield _emitted(outcome.key, "statement", t.lhs, t.rhs, p.statement, checked.cross, laws)
        for a in p.arguments:
            for (rhs, _), shown in zip(a.argument.lines, a.lines, strict=True):
                yield _emitted(outcome.key, "line", a.argument.start, rhs, shown, checked.cross, laws)


def of_derivation(where: str, checked: CheckedDerivation) -> Iterator[Emitted]:
    """Definitions and the steps to them, then the other forms."""
    d, cross = checked.derivation, checked.cross
    laws = (*d.system.definitions, *d.definitions, *d.auxiliary)
    definitions = (*d.system.definitions, *d.auxiliary, *d.definitions)
    shown = (*checked.forward, *(c.printed for c in (*checked.auxiliary, *checked.derived)))
    for e, p in zip(definitions, shown, strict=True):
        yield _emitted(where, "definition", e.lhs, e.rhs, p, cross, laws)
    for p in checked.activations:
        own = CrossCheck(p.parsed, (), {}, cross.seed, cross.notation)
        yield _emitted(where, "activation", *p.parsed, p, own, ())
    for c in (*checked.auxiliary, *checked.derived):
        for s, (_, p) in zip(d.steps[c.definition], c.steps, strict=True):
            yield _emitted(where, "step", s.lhs, s.rhs, p, cross, laws)
    others = (
        ("composed", [composed(e, d) for e in d.definitions] if checked.composed else [], checked.composed),
        ("explicit", explicit(d) if checked.explicit else [], checked.explicit),
    )
    for kind, known, shown in others:
        for e, p in zip(known, shown, strict=True):
            yield _emitted(where, kind, e.lhs, e.rhs, p, cross, laws)
    found = {p.latex: p for p in checked.matrix}
    for e in (*d.system.definitions, *d.definitions):
        form = matrix_form(e.lhs, e.rhs, e.indices, cross.notation, table=cross.table)
        if isinstance(form, MatrixForm):
            one = _emitted(where, "matrix form", e.lhs, e.rhs, found[form.latex], cross, laws)
            yield replace(one, form=(e, form.indices))


def _emitted(
    where: str, kind: str, lhs: Expr, rhs: Expr, shown: Printed, cross: CrossCheck, laws: Sequence[Law]
) -> Emitted:
    return Emitted(where, kind, lhs, rhs, shown.context, (shown.lhs, shown.rhs), cross, tuple(laws))


def every(proved: Sequence[prove.Outcome], derived: Mapping[str, derive.Outcome]) -> list[Emitted]:
    """All of them, in the order of the documents."""
    found = [e for o in proved for e in of_theorem(o)]
    found += [e for o in proved if o.derivation for e in of_derivation(f"{o.key} derived", o.derivation)]
    return found + [e for name, o in derived.items() for e in of_derivation(name, o.checked)]
