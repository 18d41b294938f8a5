"""A network of another library: its system, its parameters in its layout, and the derived gradient there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from symderive.bridges.building import SAMPLES, Plan, system_of
from symderive.bridges.layout import Array, Layout, real
from symderive.bridges.structure import Parameter, arranged
from symderive.bridges.targets import targets
from symderive.bridges.verification import Verified, compared, counted
from symderive.claims.evidence import Evidence
from symderive.derivation import Derivation, derive
from symderive.displayed import Displayed
from symderive.errors import SymderiveError
from symderive.evaluation.numeric import Evaluation, evaluate
from symderive.systems.system import System

TOLERANCE = 1e-9
NEAR = 1e-12
"""A preactivation that is not 0 but nearer than this, relative to the largest, may round to either side."""


class Library(Protocol):
    """Where a bridged network came from, to be asked for its own gradient."""

    def values(self) -> Sequence[Array]:
        """The parameters as they are now, in the order of `Bridged.entries`."""
        ...

    def targets(self, y: Any) -> Array:
        """y as (N, n_L)."""
        ...

    def gradients(self, x: Array, y: Array) -> Mapping[str, Sequence[Array | None]]:
        """By way of computing them: gradients in the order of `Bridged.entries`, None for a frozen one."""
        ...


@dataclass(frozen=True, repr=False)
class Bridged(Displayed):
    """A system, the parameters by the library's names, and how its arrays are laid out.

    >>> from symderive.bridges import from_arrays
    >>> net = from_arrays([[[2.0]], [[3.0]]], [[0.0], [0.0]], "identity", factor=0.5)
    >>> print(net.system.of(net.system.cost)[0])
    C[] := (sum((sum((-y[s, j] + a[2, s, j])**2, j=1..1))/2, s=1..B))/B
    >>> net.gradient([[1.0]], [[0.0]])["weights[0]"]
    array([[18.]])
    """

    source: str
    plan: Plan
    entries: tuple[Parameter, ...]
    layout: Layout
    notes: tuple[str, ...] = ()
    library: Library | None = None
    tolerance: float = TOLERANCE

    @cached_property
    def system(self) -> System:
        """The definitions: layers, activations, the cost with its factor and penalty."""
        return system_of(self.plan)

    @cached_property
    def derivation(self) -> Derivation:
        """The derived deltas and gradients."""
        return derive(self.system)

    @property
    def parameters(self) -> dict[str, Array]:
        """The values that the parameters had, by the library's names and in its layout."""
        return {p.name: p.value for p in self.entries}

    @property
    def l2(self) -> float:
        """The factor lambda of the penalty lambda/2 sum w^2."""
        return self.plan.l2

    # ----------------------------------------------------------------------------------------- arrays

    def cost(self, x: Any, y: Any) -> float:
        """The value of the cost, penalty included, on the data; x and y as the library takes them."""
        return float(self._run(*self.data(x, y))["C"])

    def gradient(self, x: Any, y: Any) -> dict[str, Array]:
        """The derived gradients on the data, by the library's names and in its layout.

        SymderiveError for wrong shapes, and where a gradient is not finite.
        """
        return self._gradient(*self.data(x, y))

    def verify(self, x: Any, y: Any, gradient: Any = None, tolerance: float | None = None) -> Verified:
        """The library's own gradient, or the given one, against the derived one.

        - `gradient`: by name, or in the structure in which `from_arrays` took the parameters: a list of pairs
          (dW, db), or the two lists of them; needed where the network came from arrays.
        - `tolerance` for the largest error relative to the largest entry of a parameter's gradient: 1e-9,
          and 1e-4 where the library computes in single precision.

        Samples whose preactivation rounds to either side of a kink are left out, and counted in the notes.
        SymderiveError for wrong shapes, and where the parameters are no longer those that were read.
        """
        rows, wanted = self.data(x, y)
        notes = [*self.notes, *self.system.conventions]
        if gradient is None:
            rows, wanted = self._apart_from_kinks(rows, wanted, notes)
        limit = self.tolerance if tolerance is None else tolerance
        derived = self._gradient(rows, wanted)
        asked = self._asked(rows, wanted, gradient)
        found: dict[str, Evidence] = {}
        for n, p in enumerate(self.entries):
            ways = {way: np.asarray(g) for way, arrays in asked.items() if (g := arrays[n]) is not None}
            if ways:
                found[p.name] = compared(p.name, ways, derived[p.name], limit, len(rows))
            else:
                notes.append(f"{p.name} is frozen: not compared")
        return Verified(self.source, found, tuple(dict.fromkeys(notes)))

    def data(self, x: Any, y: Any) -> tuple[Array, Array]:
        """x and y as (N, n_0) and (N, n_L); SymderiveError for wrong shapes, and for NaN or infinity."""
        n = self.plan.widths
        rows = self.layout.samples(real(x, "x"))
        if rows.ndim != 2 or rows.shape[1] != n[0] or not len(rows):
            wanted = f"(samples, {n[0]})" if self.layout.rows else f"({n[0]}, samples)"
            raise SymderiveError(f"x: expected the shape {wanted}, found {np.shape(x)}")
        if self.library is not None:
            out = self.library.targets(y)
        else:
            out = targets(y, len(rows), n[-1], self.plan.cost, self.layout)
        if out.shape != (len(rows), n[-1]):
            raise SymderiveError(
                f"y: expected {len(rows)} samples and {n[-1]} outputs, found the shape {np.shape(y)}"
            )
        return rows, out

    # ----------------------------------------------------------------------------------------- inside

    def _arrays(self) -> dict[str, dict[int, Array]]:
        found: dict[str, dict[int, Array]] = {"w": {}, "b": {}}
        for p in self.entries:
            value = self.layout.weight(p.value) if p.tensor == "w" else p.value.reshape(-1)
            found[p.tensor][p.layer] = value
        return found

    def _run(self, x: Array, y: Array) -> Evaluation:
        definitions = [*self.system.definitions, *self.derivation.definitions]
        return evaluate(
            definitions,
            {**self._arrays(), "x": x, "y": y},
            {SAMPLES: len(x), **self.system.sizes},
            functions=dict(self.system.activations),
        )

    def _gradient(self, x: Array, y: Array) -> dict[str, Array]:
        run = self._run(x, y)
        found = {}
        for p in self.entries:
            value = run[f"grad_{p.tensor}", p.layer]
            if not np.all(np.isfinite(value)):
                raise SymderiveError(
                    f"{p.name}: expected a finite derived gradient, found overflow: use smaller data"
                )
            found[p.name] = self.layout.weight(value) if p.tensor == "w" else value.reshape(p.value.shape)
        return found

    def _asked(self, x: Array, y: Array, given: Any) -> Mapping[str, Sequence[Array | None]]:
        if given is not None:
            return {"the given gradient": arranged(given, self.entries)}
        if self.library is None:
            raise SymderiveError(
                f"gradient: expected verify(x, y, gradient=..), as {self.source} cannot be asked for one"
            )
        now = self.library.values()
        for p, value in zip(self.entries, now, strict=True):
            if not np.array_equal(p.value, value):
                raise SymderiveError(
                    f"{p.name}: expected the values that were read, found others: read the network once more"
                )
        return self.library.gradients(x, y)

    def _apart_from_kinks(self, x: Array, y: Array, notes: list[str]) -> tuple[Array, Array]:
        """The samples that no rounding can move over a kink."""
        kinked = {f for f, a in self.system.activations.items() if not a.smooth}
        near, at = np.zeros(len(x), bool), 0
        run = self._run(x, y)
        for m, row in enumerate((self.plan.first, *self.plan.functions)):
            if not any(getattr(f, "function", None) in kinked for f in row):
                continue
            z = np.abs(x if m == 0 else run["z", m])
            near |= np.any((z > 0) & (z < NEAR * np.max(z, initial=0.0)), axis=1)
            at += int(np.sum(z == 0))
        if at:
            notes.append(f"{counted(at, 'preactivation')} exactly at a kink, compared by that convention")
        if not np.any(near):
            return x, y
        if np.all(near):
            raise SymderiveError("data: expected a sample away from the kinks of the activations, found none")
        notes.append(f"{counted(int(np.sum(near)), 'sample')} within rounding of a kink left out")
        return x[~near], y[~near]
