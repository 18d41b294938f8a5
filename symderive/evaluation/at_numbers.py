r"""Definitions at exact numbers: z^l_j, a^l_j, delta^l_j are the fractions that they say there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from sympy import Expr, Symbol

from symderive.errors import SymderiveError
from symderive.evaluation.exact import Assignment, Entries, Number, evaluate_exact
from symderive.systems.definition import Definition


def squared_error(entries: Entries) -> Number:
    """C(a; y) = sum_j (a_j - y_j)^2 / 2

    >>> squared_error({(0, (1,)): 3, (1, (1,)): 1})
    Fraction(2, 1)
    """
    outputs = {index: v for (m, index), v in entries.items() if m == 0}
    return sum((Fraction(v - entries[1, index]) ** 2 / 2 for index, v in outputs.items()), Fraction(0))


class AtNumbers:
    """Definitions at given numbers: sizes, widths, parameters, data; sigma a polynomial, C the squared error.

    Errors: an entry that is neither given nor defined.

    >>> from symderive.calculus import indices, tensor
    >>> j, = indices("j"); x, y = tensor("x", (j, 1, 3)), tensor("y", (j, 1, 3))
    >>> there = AtNumbers([Definition(y[j], 2 * x[j], ((j, 1, 3),))], {}, {("x", 1): 5})
    >>> there.value(y[j] + 1, {"j": 1})
    Fraction(11, 1)
    """

    def __init__(
        self,
        definitions: Sequence[Definition],
        sizes: Mapping[str, int],
        given: Mapping[tuple[Any, ...], Number],
        sigma: Sequence[Number] = (0, 1),
    ) -> None:
        self.definitions = tuple(definitions)
        self.sizes = dict(sizes)
        self.known: dict[tuple[Any, ...], Number] = dict(given)
        self.sigma = tuple(sigma)

    def value(self, e: Expr, indices: Mapping[str, int]) -> Fraction:
        """The term at these values of its free indices."""
        return evaluate_exact(
            e,
            Assignment(
                {**self.sizes, **indices},
                entries=self.entry,
                functions={"sigma": self.sigma},
                functionals={"cost": squared_error},
            ),
        )

    def entry(self, name: str, *index: int) -> Number:
        """The entry, given or by its definition."""
        key = (name, *index)
        if key not in self.known:
            self.known[key] = self._defined(name, index)
        return self.known[key]

    def _defined(self, name: str, index: tuple[int, ...]) -> Number:
        for d in self.definitions:
            if d.symbol.name == name:
                values = self._indices(d, index)
                if values is not None:
                    return self.value(d.rhs, values)
        raise SymderiveError(f"expected {name}{list(index)} to be given or defined, found neither")

    def _indices(self, d: Definition, index: tuple[int, ...]) -> dict[str, int] | None:
        """The own indices at which the left side is this entry, if they lie in their ranges."""
        values = {i.name: v for i, v in zip(d.lhs.index, index, strict=True) if isinstance(i, Symbol)}
        own = {k.name: values[k.name] for k, _, _ in d.indices}
        if any(self.value(i, own) != v for i, v in zip(d.lhs.index, index, strict=True)):
            return None
        inside = all(self.value(lo, own) <= own[k.name] <= self.value(hi, own) for k, lo, hi in d.indices)
        return own if inside else None


__all__ = ["AtNumbers", "squared_error"]
