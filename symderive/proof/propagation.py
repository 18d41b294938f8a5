"""Propagation: what holds of the given tensors of a system, carried through all its definitions.

A claim says of every entry of a tensor what it equals: \\tilde z_j = z_{pi(j)}, or z_p = z_q. It is shown by
unfolding the definition on the left, rewriting what is known, and folding the definition on the right. Claims
that need each other in a circle are shown by induction on the superscript that grows, or shrinks, on every
way round; what is left of the circle then may need an induction on another superscript inside.

Nothing here is trusted: every step is a rule of the kernel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from sympy import Expr, Symbol, expand
from sympy.core.basic import Basic
from sympy.utilities.iterables import strongly_connected_components

from symderive.calculus.atoms import TensorSymbol, fresh
from symderive.calculus.ranges import EMPTY, Context
from symderive.calculus.terms import Entry
from symderive.errors import SymderiveError
from symderive.proof import kernel
from symderive.proof.kernel import Hypothesis, KernelError, Limits, Theorem, hypothesis_of
from symderive.proof.result import Argument
from symderive.proof.tactics import Chain, holding_at, instances, match, places, variables
from symderive.systems.definition import Definition


class NotProved(SymderiveError):
    """The tactic found no proof; that does not say that there is none."""


@dataclass(frozen=True)
class Claim:
    """For all its own indices: lhs = rhs. `name` is what a reader calls it."""

    lhs: Entry
    rhs: Expr
    indices: tuple[Limits, ...]
    name: str

    @property
    def own(self) -> set[Symbol]:
        """The indices that it is claimed for."""
        return {k for k, _, _ in self.indices}

    def at(self, k: Symbol, value: Expr) -> Claim:
        """The claim at one value of one of its indices."""
        rule = {k: value}
        rest = tuple((i, lo.xreplace(rule), hi.xreplace(rule)) for i, lo, hi in self.indices if i != k)
        return replace(self, lhs=self.lhs.xreplace(rule), rhs=self.rhs.xreplace(rule), indices=rest)

    def renamed(self, k: Symbol, letter: Symbol) -> Claim:
        """The claim with another letter for one of its indices."""
        if k == letter:
            return self
        taken = self.own | self.lhs.free_symbols | self.rhs.free_symbols
        if letter in taken:  # the letter has a use here already: that one gives way
            self = self.renamed(letter, fresh(taken, (letter.name,)))
        rule = {k: letter}
        limits = tuple((rule.get(i, i), lo.xreplace(rule), hi.xreplace(rule)) for i, lo, hi in self.indices)
        return replace(self, lhs=self.lhs.xreplace(rule), rhs=self.rhs.xreplace(rule), indices=limits)

    def within(self, k: Symbol, lo: Expr, hi: Expr) -> Claim:
        """The claim for a part of the range of one of its indices."""
        limits = ((i, lo, hi) if i == k else (i, a, b) for i, a, b in self.indices)
        return replace(self, indices=tuple(limits))

    def as_goal(self, k: Symbol) -> Hypothesis:
        """What an induction on one of its indices assumes and shows."""
        rest = [i for i in self.indices if i[0] != k]
        name = f"induction hypothesis on {k}, {self.name}"
        return hypothesis_of(name, self.lhs, self.rhs, rest, "induction")

    def range_of(self, k: Symbol) -> tuple[Expr, Expr]:
        """The range of one of its indices."""
        return next((lo, hi) for i, lo, hi in self.indices if i == k)


@dataclass(frozen=True)
class Law:
    """A definition that may be unfolded: with the theorem that says it, and its counterpart on the right."""

    definition: Definition
    theorem: Theorem
    fold: Theorem


@dataclass(frozen=True)
class Case:
    """A claim where one definition defines its left side."""

    claim: Claim
    law: Law
    values: dict[Symbol, Expr]

    @property
    def rhs(self) -> Expr:
        """What the left side is defined as."""
        return self.law.definition.rhs.xreplace(self.values)

    def possible(self, ctx: Context) -> bool:
        """Whether the definition's ranges admit the values, as far as can be seen."""
        inner = _scope(ctx, self.claim.indices)
        for k, lo, hi in self.law.definition.indices:
            v, low, high = self.values[k], lo.xreplace(self.values), hi.xreplace(self.values)
            if inner.nonnegative(low - v - 1) or inner.nonnegative(v - high - 1):
                return False
        return True


