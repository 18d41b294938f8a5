"""The plugin of pytest: its fixtures, its marker, and that it costs next to nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

TESTS = '''
import numpy as np
import pytest
from symderive.testing import assert_gradient


def gradient(p, x, y):
    a = np.tanh(p["W1"] @ x + p["b1"])
    d = (a - y) * (1 - a**2)
    return {"W1": d @ x.T, "b1": d.sum(1, keepdims=True)}


@pytest.mark.symderive(widths=[4, 3], seed=5)
def test_right(symderive_network, symderive_seed, symderive_data):
    assert symderive_seed == 5 and symderive_data.parameters["W1"].shape == (3, 4)
    assert symderive_data.x.shape == (4, 7)
    assert_gradient(gradient, symderive_network, seed=symderive_seed)


@pytest.mark.symderive(widths=[4, 3])
def test_wrong(symderive_network):
    assert_gradient(lambda p, x, y: {k: -v for k, v in gradient(p, x, y).items()}, symderive_network)
'''


def test_fixtures_and_the_note_of_a_failure(tmp_path: Path) -> None:
    (tmp_path / "test_mine.py").write_text(TESTS)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--strict-markers"]
    if "symderive" not in _plugins():
        command += ["-p", "symderive.pytest_plugin"]
    command.append("test_mine.py")
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert "1 failed, 1 passed" in done.stdout, done.stdout
    assert "The gradient is wrong in dW1 and db1" in done.stdout
    assert "in judge" not in done.stdout and "judging.py" not in done.stdout  # the note, and no insides


def _plugins() -> set[str]:
    from importlib.metadata import entry_points

    return {e.name for e in entry_points(group="pytest11")}


def test_the_plugin_imports_nothing_of_the_engine() -> None:
    code = "import sys, symderive.pytest_plugin; print('sympy' in sys.modules, 'numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
