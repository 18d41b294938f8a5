"""What runs is this project, and the README, the CHANGELOG and the installed package say the same of it.

On the package index both import names belong to other people, whose files would replace or shadow ours
without a word. So the distribution has a third name, no text tells anyone to install the other two, and this
test looks where the packages were imported from.
"""

from __future__ import annotations

import importlib
import re
import tomllib
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

import pytest

DISTRIBUTION = "symderive-nn"
PACKAGES = ("symderive", "proofs")
REMEDY = "make a new virtual environment with the command of the README that runs the tests"

# -------------------------------------------------------------------------- where packages come from


def name_of(distribution: metadata.Distribution) -> str:
    return re.sub(r"[-_.]+", "-", distribution.metadata["Name"] or "?").lower()


def shadows(package: str, installed: Iterable[metadata.Distribution]) -> list[str]:
    """Other people's distributions that bring a top-level package of this name."""
    return sorted(
        name_of(other)
        for other in installed
        if name_of(other) != DISTRIBUTION
        and any(path.parts[0] in {package, f"{package}.py"} for path in other.files or ())
    )


def wrong_origin(package: str, origin: Path, ours: Iterable[Path]) -> list[str]:
    """A package imported from a place that is none of ours; and what to do."""
    if any(origin.is_relative_to(place) for place in ours):
        return []
    return [f"{package} was imported from {origin}, which is not this project's: {REMEDY}"]


def installed_files() -> list[Path]:
    """What pip put into site-packages for symderive-nn: no package of an editable install."""
    try:
        ours = metadata.distribution(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        pytest.fail(f"{DISTRIBUTION} is not installed: {REMEDY}")
    return [Path(str(ours.locate_file(path))).resolve() for path in ours.files or ()]


@pytest.mark.parametrize("package", PACKAGES)
def test_the_packages_are_ours(package: str, checkout: Path) -> None:
    origin = Path(importlib.import_module(package).__file__ or "").resolve()
    assert wrong_origin(package, origin, [checkout / package, *installed_files()]) == []
    others = shadows(package, metadata.distributions())
    assert not others, f"{others} also bring a package called {package}: {REMEDY}"


def test_a_foreign_package_is_named(tmp_path: Path) -> None:
    brought = {"Proofs": "proofs/__init__.py", "symderive_nn": "proofs/__init__.py", "x": "x.py"}
    for name, path in brought.items():
        info = tmp_path / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "RECORD").write_text(f"{path},,\n")
    installed = list(metadata.distributions(path=[str(tmp_path)]))
    assert len(installed) == 3
    assert shadows("proofs", installed) == ["proofs"]
    assert shadows("symderive", installed) == []
    foreign = tmp_path / "proofs" / "__init__.py"
    assert REMEDY in wrong_origin("proofs", foreign, [tmp_path / "ours" / "proofs"])[0]
    assert wrong_origin("proofs", foreign, [tmp_path / "proofs"]) == []
    assert wrong_origin("proofs", foreign, [tmp_path / "x.py", foreign]) == []


# -------------------------------------------------------------------------------- what the texts say

WRONG_INSTALL = re.compile(r"\b(?:install|add)\b[^&|;`\n]*?(?<![\w./-])(?:symderive|proofs)(?![\w/.-])")


def wrong_installs(texts: dict[str, str]) -> list[str]:
    """Lines that tell a reader to install one of the two names that are other people's."""
    return [
        f"{path}: {line.strip()}"
        for path, text in texts.items()
        for line in text.splitlines()
        if re.search(r"\b(?:pipx?3?|uv|poetry|conda)\b", line) and WRONG_INSTALL.search(line)
    ]


def commands(readme: str, program: str) -> list[str]:
    """The lines of the README's shell blocks that run a program."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if re.search(rf"/bin/{program}\b", line)]


def test_no_text_installs_a_foreign_package(checkout: Path, tracked: list[str]) -> None:
    texts = {path: (checkout / path).read_text("utf-8", "replace") for path in tracked}
    assert wrong_installs(texts) == []


@pytest.mark.parametrize("line", ["pip {} symderive", "pip {} -U 'symderive[pdf]'", "uv pip {} numpy proofs"])
def test_a_wrong_install_is_named(line: str) -> None:
    line = line.format("install")
    assert wrong_installs({"README.md": f"To begin:\n    {line}\n"}) == [f"README.md: {line}"]


@pytest.mark.parametrize(
    "line",
    [f"pip install '{DISTRIBUTION}[pdf]'", "pip install -e . && .venv/bin/symderive prove", "make proofs"],
)
def test_a_right_install_passes(line: str) -> None:
    assert wrong_installs({"README.md": line}) == []


@pytest.mark.parametrize(
    ("program", "ending"), [("symderive", "symderive prove -o out"), ("pytest", "pytest")]
)
def test_the_readme_has_each_command_once(program: str, ending: str, checkout: Path) -> None:
    """It makes its own virtual environment, installs this checkout into it, and calls nothing outside it."""
    found = [
        line
        for line in commands((checkout / "README.md").read_text("utf-8"), program)
        if line.startswith("python3 -m venv")
    ]
    assert len(found) == 1
    create, install, run = found[0].split(" && ")
    assert create == "python3 -m venv .venv"
    assert re.fullmatch(r"\.venv/bin/pip install -q -e ('\.\[\w+\]'|\.)", install)
    assert run == f".venv/bin/{ending}"


def test_a_command_that_is_missing_or_said_twice_is_noticed() -> None:
    block = "```sh\n.venv/bin/pytest\n```\n"
    assert commands("Run `.venv/bin/pytest`.\n", "pytest") == []
    assert commands(block + "text\n" + block, "pytest") == [".venv/bin/pytest"] * 2


# --------------------------------------------------------------------------------------- the version


def newest_version(changelog: str) -> str:
    """The version of the CHANGELOG's first entry."""
    found = re.search(r"^## (\d+\.\d+\.\d+)\b", changelog, re.MULTILINE)
    assert found, "CHANGELOG.md has no entry '## MAJOR.MINOR.PATCH'"
    return found.group(1)


def test_the_version_is_said_once_and_the_same_everywhere(checkout: Path) -> None:
    project = tomllib.loads((checkout / "pyproject.toml").read_text("utf-8"))
    assert project["project"]["name"] == DISTRIBUTION
    assert project["tool"]["hatch"]["version"] == {"path": "symderive/__init__.py"}
    version = importlib.import_module("symderive").__version__
    assert newest_version((checkout / "CHANGELOG.md").read_text("utf-8")) == version
    assert metadata.version(DISTRIBUTION) == version, f"installed before the version changed: {REMEDY}"


def test_the_newest_entry_is_read() -> None:
    assert newest_version("# Changelog\n\n## 1.2.0 (2030-01-01)\n\n- x\n\n## 1.1.9\n") == "1.2.0"
    with pytest.raises(AssertionError, match="no entry"):
        newest_version("# Changelog\n\n## next\n")
