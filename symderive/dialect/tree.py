r"""What each rule of the grammar means: from tokens to the tree of syntax.py."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from lark import Token, Transformer, v_args

from symderive.dialect.syntax import (
    BigOperator,
    Call,
    Cases,
    Change,
    Comparison,
    Derivative,
    Differential,
    Dots,
    Fraction,
    Group,
    Matrix,
    Nabla,
    Name,
    Node,
    Norm,
    Number,
    Power,
    Product,
    Sum,
    Text,
    Transposed,
    Tuple,
)


@dataclass(frozen=True)
class Part(Node):
    """A product while it is read."""

    factors: tuple[Node, ...]
    operators: tuple[str, ...]


@dataclass(frozen=True)
class FunctionName(Name):
    """A function word that waits for its argument."""


@dataclass(frozen=True)
class Partial(Node):
    r"""\partial u, before it stands in a fraction; `of` is None in a bare \partial."""

    of: Node | None
    d: str = r"\partial"


@dataclass(frozen=True)
class Script:
    """What stands in a script: entries, what encloses them, transpose marks and primes."""

    entries: tuple[Node, ...] = ()
    around: str = ""
    transpose: str = ""
    primes: int = 0


def column(t: Token) -> int:
    """Where a token stands, from 1."""
    return int(t.start_pos or 0) + 1


def named(t: Token, kind: type[Name] = Name) -> Name:
    """The name of a token: base and spelling."""
    base, _, shown = str(t).partition("\0")
    return kind(base, shown=shown or base, column=column(t))


def closed(e: Node) -> Node:
    """A product that is read to its end."""
    if not isinstance(e, Part):
        return e
    if len(e.factors) == 1:
        return e.factors[0]
    return Product(e.factors, e.operators, column=e.column)


@v_args(inline=True)
class Tree(Transformer[Token, Any]):
    """One action for each rule."""

    # ------------------------------------------------------------------------------------ sums and products

    def chain(self, *parts: Any) -> tuple[tuple[Node, ...], tuple[str, ...]]:
        return tuple(parts[::2]), tuple(str(r) for r in parts[1::2])

    def sign(self, t: Token) -> Token:
        return t

    def expr(self, *parts: Any) -> Node:
        signs: list[str] = []
        terms: list[Node] = []
        place = 0
        for p in parts:
            if isinstance(p, Token):
                signs.append(str(p))
                place = place or column(p)
            else:
                if len(signs) == len(terms):
                    signs.append("+")
                terms.append(p)
        if len(terms) == 1 and signs[0] == "+":
            return terms[0]
        return Sum(
            tuple(terms), tuple(signs), column=place if isinstance(parts[0], Token) else terms[0].column
        )

    def term(self, *parts: Any) -> Node:
        if len(parts) == 1:
            return closed(parts[0])
        first, last = parts[0], parts[-1]
        operator = str(parts[1]) if len(parts) == 3 else ""
        if isinstance(first, Part):
            return closed(Part((*first.factors, last), (*first.operators, operator), column=first.column))
        return closed(last)

    def product(self, f: Node) -> Node:
        return Part((f,), (), column=f.column)

    def with_sign(self, p: Part, operator: Token, f: Node) -> Node:
        return Part((*p.factors, f), (*p.operators, str(operator)), column=p.column)

    def over(self, p: Part, slash: Token, f: Node) -> Node:
        *front, above = p.factors
        return Part((*front, self._quotient(above, f, True, "/")), p.operators, column=p.column)

    def beside(self, p: Part, f: Node) -> Node:
        *front, last = p.factors
        joint = self._joint(last, f)
        if joint is not None:
            return Part((*front, joint), p.operators, column=p.column)
        return Part((*p.factors, f), (*p.operators, ""), column=p.column)

    def _joint(self, last: Node, f: Node) -> Node | None:
        """A value f(z), a derivative of what follows; None where two factors stand side by side."""
        if isinstance(f, Power | Transposed) and _bracketed(f.base) and _callable(last):
            inner = self._joint(last, f.base)
            return None if inner is None else replace(f, base=inner)
        if isinstance(last, FunctionName):
            name = _plain(last)
            if isinstance(f, Group) and not f.sub and f.shown != "{":
                return Call(name, (f.body,), False, f.shown, column=last.column)
            if isinstance(f, Tuple):
                return Call(name, f.entries, False, f.shown, column=last.column)
            return Call(name, (f,), True, column=last.column)
        if isinstance(last, Nabla):
            if last.of is None:
                return replace(last, of=f) if isinstance(f, Name | Group | Call) else None
            if isinstance(last.of, Name) and _bracketed(f):
                return replace(last, of=self._call(last.of, f))
            return None
        if isinstance(last, Partial | Differential) and isinstance(last.of, Name) and _bracketed(f):
            inner = self._call(last.of, f)
            # dL(a, y) is a differential of a value; d(x) alone is read as a name before parentheses
            return replace(last, of=inner) if isinstance(f, Tuple) or isinstance(last, Partial) else None
        if isinstance(last, Derivative) and last.of is None:
            return replace(last, of=f)
        if isinstance(last, Derivative) and isinstance(f, Group) and isinstance(f.body, Comparison):
            return Call(last, (f.body,), False, f.shown, column=last.column)  # df/dx (x = 1)
        if isinstance(last, Name) and _bracketed(f):
            return self._call(last, f)
        if (
            isinstance(last, Number)
            and last.text == "1"
            and isinstance(f, Group)
            and isinstance(f.body, Comparison)
        ):
            return Call(
                Name("1", shown="1", column=last.column), (f.body,), False, f.shown, column=last.column
            )
        return None

    def _call(self, head: Name, f: Node) -> Call:
        arguments = f.entries if isinstance(f, Tuple) else (f.body,) if isinstance(f, Group) else (f,)
        shown = f.shown if isinstance(f, Tuple | Group) else "("
        return Call(head, arguments, False, shown, column=head.column)

    # ------------------------------------------------------------------------------------ sums over an index

    def big(self, head: Token, *parts: Any) -> Node:
        *limits, body = parts
        return self._big(head, limits, closed(body))

    def minus_big(self, head: Token, *parts: Any) -> Node:
        *limits, minus, body = parts
        return self._big(head, limits, Sum((closed(body),), ("-",), column=column(minus)))

    def _big(self, head: Token, limits: Sequence[Any], body: Node) -> Node:
        index: Node | None = None
        low: Node | None = None
        high: Node | None = None
        unequal: Node | None = None
        for kind, value in limits:
            if kind == "above":
                high = value
            elif isinstance(value, Comparison):
                index = value.left
                low = value.right if value.relation == "=" else None
                unequal = value.right if value.relation == r"\neq" else None
            else:
                index = value
        name = index if isinstance(index, Name) else None
        return BigOperator(str(head), name, low, high, body, unequal, f"\\{head}", column=column(head))

    def below(self, _: Token, _b: Token, value: Node, _r: Token) -> tuple[str, Node]:
        return "below", value

    def below_one(self, _: Token, value: Node) -> tuple[str, Node]:
        return "below", value

    def above(self, _: Token, _b: Token, value: tuple[Node, ...], _r: Token) -> tuple[str, Node]:
        return "above", _single(value)

    def above_one(self, _: Token, value: Node) -> tuple[str, Node]:
        return "above", value

    def bound(self, value: tuple[Node, ...]) -> Node:
        return _single(value)

    def bound_from(self, value: tuple[Node, ...], relation: Token, low: Node) -> Node:
        return Comparison(_single(value), str(relation), low)

    # ------------------------------------------------------------------------------------ scripts

    def script(self, _l: Token, entries: tuple[Node, ...], marks: Script, _r: Token) -> Script:
        while isinstance(entries[-1], Power) and str(entries[-1].exponent) == r"\prime":  # ^{(l)'}
            entries = (*entries[:-1], entries[-1].base)
            marks = replace(marks, primes=marks.primes + 1)
        if len(entries) == 1 and isinstance(entries[0], Group) and entries[0].shown in ("(", "["):
            inner = entries[0]
            own = inner.body.entries if isinstance(inner.body, Tuple) else (inner.body,)
            return Script(own, inner.shown, marks.transpose, marks.primes)
        last = entries[-1]
        transpose = marks.transpose
        if isinstance(last, Transposed):  # ^{(l)T} where the marks stand on the last entry
            transpose, entries = last.mark, (*entries[:-1], last.base)
        return Script(entries, "", transpose, marks.primes)

    def only_marks(self, _l: Token, marks: Script, _r: Token) -> Script:
        return marks

    def one(self, e: Node) -> Script:
        return Script((e,))

    def mark(self, t: Token) -> Script:
        return Script(transpose=str(t)) if t.type == "TRANSPOSE" else Script(primes=1)

    def marks(self, *marks: Token) -> Script:
        transposes = [str(m) for m in marks if m.type == "TRANSPOSE"]
        return Script(
            transpose=transposes[0] if transposes else "", primes=sum(m.type == "PRIME" for m in marks)
        )

    marks_only = marks

    def entries(self, e: Node) -> tuple[Node, ...]:
        return (e,)

    def minus_entries(self, m: Token, e: Node) -> tuple[Node, ...]:
        return (Sum((e,), ("-",), column=column(m)),)

    def more(self, before: tuple[Node, ...], *rest: Any) -> tuple[Node, ...]:
        return (*before, rest[-1])

    def entry_plus(self, a: Node, _: Token, b: Node) -> Node:
        return self._added(a, "+", b)

    def entry_minus(self, a: Node, _: Token, b: Node) -> Node:
        return self._added(a, "-", b)

    def _added(self, a: Node, sign: str, b: Node) -> Node:
        if isinstance(a, Sum):
            return replace(a, terms=(*a.terms, b), signs=(*a.signs, sign))
        return Sum((a, b), ("+", sign), column=a.column)

    def entry_times(self, a: Node, o: Token, b: Node) -> Node:
        return Product((a, b), (str(o),), column=a.column)

    def entry_relation(self, a: Node, r: Token, b: Node) -> Node:
        return Comparison(a, str(r), b, column=a.column)

    def script_group(self, left: Token, entries: tuple[Node, ...], _r: Token) -> Node:
        body = entries[0] if len(entries) == 1 else Tuple(entries, str(left))
        return Group(body, str(left), column=column(left))

    def script_fraction(
        self, t: Token, _a: Token, a: tuple[Node, ...], _b: Token, _c: Token, b: tuple[Node, ...], _d: Token
    ) -> Node:
        return Fraction(_single(a), _single(b), command=str(t), column=column(t))

    def superscript(self, base: Node, _: Token, s: Script) -> Node:
        if isinstance(base, Name):
            name = replace(
                base,
                sup=(*base.sup, *s.entries),
                around=s.around or base.around,
                primes=base.primes + s.primes,
            )
            return Transposed(_plain(name), s.transpose, column=base.column) if s.transpose else name
        if isinstance(base, Norm) and s.entries:
            return replace(base, power=_single(s.entries))
        found = base
        if s.entries:
            found = Power(found, _single(s.entries), column=base.column)
        if s.transpose:
            found = Transposed(found, s.transpose, column=base.column)
        return found

    def subscript(self, base: Node, _: Token, s: Script) -> Node:
        if isinstance(base, Name):
            own = (Group(_single(s.entries), s.around),) if s.around == "[" else s.entries
            return replace(base, sub=(*base.sub, *own), sub_first=not base.sup)
        if isinstance(base, Transposed) and isinstance(base.base, Name):
            return replace(base, base=replace(base.base, sub=(*base.base.sub, *s.entries)))
        if isinstance(base, Nabla):
            return replace(base, by=_single(s.entries))
        if isinstance(base, Norm):
            return replace(base, sub=s.entries)
        if isinstance(base, Group):
            return replace(base, sub=(*base.sub, *s.entries))
        return Group(base, "", s.entries, column=base.column)

    def prime(self, base: Node, t: Token) -> Node:
        if isinstance(base, Name):
            return replace(base, primes=base.primes + 1)
        return Power(base, Name(r"\prime", shown=r"\prime", column=column(t)), column=base.column)

    # ------------------------------------------------------------------------------------ atoms

    def number(self, t: Token) -> Node:
        return Number(str(t), column=column(t))

    def name(self, t: Token) -> Node:
        return named(t)

    def function(self, t: Token) -> Node:
        return named(t, FunctionName)

    def dots(self, t: Token) -> Node:
        return Dots(str(t), column=column(t))

    def text(self, t: Token) -> Node:
        return Text(str(t), column=column(t))

    def arguments(self, *parts: Any) -> tuple[Node, ...]:
        return tuple(p for p in parts if not isinstance(p, Token))

    def comparison(self, a: Node, r: Token, b: Node) -> Node:
        return Comparison(a, str(r), b, column=a.column)

    def group(self, left: Token, arguments: tuple[Node, ...], _r: Token) -> Node:
        if len(arguments) == 1:
            return Group(arguments[0], str(left), column=column(left))
        return Tuple(arguments, str(left), column=column(left))

    def braces(self, left: Token, e: Node, _r: Token) -> Node:
        if isinstance(e, Sum | Product):
            return Group(e, "{", column=column(left))
        return e

    def over_fraction(self, left: Token, a: Node, _o: Token, b: Node, _r: Token) -> Node:
        return self._quotient(a, b, False, r"\over")

    def norm(self, left: Token, e: Node, _r: Token) -> Node:
        return Norm(e, True, column=column(left))

    def bars(self, left: Token, e: Node, _r: Token) -> Node:
        return Norm(e, False, column=column(left))

    def fraction(self, t: Token, _a: Token, a: Node, _b: Token, _c: Token, b: Node, _d: Token) -> Node:
        found = self._quotient(a, b, False, str(t))
        return replace(found, column=column(t))

    def _quotient(self, a: Node, b: Node, inline: bool, command: str) -> Node:
        below = b.factors if isinstance(b, Product) else (b,)
        marks = [x for x in below if isinstance(x, Partial | Differential)]
        if isinstance(a, Partial | Differential) and marks and len(marks) == len(below):
            by = tuple(x.of for x in marks if x.of is not None)
            return Derivative(a.of, by, a.d, command, inline, column=a.column)
        if isinstance(a, Name) and a.base == "d" and marks and isinstance(marks[0], Differential):
            return Derivative(
                None, tuple(x.of for x in marks if x.of is not None), "d", command, inline, column=a.column
            )
        return Fraction(a, b, inline, command, column=a.column)

    def root(self, t: Token, _l: Token, e: Node, _r: Token) -> Node:
        return Call(Name(r"\sqrt", shown=r"\sqrt", column=column(t)), (e,), False, "{", column=column(t))

    def euler(self, t: Token, *parts: Any) -> Node:
        exponent = next(p for p in parts if isinstance(p, Node))
        return Power(Name("e", shown="e", column=column(t)), exponent, column=column(t))

    def nabla(self, t: Token) -> Node:
        return Nabla(None, None, column=column(t))

    def partial_alone(self, t: Token) -> Node:
        return Partial(None, str(t), column=column(t))

    def partial(self, t: Token, e: Node) -> Node:
        return Partial(e, str(t), column=column(t))

    def partial_power(self, t: Token, _: Token, s: Script, e: Node) -> Node:
        return Partial(e, str(t), column=column(t))

    def differential(self, t: Token, e: Node) -> Node:
        return Differential(e, str(t), column=column(t))

    def change(self, t: Token, e: Node) -> Node:
        return Change(e, str(t), column=column(t))

    def cell(self, *parts: Any) -> Node | None:
        return parts[0] if parts else None

    def row(self, *cells: Any) -> tuple[Node | None, ...]:
        return tuple(c for c in cells if not isinstance(c, Token))

    def matrix(self, begin: Token, *rows: Any) -> Node:
        own = [r for r in rows if isinstance(r, tuple)]
        if own and own[-1] == (None,):
            own.pop()
        if str(begin) == "cases":
            pairs = tuple((r[0], r[1] if len(r) > 1 else None) for r in own if r and r[0] is not None)
            return Cases(pairs, column=column(begin))
        return Matrix(tuple(own), str(begin), column=column(begin))


def _single(entries: tuple[Node, ...]) -> Node:
    """The entries of a script as one term: letters in a row are a product."""
    if len(entries) == 1:
        return entries[0]
    return Product(entries, ("",) * (len(entries) - 1), column=entries[0].column)


def _plain(name: Name) -> Name:
    if not isinstance(name, FunctionName):
        return name
    return Name(
        name.base,
        name.sup,
        name.sub,
        name.around,
        name.primes,
        name.shown,
        name.sub_first,
        column=name.column,
    )


def _bracketed(f: Node) -> bool:
    return (isinstance(f, Group) and not f.sub and f.shown not in ("{", "")) or isinstance(f, Tuple)


def _callable(last: Node) -> bool:
    return isinstance(last, Name | FunctionName)
