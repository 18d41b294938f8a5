"""Systems on NumPy arrays: z[l, j] := sum_k w[l, j, k] a[l-1, k] becomes einsum("jk,k->j", w[l], a[l-1]).

Each definition is evaluated when it is asked for, once for each value of its superscripts (layer, time). The
other indices are axes of arrays. The terms are used as they stand: evaluated is what is written, not what it
came from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

import numpy as np
from sympy import Expr, Integer, Symbol

from symderive.calculus.atoms import Slot, TensorSymbol
from symderive.calculus.terms import Entry
from symderive.evaluation.functions import Functions
from symderive.evaluation.interpreter import EMPTY, Interpreter, Scope, Unroll, Value, floating, shown
from symderive.evaluation.labelled import Array, Axis, EvaluationError, Labelled

# definitions evaluated inside each other before the innermost is put on a list instead: depth is no limit
NESTED = 20

Limits = tuple[Symbol, Any, Any]
Key = tuple[str, tuple[int, ...]]


class _Later(Exception):
    """This tensor first; then again. `path` is what led to it."""

    def __init__(self, symbol: TensorSymbol, sup: tuple[int, ...], path: list[Key]) -> None:
        self.wanted = (symbol, sup)
        self.path = path


def evaluate(
    definitions: Any,
    arrays: Mapping[Any, Any],
    sizes: Mapping[Any, Any] | None = None,
    *,
    functions: Functions | None = None,
    functionals: Mapping[Any, Any] | None = None,
) -> Evaluation:
    """A lazy evaluation of a System, or of definitions with `.lhs`, `.rhs` and `.indices`.

    - `arrays`: {name or tensor: array}. Axis 0 is the tensor's first component index, at its lowest value. A
      tensor with superscripts: {"w": {1: array, 2: array}}, keys (l, t) for two; or one array with a leading
      axis for each.
    - `sizes`: {L: 3, "n": [4, 5, 3]}, or {n[0]: 4, ..}; a System's own sizes are known.
    - `functions`: {"sigma": [sigma, sigma', ..]}, elementwise; with superscripts {"phi": {1: [..], 2: [..]}}.
      An `Activation` is taken too; a System's own are known.
    - `functionals`: {"C": NumericFunctional}.

    Errors: EvaluationError for what is missing, has a wrong shape or runs in a circle, when it is asked for.

    >>> from symderive.calculus import IndexSum, indices, size, tensor
    >>> from symderive.systems import Definition
    >>> j, k = indices("j k"); n = size("n")
    >>> A, x, y = tensor("A", (j, 1, n), (k, 1, n)), tensor("x", (k, 1, n)), tensor("y", (j, 1, n))
    >>> product = Definition(y[j], IndexSum(A[j, k] * x[k], (k, 1, n)), ((j, Integer(1), n),))
    >>> evaluate([product], {"A": [[1, 2], [3, 4]], "x": [1, 10]}, {"n": 2})["y"]
    array([21., 43.])
    """
    return Evaluation(definitions, arrays, sizes or {}, functions or {}, functionals or {})


def evaluate_expr(
    expr: Expr,
    limits: Sequence[Limits] = (),
    *,
    arrays: Mapping[Any, Any],
    sizes: Mapping[Any, Any] | None = None,
    at: Mapping[Symbol, int] | None = None,
    definitions: Any = (),
    functions: Functions | None = None,
    functionals: Mapping[Any, Any] | None = None,
) -> Array:
    """The values of a term for free indices in their ranges, one axis for each of `limits` in this order.

    `at` gives single values to other free indices, as a layer l whose width the ranges need.

    >>> from symderive.calculus import indices, tensor
    >>> j, = indices("j"); x = tensor("x", (j, 1, 3))
    >>> evaluate_expr(2 * x[j] + j, [(j, 1, 3)], arrays={"x": [1.0, 1.0, 5.0]})
    array([ 3.,  4., 13.])
    """
    run = evaluate(definitions, arrays, sizes, functions=functions, functionals=functionals)
    return run.expr(expr, *limits, at=at)


class Evaluation(Interpreter):
    """Values on demand: run["delta", 2] is the array of delta^2; run.expr(e, (j, 1, n)) a term's values."""

    def __init__(
        self,
        definitions: Any,
        arrays: Mapping[Any, Any],
        sizes: Mapping[Any, Any],
        functions: Functions,
        functionals: Mapping[Any, Any],
    ) -> None:
        system = definitions
        self._definitions: dict[str, list[Any]] = {}
        for d in getattr(system, "definitions", system):
            self._definitions.setdefault(d.lhs.symbol.name, []).append(d)
        self._arrays = _by_name(arrays)
        self._sizes: dict[Any, Any] = {}
        for k, v in {**getattr(system, "sizes", {}), **sizes}.items():
            at = tuple(int(i) for i in k.index) if isinstance(k, Entry) else None
            self._sizes[_name(k) if at is None else (k.symbol.name, at)] = v
        known = {**getattr(system, "activations", {}), **functions}
        formulas = {**getattr(system, "formulas", {}), **functionals}
        super().__init__(_by_name(known), _by_name(formulas))
        self._memo: dict[Key, Array] = {}
        self._open: list[Key] = []

    # ------------------------------------------------------------------------------------------ for users

    def __getitem__(self, key: Any) -> Array:
        """run["x"], run["w", 2] or run[w, 2]: the array of a tensor, at its superscripts."""
        t, *sup = key if isinstance(key, tuple) else (key,)
        if not isinstance(t, TensorSymbol):
            if t not in self._definitions:
                known = ", ".join(sorted(self._definitions)) or "none"
                raise EvaluationError(f"expected the name of a defined tensor ({known}), found {t!r}")
            t = self._definitions[t][0].lhs.symbol
        return self.value(t, *sup)

    def value(self, symbol: TensorSymbol, *sup: int) -> Array:
        """The array of a tensor, with one axis for each component index."""
        if len(sup) != symbol.sup:
            raise EvaluationError(f"{symbol.name}: expected {symbol.sup} superscripts, found {len(sup)}")
        at = tuple(int(s) for s in sup)
        return self._complete(lambda: self._tensor(symbol, at))

    def expr(self, expr: Expr, *limits: Limits, at: Mapping[Symbol, int] | None = None) -> Array:
        """The values of a term, an axis for each (index, low, high); `at` gives other indices values."""
        return self._complete(lambda: self._values(expr, limits, at or {}))

    def _values(self, expr: Expr, limits: Sequence[Limits], at: Mapping[Symbol, int]) -> Array:
        scope = Scope(dict(at))
        axes = []
        for k, lo, hi in limits:
            try:
                axes.append(self._axis(lo, hi, scope))
            except Unroll:
                raise EvaluationError(
                    f"expected a range of {k} that is always the same, found {lo}..{hi}: give the indices "
                    "in it a value with at={..}"
                ) from None
            scope = scope.bind(k, axes[-1])
        names = [k for k, _, _ in limits]

        def inside(values: Sequence[Value]) -> Labelled:
            return self._ev(expr, Scope({**at, **dict(zip(names, values, strict=True))}))

        return self._spread(inside, axes)

    def _complete(self, action: Callable[[], Array]) -> Array:
        """Run the action; tensors that it needs too deep down are made first, from a list."""
        pending: list[_Later] = []
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            while True:
                try:
                    if not pending:
                        return action()
                    self._tensor(*pending[-1].wanted)
                    pending.pop()
                except _Later as later:
                    pending.append(later)
                    self._check(pending)
                except RecursionError:
                    raise EvaluationError("expected a moderately deep term, found a deeper one") from None

    # ------------------------------------------------------------------------------ tensors and their sources

    def _tensor(self, t: TensorSymbol, sup: tuple[int, ...]) -> Array:
        key = (t.name, sup)
        if key not in self._memo:
            array = self._given(t, sup)
            if array is None:
                if key in self._open:
                    self._circle(self._open, key)
                if len(self._open) >= NESTED:
                    raise _Later(t, sup, list(self._open))
                self._open.append(key)
                try:
                    array = self._defined(t, sup)
                finally:
                    self._open.pop()
            self._memo[key] = array
        return self._memo[key]

    def _check(self, pending: list[_Later]) -> None:
        symbol, sup = pending[-1].wanted
        path = [key for later in pending for key in later.path]
        if (symbol.name, sup) in path:
            self._circle(path, (symbol.name, sup))

    def _circle(self, path: list[Key], key: Key) -> NoReturn:
        steps = [shown(*k) for k in [*path[path.index(key) :], key]]
        if len(steps) > 8:
            steps[4:-2] = [".."]
        raise EvaluationError(f"expected definitions that end, found a circle: {' <- '.join(steps)}")

    def _ranges(self, t: TensorSymbol, sup: tuple[int, ...]) -> list[tuple[int, int]]:
        """The ranges of the component indices at these superscripts."""
        rule = {Slot(p): Integer(v) for p, v in enumerate(sup)}
        found = []
        for p, axis in enumerate(t.axes[t.sup :], start=t.sup):
            lo, hi = (e.xreplace(rule) for e in axis)
            if lo.atoms(Slot) or hi.atoms(Slot):
                raise EvaluationError(
                    f"{t.name}: expected a range of index {p + 1} that only superscripts change, "
                    f"found {lo}..{hi}"
                )
            low, high = self._int(lo, EMPTY), self._int(hi, EMPTY)
            found.append((low, max(low - 1, high)))
        return found

    def _given(self, t: TensorSymbol, sup: tuple[int, ...]) -> Array | None:
        given = self._arrays.get(t.name)
        if given is None:
            return None
        if isinstance(given, Mapping):
            given = _entry(given, sup)
            if given is None:
                return None
        elif sup:
            given, lows = np.asarray(given), [self._int(lo, EMPTY) for lo, _ in t.axes[: t.sup]]
            for s, lo in zip(sup, lows, strict=True):
                if given.ndim == 0 or not 0 <= s - lo < len(given):
                    return None
                given = given[s - lo]
        array = np.asarray(given)
        if array.dtype.kind not in "biufc":
            raise EvaluationError(f"{shown(t.name, sup)}: expected numbers, found the type {array.dtype}")
        shape = tuple(hi - lo + 1 for lo, hi in self._ranges(t, sup))
        if array.shape != shape:
            raise EvaluationError(f"{shown(t.name, sup)}: expected shape {shape}, found {array.shape}")
        if t.kind == "real":
            return array if array.dtype.kind in "fc" else array.astype(float)
        if np.any(array != np.rint(array.real)):
            raise EvaluationError(f"{shown(t.name, sup)}: expected integers, found {array.ravel()[:3]}")
        array = array.astype(np.int64)
        if t.kind == "permutation":
            lo, hi = self._ranges(t, sup)[-1]
            if np.any(np.sort(array, axis=-1) != np.arange(lo, hi + 1)):
                raise EvaluationError(
                    f"{shown(t.name, sup)}: expected a permutation of {lo}..{hi}, found {array}"
                )
        return array

    def _defined(self, t: TensorSymbol, sup: tuple[int, ...]) -> Array:
        """The array that the definitions of this tensor give, put together from those that fit."""
        ranges = self._ranges(t, sup)
        shape = [hi - lo + 1 for lo, hi in ranges]
        whole: Array | None = None
        done = np.zeros(shape, bool)
        for d in self._definitions.get(t.name, ()):
            fit = self._fit(d, sup)
            if fit is None:
                continue
            scope, names, places = fit
            where = tuple(self._place(t, p, r) for p, r in zip(places, ranges, strict=True))
            axes = [v for v in places if isinstance(v, tuple)]

            def inside(
                values: Sequence[Value], d: Any = d, scope: Scope = scope, names: Any = names
            ) -> Labelled:
                return self._ev(d.rhs, Scope({**scope.names, **dict(zip(names, values, strict=True))}))

            part = self._spread(inside, [a for a, _ in axes])
            if np.any(done[where]):
                raise EvaluationError(
                    f"{shown(t.name, sup)}: expected one definition for each entry, found two"
                )
            done[where] = True
            if whole is None:
                whole = part if part.shape == tuple(shape) else np.zeros(shape, floating(part.dtype))
            if whole is not part:
                whole = whole.astype(np.result_type(whole, part), copy=False)
                whole[where] = part
        if whole is None or not np.all(done):
            raise EvaluationError(self._missing(t, sup, ranges, done))
        return whole.astype(floating(whole.dtype), copy=False) if t.kind == "real" else whole

    def _missing(
        self, t: TensorSymbol, sup: tuple[int, ...], ranges: Sequence[tuple[int, int]], done: Array
    ) -> str:
        if t.name not in self._definitions:
            known = self._arrays.get(t.name)
            have = f"; there are arrays for {sorted(known)}" if isinstance(known, Mapping) else ""
            return f"{shown(t.name, sup)}: expected an array or a definition, found neither{have}"
        first = [int(p) + lo for p, (lo, _) in zip(np.argwhere(~done)[0], ranges, strict=True)]
        entry = f"{t.name}[{', '.join(map(str, (*sup, *first)))}]"
        return f"{entry}: expected a definition or an array, found none whose pattern and ranges fit"

    def _fit(self, d: Any, sup: tuple[int, ...]) -> tuple[Scope, list[Symbol], list[Any]] | None:
        """How a definition fits superscripts: its names, and for each component a number or (axis, shift)."""
        own = {k for k, _, _ in d.indices}
        scope = Scope({})
        values: dict[Symbol, int] = {}
        patterns = [self._pattern(d, i, own) for i in d.lhs.index]
        for (k, shift), s in zip(patterns[: len(sup)], sup, strict=True):
            if (k is None and shift != s) or (k is not None and values.get(k, s - shift) != s - shift):
                return None
            if k is not None:
                values[k] = s - shift
        axes: dict[Symbol, Axis] = {}
        for k, lo, hi in d.indices:
            try:
                axis = self._axis(lo, hi, scope)
            except Unroll:
                raise EvaluationError(
                    f"definition of {d.lhs}: expected a range of {k} that only superscripts change, "
                    f"found {lo}..{hi}"
                ) from None
            if k in values and not axis.lo <= values[k] <= axis.hi:
                return None
            axes[k] = axis
            scope = scope.bind(k, values.get(k, axis))
        components = patterns[len(sup) :]
        names = [k for k, _ in components if k is not None]
        if len(set(names)) != len(names) or set(names) & set(values) or own - set(names) - set(values):
            raise EvaluationError(f"definition of {d.lhs}: expected each of its indices once on the left")
        return scope, names, [shift if k is None else (axes[k], shift) for k, shift in components]

    def _pattern(self, d: Any, i: Expr, own: set[Symbol]) -> tuple[Symbol | None, int]:
        """An index of a left side: a number c is (None, c), k + c is (k, c)."""
        inside = i.free_symbols & own
        k = next(iter(inside)) if len(inside) == 1 else None
        rest = i - k if k is not None else i
        if len(inside) > 1 or rest.free_symbols & own:
            raise EvaluationError(f"definition of {d.lhs}: expected an index such as j or j + 1, found {i}")
        return k, self._int(rest, EMPTY)

    def _place(self, t: TensorSymbol, place: Any, limits: tuple[int, int]) -> Any:
        """Where a component of a definition lies on its axis of the array."""
        lo, hi = limits
        single = isinstance(place, int)
        first, last = (place, place) if single else (place[0].lo + place[1], place[0].hi + place[1])
        if first <= last and not lo <= first <= last <= hi:
            raise EvaluationError(
                f"definition of {t.name}: expected indices in {lo}..{hi}, found {first}..{last}"
            )
        return first - lo if single else slice(first - lo, max(first, last + 1) - lo)

    def _width(self, t: TensorSymbol, index: tuple[int, ...]) -> int:
        value = self._sizes.get((t.name, index))
        if value is None:
            table: Any = self._sizes.get(t.name, self._arrays.get(t.name))
            if isinstance(table, Mapping):
                value = _entry(table, index)
            elif table is not None:
                low = tuple(self._int(lo, EMPTY) for lo, _ in t.axes)
                at = tuple(i - lo for i, lo in zip(index, low, strict=True))
                table = np.asarray(table)
                if table.ndim == len(at) and all(0 <= i < m for i, m in zip(at, table.shape, strict=True)):
                    value = table[at]
        if value is None:
            raise EvaluationError(f"expected the size {shown(t.name, index)}, found none")
        if value != int(value) or value < 1:
            raise EvaluationError(f"expected a positive integer for {shown(t.name, index)}, found {value}")
        return int(value)

    def _free(self, s: Symbol) -> Any:
        value = self._sizes.get(s.name, self._arrays.get(s.name))
        if value is None:
            raise EvaluationError(f"expected a value for {s}, found none among the sizes and arrays")
        if np.ndim(value) != 0 or (s.is_integer and int(value) != value):
            kind = "an integer" if s.is_integer else "a number"
            raise EvaluationError(f"expected {kind} for {s}, found {value}")
        return int(value) if s.is_integer else value


def _entry(table: Mapping[Any, Any], index: tuple[int, ...]) -> Any:
    """table[2, 3], or table[2] for one index."""
    found = table.get(index)
    return table.get(index[0]) if found is None and len(index) == 1 else found


def _name(key: Any) -> Any:
    return getattr(key, "name", key)


def _by_name(table: Mapping[Any, Any]) -> dict[Any, Any]:
    return {_name(k): v for k, v in table.items()}
