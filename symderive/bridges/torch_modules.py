"""from_torch: a torch module, traced into layers, as a system; and autograd, asked for its gradient."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sympy import Integer, Rational

from symderive.bridges.bridged import Bridged
from symderive.bridges.building import Plan, layers_of
from symderive.bridges.layout import Array, array_of, named, real
from symderive.bridges.structure import Parameter
from symderive.bridges.targets import one_hot
from symderive.bridges.torch_losses import loss_of, without_absorbed
from symderive.bridges.torch_operations import LINEAR, LOG_SOFTMAX, SOFTMAX
from symderive.bridges.torch_reading import Traced, traced
from symderive.bridges.verification import DOUBLE, SINGLE
from symderive.errors import SymderiveError
from symderive.systems.activations import Activation

FORMATS = {"torch.float64": DOUBLE, "torch.float32": SINGLE}

WRAPPERS = {
    "OptimizedModule": "_orig_mod", "DataParallel": "module", "DistributedDataParallel": "module",
    "AveragedModel": "module",
}  # fmt: skip
"""Modules around a module, and where they have it."""

NOTES = {
    "softplus": "torch takes softplus(z) to be z above its threshold, which is off by e^-20 there",
    "celu_": "torch's gradient of CELU rounds alpha to single precision, which is off by up to 1e-7",
    "BCELoss": "torch's BCELoss takes p(1 - p) to be at least 1e-12: another gradient where the input of the "
    "sigmoid is beyond 27",
}
"""Where torch computes something else than the function: by how an activation's or the loss's name begins."""


def from_torch(module: Any, loss: Any) -> Bridged:
    """A chain of known layers and a loss module as a system and its parameters, in torch's layout and names.

    - `module`: an `nn.Sequential`, also nested, or a module whose `forward` torch.fx traces into the layers
      of `symderive.bridges.torch_operations`: Linear with or without bias, activations, Dropout in evaluation
      or with p=0, Softmax as the last step. Where Flatten or a view comes first, a sample may be an image.
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
    kind = type(module).__name__
    if not isinstance(module, torch.nn.Module):
        raise SymderiveError(f"from_torch: expected a torch.nn.Module, found {kind}")
    if kind in WRAPPERS:
        raise SymderiveError(
            f"from_torch: expected the module itself, found {kind}: give its {WRAPPERS[kind]}"
        )
    if isinstance(module, torch.jit.ScriptModule):
        raise SymderiveError(f"from_torch: expected the module before torch.jit, found {kind}")
    row = loss_of(loss)
    found = traced(module)
    steps = without_absorbed(found.steps, row, type(loss).__name__)
    first, functions = layers_of([None if s == LINEAR else s for s in steps])
    _require_placed(first, functions)
    if row.cost == "softmax_cross_entropy" and SOFTMAX in functions[-1]:
        raise SymderiveError(
            f"Softmax after layer {len(functions)}: expected logits before a {type(loss).__name__}, which "
            "applies a softmax of its own"
        )
    tensors = _tensors(found)
    entries: list[Parameter] = []
    widths: list[int] = []
    for m, (name, layer) in enumerate(found.linear, 1):
        if widths and widths[-1] != layer.in_features:
            raise SymderiveError(f"{name}: expected {widths[-1]} inputs, found {layer.in_features}")
        widths += [layer.out_features] if widths else [layer.in_features, layer.out_features]
        for tensor, own in (("w", "weight"), ("b", "bias")):
            called = _called(name, own)
            if called in tensors:
                entries.append(Parameter(called, tensor, m, real(tensors[called], called, copy=True)))
    dtype = str(next(iter(tensors.values())).dtype)
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
    library = _Torch(module, loss, found, tuple(tensors.values()), row.classes, widths[-1], mean)
    notes: tuple[str, ...] = (f"the {row.absorbs} of the outputs is part of the cost",) if row.absorbs else ()
    names = [type(loss).__name__, *(getattr(f, "name", "") for fs in (first, *functions) for f in fs)]
    notes += tuple(note for start, note in NOTES.items() if any(n.startswith(start) for n in names))
    known = {id(p) for p in tensors.values()}
    if others := [name for name, p in module.named_parameters() if id(p) not in known]:
        more = f" and {len(others) - 4} more" if len(others) > 4 else ""
        notes += (f"not in the forward, and not compared: {', '.join(others[:4])}{more}",)
    return Bridged(
        f"torch {kind}", plan, tuple(entries), named("torch"), notes, library, FORMATS[dtype], found.flattens
    ).checked()


