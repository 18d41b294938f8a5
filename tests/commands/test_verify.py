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

def leaving(p, x, y):
    raise SystemExit(0)

def talking(p, x, y):
    print("here I am")
    return gradient(p, x, y)

def lost(p, x, y):
    return {k: v * np.nan for k, v in gradient(p, x, y).items()}

class Net:
    def gradient(self, p, x, y):
        return gradient(p, x, y)

net = Net()

number = 3
'''
MISTAKES = {
    "somebodys_bytes": "\0",
    "somebodys_mistake": "import numpy\n1 / 0\n",
    "somebodys_matrix": "import numpy as np\n\nnp.linalg.inv(np.ones((2, 3)))\n",
    "somebodys_script": "import sys\nsys.exit(0)\n",
    "somebodys_typo": "def f(:\n",
    "somebodys_import": "import somebodys\n",
}
NETWORK = ("--widths", "4,5,3", "--activation", "tanh", "--cost", "squared_error")


@pytest.fixture(autouse=True)
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module of somebody's in the current directory."""
    (tmp_path / "somebodys_net.py").write_text(CODE)
    for name, code in MISTAKES.items():
        (tmp_path / f"{name}.py").write_text(code)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))


def test_a_right_gradient_holds(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "somebodys_net:gradient", *NETWORK]) == 0
    assert capsys.readouterr().out.startswith("numeric: ")
    assert main(["verify", "somebodys_net:lists", *NETWORK, "--form", "lists"]) == 0
    assert main(["verify", "somebodys_net:net.gradient", *NETWORK, "--convention", "columns"]) == 0


def test_a_wrong_gradient_is_refuted_and_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "somebodys_net:wrong", *NETWORK, "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["status"] == "refuted" and found["faults"] == ["sign"]
    assert main(["verify", "somebodys_net:gradient", *NETWORK, "--reduction", "mean"]) == 1
    assert "dW1" in capsys.readouterr().out


def test_a_function_that_gives_nothing_is_unknown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "somebodys_net:broken", *NETWORK]) == 3
    assert "KeyError: 'W9' (somebodys_net.py:" in capsys.readouterr().out


def test_what_it_prints_is_no_part_of_the_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "somebodys_net:talking", *NETWORK, "--json"]) == 0
    shown = capsys.readouterr()
    assert json.loads(shown.out)["status"] == "numeric" and "here I am" in shown.err


def test_what_ends_python_has_given_no_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    """With sys.exit(0) the status of the process would say that the gradient holds."""
    assert main(["verify", "somebodys_net:leaving", *NETWORK]) == 3
    shown = capsys.readouterr().out
    assert shown.startswith("unknown: ") and "SystemExit: 0 (somebodys_net.py:" in shown


def test_numbers_that_are_none_are_off(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "somebodys_net:lost", *NETWORK]) == 1
    assert "dW1: 20 of 20 entries are off" in capsys.readouterr().out


def test_the_options_reach_the_judge(capsys: pytest.CaptureFixture[str]) -> None:
    """Each option alone makes the right gradient another network's, or another call."""
    for option in (
        ("--output-activation", "identity"),
        ("--reduction", "mean"),
        ("--weight-decay", "0.1"),
        ("--cost", "softmax_cross_entropy"),
        ("--factor", "2"),
    ):
        assert main(["verify", "somebodys_net:gradient", *NETWORK, *option]) == 1, option
    assert main(["verify", "somebodys_net:gradient", *NETWORK, "--form", "flat"]) == 3
    capsys.readouterr()
    errors = []
    for seed in ("1", "2", "1"):
        assert main(["verify", "somebodys_net:wrong", *NETWORK, "--json", "--seed", seed]) == 1
        errors.append(json.loads(capsys.readouterr().out)["worst"])
    assert errors[0] == errors[2] != errors[1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("somebodys_net:nothing", *NETWORK), "expected a function nothing in somebodys_net, found none"),
        (("somebodys_net:number", *NETWORK), "expected a function, found number = 3"),
        (("no_such_module:f", *NETWORK), "expected a module no_such_module"),
        (("somebodys_mistake:f", *NETWORK), "somebodys_mistake.py, line 2: ZeroDivisionError"),
        (("somebodys_matrix:f", *NETWORK), "somebodys_matrix.py, line 3: LinAlgError"),
        (("somebodys_script:f", *NETWORK), "somebodys_script.py, line 2: SystemExit: 0"),
        (("somebodys_typo:f", *NETWORK), "somebodys_typo.py, line 1: SyntaxError: "),
        (("somebodys_import:f", *NETWORK), "line 1: ModuleNotFoundError: No module named 'somebodys'"),
        (("somebodys_net:gradient", *NETWORK, "--weight-decay", "nan"), "weight_decay: expected a number"),
        (("somebodys_net:gradient", *NETWORK, "--count", "0"), "samples: expected a number from 1"),
        (("somebodys_net:gradient", *NETWORK, "--form", "tuple"), "--form: expected one of"),
        (("somebodys_net", *NETWORK), "expected MODULE:FUNCTION"),
        (("somebodys_net:gradient",), "expected --widths"),
        (("somebodys_net:gradient", "--widths", "4,5,3"), "expected a named activation, such as --act"),
        (("somebodys_net.py:gradient", *NETWORK), "without .py: somebodys_net:gradient, found"),
        (("./lib/nets.py:f", *NETWORK), "without .py: lib.nets:f, found"),
        (("somebodys_net:gradient", *NETWORK, "--weight-decay", "x"), "expected a number, found 'x'"),
        (("somebodys_bytes:f", *NETWORK), "module somebodys_bytes: SyntaxError: "),
        (("somebodys_net:gradient", "--widths", "4,5,3", "--activation", "foo", *NETWORK[4:]), "foo"),
    ],
)
def test_mistakes_are_one_line(
    arguments: tuple[str, ...], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        status = main(["verify", *arguments])
    except SystemExit as stop:  # as the parser ends
        status = int(stop.code or 0)
    assert status == 2
    shown = capsys.readouterr()
    assert words in shown.err and shown.err.count("\n") == 1 and not shown.out
