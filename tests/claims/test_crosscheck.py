"""A printer that lies and an equation that is wrong stop the run; what cannot be tested says so."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sympy import Expr, Integer, exp, log

from symderive.calculus import IndexSum, indices, size, tensor
from symderive.calculus.ranges import EMPTY, Context
from symderive.claims import crosscheck
from symderive.claims.crosscheck import CrossCheck
from symderive.claims.evidence import CheckFailed, Evidence
from symderive.claims.sizes import test_sizes as sizes_of
from symderive.claims.theorem import check_theorem
from symderive.evaluation import modular
from symderive.latex import MatrixForm, Notation
from symderive.library import prove
from symderive.proof.kernel import hypothesis_of
from symderive.systems import Definition

j, k, l = indices("j k l")
n = size("n")
w, x, z = tensor("w", (j, 1, n), (k, 1, n)), tensor("x", (k, 1, n)), tensor("z", (j, 1, n))
product = IndexSum(w[j, k] * x[k], (k, 1, n))
LAW = hypothesis_of("product", z[j], product, ((j, 1, n),))
CTX = Context.of((j, 1, n))


def cross(*laws: Any, seed: int = 3, notation: Notation | None = None) -> CrossCheck:
    return CrossCheck([z[j], product, exp(x[j])], laws, {n: 3}, seed, notation)


def test_a_true_equation_is_printed_read_back_and_tested() -> None:
    check = cross(LAW)
    shown = check.tested(z[j], product, CTX, Evidence("proved", "by hand"), reason="definition")
    assert shown.latex == r"z_{j} = \sum_{k=1}^{n} w_{jk} x_{k}"
    assert shown.parsed == (z[j], product)
    assert [e.status for e in shown.evidence] == ["proved", "exact"]
    assert shown.evidence[1].points == 3 and shown.evidence[1].seed == 3
    assert shown.conditions == (r"1 \leq j \leq n",)
    assert shown.reason == "definition"
    assert check.count == 1


@pytest.mark.parametrize(
    "wrong",
    [
        IndexSum(w[k, j] * x[k], (k, 1, n)),
        IndexSum(w[j, k] * x[k], (k, 2, n)),
        IndexSum(w[j, k] * x[j], (k, 1, n)),
        -product,
        product + 1,
        z[j + 1],
    ],
)
def test_a_wrong_equation_is_refuted_with_its_text_and_a_counterexample(wrong: Expr) -> None:
    with pytest.raises(CheckFailed, match=r"^z_\{j\} = .* fails at j=\d: \d+ mod 2\^61-1 and .*\(seed 3\)$"):
        cross(LAW).tested(z[j], wrong, CTX)


def test_the_parsed_text_is_tested_not_its_source(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that changes an equation, and a comparison that lets it pass: the numbers object."""
    monkeypatch.setattr(crosscheck, "equal", lambda a, b: True)
    monkeypatch.setattr(crosscheck, "parse_equation", lambda *_, **__: (z[j], -product))
    with pytest.raises(CheckFailed, match="fails at"):
        cross(LAW).tested(z[j], product, CTX)


@pytest.mark.parametrize(
    ("lie", "message"),
    [
        ((r"z_{j}", r"\sum_{k=1}^{n} w_{kj} x_{k}"), "the right side of .* was read back as .*, expected"),
        ((r"x_{j}", r"\sum_{k=1}^{n} w_{jk} x_{k}"), "the left side of .* was read back as"),
        ((r"z_{j}", r"\sum_{k=2}^{n} w_{jk} x_{k}"), r"k=2\.\.n"),
    ],
)
def test_a_printer_that_lies_is_found_out(
    lie: tuple[str, str], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crosscheck, "equation_to_latex", lambda *_, **__: lie)
    check = cross(LAW)
    with pytest.raises(CheckFailed, match=message):
        check.printed(z[j], product, CTX)
    assert check.count == 0


def test_a_printer_that_prints_nonsense_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crosscheck, "equation_to_latex", lambda *_, **__: ("z_{j}", r"w_{j} \nonsense"))
    with pytest.raises(CheckFailed, match=r"z_\{j\} = .* cannot be read back: formula: expected"):
        cross(LAW).printed(z[j], product, CTX)


def test_a_matrix_form_that_lies_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    d = Definition(z[j], product, ((j, 1, n),), "product")
    shown = cross(d).matrix(d)
    assert shown is not None and shown.latex == "z = W x" and shown.conditions == ()
    lie = MatrixForm("z", r"W^{\top} x", (j,))
    monkeypatch.setattr(crosscheck, "matrix_form", lambda *_, **__: lie)
    with pytest.raises(CheckFailed, match=r"z = W\^\{\\top\} x was read back as .* expected z\[j\]"):
        cross(d).matrix(d)


