"""One definition: for all indices in their ranges, an entry of a tensor is a term.

z[l, j] := sum_k w[l, j, k] a[l-1, k] + b[l, j]      for l in 1..L, j in 1..n_l
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from sympy import Expr, Symbol
from sympy.core.basic import Basic

from symderive.calculus.atoms import TensorSymbol, fresh
from symderive.calculus.binding import require_closed
from symderive.calculus.ranges import Context
from symderive.calculus.terms import Entry
from symderive.displayed import Displayed
from symderive.errors import SymderiveError
from symderive.systems.numbers import shown, size_of

Limits = tuple[Symbol, Expr, Expr]


class SystemTypeError(SymderiveError, TypeError):
    """A definition whose indices or ranges do not fit; the message says which and where.

    >>> Definition(1, 2)
    Traceback (most recent call last):
    symderive.systems.definition.SystemTypeError: definition: expected a tensor entry on the left, found 1
    """


@dataclass(frozen=True, repr=False)
class Definition(Displayed):
    """For all indices in their ranges: lhs = rhs.

    `lhs` is an entry whose indices are the definition's own index symbols, each once, or constants: z[l, j],
    a[0, j]. `indices` gives each its range (index, low, high); a range may use the indices before it.
    Raises SystemTypeError where that is not so.

    >>> from symderive.calculus import indices, tensor
    >>> j, = indices("j"); x, y = tensor("x", (j, 1, 3)), tensor("y", (j, 1, 3))
    >>> print(Definition(y[j], 2 * x[j], ((j, 1, 3),)))
    y[j] := 2*x[j]  for j in 1..3
    """

    lhs: Entry
    rhs: Expr
    indices: tuple[Limits, ...] = ()
    name: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.lhs, Entry):
            raise SystemTypeError(f"definition: expected a tensor entry on the left, found {shown(self.lhs)}")
        rhs = size_of(self.rhs)
        if not isinstance(rhs, Expr) or not getattr(rhs, "is_scalar", True):
            raise SystemTypeError(
                f"{self._where}: expected a scalar term on the right, found {shown(self.rhs)}"
            )
        require_closed(self.lhs, rhs)
        limits = []
        for limit in self.indices:
            if not isinstance(limit, tuple) or len(limit) != 3 or not isinstance(limit[0], Symbol):
                raise SystemTypeError(
                    f"{self._where}: expected ranges (index, low, high), found {shown(limit)}"
                )
            limits.append((limit[0], size_of(limit[1]), size_of(limit[2])))
        object.__setattr__(self, "rhs", rhs)
        object.__setattr__(self, "indices", tuple(limits))
        self._check_indices()

    def _check_indices(self) -> None:
        named = [k for k, _, _ in self.indices]
        left = list(self.lhs.index)
        for k in self.context.symbols:
            if left.count(k) != 1:
                raise SystemTypeError(
                    f"{self._where}: expected index {k} once on the left, found it {left.count(k)} times"
                )
        inner = {s for i in left if i not in named for s in i.free_symbols & set(named)}
        if inner:
            first = min(map(str, inner))
            raise SystemTypeError(
                f"{self._where}: expected plain indices or constants on the left, found {first} in a term"
            )

    @property
    def _where(self) -> str:
        # printed for a message alone: it takes as long as all else here
        return f"definition of {self.lhs}"

    @property
    def symbol(self) -> TensorSymbol:
        """The tensor that is defined."""
        return self.lhs.symbol

    @cached_property
    def context(self) -> Context:
        """The ranges of the indices."""
        return Context.of(*self.indices)

    def at(self, *index: Expr | int) -> tuple[Entry, Expr]:
        """Both sides at these values of the definition's own indices.

        >>> from symderive.systems import mlp
        >>> mlp().definitions[2].at(3, 4)
        (a[3, 4], sigma(z[3, 4]))
        """
        if len(index) != len(self.indices):
            raise SystemTypeError(
                f"definition of {self.lhs}: expected {len(self.indices)} index values, found {len(index)}"
            )
        rule = {k: size_of(v) for (k, _, _), v in zip(self.indices, index, strict=True)}
        return self.lhs.xreplace(rule), self.rhs.xreplace(rule)

    def renamed(self, avoid: set[Any]) -> Definition:
        """The same definition with index letters that are not in `avoid`.

        >>> from symderive.calculus import indices
        >>> from symderive.systems import mlp
        >>> print(mlp().definitions[2].renamed(set(indices("l j"))))
        a[m, k] := sigma(z[m, k])  for m in 1..L, k in 1..n[m]
        """
        rule: dict[Basic, Basic] = {}
        used = set(avoid) | self.rhs.free_symbols | self.lhs.free_symbols
        for k, _, _ in self.indices:
            if k in avoid:
                new = fresh(used, (k.name,))
                used = used | {new}
                rule[k] = new
        return self.subs(rule) if rule else self

    def subs(self, rule: Mapping[Basic, Basic]) -> Definition:
        """The definition with index symbols renamed, or sizes given values, everywhere.

        >>> from symderive.calculus import size
        >>> from symderive.systems import mlp
        >>> from sympy import Integer
        >>> print(mlp().definitions[2].subs({size("L"): Integer(3)}))
        a[l, j] := sigma(z[l, j])  for l in 1..3, j in 1..n[l]
        """
        return replace(
            self,
            lhs=self.lhs.xreplace(rule),
            rhs=self.rhs.xreplace(rule),
            indices=tuple(
                (rule.get(k, k), lo.xreplace(rule), hi.xreplace(rule)) for k, lo, hi in self.indices
            ),
        )

    def matches(self, entry: Entry) -> dict[Symbol, Expr] | None:
        """The values of the own indices at which the left side is this entry, if the pattern fits.

        Whether the values lie in the indices' ranges is another question: see `coverage.conditions`.

        >>> from symderive.systems import mlp
        >>> net = mlp(); net.definitions[2].matches(net.tensor("a")[3, 4])
        {l: 3, j: 4}
        """
        if entry.symbol != self.symbol:
            return None
        own = self.context.symbols
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
