"""What every test shares: where the checkout is, what lies in it, and how hypothesis draws its examples."""

from __future__ import annotations

import gc
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from symderive.commands import derive, prove

# No deadline: a slow machine is no fault of the code. In CI the examples are the same at every run, so that
# a failure there can be repeated anywhere (CI=true pytest ...).
settings.register_profile("local", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")

CACHES = re.compile(r"(^|/)(\.?venv|out|build|dist|PKG-INFO|__pycache__|\.\w+_cache|\.hypothesis)(/|$)")


@pytest.fixture(scope="module", autouse=True)
def light_heap() -> Iterator[None]:
    """What earlier modules left is looked at once, not in each later collection: those took up to a
    second.
    """
    yield
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The directory that holds pyproject.toml, README.md and both packages."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def tracked(checkout: Path) -> list[str]:
    """The paths that git tracks; in an unpacked archive, which has no git, every path that is no cache."""
    if (checkout / ".git").exists():
        command = ["git", "-c", "safe.directory=*", "-C", str(checkout), "ls-files", "-z"]
        listed = subprocess.run(command, check=True, capture_output=True).stdout.decode().split("\0")
        return sorted(path for path in listed if path and (checkout / path).is_file())
    paths = (path.relative_to(checkout).as_posix() for path in checkout.rglob("*") if path.is_file())
    return sorted(path for path in paths if not CACHES.search(path))


@pytest.fixture(scope="session")
def sources(checkout: Path) -> dict[str, str]:
    """The name of each module of both packages -> its source; a package goes by the name of its __init__."""
    found: dict[str, str] = {}
    for package in ("symderive", "proofs"):
        for path in sorted((checkout / package).rglob("*.py")):
            parts = path.relative_to(checkout).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path.read_text("utf-8")
    return found


# What the commands make, made once for all tests that look at it.

SEED = 20_260


@pytest.fixture(scope="session")
def proved() -> tuple[prove.Outcome, ...]:
    """The outcomes of `symderive prove`."""
    return tuple(prove.prove_all([], SEED))


@pytest.fixture(scope="session")
def requests() -> dict[str, derive.Request]:
    """Some runs of `symderive derive`: sizes as symbols and as numbers, other forms, a batch, a kink."""
    given: dict[str, dict[str, Any]] = {
        "symbolic": {},
        "depth 3": {"depth": 3, "composed": True},
        "4,5,3": {"widths": (4, 5, 3), "activation": "tanh", "cost": "squared_error", "composed": True},
        "batch": {"samples": "B"},
        "classifier": {
            "widths": (4, 5, 3), "activation": "relu", "output": "identity", "cost": "softmax_cross_entropy"
        },
        "components": {"widths": (2, 3, 1), "cost": "squared_error", "explicit": True},
    }  # fmt: skip
    return {name: derive.Request(**one, seed=SEED) for name, one in given.items()}


@pytest.fixture(scope="session")
def derived(requests: dict[str, derive.Request]) -> dict[str, derive.Outcome]:
    """Their outcomes."""
    return {name: derive.run(request) for name, request in requests.items()}
