"""A witness cannot be written, only run: a claim that fails without the hypothesis and holds with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import FrozenInstanceError, replace
from fractions import Fraction
from itertools import count
from typing import Any

import pytest

from symderive.claims.evidence import CheckFailed
from symderive.claims.witness import check_witness, value_latex
from symderive.errors import SymderiveError
from symderive.library import prove
from symderive.proof.witness import Witness, Worked, exact_value


def doubled(n: Any) -> Worked:
    return Worked((("n", n),), "2 (n // 2)", claimed=n, true=2 * (n // 2))


GOOD = Witness("n is even", "Odd numbers have no half.", doubled, broken=3, restored=4)


def test_both_experiments_are_run_when_it_is_made() -> None:
    seen: list[int] = []

    def watched(n: int) -> Worked:
        seen.append(n)
        return doubled(n)

    w = Witness("n is even", "", watched, 3, 4)
    assert seen == [3, 4]
    assert (w.found.claimed, w.found.true, w.control.claimed, w.control.true) == (3, 2, 4, 4)


def test_its_numbers_cannot_be_given_or_changed() -> None:
    with pytest.raises(TypeError, match="found"):
        Witness("n is even", "", doubled, 3, 4, found=doubled(5))  # type: ignore[call-arg]
    with pytest.raises(FrozenInstanceError):
        GOOD.found = doubled(5)  # type: ignore[misc]
    with pytest.raises(ValueError, match="found"):
        replace(GOOD, found=doubled(5))
    assert replace(GOOD, broken=7).found.true == 6  # a change runs it again


def test_restoring_the_hypothesis_removes_the_contradiction() -> None:
    with pytest.raises(SymderiveError, match="n is even: expected a false claim without it, found a true"):
        replace(GOOD, broken=GOOD.restored)
    with pytest.raises(SymderiveError, match="expected a true claim with it, found 3 claimed, 2 true"):
        replace(GOOD, restored=GOOD.broken)


def test_an_objection_refutes_and_is_told() -> None:
    def typed(fits: bool) -> Worked:
        return Worked((), "1", 1, 1, objection="" if fits else "no such index")

    assert Witness("types", "", typed, False, True).found.objection == "no such index"
    with pytest.raises(SymderiveError, match="found 1 claimed, 1 true, no such index"):
        Witness("types", "", typed, False, False)


def test_both_sides_have_the_same_lines() -> None:
    def other(n: int) -> Worked:
        return replace(doubled(n), lines=((f"n = {n}", n),))

    with pytest.raises(SymderiveError, match="expected the same lines"):
        Witness("n is even", "", other, 3, 4)


@pytest.mark.parametrize("value", [0.5, True, "1", None, (1, (2, 0.5)), [1]])
def test_floats_and_other_things_are_no_exact_values(value: Any) -> None:
    with pytest.raises(SymderiveError, match="here: expected integers, fractions or tuples"):
        exact_value(value, "here")
    with pytest.raises(SymderiveError, match="q, true: expected"):
        Worked((), "q", 1, value)
    with pytest.raises(SymderiveError, match="line: expected"):
        Worked((("line", value),), "q", 1, 1)


def test_integers_become_fractions() -> None:
    w = Worked((("line", ((1, 2), (3, 4))),), "q", 1, 1)
    assert all(type(v) is Fraction for row in w.lines[0][1] for v in row) and type(w.true) is Fraction


def test_claim_and_truth_have_one_shape() -> None:
    with pytest.raises(SymderiveError, match="q: expected a claim of the shape of"):
        Worked((), "q", 1, (1, 2))


# ---------------------------------------------------------------- in a theorem, and before it is shown


def test_a_witness_defends_something_that_the_theorem_says() -> None:
    theorem = prove("T5")
    says = r"T5: expected a witness for a hypothesis \(.*equal biases.*found one for 'n is even'"
    with pytest.raises(SymderiveError, match=says):
        replace(theorem, witnesses=(GOOD,))
    for name in ("equal biases", "Every step may use another mini-batch"):
        assert replace(theorem, witnesses=(replace(GOOD, defends=name),)).witnesses


def test_it_is_run_again_before_it_is_shown() -> None:
    runs: Iterator[int] = count()

    def once(n: int) -> Worked:
        """Another number at every run."""
        return replace(doubled(n), lines=(("run", next(runs)),))

    with pytest.raises(CheckFailed, match="witness for n is even: expected 3 claimed, 2 true, as when it"):
        check_witness(Witness("n is even", "", once, 3, 4))
    w = replace(GOOD)
    object.__setattr__(w, "found", Worked((("n", 3),), "2 (n // 2)", claimed=3, true=1))  # by force
    with pytest.raises(CheckFailed, match="3 claimed, 1 true, as when it was made, found 3 and 2"):
        check_witness(w)
    assert str(check_witness(GOOD).evidence) == "refuted: claimed 3, true 2, in exact fractions"


@pytest.mark.parametrize(
    ("value", "latex"),
    [
        (Fraction(0), "0"),
        (Fraction(-7, 3), r"-\frac{7}{3}"),
        ((Fraction(1), Fraction(-1, 2)), r"(1, -\frac{1}{2})"),
        (((Fraction(1), Fraction(2)),), r"\begin{pmatrix} 1 & 2 \end{pmatrix}"),
        (((Fraction(1),), (Fraction(2),)), r"\begin{pmatrix} 1 \\ 2 \end{pmatrix}"),
        (((Fraction(3),),), "3"),
    ],
)
def test_values_in_latex(value: Any, latex: str) -> None:
    assert value_latex(value) == latex
