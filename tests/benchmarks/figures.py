"""How long things take: python tests/benchmarks/figures.py [--check] prints a table of CPU seconds.

CPU time of one process, the best of several runs, so that other work on the machine changes little. With
--check the exit status is 1 where a figure is beyond its limit.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DEPTHS = (8, 16, 32, 64)
WIDTHS = (10, 1_000, 1_000_000)


@dataclass(frozen=True)
class Figure:
    """A measured number, and what it may be at most."""

    what: str
    value: float
    unit: str
    limit: float | None = None

    @property
    def holds(self) -> bool:
        """Whether it keeps its limit.

        >>> Figure("import", 1.2, "x", 1.5).holds, Figure("import", 1.7, "x", 1.5).holds
        (True, False)
        """
        return self.limit is None or self.value <= self.limit


def cpu(statement: str, runs: int) -> float:
    """CPU seconds of a new interpreter that runs a statement, the best of some runs."""
    timed = f"{statement}; import os; t = os.times(); print(t.user + t.system)"
    found = []
    for _ in range(runs):
        done = subprocess.run(
            [sys.executable, "-c", timed], cwd=ROOT, check=True, capture_output=True, text=True
        )
        found.append(float(done.stdout.split()[-1]))
    return min(found)


def best(call: Callable[[], object], runs: int) -> float:
    """CPU seconds of a call, the best of some runs, without SymPy's cache."""
    from sympy.core.cache import clear_cache

    found = []
    for _ in range(runs):
        clear_cache()
        start = time.process_time()
        call()
        found.append(time.process_time() - start)
    return min(found)


def imports(runs: int) -> Iterator[Figure]:
    """`import symderive`, and the face of it, against what it is built on."""
    base = cpu("import sympy, numpy", runs)
    yield Figure("import sympy, numpy", base, "s")
    yield Figure("import symderive / that", cpu("import symderive", runs) / base, "x", 1.5)
    face = "import symderive; symderive.derive, symderive.mlp, symderive.prove"
    yield Figure("import, and derive, mlp, prove looked up / that", cpu(face, runs) / base, "x")


def derivations(runs: int) -> Iterator[Figure]:
    """BP1 to BP4 for symbolic depth; then numbers of layers and of units."""
    from symderive.derivation import derive
    from symderive.systems import mlp

    yield Figure("derive, symbolic depth: BP1 to BP4", best(lambda: derive(mlp()), runs), "s", 0.1)
    first = 0.0
    for depth in DEPTHS:
        seconds = best(lambda depth=depth: derive(mlp(depth=depth)), min(runs, 3))  # type: ignore[misc]
        first = first or seconds
        limit = 2.0 * first * depth / DEPTHS[0]  # twice linear
        yield Figure(f"derive, {depth} layers", seconds, "s", limit)
    flat = 0.0
    for width in WIDTHS:
        widths = [width, width + 1, width + 2, width + 3]
        seconds = best(lambda widths=widths: derive(mlp(widths=widths)), runs)  # type: ignore[misc]
        flat = flat or seconds
        yield Figure(f"derive, 3 layers of {width:,} units", seconds, "s", 2.0 * flat)


def commands(runs: int) -> Iterator[Figure]:
    """Whole commands, documents included; wall time, as a user waits for it."""
    lines = (
        ("symderive prove T1 T2 T2b T3 T4 T5", ["prove", "T1", "T2", "T2b", "T3", "T4", "T5"], 20.0),
        ("symderive prove", ["prove"], None),
        ("symderive derive", ["derive"], None),
        ("symderive derive --depth 8", ["derive", "--depth", "8"], None),
        ("symderive derive --widths 4,5,3 ..", ["derive", "--widths", "4,5,3", "--activation", "tanh"], None),
    )
    for what, arguments, limit in lines:
        found = []
        for _ in range(runs):
            with tempfile.TemporaryDirectory() as folder:
                start = time.perf_counter()
                command = [sys.executable, "-m", "symderive", *arguments, "-o", folder]
                subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
                found.append(time.perf_counter() - start)
        yield Figure(what, min(found), "s", limit)


def main() -> int:
    """Measure, print, and judge if asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="exit status 1 where a limit is not kept")
    parser.add_argument("--runs", type=int, default=3, help="how often each is run (default: %(default)s)")
    given = parser.parse_args()
    failed = 0
    for section in (imports, derivations, commands):
        for figure in section(given.runs):
            limit = "" if figure.limit is None else f"at most {figure.limit:.3g}"
            mark = "" if figure.holds else "TOO SLOW"
            print(f"{figure.what:<50} {figure.value:8.3f} {figure.unit:<2} {limit:<16} {mark}".rstrip())
            failed += not figure.holds
    return 1 if failed and given.check else 0


if __name__ == "__main__":
    raise SystemExit(main())
