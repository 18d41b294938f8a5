r"""The proof kernel: a `Theorem` exists only if the inference rules of this file made it.

A theorem is a sequent

    i in lo..hi, ..;  H_1, .., H_m  |-  lhs = rhs

It says: for all integers i, .. in their ranges, if the hypotheses hold, then the equation holds. Sizes
(widths, depth) are arbitrary positive integers. A tensor is an arbitrary family of real numbers, one for
all integers as indices, also outside its declared ranges; each is a differentiable function of one variable
that nobody names, and dT is its derivative; integers do not move, and are made of nothing that does. Both
hypotheses and equation are meant for all values of that variable. Permutations permute the range of their
last index where their other indices lie in their ranges. Scalar functions and functionals are arbitrary, as
differentiable as the statement needs. A hypothesis is itself an equation for all its own indices and its own
real numbers; the free indices and tensors that it has beside them are those of the theorem.

Trusted: the terms (binding, substitution, SymPy's automatic evaluation within `language`), the normal form,
the affine range facts of `Context.nonnegative`, the differential, and that nobody reaches into the objects
and caches of this process. Whatever finds a proof is outside.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NoReturn
from weakref import WeakKeyDictionary

from sympy import Add, Expr, Integer, Mul, Pow, Symbol, expand

from symderive.calculus.atoms import CalculusError, TensorSymbol
from symderive.calculus.differential import derivative as derivative_by
from symderive.calculus.differential import differential
from symderive.calculus.normal_form import normal_form
from symderive.calculus.ranges import Context
from symderive.calculus.terms import Binder, Bracket, IndexSum, PartialDerivative
from symderive.displayed import Displayed, NoAttribute
from symderive.proof import language, sequent
from symderive.proof.sequent import Hypothesis, KernelError, Limits, check, hypothesis_of, refuse

__all__ = [
    "Hypothesis", "KernelError", "Limits", "Path", "Theorem", "assume", "congruence", "contraction", "decide",
    "derivative", "differentiation", "hypothesis_of", "induction", "instantiate", "reflexivity", "reindex",
    "ring", "single", "specialise", "split", "symmetry", "transitivity", "vanishing",
]  # fmt: skip

Path = tuple[int | Symbol, ...]


class Theorem(Displayed):
    """lhs = rhs in a context, under hypotheses; with the rule, premises and arguments that made it.

    The object itself is empty: it stands for a record that the kernel keeps, so that there is nothing to
    change or copy, and an object that the kernel did not make has no record.
    """

    __slots__ = ("__weakref__",)
    context: Context
    hypotheses: frozenset[Hypothesis]
    lhs: Expr
    rhs: Expr
    rule: str
    premises: tuple[Theorem, ...]
    arguments: tuple[Any, ...]

    def __init__(self, *fields: Any) -> None:
        refuse("theorem", "forged: only the rules of the kernel make theorems")

    def __getattr__(self, name: str) -> Any:
        if name not in Theorem.__annotations__:
            raise NoAttribute(Theorem, name)
        if self not in _BOOK:
            refuse("theorem", "forged: the kernel has no record of it")
        return _BOOK[self][name]

    def __setattr__(self, name: str, value: object) -> NoReturn:
        refuse("theorem", f"forged: {name} of a theorem cannot be changed")

    def __delattr__(self, name: str) -> NoReturn:
        refuse("theorem", f"forged: {name} of a theorem cannot be deleted")

    def __reduce__(self) -> NoReturn:
        refuse("theorem", "forged: a theorem cannot be copied or pickled; replay its proof")

    def audit(self) -> dict[str, tuple[Hypothesis, ...]]:
        """The hypotheses that the theorem rests on, by kind."""
        ordered = sorted(self.hypotheses, key=lambda h: (h.name, str(h)))
        return {kind: tuple(h for h in ordered if h.kind == kind) for kind in sequent.KINDS}

    def __str__(self) -> str:
        ranges = ", ".join(f"{k} in {lo}..{hi}" for k, lo, hi in self.context)
        names = ", ".join(sorted(h.name for h in self.hypotheses))
        return f"{ranges}; {names} |- {self.lhs} = {self.rhs}"


_BOOK: WeakKeyDictionary[Theorem, dict[str, Any]] = WeakKeyDictionary()


def _make(
    rule: str, ctx: Context, hyps: frozenset[Hypothesis], lhs: Expr, rhs: Expr,
    premises: Sequence[Theorem] = (), arguments: Sequence[Any] = (),
) -> Theorem:  # fmt: skip
    check(rule, language.require_context, ctx)
    lhs, rhs = (check(rule, language.require_term, e, ctx.symbols) for e in (lhs, rhs))
    called = {h.name: h for h in hyps}
    if len(called) < len(hyps):
        twice = next(h.name for h in hyps if called[h.name] != h)
        refuse(rule, f"two different hypotheses are both called {twice}")
    terms = [lhs, rhs, *(e for _, *ends in ctx for e in ends)]
    clash = language.clash(_about(hyps)[0].union(*map(language.names, terms)))
    if clash:
        refuse(rule, f"two different things are both shown as {clash}")
    t = object.__new__(Theorem)
    fields = (ctx, hyps, lhs, rhs, rule, tuple(premises), tuple(arguments))
    _BOOK[t] = dict(zip(Theorem.__annotations__, fields, strict=True))
    return t


@lru_cache(maxsize=20_000)
def _about(hyps: frozenset[Hypothesis]) -> tuple[frozenset[language.Named], frozenset[Symbol]]:
    """The names in hypotheses, and their free indices; asked for those of theorems only."""
    each = [_about_one(h) for h in hyps]
    return frozenset().union(*(names for names, _ in each)), frozenset().union(*(free for _, free in each))


@lru_cache(maxsize=20_000)
def _about_one(h: Hypothesis) -> tuple[frozenset[language.Named], frozenset[Symbol]]:
    return frozenset().union(*map(language.names, h.terms())), frozenset(h.free())


def _premise(rule: str, *theorems: Theorem) -> None:
    for t in theorems:
        if type(t) is not Theorem or t not in _BOOK:
            refuse(rule, f"forged premise: expected a theorem of this kernel, found a {type(t).__name__}")


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
        refuse("transitivity", f"contexts differ: {s.context.limits} and {t.context.limits}")
    if s.rhs != t.lhs:
        refuse("transitivity", f"middle terms differ: {s.rhs} and {t.lhs}")
    return _make("transitivity", s.context, s.hypotheses | t.hypotheses, s.lhs, t.rhs, (s, t))


def assume(h: Hypothesis, ctx: Context) -> Theorem:
    """h |- h, in a context that has the free indices of h, for all own indices and real numbers of h."""
    h = sequent.well_formed("assume", h)
    return _make("assume", h.bind("assume", ctx), frozenset({h}), h.lhs, h.rhs, (), (h, ctx))


def instantiate(t: Theorem, values: Mapping[Symbol, Expr], ctx: Context) -> Theorem:
    """The theorem at values of its indices, in another context; each value must lie in its index's range.

    An index that is free in a hypothesis keeps its name: the hypothesis speaks of that one.
    """
    name = "instantiate"
    _premise(name, t)
    _admit(name, ctx)
    given = dict(values)
    for k in given:
        if k not in t.context:
            refuse(name, f"{k} is no index of the theorem")
    fixed = _about(t.hypotheses)[1]
    rule = {k: check(name, language.require_integer, given.get(k, k), ctx.symbols) for k, _, _ in t.context}
    for k, lo, hi in t.context:
        value = rule[k]
        if k in fixed and value != k:
            refuse(name, f"index {k} is free in a hypothesis and may not become {value}")
        low, high = lo.xreplace(rule), hi.xreplace(rule)
        if not ctx.within(value, low, high):
            refuse(name, f"range of {k}: {value} is not known to lie in {low}..{high}")
    arguments = (tuple(sorted(given.items(), key=str)), ctx)
    return _make(name, ctx, t.hypotheses, t.lhs.xreplace(rule), t.rhs.xreplace(rule), (t,), arguments)


def congruence(e: Expr, replacements: Sequence[tuple[Path, Theorem]], ctx: Context) -> Theorem:
    """|- e = e', where subterms of e, each the left side of a theorem, are replaced by its right side.

    A path names arguments by position; at a sum or family a symbol enters the body, and names the bound index
    there, with its range. Each theorem must hold in the context at its place, and none of its hypotheses may
    speak of a bound index.
    """
    rule = "congruence"
    _admit(rule, ctx, e)
    work = [(tuple(p), t) for p, t in replacements]
    _premise(rule, *(t for _, t in work))
    for h in (h for p, _ in work for h in p if type(h) not in (int, Symbol)):
        refuse(rule, f"expected positions and letters in a path, found {h!r}")

    def walk(e: Expr, todo: list[tuple[Path, Theorem]], inner: Context, opened: frozenset[Symbol]) -> Expr:
        if not todo:
            return e
        if any(not path for path, _ in todo):
            if len(todo) > 1:
                refuse(rule, f"two replacements overlap at {e}")
            ((_, t),) = todo
            if e != t.lhs:
                refuse(rule, f"the subterm {e} is not the left side {t.lhs}")
            for k, lo, hi in t.context:
                if k not in inner or not (inner[k] == (lo, hi) or inner.within(k, lo, hi)):
                    found = "..".join(map(str, inner[k])) if k in inner else "no such index"
                    refuse(rule, f"range of {k}: the theorem needs {k} in {lo}..{hi}, found {found}")
            caught = opened & _about(t.hypotheses)[1]
            if caught:
                refuse(rule, f"capture: bound index {min(map(str, caught))} is free in a hypothesis of {t}")
            return t.rhs
        if isinstance(e, PartialDerivative):
            refuse(rule, f"{e} is no function of the values of its parts")
        heads: dict[Any, list[tuple[Path, Theorem]]] = {}
        for path, t in todo:
            heads.setdefault(path[0], []).append((path[1:], t))
        names = [h for h in heads if type(h) is Symbol]
        if names and (len(names) > 1 or not isinstance(e, Binder)):
            refuse(rule, f"{e} has not one bound index for the names {names}")
        args = list(e.args)
        for n in (h for h in heads if type(h) is int):
            if not 0 <= n < len(args) or (isinstance(e, Binder) and n == 0):
                refuse(rule, f"no argument {n} in {e}")
            args[n] = walk(args[n], heads[n], inner, opened)
        for k in names:
            if not language.is_index(k):
                refuse(rule, f"expected an index without assumptions for the bound index, found {k!r}")
            if k in inner:  # as every index is that is free in e
                refuse(rule, f"capture: {k} may not name the bound index of {e} in {inner.limits}")
            body = walk(e.open(k), heads[k], inner.bind(k, e.lo, e.hi), opened | {k})
            return e.func(body, (k, args[1], args[2]))
        return e.func(*args)

    (new,) = _calculated(rule, lambda e: walk(e, work, ctx, frozenset()), e)
    hyps = frozenset[Hypothesis]().union(*(t.hypotheses for _, t in work))
    return _make(rule, ctx, hyps, e, new, [t for _, t in work], (e, tuple(p for p, _ in work), ctx))


def ring(a: Expr, b: Expr, ctx: Context) -> Theorem:
    """|- a = b, where both have one normal form: commutativity, distributivity, order and names of sums."""
    a, b = (check("ring", language.require_term, e) for e in (a, b))  # before a cache keeps what they give
    left, right = _calculated("ring", normal_form, a, b)
    if left != right:
        refuse("ring", f"normal forms differ: {left} and {right}")
    return _make("ring", ctx, frozenset(), a, b, (), (a, b))


def _calculated(rule: str, f: Callable[[Expr], Expr], *terms: Expr) -> list[Expr]:
    """f of each term; refused where the calculus has no such thing."""
    try:
        return [f(e) for e in terms]
    except CalculusError as error:
        refuse(rule, str(error))


def _admit(rule: str, ctx: Context, *terms: Expr) -> None:
    """Refuse what is outside of the language, before facts are computed from it and remembered."""
    check(rule, language.require_context, ctx)
    for e in terms:
        check(rule, language.require_term, e)


def _sum(rule: str, e: Expr, ctx: Context) -> tuple[Symbol, Expr]:
    """A letter for the index of the sum, new in the sum and in the context, and the body at it."""
    _admit(rule, ctx, e)
    if not isinstance(e, IndexSum):
        refuse(rule, f"expected a sum, found {e}")
    return e.unbind(ctx.taken)


def reindex(e: Expr, permutation: TensorSymbol, parameters: Sequence[Expr], ctx: Context) -> Theorem:
    """|- sum_{k=lo}^{hi} f(k) = sum_{k=lo}^{hi} f(pi(k)), for a permutation pi of lo..hi."""
    k, body = _sum("reindex", e, ctx)
    if type(permutation) is not TensorSymbol or permutation.kind != "permutation":
        refuse("reindex", f"{permutation} is not declared a permutation")
    values = tuple(check("reindex", language.require_integer, p, ctx.symbols) for p in parameters)
    if len(values) != permutation.rank - 1:
        refuse("reindex", f"{permutation} takes {permutation.rank - 1} parameters, found {len(values)}")
    image = permutation[(*values, k)]
    *ranges, (lo, hi) = image.ranges()
    for value, (low, high) in zip(values, ranges, strict=True):
        if not ctx.within(value, low, high):
            refuse("reindex", f"{value} is not known to lie in {low}..{high}, a range of {permutation.name}")
    if expand(lo - e.lo) != 0 or expand(hi - e.hi) != 0:
        refuse("reindex", f"{image} permutes {lo}..{hi}, but the sum runs over {e.lo}..{e.hi}")
    new = IndexSum(body.xreplace({k: image}), (k, e.lo, e.hi))
    return _make("reindex", ctx, frozenset(), e, new, (), (permutation, values))


def contraction(e: Expr, ctx: Context) -> Theorem:
    """|- sum_k [k = v] f(k) = [lo <= v][v <= hi] f(v), where a factor of the body says k = v, an integer."""
    k, body = _sum("contraction", e, ctx)
    for f in Mul.make_args(body):
        if isinstance(f, Bracket) and f.relation == "=":
            d = expand(f.a - f.b)
            c = d.coeff(k, 1)
            value = expand(k - d / c) if c in (1, -1) else k
            if k not in value.free_symbols:
                check("contraction", language.require_integer, value)
                rest = Mul(*(g for g in Mul.make_args(body) if g is not f)).xreplace({k: value})
                new = Bracket.at_most(e.lo, value) * Bracket.at_most(value, e.hi) * rest
                return _make("contraction", ctx, frozenset(), e, new, (), (e,))
    refuse("contraction", f"no delta with coefficient 1 or -1 on the index of {e}")


def decide(bracket: Expr, ctx: Context) -> Theorem:
    """|- [P] = 1 or 0, where the ranges of the context decide P."""
    _admit("decide", ctx, bracket)
    value = ctx.decide(bracket)
    if value == bracket:
        refuse("decide", f"the ranges {ctx.limits} do not decide {bracket}")
    return _make("decide", ctx, frozenset(), bracket, value, (), (bracket,))


def split(e: Expr, at: Expr, ctx: Context) -> Theorem:
    """|- sum_{lo}^{hi} f = sum_{lo}^{m} f + sum_{m+1}^{hi} f, where lo - 1 <= m <= hi."""
    k, body = _sum("split", e, ctx)
    at = check("split", language.require_integer, at, ctx.symbols)
    if not ctx.within(at, e.lo - 1, e.hi):
        refuse("split", f"{at} is not known to lie in {e.lo - 1}..{e.hi}")
    new = IndexSum(body, (k, e.lo, at)) + IndexSum(body, (k, at + 1, e.hi))
    return _make("split", ctx, frozenset(), e, new, (), (at,))


def single(e: Expr, ctx: Context) -> Theorem:
    """|- sum_{k=m}^{m} f(k) = f(m)"""
    _sum("single", e, ctx)
    if expand(e.hi - e.lo) != 0:
        refuse("single", f"expected a sum over one value, found {e}")
    return _make("single", ctx, frozenset(), e, e.open(e.lo), (), (e,))


def vanishing(t: Theorem, path: Path) -> Theorem:
    """a = 0 gives b = 0 for a part b of a: of terms that are seen to be >= 0 and have the sum 0, each is 0.

    A step of the path: a position in a sum of such terms; a letter for the index of a sum of such terms over
    its range; a position in a product whose other factors are seen to be > 0; 0 at a power that is 0.
    """
    rule = "vanishing"
    _premise(rule, t)
    if t.rhs != 0:
        refuse(rule, f"expected an equation with 0 on the right, found {t.rhs}")
    e, ctx = t.lhs, t.context
    for n in path:
        if isinstance(e, Add | IndexSum) and not language.nonnegative(e):
            refuse(rule, f"a term of {e} is not seen to be at least 0")
        if isinstance(e, IndexSum) and type(n) is Symbol:
            if not language.is_index(n):
                refuse(rule, f"expected an index without assumptions for the bound index, found {n!r}")
            if n in ctx:  # as every index is that is free in e, or in a hypothesis
                refuse(rule, f"capture: {n} may not name the bound index of {e} in {ctx.limits}")
            e, ctx = e.open(n), ctx.bind(n, e.lo, e.hi)
            continue
        if not isinstance(e, Add | Mul | Pow) or type(n) is not int or not 0 <= n < len(e.args):
            refuse(rule, f"no part {n!r} of {e} is known to be 0")
        if isinstance(e, Pow) and (n != 0 or not e.exp > 0):
            refuse(rule, f"no part {n!r} of the power {e} is known to be 0")
        if isinstance(e, Mul) and not all(language.positive(f) for f in (*e.args[:n], *e.args[n + 1 :])):
            refuse(rule, f"a factor of {e} beside {e.args[n]} is not seen to be greater than 0")
        e = e.args[n]
    return _make(rule, ctx, t.hypotheses, e, Integer(0), (t,), (tuple(path),))


def differentiation(t: Theorem) -> Theorem:
    """a = b gives da = db: the equation holds for all values of the variable, as its hypotheses do."""
    _premise("differentiation", t)
    lhs, rhs = _calculated("differentiation", differential, t.lhs, t.rhs)
    return _make("differentiation", t.context, t.hypotheses, lhs, rhs, (t,))


def _arbitrary(rule: str, t: Theorem, u: TensorSymbol) -> None:
    """u must stand for an arbitrary real: no hypothesis speaks of it."""
    _premise(rule, t)
    sequent.require_real(rule, u)
    for h in t.hypotheses:
        if h.speaks_of(u):
            refuse(rule, f"{u} is free in the hypothesis {h}")


def specialise(t: Theorem, u: TensorSymbol, value: Expr) -> Theorem:
    """The theorem where the arbitrary real u is a term in its indices, and du the differential of it."""
    _arbitrary("specialise", t, u)
    value = check("specialise", language.require_term, value, t.context.symbols)
    if t.lhs.has(PartialDerivative) or t.rhs.has(PartialDerivative):
        refuse("specialise", f"a partial derivative in {t} is no function of the values of its parts")
    rule, moving = {u[()]: value}, language.jets(u, t.lhs, t.rhs) - {u}
    if moving - {u.tangent()}:
        refuse("specialise", f"expected no second differential of {u} in {t}")
    if moving:
        (rule[u.tangent()[()]],) = _calculated("specialise", differential, value)
    lhs, rhs = t.lhs.xreplace(rule), t.rhs.xreplace(rule)
    return _make("specialise", t.context, t.hypotheses, lhs, rhs, (t,), (u, value))


def derivative(t: Theorem, u: TensorSymbol) -> Theorem:
    """a = b gives the derivatives of both by the arbitrary real u, where nothing else moves."""
    _arbitrary("derivative", t, u)
    if language.tangents(t.lhs, t.rhs):
        refuse("derivative", f"expected no differentials in {t}")
    lhs, rhs = _calculated("derivative", lambda e: derivative_by(e, u), t.lhs, t.rhs)
    return _make("derivative", t.context, t.hypotheses, lhs, rhs, (t,), (u,))


def induction(
    goals: Sequence[Hypothesis], which: int, bases: Sequence[Theorem], steps: Sequence[Theorem],
    limits: Limits, ctx: Context, downwards: bool = False,
) -> Theorem:  # fmt: skip
    """All goals P_i(l), for l in lo..hi, by induction on l; returns the one asked for.

    Upwards: bases |- P_i(lo), steps P_1(l), .., P_n(l) |- P_i(l+1) for l in lo..hi-1.
    Downwards: bases |- P_i(hi), steps P_1(l+1), .., P_n(l+1) |- P_i(l) for l in lo..hi-1.
    No other hypothesis may speak of l, or of a goal's own index or real number: goals are claimed for all.
    """
    rule = "induction downwards" if downwards else "induction"
    goals, bases, steps = tuple(sequent.well_formed(rule, g) for g in goals), tuple(bases), tuple(steps)
    _premise(rule, *bases, *steps)
    if not len(goals) == len(bases) == len(steps):
        refuse(rule, f"{len(goals)} goals, {len(bases)} bases, {len(steps)} steps")
    l, lo, hi = limits
    outer = check(rule, language.require_context, Context((*ctx.limits, (l, lo, hi))))
    if type(which) is not int or not 0 <= which < len(goals):
        refuse(rule, f"expected the number of one of {len(goals)} goals, found {which!r}")
    ctx = Context(outer.limits[:-1])
    start, there, here = (hi, {l: l + 1}, {l: l}) if downwards else (lo, {l: l}, {l: l + 1})
    inductive = {g.shift(there) for g in goals}
    hyps: set[Hypothesis] = set()
    for goal, base, step in zip(goals, bases, steps, strict=True):
        _goal(f"{rule}, base", base, goal.shift({l: start}), ctx)
        _goal(f"{rule}, step", step, goal.shift(here), Context((*ctx.limits, (l, lo, hi - 1))))
        found = base.hypotheses | (step.hypotheses - inductive)
        for h in found:
            if h.free() - ctx.symbols:
                refuse(rule, f"index {min(map(str, h.free() - ctx.symbols))} is free in the hypothesis {h}")
            for u in (u for g in goals for u in g.reals if h.speaks_of(u)):
                refuse(rule, f"{u} is free in the hypothesis {h}")
        hyps |= found
    goal, arguments = goals[which], (goals, which, (l, lo, hi), ctx, downwards)
    outer = goal.bind(rule, outer)
    return _make(rule, outer, frozenset(hyps), goal.lhs, goal.rhs, (*bases, *steps), arguments)


def _goal(rule: str, t: Theorem, goal: Hypothesis, ctx: Context) -> None:
    """t must say the goal, in this context and for all the goal's own indices."""
    ctx = goal.bind(rule, ctx)
    if (t.lhs, t.rhs) != (goal.lhs, goal.rhs):
        refuse(rule, f"expected {goal.lhs} = {goal.rhs}, found {t.lhs} = {t.rhs}")
    if t.context != ctx:
        refuse(rule, f"expected the context {ctx.limits}, found {t.context.limits}")
