"""The compiled function against PyTorch's autograd, which shares nothing with it."""

from __future__ import annotations

import importlib
import os
from typing import Any

import numpy as np
import pytest

from tests.compilation.networks import both, flat, point

torch: Any = importlib.import_module("torch") if os.environ.get("CI") else pytest.importorskip("torch")

FUNCTIONS = {
    "tanh": "tanh", "sigmoid": "sigmoid", "relu": "relu", "softplus": "nn.functional.softplus",
    "gelu": "nn.functional.gelu", "silu": "nn.functional.silu", "leaky_relu": "nn.functional.leaky_relu",
    "elu": "nn.functional.elu",
}  # fmt: skip


def function(name: str) -> Any:
    found: Any = torch
    for part in FUNCTIONS[name].split("."):
        found = getattr(found, part)
    return found


@pytest.mark.parametrize("activation", list(FUNCTIONS))
@pytest.mark.parametrize("name", ["softmax_cross_entropy", "binary_cross_entropy"])
def test_gradients(activation: str, name: str) -> None:
    compiled, network = both(3, activation, name)
    at = point(network)
    w, b = ([torch.tensor(v, requires_grad=True) for v in at[k]] for k in "wb")
    x, y = torch.tensor(at["x"], requires_grad=True), torch.tensor(at["y"])
    a = x
    for m in range(len(w)):
        a = torch.nn.functional.linear(a, w[m], b[m])
        a = function(activation)(a) if m < len(w) - 1 else a
    if name == "softmax_cross_entropy":
        value = torch.nn.functional.cross_entropy(a, y)
    else:
        loss = torch.nn.functional.binary_cross_entropy_with_logits
        value = loss(a, y, reduction="sum") / len(x)
    value.backward()
    ours, gradients = compiled(at)
    theirs = {"w": [v.grad.numpy() for v in w], "b": [v.grad.numpy() for v in b], "x": x.grad.numpy()}
    assert ours == pytest.approx(value.item(), rel=1e-12)
    np.testing.assert_allclose(flat(gradients), flat(theirs), rtol=0, atol=1e-12)
