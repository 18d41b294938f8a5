r"""A network with permuted hidden neurons: \tilde w^l_{jk} = w^l_{pi_l(j) pi_{l-1}(k)}."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from sympy import Expr

from proofs.setting import MARK, L, Setting, j, k, l, laws, network
from symderive.calculus import TensorSymbol, tensor
from symderive.calculus.ranges import EMPTY
from symderive.calculus.terms import IndexSum
from symderive.proof import kernel
from symderive.proof.hypotheses import marked
from symderive.proof.kernel import Theorem, hypothesis_of


@dataclass(frozen=True)
class Permuted:
    """The network, its permuted copy, and the laws of both."""

    plain: Setting
    pi: TensorSymbol
    copy: dict[TensorSymbol, TensorSymbol]
    laws: dict[str, Theorem]
    weights: Theorem
    biases: Theorem
    inputs: Theorem
    outputs: Theorem

    def tilde(self, name: str) -> TensorSymbol:
        """The tensor of the copy."""
        return self.copy[self.plain.tensor(name)]


@cache
def permuted_network() -> Permuted:
    """Every hidden layer is permuted, each by its own permutation; inputs and outputs stay in place."""
    net = network()
    n = net.n
    pi = tensor("pi", (l, 0, L), (j, 1, n[l]), sup=0, kind="permutation", latex=r"\pi")
    moved = [*net.system.parameters, *net.system.defined, *(d.symbol for d in net.derivation.definitions)]
    copy = {s: marked(s) for s in dict.fromkeys(moved)}
    w, b = net.tensor("w"), net.tensor("b")
    weights = hypothesis_of(
        "permuted weights", copy[w][l, j, k], w[l, pi[l, j], pi[l - 1, k]],
        ((l, 1, L), (j, 1, n[l]), (k, 1, n[l - 1])),
    )  # fmt: skip
    biases = hypothesis_of("permuted biases", copy[b][l, j], b[l, pi[l, j]], ((l, 1, L), (j, 1, n[l])))
    inputs = hypothesis_of("inputs stay in place", pi[0, j], j, ((j, 1, n[0]),))
    outputs = hypothesis_of("outputs stay in place", pi[L, j], j, ((j, 1, n[L]),))
    return Permuted(
        net, pi, copy,
        laws((*net.system.definitions, *net.derivation.definitions), copy, MARK),
        *(kernel.assume(h, EMPTY) for h in (weights, biases, inputs, outputs)),
    )  # fmt: skip


def unpermuted(e: IndexSum, pi: TensorSymbol, layer: Expr) -> tuple[IndexSum, tuple[Expr]] | None:
    """The plain sum whose index was replaced by pi(layer, index), where e is one."""
    index, body = e.unbind()
    image = pi[layer, index]
    plain = body.xreplace({image: index})
    if not body.has(image) or plain.xreplace({index: image}) != body:
        return None
    return IndexSum(plain, (index, e.lo, e.hi)), (layer,)
