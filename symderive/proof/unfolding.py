r"""Equations between entries of a system, proved by unfolding: dC/dw^l_{jk} = a^{l-1}_k delta^l_j.

Both sides are kept in normal form. As long as they differ, an entry of the difference is replaced on both
sides by its definition: gradients first, the one farthest from the cost before the others; then derivatives
of named functions, and what is computed, the last layer first. Where a layer may be the first or the last
one, and that matters, it is shown apart. Nothing here is trusted: every step is a rule of the kernel, and a
false equation finds no proof.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from sympy import Expr, Integer, Pow, ceiling, exp
from sympy.core.basic import Basic

from symderive.calculus.atoms import BoundIndex, CalculusError, ScalarFunction, TensorSymbol
from symderive.calculus.normal_form import normal_form
from symderive.calculus.ranges import EMPTY, Context
from symderive.calculus.terms import Applied, Binder, Entry, IndexSum, PartialDerivative
from symderive.derivation.adjoint import adjoint_symbol
from symderive.derivation.derive import derive
from symderive.derivation.total import total
from symderive.errors import SymderiveError
from symderive.proof import kernel
from symderive.proof.definitions import Key, Laws, key_of
from symderive.proof.divided import denominators, multiplied, replaced
from symderive.proof.kernel import Hypothesis, Path, Theorem
from symderive.proof.language import require_term
from symderive.proof.named_functions import FunctionLaws, function_laws
from symderive.proof.sides import Side, same_fractions, without_common_factors
from symderive.proof.tactics import holding_at, match, places, reason_of, variables
from symderive.systems.definition import Definition
from symderive.systems.system import System

ONE = Integer(1)
ROUNDS = 40
SECONDS = 2.0
PARTS = 2_000
"""The checker refuses larger terms."""

Step = Callable[[Expr, Sequence["Side"]], bool]


@dataclass(frozen=True)
class Proof:
    """A theorem, and the two sides that it is about: partial derivatives are replaced by what they are.

    Both sides were multiplied by `times`, as theorems do not divide by what may be 0: the equation that was
    asked for holds where `times` is not 0.
    """

    theorem: Theorem
    lhs: Expr
    rhs: Expr
    times: Expr = ONE


def prove_equation(
    system: System, gradients: Sequence[Definition], lhs: Expr, rhs: Expr, ctx: Context,
    extra: Sequence[Hypothesis] = (), seconds: float = SECONDS,
) -> Proof | None:  # fmt: skip
    r"""A theorem lhs = rhs for all indices of the context, or None where none was found.

    See `Prover`, which keeps what can be prepared once for a system.

    >>> from symderive.calculus import indices
    >>> from symderive.systems import mlp
    >>> net = mlp(depth=2, activation="sigmoid", cost="squared_error"); j, k = indices("j k")
    >>> found = derive(replace(net, inlined=frozenset()), [*net.inputs, *net.parameters])
    >>> a, w, y = (net.tensor(name) for name in "awy"); n = net.definitions[0].indices[0][2].symbol
    >>> d = PartialDerivative(net.cost(), w[2, j, k]); ctx = Context.of((j, 1, n[2]), (k, 1, n[1]))
    >>> rhs = (a[2, j] - y[j]) * a[2, j] * (1 - a[2, j]) * a[1, k]
    >>> proof = prove_equation(net, found.definitions, d, rhs, ctx)
    >>> print(proof.theorem.lhs, "=", proof.theorem.rhs)
    grad_w[2, j, k] = (1 - a[2, j])*(-y[j] + a[2, j])*a[1, k]*a[2, j]
    >>> prove_equation(net, found.definitions, d, (a[2, j] - y[j]) * a[1, k], ctx) is None
    True
    """
    return Prover(system, gradients, extra).prove(lhs, rhs, ctx, seconds)


class Prover:
    """Proofs of equations about one system: its definitions and gradients, prepared once.

    `gradients` are the definitions of the derivatives of the cost; derived here unless given. `extra` are
    more hypotheses, equations that are used from left to right, such as sum_j y_j = 1. The hypotheses of a
    theorem are of kind "definition", each with a name, but for the extra ones, which keep theirs.
    """

    def __init__(
        self, system: System, gradients: Sequence[Definition] | None = None, extra: Sequence[Hypothesis] = ()
    ) -> None:
        self.system = system
        if gradients is None:
            plain = replace(system, inlined=frozenset())
            gradients = derive(plain, [*system.inputs, *system.parameters]).definitions
        self.backward = Laws(system, gradients, "gradient")
        self.forward = Laws(system, system.definitions, "definition")
        self.extra = [_in_normal_form(kernel.assume(h, EMPTY)) for h in extra]
        self.functions: dict[ScalarFunction, FunctionLaws] = {
            f: function_laws(a) for f, a in system.activations.items()
        }

    # -------------------------------------------------------------------------------------- what is claimed

    def resolved(self, e: Expr, ctx: Context) -> Expr:
        """The term without partial derivatives: dC/dv as the gradient's entry, others along the definitions.

        Raises SymderiveError where `total` does.
        """
        if not e.has(PartialDerivative):
            return e
        if isinstance(e, PartialDerivative):
            u, v = e.args
            if u.symbol == self.system.cost and v.symbol != u.symbol:
                bar = adjoint_symbol(self.system, v.symbol)
                if bar in self.backward.symbols:
                    return bar[v.index]
            return total(self.system, u, v, ctx)
        if isinstance(e, Binder):
            k, body = e.unbind(ctx.taken)
            return e.func(self.resolved(body, ctx.bind(k, e.lo, e.hi)), (k, e.lo, e.hi))
        return e.func(*(self.resolved(a, ctx) if isinstance(a, Expr) else a for a in e.args))

    # -------------------------------------------------------------------------------------- the search

    def prove(self, lhs: Expr, rhs: Expr, ctx: Context, seconds: float = SECONDS) -> Proof | None:
        """A theorem lhs = rhs for all indices of the context; None where none was found in that time.

        Partial derivatives are replaced first: dC/dv by the gradient's entry, others by `total`. Theorems do
        not divide by what may be 0: where a side does, both are multiplied by the denominators. The theorem
        is about the sides after that, which the proof has too, with the denominators.
        """
        try:
            lhs, rhs = self.resolved(lhs, ctx), self.resolved(rhs, ctx)
            times = ONE
            if not (_admitted(lhs) and _admitted(rhs)):
                lhs, rhs = multiplied(lhs, times), multiplied(rhs, times)  # a / a is 1
                times = denominators(lhs, rhs)
                lhs, rhs = multiplied(lhs, times), multiplied(rhs, times)
            deadline = time.monotonic() + seconds
            theorem = self._proved(lhs, rhs, ctx, deadline)
            if theorem is not None and times != ONE and self._proved(times, Integer(0), ctx, deadline):
                return None  # 0 = 0 says nothing
        except (SymderiveError, RecursionError):  # what the language of theorems does not have
            return None
        return None if theorem is None else Proof(theorem, lhs, rhs, times)

    def _proved(self, lhs: Expr, rhs: Expr, ctx: Context, deadline: float, split: int = 2) -> Theorem | None:
        """Directly; or with the first or the last layer apart, where that says which definition is meant."""
        sides = Side(lhs, ctx), Side(rhs, ctx)
        theorem = self._found(sides, deadline)
        if theorem is None and any(
            e.order and e.function in self.functions for e in (lhs - rhs).atoms(Applied)
        ):
            theorem = self._found((Side(lhs, ctx), Side(rhs, ctx)), deadline, derivatives=False)
        if theorem is not None or not split:
            return theorem
        asked = _entries(lhs) | _entries(rhs)
        stuck = asked.union(*(_entries(side.now) for side in sides))
        letters = self.backward.undecided(stuck, ctx) | self.forward.undecided(asked, ctx)
        for n, (k, _, _) in enumerate(ctx.limits if letters else ()):
            for last in (False, True):
                if k in letters and time.monotonic() < deadline:
                    theorem = self._apart(lhs, rhs, ctx, n, last, deadline, split - 1)
                    if theorem is not None:
                        return theorem
        return None

    def _apart(
        self, lhs: Expr, rhs: Expr, ctx: Context, n: int, last: bool, deadline: float, split: int
    ) -> Theorem | None:
        """The first value of an index, or the last one, and all others: an induction that assumes nothing."""
        before, (k, lo, hi), after = Context(ctx.limits[:n]), ctx.limits[n], ctx.limits[n + 1 :]
        goal = Hypothesis("each layer", lhs, rhs, after, "induction")
        parts = []
        for value, around in (
            (hi if last else lo, before),
            (k if last else k + 1, before.bind(k, lo, hi - 1)),
        ):
            one = goal.shift({k: value})
            inner = Context((*around.limits, *one.indices))
            theorem = self._proved(one.lhs, one.rhs, inner, deadline, split)
            if theorem is None:
                return None
            parts.append([theorem])
        base, step = parts
        theorem = kernel.induction([goal], 0, base, step, (k, lo, hi), before, last)
        return theorem if _short(theorem) else None

    def _found(self, sides: tuple[Side, Side], deadline: float, derivatives: bool = True) -> Theorem | None:
        near: list[Step] = [self._aliases, _term_by_term, self._gradients]
        near += [self._derivatives] if derivatives else []
        near += [self._given, self._beside_exponentials, self._computed, self._divided]
        # sums, and then formulas, are put in only where all that is shorter does not do
        stages: Sequence[Sequence[Step]] = (near, (*near, self._sums), (*near, self._sums, self._values))
        rounds = ROUNDS
        for steps in stages:
            while sides[0].now != sides[1].now:
                rounds -= 1
                difference = without_common_factors(sides[0].now - sides[1].now)
                if rounds < 0 or time.monotonic() > deadline or any(_parts(s.now) > PARTS for s in sides):
                    return None
                if not any(step(difference, sides) for step in steps):
                    break
            theorem = _closed(*sides)
            if theorem is not None:
                return theorem if _short(theorem) else None
        return None

    def _aliases(self, difference: Expr, sides: Sequence[Side]) -> bool:
        """What is another name: a^0_j is x_j."""
        for laws in (self.backward, self.forward):
            if self._unfold(laws, difference, sides, lambda t: isinstance(t.rhs, Entry)):
                return True
        return False

    def _gradients(self, difference: Expr, sides: Sequence[Side]) -> bool:
        return self._unfold(self.backward, difference, sides, lambda t: True)

    def _computed(self, difference: Expr, sides: Sequence[Side]) -> bool:
        """What is computed from one layer's entry of the same place: a^l_j = sigma(z^l_j)."""
        return self._unfold(self.forward, difference, sides, lambda t: not t.rhs.has(IndexSum))

    def _divided(self, difference: Expr, sides: Sequence[Side]) -> bool:
        """Gradients whose definitions divide, where what they divide by is a factor."""
        found = {e.symbol for e in _entries(difference) if e.symbol in self.backward.divided}
        computed = [t for ts in self.forward.of.values() for t in ts if not t.rhs.has(IndexSum)]
        laws = [law for t in sorted(found, key=str) for law in self.backward.divided[t]]
        changed = [replaced(side, law, computed) for law in laws for side in sides]
        return any(changed)

    def _sums(self, difference: Expr, sides: Sequence[Side]) -> bool:
        return self._unfold(self.forward, difference, sides, lambda t: True)

    def _unfold(
        self, laws: Laws, difference: Expr, sides: Sequence[Side], fit: Callable[[Theorem], bool]
    ) -> bool:
        """Put in the definition of the first entry of the difference that has a fitting one there."""
        for key in laws.ordered(_entries(difference), sides[0].context):
            theorems = [t for t in laws.of[key[0]] if fit(t)]
            if theorems and _rewritten(sides, theorems, _entry(key)):
                return True
        return False

    def _derivatives(self, difference: Expr, sides: Sequence[Side]) -> bool:
        """f'(u) by lower orders, for named functions."""
        found = [e for e in difference.atoms(Applied) if e.order and e.function in self.functions]
        for e in sorted(found, key=lambda e: (-e.order, str(e))):
            law = self.functions[e.function].derivative(e.order)
            near = set(map(key_of, e.argument.atoms(Entry)))
            if law is not None and _rewritten(sides, [law], _application(e.function, e.order, near)):
                return True
        return False

    def _given(self, difference: Expr, sides: Sequence[Side]) -> bool:
        """What the caller knows, from left to right."""
        for t in self.extra:
            if isinstance(t.lhs, IndexSum):
                for side in sides:
                    side.bring_out(t)
            if _rewritten(sides, [t], lambda e: True):
                return True
            for side in sides:
                side.settle()
        return False

    def _beside_exponentials(self, difference: Expr, sides: Sequence[Side]) -> bool:
        """f(u) by its formula, where exponentials of the same u stand beside it."""
        near = {key_of(e) for x in difference.atoms(exp) for e in x.atoms(Entry)}
        return bool(near) and self._by_formula(difference, sides, near)

    def _values(self, difference: Expr, sides: Sequence[Side]) -> bool:
        return self._by_formula(difference, sides, None)

    def _by_formula(self, difference: Expr, sides: Sequence[Side], near: set[Key] | None) -> bool:
        found = {
            e.function for e in difference.atoms(Applied) if not e.order and e.function in self.functions
        }
        for f in sorted(found, key=str):
            law = self.functions[f].value
            if law is not None and _rewritten(sides, [law], _application(f, 0, near)):
                return True
        return False


