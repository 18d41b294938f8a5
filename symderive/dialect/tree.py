r"""What each rule of the grammar means: from tokens to the tree of syntax.py."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lark import Token, Transformer, v_args

from symderive.dialect.entries import entries, single
from symderive.dialect.limits import summed
from symderive.dialect.pieces import Misread
from symderive.dialect.product import BY, FunctionName, Part, Small, closed, is_open, plain, quotient
from symderive.dialect.syntax import (
    Call,
    Cases,
    Change,
    Comparison,
    Derivative,
    Dots,
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

AROUND = ("(", "[", r"\langle")


@dataclass(frozen=True)
class Script:
    """What stands in a script: terms between commas, a mark of transposition and primes."""

    items: tuple[Node, ...] = ()
    transpose: str = ""
    primes: int = 0
    separators: tuple[str, ...] = field(default=())


def column(t: Token) -> int:
    """Where a token stands, from 1."""
    return int(t.start_pos or 0) + 1


def named(t: Token, kind: type[Name] = Name) -> Name:
    """The name of a token: base and spelling."""
    base, _, shown = str(t).partition("\0")
    return kind(base, shown=shown or base, column=column(t))


def negative(e: Node, minus: Token) -> Node:
    """A factor behind a minus sign, in braces of its own."""
    return Group(Sum((e,), ("-",), column=column(minus)), "{", column=column(minus))


@v_args(inline=True)
class Tree(Transformer[Token, Any]):
    """One action for each rule."""

    # ------------------------------------------------------------------------------------ sums and products

    def chain(self, *parts: Any) -> tuple[tuple[Node, ...], tuple[Token, ...]]:
        return tuple(parts[::2]), tuple(parts[1::2])

    def sign(self, t: Token) -> Token:
        return t

    def more_term(self, sign: Token, e: Node) -> tuple[Token, Node]:
        return sign, e

    def minus_term(self, sign: Token, minus: Token, e: Node) -> tuple[Token, Node]:
        return sign, negative(e, minus)

    def expr(self, *parts: Any) -> Node:
        signs: list[str] = []
        terms: list[Node] = []
        for p in parts:
            if isinstance(p, Token):
                signs.append(str(p))
            elif isinstance(p, tuple):
                signs.append(str(p[0]))
                terms.append(p[1])
            else:
                if len(signs) == len(terms):
                    signs.append("+")
                terms.append(p)
        if len(terms) == 1 and signs[0] == "+":
            return terms[0]
        place = column(parts[0]) if isinstance(parts[0], Token) else terms[0].column
        return Sum(tuple(terms), tuple(signs), column=place)

    def term(self, e: Any) -> Node:
        return closed(e) if isinstance(e, Part) else e

    def product(self, f: Node) -> Part:
        return Part([f], [])

    def beside(self, p: Part, f: Node) -> Part:
        p.factors.append(f)
        p.operators.append("")
        return p

    def with_sign(self, p: Part, operator: Token, f: Node) -> Part:
        p.factors.append(f)
        p.operators.append(str(operator))
        return p

    def with_minus(self, p: Part, operator: Token, minus: Token, f: Node) -> Part:
        return self.with_sign(p, operator, negative(f, minus))

    # ------------------------------------------------------------------------------------ sums over an index

    def big(self, head: Token, *parts: Any) -> Node:
        *limits, body = parts
        return summed(str(head), column(head), limits, body)

    def minus_big(self, head: Token, *parts: Any) -> Node:
        *limits, minus, body = parts
        return summed(str(head), column(head), limits, Sum((body,), ("-",), column=column(minus)))

    def below(self, _: Token, s: Script) -> tuple[str, tuple[Node, ...]]:
        return "below", s.items

    def above(self, _: Token, s: Script) -> tuple[str, tuple[Node, ...]]:
        return "above", s.items

    # ------------------------------------------------------------------------------------ scripts

    def script(self, _l: Token, arguments: Tuple, *rest: Any) -> Script:
        marks = rest[0] if isinstance(rest[0], Script) else Script()
        *front, last = arguments.entries
        primes = marks.primes
        while (bare := _unprimed(last)) is not None:  # ^{(l)'}
            last, primes = bare, primes + 1
        transpose = marks.transpose
        if isinstance(last, Transposed) and isinstance(last.base, Group) and not transpose:  # ^{(l)^T}
            transpose, last = last.mark, last.base
        return Script((*front, last), transpose, primes, arguments.separators)

    def primed(self, left: Token, primes: Script, arguments: Tuple, right: Token) -> Script:
        s = self.script(left, arguments, right)
        return replace(s, primes=s.primes + primes.primes)

    def only_marks(self, _l: Token, *rest: Any) -> Script:
        found = [s for s in rest if isinstance(s, Script)]
        return Script((), found[-1].transpose, sum(s.primes for s in found))

    def one_number(self, t: Token) -> Script:
        return Script((self.number(t),))

    def one_name(self, t: Token) -> Script:
        return Script((named(t),))

    def one_text(self, t: Token) -> Script:
        return Script((self.text(t),))

    def one_dots(self, t: Token) -> Script:
        return Script((self.dots(t),))

    def one_fraction(self, t: Token, a: Node, b: Node) -> Script:
        return Script((self.fraction(t, a, b),))

    def one_group(self, left: Token, arguments: Tuple, right: Token) -> Script:
        return Script((self.group(left, arguments, right),))

    def mark(self, t: Token) -> Script:
        return Script(transpose=str(t)) if t.type == "TRANSPOSE" else Script(primes=1)

    def marks(self, *marks: Token) -> Script:
        transposes = [m for m in marks if m.type == "TRANSPOSE"]
        if len(transposes) > 1:
            raise Misread("one transpose", "two", column(transposes[1]) - 1)
        return Script(transpose=str(transposes[0]) if transposes else "", primes=len(marks) - len(transposes))

    primes = marks

    def superscript(self, base: Node, _: Token, s: Script) -> Node:
        found = base
        if s.items:
            found = self._raised(base, s)
        for _n in range(s.primes):
            found = self._primed(found, base.column)
        if s.transpose:
            if isinstance(found, Small):
                raise Misread("a name", "a transpose", found.column - 1)
            found = Transposed(plain(found), s.transpose, column=base.column)
        return found

    def _raised(self, base: Node, s: Script) -> Node:
        if isinstance(base, Small):
            return replace(base, order=single(s.items))
        if isinstance(base, Derivative) and base.command == BY and base.of is None:
            times = s.items[0]
            if isinstance(times, Number) and times.text.isdigit() and 0 < int(times.text[:2]) < 10:
                return replace(base, by=base.by * int(times.text[:2]))
        if isinstance(base, Norm) and base.power is None:
            return replace(base, power=single(s.items))
        if not isinstance(base, Name) or base.sup:
            return Power(plain(base), single(s.items), column=base.column)
        only = s.items[0] if len(s.items) == 1 else None
        if (
            isinstance(only, Group | Tuple)
            and only.shown in AROUND
            and not (isinstance(only, Group) and only.sub)
        ):
            inner = only.entries if isinstance(only, Tuple) else (only.body,)
            return replace(base, sup=entries(inner), around=only.shown)
        if base.base == "e" and not base.sub and not base.primes:
            return Power(base, single(s.items), column=base.column)
        return replace(base, sup=entries(s.items))

    def subscript(self, base: Node, t: Token, s: Script) -> Node:
        if s.transpose or s.primes or not s.items:
            raise Misread("an index", "a mark that stands above", column(t) - 1)
        only = s.items[0] if len(s.items) == 1 else None
        if (
            isinstance(only, Group | Tuple)
            and only.shown == "("
            and not (isinstance(only, Group) and only.sub)
        ):
            own = entries(only.entries if isinstance(only, Tuple) else (only.body,))
        else:
            own = entries(s.items)
        if isinstance(base, Name):
            return replace(base, sub=(*base.sub, *own), sub_first=not base.sup)
        if isinstance(base, Transposed) and isinstance(base.base, Name):
            return replace(base, base=replace(base.base, sub=(*base.base.sub, *own), sub_first=False))
        if isinstance(base, Nabla) and base.by is None:
            by = s.items[0] if len(s.items) == 1 else Tuple(s.items, "", column=column(t) + 1)
            return replace(base, by=by)
        if isinstance(base, Small):
            return Derivative(None, own, base.d, BY, column=base.column)
        if isinstance(base, Norm) and not base.sub:
            return replace(base, sub=own)
        if isinstance(base, Group) and base.shown != "{":
            return replace(base, sub=(*base.sub, *own))
        return Group(base, "", own, column=base.column)

    def prime(self, base: Node, _: Token) -> Node:
        return self._primed(base, base.column)

    def _primed(self, base: Node, place: int) -> Node:
        if isinstance(base, Name):
            return replace(base, primes=base.primes + 1)
        if isinstance(base, Small):
            raise Misread("a name", "a prime", base.column - 1)
        return Power(base, Name(r"\prime", shown=r"\prime", column=place), column=base.column)

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

    def arguments(self, *parts: Any) -> Tuple:
        given = tuple(p for p in parts if not isinstance(p, Token))
        return Tuple(given, "", tuple(str(p) for p in parts if isinstance(p, Token)))

    def comparison(self, a: Node, r: Token, b: Node) -> Node:
        return Comparison(a, str(r), b, column=a.column)

    def group(self, left: Token, arguments: Tuple, _r: Token) -> Node:
        if len(arguments.entries) == 1:
            return Group(arguments.entries[0], str(left), column=column(left))
        return replace(arguments, shown=str(left), column=column(left))

    def inner(self, _l: Token, e: Node, _r: Token) -> Node:
        return e

    def braces(self, left: Token, e: Node, _r: Token) -> Node:
        return Group(e, "{", column=column(left)) if isinstance(e, Sum) or is_open(e) else e

    def over_fraction(self, left: Token, a: Node, _o: Token, b: Node, _r: Token) -> Node:
        return replace(quotient(a, b, False, r"\over"), column=column(left))

    def norm(self, left: Token, e: Node, _r: Token) -> Node:
        return Norm(e, True, column=column(left))

    def bars(self, left: Token, e: Node, _r: Token) -> Node:
        return Norm(e, False, column=column(left))

    def fraction(self, t: Token, a: Node, b: Node) -> Node:
        return replace(quotient(a, b, False, str(t)), column=column(t))

    def root(self, t: Token, e: Node) -> Node:
        return Call(Name(r"\sqrt", shown=r"\sqrt", column=column(t)), (e,), False, "{", column=column(t))

    def nabla(self, t: Token) -> Node:
        return Nabla(None, None, column=column(t))

    def small(self, t: Token) -> Node:
        return Small(None, str(t), column=column(t))

    def change(self, t: Token, e: Node) -> Node:
        if isinstance(e, Small | Nabla) or (isinstance(e, Derivative) and e.of is None):
            raise Misread("a name", "a sign", e.column - 1)
        return Change(plain(e), str(t), column=column(t))

    def cell(self, *parts: Any) -> Node | None:
        return parts[0] if parts else None

    def row(self, *cells: Any) -> tuple[Node | None, ...]:
        return tuple(c for c in cells if not isinstance(c, Token))

    def matrix(self, begin: Token, *rows: Any) -> Node:
        own = [r for r in rows if isinstance(r, tuple)]
        if own and own[-1] == (None,):
            own.pop()
        if not str(begin).endswith("cases"):
            return Matrix(tuple(own), str(begin), column=column(begin))
        pairs: list[tuple[Node, Node | None]] = []
        for r in own:
            if r[0] is None or len(r) > 2:
                raise Misread("a value and a condition in each row", "another row", column(begin) - 1)
            pairs.append((r[0], r[1] if len(r) > 1 else None))
        return Cases(tuple(pairs), column=column(begin))


def _unprimed(e: Node) -> Node | None:
    """The same without the prime behind its end; None where it has none, or a letter has it."""
    if isinstance(e, Power) and isinstance(e.exponent, Name) and e.exponent.base == r"\prime":
        return e.base
    if isinstance(e, Product) and not any(e.operators):
        last = _unprimed(e.factors[-1])
        return None if last is None else replace(e, factors=(*e.factors[:-1], last))
    return None


__all__: Sequence[str] = ["Tree"]