def _called(layer: str, own: str) -> str:
    """The qualified name of a parameter; the module may itself be the layer, which has no name then."""
    return f"{layer}.{own}" if layer else own


def _tensors(found: Traced) -> dict[str, Any]:
    """The weights and biases by name; SymderiveError for one without values, or of another precision."""
    tensors = {
        _called(name, own): p
        for name, layer in found.linear
        for own in ("weight", "bias")
        if (p := getattr(layer, own)) is not None
    }
    kinds = sorted({str(p.dtype) for p in tensors.values()})
    if len(kinds) != 1 or kinds[0] not in FORMATS:
        raise SymderiveError(f"parameters: expected float64 or float32 throughout, found {', '.join(kinds)}")
    for name, p in tensors.items():
        if p.is_meta:
            raise SymderiveError(f"{name}: expected values, found a parameter on the meta device")
        if not p.is_leaf:
            raise SymderiveError(f"{name}: expected a parameter, found a tensor computed from others")
    return tensors


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


@dataclass(frozen=True)
class _Torch:
    """A module and its loss, asked for the gradient by autograd without touching what `.grad` holds."""

    module: Any
    loss: Any
    read: Traced
    tensors: tuple[Any, ...]
    classes: bool
    outputs: int
    mean: bool

    def values(self) -> list[Array]:
        """The parameters now; SymderiveError where the module or the loss is no longer what was read."""
        if traced(self.module) != self.read:
            raise SymderiveError(
                "module: expected the layers that were read, found others: read it once more"
            )
        loss_of(self.loss)
        if (self.loss.reduction == "mean") != self.mean:
            raise SymderiveError(
                "loss: expected the reduction that was read, found another: read it once more"
            )
        return [array_of(p) for p in self.tensors]

    def targets(self, y: Any) -> Array:
        """Classes as one-hot rows where the loss takes classes; else numbers, a vector as a column."""
        array = real(y, "y")
        if array.ndim == 1 and self.classes:
            return one_hot(array, self.outputs)
        return array[:, None] if array.ndim == 1 else array

    def remarks(self, y: Any) -> tuple[str, ...]:
        """A vector is a column here; torch makes a matrix of it and a column of outputs, or refuses it."""
        if self.classes or np.ndim(y) != 1:
            return ()
        return ("y was taken for a column: give the loss of torch a column too, as it broadcasts a vector",)

    def gradients(self, x: Array, y: Array) -> Mapping[str, Sequence[Array | None]]:
        """By torch.autograd.grad; a parameter that the cost does not depend on has a gradient of zeros."""
        import torch

        p = self.tensors[0]
        data, wanted = (torch.tensor(v, dtype=p.dtype, device=p.device) for v in (x, y))
        if self.classes and _is_one_hot(y):
            wanted = wanted.argmax(dim=1)
        elif self.classes and type(self.loss).__name__ == "NLLLoss":
            raise SymderiveError("y: expected classes for an NLLLoss, found probabilities")
        asked = [q for q in self.tensors if q.requires_grad]
        if not asked:
            raise SymderiveError("parameters: expected one that requires a gradient, found none")
        try:
            with torch.inference_mode(False), torch.enable_grad():
                cost = self.loss(self.module(data.clone()), wanted.clone())
                found: Sequence[Any]
                if cost.requires_grad:
                    found = torch.autograd.grad(cost, asked, allow_unused=True)
                else:
                    found = [None] * len(asked)
        except Exception as error:  # whatever the module, the loss or a compiler says of the data
            line = " ".join(str(error).split())[:160]
            raise SymderiveError(
                f"torch: expected a gradient of the loss, found {type(error).__name__}: {line}"
            ) from None
        each = iter(found)
        gradients: list[Array | None] = []
        for q in self.tensors:
            g = next(each) if q.requires_grad else None
            zero = np.zeros(tuple(q.shape)) if q.requires_grad else None
            gradients.append(zero if g is None else array_of(g))
        return {"torch autograd": gradients}


def _is_one_hot(y: Array) -> bool:
    return bool(np.all((y == 0) | (y == 1)) and np.all(y.sum(axis=1) == 1))
