r"""symmetries(system): the classes of indices that can be permuted, and which parameters move with them.

A hidden permutation symmetry is a bound index renamed. Two places of indices belong to one class where a
definition puts one index at both. A class can be permuted unless an input or an output carries it, or its
values are used other than to name entries. Layers and times are parameters of a class: the neurons of layer l
have a permutation pi_l of their own, where nothing equates them with those of another layer.

Nothing here is trusted: what is found is proved afterwards, or is not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import reduce

from sympy import Expr, Integer, Symbol, expand

from symderive.calculus.atoms import Slot, TensorSymbol, indices
from symderive.calculus.ranges import EMPTY
from symderive.calculus.terms import Entry
from symderive.displayed import Displayed
from symderive.errors import SymderiveError
from symderive.proof.kernel import Hypothesis, hypothesis_of
from symderive.proof.occurrences import Letter, Place, letters
from symderive.systems.numbers import shown
from symderive.systems.system import System

Axis = tuple[TensorSymbol, int]
Values = tuple[Expr, ...]
Node = tuple[TensorSymbol, int, Values]
# what permutations are called, and their LaTeX names
NAMES = ("pi", "rho", "tau", "omega", "xi", "chi", "psi", "zeta", "kappa", "varpi", "varrho", "upsilon")


@dataclass(frozen=True, repr=False)
class IndexClass(Displayed):
    r"""Indices that can be permuted together: pi_l(j), for the neurons j of layer l.

    - `permutation`: pi[l, j], with the parameters of the class first.
    - `members`: for each axis of a tensor the parameters of the class there, in terms of its superscripts
      (`Slot`): w_{jk} has pi_l at j and pi_{l-1} at k. Where layers are numbers, each has its own class, and
      the number stands in the place of the `Slot`.
    - `fixed`: parameters at which the indices must stay in place, as inputs or outputs carry them.

    >>> from symderive.systems import mlp
    >>> (neurons,) = symmetries(mlp())
    >>> print(neurons)
    pi[l, j], j in 1..n[l], l in 0..L: moves w.1, b.1, w.2; fixed at 0, L
    """

    permutation: TensorSymbol
    members: Mapping[Node, Values]
    fixed: tuple[Values, ...]
    parameters: tuple[TensorSymbol, ...]

    def at(self, entry: Entry, axis: int) -> Values | None:
        """The parameters of the class at an axis of this entry, if the axis belongs to it."""
        sup = entry.index[: entry.symbol.sup]
        for (t, own, key), values in self.members.items():
            numbers = [(k, i) for k, i in zip(key, sup, strict=False) if not isinstance(k, Slot)]
            if (t, own) == (entry.symbol, axis) and all(k == i for k, i in numbers):
                rule = {Slot(p): i for p, i in enumerate(sup)}
                return tuple(expand(v.xreplace(rule)) for v in values)
        return None

    def has(self, t: TensorSymbol) -> bool:
        """Whether an axis of the tensor belongs to the class."""
        return any(t == own for own, _, _ in self.members)

    def in_place(self, words: Mapping[str, str]) -> tuple[Hypothesis, ...]:
        """That the permutation is the identity where inputs or outputs carry the index.

        `words` say what stays: {"pi at 0": "inputs stay"}.
        """
        *_, j = self.letters()
        found = []
        for values in self.fixed:
            lo, hi = self.permutation.ranges(*values, j)[-1]
            where = f"{self.permutation.name} at {', '.join(map(str, values))}"
            name = f"{words.get(where, where + ' stays')} in place"
            found.append(hypothesis_of(name, self.permutation[(*values, j)], j, ((j, lo, hi),)))
        return tuple(found)

    @property
    def moved(self) -> tuple[Axis, ...]:
        """The axes of parameters that move."""
        return tuple(dict.fromkeys((t, axis) for t, axis, _ in self.members if t in self.parameters))

    def letters(self) -> tuple[Symbol, ...]:
        """Letters for the parameters and the index."""
        return indices(" ".join(self.permutation.letters))

    def __str__(self) -> str:
        *outer, (lo, hi) = self.permutation.ranges(*self.letters())
        *params, j = self.letters()
        ranges = "".join(f", {k} in {a}..{b}" for k, (a, b) in zip(params, outer, strict=True))
        axes = sorted(self.moved, key=lambda m: (m[1], self.parameters.index(m[0])))
        moves = ", ".join(f"{t.name}.{axis - t.sup + 1}" for t, axis in axes)
        fixed = ", ".join(",".join(map(str, v)) for v in self.fixed)
        shown = f"{self.permutation.name}[{', '.join(map(str, self.letters()))}], {j} in {lo}..{hi}{ranges}"
        return f"{shown}: moves {moves or 'no parameter'}" + (f"; fixed at {fixed}" if fixed else "")


@dataclass
class _Class:
    """A class while it is put together; its parameters are numbered, and `nodes` say what each is there."""

    size: int
    nodes: dict[Node, list[Expr]]
    pins: list[list[Expr]] = field(default_factory=list)

    def drop(self, place: int) -> None:
        """The class is the same for all values of a parameter."""
        self.size -= 1
        for values in (*self.nodes.values(), *self.pins):
            del values[place]


class _Classes:
    def __init__(self, system: System) -> None:
        self.system = system
        self.found: dict[Node, _Class] = {}
        self.numbered = _numbered(system)

    def node(self, p: Place) -> tuple[Node, _Class]:
        """The class of a place: superscripts that are numbers everywhere make classes of their own."""
        slots = [Slot(q) for q in range(p.tensor.sup)]
        key = tuple(value if (p.tensor, q) in self.numbered else slots[q] for q, value in enumerate(p.sup))
        node = (p.tensor, p.axis, key)
        if node not in self.found:
            free = [v for v in key if isinstance(v, Slot)]
            self.found[node] = _Class(len(free), {node: list(free)})
        return node, self.found[node]

    def values(self, p: Place) -> tuple[_Class, list[Expr]]:
        """The class of a place, and its parameters there."""
        node, found = self.node(p)
        rule = {Slot(q): v for q, v in enumerate(p.sup)}
        return found, [expand(v.xreplace(rule)) for v in found.nodes[node]]

    def join(self, p: Place, q: Place) -> None:
        """One index stands at both places."""
        a, at_a = self.values(p)
        b, at_b = self.values(q)
        if a is b:
            for n in reversed(range(a.size)):
                if expand(at_a[n] - at_b[n]) != 0:
                    a.drop(n)
            return
        pairs: list[tuple[int, int, Expr]] = []
        for n, v in enumerate(at_a):
            for m, u in enumerate(at_b):
                if m not in {y for _, y, _ in pairs} and _alike(v, u):
                    pairs.append((n, m, expand(v - u)))
                    break
        rest_a = [n for n in range(a.size) if n not in {x for x, _, _ in pairs}]
        rest_b = [m for m in range(b.size) if m not in {y for _, y, _ in pairs}]
        keep_a = bool(rest_a) and not rest_b and all(_constant(at_a[n]) for n in rest_a)
        keep_b = bool(rest_b) and not rest_a and all(_constant(at_b[m]) for m in rest_b)

        def of_a(v: list[Expr]) -> list[Expr]:
            extra = [at_b[m] for m in rest_b] if keep_b else [v[n] for n in rest_a] if keep_a else []
            return [v[n] for n, _, _ in pairs] + extra

        def of_b(v: list[Expr]) -> list[Expr]:
            extra = [v[m] for m in rest_b] if keep_b else [at_a[n] for n in rest_a] if keep_a else []
            return [expand(v[m] + c) for _, m, c in pairs] + extra

        size = len(pairs) + len(rest_b if keep_b else rest_a if keep_a else ())
        nodes = {k: of_a(v) for k, v in a.nodes.items()} | {k: of_b(v) for k, v in b.nodes.items()}
        merged = _Class(size, nodes, [*map(of_a, a.pins), *map(of_b, b.pins)])
        for node in nodes:
            self.found[node] = merged

    def pin(self, p: Place) -> None:
        """The index must stay in place there."""
        found, values = self.values(p)
        if values not in found.pins:
            found.pins.append(values)


def _constant(e: Expr) -> bool:
    """Whether a superscript is the same for all values of the indices: 0, or L."""
    return all(isinstance(s, Symbol) and s.is_positive for s in e.free_symbols)


def _alike(a: Expr, b: Expr) -> bool:
    """Whether two superscripts run together: l and l - 1; constants only where they are equal."""
    d = expand(a - b)
    return d == 0 if _constant(a) or _constant(b) else bool(d.is_Integer)


def _numbered(system: System) -> set[Axis]:
    """The superscripts that are numbers wherever the tensor stands."""
    seen: dict[Axis, bool] = {}
    for term in system.terms():
        for e in term.atoms(Entry):
            for q, i in enumerate(e.index[: e.symbol.sup]):
                seen[e.symbol, q] = seen.get((e.symbol, q), True) and bool(i.is_Integer)
    return {axis for axis, always in seen.items() if always}


def symmetries(system: System, moving: Iterable[TensorSymbol] = ()) -> tuple[IndexClass, ...]:
    """The classes of hidden indices that can be permuted; `moving` are inputs that may move with them.

    >>> from symderive.systems import mlp
    >>> for found in symmetries(mlp(widths=[4, 3, 5, 2])): print(found)
    pi[j], j in 1..3: moves w.1, b.1, w.2
    rho[j], j in 1..5: moves w.1, b.1, w.2
    """
    if not isinstance(system, System):
        raise SymderiveError(f"symmetries: expected a system, such as symderive.mlp(), found {shown(system)}")
    classes = _Classes(system)
    given = set(system.inputs) - set(moving)
    found = [i for d in system.definitions for i in letters(d)]
    # where superscripts run along with an index, that says more than where they are constant
    for constant in (False, True):
        for letter in found:
            for p in letter.places:
                if all(map(_constant, p.sup)) == constant and p != _first(letter):
                    classes.join(_first(letter), p)
    for letter in found:
        for p in letter.places:
            if letter.used_otherwise or p.tensor in given or not _whole_range(system, letter, p):
                classes.pin(p)
    _pin_named(system, classes)
    return tuple(_named(system, classes))


def _first(letter: Letter) -> Place:
    """The place that the others are joined to: one whose superscripts run, if there is one."""
    return next((p for p in letter.places if not all(map(_constant, p.sup))), next(iter(letter.places)))


def _whole_range(system: System, letter: Letter, p: Place) -> bool:
    """Whether the index runs over all of the axis."""
    filler = [Integer(0)] * (p.tensor.rank - p.tensor.sup)
    lo, hi = (e.xreplace(system.size_rule) for e in p.tensor.ranges(*p.sup, *filler)[p.axis])
    return bool(expand(lo - letter.lo) == 0 and expand(hi - letter.hi) == 0)


def _pin_named(system: System, classes: _Classes) -> None:
    """An index that is named, as in w_{1k}, or moved, as in w_{j+1,k}, must stay in place."""
    known = {node[:2] for node in classes.found}
    for d in system.definitions:
        own = {i.symbol for i in letters(d)}
        for e in (*d.lhs.atoms(Entry), *d.rhs.atoms(Entry)):
            for axis in range(e.symbol.sup, e.symbol.rank):
                plain = e.index[axis] in own or not e.index[axis].args
                if (e.symbol, axis) in known and (e.index[axis].is_Integer or not plain):
                    classes.pin(Place(e.symbol, axis, e.index[: e.symbol.sup]))


def _named(system: System, classes: _Classes) -> Iterator[IndexClass]:
    taken = {t.name for t in (*system.inputs, *system.parameters, *system.defined)}
    taken |= {s.name for e in system.terms() for s in e.free_symbols}
    names = (n for n in NAMES if n not in taken)
    for c in {id(c): c for c in classes.found.values()}.values():
        if any(not all(map(_constant, pin)) for pin in c.pins) or ([] in c.pins):
            continue
        if not any(t in system.parameters for t, _, _ in c.nodes):
            continue
        axes = _axes(system, c)
        if axes is None or _all_fixed(axes, c):
            continue
        name = next(names, None)
        if name is None:
            return
        letters_, ranges = axes
        pi = TensorSymbol(name, ranges, 0, rf"\{name}", "permutation", letters_)
        members = {node: tuple(values) for node, values in c.nodes.items()}
        yield IndexClass(pi, members, tuple(map(tuple, c.pins)), system.parameters)


def _all_fixed(axes: tuple[list[str], list[tuple[Expr, Expr]]], c: _Class) -> bool:
    """Whether the class has a single parameter that is fixed wherever it can be."""
    *outer, _ = axes[1]
    if len(outer) != 1:
        return False
    (lo, hi) = outer[0]
    if not (lo.is_Integer and hi.is_Integer):
        return False
    return {Integer(v) for v in range(int(lo), int(hi) + 1)} <= {pin[0] for pin in c.pins}


def _axes(system: System, c: _Class) -> tuple[list[str], list[tuple[Expr, Expr]]] | None:
    """Letters and ranges of the permutation: of its parameters, and of its index; None if members differ."""
    outer: list[list[tuple[Expr, Expr]]] = [[] for _ in range(c.size)]
    shown: list[str] = [""] * c.size
    last: list[tuple[Expr, Expr]] = []
    common = Counter(t.letters[axis] for t, axis, _ in c.nodes if axis < len(t.letters))
    letter = max(common, key=lambda x: (common[x], x == "j")) if common else "j"
    for (t, axis, key), values in c.nodes.items():
        inverse = _inverse(values)
        slots = [inverse.get(q, key[q]) for q in range(t.sup)]
        if any(isinstance(v, Slot) and v == key[q] and q not in inverse for q, v in enumerate(slots)):
            continue  # a member that does not know all parameters: another one gives the ranges
        filler = [Integer(0)] * (t.rank - t.sup)
        ranges = t.ranges(*slots, *filler)
        if len(inverse) == c.size:
            lo, hi = (e.xreplace(system.size_rule) for e in ranges[axis])
            if any(Slot(q) in e.atoms(Slot) for q in range(c.size, t.rank) for e in (lo, hi)):
                return None
            last.append((lo, hi))
            for q, value in inverse.items():
                (r,) = (s.position for s in value.atoms(Slot))
                shift = expand(Slot(r) - value)
                outer[r].append(tuple(expand(e + shift).xreplace(system.size_rule) for e in ranges[q]))
                if shift == 0 and not shown[r] and q < len(t.letters):
                    shown[r] = t.letters[q]
    if not last or any(expand(a - b) != 0 for pair in last for a, b in zip(pair, last[0], strict=True)):
        return None
    widest = [reduce(_wider, found) for found in outer]
    free = iter(s for s in "lmrs" if s not in shown and s != letter)
    return [s or next(free) for s in shown] + [letter], [*widest, last[0]]


def _inverse(values: list[Expr]) -> dict[int, Expr]:
    """Superscripts in terms of the parameters, where a parameter is a superscript plus a number."""
    found: dict[int, Expr] = {}
    for r, v in enumerate(values):
        slots = v.atoms(Slot)
        if len(slots) == 1:
            (slot,) = slots
            found[slot.position] = expand(Slot(r) - (v - slot))
    return found


def _wider(a: tuple[Expr, Expr], b: tuple[Expr, Expr]) -> tuple[Expr, Expr]:
    """A range that holds both, as far as sizes decide it."""
    lo = a[0] if EMPTY.nonnegative(b[0] - a[0]) else b[0]
    hi = a[1] if EMPTY.nonnegative(a[1] - b[1]) else b[1]
    return lo, hi


__all__ = ["IndexClass", "symmetries"]
