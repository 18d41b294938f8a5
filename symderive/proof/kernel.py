r"""The proof kernel: a `Theorem` exists only if the inference rules of this file made it.

A theorem is a sequent

    i in lo..hi, ..;  H_1, .., H_m  |-  lhs = rhs

It says: for all integers i, .. in their ranges, wherever the hypotheses hold, the equation holds. Sizes
(widths, depth) are arbitrary positive integers. Tensors are arbitrary: each entry, also outside its declared
range, is a real number that depends differentiably on one variable; dT is the derivative by it. Scalar functions
and functionals are arbitrary, as differentiable as the statement needs. A hypothesis is itself an equation for all
its own indices; the free indices that it has beside them are those of the theorem.

What may be trusted here: the terms (binding, substitution), the normal form, the affine range facts of
`Context.nonnegative` and the differential. Whatever finds a proof is outside and cannot make a theorem.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from sympy import Expr, Integer, Mul, Symbol, expand
from sympy.core.basic import Basic

from symderive.calculus.atoms import CalculusError, TensorSymbol
from symderive.calculus.binding import require_closed
from symderive.calculus.differential import differential
from symderive.calculus.normal_form import normal_form
from symderive.calculus.ranges import Context
from symderive.calculus.terms import Binder, Bracket, IndexSum, PartialDerivative
from symderive.errors import SymderiveError

Limits = tuple[Symbol, Expr, Expr]
Path = tuple[int | Symbol, ...]
KINDS = ("definition", "assumption", "citation", "induction")


class KernelError(SymderiveError):
    """A step that no rule allows: the rule, the side condition that failed, and both sides."""


def _refuse(rule: str, condition: str) -> NoReturn:
    raise KernelError(f"{rule}: {condition}")


@dataclass(frozen=True)
class Hypothesis:
    """A named assumption: for all own indices in their ranges, lhs = rhs."""

    name: str
    lhs: Expr
    rhs: Expr
    indices: tuple[Limits, ...] = ()
    kind: str = "assumption"

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise KernelError(f"hypothesis {self.name}: expected a kind of {', '.join(KINDS)}, found {self.kind!r}")
        require_closed(self.lhs, self.rhs)

    def free(self) -> set[Symbol]:
        """The indices that the hypothesis shares with the theorem."""
        own = {k for k, _, _ in self.indices}
        terms = [self.lhs, self.rhs, *(e for _, lo, hi in self.indices for e in (lo, hi))]
        return {s for e in terms for s in _indices(e)} - own

    def shift(self, rule: Mapping[Basic, Basic]) -> Hypothesis:
        """The hypothesis at other values of its free indices; refused where an own index would be captured."""
        own = {k for k, _, _ in self.indices}
        if own & (set(rule) | {s for v in rule.values() for s in _indices(v)}):
            _refuse("shift", f"capture of {', '.join(sorted(map(str, own)))} in hypothesis {self.name}")
        limits = tuple((k, lo.xreplace(rule), hi.xreplace(rule)) for k, lo, hi in self.indices)
        return Hypothesis(self.name, self.lhs.xreplace(rule), self.rhs.xreplace(rule), limits, self.kind)

    def __str__(self) -> str:
        ranges = "".join(f" for {k} in {lo}..{hi}" for k, lo, hi in self.indices)
        return f"{self.name}: {self.lhs} = {self.rhs}{ranges}"


_SEAL = object()


class Theorem:
    """lhs = rhs in a context, under hypotheses; with the rule, premises and arguments that made it."""

    __slots__ = ("_seal", "arguments", "context", "hypotheses", "lhs", "premises", "rhs", "rule")
    context: Context
    hypotheses: frozenset[Hypothesis]
    lhs: Expr
    rhs: Expr
    rule: str
    premises: tuple[Theorem, ...]
    arguments: tuple[Any, ...]

    def __init__(self, seal: object, *fields: Any) -> None:
        if seal is not _SEAL:
            _refuse("theorem", "forged: only the rules of the kernel make theorems")
        names = ("context", "hypotheses", "lhs", "rhs", "rule", "premises", "arguments")
        for name, value in zip(names, fields, strict=True):
            object.__setattr__(self, name, value)
        object.__setattr__(self, "_seal", seal)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        _refuse("theorem", f"forged: {name} of a theorem cannot be changed")

    def __delattr__(self, name: str) -> NoReturn:
        _refuse("theorem", f"forged: {name} of a theorem cannot be deleted")

    def __reduce__(self) -> NoReturn:
        _refuse("theorem", "forged: a theorem cannot be copied or pickled; replay its proof")

    def audit(self) -> dict[str, tuple[Hypothesis, ...]]:
        """The hypotheses that the theorem rests on, by kind."""
        ordered = sorted(self.hypotheses, key=lambda h: (h.name, str(h)))
        return {kind: tuple(h for h in ordered if h.kind == kind) for kind in KINDS}

    def __str__(self) -> str:
        ranges = ", ".join(f"{k} in {lo}..{hi}" for k, lo, hi in self.context)
        names = ", ".join(sorted(h.name for h in self.hypotheses))
        return f"{ranges}; {names} |- {self.lhs} = {self.rhs}"

    __repr__ = __str__


def _indices(e: Basic) -> set[Symbol]:
    """The free index symbols of a term; sizes are not indices."""
    return {s for s in e.free_symbols if isinstance(s, Symbol) and s.is_integer and not s.is_positive}


def _make(
    rule: str, ctx: Context, hyps: frozenset[Hypothesis], lhs: Expr, rhs: Expr,
    premises: Sequence[Theorem] = (), arguments: Sequence[Any] = (),
) -> Theorem:  # fmt: skip
    for e in (lhs, rhs):
        if not isinstance(e, Expr):
            _refuse(rule, f"expected a term, found {e!r}")
        try:
            require_closed(e)
        except CalculusError as error:
            _refuse(rule, str(error))
        if ctx.missing(e):
            _refuse(rule, f"{e}: index {min(map(str, ctx.missing(e)))} has no range in the context")
    for h in hyps:
        if not h.free() <= ctx.symbols:
            _refuse(rule, f"hypothesis {h.name}: index {min(map(str, h.free() - ctx.symbols))} has no range")
    return Theorem(_SEAL, ctx, hyps, lhs, rhs, rule, tuple(premises), tuple(arguments))


def _premise(rule: str, *theorems: Theorem) -> None:
    for t in theorems:
        if not isinstance(t, Theorem) or getattr(t, "_seal", None) is not _SEAL:
            _refuse(rule, f"forged premise: expected a theorem of this kernel, found {t!r:.60}")


def reflexivity(e: Expr, ctx: Context) -> Theorem:
    """|- e = e"""
    return _make("reflexivity", ctx, frozenset(), e, e, (), (e,))


def symmetry(t: Theorem) -> Theorem:
    """a = b gives b = a."""
    _premise("symmetry", t)
    return _make("symmetry", t.context, t.hypotheses, t.rhs, t.lhs, (t,))


def transitivity(s: Theorem, t: Theorem) -> Theorem:
    """a = b and b = c give a = c, in one and the same context."""
    _premise("transitivity", s, t)
    if s.context != t.context:
        _refuse("transitivity", f"contexts differ: {s.context.limits} and {t.context.limits}")
    if s.rhs != t.lhs:
        _refuse("transitivity", f"middle terms differ: {s.rhs} and {t.lhs}")
    return _make("transitivity", s.context, s.hypotheses | t.hypotheses, s.lhs, t.rhs, (s, t))


def assume(h: Hypothesis, ctx: Context) -> Theorem:
    """h |- h, in a context that has the free indices of h, for all own indices of h."""
    inner = ctx
    for k, lo, hi in h.indices:
        if k in inner:
            _refuse("assume", f"index {k} of hypothesis {h.name} is in the context already")
        inner = inner.bind(k, lo, hi)
    return _make("assume", inner, frozenset({h}), h.lhs, h.rhs, (), (h, ctx))


def instantiate(t: Theorem, values: Mapping[Symbol, Expr], ctx: Context) -> Theorem:
    """The theorem at values of its indices, in another context; each value must lie in its index's range.

    An index that is free in a hypothesis keeps its name: the hypothesis speaks of that one.
    """
    _premise("instantiate", t)
    for k in values:
        if k not in t.context:
            _refuse("instantiate", f"{k} is no index of the theorem")
    fixed = {k for h in t.hypotheses for k in h.free()}
    rule = {k: values.get(k, k) for k in t.context.symbols}
    for k, lo, hi in t.context:
        value = rule[k]
        if k in fixed and value != k:
            _refuse("instantiate", f"index {k} is free in a hypothesis and may not become {value}")
        low, high = lo.xreplace(rule), hi.xreplace(rule)
        if ctx.missing(value) or not ctx.within(value, low, high):
            _refuse("instantiate", f"range of {k}: {value} is not known to lie in {low}..{high}")
    return _make(
        "instantiate", ctx, t.hypotheses, t.lhs.xreplace(rule), t.rhs.xreplace(rule), (t,),
        (tuple(sorted(values.items(), key=str)), ctx),
    )  # fmt: skip


def congruence(e: Expr, replacements: Sequence[tuple[Path, Theorem]], ctx: Context) -> Theorem:
    """|- e = e', where subterms of e, each the left side of a theorem, are replaced by its right side.

    A path names arguments by position; at a sum or family a symbol enters the body, and names the bound index
    there, with its range. Each theorem must hold in the context at its place, and none of its hypotheses may
    speak of a bound index.
    """
    rule = "congruence"
    _premise(rule, *(t for _, t in replacements))

    def walk(e: Expr, todo: Sequence[tuple[Path, Theorem]], inner: Context, opened: frozenset[Symbol]) -> Expr:
        if not todo:
            return e
        path, t = todo[0]
        if not path:
            if len(todo) > 1:
                _refuse(rule, f"two replacements overlap at {e}")
            if e != t.lhs:
                _refuse(rule, f"the subterm {e} is not the left side {t.lhs}")
            for k, lo, hi in t.context:
                if k not in inner or not (inner[k] == (lo, hi) or inner.within(k, lo, hi)):
                    _refuse(rule, f"range of {k}: the theorem needs {k} in {lo}..{hi}")
            caught = opened & {k for h in t.hypotheses for k in h.free()}
            if caught:
                _refuse(rule, f"capture: bound index {min(map(str, caught))} is free in a hypothesis")
            return t.rhs
        if isinstance(e, PartialDerivative):
            _refuse(rule, f"{e} is no function of the values of its parts")
        heads: dict[Any, list[tuple[Path, Theorem]]] = {}
        for path, t in todo:
            if not path:
                _refuse(rule, f"two replacements overlap at {e}")
            heads.setdefault(path[0], []).append((path[1:], t))
        names = [h for h in heads if isinstance(h, Symbol)]
        if names and (len(names) > 1 or not isinstance(e, Binder)):
            _refuse(rule, f"{e} has not one bound index for the names {names}")
        args = list(e.args)
        for n in (h for h in heads if not isinstance(h, Symbol)):
            if not 0 <= n < len(args) or (isinstance(e, Binder) and n == 0):
                _refuse(rule, f"no argument {n} in {e}")
            args[n] = walk(args[n], heads[n], inner, opened)
        for k in names:
            if k in e.free_symbols or k in inner:
                _refuse(rule, f"capture: {k} is free in {e} or in the context")
            body = walk(e.open(k), heads[k], inner.bind(k, e.lo, e.hi), opened | {k})
            return e.func(body, (k, args[1], args[2]))
        return e.func(*args)

    new = walk(e, [(tuple(p), t) for p, t in replacements], ctx, frozenset())
    hyps = frozenset(h for _, t in replacements for h in t.hypotheses)
    paths = tuple(tuple(p) for p, _ in replacements)
    return _make(rule, ctx, hyps, e, new, [t for _, t in replacements], (e, paths, ctx))


def ring(a: Expr, b: Expr, ctx: Context) -> Theorem:
    """|- a = b, where both have one normal form: commutativity, distributivity, order and names of sums."""
    try:
        same = normal_form(a) == normal_form(b)
    except CalculusError as error:
        _refuse("ring", str(error))
    if not same:
        _refuse("ring", f"normal forms differ: {normal_form(a)} and {normal_form(b)}")
    return _make("ring", ctx, frozenset(), a, b, (), (a, b))


def reindex(e: Expr, permutation: TensorSymbol, parameters: Sequence[Expr], ctx: Context) -> Theorem:
    """|- sum_{k=lo}^{hi} f(k) = sum_{k=lo}^{hi} f(pi(k)), for a permutation pi of lo..hi."""
    if not isinstance(e, IndexSum):
        _refuse("reindex", f"expected a sum, found {e}")
    if permutation.kind != "permutation":
        _refuse("reindex", f"{permutation.name} is not declared a permutation")
    k, body = e.unbind({s for p in parameters for s in _indices(p)} | ctx.symbols)
    image = permutation[(*parameters, k)]
    ranges = image.ranges()
    for value, (low, high) in zip(parameters, ranges, strict=False):
        if not ctx.within(value, low, high):
            _refuse("reindex", f"{value} is not known to lie in {low}..{high}, the range of {permutation.name}")
    lo, hi = ranges[-1]
    if expand(lo - e.lo) != 0 or expand(hi - e.hi) != 0:
        _refuse("reindex", f"{image} permutes {lo}..{hi}, but the sum runs over {e.lo}..{e.hi}")
    new = IndexSum(body.xreplace({k: image}), (k, e.lo, e.hi))
    return _make("reindex", ctx, frozenset(), e, new, (), (permutation, tuple(parameters)))


def contraction(e: Expr, ctx: Context) -> Theorem:
    """|- sum_k [k = v] f(k) = [lo <= v][v <= hi] f(v), where a factor of the body is a delta on k with sign +-1."""
    if not isinstance(e, IndexSum):
        _refuse("contraction", f"expected a sum, found {e}")
    k, body = e.unbind(ctx.symbols)
    for f in Mul.make_args(body):
        if isinstance(f, Bracket) and f.relation == "=" and k in f.free_symbols:
            d = expand(f.a - f.b)
            c = d.coeff(k, 1)
            value = expand(k - d / c) if c in (1, -1) else k
            if k not in value.free_symbols:
                rest = Mul(*(g for g in Mul.make_args(body) if g is not f)).xreplace({k: value})
                new = Bracket.at_most(e.lo, value) * Bracket.at_most(value, e.hi) * rest
                return _make("contraction", ctx, frozenset(), e, new, (), (e,))
    _refuse("contraction", f"no delta with coefficient 1 or -1 on the index of {e}")


def decide(bracket: Expr, ctx: Context) -> Theorem:
    """|- [P] = 1 or 0, where the ranges of the context decide P."""
    value = ctx.decide(bracket)
    if value == bracket or not isinstance(bracket, Bracket):
        _refuse("decide", f"the ranges do not decide {bracket}")
    return _make("decide", ctx, frozenset(), bracket, value, (), (bracket,))


def split(e: Expr, at: Expr, ctx: Context) -> Theorem:
    """|- sum_{lo}^{hi} f = sum_{lo}^{m} f + sum_{m+1}^{hi} f, where lo - 1 <= m <= hi."""
    if not isinstance(e, IndexSum):
        _refuse("split", f"expected a sum, found {e}")
    if ctx.missing(at) or not ctx.within(at, e.lo - 1, e.hi):
        _refuse("split", f"{at} is not known to lie in {e.lo - 1}..{e.hi}")
    k, body = e.unbind(ctx.symbols)
    new = IndexSum(body, (k, e.lo, at)) + IndexSum(body, (k, at + 1, e.hi))
    return _make("split", ctx, frozenset(), e, new, (), (at,))


def single(e: Expr, ctx: Context) -> Theorem:
    """|- sum_{k=m}^{m} f(k) = f(m)"""
    if not isinstance(e, IndexSum) or expand(e.hi - e.lo) != 0:
        _refuse("single", f"expected a sum over one value, found {e}")
    return _make("single", ctx, frozenset(), e, e.open(e.lo), (), (e,))


def differentiation(t: Theorem) -> Theorem:
    """a = b gives da = db: the equation holds identically, and so do its hypotheses."""
    _premise("differentiation", t)
    try:
        lhs, rhs = differential(t.lhs), differential(t.rhs)
    except CalculusError as error:
        _refuse("differentiation", str(error))
    return _make("differentiation", t.context, t.hypotheses, lhs, rhs, (t,))


def induction(
    goals: Sequence[Hypothesis], which: int, bases: Sequence[Theorem], steps: Sequence[Theorem],
    limits: Limits, ctx: Context, downwards: bool = False,
) -> Theorem:  # fmt: skip
    """All goals P_i(l), for l in lo..hi, by induction on l; returns the one asked for.

    Upwards: bases |- P_i(lo), steps P_1(l), .., P_n(l) |- P_i(l+1) for l in lo..hi-1.
    Downwards: bases |- P_i(hi), steps P_1(l+1), .., P_n(l+1) |- P_i(l) for l in lo..hi-1.
    No other hypothesis may speak of l.
    """
    rule = "induction downwards" if downwards else "induction"
    _premise(rule, *bases, *steps)
    if not len(goals) == len(bases) == len(steps):
        _refuse(rule, f"{len(goals)} goals, {len(bases)} bases, {len(steps)} steps")
    l, lo, hi = limits
    start, there, here = (hi, {l: l + 1}, {l: l}) if downwards else (lo, {l: l}, {l: l + 1})
    inductive = {g.shift(there) for g in goals}
    hyps: set[Hypothesis] = set()
    for goal, base, step in zip(goals, bases, steps, strict=True):
        _goal(f"{rule}, base", base, goal.shift({l: start}), ctx)
        _goal(f"{rule}, step", step, goal.shift(here), ctx.bind(l, lo, hi - 1))
        rest = step.hypotheses - inductive
        for h in base.hypotheses | rest:
            if l in h.free():
                _refuse(rule, f"index {l} is free in the hypothesis {h.name}")
        hyps |= base.hypotheses | rest
    goal = goals[which]
    outer = ctx.bind(l, lo, hi)
    for limit in goal.indices:
        outer = outer.bind(*limit)
    return _make(
        rule, outer, frozenset(hyps), goal.lhs, goal.rhs, (*bases, *steps),
        (tuple(goals), which, limits, ctx, downwards),
    )  # fmt: skip


def _goal(rule: str, t: Theorem, goal: Hypothesis, ctx: Context) -> None:
    """t must say the goal, in this context and for all the goal's own indices."""
    for limit in goal.indices:
        ctx = ctx.bind(*limit)
    if (t.lhs, t.rhs) != (goal.lhs, goal.rhs):
        _refuse(rule, f"expected {goal.lhs} = {goal.rhs}, found {t.lhs} = {t.rhs}")
    if t.context != ctx:
        _refuse(rule, f"expected the context {ctx.limits}, found {t.context.limits}")


def hypothesis_of(name: str, lhs: Expr, rhs: Expr, indices: Sequence[tuple[Symbol, Any, Any]] = (),
                  kind: str = "assumption") -> Hypothesis:  # fmt: skip
    """A hypothesis from plain numbers and terms."""
    limits = tuple(
        (k, Integer(lo) if isinstance(lo, int) else lo, Integer(hi) if isinstance(hi, int) else hi)
        for k, lo, hi in indices
    )
    return Hypothesis(name, lhs, rhs, limits, kind)
