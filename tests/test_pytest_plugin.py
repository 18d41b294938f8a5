"""The plugin of pytest: its fixtures, its marker and settings, its mistakes, and what it imports."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import entry_points

import pytest

pytest_plugins = ["pytester"]

GRADIENT = '''
import numpy as np
import pytest
from symderive.testing import assert_gradient


def gradient(p, x, y):
    a = np.tanh(p["W1"] @ x + p["b1"])
    d = (a - y) * (1 - a**2)
    return {"W1": d @ x.T, "b1": d.sum(1, keepdims=True)}


def wrong(p, x, y):
    return {k: -v for k, v in gradient(p, x, y).items()}

'''


def registered() -> bool:
    """Whether the checkout is installed with its entry point."""
    return "symderive.pytest_plugin" in {e.value for e in entry_points(group="pytest11")}


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    """pytest in a process of its own, where the plugin comes in by its entry point."""
    named = () if registered() and not os.environ.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD") else (
        "-p", "symderive.pytest_plugin"
    )  # fmt: skip
    options = ("-q", "-p", "no:cacheprovider", "--strict-markers")
    return pytester.runpytest_subprocess(*options, *named, *arguments)


def test_the_entry_point_is_there() -> None:
    if not os.environ.get("CI") and not registered():
        pytest.skip("the checkout is installed from before the plugin")
    assert registered()


def test_fixtures_and_the_note_of_a_failure(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(GRADIENT + '''
@pytest.mark.symderive(widths=[4, 3], seed=5)
def test_right(symderive_network, symderive_seed, symderive_data):
    assert symderive_seed == 5 and symderive_data.parameters["W1"].shape == (3, 4)
    assert symderive_data.x.shape == (4, 7) and symderive_data.y.shape == (3, 7)
    parameters, *data = symderive_data
    assert_gradient(gradient, symderive_network, parameters=parameters, data=data, convention="columns")


@pytest.mark.symderive(widths=[4, 3])
def test_wrong(symderive_network):
    assert_gradient(wrong, symderive_network)
''')
    done = run(pytester)
    done.assert_outcomes(passed=1, failed=1)
    shown = done.stdout.str()
    assert "The gradient is wrong in dW1 and db1" in shown
    assert "in judge" not in shown and "judging.py" not in shown  # the note, and no insides


def test_the_nearest_marker_counts(pytester: pytest.Pytester) -> None:
    pytester.makepyfile('''
import pytest

pytestmark = pytest.mark.symderive(widths=[2, 3], activation="relu", seeds=[1, 2, 3])


@pytest.mark.symderive(cost="softmax_cross_entropy", output="identity")
class TestNetwork:
    @pytest.mark.symderive(widths=[6, 5, 4], seed=8)
    def test_one(self, symderive_network, symderive_seed, symderive_data):
        assert symderive_seed == 8
        assert list(symderive_data.parameters) == ["W1", "b1", "W2", "b2"]
        assert symderive_data.parameters["W2"].shape == (4, 5)
        assert (symderive_data.y.sum(axis=0) == 1).all()  # targets are classes
        assert "relu" in str(symderive_network) and "log" in str(symderive_network)

    def test_three(self, symderive_data):
        assert symderive_data.x.shape == (2, 7)
''')
    run(pytester).assert_outcomes(passed=4)


def test_settings_for_all_tests(pytester: pytest.Pytester) -> None:
    settings = ("symderive_widths = 2,4", "symderive_activation = sigmoid", "symderive_seeds = 3 4")
    pytester.makeini("\n".join(("[pytest]", *settings)))
    pytester.makepyfile('''
import pytest

def test_each(symderive_network, symderive_seed, symderive_data):
    assert symderive_seed in (3, 4) and symderive_data.x.shape == (2, 7)
    assert "sigmoid" in str(symderive_network)

@pytest.mark.symderive(seed=9)
def test_own(symderive_seed):
    assert symderive_seed == 9

@pytest.mark.parametrize("symderive_seed", [6])
def test_given(symderive_seed):
    assert symderive_seed == 6

def test_none():
    pass
''')
    run(pytester).assert_outcomes(passed=5)


def test_seeds_are_other_data_and_the_same_seed_the_same(pytester: pytest.Pytester) -> None:
    pytester.makepyfile('''
import pytest

seen = []

@pytest.mark.parametrize("symderive_seed", [1, 2, 1])
def test_data(symderive_seed, symderive_data):
    seen.append(symderive_data.x)

def test_seen():
    assert (seen[0] == seen[2]).all() and (seen[0] != seen[1]).any()
''')
    run(pytester, "-p", "no:randomly", "-p", "no:xdist").assert_outcomes(passed=4)


@pytest.mark.parametrize(
    ("marker", "words"),
    [
        ("width=[4, 3]", "expected a seed, seeds or an argument of mlp (widths, depth"),
        ("activation='swish'", "activation: expected one of generic"),
        ("widths=[4]", "expected at least an input and an output width"),
        ("[4, 3]", "expected names, as in symderive(widths=[4, 5, 3]), found [4, 3]"),
        ("seeds='a b'", "expected numbers from 0, such as 0 1 2, found 'a b'"),
        ("cost='generic'", "expected a named cost, as in mlp(cost='squared_error'), found none"),
        ("seeds=[]", "expected numbers from 0, such as 0 1 2, found []"),
    ],
)
def test_mistakes_are_told(pytester: pytest.Pytester, marker: str, words: str) -> None:
    pytester.makepyfile(f'''
import pytest

@pytest.mark.symderive({marker})
def test_mine(symderive_data):
    pass
''')
    done = run(pytester)
    shown = done.stdout.str() + done.stderr.str()
    assert done.ret != 0 and words in shown
    assert "pytest_plugin.py" not in shown and "another exception" not in shown  # nothing of ours to read


def test_a_wrong_option_is_told_at_the_line_of_the_test(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
from symderive.testing import assert_gradient

def test_mine(symderive_network):
    assert_gradient(print, symderive_network, reduction="average")
""")
    shown = run(pytester).stdout.str()
    assert "reduction: expected sum or mean, found 'average'" in shown and "judging.py" not in shown


def test_a_setting_that_is_none_is_told(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nsymderive_widths = four,five\n")
    pytester.makepyfile("def test_mine(symderive_network):\n    pass\n")
    done = run(pytester)
    assert done.ret != 0
    assert "symderive_widths: expected whole numbers, such as 4,5,3, found 'four,five'" in done.stdout.str()


def test_the_plugin_imports_nothing_of_the_engine() -> None:
    code = (
        "import sys, pytest; before = set(sys.modules); import symderive.pytest_plugin; "
        "print(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["symderive", "symderive.pytest_plugin"]
