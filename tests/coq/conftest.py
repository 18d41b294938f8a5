"""Coq is there, or its tests are skipped; never in CI."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from symderive.coq.compiler import coqc
from symderive.coq.library import compiled


@pytest.fixture(scope="session")
def coq() -> None:
    if coqc() is None:
        assert not os.environ.get("CI"), "expected coqc in CI, found none"
        pytest.skip("coqc is not installed")


@pytest.fixture(scope="session")
def library(coq: None) -> Path:
    """The directory of the compiled library."""
    return compiled()
