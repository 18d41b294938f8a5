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


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("width", [1, 3])
@pytest.mark.parametrize("name", ["squared_error", "binary_cross_entropy", "poisson", "cross_entropy"])
def test_a_softmax_under_every_cost(name: str, width: int, large: bool) -> None:
    """Exponentials of the softmax beside those of the cost; one class alone, whose probability is 1.

    A bias of 1000 for every class changes nothing but the size of the exponentials.
    """
    from symderive.derivation import derive
    from symderive.systems import mlp

    net = mlp(widths=[3, 4, width], activation="tanh", output="softmax", cost=name, samples="N")
    rng = np.random.default_rng(width)
    w, b = [rng.normal(size=s) for s in ((4, 3), (width, 4))], [rng.normal(size=n) for n in (4, width)]
    v = {"w": [rng.normal(size=p.shape) for p in w], "b": [rng.normal(size=p.shape) for p in b]}
    b[1] += 1000 if large else 0
    x, y = rng.normal(size=(5, 3)), rng.uniform(size=(5, width))
    grad = derive(net).compile()
    value, gradients = grad(w=w, b=b, x=x, y=y)
    product = grad.hessian_vector_product(w=w, b=b, x=x, y=y, direction=v)
    given = [torch.tensor(p, requires_grad=True) for p in (*w, *b)]
    data, labels = torch.tensor(x), torch.tensor(y)
    p = torch.softmax(torch.tanh(data @ given[0].T + given[2]) @ given[1].T + given[3], 1)
    costs = {
        "squared_error": 0.5 * (p - labels) ** 2, "cross_entropy": -labels * torch.log(p),
        "binary_cross_entropy": torch.log1p(torch.exp(p)) - labels * p, "poisson": torch.exp(p) - labels * p,
    }  # fmt: skip
    expected = costs[name].sum() / 5
    slopes = torch.autograd.grad(expected, given, create_graph=True)
    along = sum((g * torch.tensor(q)).sum() for g, q in zip(slopes, (*v["w"], *v["b"]), strict=True))
    curved = torch.autograd.grad(along, given)
    assert value == pytest.approx(expected.item(), rel=1e-12)
    for found, theirs in ((gradients, slopes), (product, curved)):
        for one, other in zip((*found["w"], *found["b"]), theirs, strict=True):
            np.testing.assert_allclose(one, other.detach().numpy(), rtol=0, atol=1e-12)
