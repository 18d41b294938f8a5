"""Whether a gradient is right for another network than the one stated: other activations, forwards and back.

The NumPy reference makes those gradients; the derived one has judged already.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from symderive import reference
from symderive.errors import SymderiveError
from symderive.systems.activations import NAMES
from symderive.verification.backward import Key, Part
from symderive.verification.diagnosis import Candidate, Diagnosis, in_layers
from symderive.verification.measured import agrees
from symderive.verification.oracles import reference_network

MOST_WEIGHTS = 200_000
LEAKY = "leaky_relu"
SLOPES = (0.1, 0.2, 0.3, 0.05, 0.001)


def another_network(candidates: Sequence[Candidate], reduction: str) -> tuple[int, Diagnosis] | None:
    """Which candidate is right for other activations, and for which."""
    for at, candidate in enumerate(candidates):
        q = candidate.sights[0].q
        if candidate.only or sum(w.size for w in q.weights) > MOST_WEIGHTS:
            continue
        own = reference_network(q.network, q, reduction)
        for words, other in _others(own) if own is not None else ():
            if _fits(candidate, other):
                return at, Diagnosis(("other_network",), (f"the gradient of another network, with {words}",))
    return None


def _others(own: reference.Network) -> Iterator[tuple[str, reference.Network]]:
    """The same network with one activation in all hidden layers, in the last one, or in all."""
    names = [layer.name for layer in own.layers]
    L = len(names)
    wheres = [range(L - 1), range(L - 1, L), range(L)] if L > 1 else [range(L)]
    for name in NAMES:
        slopes = SLOPES if name == LEAKY else ()
        for where in wheres:
            changed = [name if m in where else f for m, f in enumerate(names)]
            at = [m + 1 for m in where if names[m] != name or slopes]
            said = in_layers(at) if at else ""
            try:
                if changed != names:
                    yield f"{name} {said}", replace(own, activations=changed, output=None)
                for slope in slopes:
                    words = f"{name} of slope {slope:g} {said}"
                    yield words, replace(own, activations=changed, output=None, slope=slope)
            except SymderiveError:  # an activation that the reference does not have
                continue


def _fits(candidate: Candidate, other: reference.Network) -> bool:
    for s in candidate.sights:
        q = s.q
        with np.errstate(all="ignore"):
            g = reference.backward(other, q.case.weights, q.case.biases, q.case.x, q.case.y)
        parts: dict[Key, Part] = {}
        for l, (dW, db, W) in enumerate(zip(g.weights, g.biases, q.case.weights, strict=True), 1):
            parts |= {("W", l): (dW, q.decay * W), ("b", l): (db, np.zeros_like(db))}
        if not agrees(parts, s.found, candidate.tolerance):
            return False
    return True
