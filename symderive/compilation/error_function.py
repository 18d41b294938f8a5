r"""The error function in NumPy: erf x = 1 - t e^{-x^2} q(t) with t = 2/(2 + x) for x >= 0; odd.

q(t) = e^{x^2} erfc(x) / t is smooth on 0 <= t <= 1, and a polynomial to rounding; its coefficients are
computed with mpmath, at Chebyshev points.
"""

from __future__ import annotations

from functools import lru_cache

import mpmath

TERMS = 36


@lru_cache(maxsize=1)
def coefficients() -> tuple[float, ...]:
    """The Chebyshev coefficients of q in 2t - 1.

    >>> len(coefficients()) == TERMS, abs(coefficients()[-1]) < 1e-15
    (True, True)
    """
    with mpmath.workdps(40):
        points = [mpmath.cos(mpmath.pi * (m + mpmath.mpf(1) / 2) / TERMS) for m in range(TERMS)]
        values = []
        for u in points:
            t = (u + 1) / 2
            x = 2 / t - 2
            values.append(mpmath.exp(x * x) * mpmath.erfc(x) / t if x < 1e4 else _far(x, t))
        found = []
        for n in range(TERMS):
            angles = [mpmath.cos(n * mpmath.pi * (m + mpmath.mpf(1) / 2) / TERMS) for m in range(TERMS)]
            total = mpmath.fsum(v * c for v, c in zip(values, angles, strict=True))
            found.append(float(total * (1 if n == 0 else 2) / TERMS))
    return tuple(found)


def _far(x: mpmath.mpf, t: mpmath.mpf) -> mpmath.mpf:
    """e^{x^2} erfc(x) for large x."""
    return 1 / (x * mpmath.sqrt(mpmath.pi)) * (1 - 1 / (2 * x * x)) / t


def source() -> str:
    """The function as Python source.

    >>> "def _erf(x, out=None):" in source()
    True
    """
    listed = "".join(f"    {c!r},\n" for c in coefficients())
    return f"\n\n_ERF = (\n{listed})\n{FUNCTION}"


FUNCTION = '''

def _erf(x, out=None):
    """The error function, to an absolute error of 1e-15, by a Chebyshev series in 2/(2 + |x|)."""
    size = np.abs(x)
    t = 2.0 / (2.0 + size)
    u = 2.0 * (2.0 * t - 1.0)
    one = two = np.zeros_like(t)
    for c in _ERF[:0:-1]:
        one, two = u * one - two + c, one
    q = 0.5 * u * one - two + _ERF[0]
    return np.multiply(np.sign(x), 1.0 - t * np.exp(-size * size) * q, out=out)
'''
