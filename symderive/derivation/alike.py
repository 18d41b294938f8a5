"""Layers that are alike: the equations of layer 3 are those of layer 2, every layer number one higher.

Layer numbers, as in w^{(3)} and n_3, enter a derivation in one way alone: two of them are equal, or are not.
A shift of all of them keeps both, so that the derivation of the shifted equations is the shifted derivation,
step by step.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from sympy import Expr, Integer

from symderive.calculus.atoms import TensorSymbol
from symderive.calculus.binding import rebuilt
from symderive.calculus.terms import Entry
from symderive.derivation.adjoint import Adjoint, Uses, raw_adjoint
from symderive.derivation.steps import Step, Steps
from symderive.systems.definition import Definition, Limits
from symderive.systems.system import System


def shape(e: Expr, base: int) -> Hashable:
    """e with its layer numbers counted from `base`: equal for terms that a shift turns into each other.

    Raises ValueError where a layer is no number: one that is bound or named stands for many.

    >>> from symderive.systems import mlp
    >>> net = mlp(widths=[2, 2, 2]); one, two = net.of(net.tensor("a"))[1:]
    >>> shape(one.rhs, 1) == shape(two.rhs, 2), shape(one.rhs, 1) == shape(two.rhs, 1)
    (True, False)
    """
    if isinstance(e, Entry):
        n = _layers(e.symbol)
        return (e.symbol, *(_number(i) - base for i in e.index[:n]), *(shape(i, base) for i in e.index[n:]))
    if not e.args:
        return e  # type: ignore[no-any-return]
    return (e.func, *(shape(a, base) for a in e.args))


def _layers(t: TensorSymbol) -> int:
    """How many of the first indices are layer numbers: the superscripts, and those of a width n_l."""
    return t.rank if t.kind == "dimension" else t.sup


def _number(layer: Expr) -> int:
    if not isinstance(layer, Integer):
        raise ValueError(f"expected a number as layer, found {layer}")
    return int(layer)


def _layer(e: Entry) -> int:
    """The layer that an entry stands in: its first superscript."""
    return _number(e.index[0]) if e.symbol.sup else 0


def shifted(e: Expr, by: int) -> Expr:
    """e with every layer number higher by this much.

    >>> from symderive.systems import mlp
    >>> net = mlp(widths=[2, 2, 2]); shifted(net.of(net.tensor("z"))[0].rhs, 1)
    b[2, j] + sum(a[1, k]*w[2, j, k], k=1..2)
    """
    if not e.args:
        return e
    if isinstance(e, Entry):
        n = _layers(e.symbol)
        return Entry(e.symbol, *(i + by if p < n else shifted(i, by) for p, i in enumerate(e.index)))
    return rebuilt(e, [shifted(a, by) if isinstance(a, Expr) else a for a in e.args])


class Adjoints:
    """The adjoints of a system's patterns, each shape derived once.

    >>> from symderive.derivation.adjoint import patterns
    >>> from symderive.systems import mlp
    >>> net = mlp(widths=[2, 2, 2]); found = Adjoints(net, Uses(net.definitions))
    >>> for w in patterns(net, net.tensor("w")): print(found.of(*w).definition)
    grad_w[1, j, k] := a[0, k]*delta[1, j]  for j in 1..2, k in 1..2
    grad_w[2, j, k] := a[1, k]*delta[2, j]  for j in 1..2, k in 1..2
    >>> len(found.derived)
    1
    """

    def __init__(self, system: System, uses: Uses) -> None:
        self.system = system
        self.uses = uses
        self.derived: dict[Hashable, tuple[int, Adjoint]] = {}
        self._shapes: dict[Definition, tuple[int, Hashable]] = {}

    def of(self, entry: Entry, limits: tuple[Limits, ...]) -> Adjoint:
        """The adjoint of this pattern: that of a pattern of the same shape, shifted, if there was one."""
        try:
            base = _layer(entry)
            key = (shape(entry, base), _shape_of_limits(limits, base), self._used(entry, base))
        except ValueError:
            return raw_adjoint(self.system, entry, limits, self.uses)
        if key not in self.derived:
            self.derived[key] = base, raw_adjoint(self.system, entry, limits, self.uses)
        first, known = self.derived[key]
        return known if first == base else _moved(known, entry, limits, base - first)

    def _used(self, entry: Entry, base: int) -> Hashable:
        """The shapes of what uses the entry, each counted from its own layer: so it serves others too."""
        return tuple((own - base, form) for own, form in map(self._shape, self.uses.of(entry)))

    def _shape(self, d: Definition) -> tuple[int, Hashable]:
        if d not in self._shapes:
            own = _layer(d.lhs)
            form = (shape(d.lhs, own), shape(d.rhs, own), _shape_of_limits(d.indices, own))
            self._shapes[d] = own, form
        return self._shapes[d]


def _shape_of_limits(limits: tuple[Limits, ...], base: int) -> Hashable:
    return tuple((k, shape(lo, base), shape(hi, base)) for k, lo, hi in limits)


def _moved(a: Adjoint, entry: Entry, limits: tuple[Limits, ...], by: int) -> Adjoint:
    known = a.definition
    found = Definition(shifted(known.lhs, by), shifted(known.rhs, by), limits)
    return Adjoint(entry, found, Steps(_moved_steps, a, found, by))


def _moved_steps(a: Adjoint, to: Definition, by: int) -> Iterator[Step]:
    for s in a.steps:
        yield Step(s.rule, to.lhs, shifted(s.rhs, by), to.context)
