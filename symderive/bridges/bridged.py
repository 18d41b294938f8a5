"""A network of another library: its system, its parameters in its layout, and the derived gradient there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Protocol

import numpy as np

from symderive.bridges.building import SAMPLES, Plan, system_of
from symderive.bridges.layout import Array, Layout, real
from symderive.bridges.structure import Parameter, arranged
from symderive.bridges.targets import targets
from symderive.bridges.verification import DOUBLE, SINGLE, Precision, Verified, compared, counted
from symderive.claims.evidence import Evidence
from symderive.derivation import Derivation, derive
from symderive.displayed import Displayed
from symderive.errors import SymderiveError
from symderive.evaluation.functions import from_activation
from symderive.evaluation.numeric import Evaluation, evaluate
from symderive.systems.activations import Activation
from symderive.systems.numbers import from_zero
from symderive.systems.system import System

NEAR = 1e-12
"""A preactivation that is not 0 but nearer than this, relative to the largest, may round to either side."""
MOVED = 2.0**-44
"""A relative change of the data that is larger than rounding and takes nothing over a kink."""


class Library(Protocol):
    """Where a bridged network came from, to be asked for its own gradient."""

    def values(self) -> Sequence[Array]:
        """The parameters as they are now, in the order of `Bridged.entries`."""
        ...

    def targets(self, y: Any) -> Array:
        """y as (N, n_L)."""
        ...

    def remarks(self, y: Any) -> tuple[str, ...]:
        """Where the library takes these targets for something else than `targets` does."""
        ...

    def gradients(self, x: Array, y: Array) -> Mapping[str, Sequence[Array | None]]:
        """By way of computing them: gradients in the order of `Bridged.entries`, None for a frozen one."""
        ...


@dataclass(frozen=True, repr=False)
class Bridged(Displayed):
    """A system, the parameters by the library's names, and how its arrays are laid out.

    With `flattens` a sample may be an array of any shape, which the network makes a row.

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
    precision: Precision = DOUBLE
    flattens: bool = False

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
        """The value of the cost, penalty included, on the data; x and y as the library takes them.

        SymderiveError for wrong shapes, and where the cost is not finite.
        """
        found = float(self._finite(["C"], *self.data(x, y))[0])
        if not np.isfinite(found):
            raise SymderiveError(f"cost: expected a finite one, found {found}: use smaller data")
        return found

    def gradient(self, x: Any, y: Any) -> dict[str, Array]:
        """The derived gradients on the data, by the library's names and in its layout.

        SymderiveError for wrong shapes, and where a gradient is not finite.
        """
        return self._gradient(*self.data(x, y))

    def verify(self, x: Any, y: Any, gradient: Any = None, tolerance: float | None = None) -> Verified:
        """The library's own gradient, or the given one, against the derived one.

        - `gradient`: by name, or in the structure in which `from_arrays` took the parameters: a list of pairs
          (dW, db), or the two lists of them; needed where the network came from arrays.
        - `tolerance` for the largest error relative to the largest entry of a parameter's gradient: 1e-9, and
          1e-4 where the library computes, or the gradient was given, in single precision. Unless you give it,
          a gradient whose terms cancel, as at a minimum, may also be off by what rounding leaves of them.

        Samples whose preactivation rounds to either side of a kink are left out, and counted in the notes.
        SymderiveError for wrong shapes, and where the parameters are no longer those that were read.
        """
        if tolerance is not None:
            tolerance = from_zero(tolerance, "tolerance")
        rows, wanted = self.data(x, y)
        notes = [*self.notes, *self.system.conventions, *(self.library.remarks(y) if self.library else ())]
        if gradient is None:
            rows, wanted = self._apart_from_kinks(rows, wanted, notes)
        derived = self._gradient(rows, wanted)
        asked = self._asked(rows, wanted, gradient)
        used = SINGLE if gradient is not None and _single(asked) else self.precision
        if tolerance is not None:
            used = Precision(tolerance, 0.0)
        terms = lru_cache(lambda: self._terms(rows, wanted, derived))  # of all parameters, if of any
        found: dict[str, Evidence] = {}
        for n, p in enumerate(self.entries):
            ways = {way: np.asarray(g) for way, arrays in asked.items() if (g := arrays[n]) is not None}
            if ways:
                found[p.name] = compared(
                    p.name, ways, derived[p.name], used, len(rows), lambda name: terms().get(name, 0.0)
                )
            else:
                notes.append(f"{p.name} is frozen: not compared")
        return Verified(self.source, found, tuple(dict.fromkeys(notes)))

    def data(self, x: Any, y: Any) -> tuple[Array, Array]:
        """x and y as (N, n_0) and (N, n_L); SymderiveError for wrong shapes, and for NaN or infinity."""
        n = self.plan.widths
        array = real(x, "x")
        if self.flattens and array.ndim > 2:
            array = array.reshape(len(array), -1)
        rows = self.layout.samples(array)
        if rows.ndim != 2 or rows.shape[1] != n[0] or not len(rows):
            wanted = f"(samples, {n[0]})" if self.layout.rows else f"({n[0]}, samples)"
            raise SymderiveError(f"x: expected the shape {wanted}, found {tuple(np.shape(x))}")
        if self.library is not None:
            out = self.library.targets(y)
        else:
            out = targets(y, len(rows), n[-1], self.plan.cost, self.layout)
        if out.shape != (len(rows), n[-1]):
            raise SymderiveError(
                f"y: expected {len(rows)} samples and {n[-1]} outputs, found the shape {tuple(np.shape(y))}"
            )
        return rows, out

    # ----------------------------------------------------------------------------------------- inside

    def checked(self) -> Bridged:
        """Itself, once its options are known to make a system: they are refused where they were given."""
        assert self.system.cost
        return self

    def _run(self, x: Array, y: Array, moved: Callable[[Array], Array] = lambda v: v) -> Evaluation:
        arrays: dict[str, Any] = {"w": {}, "b": {}, "x": moved(x), "y": moved(y)}
        for p in self.entries:
            value = self.layout.weight(p.value) if p.tensor == "w" else p.value.reshape(-1)
            arrays[p.tensor][p.layer] = moved(value)
        return evaluate(
            [*self.system.definitions, *self.derivation.definitions],
            arrays,
            {SAMPLES: len(x), **self.system.sizes},
            functions=dict(self.system.activations),
        )

    def _terms(self, x: Array, y: Array, derived: Mapping[str, Array]) -> dict[str, float]:
        """How large the terms are that a gradient adds, by how far it moves with all the data.

        Where a preactivation lies at a kink, that would be another gradient: then nothing is said of them.
        """
        if self._kinks(x, y)[1]:
            return {}
        signs = np.random.default_rng(0)
        found = self._gradient(x, y, lambda v: v * (1 + MOVED * signs.choice((-1.0, 1.0), v.shape)))
        return {name: float(np.max(np.abs(found[name] - g))) / MOVED for name, g in derived.items()}

    def _gradient(
        self, x: Array, y: Array, moved: Callable[[Array], Array] = lambda v: v
    ) -> dict[str, Array]:
        found = {}
        keys = [(f"grad_{p.tensor}", p.layer) for p in self.entries]
        for p, value in zip(self.entries, self._finite(keys, x, y, moved), strict=True):
            if not np.all(np.isfinite(value)):
                raise SymderiveError(
                    f"{p.name}: expected a finite derived gradient, found overflow: use smaller data"
                )
            found[p.name] = self.layout.weight(value) if p.tensor == "w" else value.reshape(p.value.shape)
        return found

    def _finite(
        self, keys: Sequence[Any], x: Array, y: Array, moved: Callable[[Array], Array] = lambda v: v
    ) -> list[Array]:
        """These values of the system; in long double where an exponential overflows on the way to them."""
        run = self._run(x, y, moved)
        values = [np.asarray(run[key]) for key in keys]
        if not all(np.all(np.isfinite(v)) for v in values):
            run = self._run(x, y, lambda v: moved(v).astype(np.longdouble))
            with np.errstate(over="ignore"):
                values = [np.asarray(run[key]).astype(float) for key in keys]
        return values

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
        near, at = self._kinks(x, y)
        if at:
            notes.append(f"{counted(at, 'preactivation')} exactly at a kink, compared by that convention")
        if not np.any(near):
            return x, y
        if np.all(near):
            raise SymderiveError("data: expected a sample away from the kinks of the activations, found none")
        notes.append(f"{counted(int(np.sum(near)), 'sample')} within rounding of a kink left out")
        return x[~near], y[~near]

    def _kinks(self, x: Array, y: Array) -> tuple[Array, int]:
        """Which samples have an argument of a kinked function next to 0; and how many are exactly at it."""
        near, at = np.zeros(len(x), bool), 0
        run = self._run(x, y)
        for m, row in enumerate((self.plan.first, *self.plan.functions)):
            if all(getattr(f, "smooth", True) for f in row):
                continue
            value = x if m == 0 else run["z", m]
            for f in row:
                if not isinstance(f, Activation):  # the identity; a softmax stands alone
                    continue
                if not f.smooth:
                    z = np.abs(value)
                    near |= np.any((z > 0) & (z < NEAR * np.max(z, initial=0.0)), axis=1)
                    at += int(np.sum(z == 0))
                value = from_activation(f)[0](value)
        return near, at


def _single(asked: Mapping[str, Sequence[Array | None]]) -> bool:
    """Whether one of the gradients is in less than double precision."""
    return any(a is not None and a.dtype.itemsize < 8 for arrays in asked.values() for a in arrays)
