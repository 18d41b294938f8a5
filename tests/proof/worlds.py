"""Numbers at which the hypotheses of a theorem hold: what is defined is computed, what is free is drawn.

z, a, delta, .. are computed from the hypotheses by the looping oracle; the differential dT of what is defined
is a central difference of T with an exact step, along the straight lines on which what is free moves. Laws of
functions, as sigma(-u) = -sigma(u), are met by polynomials that are odd, or 0 at 0. A balanced colouring is
made of blocks: the weights between two colours are those of the quotient network, shared among the members,
and numbers whose sums by rows and by columns are 0. A tie that lasts though outgoing weights differ has
deltas at right angles to the difference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from sympy import Symbol

from symderive.calculus import Entry, TensorSymbol
from symderive.calculus.terms import Applied, FunctionalValue
from symderive.evaluation.exact import Assignment, Entries, draw, evaluate_exact, polynomial
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
        widths: tuple[int, int] = WIDTHS,
    ) -> None:
        self.hypotheses, self.given, self.seed, self.at = hypotheses, dict(given), seed, at
        self.widths = widths
        self.known: dict[tuple[object, ...], Fraction | None] = {}
        self.circular: set[tuple[object, ...]] = set()
        self.defined: dict[str, list[Hypothesis]] = {}
        self.functions: dict[str, list[int]] = {}
        self.functionals: dict[str, Any] = {}
        self.named = {h.name for h in hypotheses}
        self.kinds = {
            s.name: s.kind
            for h in hypotheses
            for e in h.terms()
            for s in e.free_symbols
            if isinstance(s, TensorSymbol)
        }
        for h in sorted(hypotheses, key=str):
            if isinstance(h.lhs, Entry):
                self.defined.setdefault(h.lhs.symbol.name, []).append(h)
            elif isinstance(h.lhs, Applied):
                name = h.lhs.function.name
                low = self._number("law", name), 0 if h.reals else self._number("square", name)
                self.functions[name] = [0, *low, 1]
            elif isinstance(h.lhs, FunctionalValue):
                self.functionals[h.lhs.functional.name] = odd
            else:
                assert h.name in BALANCED, f"{h} defines no entry"

    def _number(self, *key: object) -> int:
        return draw(1, 3, self.seed, *key)

    def assignment(self, values: Mapping[str, int]) -> Assignment:
        """The world for the oracle, with values of the indices."""
        symbols = {**self.given, **values}
        return Assignment(symbols, self.seed, self.entry, self.widths, self.functions, self.functionals)

    def number(self, e: object, values: Mapping[str, int]) -> int:
        return int(evaluate_exact(e, self.assignment(values)))  # type: ignore[arg-type]

    def entry(self, name: str, *index: int) -> Fraction | None:
        key = (name, *index)
        if key in self.known and self.known[key] is None:
            self.circular.add(key)
        if key not in self.known:
            self.known[key] = None  # an entry that is defined by itself is free
            value = self._entry(name, index)
            if key in self.circular and value is not None:
                value = self._fixed(name, index)
            self.known[key] = value
        return self.known[key]

    def _fixed(self, name: str, index: tuple[int, ...]) -> Fraction:
        """A value that the definition by itself gives back: w = w leaves any, w = -w only 0."""
        first, *others = self._values(name, index)
        del first  # the one that leads back here
        for value in (*others, self._drawn(name, index), Fraction(0)):
            self.known[name, *index] = value
            if value is not None and self._entry(name, index) == value:
                return value
        raise AssertionError(f"{name}{list(index)} is defined by itself, and neither free nor 0")

    def _entry(self, name: str, index: tuple[int, ...]) -> Fraction | None:
        value = next(self._values(name, index), None)
        return self._drawn(name, index) if value is None else value

    def _values(self, name: str, index: tuple[int, ...]) -> Iterator[Fraction]:
        """What each hypothesis says that the entry is."""
        for h in self.defined.get(name, ()):
            values = self._solved(h, index)
            if values is not None:
                yield evaluate_exact(h.rhs, self.assignment(values))

    def _drawn(self, name: str, index: tuple[int, ...]) -> Fraction | None:
        if name[0] == "d" and name[1:] in self.kinds:
            if name[1:] not in self.defined:
                return Fraction(draw(-3, 3, self.seed, name, index))
            up, down = (World(self.hypotheses, self.given, self.seed, s, self.widths) for s in (STEP, -STEP))
            high, low = up.entry(name[1:], *index), down.entry(name[1:], *index)
            assert high is not None and low is not None
            return (high - low) / (2 * STEP)
        if "every colour has members" in self.named or "K" in self.kinds:
            found = self._coloured(name, index)
            if found is not None:
                return Fraction(found)
        if self.kinds.get(name, "real") != "real":
            return None
        if name == "delta" and any(h.startswith("equal") and h.endswith(LASTING) for h in self.named):
            return self._across(*index)
        start = Fraction(draw(-3, 3, self.seed, name, index))
        moves = self.at and self.entry(f"d{name}", *index)
        return start + self.at * moves if moves else start

    def _across(self, t: int, l: int, s: int, r: int) -> Fraction:
        """delta^L at right angles to sigma'(z_p) w_p - sigma'(z_q) w_q; deltas below equal at p and q."""
        p, q, other = self.given["p"], self.given["q"], {1: 2, 2: 1}.get(r)
        if l < self.given["L"]:
            return Fraction(self._number("delta", t, l, s, p if r == q else r))
        if other is None:
            return Fraction(0)
        one, two = (self._slope(t, l - 1, s, x) * (self.entry("w", t, l, other, x) or 0) for x in (p, q))
        return (one - two) * (1 if r == 1 else -1) * self._number("delta", t, s)

    def _slope(self, t: int, l: int, s: int, j: int) -> Fraction:
        """sigma'(z_j), where z is defined."""
        if "z" not in self.defined:
            return Fraction(1)
        z = self.entry("z", t, l, s, j) or Fraction(0)
        return Fraction(polynomial(self.assignment({}).coefficients("function", "sigma", l), 1, z))

    # ------------------------------------------------------------------------------- balanced colourings

    def _coloured(self, name: str, index: tuple[int, ...]) -> Fraction | int | None:
        """One colour fewer than neurons in hidden layers; the last two neurons share one."""
        if name == "K":
            n, fewer, more = self._width(index[0]), 0 < index[0] < self.given["L"], 0
            if index[0] == 0 and "inputs have colours of their own" not in self.named:
                fewer = True
            if index[0] == self.given["L"] and "as many colours as outputs" not in self.named:
                more = 1
            return max(1, n - fewer) + more
        if name == "c":
            l, j = index
            low, high = 1, int(self.entry("K", l) or 1)
            if "colours begin at 1" not in self.named:
                low -= 1
            if "colours end at K" not in self.named:
                high += 1
            if l == self.given["L"] and "outputs have colours of their own" not in self.named:
                return high + 1 - j if high + 1 - j >= low else low
            return j + low - 1 if j + low - 1 <= high else draw(low, high, self.seed, name, index)
        if name == "V":
            l, g, h = index
            return self._members(l, g) * self._mean(l, g, h)
        sums = {"equal incoming sums in a colour", "equal outgoing sums in a colour"}
        if name == "w" and index[0] == 0 and sums & self.named:
            _, l, j, k = index
            share = self._mean(l, self._colour(l, j), self._colour(l - 1, k))
            if sums <= self.named:
                return share + self._noise(l, j, k)
            # without one of the two kinds of sums, what the other leaves free
            incoming = "equal incoming sums in a colour" in self.named
            rest = self._rest(l - 1, k) if incoming else self._rest(l, j)
            return share + rest * self._number(name, l, j if incoming else k)
        if name == "w_bar" and index[0] == 0 and sums & self.named:
            _, l, g, h = index
            return self._members(l - 1, h) * self._mean(l, g, h)
        return None

    def _width(self, l: int) -> int:
        return draw(*self.widths, self.seed, "n", (l,))

    def _colour(self, l: int, j: int) -> int:
        return int(self.entry("c", l, j) or 0)

    def _members(self, l: int, g: int) -> int:
        return sum(self._colour(l, j) == g for j in range(1, self._width(l) + 1))

    def _mean(self, l: int, g: int, h: int) -> Fraction:
        return Fraction(draw(-3, 3, self.seed, "mean", (l, g, h)))

    def _rest(self, l: int, j: int) -> int:
        """1 and -1 for the first two members of a colour, 0 for all others: their sum is 0."""
        colour = self._colour(l, j)
        members = [i for i in range(1, self._width(l) + 1) if self._colour(l, i) == colour]
        return {0: 1, 1: -1}.get(members.index(j), 0) if j in members[:2] and len(members) > 1 else 0

    def _noise(self, l: int, j: int, k: int) -> int:
        return 2 * self._rest(l, j) * self._rest(l - 1, k)

    # --------------------------------------------------------------------------------------------- checks

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

    def broken(self) -> list[str]:
        """The hypotheses that are not met at these numbers, laws of functions at a few values."""
        return [h.name for h in sorted(self.hypotheses, key=str) if not all(self._meets(h))]

    def _meets(self, h: Hypothesis) -> Iterator[bool]:
        def go(limits: tuple[Any, ...], values: dict[str, int]) -> Iterator[bool]:
            if not limits:
                for u in (-2, 1, 3) if h.reals else (0,):
                    here = self.assignment(values)
                    given = {(x.name,): u + n for n, x in enumerate(h.reals)}

                    def entry(*key: Any, given: Any = given) -> Any:
                        return given.get(key, self.entry(*key))

                    here = Assignment(
                        here.symbols, self.seed, entry, self.widths, self.functions, self.functionals
                    )
                    yield evaluate_exact(h.lhs, here) == evaluate_exact(h.rhs, here)
                return
            (k, lo, hi), *rest = limits  # type: ignore[misc]
            for v in range(self.number(lo, values), self.number(hi, values) + 1):
                yield from go(tuple(rest), {**values, k.name: v})

        return go(h.indices, {})


