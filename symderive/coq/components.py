"""A network written out component by component, and the names that its components have in Coq."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr

from symderive.calculus.atoms import TensorSymbol
from symderive.calculus.ranges import EMPTY, Context
from symderive.calculus.terms import Entry, Family
from symderive.coq import reach
from symderive.coq.names import Names
from symderive.coq.terms import OutOfReach, Printer
from symderive.derivation.derive import Derivation
from symderive.derivation.explicit import explicit
from symderive.systems import Definition

# the words of the file itself
KEPT = ("w", "b", "x", "y", "widths", "layers", "slopes", "sample", "cost_of", "kinks_avoided")


@dataclass
class Components(Printer):
    """Prints components: z[1, 2] of a defined tensor is the definition z_1_2, applied to the parameters."""

    defined: frozenset[TensorSymbol] = frozenset()

    def name(self, e: Entry) -> str:
        """The name of a component's definition."""
        return self.names.of(e, "_".join([e.symbol.name, *map(str, e.index)]))

    def applied(self, e: Entry, ctx: Context) -> str:
        """z_1_2 w b; an input is a number without parameters."""
        if e.symbol not in self.defined:
            return super().applied(e, ctx)
        return self.name(e) if self.is_input(e) else f"{self.name(e)} w b"

    def is_input(self, e: Entry) -> bool:
        """Whether a component is an input, which no parameter changes."""
        return e.symbol.name == "a" and e.index[0] == 0

    def shown(self, e: Entry) -> str:
        """A component as it stands beside + and *."""
        return self.applied(e, EMPTY)

    def _family(self, fam: Expr, ctx: Context) -> str:
        if not isinstance(fam, Family):
            return super()._family(fam, ctx)
        values = range(int(fam.lo), int(fam.hi) + 1)
        return "[:: " + "; ".join(self.bare(fam.open(v), EMPTY) for v in values) + "]"


class Network:
    """The parts of a network that a file of Coq needs; OutOfReach where the library does not cover it."""

    def __init__(self, derivation: Derivation) -> None:
        self.system = derivation.system
        self.widths = reach.widths(self.system)
        self.depth = len(self.widths) - 1
        reach.require_affordable(self.widths)
        self.functions = [reach.activation(self.system, layer) for layer in range(1, self.depth + 1)]
        self.squared = reach.factor(self.system)
        """The factor of the squared error; None for an arbitrary cost."""
        self.forward = explicit(self.system)
        self.backward = explicit(derivation)
        defined = frozenset(d.lhs.symbol for d in (*self.forward, *self.backward))
        self.printer = Components(Names(), defined=defined)
        for word in KEPT:
            self.printer.names.of(word, word)
        for t in (*self.system.parameters, *self.system.inputs):
            self.printer.tensors[t] = t.name
        self._symbols = {d.lhs.symbol.name: d.lhs.symbol for d in (*self.forward, *self.backward)}

    @property
    def deltas(self) -> tuple[Definition, ...]:
        """The derivatives by weighted inputs, from the last layer on."""
        return tuple(d for d in self.backward if d.lhs.symbol.name == "delta")

    @property
    def gradients(self) -> tuple[Definition, ...]:
        """The derivatives by parameters."""
        return tuple(d for d in self.backward if d.lhs.symbol.name != "delta")

    @property
    def cost(self) -> Entry:
        """The cost."""
        return next(d.lhs for d in self.forward if d.lhs.symbol == self.system.cost)

    def entry(self, name: str, *index: int) -> Entry:
        """A component by the name of its tensor."""
        if name not in self._symbols:
            raise OutOfReach(f"Coq export: expected the tensors a, z, delta of a network, found no {name}")
        return self._symbols[name][index]
