"""Tactics: they find proofs and are trusted with nothing; every theorem comes from a rule of the kernel."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from functools import lru_cache
from typing import TypeAlias
from weakref import WeakKeyDictionary

from sympy import Add, Expr, Mul, Symbol, expand

from symderive.calculus.atoms import TensorSymbol
from symderive.calculus.ranges import Context
from symderive.calculus.terms import Binder, Bracket, Entry, IndexSum
from symderive.displayed import Displayed
from symderive.proof import kernel
from symderive.proof.kernel import KernelError, Path, Theorem

Place = tuple[Path, Expr, Context]
Variable: TypeAlias = Symbol | TensorSymbol


@lru_cache(maxsize=2_000)
def places(e: Expr, ctx: Context) -> tuple[Place, ...]:
    """Every subterm, outermost first, with its path and its context; sums are opened with new letters."""
    return tuple(_places(e, ctx, ()))


def _places(e: Expr, ctx: Context, path: Path) -> Iterator[Place]:
    yield path, e, ctx
    if isinstance(e, Binder):
        k, body = e.unbind(ctx.taken)
        yield from _places(body, ctx.bind(k, e.lo, e.hi), (*path, k))
        for n in (1, 2):
            yield from _places(e.args[n], ctx, (*path, n))
        return
    for n, a in enumerate(e.args):
        if isinstance(a, Expr):
            yield from _places(a, ctx, (*path, n))
        elif a.args:  # the partials of a functional
            for m, t in enumerate(a.args):
                for i, index in enumerate(t.args):
                    if isinstance(index, Expr):
                        yield from _places(index, ctx, (*path, n, m, i))


def match(
    pattern: Expr, term: Expr, variables: Set[Variable], found: Mapping[Variable, Expr]
) -> dict[Variable, Expr] | None:
    """Values of the variables at which the pattern is the term; an index l + 1 matches m with l = m - 1.

    Variables are indices, and tensors without index that stand for arbitrary real numbers.
    """
    variable = pattern.symbol if isinstance(pattern, Entry) and not pattern.index else pattern
    if variable in variables:
        if variable in found:
            return dict(found) if expand(found[variable] - term) == 0 else None
        return {**found, variable: term}
    if not (pattern.free_symbols & variables):
        return dict(found) if pattern == term else None
    if _opposite(pattern) in variables and term.could_extract_minus_sign():
        return match(-pattern, -term, variables, found)
    if pattern.is_Add and pattern.is_integer:
        unknown = (pattern.free_symbols & variables) - set(found)
        value = expand(pattern.xreplace(dict(found)))
        if len(unknown) != 1:
            return dict(found) if not unknown and expand(value - term) == 0 else None
        k = unknown.pop()
        rest = expand(value - k)
        return None if k in rest.free_symbols else {**found, k: expand(term - rest)}
    if pattern.func != term.func or len(pattern.args) != len(term.args):
        return None
    result = dict(found)
    for p, t in zip(pattern.args, term.args, strict=True):
        if not isinstance(p, Expr):
            if p != t:
                return None
            continue
        more = match(p, t, variables, result)
        if more is None:
            return None
        result = more
    return result


def _opposite(pattern: Expr) -> TensorSymbol | None:
    """u, where the pattern is -u for a tensor without index."""
    entry = -pattern if pattern.is_Mul else None
    return entry.symbol if isinstance(entry, Entry) and not entry.index else None


_VARIABLES: WeakKeyDictionary[Theorem, frozenset[Variable]] = WeakKeyDictionary()


def variables(t: Theorem) -> frozenset[Variable]:
    """The indices and real numbers of a theorem that may be given values: no hypothesis speaks of them."""
    if t not in _VARIABLES:
        laws = {u for h in t.hypotheses for u in h.reals}
        reals = {u for u in laws if not any(h.speaks_of(u) for h in t.hypotheses)}
        free = {k for h in t.hypotheses for k in h.free()}
        _VARIABLES[t] = frozenset(reals | (t.context.symbols - free))
    return _VARIABLES[t]


def at_values(t: Theorem, values: Mapping[Variable, Expr], ctx: Context) -> Theorem:
    """The theorem at these values of its indices and real numbers, in the context."""
    found = kernel.instantiate(t, {k: v for k, v in values.items() if isinstance(k, Symbol)}, ctx)
    for u, value in sorted(values.items(), key=str):
        if isinstance(u, TensorSymbol):
            found = kernel.specialise(found, u, value)
    return found


def holding_at(t: Theorem, values: Mapping[Variable, Expr], ctx: Context) -> Theorem | None:
    """The theorem at these values, or None where the ranges do not allow it there."""
    return _holding_at(t, tuple(values.items()), ctx)


@lru_cache(maxsize=2_000)
def _holding_at(t: Theorem, values: tuple[tuple[Variable, Expr], ...], ctx: Context) -> Theorem | None:
    try:
        return at_values(t, dict(values), ctx)
    except KernelError:
        return None


def instances(e: Expr, t: Theorem, ctx: Context) -> list[tuple[Path, Theorem]]:
    """Where the left side of t stands in e, outermost places first, none inside another."""
    free = variables(t)
    found: list[tuple[Path, Theorem]] = []
    head = t.lhs.symbol if isinstance(t.lhs, Entry) and t.lhs.index else None
    for path, sub, inner in places(e, ctx):
        if head is not None and not (isinstance(sub, Entry) and sub.symbol == head):
            continue
        if any(path[: len(p)] == p for p, _ in found):
            continue
        values = match(t.lhs, sub, free, {})
        if values is None:
            continue
        there = holding_at(t, values, inner)
        if there is not None:
            found.append((path, there))
    return found


class Chain(Displayed):
    """lhs = e_1 = e_2 = .. : a proof by rewriting the right side, step by step.

    `qed` gives the theorem; `lines` the terms with the reasons, as a reader wants to see them.
    """

    def __init__(self, start: Expr, ctx: Context) -> None:
        self.theorem = kernel.reflexivity(start, ctx)
        self.context = ctx
        self.lines: list[tuple[Expr, str]] = []

    @property
    def now(self) -> Expr:
        """The right side so far."""
        return self.theorem.rhs

    def then(self, step: Theorem, reason: str) -> Chain:
        """Append an equation whose left side is the present right side."""
        if step.lhs == step.rhs:
            return self
        self.theorem = kernel.transitivity(self.theorem, step)
        self.lines.append((step.rhs, reason))
        return self

    def rewrite(self, t: Theorem, reason: str = "", at: Callable[[Expr], bool] | None = None) -> Chain:
        """Replace the left side of t by its right side, wherever it stands (and `at` says so)."""
        found = instances(self.now, t, self.context)
        if at is not None:
            found = [(p, i) for p, i in found if at(i.lhs)]
        if not found:
            raise KernelError(f"rewrite: no instance of {t.lhs} in {self.now}")
        return self.then(kernel.congruence(self.now, found, self.context), reason or reason_of(t))

    def replace(self, t: Theorem, reason: str = "") -> Chain:
        """Replace the left side of t where it stands to the letter, with these very indices."""
        found: list[tuple[Path, Theorem]] = []
        for path, sub, _ in places(self.now, self.context):
            if sub == t.lhs and not any(path[: len(p)] == p for p, _ in found):
                found.append((path, t))
        if not found:
            raise KernelError(f"replace: {t.lhs} does not stand in {self.now}")
        return self.then(kernel.congruence(self.now, found, self.context), reason or reason_of(t))

    def backwards(self, t: Theorem, reason: str = "") -> Chain:
        """Replace the right side of t by its left side."""
        return self.rewrite(kernel.symmetry(t), reason or reason_of(t))

    def fold(
        self, goal: Expr, laws: Sequence[Theorem], reason: str, at: Callable[[Expr], bool] | None = None
    ) -> Chain:
        """Reach a goal that is the present right side, up to the ring laws, once `laws` unfold its names."""
        unfolded = Chain(goal, self.context)
        for law in laws:
            unfolded.rewrite(law, at=at)
        unfolded.ring(self.now)
        return self.then(kernel.symmetry(unfolded.theorem), reason)

    def reindex(
        self, permutation: TensorSymbol, parameters: Callable[[IndexSum], Sequence[Expr] | None]
    ) -> Chain:
        """Re-index the outermost sums for which `parameters` gives the permutation's parameters."""
        found: list[tuple[Path, Theorem]] = []
        for path, sub, inner in places(self.now, self.context):
            if isinstance(sub, IndexSum) and not any(path[: len(p)] == p for p, _ in found):
                values = parameters(sub)
                if values is not None:
                    found.append((path, kernel.reindex(sub, permutation, values, inner)))
        if not found:
            raise KernelError(f"reindex: no sum to permute in {self.now}")
        reason = f"sum re-indexed by {permutation.name}"
        return self.then(kernel.congruence(self.now, found, self.context), reason)

    def unindex(
        self,
        permutation: TensorSymbol,
        parameters: Callable[[IndexSum], tuple[IndexSum, Sequence[Expr]] | None],
    ) -> Chain:
        """Undo a re-indexing: `parameters` gives the plain sum and the permutation's parameters."""
        found: list[tuple[Path, Theorem]] = []
        for path, sub, inner in places(self.now, self.context):
            if isinstance(sub, IndexSum) and not any(path[: len(p)] == p for p, _ in found):
                plain = parameters(sub)
                if plain is not None:
                    there = kernel.reindex(plain[0], permutation, plain[1], inner)
                    found.append((path, kernel.symmetry(there)))
        if not found:
            raise KernelError(f"reindex: no permuted sum in {self.now}")
        reason = f"sum re-indexed by {permutation.name}"
        return self.then(kernel.congruence(self.now, found, self.context), reason)

    def split(self, chosen: Callable[[IndexSum], Expr | None], reason: str = "sum split") -> Chain:
        """Split the sums for which `chosen` names the last index of the first part."""
        found: list[tuple[Path, Theorem]] = []
        for path, sub, inner in places(self.now, self.context):
            if isinstance(sub, IndexSum) and not any(path[: len(p)] == p for p, _ in found):
                at = chosen(sub)
                if at is not None:
                    found.append((path, kernel.split(sub, at, inner)))
        return self.then(kernel.congruence(self.now, found, self.context), reason)

    def ring(self, goal: Expr, reason: str = "collected") -> Chain:
        """The same up to the laws of a commutative ring and of finite sums."""
        return self.then(kernel.ring(self.now, goal, self.context), reason)

    def single(self, reason: str = "a sum over one value") -> Chain:
        """Replace sums over one value by their term."""
        found = [
            (path, kernel.single(sub, inner))
            for path, sub, inner in places(self.now, self.context)
            if isinstance(sub, IndexSum) and expand(sub.hi - sub.lo) == 0
        ]
        return self.then(kernel.congruence(self.now, found, self.context), reason)

    def contract(self, reason: str = "delta contracted") -> Chain:
        """Contract deltas and decide brackets until nothing changes."""
        for _ in range(1_000):
            step = self._contract_once()
            if step is None:
                return self
            self.theorem = kernel.transitivity(self.theorem, step)
            if self.lines and self.lines[-1][1] == reason:
                self.lines.pop()
            self.lines.append((self.now, reason))
        raise KernelError("contract: no end after 1000 steps")

    def _contract_once(self) -> Theorem | None:
        for path, sub, inner in places(self.now, self.context):
            for attempt in (self._decided, self._contracted, self._hoisted):
                step = attempt(sub, inner)
                if step is not None:
                    return kernel.congruence(self.now, [(path, step)], self.context)
        return None

    def _decided(self, sub: Expr, ctx: Context) -> Theorem | None:
        if isinstance(sub, Bracket) and ctx.decide(sub) != sub:
            return kernel.decide(sub, ctx)
        return None

    def _contracted(self, sub: Expr, ctx: Context) -> Theorem | None:
        if not isinstance(sub, IndexSum):
            return None
        try:
            return kernel.contraction(sub, ctx)
        except KernelError:
            return None

    def _hoisted(self, sub: Expr, ctx: Context) -> Theorem | None:
        """sum_k [i = j] f(k) = [i = j] sum_k f(k), so that an outer sum meets its delta."""
        if not isinstance(sub, IndexSum):
            return None
        k, body = sub.unbind(ctx.taken)
        if body.is_Add and body.has(Bracket):
            new = Add(*(IndexSum(a, (k, sub.lo, sub.hi)) for a in body.args))
            return kernel.ring(sub, new, ctx)
        outside = [f for f in Mul.make_args(body) if isinstance(f, Bracket) and k not in f.free_symbols]
        if not outside:
            return None
        rest = Mul(*(f for f in Mul.make_args(body) if f not in outside))
        return kernel.ring(sub, Mul(*outside) * IndexSum(rest, (k, sub.lo, sub.hi)), ctx)

    def qed(self, goal: Expr | None = None) -> Theorem:
        """The theorem; with a goal, closed by the ring laws if it is not reached to the letter."""
        if goal is not None and goal != self.now:
            self.ring(goal)
        return self.theorem


def reason_of(t: Theorem) -> str:
    """How to quote a theorem: by its hypothesis if it is one, else by its rule."""
    while t.rule in ("symmetry", "instantiate") and t.premises:
        t = t.premises[0]
    if t.rule == "assume":
        (h,) = t.hypotheses
        return h.name
    return t.rule