def _term_by_term(difference: Expr, sides: Sequence[Side]) -> bool:
    """Sums of few terms, sum_{k=1}^2 f(k) = f(1) + f(2), where components are written out."""
    if not any(i.is_Integer for e in _entries(difference) for i in e.index[e.symbol.sup :]):
        return False
    changed = False
    for side in sides:
        found: list[tuple[Path, Theorem]] = []
        for path, sub, inner in places(side.now, side.context):
            few = isinstance(sub, IndexSum) and (sub.hi - sub.lo).is_Integer and 0 <= sub.hi - sub.lo < TERMS
            if few and not any(path[: len(p)] == p for p, _ in found):
                found.append((path, written_out(sub, inner)))
        if found:
            side.put(found, "written out")
            changed = True
    return changed


TERMS = 8


def written_out(e: Expr, ctx: Context) -> Theorem:
    """A sum over known values as its terms, by splitting off the first again and again.

    >>> from symderive.calculus import indices, tensor
    >>> k, = indices("k"); x = tensor("x", (k, 1, 3))
    >>> print(written_out(IndexSum(x[k] ** 2, (k, 1, 3)), EMPTY).rhs)
    x[1]**2 + x[2]**2 + x[3]**2
    """
    if e.hi == e.lo:
        return kernel.single(e, ctx)
    apart = kernel.split(e, e.lo, ctx)
    k, body = e.unbind(ctx.taken)
    parts = (IndexSum(body, (k, e.lo, e.lo)), IndexSum(body, (k, e.lo + 1, e.hi)))
    made: list[tuple[Path, Theorem]] = []
    for path, sub, _ in places(apart.rhs, ctx):
        if sub in parts and len(path) <= 1 and all(p != path for p, _ in made):
            made.append((path, written_out(sub, ctx)))
    return kernel.transitivity(apart, kernel.congruence(apart.rhs, made, ctx))


