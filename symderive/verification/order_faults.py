"""Rows of the table of faults: gradients that are right, and stand at other layers' places.

A list that is appended to on the way back is in reversed order; names or places are mixed up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations

import numpy as np

from symderive.verification.backward import Change, Pieces
from symderive.verification.faults import Fault, Row
from symderive.verification.quantities import Quantities

KINDS = (("W", "b"), ("W",), ("b",))


def _placed(q: Quantities, kinds: tuple[str, ...], source: Mapping[int, int]) -> Change:
    """At layer l the gradient of layer source[l]."""

    def change(p: Pieces) -> Pieces:
        for l, m in source.items():
            if "W" in kinds:
                p = p.put("weight_source", l, m).put("inputs", l, q.a[m - 1])
                p = p.put("decay", ("W", l), q.decay * q.case.weights[m - 1])
            if "b" in kinds:
                p = p.put("bias_source", l, m).put("decay", ("b", l), np.zeros_like(q.case.biases[m - 1]))
        return p

    return change


def _wrong_order(q: Quantities, old: Quantities) -> Iterator[Fault]:
    L = q.depth
    if L > 2:  # of two layers, that is to exchange them
        for kinds in KINDS:
            named = " and ".join(f"d{k}" for k in kinds)
            source = {l: L + 1 - l for l in range(1, L + 1)}
            words = f"every {named} stands where the reversed order of layers has it"
            yield Fault("wrong_order", words, _placed(q, kinds, source))
    for l, m in combinations(range(1, L + 1), 2):
        for kinds in KINDS:
            words = ", and ".join(f"d{k}{l} and d{k}{m} are exchanged" for k in kinds)
            yield Fault("wrong_order", words, _placed(q, kinds, {l: m, m: l}))


ROWS: tuple[Row, ...] = (_wrong_order,)
