"""Numbers at which the hypotheses of a theorem hold: what is defined is computed, what is free is drawn.

z, a, delta, .. are computed from the hypotheses by the looping oracle; the differential dT of what is defined
is a central difference of T with an exact step, along the straight lines on which what is free moves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from sympy import Symbol

from symderive.calculus import Entry
from symderive.evaluation.exact import Assignment, draw, evaluate_exact
from symderive.proof.kernel import Hypothesis, Theorem

STEP = Fraction(1, 10**30)
WIDTHS = (2, 3)


class World:
    """Values for all entries, in which each hypothesis `T[..] = rhs` is read as the definition of T[..]."""

    def __init__(
        self,
        hypotheses: frozenset[Hypothesis],
        given: Mapping[str, int],
        seed: int,
        at: Fraction = Fraction(0),
    ) -> None:
        self.hypotheses, self.given, self.seed, self.at = hypotheses, dict(given), seed, at
        self.known: dict[tuple[object, ...], Fraction | None] = {}
        self.defined: dict[str, list[Hypothesis]] = {}
        for h in sorted(hypotheses, key=str):
            assert isinstance(h.lhs, Entry), f"{h} defines no entry"
            self.defined.setdefault(h.lhs.symbol.name, []).append(h)

    def assignment(self, values: Mapping[str, int]) -> Assignment:
        """The world for the oracle, with values of the indices."""
        return Assignment({**self.given, **values}, self.seed, self.entry, WIDTHS)

    def number(self, e: object, values: Mapping[str, int]) -> int:
        return int(evaluate_exact(e, self.assignment(values)))  # type: ignore[arg-type]

    def entry(self, name: str, *index: int) -> Fraction | None:
        key = (name, *index)
        if key not in self.known:
            self.known[key] = None  # an entry that is defined by itself is free
            self.known[key] = self._entry(name, index)
        return self.known[key]

    def _entry(self, name: str, index: tuple[int, ...]) -> Fraction | None:
        for h in self.defined.get(name, ()):
            values = self._solved(h, index)
            if values is not None:
                return evaluate_exact(h.rhs, self.assignment(values))
        if name in ("n", "pi"):
            return None
        if name[0] == "d" and name != "delta":
            if name[1:] not in self.defined:
                return Fraction(draw(-3, 3, self.seed, name, index))
            up, down = (World(self.hypotheses, self.given, self.seed, s) for s in (STEP, -STEP))
            high, low = up.entry(name[1:], *index), down.entry(name[1:], *index)
            assert high is not None and low is not None
            return (high - low) / (2 * STEP)
        start = Fraction(draw(-3, 3, self.seed, name, index))
        moves = self.at and self.entry(f"d{name}", *index)
        return start + self.at * moves if moves else start

    def _solved(self, h: Hypothesis, index: tuple[int, ...]) -> dict[str, int] | None:
        """The own indices of h at which its left side is this entry."""
        own = {k for k, _, _ in h.indices}
        values: dict[str, int] = {}
        for shown, value in zip(h.lhs.args[1:], index, strict=True):
            letters = [s for s in shown.free_symbols if isinstance(s, Symbol) and s in own]
            if letters:
                (letter,) = letters
                solved = value - self.number(shown.xreplace({letter: 0 * letter}), values)
                if values.setdefault(letter.name, solved) != solved:
                    return None
            elif self.number(shown, values) != value:
                return None
        for k, lo, hi in h.indices:
            if not self.number(lo, values) <= values[k.name] <= self.number(hi, values):
                return None
        return values


def both_sides(t: Theorem, sizes: Mapping[str, int], seed: int) -> Iterator[tuple[Fraction, Fraction]]:
    """Both sides of a theorem at all values of its indices, where its hypotheses hold."""
    free = {k for h in t.hypotheses for k in h.free()}
    worlds: dict[tuple[int, ...], World] = {}

    def go(limits: tuple[object, ...], values: dict[str, int]) -> Iterator[tuple[Fraction, Fraction]]:
        fixed = {k: v for k, v in values.items() if k in {s.name for s in free}}
        world = worlds.setdefault(tuple(fixed.values()), World(t.hypotheses, {**sizes, **fixed}, seed))
        if not limits:
            here = world.assignment(values)
            yield evaluate_exact(t.lhs, here), evaluate_exact(t.rhs, here)
            return
        (k, lo, hi), *rest = limits  # type: ignore[misc]
        for v in range(world.number(lo, values), world.number(hi, values) + 1):
            yield from go(tuple(rest), {**values, k.name: v})

    yield from go(tuple(t.context), {})
