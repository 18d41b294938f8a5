"""`symderive figures`: files whole or not at all, data for machines, one line for a mistake."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from symderive import cli


def run(*arguments: str) -> int:
    try:
        return cli.main(["figures", *arguments])
    except SystemExit as stop:
        return int(stop.code or 0)


def test_one_figure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("flow", "-o", str(tmp_path)) == 0
    assert [p.name for p in tmp_path.iterdir()] == ["flow.svg"]
    said = capsys.readouterr()
    assert said.out.splitlines()[0] == "flow.svg: Sums grow and differences shrink along hyperbolas"
    assert said.out.splitlines()[1].startswith("1 files in ") and said.err == ""


def test_for_machines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("flow", "flow", "--json", "--format", "png", "--seed", "3", "-o", str(tmp_path)) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["files"] == ["flow.png"] and result["seed"] == 3
    (one,) = result["figures"]
    assert one["name"] == "flow" and len(one["panels"][0]["lines"]) == 8
    assert len(one["panels"][0]["lines"][-1]["x"]) == 161


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("circle",), "expected a figure of gap, one_answer, flow, xor, found 'circle'"),
        (("flow", "--format", "gif"), "expected one of"),
    ],
)
def test_mistakes(
    arguments: tuple[str, ...], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert run(*arguments, "-o", str(out)) == 2
    said = capsys.readouterr()
    assert words in said.err and said.err.count("\n") == 1 and not said.out and not out.exists()


def test_a_file_in_place_of_the_directory(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = tmp_path / "here"
    place.write_text("x")
    assert run("flow", "-o", str(place)) == 2
    assert "expected a directory, found the file" in capsys.readouterr().err
