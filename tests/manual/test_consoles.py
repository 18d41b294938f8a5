"""What stands below a command in the manual is what that command prints.

A `{code-block}` with a caption is a file of that name, a `console` block a dialogue: `$ symderive ..` is run
in this process, `$ python ..` and `$ pytest ..` in their own; `$ echo $?` asks for the status of the command
before it. White space does not count, and a line `...` stands for any lines; times, versions and the sizes of
rounding errors are those of one machine. What asks Coq, torch or JAX is passed over where that is not
installed.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from symderive.cli import main
from tests.test_pytest_plugin import registered

CHECKOUT = Path(__file__).resolve().parents[2]
PAGES = sorted((CHECKOUT / "symderive/manual/guides").glob("*.md"))
BLOCK = re.compile(r"^(`{3,})(\{code-block\} )?(\w+)\n(?::caption: (\S+)\n\n?)?(.*?)^\1$", re.M | re.S)
OF_A_MACHINE = re.compile(r"\b\d+\.\d+ ?s\b|\b\d+(\.\d+)?e-\d+|(?<=version )[\d.]+")
EXTRAS = re.compile(r"^import (torch|jax)$", re.M)


def steps(page: str) -> Iterator[tuple[str, str]]:
    """What a page asks for, in order: ("file NAME", text) and ("$ command", expected output).

    >>> list(steps("```console\\n$ echo $?\\n1\\n```\\n"))
    [('$ echo $?', '1')]
    """
    for _, _, language, name, body in BLOCK.findall(page):
        if name:
            yield f"file {name}", body
        elif language == "console":
            for said in re.split(r"^(?=\$ )", body, flags=re.M)[1:]:
                command, _, output = said.partition("\n")
                yield command, output.strip()


def agrees(expected: str, found: str) -> bool:
    """Whether what was printed is what stands in the page."""
    parts = re.split(r"^\.\.\.$", OF_A_MACHINE.sub("", expected), flags=re.M)
    whole = r" ?(?:.* )?".join(re.escape(" ".join(part.split())) for part in parts)
    return re.fullmatch(whole, " ".join(OF_A_MACHINE.sub("", found).split())) is not None


def missing(arguments: list[str]) -> bool:
    """Whether the command asks for something that a person may lack; continuous integration has all of it."""
    if os.environ.get("CI"):
        return False
    if "coq" in arguments:
        return shutil.which("coqc") is None
    scripts = [Path(name).read_text("utf-8") for name in arguments if name.endswith(".py")]
    return any(find_spec(name) is None for script in scripts for name in EXTRAS.findall(script))


def outside(*arguments: str) -> tuple[int, str]:
    """The status and the output of Python in a process of its own, with the packages of this checkout."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    run = subprocess.run(
        [sys.executable, *arguments],
        env=kept | {"PYTHONPATH": str(CHECKOUT), "COLUMNS": "80"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return run.returncode, run.stdout


def dialogue(page: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The commands of a page whose output is another, run in the present directory."""
    wrong, status = [], 0
    plugin = () if registered() else ("-p", "symderive.pytest_plugin")
    for step, text in steps(page):
        if step.startswith("file "):
            Path(step.removeprefix("file ")).write_text(text, "utf-8")
            continue
        program, *arguments = shlex.split(step.removeprefix("$ "))
        if missing(arguments):
            continue
        capsys.readouterr()
        if program == "symderive":
            status = main(arguments)
            found = "".join(capsys.readouterr())
        elif program == "pytest":
            status, found = outside("-m", "pytest", "-p", "no:cacheprovider", *plugin, *arguments)
        elif program == "python":
            status, found = outside(*arguments)
        else:
            assert (program, arguments) == ("echo", ["$?"]), step
            found = str(status)
        if not agrees(text, found):
            wrong.append(f"{step}\nthe page says\n{text}\nit printed\n{found}")
    return wrong


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_commands_print_what_the_page_says(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "\n\n".join(dialogue(page.read_text("utf-8"), capsys)) == ""


def test_another_output_is_found(capsys: pytest.CaptureFixture[str]) -> None:
    page = "```console\n$ symderive check 'a = a'\nproved\n$ echo $?\n7\n```\n"
    assert [found.split("\n")[0] for found in dialogue(page, capsys)] == [
        "$ symderive check 'a = a'",
        "$ echo $?",
    ]
    assert not agrees("a\nb", "a c") and agrees("a\n...\nd", "a\nb\nc\nd") and not agrees("a\n...\nd", "a\nb")
