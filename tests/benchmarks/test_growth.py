"""What the figures rest on, counted and not timed: how much is imported, and how much is derived."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sympy.core.basic import Basic

from symderive.derivation import Derivation, derive
from symderive.systems import mlp

ROOT = Path(__file__).resolve().parents[2]


def loaded(statement: str) -> set[str]:
    """The modules that a new interpreter has after a statement."""
    code = f"{statement}; import sys; print(*sys.modules)"
    command = [sys.executable, "-c", code]
    return set(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split())


def test_the_package_is_imported_without_what_it_may_need_later() -> None:
    found = loaded("import symderive")
    assert "symderive" in found
    assert not found & {"sympy", "numpy", "lark", "rich", "jinja2"}
    assert "sympy" in loaded("import symderive; symderive.derive")


def test_the_program_answers_a_mistake_without_the_engine() -> None:
    found = loaded("import symderive.cli; symderive.cli._parser()")
    assert not found & {"sympy", "numpy", "lark", "rich", "jinja2"}


def size(d: Derivation) -> int:
    """How many nodes the derived definitions and all their steps have."""
    terms = [e for x in d.definitions for e in (x.lhs, x.rhs)]
    terms += [e for x in d.definitions for s in d.steps[x] for e in (s.lhs, s.rhs)]
    return sum(nodes(e) for e in terms)


def nodes(e: Basic) -> int:
    return 1 + sum(map(nodes, e.args))


def test_widths_do_not_matter() -> None:
    small, large = (derive(mlp(widths=[w, w + 1, w + 2])) for w in (10, 10**6))
    assert size(small) == size(large)
    assert len(small.definitions) == len(large.definitions) == 6


def test_depth_adds_the_same_for_each_layer() -> None:
    sizes = [size(derive(mlp(depth=m))) for m in (3, 4, 5, 6, 12)]
    step = sizes[1] - sizes[0]
    assert sizes[2] - sizes[1] == sizes[3] - sizes[2] == step > 0
    assert sizes[4] - sizes[3] == 6 * step


def test_a_symbolic_depth_needs_four_equations_and_the_last_layers() -> None:
    d = derive(mlp())
    assert [x.symbol.name for x in d.definitions] == ["delta", "delta", "grad_w", "grad_b"]
    assert size(d) < 4 * size(derive(mlp(depth=3)))


@pytest.mark.parametrize("depth", [8, 64])
def test_nothing_is_nested_in_a_deep_network(depth: int) -> None:
    """No definition is longer than another because of its layer."""
    d = derive(mlp(depth=depth))
    hidden = [x for x in d.definitions if x.symbol.name == "delta" and x.lhs.index[0] != depth]
    assert len(hidden) == depth - 1
    assert len({nodes(x.rhs) for x in hidden}) == 1
