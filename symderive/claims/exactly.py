r"""exact(..): identities tested modulo the prime 2^61-1, with the probability that a false one passes.

Functions are arbitrary (see `symderive.evaluation.jets`); derivatives of a system's cost are what forward
mode finds by dual numbers through its definitions, and not what was derived. The test is repeated with fresh
numbers until the stated probability is small enough. It speaks of the sizes and index values that it used.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import comb
from typing import Any

from sympy import Expr, Symbol
from sympy.core.basic import Basic

from symderive.calculus.atoms import Slot, TensorSymbol
from symderive.calculus.binding import loose
from symderive.calculus.ranges import Context
from symderive.calculus.terms import Entry
from symderive.claims.evidence import Evidence
from symderive.claims.sizes import test_sizes
from symderive.derivation import Derivation
from symderive.derivation.adjoint import adjoint_symbol
from symderive.errors import SymderiveError
from symderive.evaluation.forward import ForwardModel, Outside
from symderive.evaluation.modular import PRIME
from symderive.evaluation.no_value import ModularError, NotExact, TooLarge
from symderive.evaluation.points import points as points_of
from symderive.latex import SymbolTable, parse_equation
from symderive.latex.table import is_index
from symderive.systems.definition import Definition
from symderive.systems.numbers import shown, whole
from symderive.systems.system import System

SEED = 20_260
BELOW = 1e-18
POINTS = 12
ROUNDS, MORE = 8, 4
"""Rounds with a value, and how many without one (a division by 0) are put up with."""


def exact(
    claim: Any,
    other: Any = None,
    system: System | None = None,
    *,
    ranges: Sequence[tuple[Symbol, Any, Any]] = (),
    sizes: Mapping[Any, int] | None = None,
    seed: int = SEED,
    points: int = POINTS,
    below: float = BELOW,
) -> Evidence:
    r"""Test an identity: exact with the error probability, refuted with a point, or unknown.

    - exact(lhs, rhs) and exact(lhs, rhs, system): two terms; exact(definition, system): both sides of one.
    - exact(r"..", system): an equation in LaTeX as symderive prints it, in the names of the system and of
      its derivatives.
    - exact(derivation): every derived definition, against forward mode.

    Free indices run through `ranges`; else wherever every entry that they lead to exists. `sizes` gives
    symbols values, {L: 2}; others have different small ones. The test is repeated until the probability that
    a false identity passes is at most `below`. Unknown: without exact values (exp, log), or too large.
    Raises SymderiveError for what is no claim, and for a free index whose range is not known.

    >>> from symderive.derivation import derive
    >>> from symderive.systems import mlp
    >>> right = exact(r"\frac{\partial C}{\partial b^{(l)}_{j}} = \delta^{(l)}_{j}", mlp())
    >>> right.status, right.error < 1e-18
    ('exact', True)
    >>> wrong = r"\delta^{(l)}_{j} = \sum_{k=1}^{n_{l+1}} w^{(l+1)}_{kj} \delta^{(l+1)}_{k}"
    >>> exact(wrong, mlp()).status
    'refuted'
    >>> exact(derive(mlp())).status
    'exact'
    """
    if isinstance(other, System):
        system, other = other, None
    claims = _claims(claim, other, system, ranges)
    if isinstance(claim, Derivation):
        system = claim.system
    if not 0 < below < 1:
        raise SymderiveError(f"below: expected a probability above 0, found {shown(below)}")
    setting = _Setting.of(claims, system, sizes or {}, seed, whole(points, "points"), below)
    total = Evidence("exact", setting.text, 0.0, 0, seed)
    for one in claims:
        found = setting.tested(one)
        if found.status != "exact":
            return found
        assert found.error is not None and total.error is not None
        count = (total.points or 0) + (found.points or 0)
        total = replace(total, error=max(total.error, found.error), points=count)
    return total


@dataclass(frozen=True)
class _Claim:
    """Both sides and the ranges of free indices; `given` where a person gave them."""

    lhs: Expr
    rhs: Expr
    context: Context
    given: bool


def _claims(
    claim: Any, other: Any, system: System | None, ranges: Sequence[tuple[Symbol, Any, Any]]
) -> list[_Claim]:
    if isinstance(claim, Derivation):
        return [_Claim(d.lhs, d.rhs, d.context, True) for d in claim.definitions]
    if isinstance(claim, Definition):
        return [_Claim(claim.lhs, claim.rhs, claim.context, True)]
    if isinstance(claim, str):
        if system is None:
            raise SymderiveError("exact: expected the system whose names the formula uses, found none")
        text = claim if other is None else f"{claim} = {other}"
        table = SymbolTable.of(system, tuple(_adjoints(system)), tuple(_adjoints(system).values()))
        lhs, rhs = parse_equation(text, table)
    elif isinstance(claim, Expr) and isinstance(other, Expr | int):
        lhs, rhs = claim, claim * 0 + other
    else:
        raise SymderiveError(
            "exact: expected two terms, a definition, a formula with its system, or a derivation, found "
            f"{shown(claim)} and {shown(other)}"
        )
    context = Context.of(*ranges) if ranges else _inferred(lhs, rhs)
    free = {s for e in (lhs, rhs) for s in e.free_symbols if isinstance(s, Symbol) and is_index(s)}
    missing = sorted(map(str, free - context.symbols))
    if missing:
        raise SymderiveError(
            f"exact: expected a range for {missing[0]}, found none: give ranges=[({missing[0]}, 1, n)]"
        )
    return [_Claim(lhs, rhs, context, bool(ranges))]


def _inferred(lhs: Expr, rhs: Expr) -> Context:
    """Each free index in the declared range of a place where it stands alone, after those that this needs."""
    known: dict[Symbol, tuple[Symbol, Expr, Expr]] = {}
    entries = sorted(lhs.atoms(Entry), key=str) + sorted(rhs.atoms(Entry), key=str)
    while True:
        before = len(known)
        for e in entries:
            plain = {Slot(p): i for p, i in enumerate(e.index) if not loose(i)}
            for i, axis in zip(e.index, e.symbol.axes, strict=True):
                if not (isinstance(i, Symbol) and is_index(i)) or i in known:
                    continue
                if any(end.atoms(Slot) - set(plain) for end in axis):
                    continue  # it depends on an index that is summed over
                lo, hi = (end.xreplace(plain) for end in axis)
                needed = {
                    x for x in lo.free_symbols | hi.free_symbols if isinstance(x, Symbol) and is_index(x)
                }
                if needed <= set(known):
                    known[i] = (i, lo, hi)
        if len(known) == before:
            return Context.of(*known.values())


def _adjoints(system: System) -> dict[TensorSymbol, TensorSymbol]:
    """The name of dC/dT -> T, for all tensors but the cost."""
    tensors = (*system.inputs, *system.parameters, *system.defined)
    return {adjoint_symbol(system, t): t for t in tensors if t != system.cost}


@dataclass(frozen=True)
class _Setting:
    """The model of each round, and what is asked of it."""

    system: System | None
    sizes: dict[Basic, int]
    seed: int
    points: int
    below: float
    adjoints: dict[str, TensorSymbol] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        claims: Sequence[_Claim],
        system: System | None,
        sizes: Mapping[Any, int],
        seed: int,
        points: int,
        below: float,
    ) -> _Setting:
        terms = [e for c in claims for e in (c.lhs, c.rhs)]
        terms += [e for c in claims for _, lo, hi in c.context for e in (lo, hi)]
        known: dict[Basic, int] = {}
        adjoints: dict[str, TensorSymbol] = {}
        if system is not None:
            terms += list(system.terms())
            known = dict(system.sizes)
            adjoints = {bar.name: t for bar, t in _adjoints(system).items()}
        given = {k: whole(v, f"size {k}") for k, v in sizes.items()}
        found = {**test_sizes(terms), **known, **given}
        return cls(system, found, seed, points, below, adjoints)

    @property
    def text(self) -> str:
        """How it was tested."""
        functions = " with arbitrary functions" if self.system and self.system.functions() else ""
        return f"both sides modulo $2^{{61}}-1${functions}"

    def model(self, seed: int) -> ForwardModel:
        laws = () if self.system is None else self.system.definitions
        cost = None if self.system is None else self.system.cost
        return ForwardModel(laws, self.sizes, seed, cost, self.adjoints)

    def tested(self, c: _Claim) -> Evidence:
        """Rounds with fresh numbers until the probability is small enough; one difference refutes."""
        probability, rounds, without = 1.0, 0, 0
        divides = False
        values = self._places(c)
        if isinstance(values, Evidence):
            return values
        while probability > self.below / comb(rounds + MORE, MORE) and rounds < ROUNDS:
            model = self.model(self.seed + rounds + without)
            worst = 0.0
            try:
                for v in values:
                    one = model.test(c.lhs, c.rhs, v)
                    if not one.holds:
                        return Evidence("refuted", one.counterexample, None, len(values), model.seed)
                    worst = max(worst, one.error)
            except ModularError as why:
                without += 1
                if without > MORE or isinstance(why, NotExact | TooLarge | Outside):
                    return Evidence("unknown", f"not tested: {why}")
                continue
            rounds += 1
            probability *= min(1.0, worst + 1 / PRIME)
            divides |= model.divides
        # of the rounds some may have had no value: so many choices there are of those that had one
        error = probability * (comb(rounds + MORE, MORE) if divides else 1)
        if error > self.below:
            return Evidence("unknown", f"not tested: error probability {error:.2g} after {rounds} rounds")
        return Evidence("exact", self.text, error, len(values), self.seed)

    def _places(self, c: _Claim) -> list[dict[Basic, int]] | Evidence:
        """Values of the free indices at which every entry exists, the same in each round."""
        model = self.model(self.seed)
        if c.given:
            return points_of(model, c.context, self.points) or Evidence("unknown", "not tested: empty ranges")
        found: list[dict[Basic, int]] = []
        for v in points_of(model, c.context, 4 * self.points):
            try:
                model.test(c.lhs, c.rhs, v)
            except Outside:
                continue
            except ModularError:
                pass  # it is said when it is tested
            found.append(v)
        return found[: self.points] or Evidence(
            "unknown", "not tested: no indices at which every entry exists"
        )
