"""`symderive replay`: one line for each file; exit status 1 for a refused certificate, 2 for none."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

import proofs
from symderive.cli import main
from symderive.proof.certificate import certificate, named_theorems
from symderive.proof.kernel import Theorem


@pytest.fixture
def theorems() -> dict[str, Theorem]:
    return named_theorems(proofs.find("T1").prove())


@pytest.fixture
def good(tmp_path: Path, theorems: dict[str, Theorem]) -> Path:
    file = tmp_path / "good.json"
    file.write_text(certificate(theorems))
    return file


@pytest.fixture
def bad(tmp_path: Path, good: Path) -> Path:
    file = tmp_path / "bad.json"
    file.write_text(good.read_text().replace('"rule": "transitivity"', '"rule": "symmetry"', 1))
    return file


def test_a_certificate_is_one_line(
    good: Path, theorems: dict[str, Theorem], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["replay", str(good)]) == 0
    (line,) = [x for x in capsys.readouterr().out.splitlines() if x]
    steps = len(json.loads(good.read_text())["steps"])
    assert line.startswith(
        f"{good}: proved: {', '.join(theorems)}; {steps} steps; hypotheses: 3 definition, "
    )
    assert "0 assumption, 0 citation, 0 induction; " in line


def test_a_refused_certificate_does_not_stop_the_others(
    good: Path, bad: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["replay", str(bad), str(good)]) == 1
    first, second = (x for x in capsys.readouterr().out.splitlines() if x)
    assert first.startswith(f"{bad}: refused: step ") and second.startswith(f"{good}: proved: ")


def test_machines_see_every_hypothesis_in_full(
    good: Path, bad: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["replay", "--json", str(good), str(bad)]) == 1
    found, refused = json.loads(capsys.readouterr().out)["certificates"]
    assert (found["status"], refused["status"]) == ("proved", "refused")
    (one,) = [t for t in found["theorems"] if t["name"] == "one layer"]
    assert one["indices"] == ["l 1 L", "j 1 n[l]"]
    assert one["hypotheses"]["definition"][0].startswith("activation: a[l, j] = sigma(")
    assert set(one["hypotheses"]) == {"definition", "assumption", "citation", "induction"}


def test_an_open_induction_hypothesis_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A hypothesis of that kind is no less assumed where no induction discharged it."""
    file = tmp_path / "t5.json"
    proved = proofs.find("T5").prove()
    open_ = {n: t for n, t in named_theorems(proved).items() if t.audit()["induction"]}
    assert open_
    file.write_text(certificate(open_))
    assert main(["replay", "--json", str(file)]) == 0
    (found,) = json.loads(capsys.readouterr().out)["certificates"]
    assert all(t["hypotheses"]["induction"] for t in found["theorems"])


def test_no_certificate_is_unusable(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text, binary, pipe = tmp_path / "a.txt", tmp_path / "b", tmp_path / "pipe"
    text.write_text("no JSON")
    binary.write_bytes(b"\xff\xfe")
    os.mkfifo(pipe)
    for file, says in (
        (text, "JSON: Expecting value"),
        (binary, "expected UTF-8 text, found other bytes at 0"),
        (tmp_path / "missing", "expected a readable file, found No such file"),
        (tmp_path, "expected a file, found something else"),
        (pipe, "expected a file, found something else"),
    ):
        assert main(["replay", str(file)]) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert line.startswith(f"symderive: {file}: ") and says in line