LASTING = ("at step t + 1", "at every step")
# hypotheses that the colouring above meets by the way it is made
BALANCED = frozenset(
    {
        "colours begin at 1",
        "colours end at K",
        "equal incoming sums in a colour",
        "equal outgoing sums in a colour",
    }
)


def odd(entries: Entries) -> Fraction:
    """(1 + y + y^2) x: odd in the first scalar."""
    x, y = entries[0, ()], entries[1, ()]
    return Fraction((1 + y + y * y) * x)


def both_sides(
    t: Theorem, sizes: Mapping[str, int], seed: int, widths: tuple[int, int] = WIDTHS
) -> Iterator[tuple[Fraction, Fraction]]:
    """Both sides of a theorem at all values of its indices, where its hypotheses hold."""
    for _, left, right in in_worlds(t, sizes, seed, widths):
        yield left, right


def in_worlds(
    t: Theorem, sizes: Mapping[str, int], seed: int, widths: tuple[int, int] = WIDTHS
) -> Iterator[tuple[World, Fraction, Fraction]]:
    """Both sides of a theorem at all values of its indices, with the world where they are taken."""
    free = {k for h in t.hypotheses for k in h.free()}
    worlds: dict[tuple[int, ...], World] = {}

    def go(limits: tuple[object, ...], values: dict[str, int]) -> Iterator[tuple[World, Fraction, Fraction]]:
        fixed = {k: v for k, v in values.items() if k in {s.name for s in free}}
        key = tuple(fixed.values())
        if key not in worlds:
            worlds[key] = World(t.hypotheses, {**sizes, **fixed}, seed, widths=widths)
        world = worlds[key]
        if not limits:
            here = world.assignment(values)
            yield world, evaluate_exact(t.lhs, here), evaluate_exact(t.rhs, here)
            return
        (k, lo, hi), *rest = limits  # type: ignore[misc]
        for v in range(world.number(lo, values), world.number(hi, values) + 1):
            yield from go(tuple(rest), {**values, k.name: v})

    yield from go(tuple(t.context), {})
