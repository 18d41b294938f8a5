r"""A formula beside a theorem: is it what the theorem says, assumes, or meets in its proof?

The formula is read in the notation in which documents print. It is proved if it is an equation of the
theorem's proof, up to the laws of a ring and of finite sums; the conditions say under which hypotheses. What
is no equation of the proof is tested in a model of the hypotheses: refuted where it fails there, else tested.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sympy import Expr, Symbol

from symderive.calculus.atoms import CalculusError
from symderive.calculus.normal_form import normal_form
from symderive.calculus.ranges import Context
from symderive.claims.sizes import test_sizes
from symderive.errors import SymderiveError
from symderive.evaluation.modular import Model
from symderive.evaluation.no_value import ModularError, NotExact, TooLarge
from symderive.evaluation.tested import Tested
from symderive.formulas.proving import certified
from symderive.formulas.verdict import Verdict
from symderive.latex import LatexError, Notation, SymbolTable, parse_equation, ranges_to_latex
from symderive.proof import kernel
from symderive.proof.kernel import Hypothesis, KernelError, Theorem
from symderive.proof.language import free_indices
from symderive.proof.result import Proved

SEED = 1
MOST_POINTS = 40

Sides = tuple[Expr, Expr]


class Facts:
    """The equations of a theorem's proof by their normal forms, those with fewer hypotheses first."""

    def __init__(self, proved: Proved) -> None:
        self.proved = proved
        shown = [t for p in proved.propositions for t in (p.theorem, *(a.theorem for a in p.arguments))]
        every = list(_steps(shown))
        hypotheses = sorted({h for t in every for h in t.hypotheses}, key=lambda h: (h.name, str(h)))
        terms = [e for h in hypotheses for e in h.terms()]
        terms += [e for t in shown for e in (t.lhs, t.rhs)]
        terms += [e for p in proved.propositions for a in p.arguments for line in a.lines for e in line[:1]]
        self.table = SymbolTable.of(terms)
        self.sizes = test_sizes(terms)
        self.theorems: dict[Sides, Theorem] = {}
        for t in sorted(every, key=_assumed):
            for lhs, rhs in ((t.lhs, t.rhs), (t.rhs, t.lhs)):
                self.theorems.setdefault((normal_form(lhs), normal_form(rhs)), t)

    def find(self, lhs: Expr, rhs: Expr) -> Theorem | None:
        """The equation as a theorem, from one of the proof; None where the proof has none such."""
        t = self.theorems.get((normal_form(lhs), normal_form(rhs)))
        if t is None:
            return None
        turned = normal_form(t.lhs) != normal_form(lhs)
        t = kernel.symmetry(t) if turned else t
        ctx = t.context
        first, last = kernel.ring(lhs, t.lhs, ctx), kernel.ring(t.rhs, rhs, ctx)
        return kernel.transitivity(kernel.transitivity(first, t), last)


def _assumed(t: Theorem) -> tuple[int, int]:
    """Induction hypotheses count most: they hold because the theorem does, and are no premise of a reader."""
    return sum(h.kind == "induction" for h in t.hypotheses), len(t.hypotheses)


def _steps(theorems: Sequence[Theorem]) -> Iterator[Theorem]:
    """The theorems, and those that they were made from."""
    seen: set[Theorem] = set()
    waiting = list(theorems)
    while waiting:
        t = waiting.pop()
        if t not in seen:
            seen.add(t)
            waiting += t.premises
            yield t


def _facts(proved: Proved) -> Facts:
    """Made once for a theorem: kept with it, so that no other object gets its place."""
    found = _KEPT.get(id(proved))
    if found is None or found.proved is not proved:
        if len(_KEPT) > 64:
            _KEPT.clear()
        found = _KEPT[id(proved)] = Facts(proved)
    return found


_KEPT: dict[int, Facts] = {}


def check_beside(formula: str, proved: Proved, notation: Notation | None = None) -> Verdict:
    r"""The verdict on a formula in the notation of documents, beside a theorem.

    >>> from symderive.library import prove
    >>> verdict = check_beside(r"w^{(t,m)}_{pk} = w^{(t,m)}_{qk}", prove("T5"))
    >>> verdict.status, "equal outgoing weights is assumed" in verdict.conditions
    ('proved', True)
    """
    facts = _facts(proved)
    notation = notation or Notation()
    try:
        lhs, rhs = parse_equation(formula, facts.table, notation)
        t = facts.find(lhs, rhs)
    except LatexError as error:
        return _unknown(formula, str(error))
    except (CalculusError, KernelError) as error:
        return _unknown(formula, f"{proved.key} speaks of no such thing: {error}")
    if t is not None:
        text = certified({"formula": t})
        if text is not None:
            conditions = (
                *ranges_to_latex(t.context, notation, table=facts.table),
                *(f"{h.name} is assumed" for h in _named(t, "assumption", "citation")),
                *(f"{h.name}, by which the proof goes on, holds" for h in _named(t, "induction")),
            )
            summary = f"an equation of the proof of {proved.key}, replayed by the checker"
            return Verdict("proved", formula, summary, conditions, certificate=text)
    return _tested(formula, facts, lhs, rhs)


def _named(t: Theorem, *kinds: str) -> list[Hypothesis]:
    return sorted((h for h in t.hypotheses if h.kind in kinds), key=lambda h: h.name)


def _tested(formula: str, facts: Facts, lhs: Expr, rhs: Expr) -> Verdict:
    """Both sides in models of the hypotheses of each proposition that speaks of their indices."""
    free = free_indices(lhs) | free_indices(rhs)
    best: Tested | None = None
    for p in facts.proved.propositions:
        ctx = _context(p.theorem.context, free)
        if ctx is None:
            continue
        laws = sorted(p.theorem.hypotheses, key=lambda h: (h.kind == "definition", h.name))
        model = Model([h for h in laws if h.kind != "induction"], facts.sizes, SEED)
        try:
            found = model.test_everywhere(lhs, rhs, ctx, MOST_POINTS)
        except (NotExact, TooLarge, ModularError, SymderiveError):
            continue
        if found.disobeyed or not (found.points or found.counterexample):
            continue
        if not found.holds:
            if best is None:
                best = found
            continue
        words = tuple(f"{h.name} is assumed" for h in _named(p.theorem, "assumption", "citation"))
        chance = f"error probability {found.error:.0e}"
        summary = f"both sides agree at {found.points} points modulo 2^61-1, {chance}"
        return Verdict("exact", formula, summary, words)
    if best is None:
        return _unknown(formula, f"no equation of the proof of {facts.proved.key}, and not tested")
    return Verdict(
        "refuted", formula, "its sides differ where the hypotheses hold", reason=best.counterexample
    )


def _context(ctx: Context, free: set[Symbol]) -> Context | None:
    """The ranges of these indices; None where one has none."""
    limits = [limit for limit in ctx if limit[0] in free]
    known = {k for k, _, _ in limits}
    ends = {s for _, lo, hi in limits for e in (lo, hi) for s in free_indices(e)}
    if known != free:
        return None
    if not ends <= known:
        limits = list(ctx)
    return Context.of(*limits)


def _unknown(formula: str, reason: str) -> Verdict:
    return Verdict("unknown", formula, "nothing is known of it", reason=reason)


__all__ = ["check_beside"]
