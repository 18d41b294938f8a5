r"""The network that the theorems speak of: symbolic depth and widths, an activation for each layer, any cost.

z^l_j = sum_k w^l_{jk} a^{l-1}_k + b^l_j,   a^l_j = sigma_l(z^l_j),   a^0 = x,   C = C(a^L; y)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from sympy import Expr, Symbol

from symderive.calculus import TensorSymbol, indices, size
from symderive.calculus.ranges import EMPTY, Context
from symderive.calculus.terms import Entry, IndexSum
from symderive.derivation import Derivation, derive
from symderive.proof import kernel
from symderive.proof.equivariance import MARK, Names, plain_name
from symderive.proof.hypotheses import as_hypothesis, renamed
from symderive.proof.kernel import Hypothesis, Theorem
from symderive.systems import Definition, System, mlp

l, m, j, k, i, p, q, s, t = indices("l m j k i p q s t")
L, T, B = size("L"), size("T"), size("B")


@dataclass(frozen=True)
class Setting:
    """A system, its derivation, and its definitions as theorems by short names."""

    system: System
    derivation: Derivation
    laws: dict[str, Theorem]

    @property
    def batch(self) -> bool:
        """Whether the network runs on B samples, each with an index s; the cost is their mean."""
        return self.system.tensor("x").rank == 2

    def unit(self, t: TensorSymbol, *index: Expr | int) -> Entry:
        """The entry of x, y, z, a, delta or of a differential of these: with a batch, of sample s."""
        return t[(*index[:-1], s, index[-1])] if self.batch else t[index]

    def samples(self, ctx: Context = EMPTY) -> Context:
        """The context with the sample index, where there is one."""
        return ctx.bind(s, 1, B) if self.batch else ctx

    def sum_over_samples(self, e: Expr) -> Expr:
        """sum_s e, where there is a batch."""
        return IndexSum(e, (s, 1, B)) if self.batch else e

    def tensor(self, name: str) -> TensorSymbol:
        """The tensor of this name, forward or derived."""
        for s in (d.symbol for d in self.derivation.definitions):
            if s.name == name:
                return s
        return self.system.tensor(name)

    @property
    def n(self) -> TensorSymbol:
        """The widths."""
        (found,) = {e.symbol for e in self.system.tensor("a").axes[-1][1].atoms(Entry)}
        return found  # type: ignore[no-any-return]


SHORT = {
    "input": "input of the network",
    "z": "weighted input",
    "a": "activation",
    "a_L": "activation of the last layer",
    "C": "cost",
    "delta_L": "delta of the last layer",
    "delta": "delta of a hidden layer",
    "grad_w": "gradient of the weights",
    "grad_b": "gradient of the biases",
}


WORDS = {
    "w": "weights", "w.1": "incoming weights", "w.2": "outgoing weights", "b": "biases",
    "z": "weighted inputs", "a": "activations", "C": "cost", "delta": "deltas",
    "grad_w": "gradients of the weights", "grad_w.1": "gradients of the incoming weights",
    "grad_w.2": "gradients of the outgoing weights", "grad_b": "gradients of the biases",
    "pi at 0": "inputs stay", "pi at L": "outputs stay",
}  # fmt: skip
ORDER = (*SHORT.values(), *(name + MARK for name in SHORT.values()))


def short(d: Definition) -> str:
    """The short name of a definition of the network, also at every step of training: z, a, delta_L, .."""
    name = d.symbol.name
    layer = d.lhs.index[d.symbol.sup - 1] if d.symbol.sup else None
    if name == "a":
        return "input" if layer == 0 else "a_L" if layer == L else "a"
    if name == "delta":
        return "delta_L" if layer == L else "delta"
    return name


def name_of(d: Definition) -> str:
    """What a definition of the network is called; other ones, and numbered layers, by their left side."""
    name = short(d)
    layers = [i for i in d.lhs.index[: d.symbol.sup] if i.is_Integer]
    return plain_name(d) if name not in SHORT or (layers and name != "input") else SHORT[name]


def words(system: System) -> Mapping[str, str]:
    """What the tensors are called: those of the mlp by their textbook names, others by their own.

    >>> words(mlp())["delta"]
    'deltas'
    """
    return WORDS if system.name == "mlp" else {}


def names(system: System) -> Names:
    """What the definitions of a system are called.

    >>> names(mlp())(mlp().definitions[1])
    'weighted input'
    """
    return name_of if system.name == "mlp" else plain_name


def laws(
    definitions: tuple[Definition, ...], names: dict[TensorSymbol, TensorSymbol] | None = None, mark: str = ""
) -> dict[str, Theorem]:
    """Each definition as a theorem that assumes it; with other names for a second network."""
    found = {}
    for d in definitions:
        text = SHORT[short(d)] + mark
        h: Hypothesis = as_hypothesis(renamed(d, names) if names else d, text)
        found[short(d)] = kernel.assume(h, EMPTY)
    return found


@cache
def network(batch: bool = False) -> Setting:
    """The network of symbolic depth and widths, and what is derived from it."""
    net = mlp(per_layer=True, samples="B" if batch else None)
    derivation = derive(net)
    return Setting(net, derivation, laws((*net.definitions, *derivation.definitions)))


def within(*limits: tuple[Symbol, object, object]) -> Context:
    """A context of index ranges."""
    return Context.of(*limits)