def _in_normal_form(t: Theorem) -> Theorem:
    """The theorem with its left side as it stands in normal forms."""
    form = normal_form(t.lhs)
    return t if form == t.lhs else kernel.transitivity(kernel.ring(form, t.lhs, t.context), t)


def _closed(left: Side, right: Side) -> Theorem | None:
    """The theorem, where both sides are the same, or fractions that are."""
    if left.now != right.now:
        left, right = left.copy(), right.copy()
        if not same_fractions(left, right):
            return None
    return kernel.transitivity(left.theorem, kernel.symmetry(right.theorem))


@lru_cache(maxsize=1_000)
def _entries(e: Expr) -> frozenset[Entry]:
    """The entries in a term."""
    return frozenset(e.atoms(Entry))


@lru_cache(maxsize=10_000)
def _parts(e: Basic) -> int:
    """How large the checker finds a term: its nodes, those of a power once for each factor."""
    if isinstance(e, TensorSymbol):
        return 1 + sum(_parts(end) for axis in e.axes for end in axis)
    size = 1 + sum(map(_parts, e.args))
    return size * max(1, int(ceiling(abs(e.exp)))) if isinstance(e, Pow) and e.exp.is_Rational else size


def _short(t: Theorem) -> bool:
    """Whether the terms of a proof are as small as the checker wants them."""
    waiting, seen = [t], {t}
    while waiting:
        now = waiting.pop()
        if max(_parts(now.lhs), _parts(now.rhs)) > PARTS:
            return False
        new = [p for p in now.premises if p not in seen]
        seen.update(new)
        waiting += new
    return True