@dataclass
class Propagation:
    """The claims, the laws of both sides, and what is known; `run` proves the claims.

    - `known`: theorems that rewrite given tensors of the left side.
    - `finish`: theorems that both sides are rewritten by at last: what stays in place, how an odd function
      turns a sign.
    - `arrange`: what else the right side needs, as re-indexed sums.
    """

    claims: Sequence[Claim]
    laws: Sequence[Law]
    known: Sequence[Theorem]
    finish: Sequence[Theorem] = ()
    arrange: Callable[[Chain], None] = lambda chain: None
    arguments: dict[str, list[Argument]] = field(default_factory=dict)
    _cases: dict[tuple[Claim, Context], list[Case]] = field(default_factory=dict)
    _owner: str = ""
    _stage: str = ""

    def run(self, ctx: Context = EMPTY) -> dict[Claim, Theorem]:
        """A theorem for each claim, in this context; NotProved where none is found.

        `arguments` then has the chains that led there, by the name of the claim that they are for.
        """
        found = _Known(self.known)
        proved = self._solve(list(self.claims), ctx, found)
        return {c: proved[c] for c in self.claims}

    # --------------------------------------------------------------------------------------- which first

    def cases(self, c: Claim, ctx: Context) -> list[Case]:
        """The definitions that define entries of the claim's left side."""
        if (c, ctx) not in self._cases:
            own = (_unify(c, law) for law in self.laws if law.definition.symbol == c.lhs.symbol)
            self._cases[c, ctx] = [case for case in own if case is not None and case.possible(ctx)]
        return self._cases[c, ctx]

    def _solve(self, goals: list[Claim], ctx: Context, known: _Known) -> dict[Claim, Theorem]:
        """Prove goals that may need each other; what is proved becomes known."""
        edges = []
        for n, c in enumerate(goals):
            for case in self.cases(c, ctx):
                for e in _entries(case.rhs):
                    edges += [(n, m) for m, g in enumerate(goals) if _meets(g, e)]
        proved: dict[Claim, Theorem] = {}
        for component in strongly_connected_components((range(len(goals)), edges)):
            group = [goals[n] for n in sorted(component)]
            circle = len(group) > 1 or (component[0], component[0]) in edges
            cases = self.cases(group[0], ctx)
            if not circle and len(cases) == 1:
                try:
                    proved[group[0]] = self._direct(cases[0], ctx, known)
                except KernelError as error:
                    raise NotProved(f"{group[0].name}: {error}") from None
            elif not circle and not cases:
                raise NotProved(f"{group[0].name}: no definition of {group[0].lhs}")
            else:
                proved |= self._induct(group, ctx, known)
            for c in group:
                known.add(proved[c], c.name)
        return proved

    # -------------------------------------------------------------------------------------- by induction

    def _induct(self, group: list[Claim], ctx: Context, known: _Known) -> dict[Claim, Theorem]:
        reasons = []
        for place in range(max(c.lhs.symbol.sup for c in group)):
            for downwards in (False, True):
                try:
                    return self._induct_on(place, downwards, group, ctx, known.copy())
                except NotProved as error:
                    reasons.append(str(error))
            for last in (False, True):
                found = self._apart(place, last, group, ctx, known.copy())
                if found is not None:
                    return found
        raise NotProved(
            f"{', '.join(c.name for c in group)}: no induction found: {'; '.join(dict.fromkeys(reasons))}"
        )

    def _induct_on(
        self, place: int, downwards: bool, group: list[Claim], ctx: Context, known: _Known
    ) -> dict[Claim, Theorem]:
        before = {name: list(found) for name, found in self.arguments.items()}
        group, names = self._with_letter(place, group, ctx)
        letter = next(k for k in (c.lhs.index[place] for c in group))
        needing, needed = self._carriers(place, downwards, group, letter, ctx)
        low, high = needing[0].range_of(letter)
        alone = self._starts_alone(needing, group, letter, high if downwards else low, ctx)
        carriers = needing if alone else needed
        ranges = {c.range_of(letter) for c in carriers}
        if len(ranges) != 1:
            raise NotProved(f"the ranges of {letter} differ: {ranges}")
        ((lo, hi),) = ranges
        try:
            theorems = self._carry(carriers, group, alone, (letter, lo, hi), downwards, ctx, known)
        except (NotProved, KernelError) as error:
            self.arguments = before
            raise NotProved(str(error)) from None
        for c in carriers:
            known.add(theorems[c], c.name)
        rest = [c for c in group if c not in carriers]
        theorems |= self._solve(rest, ctx, known)
        return {old: theorems[new] for old, new in zip(names, group, strict=True)}

    def _apart(
        self, place: int, last: bool, group: list[Claim], ctx: Context, known: _Known
    ) -> dict[Claim, Theorem] | None:
        """The first value of an index apart, or the last one, where a definition speaks of it alone.

        As in a_L = z_L, a_l = phi(z_l) for l < L. None where there is no such definition.
        """
        try:
            group, names = self._with_letter(place, group, ctx)
        except NotProved:
            return None
        letter = next(k for k in (c.lhs.index[place] for c in group))
        apart: dict[Claim, Claim] = {}
        for c in group:
            lo, hi = c.range_of(letter)
            end = hi if last else lo
            alone = any(case.claim.lhs.index[place] == end for case in self.cases(c, ctx))
            if alone and _scope(ctx, c.indices).nonnegative(hi - lo - 1):
                apart[c] = c.within(letter, lo, hi - 1) if last else c.within(letter, lo + 1, hi)
        if not apart:
            return None
        before = {name: list(found) for name, found in self.arguments.items()}
        try:
            theorems = self._solve([apart.get(c, c) for c in group], ctx, known)
            for c in apart:
                lo, hi = c.range_of(letter)
                at = c.at(letter, hi if last else lo)
                with self._showing(c.name, f"{letter} = {hi if last else lo}"):
                    end = _fitted(self._solve([at], ctx, known)[at], ctx, at)
                goal = c.as_goal(letter)
                value = letter if last else letter + 1
                inside = ctx.bind(letter, lo, hi - 1)
                between = c.at(letter, value)
                scope = _scope(inside, between.indices)
                step = kernel.instantiate(theorems[apart[c]], {letter: value}, scope)
                t = kernel.induction([goal], 0, [end], [step], (letter, lo, hi), ctx, last)
                theorems[c] = _fitted(t, ctx, c)
        except (NotProved, KernelError):
            self.arguments = before
            return None
        return {old: theorems[new] for old, new in zip(names, group, strict=True)}

    def _with_letter(self, place: int, group: list[Claim], ctx: Context) -> tuple[list[Claim], list[Claim]]:
        """The claims with one and the same letter at this superscript."""
        for c in group:
            if place >= c.lhs.symbol.sup or c.lhs.index[place] not in c.own:
                raise NotProved(f"{c.lhs} has no index at superscript {place + 1}")
        letters = [c.lhs.index[place] for c in group]
        letter = letters[0]
        if letter in ctx:
            letter = fresh(ctx.taken.union(*(c.own for c in group)), (letter.name,))
        return [c.renamed(k, letter) for c, k in zip(group, letters, strict=True)], group

    def _carriers(
        self, place: int, downwards: bool, group: list[Claim], letter: Symbol, ctx: Context
    ) -> tuple[list[Claim], list[Claim]]:
        """The claims that need the step before, and those that are needed from there; refuses ways back."""
        needing: dict[Claim, None] = {}
        needed: dict[Claim, None] = {}
        for c in group:
            for case in self.cases(c, ctx):
                here = case.claim.lhs.index[place]
                for e, inner in _entries_in(case.rhs, _scope(ctx, case.claim.indices)):
                    for g in group:
                        values = _instance(g, e)
                        if values is None:
                            continue
                        back = here - values[letter] if not downwards else values[letter] - here
                        if inner.nonnegative(back - 1):
                            needing[c] = needed[g] = None
                        elif not (inner.nonnegative(back) and inner.nonnegative(-back)):
                            raise NotProved(f"{c.lhs} needs {e}, which {letter} does not lead to")
        if not needed and len(group) == 1:
            return group, group  # two cases that do not need each other
        if not needed:
            raise NotProved(f"nothing moves on with {letter}")
        return [c for c in group if c in needing], [c for c in group if c in needed]

    def _starts_alone(self, carriers: list[Claim], group: list[Claim], letter: Symbol, start: Expr,
                      ctx: Context) -> bool:  # fmt: skip
        """Whether the carriers hold at the start without the others of the group."""
        others = [c for c in group if c not in carriers]
        for c in carriers:
            if not _in_range(c, letter, start, ctx):
                return False
            for case in self.cases(c.at(letter, start), ctx):
                if any(_instance(g, e) is not None for e in _entries(case.rhs) for g in others):
                    return False
        return True

    def _carry(
        self, carriers: list[Claim], group: list[Claim], alone: bool, limits: Limits, downwards: bool,
        ctx: Context, known: _Known,
    ) -> dict[Claim, Theorem]:  # fmt: skip
        """The induction itself: the claims of the carriers, for all values of the letter.

        The others of the group are shown on the way: before the step, where the carriers start `alone` and
        are all that moves on; else at the start and after the step, for the next one.
        """
        letter, lo, hi = limits
        goals = [c.as_goal(letter) for c in carriers]
        start, there, here = (hi, letter + 1, letter) if downwards else (lo, letter, letter + 1)
        inside = ctx.bind(letter, lo, hi - 1)
        shown = [c for c in (carriers if alone else group) if _in_range(c, letter, start, ctx)]
        at_start = [c.at(letter, start) for c in shown]
        missing = [c for c in carriers if c not in shown]
        if missing:
            raise NotProved(f"{missing[0].lhs} is not claimed at {letter} = {start}")
        with self._showing(carriers[0].name, f"{letter} = {start}"):
            first = self._solve(at_start, ctx, known.copy())
        before = known.copy()
        for g in goals:
            before.add(kernel.assume(g.shift({letter: there}), inside), g.name)
        then: dict[Claim, Theorem] = {}
        if alone:
            with self._showing(carriers[0].name, f"at {there}"):
                self._solve([c.at(letter, there) for c in group if c not in carriers], inside, before)
        with self._showing(carriers[0].name, f"from {there} to {here}"):
            new = carriers if alone else [c for c in group if _in_range(c, letter, here, inside)]
            then = self._solve([c.at(letter, here) for c in new], inside, before)
        bases = [_fitted(first[c.at(letter, start)], ctx, c.at(letter, start)) for c in carriers]
        steps = [_fitted(then[c.at(letter, here)], inside, c.at(letter, here)) for c in carriers]
        found = {}
        for n, c in enumerate(carriers):
            t = kernel.induction(goals, n, bases, steps, (letter, lo, hi), ctx, downwards)
            found[c] = _fitted(t, ctx, c)
        return found

    # ------------------------------------------------------------------------------------------ directly

    def _direct(self, case: Case, ctx: Context, known: _Known) -> Theorem:
        """Unfold on the left, rewrite what is known, fold on the right."""
        c, law = case.claim, case.law
        inner = _scope(ctx, c.indices)
        chain = Chain(c.lhs, inner)
        chain.then(kernel.instantiate(law.theorem, case.values, inner), _name(law.theorem))
        _rewrite(chain, known.used_in(chain.now, inner))
        self._finish(chain)
        if chain.now != c.rhs:
            target = _Recorded(c.rhs, inner)
            if instances(target.now, law.fold, inner):
                target.rewrite(law.fold)
            self._finish(target)
            self.arrange(target)
            self._finish(target)
            chain.ring(target.now)
            for step, reason in reversed(target.steps):
                chain.then(kernel.symmetry(step), reason)
        title = f"{c.name}, {self._stage}" if self._stage else c.name
        self.arguments.setdefault(self._owner or c.name, []).append(Argument.of(title, chain))
        return chain.theorem

    @contextmanager
    def _showing(self, owner: str, stage: str) -> Iterator[None]:
        """What is shown meanwhile belongs to the outermost claim that it is shown for."""
        before = self._owner, self._stage
        self._owner = self._owner or owner
        self._stage = f"{self._stage}, {stage}" if self._stage else stage
        try:
            yield
        finally:
            self._owner, self._stage = before

    def _finish(self, chain: Chain) -> None:
        for t in self.finish:
            if instances(chain.now, t, chain.context):
                chain.rewrite(t)


