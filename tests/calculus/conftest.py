"""Lets the tests of this directory share `named_terms` and `fuzzing`."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
