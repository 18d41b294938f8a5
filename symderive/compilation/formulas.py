"""What functions stand for, put in: tanh'(z) becomes 1 - tanh(z)^2; those with a kink stay, for masks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sympy import Dummy, Expr, Integer
from sympy.core.basic import Basic

from symderive.calculus.terms import Applied, Binder, Entry, FunctionalValue
from symderive.systems.activations import Activation, X
from symderive.systems.formulas import Formula


def written_out(e: Expr, activations: Mapping[Any, Activation], formulas: Mapping[Any, Formula]) -> Expr:
    """The term with the formulas of its smooth activations, and of its functionals of scalars.

    >>> from symderive.systems import mlp
    >>> net = mlp(widths=[2, 1], activation="sigmoid"); a = net.definitions[2]
    >>> print(written_out(a.rhs, net.activations, {}))
    1/(1 + exp(-z[1, j]))
    """
    if not e.has(Applied, FunctionalValue):
        return e
    if isinstance(e, Binder):
        k = Dummy("k", integer=True)
        return e.func(written_out(e.open(k), activations, formulas), (k, e.lo, e.hi))
    args = [written_out(a, activations, formulas) if isinstance(a, Expr) and a.args else a for a in e.args]
    if isinstance(e, Applied):
        sigma = activations.get(e.function)
        if sigma is not None and sigma.smooth:
            return sigma.derivative(e.order).xreplace({X: args[-1]})
        if sigma is not None and sigma.derivative(e.order) == sigma.negative_derivative(e.order) == 0:
            return Integer(0)
    if isinstance(e, FunctionalValue) and e.functional in formulas:
        f = formulas[e.functional]
        rule: dict[Basic, Basic] = dict(zip(f.arguments, args[2:], strict=True))
        return f.partial(*(int(p[0]) for p in e.partials)).xreplace(rule)
    return e.func(*args)


def replaced(e: Expr, value: Callable[[Entry], Expr | None]) -> Expr:
    """The term with entries replaced by what they stand for, where that is known; e itself if none is.

    >>> from symderive.calculus import IndexSum, indices, tensor
    >>> k, = indices("k"); x, y = tensor("x", (k, 1, 3)), tensor("y", (k, 1, 3))
    >>> replaced(IndexSum(x[k], (k, 1, 3)), lambda e: y[e.index] ** 2)
    sum(y[k]**2, k=1..3)
    """
    if isinstance(e, Entry):
        new = value(e)
        return e if new is None else new
    if not e.args or not e.has(Entry):
        return e
    if isinstance(e, Binder):
        k = Dummy("k", integer=True)
        opened = e.open(k)
        body = replaced(opened, value)
        return e if body is opened else e.func(body, (k, e.lo, e.hi))
    args = [replaced(a, value) if isinstance(a, Expr) else a for a in e.args]
    return e if all(x is y for x, y in zip(args, e.args, strict=True)) else e.func(*args)
