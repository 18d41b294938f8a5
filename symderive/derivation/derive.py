r"""derive(system): the deltas and gradients of the cost, as definitions with their steps.

For the fully connected network of symbolic depth this yields, from its two layer equations,

    BP1  delta^L_j = dC/da^L_j sigma'(z^L_j)          BP2  delta^l_j = sigma'(z^l_j) sum_k w^{l+1}_{kj} delta^{l+1}_k
    BP3  dC/dw^l_{jk} = a^{l-1}_k delta^l_j           BP4  dC/db^l_j = delta^l_j
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sympy import Expr, Integer

from symderive.calculus.atoms import TensorSymbol
from symderive.calculus.terms import Entry
from symderive.derivation.adjoint import Adjoint, Uses, adjoint_symbol, inline, patterns, raw_adjoint, split
from symderive.derivation.steps import Step
from symderive.errors import SymderiveError
from symderive.systems.system import Definition, System


@dataclass(frozen=True)
class Derivation:
    """The derived definitions of a system, and for each the steps that led to it.

    >>> from symderive.systems import mlp
    >>> for d in derive(mlp()).definitions: print(d.lhs, "=", d.rhs)
    delta[L, j] = cost_1[j](family(a[L, j], j=1..n[L]), family(y[j], j=1..n[L]))*sigma'(z[L, j])
    delta[l, j] = (sum(delta[l + 1, k]*w[l + 1, k, j], k=1..n[l + 1]))*sigma'(z[l, j])
    grad_w[l, j, k] = a[l - 1, k]*delta[l, j]
    grad_b[l, j] = delta[l, j]
    """

    system: System
    definitions: tuple[Definition, ...]
    steps: Mapping[Definition, tuple[Step, ...]]
    auxiliary: tuple[Definition, ...] = ()
    r"""The inlined derivatives, such as \bar a = dC/da, that the steps use and the definitions do not."""

    def of(self, t: TensorSymbol) -> tuple[Definition, ...]:
        """The definitions of the derivative by the tensor t."""
        bar = adjoint_symbol(self.system, t)
        return tuple(d for d in self.definitions if d.symbol == bar)

    def delta(self, *layer: Expr | int) -> tuple[Definition, ...]:
        """The derivative by the weighted input z, of all layers or of one."""
        return self._at(self.of(self.system.tensor("z")), layer)

    def gradient(self, name: str, *layer: Expr | int) -> tuple[Definition, ...]:
        """The derivative by the parameter or input of this name, of all layers or of one."""
        t = self.system.tensor(name)
        found = self.of(t)
        if not found:
            raise SymderiveError(f"the derivative by {name!r} was not derived: name it in `wrt`")
        return self._at(found, layer)

    def _at(self, found: tuple[Definition, ...], layer: tuple[Expr | int, ...]) -> tuple[Definition, ...]:
        if not layer:
            return found
        values = tuple(Integer(v) if isinstance(v, int) else v for v in layer)
        result = []
        for d in found:
            head = d.lhs.index[: len(values)]
            if head == values:
                result.append(d)
            elif all(h in d.context for h in head):
                rule = dict(zip(head, values, strict=True))
                if all(d.context[h][0] <= v for h, v in rule.items() if d.context[h][0].is_number and v.is_number):
                    result.append(replace(d.subs(rule), indices=tuple(
                        (k, lo.xreplace(rule), hi.xreplace(rule)) for k, lo, hi in d.indices if k not in rule
                    )))
        if not result:
            raise SymderiveError(f"no definition for layer {', '.join(map(str, values))}")
        return tuple(result)

    def as_system(self, objective: Definition | None = None, name: str = "") -> System:
        """Forward and backward definitions as one system, to be evaluated or derived again.

        Its cost is the given scalar definition over them, such as a directional derivative
        sum_{jk} v_{jk} dC/dw_{jk}, whose derivatives are Hessian-vector products; else the old cost.
        """
        base = self.system
        known = {t.name for t in (*base.inputs, *base.parameters, *base.defined)}
        extra: tuple[TensorSymbol, ...] = ()
        definitions = base.definitions + self.definitions
        if objective is not None:
            named = set(base.inputs) | set(base.parameters) | {d.symbol for d in definitions}
            new = {e.symbol for e in objective.rhs.atoms(Entry) if e.symbol.kind == "real"} - named
            if any(t.name in known for t in new):
                raise SymderiveError("objective: a new tensor has the name of an old one")
            extra = tuple(sorted(new, key=lambda t: t.name))
            definitions += (objective,)
        return replace(
            base,
            name=name or f"{base.name}, with derivatives",
            inputs=base.inputs + extra,
            definitions=definitions,
            cost=base.cost if objective is None else objective.symbol,
            adjoints={} if objective is not None else base.adjoints,
            inlined=frozenset() if objective is not None else base.inlined,
        )


def derive(system: System, wrt: tuple[TensorSymbol, ...] | None = None) -> Derivation:
    """Differentiate the cost by every parameter (or by `wrt`), in reverse, through all definitions.

    The cost of this does not depend on the widths, and grows linearly with a numeric depth.
    """
    targets = system.parameters if wrt is None else wrt
    uses = Uses(system)
    raw: dict[TensorSymbol, list[Adjoint]] = {}

    def of(t: TensorSymbol) -> list[Adjoint]:
        bar = adjoint_symbol(system, t)
        if bar not in raw:
            raw[bar] = [raw_adjoint(system, e, limits, uses) for e, limits in patterns(system, t)]
        return raw[bar]

    needed = _needed(system, targets)
    for t in needed:
        of(t)
    inlined = {adjoint_symbol(system, t): raw[adjoint_symbol(system, t)] for t in needed if t in system.inlined}
    found: dict[Definition, tuple[Step, ...]] = {}
    shown = [t for t in reversed(system.defined) if t in needed and t not in system.inlined]
    for t in (*shown, *(t for t in targets if t not in shown)):
        for a in reversed(of(t)) if t in shown else of(t):
            for d, steps in split(inline(a, inlined)):
                found[d] = steps
    auxiliary = tuple(Definition(a.lhs, a.rhs, a.indices) for ts in inlined.values() for a in ts)
    return Derivation(system, tuple(found), found, auxiliary)


def _needed(system: System, targets: tuple[TensorSymbol, ...]) -> list[TensorSymbol]:
    """The tensors whose adjoints the targets need: the targets and what is computed from them."""
    needed = list(targets)
    growing = True
    while growing:
        growing = False
        for d in system.definitions:
            if d.symbol != system.cost and d.symbol not in needed and d.rhs.free_symbols & set(needed):
                needed.append(d.symbol)
                growing = True
    return needed
