"""from_arrays: a network from its arrays, as hand-written NumPy or a JAX function has it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from symderive.bridges.bridged import Bridged
from symderive.bridges.building import Plan
from symderive.bridges.layout import Array, Layout, named, real
from symderive.bridges.structure import Parameter
from symderive.errors import SymderiveError
from symderive.systems.activations import Activation
from symderive.systems.activations import activation as named_activation
from symderive.systems.mlp import IDENTITY, SOFTMAX
from symderive.systems.numbers import from_zero, shown


def from_arrays(
    weights: Any,
    biases: Any = None,
    activation: str | Activation | Sequence[str | Activation] = "tanh",
    output: str | Activation | None = IDENTITY,
    *,
    cost: str = "squared_error",
    factor: Any = None,
    reduction: str = "mean",
    l2: float = 0.0,
    l2_per_sample: bool = False,
    layout: str = "rows",
    relu_at_zero: Any = 0,
) -> Bridged:
    """The network with these parameters; its derived gradients come in the same layout and order.

    - `weights`, `biases`: lists of arrays, one for each layer; a bias may be None. Or `weights` alone: the
      list of pairs (W, b) that JAX code passes around.
    - `activation` of the hidden layers: a name of `symderive.systems.activations` or an `Activation`; or a
      list with one for each. `output`: of the last layer; "softmax" is possible.
    - `cost`, `factor`, `reduction`: see `symderive.mlp`. `l2`: the cost has l2/2 sum w^2 as well, divided by
      the number of samples with `l2_per_sample`.
    - `layout`: "rows" for z = a W + b (JAX, Keras), "columns" for z = W a + b with samples as columns,
      "torch" for z = a W^T + b; see `symderive.bridges.layout`.
    - `relu_at_zero`: what ReLU'(0) is taken to be; it is 1/2 in JAX where it is written maximum(z, 0).

    Raises SymderiveError for shapes that do not fit each other, with the layer.

    >>> import numpy as np
    >>> params = [(np.ones((2, 3)), np.zeros(3)), (np.ones((3, 1)), np.zeros(1))]
    >>> net = from_arrays(params, activation="relu", factor=0.5)
    >>> net.gradient([[1.0, 2.0]], [[8.0]])["params[1][0]"].tolist()
    [[3.0], [3.0], [3.0]]
    >>> wrong = [(np.ones((2, 3)), np.zeros(3)), (np.ones((3, 1)), np.ones(1))]
    >>> print(net.verify([[1.0, 2.0]], [[8.0]], gradient=wrong).evidence["params[1][1]"].status)
    numeric
    """
    layers, names = _layers(weights, biases)
    own = named(layout)
    entries, widths, biased = _read(layers, names, own)
    if cost == "generic":
        raise SymderiveError("cost: expected one that is a formula, found 'generic', which has no value")
    return Bridged(
        "arrays",
        Plan(
            widths,
            tuple(_functions(activation, output, len(layers), relu_at_zero)),
            biased,
            cost=cost,
            factor=factor,
            reduction=reduction,
            l2=from_zero(l2, "l2"),
            l2_per_sample=l2_per_sample,
        ),
        entries,
        own,
    ).checked()


def _layers(weights: Any, biases: Any) -> tuple[list[tuple[Any, Any]], str]:
    """(W, b) of each layer; and how parameters are named: as pairs, or as two lists."""
    if not isinstance(weights, list | tuple) or not weights:
        raise SymderiveError(
            f"weights: expected a list of arrays, or of pairs (W, b), found {shown(weights)}"
        )
    if biases is not None:
        if not isinstance(biases, list | tuple) or len(biases) != len(weights):
            count = len(biases) if isinstance(biases, list | tuple) else shown(biases)
            raise SymderiveError(f"biases: expected {len(weights)}, one for each layer, found {count}")
        return list(zip(weights, biases, strict=True)), "lists"
    if all(isinstance(v, list | tuple) and len(v) in (1, 2) and _depth(v[0]) == 2 for v in weights):
        return [(v[0], v[1] if len(v) == 2 else None) for v in weights], "pairs"
    return [(w, None) for w in weights], "lists"


def _depth(value: Any) -> int:
    """The number of axes: of a ragged list those that it seems to have, to be refused by its name later."""
    try:
        return np.ndim(value)
    except ValueError:
        return 1 + _depth(value[0])


def _read(
    layers: Sequence[tuple[Any, Any]], names: str, layout: Layout
) -> tuple[tuple[Parameter, ...], tuple[int, ...], tuple[bool, ...]]:
    entries: list[Parameter] = []
    widths: list[int] = []
    for m, (w, b) in enumerate(layers, 1):
        called = (
            (f"weights[{m - 1}]", f"biases[{m - 1}]")
            if names == "lists"
            else (f"params[{m - 1}][0]", f"params[{m - 1}][1]")
        )
        weight = real(w, called[0], copy=True)
        if weight.ndim != 2 or 0 in weight.shape:
            raise SymderiveError(f"{called[0]}: expected a matrix, found the shape {weight.shape}")
        after, before = layout.weight(weight).shape
        if widths and widths[-1] != before:
            raise SymderiveError(
                f"{called[0]}: expected {widths[-1]} inputs, as many as layer {m - 1} has outputs, found "
                f"{before} in the shape {weight.shape} of the layout {layout.name}"
            )
        widths += [after] if widths else [before, after]
        entries.append(Parameter(called[0], "w", m, weight))
        if b is not None:
            entries.append(Parameter(called[1], "b", m, _bias(b, called[1], after)))
    biased = tuple(b is not None for _, b in layers)
    return tuple(entries), tuple(widths), biased


def _bias(value: Any, name: str, width: int) -> Array:
    bias = real(value, name, copy=True)
    if bias.shape not in ((width,), (width, 1), (1, width)):
        raise SymderiveError(f"{name}: expected the shape ({width},), found {bias.shape}")
    return bias


def _functions(given: Any, output: Any, depth: int, at_zero: Any) -> list[tuple[Any, ...]]:
    if isinstance(given, str | Activation):
        hidden = [given] * (depth - 1)
    elif isinstance(given, list | tuple):
        hidden = list(given)
    else:
        raise SymderiveError(f"activation: expected a name or a list of names, found {shown(given)}")
    if len(hidden) != depth - 1:
        raise SymderiveError(
            f"activation: expected {depth - 1}, one for each hidden layer, found {len(hidden)}: the last "
            "layer's is `output`"
        )
    found: list[tuple[Any, ...]] = []
    for name in (*hidden, IDENTITY if output is None else output):
        last = len(found) == depth - 1
        if isinstance(name, Activation) or (name == SOFTMAX and last):
            found.append((name,))
        else:
            found.append((named_activation(name, at_zero=at_zero),))
    return found
