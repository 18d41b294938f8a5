"""(a) The generated function against a hand-written one, autograd, JAX, PyTorch, and the products alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from symderive.derivation import derive
from symderive.reference import Network, random_data, random_parameters
from symderive.systems import mlp
from tests.benchmarks.handwritten import backward, products_alone
from tests.benchmarks.peers import by_autograd, by_jax, by_torch
from tests.benchmarks.timing import Times, side_by_side, table

SAMPLES = 128
PEERS = {"HIPS autograd": by_autograd, "JAX jit": by_jax, "torch eager": by_torch}
HAND, PRODUCTS, OURS = "hand-written", "products alone", "generated"
QUICK = [(128, 2, "tanh", "squared_error", "float64")]
CASES = [
    *((n, d, "tanh", "squared_error", "float64") for n in (64, 128, 256, 512, 1024) for d in (2, 4, 8)),
    *((n, 3, a, "softmax_cross_entropy", t) for n in (128, 512) for a in ("relu", "sigmoid")
      for t in ("float64", "float32")),
]  # fmt: skip


def candidates(
    width: int, depth: int, activation: str, cost: str, dtype: str, peers: Mapping[str, Any] = PEERS
) -> dict[str, Callable[[], Any]]:
    """Calls that give the cost and the gradients of the same network at the same point."""
    widths = [width] * depth + [10]
    network = Network(widths, activation, cost, output="identity", reduction="mean")
    w, b = random_parameters(network, 0)
    x, y = random_data(network, SAMPLES, 0)
    w, b = [v.astype(dtype) for v in w], [v.astype(dtype) for v in b]
    x, y = x.astype(dtype), y.astype(dtype)
    net = mlp(widths=widths, activation=activation, output="identity", cost=cost, samples="N")
    grad = derive(net).compile()
    _, out = grad(w=w, b=b, x=x, y=y)
    hand = backward(widths, activation, cost, SAMPLES, dtype)
    products = products_alone(widths, SAMPLES, dtype)
    arrays = {"w": w, "b": b, "x": x, "y": y}
    found: dict[str, Callable[[], Any]] = {
        OURS: lambda: grad(arrays, out=out),
        HAND: lambda: hand(w, b, x, y),
        PRODUCTS: lambda: products(w),
    }
    for name, make in peers.items():
        call = make(activation, cost, w, b, x, y)
        if call is not None:
            found[name] = call
    agree(found, dtype)
    return found


def agree(found: dict[str, Callable[[], Any]], dtype: str) -> None:
    """AssertionError unless the generated and the hand-written function give the same numbers."""
    cost, gradients = found[OURS]()
    other, dw, db = found[HAND]()
    most = 1e-4 if dtype == "float32" else 1e-11
    for ours, theirs in zip((cost, *gradients["w"], *gradients["b"]), (other, *dw, *db), strict=True):
        assert np.max(np.abs(ours - theirs)) <= most * max(1.0, float(np.max(np.abs(theirs))))


def measured(cases: list[Any], rounds: int) -> Iterator[tuple[tuple[Any, ...], dict[str, Times]]]:
    """Each case with its times."""
    for case in cases:
        yield case, side_by_side(candidates(*case), rounds)


def report(rounds: int, quick: bool) -> str:
    """The table, and the medians of its columns."""
    names = [HAND, PRODUCTS, *PEERS]
    rows: list[list[str]] = []
    every: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
    bounds: dict[str, list[float]] = {name: [] for name in PEERS}
    for (width, depth, activation, cost, dtype), times in measured(QUICK if quick else CASES, rounds):
        row = [str(width), str(depth), activation, cost.replace("_", " "), dtype]
        row.append(f"{1e3 * times[OURS].median:.3f}")
        for name in names:
            if name not in times:
                row.append("not installed")
                continue
            middle, low, high = times[OURS].ratio(times[name])
            if width >= 128:
                every[name].append((middle, times[OURS].least / times[name].least))
                if name in bounds:
                    bounds[name].append(times[PRODUCTS].ratio(times[name])[0])
            row.append(f"{middle:.2f} ({low:.2f}..{high:.2f})")
        rows.append(row)
    header = [
        "width",
        "layers",
        "activation",
        "cost",
        "type",
        "generated, ms",
        *(f"/ {name}" for name in names),
    ]
    medians = [
        f"{name} {np.median([m for m, _ in v]):.2f} ({np.median([m for _, m in v]):.2f})"
        for name, v in every.items()
        if v
    ]
    # what no code on the same BLAS can go below
    least = [f"{name} {np.median(v):.2f}" for name, v in bounds.items() if v]
    return (
        f"{table(header, rows)}\n\nCPU time of the generated function over the other's in the same round: "
        "median (quartiles). Medians over the rows of width 128 and more (of the ratios of the least times): "
        f"{', '.join(medians)}. The products alone take of the others' time: {', '.join(least)}."
    )
