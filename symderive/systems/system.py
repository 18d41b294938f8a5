"""A network as a system of definitions: each defines the entries of one tensor, the last one the cost.

    z[l, j] := sum_k w[l, j, k] a[l-1, k] + b[l, j]      for l in 1..L, j in 1..n_l
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sympy import Expr, Integer, Symbol
from sympy.core.basic import Basic

from symderive.calculus.atoms import Functional, ScalarFunction, TensorSymbol
from symderive.calculus.binding import require_closed
from symderive.calculus.ranges import Context
from symderive.calculus.terms import Applied, Binder, Entry, FunctionalValue
from symderive.errors import SymderiveError

if TYPE_CHECKING:
    from symderive.systems.activations import Activation
    from symderive.systems.costs import Cost

Limits = tuple[Symbol, Expr, Expr]


class SystemTypeError(SymderiveError, TypeError):
    """A definition whose indices or ranges do not fit; the message says which and where."""


@dataclass(frozen=True)
class Definition:
    """For all indices in their ranges: lhs = rhs.

    `lhs` is an entry whose indices are the definition's own index symbols, or constants: z[l, j], a[0, j].

    >>> from symderive.calculus import indices, tensor
    >>> j, = indices("j"); x, y = tensor("x", (j, 1, 3)), tensor("y", (j, 1, 3))
    >>> print(Definition(y[j], 2 * x[j], ((j, Integer(1), Integer(3)),)))
    y[j] := 2*x[j]  for j in 1..3
    """

    lhs: Entry
    rhs: Expr
    indices: tuple[Limits, ...] = ()
    name: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.lhs, Entry):
            raise SystemTypeError(f"definition: expected a tensor entry on the left, found {self.lhs}")
        require_closed(self.lhs, self.rhs)
        own = [i for i in self.lhs.index if isinstance(i, Symbol)]
        named = [k for k, _, _ in self.indices]
        free = [s for s in named if s not in own]
        if free or len(set(own)) != len(own) or not set(own) <= set(named) | sizes_in(self.lhs):
            raise SystemTypeError(
                f"definition of {self.lhs}: expected each index {named} once on the left, found {own}"
            )

    @property
    def symbol(self) -> TensorSymbol:
        """The tensor that is defined."""
        return self.lhs.symbol

    @cached_property
    def context(self) -> Context:
        """The ranges of the indices."""
        return Context.of(*self.indices)

    def at(self, *index: Expr | int) -> tuple[Entry, Expr]:
        """Both sides at these values of the definition's own indices."""
        rule = {k: Integer(v) if isinstance(v, int) else v for (k, _, _), v in zip(self.indices, index, strict=True)}
        return self.lhs.xreplace(rule), self.rhs.xreplace(rule)

    def renamed(self, avoid: set[Any]) -> Definition:
        """The same definition with index letters that are not in `avoid`."""
        from symderive.calculus.atoms import fresh

        rule: dict[Basic, Basic] = {}
        used = set(avoid) | self.rhs.free_symbols | self.lhs.free_symbols
        for k, _, _ in self.indices:
            if k in avoid:
                new = fresh(used, ())
                used = used | {new}
                rule[k] = new
        return self.subs(rule) if rule else self

    def subs(self, rule: Mapping[Basic, Basic]) -> Definition:
        """The definition with index symbols renamed, or sizes given values, everywhere."""
        return replace(
            self,
            lhs=self.lhs.xreplace(rule),
            rhs=self.rhs.xreplace(rule),
            indices=tuple((rule.get(k, k), lo.xreplace(rule), hi.xreplace(rule)) for k, lo, hi in self.indices),
        )

    def matches(self, entry: Entry) -> dict[Symbol, Expr] | None:
        """The values of the own indices at which the left side is this entry, if the pattern fits."""
        if entry.symbol != self.symbol:
            return None
        own = {k for k, _, _ in self.indices}
        found: dict[Symbol, Expr] = {}
        for mine, theirs in zip(self.lhs.index, entry.index, strict=True):
            if mine in own:
                found[mine] = theirs
            elif mine != theirs:
                return None
        return found

    def __str__(self) -> str:
        ranges = ", ".join(f"{k} in {lo}..{hi}" for k, lo, hi in self.indices)
        return f"{self.lhs} := {self.rhs}" + (f"  for {ranges}" if ranges else "")


