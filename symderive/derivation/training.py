r"""training(system, optimiser): the network at every training step, w^{(t,l)}_{jk}, and what moves it.

Forward and backward definitions hold at every step t in 0..T. For gradient descent, w is trained by

    w[0, l, j, k] := w_0[l, j, k]
    w[t, l, j, k] := w[t - 1, l, j, k] - eta[t - 1] grad_w[t - 1, l, j, k]      for t in 1..T

Data carry the step too, so that each step may see other samples (any mini-batch schedule); eta and the other
numbers of an optimiser are sequences over the steps (any schedule; a number at T has no effect unless the
optimiser looks ahead); its states start at arbitrary values, which are parameters like the initial weights.
A theorem about this system is one about all of these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from sympy import Expr, Integer, Symbol
from sympy.core.basic import Basic

from symderive.calculus.atoms import Functional, ScalarFunction, TensorSymbol, fresh, size, tensor
from symderive.calculus.terms import Entry, family, index_sum
from symderive.derivation.adjoint import adjoint_symbol, patterns
from symderive.derivation.derive import derive
from symderive.derivation.optimisers import NUMBERS, STATES, Optimiser, Seen
from symderive.derivation.optimisers import optimiser as named_optimiser
from symderive.derivation.over_steps import over_steps, with_step
from symderive.errors import SymderiveError
from symderive.systems.definition import Definition, Limits
from symderive.systems.numbers import shown, whole
from symderive.systems.system import System

ZERO, ONE = Integer(0), Integer(1)


def training(system: System, optimiser: str | Optimiser = "gd", steps: str | int = "") -> System:
    r"""The system of a training run: every real tensor has the step t as its first superscript.

    - `system`: any system with parameters; its gradients are derived here.
    - `optimiser`: a name of `symderive.derivation.optimisers`, "clip + adam", or an `Optimiser`.
    - `steps`: how many, or a letter for that: T, or the next that is free where the system has a T.

    Inputs: the data, at every step, and the numbers eta_t, .. of the optimiser. Parameters: initial values,
    w_0 printed \mathring{w}, of the parameters and of the optimiser's states (v_w, printed \dot{w}). Cost:
    the last step's, C_last := C[T], so that a training run can be derived again. With an optimiser that
    looks ahead the network runs at w_ahead, printed \hat{w}.

    A number whose name the system has, as gamma of a layer norm, is called gamma_step, and printed with a bar
    over it. Raises SymderiveError where there is nothing to train, or another name or a letter is taken.

    >>> from symderive.systems import mlp
    >>> run = training(mlp(per_layer=True), "heavy_ball")
    >>> print(*run.of(run.tensor("b")), run.of(run.tensor("v_b"))[1], sep="\n")
    b[0, l, j] := b_0[l, j]  for l in 1..L, j in 1..n[l]
    b[t, l, j] := -eta[t - 1]*v_b[t, l, j] + b[t - 1, l, j]  for t in 1..T, l in 1..L, j in 1..n[l]
    v_b[t, l, j] := mu[t - 1]*v_b[t - 1, l, j] + grad_b[t - 1, l, j]  for t in 1..T, l in 1..L, j in 1..n[l]
    """
    rule = named_optimiser(optimiser) if isinstance(optimiser, str) else optimiser
    if not isinstance(rule, Optimiser) or rule.weight is None:
        raise SymderiveError(f"optimiser: expected a name or an Optimiser, found {shown(optimiser)}")
    if not isinstance(system, System):
        raise SymderiveError(f"training: expected a system, found {shown(system)}")
    if not system.parameters:
        raise SymderiveError(f"training of {system.name}: expected parameters to train, found none")
    return _Run(system, rule, steps).system()


@dataclass(frozen=True)
class _Pattern:
    """A parameter's entries that share one definition: w[l, j, k], with the entry's indices and ranges."""

    symbol: TensorSymbol
    index: tuple[Expr, ...]
    limits: tuple[Limits, ...]


class _Once:
    """The squared norm of these gradients: defined when it is first asked for, and once."""

    def __init__(
        self,
        make: Callable[[Mapping[_Pattern, Expr], int], Definition],
        gradients: Mapping[_Pattern, Expr],
        made: list[Definition],
    ) -> None:
        self.make, self.gradients, self.made = make, gradients, made
        self.own: Entry | None = None

    def __call__(self) -> Expr:
        if self.own is None:
            self.made.append(self.make(self.gradients, len(self.made)))
            self.own = self.made[-1].lhs
        return self.own


class _Run:
    def __init__(self, base: System, rule: Optimiser, steps: str | int) -> None:
        self.base, self.rule = base, rule
        used = _symbols(base)
        self.last = _last(steps, used)
        letters = {Symbol(c) for t in _tensors(base) for c in t.letters}
        self.t = fresh(used | letters | {Symbol(str(self.last))}, ("t", "u", "r"))
        self.new: list[TensorSymbol] = []  # names that the optimiser brings
        self.counts: list[Symbol] = []
        self.taken = _names(base)
        self.many = {name: self._count(letter, used) for name, letter in rule.many.items()}
        self.place = fresh(used | letters | {self.t}, ("r", "q"))
        self.at = {p: self._made(f"{p.name}_ahead", p, "hat") for p in base.parameters if rule.ahead}
        self.run = _renamed(base, self.at)
        derived = derive(self.run).as_system()
        definitions, made = over_steps(derived.definitions, self.t, self.last)
        self.definitions, self.made = definitions, made
        self.patterns = [_Pattern(p, e.index, r) for p in base.parameters for e, r in patterns(base, p)]
        self.weights = {p: self._timed(p) for p in base.parameters}
        self.states = {(p, s): self._state(p, s) for p in base.parameters for s in rule.states}
        self.numbers = {name: self._number(name) for name in rule.numbers}
        self.starts = [self._start(p, p) for p in base.parameters]
        self.starts += [self._start(s, p) for (p, _), s in self.states.items()]

    # ------------------------------------------------------------------------------------------- names

    def _made(self, name: str, like: TensorSymbol, mark: str) -> TensorSymbol:
        t = like.derived(name, latex_name=rf"\{mark}{{{like.latex_name}}}")
        self.new.append(t)
        return t

    def _count(self, letter: str, used: set[Basic]) -> Symbol:
        """A size of this letter, or of the next one that is free."""
        taken = {str(s) for s in (*used, self.last, *self.counts)}
        free = next(c for c in (letter, *"RKSPQMDHVUZ") if c not in taken)
        self.counts.append(size(free))
        return self.counts[-1]

    def _timed(self, t: TensorSymbol) -> TensorSymbol:
        return self.made.get(t) or with_step(t, self.t, self.last)

    def _data(self, x: TensorSymbol) -> TensorSymbol:
        return self._timed(x) if x.kind == "real" else x

    def _state(self, p: TensorSymbol, name: str) -> TensorSymbol:
        """The state of each entry of p; of many states the last index is the number of the state."""
        t = self._made(f"{name}_{p.name}", p, STATES.get(name, "check"))
        if name in self.many:
            axes = (*t.axes, (ONE, self.many[name]))
            t = t.derived(t.name, latex_name=t.latex_name, axes=axes, letters=(*t.letters, self.place.name))
            self.new[-1] = t
        return with_step(t, self.t, self.last)

    def _number(self, name: str) -> TensorSymbol:
        axes: list[Limits] = [(self.t, ZERO, self.last)]
        if name in self.many:
            axes.append((self.place, ONE, self.many[name]))
        latex = NUMBERS.get(name, name)
        if {name, latex} & self.taken:
            name, latex = f"{name}_step", rf"\overline{{{latex}}}"
        self.new.append(tensor(name, *axes, latex=latex))
        return self.new[-1]

    def _start(self, t: TensorSymbol, p: TensorSymbol) -> TensorSymbol:
        plain = t if t is p else next(s for s in self.new if s.name == t.name)
        return self._made(f"{t.name}_0", plain, "mathring")

    # ------------------------------------------------------------------------------------- definitions

    def system(self) -> System:
        """The whole run as one system."""
        base, rule = self.base, self.rule
        updates = list(self._updates())
        cost = self.made[base.cost]
        last = self._made(f"{base.cost.name}_last", base.cost, "hat")
        end = Definition(last(), cost[self.last], (), "cost of the last step")
        functions: list[ScalarFunction | Functional] = [a.function for a in rule.activations]
        functions += [f.functional for f in rule.formulas]
        starts = [self._at(n, p, ZERO) for n, p in self._trained()]
        self._check_names([*self.new, *functions])
        definitions = (*starts, *self.definitions, *updates, end)
        inputs = (*map(self._data, base.inputs), *self.numbers.values())
        known = (*inputs, *self.starts, *dict.fromkeys(d.symbol for d in definitions))
        return System(
            name=f"{base.name}, trained by {rule.name}",
            inputs=inputs,
            parameters=tuple(self.starts),
            definitions=definitions,
            cost=last,
            sizes=base.sizes,
            activations={**base.activations, **{a.function: a for a in rule.activations}},
            costs=base.costs,
            formulas={**base.formulas, **{f.functional: f for f in rule.formulas}},
            inlined=frozenset(t for old, t in self.made.items() if old in self.run.inlined),
            adjoints={t: _mark(t, last) for t in known},
        )

    def _trained(self) -> Iterator[tuple[TensorSymbol, _Pattern]]:
        """Each tensor with a step of its own, by the patterns of its parameter."""
        for p in self.patterns:
            yield self.weights[p.symbol], p
        for p in self.patterns:
            for name in self.rule.states:
                yield self.states[p.symbol, name], p

    def _at(self, t: TensorSymbol, p: _Pattern, step: Expr) -> Definition:
        """The value at step 0 is the initial one."""
        start = next(s for s in self.starts if s.name == f"{t.name}_0")
        more = self._more(t, p)
        index = (*p.index, *(k for k, _, _ in more))
        return Definition(t[(step, *index)], start[index], (*p.limits, *more), f"initial {t.name}")

    def _more(self, t: TensorSymbol, p: _Pattern) -> tuple[Limits, ...]:
        """The range of the number of a state, where there are many."""
        if t.rank == p.symbol.rank + 1:
            return ()
        return ((self.place, ONE, t.axes[-1][1]),)

    def _updates(self) -> Iterator[Definition]:
        t, rule = self.t, self.rule
        gradients = {p: self._gradient(p) for p in self.patterns}
        norms: list[Definition] = []
        for change in rule.gradient:
            norm = _Once(self._squares, gradients, norms)
            gradients = {p: change(self._seen(p, g, norm)) for p, g in gradients.items()}
        yield from norms
        if rule.ahead:
            for p in self.patterns:
                ahead = self.made[self.at[p.symbol]][(t, *p.index)]
                limits = ((t, ZERO, self.last), *p.limits)
                yield Definition(ahead, rule.ahead(self._seen(p, ZERO)), limits, "where the network runs")
        for p, g in gradients.items():
            seen = self._seen(p, g)
            assert rule.weight
            value = rule.weight(seen) + sum((a(seen) for a in rule.added), ZERO)
            yield self._update(self.weights[p.symbol], p, value)
            for name, change in rule.states.items():
                yield self._update(self.states[p.symbol, name], p, change(seen))

    def _update(self, t: TensorSymbol, p: _Pattern, value: Expr) -> Definition:
        """From t - 1 to t: the rule leads from t to t + 1, and left sides are plain."""
        more = self._more(t, p)
        index = (*p.index, *(k for k, _, _ in more))
        rhs = value.xreplace({self.t: self.t - 1})
        return Definition(
            t[(self.t, *index)], rhs, ((self.t, ONE, self.last), *p.limits, *more), f"update of {t.name}"
        )

    def _gradient(self, p: _Pattern) -> Expr:
        of = self.at.get(p.symbol, p.symbol)
        return self.made[adjoint_symbol(self.run, of)][(self.t, *p.index)]

    def _squares(self, gradients: Mapping[_Pattern, Expr], number: int) -> Definition:
        """nu[t] := sum of g^2 over all entries, at every step."""
        n = tensor(f"nu{number}" if number else "nu", latex=None if number else r"\nu")
        self.new.append(n)
        total = sum((index_sum(g**2, *p.limits) for p, g in gradients.items()), ZERO)
        lhs = with_step(n, self.t, self.last)[self.t]
        return Definition(lhs, total, ((self.t, ZERO, self.last),), "squared norm of the gradient")

    def _seen(self, p: _Pattern, g: Expr, squares: Callable[[], Expr] = lambda: ZERO) -> Seen:
        t, w = self.t, self.weights[p.symbol]
        ahead = self.made[self.at[p.symbol]][(t, *p.index)] if self.at else w[(t, *p.index)]
        return Seen(
            w=w[(t, *p.index)],
            at=ahead,
            g=g,
            old={s: self._value(self.states[p.symbol, s], t, p) for s in self.rule.states},
            new={s: self._value(self.states[p.symbol, s], t + 1, p) for s in self.rule.states},
            number={s: self._listed(n, t) for s, n in self.numbers.items()},
            squares=squares,
            place=self.place if self.many else ZERO,
        )

    def _value(self, s: TensorSymbol, step: Expr, p: _Pattern) -> Expr:
        more = self._more(s, p)
        entry = s[(step, *p.index, *(k for k, _, _ in more))]
        return family(entry, *more) if more else entry

    def _listed(self, n: TensorSymbol, step: Expr) -> Expr:
        if n.rank == 1:
            return n[step]
        return family(n[step, self.place], (self.place, ONE, n.axes[-1][1]))

    def _check_names(self, new: Iterable[Basic]) -> None:
        """What the optimiser brings is told apart from what the system has."""
        taken = set(self.taken)
        for thing in new:
            name, latex = _written(thing)
            if {name, latex} & taken:
                raise SymderiveError(
                    f"training by {self.rule.name}: expected the name {name} to be free, "
                    f"found it in {self.base.name}"
                )
            taken |= {name, latex}


def _last(steps: str | int, used: set[Basic]) -> Expr:
    """The number of the last step."""
    if not isinstance(steps, str):
        return Integer(whole(steps, "steps"))
    if not steps:
        taken = {str(s) for s in used}
        steps = next((c for c in "TSUNMKPQRDHVWXYZ" if c not in taken), "T")
    if len(steps) != 1 or not ("A" <= steps <= "Z") or any(str(s) == steps for s in used):
        raise SymderiveError(
            f"steps: expected a number or a capital letter that the system does not use, found {shown(steps)}"
        )
    return size(steps)


def _tensors(system: System) -> tuple[TensorSymbol, ...]:
    """The real tensors of a system, its widths and permutations, and the derivatives that it will have."""
    known = (*system.inputs, *system.parameters, *system.defined)
    others = {e.symbol for term in system.terms() for e in term.atoms(Entry)} - set(known)
    gradients = (adjoint_symbol(system, t) for t in known)
    return (*known, *sorted(others, key=lambda t: t.name), *gradients)


def _symbols(system: System) -> set[Basic]:
    """Sizes, indices and tensors that occur anywhere in the system."""
    found: set[Basic] = set()
    for d in system.definitions:
        for e in (d.lhs, d.rhs, *(x for limit in d.indices for x in limit)):
            found |= e.free_symbols
    for t in _tensors(system):
        found |= {t} | {s for axis in t.axes for end in axis for s in end.free_symbols}
    return found


def _renamed(system: System, names: Mapping[TensorSymbol, TensorSymbol]) -> System:
    """The system with other names for its parameters."""
    if not names:
        return system
    rule = dict(names)
    return replace(
        system,
        parameters=tuple(rule.get(p, p) for p in system.parameters),
        definitions=tuple(d.subs(rule) for d in system.definitions),
        adjoints={rule.get(t, t): bar for t, bar in system.adjoints.items()},
        inlined=frozenset(rule.get(t, t) for t in system.inlined),
    )


def _mark(t: TensorSymbol, cost: TensorSymbol) -> TensorSymbol:
    """The name of the derivative of the last cost by t."""
    return t.gradient(cost.latex_name).derived(
        f"grad_{cost.name}_{t.name}", latex_name=t.latex_name, kind="real"
    )


def _names(system: System) -> set[str]:
    """All names that the system, or its derivation, writes."""
    known = (*_symbols(system), *_tensors(system), *system.functions(), *system.functionals())
    return {n for x in known if x not in system.sizes for n in _written(x)}


def _written(x: Basic) -> tuple[str, str]:
    style = getattr(x, "style", "plain")
    latex = str(getattr(x, "latex_name", x))
    return str(getattr(x, "name", x)), latex if style == "plain" else f"{style} {latex}"
