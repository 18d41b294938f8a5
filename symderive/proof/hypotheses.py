r"""What a theorem about a system assumes: its definitions, as named hypotheses; copies with other names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sympy import Expr, Symbol

from symderive.calculus.atoms import TensorSymbol
from symderive.calculus.binding import require_closed
from symderive.calculus.terms import Binder, Entry
from symderive.proof.kernel import Hypothesis
from symderive.systems.system import Definition


def as_hypothesis(d: Definition, name: str = "") -> Hypothesis:
    """A definition as a hypothesis: for all its indices, lhs = rhs."""
    return Hypothesis(name or f"definition of {d.lhs}", d.lhs, d.rhs, d.indices, "definition")


def rename(e: Expr, names: dict[TensorSymbol, TensorSymbol]) -> Expr:
    """The term with other tensors of the same shape."""
    return e.xreplace(dict(names))


def renamed(d: Definition, names: dict[TensorSymbol, TensorSymbol]) -> Definition:
    """The definition with other tensors of the same shape."""
    return replace(d, lhs=rename(d.lhs, names), rhs=rename(d.rhs, names))


def marked(t: TensorSymbol, mark: str = "tilde") -> TensorSymbol:
    r"""\tilde{T}: a tensor of the same shape for a second network.

    >>> from symderive.calculus import indices, tensor
    >>> j, = indices("j"); marked(tensor("w", (j, 1, 3))).latex_name
    '\\tilde{w}'
    """
    return t.derived(f"{t.name}_{mark}", latex_name=rf"\{mark}{{{t.latex_name}}}")


def over_steps(
    definitions: Iterable[Definition], step: Symbol, last: Expr, constant: Iterable[TensorSymbol] = ()
) -> tuple[list[Definition], dict[TensorSymbol, TensorSymbol]]:
    """The definitions at every training step t = 0..T: each tensor gets t as its first superscript.

    `constant` tensors keep their shape. Returns the definitions, and which tensor became which.
    """
    fixed = set(constant)
    made: dict[TensorSymbol, TensorSymbol] = {}

    def timed(t: TensorSymbol) -> TensorSymbol:
        if t not in made:
            made[t] = _with_step(t, step, last)
        return made[t]

    def go(e: Expr) -> Expr:
        if isinstance(e, Entry) and e.symbol.kind == "real" and e.symbol not in fixed:
            return timed(e.symbol)[(step, *map(go, e.index))]
        if isinstance(e, Binder):
            k, body = e.unbind({step})
            return e.func(go(body), (k, go(e.lo), go(e.hi)))
        if not e.args:
            return e
        return e.func(*(go(a) if isinstance(a, Expr) else a for a in e.args))

    found = []
    for d in definitions:
        require_closed(d.lhs, d.rhs)
        found.append(replace(d, lhs=go(d.lhs), rhs=go(d.rhs), indices=((step, last * 0, last), *d.indices)))
    return found, made


def _with_step(t: TensorSymbol, step: Symbol, last: Expr) -> TensorSymbol:
    from symderive.calculus.atoms import Slot

    shift: dict[Expr, Expr] = {Slot(p): Slot(p + 1) for p in range(t.rank)}
    axes = ((last * 0, last), *((lo.xreplace(shift), hi.xreplace(shift)) for lo, hi in t.axes))
    return t.derived(
        t.name, axes=axes, sup=t.sup + 1, letters=(step.name, *t.letters), latex_name=t.latex_name
    )
