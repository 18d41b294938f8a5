r"""Proofs of equations between entries of a system, by unfolding definitions: dC/dw^l_{jk} = a^{l-1}_k delta^l_j.

Where both sides differ, an entry of the difference is replaced by its definition: a gradient by the one nearer to
the cost, a function by its equation, an activation by what it is computed from. Nothing here is trusted: each step is
a rule of the kernel, and a false equation finds no proof.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sympy import Expr, Integer, expand
from sympy.core.basic import Basic

from symderive.calculus.atoms import ScalarFunction, TensorSymbol, tensor
from symderive.calculus.normal_form import normal_form
from symderive.calculus.ranges import EMPTY, Context
from symderive.calculus.terms import Applied, Binder, Bracket, Entry, IndexSum, PartialDerivative
from symderive.derivation.adjoint import adjoint_symbol
from symderive.derivation.derive import derive
from symderive.derivation.through import through
from symderive.errors import SymderiveError
from symderive.proof import kernel
from symderive.proof.hypotheses import as_hypothesis
from symderive.proof.kernel import Hypothesis, KernelError, Theorem
from symderive.proof.tactics import Chain, instances
from symderive.systems.definition import Definition
from symderive.systems.system import System

ROUNDS = 60

# f'(u) by f(u) and u: how the derivatives of named functions are known. Checked against SymPy in the tests.
EQUATIONS: Mapping[str, tuple[tuple[int, str], ...]] = {
    "sigmoid": ((1, "s*(1-s)"),),
    "tanh": ((1, "1-s*s"),),
    "relu": ((1, "[0<u]"), (0, "u*[0<u]")),
    "softplus": (),
}


@dataclass(frozen=True)
class Proof:
    """A theorem, and the two sides that it is about: partial derivatives are replaced by what they are."""

    theorem: Theorem
    lhs: Expr
    rhs: Expr


class Prover:
    """Proves equations about one system. Its gradients are derived once."""

    def __init__(self, system: System, extra: Sequence[Hypothesis] = ()) -> None:
        self.system = system
        derivation = derive(system, [*system.inputs, *system.parameters])
        self.gradients = (*derivation.definitions, *derivation.auxiliary)
        self.backward = {adjoint_symbol(system, t): t for t in (*system.inputs, *system.parameters, *system.defined)}
        self.forward = {t: n for n, t in enumerate(system.defined)}
        self.laws: dict[TensorSymbol, list[Theorem]] = {}
        for d in (*system.definitions, *self.gradients):
            law = self._assumed(d)
            if law is not None:
                self.laws.setdefault(d.symbol, []).append(law)
        self.functions = [self._equation(f, *e) for f in system.functions() for e in EQUATIONS.get(f.name, ())]
        self.extra = [kernel.assume(h, EMPTY) for h in extra]

    def _assumed(self, d: Definition) -> Theorem | None:
        """A definition as a law; None for what is outside of the language of proofs, such as log(1 - a)."""
        what = "gradient" if d.symbol in self.backward else "definition"
        try:
            return kernel.assume(as_hypothesis(d, f"{what} of {d.lhs}"), EMPTY)
        except KernelError:
            return None

    def _equation(self, f: ScalarFunction, order: int, text: str) -> Theorem:
        """For all real u: f'(u) = f(u) (1 - f(u)), and the like."""
        u = tensor("u")
        x = u()
        s = Applied(f, 0, x)
        right = {"s*(1-s)": s * (1 - s), "1-s*s": 1 - s * s, "[0<u]": Bracket.less(0, x), "u*[0<u]": x * Bracket.less(0, x)}
        name = f"{f.name}: {'derivative' if order else 'value'}"
        h = Hypothesis(name, Applied(f, order, x), right[text], (), "definition", (u,))
        return kernel.assume(h, EMPTY)

    # ------------------------------------------------------------------------------------ partial derivatives

    def resolved(self, e: Expr, ctx: Context) -> Expr:
        """The term without partial derivatives: of the cost, the derived gradient; else along the definitions."""
        if not e.has(PartialDerivative):
            return e
        if isinstance(e, PartialDerivative):
            u, v = e.args
            if u.symbol == self.system.cost:
                return adjoint_symbol(self.system, v.symbol)[v.index]
            return through(self.system, u, v, ctx)
        if isinstance(e, Binder):
            k, body = e.unbind(ctx.taken)
            return e.func(self.resolved(body, ctx.bind(k, e.lo, e.hi)), (k, e.lo, e.hi))
        return e.func(*(self.resolved(a, ctx) if isinstance(a, Expr) else a for a in e.args))

    # ------------------------------------------------------------------------------------ the search

    def prove(self, lhs: Expr, rhs: Expr, ctx: Context, seconds: float = 2.0) -> Proof | None:
        """A theorem lhs = rhs for all indices of the context; None where none was found."""
        deadline = time.monotonic() + seconds
        try:
            lhs, rhs = self.resolved(lhs, ctx), self.resolved(rhs, ctx)
            left, right = Chain(lhs, ctx), Chain(rhs, ctx)
            left.contract()
            right.contract()
            for _ in range(ROUNDS):
                difference = normal_form(left.now - right.now)
                if difference == 0:
                    left.ring(right.now)
                    theorem = kernel.transitivity(left.theorem, kernel.symmetry(right.theorem))
                    return Proof(theorem, lhs, rhs)
                if time.monotonic() > deadline or not self._unfold(difference, left, right, ctx):
                    return None
        except (KernelError, SymderiveError, RecursionError):
            return None
        return None

    def _unfold(self, difference: Expr, left: Chain, right: Chain, ctx: Context) -> bool:
        """Unfold what stands in the difference, on both sides; whether anything was."""
        for choose in (self._gradients, self._functions, self._forward):
            for laws, at in choose(difference, ctx):
                if self._rewritten(laws, at, left, right):
                    return True
        return False

    def _rewritten(self, laws: Sequence[Theorem], at: object, left: Chain, right: Chain) -> bool:
        changed = False
        for side in (left, right):
            for law in laws:
                found = [x for x in instances(side.now, law, side.context) if at is None or _key(x[1].lhs) == at]
                if found:
                    step = kernel.congruence(side.now, found, side.context)
                    side.then(step, "unfolded")
                    side.contract()
                    changed = True
        return changed

    def _gradients(self, difference: Expr, ctx: Context) -> list[tuple[Sequence[Theorem], object]]:
        """Gradients, those farthest from the cost first."""
        found = [e for e in difference.atoms(Entry) if e.symbol in self.backward]
        return [(self.laws.get(e.symbol, ()), _key(e)) for e in self._sorted(found, self._rank_of_gradient, ctx)]

    def _rank_of_gradient(self, e: Entry) -> int:
        of = self.backward[e.symbol]
        return self.forward.get(of, -1)

    def _functions(self, difference: Expr, ctx: Context) -> list[tuple[Sequence[Theorem], object]]:
        return [([law], None) for law in (*self.functions, *self.extra)]

    def _forward(self, difference: Expr, ctx: Context) -> list[tuple[Sequence[Theorem], object]]:
        """What is computed, the last first."""
        found = [e for e in difference.atoms(Entry) if e.symbol in self.forward]
        ordered = self._sorted(found, lambda e: self.forward[e.symbol], ctx)
        return [(self.laws.get(e.symbol, ()), _key(e)) for e in reversed(ordered)]

    def _sorted(self, entries: Sequence[Entry], rank: object, ctx: Context) -> list[Entry]:
        """By layer, then by the order of computation."""
        from functools import cmp_to_key

        assert callable(rank)

        def compare(a: Entry, b: Entry) -> int:
            if a.symbol.sup and b.symbol.sup:
                gap = expand(a.index[0] - b.index[0])
                if gap.is_Integer and gap != 0:
                    return int(gap)
                if gap != 0 and not gap.is_Integer:
                    if ctx.nonnegative(gap):
                        return 1
                    if ctx.nonnegative(-gap):
                        return -1
            return int(rank(a)) - int(rank(b))

        unique = {_key(e): e for e in sorted(entries, key=str)}
        return sorted(unique.values(), key=cmp_to_key(compare))


def _key(e: Expr) -> object:
    """A tensor and its layer."""
    if not isinstance(e, Entry):
        return None
    return e.symbol, tuple(expand(i) for i in e.index[: e.symbol.sup])


__all__ = ["Basic", "IndexSum", "Integer", "Proof", "Prover"]
