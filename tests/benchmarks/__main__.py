"""Measurements side by side, in one run: python -m tests.benchmarks [-o FILE] [--quick] [PART ...].

| part | what is measured |
|---|---|
| gradients | generated NumPy against hand-written NumPy, autograd, JAX, PyTorch, the matrix products alone |
| derivation | deriving against SymPy, tensorgrad and symengine, as width and depth grow |
| unrolled | operations and time of straight-line code against CasADi, and SymPy with cse |
| start | imports and commands |
| formulas | formulas per second of `check`, right and wrong ones |

Peers are the extra `bench`; those that are not installed are named, and left out. All run on one thread,
unless OMP_NUM_THREADS and XLA_FLAGS say otherwise.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

PARTS = {
    "gradients": "(a) Generated NumPy",
    "derivation": "(b) Deriving",
    "unrolled": "(c) Straight-line code",
    "start": "(d) Start",
    "formulas": "(e) Checking formulas",
}


def main() -> int:
    """Measure, and write the tables."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description="Measure side by side.")
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all of them if none"
    )
    parser.add_argument("-o", "--output", type=Path, help="a Markdown file for the tables")
    parser.add_argument(
        "--rounds", type=int, default=15, help="rounds of each measurement (default: %(default)s)"
    )
    parser.add_argument("--quick", action="store_true", help="few cases, to see that it runs")
    given = parser.parse_args()
    unknown = [p for p in given.parts if p not in PARTS]
    if unknown:
        parser.error(f"expected parts of {', '.join(PARTS)}, found {unknown[0]}")
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(variable, "1")
    os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")
    import numpy

    threads = os.environ.get("OMP_NUM_THREADS", "not set")
    text = [
        "# Benchmarks\n",
        f"Python {platform.python_version()}, NumPy {numpy.__version__}, {os.cpu_count()} cores, "
        f"OMP_NUM_THREADS {threads}, load {os.getloadavg()[0]:.1f} before the run, {given.rounds} rounds.\n",
    ]
    print(*text, sep="\n")
    for part in given.parts or PARTS:
        report: Callable[[int, bool], str] = import_module(f"tests.benchmarks.{part}").report
        text.append(f"## {PARTS[part]}\n\n{report(given.rounds, given.quick)}\n")
        print(text[-1], flush=True)
        if given.output:
            part_of = given.output.with_name(given.output.name + ".part")
            part_of.write_text("\n".join(text), "utf-8")
            part_of.replace(given.output)
    print(f"load {os.getloadavg()[0]:.1f} after the run", file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
