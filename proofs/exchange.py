r"""Two neurons p < q of a hidden layer m exchanged: what a sum of squares over all parameters is then.

sum_l sum_j sum_k (w_{jk} - w_{pi(j) pi(k)})^2 = 2 sum_k (w_{pk} - w_{qk})^2 + 2 sum_i (w_{ip} - w_{iq})^2,
the last sum over the layer after. All other terms are 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from sympy import Expr, Integer

from proofs.apart import K, rho
from proofs.setting import L, i, j, k, l, m, names, p, q, words
from symderive.calculus import TensorSymbol
from symderive.calculus.ranges import EMPTY, Context
from symderive.calculus.terms import Entry, IndexSum, index_sum
from symderive.derivation import Derivation, derive
from symderive.derivation.adjoint import adjoint_symbol
from symderive.proof import kernel
from symderive.proof.equivariance import Equivariance, equivariance
from symderive.proof.kernel import Hypothesis, Limits, Theorem, hypothesis_of
from symderive.proof.tactics import Chain
from symderive.systems import System, mlp

ONE = Integer(1)


@dataclass(frozen=True)
class Exchanged:
    """The network on a batch, its gradients, and its copy with permuted parameters (T4)."""

    system: System
    derivation: Derivation
    copy: Equivariance

    @property
    def n(self) -> TensorSymbol:
        """The widths."""
        (found,) = {e.symbol for e in self.system.tensor("b").axes[-1][1].atoms(Entry)}
        return found  # type: ignore[no-any-return]

    @property
    def pi(self) -> TensorSymbol:
        """The permutations of the layers."""
        return self.copy.classes[0].permutation

    @property
    def neurons(self) -> Context:
        """A hidden layer m, and p < q in it."""
        n = self.n
        return Context.of((m, 1, L - 1), (p, 1, n[m] - 1), (q, p + 1, n[m]))

    def gradient(self, name: str) -> TensorSymbol:
        """dC/dw or dC/db."""
        return adjoint_symbol(self.system, self.system.tensor(name))

    def limits(self, rank: int) -> tuple[Limits, ...]:
        """The ranges of the weights (rank 3) or biases (rank 2)."""
        n = self.n
        return ((l, ONE, L), (j, ONE, n[l]), (k, ONE, n[l - 1]))[:rank]

    def exchange(self) -> tuple[Hypothesis, ...]:
        """pi exchanges p and q in layer m, and nothing else."""
        pi, n = self.pi, self.n
        stay = [("before p", ONE, p - 1), ("between p and q", p + 1, q - 1), ("after q", q + 1, n[m])]
        return (
            hypothesis_of("p becomes q", pi[m, p], q),
            hypothesis_of("q becomes p", pi[m, q], p),
            *(hypothesis_of(f"neurons {where} stay", pi[m, j], j, ((j, a, b),)) for where, a, b in stay),
            hypothesis_of("layers before m stay", pi[l, j], j, ((l, 0, m - 1), (j, 1, n[l]))),
            hypothesis_of("layers after m stay", pi[l, j], j, ((l, m + 1, L), (j, 1, n[l]))),
        )


@cache
def exchanged() -> Exchanged:
    """Symbolic depth and widths, an activation for each layer, any cost, a batch."""
    net = mlp(per_layer=True, samples="S")
    derivation = derive(net)
    called = {**words(net), **{t.name: f"{words(net).get(t.name, t.name)}, T3" for t in net.defined}}
    copy = equivariance(derivation.as_system(), names=names(net), words=called)
    return Exchanged(net, derivation, copy)


def two_neurons(net: Exchanged, t: TensorSymbol) -> tuple[tuple[Expr, Expr, tuple[Limits, ...]], ...]:
    """The entries of w or b (or of their gradients) that belong to p, each with its partner of q."""
    n = net.n
    if t.rank == 2:
        return ((t[m, p], t[m, q], ()),)
    return (
        (t[m, p, k], t[m, q, k], ((k, ONE, n[m - 1]),)),
        (t[m + 1, i, p], t[m + 1, i, q], ((i, ONE, n[m + 1]),)),
    )


def squares(net: Exchanged, t: TensorSymbol) -> Expr:
    """sum of (t - t~)^2 over all entries of all layers."""
    index = (l, j, k)[: t.rank]
    return index_sum((t[index] - net.copy.copy[t][index]) ** 2, *net.limits(t.rank))


def only_two(net: Exchanged, t: TensorSymbol) -> Chain:
    """The sum of squares of one tensor is twice that of the two neurons."""
    ctx, pi, n = net.neurons, net.pi, net.n
    moved = {h.lhs.symbol: h for h in net.copy.assumptions if h.lhs.symbol.kind == "real"}
    twin = net.copy.copy[t]
    (law,) = [kernel.assume(moved[twin], EMPTY)] if twin in moved else net.copy.of(t)
    chain = Chain(squares(net, t), ctx).rewrite(law, "permuted parameters" if twin in moved else "T4")

    def layers(at: Expr, lo: Expr) -> None:
        chain.split(lambda e: at if (e.lo, e.hi) == (lo, L) else None, "layers apart")

    layers(m - 1, ONE)
    layers(m, m)
    if t.rank == 3:
        layers(m + 1, m + 1)
    chain.single("layers apart")
    rules = [kernel.assume(h, ctx) for h in net.exchange()]
    for rule in rules[-2:]:  # in each term of these layers an entry is subtracted from itself
        chain.rewrite(rule, "the exchange")

    def neurons(at: Expr, lo: Expr) -> None:
        def chosen(e: IndexSum) -> Expr | None:
            return at if (e.lo, e.hi) == (lo, n[m]) and e.body.has(pi) else None

        chain.split(chosen, "p and q apart")

    for at, lo in ((p - 1, ONE), (p, p), (q - 1, p + 1), (q, q)):
        neurons(at, lo)
    chain.single("p and q apart")
    for rule in rules[:5]:
        chain.rewrite(rule, "the exchange")
    return chain.ring(2 * gap_of(net, t))


def gap_of(net: Exchanged, t: TensorSymbol) -> Expr:
    """The sum of squares of the two neurons alone."""
    return sum((index_sum((a - b) ** 2, *limits) for a, b, limits in two_neurons(net, t)), Integer(0))


def slack(net: Exchanged) -> tuple[Theorem, Hypothesis, tuple[Chain, ...]]:
    """rho = 2 (K^2 D - G), from the Lipschitz bound between the parameters and the exchanged ones."""
    weights = [net.system.tensor(name) for name in ("w", "b")]
    gradients = [net.gradient(name) for name in ("w", "b")]
    value = K[()] ** 2 * sum(squares(net, t) for t in weights) - sum(squares(net, t) for t in gradients)
    h = hypothesis_of("slack of the Lipschitz bound, exchanged neurons", rho[()], value, kind="definition")
    chains = tuple(only_two(net, t) for t in (*weights, *gradients))
    chain = Chain(rho[()], net.neurons).rewrite(kernel.assume(h, EMPTY))
    for c in chains:
        chain.replace(c.theorem, "the exchange moves two neurons only")
    gaps = [sum((gap_of(net, t) for t in part), Integer(0)) for part in (weights, gradients)]
    chain.ring(2 * (K[()] ** 2 * gaps[0] - gaps[1]))
    return chain.theorem, h, (*chains, chain)


__all__ = ["Exchanged", "exchanged", "gap_of", "only_two", "slack", "squares", "two_neurons"]
