"""A name before parentheses that is no function is a factor."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from symderive.dialect.syntax import (
    Call,
    Comparison,
    Group,
    Name,
    Node,
    Power,
    Product,
    Transposed,
)
from symderive.formulas.interpreter import Interpreter
from symderive.formulas.readings import SPECIAL


def unwrapped(e: Node, reader: Interpreter) -> Node:
    r"""The tree with products where a name before parentheses is no function: \delta (a)^T is \delta
    times (a)^T.
    """
    if isinstance(e, Name):
        return e
    made: dict[str, Any] = {}
    for f in fields(e):
        value = getattr(e, f.name)
        if isinstance(value, Node):
            made[f.name] = unwrapped(value, reader)
        elif isinstance(value, tuple) and any(isinstance(v, Node) for v in value):
            made[f.name] = tuple(unwrapped(v, reader) if isinstance(v, Node) else v for v in value)
    found: Node = replace(e, **made) if made else e
    if isinstance(found, Transposed | Power) and isinstance(found.base, Product) and not _closed(e.base):  # type: ignore[attr-defined]
        *front, last = found.base.factors
        return Product((*front, replace(found, base=last)), found.base.operators, column=e.column)
    if isinstance(found, Call) and _is_product(found, reader):
        inner = found.arguments[0]
        return Product(
            (found.function, Group(inner, found.brackets, column=inner.column)), ("",), column=e.column
        )
    if isinstance(found, Product) and any(isinstance(f, Product) for f in found.factors):
        factors: list[Node] = []
        operators: list[str] = []
        for factor, o in zip(found.factors, ("", *found.operators), strict=True):
            own = factor if isinstance(factor, Product) else None
            operators += [o, *(own.operators if own else ())]
            factors += own.factors if own else (factor,)
        return Product(tuple(factors), tuple(operators[1:]), column=e.column)
    return found


def _closed(e: Node) -> bool:
    return not isinstance(e, Call)


def _is_product(e: Call, reader: Interpreter) -> bool:
    """Whether a name before parentheses is a factor."""
    if len(e.arguments) != 1 or e.bare or isinstance(e.arguments[0], Comparison):
        return False
    head = e.function
    if not isinstance(head, Name):
        return True
    if reader.function(head) is not None or head.base in SPECIAL:
        return False
    found = reader.find(head)
    return found is not None and not reader.is_value_of(found, e)
