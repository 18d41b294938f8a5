"""dC/dz of one neuron over all paths to the cost, which SymPy differentiates by itself."""

from __future__ import annotations

from sympy import Add, Expr, Function, Mul, Symbol, expand
from sympy.core.basic import Basic

from symderive.calculus.ranges import EMPTY
from symderive.coq.components import Network


class Paths:
    """dC/dz of one neuron, expanded: SymPy differentiates the composition of the layers after it."""

    def __init__(self, net: Network, layer: int, k: int) -> None:
        self.net, self.layer, self.k = net, layer, k
        self.names: dict[Basic, str] = {}

    def text(self) -> str:
        """The sum over all paths, as Coq reads it."""
        net, p = self.net, self.net.printer
        here = Symbol("here")
        values: dict[int, Expr] = {}
        for j in range(1, net.widths[self.layer] + 1):
            z = here if j == self.k else self._atom(p.shown(net.entry("z", self.layer, j)))
            values[j] = self._activated(z, self.layer, j)
        for m in range(self.layer + 1, net.depth + 1):
            after = {}
            for i in range(1, net.widths[m] + 1):
                # what does not depend on this neuron has no derivative by it, and needs no name
                z = Add(*(self._atom(f"w {m}%N {i}%N {j}%N") * v for j, v in values.items() if v.has(here)))
                after[i] = self._activated(z, m, i)
            values = after
        slopes = self._cost_slopes()
        total = expand(Add(*(slopes[i] * v.diff(here) for i, v in values.items())))
        return " + ".join(self._product(t) for t in Add.make_args(total)) if total != 0 else "0"

    def _activated(self, z: Expr, layer: int, k: int) -> Expr:
        """sigma(z), whose derivative is a name: sigma'(z_k)."""
        f = self.net.functions[layer - 1]
        if f is None:
            return z
        p = self.net.printer
        at = p.term_of(self.net.entry("z", layer, k))
        slope = self._atom(f"{p.function(f, 1)} {at}")

        class Activated(Function):
            def fdiff(self, argindex: int = 1) -> Expr:
                return slope

        Activated.__name__ = f"f_{layer}_{k}"
        applied: Expr = Activated(z)
        return applied

    def _cost_slopes(self) -> dict[int, Expr]:
        """dC/da of each output, by a name or by SymPy's derivative of the squared error."""
        net, p = self.net, self.net.printer
        outputs = range(1, net.widths[-1] + 1)
        a = {k: self._atom(p.shown(net.entry("a", net.depth, k))) for k in outputs}
        if net.squared is not None:
            y = {k: self._atom(f"y {k}%N") for k in outputs}
            error = net.squared * Add(*((a[k] - y[k]) ** 2 for k in outputs))
            return {k: error.diff(a[k]) for k in outputs}
        listed = "; ".join(self.names[a[k]] for k in outputs)
        wanted = "; ".join(f"y {k}%N" for k in outputs)
        return {k: self._atom(f"cost_1 {k}%N [:: {listed}] [:: {wanted}]") for k in outputs}

    def _atom(self, text: str) -> Symbol:
        s = Symbol(text)
        self.names[s] = text
        return s

    def _product(self, t: Expr) -> str:
        factor, rest = t.as_coeff_Mul()
        parts = []
        for f in Mul.make_args(rest):
            if f != 1:
                parts.append(f"({self.names[f]})" if " " in self.names[f] else self.names[f])
        if factor != 1 or not parts:
            parts.insert(0, self.net.printer.term(factor, EMPTY))
        return "(" + " * ".join(parts) + ")"
