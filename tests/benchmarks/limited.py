"""A call in an interpreter of its own, with a time limit: some derivations do not end."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def seconds(module: str, arguments: list[str], limit: float) -> float | str:
    """What `python -m module arguments` prints last, a number; or why there is none."""
    command = [sys.executable, "-m", module, *arguments]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=limit)
    except subprocess.TimeoutExpired:
        return f"does not end in {limit:g} s"
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["no message"]
        return f"fails: {last[0][:60]}"
    return float(done.stdout.split()[-1])
