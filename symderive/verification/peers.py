"""PyTorch and JAX as further oracles: their automatic differentiation of the same network, where installed.

They share nothing with the engine. They are asked for by name and imported then; nothing needs them.
"""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from symderive import reference
from symderive.claims.against_reference import relative_error
from symderive.claims.evidence import CheckFailed, Evidence
from symderive.errors import SymderiveError
from symderive.verification.network import Array, Network
from symderive.verification.oracles import reference_network
from symderive.verification.quantities import Case, Quantities

PEERS = {"torch": "PyTorch", "jax": "JAX"}
INSTALLED = "installed"
HOLDS = 1e-9
Gradients = Mapping[tuple[str, int], Array]


def available(names: Sequence[str] | str | None) -> tuple[str, ...]:
    """The peers that were asked for; "installed" is whichever there are.

    Raises SymderiveError for one that is unknown or missing.

    >>> available(())
    ()
    >>> available(["tensor"])
    Traceback (most recent call last):
    symderive.errors.SymderiveError: oracles: expected torch, jax or installed, found 'tensor'
    """
    asked = (names,) if isinstance(names, str) else tuple(names or ())
    found: list[str] = []
    for name in asked:
        if name == INSTALLED:
            found += [p for p in PEERS if importlib.util.find_spec(p) is not None]
        elif name not in PEERS:
            raise SymderiveError(f"oracles: expected torch, jax or installed, found {name!r:.40}")
        elif importlib.util.find_spec(name) is None:
            raise SymderiveError(f"oracles: expected {name} to be installed, found it missing")
        else:
            found.append(name)
    return tuple(dict.fromkeys(found))


def peers_evidence(names: Sequence[str], network: Network, q: Quantities, reduction: str) -> list[Evidence]:
    """The derived gradient against each peer's. Raises CheckFailed where they disagree."""
    found: list[Evidence] = []
    for name in names:
        net = reference_network(network, q, reduction)
        what = f"the derived gradient itself, by automatic differentiation in {PEERS[name]}"
        if net is None or np.any(np.concatenate([(z == 0).ravel() for z in q.z[1:]])):
            found.append(Evidence("unknown", f"{what}: it was not asked, at a kink or for this cost"))
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            gradients = gradients_of(name, net, q.case, q.decay)
        error = max(relative_error(v, gradients[k]) for k, v in q.by_key.items())
        if not error <= HOLDS:
            raise CheckFailed(f"the derived gradient: relative error {error:.2g} against {PEERS[name]}")
        found.append(Evidence("numeric", what, error=error))
    return found


def gradients_of(name: str, net: reference.Network, case: Case, decay: float) -> Gradients:
    """The gradient of the reference's network by a peer's automatic differentiation, in float64."""
    return (_torch if name == "torch" else _jax)(net, case, decay)


def _parameters(case: Case) -> dict[tuple[str, int], Array]:
    W = {("W", l): w for l, w in enumerate(case.weights, 1)}
    return {**W, **{("b", l): b for l, b in enumerate(case.biases, 1)}}


def _torch(net: reference.Network, case: Case, decay: float) -> Gradients:
    import torch
    from torch.nn import functional as F

    given = {
        k: torch.tensor(v, dtype=torch.float64, requires_grad=True) for k, v in _parameters(case).items()
    }
    a, y = torch.tensor(case.x, dtype=torch.float64), torch.tensor(case.y, dtype=torch.float64)
    table: dict[str, Callable[[Any], Any]] = {
        "identity": lambda z: z, "tanh": torch.tanh, "sigmoid": torch.sigmoid, "relu": torch.relu,
        "leaky_relu": lambda z: F.leaky_relu(z, 0.01), "softplus": F.softplus, "gelu": F.gelu, "silu": F.silu,
    }  # fmt: skip
    for l, sigma in enumerate(_names(net), 1):
        a = table[sigma](a @ given["W", l].T + given["b", l])
    costs: dict[str, Callable[[], Any]] = {
        "squared_error": lambda: float(net.factor) * ((a - y) ** 2).sum(),
        "softmax_cross_entropy": lambda: (y * (torch.logsumexp(a, dim=1, keepdim=True) - a)).sum(),
        "binary_cross_entropy": lambda: (F.softplus(a) - y * a).sum(),
    }
    total = costs[str(net.cost)]() / (case.samples if net.reduction == "mean" else 1)
    total = total + decay / 2 * sum((v**2).sum() for (kind, _), v in given.items() if kind == "W")
    total.backward()
    return {k: np.zeros(v.shape) if v.grad is None else v.grad.numpy() for k, v in given.items()}


def _jax(net: reference.Network, case: Case, decay: float) -> Gradients:
    import jax
    import jax.numpy as jnp

    table: dict[str, Callable[[Any], Any]] = {
        "identity": lambda z: z, "tanh": jnp.tanh, "sigmoid": jax.nn.sigmoid, "relu": jax.nn.relu,
        "leaky_relu": lambda z: jax.nn.leaky_relu(z, 0.01), "softplus": jax.nn.softplus,
        "gelu": lambda z: jax.nn.gelu(z, approximate=False), "silu": jax.nn.silu,
    }  # fmt: skip

    def cost(given: dict[str, Any]) -> Any:
        a, y = jnp.asarray(case.x), jnp.asarray(case.y)
        for l, sigma in enumerate(_names(net), 1):
            a = table[sigma](a @ given[f"W{l}"].T + given[f"b{l}"])
        costs: dict[str, Callable[[], Any]] = {
            "squared_error": lambda: float(net.factor) * ((a - y) ** 2).sum(),
            "softmax_cross_entropy": lambda: (
                y * (jax.scipy.special.logsumexp(a, axis=1, keepdims=True) - a)
            ).sum(),
            "binary_cross_entropy": lambda: (jax.nn.softplus(a) - y * a).sum(),
        }
        total = costs[str(net.cost)]() / (case.samples if net.reduction == "mean" else 1)
        return total + decay / 2 * sum((v**2).sum() for k, v in given.items() if k[0] == "W")

    # double precision is switched on here alone: a switch for the whole process would change the user's code
    with _in_double(jax):
        found = jax.grad(cost)({f"{kind}{l}": jnp.asarray(v) for (kind, l), v in _parameters(case).items()})
        return {(k[0], int(k[1:])): np.asarray(v) for k, v in found.items()}


def _in_double(jax: Any) -> Any:
    """The context of double precision, whose place differs between versions."""
    return jax.enable_x64(True) if hasattr(jax, "enable_x64") else jax.experimental.enable_x64(True)


def _names(net: reference.Network) -> list[str]:
    return [layer.name for layer in net.layers]
