r"""What names mean where people differ: conventions that are fixed, or left open; updates and proportions."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import pytest

from symderive.errors import SymderiveError
from symderive.formulas import check as hasty
from symderive.formulas.conventions import CHOICES
from symderive.formulas.presets import PRESETS

check = partial(hasty, seconds=60.0)  # a busy machine is no reason to know nothing

BY_A = r"\delta is the derivative of the cost by the activation a"
MINUS = r"\delta is minus the derivative of the cost by z"
EACH = r"the cost is a mean over m examples, and \delta, dZ, dA are derivatives of each one's loss"
OUT = "W^l and b^l lead from layer l to layer l + 1"
STEP = "the new value is that of a step of gradient descent"

FIXED = (
    ("mlp", {"delta": "dC/da"}, r"\delta^l_j = \sum_k w^{l+1}_{kj} \sigma'(z^{l+1}_k) \delta^{l+1}_k"),
    ("mlp", {"delta": "dC/da"}, r"\frac{\partial C}{\partial b^l_j} = \delta^l_j \sigma'(z^l_j)"),
    ("mlp", {"delta": "-dC/dz"}, r"\frac{\partial C}{\partial w^l_{jk}} = -\delta^l_j a^{l-1}_k"),
    ("mlp", {"delta": "-dC/dz"}, r"\Delta w^l_{jk} = \eta \delta^l_j a^{l-1}_k"),
    ("mlp", {"update": "+eta"}, r"\Delta w^l_{jk} = \eta \delta^l_j a^{l-1}_k"),
    ("mlp", {"update": "gradient"}, r"\Delta w^l_{jk} = \delta^l_j a^{l-1}_k"),
    ("mlp", {"update": "-gradient"}, r"\Delta w^l_{jk} = -\delta^l_j a^{l-1}_k"),
    ("mlp", {"weights": "out of"}, r"\delta^l = (W^l)^T \delta^{l+1} \odot f'(z^l)"),
    ("mlp", {"weights": "out of"}, r"\nabla_{W^l} J = \delta^{l+1} (a^l)^T"),
    ("batch", {"examples": "each"}, r"dW^l = \frac{1}{m} dZ^l A^{l-1 T}"),
    ("batch-rows", {"examples": "each"}, r"dW^l = \frac{1}{m} (A^{l-1})^T dZ^l"),
    ("units", {"delta": "-dC/dz"}, r"\Delta w_{ij} = \eta o_i \delta_j"),
)

OPEN = (
    (r"\delta^l_j = \sum_k w^{l+1}_{kj} \sigma'(z^{l+1}_k) \delta^{l+1}_k", BY_A),
    (r"\Delta w^l_{jk} = \eta \delta^l_j a^{l-1}_k", MINUS),
    (r"\delta^{(l)} = (\Theta^{(l)})^T \delta^{(l+1)} .* g'(z^{(l)})", OUT),
)


@pytest.mark.parametrize(("network", "conventions", "formula"), FIXED)
def test_a_fixed_convention_holds_alone(network: str, conventions: Mapping[str, str], formula: str) -> None:
    verdict = check(formula, network, conventions=conventions)
    assert (verdict.status, verdict.conditions) == ("proved", ()), verdict
    usual = {key: next(iter(CHOICES[key])) for key in conventions}
    assert check(formula, network, conventions=usual).status == "refuted"


@pytest.mark.parametrize(("formula", "words"), OPEN)
def test_without_a_network_the_verdict_says_what_it_took_names_for(formula: str, words: str) -> None:
    verdict = check(formula)
    assert verdict.status == "proved" and words in verdict.conditions
    assert check(formula, "mlp").status == "refuted"


def test_whether_the_cost_of_a_batch_is_a_mean_is_open() -> None:
    lines = r"dW^l = \frac{1}{m} dZ^l (A^{l-1})^T, \quad db^l = \frac{1}{m} \sum_{i=1}^m dZ^{l(i)}"
    assert EACH in check(lines, "batch").conditions
    mixed = r"dW^l = \frac{1}{m} dZ^l (A^{l-1})^T, \quad db^l = \sum_{i=1}^m dZ^{l(i)}"
    assert check(mixed, "batch").status == "refuted"  # one meaning for both
    assert check(r"dW^l = dZ^l (A^{l-1})^T", "batch", conventions={"examples": "each"}).status == "refuted"


@pytest.mark.parametrize(
    ("conventions", "words"),
    [
        ({"delta": "dC/dx"}, "conventions, delta: expected one of dC/dz, dC/da, -dC/dz, any, found 'dC/dx'"),
        ({"examples": "each"}, "conventions, examples: expected a setting with the definitions of a preset"),
        ({"speed": "high"}, "speed = 'high'"),
    ],
)
def test_a_convention_that_cannot_be_is_refused(conventions: Mapping[str, str], words: str) -> None:
    with pytest.raises(SymderiveError) as caught:
        check(r"\delta^l = \delta^l", "mlp", conventions=conventions)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "formula",
    [
        r"w^l_{jk} := w^l_{jk} - \eta \delta^l_j a^{l-1}_k",
        r"w^l_{jk} \leftarrow w^l_{jk} - \alpha \frac{\partial C}{\partial w^l_{jk}}",
        r"W^l = W^l - \eta \delta^l (a^{l-1})^T",
        r"b^l \gets b^l - \eta \delta^l",
        r"W^l := W^l - dW^l",
    ],
)
def test_an_update_is_a_step_of_gradient_descent(formula: str) -> None:
    verdict = check(formula, "mlp")
    assert (verdict.status, verdict.conditions[0]) == ("proved", STEP)
    worse = check(formula.replace(" - ", " + "), "mlp")
    assert (worse.status, worse.diagnosis) == ("refuted", "wrong sign")
    assert check(worse.right_form, "mlp").status == "proved"


def test_an_update_with_another_fault_is_put_right_on_its_right_side() -> None:
    verdict = check(r"W^l := W^l - \eta \delta^l a^{l-1}", "mlp")
    assert verdict.right_form == r"W^l := W^l - \eta \delta^l (a^{l-1})^T"


@pytest.mark.parametrize(
    ("formula", "factor"),
    [
        (r"\Delta w^l_{jk} \propto -\delta^l_j a^{l-1}_k", r"the factor is \eta"),
        (r"\Delta w^l_{jk} \propto \frac{\partial C}{\partial w^l_{jk}}", r"the factor is -\eta"),
        (r"\frac{\partial C}{\partial b^l} \propto -\delta^l", "the factor is -1"),
    ],
)
def test_a_proportion_names_its_factor(formula: str, factor: str) -> None:
    verdict = check(formula, "mlp")
    assert verdict.status == "proved" and factor in verdict.conditions


def test_what_is_not_proportional_is_not_said_to_be() -> None:
    assert check(r"\Delta w^l_{jk} \propto a^{l-1}_k", "mlp").status == "unknown"


@pytest.mark.parametrize(
    ("network", "formula", "condition"),
    [
        ("mlp", r"\delta^L = (a^L - y) \odot \sigma'(z^L)", "C is half the squared error"),
        ("mlp", r"\delta^L = 2 (a^L - y) \odot \sigma'(z^L)", "C is the squared error"),
        ("mlp", r"\delta^L = a^L - y", "C is the cross-entropy of softmax outputs"),
        ("batch", r"dZ^L = A^L - Y", "C is the cross-entropy of sigmoid outputs"),
        ("batch-rows", r"dZ^L = A^L - Y", "C is the cross-entropy of softmax outputs"),
        (
            "batch",
            r"\delta^L = \frac{1}{m} (A^L - Y) \odot \sigma'(Z^L)",
            "C is half the mean squared error of the batch",
        ),
        (
            "units",
            r"\delta_k = (o_k - t_k) o_k (1 - o_k)",
            "C is half the squared error, and the outputs are sigmoids",
        ),
    ],
)  # fmt: skip
def test_a_formula_for_one_cost_names_the_cost(network: str, formula: str, condition: str) -> None:
    verdict = check(formula, network)
    assert verdict.status == "refuted"
    assert verdict.diagnosis == "it holds under a condition only"
    assert condition in verdict.conditions


def test_a_wrong_sign_is_found_beside_a_condition() -> None:
    verdict = check(r"\delta^L = y - a^L", "mlp")
    assert verdict.diagnosis == "wrong sign, and it holds under a condition only"
    assert check(r"\delta_k = (t_k - o_k) o_k (1 - o_k)").conditions[1] == MINUS


@pytest.mark.parametrize(
    "formula",
    [
        r"db^{[l]} = \sum_{i=1}^m dZ^{[l](i)}",
        r"db^{[l]} = \sum_i dZ^{[l](i)}",
        r"dW^{[l]} = \sum_{i=1}^m dZ^{[l](i)} (A^{[l-1](i)})^T",
        r"z^{[l](i)} = W^{[l]} a^{[l-1](i)} + b^{[l]}",
        r"z^{(i)[l]} = W^{[l]} a^{(i)[l-1]} + b^{[l]}",
        r"a^{0(i)} = x^{(i)}",
        r"dZ^{[l](i)} = W^{[l+1]T} dZ^{[l+1](i)} * g'(Z^{[l](i)})",
    ],
)
def test_one_example_of_a_batch(formula: str) -> None:
    verdict = check(formula, "batch", conventions={"examples": "together"})
    assert verdict.status in ("proved", "exact"), verdict
    wrong = formula.replace("l-1](i)", "l](i)").replace("l+1](i)", "l](i)").replace("x^{(i)}", "x^{(1)}")
    if wrong != formula:
        assert check(wrong, "batch", conventions={"examples": "together"}).status == "refuted"


def test_an_example_of_what_has_none_is_refused() -> None:
    verdict = check(r"\sum_{i=1}^m b^{l(i)} = b^l", "batch")
    assert "without an example" in verdict.reason


def test_activations_of_layers_are_one_unless_the_setting_says_otherwise() -> None:
    formula = r"\delta^{[l]} = W^{[l+1]T} \delta^{[l+1]} * g^{[l]'}(z^{[l]})"
    assert check(formula, "mlp").status == "proved"
    layered = dict(PRESETS["mlp"])
    layered["definitions"] = [d.replace(r"\sigma", r"\sigma^l") for d in layered["definitions"]]
    assert check(formula, layered).status == "proved"
    assert check(formula.replace("g^{[l]'}", "g^{[l+1]'}"), layered).status == "refuted"


def test_inner_names_of_units_are_never_shown() -> None:
    verdict = check(r"\frac{\partial E}{\partial w_{ij}} = o_j \delta_j")
    assert verdict.status == "refuted" and verdict.example
    assert not any(name in str(verdict) for name in (r"\Upsilon", r"\Xi", r"\Phi", r"\mathcal"))
