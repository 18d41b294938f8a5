"""The symbol table of a set of terms: every tensor, size, function and functional that formulas may name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sympy import Expr, Symbol
from sympy.core.basic import Basic

from symderive.calculus.atoms import Functional, ScalarFunction, TensorSymbol
from symderive.calculus.terms import Binder, FunctionalValue
from symderive.latex.notation import LatexError

# where definitions, systems, derivations and theorems hold their terms
PARTS = (
    "lhs", "rhs", "start", "indices", "limits", "context", "definitions", "inputs", "parameters", "adjoints",
    "steps", "system", "auxiliary", "propositions", "arguments", "theorem", "lines",
)  # fmt: skip


@dataclass(frozen=True)
class SymbolTable:
    """What formulas may name. Two tables with the same names are equal, and share a parser.

    - `values`: at which arguments each functional is taken, C(a^L; y): this is what dC/da^L_j refers to.
    - `sizes`: values of widths, which the declared ranges do not have: (n_0, 4), ..
    """

    tensors: tuple[TensorSymbol, ...] = ()
    symbols: tuple[Symbol, ...] = ()
    functions: tuple[ScalarFunction, ...] = ()
    functionals: tuple[Functional, ...] = ()
    values: tuple[FunctionalValue, ...] = ()
    sizes: tuple[tuple[Expr, Expr], ...] = field(default=())

    @classmethod
    def of(cls, *things: Any, sizes: Mapping[Any, Any] | None = None) -> SymbolTable:
        """The table of terms, names, definitions, systems, derivations, theorems, or iterables of these.

        >>> from symderive.calculus import indices, tensor
        >>> j, = indices("j"); x = tensor("x", (j, 1, 3))
        >>> SymbolTable.of(2 * x[j]).tensors
        (x,)
        """
        found = _Collector()
        found.add(things)
        given = {**found.sizes, **(sizes or {})}
        return found.table(tuple(sorted(given.items(), key=lambda p: str(p[0]))))

    def extended(self, *things: Any) -> SymbolTable:
        """The table with the names of more terms."""
        return SymbolTable.of(
            self.tensors,
            self.symbols,
            self.functions,
            self.functionals,
            self.values,
            *things,
            sizes=dict(self.sizes),
        )


class _Collector:
    def __init__(self) -> None:
        self.names: dict[Basic, None] = {}
        self.values: dict[FunctionalValue, None] = {}
        self.sizes: dict[Any, Any] = {}
        self.seen: set[Basic] = set()

    def add(self, thing: Any) -> None:
        """A term, or whatever holds terms under the names that symderive gives them."""
        if isinstance(thing, Basic):
            self.term(thing)
            return
        if isinstance(thing, str) or thing is None or isinstance(thing, int):
            return
        if isinstance(thing, Mapping):
            self.add(thing.keys())
            self.add(thing.values())
            return
        known = [getattr(thing, name) for name in PARTS if hasattr(thing, name)]
        for part in known:
            self.add(part)
        sizes = getattr(thing, "size_rule", None)
        if isinstance(sizes, Mapping):
            self.sizes.update(sizes)
        if isinstance(thing, Iterable):
            for part in thing:
                self.add(part)
        elif not known:
            raise LatexError(
                f"symbol table: expected terms, names or definitions, found {type(thing).__name__}"
            )

    def term(self, e: Basic) -> None:
        if e in self.seen:
            return
        self.seen.add(e)
        if isinstance(e, TensorSymbol):
            self.names[e] = None
            for axis in e.axes:
                for limit in axis:
                    self.term(limit)
        elif isinstance(e, Symbol | ScalarFunction | Functional):
            self.names[e] = None
        elif isinstance(e, Binder) and e.has(FunctionalValue):
            # a value under a sum is noted at a free index
            self.term(e.unbind()[1])
            self.term(e.lo)
            self.term(e.hi)
        else:
            if isinstance(e, FunctionalValue):
                self.values[FunctionalValue(e.functional, (), *e.families)] = None
            for a in e.args:
                self.term(a)

    def table(self, sizes: tuple[tuple[Expr, Expr], ...]) -> SymbolTable:
        def of(kind: type[Any]) -> tuple[Any, ...]:
            return tuple(sorted((s for s in self.names if isinstance(s, kind)), key=_order))

        return SymbolTable(
            of(TensorSymbol), of(Symbol), of(ScalarFunction), of(Functional), _patterns(self.values), sizes
        )


def _order(e: Any) -> tuple[str, str]:
    return e.name, str(e._hashable_content())


def is_index(s: Symbol) -> bool:
    """Whether a symbol is an index that may take other values, unlike a size.

    >>> from symderive.calculus import indices, size
    >>> is_index(indices("j")[0]), is_index(size("L"))
    (True, False)
    """
    return bool(s.is_integer and not s.is_positive)


def _patterns(values: Iterable[FunctionalValue]) -> tuple[FunctionalValue, ...]:
    """The values up to the names of their free indices."""
    found: dict[FunctionalValue, None] = {}
    for v in values:
        free = sorted((s for s in v.free_symbols if isinstance(s, Symbol) and is_index(s)), key=str)
        rule = {s: Symbol(f"p{n}", integer=True) for n, s in enumerate(free)}
        found[v.xreplace(rule)] = None
    return tuple(sorted(found, key=str))
