"""The rules: each makes the conclusion of a step again from its premises and arguments, and compares."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from sympy import Add, Expr, Integer, Mul, Pow, Rational
from sympy.core.basic import Basic

from symderive.calculus.atoms import TensorSymbol
from symderive.calculus.terms import Binder, Bracket, IndexSum, PartialDerivative
from symderive.proof.checker.differential import differential, moved
from symderive.proof.checker.ranges import polynomial, truth, within, zero
from symderive.proof.checker.ring import Ring
from symderive.proof.checker.sequent import (
    LETTER,
    Context,
    Hypothesis,
    Sequent,
    descends,
    integral,
    is_real,
    known,
    letters,
    need,
    plain,
    refuse,
    tangents,
)
from symderive.proof.checker.signs import not_negative, positive

if TYPE_CHECKING:
    from symderive.proof.checker.files import File

Conclusion = tuple[Context, frozenset[Hypothesis]]
NONE: frozenset[Hypothesis] = frozenset()


class Step:
    """One step as the file has it; each rule makes its conclusion again, and compares the equation."""

    def __init__(self, file: File, row: dict[str, Any], number: int) -> None:
        self.file, self.row = file, row
        numbers = self.get("premises", list)
        need(all(type(p) is int and 0 <= p < number for p in numbers), "expected earlier steps as premises")
        self.premises = [file.sequents[p] for p in numbers]
        self.context = file.context(self.get("context", int))
        self.lhs, self.rhs = (file.closed(self.get(side, int), self.context) for side in ("lhs", "rhs"))

    def get(self, name: str, kind: type) -> Any:
        """An argument of this type."""
        need(type(self.row.get(name)) is kind, "expected {} as {}", name, kind.__name__)
        return self.row[name]

    def whole(self, n: Any) -> Expr:
        """A row that is an integer in the context."""
        return self.file.closed(n, self.context, "whole")

    def given(self, count: int) -> list[Sequent]:
        """The premises, if there are so many."""
        need(len(self.premises) == count, "expected {} premises, found {}", count, len(self.premises))
        return self.premises

    def sum(self) -> IndexSum:
        """The left side, a sum that no premise speaks of."""
        self.given(0)
        need(isinstance(self.lhs, IndexSum), "expected a sum, found {}", self.lhs)
        return self.lhs  # type: ignore[no-any-return]

    def same(self, lhs: Expr, rhs: Expr) -> None:
        """The step must conclude this equation."""
        found = (lhs, rhs, self.lhs, self.rhs)
        need(found[:2] == found[2:], "the conclusion is {} = {}, found {} = {}", *found)

    def reflexivity(self) -> Conclusion:
        """e = e"""
        self.given(0)
        self.same(self.lhs, self.lhs)
        return self.context, NONE

    def symmetry(self) -> Conclusion:
        """a = b gives b = a."""
        (t,) = self.given(1)
        self.same(t.rhs, t.lhs)
        return t.context, t.hypotheses

    def transitivity(self) -> Conclusion:
        """a = b and b = c give a = c, in one context."""
        a, b = self.given(2)
        need(a.context == b.context, "expected one context for both premises")
        need(a.rhs == b.lhs, "middle terms differ: {} and {}", a.rhs, b.lhs)
        self.same(a.lhs, b.rhs)
        return a.context, a.hypotheses | b.hypotheses

    def assume(self) -> Conclusion:
        """A hypothesis, for all its own indices, in a context that has those that it shares."""
        self.given(0)
        h = self.file.hypothesis(self.get("hypothesis", int))
        self.same(h.lhs, h.rhs)
        return (*self.file.context(self.get("outer", int)), *h.indices), frozenset({h})

    def instantiate(self) -> Conclusion:
        """Values for indices, each in its range; what a hypothesis shares keeps its name."""
        (t,) = self.given(1)
        rule: dict[Basic, Basic] = {k: k for k, _, _ in t.context}
        for k, value in self.get("values", list):
            need(self.file.thing(k) in rule, "{} is no index of the premise", self.file.thing(k))
            rule[self.file.thing(k)] = self.whole(value)
        fixed = {k for h in t.hypotheses for k in h.shared()}
        for k, lo, hi in t.context:
            value, low, high = rule[k], lo.xreplace(rule), hi.xreplace(rule)
            need(letters(value) <= known(self.context), "no range of {} in the context", value)
            need(
                k not in fixed or value == k, "{} is shared with a hypothesis: it may not become {}", k, value
            )
            fits = within(value, low, high, self.context)
            need(fits, "range of {}: {} is not known to lie in {}..{}", k, value, low, high)
        self.same(t.lhs.xreplace(rule), t.rhs.xreplace(rule))
        return self.context, t.hypotheses

    def congruence(self) -> Conclusion:
        """Subterms of the left side are replaced by what the premises say that they equal."""
        paths = self.get("paths", list)
        for h in (h for p in paths for h in p):
            plain = type(h) is int or (type(h) is list and len(h) == 1)
            need(plain, "expected positions and letters in a path, found {!r:.40}", h)
        named = [[h if type(h) is int else self.file.thing(h[0]) for h in p] for p in paths]
        work = list(zip(named, self.given(len(paths)), strict=True))
        self.same(self.lhs, replaced(self.lhs, work, self.context, frozenset()))
        return self.context, frozenset(h for t in self.premises for h in t.hypotheses)

    def ring(self) -> Conclusion:
        """Both sides are equal by the laws of a commutative ring and of finite sums."""
        self.given(0)
        need(
            Ring().equal(self.lhs, self.rhs), "{} and {} do not multiply out to the same", self.lhs, self.rhs
        )
        return self.context, NONE

    def reindex(self) -> Conclusion:
        """sum_k f(k) = sum_k f(pi(k)), for a permutation of the range of the sum."""
        e, pi = self.sum(), self.file.thing(self.get("permutation", int))
        need(
            isinstance(pi, TensorSymbol) and pi.kind == "permutation", "expected a permutation, found {}", pi
        )
        image = pi[(*map(self.whole, self.get("parameters", list)), LETTER)]
        *outer, (lo, hi) = image.ranges()
        for v, (low, high) in zip(image.index, outer, strict=False):
            fits = within(v, low, high, self.context)
            need(fits, "{} is not known to lie in {}..{}, a range of {}", v, low, high, pi)
        need(zero(lo - e.lo) and zero(hi - e.hi), "{} permutes {}..{}, not {}..{}", pi, lo, hi, e.lo, e.hi)
        self.same(e, IndexSum(e.open(LETTER).xreplace({LETTER: image}), (LETTER, e.lo, e.hi)))
        return self.context, NONE

    def contraction(self) -> Conclusion:
        """sum_k [k = v] f(k) = [lo <= v][v <= hi] f(v), for an integer v."""
        e = self.sum()
        factors = Mul.make_args(e.open(LETTER))
        for f in (f for f in factors if isinstance(f, Bracket) and f.relation == "="):
            d = polynomial(f.a - f.b)
            c = d.pop((LETTER,), Fraction(0))
            if abs(c) == 1:
                v = Add(*(Rational(-x / c) * Mul(*m) for m, x in d.items()))
                rest = Mul(*(g for g in factors if g is not f)).xreplace({LETTER: v})
                new = Bracket.at_most(e.lo, v) * Bracket.at_most(v, e.hi) * rest
                if self.rhs == new and LETTER not in v.free_symbols and integral(v):
                    return self.context, NONE
        return refuse(f"no delta of {e} gives {self.rhs}")

    def decide(self) -> Conclusion:
        """A bracket of integers is 1 or 0, where the ranges decide it."""
        self.given(0)
        b = self.lhs
        need(isinstance(b, Bracket) and integral(b), "expected a bracket of integers, found {}", b)
        need(truth(b, self.context) == self.rhs, "the ranges do not say that {} is {}", b, self.rhs)
        return self.context, NONE

    def split(self) -> Conclusion:
        """sum_lo^hi = sum_lo^m + sum_{m+1}^hi, where lo - 1 <= m <= hi."""
        e, m = self.sum(), self.whole(self.get("at", int))
        need(within(m, e.lo - 1, e.hi, self.context), "{} is not known to lie in {}..{}", m, e.lo - 1, e.hi)
        self.same(e, IndexSum(e.body, e.lo, m) + IndexSum(e.body, m + 1, e.hi))
        return self.context, NONE

    def single(self) -> Conclusion:
        """sum_{k=m}^m f(k) = f(m)"""
        e = self.sum()
        need(zero(e.hi - e.lo), "expected a sum over one value, found {}", e)
        self.same(e, e.open(e.lo))
        return self.context, NONE

    def vanishing(self) -> Conclusion:
        """a = 0 gives 0 for a part of it, if no term of a can make up for another one."""
        (t,) = self.given(1)
        need(t.rhs == 0, "expected an equation with 0 on the right, found {}", t.rhs)
        e, ctx = t.lhs, t.context
        for h in self.get("path", list):
            sums = isinstance(e, Add | IndexSum)
            need(not sums or not_negative(e), "{} has a term that may be negative", e)
            if isinstance(e, IndexSum):
                k = self.file.thing(h[0]) if type(h) is list and len(h) == 1 else None
                taken = letters(e) | known(ctx)
                need(plain(k) and k not in taken, "{} may not name the index of {}", k, e)
                ctx, e = (*ctx, (k, e.lo, e.hi)), e.open(k)
                continue
            at_a_part = isinstance(e, Add | Mul | Pow) and type(h) is int and 0 <= h < len(e.args)
            need(at_a_part, "{} has no part {!r:.40} that must be 0", e, h)
            zeroes = h == 0 and e.exp > 0 if isinstance(e, Pow) else True
            need(zeroes, "{} is 0 without its part {}", e, h)
            others = e.args[:h] + e.args[h + 1 :] if isinstance(e, Mul) else ()
            need(all(map(positive, others)), "{} may be 0 by another factor than {}", e, e.args[h])
            e = e.args[h]
        self.same(e, Integer(0))
        return ctx, t.hypotheses

    def differentiation(self) -> Conclusion:
        """a = b gives da = db."""
        (t,) = self.given(1)
        self.same(differential(t.lhs), differential(t.rhs))
        return t.context, t.hypotheses

    def _arbitrary(self) -> tuple[Sequent, TensorSymbol]:
        """The premise, and a real number of which none of its hypotheses speaks."""
        (t,), u = self.given(1), self.file.thing(self.get("real", int))
        need(is_real(u), "expected a real tensor without index, found {}", u)
        for h in t.hypotheses:
            need(not h.says(u), "{} is free in hypothesis {}", u, h.name)
        return t, u

    def specialise(self) -> Conclusion:
        """A real number u of which nothing is assumed may be any term, and du its differential."""
        t, u = self._arbitrary()
        value = self.file.closed(self.get("value", int), t.context)
        need(
            not (t.lhs.has(PartialDerivative) or t.rhs.has(PartialDerivative)),
            "expected no partial derivative",
        )
        jets = {x for x in t.lhs.free_symbols | t.rhs.free_symbols if descends(x, u)}
        need(jets <= {u, u.tangent()}, "expected no second differential of {}", u)
        rule = {u[()]: value}
        if u.tangent() in jets:
            rule[u.tangent()[()]] = differential(value)
        self.same(t.lhs.xreplace(rule), t.rhs.xreplace(rule))
        return t.context, t.hypotheses

    def derivative(self) -> Conclusion:
        """a = b for all real u gives the derivatives of both by u."""
        t, u = self._arbitrary()
        need(not tangents(t.lhs, t.rhs), "expected no differentials")
        self.same(*(moved(e, lambda x: Integer(x.symbol == u)) for e in (t.lhs, t.rhs)))
        return t.context, t.hypotheses

    def induction(self, down: bool = False) -> Conclusion:
        """P(lo) and P(l) => P(l + 1) give P(l) for l in lo..hi; or P(hi) and P(l + 1) => P(l)."""
        goals = [self.file.hypothesis(n) for n in self.get("goals", list)]
        which, outer = self.get("which", int), self.file.context(self.get("outer", int))
        need(0 <= which < len(goals), "expected one of {} goals, found {}", len(goals), which)
        ((l, lo, hi),) = self.file.limits([self.get("limits", list)])
        self.file.admit((*outer, (l, lo, hi)))
        premises = self.given(2 * len(goals))
        assumed = {g.moved({l: l + 1 if down else l}) for g in goals}
        steps = (*outer, (l, lo, hi - 1))
        left: set[Hypothesis] = set()
        for n, g in enumerate(goals):
            base, step = premises[n], premises[len(goals) + n]
            for t, at, ctx in ((base, hi if down else lo, outer), (step, l if down else l + 1, steps)):
                want = g.moved({l: at})
                found = (t.lhs, t.rhs, want.lhs, want.rhs)
                need(found[:2] == found[2:], "found {} = {} at base or step, not {} = {}", *found)
                need(
                    t.context == (*ctx, *want.indices), "base or step of {} holds in another context", g.name
                )
            left |= base.hypotheses | (step.hypotheses - assumed)
        for h in left:
            need(h.shared() <= known(outer), "an index is free in hypothesis {}", h.name)
            reals = [u for g in goals for u in g.reals if h.says(u)]
            need(not reals, "{} is free in hypothesis {}", reals, h.name)
        self.same(goals[which].lhs, goals[which].rhs)
        return (*outer, (l, lo, hi), *goals[which].indices), frozenset(left)

    def induction_downwards(self) -> Conclusion:
        """The same from hi down."""
        return self.induction(down=True)


RULES = (
    "reflexivity", "symmetry", "transitivity", "assume", "instantiate", "congruence", "ring", "reindex",
    "contraction", "decide", "split", "single", "differentiation", "specialise", "derivative", "induction",
    "induction downwards", "vanishing",
)  # fmt: skip
Work = Sequence[tuple[list[Any], Sequent]]


def replaced(e: Basic, work: Work, ctx: Context, opened: frozenset[Basic]) -> Any:
    """The term with the left sides of some sequents, at their paths, replaced by the right sides."""
    if not work:
        return e
    if any(not path for path, _ in work):
        need(len(work) == 1, "two replacements overlap at {}", e)
        t = work[0][1]
        need(t.lhs == e, "{} is not the left side {}", e, t.lhs)
        for k, lo, hi in t.context:
            fits = (k, lo, hi) in ctx or (k in known(ctx) and within(k, lo, hi, ctx))
            need(fits, "range of {}: the premise needs {}..{}", k, lo, hi)
        for h in t.hypotheses:
            need(not h.shared() & opened, "a bound index is shared with hypothesis {}", h.name)
        return t.rhs
    need(not isinstance(e, PartialDerivative), "{} is no function of the values of its parts", e)
    power = isinstance(e, Pow) and any(path[0] == 1 for path, _ in work)
    need(not power, "the exponent of {} is no part that may be replaced", e)
    args = list(e.args)
    heads: dict[Any, list[tuple[list[Any], Sequent]]] = {}
    for path, t in work:
        heads.setdefault(path[0], []).append((path[1:], t))
    names = [h for h in heads if type(h) is not int]
    for n in (h for h in heads if type(h) is int):
        need(isinstance(e, Binder) <= n < len(args), "no argument {} in {}", n, e)
        args[n] = replaced(args[n], heads[n], ctx, opened)
    if not names:
        return e.func(*args)
    need(len(names) == 1 and isinstance(e, Binder), "expected one letter for the index of a sum in {}", e)
    k, taken = names[0], {i for limit in ctx for end in limit for i in letters(end)} | letters(e)
    need(plain(k) and k not in taken, "capture: {} may not name the index of {}", k, e)
    body = replaced(e.open(k), heads[k], (*ctx, (k, e.lo, e.hi)), opened | {k})
    return e.func(body, (k, args[1], args[2]))
