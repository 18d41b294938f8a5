r"""Exact testing with arbitrary functions: sigma(z), sigma'(z), .. are drawn for each z, each for itself.

A drawn cubic polynomial obeys laws that other functions do not: its fourth derivative is 0. Here the jet of
a function at each argument is drawn, which is as general as a function can be: whatever finitely many values
and derivatives at different arguments are, some polynomial has them (Hermite).

So an identity that is false for some functions is, in the drawn numbers and the jets as unknowns, a
polynomial that is not 0, of a degree d that is carried along. It vanishes at random numbers modulo the prime
p with a probability of at most d / p (Schwartz and Zippel). Two arguments that differ may be equal modulo p
by chance; this adds at most D / p for each pair of them, D a bound of their degrees.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import comb
from typing import Any

from sympy.core.basic import Basic

from symderive.calculus.binding import loose
from symderive.calculus.terms import FunctionalValue
from symderive.evaluation.law import Law
from symderive.evaluation.modular import PRIME, Model, Value

Partials = Sequence[tuple[int, tuple[int, ...]]]
Member = tuple[int, tuple[int, ...], Value]
"""Which family, the indices in it, and the entry."""


class JetModel(Model):
    """A model whose functions and functionals are arbitrary.

    `collisions` bounds the chance that two arguments meet; `divides`, whether something drawn is divided by.

    >>> from symderive.calculus.atoms import ScalarFunction, indices, tensor
    >>> from symderive.calculus.terms import Applied
    >>> j, = indices("j"); x = tensor("x", (j, 1, 3)); sigma = ScalarFunction("sigma", r"\\sigma")
    >>> fourth, nothing = sigma(x[1], order=4), 0 * x[1]
    >>> [kind((), {}, seed=1).test(fourth, nothing, {}).holds for kind in (JetModel, Model)]
    [False, True]
    """

    def __init__(self, laws: Sequence[Law], sizes: Mapping[Basic, int], seed: int) -> None:
        super().__init__(laws, sizes, seed)
        self.arguments: dict[Any, set[Any]] = {}
        self.letters: dict[Any, tuple[Basic, ...] | None] = {}
        self.known_members: dict[Any, list[Member]] = {}
        self.degree = 0
        self.divides = False

    @property
    def collisions(self) -> float:
        """The probability that two different arguments of one function are equal modulo the prime."""
        return sum(comb(len(seen), 2) for seen in self.arguments.values()) * self.degree / PRIME

    def _inverse(self, a: Value) -> Value:
        self.divides |= bool(a.top or a.bottom)
        return super()._inverse(a)

    def met(self, function: Any, argument: Any, values: Sequence[Value]) -> None:
        """Note an argument of a function, and the degrees of what it consists of."""
        self.arguments.setdefault(function, set()).add(argument)
        top = max((v.top for v in values), default=0)
        bottom = max((v.bottom for v in values), default=0)
        self.degree = max(self.degree, top + bottom)

    def compared(self, a: Value, b: Value) -> tuple[bool, float]:
        """Whether two values agree, and the probability that they do by chance, met arguments included."""
        agree, error = super().compared(a, b)
        return agree, error + self.collisions

    def jet(self, *key: Any) -> Any:
        """The number that a derivative of a function has at an argument."""
        return self.drawn_number("jet", *key)

    def scalar_function(self, name: str, sup: tuple[int, ...], order: int, z: Value) -> Value:
        """sigma^{(order)}(z), a number of its own for each z."""
        self.met((name, sup), z.number, [z])
        return Value(self.jet(name, sup, order, z.number), 1)

    def _functional(self, e: FunctionalValue, values: Mapping[Basic, int], around: tuple[int, ...]) -> Value:
        """C(..) or a partial derivative, in any order: a number of its own for each argument."""
        name, members, wanted = self.parts(e, values, around)
        argument = tuple((m, i, v.number) for m, i, v in members)
        self.met((name,), argument, [v for _, _, v in members])
        return Value(self.jet(name, argument, tuple(sorted(wanted))), 1)

    def parts(
        self, e: FunctionalValue, values: Mapping[Basic, int], around: tuple[int, ...]
    ) -> tuple[str, list[Member], Partials]:
        """The name of a functional, its entries with their indices, and the entries of its partial."""
        members = self.members(e, values, around)
        wanted = [(int(p[0]), tuple(self.integer(i, values, around) for i in p[1:])) for p in e.partials]
        return e.functional.name, members, wanted

    def members(
        self, e: FunctionalValue, values: Mapping[Basic, int], around: tuple[int, ...]
    ) -> list[Member]:
        """The entries of a functional; once for all values of the free indices in it, and that laws share."""
        which = (e.functional, e.families)
        if which not in self.letters:
            closed = not any(loose(f) for f in e.families)
            symbols = {s for f in e.families for s in f.free_symbols}
            self.letters[which] = tuple(sorted(symbols, key=str)) if closed else None
        symbols_in = self.letters[which]
        if symbols_in is None:
            return self._entries(e, values, around)
        key = (which, tuple([values.get(s) for s in symbols_in]), self.free_values(values))
        if key not in self.known_members:
            self.known_members[key] = self._entries(e, values, around)
        return self.known_members[key]

    def _entries(
        self, e: FunctionalValue, values: Mapping[Basic, int], around: tuple[int, ...]
    ) -> list[Member]:
        return [(m, i, v) for m, f in enumerate(e.families) for i, v in self._members(f, values, around, ())]