class _Recorded(Chain):
    """A chain that keeps its steps, so that they can be walked backwards."""

    def __init__(self, start: Expr, ctx: Context) -> None:
        super().__init__(start, ctx)
        self.steps: list[tuple[Theorem, str]] = []

    def then(self, step: Theorem, reason: str) -> Chain:
        """Append an equation, and remember it."""
        if step.lhs != step.rhs:
            self.steps.append((step, reason))
        return super().then(step, reason)


class _Known:
    """Theorems by the tensor on their left side, each with what to call it."""

    def __init__(self, theorems: Sequence[Theorem] = ()) -> None:
        self.table: dict[TensorSymbol, list[tuple[Theorem, str]]] = {}
        for t in theorems:
            self.add(t, _name(t))

    def add(self, t: Theorem, name: str) -> None:
        """Rewrite the left side of t from now on."""
        self.table.setdefault(t.lhs.symbol, []).append((t, name))

    def copy(self) -> _Known:
        """The same, to be added to on its own."""
        new = _Known()
        new.table = {k: list(v) for k, v in self.table.items()}
        return new

    def used_in(self, e: Expr, ctx: Context) -> list[tuple[Theorem, str]]:
        """The theorems that rewrite entries of e, in the order in which they are met."""
        found: dict[Theorem, str] = {}
        for _, sub, inner in places(e, ctx):
            if isinstance(sub, Entry):
                for t, name in self.table.get(sub.symbol, ()):
                    values = match(t.lhs, sub, variables(t), {})
                    if values is not None and holding_at(t, values, inner) is not None:
                        found[t] = name
                        break
        return list(found.items())