def sizes_in(e: Basic) -> set[Symbol]:
    """The positive integer symbols of a term: sizes such as L."""
    return {s for s in e.free_symbols if isinstance(s, Symbol) and s.is_integer and s.is_positive}


@dataclass(frozen=True)
class System:
    """Definitions over inputs and parameters; typed when it is made: every index stays in its range.

    - `inputs`: data tensors (x, y); `parameters`: what is trained (w, b); `cost`: the scalar that is minimised.
    - `sizes`: values of widths, where they are numbers: {n[0]: 4, ..}. They stand in the definitions already;
      here they give the tensors' declared ranges their values.
    - `activations`, `costs`: what a scalar function or functional stands for, where it is not arbitrary.
    - `adjoints`: names of derivatives, {z: delta}; `inlined`: tensors whose derivative is put in where it is used.
    """

    name: str
    inputs: tuple[TensorSymbol, ...]
    parameters: tuple[TensorSymbol, ...]
    definitions: tuple[Definition, ...]
    cost: TensorSymbol
    sizes: Mapping[Basic, int] = field(default_factory=dict)
    activations: Mapping[ScalarFunction, Activation] = field(default_factory=dict)
    costs: Mapping[Functional, Cost] = field(default_factory=dict)
    adjoints: Mapping[TensorSymbol, TensorSymbol] = field(default_factory=dict)
    inlined: frozenset[TensorSymbol] = frozenset()

    def __post_init__(self) -> None:
        from symderive.systems.typing import check_system

        check_system(self)

    @property
    def size_rule(self) -> dict[Basic, Basic]:
        """The sizes as a substitution."""
        return {k: Integer(v) for k, v in self.sizes.items()}

    @property
    def defined(self) -> tuple[TensorSymbol, ...]:
        """The tensors that definitions define, in order."""
        return tuple(dict.fromkeys(d.symbol for d in self.definitions))

    def of(self, symbol: TensorSymbol) -> tuple[Definition, ...]:
        """The definitions of one tensor."""
        return tuple(d for d in self.definitions if d.symbol == symbol)

    def ranges(self, entry: Entry) -> tuple[tuple[Expr, Expr], ...]:
        """The declared ranges of an entry's indices, with the sizes put in."""
        rule = self.size_rule
        return tuple((lo.xreplace(rule), hi.xreplace(rule)) for lo, hi in entry.ranges())

    def tensor(self, name: str) -> TensorSymbol:
        """The tensor of this name."""
        known = (*self.inputs, *self.parameters, *self.defined)
        for t in known:
            if t.name == name:
                return t
        raise SymderiveError(f"{self.name}: no tensor {name!r}; there are {', '.join(t.name for t in known)}")

    def terms(self) -> Iterator[Expr]:
        """Both sides of every definition."""
        for d in self.definitions:
            yield d.lhs
            yield d.rhs

    def functions(self) -> tuple[ScalarFunction, ...]:
        """The scalar functions, in order of appearance."""
        found = (a.function for e in self.terms() for a in sorted(e.atoms(Applied), key=str))
        return tuple(dict.fromkeys(found))

    def functionals(self) -> tuple[Functional, ...]:
        """The functionals, in order of appearance."""
        found = (a.functional for e in self.terms() for a in sorted(e.atoms(FunctionalValue), key=str))
        return tuple(dict.fromkeys(found))

    def __str__(self) -> str:
        return "\n".join([f"system {self.name}", *(f"  {d}" for d in self.definitions)])


def entries(e: Basic, ctx: Context) -> Iterator[tuple[Entry, Context]]:
    """Every entry in a term with the ranges of the indices around it; sums are opened on the way."""
    if isinstance(e, Binder):
        k, body = e.unbind(ctx.symbols)
        yield from entries(e.lo, ctx)
        yield from entries(e.hi, ctx)
        yield from entries(body, ctx.bind(k, e.lo, e.hi))
        return
    if isinstance(e, Entry):
        yield e, ctx
    for a in e.args:
        if a.args:
            yield from entries(a, ctx)
