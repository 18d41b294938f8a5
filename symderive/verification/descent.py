r"""Faults found layer by layer, from the output down: what explains a layer is kept for the layers below.

Given the deltas above as the code has them, delta^l has one fault or none, dW^l and db^l each one or none;
what is returned for the layer must come out. So faults of different layers, and of different parts of one
layer, are found one at a time; the same fault in several layers counts once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from symderive.verification.backward import Key, Part, Pieces, delta_at, gradients_at
from symderive.verification.faults import Fault
from symderive.verification.measured import Found, close, floor_of
from symderive.verification.measured_faults import of_delta, of_one_parameter
from symderive.verification.network import Array
from symderive.verification.quantities import Quantities

BEAM = 6
MOST_FAULTS = 3
MOST_PAIRS = 8_000

DELTA, BOTH, WEIGHT, BIAS = "delta", "both", "W", "b"
FIELDS: dict[str, tuple[str, ...]] = {
    DELTA: ("slopes", "through", "source", "propagate", "before_slope"),
    WEIGHT: ("outer", "inputs", "weight_source"),
    BIAS: ("summed", "bias_source"),
}


@dataclass(frozen=True)
class State:
    """Explained down to a layer: the pieces and the deltas as the code has them, and the faults so far."""

    pieces: Pieces
    deltas: Mapping[int, Array] = field(default_factory=dict)
    chosen: tuple[Fault, ...] = ()

    @property
    def rank(self) -> tuple[int, int]:
        """How many different faults, then how many places."""
        kinds = {kind_of(f) for f in self.chosen}
        return sum(2 if ", and the sign" in what else 1 for _, what in kinds), len(self.chosen)

    def with_(self, p: Pieces, l: int, delta: Array, *more: Fault) -> State:
        """One layer further down."""
        return State(p, {**self.deltas, l: delta}, (*self.chosen, *more))


def kind_of(f: Fault) -> tuple[str, str]:
    """What makes faults of two layers the same one."""
    return f.name, f.what


def where(f: Fault, base: Pieces) -> str:
    """Which part of its layer a fault changes: delta, dW, db, or both gradients; "" for several.

    >>> from symderive.verification.faults import put
    >>> base = Pieces(np.ones(1), {}, {}, {}, {}, {1: 1}, {1: 1}, {}, {}, {}, 1.0, {}, {})
    >>> where(Fault("layer_skipped", "", put("bias_source", 1, 2), 1), base)
    'b'
    """
    p, l = f.change(base), f.layer
    found = {DELTA} if p.output is not base.output else set()
    for part, names in FIELDS.items():
        if any(getattr(p, n).get(l) is not getattr(base, n).get(l) for n in names):
            found.add(part)
    for kind in (WEIGHT, BIAS):
        if any(
            getattr(p, n).get((kind, l)) is not getattr(base, n).get((kind, l)) for n in ("finish", "decay")
        ):
            found.add(kind)
    if found == {WEIGHT, BIAS}:
        return BOTH
    return found.pop() if len(found) == 1 else ""


class Descent:
    """The search at one case: `explanations` are the fewest faults under which everything comes out."""

    def __init__(
        self, q: Quantities, found: Found, base: Pieces, table: Sequence[Fault], tolerance: float
    ) -> None:
        self.q, self.found, self.base, self.tolerance = q, found, base, tolerance
        self.floor = floor_of(found)
        self.parts: dict[tuple[int, str], list[Fault]] = {}
        for f in table:
            if f.layer:
                self.parts.setdefault((f.layer, where(f, base)), []).append(f)

    def explanations(self) -> list[tuple[Fault, ...]]:
        """Faults that together give what was returned, the fewest; none where too many were needed."""
        states = [State(self.base)]
        with np.errstate(all="ignore"):
            for l in range(self.q.depth, 0, -1):
                after = [s for state in states for s in self._layer(state, l)]
                after = [s for s in after if s.rank[0] <= MOST_FAULTS]
                if not after:
                    return []
                states = sorted(after, key=lambda s: s.rank)[:BEAM]
        best = states[0].rank
        return [s.chosen for s in states if s.rank == best and s.chosen]

    # ------------------------------------------------------------------------------------- one layer

    def _layer(self, state: State, l: int) -> list[State]:
        try:
            plain = delta_at(state.pieces, state.deltas, l)
        except (ValueError, KeyError, IndexError):
            return []
        right = self._sides(state, state.pieces, l, plain, ())
        if any(len(s.chosen) == len(state.chosen) for s in right):
            return right[:1]
        found = right + self._scaled(state, state.pieces, l, plain, ())
        options = list(self._options(state, l, plain, self.parts.get((l, DELTA), [])))
        for f, p, d in options:
            found += self._sides(state, p, l, d, (f,))
            found += self._scaled(state, p, l, d, (f,))
        if not found:
            found = self._twice(state, l, options)
        return self._likeliest(found)

    def _likeliest(self, found: list[State]) -> list[State]:
        """Those with the fewest faults; of those with the same delta and the same parts the first."""
        kept: dict[tuple[object, ...], State] = {}
        for s in found:
            l = min(s.deltas)
            own = tuple(f.name for f in s.chosen)
            kept.setdefault((np.round(s.deltas[l], 12).tobytes(), own), s)
        ranked = sorted(kept.values(), key=lambda s: s.rank)
        return [s for s in ranked if s.rank[0] <= ranked[0].rank[0] + 1][: 2 * BEAM]

    def _options(
        self, state: State, l: int, plain: Array, faults: Sequence[Fault], p: Pieces | None = None
    ) -> Iterator[tuple[Fault, Pieces, Array]]:
        """delta^l with one more fault, where that makes another delta^l; the same value once."""
        seen = {np.round(plain, 12).tobytes()}
        for f in sorted(faults, key=lambda f: kind_of(f) not in {kind_of(c) for c in state.chosen}):
            try:
                changed = f.change(state.pieces if p is None else p)
                delta = delta_at(changed, state.deltas, l)
            except (ValueError, KeyError, IndexError):
                continue
            if delta.shape != plain.shape or not np.all(np.isfinite(delta)):
                continue
            value = np.round(delta, 12).tobytes()
            if value not in seen:
                seen.add(value)
                yield f, changed, delta

    def _twice(self, state: State, l: int, options: Sequence[tuple[Fault, Pieces, Array]]) -> list[State]:
        """delta^l with two faults."""
        known = {kind_of(c) for c in state.chosen}
        tried = 0
        found: list[State] = []
        for f, p, d in sorted(options, key=lambda o: kind_of(o[0]) not in known):
            for g, both, delta in self._options(state, l, d, self.parts.get((l, DELTA), []), p):
                tried += 1
                if g is not f and self._exact(both, state, l, delta):
                    found.append(state.with_(both, l, delta, f, g))
            if found or tried > MOST_PAIRS:
                break
        return found

    def _exact(self, p: Pieces, state: State, l: int, delta: Array) -> bool:
        made = self._made(p, state, l, delta)
        return made is not None and all(self._is(k, v) for k, v in made.items())

    def _made(self, p: Pieces, state: State, l: int, delta: Array) -> dict[Key, Part] | None:
        try:
            return gradients_at(p, {**state.deltas, l: delta}, l)
        except (ValueError, KeyError, IndexError):
            return None

    def _is(self, key: Key, part: Part) -> bool:
        v = self.found[key]
        return v is not None and close(part[0] + part[1], v, self.tolerance, self.floor)

    # ------------------------------------------------------------------------- dW^l and db^l, given delta^l

    def _sides(self, state: State, p: Pieces, l: int, delta: Array, before: tuple[Fault, ...]) -> list[State]:
        """With this delta^l: nothing else wrong, or one fault in dW^l, one in db^l, or one in both."""
        made = self._made(p, state, l, delta)
        if made is None:
            return []
        if all(self._is(k, v) for k, v in made.items()):
            return [state.with_(p, l, delta, *before)]
        found: list[State] = []
        for f in self.parts.get((l, BOTH), []):
            changed = f.change(p)
            if self._exact(changed, state, l, delta):
                found.append(state.with_(changed, l, delta, *before, f))
        ways = [self._ways(state, p, l, delta, k, made[k]) for k in made]
        # a wrong delta of which neither gradient tells anything as it stands is no explanation
        if before and not any(() in w for w in ways):
            return found
        # what is done to all gradients, seen in one of the two
        for f in (f for way in ways for f in (one[0] for one in way if one) if not f.layer):
            changed = f.change(p)
            if self._exact(changed, state, l, delta):
                return [*found, state.with_(changed, l, delta, *before, f)]
        for one in ways[0]:
            for two in ways[1]:
                changed = p
                for f in (*one, *two):
                    changed = f.change(changed)
                found.append(state.with_(changed, l, delta, *before, *one, *two))
        return found

    def _ways(
        self, state: State, p: Pieces, l: int, delta: Array, key: Key, part: Part
    ) -> list[tuple[Fault, ...]]:
        if self._is(key, part):
            return [()]
        listed: list[tuple[Fault, ...]] = []
        for f in self.parts.get((l, key[0]), []):
            made = self._made(f.change(p), state, l, delta)
            if made is not None and self._is(key, made[key]):
                listed.append((f,))
        if listed:
            return listed[:2]
        v = self.found[key]
        if v is None:
            return []
        return [(f,) for f in of_one_parameter(key, part, v, self.q, self.tolerance)]

    def _scaled(
        self, state: State, p: Pieces, l: int, delta: Array, before: tuple[Fault, ...]
    ) -> list[State]:
        """delta^l with a factor that dW^l or db^l shows, and that goes on to the layers below."""
        made = self._made(p, state, l, delta)
        found: list[State] = []
        seen: set[float] = set()
        for key, part in (made or {}).items():
            v = self.found[key]
            for c, f in of_delta(key, part, v, self.q, self.tolerance) if v is not None else ():
                if not any(abs(c - k) <= 1e-6 * abs(k) for k in seen):
                    seen.add(c)
                    found += self._sides(state, f.change(p), l, c * delta, (*before, f))
        return found
