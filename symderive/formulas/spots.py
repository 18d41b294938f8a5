"""Parts of a formula's tree, and the tree with another part in their place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from typing import Any, NamedTuple

from symderive.dialect.syntax import (
    Derivative,
    Group,
    Name,
    Node,
    Product,
    Sum,
    Transposed,
)

Rebuild = Callable[[Node], Node]


class Edit(NamedTuple):
    """What would be put right, in words, and the formula after it."""

    fault: str
    node: Node
    on_left: bool = False


def places(e: Node) -> Iterator[tuple[Node, Rebuild]]:
    """Each node below and at e, with the tree that another one in its place makes. Scripts are not
    entered.
    """
    yield e, lambda new: new
    for f in fields(e):
        if isinstance(e, Name):
            return
        value = getattr(e, f.name)
        if isinstance(value, Node):
            for inner, rebuild in places(value):
                yield inner, in_field(e, f.name, rebuild)
        elif isinstance(value, tuple):
            for n, v in enumerate(value):
                if isinstance(v, Node):
                    for inner, rebuild in places(v):
                        yield inner, in_tuple(e, f.name, value, n, rebuild)


def in_field(e: Any, name: str, rebuild: Rebuild) -> Rebuild:
    return lambda new: replace(e, **{name: rebuild(new)})


def in_tuple(e: Any, name: str, value: tuple[Any, ...], n: int, rebuild: Rebuild) -> Rebuild:
    return lambda new: replace(e, **{name: (*value[:n], rebuild(new), *value[n + 1 :])})


def parenthesised(e: Node) -> Node:
    """A sum in parentheses, so that it can be a factor."""
    return Group(e) if isinstance(e, Sum) else e


def factors_of(e: Node) -> tuple[tuple[Node, ...], tuple[str, ...]]:
    """A product's factors and operators; anything else is one factor."""
    if isinstance(e, Product):
        return e.factors, e.operators
    return (parenthesised(e),), ()


def negated(e: Node) -> Node:
    """-e, without two signs; a difference in front of the product is turned."""
    if isinstance(e, Sum):
        if len(e.terms) == 1:
            return e.terms[0] if e.signs[0] == "-" else e
        if len(e.terms) == 2 and set(e.signs) == {"+", "-"}:
            plus, minus = (e.terms[e.signs.index(s)] for s in "+-")
            return Sum((minus, plus), ("+", "-"))
        return Sum((Group(e),), ("-",))
    factors, operators = factors_of(e)
    for n, f in enumerate(factors):
        if isinstance(f, Group) and not f.sub and isinstance(f.body, Sum):
            inner = f.body
            if len(inner.terms) == 2 and set(inner.signs) == {"+", "-"}:
                turned = replace(f, body=negated(inner))
                new = (*factors[:n], turned, *factors[n + 1 :])
                return Product(new, operators) if operators else turned
    return Sum((e,), ("-",))


def transposed(e: Node) -> Node:
    """The transpose; a name with a superscript in parentheses."""
    return Transposed(Group(e) if isinstance(e, Name) and (e.sup or e.primes) else e)


def exchanged(e: Node, a: str, b: str) -> Node:
    """Two component letters exchanged everywhere."""
    if isinstance(e, Name) and e.base in (a, b) and not e.sub and not e.sup:
        other = b if e.base == a else a
        return replace(e, base=other, shown=other)
    made: dict[str, Any] = {}
    for f in fields(e):
        value = getattr(e, f.name)
        if isinstance(value, Node):
            made[f.name] = exchanged(value, a, b)
        elif isinstance(value, tuple):
            made[f.name] = tuple(exchanged(v, a, b) if isinstance(v, Node) else v for v in value)
    return replace(e, **made) if made else e


def wholes(e: Node) -> Iterator[tuple[Node, Rebuild]]:
    """The whole side, and the terms of a sum."""
    if not isinstance(e, Sum):
        yield e, lambda new: new
        return
    for n, t in enumerate(e.terms):
        yield t, in_tuple(e, "terms", e.terms, n, lambda new: new)


def factors_inside(e: Node) -> Iterator[tuple[Node, Rebuild]]:
    if isinstance(e, Product):
        for n, f in enumerate(e.factors):
            if isinstance(f, Name | Group | Derivative):
                yield f, in_tuple(e, "factors", e.factors, n, lambda new: new)


def everywhere(e: Node, old: Node, new: Node) -> Node:
    """The tree with a part put in the place of another, wherever it stands."""
    if e == old:
        return new
    if isinstance(e, Name):
        return e
    made: dict[str, Any] = {}
    for f in fields(e):
        value = getattr(e, f.name)
        if isinstance(value, Node):
            made[f.name] = everywhere(value, old, new)
        elif isinstance(value, tuple):
            made[f.name] = tuple(everywhere(v, old, new) if isinstance(v, Node) else v for v in value)
    return replace(e, **made) if made else e
