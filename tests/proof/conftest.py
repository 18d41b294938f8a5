"""Lets the tests of this directory share `kernel_setting` and `random_theorems`."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
