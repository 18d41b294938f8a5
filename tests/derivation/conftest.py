"""Lets the tests of this directory share `entrywise`, `example_systems` and `random_recursions`."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "systems")]
