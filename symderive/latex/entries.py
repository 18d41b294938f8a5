r"""Tensors by their written indices, w^{(l)}_{jk} and W^{(l)}, and the quotients of differentials, dC/dw."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from lark import Token, v_args
from lark.visitors import Transformer_NonRecursive
from sympy import Add, Expr, Integer, Mul, Symbol

from symderive.calculus.atoms import TensorSymbol
from symderive.calculus.terms import Entry, PartialDerivative
from symderive.latex import limits, shapes
from symderive.latex.lexicon import Lexicon
from symderive.latex.notation import LatexError
from symderive.latex.partials import readings
from symderive.latex.shapes import Array

LONGEST_STYLE = len("partial partial tangent tangent")


class At(NamedTuple):
    """A value, and the column where its formula begins; `digit`: it begins with a number."""

    column: int
    value: Any
    digit: bool = False


@dataclass(frozen=True)
class Ref:
    """A tensor with the indices that are written; not looked up yet, as dC/dw is another tensor than w."""

    column: int
    head: str
    sup: tuple[Expr, ...] = ()
    sub: tuple[Expr, ...] = ()
    argument: tuple[Expr, ...] = ()
    style: str = "plain"
    mark: str = ""

    def wrapped(self, word: str, mark: str = "") -> Ref:
        """The differential of it, or the derivative by it."""
        style = word if self.style == "plain" else f"{self.style} {word}"
        return Ref(
            self.column, self.head, self.sup, self.sub, self.argument, style, f"{self.mark} {mark}".strip()
        )


@dataclass(frozen=True)
class Quotient:
    """d^n u / d v_1 .. d v_n, not looked up yet."""

    column: int
    order: int
    above: Any
    below: tuple[Any, ...]


def column_of(x: Any) -> int:
    return (x.start_pos or 0) + 1 if isinstance(x, Token) else int(x.column)


def fail(column: int, message: str) -> LatexError:
    return LatexError(f"formula: {message} at column {column}")


@v_args(inline=True)
class EntryReader(Transformer_NonRecursive[Token, Any]):
    """The actions for indices, entries and derivatives."""

    def __init__(self, names: Lexicon) -> None:
        super().__init__(visit_tokens=False)
        self.names = names
        self.sizes = dict(names.table.sizes)

    def _bounded(self, column: int, make: Callable[[], Any]) -> Any:
        """A value that keeps the limits, or the error with its column."""
        try:
            return make()
        except LatexError as e:
            raise fail(column, str(e)) from None

    def _signed(self, parts: Sequence[Any]) -> tuple[list[int], list[At]]:
        signs, terms = [], []
        sign = 1
        for p in parts:
            if isinstance(p, Token):
                sign = -1 if p == "-" else 1
            else:
                signs.append(sign)
                terms.append(p)
                sign = 1
        return signs, terms

    def number(self, token: Token) -> At:
        column = column_of(token)
        return At(column, self._bounded(column, lambda: limits.number(str(token))), True)

    def symbol(self, token: Token) -> At:
        text = str(token)
        known = self.names.symbols.get(text)
        value = known if known is not None else self.names.index_letter(text)
        return At(column_of(token), value)

    # ---- tensors by entries

    def tensor(self, name: Token, *scripts: Any) -> Ref:
        parts = dict(scripts)
        return Ref(column_of(name), str(name), parts.get("sup", ()), parts.get("sub", ()))

    def permutation(self, name: Token, *rest: Any) -> Ref:
        *scripts, argument = rest
        parts = dict(scripts)
        return Ref(column_of(name), str(name), parts.get("sup", ()), parts.get("sub", ()), (argument.value,))

    def superscript(self, index: At) -> tuple[str, tuple[Expr, ...]]:
        return "sup", index.value

    def subscript(self, index: At) -> tuple[str, tuple[Expr, ...]]:
        return "sub", index.value

    def indices(self, *found: Any) -> At:
        if isinstance(found[0], list):
            return At(column_of(found[0][0]), tuple(self.symbol(t).value for t in found[0]))
        return At(found[0].column, tuple(i.value for i in found))

    def letters(self, a: Token, b: Token) -> list[Token]:
        return [a, b]

    def more_letters(self, before: list[Token], a: Token) -> list[Token]:
        return [*before, a]

    def index(self, *parts: Any) -> At:
        signs, terms = self._signed(parts)
        self._bounded(terms[0].column, lambda: limits.index(terms))
        for t in terms:
            if not _is_index(t.value):
                raise fail(t.column, f"expected an integer index, found {t.value}")
        return At(terms[0].column, Add(*(s * t.value for s, t in zip(signs, terms, strict=True))))

    def itimes(self, a: Any, b: At) -> At:
        first = self.number(a) if isinstance(a, Token) else a
        for x in (first, b):
            if not _is_index(x.value):
                raise fail(x.column, f"expected an integer index, found {x.value}")
        value = first.value * b.value
        self._bounded(first.column, lambda: limits.index(value.args))
        return At(first.column, value)

    def entry(self, ref: Ref) -> At:
        return At(ref.column, self._resolved(ref))

    def tangent(self, of: Any) -> Ref:
        if isinstance(of, Ref) and len(of.style) > LONGEST_STYLE:
            raise fail(of.column, "expected the differential of a tensor, found one of too many")
        if isinstance(of, Quotient):
            ref = self._gradient(of)
            if ref is None:
                raise fail(of.column, "expected the differential of a tensor or of a derivative of the cost")
            return ref.wrapped("tangent")
        return of.wrapped("tangent")  # type: ignore[no-any-return]

    def _resolved(self, ref: Ref) -> Any:
        """The entry, or the array of the entries where indices are left out."""
        known = self.names.candidates(ref.head, ref.style, ref.mark, len(ref.sup))
        known = [t for t in known if (t.kind == "permutation") == bool(ref.argument)]
        exact = [t for t in known if self.names.subscripts(t) == len(ref.sub)]
        if exact:
            return self._entry(exact[0], ref)
        bare = [t for t in self._arrays(ref) if t.kind == "real"]
        if len(bare) == 1:
            return shapes.of_tensor(bare[0], (*ref.sup, *ref.sub), self.sizes)
        if len(bare) > 1:
            raise fail(
                ref.column, f"{ref.head} with {len(ref.sub)} indices below may be one of several tensors"
            )
        anything = [t for k, ts in self.names.tensors.items() if k[0] == ref.head for t in ts]
        if not anything or ref.style not in {t.style for t in anything}:
            raise fail(ref.column, f"expected a tensor of the table, found {self._described(ref)}")
        if not known:
            wanted = counted({t.sup for t in anything})
            raise fail(ref.column, f"expected {wanted} above {ref.head}, found {len(ref.sup)}")
        wanted = counted({self.names.subscripts(t) for t in known})
        raise fail(ref.column, f"expected {wanted} below {ref.head}, found {len(ref.sub)}")

    def _described(self, ref: Ref) -> str:
        return {
            "plain": "",
            "tangent": "the differential of ",
            "partial": f"the derivative of {ref.mark} by ",
        }.get(ref.style, f"a {ref.style} of ") + ref.head

    def _arrays(self, ref: Ref) -> list[TensorSymbol]:
        """The tensors that this can be with one or two indices left out; a matrix has a name of its own."""
        found = []
        for (head, style, mark), tensors in self.names.tensors.items():
            if (style, mark) != (ref.style, ref.mark):
                continue
            for t in tensors:
                missing = self.names.subscripts(t) - len(ref.sub)
                if t.sup != len(ref.sup) or missing not in (1, 2) or t.kind == "permutation":
                    continue
                written = head if ref.sub else self.names.bare(t, missing)
                if written == ref.head:
                    found.append(t)
        return found

    def _entry(self, t: TensorSymbol, ref: Ref) -> Entry:
        return Entry(t, *ref.sup, *ref.sub, *ref.argument)

    # ---- partial derivatives

    def partial(self, *parts: Any) -> Quotient:
        order = 1
        rest = list(parts)
        first = rest[0]
        if isinstance(first, Token) and first.type == "INT":
            order = int(first) if len(first) < 3 else 0
            rest = rest[1:]
        above, *below = rest
        if order != len(below):
            raise fail(
                column_of(parts[0]), f"expected one \\partial below for each above, found {len(below)}"
            )
        return Quotient(column_of(above), order, above, tuple(below))

    def derivative(self, q: Quotient) -> At:
        return At(q.column, self._quotient(q))

    def _name(self, above: Any) -> str:
        """The name above the fraction, if it is a mere name."""
        if isinstance(above, Token):
            return str(above)
        if (
            isinstance(above, Ref)
            and above.style == "plain"
            and not (above.sup or above.sub or above.argument)
        ):
            return above.head
        return ""

    def _gradient(self, q: Quotient) -> Ref | None:
        """The derivative as a tensor of its own, dC/dw, should the table have it."""
        name = self._name(q.above)
        if q.order != 1 or not name:
            return None
        below = q.below[0]
        ref = self._gradient(below) if isinstance(below, Quotient) else below
        return None if ref is None else ref.wrapped("partial", name)

    def _quotient(self, q: Quotient) -> Any:
        ref = self._gradient(q)
        if ref is not None and (
            self.names.candidates(ref.head, ref.style, ref.mark, len(ref.sup)) or self._arrays(ref)
        ):
            return self._resolved(ref)
        entries = [self._quotient(v) if isinstance(v, Quotient) else self._resolved(v) for v in q.below]
        functional = self.names.functionals.get(self._name(q.above))
        if functional is not None and all(isinstance(v, Ref) for v in q.below):
            if len(entries) == 1 and isinstance(entries[0], Array):
                v = entries[0]
                self._reading(q, functional, [v.at(Symbol("r", integer=True), Symbol("c", integer=True))])
                return Array(v.rows, v.cols, lambda r, c: self._reading(q, functional, [v.at(r, c)]))
            if all(isinstance(e, Entry) for e in entries):
                return self._reading(q, functional, entries)
        above = q.above
        if q.order != 1 or isinstance(above, Token):
            raise fail(
                q.column, f"expected a derivative of the table, found one of {self._name(above) or 'a term'}"
            )
        u = self._quotient(above) if isinstance(above, Quotient) else self._resolved(above)
        if not isinstance(u, Entry) or not isinstance(entries[0], Entry):
            raise fail(q.column, "expected the entries of tensors in a partial derivative")
        return PartialDerivative(u, entries[0])

    def explicit(self, below: Any, above: Any) -> At:
        """The partial derivative of a definition, where dC/dw is another thing."""
        u, v = (self._quotient(x) if isinstance(x, Quotient) else self._resolved(x) for x in (above, below))
        if not isinstance(u, Entry) or not isinstance(v, Entry):
            raise fail(below.column, "expected the entries of tensors in a partial derivative")
        return At(below.column, PartialDerivative(u, v))

    def _reading(self, q: Quotient, functional: Any, entries: Sequence[Entry]) -> Expr:
        found = readings(self.names.table, functional, entries)
        if len(found) != 1:
            what = "nothing says at which arguments" if not found else "it could be at several arguments"
            shown = ", ".join(map(str, entries))
            raise fail(q.column, f"the derivative of {functional.name} by {shown} is not clear: {what}")
        return found[0]


def _is_index(e: Any) -> bool:
    """Whether e consists of integers, integer symbols, and entries of integer tensors."""
    if isinstance(e, Entry):
        return bool(e.symbol.kind != "real")
    if isinstance(e, Mul | Add):
        return all(map(_is_index, e.args))
    return isinstance(e, Integer) or (isinstance(e, Symbol) and e.is_integer is True)


def counted(numbers: set[int]) -> str:
    """How many indices: 1 index, 1 or 2 indices."""
    text = " or ".join(map(str, sorted(numbers)))
    return text + (" index" if text == "1" else " indices")
