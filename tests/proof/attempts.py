"""Bounded attempts to prove a claim by the tactics: unfolding, folding, re-indexing, contraction, induction.

An attempt rewrites both sides of the claim, round by round, by every hypothesis, and by every lemma of the
claim's own module that needs no other hypotheses, both ways; contracts deltas; re-indexes sums by every
permutation in sight; and compares whatever stands on the left with whatever stands on the right by the ring
laws. Where that fails it tries induction upwards and downwards on every layer or step of the claim that no
hypothesis has, each time with the same effort for base and step. What it finds, it finds by the kernel: a
`Theorem` that says the claim, or nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from false_statements import Claim
from sympy import Expr, Symbol, preorder_traversal

from symderive.calculus import CalculusError, Entry, IndexSum, TensorSymbol
from symderive.calculus.normal_form import normal_form
from symderive.calculus.ranges import Context
from symderive.calculus.terms import Bracket
from symderive.proof import kernel
from symderive.proof.kernel import Hypothesis, KernelError, Theorem, hypothesis_of
from symderive.proof.tactics import Chain, places

ROUNDS = 2
LARGEST = 250  # nodes of a term that is still rewritten


def assumed(h: Hypothesis, within: Context) -> Theorem:
    """The hypothesis as a theorem, in the part of the context that it shares."""
    needed = h.free()
    for k, lo, hi in reversed(within.limits):
        if k in needed:
            needed |= {s for e in (lo, hi) for s in e.free_symbols if isinstance(s, Symbol)}
    return kernel.assume(h, Context(tuple(x for x in within.limits if x[0] in needed)))


@dataclass
class Attempt:
    """The laws that a claim may be proved from, and what was found out about terms on the way."""

    hypotheses: frozenset[Hypothesis]
    context: Context
    lemmas: Sequence[Theorem] = ()
    extra: Sequence[Theorem] = ()  # the induction hypothesis
    memory: dict[tuple[Expr, Context], list[Chain]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.laws = [assumed(h, self.context) for h in sorted(self.hypotheses, key=str)]
        self.usable = [t for t in self.lemmas if t.hypotheses <= self.hypotheses]
        terms = [e for h in self.hypotheses for e in h.terms()]
        symbols = {s for e in terms for s in e.free_symbols if isinstance(s, TensorSymbol)}
        self.permutations = sorted((s for s in symbols if s.kind == "permutation"), key=str)

    # ------------------------------------------------------------------------------------- one equation

    def equal(self, a: Expr, b: Expr, ctx: Context) -> Theorem | None:
        """a = b, if rewriting both sides makes them meet."""
        rights: dict[Expr, Chain] = {}
        for chain in self.reached(b, ctx):
            rights.setdefault(_form(chain.now), chain)
        for left in self.reached(a, ctx):
            right = rights.get(_form(left.now))
            if right is not None:
                try:
                    left.ring(right.now)
                    return left.then(kernel.symmetry(right.theorem), "").theorem
                except KernelError:  # what the attempt remembers of a term is too long to compare
                    continue
        return None

    def reached(self, e: Expr, ctx: Context) -> list[Chain]:
        """Everything that the term is rewritten to; its first form is the term itself."""
        key = (e, ctx)
        if key not in self.memory:
            self.memory[key] = list(self._reached(e, ctx))
        return [_copy(c) for c in self.memory[key]]

    def _reached(self, e: Expr, ctx: Context) -> Iterator[Chain]:
        yield Chain(e, ctx)
        known = [*self.extra, *self.usable]
        for laws in (self.extra, known, [*known, *self.laws], [kernel.symmetry(t) for t in known]):
            chain = Chain(e, ctx)
            for _ in range(ROUNDS if laws is not self.extra else 1):
                before = chain.now
                for t in laws:
                    if _rewritten(chain, t):
                        yield _copy(chain)
                if chain.now.has(Bracket) and _tried(lambda c=chain: c.contract()):
                    yield _copy(chain)
                yield from self._reindexed(chain)
                if chain.now == before or _large(chain.now):
                    break

    def _reindexed(self, chain: Chain) -> Iterator[Chain]:
        """Each sum re-indexed by each permutation, with the parameters that stand in the sum."""
        for pi in self.permutations:
            for path, sub, inner in places(chain.now, chain.context):
                if not isinstance(sub, IndexSum):
                    continue
                for values in _parameters(sub, pi):
                    step = _theorem(lambda s=sub, v=values, c=inner, p=pi: kernel.reindex(s, p, v, c))
                    if step is not None:
                        new = _copy(chain)
                        new.then(kernel.congruence(new.now, [(path, step)], new.context), "")
                        for t in self.laws:  # what stays in place
                            if isinstance(t.lhs, Entry) and t.lhs.symbol == pi:
                                _rewritten(new, t)
                        yield new

    # ------------------------------------------------------------------------------------- one statement

    def prove(self, c: Claim) -> Theorem | None:
        """The claim as a theorem, by rewriting or else by induction; None if no attempt succeeds."""
        found = self.equal(c.lhs, c.rhs, c.context)
        if found is not None:
            return found
        held = {k for h in self.hypotheses for k in h.free()}
        entries = {e for side in (c.lhs, c.rhs) for e in side.atoms(Entry)}
        layers = {s for e in entries for i in e.index[: e.symbol.sup] for s in i.free_symbols}
        for k, lo, hi in c.context:
            if k not in held and k in layers:
                for downwards in (False, True):
                    found = _theorem(lambda k=k, a=lo, b=hi, d=downwards: self._induction(c, k, a, b, d))
                    if found is not None:
                        return found
        return None

    def _induction(self, c: Claim, k: Symbol, lo: Expr, hi: Expr, downwards: bool) -> Theorem | None:
        place = [s for s, _, _ in c.context].index(k)
        limits = c.context.limits
        # what the hypotheses speak of stands outside, and what depends on k is the goal's own
        outer = Context(limits[:place])
        own = limits[place + 1 :]
        if {s for h in self.hypotheses for s in h.free()} - outer.symbols:
            return None
        goal = hypothesis_of("induction hypothesis", c.lhs, c.rhs, own, "induction")
        start, there, here = (hi, k + 1, k) if downwards else (lo, k, k + 1)
        base = self._at(goal.shift({k: start}), outer, ())
        if base is None:
            return None
        inside = Context((*outer.limits, (k, lo, hi - 1)))
        known = kernel.assume(goal.shift({k: there}), inside)
        step = self._at(goal.shift({k: here}), inside, (known,))
        if step is None:
            return None
        return kernel.induction([goal], 0, [base], [step], (k, lo, hi), outer, downwards)

    def _at(self, goal: Hypothesis, ctx: Context, extra: Sequence[Theorem]) -> Theorem | None:
        inner = goal.bind("attempt", ctx)
        work = Attempt(self.hypotheses, self.context, self.lemmas, extra) if extra else self
        return work.equal(goal.lhs, goal.rhs, inner)


# ---------------------------------------------------------------------------------------------- helpers


def _copy(chain: Chain) -> Chain:
    new = Chain(chain.theorem.lhs, chain.context)
    new.theorem, new.lines = chain.theorem, list(chain.lines)
    return new


@lru_cache(maxsize=50_000)
def _large(e: Expr) -> bool:
    return sum(1 for _ in preorder_traversal(e)) > LARGEST


@lru_cache(maxsize=50_000)
def _tensors(e: Expr) -> frozenset[TensorSymbol]:
    return frozenset(s for s in e.free_symbols if isinstance(s, TensorSymbol))


@lru_cache(maxsize=50_000)
def _form(e: Expr) -> Expr:
    """What equal terms have in common; the term itself, where that takes too long."""
    if _large(e):
        return e
    try:
        return normal_form(e)
    except CalculusError:
        return e


def _rewritten(chain: Chain, t: Theorem) -> bool:
    """Whether the theorem's left side stood somewhere, and has been replaced."""
    here = chain.now
    if _large(here) or not _tensors(t.lhs) <= _tensors(here):
        return False
    return _tried(lambda: chain.rewrite(t)) and chain.now != here


