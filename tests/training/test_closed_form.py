"""The closed form against flows that know nothing of it, and against another integrator."""

from __future__ import annotations

from math import log

import numpy as np
import pytest
import sympy

from symderive.claims.evidence import CheckFailed
from symderive.errors import SymderiveError
from symderive.training import closed_form
from symderive.training.closed_form import flow, limit, runge_kutta, saxe, saxe_time


@pytest.mark.parametrize("seed", range(5))
def test_the_limit_is_where_the_flow_ends(seed: int) -> None:
    rng = np.random.default_rng(seed)
    w, v = rng.normal(size=(2, 4))
    x, y = rng.normal(size=(2, 6))
    y = y + 3 * x
    m, s = float(np.mean(x * x)), float(np.mean(x * y))
    end = flow(w, v, x, y, 30 / s, 4_000)
    ends = limit(w, v, s, m)
    assert np.allclose(ends, end, rtol=0, atol=1e-8)
    assert abs(m * float(ends[0] @ ends[1]) - s) < 1e-12


def test_distinct_neurons_end_distinct_and_keep_their_ratio() -> None:
    w, v = np.array([0.1, 0.2, 0.2]), np.array([0.1, 0.3, 0.3])
    a, b = limit(w, v, 2.0)
    assert a[1] == a[2] and a[0] != a[1]
    assert np.isclose((a + b)[0] / (a + b)[1], (w + v)[0] / (w + v)[1], rtol=1e-14)


def test_a_negative_target() -> None:
    """The differences take over: q grows, p shrinks."""
    w, v = np.array([0.5, -0.1]), np.array([0.2, 0.4])
    ends, end = limit(w, v, -2.0), flow(w, v, [1.0], [-2.0], 20, 4_000)
    assert np.allclose(ends, end, atol=1e-9)


def test_an_integrator_of_another_kind() -> None:
    scipy = pytest.importorskip("scipy.integrate")
    w, v, s = np.array([0.1, 0.3]), np.array([0.2, -0.1]), 1.5

    def f(t: float, theta: np.ndarray) -> np.ndarray:
        a, b = theta[:2], theta[2:]
        error = s - a @ b
        return np.concatenate((error * b, error * a))

    found = scipy.solve_ivp(f, (0, 2), np.concatenate((w, v)), rtol=1e-11, atol=1e-12).y[:, -1]
    assert np.allclose(np.concatenate(flow(w, v, [1.0], [s], 2.0, 800)), found, atol=1e-9)


def test_the_order_of_the_integrator_is_four() -> None:
    errors = [abs(float(runge_kutta(lambda x: -x, [1.0], 1.0, n)[0]) - np.exp(-1)) for n in (10, 20)]
    assert 14 < errors[0] / errors[1] < 18


def test_saxes_time_to_all_digits() -> None:
    """s = 3, tau = 1, u0 = 0.001, until 0.99 s: t = log(99 (s/u0 - 1)) / (2 s) = 2.10019.."""
    t = saxe_time(0.99 * 3, 3, 0.001)
    assert f"{t:.5f}" == "2.10019"
    exact = sympy.log(sympy.Rational(99) * (3000 - 1)) / 6
    assert abs(t - float(exact.evalf(30))) < 1e-14
    assert abs(saxe(t, 3, 0.001) - 2.97) < 1e-12
    assert abs(t - (log(99) + log(2999)) / 6) < 1e-14


def test_saxes_formula_solves_saxes_equation() -> None:
    """By SymPy's differentiation, which shares nothing with the kernel's."""
    t, s, m, u0, tau = sympy.symbols("t s m u0 tau", positive=True)
    E = sympy.exp(2 * s * t / tau)
    u = s * E / (m * E - m + s / u0)
    assert sympy.simplify(tau * u.diff(t) - 2 * u * (s - m * u)) == 0
    assert sympy.simplify(u.subs(t, 0) - u0) == 0
    wrong = s * E / (m * E + m + s / u0)
    assert sympy.simplify(tau * wrong.diff(t) - 2 * wrong * (s - m * wrong)) != 0 or wrong.subs(t, 0) != u0
    value = {t: 0.3, s: 1.5, m: 0.7, u0: 0.2, tau: 2}
    assert abs(saxe(0.3, 1.5, 0.2, 2, 0.7) - float(u.subs(value))) < 1e-12


def test_it_starts_where_it_starts_and_ends_on_target() -> None:
    assert saxe(0, 2, 0.1, m=0.5) == pytest.approx(0.1)
    assert saxe(1e3, 2, 0.1, m=0.5) == pytest.approx(4)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: limit([1.0], [1.0, 2.0], 1), "expected two vectors of one length"),
        (lambda: limit([1.0], [-1.0], 1), "expected w [+] v other than 0"),
        (lambda: limit([1.0], [1.0], -1), "the weights go to 0"),
        (lambda: saxe(1, 1, 0), "above 0, found 1, 0"),
        (lambda: saxe_time(2, 1, 0.5), "between 0 and s / m"),
    ],
)
def test_what_has_no_answer(call: object, words: str) -> None:
    with pytest.raises(SymderiveError, match=words):
        call()  # type: ignore[operator]


@pytest.mark.parametrize("name", ["limit", "saxe"])
def test_another_formula_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = getattr(closed_form, name)

    def wrong(*arguments: object, **named: object) -> object:
        found = real(*arguments, **named)
        return tuple(1.001 * a for a in found) if name == "limit" else 1.001 * found

    monkeypatch.setattr(closed_form, name, wrong)
    with pytest.raises(CheckFailed, match="expected a relative difference of at most 1e-09"):
        closed_form.evidence(1)
