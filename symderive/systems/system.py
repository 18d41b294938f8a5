"""A network as a system of definitions: each defines the entries of one tensor, the last one the cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from sympy import Expr, Integer
from sympy.core.basic import Basic

from symderive.calculus.atoms import Functional, ScalarFunction, TensorSymbol
from symderive.calculus.terms import Applied, Entry, FunctionalValue
from symderive.displayed import Displayed
from symderive.errors import SymderiveError
from symderive.systems.definition import Definition, Limits, SystemTypeError
from symderive.systems.lookup import Lookup
from symderive.systems.numbers import shown
from symderive.systems.typing import check_system

if TYPE_CHECKING:
    from symderive.systems.activations import Activation
    from symderive.systems.costs import Cost
    from symderive.systems.formulas import Formula


@dataclass(frozen=True, repr=False)
class System(Displayed):
    """Definitions over inputs and parameters; typed when it is made: every index stays in its range.

    - `inputs`: data tensors (x, y); `parameters`: what is trained (w, b); `cost`: the scalar to be minimised.
    - `sizes`: values of widths, where they are numbers: {n[0]: 4, ..}. They stand in the definitions already;
      here they give the tensors' declared ranges their values.
    - `activations`, `costs`, `formulas`: what a scalar function or functional stands for, where it is not
      arbitrary.
    - `adjoints`: names of derivatives, {z: delta}; `inlined`: tensors whose derivative is put in where it is
      used, and not shown on its own.

    Raises SystemTypeError with the definition, the index, what was expected and what was found.

    >>> from symderive.calculus import indices, size, tensor
    >>> from symderive.calculus.terms import IndexSum
    >>> j, k = indices("j k"); m, n = size("m"), size("n")
    >>> A, x, C = tensor("A", (j, 1, m), (k, 1, n)), tensor("x", (k, 1, n)), tensor("C")
    >>> r = tensor("r", (j, 1, m))
    >>> print(System("least squares", (A,), (x,), (
    ...     Definition(r[j], IndexSum(A[j, k] * x[k], (k, 1, n)), ((j, 1, m),)),
    ...     Definition(C(), IndexSum(r[j] ** 2, (j, 1, m)))), C))
    system least squares
      r[j] := sum(x[k]*A[j, k], k=1..n)  for j in 1..m
      C[] := sum(r[j]**2, j=1..m)
    """

    name: str
    inputs: tuple[TensorSymbol, ...]
    parameters: tuple[TensorSymbol, ...]
    definitions: tuple[Definition, ...]
    cost: TensorSymbol
    sizes: Mapping[Basic, int] = field(default_factory=dict)
    activations: Mapping[ScalarFunction, Activation] = field(default_factory=dict)
    costs: Mapping[Functional, Cost] = field(default_factory=dict)
    formulas: Mapping[Functional, Formula] = field(default_factory=dict)
    adjoints: Mapping[TensorSymbol, TensorSymbol] = field(default_factory=dict)
    inlined: frozenset[TensorSymbol] = frozenset()

    def __post_init__(self) -> None:
        check_system(self)

    @cached_property
    def size_rule(self) -> dict[Basic, Basic]:
        """The sizes as a substitution."""
        return {k: Integer(v) for k, v in self.sizes.items()}

    @cached_property
    def lookup(self) -> Lookup[Definition]:
        """The definitions by what they define."""
        return Lookup(self.definitions)

    @cached_property
    def defined(self) -> tuple[TensorSymbol, ...]:
        """The tensors that definitions define, in order."""
        return tuple(dict.fromkeys(d.symbol for d in self.definitions))

    @property
    def conventions(self) -> tuple[str, ...]:
        """What is assumed where an activation has no derivative, in words.

        >>> from symderive.systems import mlp
        >>> mlp(activation="relu").conventions
        ('the derivative of relu at 0 is taken to be 0',)
        """
        return tuple(c for a in self.activations.values() if (c := a.convention()))

    @property
    def meanings(self) -> tuple[tuple[Expr, Expr], ...]:
        """sigma(x) = .., for each function that occurs and is not arbitrary; proofs do not use it.

        >>> from symderive.systems import mlp
        >>> mlp(activation="relu").meanings, mlp().meanings
        (((relu(x), x*[0 < x]),), ())
        """
        known = {f: a.equation for f, a in self.activations.items()}
        named = {f: a.equation for f, a in self.formulas.items()}
        return (
            *(known[f] for f in self.functions() if f in known),
            *(named[f] for f in self.functionals() if f in named),
        )

    def of(self, symbol: TensorSymbol) -> tuple[Definition, ...]:
        """The definitions of one tensor.

        >>> from symderive.systems import mlp
        >>> net = mlp(); [str(d.lhs) for d in net.of(net.tensor("a"))]
        ['a[0, j]', 'a[l, j]']
        """
        return tuple(self.lookup.table.get(symbol, ()))

    def ranges(self, entry: Entry) -> tuple[tuple[Expr, Expr], ...]:
        """The declared ranges of an entry's indices, with the sizes put in.

        >>> from symderive.systems import mlp
        >>> net = mlp(widths=[2, 3, 4]); net.ranges(net.tensor("w")[2, 1, 1])
        ((1, 2), (1, 4), (1, 3))
        """
        rule = self.size_rule
        return tuple((lo.xreplace(rule), hi.xreplace(rule)) for lo, hi in entry.ranges())

    def tensor(self, name: str) -> TensorSymbol:
        """The tensor of this name; SymderiveError if there is none.

        >>> from symderive.systems import mlp
        >>> mlp().tensor("w")
        w
        """
        known = (*self.inputs, *self.parameters, *self.defined)
        for t in known:
            if t.name == name:
                return t
        names = ", ".join(t.name for t in known)
        raise SymderiveError(f"{self.name}: expected a tensor of {names}, found {shown(name)}")

    def terms(self) -> Iterator[Expr]:
        """Both sides of every definition.

        >>> from symderive.systems import mlp
        >>> list(mlp().terms())[:2]
        [a[0, j], x[j]]
        """
        for d in self.definitions:
            yield d.lhs
            yield d.rhs

    def functions(self) -> tuple[ScalarFunction, ...]:
        """The scalar functions, in order of appearance.

        >>> from symderive.systems import mlp
        >>> mlp(depth=2, activation=["relu", "tanh"]).functions()
        (relu, tanh)
        """
        found = (a.function for e in self.terms() for a in sorted(e.atoms(Applied), key=str))
        return tuple(dict.fromkeys(found))

    def functionals(self) -> tuple[Functional, ...]:
        """The functionals, in order of appearance.

        >>> from symderive.systems import mlp
        >>> mlp().functionals(), mlp(cost="squared_error").functionals()
        ((cost,), ())
        """
        found = (a.functional for e in self.terms() for a in sorted(e.atoms(FunctionalValue), key=str))
        return tuple(dict.fromkeys(found))

    def __str__(self) -> str:
        return "\n  ".join([f"system {self.name}", *map(str, self.definitions), *self.conventions])


__all__ = ["Definition", "Limits", "System", "SystemTypeError"]
