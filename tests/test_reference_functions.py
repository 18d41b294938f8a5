"""The activations and costs of the oracle against mpmath and their own complex steps, to the last digits."""

from __future__ import annotations

import math
from typing import Any

import mpmath
import numpy as np
import pytest

from symderive.reference import ACTIVATIONS, Array, activation, cost_function, erf

ANALYTIC = [name for name in ACTIVATIONS if activation(name).analytic]
GRID = np.concatenate([np.linspace(-30, 30, 1201), np.geomspace(1e-200, 1, 60), -np.geomspace(1e-12, 1, 40)])


def worst(found: Array, true: list[Any]) -> float:
    pairs = [(mpmath.mpmathify(f.item()), t) for f, t in zip(found, true, strict=True)]
    return float(max(abs((f - t) / t) if t else abs(f) for f, t in pairs))


def test_erf_and_gelu_to_the_last_digits() -> None:
    with mpmath.workdps(40):
        grid = [mpmath.mpf(v.item()) for v in GRID]
        assert worst(erf(GRID), [mpmath.erf(v) for v in grid]) < 1e-15
        assert worst(erf(GRID), [mpmath.mpf(math.erf(v)) for v in GRID]) < 1e-15
        gelu = activation("gelu")
        assert worst(gelu.value(GRID), [v * mpmath.ncdf(v) for v in grid]) < 1e-15
        away = np.abs(GRID + 0.7517915) > 0.1  # from the zero of the derivative
        slopes = [mpmath.ncdf(v) + v * mpmath.npdf(v) for v, far in zip(grid, away, strict=True) if far]
        assert worst(gelu.derivative(GRID[away]), slopes) < 2e-15
        plane = (np.linspace(-6, 6, 61)[:, None] + 1j * np.linspace(-1, 1, 9)).ravel()
        assert worst(erf(plane), [mpmath.erf(complex(v)) for v in plane]) < 1e-15
        near = GRID[np.abs(GRID) < 20]
        gauss = [2 / mpmath.sqrt(mpmath.pi) * mpmath.exp(-(mpmath.mpf(v.item()) ** 2)) for v in near]
        assert worst(erf(near + 1e-30j).imag / 1e-30, gauss) < 2e-15


@pytest.mark.parametrize("name", ANALYTIC)
def test_derivatives_against_complex_step(name: str) -> None:
    sigma = activation(name)
    np.testing.assert_allclose(
        sigma.value(GRID + 1e-30j).imag / 1e-30, sigma.derivative(GRID), rtol=1e-13, atol=1e-250
    )
    np.testing.assert_allclose(sigma.value(GRID + 0j).real, sigma.value(GRID), rtol=1e-14)


def test_values_against_mpmath() -> None:
    z = np.linspace(-600, 600, 241)
    with mpmath.workdps(700):
        exact = [mpmath.mpf(v.item()) for v in z]
        logistic = [1 / (1 + mpmath.exp(-v)) for v in exact]
        assert worst(activation("sigmoid").value(z), logistic) < 1e-15
        assert worst(activation("sigmoid").derivative(z), [s * (1 - s) for s in logistic]) < 1e-15
        softplus = [mpmath.log1p(mpmath.exp(v)) for v in exact]
        assert worst(activation("softplus").value(z), softplus) < 1e-15
        assert worst(activation("softplus").value(z + 0j).real, softplus) < 1e-15
        silu = [v * s for v, s in zip(exact, logistic, strict=True)]
        assert worst(activation("silu").value(z), silu) < 1e-15
        assert worst(activation("tanh").derivative(z / 2), [mpmath.sech(v / 2) ** 2 for v in exact]) < 1e-15


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_huge_preactivations_raise_no_warning(name: str) -> None:
    z = np.array([-1e300, -1e9, -800.0, -40.0, 0.0, 40.0, 800.0, 1e9, 1e300])
    sigma = activation(name)
    with np.errstate(all="raise", under="ignore"):
        value, derivative = sigma.value(z), sigma.derivative(z)
        assert np.isfinite(value).all() and np.isfinite(derivative).all()
        np.testing.assert_array_equal(sigma.value(z + 0j).real, value)
        if sigma.analytic:
            np.testing.assert_allclose(sigma.value(z + 1e-30j).imag / 1e-30, derivative, rtol=1e-14)


def test_costs_of_huge_logits() -> None:
    a, y = np.array([[1e4, 0.0, -1e4], [0.0, 50.0, 0.0]]), np.array([[0.0, 1.0, 0.0], [0.0, 1.0, 0.0]])
    with np.errstate(all="raise", under="ignore"):
        softmax = cost_function("softmax_cross_entropy")
        np.testing.assert_allclose(softmax.value(a, y), [1e4, 2 * math.exp(-50)], atol=1e-15)
        assert softmax.gradient is not None
        slope = np.array([[1.0, -1.0, 0.0], [math.exp(-50), -2 * math.exp(-50), math.exp(-50)]])
        np.testing.assert_allclose(softmax.gradient(a, y), slope, rtol=1e-14)
        binary = cost_function("binary_cross_entropy")
        np.testing.assert_allclose(binary.value(a, y), [1e4 + math.log(2), 2 * math.log(2)], rtol=1e-15)
        assert binary.gradient is not None
        np.testing.assert_allclose(binary.gradient(a, y)[0], np.array([1.0, -0.5, 0.0]))
