r"""The quotient of a network by a colouring: a network with a neuron for each colour, and its own gradients.

Balanced: biases depend on the colour alone, and so do the sums of incoming weights from a colour and of
outgoing weights into one. Then a_j = \bar a_{c(j)}, delta_j = \bar delta_{c(j)} / M, dC/dw_{jk} =
d\bar C/d\bar w_{c(j) c(k)} / M, where M is the number of neurons of the colour of j.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from sympy import Expr, Integer, Symbol
from sympy.core.basic import Basic

from proofs.colouring import Colours, colours, g, h
from proofs.descent import Run, network_at_every_step
from proofs.setting import SHORT, L, T, j, k, l, network, short, t
from symderive.calculus import Bracket, IndexSum, TensorSymbol, tensor
from symderive.calculus.ranges import EMPTY
from symderive.proof import kernel
from symderive.proof.hypotheses import as_hypothesis, over_steps, renamed
from symderive.proof.kernel import Hypothesis, hypothesis_of
from symderive.systems import Definition

NOTE = ", quotient network"


def barred(x: TensorSymbol, rule: Mapping[Basic, Basic]) -> TensorSymbol:
    r"""\bar{T}: the tensor of the quotient network, of its widths."""
    axes = tuple((lo.xreplace(dict(rule)), hi.xreplace(dict(rule))) for lo, hi in x.axes)
    return x.derived(f"{x.name}_bar", latex_name=rf"\bar{{{x.latex_name}}}", axes=axes)


@dataclass(frozen=True)
class Quotient:
    """The network and its quotient at every step, each with its own forward and backward equations."""

    colours: Colours
    run: Run
    bar: Run
    V: TensorSymbol

    def colour(self, layer: Expr | int, unit: Expr) -> Expr:
        """c(unit)"""
        return self.colours.c[layer, unit]

    # ---- what balanced means

    def incoming(self, step: Expr | int, layer: Expr = l) -> Expr:
        """sum_k [c(k) = g] w_{jk}"""
        w = self.run.tensors["w"]
        body = Bracket.equal(self.colour(layer - 1, k), g) * w[step, layer, j, k]
        return IndexSum(body, (k, 1, self.run.n[layer - 1]))

    def outgoing(self, step: Expr | int, layer: Expr = l) -> Expr:
        """sum_j [c(j) = g] w_{jk}"""
        w = self.run.tensors["w"]
        body = Bracket.equal(self.colour(layer, j), g) * w[step, layer, j, k]
        return IndexSum(body, (j, 1, self.run.n[layer]))

    def share(self, step: Expr | int) -> Expr:
        """M_g / M_{c(k)} times the quotient's weight from c(k) to g."""
        M, w = self.colours.M, self.bar.tensors["w"]
        from_k = self.colour(l - 1, k)
        return M[l, g] / M[l - 1, from_k] * w[step, l, g, from_k]

    def ranges(self, name: str) -> tuple[tuple[Symbol, Expr, Expr], ...]:
        """For which indices each of the three equations is meant."""
        n, K, one = self.run.n, self.colours.K, Integer(1)
        return {
            "biases": ((l, one, L), (j, one, n[l])),
            "incoming": ((l, one, L), (j, one, n[l]), (g, one, K[l - 1])),
            "outgoing": ((l, one, L), (k, one, n[l - 1]), (g, one, K[l])),
        }[name]

    def start(self) -> dict[str, Hypothesis]:
        """Balanced at step 0."""
        b, b_bar, w_bar = self.run.tensors["b"], self.bar.tensors["b"], self.bar.tensors["w"]
        return {
            "biases": hypothesis_of(
                "equal biases in a colour",
                b[0, l, j], b_bar[0, l, self.colour(l, j)], self.ranges("biases"),
            ),
            "incoming": hypothesis_of(
                "equal incoming sums in a colour",
                self.incoming(0), w_bar[0, l, self.colour(l, j), g], self.ranges("incoming"),
            ),
            "outgoing": hypothesis_of(
                "equal outgoing sums in a colour",
                self.outgoing(0), self.V[l, g, self.colour(l - 1, k)], self.ranges("outgoing"),
            ),
        }  # fmt: skip

    def goals(self) -> dict[str, Hypothesis]:
        """Balanced at step t, with the outgoing sums in terms of the quotient's weights."""
        b, b_bar, w_bar = self.run.tensors["b"], self.bar.tensors["b"], self.bar.tensors["w"]
        note = ", induction hypothesis"
        return {
            "biases": hypothesis_of(
                f"equal biases in a colour{note}",
                b[t, l, j], b_bar[t, l, self.colour(l, j)], self.ranges("biases"), "induction",
            ),
            "incoming": hypothesis_of(
                f"equal incoming sums in a colour{note}",
                self.incoming(t), w_bar[t, l, self.colour(l, j), g], self.ranges("incoming"), "induction",
            ),
            "outgoing": hypothesis_of(
                f"equal outgoing sums in a colour{note}",
                self.outgoing(t), self.share(t), self.ranges("outgoing"), "induction",
            ),
        }  # fmt: skip


@cache
def quotient() -> Quotient:
    """Both networks; the quotient's equations are those of the network with other widths and other names."""
    col, run = colours(), network_at_every_step()
    net = network(batch=True)
    widths: dict[Basic, Basic] = {col.n: col.K}
    data = {net.tensor("x"), net.tensor("y")}
    forward_backward = (*net.system.definitions, *net.derivation.definitions)
    moved = {*net.system.parameters, *(d.symbol for d in forward_backward)} - data
    names = {x: barred(x, widths) for x in moved}

    def coarse(d: Definition) -> Definition:
        new = renamed(d, {**names, **widths})
        limits = tuple((x, lo.xreplace(widths), hi.xreplace(widths)) for x, lo, hi in d.indices)
        return Definition(new.lhs, new.rhs, limits, d.name)

    definitions, made = over_steps(map(coarse, forward_backward), t, T)
    laws = {
        short(old): kernel.assume(as_hypothesis(new, SHORT[short(old)] + NOTE), EMPTY)
        for old, new in zip(forward_backward, definitions, strict=True)
    }
    tensors = {old.name: made[new] for old, new in names.items()}
    bar = Run(net, tensors, laws)
    V = tensor("V", (l, 1, L), (g, 1, col.K[l]), (h, 1, col.K[l - 1]), sup=1)
    return Quotient(col, run, bar, V)
