"""Derivatives of random recursions over layers are true at every depth, first and last layers included."""

from __future__ import annotations

import random

import pytest
from entrywise import Truth
from random_recursions import pieces, system

from symderive.derivation import derive, hessian_vector
from symderive.systems import System, SystemTypeError


def accepted(seed: int, count: int) -> list[System]:
    """Systems that fit, of random ones."""
    rng = random.Random(seed)
    found: list[System] = []
    while len(found) < count:
        try:
            found.append(system(pieces(rng)))
        except SystemTypeError:
            continue
    return found


@pytest.mark.parametrize("seed", range(2))
def test_all_steps_are_true_at_all_depths(seed: int) -> None:
    for net in accepted(seed, 12):
        d = derive(net, wrt=["w", "x"])
        assert d.as_system()
        for depth in range(1, 6):
            truth = Truth(net, {"L": depth})
            layers = sorted(
                truth.integer(x.lhs.index[0].xreplace(env), {}, ())
                for x in d.gradient("w")
                for env in truth.points(x.indices)
            )
            assert layers == list(range(depth + 1))
            for x in d.definitions:
                for s in d.steps[x]:
                    gap, _ = truth.gap(s.lhs, s.rhs, s.context.limits)
                    assert gap < 1e-11, f"{net}\n{s} at depth {depth}"


@pytest.mark.parametrize("seed", range(2))
def test_so_are_second_derivatives(seed: int) -> None:
    for net in accepted(100 + seed, 4):
        second = hessian_vector(derive(net))
        assert second.as_system()
        for depth in range(1, 5):
            truth = Truth(second.system, {"L": depth})
            for x in (*second.definitions, *second.auxiliary):
                gap, _ = truth.gap(x.lhs, x.rhs, x.indices)
                assert gap < 1e-11, f"{net}\n{x} at depth {depth}"