def _admitted(e: Expr) -> bool:
    """Whether the language of theorems has the term."""
    try:
        require_term(e)
    except CalculusError:
        return False
    return True


def _meets(e: Entry, key: Key) -> bool:
    """Whether an entry is of this layer; a layer that a sum runs over is any."""
    if e.symbol != key[0]:
        return False
    return key_of(e) == key or any(i.has(BoundIndex) for i in key[1])


def _entry(key: Key) -> Callable[[Expr], bool]:
    return lambda e: isinstance(e, Entry) and _meets(e, key)


def _application(f: ScalarFunction, order: int, near: set[Key] | None = None) -> Callable[[Expr], bool]:
    def at(e: Expr) -> bool:
        if not (isinstance(e, Applied) and e.function == f and e.order == order):
            return False
        return near is None or any(_meets(x, key) for x in e.argument.atoms(Entry) for key in near)

    return at


def _rewritten(sides: Sequence[Side], theorems: Sequence[Theorem], at: Callable[[Expr], bool]) -> bool:
    """Rewrite both sides by these theorems, wherever `at` says so; whether anything changed."""
    changed = False
    for side in sides:
        found: list[tuple[Path, Theorem]] = []
        for path, sub, inner in places(side.now, side.context):
            if not at(sub) or any(path[: len(p)] == p for p, _ in found):
                continue
            for t in theorems:
                values = match(t.lhs, sub, variables(t), {})
                there = None if values is None else holding_at(t, values, inner)
                if there is not None:
                    found.append((path, there))
                    break
        if found:
            before = side.now
            side.put(found, reason_of(found[0][1]))
            changed = changed or side.now != before
    return changed


__all__ = ["Proof", "Prover", "prove_equation"]
