"""The diagnosis: the fault, else the pair of faults, whose prediction is what the function returned.

A prediction must equal all parameters' gradients, at the case and at a second one. Ties are all named.
Factors and signs are measured. Singles come before pairs; a pair needs more coincidences.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from symderive.claims.evidence import CheckFailed
from symderive.verification.backward import Key, Part, pieces, run
from symderive.verification.descent import Descent, kind_of
from symderive.verification.faults import Fault
from symderive.verification.gradient_faults import faults
from symderive.verification.measured import Factors, Found, agrees, factors, floor_of, nice, right, word
from symderive.verification.network import Array
from symderive.verification.quantities import Quantities

# what concerns all layers at once, and what is looked for alone
NOT_OF_A_LAYER = frozenset({"stale", "updated_weights"})
# beyond this many parameters predictions are not kept, and pairs are not looked for
KEPT = 20_000
NORMS = 1e-4


@dataclass(frozen=True)
class Sight:
    """What a function returned at one case, and the derived quantities there and at an earlier call."""

    q: Quantities
    found: Found
    old: Quantities | None = None


@dataclass(frozen=True)
class Candidate:
    """Sights of one way to call the function; `only` names the one fault that may be found there."""

    sights: Sequence[Sight]
    tolerance: float
    only: str = ""


@dataclass(frozen=True)
class Diagnosis:
    """The faults by machine name, and what is done, in words: alternatives that all fit."""

    faults: tuple[str, ...]
    words: tuple[str, ...]

    def __str__(self) -> str:
        return "; or ".join(self.words)


@dataclass(frozen=True)
class Explanation:
    """Faults that fit together; weak if it is a factor that has no name."""

    names: tuple[str, ...]
    words: str
    weak: bool = False


def diagnose(
    candidates: Sequence[Candidate], otherwise: Callable[[], tuple[int, Diagnosis] | None] = lambda: None
) -> tuple[int, Diagnosis] | None:
    """Which candidate is explained, and how: by single faults first, `otherwise`, then by pairs."""
    searches: list[Search] = []
    for at, candidate in enumerate(candidates):
        searches.append(Search(candidate))
        found = searches[at].singles()
        if found:
            return at, _named(found)
    if other := otherwise():
        return other
    order = sorted(range(len(searches)), key=lambda i: -searches[i].promise)
    for stage in (Search.by_layers, Search.with_factors):
        for at in order:
            found = stage(searches[at])
            if found:
                return at, _named(found)
    return None


def _named(found: Sequence[Explanation]) -> Diagnosis:
    """All explanations that fit; factors without a name only where nothing else fits."""
    strong = [e for e in found if not e.weak] or list(found)
    least = min(len(e.names) for e in strong)
    seen: dict[tuple[str, ...], str] = {}
    for e in strong:
        if len(e.names) == least:
            seen.setdefault(e.names, e.words)
    return Diagnosis(tuple(dict.fromkeys(n for names in seen for n in names)), tuple(seen.values()))


class Search:
    """The table of faults at the first sight, with the predictions that were made already."""

    def __init__(self, candidate: Candidate) -> None:
        self.sights = candidate.sights
        self.tolerance = candidate.tolerance
        self.first = candidate.sights[0]
        self.base = [pieces(s.q) for s in self.sights]
        only = candidate.only
        self.table = [faults(s.q, s.old, only) for s in self.sights]
        # the same fault at another case, where it can be made there
        self.same = [{(f.name, f.words): f for f in table} for table in self.table]
        self.listed = {f.words for f in self.table[0]}
        self.small = sum(v.size for v in (*self.first.q.weights, *self.first.q.biases)) <= KEPT
        self.only = only
        self.kept: dict[int, dict[Key, Part] | None] = {}
        self.gains: list[tuple[int, int]] = []
        with np.errstate(all="ignore"):
            self.right = run(self.base[0])
        _require_derived(self.first.q, self.right)

    @property
    def promise(self) -> int:
        """How many parameters' gradients the best single fault explains."""
        return max((gain for gain, _ in self.gains), default=0)

    def _made(self, n: int) -> dict[Key, Part] | None:
        if n in self.kept:
            return self.kept[n]
        made = self._run([self.table[0][n]], 0)
        if self.small:
            self.kept[n] = made
        return made

    def _run(self, chosen: Sequence[Fault], sight: int) -> dict[Key, Part] | None:
        """The prediction with these faults; None where they do not fit the shapes."""
        p = self.base[sight]
        try:
            with np.errstate(all="ignore"):
                for f in chosen:
                    p = f.change(p)
                return run(p)
        except (ValueError, IndexError, KeyError):
            return None

    def singles(self) -> list[Explanation]:
        """One fault, or one factor."""
        found = []
        for n, f in enumerate(self.table[0]):
            parts = self._made(n)
            if parts is None:
                continue
            gain = right(parts, self.first.found, self.tolerance)
            self.gains.append((gain, n))
            if gain == len(parts) and self._again((n,)):
                found.append(Explanation((f.name,), f.words))
        if not self.only:
            found += list(self._measured((), self.right, 1)) or self._of_one_norm()
        return found

    def _of_one_norm(self) -> list[Explanation]:
        """The whole gradient has one factor at each case, and the same norm at all."""
        norms: list[float] = []
        for at, s in enumerate(self.sights):
            parts = self._run((), at)
            c = factors(parts, s.found, self.tolerance) if parts is not None else None
            if c is None or len({round(v, 9) for v in c.by_key.values() if v is not None}) != 1:
                return []
            norms.append(float(np.sqrt(sum(float((v * v).sum()) for v in s.found.values() if v is not None))))
        # a small number that is added to the norm before the division is seen in it
        if len(norms) < 2 or norms[0] == 0 or max(norms) > (1 + NORMS) * min(norms):
            return []
        return [Explanation(("clipped",), f"the whole gradient is scaled to a norm of {norms[0]:.4g}")]

    @property
    def _paired(self) -> bool:
        return self.small and not self.only

    def with_factors(self) -> list[Explanation]:
        """Two factors, or a fault and a factor."""
        if not self._paired:
            return []
        found = list(self._measured((), self.right, 2))
        for _, n in self.gains:
            parts = self._made(n)
            if parts is not None:
                found += self._measured((n,), parts, 1)
        return found

    def by_layers(self) -> list[Explanation]:
        """The fewest faults, layer by layer from the output down."""
        if not self._paired:
            return []
        table = [f for f in self.table[0] if f.name not in NOT_OF_A_LAYER]
        descent = Descent(self.first.q, self.first.found, self.base[0], table, self.tolerance)
        return [self._together(faults) for faults in descent.explanations() if self._elsewhere(faults)]

    def _elsewhere(self, chosen: Sequence[Fault]) -> bool:
        """Whether these faults give what was returned at the other sights as well."""
        for at, s in enumerate(self.sights[1:], 1):
            there = []
            for f in chosen:
                # what was measured changes any pieces; what is listed has its own row there
                row = self.same[at].get((f.name, f.words)) if f.words in self.listed else f
                if row is not None:
                    there.append(row)
                elif f.name != "kink_convention":
                    return False
            parts = self._run(there, at)
            if parts is None or not agrees(parts, s.found, max(self.tolerance, 1e-8)):
                return False
        return True

    def _together(self, chosen: Sequence[Fault]) -> Explanation:
        """These faults in words: one that is in several layers once."""
        layers: dict[tuple[str, str], list[int]] = {}
        for f in chosen:
            layers.setdefault(kind_of(f), []).append(f.layer)
        said = [f"{what}, {in_layers(at)}" if any(at) else what for (_, what), at in layers.items()]
        names = tuple(dict.fromkeys(name for name, _ in layers))
        return Explanation(names, ", and ".join(said))

    def _again(self, chosen: tuple[int, ...], c: Factors | None = None) -> bool:
        """Whether the same explanation holds at the other sights."""
        for at, s in enumerate(self.sights[1:], 1):
            parts = self._parts(chosen, at)
            if parts is None:
                return False
            if c is None:
                if not agrees(parts, s.found, self.tolerance):
                    return False
                continue
            there = factors(parts, s.found, self.tolerance, c.data)
            if there is None or any(
                a is not None and b is not None and abs(a - b) > 1e-5 * max(abs(a), abs(b), 1e-9)
                for a, b in ((c.by_key[k], there.by_key[k]) for k in c.by_key)
            ):
                return False
        return True

    def _parts(self, chosen: tuple[int, ...], at: int) -> Mapping[Key, Part] | None:
        here = [self.same[at].get((self.table[0][n].name, self.table[0][n].words)) for n in chosen]
        there = [f for f in here if f is not None]
        missing = [n for n, f in zip(chosen, here, strict=True) if f is None]
        # a kink may be met at one case alone: elsewhere its convention changes nothing
        if any(self.table[0][n].name != "kink_convention" for n in missing):
            return None
        return self._run(there, at)

    def _measured(
        self, chosen: tuple[int, ...], parts: Mapping[Key, Part], count: int
    ) -> Iterator[Explanation]:
        """This many different factors beside the chosen faults."""
        q = self.sights[0].q
        for data in (False, True) if q.decay else (False,):
            c = factors(parts, self.sights[0].found, self.tolerance, data)
            if c is None or len(c.distinct) != count or not self._plausible(c) or not self._again(chosen, c):
                continue
            names: list[str] = []
            words: list[str] = []
            for value in c.distinct:
                name, text = self._word(value, c)
                names.append(name)
                words.append(text)
            faults_ = [self.table[0][n] for n in chosen]
            said = (*(f.words for f in faults_), *words)
            weak = any(not nice(value, q) for value in c.distinct)
            yield Explanation(
                tuple(dict.fromkeys((*(f.name for f in faults_), *names))), ", and ".join(said), weak
            )

    def _plausible(self, c: Factors) -> bool:
        """One number has a factor to any other: it counts if the factor has a name, or is another's too."""
        sizes = {k: int(np.size(v)) for k, v in self.sights[0].found.items() if v is not None}
        for value in c.distinct:
            keys = c.keys(value)
            if all(sizes[k] == 1 for k in keys) and not nice(value, self.sights[0].q):
                return False
        return True

    def _word(self, value: float, c: Factors) -> tuple[str, str]:
        q, keys = self.sights[0].q, c.keys(value)
        name, words = word(value, q)
        biases = all(kind == "b" for kind, _ in keys)
        if biases and q.case.samples > 1 and abs(value * q.case.samples - 1) < 1e-6:
            name, words = "bias_mean", "db is the mean of delta over the samples, for the sum"
        everything = [k for k, v in c.by_key.items() if v is not None]
        where = "" if keys == everything else f" in {_shown(keys, everything)}"
        part = ", at the part of the data alone" if c.data else ""
        return name, f"{words}{where}{part}"


