r"""derive(system): the deltas and gradients of the cost, as definitions with their steps.

For the fully connected network of symbolic depth this yields, from its two layer equations,

    BP1  delta^L_j = dC/da^L_j sigma'(z^L_j)
    BP2  delta^l_j = sigma'(z^l_j) sum_k w^{l+1}_{kj} delta^{l+1}_k
    BP3  dC/dw^l_{jk} = a^{l-1}_k delta^l_j
    BP4  dC/db^l_j = delta^l_j
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sympy import Expr
from sympy.utilities.iterables import strongly_connected_components

from symderive.calculus.atoms import TensorSymbol
from symderive.calculus.terms import Entry
from symderive.derivation.adjoint import Adjoint, Uses, adjoint_symbol, inline, patterns
from symderive.derivation.alike import Adjoints
from symderive.derivation.cases import split
from symderive.derivation.steps import Step
from symderive.displayed import Displayed
from symderive.errors import SymderiveError
from symderive.systems.coverage import conditions, fails, holds
from symderive.systems.definition import Definition
from symderive.systems.lookup import Lookup
from symderive.systems.numbers import shown, size_of
from symderive.systems.scope import Scope
from symderive.systems.system import System

if TYPE_CHECKING:
    from symderive.compilation import Compiled


@dataclass(frozen=True, repr=False)
class Derivation(Displayed):
    """The derived definitions of a system, and for each the steps that led to it.

    `auxiliary` are derivatives that were put in where they are used (of a system's `inlined` tensors); they
    have steps too, and are not among the definitions.

    >>> from symderive.systems import mlp
    >>> [str(d.lhs) for d in derive(mlp()).definitions]
    ['delta[L, j]', 'delta[l, j]', 'grad_w[l, j, k]', 'grad_b[l, j]']
    >>> print(derive(mlp()).gradient("w")[0])
    grad_w[l, j, k] := a[l - 1, k]*delta[l, j]  for l in 1..L, j in 1..n[l], k in 1..n[l - 1]
    """

    system: System
    definitions: tuple[Definition, ...]
    steps: Mapping[Definition, Sequence[Step]]
    auxiliary: tuple[Definition, ...] = ()

    def of(self, t: TensorSymbol) -> tuple[Definition, ...]:
        """The definitions of the derivative by the tensor t.

        >>> from symderive.systems import mlp
        >>> net = mlp(); print(derive(net).of(net.tensor("b"))[0])
        grad_b[l, j] := delta[l, j]  for l in 1..L, j in 1..n[l]
        """
        bar = adjoint_symbol(self.system, t)
        return tuple(d for d in (*self.definitions, *self.auxiliary) if d.symbol == bar)

    def delta(self, *layer: Expr | int) -> tuple[Definition, ...]:
        """The derivative by the weighted input z, of all layers or of one.

        >>> from symderive.systems import mlp
        >>> [str(d.lhs) for d in derive(mlp(depth=3)).delta(2)]
        ['delta[2, j]']
        """
        return self.gradient("z", *layer)

    def gradient(self, name: str, *layer: Expr | int) -> tuple[Definition, ...]:
        """The derivative by the tensor of this name, of all layers (or times) or of one.

        For a layer l of a symbolic depth it is that of the general layer, which l must be: the name of the
        definition says what this supposes. Raises SymderiveError where there is no such derivative.

        >>> from symderive.systems import mlp
        >>> print(derive(mlp(depth=2)).gradient("w", 2)[0])
        grad_w[2, j, k] := a[1, k]*delta[2, j]  for j in 1..n[2], k in 1..n[1]
        >>> derive(mlp()).gradient("z", 2)[0].name
        '2 <= L - 1'
        """
        t = self.system.tensor(name)
        found = self.of(t)
        if not found:
            raise SymderiveError(f"{name}: expected a tensor that wrt names or one after it, found neither")
        if len(layer) > t.sup:
            raise SymderiveError(f"{name}: expected at most {t.sup} superscripts, found {len(layer)}")
        if not layer:
            return found
        values = tuple(size_of(v) for v in layer)
        at = [r for d in found if (r := _at(d, values)) is not None]
        sure = [d for d in at if not d.name]
        if not at:
            raise SymderiveError(
                f"{name}: expected superscripts in their ranges, found {', '.join(map(str, values))}"
            )
        return tuple(sure or at)

    def as_system(self, objective: Definition | None = None, name: str = "") -> System:
        """Forward and backward definitions as one system, to be evaluated or derived again.

        Its cost is the given scalar definition over them, such as a directional derivative
        sum_{jk} v_{jk} dC/dw_{jk}, whose derivatives are Hessian-vector products; else the old cost.
        Tensors of the objective that the system does not know are inputs.

        >>> from symderive.systems import mlp
        >>> derive(mlp()).as_system().defined
        (a, z, C, delta, grad_w, grad_b)
        """
        base = self.system
        definitions = base.definitions + self.definitions
        title = name or f"{base.name}, with derivatives"
        if objective is None:
            return replace(base, name=title, definitions=definitions)
        known = {t.name: t for t in (*base.inputs, *base.parameters, *(d.symbol for d in definitions))}
        used = {e.symbol for e in objective.rhs.atoms(Entry) if e.symbol.kind == "real"}
        for t in (objective.symbol, *used):
            if known.get(t.name, t) != t or objective.symbol.name in known:
                raise SymderiveError(f"objective: expected new tensors to have new names, found {t.name}")
        extra = tuple(sorted(used - set(known.values()), key=lambda t: t.name))
        missing = [t for t in known.values() if adjoint_symbol(base, t) in extra]
        if missing:
            name = missing[0].name
            raise SymderiveError(
                f"objective: expected derivatives that were derived, found that by {name}: name it in wrt"
            )
        cost = objective.symbol
        # \bar T and dC/dT are taken: the derivatives of the objective say of what they are
        marks = {
            t: t.gradient(cost.latex_name).derived(
                f"grad_{cost.name}_{t.name}", latex_name=t.latex_name, kind="real"
            )
            for t in (*known.values(), *extra)
        }
        gradients = {adjoint_symbol(base, t) for t in base.parameters}
        return replace(
            base,
            name=title,
            inputs=base.inputs + extra,
            definitions=(*definitions, objective),
            cost=cost,
            adjoints=marks,
            inlined=base.inlined | (gradients & set(known.values())),
        )

    def compile(self, sizes: Any = None, **options: Any) -> Compiled:
        """A NumPy function of the arrays: the cost and its derivatives, and Hessian-vector products.

        See `symderive.compilation.compile_derivation` for `sizes` and the options batch, wrt and notation.

        >>> from symderive.systems import mlp
        >>> net = mlp(widths=[1, 1], activation="identity", cost="squared_error")
        >>> grad = derive(net).compile()
        >>> cost, gradients = grad(w=[[[3.0]]], b=[[0.0]], x=[1.0], y=[1.0])
        >>> cost, gradients["w"][0].tolist()
        (2.0, [[2.0]])
        """
        from symderive.compilation import compile_derivation

        return compile_derivation(self, sizes, **options)

    def to_python(self, sizes: Any = None, **options: Any) -> str:
        """The source of that function, with the equations as comments; it needs NumPy alone.

        The options are those of `compile`, and `hessian=True` for the Hessian-vector product too.

        >>> from symderive.systems import mlp
        >>> text = derive(mlp(depth=1, activation="tanh", cost="squared_error")).to_python()
        >>> print(next(line for line in text.splitlines() if "np.tanh" in line).strip())
        a_1 = np.tanh(z_1, out=buffer_0)
        """
        from symderive.compilation import python_source

        return python_source(self, sizes, **options)

    def unrolled(self, sizes: Any = None) -> Any:
        """Straight-line code in numbers for a small network: see `symderive.compilation.unroll`.

        >>> from symderive.derivation import derive
        >>> from symderive.systems import mlp
        >>> net = mlp(widths=[2, 1], activation="identity", cost="squared_error")
        >>> derive(net).unrolled()(w=[[[1.0, 2.0]]], b=[[0.0]], x=[1.0, 1.0], y=[1.0])
        (2.0, {'w': [[[2.0, 2.0]]], 'b': [[2.0]]})
        """
        from symderive.compilation import unroll

        return unroll(self, sizes)


def _at(d: Definition, values: Sequence[Expr]) -> Definition | None:
    """The definition at these superscripts, if it may apply; its name says what has to hold for that."""
    entry = d.symbol[(*values, *d.lhs.index[len(values) :])]
    if entry == d.lhs:
        return d
    wanted = conditions(d, entry)[: len(values)]
    scope = Scope(d.context)
    if fails(scope, wanted) or any(lo == hi for v, lo, hi in wanted if v != lo):
        return None
    rule = dict(zip(d.lhs.index, values, strict=False))
    open_ends = [f"{v} <= {hi}" for v, lo, hi in wanted if not holds(scope, [(v, lo, hi)])]
    limits = tuple((k, lo.xreplace(rule), hi.xreplace(rule)) for k, lo, hi in d.indices if k not in rule)
    return Definition(entry, d.rhs.xreplace(rule), limits, " and ".join(open_ends))


def derive(system: System, wrt: Iterable[TensorSymbol | str] | None = None) -> Derivation:
    """Differentiate the cost by every parameter (or by `wrt`), in reverse, through all definitions.

    The time that this takes does not depend on the widths, and grows linearly with a numeric depth.
    Raises SymderiveError for a tensor that the system does not have.

    >>> from symderive.systems import mlp
    >>> print(derive(mlp(), wrt=["x"]).gradient("x")[0])
    grad_x[j] := sum(delta[1, k]*w[1, k, j], k=1..n[1])  for j in 1..n[0]
    """
    if not isinstance(system, System):
        raise SymderiveError(f"derive: expected a system, such as symderive.mlp(), found {shown(system)}")
    targets = _targets(system, wrt)
    before, after = _before_cost(system), _after(system, targets)
    adjoints = Adjoints(system, Uses(before))
    raw: dict[TensorSymbol, list[Adjoint]] = {t: [] for t in targets}
    for t in targets:
        raw[t] = [adjoints.of(e, limits) for e, limits in patterns(system, t)]
    for d in before:
        if d in after and d.symbol != system.cost and d.symbol not in targets:
            raw.setdefault(d.symbol, []).append(adjoints.of(d.lhs, d.indices))
    put_in = _inlined(system, raw)
    known: Lookup[Definition] = Lookup(())
    auxiliary: list[Definition] = []
    steps: dict[Definition, Sequence[Step]] = {}
    for t in put_in:
        raw[t] = [inline(a, known) for a in raw[t]]
        auxiliary += [a.definition for a in raw[t]]
        steps |= {a.definition: a.steps for a in raw[t]}
        known = Lookup(auxiliary)
    found: dict[Definition, Sequence[Step]] = {}
    backwards = [t for t in reversed(system.defined) if t in raw and t not in put_in]
    for t in (*backwards, *(t for t in targets if t not in backwards and t not in put_in)):
        for a in reversed(raw[t]) if t in backwards else raw[t]:
            found |= split(inline(a, known))
    return Derivation(system, tuple(found), {**found, **steps}, tuple(auxiliary))


def _targets(system: System, wrt: Iterable[TensorSymbol | str] | None) -> tuple[TensorSymbol, ...]:
    if wrt is None:
        return system.parameters
    if isinstance(wrt, str | TensorSymbol):
        raise SymderiveError(f"wrt: expected a list of tensors or their names, found {shown(wrt)}")
    found = tuple(system.tensor(t.name if isinstance(t, TensorSymbol) else t) for t in wrt)
    return tuple(dict.fromkeys(found))


def _before_cost(system: System) -> list[Definition]:
    """The definitions that the cost is computed from, and its own, in their order."""
    waiting = list(system.of(system.cost))
    found = set(waiting)
    while waiting:
        d = waiting.pop()
        for e in d.rhs.atoms(Entry):
            new = set(system.lookup.candidates(e)) - found
            found |= new
            waiting += new
    return [d for d in system.definitions if d in found]


def _after(system: System, targets: Sequence[TensorSymbol]) -> set[Definition]:
    """The definitions whose values depend on the targets."""
    uses = Uses(system.definitions)
    waiting = [d for t in targets for d in uses.of_tensor(t)]
    found = set(waiting)
    while waiting:
        new = set(uses.of(waiting.pop().lhs)) - found
        found |= new
        waiting += new
    return found


def _inlined(system: System, raw: Mapping[TensorSymbol, Sequence[Adjoint]]) -> list[TensorSymbol]:
    """The tensors to inline, each after those whose adjoints its own uses; none that leads back to itself."""
    bars = {adjoint_symbol(system, t): t for t in raw if t in system.inlined}
    edges = [
        (t, bars[e.symbol])
        for t in bars.values()
        for a in raw[t]
        for e in a.definition.rhs.atoms(Entry)
        if e.symbol in bars
    ]
    order = strongly_connected_components((list(bars.values()), edges))
    return [c[0] for c in order if len(c) == 1 and (c[0], c[0]) not in edges]
