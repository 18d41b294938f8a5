r"""The fully connected network: z^l_j = sum_k w^l_{jk} a^{l-1}_k + b^l_j, a^l_j = sigma(z^l_j), a^0 = x.

Its cost is C(a^L; y). Depth, widths, activation, cost and number of samples can each be a symbol or a value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sympy import Expr, Integer, Symbol, exp
from sympy.core.basic import Basic

from symderive.calculus.atoms import ScalarFunction, TensorSymbol, indices, size, tensor
from symderive.calculus.terms import Entry, IndexSum
from symderive.errors import SymderiveError, did_you_mean
from symderive.systems.activations import NAMES as ACTIVATIONS
from symderive.systems.activations import Activation, require_apart
from symderive.systems.activations import activation as named_activation
from symderive.systems.costs import cost as named_cost
from symderive.systems.numbers import shown, size_of, whole
from symderive.systems.system import Definition, Limits, System

MAX_DEPTH = 1_000
GENERIC, SOFTMAX, IDENTITY = "generic", "softmax", "identity"

l, j, k, s = indices("l j k s")
L = size("L")
CAPITALS = frozenset("ABDEFGHIJKMNOPQRSTUVWXYZ")

Function = Activation | ScalarFunction | str


def mlp(
    widths: Sequence[int] | None = None,
    depth: int | None = None,
    activation: str | Activation | Sequence[str | Activation] = GENERIC,
    output: str | Activation | None = None,
    cost: str = GENERIC,
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
      of `symderive.systems.activations`, an `Activation`, or, where the depth is a number, one for each.
    - `output`: the last layer's activation, if it differs; "softmax" is possible here, and is what
      cost "cross_entropy" takes unless you say otherwise.
    - `cost`: a name of `symderive.systems.costs`; `factor` in front of the squared error.
    - `samples`: None for one sample; a number, or a letter for a symbolic batch, with `reduction` "mean" or
      "sum" of the samples' costs.
    - `relu_at_zero`: what ReLU'(0) is taken to be.

    Raises SymderiveError where these do not fit each other.

    >>> print(mlp())
    system mlp
      a[0, j] := x[j]  for j in 1..n[0]
      z[l, j] := b[l, j] + sum(a[l - 1, k]*w[l, j, k], k=1..n[l - 1])  for l in 1..L, j in 1..n[l]
      a[l, j] := sigma(z[l, j])  for l in 1..L, j in 1..n[l]
      C[] := cost(family(a[L, j], j=1..n[L]), family(y[j], j=1..n[L]))
    >>> print(mlp(widths=[2, 3], activation="relu"))
    system mlp
      a[0, j] := x[j]  for j in 1..2
      z[1, j] := b[1, j] + sum(a[0, k]*w[1, j, k], k=1..2)  for j in 1..3
      a[1, j] := relu(z[1, j])  for j in 1..3
      C[] := cost(family(a[1, j], j=1..3), family(y[j], j=1..3))
      the derivative of relu at 0 is taken to be 0
    """
    numbers, layers = _layers(widths, depth)
    top: Expr = L if layers is None else Integer(layers)
    t = _Tensors(top, _batch(samples))
    if output is None and cost == "cross_entropy" and isinstance(activation, str | Activation):
        output = SOFTMAX
    hidden, last = _activations(activation, output, layers, relu_at_zero, per_layer)
    if last == SOFTMAX and cost == "softmax_cross_entropy":
        raise SymderiveError(
            "cost: expected cross_entropy after a softmax output, found softmax_cross_entropy, "
            "which applies a softmax of its own"
        )
    loss = named_cost(cost, factor, "C" if samples is None else r"\ell")
    definitions = [Definition(t.a(0, j), t.x(j), t.limits((j, 1, t.n[0])), "input")]
    for m, around in _steps(layers):
        own = t.limits(*around, (j, 1, t.n[m]))
        definitions.append(Definition(t.z(m, j), t.weighted(m), own, "weighted input"))
        for r, near, function in _cases(m, around, hidden, last):
            own = t.limits(*near, (j, 1, t.n[r]))
            definitions.append(Definition(t.a(r, j), t.applied(function, r), own, "activation"))
    value = loss.formula(lambda i: t.a(top, i), t.y, j, k, t.n[top])
    definitions.append(Definition(t.C(), _reduced(value, t.batch, reduction), (), "cost"))
    sizes = {t.n[m]: v for m, v in enumerate(numbers)}
    rule: dict[Basic, Basic] = {e: Integer(v) for e, v in sizes.items()}
    return System(
        name="mlp",
        inputs=(t.x_, t.y_),
        parameters=(t.w, t.b),
        definitions=tuple(d.subs(rule) for d in definitions) if rule else tuple(definitions),
        cost=t.C,
        sizes=sizes,
        activations={f.function: f for f in (*hidden, last) if isinstance(f, Activation)},
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

    def weighted(self, m: Expr) -> Expr:
        """sum_k w^m_{jk} a^{m-1}_k + b^m_j"""
        return IndexSum(self.w[m, j, k] * self.a(m - 1, k), (k, 1, self.n[m - 1])) + self.b[m, j]

    def applied(self, f: Function, m: Expr) -> Expr:
        """sigma(z^m_j), or e^{z_j} / sum_k e^{z_k}"""
        z = self.z(m, j)
        if isinstance(f, str):
            return z if f == IDENTITY else exp(z) / IndexSum(exp(self.z(m, k)), (k, 1, self.n[m]))
        function = f.function if isinstance(f, Activation) else f
        return function(z, m) if function.sup else function(z)

    def limits(self, *own: tuple[Symbol, Any, Any]) -> tuple[Limits, ...]:
        """The ranges of a definition's indices; the sample index stands before the unit's."""
        found = [(i, size_of(lo), size_of(hi)) for i, lo, hi in own]
        if self.batch is not None:
            found.insert(len(found) - 1, (s, Integer(1), self.batch))
        return tuple(found)


def _steps(layers: int | None) -> Iterator[tuple[Expr, tuple[Limits, ...]]]:
    """The layers: numbers, or l in 1..L."""
    if layers is None:
        yield l, ((l, Integer(1), L),)
    else:
        yield from ((Integer(m), ()) for m in range(1, layers + 1))


def _cases(
    m: Expr, around: tuple[Limits, ...], hidden: list[Function], last: Function
) -> Iterator[tuple[Expr, tuple[Limits, ...], Function]]:
    """The activation of a layer; of all layers l, in one definition, or the last one apart."""
    if m.is_Integer:
        yield m, around, [*hidden, last][int(m) - 1]
    elif hidden[0] == last:
        yield m, around, last
    else:
        yield m, ((l, Integer(1), L - 1),), hidden[0]
        yield L, (), last


def _layers(widths: Sequence[int] | None, depth: int | None) -> tuple[list[int], int | None]:
    """The widths as numbers, if they are, and the number of layers, if it is one."""
    if widths is None:
        return [], None if depth is None else whole(depth, "depth", 1, MAX_DEPTH)
    given = list(widths) if isinstance(widths, Iterable) and not isinstance(widths, str | bytes) else []
    if len(given) < 2:
        raise SymderiveError(f"widths: expected at least an input and an output width, found {shown(widths)}")
    numbers = [whole(w, f"width n_{m}") for m, w in enumerate(given)]
    layers = len(numbers) - 1
    if layers > MAX_DEPTH:
        raise SymderiveError(f"depth: expected at most {MAX_DEPTH} layers, found {layers}")
    if depth is not None and whole(depth, "depth", 1, MAX_DEPTH) != layers:
        raise SymderiveError(
            f"depth: expected {layers}, as {layers + 1} widths make {layers} layers, found {depth}"
        )
    return numbers, layers


def _batch(samples: int | str | None) -> Expr | None:
    if samples is None:
        return None
    if not isinstance(samples, str):
        return Integer(whole(samples, "samples"))
    # lower case is for indices, L and C are the depth and the cost
    if samples not in CAPITALS:
        raise SymderiveError(
            f"samples: expected a number or a capital letter other than C and L, found {shown(samples)}"
        )
    return size(samples)


def _activations(
    given: str | Activation | Sequence[str | Activation],
    output: str | Activation | None,
    layers: int | None,
    at_zero: Any,
    per_layer: bool,
) -> tuple[list[Function], Function]:
    """The functions of the hidden layers (a single one where the depth is a symbol) and of the last."""

    def find(name: str | Activation, last: bool) -> Function:
        if isinstance(name, Activation):
            return name
        if name == GENERIC:
            return ScalarFunction("sigma", r"\sigma", 1 if per_layer else 0)
        if name == IDENTITY or (name == SOFTMAX and last):
            return name
        if name == SOFTMAX:
            raise SymderiveError("activation: expected softmax in the last layer, found it in a hidden one")
        if name not in ACTIVATIONS:
            known = ", ".join((GENERIC, *ACTIVATIONS, SOFTMAX))
            raise SymderiveError(
                f"activation: expected one of {known}, "
                f"found {shown(name)}{did_you_mean(name, known.split(', '))}"
            )
        return named_activation(name, at_zero=at_zero)

    if isinstance(given, str | Activation):
        names = [given] * (2 if layers is None else layers)
    elif not isinstance(given, Iterable):
        raise SymderiveError(f"activation: expected a name, or one for each layer, found {shown(given)}")
    elif layers is None:
        raise SymderiveError(
            f"activation: expected one name for all layers, as the depth is a symbol, found {shown(given)}"
        )
    else:
        names = list(given)
        if len(names) != layers:
            wanted = "1 name" if layers == 1 else f"{layers} names"
            raise SymderiveError(f"activation: expected {wanted}, one for each layer, found {len(names)}")
    if output is not None:
        names[-1] = output
    if per_layer and GENERIC not in names:
        raise SymderiveError(f"per_layer: expected a generic activation, found {', '.join(map(str, names))}")
    found = [find(name, last=n == len(names)) for n, name in enumerate(names, 1)]
    require_apart(f for f in found if isinstance(f, Activation))
    return found[:-1], found[-1]


def _reduced(value: Expr, batch: Expr | None, reduction: str) -> Expr:
    if reduction not in ("mean", "sum"):
        raise SymderiveError(f"reduction: expected mean or sum, found {shown(reduction)}")
    if batch is None:
        return value
    total = IndexSum(value, (s, 1, batch))
    return total / batch if reduction == "mean" else total
