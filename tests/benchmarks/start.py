"""(d) How long imports and commands take to start, in new interpreters."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

from tests.benchmarks.limited import ROOT
from tests.benchmarks.timing import table

STATEMENTS = {
    "nothing": "pass",
    "import symderive": "import symderive",
    "import numpy": "import numpy",
    "import sympy": "import sympy",
    "import sympy, numpy": "import sympy, numpy",
    "symderive.derive looked up": "import symderive; symderive.derive",
    "derivation.compile looked up": "import symderive.compilation",
    "symderive --version": "import symderive.cli; symderive.cli.main(['--version'])",
    "symderive check, one formula": (
        "import symderive.cli; "
        "symderive.cli.main(['check', r'\\frac{\\partial C}{\\partial b^l_j} = \\delta^l_j'])"
    ),
}


def report(rounds: int, quick: bool) -> str:
    """The table."""
    times: dict[str, list[float]] = {name: [] for name in STATEMENTS}
    for _ in range(2 if quick else max(3, rounds // 3)):
        for name, statement in STATEMENTS.items():
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", statement], cwd=ROOT, capture_output=True)
            times[name].append(time.perf_counter() - start)
    rows = [[name, f"{statistics.median(v):.3f}", f"{min(v):.3f}..{max(v):.3f}"] for name, v in times.items()]
    return f"{table(['what', 'median, s', 'range'], rows)}\n\nSeconds on the clock of a whole interpreter."
