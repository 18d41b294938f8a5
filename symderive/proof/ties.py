r"""ties(system): hidden indices p and q that the parameters do not tell apart have equal values everywhere.

If every parameter that carries a permutable index agrees at p and q, w_{pk} = w_{qk} and v_{ip} = v_{iq},
then so do all tensors that carry it: weighted inputs, deltas, gradients, and, in a system of training steps,
the parameters and the states of the optimiser at every step. Signed ties, w_p = -w_q, need odd functions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sympy import Expr, Symbol, expand

from symderive.calculus.atoms import Slot, TensorSymbol, fresh
from symderive.calculus.ranges import EMPTY, Context
from symderive.calculus.terms import Entry
from symderive.errors import SymderiveError
from symderive.proof import kernel
from symderive.proof.equivariance import Names, distinct, hull, plain_name
from symderive.proof.hypotheses import as_hypothesis
from symderive.proof.kernel import Hypothesis, Limits, Theorem, hypothesis_of
from symderive.proof.propagation import Claim, Law, NotProved, Propagation
from symderive.proof.result import Argument
from symderive.proof.signs import Odd, Sign, Signs, odd_laws
from symderive.proof.symmetry import Axis, IndexClass, Node, symmetries
from symderive.systems.system import System


@dataclass(frozen=True)
class Ties:
    """What is assumed of the two neurons, and what holds of them then."""

    system: System
    index_class: IndexClass
    context: Context
    assumptions: tuple[Hypothesis, ...]
    theorems: Mapping[Entry, Theorem]
    names: Mapping[Entry, str]
    arguments: Mapping[str, Sequence[Argument]]

    def of(self, t: TensorSymbol | str) -> tuple[Theorem, ...]:
        """The theorems about one tensor, one for each axis that the two indices can stand at."""
        tensor = self.system.tensor(t) if isinstance(t, str) else t
        return tuple(found for e, found in self.theorems.items() if e.symbol == tensor)


def ties(
    system: System,
    index_class: IndexClass | str = "",
    names: Names = plain_name,
    words: Mapping[str, str] | None = None,
    odd: Mapping[Odd, str] | None = None,
    turned: Iterable[TensorSymbol] | None = None,
) -> Ties:
    """Assume that the parameters agree at two indices of one class, and prove what else agrees there.

    `index_class`: a class of `symmetries`, or the name of its permutation; not needed where there is but one.
    With `odd`, functions with a name for the hypothesis that they are odd, parameters are opposite instead,
    w_p = -w_q: those of `turned` (by default all), and the others as follows from the definitions.
    Raises SymderiveError where the system has no permutable class, or several and none was chosen; NotProved
    where no proof is found.

    >>> from symderive.systems import mlp
    >>> tied = ties(mlp())
    >>> [h.name for h in tied.assumptions]
    ['equal w, index 1', 'equal w, index 2', 'equal b']
    >>> print(tied.of("a")[0].lhs, "=", tied.of("a")[0].rhs)
    a[m, p] = a[m, q]
    >>> net = mlp(); opposite = ties(net, odd={net.functions()[0]: "sigma is odd"})
    >>> print(opposite.of("a")[0].lhs, "=", opposite.of("a")[0].rhs)
    a[m, p] = -a[m, q]
    """
    own = _chosen(system, index_class)
    ctx, values, (p, q) = _neurons(system, own)
    members = list(_members(system, own, values, p))
    signs = {(m.tensor, m.axis): 1 for m in members}
    if odd is not None:
        signs = _signs(system, own, frozenset(odd), set(turned or system.parameters))
    given: list[Hypothesis] = []
    claims: list[Claim] = []
    for m in members:
        sign = signs[m.tensor, m.axis]
        other = m.tensor[tuple(q if n == m.axis else i for n, i in enumerate(m.entry.index))]
        word = "equal" if sign == 1 else "opposite"
        name = f"{word} {m.called(members, words or {})}"
        if m.tensor in system.parameters:
            given.append(hypothesis_of(name, m.entry, sign * other, m.limits))
        else:
            claims.append(Claim(m.entry, sign * other, m.limits, name))
    laws = []
    for d, name in zip(system.definitions, distinct(system.definitions, names), strict=True):
        law = kernel.assume(as_hypothesis(d, name), EMPTY)
        laws.append(Law(d, law, law))
    work = Propagation(claims, laws, [kernel.assume(h, ctx) for h in given])
    if odd:
        work.finish = odd_laws((case.rhs for c in claims for case in work.cases(c, ctx)), odd, ctx)
    theorems = {c.lhs: t for c, t in work.run(ctx).items()}
    called_by = {c.lhs: c.name for c in claims}
    return Ties(system, own, ctx, tuple(given), theorems, called_by, work.arguments)


@dataclass(frozen=True)
class _Member:
    """Entries with p at an axis: w[m, p, k] for all k."""

    tensor: TensorSymbol
    axis: int
    entry: Entry
    limits: tuple[Limits, ...]

    def called(self, members: Sequence[_Member], words: Mapping[str, str]) -> str:
        """What a reader calls them; the number of the index where the tensor has it in several places."""
        place = self.axis - self.tensor.sup + 1
        if f"{self.tensor.name}.{place}" in words:
            return words[f"{self.tensor.name}.{place}"]
        several = len([m for m in members if m.tensor == self.tensor]) > 1
        name = words.get(self.tensor.name, self.tensor.name)
        return f"{name}, index {place}" if several else name


def _members(system: System, own: IndexClass, values: Sequence[Expr], p: Symbol) -> Iterator[_Member]:
    place = {t: n for n, t in enumerate((*system.parameters, *system.defined))}
    for node in sorted(own.members, key=lambda n: (place.get(n[0], -1), n[1])):
        found = _entry(system, own, node, values, p)
        if found is not None and node[0] in place:
            yield _Member(node[0], node[1], *found)


def _signs(
    system: System, own: IndexClass, odd: frozenset[Odd], turned: set[TensorSymbol]
) -> dict[Axis, int]:
    """The sign at each axis that carries the index, from those that turn, through the definitions."""
    axes = {(t, axis) for t, axis, _ in own.members}
    found = {(t, axis): -1 for t, axis in axes if t in turned}

    def signs_at(letter: Expr) -> Signs:
        """Signs where this index stands for the neuron."""

        def of_entry(e: Entry) -> Sign:
            at = [(e.symbol, n) for n, i in enumerate(e.index) if i == letter and (e.symbol, n) in axes]
            return found.get(at[0]) if at else 1

        return Signs(of_entry, odd)

    uses = [
        (d, (d.symbol, axis))
        for d in system.definitions
        for axis in range(d.symbol.rank)
        if (values := own.at(d.lhs, axis)) is not None and values not in own.fixed
    ]
    for _ in range(len(axes) + 1):
        for d, at in uses:
            letter = d.lhs.index[at[1]]
            sign = signs_at(letter).of(d.rhs)
            if at not in found and sign is not None:
                found[at] = sign
            if isinstance(d.rhs, Entry) and at in found and letter in d.rhs.index:
                found.setdefault((d.rhs.symbol, d.rhs.index.index(letter)), found[at])
    missing = {at for _, at in uses} - set(found)
    if missing:
        raise NotProved(
            f"{system.name}: no sign of {min(t.name for t, _ in missing)} follows from what is odd"
        )
    return found


def _chosen(system: System, index_class: IndexClass | str) -> IndexClass:
    if isinstance(index_class, IndexClass):
        return index_class
    found = symmetries(system)
    fitting = [c for c in found if index_class in ("", c.permutation.name)]
    if len(fitting) != 1:
        shown = "; ".join(map(str, found)) or "none"
        which = f"named {index_class}" if index_class else "to be the only one"
        raise SymderiveError(f"{system.name}: expected a class of permutable indices {which}, found {shown}")
    return fitting[0]


def _neurons(system: System, own: IndexClass) -> tuple[Context, tuple[Expr, ...], tuple[Symbol, Symbol]]:
    """The context: parameters of the class where it is not fixed, and two of its indices."""
    taken: set[object] = set(system.defined)
    for d in system.definitions:
        taken |= d.lhs.free_symbols | d.rhs.free_symbols | d.context.taken
    for t in (*system.inputs, *system.parameters, *system.defined):
        taken |= {Symbol(letter, integer=True) for letter in t.letters}
    ctx = EMPTY
    values: list[Expr] = []
    *outer, _ = own.permutation.ranges(*own.letters())
    rule: dict[Symbol, Expr] = {}
    for n, (letter, (lo, hi)) in enumerate(zip(own.letters(), outer, strict=False)):
        new = fresh(taken | ctx.taken, ("m",) if letter.name == "l" else (letter.name,))
        lo, hi = lo.xreplace(rule), hi.xreplace(rule)
        ends = [v[n] for v in own.fixed]
        if len(outer) == 1 and lo in ends:
            ends.remove(lo)
            lo = lo + 1
        if len(outer) == 1 and hi in ends:
            ends.remove(hi)
            hi = hi - 1
        if ends:
            raise SymderiveError(f"{system.name}: expected indices that are fixed at an end, found {own}")
        ctx = ctx.bind(new, lo, hi)
        rule[letter] = new
        values.append(new)
    pair = []
    for letter in ("p", "q"):
        new = fresh(taken | ctx.taken, (letter,))
        lo, hi = own.permutation.ranges(*values, new)[-1]
        ctx = ctx.bind(new, lo, hi)
        pair.append(new)
    return ctx, tuple(values), (pair[0], pair[1])


def _entry(
    system: System, own: IndexClass, node: Node, values: Sequence[Expr], p: Symbol
) -> tuple[Entry, tuple[Limits, ...]] | None:
    """The entries of a member where its axis is p and the class has these parameters."""
    t, axis, key = node
    index: dict[int, Expr] = {n: k for n, k in enumerate(key) if not isinstance(k, Slot)}
    for have, want in zip(own.members[node], values, strict=True):
        slots = sorted(have.atoms(Slot), key=str)
        if not slots:
            return None  # a member at a fixed end
        (slot,) = slots
        index[slot.position] = expand(want - (have - slot))
    index[axis] = p
    letters: list[Symbol] = []
    avoid = {s for v in (*values, p) for s in v.free_symbols}
    full: list[Expr] = []
    for n in range(t.rank):
        if n in index:
            full.append(index[n])
            continue
        new = fresh(avoid | set(letters), t.letters[n : n + 1])
        letters.append(new)
        full.append(new)
    ranges = t.ranges(*full)
    limits = []
    for n, (k, (lo, hi)) in enumerate(zip(full, ranges, strict=True)):
        if k in letters:
            if n < t.sup and t in system.defined:
                lo, hi = hull(system.of(t), n) or (lo, hi)
            limits.append((k, lo.xreplace(system.size_rule), hi.xreplace(system.size_rule)))
    return t[tuple(full)], tuple(limits)


__all__ = ["Ties", "ties"]
