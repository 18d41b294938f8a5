"""Lets the tests of this directory share `demo`; TeX has to be there in CI, and may be missing elsewhere."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def tex() -> None:
    """Skips a test that needs TeX where there is none; in CI it is a failure to have none."""
    if not (shutil.which("latexmk") and shutil.which("pdflatex")) and not os.environ.get("CI"):
        pytest.skip("latexmk or pdflatex is not installed")


@pytest.fixture(scope="session")
def typst() -> None:
    """Skips a test that needs the extra pdf where it is not installed; the extra test contains it."""
    if not os.environ.get("CI"):
        pytest.importorskip("typst")
