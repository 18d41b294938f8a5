r"""equivariance(system): every tensor of the permuted network is that of the network, permuted.

\tilde w_{jk} = w_{pi(j) pi'(k)} is put in for the parameters that carry permutable indices; for all tensors
that the definitions define it is proved, derivatives included, as these are definitions like others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sympy import Expr, Symbol

from symderive.calculus.atoms import BoundIndex, TensorSymbol, fresh
from symderive.calculus.ranges import EMPTY, Context
from symderive.calculus.terms import Entry, IndexSum
from symderive.derivation.adjoint import patterns
from symderive.errors import SymderiveError
from symderive.proof import kernel
from symderive.proof.hypotheses import as_hypothesis, marked, renamed
from symderive.proof.kernel import Hypothesis, Limits, Path, Theorem, hypothesis_of
from symderive.proof.propagation import Claim, Law, Propagation
from symderive.proof.result import Argument
from symderive.proof.symmetry import IndexClass, symmetries
from symderive.proof.tactics import Chain, places
from symderive.systems.definition import Definition
from symderive.systems.system import System

Names = Callable[[Definition], str]
MARK = ", permuted network"


def plain_name(d: Definition) -> str:
    """What to call a definition where nobody says more.

    >>> from symderive.systems import mlp
    >>> plain_name(mlp().definitions[1])
    'definition of z[l, j]'
    """
    return f"definition of {d.lhs}"


def distinct(definitions: Sequence[Definition], names: Names) -> list[str]:
    """What each definition is called; what several are called alike is told apart by their left sides.

    >>> from symderive.systems import mlp
    >>> distinct(mlp().definitions, lambda d: d.symbol.name)
    ['a, a[0, j]', 'z', 'a, a[l, j]', 'C']
    """
    called = [names(d) for d in definitions]
    plain = zip(definitions, called, strict=True)
    return [f"{name}, {d.lhs}" if called.count(name) > 1 else name for d, name in plain]


@dataclass(frozen=True)
class Equivariance:
    """The network, its permuted copy, and the theorems: one for each pattern of entries, by its left side."""

    system: System
    classes: tuple[IndexClass, ...]
    copy: Mapping[TensorSymbol, TensorSymbol]
    assumptions: tuple[Hypothesis, ...]
    theorems: Mapping[Entry, Theorem]
    names: Mapping[Entry, str]
    arguments: Mapping[str, Sequence[Argument]]

    def of(self, t: TensorSymbol | str) -> tuple[Theorem, ...]:
        """The theorems about one tensor of the network."""
        tensor = self.system.tensor(t) if isinstance(t, str) else t
        return tuple(found for e, found in self.theorems.items() if e.symbol == self.copy[tensor])


def permuted(e: Entry, classes: Sequence[IndexClass]) -> Entry:
    """The entry at permuted indices: w_{pi_l(j) pi_{l-1}(k)}.

    >>> from symderive.calculus import indices
    >>> from symderive.systems import mlp
    >>> l, j, k = indices("l j k"); net = mlp()
    >>> permuted(net.tensor("w")[l, j, k], symmetries(net))
    w[l, pi[l, j], pi[l - 1, k]]
    """
    index = list(e.index)
    for axis in range(e.symbol.sup, e.symbol.rank):
        for c in classes:
            values = c.at(e, axis)
            if values is not None:
                index[axis] = c.permutation[(*values, e.index[axis])]
    return e.symbol[tuple(index)]


def entry_patterns(system: System, t: TensorSymbol) -> list[tuple[Entry, tuple[Limits, ...]]]:
    """The entries of a defined tensor that one claim can speak of: all, unless its layers are numbers.

    Where definitions speak of single values of different superscripts, as h[0, t] and h[l, 0], each has a
    claim of its own: together they need not leave out nothing.

    >>> from symderive.systems import mlp
    >>> net = mlp(); entry_patterns(net, net.tensor("a"))
    [(a[l, j], ((l, 0, L), (j, 1, n[l])))]
    """
    own = system.of(t)
    if len(own) == 1 or all(i.is_Integer for d in own for i in d.lhs.index[: t.sup]):
        return [(d.lhs, d.indices) for d in own]
    alone = {p for d in own for p, i in enumerate(d.lhs.index) if not _own(d, i)}
    if len(alone) > 1:
        return [(d.lhs, d.indices) for d in own]
    letters: list[Symbol] = []
    for p in range(t.rank):
        letters.append(fresh(set(letters), t.letters[p : p + 1]))
    entry = t[tuple(letters)]
    ranges = [tuple(e.xreplace(system.size_rule) for e in r) for r in t.ranges(*letters)]
    for p in alone:
        ranges[p] = hull(own, p) or ranges[p]
    return [(entry, tuple((k, lo, hi) for k, (lo, hi) in zip(letters, ranges, strict=True)))]


def _own(d: Definition, i: Expr) -> bool:
    """Whether this is one of the definition's own indices."""
    return any(i == k for k, _, _ in d.indices)


