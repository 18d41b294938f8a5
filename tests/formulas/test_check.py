r"""Verdicts: what is right is proved, what is wrong is refuted, put right and explained."""

from __future__ import annotations

import inspect
import random
import time
from typing import Any

import pytest

import symderive as sd
from symderive.dialect import read, write
from symderive.dialect.syntax import Name, Node
from symderive.errors import SymderiveError
from symderive.formulas import PRESETS, Verdict, check
from symderive.formulas.edits import edits
from symderive.formulas.interpreter import Interpreter
from symderive.formulas.judge import judge
from symderive.formulas.prepare import prepared
from symderive.formulas.readings import Reading
from symderive.formulas.trial import attempt
from symderive.formulas.worlds import World
from symderive.proof.checker import replay

RIGHT = {
    "mlp": (
        r"\delta^l = (W^{l+1})^T \delta^{l+1} \odot \varphi'(z^l)",
        r"\frac{\partial L}{\partial W^l} = \delta^l (a^{l-1})^T",
        r"\delta^l = (W^{l+1})^T \delta^{l+1} \odot \sigma'(z^l)",
        r"\delta^{(l)} = (W^{(l+1)})^{\top} \delta^{(l+1)} \circ \sigma'(z^{(l)})",
        r"\delta^{[l]} = W^{[l+1]T} \delta^{[l+1]} * \sigma'(z^{[l]})",
        r"\delta_l = W_{l+1}^\intercal \delta_{l+1} \odot \sigma'(z_l)",
        r"\delta^l_j = \sum_k w^{l+1}_{kj} \delta^{l+1}_k \sigma'(z^l_j)",
        r"\delta_j^l = \sigma'(z_j^l) \sum_{k=1}^{n_{l+1}} w_{kj}^{l+1} \delta_k^{l+1}",
        r"\frac{\partial C}{\partial w^l_{jk}} = a^{l-1}_k \delta^l_j",
        r"\frac{\partial C}{\partial W^l} = \delta^l (a^{l-1})^T",
        r"dW^l = \delta^l a^{l-1 T}",
        r"\nabla_{W^l} C = \delta^l (a^{l-1})^T, \qquad \nabla_{b^l} C = \delta^l",
        r"\frac{\partial C}{\partial b^l_j} = \delta^l_j = \frac{\partial C}{\partial z^l_j}",
        r"\delta^L = \nabla_a C \odot \sigma'(z^L)",
        r"\delta^L_j = \frac{\partial C}{\partial a^L_j} \sigma'(z^L_j)",
        r"\frac{\partial C}{\partial w^l_{jk}} = \delta^l_j \frac{\partial z^l_j}{\partial w^l_{jk}}",
        r"\frac{\partial C}{\partial a^{l}} = (W^{l+1})^T \delta^{l+1}",
        r"\Delta W^l = -\eta \delta^l (a^{l-1})^T",
        r"\Delta b^l := -\eta \delta^l",
        r"\delta^l = \operatorname{diag}(\sigma'(z^l)) (W^{l+1})^T \delta^{l+1}",
        r"\frac{\partial z^{l+1}_k}{\partial z^l_j} = w^{l+1}_{kj} \sigma'(z^l_j)",
        r"\delta^{L-1} = ((W^L)^T \delta^L) \odot \sigma'(z^{L-1})",
    ),
    "mlp-rows": (
        r"\delta^l = \delta^{l+1} (W^{l+1})^T \odot \sigma'(z^l)",
        r"\frac{\partial C}{\partial W^l} = (a^{l-1})^T \delta^l",
    ),
    "batch": (
        r"dW^l = \delta^l (A^{l-1})^T",
        r"\delta^l = (W^{l+1})^T \delta^{l+1} \odot \sigma'(Z^l)",
        r"\frac{\partial C}{\partial b^l} = \delta^l \mathbf{1}_m",
    ),
    "units": (
        r"\frac{\partial E}{\partial w_{ij}} = o_i \delta_j",
        r"\delta_j = \sigma'(net_j) \sum_k w_{jk} \delta_k",
        r"\Delta w_{jk} = -\eta o_j \delta_k",
        r"o_k = \sigma(\sum_j w_{jk} o_j + b_k)",
    ),
    "units-prml": (
        r"\frac{\partial E}{\partial w_{ji}} = \delta_j z_i",
        r"\delta_j = h'(a_j) \sum_k w_{kj} \delta_k",
    ),
    "batch-rows": (r"dW^l = (A^{l-1})^T \delta^l", r"\delta^l = \delta^{l+1} (W^{l+1})^T * \sigma'(Z^l)"),
}  # fmt: skip

