"""(c) Cost and gradients of small networks in numbers: operations, time to derive and to call."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from symderive.derivation import derive
from symderive.reference import Network, random_data, random_parameters
from symderive.systems import mlp
from tests.benchmarks.limited import seconds
from tests.benchmarks.timing import side_by_side, table

CASES = [((2, 3, 2), "tanh"), ((4, 4, 4), "tanh"), ((4, 4, 4), "sigmoid"), ((3, 3, 3, 3), "tanh"),
         ((8, 8, 8), "tanh"), ((5, 6, 4, 3), "sigmoid"), ((8, 8, 8, 8), "tanh")]  # fmt: skip
LIMIT = 60.0


def casadi_function(widths: tuple[int, ...], activation: str) -> Any:
    """The same in CasADi, by its reverse mode."""
    import casadi as ca

    pairs = list(itertools.pairwise(widths))
    w = [ca.SX.sym(f"w{m}", n, k) for m, (k, n) in enumerate(pairs)]
    b = [ca.SX.sym(f"b{m}", n) for m, (_, n) in enumerate(pairs)]
    x, y = ca.SX.sym("x", widths[0]), ca.SX.sym("y", widths[-1])
    a = x
    for v, c in zip(w, b, strict=True):
        z = ca.mtimes(v, a) + c
        a = ca.tanh(z) if activation == "tanh" else 1 / (1 + ca.exp(-z))
    cost = 0.5 * ca.sumsqr(a - y)
    parameters = ca.vertcat(*map(ca.vec, (*w, *b)))
    return ca.Function("f", [*w, *b, x, y], [cost, ca.gradient(cost, parameters)])


def casadi_operations(f: Any) -> int:
    """Its instructions, but for those that move numbers."""
    import casadi as ca

    moves = {ca.OP_INPUT, ca.OP_OUTPUT, ca.OP_CONST, ca.OP_PARAMETER}
    return sum(f.instruction_id(n) not in moves for n in range(f.n_instructions()))


def sympy_operations(widths: tuple[int, ...], activation: str) -> int:
    """The operations of sympy.diff's gradient and cost after cse."""
    import sympy

    parameters = []
    a = [sympy.Symbol(f"x{k}") for k in range(widths[0])]
    for m, n in enumerate(widths[1:]):
        w = [[sympy.Symbol(f"w{m}_{j}_{k}") for k in range(len(a))] for j in range(n)]
        b = [sympy.Symbol(f"b{m}_{j}") for j in range(n)]
        parameters += [v for row in w for v in row] + b
        z = [sum((w[j][k] * a[k] for k in range(len(a))), b[j]) for j in range(n)]
        a = [sympy.tanh(v) if activation == "tanh" else 1 / (1 + sympy.exp(-v)) for v in z]
    cost = sum((v - sympy.Symbol(f"y{j}")) ** 2 for j, v in enumerate(a)) / 2
    shared, rest = sympy.cse([cost, *(cost.diff(p) for p in parameters)])
    return int(sum(e.count_ops() for e in (*(e for _, e in shared), *rest)))


def report(rounds: int, quick: bool) -> str:
    """The table."""
    peer = find_spec("casadi") is not None
    rows = []
    for widths, activation in CASES[:2] if quick else CASES:
        start = time.process_time()
        f = derive(mlp(widths=list(widths), activation=activation, cost="squared_error")).unrolled()
        made = time.process_time() - start
        network = Network(widths, activation)
        w, b = random_parameters(network, 0)
        x, y = (v[0] for v in random_data(network, 1, 0))
        arrays = {
            "w": [v.tolist() for v in w],
            "b": [v.tolist() for v in b],
            "x": x.tolist(),
            "y": y.tolist(),
        }
        calls: dict[str, Callable[[], Any]] = {"ours": lambda arrays=arrays, f=f: f(**arrays)}  # type: ignore[misc]
        row = ["-".join(map(str, widths)), activation, str(f.operations)]
        if peer:
            start = time.process_time()
            g = casadi_function(widths, activation)
            theirs = time.process_time() - start
            given = [*w, *b, x, y]
            calls["casadi"] = lambda g=g, given=given: g(*given)  # type: ignore[misc]
            assert abs(f(**arrays)[0] - float(g(*given)[0])) < 1e-12
            count = casadi_operations(g)
            row += [str(count), f"{f.operations / count:.3f}"]
        limit = 10.0 if quick else LIMIT
        counted = seconds("tests.benchmarks.unrolled", [activation, *map(str, widths)], limit)
        row.append(counted if isinstance(counted, str) else f"{counted:.0f}")
        times = side_by_side(calls, rounds)
        row += [f"{made:.2f}", f"{1e6 * times['ours'].median:.0f}"]
        if peer:
            row += [f"{theirs:.4f}", f"{1e6 * times['casadi'].median:.0f}"]
        rows.append(row)
    header = ["widths", "activation", "operations", "sympy.diff with cse", "derived in, s", "call, us"]
    if peer:
        header[3:3] = ["CasADi's", "ratio"]
        header += ["CasADi: made in, s", "call, us"]
    said = "" if peer else "\n\nNot installed, and left out: CasADi."
    return (
        f"{table(header, rows)}\n\nOperations are those of the cost and all gradients together; calls are "
        f"from Python, on lists here, on NumPy arrays for CasADi, whose virtual machine runs in C.{said}"
    )


if __name__ == "__main__":
    import sys

    print(sympy_operations(tuple(map(int, sys.argv[2:])), sys.argv[1]))
