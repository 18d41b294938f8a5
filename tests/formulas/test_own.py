"""What symderive itself prints is proved by `check`: systems, gradients, matrix form, nested forms."""

from __future__ import annotations

from typing import Any

import pytest

import symderive as sd
from symderive.claims.derivation import check_derivation
from symderive.commands import derive
from symderive.errors import SymderiveError
from symderive.formulas import check
from symderive.formulas.of_system import of_system


@pytest.mark.parametrize(
    "given", [{}, {"depth": 3}, {"depth": 2, "activation": "sigmoid", "cost": "squared_error"}]
)
def test_the_equations_of_a_system_and_its_gradients(given: dict[str, Any]) -> None:
    net = sd.mlp(**given)
    for d in (*net.definitions, *sd.derive(net).definitions):
        verdict = check(sd.to_latex(d), net)
        assert (verdict.status, verdict.conditions) == ("proved", ()), (sd.to_latex(d), verdict)


def test_the_equations_of_a_batch() -> None:
    net = sd.mlp(samples="B")
    found = [check(sd.to_latex(d), net) for d in (*net.definitions, *sd.derive(net).definitions)]
    assert [v.status for v in found].count("proved") == len(found) - 1
    (other,) = [v for v in found if v.status != "proved"]
    assert (
        other.status == "unknown" and r"\ell" in other.reason
    )  # the derivative of a function that has no name


@pytest.mark.parametrize(
    "given",
    [
        {"widths": [4, 5, 3], "activation": "tanh", "cost": "squared_error"},
        {"widths": [4, 5, 3]},
        {"widths": [3, 4, 2], "activation": "relu"},
    ],
)
def test_widths_that_are_numbers(given: dict[str, Any]) -> None:
    net = sd.mlp(**given)
    for d in (*net.definitions, *sd.derive(net).definitions):
        verdict = check(sd.to_latex(d), net)
        assert (verdict.status, verdict.conditions) == ("proved", ()), (sd.to_latex(d), verdict)
    wrong = sd.to_latex(net.definitions[1]).replace(f"{{{given['widths'][0]}}}", "{2}")
    assert check(wrong, net).status == "refuted"


@pytest.mark.parametrize(
    ("given", "forms", "tested"),
    [
        (
            {"widths": [2, 3, 2], "activation": "tanh", "cost": "squared_error"},
            ("matrix", "composed", "explicit"),
            0,
        ),
        ({"depth": 2}, ("matrix", "composed"), 0),
        # e^z and log: the kernel's ring does not divide sums of exponentials
        ({"widths": [3, 4, 2], "activation": "sigmoid", "cost": "cross_entropy"}, ("matrix", "composed"), 12),
    ],
)
def test_every_equation_of_a_derivation(given: dict[str, Any], forms: tuple[str, ...], tested: int) -> None:
    net = sd.mlp(**given)
    checked = check_derivation(sd.derive(net), [], 1, forms=forms)
    found = [(p.latex, check(p.latex, net, seconds=30.0).status) for p in checked.printed()]
    assert len(found) >= 45
    assert [one for one in found if one[1] not in ("proved", "exact")] == []
    assert sum(status == "exact" for _, status in found) <= tested, found


def test_matrix_form_and_nested_forms() -> None:
    symbolic = derive.run(derive.Request(seed=1))
    deep = derive.run(derive.Request(depth=3, composed=True, seed=1))
    nets = ((symbolic, sd.mlp()), (deep, sd.mlp(depth=3)))
    count = 0
    for outcome, net in nets:
        for shown in (*outcome.checked.matrix, *outcome.checked.composed):
            verdict = check(shown.latex, net)
            assert verdict.status == "proved", (shown.latex, verdict)
            count += 1
    assert count > 30


def test_what_is_printed_wrongly_is_refuted() -> None:
    net = sd.mlp()
    for d in sd.derive(net).definitions[:3]:
        text = sd.to_latex(d)
        for old, new in (
            ("'", ""),
            ("{(l+1)}", "{(l)}"),
            ("{kj}", "{jk}"),
            ("(l-1)", "(l)"),
            (" = ", " = -"),
        ):
            if old in text:
                assert check(text.replace(old, new, 1), net).status in ("refuted", "unknown"), text.replace(
                    old, new, 1
                )
                assert not check(text.replace(old, new, 1), net).holds


def test_systems_that_no_setting_says() -> None:
    with pytest.raises(SymderiveError, match="expected an activation of"):
        of_system(sd.mlp(activation="gelu"))
    with pytest.raises(SymderiveError, match="expected a system, a setting"):
        check("a = b", 3)  # type: ignore[arg-type]