WRONG = (
    ("mlp", r"\delta^l = W^{l+1} \delta^{l+1} \odot \sigma'(z^l)", "missing transpose"),
    ("mlp", r"\delta^l = (W^{l+1})^T \delta^{l+1} \odot \sigma(z^l)", "missing prime"),
    ("mlp", r"\delta^l = (W^{l+1})^T \delta^{l+1} \odot \sigma'(a^l)", r"\sigma'(a^l) for \sigma'(z^l)"),
    ("mlp", r"\delta^l = (W^{l+1})^T \delta^{l+1}", "missing activation derivative"),
    ("mlp", r"\delta^l = (W^{l+1})^T \delta^{l+1} \odot \sigma'(z^{l+1})", "layer in the argument"),
    ("mlp", r"\delta^l = (W^l)^T \delta^{l+1} \odot \sigma'(z^l)", "wrong layer"),
    ("mlp", r"\delta^l = -(W^{l+1})^T \delta^{l+1} \odot \sigma'(z^l)", "wrong sign"),
    ("mlp", r"\Delta W^l = \eta \delta^l (a^{l-1})^T", "wrong sign"),
    ("mlp", r"\frac{\partial C}{\partial w^l_{jk}} = a^{l-1}_j \delta^l_k", "index order"),
    ("mlp", r"\frac{\partial C}{\partial w^l_{jk}} = a^l_k \delta^l_j", "wrong layer"),
    ("mlp", r"\delta^l_j = w^{l+1}_{kj} \delta^{l+1}_k \sigma'(z^l_j)", "missing sum over k"),
    ("mlp", r"\delta^l_j = \sum_k w^{l+1}_{jk} \delta^{l+1}_k \sigma'(z^l_j)", "index order"),
    ("mlp", r"\delta^l_j = \delta^{l+1}_j \sigma'(z^l_j)", "missing sum over the weights"),
    ("mlp", r"\frac{\partial C}{\partial b^l} = 2 \delta^l", "factor"),
    ("mlp", r"\frac{\partial C}{\partial W^l} = a^{l-1} \delta^l", "missing transpose"),
    ("mlp", r"\frac{\partial C}{\partial b^l} = a^l", "wrong variable"),
    ("batch", r"\frac{\partial C}{\partial b^l} = \delta^l", ""),
)  # fmt: skip

CONTEXT: dict[str, Any] = {
    "declare": {"x": "n", "w": "n", "b": "", "y": ""},
    "functions": {r"\sigma": "sigmoid"},
    "definitions": ["z = w^T x + b", r"a = \sigma(z)", r"C = \frac{1}{2} (a - y)^2"],
}


@pytest.mark.parametrize(("network", "formula"), [(n, f) for n, fs in RIGHT.items() for f in fs])
def test_right_formulas_are_proved_for_all_sizes(network: str, formula: str) -> None:
    verdict = check(formula, network)
    assert verdict.status == "proved", verdict
    assert replay(verdict.certificate).theorems


@pytest.mark.parametrize(("network", "formula", "fault"), WRONG)
def test_wrong_formulas_are_refuted_and_explained(network: str, formula: str, fault: str) -> None:
    verdict = check(formula, network)
    assert verdict.status == "refuted", verdict
    assert fault in verdict.diagnosis, verdict
    assert verdict.example or verdict.reason
    if verdict.right_form:
        assert check(verdict.right_form, network).status == "proved", verdict.right_form


def test_the_two_formulas_of_the_known_answer() -> None:
    first = check(r"\delta^l_j = \delta^{l+1}_j \sigma'(z^l_j)")
    assert first.status == "refuted"
    assert "1..n_2" in first.reason  # the types come before a number
    assert first.example[0].startswith("sizes: L = 2, n = 1")
    second = check(
        r"\Delta w^{L-1}_{jk} = - \eta \frac{\partial C}{\partial a^L_j} "
        r"\sigma'(z^L_j)\sigma'(z^{L-1}_j) a^{L-2}_k"
    )
    assert second.status == "refuted"
    for verdict in (first, second):
        assert verdict.diagnosis == "missing sum over the weights"
        assert r"\sum" in verdict.right_form
        assert check(verdict.right_form).status == "proved"