def _tried(step: Callable[[], object]) -> bool:
    try:
        step()
    except (KernelError, CalculusError):
        return False
    return True


def _theorem(step: Callable[[], Theorem | None]) -> Theorem | None:
    try:
        return step()
    except (KernelError, CalculusError):
        return None


def _parameters(e: IndexSum, pi: TensorSymbol) -> Iterable[tuple[Expr, ...]]:
    """What may stand before the last index of the permutation: leading indices of entries in the sum."""
    if pi.rank == 1:
        return [()]
    found = {x.index[: pi.rank - 1] for x in e.body.atoms(Entry) if x.symbol.rank >= pi.rank}
    return sorted(found, key=str)


def lemmas_of(theorems: Iterable[Theorem]) -> list[Theorem]:
    """The theorems, and all inductions that they rest on: a module's own strategy, as statements to use."""
    named = list(theorems)
    seen: dict[int, Theorem] = {}
    waiting = list(named)
    while waiting:
        t = waiting.pop()
        if id(t) not in seen:
            seen[id(t)] = t
            waiting += t.premises
    inductions = [t for t in seen.values() if t.rule.startswith("induction")]
    said = {(t.context, t.hypotheses, t.lhs, t.rhs): t for t in (*inductions, *named)}
    return sorted(said.values(), key=str)
