r"""The Hessian at a tied group, along directions that sum to 0 over the group: symbolic depth and widths.

Neurons 1..M of a hidden layer m are tied. A direction moves their incoming weights by c_j u_k, their biases
by
c_j beta and their outgoing weights by c_j h_i, with sum_j c_j = 0, and nothing else. The differential of the
gradient along it is the Hessian applied to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from sympy import Expr, Integer

from proofs.setting import L, Setting, i, j, k, l, m, name_of, s
from symderive.calculus import IndexSum, TensorSymbol, indices, size, tensor
from symderive.calculus.ranges import EMPTY, Context
from symderive.derivation import derive
from symderive.proof import kernel
from symderive.proof.hypotheses import as_hypothesis
from symderive.proof.kernel import Hypothesis, Limits, Theorem, hypothesis_of
from symderive.proof.tactics import Chain
from symderive.systems import mlp

M, r = indices("M r")
S = size("S")
ONE, ZERO = Integer(1), Integer(0)


@cache
def net() -> Setting:
    """The network on S samples, with its derivation."""
    system = mlp(per_layer=True, samples="S")
    return Setting(system, derive(system), {})


def n() -> TensorSymbol:
    """The widths."""
    return net().n


@cache
def directions() -> tuple[TensorSymbol, ...]:
    """c_j, u_k, beta and h_i, each with the number of its layer."""
    w = n()
    return (
        tensor("c", (l, 0, L), (j, 1, w[l]), sup=1),
        tensor("u", (l, 0, L), (k, 1, w[l]), sup=1),
        tensor("beta", latex=r"\beta"),
        tensor("h", (l, 0, L), (i, 1, w[l]), sup=1),
    )


def hidden(first: int = 1) -> Context:
    """A hidden layer m, and the size M of the tied group in it."""
    return Context.of((m, first, L - 1), (M, 1, n()[m]))


def tied() -> tuple[Hypothesis, ...]:
    """The neurons 1..M have the weights of the first."""
    w, b, w_ = net().tensor("w"), net().tensor("b"), n()
    group = (r, ONE, M)
    return (
        hypothesis_of("equal incoming weights", w[m, r, k], w[m, 1, k], (group, (k, 1, w_[m - 1]))),
        hypothesis_of("equal biases", b[m, r], b[m, 1], (group,)),
        hypothesis_of("equal outgoing weights", w[m + 1, i, r], w[m + 1, i, 1], ((i, 1, w_[m + 1]), group)),
    )


def moved() -> tuple[Hypothesis, ...]:
    """Which parameters move, and how."""
    w, b, w_ = net().tensor("w").tangent(), net().tensor("b").tangent(), n()
    c, u, beta, h = directions()
    group, rest, inner, outer = (r, ONE, M), (j, M + 1, w_[m]), (k, ONE, w_[m - 1]), (i, ONE, w_[m + 1])

    def layers(lo: Expr, hi: Expr, rank: int) -> tuple[Limits, ...]:
        return ((l, lo, hi), (j, ONE, w_[l]), (k, ONE, w_[l - 1]))[:rank]

    return (
        hypothesis_of("incoming weights move", w[m, r, k], c[m, r] * u[m - 1, k], (group, inner)),
        hypothesis_of("biases move", b[m, r], c[m, r] * beta[()], (group,)),
        hypothesis_of("outgoing weights move", w[m + 1, i, r], c[m, r] * h[m + 1, i], (outer, group)),
        hypothesis_of("other incoming weights stay", w[m, j, k], ZERO, (rest, inner)),
        hypothesis_of("other biases stay", b[m, j], ZERO, (rest,)),
        hypothesis_of("other outgoing weights stay", w[m + 1, i, j], ZERO, (outer, rest)),
        hypothesis_of("weights before stay", w[l, j, k], ZERO, layers(ONE, m - 1, 3)),
        hypothesis_of("weights after stay", w[l, j, k], ZERO, layers(m + 2, L, 3)),
        hypothesis_of("biases before stay", b[l, j], ZERO, layers(ONE, m - 1, 2)),
        hypothesis_of("biases after stay", b[l, j], ZERO, layers(m + 1, L, 2)),
    )


def sum_is_zero() -> Hypothesis:
    """c_1 = - sum_{j=2}^M c_j: an equation that gives an entry, by which models are made."""
    c = directions()[0]
    return hypothesis_of("the direction sums to 0", c[m, 1], -IndexSum(c[m, r], (r, 2, M)))


def nothing(ctx: Context) -> Theorem:
    """sum_{j=1}^M c_j = 0"""
    chain = Chain(IndexSum(directions()[0][m, r], (r, 1, M)), ctx).split(lambda e: ONE).single()
    return chain.rewrite(kernel.assume(sum_is_zero(), ctx)).theorem


@dataclass(frozen=True)
class Transverse:
    """What a direction that sums to 0 does, as chains by what they are about."""

    chains: dict[str, Chain]
    theorems: dict[str, Theorem]
    laws: dict[str, Theorem]


@cache
def transverse() -> Transverse:
    """All differentials along the direction: forward, backward, and those of the gradients."""
    return _Work().done()


class _Work:
    def __init__(self) -> None:
        run = net()
        definitions = (*run.system.definitions, *run.derivation.definitions)
        self.laws = {name_of(d): kernel.assume(as_hypothesis(d, name_of(d)), EMPTY) for d in definitions}
        self.d = {name: kernel.differentiation(t) for name, t in self.laws.items()}
        self.n = run.n
        self.t = {name: run.tensor(name) for name in ("w", "b", "z", "a", "delta", "grad_w", "grad_b")}
        self.dt = {name: t.tangent() for name, t in self.t.items()}
        self.c, self.u, self.beta, self.h = directions()
        self.ctx = hidden()
        self.tie = [kernel.assume(h, self.ctx) for h in tied()]
        self.move = [kernel.assume(h, self.ctx) for h in moved()]
        self.nothing = nothing(self.ctx)
        x, y = (run.system.tensor(name).tangent() for name in "xy")
        fixed = ((s, 1, S), (j, 1, self.n[0])), ((s, 1, S), (j, 1, self.n[L]))
        self.data = [
            kernel.assume(hypothesis_of(f"{word} are fixed", t[s, j], ZERO, over), EMPTY)
            for word, t, over in zip(("inputs", "targets"), (x, y), fixed, strict=True)
        ]
        self.chains: dict[str, Chain] = {}
        self.theorems: dict[str, Theorem] = {}

    # ------------------------------------------------------------------ helpers

    def at(self, *limits: Limits, first: int = 1) -> Context:
        ctx = hidden(first).bind(s, 1, S)
        for limit in limits:
            ctx = ctx.bind(*limit)
        return ctx

    def group(self) -> Limits:
        return (r, ONE, M)

    def rest(self) -> Limits:
        return (j, M + 1, self.n[m])

    def put(self, chain: Chain, *theorems: Theorem) -> Chain:
        """Rewrite what stands there; what does not is passed over."""
        for t in theorems:
            chain = _if_there(chain, t)
        return chain

    def keep(self, name: str, chain: Chain) -> Theorem:
        self.chains[name] = chain
        self.theorems[name] = chain.theorem
        return chain.theorem

    def parts(self, chain: Chain) -> Chain:
        """The sums over the neurons of layer m: the tied ones, and the rest."""
        return chain.split(
            lambda e: M if (e.lo, e.hi) == (1, self.n[m]) else None, "tied neurons, and the rest"
        )

    def cancel(self, chain: Chain, value: Expr) -> Chain:
        """Collected as the sum of c times a value, which is 0."""
        chain.ring(self.nothing.lhs * value, "the tied neurons have one factor in common")
        return chain.rewrite(self.nothing, "the direction sums to 0")

    # ------------------------------------------------------------------ forward

    def done(self) -> Transverse:
        self.below()
        self.group_forward()
        self.above()
        self.backward()
        self.gradients()
        return Transverse(self.chains, self.theorems, self.laws)

    def below(self) -> None:
        da = self.dt["a"]
        base = Chain(da[0, s, j], self.at((j, ONE, self.n[0])))
        base.rewrite(self.d["input of the network"], "differential of the input").rewrite(self.data[0])
        goal = hypothesis_of(
            "induction hypothesis on l, activations before", da[l, s, j], ZERO,
            ((s, 1, S), (j, 1, self.n[l])), "induction",
        )  # fmt: skip
        ctx = hidden().bind(l, 0, m - 2)
        known = kernel.assume(goal, ctx)
        here = ctx.bind(s, 1, S).bind(j, 1, self.n[l + 1])
        step = Chain(da[l + 1, s, j], here).rewrite(self.d["activation"], "differential of the activation")
        step.rewrite(self.d["weighted input"], "differential of the weighted input")
        self.put(step, known, self.move[6], self.move[8])
        theorem = kernel.induction(
            [goal], 0, [_to(base.theorem, hidden(), goal, {l: ZERO})],
            [_to(step.theorem, ctx, goal, {l: l + 1})], (l, ZERO, m - 1), hidden(),
        )  # fmt: skip
        self.theorems["activations before"] = theorem
        self.chains["activations before"] = step

    def group_forward(self) -> None:
        z, a, dz, da = (self.t["z"], self.t["a"], self.dt["z"], self.dt["a"])
        before = self.theorems["activations before"]
        weighted = self.d["weighted input"]
        own = Chain(dz[m, s, r], self.at(self.group())).rewrite(
            weighted, "differential of the weighted input"
        )
        self.put(own, before, self.move[0], self.move[1])
        own.ring(self.c[m, r] * self.felt())
        self.keep("weighted inputs move", own)
        other = Chain(dz[m, s, j], self.at(self.rest())).rewrite(
            weighted, "differential of the weighted input"
        )
        self.put(other, before, self.move[3], self.move[4])
        self.keep("other weighted inputs stay", other)
        same = Chain(z[m, s, r], self.at(self.group())).rewrite(self.laws["weighted input"])
        self.put(same, self.tie[0], self.tie[1]).backwards(self.laws["weighted input"])
        self.keep("equal weighted inputs", same)
        active = Chain(a[m, s, r], self.at(self.group())).rewrite(self.laws["activation"])
        active.rewrite(same.theorem, "equal weighted inputs").backwards(self.laws["activation"])
        self.keep("equal activations", active)
        act = Chain(da[m, s, r], self.at(self.group())).rewrite(self.d["activation"])
        self.put(act, own.theorem, same.theorem)
        self.keep("activations move", act)
        stay = Chain(da[m, s, j], self.at(self.rest())).rewrite(self.d["activation"])
        self.keep("other activations stay", self.put(stay, other.theorem))
        nothing = Chain(dz[m + 1, s, i], self.at((i, ONE, self.n[m + 1]))).rewrite(weighted)
        self.parts(nothing)
        T = self.theorems
        self.put(nothing, T["activations move"], T["other activations stay"], T["equal activations"])
        self.put(nothing, self.tie[2], self.move[2], self.move[5], self.move[9])
        w, slope = self.t["w"], act.now / self.c[m, r]
        self.cancel(nothing, slope * w[m + 1, i, 1] + a[m, s, 1] * self.h[m + 1, i])
        self.keep("the next layer feels nothing", nothing)

    def felt(self) -> Expr:
        """sum_k a_k u_k + beta: by how much the weighted input moves, for c = 1."""
        a = self.t["a"]
        return IndexSum(a[m - 1, s, k] * self.u[m - 1, k], (k, 1, self.n[m - 1])) + self.beta[()]

    def above(self) -> None:
        dz, da = self.dt["z"], self.dt["a"]
        goal = hypothesis_of(
            "induction hypothesis on l, weighted inputs after", dz[l, s, j], ZERO,
            ((s, 1, S), (j, 1, self.n[l])), "induction",
        )  # fmt: skip
        ctx = hidden().bind(l, m + 1, L - 1)
        known = kernel.assume(goal, ctx)
        step = Chain(dz[l + 1, s, j], ctx.bind(s, 1, S).bind(j, 1, self.n[l + 1]))
        step.rewrite(self.d["weighted input"], "differential of the weighted input")
        step.rewrite(self.d["activation"], "differential of the activation")
        self.put(step, known, self.move[7], self.move[9])
        base = _to(self.theorems["the next layer feels nothing"], hidden(), goal, {l: m + 1})
        theorem = kernel.induction(
            [goal], 0, [base], [_to(step.theorem, ctx, goal, {l: l + 1})], (l, m + 1, L), hidden()
        )
        self.theorems["weighted inputs after"] = theorem
        self.chains["weighted inputs after"] = step
        after = Chain(da[l, s, j], hidden().bind(l, m + 1, L).bind(s, 1, S).bind(j, 1, self.n[l]))
        after.rewrite(self.d["activation"], "differential of the activation").rewrite(theorem, "no move")
        self.keep("activations after", after)

    # ------------------------------------------------------------------ backward

    def backward(self) -> None:
        dd, T = self.dt["delta"], self.theorems
        goal = hypothesis_of(
            "induction hypothesis on l, deltas after", dd[l, s, j], ZERO,
            ((s, 1, S), (j, 1, self.n[l])), "induction",
        )  # fmt: skip
        last = Chain(dd[L, s, j], self.at((j, ONE, self.n[L])))
        last.rewrite(self.d["delta of the last layer"], "differential of the last delta")
        self.put(last, T["activations after"], T["weighted inputs after"], self.data[1])
        ctx = hidden().bind(l, m + 1, L - 1)
        above = kernel.assume(goal.shift({l: l + 1}), ctx)
        step = Chain(dd[l, s, j], ctx.bind(s, 1, S).bind(j, 1, self.n[l]))
        step.rewrite(self.d["delta of a hidden layer"], "differential of the delta")
        self.put(step, above, T["weighted inputs after"], self.move[7])
        self.chains["deltas after"] = step
        T["deltas after"] = kernel.induction(
            [goal], 0, [_to(last.theorem, hidden(), goal, {l: L})], [_to(step.theorem, ctx, goal, {l: l})],
            (l, m + 1, L), hidden(), downwards=True,
        )  # fmt: skip
        delta, hid = self.t["delta"], "delta of a hidden layer"
        same = Chain(delta[m, s, r], self.at(self.group())).rewrite(self.laws[hid])
        self.put(same, T["equal weighted inputs"], self.tie[2]).backwards(self.laws[hid])
        self.keep("equal deltas", same)
        own = Chain(dd[m, s, r], self.at(self.group())).rewrite(self.d[hid], "differential of the delta")
        self.put(own, T["deltas after"], T["weighted inputs move"], T["equal weighted inputs"])
        self.put(own, self.tie[2], self.move[2])
        self.keep("deltas move", own)
        other = Chain(dd[m, s, j], self.at(self.rest())).rewrite(self.d[hid], "differential of the delta")
        self.put(other, T["deltas after"], T["other weighted inputs stay"], self.move[5])
        self.keep("other deltas stay", other)

    def gradients(self) -> None:
        gw, gb, T = self.dt["grad_w"], self.dt["grad_b"], self.theorems
        group, inner, outer = self.group(), (k, ONE, self.n[m - 1]), (i, ONE, self.n[m + 1])
        d_w, d_b = self.d["gradient of the weights"], self.d["gradient of the biases"]
        rows: tuple[tuple[str, Expr, tuple[Limits, ...], Theorem], ...] = (
            ("gradients of the incoming weights", gw[m, r, k], (group, inner), d_w),
            ("gradients of the biases", gb[m, r], (group,), d_b),
            ("gradients of the outgoing weights", gw[m + 1, i, r], (outer, group), d_w),
            ("gradients of other incoming weights", gw[m, j, k], (self.rest(), inner), d_w),
            ("gradients of other biases", gb[m, j], (self.rest(),), d_b),
            ("gradients of other outgoing weights", gw[m + 1, i, j], (outer, self.rest()), d_w),
            ("gradients of the weights after", gw[l, j, k],
             ((l, m + 2, L), (j, ONE, self.n[l]), (k, ONE, self.n[l - 1])), d_w),
            ("gradients of the biases after", gb[l, j], ((l, m + 1, L), (j, ONE, self.n[l])), d_b),
        )  # fmt: skip
        for name, start, limits, law in rows:
            ctx = hidden()
            for limit in limits:
                ctx = ctx.bind(*limit)
            chain = Chain(start, ctx).rewrite(law, "differential of the gradient")
            self.put(chain, T["activations before"], T["activations after"], T["activations move"])
            self.put(chain, T["other activations stay"], T["deltas after"], T["deltas move"])
            self.keep(name, self.put(chain, T["other deltas stay"]))
        self.lower()

    def lower(self) -> None:
        """The layers before m, where there are any: m is at least 2."""
        T, dd, dz = self.theorems, self.dt["delta"], self.dt["z"]
        zctx = hidden(2).bind(l, 1, m - 1)
        flat = Chain(dz[l, s, j], zctx.bind(s, 1, S).bind(j, 1, self.n[l]))
        flat.rewrite(self.d["weighted input"], "differential of the weighted input")
        self.put(flat, T["activations before"], self.move[6], self.move[8])
        self.keep("weighted inputs before", flat)
        hid = self.d["delta of a hidden layer"]
        goal = hypothesis_of(
            "induction hypothesis on l, deltas before", dd[l, s, k], ZERO,
            ((s, 1, S), (k, 1, self.n[l])), "induction",
        )  # fmt: skip
        base = Chain(dd[m - 1, s, k], self.at((k, ONE, self.n[m - 1]), first=2))
        base.rewrite(hid, "differential of the delta")
        self.put(base, flat.theorem)
        self.parts(base)
        self.put(
            base, T["deltas move"], T["other deltas stay"], T["equal deltas"], self.move[0], self.move[3]
        )
        self.put(base, self.tie[0])
        z, w, delta = self.t["z"], self.t["w"], self.t["delta"]
        turn = self.chains["deltas move"].now.xreplace({self.c[m, r]: ONE})
        f = self.laws["activation"].rhs
        slope = f.func(f.function, 1, m - 1, z[m - 1, s, k])
        self.cancel(base, slope * (turn * w[m, 1, k] + delta[m, s, 1] * self.u[m - 1, k]))
        ctx = hidden(2).bind(l, 1, m - 2)
        above = kernel.assume(goal.shift({l: l + 1}), ctx)
        step = Chain(dd[l, s, k], ctx.bind(s, 1, S).bind(k, 1, self.n[l])).rewrite(
            hid, "differential of the delta"
        )
        self.put(step, flat.theorem, above, self.move[6])
        self.chains["deltas before"] = base
        T["deltas before"] = kernel.induction(
            [goal], 0, [_to(base.theorem, hidden(2), goal, {l: m - 1})],
            [_to(step.theorem, ctx, goal, {l: l})], (l, ONE, m - 1), hidden(2), downwards=True,
        )  # fmt: skip
        weights = Chain(
            self.dt["grad_w"][l, j, k], zctx.bind(j, 1, self.n[l]).bind(k, 1, self.n[l - 1])
        ).rewrite(self.d["gradient of the weights"], "differential of the gradient")
        self.keep(
            "gradients of the weights before", self.put(weights, T["activations before"], T["deltas before"])
        )
        biases = Chain(self.dt["grad_b"][l, j], zctx.bind(j, 1, self.n[l]))
        biases.rewrite(self.d["gradient of the biases"], "differential of the gradient")
        self.keep("gradients of the biases before", self.put(biases, T["deltas before"]))


def _if_there(chain: Chain, t: Theorem) -> Chain:
    try:
        return chain.rewrite(t)
    except kernel.KernelError:
        return chain


def _to(t: Theorem, ctx: Context, goal: Hypothesis, rule: dict[Expr, Expr]) -> Theorem:
    """The theorem in the context of an induction's goal, to the letter."""
    for limit in goal.shift(rule).indices:
        ctx = ctx.bind(*limit)
    values = {i: j} if i in t.context else {}
    return kernel.instantiate(t, values, ctx)


__all__ = ["Transverse", "directions", "hidden", "moved", "net", "sum_is_zero", "tied", "transverse"]