def test_a_counterexample_is_right() -> None:
    """The numbers of the example, done by hand: 1-1-1, sigma(z) = z."""
    verdict = check(r"\Delta W^l = \eta \delta^l (a^{l-1})^T", "mlp")
    lines = dict(line.rsplit(" = ", 1) for line in verdict.example if " = " in line and "sizes" not in line)
    w, x, b = (int(lines[k].strip("()^T")) for k in ("W_1", "x", "b_1"))
    assert lines[r"\sigma(z)"] == "z"
    z1 = w * x + b
    w2, b2, y = (int(lines[k].strip("()^T")) for k in ("W_2", "b_2", "y")) if "W_2" in lines else (0, 0, 0)
    left, right = (int(v.split(": ")[1].strip("()")) for v in verdict.example[-2:])
    assert left == -right != 0
    if "W_2" in lines:
        delta2 = w2 * z1 + b2 - y
        assert left in (-w2 * delta2 * x, -delta2 * z1)


def test_typos_in_right_formulas_are_never_proved_wrongly() -> None:
    """Every edit of a right formula is proved only where it is right: forward passes in other numbers say
    so.
    """
    r = random.Random(3)
    proved, refuted = 0, 0
    for formula in RIGHT["mlp"][:14]:
        given = prepared("mlp")
        statement = read(formula)[0]
        left, right = statement.sides[:2]
        reader = Interpreter(given, World(given))
        typos = list(edits(right, left, reader))
        for typo in r.sample(typos, min(12, len(typos))):
            text = f"{write(left)} = {write(typo.node)}"
            verdict = judge(text, given, seconds=2.0)
            fresh = World(given, "formal", seed=r.randrange(10**6), sizes={"L": 4})
            sides: list[Node] = list(read(text)[0].sides)
            truth = attempt(given, fresh, sides[0], sides[1])
            if verdict.status == "proved" and not verdict.conditions:
                proved += 1
                assert truth.equal, text
            elif verdict.status == "refuted":
                refuted += 1
                assert not truth.equal, text
    assert refuted > 80
    assert proved < 60


def test_a_context_becomes_a_network() -> None:
    assert check(r"\frac{\partial C}{\partial w} = (a - y) \sigma'(z) x", CONTEXT).status == "proved"
    assert check(r"\frac{\partial C}{\partial w} = (a - y) a (1 - a) x", CONTEXT).status == "proved"
    refuted = check(r"\frac{\partial C}{\partial w} = (y - a) \sigma'(z)", CONTEXT)
    assert (refuted.status, refuted.diagnosis) == ("refuted", "wrong sign; missing factor x")
    assert refuted.right_form == r"\frac{\partial C}{\partial w} = (a - y) \sigma'(z) x"
    more = check(
        r"\frac{\partial E}{\partial b} = 2 \delta",
        CONTEXT,
        context=[r"E = 2 C", r"\delta = (a - y) a (1 - a)"],
    )
    assert more.holds


def test_conventions_that_are_fixed_are_not_tried() -> None:
    rows = r"\delta^l = \delta^{l+1} W^{l+1} \odot \sigma'(z^l)"
    held = check(rows)
    assert held.status == "proved"
    assert "gradients of vectors are laid out as rows" in held.conditions
    assert check(rows, conventions={"gradients": "rows"}).status == "proved"
    stated = check(rows, conventions={"gradients": "columns", "layout": "stated"})
    assert stated.status == "refuted"
    with pytest.raises(SymderiveError, match="conventions: expected order: usual"):
        check(rows, conventions={"gradients": "sideways"})


def test_sizes_are_not_the_same_in_all_worlds() -> None:
    for formula in ("L = 3", "L = 4", "n_0 = 3", "n_1 = n_2"):
        assert not check(formula, "mlp").holds, formula


def test_a_formula_of_another_network_is_not_refuted_where_none_was_stated() -> None:
    formula = r"x = W^3 y \odot b^2"
    assert check(formula, "mlp").status == "refuted"
    verdict = check(formula)
    assert verdict.status == "unknown" and verdict.reason.startswith("the network was not stated")
    assert check(r"\delta^l = W^{l+1} \delta^{l+1} \odot \sigma'(z^l)").status == "refuted"


def test_special_cases_are_named() -> None:
    verdict = check(r"\delta^L_j = \frac{\partial C}{\partial a^L_j}", "mlp")
    assert verdict.status == "refuted"
    assert verdict.conditions == (r"\sigma is identity",)


def test_readings_are_said() -> None:
    verdict = check(r"\delta^l = ((W^{l+1})^T \delta^{l+1}) \cdot \sigma'(z^l)")
    assert verdict.status == "proved"
    assert verdict.conditions == (r"\cdot is elementwise",)


