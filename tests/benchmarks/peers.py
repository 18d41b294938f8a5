"""The same cost and gradients by other people's tools; each is None where it is not installed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

Arrays = Sequence[Any]
Call = Callable[[], Any]


def by_autograd(activation: str, cost: str, w: Arrays, b: Arrays, x: Any, y: Any) -> Call | None:
    """HIPS autograd."""
    try:
        import autograd.numpy as anp
        from autograd import value_and_grad
    except ImportError:
        return None

    def loss(parameters: Any) -> Any:
        a = x
        for m, (v, c) in enumerate(parameters):
            z = anp.dot(a, v.T) + c
            a = z if m == len(w) - 1 else _activation(anp, activation, z)
        return _loss(anp, cost, a, y)

    f, parameters = value_and_grad(loss), list(zip(w, b, strict=True))
    return lambda: f(parameters)


def by_jax(activation: str, cost: str, w: Arrays, b: Arrays, x: Any, y: Any) -> Call | None:
    """JAX, compiled; the call waits for the result."""
    try:
        import jax
        import jax.numpy as jnp
    except ImportError:
        return None
    jax.config.update("jax_enable_x64", True)
    data = [jnp.asarray(v) for v in (x, y)]

    def loss(parameters: Any, x: Any, y: Any) -> Any:
        a = x
        for m, (v, c) in enumerate(parameters):
            z = jnp.dot(a, v.T) + c
            a = z if m == len(w) - 1 else _activation(jnp, activation, z)
        return _loss(jnp, cost, a, y)

    f = jax.jit(jax.value_and_grad(loss))
    parameters = [(jnp.asarray(v), jnp.asarray(c)) for v, c in zip(w, b, strict=True)]
    return lambda: jax.block_until_ready(f(parameters, *data))


def by_torch(activation: str, cost: str, w: Arrays, b: Arrays, x: Any, y: Any) -> Call | None:
    """PyTorch, eager, on the CPU."""
    try:
        import torch
    except ImportError:
        return None
    torch.set_num_threads(1)
    parameters = [torch.tensor(v, requires_grad=True) for pair in zip(w, b, strict=True) for v in pair]
    x, y = torch.tensor(x), torch.tensor(y)
    functions = {"tanh": torch.tanh, "relu": torch.relu, "sigmoid": torch.sigmoid}

    def run() -> Any:
        a = x
        for m in range(len(w)):
            z = torch.nn.functional.linear(a, parameters[2 * m], parameters[2 * m + 1])
            a = z if m == len(w) - 1 else functions[activation](z)
        if cost == "squared_error":
            value = 0.5 / len(x) * ((a - y) ** 2).sum()
        else:
            value = -(y * torch.log_softmax(a, 1)).sum() / len(x)
        return value.detach(), torch.autograd.grad(value, parameters)

    return run


def _activation(np: Any, name: str, z: Any) -> Any:
    if name == "tanh":
        return np.tanh(z)
    return np.maximum(z, 0.0) if name == "relu" else 1.0 / (1.0 + np.exp(-z))


def _loss(np: Any, cost: str, a: Any, y: Any) -> Any:
    if cost == "squared_error":
        return 0.5 / len(y) * np.sum((a - y) ** 2)
    a = a - np.max(a, axis=1, keepdims=True)
    return np.sum(y * (np.log(np.sum(np.exp(a), axis=1, keepdims=True)) - a)) / len(y)
