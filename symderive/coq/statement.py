"""A theorem of the kernel as a statement of Coq: what its symbols are, its hypotheses, and what follows.

All of the statement is printed from the sequent: sizes are positive, permutations permute, each hypothesis
holds for its own indices in their ranges. Where differentials occur, every tensor is a function of a real
number, a path; dT is the derivative of T on it at one place, and what is proved of dT is proved to be the
derivative. That it exists is part of what is proved. Definitions hold all along the path, and so does an
assumption that the proof differentiates; every other one holds at that place only. A function is
differentiable where the proof differentiates it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from sympy import Expr, Symbol
from sympy.core.basic import Basic

from symderive.calculus.atoms import Functional, ScalarFunction, TensorSymbol
from symderive.calculus.ranges import Context
from symderive.calculus.terms import Applied, Entry, FunctionalValue
from symderive.coq.names import Names, identifier
from symderive.coq.terms import OutOfReach, Printer, arrow
from symderive.proof.kernel import Theorem
from symderive.proof.movement import Movement, movement
from symderive.proof.sequent import Hypothesis

Limits = tuple[Symbol, Expr, Expr]


class Sequent(Protocol):
    """What claims to be a theorem of the kernel, and is printed as one. Coq judges it by itself."""

    @property
    def context(self) -> Context:
        """The indices with their ranges."""

    @property
    def hypotheses(self) -> Iterable[Hypothesis]:
        """What is assumed."""

    @property
    def lhs(self) -> Expr:
        """The left side."""

    @property
    def rhs(self) -> Expr:
        """The right side."""

    @property
    def movement(self) -> Movement:
        """What holds along a movement, for there is no proof to read it off."""


@dataclass(frozen=True)
class Statement:
    """The text of a statement: its binders one on a line, and the conclusion."""

    name: str
    binders: tuple[str, ...]
    conclusion: str

    @property
    def goal(self) -> str:
        """The statement as one proposition."""
        return "forall\n" + "\n".join(f"  {b}" for b in self.binders) + f",\n  {self.conclusion}"

    def __str__(self) -> str:
        return "\n".join(
            [f"Theorem {self.name}", *(f"  {b}" for b in self.binders), f"  : {self.conclusion}."]
        )


def statement(name: str, theorem: Theorem | Sequent) -> Statement:
    """Print a theorem; OutOfReach where a term of it has no form in Coq.

    >>> from symderive.library import prove
    >>> print(statement("first", prove("T1").propositions[2].theorem))
    Theorem first
      (real : realFieldType)
      (L : nat)
      (n : nat -> nat)
      (sigma : nat -> real -> real)
      (a : nat -> nat -> real)
      (b : nat -> nat -> real)
      (w : nat -> nat -> nat -> real)
      (x : nat -> real)
      (z : nat -> nat -> real)
      (L_positive : (0 < L)%N)
      (n_positive : forall l : nat, (l <= L)%N -> (0 < n l)%N)
      (j : nat)
      (j_range : (1 <= j <= n 1%N)%N)
      (h_activation : forall l j : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N -> a l j = sigma l (z l j))
      (h_input_of_the_network : forall j : nat, (1 <= j <= n 0%N)%N -> a 0%N j = x j)
      (h_weighted_input : forall l j : nat, (1 <= l <= L)%N -> (1 <= j <= n l)%N ->
        z l j = b l j + (\\sum_(1 <= k < (n (l - 1)%N).+1) a (l - 1)%N k * w l j k))
      : a 1%N j = sigma 1%N (b 1%N j + (\\sum_(1 <= k < (n 0%N).+1) x k * w 1%N j k)).
    """
    return _Writer(theorem).statement(name)


class _Writer:
    """One statement, printed from inside out: the declarations say what the formulas turned out to use."""

    def __init__(self, theorem: Theorem | Sequent) -> None:
        self.theorem = theorem
        self.movement = movement(theorem) if isinstance(theorem, Theorem) else theorem.movement
        self.path = any(_tangents(h.lhs, h.rhs) for h in theorem.hypotheses) or bool(
            _tangents(theorem.lhs, theorem.rhs)
        )
        self.printer = Printer(Names())
        self.here = self.printer.names.fresh("tau0") if self.path else ""

    def statement(self, name: str) -> Statement:
        ctx = self.theorem.context
        for k, _, _ in ctx:
            self.printer.symbol(k)
        order = sorted(self.theorem.hypotheses, key=lambda h: (h.kind != "definition", h.name))
        conclusion = self._conclusion()
        hypotheses = [self._hypothesis(h) for h in order]
        places = list(self._indices())
        laws = list(self._laws())
        tangents = list(self._moves())
        binders = [*self._declarations(), *laws, *places, *tangents, *hypotheses]
        return Statement(identifier(name), tuple(binders), conclusion)

    # ------------------------------------------------------------------ formulas

    def _conclusion(self) -> str:
        p, t = self.printer, self.theorem
        p.place = self.here
        if self.path and isinstance(t.lhs, Entry) and "tangent" in t.lhs.symbol.style:
            base = _base(t.lhs.symbol)
            entry = " ".join([p.tensor(base), *(p.index(i, t.context) for i in t.lhs.index)])
            entry = f"({entry})" if " " in entry else entry
            return f"deriv {self.here} {entry} {p.term(t.rhs, t.context)}"
        return p.equation(t.lhs, t.rhs, t.context)

    def _hypothesis(self, h: Hypothesis) -> str:
        p = self.printer
        ctx = self.theorem.context
        inner = Context.of(*(x for x in ctx if x[0] in h.free()))
        for limit in h.indices:
            inner = inner.bind(*limit)
        along = h.kind == "definition" or h in self.movement.along
        moving = self.path and along and not _tangents(h.lhs, h.rhs)
        reals = [p.tensor(u) for u in h.reals]
        if moving and self._has_entries(h):
            p.place = "tau"
            reals.append("tau")
        else:
            p.place = self.here
        for u in h.reals:
            p.tensors.pop(u)
            p.tensors[u] = p.names.of(u, u.name)
        equation = self._reals_as_variables(h, p, inner)
        names = [p.symbol(k) for k, _, _ in h.indices]
        guards = []
        seen = Context.of(*(x for x in ctx if x[0] in h.free()))
        for k, lo, hi in h.indices:
            seen = seen.bind(k, lo, hi)
            guards.append(p.within(k, lo, hi, seen))
        head = ""
        if names:
            head += f" ({' '.join(names)} : nat)" if reals else f" {' '.join(names)} : nat"
        if reals:
            head += f" ({' '.join(reals)} : real)" if names else f" {' '.join(reals)} : real"
        shown = "".join(f"{g} -> " for g in guards)
        quantified = f"forall{head}, " if head else ""
        label = p.names.fresh(f"h_{identifier(h.name)}")
        text = f"({label} : {quantified}{shown}{equation})"
        if len(text) > 100 and shown:
            text = f"({label} : {quantified}{shown.rstrip()}\n    {equation})"
        for u in h.reals:
            p.tensors.pop(u, None)
        return text

    def _reals_as_variables(self, h: Hypothesis, p: Printer, ctx: Context) -> str:
        place = p.place
        if h.reals:
            p.place = ""  # a law of a function, which speaks of no path
        try:
            return p.equation(h.lhs, h.rhs, ctx)
        finally:
            p.place = place

    def _has_entries(self, h: Hypothesis) -> bool:
        return any(
            e.symbol.kind == "real" and e.symbol not in h.reals
            for side in (h.lhs, h.rhs)
            for e in _entries(side)
        )

    # ------------------------------------------------------------------ what the symbols are

    def _declarations(self) -> Iterator[str]:
        p = self.printer
        declared = [
            self._declared(t, n) for t, n in list(p.tensors.items()) if t.kind in ("dimension", "permutation")
        ]
        yield "(real : realFieldType)"
        if p.sizes:
            yield f"({' '.join(sorted(p.sizes.values()))} : nat)"
        kinds = {"dimension": 0, "permutation": 1, "integer": 2, "real": 3}
        tensors = sorted(p.tensors.items(), key=lambda item: (kinds[item[0].kind], item[1]))
        for t, name in tensors:
            if t.kind != "real":
                yield f"({name} : {arrow(['nat'] * (t.rank + 1))})"
        for (f, _), name in sorted(p.functions.items(), key=lambda item: item[1]):
            yield f"({name} : {arrow(['nat'] * f.sup + ['real', 'real'])})"
        if p.exponential:
            yield f"({p.exponential} : real -> real)"
        if p.root:
            yield f"({p.root} : real -> real)"
        for (_, which), (name, depths) in sorted(p.functionals.items(), key=lambda item: item[1][0]):
            indices = ["nat"] * sum(depths[m] for m in which)
            yield f"({name} : {arrow([*indices, *map(_type, depths), 'real'])})"
        for t, name in tensors:
            if t.kind == "real":
                moves = ["real"] if self.path and "tangent" not in t.style else []
                yield f"({name} : {arrow(['nat'] * t.rank + moves + ['real'])})"
        if self.path:
            yield f"({self.here} : real)"
        yield from (f"({name}_positive : (0 < {name})%N)" for name in sorted(p.sizes.values()))
        yield from declared

    def _declared(self, t: TensorSymbol, name: str) -> str:
        """A width is positive; a permutation permutes the range of its last index."""
        letters = [Symbol(letter, integer=True) for letter in t.letters]
        ranges = t.ranges(*letters)
        ctx, guards = Context(), []
        outer = letters if t.kind == "dimension" else letters[:-1]
        for k, (lo, hi) in zip(outer, ranges, strict=False):
            ctx = ctx.bind(k, lo, hi)
            guards.append(self.printer.within(k, lo, hi, ctx))
        quantified = f"forall {' '.join(self.printer.symbol(k) for k in outer)} : nat, " if outer else ""
        shown = "".join(f"{g} -> " for g in guards)
        entry = " ".join([name, *(self.printer.symbol(k) for k in letters)])
        if t.kind == "dimension":
            return f"({name}_positive : {quantified}{shown}(0 < {entry})%N)"
        lo, hi = ranges[-1]
        last = self.printer.symbol(letters[-1])
        span = f"index_iota {self.printer.index(lo, ctx)} {self.printer.upper(hi, ctx)}"
        return (
            f"({name}_permutes : {quantified}{shown}\n    perm_eq [seq {entry} | {last} <- {span}] ({span}))"
        )

    def _indices(self) -> Iterator[str]:
        """The indices of the theorem, each in its range."""
        limits = list(self.theorem.context)
        if limits:
            yield f"({' '.join(self.printer.symbol(k) for k, _, _ in limits)} : nat)"
        ctx = Context()
        for k, lo, hi in limits:
            ctx = ctx.bind(k, lo, hi)
            yield f"({self.printer.symbol(k)}_range : {self.printer.within(k, lo, hi, ctx)})"

    def _laws(self) -> Iterator[str]:
        """The functions have the derivatives that are named after them: where differentials occur, and where
        a law of a function says something of its derivative too.
        """
        yield from self._laws_of_functions()
        if not self.path and not any(h.reals for h in self.theorem.hypotheses):
            return
        p = self.printer
        named = [(f, 0) for f, order in p.functions if order and (f, 0) in p.functions]
        for f, order in dict.fromkeys([*named, *self._differentiated_functions()]):
            sup = [f"i{n}" for n in range(f.sup)]
            name, slope = p.function(f, order), p.function(f, order + 1)
            quantified = f"forall {f'({chr(32).join(sup)} : nat) ' if sup else ''}(u : real), "
            applied = " ".join([name, *sup])
            applied = f"({applied})" if sup else applied
            yield (
                f"({name}_differentiable : {quantified}deriv u {applied} ({' '.join([slope, *sup, 'u'])}))"
            )
        if p.exponential:
            name = p.exponential
            yield f"({name}_differentiable : forall u : real, deriv u {name} ({name} u))"
        costs = [(f, ()) for f, which in p.functionals if which and (f, ()) in p.functionals]
        for f, which in dict.fromkeys([*costs, *self._differentiated_functionals()]):
            yield self._law_of_a_cost(f, which)

    def _differentiated_functions(self) -> list[tuple[ScalarFunction, int]]:
        """Those of the statement that the proof differentiates: their derivatives may cancel from it."""
        found = {(v.function, v.order) for v in self.movement.values if isinstance(v, Applied)}
        return [key for key in self.printer.functions if key in found]

    def _differentiated_functionals(self) -> list[tuple[Functional, tuple[int, ...]]]:
        values = [v for v in self.movement.values if isinstance(v, FunctionalValue)]
        found = {(v.functional, tuple(int(m) for m, *_ in v.partials)) for v in values}
        return [key for key in self.printer.functionals if key in found]

    def _law_of_a_cost(self, f: Functional, which: tuple[int, ...]) -> str:
        """A cost, or one partial derivative of it, has the partial derivatives that are named after it."""
        p = self.printer
        name, depths = p.functionals[f, which]
        if depths != (1, 1) or len(which) > 1:
            raise OutOfReach(f"Coq export: expected a cost of outputs and targets, found {f.name}")
        first, second = (p.functional(f, (*which, m), depths) for m in (0, 1))
        a, y = p.shapes[f]
        if not which:
            return f"({name}_differentiable : partials {a} {y} {name} {first} {second})"
        to = (a, y)[which[0]]
        at = f"forall j : nat, (1 <= j < {to})%N -> "
        return f"({name}_differentiable : {at}partials {a} {y} ({name} j) ({first} j) ({second} j))"

    def _laws_of_functions(self) -> Iterator[str]:
        """exp and sqrt may be any functions with these laws, which are printed wherever they occur."""
        p = self.printer
        if p.exponential:
            e = p.exponential
            yield f"({e}_of_0 : {e} 0 = 1)"
            yield f"({e}_of_a_sum : forall u v : real, {e} (u + v) = {e} u * {e} v)"
        if p.root:
            yield f"({p.root}_is_not_negative : forall u : real, 0 <= u -> 0 <= {p.root} u)"
            yield f"({p.root}_squared : forall u : real, 0 <= u -> {p.root} u ^+ 2 = u)"

    def _moves(self) -> Iterator[str]:
        """dT is the derivative of T at the place on the path."""
        if not self.path:
            return
        p = self.printer
        for t in sorted((t for t in p.tensors if "tangent" in t.style), key=lambda t: t.name):
            base = _base(t)
            letters = [Symbol(letter, integer=True) for letter in t.letters]
            ctx, guards = Context(), []
            for k, (lo, hi) in zip(letters, t.ranges(*letters), strict=True):
                ctx = ctx.bind(k, lo, hi)
                guards.append(p.within(k, lo, hi, ctx) + " -> ")
            at = [p.symbol(k) for k in letters]
            quantified = f"forall {' '.join(at)} : nat, " if at else ""
            of, by = (" ".join([p.tensor(x), *at]) for x in (base, t))
            of, by = (f"({x})" if at else x for x in (of, by))
            yield f"({p.tensor(base)}_moves : {quantified}{''.join(guards)}deriv {self.here} {of} {by})"


def _type(depth: int) -> str:
    return "real" if not depth else "seq real" if depth == 1 else f"seq ({_type(depth - 1)})"


def _entries(e: Basic) -> Sequence[Entry]:
    return list(e.atoms(Entry))


def _tangents(*sides: Expr) -> list[Entry]:
    return [e for side in sides for e in _entries(side) if "tangent" in e.symbol.style]


def _base(t: TensorSymbol) -> TensorSymbol:
    """T of dT."""
    style = " ".join(t.style.split()[:-1]) or "plain"
    return t.derived(t.name.removeprefix("d"), latex_name=t.latex_name, style=style)
