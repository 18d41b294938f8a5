r"""The derived equations in LaTeX, in the notation of the user: W and the samples lie as in the arrays.

They are the derivation's own definitions, each lifted to all samples; what is added up, the reduction and the
regularisation are those that were stated.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache

from sympy import Expr, Rational, Symbol
from sympy.core.basic import Basic

from symderive.calculus.atoms import TensorSymbol
from symderive.calculus.terms import Entry, IndexSum
from symderive.latex import equation_to_latex
from symderive.systems import mlp
from symderive.systems.definition import Definition
from symderive.verification.backward import Key
from symderive.verification.layout import Layout
from symderive.verification.network import IDENTITY, SOFTMAX, Network, network_of
from symderive.verification.per_sample import SAMPLE, per_sample

NAMES = {"W": "w", "b": "b"}
SHOWN = Symbol("i", integer=True)
N = Symbol("N", integer=True, positive=True)


def in_latex(
    network: Network, keys: Sequence[Key], layout: Layout, reduction: str = "sum", decay: float = 0.0
) -> tuple[str, ...]:
    r"""The equations of the last layer that is wrong: of its delta, and of its gradients in `keys`.

    >>> from symderive.verification.network import network_of
    >>> net = network_of({"widths": [4, 5, 3], "activation": "tanh", "cost": "squared_error"})
    >>> for line in in_latex(net, [("W", 1)], Layout("rows"), "mean"):
    ...     print(line)
    \delta^{(1)}_{ij} = \tanh'\left(z^{(1)}_{ij}\right) \sum_{k=1}^{3} W^{(2)}_{jk} \delta^{(2)}_{ik}
    \frac{\partial C}{\partial W^{(1)}_{kj}} = \frac{1}{N} \sum_{i=1}^{N} x_{ik} \delta^{(1)}_{ij}
    """
    layer = max((l for _, l in keys), default=0)
    if not layer:
        return ()
    printed = _Printed(network, layout)
    logits = _of_logits(network) if layer == network.depth else None
    found = [
        printed.delta(d, network.depth if logits else 0) for d in (logits or network).derivation.delta(layer)
    ]
    for kind in "Wb":
        if (kind, layer) in keys:
            for d in network.derivation.gradient(NAMES[kind], layer):
                found.append(printed.gradient(d, kind, reduction, decay))
    return tuple(found)


def _of_logits(network: Network) -> Network | None:
    """The network of the same cost whose outputs are logits: its delta^L is p - y as it is written."""
    if network.names[-1] != SOFTMAX or not network.classes:
        return None
    return _logits(network.widths, network.names[:-1])


@lru_cache(maxsize=32)
def _logits(widths: tuple[int, ...], hidden: tuple[str, ...]) -> Network:
    names = [*hidden, IDENTITY] if hidden else IDENTITY
    return network_of(mlp(widths=list(widths), activation=names, cost="softmax_cross_entropy"))


class _Printed:
    """The user's notation of one network's tensors."""

    def __init__(self, network: Network, layout: Layout) -> None:
        self.network, self.layout = network, layout
        self.shared = frozenset(network.system.parameters)
        self.shared_names = frozenset(t.name for t in self.shared)
        self.logits = 0

    def delta(self, d: Definition, logits: int = 0) -> str:
        """delta^l of a sample; `logits`: the layer whose a is z."""
        self.logits = logits
        lifted = self._lifted(d)
        return self._line(self._entry(lifted.lhs), self._term(lifted.rhs), lifted)

    def gradient(self, d: Definition, kind: str, reduction: str, decay: float) -> str:
        """The gradient of all samples, with the regularisation."""
        lifted = self._lifted(d)
        rhs: Expr = lifted.rhs
        if not self.layout.single:
            rhs = IndexSum(rhs, (SAMPLE, 1, N))
            if reduction == "mean":
                rhs = rhs / N
        parameter = self.network.system.tensor(NAMES[kind])[d.lhs.index]
        if decay and kind == "W":
            rhs = rhs + Rational(str(Fraction(str(decay)))) * parameter
        turned = self._entry(parameter)
        lhs = turned.symbol.gradient(self.network.system.cost.latex_name)[turned.index]
        return self._line(lhs, self._term(rhs), lifted)

    def _lifted(self, d: Definition) -> Definition:
        return d if self.layout.single else per_sample([d], self.shared, 1)[0]

    def _line(self, lhs: Expr, rhs: Expr, d: Definition) -> str:
        left, right = equation_to_latex(lhs.xreplace({SAMPLE: SHOWN}), rhs.xreplace({SAMPLE: SHOWN}))
        return f"{left} = {right}"

    def _term(self, e: Expr) -> Expr:
        rule: dict[Basic, Basic] = {entry: self._entry(entry) for entry in e.atoms(Entry)}
        return e.xreplace(rule)

    def _entry(self, e: Entry) -> Entry:
        """An entry as the user has it: W for w, x for a^0, indices in the user's order."""
        t, index = e.symbol, tuple(e.index)
        at = t.sup
        if t.name == "a" and self.logits and index[0] == self.logits:
            t = TensorSymbol("z", t.axes, t.sup, "z", t.kind)
        if t.name == "a" and index[0] == 0:
            index, at = index[1:], 0
        sub = index[at:]
        samples_last = self.layout.columns and len(sub) > 1 and t.name not in self.shared_names
        turned = t.name == "w" and self.layout.in_by_out
        if samples_last or turned:
            sub = sub[::-1]
        name = {"w": "W", "a": "x" if at != t.sup else "a"}.get(t.name, t.name)
        latex = name if name in ("W", "x") else t.latex_name
        axes = tuple((1, N) for _ in (*index[:at], *sub))
        return TensorSymbol(name, axes, at, latex, t.kind)[(*index[:at], *sub)]
