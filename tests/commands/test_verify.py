"""symderive verify: right and wrong functions, and mistakes in one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from symderive.cli import main

CODE = '''
import numpy as np

def gradient(p, x, y):
    a1 = np.tanh(p["W1"] @ x + p["b1"])
    a2 = np.tanh(p["W2"] @ a1 + p["b2"])
    d2 = (a2 - y) * (1 - a2**2)
    d1 = (p["W2"].T @ d2) * (1 - a1**2)
    return {"W1": d1 @ x.T, "b1": d1.sum(1, keepdims=True), "W2": d2 @ a1.T, "b2": d2.sum(1, keepdims=True)}

def wrong(p, x, y):
    return {k: -v for k, v in gradient(p, x, y).items()}

def lists(W, b, x, y):
    found = gradient({"W1": W[0], "W2": W[1], "b1": b[0].reshape(-1, 1), "b2": b[1].reshape(-1, 1)}, x, y)
    return [found["W1"], found["W2"]], [found["b1"], found["b2"]]

def broken(p, x, y):
    return p["W9"]

number = 3
'''
NETWORK = ("--widths", "4,5,3", "--activation", "tanh", "--cost", "squared_error")


@pytest.fixture(autouse=True)
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module of somebody's in the current directory."""
    (tmp_path / "somebodys_net.py").write_text(CODE)
    (tmp_path / "somebodys_mistake.py").write_text("import numpy\n1 / 0\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))


def test_a_right_gradient_holds(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "somebodys_net:gradient", *NETWORK]) == 0
    assert capsys.readouterr().out.startswith("numeric: ")
    assert main(["verify", "somebodys_net:lists", *NETWORK, "--form", "lists"]) == 0


def test_a_wrong_gradient_is_refuted_and_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "somebodys_net:wrong", *NETWORK, "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["status"] == "refuted" and found["faults"] == ["sign"]
    assert main(["verify", "somebodys_net:gradient", *NETWORK, "--reduction", "mean"]) == 1
    assert "dW1" in capsys.readouterr().out


def test_a_function_that_gives_nothing_is_unknown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "somebodys_net:broken", *NETWORK]) == 3
    assert "W9" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("somebodys_net:nothing", *NETWORK), "expected a function nothing in somebodys_net, found none"),
        (("somebodys_net:number", *NETWORK), "expected a function, found number = 3"),
        (("no_such_module:f", *NETWORK), "expected a module no_such_module"),
        (("somebodys_mistake:f", *NETWORK), "somebodys_mistake.py, line 2: ZeroDivisionError"),
        (("somebodys_net", *NETWORK), "expected MODULE:FUNCTION"),
        (("somebodys_net:gradient",), "expected --widths"),
        (("somebodys_net:gradient", "--widths", "4,5,3"), "expected a named activation"),
        (("somebodys_net:gradient", "--widths", "4,5,3", "--activation", "foo", *NETWORK[4:]), "foo"),
    ],
)
def test_mistakes_are_one_line(
    arguments: tuple[str, ...], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", *arguments]) == 2
    shown = capsys.readouterr()
    assert words in shown.err and shown.err.count("\n") == 1 and not shown.out
