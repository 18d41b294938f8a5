"""A canonical order for the bound indices of sum_{i,j,..} f(i) g(i, j) ..: equal up to renaming gives equal.

Colour refinement with individualisation: an index is coloured by the factors that it stands in, the
colours of the other indices in them included, until nothing changes; where indices of one colour remain,
one of them is singled out and the search goes on. Automorphisms that turn up prune the search.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sympy import Dummy, Expr, Symbol
from sympy.core.basic import Basic

from symderive.calculus.atoms import BoundIndex, CalculusError, Name, Slot
from symderive.calculus.terms import Entry

SEARCH_LIMIT = 5_000
FIRST = 10**9

Colouring = dict[Symbol, int]


@lru_cache(maxsize=256)
def canonical_symbol(n: int) -> Dummy:
    """The n-th canonical name of a bound index: no user's symbol equals it."""
    return Dummy(f"c{n}", integer=True, dummy_index=FIRST + n)


def first_free(terms: Iterable[Basic]) -> int:
    """The first n from which no canonical name is free in the terms: names of the sums outside stay apart.

    >>> first_free([canonical_symbol(2) + 1])
    3
    """
    used = {s for e in terms for s in e.free_symbols if isinstance(s, Dummy)}
    return 1 + max((s.dummy_index - FIRST for s in used if FIRST <= s.dummy_index < 2 * FIRST), default=-1)


@lru_cache(maxsize=256)
def _mark(n: int) -> Dummy:
    """A place holder for any index of colour n; -1 is the index that is looked at."""
    return Dummy(f"m{n}", integer=True, dummy_index=2 * FIRST + n)


@lru_cache(maxsize=50_000)
def key(e: Basic) -> str:
    """A string that determines the term; only used to order terms."""
    if isinstance(e, Name):
        return f"{type(e).__name__}:{e.name}:{hash_text(e)}"
    if isinstance(e, BoundIndex | Slot) or not e.args:
        assumed = getattr(e, "dummy_index", "")
        return f"{type(e).__name__}:{e}:{assumed}"
    return f"{type(e).__name__}({','.join(key(a) for a in e.args)})"


@lru_cache(maxsize=1_000)
def hash_text(e: Name) -> str:
    """The declaration of a name, as text."""
    return "|".join(map(str, e._hashable_content()))


@dataclass(frozen=True)
class Factor:
    """A factor of a monomial with the bound indices that it contains.

    For an entry whose indices are bound indices or free of them, `positions` replaces substitution: the
    term with holes, and which index stands in which hole.
    """

    term: Expr
    indices: tuple[Symbol, ...]
    skeleton: str | None
    holes: tuple[Symbol, ...]

    @classmethod
    def of(cls, term: Expr, bound: set[Symbol]) -> Factor:
        inside = tuple(sorted((s for s in term.free_symbols if s in bound), key=lambda s: s.dummy_index))
        base, power = term.as_base_exp()
        if isinstance(base, Entry) and all(i in bound or not (i.free_symbols & bound) for i in base.index):
            parts = ["*" if i in bound else key(i) for i in base.index]
            return cls(
                term,
                inside,
                f"{key(base.symbol)}[{';'.join(parts)}]^{key(power)}",
                tuple(i for i in base.index if i in bound),
            )
        return cls(term, inside, None, ())