def in_layers(layers: Sequence[int]) -> str:
    """Layers in words, each once and in their order.

    >>> in_layers([2]), in_layers([1, 3, 2])
    ('in layer 2', 'in layers 1, 2 and 3')
    """
    found = sorted(set(layers))
    if len(found) == 1:
        return f"in layer {found[0]}"
    return f"in layers {', '.join(map(str, found[:-1]))} and {found[-1]}"


def _shown(keys: Sequence[Key], everything: Sequence[Key]) -> str:
    for kind in "Wb":
        if list(keys) == [k for k in everything if k[0] == kind]:
            return f"every d{kind}"
    return ", ".join(f"d{kind}{l}" for kind, l in keys)


def _require_derived(q: Quantities, parts: Mapping[Key, Part]) -> None:
    """CheckFailed where the pieces do not make the derived gradient: faults would be misnamed."""
    truth = q.by_key
    if not agrees(parts, truth, 1e-9):
        raise CheckFailed("table of faults: expected a pass that agrees with the derivation, found another")


def worst(found: Found, q: Quantities) -> tuple[str, tuple[int, ...], Array | None, Array | None, float]:
    """(parameter, index, expected, found, largest relative error); another shape is infinitely far."""
    truths = q.by_key
    floor = floor_of(truths)
    result: tuple[str, tuple[int, ...], Array | None, Array | None, float] = ("", (), None, None, 0.0)
    for (kind, l), v in found.items():
        truth = truths[kind, l]
        name = f"{kind}{l}"
        if v is None or v.shape != truth.shape:
            return name, (), truth, v, float("inf")
        gap = np.abs(v - truth)
        if not np.all(np.isfinite(v)):
            at = tuple(int(i) for i in np.argwhere(~np.isfinite(v))[0])
            return name, at, truth[at], v[at], float("inf")
        scale = max(float(np.max(np.abs(truth))), floor) or 1.0
        error = float(np.max(gap)) / scale
        if error > result[4] or not result[0]:
            at = tuple(int(i) for i in np.unravel_index(int(np.argmax(gap)), gap.shape))
            result = (name, at, truth[at], v[at], error)
    return result


__all__ = ["Candidate", "Diagnosis", "Sight", "diagnose", "worst"]
