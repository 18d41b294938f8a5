"""The value of a term on arrays: every index is an axis or a number, sums of products are einsum.

An index that names a layer, a time or a range, or that a family inside depends on, cannot be an axis: then
`Unroll` tells whoever made the axis to run through its values instead.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np
from sympy import Add, I, Mul, NumberSymbol, Pow, Rational, Symbol
from sympy.core.basic import Basic

from symderive.calculus.atoms import BoundIndex, TensorSymbol
from symderive.calculus.terms import Applied, Bracket, Entry, Family, FunctionalValue, IndexSum
from symderive.evaluation.functions import ELEMENTWISE, NumericFunctional, from_activation, from_scalars
from symderive.evaluation.labelled import (
    Array,
    Axis,
    EvaluationError,
    Labelled,
    aligned,
    contract,
    gather,
    plus,
)

Value = int | Axis


@dataclass(frozen=True)
class Scope:
    """What indices stand for, a number or an axis of arrays; `around` are the binders, outermost first."""

    names: Mapping[Symbol, Value]
    around: tuple[Value, ...] = ()

    def push(self, value: Value) -> Scope:
        """Inside one more binder."""
        return Scope(self.names, (*self.around, value))

    def bind(self, k: Symbol, value: Value) -> Scope:
        """With one more name."""
        return Scope({**self.names, k: value}, self.around)


EMPTY = Scope({})


class Unroll(Exception):
    """A layer, a limit or a family depends on this axis: it must be run through in a loop."""

    def __init__(self, axis: Axis) -> None:
        self.axis = axis


class Interpreter(ABC):
    """Values of terms; where tensors and sizes come from is left to the subclass."""

    def __init__(self, functions: Mapping[str, Any], functionals: Mapping[str, Any]) -> None:
        self._functions = dict(functions)
        self._functionals = functionals
        self._loops: set[Basic] = set()
        self._labels = count()

    @abstractmethod
    def _tensor(self, t: TensorSymbol, sup: tuple[int, ...]) -> Array:
        """The array of a tensor at its superscripts."""

    @abstractmethod
    def _ranges(self, t: TensorSymbol, sup: tuple[int, ...]) -> list[tuple[int, int]]:
        """The ranges of its component indices."""

    @abstractmethod
    def _width(self, t: TensorSymbol, index: tuple[int, ...]) -> int:
        """The value of a size such as n_l."""

    @abstractmethod
    def _free(self, s: Symbol) -> Any:
        """The value of a free symbol that is no index: a size, a step size."""

    def _axis(self, lo: Any, hi: Any, scope: Scope) -> Axis:
        return Axis(next(self._labels), self._int(lo, scope), self._int(hi, scope))

    def _spread(self, inside: Callable[[Sequence[Value]], Labelled], axes: Sequence[Axis]) -> Array:
        """The array of a term over these axes; those that cannot be axes are run through."""

        def at(values: tuple[Value, ...]) -> Array:
            left = [a for a in values if isinstance(a, Axis)]
            try:
                return np.asarray(inside(values).over(left, full=True))
            except Unroll as unroll:
                if unroll.axis not in left:
                    raise
                p, n = values.index(unroll.axis), left.index(unroll.axis)
                run = range(unroll.axis.lo, unroll.axis.hi + 1)
                return np.stack([at((*values[:p], v, *values[p + 1 :])) for v in run], axis=n)

        if any(a.size == 0 for a in axes):
            return np.zeros([a.size for a in axes])
        return at(tuple(axes))

    def _int(self, e: Any, scope: Scope) -> int:
        """The value of an index expression that must be one number."""
        if isinstance(e, int):
            return e
        v = self._ev(e, scope)
        if v.axes:
            raise Unroll(v.axes[0])
        if v.array != int(v.array.real):
            raise EvaluationError(f"expected an integer for {e}, found {v.array}")
        return int(v.array.real)

    def _ev(self, e: Basic, scope: Scope) -> Labelled:
        rule = _RULES.get(type(e)) or next((r for kind, r in _RULES.items() if isinstance(e, kind)), None)
        if rule is not None:
            return rule(self, e, scope)
        f = ELEMENTWISE.get(e.func)
        if f is None:
            raise EvaluationError(
                f"expected index terms and elementary functions, found {type(e).__name__}: {e}"
            )
        arrays, axes = aligned([self._ev(a, scope) for a in e.args])
        return Labelled(f(*arrays), axes)

    def _number(self, e: Any, scope: Scope) -> Labelled:
        if e is I:
            return Labelled(1j)
        return Labelled(int(e) if e.is_Integer else float(e))

    def _name(self, e: Any, scope: Scope) -> Labelled:
        if e in scope.names:
            return _variable(scope.names[e])
        return Labelled(self._free(e))

    def _bound(self, e: Any, scope: Scope) -> Labelled:
        if e.level >= len(scope.around):
            raise EvaluationError(f"expected a closed term, found the bound index {e} outside its sum")
        return _variable(scope.around[-1 - e.level])

    def _add(self, e: Any, scope: Scope) -> Labelled:
        return plus([self._ev(a, scope) for a in e.args])

    def _factors(self, e: Any, scope: Scope) -> list[Labelled]:
        """The factors of a product; where its brackets are 0 throughout, the rest need not have a value."""
        parts = []
        for a in sorted(Mul.make_args(e), key=lambda a: not isinstance(a, Bracket)):
            part = self._ev(a, scope)
            if isinstance(a, Bracket) and not np.any(part.array):
                return [Labelled(0)]
            parts.append(part)
        return parts

    def _mul(self, e: Any, scope: Scope) -> Labelled:
        return contract(self._factors(e, scope), ())

    def _pow(self, e: Any, scope: Scope) -> Labelled:
        base, exponent = (self._ev(a, scope) for a in e.args)
        arrays, axes = aligned([base, exponent])
        b, n = arrays
        if isinstance(n, int) and n >= 0:
            return Labelled(b**n, axes)
        if isinstance(n, int):
            return Labelled(1 / np.asarray(b**-n), axes)
        if isinstance(n, float) and abs(n) == 0.5:
            root = np.sqrt(b)
            return Labelled(root if n > 0 else 1 / root, axes)
        return Labelled(np.power(b if np.asarray(b).dtype.kind in "fc" else np.asarray(b, float), n), axes)

    def _sum(self, e: Any, scope: Scope, outer: tuple[Axis, ...] = ()) -> Labelled:
        """The sum, and at once the sums directly around it, over the axes `outer`."""
        lo, hi = self._int(e.lo, scope), self._int(e.hi, scope)
        if hi < lo:
            return Labelled(0)
        if e not in self._loops:
            axis = Axis(next(self._labels), lo, hi)
            try:
                return self._total(e.body, scope.push(axis), (*outer, axis))
            except Unroll as unroll:
                if unroll.axis is not axis:
                    raise
                self._loops.add(e)
        return plus([self._total(e.body, scope.push(v), outer) for v in range(lo, hi + 1)])

    def _total(self, body: Any, scope: Scope, summed: tuple[Axis, ...]) -> Labelled:
        if isinstance(body, IndexSum):
            return self._sum(body, scope, summed)
        if isinstance(body, Add):
            return plus([self._total(a, scope, summed) for a in body.args])
        return contract(self._factors(body, scope), summed)

    def _bracket(self, e: Any, scope: Scope) -> Labelled:
        (a, b), axes = aligned([self._ev(e.a, scope), self._ev(e.b, scope)])
        if e.relation == "=":
            holds = a == b
        else:  # of complex numbers (a complex step) the real part is what was compared
            a, b = a.real, b.real
            holds = a <= b if e.relation == "<=" else a < b
        return Labelled(np.asarray(holds).astype(np.int64) if axes else int(holds), axes)

    def _entry(self, e: Any, scope: Scope) -> Labelled:
        t: TensorSymbol = e.symbol
        if t.kind == "dimension":
            return Labelled(self._width(t, tuple(self._int(i, scope) for i in e.index)))
        sup = tuple(self._int(i, scope) for i in e.index[: t.sup])
        array = self._tensor(t, sup)
        if t.rank == t.sup:
            return Labelled(array)
        los = [lo for lo, _ in self._ranges(t, sup)]
        return gather(array, los, [self._ev(i, scope) for i in e.index[t.sup :]], t.name)

    def _applied(self, e: Any, scope: Scope) -> Labelled:
        name = e.function.name
        sup = tuple(self._int(i, scope) for i in e.sup)
        table = self._functions.get(name)
        if sup and isinstance(table, Mapping):
            table = table.get(sup, table.get(sup[0]))
        if table is None:
            raise EvaluationError(f"expected functions for {shown(name, sup)}, found none")
        if hasattr(table, "derivative"):
            table = from_activation(table)
        orders = [table] if callable(table) else list(table)
        if e.order >= len(orders):
            raise EvaluationError(
                f"{shown(name, sup)}: expected a function for order {e.order}, "
                f"found orders 0..{len(orders) - 1}"
            )
        z = self._ev(e.argument, scope)
        argument = np.asarray(z.array)
        argument = argument.astype(floating(argument.dtype), copy=False)
        value = np.asarray(orders[e.order](argument))
        if value.shape != argument.shape:
            raise EvaluationError(
                f"{shown(name, sup)}: expected an elementwise function, {argument.shape} to the same, "
                f"found {value.shape}"
            )
        return Labelled(value, z.axes)

    def _functional(self, e: Any, scope: Scope) -> Labelled:
        name = e.functional.name
        table = self._functionals.get(name)
        if table is None:
            raise EvaluationError(f"expected a functional for {name}, found none")
        if callable(table):
            table = NumericFunctional(table)
        if hasattr(table, "formula"):
            table = from_scalars(table)
        if table.elementwise:
            return self._of_scalars(e, table, scope)
        families, los = zip(*(self._family(f, scope) for f in e.families), strict=True)
        if not e.partials:
            return Labelled(np.asarray(table.value(*families)).reshape(()))
        partials = sorted(e.partials, key=lambda p: int(p[0]))
        order = tuple(int(p[0]) for p in partials)
        if order not in table.partials:
            known = ", ".join(map(str, sorted(table.partials))) or "none"
            raise EvaluationError(f"{name}: expected a partial derivative by families {order}, found {known}")
        array = np.asarray(table.partials[order](*families))
        shape = tuple(n for m in order for n in families[m].shape)
        if array.shape != shape:
            raise EvaluationError(f"{name}: expected partials {order} of shape {shape}, found {array.shape}")
        index = [self._ev(i, scope) for p in partials for i in p[1:]]
        return gather(array, [lo for m in order for lo in los[m]], index, name)

    def _of_scalars(self, e: Any, table: NumericFunctional, scope: Scope) -> Labelled:
        """A functional of scalars, for all values of the axes at once."""
        order = tuple(sorted(int(p[0]) for p in e.partials))
        f = table.partials.get(order) if order else table.value
        if f is None:
            known = ", ".join(map(str, sorted(table.partials))) or "none"
            raise EvaluationError(
                f"{e.functional.name}: expected a partial derivative by arguments {order}, found {known}"
            )
        if any(isinstance(a, Family) for a in e.families):
            raise EvaluationError(
                f"{e.functional.name}: expected scalars for an elementwise functional, found a family"
            )
        arrays, axes = aligned([self._ev(a, scope) for a in e.families])
        return Labelled(np.asarray(f(*arrays)), axes)

    def _family(self, f: Any, scope: Scope) -> tuple[Array, list[int]]:
        """The array of a family, and where its indices start; it may depend on no axis outside."""
        axes: list[Axis] = []
        inner = scope
        while isinstance(f, Family):
            axes.append(self._axis(f.lo, f.hi, inner))
            inner = inner.push(axes[-1])
            f = f.body
        outside = len(scope.around)

        def inside(values: Sequence[Value]) -> Labelled:
            found = self._ev(f, Scope(scope.names, (*scope.around[:outside], *values)))
            for a in found.axes:
                if a not in values:
                    raise Unroll(a)
            return found

        return self._spread(inside, axes), [a.lo for a in axes]


def _variable(v: Value) -> Labelled:
    return Labelled(np.arange(v.lo, v.hi + 1), (v,)) if isinstance(v, Axis) else Labelled(v)


def shown(name: str, index: Iterable[int]) -> str:
    """T or T[1, 2], for messages.

    >>> shown("w", (1, 2)), shown("x", ())
    ('w[1, 2]', 'x')
    """
    at = ", ".join(map(str, index))
    return f"{name}[{at}]" if at else name


def floating(kind: np.dtype[Any]) -> np.dtype[Any]:
    """The type for real numbers of this type: itself, or float64 for integers."""
    return kind if kind.kind in "fc" else np.dtype(float)


_RULES: dict[type, Callable[[Interpreter, Any, Scope], Labelled]] = {
    Add: Interpreter._add,
    Mul: Interpreter._mul,
    Pow: Interpreter._pow,
    Rational: Interpreter._number,
    NumberSymbol: Interpreter._number,
    type(I): Interpreter._number,
    Symbol: Interpreter._name,
    BoundIndex: Interpreter._bound,
    Entry: Interpreter._entry,
    IndexSum: Interpreter._sum,
    Bracket: Interpreter._bracket,
    Applied: Interpreter._applied,
    FunctionalValue: Interpreter._functional,
}
