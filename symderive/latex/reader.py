r"""What each rule of the grammar means: the actions that turn a formula into a term or an array."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lark import Token, v_args
from sympy import Abs, Add, Expr, Integer, Mul, Pow, Rational, Symbol, exp

from symderive.calculus.atoms import ScalarFunction
from symderive.calculus.terms import Applied, Bracket, Family, FunctionalValue, IndexSum
from symderive.latex import limits, shapes
from symderive.latex.entries import At, EntryReader, column_of, counted, fail
from symderive.latex.lexicon import EXTREMA, MOST_PRIMES
from symderive.latex.notation import LatexError
from symderive.latex.shapes import Array


@v_args(inline=True)
class Reader(EntryReader):
    """The actions, one for each rule and alternative of grammar.lark."""

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

    def _scaled(self, sign: int, term: At) -> Any:
        self._one(term)
        return term.value if sign > 0 else self._product(term.column, Integer(-1), term.value)

    def _combined(self, column: int, what: str, f: Any, values: Sequence[Any]) -> Any:
        try:
            return shapes.entrywise(what, f, *values)
        except LatexError as e:
            raise fail(column, str(e)) from None

    def _product(self, column: int, a: Any, b: Any) -> Any:
        try:
            return shapes.product(a, b)
        except LatexError as e:
            raise fail(column, str(e)) from None

    def _one(self, x: At) -> Any:
        """A scalar or an array, not a family."""
        if isinstance(x.value, Family):
            raise fail(
                x.column, "expected a scalar, found a family: it can only be an argument of a functional"
            )
        return x.value

    def _scalar(self, x: At) -> Expr:
        value = self._one(x)
        if isinstance(value, Array):
            raise fail(x.column, f"expected a scalar, found a {value}")
        return value

    def term(self, *products: At) -> At:
        if len(products) == 1:
            return products[0]
        values = [self._one(p) for p in products]
        if not any(isinstance(v, Array) for v in values):
            raise fail(products[0].column, r"expected vectors or matrices around \odot, found scalars")
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
            raise fail(first.column, f"expected at most {limits.ARRAYS} factors, found {len(factors)}")
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
            raise fail(f.column, r"expected \cdot before a number that follows a factor, found none")
        before.append(f)
        return before

    def dotted(self, before: list[At], f: At) -> list[At]:
        before.append(f)
        return before

    def bigsum(self, letter: Token, lo: At, hi: At, body: At) -> At:
        column = column_of(letter)
        k = self._index(letter)
        if isinstance(self._one(body), Array):
            raise fail(
                body.column, f"expected a scalar under the sum, found a {body.value}: is an index missing?"
            )
        return At(column, IndexSum(body.value, (k, lo.value, hi.value)))

    def _index(self, letter: Token) -> Symbol:
        k = self.names.index_letter(str(letter))
        if k is None:
            raise fail(column_of(letter), f"expected an index letter to sum over, found {letter}")
        return k

    # ---- powers and fractions

    def power(self, base: At, exponent: At) -> At:
        value, n = self._scalar(base), self._scalar(exponent)
        return At(base.column, self._bounded(base.column, lambda: limits.power(value, n)), base.digit)

    def transposed(self, base: At) -> At:
        try:
            return At(base.column, shapes.transpose(self._one(base)))
        except LatexError as e:
            raise fail(base.column, str(e)) from None

    def parentheses(self, e: At) -> At:
        return At(e.column, e.value)

    def family(self, body: At, letter: Token, lo: At, hi: At) -> At:
        if isinstance(body.value, Array):
            raise fail(body.column, f"expected a scalar or a family, found a {body.value}")
        return At(body.column, Family(body.value, (self._index(letter), lo.value, hi.value)))

    def fraction(self, a: At, b: At) -> At:
        below = self._scalar(b)
        if below == 0:
            raise fail(b.column, "expected a denominator, found 0")
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
        column = column_of(name)
        *marks, argument = rest
        order = len(marks[0]) if marks and isinstance(marks[0], Token) else 0
        sup: tuple[Expr, ...] = next((m.value for m in marks if isinstance(m, At)), ())
        if order > MOST_PRIMES:
            raise fail(column, f"expected at most {MOST_PRIMES} primes, found {order}")
        f = self.names.functions[str(name)]
        if not isinstance(f, ScalarFunction):
            if order or sup:
                raise fail(column, f"expected {name} without primes or indices, found some")
            return At(column, self._function(argument, f))
        if len(sup) != f.sup:
            raise fail(column, f"expected {counted({f.sup})} below {name}, found {len(sup)}")
        return At(column, self._elementwise(argument, lambda z: Applied(f, order, *sup, z)))

    def extremum(self, name: Token, *arguments: At) -> At:
        column = column_of(name)
        values = [self._scalar(a) for a in arguments]
        return At(column, self._bounded(column, lambda: limits.extremum(EXTREMA[str(name)], values)))

    def functional(self, name: Token, *arguments: At) -> At:
        return At(column_of(name), self._value(name, arguments, ()))

    def functional_partial(
        self, partials: list[tuple[Token, tuple[Expr, ...]]], name: Token, *arguments: At
    ) -> At:
        found = []
        for which, index in partials:
            if not 1 <= len(which) <= 2 or not 1 <= int(which) <= len(arguments):
                raise fail(
                    column_of(which), f"expected an argument from 1 to {len(arguments)}, found {which:.9}"
                )
            found.append((int(which) - 1, *index))
        return At(column_of(name), self._value(name, arguments, found))

    def slots(self, *parts: Any) -> list[Any]:
        return list(parts)

    def slot(self, which: Token, *index: At) -> tuple[Token, tuple[Expr, ...]]:
        return which, tuple(i.value for i in index)

    def _value(self, name: Token, arguments: Sequence[At], partials: Sequence[Any]) -> Expr:
        f = self.names.functionals[str(name)]
        if len(arguments) != f.arity:
            raise fail(column_of(name), f"expected {f.arity} arguments of {name}, found {len(arguments)}")
        families = []
        for a in arguments:
            try:
                families.append(shapes.as_family(a.value) if isinstance(a.value, Array) else a.value)
            except LatexError as e:
                raise fail(a.column, str(e)) from None
        return FunctionalValue(f, tuple(partials), *families)

    def ones(self, n: At) -> At:
        return At(n.column, shapes.ones(n.value))

    def diagonal(self, v: At) -> At:
        if not isinstance(self._one(v), Array):
            raise fail(v.column, "expected a vector on the diagonal, found a scalar")
        try:
            return At(v.column, shapes.diagonal(v.value))
        except LatexError as e:
            raise fail(v.column, str(e)) from None
