"""The definitions of a system at every training step: T[l, j] becomes T[t, l, j] for t in 0..T."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sympy import Expr, Symbol

from symderive.calculus.atoms import Slot, TensorSymbol
from symderive.calculus.binding import require_closed
from symderive.calculus.terms import Binder, Entry
from symderive.systems.definition import Definition


def over_steps(
    definitions: Iterable[Definition], step: Symbol, last: Expr, constant: Iterable[TensorSymbol] = ()
) -> tuple[list[Definition], dict[TensorSymbol, TensorSymbol]]:
    """The definitions at every training step t = 0..T: each tensor gets t as its first superscript.

    `constant` tensors keep their shape. Returns the definitions, and which tensor became which.

    >>> from symderive.calculus import indices, size, tensor
    >>> j, t = indices("j t"); x, y = tensor("x", (j, 1, 3)), tensor("y", (j, 1, 3))
    >>> definitions, _ = over_steps([Definition(y[j], 2 * x[j], ((j, 1, 3),))], t, size("T"))
    >>> print(definitions[0])
    y[t, j] := 2*x[t, j]  for t in 0..T, j in 1..3
    """
    fixed = set(constant)
    made: dict[TensorSymbol, TensorSymbol] = {}

    def timed(t: TensorSymbol) -> TensorSymbol:
        if t not in made:
            made[t] = with_step(t, step, last)
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


def with_step(t: TensorSymbol, step: Symbol, last: Expr) -> TensorSymbol:
    """The tensor with the training step, 0..last, as its first superscript.

    >>> from symderive.calculus import indices, size, tensor
    >>> j, t = indices("j t"); with_step(tensor("w", (j, 1, 3)), t, size("T")).axes
    ((0, T), (1, 3))
    """
    shift: dict[Expr, Expr] = {Slot(p): Slot(p + 1) for p in range(t.rank)}
    axes = ((last * 0, last), *((lo.xreplace(shift), hi.xreplace(shift)) for lo, hi in t.axes))
    return t.derived(
        t.name, axes=axes, sup=t.sup + 1, letters=(step.name, *t.letters), latex_name=t.latex_name
    )