def _rewrite(chain: Chain, theorems: Sequence[tuple[Theorem, str]]) -> None:
    for t, name in theorems:
        chain.rewrite(t, name)


def _name(t: Theorem) -> str:
    """The name of the hypothesis that a theorem is an instance of."""
    (h,) = t.hypotheses
    return h.name


def _unify(c: Claim, law: Law) -> Case | None:
    """The claim where this definition defines its left side: its own constants are put into the claim."""
    d = law.definition
    own = {k: (lo, hi) for k, lo, hi in d.indices}
    mine: dict[Symbol, Expr] = {}
    values: dict[Symbol, Expr] = {}
    for left, pattern in zip(c.lhs.index, d.lhs.index, strict=True):
        if pattern in own:
            values[pattern] = left
        elif left in c.own:
            mine[left] = pattern
        elif expand(left - pattern) != 0:
            return None
    values = {k: v.xreplace(mine) for k, v in values.items()}
    limits = []
    for k, lo, hi in c.indices:
        if k in mine:
            continue
        letters = [p for p, v in values.items() if v == k]
        lo, hi = own[letters[0]] if letters else (lo, hi)
        rule: dict[Basic, Basic] = {**values, **mine}
        limits.append((k, lo.xreplace(rule), hi.xreplace(rule)))
    claim = replace(c, lhs=c.lhs.xreplace(mine), rhs=c.rhs.xreplace(mine), indices=tuple(limits))
    return Case(claim, law, values)