def test_what_has_no_matrix_form_has_none() -> None:
    d = Definition(z[j], w[j, j], ((j, 1, n),), "diagonal")
    assert cross(d).matrix(d) is None


def test_an_equation_with_exponentials_is_tested_in_floating_point() -> None:
    check = cross(LAW)
    shown = check.tested(exp(x[j]) ** 2, exp(2 * x[j]), CTX)
    assert [e.status for e in shown.evidence] == ["numeric"]
    assert "floating point" in shown.evidence[0].text
    with pytest.raises(CheckFailed, match=r"fails at j=\d: [\d.]+ and [\d.]+"):
        check.tested(exp(x[j]), 1 + x[j], CTX)


def test_what_cannot_be_tested_is_unknown_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(modular, "BUDGET", 5)
    shown = cross(LAW).tested(z[j], product, CTX)
    assert [str(e) for e in shown.evidence] == [
        "unknown: not tested: expected a test of at most 5 operations, found more"
    ]
    zero = hypothesis_of("zero", x[j], Integer(0), ((j, 1, n),))
    found = cross(zero).measured(log(x[j]), log(x[j]), CTX, "")
    assert found is not None and found.status == "unknown" and "has no value at 0" in found.text


def test_empty_ranges_give_no_evidence() -> None:
    assert cross(LAW).tested(z[j], product, Context.of((j, 5, n))).evidence == ()


def test_laws_can_be_exchanged_and_the_old_ones_are_forgotten() -> None:
    check = cross(LAW)
    check.tested(z[j], product, CTX)
    check.under([])
    with pytest.raises(CheckFailed):
        check.tested(z[j], product, CTX)


def test_another_seed_draws_other_numbers() -> None:
    a, b = (cross(seed=s).models[0].value(x[1], {}, ()).number for s in (1, 2))
    assert a != b


def test_each_round_draws_anew_and_multiplies_the_probability(monkeypatch: pytest.MonkeyPatch) -> None:
    check = cross(LAW)
    first, second = (m.test_everywhere(z[j], product, CTX) for m in check.models)
    assert list(first.places) == list(second.places)
    found = check.tested(z[j], product, CTX).evidence[0]
    assert found.error == max(e * second.places[p] for p, e in first.places.items())
    assert found.error < first.error**1.5
    # an equation that fails in the second round alone is refused
    monkeypatch.setattr(check.models[1], "test_everywhere", lambda *_: replace(second, holds=False))
    with pytest.raises(CheckFailed):
        check.tested(z[j], product, CTX)


def test_equations_are_read_back_in_every_notation() -> None:
    for notation in (Notation(layer="brackets"), Notation(letters={"j": "i"}), Notation(names={"w": "u"})):
        check = cross(LAW, notation=notation)
        shown = check.tested(z[j], product, CTX)
        assert shown.parsed == (z[j], product)


# ------------------------------------------------------------------------------------ whole theorems


def test_a_theorem_whose_proof_shows_a_wrong_line_is_refused() -> None:
    """The kernel made the theorem; a chain that is shown for it and does not hold stops the run."""
    proved = prove("T1")
    first, *rest = proved.propositions
    argument = first.arguments[0]
    (good, why), *lines = argument.lines
    broken = replace(argument, lines=((2 * good, why), *lines))
    forged = replace(proved, propositions=(replace(first, arguments=(broken,)), *rest))
    assert check_theorem(proved, 1).count > 10
    with pytest.raises(CheckFailed, match=r"= 2 \\sigma.* fails at"):
        check_theorem(forged, 1)


def test_a_chain_that_ends_elsewhere_than_its_theorem_is_refused() -> None:
    """Even where the line is true: the kernel did not prove it."""
    proved = prove("T1")
    first, *rest = proved.propositions
    argument = first.arguments[0]
    short = replace(argument, lines=argument.lines[:-1])
    forged = replace(proved, propositions=(replace(first, arguments=(short,)), *rest))
    with pytest.raises(CheckFailed, match=r"One layer: expected a chain from .* as proved, found one from"):
        check_theorem(forged, 1)


def test_widths_differ_from_their_neighbours() -> None:
    from symderive.systems import mlp

    found = sizes_of(mlp().terms())
    widths = [v for e, v in found.items() if str(e).startswith("n[")]
    assert len(widths) == 4 == len(set(widths))
    deep = sizes_of(mlp(depth=7).terms(), 7)
    line = [v for e, v in sorted(deep.items(), key=str) if str(e).startswith("n[")]
    assert len(line) == 8
    assert all(line[m] not in line[m + 1 : m + 3] for m in range(8))


def test_nothing_is_left_open() -> None:
    """An index that the context does not bind has no value: that is a fault, not an agreement."""
    with pytest.raises(CheckFailed, match=r"^z_.* has no value: expected a value for j"):
        cross(LAW).tested(z[j], product, EMPTY)
