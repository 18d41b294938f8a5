"""The formulas of activations, as printed and read back, against the functions written by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from symderive.claims import crosscheck
from symderive.claims.activation import check_activation
from symderive.claims.evidence import CheckFailed
from symderive.systems.activations import NAMES, X, activation


@pytest.mark.parametrize("name", NAMES)
def test_formula_and_derivative_agree_with_the_reference(name: str) -> None:
    found = check_activation(activation(name), seed=1)
    primes = [p for p in found if "'" in p.lhs]
    assert primes
    for p in found:
        if p.reason == "by convention":
            assert p.evidence == ()
        else:
            assert [e.status for e in p.evidence] == ["numeric"]
            assert p.evidence[0].error <= 1e-12 and p.evidence[0].points >= 40
    kinks = [p for p in found if p.reason == "by convention"]
    assert len(kinks) == (name in ("relu", "leaky_relu"))


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("tanh", {"formula": X}),
        ("sigmoid", {"formula": activation("sigmoid").formula * (1 + X / 10**9)}),
        ("softplus", {"formula": -activation("softplus").formula}),
        ("relu", {"formula": 2 * X}),
        ("leaky_relu", {"negative": X / 50}),
    ],
)
def test_a_wrong_formula_is_refused(name: str, wrong: Any) -> None:
    with pytest.raises(CheckFailed, match=f"{name}'?: relative error .* against the NumPy reference"):
        check_activation(replace(activation(name), **wrong), seed=1)


def test_the_printed_formula_is_what_is_evaluated(monkeypatch: pytest.MonkeyPatch) -> None:
    read = crosscheck.parse_equation

    def wrong(*arguments: Any, **named: Any) -> Any:
        left, right = read(*arguments, **named)
        return left, right + X / 10**6

    monkeypatch.setattr(crosscheck, "parse_equation", wrong)
    monkeypatch.setattr(crosscheck, "equal", lambda a, b: True)
    with pytest.raises(CheckFailed, match="relative error"):
        check_activation(activation("sigmoid"), seed=1)