@pytest.mark.parametrize(
    ("formula", "reason"),
    [
        (r"\delta^l", "expected a relation"),
        (r"\foo = \delta^l", r"found \foo"),
        (r"\delta^l = ", "found the end at column"),
        (r"\delta^l \approx a^l", "expected equalities"),
        (r"\delta^l = \delta^l \ldots \delta^l", "without dots"),
        (r"\delta^l_j = \sum_j \delta^l_j", "says nothing"),
        (r"p = q", "without a circle"),
        (r"a^l := a^l - \eta \delta^l", "an update"),
        (r"W^l \leftarrow (1 - \eta) W^l - \eta dW^l", "no step of gradient descent"),
        (r"\delta^l \propto a^l", "no factor was found"),
        (r"y = \sum_{i=1}^{900} \sum_{j=1}^{900} \sum_{k=1}^{900} x", "at most 20000 terms"),
    ],
)
def test_what_is_not_known_says_why(formula: str, reason: str) -> None:
    verdict = check(formula, context=["p = q", "q = p"])
    assert verdict.status == "unknown"
    assert reason in verdict.reason
    assert not verdict.holds


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"declare": {"x": "n x m x k"}}, "expected a shape"),
        ({"nonsense": 1}, "expected keys of"),
        ({"functions": {"f": "magic"}}, "expected one of"),
        ({"definitions": ["x + 1"]}, "expected a definition"),
        ({"definitions": ["x = "]}, "found the end"),
        ({"indices": {"l": 3}}, r"expected a range \[low, high\]"),
        ({"preset": "nothing"}, "expected a preset"),
        ("nothing", "expected a preset"),
        ({"where": ["i"]}, "expected a relation of indices"),
    ],
)
def test_mistakes_in_a_setting_get_one_line(setting: Any, message: str) -> None:
    with pytest.raises(SymderiveError, match=message) as caught:
        check("a = b", setting)
    assert "\n" not in str(caught.value)


def test_derivatives_of_worlds_are_those_of_forward_passes() -> None:
    """Central differences of the cost, by changed inputs, against the derivative that a world carries
    along.
    """
    given = prepared({**CONTEXT, "functions": {r"\sigma": "tanh"}})
    numbers = {"w": [0.3, -0.7, 0.2], "x": [0.5, 1.5, -1.0], "b": [0.1], "y": [0.4]}

    def world(move: float = 0.0) -> World:
        return World(
            given, "real", choose=lambda name, r, c: numbers[name][r - 1] + move * (name == "w" and r == 2)
        )

    cost, w = given.cost, given.find(Name("w"))
    assert cost is not None and w is not None
    t = world().value(cost, (), (w.quantity, ())).t
    assert t is not None
    h = 1e-5
    difference = (world(h).value(cost, ()).number - world(-h).value(cost, ()).number) / (2 * h)
    assert t[1, 0, 0] == pytest.approx(difference, rel=1e-8)


def test_presets_and_the_public_names() -> None:
    assert set(RIGHT) == set(PRESETS)
    assert inspect.unwrap(sd.check) is check
    assert sd.Verdict is Verdict
    data = check(r"dW^l = \delta^l (a^{l-1})^T").as_json()
    assert data["status"] == "proved" and data["certificate"].startswith("{")


def test_an_index_outside_of_its_range_is_not_tried_in_every_world(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """a^{-1} is outside whatever the numbers are: one world of each size is enough."""
    from symderive.formulas import example

    asked: list[object] = []
    whole = example.attempt
    monkeypatch.setattr(example, "attempt", lambda *a, **k: asked.append(a) or whole(*a, **k))
    verdict = check(r"\Delta W^l = -\eta \delta^l (a^{-1})^T", "mlp")
    assert verdict.status == "refuted" and not verdict.example
    assert len(asked) <= 8


def test_no_example_is_looked_for_when_time_is_up() -> None:
    from symderive.formulas import example

    left, right = read(r"\delta^l = a^l")[0].sides
    given, late = prepared("mlp"), time.monotonic() - 1
    assert example.worked(given, left, right, Reading(), late) == ()
    assert example.worked(given, left, right, Reading(), late + 60)


def test_a_lost_sum_is_found_together_with_the_lost_step_size() -> None:
    rest = r"\sigma'(z^L_j)\sigma'(z^{L-1}_j) a^{L-2}_k"
    written = r"\Delta w^{L-1}_{jk} = - \frac{\partial Loss}{\partial a^L_j} " + rest
    verdict = check(written, "mlp", seconds=60)
    assert verdict.diagnosis == r"missing sum over the weights; missing factor \eta"
    assert check(verdict.right_form, "mlp").status == "proved"