def hull(definitions: Sequence[Definition], p: int) -> tuple[Expr, Expr] | None:
    """From the least to the greatest value of an index for which there is a definition, if sizes tell.

    >>> from symderive.systems import mlp
    >>> hull(mlp().definitions[:1] + mlp().definitions[2:3], 0)
    (0, L)
    """
    found = []
    for d in definitions:
        limits = {k: (lo, hi) for k, lo, hi in d.indices}
        found.append(limits.get(d.lhs.index[p], (d.lhs.index[p], d.lhs.index[p])))
    if any(
        isinstance(s, Symbol) and not s.is_positive for pair in found for e in pair for s in e.free_symbols
    ):
        return None  # a range that depends on another index
    low = [lo for lo, _ in found if all(EMPTY.nonnegative(other - lo) for other, _ in found)]
    high = [hi for _, hi in found if all(EMPTY.nonnegative(hi - other) for _, other in found)]
    return (low[0], high[0]) if low and high else None


def equivariance(
    system: System,
    classes: Sequence[IndexClass] | None = None,
    moving: Iterable[TensorSymbol] = (),
    names: Names = plain_name,
    words: Mapping[str, str] | None = None,
) -> Equivariance:
    """Permute all classes at once, and prove what becomes of every defined tensor.

    `moving` are inputs that are permuted too, as the direction of a Hessian-vector product; `names` and
    `words` say what definitions and tensors are called. Raises SymderiveError where nothing can be permuted,
    NotProved where no proof is found.

    >>> from symderive.systems import mlp
    >>> found = equivariance(mlp())
    >>> print(found.of("C")[0].lhs, "=", found.of("C")[0].rhs)
    C_tilde[] = C[]
    """
    moving = tuple(moving)
    classes = tuple(symmetries(system, moving) if classes is None else classes)
    if not classes:
        raise SymderiveError(
            f"{system.name}: expected hidden indices that can be permuted, found that inputs, outputs or "
            "other uses of their values hold all of them in place"
        )
    called = words or {}
    given = [t for t in (*system.parameters, *moving) if any(c.has(t) for c in classes)]
    copy = {t: marked(t) for t in (*given, *system.defined)}
    known = []
    for t in given:
        for e, limits in patterns(system, t):
            name = f"permuted {called.get(t.name, t.name)}{_layer(e)}"
            known.append(hypothesis_of(name, copy[t][e.index], permuted(e, classes), limits))
    fixed = [h for c in classes for h in c.in_place(called)]
    laws = []
    for d, name in zip(system.definitions, distinct(system.definitions, names), strict=True):
        twin = renamed(d, copy)
        laws.append(
            Law(
                twin,
                kernel.assume(as_hypothesis(twin, name + MARK), EMPTY),
                kernel.assume(as_hypothesis(d, name), EMPTY),
            )
        )
    claims = []
    for t in system.defined:
        found = entry_patterns(system, t)
        layers = [_layer(e) for e, _ in found]
        for (e, limits), layer in zip(found, layers, strict=True):
            at = layer if layers.count(layer) == 1 else f" at {', '.join(map(str, e.index[: t.sup]))}"
            name = called.get(t.name, t.name) + at
            claims.append(Claim(copy[t][e.index], permuted(e, classes), limits, name))
    work = Propagation(
        claims, laws,
        [kernel.assume(h, EMPTY) for h in known],
        [kernel.assume(h, EMPTY) for h in fixed],
        lambda chain: reindex(chain, classes),
    )  # fmt: skip
    theorems = {c.lhs: t for c, t in work.run().items()}
    called_by = {c.lhs: c.name for c in claims}
    return Equivariance(system, classes, copy, (*known, *fixed), theorems, called_by, work.arguments)


def _layer(e: Entry) -> str:
    """at 2: what tells apart the claims of one tensor whose layers are numbers."""
    numbers = [str(i) for i in e.index[: e.symbol.sup] if i.is_Integer]
    return f" at {', '.join(numbers)}" if numbers else ""


def reindex(chain: Chain, classes: Sequence[IndexClass]) -> None:
    """Re-index every sum over a permutable index by its permutation, from the outermost sums inwards."""
    while True:
        found: list[tuple[Path, Theorem]] = []
        for path, sub, inner in places(chain.now, chain.context):
            if isinstance(sub, IndexSum) and not any(path[: len(p)] == p for p, _ in found):
                step = _reindexed(sub, classes, inner)
                if step is not None:
                    found.append((path, step))
        if not found:
            return
        names = sorted({step.arguments[0].name for _, step in found})
        chain.then(
            kernel.congruence(chain.now, found, chain.context), f"sums re-indexed by {', '.join(names)}"
        )


def _reindexed(e: IndexSum, classes: Sequence[IndexClass], ctx: Context) -> Theorem | None:
    k, body = e.unbind(ctx.taken)
    for entry in sorted(body.atoms(Entry), key=str):
        for axis, i in enumerate(entry.index):
            for c in classes:
                values = c.at(entry, axis) if i == k else None
                if values is None or values in c.fixed or not _known(values, ctx):
                    continue
                if not body.has(c.permutation[(*values, k)]):
                    return kernel.reindex(e, c.permutation, values, ctx)
    return None


def _known(values: Sequence[Expr], ctx: Context) -> bool:
    """Whether the parameters are no bound indices of inner sums."""
    symbols = {s for v in values for s in v.free_symbols if isinstance(s, Symbol)}
    return all(s in ctx or s.is_positive for s in symbols) and not any(v.atoms(BoundIndex) for v in values)


__all__ = [
    "MARK", "Equivariance", "distinct", "entry_patterns", "equivariance", "hull", "permuted", "plain_name",
    "reindex",
]  # fmt: skip
