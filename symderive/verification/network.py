"""The network that a gradient is judged against: its widths, its activations, its derived gradient."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray
from sympy import log

from symderive.calculus.terms import Applied, Entry, IndexSum
from symderive.derivation import Derivation, derive
from symderive.errors import SymderiveError
from symderive.systems import System, mlp
from symderive.systems.activations import NAMES, Activation, activation
from symderive.verification.per_sample import one_sample, per_sample

Array = NDArray[Any]

SOFTMAX, IDENTITY = "softmax", "identity"
KEYS = {
    "widths": "widths", "activation": "activation", "cost": "cost", "output_activation": "output",
    "output": "output", "factor": "factor", "relu_at_zero": "relu_at_zero", "samples": "samples",
    "reduction": "reduction",
}  # fmt: skip


@dataclass(frozen=True)
class Network:
    """A fully connected network with numbers for widths, and its derivation.

    - `activations`: for each layer an `Activation`, or "softmax" or "identity".
    - `reduction`: of the cost over the samples, if the system has samples of its own; else None.
    """

    system: System
    derivation: Derivation
    widths: tuple[int, ...]
    activations: tuple[Activation | str, ...]
    reduction: str | None
    samples: int | None
    lifted: dict[int, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def depth(self) -> int:
        """L."""
        return len(self.widths) - 1

    @property
    def names(self) -> tuple[str, ...]:
        """The activations' names, layer by layer."""
        return tuple(f if isinstance(f, str) else f.name for f in self.activations)

    @property
    def classes(self) -> bool:
        """Whether the cost takes targets that are probabilities of classes, or of yes and no."""
        cost = self.system.of(self.system.cost)[0].rhs
        return bool(cost.has(log))

    @property
    def one_hot(self) -> bool:
        """Whether the targets of a sample add up to one: the cost is a cross-entropy over classes."""
        if self.names[-1] == SOFTMAX:
            return True
        cost = self.system.of(self.system.cost)[0].rhs
        return any(e.has(IndexSum) for e in cost.atoms(log))

    def definitions(self, samples: int) -> Any:
        """Forward and backward definitions, each sample by itself."""
        if samples not in self.lifted:
            base = [*self.system.definitions, *self.derivation.definitions, *self.derivation.auxiliary]
            self.lifted[samples] = per_sample(base, frozenset(self.system.parameters), samples)
        return self.lifted[samples]


def network_of(given: System | Mapping[str, Any] | Sequence[int]) -> Network:
    """The network for what a user gives: a system of `mlp`, or its keywords as a dict.

    Raises SymderiveError for symbolic widths, an arbitrary activation or cost, or a system that is no `mlp`.

    >>> network_of({"widths": [4, 5, 3], "activation": "relu", "cost": "cross_entropy"}).names
    ('relu', 'softmax')
    """
    system = given if isinstance(given, System) else mlp(**_keywords(given))
    names = {t.name for t in (*system.inputs, *system.parameters, *system.defined)}
    if not {"x", "y", "w", "b", "z", "a"} <= names:
        raise SymderiveError(
            "network: expected a system of mlp(), with x, y, w, b, z and a, found one with "
            f"{', '.join(sorted(names))}"
        )
    widths = _widths(system)
    if [f for f in system.functions() if f not in system.activations]:
        raise SymderiveError("network: expected a named activation, as in mlp(activation='tanh'), found none")
    if system.functionals():
        raise SymderiveError("network: expected a named cost, as in mlp(cost='squared_error'), found none")
    reduction, samples = None, None
    if system.tensor("x").rank == 2:
        system, reduction, samples = one_sample(system)
    derivation = derive(system, wrt=["a", "w", "b"])
    return Network(system, derivation, widths, _activations(system, len(widths) - 1), reduction, samples)


def _keywords(given: Any) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        if isinstance(given, Sequence) and not isinstance(given, str):
            raise SymderiveError(
                "network: expected a system, or a dict of widths, activation and cost, found a list; "
                "write {'widths': [..], 'activation': .., 'cost': ..}"
            )
        raise SymderiveError(
            f"network: expected a system of mlp(..), or its keywords as a dict, found {type(given).__name__}"
        )
    unknown = [k for k in given if k not in KEYS]
    if unknown:
        raise SymderiveError(f"network: expected keys among {', '.join(KEYS)}, found {unknown[0]!r}")
    # what is None is what mlp() takes by itself
    return {KEYS[k]: v for k, v in given.items() if v is not None}


def _widths(system: System) -> tuple[int, ...]:
    sizes = {tuple(int(i) for i in e.index): int(v) for e, v in system.sizes.items() if isinstance(e, Entry)}
    if not sizes:
        raise SymderiveError(
            "network: expected numbers for the widths, as in mlp(widths=[4, 5, 3]), found none"
        )
    return tuple(sizes[m,] for m in range(len(sizes)))


def _activations(system: System, depth: int) -> tuple[Activation | str, ...]:
    """What is applied to z^l, read off the definitions of a^l."""
    found: list[Activation | str] = []
    a = system.tensor("a")
    for d in system.of(a):
        if d.lhs.index[0] == 0:
            continue
        if isinstance(d.rhs, Applied):
            found.append(system.activations[d.rhs.function])
        else:
            found.append(IDENTITY if isinstance(d.rhs, Entry) else SOFTMAX)
    if len(found) != depth:
        raise SymderiveError(f"network: expected {depth} layers with an activation each, found {len(found)}")
    return tuple(found)


def known_activations() -> tuple[Activation, ...]:
    """All activations by name: what a slope may have been taken from by mistake.

    >>> [f.name for f in known_activations()][:3]
    ['identity', 'tanh', 'sigmoid']
    """
    return tuple(activation(name) for name in NAMES)
