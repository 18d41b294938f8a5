r"""What each rule of the grammar means: the actions that turn a formula into a term or an array."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from lark import Token, v_args
from lark.visitors import Transformer_NonRecursive
from sympy import Abs, Add, Expr, Integer, Mul, Pow, Rational, Symbol, exp

from symderive.calculus.atoms import ScalarFunction, TensorSymbol
from symderive.calculus.terms import (
    Applied,
    Bracket,
    Entry,
    Family,
    FunctionalValue,
    IndexSum,
    PartialDerivative,
)
from symderive.latex import limits, shapes
from symderive.latex.lexicon import EXTREMA, MOST_PRIMES, Lexicon
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
        return Ref(self.column, self.head, self.sup, self.sub, self.argument, style, mark or self.mark)


@dataclass(frozen=True)
class Quotient:
    """d^n u / d v_1 .. d v_n, not looked up yet."""

    column: int
    order: int
    above: Any
    below: tuple[Any, ...]


def _column(x: Any) -> int:
    return (x.start_pos or 0) + 1 if isinstance(x, Token) else int(x.column)


def _fail(column: int, message: str) -> LatexError:
    return LatexError(f"formula: {message} at column {column}")


@v_args(inline=True)
class Reader(Transformer_NonRecursive[Token, Any]):
    """The actions, one for each rule and alternative of grammar.lark."""

    def __init__(self, names: Lexicon) -> None:
        super().__init__(visit_tokens=False)
        self.names = names
        self.sizes = dict(names.table.sizes)

    # ---- sums and products

    def expression(self, e: At) -> At:
        return e

    def equation(self, a: At, b: At) -> tuple[At, At]:
        return a, b

    def expr(self, *parts: Any) -> At:
        signs, terms = self._signed(parts)
        if len(terms) == 1 and signs[0] > 0:
            return terms[0]
        values = [self._scaled(s, t) for s, t in zip(signs, terms, strict=True)]
        return At(terms[0].column, self._combined(terms[0].column, "sum", Add, values))

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

    def _scaled(self, sign: int, term: At) -> Any:
        self._one(term)
        return term.value if sign > 0 else self._product(term.column, Integer(-1), term.value)

    def _combined(self, column: int, what: str, f: Any, values: Sequence[Any]) -> Any:
        try:
            return shapes.entrywise(what, f, *values)
        except LatexError as e:
            raise _fail(column, str(e)) from None

    def _product(self, column: int, a: Any, b: Any) -> Any:
        try:
            return shapes.product(a, b)
        except LatexError as e:
            raise _fail(column, str(e)) from None

    def _bounded(self, column: int, make: Callable[[], Any]) -> Any:
        """A value that keeps the limits, or the error with its column."""
        try:
            return make()
        except LatexError as e:
            raise _fail(column, str(e)) from None

    def _one(self, x: At) -> Any:
        """A scalar or an array, not a family."""
        if isinstance(x.value, Family):
            raise _fail(
                x.column, "expected a scalar, found a family: it can only be an argument of a functional"
            )
        return x.value

    def _scalar(self, x: At) -> Expr:
        value = self._one(x)
        if isinstance(value, Array):
            raise _fail(x.column, f"expected a scalar, found a {value}")
        return value

    def term(self, *products: At) -> At:
        if len(products) == 1:
            return products[0]
        values = [self._one(p) for p in products]
        if not any(isinstance(v, Array) for v in values):
            raise _fail(products[0].column, r"expected vectors or matrices around \odot, found scalars")
        return At(products[0].column, self._combined(products[0].column, "Hadamard product", Mul, values))

    def product(self, *parts: Any) -> At:
        factors: list[At] = []
        for p in parts:
            factors += p if isinstance(p, list) else [p]
        first = factors[0]
        if len(factors) == 1:
            return first
        values = [self._one(f) for f in factors]
        if len(factors) > limits.ARRAYS and any(isinstance(v, Array) for v in values):
            raise _fail(first.column, f"expected at most {limits.ARRAYS} factors, found {len(factors)}")
        if not any(isinstance(v, Array) for v in values):
            product = self._bounded(first.column, lambda: limits.product(values))
            return At(first.column, product, first.digit)
        result = values[0]
        for f, v in zip(factors[1:], values[1:], strict=True):
            result = self._product(f.column, result, v)
        return At(first.column, result, first.digit)

    def factors(self, f: At) -> list[At]:
        return [f]

    def juxtaposed(self, before: list[At], f: At) -> list[At]:
        if f.digit:
            raise _fail(f.column, r"expected \cdot before a number that follows a factor, found none")
        before.append(f)
        return before

    def dotted(self, before: list[At], f: At) -> list[At]:
        before.append(f)
        return before

    def bigsum(self, letter: Token, lo: At, hi: At, body: At) -> At:
        column = _column(letter)
        k = self._index(letter)
        if isinstance(self._one(body), Array):
            raise _fail(
                body.column, f"expected a scalar under the sum, found a {body.value}: is an index missing?"
            )
        return At(column, IndexSum(body.value, (k, lo.value, hi.value)))

    def _index(self, letter: Token) -> Symbol:
        k = self.names.index_letter(str(letter))
        if k is None:
            raise _fail(_column(letter), f"expected an index letter to sum over, found {letter}")
        return k

    # ---- powers and fractions

    def power(self, base: At, exponent: At) -> At:
        value, n = self._scalar(base), self._scalar(exponent)
        return At(base.column, self._bounded(base.column, lambda: limits.power(value, n)), base.digit)

    def transposed(self, base: At) -> At:
        try:
            return At(base.column, shapes.transpose(self._one(base)))
        except LatexError as e:
            raise _fail(base.column, str(e)) from None

    def number(self, token: Token) -> At:
        column = _column(token)
        return At(column, self._bounded(column, lambda: limits.number(str(token))), True)

    def symbol(self, token: Token) -> At:
        text = str(token)
        known = self.names.symbols.get(text)
        value = known if known is not None else self.names.index_letter(text)
        return At(_column(token), value)

    def parentheses(self, e: At) -> At:
        return At(e.column, e.value)

    def family(self, body: At, letter: Token, lo: At, hi: At) -> At:
        if isinstance(body.value, Array):
            raise _fail(body.column, f"expected a scalar or a family, found a {body.value}")
        return At(body.column, Family(body.value, (self._index(letter), lo.value, hi.value)))

    def fraction(self, a: At, b: At) -> At:
        below = self._scalar(b)
        if below == 0:
            raise _fail(b.column, "expected a denominator, found 0")
        if isinstance(self._one(a), Array):
            return At(a.column, self._product(a.column, 1 / below, a.value))
        return At(a.column, self._bounded(a.column, lambda: limits.product([a.value, Pow(below, -1)])))

    def root(self, e: At) -> At:
        value = self._scalar(e)
        return At(e.column, self._bounded(e.column, lambda: limits.power(value, Rational(1, 2))))

    def absolute(self, e: At) -> At:
        return At(e.column, self._function(e, Abs))

    def bracket(self, a: At, relation: Token, b: At) -> At:
        return At(a.column, Bracket("<" if relation == "<" else "<=", self._scalar(a), self._scalar(b)))

    def bracket_chain(self, a: At, first: Token, b: At, second: Token, c: At) -> At:
        return At(a.column, self.bracket(a, first, b).value * self.bracket(b, second, c).value)

    def bracket_equal(self, a: At, b: At) -> At:
        return At(a.column, Bracket.equal(self._scalar(a), self._scalar(b)))

    # ---- functions

    def euler(self, e: At) -> At:
        return At(e.column, self._function(e, exp))

    def _function(self, e: At, f: Any) -> Any:
        """A function of SymPy, entry by entry."""

        def bounded(z: Expr) -> Expr:
            return self._bounded(e.column, lambda: limits.finite(f(limits.argument(z))))

        return self._elementwise(e, bounded)

    def _elementwise(self, e: At, f: Any) -> Any:
        return self._combined(e.column, "function", f, [self._one(e)])

    def applied(self, name: Token, *rest: Any) -> At:
        column = _column(name)
        *marks, argument = rest
        order = len(marks[0]) if marks and isinstance(marks[0], Token) else 0
        sup: tuple[Expr, ...] = next((m.value for m in marks if isinstance(m, At)), ())
        if order > MOST_PRIMES:
            raise _fail(column, f"expected at most {MOST_PRIMES} primes, found {order}")
        f = self.names.functions[str(name)]
        if not isinstance(f, ScalarFunction):
            if order or sup:
                raise _fail(column, f"expected {name} without primes or indices, found some")
            return At(column, self._function(argument, f))
        if len(sup) != f.sup:
            raise _fail(column, f"expected {_counted({f.sup})} below {name}, found {len(sup)}")
        return At(column, self._elementwise(argument, lambda z: Applied(f, order, *sup, z)))

    def extremum(self, name: Token, *arguments: At) -> At:
        column = _column(name)
        values = [self._scalar(a) for a in arguments]
        return At(column, self._bounded(column, lambda: limits.extremum(EXTREMA[str(name)], values)))

    def functional(self, name: Token, *arguments: At) -> At:
        return At(_column(name), self._value(name, arguments, ()))

    def functional_partial(
        self, partials: list[tuple[Token, tuple[Expr, ...]]], name: Token, *arguments: At
    ) -> At:
        found = []
        for which, index in partials:
            if not 1 <= len(which) <= 2 or not 1 <= int(which) <= len(arguments):
                raise _fail(
                    _column(which), f"expected an argument from 1 to {len(arguments)}, found {which:.9}"
                )
            found.append((int(which) - 1, *index))
        return At(_column(name), self._value(name, arguments, found))

    def slots(self, *parts: Any) -> list[Any]:
        return list(parts)

    def slot(self, which: Token, *index: At) -> tuple[Token, tuple[Expr, ...]]:
        return which, tuple(i.value for i in index)

    def _value(self, name: Token, arguments: Sequence[At], partials: Sequence[Any]) -> Expr:
        f = self.names.functionals[str(name)]
        if len(arguments) != f.arity:
            raise _fail(_column(name), f"expected {f.arity} arguments of {name}, found {len(arguments)}")
        families = []
        for a in arguments:
            try:
                families.append(shapes.as_family(a.value) if isinstance(a.value, Array) else a.value)
            except LatexError as e:
                raise _fail(a.column, str(e)) from None
        return FunctionalValue(f, tuple(partials), *families)

    def ones(self, n: At) -> At:
        return At(n.column, shapes.ones(n.value))

    def diagonal(self, v: At) -> At:
        if not isinstance(self._one(v), Array):
            raise _fail(v.column, "expected a vector on the diagonal, found a scalar")
        try:
            return At(v.column, shapes.diagonal(v.value))
        except LatexError as e:
            raise _fail(v.column, str(e)) from None

    # ---- tensors by entries

    def tensor(self, name: Token, *scripts: Any) -> Ref:
        parts = dict(scripts)
        return Ref(_column(name), str(name), parts.get("sup", ()), parts.get("sub", ()))

    def permutation(self, name: Token, *rest: Any) -> Ref:
        *scripts, argument = rest
        parts = dict(scripts)
        return Ref(_column(name), str(name), parts.get("sup", ()), parts.get("sub", ()), (argument.value,))

    def superscript(self, index: At) -> tuple[str, tuple[Expr, ...]]:
        return "sup", index.value

    def subscript(self, index: At) -> tuple[str, tuple[Expr, ...]]:
        return "sub", index.value

    def indices(self, *found: Any) -> At:
        if isinstance(found[0], list):
            return At(_column(found[0][0]), tuple(self.symbol(t).value for t in found[0]))
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
                raise _fail(t.column, f"expected an integer index, found {t.value}")
        return At(terms[0].column, Add(*(s * t.value for s, t in zip(signs, terms, strict=True))))

    def itimes(self, a: Any, b: At) -> At:
        first = self.number(a) if isinstance(a, Token) else a
        for x in (first, b):
            if not _is_index(x.value):
                raise _fail(x.column, f"expected an integer index, found {x.value}")
        value = first.value * b.value
        self._bounded(first.column, lambda: limits.index(value.args))
        return At(first.column, value)

    def entry(self, ref: Ref) -> At:
        return At(ref.column, self._resolved(ref))

    def tangent(self, of: Any) -> Ref:
        if isinstance(of, Ref) and len(of.style) > LONGEST_STYLE:
            raise _fail(of.column, "expected the differential of a tensor, found one of too many")
        if isinstance(of, Quotient):
            ref = self._gradient(of)
            if ref is None:
                raise _fail(of.column, "expected the differential of a tensor or of a derivative of the cost")
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
            raise _fail(
                ref.column, f"{ref.head} with {len(ref.sub)} indices below may be one of several tensors"
            )
        anything = [t for k, ts in self.names.tensors.items() if k[0] == ref.head for t in ts]
        if not anything or ref.style not in {t.style for t in anything}:
            raise _fail(ref.column, f"expected a tensor of the table, found {self._described(ref)}")
        if not known:
            wanted = _counted({t.sup for t in anything})
            raise _fail(ref.column, f"expected {wanted} above {ref.head}, found {len(ref.sup)}")
        wanted = _counted({self.names.subscripts(t) for t in known})
        raise _fail(ref.column, f"expected {wanted} below {ref.head}, found {len(ref.sub)}")

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
            raise _fail(_column(parts[0]), f"expected one \\partial below for each above, found {len(below)}")
        return Quotient(_column(above), order, above, tuple(below))

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
            raise _fail(
                q.column, f"expected a derivative of the table, found one of {self._name(above) or 'a term'}"
            )
        u = self._quotient(above) if isinstance(above, Quotient) else self._resolved(above)
        if not isinstance(u, Entry) or not isinstance(entries[0], Entry):
            raise _fail(q.column, "expected the entries of tensors in a partial derivative")
        return PartialDerivative(u, entries[0])

    def _reading(self, q: Quotient, functional: Any, entries: Sequence[Entry]) -> Expr:
        found = readings(self.names.table, functional, entries)
        if len(found) != 1:
            what = "nothing says at which arguments" if not found else "it could be at several arguments"
            shown = ", ".join(map(str, entries))
            raise _fail(q.column, f"the derivative of {functional.name} by {shown} is not clear: {what}")
        return found[0]


def _is_index(e: Any) -> bool:
    """Whether e consists of integers, integer symbols, and entries of integer tensors."""
    if isinstance(e, Entry):
        return bool(e.symbol.kind != "real")
    if isinstance(e, Mul | Add):
        return all(map(_is_index, e.args))
    return isinstance(e, Integer) or (isinstance(e, Symbol) and e.is_integer is True)


def _counted(numbers: set[int]) -> str:
    """How many indices: 1 index, 1 or 2 indices."""
    text = " or ".join(map(str, sorted(numbers)))
    return text + (" index" if text == "1" else " indices")
