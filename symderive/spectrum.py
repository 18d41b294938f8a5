r"""stability(network, parameters, data): does a gap between tied neurons grow, and how fast?

For each tied group the blocks P and Q of theorem T10, as the engine derived them, are evaluated on the
arrays; the
eigenvalues of B = [[P, Q], [Q^T, 0]] say what a step does to a small gap.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from proofs import blocks
from symderive.derivation import derive
from symderive.errors import SymderiveError
from symderive.evaluation.numeric import evaluate
from symderive.reference import Network, backward, forward
from symderive.systems import Definition, System, mlp
from symderive.systems.activations import activation
from symderive.systems.numbers import shown
from symderive.training.growth import fastest, steps_until, tied_groups

Array = NDArray[Any]
Parameters = tuple[Sequence[ArrayLike], Sequence[ArrayLike]]


@dataclass(frozen=True, repr=False)
class TiedGroup:
    """One group of tied neurons of a hidden layer, counted from 1, and B at it.

    `eigenvalues` ascend; `growth` is the factor of a step along the worst direction; `steps` is after how
    many steps
    rounding noise becomes visible, infinite where it does not grow.
    """

    layer: int
    neurons: tuple[int, ...]
    P: Array
    Q: Array
    eigenvalues: tuple[float, ...]
    growth: float
    steps: float

    @property
    def B(self) -> Array:
        """[[P, Q], [Q^T, 0]]: first incoming weights and bias, then outgoing weights."""
        zero = np.zeros((self.Q.shape[1], self.Q.shape[1]))
        return np.block([[self.P, self.Q], [self.Q.T, zero]])

    @property
    def repels(self) -> bool:
        """Whether a gap grows along some direction."""
        return self.growth > 1

    @property
    def attracting_decay(self) -> float:
        """The weight decay above which the tie attracts, for small steps: - lambda_min(B), at least 0."""
        return max(0.0, -self.eigenvalues[0])

    def __str__(self) -> str:
        verb = "repels" if self.repels else "does not repel"
        seen = (
            f"rounding is visible after about {self.steps:.0f} steps"
            if self.repels
            else "rounding does not grow"
        )
        named = ", ".join(map(str, self.neurons))
        return (
            f"layer {self.layer}, neurons {named}: {verb}; lambda_min(B) = {self.eigenvalues[0]:.4g}, "
            f"a gap grows by {self.growth:.6g} per step, {seen}"
        )

    __repr__ = __str__


@dataclass(frozen=True, repr=False)
class Stability:
    """All tied groups of a network at these parameters and data, for one way of training.

    >>> Stability((), rate=0.1, momentum=0.0, decay=0.0)
    no two hidden neurons are tied
    """

    groups: tuple[TiedGroup, ...]
    rate: float
    momentum: float
    decay: float

    @property
    def repels(self) -> bool:
        """Whether any group comes apart."""
        return any(g.repels for g in self.groups)

    def __str__(self) -> str:
        if not self.groups:
            return "no two hidden neurons are tied"
        how = f"step size {self.rate:g}, momentum {self.momentum:g}, weight decay {self.decay:g}"
        return "\n".join([how, *map(str, self.groups)])

    __repr__ = __str__

    def _rows(self) -> list[tuple[str, ...]]:
        return [
            (
                str(g.layer), ", ".join(map(str, g.neurons)), f"{g.eigenvalues[0]:.4g}", f"{g.growth:.6g}",
                f"{g.steps:.0f}" if g.repels else "-",
            )
            for g in self.groups
        ]  # fmt: skip

    def _repr_latex_(self) -> str:
        head = r"l & \text{neurons} & \lambda_{\min}(B) & \text{growth} & \text{steps} \\ \hline"
        rows = "\n".join(" & ".join(row) + r" \\" for row in self._rows())
        return "$\\begin{array}{rlrrr}\n" + f"{head}\n{rows}\n" + "\\end{array}$"

    def _repr_html_(self) -> str:
        heads = ("layer", "neurons", "smallest eigenvalue of B", "growth per step", "steps until visible")
        lines = ["".join(f"<td>{html.escape(c)}</td>" for c in row) for row in self._rows()]
        body = "".join(f"<tr>{line}</tr>" for line in lines)
        return f"<table><tr>{''.join(f'<th>{h}</th>' for h in heads)}</tr>{body}</table>"


def stability(
    network: Network,
    parameters: Parameters,
    data: tuple[ArrayLike, ArrayLike],
    rate: float = 0.1,
    momentum: float = 0.0,
    decay: float = 0.0,
    tolerance: float = 0.0,
    noise: float = 1e-16,
    visible: float = 1e-3,
) -> Stability:
    """What happens to the ties of a network, by theorem T10.

    - `network`: a `symderive.reference.Network`; `parameters`: its weights and biases; `data`: x (N, n_0),
    y (N, n_L).
    - `rate`, `momentum`, `decay`: of gradient descent, heavy ball, and l2 weight decay.
    - `tolerance`: by how much tied entries may differ; 0 asks for equality to the last bit.
    - `noise` and `visible`: the gap that rounding makes, and the gap that counts as seen.

    The forecast holds near these parameters: B moves with them. Raises SymderiveError where arrays do not
    fit the
    network, or a function of it has no formula.

    >>> from symderive.reference import Network
    >>> ones = ([[[1.0], [1.0]], [[1.0, 1.0]]], [[0.0, 0.0], [0.0]])
    >>> found = stability(Network((1, 2, 1), "tanh"), ones, ([[1.0]], [[2.0]]))
    >>> found.groups[0].neurons, found.repels
    ((1, 2), True)
    """
    if not isinstance(network, Network):
        raise SymderiveError(f"stability: expected a symderive.reference.Network, found {shown(network)}")
    weights, biases = ([np.asarray(v, dtype=float) for v in part] for part in parameters)
    x, y = (np.atleast_2d(np.asarray(v, dtype=float)) for v in data)
    forward(network, weights, biases, x)  # says what does not fit
    if y.shape != (len(x), network.widths[-1]):
        raise SymderiveError(f"expected y of shape {(len(x), network.widths[-1])}, found {y.shape}")
    if not rate > 0 or not 0 <= momentum < 1 or not decay >= 0:
        raise SymderiveError(
            "expected a step size above 0, a momentum from 0 to below 1 and a decay of at least 0, "
            f"found {rate}, {momentum}, {decay}"
        )
    if not 0 < noise < visible:
        raise SymderiveError(f"expected noise above 0 and below what is visible, found {noise} and {visible}")
    found = []
    for layer in range(1, len(weights)):
        for neurons in tied_groups(weights[layer - 1], biases[layer - 1], weights[layer], tolerance):
            P, Q = blocks_at(network, weights, biases, x, y, layer, neurons[0])
            B = np.block([[P, Q], [Q.T, np.zeros((Q.shape[1], Q.shape[1]))]])
            values = tuple(float(v) for v in np.linalg.eigvalsh((B + B.T) / 2))
            growth = fastest(values, rate, momentum, decay)
            steps = steps_until(growth, noise, visible)
            found.append(TiedGroup(layer, neurons, P, Q, values, growth, steps))
    return Stability(tuple(found), rate, momentum, decay)


def blocks_at(
    network: Network,
    weights: Sequence[Array],
    biases: Sequence[Array],
    x: Array,
    y: Array,
    layer: int,
    neuron: int,
) -> tuple[Array, Array]:
    """P and Q at one neuron of a hidden layer, the bias as the last of the incoming weights.

    >>> from symderive.reference import Network
    >>> one = np.ones((1, 1)); net = Network((1, 1, 1), "identity")
    >>> P, Q = blocks_at(net, [one, one], [np.zeros(1), np.zeros(1)], 2 * one, one, 1, 1)
    >>> P.tolist(), Q.tolist()
    ([[0.0, 0.0], [0.0, 0.0]], [[2.0], [1.0]])
    """
    system, definitions = _equations(network, len(x))
    order = [neuron - 1, *(n for n in range(network.widths[layer]) if n != neuron - 1)]
    w, b = (dict(enumerate(part, 1)) for part in (weights, biases))
    # the blocks are written for the first neuron of the layer: neurons may be numbered as one likes (T3)
    w[layer], b[layer], w[layer + 1] = w[layer][order], b[layer][order], w[layer + 1][:, order]
    depth = len(weights)
    run = evaluate(
        definitions,
        {"w": w, "b": b, "x": x, "y": y},
        {**{k: int(v) for k, v in system.sizes.items()}, "L": depth, "S": len(x)},
        functions={
            **dict(system.activations),
            "sigma": {m: _activation(network, m) for m in range(1, depth + 1)},
        },
    )
    found = [np.asarray(run.value(t, layer)) for t in blocks.tensors().values()]
    P, R, U, Q, V = found
    return np.block([[P, R[:, None]], [R[None, :], U.reshape(1, 1)]]), np.vstack([Q, V[None, :]])


def visible_step(
    network: Network,
    parameters: Parameters,
    data: tuple[ArrayLike, ArrayLike],
    layer: int,
    neurons: Sequence[int],
    rate: float = 0.1,
    noise: float = 1e-16,
    visible: float = 1e-3,
    most: int = 10_000,
    every: int = 50,
) -> int | None:
    """After how many steps of gradient descent rounding breaks an exact tie, with B along the run; or None.

    The run is followed with the tie kept. Every step adds noise of size eta `noise` in a random direction,
    which the
    later steps multiply by I - eta B; B is taken anew every few steps. What is compared with `visible` is
    the root mean
    square of the gap. Unlike the forecast of `stability`, it holds far from the start.

    >>> from symderive.reference import Network
    >>> ones = ([[[1.0], [1.0]], [[1.0, 1.0]]], [[0.0, 0.0], [0.0]])
    >>> visible_step(Network((1, 2, 1), "tanh"), ones, ([[1.0]], [[2.0]]), 1, (1, 2), visible=3e-17)
    10
    """
    W, b = ([np.array(v, dtype=float) for v in part] for part in parameters)
    x, y = (np.atleast_2d(np.asarray(v, dtype=float)) for v in data)
    first, *others = (n - 1 for n in neurons)
    size = W[layer - 1].shape[1] + 1 + W[layer].shape[0]
    covariance, step, due = np.zeros((size, size)), np.eye(size), 0
    for t in range(most):
        if t >= due:
            due = t + max(1, min(every, t // 10))  # at the start B moves fast
            P, Q = blocks_at(network, W, b, x, y, layer, first + 1)
            B = np.block([[P, Q], [Q.T, np.zeros((Q.shape[1], Q.shape[1]))]])
            step = np.eye(size) - rate * B
        covariance = step @ covariance @ step.T + (rate * noise) ** 2 / size * np.eye(size)
        if float(np.trace(covariance)) >= visible**2:
            return t + 1
        gradient = backward(network, W, b, x, y)
        W = [w - rate * g for w, g in zip(W, gradient.weights, strict=True)]
        b = [v - rate * g for v, g in zip(b, gradient.biases, strict=True)]
        W[layer - 1][others], b[layer - 1][others] = W[layer - 1][first], b[layer - 1][first]
        W[layer][:, others] = W[layer][:, [first]]
    return None


def _activation(network: Network, layer: int) -> Any:
    return activation(network.layers[layer - 1].name, at_zero=_exact(network.relu_at_zero))


def _exact(value: float) -> Any:
    return int(value) if float(value).is_integer() else value


@lru_cache(maxsize=32)
def _equations(network: Network, samples: int) -> tuple[System, tuple[Any, ...]]:
    """Forward and backward definitions of the network with numbers, and the blocks of every hidden layer."""
    system = mlp(
        widths=list(network.widths),
        activation=[f.name for f in network.layers],
        cost=network.loss.name,
        factor=_exact(network.factor) if network.loss.name == "squared_error" else None,
        samples=samples,
        reduction=network.reduction,
        relu_at_zero=_exact(network.relu_at_zero),
    )
    own = tuple(Definition(h.lhs, h.rhs, h.indices, h.name) for h in blocks.definitions())
    return system, (*system.definitions, *derive(system).definitions, *own)


__all__ = ["Stability", "TiedGroup", "blocks_at", "stability", "visible_step"]
