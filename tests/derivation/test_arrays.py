"""What is derived of systems typed by hand, evaluated on NumPy arrays: layers, times, strides and guards."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from entrywise import Truth, drawn
from example_systems import EXAMPLES

from symderive.calculus import TensorSymbol
from symderive.derivation import derive
from symderive.derivation.adjoint import adjoint_symbol
from symderive.evaluation.numeric import evaluate


def limits(truth: Truth, t: TensorSymbol, known: tuple[int, ...]) -> list[tuple[int, int]]:
    """The ranges of the indices that follow the known ones, as far as those say them."""
    found = t.ranges(*known, *[1] * (t.rank - len(known)))[len(known) :]
    return [(truth.integer(lo, {}, ()), truth.integer(hi, {}, ())) for lo, hi in found]


def superscripts(truth: Truth, t: TensorSymbol) -> list[tuple[int, ...]]:
    found: list[tuple[int, ...]] = [()]
    for _ in range(t.sup):
        found = [(*s, v) for s in found for lo, hi in limits(truth, t, s)[:1] for v in range(lo, hi + 1)]
    return found


def array(truth: Truth, t: TensorSymbol, sup: tuple[int, ...]) -> Any:
    """The values that the truth gives the entries."""
    ranges = [range(lo, hi + 1) for lo, hi in limits(truth, t, sup)]
    values = [truth.entry(t, (*sup, *at)).real for at in product(*ranges)]
    return np.array(values).reshape([len(r) for r in ranges])


@pytest.mark.parametrize("name", EXAMPLES)
def test_gradients_on_arrays_are_true(name: str) -> None:
    example = EXAMPLES[name]()
    system = example.system
    given = (*system.inputs, *system.parameters)
    constants = {"epsilon": drawn(0, "epsilon", low=0.2)} if name == "layer norm" else {}
    derived = derive(system, wrt=given).as_system()
    for sizes in example.all_sizes:
        truth = Truth(system, sizes)
        arrays = {t.name: {s: array(truth, t, s) for s in superscripts(truth, t)} for t in given if t.sup}
        arrays |= {t.name: array(truth, t, ()) for t in given if not t.sup}
        run = evaluate(derived, arrays, {**sizes, **constants}, functions={"sigma": [np.sin, np.cos]})
        for t in given:
            for s in superscripts(truth, t):
                bar = adjoint_symbol(system, t)
                assert np.allclose(run.value(bar, *s), array(truth, bar, s), rtol=1e-12, atol=1e-13)
