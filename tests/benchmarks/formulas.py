"""(e) Formulas per second of `check`, once all is loaded: right ones, and wrong ones."""

from __future__ import annotations

import statistics
import time

import symderive as sd
from tests.benchmarks.timing import table

RIGHT = (
    r"\delta^l_j = \sigma'(z^l_j) \sum_k w^{l+1}_{kj} \delta^{l+1}_k",
    r"\frac{\partial C}{\partial w^l_{jk}} = a^{l-1}_k \delta^l_j",
    r"\frac{\partial C}{\partial b^l_j} = \delta^l_j",
    r"\delta^l = (W^{l+1})^T \delta^{l+1} \odot \sigma'(z^l)",
)
WRONG = (
    r"\delta^l_j = \sigma'(z^l_j) \sum_k w^{l+1}_{jk} \delta^{l+1}_k",
    r"\frac{\partial C}{\partial w^l_{jk}} = a^l_k \delta^l_j",
    r"\frac{\partial C}{\partial b^l_j} = -\delta^l_j",
    r"\delta^l = W^{l+1} \delta^{l+1} \odot \sigma'(z^l)",
)


def report(rounds: int, quick: bool) -> str:
    """The table."""
    rows = []
    for name, formulas in (("right", RIGHT), ("wrong", WRONG)):
        verdicts = [sd.check(f, "mlp").status for f in formulas]  # this loads all
        found = []
        for _ in range(1 if quick else 3):
            for f in formulas:
                start = time.process_time()
                sd.check(f, "mlp")
                found.append(time.process_time() - start)
        each = statistics.median(found)
        statuses = ", ".join(sorted({str(getattr(v, "value", v)) for v in verdicts}))
        rows.append([name, statuses, str(len(found)), f"{each:.3f}", f"{1 / each:.2f}"])
    return table(["formulas", "statuses", "checked", "median, s", "per second"], rows)
