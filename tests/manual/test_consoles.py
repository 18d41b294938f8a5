"""What stands below a command in the manual is what that command prints.

A `{code-block}` with a caption is a file of that name, a `console` block a dialogue: `$ symderive ..` is run
in this process, `$ pytest ..` in one of its own, `$ echo $?` asks for the status of the command before it.
White space does not count, and a line `...` stands for any lines; times, versions and the sizes of
rounding errors are those of one machine. What asks Coq is passed over where there is none.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from symderive.cli import main
from tests.test_pytest_plugin import registered

pytest_plugins = ["pytester"]

BLOCK = re.compile(r"^(`{3,})(\{code-block\} )?(\w+)\n(?::caption: (\S+)\n\n?)?(.*?)^\1$", re.M | re.S)
OF_A_MACHINE = re.compile(r"\b\d+\.\d+ ?s\b|\b\d+(\.\d+)?e-\d+|(?<=version )[\d.]+")
CACHE = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")  # pytester has another home
PAGES = sorted((Path(__file__).parents[2] / "symderive/manual").glob("[a-z]*/*.md"))


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
    parts = [
        re.escape(" ".join(part.split()))
        for part in re.split(r"^\.\.\.$", OF_A_MACHINE.sub("", expected), flags=re.M)
    ]
    whole = r" ?(?:.* )?".join(parts)
    return re.fullmatch(whole, " ".join(OF_A_MACHINE.sub("", found).split())) is not None


def dialogue(page: str, pytester: pytest.Pytester, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The commands of a page whose output is another."""
    wrong, status = [], 0
    for step, text in steps(page):
        if step.startswith("file "):
            path = pytester.path / step.removeprefix("file ")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
            continue
        program, *arguments = shlex.split(step.removeprefix("$ "))
        capsys.readouterr()
        if "coq" in arguments and not shutil.which("coqc"):
            continue
        if program == "symderive":
            status = main(arguments)
            found = "".join(capsys.readouterr())
        elif program == "pytest":
            plugin = () if registered() else ("-p", "symderive.pytest_plugin")
            result = pytester.runpytest_subprocess("-p", "no:cacheprovider", *plugin, *arguments)
            status, found = int(result.ret), result.stdout.str()
            capsys.readouterr()
        else:
            assert (program, arguments) == ("echo", ["$?"]), step
            found = str(status)
        if not agrees(text, found):
            wrong.append(f"{step}\nthe page says\n{text}\nit printed\n{found}")
    return wrong


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_commands_print_what_the_page_says(
    page: Path,
    pytester: pytest.Pytester,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", CACHE)  # the compiled library of Coq
    assert "\n\n".join(dialogue(page.read_text("utf-8"), pytester, capsys)) == ""


def test_another_output_is_found(pytester: pytest.Pytester, capsys: pytest.CaptureFixture[str]) -> None:
    page = "```console\n$ symderive check 'a = a'\nproved\n$ echo $?\n7\n```\n"
    assert [found.split("\n")[0] for found in dialogue(page, pytester, capsys)] == [
        "$ symderive check 'a = a'",
        "$ echo $?",
    ]
    assert not agrees("a\nb", "a c") and agrees("a\n...\nd", "a\nb\nc\nd") and not agrees("a\n...\nd", "a\nb")
