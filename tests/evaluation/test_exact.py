"""The exact oracle against sums written out by hand, and against derivatives by exact finite differences."""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from sympy import Abs, Integer, Max, Min, Rational, Symbol, exp, sign, sqrt, zoo

from symderive.calculus import (
    Bracket,
    Functional,
    IndexSum,
    PartialDerivative,
    ScalarFunction,
    family,
    index_sum,
    indices,
    size,
    tensor,
)
from symderive.errors import SymderiveError
from symderive.evaluation.exact import (
    Assignment,
    Budget,
    ExactError,
    ZeroDenominator,
    evaluate_exact,
    functional,
    polynomial,
)

i, j, k, l = indices("i j k l")
n = size("n")
d = tensor("d", (l, 0, 9), kind="dimension")
x, y = tensor("x", (k, 1, n)), tensor("y", (k, 1, n))
A = tensor("A", (j, 1, n), (k, 1, n))
pi = tensor("pi", (l, 1, 2), (j, 1, d[l]), sup=1, kind="permutation")
m = tensor("m", (k, 1, 3), kind="integer")
sigma, phi = ScalarFunction("sigma"), ScalarFunction("phi", sup=1)
C, E = Functional("C"), Functional("E", arity=2)

numbered: Any = {
    "x": lambda k: 10 * k,
    "y": lambda k: Fraction(1, k),
    "A": lambda j, k: 100 * j + k,
}
GIVEN = Assignment({n: 3, i: 2, j: 1, k: 5}, entries=lambda name, *at: numbered[name](*at))


@pytest.mark.parametrize(
    ("term", "value"),
    [
        (x[2] + x[k], 20 + 50),
        (IndexSum(x[k], (k, 1, n)), 10 + 20 + 30),
        (IndexSum(A[j, k] * x[k], (k, 1, n)), 101 * 10 + 102 * 20 + 103 * 30),
        (IndexSum(IndexSum(A[j, k], (k, 1, j)), (j, 1, n)), 101 + (201 + 202) + (301 + 302 + 303)),
        (IndexSum(IndexSum(A[j, k], (j, 1, k)), (k, 1, j + 2)), 101 + (102 + 202) + (103 + 203 + 303)),
        (IndexSum(x[k], (k, 1, n)) ** 2, 3600),
        (IndexSum(x[k] ** 2, (k, 1, n)), 100 + 400 + 900),
        (IndexSum(y[k], (k, 1, n)), Fraction(11, 6)),
        (IndexSum(x[k], (k, 2, 1)), 0),
        (IndexSum(x[k], (k, n, n - 5)), 0),
        (IndexSum(7, (k, 1, n)), 21),
        (IndexSum(k, (k, 0, n)), 6),
        (x[1] ** -2, Fraction(1, 100)),
        (Rational(2, 3) * x[3], 20),
        (IndexSum(Bracket.equal(2 * k, i) * x[k], (k, 1, n)), 10),
        (IndexSum(Bracket.at_most(k, i) * x[k], (k, 1, n)), 30),
        (IndexSum(Bracket.less(k, i) * x[k], (k, 1, n)), 10),
        (Bracket.less(x[1], y[1]), 0),
        (x[j + 1] * A[i - 1, n], 20 * 103),
        (2 ** IndexSum(1, (k, 1, n)), 8),
        (Max(x[1], y[1]) + Min(x[1], y[1]) + Abs(-x[1]) + sign(-y[2]), 10 + 1 + 10 - 1),
    ],
)  # fmt: skip
def test_sums_written_out_by_hand(term: Any, value: Any) -> None:
    assert evaluate_exact(term, GIVEN) == value


def test_a_plain_integer_is_a_term() -> None:
    assert evaluate_exact(5) == 5


def test_what_is_drawn_depends_on_seed_name_and_index_alone() -> None:
    program = (
        "from symderive.evaluation.exact import Assignment, evaluate_exact\n"
        "from symderive.calculus import *\n"
        "j, k = indices('j k'); x = tensor('x', (k, 1, 3)); f = ScalarFunction('f')\n"
        "print(evaluate_exact(IndexSum(f(x[k])*x[k + 1], (k, -4, 9)), Assignment(seed=5)))"
    )
    root = str(Path(__file__).resolve().parents[2])
    seen = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": h, "PYTHONPATH": root},
            capture_output=True,
            check=True,
        ).stdout
        for h in ("1", "2")
    }
    assert len(seen) == 1 and seen != {b""}
    values = [evaluate_exact(x[k], Assignment({k: v}, seed=s)) for v in range(-20, 20) for s in range(3)]
    assert len(set(values)) > 15


def test_widths_are_positive_integers_inside_and_outside_their_range() -> None:
    values = {evaluate_exact(d[l], Assignment({l: v}, widths=(1, 4))) for v in range(-50, 50)}
    assert values == {1, 2, 3, 4}


def test_integer_entries_are_integers() -> None:
    assert all(evaluate_exact(m[k], Assignment({k: v})).denominator == 1 for v in range(-30, 30))


