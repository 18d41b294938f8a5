"""Every component on its own: z_j = sum_k w_{jk} x_k is z_1 = w_11 x_1 + w_12 x_2, z_2 = w_21 x_1 + w_22 x_2.

For small sizes, to look at: the number of terms is that of the operations of the network.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sympy import Add, Expr, Integer, Mul, Symbol
from sympy.core.basic import Basic

from symderive.calculus.atoms import TensorSymbol
from symderive.calculus.terms import Bracket, Entry, Family, IndexSum
from symderive.derivation.derive import Derivation
from symderive.errors import SymderiveError
from symderive.systems.definition import Definition
from symderive.systems.numbers import shown, whole
from symderive.systems.system import System

LARGEST = 20_000

Sizes = Sequence[int] | Mapping[Any, Any] | None
What = Definition | System | Derivation | Iterable[Definition]


def explicit(what: What, sizes: Sizes = None) -> tuple[Definition, ...]:
    """One definition without indices or sums for each component, layer by layer.

    `sizes`: the widths [n_0, .., n_L] of a network, which say its depth too; or, for any system, values by
    symbol or name, {"T": 3, "n": [2, 3, 2], B: 4}. Families that a generic cost takes stay as they are.
    Raises SymderiveError where a size is missing, or the result has more than 20,000 terms.

    >>> from symderive.systems import mlp
    >>> net = mlp(); z, = net.of(net.tensor("z"))
    >>> for d in explicit(z, [2, 1, 1]): print(d)
    z[1, 1] := a[0, 1]*w[1, 1, 1] + a[0, 2]*w[1, 1, 2] + b[1, 1]
    z[2, 1] := a[1, 1]*w[2, 1, 1] + b[2, 1]
    """
    definitions, known = _definitions(what)
    writer = _Writer({**known, **size_rule(definitions, sizes)})
    return tuple(e for d in definitions for e in writer.components(d, 0, {}))


def _definitions(what: What) -> tuple[tuple[Definition, ...], dict[Basic, Basic]]:
    if isinstance(what, Definition):
        return (what,), {}
    if isinstance(what, System):
        return what.definitions, what.size_rule
    if isinstance(what, Derivation):
        return what.definitions, what.system.size_rule
    return tuple(what), {}


def size_rule(definitions: Iterable[Definition], sizes: Sizes) -> dict[Basic, Basic]:
    """The sizes as values of symbols and of entries n[m]; SymderiveError for what is no size of these.

    >>> from symderive.systems import mlp
    >>> size_rule(mlp().definitions, [2, 3])
    {n[0]: 2, n[1]: 3, L: 1}
    """
    if sizes is None:
        return {}
    found: set[Basic] = set()
    for d in definitions:
        found |= d.lhs.free_symbols | d.rhs.free_symbols
        found |= {s for _, lo, hi in d.indices for e in (lo, hi) for s in e.free_symbols}
    widths = {str(s): s for s in found if isinstance(s, TensorSymbol) and s.kind == "dimension"}
    # a size may occur in the declared ranges of the widths alone
    found |= {s for t in widths.values() for _, hi in t.axes for s in hi.free_symbols}
    numbers = {str(s): s for s in found if isinstance(s, Symbol) and s.is_positive}
    if not isinstance(sizes, Mapping):
        if len(widths) != 1:
            known = ", ".join(widths) or "none"
            raise SymderiveError(f"sizes: expected values by name, as the families of widths are {known}")
        (t,) = widths.values()
        return _widths(t, sizes)
    rule: dict[Basic, Basic] = {}
    for key, value in sizes.items():
        name = key if isinstance(key, str) else str(getattr(key, "name", key))
        if isinstance(key, Entry):
            rule[key] = Integer(whole(value, str(key)))
        elif name in widths:
            rule |= {k: v for k, v in _widths(widths[name], value).items() if isinstance(k, Entry)}
        elif name in numbers:
            rule[numbers[name]] = Integer(whole(value, name))
        else:
            known = ", ".join(sorted({*widths, *numbers})) or "none"
            raise SymderiveError(f"sizes: expected sizes of {known}, found {shown(key)}")
    return rule


def _widths(t: TensorSymbol, values: Any) -> dict[Basic, Basic]:
    """n[0] = values[0], .., and the depth, where it is a symbol."""
    if t.rank != 1 or isinstance(values, str) or not isinstance(values, Iterable):
        raise SymderiveError(f"{t.name}: expected a list of widths, found {shown(values)}")
    numbers = [whole(v, f"width {t.name}[{m}]") for m, v in enumerate(values)]
    lo, hi = t.axes[0]
    rule: dict[Basic, Basic] = {t[lo + m]: Integer(v) for m, v in enumerate(numbers)}
    last = lo + len(numbers) - 1
    if isinstance(hi, Symbol):
        rule[hi] = last
    elif hi != last:
        raise SymderiveError(f"{t.name}: expected {hi - lo + 1} widths, found {len(numbers)}")
    return rule


class _Writer:
    """Writes terms out, with sizes as numbers; counts what it writes."""

    def __init__(self, rule: Mapping[Basic, Basic]) -> None:
        # n[L] needs the value of L first
        self.symbols = {k: v for k, v in rule.items() if isinstance(k, Symbol)}
        self.entries = {k: v for k, v in rule.items() if isinstance(k, Entry)}
        self.count = 0

    def sized(self, e: Expr) -> Expr:
        """The term with the sizes put in, sums left as they are."""
        return e.xreplace(self.symbols).xreplace(self.entries)

    def components(self, d: Definition, place: int, values: dict[Basic, Basic]) -> Iterable[Definition]:
        """The definition at every value of its indices from `place` on."""
        if place == len(d.indices):
            lhs, rhs = (e.xreplace(values) for e in (d.lhs, d.rhs))
            yield Definition(self.sized(lhs), self.term(rhs), (), d.name)
            return
        k, lo, hi = d.indices[place]
        where = f"range of {k} in the definition of {d.lhs}"
        for v in self.run(lo.xreplace(values), hi.xreplace(values), where):
            yield from self.components(d, place + 1, {**values, k: Integer(v)})

    def run(self, lo: Expr, hi: Expr, where: str) -> range:
        """The values of an index."""
        ends = [self.sized(e) for e in (lo, hi)]
        for e in ends:
            if not e.is_Integer:
                raise SymderiveError(f"{where}: expected a number, found {e}: give its value in sizes")
        return range(int(ends[0]), int(ends[1]) + 1)

    def term(self, e: Expr) -> Expr:
        """The term without sums."""
        self.count += 1
        if self.count > LARGEST:
            raise SymderiveError(f"explicit: expected small sizes, found more than {LARGEST} terms")
        if isinstance(e, IndexSum):
            return Add(*(self.term(e.open(v)) for v in self.run(e.lo, e.hi, f"limits of {e}")))
        if isinstance(e, Entry | Symbol) or not e.args:
            return self.sized(e)
        if isinstance(e, Family):
            k, body = e.unbind()
            ends = [self.sized(x) for x in (e.lo, e.hi)]
            return Family(self.term(body), (k, *ends))
        if e.is_Mul:
            brackets = [self.sized(f) for f in e.args if isinstance(f, Bracket)]
            if any(b == 0 for b in brackets):
                return Integer(0)  # what it multiplies may lie outside all ranges
            return Mul(*brackets, *(self.term(f) for f in e.args if not isinstance(f, Bracket)))
        return e.func(*(self.term(a) if isinstance(a, Expr) else a.xreplace(self.symbols) for a in e.args))
