"""What derive() gives: BP1 to BP4, by name and layer, with steps that read well; its work; its refusals."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest
from entrywise import Truth
from example_systems import skip_connections
from sympy import Abs, Max, sign

from symderive.calculus import IndexSum, indices, size, tensor
from symderive.calculus.atoms import Functional
from symderive.calculus.normal_form import equal
from symderive.calculus.terms import Bracket, family
from symderive.derivation import Derivation, derive, hessian_vector
from symderive.errors import SymderiveError
from symderive.systems import Definition, System, mlp

l, j, k, i = indices("l j k i")
L = size("L")


def bar(d: Derivation, name: str) -> Any:
    """The tensor of a derived definition."""
    (found,) = {x.symbol for x in (*d.definitions, *d.auxiliary) if x.symbol.name == name}
    return found


def test_the_four_equations_of_backpropagation() -> None:
    """Typed here as a textbook has them, and equal to what two layer equations and an unknown cost give."""
    net = mlp()
    d = derive(net)
    w, a, z, y = (net.tensor(name) for name in "wazy")
    n = tensor("n", (l, 0, L), kind="dimension")
    delta, sigma = bar(d, "delta"), net.functions()[0]
    families = (family(a[L, j], (j, 1, n[L])), family(y[j], (j, 1, n[L])))
    partial = Functional("cost", "C", 2)(*families, partials=[(0, j)])
    textbook = {
        "delta[L, j]": partial * sigma(z[L, j], order=1),
        "delta[l, j]": sigma(z[l, j], order=1) * IndexSum(w[l + 1, k, j] * delta[l + 1, k], (k, 1, n[l + 1])),
        "grad_w[l, j, k]": a[l - 1, k] * delta[l, j],
        "grad_b[l, j]": delta[l, j],
    }
    assert [str(x.lhs) for x in d.definitions] == list(textbook)
    for x in d.definitions:
        assert equal(x.rhs, textbook[str(x.lhs)])
        assert not x.rhs.has(Bracket)
    ranges = {str(x.lhs): str([*map(str, x.indices)]) for x in d.definitions}
    assert ranges["delta[L, j]"] == "['(j, 1, n[L])']"
    assert ranges["delta[l, j]"] == "['(l, 1, L - 1)', '(j, 1, n[l])']"
    assert ranges["grad_w[l, j, k]"] == "['(l, 1, L)', '(j, 1, n[l])', '(k, 1, n[l - 1])']"


def test_concrete_depth_is_layer_by_layer_and_not_nested() -> None:
    d = derive(mlp(depth=3))
    assert [str(x.lhs) for x in d.definitions] == [
        "delta[3, j]", "delta[2, j]", "delta[1, j]",
        "grad_w[1, j, k]", "grad_w[2, j, k]", "grad_w[3, j, k]",
        "grad_b[1, j]", "grad_b[2, j]", "grad_b[3, j]",
    ]  # fmt: skip
    assert all(x.rhs.count(IndexSum) <= 1 for x in d.definitions)


def test_steps_of_the_hidden_delta_read_as_in_a_book() -> None:
    d = derive(mlp())
    steps = d.steps[d.delta()[1]]
    assert [s.rule for s in steps] == [
        "chain rule", "partial derivatives", "delta contraction", "range", "substitution", "case",
    ]  # fmt: skip
    assert str(steps[0].rhs) == "sum(sum(bar_a[m, k]*d(a[m, k])/d(z[l, j]), k=1..n[m]), m=1..L)"
    assert str(steps[-1].context.limits) == "((l, 1, L - 1), (j, 1, n[l]))"
    assert steps[-1].reason == "brackets decided in these ranges"
    assert str(steps[3]).endswith("[range]")
    assert [x.lhs.symbol.name for x in d.auxiliary] == ["bar_a"]
    assert d.steps[d.auxiliary[0]][0].rule == "chain rule"


OPTIONS = ({}, {"depth": 2}, {"widths": [2, 3, 4]}, {"samples": "B"}, {"output": "softmax"})


@pytest.mark.parametrize("options", OPTIONS)
def test_steps_of_networks_are_true(options: dict[str, Any]) -> None:
    net = mlp(**options)
    d = derive(net, wrt=["w", "b", "x", "y", "z"])
    truth = Truth(net, {"L": 2, "n": [2, 3, 4], "B": 2})
    seen = set()
    for x in (*d.definitions, *d.auxiliary):
        for s in d.steps[x]:
            assert truth.gap(s.lhs, s.rhs, s.context.limits)[0] < 1e-13, s
            seen.add(s.rule)
    assert {"chain rule", "partial derivatives", "delta contraction", "range", "substitution"} <= seen


def test_one_layer_has_no_hidden_delta() -> None:
    (only,) = derive(mlp(depth=1)).delta()
    assert str(only.lhs) == "delta[1, j]"


# ------------------------------------------------------------------------------------------- by name


def test_by_name_and_layer() -> None:
    d = derive(mlp(depth=3))
    assert [str(x.lhs) for x in d.delta()] == ["delta[3, j]", "delta[2, j]", "delta[1, j]"]
    (found,) = d.gradient("w", 2)
    assert found in d.definitions and d.steps[found]
    assert d.delta(2) == d.gradient("z", 2)


def test_by_layer_of_a_symbolic_depth_says_what_it_supposes() -> None:
    d = derive(mlp())
    assert [(str(x.lhs), x.name) for x in d.delta(2)] == [("delta[2, j]", "2 <= L - 1")]
    assert [(str(x.lhs), x.name) for x in d.delta(L)] == [("delta[L, j]", "")]
    assert [(str(x.lhs), x.name) for x in d.gradient("w", L)] == [("grad_w[L, j, k]", "")]
    assert [(str(x.lhs), x.name) for x in d.gradient("b", 3)] == [("grad_b[3, j]", "3 <= L")]
    assert str(d.gradient("w", 4)[0].indices) == "((j, 1, n[4]), (k, 1, n[3]))"


def test_by_inputs_and_inlined_tensors() -> None:
    net = mlp(cost="squared_error")
    d = derive(net, wrt=["x", "a"])
    assert [x.lhs.symbol.name for x in d.definitions] == ["delta", "delta", "grad_x"]
    assert {x.lhs.symbol.name for x in d.of(net.tensor("a"))} == {"bar_a"}
    assert d.gradient("a") == d.auxiliary


REFUSED: list[tuple[Any, str]] = [
    (lambda d: d.gradient("x"), r"x: expected a tensor that wrt names or one after it, found neither"),
    (lambda d: d.gradient("q"), r"mlp: expected a tensor of x, y, w, b, a, z, C, found 'q'"),
    (lambda d: d.delta(7), r"z: expected superscripts in their ranges, found 7"),
    (lambda d: d.delta(0), r"z: expected superscripts in their ranges, found 0"),
    (lambda d: d.delta(1, 1), r"z: expected at most 1 superscripts, found 2"),
    (lambda d: derive(d.system, wrt="w"), r"wrt: expected a list of tensors or their names, found 'w'"),
    (lambda d: derive(d.system, wrt=["v"]), r"mlp: expected a tensor of .*, found 'v'"),
    (
        lambda d: d.as_system(Definition(tensor("C")(), 2 * d.system.tensor("b")[1, 1])),
        r"objective: expected new tensors to have new names, found C",
    ),
    (
        lambda d: hessian_vector(derive(d.system, wrt=["w", "x"])),
        r"objective: expected derivatives that were derived, found that by b: name it in wrt",
    ),
    (
        lambda d: d.as_system(Definition(tensor("H")(), tensor("w", (j, 1, 2))[1])),
        r"objective: expected new tensors to have new names, found w",
    ),
]


@pytest.mark.parametrize(("action", "message"), REFUSED)
def test_refusals(action: Any, message: str) -> None:
    d = derive(mlp(depth=2))
    with pytest.raises(SymderiveError, match=f"^{message}$"):
        action(d)


# ----------------------------------------------------------------------- what does not matter is left out


def half(name: str, *extra: Definition) -> System:
    n = size("n")
    x, w, o, c = tensor("x", (j, 1, n)), tensor("w", (j, 1, n)), tensor("o", (j, 1, n)), tensor("C")
    return System(name, (x,), (w,), (
        Definition(o[j], w[j] * x[j], ((j, 1, n),)),
        *extra,
        Definition(c(), IndexSum(o[j] ** 2, (j, 1, n))),
    ), c)  # fmt: skip


def test_what_does_not_lead_to_the_cost_has_no_part_in_it() -> None:
    n = size("n")
    o, m = tensor("o", (j, 1, n)), tensor("m", (j, 1, n))
    d = derive(half("with a measure", Definition(m[j], o[j] ** 3, ((j, 1, n),))))
    assert [str(x.lhs) for x in d.definitions] == ["bar_o[j]", "grad_w[j]"]
    truth = Truth(d.system, {"n": 3})
    assert all(truth.gap(x.lhs, x.rhs, x.indices)[0] < 1e-14 for x in d.definitions)


@pytest.mark.parametrize("kinked", [Max, Abs, sign])
def test_a_kink_without_a_stated_value_is_refused(kinked: Any) -> None:
    """SymPy's Max(0, z)' is 1/2 at 0, silently."""
    plain = half("plain")
    n = size("n")
    o, p = tensor("o", (j, 1, n)), tensor("p", (j, 1, n))
    applied = kinked(0, o[j]) if kinked is Max else kinked(o[j])
    cost = Definition(plain.cost(), IndexSum(p[j], (j, 1, n)))
    net = replace(plain, definitions=(plain.definitions[0], Definition(p[j], applied, ((j, 1, n),)), cost))
    with pytest.raises(SymderiveError, match=r"^derivative of .*o\[.\]\) by o\[j\]: expected a function"):
        derive(net)


def test_a_parameter_that_nothing_uses_has_the_derivative_0() -> None:
    plain = half("plain")
    v = tensor("v", (j, 1, 4))
    d = derive(System("unused", plain.inputs, (*plain.parameters, v), plain.definitions, plain.cost))
    (zero,) = d.gradient("v")
    assert zero.rhs == 0
    assert [(s.rule, s.rhs) for s in d.steps[zero]] == [("chain rule", 0)]


def test_inlining_a_tensor_that_leads_back_to_itself_is_left() -> None:
    """bar_h[l] of a skip connection needs bar_h[l + 1]: to put it in would never end."""
    example = skip_connections()
    d = derive(replace(example.system, inlined=frozenset({example.system.tensor("h")})))
    assert not d.auxiliary and d.gradient("h")


# -------------------------------------------------------------------------------------------------- cost


def work(net: str) -> int:
    """Calls of Python functions during derive(), in a process of its own: with empty caches, and no clock."""
    code = (
        "import sys\nfrom symderive.systems import mlp\nfrom symderive.derivation import derive\n"
        f"net = mlp({net})\ncount = 0\n"
        "def tick(frame, event, arg):\n    global count\n    count += event == 'call'\n"
        "sys.setprofile(tick)\nderive(net)\nsys.setprofile(None)\nprint(count)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return int(done.stdout)


def test_work_is_linear_in_depth_and_does_not_depend_on_the_widths() -> None:
    few, more, many = work("depth=8"), work("depth=16"), work("depth=32")
    assert 1.6 < (many - more) / (more - few) < 2.4  # beside what the first of all like layers takes
    unlike = [work(f"range(2, {depth + 3})") for depth in (8, 32)]
    assert 3.2 < unlike[1] / unlike[0] < 4.8
    narrow, wide = work("[2, 3] * 4"), work("[200, 3000] * 4")
    assert abs(wide / narrow - 1) < 0.05