class Component:
    """A set of bound indices with the factors and ranges that tie them together."""

    def __init__(
        self,
        bound: Sequence[tuple[Symbol, Expr, Expr]],
        factors: Sequence[Expr],
        normalise: Callable[[Expr], Expr],
    ) -> None:
        names = {k for k, _, _ in bound}
        self.ranges = {k: (lo, hi) for k, lo, hi in bound}
        self.factors = [Factor.of(f, names) for f in factors]
        self.at: dict[Symbol, list[Factor]] = {k: [] for k in names}
        for f in self.factors:
            for k in f.indices:
                self.at[k].append(f)
        # a range that mentions another bound index ties the two together, both ways
        self.near: dict[Symbol, list[tuple[Symbol, Expr, Expr]]] = {k: [] for k in names}
        for k, lo, hi in bound:
            for other in names & (lo.free_symbols | hi.free_symbols):
                self.near[other].append((k, lo, hi))
        self.normalise = normalise
        self.offset = first_free([*factors, *(e for _, lo, hi in bound for e in (lo, hi))])
        self.budget = SEARCH_LIMIT

    def order(self) -> list[Symbol]:
        """The bound indices in canonical order."""
        names = list(self.ranges)
        if len(names) == 1:
            return names
        return self._order(names, self._refine(dict.fromkeys(names, 0)))

    def _text(self, term: Expr, rule: dict[Symbol, Symbol]) -> str:
        return key(self.normalise(term.xreplace(rule)))

    def _shape(self, f: Factor, k: Symbol, colour: Colouring) -> str:
        """The factor as k sees it."""
        if f.skeleton is not None:
            return f.skeleton + ",".join("!" if h == k else str(colour[h]) for h in f.holes)
        return self._text(f.term, {i: _mark(-1 if i == k else colour[i]) for i in f.indices})

    def _refine(self, colour: Colouring) -> Colouring:
        """Split the colours by what an index is in, until nothing changes."""
        count = len(set(colour.values()))
        while True:
            rule = {i: _mark(c) for i, c in colour.items()}
            seen = {}
            for k in colour:
                lo, hi = self.ranges[k]
                # expanded terms by their text; ranges are affine and need no normal form
                limits = (key(lo.xreplace(rule)), key(hi.xreplace(rule)))
                shapes = sorted(self._shape(f, k, colour) for f in self.at[k])
                look = {**rule, k: _mark(-1)}
                near = sorted(
                    f"{colour[o]}:{key(a.xreplace(look))}:{key(b.xreplace(look))}" for o, a, b in self.near[k]
                )
                seen[k] = (colour[k], limits, tuple(shapes), tuple(near))
            ranks = {s: r for r, s in enumerate(sorted(set(seen.values())))}
            colour = {k: ranks[s] for k, s in seen.items()}
            if len(ranks) == count:
                return colour
            count = len(ranks)

    def _cells(self, names: Sequence[Symbol], colour: Colouring) -> list[list[Symbol]]:
        cells: dict[int, list[Symbol]] = {}
        for k in names:
            cells.setdefault(colour[k], []).append(k)
        return [cells[c] for c in sorted(cells)]

    def _order(self, names: list[Symbol], colour: Colouring) -> list[Symbol]:
        """The names in canonical order, given a stable colouring of all indices."""
        self.budget -= 1
        if self.budget < 0:
            raise CalculusError(
                f"normal form: the sum over {len(self.ranges)} indices is too symmetric to order"
            )
        cells = self._cells(names, colour)
        open_names = [k for cell in cells if len(cell) > 1 for k in cell]
        if not open_names:
            return [k for cell in cells for k in cell]
        parts = self._parts(open_names)
        if len(parts) > 1:
            # given the settled indices, the parts know nothing of each other: order each, then the parts
            ordered = [self._order(part, colour) for part in parts]
            ordered.sort(key=lambda part: self._certificate(part, colour))
            flat = [k for part in ordered for k in part]
            rank = {k: r for r, k in enumerate(flat)}
            return sorted(names, key=lambda k: (colour[k], rank.get(k, 0)))
        cell = min((c for c in cells if len(c) > 1), key=lambda c: (len(c), colour[c[0]]))
        best: tuple[tuple[str, ...], list[Symbol]] | None = None
        orbit: dict[Symbol, Symbol] = {k: k for k in cell}
        tried: list[Symbol] = []

        def root(k: Symbol) -> Symbol:
            while orbit[k] != k:
                k = orbit[k]
            return k

        for k in cell:
            if any(root(k) == root(t) for t in tried):
                continue
            single = {i: 2 * c + (1 if c == colour[k] and i != k else 0) for i, c in colour.items()}
            result = self._order(list(names), self._refine(single))
            certificate = self._certificate(result, colour)
            if best is not None and certificate == best[0]:
                # same picture: result[i] may take the place of best[i]
                for a, b in zip(best[1], result, strict=True):
                    if a in orbit and b in orbit:
                        orbit[root(b)] = root(a)
            elif best is None or certificate < best[0]:
                best = (certificate, result)
            tried.append(k)
        assert best is not None
        return best[1]

    def _parts(self, names: Sequence[Symbol]) -> list[list[Symbol]]:
        """Split the names into groups that share no factor and no range."""
        groups: list[set[Symbol]] = []
        for k in names:
            linked = {k}
            for f in self.at[k]:
                linked |= set(f.indices)
            linked |= {o for o, _, _ in self.near[k]}
            linked |= set(self.ranges) & (self.ranges[k][0].free_symbols | self.ranges[k][1].free_symbols)
            linked &= set(names)
            for g in [g for g in groups if g & linked]:
                linked |= g
                groups.remove(g)
            groups.append(linked)
        return [[k for k in names if k in g] for g in groups]

    def _certificate(self, order: Sequence[Symbol], colour: Colouring) -> tuple[str, ...]:
        """All that is said of the indices once they have their numbers; the others show their colours."""
        place = {k: f"n{r}" for r, k in enumerate(order)}
        rule: dict[Symbol, Symbol] = {k: canonical_symbol(self.offset + r) for r, k in enumerate(order)}
        rule |= {k: _mark(colour[k]) for k in self.ranges if k not in rule}
        chosen = {id(f): f for k in order for f in self.at[k]}
        texts = []
        for f in chosen.values():
            if f.skeleton is not None:
                texts.append(f.skeleton + ",".join(place.get(h, str(colour[h])) for h in f.holes))
            else:
                texts.append(self._text(f.term, rule))
        ranges = [
            f"{place[k]}:{key(self.ranges[k][0].xreplace(rule))}:{key(self.ranges[k][1].xreplace(rule))}"
            for k in order
        ]
        return (*ranges, "|", *sorted(texts))
