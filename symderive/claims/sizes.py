"""Sizes for a test: every symbolic width another number, so that no transposition hides behind equal ones."""

from __future__ import annotations

from collections.abc import Iterable

from sympy import Symbol
from sympy.core.basic import Basic

from symderive.calculus.atoms import TensorSymbol, size
from symderive.calculus.terms import Entry

DEPTH = size("L")
LAYERS = 3
# none is the depth or the number of samples, and none comes twice in up to 11 layers
WIDTHS = (2, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15)
SAMPLES = 7
FIXED = {"T": 1, "D": 2, "H": 4, "K": 3, "N": 2, "S": 3}
"""One training step, two components of an optimiser's state; neurons, inputs, outputs of a hidden layer; S
samples where a test is long."""


def symbols_of(e: Basic) -> set[Basic]:
    """The free symbols of a term, and those in the declared ranges of its tensors."""
    found = set(e.free_symbols)
    for t in [s for s in found if isinstance(s, TensorSymbol)]:
        for lo, hi in t.axes:
            found |= lo.free_symbols | hi.free_symbols
    return found


def test_sizes(terms: Iterable[Basic], depth: int | None = None) -> dict[Basic, int]:
    """Depth 3, seven samples, one training step; widths n_0, n_1, .. = 2, 4, 5, 6, .., and K = 2, 2, 3, 6.

    >>> from symderive.systems import mlp
    >>> sizes = test_sizes(mlp().terms()); sorted(map(str, sizes))
    ['L', 'n[0]', 'n[1]', 'n[2]', 'n[3]']
    """
    found = set().union(*(symbols_of(e) for e in terms))
    sizes: dict[Basic, int] = {}
    for s in sorted((s for s in found if isinstance(s, Symbol) and s.is_integer and s.is_positive), key=str):
        sizes[s] = LAYERS if s == DEPTH else FIXED.get(s.name, SAMPLES)
    layers = depth or LAYERS
    widths = [s for s in found if isinstance(s, TensorSymbol) and s.kind == "dimension" and s.rank == 1]
    for n in widths:
        fewer = len(widths) > 1 and n.name != "n"  # numbers of colours: fewer than neurons, but at the ends
        for m in range(layers + 1):
            entry: Entry = n[m]
            inside = 0 < m < layers
            sizes[entry] = WIDTHS[m % len(WIDTHS)] - (2 if fewer and inside else 0)
    return sizes


test_sizes.__test__ = False  # type: ignore[attr-defined]  # no test of pytest's