@pytest.mark.parametrize("seed", range(20))
def test_a_permutation_permutes_its_range_in_every_layer(seed: int) -> None:
    a = Assignment(seed=seed, widths=(2, 5))
    for layer in (1, 2):
        width = int(evaluate_exact(d[layer], a))
        images = [evaluate_exact(pi[layer, v], a) for v in range(1, width + 1)]
        assert sorted(images) == list(range(1, width + 1))


def test_a_permutation_is_arbitrary_outside_and_not_always_the_identity() -> None:
    seen = [
        tuple(evaluate_exact(pi[at, v], Assignment(seed=s, widths=(3, 3))) for v in (1, 2, 3))
        for s in range(30)
        for at in (1, 7)
    ]
    inside, outside = seen[::2], seen[1::2]
    assert len(set(inside)) == 6
    assert any(len(set(images)) < 3 for images in outside)


def exact_derivative(f: Any) -> Fraction:
    """f'(0) of a polynomial of degree at most four."""
    return Fraction(8 * (f(1) - f(-1)) - (f(2) - f(-2)), 12)


@pytest.mark.parametrize("z", [Fraction(0), Fraction(3), Fraction(-5, 7)])
def test_derivatives_of_scalar_functions(z: Fraction) -> None:
    c = Assignment(seed=3).coefficients("function", "f")
    for order in range(4):
        slope = exact_derivative(lambda t, order=order: polynomial(c, order, z + t))
        assert polynomial(c, order + 1, z) == slope
    assert polynomial(c, 0, z) != polynomial(c, 1, z)
    applied = IndexSum(phi(x[k], k, order=2), (k, 1, 2))
    parts = [evaluate_exact(phi(x[v], v, order=2), GIVEN) for v in (1, 2)]
    assert evaluate_exact(applied, GIVEN) == sum(parts) and parts[0] != parts[1]


def test_partials_of_functionals() -> None:
    a = Assignment(seed=11)
    base: dict[tuple[int, tuple[int, ...]], Any] = {
        (0, (1,)): Fraction(2), (0, (2,)): Fraction(-1, 3),
        (1, (1, 1)): Fraction(5), (1, (1, 2)): Fraction(0),
    }  # fmt: skip
    for p in base:
        for before in ([], [(0, (2,))], [(1, (1, 1)), p]):
            slope = exact_derivative(lambda t, p=p, b=before: functional(a, "E", {**base, p: base[p] + t}, b))
            assert functional(a, "E", base, [*before, p]) == slope == functional(a, "E", base, [p, *before])


def test_a_functional_sees_order_range_and_family() -> None:
    a = Assignment({n: 3}, seed=2)
    u, v = family(x[k], (k, 1, n)), family(y[k], (k, 1, n))
    values = [
        evaluate_exact(e, a)
        for e in (
            E(u, v),
            E(v, u),
            E(u, family(y[k], (k, 1, n - 1))),
            E(family(x[4 - k], (k, 1, n)), v),
            C(u),
        )
    ]
    assert len(set(values)) == len(values)
    table = family(A[j, k], (j, 1, 2), (k, 1, j))
    by_hand: dict[Any, Any] = {
        (0, (p, q)): evaluate_exact(A[p, q], a) for p in (1, 2) for q in range(1, p + 1)
    }
    assert evaluate_exact(C(table), a) == functional(a, "C", by_hand)
    # terms name families from 0, with the indices from outside in
    assert evaluate_exact(C(table, partials=[(0, 2, 1)]), a) == functional(a, "C", by_hand, [(0, (2, 1))])


def test_functions_and_functionals_by_name() -> None:
    """sigma(z) = 1 + 2 z^2 and C(a; y) = sum_k (a_k - y_k)^2 / 2, with their derivatives."""

    def halved(entries: Any) -> Fraction:
        own = {index: v for (m, index), v in entries.items() if m == 0}
        return sum((Fraction(v - entries[1, index]) ** 2 / 2 for index, v in own.items()), Fraction(0))

    a = Assignment({n: 2, k: 2}, 1, lambda name, at: {"x": 3 * at, "y": at}[name],
                   functions={"sigma": (1, 0, 2)}, functionals={"E": halved})  # fmt: skip
    assert evaluate_exact(sigma(x[k]), a) == 1 + 2 * 36
    assert evaluate_exact(sigma(x[k], order=1), a) == 4 * 6
    assert evaluate_exact(phi(x[k], 1), a) == evaluate_exact(phi(x[k], 1), replace(a, functions={}))
    both = (family(x[k], (k, 1, n)), family(y[k], (k, 1, n)))
    assert evaluate_exact(E(*both), a) == Fraction(2**2 + 4**2, 2)
    assert evaluate_exact(E(*both, partials=[(0, 2)]), a) == 4
    assert evaluate_exact(E(*both, partials=[(1, 1)]), a) == -2
    assert evaluate_exact(E(*both, partials=[(0, 2), (1, 2)]), a) == -1
    assert evaluate_exact(E(*both, partials=[(0, 2), (1, 1)]), a) == 0
    with pytest.raises(ExactError, match=r"by an entry of the functional, found \(0, \(3,\)\)"):
        evaluate_exact(E(*both, partials=[(0, 3)]), a)


