"""How proofs show: theorems, hypotheses, chains of equations, propositions, theorems of the library."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sympy import Expr

from symderive.calculus.ranges import Context
from symderive.claims.witness import value_latex
from symderive.display.card import Card, Equation, Fold, Grid, Part, Pieces, Words, counted, joined
from symderive.display.formulas import chained, checked, equation, mixed, ranges
from symderive.documents.blocks import Math
from symderive.proof.kernel import Hypothesis, Theorem
from symderive.proof.result import Argument, Proposition, Proved
from symderive.proof.tactics import Chain
from symderive.proof.witness import Witness, Worked

ORDER = ("definition", "assumption", "citation", "induction")
WORDS = {
    "definition": ("definition", ""), "assumption": ("assumption", ""), "citation": ("earlier theorem", ""),
    "induction": ("induction hypothesis", "induction hypotheses"),
}  # fmt: skip


def theorem(t: Theorem) -> Card:
    """The equation, and what it rests on."""
    return Card((), (equation(t.lhs, t.rhs, t.context, _rests_on(t.hypotheses)), *_under(t.hypotheses)))


def hypothesis(h: Hypothesis) -> Card:
    """Its name, and its equation."""
    return Card((h.name,), (_assumed(h, named=False),))


def argument(a: Argument) -> Card:
    """start = e_1 = e_2 = .., each with its reason."""
    return Card((f"{a.title}: {counted(len(a.lines), 'step')}",), _chain(a))


def chain(c: Chain) -> Card:
    """What has been proved so far."""
    title = f"Chain of {counted(len(c.lines), 'step')}"
    return Card((title,), _lines(c.theorem.lhs, c.lines, c.context))


def proposition(p: Proposition) -> Card:
    """The sentence, the theorem, and the proof, which unfolds."""
    return Card((p.name,), _proposition(p))


def proved(p: Proved) -> Card:
    """All that the theorem says, with hypotheses and proofs that unfold."""
    found = p.hypotheses()
    body: list[Part] = [Words(mixed(p.summary))]
    for kind in ORDER[1:]:
        some = [h for h in found if h.kind == kind]
        if some:
            names = ", ".join(h.name for h in some)
            title = f"{counted(len(some), *WORDS[kind])}: {names}"
            body.append(Fold((title,), tuple(_assumed(h) for h in some), "title"))
    defined = [h for h in found if h.kind == "definition"]
    if defined:
        title = counted(len(defined), *WORDS["definition"])
        body.append(Fold((title,), tuple(_assumed(h) for h in defined), "hidden"))
    for q in p.propositions:
        body += _proposition(q)
    if p.witnesses:
        names = ", ".join(dict.fromkeys(w.defends for w in p.witnesses))
        title = f"{counted(len(p.witnesses), 'counterexample')} without: {names}"
        body.append(Fold((title,), tuple(x for w in p.witnesses for x in _witness(w))))
    return Card((f"{p.key}. {p.title}",), tuple(body))


def witness(w: Witness) -> Card:
    """Why a hypothesis is needed: the claim without it and with it, in fractions."""
    return Card((f"Why {w.defends} is needed",), _witness(w))


def worked(w: Worked) -> Card:
    """What one experiment found."""
    rows = tuple((mixed(label), _value(v)) for label, v in w.lines)
    last = ((*mixed(w.quantity), " as claimed"), _value(w.claimed)), (("as it is",), _value(w.true))
    grid = Grid((("quantity",), ("value",)), (*rows, *last))
    return Card(("Claim that holds" if w.holds else "Claim that fails",), (grid,))


def _witness(w: Witness) -> tuple[Part, ...]:
    broken, restored = w.found, w.control
    rows = [
        (mixed(label), _value(a), _value(b))
        for (label, a), (_, b) in zip(broken.lines, restored.lines, strict=True)
    ]
    quantity = mixed(broken.quantity)
    rows.append(((*quantity, ", claimed"), _value(broken.claimed), _value(restored.claimed)))
    rows.append(((*quantity, ", true"), _value(broken.true), _value(restored.true)))
    return Words(mixed(w.text)), Grid((("quantity",), (w.columns[0],), (w.columns[1],)), tuple(rows))


def _value(value: Any) -> Pieces:
    return (Math(checked(value_latex(value))),)


def _proposition(p: Proposition) -> tuple[Part, ...]:
    t = p.theorem
    folds = tuple(Fold((f"{a.title}: {counted(len(a.lines), 'step')}",), _chain(a)) for a in p.arguments)
    steps = sum(len(a.lines) for a in p.arguments)
    proof = (Fold((f"Proof, {counted(steps, 'step')}",), folds, "hidden"),) if folds else ()
    return (Words(mixed(p.text)), equation(t.lhs, t.rhs, t.context), *proof)


def _chain(a: Argument) -> tuple[Part, ...]:
    over = (Words(("for ", *ranges(a.context))),) if a.context.limits else ()
    return (*over, *_lines(a.start, a.lines, a.context))


def _lines(start: Expr, lines: Sequence[tuple[Expr, str]], ctx: Context) -> tuple[Part, ...]:
    if not lines:
        return (equation(start, start, reason=("so far",), avoid=ctx),)
    return chained([equation(start, e, reason=mixed(why), avoid=ctx) for e, why in lines])


def _assumed(h: Hypothesis, named: bool = True) -> Part:
    reals = f"all real {', '.join(u.name for u in h.reals)}" if h.reals else ""
    line = equation(h.lhs, h.rhs, h.indices, (h.name,) if named else ())
    if reals and isinstance(line, Equation):
        return Equation(line.lhs, line.rhs, joined((reals, *line.note), ", "), line.reason)
    return line


def _rests_on(hypotheses: Iterable[Hypothesis]) -> Pieces:
    """In a few words, the assumptions by name."""
    found = sorted(hypotheses, key=lambda h: h.name)
    said: list[str] = []
    for kind in ORDER[1:]:
        said += [h.name for h in found if h.kind == kind]
    count = sum(h.kind == "definition" for h in found)
    said += [counted(count, "definition")] if count else []
    return (f"under {', '.join(said)}",) if said else ()


def _under(hypotheses: Iterable[Hypothesis]) -> tuple[Part, ...]:
    found = sorted(hypotheses, key=lambda h: (ORDER.index(h.kind), h.name))
    if not found:
        return ()
    title = counted(len(found), "hypothesis", "hypotheses")
    return (Fold((title,), tuple(_assumed(h) for h in found), "hidden"),)
