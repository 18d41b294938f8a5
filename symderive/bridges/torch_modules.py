"""from_torch: a torch module, traced into layers, as a system; and autograd, asked for its gradient."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sympy import Integer, Rational

from symderive.bridges.bridged import Bridged
from symderive.bridges.building import Plan, layers_of
from symderive.bridges.layout import Array, named, real
from symderive.bridges.structure import Parameter
from symderive.bridges.targets import one_hot
from symderive.bridges.torch_losses import loss_of, without_absorbed
from symderive.bridges.torch_operations import LINEAR, LOG_SOFTMAX, SOFTMAX
from symderive.bridges.torch_reading import traced
from symderive.errors import SymderiveError
from symderive.systems.activations import Activation

FORMATS = {"torch.float64": 1e-9, "torch.float32": 1e-4}


def from_torch(module: Any, loss: Any) -> Bridged:
    """A chain of known layers and a loss module as a system and its parameters, in torch's layout and names.

    - `module`: an `nn.Sequential`, also nested, or a module whose `forward` torch.fx traces into the layers
      of `symderive.bridges.torch_operations`: Linear with or without bias, activations, Flatten of data that
      are flat, Dropout in evaluation or with p=0, Softmax as the last step.
    - `loss`: one of `symderive.bridges.torch_losses`, with the reduction mean or sum.

    Nothing of the module is changed. Raises SymderiveError for a layer or a loss that is not known, which
    names it, its place, and how to define it. For example

        from_torch(torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.Tanh()), torch.nn.MSELoss())
    """
    try:
        import torch
    except ImportError:
        raise SymderiveError(
            "from_torch: expected torch to be installed, found none: install symderive-nn[torch]"
        ) from None
    if not isinstance(module, torch.nn.Module):
        raise SymderiveError(f"from_torch: expected a torch.nn.Module, found {type(module).__name__}")
    row = loss_of(loss)
    found = traced(module)
    steps = without_absorbed(found.steps, row, type(loss).__name__)
    first, functions = layers_of([None if s == LINEAR else s for s in steps])
    _require_placed(first, functions)
    entries: list[Parameter] = []
    tensors: list[Any] = []
    widths: list[int] = []
    for m, (name, layer) in enumerate(found.linear, 1):
        if widths and widths[-1] != layer.in_features:
            raise SymderiveError(f"{name}: expected {widths[-1]} inputs, found {layer.in_features}")
        widths += [layer.out_features] if widths else [layer.in_features, layer.out_features]
        for kind, p in (("w", layer.weight), ("b", layer.bias)):
            if p is not None:
                called = f"{name}.{'weight' if kind == 'w' else 'bias'}"
                entries.append(Parameter(called, kind, m, real(_array(p), called, copy=True)))
                tensors.append(p)
    kinds = {str(p.dtype) for p in tensors}
    if len(kinds) != 1 or not kinds <= set(FORMATS):
        raise SymderiveError(
            f"parameters: expected float64 or float32 throughout, found {', '.join(sorted(kinds))}"
        )
    mean = loss.reduction == "mean"
    plan = Plan(
        tuple(widths),
        tuple(tuple(fs) for fs in functions),
        tuple(layer.bias is not None for _, layer in found.linear),
        tuple(first),
        cost=row.cost,
        factor=row.factor,
        reduction=loss.reduction,
        scale=Rational(1, widths[-1]) if mean and row.per_output else Integer(1),
    )
    library = _Torch(module, loss, tuple(tensors), row.classes, widths[-1], kinds.pop())
    notes: tuple[str, ...] = (f"the {row.absorbs} of the outputs is part of the cost",) if row.absorbs else ()
    if any(getattr(f, "name", "") == "softplus" for fs in (first, *functions) for f in fs):
        notes += ("torch takes softplus(z) to be z above its threshold, which is off by e^-20 there",)
    return Bridged(
        f"torch {type(module).__name__}",
        plan,
        tuple(entries),
        named("torch"),
        notes,
        library,
        FORMATS[library.dtype],
    )


def _require_placed(first: Sequence[Any], functions: Sequence[Sequence[Any]]) -> None:
    """A softmax stands alone after the last layer; a log softmax only where a loss takes it in."""
    for m, fs in enumerate((first, *functions)):
        for n, f in enumerate(fs):
            last = m == len(functions) and n == 0 and len(fs) == 1
            if f == LOG_SOFTMAX:
                raise SymderiveError(
                    f"LogSoftmax after layer {m}: expected it as the last step before an NLLLoss alone"
                )
            if f == SOFTMAX and not last:
                raise SymderiveError(f"Softmax after layer {m}: expected it alone after the last layer")
            assert f == SOFTMAX or isinstance(f, Activation)


def _array(p: Any) -> Array:
    return np.asarray(p.detach().cpu().numpy())


@dataclass(frozen=True)
class _Torch:
    """A module and its loss, asked for the gradient by autograd without touching what `.grad` holds."""

    module: Any
    loss: Any
    tensors: tuple[Any, ...]
    classes: bool
    outputs: int
    dtype: str

    def values(self) -> list[Array]:
        return [_array(p) for p in self.tensors]

    def targets(self, y: Any) -> Array:
        """Classes as one-hot rows where the loss takes classes; else numbers, a vector as a column."""
        if hasattr(y, "detach"):
            y = _array(y)
        array = real(y, "y")
        if array.ndim == 1 and self.classes:
            return one_hot(array, self.outputs)
        return array[:, None] if array.ndim == 1 else array

    def gradients(self, x: Array, y: Array) -> Mapping[str, Sequence[Array | None]]:
        """By torch.autograd.grad."""
        import torch

        traced(self.module)  # what was in evaluation may train by now
        p = self.tensors[0]
        data, wanted = (torch.tensor(v, dtype=p.dtype, device=p.device) for v in (x, y))
        if self.classes and _is_one_hot(y):
            wanted = wanted.argmax(dim=1)
        elif self.classes and type(self.loss).__name__ == "NLLLoss":
            raise SymderiveError("y: expected classes for an NLLLoss, found probabilities")
        asked = [q for q in self.tensors if q.requires_grad]
        if not asked:
            raise SymderiveError("parameters: expected one that requires a gradient, found none")
        with torch.enable_grad():
            found = iter(torch.autograd.grad(self.loss(self.module(data), wanted), asked))
        return {"torch autograd": [_array(next(found)) if q.requires_grad else None for q in self.tensors]}


def _is_one_hot(y: Array) -> bool:
    return bool(np.all((y == 0) | (y == 1)) and np.all(y.sum(axis=1) == 1))
