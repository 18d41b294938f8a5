"""Every printed equation is read back and compared with its source; then the *parsed* one is tested."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sympy import Expr, Integer, Symbol
from sympy.core.basic import Basic

from symderive.calculus.normal_form import equal
from symderive.calculus.ranges import Context
from symderive.calculus.terms import Entry
from symderive.claims.evidence import CheckFailed, Evidence
from symderive.displayed import Displayed
from symderive.evaluation.floating import FloatModel, NoValue
from symderive.evaluation.jets import JetModel
from symderive.evaluation.law import Law
from symderive.evaluation.no_value import ModularError, NotExact, TooLarge
from symderive.evaluation.tested import Tested
from symderive.latex import (
    LatexError,
    MatrixForm,
    Notation,
    SymbolTable,
    equation_to_latex,
    matrix_form,
    parse_equation,
    ranges_to_latex,
)
from symderive.systems.system import Definition

MOST_POINTS = 12
POINTS_BESIDE_A_PROOF = 6
ROUNDS = 2
"""Each multiplies the probability that a false equation passes."""


@dataclass(frozen=True, repr=False)
class Printed(Displayed):
    r"""An equation as it is printed, what the print parses to, and what is known of it."""

    lhs: str
    rhs: str
    parsed: tuple[Expr, Expr]
    context: Context
    evidence: tuple[Evidence, ...] = ()
    reason: str = ""
    conditions: tuple[str, ...] = ()
    r"""The ranges of the indices, each a formula: 1 \leq l \leq L."""

    @property
    def latex(self) -> str:
        """The equation on one line."""
        return f"{self.lhs} = {self.rhs}"


class CrossCheck:
    """Prints equations over one set of names, and tests them in a model of the laws for these names."""

    def __init__(
        self,
        terms: Iterable[Basic],
        laws: Sequence[Law],
        sizes: Mapping[Basic, int],
        seed: int,
        notation: Notation | None = None,
        widths: Mapping[Basic, int] | None = None,
    ) -> None:
        self.notation = notation or Notation()
        # widths that are numbers stand in the terms, but not in the declared ranges of the tensors
        self.table = SymbolTable.of(terms, sizes={n: Integer(v) for n, v in (widths or {}).items()})
        self.sizes = dict(sizes)
        self.seed = seed
        self.under(laws)
        self.count = 0

    def under(self, laws: Sequence[Law]) -> None:
        """Test the equations that follow in a model of other laws."""
        self.models = [JetModel(laws, self.sizes, self.seed + n) for n in range(ROUNDS)]
        for model in self.models:
            model.places = self.seed  # the same values of the indices, so that the rounds add up
        self.floating = FloatModel(laws, self.sizes, self.seed)

    def printed(self, lhs: Expr, rhs: Expr, ctx: Context, reason: str = "") -> Printed:
        """Print an equation and read it back; CheckFailed where it does not come back as it was."""
        left, right = equation_to_latex(lhs, rhs, self.notation, table=self.table, avoid=ctx.symbols)
        back = self._read(f"{left} = {right}")
        for kind, was, now in (("left", lhs, back[0]), ("right", rhs, back[1])):
            if was != now and not equal(was, now):
                raise CheckFailed(
                    f"the {kind} side of {left} = {right} was read back as {now}, expected {was}"
                )
        self.count += 1
        return Printed(left, right, back, ctx, (), reason, self.ranges(ctx))

    def _read(self, text: str, letters: Sequence[Symbol] = ()) -> tuple[Expr, Expr]:
        """What the text says; a text that says nothing is the printer's fault."""
        try:
            return parse_equation(text, self.table, self.notation, letters=letters)
        except LatexError as error:
            raise CheckFailed(f"{text} cannot be read back: {error}") from error

    def tested(self, lhs: Expr, rhs: Expr, ctx: Context, *known: Evidence, reason: str = "") -> Printed:
        """Print, read back, and test what was read: both sides at random points, in exact arithmetic."""
        shown = self.printed(lhs, rhs, ctx, reason)
        evidence = [*known]
        most = POINTS_BESIDE_A_PROOF if any(e.status == "proved" for e in known) else MOST_POINTS
        found = self.measured(*shown.parsed, ctx, shown.latex, most)
        if found is not None:
            evidence.append(found)
        return replace(shown, evidence=tuple(evidence))

    def measured(
        self, lhs: Expr, rhs: Expr, ctx: Context, shown: str, most: int = MOST_POINTS
    ) -> Evidence | None:
        """Exact evidence; numeric where a function such as exp has no exact values.

        None where the ranges are empty at these sizes. Raises CheckFailed where the sides differ.
        """
        try:
            try:
                result = self._rounds(lhs, rhs, ctx, most)
                status, how = "exact", "both sides modulo $2^{61}-1$"
            except NotExact:
                result = self.floating.test_everywhere(lhs, rhs, ctx, most)
                status, how = "numeric", "both sides in floating point"
        except (NotExact, TooLarge, NoValue) as error:
            return Evidence("unknown", f"not tested: {error}")
        except ModularError as error:
            raise CheckFailed(f"{shown} has no value: {error}") from error
        if not result.holds:
            raise CheckFailed(f"{shown} fails {result.counterexample} (seed {self.seed})")
        if result.disobeyed:
            return Evidence("unknown", f"not tested: no random numbers that obey: {result.disobeyed}")
        if not result.points:
            return None
        return Evidence(status, how, result.error, result.points, self.seed)

    def _rounds(self, lhs: Expr, rhs: Expr, ctx: Context, most: int) -> Tested:
        """The same test with fresh numbers: a false equation has to pass each time."""
        total = self.models[0].test_everywhere(lhs, rhs, ctx, most)
        for model in self.models[1:]:
            if not total.holds or not total.points or total.disobeyed:
                break
            one = model.test_everywhere(lhs, rhs, ctx, most)
            if not one.holds:
                return one
            # the budget may end at another place: what counts is what was tested in each round
            both = {p: e * one.places[p] for p, e in total.places.items() if p in one.places}
            if both:
                total = replace(total, points=len(both), error=max(both.values()), places=both)
        return total

    def matrix(self, d: Definition, *known: Evidence) -> Printed | None:
        """The definition in matrix form, read back to components and tested; None where it has none."""
        form = matrix_form(d.lhs, d.rhs, d.indices, self.notation, table=self.table)
        if not isinstance(form, MatrixForm):
            return None
        back = self._read(form.latex, form.indices)
        if not (equal(d.lhs, back[0]) and equal(d.rhs, back[1])):
            raise CheckFailed(f"{form.latex} was read back as {back[0]} = {back[1]}, expected {d}")
        self.count += 1
        evidence = [*known]
        found = self.measured(*back, d.context, form.latex)
        if found is not None:
            evidence.append(found)
        outer = Context.of(*(limit for limit in d.indices if limit[0] not in form.indices))
        return Printed(form.lhs, form.rhs, back, d.context, tuple(evidence), d.name, self.ranges(outer))

    def definition(self, d: Definition, *known: Evidence, reason: str = "") -> tuple[Printed, Definition]:
        """Print a definition and read it back; also the definition that the print says."""
        shown = self.printed(d.lhs, d.rhs, d.context, reason)
        lhs, rhs = shown.parsed
        assert isinstance(lhs, Entry)
        parsed = Definition(lhs, rhs, d.indices, d.name)
        return replace(shown, evidence=tuple(known)), parsed

    def ranges(self, ctx: Iterable[tuple[Symbol, Expr, Expr]]) -> tuple[str, ...]:
        """The ranges of indices, such as those of a context: 1 <= l <= L, in LaTeX."""
        return ranges_to_latex(ctx, self.notation, table=self.table)