def _entries(e: Expr) -> Iterator[Entry]:
    for entry, _ in _entries_in(e, EMPTY):
        yield entry


def _entries_in(e: Expr, ctx: Context) -> Iterator[tuple[Entry, Context]]:
    for _, sub, inner in places(e, ctx):
        if isinstance(sub, Entry) and sub.symbol.kind == "real":
            yield sub, inner


def _instance(c: Claim, e: Entry) -> dict[Symbol, Expr] | None:
    """The values of the claim's indices at which its left side is this entry."""
    if c.lhs.symbol != e.symbol:
        return None
    return match(c.lhs, e, c.own, {})


def _meets(c: Claim, e: Entry) -> bool:
    """Whether the claim speaks of this entry at some values of its superscripts."""
    if c.lhs.symbol != e.symbol:
        return False
    sup = e.symbol.sup
    pairs = list(zip(c.lhs.index, e.index, strict=True))
    return all(a in c.own or a == b for a, b in pairs[sup:]) and all(
        a in c.own or a == b or not expand(a - b).is_number for a, b in pairs[:sup]
    )


def _scope(ctx: Context, limits: Sequence[Limits]) -> Context:
    for limit in limits:
        ctx = ctx.bind(*limit)
    return ctx


def _in_range(c: Claim, letter: Symbol, value: Expr, ctx: Context) -> bool:
    """Whether the claim speaks of this value of the letter."""
    return ctx.within(value, *c.range_of(letter))


def _fitted(t: Theorem, ctx: Context, c: Claim) -> Theorem:
    """The theorem in the context of its claim, to the letter."""
    return kernel.instantiate(t, {}, _scope(ctx, c.indices))


__all__ = ["Claim", "Law", "NotProved", "Propagation"]
