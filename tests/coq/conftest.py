"""Coq is there, or its tests are skipped; never in CI."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from symderive.coq.compiler import coqc
from symderive.coq.library import compiled

# helpers beside the tests, and the typos that printed equations are tested with
for directory in ("coq", "claims"):
    path = str(Path(__file__).resolve().parent.parent / directory)
    if path not in sys.path:
        sys.path.append(path)


@pytest.fixture(scope="session")
def coq() -> None:
    if coqc() is None:
        assert not os.environ.get("CI"), "expected coqc in CI, found none"
        pytest.skip("coqc is not installed")


@pytest.fixture(scope="session")
def library(coq: None) -> Path:
    """The directory of the compiled library."""
    return compiled()
