r"""Colours of neurons: c^l(j) in 1..K_l, every colour used; and what follows for functions of the colour.

f(c(j)) = sum_u [u = c(j)] f(u),   [c(j) = g] f(c(j)) = [c(j) = g] f(g),   sum_j [c(j) = g] f(c(j)) = M_g f(g)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from sympy import Expr, Integer, Mul, Symbol

from proofs.setting import L, j, l, network
from symderive.calculus import Bracket, IndexSum, TensorSymbol, indices, tensor
from symderive.calculus.ranges import EMPTY, Context
from symderive.proof import kernel
from symderive.proof.kernel import KernelError, Theorem, hypothesis_of
from symderive.proof.tactics import Chain

g, h, u = indices("g h u")

OfColour = Callable[[Expr], Expr]


@dataclass(frozen=True)
class Colours:
    """A colouring c of the neurons, the numbers of colours K, the class sizes M, what is assumed of them."""

    n: TensorSymbol
    c: TensorSymbol
    K: TensorSymbol
    M: TensorSymbol
    low: Theorem
    high: Theorem
    sizes: Theorem
    inputs: Theorem
    outputs: Theorem
    as_many: Theorem

    def expanded(self, f: OfColour, layer: Expr, unit: Expr, ctx: Context) -> Theorem:
        """f(c(j)) = sum_u [u = c(j)] f(u)"""
        colour = self.c[layer, unit]
        v = _letter(ctx)
        whole = IndexSum(Bracket.equal(v, colour) * f(v), (v, 1, self.K[layer]))
        chain = Chain(whole, ctx).then(kernel.contraction(whole, ctx), "delta contracted")
        return kernel.symmetry(chain.rewrite(self.low).rewrite(self.high).qed(f(colour)))

    def at_colour(
        self,
        t: Theorem,
        index: Symbol,
        layer: Expr,
        unit: Expr,
        ctx: Context,
        values: Mapping[Symbol, Expr] | None = None,
    ) -> Theorem:
        """What t says for all colours, for the colour of a neuron; `values` of the other indices of t."""
        v = _letter(ctx)
        local = kernel.instantiate(t, {**(values or {}), index: v}, ctx.bind(v, 1, self.K[layer]))

        def left(x: Expr) -> Expr:
            return local.lhs.xreplace({v: x})

        def right(x: Expr) -> Expr:
            return local.rhs.xreplace({v: x})

        chain = Chain(left(self.c[layer, unit]), ctx)
        chain.then(self.expanded(left, layer, unit, ctx), "sum over the colours")
        chain.then(_inside(chain.now, v, local, ctx), "for every colour")
        back = kernel.symmetry(self.expanded(right, layer, unit, ctx))
        if chain.now != back.lhs:
            chain.ring(back.lhs)
        return chain.then(back, "delta contracted").theorem

    def same(self, f: OfColour, layer: Expr, unit: Expr, value: Symbol, ctx: Context) -> Theorem:
        """[c(j) = g] f(c(j)) = [c(j) = g] f(g), for a colour g; both are sum_u [u = c(j)] [u = g] f(u)."""
        colour, v = self.c[layer, unit], _letter(ctx)
        both = Bracket.equal(v, colour) * Bracket.equal(v, value) * f(v)
        whole = IndexSum(both, (v, 1, self.K[layer]))
        sides = []
        for one, other in ((colour, value), (value, colour)):
            plain = IndexSum(Bracket.equal(v, one) * f(v), (v, 1, self.K[layer]))
            more = IndexSum(
                Bracket.equal(v, one) * (Bracket.equal(v, other) + 1) * f(v), (v, 1, self.K[layer])
            )
            chain = Chain(whole, ctx).ring(more - plain)
            for e in (more, plain):
                chain.replace(self._contracted(e, ctx))
            sides.append(chain.ring(Bracket.equal(colour, value) * f(one)).theorem)
        return kernel.transitivity(kernel.symmetry(sides[0]), sides[1])

    def summed(self, f: OfColour, layer: Expr, unit: Symbol, value: Symbol, ctx: Context) -> Theorem:
        """sum_j [c(j) = g] f(c(j)) = M_g f(g)"""
        inner = ctx.bind(unit, 1, self.n[layer])
        one = self.same(f, layer, unit, value, inner)
        whole = IndexSum(one.lhs, (unit, 1, self.n[layer]))
        members = IndexSum(Bracket.equal(self.c[layer, unit], value), (unit, 1, self.n[layer]))
        return (
            Chain(whole, ctx)
            .then(kernel.congruence(whole, [((unit,), one)], ctx), "one colour")
            .ring(members * f(value))
            .backwards(self.sizes)
            .theorem
        )

    def _contracted(self, e: Expr, ctx: Context) -> Theorem:
        """The sum over the colours without its delta, and without the brackets that are 1."""
        chain = Chain(e, ctx).then(kernel.contraction(e, ctx), "delta contracted")
        for b in sorted(chain.now.atoms(Bracket), key=str):
            if ctx.decide(b) != b:
                chain.rewrite(kernel.decide(b, ctx))
        for law in (self.low, self.high):
            if any(b.has(self.c) for b in chain.now.atoms(Bracket) if b.relation == "<="):
                chain.rewrite(law)
        return chain.theorem


def _letter(ctx: Context) -> Symbol:
    """An index that the context does not have."""
    return next(s for s in indices("u v u1 u2 u3") if s not in ctx.taken)


def _inside(whole: Expr, index: Symbol, t: Theorem, ctx: Context) -> Theorem:
    """sum_u [u = c] lhs(u) = sum_u [u = c] rhs(u), where the left side may be several factors."""
    assert isinstance(whole, IndexSum)
    body = whole.open(index)
    inner = ctx.bind(index, whole.lo, whole.hi)
    (delta,) = (b for b in Mul.make_args(body) if isinstance(b, Bracket) and index in b.free_symbols)
    product = kernel.congruence(delta * t.lhs, [(_place(delta * t.lhs, t.lhs), t)], inner)
    return kernel.congruence(whole, [((index,), product)], ctx)


def _place(e: Expr, part: Expr) -> tuple[int, ...]:
    if part not in e.args:
        raise KernelError(f"at a colour: expected the factor {part} in {e}")
    return (e.args.index(part),)


@cache
def colours() -> Colours:
    """A colouring of the network's neurons in which inputs and outputs each have a colour of their own."""
    n = network(batch=True).n
    K = tensor("K", (l, 0, L), kind="dimension")
    c = tensor("c", (l, 0, L), (j, 1, n[l]), sup=1, kind="integer")
    M = tensor("M", (l, 0, L), (g, 1, K[l]), sup=1, kind="dimension")
    neurons, one = ((l, 0, L), (j, 1, n[l])), Integer(1)
    members = IndexSum(Bracket.equal(c[l, j], g), (j, 1, n[l]))
    assumed = (
        hypothesis_of("colours begin at 1", Bracket.at_most(1, c[l, j]), one, neurons),
        hypothesis_of("colours end at K", Bracket.at_most(c[l, j], K[l]), one, neurons),
        hypothesis_of("every colour has members", M[l, g], members, ((l, 0, L), (g, 1, K[l]))),
        hypothesis_of("inputs have colours of their own", c[0, j], j, ((j, 1, n[0]),)),
        hypothesis_of("outputs have colours of their own", c[L, j], j, ((j, 1, n[L]),)),
        hypothesis_of("as many colours as outputs", K[L], n[L]),
    )
    return Colours(n, c, K, M, *(kernel.assume(x, EMPTY) for x in assumed))
