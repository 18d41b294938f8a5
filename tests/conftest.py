"""What every test shares: where the checkout is, what lies in it, and how hypothesis draws its examples."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import settings

# No deadline: a slow machine is no fault of the code. In CI the examples are the same at every run, so that
# a failure there can be repeated anywhere (CI=true pytest ...).
settings.register_profile("local", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")

CACHES = re.compile(r"(^|/)(\.?venv|out|build|dist|PKG-INFO|__pycache__|\.\w+_cache|\.hypothesis)(/|$)")


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