def test_a_place_holder_has_some_value_that_depends_on_both_entries() -> None:
    seen = {
        (p, q): evaluate_exact(PartialDerivative(x[p], y[q]), GIVEN) for p in range(1, 5) for q in range(1, 5)
    }
    assert len(set(seen.values())) > 5
    assert evaluate_exact(PartialDerivative(x[j], y[i]), GIVEN) == seen[1, 2]


loose_body = IndexSum(x[k] * y[j], (k, 1, 3)).body


@pytest.mark.parametrize(
    ("term", "error", "message"),
    [
        (1 / (x[1] - x[1] * Bracket.equal(j, 1)), ZeroDenominator, "expected a nonzero denominator"),
        (IndexSum(1 / (k - 2), (k, 1, n)), ZeroDenominator, "nonzero denominator, found #0 - 2 = 0"),
        (zoo * x[1], ZeroDenominator, "a division by zero left behind"),
        (sqrt(x[1]), ExactError, "expected an integer exponent of size at most 64, found 1/2"),
        (x[1] ** 65, ExactError, "expected an integer exponent of size at most 64, found 65"),
        (exp(x[1]), ExactError, "expected sums, products, powers and index terms, found exp"),
        (x[l], ExactError, "expected a value for every free symbol, found none for l"),
        (A[n / 2, 1], ExactError, "expected an integer index, found n/2 = 3/2"),
        (loose_body, ExactError, "expected a closed term, found the bound index #0 outside its sum"),
        (family(x[k], (k, 1, 3)), ExactError, "expected a scalar, found the family"),
        (index_sum(x[i] * x[j] * x[k], (i, 1, 99), (j, 1, 99), (k, 1, 99)), Budget,
         "at most 1000000 operations"),
        (((x[1] ** 64) ** Rational(64)) ** 64, ExactError, "exponent|bits"),
    ],
)  # fmt: skip
def test_terms_without_an_exact_value(term: Any, error: type[SymderiveError], message: str) -> None:
    with pytest.raises(error, match=message):
        evaluate_exact(term, GIVEN)


def test_huge_powers_are_refused() -> None:
    tower: Any = x[1]
    for s in range(6):
        tower = (tower + s) ** 64
    with pytest.raises(Budget, match="expected numbers of 100000 bits"):
        evaluate_exact(tower, GIVEN)


def test_deep_terms_are_refused() -> None:
    e: Any = x[1]
    for _ in range(120):
        e = sigma(e)
    limit = sys.getrecursionlimit()
    try:
        sys.setrecursionlimit(len(inspect.stack()) + 200)
        with pytest.raises(ExactError, match="nested too deeply"):
            evaluate_exact(e, Assignment(entries={("x", 1): 0}))
    finally:
        sys.setrecursionlimit(limit)


@pytest.mark.parametrize(
    ("symbols", "message"),
    [
        ({n: 2, j: Fraction(1, 2)}, "expected an integer for the index j, found 1/2"),
        ({n: 0, j: 1}, "expected a positive value for n, found 0"),
    ],
)
def test_bad_assignments(symbols: Any, message: str) -> None:
    with pytest.raises(ExactError, match=message):
        evaluate_exact(x[j] * n, Assignment(symbols))


def test_given_entries_must_fit_their_kind() -> None:
    for term, value, kind in (
        (d[1], 0, "dimension"),
        (d[1], Fraction(1, 2), "dimension"),
        (m[1], Fraction(1, 2), "integer"),
    ):
        with pytest.raises(ExactError, match=f"expected a {kind}"):
            evaluate_exact(term, Assignment(entries={(term.symbol.name, 1): value}))


def test_names_are_as_good_as_symbols_and_fractions_as_good_as_integers() -> None:
    t = Symbol("t", real=True)
    assert evaluate_exact(t * k, {"t": Fraction(1, 3), "k": 6}) == 2
    assert evaluate_exact(x[1], Assignment(entries={("x", 1): Fraction(7, 2)})) == Fraction(7, 2)


@pytest.mark.parametrize(
    "mutation",
    [
        IndexSum(A[k, j] * x[k], (k, 1, n)),
        IndexSum(A[j, k] * x[j], (k, 1, n)),
        IndexSum(A[j, k] * y[k], (k, 1, n)),
        IndexSum(A[j, k] * x[k + 1], (k, 1, n)),
        IndexSum(A[j, k] * x[k], (k, 1, n - 1)),
        IndexSum(A[j, k] * x[k], (k, 0, n)),
        IndexSum(A[j, k] * x[k] ** 2, (k, 1, n)),
        IndexSum(A[j, k] * sigma(x[k]), (k, 1, n)),
        -IndexSum(A[j, k] * x[k], (k, 1, n)),
        Integer(0),
    ],
)
def test_a_mutated_term_has_another_value(mutation: Any) -> None:
    right = IndexSum(A[j, k] * x[k], (k, 1, n))
    a = [Assignment({n: 3, j: 2}, seed=s) for s in range(3)]
    assert [evaluate_exact(right, s) for s in a] != [evaluate_exact(mutation, s) for s in a]
