"""(b) Deriving every gradient of a network: by components with SymPy and symengine, or tensorgrad.

A component-wise derivation differentiates the cost as a formula in all numbers, as `sympy.diff` does. Each
runs in an interpreter of its own; measured is the derivation alone, not imports nor the writing of the cost.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

from tests.benchmarks.limited import seconds
from tests.benchmarks.timing import once, table

LIMIT = 240.0
CASES = [
    (2, 4),
    (2, 16),
    (2, 10**6),
    (3, 4),
    (3, 8),
    (4, 4),
    (6, 1),
    (6, 2),
    (6, 3),
    (6, 4),
    (6, 10**6),
    (64, 10**6),
]
QUICK = [(2, 2), (6, 1)]
UNLIKE = (2, 6, 64)
PEERS = {"sympy": "sympy.diff", "symengine": "symengine", "tensorgrad": "tensorgrad"}
LARGEST = 16
"""Beyond this width a formula in all components is not tried."""


def ours(widths: Sequence[int]) -> float:
    """Seconds of derive, without SymPy's cache."""
    from sympy.core.cache import clear_cache

    from symderive.derivation import derive
    from symderive.systems import mlp

    net = mlp(widths=widths, activation="tanh", cost="squared_error")
    found = []
    for _ in range(5):
        clear_cache()
        found.append(once(lambda: derive(net), most=1))
    return min(found)


def componentwise(algebra: Any, depth: int, width: int) -> tuple[Any, list[Any]]:
    """The cost as one formula, and the parameters."""
    symbols = algebra.Symbol
    parameters = []
    a = [symbols(f"x{k}") for k in range(width)]
    for m in range(depth):
        w = [[symbols(f"w{m}_{j}_{k}") for k in range(width)] for j in range(width)]
        b = [symbols(f"b{m}_{j}") for j in range(width)]
        parameters += [v for row in w for v in row] + b
        a = [algebra.tanh(sum((w[j][k] * a[k] for k in range(width)), b[j])) for j in range(width)]
    cost = sum(((a[j] - symbols(f"y{j}")) ** 2 for j in range(width)), 0) / 2
    return cost, parameters


def peer(name: str, depth: int, width: int) -> float:
    """Seconds of the peer's derivation."""
    if name == "tensorgrad":
        return by_tensorgrad(depth)
    algebra = __import__(name)
    cost, parameters = componentwise(algebra, depth, width)
    start = time.process_time()
    gradient = [algebra.diff(cost, p) for p in parameters]
    found = time.process_time() - start
    assert len(gradient) == depth * width * (width + 1)
    return found


def by_tensorgrad(depth: int) -> float:
    """Tensors without components; its widths are symbols."""
    from sympy import symbols
    from tensorgrad import Derivative, Variable
    from tensorgrad.functions import tanh

    sizes = symbols(f"n0:{depth + 1}")
    x, y = Variable("x", i0=sizes[0]), Variable("y", **{f"i{depth}": sizes[depth]})
    a, weights = x, []
    for m in range(depth):
        w = Variable(f"w{m}", **{f"i{m}": sizes[m], f"i{m + 1}": sizes[m + 1]})
        weights.append(w)
        a = tanh(w @ a)
    cost = (a - y) @ (a - y)
    start = time.process_time()
    for w in weights:
        Derivative(cost, w).full_simplify()
    return time.process_time() - start


def report(rounds: int, quick: bool) -> str:
    """The table."""
    limit = 10.0 if quick else LIMIT
    installed = {name: title for name, title in PEERS.items() if find_spec(name) is not None}
    rows = []
    for depth, width in QUICK if quick else CASES:
        mine = ours([width] * (depth + 1))
        row = [str(depth), f"{width:,}", f"{mine:.4f}"]
        for name in installed:
            if width > LARGEST and name != "tensorgrad":
                row.append("not tried")
                continue
            found = seconds("tests.benchmarks.derivation", [name, str(depth), str(width)], limit)
            row.append(found if isinstance(found, str) else f"{found:.4f} ({found / mine:,.1f} times)")
        rows.append(row)
    missing = [title for name, title in PEERS.items() if name not in installed]
    said = f"\n\nNot installed, and left out: {', '.join(missing)}." if missing else ""
    header = ["layers", "width", "symderive, s", *(f"{title}, s" for title in installed.values())]
    # layers that are alike are derived once; here no two are
    unlike = ", ".join(f"{depth} layers {ours(range(2, depth + 3)):.4f} s" for depth in UNLIKE)
    return f"{table(header, rows)}\n\nsymderive where all widths differ: {unlike}.{said}"


def main(arguments: Sequence[str]) -> None:
    """Print the seconds of one peer."""
    name, depth, width = arguments
    print(peer(name, int(depth), int(width)))


if __name__ == "__main__":
    main(sys.argv[1:])
