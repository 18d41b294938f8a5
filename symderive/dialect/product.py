r"""What stands side by side, put together: f and (z) to a value, \partial and C to a differential, \log and
its argument, one differential over another to a derivative.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeGuard

from symderive.dialect.pieces import Misread
from symderive.dialect.syntax import (
    BigOperator,
    Call,
    Comparison,
    Derivative,
    Differential,
    Fraction,
    Group,
    Nabla,
    Name,
    Node,
    Number,
    Power,
    Product,
    Transposed,
    Tuple,
)
from symderive.dialect.words import DEEPEST

BY = r"\partial_"
r"""The command of a derivative that is written \partial_w f."""


@dataclass(frozen=True)
class FunctionName(Name):
    """A function word that waits for its argument."""


@dataclass(frozen=True)
class Small(Node):
    r"""\partial or d, and what stands behind it; `order` is the 2 of \partial^2 C."""

    of: Node | None
    d: str = r"\partial"
    order: Node | None = None


@dataclass
class Part:
    """A product while it is read: the factors as they come, and what stands between each two."""

    factors: list[Node]
    operators: list[str]


def plain(e: Node) -> Node:
    """The node; a function word without an argument is a name like any other."""
    if not isinstance(e, FunctionName):
        return e
    return Name(e.base, e.sup, e.sub, e.around, e.primes, e.shown, e.sub_first, column=e.column)


def closed(part: Part) -> Node:
    """The product, read to its end."""
    reader = _Side(part)
    units: list[Node] = []
    operators: list[str] = []
    n = 0
    while n < len(part.factors):
        before = part.operators[n - 1] if n else ""
        unit, n = reader.unit(n, 0)
        if before == "/":
            over = quotient(units[-1], unit, True, "/")
            if isinstance(over, Derivative) and over.of is None and reader.beside(n - 1):
                operand, n = reader.operand(n, 0)
                over = replace(over, of=operand, before=True)
            units[-1] = over
            continue
        if units:
            operators.append(before)
        units.append(unit)
    if len(units) == 1:
        return units[0]
    return Product(tuple(units), tuple(operators), column=units[0].column)


class _Side:
    """The factors of one product, from left to right."""

    def __init__(self, part: Part) -> None:
        self.factors, self.operators = part.factors, part.operators

    def beside(self, n: int) -> bool:
        """Whether a factor stands directly behind the one at n."""
        return n + 1 < len(self.factors) and self.operators[n] == ""

    def unit(self, n: int, depth: int) -> tuple[Node, int]:
        """The factor at n with what belongs to it, and the place behind."""
        e = self.factors[n]
        if depth > DEEPEST:
            raise Misread(f"at most {DEEPEST} signs that wait for what follows", "more", e.column - 1)
        if not self.beside(n):
            return plain(e), n + 1
        follows = self.factors[n + 1]
        if isinstance(e, Small) and e.of is None:
            return self._differential(e, n, depth)
        if isinstance(e, FunctionName):
            return self._applied(e, n, depth)
        if isinstance(e, Nabla | Derivative) and e.of is None:
            return self._operator(e, n, depth)
        if isinstance(e, Derivative) and isinstance(follows, Group) and isinstance(follows.body, Comparison):
            return Call(e, (follows.body,), False, follows.shown, column=e.column), n + 2  # df/dx (x = 1)
        if isinstance(e, Name) and (made := _called(e, follows)) is not None:
            return made, n + 2
        if isinstance(e, Number) and e.text == "1" and _compares(follows):  # 1[y = k]
            head = Name("1", shown="1", column=e.column)
            return Call(head, (follows.body,), False, follows.shown, column=e.column), n + 2
        return e, n + 1

    def _differential(self, e: Small, n: int, depth: int) -> tuple[Node, int]:
        follows = self.factors[n + 1]
        if e.d == r"\partial":
            of, n = self.unit(n + 1, depth + 1)
            return replace(e, of=of), n
        if isinstance(follows, Small):
            of, n = self.unit(n + 1, depth + 1)
        elif isinstance(follows, Name) and self.beside(n + 1) and isinstance(self.factors[n + 2], Tuple):
            # dL(a, y) is a differential of a value; in dz(1 - a) a factor follows
            of, n = self.unit(n + 1, depth + 1)
        else:
            of, n = plain(follows), n + 2
        return (replace(e, of=of) if e.order is not None else Differential(of, e.d, column=e.column)), n

    def _applied(self, e: FunctionName, n: int, depth: int) -> tuple[Node, int]:
        follows = self.factors[n + 1]
        made = _called(e, follows)
        if made is not None:
            return made, n + 2
        argument, after = self.unit(n + 1, depth + 1)
        if isinstance(argument, Number) and self.beside(after - 1):
            unknown = self.factors[after]
            if isinstance(unknown, Name) and not isinstance(unknown, FunctionName):  # \tanh 2x
                factor, after = self.unit(after, depth + 1)
                argument = Product((argument, factor), ("",), column=argument.column)
        return Call(plain(e), (argument,), True, column=e.column), after

    def _operator(self, e: Nabla | Derivative, n: int, depth: int) -> tuple[Node, int]:
        r"""\nabla_W and \partial_w take the next factor, \frac{\partial}{\partial w} all behind it."""
        if isinstance(e, Derivative) and e.command != BY:
            of, n = self.operand(n + 1, depth)
            return replace(e, of=of, before=True), n
        units: list[Node] = []
        n += 1
        while True:
            unit, n = self.unit(n, depth + 1)
            units.append(unit)
            if not (_numeric(unit) and self.beside(n - 1)):
                break
        of = (
            units[0]
            if len(units) == 1
            else Product(tuple(units), ("",) * (len(units) - 1), column=units[0].column)
        )
        return replace(e, of=of), n

    def operand(self, n: int, depth: int) -> tuple[Node, int]:
        r"""What a derivative before it reaches: parentheses, or all that stands side by side. Behind
        \frac{1}{2} it goes on past a sign of multiplication.
        """
        if bracketed(root(self.factors[n])):
            return self.factors[n], n + 1
        units: list[Node] = []
        operators: list[str] = []
        while True:
            unit, n = self.unit(n, depth + 1)
            units.append(unit)
            if n >= len(self.factors):
                break
            sign = self.operators[n - 1]
            if sign and (sign == "/" or not all(map(_numeric, units))):
                break
            operators.append(sign)
        if len(units) == 1:
            return units[0], n
        return Product(tuple(units), tuple(operators), column=units[0].column), n


def _compares(e: Node) -> TypeGuard[Group]:
    return isinstance(e, Group) and not e.sub and isinstance(e.body, Comparison)


def _called(e: Name, follows: Node) -> Node | None:
    """f(z), f(z)^2, f(z)^T; None where two factors stand side by side."""
    if isinstance(follows, Power | Transposed) and bracketed(root(follows)):
        inner = _called(e, follows.base)
        return None if inner is None else replace(follows, base=inner)
    if isinstance(follows, Group) and bracketed(follows):
        return Call(plain(e), (follows.body,), False, follows.shown, column=e.column)
    if isinstance(follows, Tuple):
        return Call(plain(e), follows.entries, False, follows.shown, follows.separators, column=e.column)
    return None


def root(e: Node) -> Node:
    while isinstance(e, Power | Transposed):
        e = e.base
    return e


def bracketed(e: Node) -> bool:
    return (isinstance(e, Group) and not e.sub and e.shown not in ("{", "")) or isinstance(e, Tuple)


def _numeric(e: Node) -> bool:
    return isinstance(e, Number) or (isinstance(e, Fraction) and _numeric(e.above) and _numeric(e.below))


def quotient(a: Node, b: Node, inline: bool, command: str) -> Node:
    """A fraction, or the derivative that it is."""
    below = b.factors if isinstance(b, Product) and not any(b.operators) else (b,)
    if all(isinstance(x, Small | Differential) and x.of is not None for x in below):
        above = _differentiated(a)
        if above is not None:
            of, d, order = above
            by = tuple(x.of for x in below if isinstance(x, Small | Differential) and x.of is not None)
            return Derivative(of, _by(by, order, a), d, command, inline, column=a.column)
    return Fraction(a, b, inline, command, column=a.column)


def _differentiated(a: Node) -> tuple[Node | None, str, Node | None] | None:
    r"""What stands above \partial w: \partial C, \partial, dC, d^2 y."""
    if isinstance(a, Small):
        return a.of, a.d, a.order
    if isinstance(a, Differential):
        return a.of, a.d, None
    if isinstance(a, Name) and a.base == "d" and not (a.sub or a.primes or a.around) and len(a.sup) < 2:
        return None, a.shown or "d", a.sup[0] if a.sup else None
    if not isinstance(a, Product):
        return None
    first, *rest = a.factors
    if isinstance(first, Small | Differential) and first.of is not None:
        order = first.order if isinstance(first, Small) else None
        if len(rest) == 1 and not a.operators[0] and isinstance(first.of, Name):
            made = _called(first.of, rest[0])
            if made is not None:
                return made, first.d, order
        if isinstance(first, Small):
            return Product((first.of, *rest), a.operators, column=first.of.column), first.d, order
    return None


def _by(by: Sequence[Node], order: Node | None, a: Node) -> tuple[Node, ...]:
    r"""One node for each differential below: \partial w^2 are two, where \partial^2 stands above."""
    if order is None:
        return tuple(by)
    if not isinstance(order, Number) or not order.text.isdigit() or not 1 < int(order.text[:3]) <= 9:
        raise Misread("a derivative of order 2 to 9", repr(str(order))[:24], order.column - 1)
    total = int(order.text[:3])
    found: list[Node] = []
    for x in by:
        power = x.sup[-1] if isinstance(x, Name) and x.sup and not x.around else None
        times = int(power.text[:3]) if isinstance(power, Number) and power.text.isdigit() else 1
        if isinstance(x, Name) and 1 < times <= total and len(by) < total:
            found += [replace(x, sup=x.sup[:-1])] * times
        else:
            found.append(x)
    if len(found) != total:
        raise Misread(f"{total} differentials below", str(len(found)), a.column - 1)
    return tuple(found)


def is_open(e: Node) -> bool:
    """Whether what follows would be read as a part of it."""
    if isinstance(e, Call):
        return e.bare
    if isinstance(e, Derivative):
        return e.before or e.inline or (e.command == BY and e.of is not None)
    if isinstance(e, Nabla):
        return e.of is not None
    return isinstance(e, BigOperator | Product) or (isinstance(e, Fraction) and e.inline)
