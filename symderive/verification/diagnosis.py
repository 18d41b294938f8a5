"""The diagnosis: the fault, else the pair of faults, whose prediction is what the function returned.

A prediction must equal all parameters' gradients, at the case and at a second one. Ties are all named. Factors and
signs are measured. Singles come before pairs; a pair needs more coincidences.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from symderive.verification.backward import Key, Part, Pieces, pieces, run
from symderive.verification.gradient_faults import faults
from symderive.verification.faults import Fault
from symderive.verification.measured import Factors, Found, agrees, factors, nice, right, word
from symderive.verification.network import Array
from symderive.verification.quantities import Quantities

SECONDS = 4.0
IMPROVERS = 12


@dataclass(frozen=True)
class Sight:
    """What a function returned at one case, and the derived quantities there and at an earlier call."""

    q: Quantities
    found: Found
    old: Quantities | None = None


@dataclass(frozen=True)
class Diagnosis:
    """The faults by machine name, and what is done, in words."""

    faults: tuple[str, ...]
    words: tuple[str, ...]
    joined: str = "and"

    def __str__(self) -> str:
        return f"; {self.joined} ".join(self.words)


Explanation = tuple[tuple[str, ...], str]


def diagnose(
    sights: Sequence[Sight], tolerance: float, seconds: float = SECONDS, pairs: bool = True
) -> Diagnosis | None:
    """What is wrong, if it is found: at the first sight, and confirmed at the others."""
    search = _Search(sights, tolerance, time.monotonic() + seconds)
    for stage in (search.singles, search.pairs) if pairs else (search.singles,):
        found = list(dict.fromkeys(stage()))
        if found:
            return _named(found)
    return None


def _named(found: Sequence[Explanation]) -> Diagnosis:
    """All explanations that fit; those that say the same of more layers than needed are left out."""
    least = min(len(names) for names, _ in found)
    kept = [(names, words) for names, words in found if len(names) == least]
    specific = [e for e in kept if "factor" not in e[0] or not e[1].startswith("a factor other")]
    kept = specific or kept
    seen: dict[tuple[str, ...], str] = {}
    for names, words in kept:
        seen.setdefault(names, words)
    names = tuple(dict.fromkeys(n for each in seen for n in each))
    return Diagnosis(names, tuple(seen.values()), "or")


class _Search:
    """The table of faults at the first sight, with the predictions that were made already."""

    def __init__(self, sights: Sequence[Sight], tolerance: float, until: float) -> None:
        self.sights = sights
        self.tolerance = tolerance
        self.until = until
        self.base = [pieces(s.q) for s in sights]
        self.table = [faults(s.q, s.old) for s in sights]
        # the same fault at another case, where it can be made there
        self.same = [{(f.name, f.words): f for f in table} for table in self.table]
        with np.errstate(all="ignore"):
            self.right = run(self.base[0])
            self.made = [self._run(f, 0) for f in self.table[0]]

    def _run(self, f: Fault, sight: int) -> dict[Key, Part] | None:
        try:
            return run(f.change(self.base[sight]))
        except (ValueError, IndexError, KeyError):
            return None

    def _both(self, f: Fault, g: Fault, sight: int) -> dict[Key, Part] | None:
        try:
            return run(g.change(f.change(self.base[sight])))
        except (ValueError, IndexError, KeyError):
            return None

    def singles(self) -> Iterator[Explanation]:
        """One fault, or one factor."""
        first = self.sights[0]
        with np.errstate(all="ignore"):
            for n, parts in enumerate(self.made):
                if parts is not None and agrees(parts, first.found, self.tolerance) and self._again((n,)):
                    f = self.table[0][n]
                    yield (f.name,), f.words
            yield from self._measured((), self.right, 1)

    def pairs(self) -> Iterator[Explanation]:
        """A fault and a factor, two factors, then two faults: first those of which one alone explains something."""
        first = self.sights[0]
        with np.errstate(all="ignore"):
            found = list(self._measured((), self.right, 2))
            for n, parts in enumerate(self.made):
                if parts is not None:
                    found += self._measured((n,), parts, 1)
            if found:
                yield from found
                return
            known = right(self.right, first.found, self.tolerance)
            gains = [
                (right(parts, first.found, self.tolerance), n)
                for n, parts in enumerate(self.made)
                if parts is not None
            ]
            order = [n for gain, n in sorted(gains, key=lambda g: (-g[0], g[1])) if gain > known]
            rest = [n for gain, n in gains if gain <= known]
            hit = False
            for at, n in enumerate([*order[:IMPROVERS], *rest]):
                if hit and at >= len(order[:IMPROVERS]):
                    return
                for m in range(len(self.table[0])):
                    if time.monotonic() > self.until:
                        return
                    if m == n or self.made[m] is None:
                        continue
                    for pair in ((n, m), (m, n)):
                        f, g = (self.table[0][i] for i in pair)
                        both = self._both(f, g, 0)
                        if both is not None and agrees(both, first.found, self.tolerance) and self._again(pair):
                            hit = True
                            names = tuple(sorted({f.name, g.name}))
                            yield names, f"{f.words}, and {g.words}"
                            break

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
        if len(there) < len(chosen):
            return None
        if not there:
            return run(self.base[at])
        return self._run(there[0], at) if len(there) == 1 else self._both(there[0], there[1], at)

    def _measured(self, chosen: tuple[int, ...], parts: Mapping[Key, Part], count: int) -> Iterator[Explanation]:
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
            yield tuple(dict.fromkeys((*(f.name for f in faults_), *names))), ", and ".join(said)

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


def _shown(keys: Sequence[Key], everything: Sequence[Key]) -> str:
    for kind in "Wb":
        if list(keys) == [k for k in everything if k[0] == kind]:
            return f"every d{kind}"
    return ", ".join(f"d{kind}{l}" for kind, l in keys)


def worst(found: Found, q: Quantities) -> tuple[str, tuple[int, ...], Array | None, Array | None, float]:
    """(parameter, index, expected, found, largest relative error); an array of another shape is infinitely far."""
    W, b = q.gradient
    result: tuple[str, tuple[int, ...], Array | None, Array | None, float] = ("", (), None, None, 0.0)
    for (kind, l), v in found.items():
        truth = W[l - 1] if kind == "W" else b[l - 1]
        name = f"{kind}{l}"
        if v is None or v.shape != truth.shape:
            return name, (), truth, v, float("inf")
        gap = np.abs(v - truth)
        if not np.all(np.isfinite(v)):
            at = tuple(int(i) for i in np.argwhere(~np.isfinite(v))[0])
            return name, at, truth[at], v[at], float("inf")
        scale = float(np.max(np.abs(truth))) or 1.0
        error = float(np.max(gap)) / scale
        if error > result[4] or not result[0]:
            at = tuple(int(i) for i in np.unravel_index(int(np.argmax(gap)), gap.shape))
            result = (name, at, truth[at], v[at], error)
    return result


__all__ = ["Diagnosis", "Pieces", "Sight", "diagnose", "worst"]
