r"""The fully connected network: z^l_j = sum_k w^l_{jk} a^{l-1}_k + b^l_j, a^l_j = sigma(z^l_j), a^0 = x, C = C(a^L; y).

Depth, widths, activation, cost and number of samples can each be a symbol or a value.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from sympy import Expr, Integer, Rational, Symbol
from sympy.core.basic import Basic

from symderive.calculus.atoms import ScalarFunction, TensorSymbol, indices, size, tensor
from symderive.calculus.terms import Entry, IndexSum
from symderive.errors import SymderiveError
from symderive.systems.activations import Activation, activation as named_activation
from symderive.systems.costs import cost as named_cost
from symderive.systems.system import Definition, Limits, System

MAX_DEPTH = 1_000

l, j, k, s = indices("l j k s")
L, B = size("L"), size("B")


def mlp(
    widths: Sequence[int] | None = None,
    depth: int | None = None,
    activation: str | Sequence[str] = "generic",
    output: str | None = None,
    cost: str = "generic",
    factor: Any = None,
    samples: int | str | None = None,
    reduction: str = "mean",
    relu_at_zero: Any = 0,
    per_layer: bool = False,
) -> System:
    r"""The system of a fully connected network.

    - `widths` = [n_0, .., n_L]: numbers; then the depth is their number less one. Else the widths are symbols
      n_0, .., n_L, and the depth is `depth`, or the symbol L.
    - `activation`: "generic" (an arbitrary differentiable sigma; with `per_layer` one for each layer), a name
      of `symderive.systems.activations`, or one name for each layer. `output` is the last layer's, if it differs.
    - `cost`: a name of `symderive.systems.costs`; `factor` in front of the squared error.
    - `samples`: None for one sample; a number, or a letter for a symbolic batch, with `reduction` "mean" or "sum".

    Raises SymderiveError where these do not fit each other.

    >>> print(mlp())
    system mlp
      a[0, j] := x[j]  for j in 1..n[0]
      z[l, j] := b[l, j] + sum(a[l - 1, k]*w[l, j, k], k=1..n[l - 1])  for l in 1..L, j in 1..n[l]
      a[l, j] := sigma(z[l, j])  for l in 1..L, j in 1..n[l]
      C[] := cost(family(a[L, j], j=1..n[L]), family(y[j], j=1..n[L]))
    """
    layers = _layers(widths, depth)
    top: Expr = L if layers is None else Integer(layers)
    t = _Tensors(top, _batch(samples))
    names = _activations(activation, output, layers, relu_at_zero, per_layer)
    loss = named_cost(cost, None if factor is None else _number(factor), "C" if samples is None else r"\ell")
    definitions = [Definition(t.a(0, j), t.x(j), t.limits((j, 1, t.n[0])), "input")]
    steps: list[tuple[Expr, tuple[Limits, ...]]] = (
        [(l, ((l, Integer(1), L),))] if layers is None else [(Integer(m), ()) for m in range(1, layers + 1)]
    )
    for m, around in steps:
        product = IndexSum(t.w[m, j, k] * t.a(m - 1, k), (k, 1, t.n[m - 1]))
        own = t.limits(*around, (j, 1, t.n[m]))
        definitions += [
            Definition(t.z(m, j), product + t.b[m, j], own, "weighted input"),
            Definition(t.a(m, j), _apply(names, m, t.z(m, j), per_layer), own, "activation"),
        ]
    value = loss.formula(lambda i: t.a(top, i), t.y, j, k, t.n[top])
    definitions.append(Definition(t.C(), _reduced(value, t.batch, reduction), (), "cost"))
    sizes = {} if widths is None else {t.n[m]: int(v) for m, v in enumerate(widths)}
    rule: dict[Basic, Basic] = {e: Integer(v) for e, v in sizes.items()}
    known = {f.function: f for f in names if isinstance(f, Activation)}
    return System(
        name="mlp",
        inputs=(t.x_, t.y_),
        parameters=(t.w, t.b),
        definitions=tuple(d.subs(rule) for d in definitions),
        cost=t.C,
        sizes=sizes,
        activations=known,
        costs={} if loss.functional is None else {loss.functional: loss},
        adjoints={t.z_: t.z_.derived("delta", latex_name=r"\delta")},
        inlined=frozenset({t.a_}),
    )


class _Tensors:
    """The tensors of the network; with a batch, activations carry a sample index s."""

    def __init__(self, top: Expr, batch: Expr | None) -> None:
        self.batch = batch
        self.n = tensor("n", (l, 0, top), kind="dimension")
        n = self.n
        sample = [] if batch is None else [(s, 1, batch)]
        self.w = tensor("w", (l, 1, top), (j, 1, n[l]), (k, 1, n[l - 1]), sup=1)
        self.b = tensor("b", (l, 1, top), (j, 1, n[l]), sup=1)
        self.z_ = tensor("z", (l, 1, top), *sample, (j, 1, n[l]), sup=1)
        self.a_ = tensor("a", (l, 0, top), *sample, (j, 1, n[l]), sup=1)
        self.x_ = tensor("x", *sample, (j, 1, n[0]))
        self.y_ = tensor("y", *sample, (j, 1, n[top]))
        self.C = tensor("C")

    def _entry(self, t: TensorSymbol, sup: tuple[Any, ...], i: Any) -> Entry:
        return t[(*sup, i)] if self.batch is None else t[(*sup, s, i)]

    def a(self, m: Any, i: Any) -> Entry:
        return self._entry(self.a_, (m,), i)

    def z(self, m: Any, i: Any) -> Entry:
        return self._entry(self.z_, (m,), i)

    def x(self, i: Any) -> Entry:
        return self._entry(self.x_, (), i)

    def y(self, i: Any) -> Entry:
        return self._entry(self.y_, (), i)

    def limits(self, *own: tuple[Symbol, Any, Any]) -> tuple[Limits, ...]:
        """The ranges of a definition's indices; the sample index stands before the unit's."""
        found = [(i, _size(lo), _size(hi)) for i, lo, hi in own]
        if self.batch is not None:
            found.insert(len(found) - 1, (s, Integer(1), self.batch))
        return tuple(found)


def _layers(widths: Sequence[int] | None, depth: int | None) -> int | None:
    if widths is None:
        if depth is None:
            return None
        if isinstance(depth, bool) or not isinstance(depth, int) or not 1 <= depth <= MAX_DEPTH:
            raise SymderiveError(f"depth: expected a whole number from 1 to {MAX_DEPTH}, found {depth!r}")
        return depth
    if isinstance(widths, str) or len(widths) < 2:
        raise SymderiveError(f"widths: expected at least an input and an output width, found {widths!r}")
    for w in widths:
        if isinstance(w, bool) or not isinstance(w, int) or w < 1:
            raise SymderiveError(f"widths: expected whole numbers from 1, found {w!r}")
    if depth is not None and depth != len(widths) - 1:
        raise SymderiveError(f"depth: {len(widths)} widths make {len(widths) - 1} layers, found {depth}")
    if len(widths) - 1 > MAX_DEPTH:
        raise SymderiveError(f"depth: expected at most {MAX_DEPTH} layers, found {len(widths) - 1}")
    return len(widths) - 1


def _batch(samples: int | str | None) -> Expr | None:
    if samples is None:
        return None
    if isinstance(samples, str):
        return size(samples)
    if isinstance(samples, bool) or not isinstance(samples, int) or samples < 1:
        raise SymderiveError(f"samples: expected a number from 1 or a letter, found {samples!r}")
    return Integer(samples)


def _activations(
    given: str | Sequence[str], output: str | None, layers: int | None, at_zero: Any, per_layer: bool
) -> list[Activation | ScalarFunction]:
    """One function for each layer, or a single one where the depth is a symbol."""

    def find(name: str) -> Activation | ScalarFunction:
        if name == "generic":
            return ScalarFunction("sigma", r"\sigma", 1 if per_layer else 0)
        return named_activation(name, at_zero=at_zero)

    if layers is None:
        if not isinstance(given, str) or output is not None:
            raise SymderiveError("activation: one name for each layer needs a number of layers (depth or widths)")
        return [find(given)]
    if isinstance(given, str):
        names = [given] * layers
    else:
        names = list(given)
        if len(names) != layers:
            raise SymderiveError(f"activation: expected {layers} names, one for each layer, found {len(names)}")
    if output is not None:
        names[-1] = output
    return [find(name) for name in names]


def _apply(names: list[Activation | ScalarFunction], m: Expr, z: Entry, per_layer: bool) -> Expr:
    f = names[int(m) - 1] if m.is_Integer else names[0]
    function = f.function if isinstance(f, Activation) else f
    if isinstance(f, Activation) and f.name == "identity":
        return z
    return function(z, m) if function.sup else function(z)


def _size(value: Expr | int) -> Expr:
    return Integer(value) if isinstance(value, int) else value


def _number(value: Any) -> Expr:
    """A factor as an exact number; text is not taken, so that nothing is ever evaluated."""
    if isinstance(value, Expr):
        return value
    if isinstance(value, int | float | Fraction) and not isinstance(value, bool):
        exact = Fraction(value)
        return Rational(exact.numerator, exact.denominator)
    raise SymderiveError(f"factor: expected a number, found {value!r}")


def _reduced(value: Expr, batch: Expr | None, reduction: str) -> Expr:
    if reduction not in ("mean", "sum"):
        raise SymderiveError(f"reduction: expected mean or sum, found {reduction!r}")
    if batch is None:
        return value
    total = IndexSum(value, (s, 1, batch))
    return total / batch if reduction == "mean" else total


